//! Content codings (RFC 9110 §8.4): bodies are decoded as they arrive and coded again as they came.

mod decode;
mod encode;

use super::refusal::Refusal;

pub(super) use decode::{Decoder, STEP_BYTES};
pub(super) use encode::Encoder;

/// Codings on top of each other that are followed.
const NESTING_MAX: usize = 2;
/// The first chunk of a framed snappy stream.
const SNAPPY_FRAMED: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// A content coding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coding {
    /// RFC 1952.
    Gzip,
    /// zlib (RFC 1950), or bare deflate (RFC 1951) as some clients send it.
    Deflate,
    /// RFC 8878.
    Zstd,
    /// Block or framed, by its first bytes.
    Snappy,
}

impl Coding {
    /// By its name in `Content-Encoding` or `grpc-encoding`; `None` inside for `identity`.
    pub(super) fn named(name: &str) -> Result<Option<Self>, Refusal> {
        Ok(Some(match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "zstd" => Self::Zstd,
            "snappy" | "x-snappy-framed" => Self::Snappy,
            "identity" | "" => return Ok(None),
            _ => return Err(Refusal::unsupported("the content coding is not known")),
        }))
    }

    /// The codings of a `Content-Encoding` value, in the order in which they were applied.
    pub(super) fn list(value: &str) -> Result<Vec<Self>, Refusal> {
        let mut codings = Vec::new();
        for name in value.split(',') {
            codings.extend(Self::named(name.trim())?);
        }
        if codings.len() > NESTING_MAX {
            return Err(Refusal::unsupported("too many content codings"));
        }
        Ok(codings)
    }
}

/// RFC 1950 §2.2: method 8, a window of at most 32 KiB, and a checksum of both bytes.
fn is_zlib(head: &[u8]) -> bool {
    match *head {
        [cmf, flags, ..] => {
            cmf & 0x0F == 8
                && cmf >> 4 <= 7
                && (u16::from(cmf) << 8 | u16::from(flags)).is_multiple_of(31)
        }
        // A split after the first byte: its low bits tell the method.
        [cmf] => cmf == 0x78,
        [] => true,
    }
}
