//! The I/O of a [`Talk`]: reads, writes, connects and waits, whatever comes first.

use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use prometheus::IntGauge;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::time::Instant;

use super::{Fault, Talk, Wires};
use crate::net::Io;
use crate::protocol::Shared;

/// Read at a time.
const READ_BYTES: usize = 32 << 10;
/// How long a sink may be away, or owe an acknowledgement, until the client is hung up on: it keeps what
/// was not acknowledged and comes again, and connections of clients that gave up do not heap up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Words that a client leaves unread before its own are left so.
const UNTOLD_BYTES_MAX: usize = 64 << 10;
/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(5);
/// A frame that is longer, records without end in it, is scrubbed where it holds nobody up.
const TURN_BYTES_MAX: usize = 256 << 10;
/// First and longest wait before a sink is connected to again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Bytes in and out of one side.
#[derive(Default)]
struct Side {
    input: Vec<u8>,
    /// How much of what is said is written.
    written: usize,
    /// Whether something that is written may be on its way still (TLS holds bytes back).
    unflushed: bool,
}

impl Side {
    fn used(&mut self, used: usize) {
        self.input.drain(..used.min(self.input.len()));
        if self.input.is_empty() && self.input.capacity() > READ_BYTES {
            self.input = Vec::new();
        }
    }

    /// Notes what was written, none where it was flushed.
    const fn wrote(&mut self, written: usize) {
        self.written = self.written.saturating_add(written);
        self.unflushed = written > 0;
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

/// Writes more, where there is somebody and something; 0 where all that was written is flushed.
async fn write(
    to: Option<&mut (impl AsyncWrite + Unpin)>,
    bytes: &[u8],
    unflushed: bool,
) -> io::Result<usize> {
    match to {
        Some(to) if !bytes.is_empty() => match to.write(bytes).await? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            written => Ok(written),
        },
        Some(to) if unflushed => to.flush().await.map(|()| 0),
        _ => pending().await,
    }
}

/// How long the sink has been waited for.
#[derive(Default)]
struct Waiting {
    since: Option<Instant>,
    progress: u64,
}

impl Waiting {
    /// When it was long enough; nothing where nobody waits. Each acknowledgement begins it anew.
    fn deadline(&mut self, now: Instant, waits: bool, progress: u64) -> Option<Instant> {
        if !waits || self.progress != progress {
            self.since = None;
        }
        self.progress = progress;
        if waits {
            let since = *self.since.get_or_insert(now);
            return since.checked_add(PATIENCE);
        }
        None
    }
}

/// What of a connection is in the gauge of bytes that the sink has not taken.
struct Held<'a> {
    gauge: &'a IntGauge,
    bytes: i64,
}

impl Held<'_> {
    fn set(&mut self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.gauge.add(bytes.saturating_sub(self.bytes));
        self.bytes = bytes;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.set(0);
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => pending().await,
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
    count(shared, talk);
    let rest = match end {
        Ok(()) => out.client.len(),
        Err((fault, rest)) => {
            tracing::warn!(
                ?fault,
                "a client is hung up on; it keeps what was not acknowledged"
            );
            rest
        }
    };
    let last = out.client.get(rest..).unwrap_or_default();
    let farewell = async {
        drop(writer.write_all(last).await);
        drop(writer.shutdown().await);
    };
    drop(tokio::time::timeout(FAREWELL, farewell).await);
    shared.metrics.connections.dec();
    tracing::debug!("a connection ends");
}

/// The talk's counts go to the metrics.
fn count(shared: &Shared, talk: &mut impl Talk) {
    let tally = std::mem::take(&mut talk.desk().tally);
    shared.count(&tally);
}

/// What the client said goes to the talk, as far as that takes it.
fn hear(
    shared: &Shared,
    talk: &mut impl Talk,
    near: &mut Side,
    out: &mut Wires,
) -> Result<(), Fault> {
    talk.desk().pipeline.follow(&shared.plan.get());
    let start = std::time::Instant::now();
    let outcome = if near.input.len() > TURN_BYTES_MAX && others_wait() {
        tokio::task::block_in_place(|| talk.client(&near.input, out))
    } else {
        talk.client(&near.input, out)
    };
    if talk.desk().tally.records > 0 {
        let seconds = start.elapsed().as_secs_f64();
        shared.metrics.scan_seconds.observe(seconds);
        count(shared, talk);
    }
    near.used(outcome?);
    Ok(())
}

/// Whether the worker's other tasks can go on elsewhere.
fn others_wait() -> bool {
    let runtime = tokio::runtime::Handle::try_current();
    runtime
        .is_ok_and(|runtime| runtime.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread)
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
    let mut link: Option<(ReadHalf<Io>, WriteHalf<Io>)> = None;
    let mut connecting: Option<Connecting<'_>> = None;
    let (mut open, mut stopping, mut hung_up) = (true, false, false);
    // What the client did, while what it counts on is still done.
    let mut broke = None;
    let mut backoff = Duration::ZERO;
    let (mut waiting, mut progress) = (Waiting::default(), talk.progress());
    let mut beat_at: Option<Instant> = None;
    let mut held = Held {
        gauge: &shared.metrics.in_flight,
        bytes: 0,
    };
    loop {
        let untold = out.client.len().saturating_sub(near.written);
        // A client that does not listen is not listened to.
        if !hung_up
            && !near.input.is_empty()
            && untold < UNTOLD_BYTES_MAX
            && let Err(fault) = hear(shared, talk, &mut near, out)
        {
            if !talk.keeps() {
                return Err((fault, near.written));
            }
            (open, broke) = (false, Some(fault));
            near.input.clear();
        }
        if !open && !hung_up && (near.input.is_empty() || !talk.full()) {
            hung_up = true;
            talk.hang_up(out);
        }
        if talk.done() && near.written >= out.client.len() && !near.unflushed {
            if let Some((_, mut target)) = link.take() {
                drop(tokio::time::timeout(FAREWELL, target.shutdown()).await);
            }
            return broke.map_or(Ok(()), |fault| Err((fault, near.written)));
        }
        if link.is_none() && connecting.is_none() && talk.wants_sink() {
            let wait = backoff;
            backoff = backoff.saturating_mul(2).clamp(BACKOFF.0, BACKOFF.1);
            connecting = Some(Box::pin(async move {
                tokio::time::sleep(wait).await;
                shared.sink.reach().await
            }));
        }
        if talk.progress() != progress {
            (progress, backoff) = (talk.progress(), Duration::ZERO);
        }
        let waits = !talk.idle() || link.is_none() && talk.wants_sink();
        let deadline = waiting.deadline(Instant::now(), waits && !talk.keeps(), progress);
        let beat = talk.heartbeat();
        beat_at = beat.map(|every| beat_at.unwrap_or_else(|| Instant::now() + every));
        let to_sink = out.sink.as_bytes().get(far.written..).unwrap_or_default();
        let to_client = out.client.get(near.written..).unwrap_or_default();
        held.set(to_sink.len());
        let (source, target) = match &mut link {
            Some((source, target)) => (Some(source), Some(target)),
            None => (None, None),
        };
        let input_max = talk.needs().max(shared.read_buffer_bytes_max);
        let client = open.then_some(&mut *reader);
        let event = tokio::select! {
            written = write(Some(&mut *writer), to_client, near.unflushed) => Event::ToClient(written),
            read = read(source, &mut far.input, shared.read_buffer_bytes_max) => Event::Sink(read),
            written = write(target, to_sink, far.unflushed) => Event::ToSink(written),
            read = read(client, &mut near.input, input_max) => Event::Client(read),
            io = async { match &mut connecting { Some(future) => future.await, None => pending().await } } => Event::Linked(io),
            () = shared.stop.cancelled(), if !stopping => Event::Stop,
            () = at(beat_at) => Event::Beat,
            () = at(deadline) => Event::Patience,
        };
        let mut broken = false;
        match event {
            Event::Client(Ok(read)) if read > 0 => {
                shared.metrics.received.inc_by(read as u64);
            }
            Event::Client(_) => open = false,
            Event::Stop => (open, stopping) = (false, true),
            Event::ToClient(Ok(written)) => {
                near.wrote(written);
                if near.written >= out.client.len() {
                    out.client.clear();
                    near.written = 0;
                }
            }
            Event::ToClient(Err(_)) => {
                // Nobody is there to be told; what it counts on is still done.
                if !talk.keeps() {
                    return Err((Fault::Session, out.client.len()));
                }
                open = false;
                out.client.clear();
                (near.written, near.unflushed) = (0, false);
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
            Event::ToSink(Ok(0)) => {
                far.wrote(0);
                talk.flushed();
            }
            Event::ToSink(Ok(written)) => {
                shared.metrics.sent.inc_by(written as u64);
                far.wrote(written);
                if far.written >= out.sink.as_bytes().len() {
                    out.sink.clear();
                    far.written = 0;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_waits_runs_out_of_patience() {
        let (mut waiting, start) = (Waiting::default(), Instant::now());
        let later = |minutes: u64| start + Duration::from_secs(60 * minutes);
        assert_eq!(waiting.deadline(start, false, 0), None);
        // Ten idle minutes do not count.
        let deadline = waiting.deadline(later(10), true, 0);
        assert_eq!(deadline, Some(later(12)));
        assert_eq!(waiting.deadline(later(11), true, 0), deadline);
        // An acknowledgement begins it anew.
        assert_eq!(waiting.deadline(later(11), true, 1), Some(later(13)));
        assert_eq!(waiting.deadline(later(12), false, 1), None);
        assert_eq!(waiting.deadline(later(20), true, 1), Some(later(22)));
    }
}
