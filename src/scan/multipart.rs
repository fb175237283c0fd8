//! Fields of a form that is sent in parts, in one string: a header names the field, an empty line ends the headers, and
//! what stands behind it is the value.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys::{self, Named};
use super::take::take;
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back};
use crate::format::value::{Quote, Value, is_python_prefix, quote_at};
use crate::record::Span;

const ID: &str = "multipart";

/// What stands in front of a part's parameters.
const FORM_DATA: &[&str] = &["form-data;", "Form-Data;"];

/// Parameters of a part, headers of it, and bytes of one.
const PARAMETERS_MAX: usize = 4;
const HEADERS_MAX: usize = 8;
const HEADER_BYTES_MAX: usize = 512;

/// How far in front of a part the string may begin that it stands in, in bytes, and how many quotes are looked at.
const STRING_BYTES_MAX: usize = 4096;
const QUOTES_MAX: usize = 16;

/// What a line feed, what stands in front of it, and a quote are behind the backslashes of an escape (RFC 8259 §7; `\x0a` in
/// C, nginx, Python).
const FEED: &[&[u8]] = &[b"n", b"u000a", b"u000A", b"x0a", b"x0A"];
const RETURN: &[&[u8]] = &[b"r", b"u000d", b"u000D", b"x0d", b"x0D"];
const QUOTE: &[&[u8]] = &[b"u0022", b"x22"];

/// `Content-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--`, its line ends escaped.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: FORM_DATA,
    source: "RFC 7578 §4.2; RFC 2046 §5.1; RFC 2183 §2; RFC 8259 §7",
    confirm,
    finds: &[
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--X--\r\n"}"#,
        r#"{"m":"{\"body\":\"--X\\r\\nContent-Disposition: form-data; name=\\\"password\\\"\\r\\n\\r\\nhunter2\\r\\n--X--\"}"}"#,
        r#"body="--X\nContent-Disposition: form-data; name=\"password\"\n\nhunter2\n--X--""#,
        r#"b'--X\r\nContent-Disposition: form-data; name="user[password]"\r\n\r\nhunter2\r\n--X--\r\n'"#,
        r#"{"b":"form-data; name=password\r\nContent-Type: text/plain\r\n\r\nhunter2"}"#,
        r#"{"b":"form-data; name=\"password\"\u000d\u000a\u000d\u000ahunter2"}"#,
        r#"{"b":"form-data; name=\u0022password\u0022\r\n\r\nhunter2"}"#,
        r"form-data; name=\x22password\x22\x0D\x0A\x0D\x0Ahunter2\x0D\x0A--X--",
        r#"{"b":"Form-Data; filename=\"a\";  Name=\"password\"\r\n\r\nhunter2"}"#,
        r#"{"b":"form-data;name=\"password\"\r\n\r\nhunter2\r\nform-data; name=\"note\"\r\n\r\nx"}"#,
    ],
    leaves: &[
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n--X--\r\n"}"#,
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n\r\n--X--\r\n"}"#,
        r#"Content-Disposition: form-data; name="password""#,
        r#"{"body":"--X\r\nContent-Disposition: form-data; name=\"password\"\r\nX-A: b"}"#,
        r#"{"b":"Content-Type: multipart/form-data; boundary=password\r\n\r\n--X"}"#,
        r#"{"b":"form-data; filename=\"password\"\r\n\r\nx"}"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, FORM_DATA) else {
        return;
    };
    let Some(written) = name_at(hay, at) else {
        return;
    };
    let (quote, start) = quote_at(hay, written)
        .or_else(|| {
            let (escapes, start) = escape(hay, written, QUOTE)?;
            Some((
                Quote {
                    escapes,
                    ..Quote::PLAIN
                },
                start,
            ))
        })
        .unwrap_or((Quote::PLAIN, written));
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
    let part = Part {
        boundary: boundary(hay, at.saturating_sub(literal.len())),
        single: in_single_quotes(hay, at),
        // The string around has half of the backslashes.
        escapes: quote.escapes / 2,
    };
    field(cx, named, value, &part);
}

/// Where what the parameter `name` says is written, of those from `at` on.
fn name_at(hay: &[u8], mut at: usize) -> Option<usize> {
    const NAME: &[u8] = b"name=";
    for _ in 0..PARAMETERS_MAX {
        let start = skip(hay, at, 8, |b| matches!(b, b' ' | b'\t'));
        let value = start.saturating_add(NAME.len());
        if Span::new(start, value).of(hay).eq_ignore_ascii_case(NAME) {
            return Some(value);
        }
        let end = skip(hay, start, HEADER_BYTES_MAX, |b| b != b';' && !is_end(b));
        if byte(hay, end) != b';' {
            return None;
        }
        at = end.saturating_add(1);
    }
    None
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

/// What ends the value of a part.
struct Part<'a> {
    /// What a line behind it begins with.
    boundary: &'a [u8],
    /// Whether the string around is in single quotes; or the backslashes of its double quotes.
    single: bool,
    escapes: usize,
}

/// The boundary, with its dashes, in front of the headers that end at `at`; of one that is cut off, the dashes.
fn boundary(hay: &[u8], at: usize) -> &[u8] {
    const DASHES: &[u8] = b"--";
    let front = skip_back(hay, at, HEADER_BYTES_MAX, |b| !is_end(b));
    let head = Span::new(front, at).of(hay);
    let begins = |at: usize| {
        let front = head.get(..at).unwrap_or_default();
        let last = before(head, at);
        let mut feeds = FEED.iter().filter_map(|feed| front.strip_suffix(*feed));
        !is_word(last) && last != b'-' || feeds.any(|front| front.ends_with(b"\\"))
    };
    let mut lines = memchr::memmem::rfind_iter(head, DASHES)
        .map(|dashes| dashes.saturating_sub(usize::from(before(head, dashes) == b'-')))
        .filter(|dashes| begins(*dashes))
        .filter_map(|dashes| {
            let end = skip(head, dashes, HEADER_BYTES_MAX, |b| b != b'\\' && b != b'"');
            line_end(head, end).and_then(|_| head.get(dashes..end))
        })
        // `usage: x -- y`
        .filter(|line| {
            let name = skip(line, 0, HEADER_BYTES_MAX, |b| b == b'-');
            byte(line, name) > b' '
        });
    lines.next().unwrap_or(DASHES)
}

/// Whether `at` is in a string in single quotes, as Python prints bytes: it escapes those that are the text's own.
fn in_single_quotes(hay: &[u8], at: usize) -> bool {
    let head = Span::new(at.saturating_sub(STRING_BYTES_MAX), at).of(hay);
    let quotes = memchr::memchr3_iter(b'\'', b'\n', b'\0', head);
    let open = quotes
        .rev()
        .take(QUOTES_MAX)
        .find(|quote| before(head, *quote) != b'\\')
        .filter(|quote| byte(head, *quote) == b'\'');
    open.is_some_and(|open| {
        let prefix = is_python_prefix(before(head, open));
        let border = before(head, open.saturating_sub(usize::from(prefix)));
        b" \t[{(,:=\"".contains(&border) || is_end(border)
    })
}

/// Takes the value from `start` to the next part, or to the end of the string around it.
fn field(cx: &mut Cx<'_>, named: Named, start: usize, part: &Part<'_>) {
    let hay = cx.hay();
    // The next one's name is asked for where it stands: nothing is read twice.
    let rest = hay.get(start..).unwrap_or_default();
    let mut others = memchr::memmem::find_iter(rest, b"orm-").filter_map(|at| {
        let other = start.saturating_add(at).saturating_sub(1);
        let end = other.saturating_add(10);
        let is = Span::new(other, end)
            .of(hay)
            .eq_ignore_ascii_case(b"form-data;");
        (is && name_at(hay, end).is_some()).then_some(other)
    });
    let limit = others.next().unwrap_or(hay.len());
    let (mut end, mut line) = (start, None);
    loop {
        end = skip(hay, end, limit.saturating_sub(end), |b| {
            !matches!(b, b'\\' | b'"' | b'\'') && !is_end(b)
        });
        if end >= limit {
            end = line.unwrap_or(limit);
            break;
        }
        let next = end.saturating_add(1);
        match byte(hay, end) {
            b'\\' => {}
            b'\'' if part.single && !is_word(byte(hay, next)) => break,
            b'"' if !part.single => break,
            b if is_end(b) => break,
            _ => {
                end = next;
                continue;
            }
        }
        if let Some(next) = line_end(hay, end) {
            if hay
                .get(next..)
                .is_some_and(|rest| rest.starts_with(part.boundary))
            {
                break;
            }
            (line, end) = (Some(end), next);
            continue;
        }
        let escaped = skip(hay, end, 16, |b| b == b'\\');
        if byte(hay, escaped) == b'"' && escaped.saturating_sub(end) <= part.escapes {
            break;
        }
        end = escaped.saturating_add(usize::from(!is_end(byte(hay, escaped))));
    }
    let value = Span::new(start, end.max(start));
    if !value.is_empty() {
        take(cx, ID, named, Value::Quoted(value));
    }
}

/// How many backslashes an escape at `at` has in front of one of `letters`, and what is behind it.
fn escape(hay: &[u8], at: usize, letters: &[&[u8]]) -> Option<(usize, usize)> {
    let letter = skip(hay, at, 16, |b| b == b'\\');
    let rest = hay.get(letter..)?;
    let found = letters.iter().find(|of| rest.starts_with(of))?;
    (letter > at).then(|| {
        (
            letter.saturating_sub(at),
            letter.saturating_add(found.len()),
        )
    })
}

/// What is behind the end of a line at `at`, as escapes of whatever depth: `\r\n`, `\n`.
fn line_end(hay: &[u8], at: usize) -> Option<usize> {
    let feed = escape(hay, at, RETURN).map_or(at, |(_, behind)| behind);
    escape(hay, feed, FEED).map(|(_, behind)| behind)
}
