//! What expands without end: the client gets the protocol's own error, it is counted, nothing of it goes out, and memory
//! stays flat, however many come. (HTTP's own are in `http.rs`.)

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};

use serde_json::Value;

use super::http::curl_call;
use super::http_codings::{gzip, zlib};
use super::recorder::Recorder;
use super::support::{Daemon, PATIENCE, free_port};

/// Clients at a time, and bombs of each.
const CLIENTS: usize = 6;
const EACH: usize = 5;
const PEAK_KIB: u64 = 96 << 10;

fn zeros(mebibytes: usize) -> Vec<u8> {
    vec![0; mebibytes << 20]
}

/// Where bombs are sent by each client; `answer` reads what it gets for one.
fn thrown(bomb: &[u8], port: u16, answer: impl Fn(TcpStream) + Sync) {
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
                    client.set_read_timeout(Some(PATIENCE)).unwrap();
                    // It may be hung up on before it has said all.
                    let _ = client.write_all(bomb);
                    answer(client);
                }
            });
        }
    });
}

/// A client that is hung up on without a word.
fn hung_up(mut client: TcpStream) {
    let mut said = Vec::new();
    let _ = client.read_to_end(&mut said);
    assert!(said.is_empty(), "{said:?}");
}

/// Nothing came to the sink but looks whether somebody is there, and what was `announced` where that came by itself.
fn nothing_came(sink: &TcpListener, announced: &[u8]) {
    sink.set_nonblocking(true).unwrap();
    while let Ok((mut stream, _)) = sink.accept() {
        stream.set_nonblocking(true).unwrap();
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        assert!(all.is_empty() || all == announced, "{} bytes", all.len());
    }
}

fn stream_of(file: &str, announced: &[u8], bombs: &[(Vec<u8>, &str)]) {
    let (sink, port) = (TcpListener::bind("127.0.0.1:0").unwrap(), free_port());
    let target = format!("tcp://{}", sink.local_addr().unwrap());
    let daemon = Daemon::shipped(file, &format!("tcp://127.0.0.1:{port}"), &target);
    let route = file.split('.').next().unwrap();
    for (bomb, reason) in bombs {
        thrown(bomb, port, hung_up);
        let count = CLIENTS * EACH;
        daemon.wait_metric(&format!(
            "scrubd_tombstones_total{{reason=\"{reason}\",route=\"{route}\"}} {count}"
        ));
    }
    daemon.wait_metric(&format!("scrubd_connections{{route=\"{route}\"}} 0"));
    nothing_came(&sink, announced);
    let peak = daemon.rss_peak_kib();
    assert!(peak < PEAK_KIB, "{peak} KiB");
}

/// A compressed chunk of the Forward protocol.
fn chunk(packed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(packed.len()).unwrap().to_be_bytes();
    [
        b"\x93\xA3app\xC6",
        &length[..],
        packed,
        b"\x82\xA5chunk\xA1a\xAAcompressed\xA4gzip",
    ]
    .concat()
}

#[test]
fn forward() {
    // One further than it may be expanded, one longer than a frame may be.
    let bombs = [
        (chunk(&gzip(&zeros(12))), "expands"),
        (chunk(&gzip(&zeros(200))), "record_too_long"),
    ];
    stream_of("forward.toml", b"", &bombs);
}

#[test]
fn lumberjack() {
    let announced = b"2W\0\0\0\x01";
    let window = |packed: &[u8]| {
        let length = u32::try_from(packed.len()).unwrap().to_be_bytes();
        [announced, &b"2C"[..], &length[..], packed].concat()
    };
    let bombs = [
        (window(&zlib(&zeros(12))), "expands"),
        (window(&zlib(&zeros(200))), "record_too_long"),
    ];
    stream_of("lumberjack.toml", announced, &bombs);
}

#[test]
fn gelf() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    sink.set_read_timeout(Some(PATIENCE)).unwrap();
    let port = free_port();
    let daemon = Daemon::shipped(
        "gelf.toml",
        &format!("udp://127.0.0.1:{port}"),
        &format!("udp://{}", sink.local_addr().unwrap()),
    );
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    for bomb in [zlib(&zeros(50)), gzip(&zeros(50))] {
        client
            .send_to(&bomb[..bomb.len().min(60_000)], ("127.0.0.1", port))
            .unwrap();
        let mut datagram = vec![0; 65_536];
        let length = sink.recv(&mut datagram).unwrap();
        let message: Value = serde_json::from_slice(&datagram[..length]).unwrap();
        let text = message["short_message"].as_str().unwrap();
        assert!(text.contains("reason=record_too_long"), "{text}");
    }
    daemon.wait_metric("scrubd_tombstones_total{reason=\"record_too_long\",route=\"gelf\"} 2");
    let peak = daemon.rss_peak_kib();
    assert!(peak < PEAK_KIB, "{peak} KiB");
}

#[test]
fn grpc() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = Daemon::shipped(
        "grpc-otlp.toml",
        &format!("tcp://127.0.0.1:{port}"),
        &format!("tcp://{}", sink.address),
    );
    let message = |packed: &[u8]| {
        let length = u32::try_from(packed.len()).unwrap().to_be_bytes();
        [&[1], &length[..], packed].concat()
    };
    let bombs = [12, 200].map(|mebibytes| message(&gzip(&zeros(mebibytes))));
    for bomb in &bombs {
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let answer = curl_call(port, &["-H", "grpc-encoding: gzip"], bomb);
                        // RESOURCE_EXHAUSTED.
                        assert_eq!(answer.header("grpc-status"), Some("8"));
                    }
                });
            }
        });
    }
    let count = bombs.len() * CLIENTS * EACH;
    daemon.wait_metric(&format!(
        "scrubd_tombstones_total{{reason=\"expands\",route=\"otlp-grpc\"}} {count}"
    ));
    assert!(sink.rest().is_empty());
    let peak = daemon.rss_peak_kib();
    assert!(peak < PEAK_KIB, "{peak} KiB");
}
