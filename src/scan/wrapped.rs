//! Values that something stands around which no format has: what a language prints about them, and what markup in text
//! writes for quotes.

use super::context::Cx;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, digits_start, is_end, is_word, skip, skip_back};
use crate::format::value::{Value, quote_at};
use crate::record::Span;

/// Longest value that is looked for the end of.
const VALUE_BYTES_MAX: usize = 1024;

/// The inside of `&quot;hunter2&quot;`, an attribute in markup that is text itself (HTML §13.5).
pub(super) fn referred(hay: &[u8], at: usize) -> Option<Span> {
    const QUOTES: &[&[u8]] = &[
        b"&quot;", b"&apos;", b"&#34;", b"&#39;", b"&#x22;", b"&#x27;",
    ];
    let rest = hay.get(at..)?;
    let quote = QUOTES.iter().find(|quote| rest.starts_with(quote))?;
    let start = at.saturating_add(quote.len());
    let end = start.saturating_add(VALUE_BYTES_MAX).min(hay.len());
    let length = memchr::memmem::find(hay.get(start..end)?, quote)?;
    let value = Span::new(start, start.saturating_add(length));
    (length > 0 && !value.of(hay).iter().any(|b| is_end(*b))).then_some(value)
}

/// The words of a list without quotes, as Java prints one and YAML has it: `usernames=[ann, bob]`.
pub(super) fn listed(cx: &mut Cx<'_>, id: &'static str, open: usize, class: Class) -> bool {
    let hay = cx.hay();
    let start = open.saturating_add(1);
    let end = skip(hay, start, VALUE_BYTES_MAX, |b| {
        !matches!(
            b,
            b'[' | b']' | b'{' | b'}' | b'(' | b'"' | b'\'' | b'\\' | b'=' | b':'
        ) && !is_end(b)
    });
    let text = Span::new(start, end).of(hay);
    if byte(hay, end) != b']' || memchr::memmem::find(text, b", ").is_none() {
        return false;
    }
    let mut at = start;
    while at < end {
        let stop = skip(hay, at, end.saturating_sub(at), |b| b != b',');
        take(cx, id, class, Value::Plain(Span::new(at, stop)));
        at = skip(hay, stop.saturating_add(1), 8, |b| b == b' ');
    }
    true
}

/// All of `'it''s'`: in SQL a quote inside a string is doubled (ISO/IEC 9075-2 §5.3). Behind an empty string nothing is.
pub(super) fn with_doubled_quotes(hay: &[u8], value: Value) -> Value {
    const QUOTE: u8 = b'\'';
    let Value::Quoted(span) = value else {
        return value;
    };
    if span.is_empty() || before(hay, span.start) != QUOTE {
        return value;
    }
    let most = span.start.saturating_add(VALUE_BYTES_MAX);
    let mut end = span.end;
    while end < most
        && byte(hay, end) == QUOTE
        && byte(hay, end.saturating_add(1)) == QUOTE
        && is_inside(byte(hay, end.saturating_add(2)))
    {
        let rest = end.saturating_add(2);
        let close = skip(hay, rest, VALUE_BYTES_MAX, |b| b != QUOTE && !is_end(b));
        if byte(hay, close) != QUOTE {
            break;
        }
        end = close;
    }
    Value::Quoted(Span::new(span.start, end))
}

/// Whether behind two quotes a string goes on.
const fn is_inside(b: u8) -> bool {
    !matches!(
        b,
        b' ' | b',' | b';' | b')' | b']' | b'}' | b'"' | b'\'' | b'\\' | b'\t' | b'\r'
    ) && !is_end(b)
}

/// What is in `Some("hunter2")`, `Secret("hunter2")`, `UUID('…')`, as Rust, Scala and Python print what holds a value.
pub(super) fn unwrapped(cx: &mut Cx<'_>, value: Value) -> Value {
    const SOME: &[u8] = b"Some(";
    let hay = cx.hay();
    let Value::Plain(span) = value else {
        return with_doubled_quotes(hay, value);
    };
    if !byte(hay, span.start).is_ascii_uppercase() {
        return value;
    }
    let name = skip(hay, span.start, 64, |b| {
        is_word(b) || matches!(b, b':' | b'.')
    });
    let inside = name.saturating_add(1);
    if byte(hay, name) != b'(' {
        return value;
    }
    if let Some((quote, start)) = quote_at(hay, inside) {
        return Value::Quoted(Span::new(start, cx.unclosed.string_end(hay, start, quote)));
    }
    if Span::new(span.start, inside).of(hay) == SOME {
        let end = skip(hay, inside, VALUE_BYTES_MAX, |b| {
            !matches!(b, b')' | b' ' | b',' | b'"') && !is_end(b)
        });
        return Value::Plain(Span::new(inside, end));
    }
    value
}

/// `O:4:"User":2:{`: the number behind a class that PHP's `serialize` wrote.
pub(super) fn counts_members(hay: &[u8], key: Span, value: Span) -> bool {
    if Span::new(value.end, value.end.saturating_add(2)).of(hay) != b":{" {
        return false;
    }
    let length = skip_back(hay, key.start, 16, |b| matches!(b, b'"' | b'\\'));
    let digits = digits_start(hay, length.saturating_sub(1), 8);
    before(hay, length) == b':'
        && digits < length.saturating_sub(1)
        && before(hay, digits) == b':'
        && matches!(before(hay, digits.saturating_sub(1)), b'O' | b'C')
}
