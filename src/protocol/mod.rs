//! What is spoken on a route, one file a protocol: a connection's loop from its first byte to its last,
//! acknowledgements included. [`serve`] is the table.

pub mod files;
pub mod forward;
pub mod gelf;
pub mod http;
mod inflate;
pub mod joined;
mod json;
pub mod lines;
pub mod lumberjack;
pub mod relp;
pub mod session;
mod turns;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::frame::Framing;
use crate::net::Io;
use crate::pipeline::Tally;
use crate::plan::InForce;
use crate::scan::Tables;
use crate::settings::{Files, Lines, Protocol, SharedKeys};
use crate::sink::Sink;
use crate::telemetry::RouteMetrics;

/// What every connection of a route needs.
#[derive(Debug)]
pub struct Shared {
    /// The compiled policy.
    pub plan: InForce,
    /// What is spoken.
    pub protocol: Protocol,
    /// Framing of streams.
    pub framing: Framing,
    /// When a stream's first line is the header of a table.
    pub csv: Tables,
    /// Longest record, in bytes.
    pub record_bytes_max: usize,
    /// Longest frame of many records, in bytes, before and after decompression.
    pub frame_bytes_max: usize,
    /// Most bytes read at a time.
    pub read_buffer_bytes_max: usize,
    /// What the Forward protocol's handshake asks for.
    pub shared_keys: SharedKeys,
    /// How files are followed.
    pub files: Option<Files>,
    /// What is joined before it is scanned.
    pub lines: Option<Lines>,
    /// Where scrubbed records go.
    pub sink: Sink,
    /// The sink of a route that speaks HTTP.
    pub http: http::Upstream,
    /// The route's metrics.
    pub metrics: Arc<RouteMetrics>,
    /// Room for connections.
    pub room: Arc<Semaphore>,
    /// Set when no more is to be read.
    pub stop: CancellationToken,
    /// The connections.
    pub tasks: TaskTracker,
}

impl Shared {
    /// Adds what a run of the core counted to the metrics.
    fn count(&self, tally: &Tally) {
        self.metrics.records.inc_by(tally.records);
        let findings = self.metrics.findings.load();
        let counts = (findings.iter().zip(&tally.findings))
            .chain(self.metrics.tombstones.iter().zip(&tally.tombstones));
        for (metric, count) in counts.filter(|(_, count)| **count > 0) {
            metric.inc_by(*count);
        }
    }
}

/// Serves one accepted connection to its end.
pub async fn serve(connection: Io, shared: &Arc<Shared>) {
    match shared.protocol {
        Protocol::Lines => match &shared.lines {
            None => lines::stream(connection, shared).await,
            Some(join) => joined::stream(connection, shared, join).await,
        },
        Protocol::Gelf => lines::stream(connection, shared).await,
        Protocol::Relp => {
            session::serve(connection, shared, &mut relp::Relp::new(shared)).await;
        }
        Protocol::Http | Protocol::Grpc => http::serve(connection, shared).await,
        Protocol::Lumberjack => {
            let mut talk = lumberjack::Lumberjack::new(shared);
            session::serve(connection, shared, &mut talk).await;
        }
        Protocol::Forward => match forward::Forward::new(shared) {
            Ok(mut talk) => session::serve(connection, shared, &mut talk).await,
            Err(error) => tracing::error!(%error, "the system gave no randomness for a handshake"),
        },
    }
}

/// Serves a socket of datagrams until told to stop.
pub async fn datagrams(socket: lines::Datagrams, shared: &Shared) {
    match (shared.protocol, socket) {
        (Protocol::Forward, lines::Datagrams::Udp(socket)) => {
            forward::heartbeats(socket, shared).await;
        }
        (Protocol::Gelf, lines::Datagrams::Udp(socket)) => gelf::datagrams(socket, shared).await,
        (_, socket) => lines::datagrams(shared, socket).await,
    }
}
