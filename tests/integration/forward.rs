//! The Forward protocol: PyPI's fluent-logger and npm's @fluent-org/logger to the server of the latter,
//! and a sink of this test that keeps its acknowledgements back.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::canary::{self, As};
use super::clients::Client;
use super::support::{Daemon, PATIENCE, free_port, run, scrubd};

const RECORDS: usize = 1000;

fn daemon(port: u16, sink: u16) -> Daemon {
    let (listen, sink) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{sink}"),
    );
    Daemon::shipped("forward.toml", &listen, &sink)
}

fn sink(port: u16, out: &Path, secrets: &[&str]) -> Client {
    sink_with(port, out, secrets, &[])
}

fn sink_with(port: u16, out: &Path, secrets: &[&str], env: &[(&str, &Path)]) -> Client {
    let port = port.to_string();
    let args = [&["sink", &port, out.to_str().unwrap()], secrets].concat();
    let sink = Client::node_with("forward.mjs", &args, env);
    assert_eq!(sink.line(), "ready");
    sink
}

/// Waits until the sink has each of `records`, and looks at all that it has.
fn account(out: &Path, records: usize) {
    let end = Instant::now() + PATIENCE;
    let text = loop {
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let whole = text.ends_with('\n');
        if whole && canary::numbers(text.lines(), "\"seq\":").len() >= records {
            break text;
        }
        assert!(Instant::now() < end, "{} lines", text.lines().count());
        std::thread::yield_now();
    };
    canary::none_left(&text);
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let seq = usize::try_from(event["record"]["seq"].as_u64().unwrap()).unwrap();
        canary::same_but_hidden(seq, &event["record"]);
        assert_eq!(event["tag"], canary::shape(seq, As::Hidden));
        // An EventTime came as one.
        assert!(
            event["time"]
                .as_object()
                .is_some_and(|time| time.len() == 2),
            "{line}"
        );
        seen.insert(seq);
    }
    assert_eq!(seen, (0..records).collect());
}

fn acknowledged(client: &Client, records: std::ops::Range<usize>) {
    let seen: BTreeSet<usize> = records.clone().map(|_| ack(client)).collect();
    assert_eq!(seen, records.collect());
}

/// The number of the next record that is acknowledged.
fn ack(client: &Client) -> usize {
    let line = client.line();
    line.strip_prefix("ack ").unwrap().parse().unwrap()
}

fn mode(mode: &str) {
    let (far, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let _sink = sink(far, &out, &[]);
    let daemon = daemon(port, far);
    let mut client = Client::node("forward.mjs", &["send", &port.to_string(), mode]);
    client.say(&canary::records(0..RECORDS));
    acknowledged(&client, 0..RECORDS);
    client.finish();
    account(&out, RECORDS);
    daemon.wait_metric(&format!(
        "scrubd_records_total{{route=\"forward\"}} {RECORDS}"
    ));
}

#[test]
fn npm_fluent_logger_message() {
    mode("Message");
}

#[test]
fn npm_fluent_logger_forward() {
    mode("Forward");
}

#[test]
fn npm_fluent_logger_packed_forward() {
    mode("PackedForward");
}

#[test]
fn npm_fluent_logger_compressed_packed_forward() {
    mode("CompressedPackedForward");
}

#[test]
fn python_fluent_logger_that_asks_for_nothing() {
    let (far, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let _daemon = daemon(port, far);
    let mut client = Client::python("fluent_logger.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS));
    // It is gone before the sink is there.
    client.finish();
    let _sink = sink(far, &out, &[]);
    account(&out, RECORDS);
}

#[test]
fn a_client_waits_while_a_sink_that_was_killed_is_away() {
    let (far, port) = (free_port(), free_port());
    through_a_killed_sink(port, far, daemon(port, far), &[]);
}

#[test]
fn over_tls_a_client_waits_while_a_sink_that_was_killed_is_away() {
    let (far, port) = (free_port(), free_port());
    let pki = tempfile::tempdir().unwrap();
    let daemon = super::syslog::tls_proxy("forward", port, far, pki.path());
    through_a_killed_sink(port, far, daemon, &[("FORWARD_TLS", pki.path())]);
}

fn through_a_killed_sink(port: u16, far: u16, daemon: Daemon, env: &[(&str, &Path)]) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let first = sink_with(far, &out, &[], env);
    let port = port.to_string();
    let mut client = Client::node_with("forward.mjs", &["send", &port, "PackedForward"], env);
    client.say(&canary::records(0..RECORDS / 2));
    let early: BTreeSet<usize> = (0..10).map(|_| ack(&client)).collect();
    // Killed in the middle: what was acknowledged is in its file.
    drop(first);
    let text = std::fs::read_to_string(&out).unwrap();
    let taken = canary::numbers(text.lines(), "\"seq\":");
    assert!(early.is_subset(&taken), "{early:?} {taken:?}");
    daemon.wait_metric("scrubd_sink_up{route=\"forward\"} 0");
    client.say(&canary::records(RECORDS / 2..RECORDS));
    let _sink = sink_with(far, &out, &[], env);
    let late = (early.len()..RECORDS).map(|_| ack(&client));
    assert_eq!(
        early.iter().copied().chain(late).collect::<BTreeSet<_>>(),
        (0..RECORDS).collect()
    );
    client.finish();
    account(&out, RECORDS);
}

#[test]
fn python_fluent_logger_through_a_sink_that_is_killed() {
    let (far, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let first = sink(far, &out, &[]);
    let daemon = daemon(port, far);
    let mut client = Client::python("fluent_logger.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS / 2));
    account(&out, RECORDS / 2);
    drop(first);
    // Nothing was acknowledged to it, and it does not wait: what it says from now on does.
    client.say(&canary::records(RECORDS / 2..RECORDS));
    client.finish();
    daemon.wait_metric("scrubd_sink_up{route=\"forward\"} 0");
    let _sink = sink(far, &out, &[]);
    account(&out, RECORDS);
}

/// A route whose two ends have keys of their own, and users.
fn locked(dir: &Path, port: u16, far: u16, users: bool) -> Daemon {
    for (name, text) in [
        ("near.key", "near secret\n"),
        ("far.key", "far secret\n"),
        ("near.users", "ada her password\n\nbob his\n"),
        ("far.user", "scrubd its own\n"),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    let dir = dir.display();
    let users = if users {
        format!("listen_users_file=\"{dir}/near.users\"\nsink_user_file=\"{dir}/far.user\"\n")
    } else {
        String::new()
    };
    Daemon::start(&format!(
        "[[route]]\nname=\"f\"\nprotocol=\"forward\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://127.0.0.1:{far}\"\npolicy=\"strict\"\n\
         listen_shared_key_file=\"{dir}/near.key\"\nsink_shared_key_file=\"{dir}/far.key\"\n{users}"
    ))
}

fn through_locks(users: bool) {
    let (far, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let theirs: &[&str] = &["far secret", "scrubd", "its own"];
    let _sink = sink(far, &out, &theirs[..if users { 3 } else { 1 }]);
    let _daemon = locked(dir.path(), port, far, users);
    // Who does not have the key is told, and gets nothing in.
    let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stranger.write_all(b"\x93\xA1t\x01\x81\xA3seq\x01").unwrap();
    let mut said = Vec::new();
    stranger.read_to_end(&mut said).unwrap();
    assert!(said.windows(4).any(|word| word == b"HELO"));
    let port = port.to_string();
    let ours: &[&str] = &[
        "send",
        &port,
        "Forward",
        "near secret",
        "ada",
        "her password",
    ];
    let mut client = Client::node("forward.mjs", &ours[..if users { 6 } else { 4 }]);
    client.say(&canary::records(0..RECORDS));
    acknowledged(&client, 0..RECORDS);
    client.finish();
    account(&out, RECORDS);
}

#[test]
fn shared_keys_of_both_ends() {
    through_locks(false);
}

#[test]
fn users_of_both_ends() {
    through_locks(true);
}

#[test]
fn a_sink_that_asks_for_a_user_is_named_and_gets_nothing() {
    let (far, port) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("received.ndjson");
    let _sink = sink(far, &out, &["far secret", "scrubd", "its own"]);
    let mut daemon = locked(dir.path(), port, far, false);
    let port = port.to_string();
    let mut client = Client::node("forward.mjs", &["send", &port, "Message", "near secret"]);
    client.say(&canary::records(0..1));
    daemon.wait_log("the sink asks for a user; set sink_user_file");
    assert!(!out.exists());
}

#[test]
fn what_is_wrong_with_users_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (users, keys, why) in [
        (
            "ada\n",
            true,
            "users:1:1: is no name with a password behind it",
        ),
        (
            "ada x\nada y\n",
            true,
            "users:2:1: names a user for the second time",
        ),
        ("\n", true, "users:1:1: holds no user"),
        (
            "ada x\n",
            false,
            "s.toml:7:19: users go with a shared key; set the key file of this end too",
        ),
    ] {
        std::fs::write(at("users"), users).unwrap();
        std::fs::write(at("key"), "secret").unwrap();
        let key = if keys {
            "listen_shared_key_file=\"key\"\n"
        } else {
            ""
        };
        let text = format!(
            "\n[[route]]\nname=\"f\"\nprotocol=\"forward\"\nlisten=[\"tcp://127.0.0.1:1\"]\nsink=\"tcp://127.0.0.1:2\"\nlisten_users_file=\"users\"\n{key}"
        );
        std::fs::write(at("s.toml"), text).unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(at("s.toml")), b"");
        assert_eq!(code, 78, "{err}");
        assert!(err.contains(why) && !err.contains("ada"), "{err}");
    }
}

fn event(seq: u8, chunk: u8) -> Vec<u8> {
    [
        b"\x94\xA1t\x01\x81\xA3seq".as_slice(),
        &[seq],
        b"\x81\xA5chunk\xA1",
        &[chunk],
    ]
    .concat()
}

fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_exact(&mut read).unwrap();
    read
}

/// The next connection that brings something: these bytes.
fn take(listener: &TcpListener, bytes: usize) -> (TcpStream, Vec<u8>) {
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let mut first = [0];
        if stream.read(&mut first).unwrap() == 1 {
            let rest = read(&mut stream, bytes - 1);
            return (stream, [&first[..], &rest].concat());
        }
    }
}

#[test]
fn an_acknowledgement_is_the_sinks_and_a_chunk_without_one_is_said_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let daemon = daemon(port, listener.local_addr().unwrap().port());
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let both = [event(1, b'a'), event(2, b'b')].concat();
    client.write_all(&both).unwrap();
    let (mut far, got) = take(&listener, both.len());
    assert_eq!(got, both);
    // It acknowledges the second only: that is all that the client hears.
    far.write_all(b"\x81\xA3ack\xA1b").unwrap();
    assert_eq!(read(&mut client, 7), b"\x81\xA3ack\xA1b");
    drop(far);
    let (mut far, got) = take(&listener, event(1, b'a').len());
    assert_eq!(got, event(1, b'a'));
    far.write_all(b"\x81\xA3ack\xA1a").unwrap();
    assert_eq!(read(&mut client, 7), b"\x81\xA3ack\xA1a");
    // What is no message is hung up on.
    client.write_all(b"\xC1").unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    daemon.wait_metric("scrubd_tombstones_total{reason=\"bad_frame\",route=\"forward\"} 1");
}

#[test]
fn heartbeats_are_answered_while_the_sink_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, sink) = (free_port(), listener.local_addr().unwrap());
    let daemon = Daemon::shipped(
        "forward.toml",
        &format!("udp://127.0.0.1:{port}"),
        &format!("tcp://{sink}"),
    );
    daemon.wait_metric("scrubd_sink_up{route=\"forward\"} 1");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.send_to(&[0], ("127.0.0.1", port)).unwrap();
    let mut word = [9; 8];
    assert_eq!(socket.recv(&mut word).unwrap(), 1);
    assert_eq!(word[0], 0);
}

#[test]
fn what_came_before_a_broken_message_is_delivered() {
    let (far, port) = (free_port(), free_port());
    let daemon = daemon(port, far);
    let good = b"\x93\xA1t\x01\x81\xA3seq\x07";
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(&[&good[..], b"\xC1"].concat()).unwrap();
    daemon.wait_metric("scrubd_tombstones_total{reason=\"bad_frame\",route=\"forward\"} 1");
    let listener = TcpListener::bind(("127.0.0.1", far)).unwrap();
    assert_eq!(take(&listener, good.len()).1, good);
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    daemon.wait_metric("scrubd_connections{route=\"forward\"} 0");
}

#[test]
fn a_sink_that_stalls_stops_the_client_in_bounded_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let daemon = daemon(port, listener.local_addr().unwrap().port());
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client
        .set_write_timeout(Some(std::time::Duration::from_secs(3)))
        .unwrap();
    let text = "x".repeat(250);
    let event = [b"\x93\xA1t\x01\x81\xA3msg\xD9\xFA", text.as_bytes()].concat();
    let batch = event.repeat(200);
    let mut sent = 0usize;
    while client.write_all(&batch).is_ok() {
        sent += batch.len();
        assert!(sent < 256 << 20, "nothing stops it");
    }
    let peak = daemon.rss_peak_kib();
    assert!(peak < 80 << 10, "{peak} KiB after {sent} bytes");
}
