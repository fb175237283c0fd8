//! The dictionary of key names, and the filter in front of it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::class::Class;
use crate::format::bytes::{is_word, skip_back, unmarked};

const DATA: &str = include_str!("keys.txt");

/// Longest key that is looked up, in bytes as written.
pub(super) const KEY_BYTES_MAX: usize = 64;

#[derive(Clone, Copy)]
struct Entry {
    class: Class,
    as_suffix: bool,
}

struct Dictionary {
    entries: HashMap<Vec<u8>, Entry>,
    filter: [u64; 256],
}

static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| {
    let mut dictionary = Dictionary {
        entries: HashMap::new(),
        filter: [0; 256],
    };
    let mut class = None;
    for line in DATA
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(id) = line.strip_prefix('[') {
            class = Class::by_id(id.trim_end_matches(']'));
        } else if let Some(class) = class {
            let name = line.trim_start_matches('*');
            let entry = Entry {
                class,
                as_suffix: line.starts_with('*'),
            };
            dictionary.entries.insert(name.as_bytes().to_vec(), entry);
            let mut last = name.bytes().rev();
            let (a, b, c) = (
                last.next().unwrap_or(0),
                last.next().unwrap_or(0),
                last.next(),
            );
            match c {
                Some(c) => dictionary.allow(a, b, c),
                None => (0..=u8::MAX).for_each(|c| dictionary.allow(a, b, c)),
            }
        }
    }
    dictionary
});

impl Dictionary {
    fn slot(a: u8, b: u8, c: u8) -> (usize, u32) {
        let hash =
            (u32::from(a) | u32::from(b) << 8 | u32::from(c) << 16).wrapping_mul(0x9E37_79B1) >> 18;
        ((hash >> 6) as usize, hash & 63)
    }

    fn allow(&mut self, a: u8, b: u8, c: u8) {
        let (word, bit) = Self::slot(a, b, c);
        if let Some(word) = self.filter.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn may(&self, a: u8, b: u8, c: u8) -> bool {
        let (word, bit) = Self::slot(a, b, c);
        self.filter
            .get(word)
            .is_some_and(|word| word >> bit & 1 == 1)
    }
}

/// Where the key that ends at `end` starts, and its class, if it has one.
pub(super) fn lookup(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    let head = hay.get(..end)?;
    let mut last = head
        .iter()
        .rev()
        .take(8)
        .filter(|b| !matches!(b, b'_' | b'-' | b'.'))
        .map(u8::to_ascii_lowercase);
    let (a, b, c) = (last.next()?, last.next()?, last.next().unwrap_or(0));
    if !is_word(a) || !DICTIONARY.may(a, b, if is_word(c) { c } else { 0 }) && a < 0x80 {
        return None;
    }
    let start = skip_back(hay, end, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    });
    let start = unmarked(hay, start);
    let key = hay.get(start..end)?;
    if let Some(class) = class_of(key) {
        return Some((start, class));
    }
    // Chinese has no separators: any end of the run may be the key (`，您的手机号`).
    if a >= 0x80 {
        let first = skip_back(hay, end, KEY_BYTES_MAX, |b| b >= 0x80);
        return (first..end)
            .filter(|at| hay.get(*at).is_some_and(|b| b & 0xC0 != 0x80))
            .find_map(|at| class_of(hay.get(at..end)?).map(|class| (at, class)));
    }
    // Two words are one key: `Account Name:`, `passport number:`.
    if start == 0 || hay.get(start.saturating_sub(1)) != Some(&b' ') {
        return None;
    }
    let first = skip_back(hay, start.saturating_sub(1), 24, |b| {
        b.is_ascii_alphabetic()
    });
    let both = hay.get(first..end)?;
    let mut joined = [b'_'; KEY_BYTES_MAX];
    if first.saturating_add(1) >= start || both.len() > KEY_BYTES_MAX {
        return None;
    }
    for (to, from) in joined.iter_mut().zip(both) {
        *to = if *from == b' ' { b'_' } else { *from };
    }
    class_of(joined.get(..both.len())?).map(|class| (first, class))
}

/// The class of a key as written.
pub(super) fn class_of(key: &[u8]) -> Option<Class> {
    let mut normal = [0u8; KEY_BYTES_MAX];
    let mut starts = [0usize; KEY_BYTES_MAX];
    let (mut length, mut words) = (0usize, 0usize);
    let mut previous = b'_';
    for &b in key.iter().take(KEY_BYTES_MAX) {
        let separator = matches!(b, b'_' | b'-' | b'.');
        let new_word = !separator
            && (matches!(previous, b'_' | b'-' | b'.')
                || b.is_ascii_uppercase() && !previous.is_ascii_uppercase());
        previous = b;
        if separator {
            continue;
        }
        if new_word && let Some(start) = starts.get_mut(words) {
            *start = length;
            words = words.saturating_add(1);
        }
        if let Some(to) = normal.get_mut(length) {
            *to = b.to_ascii_lowercase();
            length = length.saturating_add(1);
        }
    }
    let normal = normal.get(..length)?;
    starts.get(..words)?.iter().find_map(|&start| {
        let entry = DICTIONARY.entries.get(normal.get(start..)?)?;
        (start == 0 || entry.as_suffix).then_some(entry.class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for key in [
            "password",
            "PASSWORD",
            "db_password",
            "userPassword",
            "smtp.auth.password",
            "X-Api-Key",
        ] {
            assert_eq!(class_of(key.as_bytes()), Some(Class::PASSWORD), "{key}");
        }
        for key in [
            "passwordless",
            "language",
            "latency",
            "macro",
            "format",
            "bypass",
        ] {
            assert_eq!(class_of(key.as_bytes()), None, "{key}");
        }
    }

    #[test]
    fn every_section_names_a_class() {
        for line in DATA.lines().filter(|line| line.starts_with('[')) {
            assert!(
                Class::by_id(line.trim_matches(['[', ']'])).is_some(),
                "{line}"
            );
        }
    }
}
