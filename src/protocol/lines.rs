//! Delimited records over streams, and one record a datagram: plain logs and syslog.

use std::io;
use std::pin::pin;
use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead, AsyncReadExt as _, Interest};
use tokio::net::{UdpSocket, UnixDatagram};

use super::{Shared, gelf, turns};
use crate::frame::Framer;
use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Delimiter, Piece, Reason, Span};
use crate::scan::Table;
use crate::settings::Protocol;
use crate::sink::Line;

/// Smallest read buffer: an idle connection holds no more.
const READ_BYTES_MIN: usize = 16 << 10;
/// How long a sink may take before memory is given back.
const PAUSE: Duration = Duration::from_millis(100);
/// Largest datagram of UDP (RFC 768: 65,535 less headers).
pub(super) const DATAGRAM_BYTES_MAX: usize = 65_535;
/// Largest datagram that leaves (RFC 768 and RFC 791: 65,535 less their headers).
const LEAVING_BYTES_MAX: usize = 65_507;
/// Largest Unix datagram that is read: more than a sender that asks for nothing may say (unix(7), `wmem_default`). What
/// is not written to is no memory.
const UNIX_BYTES_MAX: usize = 256 << 10;

/// The core of one connection, and its way out.
pub(super) struct Flow<'a> {
    shared: &'a Shared,
    pipeline: Pipeline,
    scrub: turns::Scrub,
    line: Line,
    out: Scrubbed,
    /// Cuts GELF messages into datagrams.
    chunker: Option<gelf::message::Scrubber>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        tracing::debug!("a connection begins");
        shared.metrics.connections.inc();
        shared.metrics.connections_total.inc();
        let mut pipeline = Pipeline::new(shared.plan.get());
        let gelf = shared.protocol == Protocol::Gelf;
        if gelf {
            pipeline.bury_as_gelf();
        }
        let datagrams = shared.sink.is_datagram();
        if datagrams && !gelf {
            pipeline.leave_within(LEAVING_BYTES_MAX);
        }
        Self {
            shared,
            pipeline,
            scrub: if gelf { gelf::scrub } else { turns::plain },
            line: shared.sink.line(),
            out: Scrubbed::new(),
            chunker: (gelf && datagrams).then(|| gelf::scrubber(shared)),
        }
    }

    pub(super) async fn pass(&mut self, input: &[u8], pieces: &[Piece]) {
        self.scrub(input, pieces).await;
        self.send(|| ()).await;
    }

    async fn scrub(&mut self, input: &[u8], pieces: &[Piece]) {
        if pieces.is_empty() {
            return;
        }
        let metrics = &self.shared.metrics;
        let mut tally = Tally::default();
        self.out.expect(input.len());
        let pipeline = &mut self.pipeline;
        let plan = self.shared.plan.get();
        pipeline.follow(&plan);
        let spent = turns::process(
            self.scrub,
            pipeline,
            input,
            pieces,
            &mut self.out,
            &mut tally,
        )
        .await;
        metrics.scan_seconds.observe(spent.as_secs_f64());
        tracing::trace!(
            records = tally.records,
            bytes = self.out.as_bytes().len(),
            "a batch is scrubbed"
        );
        self.shared.count(&tally);
        if let Some(chunker) = &mut self.chunker {
            chunker.desk.pipeline.follow(&plan);
            self.out = gelf::to_datagrams(&self.out, chunker);
            self.shared.count(&std::mem::take(&mut chunker.desk.tally));
        }
    }

    /// Sends what is scrubbed. Where the sink takes its time, memory that is not needed for that is given back, the
    /// caller's with `rest`.
    async fn send(&mut self, rest: impl FnOnce()) {
        if self.out.is_empty() {
            return;
        }
        {
            let mut sent = pin!(self.line.send(&self.out));
            if tokio::time::timeout(PAUSE, sent.as_mut()).await.is_err() {
                self.pipeline.rest();
                rest();
                sent.await;
            }
        }
        self.out.clear();
        if self.out.capacity() > self.shared.read_buffer_bytes_max.saturating_mul(2) {
            self.out = Scrubbed::new();
        }
    }

    /// The same for one of many streams, whose table goes with it.
    pub(super) async fn pass_rows(&mut self, table: &mut Table, input: &[u8], pieces: &[Piece]) {
        self.pipeline.exchange(table);
        self.pass(input, pieces).await;
        self.pipeline.exchange(table);
    }

    /// No more is read: of a record that is not whole, a tombstone goes out.
    async fn stop(mut self, framer: &mut Framer, rest: &[u8]) {
        let mut pieces = Vec::new();
        framer.abandon(rest, &mut pieces);
        self.pass(rest, &pieces).await;
        self.end().await;
    }

    pub(super) async fn end(self) {
        tracing::debug!("a connection ends");
        self.shared.metrics.connections.dec();
        self.line.close().await;
    }
}

/// Serves one stream of delimited records to its end.
pub async fn stream(mut connection: impl AsyncRead + Unpin, shared: &Shared) {
    let mut flow = Flow::new(shared);
    flow.pipeline.begin(shared.csv);
    let mut framer = Framer::new(shared.framing, shared.record_bytes_max);
    let (mut buffer, mut pieces) = (Vec::with_capacity(READ_BYTES_MIN), Vec::new());
    let mut size = READ_BYTES_MIN;
    loop {
        // What is left of a record is part of the buffer, which so stays as large as it is said to be; a record that
        // fills half of it gets a larger one.
        let room = size
            .max(buffer.len().saturating_mul(2))
            .saturating_sub(buffer.len());
        buffer.reserve_exact(room);
        let limit = room as u64;
        let read = tokio::select! {
            biased;
            // A peer that breaks off ends its stream; what came before is scrubbed and passed on.
            read = async { (&mut connection).take(limit).read_buf(&mut buffer).await } => read.unwrap_or(0),
            () = shared.stop.cancelled() => return flow.stop(&mut framer, &buffer).await,
        };
        shared.metrics.received.inc_by(read as u64);
        let used = framer.cut(&buffer, read == 0, &mut pieces);
        flow.scrub(&buffer, &pieces).await;
        buffer.drain(..used);
        flow.send(|| buffer.shrink_to(READ_BYTES_MIN)).await;
        if read == 0 {
            return flow.end().await;
        }
        // A peer that never pauses is not read to the end of the drain.
        if shared.stop.is_cancelled() {
            return flow.stop(&mut framer, &buffer).await;
        }
        // Larger reads under load, small buffers when idle; no steps between, for what each leaves free fits no other.
        if read >= room {
            size = shared.read_buffer_bytes_max;
        }
        if buffer.is_empty() && read < READ_BYTES_MIN / 2 && size > READ_BYTES_MIN {
            size = READ_BYTES_MIN;
            buffer = Vec::with_capacity(READ_BYTES_MIN);
            flow.out = Scrubbed::new();
        }
    }
}

/// A socket of datagrams.
#[derive(Debug)]
pub enum Datagrams {
    /// UDP.
    Udp(UdpSocket),
    /// Unix datagrams.
    Unix(UnixDatagram),
}

impl Datagrams {
    const fn bytes_max(&self) -> usize {
        match self {
            Self::Udp(_) => DATAGRAM_BYTES_MAX,
            Self::Unix(_) => UNIX_BYTES_MAX,
        }
    }

    /// The length of the next one, which is more than the buffer's where the rest of it is lost.
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Udp(socket) => socket.recv(buffer).await,
            Self::Unix(socket) => {
                let read = || whole_length(socket, buffer);
                socket.async_io(Interest::READABLE, read).await
            }
        }
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Udp(socket) => socket.try_recv(buffer),
            Self::Unix(socket) => {
                let read = || whole_length(socket, buffer);
                socket.try_io(Interest::READABLE, read)
            }
        }
    }
}

fn whole_length(socket: &UnixDatagram, buffer: &mut [u8]) -> io::Result<usize> {
    let (_, length) = recv(socket, buffer, RecvFlags::TRUNC)?;
    Ok(length)
}

/// Serves a socket of datagrams, one record each, until told to stop.
pub async fn datagrams(shared: &Shared, socket: Datagrams) {
    let mut flow = Flow::new(shared);
    let longest = socket.bytes_max();
    let mut buffer = vec![0u8; longest.saturating_mul(2)];
    let mut pieces = Vec::new();
    loop {
        let received = tokio::select! {
            biased;
            received = socket.receive(&mut buffer) => received,
            () = shared.stop.cancelled() => return flow.end().await,
        };
        pieces.clear();
        let mut used = 0usize;
        let mut next = received;
        // What has queued up behind the first goes the way together, while there is room for the longest.
        loop {
            match next {
                Ok(length) => {
                    shared.metrics.received.inc_by(length as u64);
                    let body = Span::new(used, used.saturating_add(length));
                    let delimiter = Delimiter::Datagram;
                    if length > longest.min(shared.record_bytes_max) {
                        pieces.push(Piece::Tomb {
                            reason: Reason::RecordTooLong,
                            bytes: length as u64,
                            delimiter,
                        });
                    } else {
                        pieces.push(Piece::One { body, delimiter });
                        used = body.end;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    crate::net::refused(&error).await;
                    break;
                }
            }
            match buffer.get_mut(used..) {
                Some(room) if room.len() >= longest => next = socket.try_receive(room),
                _ => break,
            }
        }
        flow.pass(&buffer, &pieces).await;
        if shared.stop.is_cancelled() {
            return flow.end().await;
        }
    }
}
