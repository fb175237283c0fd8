//! Every class under every action: what a text and a number become, and what a key turns back.

use std::sync::Arc;

use scrubd::class::Class;
use scrubd::frame::Output;
use scrubd::mask::Masker;
use scrubd::pipeline::scrub_line;
use scrubd::plan::{Keys, Plan};
use scrubd::policy::{Action, PRESERVES, Policy, TRUNCATES, Typed};
use serde_json::Value;

use super::support;
use super::table::SAMPLES;

/// Beside one of each class: numbers with a check digit, other spellings.
const MORE: &[(&str, &str, &str)] = &[
    ("device.imsi", "iccid", "89860012345678901238"),
    ("device.imsi", "iccid", "8944500102198304826"),
    ("device.imei", "imei", "49-015420-323751-8"),
    ("device.mac", "mac", "001b.4411.3ab7"),
    ("network.ip", "client", "2001:db8::7"),
    ("network.ip", "client", "::ffff:192.0.2.7"),
    ("basic.phone", "phone", "+86 139 1234 5678"),
    ("property.transaction", "card_number", "4111 1111 1111 1111"),
    ("identity.national_id", "id_card", "11010519491231002X"),
];

fn keys() -> Keys {
    Keys::single(b"a key of the tests".to_vec())
}

fn plan(actions: &str) -> Result<Arc<Plan>, String> {
    let custom = "[[custom]]\nname = \"t\"\nkeys = [\"badge_no\"]\n";
    let text = format!("[actions]\n{actions}\n{custom}");
    let policy = Policy::parse("p", &text).map_err(|error| error.to_string())?;
    Ok(Arc::new(Plan::new(policy, keys(), Output::AsCame)))
}

/// What stands under the key afterwards.
fn becomes(plan: &Arc<Plan>, key: &str, value: &Value) -> Value {
    let line = serde_json::json!({ key: value }).to_string();
    let out = scrub_line(plan, line.as_bytes());
    let out = serde_json::from_slice::<Value>(&out)
        .unwrap_or_else(|e| panic!("{e}: {line}: {}", String::from_utf8_lossy(&out)));
    out[key].clone()
}

fn luhn(text: &str) -> bool {
    let digits = text.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(i, d)| {
            if i % 2 == 1 {
                d * 2 / 10 + d * 2 % 10
            } else {
                d
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Letters and digits, in lower case.
fn bare(text: &str) -> String {
    let own = text.chars().filter(char::is_ascii_alphanumeric);
    own.collect::<String>().to_lowercase()
}

/// Digits and hex letters of any kind as one, so that what stays the same shape is the same text.
fn shape(text: &str) -> String {
    let one = |c: char| if c.is_ascii_hexdigit() { '9' } else { c };
    text.chars().map(one).collect()
}

/// A text under the action of this name.
fn text(class: Class, key: &str, value: &str, action: &str) {
    let seen = format!("{} {key}={value} under {action}", class.id());
    let tag = class.info().tag;
    let named = plan(&format!(
        "default = \"keep\"\n\"{}\" = \"{action}\"",
        class.id()
    ));
    let fits = Action::by_name(action).unwrap().fits(class);
    assert_eq!(named.is_ok(), fits, "{seen}");
    // A class without a form of its own takes what a shorthand falls back to.
    let plan = named.unwrap_or_else(|_| plan(&format!("default = \"{action}\"")).unwrap());
    if action == "drop_record" {
        let line = format!("{{\"{key}\":\"{value}\"}}");
        let out = scrub_line(&plan, line.as_bytes());
        let start = b"scrubd tombstone reason=policy ";
        return assert!(out.starts_with(start), "{seen}");
    }
    let out = becomes(&plan, key, &value.into());
    let out = out.as_str().unwrap_or_else(|| panic!("{seen}: {out}"));
    assert_eq!(becomes(&plan, key, &value.into()), out, "{seen}");
    let pseudonym = format!("{}-", tag.to_lowercase());
    let is_hash = out.starts_with(&pseudonym) && out.len() == pseudonym.len() + 22;
    match action {
        "keep" | "detect" => assert_eq!(out, value, "{seen}"),
        "redact" => assert_eq!(out, format!("REDACTED-{tag}"), "{seen}"),
        "mask" => assert_eq!(out, "*".repeat(value.len()), "{seen}"),
        "drop_field" => assert_eq!(out, "-", "{seen}"),
        "hash" => assert!(is_hash, "{seen}: {out}"),
        "encrypt" => {
            assert!(
                out.starts_with(&format!("{pseudonym}enc-a-")),
                "{seen}: {out}"
            );
            let revealed = Masker::new(&keys(), true).reveal(out.as_bytes());
            let back = String::from_utf8(revealed.text).unwrap();
            // An address comes back in the one spelling of all of its spellings.
            let want = bare(value.trim_start_matches("::ffff:"));
            assert_eq!((revealed.opened, bare(&back)), (1, want), "{seen}: {out}");
        }
        // A shorthand says nothing of an operator's own rules.
        "preserve" if class == Class::CUSTOM => assert_eq!(out, "REDACTED-CUSTOM", "{seen}"),
        "preserve" if !PRESERVES.contains(&class) => assert!(is_hash, "{seen}: {out}"),
        "preserve" if class == Class::EMAIL => {
            assert!(out.ends_with("@redacted.invalid"), "{seen}: {out}");
        }
        "preserve" => {
            assert_ne!(out, value, "{seen}");
            if class == Class::IP {
                out.parse::<std::net::IpAddr>().unwrap();
            } else {
                assert_eq!(shape(out), shape(value), "{seen}: {out}");
            }
            if value.chars().all(|c| !c.is_ascii_alphabetic()) && class != Class::IP {
                assert_eq!(luhn(out), luhn(value), "{seen}: {out}");
            }
            let back =
                Masker::new(&keys(), true).restore(None, class, Typed::default(), out.as_bytes());
            assert_eq!(back.as_deref(), Some(value.as_bytes()), "{seen}: {out}");
        }
        "truncate" if !TRUNCATES.contains(&class) => {
            assert_eq!(out, format!("REDACTED-{tag}"), "{seen}");
        }
        "truncate" => {
            assert_ne!(out, value, "{seen}");
            assert_eq!(becomes(&plan, key, &out.into()), out, "{seen}");
        }
        other => panic!("{other} has no test"),
    }
}

#[test]
fn each_class_under_each_action() {
    let samples = SAMPLES.iter().chain(MORE);
    let mut seen = std::collections::HashSet::new();
    for (id, key, value) in samples {
        let class = Class::by_id(id).unwrap();
        seen.insert(class.id());
        for action in Action::NAMES {
            text(class, key, value, action);
        }
    }
    assert_eq!(seen.len(), Class::all().count());
}

#[test]
fn a_number_stays_one_of_its_kind_under_each_action() {
    let samples = SAMPLES.iter().chain(MORE);
    let mut tried = 0;
    for (id, key, value) in samples {
        let Ok(number) = serde_json::from_str::<Value>(value) else {
            continue;
        };
        if number.is_u64() && number.as_u64() > Some(1 << 63) {
            continue;
        }
        for action in Action::NAMES.iter().filter(|name| **name != "drop_record") {
            let plan = plan(&format!("default = \"{action}\"")).unwrap();
            let out = becomes(&plan, key, &number);
            let kept = matches!(*action, "keep" | "detect");
            assert_eq!(
                out.is_f64(),
                number.is_f64(),
                "{id} {value} {action}: {out}"
            );
            assert!(out.is_number(), "{id} {value} {action}: {out}");
            assert_eq!(out == number, kept, "{id} {value} {action}: {out}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn a_number_stays_one_whatever_a_rule_finds_in_it() {
    let rule = "[actions]\n[[custom]]\nname = \"n\"\npattern = '[0-9]{4}'\n";
    let plan = support::plan(rule);
    assert_eq!(
        scrub_line(&plan, b"sshd[1234]: x"),
        b"sshd[REDACTED-CUSTOM]: x"
    );
    for action in Action::NAMES.iter().filter(|name| **name != "drop_record") {
        let rule = format!(
            "[[custom]]\nname = \"n\"\npattern = '[0-9]{{4}}'\naction = \"{}\"\n",
            if matches!(*action, "preserve" | "truncate") {
                "hash"
            } else {
                action
            }
        );
        let policy = format!("[actions]\ndefault = \"keep\"\n{rule}");
        let plan = support::plan(&policy);
        let line = r#"{"a":1234,"b":-1234,"c":[12345.5,true,-12345678],"d":1.5e1234,"e":"x 1234"}"#;
        let out = scrub_line(&plan, line.as_bytes());
        let text = String::from_utf8_lossy(&out);
        // Beyond a double's range: others read it, this parser does not.
        let readable = text.replace("1.5e1234", "1.5");
        let all: Value =
            serde_json::from_str(&readable).unwrap_or_else(|e| panic!("{action}: {e}: {text}"));
        for number in [&all["a"], &all["b"], &all["c"][0], &all["c"][2], &all["d"]] {
            assert!(number.is_number(), "{action}: {text}");
        }
        assert!(
            all["c"][0].is_f64() && all["a"].is_i64() && all["e"].is_string(),
            "{action}: {text}"
        );
        let kept = matches!(*action, "keep" | "detect");
        assert_eq!(text.contains("1234"), kept, "{action}: {text}");
    }
}
