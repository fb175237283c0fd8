//! `regex-automata`: the same alternation, determinised ahead of time.

use regex_automata::dfa::dense;
use regex_automata::dfa::regex::Regex;
use regex_automata::util::syntax;

use super::{Engine, write};
use crate::rules::Rules;

pub struct Dense {
    regex: Regex,
    out: Vec<u8>,
    hits: u64,
}

impl Dense {
    pub fn new(rules: &Rules) -> Self {
        let regex = Regex::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .dense(dense::Config::new())
            .build(&rules.patterns.join("|"))
            .expect("an expression for a DFA");
        Self {
            regex,
            out: Vec::new(),
            hits: 0,
        }
    }
}

impl Engine for Dense {
    fn name(&self) -> &'static str {
        "regex-automata, dense DFA"
    }

    fn scrub(&mut self, chunk: &[u8]) {
        let spans = self.regex.find_iter(chunk).map(|found| found.range());
        self.hits += write(&mut self.out, chunk, spans);
    }

    fn hits(&self) -> u64 {
        self.hits
    }
}
