//! Names of accounts, and their passwords, in statements of SQL and what MySQL says around one.

use super::context::Cx;
use super::names::{any, behind, name, word_behind};
use super::redis::MAIL_METHODS;
use crate::class::Class;
use crate::format::bytes::{byte, is_end, skip, skip_back};
use crate::record::Span;

const ID: &str = "message";

/// `User@Host: pat[pat] @ localhost []`: the account that the rights are of, and the one that signed in.
pub(super) fn user_at_host(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some(first) = behind(hay, literal.end, b"[ ") else {
        return;
    };
    name(cx, first);
    if byte(hay, first.end) == b'['
        && let Some(second) = behind(hay, first.end.saturating_add(1), b"]")
    {
        name(cx, second);
    }
}

/// The account at `at`: `pat`, `"pat"`, `'pat'@'%'`, and where what is behind it starts.
fn account(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let quote = byte(hay, at);
    if matches!(quote, b'\'' | b'"' | b'`') {
        let span = behind(hay, at.saturating_add(1), &[quote])?;
        return Some((span, span.end.saturating_add(1)));
    }
    let word = word_behind(hay, at);
    let host = memchr::memchr(b'@', word.of(hay)).unwrap_or(word.len());
    let span = Span::new(word.start, word.start.saturating_add(host));
    (!span.is_empty()).then_some((span, span.end))
}

/// Most of a statement that is read.
const STATEMENT_BYTES_MAX: usize = 512;

/// `GRANT SELECT ON t TO pat`, `REVOKE admin FROM pat`.
pub(super) fn grant(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let stop = skip(hay, literal.end, STATEMENT_BYTES_MAX, |b| {
        b != b';' && !is_end(b)
    });
    let statement = Span::new(literal.end, stop).of(hay);
    let word: &[u8] = match literal.of(hay) {
        b"GRANT " => b" TO ",
        _ => b" FROM ",
    };
    if let Some(at) = memchr::memmem::find(statement, word) {
        let at = literal.end.saturating_add(at).saturating_add(word.len());
        if let Some((span, _)) = account(hay, at) {
            name(cx, span);
        }
    }
}

/// `SET PASSWORD FOR 'pat'@'%' = 'hunter2'`, `SET PASSWORD FOR pat = PASSWORD('hunter2')`.
pub(super) fn password_for(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some((span, end)) = account(hay, literal.end) else {
        return;
    };
    let border = skip(hay, end, 128, |b| !matches!(b, b'=' | b';') && !is_end(b));
    if byte(hay, border) != b'=' {
        return;
    }
    name(cx, span);
    let open = skip(hay, border.saturating_add(1), 24, |b| {
        b.is_ascii_alphabetic() || matches!(b, b' ' | b'_' | b'(')
    });
    let quote = byte(hay, open);
    if matches!(quote, b'\'' | b'"')
        && let Some(secret) = behind(hay, open.saturating_add(1), &[quote])
    {
        cx.text(secret, Class::PASSWORD, ID, "a password in SQL");
    }
}

/// `> PASS hunter2`, `command: PASS hunter2`: what FTP, POP3 and IRC are let in with (RFC 959 §4.1.1, RFC 1939 §7).
pub(super) fn typed(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let typed = cx.within(Span::new(
        literal.end,
        skip(hay, literal.end, 128, |b| !is_end(b) && b != b'\r'),
    ));
    let text = typed.of(hay);
    // A test that passed has the path of its file behind it.
    let file = text.contains(&b'/') && text.contains(&b'.');
    if !text.is_empty()
        && !text.iter().any(|b| *b <= b' ')
        && !file
        && !matches!(byte(text, 0), b'<' | b'(')
    {
        cx.text(typed, Class::PASSWORD, "message", "a command that lets in");
    }
}

/// `192.0.2.1:6379> AUTH pat hunter2`, `> AUTH hunter2`: what somebody typed at the prompt of Redis; mail's methods are no
/// secrets.
pub(super) fn at_prompt(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    // What is typed in a string ends with it.
    let typed = cx.within(Span::new(
        literal.end,
        skip(hay, literal.end, 512, |b| !is_end(b)),
    ));
    let word = |start: usize| {
        let left = typed.end.saturating_sub(start).min(256);
        Span::new(start, skip(hay, start, left, |b| b > b' '))
    };
    let first = word(literal.end);
    if first.is_empty() || any(first.of(hay), MAIL_METHODS) {
        return;
    }
    let second = word(first.end.saturating_add(1));
    let both = byte(hay, first.end) == b' ' && !second.is_empty();
    if both {
        name(cx, first);
    }
    let secret = if both { second } else { first };
    cx.text(secret, Class::PASSWORD, "message", "a command that lets in");
}

/// How far in front of a place its statement is looked for, in bytes.
const HEAD_BYTES_MAX: usize = 1024;

/// Whether a statement of SQL stands in front of `at`, whose values what follows are.
pub(super) fn is_in_statement(hay: &[u8], at: usize) -> bool {
    const WORDS: [&[u8]; 10] = [
        b"WHERE ", b"where ", b"SELECT ", b"select ", b"INSERT ", b"insert ", b"UPDATE ",
        b"update ", b"DELETE ", b"delete ",
    ];
    let head = Span::new(skip_back(hay, at, HEAD_BYTES_MAX, |b| !is_end(b)), at).of(hay);
    WORDS
        .iter()
        .any(|word| memchr::memmem::find(head, word).is_some())
}
