//! `scrubd reveal`: what a key made, that key turns back, across rotations.

use crate::support::{run, scrubd};

const OLD: &str = "old 0123456789abcdef0123456789abcdef\n";
const NEW: &str = "new fedcba9876543210fedcba9876543210\n";
const LINE: &str = "login user=alice from 192.0.2.7 mail bob@Mail.Example";

/// Scrubs `LINE` under a policy with a key file of these lines.
fn scrub(dir: &std::path::Path, actions: &str, ring: &str) -> String {
    scrub_line(dir, actions, ring, LINE)
}

fn scrub_line(dir: &std::path::Path, actions: &str, ring: &str, line: &str) -> String {
    std::fs::write(dir.join("keys"), ring).unwrap();
    std::fs::write(dir.join("p.toml"), format!("[actions]\n{actions}\n")).unwrap();
    let settings = "[keys]\nhash_key_file = \"keys\"\n[[route]]\nname = \"r\"\nlisten = [\"stdin\"]\nsink = \"stdout\"\npolicy = \"p.toml\"\n";
    std::fs::write(dir.join("s.toml"), settings).unwrap();
    let (code, out, log) = run(
        scrubd().args(["scrub", "-q", "-c"]).arg(dir.join("s.toml")),
        line.as_bytes(),
    );
    assert_eq!((code, log.as_str()), (0, ""));
    String::from_utf8(out).unwrap()
}

fn reveal(dir: &std::path::Path, more: &[&str], text: &str) -> (i32, String) {
    let (code, out, _) = run(
        scrubd()
            .args(["reveal", "--keys"])
            .arg(dir.join("keys"))
            .args(more)
            .arg(text),
        b"",
    );
    (code, String::from_utf8(out).unwrap().trim_end().to_owned())
}

#[test]
fn tokens_survive_a_rotation_and_end_with_their_key() {
    let dir = tempfile::tempdir().unwrap();
    let old = scrub(dir.path(), "default = \"encrypt\"", OLD);
    for secret in ["alice", "192.0.2.7", "bob", "mail.example"] {
        assert!(!old.to_lowercase().contains(secret), "{old}");
    }
    let plain = LINE.replace("Mail.Example", "mail.example");
    assert_eq!(reveal(dir.path(), &[], &old), (0, plain.clone()));
    let new = scrub(dir.path(), "default = \"encrypt\"", &format!("{OLD}{NEW}"));
    assert!(
        new.contains("-enc-new-") && !new.contains("-enc-old-"),
        "{new}"
    );
    assert_eq!(reveal(dir.path(), &[], &old), (0, plain.clone()));
    assert_eq!(reveal(dir.path(), &[], &new), (0, plain.clone()));
    std::fs::write(dir.path().join("keys"), NEW).unwrap();
    assert_eq!(reveal(dir.path(), &[], &old), (1, old.clone()));
    assert_eq!(reveal(dir.path(), &[], &new), (0, plain));
}

#[test]
fn what_comes_back_into_json_is_escaped_as_its_string_is() {
    const LINES: &[&str] = &[
        r#"{"user":"CORP\\ann","password":"a\"b"}"#,
        r#"{"m":"{\"user\":\"CORP\\\\ann\",\"password\":\"a\\\"b\"}"}"#,
        r"user=CORP\ann",
        r#"app[7]: {"user":"CORP\\ann","password":"a\"b"}"#,
        r#"said "ok": {"m":"{\"password\":\"a\\\"b\"}","user":"ann"}"#,
    ];
    let dir = tempfile::tempdir().unwrap();
    for line in LINES {
        let out = scrub_line(dir.path(), "default = \"encrypt\"", OLD, line);
        assert!(!out.contains("ann"), "{out}");
        assert_eq!(reveal(dir.path(), &[], &out), (0, (*line).to_owned()));
    }
}

#[test]
fn tokens_in_hex_digits_come_back_there() {
    const AUDIT: &str = "type=PROCTITLE msg=audit(1.2:3): proctitle=6D7973716C002D7068756E74657232";
    let dir = tempfile::tempdir().unwrap();
    let actions = "default = \"encrypt\"";
    let out = scrub_line(dir.path(), actions, OLD, AUDIT);
    assert!(!out.contains("68756E74657232"), "{out}");
    let (_, digits) = out.rsplit_once('=').unwrap();
    assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()), "{out}");
    assert_eq!(scrub_line(dir.path(), actions, OLD, &out), out);
    assert_eq!(reveal(dir.path(), &[], &out), (0, AUDIT.to_owned()));
}

#[test]
fn the_address_of_a_socket_comes_back_as_its_bytes() {
    const SADDR: &[&str] = &[
        "02000035C00002070000000000000000",
        "00020035C0000207",
        "0A0000500000000020010DB800000000000000000000000100000000",
        "0A0000500000000000000000000000000000FFFFC000020700000000",
    ];
    let dir = tempfile::tempdir().unwrap();
    for saddr in SADDR {
        let line = format!("type=SOCKADDR msg=audit(1.2:3): saddr={saddr}");
        let out = scrub_line(dir.path(), "default = \"encrypt\"", OLD, &line);
        assert!(
            !out.contains("C0000207") && !out.contains("20010DB8"),
            "{out}"
        );
        assert_eq!(reveal(dir.path(), &[], &out), (0, line));
    }
}

#[test]
fn preserved_values_come_back_with_their_key() {
    let dir = tempfile::tempdir().unwrap();
    let out = scrub(
        dir.path(),
        "\"network.ip\" = \"preserve\"\ndefault = \"keep\"",
        OLD,
    );
    let address = out.split(' ').nth(3).unwrap();
    assert_ne!(address, "192.0.2.7");
    address.parse::<std::net::Ipv4Addr>().unwrap();
    let args = ["--class", "network.ip", "--key", "old"];
    std::fs::write(dir.path().join("keys"), format!("{OLD}{NEW}")).unwrap();
    assert_eq!(
        reveal(dir.path(), &args, address),
        (0, "192.0.2.7".to_owned())
    );
    assert_ne!(reveal(dir.path(), &args[..2], address).1, "192.0.2.7");
}

#[test]
fn without_a_key_it_says_so() {
    let (code, _, log) = run(scrubd().args(["reveal", "x"]), b"");
    assert_eq!(code, 78);
    assert!(log.contains("no key is set"), "{log}");
}
