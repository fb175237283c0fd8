//! Bodies out of their codings, a little at a time, and no further than they may expand.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as Zstd, InBuffer, Operation as _, OutBuffer};

use super::{Coding, SNAPPY_FRAMED, is_zlib};
use crate::protocol::http::refusal::Refusal;

/// A body may be this much longer than it came, once it is longer than [`EXPANSION_BYTES_FREE`].
const EXPANSION_MAX: u64 = 250;
/// What any body may expand to.
const EXPANSION_BYTES_FREE: u64 = 1 << 20;
/// Coded bytes that are decoded at a time.
pub(in crate::protocol::http) const STEP_BYTES: usize = 4 << 10;
/// What one step of a body that streams may expand to (deflate cannot expand further than 1,032 times).
const STEP_BYTES_MAX: usize = 8 << 20;
/// Window of a zstd frame, as a power of two (RFC 9659: 8 MiB).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How far a body may expand. Shared by the codings of one body.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    bytes_max: u64,
    coded: u64,
    decoded: u64,
}

impl Allowance {
    /// `bytes_max` is for the whole body, however well it is coded.
    const fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            coded: 0,
            decoded: 0,
        }
    }

    fn room(&self) -> usize {
        let expanded = self
            .coded
            .saturating_mul(EXPANSION_MAX)
            .max(EXPANSION_BYTES_FREE);
        let left = usize::try_from(self.bytes_max.min(expanded).saturating_sub(self.decoded))
            .unwrap_or(usize::MAX);
        if self.bytes_max == u64::MAX {
            left.min(STEP_BYTES_MAX)
        } else {
            left
        }
    }

    fn too_much(&self) -> Refusal {
        if self.decoded >= self.bytes_max || self.bytes_max <= EXPANSION_BYTES_FREE {
            Refusal::too_long()
        } else {
            Refusal::expands()
        }
    }
}

/// A sink of decoded bytes that refuses to grow.
struct Bounded {
    bytes: Vec<u8>,
    room: usize,
    over: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room {
            self.over = true;
            return Err(io::Error::other("expands too far"));
        }
        self.room = self.room.saturating_sub(bytes.len());
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Engine {
    Identity,
    Gzip(Box<MultiGzDecoder<Bounded>>),
    /// Nothing has come yet: zlib or bare?
    Deflate(Option<Decompress>, bool),
    /// Whether the last frame is complete.
    Zstd(Box<Zstd<'static>>, bool),
    Snappy(Vec<u8>),
}

/// One layer of a body on its way in.
struct Layer {
    engine: Engine,
    allowance: Allowance,
}

/// A body's decoder. Payload is only in its scratch memory.
pub(in crate::protocol::http) struct Decoder {
    /// The coding that was applied last comes first.
    layers: Vec<Layer>,
    scratch: Vec<u8>,
}

fn corrupt<E>(_: E) -> Refusal {
    Refusal::undecodable("the body's content coding is broken")
}

impl Decoder {
    pub(in crate::protocol::http) fn new(
        codings: &[Coding],
        bytes_max: u64,
    ) -> Result<Self, Refusal> {
        let layer = |coding: Option<Coding>| {
            Ok::<_, Refusal>(Layer {
                engine: match coding {
                    None => Engine::Identity,
                    Some(Coding::Gzip) => Engine::Gzip(Box::new(MultiGzDecoder::new(Bounded {
                        bytes: Vec::new(),
                        room: 0,
                        over: false,
                    }))),
                    Some(Coding::Deflate) => Engine::Deflate(None, false),
                    Some(Coding::Zstd) => {
                        let mut zstd = Zstd::new().map_err(corrupt)?;
                        zstd.set_parameter(zstd::stream::raw::DParameter::WindowLogMax(
                            ZSTD_WINDOW_LOG_MAX,
                        ))
                        .map_err(corrupt)?;
                        Engine::Zstd(Box::new(zstd), true)
                    }
                    Some(Coding::Snappy) => Engine::Snappy(Vec::new()),
                },
                allowance: Allowance::new(bytes_max),
            })
        };
        let layers = if codings.is_empty() {
            vec![layer(None)?]
        } else {
            codings
                .iter()
                .rev()
                .map(|coding| layer(Some(*coding)))
                .collect::<Result<_, _>>()?
        };
        Ok(Self {
            layers,
            scratch: Vec::new(),
        })
    }

    /// Decodes what came behind `out`; with `ended`, nothing more comes.
    pub(in crate::protocol::http) fn push(
        &mut self,
        input: &[u8],
        ended: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let mut current = input.to_vec();
        for layer in &mut self.layers {
            self.scratch.clear();
            for step in current.chunks(STEP_BYTES) {
                layer.push(step, &mut self.scratch)?;
                if layer.allowance.bytes_max == u64::MAX && self.scratch.len() > STEP_BYTES_MAX {
                    return Err(Refusal::expands());
                }
            }
            if ended {
                layer.finish(&mut self.scratch)?;
            }
            std::mem::swap(&mut current, &mut self.scratch);
        }
        out.append(&mut current);
        Ok(())
    }
}

impl Layer {
    /// `grew` bytes were decoded.
    fn grew(&mut self, grew: usize) {
        self.allowance.decoded = self.allowance.decoded.saturating_add(grew as u64);
    }

    fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        self.allowance.coded = self.allowance.coded.saturating_add(input.len() as u64);
        let room = self.allowance.room();
        let before = out.len();
        let over = match &mut self.engine {
            Engine::Identity | Engine::Snappy(_) if input.len() > room => true,
            Engine::Identity => {
                out.extend_from_slice(input);
                false
            }
            Engine::Snappy(held) => {
                held.extend_from_slice(input);
                // Decoded at the end; until then the coded bytes are what is held.
                self.allowance.decoded = self.allowance.decoded.saturating_add(input.len() as u64);
                return Ok(());
            }
            Engine::Gzip(gzip) => {
                gzip.get_mut().room = room;
                let written = gzip.write_all(input).and_then(|()| gzip.flush());
                let bounded = gzip.get_mut();
                out.append(&mut bounded.bytes);
                let over = bounded.over;
                if !over {
                    written.map_err(corrupt)?;
                }
                over
            }
            Engine::Deflate(inflate, ended) => {
                let inflate = inflate.get_or_insert_with(|| Decompress::new(is_zlib(input)));
                inflate_into(inflate, ended, input, room, out)?
            }
            Engine::Zstd(zstd, complete) => zstd_into(zstd, complete, input, room, out)?,
        };
        if over {
            return Err(self.allowance.too_much());
        }
        self.grew(out.len().saturating_sub(before));
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match &mut self.engine {
            Engine::Identity => Ok(()),
            Engine::Gzip(gzip) => {
                gzip.get_mut().room = self.allowance.room();
                let finished = gzip.try_finish();
                out.append(&mut gzip.get_mut().bytes);
                finished.map_err(corrupt)
            }
            Engine::Deflate(_, ended) if *ended => Ok(()),
            Engine::Zstd(_, complete) if *complete => Ok(()),
            Engine::Deflate(..) | Engine::Zstd(..) => Err(corrupt(())),
            Engine::Snappy(held) => {
                let held = std::mem::take(held);
                self.allowance.decoded = 0;
                snappy_into(&held, &self.allowance, out)
            }
        }
    }
}

/// Whether it grew over `room`.
fn inflate_into(
    inflate: &mut Decompress,
    ended: &mut bool,
    input: &[u8],
    room: usize,
    out: &mut Vec<u8>,
) -> Result<bool, Refusal> {
    let limit = out.len().saturating_add(room);
    let mut rest = input;
    let mut buffer = [0u8; 16 << 10];
    loop {
        if *ended {
            // Bytes behind the end are no body.
            return if rest.is_empty() {
                Ok(false)
            } else {
                Err(corrupt(()))
            };
        }
        let (read, wrote) = (inflate.total_in(), inflate.total_out());
        let status = inflate
            .decompress(rest, &mut buffer, FlushDecompress::None)
            .map_err(corrupt)?;
        let read = usize::try_from(inflate.total_in().saturating_sub(read)).unwrap_or(usize::MAX);
        let wrote =
            usize::try_from(inflate.total_out().saturating_sub(wrote)).unwrap_or(usize::MAX);
        out.extend_from_slice(buffer.get(..wrote).unwrap_or_default());
        rest = rest.get(read..).unwrap_or_default();
        if out.len() > limit {
            return Ok(true);
        }
        *ended = status == Status::StreamEnd;
        if !*ended && read == 0 && wrote == 0 {
            return if rest.is_empty() {
                Ok(false)
            } else {
                Err(corrupt(()))
            };
        }
    }
}

/// Whether it grew over `room`.
fn zstd_into(
    zstd: &mut Zstd<'static>,
    complete: &mut bool,
    input: &[u8],
    room: usize,
    out: &mut Vec<u8>,
) -> Result<bool, Refusal> {
    let limit = out.len().saturating_add(room);
    let mut buffer = [0u8; 16 << 10];
    let mut input = InBuffer::around(input);
    loop {
        let full = {
            let mut output = OutBuffer::around(&mut buffer[..]);
            if *complete && input.pos() < input.src.len() {
                zstd.reinit().map_err(corrupt)?;
                *complete = false;
            }
            if *complete {
                return Ok(false);
            }
            *complete = zstd.run(&mut input, &mut output).map_err(corrupt)? == 0;
            out.extend_from_slice(output.as_slice());
            output.pos() == output.capacity()
        };
        if out.len() > limit {
            return Ok(true);
        }
        if input.pos() >= input.src.len() && !full {
            return Ok(false);
        }
    }
}

fn snappy_into(coded: &[u8], allowance: &Allowance, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let room = allowance.room();
    if coded.starts_with(SNAPPY_FRAMED) {
        let mut reader = io::Read::take(
            snap::read::FrameDecoder::new(coded),
            (room as u64).saturating_add(1),
        );
        let before = out.len();
        io::Read::read_to_end(&mut reader, out).map_err(corrupt)?;
        if out.len().saturating_sub(before) > room {
            return Err(allowance.too_much());
        }
        return Ok(());
    }
    let length = snap::raw::decompress_len(coded).map_err(corrupt)?;
    if length > room {
        return Err(allowance.too_much());
    }
    let decoded = snap::raw::Decoder::new()
        .decompress_vec(coded)
        .map_err(corrupt)?;
    out.extend_from_slice(&decoded);
    Ok(())
}
