//! Words by their end: a trie read backwards, for what is known to end at a place. Its nodes lie in one array: the
//! child of a node by a byte is at the node's base plus the byte, if that place says so (a double array).

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

/// A word, reversed, and its value.
type Word<T> = (Vec<u8>, T);

impl<T: Copy> Trie<T> {
    /// Of words and their values; the last of two equal words counts.
    pub(super) fn new<'w>(words: impl Iterator<Item = (&'w [u8], T)>) -> Self {
        let mut reversed: Vec<Word<T>> = words
            .map(|(word, value)| (word.iter().rev().copied().collect(), value))
            .collect();
        reversed.sort_by(|a, b| a.0.cmp(&b.0));
        let mut trie = Self { nodes: Vec::new() };
        trie.room(1);
        let mut free = 1;
        trie.grow(&reversed, 0, 0, &mut free);
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

    fn is_free(&self, at: usize) -> bool {
        self.nodes.get(at).is_none_or(|node| node.parent == NOBODY)
    }

    /// Fills the node `at`: that of the words that agree in their first `depth` bytes. No place before `free` is.
    fn grow(&mut self, words: &[Word<T>], depth: usize, at: usize, free: &mut usize) {
        let value = words
            .iter()
            .rfind(|(word, _)| word.len() == depth)
            .map(|(_, value)| *value);
        let longer = words.iter().position(|(word, _)| word.len() > depth);
        let longer = longer.and_then(|from| words.get(from..));
        let groups: Vec<(usize, &[Word<T>])> = longer
            .unwrap_or_default()
            .chunk_by(|a, b| a.0.get(depth) == b.0.get(depth))
            .filter_map(|group| {
                let byte = group.first().and_then(|(word, _)| word.get(depth));
                byte.map(|byte| (usize::from(*byte), group))
            })
            .collect();
        let first = groups.first().map_or(0, |(byte, _)| *byte);
        let fits = |base: usize| {
            let mut places = groups.iter().map(|(byte, _)| base.saturating_add(*byte));
            places.all(|at| self.is_free(at))
        };
        let base = free.saturating_sub(first);
        let near = base..base.saturating_add(LOOKED_AT_MAX);
        // Behind all of them there is room for sure, and in front of that some for most.
        let end = self.nodes.len();
        let last = end.saturating_sub(LOOKED_AT_MAX)..end;
        let mut tried = near.chain(last);
        let base = tried.find(|base| fits(*base)).unwrap_or(end);
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
        }
        while !self.is_free(*free) {
            *free = free.saturating_add(1);
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
