//! The words around a number, looked up at once for all documents.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::form::Document;
use crate::format::bytes::unmarked;
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
            }
        }
        words.wide = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(wide)
            .ok();
        words
    }

    fn one(&self, word: &[u8]) -> u128 {
        let may = member(word).is_some_and(|member| self.filter.has(member));
        let wide = !word.is_ascii();
        if !may && !wide || word.len() > WORD_BYTES_MAX {
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
        let (mut run, mut part) = (0usize, 0usize);
        let mut previous = 0u8;
        for at in 0..=text.len() {
            let b = text.get(at).copied().unwrap_or(0);
            let letter = b.is_ascii_alphabetic() || b >= 0x80;
            let of = |from: usize| text.get(from..at).unwrap_or_default();
            if !letter {
                if part > run {
                    said |= self.one(of(part));
                }
                said |= self.one(of(unmarked(text, run)));
                run = at.saturating_add(1);
                part = run;
            } else if b.is_ascii_uppercase() && previous.is_ascii_lowercase() {
                said |= self.one(of(part));
                part = at;
            }
            previous = b;
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::super::ROWS;
    use super::*;

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
