//! The life of a connection whose protocol acknowledges: bytes of the client and of the sink go to a
//! [`Talk`], what it says goes out, both ways at once. The talk does no I/O and reads no clock.

use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

use super::Shared;
use crate::mask::Scrubbed;
use crate::net::Io;
use crate::pipeline::{Pipeline, Tally};
use crate::record::{Delimiter, Piece, Reason, Span};

/// Read at a time.
const READ_BYTES: usize = 32 << 10;
/// How long a sink may be away, or owe an acknowledgement, until the client is hung up on: it keeps what
/// was not acknowledged and comes again, and connections of clients that gave up do not heap up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Words that a client leaves unread before its own are left so.
const UNTOLD_BYTES_MAX: usize = 64 << 10;
/// How long the last words to a client may take.
const FAREWELL: Duration = Duration::from_secs(5);
/// First and longest wait before a sink is connected to again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What is said but not sent.
#[derive(Debug, Default)]
pub struct Wires {
    /// To the client: the protocol's own words, nothing of a payload.
    pub client: Vec<u8>,
    /// To the sink.
    pub sink: Scrubbed,
}

/// Who broke the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The client: it was told, and is hung up on.
    Client,
    /// The sink: its connection is given up as if it had broken.
    Sink,
    /// Nothing can be done for this client before it comes again: it is hung up on.
    Session,
}

/// One protocol's state between a client and a sink.
pub trait Talk {
    /// A client is there.
    fn begin(&mut self, _out: &mut Wires) {}

    /// Takes what it can off the front of what the client sent; how many bytes that were.
    ///
    /// # Errors
    /// See [`Fault`]. What the client is to be told is in `out` already.
    fn client(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault>;

    /// Length of the frame at the front of the input, where that is known and more than the read buffer.
    fn needs(&self) -> usize {
        0
    }

    /// Whether no more input is taken before the sink has said or taken something.
    fn full(&self) -> bool;

    /// The client says nothing more, or is to be served no longer.
    fn hang_up(&mut self, out: &mut Wires);

    /// Takes what it can off the front of what the sink sent.
    ///
    /// # Errors
    /// See [`Fault`].
    fn sink(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault>;

    /// A connection to the sink stands; nothing said to an earlier one counts.
    fn linked(&mut self, out: &mut Wires);

    /// The connection to the sink broke. `out.sink` is emptied after this.
    ///
    /// # Errors
    /// [`Fault::Session`] where the protocol leaves it to the client to send again.
    fn lost(&mut self, out: &mut Wires) -> Result<(), Fault>;

    /// All that was said to the sink is written.
    fn flushed(&mut self) {}

    /// Whether a connection to the sink is wanted.
    fn wants_sink(&self) -> bool;

    /// Whether nothing is owed to the client by the sink.
    fn idle(&self) -> bool;

    /// Whether the client counts on what has no acknowledgement: then it is kept, however long it takes.
    fn keeps(&self) -> bool {
        false
    }

    /// How many acknowledgements the sink has given: progress.
    fn progress(&self) -> u64;

    /// Whether all is said.
    fn done(&self) -> bool;

    /// How often the client is to hear that it is waited for, where the protocol has such words.
    fn heartbeat(&self) -> Option<Duration> {
        None
    }

    /// A heartbeat is due.
    fn beat(&mut self, _out: &mut Wires) {}

    /// The core.
    fn desk(&mut self) -> &mut Desk;
}

/// The core of one connection, and what it counted since that was last taken.
#[derive(Debug)]
pub struct Desk {
    /// The stages.
    pub pipeline: Pipeline,
    /// The counts.
    pub tally: Tally,
    /// Longest record, in bytes.
    pub record_bytes_max: usize,
    /// Longest frame of many records, in bytes, before and after decompression.
    pub frame_bytes_max: usize,
    /// Most bytes on their way to the sink.
    pub window_bytes_max: usize,
}

impl Desk {
    /// The core of a connection of this route.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        Self {
            pipeline: Pipeline::new(Arc::clone(&shared.plan)),
            tally: Tally::default(),
            record_bytes_max: shared.record_bytes_max,
            frame_bytes_max: shared.frame_bytes_max,
            window_bytes_max: shared.read_buffer_bytes_max,
        }
    }

    /// Scrubs one record of text.
    pub fn line(&mut self, record: &[u8], out: &mut Scrubbed) {
        let piece = Piece::One {
            body: Span::new(0, record.len()),
            delimiter: Delimiter::Bare,
        };
        self.pipeline
            .process(record, &[piece], out, &mut self.tally);
    }

    /// Puts a tombstone where a record of `bytes` was.
    pub fn tombstone(&mut self, reason: Reason, bytes: u64, out: &mut Scrubbed) {
        let piece = Piece::Tomb {
            reason,
            bytes,
            delimiter: Delimiter::Bare,
        };
        self.pipeline.process(&[], &[piece], out, &mut self.tally);
    }

    /// Counts what could not be read as a record; the protocol has no place for a tombstone there.
    pub fn count(&mut self, reason: Reason) {
        self.tombstone(reason, 0, &mut Scrubbed::new());
    }
}

/// Bytes in and out of one side.
#[derive(Default)]
struct Side {
    input: Vec<u8>,
    written: usize,
}

impl Side {
    fn used(&mut self, used: usize) {
        self.input.drain(..used.min(self.input.len()));
        if self.input.is_empty() && self.input.capacity() > READ_BYTES {
            self.input = Vec::new();
        }
    }
}

/// Reads more, where there is somebody and room.
async fn read(
    from: Option<&mut (impl AsyncRead + Unpin)>,
    buffer: &mut Vec<u8>,
    bytes_max: usize,
) -> io::Result<usize> {
    let room = bytes_max.saturating_sub(buffer.len()).min(READ_BYTES);
    match from {
        Some(from) if room > 0 => {
            buffer.reserve(room);
            from.take(room as u64).read_buf(buffer).await
        }
        _ => pending().await,
    }
}

/// Writes more, where there is somebody and something.
async fn write(to: Option<&mut (impl AsyncWrite + Unpin)>, bytes: &[u8]) -> io::Result<usize> {
    match to {
        Some(to) if !bytes.is_empty() => match to.write(bytes).await? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            written => Ok(written),
        },
        _ => pending().await,
    }
}

enum Event {
    Client(io::Result<usize>),
    Sink(io::Result<usize>),
    ToClient(io::Result<usize>),
    ToSink(io::Result<usize>),
    Linked(Io),
    Stop,
    Beat,
    Patience,
}

/// Serves one connection to its end.
pub async fn serve(client: Io, shared: &Shared, talk: &mut impl Talk) {
    tracing::debug!("a connection begins");
    shared.metrics.connections.inc();
    shared.metrics.connections_total.inc();
    let (mut reader, mut writer) = tokio::io::split(client);
    let mut out = Wires::default();
    talk.begin(&mut out);
    let end = converse(&mut reader, &mut writer, shared, talk, &mut out).await;
    count(shared, talk.desk());
    if let Err((fault, rest)) = end {
        tracing::warn!(
            ?fault,
            "a client is hung up on; it keeps what was not acknowledged"
        );
        let last = out.client.get(rest..).unwrap_or_default();
        let farewell = async {
            drop(writer.write_all(last).await);
            drop(writer.shutdown().await);
        };
        drop(tokio::time::timeout(FAREWELL, farewell).await);
    } else {
        drop(tokio::time::timeout(FAREWELL, writer.shutdown()).await);
    }
    shared.metrics.connections.dec();
    tracing::debug!("a connection ends");
}

/// The talk's counts go to the metrics.
fn count(shared: &Shared, desk: &mut Desk) {
    let tally = std::mem::take(&mut desk.tally);
    shared.count(&tally);
}

type Connecting<'a> = Pin<Box<dyn Future<Output = Io> + Send + 'a>>;

/// To the end of the talk; an error says how much of `out.client` is written already.
async fn converse(
    reader: &mut (impl AsyncRead + Unpin),
    writer: &mut (impl AsyncWrite + Unpin),
    shared: &Shared,
    talk: &mut impl Talk,
    out: &mut Wires,
) -> Result<(), (Fault, usize)> {
    let (mut near, mut far) = (Side::default(), Side::default());
    let mut link: Option<(tokio::io::ReadHalf<Io>, tokio::io::WriteHalf<Io>)> = None;
    let mut connecting: Option<Connecting<'_>> = None;
    let (mut open, mut stopping, mut hung_up) = (true, false, false);
    let mut backoff = Duration::ZERO;
    let (mut since, mut progress) = (Instant::now(), talk.progress());
    let mut beat_at: Option<Instant> = None;
    loop {
        let untold = out.client.len().saturating_sub(near.written);
        // A client that does not listen is not listened to.
        if !hung_up && !near.input.is_empty() && untold < UNTOLD_BYTES_MAX {
            let start = std::time::Instant::now();
            let outcome = talk.client(&near.input, out);
            if talk.desk().tally.records > 0 {
                let seconds = start.elapsed().as_secs_f64();
                shared.metrics.scan_seconds.observe(seconds);
                count(shared, talk.desk());
            }
            near.used(outcome.map_err(|fault| (fault, near.written))?);
        }
        let takes = !near.input.is_empty() && talk.full();
        if !open && !hung_up && !takes {
            hung_up = true;
            talk.hang_up(out);
        }
        if talk.progress() != progress {
            (progress, backoff) = (talk.progress(), Duration::ZERO);
            since = Instant::now();
        } else if talk.idle() && (link.is_some() || !talk.wants_sink()) {
            since = Instant::now();
        }
        if talk.done() && near.written >= out.client.len() {
            return Ok(());
        }
        if link.is_none() && connecting.is_none() && talk.wants_sink() {
            let wait = backoff;
            backoff = backoff.saturating_mul(2).clamp(BACKOFF.0, BACKOFF.1);
            connecting = Some(Box::pin(async move {
                tokio::time::sleep(wait).await;
                shared.sink.reach().await
            }));
        }
        let beat = talk.heartbeat();
        beat_at = beat.map(|every| beat_at.unwrap_or_else(|| Instant::now() + every));
        let far_pending = out.sink.as_bytes().get(far.written..).unwrap_or_default();
        let near_pending = out.client.get(near.written..).unwrap_or_default();
        let (source, target) = match &mut link {
            Some((source, target)) => (Some(source), Some(target)),
            None => (None, None),
        };
        let frame_max = talk.needs().max(shared.read_buffer_bytes_max);
        let client = open.then_some(&mut *reader);
        let event = tokio::select! {
            written = write(Some(&mut *writer), near_pending) => Event::ToClient(written),
            read = read(source, &mut far.input, shared.read_buffer_bytes_max) => Event::Sink(read),
            written = write(target, far_pending) => Event::ToSink(written),
            read = read(client, &mut near.input, frame_max) => Event::Client(read),
            io = async { match &mut connecting { Some(future) => future.await, None => pending().await } } => Event::Linked(io),
            () = shared.stop.cancelled(), if !stopping => Event::Stop,
            () = async { match beat_at { Some(at) => tokio::time::sleep_until(at).await, None => pending().await } } => Event::Beat,
            () = tokio::time::sleep_until(since + PATIENCE), if !talk.keeps() => Event::Patience,
        };
        let mut broken = false;
        match event {
            Event::Client(Ok(read)) if read > 0 => {
                shared.metrics.received.inc_by(read as u64);
            }
            Event::Client(_) => open = false,
            Event::Stop => (open, stopping) = (false, true),
            Event::ToClient(Ok(written)) => {
                near.written = near.written.saturating_add(written);
                if near.written >= out.client.len() {
                    out.client.clear();
                    near.written = 0;
                }
            }
            // Nobody is there to be told; what it counts on is still done.
            Event::ToClient(Err(_)) => {
                if !talk.keeps() {
                    return Err((Fault::Session, out.client.len()));
                }
                open = false;
                out.client.clear();
                near.written = 0;
            }
            Event::Sink(Ok(read)) if read > 0 => match talk.sink(&far.input, out) {
                Ok(used) => {
                    far.used(used);
                    broken = far.input.len() >= shared.read_buffer_bytes_max;
                }
                Err(Fault::Sink) => broken = true,
                Err(fault) => return Err((fault, near.written)),
            },
            Event::Sink(_) | Event::ToSink(Err(_)) => broken = true,
            Event::ToSink(Ok(written)) => {
                shared.metrics.sent.inc_by(written as u64);
                far.written = far.written.saturating_add(written);
                if far.written >= out.sink.as_bytes().len() {
                    out.sink.clear();
                    far.written = 0;
                    talk.flushed();
                }
            }
            Event::Linked(io) => {
                connecting = None;
                link = Some(tokio::io::split(io));
                out.sink.clear();
                far = Side::default();
                talk.linked(out);
            }
            Event::Beat => {
                beat_at = None;
                talk.beat(out);
            }
            Event::Patience => return Err((Fault::Session, near.written)),
        }
        if broken {
            link = None;
            shared.metrics.sink_up.set(0);
            tracing::warn!("the sink broke off");
            let outcome = talk.lost(out);
            out.sink.clear();
            far = Side::default();
            outcome.map_err(|fault| (fault, near.written))?;
        }
    }
}
