//! HTTP sinks that say nothing, or stop in the middle: the client is told in time, and memory stays flat.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::http::daemon;
use super::recorder::Recorder;
use super::support::{Daemon, PATIENCE, free_port};

const LIMITS: &str = "[limits]\nanswer_timeout_secs = 1\n";

/// Takes connections and holds them; `with` each one.
fn sink(with: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.try_clone().unwrap();
    let with = std::sync::Arc::new(with);
    std::thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = taken.accept() {
            held.push(stream.try_clone().unwrap());
            let with = std::sync::Arc::clone(&with);
            std::thread::spawn(move || with(&mut stream));
        }
    });
    listener
}

fn before(sink: &TcpListener, limits: &str) -> (Daemon, u16) {
    let port = free_port();
    let daemon = daemon(port, &sink.local_addr().unwrap().to_string(), limits);
    (daemon, port)
}

/// Sends a request as it is written, and gives back all that comes.
fn raw(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A sink that takes nothing lets the daemon take nothing, up to its answer.
    let mut writer = stream.try_clone().unwrap();
    let request = request.to_vec();
    let writing = std::thread::spawn(move || drop(writer.write_all(&request)));
    let mut said = Vec::new();
    let mut some = [0; 4096];
    while !said.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut some) {
            Ok(read) if read > 0 => said.extend(&some[..read]),
            _ => break,
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    writing.join().unwrap();
    String::from_utf8(said).unwrap()
}

fn post(kind: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /in HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{more}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn lines(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|i| format!("{{\"seq\":{i},\"ip\":\"198.51.100.7\"}}\n").into_bytes())
        .collect()
}

#[test]
fn a_sink_that_never_answers_is_504_in_time_and_in_flat_memory() {
    // It reads nothing, and it reads everything.
    let deaf = sink(|_| {});
    // Nor does the kernel take much for it.
    socket2::SockRef::from(&deaf)
        .set_recv_buffer_size(4096)
        .unwrap();
    let dumb = sink(|stream| drop(std::io::copy(stream, &mut std::io::sink())));
    for (sink, name) in [(&deaf, "deaf"), (&dumb, "dumb")] {
        let limits = "bodies_bytes_max = 16777216\n";
        let (daemon, port) = before(sink, &format!("{LIMITS}{limits}"));
        let long = lines(10_000);
        let clients: Vec<_> = (0..12)
            .map(|i| {
                let request = match i % 3 {
                    0 => post("application/x-ndjson", "", &long),
                    1 => post("application/json", "", b"{\"ip\":\"198.51.100.7\"}"),
                    _ => post("text/plain", "", b"from 198.51.100.7"),
                };
                std::thread::spawn(move || raw(port, &request))
            })
            .collect();
        for client in clients {
            let said = client.join().unwrap();
            assert!(said.starts_with("HTTP/1.1 504 "), "{name}: {said}");
            assert!(said.contains("retry-after: 1"), "{said}");
        }
        daemon.wait_metric("scrubd_sink_silent_total{route=\"h\"} 12");
        daemon.wait_metric("scrubd_in_flight_bytes{route=\"h\"} 0");
        let peak = daemon.rss_peak_kib();
        assert!(peak < 96 << 10, "{name}: {peak} KiB");
    }
}

#[test]
fn a_client_that_is_slow_is_not_the_sinks_fault() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(port, &sink.address.to_string(), LIMITS);
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let part = lines(20_000);
    let length = part.len() * 3;
    write!(client, "POST /in HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/x-ndjson\r\ncontent-length: {length}\r\n\r\n").unwrap();
    for i in 0..3 {
        client.write_all(&part).unwrap();
        if i < 2 {
            // Longer than the sink would have: this is the time that is tested.
            std::thread::sleep(Duration::from_millis(1500));
        }
    }
    let mut said = String::new();
    client.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    assert_eq!(sink.next().text().lines().count(), 60_000);
    daemon.wait_metric("scrubd_sink_silent_total{route=\"h\"} 0");
}

#[test]
fn an_answer_that_stops_in_the_middle_is_broken_off() {
    let sink = sink(|stream| {
        let mut some = [0; 4096];
        if stream.read(&mut some).unwrap_or(0) > 0 {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it");
        }
    });
    let (daemon, port) = before(&sink, LIMITS);
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(&post("text/plain", "", b"x")).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut said = Vec::new();
    let _ = client.read_to_end(&mut said);
    let said = String::from_utf8(said).unwrap();
    assert!(said.ends_with("half of it"), "{said}");
    daemon.wait_metric("scrubd_sink_silent_total{route=\"h\"} 1");
}

#[test]
fn a_half_closed_sink_is_no_success_and_holds_nobody_up() {
    // It says at once that it will say nothing, and reads on.
    let sink = sink(|stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        drop(std::io::copy(stream, &mut std::io::sink()));
    });
    let (daemon, port) = before(&sink, "");
    let start = Instant::now();
    for body in [&b"x"[..], &lines(30_000)] {
        let said = raw(port, &post("application/x-ndjson", "", body));
        assert!(said.starts_with("HTTP/1.1 502 "), "{said}");
        assert!(said.contains("retry-after: 1"), "{said}");
    }
    assert!(start.elapsed() < PATIENCE);
    daemon.wait_metric("scrubd_sink_silent_total{route=\"h\"} 0");
}

#[test]
fn lines_that_break_off_or_turn_out_broken_are_no_request_to_the_sink() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(port, &sink.address.to_string(), "");
    // The client goes in the middle of what it said it would send.
    for more in [
        "content-length: 99000000\r\n",
        "transfer-encoding: chunked\r\n",
    ] {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let part = lines(10_000);
        write!(
            client,
            "POST /in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n{more}\r\n"
        )
        .unwrap();
        if more.starts_with("transfer") {
            write!(client, "{:x}\r\n", part.len()).unwrap();
        }
        client.write_all(&part).unwrap();
        drop(client);
    }
    // An action that is none, behind megabytes of good ones.
    let good = b"{\"index\":{\"_index\":\"a\"}}\n{\"ip\":\"198.51.100.7\"}\n".repeat(8_000);
    let bulk = [
        &good[..],
        b"{\"index\":{\"secret\":\"198.51.100.7\"}}\n{}\n",
    ]
    .concat();
    let head = format!(
        "POST /_bulk HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
        bulk.len()
    );
    let said = raw(port, &[head.as_bytes(), &bulk].concat());
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    daemon.wait_metric("scrubd_connections{route=\"h\"} 0");
    // What came to the sink did not end, and is no request there; the next one is.
    let said = raw(port, &post("text/plain", "", b"whole"));
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    assert_eq!(sink.next().text(), "whole");
    assert!(sink.rest().is_empty());
}
