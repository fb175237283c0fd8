//! Byte classes of 64 bytes at a time, as bit masks: bit `i` speaks of byte `i`.
//!
//! The one module with `unsafe`: the AVX2 path, which [`portable`] proves (the tests hold the two
//! together over every byte value and every lane).

#![allow(
    unsafe_code,
    reason = "calls into target-feature functions and their unaligned loads"
)]

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// The classes of one block.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Masks {
    pub(crate) digit: u64,
    pub(crate) hex: u64,
    pub(crate) dot: u64,
    pub(crate) colon: u64,
    pub(crate) dash: u64,
    pub(crate) at: u64,
    pub(crate) equals: u64,
    pub(crate) greater: u64,
    pub(crate) plus: u64,
    pub(crate) space: u64,
    /// `A` to `Z`.
    pub(crate) upper: u64,
    /// `%` and `\`: what an encoded character starts with.
    pub(crate) escape: u64,
    /// `\n` and `\0`: where records end.
    pub(crate) end: u64,
}

/// Classifies whole blocks of a window.
pub(crate) type Classify = fn(&[[u8; BLOCK]], &mut [Masks]);

/// The fastest way that this processor has.
pub(crate) fn best() -> Classify {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return |blocks, out| {
            // SAFETY: AVX2 was detected on this processor just before this closure was chosen.
            unsafe { avx2::classify(blocks, out) }
        };
    }
    portable
}

/// The scalar twin.
pub(crate) fn portable(blocks: &[[u8; BLOCK]], out: &mut [Masks]) {
    for (block, masks) in blocks.iter().zip(out) {
        *masks = Masks::default();
        for (i, &byte) in block.iter().enumerate() {
            let bit = 1u64 << i;
            match byte {
                b'0'..=b'9' => {
                    masks.digit |= bit;
                    masks.hex |= bit;
                }
                b'A'..=b'F' => {
                    masks.hex |= bit;
                    masks.upper |= bit;
                }
                b'a'..=b'f' => masks.hex |= bit,
                b'G'..=b'Z' => masks.upper |= bit,
                b'.' => masks.dot |= bit,
                b':' => masks.colon |= bit,
                b'-' => masks.dash |= bit,
                b'@' => masks.at |= bit,
                b'=' => masks.equals |= bit,
                b'>' => masks.greater |= bit,
                b'+' => masks.plus |= bit,
                b' ' => masks.space |= bit,
                b'%' | b'\\' => masks.escape |= bit,
                b'\n' | b'\0' => masks.end |= bit,
                _ => {}
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{BLOCK, Masks};

    #[target_feature(enable = "avx2")]
    pub(super) fn classify(blocks: &[[u8; BLOCK]], out: &mut [Masks]) {
        for (block, masks) in blocks.iter().zip(out) {
            // SAFETY: a block is 64 bytes, so 32 may be read at offsets 0 and 32; the loads are unaligned ones.
            let (low, high) = unsafe {
                (
                    _mm256_loadu_si256(block.as_ptr().cast()),
                    _mm256_loadu_si256(block.as_ptr().add(32).cast()),
                )
            };
            let digit = within(low, high, b'0', 9);
            let lower = _mm256_set1_epi8(0x20);
            let letter = within(
                _mm256_or_si256(low, lower),
                _mm256_or_si256(high, lower),
                b'a',
                5,
            );
            *masks = Masks {
                digit,
                hex: digit | letter,
                dot: equal(low, high, b'.'),
                colon: equal(low, high, b':'),
                dash: equal(low, high, b'-'),
                at: equal(low, high, b'@'),
                equals: equal(low, high, b'='),
                greater: equal(low, high, b'>'),
                plus: equal(low, high, b'+'),
                space: equal(low, high, b' '),
                upper: within(low, high, b'A', 25),
                escape: equal(low, high, b'%') | equal(low, high, b'\\'),
                end: equal(low, high, b'\n') | equal(low, high, b'\0'),
            };
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_every_lane_is_classified_alike() {
        let classify = best();
        for byte in 0..=u8::MAX {
            for lane in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[lane] = byte;
                let (mut fast, mut slow) = ([Masks::default()], [Masks::default()]);
                classify(&[block], &mut fast);
                portable(&[block], &mut slow);
                assert_eq!(fast, slow, "byte {byte:#x} lane {lane}");
            }
        }
    }
}
