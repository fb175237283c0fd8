//! scrubd and its peers over loopback, taken in turns: `benches/loopback/run`.
//!
//! Generator and sink are threads of this program; each contender is a process of its own between them.

mod contender;
mod copy;
#[allow(dead_code, missing_docs, reason = "shared with the benches")]
#[path = "../../corpus/mod.rs"]
mod corpus;
mod generator;
mod number;
mod process;
mod sink;
mod table;
mod trial;

use std::time::Duration;

use generator::Load;
use table::Row;
use trial::Size;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [copy, listen, sink] = arguments.as_slice()
        && copy == "copy"
    {
        let port = |text: &str| text.parse().map_err(std::io::Error::other);
        return copy::serve(port(listen)?, port(sink)?);
    }
    let option = |flag: &str| arguments.iter().skip_while(|arg| *arg != flag).nth(1);
    let number = |flag: &str, default: usize| {
        option(flag).map_or(default, |text| {
            text.parse()
                .unwrap_or_else(|_| panic!("{flag} takes a number"))
        })
    };
    let rounds = number("--rounds", 3);
    let size = Size {
        flood: Duration::from_secs(number("--seconds", 2) as u64),
        outage: Duration::from_secs(number("--stall", 2) as u64),
        connections: number("--connections", 1),
    };
    let only = option("--only").map_or("", String::as_str);

    let load = Load::new();
    let mut rows = vec![Row {
        name: "no proxy",
        rounds: Vec::new(),
    }];
    for contender in contender::ALL {
        if !contender.name.contains(only) && contender.name != table::YARDSTICK {
            continue;
        }
        if contender.present() {
            rows.push(Row {
                name: contender.name,
                rounds: Vec::new(),
            });
        } else {
            eprintln!("loopback: {} is not here", contender.name);
        }
    }
    for round in 1..=rounds {
        for row in &mut rows {
            eprintln!("round {round} of {rounds}: {}", row.name);
            let contender = contender::ALL
                .iter()
                .find(|contender| contender.name == row.name);
            row.rounds.push(trial::run(contender, &load, &size));
        }
    }
    println!(
        "{:.0} B a line, {} connection(s), a stall of {} s, medians of {rounds} rounds in turns; lost, twice and resets: the worst round.\n",
        load.line_bytes(),
        size.connections,
        size.outage.as_secs(),
    );
    table::print(&rows);
    Ok(())
}
