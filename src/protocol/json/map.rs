//! Whether a text is one map of JSON, without a place for anything in it.

use super::{BOM, DEPTH_MAX, blank, scalar, string_end};
use crate::format::bytes::{byte, skip};

/// What is read as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::protocol) enum Grammar {
    /// RFC 8259.
    Strict,
    /// What Graylog's reader takes besides: control bytes in strings, and a comma behind the last of a container. A NUL
    /// in a string is not taken: it ends a message of a stream.
    Graylog,
}

impl Grammar {
    const fn depth_max(self) -> usize {
        match self {
            Self::Strict => DEPTH_MAX,
            // Jackson's own bound (`StreamReadConstraints`).
            Self::Graylog => 1000,
        }
    }

    /// The place behind a string.
    fn string(self, text: &[u8], at: usize) -> Option<usize> {
        string_end(text, at, self == Self::Graylog)
    }

    /// The place of the value behind a key.
    fn key(self, text: &[u8], at: usize) -> Option<usize> {
        let colon = over(text, self.string(text, at)?);
        (byte(text, colon) == b':').then(|| over(text, colon.saturating_add(1)))
    }

    fn value(self, text: &[u8], at: usize) -> Option<usize> {
        if byte(text, at) == b'"' {
            return self.string(text, at);
        }
        scalar(text, at).map(|(_, end)| end)
    }
}

/// The containers that are open: for each, whether it is a map.
#[derive(Default)]
struct Open {
    maps: [u64; 16],
    depth: usize,
}

impl Open {
    fn push(&mut self, map: bool, most: usize) -> Option<()> {
        if self.depth >= most {
            return None;
        }
        let word = self.maps.get_mut(self.depth / 64)?;
        let bit = 1u64 << (self.depth % 64);
        *word = if map { *word | bit } else { *word & !bit };
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    /// What closes the innermost; none where none is open.
    fn end(&self) -> Option<u8> {
        let at = self.depth.checked_sub(1)?;
        let map = self.maps.get(at / 64)? >> (at % 64) & 1 == 1;
        Some(if map { b'}' } else { b']' })
    }
}

fn over(text: &[u8], at: usize) -> usize {
    skip(text, at, usize::MAX, blank)
}

/// Whether a text is one map, as the messages of some protocols must be.
pub(in crate::protocol) fn is_map(text: &[u8], grammar: Grammar) -> bool {
    let at = over(text, if text.starts_with(BOM) { BOM.len() } else { 0 });
    byte(text, at) == b'{'
        && whole(text, at, grammar).is_some_and(|end| over(text, end) == text.len())
}

/// The place behind the value at `at`.
fn whole(text: &[u8], mut at: usize, grammar: Grammar) -> Option<usize> {
    let mut open = Open::default();
    loop {
        match byte(text, at) {
            first @ (b'{' | b'[') => {
                let map = first == b'{';
                open.push(map, grammar.depth_max())?;
                at = over(text, at.checked_add(1)?);
                if Some(byte(text, at)) != open.end() {
                    at = if map { grammar.key(text, at)? } else { at };
                    continue;
                }
            }
            _ => at = grammar.value(text, at)?,
        }
        // Behind a value.
        loop {
            let Some(end) = open.end() else {
                return Some(at);
            };
            at = over(text, at);
            if byte(text, at) == b',' {
                at = over(text, at.checked_add(1)?);
                if byte(text, at) != end || grammar == Grammar::Strict {
                    at = if end == b'}' {
                        grammar.key(text, at)?
                    } else {
                        at
                    };
                    break;
                }
            }
            if byte(text, at) != end {
                return None;
            }
            open.depth = open.depth.saturating_sub(1);
            at = at.checked_add(1)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Json, Kind};
    use super::*;

    proptest! {
        #[test]
        fn says_what_the_reader_with_places_says(text in "[\\[\\]{}:,\"a0 .\\\\\n-]{0,24}", map in any::<bool>()) {
            let text = if map { format!("{{\"a\":{text}}}") } else { text };
            let json = Json::parse(text.as_bytes());
            let theirs = json.is_ok_and(|json| {
                let mut roots = json.roots();
                roots.next().is_some_and(|id| json.kind(id) == Kind::Map) && roots.next().is_none()
            });
            prop_assert_eq!(is_map(text.as_bytes(), Grammar::Strict), theirs);
            prop_assert!(!theirs || is_map(text.as_bytes(), Grammar::Graylog));
        }
    }

    #[test]
    fn nests_as_deep_as_is_said() {
        for (grammar, most) in [(Grammar::Strict, 128), (Grammar::Graylog, 1000)] {
            for (depth, want) in [(most - 1, true), (most, false), (100_000, false)] {
                let text = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
                assert_eq!(
                    is_map(text.as_bytes(), grammar),
                    want,
                    "{grammar:?} {depth}"
                );
            }
        }
    }
}
