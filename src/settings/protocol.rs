//! What a route can speak; the room `protocol` says how.

use super::{Listen, Target};

/// The protocol of a route; both of its ends speak it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Delimited records: plain logs and syslog, over streams and datagrams.
    #[default]
    #[serde(alias = "syslog")]
    Lines,
    /// RELP, the reliable event logging protocol of rsyslog.
    Relp,
    /// Fluentd's Forward protocol.
    Forward,
    /// Lumberjack, the protocol of Beats.
    Lumberjack,
    /// GELF, the format of Graylog.
    Gelf,
    /// A reverse proxy for HTTP/1.1 and HTTP/2.
    Http,
    /// OTLP's log service over gRPC.
    Grpc,
}

impl Protocol {
    /// As the settings write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Relp => "relp",
            Self::Forward => "forward",
            Self::Lumberjack => "lumberjack",
            Self::Gelf => "gelf",
            Self::Http => "http",
            Self::Grpc => "grpc",
        }
    }

    /// Whether a route with these ends can speak it.
    pub(super) fn check(self, listen: &[Listen], sink: &Target) -> Result<(), String> {
        let name = self.name();
        match self {
            Self::Lines => {}
            Self::Relp | Self::Forward | Self::Lumberjack | Self::Http | Self::Grpc => {
                let other = |l: &&Listen| match l {
                    Listen::Tcp(_) | Listen::Tls(_) | Listen::Unix(_) => false,
                    // Its heartbeats.
                    Listen::Udp(_) => self != Self::Forward,
                    Listen::Unixgram(_) | Listen::Stdin | Listen::File(_) => true,
                };
                if let Some(other) = listen.iter().find(other) {
                    return Err(format!(
                        "{name} comes over tcp://, tls:// or unix://, not {other}"
                    ));
                }
                if !matches!(sink, Target::Tcp(_) | Target::Tls(_) | Target::Unix(_)) {
                    return Err(format!(
                        "{name} goes to a tcp://, tls:// or unix:// sink, not {sink}"
                    ));
                }
            }
            Self::Gelf => {
                let other = |l: &&Listen| {
                    matches!(l, Listen::Unixgram(_) | Listen::Stdin | Listen::File(_))
                };
                if let Some(other) = listen.iter().find(other) {
                    return Err(format!(
                        "{name} comes over udp://, tcp://, tls:// or unix://, not {other}"
                    ));
                }
                if matches!(sink, Target::Unixgram(_) | Target::Stdout | Target::File(_)) {
                    return Err(format!(
                        "{name} goes to a udp://, tcp://, tls:// or unix:// sink, not {sink}"
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Protocol {
    /// What a TLS handshake says is spoken inside (RFC 7301), best first; nothing where it has no name.
    #[must_use]
    pub const fn alpn(self) -> &'static [&'static [u8]] {
        match self {
            Self::Lines | Self::Relp | Self::Forward | Self::Lumberjack | Self::Gelf => &[],
            Self::Http => &[b"h2", b"http/1.1"],
            Self::Grpc => &[b"h2"],
        }
    }

    /// The same for the sink's end.
    #[must_use]
    pub const fn sink_alpn(self) -> &'static [&'static [u8]] {
        match self {
            Self::Lines | Self::Relp | Self::Forward | Self::Lumberjack | Self::Gelf => &[],
            Self::Http => &[b"http/1.1"],
            Self::Grpc => &[b"h2"],
        }
    }
}
