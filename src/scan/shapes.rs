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

use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use super::simd::{BLOCK, BLOCKS, GROUPS, Lanes, Masks, Nonzero, WINDOW};

/// Windows whose anchors are walked together: the walk of a kind costs a branch or two that no processor
/// foresees, and most kinds have less than one place in a window.
pub(super) const WINDOWS: usize = 2;

/// Bytes of those windows.
pub(super) const STRETCH: usize = WINDOW * WINDOWS;

/// The masks of a stretch.
pub(super) type Blocks = [u64; BLOCKS * GROUPS * WINDOWS];

/// Room for every byte of a stretch, and for what a [`List`] writes beyond the last.
pub(super) type Places = [u16; STRETCH + BLOCK];

/// Lists the set bits of the masks whose own bit is set; how many there are.
pub(super) type List = fn(&Blocks, u64, &mut Places) -> usize;

/// Where they lie is not what is branched on, only how many a block has.
#[inline(always)]
pub(super) fn list(masks: &Blocks, mut blocks: u64, places: &mut Places) -> usize {
    let mut count = 0;
    while blocks != 0 {
        let block = blocks.trailing_zeros() as usize;
        blocks &= blocks.wrapping_sub(1);
        let mut mask = masks[block];
        let ones = mask.count_ones() as usize;
        let mut done = 0;
        while done < ones {
            // Most blocks have one or two.
            let to = &mut places[count + done..][..2];
            for to in to {
                *to = (block * BLOCK) as u16 + mask.trailing_zeros() as u16;
                mask &= mask.wrapping_sub(1);
            }
            done += 2;
        }
        count += ones;
    }
    count
}

/// What [`Anchor::End`] ends.
pub(super) const SHORT_BYTES_MAX: usize = 96;

macro_rules! anchors {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A place that detectors are asked about.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Anchor { $($(#[$doc])* $name,)+ }
        impl Anchor {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The set of it alone.
            pub(super) const fn bit(self) -> u64 {
                1 << self as u32
            }
        }
    };
}

// In the order in which they are asked about: what names a value comes before what is found in one.
anchors! {
    /// `=` or `:` behind what may be a known key, with a quote or blanks between, or behind a key in brackets.
    Key,
    /// A colon behind four digits.
    Year,
    /// The third dot of digits and dots no more than three digits apart.
    Quad,
    /// The second of two colons in a row.
    DoubleColon,
    /// The sixth colon with gaps of one to five: six groups stand in front of a dotted quad (RFC 4291 §2.2).
    ColonChain,
    /// The fifth `:` at stride three with hex between.
    ColonStride,
    /// The fifth `-` at stride three.
    DashStride,
    /// The second dot at stride five with hex between.
    DotStride,
    /// The fourth `-` at stride five.
    GuidDashes,
    /// The third `-` at stride seven.
    ImeiDashes,
    /// The fourteenth digit in a row.
    Digits,
    /// `@`.
    At,
    /// A backslash behind three capitals, digits or dashes.
    Domain,
    /// The fourth digit of a fraction behind one to three digits, but those of a clock.
    Fraction,
    /// `=` or `:` behind one or two digits alone, where that is an operator's own key.
    KeyBehindDigits,
    /// `>` behind what may be a known key.
    Element,
    /// `>`.
    Greater,
    /// The second of two dashes in front of a word.
    Flag,
    /// The first digit or parenthesis behind a `+`.
    Plus,
    /// The second digit behind two capitals.
    Capitals,
    /// The sixth digit in a row.
    Run6,
    /// The sixth digit in a row behind a capital.
    Lettered,
    /// The byte behind a run of eleven digits.
    Run11,
    /// The seventeenth digit in a row.
    Run17,
    /// The fourth digit behind a digit and a blank or dash.
    Group4,
    /// The third digit behind two groups of three digits, blanks or dashes between.
    Groups3,
    /// The end of a record of at most [`SHORT_BYTES_MAX`] bytes, or of the batch.
    End,
    /// The third dash of digits and dashes no more than three digits apart.
    DashQuad,
    /// A dot behind four or five digits.
    Degrees,
    /// The byte behind one of the detectors' literals.
    Literal,
}

/// A mask for each block of a group.
pub(super) type Group = [u64; BLOCKS];

/// A mask for each block of a group, in whatever registers a processor has.
pub(super) trait Wide:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// The masks of a group of a window, and those of the blocks before each.
    fn load(lanes: &Lanes, group: usize) -> Row<Self>;

    /// The masks of the blocks before each; `last` is the group before, and becomes this one.
    fn before(self, last: &mut Group) -> Self;

    /// The masks moved up by `n` (1..64) bytes, across the blocks.
    fn up(self, before: Self, n: u32) -> Self;

    /// Writes them; which of them have any bit.
    fn store(self, to: &mut Group) -> u8;

    /// Whether there is no bit at all.
    fn is_none(self) -> bool;

    /// With what stands in front of it.
    #[inline(always)]
    fn row(self, last: &mut Group) -> Row<Self> {
        Row {
            here: self,
            before: self.before(last),
        }
    }
}

/// Masks of a group, and of the blocks before each.
#[derive(Clone, Copy)]
pub(super) struct Row<W> {
    pub(super) here: W,
    pub(super) before: W,
}

impl<W: Wide> Row<W> {
    /// Where the byte `n` (1..64) before has a bit.
    #[inline(always)]
    fn back(self, n: u32) -> W {
        self.here.up(self.before, n)
    }
}

/// Masks as numbers, which a compiler puts into registers.
#[derive(Clone, Copy)]
pub(super) struct Plain<N>(Group, PhantomData<N>);

impl<N: Nonzero + Copy> Wide for Plain<N> {
    #[inline(always)]
    fn load(lanes: &Lanes, group: usize) -> Row<Self> {
        let (mut here, mut before) = ([0; BLOCKS], [0; BLOCKS]);
        let from = group % GROUPS * BLOCKS;
        here.copy_from_slice(&lanes[from + 1..][..BLOCKS]);
        before.copy_from_slice(&lanes[from..][..BLOCKS]);
        Row {
            here: Self(here, PhantomData),
            before: Self(before, PhantomData),
        }
    }

    #[inline(always)]
    fn before(self, last: &mut Group) -> Self {
        let mut before = [last[BLOCKS - 1]; BLOCKS];
        before[1..].copy_from_slice(&self.0[..BLOCKS - 1]);
        *last = self.0;
        Self(before, PhantomData)
    }

    #[inline(always)]
    fn up(mut self, before: Self, n: u32) -> Self {
        for i in 0..BLOCKS {
            self.0[i] = self.0[i] << n | before.0[i] >> (64 - n);
        }
        self
    }

    #[inline(always)]
    fn store(self, to: &mut Group) -> u8 {
        to.copy_from_slice(&self.0);
        N::nonzero(&self.0)
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        N::nonzero(&self.0) == 0
    }
}

impl<N> BitAnd for Plain<N> {
    type Output = Self;
    #[inline(always)]
    fn bitand(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] &= other.0[i];
        }
        self
    }
}

impl<N> BitOr for Plain<N> {
    type Output = Self;
    #[inline(always)]
    fn bitor(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] |= other.0[i];
        }
        self
    }
}

impl<N> Not for Plain<N> {
    type Output = Self;
    #[inline(always)]
    fn not(mut self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] = !self.0[i];
        }
        self
    }
}

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
    /// Capitals, digits and dashes; blanks and dashes; quotes and blanks.
    domain: Group,
    gap: Group,
    close: Group,
}

/// What a stretch has of each anchor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Anchors {
    /// Blocks that have none are not written.
    masks: [Blocks; Anchor::ALL.len()],
    /// The blocks that have one, a bit each.
    blocks: [u64; Anchor::ALL.len()],
    /// The group at hand.
    group: usize,
    /// The anchors that somebody asks for, a bit each; others may be left out.
    wanted: u64,
}

impl Default for Anchors {
    fn default() -> Self {
        Self {
            masks: [[0; BLOCKS * GROUPS * WINDOWS]; Anchor::ALL.len()],
            blocks: [0; Anchor::ALL.len()],
            group: 0,
            wanted: u64::MAX,
        }
    }
}

impl Anchors {
    /// A stretch begins.
    #[inline]
    pub(super) fn begin(&mut self, wanted: u64) {
        self.blocks = [0; Anchor::ALL.len()];
        self.group = 0;
        self.wanted = wanted;
    }

    /// Whether one of these is asked for.
    #[inline(always)]
    pub(super) fn wants(&self, any: &[Anchor]) -> bool {
        any.iter().any(|anchor| self.wanted & anchor.bit() != 0)
    }

    /// Whether all that is asked for is made of digits, letters, dots, colons, dashes and literals: no other class is
    /// looked at then.
    #[inline(always)]
    pub(super) const fn wants_few(&self) -> bool {
        const FEW: &[Anchor] = &[
            Anchor::Quad,
            Anchor::DotStride,
            Anchor::DoubleColon,
            Anchor::ColonChain,
            Anchor::ColonStride,
            Anchor::DashQuad,
            Anchor::DashStride,
            Anchor::GuidDashes,
            Anchor::ImeiDashes,
            Anchor::Flag,
            Anchor::Literal,
        ];
        const BITS: u64 = {
            let (mut bits, mut n) = (0, 0);
            while n < FEW.len() {
                bits |= FEW[n].bit();
                n += 1;
            }
            bits
        };
        self.wanted & !BITS == 0
    }

    #[inline(always)]
    fn put<W: Wide>(&mut self, anchor: Anchor, wide: W) {
        let from = self.group % (GROUPS * WINDOWS) * BLOCKS;
        if let Some(to) = self.masks[anchor as usize][from..].first_chunk_mut() {
            self.blocks[anchor as usize] |= u64::from(wide.store(to)) << from;
        }
    }

    /// The same of one that few groups have.
    #[inline(always)]
    fn put_rare<W: Wide>(&mut self, anchor: Anchor, wide: W) {
        if !wide.is_none() {
            self.put(anchor, wide);
        }
    }

    /// Writes the bytes of the stretch that have the anchor into `places`, in order; how many there are.
    #[inline(always)]
    pub(super) fn list(&self, list: List, anchor: Anchor, places: &mut Places) -> usize {
        let blocks = self.blocks[anchor as usize];
        list(&self.masks[anchor as usize], blocks, places)
    }

    /// As if the anchor was nowhere.
    #[cfg(test)]
    pub(super) fn clear(&mut self, anchor: Anchor) {
        self.blocks[anchor as usize] = 0;
        self.masks[anchor as usize] = [0; BLOCKS * GROUPS * WINDOWS];
    }

    /// Whether the anchor is anywhere in the stretch.
    #[inline(always)]
    pub(super) const fn has(&self, anchor: Anchor) -> bool {
        self.blocks[anchor as usize] != 0
    }
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
    let close = W::load(&m.quote, group).here | W::load(&m.space, group).here;
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
        | W::load(&m.dash, group).here;
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
