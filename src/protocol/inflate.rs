//! Decompression that has an end, for protocols whose messages come compressed whole.

use std::io::Read;

use crate::record::Reason;

/// What may always come out, in bytes, however little went in.
const BYTES_MIN: usize = 1 << 20;
/// How many times its size a larger one may be.
const RATIO_MAX: usize = 200;

/// All that `decoder` makes of `packed_bytes`, but not more than `bytes_max`.
///
/// # Errors
/// [`Reason::RecordTooLong`]: it would be more. [`Reason::Expands`]: it is too small for what it would be.
/// [`Reason::BadFrame`]: it cannot be decoded.
pub(super) fn whole(
    decoder: impl Read,
    packed_bytes: usize,
    bytes_max: usize,
) -> Result<Vec<u8>, Reason> {
    let limit = packed_bytes
        .saturating_mul(RATIO_MAX)
        .max(BYTES_MIN)
        .min(bytes_max);
    let mut out = Vec::new();
    decoder
        .take((limit as u64).saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|_| Reason::BadFrame)?;
    if out.len() > limit {
        return Err(if limit < bytes_max {
            Reason::Expands
        } else {
            Reason::RecordTooLong
        });
    }
    Ok(out)
}
