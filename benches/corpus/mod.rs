//! Made-up logs from a seed, the same on every machine: what the benches run over.
//!
//! A corpus is one line of [`CORPORA`] and one function that writes a record. Addresses are of the
//! ranges for documentation (RFC 5737, RFC 3849, RFC 9542 for MACs), hosts of `example.com` (RFC 2606),
//! numbers made with the check digit that their standard asks for.

mod hostile;
mod json;
mod plain;
mod values;

/// A kind of log.
pub struct Corpus {
    /// How the tables call it.
    pub name: &'static str,
    /// Whether it is what logs look like, or an attack on a scanner.
    pub hostile: bool,
    /// Appends one record with its line feed.
    pub record: fn(&mut Rng, &mut Vec<u8>),
}

/// All of them.
pub static CORPORA: &[Corpus] = &[
    nominal("system", plain::system),
    nominal("json", json::service),
    nominal("access", plain::access),
    nominal("mobile", json::mobile),
    hostile("digits", hostile::digits),
    hostile("ats", hostile::ats),
    hostile("colons", hostile::colons),
    hostile("dots", hostile::dots),
    hostile("quotes", hostile::quotes),
    hostile("keys", hostile::keys),
    hostile("near", hostile::near_misses),
];

const fn nominal(name: &'static str, record: fn(&mut Rng, &mut Vec<u8>)) -> Corpus {
    Corpus {
        name,
        hostile: false,
        record,
    }
}

const fn hostile(name: &'static str, record: fn(&mut Rng, &mut Vec<u8>)) -> Corpus {
    Corpus {
        name,
        hostile: true,
        record,
    }
}

impl Corpus {
    /// The corpus of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CORPORA.iter().find(|corpus| corpus.name == name)
    }

    /// Whole records, together no longer than `bytes_max`.
    pub fn fill(&self, seed: u64, bytes_max: usize) -> Vec<u8> {
        fill(self.record, seed, bytes_max)
    }
}

/// Whole records of `record`, together no longer than `bytes_max`.
pub fn fill(record: impl Fn(&mut Rng, &mut Vec<u8>), seed: u64, bytes_max: usize) -> Vec<u8> {
    let (mut rng, mut out) = (Rng(seed), Vec::with_capacity(bytes_max + 65_536));
    loop {
        let before = out.len();
        record(&mut rng, &mut out);
        if out.len() > bytes_max {
            out.truncate(before);
            return out;
        }
    }
}

/// A record that a scanner has nothing to find in, about `bytes` long, and one with a share of findings:
/// for curves over length and density.
pub fn words(rng: &mut Rng, out: &mut Vec<u8>, bytes: usize, findings_percent: u64) {
    values::words(rng, out, bytes, findings_percent);
}

/// SplitMix64 (Steele, Lea, Flood 2014): eight lines that give one stream everywhere and for ever.
pub struct Rng(pub u64);

impl Rng {
    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// One of them.
    pub fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }
}
