//! Where one request's records are scrubbed and counted.

use std::sync::Arc;

use super::refusal::Refusal;
use crate::frame::{Framer, Framing};
use crate::mask::Scrubbed;
use crate::pipeline::{Leaves, Pipeline, Sheet, Tally};
use crate::plan::Plan;
use crate::protocol::Shared;
use crate::record::{Piece, Reason, Tombstone};

/// The core of one request.
pub(super) struct Desk {
    pub(super) pipeline: Pipeline,
    pub(super) tally: Tally,
    /// The longest record, in bytes.
    pub(super) record_bytes_max: usize,
    body_bytes_max: usize,
}

impl Desk {
    pub(super) fn new(shared: &Shared) -> Self {
        Self::with(
            shared.plan.get(),
            shared.record_bytes_max,
            shared.http.body_bytes_max,
        )
    }

    pub(super) fn with(plan: Arc<Plan>, record_bytes_max: usize, body_bytes_max: usize) -> Self {
        Self {
            pipeline: Pipeline::new(plan),
            tally: Tally::default(),
            record_bytes_max,
            body_bytes_max,
        }
    }

    /// A framer for the records of one body.
    pub(super) const fn framer(&self, framing: Framing) -> Framer {
        Framer::new(framing, self.record_bytes_max)
    }

    /// The longest body that is held, in bytes.
    pub(super) const fn body_bytes_max(&self) -> usize {
        self.body_bytes_max
    }

    /// The text in place of a record.
    pub(super) fn tombstone(&self, reason: Reason, bytes: usize) -> String {
        Tombstone {
            reason,
            bytes: bytes as u64,
            policy: self.pipeline.policy_id(),
        }
        .to_string()
    }

    /// What is no record of its own (a request's head, labels): its findings count, it does not.
    pub(super) fn beside(&mut self, sheet: &mut Sheet) -> Result<Leaves, Reason> {
        let mut tally = Tally::default();
        let leaves = self.pipeline.sheet(sheet, &mut tally);
        tally.records = 0;
        self.tally.add(&tally);
        leaves
    }
}

/// What scrubs a body as it streams by.
pub(super) trait Lines: Send {
    /// Scrubs what is whole of `input` and returns how much that was; the rest is given again, longer.
    fn pass(
        &mut self,
        desk: &mut Desk,
        input: &[u8],
        ended: bool,
        out: &mut Scrubbed,
    ) -> Result<usize, Refusal>;
}

/// Records that are ended by newlines.
pub(super) struct Plain {
    framer: Option<Framer>,
    pieces: Vec<Piece>,
    kind: Content,
}

/// What the lines of a body are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Text.
    Plain,
    /// Nobody says that it is text: what is none is refused.
    Unsaid,
    /// Each a JSON value, and so is each tombstone.
    Json,
}

impl Plain {
    pub(super) fn new(kind: Content) -> Self {
        Self {
            framer: None,
            pieces: Vec::new(),
            kind,
        }
    }
}

impl Lines for Plain {
    fn pass(
        &mut self,
        desk: &mut Desk,
        input: &[u8],
        ended: bool,
        out: &mut Scrubbed,
    ) -> Result<usize, Refusal> {
        let framer = self.framer.get_or_insert_with(|| {
            desk.pipeline.bury_as_json(self.kind == Content::Json);
            desk.framer(Framing::Newline)
        });
        let used = framer.cut(input, ended, &mut self.pieces);
        if self.kind == Content::Unsaid {
            let whole = input.get(..used).unwrap_or_default();
            if memchr::memchr(0, whole).is_some() || std::str::from_utf8(whole).is_err() {
                return Err(Refusal::unsupported(
                    "the body is no text and its media type is not known",
                ));
            }
        }
        desk.pipeline
            .process(input, &self.pieces, out, &mut desk.tally);
        Ok(used)
    }
}
