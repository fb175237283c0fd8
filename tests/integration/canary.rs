//! What must not come out: values of many classes, in every place of a record, and what stands there instead.
//! `tests/clients/canaries.json` has them, for the clients of other languages too.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// One value; `#` in it stands for the record's number.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    pub class: String,
    /// The key that makes it one; without, its shape does, wherever it stands.
    pub key: Option<String>,
    text: String,
    /// The part of it that gives it away.
    mark: Option<String>,
    becomes: String,
}

static CANARIES: LazyLock<Vec<Canary>> = LazyLock::new(|| {
    let all: Vec<Canary> = serde_json::from_str(include_str!("../clients/canaries.json")).unwrap();
    let classes: BTreeSet<&str> = all
        .iter()
        .filter(|one| one.key.is_none())
        .map(|one| one.class.as_str())
        .collect();
    assert!(classes.len() >= 10, "{classes:?}");
    all
});

/// How a canary is written: as it goes in, or as it must come out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum As {
    Sent,
    Hidden,
}

impl Canary {
    pub fn write(&self, i: usize, how: As) -> String {
        match how {
            As::Sent => self.text.replace('#', &i.to_string()),
            As::Hidden => self.becomes.clone(),
        }
    }

    fn mark(&self) -> String {
        self.mark.as_ref().unwrap_or(&self.text).to_lowercase()
    }
}

/// Those that are known by their shape.
pub fn shapes() -> Vec<&'static Canary> {
    CANARIES.iter().filter(|one| one.key.is_none()).collect()
}

/// Number `i` of the shapes, around and around: each stands in each place once in a while.
pub fn shape(i: usize, how: As) -> String {
    let shapes = shapes();
    shapes[i % shapes.len()].write(i, how)
}

/// Keys and values of record `i`.
pub fn keyed(i: usize, how: As) -> impl Iterator<Item = (&'static str, String)> {
    let pair = move |one: &'static Canary| Some((one.key.as_deref()?, one.write(i, how)));
    CANARIES.iter().filter_map(pair)
}

/// A line of record `i` with all of them.
pub fn line(i: usize, how: As) -> String {
    let shapes: Vec<String> = shapes().iter().map(|one| one.write(i, how)).collect();
    let keyed: Vec<String> = keyed(i, how).map(|(k, v)| format!("{k}={v}")).collect();
    let (shapes, keyed) = (shapes.join(" | "), keyed.join(" "));
    format!("seq={i}; login {shapes} {keyed} level=info")
}

/// Fails where any canary of any record is left.
pub fn none_left(text: &str) {
    let lower = text.to_lowercase();
    for canary in CANARIES.iter() {
        if let Some(at) = lower.find(&canary.mark()) {
            let from = at.saturating_sub(100);
            let near = lower.as_bytes();
            let near = String::from_utf8_lossy(&near[from..near.len().min(at + 100)]);
            panic!("{}: {} is left: {near}", canary.class, canary.text);
        }
    }
}

/// The number behind `mark` in each text that has one.
pub fn numbers<'a>(texts: impl IntoIterator<Item = &'a str>, mark: &str) -> BTreeSet<usize> {
    let number = |text: &str| {
        let digits = text.split_once(mark)?.1;
        let end = digits.find(|c: char| !c.is_ascii_digit());
        digits[..end.unwrap_or(digits.len())].parse().ok()
    };
    texts.into_iter().filter_map(number).collect()
}

/// Fails unless `lines` are the lines of the records in `range`, each behind whatever the way put before it, once.
pub fn account(lines: &[String], range: std::ops::Range<usize>) {
    let mut seen = vec![0; range.len()];
    for line in lines {
        none_left(line);
        let i = *numbers([line.as_str()], "seq=").first().expect("no number");
        assert!(line.ends_with(&self::line(i, As::Hidden)), "{line}");
        seen[i - range.start] += 1;
    }
    assert!(seen.iter().all(|n| *n == 1), "{seen:?}");
}

/// Record `i` with canaries in every place that JSON has for them, and other things that must stay.
pub fn record(i: usize, how: As) -> Value {
    let mut user: Map<String, Value> = keyed(i, how)
        .map(|(k, v)| (k.to_owned(), v.into()))
        .collect();
    let (imei, latitude, longitude) = match how {
        As::Sent => (json!(490_154_203_237_518_u64), 31.23075, 121.47075),
        As::Hidden => (json!(0), 0.0, 0.0),
    };
    user.insert("gps".to_owned(), json!({"lat": latitude, "lon": longitude}));
    let secret = keyed(i, how).find(|(key, _)| *key == "password").unwrap().1;
    let nested = json!({"password": secret, "note": shape(i + 3, how)});
    json!({
        "seq": i,
        "level": "info",
        "message": line(i, how),
        "ratio": 1.5,
        "ok": true,
        "none": null,
        "big": 9_007_199_254_740_000u64,
        "list": [1, "two", {"three": -3.25}, []],
        "imei": imei,
        "user": user,
        "nested": {"deep": [{"note": shape(i + 1, how)}, [shape(i + 2, how)], {}]},
        "json": nested.to_string(),
        format!("seen by {}", shape(i, how)): 1,
        "tags": shapes().iter().map(|one| one.write(i, how)).collect::<Vec<_>>(),
    })
}

/// Lines of JSON.
pub fn records(range: std::ops::Range<usize>) -> String {
    range
        .map(|i| format!("{}\n", record(i, As::Sent)))
        .collect()
}

/// Fails where `got` is another than record `i` as it must come out. JavaScript writes 0.0 as 0.
pub fn same_but_hidden(i: usize, got: &Value) {
    same(&record(i, As::Hidden), got, "record");
}

/// Fails where `got` at this place is another than `want`.
pub fn same(want: &Value, got: &Value, place: &str) {
    match (want, got) {
        (Value::Object(want), Value::Object(got)) => {
            let keys = |of: &Map<String, Value>| of.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(want), keys(got), "{place}");
            for ((key, want), got) in want.iter().zip(got.values()) {
                same(want, got, &format!("{place}.{key}"));
            }
        }
        (Value::Array(want), Value::Array(got)) => {
            assert_eq!(want.len(), got.len(), "{place}");
            for (want, got) in want.iter().zip(got) {
                same(want, got, &format!("{place}[]"));
            }
        }
        (Value::Number(want), Value::Number(got)) => {
            assert_eq!(want.as_f64(), got.as_f64(), "{place}");
        }
        _ => assert_eq!(want, got, "{place}"),
    }
}
