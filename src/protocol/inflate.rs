//! Decompression that has an end, for protocols whose messages come compressed whole.

use std::io::{self, Read};

use crate::record::Reason;

/// What may always come out, in bytes, however little went in.
const BYTES_MIN: usize = 1 << 20;
/// How many times its size a larger one may be.
const RATIO_MAX: usize = 200;
/// What is held before it is known how much it will be, in bytes: a bomb costs no more memory, whatever the limits are.
const HELD_BYTES_MAX: usize = 4 << 20;

/// All that a decoder makes of `packed_bytes`, but not more than `bytes_max`. One that makes much is asked for twice: the
/// first time its bytes are counted.
///
/// # Errors
/// [`Reason::RecordTooLong`]: it would be more. [`Reason::Expands`]: it is too small for what it would be.
/// [`Reason::BadFrame`]: it cannot be decoded.
pub(super) fn whole<R: Read>(
    decoder: impl Fn() -> R,
    packed_bytes: usize,
    bytes_max: usize,
) -> Result<Vec<u8>, Reason> {
    let limit = packed_bytes
        .saturating_mul(RATIO_MAX)
        .max(BYTES_MIN)
        .min(bytes_max);
    let bad = |_: io::Error| Reason::BadFrame;
    let (mut first, mut out) = (decoder(), Vec::new());
    let held = (limit as u64).saturating_add(1).min(HELD_BYTES_MAX as u64);
    let length = first
        .by_ref()
        .take(held)
        .read_to_end(&mut out)
        .map_err(bad)? as u64;
    if length < held {
        return Ok(out);
    }
    let left = (limit as u64).saturating_add(1).saturating_sub(length);
    let length =
        length.saturating_add(io::copy(&mut first.take(left), &mut io::sink()).map_err(bad)?);
    if length > limit as u64 {
        return Err(if limit < bytes_max {
            Reason::Expands
        } else {
            Reason::RecordTooLong
        });
    }
    drop(out);
    let mut out = Vec::with_capacity(usize::try_from(length).unwrap_or(limit));
    decoder().take(length).read_to_end(&mut out).map_err(bad)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::read::ZlibDecoder;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, Reason> {
        whole(|| ZlibDecoder::new(packed), packed.len(), bytes_max)
    }

    /// Bytes that a coder halves at the best.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 7u32;
        let step = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 28) as u8
        };
        (0..length).map(step).collect()
    }

    #[test]
    fn much_comes_out_whole_and_no_more_than_may() {
        for length in [
            0,
            1,
            HELD_BYTES_MAX - 1,
            HELD_BYTES_MAX,
            HELD_BYTES_MAX + 1,
            3 * HELD_BYTES_MAX,
        ] {
            let bytes = noise(length);
            let packed = packed(&bytes);
            assert!(unpack(&packed, length) == Ok(bytes), "{length}");
            if let Some(less) = length.checked_sub(1) {
                let less = unpack(&packed, less).map(|bytes| bytes.len());
                assert_eq!(less, Err(Reason::RecordTooLong));
            }
        }
        let refused = |packed: &[u8]| unpack(packed, 16 << 20).map(|bytes| bytes.len());
        let zeros = packed(&vec![0; 3 * HELD_BYTES_MAX]);
        assert_eq!(refused(&zeros), Err(Reason::Expands));
        let mut cut = packed(&noise(2 * HELD_BYTES_MAX));
        cut.truncate(cut.len() - 9);
        assert_eq!(refused(&cut), Err(Reason::BadFrame));
    }

    proptest! {
        #[test]
        fn anything_is_unpacked_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), from in 0usize..10) {
            let mut broken = packed(&bytes);
            broken.drain(..from.min(broken.len()));
            let _ = unpack(&broken, 1000);
            prop_assert_eq!(unpack(&packed(&bytes), 1000), Ok(bytes));
        }
    }
}
