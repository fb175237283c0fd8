//! A table of input, policy and output through the core: as written, in any split, twice.

use std::sync::Arc;

use proptest::prelude::*;
use scrubd::frame::{Framer, Framing};
use scrubd::mask::Scrubbed;
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::scan::Tables;

use super::support;

#[derive(serde::Deserialize)]
struct Table {
    case: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    line: String,
    becomes: String,
    #[serde(default)]
    policy: Option<String>,
}

fn cases() -> Vec<Case> {
    [
        include_str!("../cases/core.toml"),
        include_str!("../cases/formats.toml"),
        include_str!("../cases/accounts.toml"),
        include_str!("../cases/context.toml"),
        include_str!("../cases/keys.toml"),
    ]
    .iter()
    .flat_map(|file| toml::from_str::<Table>(file).unwrap().case)
    .collect()
}

/// Those whose keys are what is hidden, too.
fn all_cases() -> impl Iterator<Item = Case> {
    let members = include_str!("../cases/members.toml");
    let members = toml::from_str::<Table>(members).unwrap().case;
    cases().into_iter().chain(members)
}

fn plan(policy: Option<&str>) -> Arc<Plan> {
    policy.map_or_else(
        || support::plan("default"),
        |actions| support::plan(&format!("[actions]\n{actions}\n")),
    )
}

fn scrub(plan: &Arc<Plan>, chunks: &[&[u8]]) -> Vec<u8> {
    let mut framer = Framer::new(Framing::Newline, 1 << 20);
    let mut pipeline = Pipeline::new(Arc::clone(plan));
    pipeline.begin(Tables::Auto);
    let (mut buffer, mut pieces, mut out) = (Vec::new(), Vec::new(), Scrubbed::new());
    for i in 0..=chunks.len() {
        if let Some(chunk) = chunks.get(i) {
            buffer.extend_from_slice(chunk);
        }
        let used = framer.cut(&buffer, i == chunks.len(), &mut pieces);
        pipeline.process(&buffer, &pieces, &mut out, &mut Tally::default());
        buffer.drain(..used);
    }
    out.as_bytes().to_vec()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn each_case_becomes_what_it_should() {
    for case in all_cases() {
        let plan = plan(case.policy.as_deref());
        assert_eq!(
            text(&scrub(&plan, &[case.line.as_bytes()])),
            case.becomes,
            "{}",
            case.line
        );
    }
}

const ACTIONS: &[&str] = &[
    "default = \"redact\"",
    "default = \"hash\"",
    "default = \"mask\"",
    "default = \"drop_field\"",
    "default = \"detect\"",
    "default = { action = \"mask\", keep_last = 4 }",
    "default = { action = \"mask\", keep_first = 2 }",
    "default = \"truncate\"",
    "default = { action = \"hash\", keep_domain = true }",
];

/// A digit that stays a digit carries no mark, so these change again what they changed before.
const PERMUTING: &[&str] = &[
    "default = \"encrypt\"",
    "default = \"preserve\"",
    "default = { action = \"preserve\", keep_domain = true, keep_oui = true, method = \"crypto-pan\" }",
];

#[test]
fn scrubbing_twice_changes_nothing_under_any_action() {
    for actions in ACTIONS {
        let plan = plan(Some(actions));
        for case in all_cases() {
            let once = scrub(&plan, &[case.line.as_bytes()]);
            assert_eq!(
                text(&scrub(&plan, &[&once])),
                text(&once),
                "{actions}: {}",
                case.line
            );
        }
    }
}

#[test]
fn tokens_of_text_stay_when_scrubbed_twice() {
    let plan = plan(Some("default = \"encrypt\""));
    let numbers = |line: &str| line.contains(['{', '[']);
    for case in all_cases().filter(|case| !numbers(&case.line)) {
        let once = scrub(&plan, &[case.line.as_bytes()]);
        assert_eq!(text(&scrub(&plan, &[&once])), text(&once), "{}", case.line);
    }
}

fn shape(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "null".into(),
        serde_json::Value::Bool(b) => b.to_string(),
        serde_json::Value::Number(n) => {
            if n.to_string().contains(['.', 'e', 'E']) {
                "float".into()
            } else {
                "int".into()
            }
        }
        serde_json::Value::String(_) => "string".into(),
        serde_json::Value::Array(a) => {
            format!("[{}]", a.iter().map(shape).collect::<Vec<_>>().join(","))
        }
        serde_json::Value::Object(o) => format!(
            "{{{}}}",
            o.iter()
                .map(|(k, v)| format!("{k}:{}", shape(v)))
                .collect::<Vec<_>>()
                .join(",")
        ),
    }
}

#[test]
fn json_keeps_its_shape_and_types_under_any_action() {
    let mut seen = 0;
    for actions in ACTIONS.iter().chain(PERMUTING) {
        let plan = plan(Some(actions));
        for case in cases() {
            let Ok(before) = serde_json::from_str::<serde_json::Value>(&case.line) else {
                continue;
            };
            let out = text(&scrub(&plan, &[case.line.as_bytes()]));
            let after = serde_json::from_str::<serde_json::Value>(&out)
                .unwrap_or_else(|e| panic!("{actions}: {e}: {out}"));
            assert_eq!(shape(&after), shape(&before), "{actions}: {out}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn every_single_split_gives_the_same() {
    let plan = plan(None);
    let cases = cases();
    for some in cases.chunks(6) {
        let lines: Vec<&str> = some.iter().map(|case| case.line.as_str()).collect();
        let all = lines.join("\n");
        let want = text(&scrub(&plan, &[all.as_bytes()]));
        for at in 0..=all.len() {
            let (a, b) = all.as_bytes().split_at(at);
            assert_eq!(text(&scrub(&plan, &[a, b])), want, "split at {at}");
        }
    }
}

/// The header is seen once; its rows may come in any pieces.
#[test]
fn the_columns_of_a_table_are_known_in_any_split() {
    let plan = plan(None);
    let lines = b"id,login,home address,note\r\n1,ann,\"1 High Street\nYork, 2\",ok\r\n2,\"b,ea\",,\"x \"\"y\"\"\"\r\n";
    let want = "id,login,home address,note\r\n1,REDACTED-ACCOUNT,\"REDACTED-ADDRESS\nREDACTED-ADDRESS\",ok\r\n2,\"REDACTED-ACCOUNT\",,\"x \"\"y\"\"\"\r\n";
    assert_eq!(text(&scrub(&plan, &[lines])), want);
    for at in 0..=lines.len() {
        let (a, b) = lines.split_at(at);
        assert_eq!(text(&scrub(&plan, &[a, b])), want, "split at {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_splits_give_the_same(sizes in prop::collection::vec(1usize..40, 1..20)) {
        let plan = plan(None);
        let all = cases().iter().map(|case| case.line.clone()).collect::<Vec<_>>().join("\n");
        let want = text(&scrub(&plan, &[all.as_bytes()]));
        let (mut chunks, mut rest, mut i) = (Vec::new(), all.as_bytes(), 0);
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(sizes[i % sizes.len()].min(rest.len()));
            chunks.push(head);
            rest = tail;
            i += 1;
        }
        prop_assert_eq!(text(&scrub(&plan, &chunks)), want);
    }

    #[test]
    fn generated_addresses_are_found(v4 in any::<[u8; 4]>(), v6 in any::<[u16; 8]>(), mac in any::<[u8; 6]>()) {
        let plan = plan(None);
        let (v4, v6) = (std::net::Ipv4Addr::from(v4), std::net::Ipv6Addr::from(v6));
        let mac = mac.map(|b| format!("{b:02x}")).join(":");
        let line = format!("from {v4} and [{v6}]:80 at {mac} end");
        let expected = "from REDACTED-IP and [REDACTED-IP]:80 at REDACTED-MAC end";
        prop_assert_eq!(text(&scrub(&plan, &[line.as_bytes()])), expected);
    }

    #[test]
    fn any_bytes_come_through_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let plan = plan(Some("default = \"detect\""));
        prop_assert_eq!(scrub(&plan, &[&bytes]), bytes);
    }
}

/// The tables are policies with tests of their own, as an operator writes them.
fn policy_passes(name: &str, tests: &str) {
    let file = support::repository().join("tests/cases").join(name);
    let (code, out, err) =
        support::run(support::scrubd().args(["check", "--policy"]).arg(file), b"");
    assert_eq!(code, 0, "{err}");
    assert!(String::from_utf8(out).unwrap().contains(tests));
}

#[test]
fn rules_of_a_policy_come_in_their_order() {
    policy_passes("rules.toml", "13 tests pass");
}

#[test]
fn places_of_syslog_records_can_be_named() {
    policy_passes("syslog.toml", "4 tests pass");
}

#[test]
fn what_a_rule_of_the_operator_finds_stays_in_its_record() {
    let rule = "[[custom]]\nname = \"x\"\npattern = '(?s)a.*b|[^c]+z'\n";
    let out = text(&scrub(&support::plan(rule), &[b"1 a\nb 2\na--b\nc\nwz\n"]));
    assert_eq!(out, "1 a\nb 2\nREDACTED-CUSTOM\nc\nREDACTED-CUSTOM\n");
}

#[test]
fn a_policy_can_drop_a_record() {
    let plan = plan(Some(
        "default = \"redact\"\n\"network.password\" = \"drop_record\"",
    ));
    let out = text(&scrub(&plan, &[b"a 10.0.0.1\npassword=x1\nb\n"]));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((lines[0], lines[2]), ("a REDACTED-IP", "b"));
    assert!(
        lines[1].starts_with("scrubd tombstone reason=policy bytes=11 policy="),
        "{out}"
    );
}
