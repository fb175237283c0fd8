//! The life of a connection whose protocol acknowledges: bytes of the client and of the sink go to a
//! [`Talk`], what it says goes out, both ways at once. The talk does no I/O and reads no clock.

mod pump;

use std::time::Duration;

pub use pump::serve;

use super::Shared;
use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Delimiter, Piece, Reason, Span};

/// What is said but not sent.
#[derive(Debug, Default)]
pub struct Wires {
    /// To the client: the protocol's own words, nothing of a payload.
    pub client: Vec<u8>,
    /// To the sink.
    pub sink: Scrubbed,
}

/// Who broke the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The client: it was told, and is hung up on.
    Client,
    /// The sink: its connection is given up as if it had broken.
    Sink,
    /// Nothing can be done for this client before it comes again: it is hung up on.
    Session,
}

/// One protocol's state between a client and a sink.
pub trait Talk {
    /// A client is there.
    fn begin(&mut self, _out: &mut Wires) {}

    /// Takes what it can off the front of what the client sent; how many bytes that were.
    ///
    /// # Errors
    /// See [`Fault`]. What the client is to be told is in `out` already.
    fn client(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault>;

    /// Length of the frame at the front of the input, where that is known and more than the read buffer.
    fn needs(&self) -> usize {
        0
    }

    /// Whether no more input is taken before the sink has said or taken something.
    fn full(&self) -> bool;

    /// The client says nothing more, or is to be served no longer.
    fn hang_up(&mut self, out: &mut Wires);

    /// Takes what it can off the front of what the sink sent.
    ///
    /// # Errors
    /// See [`Fault`].
    fn sink(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault>;

    /// A connection to the sink stands; nothing said to an earlier one counts.
    fn linked(&mut self, out: &mut Wires);

    /// The connection to the sink broke. `out.sink` is emptied after this.
    ///
    /// # Errors
    /// [`Fault::Session`] where the protocol leaves it to the client to send again.
    fn lost(&mut self, out: &mut Wires) -> Result<(), Fault>;

    /// All that was said to the sink is written.
    fn flushed(&mut self) {}

    /// Whether a connection to the sink is wanted.
    fn wants_sink(&self) -> bool;

    /// Whether nothing is owed to the client by the sink.
    fn idle(&self) -> bool;

    /// Whether the client counts on what has no acknowledgement: then it is kept, however long it takes.
    fn keeps(&self) -> bool {
        false
    }

    /// How many acknowledgements the sink has given: progress.
    fn progress(&self) -> u64;

    /// Whether all is said.
    fn done(&self) -> bool;

    /// How often the client is to hear that it is waited for, where the protocol has such words.
    fn heartbeat(&self) -> Option<Duration> {
        None
    }

    /// A heartbeat is due.
    fn beat(&mut self, _out: &mut Wires) {}

    /// The core.
    fn desk(&mut self) -> &mut Desk;
}

/// The core of one connection, and what it counted since that was last taken.
#[derive(Debug)]
pub struct Desk {
    /// The stages.
    pub pipeline: Pipeline,
    /// The counts.
    pub tally: Tally,
    /// Longest record, in bytes.
    pub record_bytes_max: usize,
    /// Longest frame of many records, in bytes, before and after decompression.
    pub frame_bytes_max: usize,
    /// Most bytes on their way to the sink.
    pub window_bytes_max: usize,
}

impl Desk {
    /// The core of a connection of this route.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        Self {
            pipeline: Pipeline::new(shared.plan.get()),
            tally: Tally::default(),
            record_bytes_max: shared.record_bytes_max,
            frame_bytes_max: shared.frame_bytes_max,
            window_bytes_max: shared.read_buffer_bytes_max,
        }
    }

    /// Scrubs one record of text.
    pub fn line(&mut self, record: &[u8], out: &mut Scrubbed) {
        let piece = Piece::One {
            body: Span::new(0, record.len()),
            delimiter: Delimiter::Bare,
        };
        self.pipeline
            .process(record, &[piece], out, &mut self.tally);
    }

    /// Scrubs records of one input together, behind one another in `out`, each one of its records where the pipeline keeps
    /// them apart.
    pub fn lines(&mut self, input: &[u8], records: impl Iterator<Item = Span>, out: &mut Scrubbed) {
        let delimiter = Delimiter::Bare;
        let pieces: Vec<Piece> = records.map(|body| Piece::One { body, delimiter }).collect();
        self.pipeline.process(input, &pieces, out, &mut self.tally);
    }

    /// Puts a tombstone where a record of `bytes` was.
    pub fn tombstone(&mut self, reason: Reason, bytes: u64, out: &mut Scrubbed) {
        let piece = Piece::Tomb {
            reason,
            bytes,
            delimiter: Delimiter::Bare,
        };
        self.pipeline.process(&[], &[piece], out, &mut self.tally);
    }

    /// Counts what could not be read as a record; the protocol has no place for a tombstone there.
    pub fn count(&mut self, reason: Reason) {
        self.tombstone(reason, 0, &mut Scrubbed::new());
    }
}
