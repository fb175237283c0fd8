//! One contender, one round: every measure.

use std::thread;
use std::time::{Duration, Instant};

use crate::contender::Contender;
use crate::generator::{Load, Paced};
use crate::process;
use crate::sink::{Account, Sink};

/// What goes first to learn how much is enough.
const PROBE_BYTES: usize = 16 << 20;
const FLOOD_BYTES_MAX: usize = 4 << 30;
const LATENCY_LINES_PER_SEC: u64 = 10_000;
/// Parts of a second each, of which the median counts.
const LATENCY_PARTS: u32 = 5;
const OUTAGE_LINES_PER_SEC: u64 = 20_000;
/// How long a sink that is started again was gone.
const RESTART: Duration = Duration::from_secs(2);
/// Before and after an outage.
const CALM: Duration = Duration::from_secs(1);

/// What a round gave.
#[derive(Clone, Copy)]
pub struct Outcome {
    /// From its start until it listened.
    pub start_millis: f64,
    pub mb_per_sec: f64,
    pub cpu_secs_per_gb: f64,
    pub idle_mb: f64,
    pub peak_mb: f64,
    /// How long the first line took that came through it.
    pub first_millis: f64,
    pub p50_micros: f64,
    pub p99_micros: f64,
    pub stall: (Account, Paced),
    pub restart: (Account, Paced),
    pub stall_peak_mb: f64,
    /// Whether every line of the flood arrived.
    pub whole: bool,
}

/// How long and how wide.
pub struct Size {
    /// Of the flood.
    pub flood: Duration,
    /// How long the sink reads nothing.
    pub outage: Duration,
    /// Connections of the flood.
    pub connections: usize,
}

/// `contender` between the generator and a sink; none: straight into the sink.
pub fn run(contender: Option<&Contender>, load: &Load, size: &Size) -> Outcome {
    let Size {
        flood,
        outage: stall,
        connections,
    } = *size;
    let sink = Sink::start();
    let running = contender.map(|contender| contender.start(sink.port()));
    let port = running.as_ref().map_or(sink.port(), |running| running.port);
    let cost = |pid: Option<u32>| {
        pid.map_or((f64::NAN, f64::NAN, f64::NAN), |pid| {
            let (now, peak) = process::rss_mb(pid);
            (process::cpu_secs(pid), now, peak)
        })
    };
    let pid = running.as_ref().map(crate::contender::Running::pid);
    let (_, idle_mb, _) = cost(pid);

    let paced = load.paced(
        port,
        LATENCY_LINES_PER_SEC,
        Duration::from_secs(1) * LATENCY_PARTS,
        &sink,
    );
    let latency = sink.account(paced.lines, LATENCY_LINES_PER_SEC as usize);

    let (secs, probe, mut whole) = timed(load, &sink, port, PROBE_BYTES, connections);
    let enough = (probe as f64 / secs * flood.as_secs_f64()) as usize;
    let (cpu, ..) = cost(pid);
    let (secs, bytes, all) = timed(
        load,
        &sink,
        port,
        enough.clamp(PROBE_BYTES, FLOOD_BYTES_MAX),
        connections,
    );
    whole &= all;
    let (cpu_after, _, peak_mb) = cost(pid);

    let stall = outage(
        load,
        &sink,
        port,
        stall,
        &|sink| sink.stall(true),
        &|sink| sink.stall(false),
    );
    let (_, _, stall_peak_mb) = cost(pid);
    let restart = outage(load, &sink, port, RESTART, &Sink::close, &Sink::reopen);
    Outcome {
        start_millis: running
            .as_ref()
            .map_or(f64::NAN, |running| running.start.as_secs_f64() * 1e3),
        mb_per_sec: bytes as f64 / secs / 1e6,
        cpu_secs_per_gb: (cpu_after - cpu) / (bytes as f64 / 1e9),
        idle_mb,
        peak_mb,
        first_millis: latency.first_millis,
        p50_micros: latency.p50_micros,
        p99_micros: latency.p99_micros,
        stall,
        restart,
        stall_peak_mb,
        whole,
    }
}

/// Seconds until the last line arrived, bytes sent, whether all arrived.
fn timed(
    load: &Load,
    sink: &Sink,
    port: u16,
    bytes: usize,
    connections: usize,
) -> (f64, u64, bool) {
    let before = sink.lines();
    let begun = Instant::now();
    let (lines, bytes) = load.flood(port, bytes, connections);
    let whole = sink.wait_lines(before + lines);
    (begun.elapsed().as_secs_f64(), bytes, whole)
}

/// Lines at a pace; after a while the sink goes away for `gone`.
fn outage(
    load: &Load,
    sink: &Sink,
    port: u16,
    gone: Duration,
    away: &(dyn Fn(&Sink) + Sync),
    back: &(dyn Fn(&Sink) + Sync),
) -> (Account, Paced) {
    let paced = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(CALM);
            away(sink);
            thread::sleep(gone);
            back(sink);
        });
        load.paced(port, OUTAGE_LINES_PER_SEC, gone + CALM * 2, sink)
    });
    (
        sink.account(paced.lines, OUTAGE_LINES_PER_SEC as usize),
        paced,
    )
}
