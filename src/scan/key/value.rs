//! Values that are written in a way of their own behind a key.

use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, is_word, skip, skip_back,
};
use crate::format::value::Value;
use crate::record::Span;

/// Where what is in front of the value ends, behind a key that a mark is in front of: of `*Password:* hunter2` and
/// `**Password:** hunter2` the mark that closes the bold text behind the border at `at`.
pub(super) fn bold(hay: &[u8], at: usize) -> usize {
    let marks = skip(hay, at.saturating_add(1), 2, |b| b == b'*');
    let closes = marks > at.saturating_add(1) && byte(hay, marks) == b' ';
    if closes { marks.saturating_sub(1) } else { at }
}

/// `Calling-Station-Id="14155550177"`: in a network of telephones a station has their numbers (3GPP TS 29.061 §16.4).
pub(super) fn is_telephone(hay: &[u8], key: Span, border: usize) -> bool {
    let first = border.saturating_add(1);
    let start = skip(hay, first, 4, |b| matches!(b, b' ' | b'"' | b'\'' | b'\\'));
    let digits = skip(hay, start, 16, is_digit);
    let ends = !is_word(byte(hay, digits)) && !matches!(byte(hay, digits), b'-' | b':' | b'.');
    (10..=15).contains(&digits.saturating_sub(start))
        && digits.saturating_sub(start) != 12
        && ends
        && ends_in_any_case(key.of(hay), b"station-id")
}

/// Where the bracket is in `1003(ann`, two names of one account; the closing one is not included.
pub(super) fn named_number(text: &[u8]) -> Option<usize> {
    let part = |b: u8| is_word(b) || matches!(b, b'-' | b'.' | b'*');
    let open = skip(text, 0, 64, part);
    let end = skip(text, open.saturating_add(1), 64, part);
    (open > 0 && byte(text, open) == b'(' && end == text.len() && end > open.saturating_add(1))
        .then_some(open)
}

/// `[4] "ANNA"`: a text behind its length, as Oracle's audit trail has it.
pub(super) fn counted(hay: &[u8], border: usize) -> Option<Value> {
    let digits = border.saturating_add(2);
    let close = skip(hay, digits, 4, is_digit);
    let start = close.saturating_add(3);
    let quote = before(hay, start);
    if close == digits
        || Span::new(close, start.saturating_sub(1)).of(hay) != b"] "
        || !matches!(quote, b'"' | b'\'')
    {
        return None;
    }
    let end = skip(hay, start, 256, |b| b != quote && !is_end(b));
    Some(Value::Quoted(Span::new(start, end)))
}

/// `""key"":""value""`: a string of JSON in a cell of CSV (RFC 4180 §2), whose quotes are doubled.
pub(super) fn doubled(hay: &[u8], border: usize) -> Option<Value> {
    let pair = |at: usize| byte(hay, at) == b'"' && byte(hay, at.saturating_add(1)) == b'"';
    if !pair(border.saturating_sub(2)) {
        return None;
    }
    let open = skip(hay, border.saturating_add(1), 64, |b| b == b' ');
    if !pair(open) {
        return None;
    }
    let start = open.saturating_add(2);
    let mut end = start;
    // A backslash that is escaped itself escapes no quote.
    let escaped = |at: usize| {
        let first = skip_back(hay, at, at.saturating_sub(start), |b| b == b'\\');
        !at.saturating_sub(first).is_multiple_of(2)
    };
    // One alone closes the cell.
    loop {
        end = skip(hay, end, usize::MAX, |b| b != b'"' && !is_end(b));
        match (byte(hay, end), before(hay, end)) {
            (b'"', b'\\') if end > start && pair(end) && escaped(end) => {
                end = end.saturating_add(2);
            }
            _ => break,
        }
    }
    Some(Value::Quoted(Span::new(start, end.min(hay.len()))))
}
