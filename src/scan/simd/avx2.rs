//! Thirty-two bytes an instruction.

use std::arch::x86_64::*;

use super::{
    Anchors, BLOCK, BLOCKS, Blocks, Bytes, Chains, DEPTH, Fingerprints, LEAD, LOOKS, Masks,
    Nonzero, Places, shapes,
};

/// The same as [`super::portable`].
#[target_feature(enable = "avx2,bmi1")]
pub(super) fn pass(
    prints: &Fingerprints,
    bytes: &Bytes,
    masks: &mut Masks,
    chains: &mut Chains,
    anchors: &mut Anchors,
) {
    masks.carry();
    classify(prints, bytes, masks);
    shapes::<Wide>(masks, chains, anchors);
}

/// The same as [`super::list`], whose bits are counted and cleared by one instruction each.
#[target_feature(enable = "avx2,bmi1,popcnt")]
pub(super) fn list(masks: &Blocks, blocks: u64, places: &mut Places) -> usize {
    super::list(masks, blocks, places)
}

/// Four masks in a register.
struct Wide;

impl Nonzero for Wide {
    #[inline(always)]
    fn nonzero(masks: &[u64; BLOCKS]) -> u8 {
        // SAFETY: only `pass` calls this, whose caller has detected the feature; of the 64 bytes of eight masks 32
        // are read at offsets 0 and 32, by unaligned loads.
        let zero = unsafe {
            let half = |n: usize| {
                let half = _mm256_loadu_si256(masks.as_ptr().cast::<__m256i>().add(n));
                let zero = _mm256_cmpeq_epi64(half, _mm256_setzero_si256());
                _mm256_movemask_pd(_mm256_castsi256_pd(zero))
            };
            half(0) | half(1) << 4
        };
        !(zero.cast_unsigned() as u8)
    }
}

#[target_feature(enable = "avx2,bmi1")]
fn classify(prints: &Fingerprints, bytes: &Bytes, masks: &mut Masks) {
    let tables = |rows: &[[u8; 16]; DEPTH]| {
        rows.each_ref().map(|row| {
            // SAFETY: a row is sixteen bytes, and the load is an unaligned one.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(row.as_ptr().cast()) })
        })
    };
    let looks = prints.looks.each_ref();
    let looks = looks.map(|look| (tables(&look.low), tables(&look.high)));
    let nibble = _mm256_set1_epi8(15);
    let (_, body) = bytes.split_at(LEAD);
    for (n, block) in body.as_chunks::<BLOCK>().0.iter().enumerate() {
        let lane = n.wrapping_add(1);
        // SAFETY: a block is 64 bytes, so 32 may be read at offsets 0 and 32; the loads are unaligned ones.
        let (low, high) = unsafe {
            (
                _mm256_loadu_si256(block.as_ptr().cast()),
                _mm256_loadu_si256(block.as_ptr().add(32).cast()),
            )
        };
        macro_rules! put {
            ($($name:ident = $value:expr;)+) => {
                $(if let Some(mask) = masks.$name.get_mut(lane) { *mask = $value; })+
            };
        }
        let digit = within(low, high, b'0', 9);
        let fold = _mm256_set1_epi8(0x20);
        let (low_folded, high_folded) = (_mm256_or_si256(low, fold), _mm256_or_si256(high, fold));
        let beyond = join(low, high);
        let mut halves = [_mm256_setzero_si256(); 2];
        for (half, any) in halves.iter_mut().enumerate() {
            let mut buckets = [_mm256_set1_epi8(-1); LOOKS];
            for distance in 0..DEPTH {
                let offset = n
                    .wrapping_mul(BLOCK)
                    .wrapping_add(half.wrapping_mul(32))
                    .wrapping_add(LEAD)
                    .wrapping_sub(distance);
                // SAFETY: `n` is below BLOCKS and `half` below 2, so `offset` is at most LEAD + WINDOW - 32, and 32
                // bytes may be read there of the LEAD + WINDOW.
                let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().add(offset).cast()) };
                let lower = _mm256_and_si256(bytes, nibble);
                let upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
                for (buckets, (low, high)) in buckets.iter_mut().zip(&looks) {
                    let (Some(low), Some(high)) = (low.get(distance), high.get(distance)) else {
                        continue;
                    };
                    let low = _mm256_shuffle_epi8(*low, lower);
                    let high = _mm256_shuffle_epi8(*high, upper);
                    *buckets = _mm256_and_si256(*buckets, _mm256_and_si256(low, high));
                }
            }
            let [one, two] = buckets;
            *any = _mm256_or_si256(one, two);
        }
        let none = halves.map(|h| _mm256_cmpeq_epi8(h, _mm256_setzero_si256()));
        put! {
            digit = digit;
            hex = digit | within(low_folded, high_folded, b'a', 5);
            word = digit | within(low_folded, high_folded, b'a', 25) | equal(low, high, b'_') | beyond;
            letter = within(low_folded, high_folded, b'g', 19);
            upper = within(low, high, b'A', 25);
            dot = equal(low, high, b'.');
            colon = equal(low, high, b':');
            dash = equal(low, high, b'-');
            at = equal(low, high, b'@');
            equals = equal(low, high, b'=');
            greater = equal(low, high, b'>');
            plus = equal(low, high, b'+');
            space = equal(low, high, b' ');
            backslash = equal(low, high, b'\\');
            quote = equal(low, high, b'"') | equal(low, high, b'\'');
            end = equal(low, high, b'\n') | equal(low, high, 0);
            literal = !join(none[0], none[1]);
        }
    }
}

#[target_feature(enable = "avx2")]
fn join(low: __m256i, high: __m256i) -> u64 {
    let low = u64::from(_mm256_movemask_epi8(low).cast_unsigned());
    let high = u64::from(_mm256_movemask_epi8(high).cast_unsigned());
    low | high << 32
}

#[target_feature(enable = "avx2")]
fn equal(low: __m256i, high: __m256i, byte: u8) -> u64 {
    let wanted = _mm256_set1_epi8(byte.cast_signed());
    join(
        _mm256_cmpeq_epi8(low, wanted),
        _mm256_cmpeq_epi8(high, wanted),
    )
}

/// Bytes in `from..=from + width`.
#[target_feature(enable = "avx2")]
fn within(low: __m256i, high: __m256i, from: u8, width: u8) -> u64 {
    let from = _mm256_set1_epi8(from.cast_signed());
    let width = _mm256_set1_epi8(width.cast_signed());
    let low = _mm256_sub_epi8(low, from);
    let high = _mm256_sub_epi8(high, from);
    join(
        _mm256_cmpeq_epi8(_mm256_min_epu8(low, width), low),
        _mm256_cmpeq_epi8(_mm256_min_epu8(high, width), high),
    )
}
