//! What has been judged once: logs write the same few names over and over.

use std::fmt;

use crate::record::Span;

/// Bytes that are looked at, the opening quote among them.
const TEXT_BYTES: usize = 16;

/// Longest name, and the byte in front of it.
pub(super) const NAME_BYTES_MAX: usize = TEXT_BYTES;

/// Answers kept.
const SLOTS: usize = 256;

/// A name of fifteen ASCII bytes at the most, quoted or not: its last eight bytes and those in front of them, zeros
/// in front of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u64, u64);

const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// The upper bytes of a number, that many of them.
#[inline(always)]
const fn upper(number: u64, bytes: u32) -> u64 {
    // A shift by as many bits as there are is none.
    number & !(u64::MAX >> 1 >> bytes.wrapping_mul(8).wrapping_sub(1))
}

/// How many bytes are behind the last quote; eight where there is none.
#[inline(always)]
const fn behind_quote(eight: u64) -> u32 {
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    // The upper bit of each byte that is a quote.
    let other = eight ^ QUOTES;
    let quotes = !((other & !HIGH).wrapping_add(!HIGH) | other | !HIGH);
    quotes.leading_zeros() / 8
}

impl Name {
    /// No name: none that is asked for has a byte beyond ASCII.
    const NONE: Self = Self(u64::MAX, u64::MAX);

    /// The two times eight bytes in front of `end`, the nearer first.
    #[inline(always)]
    fn bytes(hay: &[u8], end: usize) -> Option<(u64, u64)> {
        let bytes = end.checked_sub(TEXT_BYTES).and_then(|at| hay.get(at..))?;
        let (far, near) = bytes.first_chunk::<TEXT_BYTES>()?.split_at(8);
        let number = |eight: &[u8]| eight.first_chunk().map(|eight| u64::from_le_bytes(*eight));
        Some((number(near)?, number(far)?))
    }

    /// The name whose closing quote is at `end`, and where it starts. `None`: it is longer, empty, or not all of it
    /// is ASCII.
    #[inline(always)]
    pub(super) fn before(hay: &[u8], end: usize) -> Option<(Self, usize)> {
        let (near, far) = Self::bytes(hay, end)?;
        let length = match behind_quote(near) {
            8 => behind_quote(far).wrapping_add(8),
            length => length,
        };
        let name = Self::of(near, far, length)?;
        Some((name, end.wrapping_sub(length as usize)))
    }

    /// The name at `name` where `hay` says that nothing in front of it belongs to it. `None`: as above.
    #[inline(always)]
    pub(super) fn at(hay: &[u8], name: Span) -> Option<Self> {
        let (near, far) = Self::bytes(hay, name.end)?;
        Self::of(near, far, u32::try_from(name.len()).ok()?)
    }

    #[inline(always)]
    fn of(near: u64, far: u64, length: u32) -> Option<Self> {
        let name = match length {
            1..8 => Self(upper(near, length), 0),
            8 => Self(near, 0),
            9..16 => Self(near, upper(far, length.wrapping_sub(8))),
            _ => return None,
        };
        ((name.0 | name.1) & HIGH == 0).then_some(name)
    }

    #[inline(always)]
    const fn slot(self) -> usize {
        let mixed = self.1.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.0;
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
        let name = |text: &[u8; TEXT_BYTES]| Name::at(text, Span::new(14, 16)).unwrap();
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
