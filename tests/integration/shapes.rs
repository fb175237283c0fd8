//! Generated lines in logfmt, query strings, XML, CSV and JSON still parse after scrubbing, with the same
//! keys, shape and types, under every action. The parsers are others' own.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use scrubd::frame::{Framer, Framing};
use scrubd::mask::Scrubbed;
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::scan::Tables;

use super::support;

const ACTIONS: &[&str] = &[
    "\"redact\"",
    "\"hash\"",
    "\"mask\"",
    "{ action = \"mask\", keep_first = 2, keep_last = 2 }",
    "\"drop_field\"",
    "\"detect\"",
    "\"keep\"",
    "\"truncate\"",
    "\"encrypt\"",
    "\"preserve\"",
    "{ action = \"preserve\", keep_domain = true, keep_oui = true, method = \"crypto-pan\" }",
    "{ action = \"hash\", keep_domain = true }",
    "{ action = \"encrypt\", keep_domain = true }",
    "{ action = \"truncate\", v4_bits = 8, v6_bits = 32, decimals = 1 }",
];

fn plans() -> Vec<(&'static str, Arc<Plan>)> {
    let plan = |action: &&'static str| {
        let policy = format!("[actions]\ndefault = {action}\n");
        (*action, support::plan(&policy))
    };
    let preset = |name: &'static str| (name, support::plan(name));
    let presets = ["default", "ops"].map(preset);
    ACTIONS.iter().map(plan).chain(presets).collect()
}

fn scrub(plan: &Arc<Plan>, lines: &str) -> String {
    let (mut pieces, mut out) = (Vec::new(), Scrubbed::new());
    Framer::new(Framing::Newline, 1 << 20).cut(lines.as_bytes(), true, &mut pieces);
    let mut pipeline = Pipeline::new(Arc::clone(plan));
    pipeline.begin(Tables::Auto);
    pipeline.process(lines.as_bytes(), &pieces, &mut out, &mut Tally::default());
    String::from_utf8(out.as_bytes().to_vec()).unwrap()
}

/// Keys with a class and without.
fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "user",
        "password",
        "client_ip",
        "imei",
        "lat",
        "lon",
        "name",
        "firstName",
        "status",
        "level",
        "n",
        "userAgent",
        "address",
        "phone",
        "cookie",
        "contacts",
        "balance",
        "coordinates",
        "mac",
        "note",
        "id",
        "authorization",
        "birthday",
        "msg",
    ])
    .prop_map(str::to_owned)
}

/// Values that are found by shape, and anything printable.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|ip| std::net::Ipv4Addr::from(ip).to_string()),
        any::<[u16; 8]>().prop_map(|ip| std::net::Ipv6Addr::from(ip).to_string()),
        any::<[u8; 6]>().prop_map(|mac| mac.map(|b| format!("{b:02x}")).join(":")),
        "[a-z]{1,8}@[a-z]{1,8}\\.example",
        "[1-9][0-9]{14}",
        "[1-8][0-9]\\.[0-9]{6}",
        "Bearer [A-Za-z0-9]{16}",
        "[A-Z][a-z]{2,6} [A-Z][a-z]{2,8}",
        "1990-0[1-9]-1[0-9]",
        "a=[a-z]{3}; b=[a-z]{3}",
        "[ -~]{0,16}",
        "[a-zé中 ,\"'&<>=\\\\]{0,12}",
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((key(), value()), 1..6)
}

/// The same with keys that are hidden themselves.
fn found_pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let key = prop_oneof![
        "192\\.0\\.2\\.[1-9]",
        "00-1b-44-11-3a-0[1-3]",
        "[a-c]@example\\.org",
        key(),
    ];
    prop::collection::vec((key, value()), 1..6)
}

/// `key=value`, quoted where logrus quotes, with backslashes before quotes and backslashes.
fn logfmt(pairs: &[(String, String)]) -> String {
    let mut line = String::from("level=info");
    for (key, value) in pairs {
        let bare = !value.is_empty()
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._/@^+:".contains(c));
        if bare {
            let _ = write!(line, " {key}={value}");
        } else {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = write!(line, " {key}=\"{escaped}\"");
        }
    }
    line
}

/// The keys of a logfmt line; `None` where it is none.
fn logfmt_keys(line: &str) -> Option<Vec<String>> {
    let (mut keys, mut rest) = (Vec::new(), line);
    loop {
        let (key, tail) = rest.split_once('=')?;
        if key.is_empty() || key.contains(['"', ' ']) {
            return None;
        }
        keys.push(key.to_owned());
        rest = match tail.strip_prefix('"') {
            None => tail
                .find(' ')
                .map_or("", |blank| tail.get(blank..).unwrap()),
            Some(inside) => {
                let mut chars = inside.char_indices();
                let close = loop {
                    match chars.next()? {
                        (_, '\\') => {
                            chars.next()?;
                        }
                        (at, '"') => break at,
                        _ => {}
                    }
                };
                inside.get(close + 1..)?
            }
        };
        if rest.is_empty() {
            return Some(keys);
        }
        rest = rest.strip_prefix(' ')?;
    }
}

fn query(pairs: &[(String, String)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish()
}

fn query_keys(text: &str) -> Vec<String> {
    form_urlencoded::parse(text.as_bytes())
        .map(|(key, _)| key.into_owned())
        .collect()
}

fn xml(pairs: &[(String, String)]) -> String {
    let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
    let mut line = String::from("<r>");
    for (i, (key, value)) in pairs.iter().enumerate() {
        let data = value.replace("]]>", "");
        let value = escape(value);
        let _ = match i % 5 {
            0 => write!(line, "<{key}>{value}</{key}>"),
            1 => write!(line, "<e {key}=\"{value}\" z=\"1\"/>"),
            2 => write!(line, "<d name=\"{key}\">{value}</d>"),
            3 => write!(line, "<n:{key} a='1'><![CDATA[{data}]]></n:{key}>"),
            _ => write!(line, "<key>{key}</key><string>{value}</string>"),
        };
    }
    line + "</r>"
}

/// Elements and attributes, in their order, without their text.
fn xml_shape(text: &str) -> Result<Vec<String>, String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut shape = Vec::new();
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Eof => return Ok(shape),
            Event::Start(e) | Event::Empty(e) => {
                let mut name = String::from_utf8_lossy(e.name().as_ref()).into_owned();
                for attribute in e.attributes() {
                    let attribute = attribute.map_err(|e| e.to_string())?;
                    name += " ";
                    name += &String::from_utf8_lossy(attribute.key.as_ref());
                }
                shape.push(name);
            }
            Event::CData(_) => shape.push("data".to_owned()),
            Event::End(e) => shape.push(format!("/{}", String::from_utf8_lossy(e.name().as_ref()))),
            _ => {}
        }
    }
}

fn csv(delimiter: u8, pairs: &[(String, String)], more: &[(String, String)]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer(Vec::new());
    let columns: Vec<String> = (0..pairs.len())
        .map(|i| format!("{}_{i}", pairs[i].0))
        .collect();
    let header = columns
        .iter()
        .map(|c| c.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_'));
    let mut seen = std::collections::HashSet::new();
    let distinct = header.clone().all(|name| seen.insert(name));
    if distinct {
        writer.write_record(header).unwrap();
    } else {
        writer.write_record(&columns).unwrap();
    }
    for shift in 0..3 {
        let row = (0..pairs.len()).map(|i| {
            let from = if shift % 2 == 0 { pairs } else { more };
            from.get((i + shift) % from.len())
                .map_or("", |pair| pair.1.as_str())
        });
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn csv_shape(delimiter: u8, text: &str) -> Vec<usize> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().len())
        .collect()
}

/// What says a name or a secret, with a word behind it that has backslashes, quotes and line feeds of its own.
fn phrase() -> impl Strategy<Value = String> {
    "(x )?(--user |--password |user=|login: |password=|tool -pw |C:\\\\Users\\\\|mysql -p|for user |token=|\\{'q': 'key=)?\
     (CORP|corp|pa|192\\.0\\.2\\.1|ann)[\\\\\n\t\"' =,}]{0,3}[nrtubsp]{0,4}[\\\\\n\"')\\]]{0,2}( x)?"
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        value().prop_map(serde_json::Value::from),
        phrase().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-180.0..180.0f64).prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((key(), inner.clone()), 0..4)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
            // A document in a string.
            inner.prop_map(|value| serde_json::Value::from(value.to_string())),
        ]
    })
}

/// Keys and types; a string that holds an object or array is entered.
fn json_shape(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) if n.to_string().contains(['.', 'e', 'E']) => "float".to_owned(),
        Value::Number(_) => "int".to_owned(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                format!("text of {}", json_shape(&inner))
            }
            _ => "text".to_owned(),
        },
        Value::Array(all) => format!(
            "[{}]",
            all.iter().map(json_shape).collect::<Vec<_>>().join(",")
        ),
        Value::Object(all) => {
            let pairs = all.iter().map(|(k, v)| format!("{k}:{}", json_shape(v)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
    }
}

/// Objects whose keys are values, some of them nearly the same, in objects and in strings.
fn members() -> impl Strategy<Value = serde_json::Value> {
    let name = prop_oneof![
        3 => value(),
        2 => "192\\.0\\.2\\.[1-9]",
        2 => "(host )?(::ffff:)?10\\.0\\.0\\.[1-3](-10\\.0\\.0\\.[1-3])?( up)?",
        2 => "00:1[bB]:44:11:3[aA]:0[1-3]",
        1 => "[a-c]@example\\.org",
        1 => "REDACTED-(IP|MAC)(-[2-4])?",
        1 => "a\"192\\.0\\.2\\.[1-3]\"",
    ];
    let object = |inner: BoxedStrategy<serde_json::Value>| {
        prop::collection::vec((name.clone(), inner), 0..6)
            .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect()))
    };
    let leaf = prop_oneof![
        Just(serde_json::Value::from(1)),
        "[a-z]{0,3}".prop_map(serde_json::Value::from),
    ];
    let inner = object(leaf.boxed()).prop_flat_map(|object| {
        let text = serde_json::Value::from(object.to_string());
        prop::sample::select(vec![object, text])
    });
    object(inner.boxed())
}

/// Types and numbers of members, whatever the keys are.
fn members_shape(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(all) => {
            let mut all: Vec<_> = all.values().map(members_shape).collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ Value::Object(_)) => members_shape(&inner),
            _ => "text".to_owned(),
        },
        _ => "int".to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn objects_keep_their_members(value in members()) {
        let text = value.to_string();
        for (action, plan) in plans() {
            let out = scrub(&plan, &text);
            let after = serde_json::from_str(&out);
            prop_assert!(after.is_ok(), "{}: {} becomes {}", action, text, out);
            prop_assert_eq!(members_shape(&after.unwrap()), members_shape(&value), "{}: {} becomes {}", action, text, out);
        }
    }

    #[test]
    fn logfmt_lines_keep_their_keys(pairs in pairs()) {
        let line = logfmt(&pairs);
        let before = logfmt_keys(&line).unwrap();
        for (action, plan) in plans() {
            let out = scrub(&plan, &line);
            prop_assert_eq!(logfmt_keys(&out), Some(before.clone()), "{}: {} becomes {}", action, line, out);
        }
    }

    #[test]
    fn query_strings_keep_their_parameters(pairs in pairs()) {
        let text = query(&pairs);
        for (action, plan) in plans() {
            let out = scrub(&plan, &text);
            prop_assert_eq!(query_keys(&out), query_keys(&text), "{}: {} becomes {}", action, text, out);
        }
    }

    #[test]
    fn keys_that_are_hidden_stay_as_many(pairs in found_pairs()) {
        let (line, text) = (logfmt(&pairs), query(&pairs));
        let count = |line: &str| logfmt_keys(line).map(|keys| keys.len());
        for (action, plan) in plans() {
            let out = scrub(&plan, &line);
            prop_assert_eq!(count(&out), count(&line), "{}: {} becomes {}", action, line, out);
            let out = scrub(&plan, &text);
            prop_assert_eq!(query_keys(&out).len(), query_keys(&text).len(), "{}: {} becomes {}", action, text, out);
        }
    }

    #[test]
    fn xml_keeps_its_elements(pairs in pairs()) {
        let text = xml(&pairs);
        let before = xml_shape(&text).unwrap();
        for (action, plan) in plans() {
            let out = scrub(&plan, &text);
            prop_assert_eq!(xml_shape(&out), Ok(before.clone()), "{}: {} becomes {}", action, text, out);
        }
    }

    #[test]
    fn tables_keep_their_rows_and_columns(
        pairs in pairs(),
        more in pairs(),
        delimiter in prop::sample::select(&b",;\t|"[..]),
    ) {
        let text = csv(delimiter, &pairs, &more);
        for (action, plan) in plans() {
            let out = scrub(&plan, &text);
            let (after, before) = (csv_shape(delimiter, &out), csv_shape(delimiter, &text));
            prop_assert_eq!(after, before, "{}: {} becomes {}", action, text, out);
            prop_assert_eq!(out.lines().next(), text.lines().next());
        }
    }

    #[test]
    fn json_keeps_keys_and_types(value in json()) {
        // A line that is a number and nothing else is text: numbers of cards and telephones are listed so.
        prop_assume!(!value.is_number());
        let text = value.to_string();
        for (action, plan) in plans() {
            let out = scrub(&plan, &text);
            let after = serde_json::from_str(&out);
            prop_assert!(after.is_ok(), "{}: {} becomes {}", action, text, out);
            prop_assert_eq!(json_shape(&after.unwrap()), json_shape(&value), "{}: {} becomes {}", action, text, out);
        }
    }
}
