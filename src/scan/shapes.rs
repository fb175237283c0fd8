//! The shapes of candidates, as shifts and ands over the masks of a window: a group of eight blocks at once, so that
//! a processor with wide registers does each in one instruction.
//!
//! Every shape is anchored at its last byte that matters, or right behind it, and looks back only, so the
//! masks of the block before are all the state there is. An anchor's shape is a promise to its detectors, who
//! must reject every other place by themselves: the tests ask them everywhere.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "each index is below its array's constant length; a check for each would be the cost of the pass"
)]

mod anchors;
mod wide;

use super::simd::{BLOCKS, GROUPS, Masks};
pub use anchors::Anchor;
#[cfg(any(test, target_arch = "x86_64"))]
pub(super) use anchors::Blocks;
#[cfg(test)]
pub(super) use anchors::FEW;
pub(super) use anchors::{Anchors, List, Places, SHORT_BYTES_MAX, STRETCH, WINDOWS, list};
pub(super) use wide::{Group, Plain, Row, Wide};

/// Derived masks that shapes look back on: those of the group before.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Chains {
    /// A dot or dash behind a digit, and a second of them.
    dots: [Group; 2],
    dashes: [Group; 2],
    /// The second to the fifth colon of a chain.
    colons: [Group; 4],
    /// Runs of digits that end at a place, by length.
    run2: Group,
    run3: Group,
    run4: Group,
    run6: Group,
    run8: Group,
    run11: Group,
    run14: Group,
    run16: Group,
    /// Capitals, digits, dashes and dots; blanks and dashes; quotes and blanks.
    domain: Group,
    gap: Group,
    close: Group,
}

/// What is two to four bytes before: a number stands between.
#[inline(always)]
fn near<W: Wide>(row: Row<W>) -> W {
    row.back(2) | row.back(3) | row.back(4)
}

/// What is one to five bytes before: a group of an address stands between, or none.
#[inline(always)]
fn nearer<W: Wide>(row: Row<W>) -> W {
    near(row) | row.back(5) | row.back(1)
}

/// Finds all shapes of a window's first groups that somebody asks for.
#[inline(always)]
pub(super) fn shapes<W: Wide>(m: &Masks, groups: usize, c: &mut Chains, out: &mut Anchors) {
    for group in 0..groups.min(GROUPS) {
        of_group::<W>(m, group, c, out);
        out.group += 1;
    }
}

#[inline(always)]
fn of_group<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    // No closures here: what they hold would be compiled for any processor.
    if out.wants(&[Anchor::Key, Anchor::KeyBehindDigits]) {
        borders::<W>(m, group, c, out);
    }
    if out.wants(&[Anchor::Literal]) {
        out.put(Anchor::Literal, W::load(&m.literal, group).back(1));
    }
    if !out.wants_few() {
        signs::<W>(m, group, out);
    }
    if out.wants(&[Anchor::Domain]) {
        domains::<W>(m, group, c, out);
    }
    if out.wants(&[Anchor::Quad, Anchor::DotStride]) {
        dots::<W>(m, group, c, out);
    }
    if out.wants(&[Anchor::DoubleColon, Anchor::ColonChain, Anchor::ColonStride]) {
        colons::<W>(m, group, c, out);
    }
    if out.wants(&[
        Anchor::DashQuad,
        Anchor::Flag,
        Anchor::DashStride,
        Anchor::GuidDashes,
        Anchor::ImeiDashes,
    ]) {
        dashes::<W>(m, group, c, out);
    }
    if out.wants(&[
        Anchor::Digits,
        Anchor::Fraction,
        Anchor::Year,
        Anchor::Capitals,
        Anchor::Run6,
        Anchor::Lettered,
        Anchor::Run11,
        Anchor::Run17,
        Anchor::Group4,
        Anchor::Groups3,
        Anchor::Degrees,
    ]) {
        numbers::<W>(m, group, c, out);
    }
}

#[inline(always)]
fn borders<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    // Behind a key may stand a quote or blanks. One or two digits alone are none, but a clock's or an address's; where an operator's keys may end so, `KeyBehindDigits` has them.
    let close = W::load(&m.close, group).here;
    let closed = close.row(&mut c.close).back(1);
    let equals = W::load(&m.equals, group).here;
    let border = equals | W::load(&m.colon, group).here;
    let (digit, word) = (W::load(&m.digit, group), W::load(&m.word, group));
    let behind_word = word.back(1);
    let clock = digit.back(1) & (!word.back(2) | digit.back(2) & !word.back(3));
    let part = equals & W::load(&m.bracket, group).back(1);
    out.put(Anchor::Key, border & (behind_word & !clock | closed) | part);
    if out.wants(&[Anchor::KeyBehindDigits]) {
        out.put(Anchor::KeyBehindDigits, border & behind_word & clock);
    }
}

#[inline(always)]
fn signs<W: Wide>(m: &Masks, group: usize, out: &mut Anchors) {
    let greater = W::load(&m.greater, group).here;
    if !greater.is_none() {
        out.put(Anchor::Element, greater & W::load(&m.word, group).back(1));
        out.put(Anchor::Greater, greater);
    }
    out.put(Anchor::At, W::load(&m.at, group).here);
    out.put(Anchor::End, W::load(&m.end, group).here);
    out.put_rare(Anchor::Plus, W::load(&m.plus, group).back(1));
}

#[inline(always)]
fn domains<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    let domain = W::load(&m.upper, group).here
        | W::load(&m.digit, group).here
        | W::load(&m.dash, group).here
        | W::load(&m.dot, group).here;
    let domain = domain.row(&mut c.domain);
    let backslash = W::load(&m.backslash, group).here;
    if backslash.is_none() {
        return;
    }
    out.put(
        Anchor::Domain,
        backslash & domain.back(1) & domain.back(2) & domain.back(3),
    );
}

#[inline(always)]
fn dots<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    let dot = W::load(&m.dot, group);
    let dotted = dot.here & W::load(&m.digit, group).back(1);
    let second = dotted & near(dotted.row(&mut c.dots[0]));
    let third = dotted & near(second.row(&mut c.dots[1]));
    out.put(Anchor::Quad, third);
    let stride = dot.here & dot.back(5);
    if !out.wants(&[Anchor::DotStride]) || stride.is_none() {
        return;
    }
    let hex = W::load(&m.hex, group);
    out.put(
        Anchor::DotStride,
        stride & hex.back(1) & hex.back(2) & hex.back(3) & hex.back(4) & hex.back(6),
    );
}

#[inline(always)]
fn dashes<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    let dash = W::load(&m.dash, group);
    let dashed = dash.here & W::load(&m.digit, group).back(1);
    let second = dashed & near(dashed.row(&mut c.dashes[0]));
    let third = dashed & near(second.row(&mut c.dashes[1]));
    out.put_rare(Anchor::DashQuad, third);
    if out.wants(&[Anchor::Flag]) {
        let flag = dash.back(1) & dash.back(2) & !dash.back(3);
        out.put_rare(Anchor::Flag, W::load(&m.word, group).here & flag);
    }
    if !out.wants(&[Anchor::DashStride, Anchor::GuidDashes, Anchor::ImeiDashes]) {
        return;
    }
    let threes = dash.here & dash.back(3) & dash.back(6);
    let fives = dash.here & dash.back(5) & dash.back(10);
    let sevens = dash.here & dash.back(7) & dash.back(14);
    if (threes | fives | sevens).is_none() {
        return;
    }
    let hex = W::load(&m.hex, group);
    let stride = threes & dash.back(9) & dash.back(12);
    out.put(Anchor::DashStride, stride & hex.back(1) & hex.back(2));
    out.put(
        Anchor::GuidDashes,
        fives & dash.back(15) & hex.back(1) & hex.back(6),
    );
    out.put(Anchor::ImeiDashes, sevens);
}

#[inline(always)]
fn colons<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    let colon = W::load(&m.colon, group);
    // Behind a letter that is no digit of an address it is a scope.
    let double = colon.here & colon.back(1) & !W::load(&m.letter, group).back(2);
    out.put_rare(Anchor::DoubleColon, double);
    let [second, rest @ ..] = &mut c.colons;
    let mut next = colon.here & nearer((colon.here & nearer(colon)).row(second));
    // Most groups have clocks, of two colons.
    if !next.is_none() || rest.iter().any(|last| last[BLOCKS - 1] != 0) {
        for last in rest {
            next = colon.here & nearer(next.row(last));
        }
        out.put(Anchor::ColonChain, next);
    }
    let strides = colon.here & colon.back(3) & colon.back(6);
    if !out.wants(&[Anchor::ColonStride]) || strides.is_none() {
        return;
    }
    let hex = W::load(&m.hex, group);
    let pairs = hex.back(1) & hex.back(2) & hex.back(4) & hex.back(5);
    out.put(
        Anchor::ColonStride,
        strides
            & colon.back(9)
            & colon.back(12)
            & pairs
            // A colon in front goes on a chain only where hex is between.
            & !(colon.back(15) & hex.back(13) & hex.back(14)),
    );
}

#[inline(always)]
fn numbers<W: Wide>(m: &Masks, group: usize, c: &mut Chains, out: &mut Anchors) {
    let (digit, dot) = (W::load(&m.digit, group), W::load(&m.dot, group));
    let upper = W::load(&m.upper, group);
    let run2 = (digit.here & digit.back(1)).row(&mut c.run2);
    let run3 = (run2.here & digit.back(2)).row(&mut c.run3);
    let run4 = (run2.here & run2.back(2)).row(&mut c.run4);
    let run6 = (run4.here & run2.back(4)).row(&mut c.run6);
    out.put_rare(Anchor::Degrees, dot.here & run4.back(1) & !run6.back(1));
    out.put(Anchor::Year, W::load(&m.colon, group).here & run4.back(1));
    let fraction = run4.here & dot.back(4) & digit.back(5) & !run4.back(5);
    if !fraction.is_none() {
        // Most are a clock's.
        let colon = W::load(&m.colon, group);
        let clock = colon.back(7) & colon.back(10) & run2.back(5) & run2.back(8);
        out.put(Anchor::Fraction, fraction & !clock);
    }
    let sixth = run6.here & !run6.back(1);
    out.put(Anchor::Run6, sixth);
    out.put_rare(Anchor::Lettered, sixth & upper.back(6));
    out.put_rare(Anchor::Capitals, run2.here & upper.back(2) & upper.back(3));
    let gap = W::load(&m.space, group).here | W::load(&m.dash, group).here;
    let gap = gap.row(&mut c.gap);
    out.put_rare(Anchor::Group4, run4.here & gap.back(4) & digit.back(5));
    let groups = run3.here & gap.back(3) & run3.back(4);
    out.put_rare(Anchor::Groups3, groups & gap.back(7) & run3.back(8));

    let run8 = (run4.here & run4.back(4)).row(&mut c.run8);
    let longer = [&c.run11, &c.run14, &c.run16];
    if run8.here.is_none() && longer.iter().all(|last| last[BLOCKS - 1] == 0) {
        return;
    }
    let run11 = (run8.here & run3.back(8)).row(&mut c.run11);
    let run14 = (run8.here & run6.back(8)).row(&mut c.run14);
    let run16 = (run8.here & run8.back(8)).row(&mut c.run16);
    out.put_rare(Anchor::Run11, !digit.here & run11.back(1) & !run11.back(2));
    out.put_rare(Anchor::Digits, run14.here & !run14.back(1));
    out.put_rare(Anchor::Run17, digit.here & run16.back(1) & !run16.back(2));
}
