//! Sinks of TLS: OpenSSL as the server, trusted or not.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::PathBuf;

use super::pki::Authority;
use super::support::{Daemon, free_port};
use super::tls::Server;

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
