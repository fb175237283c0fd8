//! Masks of a group of blocks in whatever registers a processor has.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "each index is below its array's constant length; a check for each would be the cost of the pass"
)]

use std::ops::{BitAnd, BitOr, Not};

use super::super::simd::{BLOCKS, GROUPS, Lanes};

/// A mask for each block of a group.
pub(in crate::scan) type Group = [u64; BLOCKS];

/// A mask for each block of a group, in whatever registers a processor has.
pub(in crate::scan) trait Wide:
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
pub(in crate::scan) struct Row<W> {
    pub(in crate::scan) here: W,
    pub(in crate::scan) before: W,
}

impl<W: Wide> Row<W> {
    /// Where the byte `n` (1..64) before has a bit.
    #[inline(always)]
    pub(super) fn back(self, n: u32) -> W {
        self.here.up(self.before, n)
    }
}

/// Masks as numbers, which a compiler puts into registers.
#[derive(Clone, Copy)]
pub(in crate::scan) struct Plain(Group);

impl Wide for Plain {
    #[inline(always)]
    fn load(lanes: &Lanes, group: usize) -> Row<Self> {
        let (mut here, mut before) = ([0; BLOCKS], [0; BLOCKS]);
        let from = group % GROUPS * BLOCKS;
        here.copy_from_slice(&lanes[from + 1..][..BLOCKS]);
        before.copy_from_slice(&lanes[from..][..BLOCKS]);
        Row {
            here: Self(here),
            before: Self(before),
        }
    }

    #[inline(always)]
    fn before(self, last: &mut Group) -> Self {
        let mut before = [last[BLOCKS - 1]; BLOCKS];
        before[1..].copy_from_slice(&self.0[..BLOCKS - 1]);
        *last = self.0;
        Self(before)
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
        let bits = self.0.iter().zip(0u32..);
        bits.fold(0, |all, (mask, bit)| all | u8::from(*mask != 0) << bit)
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        self.0.iter().fold(0, |all, mask| all | mask) == 0
    }
}

impl BitAnd for Plain {
    type Output = Self;
    #[inline(always)]
    fn bitand(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] &= other.0[i];
        }
        self
    }
}

impl BitOr for Plain {
    type Output = Self;
    #[inline(always)]
    fn bitor(mut self, other: Self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] |= other.0[i];
        }
        self
    }
}

impl Not for Plain {
    type Output = Self;
    #[inline(always)]
    fn not(mut self) -> Self {
        for i in 0..BLOCKS {
            self.0[i] = !self.0[i];
        }
        self
    }
}
