//! Framing, scanning and masking together, as a connection of the daemon does it: reads that end anywhere,
//! each framing, and framings that change on the way.
//!
//! `cargo bench --bench pipeline` runs divan; `-- --quick` prints one line a case beside memcpy.
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

mod corpus;
mod measure;

use std::io::Write as _;

use corpus::Corpus;
use divan::counter::{BytesCount, ItemsCount};
use measure::batch::Kind;
use measure::connection::{Connection, Way};
use measure::core::policy;
use measure::{Input, QUICK_BYTES, memcpy, option, rate};
use scrubd::frame::{Framing, Output};
use scrubd::protocol::relp::frame::{NUMBER_MAX, write};

/// Records of one message, where a protocol brings many.
const BATCH_RECORDS: usize = 200;

/// How records come and go.
struct Case {
    name: &'static str,
    corpus: &'static str,
    way: Way,
    output: Output,
}

const CASES: &[Case] = &[
    case(
        "newline/system",
        "system",
        Way::Stream(Framing::Newline),
        Output::AsCame,
    ),
    case(
        "newline/json",
        "json",
        Way::Stream(Framing::Newline),
        Output::AsCame,
    ),
    case(
        "auto/system",
        "system",
        Way::Stream(Framing::Auto),
        Output::AsCame,
    ),
    case(
        "auto/json",
        "json",
        Way::Stream(Framing::Auto),
        Output::AsCame,
    ),
    case(
        "counted/system",
        "system",
        Way::Stream(Framing::OctetCounting),
        Output::AsCame,
    ),
    case(
        "counted/json",
        "json",
        Way::Stream(Framing::OctetCounting),
        Output::AsCame,
    ),
    case(
        "newline-to-counted/json",
        "json",
        Way::Stream(Framing::Newline),
        Output::OctetCounting,
    ),
    case(
        "counted-to-newline/json",
        "json",
        Way::Stream(Framing::OctetCounting),
        Output::Newline,
    ),
    case("datagrams/system", "system", Way::Datagrams, Output::AsCame),
    case("relp/system", "system", Way::Relp, Output::AsCame),
    case("relp/json", "json", Way::Relp, Output::AsCame),
    batch("forward/system", "system", Kind::Forward),
    batch("forward/json", "json", Kind::Forward),
    batch("bulk/json", "json", Kind::Bulk),
    batch("loki/system", "system", Kind::Loki),
    batch("otlp/system", "system", Kind::Otlp),
    batch("splunk/json", "json", Kind::Splunk),
];

const fn batch(name: &'static str, corpus: &'static str, kind: Kind) -> Case {
    case(name, corpus, Way::Batch(kind), Output::AsCame)
}

const fn case(name: &'static str, corpus: &'static str, way: Way, output: Output) -> Case {
    Case {
        name,
        corpus,
        way,
        output,
    }
}

impl Case {
    fn input(&self, bytes: usize) -> Input {
        let lines = Corpus::named(self.corpus).unwrap().fill(1, bytes);
        match self.way {
            Way::Stream(Framing::OctetCounting) => {
                let mut counted = Vec::with_capacity(lines.len() + lines.len() / 16);
                for line in lines.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
                    let _ = write!(counted, "{} ", line.len());
                    counted.extend_from_slice(line);
                }
                Input::anywhere(&counted)
            }
            Way::Relp => {
                let mut frames = Vec::with_capacity(lines.len() + lines.len() / 8);
                let records = lines.split(|byte| *byte == b'\n').filter(|l| !l.is_empty());
                for (line, number) in records.zip((2..=NUMBER_MAX).cycle()) {
                    let line = std::str::from_utf8(line).unwrap();
                    write(number, "syslog", line, &mut frames);
                }
                Input::anywhere(&frames)
            }
            Way::Batch(kind) => {
                let records = lines.split(|byte| *byte == b'\n').filter(|l| !l.is_empty());
                let records: Vec<&[u8]> = records.collect();
                let messages = records.chunks(BATCH_RECORDS);
                Input::messages(
                    &messages
                        .map(|lines| kind.message(lines))
                        .collect::<Vec<_>>(),
                )
            }
            Way::Stream(_) => Input::anywhere(&lines),
            Way::Datagrams => Input::new(&lines),
        }
    }

    /// Records, hits and tombstones of a pass, from a connection that has seen it once.
    fn warm(&self, input: &Input) -> (Connection, [u64; 3]) {
        let mut connection = Connection::new(policy("default"), self.way, self.output);
        input.chunks().for_each(|chunk| connection.read(chunk));
        let tally = &connection.core.tally;
        let counts = [
            tally.records,
            tally.findings.iter().sum(),
            tally.tombstones.iter().sum(),
        ];
        (connection, counts)
    }
}

fn quick() {
    let rounds = option("--rounds").map_or(3, |n| n.parse().unwrap());
    let bytes = option("--mib").map_or(QUICK_BYTES, |n| n.parse::<usize>().unwrap() << 20);
    let only = option("--case");
    println!(
        "{:24} {:>9} {:>8} {:>8} {:>7} {:>7} {:>7}",
        "case", "bytes", "records", "hits", "MB/s", "memcpy", "ratio"
    );
    for case in CASES {
        if only.as_deref().is_some_and(|only| only != case.name) {
            continue;
        }
        let input = case.input(bytes);
        let (mut connection, [records, hits, tombstones]) = case.warm(&input);
        assert_eq!(tombstones, 0, "{}: records were dropped", case.name);
        let mut copy = Vec::new();
        let seconds = input.race(
            rounds,
            &mut [&mut |chunk| memcpy(&mut copy, chunk), &mut |chunk| {
                connection.read(chunk);
            }],
        );
        let total = input.bytes().len();
        println!(
            "{:24} {total:>9} {records:>8} {hits:>8} {:>7.0} {:>7.0} {:>7.3}",
            case.name,
            rate(total, seconds[1]),
            rate(total, seconds[0]),
            seconds[0] / seconds[1],
        );
    }
}

#[divan::bench(args = CASES.iter().map(|case| case.name), sample_count = 10, sample_size = 1)]
fn connection(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = CASES.iter().find(|case| case.name == name).unwrap();
    let input = case.input(QUICK_BYTES);
    let (mut connection, [_, hits, _]) = case.warm(&input);
    bencher
        .counter(BytesCount::of_slice(input.bytes()))
        .counter(ItemsCount::new(hits))
        .bench_local(|| input.chunks().for_each(|chunk| connection.read(chunk)));
}

fn main() {
    if std::env::args().any(|arg| arg == "--quick") {
        quick();
    } else {
        divan::main();
    }
}
