//! Where records come from: sockets bound before anything is served, and the accept loop.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, UdpSocket, UnixDatagram, UnixListener};

use crate::net::{self, Io};
use crate::protocol::{self, Shared, lines};
use crate::settings::Listen;

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

/// Asked for as the receive queue of a UDP socket.
const UDP_QUEUE_BYTES: usize = 8 << 20;

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
                    Ok((stream, _)) => spawn(Box::new(stream), &shared),
                    Err(error) => net::refused(&error).await,
                }
            },
            Self::Unix(listener) => loop {
                let accepted = tokio::select! {
                    () = shared.stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                match accepted {
                    Ok((stream, _)) => spawn(Box::new(stream), &shared),
                    Err(error) => net::refused(&error).await,
                }
            },
            Self::Udp(socket) => lines::datagrams(&shared, lines::Datagrams::Udp(socket)).await,
            Self::Unixgram(socket) => {
                lines::datagrams(&shared, lines::Datagrams::Unix(socket)).await
            }
            Self::Stdin => lines::stream(tokio::io::stdin(), &shared).await,
        }
    }
}

fn spawn(connection: Io, shared: &Arc<Shared>) {
    let own = Arc::clone(shared);
    shared
        .tasks
        .spawn(async move { protocol::serve(connection, &own).await });
}
