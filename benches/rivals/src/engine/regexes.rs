//! `regex`: all patterns in one alternation.

use super::{Engine, write};
use crate::rules::Rules;

pub struct Alternation {
    regex: regex::bytes::Regex,
    out: Vec<u8>,
    hits: u64,
}

impl Alternation {
    pub fn new(rules: &Rules) -> Self {
        let regex = regex::bytes::RegexBuilder::new(&rules.patterns.join("|"))
            .unicode(false)
            .build()
            .expect("an expression for regex");
        Self {
            regex,
            out: Vec::new(),
            hits: 0,
        }
    }
}

impl Engine for Alternation {
    fn name(&self) -> &'static str {
        "regex, alternation"
    }

    fn scrub(&mut self, chunk: &[u8]) {
        let spans = self.regex.find_iter(chunk).map(|found| found.range());
        self.hits += write(&mut self.out, chunk, spans);
    }

    fn hits(&self) -> u64 {
        self.hits
    }
}
