//! The front end: one pass over a batch that finds the places worth a look.
//!
//! Byte classes become bit masks for a window that stays in the first cache; shifts and ands over the
//! masks find the rare shapes; the borders of keys pass a filter. What is left is handed to the detectors.

use super::gate::Gate;
use super::literals::Ends;
pub use super::shapes::Anchor;
use super::shapes::{Anchors, Chains, Places, SHORT_BYTES_MAX};
use super::simd::{Fingerprints, LEAD, Masks, Pass, WINDOW};
use crate::format::bytes::{before as byte_before, skip_back};

/// What a pass looks for.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) pass: Pass,
    pub(super) prints: Fingerprints,
    pub(super) ends: Ends,
    pub(super) gate: Gate,
    /// The anchors that somebody asks for, a bit each.
    pub(super) wanted: u64,
}

/// The state of a pass.
struct State {
    masks: Masks,
    chains: Chains,
    anchors: Anchors,
    places: Places,
    /// Where the record at hand begins.
    record: usize,
}

/// Calls `found` for each anchor in `hay`, window by window; inside a window, anchor kind by kind.
pub(super) fn anchors(front: &Front, hay: &[u8], mut found: impl FnMut(Anchor, usize)) {
    let mut state = State {
        masks: Masks::default(),
        chains: Chains::default(),
        anchors: Anchors::default(),
        places: [0; WINDOW + 4],
        record: 0,
    };
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
        each(front, hay, base, &mut state, &mut found);
        base = base.saturating_add(WINDOW);
    }
    if front.wanted & Anchor::End.bit() != 0
        && hay.len().saturating_sub(state.record) <= SHORT_BYTES_MAX
    {
        found(Anchor::End, hay.len());
    }
}

/// What a window has, to `found`.
fn each(
    front: &Front,
    hay: &[u8],
    base: usize,
    state: &mut State,
    found: &mut impl FnMut(Anchor, usize),
) {
    let State {
        anchors,
        places,
        record,
        ..
    } = state;
    let mut kinds = anchors.any() & front.wanted;
    while kinds != 0 {
        let kind = Anchor::ALL.get(kinds.trailing_zeros() as usize).copied();
        kinds &= kinds.wrapping_sub(1);
        match kind {
            None => return,
            Some(kind @ (Anchor::Key | Anchor::KeyBehindDigits | Anchor::Element)) => {
                let may = |at| front.gate.may(hay, key_end(hay, at));
                gated(anchors, kind, base, places, may, found);
            }
            Some(kind @ Anchor::Literal) => {
                let may = |at| front.ends.may(hay, at);
                gated(anchors, kind, base, places, may, found);
            }
            Some(Anchor::End) => anchors.each(Anchor::End, |at| {
                let at = base.wrapping_add(at);
                // What fills the last window up ends no record.
                if at < hay.len() {
                    if at.saturating_sub(*record) <= SHORT_BYTES_MAX {
                        found(Anchor::End, at);
                    }
                    *record = at.saturating_add(1);
                }
            }),
            Some(kind) => anchors.each(kind, |at| found(kind, base.wrapping_add(at))),
        }
    }
}

/// Those that pass a filter: first they are listed, then they are asked without a branch on the answer.
#[inline(always)]
fn gated(
    anchors: &Anchors,
    kind: Anchor,
    base: usize,
    places: &mut Places,
    may: impl Fn(usize) -> bool,
    found: &mut impl FnMut(Anchor, usize),
) {
    let count = anchors.list(kind, places);
    let mut kept = 0usize;
    for i in 0..count.min(places.len()) {
        let Some(&place) = places.get(i) else { break };
        let passes = may(base.wrapping_add(usize::from(place)));
        if let Some(to) = places.get_mut(kept) {
            *to = place;
        }
        kept = kept.wrapping_add(usize::from(passes));
    }
    for place in places.iter().take(kept) {
        found(kind, base.wrapping_add(usize::from(*place)));
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
