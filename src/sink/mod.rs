//! Where scrubbed records go. A sink takes [`Scrubbed`] and nothing else.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::fs::OpenOptions;
use tokio::io::{AsyncRead as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::sync::Mutex;

use crate::mask::Scrubbed;
use crate::net::{self, Connector, Io};
use crate::settings::Target;
use crate::telemetry::RouteMetrics;

type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// First and longest wait between two tries to reach a sink.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A route's sink, shared by its connections.
#[derive(Clone)]
pub struct Sink {
    way: Arc<Connector>,
    /// Standard output or the file: one writer for all connections.
    shared: Option<Arc<Mutex<Writer>>>,
    metrics: Arc<RouteMetrics>,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sink({})", self.way.target())
    }
}

impl Sink {
    /// Opens what is shared.
    ///
    /// # Errors
    /// A file that cannot be opened for appending.
    pub async fn open(way: Connector, metrics: Arc<RouteMetrics>) -> io::Result<Self> {
        let shared: Option<Writer> = match way.target() {
            Target::Stdout => Some(Box::new(tokio::io::stdout())),
            Target::File(path) => Some(Box::new(
                OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .await?,
            )),
            _ => None,
        };
        metrics.sink_up.set(i64::from(shared.is_some()));
        Ok(Self {
            way: Arc::new(way),
            shared: shared.map(|writer| Arc::new(Mutex::new(writer))),
            metrics,
        })
    }

    /// Waits until the sink can be reached, so that readiness is known before the first record.
    pub async fn probe(&self) {
        let mut line = self.line();
        line.link = Some(self.connect().await);
        line.close().await;
    }

    /// Connects once to a stream sink, for protocols that answer their client themselves, and notes
    /// whether it is there.
    ///
    /// # Errors
    /// Nobody listens there, or the sink is no stream.
    pub async fn stream(&self) -> io::Result<Io> {
        let stream = self.way.connect().await;
        if let Err(error) = &stream
            && self.metrics.sink_up.get() == 1
        {
            tracing::warn!(sink = %self.way.target(), %error, "the sink cannot be reached any more");
        }
        self.metrics.sink_up.set(i64::from(stream.is_ok()));
        stream
    }

    /// Whether each record leaves as its own datagram.
    #[must_use]
    pub fn is_datagram(&self) -> bool {
        self.way.target().is_datagram()
    }

    /// Connects to a stream sink, for as long as that takes.
    pub async fn reach(&self) -> Io {
        let mut wait = BACKOFF.0;
        loop {
            match self.stream().await {
                Ok(stream) => return stream,
                Err(error) => self.back_off(&error, &mut wait).await,
            }
        }
    }

    async fn back_off(&self, error: &io::Error, wait: &mut Duration) {
        tracing::warn!(sink = %self.way.target(), %error, retry_secs = wait.as_secs_f32(), "the sink cannot be reached; records wait");
        tokio::time::sleep(*wait).await;
        *wait = wait.saturating_mul(2).min(BACKOFF.1);
    }

    /// `HOST:PORT` of a TCP or TLS sink, for protocols that name the server they speak to.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        match self.way.target() {
            Target::Tcp(address) | Target::Tls(address) => Some(address),
            _ => None,
        }
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.way.target(), Target::Tls(_))
    }

    async fn try_connect(&self) -> io::Result<Link> {
        Ok(match self.way.target() {
            Target::Tcp(_) | Target::Tls(_) | Target::Unix(_) => {
                Link::Stream(self.way.connect().await?)
            }
            Target::Udp(address) => {
                let remote = tokio::net::lookup_host(address)
                    .await?
                    .next()
                    .ok_or_else(|| io::Error::other("no address"))?;
                let local = if remote.is_ipv4() {
                    "0.0.0.0:0"
                } else {
                    "[::]:0"
                };
                let socket = UdpSocket::bind(local).await?;
                socket.connect(remote).await?;
                Link::Udp(socket)
            }
            Target::Unixgram(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.connect(path)?;
                Link::Unixgram(socket)
            }
            Target::Stdout | Target::File(_) => Link::Shared,
        })
    }

    async fn connect(&self) -> Link {
        let mut wait = BACKOFF.0;
        loop {
            match self.try_connect().await {
                Ok(link) => {
                    self.metrics.sink_up.set(1);
                    return link;
                }
                Err(error) => {
                    self.metrics.sink_up.set(0);
                    self.back_off(&error, &mut wait).await;
                }
            }
        }
    }

    /// A way to the sink for one connection.
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            sink: self.clone(),
            link: None,
        }
    }
}

enum Link {
    Stream(Io),
    Udp(UdpSocket),
    Unixgram(UnixDatagram),
    Shared,
}

/// One connection's way to the sink. A stream sink has a connection for each that comes in, so that order
/// and back-pressure go from end to end.
pub struct Line {
    sink: Sink,
    link: Option<Link>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({})", self.sink.way.target())
    }
}

impl Line {
    /// Writes a batch, however long the sink takes; a connection that breaks is made again and the batch
    /// sent from its first record: a record may arrive twice, none is skipped.
    pub async fn send(&mut self, batch: &Scrubbed) {
        let length = i64::try_from(batch.as_bytes().len()).unwrap_or(i64::MAX);
        self.sink.metrics.in_flight.add(length);
        let mut sent = 0usize;
        loop {
            let mut link = match self.link.take() {
                Some(link) => link,
                None => self.sink.connect().await,
            };
            match self.sink.write(&mut link, batch, &mut sent).await {
                Ok(()) => {
                    self.link = Some(link);
                    break;
                }
                Err(error) => {
                    self.sink.metrics.sink_up.set(0);
                    tracing::warn!(sink = %self.sink.way.target(), %error, "the sink broke off; the batch is sent again");
                    tokio::time::sleep(BACKOFF.0).await;
                }
            }
        }
        self.sink.metrics.in_flight.sub(length);
        self.sink.metrics.sent.inc_by(batch.as_bytes().len() as u64);
    }

    /// Says to a stream sink that nothing more comes, once it has taken what came.
    pub async fn close(mut self) {
        if let Some(Link::Stream(stream)) = self.link.take()
            && let Err(error) = net::finish(stream).await
        {
            tracing::warn!(sink = %self.sink.way.target(), %error, "the sink broke off before it took all");
        }
    }
}

/// The end of the sink's sending side is all that TCP tells of a sink that is gone, until the first bytes are lost
/// (RFC 9293 §3.6): a sink that means to read on keeps that side open. What it says is thrown away.
fn while_there(stream: &mut Io, cx: &mut Context<'_>) -> io::Result<()> {
    let mut answer = [0u8; 512];
    loop {
        let mut answer = ReadBuf::new(&mut answer);
        match Pin::new(&mut *stream).poll_read(cx, &mut answer) {
            Poll::Ready(Ok(())) if answer.filled().is_empty() => return Err(gone()),
            Poll::Ready(read) => read?,
            Poll::Pending => return Ok(()),
        }
    }
}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionReset,
        "it closed its sending side, which is how one that is gone looks",
    )
}

impl Sink {
    /// `sent` datagrams of the batch are on their way already, and need not be said again.
    async fn write(&self, link: &mut Link, batch: &Scrubbed, sent: &mut usize) -> io::Result<()> {
        match link {
            Link::Stream(stream) => {
                let mut rest = batch.as_bytes();
                poll_fn(|cx| {
                    while_there(stream, cx)?;
                    while !rest.is_empty() {
                        let written = ready!(Pin::new(&mut *stream).poll_write(cx, rest))?;
                        if written == 0 {
                            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                        }
                        rest = rest.get(written..).unwrap_or_default();
                    }
                    Pin::new(&mut *stream).poll_flush(cx)
                })
                .await?;
                // Its end may have come since the runtime's last look: what was written behind it is lost, and nothing
                // would say so.
                match stream.tcp() {
                    Some(socket) if net::has_left(socket)? => Err(gone()),
                    _ => Ok(()),
                }
            }
            Link::Shared => match &self.shared {
                Some(writer) => {
                    let mut writer = writer.lock().await;
                    writer.write_all(batch.as_bytes()).await?;
                    writer.flush().await
                }
                None => Err(io::Error::from(io::ErrorKind::NotConnected)),
            },
            Link::Udp(socket) => {
                for record in batch.records().skip(*sent) {
                    // A refused datagram is UDP's own loss; the next one goes out.
                    if let Err(error) = socket.send(record).await
                        && error.kind() != io::ErrorKind::ConnectionRefused
                    {
                        return Err(error);
                    }
                    *sent = sent.saturating_add(1);
                }
                Ok(())
            }
            Link::Unixgram(socket) => {
                for record in batch.records() {
                    socket.send(record).await?;
                }
                Ok(())
            }
        }
    }
}
