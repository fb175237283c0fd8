//! Syslog from real clients to a real server, with something to hide in every place of a record.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::canary::{self, As};
use super::pki::Authority;
use super::rows;
use super::shippers::{RECORDS, Rsyslog};
use super::support::{Daemon, free_port, repository, run, wait_for_lines};

/// The record with number `i`, its fields as the handler has them.
fn record(i: usize, how: As) -> serde_json::Value {
    let named: std::collections::BTreeMap<_, _> = canary::keyed(i, how).collect();
    let (secret, account) = (&named["password"], &named["username"]);
    let [any, short, by, line] = rows::fields(i, how);
    let nested = json!({"username": account, "by": by, "deep": {"password": secret, "to": [any]}});
    json!({
        "hostname": any,
        "appname": if i.is_multiple_of(2) { &any } else { "wallet" },
        "procid": if i.is_multiple_of(3) { &short } else { "4711" },
        "msgid": short,
        "structured_data": {
            "login@32473": named,
            "mixed@32473": {"note": format!("\"{any}\" [{by}] \\ {short}"), "json": nested.to_string(), "seq": i},
        },
        "message": match i % 2 {
            0 => line,
            _ => json!({"seq": i, "event": nested, "text": line, "ok": true, "ms": 12.50}).to_string(),
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
    let task = |port: u16, tls: bool, how| {
        let records: Vec<_> = (0..RECORDS).map(|i| record(i, how)).collect();
        let mut task = json!({"port": port, "counted": counted, "records": records});
        if tls {
            task["ca"] = json!(authority.ca);
        }
        task
    };
    python("rfc5424.py", &task(port, tls, As::Sent));
    let ready = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", direct)).is_err() {
        assert!(ready.elapsed() < super::support::PATIENCE);
    }
    python("rfc5424.py", &task(direct, false, As::Hidden));
    let have = wait_for_lines(&scrubbed, RECORDS);
    let want = wait_for_lines(&reference, RECORDS);
    assert_eq!((have.len(), want.len()), (RECORDS, RECORDS));
    for (have, want) in have.iter().zip(&want) {
        canary::none_left(have);
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

/// syslog-ng that follows `source` and sends its fields.
fn syslog_ng(dir: &Path, source: &Path, destination: &str) -> SyslogNg {
    SyslogNg::start(
        dir,
        &format!(
            "source s {{ file(\"{}\" flags(no-parse) follow-freq(0.1)); }};\n\
             parser p {{ csv-parser(columns(\"HOST\", \"MSGID\", \".SDATA.who@32473.by\", \"MESSAGE\") delimiters(\"\\t\") flags(escape-none)); }};\n\
             rewrite r {{ set(\"app\" value(\"PROGRAM\")); }};\n\
             destination d {{ {destination} }};\nlog {{ source(s); parser(p); rewrite(r); destination(d); }};\n",
            source.display(),
        ),
    )
}

/// Columns of a record of RFC 3164, which has fewer of them.
fn old_columns(i: usize) -> [String; 5] {
    let [host, _, _, text] = rows::fields(i, As::Hidden);
    let none = || "-".to_owned();
    [host, "app".to_owned(), none(), none(), text]
}

fn proxy(port: u16, sink: u16, kind: &str) -> Daemon {
    let at = |port: u16| format!("{kind}://127.0.0.1:{port}");
    Daemon::shipped("tcp-proxy.toml", &at(port), &at(sink))
}

type Columns = fn(usize) -> [String; 5];

/// A client that follows a file, to rsyslog, which is killed once it has half of the records: the other half waits.
fn through_a_killed_sink<C>(start: impl Fn(&Path, &Path, u16) -> C, columns: Columns) {
    let (sink, port) = (free_port(), free_port());
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = near.path().join("in.log");
    rows::append(&source, 0..RECORDS);
    let (server, out) = rows::receiver(far.path(), "imtcp", sink);
    let daemon = proxy(port, sink, "tcp");
    let _client = start(near.path(), &source, port);
    rows::once(&out, RECORDS, columns);
    drop(server);
    rows::append(&source, RECORDS..RECORDS * 2);
    daemon.wait_metric("scrubd_sink_up{route=\"syslog\"} 0");
    let _server = rows::receiver(far.path(), "imtcp", sink);
    rows::once(&out, RECORDS * 2, columns);
}

fn syslog_ng_by(destination: &'static str, columns: Columns) {
    let start = |dir: &Path, source: &Path, port: u16| {
        syslog_ng(dir, source, &destination.replace("PORT", &port.to_string()))
    };
    through_a_killed_sink(start, columns);
}

#[test]
fn syslog_ng_to_rsyslog_in_counted_rfc5424() {
    syslog_ng_by(
        "syslog(\"127.0.0.1\" transport(\"tcp\") port(PORT) time-reopen(1));",
        rows::columns,
    );
}

#[test]
fn syslog_ng_to_rsyslog_in_lines_of_rfc3164() {
    syslog_ng_by(
        "network(\"127.0.0.1\" transport(\"tcp\") port(PORT) time-reopen(1));",
        old_columns,
    );
}

fn omfwd(framing: &'static str) {
    let start = |dir: &Path, source: &Path, port: u16| {
        let action = format!(
            "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"{framing}\" template=\"rows\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")"
        );
        rows::rsyslog(dir, source, &action)
    };
    through_a_killed_sink(start, rows::columns);
}

#[test]
fn rsyslog_to_rsyslog_in_lines() {
    omfwd("traditional");
}

#[test]
fn rsyslog_to_rsyslog_in_counted_records() {
    omfwd("octet-counted");
}

/// `logger` with canaries in everything that it can be told, a part of the records at a time.
fn logger(transport: &[&str], module: &str, kind: &str) {
    let (sink, port) = (free_port(), free_port());
    let far = tempfile::tempdir().unwrap();
    let (_server, out) = rows::receiver(far.path(), module, sink);
    let _daemon = proxy(port, sink, kind);
    let shapes = canary::shapes().len();
    for part in 0..shapes {
        let [_, id, by, _] = rows::fields(part, As::Sent);
        let by = format!("by=\"{by}\"");
        let mut child = Command::new("logger")
            .args(["-n", "127.0.0.1", "-P", &port.to_string(), "-t", "app"])
            .args(transport)
            .args(["--rfc5424=notq,nohost", "--msgid", &id])
            .args(["--sd-id", "who@32473", "--sd-param", &by])
            .stdin(Stdio::piped())
            .spawn()
            .expect("logger (Debian package bsdutils) is missing: run tests/run");
        let mut stdin = child.stdin.take().unwrap();
        for i in (part..RECORDS).step_by(shapes) {
            writeln!(stdin, "{}", canary::line(i, As::Sent)).unwrap();
        }
        drop(stdin);
        assert!(child.wait().unwrap().success());
        // Nothing else says to datagrams that the other side keeps up.
        wait_for_lines(
            &out,
            (0..=part)
                .map(|part| (RECORDS - part).div_ceil(shapes))
                .sum(),
        );
    }
    rows::once(&out, RECORDS, |i| {
        let [_, id, by, _] = rows::fields(i % shapes, As::Hidden);
        let text = canary::line(i, As::Hidden);
        let host = "-".to_owned();
        [
            host,
            "app".to_owned(),
            id,
            format!("[who@32473 by=\"{by}\"]"),
            text,
        ]
    });
}

#[test]
fn logger_to_rsyslog_over_tcp() {
    logger(&["-T", "--octet-count"], "imtcp", "tcp");
}

#[test]
fn logger_to_rsyslog_over_udp() {
    logger(&["-d"], "imudp", "udp");
}
