//! The front end: one pass over a batch that finds the places worth a look.
//!
//! Byte classes become bit masks for a window that stays in the first cache; shifts and ands over the
//! masks find the rare shapes; the borders of keys pass a filter. What is left is handed to the detectors.

use std::cell::Cell;

use super::covered::Covered;
use super::gate::{ENDS, End, Gate, end_of};
use super::keys::Names;
use super::literals::Ends;
pub use super::shapes::Anchor;
pub(super) use super::shapes::STRETCH;
use super::shapes::{Anchors, Chains, Places, SHORT_BYTES_MAX, WINDOWS};
use super::simd::{BLOCK, Bytes, Fingerprints, GROUP, GROUPS, LEAD, Masks, WINDOW, Way};
use super::unescape::Reading;
use crate::format::bytes::{byte, skip_back};

/// What a pass looks for.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) way: Way,
    pub(super) prints: Fingerprints,
    pub(super) ends: Ends,
    pub(super) gate: Gate,
    /// The anchors that somebody asks for, a bit each.
    pub(super) wanted: u64,
}

/// The memory of a pass, to be used again.
#[derive(Default)]
pub struct Scratch {
    state: Box<State>,
    pub(super) names: Names,
    /// Whose they are.
    pub(super) names_of: u64,
    pub(super) reading: Reading,
    pub(super) covered: Covered,
    /// For what stands in a record in another coding.
    pub(super) inside: Option<Box<Self>>,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}

struct State {
    masks: Masks,
    chains: Chains,
    anchors: Anchors,
    places: Places,
    /// The first and the last window of a batch, with what is around them.
    copy: Bytes,
}

impl Default for State {
    fn default() -> Self {
        Self {
            masks: Masks::default(),
            chains: Chains::default(),
            anchors: Anchors::default(),
            places: [0; STRETCH + BLOCK],
            copy: [0; LEAD + WINDOW],
        }
    }
}

/// Places of one kind in a stretch: offsets from its start.
pub(super) struct At<'p> {
    base: usize,
    places: &'p [u16],
}

impl At<'_> {
    /// Their indices in the batch.
    #[inline(always)]
    pub(super) fn each(&self) -> impl Iterator<Item = usize> {
        let base = self.base;
        let places = self.places.iter();
        places.map(move |place| base.wrapping_add(usize::from(*place)))
    }
}

/// Calls `found` with the anchors in `hay`, stretch by stretch, inside a stretch kind by kind; with `None` at the
/// end of each stretch.
pub(super) fn anchors(
    front: &Front,
    hay: &[u8],
    scratch: &mut Scratch,
    mut found: impl FnMut(Option<(Anchor, At<'_>)>),
) {
    if front.wanted == 0 {
        return;
    }
    let state = &mut *scratch.state;
    state.masks.begin();
    state.chains = Chains::default();
    let mut record = 0usize;
    let mut base = 0usize;
    while base <= hay.len() {
        state.anchors.begin(front.wanted);
        for window in 0..WINDOWS {
            let start = base.wrapping_add(window.wrapping_mul(WINDOW));
            if start > hay.len() {
                break;
            }
            let groups = (hay.len().wrapping_sub(start) / GROUP)
                .wrapping_add(1)
                .min(GROUPS);
            let whole = start
                .checked_sub(LEAD)
                .and_then(|from| hay.get(from..))
                .and_then(<[u8]>::first_chunk);
            let bytes = whole.unwrap_or_else(|| {
                filled(hay, start, groups, &mut state.copy);
                &state.copy
            });
            (front.way.pass)(
                &front.prints,
                bytes,
                groups,
                &mut state.masks,
                &mut state.chains,
                &mut state.anchors,
            );
        }
        each(front, hay, base, state, &mut record, &mut found);
        found(None);
        base = base.wrapping_add(STRETCH);
    }
    if front.wanted & Anchor::End.bit() != 0 && hay.len().saturating_sub(record) <= SHORT_BYTES_MAX
    {
        let end = At {
            base: hay.len(),
            places: &[0],
        };
        found(Some((Anchor::End, end)));
    }
}

/// The first window has nothing in front of it and the last is filled up. One byte behind the batch is looked at
/// too, for what is anchored behind its shape.
#[cold]
fn filled(hay: &[u8], start: usize, groups: usize, copy: &mut Bytes) {
    let lead = LEAD.min(start);
    let bytes = groups.wrapping_mul(GROUP);
    let rest = hay.get(start.saturating_sub(lead)..).unwrap_or_default();
    let rest = rest.get(..lead.saturating_add(bytes)).unwrap_or(rest);
    let copy = copy.get_mut(..LEAD.wrapping_add(bytes)).unwrap_or_default();
    copy.fill(0);
    let to = LEAD.saturating_sub(lead);
    if let Some(to) = copy.get_mut(to..to.saturating_add(rest.len())) {
        to.copy_from_slice(rest);
    }
}

/// What a stretch has, to `found`.
fn each(
    front: &Front,
    hay: &[u8],
    base: usize,
    state: &mut State,
    record: &mut usize,
    found: &mut impl FnMut(Option<(Anchor, At<'_>)>),
) {
    let State {
        anchors, places, ..
    } = state;
    // All but the first stretch of a batch and the last.
    let near = base.checked_sub(NEAR).and_then(|from| hay.get(from..));
    let near = near.and_then(<[u8]>::first_chunk);
    for &kind in Anchor::ALL {
        if front.wanted & kind.bit() == 0 || !anchors.has(kind) {
            continue;
        }
        let count = anchors.list(front.way.list, kind, places);
        let count = match kind {
            Anchor::Key | Anchor::KeyBehindDigits | Anchor::Element => {
                keys(front, hay, base, near, count, places)
            }
            Anchor::Literal => match near {
                Some(near) => {
                    let count = kept(count, places, |place| front.ends.has(eight(near, place)));
                    kept(count, places, |place| {
                        front.ends.has_whole(eight(near, place))
                    })
                }
                None => kept(count, places, |place| {
                    front.ends.may(hay, base.wrapping_add(usize::from(place)))
                }),
            },
            Anchor::End => kept(count, places, |place| {
                let at = base.wrapping_add(usize::from(place));
                let short = at.saturating_sub(*record) <= SHORT_BYTES_MAX;
                // What fills the last window up ends no record.
                let inside = at < hay.len();
                *record = if inside { at.wrapping_add(1) } else { *record };
                short && inside
            }),
            _ => count,
        };
        let places = places.get(..count).unwrap_or_default();
        found(Some((kind, At { base, places })));
    }
}

/// Bytes in front of a place that are read at once.
const NEAR: usize = 8;

/// A stretch and what stands in front of it.
type Near = [u8; NEAR + STRETCH];

/// The eight bytes in front of a place of a stretch, the last on top.
#[inline(always)]
fn eight(near: &Near, place: u16) -> u64 {
    let eight = near.get(usize::from(place) % STRETCH..);
    let eight = eight.and_then(<[u8]>::first_chunk);
    eight.map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// The borders behind what may be a known key, in front.
#[inline(always)]
fn keys(
    front: &Front,
    hay: &[u8],
    base: usize,
    near: Option<&Near>,
    count: usize,
    places: &mut Places,
) -> usize {
    let places = Cell::from_mut(places.as_mut_slice()).as_slice_of_cells();
    let mut kept = 0usize;
    for some in places.get(..count).unwrap_or(places).chunks(ENDS) {
        let mut ends = [End::default(); ENDS];
        for (end, place) in ends.iter_mut().zip(some) {
            let place = place.get();
            let tail = near.and_then(|near| tail_in(eight(near, place)));
            *end = tail.unwrap_or_else(|| key_tail(hay, base.wrapping_add(usize::from(place))));
        }
        (front.way.fold)(&mut ends);
        for (end, place) in ends.iter().zip(some) {
            if let Some(to) = places.get(kept) {
                to.set(place.get());
            }
            kept = kept.wrapping_add(usize::from(front.gate.has(*end)));
        }
    }
    kept
}

/// The last bytes of the key behind which a border is, of the bytes in front of that; nothing where it stands in another
/// way than most: bare, or in quotes that nothing escapes.
#[inline(always)]
fn tail_in(near: u64) -> Option<End> {
    let last = (near >> 56) as u8;
    let quoted = (last == b'"') | (last == b'\'');
    let near = near << if quoted { 8 } else { 0 };
    let blank = (last == b' ') | (last == b'\t');
    let plain = !(blank || quoted && matches!((near >> 56) as u8, b'\\' | b'"'));
    plain.then(|| ((near >> 32) as u32).to_le_bytes())
}

/// The last bytes of the key whose border is at `at`.
#[inline(never)]
fn key_tail(hay: &[u8], at: usize) -> End {
    let near = at.checked_sub(NEAR).and_then(|from| hay.get(from..at));
    let near = near.and_then(<[u8]>::first_chunk);
    let tail = near.and_then(|near| tail_in(u64::from_le_bytes(*near)));
    tail.unwrap_or_else(|| end_of(hay, key_end(hay, at)))
}

/// Those that pass a filter, in front; each is asked without a branch on the answer.
#[inline(always)]
fn kept(count: usize, places: &mut Places, mut may: impl FnMut(u16) -> bool) -> usize {
    let places = Cell::from_mut(places.as_mut_slice()).as_slice_of_cells();
    let places = places.get(..count).unwrap_or(places);
    let mut kept = 0usize;
    for place in places {
        let place = place.get();
        let passes = may(place);
        if let Some(to) = places.get(kept) {
            to.set(place);
        }
        kept = kept.wrapping_add(usize::from(passes));
    }
    kept
}

/// Blanks between a key and its border, as columns are aligned: `password   = x`, `user\t: x`.
const ALIGN_BYTES_MAX: usize = 64;

/// Where the key in front of the border at `at` ends: before blanks, a quote and its backslashes.
#[inline(always)]
pub(super) fn key_end(hay: &[u8], at: usize) -> usize {
    let byte_before = |at: usize| at.checked_sub(1).map_or(0, |at| byte(hay, at));
    let mut end = at;
    if matches!(byte_before(end), b' ' | b'\t') {
        end = skip_back(hay, end, ALIGN_BYTES_MAX, |b| matches!(b, b' ' | b'\t'));
    }
    if matches!(byte_before(end), b'"' | b'\'') {
        end = end.saturating_sub(1);
        match byte_before(end) {
            b'\\' => end = skip_back(hay, end, 15, |b| b == b'\\'),
            // `""key"":`, as a cell of CSV has JSON.
            b'"' => end = end.saturating_sub(1),
            _ => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_in_front_of_blanks_but_not_of_a_column() {
        for (text, end) in [
            ("user:", 4),
            ("user   :", 4),
            ("user\t \t=", 4),
            ("\"user\"    :", 5),
            ("\"user\\\"\t:", 5),
            ("\"\"user\"\"  :", 6),
        ] {
            assert_eq!(key_end(text.as_bytes(), text.len() - 1), end, "{text}");
        }
        let far = format!("user{}:", " ".repeat(ALIGN_BYTES_MAX + 1));
        assert_eq!(key_end(far.as_bytes(), far.len() - 1), 5);
    }
}
