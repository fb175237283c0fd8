use super::*;
use crate::scan::{Anchor, Detector, Scanner};

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

#[test]
fn a_panic_in_a_detector_costs_its_record_only() {
    let mut plan = Plan::test("default", Output::AsCame);
    plan.scanner = Arc::new(Scanner::only(&PANICS));
    let input = b"one\ntwo @ secret\nthree\n";
    let piece = Piece::Run {
        span: Span::new(0, input.len()),
        terminator: Terminator::Newline,
    };
    let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
    Pipeline::new(Arc::new(plan)).process(input, &[piece], &mut out, &mut tally);
    let text = String::from_utf8(out.as_bytes().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2], lines.len()), ("one", "three", 3));
    assert!(
        lines[1].starts_with("scrubd tombstone reason=scan_failed bytes=12 policy="),
        "{text}"
    );
    assert_eq!(
        (tally.records, tally.tombstones[Reason::ScanFailed as usize]),
        (3, 1)
    );
}

proptest::proptest! {
    #[test]
    fn a_joined_record_without_findings_leaves_as_it_came(lines in "([a-z \u{1c}-\u{1f}]{0,20}\n){1,6}") {
        let mut pipeline = Pipeline::test("[actions]\ndefault = \"detect\"\n");
        let piece = Piece::Joined { span: Span::new(0, lines.len()) };
        let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
        pipeline.process(lines.as_bytes(), &[piece], &mut out, &mut tally);
        proptest::prop_assert_eq!(out.as_bytes(), lines.as_bytes());
    }
}

proptest::proptest! {
    #[test]
    fn a_syslog_record_without_findings_leaves_as_it_came(
        head in "<1?[0-9]{1,2}>(1 (-|2026-11-25T10:00:00[.0-9]{0,4}Z) [a-z-]{1,5} [a-z-]{1,5} [0-9-] [a-z-] |Nov [ 1]5 10:00:00 [a-z]{1,5} [a-z]{1,5}(\\[[0-9]{1,3}\\])?: |)",
        data in "(\\[[a-z]{1,3}(@1)?( [a-z]{1,3}=\"([a-z ]|\\\\\"|\\\\\\])*\"){0,3}\\] ?){0,2}-? ?",
        text in "(\u{FEFF})?[a-z \u{e9}\\]\\[\"]{0,30}",
        counted in proptest::prelude::any::<bool>(),
    ) {
        let policy = "[actions]\ndefault = \"redact\"\n[[field]]\npath = \"syslog.*\"\naction = \"hash\"\n\
                      [[field]]\npath = \"sd.**\"\naction = \"mask\"\n";
        let record = [head, data, text].concat();
        let line = if counted {
            format!("{} {record}", record.len())
        } else {
            format!("{record}\n")
        };
        let mut pieces = Vec::new();
        let mut framer = crate::frame::Framer::new(crate::frame::Framing::Auto, 1 << 20);
        framer.cut(line.as_bytes(), true, &mut pieces);
        let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
        Pipeline::test(policy).process(line.as_bytes(), &pieces, &mut out, &mut tally);
        if tally.findings.iter().all(|count| *count == 0) {
            proptest::prop_assert_eq!(str::from_utf8(out.as_bytes()).unwrap(), line);
        }
    }
}

#[test]
fn a_row_that_is_dropped_has_its_place_in_the_table() {
    let policy = "[actions]\ndefault = \"redact\"\n\"network.account\" = \"drop_record\"\n";
    let input = b"login,note,address\nann,x,\"1 High\nStreet 2\"\n,y,1 Low Street\n";
    let piece = Piece::Run {
        span: Span::new(0, input.len()),
        terminator: Terminator::Newline,
    };
    let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
    let mut pipeline = Pipeline::test(policy);
    pipeline.begin(Tables::Auto);
    pipeline.process(input, &[piece], &mut out, &mut tally);
    let text = String::from_utf8(out.as_bytes().to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[2..], ["REDACTED-ADDRESS\"", ",y,REDACTED-ADDRESS"]);
}

#[test]
fn a_joined_record_with_every_stand_in_is_scrubbed_line_by_line() {
    let lines = b"\x1c\x1d\x1e\x1f\nfrom 192.0.2.7\n";
    let piece = Piece::Joined {
        span: Span::new(0, lines.len()),
    };
    let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
    Pipeline::test("default").process(lines, &[piece], &mut out, &mut tally);
    assert_eq!(out.as_bytes(), b"\x1c\x1d\x1e\x1f\nfrom REDACTED-IP\n");
    assert_eq!(tally.records, 2);
}
