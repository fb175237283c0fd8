//! Real clients and a real server: `logger` of util-linux, and rsyslog on both sides.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::canary::{self, As};
use super::support::{Daemon, free_port, repository, wait_for_lines};

pub const RECORDS: usize = 1000;

/// rsyslogd as `tests/run` put it in place.
pub struct Rsyslog(pub Child);

impl Rsyslog {
    pub fn start(dir: &Path, config: &str) -> Self {
        let root = repository().join(".tools/root");
        let program = root.join("usr/sbin/rsyslogd");
        assert!(
            program.exists(),
            "{} is missing: run tests/run, which installs it",
            program.display()
        );
        let libraries = root.join("usr/lib/x86_64-linux-gnu");
        let file = dir.join("rsyslog.conf");
        std::fs::write(
            &file,
            format!("global(workDirectory=\"{}\")\n{config}", dir.display()),
        )
        .unwrap();
        let child = Command::new(program)
            .args(["-n", "-f"])
            .arg(&file)
            .arg("-i")
            .arg(dir.join("rsyslog.pid"))
            .arg("-M")
            .arg(libraries.join("rsyslog"))
            .env("LD_LIBRARY_PATH", libraries)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn file_route(listen: &str) -> (Daemon, PathBuf) {
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nlisten=[{listen}]\nsink=\"file://$DIR/out.log\"\noutput_framing=\"newline\"\npolicy=\"strict\"\n"
    ));
    let out = daemon.dir.path().join("out.log");
    (daemon, out)
}

pub fn message(i: usize) -> String {
    canary::line(i, As::Sent)
}

/// Every record once, and none of what it hides.
pub fn account(lines: &[String]) {
    canary::account(lines, 0..RECORDS);
}

pub fn logger(args: &[&str], port: u16) {
    let mut child = Command::new("logger")
        .args(["-n", "127.0.0.1", "-P", &port.to_string(), "-t", "app"])
        .args(args)
        .stdin(Stdio::piped())
        .spawn()
        .expect("logger (Debian package bsdutils) is missing: run tests/run");
    {
        use std::io::Write as _;
        let mut stdin = child.stdin.take().unwrap();
        for i in 0..RECORDS {
            writeln!(stdin, "{}", message(i)).unwrap();
        }
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn logger_over_tcp_with_octet_counting() {
    let port = free_port();
    let (_daemon, out) = file_route(&format!("\"tcp://127.0.0.1:{port}\""));
    logger(&["-T", "--octet-count"], port);
    account(&wait_for_lines(&out, RECORDS));
}

#[test]
fn logger_over_udp() {
    let port = free_port();
    let (_daemon, out) = file_route(&format!("\"udp://127.0.0.1:{port}\""));
    logger(&["-d"], port);
    account(&wait_for_lines(&out, RECORDS));
}

fn rsyslog_sends(framing: &str) {
    let port = free_port();
    let (daemon, out) = file_route(&format!("\"tcp://127.0.0.1:{port}\""));
    let dir = tempfile::tempdir().unwrap();
    let input: String = (0..RECORDS).map(|i| message(i) + "\n").collect();
    let source = dir.path().join("in.log");
    std::fs::write(&source, input).unwrap();
    let _rsyslog = Rsyslog::start(
        dir.path(),
        &format!(
            "module(load=\"imfile\" mode=\"polling\" pollingInterval=\"1\")\ninput(type=\"imfile\" file=\"{}\" tag=\"app\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" TCP_Framing=\"{framing}\" template=\"RSYSLOG_SyslogProtocol23Format\")\n",
            source.display()
        ),
    );
    account(&wait_for_lines(&out, RECORDS));
    drop(daemon);
}

#[test]
fn rsyslog_omfwd_with_newlines() {
    rsyslog_sends("traditional");
}

#[test]
fn rsyslog_omfwd_with_octet_counting() {
    rsyslog_sends("octet-counted");
}

#[test]
fn rsyslog_imtcp_receives() {
    let (sink, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.log");
    let _rsyslog = Rsyslog::start(
        dir.path(),
        &format!(
            "module(load=\"imtcp\")\ninput(type=\"imtcp\" port=\"{sink}\" address=\"127.0.0.1\")\n\
         template(name=\"m\" type=\"string\" string=\"%msg%\\n\")\naction(type=\"omfile\" file=\"{}\" template=\"m\" flushOnTXEnd=\"on\")\n",
            out.display()
        ),
    );
    // scrubd waits for rsyslog by itself.
    let _daemon = Daemon::start(&format!(
        "[[route]]\nname=\"s\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://127.0.0.1:{sink}\"\npolicy=\"strict\"\n"
    ));
    logger(&["-T", "--octet-count"], port);
    account(&wait_for_lines(&out, RECORDS));
}

#[test]
fn the_shipped_settings_for_a_sidecar_work() {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    let (socket, out) = (dir.path().join("app.sock"), dir.path().join("app.log"));
    let (listen, sink) = (
        format!("unix://{}", socket.display()),
        format!("file://{}", out.display()),
    );
    let _daemon = Daemon::shipped("sidecar.toml", &listen, &sink);
    let mut application = std::os::unix::net::UnixStream::connect(socket).unwrap();
    for i in 0..RECORDS {
        writeln!(application, "{}", message(i)).unwrap();
    }
    drop(application);
    account(&wait_for_lines(&out, RECORDS));
}
