//! What every decoder of a body owes: without findings the same bytes, on arbitrary bytes no panic, and
//! what it lets through has no canary.

mod messages;

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use self::messages::{loki, otlp, protobuf};
use super::api::{self, Media, Shape};
use super::coding::{Coding, Decoder, Encoder};
use super::desk::Desk;
use super::refusal::Refusal;
use super::wire::put_bytes;
use crate::frame::Output;
use crate::mask::Scrubbed;
use crate::plan::Plan;

const CANARY: &[u8] = b"canary@example.org";

/// Compiled once: that is what takes its time.
static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let policy = "[actions]\ndefault = \"redact\"\n";
    Arc::new(Plan::test(policy, Output::AsCame))
});

fn desk() -> Desk {
    Desk::with(Arc::clone(&PLAN), 1 << 20, 16 << 20)
}

/// The decoders: a path, a media type, and whether its route is gRPC.
const BODIES: &[(&str, &str)] = &[
    ("/in", "application/json"),
    ("/in", "application/x-ndjson"),
    ("/in", "text/plain"),
    ("/in", "application/x-www-form-urlencoded"),
    ("/in", "application/x-unheard-of"),
    ("/services/collector/event", "application/json"),
    ("/services/collector/raw", ""),
    ("/api/v2/logs", "application/json"),
    ("/_bulk", "application/x-ndjson"),
    ("/a/_doc", "application/json"),
    ("/loki/api/v1/push", "application/json"),
    ("/loki/api/v1/push", "application/x-protobuf"),
    ("/v1/logs", "application/json"),
    ("/v1/logs", "application/x-protobuf"),
    (GRPC, "application/grpc"),
];
const GRPC: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// A whole body through its decoder; content codings that nobody said (Loki's snappy) are left out.
fn scrub(path: &str, kind: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let api = if path == GRPC {
        api::grpc::of(path)?
    } else {
        api::of(path)
    };
    let media = Media {
        essence: kind.to_owned(),
        message_coding: String::new(),
    };
    let mut desk = desk();
    let treatment = (api.body)(path, &media, Vec::new())?;
    Ok(match treatment.shape {
        Shape::Whole(scrub) => scrub(&mut desk, body)?.into_bytes(),
        Shape::Lines(mut lines) => {
            let mut out = Scrubbed::new();
            let used = lines.pass(&mut desk, body, true, &mut out)?;
            assert_eq!(used, body.len());
            out.into_bytes()
        }
    })
}

/// JSON as writers make it, with their spaces and escapes, and nothing that is personal.
fn json() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(vec!["level", "msg", "ok", "\\u00e9\\n", "a b", ""]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "[1-9]{1,3}(\\.[0-9]{1,2})?",
        word().prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[ {}]", items.join(" ,"))),
            prop::collection::vec((word(), inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {value}"))
                    .collect();
                format!("{{{}\n}}", members.join(","))
            }),
        ]
    })
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(hay, needle).is_some()
}

fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

proptest! {
    #[test]
    fn json_without_findings_is_the_same(text in json()) {
        for (path, kind) in BODIES.iter().filter(|(_, kind)| kind.ends_with("json")) {
            // An event is an object, and a bulk request has actions.
            if let Ok(out) = scrub(path, kind, text.as_bytes()) {
                prop_assert_eq!(String::from_utf8(out).unwrap(), text.clone(), "{} {}", path, kind);
            }
        }
        prop_assert!(scrub("/v1/logs", "application/json", text.as_bytes()).is_ok());
    }

    #[test]
    fn any_bytes_are_no_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for (path, kind) in BODIES {
            let _ = scrub(path, kind, &body);
        }
    }

    #[test]
    fn broken_json_is_no_panic(text in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = text.into_bytes();
        if !body.is_empty() {
            let at = at.index(body.len());
            body[at] = byte;
        }
        for (path, kind) in BODIES {
            let _ = scrub(path, kind, &body);
        }
    }

    #[test]
    fn no_canary_comes_out_of_any_message(body in protobuf()) {
        for path in ["/v1/logs", "/loki/api/v1/push"] {
            if let Ok(out) = scrub(path, "application/x-protobuf", &body) {
                prop_assert!(!contains(&out, CANARY), "{path}");
                // What is scrubbed is a message, and scrubbing it again changes nothing.
                let again = scrub(path, "application/x-protobuf", &out).unwrap();
                prop_assert_eq!(again, out, "{}", path);
            }
        }
        let framed = [frame(&body), frame(b"")].concat();
        if let Ok(out) = scrub(GRPC, "application/grpc", &framed) {
            prop_assert!(!contains(&out, CANARY));
            prop_assert!(out.ends_with(&frame(b"")));
        }
    }

    #[test]
    fn messages_without_findings_are_the_same(otlp in otlp(), loki in loki()) {
        for (path, kind, body) in [
            ("/v1/logs", "application/x-protobuf", &otlp),
            (GRPC, "application/grpc", &frame(&otlp)),
            ("/loki/api/v1/push", "application/x-protobuf", &loki),
        ] {
            prop_assert_eq!(&scrub(path, kind, body).unwrap(), body, "{}", path);
        }
    }

    #[test]
    fn codings_turn_back(
        text in prop::collection::vec(any::<u8>(), 0..5000),
        splits in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        codings in prop::sample::select(vec![
            vec![], vec![Coding::Gzip], vec![Coding::Deflate], vec![Coding::Zstd], vec![Coding::Snappy],
            vec![Coding::Gzip, Coding::Zstd], vec![Coding::Snappy, Coding::Gzip],
        ]),
    ) {
        let (mut scrubbed, mut coded) = (Scrubbed::new(), Scrubbed::new());
        scrubbed.encoded(&text);
        Encoder::new(&codings, b"\x78\x9c").unwrap().push(&scrubbed, true, &mut coded).unwrap();
        let coded = coded.into_bytes();
        let mut at: Vec<usize> = splits.iter().map(|split| split.index(coded.len() + 1)).collect();
        at.extend([0, coded.len()]);
        at.sort_unstable();
        let mut decoder = Decoder::new(&codings, u64::MAX).unwrap();
        let mut out = Vec::new();
        for pair in at.windows(2) {
            decoder.push(&coded[pair[0]..pair[1]], false, &mut out).unwrap();
        }
        decoder.push(b"", true, &mut out).unwrap();
        prop_assert_eq!(&out, &text);
        // A body that was cut off is none.
        if !codings.is_empty() && coded.len() > 1 {
            let mut decoder = Decoder::new(&codings, u64::MAX).unwrap();
            let cut = decoder.push(&coded[..coded.len() - 1], true, &mut Vec::new());
            prop_assert!(cut.is_err(), "{codings:?}");
        }
    }

    #[test]
    fn broken_codings_are_no_panic(
        body in prop::collection::vec(any::<u8>(), 0..400),
        head in prop::sample::select(vec![&b""[..], b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x78\x9c", b"\x28\xb5\x2f\xfd", b"\xff\x06\0\0sNaPpY"]),
    ) {
        let body = [head, &body].concat();
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Zstd, Coding::Snappy] {
            let mut out = Vec::new();
            let _ = Decoder::new(&[coding], 1 << 20).unwrap().push(&body, true, &mut out);
            prop_assert!(out.len() <= 1 << 20);
        }
    }
}

#[test]
fn messages_of_a_call_are_coded_as_they_came() {
    let (mut text, mut record, mut message) = (Vec::new(), Vec::new(), CANARY.to_vec());
    put_bytes(1, CANARY, &mut text);
    put_bytes(5, &text, &mut record);
    for number in [2, 2, 1] {
        message.clear();
        put_bytes(number, &record, &mut message);
        std::mem::swap(&mut record, &mut message);
    }
    for (name, codings) in [
        ("gzip", vec![Coding::Gzip]),
        ("deflate", vec![Coding::Deflate]),
        ("zstd", vec![Coding::Zstd]),
        ("snappy", vec![Coding::Snappy]),
        ("identity", vec![]),
    ] {
        let (mut plain, mut coded) = (Scrubbed::new(), Scrubbed::new());
        plain.encoded(&record);
        Encoder::new(&codings, b"\x78\x9c")
            .unwrap()
            .push(&plain, true, &mut coded)
            .unwrap();
        let mut body = frame(coded.as_bytes());
        body[0] = u8::from(!codings.is_empty());
        let media = Media {
            essence: "application/grpc+proto".to_owned(),
            message_coding: name.to_owned(),
        };
        let treatment = (api::grpc::of(GRPC).unwrap().body)(GRPC, &media, Vec::new()).unwrap();
        let Shape::Whole(scrub) = treatment.shape else {
            panic!("a call is whole")
        };
        let out = scrub(&mut desk(), &body).unwrap().into_bytes();
        let length = u32::from_be_bytes(out[1..5].try_into().unwrap());
        assert_eq!((out[0], length as usize), (body[0], out.len() - 5));
        let mut decoded = Vec::new();
        Decoder::new(&codings, u64::MAX)
            .unwrap()
            .push(&out[5..], true, &mut decoded)
            .unwrap();
        assert!(
            contains(&decoded, b"REDACTED-EMAIL") && !contains(&decoded, CANARY),
            "{name}"
        );
    }
}

#[test]
fn lines_are_the_same_however_they_are_split() {
    let body = b"{\"index\":{\"_id\":\"1\"}}\n{\"ip\":\"192.0.2.7\"}\n{\"delete\":{\"_id\":\"2\"}}\n{\"create\":{}}\n{\"who\":\"canary@example.org\"}\n";
    let want = "{\"index\":{\"_id\":\"1\"}}\n{\"ip\":\"REDACTED-IP\"}\n{\"delete\":{\"_id\":\"2\"}}\n{\"create\":{}}\n{\"who\":\"REDACTED-EMAIL\"}\n";
    for split in 0..body.len() {
        let media = Media {
            essence: "application/x-ndjson".to_owned(),
            message_coding: String::new(),
        };
        let treatment = (api::of("/_bulk").body)("/_bulk", &media, Vec::new()).unwrap();
        let Shape::Lines(mut lines) = treatment.shape else {
            panic!("a bulk request streams")
        };
        let (mut desk, mut out) = (desk(), Scrubbed::new());
        let used = lines
            .pass(&mut desk, &body[..split], false, &mut out)
            .unwrap();
        lines
            .pass(&mut desk, &body[used..], true, &mut out)
            .unwrap();
        assert_eq!(
            String::from_utf8(out.into_bytes()).unwrap(),
            want,
            "{split}"
        );
    }
}

#[test]
fn an_action_may_name_fields_of_its_document() {
    let out = |action: &str| {
        let body = format!("{action}\n{{\"ip\":\"192.0.2.7\"}}\n");
        scrub("/_bulk", "application/x-ndjson", body.as_bytes())
            .map(|out| String::from_utf8(out).unwrap())
    };
    let document = "{\"ip\":\"REDACTED-IP\"}\n";
    let action = r#"{"create":{"_index":"a","dynamic_templates":{"load.max":"gauge"}}}"#;
    assert_eq!(out(action), Ok(format!("{action}\n{document}")));
    let action =
        r#"{"create":{"_id":"192.0.2.7", "dynamic_templates":{"of ada@example.org":"192.0.2.8"}}}"#;
    let hidden = r#"{"create":{"_id":"192.0.2.7", "dynamic_templates":{"of REDACTED-EMAIL":"REDACTED-IP"}}}"#;
    assert_eq!(out(action), Ok(format!("{hidden}\n{document}")));
    for bad in [
        r#"{"create":{"dynamic_templates":{},"dynamic_templates":{}}}"#,
        r#"{"create":{"templates":{}}}"#,
    ] {
        assert!(out(bad).is_err(), "{bad}");
    }
}

#[test]
fn too_many_values_are_refused() {
    let body = format!("[{}1]", "1,".repeat(1 << 20));
    let refusal = scrub("/in", "application/json", body.as_bytes()).unwrap_err();
    assert_eq!(refusal, Refusal::too_many());
}

#[test]
fn a_policy_that_drops_buries_in_each_form() {
    let policy = "[actions]\n\"network.ip\" = \"drop_record\"\n";
    for (path, kind, body, start) in [
        (
            "/in",
            "application/json",
            r#"[{"ip":"192.0.2.7"},{"a":1}]"#,
            r#"[{"message":"scrubd tombstone reason=policy"#,
        ),
        (
            "/services/collector",
            "",
            r#"{"event":"192.0.2.7"}"#,
            r#"{"event":"scrubd tombstone"#,
        ),
        (
            "/api/v2/logs",
            "application/json",
            r#"[{"message":"192.0.2.7"}]"#,
            r#"[{"message":"scrubd tombstone"#,
        ),
        (
            "/_bulk",
            "",
            "{\"index\":{}}\n{\"ip\":\"192.0.2.7\"}\n",
            "{\"index\":{}}\n{\"message\":\"scrubd tombstone",
        ),
        (
            "/loki/api/v1/push",
            "application/json",
            r#"{"streams":[{"values":[["17","192.0.2.7"]]}]}"#,
            r#"{"streams":[{"values":[["17","scrubd tombstone"#,
        ),
        (
            "/v1/logs",
            "application/json",
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"192.0.2.7"}}]}]}]}"#,
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"scrubd tombstone"#,
        ),
    ] {
        let plan = Plan::test(policy, Output::AsCame);
        let mut desk = Desk::with(Arc::new(plan), 1 << 20, 16 << 20);
        let media = Media {
            essence: kind.to_owned(),
            message_coding: String::new(),
        };
        let treatment = (api::of(path).body)(path, &media, Vec::new()).unwrap();
        let out = match treatment.shape {
            Shape::Whole(scrub) => scrub(&mut desk, body.as_bytes()).unwrap(),
            Shape::Lines(mut lines) => {
                let mut out = Scrubbed::new();
                lines
                    .pass(&mut desk, body.as_bytes(), true, &mut out)
                    .unwrap();
                out
            }
        };
        let out = String::from_utf8(out.into_bytes()).unwrap();
        assert!(out.starts_with(start), "{path} {out}");
    }
}
