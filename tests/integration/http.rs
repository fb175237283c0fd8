//! The HTTP route as curl and a real server see it.

use std::io::{Read as _, Write as _};
use std::process::Command;

use hyper::Version;

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
    head: String,
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

/// curl to `port`, `body` on its standard input.
pub fn curl(port: u16, path: &str, args: &[&str], body: &[u8]) -> Answer {
    let (code, out, err) = run(
        Command::new("curl")
            .args(["--silent", "--show-error", "--include", "--max-time", "60"])
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

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

pub fn ungzip(coded: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(coded)
        .read_to_end(&mut text)
        .unwrap();
    text
}

pub fn zlib(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn bare(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn read_all(mut from: impl std::io::Read) -> Vec<u8> {
    let mut text = Vec::new();
    from.read_to_end(&mut text).unwrap();
    text
}

fn framed(text: &[u8]) -> Vec<u8> {
    let mut coder = snap::write::FrameEncoder::new(Vec::new());
    coder.write_all(text).unwrap();
    coder.into_inner().unwrap()
}

type Code = fn(&[u8]) -> Vec<u8>;

/// Name, way out, way back.
const CODINGS: &[(&str, Code, Code)] = &[
    ("gzip", gzip, ungzip),
    ("deflate", zlib, |b| {
        read_all(flate2::read::ZlibDecoder::new(b))
    }),
    ("deflate", bare, |b| {
        read_all(flate2::read::DeflateDecoder::new(b))
    }),
    (
        "zstd",
        |b| zstd::encode_all(b, 0).unwrap(),
        |b| zstd::decode_all(b).unwrap(),
    ),
    (
        "snappy",
        |b| snap::raw::Encoder::new().compress_vec(b).unwrap(),
        |b| snap::raw::Decoder::new().decompress_vec(b).unwrap(),
    ),
    ("snappy", framed, |b| {
        read_all(snap::read::FrameDecoder::new(b))
    }),
    (
        "gzip, zstd",
        |b| zstd::encode_all(&gzip(b)[..], 0).unwrap(),
        |b| ungzip(&zstd::decode_all(b).unwrap()),
    ),
    ("identity", <[u8]>::to_vec, <[u8]>::to_vec),
];

#[test]
fn codings_leave_as_they_came() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    let lines: String = (0..3000)
        .map(|i| format!("{{\"seq\":{i},\"ip\":\"198.51.100.{}\"}}\n", i % 256))
        .collect();
    let want: String = (0..3000)
        .map(|i| format!("{{\"seq\":{i},\"ip\":\"REDACTED-IP\"}}\n"))
        .collect();
    let list = |lines: &str| format!("[{}]", lines.trim_end().replace('\n', ","));
    for (name, code, decode) in CODINGS {
        let said = format!("content-encoding: {name}");
        let args = post(NDJSON, &["-H", &said]);
        assert_eq!(
            curl(port, "/in", &args, &code(lines.as_bytes())).status,
            200
        );
        let got = sink.next();
        assert_eq!(got.header("content-encoding"), Some(*name));
        assert_eq!(
            String::from_utf8(decode(&got.body)).unwrap(),
            want,
            "{name}"
        );
        let args = post(JSON, &["-H", &said]);
        assert_eq!(
            curl(port, "/in", &args, &code(list(&lines).as_bytes())).status,
            200
        );
        assert_eq!(
            String::from_utf8(decode(&sink.next().body)).unwrap(),
            list(&want),
            "{name}"
        );
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

#[test]
fn settings_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    for (route, why) in [
        (
            "listen = [\"udp://127.0.0.1:1\"]\nsink = \"tcp://127.0.0.1:2\"",
            "http comes over tcp://, tls:// or unix://, not udp://127.0.0.1:1",
        ),
        (
            "listen = [\"tcp://127.0.0.1:1\"]\nsink = \"stdout\"",
            "http goes to a tcp://, tls:// or unix:// sink, not stdout",
        ),
        (
            "listen = [\"tcp://127.0.0.1:1\"]\nsink = \"tcp://127.0.0.1:2\"\noutput_framing = \"nul\"",
            "http has its own framing; take out framing and output_framing",
        ),
    ] {
        std::fs::write(
            &file,
            format!("[[route]]\nname = \"a\"\nprotocol = \"http\"\n{route}\n"),
        )
        .unwrap();
        let (code, _, err) = run(
            super::support::scrubd().arg("run").arg("-c").arg(&file),
            b"",
        );
        assert_eq!(code, 78, "{err}");
        assert!(err.contains(why), "{err}");
    }
}

/// An ExportLogsServiceRequest with one body, in gRPC's framing.
const CALL: &str = "\0\0\0\0\x13\x0a\x11\x12\x0f\x12\x0d\x2a\x0b\x0a\x09192.0.2.7";
const EXPORT: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

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

/// Two daemons, TLS from the client to the first and from the first to the second.
#[test]
fn over_tls_on_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let authority = super::pki::Authority::new(dir.path(), "ca");
    let (cert, key) = authority.sign("server");
    for (protocol, path, kind, body) in [
        ("http", "/in", TEXT, "from 192.0.2.7"),
        ("grpc", EXPORT, "content-type: application/grpc", CALL),
    ] {
        let (sink, outer, inner) = (Recorder::start(), free_port(), free_port());
        let route = |port: u16, sink: String, more: &str| {
            Daemon::start(&format!(
                "[[route]]\nname = \"t\"\nprotocol = \"{protocol}\"\nlisten = [\"tls://127.0.0.1:{port}\"]\nsink = \"{sink}\"\nlisten_tls = {{ cert = \"{}\", key = \"{}\" }}\n{more}",
                cert.display(),
                key.display()
            ))
        };
        let _second = route(inner, format!("tcp://{}", sink.address), "");
        let _first = route(
            outer,
            format!("tls://127.0.0.1:{inner}"),
            &format!("sink_tls = {{ ca = \"{}\" }}\n", authority.ca.display()),
        );
        for version in ["--http1.1", "--http2"] {
            if protocol == "grpc" && version == "--http1.1" {
                continue;
            }
            let (code, out, err) = run(
                Command::new("curl")
                    .args(["--silent", "--show-error", "--max-time", "60", version])
                    .args(["--write-out", "%{http_version} %{http_code}", "--cacert"])
                    .arg(&authority.ca)
                    .args(post(kind, &["-H", "te: trailers"]))
                    .arg(format!("https://127.0.0.1:{outer}{path}")),
                body.as_bytes(),
            );
            assert_eq!(code, 0, "{err}");
            let spoken = if version == "--http2" { "2" } else { "1.1" };
            assert_eq!(
                String::from_utf8(out).unwrap(),
                format!("taken\n{spoken} 200")
            );
            let got = sink.next();
            let text = String::from_utf8_lossy(&got.body).into_owned();
            assert!(
                text.contains("REDACTED-IP") && !text.contains("192.0.2.7"),
                "{text}"
            );
            if protocol == "grpc" {
                assert_eq!(
                    (got.version, got.header("te")),
                    (Version::HTTP_2, Some("trailers"))
                );
            }
        }
    }
}

/// The files in `config/` with their ends on free ports, each with a request of its API.
#[test]
fn settings_files_start_and_serve() {
    let event = r#"{"event":"from 192.0.2.7"}"#;
    let bulk = "{\"create\":{\"_index\":\"a\"}}\n{\"ip\":\"192.0.2.7\"}\n";
    let push = r#"{"streams":[{"stream":{"a":"b"},"values":[["1","from 192.0.2.7"]]}]}"#;
    let otlp = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"192.0.2.7"}}]}]}]}"#;
    let cases = [
        ("http", "/in", JSON, event),
        ("http-loki", "/loki/api/v1/push", JSON, push),
        ("http-elasticsearch", "/_bulk", NDJSON, bulk),
        ("http-splunk", "/services/collector/event", JSON, event),
        (
            "http-datadog",
            "/api/v2/logs",
            JSON,
            r#"[{"message":"192.0.2.7"}]"#,
        ),
        ("http-otlp", "/v1/logs", JSON, otlp),
        ("grpc-otlp", EXPORT, "content-type: application/grpc", CALL),
    ];
    let shipped = std::fs::read_dir(super::support::repository().join("config"))
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            let name = name.to_str().unwrap();
            name.starts_with("http") || name.starts_with("grpc")
        })
        .count();
    assert_eq!(shipped, cases.len());
    for (name, path, kind, body) in cases {
        let (sink, port) = (Recorder::start(), free_port());
        let file = super::support::repository().join(format!("config/{name}.toml"));
        let mut tables = std::fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(|line| match line.split(" = ").next() {
                Some("listen") => format!("listen = [\"tcp://127.0.0.1:{port}\"]\n"),
                Some("sink") => format!("sink = \"tcp://{}\"\n", sink.address),
                _ => format!("{line}\n"),
            })
            .collect::<String>();
        // The recorder speaks no TLS; that the table is one is for the tests of TLS.
        tables = tables.replace("[route.sink_tls]", "");
        let _daemon = Daemon::start(&tables);
        let more: &[&str] = if name == "grpc-otlp" {
            &["--http2-prior-knowledge", "-H", "te: trailers"]
        } else {
            &[]
        };
        let answer = curl(port, path, &post(kind, more), body.as_bytes());
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "taken\n"),
            "{name} {}",
            answer.head
        );
        let got = sink.next();
        assert_eq!(got.target, path);
        let text = String::from_utf8_lossy(&got.body).into_owned();
        assert!(
            text.contains("REDACTED-IP") && !text.contains("192.0.2.7"),
            "{name} {text}"
        );
    }
}
