use proptest::prelude::*;

use super::*;

/// Feeds `chunks` and writes each record as text, runs taken apart.
fn records(framing: Framing, max: usize, chunks: &[&[u8]]) -> Vec<String> {
    let mut framer = Framer::new(framing, max);
    let (mut buffer, mut pieces, mut out) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..=chunks.len() {
        if let Some(chunk) = chunks.get(i) {
            buffer.extend_from_slice(chunk);
        }
        let used = framer.cut(&buffer, i == chunks.len(), &mut pieces);
        for piece in &pieces {
            match *piece {
                Piece::Joined { span } => out.push(format!("{span:?}")),
                Piece::Run { span, terminator } => {
                    let run = span.of(&buffer);
                    assert_eq!(run.last(), Some(&terminator.byte()));
                    for record in run[..run.len() - 1].split(|b| *b == terminator.byte()) {
                        out.push(format!(
                            "{} {terminator:?}",
                            String::from_utf8_lossy(record)
                        ));
                    }
                }
                Piece::One { body, delimiter } => out.push(format!(
                    "{} {delimiter:?}",
                    String::from_utf8_lossy(body.of(&buffer))
                )),
                Piece::Tomb {
                    reason,
                    bytes,
                    delimiter,
                } => out.push(format!("tomb {reason:?} {bytes} {delimiter:?}")),
            }
        }
        buffer.drain(..used);
    }
    assert!(buffer.is_empty());
    out
}

const CASES: &[(Framing, &[u8], &[&str])] = &[
    (
        Framing::Newline,
        b"a\nbb\r\n\nc",
        &["a Newline", "bb\r Newline", " Newline", "c Bare"],
    ),
    (Framing::Nul, b"a\nb\0c\0", &["a\nb Nul", "c Nul"]),
    (
        Framing::OctetCounting,
        b"3 <1>5 a\nb d",
        &["<1> Counted", "a\nb d Counted"],
    ),
    (
        Framing::OctetCounting,
        b"3 abc9 x",
        &["abc Counted", "tomb Truncated 1 Counted"],
    ),
    (
        Framing::OctetCounting,
        b"what\n3 abc",
        &["tomb BadFrame 4 Terminated(Newline)", "abc Counted"],
    ),
    (
        Framing::Auto,
        b"5 <1>ab<1>cd\n12 lines\n4 <1>x\n",
        &[
            "<1>ab Counted",
            "<1>cd Newline",
            "12 lines Newline",
            "<1>x Counted",
            " Newline",
        ],
    ),
    (
        Framing::Auto,
        b"2024-01-01 x\n5",
        &["2024-01-01 x Newline", "5 Bare"],
    ),
    (
        Framing::Newline,
        b"short\nmuch longer than sixteen\nend\n",
        &[
            "short Newline",
            "tomb RecordTooLong 24 Terminated(Newline)",
            "end Newline",
        ],
    ),
    (
        Framing::Newline,
        b"much longer than sixteen",
        &["tomb RecordTooLong 24 Bare"],
    ),
    (
        Framing::OctetCounting,
        b"20 <333333333333333333>2 ok",
        &["tomb RecordTooLong 20 Counted", "ok Counted"],
    ),
    (
        Framing::Auto,
        b"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n",
        &[
            "a Newline",
            "b Newline",
            "c Newline",
            "d Newline",
            "e Newline",
            "f Newline",
            "g Newline",
            "h Newline",
            "i Newline",
            "j Newline",
            "k Newline",
        ],
    ),
];

#[test]
fn every_case_and_every_single_split() {
    for (framing, input, want) in CASES {
        assert_eq!(&records(*framing, 16, &[input]), want);
        for at in 0..=input.len() {
            let (a, b) = input.split_at(at);
            assert_eq!(&records(*framing, 16, &[a, b]), want, "split at {at}");
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(&records(*framing, 16, &bytes), want, "byte by byte");
    }
}

proptest! {
    #[test]
    fn chunking_never_matters(input in prop::collection::vec(prop::sample::select(&b"0123 <\n\0ab"[..]), 0..80),
                              sizes in prop::collection::vec(1usize..9, 1..8), pick in 0usize..4) {
        let framing = [Framing::Newline, Framing::OctetCounting, Framing::Nul, Framing::Auto][pick];
        let mut chunks = Vec::new();
        let (mut rest, mut i) = (&input[..], 0);
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(sizes[i % sizes.len()].min(rest.len()));
            chunks.push(head);
            rest = tail;
            i += 1;
        }
        prop_assert_eq!(records(framing, 16, &chunks), records(framing, 16, &[&input]));
    }
}

mod joins {
    use regex_automata::meta::Regex;

    use super::super::{Batch, Framer, Framing, Join, Joiner};
    use crate::record::{Piece, Reason};

    /// What comes out, `+` in front of what was joined, for an input that comes in pieces of `step` bytes.
    fn joined(join: &Join, max: usize, input: &str, step: usize) -> Vec<String> {
        let mut framer = Framer::new(Framing::Newline, max);
        let mut joiner = Joiner::new(join.clone(), max);
        let (mut buffer, mut pieces, mut batch) = (Vec::new(), Vec::new(), Batch::default());
        let (mut base, mut chunks) = (0u64, input.as_bytes().chunks(step));
        loop {
            let chunk = chunks.next();
            buffer.extend_from_slice(chunk.unwrap_or_default());
            let used = framer.cut(&buffer, chunk.is_none(), &mut pieces);
            joiner.push(&buffer, base, &pieces, &mut batch);
            base += used as u64;
            buffer.drain(..used);
            assert!(joiner.held_from().is_none_or(|from| from <= base));
            if chunk.is_none() {
                break;
            }
        }
        joiner.flush(&mut batch);
        assert_eq!(joiner.held_from(), None);
        let text =
            |span: crate::record::Span| String::from_utf8_lossy(span.of(&batch.bytes)).into_owned();
        batch
            .pieces
            .iter()
            .map(|piece| match *piece {
                Piece::Run { span, .. } => text(span).trim_end_matches('\n').to_owned(),
                Piece::Joined { span } => format!("+{}", text(span).trim_end_matches('\n')),
                Piece::One { body, .. } => text(body),
                Piece::Tomb { reason, bytes, .. } => format!("{} {bytes}", reason.as_str()),
            })
            .collect()
    }

    fn check(join: &Join, max: usize, input: &str, want: &[&str]) {
        for step in [1, 2, 7, 30, 10_000] {
            assert_eq!(joined(join, max, input, step), want, "{step}");
        }
    }

    #[test]
    fn traces() {
        let join = Join::Start(Regex::new(r"^\d{4}-").unwrap());
        check(
            &join,
            100,
            "lead\n2024- a\n  at b\n\n  at c\n2024- d\n2024- e\n at f\n",
            &[
                "lead",
                "+2024- a\n  at b\n\n  at c",
                "2024- d",
                "+2024- e\n at f",
            ],
        );
        // As long as a record may be, and no longer.
        check(
            &join,
            12,
            "2024-\nabcd\nefgh\nijkl\n",
            &["+2024-\nabcd", "+efgh\nijkl"],
        );
        check(
            &join,
            12,
            "2024-\nabcdefghijklmnop\n x\n",
            &["2024-", "record_too_long 16", " x"],
        );
    }

    #[test]
    fn parts_of_cri() {
        check(
            &Join::Cri,
            60,
            "T1 stdout P from 192.\nT1 stderr P x\nT2 stdout P 0.2.\nplain\nT3 stdout F 7\nT3 stdout F whole\nT4 stderr F y\nT5 stdin P z\nT6 stdout P:t open\n",
            &[
                "plain",
                "T1 stdout F from 192.0.2.7",
                "T3 stdout F whole",
                "T1 stderr F xy",
                "T5 stdin P z",
                "T6 stdout F open",
            ],
        );
        check(
            &Join::Cri,
            30,
            "T1 stdout P 0123456789\nT1 stdout P 0123456789\nT1 stdout F 0123456789\nT2 stdout F next\n",
            &[
                &format!("{} 42", Reason::RecordTooLong.as_str()),
                "T2 stdout F next",
            ],
        );
    }

    #[test]
    fn parts_of_docker() {
        check(
            &Join::Docker,
            200,
            "{\"log\":\"from 192.\",\"stream\":\"stdout\",\"time\":\"1\"}\n{\"log\":\"e\\n\",\"stream\":\"stderr\",\"time\":\"2\"}\n{\"log\":\"0.2.7 \\\"q\\\"\\n\",\"stream\":\"stdout\",\"time\":\"3\"}\nnot json\n{\"log\":\"cut\n",
            &[
                "{\"log\":\"e\\n\",\"stream\":\"stderr\",\"time\":\"2\"}",
                "{\"log\":\"from 192.0.2.7 \\\"q\\\"\\n\",\"stream\":\"stdout\",\"time\":\"3\"}",
                "not json",
                "{\"log\":\"cut",
            ],
        );
    }

    proptest::proptest! {
        #[test]
        fn any_split_joins_the_same_and_no_byte_is_lost(
            input in "(2024-|T1 stdout [PF] |T1 stderr [PF]:x |\\{\"log\":\"|a|\n|\u{1e}|\\\\n\",\"stream\":\"stderr\"\\}|[ -~]){0,60}",
            step in 1usize..20,
            max in 8usize..80,
        ) {
            for join in [Join::Start(Regex::new("^2024").unwrap()), Join::Cri, Join::Docker] {
                let want = joined(&join, max, &input, input.len().max(1));
                proptest::prop_assert_eq!(joined(&join, max, &input, step), want.clone());
                // Of a trace, every line is there, in order, where none was too long.
                if matches!(join, Join::Start(_)) && input.lines().all(|line| line.len() < max) {
                    let text: Vec<&str> = want.iter().map(|r| r.strip_prefix('+').unwrap_or(r)).collect();
                    let have: Vec<&str> = text.iter().flat_map(|r| r.split('\n')).filter(|l| !l.is_empty()).collect();
                    let lines: Vec<&str> = input.split('\n').filter(|l| !l.is_empty()).collect();
                    if !input.contains('+') {
                        proptest::prop_assert_eq!(have, lines);
                    }
                }
            }
        }
    }
}

/// Every line of a mixed stream may be a counted record: that none is must not cost a piece, or a look at all
/// that follows, for each of them.
#[test]
fn lines_of_a_mixed_stream_are_one_run_up_to_a_counted_record() {
    let run = |start, end| Piece::Run {
        span: Span::new(start, end),
        terminator: Terminator::Newline,
    };
    let cut = |input: &[u8]| {
        let mut pieces = Vec::new();
        let used = Framer::new(Framing::Auto, 1 << 20).cut(input, false, &mut pieces);
        (used, pieces)
    };
    let dated = b"2031-01-02 a\n2031-01-03 b\n7 c\n".repeat(9);
    assert_eq!(cut(&dated), (dated.len(), vec![run(0, dated.len())]));
    let mut blank = vec![b'\n'; 100_000];
    blank.extend_from_slice(b"x1\n1");
    let whole = blank.len() - 1;
    assert_eq!(cut(&blank), (whole, vec![run(0, whole)]));
    // The line feed behind a counted record is an empty line, as it was.
    let counted = Piece::One {
        body: Span::new(8, 12),
        delimiter: Delimiter::Counted,
    };
    let mixed = b"2 a\nb\n4 <1>x\nc\n";
    let pieces = vec![run(0, 6), counted, run(12, 15)];
    assert_eq!(cut(mixed), (15, pieces));
}
