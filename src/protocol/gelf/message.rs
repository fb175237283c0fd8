//! One GELF message: JSON, plain or compressed by gzip or zlib, scrubbed as a line of JSON.

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use flate2::Compression;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use super::assemble::{Lost, Whole, chunks};
use crate::mask::Scrubbed;
use crate::protocol::inflate;
use crate::protocol::json::{Grammar, is_map};
use crate::protocol::session::Desk;
use crate::record::{Reason, Span};

/// Longest datagram of a message that came in one (Graylog, "GELF via UDP").
pub const DATAGRAM_BYTES: usize = 8192;
/// Chunks that a network lets through whole, where none came that say it.
const CHUNK_BYTES: usize = 1420;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Plain,
    Gzip,
    Zlib,
}

impl Coding {
    /// By the first two bytes: RFC 1952, RFC 1950.
    fn of(message: &[u8]) -> Self {
        match message {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [first @ 0x78, second, ..] if u16::from_be_bytes([*first, *second]) % 31 == 0 => {
                Self::Zlib
            }
            _ => Self::Plain,
        }
    }

    fn decode(self, message: &[u8], bytes_max: usize) -> Result<Cow<'_, [u8]>, Reason> {
        let packed = message.len();
        let decoded = match self {
            Self::Plain => Cow::Borrowed(message),
            Self::Gzip => {
                let decoder = || MultiGzDecoder::new(message);
                Cow::Owned(inflate::whole(decoder, packed, bytes_max)?)
            }
            Self::Zlib => {
                let decoder = || ZlibDecoder::new(message);
                Cow::Owned(inflate::whole(decoder, packed, bytes_max)?)
            }
        };
        if decoded.len() > bytes_max {
            return Err(Reason::RecordTooLong);
        }
        Ok(decoded)
    }

    fn encode(self, message: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(message.to_vec()),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(message)?;
                encoder.finish()
            }
            Self::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(message)?;
                encoder.finish()
            }
        }
    }
}

/// Whether a text is a message: a map, as Graylog reads JSON.
#[must_use]
pub fn is_message(text: &[u8]) -> bool {
    is_map(text, Grammar::Graylog)
}

/// Whether a message has control bytes as they are.
#[must_use]
pub fn has_controls(message: &[u8]) -> bool {
    // Without a way out in between, which lets many bytes be looked at together.
    message.iter().fold(false, |any, byte| any | (*byte < b' '))
}

/// The same message in one line, as RFC 8259 has it: control bytes in strings are escaped, line ends elsewhere are
/// spaces. A line feed would end what a detector looks at, in the middle of a value.
#[must_use]
pub fn one_line(message: &[u8]) -> Cow<'_, [u8]> {
    if !has_controls(message) {
        return Cow::Borrowed(message);
    }
    let mut line = Vec::with_capacity(message.len().saturating_add(64));
    let (mut inside, mut escaped) = (false, false);
    for &byte in message {
        match byte {
            b'\n' | b'\r' if !inside => line.push(b' '),
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\r' => line.extend_from_slice(b"\\r"),
            b'\t' if inside => line.extend_from_slice(b"\\t"),
            0..=0x1F if inside => {
                let digit = |half: u8| {
                    if half < 10 {
                        b'0' | half
                    } else {
                        half.wrapping_add(b'a' - 10)
                    }
                };
                line.extend_from_slice(b"\\u00");
                line.extend([digit(byte >> 4), digit(byte & 0xF)]);
            }
            _ => line.push(byte),
        }
        inside ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
    }
    Cow::Owned(line)
}

/// Bytes of messages that wait to be scrubbed together.
const WAITING_BYTES_MAX: usize = 64 << 10;

/// A message that waits: as it came, and its line.
struct Waiting {
    whole: Whole,
    coding: Coding,
    line: Span,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.line.len())
    }
}

/// Scrubs messages and says how they leave.
pub struct Scrubber {
    /// The core; it ends records for a stream where the sink is one.
    pub desk: Desk,
    waiting: Vec<Waiting>,
    /// Their lines, behind one another.
    lines: Vec<u8>,
    /// Whether the sink takes datagrams.
    datagrams: bool,
    /// The next chunked message's id. A client's own may say something.
    id: u64,
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber")
            .field("desk", &self.desk)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}

impl Scrubber {
    /// Over this core; ids of chunked messages count from `id`.
    #[must_use]
    pub fn new(mut desk: Desk, datagrams: bool, id: u64) -> Self {
        desk.pipeline.bury_as_gelf();
        if datagrams {
            desk.pipeline.keep_apart();
        }
        Self {
            desk,
            waiting: Vec::new(),
            lines: Vec::new(),
            datagrams,
            id,
        }
    }

    /// A message, or the tombstone that stands for it, goes to `out`, at the latest with the next [`Self::flush`]:
    /// many are scrubbed together.
    pub fn message(&mut self, message: Result<Whole, Lost>, out: &mut Scrubbed) {
        let whole = match message {
            Ok(whole) => whole,
            Err(lost) => return self.bury(lost.reason, lost.bytes, out),
        };
        let (coding, length) = (Coding::of(&whole.bytes), whole.bytes.len());
        let json = match coding.decode(&whole.bytes, self.desk.record_bytes_max) {
            Ok(json) => json,
            Err(reason) => return self.bury(reason, length, out),
        };
        if !is_message(&json) {
            return self.bury(Reason::BadFrame, length, out);
        }
        let start = self.lines.len();
        self.lines.extend_from_slice(&one_line(&json));
        drop(json);
        let line = Span::new(start, self.lines.len());
        self.waiting.push(Waiting {
            whole,
            coding,
            line,
        });
        if self.lines.len() >= WAITING_BYTES_MAX {
            self.flush(out);
        }
    }

    /// What waits goes to `out`.
    pub fn flush(&mut self, out: &mut Scrubbed) {
        let (waiting, lines) = (
            std::mem::take(&mut self.waiting),
            std::mem::take(&mut self.lines),
        );
        let places = waiting.iter().map(|message| message.line);
        if self.datagrams {
            let mut scrubbed = Scrubbed::new();
            self.desk.lines(&lines, places, &mut scrubbed);
            for (message, record) in waiting.into_iter().zip(scrubbed.records()) {
                self.leave(message, &lines, record, out);
            }
        } else {
            self.desk.lines(&lines, places, out);
        }
        self.lines = lines;
        self.lines.clear();
        self.lines.shrink_to(WAITING_BYTES_MAX);
    }

    /// A message whose line became `scrubbed`, as datagrams.
    fn leave(&mut self, message: Waiting, lines: &[u8], scrubbed: &[u8], out: &mut Scrubbed) {
        let Whole { bytes, chunk_bytes } = message.whole;
        let length = bytes.len();
        let packed = if scrubbed == message.line.of(lines) {
            Ok(bytes)
        } else {
            message.coding.encode(scrubbed)
        };
        match packed {
            Ok(packed) => self.cut(&packed, chunk_bytes, out),
            Err(_) => self.desk.tombstone(Reason::ScanFailed, length as u64, out),
        }
    }

    fn bury(&mut self, reason: Reason, bytes: usize, out: &mut Scrubbed) {
        self.flush(out);
        self.desk.tombstone(reason, bytes as u64, out);
    }

    /// A message that is scrubbed, as datagrams.
    pub fn cut(&mut self, message: &[u8], chunk_bytes: Option<usize>, out: &mut Scrubbed) {
        if chunk_bytes.is_none() && message.len() <= DATAGRAM_BYTES {
            out.encoded(message);
            out.end();
            return;
        }
        self.id = self.id.wrapping_add(1);
        let id = self.id.to_be_bytes();
        let size = chunk_bytes.unwrap_or(CHUNK_BYTES);
        let sent = chunks(message, id, size, |datagram| {
            out.encoded(datagram);
            out.end();
        });
        if sent.is_none() {
            let bytes = message.len() as u64;
            self.desk.tombstone(Reason::RecordTooLong, bytes, out);
        }
    }
}
