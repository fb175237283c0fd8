//! HTTP routes by their settings: what is refused, TLS on both sides, the files that are shipped.

use std::process::Command;

use hyper::Version;

use super::http::{CALL, EXPORT, JSON, NDJSON, STUCK, TEXT, curl, post};
use super::recorder::Recorder;
use super::support::{Daemon, free_port, run};

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
                    .args(["--silent", "--show-error", version])
                    .args(STUCK)
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
