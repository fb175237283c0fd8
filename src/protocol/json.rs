//! JSON (RFC 8259) with a place for each value, so that what is not hidden stays byte for byte.
//!
//! `NaN`, `Infinity` and `-Infinity` are read as well: Python's `json` writes them, and they hold nothing, like `null`.
//! Whether the sink takes them is the sink's to say.

use crate::format::bytes::{byte, is_digit, is_not_finite, is_strict_number, is_word, skip};
use crate::record::Span;

mod map;

pub(super) use self::map::{Grammar, is_map};

/// RFC 8259 §8.1: a byte order mark may be ignored.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Containers inside one another.
const DEPTH_MAX: usize = 128;

/// Keys and values of one body: a bound of memory, about a hundred bytes each while they are scrubbed.
const NODES_MAX: usize = 1 << 20;

/// Why a text cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bad {
    /// It is no JSON, or nests too deep.
    Broken,
    /// It is longer than places are counted.
    TooLong,
    /// It has more keys and values than are laid out at a time.
    TooMany,
}

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Map,
}

/// A value's place.
#[derive(Clone, Copy)]
struct Node {
    kind: Kind,
    /// Quotes and brackets included.
    start: u32,
    end: u32,
    /// The node behind it and all that is in it.
    next: u32,
}

/// A body of one or more JSON values, white space between them. Nodes are in the order of the text; a
/// map's keys and values alternate. It takes sixteen bytes a value beside the text.
pub(super) struct Json<'a> {
    text: &'a [u8],
    nodes: Vec<Node>,
}

/// A node by its number.
pub(super) type Id = usize;

const fn blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

/// The number or word at `at`, and the place behind it.
fn scalar(text: &[u8], at: usize) -> Option<(Kind, usize)> {
    let end = skip(text, at, usize::MAX, |b| {
        is_word(b) || matches!(b, b'+' | b'-' | b'.')
    });
    let first = byte(text, at);
    let kind = match Span::new(at, end).of(text) {
        b"null" => Kind::Null,
        token if is_not_finite(token) => Kind::Null,
        b"true" | b"false" => Kind::Bool,
        token if (is_digit(first) || first == b'-') && is_strict_number(token) => Kind::Number,
        _ => return None,
    };
    Some((kind, end))
}

/// The place behind the string at `at`; `raw` where control bytes, NUL excluded, may be in it as they are.
fn string_end(text: &[u8], at: usize, raw: bool) -> Option<usize> {
    if byte(text, at) != b'"' {
        return None;
    }
    let mut end = at.checked_add(1)?;
    loop {
        match *text.get(end)? {
            b'"' => return end.checked_add(1),
            b'\\' => {
                let letter = *text.get(end.checked_add(1)?)?;
                end = end.checked_add(2)?;
                match letter {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let digits = text.get(end..end.checked_add(4)?)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        end = end.checked_add(4)?;
                    }
                    _ => return None,
                }
            }
            control @ 0..=0x1F if !raw || control == 0 => return None,
            _ => end = end.checked_add(1)?,
        }
    }
}

impl<'a> Json<'a> {
    /// Reads a whole body.
    pub(super) fn parse(text: &'a [u8]) -> Result<Self, Bad> {
        let mut json = Self {
            text,
            nodes: Vec::new(),
        };
        if u32::try_from(text.len()).is_err() {
            return Err(Bad::TooLong);
        }
        let mut at = if text.starts_with(BOM) { BOM.len() } else { 0 };
        loop {
            at = skip(text, at, usize::MAX, blank);
            if at >= text.len() {
                return Ok(json);
            }
            at = json.value(at, 0).ok_or(if json.nodes.len() < NODES_MAX {
                Bad::Broken
            } else {
                Bad::TooMany
            })?;
        }
    }

    fn push(&mut self, kind: Kind, start: usize) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node {
            kind,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: 0,
            next: 0,
        });
        id
    }

    fn close(&mut self, id: Id, end: usize) {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(id) {
            node.end = u32::try_from(end).unwrap_or(u32::MAX);
            node.next = next;
        }
    }

    /// The value at `at`; returns where it ends.
    fn value(&mut self, at: usize, depth: usize) -> Option<usize> {
        if depth > DEPTH_MAX || self.nodes.len() >= NODES_MAX {
            return None;
        }
        match byte(self.text, at) {
            b'{' => self.container(at, depth, Kind::Map, b'}'),
            b'[' => self.container(at, depth, Kind::List, b']'),
            b'"' => self.string(at),
            _ => {
                let (kind, end) = scalar(self.text, at)?;
                let id = self.push(kind, at);
                self.close(id, end);
                Some(end)
            }
        }
    }

    fn container(&mut self, at: usize, depth: usize, kind: Kind, end: u8) -> Option<usize> {
        let id = self.push(kind, at);
        let over = |at: usize| skip(self.text, at, usize::MAX, blank);
        let mut at = over(at.checked_add(1)?);
        if byte(self.text, at) != end {
            loop {
                if kind == Kind::Map {
                    at = self.string(at)?;
                    at = skip(self.text, at, usize::MAX, blank);
                    if byte(self.text, at) != b':' {
                        return None;
                    }
                    at = skip(self.text, at.checked_add(1)?, usize::MAX, blank);
                }
                at = self.value(at, depth.checked_add(1)?)?;
                at = skip(self.text, at, usize::MAX, blank);
                match byte(self.text, at) {
                    b',' => at = skip(self.text, at.checked_add(1)?, usize::MAX, blank),
                    b if b == end => break,
                    _ => return None,
                }
            }
        }
        let end = at.checked_add(1)?;
        self.close(id, end);
        Some(end)
    }

    fn string(&mut self, at: usize) -> Option<usize> {
        let end = string_end(self.text, at, false)?;
        let id = self.push(Kind::Text, at);
        self.close(id, end);
        Some(end)
    }

    /// The body.
    pub(super) const fn body(&self) -> &'a [u8] {
        self.text
    }

    /// The values at the top.
    pub(super) fn roots(&self) -> Siblings<'_> {
        Siblings {
            nodes: &self.nodes,
            at: 0,
            end: self.nodes.len(),
        }
    }

    /// What a node is.
    pub(super) fn kind(&self, id: Id) -> Kind {
        self.nodes.get(id).map_or(Kind::Null, |node| node.kind)
    }

    /// Where it stands, quotes and brackets included.
    pub(super) fn span(&self, id: Id) -> Span {
        self.nodes.get(id).map_or(Span::new(0, 0), |node| {
            Span::new(node.start as usize, node.end as usize)
        })
    }

    /// Where it stands, without the quotes of a text.
    pub(super) fn inside(&self, id: Id) -> Span {
        let span = self.span(id);
        if self.kind(id) == Kind::Text {
            Span::new(span.start.saturating_add(1), span.end.saturating_sub(1))
        } else {
            span
        }
    }

    /// Its text, without quotes, with its escapes.
    pub(super) fn raw(&self, id: Id) -> &'a [u8] {
        self.inside(id).of(self.text)
    }

    /// What is in a list; in a map, keys and values in turn; nothing in others.
    pub(super) fn children(&self, id: Id) -> Siblings<'_> {
        let end = self.nodes.get(id).map_or(0, |node| node.next as usize);
        Siblings {
            nodes: &self.nodes,
            at: id.saturating_add(1).min(end),
            end,
        }
    }

    /// A map's keys and values; of a list, nothing.
    pub(super) fn members(&self, id: Id) -> impl Iterator<Item = (Id, Id)> + '_ {
        let mut children = self.children(id);
        let map = self.kind(id) == Kind::Map;
        std::iter::from_fn(move || {
            if !map {
                return None;
            }
            Some((children.next()?, children.next()?))
        })
    }

    /// The elements of a list; of a map, nothing.
    pub(super) fn items(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let list = self.kind(id) == Kind::List;
        self.children(id).take_while(move |_| list)
    }
}

/// Nodes beside one another.
pub(super) struct Siblings<'a> {
    nodes: &'a [Node],
    at: usize,
    end: usize,
}

impl Iterator for Siblings<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        if self.at >= self.end {
            return None;
        }
        let id = self.at;
        self.at = (self.nodes.get(id)?.next as usize).max(id.saturating_add(1));
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ok(text: &str) -> bool {
        Json::parse(text.as_bytes()).is_ok()
    }

    #[test]
    fn what_is_json_and_what_is_not() {
        for good in [
            "",
            " {} ",
            "[]",
            "[1,-2.5e3,\"a\\u0040\\n\",null,true,{\"a\":{}}]",
            "{\"a\":1} {\"b\":2}\n[3]",
            "\"x\"",
            "[NaN,Infinity,-Infinity]",
        ] {
            assert!(ok(good), "{good}");
        }
        for bad in [
            "{",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "[01]",
            "\"a",
            "\"\u{1}\"",
            "'a'",
            "[1 2]",
            "nul",
            "nan",
            "-NaN",
            "+Infinity",
            "Infinity1",
            "{\"a\":1,}",
            "\"\\x\"",
            "]",
        ] {
            assert!(!ok(bad), "{bad}");
        }
        assert!(ok(&("[".repeat(100) + &"]".repeat(100))));
        assert!(!ok(&"[".repeat(100_000)));
    }

    proptest! {
        #[test]
        fn reads_what_serde_reads(text in "[\\[\\]{}:,\"a0 .\\\\-]{0,24}") {
            let theirs = serde_json::Deserializer::from_str(&text)
                .into_iter::<serde_json::Value>()
                .all(|value| value.is_ok());
            // Values that touch (`1"a"`) are theirs and not ours.
            prop_assert!(theirs || !ok(&text));
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(json) = Json::parse(&bytes) {
                prop_assert!(json.roots().all(|id| json.span(id).end <= bytes.len()));
            }
        }
    }
}
