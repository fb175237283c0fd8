//! Files that a route follows, and lines that are joined.

use std::path::{Path, PathBuf};
use std::time::Duration;

use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;
use serde::Deserialize;
use toml::Spanned;

use super::Listen;
use super::protocol::Protocol;
use super::tls::Wrong;
use crate::frame::Join;

/// Where the files are begun that are there when nothing is known of any; one that comes later is read from
/// its start.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    /// All of it.
    #[default]
    Start,
    /// What is written from now on.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Plain,
    Cri,
    Docker,
}

/// `[route.file]` as it is typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTable {
    state: PathBuf,
    #[serde(default)]
    read_from: ReadFrom,
    #[serde(default)]
    format: Format,
}

/// `[route.multiline]` as it is typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MultilineTable {
    start: Spanned<String>,
    #[serde(default = "deadline")]
    deadline_ms: u64,
}

const fn deadline() -> u64 {
    1000
}

/// Largest compiled size of a start pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 2 << 20;

/// Their keys, for "did you mean".
pub(super) const KNOWN: &[&str] = &[
    "file",
    "state",
    "read_from",
    "format",
    "multiline",
    "start",
    "deadline_ms",
];

/// How a route follows files.
#[derive(Clone, Debug)]
pub struct Files {
    /// Where it keeps how far it has come.
    pub state: PathBuf,
    /// Where files are begun that were there before.
    pub read_from: ReadFrom,
}

/// What a route joins, and for how long a record may wait for its next line.
#[derive(Clone, Debug)]
pub struct Lines {
    /// What is joined.
    pub join: Join,
    /// How long a first line waits for more.
    pub deadline: Duration,
}

/// Checks both tables of a route beside its listeners.
pub(super) fn check(
    file: Option<&Spanned<FileTable>>,
    multiline: Option<&Spanned<MultilineTable>>,
    listen: &[Spanned<String>],
    parsed: &[Listen],
    protocol: Protocol,
    base: &Path,
) -> Result<(Option<Files>, Option<Lines>), Wrong> {
    let followed = parsed.iter().position(|l| matches!(l, Listen::File(_)));
    let at = |index: usize| listen.get(index).map_or(0, |one| one.span().start);
    match (followed, file) {
        (Some(index), None) => {
            let message = "a file:// listener needs [route.file] with state, the file that keeps how far it has come";
            return Err((at(index), message.to_owned()));
        }
        (None, Some(table)) => {
            let message = "[route.file] is for file:// listeners, and this route has none";
            return Err((table.span().start, message.to_owned()));
        }
        _ => {}
    }
    let files = file.map(|table| Files {
        state: base.join(&table.get_ref().state),
        read_from: table.get_ref().read_from,
    });
    let parts = file.and_then(|table| match table.get_ref().format {
        Format::Plain => None,
        Format::Cri => Some(Join::Cri),
        Format::Docker => Some(Join::Docker),
    });
    let lines = match (multiline, parts) {
        (None, parts) => parts.map(|join| Lines {
            join,
            deadline: Duration::MAX,
        }),
        (Some(table), Some(_)) => {
            let message = "multiline joins plain lines; take it out, or format of [route.file]";
            return Err((table.span().start, message.to_owned()));
        }
        (Some(table), None) if protocol != Protocol::Lines => {
            let message = format!("multiline joins lines, and {} has none", protocol.name());
            return Err((table.span().start, message));
        }
        (Some(table), None) => {
            let table = table.get_ref();
            let start = regex(table.start.get_ref()).map_err(|m| (table.start.span().start, m))?;
            Some(Lines {
                join: Join::Start(start),
                deadline: Duration::from_millis(table.deadline_ms),
            })
        }
    };
    Ok((files, lines))
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::builder()
        .configure(meta::Config::new().nfa_size_limit(Some(PATTERN_BYTES_MAX)))
        .syntax(syntax::Config::new().utf8(false))
        .build(pattern)
        .map_err(|error| match error.syntax_error() {
            Some(syntax) => format!("the pattern cannot be read: {syntax}"),
            None => format!("the pattern cannot be used: {error}"),
        })
}
