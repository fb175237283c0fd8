//! Fluent Bit itself, and servers that others wrote for HEC, OpenSearch, Elasticsearch, OTLP and RELP: all inside PyPI's
//! `tenzir`, which is heavy. `INTEROP=1 tests/run` installs it and runs these; without, they are listed as ignored.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use super::canary::{self, As};
use super::rows;
use super::support::{Daemon, PATIENCE, free_port, repository};

const RECORDS: usize = 1000;
const TOKEN: &str = "12345678-1234-1234-1234-1234567890ab";

/// A pipeline of tenzir, ended with this.
struct Tenzir(Child);

impl Tenzir {
    fn start(pipeline: &str, out: Stdio) -> Self {
        let packages = repository().join(".tools/interop");
        let program = packages.join("tenzir/bundled/bin/tenzir");
        assert!(
            program.exists(),
            "{} is missing: INTEROP=1 tests/run installs it",
            program.display()
        );
        let child = Command::new(program)
            .arg(pipeline)
            .env("PYTHONPATH", packages)
            .stdin(Stdio::null())
            .stdout(out)
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Tenzir {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What its types can hold: no list of several types, nothing without a value.
fn record(i: usize, how: As) -> Value {
    let mut whole = canary::record(i, how);
    let record = whole.as_object_mut().unwrap();
    for key in ["none", "list", "nested", "big"] {
        record.remove(key);
    }
    record.insert(
        "deep".to_owned(),
        json!([{"note": canary::shape(i + 1, how)}, {"note": canary::shape(i + 2, how)}]),
    );
    whole
}

/// Each field of record `i`, in what the server made of it.
fn look_at(i: usize, got: &Value) {
    let want = record(i, As::Hidden);
    for (key, value) in want.as_object().unwrap() {
        canary::same(value, &got[key], key);
    }
}

/// OTLP's log record: a text for a body, everything else as attributes.
fn look_at_otlp(i: usize, got: &Value) {
    assert_eq!(got["body"]["string_value"], canary::line(i, As::Hidden));
    let want = record(i, As::Hidden);
    let keys: Vec<&str> = got["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair["key"].as_str().unwrap())
        .collect();
    for key in want
        .as_object()
        .unwrap()
        .keys()
        .filter(|key| *key != "message")
    {
        assert!(keys.contains(&key.as_str()), "{key} is not among {keys:?}");
    }
}

/// Where a server puts what it got, and how the number of the record is found in it.
type Look = fn(usize, &Value);

/// The events that the sink has written, once each of the records is among them.
fn account(out: &Path, look: Look) {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let whole = &text[..text.rfind('\n').map_or(0, |at| at + 1)];
        if whole.lines().count() >= RECORDS {
            canary::none_left(whole);
            let mut seen = vec![0; RECORDS];
            for line in whole.lines() {
                let i = *canary::numbers([line], "seq=").first().expect("no number");
                look(i, &serde_json::from_str(line).unwrap());
                seen[i] += 1;
            }
            assert!(seen.iter().all(|n| *n == 1), "{seen:?}");
            return;
        }
        assert!(
            Instant::now() < end,
            "{} of {RECORDS}",
            whole.lines().count()
        );
        std::thread::yield_now();
    }
}

fn sink(dir: &Path, pipeline: &str, port: u16) -> (Tenzir, PathBuf) {
    let out = dir.join("received.ndjson");
    let pipeline = format!(
        "{} | to_stdout {{ write_ndjson }}",
        pipeline.replace("PORT", &port.to_string())
    );
    let file = File::create(&out).unwrap();
    (
        Tenzir::start(&pipeline.replace("TOKEN", TOKEN), file.into()),
        out,
    )
}

fn daemon(protocol: &str, port: u16, sink: u16) -> Daemon {
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"i\"\nprotocol=\"{protocol}\"\npolicy=\"strict\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://127.0.0.1:{sink}\"\n"
    ));
    daemon.wait_metric("scrubd_sink_up{route=\"i\"} 1");
    daemon
}

fn between(protocol: &str, client: &str, server: &str, look: Look) {
    let (dir, far, port) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let source = dir.path().join("records.ndjson");
    let records: String = (0..RECORDS)
        .map(|i| format!("{}\n", record(i, As::Sent)))
        .collect();
    std::fs::write(&source, records).unwrap();
    let (_sink, out) = sink(dir.path(), server, far);
    let _daemon = daemon(protocol, port, far);
    let client = client
        .replace("PORT", &port.to_string())
        .replace("TOKEN", TOKEN);
    let pipeline = format!(
        "from_file \"{}\" {{ read_ndjson }} | {client}",
        source.display()
    );
    let mut client = Tenzir::start(&pipeline, Stdio::null());
    assert!(client.0.wait().unwrap().success(), "{pipeline}");
    account(&out, look);
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_fluent_bit_by_forward_with_acknowledgements() {
    between(
        "forward",
        "to_fluent_bit \"forward\", options={Host: \"127.0.0.1\", Port: \"PORT\", Require_ack_response: \"true\"}",
        "from_fluent_bit \"forward\", options={Listen: \"127.0.0.1\", Port: \"PORT\"}",
        |i, event| look_at(i, &event["message"]),
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn to_splunk_to_a_collector_of_events() {
    between(
        "http",
        "to_splunk \"http://127.0.0.1:PORT\", hec_token=\"TOKEN\"",
        "accept_splunk \"127.0.0.1:PORT\", hec_token=\"TOKEN\"",
        |i, event| look_at(i, &event["event"]),
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_a_collector_of_events() {
    between(
        "http",
        "to_fluent_bit \"splunk\", options={Host: \"127.0.0.1\", Port: \"PORT\", Splunk_Token: \"TOKEN\"}",
        "accept_splunk \"127.0.0.1:PORT\", hec_token=\"TOKEN\"",
        |i, event| look_at(i, &event["event"]),
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn to_opensearch_to_a_bulk_api() {
    between(
        "http",
        "to_opensearch \"http://127.0.0.1:PORT\", action=\"create\", index=\"logs\"",
        "accept_opensearch \"127.0.0.1:PORT\"",
        look_at,
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_a_bulk_api() {
    between(
        "http",
        "to_fluent_bit \"es\", options={Host: \"127.0.0.1\", Port: \"PORT\", Suppress_Type_Name: \"On\"}",
        "accept_elasticsearch \"127.0.0.1:PORT\"",
        look_at,
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_an_otlp_collector() {
    between(
        "http",
        "to_fluent_bit \"opentelemetry\", options={Host: \"127.0.0.1\", Port: \"PORT\", Logs_uri: \"/v1/logs\", Logs_body_key_attributes: \"true\"}",
        "accept_otlp \"127.0.0.1:PORT\", transport=\"http\"",
        look_at_otlp,
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn rsyslog_to_another_server_of_relp() {
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (port, server) = (free_port(), free_port());
    let (_sink, out) = sink(far.path(), "accept_relp \"127.0.0.1:PORT\"", server);
    let _daemon = daemon("relp", port, server);
    let source = near.path().join("in.log");
    rows::append(&source, 0..RECORDS);
    let _client = super::relp::omrelp(near.path(), port, &source);
    account(&out, |i, event| {
        let text = event.to_string();
        let [host, id, by, line] = rows::fields(i, As::Hidden);
        for field in [host, id, by, line] {
            assert!(text.contains(&field), "{field} is not in {text}");
        }
    });
}
