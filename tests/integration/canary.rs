//! What must not come out: values of many classes, different in each record.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Class, key and value; `#` stands for the record's number.
const CANARIES: &[(&str, &str, &str)] = &[
    ("network.ip", "client_ip", "203.0.113.77"),
    ("network.email", "email", "canary#@example.org"),
    ("network.password", "password", "canary-pw-#"),
    ("network.account", "username", "canary-user-#"),
    ("device.mac", "mac", "02:00:5e:10:c0:de"),
    ("device.imei", "imei", "490154203237518"),
    ("device.imsi", "imsi", "001010123456789"),
    (
        "device.guid",
        "guid",
        "5f0c6dca-1b2d-4e3f-8a9b-c0ffeec0ffee",
    ),
    ("basic.phone", "phone", "+12025550123"),
    ("basic.name", "full_name", "Canaria#"),
    ("identity.passport", "passport", "C01X00T47"),
    ("property.transaction", "card_number", "4111111111111111"),
    ("property.coupon", "coupon", "CANARY-#"),
    ("location.accommodation", "hotel", "Canary-Inn-#"),
];

/// Keys and values of record `i`.
pub fn fields(i: usize) -> impl Iterator<Item = (&'static str, String)> {
    CANARIES
        .iter()
        .map(move |(_, key, value)| (*key, value.replace('#', &i.to_string())))
}

/// A line of record `i` with all of them.
pub fn line(i: usize) -> String {
    let fields: Vec<String> = fields(i).map(|(k, v)| format!("{k}={v}")).collect();
    format!("seq={i}; login {} level=info", fields.join(" "))
}

/// Fails where any canary of any record is left.
pub fn none_left(text: &str) {
    assert!(CANARIES.iter().map(|c| c.0).collect::<BTreeSet<_>>().len() >= 10);
    let lower = text.to_lowercase();
    for (class, _, value) in CANARIES {
        let marker = value.split('#').next().unwrap().to_lowercase();
        if let Some(at) = lower.find(&marker) {
            let from = at.saturating_sub(100);
            let near = String::from_utf8_lossy(&lower.as_bytes()[from..lower.len().min(at + 100)]);
            panic!("{class}: {value} is left: {near}");
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

/// Record `i` with canaries in every place that JSON has for them, and other things that must stay.
pub fn record(i: usize) -> Value {
    let user: Map<String, Value> = fields(i).map(|(k, v)| (k.to_owned(), v.into())).collect();
    json!({
        "seq": i,
        "level": "info",
        "message": line(i),
        "ratio": 1.5,
        "ok": true,
        "none": null,
        "big": 9_007_199_254_740_000u64,
        "list": [1, "two", {"three": -3.25}, []],
        "user": user,
        "nested": {"deep": [{"note": "call from 203.0.113.77"}, [format!("canary{i}@example.org")], {}]},
        format!("canary{i}@example.org"): "a key",
        "tags": ["blue", "203.0.113.77"],
    })
}

/// Lines of JSON.
pub fn records(range: std::ops::Range<usize>) -> String {
    range.map(|i| format!("{}\n", record(i))).collect()
}

fn is_canary(text: &str) -> bool {
    let lower = text.to_lowercase();
    CANARIES.iter().any(|(_, _, value)| {
        let marker = value.split('#').next().unwrap().to_lowercase();
        lower.contains(&marker)
    })
}

/// Fails where `got` differs from `sent` in more than what was hidden.
pub fn same_but_hidden(sent: &Value, got: &Value) {
    match (sent, got) {
        (Value::Object(sent), Value::Object(got)) => {
            assert_eq!(sent.len(), got.len(), "{sent:?} {got:?}");
            for ((key, value), (got_key, got_value)) in sent.iter().zip(got) {
                assert!(
                    key == got_key || is_canary(key) && !is_canary(got_key),
                    "{key} {got_key}"
                );
                same_but_hidden(value, got_value);
            }
        }
        (Value::Array(sent), Value::Array(got)) => {
            assert_eq!(sent.len(), got.len(), "{sent:?} {got:?}");
            sent.iter()
                .zip(got)
                .for_each(|(sent, got)| same_but_hidden(sent, got));
        }
        (Value::String(sent), Value::String(got)) if is_canary(sent) => {
            assert!(!is_canary(got) && got.contains("REDACTED"), "{sent} {got}");
        }
        _ => assert_eq!(sent, got),
    }
}
