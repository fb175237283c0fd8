//! The core by corpus and policy: a chunk of whole lines in, scrubbed lines out, memcpy beside it.
//!
//! `cargo bench --bench scan` runs divan; with `-- --quick` it prints one line a corpus, as a ratio to memcpy
//! taken in turns (`--corpus NAME`, `--policy NAME`, `--rounds N`, `--mib N` narrow it down).
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

use corpus::{CORPORA, Corpus};
use divan::counter::{BytesCount, ItemsCount};
use measure::core::{Core, POLICIES, policy};
use measure::{INPUT_BYTES, Input, QUICK_BYTES, memcpy, option, rate};
use scrubd::frame::Output;
use scrubd::policy::Policy;

/// What a hostile corpus is smaller by: a scanner that is bad at one takes its time.
const HOSTILE_SHARE: usize = 4;

fn quick() {
    let rounds = option("--rounds").map_or(3, |n| n.parse().unwrap());
    let bytes = option("--mib").map_or(QUICK_BYTES, |n| n.parse::<usize>().unwrap() << 20);
    let (only, policies) = (option("--corpus"), option("--policy"));
    println!(
        "{:8} {:8} {:>9} {:>8} {:>7} {:>7} {:>7} {:>7} {:>8}",
        "policy", "corpus", "bytes", "hits", "B/hit", "MB/s", "memcpy", "ratio", "nominal"
    );
    let names = policies
        .as_deref()
        .map_or(POLICIES.to_vec(), |name| vec![name]);
    for name in names {
        let mut nominal = f64::INFINITY;
        for corpus in CORPORA {
            if only.as_deref().is_none_or(|only| only == corpus.name) {
                let bytes = bytes / if corpus.hostile { HOSTILE_SHARE } else { 1 };
                quick_line(name, corpus, bytes, rounds, &mut nominal);
            }
        }
    }
}

/// One line; `nominal` is the rate on the slowest corpus that is no attack, which an attack is held against.
fn quick_line(name: &str, corpus: &Corpus, bytes: usize, rounds: usize, nominal: &mut f64) {
    let input = Input::new(&corpus.fill(1, bytes));
    let (mut core, mut copy) = (Core::new(policy(name), Output::AsCame), Vec::new());
    let (hits, tombstones) = core.count(&input);
    assert_eq!(tombstones, 0, "{}: records were dropped", corpus.name);
    let seconds = input.race(
        rounds,
        &mut [&mut |chunk| memcpy(&mut copy, chunk), &mut |chunk| {
            core.scrub(chunk);
        }],
    );
    let total = input.bytes().len();
    let share = if corpus.hostile && nominal.is_finite() {
        format!("{:.0} %", 100.0 * rate(total, seconds[1]) / *nominal)
    } else {
        *nominal = nominal.min(rate(total, seconds[1]));
        "-".to_owned()
    };
    println!(
        "{name:8} {:8} {total:>9} {hits:>8} {:>7} {:>7.0} {:>7.0} {:>7.3} {share:>8}",
        corpus.name,
        total as u64 / hits.max(1),
        rate(total, seconds[1]),
        rate(total, seconds[0]),
        seconds[0] / seconds[1],
    );
}

fn names() -> impl Iterator<Item = &'static str> {
    CORPORA.iter().map(|corpus| corpus.name)
}

/// A pass over a corpus under divan: MB/s, hits per second beside it.
fn pass(bencher: divan::Bencher<'_, '_>, name: &str, policy: Policy) {
    let input = Input::new(&Corpus::named(name).unwrap().fill(1, INPUT_BYTES / 4));
    let mut core = Core::new(policy, Output::AsCame);
    let (hits, _) = core.count(&input);
    bencher
        .counter(BytesCount::of_slice(input.bytes()))
        .counter(ItemsCount::new(hits))
        .bench_local(|| input.chunks().for_each(|chunk| core.scrub(chunk)));
}

#[divan::bench(args = names(), sample_count = 10, sample_size = 1)]
fn default_policy(bencher: divan::Bencher<'_, '_>, name: &str) {
    pass(bencher, name, policy("default"));
}

#[divan::bench(args = names(), sample_count = 10, sample_size = 1)]
fn addresses_only(bencher: divan::Bencher<'_, '_>, name: &str) {
    pass(bencher, name, policy("ip"));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn copy(bencher: divan::Bencher<'_, '_>) {
    let input = Input::new(&CORPORA[0].fill(1, INPUT_BYTES / 4));
    let mut out = Vec::new();
    bencher
        .counter(BytesCount::of_slice(input.bytes()))
        .bench_local(|| input.chunks().for_each(|chunk| memcpy(&mut out, chunk)));
}

fn main() {
    if std::env::args().any(|arg| arg == "--quick") {
        quick();
    } else {
        divan::main();
    }
}
