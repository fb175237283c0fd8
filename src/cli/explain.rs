//! `scrubd explain`: what is found in a line, by which rule, and what the policy does with it.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use crate::scan::{Note, explain};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The line; standard input, line by line, where none is given
    line: Vec<String>,
    /// Also show what was considered and rejected
    #[arg(long)]
    why_not: bool,
    /// A preset's name or a policy file
    #[arg(long, default_value = "default")]
    policy: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let policy = super::policy(&args.policy)?;
    let mut out = std::io::stdout().lock();
    let mut show = |line: &str| -> std::io::Result<()> {
        writeln!(out, "{line}")?;
        let notes = explain(line.as_bytes(), &policy.custom);
        for note in notes.iter().filter(|note| note.accepted || args.why_not) {
            let action = policy.action(note.class).name();
            writeln!(out, "{}", underline(line, note, action))?;
        }
        Ok(())
    };
    if args.line.is_empty() {
        for line in std::io::stdin().lock().lines() {
            show(&line?)?;
        }
    } else {
        show(&args.line.join(" "))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `^^^^ class detector: reason → action` under the span, by characters.
fn underline(line: &str, note: &Note, action: &str) -> String {
    let width = |end: usize| line.get(..end).map_or(end, |head| head.chars().count());
    let (start, end) = (width(note.span.start), width(note.span.end));
    let (mark, verdict) = if note.accepted {
        ("^", action)
    } else {
        ("-", "left")
    };
    format!(
        "{}{} {} by {}: {} → {verdict}",
        " ".repeat(start),
        mark.repeat(end.saturating_sub(start).max(1)),
        note.class.id(),
        note.detector,
        note.reason,
    )
}
