//! Byte classes, literal fingerprints and shapes of a window of blocks, as bit masks: bit `i` of a block speaks of
//! its byte `i`.
//!
//! The one module with `unsafe`: AVX-512, AVX2 and NEON, which [`portable`] proves (the tests hold them together over
//! every byte value, every lane and random literals). The shapes have one source, compiled for each.

#![allow(
    unsafe_code,
    reason = "calls into target-feature functions and their unaligned loads"
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod prints;

pub(crate) use prints::Fingerprints;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use prints::LOOKS;

use super::gate::{Fold, fold};
use super::shapes::{Anchors, Chains, List, Plain, list, shapes};

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// Blocks in a group, whose shapes are found together.
pub(crate) const BLOCKS: usize = 8;

/// Bytes in a group.
pub(crate) const GROUP: usize = BLOCK * BLOCKS;

/// Groups in a window, which is classified as a whole before its shapes are looked for: masks that were written a
/// moment ago byte by byte cannot be read in wide registers without waiting.
pub(crate) const GROUPS: usize = 4;

/// Bytes in a window.
pub(crate) const WINDOW: usize = GROUP * GROUPS;

/// The last block of a window.
const LAST: usize = BLOCKS * GROUPS;

/// One class over a window: a mask for each block, and in front of them that of the block before.
pub(crate) type Lanes = [u64; LAST + 1];

/// Bytes of a literal's end that its fingerprint is of.
pub(crate) const DEPTH: usize = 4;

/// Bytes that stand in front of a window, so that fingerprints reach back over it.
pub(crate) const LEAD: usize = DEPTH - 1;

/// A window and what stands in front of it.
pub(crate) type Bytes = [u8; LEAD + WINDOW];

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident: $pattern:pat,)+) => {
        /// The classes of a window.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub(crate) struct Masks {
            $($(#[$doc])* pub(crate) $name: Lanes,)+
            /// Where a literal may end.
            pub(crate) literal: Lanes,
        }

        impl Default for Masks {
            fn default() -> Self {
                Self { $($name: [0; LAST + 1],)+ literal: [0; LAST + 1] }
            }
        }

        impl Masks {
            /// Nothing stands in front of the next window.
            pub(crate) fn begin(&mut self) {
                $(self.$name[LAST] = 0;)+
                self.literal[LAST] = 0;
            }

            /// The last block becomes the one before.
            #[inline(always)]
            fn carry(&mut self) {
                $(self.$name[0] = self.$name[LAST];)+
                self.literal[0] = self.literal[LAST];
            }
        }

        #[allow(non_camel_case_types, reason = "the bits of the fields above")]
        enum Bit { $($name,)+ }

        /// Classes of a byte: bit `Bit::x` of its entry.
        const CLASSES: [u32; 256] = {
            let mut table = [0u32; 256];
            let mut b = 0usize;
            while b < 256 {
                #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "b is below 256")]
                {
                    $(if matches!(b as u8, $pattern) { table[b] |= 1 << Bit::$name as u32; })+
                }
                b += 1;
            }
            table
        };

        /// The scalar twin, of one block.
        fn classes(block: &[u8; BLOCK], masks: &mut Masks, lane: usize) {
            let mut planes = [[0; BLOCK]; 3];
            let [first, second, third] = &mut planes;
            let planes_of = first.iter_mut().zip(second).zip(third);
            for (byte, ((first, second), third)) in block.iter().zip(planes_of) {
                let bits = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
                [*first, *second, *third, _] = bits.to_le_bytes();
            }
            $(if let Some(mask) = masks.$name.get_mut(lane) {
                let bit = Bit::$name as u32;
                *mask = planes.get((bit / 8) as usize).map_or(0, |plane| gathered(plane, bit % 8));
            })+
        }
    };
}

/// The bit of each byte, in the order of the bytes.
fn gathered(plane: &[u8; BLOCK], bit: u32) -> u64 {
    /// Each byte's lowest bit is moved to its own place in the highest byte.
    const PLACES: u64 = 0x0102_0408_1020_4080;
    let eights = plane.as_chunks::<8>().0.iter().rev();
    eights.fold(0, |mask, eight| {
        let bits = u64::from_le_bytes(*eight) >> bit & 0x0101_0101_0101_0101;
        mask << 8 | bits.wrapping_mul(PLACES) >> 56
    })
}

classes! {
    digit: b'0'..=b'9',
    hex: b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F',
    /// Letters, digits, `_` and everything beyond ASCII.
    word: b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..,
    upper: b'A'..=b'Z',
    /// Letters that are no hexadecimal digits.
    letter: b'g'..=b'z' | b'G'..=b'Z',
    dot: b'.',
    colon: b':',
    dash: b'-',
    at: b'@',
    equals: b'=',
    greater: b'>',
    plus: b'+',
    space: b' ',
    backslash: b'\\',
    /// What may stand between a key and its border.
    close: b'"' | b'\'' | b' ' | b'\t',
    /// What ends a record.
    end: b'\n' | 0,
    /// Closes the last part of a key such as `user[name]`.
    bracket: b']',
}

/// Half a table of 128 bytes, of ASCII: the eight classes from `shift` on of the bytes from `from` on.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const fn half(shift: u32, from: usize) -> [u8; BLOCK] {
    let mut bytes = [0u8; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        #[allow(
            clippy::indexing_slicing,
            clippy::arithmetic_side_effects,
            reason = "`from` is 0 or 64, so the index stays below 128"
        )]
        {
            bytes[i] = (CLASSES[from + i] >> shift & 0xFF) as u8;
            i += 1;
        }
    }
    bytes
}

/// The first eight classes and the second, for one look into a table.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static FIRST: [[u8; BLOCK]; 2] = [half(0, 0), half(0, BLOCK)];
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static SECOND: [[u8; BLOCK]; 2] = [half(8, 0), half(8, BLOCK)];

/// Classifies a window, or the groups in front that `groups` counts, carries its masks on from the one before and finds
/// the shapes in it. Only a batch's last window may be of less than [`GROUPS`].
pub(crate) type Pass = fn(&Fingerprints, &Bytes, usize, &mut Masks, &mut Chains, &mut Anchors);

/// A pass, how its anchors are listed, and how the ends of keys are folded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) pass: Pass,
    pub(crate) list: List,
    pub(crate) fold: Fold,
}

/// The scalar twin of all of it.
pub(crate) const PORTABLE: Way = Way {
    pass: portable,
    list,
    fold,
};

/// The fastest way that this processor has.
pub(crate) fn best() -> Way {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vbmi")
            && std::arch::is_x86_feature_detected!("avx512vbmi2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("popcnt")
        {
            return Way {
                pass: |prints, bytes, groups, masks, chains, anchors| {
                    // SAFETY: the features were detected on this processor just before this closure was chosen.
                    unsafe { avx512::pass(prints, bytes, groups, masks, chains, anchors) }
                },
                list: |masks, blocks, places| {
                    // SAFETY: the same.
                    unsafe { avx512::list(masks, blocks, places) }
                },
                fold: |ends| {
                    // SAFETY: the same.
                    unsafe { avx512::fold(ends) }
                },
            };
        }
        if let Some(way) = avx2() {
            return way;
        }
    }
    // Every processor of this architecture has it.
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    return Way {
        pass: neon::pass,
        list,
        fold,
    };
    #[cfg(not(all(target_arch = "aarch64", target_endian = "little")))]
    PORTABLE
}

/// Every way that this processor has, the scalar twin too.
pub(crate) fn ways() -> Vec<Way> {
    #[cfg(target_arch = "x86_64")]
    let also = avx2();
    #[cfg(not(target_arch = "x86_64"))]
    let also = None;
    [best(), PORTABLE].into_iter().chain(also).collect()
}

/// The AVX2 way, where the processor has it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn avx2() -> Option<Way> {
    let detected = std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt");
    detected.then_some(Way {
        pass: |prints, bytes, groups, masks, chains, anchors| {
            // SAFETY: the closure is given away only where the features were detected on this processor.
            unsafe { avx2::pass(prints, bytes, groups, masks, chains, anchors) }
        },
        list: |masks, blocks, places| {
            // SAFETY: the same.
            unsafe { avx2::list(masks, blocks, places) }
        },
        fold: |ends| {
            // SAFETY: the same.
            unsafe { avx2::fold(ends) }
        },
    })
}

/// The scalar twin.
pub(crate) fn portable(
    prints: &Fingerprints,
    bytes: &Bytes,
    groups: usize,
    masks: &mut Masks,
    chains: &mut Chains,
    anchors: &mut Anchors,
) {
    masks.carry();
    for (n, block) in blocks(bytes, groups).enumerate() {
        let lane = n.wrapping_add(1);
        classes(block, masks, lane);
        let lead = bytes.get(n.wrapping_mul(BLOCK)..).unwrap_or_default();
        let ends = lead.windows(DEPTH).take(BLOCK).rev();
        if let Some(mask) = masks.literal.get_mut(lane) {
            *mask = ends.fold(0, |mask, end| mask << 1 | u64::from(prints.may(end)));
        }
    }
    shapes::<Plain>(masks, groups, chains, anchors);
}

/// The blocks of the groups in front.
#[inline(always)]
fn blocks(bytes: &Bytes, groups: usize) -> impl Iterator<Item = &[u8; BLOCK]> {
    let (_, body) = bytes.split_at(LEAD);
    let blocks = body.as_chunks::<BLOCK>().0;
    blocks.iter().take(groups.wrapping_mul(BLOCKS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::shapes::{Anchor, Blocks, FEW, Places, STRETCH, WINDOWS};
    use super::*;

    fn run(pass: Pass, prints: &Fingerprints, text: &[u8]) -> (Masks, Vec<Anchors>) {
        wanted(u64::MAX, pass, prints, text)
    }

    fn wanted(set: u64, pass: Pass, prints: &Fingerprints, text: &[u8]) -> (Masks, Vec<Anchors>) {
        let (mut masks, mut chains) = (Masks::default(), Chains::default());
        let all = text.windows(LEAD + WINDOW).step_by(WINDOW).map(|bytes| {
            let mut anchors = Anchors::default();
            anchors.begin(set);
            let bytes = bytes.first_chunk().unwrap();
            pass(prints, bytes, GROUPS, &mut masks, &mut chains, &mut anchors);
            anchors
        });
        let all = all.collect();
        (masks, all)
    }

    /// Which strangers pass the fingerprints is a way's own matter.
    fn without_literals((mut masks, mut anchors): (Masks, Vec<Anchors>)) -> (Masks, Vec<Anchors>) {
        masks.literal = [0; LAST + 1];
        anchors.iter_mut().for_each(|a| a.clear(Anchor::Literal));
        (masks, anchors)
    }

    #[test]
    fn every_byte_in_every_lane_is_classified_alike() {
        let prints = Fingerprints::new([&b"user "[..], b"eyJ", b"x"].into_iter());
        for Way { pass, .. } in ways() {
            for shift in 0..=u8::MAX {
                let mut text = [0; LEAD + WINDOW];
                for (byte, i) in text.iter_mut().zip(0usize..) {
                    *byte = (i % 256) as u8 ^ shift;
                }
                let [fast, slow] =
                    [pass, portable].map(|p| without_literals(run(p, &prints, &text)));
                assert_eq!(fast, slow);
            }
        }
    }

    proptest! {
        #[test]
        fn lists_agree(masks in prop::collection::vec(prop_oneof![Just(0u64), any::<u64>(), Just(u64::MAX), (0..64u32).prop_map(|n| 1 << n)], BLOCKS * GROUPS * WINDOWS)) {
            let masks: Blocks = masks.try_into().unwrap();
            let blocks = (0..masks.len()).fold(0, |all, n| all | u64::from(masks[n] != 0) << n);
            let run = |list: List| {
                let mut places: Places = [0; STRETCH + BLOCK];
                let count = list(&masks, blocks, &mut places);
                places[..count].to_vec()
            };
            prop_assert_eq!(run(best().list), run(list));
            #[cfg(target_arch = "x86_64")]
            if let Some(way) = avx2() {
                prop_assert_eq!(run(way.list), run(list));
            }
        }

        #[test]
        fn passes_agree_and_miss_no_literal(
            literals in prop::collection::vec("[a-d:= \u{e9}]{1,6}", 1..40),
            text in r#"([a-f0-9:= \u{e9}.@'"-]{1,8}|\n|[A-Z]{2}[0-9]{6}|([0-9]{4}[ -]){3}){1200}"#,
        ) {
            let prints = Fingerprints::new(literals.iter().map(|l| l.as_bytes()));
            let text = &text.as_bytes()[..(LEAD + 2 * WINDOW).min(text.len())];
            prop_assume!(text.len() >= LEAD + WINDOW);
            let slow = without_literals(run(portable, &prints, text));
            for Way { pass, .. } in ways() {
                prop_assert_eq!(&without_literals(run(pass, &prints, text)), &slow);
                let few = |pass| without_literals(wanted(FEW, pass, &prints, text)).1;
                prop_assert_eq!(few(pass), few(portable));
                let masks = run(pass, &prints, &text[..LEAD + WINDOW]).0;
                for at in LEAD..LEAD + WINDOW {
                    if literals.iter().any(|l| text[..=at].ends_with(l.as_bytes())) {
                        let bit = masks.literal[(at - LEAD) / BLOCK + 1] >> ((at - LEAD) % BLOCK) & 1;
                        prop_assert_eq!(bit, 1);
                    }
                }
            }
        }
    }
}
