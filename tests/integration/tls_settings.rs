//! Settings of TLS: what is wrong is said, what is open is said, what is shipped works.

use std::io::Write as _;
use std::net::TcpStream;

use super::pki::Authority;
use super::support::{Daemon, free_port, repository, run, scrubd};
use super::tls::{Server, client};

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
