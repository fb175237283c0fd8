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
            let to = &mut places[count + done..][..4];
            for to in to {
                *to = (block * BLOCK) as u16 + mask.trailing_zeros() as u16;
                mask &= mask.wrapping_sub(1);
            }
            done += 4;
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
    /// `=` or `:` behind what may be a known key, with a quote or blanks between.
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

/// A mask for each block of a window.
#[derive(Clone, Copy)]
struct Wide([u64; BLOCKS]);

impl BitAnd for Wide {
    type Output = Self;
    #[inline(always)]
    fn bitand(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] &= other.0[i];
        }
        self
    }
}

impl BitOr for Wide {
    type Output = Self;
    #[inline(always)]
    fn bitor(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] |= other.0[i];
        }
        self
    }
}

impl Not for Wide {
    type Output = Self;
    #[inline(always)]
    fn not(mut self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] = !self.0[i];
        }
        self
    }
}

/// The masks as they are.
#[inline(always)]
fn here(lanes: &Lanes) -> Wide {
    let mut wide = [0; BLOCKS];
    wide.copy_from_slice(&lanes[1..]);
    Wide(wide)
}

/// The masks moved up by `n` (1..64) bytes, across the blocks.
#[inline(always)]
fn back(lanes: &Lanes, n: u32) -> Wide {
    let mut wide = [0; BLOCKS];
    for i in 0..BLOCKS {
        wide[i] = lanes[i + 1] << n | lanes[i] >> (64 - n);
    }
    Wide(wide)
}

/// Keeps the last block of a derived mask and puts this window's behind it.
#[inline(always)]
fn keep(lanes: &mut Lanes, wide: Wide) {
    lanes[0] = lanes[BLOCKS];
    lanes[1..].copy_from_slice(&wide.0);
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
}

impl Default for Anchors {
    fn default() -> Self {
        Self {
            masks: [[0; BLOCKS * WINDOWS]; Anchor::ALL.len()],
            blocks: [0; Anchor::ALL.len()],
            window: 0,
        }
    }
}

impl Anchors {
    /// A stretch begins.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.blocks = [0; Anchor::ALL.len()];
        self.window = 0;
    }

    /// What is put from now on is of the next window.
    #[inline]
    pub(super) fn next(&mut self) {
        self.window = (self.window + 1) % WINDOWS;
    }

    #[inline(always)]
    fn put<N: Nonzero>(&mut self, anchor: Anchor, wide: Wide) {
        let from = self.window % WINDOWS * BLOCKS;
        self.masks[anchor as usize][from..from + BLOCKS].copy_from_slice(&wide.0);
        self.blocks[anchor as usize] |= u64::from(N::nonzero(&wide.0)) << from;
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

/// Finds all shapes of a window.
#[inline(always)]
pub(super) fn shapes<N: Nonzero>(m: &Masks, c: &mut Chains, out: &mut Anchors) {
    let digit = |n| back(&m.digit, n);
    let word = |n| back(&m.word, n);
    let dash = |n| back(&m.dash, n);
    let hex = |n| back(&m.hex, n);
    let colon = |n| back(&m.colon, n);
    let is_digit = here(&m.digit);

    // Behind a key may stand a quote or blanks. One or two digits alone are none, but a clock's or an address's; where an operator's keys may end so, `KeyBehindDigits` has them.
    keep(&mut c.close, here(&m.quote) | here(&m.space));
    let border = here(&m.equals) | here(&m.colon);
    let clock = digit(1) & (!word(2) | digit(2) & !word(3));
    let closed = back(&c.close, 1);
    out.put::<N>(Anchor::Key, border & (word(1) & !clock | closed));
    out.put::<N>(Anchor::KeyBehindDigits, border & word(1) & clock);
    out.put::<N>(Anchor::Element, here(&m.greater) & word(1));
    out.put::<N>(Anchor::Greater, here(&m.greater));
    out.put::<N>(Anchor::At, here(&m.at));
    out.put::<N>(Anchor::End, here(&m.end));
    out.put::<N>(Anchor::Literal, back(&m.literal, 1));
    keep(&mut c.domain, here(&m.upper) | is_digit | here(&m.dash));
    let domain = |n| back(&c.domain, n);
    out.put::<N>(
        Anchor::Domain,
        here(&m.backslash) & domain(1) & domain(2) & domain(3),
    );
    out.put::<N>(Anchor::Plus, back(&m.plus, 1));

    let near = |lanes: &Lanes| back(lanes, 2) | back(lanes, 3) | back(lanes, 4);
    let dotted = here(&m.dot) & digit(1);
    keep(&mut c.dots[0], dotted);
    let second = dotted & near(&c.dots[0]);
    keep(&mut c.dots[1], second);
    out.put::<N>(Anchor::Quad, dotted & near(&c.dots[1]));
    let dashed = here(&m.dash) & digit(1);
    keep(&mut c.dashes[0], dashed);
    let second = dashed & near(&c.dashes[0]);
    keep(&mut c.dashes[1], second);
    out.put::<N>(Anchor::DashQuad, dashed & near(&c.dashes[1]));
    out.put::<N>(
        Anchor::DotStride,
        here(&m.dot) & back(&m.dot, 5) & hex(1) & hex(2) & hex(3) & hex(4) & hex(6),
    );

    // Behind a letter that is no digit of an address it is a scope.
    let is_colon = here(&m.colon);
    out.put::<N>(
        Anchor::DoubleColon,
        is_colon & colon(1) & !back(&m.letter, 2),
    );
    let near = |lanes: &Lanes| near(lanes) | back(lanes, 5) | back(lanes, 1);
    let mut next = is_colon & near(&m.colon);
    for kept in &mut c.colons {
        keep(kept, next);
        next = is_colon & near(kept);
    }
    out.put::<N>(Anchor::ColonChain, next);
    let pairs = hex(1) & hex(2) & hex(4) & hex(5);
    out.put::<N>(
        Anchor::ColonStride,
        is_colon & colon(3) & colon(6) & colon(9) & colon(12) & pairs & !colon(15),
    );

    out.put::<N>(Anchor::Flag, here(&m.word) & dash(1) & dash(2) & !dash(3));
    let is_dash = here(&m.dash);
    out.put::<N>(
        Anchor::DashStride,
        is_dash & dash(3) & dash(6) & dash(9) & dash(12) & hex(1) & hex(2),
    );
    out.put::<N>(
        Anchor::GuidDashes,
        is_dash & dash(5) & dash(10) & dash(15) & hex(1) & hex(6),
    );
    out.put::<N>(Anchor::ImeiDashes, is_dash & dash(7) & dash(14));

    let run2 = is_digit & digit(1);
    let run3 = run2 & digit(2);
    keep(&mut c.run2, run2);
    keep(&mut c.run3, run3);
    let run4 = run2 & back(&c.run2, 2);
    keep(&mut c.run4, run4);
    let run6 = run4 & back(&c.run2, 4);
    keep(&mut c.run6, run6);
    let run8 = run4 & back(&c.run4, 4);
    keep(&mut c.run8, run8);
    let run11 = run8 & back(&c.run3, 8);
    keep(&mut c.run11, run11);
    let run14 = run8 & back(&c.run6, 8);
    keep(&mut c.run14, run14);
    let run16 = run8 & back(&c.run8, 8);
    keep(&mut c.run16, run16);
    out.put::<N>(Anchor::Degrees, here(&m.dot) & back(&c.run4, 1));
    out.put::<N>(Anchor::Year, is_colon & back(&c.run4, 1));
    let sixth = run6 & !back(&c.run6, 1);
    out.put::<N>(Anchor::Run6, sixth);
    out.put::<N>(Anchor::Lettered, sixth & back(&m.upper, 6));
    out.put::<N>(
        Anchor::Run11,
        !is_digit & back(&c.run11, 1) & !back(&c.run11, 2),
    );
    out.put::<N>(Anchor::Digits, run14 & !back(&c.run14, 1));
    out.put::<N>(
        Anchor::Run17,
        is_digit & back(&c.run16, 1) & !back(&c.run16, 2),
    );
    out.put::<N>(
        Anchor::Capitals,
        run2 & back(&m.upper, 2) & back(&m.upper, 3),
    );
    keep(&mut c.gap, here(&m.space) | is_dash);
    let gap = |n| back(&c.gap, n);
    out.put::<N>(Anchor::Group4, run4 & gap(4) & digit(5));
    let three = |n| back(&c.run3, n);
    out.put::<N>(
        Anchor::Groups3,
        run3 & gap(3) & three(4) & gap(7) & three(8),
    );
    out.put::<N>(Anchor::Fraction, run4 & back(&m.dot, 4));
}
