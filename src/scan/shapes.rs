//! The shapes of candidates, as shifts and ands over the masks of a window: eight blocks at once, so that a
//! processor with wide registers does each in one instruction.
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

use super::simd::{BLOCK, BLOCKS, Lanes, Masks, Nonzero, WINDOW};

/// Windows whose anchors are walked together: the walk of a kind costs a branch or two that no processor
/// foresees, and most kinds have less than one place in a window.
pub(super) const WINDOWS: usize = 8;

/// Bytes of those windows.
pub(super) const STRETCH: usize = WINDOW * WINDOWS;

/// The masks of a stretch.
pub(super) type Blocks = [u64; BLOCKS * WINDOWS];

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

anchors! {
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
    /// The fourth digit of a fraction.
    Fraction,
    /// `=` or `:` behind what may be a known key, with a quote or blanks between, or behind a key in brackets.
    Key,
    /// `=` or `:` behind one or two digits alone, where that is an operator's own key.
    KeyBehindDigits,
    /// `>` behind what may be a known key.
    Element,
    /// `>`.
    Greater,
    /// A colon behind four digits.
    Year,
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
    /// A dot behind four digits.
    Degrees,
    /// The byte behind one of the detectors' literals.
    Literal,
}

/// A mask for each block of a window, in whatever registers a processor has.
pub(super) trait Wide:
    Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// The masks as they are.
    fn here(lanes: &Lanes) -> Self;

    /// The masks moved up by `n` (1..64) bytes, across the blocks.
    fn back(lanes: &Lanes, n: u32) -> Self;

    /// Writes them; which of them have any bit.
    fn store(self, to: &mut [u64; BLOCKS]) -> u8;

    /// Whether there is no bit at all.
    fn is_none(self) -> bool;

    /// Keeps the last block of a derived mask and puts this window's behind it.
    #[inline(always)]
    fn keep(lanes: &mut Lanes, wide: Self) {
        lanes[0] = lanes[BLOCKS];
        if let Some(lanes) = lanes.last_chunk_mut() {
            wide.store(lanes);
        }
    }
}

/// Masks as numbers, which a compiler puts into registers.
#[derive(Clone, Copy)]
pub(super) struct Plain<N>([u64; BLOCKS], PhantomData<N>);

impl<N: Nonzero + Copy> Wide for Plain<N> {
    #[inline(always)]
    fn here(lanes: &Lanes) -> Self {
        let mut wide = [0; BLOCKS];
        wide.copy_from_slice(&lanes[1..]);
        Self(wide, PhantomData)
    }

    #[inline(always)]
    fn back(lanes: &Lanes, n: u32) -> Self {
        let mut wide = [0; BLOCKS];
        for i in 0..BLOCKS {
            wide[i] = lanes[i + 1] << n | lanes[i] >> (64 - n);
        }
        Self(wide, PhantomData)
    }

    #[inline(always)]
    fn store(self, to: &mut [u64; BLOCKS]) -> u8 {
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

/// Derived masks that shapes look back on.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Chains {
    /// A dot or dash behind a digit, and a second of them.
    dots: [Lanes; 2],
    dashes: [Lanes; 2],
    /// The second to the sixth colon of a chain.
    colons: [Lanes; 4],
    /// Runs of digits that end at a place, by length.
    run2: Lanes,
    run3: Lanes,
    run4: Lanes,
    run6: Lanes,
    run8: Lanes,
    run11: Lanes,
    run14: Lanes,
    run16: Lanes,
    /// Capitals, digits and dashes; blanks and dashes; quotes and blanks.
    domain: Lanes,
    gap: Lanes,
    close: Lanes,
}

/// What a stretch has of each anchor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Anchors {
    /// Blocks that have none are not written.
    masks: [Blocks; Anchor::ALL.len()],
    /// The blocks that have one, a bit each.
    blocks: [u64; Anchor::ALL.len()],
    /// The window at hand.
    window: usize,
    /// The anchors that somebody asks for, a bit each; others may be left out.
    wanted: u64,
}

impl Default for Anchors {
    fn default() -> Self {
        Self {
            masks: [[0; BLOCKS * WINDOWS]; Anchor::ALL.len()],
            blocks: [0; Anchor::ALL.len()],
            window: 0,
            wanted: u64::MAX,
        }
    }
}

impl Anchors {
    /// A stretch begins.
    #[inline]
    pub(super) fn begin(&mut self, wanted: u64) {
        self.blocks = [0; Anchor::ALL.len()];
        self.window = 0;
        self.wanted = wanted;
    }

    /// Whether one of these is asked for.
    #[inline(always)]
    pub(super) fn wants(&self, any: &[Anchor]) -> bool {
        any.iter().any(|anchor| self.wanted & anchor.bit() != 0)
    }

    /// What is put from now on is of the next window.
    #[inline]
    pub(super) fn next(&mut self) {
        self.window = (self.window + 1) % WINDOWS;
    }

    #[inline(always)]
    fn put<W: Wide>(&mut self, anchor: Anchor, wide: W) {
        let from = self.window % WINDOWS * BLOCKS;
        if let Some(to) = self.masks[anchor as usize][from..].first_chunk_mut() {
            self.blocks[anchor as usize] |= u64::from(wide.store(to)) << from;
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
        self.masks[anchor as usize] = [0; BLOCKS * WINDOWS];
    }

    /// Whether the anchor is anywhere in the stretch.
    #[inline(always)]
    pub(super) const fn has(&self, anchor: Anchor) -> bool {
        self.blocks[anchor as usize] != 0
    }
}

/// What is two to four bytes before: a number stands between.
#[inline(always)]
fn near<W: Wide>(lanes: &Lanes) -> W {
    W::back(lanes, 2) | W::back(lanes, 3) | W::back(lanes, 4)
}

/// What is one to five bytes before: a group of an address stands between, or none.
#[inline(always)]
fn nearer<W: Wide>(lanes: &Lanes) -> W {
    near::<W>(lanes) | W::back(lanes, 5) | W::back(lanes, 1)
}

/// Finds all shapes of a window that somebody asks for.
#[inline(always)]
pub(super) fn shapes<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    // No closures here: what they hold would be compiled for any processor.
    if out.wants(&[Anchor::Key, Anchor::KeyBehindDigits]) {
        borders::<W>(m, c, out);
    }
    signs::<W>(m, out);
    if out.wants(&[Anchor::Domain]) {
        domains::<W>(m, c, out);
    }
    if out.wants(&[Anchor::Quad, Anchor::DotStride]) {
        dots::<W>(m, c, out);
    }
    if out.wants(&[Anchor::DoubleColon, Anchor::ColonChain, Anchor::ColonStride]) {
        colons::<W>(m, c, out);
    }
    if out.wants(&[
        Anchor::DashQuad,
        Anchor::Flag,
        Anchor::DashStride,
        Anchor::GuidDashes,
        Anchor::ImeiDashes,
    ]) {
        dashes::<W>(m, c, out);
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
        numbers::<W>(m, c, out);
    }
}

#[inline(always)]
fn borders<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    // Behind a key may stand a quote or blanks. One or two digits alone are none, but a clock's or an address's; where an operator's keys may end so, `KeyBehindDigits` has them.
    W::keep(&mut c.close, W::here(&m.quote) | W::here(&m.space));
    let border = W::here(&m.equals) | W::here(&m.colon);
    let clock =
        W::back(&m.digit, 1) & (!W::back(&m.word, 2) | W::back(&m.digit, 2) & !W::back(&m.word, 3));
    let closed = W::back(&c.close, 1);
    let part = W::here(&m.equals) & W::back(&m.bracket, 1);
    out.put::<W>(
        Anchor::Key,
        border & (W::back(&m.word, 1) & !clock | closed) | part,
    );
    if out.wants(&[Anchor::KeyBehindDigits]) {
        out.put::<W>(
            Anchor::KeyBehindDigits,
            border & W::back(&m.word, 1) & clock,
        );
    }
}

#[inline(always)]
fn signs<W: Wide>(m: &Masks, out: &mut Anchors) {
    out.put::<W>(Anchor::Element, W::here(&m.greater) & W::back(&m.word, 1));
    out.put::<W>(Anchor::Greater, W::here(&m.greater));
    out.put::<W>(Anchor::At, W::here(&m.at));
    out.put::<W>(Anchor::End, W::here(&m.end));
    out.put::<W>(Anchor::Literal, W::back(&m.literal, 1));
    out.put::<W>(Anchor::Plus, W::back(&m.plus, 1));
}

#[inline(always)]
fn domains<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    W::keep(
        &mut c.domain,
        W::here(&m.upper) | W::here(&m.digit) | W::here(&m.dash),
    );
    let backslash = W::here(&m.backslash);
    if backslash.is_none() {
        return;
    }
    out.put::<W>(
        Anchor::Domain,
        backslash & W::back(&c.domain, 1) & W::back(&c.domain, 2) & W::back(&c.domain, 3),
    );
}

#[inline(always)]
fn dots<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    let dotted = W::here(&m.dot) & W::back(&m.digit, 1);
    W::keep(&mut c.dots[0], dotted);
    let second = dotted & near::<W>(&c.dots[0]);
    W::keep(&mut c.dots[1], second);
    out.put::<W>(Anchor::Quad, dotted & near::<W>(&c.dots[1]));
    out.put::<W>(
        Anchor::DotStride,
        W::here(&m.dot)
            & W::back(&m.dot, 5)
            & W::back(&m.hex, 1)
            & W::back(&m.hex, 2)
            & W::back(&m.hex, 3)
            & W::back(&m.hex, 4)
            & W::back(&m.hex, 6),
    );
}

#[inline(always)]
fn dashes<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    let dashed = W::here(&m.dash) & W::back(&m.digit, 1);
    W::keep(&mut c.dashes[0], dashed);
    let second = dashed & near::<W>(&c.dashes[0]);
    W::keep(&mut c.dashes[1], second);
    out.put::<W>(Anchor::DashQuad, dashed & near::<W>(&c.dashes[1]));
    out.put::<W>(
        Anchor::Flag,
        W::here(&m.word) & W::back(&m.dash, 1) & W::back(&m.dash, 2) & !W::back(&m.dash, 3),
    );
    let is_dash = W::here(&m.dash);
    let threes = is_dash & W::back(&m.dash, 3) & W::back(&m.dash, 6);
    let fives = is_dash & W::back(&m.dash, 5) & W::back(&m.dash, 10);
    let sevens = is_dash & W::back(&m.dash, 7) & W::back(&m.dash, 14);
    if (threes | fives | sevens).is_none() {
        return;
    }
    out.put::<W>(
        Anchor::DashStride,
        threes
            & W::back(&m.dash, 9)
            & W::back(&m.dash, 12)
            & W::back(&m.hex, 1)
            & W::back(&m.hex, 2),
    );
    out.put::<W>(
        Anchor::GuidDashes,
        fives & W::back(&m.dash, 15) & W::back(&m.hex, 1) & W::back(&m.hex, 6),
    );
    out.put::<W>(Anchor::ImeiDashes, sevens);
}

#[inline(always)]
fn colons<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    // Behind a letter that is no digit of an address it is a scope.
    let is_colon = W::here(&m.colon);
    out.put::<W>(
        Anchor::DoubleColon,
        is_colon & W::back(&m.colon, 1) & !W::back(&m.letter, 2),
    );
    let second = is_colon & nearer::<W>(&m.colon);
    let [second_kept, kept @ ..] = &mut c.colons;
    W::keep(second_kept, second);
    let mut next = is_colon & nearer::<W>(second_kept);
    // Most windows have clocks, of two colons.
    if next.is_none() && kept.iter().all(|lanes| lanes[BLOCKS] == 0) {
        kept.iter_mut().for_each(|lanes| lanes[0] = 0);
    } else {
        for kept in kept {
            W::keep(kept, next);
            next = is_colon & nearer::<W>(kept);
        }
        out.put::<W>(Anchor::ColonChain, next);
    }
    let strides = is_colon & W::back(&m.colon, 3) & W::back(&m.colon, 6);
    if strides.is_none() {
        return;
    }
    let pairs = W::back(&m.hex, 1) & W::back(&m.hex, 2) & W::back(&m.hex, 4) & W::back(&m.hex, 5);
    out.put::<W>(
        Anchor::ColonStride,
        strides
            & W::back(&m.colon, 9)
            & W::back(&m.colon, 12)
            & pairs
            // A colon in front goes on a chain only where hex is between.
            & !(W::back(&m.colon, 15) & W::back(&m.hex, 13) & W::back(&m.hex, 14)),
    );
}

#[inline(always)]
fn numbers<W: Wide>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    let is_digit = W::here(&m.digit);
    let run2 = is_digit & W::back(&m.digit, 1);
    let run3 = run2 & W::back(&m.digit, 2);
    W::keep(&mut c.run2, run2);
    W::keep(&mut c.run3, run3);
    let run4 = run2 & W::back(&c.run2, 2);
    W::keep(&mut c.run4, run4);
    let run6 = run4 & W::back(&c.run2, 4);
    W::keep(&mut c.run6, run6);
    let run8 = run4 & W::back(&c.run4, 4);
    W::keep(&mut c.run8, run8);
    let run11 = run8 & W::back(&c.run3, 8);
    W::keep(&mut c.run11, run11);
    let run14 = run8 & W::back(&c.run6, 8);
    W::keep(&mut c.run14, run14);
    let run16 = run8 & W::back(&c.run8, 8);
    W::keep(&mut c.run16, run16);
    out.put::<W>(Anchor::Degrees, W::here(&m.dot) & W::back(&c.run4, 1));
    out.put::<W>(Anchor::Year, W::here(&m.colon) & W::back(&c.run4, 1));
    let sixth = run6 & !W::back(&c.run6, 1);
    out.put::<W>(Anchor::Run6, sixth);
    out.put::<W>(Anchor::Lettered, sixth & W::back(&m.upper, 6));
    out.put::<W>(
        Anchor::Run11,
        !is_digit & W::back(&c.run11, 1) & !W::back(&c.run11, 2),
    );
    out.put::<W>(Anchor::Digits, run14 & !W::back(&c.run14, 1));
    out.put::<W>(
        Anchor::Run17,
        is_digit & W::back(&c.run16, 1) & !W::back(&c.run16, 2),
    );
    out.put::<W>(
        Anchor::Capitals,
        run2 & W::back(&m.upper, 2) & W::back(&m.upper, 3),
    );
    W::keep(&mut c.gap, W::here(&m.space) | W::here(&m.dash));
    out.put::<W>(
        Anchor::Group4,
        run4 & W::back(&c.gap, 4) & W::back(&m.digit, 5),
    );
    out.put::<W>(
        Anchor::Groups3,
        run3 & W::back(&c.gap, 3) & W::back(&c.run3, 4) & W::back(&c.gap, 7) & W::back(&c.run3, 8),
    );
    out.put::<W>(Anchor::Fraction, run4 & W::back(&m.dot, 4));
}
