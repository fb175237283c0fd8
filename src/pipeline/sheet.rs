//! Records of protocols that are not text (MessagePack, protobuf, JSON bodies with a place for each
//! value): written out as one line of JSON, scrubbed like any other, and read back value by value.
//!
//! A decoder puts what it meets on a [`Sheet`], in order, one record behind the other; after [`Pipeline::sheets`] an
//! encoder walks the same structures again and takes one [`Leaf`] for each key, text and number that was put. Structure,
//! keys in front of values and nesting are what the detectors see in JSON, so nothing of them is
//! written twice.

#[cfg(test)]
mod tests;

use super::scrub::{Leave, TOGETHER_BYTES_MAX};
use super::{KEPT_BYTES_MAX, Pipeline, Tally};
use crate::format::bytes::is_strict_number;
use crate::format::strings::escape;
use crate::record::{Delimiter, Reason, Span};

/// Structured records on their way to the detectors. `Debug` prints their length.
#[derive(Default)]
pub struct Sheet {
    /// A line feed ends each record; none is in one.
    json: Vec<u8>,
    leaves: Vec<Entry>,
    /// Whether a value came before in the innermost container.
    comma: bool,
    records: Vec<Record>,
}

/// A whole record.
#[derive(Clone, Copy)]
struct Record {
    span: Span,
    /// Where its leaves end.
    leaves: usize,
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

    /// Empties it, and keeps its memory where that is not much.
    pub fn clear(&mut self) {
        if self.json.capacity() > KEPT_BYTES_MAX {
            *self = Self::default();
        }
        self.json.clear();
        self.leaves.clear();
        self.records.clear();
        self.comma = false;
    }

    /// What was put since the last of these is a record.
    pub fn end_record(&mut self) {
        let span = Span::new(self.start(), self.json.len());
        let leaves = self.leaves.len();
        self.records.push(Record { span, leaves });
        self.json.push(b'\n');
        self.comma = false;
    }

    /// What was put since the last record is none.
    pub fn undo_record(&mut self) {
        self.json.truncate(self.start());
        let leaves = self.records.last().map_or(0, |record| record.leaves);
        self.leaves.truncate(leaves);
        self.comma = false;
    }

    /// Where the record begins that is being put.
    fn start(&self) -> usize {
        let end = self.records.last().map(|record| record.span.end);
        end.map_or(0, |end| end.saturating_add(1))
    }

    /// Whether what is there is enough to be scanned at once.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.json.len() >= TOGETHER_BYTES_MAX
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
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at)?);
        let (&escaped, tail) = rest.get(at.checked_add(1)?..)?.split_first()?;
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
    out.extend_from_slice(rest);
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

/// Lays `scrubbed` beside a record of the sheet: the same structure, other leaves. `None` where it is not.
fn read_back(json: &[u8], record: Span, entries: &[Entry], scrubbed: &[u8]) -> Option<Leaves> {
    if record.of(json) == scrubbed {
        return Some(Leaves {
            kept: entries.len(),
            ..Leaves::default()
        });
    }
    let mut leaves = Vec::with_capacity(entries.len());
    let (mut here, mut there) = (record.start, 0usize);
    for entry in entries {
        // What stands between two leaves is structure.
        let structure = json.get(here..entry.span.start)?;
        let start = there.checked_add(structure.len())?;
        if scrubbed.get(there..start)? != structure {
            return None;
        }
        let old = entry.span.of(json);
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
    (json.get(here..record.end)? == scrubbed.get(there..)?).then_some(Leaves {
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
    /// Scrubs the one record that was put on the sheet, and gives what became of each leaf, in order.
    ///
    /// # Errors
    /// As [`Self::sheets`] has them for each.
    pub fn sheet(&mut self, sheet: &mut Sheet, tally: &mut Tally) -> Result<Leaves, Reason> {
        sheet.end_record();
        let mut back = std::mem::take(&mut self.back);
        self.sheets(sheet, tally, &mut back);
        let leaves = back.pop();
        self.back = back;
        leaves.unwrap_or(Err(Reason::ScanFailed))
    }

    /// Scrubs the records of a sheet in one scan; for each, in order, `back` has what became of its leaves, in order.
    /// An error among them: that record must not be passed on, since the policy drops it or its scan failed. The
    /// tombstone is counted in `tally`; the caller puts it in the record's place in its protocol's own form.
    pub fn sheets(
        &mut self,
        sheet: &Sheet,
        tally: &mut Tally,
        back: &mut Vec<Result<Leaves, Reason>>,
    ) {
        let records = &sheet.records;
        back.clear();
        if records.is_empty() {
            return;
        }
        tally.records = tally.records.saturating_add(records.len() as u64);
        let mut out = std::mem::take(&mut self.written);
        out.clear();
        self.outcomes.clear();
        let all = records.iter().map(|record| (record.span, Delimiter::Bare));
        self.many(&sheet.json, all, Leave::Back, &mut out, tally);
        let mut from = 0usize;
        for ((record, outcome), scrubbed) in records.iter().zip(&self.outcomes).zip(out.records()) {
            let entries = sheet.leaves.get(from..record.leaves).unwrap_or_default();
            from = record.leaves;
            let leaves = outcome.and_then(|()| {
                let leaves = read_back(&sheet.json, record.span, entries, scrubbed);
                leaves.ok_or_else(|| {
                    tally.tomb(Reason::ScanFailed);
                    Reason::ScanFailed
                })
            });
            back.push(leaves);
        }
        if out.capacity() <= KEPT_BYTES_MAX {
            self.written = out;
        }
    }
}
