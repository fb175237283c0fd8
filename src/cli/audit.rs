//! `scrubd audit`: what personal data is in these logs, by class and field, never showing it.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::class::{Class, Tier, is_label};
use crate::format::hex;
use crate::format::path::Walker;
use crate::frame::{Framer, Framing};
use crate::mask::{Masker, Places, Target};
use crate::pipeline::target;
use crate::policy::{Action, Policy};
use crate::record::{Piece, Reason};
use crate::scan::{Finding, Scanner, Scratch, Table, Tables};
use crate::settings::Settings;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files, gzip and zstd too; `-` or none is standard input
    files: Vec<PathBuf>,
    /// The policy to hold them against: a preset's name or a file
    #[arg(long, default_value = "default")]
    policy: String,
    /// When the first line of a file is the header of a CSV table: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = super::scrub::tables)]
    csv: Tables,
    /// Write the proposed policy to this file
    #[arg(long, value_name = "FILE")]
    propose: Option<PathBuf>,
}

/// Most rows that are kept apart; further fields are counted under `…`.
const ROWS_MAX: usize = 10_000;
/// Longest shape that is shown, in characters.
const SHAPE_CHARS_MAX: usize = 40;
const CHUNK_BYTES: u64 = 1 << 20;

#[derive(Default)]
struct Row {
    count: u64,
    shape: String,
}

struct Audit {
    policy: Policy,
    scanner: Scanner,
    tables: Tables,
    table: Table,
    /// By class, field and what the policy does there.
    rows: BTreeMap<(Class, String, &'static str), Row>,
    records: u64,
    unread: u64,
    findings: Vec<Finding>,
    places: Places,
    scratch: Scratch,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = super::policy(&args.policy)?;
    let limit = Settings::load(None)?.record_bytes_max;
    // What the policy has beside actions goes into the proposal as it is written.
    let written = match Policy::preset(&args.policy) {
        Some(_) => String::new(),
        None => std::fs::read_to_string(&args.policy).with_context(|| args.policy.clone())?,
    };
    let mut audit = Audit {
        scanner: Scanner::with_custom(&policy.custom),
        tables: args.csv,
        table: Table::new(args.csv),
        rows: BTreeMap::new(),
        records: 0,
        unread: 0,
        findings: Vec::new(),
        places: Places::default(),
        scratch: Scratch::default(),
        policy,
    };
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() {
        &stdin[..]
    } else {
        &args.files
    };
    for file in files {
        let (input, bar) = super::scrub::open(file, std::io::stderr().is_terminal())
            .with_context(|| file.display().to_string())?;
        audit.stream(input, limit)?;
        bar.finish_and_clear();
    }
    let mut out = std::io::stdout().lock();
    audit.report(&mut out)?;
    let proposed = audit.proposed(&written)?;
    match &args.propose {
        Some(file) => {
            std::fs::write(file, &proposed).with_context(|| file.display().to_string())?;
            writeln!(out, "\nproposed policy written to {}", file.display())?;
        }
        None => write!(out, "\n{proposed}")?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Audit {
    fn stream(&mut self, mut input: Box<dyn Read>, limit: usize) -> anyhow::Result<()> {
        self.table = Table::new(self.tables);
        let mut framer = Framer::new(Framing::Newline, limit);
        let (mut buffer, mut pieces) = (Vec::new(), Vec::new());
        loop {
            let ended = input.by_ref().take(CHUNK_BYTES).read_to_end(&mut buffer)? == 0;
            let used = framer.cut(&buffer, ended, &mut pieces);
            for piece in &pieces {
                match *piece {
                    Piece::Run { span, .. } | Piece::Joined { span } => {
                        self.batch(span.of(&buffer));
                    }
                    Piece::One { body, .. } => self.batch(body.of(&buffer)),
                    Piece::Tomb { .. } => self.unread = self.unread.saturating_add(1),
                }
            }
            buffer.drain(..used);
            if ended {
                return Ok(());
            }
        }
    }

    fn batch(&mut self, hay: &[u8]) {
        let ends = memchr::memchr_iter(b'\n', hay).count().max(1);
        self.records = self.records.saturating_add(ends as u64);
        self.findings.clear();
        self.scanner
            .scan(hay, &mut self.scratch, &mut self.findings);
        let cells = Some(self.places.anew());
        self.table
            .rows(hay, &self.policy, &mut self.findings, cells);
        self.findings
            .sort_by_key(|f| (f.span.start, f.class, f.span.end));
        self.findings.dedup_by_key(|f| (f.span.start, f.class));
        let mut targets: Vec<Target> = self
            .findings
            .iter()
            .map(|finding| target(&self.policy, finding))
            .collect();
        Masker::decide(&self.policy, hay, &mut targets, &mut self.places);
        let mut walker = Walker::new(hay, self.places.cells());
        let mut path = String::new();
        for finding in &targets {
            let text = finding.span.of(hay);
            // A label may stand in hex digits, as in an audit record.
            if is_label(text) || hex::decode(text).is_some_and(|plain| is_label(&plain)) {
                continue;
            }
            walker.path(finding.span, &mut path);
            let shown = self.public(&path);
            let mut key = (finding.class, shown, finding.action.name());
            if !self.rows.contains_key(&key) && self.rows.len() >= ROWS_MAX {
                key.1 = "…".to_owned();
            }
            let row = self.rows.entry(key).or_default();
            row.count = row.count.saturating_add(1);
            if row.shape.is_empty() {
                row.shape = shape(finding.class, text);
            }
        }
    }

    /// A path, unless a key in it is personal itself.
    fn public(&self, path: &str) -> String {
        let mut findings = Vec::new();
        self.scanner
            .scan(path.as_bytes(), &mut Scratch::default(), &mut findings);
        let long = path.chars().count() > 96;
        let digits = path.bytes().filter(u8::is_ascii_digit).count();
        match path {
            "" => "(text)".to_owned(),
            _ if findings.is_empty() && !long && digits < 6 => path.to_owned(),
            _ => "(a key that is personal itself)".to_owned(),
        }
    }

    fn report(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{} records, policy {} ({})",
            self.records,
            self.policy.name,
            self.policy.id()
        )?;
        if self.unread > 0 {
            writeln!(
                out,
                "{} records not read ({})",
                self.unread,
                Reason::RecordTooLong.as_str()
            )?;
        }
        writeln!(
            out,
            "{:<26} {:<40} {:>10} {:<12} shape",
            "class", "field", "count", "action"
        )?;
        for ((class, path, action), row) in &self.rows {
            writeln!(
                out,
                "{:<26} {path:<40} {:>10} {action:<12} {}",
                class.id(),
                row.count,
                row.shape
            )?;
        }
        Ok(())
    }

    /// The policy with an action for what it leaves readable; its other rules as they are `written`, but its tests,
    /// which say what it did.
    fn proposed(&self, written: &str) -> anyhow::Result<String> {
        let policy = &self.policy;
        let seen = |class: Class| self.rows.keys().any(|(found, _, _)| *found == class);
        let mut text = String::from("# Proposed by `scrubd audit`.\n");
        let mut kept: toml::Table = toml::from_str(written)?;
        kept.remove("actions");
        kept.remove("test");
        text.push_str(&toml::to_string(&kept)?);
        text.push_str("[actions]\n");
        for class in Class::all() {
            let action = policy.action(class);
            let (action, why) = if action.hides() || !seen(class) {
                (action, "")
            } else if class.info().tier == Tier::Sensitive {
                (Action::Redact, " # found, and left until now")
            } else {
                (
                    Action::by_name("hash").unwrap_or(Action::Redact),
                    " # found, and left until now",
                )
            };
            text.push_str(&format!("\"{}\" = {}{why}\n", class.id(), action.to_toml()));
        }
        Ok(text)
    }
}

/// Digits as `9`, letters as `a` and `A`: enough to know the kind, too little to know the value.
fn shape(class: Class, text: &[u8]) -> String {
    if matches!(class, Class::PASSWORD | Class::SECURITY_ANSWER) {
        return "(not shown)".to_owned();
    }
    let text = String::from_utf8_lossy(text);
    let mut shape: String = text
        .chars()
        .take(SHAPE_CHARS_MAX)
        .map(|c| match c {
            '0'..='9' => '9',
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            '.' | ':' | '-' | '@' | '/' | '+' | ',' | ' ' | '%' => c,
            _ if c.is_alphabetic() => 'x',
            _ => '?',
        })
        .collect();
    if text.chars().count() > SHAPE_CHARS_MAX {
        shape.push('…');
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_show_no_value() {
        assert_eq!(shape(Class::IP, b"192.0.2.7"), "999.9.9.9");
        assert_eq!(
            shape(Class::EMAIL, "Zoë@b.example".as_bytes()),
            "Aax@a.aaaaaaa"
        );
        assert_eq!(shape(Class::PASSWORD, b"hunter2"), "(not shown)");
    }
}
