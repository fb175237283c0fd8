//! Joins lines that are one record before they are scanned: stack traces by the pattern that a first line
//! matches, and what container runtimes cut into parts (CRI, Docker's json-file).
//!
//! A joined trace is scanned as one record and its lines leave as they came. Parts leave as the one line
//! that they would have been. What is held is never longer than the longest record; what would be is cut
//! there (a trace) or becomes a tombstone (parts). A line that is not in its format is a record of its own.

use regex_automata::meta::Regex;

use crate::record::{Delimiter, Piece, Reason, Span, Terminator};

/// What is joined.
#[derive(Clone, Debug)]
pub enum Join {
    /// A line that matches starts a record, the others continue it.
    Start(Regex),
    /// CRI: `TIME STREAM P|F TEXT`, where `P` says that the line goes on.
    Cri,
    /// Docker's json-file: `{"log":"TEXT","stream":…}`, where a text without a line feed at its end goes on.
    Docker,
}

/// What a batch of whole lines became: bytes, and pieces of them.
#[derive(Default)]
pub struct Batch {
    /// What the pieces are cut from.
    pub bytes: Vec<u8>,
    /// In their order.
    pub pieces: Vec<Piece>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch({} pieces)", self.pieces.len())
    }
}

impl Batch {
    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.pieces.clear();
    }

    fn add(&mut self, parts: &[&[u8]], piece: impl FnOnce(Span) -> Piece) {
        let start = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.pieces.push(piece(Span::new(start, self.bytes.len())));
    }

    fn line(&mut self, line: &[u8]) {
        let terminator = Terminator::Newline;
        self.add(&[line, b"\n"], |span| Piece::Run { span, terminator });
    }
}

/// A record of which more may come.
#[derive(Default)]
struct Held {
    /// The lines with their ends, or the first part without its end.
    bytes: Vec<u8>,
    /// What stands behind the joined text.
    end: Vec<u8>,
    lines: usize,
    /// Where its first line starts in the input, in bytes.
    start: u64,
    /// How long the parts were that are not kept, because together they are too long.
    lost: u64,
}

/// Joins the lines of one stream.
pub struct Joiner {
    join: Join,
    record_bytes_max: usize,
    /// One for each output of a container; a trace has the first.
    held: [Option<Held>; 2],
}

impl std::fmt::Debug for Joiner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Joiner({:?})", self.join)
    }
}

/// A line of a container: which output it is of, the text, what is in front of and behind it, and whether it
/// goes on.
struct Part<'l> {
    output: usize,
    front: [&'l [u8]; 2],
    text: &'l [u8],
    behind: &'l [u8],
    goes_on: bool,
}

impl Joiner {
    /// A joiner for one stream of lines.
    #[must_use]
    pub const fn new(join: Join, record_bytes_max: usize) -> Self {
        Self {
            join,
            record_bytes_max,
            held: [None, None],
        }
    }

    /// Where the first line of what is held starts.
    #[must_use]
    pub fn held_from(&self) -> Option<u64> {
        self.held.iter().flatten().map(|held| held.start).min()
    }

    /// Takes the `pieces` of `input`, whose first byte is byte `base` of the stream, and adds what is whole
    /// to `batch`.
    pub fn push(&mut self, input: &[u8], base: u64, pieces: &[Piece], batch: &mut Batch) {
        for piece in pieces {
            match *piece {
                Piece::Run {
                    span,
                    terminator: Terminator::Newline,
                } => {
                    let mut at = span.start;
                    for line in span.of(input).split_inclusive(|b| *b == b'\n') {
                        let body = line.strip_suffix(b"\n").unwrap_or(line);
                        self.line(body, base.saturating_add(at as u64), batch);
                        at = at.saturating_add(line.len());
                    }
                }
                // It says itself where it ends.
                Piece::Run { span, .. } | Piece::Joined { span, .. } => {
                    self.flush(batch);
                    batch.add(&[span.of(input)], |span| match *piece {
                        Piece::Run { terminator, .. } => Piece::Run { span, terminator },
                        _ => Piece::Joined { span },
                    });
                }
                Piece::One { body, delimiter } => {
                    self.flush(batch);
                    batch.add(&[body.of(input)], |body| Piece::One { body, delimiter });
                }
                Piece::Tomb { .. } => {
                    self.flush(batch);
                    batch.pieces.push(*piece);
                }
            }
        }
    }

    /// No more comes, or not in time: what is held is a record.
    pub fn flush(&mut self, batch: &mut Batch) {
        for index in 0..self.held.len() {
            self.release(index, batch);
        }
    }

    fn release(&mut self, index: usize, batch: &mut Batch) {
        let Some(held) = self.held.get_mut(index).and_then(Option::take) else {
            return;
        };
        if held.lost > 0 {
            let bytes = held.lost.saturating_add(held.bytes.len() as u64);
            batch.pieces.push(Piece::Tomb {
                reason: Reason::RecordTooLong,
                bytes,
                delimiter: Delimiter::Terminated(Terminator::Newline),
            });
        } else if matches!(self.join, Join::Start(_)) && held.lines > 1 {
            batch.add(&[&held.bytes], |span| Piece::Joined { span });
        } else {
            let bytes = held.bytes.strip_suffix(b"\n").unwrap_or(&held.bytes);
            batch.line(&[bytes, &held.end].concat());
        }
    }

    fn line(&mut self, line: &[u8], start: u64, batch: &mut Batch) {
        let part = match &self.join {
            Join::Start(first) => {
                let starts = first.is_match(line);
                return self.trace(line, starts, start, batch);
            }
            Join::Cri => cri(line),
            Join::Docker => docker(line),
        };
        let Some(part) = part else {
            return batch.line(line);
        };
        let Some(slot) = self.held.get_mut(part.output) else {
            return;
        };
        if slot.is_none() && !part.goes_on {
            return batch.line(line);
        }
        let held = slot.get_or_insert_with(|| Held {
            bytes: part.front.concat(),
            start,
            ..Held::default()
        });
        held.lines = held.lines.saturating_add(1);
        let length = held.bytes.len().saturating_add(part.text.len());
        if held.lost > 0 || length.saturating_add(part.behind.len()) > self.record_bytes_max {
            held.lost = held.lost.saturating_add(part.text.len() as u64);
        } else {
            held.bytes.extend_from_slice(part.text);
            held.end = part.behind.to_vec();
        }
        if !part.goes_on {
            self.release(part.output, batch);
        }
    }

    fn trace(&mut self, line: &[u8], starts: bool, start: u64, batch: &mut Batch) {
        let full =
            |held: &Held| held.bytes.len().saturating_add(line.len()) > self.record_bytes_max;
        if starts || matches!(&self.held, [Some(held), _] if full(held)) {
            self.release(0, batch);
        }
        let [slot, _] = &mut self.held;
        let held = slot.get_or_insert_with(|| Held {
            start,
            ..Held::default()
        });
        held.lines = held.lines.saturating_add(1);
        held.bytes.extend_from_slice(line);
        held.bytes.push(b'\n');
    }
}

/// `2016-10-06T00:17:09.669794202Z stdout P text` (Kubernetes CRI logging design). Tags may follow the first
/// with colons.
fn cri(line: &[u8]) -> Option<Part<'_>> {
    let time = memchr::memchr(b' ', line)?;
    let stream_at = time.checked_add(1)?;
    let tag_at = memchr::memchr(b' ', line.get(stream_at..)?)?
        .checked_add(stream_at)?
        .checked_add(1)?;
    let output = match line.get(stream_at..tag_at)? {
        b"stdout " => 0,
        b"stderr " => 1,
        _ => return None,
    };
    let text_at = memchr::memchr(b' ', line.get(tag_at..)?)?
        .checked_add(tag_at)?
        .checked_add(1)?;
    let goes_on = match line.get(tag_at..text_at)?.split_first()? {
        (b'P', b" " | [b':', ..]) => true,
        (b'F', b" " | [b':', ..]) => false,
        _ => return None,
    };
    Some(Part {
        output,
        // A joined line is a full one.
        front: [line.get(..tag_at)?, b"F "],
        text: line.get(text_at..)?,
        behind: b"",
        goes_on,
    })
}

/// `{"log":"text\n","stream":"stdout","time":"…"}`.
fn docker(line: &[u8]) -> Option<Part<'_>> {
    const FRONT: &[u8] = b"{\"log\":\"";
    let body = line.strip_prefix(FRONT)?;
    let mut length = 0usize;
    while body.get(length)? != &b'"' {
        let step = if body.get(length)? == &b'\\' { 2 } else { 1 };
        length = length.checked_add(step)?;
    }
    let (text, behind) = body.split_at_checked(length)?;
    if !behind.ends_with(b"}") {
        return None;
    }
    let output = usize::from(memchr::memmem::find(behind, b"\"stream\":\"stderr\"").is_some());
    Some(Part {
        output,
        front: [FRONT, b""],
        text,
        behind,
        goes_on: !text.ends_with(br"\n"),
    })
}
