//! A connection of the daemon without its socket.

use scrubd::frame::{Framer, Framing, Output};
use scrubd::policy::Policy;
use scrubd::record::{Delimiter, Piece, Span};

use super::CHUNK_BYTES;
use super::batch::{Batches, Kind};
use super::core::Core;
use super::session::Session;

#[derive(Clone, Copy)]
/// How records come.
pub enum Way {
    /// A stream under a framing.
    Stream(Framing),
    /// Each record alone, as UDP brings it.
    Datagrams,
    /// Messages of RELP, each answered at once.
    Relp,
    /// Messages of many records.
    Batch(Kind),
}

/// The default of `record_bytes_max`.
const RECORD_BYTES_MAX: usize = 1 << 20;

/// A connection without its socket.
pub struct Connection {
    /// Its pipeline.
    pub core: Core,
    framer: Option<Framer>,
    session: Option<Session>,
    batches: Option<Batches>,
    buffer: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Connection {
    /// One of its own plan.
    pub fn new(policy: Policy, way: Way, output: Output) -> Self {
        let session = match way {
            Way::Relp => Some(Session::new(policy.clone())),
            Way::Stream(_) | Way::Datagrams | Way::Batch(_) => None,
        };
        let batches = match way {
            Way::Batch(kind) => Some(Batches::new(kind, policy.clone())),
            Way::Stream(_) | Way::Datagrams | Way::Relp => None,
        };
        Self {
            session,
            batches,
            ..Self::of(Core::new(policy, output), way)
        }
    }

    /// One around a pipeline.
    pub fn of(core: Core, way: Way) -> Self {
        Self {
            core,
            framer: match way {
                Way::Stream(framing) => Some(Framer::new(framing, RECORD_BYTES_MAX)),
                Way::Datagrams | Way::Relp | Way::Batch(_) => None,
            },
            session: None,
            batches: None,
            buffer: Vec::with_capacity(CHUNK_BYTES * 2),
            pieces: Vec::new(),
        }
    }

    /// Takes what a read brought.
    pub fn read(&mut self, bytes: &[u8]) {
        if let Some(session) = &mut self.session {
            self.buffer.extend_from_slice(bytes);
            let used = session.read(&self.buffer);
            self.core.tally.clone_from(session.tally());
            self.buffer.drain(..used);
            return;
        }
        if let Some(batches) = &mut self.batches {
            batches.take(bytes);
            self.core.tally.clone_from(batches.tally());
            return;
        }
        match &mut self.framer {
            Some(framer) => {
                self.buffer.extend_from_slice(bytes);
                let used = framer.cut(&self.buffer, false, &mut self.pieces);
                self.core.pieces(&self.buffer, &self.pieces);
                self.buffer.drain(..used);
            }
            None => {
                self.pieces.clear();
                let mut start = 0;
                for end in memchr::memchr_iter(b'\n', bytes) {
                    self.pieces.push(Piece::One {
                        body: Span::new(start, end),
                        delimiter: Delimiter::Datagram,
                    });
                    start = end + 1;
                }
                self.core.pieces(bytes, &self.pieces);
            }
        }
    }
}
