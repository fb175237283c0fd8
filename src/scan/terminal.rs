//! Control sequences of terminals (ECMA-48 §5.4): colours, `ESC [ 3 6 m`. Loggers write them around levels, keys and
//! values, `ESC[36muser ESC[0m=ann`, and JSON, shells and rsyslog write the ESC as `\u001b`, `\x1b`, `\033`, `#033`. A record
//! that has some is scanned once more without them: their last letter is no part of what stands behind it.

use crate::format::bytes::{byte, next_pair, skip, skip_back};
use crate::record::Span;

/// Backslashes in front of an ESC's letter, at the most: JSON in strings of JSON.
const BACKSLASHES_MAX: usize = 16;
/// Longest parameters, in bytes: true colour has 16.
const PARAMETERS_BYTES_MAX: usize = 64;
const ESC: u8 = 0x1B;

/// Appends the sequences in `hay` to `codes`, in order, neighbours as one. Without a backslash in `hay` none is looked for
/// behind one.
pub(super) fn codes(hay: &[u8], backslash: bool, codes: &mut Vec<Span>) {
    let mut next = |at: usize, start: usize, esc: usize| {
        if let Some(end) = end(hay, at.saturating_add(esc)) {
            codes.push(Span::new(start, end));
        }
    };
    for at in memchr::memchr2_iter(ESC, b'#', hay) {
        let length = if byte(hay, at) == ESC { 1 } else { 4 };
        if length == 1 || hay.get(at..).is_some_and(|text| text.starts_with(b"#033")) {
            next(at, at, length);
        }
    }
    for (pair, spelled) in [
        (*b"\\u", &b"\\u001b"[..]),
        (*b"\\x", b"\\x1b"),
        (*b"\\0", b"\\033"),
    ] {
        let mut from = if backslash { 0 } else { hay.len() };
        while let Some(at) = next_pair(hay, from, pair) {
            from = at.saturating_add(pair.len());
            let text = hay.get(at..at.saturating_add(spelled.len()));
            if text.is_some_and(|text| text.eq_ignore_ascii_case(spelled)) {
                let start = skip_back(hay, at, BACKSLASHES_MAX, |b| b == b'\\');
                next(at, start, spelled.len());
            }
        }
    }
    if !codes.is_sorted_by_key(|code| code.start) {
        codes.sort_unstable_by_key(|code| code.start);
    }
    codes.dedup_by(|next, code| {
        let joined = next.start <= code.end;
        if joined {
            code.end = code.end.max(next.end);
        }
        joined
    });
}

/// Where the sequence ends whose ESC ends at `at`: parameters, intermediates and a last letter behind `[`, or the name of
/// a set of characters behind `(`.
fn end(hay: &[u8], at: usize) -> Option<usize> {
    let start = at.saturating_add(1);
    let last = match byte(hay, at) {
        b'[' => skip(hay, start, PARAMETERS_BYTES_MAX, |b| {
            matches!(b, 0x20..=0x3F)
        }),
        b'(' => start,
        _ => return None,
    };
    matches!(byte(hay, last), b'@' | b'A'..=b'Z' | b'a'..=b'z' | b'~')
        .then(|| last.saturating_add(1))
}

/// What is left of `span` without a sequence that it begins or ends in.
pub(super) fn trimmed(span: Span, codes: &[Span]) -> Span {
    let Span { mut start, mut end } = span;
    let first = codes.partition_point(|code| code.end <= start);
    if let Some(code) = codes.get(first)
        && code.start <= start
    {
        start = code.end;
    }
    let behind = codes.partition_point(|code| code.start < end);
    if let Some(code) = behind.checked_sub(1).and_then(|last| codes.get(last))
        && end <= code.end
    {
        end = code.start;
    }
    Span::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_told_in_all_spellings() {
        let all = |text: &str| {
            let mut all = Vec::new();
            codes(text.as_bytes(), true, &mut all);
            let text = |span: &Span| text.get(span.start..span.end).unwrap().to_owned();
            all.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(
            all("a\x1b[36mb\x1b[0m\x1b[K c"),
            ["\x1b[36m", "\x1b[0m\x1b[K"]
        );
        assert_eq!(
            all("\x1b(B\x1b[m\x1b[38;2;1;2;3mx"),
            ["\x1b(B\x1b[m\x1b[38;2;1;2;3m"]
        );
        assert_eq!(all(r"\u001b[1mx\u001B[0m"), [r"\u001b[1m", r"\u001B[0m"]);
        assert_eq!(
            all(r"\\u001b[1mx\x1b[0my\033[31m"),
            [r"\\u001b[1m", r"\x1b[0m", r"\033[31m"]
        );
        assert_eq!(all("#033[1mx #03 #033x #"), ["#033[1m"]);
        assert_eq!(
            all("\x1b \x1b[ \x1b[\n \x1b[1 \\u001b \\x1b\\033 \x1b"),
            [""; 0]
        );
    }

    #[test]
    fn a_finding_begins_and_ends_beside_them() {
        let codes = [Span::new(4, 8), Span::new(10, 14)];
        for (from, to) in [
            ((5, 9), (8, 9)),
            ((4, 10), (8, 10)),
            ((8, 12), (8, 10)),
            ((8, 14), (8, 10)),
            ((2, 16), (2, 16)),
            ((5, 7), (8, 8)),
            ((1, 4), (1, 4)),
            ((14, 16), (14, 16)),
        ] {
            assert_eq!(
                trimmed(Span::new(from.0, from.1), &codes),
                Span::new(to.0, to.1)
            );
        }
    }
}
