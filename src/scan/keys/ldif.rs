//! Values of directories in base64: `cn:: QW5uIExlZQ==` (RFC 2849 §2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, skip};
use crate::record::Span;

/// A line is folded, most often at 76 bytes: what is as long may have its other groups on the next.
const FOLDED_BYTES_MIN: usize = 24;

/// The value behind the two colons of which the first is at `border`: one word, to the end of its line. A scope's
/// operator has no blank behind it, or more on its line than a word.
pub(super) fn encoded(hay: &[u8], border: usize) -> Option<Span> {
    written(hay, border).filter(|value| !is_word(value.of(hay)))
}

/// The same, whatever it reads as.
fn written(hay: &[u8], border: usize) -> Option<Span> {
    let start = border.saturating_add(3);
    if Span::new(border, start).of(hay) != b":: " {
        return None;
    }
    let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let signs = skip(hay, start, usize::MAX, sign);
    let end = skip(hay, signs, 2, |b| b == b'=');
    let next = byte(hay, end);
    // In a string of JSON the line ends with the string, or with an escape.
    let over = is_end(next)
        || matches!(next, b'\r' | b'"')
        || next == b'\\' && matches!(byte(hay, end.saturating_add(1)), b'n' | b'r');
    let length = end.saturating_sub(start);
    let whole = length > 0 && length.is_multiple_of(4) || length >= FOLDED_BYTES_MIN;
    (over && whole).then_some(Span::new(start, end))
}

/// `list`, `Test`: a word, which is no text when it is decoded.
fn is_word(text: &[u8]) -> bool {
    let letters = text.iter().skip(1).all(u8::is_ascii_lowercase);
    letters
        && byte(text, 0).is_ascii_alphabetic()
        && STANDARD.decode(text).map_or(true, |text| {
            std::str::from_utf8(&text).map_or(true, |text| text.contains(char::is_control))
        })
}

/// The same behind a key that starts at `key`: behind a scope none does.
pub(in crate::scan) fn value(hay: &[u8], key: usize, border: usize, class: Class) -> Option<Span> {
    // A password may be a word.
    let value = match class {
        Class::PASSWORD => written(hay, border),
        _ => encoded(hay, border),
    };
    value.filter(|_| before(hay, key) != b':')
}
