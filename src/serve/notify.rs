//! Words to the service manager: datagrams of `KEY=VALUE` lines to `$NOTIFY_SOCKET` (sd_notify(3)). Without
//! one, nothing is said.

use std::env;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::time::{ClockId, clock_gettime};

/// What is said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State<'a> {
    /// Everything is bound, or a reload has ended; what the daemon does is in the text.
    Ready(&'a str),
    /// A reload begins.
    Reloading,
    /// A drain begins.
    Stopping,
}

/// Says it. A manager that does not listen changes nothing for the records.
pub(crate) fn notify(state: State<'_>) {
    if let Err(error) = send(&words(state)) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

fn words(state: State<'_>) -> String {
    match state {
        State::Ready(status) => format!("READY=1\nSTATUS={status}\n"),
        // Type=notify-reload goes by when the reload began.
        State::Reloading => {
            let now = clock_gettime(ClockId::Monotonic);
            let micros = i128::from(now.tv_sec) * 1_000_000 + i128::from(now.tv_nsec) / 1_000;
            format!("RELOADING=1\nMONOTONIC_USEC={micros}\n")
        }
        State::Stopping => "STOPPING=1\nSTATUS=draining\n".to_owned(),
    }
}

fn send(words: &str) -> io::Result<()> {
    let Some(path) = env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    let address = match path.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(&path)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    socket.send_to_addr(words.as_bytes(), &address).map(drop)
}
