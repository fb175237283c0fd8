//! Thirty-two bytes an instruction.

use std::arch::x86_64::*;
use std::ops::{BitAnd, BitOr, Not};

use super::super::gate::{ENDS, End};
use super::super::shapes::Wide;
use super::{
    Anchor, Anchors, BLOCK, BLOCKS, Blocks, Bytes, Chains, DEPTH, Fingerprints, LEAD, LOOKS, Lanes,
    Masks, Places, shapes,
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
    classify(prints, bytes, masks, anchors.wants(&[Anchor::Literal]));
    shapes::<Two>(masks, chains, anchors);
}

/// The same as [`super::list`], whose bits are counted and cleared by one instruction each.
#[target_feature(enable = "avx2,bmi1,popcnt")]
pub(super) fn list(masks: &Blocks, blocks: u64, places: &mut Places) -> usize {
    super::list(masks, blocks, places)
}

/// The same as [`super::fold`].
#[target_feature(enable = "avx2")]
pub(super) fn fold(ends: &mut [End; ENDS]) {
    super::fold(ends);
}

/// Eight masks in two registers.
#[derive(Clone, Copy)]
struct Two(__m256i, __m256i);

impl Two {
    /// The masks of eight blocks from `from` (0 or 1) on.
    #[inline(always)]
    fn load(lanes: &Lanes, from: usize) -> Self {
        let lanes = lanes.as_ptr().cast::<u64>();
        // SAFETY: there are nine lanes, of which four are read from 0 or 1 and from 4 or 5 on, by unaligned loads;
        // here and below only `pass` has this type used, whose caller has detected the feature.
        unsafe {
            let lanes = lanes.add(from.min(1));
            Self(
                _mm256_loadu_si256(lanes.cast()),
                _mm256_loadu_si256(lanes.add(4).cast()),
            )
        }
    }
}

impl Wide for Two {
    #[inline(always)]
    fn here(lanes: &Lanes) -> Self {
        Self::load(lanes, 1)
    }

    #[inline(always)]
    fn back(lanes: &Lanes, n: u32) -> Self {
        let (here, before) = (Self::load(lanes, 1), Self::load(lanes, 0));
        // SAFETY: as above; no memory is touched.
        unsafe {
            let up = _mm_cvtsi32_si128(n.cast_signed());
            let down = _mm_cvtsi32_si128(64u32.wrapping_sub(n).cast_signed());
            Self(
                _mm256_or_si256(
                    _mm256_sll_epi64(here.0, up),
                    _mm256_srl_epi64(before.0, down),
                ),
                _mm256_or_si256(
                    _mm256_sll_epi64(here.1, up),
                    _mm256_srl_epi64(before.1, down),
                ),
            )
        }
    }

    #[inline(always)]
    fn store(self, to: &mut [u64; BLOCKS]) -> u8 {
        // SAFETY: as above; eight masks are 64 bytes, of which 32 are written at offsets 0 and 32 by unaligned stores.
        let zero = unsafe {
            let to = to.as_mut_ptr().cast::<__m256i>();
            _mm256_storeu_si256(to, self.0);
            _mm256_storeu_si256(to.add(1), self.1);
            let none = _mm256_setzero_si256();
            let low = _mm256_castsi256_pd(_mm256_cmpeq_epi64(self.0, none));
            let high = _mm256_castsi256_pd(_mm256_cmpeq_epi64(self.1, none));
            _mm256_movemask_pd(low) | _mm256_movemask_pd(high) << 4
        };
        !(zero.cast_unsigned() as u8)
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        // SAFETY: as above; no memory is touched.
        unsafe {
            let all = _mm256_or_si256(self.0, self.1);
            _mm256_testz_si256(all, all) == 1
        }
    }
}

impl BitAnd for Two {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe {
            Self(
                _mm256_and_si256(self.0, other.0),
                _mm256_and_si256(self.1, other.1),
            )
        }
    }
}

impl BitOr for Two {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe {
            Self(
                _mm256_or_si256(self.0, other.0),
                _mm256_or_si256(self.1, other.1),
            )
        }
    }
}

impl Not for Two {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe {
            let all = _mm256_set1_epi64x(-1);
            Self(_mm256_xor_si256(self.0, all), _mm256_xor_si256(self.1, all))
        }
    }
}

#[target_feature(enable = "avx2,bmi1")]
fn classify(prints: &Fingerprints, bytes: &Bytes, masks: &mut Masks, literals: bool) {
    let mut looks = [[(_mm256_setzero_si256(), _mm256_setzero_si256()); DEPTH]; LOOKS];
    for (look, of) in looks.iter_mut().zip(&prints.looks) {
        for (tables, (low, high)) in look.iter_mut().zip(of.low.iter().zip(&of.high)) {
            *tables = (table(low), table(high));
        }
    }
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
            if !literals {
                break;
            }
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
                for (buckets, look) in buckets.iter_mut().zip(&looks) {
                    let Some((low, high)) = look.get(distance) else {
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
            bracket = equal(low, high, b']');
            end = equal(low, high, b'\n') | equal(low, high, 0);
            literal = !join(none[0], none[1]);
        }
    }
}

/// A table of sixteen bytes, for either half.
#[target_feature(enable = "avx2")]
fn table(row: &[u8; 16]) -> __m256i {
    // SAFETY: a row is sixteen bytes, and the load is an unaligned one.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(row.as_ptr().cast()) })
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
