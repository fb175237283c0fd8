//! Where records come from: sockets bound before anything is served, and the loop of one connection.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, UdpSocket, UnixDatagram, UnixListener};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::frame::{Framer, Framing};
use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::plan::Plan;
use crate::record::{Delimiter, Piece, Span};
use crate::settings::Listen;
use crate::sink::{Line, Sink};
use crate::telemetry::RouteMetrics;

/// What every connection of a route needs.
#[derive(Debug)]
pub struct Shared {
    /// The compiled policy.
    pub plan: Arc<Plan>,
    /// Framing of streams.
    pub framing: Framing,
    /// Longest record, in bytes.
    pub record_bytes_max: usize,
    /// Most bytes read at a time.
    pub read_buffer_bytes_max: usize,
    /// Where scrubbed records go.
    pub sink: Sink,
    /// The route's metrics.
    pub metrics: Arc<RouteMetrics>,
    /// Set when no more is to be read.
    pub stop: CancellationToken,
    /// The connections.
    pub tasks: TaskTracker,
}

/// A bound listener.
#[derive(Debug)]
pub enum Bound {
    /// TCP.
    Tcp(TcpListener),
    /// UDP.
    Udp(UdpSocket),
    /// Unix stream.
    Unix(UnixListener),
    /// Unix datagram.
    Unixgram(UnixDatagram),
    /// Standard input.
    Stdin,
}

/// Smallest read buffer: an idle connection holds no more.
const READ_BYTES_MIN: usize = 16 << 10;
/// Asked for as the receive queue of a UDP socket.
const UDP_QUEUE_BYTES: usize = 8 << 20;
/// Largest datagram (RFC 768: 65,535 less headers).
const DATAGRAM_BYTES_MAX: usize = 65_535;

impl Bound {
    /// Binds a listener. A Unix socket that nobody listens on any more is replaced.
    ///
    /// # Errors
    /// The address is in use, or not to be had.
    pub async fn bind(listen: &Listen) -> io::Result<Self> {
        Ok(match listen {
            Listen::Tcp(address) => Self::Tcp(TcpListener::bind(address).await?),
            Listen::Udp(address) => {
                let socket = UdpSocket::bind(address).await?;
                // A burst waits in the kernel while a batch is written; what is granted is the system's limit.
                socket2::SockRef::from(&socket).set_recv_buffer_size(UDP_QUEUE_BYTES)?;
                Self::Udp(socket)
            }
            Listen::Unix(path) => {
                if path.exists() && tokio::net::UnixStream::connect(path).await.is_err() {
                    std::fs::remove_file(path)?;
                }
                Self::Unix(UnixListener::bind(path)?)
            }
            Listen::Unixgram(path) => {
                if path.exists() && UnixDatagram::unbound()?.connect(path).is_err() {
                    std::fs::remove_file(path)?;
                }
                Self::Unixgram(UnixDatagram::bind(path)?)
            }
            Listen::Stdin => Self::Stdin,
        })
    }

    /// The address that was bound, as the listener's URL; a port 0 is resolved.
    #[must_use]
    pub fn address(&self, listen: &Listen) -> String {
        match self {
            Self::Tcp(l) => l
                .local_addr()
                .map_or_else(|_| listen.to_string(), |a| format!("tcp://{a}")),
            Self::Udp(s) => s
                .local_addr()
                .map_or_else(|_| listen.to_string(), |a| format!("udp://{a}")),
            Self::Unix(_) | Self::Unixgram(_) | Self::Stdin => listen.to_string(),
        }
    }

    /// Serves until told to stop.
    pub async fn serve(self, shared: Arc<Shared>) {
        match self {
            Self::Tcp(listener) => loop {
                let accepted = tokio::select! {
                    () = shared.stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, _)) => spawn(stream, &shared),
                    Err(error) => refused(&error).await,
                }
            },
            Self::Unix(listener) => loop {
                let accepted = tokio::select! {
                    () = shared.stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, _)) => spawn(stream, &shared),
                    Err(error) => refused(&error).await,
                }
            },
            Self::Udp(socket) => datagrams(&shared, Datagrams::Udp(socket)).await,
            Self::Unixgram(socket) => datagrams(&shared, Datagrams::Unix(socket)).await,
            Self::Stdin => stream(tokio::io::stdin(), &shared).await,
        }
    }
}

/// Out of descriptors, mostly: tells and gives the others time to end.
async fn refused(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}

fn spawn(connection: impl AsyncRead + Send + Unpin + 'static, shared: &Arc<Shared>) {
    let own = Arc::clone(shared);
    shared
        .tasks
        .spawn(async move { stream(connection, &own).await });
}

/// The core of one connection, and its way out.
struct Flow<'a> {
    shared: &'a Shared,
    pipeline: Pipeline,
    line: Line,
    out: Scrubbed,
}

impl<'a> Flow<'a> {
    fn new(shared: &'a Shared) -> Self {
        tracing::debug!("a connection begins");
        shared.metrics.connections.inc();
        shared.metrics.connections_total.inc();
        Self {
            shared,
            pipeline: Pipeline::new(Arc::clone(&shared.plan)),
            line: shared.sink.line(),
            out: Scrubbed::new(),
        }
    }

    async fn pass(&mut self, input: &[u8], pieces: &[Piece]) {
        if pieces.is_empty() {
            return;
        }
        let metrics = &self.shared.metrics;
        let mut tally = Tally::default();
        self.out.clear();
        let start = Instant::now();
        self.pipeline
            .process(input, pieces, &mut self.out, &mut tally);
        metrics.scan_seconds.observe(start.elapsed().as_secs_f64());
        tracing::trace!(
            records = tally.records,
            bytes = self.out.as_bytes().len(),
            "a batch is scrubbed"
        );
        metrics.records.inc_by(tally.records);
        let counts = metrics
            .findings
            .iter()
            .zip(&tally.findings)
            .chain(metrics.tombstones.iter().zip(&tally.tombstones));
        for (metric, count) in counts.filter(|(_, count)| **count > 0) {
            metric.inc_by(*count);
        }
        self.line.send(&self.out).await;
        if self.out.capacity() > self.shared.read_buffer_bytes_max.saturating_mul(2) {
            self.out = Scrubbed::new();
        }
    }

    async fn end(self) {
        tracing::debug!("a connection ends");
        self.shared.metrics.connections.dec();
        self.line.close().await;
    }
}

async fn stream(mut connection: impl AsyncRead + Unpin, shared: &Shared) {
    let mut flow = Flow::new(shared);
    let mut framer = Framer::new(shared.framing, shared.record_bytes_max);
    let (mut buffer, mut pieces) = (Vec::with_capacity(READ_BYTES_MIN), Vec::new());
    let mut size = READ_BYTES_MIN;
    loop {
        buffer.reserve(size);
        let limit = size as u64;
        let read = tokio::select! {
            biased;
            read = async { (&mut connection).take(limit).read_buf(&mut buffer).await } => read,
            () = shared.stop.cancelled() => Ok(0),
        };
        // A peer that breaks off ends its stream; what came before is scrubbed and passed on.
        let read = read.unwrap_or(0);
        shared.metrics.received.inc_by(read as u64);
        let used = framer.cut(&buffer, read == 0, &mut pieces);
        flow.pass(&buffer, &pieces).await;
        buffer.drain(..used);
        if read == 0 {
            return flow.end().await;
        }
        // Larger reads under load, small buffers when idle.
        size = if read >= size {
            size.saturating_mul(2).min(shared.read_buffer_bytes_max)
        } else {
            size
        };
        if buffer.is_empty() && read < READ_BYTES_MIN / 2 && size > READ_BYTES_MIN {
            size = READ_BYTES_MIN;
            buffer = Vec::with_capacity(READ_BYTES_MIN);
        }
    }
}

/// A socket of datagrams.
enum Datagrams {
    Udp(UdpSocket),
    Unix(UnixDatagram),
}

impl Datagrams {
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Udp(socket) => socket.recv(buffer).await,
            Self::Unix(socket) => socket.recv(buffer).await,
        }
    }

    fn try_receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Udp(socket) => socket.try_recv(buffer),
            Self::Unix(socket) => socket.try_recv(buffer),
        }
    }
}

async fn datagrams(shared: &Shared, socket: Datagrams) {
    let mut flow = Flow::new(shared);
    let mut buffer = vec![0u8; DATAGRAM_BYTES_MAX.saturating_mul(2)];
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
                    pieces.push(Piece::One {
                        body,
                        delimiter: Delimiter::Datagram,
                    });
                    used = body.end;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    refused(&error).await;
                    break;
                }
            }
            match buffer.get_mut(used..) {
                Some(room) if room.len() >= DATAGRAM_BYTES_MAX => next = socket.try_receive(room),
                _ => break,
            }
        }
        flow.pass(&buffer, &pieces).await;
    }
}
