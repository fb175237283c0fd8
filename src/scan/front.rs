//! The front end: one pass over a batch that finds the places worth a look.
//!
//! Byte classes become bit masks for a window that stays in the first cache; shifts and ands over the
//! masks find the rare shapes; the borders of keys pass a filter. What is left is handed to the detectors.

use super::gate::Gate;
pub use super::shapes::Anchor;
use super::shapes::{Anchors, Chains};
use super::simd::{BLOCK, BLOCKS, Fingerprints, LEAD, Masks, Pass, WINDOW};
use crate::format::bytes::{before as byte_before, skip_back};

/// What a pass looks for.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) pass: Pass,
    pub(super) prints: Fingerprints,
    pub(super) gate: Gate,
    /// The anchors that somebody asks for, a bit each.
    pub(super) wanted: u64,
}

/// The state of a pass.
#[derive(Default)]
struct State {
    masks: Masks,
    chains: Chains,
    anchors: Anchors,
}

/// Calls `found` for each anchor in `hay`, window by window; inside a window, anchor kind by kind.
pub(super) fn anchors(front: &Front, hay: &[u8], mut found: impl FnMut(Anchor, usize)) {
    let mut state = State::default();
    let mut copy = [0u8; LEAD + WINDOW];
    let mut base = 0usize;
    while base <= hay.len() {
        let whole = base
            .checked_sub(LEAD)
            .and_then(|from| hay.get(from..))
            .and_then(<[u8]>::first_chunk);
        let bytes = whole.unwrap_or_else(|| {
            // The first window has nothing in front of it and the last is filled up. One byte behind the batch
            // is looked at too, for what is anchored behind its shape.
            let lead = LEAD.min(base);
            let rest = hay.get(base.saturating_sub(lead)..).unwrap_or_default();
            copy = [0; LEAD + WINDOW];
            for (to, from) in copy.iter_mut().skip(LEAD.saturating_sub(lead)).zip(rest) {
                *to = *from;
            }
            &copy
        });
        (front.pass)(
            &front.prints,
            bytes,
            &mut state.masks,
            &mut state.chains,
            &mut state.anchors,
        );
        each(front, hay, base, &mut state.anchors, &mut found);
        base = base.saturating_add(WINDOW);
    }
    if front.wanted & Anchor::End.bit() != 0 {
        found(Anchor::End, hay.len());
    }
}

fn each(
    front: &Front,
    hay: &[u8],
    base: usize,
    anchors: &mut Anchors,
    found: &mut impl FnMut(Anchor, usize),
) {
    let mut kinds = anchors.any() & front.wanted;
    for border in [Anchor::Key, Anchor::KeyBehindDigits, Anchor::Element] {
        if kinds & border.bit() != 0 {
            gated(front, hay, base, anchors.of_mut(border));
        }
    }
    while kinds != 0 {
        let kind = Anchor::ALL.get(kinds.trailing_zeros() as usize).copied();
        kinds &= kinds.wrapping_sub(1);
        let Some(kind) = kind else { return };
        for (n, mask) in anchors.of(kind).iter().enumerate() {
            let mut mask = *mask;
            let block = base.wrapping_add(n.wrapping_mul(BLOCK));
            while mask != 0 {
                let at = block.wrapping_add(mask.trailing_zeros() as usize);
                // What fills the last window up is no place.
                if at < hay.len() || at == hay.len() && kind != Anchor::End {
                    found(kind, at);
                }
                mask &= mask.wrapping_sub(1);
            }
        }
    }
}

/// Keeps those borders that may stand behind a known key.
#[inline(always)]
fn gated(front: &Front, hay: &[u8], base: usize, borders: &mut [u64; BLOCKS]) {
    for (n, mask) in borders.iter_mut().enumerate() {
        let block = base.wrapping_add(n.wrapping_mul(BLOCK));
        let (mut left, mut kept) = (*mask, 0u64);
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let at = block.wrapping_add(left.trailing_zeros() as usize);
            let may = front.gate.may(hay, key_end(hay, at));
            kept |= if may { bit } else { 0 };
            left &= left.wrapping_sub(1);
        }
        *mask = kept;
    }
}

/// Where the key in front of the border at `at` ends: before two blanks at the most, a quote and its
/// backslashes.
#[inline(always)]
pub(super) fn key_end(hay: &[u8], at: usize) -> usize {
    let mut end = at;
    if byte_before(hay, end) == b' ' {
        end = skip_back(hay, end, 2, |b| b == b' ');
    }
    if matches!(byte_before(hay, end), b'"' | b'\'') {
        end = end.saturating_sub(1);
        if byte_before(hay, end) == b'\\' {
            end = skip_back(hay, end, 15, |b| b == b'\\');
        }
    }
    end
}
