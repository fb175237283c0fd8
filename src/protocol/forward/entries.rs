//! Events on their way: laid out together for the scan, then written again, each in its place.

use super::message::is_plain_time;
use super::msgpack::{Reader, Token};
use super::record;
use crate::pipeline::Sheet;
use crate::protocol::session::Desk;
use crate::record::Reason;

/// The header of `[time, record]`.
const PAIR: &[u8] = &[0x92];
/// A time where none can be told.
const NO_TIME: &[u8] = &[0];
/// Most events that wait to be written: those that are not scanned take memory, too.
const LAID_MAX: usize = 1024;
/// Most bytes of tombstones in a message, in longest messages.
const BURIED_MOST: usize = 4;

/// An event that is laid out, or why it is not.
#[derive(Debug)]
struct Laid<'a> {
    /// What goes in front as it is, and stays where the event does not.
    head: &'a [u8],
    /// The time, where it holds nothing to be scanned.
    time: &'a [u8],
    /// What was scanned; metadata may stand in front of the record.
    metadata: Option<&'a [u8]>,
    event: &'a [u8],
    /// The time of a tombstone.
    instead: &'a [u8],
    bytes: usize,
    outcome: Result<(), Reason>,
}

impl<'a> Laid<'a> {
    fn values(&self) -> impl Iterator<Item = &'a [u8]> {
        self.metadata.into_iter().chain([self.event])
    }
}

/// The events of one message.
#[derive(Debug)]
pub(super) struct Entries<'a, 'd> {
    desk: &'d mut Desk,
    sheet: &'d mut Sheet,
    laid: Vec<Laid<'a>>,
    out: &'d mut Vec<u8>,
    /// Bytes of tombstones: each is longer than the shortest event by far.
    buried_bytes: usize,
}

impl<'a, 'd> Entries<'a, 'd> {
    /// For a message whose events go to `out`, until [`Self::finish`].
    pub(super) fn new(desk: &'d mut Desk, sheet: &'d mut Sheet, out: &'d mut Vec<u8>) -> Self {
        sheet.clear();
        Self {
            desk,
            sheet,
            laid: Vec::new(),
            out,
            buried_bytes: 0,
        }
    }

    /// One `[time, record]`, a whole value.
    pub(super) fn entry(&mut self, entry: &'a [u8]) {
        let mut reader = Reader::new(entry);
        if let Ok(Token::Array(2)) = reader.token() {
            let head = reader.since(0);
            if let Ok(time) = reader.value() {
                // The entry ends with its record.
                let event = entry.get(reader.at..).unwrap_or_default();
                return self.event(head, time, event);
            }
        }
        self.broken(entry.len());
    }

    /// Bytes that are no entry.
    pub(super) fn broken(&mut self, bytes: usize) {
        self.push(Laid {
            head: PAIR,
            time: NO_TIME,
            metadata: None,
            event: &[],
            instead: NO_TIME,
            bytes,
            outcome: Err(Reason::BadFrame),
        });
    }

    fn push(&mut self, laid: Laid<'a>) {
        if let Err(reason) = laid.outcome {
            self.desk.count(reason);
        }
        self.laid.push(laid);
        if self.sheet.is_full() || self.laid.len() >= LAID_MAX {
            self.scrub();
        }
    }

    /// A time and a record behind what stays.
    pub(super) fn event(&mut self, head: &'a [u8], time: &'a [u8], event: &'a [u8]) {
        let plain = Reader::new(time).token().is_ok_and(is_plain_time);
        let mut laid = Laid {
            head,
            time: &[],
            metadata: Some(time),
            event,
            instead: if plain { time } else { NO_TIME },
            bytes: time.len().saturating_add(event.len()),
            outcome: Ok(()),
        };
        if plain {
            (laid.time, laid.metadata) = (time, None);
        } else {
            // Fluent Bit: `[time, metadata]`.
            let mut reader = Reader::new(time);
            if let (Ok(Token::Array(2)), Ok(first)) = (reader.token(), reader.token())
                && is_plain_time(first)
            {
                laid.time = reader.since(0);
                laid.metadata = time.get(reader.at..);
            }
        }
        laid.outcome = if laid.bytes > self.desk.record_bytes_max {
            Err(Reason::RecordTooLong)
        } else {
            record::lay(laid.values(), self.sheet).map_err(|_| Reason::BadFrame)
        };
        self.push(laid);
    }

    /// Scrubs what is laid out and writes it.
    fn scrub(&mut self) {
        let desk = &mut *self.desk;
        let mut scrubbed = Vec::new();
        (desk.pipeline).sheets(self.sheet, &mut desk.tally, &mut scrubbed);
        self.sheet.clear();
        let mut scrubbed = scrubbed.into_iter();
        let most = desk.frame_bytes_max.saturating_mul(BURIED_MOST);
        for laid in self.laid.drain(..) {
            if self.buried_bytes > most {
                continue;
            }
            self.out.extend_from_slice(laid.head);
            let mark = self.out.len();
            let outcome = laid.outcome.and_then(|()| {
                let mut leaves = scrubbed.next().unwrap_or(Err(Reason::ScanFailed))?;
                self.out.extend_from_slice(laid.time);
                let written = record::write_back(laid.values(), &mut leaves, self.out);
                written.map_err(|_| {
                    desk.tally.tomb(Reason::ScanFailed);
                    Reason::ScanFailed
                })
            });
            if let Err(reason) = outcome {
                self.out.truncate(mark);
                self.out.extend_from_slice(laid.instead);
                let policy = desk.pipeline.policy_id();
                record::tombstone(reason, laid.bytes, policy, self.out);
                let buried = self.out.len().saturating_sub(mark);
                self.buried_bytes = self.buried_bytes.saturating_add(buried);
            }
        }
    }

    /// All of them are there.
    ///
    /// # Errors
    /// So many of them are none that their tombstones take more memory than there is for a message: none goes out.
    pub(super) fn finish(mut self) -> Result<(), Reason> {
        self.scrub();
        let most = self.desk.frame_bytes_max.saturating_mul(BURIED_MOST);
        (self.buried_bytes <= most)
            .then_some(())
            .ok_or(Reason::RecordTooLong)
    }
}
