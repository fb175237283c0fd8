//! One message of the Forward protocol, scrubbed: Message, Forward, PackedForward and
//! CompressedPackedForward Mode (Fluentd, "Forward Protocol Specification v1", "Event Modes").

use std::io::Write as _;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::entries::Entries;
use super::msgpack::{Reader, Stop, Token, write_array, write_bin, write_map, write_str};
use super::record::{self, is_time};
use crate::pipeline::{Leaf, Leaves, Sheet};
use crate::protocol::inflate;
use crate::protocol::session::Desk;
use crate::record::Reason;

/// Longest id of a chunk that is kept.
const CHUNK_BYTES_MAX: usize = 256;

/// A chunk that the sink is to acknowledge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// The client's name for it.
    pub client: Vec<u8>,
    /// What it is called towards the sink: the same, unless that would tell something.
    pub sink: Vec<u8>,
}

/// A message that may go out.
#[derive(Debug)]
pub struct Message {
    /// The whole of it.
    pub bytes: Vec<u8>,
    /// Whether it is to be acknowledged.
    pub chunk: Option<Chunk>,
}

/// What scrubs the messages of one connection.
#[derive(Debug)]
pub struct Scrubber {
    /// The core.
    pub desk: Desk,
    sheet: Sheet,
    /// How many chunks got a name of scrubd's.
    named: u64,
}

/// What is around the events.
struct Envelope {
    tag: Vec<u8>,
    option: Vec<u8>,
    chunk: Option<Chunk>,
    gzip: bool,
}

pub(super) fn is_plain_time(token: Token<'_>) -> bool {
    match token {
        Token::Int(_) | Token::Float(_) | Token::Double(_) | Token::Nil => true,
        Token::Ext(kind, data) => is_time(kind, data),
        _ => false,
    }
}

impl Scrubber {
    /// Over this core.
    #[must_use]
    pub fn new(desk: Desk) -> Self {
        Self {
            desk,
            sheet: Sheet::new(),
            named: 0,
        }
    }

    /// Scrubs a whole message.
    ///
    /// # Errors
    /// It is none, or holds more than it may: nothing of it goes out.
    pub fn message(&mut self, message: &[u8]) -> Result<Message, Reason> {
        let bad = |_: Stop| Reason::BadFrame;
        let mut reader = Reader::new(message);
        let Ok(Token::Array(count @ 2..=4)) = reader.token() else {
            return Err(Reason::BadFrame);
        };
        let (Token::Str(tag) | Token::Bin(tag)) = reader.token().map_err(bad)? else {
            return Err(Reason::BadFrame);
        };
        let body_at = reader.at;
        let mut events = reader;
        let first = reader.token().map_err(bad)?;
        let mut ends = Vec::new();
        let inline = match (first, count) {
            (Token::Array(entries), 2 | 3) => {
                for _ in 0..entries {
                    reader.value().map_err(bad)?;
                    ends.push(u32::try_from(reader.at).map_err(|_| Reason::RecordTooLong)?);
                }
                false
            }
            (Token::Str(_) | Token::Bin(_), 2 | 3) => false,
            (time, 3 | 4) if is_plain_time(time) => {
                reader.value().map_err(bad)?;
                true
            }
            _ => return Err(Reason::BadFrame),
        };
        let body = reader.since(body_at);
        let option_at = reader.at;
        if !reader.at_end() {
            reader.value().map_err(bad)?;
        }
        let option = reader.since(option_at);
        let envelope = self.envelope(tag, option)?;
        let mut out = Vec::with_capacity(message.len());
        write_array(usize::try_from(count).unwrap_or(4), &mut out);
        write_str(&envelope.tag, &mut out);
        let before = out.len();
        if inline {
            let time = events.value().map_err(bad)?;
            let event = events.value().map_err(bad)?;
            let mut entries = Entries::new(&mut self.desk, &mut self.sheet, &mut out);
            entries.event(&[], time, event);
            entries.finish()?;
        } else {
            match first {
                Token::Array(_) => {
                    events.token().map_err(bad)?;
                    write_array(ends.len(), &mut out);
                    let mut entries = Entries::new(&mut self.desk, &mut self.sheet, &mut out);
                    for end in ends {
                        let start = std::mem::replace(&mut events.at, end as usize);
                        entries.entry(events.since(start));
                    }
                    entries.finish()?;
                }
                Token::Str(packed) | Token::Bin(packed) => {
                    match self.packed(packed, envelope.gzip)? {
                        None => out.extend_from_slice(body),
                        Some(packed) if matches!(first, Token::Str(_)) => {
                            write_str(&packed, &mut out);
                        }
                        Some(packed) => write_bin(&packed, &mut out),
                    }
                }
                _ => return Err(Reason::BadFrame),
            }
        }
        let same = out.get(before..) == Some(body) && envelope.tag == tag;
        out.extend_from_slice(&envelope.option);
        let bytes = if same && envelope.option == option {
            message.to_vec()
        } else {
            out
        };
        Ok(Message {
            bytes,
            chunk: envelope.chunk,
        })
    }

    /// The tag and the options: one sheet, no record of its own.
    fn envelope(&mut self, tag: &[u8], option: &[u8]) -> Result<Envelope, Reason> {
        let bad = |_: Stop| Reason::BadFrame;
        let mut sheet = std::mem::take(&mut self.sheet);
        sheet.clear();
        sheet.map();
        sheet.key(b"tag");
        sheet.text(tag);
        if !option.is_empty() {
            sheet.key(b"option");
            record::put(&mut Reader::new(option), &mut sheet, 0).map_err(bad)?;
        }
        sheet.end_map();
        let records = self.desk.tally.records;
        let leaves = self.desk.pipeline.sheet(&mut sheet, &mut self.desk.tally);
        self.desk.tally.records = records;
        self.sheet = sheet;
        let mut envelope = Envelope {
            tag: tag.to_vec(),
            option: Vec::new(),
            chunk: None,
            gzip: false,
        };
        let mut leaves = match leaves {
            Ok(mut leaves) => {
                if let Some(Leaf::Text(text)) = leaves.nth(1) {
                    envelope.tag = text;
                }
                leaves.next();
                Some(leaves)
            }
            Err(_) => {
                envelope.tag = b"scrubd.tombstone".to_vec();
                None
            }
        };
        if !option.is_empty() {
            self.option(option, leaves.as_mut(), &mut envelope)
                .map_err(bad)?;
        }
        Ok(envelope)
    }

    /// The options. Those that the protocol needs keep their meaning; of the others only what was
    /// scanned goes out.
    fn option(
        &mut self,
        option: &[u8],
        mut leaves: Option<&mut Leaves>,
        envelope: &mut Envelope,
    ) -> Result<(), Stop> {
        let mut reader = Reader::new(option);
        let count = match reader.token()? {
            Token::Map(count) => count,
            Token::Nil => {
                envelope.option.extend_from_slice(option);
                return Ok(());
            }
            _ => return Err(Stop::Bad),
        };
        let header = reader.since(0);
        let (mut kept, mut out) = (0usize, Vec::new());
        for _ in 0..count {
            let key_at = reader.at;
            let mut key_reader = reader;
            let name = match key_reader.token()? {
                Token::Str(name) | Token::Bin(name) => name,
                _ => &b""[..],
            };
            let raw_key = key_reader.since(key_at);
            let value = key_reader.clone().token()?;
            match (name, value) {
                (b"chunk", Token::Str(chunk) | Token::Bin(chunk)) => {
                    if chunk.len() > CHUNK_BYTES_MAX {
                        return Err(Stop::Bad);
                    }
                    key_reader.token()?;
                    let told = match &mut leaves {
                        Some(leaves) => {
                            let (key, value) = (leaves.next(), leaves.next());
                            (key, value) != (Some(Leaf::Kept), Some(Leaf::Kept))
                        }
                        None => true,
                    };
                    let mut sink = chunk.to_vec();
                    out.extend_from_slice(raw_key);
                    if told {
                        self.named = self.named.wrapping_add(1);
                        sink = format!("scrubd-{}", self.named).into_bytes();
                        write_str(&sink, &mut out);
                    } else {
                        let value_at = key_at.saturating_add(raw_key.len());
                        out.extend_from_slice(key_reader.since(value_at));
                    }
                    envelope.chunk = Some(Chunk {
                        client: chunk.to_vec(),
                        sink,
                    });
                }
                (b"compressed", Token::Str(how) | Token::Bin(how)) => {
                    envelope.gzip = match how {
                        b"gzip" => true,
                        b"text" => false,
                        _ => return Err(Stop::Bad),
                    };
                    key_reader.token()?;
                    if let Some(leaves) = &mut leaves {
                        leaves.nth(1);
                    }
                    out.extend_from_slice(key_reader.since(key_at));
                }
                (b"size", Token::Int(_)) => {
                    key_reader.token()?;
                    if let Some(leaves) = &mut leaves {
                        leaves.nth(1);
                    }
                    out.extend_from_slice(key_reader.since(key_at));
                }
                _ => {
                    key_reader.value()?;
                    let Some(leaves) = &mut leaves else {
                        reader = key_reader;
                        continue;
                    };
                    let mut again = reader;
                    record::key(&mut again, leaves, &mut out)?;
                    record::encode(&mut again, leaves, &mut out)?;
                }
            }
            kept = kept.saturating_add(1);
            reader = key_reader;
        }
        if u32::try_from(kept) == Ok(count) {
            envelope.option.extend_from_slice(header);
        } else {
            write_map(kept, &mut envelope.option);
        }
        envelope.option.extend_from_slice(&out);
        Ok(())
    }

    /// The entries of a packed message; `None` where they may stay as they are.
    fn packed(&mut self, packed: &[u8], gzip: bool) -> Result<Option<Vec<u8>>, Reason> {
        let inflated;
        let entries = if gzip {
            // Members may follow one another.
            let decoder = || MultiGzDecoder::new(packed);
            inflated = inflate::whole(decoder, packed.len(), self.desk.frame_bytes_max)?;
            &inflated[..]
        } else {
            packed
        };
        let mut out = Vec::with_capacity(entries.len());
        let mut reader = Reader::new(entries);
        let mut laid = Entries::new(&mut self.desk, &mut self.sheet, &mut out);
        while !reader.at_end() {
            let start = reader.at;
            if let Ok(entry) = reader.value() {
                laid.entry(entry);
            } else {
                // Where an entry ends is not known, so neither is where the next begins.
                laid.broken(entries.len().saturating_sub(start));
                break;
            }
        }
        laid.finish()?;
        if out == entries {
            return Ok(None);
        }
        if !gzip {
            return Ok(Some(out));
        }
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let deflated = encoder.write_all(&out).and_then(|()| encoder.finish());
        deflated.map(Some).map_err(|_| Reason::ScanFailed)
    }
}
