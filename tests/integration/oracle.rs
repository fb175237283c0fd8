//! A slow and plain oracle beside the scanner: one rule at a time, over whole words, with the standard
//! library's parsers and patterns of its own. It shares no line with the detectors. On lines of plain words
//! (no keys, no versions, nothing glued) both must find the same bytes of the same classes.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use scrubd::class::Class;
use scrubd::scan::{Scanner, Scratch};

pub type Found = BTreeSet<(usize, usize, &'static str)>;

/// What a rule says of a word: the part of it that is personal.
type Rule = (Class, fn(&str) -> Option<&str>);

const RULES: &[Rule] = &[
    (Class::IP, ip4),
    (Class::IP, ip6),
    (Class::EMAIL, email),
    (Class::MAC, mac),
    (Class::GUID, guid),
    (Class::IMEI, imei),
    (Class::IMSI, imsi),
    (Class::TRANSACTION, card),
];

fn whole<'w>(pattern: &LazyLock<Regex>, word: &'w str) -> Option<&'w str> {
    pattern.is_match(word).then_some(word)
}

/// RFC 791 addresses in dotted decimal, a port or a prefix length behind.
fn ip4(word: &str) -> Option<&str> {
    let address = word.split([':', '/']).next().unwrap();
    let behind = word[address.len()..].trim_start_matches([':', '/']);
    (address.parse::<Ipv4Addr>().is_ok() && behind.chars().all(|c| c.is_ascii_digit()))
        .then_some(address)
}

/// RFC 4291 §2.2, in brackets before a port or with a prefix length; a zone is part of it (RFC 4007 §11).
fn ip6(word: &str) -> Option<&str> {
    let bare = match word.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap(),
        None => word,
    };
    let zoned = bare.split('/').next().unwrap();
    let address = zoned.split('%').next().unwrap();
    address.parse::<Ipv6Addr>().is_ok().then_some(zoned)
}

/// RFC 5321 §4.1.2, a dot-string and a domain.
fn email(word: &str) -> Option<&str> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$").unwrap()
    });
    whole(&PATTERN, word)
}

/// IEEE 802 in pairs with one separator, or in Cisco's three fours; not nobody's and not everybody's.
fn mac(word: &str) -> Option<&str> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i)([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2})$").unwrap()
    });
    let digits: String = word.chars().filter(char::is_ascii_hexdigit).collect();
    let digits = digits.to_ascii_lowercase();
    let somebody = !digits.chars().all(|c| c == '0') && !digits.chars().all(|c| c == 'f');
    whole(&PATTERN, word).filter(|_| somebody)
}

/// RFC 9562 §4, but the nil one.
fn guid(word: &str) -> Option<&str> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$").unwrap()
    });
    whole(&PATTERN, word).filter(|word| word.contains(|c: char| !matches!(c, '0' | '-')))
}

/// ISO/IEC 7812-1 annex B, from the right, by the book.
fn luhn(word: &str) -> bool {
    let digits: Vec<u32> = word.chars().rev().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(i, d)| {
            if i.is_multiple_of(2) {
                *d
            } else {
                d * 2 / 10 + d * 2 % 10
            }
        })
        .sum();
    digits.len() == word.len() && sum.is_multiple_of(10)
}

fn starts(word: &str, with: &[&str]) -> bool {
    with.iter().any(|with| word.starts_with(with))
}

/// Fifteen digits of one of the large reporting bodies, with their check digit (3GPP TS 23.003 §6.2.1).
fn imei(word: &str) -> Option<&str> {
    (word.len() == 15 && luhn(word) && starts(word, &["35", "86"])).then_some(word)
}

/// Fifteen digits under a mobile country code that are no IMEI (ITU-T E.212, those that begin as what is
/// generated here does).
fn imsi(word: &str) -> Option<&str> {
    let digits = word.chars().all(|c| c.is_ascii_digit());
    let codes = [
        "310", "460", "262", "724", "340", "342", "344", "346", "348", "350", "352", "354", "356",
        "358", "370", "372", "374", "376",
    ];
    (word.len() == 15 && digits && starts(word, &codes) && imei(word).is_none()).then_some(word)
}

/// Sixteen digits of the two largest schemes, fifteen of a third, with their check digit.
fn card(word: &str) -> Option<&str> {
    let issued = match word.len() {
        16 => starts(word, &["4", "51", "52", "53", "54", "55"]),
        15 => starts(word, &["34", "37"]),
        _ => false,
    };
    (issued && luhn(word)).then_some(word)
}

/// What the words of a line are by their shape.
pub fn oracle(line: &str) -> Found {
    let mut found = Found::new();
    for word in line.split_whitespace() {
        let word = word.trim_start_matches(['(', '<', '"', '{']);
        let word = word.trim_end_matches([')', '>', '"', '}', ',', ';', '!', '.']);
        found.extend(shape(line, word));
    }
    found
}

/// What one word of a line is by its shape.
pub fn shape(line: &str, word: &str) -> Found {
    let mut found = Found::new();
    for (class, rule) in RULES {
        if let Some(part) = rule(word) {
            let start = part.as_ptr() as usize - line.as_ptr() as usize;
            found.insert((start, start + part.len(), class.id()));
        }
    }
    found
}

fn scanner(line: &str) -> Found {
    let mut findings = Vec::new();
    Scanner::default().scan(line.as_bytes(), &mut Scratch::default(), &mut findings);
    let found: Found = findings
        .iter()
        .filter(|f| RULES.iter().any(|(class, _)| *class == f.class))
        .map(|f| (f.span.start, f.span.end, f.class.id()))
        .collect();
    // The IPv4 address inside of a mapped one goes with it.
    let inside = |a: &(usize, usize, &str)| {
        found
            .iter()
            .any(|b| b != a && b.2 == a.2 && b.0 <= a.0 && a.1 <= b.1)
    };
    found.iter().copied().filter(|f| !inside(f)).collect()
}

#[test]
fn oracle_and_scanner_agree_on_a_table() {
    for (line, count) in [
        (
            "from 192.0.2.7 to 198.51.100.255:443, then (203.0.113.0/24).",
            3,
        ),
        (
            "from 2001:db8::7 and [2001:DB8::8]:443 and fe80::1%eth0 and ::ffff:192.0.2.7 done",
            4,
        ),
        (
            "mail <ada@example.org>, \"a.b+c@mail.example.com\" and x_y@sub.example.cn!",
            3,
        ),
        (
            "hw 02:00:5e:10:00:77 and 02-00-5E-10-00-77 and 0200.5e10.0077 gone",
            3,
        ),
        (
            "trace 6f9619ff-8b86-d011-b42d-00cf4fc964ff and {6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
            2,
        ),
        ("dev 356938035643809 and 861536030196001 on", 2),
        ("sub 310150123456789 and 460001234567890 att", 2),
        (
            "paid 4111111111111111 and 5555555555554444 and 378282246310005 now",
            3,
        ),
        // Near misses.
        (
            "256.1.1.1 1.2.3 1.2.3.4.5.6 12:34:56 std::vector 10:20:30:40:50 1:2:3",
            0,
        ),
        (
            "ada@host @example.org ada@.org ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 02:00:5e:10:00",
            0,
        ),
        (
            "00000000-0000-0000-0000-000000000000 6f9619ff-8b86-d011-b42d 4111111111111112",
            0,
        ),
        (
            "861536030196002 20240102030405 1706745600123456 378282246310006 0123456789012345",
            0,
        ),
    ] {
        let want = oracle(line);
        assert_eq!(want.len(), count, "the oracle itself: {line} {want:?}");
        assert_eq!(scanner(line), want, "{line}");
    }
}

/// The last digit that makes the number right, or the one behind it.
fn checked(body: &str, right: bool) -> String {
    let check = (0..10).find(|d| luhn(&format!("{body}{d}"))).unwrap();
    format!("{body}{}", if right { check } else { (check + 1) % 10 })
}

fn address6() -> impl Strategy<Value = String> {
    let first = prop_oneof![0x2001u16..0x2a20, Just(0xfe80), Just(0xfd00)];
    let spell = prop_oneof![Just(0), Just(1), Just(2)];
    (first, any::<[u16; 7]>(), any::<[bool; 7]>(), spell).prop_map(|(first, rest, zero, spell)| {
        let mut groups = [first, 0, 0, 0, 0, 0, 0, 0];
        for (to, (from, zero)) in groups[1..].iter_mut().zip(rest.iter().zip(zero)) {
            *to = if zero { 0 } else { *from };
        }
        let address = Ipv6Addr::from(groups);
        match spell {
            0 => address.to_string(),
            1 => address.to_string().to_uppercase(),
            _ => groups.map(|group| format!("{group:04x}")).join(":"),
        }
    })
}

/// A word that is personal, nearly so, or not at all.
fn word() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "accepted",
        "peer",
        "done",
        "took",
        "12ms",
        "GET",
        "200",
        "a",
        "--",
        "3.5",
        "10:20:30",
        "2024-01-02",
        "x@y",
        "256.1.1.1",
        "1.2.3.4.5.6",
        "std::map",
        "10:20:30:40:50",
        "6f9619ff-8b86-d011-b42d",
        "日志",
    ]);
    let pairs = |separator: &'static str| {
        any::<[u8; 6]>()
            .prop_map(move |octets| octets.map(|octet| format!("{octet:02x}")).join(separator))
    };
    let digits = |prefix: &'static [&'static str], length: usize| {
        (
            prop::sample::select(prefix),
            prop::collection::vec(0..10u8, length),
            any::<bool>(),
        )
            .prop_map(move |(prefix, rest, right)| {
                let mut body = prefix.to_owned();
                body.extend(rest.iter().map(|d| char::from(b'0' + d)));
                body.truncate(length - 1);
                checked(&body, right)
            })
    };
    prop_oneof![
        6 => plain.prop_map(str::to_owned),
        2 => any::<[u8; 4]>().prop_map(|octets| Ipv4Addr::from(octets).to_string()),
        1 => (any::<[u8; 4]>(), 1..65535u32).prop_map(|(octets, port)| format!("{}:{port}", Ipv4Addr::from(octets))),
        2 => address6(),
        2 => "[a-z]{1,8}([.+_][a-z0-9]{1,5})?@[a-z]{1,9}(-[a-z]{1,3})?\\.(com|org|example|co\\.uk|cn)",
        1 => pairs(":"),
        1 => pairs("-"),
        1 => any::<[u16; 3]>().prop_map(|fours| fours.map(|four| format!("{four:04x}")).join(".")),
        1 => any::<[u32; 4]>().prop_map(|[a, b, c, d]| format!("{a:08x}-{:04x}-{:04x}-{:04x}-{:04x}{d:08x}", b >> 16, b & 0xffff, c >> 16, c & 0xffff)),
        1 => digits(&["35", "86"], 15),
        1 => digits(&["4", "51", "52", "53", "54", "55"], 16),
        1 => digits(&["34", "37"], 15),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn oracle_and_scanner_agree_on_generated_lines(
        words in prop::collection::vec((word(), prop::sample::select(vec!["{}", "{}", "({})", "<{}>", "\"{}\"", "{},", "{};"])), 1..14)
    ) {
        let line: Vec<String> = words.iter().map(|(word, around)| around.replace("{}", word)).collect();
        let line = line.join(" ");
        prop_assert_eq!(scanner(&line), oracle(&line), "{}", line);
    }
}
