//! Keys of JSON that hold a value: what hides two values the same way would make two keys of an object one, and whoever
//! reads it would lose a member. Of the keys of a record that would become the same, the second and further get a number
//! behind them: `REDACTED-MAC`, `REDACTED-MAC-2`.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

use super::{Scrubbed, Target};
use crate::format::bytes::{before, byte, is_end, skip, skip_back};
use crate::record::Span;

/// The keys of a batch, from left to right.
pub(super) struct Members<'h> {
    hay: &'h [u8],
    /// No string ends inside, and one may right behind it.
    seen: Span,
    /// The key that is being written, and where it begins in what comes out.
    open: Option<(Span, usize)>,
    /// Where the record ends whose keys are known.
    end: usize,
}

/// Keys of a record whose memory is kept.
const KEPT_MAX: usize = 4096;

/// The keys of one record, by hashes that nobody outside can foresee. Kept from batch to batch for its memory; there is
/// none before a key has a value in it.
#[derive(Default)]
pub(super) struct Known {
    hashes: RandomState,
    /// As they came.
    names: HashSet<u64>,
    /// What came out already.
    written: HashSet<u64>,
    /// The numbers that were given last.
    last: HashMap<u64, usize>,
    /// The numbers that were given to a key and what came out for it.
    given: HashMap<(u64, u64), usize>,
    /// What came out with its number.
    whole: Vec<u8>,
}

impl<'h> Members<'h> {
    pub(super) fn new(hay: &'h [u8]) -> Self {
        Self {
            hay,
            seen: Span::new(0, 0),
            open: None,
            end: 0,
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
        let mut known = out.known.take().unwrap_or_default();
        if name.end > self.end {
            self.end = known.read(self.hay, name);
        }
        let written = out.as_bytes().get(mark..).unwrap_or_default();
        let number = known.number(name.of(self.hay), written);
        out.known = Some(known);
        if number > 1 {
            out.made(|bytes| write!(bytes, "-{number}").ok());
        }
        name.end
    }

    /// The key that `value` stands in, which begins not before `at`.
    #[inline]
    fn name_around(&mut self, value: Span, at: usize) -> Option<Span> {
        let hay = self.hay;
        // Most stand at the end of a string that is no key.
        let behind = byte(hay, value.end.saturating_add(1));
        if byte(hay, value.end) == b'"' && !matches!(behind, b':' | b' ' | b'\t') {
            return None;
        }
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

impl Known {
    /// Reads the keys of the record around `name`; where it ends.
    fn read(&mut self, hay: &[u8], name: Span) -> usize {
        let head = hay.get(..name.start).unwrap_or_default();
        let start = memchr::memrchr2(b'\n', b'\0', head).map_or(0, |end| end.saturating_add(1));
        let end = skip(hay, name.end, usize::MAX, |b| !is_end(b));
        if self.names.capacity() > KEPT_MAX {
            *self = Self::default();
        }
        self.names.clear();
        self.written.clear();
        self.last.clear();
        self.given.clear();
        let mut from = start;
        for quote in memchr::memchr_iter(b'"', Span::new(start, end).of(hay)) {
            let quote = start.saturating_add(quote);
            if ends_name(hay, quote) {
                let end = skip_back(hay, quote, quote.saturating_sub(from), |b| b == b'\\');
                let name = self.hashes.hash_one(Span::new(from, end).of(hay));
                self.names.insert(name);
            }
            from = quote.saturating_add(1);
        }
        end
    }

    /// The number that `name` gets behind what was written for it; 1 is not written.
    fn number(&mut self, name: &[u8], written: &[u8]) -> usize {
        // What stays is nobody else's: it is one of the names.
        if written == name {
            return 1;
        }
        let base = self.hashes.hash_one(written);
        let asked = (self.hashes.hash_one(name), base);
        if let Some(number) = self.given.get(&asked) {
            return *number;
        }
        let last = self.last.entry(base).or_default();
        loop {
            *last = last.saturating_add(1);
            self.whole.clear();
            self.whole.extend_from_slice(written);
            if *last > 1 {
                // Writing into memory does not fail.
                let _ = write!(self.whole, "-{last}");
            }
            let whole = self.hashes.hash_one(self.whole.as_slice());
            if !self.names.contains(&whole) && self.written.insert(whole) {
                self.given.insert(asked, *last);
                return *last;
            }
        }
    }
}
