//! The pipeline of one connection, under its policies.

use std::hint::black_box;
use std::sync::Arc;

use scrubd::frame::Output;
use scrubd::mask::{Keys, Scrubbed};
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::record::{Piece, Span, Terminator};
use scrubd::scan::Tables;

use super::Input;

/// What the tables are of: presets by their name, and addresses only. Any preset, and actions that need a key, can be
/// asked for.
pub const POLICIES: &[&str] = &["default", "ip"];

const IP_ONLY: &str = "name = \"ip\"\n[actions]\ndefault = \"keep\"\n\"network.ip\" = \"redact\"\n";

pub fn policy(name: &str) -> Policy {
    match name {
        "ip" => Policy::parse("ip", IP_ONLY).unwrap(),
        action @ ("hash" | "encrypt" | "preserve") => {
            let text = format!("[actions]\ndefault = \"{action}\"\n");
            Policy::parse(action, &text).unwrap()
        }
        preset => Policy::preset(preset).unwrap_or_else(|| panic!("no preset {preset}")),
    }
}

/// The pipeline of one connection with its reused output.
pub struct Core {
    pipeline: Pipeline,
    out: Scrubbed,
    /// What it counted so far.
    pub tally: Tally,
}

impl Core {
    /// One of its own plan.
    pub fn new(policy: Policy, output: Output) -> Self {
        let keys = Keys::single(vec![7; 32]);
        Self {
            pipeline: Pipeline::new(Arc::new(Plan::new(policy, keys, output))),
            out: Scrubbed::new(),
            tally: Tally::default(),
        }
    }

    /// A stream begins.
    pub fn begin(&mut self, tables: Tables) {
        self.pipeline.begin(tables);
    }

    /// A chunk of whole lines.
    pub fn scrub(&mut self, chunk: &[u8]) {
        let pieces = [Piece::Run {
            span: Span::new(0, chunk.len()),
            terminator: Terminator::Newline,
        }];
        self.pieces(chunk, &pieces);
    }

    /// What a framer made of a buffer.
    pub fn pieces(&mut self, input: &[u8], pieces: &[Piece]) {
        self.out.clear();
        self.pipeline
            .process(black_box(input), pieces, &mut self.out, &mut self.tally);
        black_box(self.out.as_bytes());
    }

    /// One pass: hits, tombstones.
    pub fn count(&mut self, input: &Input) -> (u64, u64) {
        self.tally = Tally::default();
        input.chunks().for_each(|chunk| self.scrub(chunk));
        (
            self.tally.findings.iter().sum(),
            self.tally.tombstones.iter().sum(),
        )
    }
}
