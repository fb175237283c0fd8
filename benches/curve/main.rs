//! What it costs as something grows: an operator's rules and words, connections, records, findings.
//!
//! `cargo bench --profile fast --bench curve` prints a table and draws `benches/curve.svg`; `-- --mib 16` for the
//! record. Each point is the time of a byte, relative to the first of its curve.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a bench that fails may panic"
)]

#[path = "../corpus/mod.rs"]
mod corpus;
mod draw;
#[path = "../measure/mod.rs"]
mod measure;

use std::fmt::Write as _;
use std::path::Path;

use corpus::{Corpus, Rng, fill, words};
use measure::connection::{Connection, Way};
use measure::core::{Core, policy};
use measure::{Contender, Input, option};
use scrubd::frame::{Framing, Output};
use scrubd::policy::Policy;

/// Bytes that each point is measured over.
const POINT_BYTES: usize = 4 << 20;

/// One chart.
pub struct Curve {
    /// What grows.
    pub title: &'static str,
    /// The most that a point may cost, as a multiple of the first; none where it has to cost something.
    pub bar: Option<f64>,
    pub points: Vec<Point>,
}

/// One size.
pub struct Point {
    pub label: String,
    pub hits: u64,
    pub nanos_per_kib: f64,
    /// Multiple of the curve's first.
    pub cost: f64,
}

/// A policy over an input, `connections` of it.
struct Size {
    label: String,
    policy: Policy,
    input: Input,
    connections: usize,
}

fn main() {
    let rounds = option("--rounds").map_or(3, |n| n.parse().unwrap());
    let bytes = option("--mib").map_or(POINT_BYTES, |n| n.parse::<usize>().unwrap() << 20);
    let curves = [
        curve("operator's rules", Some(1.5), rounds, rules(bytes)),
        curve("words in a list", Some(1.5), rounds, dictionary(bytes)),
        curve("connections", Some(1.5), rounds, connections(bytes)),
        curve("bytes in a record", None, rounds, records(bytes)),
        curve("% of words that are findings", None, rounds, density(bytes)),
    ];
    println!(
        "| what grows | size | hits | ns/KiB | × first | bar |\n|---|---:|---:|---:|---:|---:|"
    );
    for curve in &curves {
        for point in &curve.points {
            println!(
                "| {} | {} | {} | {:.0} | {:.2} | {} |",
                curve.title,
                point.label,
                point.hits,
                point.nanos_per_kib,
                point.cost,
                curve
                    .bar
                    .map_or_else(|| "–".to_owned(), |bar| format!("≤ {bar}")),
            );
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/curve.svg");
    std::fs::write(path, draw::svg(&curves)).expect("benches/curve.svg");
}

/// Measures each size.
fn curve(title: &'static str, bar: Option<f64>, rounds: usize, sizes: Vec<Size>) -> Curve {
    let measured: Vec<(Size, u64, f64)> = sizes
        .into_iter()
        .map(|size| {
            let (hits, nanos) = size.measure(rounds);
            (size, hits, nanos)
        })
        .collect();
    let first = measured.first().map_or(f64::NAN, |(_, _, nanos)| *nanos);
    let points = measured
        .into_iter()
        .map(|(size, hits, nanos_per_kib)| Point {
            label: size.label,
            hits,
            nanos_per_kib,
            cost: nanos_per_kib / first,
        })
        .collect();
    Curve { title, bar, points }
}

impl Size {
    /// Findings, nanoseconds for 1024 bytes.
    fn measure(&self, rounds: usize) -> (u64, f64) {
        let mut all: Vec<Connection> = (0..self.connections)
            .map(|_| {
                let core = Core::new(self.policy.clone(), Output::AsCame);
                Connection::of(core, Way::Stream(Framing::Newline))
            })
            .collect();
        let mut turn = 0;
        // Whole lines, so that a connection may end with any of them.
        let mut next = |chunk: &[u8]| {
            turn = (turn + 1) % all.len();
            all[turn].read(chunk);
        };
        self.input.chunks().for_each(&mut next);
        let mut contenders: [&mut Contender<'_>; 1] = [&mut next];
        let secs = self.input.race(rounds, &mut contenders)[0];
        let hits: u64 = all.iter().flat_map(|one| one.core.tally.findings).sum();
        let records: u64 = all.iter().map(|one| one.core.tally.records).sum();
        let lines = memchr::memchr_iter(b'\n', self.input.bytes()).count() as u64;
        let kib = self.input.bytes().len() as f64 / 1024.0;
        (hits / (records / lines.max(1)).max(1), secs * 1e9 / kib)
    }
}

fn custom(extra: &str) -> Policy {
    let text = format!(
        "name = \"curve\"\n[actions]\ndefault = \"detect\"\nnetwork = \"redact\"\ndevice = \"redact\"\nlocation = \"redact\"\nidentity = \"redact\"\n{extra}"
    );
    Policy::parse("curve", &text).unwrap()
}

fn json(bytes: usize) -> Input {
    Input::new(&Corpus::named("json").unwrap().fill(1, bytes))
}

/// Patterns with a literal in front, as ticket and order numbers have.
fn rules(bytes: usize) -> Vec<Size> {
    let size = |count: usize| {
        let mut extra = String::new();
        for n in 0..count {
            let _ = writeln!(
                extra,
                "[[custom]]\nname = \"rule{n}\"\npattern = 'T{n:03}[A-F]-[0-9]{{4,8}}\\b'\naction = \"redact\""
            );
        }
        Size {
            label: count.to_string(),
            policy: custom(&extra),
            input: json(bytes),
            connections: 1,
        }
    };
    [1, 10, 100, 500].map(size).into()
}

/// Words of three made-up syllables.
fn dictionary(bytes: usize) -> Vec<Size> {
    let size = |count: usize| {
        let mut rng = Rng(3);
        let syllables: Vec<String> = "bdfgklmnprstvz"
            .chars()
            .flat_map(|c| "aeiou".chars().map(move |v| format!("{c}{v}")))
            .collect();
        let words: Vec<String> = (0..count)
            .map(|n| {
                format!(
                    "\"{}{}{}{n}\"",
                    rng.of(&syllables),
                    rng.of(&syllables),
                    rng.of(&syllables)
                )
            })
            .collect();
        Size {
            label: count.to_string(),
            policy: custom(&format!(
                "[[custom]]\nname = \"list\"\nwords = [{}]\naction = \"redact\"",
                words.join(", ")
            )),
            input: json(bytes),
            connections: 1,
        }
    };
    [100, 1_000, 10_000].map(size).into()
}

/// As one worker meets them: a chunk of each in turn.
fn connections(bytes: usize) -> Vec<Size> {
    let size = |connections: usize| Size {
        label: connections.to_string(),
        policy: policy("default"),
        input: json(bytes),
        connections,
    };
    [1, 4, 16, 64].map(size).into()
}

fn records(bytes: usize) -> Vec<Size> {
    let size = |record: usize| Size {
        label: match record {
            0..1_000 => format!("{record} B"),
            1_000..1_000_000 => format!("{} kB", record / 1_000),
            _ => format!("{} MB", record / 1_000_000),
        },
        policy: policy("default"),
        input: Input::new(&fill(|rng, out| words(rng, out, record, 3), 1, bytes)),
        connections: 1,
    };
    [50, 200, 1_000, 10_000, 100_000, 1_000_000]
        .map(size)
        .into()
}

fn density(bytes: usize) -> Vec<Size> {
    let size = |percent: u64| Size {
        label: format!("{percent} %"),
        policy: policy("default"),
        input: Input::new(&fill(|rng, out| words(rng, out, 200, percent), 1, bytes)),
        connections: 1,
    };
    [0, 1, 5, 10, 25, 50].map(size).into()
}
