//! scrubd beside the engines that others build on: one process, the same corpora, the same rules, in turns.
//!
//! `benches/rivals/run` builds it and prints Markdown tables; `--mib 64 --rounds 5` for the record,
//! `--corpus NAME` and `--engine NAME` (a part of it) for less.

#[allow(dead_code, missing_docs, reason = "shared with the benches")]
#[path = "../../corpus/mod.rs"]
mod corpus;
mod engine;
#[allow(dead_code, reason = "shared with the benches")]
#[path = "../../measure/mod.rs"]
mod measure;
mod rules;

use corpus::{CORPORA, Corpus};
use engine::Engine;
use measure::{Contender, Input, QUICK_BYTES, option, rate};
use rules::Rules;

fn main() {
    let rounds = number("--rounds").unwrap_or(3);
    let bytes = number("--mib").map_or(QUICK_BYTES, |mib| mib << 20);
    let only = option("--corpus");
    println!(
        "{} MiB of each corpus, 64 KiB at a time, best stretches of {rounds} rounds taken in turns.",
        bytes >> 20
    );
    for rules in rules::all() {
        let chosen = |corpus: &&Corpus| match only.as_deref() {
            Some(only) => only == corpus.name,
            None => !corpus.hostile,
        };
        for corpus in CORPORA.iter().filter(chosen) {
            table(&rules, corpus, bytes, rounds);
        }
    }
}

fn number(flag: &str) -> Option<usize> {
    option(flag).map(|n| {
        n.parse()
            .unwrap_or_else(|_| panic!("{flag} takes a number"))
    })
}

/// One table: everybody over one corpus under one set of rules.
fn table(rules: &Rules, corpus: &Corpus, bytes: usize, rounds: usize) {
    let input = Input::new(&corpus.fill(1, bytes));
    let only = option("--engine").unwrap_or_default();
    let mut engines: Vec<Box<dyn Engine>> = engine::all(rules)
        .into_iter()
        .filter(|engine| engine.name() == "memcpy" || engine.name().contains(&only))
        .collect();
    let hits: Vec<u64> = engines
        .iter_mut()
        .map(|engine| engine.count(&mut input.chunks()))
        .collect();
    let mut turns: Vec<_> = engines
        .iter_mut()
        .map(|engine| |chunk: &[u8]| engine.scrub(chunk))
        .collect();
    let mut contenders: Vec<&mut Contender<'_>> = turns
        .iter_mut()
        .map(|turn| turn as &mut Contender<'_>)
        .collect();
    let seconds = input.race(rounds, &mut contenders);
    println!("\n### {}, {}\n", rules.name, corpus.name);
    println!("| engine | hits | MB/s | × memcpy | scrubd is faster by |");
    println!("|---|---:|---:|---:|---:|");
    let (copy, own) = (seconds[0], seconds.get(1).copied());
    for ((engine, hits), took) in engines.iter().zip(hits).zip(&seconds) {
        println!(
            "| {} | {hits} | {:.0} | {:.4} | {} |",
            engine.name(),
            rate(input.bytes().len(), *took),
            copy / took,
            own.map_or_else(String::new, |own| format!("{:.1} ×", took / own)),
        );
    }
}
