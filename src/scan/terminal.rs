//! Control sequences of terminals (ECMA-48 §5.4): colours, `ESC [ 3 6 m`. Loggers write them around levels, keys and
//! values, `ESC[36muser ESC[0m=ann`, and JSON, shells, rsyslog and `cat -v` write the ESC as `\u001b`, `\x1b`, `\e`,
//! `\033`, `#033`, `^[`. A record that has some is scanned once more without them: their last letter is no part of what
//! stands behind it. The other controls that rsyslog writes so, `#011` for a tab and `#012` for a line feed, part words.

use crate::format::bytes::{
    before, byte, ends_in_any_case, in_string, record_start, skip, skip_back,
};
use crate::record::Span;

/// Backslashes in front of an ESC's letter, at the most: JSON in strings of JSON.
const BACKSLASHES_MAX: usize = 16;
/// Longest parameters, in bytes: true colour has 16.
const PARAMETERS_BYTES_MAX: usize = 64;
const ESC: u8 = 0x1B;
/// `#011`.
const CONTROL_BYTES: usize = 4;

/// Appends the sequences in `hay` to `codes`, in order, neighbours as one. Unless it may have backslashes, `escapes`, most
/// texts are told by their bytes alone; all spellings end with the same one.
pub(super) fn codes(hay: &[u8], escapes: bool, codes: &mut Vec<Span>) {
    let esc = |at: usize| {
        let text = hay.get(at..).unwrap_or_default();
        byte(text, 0) == ESC
            || text.starts_with(b"#033")
            || text.starts_with(b"^[[")
            || control(hay, at).is_some()
    };
    if !escapes && !memchr::memchr3_iter(ESC, b'#', b'^', hay).any(esc) {
        return;
    }
    for at in memchr::memchr2_iter(b'[', b'#', hay) {
        if byte(hay, at) == b'#' {
            if control(hay, at).is_some() {
                codes.push(Span::new(at, at.saturating_add(CONTROL_BYTES)));
            }
            continue;
        }
        let Some(start) = esc_start(hay, at) else {
            continue;
        };
        let Some(end) = end(hay, at) else {
            continue;
        };
        let start = behind_a_set(hay, start);
        match codes.last_mut() {
            Some(last) if start <= last.end && control(hay, last.start).is_none() => last.end = end,
            _ => codes.push(Span::new(start, end)),
        }
    }
}

/// The blank that stands at `at` as rsyslog writes controls: a tab, or what ends a line.
pub(super) fn control(hay: &[u8], at: usize) -> Option<u8> {
    match hay.get(at..at.saturating_add(CONTROL_BYTES))? {
        b"#011" => Some(b'\t'),
        b"#012" | b"#015" => Some(b'\n'),
        _ => None,
    }
}

/// The same as it reads: where a string or an element holds the text, which goes on behind it, a return is what ends a
/// line.
pub(super) fn read(hay: &[u8], at: usize) -> Option<u8> {
    const RECORD_BYTES_MAX: usize = 4096;
    let blank = control(hay, at)?;
    let held = || {
        let start = record_start(hay, at, RECORD_BYTES_MAX);
        start.is_none_or(|start| matches!(byte(hay, start), b'{' | b'[' | b'<' | b'"'))
            || in_string(hay, at, 1)
    };
    Some(if blank == b'\n' && held() {
        b'\r'
    } else {
        blank
    })
}

/// Whether the `[` at `at` is one of a sequence.
pub(super) fn is_code(hay: &[u8], at: usize) -> bool {
    esc_start(hay, at).is_some() && end(hay, at).is_some()
}

/// Where the ESC starts that ends at `at`.
#[inline(always)]
fn esc_start(hay: &[u8], at: usize) -> Option<usize> {
    match before(hay, at) {
        ESC => at.checked_sub(1),
        b'b' | b'B' | b'3' => spelled_start(hay, at),
        b'e' | b'E' | b'[' if matches!(before(hay, at.saturating_sub(1)), b'\\' | b'^') => {
            spelled_start(hay, at)
        }
        _ => None,
    }
}

fn spelled_start(hay: &[u8], at: usize) -> Option<usize> {
    const SPELLED: [&[u8]; 6] = [b"\\u001b", b"\\x1b", b"\\e", b"\\033", b"#033", b"^["];
    let head = hay.get(at.saturating_sub(6)..at)?;
    let spelled = SPELLED
        .into_iter()
        .find(|spelled| ends_in_any_case(head, spelled))?;
    let sign = at.saturating_sub(spelled.len());
    Some(skip_back(hay, sign, BACKSLASHES_MAX, |b| b == b'\\'))
}

/// Where the name of a set of characters in front of a sequence starts, `ESC ( B`, or where the sequence does.
fn behind_a_set(hay: &[u8], start: usize) -> usize {
    let set = start.saturating_sub(1);
    let open = set.saturating_sub(1);
    if before(hay, set) != b'(' || !matches!(byte(hay, set), b'B' | b'0') {
        return start;
    }
    match before(hay, open) {
        ESC => open.saturating_sub(1),
        _ => spelled_start(hay, open).unwrap_or(start),
    }
}

/// Where the sequence ends whose `[` is at `at`: behind parameters and a last letter.
fn end(hay: &[u8], at: usize) -> Option<usize> {
    let start = at.saturating_add(1);
    let last = skip(hay, start, PARAMETERS_BYTES_MAX, |b| {
        matches!(b, b'0'..=b'9' | b';' | b':' | b'?')
    });
    // A sequence that is cut off opens none: `ESC[0", "10.1.2.3`, and no number is as long as somebody's.
    let mut numbers = Span::new(start, last)
        .of(hay)
        .split(|b| !b.is_ascii_digit());
    if numbers.any(|number| number.len() > 3) {
        return None;
    }
    matches!(byte(hay, last), b'@' | b'A'..=b'Z' | b'a'..=b'z' | b'~')
        .then(|| last.saturating_add(1))
}

/// What is left of `span` without a sequence that it begins or ends in.
pub(super) fn trimmed(span: Span, codes: &[Span]) -> Span {
    let Span { mut start, mut end } = span;
    let first = codes.partition_point(|code| code.end <= start);
    for code in codes.get(first..).unwrap_or_default() {
        if code.start > start {
            break;
        }
        start = code.end;
    }
    let behind = codes.partition_point(|code| code.start < end);
    if let Some(code) = behind.checked_sub(1).and_then(|last| codes.get(last))
        && end <= code.end
    {
        end = code.start;
    }
    match start < end {
        true => Span::new(start, end),
        false => span,
    }
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
            all("\x1b \x1b[ \x1b[\n \x1b[1 x \x1b[0\",\"b \x1b[4111 \\u001b \\x1b\\033 \x1b"),
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
            ((5, 7), (5, 7)),
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
