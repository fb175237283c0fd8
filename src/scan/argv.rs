//! Short flags in a list of a command's words, as programs print what they start: `["mysql","-phunter2"]`.

use super::Detector;
use super::command::hold;
use super::context::Cx;
use super::flag::next_of_list;
use super::front::Anchor;
use super::program::{Flag, PROGRAMS, Program, flag, is_of_family};
use crate::class::Class;
use crate::format::bytes::{before, is_end, skip, skip_back};
use crate::format::value::quote_at;
use crate::record::Span;

/// How a word begins that may be a flag for a secret or an account.
const FLAGS: &[&str] = &["\"-p", "\"-u", "\"-U", "\"-a", "\"-w", "'-p", "'-u"];

/// Bytes of a list in front of a flag that are looked at.
const LIST_BYTES_MAX: usize = 512;

/// `["mysql","-u","ann","-phunter2"]`.
pub(super) static DETECTOR: Detector = Detector {
    id: "argv",
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: FLAGS,
    source: "command.rs; RFC 8259 and Python's repr of a list",
    confirm,
    finds: &[
        r#"exec ["mysql","-phunter2"]"#,
        r#"{"cmd":["/usr/bin/mysql", "-h", "db", "-u", "ann"]}"#,
        r#"{"m":"[\"sshpass\",\"-phunter2\"]"}"#,
        "run(['curl', '-s', '-u', 'ann:hunter2'])",
        r#"["docker","login","-u","ann","-p","hunter2"]"#,
        r#"["helm", "registry", "login", "-p", "hunter2"]"#,
        r#"["docker","--config","/tmp/c","login","-p","hunter2"]"#,
        r#"{"args":["docker","-H","tcp://x","login","-u","ann"]}"#,
        r#"["/usr/bin/env","A=1","podman","--debug","login","-p","hunter2"]"#,
    ],
    leaves: &[
        r#"["tar","-pxf","x"]"#,
        r#"["mysql","-p","shop"]"#,
        r#"["mysql"],["-phunter2"]"#,
        r#"["mysql","-u"]"#,
        r#"["docker","run","-p","80:80"]"#,
        r#""-phunter2""#,
        r#"["mkdir","/srv/login","-p","/srv/x"]"#,
        r#"["kubectl","-n","login","-p","8080"]"#,
        r#"["tar","--x","/srv/login","-u","x"]"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, FLAGS).is_none() {
        return;
    }
    let content = at.saturating_sub(2);
    let open = skip_back(hay, content.saturating_sub(1), 15, |b| b == b'\\');
    let Some((quote, start)) = quote_at(hay, open) else {
        return;
    };
    if start != content || before(hay, skip_back(hay, open, 2, |b| b == b' ')) != b',' {
        return;
    }
    let floor = open.saturating_sub(LIST_BYTES_MAX);
    let head = Span::new(floor, open).of(hay);
    let Some(list) = memchr::memrchr3(b'[', b']', b'\n', head) else {
        return;
    };
    let list = floor.saturating_add(list);
    let Some((first, name)) = quote_at(hay, list.saturating_add(1)) else {
        return;
    };
    if first != quote {
        return;
    }
    let end = skip(hay, name, 128, |b| {
        !matches!(b, b'"' | b'\'' | b'\\') && !is_end(b)
    });
    let words = Span::new(end, open).of(hay);
    let Some(program) = program(Span::new(name, end).of(hay), words) else {
        return;
    };
    let end = cx.unclosed.string_end(hay, content, quote);
    let word = Span::new(content, end);
    match flag(program, word.of(hay)) {
        Some(Flag::Before(holds)) => {
            if let Some(value) = next_of_list(cx, content, end)
                && !value.of(hay).starts_with(b"-")
            {
                hold(cx, DETECTOR.id, holds, value);
            }
        }
        Some(Flag::Glued(length, holds)) => {
            hold(
                cx,
                DETECTOR.id,
                holds,
                Span::new(content.saturating_add(length), end),
            );
        }
        Some(Flag::Asks) | None => {}
    }
}

/// The program that the first word of a list is, or whatever logs in by the words behind it.
fn program(first: &[u8], words: &[u8]) -> Option<&'static Program> {
    let slash = memchr::memrchr(b'/', first).map_or(0, |at| at.saturating_add(1));
    let first = first.get(slash..)?;
    let named = |name: &str| match name.strip_suffix(' ') {
        Some(name) => name.as_bytes() == first,
        None => is_of_family(name.as_bytes(), first),
    };
    // `docker login`, `helm registry login`: a word of its own, and no value of a short flag.
    let logs_in = || {
        let mark = |b: &u8| !matches!(b, b'"' | b'\'' | b'\\' | b' ');
        let words = words.split(|b| *b == b',').skip(1);
        let mut words = words.map(|word| word.iter().copied().filter(mark));
        let mut flag = false;
        words.any(|word| {
            let behind_flag = std::mem::replace(
                &mut flag,
                word.clone().next() == Some(b'-') && word.clone().count() == 2,
            );
            !behind_flag && word.eq(*b"login")
        })
    };
    let mut all = PROGRAMS.iter();
    all.find(|(name, _, _)| match name.strip_suffix(" -") {
        Some(_) => logs_in(),
        None => named(name),
    })
}
