//! IPv6 addresses, by grammar.

use std::net::Ipv6Addr;

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_hex, is_word, skip, skip_back, word_before};
use crate::record::Span;

const ID: &str = "ipv6";
/// Longest textual form with a port: 45 + 6, and some room for a word in front.
const TOKEN_BYTES_MAX: usize = 64;

/// Addresses with `::`, or of eight groups.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    anchors: &[Anchor::DoubleColon, Anchor::ColonChain],
    literals: &[],
    source: "RFC 4291 §2.2, RFC 5952",
    confirm,
    finds: &[
        "2001:db8::1",
        "[2001:DB8::7]:443",
        "OUTSIDE:2a02::1",
        "[IPv6:2001:DB8::1]",
        "::ffff:52.114.132.20",
        "fe80::1%eth0",
        "2001:db8:1:2:3:4:5:6",
        "2001:0db8:0:0:0:0:0:1:8080",
        "64:ff9b::192.0.2.1",
        "ip=::1,",
        "peer 2001:db8::5: closed",
        "*2001:db8::6*",
    ],
    leaves: &[
        "12:34:56",
        "std::vector",
        "a::b",
        "10/Oct/2000:13:55:36",
        "00:11:22:33:44:55",
        "x :: y",
        "Foo::12",
        "call()::1",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b':' {
        return;
    }
    let part = |b: u8| is_hex(b) || b == b':' || b == b'.';
    let mut start = skip_back(hay, at, TOKEN_BYTES_MAX, part);
    let mut end = skip(hay, at, TOKEN_BYTES_MAX, part);
    if end.saturating_sub(start) > TOKEN_BYTES_MAX || part(before(hay, start)) {
        return cx.reject(Span::new(start, end), Class::IP, ID, "too long");
    }
    let first_colon = |from: usize, to: usize| {
        Span::new(from, to)
            .of(hay)
            .iter()
            .position(|b| *b == b':')
            .map(|i| from.saturating_add(i))
    };
    // The letter of an escape (`\b`, `\f`) in front is no group.
    if before(hay, start) == b'\\'
        && matches!(byte(hay, start), b'b' | b'f')
        && byte(hay, start.saturating_add(1)) != b':'
    {
        start = start.saturating_add(1);
    } else if word_before(hay, start) && !glued_number(hay, start) {
        let Some(colon) = first_colon(start, end) else {
            return;
        };
        start = colon.saturating_add(1);
    }
    if is_word(byte(hay, end)) {
        let Some(colon) = Span::new(start, end)
            .of(hay)
            .iter()
            .rposition(|b| *b == b':')
        else {
            return;
        };
        end = start.saturating_add(colon);
    }
    while before(hay, end) == b'.'
        || before(hay, end) == b':' && end.checked_sub(2).map(|i| byte(hay, i)) != Some(b':')
    {
        if end <= start {
            return;
        }
        end = end.saturating_sub(1);
    }
    while start < end && byte(hay, start) == b'.'
        || byte(hay, start) == b':' && byte(hay, start.saturating_add(1)) != b':'
    {
        start = start.saturating_add(1);
    }
    if start >= end {
        return;
    }
    let whole = Span::new(start, end);
    if byte(hay, start) == b':' && matches!(before(hay, start), b')' | b'>' | b'*' | b'&') {
        return cx.reject(whole, Class::IP, ID, "a scope operator");
    }
    if hay.get(..start).unwrap_or_default().ends_with(b"**") {
        return cx.reject(whole, Class::IP, ID, "what a mask left of a hidden one");
    }
    let text = whole.of(hay);
    let double = text.windows(2).any(|pair| pair == b"::");
    if !double && text.split(|b| *b == b':').all(|group| group.len() == 2) {
        return cx.reject(
            whole,
            Class::IP,
            ID,
            "pairs of hex digits: a MAC or a fingerprint",
        );
    }
    if !text.iter().any(|b| is_digit(*b)) {
        return cx.reject(whole, Class::IP, ID, "no digit: a scope operator");
    }
    // Words in front (`OUTSIDE:`) and ports behind are cut off group by group; the longest address wins.
    let mut from = start;
    for _ in 0..9 {
        let mut to = end;
        for _ in 0..3 {
            if is_address(Span::new(from, to).of(hay)) {
                return cx.text(Span::new(from, to), Class::IP, ID, "parses as an address");
            }
            let Some(colon) = Span::new(from, to).of(hay).iter().rposition(|b| *b == b':') else {
                break;
            };
            to = from.saturating_add(colon);
            if to <= from {
                break;
            }
        }
        let Some(colon) = first_colon(from, end) else {
            break;
        };
        from = colon.saturating_add(1);
        if byte(hay, from) == b':' {
            break;
        }
    }
    cx.reject(whole, Class::IP, ID, "does not parse as an address");
}

/// Addresses whose colons are percent-encoded.
pub(super) static PERCENT: Detector = Detector {
    id: "ipv6_percent",
    anchors: &[Anchor::Escape],
    literals: &[],
    source: "RFC 3986 §2.1, RFC 4291 §2.2",
    confirm: confirm_percent,
    finds: &[
        "GET /?peer=2001%3Adb8%3A%3A1&x=1",
        "u=%5B%3A%3Affff%3a192.0.2.1%5D",
        "h=http%3A%2F%2F%5B2001%3Adb8%3A%3A7%5D%2F",
    ],
    leaves: &[
        "t=12%3A34%3A56",
        "u=http%3A%2F%2Fhost",
        "std%3A%3Avector",
        "100%3A",
    ],
};

fn confirm_percent(cx: &mut Cx<'_>, at: usize) {
    /// Seven encoded colons and eight groups, the last four of them dotted.
    const PERCENT_BYTES_MAX: usize = 7 * 3 + 45;
    let hay = cx.hay();
    let colon = |at: usize| matches!(hay.get(at..at.saturating_add(3)), Some(b"%3A" | b"%3a"));
    if !colon(at) {
        return;
    }
    let start = skip_back(hay, at, 4, is_hex);
    // The first colon of a token speaks for all of them. `%5B2001` and `%3Aab` are escapes, not groups.
    let digits = at.saturating_sub(start);
    let start = if before(hay, start) == b'%' {
        if digits < 2 {
            return;
        }
        start.saturating_add(2)
    } else {
        start
    };
    if start >= 3 && colon(start.saturating_sub(3)) {
        return;
    }
    if word_before(hay, start) && before(hay, start.saturating_sub(2)) != b'%' {
        return;
    }
    let (mut end, mut plain) = (start, Vec::with_capacity(48));
    while end.saturating_sub(start) < PERCENT_BYTES_MAX {
        let b = byte(hay, end);
        if is_hex(b) || b == b'.' {
            plain.push(b);
            end = end.saturating_add(1);
        } else if colon(end) {
            plain.push(b':');
            end = end.saturating_add(3);
        } else {
            break;
        }
    }
    let span = Span::new(start, end);
    if !is_word(byte(hay, end)) && plain.iter().any(|b| is_digit(*b)) && is_address(&plain) {
        cx.text(span, Class::IP, "ipv6_percent", "parses as an address");
    } else {
        cx.reject(
            span,
            Class::IP,
            "ipv6_percent",
            "does not parse as an address",
        );
    }
}

fn is_address(text: &[u8]) -> bool {
    text.len() > 2 && str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// A group of digits right behind a word (`tag72:8374:…`): too much like a group to be left.
fn glued_number(hay: &[u8], start: usize) -> bool {
    let end = skip(hay, start, 5, is_digit);
    (2..=4).contains(&end.saturating_sub(start))
        && byte(hay, end) == b':'
        && byte(hay, end.saturating_add(1)) != b':'
}
