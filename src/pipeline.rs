//! Joins the stages: pieces in, scrubbed records out. No I/O, no clock, no randomness.

use std::sync::Arc;

use crate::class::CLASSES;
use crate::mask::Scrubbed;
use crate::plan::Plan;
use crate::record::{Piece, Reason};

/// What a run of the pipeline counted. Plain numbers: the shell adds them to its metrics.
#[derive(Clone, Default, Debug)]
pub struct Tally {
    /// Records in, tombstones included.
    pub records: u64,
    /// Findings by class, in the order of [`CLASSES`]; the action is the policy's for that class.
    pub findings: [u64; CLASSES.len()],
    /// Tombstones by reason, in the order of [`Reason::ALL`].
    pub tombstones: [u64; Reason::ALL.len()],
}

/// The stages of one connection, with their scratch memory.
#[derive(Debug)]
pub struct Pipeline {
    plan: Arc<Plan>,
}

impl Pipeline {
    /// A pipeline for one connection.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self { plan }
    }

    /// Scrubs the `pieces` of `input` and appends them to `out`.
    pub fn process(&mut self, input: &[u8], pieces: &[Piece], out: &mut Scrubbed, tally: &mut Tally) {
        let _ = (&self.plan, input, pieces, out, tally);
    }
}
