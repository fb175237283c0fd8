//! Names of accounts right in front of what their owners did, and in brackets behind the word for them.

use super::context::Cx;
use super::names::{any, is_down_level, is_name, name, stops, word_before};
use crate::format::bytes::{self, before, byte, is_digit, is_end, skip, skip_back, unmarked};
use crate::record::Span;

/// Who does something and is no name.
const NOBODY: &[&str] = &[
    "successfully",
    "already",
    "never",
    "currently",
    "client",
    "users",
    "user",
    "now",
    "just",
    "still",
    "you",
    "get",
    "being",
    "everyone",
    "nobody",
    "player",
    "someone",
    "customer",
    "guest",
    "member",
    "visitor",
    "account",
    "agent",
    "employee",
    "driver",
    "person",
    "automatically",
    "bot",
    "worker",
    "operator",
    "application",
    "app",
    "system",
    "process",
    "daemon",
    "job",
    "node",
    "service",
    "server",
    "host",
    "peer",
    "device",
    "connection",
    "session",
    "request",
    "admins",
    "none",
    "null",
    "nil",
    "undefined",
];

/// Whether `text` is one of those, or says how something is done.
fn is_nobody(text: &[u8]) -> bool {
    let how = [&b"edly"[..], b"ally", b"ully"];
    any(text, NOBODY) || text.len() > 7 && how.iter().any(|ending| text.ends_with(ending))
}

/// `pat is now logged in`, `[x] pat trying auth password`, `x.y: pat logged in`: a name right in front of what its
/// owner did, behind a bracket or a colon.
pub(super) fn said_of(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    // `pat[/192.0.2.7:51512] logged in with entity id 261`, as Minecraft has it.
    if before(hay, literal.start) == b']' {
        let open = skip_back(hay, literal.start.saturating_sub(1), 64, |b| {
            !matches!(b, b'[' | b' ')
        });
        if before(hay, open) == b'[' && byte(hay, open) == b'/' {
            return name(cx, word_before(hay, open.saturating_sub(1)));
        }
    }
    let span = word_before(hay, literal.start);
    let text = span.of(hay);
    let start = with_mark(hay, span.start);
    let lead = before(hay, start.saturating_sub(1));
    // `corp\pat logged in` says itself what it is.
    if is_down_level(text) {
        return name(cx, span);
    }
    let from = || {
        let rest = hay.get(literal.end..).unwrap_or_default();
        rest.strip_prefix(b" from ").is_some_and(is_address)
    };
    if (before(hay, start) == b' ' && matches!(lead, b']' | b':')
        || is_behind_a_mark(hay, start)
        || is_end(before(hay, start)) && from())
        && !stops(text)
        && !is_nobody(text)
        && !text.iter().all(|b| is_digit(*b) || *b == b'.')
    {
        name(cx, span);
    }
}

/// `2024-01-02 06:05:01 pat logged in`, `INFO pat logged in`, `; pat logged in`: behind a time, a severity or a border.
fn is_behind_a_mark(hay: &[u8], start: usize) -> bool {
    const LEVELS: &[&str] = &[
        "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "AUDIT",
    ];
    if before(hay, start) != b' ' {
        return false;
    }
    let end = start.saturating_sub(1);
    let word = skip_back(hay, end, 32, |b| b > b' ' && b != b'"');
    let word = Span::new(unmarked(hay, word), end).of(hay);
    let time = || {
        let clock = memchr::memchr_iter(b':', word).filter(|at| {
            let two = |from: usize| {
                Span::new(from, from.saturating_add(2))
                    .of(word)
                    .iter()
                    .all(|b| is_digit(*b))
            };
            *at >= 2 && two(at.saturating_sub(2)) && two(at.saturating_add(1))
        });
        clock.count() >= 2 && is_digit(byte(word, 0))
    };
    before(hay, end) == b';' || LEVELS.iter().any(|level| level.as_bytes() == word) || time()
}

/// Where a byte-order mark in front of `start` begins, or `start`.
pub(super) fn with_mark(hay: &[u8], start: usize) -> usize {
    let mark = start.saturating_sub(3);
    if start >= 3 && unmarked(hay, mark) == start {
        mark
    } else {
        start
    }
}

/// Whether an address begins `text`.
fn is_address(text: &[u8]) -> bool {
    let end = skip(text, 0, 46, |b| {
        b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'*')
    });
    let address = Span::new(0, end).of(text);
    // A `*` is a character that was hidden before.
    address
        .iter()
        .filter(|b| matches!(b, b'.' | b':' | b'*'))
        .count()
        >= 2
        || text.starts_with(b"<") && byte(text, 1) != b'>'
}

/// `pat signed in from 192.0.2.7`, `INFO pat authenticated from 192.0.2.7`.
pub(super) fn said_from(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let span = word_before(hay, literal.start);
    let text = span.of(hay);
    let start = with_mark(hay, span.start);
    let lead = before(hay, start.saturating_sub(1));
    let front = is_end(before(hay, start))
        || before(hay, start) == b' ' && matches!(lead, b']' | b':')
        || is_behind_a_mark(hay, start);
    if front
        && is_address(hay.get(literal.end..).unwrap_or_default())
        && !stops(text)
        && !is_nobody(text)
        && !text.iter().all(|b| is_digit(*b) || *b == b'.')
    {
        name(cx, span);
    }
}

/// `User[pat.lee]: Session`, `user(pat)`: no call, no element of a list, no parameter.
pub(super) fn in_brackets(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let (start, close) = match before(hay, literal.end) {
        b'[' => (literal.start, b']'),
        _ => (literal.start.saturating_sub(1), b')'),
    };
    let apart = !bytes::word_before(hay, start)
        && !matches!(before(hay, start), b'.' | b':' | b'-' | b'$' | b'/' | b'>');
    let span = Span::new(literal.end, skip(hay, literal.end, 64, is_name));
    let text = span.of(hay);
    let next = byte(hay, span.end.saturating_add(1));
    // `user(s)`
    if text.len() > 1
        && matches!(byte(hay, start), b'u' | b'U')
        && apart
        && byte(hay, span.end) == close
        && (matches!(next, b' ' | b':' | b',' | b'"') || is_end(next))
        && !stops(text)
        && !is_nobody(text)
        && !text.iter().all(|b| is_digit(*b) || *b == b'.')
    {
        name(cx, span);
    }
}
