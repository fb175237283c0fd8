//! Lists that no format but a language's own printing has: words without quotes, and strings that a cut left open.

use super::context::Cx;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, gap, is_digit, is_end, skip, skip_back, small, smalls};
use crate::format::value::{Quote, Value, quote_at};
use crate::record::Span;

/// Longest list that is looked for the end of.
const LIST_BYTES_MAX: usize = 1024;
/// Of a list without its key in quotes, the first element.
const ELEMENT_BYTES_MAX: usize = 256;

/// Where the first element of the list, or the first member of the object, at `open` starts: behind blanks and line ends,
/// written ones too.
pub(super) fn first(hay: &[u8], open: usize) -> usize {
    let start = skip(hay, open.saturating_add(1), 16, |b| {
        matches!(b, b' ' | b'\t' | b'\n' | b'\r')
    });
    gap(hay, start)
}

/// Whether a list of texts in quotes, or of objects whose keys are, starts at `open`.
pub(super) fn is_list(hay: &[u8], open: usize) -> bool {
    let element = first(hay, open);
    let text = match byte(hay, element) {
        b'{' => first(hay, element),
        _ => element,
    };
    // Over the lines of a text: `[\n  48.85,`, `[{\n  name: 'ann'`.
    let written = Span::new(open, text).of(hay).contains(&b'\\');
    byte(hay, open) == b'[' && (written || quote_at(hay, text).is_some()) && !is_doubled(hay, text)
}

/// Whether a list of numbers starts at `open`.
pub(super) fn is_vector(hay: &[u8], open: usize) -> bool {
    let first = byte(hay, gap(hay, open.saturating_add(1)));
    let end = skip(hay, open, ELEMENT_BYTES_MAX, |b| {
        !matches!(b, b',' | b']') && !is_end(b)
    });
    byte(hay, open) == b'[' && (is_digit(first) || first == b'-') && byte(hay, end) == b','
}

/// Whether the quote at `at` is one of a cell (RFC 4180 §2), where quotes are doubled, and no empty string.
pub(super) fn is_doubled(hay: &[u8], at: usize) -> bool {
    Span::new(at, at.saturating_add(2)).of(hay) == b"\"\""
        && !matches!(byte(hay, at.saturating_add(2)), b',' | b']' | b' ')
}

/// The words of a list without quotes, as Java prints one and YAML has it: `usernames=[ann, bob]`, `users=[CORP:ann, bob]`.
pub(super) fn listed(cx: &mut Cx<'_>, id: &'static str, open: usize, class: Class) -> bool {
    const LEVELS: [u64; 6] = smalls([b"trace", b"debug", b"info", b"warn", b"warning", b"error"]);
    let hay = cx.hay();
    let start = open.saturating_add(1);
    let end = skip(hay, start, LIST_BYTES_MAX, |b| {
        !matches!(
            b,
            b'[' | b']' | b'{' | b'}' | b'(' | b'"' | b'\'' | b'\\' | b'='
        ) && !is_end(b)
    });
    let text = Span::new(start, end).of(hay);
    if byte(hay, end) != b']'
        || memchr::memmem::find(text, b", ").is_none()
        || memchr::memmem::find(text, b": ").is_some()
    {
        return false;
    }
    // `user: [INFO, main] started` is said by one.
    let first = text.split(|b| *b == b',').next().unwrap_or_default();
    let colon = skip_back(hay, open, 8, |b| b == b' ').saturating_sub(1);
    let one = byte(hay, colon) == b':' && before(hay, colon) != b's';
    let second = text.split(|b| *b == b',').nth(1).unwrap_or_default();
    let second = second.strip_prefix(b" ").unwrap_or(second);
    let told =
        first.iter().all(u8::is_ascii_uppercase) || second == b"main" || second.contains(&b' ');
    if one && told && LEVELS.contains(&small(first)) {
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

/// Where the string from `start` in a list ends: of one that is never closed, at the list's bracket, which has a border
/// behind it.
pub(super) fn end_in_list(cx: &mut Cx<'_>, start: usize, quote: Quote) -> usize {
    let hay = cx.hay();
    let end = cx.unclosed.string_end(hay, start, quote);
    if !is_end(byte(hay, end)) {
        return end;
    }
    let limit = start.saturating_add(LIST_BYTES_MAX).min(end);
    let mut at = start;
    loop {
        at = skip(hay, at, limit.saturating_sub(at), |b| {
            !matches!(b, b']' | b')')
        });
        if at >= limit {
            return end;
        }
        let behind = skip(hay, at, 4, |b| matches!(b, b']' | b')'));
        if matches!(byte(hay, behind), b' ' | b',') || is_end(byte(hay, behind)) {
            return at;
        }
        at = behind;
    }
}
