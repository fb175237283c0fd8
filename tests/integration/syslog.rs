//! Syslog from real clients to a real server, with something to hide in every place of a record.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::canary::{self, As};
use super::clients::Client;
use super::pki::Authority;
use super::rows;
use super::shippers::{RECORDS, Rsyslog};
use super::support::{Daemon, free_port, repository, wait_for_lines};

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

/// The handler with these records: the first half of them is sent when it is there.
fn rfc5424(task: &serde_json::Value) -> Client {
    let mut client = Client::python("rfc5424.py", &[]);
    client.say(&format!("{task}\n"));
    assert_eq!(client.line(), "half");
    client
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

/// What the handler sends through scrubd is at rsyslog what it sends there itself with labels for canaries. The rsyslog
/// behind scrubd is killed when it has the first half; the second waits until there is another.
fn handler(counted: bool, tls: bool) {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (sink, direct, port) = (free_port(), free_port(), free_port());
    let (first, scrubbed) = receiver(dirs[0].path(), sink);
    let (_reference, reference) = receiver(dirs[1].path(), direct);
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
    let daemon = Daemon::start(&format!(
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
    let mut client = rfc5424(&task(port, tls, As::Sent));
    wait_for_lines(&scrubbed, RECORDS / 2);
    daemon.wait_delivered("s");
    drop(first);
    client.say("on\n");
    client.finish();
    daemon.wait_metric("scrubd_sink_up{route=\"s\"} 0");
    let _second = receiver(dirs[0].path(), sink);
    let ready = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", direct)).is_err() {
        assert!(ready.elapsed() < super::support::PATIENCE);
    }
    let mut client = rfc5424(&task(direct, false, As::Hidden));
    client.say("on\n");
    client.finish();
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

/// A daemon with TLS on both sides, each of which asks for a certificate. Those of its client and sink are there too.
pub fn tls_proxy(protocol: &str, port: u16, sink: u16, pki: &Path) -> Daemon {
    let authority = Authority::new(pki, "ca");
    for name in ["server", "ours", "client", "sink"] {
        authority.sign(name);
    }
    let pki = pki.display();
    Daemon::start(&format!(
        "[[route]]\nname=\"{protocol}\"\nprotocol=\"{protocol}\"\npolicy=\"strict\"\nlisten=[\"tls://127.0.0.1:{port}\"]\nsink=\"tls://localhost:{sink}\"\n\
         listen_tls = {{ cert = \"{pki}/server.pem\", key = \"{pki}/server.key\", client_ca = \"{pki}/ca.pem\" }}\n\
         sink_tls = {{ ca = \"{pki}/ca.pem\", cert = \"{pki}/ours.pem\", key = \"{pki}/ours.key\" }}\n"
    ))
}

/// rsyslog's own side of TLS.
fn gtls(pki: &Path, name: &str) -> String {
    let pki = pki.display();
    format!(
        "global(defaultNetstreamDriverCAFile=\"{pki}/ca.pem\" defaultNetstreamDriverCertFile=\"{pki}/{name}.pem\" defaultNetstreamDriverKeyFile=\"{pki}/{name}.key\")\n"
    )
}

/// `through_a_killed_sink` with TLS and certificates on both sides.
fn through_a_killed_tls_sink<C>(start: impl Fn(&Path, &Path, u16, &Path) -> C) {
    let (sink, port) = (free_port(), free_port());
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pki = tempfile::tempdir().unwrap();
    let daemon = tls_proxy("syslog", port, sink, pki.path());
    let server = || {
        let module = "imtcp\" StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"x509/certvalid";
        rows::receiver_with(far.path(), &gtls(pki.path(), "sink"), module, "imtcp", sink)
    };
    let source = near.path().join("in.log");
    rows::append(&source, 0..RECORDS);
    let (first, out) = server();
    let _client = start(near.path(), &source, port, pki.path());
    rows::once(&out, RECORDS, rows::columns);
    daemon.wait_delivered("syslog");
    drop(first);
    rows::append(&source, RECORDS..RECORDS * 2);
    daemon.wait_metric("scrubd_sink_up{route=\"syslog\"} 0");
    let _second = server();
    rows::once(&out, RECORDS * 2, rows::columns);
}

#[test]
fn rsyslog_to_rsyslog_over_tls_with_certificates_on_both_sides() {
    through_a_killed_tls_sink(|dir, source, port, pki| {
        let action = format!(
            "{}action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"rows\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\" \
             StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"localhost\")",
            gtls(pki, "client")
        );
        rows::rsyslog(dir, source, &action)
    });
}

#[test]
fn syslog_ng_to_rsyslog_over_tls_with_certificates_on_both_sides() {
    through_a_killed_tls_sink(|dir, source, port, pki| {
        let pki = pki.display();
        let destination = format!(
            "syslog(\"localhost\" transport(\"tls\") port({port}) time-reopen(1) tls(ca-file(\"{pki}/ca.pem\") cert-file(\"{pki}/client.pem\") key-file(\"{pki}/client.key\") peer-verify(required-trusted)));"
        );
        syslog_ng(dir, source, &destination)
    });
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
    daemon.wait_delivered("syslog");
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

/// A client that follows a file, to rsyslog over UDP. Nothing but what has come says that the other side keeps up.
fn over_udp<C>(start: impl Fn(&Path, &Path, u16) -> C, columns: Columns) {
    const PART: usize = 50;
    let (sink, port) = (free_port(), free_port());
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = near.path().join("in.log");
    let (_server, out) = rows::receiver(far.path(), "imudp", sink);
    rows::wait_for_udp(sink);
    let _daemon = proxy(port, sink, "udp");
    rows::append(&source, 0..PART);
    let _client = start(near.path(), &source, port);
    for part in (PART..RECORDS).step_by(PART) {
        wait_for_lines(&out, part);
        rows::append(&source, part..part + PART);
    }
    wait_for_lines(&out, RECORDS);
    rows::once(&out, RECORDS, columns);
}

#[test]
fn rsyslog_to_rsyslog_over_udp() {
    over_udp(
        |dir, source, port| {
            let action = format!(
                "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"udp\" template=\"rows\")"
            );
            rows::rsyslog(dir, source, &action)
        },
        rows::columns,
    );
}

fn syslog_ng_over_udp(destination: &str, columns: Columns) {
    let start = |dir: &Path, source: &Path, port: u16| {
        syslog_ng(dir, source, &destination.replace("PORT", &port.to_string()))
    };
    over_udp(start, columns);
}

#[test]
fn syslog_ng_to_rsyslog_over_udp_in_rfc5424() {
    syslog_ng_over_udp(
        "syslog(\"127.0.0.1\" transport(\"udp\") port(PORT));",
        rows::columns,
    );
}

#[test]
fn syslog_ng_to_rsyslog_over_udp_in_rfc3164() {
    syslog_ng_over_udp(
        "network(\"127.0.0.1\" transport(\"udp\") port(PORT));",
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

/// `logger` with canaries in everything that it can be told: the records of one part go the way together.
fn logger(port: u16, transport: &[&str], part: usize) {
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
    for i in (part..RECORDS).step_by(parts()) {
        writeln!(stdin, "{}", canary::line(i, As::Sent)).unwrap();
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

fn parts() -> usize {
    canary::shapes().len()
}

/// How many records are in the first parts.
fn records(parts_of_them: usize) -> usize {
    let size = |part: usize| (RECORDS - part).div_ceil(parts());
    (0..parts_of_them).map(size).sum()
}

/// What rsyslog must have of a record of `logger`.
fn logged(i: usize) -> [String; 5] {
    let [_, id, by, _] = rows::fields(i % parts(), As::Hidden);
    let text = canary::line(i, As::Hidden);
    let by = format!("[who@32473 by=\"{by}\"]");
    ["-".to_owned(), "app".to_owned(), id, by, text]
}

#[test]
fn logger_to_rsyslog_over_tcp_that_is_killed() {
    let (sink, port) = (free_port(), free_port());
    let far = tempfile::tempdir().unwrap();
    let (server, out) = rows::receiver(far.path(), "imtcp", sink);
    let daemon = proxy(port, sink, "tcp");
    let send = |part| logger(port, &["-T", "--octet-count"], part);
    let half = parts() / 2;
    (0..half).for_each(send);
    wait_for_lines(&out, records(half));
    daemon.wait_delivered("syslog");
    drop(server);
    // It is told nothing, and its records wait.
    (half..parts()).for_each(send);
    daemon.wait_metric("scrubd_sink_up{route=\"syslog\"} 0");
    let _server = rows::receiver(far.path(), "imtcp", sink);
    rows::once(&out, RECORDS, logged);
}

#[test]
fn logger_to_rsyslog_over_udp() {
    let (sink, port) = (free_port(), free_port());
    let far = tempfile::tempdir().unwrap();
    let (_server, out) = rows::receiver(far.path(), "imudp", sink);
    rows::wait_for_udp(sink);
    let _daemon = proxy(port, sink, "udp");
    for part in 0..parts() {
        logger(port, &["-d"], part);
        // Nothing else says to datagrams that the other side keeps up.
        wait_for_lines(&out, records(part + 1));
    }
    rows::once(&out, RECORDS, logged);
}
