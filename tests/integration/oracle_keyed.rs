//! The oracle of values that a key gives away: JSON, logfmt and free text taken apart by a pattern each, the key
//! looked up by walking the whole dictionary, the value taken whole. It shares the dictionary's data with the
//! scanner and no line of code.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use scrubd::class::Class;
use scrubd::scan::{Scanner, Scratch};

use super::oracle::Found;

const DICTIONARY: &str = include_str!("../../src/scan/keys.txt");

/// The classes that this oracle knows.
const CLASSES: &[Class] = &[
    Class::IP,
    Class::EMAIL,
    Class::PASSWORD,
    Class::ACCOUNT,
    Class::MAC,
    Class::IMEI,
    Class::IMSI,
    Class::GUID,
    Class::IDFA,
    Class::ANDROID_ID,
    Class::OPENUDID,
    Class::COORDINATES,
];

/// Name, whether longer keys may end with it, class.
fn entries() -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    let mut section = "";
    DICTIONARY.lines().filter_map(move |line| {
        if let Some(id) = line.strip_prefix('[') {
            section = id.trim_end_matches(']');
            return None;
        }
        let name = line.trim_start_matches('*');
        let ascii = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        ascii.then_some((name, line.starts_with('*'), section))
    })
}

/// The class of a key: its words joined are a name, or its last words are one that may be a suffix; the longest
/// name counts.
fn class_of(key: &str) -> Option<&'static str> {
    let words: Vec<String> = key
        .split(['_', '-', '.'])
        .map(str::to_ascii_lowercase)
        .collect();
    (0..words.len()).find_map(|first| {
        let name = words[first..].concat();
        entries()
            .find(|(entry, suffix, _)| *entry == name && (first == 0 || *suffix))
            .map(|(_, _, class)| class)
    })
}

/// Keys and values of a line, by one pattern for each format: the value is the group that is there.
fn pairs(line: &str) -> Vec<(&str, usize, usize)> {
    static JSON: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""([^"]+)":(?:"([^"]*)"|(-?[0-9.]+))"#).unwrap());
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?:^| )([A-Za-z0-9_.-]+)(?:=|: )(?:"([^"]*)"|([^ "]+))"#).unwrap()
    });
    let pattern = if line.starts_with('{') { &JSON } else { &BARE };
    pattern
        .captures_iter(line)
        .map(|found| {
            let value = found.get(2).or_else(|| found.get(3)).unwrap();
            (found.get(1).unwrap().as_str(), value.start(), value.end())
        })
        .collect()
}

fn oracle(line: &str) -> Found {
    let mut found = super::oracle::oracle(line);
    for (key, start, end) in pairs(line) {
        found.extend(super::oracle::shape(line, &line[start..end]));
        if let Some(class) = class_of(key) {
            found.insert((start, end, class));
        }
    }
    found.retain(|(_, _, class)| CLASSES.iter().any(|known| known.id() == *class));
    one_number(found)
}

fn scanner(line: &str) -> Found {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(Scanner::default);
    let mut findings = Vec::new();
    SCANNER.scan(line.as_bytes(), &mut Scratch::default(), &mut findings);
    one_number(
        findings
            .iter()
            .filter(|f| CLASSES.contains(&f.class))
            .map(|f| (f.span.start, f.span.end, f.class.id()))
            .collect(),
    )
}

/// Fifteen digits that a key calls an IMEI are that, whatever country code they could have.
fn one_number(mut found: Found) -> Found {
    for (start, end, class) in found.clone() {
        if class == Class::IMEI.id() {
            found.remove(&(start, end, Class::IMSI.id()));
        }
    }
    found
}

/// A key of a class, spelled in one of the ways of keys, and a value that the class may have.
fn pair() -> impl Strategy<Value = (String, String)> {
    let keyed: Vec<(&str, bool, &str)> = entries()
        .filter(|(_, _, id)| CLASSES.iter().any(|class| class.id() == *id))
        .collect();
    let spell = prop::sample::select(vec!["", "x_", "client.", "app-", "UPPER"]);
    let key = (prop::sample::select(keyed), spell).prop_map(|((name, suffix, class), front)| {
        let key = match front {
            "UPPER" => name.to_uppercase(),
            _ if suffix => format!("{front}{name}"),
            _ => name.to_owned(),
        };
        (key, class)
    });
    key.prop_flat_map(|(key, class)| {
        let value = match Class::by_id(class).unwrap() {
            Class::PASSWORD => "[a-z]{3}[A-Z][0-9]{4,9}",
            Class::ACCOUNT => "[a-z]{3}[0-9]{1,3}",
            Class::MAC => "0a(:[0-9a-f]{2}){5}",
            Class::IMEI => "35[0-9]{13}",
            Class::IMSI => "26201[0-9]{10}",
            Class::ANDROID_ID => "[0-9a-f]{7}a[0-9a-f]{8}",
            Class::OPENUDID => "[0-9a-f]{19}b[0-9a-f]{20}",
            Class::COORDINATES => "-?[1-8][0-9]\\.[0-9]{4,6}",
            Class::EMAIL => "[a-z]{2,6}@[a-z]{2,6}\\.(com|org)",
            _ => "[0-9a-f]{7}c-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}",
        };
        (Just(key), value)
    })
}

/// Keys and values that are nobody's.
fn plain() -> impl Strategy<Value = (String, String)> {
    let key = prop::sample::select(vec!["level", "status", "took", "n", "event", "path"]);
    (key.prop_map(str::to_owned), "[a-z]{1,6}|[0-9]{1,5}")
}

fn all() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(prop_oneof![3 => pair(), 1 => plain()], 1..7)
}

#[test]
fn the_oracle_takes_lines_apart() {
    for (line, want) in [
        (
            r#"{"user":"ann","n":1,"x_lat":31.2304}"#,
            vec!["ann", "31.2304"],
        ),
        (
            r#"level=info client.imei=355555555555555 password="a b""#,
            vec!["355555555555555", "a b"],
        ),
        (
            "failed, login=ann7 done, peer 192.0.2.7",
            vec!["ann7", "192.0.2.7"],
        ),
        ("language=c status=200", vec![]),
    ] {
        let found: Vec<&str> = oracle(line).iter().map(|(s, e, _)| &line[*s..*e]).collect();
        assert_eq!(found, want, "{line}");
        assert_eq!(scanner(line), oracle(line), "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn json(pairs in all(), numbers in any::<bool>()) {
        let field = |(key, value): &(String, String)| {
            let number = numbers && value.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') && !value.starts_with('0');
            if number { format!("\"{key}\":{value}") } else { format!("\"{key}\":\"{value}\"") }
        };
        let line = format!("{{{}}}", pairs.iter().map(field).collect::<Vec<_>>().join(","));
        prop_assert_eq!(scanner(&line), oracle(&line), "{}", line);
    }

    #[test]
    fn logfmt(pairs in all(), quoted in any::<bool>()) {
        let field = |(key, value): &(String, String)| {
            if quoted { format!("{key}=\"{value}\"") } else { format!("{key}={value}") }
        };
        let line = format!("level=info {}", pairs.iter().map(field).collect::<Vec<_>>().join(" "));
        prop_assert_eq!(scanner(&line), oracle(&line), "{}", line);
    }

    #[test]
    fn free_text(pairs in all()) {
        let field = |(key, value): &(String, String)| format!("then {key}={value} seen");
        let line = format!("request failed {}", pairs.iter().map(field).collect::<Vec<_>>().join(" and "));
        prop_assert_eq!(scanner(&line), oracle(&line), "{}", line);
    }
}
