//! The core in stretches: a read that takes long to scan leaves the worker to other connections in between.

use std::time::{Duration, Instant};

use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Piece, Span};

/// How long a connection may hold a worker while others wait: what most reads take whole.
const TURN: Duration = Duration::from_micros(500);
/// Bytes between two looks at the clock, where records end.
const STRETCH_BYTES: usize = 64 << 10;

/// What scrubs a piece of an input.
pub(super) type Scrub = fn(&mut Pipeline, &[u8], Piece, &mut Scrubbed, &mut Tally);

/// A piece that needs nothing before it is scrubbed.
pub(super) fn plain(
    pipeline: &mut Pipeline,
    input: &[u8],
    piece: Piece,
    out: &mut Scrubbed,
    tally: &mut Tally,
) {
    pipeline.process(input, &[piece], out, tally);
}

/// Scrubs `pieces` of `input` behind `out` and gives the time that it took, waiting excluded.
pub(super) async fn process(
    scrub: Scrub,
    pipeline: &mut Pipeline,
    input: &[u8],
    pieces: &[Piece],
    out: &mut Scrubbed,
    tally: &mut Tally,
) -> Duration {
    let mut spent = Duration::ZERO;
    let mut begun = Instant::now();
    let mut bytes = 0usize;
    for piece in pieces {
        let mut rest = Some(*piece);
        while let Some(piece) = rest {
            let (now, later) = cut(piece, input, STRETCH_BYTES.saturating_sub(bytes));
            scrub(pipeline, input, now, out, tally);
            rest = later;
            bytes = bytes.saturating_add(length(now));
            if bytes >= STRETCH_BYTES {
                bytes = 0;
                let turn = begun.elapsed();
                if turn >= TURN {
                    spent = spent.saturating_add(turn);
                    tokio::task::yield_now().await;
                    begun = Instant::now();
                }
            }
        }
    }
    spent.saturating_add(begun.elapsed())
}

fn length(piece: Piece) -> usize {
    match piece {
        Piece::Run { span, .. } | Piece::Joined { span } => span.len(),
        Piece::One { body, .. } => body.len(),
        Piece::Tomb { .. } => 0,
    }
}

/// A piece of about `bytes` and what is left: runs are cut between two of their records, others not at all.
fn cut(piece: Piece, input: &[u8], bytes: usize) -> (Piece, Option<Piece>) {
    let Piece::Run { span, terminator } = piece else {
        return (piece, None);
    };
    let from = bytes.saturating_sub(1).min(span.len());
    let tail = span.of(input).get(from..).unwrap_or_default();
    let end = memchr::memchr(terminator.byte(), tail)
        .map_or(span.len(), |end| from.saturating_add(end).saturating_add(1));
    let middle = span.start.saturating_add(end);
    let run = |span| Piece::Run { span, terminator };
    let later = Span::new(middle, span.end);
    (
        run(Span::new(span.start, middle)),
        (!later.is_empty()).then(|| run(later)),
    )
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;
    use crate::frame::Output;
    use crate::mask::Keys;
    use crate::plan::Plan;
    use crate::policy::Policy;
    use crate::protocol::gelf;
    use crate::record::{Delimiter, Terminator};

    fn pipeline() -> Pipeline {
        let policy = Policy::preset("default").unwrap();
        let plan = Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame);
        Pipeline::new(Arc::new(plan))
    }

    #[test]
    fn runs_are_cut_between_records() {
        let input = b"aa\nbbbb\nc\n";
        let terminator = Terminator::Newline;
        for (bytes, want) in [
            (1, vec!["aa\n", "bbbb\n", "c\n"]),
            (4, vec!["aa\nbbbb\n", "c\n"]),
            (8, vec!["aa\nbbbb\n", "c\n"]),
            (9, vec!["aa\nbbbb\nc\n"]),
            (100, vec!["aa\nbbbb\nc\n"]),
        ] {
            let span = Span::new(0, input.len());
            let (mut rest, mut have) = (Some(Piece::Run { span, terminator }), Vec::new());
            while let Some(piece) = rest {
                let (now, later) = cut(piece, input, bytes);
                let Piece::Run { span, .. } = now else {
                    panic!("a run stays one")
                };
                have.push(str::from_utf8(span.of(input)).unwrap());
                rest = later;
            }
            assert_eq!(have, want, "{bytes}");
        }
    }

    #[test]
    fn others_have_their_turn_and_nothing_changes() {
        let line = "user=ann from 192.0.2.7, password: hunter2, mail ann@example.org ok\n";
        takes_turns(plain, line, Terminator::Newline);
        let message = "{\"short_message\":\"user=ann from 192.0.2.7, mail ann@example.org ok\"}\0";
        takes_turns(gelf::scrub, message, Terminator::Nul);
    }

    fn takes_turns(scrub: Scrub, line: &str, terminator: Terminator) {
        let input = line.repeat((4 << 20) / line.len());
        let input = input.as_bytes();
        let span = Span::new(0, input.len());
        let pieces = [
            Piece::One {
                body: Span::new(0, line.len() - 1),
                delimiter: Delimiter::Bare,
            },
            Piece::Run { span, terminator },
        ];
        let (mut whole, mut counts) = (Scrubbed::new(), Tally::default());
        pipeline().process(input, &pieces, &mut whole, &mut counts);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (turns, done) = (Cell::new(0), Cell::new(false));
        let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
        runtime.block_on(async {
            let mut pipeline = pipeline();
            let scan = async {
                process(scrub, &mut pipeline, input, &pieces, &mut out, &mut tally).await;
                done.set(true);
            };
            let other = async {
                while !done.get() {
                    turns.set(turns.get() + 1);
                    tokio::task::yield_now().await;
                }
            };
            tokio::join!(scan, other);
        });
        assert!(turns.get() > 2, "{}", turns.get());
        assert_eq!(out.as_bytes(), whole.as_bytes());
        assert_eq!(
            (tally.records, tally.findings),
            (counts.records, counts.findings)
        );
    }
}
