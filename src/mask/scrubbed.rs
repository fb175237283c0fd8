//! Bytes that a policy has been put on.

use std::fmt;
use std::io::Write as _;

use super::members::Known;
use crate::frame::Output;
use crate::record::{Delimiter, Terminator};

/// Scrubbed records, back to back. The only thing a sink takes.
///
/// `Debug` prints lengths, never bytes.
#[derive(Default)]
pub struct Scrubbed {
    bytes: Vec<u8>,
    /// End of each record, where the sink needs them one by one.
    ends: Vec<usize>,
    /// Memory for the keys of the record at hand.
    pub(super) known: Option<Box<Known>>,
}

/// A place to go back to when a record turns out not to be passed on.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    bytes: usize,
    ends: usize,
}

impl Mark {
    /// The place behind `bytes` that are about to be written.
    pub(super) fn behind(self, bytes: &[u8]) -> Self {
        Self {
            bytes: self.bytes.saturating_add(bytes.len()),
            ..self
        }
    }
}

impl Scrubbed {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, for a stream sink: records with their framing.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Each record, for a datagram sink (kept only where the output framing is [`Output::Datagrams`]).
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let record = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            record
        })
    }

    /// Each record by itself.
    pub fn apart(&self) -> impl Iterator<Item = Self> {
        self.records().map(|record| Self {
            bytes: record.to_vec(),
            ..Self::default()
        })
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.ends.is_empty()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Makes room for what so many bytes become, at the most half as many more: what is not written to is no memory.
    pub(crate) fn expect(&mut self, bytes: usize) {
        self.bytes.reserve_exact(bytes.saturating_add(bytes / 2));
    }

    /// Memory held, in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Takes the records of `other` behind its own.
    pub fn append(&mut self, other: &Self) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends
            .extend(other.ends.iter().map(|end| base.saturating_add(*end)));
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes.len(),
            ends: self.ends.len(),
        }
    }

    /// What is written piece by piece; nothing where it comes to nothing, and whether it did.
    pub(super) fn made(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Option<()>) -> bool {
        let length = self.bytes.len();
        let made = write(&mut self.bytes).is_some();
        if !made {
            self.bytes.truncate(length);
        }
        made
    }

    /// What was written since `mark`.
    pub(super) fn behind(&self, mark: Mark) -> &[u8] {
        self.bytes.get(mark.bytes..).unwrap_or_default()
    }

    /// Puts `bytes` in front of what was written since `mark`.
    pub(super) fn put_before(&mut self, mark: Mark, bytes: &[u8]) {
        let at = mark.bytes.min(self.bytes.len());
        self.bytes.splice(at..at, bytes.iter().copied());
    }

    pub(crate) fn undo(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.ends.truncate(mark.ends);
    }

    /// A slice that no finding covers. Only the masking stage may say so.
    pub(super) fn kept(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// What was encoded since the last end is a record of its own, for a datagram sink.
    pub(crate) fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Bytes that an encoder writes around scrubbed values, and those values in its own form.
    pub(crate) fn encoded(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Everything, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// Bytes since `mark`, to be framed.
    pub(crate) fn since(&self, mark: Mark) -> usize {
        self.bytes.len().saturating_sub(mark.bytes)
    }

    /// Frames the record that was written since `mark`.
    pub(crate) fn close(&mut self, mark: Mark, delimiter: Delimiter, output: Output) {
        let delimiter = match (output, delimiter) {
            (Output::Datagrams, _) => {
                self.ends.push(self.bytes.len());
                return;
            }
            (Output::AsCame, Delimiter::Datagram) | (Output::Newline, _) => {
                Delimiter::Terminated(Terminator::Newline)
            }
            (Output::AsCame, same) => same,
            (Output::OctetCounting, _) => Delimiter::Counted,
            (Output::Nul, _) => Delimiter::Terminated(Terminator::Nul),
        };
        match delimiter {
            Delimiter::Terminated(terminator) => {
                if terminator == Terminator::Newline {
                    // A counted record may bring its own line feed along: one is enough.
                    if self.since(mark) > 0 && self.bytes.last() == Some(&b'\n') {
                        self.bytes.pop();
                    }
                    self.escape_line_feeds(mark);
                }
                self.bytes.push(terminator.byte());
            }
            Delimiter::Counted => {
                let length = self.since(mark);
                let mut count = [0u8; 24];
                let mut room = count.as_mut_slice();
                let _ = write!(room, "{length} ");
                let left = room.len();
                let count = count.get(..count.len().saturating_sub(left));
                let count = count.unwrap_or_default().iter().copied();
                self.bytes.splice(mark.bytes..mark.bytes, count);
            }
            Delimiter::Bare | Delimiter::Datagram => {}
        }
    }

    /// Frames the lines that were written since `mark` as one record, `stand_in` for each line feed.
    pub(crate) fn close_lines(&mut self, mark: Mark, stand_in: u8, output: Output) {
        for byte in self.bytes.iter_mut().skip(mark.bytes) {
            if *byte == stand_in {
                *byte = b'\n';
            }
        }
        match output {
            Output::AsCame | Output::Newline => self.bytes.push(b'\n'),
            Output::OctetCounting | Output::Nul | Output::Datagrams => {
                self.close(mark, Delimiter::Terminated(Terminator::Nul), output);
            }
        }
    }

    /// A line feed inside a record would make two of it: it leaves as `#012`, as rsyslog writes it.
    fn escape_line_feeds(&mut self, mark: Mark) {
        let body = self.bytes.get(mark.bytes..).unwrap_or_default();
        if memchr::memchr(b'\n', body).is_some() {
            let body = self.bytes.split_off(mark.bytes);
            for (i, line) in body.split(|b| *b == b'\n').enumerate() {
                if i > 0 {
                    self.bytes.extend_from_slice(b"#012");
                }
                self.bytes.extend_from_slice(line);
            }
        }
    }

    /// A tombstone in place of a record.
    pub(crate) fn tombstone(
        &mut self,
        tombstone: &dyn fmt::Display,
        delimiter: Delimiter,
        output: Output,
    ) {
        let mark = self.mark();
        let _ = write!(self.bytes, "{tombstone}");
        self.close(mark, delimiter, output);
    }
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubbed")
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
