//! Sixty-four bytes an instruction; a byte's classes by one look into a table of 128 (VBMI).

use std::arch::x86_64::*;
use std::ops::{BitAnd, BitOr, Not};

use super::super::gate::{ENDS, End};
use super::super::shapes::{Anchor, Blocks, Group, Places, Row, Wide};
use super::{
    Anchors, BLOCK, BLOCKS, Bit, Bytes, Chains, DEPTH, FIRST, Fingerprints, GROUPS, LEAD, Lanes,
    Masks, SECOND, blocks, shapes,
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
    match anchors.wants_few() {
        true => few(bytes, groups, masks),
        false => classify(bytes, groups, masks),
    }
    if anchors.wants(&[Anchor::Literal]) {
        fingerprints(prints, bytes, groups, masks);
    }
    shapes::<Eight>(masks, groups, chains, anchors);
}

/// The same as [`super::fold`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn fold(ends: &mut [End; ENDS]) {
    super::fold(ends);
}

/// Eight masks in one register.
#[derive(Clone, Copy)]
struct Eight(__m512i);

impl Wide for Eight {
    #[inline(always)]
    fn load(lanes: &Lanes, group: usize) -> Row<Self> {
        // SAFETY: a window's lanes are one more than eight for each of its groups, and eight are read from up to one lane
        // on behind those of the groups before, by unaligned loads; here and below only `pass` has this type used, whose
        // caller has detected the features.
        unsafe {
            let lanes = lanes.as_ptr().add(group % GROUPS * BLOCKS);
            let load = |from| Self(_mm512_loadu_si512(lanes.add(from).cast()));
            Row {
                here: load(1),
                before: load(0),
            }
        }
    }

    #[inline(always)]
    fn before(self, last: &mut Group) -> Self {
        // SAFETY: as above; a group's masks are 64 bytes, read and written whole by unaligned accesses.
        unsafe {
            let last = last.as_mut_ptr().cast::<__m512i>();
            let before = _mm512_loadu_si512(last);
            _mm512_storeu_si512(last, self.0);
            Self(_mm512_alignr_epi64::<7>(self.0, before))
        }
    }

    #[inline(always)]
    fn up(self, before: Self, n: u32) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe {
            let n = _mm512_set1_epi64(i64::from(n));
            Self(_mm512_shldv_epi64(self.0, before.0, n))
        }
    }

    #[inline(always)]
    fn store(self, to: &mut Group) -> u8 {
        // SAFETY: as above; eight masks are 64 bytes, written whole by an unaligned store.
        unsafe {
            _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0);
            _mm512_test_epi64_mask(self.0, self.0)
        }
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        // SAFETY: as above; no memory is touched.
        unsafe { _mm512_test_epi64_mask(self.0, self.0) == 0 }
    }
}

impl BitAnd for Eight {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe { Self(_mm512_and_si512(self.0, other.0)) }
    }
}

impl BitOr for Eight {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe { Self(_mm512_or_si512(self.0, other.0)) }
    }
}

impl Not for Eight {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe { Self(_mm512_xor_si512(self.0, _mm512_set1_epi64(-1))) }
    }
}

/// The same as [`super::list`]: the set bits of a block by one compression, whatever their number.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1,popcnt")]
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
        let ones = mask.count_ones() as usize;
        if let Some(to) = places
            .get_mut(count..)
            .and_then(<[u16]>::first_chunk_mut::<BLOCK>)
        {
            let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bits));
            // SAFETY: `to` is 64 places of two bytes, and the stores are unaligned ones of half of them each.
            unsafe {
                let to = to.as_mut_ptr().cast::<__m512i>();
                _mm512_storeu_si512(to, _mm512_add_epi16(low, base));
                if ones > BLOCK / 2 {
                    let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(bits));
                    _mm512_storeu_si512(to.add(1), _mm512_add_epi16(high, base));
                }
            }
        }
        count = count.wrapping_add(ones);
    }
    count
}

/// The byte classes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
fn classify(bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let halves = |halves: &[[u8; BLOCK]; 2]| halves.each_ref().map(|half| load(half));
    let (first, second) = (halves(&FIRST), halves(&SECOND));
    for (n, block) in blocks(bytes, groups).enumerate() {
        let lane = n.wrapping_add(1);
        let here = load(block);
        // The tables are of ASCII: beyond it a byte is a word's and nothing else.
        let beyond = _mm512_movepi8_mask(here);
        let a = _mm512_maskz_permutex2var_epi8(!beyond, first[0], here, first[1]);
        let b = _mm512_maskz_permutex2var_epi8(!beyond, second[0], here, second[1]);
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
            close = of(Bit::close);
            end = of(Bit::end);
            bracket = _mm512_cmpeq_epi8_mask(here, _mm512_set1_epi8(b']'.cast_signed()));
        }
    }
}

/// Those that [`Anchors::wants_few`] is about.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
fn few(bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let halves = FIRST.each_ref().map(|half| load(half));
    for (n, block) in blocks(bytes, groups).enumerate() {
        let lane = n.wrapping_add(1);
        let here = load(block);
        let beyond = _mm512_movepi8_mask(here);
        let classes = _mm512_maskz_permutex2var_epi8(!beyond, halves[0], here, halves[1]);
        macro_rules! put {
            ($($name:ident = $beyond:expr;)+) => {
                $(if let Some(mask) = masks.$name.get_mut(lane) {
                    const BIT: i8 = (1u8 << Bit::$name as u32).cast_signed();
                    *mask = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(BIT)) | $beyond;
                })+
            };
        }
        put! {
            digit = 0;
            hex = 0;
            word = beyond;
            letter = 0;
            dot = 0;
            colon = 0;
            dash = 0;
        }
    }
}

/// Where a literal may end in the first `groups` (at most [`GROUPS`]) groups. Of a byte the low seven bits are looked at: those beyond ASCII pass as what they would be
/// without their highest.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi1")]
fn fingerprints(prints: &Fingerprints, bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let groups = groups.min(GROUPS);
    for (n, look) in prints.used().iter().enumerate() {
        let rows = look
            .seven
            .each_ref()
            .map(|[low, high]| (load(low), load(high)));
        for block in 0..groups.wrapping_mul(BLOCKS) {
            let mut buckets = _mm512_set1_epi8(-1);
            for (distance, (low, high)) in (0..DEPTH).zip(rows) {
                let offset = block
                    .wrapping_mul(BLOCK)
                    .wrapping_add(LEAD)
                    .wrapping_sub(distance);
                // SAFETY: `groups` is at most that of a window, so `offset` is at most LEAD + WINDOW - 64, and 64 bytes may be read
                // there of the LEAD + WINDOW.
                let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().add(offset).cast()) };
                let here = _mm512_permutex2var_epi8(low, bytes, high);
                buckets = _mm512_and_si512(buckets, here);
            }
            let found = _mm512_test_epi8_mask(buckets, buckets);
            if let Some(mask) = masks.literal.get_mut(block.wrapping_add(1)) {
                *mask = if n == 0 { found } else { *mask | found };
            }
        }
    }
}

#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; BLOCK]) -> __m512i {
    // SAFETY: an array of 64 bytes is read whole, and the load is an unaligned one.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
