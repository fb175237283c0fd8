//! Literals that announce a value, all in one packed search beside the front end.

use std::fmt;

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};

use super::Detector;

enum Searcher {
    /// SIMD, where the processor has it.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
    Nothing,
}

pub(super) struct Literals {
    searcher: Searcher,
    owner: Vec<&'static Detector>,
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Literals({})", self.owner.len())
    }
}

impl Literals {
    pub(super) fn new(detectors: &[&'static Detector]) -> Self {
        let all = || {
            detectors
                .iter()
                .flat_map(|d| d.literals.iter().map(move |l| (*d, *l)))
        };
        let owner: Vec<_> = all().map(|(detector, _)| detector).collect();
        let mut config = packed::Config::new();
        config.match_kind(packed::MatchKind::LeftmostFirst);
        let packed = config
            .builder()
            .extend(all().map(|(_, literal)| literal))
            .build();
        let searcher = match packed {
            _ if owner.is_empty() => Searcher::Nothing,
            Some(packed) => Searcher::Packed(packed),
            None => AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(all().map(|(_, literal)| literal))
                .map_or(Searcher::Nothing, Searcher::Automaton),
        };
        Self { searcher, owner }
    }

    /// Calls `found` with the place behind each literal, left to right.
    pub(super) fn each(&self, hay: &[u8], mut found: impl FnMut(&'static Detector, usize)) {
        let mut report = |pattern: usize, end: usize| {
            if let Some(owner) = self.owner.get(pattern) {
                found(owner, end);
            }
        };
        // Literals may overlap one another: the search goes on one byte behind a match's start.
        let mut at = 0usize;
        loop {
            let next = match &self.searcher {
                Searcher::Packed(packed) => packed.find_in(hay, (at..hay.len()).into()),
                Searcher::Automaton(automaton) => automaton.find(Input::new(hay).range(at..)),
                Searcher::Nothing => None,
            };
            let Some(next) = next else { return };
            report(next.pattern().as_usize(), next.end());
            at = next.start().saturating_add(1);
        }
    }
}

/// Which of `literals` ends at `at`.
pub(super) fn ending(hay: &[u8], at: usize, literals: &[&'static str]) -> Option<&'static str> {
    let head = hay.get(..at)?;
    literals
        .iter()
        .copied()
        .find(|literal| head.ends_with(literal.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::DETECTORS;

    /// Of two literals at one place only one is found.
    #[test]
    fn no_literal_begins_with_another() {
        let all: Vec<&str> = DETECTORS.iter().flat_map(|d| d.literals).copied().collect();
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate() {
                assert!(i == j || !a.starts_with(b), "{a:?} and {b:?}");
            }
        }
    }
}
