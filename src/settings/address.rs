//! Addresses as URLs: `tcp://127.0.0.1:5140`, `unix:///run/x.sock`, `stdin`.

use std::fmt;
use std::path::PathBuf;

/// Where a listener listens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listen {
    /// A TCP `host:port`.
    Tcp(String),
    /// TLS over a TCP `host:port`.
    Tls(String),
    /// A UDP `host:port`.
    Udp(String),
    /// A Unix stream socket.
    Unix(PathBuf),
    /// A Unix datagram socket.
    Unixgram(PathBuf),
    /// Standard input.
    Stdin,
    /// Files to follow: an absolute path, `*` and `?` in it, `**` for any folders.
    File(String),
}

/// Where a sink writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// A TCP `host:port`, one connection for each that comes in.
    Tcp(String),
    /// The same over TLS.
    Tls(String),
    /// A UDP `host:port`.
    Udp(String),
    /// A Unix stream socket.
    Unix(PathBuf),
    /// A Unix datagram socket.
    Unixgram(PathBuf),
    /// Standard output.
    Stdout,
    /// A file, appended to.
    File(PathBuf),
}

impl Listen {
    /// Whether each record comes as its own datagram.
    #[must_use]
    pub const fn is_datagram(&self) -> bool {
        matches!(self, Self::Udp(_) | Self::Unixgram(_))
    }
}

impl Target {
    /// Whether each record leaves as its own datagram.
    #[must_use]
    pub const fn is_datagram(&self) -> bool {
        matches!(self, Self::Udp(_) | Self::Unixgram(_))
    }
}

/// Whether `HOST:PORT` stays on this machine. A name but `localhost` may lead anywhere.
fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

impl Listen {
    /// Whether what comes in can be read on its way: plain, from other machines.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        matches!(self, Self::Tcp(address) | Self::Udp(address) if !is_loopback(address))
    }
}

impl Target {
    /// Whether what goes out can be read on its way: plain, to other machines.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        matches!(self, Self::Tcp(address) | Self::Udp(address) if !is_loopback(address))
    }
}

fn socket(address: &str) -> Result<String, String> {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(address.to_owned())
        }
        _ => Err(format!("`{address}` is not HOST:PORT")),
    }
}

fn path(path: &str) -> Result<PathBuf, String> {
    if path.starts_with('/') {
        Ok(path.into())
    } else {
        Err(format!(
            "`{path}` is not an absolute path (three slashes: unix:///run/x.sock)"
        ))
    }
}

impl std::str::FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("tcp", rest)) => socket(rest).map(Self::Tcp),
            Some(("tls", rest)) => socket(rest).map(Self::Tls),
            Some(("udp", rest)) => socket(rest).map(Self::Udp),
            Some(("unix", rest)) => path(rest).map(Self::Unix),
            Some(("unixgram", rest)) => path(rest).map(Self::Unixgram),
            Some(("file", rest)) => {
                path(rest)?;
                glob::Pattern::new(rest).map_err(|error| format!("`{rest}`: {error}"))?;
                Ok(Self::File(rest.to_owned()))
            }
            None if text == "stdin" => Ok(Self::Stdin),
            _ => Err(format!(
                "`{text}` is no listener; use tcp://, tls://, udp://, unix://, unixgram://, file:// or stdin"
            )),
        }
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("tcp", rest)) => socket(rest).map(Self::Tcp),
            Some(("tls", rest)) => socket(rest).map(Self::Tls),
            Some(("udp", rest)) => socket(rest).map(Self::Udp),
            Some(("unix", rest)) => path(rest).map(Self::Unix),
            Some(("unixgram", rest)) => path(rest).map(Self::Unixgram),
            Some(("file", rest)) => path(rest).map(Self::File),
            None if text == "stdout" => Ok(Self::Stdout),
            _ => Err(format!(
                "`{text}` is no sink; use tcp://, tls://, udp://, unix://, unixgram://, file:// or stdout"
            )),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Tls(address) => write!(f, "tls://{address}"),
            Self::Udp(address) => write!(f, "udp://{address}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Unixgram(path) => write!(f, "unixgram://{}", path.display()),
            Self::Stdin => f.write_str("stdin"),
            Self::File(pattern) => write!(f, "file://{pattern}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Tls(address) => write!(f, "tls://{address}"),
            Self::Udp(address) => write!(f, "udp://{address}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Unixgram(path) => write!(f, "unixgram://{}", path.display()),
            Self::Stdout => f.write_str("stdout"),
            Self::File(path) => write!(f, "file://{}", path.display()),
        }
    }
}
