//! Where a value without quotes of its own ends with what holds it: the line of a text in a string, the string in single
//! quotes, the printed object. A password may hold any sign, so what reads it goes on to a blank.

use super::{Finding, terminal};
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, in_string, is_end, record_start, skip, skip_back};
use crate::format::value::{is_prefix, is_python_prefix};
use crate::record::Span;

/// Backslashes in front of a letter, at the most, and escapes that are looked at in a value.
const BACKSLASHES_MAX: usize = 16;
const ESCAPES_MAX: usize = 4;
/// Signs behind a quote that are looked at.
const SIGNS_MAX: usize = 8;
/// Backslashes in a row that are counted.
const RUN_BYTES_MAX: usize = 64;
/// A longer value is left whole: many that all go on to the end of a text are not looked through again and again.
const VALUE_BYTES_MAX: usize = 2048;
/// How far in front of a value what holds it may begin, in bytes.
const STRING_BYTES_MAX: usize = 4096;
const OBJECT_BYTES_MAX: usize = 1024;

/// Takes off the findings what is none of theirs; whether anything was.
pub(super) fn cut(hay: &[u8], findings: &mut [Finding]) -> bool {
    let mut any = false;
    for finding in findings {
        let end = end(hay, finding.span, finding.class, finding.closed);
        any |= end < finding.span.end;
        finding.span.end = end;
    }
    any
}

/// Where what is found at `span` ends, at no odd place among backslashes: the half of a pair that is left would make an
/// escape with what stands behind it. Something is left of it.
pub(super) fn end(hay: &[u8], span: Span, class: Class, closed: bool) -> usize {
    let own = matches!(before(hay, span.start), b'"' | b'\'' | b'`');
    let end = match closed || own || has_form(class) || span.len() > VALUE_BYTES_MAX {
        true => span.end,
        false => bare_end(hay, span),
    };
    let end = if end > span.start { end } else { span.end };
    if closed || before(hay, end) != b'\\' {
        return end;
    }
    let start = skip_back(hay, end, RUN_BYTES_MAX, |b| b == b'\\').max(span.start);
    let stop = skip(hay, end, RUN_BYTES_MAX, |b| b == b'\\');
    let (own, left) = (end.saturating_sub(start), stop.saturating_sub(end));
    // The backslashes of the quote behind it, in strings in strings: 1, 3, 7.
    let quote = byte(hay, stop) == b'"' && left.saturating_add(1).is_power_of_two();
    let whole = own.is_multiple_of(2) && (left == 0 || quote);
    let alone = left == 0 && !byte(hay, end).is_ascii_graphic();
    if whole || alone || start == span.start {
        end
    } else {
        start
    }
}

/// Where a value ends that nothing closes but what holds it.
fn bare_end(hay: &[u8], span: Span) -> usize {
    let Span { start, mut end } = span;
    // Most values have none of these.
    if memchr::memchr3(b'\\', b'\'', b'`', span.of(hay)).is_some() {
        let single = single_quoted(hay, start);
        // Keys in PEM (RFC 7468) have lines.
        if !span.of(hay).starts_with(b"-----") {
            end = line_feed(hay, span, single.is_some()).unwrap_or(end);
        }
        if let Some(opened) = single {
            end = single_quote(hay, Span::new(start, end), opened).unwrap_or(end);
        }
    }
    brackets(hay, Span::new(start, end))
}

/// Whether values of the class end with their own form; an operator's pattern says itself where it ends.
fn has_form(class: Class) -> bool {
    matches!(
        class,
        Class::IP
            | Class::EMAIL
            | Class::IMEI
            | Class::IMSI
            | Class::MAC
            | Class::GUID
            | Class::SOFTWARE
            | Class::COORDINATES
            | Class::PHONE
            | Class::NATIONAL_ID
            | Class::PASSPORT
            | Class::TRANSACTION
            | Class::CUSTOM
    )
}

/// The first escape of a line's end in it (RFC 8259 §7), in a string: `{"m":"password=hunter2\nok"}`.
fn line_feed(hay: &[u8], span: Span, single: bool) -> Option<usize> {
    let mut at = span.start;
    for _ in 0..ESCAPES_MAX {
        let next = memchr::memchr(b'\\', Span::new(at, span.end).of(hay))?;
        let begin = at.saturating_add(next);
        let letter = skip(hay, begin, BACKSLASHES_MAX, |b| b == b'\\');
        let depth = letter.saturating_sub(begin);
        // A quote that is written as one; what stands behind a prefix opens the value.
        let prefix = begin == span.start.saturating_add(1) && is_prefix(byte(hay, span.start));
        if !prefix && Span::new(letter, letter.saturating_add(5)).of(hay) == b"u0022" {
            return Some(begin);
        }
        let feed = letter < span.end && matches!(byte(hay, letter), b'n' | b'r');
        if feed
            && !(begin > span.start.saturating_add(1)
                && is_domain(Span::new(span.start, begin).of(hay)))
            && (in_string(hay, begin, depth) || single && depth == 1)
        {
            return Some(begin);
        }
        at = letter.saturating_add(1).min(span.end);
    }
    None
}

/// Whether `text` may be a domain of Windows in front of a name: `CORP\nancy`.
pub(super) fn is_domain(text: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    text.iter().all(sign) && !is_label(text)
}

/// The quote that opens a string in which `at` is, and what stands in front; the string must not have another.
fn single_quoted(hay: &[u8], at: usize) -> Option<(u8, u8)> {
    let record = record_start(hay, at, STRING_BYTES_MAX)?;
    let head = Span::new(record, at).of(hay);
    let opened = |quote: u8| {
        let open = memchr::memrchr(quote, head)?;
        // `b'…'`, as Python has it.
        let prefix = is_python_prefix(before(head, open));
        let border = before(head, open.saturating_sub(usize::from(prefix)));
        let opens = matches!(
            border,
            b' ' | b'[' | b'{' | b'(' | b',' | b':' | b'=' | b'\t'
        ) || is_end(border);
        let next = byte(head, open.saturating_add(1));
        (opens && !matches!(next, b' ' | b',')).then_some((open, (quote, border)))
    };
    let last = opened(b'\'').max(opened(b'`'))?;
    Some(last.1)
}

/// The quote that ends the string in single quotes in which it stands: `{'m': 'password=hunter2', 'n': 1}`.
fn single_quote(hay: &[u8], span: Span, (quote, border): (u8, u8)) -> Option<usize> {
    let closes = |at: &usize| {
        let next = byte(hay, at.saturating_add(1));
        let behind = matches!(next, b',' | b')' | b']' | b'}' | b'"') || is_end(next);
        // `cmd='mysql -u ann' n=1`
        let field = matches!(border, b'=' | b':') && next == b' ';
        // `'\''` of a shell, and what goes on as a word: `x'),y`.
        let signs = skip(hay, at.saturating_add(1), SIGNS_MAX, |b| {
            matches!(b, b',' | b')' | b']' | b'}')
        });
        let goes_on = behind && byte(hay, signs).is_ascii_alphanumeric();
        (behind && !goes_on || field) && !matches!(before(hay, *at), b'\\' | b'\'')
    };
    memchr::memchr_iter(quote, span.of(hay))
        .map(|quote| span.start.saturating_add(quote))
        .find(closes)
}

/// Where it ends without the brackets that close an object which was opened in front: `User [name=ann, password=hunter2], ok`.
fn brackets(hay: &[u8], span: Span) -> usize {
    let mut end = span.end;
    while end > span.start {
        let close = before(hay, end);
        let open = match close {
            b']' => b'[',
            b')' => b'(',
            b'}' => b'{',
            _ => break,
        };
        let inner = Span::new(span.start, end.saturating_sub(1)).of(hay);
        let count = |sign: u8| memchr::memchr_iter(sign, inner).count();
        let own = count(open) > count(close);
        let rest = skip(hay, span.end, OBJECT_BYTES_MAX, |b| b == close);
        let behind = Span::new(end, rest).of(hay);
        let closed = memchr::memchr_iter(close, behind).count();
        if own || unclosed(hay, span.start, open, close) <= closed {
            break;
        }
        end = end.saturating_sub(1);
    }
    end
}

/// How many brackets in front of `at` in its string or record are not closed.
fn unclosed(hay: &[u8], at: usize, open: u8, close: u8) -> usize {
    let Some(record) = record_start(hay, at, OBJECT_BYTES_MAX) else {
        return 0;
    };
    let start = string_start(hay, Span::new(record, at));
    let text = Span::new(start, at).of(hay);
    let mut depth = 0usize;
    for (place, b) in text.iter().enumerate() {
        // `ESC[36m` opens nothing.
        if *b == open && !(open == b'[' && terminal::is_code(text, place)) {
            depth = depth.saturating_add(1);
        } else if *b == close {
            depth = depth.saturating_sub(1);
        }
    }
    depth
}

/// Where the innermost string begins that is open at the end of `text`, in strings in strings with 1, 3, 7 backslashes
/// in front of its quote, or the text.
fn string_start(hay: &[u8], text: Span) -> usize {
    const DEPTHS: usize = 5;
    // Of each depth, whether one is open, and where.
    let mut open = [None; DEPTHS];
    for quote in memchr::memchr_iter(b'"', text.of(hay)) {
        let quote = text.start.saturating_add(quote);
        let run = skip_back(hay, quote, RUN_BYTES_MAX, |b| b == b'\\');
        let size = quote.saturating_sub(run).saturating_add(1);
        let depth = usize::try_from(size.trailing_zeros()).unwrap_or(DEPTHS);
        if let Some(open) = open.get_mut(depth).filter(|_| size.is_power_of_two()) {
            *open = match *open {
                Some(_) => None,
                None => Some(quote.saturating_add(1)),
            };
        }
    }
    let last = open.into_iter().flatten().max();
    last.unwrap_or(text.start)
}
