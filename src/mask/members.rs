//! Keys of JSON that hold a value: what hides two values the same way would make two keys of an object one, and whoever
//! reads it would lose a member. Of the keys of a record that would become the same, the second and further get a number
//! behind them: `REDACTED-MAC`, `REDACTED-MAC-2`.

use std::collections::{HashMap, HashSet};

use super::{Scrubbed, Target};
use crate::format::bytes::{before, byte, is_end, skip, skip_back};
use crate::record::Span;

/// The keys of a batch, from left to right. Nothing is allocated before one has a value in it.
pub(super) struct Members<'h> {
    hay: &'h [u8],
    /// No string ends inside, and one may right behind it.
    seen: Span,
    /// The key that is being written, and where it begins in what comes out.
    open: Option<(Span, usize)>,
    record: Option<Record<'h>>,
}

/// The keys of one record.
struct Record<'h> {
    end: usize,
    /// As they came.
    names: HashSet<&'h [u8]>,
    /// What came out already.
    written: HashSet<Vec<u8>>,
    /// The numbers that were given last.
    last: HashMap<Vec<u8>, usize>,
    /// The numbers that were given.
    given: HashMap<(&'h [u8], Vec<u8>), usize>,
}

impl<'h> Members<'h> {
    pub(super) fn new(hay: &'h [u8]) -> Self {
        Self {
            hay,
            seen: Span::new(0, 0),
            open: None,
            record: None,
        }
    }

    /// A value is about to be written, what is before `at` has been; returns what has been then. A key that lies behind
    /// is finished, and one that begins before the value is noted.
    #[inline]
    pub(super) fn enter(&mut self, target: &Target, at: usize, out: &mut Scrubbed) -> usize {
        let at = match self.open {
            Some((name, _)) if target.span.start < name.end => return at,
            Some(_) => self.leave(at, out),
            None => at,
        };
        if target.number() {
            return at;
        }
        match self.name_around(target.span, at) {
            Some(name) => {
                out.kept(Span::new(at, name.start).of(self.hay));
                self.open = Some((name, out.as_bytes().len()));
                name.start
            }
            None => at,
        }
    }

    /// Finishes the key that is being written.
    pub(super) fn leave(&mut self, at: usize, out: &mut Scrubbed) -> usize {
        let Some((name, mark)) = self.open.take() else {
            return at;
        };
        // Who hid its end too has hidden that it is a key.
        if at > name.end {
            return at;
        }
        out.kept(Span::new(at, name.end).of(self.hay));
        let written = out.as_bytes().get(mark..).unwrap_or_default();
        let hay = self.hay;
        let record = match &mut self.record {
            Some(record) if name.end <= record.end => record,
            record => record.insert(Record::around(hay, name)),
        };
        let number = record.number(name.of(hay), written);
        if number > 1 {
            out.kept(format!("-{number}").as_bytes());
        }
        name.end
    }

    /// The key that `value` stands in, which begins not before `at`.
    #[inline]
    fn name_around(&mut self, value: Span, at: usize) -> Option<Span> {
        let hay = self.hay;
        if !(self.seen.start..=self.seen.end).contains(&value.end) {
            self.seen = Span::new(value.end, string_end(hay, value.end));
        }
        let end = self.seen.end;
        if !ends_name(hay, end) {
            return None;
        }
        let head = Span::new(at, value.start).of(hay);
        let quote = at.saturating_add(memchr::memrchr2(b'"', b'\n', head)?);
        let escapes = skip_back(hay, end, end.saturating_sub(value.end), |b| b == b'\\');
        (byte(hay, quote) == b'"').then(|| Span::new(quote.saturating_add(1), escapes))
    }
}

/// Where the string that goes on at `at` ends, or its record.
fn string_end(hay: &[u8], mut at: usize) -> usize {
    loop {
        let tail = hay.get(at..).unwrap_or_default();
        let Some(next) = memchr::memchr3(b'"', b'\n', b'\0', tail) else {
            return hay.len();
        };
        at = at.saturating_add(next);
        // One of the text's own: nothing of JSON follows.
        let own = byte(hay, at) == b'"'
            && before(hay, at) == b'\\'
            && !matches!(
                byte(hay, at.saturating_add(1)),
                b':' | b',' | b'}' | b']' | b' ' | b'\t'
            );
        if !own {
            return at;
        }
        at = at.saturating_add(1);
    }
}

/// Whether the quote at `at` ends a key.
fn ends_name(hay: &[u8], at: usize) -> bool {
    let border = || skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t'));
    byte(hay, at) == b'"' && byte(hay, border()) == b':'
}

impl<'h> Record<'h> {
    fn around(hay: &'h [u8], name: Span) -> Self {
        let head = hay.get(..name.start).unwrap_or_default();
        let start = memchr::memrchr2(b'\n', b'\0', head).map_or(0, |end| end.saturating_add(1));
        let end = skip(hay, name.end, usize::MAX, |b| !is_end(b));
        let (mut names, mut from) = (HashSet::new(), start);
        for quote in memchr::memchr_iter(b'"', Span::new(start, end).of(hay)) {
            let quote = start.saturating_add(quote);
            if ends_name(hay, quote) {
                let end = skip_back(hay, quote, quote.saturating_sub(from), |b| b == b'\\');
                names.insert(Span::new(from, end).of(hay));
            }
            from = quote.saturating_add(1);
        }
        Self {
            end,
            names,
            written: HashSet::new(),
            last: HashMap::new(),
            given: HashMap::new(),
        }
    }

    /// The number that `name` gets behind what was written for it; 1 is not written.
    fn number(&mut self, name: &'h [u8], written: &[u8]) -> usize {
        // What stays is nobody else's: it is one of the names.
        if written == name {
            return 1;
        }
        let asked = (name, written.to_vec());
        if let Some(number) = self.given.get(&asked) {
            return *number;
        }
        let last = self.last.entry(written.to_vec()).or_default();
        loop {
            *last = last.saturating_add(1);
            let mut whole = written.to_vec();
            if *last > 1 {
                whole.extend_from_slice(format!("-{last}").as_bytes());
            }
            if !self.names.contains(whole.as_slice()) && self.written.insert(whole) {
                self.given.insert(asked, *last);
                return *last;
            }
        }
    }
}
