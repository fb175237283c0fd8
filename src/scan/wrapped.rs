//! Values that something stands around which no format has: what a language prints about them, and what markup in text
//! writes for quotes.

use super::context::Cx;
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back};
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
        && !is_border(byte(hay, end.saturating_add(2)))
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

/// What is in `Some("hunter2")`, `Secret("hunter2")`, `UUID('…')`, as Rust, Scala and Python print what holds a value. Of
/// what is not sure to be that, all to its bracket.
#[cold]
pub(super) fn unwrapped(cx: &mut Cx<'_>, value: Value, secret: bool) -> Value {
    match value {
        Value::Plain(span) => wrapped(cx, span, secret),
        value => with_doubled_quotes(cx.hay(), value),
    }
}

/// Whether [`unwrapped`] need be asked: one look turns nearly all values away.
#[inline]
pub(super) fn may_be_wrapped(hay: &[u8], value: &Value) -> bool {
    match value {
        Value::Plain(span) => byte(hay, span.start).is_ascii_uppercase(),
        Value::Quoted(span) => byte(hay, span.end.saturating_add(1)) == b'\'',
        Value::Number(_) | Value::Container(_) => false,
    }
}

fn wrapped(cx: &mut Cx<'_>, span: Span, secret: bool) -> Value {
    const SOME: &[u8] = b"Some(";
    let hay = cx.hay();
    let value = Value::Plain(span);
    let (inside, depth) = opened(hay, span.start);
    if depth == 0 {
        return value;
    }
    let limit = span.start.saturating_add(VALUE_BYTES_MAX).min(hay.len());
    let limit = cx.within(Span::new(span.start, limit)).end;
    // `b"…"`, `r"…"`
    let string = skip(hay, inside, 1, |b| matches!(b, b'b' | b'r' | b'u'));
    if let Some((quote, start)) = quote_at(hay, string) {
        let end = cx.unclosed.string_end(hay, start, quote);
        let behind = end.saturating_add(quote.escapes).saturating_add(1);
        let close = skip(hay, behind, depth, |b| b == b')');
        // What looks like a call may be all of a secret.
        let is_over = match secret {
            true => close.saturating_sub(behind) == depth && is_border(byte(hay, close)),
            false => !is_word(byte(hay, close)),
        };
        if close > behind && is_over {
            return Value::Quoted(Span::new(start, end));
        }
        let end = match closing(hay, Span::new(string, limit), depth, quote.byte) {
            Some(close) => close.saturating_add(1),
            None if secret => {
                let from = end.min(limit);
                let stop = skip(hay, from, limit.saturating_sub(from), |b| {
                    b > b' ' && !is_end(b)
                });
                skip_back(hay, stop, 2, |b| matches!(b, b',' | b';' | b']' | b'}'))
            }
            None => return Value::Quoted(Span::new(start, end)),
        };
        return Value::Plain(Span::new(span.start, end.max(span.end)));
    }
    let inside = span.start.saturating_add(SOME.len());
    if Span::new(span.start, inside).of(hay) != SOME {
        return value;
    }
    // A secret may have commas and blanks.
    if secret && let Some(close) = closing(hay, Span::new(inside, limit), 1, b'"') {
        return Value::Plain(Span::new(inside, close));
    }
    let end = skip(hay, inside, VALUE_BYTES_MAX, |b| {
        (secret || !matches!(b, b')' | b',')) && !matches!(b, b' ' | b'"') && !is_end(b)
    });
    Value::Plain(Span::new(inside, end))
}

/// Where what stands in `Some(Secret(` begins, and how many brackets stand in front of it.
fn opened(hay: &[u8], start: usize) -> (usize, usize) {
    const DEEPEST: usize = 4;
    let mut at = start;
    for depth in 0..DEEPEST {
        let name = skip(hay, at, 64, |b| is_word(b) || matches!(b, b':' | b'.'));
        if name == at || byte(hay, name) != b'(' {
            return (at, depth);
        }
        at = name.saturating_add(1);
    }
    (at, DEEPEST)
}

/// The bracket that closes the outermost of `depth`, where a border is behind it. Brackets in strings are theirs, whose
/// quote is given.
fn closing(hay: &[u8], text: Span, mut depth: usize, quote: u8) -> Option<usize> {
    let mut at = text.start;
    let mut quoted = false;
    while at < text.end {
        match byte(hay, at) {
            b if b == quote => quoted = !quoted,
            b if is_end(b) => return None,
            b'(' if !quoted => depth = depth.saturating_add(1),
            b')' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return is_border(byte(hay, at.saturating_add(1))).then_some(at);
                }
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    None
}

/// What stands behind a value that is whole.
const fn is_border(b: u8) -> bool {
    matches!(
        b,
        b' ' | b',' | b';' | b'}' | b']' | b')' | b'"' | b'\'' | b'\\' | b'\t' | b'\r'
    ) || is_end(b)
}
