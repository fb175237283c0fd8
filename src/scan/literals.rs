//! Literals that announce a value: the front end sees their fingerprints, their last bytes say which it was.

use std::fmt;
use std::sync::LazyLock;

use super::bits::{Bits, hash};
use super::simd::Fingerprints;
use super::{DETECTORS, Detector};

/// A literal, and whose it is.
#[derive(Clone, Copy)]
struct Entry {
    /// Its last eight bytes, the very last on top; what a shorter one has not is 0, and not compared.
    tail: u64,
    mask: u64,
    literal: &'static str,
    /// Its place among the detector's literals.
    index: usize,
    detector: &'static Detector,
}

/// The literals of all detectors, by a hash of their last three bytes.
pub(super) struct Literals {
    /// Where each hash begins in `entries`; one more than there are hashes.
    first: Box<[u16; SLOTS + 1]>,
    entries: Vec<Entry>,
}

/// Hashes.
const SLOTS: usize = 1024;

/// The hash of a text that ends like `tail`.
#[inline(always)]
fn place(tail: u64) -> usize {
    hash(four(tail) >> 8, SLOTS.trailing_zeros()) as usize
}

/// The last four bytes of a tail; without its lowest byte the last three.
#[inline(always)]
const fn four(tail: u64) -> u32 {
    (tail >> 32) as u32
}

/// The last eight bytes before `at`; zeros where there are less.
#[inline(always)]
fn tail(hay: &[u8], at: usize) -> u64 {
    let eight = at.checked_sub(8).and_then(|from| hay.get(from..at));
    match eight.and_then(|eight| eight.try_into().ok()) {
        Some(eight) => u64::from_le_bytes(eight),
        None => {
            let head = hay.get(..at).unwrap_or_default();
            let shift = |all: u64, b: &u8| all >> 8 | u64::from(*b) << 56;
            head.iter().fold(0, shift)
        }
    }
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Literals")
    }
}

fn all(
    detectors: &[&'static Detector],
) -> impl Iterator<Item = (usize, &'static str, &'static Detector)> {
    detectors.iter().flat_map(|d| {
        let literals = d.literals.iter().enumerate();
        literals.map(move |(index, literal)| (index, *literal, *d))
    })
}

/// A filter of the last bytes of literals: of four, and of three for those that have no more.
#[derive(Clone, Default, Debug)]
pub(super) struct Ends {
    four: Bits<1024>,
    three: Bits<64>,
}

impl Ends {
    /// Whether a literal may end right before `at`.
    pub(super) fn may(&self, hay: &[u8], at: usize) -> bool {
        self.has(tail(hay, at))
    }

    /// Whether a literal may end with these bytes, the last on top.
    #[inline(always)]
    pub(super) fn has(&self, tail: u64) -> bool {
        let four = four(tail);
        // Both are looked at: a branch would cost more.
        self.four.has(four) | self.three.has(four >> 8)
    }

    fn allow(&mut self, literal: &[u8]) {
        let four = four(tail(literal, literal.len()));
        match literal.len() {
            0..4 => self.three.put(four >> 8),
            _ => self.four.put(four),
        }
    }
}

impl Literals {
    pub(super) fn new(detectors: &[&'static Detector]) -> Self {
        let mut entries: Vec<_> = all(detectors)
            .map(|(index, literal, detector)| {
                let short = 8usize.saturating_sub(literal.len());
                Entry {
                    tail: tail(literal.as_bytes(), literal.len()),
                    mask: u64::MAX << (short.min(7) * 8),
                    literal,
                    index,
                    detector,
                }
            })
            .collect();
        // Stable: of two literals of a detector the one that it names first is found first.
        entries.sort_by_key(|entry| place(entry.tail));
        let mut first = Box::new([0u16; SLOTS + 1]);
        for (slot, first) in first.iter_mut().enumerate() {
            let before = entries.partition_point(|entry| place(entry.tail) < slot);
            *first = u16::try_from(before).unwrap_or(u16::MAX);
        }
        Self { first, entries }
    }

    /// What passes the fingerprints is held against.
    pub(super) fn ends(detectors: &[&'static Detector]) -> Ends {
        let mut ends = Ends::default();
        for (_, literal, _) in all(detectors) {
            ends.allow(literal.as_bytes());
        }
        ends
    }

    /// What the front end looks for.
    pub(super) fn prints(detectors: &[&'static Detector]) -> Fingerprints {
        static ALL: LazyLock<Fingerprints> = LazyLock::new(|| of(DETECTORS));
        fn of(detectors: &[&'static Detector]) -> Fingerprints {
            Fingerprints::new(all(detectors).map(|(_, literal, _)| literal.as_bytes()))
        }
        // Dealing them out takes a moment, and most scanners have them all.
        if detectors.len() == DETECTORS.len() {
            ALL.clone()
        } else {
            of(detectors)
        }
    }

    /// Calls `found` with each detector that has a literal right before `at`, once, and the literal with its place among
    /// the detector's.
    #[inline(always)]
    pub(super) fn each(
        &self,
        hay: &[u8],
        at: usize,
        mut found: impl FnMut((usize, &'static str), &'static Detector),
    ) {
        let tail = tail(hay, at);
        let slot = place(tail);
        let [from, to] = [slot, slot + 1].map(|slot| self.first.get(slot).copied().unwrap_or(0));
        let entries = self.entries.get(usize::from(from)..usize::from(to));
        let mut last: Option<&'static Detector> = None;
        for entry in entries.unwrap_or_default() {
            if (tail ^ entry.tail) & entry.mask != 0 {
                continue;
            }
            let whole = entry.literal.len() <= 8
                || hay
                    .get(..at)
                    .is_some_and(|head| head.ends_with(entry.literal.as_bytes()));
            if whole && !last.is_some_and(|last| std::ptr::eq(last, entry.detector)) {
                found((entry.index, entry.literal), entry.detector);
                last = Some(entry.detector);
            }
        }
    }
}

/// Which of `literals` ends at `at`, looked for; its place among them, and it.
pub(super) fn ending(
    hay: &[u8],
    at: usize,
    literals: &[&'static str],
) -> Option<(usize, &'static str)> {
    let head = hay.get(..at)?;
    let mut all = literals.iter().copied().enumerate();
    all.find(|(_, literal)| head.ends_with(literal.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::DETECTORS;

    /// Their last three bytes are what they are looked up and filtered by.
    #[test]
    fn every_literal_has_three_bytes() {
        for literal in DETECTORS.iter().flat_map(|d| d.literals) {
            assert!(literal.len() > 2, "{literal:?}");
        }
    }
}
