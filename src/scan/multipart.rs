//! Fields of a form that is sent in parts, in one string: a header names the field, an empty line ends the headers, and
//! what stands behind it is the value.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys::{self, Named};
use super::take::take;
use crate::format::bytes::{byte, is_end, skip};
use crate::format::value::{Quote, Value, quote_at};
use crate::record::Span;

const ID: &str = "multipart";

/// What stands in front of the name.
const NAMES: &[&str] = &["form-data; name=", "form-data;name="];

/// Headers of a part, and bytes of one.
const HEADERS_MAX: usize = 8;
const HEADER_BYTES_MAX: usize = 512;

/// Longest value.
const VALUE_BYTES_MAX: usize = 8192;

/// `Content-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--`, its line ends escaped.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: NAMES,
    source: "RFC 7578 §4.2; RFC 2046 §5.1; RFC 8259 §7",
    confirm,
    finds: &[
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--X--\r\n"}"#,
        r#"{"m":"{\"body\":\"--X\\r\\nContent-Disposition: form-data; name=\\\"password\\\"\\r\\n\\r\\nhunter2\\r\\n--X--\"}"}"#,
        r#"body="--X\nContent-Disposition: form-data; name=\"password\"\n\nhunter2\n--X--""#,
        r#"b'--X\r\nContent-Disposition: form-data; name="user[password]"\r\n\r\nhunter2\r\n--X--\r\n'"#,
        r#"{"b":"form-data; name=password\r\nContent-Type: text/plain\r\n\r\nhunter2"}"#,
    ],
    leaves: &[
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--X--\r\n"}"#,
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n\r\n--X--\r\n"}"#,
        r#"Content-Disposition: form-data; name="password""#,
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\nX-A: b"}"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, NAMES).is_none() {
        return;
    }
    let (quote, start) = quote_at(hay, at).unwrap_or((Quote::PLAIN, at));
    let end = skip(hay, start, keys::KEY_BYTES_MAX, |b| {
        !matches!(b, b'"' | b'\'' | b'\\' | b';') && !is_end(b)
    });
    let name = Span::new(start, end);
    let Some(named) = keys::named_in(cx, name).filter(|_| !name.is_empty()) else {
        return;
    };
    let Some(value) = behind_headers(hay, end) else {
        return;
    };
    // The string around has half of the backslashes.
    field(cx, named, value, quote.escapes / 2);
}

/// Where the part's headers end that go on at `at`.
fn behind_headers(hay: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..HEADERS_MAX {
        let limit = at.saturating_add(HEADER_BYTES_MAX);
        let next = loop {
            at = skip(hay, at, limit.saturating_sub(at), |b| {
                b != b'\\' && !is_end(b)
            });
            if byte(hay, at) != b'\\' {
                return None;
            }
            match line_end(hay, at) {
                Some(next) => break next,
                None => at = at.saturating_add(1),
            }
        };
        match line_end(hay, next) {
            Some(value) => return Some(value),
            None => at = next,
        }
    }
    None
}

/// Takes the value from `start` to the next boundary's line, or to the end of the string around it.
fn field(cx: &mut Cx<'_>, named: Named, start: usize, escapes: usize) {
    let hay = cx.hay();
    let limit = start.saturating_add(VALUE_BYTES_MAX);
    let mut end = start;
    while end < limit {
        end = skip(hay, end, limit.saturating_sub(end), |b| {
            !matches!(b, b'\\' | b'"') && !is_end(b)
        });
        if byte(hay, end) != b'\\' {
            break;
        }
        match line_end(hay, end) {
            Some(next) if hay.get(next..).is_some_and(|rest| rest.starts_with(b"--")) => break,
            Some(next) => end = next,
            None => {
                let escaped = skip(hay, end, 16, |b| b == b'\\');
                if byte(hay, escaped) == b'"' && escaped.saturating_sub(end) <= escapes {
                    break;
                }
                end = escaped.saturating_add(usize::from(!is_end(byte(hay, escaped))));
            }
        }
    }
    let value = Span::new(start, end.min(hay.len()));
    if !value.is_empty() {
        take(cx, ID, named, Value::Quoted(value));
    }
}

/// What is behind the end of a line at `at`, as escapes of whatever depth: `\r\n`, `\n`.
fn line_end(hay: &[u8], at: usize) -> Option<usize> {
    let escape = |at: usize, letter: u8| {
        let end = skip(hay, at, 16, |b| b == b'\\');
        (end > at && byte(hay, end) == letter).then(|| end.saturating_add(1))
    };
    let feed = escape(at, b'r').unwrap_or(at);
    escape(feed, b'n')
}
