//! Sixty-four bytes an instruction; a byte's classes by one look into a table of 128 (VBMI).

use std::arch::x86_64::*;

use super::super::gate::{ENDS, End};
use super::super::shapes::{Blocks, Places};
use super::{
    Anchors, BLOCK, BLOCKS, Bit, Bytes, Chains, DEPTH, FIRST, Fingerprints, LEAD, LOOKS, Masks,
    Nonzero, Plain, SECOND, blocks, shapes,
};

/// The same as [`super::portable`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
pub(super) fn pass(
    prints: &Fingerprints,
    bytes: &Bytes,
    groups: usize,
    masks: &mut Masks,
    chains: &mut Chains,
    anchors: &mut Anchors,
) {
    masks.carry();
    classify(prints, bytes, groups, masks);
    shapes::<Plain<One>>(masks, groups, chains, anchors);
}

/// The same as [`super::fold`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn fold(ends: &mut [End; ENDS]) {
    super::fold(ends);
}

/// Eight masks in one register.
#[derive(Clone, Copy)]
struct One;

impl Nonzero for One {
    #[inline(always)]
    fn nonzero(masks: &[u64; BLOCKS]) -> u8 {
        // SAFETY: only `pass` calls this, whose caller has detected the features; eight masks are 64 bytes, read
        // whole by an unaligned load.
        unsafe {
            let masks = _mm512_loadu_si512(masks.as_ptr().cast());
            _mm512_test_epi64_mask(masks, masks)
        }
    }
}

/// The same as [`super::list`]: the set bits of a block by one compression, whatever their number.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
pub(super) fn list(masks: &Blocks, mut blocks: u64, places: &mut Places) -> usize {
    const NUMBERS: [u8; BLOCK] = {
        let mut numbers = [0u8; BLOCK];
        let mut n = 0u8;
        while (n as usize) < BLOCK {
            #[allow(clippy::indexing_slicing, reason = "n is below the length")]
            {
                numbers[n as usize] = n;
            }
            n = n.wrapping_add(1);
        }
        numbers
    };
    let numbers = load(&NUMBERS);
    let mut count = 0usize;
    while blocks != 0 {
        let block = blocks.trailing_zeros();
        blocks &= blocks.wrapping_sub(1);
        let mask = masks.get(block as usize).copied().unwrap_or(0);
        let base = _mm512_set1_epi16((block.wrapping_mul(64) as u16).cast_signed());
        let bits = _mm512_maskz_compress_epi8(mask, numbers);
        let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bits));
        let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(bits));
        if let Some(to) = places
            .get_mut(count..)
            .and_then(<[u16]>::first_chunk_mut::<BLOCK>)
        {
            // SAFETY: `to` is 64 places of two bytes, and the stores are unaligned ones of half of them each.
            unsafe {
                let to = to.as_mut_ptr().cast::<__m512i>();
                _mm512_storeu_si512(to, _mm512_add_epi16(low, base));
                _mm512_storeu_si512(to.add(1), _mm512_add_epi16(high, base));
            }
        }
        count = count.wrapping_add(mask.count_ones() as usize);
    }
    count
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
fn classify(prints: &Fingerprints, bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let halves = |halves: &[[u8; BLOCK]; 2]| halves.each_ref().map(|half| load(half));
    let looks = prints.looks.each_ref();
    let looks = looks.map(|look| look.six.each_ref().map(|six| load(six)));
    let (first, second) = (halves(&FIRST), halves(&SECOND));
    for (n, block) in blocks(bytes, groups).enumerate() {
        let lane = n.wrapping_add(1);
        let here = load(block);
        // The tables are of ASCII: beyond it a byte is a word's and nothing else.
        let beyond = _mm512_movepi8_mask(here);
        let a = _mm512_maskz_permutex2var_epi8(!beyond, first[0], here, first[1]);
        let b = _mm512_maskz_permutex2var_epi8(!beyond, second[0], here, second[1]);
        let mut buckets = [_mm512_set1_epi8(-1); LOOKS];
        for distance in 0..DEPTH {
            let offset = n
                .wrapping_mul(BLOCK)
                .wrapping_add(LEAD)
                .wrapping_sub(distance);
            // SAFETY: `n` counts the blocks of a window, so `offset` is at most LEAD + WINDOW - 64, and 64 bytes may be read there
            // of the LEAD + WINDOW.
            let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().add(offset).cast()) };
            // Only the low six bits of a byte are looked at.
            for (buckets, rows) in buckets.iter_mut().zip(&looks) {
                let Some(row) = rows.get(distance) else {
                    continue;
                };
                let here = _mm512_permutexvar_epi8(bytes, *row);
                *buckets = _mm512_and_si512(*buckets, here);
            }
        }
        let none = _mm512_setzero_si512();
        let buckets = buckets
            .iter()
            .fold(none, |all, some| _mm512_or_si512(all, *some));
        let of = |bit: Bit| {
            let bit = bit as u32;
            let (classes, bit) = if bit < 8 {
                (a, bit)
            } else {
                (b, bit.wrapping_sub(8))
            };
            _mm512_test_epi8_mask(classes, _mm512_set1_epi8((1u8 << bit).cast_signed()))
        };
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
            quote = of(Bit::quote);
            end = of(Bit::end);
            bracket = _mm512_cmpeq_epi8_mask(here, _mm512_set1_epi8(b']'.cast_signed()));
            literal = _mm512_test_epi8_mask(buckets, buckets);
        }
    }
}

#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; BLOCK]) -> __m512i {
    // SAFETY: an array of 64 bytes is read whole, and the load is an unaligned one.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
