//! The words around a number, looked up at once for all documents.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::form::Document;
use crate::format::bytes::{bytes, skip, unmarked};
use crate::record::Span;
use crate::scan::bits::Bits;

/// Bytes looked at in front of a number.
pub(super) const BACK: usize = 64;
/// Bytes looked at behind it.
pub(super) const AHEAD: usize = 32;
/// Longest word.
const WORD_BYTES_MAX: usize = 64;

/// Which rows of the tables a word speaks for: one bit a row.
pub(super) struct Words {
    words: HashMap<Vec<u8>, u128>,
    /// Words of scripts that write none apart: any part of a run may be one. What speaks for the rows of each.
    wide: Option<AhoCorasick>,
    wide_rows: Vec<u128>,
    filter: Bits<64>,
    /// How long the words are that begin with a letter, a bit for each length.
    lengths: [u64; 32],
}

/// Its place in the alphabet; what is no letter shares one with others.
const fn letter_of(byte: u8) -> usize {
    (byte & 31) as usize
}

/// What the filter knows a word by: length, first and last byte.
fn member(word: &[u8]) -> Option<u32> {
    let (first, last) = (word.first()?, word.last()?);
    let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
    let len = u32::try_from(word.len()).ok()?;
    Some(u32::from(first) | u32::from(last) << 8 | len << 16)
}

impl Words {
    pub(super) fn new(rows: &[&'static Document]) -> Self {
        let mut words = Self {
            words: HashMap::new(),
            wide: None,
            wide_rows: Vec::new(),
            filter: Bits::default(),
            lengths: [0; 32],
        };
        let mut wide = Vec::new();
        for (row, document) in rows.iter().enumerate() {
            let bit = 1u128 << row;
            for word in document.words {
                let word = word.as_bytes();
                if word.iter().all(|b| *b >= 0x80) {
                    wide.push(word);
                    words.wide_rows.push(bit);
                    continue;
                }
                *words.words.entry(word.to_vec()).or_default() |= bit;
                if let Some(member) = member(word) {
                    words.filter.put(member);
                }
                let first = word.first().map_or(0, |first| letter_of(*first));
                if let Some(lengths) = words.lengths.get_mut(first) {
                    *lengths |= 1 << word.len().min(63);
                }
            }
        }
        words.wide = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(wide)
            .ok();
        words
    }

    /// The rows that a word speaks for; `wide` where it is not of ASCII alone.
    #[inline]
    fn one(&self, word: &[u8], wide: bool) -> u128 {
        let lengths = word
            .first()
            .and_then(|first| self.lengths.get(letter_of(*first)));
        let may = lengths.is_some_and(|lengths| lengths >> word.len().min(63) & 1 == 1);
        if !may && !wide || word.len() > WORD_BYTES_MAX {
            return 0;
        }
        self.known(word, wide)
    }

    #[inline(never)]
    fn known(&self, word: &[u8], wide: bool) -> u128 {
        let may = member(word).is_some_and(|member| self.filter.has(member));
        if !may && !wide {
            return 0;
        }
        let mut small = [0u8; WORD_BYTES_MAX];
        let small = small.get_mut(..word.len()).unwrap_or_default();
        for (to, from) in small.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        let small = &*small;
        let mut said = 0;
        if may {
            said |= self.words.get(small).copied().unwrap_or(0);
        }
        if wide && small.iter().filter(|b| **b >= 0x80).count() > 5 {
            let found = self
                .wide
                .iter()
                .flat_map(|wide| wide.find_overlapping_iter(small));
            for word in found {
                let row = self.wide_rows.get(word.pattern().as_usize());
                said |= row.copied().unwrap_or(0);
            }
        }
        said
    }

    /// The rows that the words of `text` speak for. A capital behind a small letter starts a word of its own
    /// in a longer one.
    pub(super) fn said(&self, text: &[u8]) -> u128 {
        let mut said = 0;
        let mut at = 0usize;
        loop {
            at = skip(text, at, text.len(), |b| letter(b) == NONE);
            let run = at;
            let Some(first) = text.get(run).map(|b| letter(*b)) else {
                return said;
            };
            let mut rest = NONE;
            at = at.saturating_add(1);
            while let Some(kind @ 1..) = text.get(at).map(|b| letter(*b)) {
                rest |= kind;
                at = at.saturating_add(1);
            }
            let wide = (first | rest) & BEYOND > 0;
            let whole = text.get(unmarked(text, run)..at).unwrap_or_default();
            said |= self.one(whole, wide);
            if rest & CAPITAL > 0 {
                said |= self.parts(Span::new(run, at).of(text), wide);
            }
        }
    }

    /// The same of the parts of one long word, where there are some.
    #[inline(never)]
    fn parts(&self, word: &[u8], wide: bool) -> u128 {
        let (mut said, mut part) = (0, 0usize);
        for (at, pair) in (1usize..).zip(word.windows(2)) {
            if matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()) {
                said |= self.one(Span::new(part, at).of(word), wide);
                part = at;
            }
        }
        if part > 0 {
            said |= self.one(word.get(part..).unwrap_or_default(), wide);
        }
        said
    }
}

/// What kind of letter a byte is.
const NONE: u8 = 0;
const SMALL: u8 = 1;
const CAPITAL: u8 = 2;
const BEYOND: u8 = 4;

static LETTERS: [u8; 256] = bytes!(u8, byte => match byte {
    b'a'..=b'z' => SMALL,
    b'A'..=b'Z' => CAPITAL,
    0x80.. => BEYOND,
    _ => NONE,
});

#[inline(always)]
fn letter(byte: u8) -> u8 {
    LETTERS.get(usize::from(byte)).copied().unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ROWS, WORDS};
    use super::*;

    /// The same, asked at each byte.
    fn naive(words: &Words, text: &[u8]) -> u128 {
        let mut said = 0;
        let (mut run, mut part) = (0usize, 0usize);
        let mut previous = 0u8;
        let mut one = |word: &[u8]| said |= words.one(word, !word.is_ascii());
        for at in 0..=text.len() {
            let b = text.get(at).copied().unwrap_or(0);
            let letter = b.is_ascii_alphabetic() || b >= 0x80;
            let of = |from: usize| text.get(from..at).unwrap_or_default();
            if !letter {
                if part > run {
                    one(of(part));
                }
                one(of(unmarked(text, run)));
                run = at + 1;
                part = run;
            } else if b.is_ascii_uppercase() && previous.is_ascii_lowercase() {
                one(of(part));
                part = at;
            }
            previous = b;
        }
        said
    }

    /// Words of the tables, their cases mixed, and what stands between.
    fn text() -> impl Strategy<Value = String> {
        let words: Vec<&str> = ROWS.iter().flat_map(|row| row.words).copied().collect();
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| {
                first.to_uppercase().chain(letters).collect()
            })
        };
        let word = prop::sample::select(words);
        prop::collection::vec(
            prop_oneof![
                word.clone().prop_map(str::to_owned),
                word.prop_map(capital),
                "[ -~]{0,3}",
                Just("\u{feff}".to_owned()),
                Just("的".to_owned()),
            ],
            0..8,
        )
        .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn words_are_found_as_byte_by_byte(text in text()) {
            prop_assert_eq!(WORDS.said(text.as_bytes()), naive(&WORDS, text.as_bytes()));
        }
    }

    #[test]
    fn every_word_speaks_for_its_rows() {
        let words = Words::new(&ROWS);
        for (row, document) in ROWS.iter().enumerate() {
            for word in document.words {
                let wide = word.bytes().all(|b| b >= 0x80);
                // Less than two characters of those scripts are no word.
                let lines = match wide {
                    true if word.len() > 5 => &["x {}: 1", "的{}是1"][..],
                    true => &[],
                    false => &["x {}: 1"],
                };
                for line in lines {
                    let line = line.replace("{}", word);
                    assert!(words.said(line.as_bytes()) >> row & 1 == 1, "{line}");
                }
            }
        }
    }
}
