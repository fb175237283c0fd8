use std::io::{Read as _, Write as _};
use std::sync::Arc;

use proptest::prelude::*;

use super::assemble::{CHUNKS_MAX, HEADER_BYTES, MAGIC};
use super::message::DATAGRAM_BYTES;
use super::*;
use crate::frame::{Framer, Framing, Output};
use crate::pipeline::{Pipeline, Tally};
use crate::plan::Plan;

fn scrubber(output: Output) -> Scrubber {
    let plan = Plan::test("strict", output);
    let desk = Desk {
        pipeline: Pipeline::new(Arc::new(plan)),
        tally: Tally::default(),
        record_bytes_max: 1 << 20,
        frame_bytes_max: 2 << 20,
        window_bytes_max: 1000,
    };
    Scrubber::new(desk, output == Output::Datagrams, 40)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn one(bytes: Vec<u8>) -> Result<Whole, Lost> {
    Ok(Whole {
        bytes,
        chunk_bytes: None,
    })
}

/// What a message becomes: its datagrams, or what goes on a stream.
fn scrubbed(output: Output, message: Result<Whole, Lost>) -> Vec<Vec<u8>> {
    let (mut scrubber, mut out) = (scrubber(output), Scrubbed::new());
    scrubber.message(message, &mut out);
    scrubber.flush(&mut out);
    assert_eq!(scrubber.desk.tally.records, 1);
    if output == Output::Datagrams {
        out.records().map(<[u8]>::to_vec).collect()
    } else {
        vec![out.as_bytes().to_vec()]
    }
}

/// Python's `json` writes such numbers; a record with them is not lost for it.
#[test]
fn what_is_no_number_of_json_is_one_here() {
    let open = br#"{"short_message":"from 203.0.113.9","_lat":NaN,"_x":[-Infinity,Infinity]}"#;
    let clean = br#"{"short_message":"from REDACTED-IP","_lat":NaN,"_x":[-Infinity,Infinity]}"#;
    assert_eq!(scrubbed(Output::Datagrams, one(open.to_vec())), [clean]);
}

const SECRET: &[u8] =
    br#"{"version":"1.1","host":"web","short_message":"from 203.0.113.9","_n":5}"#;
const CLEAN: &[u8] = br#"{"version":"1.1","host":"web","short_message":"from REDACTED-IP","_n":5}"#;

#[test]
fn a_message_leaves_coded_as_it_came() {
    assert_eq!(scrubbed(Output::Datagrams, one(SECRET.to_vec())), [CLEAN]);
    let mut inflated = Vec::new();
    let out = scrubbed(Output::Datagrams, one(gzip(SECRET)));
    flate2::read::GzDecoder::new(&out[0][..])
        .read_to_end(&mut inflated)
        .unwrap();
    assert_eq!(inflated, CLEAN);
    inflated.clear();
    let out = scrubbed(Output::Datagrams, one(zlib(SECRET)));
    flate2::read::ZlibDecoder::new(&out[0][..])
        .read_to_end(&mut inflated)
        .unwrap();
    assert_eq!(inflated, CLEAN);
    for coded in [SECRET.to_vec(), gzip(SECRET), zlib(SECRET)] {
        assert_eq!(scrubbed(Output::Nul, one(coded)), [[CLEAN, b"\0"].concat()]);
    }
}

#[test]
fn what_came_in_chunks_or_grew_leaves_in_chunks() {
    let text = format!(
        "{{\"short_message\":\"{}\",\"_ip\":\"203.0.113.9\"}}",
        "x".repeat(5000)
    );
    let whole = Whole {
        bytes: text.clone().into_bytes(),
        chunk_bytes: Some(1000),
    };
    let out = scrubbed(Output::Datagrams, Ok(whole));
    assert_eq!(out.len(), 6);
    let mut joined = Vec::new();
    for (i, datagram) in out.iter().enumerate() {
        assert!(datagram.len() <= 1000 && datagram.starts_with(&MAGIC));
        assert_eq!(
            datagram[2..10],
            41u64.to_be_bytes(),
            "an id of scrubd's own"
        );
        assert_eq!(datagram[10..12], [i as u8, 6]);
        joined.extend_from_slice(&datagram[HEADER_BYTES..]);
    }
    assert_eq!(
        joined,
        text.replace("203.0.113.9", "REDACTED-IP").into_bytes()
    );
    let ips = vec!["1.1.1.1"; 1000].join(" ");
    let text = format!("{{\"short_message\":\"{ips}\"}}");
    assert!(text.len() <= DATAGRAM_BYTES);
    let out = scrubbed(Output::Datagrams, one(text.into_bytes()));
    assert!(out.len() > 1 && out.len() <= CHUNKS_MAX);
}

#[test]
fn what_is_no_message_is_a_tombstone_that_is_one() {
    let lost = Lost {
        reason: Reason::Truncated,
        bytes: 7,
    };
    for (message, reason) in [
        (Err(lost), "truncated bytes=7 "),
        (one(b"plain 203.0.113.9".to_vec()), "bad_frame bytes=17 "),
        (one(b"{\"a\":\"\0\"}".to_vec()), "bad_frame bytes=9 "),
        (one(b"{\"a\":203.0.113.9}".to_vec()), "bad_frame bytes=17 "),
        (one(b"{} {}".to_vec()), "bad_frame bytes=5 "),
        (one(b"\x1F\x8Bno gzip".to_vec()), "bad_frame bytes=9 "),
        (one(gzip(&vec![b'{'; 2 << 20])), "record_too_long "),
        (one(Vec::new()), "bad_frame bytes=0 "),
    ] {
        let out = scrubbed(Output::Datagrams, message);
        let json: serde_json::Value = serde_json::from_slice(&out[0]).unwrap();
        assert_eq!(
            (&json["version"], &json["host"]),
            (&"1.1".into(), &"scrubd".into())
        );
        let text = json["short_message"].as_str().unwrap();
        let head = format!("scrubd tombstone reason={reason}");
        assert!(text.starts_with(&head), "{text}");
    }
}

/// What Graylog's reader takes besides RFC 8259: control bytes in strings, a comma behind the last of a container, and
/// a thousand containers in one another.
#[test]
fn what_graylog_reads_passes_scrubbed() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(900), "]".repeat(900));
    for (message, clean) in [
        (
            "{\"version\":\"1.1\",\"full_message\":\"Trace here\n\nfrom 203.0.113.9\n\tat x\r\n\"}",
            r#"{"version":"1.1","full_message":"Trace here\n\nfrom REDACTED-IP\n\tat x\r\n"}"#,
        ),
        (
            "{\"full_message\":\"a\nuser\n203.0.113.9\n203.0.113.8\",\"_n\":5}",
            r#"{"full_message":"a\nuser\nREDACTED-IP\nREDACTED-IP","_n":5}"#,
        ),
        (
            "{\"host\":\"h\",\"_ips\":[\"203.0.113.9\",],\n}\n",
            r#"{"host":"h","_ips":["REDACTED-IP",], } "#,
        ),
        (&deep, &deep),
    ] {
        let stream = scrubbed(Output::Nul, one(message.into()));
        assert_eq!(stream, [[clean.as_bytes(), b"\0"].concat()]);
        let datagrams = scrubbed(Output::Datagrams, one(message.into()));
        assert_eq!(datagrams, [clean.as_bytes()]);
        let (input, mut pieces) = ([message, "\0"].concat(), Vec::new());
        Framer::new(Framing::Nul, 10_000).cut(input.as_bytes(), true, &mut pieces);
        let mut scrubber = scrubber(Output::Nul);
        let (pipeline, tally) = (&mut scrubber.desk.pipeline, &mut scrubber.desk.tally);
        let mut out = Scrubbed::new();
        for piece in pieces {
            scrub(pipeline, input.as_bytes(), &[piece], &mut out, tally);
        }
        assert_eq!(out.as_bytes(), stream[0]);
    }
}

/// A value that is hidden by its key is hidden to its end, whatever lines it has.
#[test]
fn a_secret_of_many_lines_is_hidden_whole() {
    for secret in [
        "hunter\ntwo-aBc9",
        "\nhunter2\n\naBc9xyz\n",
        "-----BEGIN PRIVATE KEY-----\nhunterMIIB\naBc9\n-----END PRIVATE KEY-----\n",
        "hunter2, and\taBc9 \r\n \u{1}hunter",
        "hunter \\\" \n\\n aBc9",
    ] {
        for key in ["password", "_password", "_db_password", "_api_key"] {
            for tail in ["", ",", ",\"_n\":5,"] {
                let message = format!(
                    "{{\"host\":\"web\",\"short_message\":\"one\ntwo\",\"{key}\":\"{secret}\"{tail}}}"
                );
                for output in [Output::Nul, Output::Datagrams] {
                    let out = scrubbed(output, one(message.clone().into()));
                    let out = String::from_utf8_lossy(&out[0]);
                    assert!(!out.contains("hunter") && !out.contains("aBc9"), "{out}");
                    assert!(out.contains("one\\ntwo"), "{out}");
                    assert!(out.contains(tail), "{out}");
                }
            }
        }
    }
}

#[test]
fn what_graylog_does_not_read_is_no_message() {
    for bad in [
        "{,}",
        "{\"a\":1,,}",
        "{\"a\":[,]}",
        "{\"a\":[1,,2]}",
        "{\"a\":[1,,]}",
        "{\"a\":,}",
        "{\"a\",}",
        "{\"a\":1},",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\\\n\"}",
        "{\"a\":1\u{1}}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":1 2}",
        "{\"a\"\n",
        "{\"a",
        "{",
        "[{}]",
        "\"a\"",
        "1",
        "{}{}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":01}",
        "{1:1}",
    ] {
        assert!(!is_message(bad.as_bytes()), "{bad}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    assert!(!is_message(deep.as_bytes()));
}

proptest! {
    #[test]
    fn in_one_line_it_says_the_same(text in "[\u{1}-\u{1f} a\u{e4}]{0,40}", quoted in any::<bool>()) {
        let head = if quoted { "\\\"\\\\" } else { "" };
        let message = format!("{{\n\"a\":\r\n\"{head}{text}\"}}");
        let line = one_line(message.as_bytes());
        let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let head = if quoted { "\"\\" } else { "" };
        prop_assert_eq!(json["a"].as_str(), Some(&*format!("{head}{text}")));
        prop_assert!(!has_controls(&line));
    }

    #[test]
    fn a_message_without_findings_goes_as_it_came(text in "[a-z \u{e4}]{0,300}", coding in 0..3) {
        let json = format!("{{\"short_message\":\"{text}\"}}").into_bytes();
        let message = match coding {
            0 => json,
            1 => gzip(&json),
            _ => zlib(&json),
        };
        prop_assert_eq!(scrubbed(Output::Datagrams, one(message.clone())), [message]);
    }

    #[test]
    fn a_stream_keeps_its_messages_and_buries_the_rest(records in proptest::collection::vec((any::<bool>(), "[a-z ]{0,20}"), 0..12), tail in any::<bool>()) {
        let input: String = records
            .iter()
            .map(|(good, text)| if *good { format!("{{\"a\":\"{text}\"}}\0") } else { format!("no {text}\0") })
            .chain(tail.then(|| "{\"torn".to_owned()))
            .collect();
        let (mut framer, mut pieces) = (Framer::new(Framing::Nul, 1000), Vec::new());
        framer.cut(input.as_bytes(), true, &mut pieces);
        let (mut kept, mut buried) = (String::new(), 0);
        for piece in checked(input.as_bytes(), &pieces) {
            match piece {
                Piece::Run { span, .. } => kept += std::str::from_utf8(span.of(input.as_bytes())).unwrap(),
                Piece::Tomb { reason, bytes, .. } => {
                    prop_assert!(reason == Reason::BadFrame && bytes > 1);
                    buried += 1;
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let want: String = records.iter().filter(|(good, _)| *good).map(|(_, text)| format!("{{\"a\":\"{text}\"}}\0")).collect();
        prop_assert_eq!(kept, want);
        let bad = records.iter().filter(|(good, _)| !good).count();
        prop_assert_eq!(buried, bad + usize::from(tail));
    }

    #[test]
    fn together_is_alone(
        messages in proptest::collection::vec((0usize..7, 0usize..3, proptest::option::of(60usize..200), 1usize..40), 0..12),
        datagrams in any::<bool>(),
    ) {
        let texts = [
            "{\"short_message\":\"from 203.0.113.9\",\"_n\":5}",
            "{\"full_message\":\"a\nuser\n203.0.113.9\",\"_imei\":490154203237518}",
            "{\"_password\":\"hunter\ntwo\"}",
            "{\"a\":\"\"}",
            "{\"a\":\"user=\"}",
            "no message 203.0.113.9",
            "{\"mac\":\"00:00:5e:00:53:af\"}",
        ];
        let policy = "[actions]\ndefault = \"redact\"\n\"device.mac\" = \"drop_record\"\n";
        let [(together, counted), (alone, counts)] = [false, true].map(|each| {
            let output = if datagrams { Output::Datagrams } else { Output::Nul };
            let mut scrubber = scrubber(output);
            scrubber.desk.pipeline.follow(&Arc::new(Plan::test(policy, output)));
            let mut out = Scrubbed::new();
            for (text, coding, chunk_bytes, times) in &messages {
                let text = format!("{}{}", " ".repeat(*times), texts[*text]).into_bytes();
                let bytes = match coding {
                    0 => text,
                    1 => gzip(&text),
                    _ => zlib(&text),
                };
                scrubber.message(Ok(Whole { bytes, chunk_bytes: *chunk_bytes }), &mut out);
                if each {
                    scrubber.flush(&mut out);
                }
            }
            scrubber.flush(&mut out);
            let records: Vec<Vec<u8>> = out.records().map(<[u8]>::to_vec).collect();
            let tally = scrubber.desk.tally;
            ((out.as_bytes().to_vec(), records), (tally.records, tally.findings, tally.tombstones))
        });
        prop_assert_eq!(together, alone);
        prop_assert_eq!(counted, counts);
        prop_assert_eq!(counted.0, messages.len() as u64);
    }

    #[test]
    fn anything_is_scrubbed_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), head in 0usize..4) {
        let mut message = [&b""[..], b"\x1F\x8B\x08", b"\x78\x9C", b"{"][head].to_vec();
        message.extend(bytes);
        for output in [Output::Datagrams, Output::Nul] {
            scrubbed(output, one(message.clone()));
        }
    }
}
