//! HTTP bodies that are long, and sinks and streams that break.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use super::http::{JSON, NDJSON, TEXT, curl, daemon, post};
use super::http_codings::{gzip, ungzip};
use super::recorder::Recorder;
use super::support::free_port;

#[test]
fn long_bodies_stream_in_flat_memory() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(port, &sink.address.to_string(), "");
    let lines: String = (0..200_000)
        .map(|i| {
            format!(
                "{{\"seq\":{i},\"ip\":\"198.51.100.{}\",\"pad\":\"{}\"}}\n",
                i % 256,
                "x".repeat(i % 100)
            )
        })
        .collect();
    for more in [
        &["-H", "Transfer-Encoding: chunked"][..],
        &["-H", "Expect: 100-continue"],
        &["--http2-prior-knowledge"],
    ] {
        let answer = curl(port, "/in", &post(NDJSON, more), lines.as_bytes());
        assert_eq!(answer.status, 200);
        let got = sink.next();
        assert_eq!(got.header("content-length"), None);
        assert_eq!(got.header("expect"), None);
        let mut count = 0;
        for (i, line) in got.text().lines().enumerate() {
            let pad = "x".repeat(i % 100);
            assert_eq!(
                line,
                format!("{{\"seq\":{i},\"ip\":\"REDACTED-IP\",\"pad\":\"{pad}\"}}")
            );
            count += 1;
        }
        assert_eq!(count, 200_000);
    }
    let args = post(NDJSON, &["-H", "content-encoding: gzip"]);
    assert_eq!(
        curl(port, "/in", &args, &gzip(lines.as_bytes())).status,
        200
    );
    assert_eq!(
        ungzip(&sink.next().body)
            .iter()
            .filter(|b| **b == b'\n')
            .count(),
        200_000
    );
    assert!(
        daemon.rss_peak_kib() < 48 << 10,
        "{} KiB",
        daemon.rss_peak_kib()
    );
}

#[test]
fn connections_to_the_sink_are_used_again() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    for _ in 0..20 {
        assert_eq!(curl(port, "/in", &post(TEXT, &[]), b"x").status, 200);
        sink.next();
    }
    // One asks whether the sink is there; the pool may open a second while the first is on its way back.
    let connections = sink.connections.load(Ordering::SeqCst);
    assert!(connections <= 4, "{connections}");
}

#[test]
fn without_the_sinks_answer_there_is_no_success() {
    let (nobody, port) = (free_port(), free_port());
    let _daemon = daemon(port, &format!("127.0.0.1:{nobody}"), "");
    for http2 in ["--http1.1", "--http2-prior-knowledge"] {
        let answer = curl(port, "/in", &post(TEXT, &[http2]), b"x");
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.body.contains("the sink cannot be reached"));
    }
    // A sink that reads and dies before it answers.
    let listener = TcpListener::bind(("127.0.0.1", nobody)).unwrap();
    let dies = std::thread::spawn(move || {
        loop {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0u8; 1000];
            if stream.read(&mut buffer).unwrap() > 0 {
                return;
            }
        }
    });
    let answer = curl(port, "/in", &post(TEXT, &[]), b"x");
    dies.join().unwrap();
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("retry-after"), Some("1"));
    // And one that comes back takes what is sent again.
    let sink = Recorder::start_at(&format!("127.0.0.1:{nobody}"));
    assert_eq!(curl(port, "/in", &post(TEXT, &[]), b"x").status, 200);
    assert_eq!(sink.next().body, b"x");
}

/// Lines that compress to more than a buffer, so that their first part is on its way before the end comes.
fn noise(lines: usize) -> Vec<u8> {
    let mut state = 7u64;
    (0..lines)
        .map(|i| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            format!("line {i} {state:020}{:020}\n", state.rotate_left(17))
        })
        .collect::<String>()
        .into_bytes()
}

#[test]
fn a_stream_that_turns_out_broken_is_no_request() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(port, &sink.address.to_string(), "");
    let mut bomb = zstd::encode_all(&noise(40_000)[..], 0).unwrap();
    bomb.extend(zstd::encode_all(&vec![b'0'; 900 << 20][..], 0).unwrap());
    let mut cut = gzip(&noise(40_000));
    cut.truncate(cut.len() - 5);
    for (status, coding, body) in [(413, "zstd", &bomb), (400, "gzip", &cut)] {
        for http2 in ["--http1.1", "--http2-prior-knowledge"] {
            let said = format!("content-encoding: {coding}");
            let args = post(TEXT, &["-H", &said, http2]);
            let answer = curl(port, "/in", &args, body);
            assert_eq!(answer.status, status, "{coding} {http2} {}", answer.body);
        }
    }
    assert!(sink.rest().is_empty());
    assert!(
        daemon.rss_peak_kib() < 64 << 10,
        "{} KiB",
        daemon.rss_peak_kib()
    );
}

#[test]
fn a_sink_that_dies_in_a_stream_is_no_success() {
    let port = free_port();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _daemon = daemon(port, &listener.local_addr().unwrap().to_string(), "");
    let dies = std::thread::spawn(move || {
        let mut read = 0;
        let (mut stream, mut buffer) = (listener.accept().unwrap().0, vec![0u8; 64 << 10]);
        while read < 1 << 20 {
            match stream.read(&mut buffer).unwrap() {
                0 => stream = listener.accept().unwrap().0,
                some => read += some,
            }
        }
    });
    let answer = curl(port, "/in", &post(TEXT, &[]), &noise(200_000));
    dies.join().unwrap();
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (502, Some("1"))
    );
}

#[test]
fn a_body_that_is_too_long_is_told_so_while_it_is_sent() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(
        port,
        &sink.address.to_string(),
        "[limits]\nbody_bytes_max = 100000\nbodies_bytes_max = 100000\n",
    );
    let long = vec![b' '; 30 << 20];
    for http2 in ["--http1.1", "--http2-prior-knowledge"] {
        let answer = curl(port, "/in", &post(JSON, &[http2]), &long);
        assert_eq!(answer.status, 413);
    }
    // And as many bodies as there is room for: one waits at a sink that does not answer.
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let _other = daemon(
        port,
        &held.local_addr().unwrap().to_string(),
        "[limits]\nbody_bytes_max = 100000\nbodies_bytes_max = 100000\n",
    );
    let body = format!("\"{}\"", "x".repeat(90_000));
    let first = {
        let body = body.clone();
        std::thread::spawn(move || curl(port, "/in", &post(JSON, &[]), body.as_bytes()).status)
    };
    let mut stream = held.accept().unwrap().0;
    let mut buffer = vec![0u8; 200_000];
    while stream.peek(&mut buffer).unwrap() == 0 {
        stream = held.accept().unwrap().0;
    }
    let second = curl(port, "/in", &post(JSON, &[]), body.as_bytes());
    assert_eq!(
        (second.status, second.header("retry-after")),
        (503, Some("1"))
    );
    stream
        .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        .unwrap();
    assert_eq!(first.join().unwrap(), 202);
}
