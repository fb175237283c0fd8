//! The core in stretches: a read that takes long to scan leaves the worker to other connections in between.

use std::time::{Duration, Instant};

use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Piece, Span};

/// How long a connection may hold a worker while others wait: what most reads take whole.
const TURN: Duration = Duration::from_micros(500);
/// Bytes between two looks at the clock, where records end.
const STRETCH_BYTES: usize = 64 << 10;

/// What scrubs pieces of an input.
pub(super) type Scrub = fn(&mut Pipeline, &[u8], &[Piece], &mut Scrubbed, &mut Tally);

/// Pieces that need nothing before they are scrubbed.
pub(super) fn plain(
    pipeline: &mut Pipeline,
    input: &[u8],
    pieces: &[Piece],
    out: &mut Scrubbed,
    tally: &mut Tally,
) {
    pipeline.process(input, pieces, out, tally);
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
    let mut turns = Turns {
        spent: Duration::ZERO,
        begun: Instant::now(),
        bytes: 0,
    };
    let mut rest = pieces;
    while let Some((first, others)) = rest.split_first() {
        if !matches!(first, Piece::Run { .. }) {
            let (now, later) = in_front(rest, turns.room());
            scrub(pipeline, input, now, out, tally);
            turns.took(now.iter().copied().map(length).sum()).await;
            rest = later;
            continue;
        }
        let mut run = Some(*first);
        while let Some(piece) = run {
            let (now, later) = cut(piece, input, turns.room());
            scrub(pipeline, input, &[now], out, tally);
            turns.took(length(now)).await;
            run = later;
        }
        rest = others;
    }
    turns.spent.saturating_add(turns.begun.elapsed())
}

/// What was done since others had the worker.
struct Turns {
    spent: Duration,
    begun: Instant,
    bytes: usize,
}

impl Turns {
    /// Bytes until the next look at the clock.
    const fn room(&self) -> usize {
        STRETCH_BYTES.saturating_sub(self.bytes)
    }

    async fn took(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes < STRETCH_BYTES {
            return;
        }
        self.bytes = 0;
        let turn = self.begun.elapsed();
        if turn >= TURN {
            self.spent = self.spent.saturating_add(turn);
            tokio::task::yield_now().await;
            self.begun = Instant::now();
        }
    }
}

/// The pieces before the next run that have about `bytes`, and those behind them; one at the least.
fn in_front(pieces: &[Piece], bytes: usize) -> (&[Piece], &[Piece]) {
    let mut left = bytes;
    let fits = |piece: &&Piece| {
        let goes = left > 0 && !matches!(piece, Piece::Run { .. });
        left = left.saturating_sub(length(**piece));
        goes
    };
    let count = pieces.iter().take_while(fits).count().max(1);
    pieces.split_at_checked(count).unwrap_or((pieces, &[]))
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

    use super::*;
    use crate::protocol::gelf;
    use crate::record::{Delimiter, Terminator};

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
        Pipeline::test("default").process(input, &pieces, &mut whole, &mut counts);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (turns, done) = (Cell::new(0), Cell::new(false));
        let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
        runtime.block_on(async {
            let mut pipeline = Pipeline::test("default");
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
