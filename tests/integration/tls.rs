//! Listeners of TLS with OpenSSL's command line as client, and what it takes to be a sink.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::pki::Authority;
use super::support::{Daemon, PATIENCE, free_port, run, wait_for_lines};

pub const CANARY: &str = "canary-41d@example.org";

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.env("OPENSSL_CONF", "/dev/null");
    command
}

/// What a client of OpenSSL's says to `port`, to the end: whether it went well, and what it printed.
pub fn client(port: u16, ca: &Path, args: &[&str], input: &str) -> (bool, String) {
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
pub struct Server {
    child: Child,
    output: Receiver<String>,
    seen: Vec<String>,
}

impl Server {
    pub fn start(port: u16, (cert, key): &(PathBuf, PathBuf), args: &[&str]) -> Self {
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

    pub fn wait(&mut self, what: &str) {
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

    pub fn end(mut self) -> String {
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

pub fn listener(port: u16, dir: &Path, limits: &str, more: &str) -> Daemon {
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
