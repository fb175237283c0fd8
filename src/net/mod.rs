//! Byte streams, whatever carries them.

pub mod tls;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::settings::{SinkTls, Target};

/// What a stream listener accepts and a stream sink is reached by. What is written may wait in it until
/// it is flushed.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

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

/// Out of descriptors, mostly: tells and gives the others time to end.
pub async fn refused(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(100)).await;
}
