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
