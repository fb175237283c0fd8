//! What a route can speak; `crate::protocol` says how.

/// The protocol of a route; both of its ends speak it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Delimited records: plain logs and syslog, over streams and datagrams.
    #[default]
    Lines,
}
