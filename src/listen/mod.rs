//! Where records come from: sockets bound before anything is served, and the accept loop.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream};
use tokio::sync::OwnedSemaphorePermit;

use crate::net::tls::Acceptor;
use crate::net::{self, Io};
use crate::protocol::files::Follow;
use crate::protocol::{self, Shared, joined, lines};
use crate::settings::Listen;

/// A bound listener.
#[derive(Debug)]
pub enum Bound {
    /// TCP, and TLS over it.
    Tcp(TcpListener, Option<Arc<Acceptor>>),
    /// UDP.
    Udp(UdpSocket),
    /// Unix stream.
    Unix(UnixListener),
    /// Unix datagram.
    Unixgram(UnixDatagram),
    /// Standard input.
    Stdin,
    /// Followed files.
    Files(Follow),
}

/// Asked for as the receive queue of a UDP socket.
const UDP_QUEUE_BYTES: usize = 8 << 20;

impl Bound {
    /// Binds a listener; a `tls://` one shows what `tls` has. A Unix socket that nobody listens on any more is replaced.
    ///
    /// # Errors
    /// The address is in use, or not to be had.
    pub async fn bind(listen: &Listen, tls: Option<Arc<Acceptor>>) -> io::Result<Self> {
        Ok(match listen {
            Listen::Tcp(address) => Self::Tcp(TcpListener::bind(address).await?, None),
            Listen::Tls(address) => Self::Tcp(TcpListener::bind(address).await?, tls),
            Listen::Udp(address) => {
                let socket = UdpSocket::bind(address).await?;
                // A burst waits in the kernel while a batch is written; what is granted is the system's limit.
                socket2::SockRef::from(&socket).set_recv_buffer_size(UDP_QUEUE_BYTES)?;
                Self::Udp(socket)
            }
            Listen::Unix(path) => {
                if path.exists() && UnixStream::connect(path).await.is_err() {
                    std::fs::remove_file(path)?;
                }
                let listener = UnixListener::bind(path)?;
                open_to_all(path)?;
                Self::Unix(listener)
            }
            Listen::Unixgram(path) => {
                if path.exists() && UnixDatagram::unbound()?.connect(path).is_err() {
                    std::fs::remove_file(path)?;
                }
                let socket = UnixDatagram::bind(path)?;
                open_to_all(path)?;
                Self::Unixgram(socket)
            }
            Listen::Stdin => Self::Stdin,
            Listen::File(_) => return Err(io::Error::other("files are followed together")),
        })
    }

    /// The address that was bound, as the listener's URL; a port 0 is resolved.
    #[must_use]
    pub fn address(&self, listen: &Listen) -> String {
        match self {
            Self::Tcp(l, tls) => l.local_addr().map_or_else(
                |_| listen.to_string(),
                |a| format!("{}://{a}", if tls.is_some() { "tls" } else { "tcp" }),
            ),
            Self::Udp(s) => s
                .local_addr()
                .map_or_else(|_| listen.to_string(), |a| format!("udp://{a}")),
            Self::Unix(_) | Self::Unixgram(_) | Self::Stdin | Self::Files(_) => listen.to_string(),
        }
    }

    /// Serves until told to stop.
    pub async fn serve(self, shared: Arc<Shared>) {
        match self {
            Self::Tcp(listener, tls) => accept_all(&shared, Door::Tcp(listener, tls)).await,
            Self::Unix(listener) => accept_all(&shared, Door::Unix(listener)).await,
            Self::Udp(socket) => protocol::datagrams(lines::Datagrams::Udp(socket), &shared).await,
            Self::Unixgram(socket) => {
                protocol::datagrams(lines::Datagrams::Unix(socket), &shared).await;
            }
            Self::Files(follow) => follow.serve(&shared).await,
            Self::Stdin => match &shared.lines {
                None => lines::stream(tokio::io::stdin(), &shared).await,
                Some(lines) => joined::stream(tokio::io::stdin(), &shared, lines).await,
            },
        }
    }
}

/// Who logs is another user than the daemon, mostly: as for other log sockets, the folder says who may come to it.
fn open_to_all(socket: &Path) -> io::Result<()> {
    std::fs::set_permissions(socket, Permissions::from_mode(0o666))
}

/// Where connections come in.
enum Door {
    Tcp(TcpListener, Option<Arc<Acceptor>>),
    Unix(UnixListener),
}

/// A connection before its handshake.
enum Accepted {
    Tcp(TcpStream, Option<Arc<Acceptor>>),
    Unix(UnixStream),
}

impl Door {
    async fn accept(&self) -> io::Result<Accepted> {
        Ok(match self {
            Self::Tcp(listener, tls) => {
                let (stream, _) = listener.accept().await?;
                // Protocols that answer should not wait for more to answer with.
                drop(stream.set_nodelay(true));
                Accepted::Tcp(stream, tls.clone())
            }
            Self::Unix(listener) => Accepted::Unix(listener.accept().await?.0),
        })
    }
}

/// Accepts while there is room. At `connections_max` each listener holds one more, unread, and the next ones
/// wait in the kernel's queue.
async fn accept_all(shared: &Arc<Shared>, door: Door) {
    loop {
        let next = async {
            match door.accept().await {
                Ok(accepted) => place(shared).await.map(|place| Ok((accepted, place))),
                Err(error) => Some(Err(error)),
            }
        };
        let next = tokio::select! {
            () = shared.stop.cancelled() => return,
            next = next => next,
        };
        match next {
            None => return,
            Some(Ok((accepted, place))) => {
                let own = Arc::clone(shared);
                shared.tasks.spawn(async move {
                    serve(accepted, &own).await;
                    drop(place);
                });
            }
            Some(Err(error)) => net::refused(&error).await,
        }
    }
}

async fn place(shared: &Shared) -> Option<OwnedSemaphorePermit> {
    let room = Arc::clone(&shared.room);
    if let Ok(place) = Arc::clone(&room).try_acquire_owned() {
        return Some(place);
    }
    if shared.metrics.connections_full.get() == 0 {
        tracing::warn!("connections_max is reached: nothing is accepted until a connection ends");
    }
    shared.metrics.connections_full.inc();
    room.acquire_owned().await.ok()
}

async fn serve(accepted: Accepted, shared: &Arc<Shared>) {
    let connection: Io = match accepted {
        Accepted::Tcp(stream, None) => Box::new(stream),
        Accepted::Unix(stream) => Box::new(stream),
        Accepted::Tcp(stream, Some(tls)) => {
            let handshake = tokio::select! {
                () = shared.stop.cancelled() => return,
                handshake = tls.accept(stream) => handshake,
            };
            match handshake {
                Ok(stream) => Box::new(stream),
                Err(error) => {
                    shared.metrics.handshakes_failed.inc();
                    tracing::warn!(%error, "a client was refused");
                    return;
                }
            }
        }
    };
    protocol::serve(connection, shared).await;
}
