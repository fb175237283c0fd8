//! TLS with real peers on both sides: OpenSSL's command line, rsyslog with GnuTLS.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::pki::Authority;
use super::shippers::{RECORDS, Rsyslog, account, logger, message};
use super::support::{Daemon, PATIENCE, free_port, repository, run, scrubd, wait_for_lines};

const CANARY: &str = "canary-41d@example.org";

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.env("OPENSSL_CONF", "/dev/null");
    command
}

/// What a client of OpenSSL's says to `port`, to the end: whether it went well, and what it printed.
fn client(port: u16, ca: &Path, args: &[&str], input: &str) -> (bool, String) {
    let (code, out, err) = run(
        openssl()
            .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
            .args(["-verify_return_error", "-no_ign_eof", "-CAfile"])
            .arg(ca)
            .args(args),
        input.as_bytes(),
    );
    (code == 0, String::from_utf8_lossy(&out).into_owned() + &err)
}

/// What a client has to say that is not let in, and would like to stay.
fn refused(port: u16, ca: &Path, args: &[&str], input: &str) -> String {
    let mut child = openssl()
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
        .args(["-verify_return_error", "-CAfile"])
        .arg(ca)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Broken where the refusal was faster.
    let _ = stdin.write_all(input.as_bytes());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    child.wait().unwrap();
    said
}

/// A client that stays, having sent `input`.
fn stays(port: u16, ca: &Path, input: &str) -> (Child, ChildStdin) {
    let mut child = openssl()
        .args([
            "s_client",
            "-quiet",
            "-connect",
            &format!("127.0.0.1:{port}"),
        ])
        .args(["-verify_return_error", "-CAfile"])
        .arg(ca)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    (child, stdin)
}

/// OpenSSL as a sink: what it reads and what it has to say, line by line.
struct Server {
    child: Child,
    output: Receiver<String>,
    seen: Vec<String>,
}

impl Server {
    fn start(port: u16, (cert, key): &(PathBuf, PathBuf), args: &[&str]) -> Self {
        let mut child = openssl()
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cert".as_ref(), cert.as_os_str()])
            .args(["-key".as_ref(), key.as_os_str()])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, output) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let copy = send.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = copy.send(line);
            }
        });
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut server = Self {
            child,
            output,
            seen: Vec::new(),
        };
        server.wait("ACCEPT");
        server
    }

    fn wait(&mut self, what: &str) {
        loop {
            let line = self.output.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {what:?}: {:#?}", self.seen));
            let found = line.contains(what);
            self.seen.push(line);
            if found {
                return;
            }
        }
    }

    fn end(mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let rest: Vec<String> = self.output.iter().collect();
        self.seen.extend(rest);
        std::mem::take(&mut self.seen).join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listener(port: u16, dir: &Path, limits: &str, more: &str) -> Daemon {
    let dir = dir.display();
    Daemon::start(&format!(
        "[limits]\n{limits}\n[[route]]\nname=\"t\"\nlisten=[\"tls://127.0.0.1:{port}\"]\nsink=\"file://$DIR/out.log\"\npolicy=\"strict\"\n[route.listen_tls]\ncert=\"{dir}/server.pem\"\nkey=\"{dir}/server.key\"\n{more}"
    ))
}

#[test]
fn both_versions_bring_records_in_and_older_ones_none() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let authority = Authority::new(dir.path(), "ca");
    authority.sign("server");
    let mut daemon = listener(port, dir.path(), "", "");
    for (i, version) in ["-tls1_2", "-tls1_3"].iter().enumerate() {
        let line = format!("{i} from 192.0.2.7 {CANARY}\n");
        let (fine, out) = client(port, &authority.ca, &[version], &line);
        assert!(fine, "{out}");
    }
    let (fine, out) = client(
        port,
        &authority.ca,
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        "old\n",
    );
    assert!(!fine && out.contains("alert"), "{out}");
    daemon.wait_log("a client was refused");
    let lines = wait_for_lines(&daemon.dir.path().join("out.log"), 2);
    assert_eq!(
        lines,
        [
            "0 from REDACTED-IP REDACTED-EMAIL",
            "1 from REDACTED-IP REDACTED-EMAIL"
        ]
    );
}

#[test]
fn clients_that_may_not_are_refused_before_they_are_read() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let authority = Authority::new(dir.path(), "ca");
    let other = Authority::new(dir.path(), "other");
    authority.sign("server");
    let mut daemon = listener(
        port,
        dir.path(),
        "handshake_timeout_secs = 1",
        &format!("client_ca=\"{}\"\n", authority.ca.display()),
    );
    let shown = |(cert, key): (PathBuf, PathBuf)| {
        [
            "-cert",
            cert.to_str().unwrap(),
            "-key",
            key.to_str().unwrap(),
        ]
        .map(str::to_owned)
    };
    let line = format!("from {CANARY}\n");
    for (args, why) in [
        (vec![], "showed no certificate"),
        (
            shown(other.sign("stranger")).to_vec(),
            "is not trusted: invalid peer certificate: UnknownIssuer",
        ),
        (
            shown(authority.sign_for("late", &["a.example"], true)).to_vec(),
            "is not trusted: invalid peer certificate: certificate expired",
        ),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for version in ["-tls1_2", "-tls1_3"] {
            let args = [&args[..], &[version]].concat();
            let said = refused(port, &authority.ca, &args, &line);
            assert!(said.contains("alert"), "{said}");
            daemon.wait_log(why);
        }
    }
    let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
    plain.write_all(line.as_bytes()).unwrap();
    daemon.wait_log("the client does not speak TLS");
    let mut silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    daemon.wait_log("longer than handshake_timeout_secs");
    assert_eq!(silent.read(&mut [0; 1]).unwrap_or(0), 0);
    daemon.wait_metric("scrubd_tls_handshakes_failed_total{route=\"t\"} 8");
    daemon.wait_metric("scrubd_records_total{route=\"t\"} 0");
    let args = shown(authority.sign("shipper"));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert!(client(port, &authority.ca, &args, &line).0);
    let lines = wait_for_lines(&daemon.dir.path().join("out.log"), 1);
    assert_eq!(lines, ["from REDACTED-EMAIL"]);
    daemon.signal("KILL");
    assert!(!daemon.rest_of_log().contains(CANARY));
}

#[test]
fn new_certificates_are_shown_to_new_clients_and_old_ones_stay() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let authority = Authority::new(dir.path(), "ca");
    authority.sign("server");
    let mut daemon = listener(port, dir.path(), "", "");
    let file = daemon.dir.path().join("out.log");
    let (mut child, mut stdin) = stays(port, &authority.ca, "before\n");
    wait_for_lines(&file, 1);
    let serial = |port| {
        let (fine, out) = client(port, &authority.ca, &["-showcerts"], "");
        assert!(fine, "{out}");
        let start = out.find("-----BEGIN").unwrap();
        out[start..out.find("-----END").unwrap()].to_owned()
    };
    let first = serial(port);
    assert_eq!(serial(port), first);
    // Half of a pair is none: the old one stays.
    std::fs::copy(authority.sign("another").0, dir.path().join("server.pem")).unwrap();
    assert_eq!(serial(port), first);
    daemon.wait_log("the new certificates cannot be used; the old stay in force");
    std::fs::copy(
        dir.path().join("another.key"),
        dir.path().join("server.key"),
    )
    .unwrap();
    assert_ne!(serial(port), first);
    daemon.wait_log("certificates are read again");
    stdin.write_all(b"after\n").unwrap();
    assert_eq!(wait_for_lines(&file, 2), ["before", "after"]);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A daemon with a TLS sink that is told `input` at once.
fn sends(sink: u16, tls: &str, input: &str) -> (Daemon, TcpStream) {
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"t\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tls://127.0.0.1:{sink}\"\n[route.sink_tls]\n{tls}"
    ));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(input.as_bytes()).unwrap();
    (daemon, client)
}

#[test]
fn a_sink_that_is_not_trusted_gets_nothing_until_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "ca");
    let other = Authority::new(dir.path(), "other");
    let ca = format!("ca=\"{}\"\n", authority.ca.display());
    for (pair, why) in [
        (
            other.sign("wrong"),
            "invalid peer certificate: UnknownIssuer",
        ),
        (
            authority.sign_for("late", &["127.0.0.1"], true),
            "invalid peer certificate: certificate expired",
        ),
        (
            authority.sign_for("elsewhere", &["logs.example"], false),
            "certificate not valid for name",
        ),
    ] {
        let sink = free_port();
        let mut server = Server::start(sink, &pair, &[]);
        let (mut daemon, _client) = sends(sink, &ca, "payload 192.0.2.7\n");
        daemon.wait_log("TLS handshake: the certificate of the sink is not trusted");
        assert!(
            daemon.lines.last().unwrap().contains(why),
            "{:?}",
            daemon.lines
        );
        assert_eq!(daemon.get("/readyz").0, 503);
        server.wait("alert");
        let seen = server.end();
        assert!(!seen.contains("payload"), "{seen}");
    }
    // Trusted by another name, and by authorities that change under way.
    let sink = free_port();
    let pair = other.sign_for("elsewhere", &["logs.example"], false);
    // It looks at the name that it is asked for (SNI), and has no certificate for others.
    let (cert, key) = (pair.0.to_str().unwrap(), pair.1.to_str().unwrap());
    let named = ["-servername", "logs.example", "-servername_fatal"];
    let mut server = Server::start(
        sink,
        &pair,
        &[&named[..], &["-cert2", cert, "-key2", key]].concat(),
    );
    let (mut daemon, _client) = sends(
        sink,
        &format!("{ca}server_name=\"logs.example\"\n"),
        "payload 192.0.2.7\n",
    );
    daemon.wait_log("is not trusted");
    std::fs::copy(&other.ca, &authority.ca).unwrap();
    server.wait("payload REDACTED-IP");
}

#[test]
fn a_sink_that_asks_for_a_certificate_gets_records_with_one_only() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "ca");
    let other = Authority::new(dir.path(), "other");
    let ca = format!("ca=\"{}\"\n", authority.ca.display());
    let own = |(cert, key): (PathBuf, PathBuf)| {
        format!(
            "{ca}cert=\"{}\"\nkey=\"{}\"\n",
            cert.display(),
            key.display()
        )
    };
    let pair = authority.sign("server");
    for version in ["-tls1_2", "-tls1_3"] {
        let ask = [
            "-Verify",
            "1",
            "-verify_return_error",
            "-CAfile",
            authority.ca.to_str().unwrap(),
            version,
        ];
        for tls in [ca.clone(), own(other.sign("stranger"))] {
            let sink = free_port();
            let server = Server::start(sink, &pair, &ask);
            let (mut daemon, _client) = sends(sink, &tls, "payload 192.0.2.7\n");
            daemon.wait_log("TLS handshake: the sink refuses us");
            let seen = server.end();
            assert!(!seen.contains("payload"), "{seen}");
            // Not one byte was taken to have been sent.
            daemon.wait_metric("scrubd_sent_bytes_total{route=\"t\"} 0");
        }
        let sink = free_port();
        let mut server = Server::start(sink, &pair, &ask);
        let (_daemon, _client) = sends(sink, &own(authority.sign("us")), "payload 192.0.2.7\n");
        server.wait("payload REDACTED-IP");
    }
}

#[test]
fn the_shipped_settings_for_syslog_over_tls_work() {
    let (dir, port, sink) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let authority = super::pki::shipped(dir.path());
    let mut server = Server::start(sink, &authority.sign("sink"), &[]);
    let shipped = std::fs::read_to_string(repository().join("config/syslog-tls.toml"))
        .unwrap()
        .replace("0.0.0.0:6514", &format!("127.0.0.1:{port}"))
        .replace("logs.example.com:6514", &format!("localhost:{sink}"))
        .replace("\"tls/", &format!("\"{}/", dir.path().display()));
    let _daemon = Daemon::start(&shipped);
    let own = ["-cert", "client.pem", "-key", "client.key"].map(|arg| match arg {
        "-cert" | "-key" => arg.to_owned(),
        file => dir.path().join(file).display().to_string(),
    });
    let record = "<14>1 - 192.0.2.7 app - - - from 192.0.2.8";
    let (fine, out) = client(
        port,
        &authority.ca,
        &own.each_ref().map(String::as_str),
        &format!("{} {record}\n", record.len() + 1),
    );
    assert!(fine, "{out}");
    let want = "<14>1 - REDACTED-IP app - - - from REDACTED-IP";
    server.wait(&format!("{} {want}", want.len() + 1));
}

#[test]
fn rsyslog_sends_over_tls_with_certificates_on_both_sides() {
    let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
    let authority = Authority::new(dir.path(), "ca");
    authority.sign("server");
    let (cert, key) = authority.sign("shipper");
    let daemon = listener(
        port,
        dir.path(),
        "",
        &format!("client_ca=\"{}\"\n", authority.ca.display()),
    );
    let source = dir.path().join("in.log");
    let input: String = (0..RECORDS).map(|i| message(i) + "\n").collect();
    std::fs::write(&source, input).unwrap();
    let _rsyslog = Rsyslog::start(
        dir.path(),
        &format!(
            "global(defaultNetstreamDriverCAFile=\"{}\" defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\")\n\
             module(load=\"imfile\" mode=\"polling\" pollingInterval=\"1\")\ninput(type=\"imfile\" file=\"{}\" tag=\"app\")\n\
             action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\" \
             StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"localhost\")\n",
            authority.ca.display(),
            cert.display(),
            key.display(),
            source.display()
        ),
    );
    // RFC 5425: counted records over TLS, and a file's lines have no count.
    let lines = wait_for_lines_counted(&daemon.dir.path().join("out.log"));
    account(&lines);
}

/// Counted records of a file, once all of them are there.
fn wait_for_lines_counted(path: &Path) -> Vec<String> {
    let end = std::time::Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut rest = text.as_str();
        let mut records = Vec::new();
        while let Some((count, tail)) = rest.split_once(' ') {
            let count: usize = count.parse().unwrap();
            let Some((record, tail)) = tail.split_at_checked(count) else {
                break;
            };
            records.push(record.trim_end().to_owned());
            rest = tail;
        }
        if records.len() >= RECORDS {
            return records;
        }
        assert!(std::time::Instant::now() < end, "{} records", records.len());
        std::thread::yield_now();
    }
}

#[test]
fn rsyslog_receives_over_tls_with_certificates_on_both_sides() {
    let (dir, port, sink) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let authority = Authority::new(dir.path(), "ca");
    let (cert, key) = authority.sign("rsyslog");
    let own = authority.sign("us");
    let out = dir.path().join("received.log");
    let _rsyslog = Rsyslog::start(
        dir.path(),
        &format!(
            "global(defaultNetstreamDriverCAFile=\"{}\" defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\")\n\
             module(load=\"imtcp\" StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"x509/certvalid\")\n\
             input(type=\"imtcp\" port=\"{sink}\" address=\"127.0.0.1\")\n\
             template(name=\"m\" type=\"string\" string=\"%msg%\\n\")\naction(type=\"omfile\" file=\"{}\" template=\"m\" flushOnTXEnd=\"on\")\n",
            authority.ca.display(),
            cert.display(),
            key.display(),
            out.display()
        ),
    );
    let _daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tls://localhost:{sink}\"\npolicy=\"strict\"\n[route.sink_tls]\nca=\"{}\"\ncert=\"{}\"\nkey=\"{}\"\n",
        authority.ca.display(),
        own.0.display(),
        own.1.display()
    ));
    logger(&["-T", "--octet-count"], port);
    account(&wait_for_lines(&out, RECORDS));
}

#[test]
fn what_is_wrong_in_the_settings_is_said_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "ca");
    authority.sign("server");
    let other = authority.sign("other");
    std::fs::write(dir.path().join("empty.pem"), "nothing\n").unwrap();
    let file = dir.path().join("s.toml");
    let check = |listen: &str, sink: &str, tables: &str| {
        let text =
            format!("[[route]]\nname=\"r\"\nlisten=[\"{listen}\"]\nsink=\"{sink}\"\n{tables}");
        std::fs::write(&file, text).unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(&file), b"");
        assert_eq!(code, 78, "{err}");
        err
    };
    let tls = "tls://127.0.0.1:0";
    for (err, want) in [
        (
            check(tls, "stdout", ""),
            "s.toml:3:9: a tls:// listener needs [route.listen_tls] with cert and key",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"none.pem\"\nkey=\"server.key\"\n",
            ),
            "none.pem: No such file",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"none.pem\"\nkey=\"server.key\"\n",
            ),
            "s.toml:6:6: ",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"empty.pem\"\nkey=\"server.key\"\n",
            ),
            "empty.pem: holds no PEM certificate (BEGIN CERTIFICATE)",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"server.pem\"\nkey=\"other.key\"\n",
            ),
            "s.toml:7:5: ",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"server.pem\"\nkey=\"other.key\"\n",
            ),
            "does not go with",
        ),
        (
            check(
                tls,
                "stdout",
                "[route.listen_tls]\ncert=\"server.pem\"\nkey=\"server.key\"\nclient_cert=\"optional\"\n",
            ),
            "s.toml:8:13: client_cert needs client_ca",
        ),
        (
            check(
                "stdin",
                "stdout",
                "[route.listen_tls]\ncert=\"server.pem\"\nkey=\"server.key\"\n",
            ),
            "s.toml:6:6: listen_tls is for tls:// listeners",
        ),
        (
            check(
                "tcp://127.0.0.1:0",
                "tls://127.0.0.1:1",
                "[route.sink_tls]\nca=\"none.pem\"\n",
            ),
            "s.toml:6:4: ",
        ),
        (
            check(
                "tcp://127.0.0.1:0",
                "tcp://127.0.0.1:1",
                "[route.sink_tls]\nca=\"ca.pem\"\n",
            ),
            "s.toml:5:1: [route.sink_tls] is for a tls:// sink",
        ),
        (
            check(
                "tcp://127.0.0.1:0",
                "tls://127.0.0.1:1",
                "[route.sink_tls]\nce=\"ca.pem\"\n",
            ),
            "s.toml:6:1: unknown field `ce`",
        ),
    ] {
        assert!(err.contains(want), "{err}\nhas no {want}");
    }
    drop(other);
}

#[test]
fn plain_text_on_the_network_is_said_once_and_loopback_is_none() {
    let (open, own) = (free_port(), free_port());
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname=\"e\"\nlisten=[\"tcp://0.0.0.0:{open}\", \"tcp://127.0.0.1:{own}\", \"tcp://[::1]:{own}\"]\nsink=\"udp://192.0.2.1:514\"\n"
    ));
    for _ in 0..3 {
        TcpStream::connect(("127.0.0.1", open))
            .unwrap()
            .write_all(b"x\n")
            .unwrap();
    }
    daemon.wait_metric("scrubd_records_total{route=\"e\"} 3");
    daemon.signal("KILL");
    let log = daemon.rest_of_log();
    assert_eq!(log.matches("plain text").count(), 2, "{log}");
    assert!(
        log.contains(&format!("listen=tcp://0.0.0.0:{open}")),
        "{log}"
    );
    assert!(log.contains("sink=udp://192.0.2.1:514"), "{log}");
}

#[test]
fn at_connections_max_the_next_one_waits() {
    let port = free_port();
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut daemon = Daemon::start(&format!(
        "[limits]\nconnections_max = 2\n[[route]]\nname=\"m\"\nlisten=[\"unix://$DIR/idle.sock\", \"tcp://127.0.0.1:{port}\", \"unix://$DIR/idle2.sock\"]\nsink=\"tcp://{}\"\n",
        sink.local_addr().unwrap()
    ));
    let connect = |text: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let first = connect("1\n");
    let _second = connect("2\n");
    daemon.wait_metric("scrubd_records_total{route=\"m\"} 2");
    let _third = connect("3\n");
    daemon.wait_log("connections_max is reached");
    daemon.wait_metric("scrubd_connections_full_total{route=\"m\"} 1");
    daemon.wait_metric("scrubd_connections{route=\"m\"} 2");
    daemon.wait_metric("scrubd_connections_max{route=\"m\"} 2");
    drop(first);
    daemon.wait_metric("scrubd_records_total{route=\"m\"} 3");
}
