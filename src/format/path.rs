//! Where a value stands: the keys around it, outermost first, joined with dots.

use std::fmt;
use std::sync::Arc;

use super::bytes::{before, byte, is_end, is_word, skip, skip_back};
use super::syslog::{self, Header};
use super::value::{Quote, quote_at, string_end};
use crate::record::Span;

/// Deepest nesting whose keys are kept.
const DEPTH_MAX: usize = 64;
/// Bytes of a key that are kept.
const KEY_BYTES_MAX: usize = 256;

/// A field of a table's row, and the name of its column in lower case.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) span: Span,
    pub(crate) name: Arc<str>,
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({:?})", self.span)
    }
}

/// Walks a batch once, from left to right; each record starts anew. Strings that hold JSON are entered.
pub(crate) struct Walker<'h> {
    hay: &'h [u8],
    at: usize,
    /// The keys of the containers that are open; the inside of a string where that is one.
    open: Vec<(Option<Span>, Option<Inside>)>,
    key: Option<Span>,
    /// The plain string that the walk stands in.
    text: Option<Inside>,
    /// One past the record that the last value stood in, and its syslog header.
    record: (usize, Option<Header>),
    place: String,
    /// The fields of the rows of tables that are still to come, in their order.
    cells: &'h [Cell],
}

/// The memory of a walk, to be used again.
#[derive(Default)]
pub(crate) struct Memory {
    open: Vec<(Option<Span>, Option<Inside>)>,
    place: String,
}

/// The inside of a string.
#[derive(Clone, Copy)]
struct Inside {
    content: Span,
    /// One past its closing quote.
    behind: usize,
}

impl<'h> Walker<'h> {
    pub(crate) fn new(hay: &'h [u8], cells: &'h [Cell]) -> Self {
        Self::with(hay, cells, &mut Memory::default())
    }

    /// Over a batch, in the memory of the last walk.
    pub(crate) fn with(hay: &'h [u8], cells: &'h [Cell], memory: &mut Memory) -> Self {
        let Memory { mut open, place } = std::mem::take(memory);
        open.clear();
        Self {
            hay,
            cells,
            at: 0,
            open,
            key: None,
            text: None,
            record: (0, None),
            place,
        }
    }

    /// Its memory, for the next.
    pub(crate) fn end(self) -> Memory {
        Memory {
            open: self.open,
            place: self.place,
        }
    }

    /// Appends the place in the syslog header, where the record has one and the value stands in it.
    fn header(&mut self, at: usize, path: &mut String) -> bool {
        if at >= self.record.0 {
            let head = self.hay.get(..at).unwrap_or_default();
            let start = memchr::memrchr2(b'\n', b'\0', head).map_or(0, |i| i.saturating_add(1));
            let tail = self.hay.get(at..).unwrap_or_default();
            let end = memchr::memchr2(b'\n', b'\0', tail).unwrap_or(tail.len());
            self.record = (at.saturating_add(end), syslog::header(self.hay, start));
        }
        let header = self.record.1;
        header.is_some_and(|header| header.path(self.hay, at, &mut self.place, path))
    }

    /// The field that the value stands in.
    fn cell(&mut self, at: usize) -> Option<&'h Cell> {
        while let Some((cell, rest)) = self.cells.split_first() {
            if at < cell.span.end {
                return (at >= cell.span.start).then_some(cell);
            }
            self.cells = rest;
        }
        None
    }

    fn push(&mut self, inside: Option<Inside>) {
        let key = self.key.take();
        if self.open.len() < DEPTH_MAX {
            self.open.push((key, inside));
        }
    }

    fn advance(&mut self, to: usize) {
        if let Some(text) = self.text {
            if to <= text.content.end {
                return;
            }
            self.text = None;
            self.key = None;
            self.at = text.behind;
        }
        while self.at < to {
            let at = self.at;
            self.at = at.saturating_add(1);
            match byte(self.hay, at) {
                b if is_end(b) => {
                    self.open.clear();
                    self.key = None;
                }
                b'{' | b'[' => self.push(None),
                b'}' | b']' => {
                    if matches!(self.open.last(), Some((_, None))) {
                        self.open.pop();
                    }
                    self.key = None;
                }
                b',' => self.key = None,
                b'"' | b'\\' => {
                    // The string that this quote closes, and whatever is still open in it.
                    let closed = self.open.iter().position(|(_, inside)| {
                        inside.is_some_and(|inside| at >= inside.content.end)
                    });
                    if let Some(closed) = closed {
                        self.open.truncate(closed);
                        self.key = None;
                        self.at = at.saturating_add(1);
                        // The rest of an escaped quote.
                        if byte(self.hay, at) == b'\\' {
                            self.at = skip(self.hay, at, 16, |b| b == b'\\').saturating_add(1);
                        }
                    } else if let Some((quote, content)) = quote_at(self.hay, at)
                        && quote.byte == b'"'
                    {
                        self.string(quote, content, to);
                    }
                }
                _ => {}
            }
        }
    }

    fn string(&mut self, quote: Quote, content: usize, to: usize) {
        let end = string_end(self.hay, content, quote);
        // One that stays open ends with its record, which is still to be seen.
        let behind = match is_end(byte(self.hay, end)) {
            true => end,
            false => end.saturating_add(quote.escapes).saturating_add(1),
        };
        let inside = Inside {
            content: Span::new(content, end),
            behind,
        };
        let colon = skip(self.hay, behind, 64, |b| matches!(b, b' ' | b'\t'));
        if byte(self.hay, colon) == b':' {
            self.key = Some(inside.content);
            self.at = colon.saturating_add(1);
        } else if end < to {
            self.key = None;
            self.at = behind;
        } else if matches!(byte(self.hay, content), b'{' | b'[') {
            self.push(Some(inside));
            self.at = content;
        } else {
            self.text = Some(inside);
            self.at = content;
        }
    }

    /// The path of the value at `span`; spans come sorted by start.
    pub(crate) fn path(&mut self, span: Span, path: &mut String) {
        self.advance(span.start);
        path.clear();
        if let Some(cell) = self.cell(span.start) {
            path.push_str(&cell.name);
            let key = local(self.hay, span.start).filter(|key| key.start >= cell.span.start);
            if let Some(key) = key {
                path.push('.');
                path.push_str(&String::from_utf8_lossy(key.of(self.hay)).to_lowercase());
            }
            return;
        }
        if self.header(span.start, path) {
            return;
        }
        let keys = self.open.iter().filter_map(|(key, _)| *key).chain(self.key);
        let mut add = |key: Span| {
            if !path.is_empty() {
                path.push('.');
            }
            let key = key.of(self.hay);
            let key = key.get(..KEY_BYTES_MAX).unwrap_or(key);
            if !key.ends_with(b"]") {
                return push_lower(key, path);
            }
            // `user[client][ip]` is `user.client.ip`.
            let parts = key.split(|b| matches!(b, b'[' | b']'));
            for (index, part) in parts.filter(|part| !part.is_empty()).enumerate() {
                if index > 0 {
                    path.push('.');
                }
                push_lower(part, path);
            }
        };
        keys.for_each(&mut add);
        let inside = self
            .text
            .is_some_and(|text| span.start > text.content.start);
        if (inside || self.key.is_none())
            && let Some(key) = local(self.hay, span.start)
        {
            add(key);
        }
    }
}

/// Appends a text in lower case.
pub(super) fn push_lower(text: &[u8], to: &mut String) {
    if text.is_ascii() {
        to.extend(text.iter().map(|b| char::from(b.to_ascii_lowercase())));
    } else {
        to.push_str(&String::from_utf8_lossy(text).to_lowercase());
    }
}

/// The key right in front of `start` in logfmt, query strings, headers, markup and prose.
fn local(hay: &[u8], start: usize) -> Option<Span> {
    if before(hay, start) == b'>' {
        return element(hay, start.saturating_sub(1));
    }
    let border = skip_back(hay, start, 4, |b| matches!(b, b' ' | b'"' | b'\'' | b'\\'));
    if !matches!(before(hay, border), b'=' | b':') {
        return None;
    }
    let end = skip_back(hay, border.saturating_sub(1), 4, |b| {
        matches!(b, b' ' | b'"' | b'\'' | b'\\')
    });
    let parts = before(hay, end) == b']';
    let key = Span::new(
        skip_back(hay, end, 64, |b| {
            is_word(b) || matches!(b, b'-' | b'.') || parts && matches!(b, b'[' | b']')
        }),
        end,
    );
    (!key.is_empty()).then_some(key)
}

/// The name of the element whose tag ends at `end`, without its namespace; the one that it says it has, where it does
/// (`<Data Name="ip">`).
fn element(hay: &[u8], end: usize) -> Option<Span> {
    let open = skip_back(hay, end, KEY_BYTES_MAX, |b| {
        !matches!(b, b'<' | b'>') && !is_end(b)
    });
    let part = |b: u8| is_word(b) || matches!(b, b'-' | b'.');
    let name = skip(hay, open, KEY_BYTES_MAX, part);
    let colon = byte(hay, name) == b':';
    let own = match colon {
        true => Span::new(
            name.saturating_add(1),
            skip(hay, name.saturating_add(1), 64, part),
        ),
        false => Span::new(open, name),
    };
    if before(hay, open) != b'<' || own.is_empty() || own.end > end {
        return None;
    }
    let tag = Span::new(own.end, end).of(hay);
    let said = [&b" name=\""[..], b" Name=\"", b" key=\""]
        .iter()
        .find_map(|attribute| {
            let at = memchr::memmem::find(tag, attribute)?.saturating_add(attribute.len());
            let start = own.end.saturating_add(at);
            Some(Span::new(start, skip(hay, start, 64, part)))
        });
    Some(said.filter(|said| !said.is_empty()).unwrap_or(own))
}

/// Whether a pattern (`user.*.ip`; `**` stands for any number of keys) matches a path.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    /// The first key, and what is behind its dot.
    fn cut(keys: &str) -> (&str, Option<&str>) {
        keys.split_once('.')
            .map_or((keys, None), |(first, rest)| (first, Some(rest)))
    }
    fn go(pattern: Option<&str>, path: Option<&str>) -> bool {
        let Some((first, rest)) = pattern.map(cut) else {
            return path.is_none();
        };
        if first != "**" {
            return path
                .map(cut)
                .is_some_and(|(key, tail)| (first == "*" || first == key) && go(rest, tail));
        }
        let mut tail = path;
        while !go(rest, tail) {
            let Some(path) = tail else {
                return false;
            };
            tail = cut(path).1;
        }
        true
    }
    go(Some(pattern), Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_that_stays_open_says_nothing_of_the_next_record() {
        for open in [
            "{\"debug\":{\"x\":\"",
            "{\"debug\":{\"x\":\"y",
            "{\"debug\":\"{\\\"x\\\":\\\"",
        ] {
            let lines = format!("{open}\n{{\"ip\":\"192.0.2.7\"}}\n");
            assert_eq!(of(&lines, "192.0.2.7"), "ip", "{open}");
        }
    }

    fn of(line: &str, value: &str) -> String {
        let start = line.find(value).unwrap();
        let mut path = String::new();
        Walker::new(line.as_bytes(), &[]).path(Span::new(start, start + value.len()), &mut path);
        path
    }

    #[test]
    fn paths() {
        for (line, path) in [
            (r#"{"user":{"client":{"ip":"X"}}}"#, "user.client.ip"),
            (r#"{"a":{"b":1},"hits":[{"c":2},{"Ip":"X"}]}"#, "hits.ip"),
            (r#"{"a":"x, y","source.ip": "X"}"#, "source.ip"),
            (r#"{"m":"{\"ctx\":{\"ip\":\"X\"}}"}"#, "m.ctx.ip"),
            (r#"{"m":"{\"ctx\":1}","n":"X"}"#, "n"),
            (r#"{"message":"login ip=X ok"}"#, "message.ip"),
            (r#"{"message":"login from X ok"}"#, "message"),
            (r#"{"m":"{\"a\":{\"b\":1","n":{"o":"X"}}"#, "n.o"),
            (r#"{"lat":[1,2,{"v":5}],"n":X}"#, "n"),
            ("level=info client.ip=X a=b", "client.ip"),
            ("GET /?a=1&ip=X", "ip"),
            ("peer: X", "peer"),
            ("user[client][ip]=X&a=1", "user.client.ip"),
            ("<a><client.ip>X</client.ip></a>", "client.ip"),
            ("<n:ip a=\"1\">X</n:ip>", "ip"),
            ("<Data Name=\"IpAddress\">X</Data>", "ipaddress"),
            (r#"{"xml":"<ip>X</ip>"}"#, "xml.ip"),
            ("a => X > X", ""),
            ("from X", ""),
            ("<13>1 - X app - - - text", "syslog.hostname"),
            (
                "<13>1 - h app - - [User@32473 Ip=\"X\"] text",
                "sd.user@32473.ip",
            ),
            ("<13>1 - h a - - [s ip=\"1\"] ip=X", "ip"),
            ("a=1\n<13>1 - h a - - [s ip=\"X\"]\n", "sd.s.ip"),
            ("{\"a\":{\n{\"b\":\"X\"}", "b"),
        ] {
            assert_eq!(of(line, "X"), path, "{line}");
        }
    }

    #[test]
    fn one_walk_for_many() {
        let line = r#"{"a":{"x":"1A"},"b":"k=2A 3A","c":["4A"],"d":{"e":"5A"}}"#;
        let mut walker = Walker::new(line.as_bytes(), &[]);
        let mut path = String::new();
        for (value, want) in [
            ("1A", "a.x"),
            ("2A", "b.k"),
            ("3A", "b"),
            ("4A", "c"),
            ("5A", "d.e"),
        ] {
            let start = line.find(value).unwrap();
            walker.path(Span::new(start, start + 2), &mut path);
            assert_eq!(path, want, "{value}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path, is) in [
            ("user.*.ip", "user.client.ip", true),
            ("user.*.ip", "user.ip", false),
            ("**.ip", "a.b.ip", true),
            ("**.ip", "ip", true),
            ("user.**", "user.a.b", true),
            ("ip", "a.ip", false),
        ] {
            assert_eq!(matches(pattern, path), is, "{pattern} {path}");
        }
    }
}
