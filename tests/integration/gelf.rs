//! GELF: PyPI's graypy over UDP (zlib, plain, chunked) to npm's graygelf and to a sink of this test, which puts chunks
//! together on its own and knows how long they may be; over TCP to such a sink and to rsyslog.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::canary::{self, As};
use super::clients::Client;
use super::shippers::Rsyslog;
use super::support::{Daemon, PATIENCE, free_port, wait_for_lines};

const RECORDS: usize = 1000;

fn udp() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// The next message: its JSON, how many datagrams it took, and whether it was compressed.
fn receive(socket: &UdpSocket) -> (String, usize, bool) {
    let mut buffer = vec![0; 65_536];
    let (mut parts, mut message) = (BTreeMap::new(), None);
    let packed = loop {
        let length = socket.recv(&mut buffer).unwrap();
        let datagram = &buffer[..length];
        if !datagram.starts_with(b"\x1E\x0F") {
            parts.insert(0, datagram.to_vec());
            break datagram.to_vec();
        }
        assert!(length <= 512, "chunks are not longer than they came");
        // One id and one count for all, none twice, and no more than the format lets be.
        let (place, count) = (datagram[10], datagram[11]);
        let of = (datagram[2..10].to_vec(), count);
        assert_eq!(*message.get_or_insert_with(|| of.clone()), of);
        assert!(place < count && count <= 128, "{place} of {count}");
        assert!(parts.insert(place, datagram[12..].to_vec()).is_none());
        if parts.len() == usize::from(count) {
            break parts.values().flatten().copied().collect();
        }
    };
    let zlib = packed.starts_with(b"\x78");
    let text = if zlib {
        let mut text = String::new();
        flate2::read::ZlibDecoder::new(&packed[..])
            .read_to_string(&mut text)
            .unwrap();
        text
    } else {
        String::from_utf8(packed).unwrap()
    };
    (text, parts.len(), zlib)
}

/// The number of a message that holds a whole record, and nothing that it must not.
fn look_at(text: &str) -> usize {
    canary::none_left(text);
    let message: Value = serde_json::from_str(text).unwrap();
    let seq = usize::try_from(message["_seq"].as_u64().unwrap()).unwrap();
    canary::same_but_hidden(seq, &message["_record"]);
    assert_eq!(message["version"], "1.0");
    assert_eq!(message["short_message"], canary::line(seq, As::Hidden));
    seq
}

fn over_udp(coding: &str) {
    let (sink, far) = udp();
    let port = free_port();
    let (listen, target) = (
        format!("udp://127.0.0.1:{port}"),
        format!("udp://127.0.0.1:{far}"),
    );
    let daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let mut client = Client::python("graypy_send.py", &["udp", &port.to_string(), coding]);
    let mut seen = BTreeSet::new();
    for i in 0..RECORDS {
        client.say(&canary::records(i..i + 1));
        assert_eq!(client.line(), format!("sent {i}"));
        let (text, datagrams, zlib) = receive(&sink);
        assert_eq!(zlib, coding == "zlib");
        assert!(datagrams > 1, "graypy cuts what is longer than 500 bytes");
        seen.insert(look_at(&text));
    }
    client.finish();
    assert_eq!(seen, (0..RECORDS).collect());
    daemon.wait_metric(&format!("scrubd_records_total{{route=\"gelf\"}} {RECORDS}"));
}

#[test]
fn graypy_over_udp_chunked_and_compressed() {
    over_udp("zlib");
}

#[test]
fn graypy_over_udp_chunked_and_plain() {
    over_udp("plain");
}

/// The server of npm's graygelf, and the daemon in front of it with its port.
pub(super) fn before_graygelf() -> (Client, Daemon, u16) {
    let (port, far) = (free_port(), free_port());
    let server = Client::node("gelf_server.mjs", &[&far.to_string()]);
    assert_eq!(server.line(), "ready");
    let [listen, target] = [port, far].map(|port| format!("udp://127.0.0.1:{port}"));
    let daemon = Daemon::shipped("gelf.toml", &listen, &target);
    (server, daemon, port)
}

fn to_graygelf(coding: &str) {
    let (server, _daemon, port) = before_graygelf();
    let mut client = Client::python("graypy_send.py", &["udp", &port.to_string(), coding]);
    for i in 0..RECORDS {
        client.say(&canary::records(i..i + 1));
        assert_eq!(client.line(), format!("sent {i}"));
        assert_eq!(look_at(&server.line()), i);
    }
    client.finish();
}

#[test]
fn graypy_to_graygelf_over_udp_chunked_and_compressed() {
    to_graygelf("zlib");
}

#[test]
fn graypy_to_graygelf_over_udp_chunked_and_plain() {
    to_graygelf("plain");
}

/// Messages of a stream until it ends.
fn messages(stream: TcpStream) -> impl Iterator<Item = String> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
        .split(0)
        .map(|message| String::from_utf8(message.unwrap()).unwrap())
}

#[test]
fn graypy_over_tcp_through_a_sink_that_comes_late_and_is_killed() {
    let (port, far) = (free_port(), free_port());
    let (listen, target) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{far}"),
    );
    let daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let mut client = Client::python("graypy_send.py", &["tcp", &port.to_string(), "plain"]);
    // Without a sink they wait on their way.
    client.say(&canary::records(0..50));
    assert_eq!(client.line(), "sent 0");
    let sink = TcpListener::bind(("127.0.0.1", far)).unwrap();
    client.say(&canary::records(50..RECORDS / 2));
    let mut seen = BTreeSet::new();
    while seen.is_empty() {
        let left = messages(sink.accept().unwrap().0).take(RECORDS / 2);
        seen.extend(left.map(|text| look_at(&text)));
    }
    assert_eq!(seen, (0..RECORDS / 2).collect());
    // Its connection is closed and nobody listens: what comes now waits again.
    drop(sink);
    client.say(&canary::records(RECORDS / 2..RECORDS));
    daemon.wait_metric("scrubd_sink_up{route=\"gelf\"} 0");
    client.finish();
    let sink = TcpListener::bind(("127.0.0.1", far)).unwrap();
    while seen.len() < RECORDS {
        seen.extend(messages(sink.accept().unwrap().0).map(|text| look_at(&text)));
    }
    assert_eq!(seen, (0..RECORDS).collect());
}

/// rsyslog, which takes messages that end with NUL and reads their JSON.
fn rsyslog(dir: &Path, port: u16) -> (Rsyslog, PathBuf) {
    let out = dir.join("received.ndjson");
    let config = format!(
        "global(maxMessageSize=\"64k\" parser.escapeControlCharactersOnReceive=\"off\")\nmain_queue(queue.type=\"direct\")\n\
         module(load=\"imtcp\" AddtlFrameDelimiter=\"0\" DisableLFDelimiter=\"on\")\n\
         input(type=\"imtcp\" port=\"{port}\" address=\"127.0.0.1\" SupportOctetCountedFraming=\"off\")\n\
         set $.failed = parse_json($rawmsg, \"\\$!gelf\");\n\
         template(name=\"read\" type=\"string\" string=\"%$!gelf%\\n\")\naction(type=\"omfile\" file=\"{}\" template=\"read\" flushOnTXEnd=\"on\")\n",
        out.display()
    );
    (Rsyslog::start(dir, &config), out)
}

#[test]
fn graypy_over_tcp_to_rsyslog_that_is_killed() {
    let (port, far) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let (first, out) = rsyslog(dir.path(), far);
    let (listen, target) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{far}"),
    );
    let daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let mut client = Client::python("graypy_send.py", &["tcp", &port.to_string(), "plain"]);
    client.say(&canary::records(0..RECORDS / 2));
    wait_for_lines(&out, RECORDS / 2);
    daemon.wait_delivered("gelf");
    drop(first);
    client.say(&canary::records(RECORDS / 2..RECORDS));
    daemon.wait_metric("scrubd_sink_up{route=\"gelf\"} 0");
    client.finish();
    let _second = rsyslog(dir.path(), far);
    let lines = wait_for_lines(&out, RECORDS);
    let seen: Vec<usize> = lines.iter().map(|line| look_at(line)).collect();
    assert_eq!(seen, (0..RECORDS).collect::<Vec<_>>());
}

#[test]
fn udp_to_a_stream_and_a_stream_to_udp() {
    let (near, far) = (free_port(), TcpListener::bind("127.0.0.1:0").unwrap());
    let target = format!("tcp://{}", far.local_addr().unwrap());
    let _daemon = Daemon::shipped("gelf.toml", &format!("udp://127.0.0.1:{near}"), &target);
    let (socket, _) = udp();
    let message = r#"{"version":"1.1","host":"web","short_message":"from 203.0.113.77"}"#;
    let clean = r#"{"version":"1.1","host":"web","short_message":"from REDACTED-IP"}"#;
    socket
        .send_to(message.as_bytes(), ("127.0.0.1", near))
        .unwrap();
    socket
        .send_to(b"no GELF from 203.0.113.77", ("127.0.0.1", near))
        .unwrap();
    let mut got = loop {
        let mut got = messages(far.accept().unwrap().0);
        if let Some(first) = got.next() {
            assert_eq!(first, clean);
            break got;
        }
    };
    let tombstone: Value = serde_json::from_str(&got.next().unwrap()).unwrap();
    let text = tombstone["short_message"].as_str().unwrap();
    assert!(
        text.starts_with("scrubd tombstone reason=bad_frame bytes=25 "),
        "{text}"
    );

    let (sink, far) = udp();
    let near = free_port();
    let (listen, target) = (
        format!("tcp://127.0.0.1:{near}"),
        format!("udp://127.0.0.1:{far}"),
    );
    let _daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let mut client = TcpStream::connect(("127.0.0.1", near)).unwrap();
    client
        .write_all(&[message.as_bytes(), b"\0"].concat())
        .unwrap();
    assert_eq!(receive(&sink), (clean.to_owned(), 1, false));
}

/// What Graylog reads though RFC 8259 does not: line feeds in a string as they are, a comma behind the last member.
#[test]
fn a_message_of_many_lines_is_scrubbed_across_them() {
    let secrets = ["203.0.113.77", "hunter", "aBc9xyz"];
    let message = "{\"version\":\"1.1\",\"host\":\"web\",\"short_message\":\"s\",\"full_message\":\"Backtrace here\n\n\
                   from 203.0.113.77\n\tmore stuff\",\"_password\":\"hunter\n2 aBc9xyz\",}";
    let whole = |text: &str| {
        assert!(
            !secrets.iter().any(|secret| text.contains(secret)),
            "{text}"
        );
        let message: Value = serde_json::from_str(&text.replace(",}", "}")).unwrap();
        let full = "Backtrace here\n\nfrom REDACTED-IP\n\tmore stuff";
        assert_eq!(
            (&message["full_message"], &message["host"]),
            (&full.into(), &"web".into())
        );
    };
    let (near, far) = (free_port(), TcpListener::bind("127.0.0.1:0").unwrap());
    let target = format!("tcp://{}", far.local_addr().unwrap());
    let _daemon = Daemon::shipped("gelf.toml", &format!("tcp://127.0.0.1:{near}"), &target);
    let mut client = TcpStream::connect(("127.0.0.1", near)).unwrap();
    client
        .write_all(format!("{message}\0{{\"host\":\"web\",}}\0").as_bytes())
        .unwrap();
    let mut got = loop {
        let mut got = messages(far.accept().unwrap().0);
        if let Some(first) = got.next() {
            whole(&first);
            break got;
        }
    };
    assert_eq!(got.next().unwrap(), "{\"host\":\"web\",}");

    let (sink, far) = udp();
    let near = free_port();
    let (listen, target) = (
        format!("udp://127.0.0.1:{near}"),
        format!("udp://127.0.0.1:{far}"),
    );
    let _daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let (socket, _) = udp();
    socket
        .send_to(message.as_bytes(), ("127.0.0.1", near))
        .unwrap();
    whole(&receive(&sink).0);
}

#[test]
fn chunks_that_do_not_come_are_a_tombstone_after_five_seconds() {
    let (sink, far) = udp();
    let port = free_port();
    let (listen, target) = (
        format!("udp://127.0.0.1:{port}"),
        format!("udp://127.0.0.1:{far}"),
    );
    let daemon = Daemon::shipped("gelf.toml", &listen, &target);
    let (socket, _) = udp();
    let start = std::time::Instant::now();
    let half = [
        &b"\x1E\x0F12345678\x00\x02"[..],
        b"{\"short_message\":\"203.0.113.77",
    ]
    .concat();
    socket.send_to(&half, ("127.0.0.1", port)).unwrap();
    let (text, ..) = receive(&sink);
    assert!(
        text.contains("scrubd tombstone reason=truncated bytes=30 "),
        "{text}"
    );
    assert!(start.elapsed().as_secs() >= 4);
    daemon.wait_metric("scrubd_tombstones_total{reason=\"truncated\",route=\"gelf\"} 1");
}
