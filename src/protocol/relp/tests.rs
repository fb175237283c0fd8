use proptest::prelude::*;

use super::*;
use crate::pipeline::{Pipeline, Tally};
use crate::record::Reason;

fn relp() -> Relp {
    Relp::with(Desk {
        pipeline: Pipeline::test("default"),
        tally: Tally::default(),
        record_bytes_max: 1000,
        frame_bytes_max: 10_000,
        window_bytes_max: 1000,
    })
}

const OPEN: &[u8] = b"1 open 48 relp_version=1\nrelp_software=x\ncommands=syslog,t\n";

/// A session that both ends have opened.
fn opened() -> (Relp, Wires) {
    let (mut relp, mut out) = (relp(), Wires::default());
    let open = OPEN;
    assert_eq!(relp.client(open, &mut out), Ok(open.len()));
    assert!(relp.wants_sink() && out.client.is_empty());
    relp.linked(&mut out);
    answer(
        &mut relp,
        &mut out,
        1,
        "200 OK\nrelp_version=0\ncommands=syslog",
    );
    let said = String::from_utf8(std::mem::take(&mut out.client)).unwrap();
    assert!(
        said.starts_with("1 rsp ") && said.contains("relp_version=0\n"),
        "{said}"
    );
    out.sink.clear();
    (relp, out)
}

fn answer(relp: &mut Relp, out: &mut Wires, number: u32, text: &str) {
    let mut frame = Vec::new();
    frame::write(number, "rsp", text, &mut frame);
    assert_eq!(relp.sink(&frame, out), Ok(frame.len()));
}

fn said(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_client_is_answered_after_the_sink() {
    let (mut relp, mut out) = opened();
    let input = b"7 syslog 15 ip 192.0.2.7 ok\n8 syslog 0\n9 sys";
    assert_eq!(relp.client(input, &mut out), Ok(input.len() - 5));
    assert_eq!(
        said(out.sink.as_bytes()),
        "2 syslog 17 ip REDACTED-IP ok\n3 syslog 0\n"
    );
    assert!(out.client.is_empty() && !relp.idle());
    answer(&mut relp, &mut out, 2, "200 OK");
    assert_eq!(said(&out.client), "7 rsp 6 200 OK\n");
    out.client.clear();
    answer(&mut relp, &mut out, 3, "500 disk full at 192.0.2.7");
    assert_eq!(
        said(&out.client),
        "8 rsp 32 500 the sink refused the message\n"
    );
    assert!(relp.idle());
}

#[test]
fn a_new_session_with_the_sink_says_again_what_was_not_answered() {
    let (mut relp, mut out) = opened();
    relp.client(b"5 syslog 1 a\n6 syslog 1 b\n7 syslog 1 c\n", &mut out)
        .unwrap();
    answer(&mut relp, &mut out, 2, "200 OK");
    relp.lost(&mut out).unwrap();
    out.sink.clear();
    relp.linked(&mut out);
    answer(
        &mut relp,
        &mut out,
        1,
        "200 OK\nrelp_version=1\ncommands=syslog",
    );
    let sink = said(out.sink.as_bytes());
    assert!(sink.starts_with("1 open "), "{sink}");
    assert!(sink.ends_with("2 syslog 1 b\n3 syslog 1 c\n"), "{sink}");
    answer(&mut relp, &mut out, 2, "200 OK");
    answer(&mut relp, &mut out, 3, "200 OK");
    assert_eq!(
        said(&out.client),
        "5 rsp 6 200 OK\n6 rsp 6 200 OK\n7 rsp 6 200 OK\n"
    );
}

#[test]
fn closing_waits_for_the_sink() {
    let (mut relp, mut out) = opened();
    relp.client(b"2 syslog 1 a\n3 close 0\n", &mut out).unwrap();
    assert!(!relp.done() && out.client.is_empty());
    answer(&mut relp, &mut out, 2, "200 OK");
    assert!(said(out.sink.as_bytes()).ends_with("3 close 0\n"));
    assert!(!relp.done());
    answer(&mut relp, &mut out, 3, "");
    assert_eq!(
        said(&out.client),
        "2 rsp 6 200 OK\n3 rsp 0\n0 serverclose 0\n"
    );
    assert!(relp.done() && !relp.wants_sink());
}

#[test]
fn a_message_that_is_too_long_is_a_tombstone_in_its_place() {
    let (mut relp, mut out) = opened();
    let mut input = format!("2 syslog 5000 {}\n", "x".repeat(5000)).into_bytes();
    input.extend_from_slice(b"3 syslog 1 a\n");
    let mut buffer = Vec::new();
    for part in input.chunks(7) {
        buffer.extend_from_slice(part);
        let used = relp.client(&buffer, &mut out).unwrap();
        buffer.drain(..used);
        assert!(buffer.len() < 100, "it is not kept");
    }
    let sink = said(out.sink.as_bytes());
    assert!(
        sink.contains(" scrubd tombstone reason=record_too_long bytes=5000 policy="),
        "{sink}"
    );
    assert!(sink.ends_with("3 syslog 1 a\n"), "{sink}");
    assert_eq!(
        relp.desk.tally.tombstones[Reason::RecordTooLong as usize],
        1
    );
}

#[test]
fn the_window_is_bounded() {
    let (mut relp, mut out) = opened();
    let message = format!("2 syslog 500 {}\n", "x".repeat(500));
    let input = message.repeat(5);
    let used = relp.client(input.as_bytes(), &mut out).unwrap();
    assert_eq!(used, message.len() * 2);
    answer(&mut relp, &mut out, 2, "200 OK");
    let used = relp.client(input.as_bytes(), &mut out).unwrap();
    assert_eq!(used, message.len());
}

#[test]
fn what_breaks_the_protocol_is_told_and_hung_up_on() {
    for (input, why) in [
        (
            &b"1 syslog 1 a\n"[..],
            "1 rsp 27 500 the session is not open\n",
        ),
        (b"GET / HTTP/1.1\r\n", "0 rsp 20 500 not a RELP frame\n"),
        (
            b"4 open 3 a=b\n",
            "4 rsp 57 500 the offers need a relp_version and the command syslog\n",
        ),
        (
            b"5 starttls 0\n",
            "5 rsp 32 500 this command was not offered\n",
        ),
        (
            b"6 open 1 aX",
            "6 rsp 40 500 the frame does not end where it says\n",
        ),
    ] {
        let (mut relp, mut out) = (relp(), Wires::default());
        assert_eq!(relp.client(input, &mut out), Err(Fault::Client));
        assert_eq!(said(&out.client), format!("{why}0 serverclose 0\n"));
        assert!(out.sink.as_bytes().is_empty());
        assert_eq!(relp.desk.tally.tombstones[Reason::BadFrame as usize], 1);
    }
}

#[test]
fn a_sink_that_refuses_is_what_the_client_hears() {
    let (mut relp, mut out) = (relp(), Wires::default());
    relp.client(OPEN, &mut out).unwrap();
    relp.linked(&mut out);
    let outcome = relp.sink(b"1 rsp 9 500 no 10\n", &mut out);
    assert_eq!(outcome, Err(Fault::Session));
    assert!(said(&out.client).starts_with("1 rsp 32 500 the sink refused the session\n"));
}

proptest! {
    #[test]
    fn a_message_without_findings_goes_as_it_came(message in "[a-z \u{e4}\u{4e2d}\n\t]{0,200}", cut in 1usize..40) {
        let (mut relp, mut out) = opened();
        let mut input = Vec::new();
        frame::write(2, "syslog", &message, &mut input);
        let mut buffer = Vec::new();
        for part in input.chunks(cut) {
            buffer.extend_from_slice(part);
            let used = relp.client(&buffer, &mut out).unwrap();
            buffer.drain(..used);
        }
        prop_assert!(buffer.is_empty());
        prop_assert_eq!(out.sink.as_bytes(), input);
    }

    #[test]
    fn messages_together_are_what_they_are_alone(
        messages in proptest::collection::vec(prop_oneof![
            Just("from 192.0.2.7, mail ann@example.org".to_owned()),
            Just("{\"password\":\"hunter2\",\"user\":\"".to_owned()),
            Just("two lines\nof 192.0.2.8".to_owned()),
            Just("password".to_owned()),
            Just(": hunter2".to_owned()),
            Just("y".repeat(1001)),
            "[ -~\n]{0,30}",
        ], 0..12),
        last in prop_oneof![Just(""), Just("9 close 0\n"), Just("9 starttls 0\n"), Just("bad")],
    ) {
        let whole = |relp: &mut Relp| relp.desk.window_bytes_max = 100_000;
        let ((mut alone, mut alone_out), (mut together, mut out)) = (opened(), opened());
        [&mut alone, &mut together].into_iter().for_each(whole);
        let mut input = Vec::new();
        let mut outcome = Ok(0);
        for (message, number) in messages.iter().zip(2..) {
            let mut frame = Vec::new();
            frame::write(number, "syslog", message, &mut frame);
            let mut taken = 0;
            while taken < frame.len() {
                taken += alone.client(&frame[taken..], &mut alone_out).unwrap();
            }
            input.extend(frame);
        }
        input.extend(last.as_bytes());
        if !last.is_empty() {
            outcome = alone.client(last.as_bytes(), &mut alone_out);
        }
        prop_assert_eq!(together.client(&input, &mut out).is_ok(), outcome.is_ok());
        prop_assert_eq!(out.sink.as_bytes(), alone_out.sink.as_bytes());
        prop_assert_eq!(&out.client, &alone_out.client);
        prop_assert_eq!(together.desk.tally.records, alone.desk.tally.records);
        prop_assert_eq!(together.desk.tally.findings, alone.desk.tally.findings);
        prop_assert_eq!(together.desk.tally.tombstones, alone.desk.tally.tombstones);
    }

    #[test]
    fn any_bytes_from_either_side(input in proptest::collection::vec(any::<u8>(), 0..200), tail in "[0-9 a-z\n]{0,60}") {
        let (mut relp, mut out) = opened();
        let mut bytes = tail.into_bytes();
        bytes.extend(input);
        let _ = relp.client(&bytes, &mut out);
        let _ = relp.sink(&bytes, &mut out);
    }
}
