//! `scrubd audit` counts and proposes, and shows no value.

use crate::support::{run, scrubd};

const LOG: &str = r#"{"user":{"name":"Ada Lovelace","ip":"192.0.2.7"},"password":"hunter2"}
{"user":{"name":"Alan Turing","ip":"192.0.2.8"},"m":"tel=+4915112345678"}
{"10.9.8.7":{"ip":"198.51.100.1"}}
from 203.0.113.9 ok
"#;

#[test]
fn it_counts_by_class_and_field_and_shows_no_value() {
    let (code, out, err) = run(scrubd().arg("audit"), LOG.as_bytes());
    let out = String::from_utf8(out).unwrap();
    assert_eq!((code, err.as_str()), (0, ""));
    let row = |class: &str, field: &str| -> Vec<String> {
        out.lines()
            .map(|line| {
                line.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .find(|row| row.len() > 3 && row[0] == class && row[1] == field)
            .unwrap_or_else(|| panic!("{class} {field}: {out}"))
    };
    assert_eq!(
        row("network.ip", "user.ip")[2..],
        ["2", "redact", "999.9.9.9"]
    );
    assert_eq!(row("network.ip", "(text)")[2..4], ["1", "redact"]);
    assert_eq!(row("network.account", "user.name")[2..4], ["2", "redact"]);
    assert_eq!(
        row("basic.phone", "m.tel")[2..],
        ["1", "detect", "+9999999999999"]
    );
    for secret in [
        "192.0.2", "198.51", "203.0", "10.9.8", "Ada", "Turing", "hunter2", "4915",
    ] {
        assert!(!out.contains(secret), "{secret}: {out}");
    }
}

#[test]
fn the_proposed_policy_hides_what_was_left() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    let (code, _, err) = run(
        scrubd()
            .args(["audit", "--policy", "audit", "--propose"])
            .arg(&file),
        LOG.as_bytes(),
    );
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = run(
        scrubd().args(["scrub", "-q", "--policy"]).arg(&file),
        LOG.as_bytes(),
    );
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 0, "{err}");
    for secret in [
        "192.0.2", "198.51", "203.0", "10.9.8", "Ada", "Turing", "hunter2", "4915",
    ] {
        assert!(!out.contains(secret), "{secret}: {out}");
    }
}

const RULES: &str = r#"
name = "ours"
[actions]
default = "redact"
"basic.name" = "keep"
[allow]
cidr = ["192.0.2.7"]
[[field]]
path = "m.**"
action = "mask"
[[custom]]
name = "ticket"
pattern = 'TCK-[0-9]{4}\b'
action = "hash"
[[test]]
line = "name=Ada"
becomes = "name=Ada"
"#;

#[test]
fn rules_decide_what_it_says_and_go_into_the_proposal() {
    let dir = tempfile::tempdir().unwrap();
    let [given, proposed] = ["given.toml", "proposed.toml"].map(|name| dir.path().join(name));
    std::fs::write(&given, RULES).unwrap();
    let log = [LOG, "first_name=Ada TCK-1234\n"].concat();
    let (code, out, err) = run(
        scrubd()
            .args(["audit", "--policy"])
            .arg(&given)
            .arg("--propose")
            .arg(&proposed),
        log.as_bytes(),
    );
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 0, "{err}");
    let rows: Vec<String> = out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for row in [
        "network.ip user.ip 1 keep 999.9.9.9",
        "network.ip user.ip 1 redact 999.9.9.9",
        "basic.phone m.tel 1 mask +9999999999999",
        "custom (text) 1 hash AAA-9999",
    ] {
        assert!(rows.iter().any(|have| have == row), "{row}: {out}");
    }
    let (code, _, err) = run(scrubd().args(["check", "--policy"]).arg(&proposed), b"");
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = run(
        scrubd().args(["scrub", "-q", "--policy"]).arg(&proposed),
        b"192.0.2.7 192.0.2.8 TCK-1234\n",
    );
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 0, "{err}");
    assert!(
        out.starts_with("192.0.2.7 REDACTED-IP ") && !out.contains("TCK"),
        "{out}"
    );
}
