//! The committed corpora of the fuzz targets, through what the targets do with them.

use super::{fuzz, support::repository};

type Target = fn(&[u8]);

/// Targets, and how many mutations of their seeds are tried.
const TARGETS: [(&str, Target, usize); 11] = [
    ("relp", fuzz::relp, 2000),
    ("forward", fuzz::forward, 2000),
    ("handshake", fuzz::handshake, 2000),
    ("joined", fuzz::joined, 1000),
    ("lumberjack", fuzz::lumberjack, 2000),
    ("gelf", fuzz::gelf, 2000),
    ("scan", fuzz::scan, 500),
    ("framing", fuzz::framing, 1000),
    ("syslog", fuzz::syslog, 1000),
    ("http", fuzz::http, 1000),
    ("protobuf", fuzz::protobuf, 1000),
];

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let corpus = repository().join("tests/fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|seed| seed.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 6, "{target}");
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn every_seed_of_the_fuzz_targets() {
    for (name, target, _) in TARGETS {
        for seed in seeds(name) {
            // At any cut, and cut short.
            for cut in [0, 1, 77, 128, 200, 255] {
                let mut data = seed.clone();
                data[0] = if name == "gelf" { data[0] } else { cut };
                target(&data);
                data.truncate(data.len() * usize::from(cut) / 255);
                target(&data);
            }
        }
    }
}

/// Always the same (Marsaglia, "Xorshift RNGs").
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

#[test]
fn mutations_of_the_seeds() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for (name, target, mutations) in TARGETS {
        let seeds = seeds(name);
        for _ in 0..mutations {
            let mut data = seeds[dice.below(seeds.len())].clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(data.len());
                match dice.below(5) {
                    0 => data[at] = [0, 1, 0x7F, 0x80, 0xFF, b' ', b'\n', b'9'][dice.below(8)],
                    1 => data[at] ^= 1 << dice.below(8),
                    2 => data.insert(at, dice.below(256) as u8),
                    3 => drop(data.drain(at..(at + 1 + dice.below(8)).min(data.len()))),
                    // A piece of another seed.
                    _ => {
                        let other = &seeds[dice.below(seeds.len())];
                        let from = dice.below(other.len());
                        data.splice(at..at, other[from..].iter().copied());
                    }
                }
                if data.is_empty() {
                    data.push(0);
                }
            }
            target(&data);
        }
    }
}
