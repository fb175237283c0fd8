//! What holds for all detectors together.

use proptest::prelude::*;

use super::*;
use crate::record::Span;

fn found(scan: impl Fn(&[u8], &mut Vec<Finding>), hay: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    scan(hay, &mut findings);
    findings.sort_by_key(|f| (f.span, f.class));
    findings.dedup_by_key(|f| (f.span, f.class));
    findings
}

#[test]
fn each_detector_finds_its_examples_and_leaves_its_counter_examples() {
    for detector in DETECTORS {
        assert!(
            !detector.finds.is_empty() && !detector.leaves.is_empty(),
            "{}",
            detector.id
        );
        for line in detector.finds {
            let notes = explain(line.as_bytes(), &Custom::default());
            assert!(
                notes
                    .iter()
                    .any(|n| n.accepted && n.detector == detector.id),
                "{}: {line}",
                detector.id
            );
        }
        for line in detector.leaves {
            let notes = explain(line.as_bytes(), &Custom::default());
            assert!(
                !notes
                    .iter()
                    .any(|n| n.accepted && n.detector == detector.id),
                "{}: {line}",
                detector.id
            );
        }
    }
}

#[test]
fn what_is_not_wanted_is_the_only_thing_not_found() {
    let all = Scanner::default();
    for wanted in Class::all() {
        let some = Scanner::wanted(&Custom::default(), |class| class == wanted);
        for line in all_examples() {
            let of = |scanner: &Scanner| {
                let mut findings = found(
                    |h, f| scanner.scan(h, &mut Scratch::default(), f),
                    line.as_bytes(),
                );
                findings.retain(|f| f.class == wanted);
                findings
            };
            assert_eq!(of(&some), of(&all), "{wanted:?} in {line}");
        }
    }
}

#[test]
fn a_detector_finds_what_it_says() {
    for detector in DETECTORS {
        for line in all_examples() {
            let mut findings = Vec::new();
            let mut cx = Cx::new(line.as_bytes(), &mut findings, None);
            for at in 0..=line.len() {
                (detector.confirm)(&mut cx, at);
            }
            for finding in findings {
                let said = detector.classes;
                assert!(
                    said.contains(&finding.class),
                    "{} finds {:?}",
                    detector.id,
                    finding.class
                );
            }
        }
    }
}

fn all_examples() -> Vec<&'static str> {
    DETECTORS
        .iter()
        .flat_map(|d| d.finds.iter().chain(d.leaves))
        .copied()
        .collect()
}

#[test]
fn a_byte_order_mark_in_front_of_a_message_hides_nothing() {
    let scanner = Scanner::default();
    for line in all_examples() {
        let [plain, marked] = ["", "\u{FEFF}"].map(|bom| format!("<14>app: {bom}{line}"));
        let mut want = found(
            |h, f| scanner.scan(h, &mut Scratch::default(), f),
            plain.as_bytes(),
        );
        for finding in &mut want {
            finding.span = Span::new(finding.span.start + 3, finding.span.end + 3);
        }
        let have = found(
            |h, f| scanner.scan(h, &mut Scratch::default(), f),
            marked.as_bytes(),
        );
        assert!(
            want.iter().all(|f| have.contains(f)),
            "{line}: {have:?}, not {want:?}"
        );
    }
}

/// What one policy's operator calls a secret is remembered for that policy alone.
#[test]
fn a_memory_serves_one_scanner_at_a_time() {
    let of = |key: &str| {
        let text = format!("[[custom]]\nname = \"own\"\nkeys = [\"{key}\"]\n");
        let policy = crate::policy::Policy::parse("test", &text).unwrap();
        Scanner::with_custom(&policy.custom)
    };
    let (one, two) = (of("tenant"), of("badge"));
    let scratch = std::cell::RefCell::default();
    for _ in 0..2 {
        for (scanner, key) in [(&one, "tenant"), (&two, "badge")] {
            let line = r#"{"id":1,"tenant":"blue","badge":"b-77"}"#;
            let have = found(
                |h, f| scanner.scan(h, &mut scratch.borrow_mut(), f),
                line.as_bytes(),
            );
            let own: Vec<_> = have.iter().filter(|f| f.class == Class::CUSTOM).collect();
            let [own] = own[..] else {
                panic!("{key}: {have:?}")
            };
            let head = &line.as_bytes()[..own.span.start];
            assert!(head.ends_with(format!("\"{key}\":\"").as_bytes()));
        }
    }
}

/// A batch is one scan: what the record beside says hides nothing of this one.
#[test]
fn what_is_found_in_a_record_is_found_beside_others() {
    let (scanner, scratch) = (Scanner::default(), std::cell::RefCell::default());
    let scan = |hay: &[u8]| found(|h, f| scanner.scan(h, &mut scratch.borrow_mut(), f), hay);
    for line in all_examples() {
        for (at, _) in line.match_indices([' ', ',']) {
            let (one, two) = line.as_bytes().split_at(at);
            let mut want = scan(one);
            want.extend(scan(two).into_iter().map(|mut finding| {
                let Span { start, end } = finding.span;
                finding.span = Span::new(start + at + 1, end + at + 1);
                finding
            }));
            for end in [b"\n", b"\0"] {
                let have = scan(&[one, end, two].concat());
                for Finding { span, class, .. } in &want {
                    let hides = |f: &Finding| f.span.start <= span.start && span.end <= f.span.end;
                    assert!(
                        have.iter().any(hides),
                        "{class:?} at {span:?} of {line} cut at {at}"
                    );
                }
            }
        }
    }
}

#[test]
fn front_ends_agree_at_every_offset() {
    let (ways, slow) = (Scanner::each_way().collect::<Vec<_>>(), Scanner::portable());
    for line in all_examples() {
        let line = [b" ", line.as_bytes(), b"\n"].concat();
        let naive = found(|h, f| slow.scan_naive(h, f), &line);
        // Around the borders of blocks, of windows and of stretches, behind another record.
        for pad in (1..66).chain(440..514).chain((4020..4097).step_by(5)) {
            let hay = [&vec![b' '; pad - 1][..], b"\n", &line].concat();
            let mut want = naive.clone();
            for finding in &mut want {
                finding.span = Span::new(finding.span.start + pad, finding.span.end + pad);
            }
            let text = String::from_utf8_lossy(&line);
            for way in &ways {
                assert_eq!(
                    found(|h, f| way.scan(h, &mut Scratch::default(), f), &hay),
                    want,
                    "{text} at {pad}"
                );
            }
        }
    }
}

/// Messages of more than one line stand in strings of JSON (RFC 8259 §7), and in those again.
#[test]
fn what_is_found_in_a_line_is_found_beside_an_escaped_line_feed() {
    let scanner = Scanner::default();
    let scan = |hay: &[u8]| found(|h, f| scanner.scan(h, &mut Scratch::default(), f), hay);
    let lines = DETECTORS
        .iter()
        .flat_map(|d| d.finds.iter().chain(d.leaves));
    let plain = |line: &&&str| !line.contains(['"', '\\', '\n', '\t', '\0']);
    for line in lines.filter(plain) {
        let want = scan(line.as_bytes());
        for (head, tail) in [
            ("{\"m\":\"x\\n", "\"}"),
            ("{\"m\":\"x\\r\\n\\t", "\\r\\ny\",\"n\":1}"),
            ("{\"m\":\"", "\\nx\"}"),
            ("{\"m\":\"{\\\"k\\\":\\\"x\\\\n", "\\\"}\"}"),
        ] {
            let have = scan(format!("{head}{line}{tail}").as_bytes());
            // What begins with the letter of an escape would leave its backslash alone.
            let cuts = |f: &Finding| f.span.start + 1 == head.len();
            assert!(!have.iter().any(cuts), "{head}{line}{tail}");
            for Finding { span, class, .. } in &want {
                let hides = |f: &Finding| {
                    f.span.start <= span.start + head.len() && span.end + head.len() <= f.span.end
                };
                assert!(
                    have.iter().any(hides),
                    "{class:?} at {span:?} of {head}{line}{tail}"
                );
            }
        }
    }
}

/// Loggers colour lines, keys and values (ECMA-48), and JSON, shells and rsyslog write that in their own ways.
#[test]
fn what_is_found_in_a_line_is_found_in_colours() {
    let scanner = Scanner::default();
    let scan = |hay: &[u8]| found(|h, f| scanner.scan(h, &mut Scratch::default(), f), hay);
    let lines = DETECTORS
        .iter()
        .flat_map(|d| d.finds.iter().chain(d.leaves));
    for line in lines.filter(|line| !line.contains('\0')) {
        let want = scan(line.as_bytes());
        for esc in ["\x1b", "\\u001b", "\\x1b", "\\e", "\\033", "#033", "^["] {
            let (on, off) = (format!("{esc}[36m"), format!("{esc}[0m"));
            let check = |text: &str, span: Span, class: Class| {
                let have = scan(text.as_bytes());
                let hides = |f: &Finding| f.span.start <= span.start && span.end <= f.span.end;
                assert!(
                    have.iter().any(hides),
                    "{class:?} at {span:?} of {text}: {have:?}"
                );
            };
            let whole = format!("{on}{line}{off}");
            let moved = |span: Span, by: usize| Span::new(span.start + by, span.end + by);
            for Finding { span, class, .. } in &want {
                check(&whole, moved(*span, on.len()), *class);
                let (head, rest) = line.split_at(span.start);
                let (value, tail) = rest.split_at(span.end - span.start);
                // It would be one of the escape's.
                if head.ends_with('\\') || value.ends_with('\\') {
                    continue;
                }
                let own = format!("{head}{on}{value}{off}{tail}");
                check(&own, moved(*span, on.len()), *class);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn front_ends_agree_on_mixtures(picks in prop::collection::vec((any::<prop::sample::Index>(), "[ -~]{0,12}"), 1..12), cut in any::<prop::sample::Index>()) {
        let examples = all_examples();
        let mut hay = String::new();
        for (pick, noise) in &picks {
            hay.push_str(examples[pick.index(examples.len())]);
            hay.push_str(noise);
        }
        let hay = &hay.as_bytes()[cut.index(hay.len())..];
        let want = found(|h, f| Scanner::portable().scan_naive(h, f), hay);
        for way in Scanner::each_way() {
            prop_assert_eq!(found(|h, f| way.scan(h, &mut Scratch::default(), f), hay), want.clone());
        }
    }
}
