//! Joins the stages: pieces in, scrubbed records out. No I/O, no clock, no randomness.

#[cfg(test)]
mod covered;
mod scrub;
mod sheet;
#[cfg(test)]
mod tests;

pub use sheet::{Leaf, Leaves, Sheet};

use std::sync::Arc;

use crate::class::{CLASSES, Class};
use crate::error::ConfigError;
use crate::frame::Output;
use crate::mask::{Places, Scrubbed, Target};
use crate::plan::{Keys, Plan};
use crate::policy::Policy;
use crate::record::{Delimiter, Piece, Reason, Span, Terminator, Tombstone};
use crate::scan::{Finding, Scratch, Table, Tables};
use scrub::Leave;

/// Most memory that a connection keeps for a record that was read together or out of a structure, in bytes.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// What a run of the pipeline counted. Plain numbers: the shell adds them to its metrics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Records in, tombstones included.
    pub records: u64,
    /// Findings by class, in the order of [`CLASSES`]; the action is the policy's for that class.
    pub findings: [u64; CLASSES.len()],
    /// Tombstones by reason, in the order of [`Reason::ALL`].
    pub tombstones: [u64; Reason::ALL.len()],
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            records: 0,
            findings: [0; CLASSES.len()],
            tombstones: [0; Reason::ALL.len()],
        }
    }
}

impl Tally {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Self) {
        self.records = self.records.saturating_add(other.records);
        for (sum, more) in self.findings.iter_mut().zip(&other.findings) {
            *sum = sum.saturating_add(*more);
        }
        for (sum, more) in self.tombstones.iter_mut().zip(&other.tombstones) {
            *sum = sum.saturating_add(*more);
        }
    }

    /// One record more that was not passed on.
    pub fn tomb(&mut self, reason: Reason) {
        if let Some(count) = self.tombstones.get_mut(reason as usize) {
            *count = count.saturating_add(1);
        }
    }
}

/// The stages of one connection, with their scratch memory.
#[derive(Debug)]
pub struct Pipeline {
    plan: Arc<Plan>,
    findings: Vec<Finding>,
    targets: Vec<Target>,
    scratch: Scratch,
    places: Places,
    /// Longest record that leaves, in bytes, where each is written alone.
    leaving_bytes_max: usize,
    /// How records leave: as the plan says, or apart, for a protocol that frames them itself.
    apart: bool,
    /// What is around the text of a tombstone.
    grave: (&'static str, &'static str),
    /// The header that this stream began with.
    table: Table,
    /// What was found in a record, until it is certain that the record leaves.
    counted: Vec<Class>,
    /// A record of several lines as it is scanned, or records side by side; a structured record as it came out.
    lines: Vec<u8>,
    records: Vec<(Span, Delimiter)>,
    written: Scrubbed,
    /// What became of each record that is to be read back.
    outcomes: Vec<Result<(), Reason>>,
    /// Memory for the leaves of a sheet of one record.
    back: Vec<Result<Leaves, Reason>>,
}

#[cfg(test)]
impl Pipeline {
    /// What tests scrub by: see [`Plan::test`].
    pub(crate) fn test(policy: &str) -> Self {
        Self::new(Arc::new(Plan::test(policy, Output::AsCame)))
    }
}

impl Pipeline {
    /// A pipeline for one connection.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        // A connection is opened before its first record comes; an idle daemon needs no table.
        plan.scanner.ready();
        Self {
            plan,
            findings: Vec::new(),
            targets: Vec::new(),
            scratch: Scratch::default(),
            places: Places::default(),
            leaving_bytes_max: usize::MAX,
            apart: false,
            grave: ("", ""),
            table: Table::new(Tables::Never),
            counted: Vec::new(),
            lines: Vec::new(),
            records: Vec::new(),
            written: Scrubbed::new(),
            outcomes: Vec::new(),
            back: Vec::new(),
        }
    }

    /// Goes on by this plan, which may be another than before.
    pub fn follow(&mut self, plan: &Arc<Plan>) {
        if !Arc::ptr_eq(&self.plan, plan) {
            self.plan = Arc::clone(plan);
            // It may remember what the rules before this said of a name.
            self.scratch = Scratch::default();
        }
    }

    /// Gives back the memory that grows with a batch.
    pub fn rest(&mut self) {
        self.findings = Vec::new();
        self.targets = Vec::new();
        self.counted = Vec::new();
        self.lines = Vec::new();
        self.records = Vec::new();
    }

    /// A record that becomes longer than this is a tombstone: each leaves as a datagram, and none holds it.
    pub const fn leave_within(&mut self, bytes: usize) {
        self.leaving_bytes_max = bytes;
    }

    /// Records leave without framing, each to be had from [`Scrubbed::records`].
    pub const fn keep_apart(&mut self) {
        self.apart = true;
    }

    fn output(&self) -> Output {
        if self.apart {
            Output::Datagrams
        } else {
            self.plan.output
        }
    }

    /// A new stream begins, whose first line may name the columns of a table.
    pub fn begin(&mut self, tables: Tables) {
        self.table = Table::new(tables);
    }

    /// Takes the table of another stream in exchange: a pipeline may serve many in turn.
    pub const fn exchange(&mut self, table: &mut Table) {
        std::mem::swap(&mut self.table, table);
    }

    /// Whether the records are JSON values, so that tombstones between them must be too.
    pub const fn bury_as_json(&mut self, json: bool) {
        self.grave = if json {
            ("{\"message\":\"", "\"}")
        } else {
            ("", "")
        };
    }

    /// The records are GELF messages: so are tombstones between them.
    pub const fn bury_as_gelf(&mut self) {
        let head = "{\"version\":\"1.1\",\"host\":\"scrubd\",\"short_message\":\"";
        self.grave = (head, "\"}");
    }

    /// The id of the policy in force, for tombstones that a protocol writes itself.
    #[must_use]
    pub fn policy_id(&self) -> &str {
        self.plan.policy.id()
    }

    /// Scrubs the `pieces` of `input` and appends them to `out`.
    pub fn process(
        &mut self,
        input: &[u8],
        pieces: &[Piece],
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) {
        let mut rest = pieces;
        while let Some((piece, tail)) = rest.split_first() {
            let alone = !matches!(rest, [Piece::One { .. }, Piece::One { .. }, ..]);
            let together = match alone {
                true => 0,
                false => self.together(input, rest, out, tally),
            };
            if together > 0 {
                rest = rest.get(together..).unwrap_or_default();
                continue;
            }
            rest = tail;
            match *piece {
                Piece::Run { span, terminator } => self.run(span.of(input), terminator, out, tally),
                Piece::Joined { span } => {
                    tally.records = tally.records.saturating_add(1);
                    self.joined(span.of(input), out, tally);
                }
                Piece::One { body, delimiter } => {
                    tally.records = tally.records.saturating_add(1);
                    self.one(body.of(input), delimiter, Leave::Framed, out, tally);
                }
                Piece::Tomb {
                    reason,
                    bytes,
                    delimiter,
                } => {
                    tally.records = tally.records.saturating_add(1);
                    self.table.skip();
                    self.tomb(reason, bytes, delimiter, out, tally);
                }
            }
        }
    }

    /// Many records at once; record by record only where something in it asks for that.
    fn run(&mut self, run: &[u8], terminator: Terminator, out: &mut Scrubbed, tally: &mut Tally) {
        let records = memchr::memchr_iter(terminator.byte(), run).count();
        tally.records = tally.records.saturating_add(records as u64);
        let same = match (self.output(), terminator) {
            (Output::AsCame, _)
            | (Output::Newline, Terminator::Newline)
            | (Output::Nul, Terminator::Nul) => true,
            (Output::Newline | Output::Nul | Output::OctetCounting | Output::Datagrams, _) => false,
        };
        let leave = match same {
            true => Leave::AsTheyStand,
            false => Leave::Framed,
        };
        let mut start = 0usize;
        let all = memchr::memchr_iter(terminator.byte(), run).map(move |end| {
            let record = Span::new(start, end);
            start = end.saturating_add(1);
            (record, Delimiter::Terminated(terminator))
        });
        self.many(run, all, leave, out, tally);
    }

    fn one(
        &mut self,
        record: &[u8],
        delimiter: Delimiter,
        leave: Leave,
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) {
        let mark = out.mark();
        let outcome = self.scrub(record, out, tally);
        match outcome {
            Ok(()) => {}
            // A row that is not passed on may open a field that the next one goes on with.
            Err(Reason::Policy | Reason::RecordTooLong) => {
                self.table.pass(record, &self.plan.policy);
            }
            Err(_) => self.table.skip(),
        }
        self.done(outcome, (record.len(), delimiter), mark, leave, out, tally);
    }

    /// Lines as one record: a line feed ends what a detector looks at, so another control character stands
    /// for it during the scan. Where a record has all of those, its lines are scanned one by one.
    fn joined(&mut self, lines: &[u8], out: &mut Scrubbed, tally: &mut Tally) {
        let newline = Terminator::Newline;
        let body = lines.strip_suffix(b"\n").unwrap_or(lines);
        let Some(stand_in) = [0x1E, 0x1F, 0x1D, 0x1C]
            .into_iter()
            .find(|b| memchr::memchr(*b, body).is_none())
        else {
            tally.records = tally.records.saturating_sub(1);
            return self.run(lines, newline, out, tally);
        };
        let mut record = std::mem::take(&mut self.lines);
        record.clear();
        record.extend_from_slice(body);
        for byte in record.iter_mut().filter(|byte| **byte == b'\n') {
            *byte = stand_in;
        }
        let mark = out.mark();
        match self.scrub(&record, out, tally) {
            Ok(()) => out.close_lines(mark, stand_in, self.output()),
            Err(reason) => {
                let delimiter = Delimiter::Terminated(newline);
                self.tomb(reason, body.len() as u64, delimiter, out, tally);
            }
        }
        if record.capacity() <= KEPT_BYTES_MAX {
            self.lines = record;
        }
    }

    fn tomb(
        &mut self,
        reason: Reason,
        bytes: u64,
        delimiter: Delimiter,
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) {
        tally.tomb(reason);
        let tombstone = Tombstone {
            reason,
            bytes,
            policy: self.plan.policy.id(),
        };
        // A tombstone's text has nothing to be escaped.
        let (head, tail) = self.grave;
        let text = format_args!("{head}{tombstone}{tail}");
        out.tombstone(&text, delimiter, self.output());
    }
}

/// A finding with the policy's action for its class, or for the operator's rule that found it.
pub(crate) fn target(policy: &Policy, finding: &Finding) -> Target {
    let own = policy.own_action(finding.rule);
    Target {
        span: finding.span,
        class: finding.class,
        spelling: finding.spelling,
        action: own.unwrap_or_else(|| policy.action(finding.class)),
        own: own.is_some(),
    }
}

/// One record through a plan, for tests of policies: what it becomes.
#[must_use]
pub fn scrub_line(plan: &Arc<Plan>, line: &[u8]) -> Vec<u8> {
    let mut out = Scrubbed::new();
    let piece = Piece::One {
        body: Span::new(0, line.len()),
        delimiter: Delimiter::Bare,
    };
    Pipeline::new(Arc::clone(plan)).process(line, &[piece], &mut out, &mut Tally::default());
    out.as_bytes().to_vec()
}

/// Runs a policy's own tests, under a fixed key so that pseudonyms repeat.
///
/// # Errors
/// The first test that fails, with what came out.
pub fn test(policy: &Policy) -> Result<(), ConfigError> {
    let key = Keys::single(b"check".to_vec());
    let plan = Arc::new(Plan::new(policy.clone(), key, Output::AsCame));
    for (index, (line, becomes)) in policy.tests().iter().enumerate() {
        let got = scrub_line(&plan, line.as_bytes());
        if got != becomes.as_bytes() {
            // The policy's author wrote this line: it is no payload.
            let got = String::from_utf8_lossy(&got);
            let number = index.saturating_add(1);
            return Err(ConfigError::new(
                &policy.name,
                format!(
                    "test {number} fails\n  line    {line}\n  becomes {got}\n  wanted  {becomes}"
                ),
            ));
        }
    }
    Ok(())
}
