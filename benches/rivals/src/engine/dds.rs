//! Datadog's Sensitive Data Scanner: a rule for each pattern. It takes a `String`, so the chunk is copied into one.

use dd_sds::{MatchAction, RegexRuleConfig, RootRuleConfig, Scanner};

use super::{Engine, LABEL};
use crate::rules::Rules;

pub struct Sds {
    scanner: Scanner,
    event: String,
    hits: u64,
}

impl Sds {
    pub fn new(rules: &Rules) -> Self {
        let rules: Vec<_> = rules
            .patterns
            .iter()
            .map(|pattern| {
                RootRuleConfig::new(RegexRuleConfig::new(pattern).build())
                    .match_action(MatchAction::redact(LABEL))
            })
            .collect();
        Self {
            scanner: Scanner::builder(&rules)
                .build()
                .unwrap_or_else(|problem| panic!("rules for dd-sds: {problem:?}")),
            event: String::new(),
            hits: 0,
        }
    }
}

impl Engine for Sds {
    fn name(&self) -> &'static str {
        "dd-sensitive-data-scanner"
    }

    fn scrub(&mut self, chunk: &[u8]) {
        self.event.clear();
        self.event
            .push_str(std::str::from_utf8(chunk).expect("the corpora are ASCII"));
        let matches = self
            .scanner
            .scan(&mut self.event)
            .unwrap_or_else(|problem| panic!("dd-sds: {problem:?}"));
        self.hits += matches.len() as u64;
        std::hint::black_box(self.event.as_str());
    }

    fn hits(&self) -> u64 {
        self.hits
    }
}
