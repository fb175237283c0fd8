//! Metrics: `scrubd_*`, base units, no label that a payload can grow.

use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::class::Class;
use crate::policy::Policy;
use crate::record::Reason;

/// Every metric family.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    records: IntCounterVec,
    received: IntCounterVec,
    sent: IntCounterVec,
    findings: IntCounterVec,
    tombstones: IntCounterVec,
    scan_seconds: HistogramVec,
    connections: IntGaugeVec,
    connections_total: IntCounterVec,
    connections_max: IntGaugeVec,
    connections_full: IntCounterVec,
    handshakes_failed: IntCounterVec,
    files: IntGaugeVec,
    files_unread: IntGaugeVec,
    in_flight: IntGaugeVec,
    sink_up: IntGaugeVec,
    sink_silent: IntCounterVec,
    policy_info: IntGaugeVec,
    /// Reloads that took.
    pub reloads: IntCounter,
    /// Reloads that were refused.
    pub reloads_refused: IntCounter,
}

/// One route's handles, resolved once.
#[derive(Debug)]
pub struct RouteMetrics {
    /// Records in, tombstones included.
    pub records: IntCounter,
    /// Bytes read from peers.
    pub received: IntCounter,
    /// Bytes written to the sink.
    pub sent: IntCounter,
    /// Findings by class, under the actions of the policy in force.
    pub findings: ArcSwap<Vec<IntCounter>>,
    /// Tombstones by reason.
    pub tombstones: Vec<IntCounter>,
    /// Time of a batch in the core.
    pub scan_seconds: Histogram,
    /// Open connections.
    pub connections: IntGauge,
    /// Connections ever.
    pub connections_total: IntCounter,
    /// Most of them at a time.
    pub connections_max: IntGauge,
    /// How often there was no room for another: nothing is accepted until one ends.
    pub connections_full: IntCounter,
    /// TLS handshakes that failed.
    pub handshakes_failed: IntCounter,
    /// Files that are followed.
    pub files: IntGauge,
    /// Their bytes that the sink has not taken yet.
    pub files_unread: IntGauge,
    /// Scrubbed bytes that the sink has not taken yet.
    pub in_flight: IntGauge,
    /// Whether the sink was reachable when last tried.
    pub sink_up: IntGauge,
    /// Requests that an HTTP sink did not answer in time.
    pub sink_silent: IntCounter,
}

impl Telemetry {
    /// Registers every family.
    ///
    /// # Errors
    /// Two families of one name: a bug.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        macro_rules! family {
            ($kind:ident, $opts:expr, $labels:expr) => {{
                let family = $kind::new($opts, &$labels)?;
                registry.register(Box::new(family.clone()))?;
                family
            }};
        }
        let opts = Opts::new;
        let scan = HistogramOpts::new(
            "scrubd_scan_seconds",
            "Time of a batch of records in the core",
        )
        .buckets(vec![1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 0.1, 1.0]);
        let build = family!(
            IntGaugeVec,
            opts("scrubd_build_info", "The build"),
            ["version"]
        );
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let reloads = family!(
            IntCounterVec,
            opts("scrubd_reloads_total", "Reloads of settings and policies"),
            ["outcome"]
        );
        Ok(Self {
            reloads: reloads.with_label_values(&["swapped"]),
            reloads_refused: reloads.with_label_values(&["refused"]),
            records: family!(
                IntCounterVec,
                opts("scrubd_records_total", "Records in, tombstones included"),
                ["route"]
            ),
            received: family!(
                IntCounterVec,
                opts("scrubd_received_bytes_total", "Bytes read from peers"),
                ["route"]
            ),
            sent: family!(
                IntCounterVec,
                opts("scrubd_sent_bytes_total", "Bytes written to the sink"),
                ["route"]
            ),
            findings: family!(
                IntCounterVec,
                opts("scrubd_findings_total", "Findings"),
                ["route", "class", "action"]
            ),
            tombstones: family!(
                IntCounterVec,
                opts("scrubd_tombstones_total", "Records not passed on"),
                ["route", "reason"]
            ),
            scan_seconds: family!(HistogramVec, scan, ["route"]),
            connections: family!(
                IntGaugeVec,
                opts("scrubd_connections", "Open connections"),
                ["route"]
            ),
            connections_total: family!(
                IntCounterVec,
                opts("scrubd_connections_total", "Connections accepted"),
                ["route"]
            ),
            connections_max: family!(
                IntGaugeVec,
                opts("scrubd_connections_max", "Most connections at a time"),
                ["route"]
            ),
            connections_full: family!(
                IntCounterVec,
                opts(
                    "scrubd_connections_full_total",
                    "Times that connections_max was reached and accepting stopped"
                ),
                ["route"]
            ),
            handshakes_failed: family!(
                IntCounterVec,
                opts(
                    "scrubd_tls_handshakes_failed_total",
                    "TLS handshakes of clients that failed"
                ),
                ["route"]
            ),
            files: family!(
                IntGaugeVec,
                opts("scrubd_files", "Followed files"),
                ["route"]
            ),
            files_unread: family!(
                IntGaugeVec,
                opts(
                    "scrubd_files_unread_bytes",
                    "Bytes of followed files that the sink has not taken yet"
                ),
                ["route"]
            ),
            in_flight: family!(
                IntGaugeVec,
                opts(
                    "scrubd_in_flight_bytes",
                    "Scrubbed bytes that the sink has not taken yet"
                ),
                ["route"]
            ),
            sink_up: family!(
                IntGaugeVec,
                opts(
                    "scrubd_sink_up",
                    "Whether the sink was reachable when last tried"
                ),
                ["route"]
            ),
            sink_silent: family!(
                IntCounterVec,
                opts(
                    "scrubd_sink_silent_total",
                    "Requests that an HTTP sink did not answer in time"
                ),
                ["route"]
            ),
            policy_info: family!(
                IntGaugeVec,
                opts("scrubd_policy_info", "The policy in force"),
                ["route", "policy", "id"]
            ),
            registry,
        })
    }

    /// The handles of one route.
    #[must_use]
    pub fn route(&self, name: &str, policy: &Policy) -> RouteMetrics {
        self.policy_info
            .with_label_values(&[name, &policy.name, policy.id()])
            .set(1);
        let route = [name];
        RouteMetrics {
            records: self.records.with_label_values(&route),
            received: self.received.with_label_values(&route),
            sent: self.sent.with_label_values(&route),
            findings: ArcSwap::from_pointee(self.findings(name, policy)),
            tombstones: Reason::ALL
                .iter()
                .map(|reason| self.tombstones.with_label_values(&[name, reason.as_str()]))
                .collect(),
            scan_seconds: self.scan_seconds.with_label_values(&route),
            connections: self.connections.with_label_values(&route),
            connections_total: self.connections_total.with_label_values(&route),
            connections_max: self.connections_max.with_label_values(&route),
            connections_full: self.connections_full.with_label_values(&route),
            handshakes_failed: self.handshakes_failed.with_label_values(&route),
            files: self.files.with_label_values(&route),
            files_unread: self.files_unread.with_label_values(&route),
            in_flight: self.in_flight.with_label_values(&route),
            sink_up: self.sink_up.with_label_values(&route),
            sink_silent: self.sink_silent.with_label_values(&route),
        }
    }

    /// Another policy is in force on a route.
    pub fn follow(&self, name: &str, metrics: &RouteMetrics, old: &Policy, new: &Policy) {
        // The labels of a policy that is not there are nobody's to look at.
        drop(
            self.policy_info
                .remove_label_values(&[name, &old.name, old.id()]),
        );
        self.policy_info
            .with_label_values(&[name, &new.name, new.id()])
            .set(1);
        metrics.findings.store(Arc::new(self.findings(name, new)));
    }

    fn findings(&self, name: &str, policy: &Policy) -> Vec<IntCounter> {
        let labels = |class: Class| [name, class.id(), policy.action(class).name()];
        Class::all()
            .map(|class| self.findings.with_label_values(&labels(class)))
            .collect()
    }

    /// The text exposition format.
    ///
    /// # Errors
    /// A family that cannot be written: a bug.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
