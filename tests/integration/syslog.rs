//! Syslog from real clients to a real server, with something to hide in every place of a record.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::pki::Authority;
use super::shippers::{RECORDS, Rsyslog, account, message};
use super::support::{Daemon, free_port, repository, run, wait_for_lines};

/// What is hidden, and what stands for it under the policy `strict`.
const CANARIES: [(&str, &str); 12] = [
    ("203.0.113.77", "REDACTED-IP"),
    ("2001:db8:cafe::77", "REDACTED-IP"),
    ("canary@example.org", "REDACTED-EMAIL"),
    ("02:00:5e:10:00:77", "REDACTED-MAC"),
    ("490154203237518", "REDACTED-IMEI"),
    ("4111111111111111", "REDACTED-TRANSACTION"),
    ("GB82WEST12345698765432", "REDACTED-TRANSACTION"),
    ("+14155552671", "REDACTED-PHONE"),
    ("110101199003077774", "REDACTED-NATIONAL-ID"),
    ("6f9619ff-8b86-d011-b42d-00cf4fc964ff", "REDACTED-GUID"),
    ("canary-hunter2", "REDACTED-SECRET"),
    ("canary-alice", "REDACTED-ACCOUNT"),
];

/// The record with number `i`, its canaries spelled by `spell`.
fn record(i: usize, spell: fn(usize) -> &'static str) -> serde_json::Value {
    let [secret, account] = [spell(10), spell(11)];
    // The last two are known by their keys only; header fields have none. An MSGID is too short for a GUID.
    let (any, short) = (spell(i % 10), spell(i % 9));
    let all: Vec<&str> = (0..10).map(spell).collect();
    let nested =
        json!({"user": account, "ip": spell(0), "deep": {"password": secret, "to": [spell(2)]}});
    json!({
        "hostname": any,
        "appname": if i.is_multiple_of(2) { any } else { "wallet" },
        "procid": if i.is_multiple_of(3) { short } else { "4711" },
        "msgid": short,
        "structured_data": {
            "login@32473": {"user": account, "password": secret, "from": spell(0), "seq": i},
            "mixed@32473": {"note": format!("\"{}\" [{}] \\ {}", spell(1), spell(2), spell(3)), "json": nested.to_string()},
        },
        "message": match i % 3 {
            0 => format!("{} first, then {}", all[i % 10], all.join(" | ")),
            1 => format!("seq={i} user={account} password={secret} client={} mail=<{}>", spell(1), spell(2)),
            _ => json!({"seq": i, "event": nested, "mac": spell(3), "ok": true, "ms": 12.50}).to_string(),
        },
    })
}

/// Runs a Python client of `tests/clients` with a task.
pub fn python(script: &str, task: &serde_json::Value) {
    let packages = repository().join(".tools/python");
    assert!(
        packages.exists(),
        "{} is missing: run tests/run, which installs it",
        packages.display()
    );
    let (code, out, err) = run(
        Command::new("python3")
            .arg(repository().join("tests/clients").join(script))
            .env("PYTHONPATH", packages),
        task.to_string().as_bytes(),
    );
    assert_eq!(code, 0, "{}{err}", String::from_utf8_lossy(&out));
}

/// rsyslog, whose every field of a record is a column of a line in the file that is given back.
fn receiver(dir: &Path, port: u16) -> (Rsyslog, PathBuf) {
    let out = dir.join("received.log");
    let config = format!(
        "global(maxMessageSize=\"64k\")\nmodule(load=\"imtcp\")\ninput(type=\"imtcp\" port=\"{port}\" address=\"127.0.0.1\")\n\
         template(name=\"columns\" type=\"string\" string=\"%pri%\\t%protocol-version%\\t%hostname%\\t%app-name%\\t%procid%\\t%msgid%\\t%structured-data%\\t%msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"columns\" flushOnTXEnd=\"on\")\n",
        out.display()
    );
    (Rsyslog::start(dir, &config), out)
}

/// What the handler sends through scrubd is at rsyslog what it sends there itself with labels for canaries.
fn handler(counted: bool, tls: bool) {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (sink, direct, port) = (free_port(), free_port(), free_port());
    let (_first, scrubbed) = receiver(dirs[0].path(), sink);
    let (_second, reference) = receiver(dirs[1].path(), direct);
    let pki = tempfile::tempdir().unwrap();
    let authority = Authority::new(pki.path(), "ca");
    let (cert, key) = authority.sign("server");
    let (scheme, shown) = if tls {
        let (cert, key) = (cert.display(), key.display());
        (
            "tls",
            format!("listen_tls={{cert=\"{cert}\",key=\"{key}\"}}\n"),
        )
    } else {
        ("tcp", String::new())
    };
    let _daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nprotocol=\"syslog\"\npolicy=\"strict\"\nlisten=[\"{scheme}://127.0.0.1:{port}\"]\nsink=\"tcp://127.0.0.1:{sink}\"\n{shown}"
    ));
    let task = |port: u16, tls: bool, spell| {
        let records: Vec<_> = (0..RECORDS).map(|i| record(i, spell)).collect();
        let mut task = json!({"port": port, "counted": counted, "records": records});
        if tls {
            task["ca"] = json!(authority.ca);
        }
        task
    };
    python("rfc5424.py", &task(port, tls, |i| CANARIES[i].0));
    let ready = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", direct)).is_err() {
        assert!(ready.elapsed() < super::support::PATIENCE);
    }
    python("rfc5424.py", &task(direct, false, |i| CANARIES[i].1));
    let have = wait_for_lines(&scrubbed, RECORDS);
    let want = wait_for_lines(&reference, RECORDS);
    assert_eq!((have.len(), want.len()), (RECORDS, RECORDS));
    for (have, want) in have.iter().zip(&want) {
        for (canary, _) in CANARIES {
            assert!(!have.contains(canary), "{canary} in {have}");
        }
        assert_eq!(have, want);
    }
    assert!(have.iter().all(|line| line.contains('\u{FEFF}')));
}

#[test]
fn rfc5424_handler_in_lines() {
    handler(false, false);
}

#[test]
fn rfc5424_handler_in_counted_records() {
    handler(true, false);
}

#[test]
fn rfc5424_handler_in_counted_records_over_tls() {
    handler(true, true);
}

/// syslog-ng as `tests/run` put it in place.
struct SyslogNg(Child);

impl SyslogNg {
    fn start(dir: &Path, config: &str) -> Self {
        let root = repository().join(".tools/root");
        let program = root.join("usr/sbin/syslog-ng");
        assert!(
            program.exists(),
            "{} is missing: run tests/run, which installs it",
            program.display()
        );
        let file = dir.join("syslog-ng.conf");
        std::fs::write(&file, format!("@version: 3.38\n{config}")).unwrap();
        let libraries = [
            "usr/lib/syslog-ng",
            "usr/lib/x86_64-linux-gnu",
            "lib/x86_64-linux-gnu",
        ];
        let libraries = libraries.map(|path| root.join(path).display().to_string());
        let at = |name: &str| dir.join(name).display().to_string();
        let child = Command::new(program)
            .args(["--foreground", "--no-caps", "--stderr", "--cfgfile"])
            .arg(&file)
            .args(["--persist-file", &at("persist"), "--pidfile", &at("pid")])
            .args(["--control", &at("control"), "--module-path"])
            .arg(root.join("usr/lib/syslog-ng/3.38"))
            .env("LD_LIBRARY_PATH", libraries.join(":"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for SyslogNg {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn syslog_ng(destination: &str) -> Vec<String> {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"file://$DIR/out.log\"\noutput_framing=\"newline\"\n"
    ));
    let input: String = (0..RECORDS).map(|i| message(i) + "\n").collect();
    std::fs::write(dir.path().join("in.log"), input).unwrap();
    let _peer = SyslogNg::start(
        dir.path(),
        &format!(
            "source s {{ file(\"{}/in.log\" flags(no-parse)); }};\n\
             rewrite r {{ set(\"203.0.113.9\" value(\"HOST\")); set(\"app\" value(\"PROGRAM\")); set(\"canary@example.org\" value(\".SDATA.who@32473.mail\")); set(\"canary1\" value(\".SDATA.who@32473.password\")); }};\n\
             destination d {{ {} }};\nlog {{ source(s); rewrite(r); destination(d); }};\n",
            dir.path().display(),
            destination.replace("PORT", &port.to_string())
        ),
    );
    let lines = wait_for_lines(&daemon.dir.path().join("out.log"), RECORDS);
    account(&lines);
    lines
}

#[test]
fn syslog_ng_sends_rfc5424_counted() {
    for line in syslog_ng("syslog(\"127.0.0.1\" transport(\"tcp\") port(PORT));") {
        assert!(
            line.contains(" REDACTED-IP app - - [who@32473 mail=\"REDACTED-EMAIL\" password=\"REDACTED-SECRET\"]"),
            "{line}"
        );
    }
}

#[test]
fn syslog_ng_sends_rfc3164_lines() {
    for line in syslog_ng("network(\"127.0.0.1\" transport(\"tcp\") port(PORT));") {
        assert!(line.contains(" REDACTED-IP app: seq="), "{line}");
    }
}

#[test]
fn logger_with_structured_data() {
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"file://$DIR/out.log\"\noutput_framing=\"newline\"\n"
    ));
    super::shippers::logger(
        &[
            "-T",
            "--octet-count",
            "--msgid",
            "203.0.113.9",
            "--sd-id",
            "who@32473",
            "--sd-param",
            "mail=\"canary@example.org\"",
            "--sd-param",
            "password=\"canary \\\"1\\\"\"",
        ],
        port,
    );
    let lines = wait_for_lines(&daemon.dir.path().join("out.log"), RECORDS);
    account(&lines);
    for line in lines {
        assert!(
            line.contains(" REDACTED-IP [")
                && line
                    .contains("[who@32473 mail=\"REDACTED-EMAIL\" password=\"REDACTED-SECRET\"]"),
            "{line}"
        );
    }
}
