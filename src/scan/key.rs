//! Values that their key gives away: JSON, logfmt, query strings, headers, XML, flags, plain text.

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use super::keys;
use crate::class::{Class, is_label};
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_hex, is_strict_number, is_word, skip, skip_back,
};
use crate::format::value::{Quote, Value, leaves, string_end, value_at};
use crate::record::Span;

const ID: &str = "key";
const WIDE_COLON: &str = "：";

/// `key=value`, `key: value`, `"key": value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    anchors: &[Anchor::Border, Anchor::Literal],
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
        "http://host/path",
        "std::user::name",
        "password=",
    ],
};

/// `<key>value</key>`.
pub(super) static ELEMENT: Detector = Detector {
    id: "element",
    anchors: &[Anchor::Greater],
    literals: &[],
    source: "XML 1.0 §3.1",
    confirm: confirm_element,
    finds: &[
        "<password>hunter2</password>",
        "<ns:userName>al</ns:userName>",
    ],
    leaves: &[
        "a->password",
        "<note>user</note>",
        r#"{"user":"<user>","a":"<b>"}"#,
        "<password></password>",
    ],
};

/// `--key value`.
pub(super) static FLAG: Detector = Detector {
    id: "flag",
    anchors: &[Anchor::Flag],
    literals: &[],
    source: "POSIX.1-2017 XBD 12, GNU long options",
    confirm: confirm_flag,
    finds: &["mysql --password hunter2 -h db", "tool --api-key abcdef"],
    leaves: &["tool --verbose --password", "-- user name", "a --- b"],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    confirm_wide(cx, at);
    let border = byte(hay, at);
    if !matches!(border, b'=' | b':') {
        return;
    }
    let mut end = skip_back(hay, at, 2, |b| b == b' ');
    let mut quote = None;
    if matches!(before(hay, end), b'"' | b'\'') {
        let q = before(hay, end);
        let slash = skip_back(hay, end.saturating_sub(1), 15, |b| b == b'\\');
        quote = Some(Quote {
            byte: q,
            escapes: end.saturating_sub(1).saturating_sub(slash),
        });
        end = slash;
    }
    if let Some(custom) = cx.custom {
        let start = skip_back(hay, end, keys::KEY_BYTES_MAX, |b| {
            is_word(b) || matches!(b, b'-' | b'.')
        });
        if let Some(rule) = custom.key(Span::new(start, end).of(hay)) {
            cx.rule = rule;
            keyed(cx, at, quote, Span::new(start, end), Class::CUSTOM);
            cx.rule = 0;
        }
    }
    if let Some((start, class)) = keys::lookup(hay, end) {
        keyed(cx, at, quote, Span::new(start, end), class);
    } else if let Some((start, class)) = quote.and_then(|_| nested(hay, end)) {
        keyed(cx, at, quote, Span::new(start, end), class);
    }
}

/// `"user":{"name":…}` is `user.name`: a word that says little takes the key of its object in front.
/// Looks at most 512 bytes back.
fn nested(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    const REACH: usize = 512;
    let key = [&b"name"[..], b"id", b"value", b"number"]
        .into_iter()
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
    keys::class_of(&[parent, b".", key].concat()).map(|class| (start, class))
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
    match value_at(hay, at, quote, class == Class::PASSWORD) {
        None => cx.reject(span, class, ID, "no value"),
        Some(Value::Container(container)) => {
            // `coords` holds speed and heading too; `authorization` what was authorised.
            let name = span.of(hay).to_ascii_lowercase();
            let own = matches!(class, Class::ACCOUNT | Class::COORDINATES)
                || name.ends_with(b"credentials")
                || name == b"authorization";
            if own && byte(hay, container.start) == b'{' {
                return cx.reject(span, class, ID, "an object whose own keys decide");
            }
            if at < cx.walked {
                return;
            }
            cx.walked = container.end;
            leaves(hay, container, |leaf| take(cx, class, leaf));
        }
        Some(value) => take(cx, class, value),
    }
}

/// Takes one value of a class, where it is plausible.
fn take(cx: &mut Cx<'_>, class: Class, value: Value) {
    let hay = cx.hay();
    let (span, spelling) = match value {
        Value::Number(span) if is_strict_number(span.of(hay)) => (span, Spelling::Number),
        Value::Number(span) | Value::Quoted(span) | Value::Plain(span) | Value::Container(span) => {
            (span, Spelling::Text)
        }
    };
    let span = if class == Class::PASSWORD {
        without_scheme(hay, span)
    } else {
        span
    };
    let text = span.of(hay);
    if is_nothing(text) {
        return cx.reject(span, class, ID, "a placeholder for no value");
    }
    if class == Class::COORDINATES && spelling == Spelling::Text && plausible(class, text) {
        return coordinates(cx, span);
    }
    if !plausible(class, text) {
        return cx.reject(
            span,
            class,
            ID,
            "the value does not have the shape of the class",
        );
    }
    cx.accept(span, class, spelling, ID, "its key names the class");
}

/// Behind `Bearer `, `Basic ` and the like: the scheme is no secret (RFC 9110 §11.1).
fn without_scheme(hay: &[u8], span: Span) -> Span {
    let text = span.of(hay);
    for scheme in [
        &b"Bearer"[..],
        b"Basic",
        b"Digest",
        b"Token",
        b"ApiKey",
        b"Negotiate",
    ] {
        if text
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        {
            let after = span.start.saturating_add(scheme.len());
            let start = skip(hay, after, 8, |b| b == b' ');
            if start > after {
                let end = skip(hay, start, usize::MAX, |b| {
                    !matches!(b, b' ' | b'"' | b'\'' | b',' | b'\r' | b'\t') && !is_end(b)
                });
                return Span::new(start, end.max(span.end));
            }
        }
    }
    span
}

fn is_nothing(text: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"null",
        b"nil",
        b"none",
        b"undefined",
        b"true",
        b"false",
        b"(null)",
        b"n/a",
        b"unset",
        b"[filtered]",
        b"[redacted]",
        b"filtered",
        b"<redacted>",
    ];
    !text.iter().any(|b| is_word(*b)) || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn plausible(class: Class, text: &[u8]) -> bool {
    let hex = text.iter().filter(|b| is_hex(**b)).count();
    let digits = text.iter().filter(|b| is_digit(**b)).count();
    match class {
        Class::IMEI => digits >= 8 || hex >= 14,
        Class::IMSI => digits >= 6,
        Class::MAC => hex >= 12,
        Class::ANDROID_ID | Class::GUID => text.len() >= 8,
        Class::IDFA => text.len() >= 16 || text.len() >= 8 && digits > 0,
        // The working directory; an object's dump, whose own keys decide.
        Class::PASSWORD => !text.starts_with(b"/"),
        Class::ACCOUNT => {
            // Unset in Linux audit is -1; a path is a log's name.
            !is_dump(text) && text != b"4294967295" && memchr::memchr_iter(b'/', text).count() < 2
        }
        Class::OPENUDID => hex >= 16,
        Class::BALANCE | Class::BIRTHDAY => digits > 0,
        // Zero is where nobody is.
        Class::COORDINATES => text.iter().any(|b| matches!(b, b'1'..=b'9' | b'*')),
        Class::PHONE => digits >= 6,
        Class::PASSPORT | Class::DRIVER_LICENSE | Class::NATIONAL_ID => {
            digits >= 4 && text.len() >= 6
        }
        Class::TRANSACTION => digits >= 3,
        // `address: 0x7f…` and `addr=8080` are no postal addresses.
        Class::ADDRESS => {
            let postcode = (5..=10).contains(&text.len())
                && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
                && !text.starts_with(b"0x");
            let letters = text.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80);
            letters && text.iter().any(|b| *b == b' ' || *b >= 0x80) || postcode && digits >= 3
        }
        Class::NAME => text.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80),
        _ => true,
    }
}

/// `User{name=…`, as Java and Rust print objects.
fn is_dump(text: &[u8]) -> bool {
    let name = skip(text, 0, 64, is_word);
    name > 0 && matches!(byte(text, name), b'{' | b'[')
}

/// Each number of a textual coordinate value on its own: what stands between them stays. A `*` is a
/// digit that was hidden before.
fn coordinates(cx: &mut Cx<'_>, span: Span) {
    let hay = cx.hay();
    let mut at = span.start;
    let mut any = false;
    while at < span.end {
        if is_digit(byte(hay, at)) || byte(hay, at) == b'*' {
            let start = if matches!(before(hay, at), b'-' | b'+') && at > span.start {
                at.saturating_sub(1)
            } else {
                at
            };
            let end = skip(hay, at, span.end.saturating_sub(at), |b| {
                is_digit(b) || matches!(b, b'.' | b'*')
            });
            cx.text(
                Span::new(start, end),
                Class::COORDINATES,
                ID,
                "a number under a coordinate key",
            );
            any = true;
            at = end;
        } else {
            at = at.saturating_add(1);
        }
    }
    if !any {
        cx.reject(span, Class::COORDINATES, ID, "no number in the value");
    }
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
    let Some((start, class)) = keys::lookup(hay, at.saturating_sub(WIDE_COLON.len())) else {
        return;
    };
    match value_at(hay, at.saturating_sub(1), None, class == Class::PASSWORD) {
        Some(value) => take(cx, class, value),
        None => cx.reject(Span::new(start, at), class, ID, "no value"),
    }
}

fn confirm_element(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'>' {
        return;
    }
    let Some((start, class)) = keys::lookup(hay, at) else {
        return;
    };
    let span = Span::new(start, at);
    let open = if before(hay, start) == b':' {
        skip_back(hay, start.saturating_sub(1), 32, is_word)
    } else {
        start
    };
    if before(hay, open) != b'<' {
        return cx.reject(span, class, "element", "not the start of an element");
    }
    let content = at.saturating_add(1);
    let end = string_end(
        hay,
        content,
        Quote {
            byte: b'<',
            escapes: 0,
        },
    );
    let value = Span::new(content, end);
    // A placeholder such as `"<user>","x":…` is no element: none closes, or a JSON string ends in between.
    let json = value
        .of(hay)
        .windows(2)
        .any(|pair| matches!(pair, [b'"', b',' | b':' | b'}' | b']']));
    if byte(hay, end.saturating_add(1)) != b'/' || json {
        return cx.reject(value, class, "element", "no element that closes");
    }
    if is_nothing(value.of(hay)) || !plausible(class, value.of(hay)) {
        return cx.reject(value, class, "element", "no plausible value");
    }
    if class == Class::COORDINATES {
        return coordinates(cx, value);
    }
    cx.text(value, class, "element", "its element names the class");
}

fn confirm_flag(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'-' || before(hay, at) != b'-' || before(hay, at.saturating_sub(1)) == b'-'
    {
        return;
    }
    let start = at.saturating_add(1);
    let end = skip(hay, start, keys::KEY_BYTES_MAX, |b| {
        b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
    });
    if byte(hay, end) != b' ' {
        return;
    }
    let Some(class) = keys::class_of(Span::new(start, end).of(hay)) else {
        return;
    };
    match value_at(hay, end, None, class == Class::PASSWORD) {
        Some(Value::Quoted(value) | Value::Plain(value))
            if byte(hay, value.start) != b'-' && !is_nothing(value.of(hay)) =>
        {
            cx.text(value, class, "flag", "its flag names the class");
        }
        _ => cx.reject(Span::new(start, end), class, "flag", "no value"),
    }
}
