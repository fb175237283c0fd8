//! What is no message of a protocol: the client is told in the protocol's own words, it is counted, a tombstone stands
//! where the protocol has a place for one, and nothing of it is passed on; who speaks properly is served on.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use super::http::{JSON, curl, curl_call, post};
use super::recorder::Recorder;
use super::support::{Daemon, PATIENCE, free_port};

const CANARY: &[u8] = b"203.0.113.77";

/// A sink that answers nothing and gives what it reads.
fn sink() -> (u16, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (send, mut stream) = (send.clone(), stream);
            std::thread::spawn(move || {
                let mut some = vec![0; 64 << 10];
                while let Ok(read @ 1..) = stream.read(&mut some) {
                    let _ = send.send(some[..read].to_vec());
                }
            });
        }
    });
    (port, receive)
}

fn has(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// A protocol, its framing; what is none of it, and what the client hears; what is of it, and what comes of that.
/// `lines` and `gelf` have no words of their own: a tombstone goes to the sink.
type Case = (
    &'static str,
    &'static str,
    &'static [u8],
    &'static str,
    &'static [u8],
    &'static [u8],
);

const STREAMS: &[Case] = &[
    (
        "lines",
        "octet_counting",
        b"x from 203.0.113.77",
        "",
        b"8 password",
        b"8 password",
    ),
    (
        "gelf",
        "",
        b"{\"a\": 203.0.113.77\0",
        "",
        b"{\"seq\":7}\0",
        b"{\"seq\":7}\0",
    ),
    (
        "relp",
        "",
        b"<13>1 from 203.0.113.77\n",
        "0 rsp 20 500 not a RELP frame\n0 serverclose 0\n",
        b"1 open 30 relp_version=1\ncommands=syslog\n",
        b"1 open ",
    ),
    (
        "forward",
        "",
        b"\x93\xC1 from 203.0.113.77",
        "",
        b"\x93\xA1t\x01\x81\xA3seq\x07",
        b"\x93\xA1t\x01\x81\xA3seq\x07",
    ),
    (
        "lumberjack",
        "",
        b"2W\0\0\0\x012C\0\0\0\x11from 203.0.113.77",
        "",
        b"2W\0\0\0\x012J\0\0\0\x01\0\0\0\x02{}",
        b"2J\0\0\0\x01\0\0\0\x02{}",
    ),
];

#[test]
fn streams() {
    for (protocol, framing, bad, heard, good, there) in STREAMS {
        let ((far, came), port) = (sink(), free_port());
        let framing = match *framing {
            "" => String::new(),
            framing => format!("framing=\"{framing}\"\n"),
        };
        let daemon = Daemon::start(&format!(
            "[[route]]\nname=\"m\"\nprotocol=\"{protocol}\"\npolicy=\"strict\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://127.0.0.1:{far}\"\n{framing}"
        ));
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(bad).unwrap();
        let wordless = matches!(*protocol, "lines" | "gelf");
        if wordless {
            client.shutdown(std::net::Shutdown::Write).unwrap();
        }
        let mut said = Vec::new();
        let _ = client.read_to_end(&mut said);
        assert_eq!(String::from_utf8_lossy(&said), *heard, "{protocol}");
        daemon.wait_metric("scrubd_tombstones_total{reason=\"bad_frame\",route=\"m\"} 1");
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        client.write_all(good).unwrap();
        let mut all = Vec::new();
        // Of two connections, in whatever order they come.
        let buried = |all: &[u8]| has(all, b"scrubd tombstone reason=bad_frame ");
        while !has(&all, there) || wordless && !buried(&all) {
            all.extend(came.recv_timeout(PATIENCE).unwrap());
        }
        assert!(!has(&all, CANARY), "{protocol}");
        assert_eq!(buried(&all), wordless, "{protocol}");
    }
}

#[test]
fn requests_and_calls() {
    let bodies: &[(&str, &str, &str)] = &[
        ("/in", "scrubd: ", "the body is no JSON"),
        ("/services/collector/event", "{\"text\":", "\"code\":6"),
        ("/_bulk", "{\"error\":{", "illegal_argument_exception"),
        ("/a/_doc", "{\"error\":{", "illegal_argument_exception"),
        ("/api/v2/logs", "{\"errors\":[", "\"status\":\"400\""),
        ("/loki/api/v1/push", "scrubd: ", ""),
        ("/v1/logs", "{\"code\":3", ""),
    ];
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"m\"\nprotocol=\"http\"\npolicy=\"strict\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://{}\"\n",
        sink.address
    ));
    for (path, start, holds) in bodies {
        let answer = curl(port, path, &post(JSON, &[]), b"{\"from\": 203.0.113.77");
        assert_eq!(answer.status, 400, "{path} {}", answer.body);
        let body = answer.body;
        assert!(
            body.starts_with(start) && body.contains(holds),
            "{path} {body}"
        );
        assert!(!has(body.as_bytes(), CANARY), "{path} {body}");
    }
    let count = bodies.len();
    daemon.wait_metric(&format!(
        "scrubd_tombstones_total{{reason=\"undecodable\",route=\"m\"}} {count}"
    ));
    assert_eq!(curl(port, "/in", &post(JSON, &[]), b"{}").status, 200);
    assert_eq!(sink.next().body, b"{}");
    assert!(sink.rest().is_empty());

    let (sink, port) = (Recorder::start(), free_port());
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"m\"\nprotocol=\"grpc\"\npolicy=\"strict\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://{}\"\n",
        sink.address
    ));
    // No length, a length that is not there, and no message behind one: INVALID_ARGUMENT.
    for body in [
        &b"\0\0"[..],
        b"\0\0\0\0\x40 from 203.0.113.77",
        b"\0\0\0\0\x11from 203.0.113.77",
    ] {
        let answer = curl_call(port, &[], body);
        assert_eq!(answer.header("grpc-status"), Some("3"), "{}", answer.body);
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
    daemon.wait_metric("scrubd_tombstones_total{reason=\"undecodable\",route=\"m\"} 3");
    assert!(sink.rest().is_empty());
}
