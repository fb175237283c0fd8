//! Scrubbed bodies back into the codings that they came in.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::{Coding, SNAPPY_FRAMED, is_zlib};
use crate::mask::Scrubbed;
use crate::protocol::http::refusal::Refusal;

enum Coder {
    Gzip(GzEncoder<Vec<u8>>),
    Zlib(ZlibEncoder<Vec<u8>>),
    Bare(DeflateEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Snappy(Vec<u8>, bool),
}

/// Codes a scrubbed body as it came. What it gives is as scrubbed as what it takes.
pub(in crate::protocol::http) struct Encoder {
    /// In the order in which they are applied.
    coders: Vec<Coder>,
}

fn failed<E>(_: E) -> Refusal {
    Refusal::undecodable("the body could not be coded again")
}

impl Encoder {
    /// `head` is the first bytes of the coded body: how deflate and snappy came.
    pub(in crate::protocol::http) fn new(codings: &[Coding], head: &[u8]) -> Result<Self, Refusal> {
        let coders = codings
            .iter()
            .map(|coding| {
                Ok::<_, Refusal>(match coding {
                    Coding::Gzip => Coder::Gzip(GzEncoder::new(Vec::new(), Compression::default())),
                    Coding::Deflate if codings.len() > 1 || is_zlib(head) => {
                        Coder::Zlib(ZlibEncoder::new(Vec::new(), Compression::default()))
                    }
                    Coding::Deflate => {
                        Coder::Bare(DeflateEncoder::new(Vec::new(), Compression::default()))
                    }
                    Coding::Zstd => Coder::Zstd(
                        zstd::stream::write::Encoder::new(Vec::new(), 0).map_err(failed)?,
                    ),
                    Coding::Snappy => Coder::Snappy(Vec::new(), head.starts_with(SNAPPY_FRAMED)),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { coders })
    }

    /// Appends to `out` what there is of the coded body; with `ended`, the rest of it.
    pub(in crate::protocol::http) fn push(
        &mut self,
        scrubbed: &Scrubbed,
        ended: bool,
        out: &mut Scrubbed,
    ) -> Result<(), Refusal> {
        let Some((last, first)) = self.coders.split_last_mut() else {
            out.encoded(scrubbed.as_bytes());
            return Ok(());
        };
        let mut current = scrubbed.as_bytes().to_vec();
        for coder in first {
            current = coder.push(&current, ended)?;
        }
        out.encoded(&last.push(&current, ended)?);
        Ok(())
    }
}

impl Coder {
    fn push(&mut self, input: &[u8], ended: bool) -> Result<Vec<u8>, Refusal> {
        macro_rules! write {
            ($coder:ident, $finish:ident) => {{
                $coder.write_all(input).map_err(failed)?;
                if ended {
                    $coder.$finish().map_err(failed)?;
                }
                std::mem::take($coder.get_mut())
            }};
        }
        Ok(match self {
            Self::Gzip(coder) => write!(coder, try_finish),
            Self::Zlib(coder) => write!(coder, try_finish),
            Self::Bare(coder) => write!(coder, try_finish),
            Self::Zstd(coder) => write!(coder, do_finish),
            Self::Snappy(held, framed) => {
                held.extend_from_slice(input);
                if !ended {
                    return Ok(Vec::new());
                }
                let held = std::mem::take(held);
                if *framed {
                    let mut coder = snap::write::FrameEncoder::new(Vec::new());
                    coder.write_all(&held).map_err(failed)?;
                    let coded = coder.into_inner().map_err(failed)?;
                    // A stream of nothing has its head still.
                    match coded.is_empty() {
                        true => SNAPPY_FRAMED.to_vec(),
                        false => coded,
                    }
                } else {
                    snap::raw::Encoder::new()
                        .compress_vec(&held)
                        .map_err(failed)?
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_a_body_of_its_coding() {
        let mut out = Scrubbed::new();
        let mut coder = Encoder::new(&[Coding::Snappy], SNAPPY_FRAMED).unwrap();
        coder.push(&Scrubbed::new(), true, &mut out).unwrap();
        assert_eq!(out.as_bytes(), SNAPPY_FRAMED);
    }
}
