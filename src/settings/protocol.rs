//! What a route can speak; the room `protocol` says how.

/// The protocol of a route; both of its ends speak it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Delimited records: plain logs and syslog, over streams and datagrams.
    #[default]
    #[serde(alias = "syslog")]
    Lines,
}

impl Protocol {
    /// What a TLS handshake says is spoken inside (RFC 7301), best first; nothing where it has no name.
    #[must_use]
    pub const fn alpn(self) -> &'static [&'static [u8]] {
        match self {
            Self::Lines => &[],
        }
    }
}
