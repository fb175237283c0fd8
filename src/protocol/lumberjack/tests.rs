use std::io::Write as _;

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::*;
use crate::pipeline::{Pipeline, Tally};
use crate::protocol::inflate;

fn linked(policy: &str) -> Lumberjack {
    let mut talk = Lumberjack::with(Desk {
        pipeline: Pipeline::test(policy),
        tally: Tally::default(),
        record_bytes_max: 1000,
        frame_bytes_max: 2 << 20,
        window_bytes_max: 100_000,
    });
    talk.linked(&mut Wires::default());
    talk
}

const STRICT: &str = "[actions]\ndefault = \"redact\"\n";

fn bytes(frames: &[Frame<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for one in frames {
        frame::write(b'2', one, &mut out);
    }
    out
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn acks(out: &mut Wires) -> Vec<u32> {
    let bytes = std::mem::take(&mut out.client);
    let acks = bytes.chunks(6).map(|ack| match frame::read(ack, 0, 0) {
        Ok((b'2', Frame::Ack(number), 6)) => number,
        other => panic!("{other:?}"),
    });
    acks.collect()
}

#[test]
fn events_of_every_kind_are_scrubbed_in_their_kind() {
    let (mut talk, mut out) = (linked(STRICT), Wires::default());
    // Python's `json` writes such a number.
    let json = |n| Frame::Json(n, br#"{"ip":"203.0.113.9","n":1.5,"x":NaN}"#);
    let clean = |n| Frame::Json(n, br#"{"ip":"REDACTED-IP","n":1.5,"x":NaN}"#);
    let pairs = vec![
        (&b"password"[..], &b"hunter2"[..]),
        (b"level", b"info"),
        (b"203.0.113.9", b""),
    ];
    let clean_pairs = vec![
        (&b"password"[..], &b"REDACTED-SECRET"[..]),
        (b"level", b"info"),
        (b"REDACTED-IP", b""),
    ];
    let packed = zlib(&bytes(&[json(2), json(3)]));
    let input = bytes(&[
        Frame::Window(4),
        json(1),
        Frame::Compressed(&packed),
        Frame::Pairs(4, pairs),
    ]);
    for end in 1..input.len() {
        // However the input comes, nothing is taken twice.
        let mut again = linked(STRICT);
        let used = again.client(&input[..end], &mut Wires::default()).unwrap();
        assert!(used <= end);
    }
    assert_eq!(talk.client(&input, &mut out), Ok(input.len()));
    let said = out.sink.as_bytes();
    let (_, window, used) = frame::read(said, 1000, 1000).unwrap();
    assert_eq!(window, Frame::Window(4));
    let said = &said[used..];
    let (_, event, used) = frame::read(said, 1000, 1000).unwrap();
    assert_eq!(event, clean(1));
    let said = &said[used..];
    let (_, compressed, used) = frame::read(said, 1000, 1000).unwrap();
    let Frame::Compressed(packed) = compressed else {
        panic!("{compressed:?}")
    };
    let inside = inflate::whole(|| ZlibDecoder::new(packed), packed.len(), 1000).unwrap();
    assert_eq!(inside, bytes(&[clean(2), clean(3)]));
    let (_, event, _) = frame::read(&said[used..], 1000, 1000).unwrap();
    assert_eq!(event, Frame::Pairs(4, clean_pairs));
    assert_eq!(talk.desk.tally.records, 4);
}

#[test]
fn acknowledgements_are_the_sinks() {
    let (mut talk, mut out) = (linked(STRICT), Wires::default());
    let event = |n| Frame::Json(n, b"{}");
    // Beats number each window from 1.
    let window = bytes(&[Frame::Window(3), event(1), event(2), event(3)]);
    talk.client(&window, &mut out).unwrap();
    talk.client(&window, &mut out).unwrap();
    assert!(!talk.idle() && talk.heartbeat().is_some());
    let ack = |n| bytes(&[Frame::Ack(n)]);
    talk.sink(&ack(0), &mut out).unwrap();
    assert!(
        acks(&mut out).is_empty(),
        "the sink's own heartbeat is no acknowledgement"
    );
    talk.beat(&mut out);
    assert_eq!(acks(&mut out), [0]);
    talk.sink(&ack(2), &mut out).unwrap();
    talk.beat(&mut out);
    assert_eq!(acks(&mut out), [2, 2]);
    // Said again by the sink, it is not the 2 of the window behind.
    talk.sink(&ack(2), &mut out).unwrap();
    assert!(acks(&mut out).is_empty());
    talk.sink(&ack(3), &mut out).unwrap();
    talk.beat(&mut out);
    assert_eq!(
        acks(&mut out),
        [3, 0],
        "nothing of the second window is acknowledged"
    );
    talk.sink(&ack(3), &mut out).unwrap();
    assert_eq!(acks(&mut out), [3]);
    assert!(talk.idle() && talk.heartbeat().is_none());
    // logstash-forwarder counts on: one acknowledgement may be for more than one window.
    talk.client(
        &bytes(&[Frame::Window(1), event(4), Frame::Window(1), event(5)]),
        &mut out,
    )
    .unwrap();
    talk.sink(&ack(5), &mut out).unwrap();
    assert_eq!(acks(&mut out), [5]);
    assert!(talk.idle());
}

#[test]
fn a_sink_that_breaks_off_in_a_window_is_left_to_the_client() {
    let (mut talk, mut out) = (linked(STRICT), Wires::default());
    assert_eq!(talk.lost(&mut out), Ok(()));
    let input = bytes(&[Frame::Window(2), Frame::Json(1, b"{}")]);
    assert_eq!(
        talk.client(&input, &mut out),
        Ok(0),
        "nothing is taken without a sink"
    );
    assert!(
        talk.heartbeat().is_some(),
        "but the client hears that somebody is there"
    );
    talk.linked(&mut out);
    assert_eq!(talk.client(&input, &mut out), Ok(input.len()));
    assert_eq!(talk.lost(&mut out), Err(Fault::Session));
}

#[test]
fn what_is_too_long_or_dropped_is_a_tombstone_in_its_place() {
    let policy = "[actions]\n\"network.ip\" = \"drop_record\"\n";
    let (mut talk, mut out) = (linked(policy), Wires::default());
    let long = vec![b'x'; 3000];
    let inner = zlib(&bytes(&[
        Frame::Json(2, &long),
        Frame::Json(3, b"{\"a\":\"203.0.113.9\"}"),
    ]));
    let input = bytes(&[
        Frame::Window(4),
        Frame::Json(1, &long),
        Frame::Compressed(&inner),
        Frame::Pairs(4, vec![(b"a", b"203.0.113.9")]),
    ]);
    let mut buffer = Vec::new();
    for part in input.chunks(50) {
        buffer.extend_from_slice(part);
        let used = talk.client(&buffer, &mut out).unwrap();
        buffer.drain(..used);
    }
    assert!(buffer.is_empty());
    let said = out.sink.as_bytes();
    let (_, _, used) = frame::read(said, 1000, 1000).unwrap();
    let said = &said[used..];
    let (_, event, used) = frame::read(said, 1000, 1000).unwrap();
    let text = |event: &Frame<'_>| match event {
        Frame::Json(number, json) => (*number, String::from_utf8(json.to_vec()).unwrap()),
        other => panic!("{other:?}"),
    };
    let (number, json) = text(&event);
    assert!(
        number == 1
            && json
                .starts_with("{\"message\":\"scrubd tombstone reason=record_too_long bytes=3000 "),
        "{json}"
    );
    let said = &said[used..];
    let (_, compressed, used) = frame::read(said, 1000, 1000).unwrap();
    let Frame::Compressed(packed) = compressed else {
        panic!("{compressed:?}")
    };
    let inside = inflate::whole(|| ZlibDecoder::new(packed), packed.len(), 1000).unwrap();
    let (_, first, inner_used) = frame::read(&inside, 1000, 1000).unwrap();
    assert!(
        text(&first)
            .1
            .contains("reason=record_too_long bytes=3000 ")
    );
    let (_, second, _) = frame::read(&inside[inner_used..], 1000, 1000).unwrap();
    assert!(text(&second).1.contains("reason=policy bytes=19 "));
    let (_, pairs, _) = frame::read(&said[used..], 1000, 1000).unwrap();
    assert!(
        matches!(pairs, Frame::Pairs(4, pairs) if pairs.len() == 1 && pairs[0].1.starts_with(b"scrubd tombstone reason=policy "))
    );
    assert_eq!(talk.waiting.len(), 4);
}

#[test]
fn an_event_that_is_no_json_is_a_tombstone_in_its_place() {
    for event in [
        &b"from 203.0.113.9"[..],
        b"{\"a\":203.0.113.9}",
        b"{} {}",
        b"[]",
        b"",
    ] {
        let packed = zlib(&bytes(&[Frame::Json(2, event)]));
        let input = bytes(&[
            Frame::Window(2),
            Frame::Json(1, event),
            Frame::Compressed(&packed),
        ]);
        let (mut talk, mut out) = (linked(STRICT), Wires::default());
        assert_eq!(talk.client(&input, &mut out), Ok(input.len()));
        let (_, _, used) = frame::read(out.sink.as_bytes(), 1000, 1000).unwrap();
        let (_, first, _) = frame::read(&out.sink.as_bytes()[used..], 1000, 1000).unwrap();
        let head = b"{\"message\":\"scrubd tombstone reason=bad_frame ";
        assert!(matches!(first, Frame::Json(1, text) if text.starts_with(head)));
        assert_eq!(talk.desk.tally.tombstones[Reason::BadFrame as usize], 2);
        assert_eq!((talk.desk.tally.records, talk.waiting.len()), (2, 2));
    }
}

#[test]
fn what_breaks_the_protocol_is_hung_up_on() {
    let bomb = zlib(&vec![0; 3 << 20]);
    let nested = zlib(&bytes(&[Frame::Compressed(b"")]));
    for (input, reason) in [
        (bytes(&[Frame::Json(1, b"{}")]), Reason::BadFrame),
        (
            bytes(&[Frame::Window(2), Frame::Window(2)]),
            Reason::BadFrame,
        ),
        (bytes(&[Frame::Window(u32::MAX)]), Reason::BadFrame),
        (bytes(&[Frame::Ack(1)]), Reason::BadFrame),
        (
            bytes(&[Frame::Window(1), Frame::Compressed(&bomb)]),
            Reason::Expands,
        ),
        (
            bytes(&[Frame::Window(1), Frame::Compressed(b"no zlib")]),
            Reason::BadFrame,
        ),
        (
            bytes(&[Frame::Window(1), Frame::Compressed(&nested)]),
            Reason::BadFrame,
        ),
        (b"GET / HTTP/1.1".to_vec(), Reason::BadFrame),
    ] {
        let (mut talk, mut out) = (linked(STRICT), Wires::default());
        assert_eq!(talk.client(&input, &mut out), Err(Fault::Client));
        assert_eq!(talk.desk.tally.tombstones[reason as usize], 1);
    }
}

proptest! {
    #[test]
    fn events_without_findings_go_as_they_came(texts in proptest::collection::vec("[a-z \u{e4}\n]{0,80}", 0..6), compressed in any::<bool>(), cut in 1usize..60) {
        let (mut talk, mut out) = (linked(STRICT), Wires::default());
        let json: Vec<String> = texts.iter().map(|text| serde_json::json!({"line": text}).to_string()).collect();
        let events: Vec<Frame<'_>> = texts.iter().zip(&json).zip(1..).map(|((text, json), n)| {
            if n % 2 == 0 { Frame::Json(n, json.as_bytes()) } else { Frame::Pairs(n, vec![(b"line", text.as_bytes())]) }
        }).collect();
        let mut input = bytes(&[Frame::Window(texts.len() as u32)]);
        if compressed {
            input.extend(bytes(&[Frame::Compressed(&zlib(&bytes(&events)))]));
        } else {
            input.extend(bytes(&events));
        }
        let mut buffer = Vec::new();
        for part in input.chunks(cut) {
            buffer.extend_from_slice(part);
            let used = talk.client(&buffer, &mut out).unwrap();
            buffer.drain(..used);
        }
        prop_assert!(buffer.is_empty());
        prop_assert_eq!(out.sink.as_bytes(), input);
        prop_assert_eq!(talk.waiting.len(), texts.len());
    }

    #[test]
    fn events_together_are_what_they_are_alone(
        events in proptest::collection::vec(prop_oneof![
            Just("{\"ip\":\"192.0.2.7\"}".to_owned()),
            Just("{\"password\":\"hunter2\",\n\"n\":1}".to_owned()),
            Just("{\"192.0.2.7\":1,\"192.0.2.8\":2}".to_owned()),
            Just("{\"mac\":\"00:1b:44:11:3a:b7\"}".to_owned()),
            Just("no json of 192.0.2.7".to_owned()),
            Just(format!("{{\"a\":\"{}\"}}", "y".repeat(1000))),
            "\\{\"[a-z]{1,3}\":\"[a-z]{0,20}\"\\}",
        ], 1..12),
    ) {
        let policy = "[actions]\ndefault = \"redact\"\n\"device.mac\" = \"drop_record\"\n";
        let frames: Vec<Vec<u8>> = events
            .iter()
            .zip(1..)
            .map(|(event, n)| bytes(&[Frame::Json(n, event.as_bytes())]))
            .collect();
        let window = bytes(&[Frame::Window(events.len() as u32)]);
        let (mut alone, mut alone_out) = (linked(policy), Wires::default());
        let (mut together, mut out) = (linked(policy), Wires::default());
        for frame in std::iter::once(&window).chain(&frames) {
            let mut taken = 0;
            while taken < frame.len() {
                taken += alone.client(&frame[taken..], &mut alone_out).unwrap();
            }
        }
        // In one read, as far as there is room each time.
        let (mut plain, mut plain_out) = (linked(policy), Wires::default());
        let (input, mut taken) = ([&window[..], &frames.concat()].concat(), 0);
        let mut said = Vec::new();
        while taken < input.len() {
            taken += plain.client(&input[taken..], &mut plain_out).unwrap();
            said.extend_from_slice(plain_out.sink.as_bytes());
            plain_out.sink.clear();
        }
        prop_assert_eq!(said, alone_out.sink.as_bytes());
        prop_assert_eq!(&plain.desk.tally, &alone.desk.tally);
        let packed = zlib(&frames.concat());
        let input = [&window[..], &bytes(&[Frame::Compressed(&packed)])].concat();
        prop_assert_eq!(together.client(&input, &mut out).unwrap(), input.len());
        let Ok((_, Frame::Compressed(packed), _)) = frame::read(&out.sink.as_bytes()[6..], 0, 1 << 20) else {
            panic!("no compressed frame")
        };
        let mut inside = window;
        std::io::Read::read_to_end(&mut ZlibDecoder::new(packed), &mut inside).unwrap();
        prop_assert_eq!(inside, alone_out.sink.as_bytes());
        prop_assert_eq!(&together.desk.tally, &alone.desk.tally);
    }

    #[test]
    fn any_bytes_from_either_side(input in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (mut talk, mut out) = (linked(STRICT), Wires::default());
        let mut bytes = bytes(&[Frame::Window(3)]);
        bytes.extend(&input);
        let _ = talk.client(&bytes, &mut out);
        let _ = talk.sink(&input, &mut out);
    }
}
