//! Words by their end: a trie read backwards, for what is known to end at a place. Its nodes lie in one array: the
//! child of a node by a byte is at the node's base plus the byte, if that place says so (a double array).

use std::ops::Range;

/// A node, or a place that none has.
#[derive(Clone, Copy, Debug)]
struct Node<T> {
    /// Where its children begin.
    base: u32,
    /// Whose child it is; [`NOBODY`]'s where the place is free.
    parent: u32,
    /// What ends a walk here.
    value: Option<T>,
}

const NOBODY: u32 = u32::MAX;

/// Places that are tried for the children of a node: to look at all of them takes longer than the room is worth.
const LOOKED_AT_MAX: usize = 256;

/// A set of words with a value each.
#[derive(Clone, Debug)]
pub(super) struct Trie<T> {
    nodes: Vec<Node<T>>,
}

/// A word and its value.
type Word<'w, T> = (&'w [u8], T);

/// The byte of a word at a depth: from its end.
fn letter(word: &[u8], depth: usize) -> Option<u8> {
    word.iter().rev().nth(depth).copied()
}

impl<T: Copy> Trie<T> {
    /// Of words and their values; the last of two equal words counts.
    pub(super) fn new<'w>(words: impl Iterator<Item = (&'w [u8], T)>) -> Self {
        let mut words: Vec<Word<'w, T>> = words.collect();
        words.sort_by(|a, b| a.0.iter().rev().cmp(b.0.iter().rev()));
        // Room for all at once, given back where it is not needed: what grows step by step leaves holes behind.
        let letters = words.iter().map(|(word, _)| word.len());
        let room = letters.fold(LOOKED_AT_MAX, usize::saturating_add);
        let mut trie = Self {
            nodes: Vec::with_capacity(room),
        };
        trie.room(1);
        let mut free = Free::default();
        free.take(0);
        trie.grow(&words, 0, 0, &mut free);
        trie.nodes.shrink_to_fit();
        trie
    }

    fn room(&mut self, nodes: usize) {
        let free = Node {
            base: 0,
            parent: NOBODY,
            value: None,
        };
        self.nodes.resize(nodes.max(self.nodes.len()), free);
    }

    /// Fills the node `at`: that of the words that agree in their first `depth` bytes.
    fn grow(&mut self, words: &[Word<'_, T>], depth: usize, at: usize, free: &mut Free) {
        let value = words
            .iter()
            .rfind(|(word, _)| word.len() == depth)
            .map(|(_, value)| *value);
        let longer = words.iter().position(|(word, _)| word.len() > depth);
        let longer = longer.and_then(|from| words.get(from..));
        let groups: Vec<(usize, &[Word<'_, T>])> = longer
            .unwrap_or_default()
            .chunk_by(|a, b| letter(a.0, depth) == letter(b.0, depth))
            .filter_map(|group| {
                let byte = group.first().and_then(|(word, _)| letter(word, depth));
                byte.map(|byte| (usize::from(byte), group))
            })
            .collect();
        let first = groups.first().map_or(0, |(byte, _)| *byte);
        let fits = |from: usize| {
            let bytes = groups.iter().map(|(byte, _)| *byte);
            free.fits(from..from.saturating_add(LOOKED_AT_MAX), bytes)
        };
        // Behind all of them there is room for sure, and in front of that some for most.
        let end = self.nodes.len();
        let base = fits(free.first.saturating_sub(first))
            .or_else(|| fits(end.saturating_sub(LOOKED_AT_MAX)))
            .unwrap_or(end);
        let number = |n: usize| u32::try_from(n).unwrap_or(NOBODY);
        if let Some(node) = self.nodes.get_mut(at) {
            node.base = number(base);
            node.value = value;
        }
        let child = |byte: usize| base.saturating_add(byte);
        for (byte, _) in &groups {
            self.room(child(*byte).saturating_add(1));
            if let Some(node) = self.nodes.get_mut(child(*byte)) {
                node.parent = number(at);
            }
            free.take(child(*byte));
        }
        for (byte, group) in groups {
            self.grow(group, depth.saturating_add(1), child(byte), free);
        }
    }

    /// A walk that has read nothing yet.
    #[inline(always)]
    pub(super) fn walk(&self) -> Walk<'_, T> {
        Walk {
            nodes: &self.nodes,
            at: 0,
            base: self.nodes.first().map_or(0, |root| root.base),
            value: None,
        }
    }
}

/// Which places of the array are free, sixty-four at a time.
#[derive(Default)]
struct Free {
    /// A bit is set where a place is taken; behind them all are free.
    taken: Vec<u64>,
    /// No place before this one is free.
    first: usize,
}

impl Free {
    fn word(&self, at: usize) -> u64 {
        self.taken.get(at).copied().unwrap_or(0)
    }

    fn take(&mut self, place: usize) {
        let at = place / 64;
        self.taken
            .resize(self.taken.len().max(at.saturating_add(1)), 0);
        if let Some(word) = self.taken.get_mut(at) {
            *word |= 1 << (place % 64);
        }
        while self.word(self.first / 64) >> (self.first % 64) & 1 == 1 {
            self.first = self.first.saturating_add(1);
        }
    }

    /// Of the sixty-four places from `place` on, those that are taken.
    fn taken_from(&self, place: usize) -> u64 {
        let (at, by) = (place / 64, place % 64);
        let next = self.word(at.saturating_add(1));
        // Shifted twice: by sixty-four at once is no shift.
        self.word(at) >> by | next << 1 << (63 - by)
    }

    /// The first base of `bases`, whole words of them, whose places for all `bytes` are free.
    fn fits(
        &self,
        bases: Range<usize>,
        bytes: impl Iterator<Item = usize> + Clone,
    ) -> Option<usize> {
        bases.step_by(64).find_map(|from| {
            let places = bytes.clone().map(|byte| from.saturating_add(byte));
            let taken = places.fold(0, |all, place| all | self.taken_from(place));
            (taken != u64::MAX).then(|| from.saturating_add(taken.trailing_ones() as usize))
        })
    }
}

/// A place in the trie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'t, T> {
    nodes: &'t [Node<T>],
    at: u32,
    base: u32,
    value: Option<T>,
}

impl<T: Copy> Walk<'_, T> {
    /// One byte further back; whether a word goes on like that.
    #[inline(always)]
    pub(super) fn step(&mut self, byte: u8) -> bool {
        let child = self.base.wrapping_add(u32::from(byte));
        match self.nodes.get(child as usize) {
            Some(node) if node.parent == self.at => {
                self.at = child;
                self.base = node.base;
                self.value = node.value;
                true
            }
            _ => false,
        }
    }

    /// The value of the word that has been read whole.
    #[inline(always)]
    pub(super) const fn value(&self) -> Option<T> {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_places_have_a_node() {
        // Two thousand words of few letters each, all of them different.
        let words: Vec<String> = (0..2000u32)
            .map(|n| format!("{:x}{:o}", n.wrapping_mul(2_654_435_761), n))
            .collect();
        let trie = Trie::new(words.iter().map(|word| (word.as_bytes(), ())));
        let used = trie.nodes.iter().filter(|node| node.parent != NOBODY);
        assert!(used.count() * 2 > trie.nodes.len());
    }

    #[test]
    fn words_are_found_by_their_ends() {
        let words = ["ip", "zip", "clientip", "p"];
        let trie = Trie::new(words.iter().map(|w| (w.as_bytes(), w.len())));
        let ends = |text: &str| {
            let mut walk = trie.walk();
            let mut found = Vec::new();
            for byte in text.bytes().rev() {
                if !walk.step(byte) {
                    break;
                }
                found.extend(walk.value());
            }
            found
        };
        assert_eq!(ends("xclientip"), [1, 2, 8]);
        assert_eq!(ends("zip"), [1, 2, 3]);
        assert_eq!(ends("zap"), [1]);
        assert_eq!(ends("q"), [0usize; 0]);
    }
}
