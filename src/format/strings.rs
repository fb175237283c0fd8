//! Which string in double quotes a place is in: what stands in a string of JSON ends with it, whatever opens there.

use super::bytes::{byte, has_byte, is_end, is_word, record_start, skip, skip_back};
use super::value::{Quote, string_end};
use crate::record::Span;

/// Strings in strings that are told apart.
const DEPTH_MAX: u32 = 6;
/// How far the older mark stays behind, in bytes.
const LAG_BYTES: usize = 16 << 10;

/// Spans of less are read again rather than remembered.
const SHORT_BYTES: usize = 48;

/// What is open at a place, a bit for each depth.
#[derive(Clone, Copy, Default, Debug)]
struct Mark {
    at: usize,
    open: u8,
}

/// How deep a string is that opens and closes behind `slashes`: one of depth d behind 2^d - 1, further pairs are its own
/// content.
pub(crate) const fn depth(slashes: usize) -> u32 {
    slashes.saturating_add(1).trailing_zeros()
}

const fn quote(depth: u32) -> Quote {
    Quote {
        byte: b'"',
        escapes: (1usize << depth).saturating_sub(1),
    }
}

/// RFC 8259 §7, only what must be escaped; bytes that are not UTF-8 stay as they are.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let (blocks, rest) = text.as_chunks::<16>();
    for block in blocks {
        // Without a way out in between, which lets the bytes be looked at together.
        let plain = (block.iter()).fold(true, |all, b| all & !matches!(b, 0..=0x1F | b'"' | b'\\'));
        match plain {
            true => out.extend_from_slice(block),
            false => escape_each(block, out),
        }
    }
    escape_each(rest, out);
}

fn escape_each(text: &[u8], out: &mut Vec<u8>) {
    for &b in text {
        match b {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', b]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1F => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                for nibble in [b >> 4, b & 15] {
                    out.extend(HEX.get(usize::from(nibble)));
                }
            }
            _ => out.push(b),
        }
    }
}

/// Follows the quotes of a record, so that no stretch of it is read again and again.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Strings {
    /// The last place that was asked for, and one before it.
    last: Mark,
    older: Mark,
    /// Where no quote is: a span that is asked for may reach to the end of a record, and so may the next.
    clear: Span,
}

impl Strings {
    /// What is open at `at`, a bit for each depth.
    fn open(&mut self, hay: &[u8], at: usize) -> u8 {
        let known = [self.last, self.older]
            .into_iter()
            .find(|mark| mark.at <= at);
        let mut mark = known.unwrap_or_default();
        let unread = Span::new(mark.at, at);
        if let Some(end) = memchr::memrchr2(b'\n', b'\0', unread.of(hay)) {
            mark.open = 0;
            mark.at = mark.at.saturating_add(end).saturating_add(1);
        }
        let text = Span::new(mark.at, at).of(hay);
        for quote in memchr::memchr_iter(b'"', text) {
            let quote = mark.at.saturating_add(quote);
            let start = skip_back(hay, quote, usize::MAX, |b| b == b'\\');
            let slashes = quote.saturating_sub(start);
            let depth = depth(slashes);
            if depth < DEPTH_MAX {
                let bit = 1u8 << depth;
                mark.open = (mark.open & (bit | (bit - 1))) ^ bit;
            }
        }
        mark.at = at;
        if at.saturating_sub(self.older.at) > LAG_BYTES || at < self.older.at {
            self.older = if at < self.last.at { mark } else { self.last };
        }
        self.last = mark;
        mark.open
    }

    /// Whether the quote in front of `at` closes a string. Where all that is known is a word in front of it, as in
    /// `"bad password ","n":1`, it looks like one that opens.
    pub(crate) fn closes(&mut self, hay: &[u8], at: usize) -> bool {
        let quote = at.saturating_sub(1);
        let start = skip_back(hay, quote, usize::MAX, |b| b == b'\\');
        let depth = depth(quote.saturating_sub(start));
        // Strings inside that a cut left open end with theirs.
        byte(hay, quote) == b'"' && depth < DEPTH_MAX && self.open(hay, start) & 1 << depth != 0
    }

    /// Whether there is a quote in `span`.
    fn has_quote(&mut self, hay: &[u8], span: Span) -> bool {
        let quote = |from: usize, to: usize| {
            let at = memchr::memchr(b'"', Span::new(from, to).of(hay));
            at.map(|at| from.saturating_add(at))
        };
        let clear = &mut self.clear;
        if !(clear.start..=clear.end).contains(&span.start) {
            let before = span.start < clear.start && clear.start < span.end;
            if !before {
                *clear = Span::new(span.start, span.start);
            } else if quote(span.start, clear.start).is_some() {
                return true;
            } else {
                clear.start = span.start;
            }
        }
        if clear.end >= span.end {
            return false;
        }
        let next = quote(clear.end, span.end);
        clear.end = next.unwrap_or(span.end);
        next.is_some()
    }

    /// As much of `span` as stands in the string that it starts in.
    pub(crate) fn within(&mut self, hay: &[u8], span: Span) -> Span {
        // Most are short: nothing is worth remembering about them.
        let any = match span.len() {
            ..SHORT_BYTES => has_byte(span.of(hay), b'"'),
            _ => self.has_quote(hay, span),
        };
        if !any {
            return span;
        }
        // The innermost first. None ends in front of a word or, but for the doubled quotes of CSV, another quote: then
        // the quotes of this record do not tell.
        let open = self.open(hay, span.start);
        let depths = (0..DEPTH_MAX).rev().filter(|depth| open & 1 << depth != 0);
        // A quote further on, but for one right behind it, says nothing about it.
        let quote_behind = skip(hay, span.end, 64, |b| b == b'\\');
        let near = hay.get(..=quote_behind).unwrap_or(hay);
        for quote in depths.map(quote) {
            let end = string_end(near, span.start, quote);
            let closing = skip(hay, end, quote.escapes, |b| b == b'\\');
            let behind = byte(hay, closing.saturating_add(1));
            if end >= span.end || is_end(byte(hay, end)) {
                return span;
            }
            if !is_word(behind) && behind != b'"' {
                return Span::new(span.start, end);
            }
        }
        span
    }
}

/// The quote of the innermost string in double quotes that `at` stands in; in a long record one is taken to be plain.
pub(crate) fn around(hay: &[u8], at: usize) -> Option<Quote> {
    const REACH: usize = 4096;
    /// Backslashes in front of the quotes of a string, and of one in a string.
    const DEPTHS: [usize; 4] = [0, 1, 3, 7];
    let Some(start) = record_start(hay, at, REACH) else {
        return Some(Quote::PLAIN);
    };
    let text = Span::new(start, at).of(hay);
    let mut open = [false; DEPTHS.len()];
    for quote in memchr::memchr_iter(b'"', text) {
        let run = quote.saturating_sub(skip_back(text, quote, 8, |b| b == b'\\'));
        let depth = DEPTHS.iter().position(|depth| *depth == run);
        // What is in a string ends with it.
        if let Some((own, inner)) = depth.and_then(|depth| open.get_mut(depth..)?.split_first_mut())
        {
            *own = !*own;
            inner.fill(false);
        }
    }
    let mut depths = DEPTHS.into_iter().zip(open).rev();
    depths.find(|(_, open)| *open).map(|(escapes, _)| Quote {
        byte: b'"',
        escapes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(text: &str, from: &str) -> String {
        let start = text.find(from).unwrap();
        let span = Span::new(start, text.len());
        let mut strings = Strings::default();
        let once = strings.within(text.as_bytes(), span);
        assert_eq!(strings.within(text.as_bytes(), span), once);
        String::from_utf8(once.of(text.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn what_must_be_is_escaped_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in [0, 7, 15, 16, 20, 40] {
                let mut text = vec![b'a'; 41];
                text[at] = byte;
                let (mut out, mut each) = (Vec::new(), Vec::new());
                escape(&text, &mut out);
                escape_each(&text, &mut each);
                assert_eq!(out, each);
                if let Ok(text) = str::from_utf8(&text) {
                    let json = format!("\"{}\"", String::from_utf8(out).unwrap());
                    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
                }
            }
        }
    }

    #[test]
    fn what_stands_in_a_string_ends_with_it() {
        assert_eq!(within(r#"{"a":"user='ann","b":1}"#, "ann"), "ann");
        assert_eq!(within(r#"{"a":"x \"y\" user='ann","b":1}"#, "ann"), "ann");
        assert_eq!(
            within(r#"{"a":"{\"b\":\"user='ann\",\"c\":1}"}"#, "ann"),
            "ann"
        );
        assert_eq!(within(r#"user='ann "b" c'"#, "ann"), r#"ann "b" c'"#);
        assert_eq!(within("x \"1\n\"a\":\"ann\",\"b\"", "ann"), "ann");
        assert_eq!(within(r#"{"a":"ann\"b","c":1}"#, "ann"), r#"ann\"b"#);
        assert_eq!(
            within(r#"5" x user='ann "b" lee'"#, "ann"),
            r#"ann "b" lee'"#
        );
    }

    #[test]
    fn where_quotes_are_is_remembered_and_right() {
        let text = "ab\"cdefgh\"ijklmn\n\"op";
        for order in [1usize, 5, 7, 11, 13] {
            let mut strings = Strings::default();
            for n in 0..500 {
                let (from, to) = (n * order % text.len(), n * 3 % (text.len() + 1));
                let span = Span::new(from.min(to), from.max(to));
                let is = span.of(text.as_bytes()).contains(&b'"');
                assert_eq!(strings.has_quote(text.as_bytes(), span), is, "{span:?}");
            }
        }
    }

    #[test]
    fn a_quote_closes_what_one_opened() {
        let text = r#"{"a":"b","c":"{\"d\":\"e\"}"}"#;
        let cut = r#"{"m":"{\"a\":\"bad password ","n":1}"#;
        let end = cut.find(" \",").unwrap() + 2;
        assert!(Strings::default().closes(cut.as_bytes(), end));
        let closing = ["\"a\"", "\"b\"", "\\\"d\\\"", "\\\"e\\\"", "}\""];
        for part in closing {
            let end = text.find(part).unwrap() + part.len();
            assert!(Strings::default().closes(text.as_bytes(), end), "{part}");
        }
        for open in ["a", "b", "c", "d", "e", "{\\"] {
            let at = text.find(open).unwrap();
            assert!(!Strings::default().closes(text.as_bytes(), at), "{open}");
        }
    }

    #[test]
    fn places_may_be_asked_for_in_any_order() {
        let text = r#"{"a":"ann","b":"{\"c\":\"bea\"}"} x "#.repeat(900);
        let places: Vec<usize> = (0..text.len()).step_by(97).collect();
        let fresh = |at| Strings::default().open(text.as_bytes(), at);
        let mut strings = Strings::default();
        for at in places
            .iter()
            .chain(places.iter().rev())
            .chain(places.iter().step_by(7))
        {
            assert_eq!(strings.open(text.as_bytes(), *at), fresh(*at), "{at}");
        }
    }
}
