//! Fluent Bit itself, and servers that others wrote for HEC, OpenSearch, Elasticsearch, OTLP and RELP: all inside PyPI's
//! `tenzir`, which is heavy. `INTEROP=1 tests/run` installs it and runs these; without, they are listed as ignored.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Instant;

use serde_json::{Value, json};

use super::canary::{self, As};
use super::recorder::{Got, Recorder, Says};
use super::rows;
use super::support::{Daemon, PATIENCE, free_port, repository};

const RECORDS: usize = 1000;
const TOKEN: &str = "12345678-1234-1234-1234-1234567890ab";

/// A pipeline of tenzir, ended with this.
struct Tenzir(Child);

impl Tenzir {
    fn start(pipeline: &str, input: Stdio, out: Stdio, err: Stdio) -> Self {
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
            .stdin(input)
            .stdout(out)
            .stderr(err)
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

/// How often each record is in what the sink has written, once each of them is.
fn count(out: &Path, records: usize, look: Look) -> Vec<usize> {
    rows::lines(out, records, |i, line| {
        look(i, &serde_json::from_str(line).unwrap());
    })
}

/// Each of the records is there, once.
fn account(out: &Path, look: Look) {
    let seen = count(out, RECORDS, look);
    assert!(seen.iter().all(|n| *n == 1), "{seen:?}");
}

fn sink(dir: &Path, pipeline: &str, port: u16) -> (Tenzir, PathBuf) {
    let out = dir.join("received.ndjson");
    let file = File::options().create(true).append(true).open(&out);
    let pipeline = format!(
        "{} | to_stdout {{ write_ndjson }}",
        pipeline.replace("PORT", &port.to_string())
    );
    (
        Tenzir::start(
            &pipeline.replace("TOKEN", TOKEN),
            Stdio::null(),
            file.unwrap().into(),
            Stdio::inherit(),
        ),
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

fn lines(records: Range<usize>) -> String {
    records
        .map(|i| format!("{}\n", record(i, As::Sent)))
        .collect()
}

/// Runs a client that sends these records; whether it saw no failure. `to_splunk` ends well where it warned.
fn send(records: Range<usize>, pipeline: &str) -> JoinHandle<bool> {
    let mut client = Tenzir::start(pipeline, Stdio::piped(), Stdio::null(), Stdio::piped());
    let mut said = client.0.stderr.take().unwrap();
    let mut input = client.0.stdin.take().unwrap();
    std::thread::spawn(move || {
        input.write_all(lines(records).as_bytes()).unwrap();
        drop(input);
        let mut text = String::new();
        said.read_to_string(&mut text).unwrap();
        eprint!("{text}");
        client.0.wait().unwrap().success() && !text.contains("issue sending data")
    })
}

/// The second half of the records goes to a sink that is killed: the client waits until another is there, or sees that it
/// failed, and is started again. What it was told was accepted is there.
fn between(protocol: &str, sends: &str, server: &str, look: Look) {
    let (dir, far, port) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let (first, out) = sink(dir.path(), server, far);
    let daemon = daemon(protocol, port, far);
    let sends = sends
        .replace("PORT", &port.to_string())
        .replace("TOKEN", TOKEN);
    let pipeline = format!("from_stdin {{ read_ndjson }} | {sends}");
    let (half, waits) = (RECORDS / 2, sends.starts_with("to_fluent_bit"));
    // Fluent Bit tries again while it runs, and may leave out what it was told last when it ends.
    let mut fluent_bit = waits.then(|| {
        let (out, err) = (Stdio::null(), Stdio::inherit());
        Tenzir::start(&pipeline, Stdio::piped(), out, err)
    });
    let mut start = |records: Range<usize>| match &mut fluent_bit {
        None => Some(send(records, &pipeline)),
        Some(client) => {
            let input = client.0.stdin.as_mut().unwrap();
            input.write_all(lines(records).as_bytes()).unwrap();
            None
        }
    };
    if let Some(early) = start(0..half) {
        assert!(early.join().unwrap(), "{sends}");
    }
    let seen = count(&out, half, look);
    assert!(seen.iter().all(|n| *n == 1), "{seen:?}");
    daemon.wait_delivered("i");
    drop(first);
    let mut late = start(half..RECORDS);
    daemon.wait_metric("scrubd_sink_up{route=\"i\"} 0");
    let (_second, _) = sink(dir.path(), server, far);
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", far)).is_err() {
        assert!(Instant::now() < end);
    }
    while late.is_some_and(|late| !late.join().unwrap()) {
        late = start(half..RECORDS);
    }
    // Who failed in the middle sends again what was accepted before that.
    let seen = count(&out, RECORDS, look);
    assert!(seen[..half].iter().all(|n| *n == 1), "{seen:?}");
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_fluent_bit_by_forward_with_acknowledgements() {
    between(
        "forward",
        "to_fluent_bit \"forward\", options={Host: \"127.0.0.1\", Port: \"PORT\", Retry_Limit: \"no_limits\", Require_ack_response: \"true\"}",
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
        "to_fluent_bit \"splunk\", options={Host: \"127.0.0.1\", Port: \"PORT\", Retry_Limit: \"no_limits\", Splunk_Token: \"TOKEN\"}",
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
        "to_fluent_bit \"es\", options={Host: \"127.0.0.1\", Port: \"PORT\", Retry_Limit: \"no_limits\", Suppress_Type_Name: \"On\"}",
        "accept_elasticsearch \"127.0.0.1:PORT\"",
        look_at,
    );
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_an_otlp_collector() {
    between(
        "http",
        "to_fluent_bit \"opentelemetry\", options={Host: \"127.0.0.1\", Port: \"PORT\", Retry_Limit: \"no_limits\", Logs_uri: \"/v1/logs\", Logs_body_key_attributes: \"true\"}",
        "accept_otlp \"127.0.0.1:PORT\", transport=\"http\"",
        look_at_otlp,
    );
}

const RELP: &str = "accept_relp \"127.0.0.1:PORT\"";

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn rsyslog_to_another_server_of_relp() {
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (port, server) = (free_port(), free_port());
    let (first, out) = sink(far.path(), RELP, server);
    let daemon = daemon("relp", port, server);
    let source = near.path().join("in.log");
    rows::append(&source, 0..RECORDS);
    let _client = super::relp::omrelp(near.path(), port, &source);
    let look: Look = |i, event| {
        let text = event.to_string();
        let [host, id, by, line] = rows::fields(i, As::Hidden);
        for field in [host, id, by, line] {
            assert!(text.contains(&field), "{field} is not in {text}");
        }
    };
    account(&out, look);
    drop(first);
    rows::append(&source, RECORDS..RECORDS * 2);
    daemon.wait_metric("scrubd_sink_up{route=\"i\"} 0");
    let (_second, _) = sink(far.path(), RELP, server);
    count(&out, RECORDS * 2, look);
}

/// Fluent Bit that sends what is written to its standard input.
fn fluent_bit(output: &str, options: &str, port: u16) -> Tenzir {
    let pipeline = format!(
        "from_stdin {{ read_ndjson }} | to_fluent_bit \"{output}\", options={{Host: \"127.0.0.1\", Port: \"{port}\", Retry_Limit: \"no_limits\", {options}}}"
    );
    Tenzir::start(&pipeline, Stdio::piped(), Stdio::null(), Stdio::inherit())
}

impl Tenzir {
    fn say(&mut self, records: Range<usize>) {
        let input = self.0.stdin.as_mut().unwrap();
        input.write_all(lines(records).as_bytes()).unwrap();
    }
}

/// Fluent Bit to an HTTP sink of this test, since nobody has a server of the API: it takes half of the records and is
/// killed; the rest waits for the next. `events` reads what came, strictly.
fn fluent_bit_to_recorder(
    output: &str,
    options: &str,
    status: u16,
    events: impl Fn(&Got) -> Vec<Value>,
) {
    let (far, port) = (free_port(), free_port());
    let mut seen = vec![0; RECORDS];
    let listening = || {
        let recorder = Recorder::start_at(&format!("127.0.0.1:{far}"));
        let (headers, body) = (Vec::new(), "");
        recorder.says(Says {
            status,
            headers,
            body,
        });
        recorder
    };
    let mut take = |recorder: &Recorder, until: usize| {
        while seen[..until].contains(&0) {
            let got = recorder.next();
            canary::none_left(&got.target);
            for event in events(&got) {
                let i = usize::try_from(event["seq"].as_u64().unwrap()).unwrap();
                canary::none_left(&event.to_string());
                look_at(i, &event);
                seen[i] += 1;
            }
        }
        seen.clone()
    };
    let first = listening();
    let daemon = daemon("http", port, far);
    let mut client = fluent_bit(output, options, port);
    client.say(0..RECORDS / 2);
    let early = take(&first, RECORDS / 2);
    assert!(early[..RECORDS / 2].iter().all(|n| *n == 1), "{early:?}");
    daemon.wait_delivered("i");
    drop(first);
    client.say(RECORDS / 2..RECORDS);
    daemon.wait_metric("scrubd_sink_up{route=\"i\"} 0");
    let late = take(&listening(), RECORDS);
    assert_eq!(late[..RECORDS / 2], early[..RECORDS / 2]);
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_loki_s_api() {
    let labels = format!("job=app,owner={}", canary::shape(0, As::Sent));
    let options = format!("Labels: \"{labels}\", Line_Format: \"json\"");
    fluent_bit_to_recorder("loki", &options, 204, |got| {
        assert_eq!(
            (got.method.as_str(), got.target.as_str()),
            ("POST", "/loki/api/v1/push")
        );
        let push: Value = serde_json::from_slice(&got.body).unwrap();
        let mut events = Vec::new();
        for stream in push["streams"].as_array().unwrap() {
            let want = json!({"job": "app", "owner": canary::shape(0, As::Hidden)});
            assert_eq!(stream["stream"], want);
            for value in stream["values"].as_array().unwrap() {
                let time = value[0].as_str().unwrap();
                assert!(time.len() == 19 && time.parse::<u64>().is_ok(), "{time}");
                events.push(serde_json::from_str(value[1].as_str().unwrap()).unwrap());
            }
        }
        events
    });
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_datadog_s_intake() {
    let tags = format!("env:prod,by:{}", canary::shape(0, As::Sent));
    let options = format!(
        "TLS: \"off\", apikey: \"0123456789abcdef0123456789abcdef\", dd_source: \"app\", dd_tags: \"{tags}\", compress: \"gzip\""
    );
    fluent_bit_to_recorder("datadog", &options, 202, |got| {
        assert_eq!(got.target, "/api/v2/logs");
        assert_eq!(
            got.header("dd-api-key"),
            Some("0123456789abcdef0123456789abcdef")
        );
        assert_eq!(got.header("content-encoding"), Some("gzip"));
        let mut body = String::new();
        let mut decoder = flate2::read::GzDecoder::new(&got.body[..]);
        decoder.read_to_string(&mut body).unwrap();
        let logs: Vec<Value> = serde_json::from_str(&body).unwrap();
        for log in &logs {
            let tags = format!("env:prod,by:{}", canary::shape(0, As::Hidden));
            assert_eq!(
                (&log["ddtags"], &log["ddsource"]),
                (&tags.into(), &"app".into())
            );
        }
        logs
    });
}

#[test]
#[ignore = "INTEROP=1 tests/run"]
fn fluent_bit_to_graygelf_over_udp() {
    const PART: usize = 50;
    let (server, _daemon, port) = super::gelf::before_graygelf();
    let options = "Mode: \"udp\", Gelf_Short_Message_Key: \"message\"";
    let mut client = fluent_bit("gelf", options, port);
    for part in (0..RECORDS).step_by(PART) {
        client.say(part..part + PART);
        // Nothing else says to datagrams that the other side keeps up. It decompresses some at a time.
        let mut left: BTreeSet<usize> = (part..part + PART).collect();
        while !left.is_empty() {
            let mut message: Value = serde_json::from_str(&server.line()).unwrap();
            // Signs that no name of GELF has Fluent Bit itself replaces: this one was an address.
            let members = message.as_object_mut().unwrap();
            members.retain(|name, _| !name.starts_with("_seen_by_"));
            canary::none_left(&message.to_string());
            let i = usize::try_from(message["_seq"].as_u64().unwrap()).unwrap();
            assert!(left.remove(&i), "{i}");
            assert_eq!(message["short_message"], canary::line(i, As::Hidden));
        }
    }
}
