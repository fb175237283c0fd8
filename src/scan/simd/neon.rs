//! Sixteen bytes an instruction, four of them a block; a byte's classes by a look into a table of 128 (TBL, TBX).

use std::arch::aarch64::*;

use super::{
    Anchors, BLOCK, Bit, Bytes, Chains, DEPTH, FIRST, Fingerprints, LEAD, LOOKS, Masks, Plain,
    SECOND, blocks, shapes,
};

/// Bytes in a register.
const LANE: usize = 16;

/// A block.
type Block = [uint8x16_t; BLOCK / LANE];

/// The same as [`super::portable`].
pub(super) fn pass(
    prints: &Fingerprints,
    bytes: &Bytes,
    groups: usize,
    masks: &mut Masks,
    chains: &mut Chains,
    anchors: &mut Anchors,
) {
    masks.carry();
    // SAFETY: every processor of this architecture has NEON.
    unsafe { classify(prints, bytes, groups, masks) };
    shapes::<Plain>(masks, groups, chains, anchors);
}

#[target_feature(enable = "neon")]
fn classify(prints: &Fingerprints, bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let halves = |halves: &[[u8; BLOCK]; 2]| {
        let [low, high] = halves.each_ref().map(|half| load(half));
        [table(low), table(high)]
    };
    let (first, second) = (halves(&FIRST), halves(&SECOND));
    let rows = |rows: &[[u8; LANE]; DEPTH]| rows.each_ref().map(|row| lane(row));
    let looks = prints.looks.each_ref();
    let looks = looks.map(|look| (rows(&look.low), rows(&look.high)));
    for (n, block) in blocks(bytes, groups).enumerate() {
        let here = load(block);
        // Beyond ASCII the tables say nothing: there a byte is a word's and nothing else.
        let beyond = join(here.map(|b| vcgeq_u8(b, vdupq_n_u8(0x80))));
        let (a, b) = (look_up(first, here), look_up(second, here));
        let of = |bit: Bit| {
            let bit = bit as u32;
            let (classes, bit) = if bit < 8 {
                (a, bit)
            } else {
                (b, bit.wrapping_sub(8))
            };
            join(classes.map(|classes| vtstq_u8(classes, vdupq_n_u8(1 << bit))))
        };
        let mut literal: Block = [vdupq_n_u8(0); BLOCK / LANE];
        for (part, any) in literal.iter_mut().enumerate() {
            let mut buckets = [vdupq_n_u8(u8::MAX); LOOKS];
            for distance in 0..DEPTH {
                let offset = n
                    .wrapping_mul(BLOCK)
                    .wrapping_add(part.wrapping_mul(LANE))
                    .wrapping_add(LEAD)
                    .wrapping_sub(distance);
                // SAFETY: `n` counts the blocks of a window and `part` below 4, so `offset` is at most LEAD + WINDOW - 16, and 16
                // bytes may be read there of the LEAD + WINDOW.
                let bytes = unsafe { vld1q_u8(bytes.as_ptr().add(offset)) };
                let lower = vandq_u8(bytes, vdupq_n_u8(15));
                let upper = vshrq_n_u8::<4>(bytes);
                for (buckets, (low, high)) in buckets.iter_mut().zip(&looks) {
                    let (Some(low), Some(high)) = (low.get(distance), high.get(distance)) else {
                        continue;
                    };
                    let may = vandq_u8(vqtbl1q_u8(*low, lower), vqtbl1q_u8(*high, upper));
                    *buckets = vandq_u8(*buckets, may);
                }
            }
            let none = vdupq_n_u8(0);
            let all = buckets.iter().fold(none, |all, some| vorrq_u8(all, *some));
            *any = vtstq_u8(all, all);
        }
        let lane = n.wrapping_add(1);
        macro_rules! put {
            ($($name:ident = $value:expr;)+) => {
                $(if let Some(mask) = masks.$name.get_mut(lane) { *mask = $value; })+
            };
        }
        put! {
            digit = of(Bit::digit);
            hex = of(Bit::hex);
            word = of(Bit::word) | beyond;
            letter = of(Bit::letter);
            upper = of(Bit::upper);
            dot = of(Bit::dot);
            colon = of(Bit::colon);
            dash = of(Bit::dash);
            at = of(Bit::at);
            equals = of(Bit::equals);
            greater = of(Bit::greater);
            plus = of(Bit::plus);
            space = of(Bit::space);
            backslash = of(Bit::backslash);
            close = of(Bit::close);
            end = of(Bit::end);
            bracket = join(here.map(|b| vceqq_u8(b, vdupq_n_u8(b']'))));
            literal = join(literal);
        }
    }
}

/// For each byte below 128 its entry in a table of two halves, for others zero.
#[target_feature(enable = "neon")]
fn look_up([low, high]: [uint8x16x4_t; 2], bytes: Block) -> Block {
    // Both leave out what is not below 64.
    bytes.map(|b| vqtbx4q_u8(vqtbl4q_u8(low, b), high, vsubq_u8(b, vdupq_n_u8(64))))
}

/// A bit for each byte, all of whose bits are alike: weighed by their place among eight, then added in pairs.
#[target_feature(enable = "neon")]
fn join(block: Block) -> u64 {
    const WEIGHTS: [u8; LANE] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
    let weights = lane(&WEIGHTS);
    let [a, b, c, d] = block.map(|bytes| vandq_u8(bytes, weights));
    let sums = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)))
}

#[target_feature(enable = "neon")]
fn lane(bytes: &[u8; LANE]) -> uint8x16_t {
    // SAFETY: an array of sixteen bytes is read whole; the load asks for no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn load(block: &[u8; BLOCK]) -> Block {
    // SAFETY: an array of 64 bytes is read in four parts of sixteen; the loads ask for no alignment.
    std::array::from_fn(|part| unsafe { vld1q_u8(block.as_ptr().add(part.wrapping_mul(LANE))) })
}

#[target_feature(enable = "neon")]
fn table([a, b, c, d]: Block) -> uint8x16x4_t {
    uint8x16x4_t(a, b, c, d)
}
