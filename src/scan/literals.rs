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

/// What counts of a literal's tail.
fn mask(literal: &[u8]) -> u64 {
    let short = 8usize.saturating_sub(literal.len());
    u64::MAX << (short.min(7) * 8)
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

/// Filters of the last bytes of literals: of four, and of three for those that have no more; behind them one of eight,
/// which most strangers do not pass that end like a literal.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    four: Bits<1024>,
    three: Bits<64>,
    eight: Box<[Pair; SLOTS]>,
}

/// Literals by what their last bytes have in common: a tail, and the bits of it that count.
type Pair = [(u64, u64); 2];

/// No literal. A tail of zeros passes, which no text has.
const NONE: (u64, u64) = (0, u64::MAX);

impl Default for Ends {
    fn default() -> Self {
        Self {
            four: Bits::default(),
            three: Bits::default(),
            eight: Box::new([[NONE; 2]; SLOTS]),
        }
    }
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

    /// Whether a literal may end with the eight bytes of a tail that the others have let pass, or what there is of them.
    #[inline(always)]
    pub(super) fn has_whole(&self, tail: u64) -> bool {
        let four = four(tail);
        let slot = hash(four, SLOTS.trailing_zeros()) as usize;
        let is = |(of, mask): (u64, u64)| (tail ^ of) & mask == 0;
        let [one, other] = self.eight.get(slot).copied().unwrap_or([NONE; 2]);
        is(one) | is(other) | self.three.has(four >> 8)
    }

    fn allow(&mut self, literal: &[u8]) {
        let tail = tail(literal, literal.len());
        let four = four(tail);
        if literal.len() < 4 {
            self.three.put(four >> 8);
            return;
        }
        self.four.put(four);
        let entry = (tail, mask(literal));
        let slot = hash(four, SLOTS.trailing_zeros()) as usize;
        let Some(pair) = self.eight.get_mut(slot) else {
            return;
        };
        // It shares the room of the one that it has most in common with.
        let shared = |(of, mask): (u64, u64)| mask & entry.1 & !(of ^ entry.0);
        let room = |there: &(u64, u64)| match *there {
            NONE => (true, 0),
            there => (there == entry, shared(there).count_ones()),
        };
        if let Some(there) = pair.iter_mut().max_by_key(|there| room(there)) {
            *there = match *there {
                NONE => entry,
                there => (entry.0, shared(there)),
            };
        }
    }
}

impl Literals {
    pub(super) fn new(detectors: &[&'static Detector]) -> Self {
        let mut entries: Vec<_> = all(detectors)
            .map(|(index, literal, detector)| Entry {
                tail: tail(literal.as_bytes(), literal.len()),
                mask: mask(literal.as_bytes()),
                literal,
                index,
                detector,
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
    use super::{Literals, all, tail};

    /// Their last three bytes are what they are looked up and filtered by.
    #[test]
    fn every_literal_has_three_bytes() {
        for literal in DETECTORS.iter().flat_map(|d| d.literals) {
            assert!(literal.len() > 2, "{literal:?}");
        }
    }

    #[test]
    fn filters_let_every_literal_pass_and_few_strangers() {
        let ends = Literals::ends(DETECTORS);
        let passes = |text: &[u8]| {
            let tail = tail(text, text.len());
            ends.has(tail) && ends.has_whole(tail)
        };
        let literals: Vec<_> = all(DETECTORS).map(|(_, literal, _)| literal).collect();
        for literal in &literals {
            for before in ["", "x", "\n", "\0\0\0\0\0\0\0\0", "a user ", "\u{ff}=\"'"] {
                let text = format!("{before}{literal}");
                assert!(passes(text.as_bytes()), "{literal:?} behind {before:?}");
            }
        }
        // Each ends as some literal does, with other bytes in front.
        let strangers = literals.iter().filter(|literal| literal.len() > 7);
        let strangers: Vec<_> = strangers
            .filter_map(|literal| literal.get(literal.len().checked_sub(4)?..))
            .map(|end| format!("~~~~{end}"))
            .collect();
        let pass = strangers.iter().filter(|text| passes(text.as_bytes()));
        let pass = pass.count();
        assert!(pass * 4 < strangers.len(), "{pass} of {}", strangers.len());
    }
}
