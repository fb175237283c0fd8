//! Thirty-two bytes an instruction.

use std::arch::x86_64::*;
use std::ops::{BitAnd, BitOr, Not};

use super::super::gate::{ENDS, End};
use super::super::shapes::{Anchor, Blocks, Group, Places, Row, Wide};
use super::{
    Anchors, BLOCKS, Bytes, Chains, Fingerprints, GROUP, GROUPS, LEAD, Lanes, Masks, shapes,
};

/// The same as [`super::portable`].
#[target_feature(enable = "avx2,bmi1")]
pub(super) fn pass(
    prints: &Fingerprints,
    bytes: &Bytes,
    groups: usize,
    masks: &mut Masks,
    chains: &mut Chains,
    anchors: &mut Anchors,
) {
    masks.carry();
    let groups = groups.min(GROUPS);
    match anchors.wants_few() {
        true => classify::<false>(bytes, groups, masks),
        false => classify::<true>(bytes, groups, masks),
    }
    if anchors.wants(&[Anchor::Literal]) {
        for group in 0..groups {
            fingerprints(prints, bytes, group, &mut masks.literal);
        }
    }
    shapes::<Two>(masks, groups, chains, anchors);
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

impl Wide for Two {
    #[inline(always)]
    fn load(lanes: &Lanes, group: usize) -> Row<Self> {
        // SAFETY: a window's lanes are one more than eight for each of its groups, and four are read from up to nine
        // lanes on behind those of the groups before, by unaligned loads; here and below only `pass` has this type used,
        // whose caller has detected the feature.
        unsafe {
            let lanes = lanes.as_ptr().add(group % GROUPS * BLOCKS);
            let load = |from| _mm256_loadu_si256(lanes.add(from).cast());
            Row {
                here: Self(load(1), load(5)),
                before: Self(load(0), load(4)),
            }
        }
    }

    #[inline(always)]
    fn before(self, last: &mut Group) -> Self {
        // SAFETY: as above; of a group's eight masks the upper four are read and written, by unaligned accesses.
        unsafe {
            let last = last.as_mut_ptr().add(BLOCKS / 2).cast::<__m256i>();
            let before = _mm256_loadu_si256(last);
            _mm256_storeu_si256(last, self.1);
            Self(behind(before, self.0), behind(self.0, self.1))
        }
    }

    #[inline(always)]
    fn up(self, before: Self, n: u32) -> Self {
        // SAFETY: as above; no memory is touched.
        unsafe {
            let up = _mm_cvtsi32_si128(n.cast_signed());
            let down = _mm_cvtsi32_si128(64u32.wrapping_sub(n).cast_signed());
            Self(
                _mm256_or_si256(
                    _mm256_sll_epi64(self.0, up),
                    _mm256_srl_epi64(before.0, down),
                ),
                _mm256_or_si256(
                    _mm256_sll_epi64(self.1, up),
                    _mm256_srl_epi64(before.1, down),
                ),
            )
        }
    }

    #[inline(always)]
    fn store(self, to: &mut Group) -> u8 {
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

/// The last of four masks and the first three of the next.
#[inline]
#[target_feature(enable = "avx2")]
fn behind(four: __m256i, next: __m256i) -> __m256i {
    let middle = _mm256_permute2x128_si256::<0x21>(four, next);
    _mm256_alignr_epi8::<8>(next, middle)
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

/// What bytes are compared with, or moved by, one after another in every byte of a register. A compiler that knew them
/// would make most of them anew for each half of a block, so it is not told.
static KNOWN: [[u8; 32]; 23] = {
    let known = [
        up(b'0', 9),
        below(9),
        b' ',
        up(b'a', 25),
        below(25),
        below(5),
        up(b'g', 19),
        below(19),
        up(b'A', 25),
        b'_',
        b'.',
        b':',
        b'-',
        b'@',
        b'=',
        b'>',
        b'+',
        b'\\',
        b']',
        b'\n',
        0,
        up(b'a', 5),
        0,
    ];
    let mut rows = [[0; 32]; 23];
    let mut n = 0;
    while n < rows.len() {
        #[allow(clippy::indexing_slicing, reason = "n is below the length of both")]
        {
            rows[n] = [known[n]; 32];
        }
        n = n.wrapping_add(1);
    }
    rows[22] = CLOSES;
    rows
};

/// At a byte's lower four bits what closes a key and has them, for either half; at all others what has not.
const CLOSES: [u8; 32] = {
    let mut row = [0; 32];
    let mut half = 0;
    while half < row.len() {
        #[allow(
            clippy::indexing_slicing,
            clippy::arithmetic_side_effects,
            reason = "`half` is 0 or 16, and the others below 16"
        )]
        {
            row[half] = b' ';
            row[half + 2] = b'"';
            row[half + 7] = b'\'';
            row[half + 9] = b'\t';
            half += 16;
        }
    }
    row
};

/// Moved up by this, the bytes from `from` on are the greatest of all, `width` and one of them.
const fn up(from: u8, width: u8) -> u8 {
    127u8.wrapping_sub(from).wrapping_sub(width)
}

/// The greatest byte below `width` and one.
const fn below(width: u8) -> u8 {
    126u8.wrapping_sub(width)
}

/// All classes, or those that [`Anchors::wants_few`] is about.
#[inline]
#[target_feature(enable = "avx2,bmi1")]
fn classify<const ALL: bool>(bytes: &Bytes, groups: usize, masks: &mut Masks) {
    let [
        digit_up,
        digit_below,
        space,
        letter_up,
        letter_below,
        hex_below,
        beyond_hex_up,
        beyond_hex_below,
        capital_up,
        line,
        dot,
        colon,
        dash,
        at,
        equals,
        greater,
        plus,
        backslash,
        bracket,
        feed,
        nul,
        hex_up,
        closes,
    ] = std::hint::black_box(&KNOWN);
    macro_rules! load {
        ($($row:ident)+) => {
            // SAFETY: a row is 32 bytes, and the loads are unaligned ones.
            $(let $row = unsafe { _mm256_loadu_si256($row.as_ptr().cast()) };)+
        };
    }
    load! {
        digit_up digit_below space letter_up letter_below hex_up hex_below beyond_hex_up beyond_hex_below capital_up
        line dot colon dash at equals greater plus backslash bracket feed nul closes
    }
    let (_, body) = bytes.split_at(LEAD);
    let halves = body.as_chunks::<32>().0.iter().enumerate();
    for (n, half) in halves.take(groups.wrapping_mul(HALVES)) {
        // SAFETY: half a block is 32 bytes; the load is an unaligned one.
        let bytes = unsafe { _mm256_loadu_si256(half.as_ptr().cast()) };
        let is = |byte| _mm256_cmpeq_epi8(bytes, byte);
        let within = |bytes, up, below| _mm256_cmpgt_epi8(_mm256_add_epi8(bytes, up), below);
        // The blank is the bit that small letters have and capitals have not.
        let folded = _mm256_or_si256(bytes, space);
        let digit = within(bytes, digit_up, digit_below);
        let letter = within(folded, letter_up, letter_below);
        let word = _mm256_or_si256(_mm256_or_si256(letter, is(line)), digit);
        macro_rules! put {
            ($($name:ident = $value:expr;)+) => {
                $(set(&mut masks.$name, n, $value);)+
            };
        }
        put! {
            digit = digit;
            hex = _mm256_or_si256(digit, within(folded, hex_up, hex_below));
            // Of what is beyond ASCII the bit that is asked for is set by itself.
            word = _mm256_or_si256(word, bytes);
            letter = within(folded, beyond_hex_up, beyond_hex_below);
            dot = is(dot);
            colon = is(colon);
            dash = is(dash);
        }
        if !ALL {
            continue;
        }
        put! {
            upper = within(bytes, capital_up, letter_below);
            at = is(at);
            equals = is(equals);
            greater = is(greater);
            plus = is(plus);
            space = is(space);
            backslash = is(backslash);
            // Beyond ASCII a look gives a zero.
            close = is(_mm256_shuffle_epi8(closes, bytes));
            bracket = is(bracket);
            end = _mm256_or_si256(is(feed), is(nul));
        }
    }
}

/// Half blocks in a group.
const HALVES: usize = GROUP / 32;

/// What looks read: a group's bytes and those in front of it.
const LOOKED_AT: usize = LEAD + GROUP;

/// Where a literal may end in a group. Nibbles are taken once for all distances, and a look's eight tables stay in
/// registers while it goes over the whole group.
#[target_feature(enable = "avx2,bmi1")]
fn fingerprints(prints: &Fingerprints, bytes: &Bytes, group: usize, literal: &mut Lanes) {
    let from = (group % GROUPS).wrapping_mul(GROUP);
    let (mut lower, mut upper) = ([0u8; LOOKED_AT], [0u8; LOOKED_AT]);
    let nibble = _mm256_set1_epi8(15);
    // What stands in front comes with the first bytes of the group.
    for offset in std::iter::once(0).chain((LEAD..LOOKED_AT).step_by(32)) {
        // SAFETY: 32 bytes are read, and written, at 0 and at each multiple of 32 behind LEAD that is below GROUP; of
        // the groups of a window there is one from `from` on.
        unsafe {
            let bytes = _mm256_loadu_si256(bytes.as_ptr().add(from).add(offset).cast());
            let low = _mm256_and_si256(bytes, nibble);
            let high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
            _mm256_storeu_si256(lower.as_mut_ptr().add(offset).cast(), low);
            _mm256_storeu_si256(upper.as_mut_ptr().add(offset).cast(), high);
        }
    }
    let mut halves = [_mm256_setzero_si256(); HALVES];
    for look in prints.used() {
        let ([low_0, low_1, low_2, low_3], [high_0, high_1, high_2, high_3]) =
            (&look.low, &look.high);
        let (low_0, low_1, low_2, low_3) = (table(low_0), table(low_1), table(low_2), table(low_3));
        let (high_0, high_1, high_2, high_3) =
            (table(high_0), table(high_1), table(high_2), table(high_3));
        for (n, buckets) in halves.iter_mut().enumerate() {
            let of = |distance: usize, low: __m256i, high: __m256i| {
                let offset = n.wrapping_mul(32).wrapping_add(LEAD).wrapping_sub(distance);
                // SAFETY: `n` is below HALVES and `distance` at most LEAD, so 32 bytes may be read at `offset` of the
                // LEAD + GROUP.
                let (lower, upper) = unsafe {
                    (
                        _mm256_loadu_si256(lower.as_ptr().add(offset).cast()),
                        _mm256_loadu_si256(upper.as_ptr().add(offset).cast()),
                    )
                };
                _mm256_and_si256(
                    _mm256_shuffle_epi8(low, lower),
                    _mm256_shuffle_epi8(high, upper),
                )
            };
            let near = _mm256_and_si256(of(0, low_0, high_0), of(1, low_1, high_1));
            let far = _mm256_and_si256(of(2, low_2, high_2), of(3, low_3, high_3));
            *buckets = _mm256_or_si256(*buckets, _mm256_and_si256(near, far));
        }
    }
    for (n, buckets) in halves.iter().enumerate() {
        let none = _mm256_cmpeq_epi8(*buckets, _mm256_setzero_si256());
        let any = _mm256_xor_si256(none, _mm256_set1_epi8(-1));
        set(
            literal,
            (group % GROUPS).wrapping_mul(HALVES).wrapping_add(n),
            any,
        );
    }
}

/// The upper bits of half a block's bytes: the mask of the `n`th half of a window.
#[inline]
#[target_feature(enable = "avx2")]
fn set(lanes: &mut Lanes, n: usize, bytes: __m256i) {
    let mask = _mm256_movemask_epi8(bytes);
    let at = (n % (HALVES * GROUPS)).wrapping_add(2);
    // SAFETY: a lane is two halves, the lower one first on this architecture; a window's halves are behind those of
    // the block before.
    unsafe { lanes.as_mut_ptr().cast::<i32>().add(at).write(mask) };
}

/// A table of sixteen bytes, for either half.
#[inline]
#[target_feature(enable = "avx2")]
fn table(row: &[u8; 16]) -> __m256i {
    // SAFETY: a row is sixteen bytes, and the load is an unaligned one.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(row.as_ptr().cast()) })
}
