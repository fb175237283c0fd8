//! Whether the value of a key is one of its class, and how much of it.

use super::context::{Cx, Spelling};
use super::keys::Named;
use super::placeholder::is_placeholder;
use super::town::{self, Said};
use crate::class::Class;
use crate::format::bytes::{
    alnums_end, before, byte, is_digit, is_end, is_hex, is_six_groups, is_word, skip, small, smalls,
};
use crate::format::value::Value;
use crate::record::Span;

/// How much of a value is looked at to tell whether it is one.
const PLAUSIBLE_BYTES: usize = 1024;

/// Takes one value of what its key names, where it is plausible.
pub(super) fn take(cx: &mut Cx<'_>, id: &'static str, named: impl Into<Named>, value: Value) {
    let Named { class, rule, town } = named.into();
    cx.closed = is_closed(value);
    if rule > 0 {
        cx.rule = rule;
        of_class(cx, id, Class::CUSTOM, value);
        cx.rule = 0;
    }
    if rule == 0 || class != Class::CUSTOM {
        match town {
            Said::No => of_class(cx, id, class, value),
            _ => of_a_town(cx, id, class, value, town == Said::Surely),
        }
    }
    cx.closed = false;
}

fn of_a_town(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value, sure: bool) {
    let text = value.of(cx.hay());
    match town::is_name(text) {
        true => cx.text(value.span(), class, id, "its key names the class"),
        // With figures it may be an address.
        false if sure || text.iter().any(|b| is_digit(*b)) => of_class(cx, id, class, value),
        false => cx.reject(value.span(), class, id, "no name of a town"),
    }
}

/// Whether what the value stands in says where it ends.
const fn is_closed(value: Value) -> bool {
    matches!(value, Value::Quoted(_) | Value::Container(_))
}

fn of_class(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value) {
    let hay = cx.hay();
    let (span, spelling) = match value {
        Value::Number(span) => (span, Spelling::Number),
        Value::Plain(span) => (before_escape(hay, span), Spelling::Text),
        Value::Quoted(span) | Value::Container(span) => (span, Spelling::Text),
    };
    let span = match class {
        Class::PASSWORD => without_scheme(hay, span),
        Class::GUID => inside_braces(hay, span),
        _ => span,
    };
    let text = span.of(hay);
    // `(using password: YES)` at the end of a string.
    let bare = text.strip_suffix(b")").unwrap_or(text);
    if is_nothing(bare) || is_placeholder(hay, span, class) {
        return cx.reject(span, class, id, "a placeholder for no value");
    }
    if class == Class::COORDINATES && spelling == Spelling::Text && plausible(class, text) {
        return coordinates(cx, id, span);
    }
    if !plausible(class, text) {
        return cx.reject(
            span,
            class,
            id,
            "the value does not have the shape of the class",
        );
    }
    cx.accept(span, class, spelling, id, "its key names the class");
}

/// Whether the text at `span` is a value of `class`, as a whole.
pub(super) fn is_value(hay: &[u8], class: Class, span: Span) -> bool {
    let text = span.of(hay);
    !is_nothing(text) && !is_placeholder(hay, span, class) && plausible(class, text)
}

/// Takes a part of a value of `class`, whatever it looks like, where it is anything.
pub(super) fn take_part(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value) {
    let hay = cx.hay();
    let (span, spelling) = match value {
        Value::Number(span) => (span, Spelling::Number),
        Value::Quoted(span) | Value::Container(span) | Value::Plain(span) => (span, Spelling::Text),
    };
    let span = match class {
        Class::PASSWORD => without_scheme(hay, span),
        _ => span,
    };
    // Of what is no number there, and where nobody is, the class says more.
    if class == Class::COORDINATES {
        return of_class(cx, id, class, value);
    }
    if is_nothing(span.of(hay)) || is_placeholder(hay, span, class) {
        return cx.reject(span, class, id, "a placeholder for no value");
    }
    let reason = "a part of what its key names";
    cx.closed = is_closed(value);
    cx.accept(span, class, spelling, id, reason);
    cx.closed = false;
}

/// Bare text in a string inside a string ends before the backslashes of what comes next: its closing quote, or
/// another escape.
fn before_escape(hay: &[u8], span: Span) -> Span {
    let text = span.of(hay);
    let slashes = text.iter().rev().take_while(|b| **b == b'\\').count();
    let cut = match byte(hay, span.end) {
        b'"' | b'\'' => slashes % 2 == 1,
        b'\\' => slashes > 0,
        _ => false,
    };
    let end = span.end.saturating_sub(if cut { slashes } else { 0 });
    Span::new(span.start, end)
}

/// `{3f2504e0-…}`: the braces are no part of a GUID (RFC 9562 §4).
fn inside_braces(hay: &[u8], span: Span) -> Span {
    match span.of(hay) {
        [b'{', inside @ .., b'}'] if !inside.contains(&b':') => {
            Span::new(span.start.saturating_add(1), span.end.saturating_sub(1))
        }
        _ => span,
    }
}

/// Behind `Bearer `, `Basic ` and the like: the scheme is no secret (RFC 9110 §11.1).
fn without_scheme(hay: &[u8], span: Span) -> Span {
    const SCHEMES: &[&[u8]] = &[
        b"Bearer",
        b"Basic",
        b"Digest",
        b"Token",
        b"ApiKey",
        b"Negotiate",
    ];
    let text = span.of(hay);
    let first = byte(text, 0).to_ascii_lowercase();
    if !matches!(first, b'a' | b'b' | b'd' | b'n' | b't') {
        return span;
    }
    for scheme in SCHEMES {
        if text
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        {
            let after = span.start.saturating_add(scheme.len());
            let start = skip(hay, after, 8, |b| b == b' ');
            // Bare text ended at the blank; a string or an element has its own end.
            if start > after && start < span.end {
                return Span::new(start, span.end);
            }
            if start > after && span.end <= after {
                let end = skip(hay, start, usize::MAX, |b| {
                    !matches!(
                        b,
                        b' ' | b'"' | b'\'' | b',' | b'\r' | b'\t' | b'<' | b'&' | b'\\'
                    ) && !is_end(b)
                });
                return Span::new(start, end);
            }
        }
    }
    span
}

pub(super) fn is_nothing(text: &[u8]) -> bool {
    const SHORT: [u64; 15] = smalls([
        b"null",
        b"nil",
        b"none",
        b"true",
        b"false",
        b"(null)",
        b"n/a",
        b"unset",
        b"filtered",
        // `(using password: YES)`
        b"yes",
        b"no",
        // `"authorization": "enabled"`
        b"enabled",
        b"disabled",
        b"required",
        b"optional",
    ]);
    const LONG: &[&[u8]] = &[b"undefined", b"[filtered]", b"[redacted]", b"<redacted>"];
    let none = match text.len() {
        0..=8 => SHORT.contains(&small(text)),
        9 | 10 => LONG.iter().any(|word| text.eq_ignore_ascii_case(word)),
        _ => false,
    };
    none || !text.iter().any(|b| is_word(*b))
}

/// What a login came to, not whose it was: `"ConsoleLogin":"Success"`.
const OUTCOMES: [u64; 5] = smalls([b"success", b"failure", b"failed", b"denied", b"granted"]);

fn plausible(class: Class, text: &[u8]) -> bool {
    // No more is needed of a value that never ends, and it may be asked for from every key.
    let head = text.get(..PLAUSIBLE_BYTES).unwrap_or(text);
    let hex = || head.iter().filter(|b| is_hex(**b)).count();
    let digits = || head.iter().filter(|b| is_digit(**b)).count();
    match class {
        Class::IMEI => digits() >= 8 || hex() >= 14,
        Class::IMSI => digits() >= 6,
        // A mistyped or bare local part is one too, a word of prose is not.
        Class::EMAIL => head.contains(&b'@') || digits() > 0,
        // An Ethernet header of netfilter (`MAC=`) is two addresses and a type, which the shape finds.
        Class::MAC => {
            let own =
                |b: &u8| is_hex(*b) || matches!(b, b':' | b'-' | b'.' | b' ' | b'x' | b'%' | b'\\');
            (12..28).contains(&hex()) && head.iter().all(own) || is_six_groups(head)
        }
        // Zeros alone are no device's.
        // `visitor_id=ip:192.0.2.7` is no more than the address.
        Class::ANDROID_ID | Class::GUID => {
            text.len() >= 8
                && !text.starts_with(b"ip:")
                && head.iter().any(|b| !matches!(b, b'0' | b'-' | b'{' | b'}'))
        }
        Class::IDFA => text.len() >= 16 || text.len() >= 8 && digits() > 0,
        // The working directory; an object's dump, whose own keys decide.
        Class::PASSWORD => {
            !text.starts_with(b"/")
                && !is_time(text)
                && !is_call(text)
                && !is_hashed(text)
                && !is_identity(text)
        }
        Class::ACCOUNT => {
            // Unset in Linux audit is -1; a path is a log's name; an ARN's user is at its end; Windows' own
            // security identifiers are nobody's.
            let outcome = OUTCOMES.contains(&small(text)) || is_one_of(text, &[b"succeeded"]);
            if alnums_end(text, 0, text.len()) == text.len() {
                return !outcome && text != b"4294967295" && !is_nobody(text);
            }
            !outcome
                && !is_dump(text)
                && !is_amount(text)
                && !is_time(text)
                && text != b"4294967295"
                && memchr::memchr_iter(b'/', head).count() < 2
                && !text.starts_with(b"arn:")
                && !is_nobody(text)
                && !matches!(text, b"S-1-5-18" | b"S-1-5-19" | b"S-1-5-20" | b"S-1-0-0")
        }
        Class::OPENUDID => {
            let own = |b: &u8| is_hex(*b) || *b == b'-';
            hex() >= 16 && head.iter().all(own)
        }
        Class::BALANCE | Class::BIRTHDAY => digits() > 0,
        // Zero is where nobody is.
        Class::COORDINATES => head.iter().any(|b| matches!(b, b'1'..=b'9' | b'*')),
        Class::PHONE => digits() >= 6,
        Class::PASSPORT | Class::DRIVER_LICENSE | Class::NATIONAL_ID => {
            digits() >= 4 && text.len() >= 6
        }
        Class::TRANSACTION => digits() >= 3,
        // `address: 0x7f…` and `addr=8080` are no postal addresses.
        Class::ADDRESS => {
            let postcode = (5..=10).contains(&text.len())
                && head.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
                && !text.starts_with(b"0x");
            let letters = head.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80);
            letters && head.iter().any(|b| *b == b' ' || *b >= 0x80) || postcode && digits() >= 3
        }
        Class::GENDER => !is_one_of(text, &[b"unknown", b"unspecified"]),
        Class::NAME => {
            !is_one_of(text, &[b"anonymous"])
                && head.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80)
        }
        _ => true,
    }
}

/// `0.03`, `12.5%`, `0.05s`: how much of a processor's time users took.
fn is_amount(text: &[u8]) -> bool {
    let whole = skip(text, 0, 16, is_digit);
    let dot = byte(text, whole) == b'.';
    let end = if dot {
        skip(text, whole.saturating_add(1), 16, is_digit)
    } else {
        whole
    };
    let unit = text.get(end..).unwrap_or_default();
    whole > 0
        && (dot && end > whole.saturating_add(1) && matches!(unit, b"" | b"s" | b"ms" | b"%")
            || unit == b"%")
}

/// `2024-05-06T07:08:09Z`, `2024-05-06 07:08`: a date and a time (RFC 3339 §5.6) are nobody's and let nobody in.
fn is_time(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00 00:00";
    byte(text, 4) == b'-'
        && text.len() >= FORM.len()
        && text.len() <= 40
        && FORM.iter().zip(text).all(|(form, b)| match form {
            b'0' => is_digit(*b),
            b' ' => matches!(b, b'T' | b't' | b' ' | b'_'),
            form => form == b,
        })
        && is_rest_of_a_time(text.get(FORM.len()..).unwrap_or_default())
}

/// Seconds, a fraction of them and a zone; nothing that may be a secret's.
fn is_rest_of_a_time(text: &[u8]) -> bool {
    const ZONES: [u64; 22] = smalls([
        b"z", b"utc", b"gmt", b"am", b"pm", b"cet", b"cest", b"eet", b"eest", b"bst", b"msk",
        b"est", b"edt", b"cst", b"cdt", b"mst", b"mdt", b"pst", b"pdt", b"jst", b"ist", b"hkt",
    ]);
    let pair = |at: usize| {
        byte(text, at) == b':'
            && skip(text, at.saturating_add(1), 3, is_digit) == at.saturating_add(3)
    };
    let mut at = if pair(0) { 3 } else { 0 };
    if at > 0 && matches!(byte(text, at), b'.' | b',') {
        at = skip(text, at.saturating_add(1), 9, is_digit);
    }
    at = skip(text, at, 1, |b| b == b' ');
    let zone = text.get(at..).unwrap_or_default();
    // `[Europe/Paris]` behind an offset, as Java prints it.
    let place = zone.strip_suffix(b"]").and_then(|zone| {
        let open = memchr::memchr(b'[', zone)?;
        let place = zone.get(open.saturating_add(1)..)?;
        let letter = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'/' | b'_');
        zone.get(..open)
            .filter(|_| place.contains(&b'/') && place.iter().all(letter))
    });
    let zone = place.unwrap_or(zone);
    let offset = matches!(zone, [b'+' | b'-', digits @ ..]
        if (2..=5).contains(&digits.len()) && digits.iter().all(|b| is_digit(*b) || *b == b':'));
    zone.is_empty() || ZONES.contains(&small(zone)) || offset
}

/// Kubernetes' own (`system:` is reserved for them) and names for nobody known.
fn is_nobody(text: &[u8]) -> bool {
    // What audits number those who are no users: -1 is unset in Linux, and -2 nobody.
    const SHORT: [u64; 5] = smalls([b"unknown", b"unset", b"invalid", b"-1", b"-2"]);
    const LONG: &[&[u8]] = &[
        b"anonymous",
        b"anonymoususer",
        b"(unknown)",
        b"<unknown>",
        b"unknown_user",
        b"unknown user",
        "系统".as_bytes(),
        "系統".as_bytes(),
    ];
    // `github-actions[bot]`: a program's account.
    text.starts_with(b"system:")
        || text.ends_with(b"[bot]")
        || [&b"unknown ("[..], b"auto "].iter().any(|first| {
            let head = text.get(..first.len()).unwrap_or_default();
            head.eq_ignore_ascii_case(first)
        })
        || SHORT.contains(&small(text))
        || is_one_of(text, LONG)
}

/// Whether `text` is one of these, whatever its case; most are none by their length.
#[inline]
pub(super) fn is_one_of(text: &[u8], words: &[&[u8]]) -> bool {
    let mut words = words.iter().filter(|word| word.len() == text.len());
    words.any(|word| text.eq_ignore_ascii_case(word))
}

/// `Token{a64f992`, as Android prints an object: its type, and the hash that is its identity in the process. A secret may
/// have a brace, too: the types are those that keys of secrets name.
fn is_hashed(text: &[u8]) -> bool {
    if !byte(text, 0).is_ascii_uppercase() {
        return false;
    }
    let name = skip(text, 0, 64, |b| b.is_ascii_alphanumeric());
    let inside = name.saturating_add(1);
    let hash = skip(text, inside, 9, is_hex);
    let kind = text.get(..name).unwrap_or_default();
    (kind.ends_with(b"Token") || kind.ends_with(b"Record"))
        && byte(text, name) == b'{'
        && (5..=8).contains(&hash.saturating_sub(inside))
        && hash == text.len()
}

/// `Credential(username=…`, as Java prints objects: capitalised, with keys of its own.
fn is_call(text: &[u8]) -> bool {
    if !byte(text, 0).is_ascii_uppercase() {
        return false;
    }
    let name = skip(text, 0, 64, is_word);
    let key = skip(text, name.saturating_add(1), 64, is_word);
    byte(text, name) == b'(' && key > name.saturating_add(1) && byte(text, key) == b'='
}

/// `android.os.BinderProxy@2bd79ce`, as Java prints an object that has nothing else to say: a class in two packages at
/// least, for `my.secret@2024` may be one.
fn is_identity(text: &[u8]) -> bool {
    // Nearly no value has the sign there.
    let last = |n: usize| byte(text, text.len().wrapping_sub(n));
    if ![last(6), last(7), last(8), last(9)].contains(&b'@') {
        return false;
    }
    let class = skip(text, 0, 128, |b| is_word(b) || matches!(b, b'.' | b'$'));
    let code = text.get(class.saturating_add(1)..).unwrap_or_default();
    let mut parts = text.get(..class).unwrap_or_default().split(|b| *b == b'.');
    let named = parts.next_back().unwrap_or_default();
    byte(text, class) == b'@'
        && (5..=8).contains(&code.len())
        && code.iter().all(|b| is_hex(*b) && !b.is_ascii_uppercase())
        && byte(named, 0).is_ascii_uppercase()
        && parts.clone().count() >= 2
        && parts.all(|part| byte(part, 0).is_ascii_lowercase())
}

/// `User{name=…`, `User(name=…`, as Java, Rust and Python print objects.
fn is_dump(text: &[u8]) -> bool {
    let name = skip(text, 0, 64, is_word);
    let inside = name.saturating_add(1);
    let field = skip(text, inside, 64, is_word);
    name > 0
        && match byte(text, name) {
            b'{' | b'[' => true,
            b'(' => field > inside && byte(text, field) == b'=',
            _ => false,
        }
}

/// Each number of a textual coordinate value on its own: what stands between them stays. A `*` is a
/// digit that was hidden before.
fn coordinates(cx: &mut Cx<'_>, id: &'static str, span: Span) {
    let hay = cx.hay();
    let span = match cx.cell {
        true => span,
        false => cx.within(span),
    };
    let text = span.of(hay);
    // A geohash, a plus code: letters and digits in one word.
    let code = text.len() >= 5
        && text.iter().any(|b| is_digit(*b) || *b == b'*')
        && text.iter().any(u8::is_ascii_alphabetic)
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'*'));
    let exponent = text
        .iter()
        .all(|b| is_digit(*b) || matches!(b, b'e' | b'E' | b'+'));
    if code && !exponent {
        return cx.text(span, Class::COORDINATES, id, "a code for a place");
    }
    // The figures of an escape are not to be hidden apart.
    if memchr::memmem::find(text, b"\\u").is_some() {
        return cx.text(span, Class::COORDINATES, id, "under a coordinate key");
    }
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
                id,
                "a number under a coordinate key",
            );
            any = true;
            at = end;
        } else {
            at = at.saturating_add(1);
        }
    }
    if !any {
        cx.reject(span, Class::COORDINATES, id, "no number in the value");
    }
}
