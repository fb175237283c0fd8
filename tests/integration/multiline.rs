//! Lines that are one record: scanned as one, sent as they came.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use super::support::{Daemon, catch_one, free_port, wait_for_lines};

const TRACES: &str = "2024-01-02 login failed for <canary@example.org>\n  at a.b.C(C.java:7)\n\n  caused by: peer 203.0.113.7\n2024-01-02 key password=hunter2\nTraceback of -----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8AgEAAkEAq7BFUpkGp3+LQmlQ\nYx2eqzDV+xeG8kx/sQFV18S5JhzGeIJNA72wSeukEPojtqUyX2J0CciPBh7eqclQ\n-----END PRIVATE KEY-----\nrest\n2024-01-03 last\n";
/// Outside what is hidden every line is as it was.
const SCRUBBED: &str = "2024-01-02 login failed for <REDACTED-EMAIL>\n  at a.b.C(C.java:7)\n\n  caused by: peer REDACTED-IP\n2024-01-02 key password=REDACTED-SECRET\nTraceback of REDACTED-SECRET\nrest\n2024-01-03 last\n";

const JOIN: &str = "[route.multiline]\nstart='^\\d{4}-'\n";

fn start(sink: &TcpListener, more: &str) -> (Daemon, u16) {
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"m\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://{}\"\n{more}",
        sink.local_addr().unwrap()
    ));
    (daemon, port)
}

fn send(port: u16, text: &str, step: usize) {
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    for part in text.as_bytes().chunks(step) {
        client.write_all(part).unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
}

#[test]
fn a_trace_is_scanned_as_one_record_and_leaves_as_its_lines() {
    for step in [1, 50, 100_000] {
        let sink = TcpListener::bind("127.0.0.1:0").unwrap();
        let (daemon, port) = start(&sink, JOIN);
        send(port, TRACES, step);
        assert_eq!(String::from_utf8(catch_one(&sink)).unwrap(), SCRUBBED);
        daemon.wait_metric("scrubd_records_total{route=\"m\"} 3");
    }
}

#[test]
fn counted_output_has_a_trace_in_one_record() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_daemon, port) = start(&sink, &format!("output_framing=\"octet_counting\"\n{JOIN}"));
    send(port, "2024-a\n b\n2024-c\n", 100);
    assert_eq!(catch_one(&sink), b"9 2024-a\n b6 2024-c");
}

#[test]
fn a_trace_whose_next_line_does_not_come_goes_out() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_daemon, port) = start(&sink, &format!("{JOIN}deadline_ms=200\n"));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"2024-a 203.0.113.7\n b\n").unwrap();
    let want = b"2024-a REDACTED-IP\n b\n";
    let mut have = Vec::new();
    while have.len() < want.len() {
        // The probe of the sink brings nothing.
        let (mut stream, _) = sink.accept().unwrap();
        let mut room = [0; 100];
        let length = stream.read(&mut room).unwrap();
        have.extend_from_slice(&room[..length]);
    }
    assert_eq!(have, want);
}

#[test]
fn traces_in_files_survive_a_restart_in_their_middle() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    let settings = format!(
        "[[route]]\nname=\"m\"\nlisten=[\"file://{at}/*.log\"]\nsink=\"file://{at}/out\"\n[route.file]\nstate=\"{at}/state\"\n{JOIN}deadline_ms=60000\n"
    );
    let log = dir.path().join("a.log");
    let cut = TRACES.find("MIIB").unwrap();
    std::fs::write(&log, &TRACES[..cut]).unwrap();
    let mut daemon = Daemon::start(&settings);
    let out = dir.path().join("out");
    wait_for_lines(&out, 4);
    // Two lines of the second trace wait for more; they are not passed on, and not lost.
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 4);
    let _daemon = Daemon::start(&settings);
    let mut file = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
    writeln!(file, "{}2024-01-04 next", &TRACES[cut..]).unwrap();
    wait_for_lines(&out, SCRUBBED.lines().count());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), SCRUBBED);
}
