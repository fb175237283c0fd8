//! IPv6 addresses, by grammar.

use std::net::Ipv4Addr;

use super::Detector;
use super::context::Cx;
use super::front::{Anchor, STRETCH};
use crate::class::Class;
use crate::format::bytes::{
    before, byte, groups_end, groups_start, is_digit, is_hex, is_of_groups, is_word, skip,
    skip_back, word_before, word_behind,
};
use crate::record::Span;

const ID: &str = "ipv6";
/// Longest textual form with a port: 45 + 6, and some room for a word in front.
const TOKEN_BYTES_MAX: usize = 64;

/// Addresses with `::`, or of eight groups.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::IP],
    anchors: &[Anchor::DoubleColon, Anchor::ColonChain],
    literals: &[],
    source: "RFC 4291 §2.2, RFC 5952",
    confirm,
    finds: &[
        "来自2001:db8::7的请求",
        "2001:db8::1",
        "[2001:DB8::7]:443",
        "OUTSIDE:2a02::1",
        "Vlan10:fe80::1:2",
        "tag:ff02::1:2",
        "mld ff43::5:6",
        "peer 2001:db8::5:closed",
        "EVENT_2001:db8::5_x",
        "[IPv6:2001:DB8::1]",
        "::ffff:52.114.132.20",
        "fe80::1%eth0",
        "2001:db8:1:2:3:4:5:6",
        "2001:0db8:0:0:0:0:0:1:8080",
        "64:ff9b::192.0.2.1",
        "0:0:0:0:0:ffff:192.0.2.38",
        "ip=::1,",
        "peer 2001:db8::5: closed",
        "*2001:db8::6*",
        "13:abd:45::*",
        "<net>2001:db8::</net>",
        "<Data Name='IpAddress'>::ffff:192.0.2.7</Data>",
        "<ip>::1</ip>",
        "2001:db8::{x}",
        "IP6 2001:db8::5.40122 > 2001:db8::1.443: Flags [.]",
    ],
    leaves: &[
        "12:34:56",
        "std::vector",
        "FF1::{encrypt, decrypt}",
        "A1::<T>",
        "a::b",
        "10/Oct/2000:13:55:36",
        "00:11:22:33:44:55",
        "x :: y",
        "Foo::12",
        "call()::1",
        "Vec<u8>::f1",
        "Face::A1::b",
        "at Foo::Bad::12",
        "module a1::b2 and 5::3",
        "tag:ff43::5:6",
        "text2001:db8::1",
        "text72:8374:adc7:47ff::43:0:1afe",
        "72:8374:adc7:47ff::43:0:1afestuff",
        "2001::db8::1",
        "::ffff:192.168.1 and aa:bb::1.2.3.",
        "::ffff:256.0.0.1",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    ],
};

/// Whether one group and two colons stand in front of a list or of a type: a path of Rust or C++.
fn is_path(hay: &[u8], span: Span) -> bool {
    let behind = byte(hay, span.end.saturating_add(1));
    let opens = match byte(hay, span.end) {
        b'{' => true,
        b'<' => behind.is_ascii_uppercase(),
        _ => false,
    };
    opens && memchr::memchr(b':', span.of(hay)).is_some_and(|at| at.saturating_add(2) == span.len())
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b':' {
        return;
    }
    // Every colon of a token leads to the same verdict.
    if (cx.token.start..cx.token.end).contains(&at) {
        return;
    }
    let mut start = groups_start(hay, at, TOKEN_BYTES_MAX);
    // What is too long is followed at once as far as the places go that are walked together.
    let mut end = groups_end(hay, at, STRETCH);
    cx.token = Span::new(start, end);
    if end.saturating_sub(start) > TOKEN_BYTES_MAX || is_of_groups(before(hay, start)) {
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
    } else if word_before(hay, start) && before(hay, start) != b'_' {
        // A word and a colon in front (`OUTSIDE:`) are cut off. A number in it (`eth0:`) may be the address's own
        // first group without a blank in front: what follows must then be an address by itself.
        let Some(colon) = first_colon(start, end) else {
            return;
        };
        let word = Span::new(skip_back(hay, colon, TOKEN_BYTES_MAX, is_word), colon);
        start = colon.saturating_add(1);
        if word.of(hay).iter().any(|b| is_digit(*b)) && !is_allocated(hay, start)
            || is_no_multicast(hay, start)
        {
            return cx.reject(Span::new(start, end), Class::IP, ID, "glued to a word");
        }
    }
    if word_behind(hay, end) && byte(hay, end) != b'_' {
        let Some(colon) = Span::new(start, end)
            .of(hay)
            .iter()
            .rposition(|b| *b == b':')
        else {
            return;
        };
        // `2001:db8::5:closed` ends before the word; `…:1stuff` is no address's end.
        let colon = start.saturating_add(colon);
        if Span::new(colon, end).of(hay).iter().any(|b| is_digit(*b)) {
            return cx.reject(Span::new(start, end), Class::IP, ID, "glued to a word");
        }
        end = colon;
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
    // `<ip>::1</ip>` is the content of an element.
    let content =
        before(hay, start) == b'>' && Span::new(end, end.saturating_add(2)).of(hay) == b"</";
    if byte(hay, start) == b':'
        && matches!(before(hay, start), b')' | b'>' | b'*' | b'&')
        && !content
    {
        return cx.reject(whole, Class::IP, ID, "a scope operator");
    }
    if hay.get(..start).unwrap_or_default().ends_with(b"**") {
        return cx.reject(whole, Class::IP, ID, "what a mask left of a hidden one");
    }
    // `FF1::{encrypt, decrypt}`, `A1::<T>`
    if is_path(hay, whole) {
        return cx.reject(whole, Class::IP, ID, "a scope operator");
    }
    let text = whole.of(hay);
    if text.split(|b| *b == b':').all(|group| group.len() == 2) {
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
    // Where the word at hand is no longer than the address, it has as many `::`: an address one at the most.
    let alone = |b: u8| !is_word(b) && b != b':';
    let alone = alone(before(hay, start)) && alone(byte(hay, end)) && !text.contains(&b'.');
    let is_one = is_address(text);
    if alone && !is_one && doubles(text) > 1 || !alone && scopes(hay, at) > 1 {
        return cx.reject(whole, Class::IP, ID, "more than one `::`: scope operators");
    }
    // Words in front (`OUTSIDE:`) and ports behind are cut off group by group; the longest address wins.
    let mut from = start;
    for _ in 0..9 {
        let mut to = end;
        for _ in 0..3 {
            let part = Span::new(from, to);
            if part == whole && is_one || part != whole && is_address(part.of(hay)) {
                if is_reserved(part.of(hay)) {
                    return cx.reject(part, Class::IP, ID, "in reserved space: a scope operator");
                }
                let whole = Span::new(part.start, zone_end(hay, part));
                return cx.text(whole, Class::IP, ID, "parses as an address");
            }
            // A port may stand behind a dot: `2001:db8::5.443`.
            let dots = memchr::memchr_iter(b'.', part.of(hay)).count();
            let port = |b: &u8| *b == b':' || *b == b'.' && dots == 1 && to == end;
            let Some(colon) = part.of(hay).iter().rposition(port) else {
                break;
            };
            let colon = from.saturating_add(colon);
            let port = Span::new(colon.saturating_add(1), to).of(hay);
            if colon <= from || port.len() > 5 || !port.iter().all(|b| is_digit(*b)) {
                break;
            }
            to = colon;
        }
        let Some(colon) = first_colon(from, end) else {
            break;
        };
        from = colon.saturating_add(1);
        if byte(hay, from) == b':' || !is_allocated(hay, from) {
            break;
        }
    }
    cx.reject(whole, Class::IP, ID, "does not parse as an address");
}

/// Addresses whose colons are percent-encoded.
pub(super) static PERCENT: Detector = Detector {
    id: "ipv6_percent",
    classes: &[Class::IP],
    anchors: &[Anchor::Literal],
    literals: &["%3A", "%3a"],
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
    let Some(at) = at.checked_sub(3).filter(|at| colon(*at)) else {
        return;
    };
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
    let (mut end, mut plain, mut length) = (start, [0u8; PERCENT_BYTES_MAX], 0usize);
    for to in &mut plain {
        let b = byte(hay, end);
        if is_hex(b) || b == b'.' {
            *to = b;
            end = end.saturating_add(1);
        } else if colon(end) {
            *to = b':';
            end = end.saturating_add(3);
        } else {
            break;
        }
        length = length.saturating_add(1);
        if end.saturating_sub(start) >= PERCENT_BYTES_MAX {
            break;
        }
    }
    let plain = plain.get(..length).unwrap_or_default();
    let span = Span::new(start, end);
    if !word_behind(hay, end) && plain.iter().any(|b| is_digit(*b)) && is_address(plain) {
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

/// RFC 4291 §2.2, as the standard library reads it, which proves it in the tests.
fn is_address(text: &[u8]) -> bool {
    let (mut groups, mut double, mut at) = (0u8, false, 0usize);
    if text.starts_with(b"::") {
        (double, at) = (true, 2);
    }
    while at < text.len() {
        let tail = text.get(at..).unwrap_or_default();
        let length = skip(tail, 0, 5, is_hex);
        match byte(tail, length) {
            // Four octets take the place of the last two groups.
            b'.' => {
                let quad = str::from_utf8(tail).is_ok_and(|quad| quad.parse::<Ipv4Addr>().is_ok());
                let room = if double { groups < 6 } else { groups == 6 };
                return quad && room;
            }
            b':' | 0 if matches!(length, 1..=4) => groups = groups.saturating_add(1),
            _ => return false,
        }
        at = at.saturating_add(length);
        if at == text.len() {
            break;
        }
        at = at.saturating_add(1);
        if byte(text, at) == b':' {
            if double {
                return false;
            }
            (double, at) = (true, at.saturating_add(1));
        } else if at == text.len() {
            return false;
        }
    }
    text.len() > 2 && if double { groups < 8 } else { groups == 8 }
}

/// End of an address with its zone (`%eth0`, in a URL `%25eth0`: RFC 4007 §11, RFC 6874). A `%` and two hex digits
/// behind an address of global scope is an encoded byte.
fn zone_end(hay: &[u8], address: Span) -> usize {
    /// Names of interfaces have at most 15 bytes on Linux, longer ones on Windows are numbers.
    const ZONE_BYTES_MAX: usize = 16;
    let end = address.end;
    if byte(hay, end) != b'%' {
        return end;
    }
    let head = Span::new(address.start, address.start.saturating_add(3)).of(hay);
    let scoped = head
        .get(..2)
        .is_some_and(|two| two.eq_ignore_ascii_case(b"ff"))
        || head
            .get(..2)
            .is_some_and(|two| two.eq_ignore_ascii_case(b"fe"))
            && matches!(head.get(2), Some(b'8' | b'9' | b'a' | b'b' | b'A' | b'B'));
    let encoded = Span::new(end, end.saturating_add(3)).of(hay) == b"%25";
    let start = end.saturating_add(if encoded { 3 } else { 1 });
    let pair = !encoded && is_hex(byte(hay, start)) && is_hex(byte(hay, start.saturating_add(1)));
    let part = |b: u8| is_word(b) && b < 0x80 || matches!(b, b'.' | b'-' | b'~');
    let stop = skip(hay, start, ZONE_BYTES_MAX.saturating_add(1), part);
    let stop = skip_back(hay, stop, ZONE_BYTES_MAX, |b| {
        matches!(b, b'.' | b'-' | b'~')
    });
    let long = stop.saturating_sub(start) > ZONE_BYTES_MAX;
    if !scoped && pair || stop <= start || long {
        return end;
    }
    stop
}

/// How many `::` there are in the word at hand.
fn scopes(hay: &[u8], at: usize) -> usize {
    let part = |b: u8| is_word(b) || b == b':';
    let start = skip_back(hay, at, TOKEN_BYTES_MAX, part);
    let end = skip(hay, at, TOKEN_BYTES_MAX, part);
    doubles(Span::new(start, end).of(hay))
}

/// How many `::` there are; three colons in a row are one.
fn doubles(text: &[u8]) -> usize {
    let (mut doubles, mut colons) = (0usize, 0u8);
    for b in text {
        colons = if *b == b':' {
            colons.saturating_add(1)
        } else {
            0
        };
        doubles = doubles.saturating_add(usize::from(colons == 2));
    }
    doubles
}

/// Whether a group of allocated space starts at `start`: global, unique local, link-local, multicast, NAT64.
fn is_allocated(hay: &[u8], start: usize) -> bool {
    let group = Span::new(start, skip(hay, start, 5, is_hex)).of(hay);
    let four = group.len() == 4;
    match group.first().map(u8::to_ascii_lowercase) {
        Some(b'2' | b'3') => four,
        Some(b'f') => {
            let second = |b: &u8| matches!(b, b'c'..=b'f' | b'C'..=b'F');
            four && group.get(1).is_some_and(second) && !is_no_multicast(hay, start)
        }
        Some(b'6') => group == b"64",
        _ => false,
    }
}

/// `ff43`: in the space of multicast, with flags that no group has. They are none, T, P and T, or all of them (RFC 4291
/// §2.7, RFC 3306 §4, RFC 3956 §4).
fn is_no_multicast(hay: &[u8], start: usize) -> bool {
    let group = Span::new(start, skip(hay, start, 5, is_hex)).of(hay);
    matches!(group, [b'f' | b'F', b'f' | b'F', flags, _] if !matches!(flags, b'0' | b'1' | b'3' | b'7'))
}

/// One group of at most two digits in front of `::` and at most one behind (`a1::b2`, `5::3`): nobody has an
/// address in that space (RFC 4291 §2.4, `::/8`); programs have names like that.
fn is_reserved(text: &[u8]) -> bool {
    let behind = match text {
        [a, b':', b':', behind @ ..] if *a != b':' => behind,
        [a, b, b':', b':', behind @ ..] if *a != b':' && *b != b':' => behind,
        _ => return false,
    };
    behind.iter().all(|b| is_hex(*b))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::super::{Scanner, Scratch};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn addresses_are_those_of_the_standard_library(
            text in prop_oneof![
                "[0-9a-fA-F:.]{0,24}",
                "(::)?([0-9a-f]{1,4}:){0,8}:?([0-9a-f]{1,4}:){0,8}([0-9]{1,3}\\.){0,4}[0-9a-f]{0,5}",
                any::<[u16; 8]>().prop_map(|groups| Ipv6Addr::from(groups).to_string()),
                prop::array::uniform8(prop_oneof![Just(0u16), any::<u16>()]).prop_map(|groups| Ipv6Addr::from(groups).to_string()),
            ],
        ) {
            let is = text.len() > 2 && text.parse::<Ipv6Addr>().is_ok();
            prop_assert_eq!(is_address(text.as_bytes()), is, "{}", text);
        }
    }

    /// The dots of a quad part words, and each counts its own scopes.
    #[test]
    fn what_stands_behind_a_quad_hides_no_address() {
        let line = "2001:db8:1:2::192.0.2.1::443 x";
        let mut findings = Vec::new();
        Scanner::default().scan(line.as_bytes(), &mut Scratch::default(), &mut findings);
        let whole = "2001:db8:1:2::192.0.2.1";
        let found = findings.iter().any(|f| {
            f.class == Class::IP && f.span.of(line.as_bytes()).starts_with(whole.as_bytes())
        });
        assert!(found, "{findings:?}");
    }
}
