//! The places that detectors are asked about, and where a stretch has them.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "each index is below its array's constant length; a check for each would be the cost of the pass"
)]

use super::super::simd::{BLOCK, BLOCKS, GROUPS, WINDOW};
use super::wide::Wide;

/// Windows whose anchors are walked together: the walk of a kind costs a branch or two that no processor
/// foresees, and most kinds have less than one place in a window.
pub(in crate::scan) const WINDOWS: usize = 2;

/// Bytes of those windows.
pub(in crate::scan) const STRETCH: usize = WINDOW * WINDOWS;

/// The masks of a stretch.
pub(in crate::scan) type Blocks = [u64; BLOCKS * GROUPS * WINDOWS];

/// Room for every byte of a stretch, and for what a [`List`] writes beyond the last.
pub(in crate::scan) type Places = [u16; STRETCH + BLOCK];

/// Lists the set bits of the masks whose own bit is set; how many there are.
pub(in crate::scan) type List = fn(&Blocks, u64, &mut Places) -> usize;

/// Where they lie is not what is branched on, only how many a block has.
#[inline(always)]
pub(in crate::scan) fn list(masks: &Blocks, mut blocks: u64, places: &mut Places) -> usize {
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
pub(in crate::scan) const SHORT_BYTES_MAX: usize = 96;

macro_rules! anchors {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A place that detectors are asked about.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Anchor { $($(#[$doc])* $name,)+ }
        impl Anchor {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The set of it alone.
            pub(in crate::scan) const fn bit(self) -> u64 {
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
    /// A backslash behind three capitals, digits, dashes or dots.
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

/// What is made of digits, letters, dots, colons, dashes and literals alone, a bit each.
pub(in crate::scan) const FEW: u64 = {
    const ANCHORS: &[Anchor] = &[
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
    let (mut bits, mut n) = (0, 0);
    while n < ANCHORS.len() {
        bits |= ANCHORS[n].bit();
        n += 1;
    }
    bits
};

/// What a stretch has of each anchor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Anchors {
    /// Blocks that have none are not written.
    masks: [Blocks; Anchor::ALL.len()],
    /// The blocks that have one, a bit each.
    blocks: [u64; Anchor::ALL.len()],
    /// The group at hand.
    pub(super) group: usize,
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
    pub(in crate::scan) fn begin(&mut self, wanted: u64) {
        self.blocks = [0; Anchor::ALL.len()];
        self.group = 0;
        self.wanted = wanted;
    }

    /// Whether one of these is asked for.
    #[inline(always)]
    pub(in crate::scan) fn wants(&self, any: &[Anchor]) -> bool {
        any.iter().any(|anchor| self.wanted & anchor.bit() != 0)
    }

    /// Whether all that is asked for is made of digits, letters, dots, colons, dashes and literals: no other class is
    /// looked at then.
    #[inline(always)]
    pub(in crate::scan) const fn wants_few(&self) -> bool {
        self.wanted & !FEW == 0
    }

    #[inline(always)]
    pub(super) fn put<W: Wide>(&mut self, anchor: Anchor, wide: W) {
        let from = self.group % (GROUPS * WINDOWS) * BLOCKS;
        if let Some(to) = self.masks[anchor as usize][from..].first_chunk_mut() {
            self.blocks[anchor as usize] |= u64::from(wide.store(to)) << from;
        }
    }

    /// The same of one that few groups have.
    #[inline(always)]
    pub(super) fn put_rare<W: Wide>(&mut self, anchor: Anchor, wide: W) {
        if !wide.is_none() {
            self.put(anchor, wide);
        }
    }

    /// Writes the bytes of the stretch that have the anchor into `places`, in order; how many there are.
    #[inline(always)]
    pub(in crate::scan) fn list(&self, list: List, anchor: Anchor, places: &mut Places) -> usize {
        let blocks = self.blocks[anchor as usize];
        list(&self.masks[anchor as usize], blocks, places)
    }

    /// As if the anchor was nowhere.
    #[cfg(test)]
    pub(in crate::scan) fn clear(&mut self, anchor: Anchor) {
        self.blocks[anchor as usize] = 0;
        self.masks[anchor as usize] = [0; BLOCKS * GROUPS * WINDOWS];
    }

    /// Whether the anchor is anywhere in the stretch.
    #[inline(always)]
    pub(in crate::scan) const fn has(&self, anchor: Anchor) -> bool {
        self.blocks[anchor as usize] != 0
    }
}
