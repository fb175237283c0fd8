use std::io::Write as _;

use proptest::prelude::*;

use super::msgpack::{arbitrary, write_array, write_bin, write_ext, write_int};
use super::*;
use crate::pipeline::{Pipeline, Tally};

fn desk(policy: &str) -> Desk {
    Desk {
        pipeline: Pipeline::test(policy),
        tally: Tally::default(),
        record_bytes_max: 1000,
        frame_bytes_max: 2 << 20,
        window_bytes_max: 10_000,
    }
}

fn open() -> Forward {
    Forward::with(desk("strict"), (None, None), [7; 16])
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    write_map(pairs.len(), &mut out);
    for (key, value) in pairs {
        write_str(key.as_bytes(), &mut out);
        out.extend_from_slice(value);
    }
    out
}

fn list(values: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    write_array(values.len(), &mut out);
    out.extend(values.concat());
    out
}

fn text(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write_str(text.as_bytes(), &mut out);
    out
}

fn bin(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_bin(bytes, &mut out);
    out
}

fn int(value: i128) -> Vec<u8> {
    let mut out = Vec::new();
    assert!(write_int(value, &mut out));
    out
}

fn time() -> Vec<u8> {
    let mut out = Vec::new();
    write_ext(0, &[0x67, 0x3C, 0, 1, 0, 0, 0, 9], &mut out);
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a message becomes.
fn scrubbed(message: &[u8]) -> Vec<u8> {
    Scrubber::new(desk("strict"))
        .message(message)
        .unwrap()
        .bytes
}

fn secret(imei: Vec<u8>) -> Vec<u8> {
    map(&[
        ("ip", text("203.0.113.9")),
        (
            "deep",
            list(&[map(&[("password", bin(b"hunter2"))]), int(5)]),
        ),
        ("imei", imei),
        ("ok", vec![0xC3]),
    ])
}

fn clean() -> Vec<u8> {
    map(&[
        ("ip", text("REDACTED-IP")),
        (
            "deep",
            list(&[map(&[("password", bin(b"REDACTED-SECRET"))]), int(5)]),
        ),
        ("imei", int(0)),
        ("ok", vec![0xC3]),
    ])
}

#[test]
fn every_mode_keeps_its_form() {
    let imei = || int(490_154_203_237_518);
    let entries = |record: &dyn Fn() -> Vec<u8>| {
        [
            list(&[time(), record()]),
            list(&[int(1_700_000_000), record()]),
        ]
    };
    let (before, after) = (entries(&|| secret(imei())), entries(&clean));
    let option = map(&[
        ("chunk", text("p8n9gmxTQVC8/nh2wlKKeQ==")),
        ("size", int(2)),
    ]);
    let packed = map(&[("compressed", text("gzip"))]);
    for (from, to) in [
        (
            list(&[text("app"), time(), secret(imei())]),
            list(&[text("app"), time(), clean()]),
        ),
        (
            list(&[text("app"), list(&before), option.clone()]),
            list(&[text("app"), list(&after), option.clone()]),
        ),
        (
            list(&[text("app"), bin(&before.concat()), option.clone()]),
            list(&[text("app"), bin(&after.concat()), option.clone()]),
        ),
        (
            list(&[text("203.0.113.9"), text("")]),
            list(&[text("REDACTED-IP"), text("")]),
        ),
        (
            list(&[
                text("app"),
                list(&[list(&[
                    list(&[time(), map(&[("user", text("ada"))])]),
                    map(&[]),
                ])]),
            ]),
            list(&[
                text("app"),
                list(&[list(&[
                    list(&[time(), map(&[("user", text("REDACTED-ACCOUNT"))])]),
                    map(&[]),
                ])]),
            ]),
        ),
    ] {
        assert_eq!(scrubbed(&from), to);
    }
    // Concatenated members are one stream.
    let members = [gzip(&before[0]), gzip(&before[1])].concat();
    let out = scrubbed(&list(&[text("app"), bin(&members), packed.clone()]));
    let mut reader = Reader::new(&out);
    assert_eq!(reader.token(), Ok(Token::Array(3)));
    reader.value().unwrap();
    let Ok(Token::Bin(deflated)) = reader.token() else {
        panic!()
    };
    let mut inflated = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::MultiGzDecoder::new(deflated),
        &mut inflated,
    )
    .unwrap();
    assert_eq!(inflated, after.concat());
    assert_eq!(reader.value().unwrap(), packed);
}

#[test]
fn keys_bytes_options_and_extensions_are_scanned_too() {
    let mut ext = Vec::new();
    write_ext(42, b"mail ada@example.org", &mut ext);
    let mut ext_after = Vec::new();
    write_ext(42, b"mail REDACTED-EMAIL", &mut ext_after);
    let from = list(&[
        text("app"),
        int(1),
        map(&[
            ("203.0.113.9", ext),
            ("d", [&[0xCB][..], &1.5f64.to_be_bytes()].concat()),
        ]),
        map(&[
            ("source", text("203.0.113.9")),
            ("chunk", text("ada@example.org")),
        ]),
    ]);
    let mut scrubber = Scrubber::new(desk("strict"));
    let message = scrubber.message(&from).unwrap();
    let to = list(&[
        text("app"),
        int(1),
        map(&[
            ("REDACTED-IP", ext_after),
            ("d", [&[0xCB][..], &1.5f64.to_be_bytes()].concat()),
        ]),
        map(&[("source", text("REDACTED-IP")), ("chunk", text("scrubd-1"))]),
    ]);
    assert_eq!(message.bytes, to);
    assert_eq!(message.chunk.unwrap().client, b"ada@example.org");
}

#[test]
fn what_cannot_pass_is_a_tombstone_in_its_place() {
    let long = map(&[("message", text(&"x".repeat(2000)))]);
    let good = list(&[int(7), map(&[("a", int(1))])]);
    let torn = [list(&[int(7), long]), good.clone(), vec![0x92, 0xC1]].concat();
    let mut scrubber = Scrubber::new(desk("strict"));
    let out = scrubber
        .message(&list(&[text("app"), bin(&torn)]))
        .unwrap()
        .bytes;
    let seen = String::from_utf8_lossy(&out);
    assert!(
        seen.contains("scrubd tombstone reason=record_too_long bytes=2013 "),
        "{seen}"
    );
    assert!(
        seen.contains("scrubd tombstone reason=bad_frame bytes=2 "),
        "{seen}"
    );
    assert!(out.windows(good.len()).any(|window| window == good));
    assert_eq!(scrubber.desk.tally.records, 3);
    let mut dropping = Scrubber::new(Desk {
        ..desk("[actions]\n\"network.ip\" = \"drop_record\"\n")
    });
    let message = list(&[
        text("app"),
        list(&[list(&[time(), secret(int(1))]), good.clone()]),
    ]);
    let out = dropping.message(&message).unwrap().bytes;
    let seen = String::from_utf8_lossy(&out);
    assert!(seen.contains("scrubd tombstone reason=policy "), "{seen}");
    assert!(
        out.windows(9).any(|window| window == &time()[1..]),
        "the time stays"
    );
    assert!(!seen.contains("203.0.113.9"));
}

#[test]
fn a_bomb_and_what_is_no_message_are_hung_up_on() {
    let packed = map(&[("compressed", text("gzip"))]);
    let bomb = list(&[text("app"), bin(&gzip(&vec![0; 3 << 20])), packed.clone()]);
    let torn = list(&[text("app"), bin(b"no gzip"), packed]);
    let other = map(&[("compressed", text("zstd"))]);
    let unknown = list(&[text("app"), bin(b""), other]);
    for (message, reason) in [
        (bomb, Reason::Expands),
        (torn, Reason::BadFrame),
        (unknown, Reason::BadFrame),
        (vec![0xC1], Reason::BadFrame),
        (list(&[int(1), int(2), int(3)]), Reason::BadFrame),
        (list(&[text("app"), text(""), int(3)]), Reason::BadFrame),
    ] {
        let (mut forward, mut out) = (open(), Wires::default());
        assert_eq!(forward.client(&message, &mut out), Err(Fault::Client));
        assert!(out.sink.as_bytes().is_empty());
        assert_eq!(forward.desk().tally.tombstones[reason as usize], 1);
    }
}

fn event(chunk: Option<&str>) -> Vec<u8> {
    let mut parts = vec![text("t"), int(1), map(&[("a", int(1))])];
    parts.extend(chunk.map(|chunk| map(&[("chunk", text(chunk))])));
    list(&parts)
}

#[test]
fn a_chunk_is_acknowledged_after_the_sink_and_said_again_until_then() {
    let (mut forward, mut out) = (open(), Wires::default());
    let input = [event(Some("a")), event(None), event(Some("b"))].concat();
    assert_eq!(forward.client(&input, &mut out), Ok(input.len()));
    assert!(forward.wants_sink() && forward.keeps());
    forward.linked(&mut out);
    assert_eq!(out.sink.as_bytes(), input);
    // Broken before all was written: all is said again.
    forward.lost(&mut out).unwrap();
    out.sink.clear();
    forward.linked(&mut out);
    assert_eq!(out.sink.as_bytes(), input);
    forward.flushed();
    assert!(!forward.keeps() && !forward.idle() && out.client.is_empty());
    let ack = map(&[("ack", text("b"))]);
    assert_eq!(forward.sink(&ack, &mut out), Ok(ack.len()));
    assert_eq!(out.client, ack);
    out.sink.clear();
    forward.lost(&mut out).unwrap();
    forward.linked(&mut out);
    assert_eq!(out.sink.as_bytes(), event(Some("a")));
    forward.hang_up(&mut out);
    assert!(!forward.done());
    forward.sink(&map(&[("ack", text("a"))]), &mut out).unwrap();
    assert!(forward.done());
}

#[test]
fn both_ends_have_their_own_key() {
    let (near, far) = (SharedKey::new("near"), SharedKey::new("far"));
    let keys = (Some(near.clone()), Some(far.clone()));
    let mut forward = Forward::with(desk("strict"), keys, [7; 16]);
    let mut out = Wires::default();
    forward.begin(&mut out);
    let helo = handshake::read_helo(&out.client).unwrap();
    // An event before the handshake is no PING.
    assert_eq!(forward.client(&event(None), &mut out), Err(Fault::Client));
    out.client.clear();
    let mut ping = Vec::new();
    handshake::ping(b"s", &helo, &near, &mut ping).unwrap();
    ping.extend(event(None));
    assert_eq!(forward.client(&ping, &mut out), Ok(ping.len()));
    assert!(handshake::check_pong(&out.client, b"s", &helo.nonce, &near));
    forward.linked(&mut out);
    assert!(
        out.sink.as_bytes().is_empty(),
        "nothing before the handshake"
    );
    let mut greeting = Vec::new();
    handshake::helo(b"n", &far, &mut greeting);
    forward.sink(&greeting, &mut out).unwrap();
    let mut pong = Vec::new();
    assert_eq!(
        handshake::check_ping(out.sink.as_bytes(), b"n", &far, &mut pong),
        Some(true)
    );
    out.sink.clear();
    forward.sink(&pong, &mut out).unwrap();
    assert_eq!(out.sink.as_bytes(), event(None));
    // A sink with another key gets nothing.
    forward.linked(&mut out);
    out.sink.clear();
    forward.sink(&greeting, &mut out).unwrap();
    pong.clear();
    let other = SharedKey::new("other");
    let _ = handshake::check_ping(out.sink.as_bytes(), b"n", &other, &mut pong);
    assert_eq!(forward.sink(&pong, &mut out), Err(Fault::Sink));
}

/// An entry that is one, that is none, that is too long, and text that would go on in the next.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let log = |text_: &str| list(&[time(), map(&[("log", text(text_))])]);
    prop_oneof![
        Just(list(&[time(), secret(int(490_154_203_237_518))])),
        Just(list(&[
            list(&[time(), map(&[("mail", text("ann@example.org"))])]),
            secret(int(5))
        ])),
        Just(log("password=")),
        Just(log("hunter2")),
        Just(log("{\"user\":{\"password\":\"")),
        Just(log(&"x".repeat(1200))),
        Just(log(&"from 192.0.2.7 ".repeat(60))),
        Just(list(&[text("ann@example.org"), map(&[])])),
        Just(int(7)),
        Just(list(&[time(), list(&[map(&[])]), int(1)])),
        (arbitrary(), arbitrary()).prop_map(|(time, record)| list(&[time, record])),
    ]
}

#[test]
fn entries_that_are_none_do_not_pile_up() {
    let mut scrubber = Scrubber::new(desk("strict"));
    let broken = vec![0xC0; 5000];
    let message = scrubber.message(&list(&[text("app"), bin(&broken)]));
    let mut reader = Reader::new(&message.as_ref().unwrap().bytes);
    assert_eq!(reader.token(), Ok(Token::Array(2)));
    assert_eq!(reader.token(), Ok(Token::Str(b"app")));
    let Ok(Token::Bin(entries)) = reader.token() else {
        panic!("no packed entries")
    };
    let mut reader = Reader::new(entries);
    let count = std::iter::from_fn(|| (!reader.at_end()).then(|| reader.value().unwrap())).count();
    assert_eq!(count, broken.len());
    assert_eq!(
        scrubber.desk.tally.tombstones[Reason::BadFrame as usize],
        5000
    );
    // As many as nobody has room for.
    scrubber.desk.frame_bytes_max = 10_000;
    let message = scrubber.message(&list(&[text("app"), bin(&broken)]));
    assert_eq!(message.unwrap_err(), Reason::RecordTooLong);
}

proptest! {
    #[test]
    fn a_message_without_findings_goes_as_it_came(values in proptest::collection::vec(arbitrary(), 0..4), form in 0..4) {
        let mut quiet = Scrubber::new(Desk {
            record_bytes_max: 1 << 20,
            ..desk("[actions]\ndefault = \"keep\"\n")
        });
        let entries: Vec<Vec<u8>> = values.iter().map(|v| list(&[time(), map(&[("v", v.clone())])])).collect();
        let message = match form {
            0 => list(&[text("t"), time(), map(&[("v", values.first().cloned().unwrap_or(vec![0xC0]))])]),
            1 => list(&[text("t"), list(&entries), map(&[("chunk", text("a"))])]),
            2 => list(&[text("t"), bin(&entries.concat())]),
            _ => list(&[text("t"), bin(&gzip(&entries.concat())), map(&[("compressed", text("gzip"))])]),
        };
        prop_assert_eq!(quiet.message(&message).unwrap().bytes, message);
    }

    #[test]
    fn entries_together_are_what_they_are_alone(
        entries in proptest::collection::vec(entry(), 0..9),
        packed in any::<bool>(),
    ) {
        thread_local! {
            static BOTH: std::cell::RefCell<[Scrubber; 2]> = std::cell::RefCell::new([0; 2].map(|_| Scrubber::new(desk("strict"))));
        }
        BOTH.with_borrow_mut(|[together, alone]| {
            together.desk.tally = Tally::default();
            alone.desk.tally = Tally::default();
            let message = |entries: &[Vec<u8>]| {
                let body = if packed { bin(&entries.concat()) } else { list(entries) };
                list(&[text("app"), body])
            };
            let each: Vec<Vec<u8>> = entries
                .iter()
                .map(|entry| {
                    let scrubbed = alone.message(&list(&[text("app"), list(std::slice::from_ref(entry))]));
                    // Behind the tag and the header of one entry.
                    scrubbed.unwrap().bytes[6..].to_vec()
                })
                .collect();
            let scrubbed = together.message(&message(&entries)).unwrap().bytes;
            prop_assert_eq!(scrubbed, message(&each));
            prop_assert_eq!(&together.desk.tally, &alone.desk.tally);
            Ok(())
        })?;
    }

    #[test]
    fn the_second_walk_is_the_first(value in arbitrary()) {
        // Every leaf is replaced by itself: the same value in its canonical form reads the same.
        let mut sheet = crate::pipeline::Sheet::new();
        prop_assert!(record::put(&mut Reader::new(&value), &mut sheet, 0).is_ok());
        let mut desk = desk("audit");
        let mut leaves = desk.pipeline.sheet(&mut sheet, &mut desk.tally).unwrap();
        let mut out = Vec::new();
        prop_assert!(record::encode(&mut Reader::new(&value), &mut leaves, &mut out).is_ok());
        prop_assert!(leaves.next().is_none());
        prop_assert_eq!(out, value);
    }

    #[test]
    fn any_bytes_from_either_side(input in proptest::collection::vec(any::<u8>(), 0..200), head in 0usize..4) {
        let (mut forward, mut out) = (open(), Wires::default());
        let mut bytes = event(Some("a"))[..head].to_vec();
        bytes.extend(input);
        let _ = forward.client(&bytes, &mut out);
        forward.linked(&mut out);
        let _ = forward.sink(&bytes, &mut out);
    }
}
