//! curl with something to hide in every place of a request, and through a sink that is killed.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use form_urlencoded::{Serializer, parse};
use serde_json::Value;

use super::canary::{self, As};
use super::http::{JSON, NDJSON, TEXT, curl, daemon, post};
use super::http_codings::{gzip, ungzip};
use super::recorder::{Got, Recorder};
use super::support::free_port;

const RECORDS: usize = 1000;
const FORM: &str = "content-type: application/x-www-form-urlencoded";

fn query(how: As) -> Vec<(String, String)> {
    let all = canary::shapes();
    let pairs = all.iter().enumerate();
    let mut pairs: Vec<_> = pairs
        .map(|(i, one)| (format!("q{i}"), one.write(i, how)))
        .chain(canary::keyed(7, how).map(|(key, value)| (key.to_owned(), value)))
        .collect();
    pairs.push(("level".to_owned(), "info".to_owned()));
    pairs
}

fn form(how: As) -> Vec<(String, String)> {
    let field = |i: usize| {
        (
            format!("f{i} {}", canary::shape(i, how)),
            canary::line(i, how),
        )
    };
    (0..RECORDS).map(field).collect()
}

fn encoded(pairs: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn lines(how: As) -> Vec<String> {
    (0..RECORDS).map(|i| canary::line(i, how)).collect()
}

/// What came but its body is as it must be.
fn look_at_head(got: &Got) {
    let (path, text) = got.target.split_once('?').unwrap();
    assert_eq!(path, "/in");
    canary::none_left(&percent_encoding::percent_decode_str(text).decode_utf8_lossy());
    let pairs: Vec<(String, String)> = parse(text.as_bytes()).into_owned().collect();
    assert_eq!(pairs, query(As::Hidden));
    assert_eq!(got.header("authorization"), Some("Bearer of-the-client"));
    for (name, value) in &got.headers {
        canary::none_left(name.as_str());
        canary::none_left(value.to_str().unwrap());
    }
    for (i, one) in canary::shapes().iter().enumerate() {
        let name = format!("x-note-{i}");
        assert_eq!(got.header(&name), Some(one.write(i, As::Hidden).as_str()));
    }
}

fn same_records(records: impl IntoIterator<Item = Value>) {
    let mut count = 0;
    for (i, record) in records.into_iter().enumerate() {
        canary::same_but_hidden(i, &record);
        count += 1;
    }
    assert_eq!(count, RECORDS);
}

#[test]
fn canaries_in_every_place_of_a_request() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    let target = format!("/in?{}", encoded(&query(As::Sent)));
    let notes = canary::shapes();
    let notes = notes
        .iter()
        .enumerate()
        .map(|(i, one)| format!("x-note-{i}: {}", one.write(i, As::Sent)))
        .chain(["authorization: Bearer of-the-client".to_owned()])
        .collect::<Vec<_>>();
    let send = |kind, more: &[&str], body: &[u8]| {
        let notes = notes.iter().flat_map(|note| ["-H", note.as_str()]);
        let more: Vec<&str> = more.iter().copied().chain(notes).collect();
        let answer = curl(port, &target, &post(kind, &more), body);
        assert_eq!((answer.status, answer.body.as_str()), (200, "taken\n"));
        let got = sink.next();
        look_at_head(&got);
        got
    };
    let records = canary::records(0..RECORDS);
    let array = format!("[{}]", records.trim_end().replace('\n', ",\n"));
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let got = send(JSON, &[version], array.as_bytes());
        canary::none_left(got.text());
        same_records(serde_json::from_str::<Vec<Value>>(got.text()).unwrap());
        let zipped = ["-H", "content-encoding: gzip", version];
        let got = send(NDJSON, &zipped, &gzip(records.as_bytes()));
        let text = String::from_utf8(ungzip(&got.body)).unwrap();
        canary::none_left(&text);
        let values = text.lines().map(|line| serde_json::from_str(line).unwrap());
        same_records(values);
        let text = lines(As::Sent).join("\r\n");
        let got = send(
            TEXT,
            &["-H", "transfer-encoding: chunked", version],
            text.as_bytes(),
        );
        assert_eq!(got.text(), lines(As::Hidden).join("\r\n"));
        let got = send(FORM, &[version], encoded(&form(As::Sent)).as_bytes());
        let pairs: Vec<(String, String)> = parse(&got.body).into_owned().collect();
        assert_eq!(pairs, form(As::Hidden));
    }
}

/// The next connection that brings a request, once all of its body is there.
fn whole_request(listener: &TcpListener) -> TcpStream {
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut all, mut some) = (Vec::new(), [0; 16 << 10]);
        loop {
            let read = stream.read(&mut some).unwrap();
            if read == 0 {
                // The daemon only asked whether somebody is there.
                break;
            }
            all.extend_from_slice(&some[..read]);
            let Some(end) = all.windows(4).position(|end| end == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if all.len() == end + 4 + length {
                return stream;
            }
        }
    }
}

#[test]
fn through_a_sink_that_is_killed() {
    /// Records of a request.
    const PART: usize = 25;
    let (far, port) = (free_port(), free_port());
    let address = format!("127.0.0.1:{far}");
    let first = Recorder::start_at(&address);
    let _daemon = daemon(port, &address, "");
    let send = move |part: usize| {
        let records = canary::records(part * PART..(part + 1) * PART);
        curl(port, "/in", &post(NDJSON, &[]), records.as_bytes()).status
    };
    let parts = RECORDS / PART;
    let mut accepted = Vec::new();
    for part in 0..parts / 2 {
        assert_eq!(send(part), 200);
        accepted.push(part);
    }
    let mut got = first.rest();
    drop(first);
    assert_eq!(send(parts / 2), 503, "nobody is there");
    // One that has it all is killed before it says so, and one says so late.
    let listener = TcpListener::bind(("127.0.0.1", far)).unwrap();
    let client = std::thread::spawn(move || send(parts / 2));
    drop(whole_request(&listener));
    assert_eq!(client.join().unwrap(), 502);
    let client = std::thread::spawn(move || send(0));
    let mut stream = whole_request(&listener);
    assert!(!client.is_finished(), "the sink has not answered");
    stream
        .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        .unwrap();
    assert_eq!(client.join().unwrap(), 202);
    drop((stream, listener));
    let second = Recorder::start_at(&address);
    for part in parts / 2..parts {
        assert_eq!(send(part), 200);
        accepted.push(part);
    }
    got.extend(second.rest());
    // What was accepted is there, once.
    assert_eq!(accepted, (0..parts).collect::<Vec<_>>());
    let text: String = got.iter().map(Got::text).collect();
    canary::none_left(&text);
    same_records(text.lines().map(|line| serde_json::from_str(line).unwrap()));
}
