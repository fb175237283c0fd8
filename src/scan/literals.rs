//! Literals that announce a value: the front end sees their fingerprints, their last bytes say which it was.

use std::fmt;

use super::Detector;
use super::simd::Fingerprints;

/// The literals of all detectors, by a hash of their last three bytes.
pub(super) struct Literals {
    by_end: Vec<Vec<(&'static [u8], &'static Detector)>>,
}

/// Places in [`Literals::by_end`].
const SLOTS: usize = 256;

/// The place of a literal that ends like `last`, its last four bytes.
#[inline(always)]
fn place(last: [u8; 4]) -> usize {
    let three = u32::from_le_bytes(last) >> 8;
    (three.wrapping_mul(0x9E37_79B1) >> 24) as usize % SLOTS
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Literals")
    }
}

fn all(
    detectors: &[&'static Detector],
) -> impl Iterator<Item = (&'static [u8], &'static Detector)> {
    detectors
        .iter()
        .flat_map(|d| d.literals.iter().map(move |l| (l.as_bytes(), *d)))
}

/// A filter of the last bytes of literals, as in front of keys.
#[derive(Clone)]
pub(super) struct Ends(Box<[u64; 1024]>);

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ends")
    }
}

impl Ends {
    /// Whether a literal may end right before `at`.
    #[inline(always)]
    pub(super) fn may(&self, hay: &[u8], at: usize) -> bool {
        let (word, bit) = slot(end(hay, at));
        self.0.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }
}

/// The last four bytes before `at`.
#[inline(always)]
fn end(hay: &[u8], at: usize) -> [u8; 4] {
    let four = at.checked_sub(4).and_then(|from| hay.get(from..at));
    four.and_then(|four| four.try_into().ok())
        .unwrap_or_else(|| {
            let mut end = [0; 4];
            let head = hay.get(..at).unwrap_or_default();
            for (to, from) in end.iter_mut().rev().zip(head.iter().rev()) {
                *to = *from;
            }
            end
        })
}

#[inline(always)]
fn slot(end: [u8; 4]) -> (usize, u32) {
    let hash = u32::from_le_bytes(end).wrapping_mul(0x9E37_79B1) >> 16;
    ((hash >> 6) as usize, hash & 63)
}

/// Lets a literal's last four bytes pass; in front of a shorter one anything may stand.
fn allow(ends: &mut [u64; 1024], literal: &[u8]) {
    let mut last = end(literal, literal.len());
    let first = |last: [u8; 4], ends: &mut [u64; 1024]| {
        let (word, bit) = slot(last);
        if let Some(word) = ends.get_mut(word) {
            *word |= 1 << bit;
        }
    };
    match literal.len() {
        0 => {}
        1 | 2 => ends.fill(u64::MAX),
        3 => (0..=u8::MAX).for_each(|b| {
            last[0] = b;
            first(last, ends);
        }),
        _ => first(last, ends),
    }
}

impl Literals {
    pub(super) fn new(detectors: &[&'static Detector]) -> Self {
        let mut by_end = vec![Vec::new(); SLOTS];
        for (literal, detector) in all(detectors) {
            if let Some(of) = by_end.get_mut(place(end(literal, literal.len()))) {
                of.push((literal, detector));
            }
        }
        Self { by_end }
    }

    /// What passes the fingerprints is held against.
    pub(super) fn ends(detectors: &[&'static Detector]) -> Ends {
        let mut ends = Ends(Box::new([0; 1024]));
        for (literal, _) in all(detectors) {
            allow(&mut ends.0, literal);
        }
        ends
    }

    /// What the front end looks for.
    pub(super) fn prints(detectors: &[&'static Detector]) -> Fingerprints {
        Fingerprints::new(all(detectors).map(|(literal, _)| literal))
    }

    /// Calls `found` with each detector that has a literal right before `at`, once.
    pub(super) fn each(&self, hay: &[u8], at: usize, mut found: impl FnMut(&'static Detector)) {
        let head = hay.get(..at).unwrap_or_default();
        let mut last: Option<&'static Detector> = None;
        for (literal, owner) in self.by_end.get(place(end(hay, at))).into_iter().flatten() {
            if head.ends_with(literal) && !last.is_some_and(|last| std::ptr::eq(last, *owner)) {
                found(owner);
                last = Some(owner);
            }
        }
    }
}

/// Which of `literals` ends at `at`.
pub(super) fn ending(hay: &[u8], at: usize, literals: &[&'static str]) -> Option<&'static str> {
    let head = hay.get(..at)?;
    literals
        .iter()
        .copied()
        .find(|literal| head.ends_with(literal.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::DETECTORS;

    /// Their last three bytes are what they are looked up by.
    #[test]
    fn every_literal_has_three_bytes() {
        for literal in DETECTORS.iter().flat_map(|d| d.literals) {
            assert!(literal.len() > 2, "{literal:?}");
        }
    }
}
