//! TLS with rsyslog and GnuTLS, certificates on both sides.

use std::path::Path;

use super::pki::Authority;
use super::shippers::{RECORDS, Rsyslog, account, logger, message};
use super::support::{Daemon, PATIENCE, free_port, wait_for_lines};
use super::tls::listener;

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
