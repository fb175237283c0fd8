//! An operator's own patterns, words and keys, compiled when the policy loads. Matching is linear in the
//! input whatever the pattern; one that compiles too large is refused.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Weak};

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use regex_automata::meta::{self, Regex};
use regex_automata::util::iter::Searcher;
use regex_automata::util::syntax;
use regex_automata::{Input, PatternSet};

use super::Action;
use crate::format::bytes::{byte, is_end, is_word, word_before};
use crate::format::syslog;
use crate::record::Span;

/// Largest compiled size of one pattern, and of all of them together, in bytes.
const PATTERN_BYTES_MAX: usize = 2 << 20;
const ALL_PATTERNS_BYTES_MAX: usize = 64 << 20;

/// One rule of the operator's own.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, for `explain` and `check`.
    pub name: String,
    /// What happens to what it finds; the action of the class `custom` where it names none.
    pub action: Option<Action>,
}

/// All of them, in a few automata.
#[derive(Clone, Default)]
pub struct Custom {
    rules: Vec<Rule>,
    compiled: Arc<Compiled>,
}

#[derive(Default)]
struct Compiled {
    /// Whether any pattern matches, in one search, before each is asked where.
    gate: Option<Regex>,
    patterns: Vec<(Regex, u16)>,
    words: Option<AhoCorasick>,
    word_rules: Vec<u16>,
    keys: HashMap<Vec<u8>, u16, BuildHasherDefault<KeyHasher>>,
    /// Whether some of them are places of a syslog record (`syslog.hostname`, `sd.ID.PARAM`).
    places: bool,
}

/// Of an operator's few keys. Who writes a log can look for what is not among them, and can put nothing there: a hash that
/// nobody can foresee is not needed.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        let last = rest.iter().fold(0, |part, b| part << 8 | u64::from(*b));
        let parts = eights.iter().map(|eight| u64::from_le_bytes(*eight));
        for part in parts.chain([last]) {
            self.write_u64(part);
        }
    }

    fn write_u64(&mut self, part: u64) {
        // 2^64 over the golden ratio.
        self.0 = (self.0.rotate_left(23) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, length: usize) {
        self.write_u64(length as u64);
    }

    fn finish(&self) -> u64 {
        // A table looks at the lowest bits and at the highest.
        self.0 ^ self.0 >> 29
    }
}

/// What one worker needs to match: no pool to share, so no lock.
struct Memory {
    of: Weak<Compiled>,
    gate: meta::Cache,
    /// For the patterns that have matched.
    patterns: Vec<Option<meta::Cache>>,
    which: PatternSet,
}

thread_local! {
    /// This worker's, for the policies that it met.
    static MEMORIES: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

impl Memory {
    /// This worker's memory for `compiled`, out of its place while it is used.
    fn take(compiled: &Arc<Compiled>, gate: &Regex) -> Self {
        MEMORIES.with_borrow_mut(|all| {
            if let Some(at) = all
                .iter()
                .position(|m| m.of.as_ptr() == Arc::as_ptr(compiled))
            {
                return all.swap_remove(at);
            }
            // A reload leaves policies behind.
            all.retain(|memory| memory.of.strong_count() > 0);
            Self {
                of: Arc::downgrade(compiled),
                gate: gate.create_cache(),
                patterns: compiled.patterns.iter().map(|_| None).collect(),
                which: PatternSet::new(compiled.patterns.len()),
            }
        })
    }

    fn keep(self) {
        MEMORIES.with_borrow_mut(|all| all.push(self));
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.rules.iter().map(|rule| &rule.name))
            .finish()
    }
}

/// What goes in.
pub(super) struct Source<'s> {
    pub(super) rule: Rule,
    pub(super) patterns: Vec<&'s str>,
    pub(super) words: Vec<&'s str>,
    pub(super) keys: Vec<&'s str>,
}

/// A key without separators and case.
fn normalised(key: &[u8]) -> impl Iterator<Item = u8> {
    key.iter()
        .filter(|b| !matches!(b, b'_' | b'-' | b'.'))
        .map(u8::to_ascii_lowercase)
}

/// Most memory of all words as a table, in bytes. It reads a byte in one step, however many words there are; what is
/// larger is read in a few, by an automaton of a few bytes a letter.
const TABLE_BYTES_MAX: usize = 32 << 20;

/// Longest key that is looked at, in bytes.
const KEY_BYTES_MAX: usize = 256;

fn regex(patterns: &[&str], limit: usize) -> Result<Regex, String> {
    Regex::builder()
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(limit))
                .utf8_empty(false),
        )
        .syntax(syntax::Config::new().utf8(false))
        .build_many(patterns)
        .map_err(|error| match (error.size_limit(), error.syntax_error()) {
            (Some(limit), _) => format!("compiles to more than {limit} bytes"),
            (None, Some(syntax)) => format!("cannot be read: {syntax}"),
            (None, None) => error.to_string(),
        })
}

/// All words in one automaton: a table, where that takes no more memory than it may.
fn automaton(words: &[&str]) -> Result<AhoCorasick, BuildError> {
    let mut seen = [false; 256];
    let (mut states, mut classes) = (1usize, 1usize);
    for byte in words.iter().flat_map(|word| word.bytes()) {
        states = states.saturating_add(1);
        for case in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
            if let Some(seen) = seen.get_mut(usize::from(case)) {
                classes = classes.saturating_add(usize::from(!*seen));
                *seen = true;
            }
        }
    }
    let row_bytes = classes.next_power_of_two().saturating_mul(size_of::<u32>());
    let table = states.saturating_mul(row_bytes) <= TABLE_BYTES_MAX;
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(table.then_some(AhoCorasickKind::DFA))
        .build(words)
}

impl Custom {
    /// Compiles; an error names the source (its place in `sources`) and what is wrong.
    pub(super) fn new(sources: Vec<Source<'_>>) -> Result<Self, (usize, String)> {
        let mut compiled = Compiled::default();
        let (mut rules, mut patterns, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for (index, source) in sources.into_iter().enumerate() {
            let fail = |message: String| (index, message);
            let rule = u16::try_from(index)
                .ok()
                .and_then(|index| index.checked_add(1))
                .ok_or_else(|| fail("is one rule too many; there may be 65534".to_owned()))?;
            for pattern in source.patterns {
                let one = regex(&[pattern], PATTERN_BYTES_MAX)
                    .map_err(|why| fail(format!("its pattern {why}")))?;
                if one.is_match(b"") {
                    return Err(fail(
                        "its pattern matches nothing at all, everywhere; make a part of it required"
                            .to_owned(),
                    ));
                }
                patterns.push(pattern);
                compiled.patterns.push((one, rule));
            }
            for word in source.words {
                if word.is_empty() || word.contains(['\n', '\0']) {
                    return Err(fail("a word is empty or has a line feed in it".to_owned()));
                }
                words.push(word);
                compiled.word_rules.push(rule);
            }
            for key in source.keys {
                compiled.places |= key.starts_with("syslog.") || key.starts_with("sd.");
                compiled
                    .keys
                    .insert(normalised(key.as_bytes()).collect(), rule);
            }
            rules.push(source.rule);
        }
        if !patterns.is_empty() {
            let gate = regex(&patterns, ALL_PATTERNS_BYTES_MAX)
                .map_err(|why| (0, format!("all patterns together: {why}")))?;
            compiled.gate = Some(gate);
        }
        if !words.is_empty() {
            let automaton = automaton(&words);
            let automaton = automaton.map_err(|why| (0, format!("all words together: {why}")))?;
            compiled.words = Some(automaton);
        }
        Ok(Self {
            rules,
            compiled: Arc::new(compiled),
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule of a finding, by its number from 1.
    #[must_use]
    pub fn rule(&self, number: u16) -> Option<&Rule> {
        self.rules.get(usize::from(number).checked_sub(1)?)
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that names a key.
    #[must_use]
    pub fn key(&self, key: &[u8]) -> Option<u16> {
        let mut normal = [0u8; KEY_BYTES_MAX];
        let mut length = 0usize;
        for byte in normalised(key) {
            *normal.get_mut(length)? = byte;
            length = length.saturating_add(1);
        }
        self.compiled.keys.get(normal.get(..length)?).copied()
    }

    /// The keys, without separators and case.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.compiled.keys.keys().map(Vec::as_slice)
    }

    /// Whether there are keys to look for.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.compiled.keys.is_empty()
    }

    /// Calls `found` for every header field and SD-PARAM of syslog records that a key names, for every match of a pattern and every whole word in a batch; no match reaches over
    /// the end of a record. Matches of different rules may overlap.
    pub fn each(&self, hay: &[u8], mut found: impl FnMut(Span, u16)) {
        let Compiled {
            gate,
            patterns,
            words,
            word_rules,
            places,
            ..
        } = &*self.compiled;
        if *places {
            syslog::places(hay, |path, span| {
                if let Some(rule) = self.key(path.as_bytes()) {
                    found(span, rule);
                }
            });
        }
        if let Some(words) = words {
            for word in words.find_overlapping_iter(hay) {
                let span = Span::new(word.start(), word.end());
                let whole = (!is_word(byte(hay, span.start)) || !word_before(hay, span.start))
                    && (!is_word(byte(hay, span.end.saturating_sub(1)))
                        || !is_word(byte(hay, span.end)));
                if whole && let Some(rule) = word_rules.get(word.pattern().as_usize()) {
                    found(span, *rule);
                }
            }
        }
        let Some(gate) = gate else { return };
        let mut memory = Memory::take(&self.compiled, gate);
        let mut start = 0usize;
        for record in hay.split(|b| is_end(*b)) {
            let end = start.saturating_add(record.len());
            let input = Input::new(record);
            let first = input.clone().earliest(true);
            if gate.search_half_with(&mut memory.gate, &first).is_some() {
                memory.which.clear();
                gate.which_overlapping_matches_with(&mut memory.gate, &input, &mut memory.which);
                for id in memory.which.iter() {
                    let pattern = patterns.get(id.as_usize());
                    let cache = memory.patterns.get_mut(id.as_usize());
                    let (Some((pattern, rule)), Some(cache)) = (pattern, cache) else {
                        continue;
                    };
                    let cache = cache.get_or_insert_with(|| pattern.create_cache());
                    let mut hits = Searcher::new(input.clone());
                    while let Some(hit) =
                        hits.advance(|input| Ok(pattern.search_with(cache, input)))
                    {
                        let (from, to) = (hit.start(), hit.end());
                        found(
                            Span::new(start.saturating_add(from), start.saturating_add(to)),
                            *rule,
                        );
                    }
                }
            }
            start = end.saturating_add(1);
        }
        memory.keep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("Word{n:06}")).collect()
    }

    fn found(words: &[String], hay: &str) -> Vec<(usize, usize)> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let automaton = automaton(&words).unwrap();
        let all = automaton.find_overlapping_iter(hay);
        all.map(|word| (word.start(), word.end())).collect()
    }

    #[test]
    fn words_are_a_table_as_long_as_it_is_small() {
        for (count, table) in [(1000, true), (10_000, true), (60_000, false)] {
            let words = words(count);
            let slices: Vec<&str> = words.iter().map(String::as_str).collect();
            let automaton = automaton(&slices).unwrap();
            assert_eq!(automaton.kind() == AhoCorasickKind::DFA, table, "{count}");
            assert!(automaton.memory_usage() <= TABLE_BYTES_MAX);
        }
    }

    #[test]
    fn a_table_finds_what_the_other_automaton_finds() {
        let hay = "word000001, WORD000999word000500 and wordword000007, word999999";
        let (few, many) = (found(&words(1000), hay), found(&words(60_000), hay));
        assert_eq!(few.len(), 4);
        assert_eq!(few, many);
    }
}
