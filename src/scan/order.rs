//! Findings in one order, however they were found: detector by detector, and all of them over a stretch.

use super::context::Finding;

/// Findings whose places are counted out: to compare all with all is no branch that a processor has to foresee. Fewer are
/// moved sooner; more in a stretch are rare.
const COUNTED: std::ops::RangeInclusive<usize> = 10..=1 << INDEX_BITS;

/// What a finding's number takes of its key.
const INDEX_BITS: u32 = 7;

/// By start, the longer first, then by what they are.
pub(super) fn order(f: &Finding) -> impl Ord + use<> {
    let longest = std::cmp::Reverse(f.span.end);
    (f.span.start, longest, f.class, f.rule, f.spelling, f.closed)
}

/// Sorts those from `from` on by start, the longer first, then by what they are.
pub(super) fn in_order(findings: &mut Vec<Finding>, from: usize) {
    let all = findings.get(from..).unwrap_or_default();
    if all.is_sorted_by_key(order) {
        return;
    }
    if COUNTED.contains(&all.len()) {
        count(findings, from);
    }
    let all = findings.get_mut(from..).unwrap_or_default();
    // What is left to move is near its place.
    let mut moves = all.len().saturating_mul(4);
    for next in 1..all.len() {
        let mut at = next;
        while let Some([before, here]) = at
            .checked_sub(1)
            .and_then(|before| all.get_mut(before..=at))
            .and_then(|pair| pair.first_chunk_mut::<2>())
            && order(here) < order(before)
        {
            std::mem::swap(before, here);
            at = at.saturating_sub(1);
            moves = moves.saturating_sub(1);
        }
        if moves == 0 {
            return all.sort_unstable_by_key(order);
        }
    }
}

/// Brings them in the order of their starts: the place of each is how many come before it. Nothing where they lie too far
/// apart.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a place is looked at below 2^24, and a number below 2^7"
)]
fn count(findings: &mut Vec<Finding>, from: usize) {
    /// Keys that are compared with one at once: a few registers of them.
    const LANES: usize = 16;
    let all = findings.get(from..).unwrap_or_default();
    let first = all.iter().map(|f| f.span.start).min().unwrap_or(0);
    // Fillers come last.
    let mut keys = [i32::MAX; 1 << INDEX_BITS];
    let mut last = 0;
    for (index, (key, finding)) in keys.iter_mut().zip(all).enumerate() {
        let place = finding.span.start.wrapping_sub(first);
        last = place.max(last);
        *key = (place as i32) << INDEX_BITS | index as i32;
    }
    if last >= 1 << (31 - INDEX_BITS) {
        return;
    }
    let count = all.len();
    findings.extend_from_within(from..);
    let Some((sorted, found)) = findings
        .get_mut(from..)
        .and_then(|both| both.split_at_mut_checked(count))
    else {
        return;
    };
    let (lanes, _) = keys.as_chunks::<LANES>();
    let lanes = lanes.get(..count.div_ceil(LANES)).unwrap_or(lanes);
    for (key, finding) in keys.iter().zip(&*found) {
        let mut before = [0i32; LANES];
        for some in lanes {
            for (before, other) in before.iter_mut().zip(some) {
                *before = before.wrapping_add(i32::from(other < key));
            }
        }
        let place = before.iter().fold(0i32, |sum, n| sum.wrapping_add(*n));
        if let Some(to) = usize::try_from(place)
            .ok()
            .and_then(|at| sorted.get_mut(at))
        {
            *to = *finding;
        }
    }
    findings.truncate(from.wrapping_add(count));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::class::Class;
    use crate::record::{Span, Spelling};

    proptest! {
        #[test]
        fn findings_come_in_one_order_however_found(
            picks in prop::collection::vec((0..300usize, 1..20usize, 0..40usize, 0..3u16, any::<bool>()), 0..300),
            rotate in any::<prop::sample::Index>(),
            // Near each other, and too far for a key.
            apart in prop_oneof![Just(1), Just(1 << 18)],
        ) {
            let classes: Vec<_> = Class::all().collect();
            let mut findings: Vec<_> = picks.iter().map(|(start, len, class, rule, number)| Finding {
                span: Span::new(start * apart, start * apart + len),
                class: classes[class % classes.len()],
                spelling: if *number { Spelling::Number } else { Spelling::Text },
                rule: *rule,
                closed: false,
            }).collect();
            let mut want = findings.clone();
            want.sort_by_key(order);
            if !findings.is_empty() {
                let mid = rotate.index(findings.len());
                findings.rotate_left(mid);
            }
            let first = findings.clone();
            let border = findings.len();
            findings.extend_from_slice(&first);
            in_order(&mut findings, border);
            prop_assert_eq!(&findings[..border], first);
            prop_assert_eq!(&findings[border..], want);
        }
    }
}
