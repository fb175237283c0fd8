//! Byte streams, whatever carries them.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::settings::Target;

/// What a stream listener accepts and a stream sink is reached by.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A byte stream, whatever carries it.
pub type Io = Box<dyn Stream>;

/// Connects to a stream sink, once.
///
/// # Errors
/// Nobody listens there, or `target` is no stream.
pub async fn connect(target: &Target) -> io::Result<Io> {
    Ok(match target {
        Target::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        Target::Unix(path) => Box::new(UnixStream::connect(path).await?),
        Target::Udp(_) | Target::Unixgram(_) | Target::Stdout | Target::File(_) => {
            return Err(io::Error::other("not a stream"));
        }
    })
}

/// Out of descriptors, mostly: tells and gives the others time to end.
pub async fn refused(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}
