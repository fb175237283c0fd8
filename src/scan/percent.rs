//! Percent-encoded bytes (RFC 3986 §2.1), encoded once or twice. In `%22192.0.2.7%22` and `%E5%8F%B713…` the digits of
//! an escape run on into what follows it, so a word that has escapes is scanned once more as it reads.

use crate::format::bytes::{byte, is_hex, skip, skip_back};
use crate::record::Span;

/// Where the escape at `at` ends, and its byte; a blank for controls, which end what stands in front of them.
fn code(hay: &[u8], at: usize) -> Option<(usize, u8)> {
    let pair = |at: usize| {
        let high = char::from(byte(hay, at)).to_digit(16)?;
        let low = char::from(byte(hay, at.saturating_add(1))).to_digit(16)?;
        u8::try_from(high << 4 | low).ok()
    };
    let first = at.saturating_add(1);
    let once = pair(first)?;
    let (end, value) = match (once, pair(first.saturating_add(2))) {
        (b'%', Some(twice)) => (first.saturating_add(4), twice),
        _ => (first.saturating_add(2), once),
    };
    let control = value < b' ' || value == 0x7F;
    Some((end, if control { b' ' } else { value }))
}

/// Longest escape, encoded twice.
const CODE_BYTES_MAX: usize = 5;

/// `span` without the digits of an escape that it starts in, which are no part of a value. An encoder writes blanks and
/// signs so, no letters and digits: what could be those of a value behind a plain `%` is taken for that.
#[inline]
pub(super) fn outside(hay: &[u8], span: Span) -> Span {
    let from = span.start.saturating_sub(CODE_BYTES_MAX.saturating_sub(1));
    let few = Span::new(from, span.start).of(hay);
    match few.iter().rposition(|b| *b == b'%') {
        Some(percent) => outside_code(hay, from.saturating_add(percent), span),
        None => span,
    }
}

#[cold]
fn outside_code(hay: &[u8], percent: usize, span: Span) -> Span {
    let Some((end, value)) = code(hay, percent).filter(|(end, _)| *end > span.start) else {
        return span;
    };
    let written = Span::new(percent, end).of(hay);
    let blank = matches!(
        written,
        [b'%', b'0', b'0' | b'9' | b'A' | b'D' | b'a' | b'd'] | [b'%', .., b'2', b'0']
    );
    let sign = value.is_ascii_punctuation() || value == b' ' && blank;
    Span::new(if sign { end } else { span.start }, span.end)
}

/// Where the word at `start` begins behind the rest of an escape of JSON's: `\nann%40x.example`.
pub(super) fn behind_escape(hay: &[u8], start: usize) -> usize {
    let code = start.saturating_add(1);
    match byte(hay, start) {
        _ if start == 0 || byte(hay, start.saturating_sub(1)) != b'\\' => start,
        b'u' if skip(hay, code, 4, is_hex) == code.saturating_add(4) => code.saturating_add(4),
        b'n' | b't' | b'r' | b'b' | b'f' | b'u' => code,
        _ => start,
    }
}

/// Calls `found` with each word of `hay` that has an escape.
pub(super) fn words(hay: &[u8], mut found: impl FnMut(Span)) {
    // A word ends with a parameter, a cell or a string: an encoded quote opens none that goes on behind that.
    let inside = |b: u8| {
        b > b' '
            && !matches!(
                b,
                b'"' | b'\'' | b'\\' | b'&' | b';' | b',' | b'|' | b'<' | b'>' | 0x7F
            )
    };
    let mut at = 0usize;
    while let Some(next) = memchr::memchr(b'%', hay.get(at..).unwrap_or_default()) {
        let percent = at.saturating_add(next);
        at = percent.saturating_add(1);
        if is_hex(byte(hay, at)) && is_hex(byte(hay, at.saturating_add(1))) {
            let start = behind_escape(hay, skip_back(hay, percent, usize::MAX, inside));
            at = skip(hay, percent, usize::MAX, inside);
            found(Span::new(start, at));
        }
    }
}

/// Calls `found` with each escape in `word`, and its byte.
pub(super) fn codes(hay: &[u8], word: Span, mut found: impl FnMut(Span, u8)) {
    let mut at = word.start;
    while let Some(next) = memchr::memchr(b'%', Span::new(at, word.end).of(hay)) {
        let start = at.saturating_add(next);
        at = start.saturating_add(1);
        if let Some((end, value)) = code(hay, start) {
            found(Span::new(start, end), value);
            at = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Finding, Scanner, Scratch};

    fn read(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        words(text.as_bytes(), |word| {
            let (mut out, mut at) = (Vec::new(), word.start);
            codes(text.as_bytes(), word, |code, value| {
                out.extend_from_slice(&text.as_bytes()[at..code.start]);
                out.push(value);
                at = code.end;
            });
            out.extend_from_slice(&text.as_bytes()[at..word.end]);
            all.push(String::from_utf8(out).unwrap());
        });
        all
    }

    #[test]
    fn words_with_escapes_are_read() {
        assert_eq!(
            read("GET /a?q=%22b%22&c=%E5%8F%B71 HTTP"),
            ["/a?q=\"b\"", "c=号1"]
        );
        assert_eq!(read("5% x%2 %zz %"), [""; 0]);
        assert_eq!(read("a%2522b%0Ac d%25"), ["a\"b c", "d%"]);
        assert_eq!(
            read(r"\nann%40x \u00e9bea%40x \q%40"),
            ["ann@x", "bea@x", "q@"]
        );
    }

    #[test]
    fn what_escapes_stand_around_is_found() {
        for (text, what) in [
            ("q=%2013912345678&x=1", "13912345678"),
            ("q=%E6%89%8B%E6%9C%BA%E5%8F%B713912345678", "13912345678"),
            ("q=%22192.0.2.7%22", "192.0.2.7"),
            ("h=10%2E0%2E0%2E1&x", "10%2E0%2E0%2E1"),
            (
                "b=%257B%2522imei%2522%253A490154203237518%257D",
                "490154203237518",
            ),
            ("%E5%AF%86%E7%A0%81=hunter2&x=1", "hunter2"),
            ("/%E8%AE%BE00:1b:44:11:3a:b7/x", "00:1b:44:11:3a:b7"),
        ] {
            let mut findings: Vec<Finding> = Vec::new();
            Scanner::default().scan(text.as_bytes(), &mut Scratch::default(), &mut findings);
            let found = findings
                .iter()
                .any(|f| f.span.of(text.as_bytes()) == what.as_bytes());
            assert!(found, "{text}: {findings:?}");
        }
    }
}
