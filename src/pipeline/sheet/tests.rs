use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::frame::Output;
use crate::plan::Plan;
use crate::scan::{Anchor, Detector, Scanner};

fn record() -> Sheet {
    let mut sheet = Sheet::new();
    sheet.map();
    sheet.key(b"log");
    sheet.text(b"a \"quoted\" line\nfrom 192.0.2.7\t\x01 \xFF end");
    sheet.key(b"imei");
    sheet.number("490154203237518");
    sheet.key(b"up");
    sheet.blank();
    sheet.key(b"tags");
    sheet.list();
    sheet.text(b"x");
    sheet.map();
    sheet.key(b"password");
    sheet.text(b"hunter2");
    sheet.end_map();
    sheet.end_list();
    sheet.end_map();
    sheet
}

#[test]
fn leaves_come_back_in_their_order_and_kind() {
    let mut tally = Tally::default();
    let leaves =
        Pipeline::test("[actions]\ndefault = \"redact\"\n").sheet(&mut record(), &mut tally);
    let leaves: Vec<Leaf> = leaves.unwrap().collect();
    assert_eq!(leaves.len(), 9);
    let Leaf::Text(line) = &leaves[1] else {
        panic!("{leaves:?}")
    };
    assert_eq!(line, b"a \"quoted\" line\nfrom REDACTED-IP\t\x01 \xFF end");
    assert_eq!(leaves[3], Leaf::Number("0".to_owned()));
    assert_eq!(leaves[5], Leaf::Kept);
    assert!(matches!(&leaves[8], Leaf::Text(text) if text == b"REDACTED-SECRET"));
    assert_eq!(tally.records, 1);
}

#[test]
fn a_record_without_findings_is_said_to_be_unchanged() {
    let mut sheet = Sheet::new();
    sheet.map();
    sheet.key(b"level");
    sheet.text(b"info");
    sheet.end_map();
    let leaves = Pipeline::test("[actions]\ndefault = \"redact\"\n")
        .sheet(&mut sheet, &mut Tally::default())
        .unwrap();
    assert!(!leaves.changed());
}

type Became = Vec<Result<Vec<Leaf>, Reason>>;

/// Together, and each on a sheet of its own: what became of the leaves, and what was counted.
fn both_ways(pipeline: &mut Pipeline, records: &[Vec<(String, String)>]) -> [(Became, Tally); 2] {
    let put = |sheet: &mut Sheet, record: &[(String, String)]| {
        sheet.map();
        for (key, text) in record {
            sheet.key(key.as_bytes());
            match text.parse::<u64>() {
                Ok(number) => sheet.number(&number.to_string()),
                Err(_) => sheet.text(text.as_bytes()),
            }
        }
        sheet.end_map();
    };
    let (mut tally, mut back) = (Tally::default(), Vec::new());
    let mut sheet = Sheet::new();
    for record in records {
        put(&mut sheet, record);
        sheet.end_record();
        // What could not be read is as if it had never been there.
        sheet.list();
        sheet.text(b"mail bob@example.org");
        sheet.undo_record();
    }
    pipeline.sheets(&sheet, &mut tally, &mut back);
    let all = |leaves: Result<Leaves, Reason>| leaves.map(Iterator::collect);
    let together = (back.into_iter().map(all).collect(), tally);
    let mut tally = Tally::default();
    let alone = records.iter().map(|record| {
        let mut sheet = Sheet::new();
        put(&mut sheet, record);
        all(pipeline.sheet(&mut sheet, &mut tally))
    });
    [together, (alone.collect(), tally)]
}

const DROPS: &str = "[actions]\ndefault = \"redact\"\n\"device.mac\" = \"drop_record\"\n\
    [[field]]\npath = \"keep\"\naction = \"keep\"\n";

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("from 192.0.2.7".to_owned()),
        Just("hw 00:1b:44:11:3a:b7 up".to_owned()),
        Just("{\"user\":\"ann\",\"x\":{\"password\":\"".to_owned()),
        Just("490154203237518".to_owned()),
        Just("password=".to_owned()),
        Just("hunter2".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\n".to_owned()),
        Just("login from ".to_owned()),
        Just("mail ann@example.org, \\\"x\n".to_owned()),
        Just("x".repeat(9 << 10)),
        "[ -~\n]{0,30}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    let keys = vec![
        "log",
        "keep",
        "password",
        "user",
        "ip",
        "imei",
        "ann@example.org",
        "a\"b",
    ];
    prop::sample::select(keys).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn records_of_a_sheet_are_what_they_are_alone(
        records in prop::collection::vec(prop::collection::vec((key(), text()), 0..4), 0..8),
    ) {
        thread_local! {
            static PIPELINE: std::cell::RefCell<Pipeline> = std::cell::RefCell::new(Pipeline::test(DROPS));
        }
        let [together, alone] = PIPELINE.with_borrow_mut(|pipeline| both_ways(pipeline, &records));
        prop_assert_eq!(together.0.len(), records.len());
        prop_assert_eq!(together, alone);
    }
}

#[test]
fn a_panic_in_a_detector_costs_its_record_only() {
    static PANICS: Detector = Detector {
        id: "panics",
        classes: &[],
        anchors: &[Anchor::At],
        literals: &[],
        source: "none",
        confirm: |_, _| panic!("a bug in a detector"),
        finds: &[],
        leaves: &[],
    };
    let mut plan = Plan::test("default", Output::AsCame);
    plan.scanner = Arc::new(Scanner::only(&PANICS));
    let records =
        ["one", "two @ secret", "three"].map(|text| vec![("log".to_owned(), text.to_owned())]);
    let [(outcomes, tally), alone] = both_ways(&mut Pipeline::new(Arc::new(plan)), &records);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(outcomes[1], Err(Reason::ScanFailed));
    assert_eq!((outcomes, tally), alone);
}

#[test]
fn a_dropped_record_is_an_error_that_is_counted() {
    let mut tally = Tally::default();
    let outcome =
        Pipeline::test("[actions]\ndefault = \"drop_record\"\n").sheet(&mut record(), &mut tally);
    assert_eq!(outcome.unwrap_err(), Reason::Policy);
    assert_eq!(tally.tombstones[Reason::Policy as usize], 1);
}
