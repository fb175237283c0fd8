//! Records of protocols that are not text (MessagePack, protobuf, JSON bodies with a place for each
//! value): written out as one line of JSON, scrubbed like any other, and read back value by value.
//!
//! A decoder puts what it meets on a [`Sheet`], in order; after [`Pipeline::sheet`] an encoder walks the
//! same structure again and takes one [`Leaf`] for each key, text and number that was put. Structure,
//! keys in front of values and nesting are what the detectors see in JSON, so nothing of them is
//! written twice.

use super::{KEPT_BYTES_MAX, Pipeline, Tally};
use crate::format::bytes::is_strict_number;
use crate::format::strings::escape;
use crate::record::{Reason, Span};

/// A structured record on its way to the detectors. `Debug` prints its length.
#[derive(Default)]
pub struct Sheet {
    json: Vec<u8>,
    leaves: Vec<Entry>,
    /// Whether a value came before in the innermost container.
    comma: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    /// As written, quotes excluded.
    span: Span,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Escaped here, and so to be unescaped.
    Text,
    /// The inside of a JSON string, as it came.
    Json,
    Number,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({} bytes)", self.json.len())
    }
}

impl Sheet {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.json.clear();
        self.leaves.clear();
        self.comma = false;
    }

    fn value(&mut self) {
        if std::mem::replace(&mut self.comma, true) {
            self.json.push(b',');
        }
    }

    fn open(&mut self, bracket: u8) {
        self.value();
        self.json.push(bracket);
        self.comma = false;
    }

    fn close(&mut self, bracket: u8) {
        self.json.push(bracket);
        self.comma = true;
    }

    /// A map begins; keys and values alternate until [`Self::end_map`].
    pub fn map(&mut self) {
        self.open(b'{');
    }

    /// The innermost container, a map, ends.
    pub fn end_map(&mut self) {
        self.close(b'}');
    }

    /// A list begins.
    pub fn list(&mut self) {
        self.open(b'[');
    }

    /// The innermost container, a list, ends.
    pub fn end_list(&mut self) {
        self.close(b']');
    }

    /// A map's next key: one leaf.
    pub fn key(&mut self, key: &[u8]) {
        self.text(key);
        self.json.push(b':');
        self.comma = false;
    }

    /// A text, or bytes that may be one: one leaf.
    pub fn text(&mut self, text: &[u8]) {
        self.value();
        self.json.push(b'"');
        let start = self.json.len();
        escape(text, &mut self.json);
        self.leaves.push(Entry {
            span: Span::new(start, self.json.len()),
            kind: Kind::Text,
        });
        self.json.push(b'"');
    }

    /// The inside of a JSON string with its escapes: one leaf, whose [`Leaf::Text`] has escapes too.
    pub fn json_text(&mut self, inside: &[u8]) {
        self.value();
        self.json.push(b'"');
        let start = self.json.len();
        self.json.extend_from_slice(inside);
        self.leaves.push(Entry {
            span: Span::new(start, self.json.len()),
            kind: Kind::Json,
        });
        self.json.push(b'"');
    }

    /// A map's next key, as [`Self::json_text`]: one leaf.
    pub fn json_key(&mut self, inside: &[u8]) {
        self.json_text(inside);
        self.json.push(b':');
        self.comma = false;
    }

    /// A number as JSON writes it (RFC 8259 §6): one leaf. What JSON cannot write goes as text.
    pub fn number(&mut self, number: &str) {
        if !is_strict_number(number.as_bytes()) {
            return self.text(number.as_bytes());
        }
        self.value();
        let start = self.json.len();
        self.json.extend_from_slice(number.as_bytes());
        self.leaves.push(Entry {
            span: Span::new(start, self.json.len()),
            kind: Kind::Number,
        });
    }

    /// What holds nothing personal (a null, a boolean, a time): no leaf.
    pub fn blank(&mut self) {
        self.value();
        self.json.extend_from_slice(b"null");
    }
}

/// The way back of [`escape`], over what a replacement wrote too.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let (&escaped, tail) = rest.split_first()?;
        rest = tail;
        match escaped {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (hex, tail) = rest.split_at_checked(4)?;
                rest = tail;
                let code = u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
                out.push(code);
            }
            b'"' | b'\\' => out.push(escaped),
            _ => return None,
        }
    }
    Some(out)
}

/// What became of one key, text or number.
#[derive(Clone, PartialEq, Eq)]
pub enum Leaf {
    /// Nothing: it goes as it came.
    Kept,
    /// Another text. A number becomes a text only where it went as one.
    Text(Vec<u8>),
    /// Another number, as JSON writes it.
    Number(String),
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kept => "Kept",
            Self::Text(_) => "Text(…)",
            Self::Number(_) => "Number(…)",
        })
    }
}

/// The leaves of a scrubbed sheet, in the order in which they were put.
#[derive(Debug, Default)]
pub struct Leaves {
    /// Where nothing is different, none: all are kept.
    leaves: std::vec::IntoIter<Leaf>,
    kept: usize,
    changed: bool,
}

impl Leaves {
    /// Whether anything is different: where not, the record may go as it came.
    #[must_use]
    pub const fn changed(&self) -> bool {
        self.changed
    }
}

impl Iterator for Leaves {
    type Item = Leaf;

    fn next(&mut self) -> Option<Leaf> {
        if self.changed {
            return self.leaves.next();
        }
        self.kept = self.kept.checked_sub(1)?;
        Some(Leaf::Kept)
    }
}

/// Lays `scrubbed` beside the sheet: the same structure, other leaves. `None` where it is not.
fn read_back(sheet: &Sheet, scrubbed: &[u8]) -> Option<Leaves> {
    if sheet.json == scrubbed {
        return Some(Leaves {
            kept: sheet.leaves.len(),
            ..Leaves::default()
        });
    }
    let mut leaves = Vec::with_capacity(sheet.leaves.len());
    let (mut here, mut there) = (0usize, 0usize);
    for entry in &sheet.leaves {
        // What stands between two leaves is structure.
        let structure = sheet.json.get(here..entry.span.start)?;
        let start = there.checked_add(structure.len())?;
        if scrubbed.get(there..start)? != structure {
            return None;
        }
        let old = entry.span.of(&sheet.json);
        let rest = scrubbed.get(start..)?;
        let length = if entry.kind == Kind::Number {
            rest.iter()
                .position(|b| matches!(b, b',' | b'}' | b']'))
                .unwrap_or(rest.len())
        } else {
            text_end(rest)?
        };
        let new = rest.get(..length)?;
        let leaf = if new == old {
            Leaf::Kept
        } else {
            match entry.kind {
                Kind::Text => Leaf::Text(unescape(new)?),
                Kind::Json => Leaf::Text(new.to_vec()),
                Kind::Number if is_strict_number(new) => {
                    Leaf::Number(String::from_utf8(new.to_vec()).ok()?)
                }
                Kind::Number => return None,
            }
        };
        leaves.push(leaf);
        here = entry.span.end;
        there = start.checked_add(length)?;
    }
    (sheet.json.get(here..)? == scrubbed.get(there..)?).then_some(Leaves {
        leaves: leaves.into_iter(),
        kept: 0,
        changed: true,
    })
}

/// Where the quote stands that ends a JSON string's contents.
fn text_end(rest: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    loop {
        let quote = memchr::memchr2(b'"', b'\\', rest.get(at..)?)?.checked_add(at)?;
        if rest.get(quote) == Some(&b'"') {
            return Some(quote);
        }
        at = quote.checked_add(2)?;
    }
}

impl Pipeline {
    /// Scrubs a structured record and gives what became of each leaf, in order.
    ///
    /// # Errors
    /// The record must not be passed on: the policy drops it, or its scan failed. The tombstone is
    /// counted in `tally`; the caller puts it in the record's place in its protocol's own form.
    pub fn sheet(&mut self, sheet: &Sheet, tally: &mut Tally) -> Result<Leaves, Reason> {
        tally.records = tally.records.saturating_add(1);
        let mut out = std::mem::take(&mut self.written);
        out.clear();
        let outcome = self
            .scrub(&sheet.json, &mut out, tally)
            .and_then(|()| read_back(sheet, out.as_bytes()).ok_or(Reason::ScanFailed));
        if out.capacity() <= KEPT_BYTES_MAX {
            self.written = out;
        }
        if let Err(reason) = outcome {
            tally.tomb(reason);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::frame::Output;
    use crate::mask::Keys;
    use crate::plan::Plan;
    use crate::policy::Policy;

    fn pipeline(policy: &str) -> Pipeline {
        let policy = Policy::parse("test", policy).unwrap();
        let plan = Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame);
        Pipeline::new(Arc::new(plan))
    }

    fn record() -> Sheet {
        let mut sheet = Sheet::new();
        sheet.map();
        sheet.key(b"log");
        sheet.text(b"a \"quoted\" line\nfrom 192.0.2.7\t\x01 \xFF end");
        sheet.key(b"imei");
        sheet.number("490154203237518");
        sheet.key(b"up");
        sheet.blank();
        sheet.key(b"tags");
        sheet.list();
        sheet.text(b"x");
        sheet.map();
        sheet.key(b"password");
        sheet.text(b"hunter2");
        sheet.end_map();
        sheet.end_list();
        sheet.end_map();
        sheet
    }

    #[test]
    fn leaves_come_back_in_their_order_and_kind() {
        let mut tally = Tally::default();
        let leaves = pipeline("[actions]\ndefault = \"redact\"\n").sheet(&record(), &mut tally);
        let leaves: Vec<Leaf> = leaves.unwrap().collect();
        assert_eq!(leaves.len(), 9);
        let Leaf::Text(line) = &leaves[1] else {
            panic!("{leaves:?}")
        };
        assert_eq!(line, b"a \"quoted\" line\nfrom REDACTED-IP\t\x01 \xFF end");
        assert_eq!(leaves[3], Leaf::Number("0".to_owned()));
        assert_eq!(leaves[5], Leaf::Kept);
        assert!(matches!(&leaves[8], Leaf::Text(text) if text == b"REDACTED-SECRET"));
        assert_eq!(tally.records, 1);
    }

    #[test]
    fn a_record_without_findings_is_said_to_be_unchanged() {
        let mut sheet = Sheet::new();
        sheet.map();
        sheet.key(b"level");
        sheet.text(b"info");
        sheet.end_map();
        let leaves = pipeline("[actions]\ndefault = \"redact\"\n")
            .sheet(&sheet, &mut Tally::default())
            .unwrap();
        assert!(!leaves.changed());
    }

    #[test]
    fn a_dropped_record_is_an_error_that_is_counted() {
        let mut tally = Tally::default();
        let outcome =
            pipeline("[actions]\ndefault = \"drop_record\"\n").sheet(&record(), &mut tally);
        assert_eq!(outcome.unwrap_err(), Reason::Policy);
        assert_eq!(tally.tombstones[Reason::Policy as usize], 1);
    }
}
