//! What has been judged once: logs write the same few names over and over.

use std::fmt;

use crate::record::Span;

/// Bytes that are looked at, the opening quote among them.
const TEXT_BYTES: usize = 16;

/// Longest name, and the byte in front of it.
pub(super) const NAME_BYTES_MAX: usize = TEXT_BYTES;

/// Answers kept.
const SLOTS: usize = 256;

/// A name of fifteen ASCII bytes at the most, quoted or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u128);

impl Name {
    /// No name: none that is asked for has a byte beyond ASCII.
    const NONE: Self = Self(u128::MAX);

    /// The name whose closing quote is at `end`, and where it starts. `None`: it is longer, empty, or not all of it
    /// is ASCII.
    #[inline(always)]
    pub(super) fn before(hay: &[u8], end: usize) -> Option<(Self, usize)> {
        const HIGH: u128 = u128::from_le_bytes([0x80; TEXT_BYTES]);
        const QUOTES: u128 = u128::from_le_bytes([b'"'; TEXT_BYTES]);
        let bytes = end.checked_sub(TEXT_BYTES).and_then(|at| hay.get(at..))?;
        let text = u128::from_le_bytes(*bytes.first_chunk()?);
        // The upper bit of each byte that is a quote.
        let other = text ^ QUOTES;
        let quotes = !((other & !HIGH).wrapping_add(!HIGH) | other | !HIGH);
        let bits = quotes.leading_zeros();
        let name = text & u128::MAX.checked_shl(128u32.wrapping_sub(bits))?;
        let start = end.wrapping_sub((bits / 8) as usize);
        (quotes != 0 && name & HIGH == 0).then_some((Self(name), start))
    }

    /// The name at `name` where `hay` says that nothing in front of it belongs to it. `None`: as above.
    #[inline(always)]
    pub(super) fn at(hay: &[u8], name: Span) -> Option<Self> {
        const HIGH: u128 = u128::from_le_bytes([0x80; TEXT_BYTES]);
        let bytes = name.end.checked_sub(TEXT_BYTES);
        let bytes = bytes.and_then(|at| hay.get(at..))?;
        let text = u128::from_le_bytes(*bytes.first_chunk()?);
        let rest = TEXT_BYTES
            .checked_sub(name.len())
            .filter(|rest| *rest > 0)?;
        let all = text & u128::MAX.checked_shl((rest as u32).wrapping_mul(8))?;
        (!name.is_empty() && all & HIGH == 0).then_some(Self(all))
    }

    #[inline(always)]
    const fn slot(self) -> usize {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let mixed = low.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ high;
        (mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 56) as usize
    }
}

/// Answers by name; a newer takes the place of an older.
pub(super) struct Memo<A>(Vec<(Name, A)>);

impl<A> Default for Memo<A> {
    /// Without memory until something is remembered.
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<A> fmt::Debug for Memo<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl<A: Copy> Memo<A> {
    /// The answer for a name, if it is remembered.
    #[inline(always)]
    pub(super) fn answer(&self, name: Name) -> Option<A> {
        let (of, answer) = self.0.get(name.slot())?;
        (*of == name).then_some(*answer)
    }

    /// Remembers an answer.
    pub(super) fn remember(&mut self, name: Name, answer: A) {
        if self.0.is_empty() {
            self.0.resize(SLOTS, (Name::NONE, answer));
        }
        if let Some(slot) = self.0.get_mut(name.slot()) {
            *slot = (name, answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_stands_between_quotes() {
        let name = |text: &str| Name::before(text.as_bytes(), text.len());
        let long = |text: &str| name(&format!("{{ \"before\":1,\"{text}"));
        let (ip, start) = long("ip").unwrap();
        assert_eq!(start, 14);
        assert!(ip == name("no matter what:\"ip").unwrap().0);
        assert!(ip != long("iq").unwrap().0 && ip != long(" ip").unwrap().0);
        assert!(long("fifteen_letters").is_some());
        for none in ["sixteen_letters_", "手机", ""] {
            assert!(long(none).is_none(), "{none}");
        }
        assert!(name("\"ip").is_none(), "less than sixteen bytes");
    }

    #[test]
    fn the_newer_of_two_answers_counts() {
        let name = |text: &[u8; TEXT_BYTES]| Name(u128::from_le_bytes(*text));
        let (a, b) = (
            name(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0ip"),
            name(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0id"),
        );
        let mut memo = Memo::default();
        assert_eq!(memo.answer(a), None);
        memo.remember(a, 1);
        memo.remember(b, 2);
        assert_eq!((memo.answer(a), memo.answer(b)), (Some(1), Some(2)));
        memo.remember(a, 3);
        assert_eq!(memo.answer(a), Some(3));
    }
}
