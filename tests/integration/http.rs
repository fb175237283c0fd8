//! The HTTP route as curl and a real server see it.

use std::io::Write as _;
use std::process::Command;

use hyper::Version;

use super::http_codings::{gzip, zlib};
use super::recorder::{Recorder, Says};
use super::support::{Daemon, free_port, run};

const REDACT: &str = "[actions]\ndefault = \"redact\"\n";

/// A daemon between `port` and a sink, everything redacted.
pub fn daemon(port: u16, sink: &str, more: &str) -> Daemon {
    daemon_with(port, sink, more, &[])
}

fn daemon_with(port: u16, sink: &str, more: &str, env: &[(&str, &str)]) -> Daemon {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.toml");
    std::fs::write(&policy, REDACT).unwrap();
    let daemon = Daemon::start_with(
        &format!(
            "{more}\n[[route]]\nname = \"h\"\nprotocol = \"http\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://{sink}\"\npolicy = \"{}\"\n",
            policy.display()
        ),
        env,
    );
    drop(dir);
    daemon
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Ends curl where not a byte went either way for a minute: however long what is on its way takes.
pub const STUCK: [&str; 4] = ["--speed-limit", "1", "--speed-time", "60"];

/// curl to `port`, `body` on its standard input.
pub fn curl(port: u16, path: &str, args: &[&str], body: &[u8]) -> Answer {
    let (code, out, err) = run(
        Command::new("curl")
            .args(["--silent", "--show-error", "--include"])
            .args(STUCK)
            .args(args)
            .arg(format!("http://127.0.0.1:{port}{path}")),
        body,
    );
    assert_eq!(code, 0, "{err}");
    let text = String::from_utf8(out).unwrap();
    let mut rest = text.as_str();
    loop {
        let (head, body) = rest.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 100 {
            return Answer {
                status,
                head: head.to_owned(),
                body: body.to_owned(),
            };
        }
        rest = body;
    }
}

pub fn post<'a>(content_type: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--data-binary", "@-", "-H", content_type], more].concat()
}

/// An ExportLogsServiceRequest with one body, in gRPC's framing.
pub const CALL: &str = "\0\0\0\0\x13\x0a\x11\x12\x0f\x12\x0d\x2a\x0b\x0a\x09192.0.2.7";
pub const EXPORT: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// A call of OTLP's service, as curl makes it.
pub fn curl_call(port: u16, more: &[&str], body: &[u8]) -> Answer {
    let call = ["--http2-prior-knowledge", "-H", "te: trailers"];
    let args = [&call, more].concat();
    curl(
        port,
        EXPORT,
        &post("content-type: application/grpc", &args),
        body,
    )
}

pub const JSON: &str = "content-type: application/json";
pub const NDJSON: &str = "content-type: application/x-ndjson";
pub const TEXT: &str = "content-type: text/plain";

#[test]
fn bodies_by_media_type() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    let cases: &[(&str, &str, &str)] = &[
        (
            JSON,
            "{ \"client\" : \"192.0.2.7\",\n  \"n\": 1.50, \"gps\": {\"lat\": 31.23075,\n\"lon\": 121.47075}, \"who\": [\"a\\u0040b.example\", \"caf\\u00e9\"] }\n",
            "{ \"client\" : \"REDACTED-IP\",\n  \"n\": 1.50, \"gps\": {\"lat\": 0.0,\n\"lon\": 0.0}, \"who\": [\"REDACTED-EMAIL\", \"caf\\u00e9\"] }\n",
        ),
        (
            "content-type: application/vnd.api+json; charset=UTF-8",
            "[{\"imei\":490154203237518},\"from 192.0.2.7\",3]",
            "[{\"imei\":0},\"from REDACTED-IP\",3]",
        ),
        (
            NDJSON,
            "{\"ip\":\"192.0.2.7\"}\n{\"ok\":true}\n{\"nested\":\"{\\\"password\\\":\\\"hunter2\\\"}\"}",
            "{\"ip\":\"REDACTED-IP\"}\n{\"ok\":true}\n{\"nested\":\"{\\\"password\\\":\\\"REDACTED-SECRET\\\"}\"}",
        ),
        (
            TEXT,
            "one 192.0.2.7\r\ntwo ada@example.org\nthree",
            "one REDACTED-IP\r\ntwo REDACTED-EMAIL\nthree",
        ),
        (
            "content-type: application/x-www-form-urlencoded",
            "who=ada%40example.org&note=a+b&password=hunter2&flag",
            "who=REDACTED-EMAIL&note=a+b&password=REDACTED-SECRET&flag",
        ),
        (
            "content-type: application/x-thing",
            "from 192.0.2.7",
            "from REDACTED-IP",
        ),
        ("content-type:", "from 192.0.2.7", "from REDACTED-IP"),
    ];
    for http2 in [false, true] {
        for (kind, body, want) in cases {
            let version: &[&str] = if http2 {
                &["--http2-prior-knowledge"]
            } else {
                &["--http1.1"]
            };
            let answer = curl(port, "/in", &post(kind, version), body.as_bytes());
            assert_eq!((answer.status, answer.body.as_str()), (200, "taken\n"));
            assert_eq!(answer.header("x-sink"), Some("recorder"));
            let got = sink.next();
            assert_eq!(got.text(), *want, "{kind}");
            assert_eq!(got.method, "POST");
            assert_eq!(
                got.version,
                if http2 {
                    Version::HTTP_2
                } else {
                    Version::HTTP_11
                }
            );
            let length = want.len().to_string();
            assert_eq!(got.header("content-length"), Some(length.as_str()));
        }
    }
}

#[test]
fn the_head_is_scrubbed_and_what_is_the_sinks_is_kept() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    let args = [
        "-H",
        "Authorization: Basic YWRhOmh1bnRlcjI=",
        "-H",
        "DD-API-KEY: 0123456789abcdef0123456789abcdef",
        "-H",
        "X-Forwarded-For: 192.0.2.7",
        "-H",
        "X-Note: fine",
        "-H",
        "Content-Type: text/plain; name=ada@example.org",
        "-H",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "-H",
        "Connection: X-Hop",
        "-H",
        "X-Hop: gone",
        "-H",
        "TE: trailers",
        "-H",
        "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
    ];
    let answer = curl(
        port,
        "/users/ada%40example.org/x?ip=192.0.2.7&q=a+b&password=hunter2&level=info",
        &args,
        b"",
    );
    assert_eq!(answer.status, 200);
    let got = sink.next();
    assert_eq!(
        got.target,
        "/users/REDACTED-EMAIL/x?ip=REDACTED-IP&q=a+b&password=REDACTED-SECRET&level=info"
    );
    assert_eq!(got.method, "GET");
    assert_eq!(got.header("authorization"), Some("Basic YWRhOmh1bnRlcjI="));
    assert_eq!(
        got.header("dd-api-key"),
        Some("0123456789abcdef0123456789abcdef")
    );
    assert_eq!(got.header("x-forwarded-for"), Some("REDACTED-IP"));
    assert_eq!(got.header("x-note"), Some("fine"));
    assert_eq!(
        got.header("content-type"),
        Some("text/plain; name=REDACTED-EMAIL")
    );
    assert_eq!(
        got.header("traceparent"),
        Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    );
    assert_eq!(got.header("host"), Some(sink.address.to_string().as_str()));
    assert_eq!(got.header("via"), Some("1.1 scrubd"));
    for gone in ["x-hop", "te", "connection", "content-md5"] {
        assert_eq!(got.header(gone), None, "{gone}");
    }
}

#[test]
fn answers_are_the_sinks_own() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    for status in [204, 400, 401, 429, 500, 503] {
        sink.says(Says {
            status,
            headers: vec![("retry-after", "7"), ("x-elastic-product", "Elasticsearch")],
            body: if status == 204 { "" } else { "{\"why\":1}" },
        });
        let answer = curl(port, "/in", &post(JSON, &[]), b"{}");
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after"), Some("7"));
        assert_eq!(answer.header("x-elastic-product"), Some("Elasticsearch"));
        assert_eq!(answer.body, if status == 204 { "" } else { "{\"why\":1}" });
    }
}

#[test]
fn what_cannot_be_scrubbed_is_refused_and_counted() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(
        port,
        &sink.address.to_string(),
        "[limits]\nbody_bytes_max = 100000\n",
    );
    let zeros = vec![b'0'; 50 << 20];
    let json_bomb = format!("\"{}\"", "0".repeat(200_000));
    let cut = {
        let mut coded = gzip(b"{\"a\":\"some text that is cut off\"}");
        coded.truncate(coded.len() - 12);
        coded
    };
    let long = vec![b' '; 100_001];
    let cases: &[(u16, &str, Option<&str>, &[u8])] = &[
        (
            415,
            "content-type: application/octet-stream",
            None,
            b"\x00\x01",
        ),
        (
            415,
            "content-type: multipart/form-data; boundary=x",
            None,
            b"--x--",
        ),
        (415, "content-type: application/x-thing", None, b"a\x00b\n"),
        (
            415,
            "content-type: text/plain; charset=utf-16",
            None,
            b"a\x00b\x00",
        ),
        (415, JSON, Some("br"), b"{}"),
        (415, JSON, Some("gzip, gzip, gzip"), b"{}"),
        (400, JSON, None, b"{\"a\":"),
        (400, JSON, Some("gzip"), b"{}"),
        (400, JSON, Some("gzip"), &cut),
        (400, JSON, Some("deflate"), &zlib(b"{\"a\":1}")[..8]),
        (
            400,
            JSON,
            Some("zstd"),
            &zstd::encode_all(&b"{\"a\":1}"[..], 0).unwrap()[..9],
        ),
        (400, JSON, Some("snappy"), b"\xff\xff\xff"),
        (413, JSON, None, &long),
        (413, JSON, Some("gzip"), &gzip(json_bomb.as_bytes())),
        (
            413,
            JSON,
            Some("snappy"),
            &snap::raw::Encoder::new()
                .compress_vec(json_bomb.as_bytes())
                .unwrap(),
        ),
        (413, NDJSON, Some("gzip"), &gzip(&zeros)),
        (
            413,
            NDJSON,
            Some("zstd"),
            &zstd::encode_all(&zeros[..], 0).unwrap(),
        ),
        (413, NDJSON, Some("deflate"), &zlib(&zeros)),
    ];
    for (i, (status, kind, coding, body)) in cases.iter().enumerate() {
        let said = coding.map(|coding| format!("content-encoding: {coding}"));
        let more: Vec<&str> = said.iter().flat_map(|said| ["-H", said.as_str()]).collect();
        let answer = curl(port, "/in", &post(kind, &more), body);
        assert_eq!(
            answer.status, *status,
            "{i} {kind} {coding:?} {}",
            answer.body
        );
        assert!(answer.body.starts_with("scrubd: "), "{}", answer.body);
        assert_eq!(answer.header("retry-after"), None);
    }
    assert!(sink.rest().is_empty());
    daemon.wait_metric("scrubd_tombstones_total{reason=\"undecodable\",route=\"h\"} 12");
    daemon.wait_metric("scrubd_tombstones_total{reason=\"expands\",route=\"h\"} 3");
    daemon.wait_metric("scrubd_tombstones_total{reason=\"record_too_long\",route=\"h\"} 3");
    assert!(
        daemon.rss_peak_kib() < 64 << 10,
        "{} KiB",
        daemon.rss_peak_kib()
    );
}

#[test]
fn tombstones_have_the_form_of_their_body() {
    let (sink, port) = (Recorder::start(), free_port());
    let daemon = daemon(
        port,
        &sink.address.to_string(),
        "[limits]\nrecord_bytes_max = 50\n",
    );
    let long = "y".repeat(60);
    let body = format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n{{\"b\":2}}\n");
    assert_eq!(
        curl(port, "/in", &post(NDJSON, &[]), body.as_bytes()).status,
        200
    );
    let got = sink.next();
    let lines: Vec<serde_json::Value> = got
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    let text = lines[1]["message"].as_str().unwrap();
    assert!(
        text.starts_with("scrubd tombstone reason=record_too_long bytes=68 policy="),
        "{text}"
    );
    daemon.wait_metric("scrubd_tombstones_total{reason=\"record_too_long\",route=\"h\"} 1");
}

#[test]
fn no_payload_or_credential_goes_sideways() {
    let (sink, port) = (Recorder::start(), free_port());
    let mut daemon = daemon_with(
        port,
        &sink.address.to_string(),
        "",
        &[("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")],
    );
    let header = [
        "-H",
        "Authorization: Bearer canary",
        "-H",
        "X-Canary: canary",
    ];
    for http2 in ["--http1.1", "--http2-prior-knowledge"] {
        let args = [&header[..], &[http2]].concat();
        for (kind, body) in [
            (JSON, &b"{\"canary\":\"canary\"}"[..]),
            (JSON, b"canary{"),
            (TEXT, b"canary"),
            ("content-type: image/canary", b"canary"),
        ] {
            curl(port, "/canary?canary=canary", &post(kind, &args), body);
        }
    }
    let _ = std::net::TcpStream::connect(("127.0.0.1", port))
        .unwrap()
        .write_all(b"canary \x00 canary\r\n\r\n");
    let pages = daemon.get("/metrics").1 + &daemon.get("/").1;
    daemon.signal("TERM");
    daemon.child.wait().unwrap();
    let log = daemon.rest_of_log();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "{log}");
    assert!(
        !log.contains("canary") && !pages.contains("canary"),
        "{log}"
    );
    assert_eq!(sink.rest().len(), 4);
}
