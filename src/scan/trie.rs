//! Words by their end: a trie read backwards, for what is known to end at a place.

/// A node: its edges, side by side in [`Trie::edges`], and what ends a walk here.
#[derive(Clone, Copy, Debug)]
struct Node<T> {
    first: u32,
    edges: u32,
    value: Option<T>,
}

/// A set of words with a value each.
#[derive(Clone, Debug)]
pub(super) struct Trie<T> {
    nodes: Vec<Node<T>>,
    edges: Vec<(u8, u32)>,
    /// The root's children; 0 for none.
    root: Box<[u32; 256]>,
}

/// A place in the trie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct At(u32);

impl<T: Copy> Trie<T> {
    /// Of words and their values; the last of two equal words counts.
    pub(super) fn new<'w>(words: impl Iterator<Item = (&'w [u8], T)>) -> Self {
        let mut reversed: Vec<(Vec<u8>, T)> = words
            .map(|(word, value)| (word.iter().rev().copied().collect(), value))
            .collect();
        reversed.sort_by(|a, b| a.0.cmp(&b.0));
        let mut trie = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            root: Box::new([0; 256]),
        };
        trie.grow(&reversed, 0);
        let first = trie.nodes.first().copied();
        for (byte, child) in first.map_or(&[][..], |root| trie.edges_of(root)).to_vec() {
            if let Some(slot) = trie.root.get_mut(usize::from(byte)) {
                *slot = child;
            }
        }
        trie
    }

    /// Adds the node of the words that agree in their first `depth` bytes; its index.
    fn grow(&mut self, words: &[(Vec<u8>, T)], depth: usize) -> u32 {
        let index = self.nodes.len();
        let value = words
            .iter()
            .rfind(|(word, _)| word.len() == depth)
            .map(|(_, value)| *value);
        self.nodes.push(Node {
            first: 0,
            edges: 0,
            value,
        });
        let mut edges = Vec::new();
        let longer = words.iter().position(|(word, _)| word.len() > depth);
        let longer = longer
            .and_then(|from| words.get(from..))
            .unwrap_or_default();
        for group in longer.chunk_by(|a, b| a.0.get(depth) == b.0.get(depth)) {
            if let Some(byte) = group.first().and_then(|(word, _)| word.get(depth)) {
                edges.push((*byte, self.grow(group, depth.saturating_add(1))));
            }
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let first = number(self.edges.len());
        if let Some(node) = self.nodes.get_mut(index) {
            node.first = first;
            node.edges = number(edges.len());
        }
        self.edges.extend(edges);
        number(index)
    }

    fn edges_of(&self, node: Node<T>) -> &[(u8, u32)] {
        let first = node.first as usize;
        self.edges
            .get(first..first.saturating_add(node.edges as usize))
            .unwrap_or_default()
    }

    /// Where a walk begins that has read `last`, the last byte of a word.
    #[inline]
    pub(super) fn start(&self, last: u8) -> Option<At> {
        match self.root.get(usize::from(last)) {
            Some(&child) if child != 0 => Some(At(child)),
            _ => None,
        }
    }

    /// One byte further back.
    #[inline]
    pub(super) fn step(&self, at: At, byte: u8) -> Option<At> {
        let node = *self.nodes.get(at.0 as usize)?;
        self.edges_of(node)
            .iter()
            .find(|(edge, _)| *edge == byte)
            .map(|(_, child)| At(*child))
    }

    /// The value of the word that has been read whole.
    #[inline]
    pub(super) fn value(&self, at: At) -> Option<T> {
        self.nodes.get(at.0 as usize)?.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_ends() {
        let words = ["ip", "zip", "clientip", "p"];
        let trie = Trie::new(words.iter().map(|w| (w.as_bytes(), w.len())));
        let ends = |text: &str| {
            let mut bytes = text.bytes().rev();
            let mut at = trie.start(bytes.next().unwrap());
            let mut found = Vec::new();
            while let Some(here) = at {
                found.extend(trie.value(here));
                at = bytes.next().and_then(|b| trie.step(here, b));
            }
            found
        };
        assert_eq!(ends("xclientip"), [1, 2, 8]);
        assert_eq!(ends("zip"), [1, 2, 3]);
        assert_eq!(ends("zap"), [1]);
        assert_eq!(ends("q"), [0usize; 0]);
    }
}
