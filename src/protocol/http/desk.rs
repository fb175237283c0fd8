//! Where one request's records are scrubbed and counted.

use std::sync::Arc;

use super::draft::{Draft, Edit};
use super::refusal::Refusal;
use crate::frame::{Framer, Framing};
use crate::mask::Scrubbed;
use crate::pipeline::{Leaves, Pipeline, Sheet, Tally};
use crate::plan::Plan;
use crate::protocol::Shared;
use crate::protocol::json::{Id, Json, Kind};
use crate::record::{Piece, Reason, Span, Tombstone};

/// The core of one request.
pub(super) struct Desk {
    pub(super) pipeline: Pipeline,
    pub(super) tally: Tally,
    record_bytes_max: usize,
    body_bytes_max: usize,
    draft: Draft,
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
            draft: Draft::new(),
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
    pub(super) fn beside(&mut self, sheet: &Sheet) -> Result<Leaves, Reason> {
        let mut tally = Tally::default();
        let leaves = self.pipeline.sheet(sheet, &mut tally);
        tally.records = 0;
        self.tally.add(&tally);
        leaves
    }

    /// A record of a body: `put` drafts it, `at` is its place for a tombstone, which `bury` writes.
    pub(super) fn drafted(
        &mut self,
        at: Span,
        edits: &mut Vec<Edit>,
        put: impl FnOnce(&mut Draft) -> Result<(), Refusal>,
        bury: impl FnOnce(String) -> Vec<u8>,
    ) -> Result<(), Refusal> {
        let before = edits.len();
        // What is too long is not even laid out: the memory of a record has a bound.
        let outcome = if at.len() > self.record_bytes_max {
            self.tally.records = self.tally.records.saturating_add(1);
            self.tally.tomb(Reason::RecordTooLong);
            Err(Reason::RecordTooLong)
        } else {
            let mut draft = std::mem::take(&mut self.draft);
            draft.clear();
            put(&mut draft)?;
            let leaves = self.pipeline.sheet(&draft.sheet, &mut self.tally);
            let outcome = leaves.and_then(|leaves| {
                draft.edits(leaves, edits).ok_or_else(|| {
                    self.tally.tomb(Reason::ScanFailed);
                    Reason::ScanFailed
                })
            });
            self.draft = draft;
            outcome
        };
        if let Err(reason) = outcome {
            edits.truncate(before);
            // Nothing of the record stays, edits that drafting made included.
            edits.retain(|(span, _)| span.end <= at.start || span.start >= at.end);
            edits.push((at, bury(self.tombstone(reason, at.len()))));
        }
        Ok(())
    }

    /// What is no record of its own: where the policy drops it, the request is refused.
    pub(super) fn drafted_beside(
        &mut self,
        edits: &mut Vec<Edit>,
        put: impl FnOnce(&mut Draft) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut draft = std::mem::take(&mut self.draft);
        draft.clear();
        put(&mut draft)?;
        let leaves = self.beside(&draft.sheet).map_err(Refusal::tomb)?;
        let fits = draft.edits(leaves, edits);
        self.draft = draft;
        fits.ok_or(Refusal::tomb(Reason::ScanFailed))
    }

    /// A record of a JSON body, as [`Self::drafted`].
    pub(super) fn json(
        &mut self,
        json: &Json<'_>,
        at: Id,
        edits: &mut Vec<Edit>,
        put: impl FnOnce(&mut Draft),
        bury: impl FnOnce(String) -> String,
    ) {
        let put = |draft: &mut Draft| {
            put(draft);
            Ok(())
        };
        // Drafting JSON does not fail.
        let _ = self.drafted(json.span(at), edits, put, |text| bury(text).into_bytes());
    }

    /// Scrubs with the whole body as the limit of a record.
    pub(super) fn unlimited<T>(&mut self, scrub: impl FnOnce(&mut Self) -> T) -> T {
        let limit = std::mem::replace(&mut self.record_bytes_max, self.body_bytes_max);
        let outcome = scrub(self);
        self.record_bytes_max = limit;
        outcome
    }

    /// A record of a JSON body that has no more form than its own.
    pub(super) fn json_value(&mut self, json: &Json<'_>, at: Id, edits: &mut Vec<Edit>) {
        let map = json.kind(at) == Kind::Map;
        self.json(
            json,
            at,
            edits,
            |draft| draft.value(json, at),
            |tombstone| {
                if map {
                    format!("{{\"message\":\"{tombstone}\"}}")
                } else {
                    format!("\"{tombstone}\"")
                }
            },
        );
    }
}

/// `body` with the edits, which do not overlap.
pub(super) fn edited(body: &[u8], mut edits: Vec<Edit>) -> Scrubbed {
    edits.sort_unstable_by_key(|(span, _)| span.start);
    let mut out = Scrubbed::new();
    let mut at = 0usize;
    for (span, text) in edits {
        out.encoded(body.get(at..span.start).unwrap_or_default());
        out.encoded(&text);
        at = span.end;
    }
    out.encoded(body.get(at..).unwrap_or_default());
    out
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
