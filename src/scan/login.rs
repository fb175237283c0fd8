//! Names of accounts in what login, su, sudo, doas and services that let people in say.

use super::account::{any, stops};
use super::context::Cx;
use super::message::{behind, is_name, name, word_before, word_behind};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

/// `LOGIN ON tty1 BY pat`.
pub(super) fn login_on(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let tty = skip(hay, literal.end, 32, |b| b > b' ');
    let who = tty.saturating_add(4);
    if Span::new(tty, who).of(hay) == b" BY " {
        name(cx, Span::new(who, skip(hay, who, 64, is_name)));
    }
}

/// `FAILED LOGIN (1) on '/dev/tty1' FOR 'pat'`, `FAILED LOGIN 2 FROM tty1 FOR pat, Authentication failure`.
pub(super) fn login_for(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let said = Span::new(literal.start.saturating_sub(64), literal.start).of(hay);
    if memchr::memmem::find(said, b"LOGIN").is_none() {
        return;
    }
    let start = literal.end.saturating_add(1);
    let word = word_behind(hay, literal.end);
    if byte(hay, literal.end) == b'\'' {
        if let Some(span) = behind(hay, start, b"'") {
            name(cx, span);
        }
    } else if byte(hay, word.end) == b',' {
        name(cx, word);
    }
}

/// `pat ran command /bin/ls as root from /tmp`.
pub(super) fn doas(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    name(cx, word_before(hay, literal.start));
    let stop = skip(hay, literal.end, 512, |b| !is_end(b));
    let rest = Span::new(literal.end, stop).of(hay);
    if let Some(at) = memchr::memmem::rfind(rest, b" as ") {
        let whom = word_behind(hay, literal.end.saturating_add(at).saturating_add(4));
        if hay
            .get(whom.end..)
            .is_some_and(|rest| rest.starts_with(b" from "))
        {
            name(cx, whom);
        }
    }
}

/// `BAD SU pat to root on /dev/ttyp1`.
pub(super) fn bad_su(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_behind(hay, literal.end);
    let whom = word_behind(hay, who.end.saturating_add(4));
    if Span::new(who.end, whom.start).of(hay) == b" to " {
        name(cx, who);
        name(cx, whom);
    }
}

/// `logged in as pat`, `login as pat`, `authenticated as pat`.
pub(super) fn signed_in(cx: &mut Cx<'_>, literal: Span) {
    const DEEDS: &[&[u8]] = &[b"logged ", b"log", b"Log", b"signed ", b"sign", b"authenti"];
    const NO_NAMES: &[&str] = &[
        "expected",
        "well",
        "soon",
        "part",
        "usual",
        "you",
        "it",
        "needed",
        "another",
        "different",
        "guest",
        "their",
        "your",
        "one",
        "being",
        "valid",
        "described",
        "follows",
    ];
    let hay = cx.hay();
    let head = hay.get(..literal.start).unwrap_or_default();
    let span = match byte(hay, literal.end) {
        b'\'' | b'"' => behind(hay, literal.end.saturating_add(1), b"'\""),
        _ => Some(word_behind(hay, literal.end)),
    };
    if let Some(span) = span
        && DEEDS.iter().any(|deed| head.ends_with(deed))
        && !stops(span.of(hay))
        && !any(span.of(hay), NO_NAMES)
        && !matches!(byte(hay, span.end), b':' | b'=')
    {
        name(cx, span);
    }
}

/// `Login failed: pat (Remote IP: …)`.
pub(super) fn login_failed(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let quote = usize::from(byte(hay, literal.end) == b'\'');
    let word = word_behind(hay, literal.end.saturating_add(quote));
    let close = word.end.saturating_add(quote);
    if Span::new(close, close.saturating_add(2)).of(hay) == b" (" {
        name(cx, word);
    }
}

/// `pat failed to log in`, `pat 192.0.2.7 failed to login`.
pub(super) fn failed_to_log_in(cx: &mut Cx<'_>, literal: Span) {
    const NO_NAMES: &[&str] = &[
        "client",
        "someone",
        "attempt",
        "connection",
        "they",
        "it",
        "host",
        "visitor",
        "service",
        "server",
        "peer",
        "worker",
        "job",
    ];
    let hay = cx.hay();
    let rest = hay.get(literal.end..).unwrap_or_default();
    if !rest.starts_with(b" in") && !rest.starts_with(b"in") {
        return;
    }
    let mut span = word_before(hay, literal.start);
    let address = |text: &[u8]| {
        text.iter()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
    };
    if address(span.of(hay)) && span.of(hay).contains(&b'.') && before(hay, span.start) == b' ' {
        span = word_before(hay, span.start.saturating_sub(1));
    }
    let text = span.of(hay);
    if before(hay, span.start) != b':'
        && !stops(text)
        && !any(text, NO_NAMES)
        && !text.contains(&b':')
    {
        name(cx, span);
    }
}

/// `P=esmtpsa … A=plain:pat`: how a message came, and whose it is.
pub(super) fn exim(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let stop = skip(hay, literal.end, 256, |b| !is_end(b));
    let rest = Span::new(literal.end, stop).of(hay);
    let Some(at) = memchr::memmem::find(rest, b" A=") else {
        return;
    };
    let method = literal.end.saturating_add(at).saturating_add(3);
    let colon = skip(hay, method, 32, is_word);
    if byte(hay, colon) == b':' {
        name(cx, word_behind(hay, colon.saturating_add(1)));
    }
}

/// `+ /dev/pts/0 pat:root`.
pub(super) fn su(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let device = skip_back(hay, literal.start, 4, |b| {
        b.is_ascii_lowercase() || b == b'/'
    });
    let sign = before(hay, device.saturating_sub(1));
    let from = skip(hay, literal.end, 5, is_digit).saturating_add(1);
    let colon = skip(hay, from, 64, is_name);
    let to = skip(hay, colon.saturating_add(1), 64, is_name);
    if matches!(sign, b'+' | b'-') && before(hay, from) == b' ' && byte(hay, colon) == b':' {
        name(cx, Span::new(from, colon));
        name(cx, Span::new(colon.saturating_add(1), to));
    }
}

/// `sudo:  pat : command not allowed ; TTY=…`.
pub(super) fn sudo(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let floor = literal.start.saturating_sub(160);
    let said = Span::new(floor, literal.start).of(hay);
    let Some(colon) = memchr::memmem::rfind(said, b" : ") else {
        return;
    };
    let span = word_before(hay, floor.saturating_add(colon));
    let mark = skip_back(hay, span.start, 16, |b| b == b' ');
    if mark < span.start && before(hay, mark) == b':' {
        name(cx, span);
    }
}
