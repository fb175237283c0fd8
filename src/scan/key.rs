//! Values that the key in front of a `=` or `:` gives away: JSON, logfmt, query strings, headers, plain text.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::{Anchor, key_end};
use super::keys;
use super::take::take;
use super::words;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::{Quote, Value, container_end, leaves, value_at};
use crate::record::Span;

const ID: &str = "key";
const WIDE_COLON: &str = "：";

/// `key=value`, `key: value`, `"key": value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::CLASSES,
    anchors: &[Anchor::Key, Anchor::KeyBehindDigits, Anchor::Literal],
    literals: &[WIDE_COLON],
    source: "keys.txt; RFC 8259 (JSON), RFC 3986 (query), RFC 9110 (headers); GB/T 15834 (full-width colon)",
    confirm,
    finds: &[
        r#"{"password":"pa\"ss, word"}"#,
        r#"{"user":{"lat":31.2304}}"#,
        "login=alice status=ok",
        "GET /?access_token=abc123&x=1",
        "Authorization: Bearer abc.def.ghi",
        r#"{"user":{"id":7,"name":"ada"}}"#,
        r#"{"m":"{\"imei\":\"490154203237518\"}"}"#,
        r#"{"coordinates":[121.4737,31.2304]}"#,
        "用户手机：13912345678，身份证：110101199003077774",
        r#"{"clientSecret":["__typename","id","expiresAt"]}"#,
        r#"{"TerminalSessionId":"d2b1f0c6"}"#,
        r#"{"hashed_token":"hunter2"}"#,
        r#"{"ssoLogin":"ann"}"#,
    ],
    leaves: &[
        "language=curl",
        r#"{"user":{"a":1},"name":"nginx"}"#,
        r#"{"service":{"name":"api"}}"#,
        "PWD=/root",
        r#"{"password":"[FILTERED]"}"#,
        "user=User{x",
        r#"{"password":null}"#,
        "latency: 12",
        "to=<x>, dsn=2.0.0, status=sent",
        "GPS:3,12",
        r#"{"nodes":[{"asi":"x.example","sid":"1234","hp":1}]}"#,
        r#"{"category_uid":4,"samlLogin":true}"#,
        r#"{"TerminalSessionId":2}"#,
        r#"{"hashed_token":"4f9c1e0a7b2d3c5e6f8091a2b3c4d5e6f7081920="}"#,
        "http://host/path",
        "std::user::name",
        "password=",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    confirm_wide(cx, at);
    let border = byte(hay, at);
    if !matches!(border, b'=' | b':') {
        return;
    }
    let end = key_end(hay, at);
    let closing = skip(hay, end, 16, |b| b == b'\\');
    let quote = matches!(byte(hay, closing), b'"' | b'\'').then(|| Quote {
        byte: byte(hay, closing),
        escapes: closing.saturating_sub(end),
    });
    if let Some(custom) = cx.custom {
        let start = keys::own_start(hay, end);
        if let Some(rule) = custom.key(Span::new(start, end).of(hay)) {
            cx.rule = rule;
            keyed(cx, at, quote, Span::new(start, end), Class::CUSTOM);
            cx.rule = 0;
        }
    }
    let known = match quote {
        Some(Quote {
            byte: b'"',
            escapes: 0,
        }) => keys::quoted(hay, end, &mut cx.names),
        _ => keys::lookup(hay, end),
    };
    if let Some((start, class)) = known {
        keyed(cx, at, quote, Span::new(start, end), class);
    } else if let Some((start, class)) = quote.and_then(|_| nested(hay, end)) {
        keyed(cx, at, quote, Span::new(start, end), class);
    }
}

/// `"user":{"name":…}` is `user.name`: a word that says little takes the key of its object in front.
/// Looks at most 512 bytes back.
fn nested(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    const REACH: usize = 512;
    let key = keys::BARE
        .iter()
        .find(|key| hay.get(..end).is_some_and(|head| head.ends_with(key)))?;
    let start = end.saturating_sub(key.len());
    if before(hay, start) != b'"' {
        return None;
    }
    let mut depth = 0usize;
    let mut at = start;
    let floor = start.saturating_sub(REACH);
    let open = loop {
        at = at.checked_sub(1).filter(|at| *at >= floor)?;
        match byte(hay, at) {
            b'}' | b']' => depth = depth.saturating_add(1),
            b'[' if depth == 0 => return None,
            b'{' if depth == 0 => break at,
            b'{' | b'[' => depth = depth.saturating_sub(1),
            b if is_end(b) => return None,
            _ => {}
        }
    };
    let blank = |b: u8| b == b' ';
    let colon = skip_back(hay, open, 4, blank);
    if before(hay, colon) != b':' {
        return None;
    }
    let quote = skip_back(hay, colon.saturating_sub(1), 4, blank);
    let parent_end = skip_back(hay, quote, 16, |b| matches!(b, b'"' | b'\\'));
    if parent_end == quote {
        return None;
    }
    let parent_start = skip_back(hay, parent_end, 32, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    });
    let parent = Span::new(parent_start, parent_end).of(hay);
    keys::class_within(parent, key).map(|class| (start, class))
}

/// A key of a class that ends at the border `at`.
fn keyed(cx: &mut Cx<'_>, at: usize, quote: Option<Quote>, span: Span, class: Class) {
    let hay = cx.hay();
    let start = span.start;
    let border = byte(hay, at);
    if is_label(span.of(hay)) {
        return cx.reject(span, class, ID, "a label that stands for a value");
    }
    let next = byte(hay, at.saturating_add(1));
    if quote.is_none() && (next == border || before(hay, at) == border)
        || next == b'/' && byte(hay, at.saturating_add(2)) == b'/'
    {
        return cx.reject(
            span,
            class,
            ID,
            "an operator, a scope or a scheme, not a key",
        );
    }
    if let Some(quote) = quote
        && before(hay, start) != quote.byte
    {
        return cx.reject(span, class, ID, "the quote does not open before the key");
    }
    // `/api/login: 403`, `imap-login: Info:` are a path and a process.
    if class == Class::ACCOUNT
        && border == b':'
        && quote.is_none()
        && span.of(hay).ends_with(b"login")
        && (before(hay, start) == b'/' || span.of(hay).contains(&b'-'))
    {
        return cx.reject(span, class, ID, "a path or the name of a process");
    }
    let open = skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t'));
    if quote.is_some() && matches!(byte(hay, open), b'{' | b'[') {
        // `coords` holds speed and heading too; `authorization` what was authorised.
        let name = span.of(hay);
        let tail = |n: usize| name.get(name.len().saturating_sub(n)..).unwrap_or(name);
        let own = matches!(class, Class::ACCOUNT | Class::COORDINATES)
            || tail(11).eq_ignore_ascii_case(b"credentials")
            || name.eq_ignore_ascii_case(b"authorization");
        if own && byte(hay, open) == b'{' {
            return cx.reject(span, class, ID, "an object whose own keys decide");
        }
        if cx.fresh(Walk::Container, at) {
            let container = Span::new(open, container_end(hay, open, &mut cx.unclosed));
            cx.walk_to(Walk::Container, container.end);
            leaves(hay, container, |leaf| take(cx, ID, class, leaf));
        }
        return;
    }
    match value_at(hay, at, quote, class == Class::PASSWORD, &mut cx.unclosed) {
        None => cx.reject(span, class, ID, "no value"),
        Some(Value::Plain(value)) if no_value(hay, span, at, value, class) => {
            cx.reject(value, class, ID, "a heading, a state or another key");
        }
        Some(Value::Plain(value)) if foreign(hay, span, value) => {
            cx.reject(value, class, ID, "the same name of something else");
        }
        Some(Value::Plain(value)) => {
            let value = words::extend(hay, span, at, value, class);
            take(cx, ID, class, Value::Plain(value));
        }
        Some(Value::Quoted(value) | Value::Number(value)) if foreign(hay, span, value) => {
            cx.reject(value, class, ID, "the same name of something else");
        }
        Some(value) => take(cx, ID, class, value),
    }
}

/// Short names that mean something else by the shape of their value or beside another key: `dsn=2.0.0` is a
/// status (RFC 3463 §2), `gps: 3` a count, and `sid` beside `asi` a seller's (OpenRTB, supply chain).
fn foreign(hay: &[u8], key: Span, value: Span) -> bool {
    let text = value.of(hay);
    let digits = |text: &[u8]| text.iter().all(|b| is_digit(*b));
    let name = key.of(hay);
    if name.eq_ignore_ascii_case(b"dsn") {
        let mut parts = text.split(|b| *b == b'.');
        return matches!(parts.next(), Some(b"2" | b"4" | b"5"))
            && text.len() <= 9
            && parts.clone().count() == 2
            && parts.all(|part| !part.is_empty() && digits(part));
    }
    if name.eq_ignore_ascii_case(b"gps") {
        // A number of satellites or a kind of fix in front of other fields: a place has a fraction or a pair.
        let first = text.split(|b| *b == b',').next().unwrap_or_default();
        return first.len() <= 2 && digits(first) && !text.contains(&b'.');
    }
    if name.eq_ignore_ascii_case(b"sid") {
        const REACH: usize = 256;
        let inside = |b: u8| !matches!(b, b'{' | b'}') && !is_end(b);
        let object = Span::new(
            skip_back(hay, key.start, REACH, inside),
            skip(hay, value.end, REACH, inside),
        );
        return memchr::memmem::find(object.of(hay), b"\"asi\"").is_some()
            || memchr::memmem::find(object.of(hay), b"\"asi\\\"").is_some();
    }
    false
}

/// Bare words behind a key that are not its value: `login: User=ann`, `LOGIN: Client "…"`,
/// `Account: Security ID: …`, `pam_unix(passwd:chauthtok)`.
fn no_value(hay: &[u8], key: Span, border: usize, value: Span, class: Class) -> bool {
    const HEADINGS: &[&str] = &[
        "security",
        "client",
        "failed",
        "failure",
        "error",
        "success",
        "successful",
        "succeeded",
        "denied",
        "disconnected",
        "aborted",
        "invalid",
        "unknown",
        "info",
        "warning",
        "rejected",
        "timeout",
    ];
    if byte(hay, border) != b':' {
        return false;
    }
    // The user of a URL.
    if Span::new(key.start.saturating_sub(3), key.start).of(hay) == b"://" {
        return true;
    }
    let text = value.of(hay);
    if before(hay, key.start) == b'(' {
        let word = text.split(|b| *b == b')').next().unwrap_or_default();
        return [
            &b"auth"[..],
            b"account",
            b"session",
            b"chauthtok",
            b"setcred",
        ]
        .contains(&word);
    }
    if class == Class::PASSWORD {
        return false;
    }
    let name = skip(text, 0, 64, |b| is_word(b) || b == b'.' || b == b'-');
    name > 0 && byte(text, name) == b'='
        || name > 0 && name == text.len() && byte(hay, value.end) == b'='
        || class == Class::ACCOUNT
            && HEADINGS
                .iter()
                .any(|h| text.eq_ignore_ascii_case(h.as_bytes()))
}

/// `键：值`.
fn confirm_wide(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if before(hay, at) != 0x9A
        || !hay
            .get(..at)
            .is_some_and(|head| head.ends_with(WIDE_COLON.as_bytes()))
    {
        return;
    }
    let Some((start, named)) = keys::named_at(cx, at.saturating_sub(WIDE_COLON.len())) else {
        return;
    };
    let class = named.class;
    match value_at(
        hay,
        at.saturating_sub(1),
        None,
        class == Class::PASSWORD,
        &mut cx.unclosed,
    ) {
        Some(value) => take(cx, ID, named, value),
        None => cx.reject(Span::new(start, at), class, ID, "no value"),
    }
}
