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

/// What the tables are of: presets by their name, addresses only, and the eight rules that rivals get. Any preset, and actions that need a key, can be
/// asked for.
pub const POLICIES: &[&str] = &["default", "ip", "eight"];

const IP_ONLY: &str = "name = \"ip\"\n[actions]\ndefault = \"keep\"\n\"network.ip\" = \"redact\"\n";

/// Names whose value is hidden under the eight rules.
pub const KEYS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "session_token",
    "access_token",
    "refresh_token",
    "api_key",
    "apikey",
    "authorization",
    "cookie",
    "username",
    "user_name",
    "login",
    "account",
    "lat",
    "lon",
    "imei",
    "imsi",
    "android_id",
    "idfa",
    "openudid",
];

/// The shapes, and the names as an operator's own; that a class has names of its own in scrubd's dictionary is more than
/// the others do. Fifteen digits are `device.imei`.
const EIGHT: &str = r#"
name = "eight"
[actions]
default = "keep"
"network.ip" = "redact"
"network.email" = "redact"
"device.mac" = "redact"
"device.guid" = "redact"
"device.imei" = "redact"
"location.coordinates" = "redact"
[[custom]]
name = "keys"
"#;

/// The eight rules that all engines get.
pub fn eight() -> String {
    format!("{EIGHT}keys = {KEYS:?}\n")
}

pub fn policy(name: &str) -> Policy {
    match name {
        "ip" => Policy::parse("ip", IP_ONLY).unwrap(),
        "eight" => Policy::parse("eight", &eight()).unwrap(),
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
