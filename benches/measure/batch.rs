//! Protocols that bring many records in one message: Forward's entries, bodies of HTTP APIs.

use scrubd::frame::Output;
use scrubd::mask::Keys;
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::protocol::forward::message::Scrubber;
use scrubd::protocol::forward::msgpack::{write_array, write_int, write_map, write_str};
use scrubd::protocol::http::scrub_body;
use scrubd::protocol::session::Desk;
use serde_json::Value;
use std::hint::black_box;
use std::sync::Arc;

/// What a message is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Fluentd's Forward Mode.
    Forward,
    /// Elasticsearch's `_bulk`.
    Bulk,
    /// Loki's push, JSON.
    Loki,
    /// OTLP's logs, JSON.
    Otlp,
    /// Splunk's events, back to back.
    Splunk,
}

impl Kind {
    /// One message of these lines.
    pub fn message(self, lines: &[&[u8]]) -> Vec<u8> {
        let texts = lines.iter().map(|line| std::str::from_utf8(line).unwrap());
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let joined = |records: Vec<String>| records.join(",");
        match self {
            Self::Forward => forward(lines),
            Self::Bulk => texts
                .map(|text| format!("{{\"index\":{{\"_index\":\"logs\"}}}}\n{text}\n"))
                .collect::<String>()
                .into_bytes(),
            Self::Splunk => texts
                .map(|text| format!("{{\"time\":1764072000.5,\"event\":{text}}}"))
                .collect::<String>()
                .into_bytes(),
            Self::Loki => {
                let values =
                    texts.map(|text| format!("[\"1764072000000000000\",{}]", quoted(text)));
                let values = joined(values.collect());
                format!(
                    "{{\"streams\":[{{\"stream\":{{\"app\":\"web\"}},\"values\":[{values}]}}]}}"
                )
                .into_bytes()
            }
            Self::Otlp => {
                let records = texts.map(|text| {
                    format!(
                        "{{\"timeUnixNano\":\"1764072000000000000\",\"severityText\":\"INFO\",\"body\":{{\"stringValue\":{}}}}}",
                        quoted(text)
                    )
                });
                let records = joined(records.collect());
                format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{records}]}}]}}]}}")
                    .into_bytes()
            }
        }
    }

    fn posted(self) -> (&'static str, &'static str) {
        match self {
            Self::Bulk => ("/_bulk", "application/x-ndjson"),
            Self::Splunk => ("/services/collector/event", "application/json"),
            Self::Loki => ("/loki/api/v1/push", "application/json"),
            Self::Otlp => ("/v1/logs", "application/json"),
            Self::Forward => ("", ""),
        }
    }
}

/// A line of JSON as a record of its members, any other as its `log`.
fn forward(lines: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    write_array(2, &mut out);
    write_str(b"app.web", &mut out);
    write_array(lines.len(), &mut out);
    for line in lines {
        write_array(2, &mut out);
        assert!(write_int(1_764_072_000, &mut out));
        match serde_json::from_slice(line) {
            Ok(record @ Value::Object(_)) => msgpack(&record, &mut out),
            _ => {
                write_map(1, &mut out);
                write_str(b"log", &mut out);
                write_str(line, &mut out);
            }
        }
    }
    out
}

fn msgpack(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0xC0),
        Value::Bool(truth) => out.push(0xC2 + u8::from(*truth)),
        Value::Number(number) => match number.as_i64() {
            Some(number) => {
                assert!(write_int(number.into(), out));
            }
            None => {
                out.push(0xCB);
                out.extend(number.as_f64().unwrap().to_be_bytes());
            }
        },
        Value::String(text) => write_str(text.as_bytes(), out),
        Value::Array(items) => {
            write_array(items.len(), out);
            items.iter().for_each(|item| msgpack(item, out));
        }
        Value::Object(members) => {
            write_map(members.len(), out);
            for (key, member) in members {
                write_str(key.as_bytes(), out);
                msgpack(member, out);
            }
        }
    }
}

/// What scrubs messages of a kind.
pub struct Batches {
    kind: Kind,
    plan: Arc<Plan>,
    forward: Scrubber,
    tally: Tally,
}

impl Batches {
    pub fn new(kind: Kind, policy: Policy) -> Self {
        let plan = Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame));
        Self {
            kind,
            forward: Scrubber::new(Desk {
                pipeline: Pipeline::new(Arc::clone(&plan)),
                tally: Tally::default(),
                record_bytes_max: 1 << 20,
                frame_bytes_max: 16 << 20,
                window_bytes_max: 256 << 10,
            }),
            plan,
            tally: Tally::default(),
        }
    }

    pub fn tally(&self) -> &Tally {
        match self.kind {
            Kind::Forward => &self.forward.desk.tally,
            _ => &self.tally,
        }
    }

    /// One message.
    pub fn take(&mut self, message: &[u8]) {
        let message = black_box(message);
        if self.kind == Kind::Forward {
            black_box(self.forward.message(message).unwrap());
            return;
        }
        let (path, media) = self.kind.posted();
        let (scrubbed, tally) = scrub_body(&self.plan, path, media, "", &[message]).unwrap();
        self.tally.add(&tally);
        black_box(scrubbed);
    }
}
