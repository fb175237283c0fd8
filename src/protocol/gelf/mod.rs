//! GELF, the Graylog extended log format, version 1.1: over UDP in chunks and compressed or neither, over
//! streams with a zero byte behind each message (Graylog, "GELF Payload Specification").
//!
//! It has no acknowledgement: a stream has back-pressure, a datagram neither. A message leaves coded as it
//! came, in chunks where it came in chunks or grew too long for one datagram; from UDP to a stream it
//! leaves plain. What is no map of JSON as Graylog reads it is no message: a tombstone, which is one, stands in
//! its place.

pub mod assemble;
pub mod message;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use memchr::memchr_iter;
use tokio::net::UdpSocket;
use tokio::time::Instant as Clock;

use self::assemble::{Assembler, Lost, Whole};
use self::message::{Scrubber, has_controls, is_message, one_line};
use super::Shared;
use super::lines::DATAGRAM_BYTES_MAX;
use super::session::Desk;
use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Delimiter, Piece, Reason, Span, Terminator};

/// Most datagrams that go the way together.
const BATCH: usize = 64;

/// Scrubs pieces of a stream: what is no message is a tombstone, and what has control bytes is scanned as one line.
pub(super) fn scrub(
    pipeline: &mut Pipeline,
    input: &[u8],
    pieces: &[Piece],
    out: &mut Scrubbed,
    tally: &mut Tally,
) {
    for piece in checked(input, pieces) {
        let Piece::One { body, delimiter } = piece else {
            pipeline.process(input, &[piece], out, tally);
            continue;
        };
        let line = one_line(body.of(input));
        let body = Span::new(0, line.len());
        pipeline.process(&line, &[Piece::One { body, delimiter }], out, tally);
    }
}

/// The pieces of a stream, tombstones where they are no messages.
#[must_use]
pub fn checked(input: &[u8], pieces: &[Piece]) -> Vec<Piece> {
    let mut all = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match *piece {
            Piece::Run { span, terminator } => run(input, span, terminator, &mut all),
            Piece::One { body, delimiter } if !may_pass(body.of(input)) => {
                all.push(no_message(body.len(), delimiter));
            }
            piece => all.push(piece),
        }
    }
    all
}

/// A run of records, in as few pieces as go: messages with control bytes are pieces of their own.
fn run(input: &[u8], span: Span, terminator: Terminator, all: &mut Vec<Piece>) {
    let (mut good, mut at) = (span.start, span.start);
    let fine = |start: usize, end: usize| {
        let span = Span::new(start, end);
        (start < end).then_some(Piece::Run { span, terminator })
    };
    for length in memchr_iter(terminator.byte(), span.of(input)) {
        let end = span.start.saturating_add(length);
        let (record, behind) = (Span::new(at, end), end.saturating_add(1));
        let delimiter = Delimiter::Terminated(terminator);
        let other = if !may_pass(record.of(input)) {
            Some(no_message(record.len(), delimiter))
        } else {
            let body = record;
            has_controls(record.of(input)).then_some(Piece::One { body, delimiter })
        };
        if let Some(other) = other {
            all.extend(fine(good, at));
            all.push(other);
            good = behind;
        }
        at = behind;
    }
    all.extend(fine(good, span.end));
}

/// Whether a record of a stream is a message, or nothing.
fn may_pass(record: &[u8]) -> bool {
    record.trim_ascii().is_empty() || is_message(record)
}

const fn no_message(bytes: usize, delimiter: Delimiter) -> Piece {
    Piece::Tomb {
        reason: Reason::BadFrame,
        bytes: bytes as u64,
        delimiter,
    }
}

/// Messages that were scrubbed for a stream, as datagrams. `id` counts the chunked ones.
pub fn to_datagrams(records: &Scrubbed, scrubber: &mut Scrubber) -> Scrubbed {
    let mut out = Scrubbed::new();
    for record in records.records() {
        scrubber.cut(record, None, &mut out);
    }
    out
}

/// What scrubs the messages of this route.
#[must_use]
pub fn scrubber(shared: &Shared) -> Scrubber {
    // Ids need be different only among what one sender has under way; hashers are seeded at random.
    let id = RandomState::new().hash_one(shared.metrics.connections_total.get());
    Scrubber::new(Desk::new(shared), shared.sink.is_datagram(), id)
}

/// Serves a socket of datagrams until told to stop.
pub async fn datagrams(socket: UdpSocket, shared: &Shared) {
    let mut scrubber = scrubber(shared);
    shared.metrics.connections.inc();
    shared.metrics.connections_total.inc();
    let mut assembler = Assembler::new(shared.record_bytes_max, shared.frame_bytes_max);
    let mut line = shared.sink.line();
    let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
    let mut out = Scrubbed::new();
    loop {
        let deadline = assembler.deadline().map(Clock::from_std);
        let first = tokio::select! {
            biased;
            received = socket.recv_from(&mut buffer) => Some(received),
            () = async { match deadline { Some(at) => tokio::time::sleep_until(at).await, None => std::future::pending().await } } => None,
            () = shared.stop.cancelled() => break,
        };
        scrubber.desk.pipeline.follow(&shared.plan.get());
        let start = Instant::now();
        let mut next = first;
        let mut taken = 0usize;
        // What has queued up behind the first goes the way together.
        loop {
            match next {
                Some(Ok((length, peer))) => {
                    shared.metrics.received.inc_by(length as u64);
                    let datagram = buffer.get(..length).unwrap_or_default();
                    take(&mut assembler, &mut scrubber, peer, datagram, &mut out);
                }
                Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                Some(Err(error)) => {
                    crate::net::refused(&error).await;
                    break;
                }
                None => break,
            }
            taken = taken.saturating_add(1);
            if taken >= BATCH {
                break;
            }
            next = Some(socket.try_recv_from(&mut buffer));
        }
        while let Some(lost) = assembler.expire(Instant::now()) {
            scrubber.message(Err(lost), &mut out);
        }
        scrubber.flush(&mut out);
        let tally = std::mem::take(&mut scrubber.desk.tally);
        if tally.records > 0 {
            let seconds = start.elapsed().as_secs_f64();
            shared.metrics.scan_seconds.observe(seconds);
            shared.count(&tally);
        }
        if !out.is_empty() {
            line.send(&out).await;
            out.clear();
        }
    }
    shared.metrics.connections.dec();
    line.close().await;
}

fn take(
    assembler: &mut Assembler,
    scrubber: &mut Scrubber,
    peer: SocketAddr,
    datagram: &[u8],
    out: &mut Scrubbed,
) {
    let message: Result<Option<Whole>, Lost> = assembler.push(Instant::now(), peer, datagram);
    if let Some(message) = message.transpose() {
        scrubber.message(message, out);
    }
}
