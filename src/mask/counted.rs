//! Strings whose length stands in front of them, as PHP writes them: `s:7:"hunter2";` of `serialize`, `string(7) "hunter2"`
//! of `var_dump`. A value that fills one gets the length of what it becomes, so that what could be read back still can.

use std::io::Write as _;

use super::{Mark, Scrubbed};
use crate::format::bytes::{before, byte, digits_start, is_word, skip_back};
use crate::record::Span;

/// Digits of a length.
const DIGITS_MAX: usize = 10;

/// Whether `value` may fill one: most values do not.
#[inline(always)]
pub(super) fn may_be(hay: &[u8], value: Span) -> bool {
    let front = value.start.checked_sub(3);
    let front = front.and_then(|from| hay.get(from..value.start));
    match front {
        Some([b, b':', b'"']) => b.is_ascii_digit(),
        Some([b, b' ', b'"']) => *b == b')',
        Some([_, slash, b'"']) => *slash == b'\\',
        _ => false,
    }
}

/// The digits that count the bytes of a string that `value` fills.
pub(super) fn length(hay: &[u8], value: Span) -> Option<Span> {
    let quote = value.start.wrapping_sub(1);
    if byte(hay, quote) != b'"' {
        return None;
    }
    // In a string inside a string both quotes are escaped.
    let open = skip_back(hay, quote, 16, |b| b == b'\\');
    let (end, begins): (usize, &[u8]) = match before(hay, open) {
        b':' => (open.saturating_sub(1), b"s:"),
        b' ' if before(hay, open.saturating_sub(1)) == b')' => (open.saturating_sub(2), b"string("),
        _ => return None,
    };
    let start = digits_start(hay, end, DIGITS_MAX);
    let closes = value.end.saturating_add(quote.saturating_sub(open));
    // `https:443:"…"` and `errors:3:"…"` count nothing: the sign is a word of its own, and what it counts is as long as it
    // says, where no escape stands for fewer bytes than it takes.
    let front = hay.get(..start).and_then(|head| head.strip_suffix(begins));
    let apart = front.is_some_and(|front| !is_word(before(front, front.len())));
    let says = std::str::from_utf8(Span::new(start, end).of(hay)).ok();
    let says = says.and_then(|says| says.parse::<usize>().ok());
    let counts = says == Some(value.len()) || value.of(hay).contains(&b'\\');
    let is = start < end
        && apart
        && counts
        && Span::new(value.end, closes).of(hay) == Span::new(open, quote).of(hay)
        && byte(hay, closes) == b'"';
    is.then(|| Span::new(start, end))
}

/// Puts the length of what a value became, written since `mark`, and what stands between the two in front of it.
pub(super) fn recount(
    hay: &[u8],
    digits: Option<Span>,
    value: Span,
    mark: Mark,
    out: &mut Scrubbed,
) {
    let Some(digits) = digits else { return };
    let length = out.behind(mark).len();
    let mut head = Vec::new();
    if write!(head, "{length}").is_ok() {
        head.extend_from_slice(Span::new(digits.end, value.start).of(hay));
        out.put_before(mark, &head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'h>(hay: &'h str, value: &str) -> Option<&'h str> {
        let start = hay.rfind(value).unwrap();
        let digits = length(hay.as_bytes(), Span::new(start, start + value.len()));
        digits.and_then(|digits| hay.get(digits.start..digits.end))
    }

    #[test]
    fn values_that_fill_a_counted_string_have_a_length() {
        for (hay, digits) in [
            (r#"s:7:"hunter2";"#, Some("7")),
            (r#"{"m":"s:7:\"hunter2\";"}"#, Some("7")),
            (r#"string(7) "hunter2" }"#, Some("7")),
            (r#"s:9:"x hunter2";"#, None),
            (r#"s:9:"hunter2 x";"#, None),
            (r#"{"a7":"hunter2"}"#, None),
            (r#"{"s":7,"x":"hunter2"}"#, None),
            (r#"ts:"hunter2""#, None),
            (r#"f(7) "hunter2""#, None),
            (r#"https:7:"hunter2""#, None),
            (r#"substring(7) "hunter2""#, None),
            (r#"s:443:"hunter2""#, None),
            (r#"{s:7:"hunter2";"#, Some("7")),
            (r#""hunter2""#, None),
        ] {
            assert_eq!(of(hay, "hunter2"), digits, "{hay}");
        }
    }
}
