//! Byte streams, whatever carries them.

pub mod tls;

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, Interest};
use tokio::net::{TcpStream, UnixStream};

use crate::settings::{SinkTls, Target};

/// What a stream listener accepts and a stream sink is reached by. What is written may wait in it until
/// it is flushed.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// The TCP socket underneath, where there is one.
    fn tcp(&self) -> Option<&TcpStream> {
        None
    }
}

impl Stream for UnixStream {}

impl Stream for TcpStream {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self)
    }
}

impl Stream for tokio_rustls::client::TlsStream<TcpStream> {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self.get_ref().0)
    }
}

impl Stream for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> Option<&TcpStream> {
        Some(self.get_ref().0)
    }
}

/// A byte stream, whatever carries it.
pub type Io = Box<dyn Stream>;

/// The way to a stream sink.
#[derive(Debug)]
pub struct Connector {
    target: Target,
    tls: Option<tls::Connector>,
}

impl Connector {
    /// The way to `target`; `tls` where it is a `tls://` one.
    ///
    /// # Errors
    /// A file of `tls` that cannot be used.
    pub fn new(
        target: Target,
        tls: Option<SinkTls>,
        alpn: &'static [&'static [u8]],
        timeout: Duration,
    ) -> Result<Self, String> {
        Ok(Self {
            target,
            tls: tls
                .map(|tls| tls::Connector::new(tls, alpn, timeout))
                .transpose()?,
        })
    }

    /// Where it leads.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Connects, once.
    ///
    /// # Errors
    /// Nobody listens there, the peer's certificate is not trusted or ours is not, or the target is no
    /// stream.
    pub async fn connect(&self) -> io::Result<Io> {
        Ok(match (&self.target, &self.tls) {
            (Target::Tcp(address), _) => Box::new(tcp(address).await?),
            (Target::Tls(address), Some(tls)) => Box::new(tls.connect(tcp(address).await?).await?),
            (Target::Unix(path), _) => Box::new(UnixStream::connect(path).await?),
            _ => return Err(io::Error::other("not a stream")),
        })
    }
}

async fn tcp(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Ends a stream once its peer has taken what was written: a socket that nobody holds any more is given up by
/// the system when its peer takes nothing for a minute or two, and what waits in it is lost (tcp(7),
/// `tcp_orphan_retries`).
pub async fn finish(mut stream: Io) -> io::Result<()> {
    stream.flush().await?;
    if let Some(socket) = stream.tcp() {
        taken(socket).await?;
    }
    stream.shutdown().await
}

/// Waits until nothing is left that was not sent, or the connection is broken.
async fn taken(socket: &TcpStream) -> io::Result<()> {
    // From now on, room is where all is sent.
    socket2::SockRef::from(socket).set_tcp_notsent_lowat(1)?;
    loop {
        // What was known of room is about less than that.
        let asked = socket.try_io(Interest::WRITABLE, || {
            let mut room = [PollFd::new(socket, PollFlags::OUT)];
            match poll(&mut room, Some(&Timespec::default()))? {
                0 => Err(io::ErrorKind::WouldBlock.into()),
                _ => Ok(()),
            }
        });
        match asked {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => socket.writable().await?,
            other => return other,
        }
    }
}

/// Whether the peer has ended its side by now: what the runtime knows is from its last look.
pub fn has_left(socket: &TcpStream) -> io::Result<bool> {
    let mut ends = [PollFd::new(socket, PollFlags::RDHUP)];
    Ok(poll(&mut ends, Some(&Timespec::default()))? > 0)
}

/// Out of descriptors, mostly: tells and gives the others time to end.
pub async fn refused(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(100)).await;
}
