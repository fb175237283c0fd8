//! How a document number is written, and which rows of the tables are written like a token.

use crate::class::Class;
use crate::format::bytes::{byte, is_digit};
use crate::scan::bits::Bits;

/// Characters of a number without its separators, at the most.
pub(super) const CHARS_MAX: usize = 20;
/// Longest form, with what stands between its groups.
pub(super) const FORM_BYTES_MAX: usize = 30;
/// Groups that a number is written in, at the most.
pub(super) const GROUPS_MAX: usize = 7;

/// What must speak for a number beside its form and check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proof {
    /// Nothing: the form is strict, or hardly any other number passes the check.
    Itself,
    /// A word nearby, or that the record holds nothing else: one in ten of such numbers passes.
    Alone,
    /// A word nearby.
    Word,
}

/// One kind of document number.
pub(super) struct Document {
    /// What it is, for `explain`.
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// `9` a digit, `A` a letter, `X` either, `~` one of ` -.:` and the same throughout; small letters,
    /// other digits and other separators stand for themselves.
    pub(super) forms: &'static [(&'static str, Proof)],
    /// On capitals and digits only.
    pub(super) check: fn(&[u8]) -> bool,
    /// Small letters; in front of the number or behind it.
    pub(super) words: &'static [&'static str],
    /// Who says so.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documentation that tests hold to be there")
    )]
    pub(super) source: &'static str,
    /// Lines in which the row finds something.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
    pub(super) finds: &'static [&'static str],
    /// Lines in which it does not.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests"))]
    pub(super) leaves: &'static [&'static str],
}

/// One form of one row, ready to compare.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) row: usize,
    pub(super) proof: Proof,
    pub(super) class: Class,
    text: &'static [u8],
    kinds: Kinds,
}

/// Where a text has digits and where letters, a bit for each place.
#[derive(Clone, Copy)]
pub(super) struct Kinds {
    digits: u32,
    letters: u32,
}

impl Kinds {
    pub(super) fn of(text: &[u8]) -> Self {
        Self::by(text, |b| (is_digit(b), b.is_ascii_alphabetic()))
    }

    /// What a form asks for.
    fn asked(form: &[u8]) -> Self {
        Self::by(form, |b| match b {
            b'A' => (false, true),
            b'X' => (false, false),
            b => (is_digit(b), b.is_ascii_lowercase()),
        })
    }

    fn by(text: &[u8], kind: impl Fn(u8) -> (bool, bool)) -> Self {
        let (mut digits, mut letters) = (0u32, 0u32);
        for (at, b) in (0..u32::BITS).zip(text) {
            let (digit, letter) = kind(*b);
            digits |= u32::from(digit) << at;
            letters |= u32::from(letter) << at;
        }
        Self { digits, letters }
    }

    /// Whether all that is asked for is there.
    const fn has(self, asked: Self) -> bool {
        asked.digits & !self.digits == 0 && asked.letters & !self.letters == 0
    }
}

/// A number's capitals and digits.
#[derive(Clone, Copy)]
pub(super) struct Plain {
    bytes: [u8; CHARS_MAX],
    len: usize,
}

impl Plain {
    pub(super) const fn empty() -> Self {
        Self {
            bytes: [0; CHARS_MAX],
            len: 0,
        }
    }

    /// Puts a group behind the others; false where that is too long for a number.
    pub(super) fn push(&mut self, part: &[u8]) -> bool {
        for is in part {
            let Some(to) = self.bytes.get_mut(self.len) else {
                return false;
            };
            *to = is.to_ascii_uppercase();
            self.len = self.len.saturating_add(1);
        }
        true
    }

    pub(super) fn of(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Form {
    /// The number without separators where `text`, whose kinds these are, is written in this form.
    #[inline]
    pub(super) fn matches(&self, text: &[u8], kinds: Kinds) -> Option<Plain> {
        match kinds.has(self.kinds) {
            true => self.compare(text),
            false => None,
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8]) -> Option<Plain> {
        let mut plain = Plain::empty();
        let mut separator = 0u8;
        if text.len() != self.text.len() {
            return None;
        }
        for (&want, &is) in self.text.iter().zip(text) {
            let fits = match want {
                b'9' => is_digit(is),
                b'A' => is.is_ascii_alphabetic(),
                b'X' => is.is_ascii_alphanumeric(),
                b'~' if separator == 0 => {
                    separator = is;
                    matches!(is, b' ' | b'-' | b'.' | b':')
                }
                b'~' => is == separator,
                want => is.eq_ignore_ascii_case(&want),
            };
            if !fits {
                return None;
            }
            if is.is_ascii_alphanumeric() {
                plain.push(&[is]).then_some(())?;
            }
        }
        Some(plain)
    }
}

/// Lengths of groups, four bits each.
pub(super) fn key(groups: impl Iterator<Item = usize>) -> u32 {
    groups.fold(0u32, |key, len| {
        key << 4 | u32::try_from(len).unwrap_or(15).min(15)
    })
}

/// All forms: those without separators by length, those with by the lengths of their groups.
pub(super) struct Forms {
    solid: Vec<Vec<Form>>,
    /// Sorted by the key.
    grouped: Vec<(u32, Vec<Form>)>,
    /// The keys of `grouped`.
    filter: Bits<64>,
    /// Which lengths of groups may follow each, a bit for each length.
    next: [u16; 16],
}

impl Forms {
    pub(super) fn new(rows: &[&'static Document]) -> Self {
        let mut forms = Self {
            solid: vec![Vec::new(); CHARS_MAX.saturating_add(1)],
            grouped: Vec::new(),
            filter: Bits::default(),
            next: [0; 16],
        };
        for (row, document) in rows.iter().enumerate() {
            for (text, proof) in document.forms {
                let text = text.as_bytes();
                let form = Form {
                    row,
                    proof: *proof,
                    class: document.class,
                    text,
                    kinds: Kinds::asked(text),
                };
                if text.iter().all(u8::is_ascii_alphanumeric) {
                    if let Some(of) = forms.solid.get_mut(text.len()) {
                        of.push(form);
                    }
                    continue;
                }
                let key = key(text.split(|b| !b.is_ascii_alphanumeric()).map(<[u8]>::len));
                forms.filter.put(key);
                let lengths = || text.split(|b| !b.is_ascii_alphanumeric()).map(<[u8]>::len);
                for (length, next) in lengths().zip(lengths().skip(1)) {
                    if let Some(lengths) = forms.next.get_mut(length) {
                        *lengths |= 1 << next.min(15);
                    }
                }
                match forms.grouped.iter_mut().find(|(of, _)| *of == key) {
                    Some((_, of)) => of.push(form),
                    None => forms.grouped.push((key, vec![form])),
                }
            }
        }
        forms.grouped.sort_unstable_by_key(|(key, _)| *key);
        forms
    }

    /// Forms without separators of this length.
    pub(super) fn solid(&self, len: usize) -> &[Form] {
        self.solid.get(len).map_or(&[], Vec::as_slice)
    }

    /// Whether any form has groups of these lengths side by side.
    #[inline]
    pub(super) fn follow(&self, length: usize, next: usize) -> bool {
        let lengths = self.next.get(length).copied().unwrap_or(0);
        lengths >> next.min(15) & 1 == 1
    }

    /// Forms with groups of these lengths.
    #[inline]
    pub(super) fn grouped(&self, key: u32) -> &[Form] {
        if !self.filter.has(key) {
            return &[];
        }
        let at = self.grouped.binary_search_by_key(&key, |(of, _)| *of);
        at.ok()
            .and_then(|at| self.grouped.get(at))
            .map_or(&[], |(_, of)| of.as_slice())
    }
}

/// Whether `b` may stand between the groups of a number.
pub(super) fn is_separator(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.' | b':' | b'/' | b'+')
}

/// Whether there is a separator at `at` and a letter or digit behind it.
pub(super) fn goes_on(hay: &[u8], at: usize) -> bool {
    is_separator(byte(hay, at)) && byte(hay, at.saturating_add(1)).is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_compared_character_by_character() {
        let form = |text: &'static str| Form {
            row: 0,
            proof: Proof::Itself,
            class: Class::NATIONAL_ID,
            text: text.as_bytes(),
            kinds: Kinds::asked(text.as_bytes()),
        };
        let plain = |f: &'static str, text: &str| {
            form(f)
                .matches(text.as_bytes(), Kinds::of(text.as_bytes()))
                .map(|p| String::from_utf8(p.of().to_vec()).unwrap())
        };
        assert_eq!(
            plain("999~99~9999", "123-45-6789").as_deref(),
            Some("123456789")
        );
        assert_eq!(plain("999~99~9999", "123-45 6789"), None);
        assert_eq!(plain("de999", "DE123").as_deref(), Some("DE123"));
        assert_eq!(
            plain("999.999-99", "123.456-78").as_deref(),
            Some("12345678")
        );
        assert_eq!(plain("AX9", "a1b"), None);
    }
}
