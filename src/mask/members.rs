//! Keys of JSON that hold a value: what hides two values the same way would make two keys of an object one, and whoever
//! reads it would lose a member. Of the keys of an object that would become the same, the second and further get a number
//! behind them: `REDACTED-MAC`, `REDACTED-MAC-2`.

mod hash;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::Write;

use hash::{Hashed, Hashes};

use super::{Scrubbed, Target};
use crate::format::bytes::{before, byte, skip, skip_back};
use crate::format::value::{Unclosed, quote_at};
use crate::record::Span;

/// The keys of a batch, from left to right.
pub(super) struct Members<'h> {
    hay: &'h [u8],
    /// No key ends inside, and one may right behind it.
    seen: Span,
    /// The key that is being written, its object, and where it begins in what comes out.
    open: Option<(Name, usize)>,
    /// Where the record ends whose keys are known.
    end: usize,
}

/// A key, without its quotes.
#[derive(Clone, Copy)]
struct Name {
    span: Span,
    object: u32,
    hash: u64,
}

/// What stands in no object that is known, as where text around JSON has quotes of its own: one for each record.
const NOWHERE: u32 = 0;

/// Keys of a record whose memory is kept.
const KEPT_MAX: usize = 4096;

/// Deepest nesting that is followed; what lies deeper is in no object that is known.
const DEPTH_MAX: usize = 128;

/// The keys of one record, by hashes that nobody outside can foresee, each with its object's number. Kept from batch to
/// batch for its memory; there is none before a key has a value in it.
#[derive(Default)]
pub(super) struct Known {
    hashes: Hashes,
    /// Whose keys they are.
    record: Span,
    /// From left to right.
    keys: Vec<Name>,
    /// As they came.
    names: HashSet<u64, Hashed>,
    /// Whether all keys are among the names as ones of [`NOWHERE`], too.
    anywhere: bool,
    /// What came out already, and of which key, where that has no number.
    written: HashMap<u64, Option<u64>, Hashed>,
    /// The numbers that were given last.
    last: HashMap<u64, usize, Hashed>,
    /// The numbers above 1 that were given to a key and what came out for it.
    given: HashMap<(u64, u64), usize, Hashed>,
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
            Some((name, _)) if target.span.start < name.span.end => return at,
            Some(_) => self.leave(at, out),
            None => at,
        };
        if target.number() || !self.may_be_named(target.span) {
            return at;
        }
        match self.name_around(target.span, at, out) {
            Some(name) => {
                out.kept(Span::new(at, name.span.start).of(self.hay));
                self.open = Some((name, out.as_bytes().len()));
                name.span.start
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
        if at > name.span.end {
            return at;
        }
        out.kept(Span::new(at, name.span.end).of(self.hay));
        let mut known = out.known.take().unwrap_or_default();
        let written = out.as_bytes().get(mark..).unwrap_or_default();
        let number = known.number(name, self.hay, written);
        out.known = Some(known);
        if number > 1 {
            out.made(|bytes| write!(bytes, "-{number}").ok());
        }
        name.span.end
    }

    /// Whether a key may end behind `value` that it stands in; cheap, for it is asked of all values.
    #[inline]
    fn may_be_named(&mut self, value: Span) -> bool {
        // Most stand at the end of a string that is no key.
        let behind = byte(self.hay, value.end.saturating_add(1));
        if byte(self.hay, value.end) == b'"' && !matches!(behind, b':' | b' ' | b'\t') {
            return false;
        }
        if !(self.seen.start..=self.seen.end).contains(&value.end) {
            self.seen = Span::new(value.end, closing_quote(self.hay, value.end));
        }
        is_colon_behind(self.hay, self.seen.end)
    }

    /// The key that `value` stands in, which begins not before `at`.
    fn name_around(&mut self, value: Span, at: usize, out: &mut Scrubbed) -> Option<Name> {
        let hay = self.hay;
        let quote = self.seen.end;
        let escapes = skip_back(hay, quote, quote.saturating_sub(value.end), |b| b == b'\\');
        let known = out.known.get_or_insert_default();
        if quote >= self.end {
            known.read(hay, quote);
            self.end = known.record.end;
        }
        let index = known.keys.partition_point(|name| name.span.end < escapes);
        if let Some(name) = known.keys.get(index)
            && name.span.end == escapes
        {
            return (name.span.start >= at && name.span.start <= value.start).then_some(*name);
        }
        let head = Span::new(at, value.start).of(hay);
        let quote = at.saturating_add(memchr::memrchr3(b'"', b'\n', b'\0', head)?);
        (byte(hay, quote) == b'"').then(|| {
            let span = Span::new(quote.saturating_add(1), escapes);
            known.name(hay, span, NOWHERE)
        })
    }
}

/// The quote that closes the string that goes on at `at`, or the end of its record. How deep the string is in others is
/// not known here.
fn closing_quote(hay: &[u8], mut at: usize) -> usize {
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

/// Whether what stands at `at` is a quote with a colon behind it.
fn is_colon_behind(hay: &[u8], at: usize) -> bool {
    let border = || skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t'));
    byte(hay, at) == b'"' && byte(hay, border()) == b':'
}

impl Known {
    /// Reads the keys of the record around `at`.
    fn read(&mut self, hay: &[u8], at: usize) {
        let (head, tail) = hay.split_at_checked(at).unwrap_or_default();
        let start = memchr::memrchr2(b'\n', b'\0', head).map_or(0, |end| end.saturating_add(1));
        let end = memchr::memchr2(b'\n', b'\0', tail);
        if self.names.capacity() > KEPT_MAX {
            *self = Self::default();
        }
        self.record = Span::new(start, end.map_or(hay.len(), |end| at.saturating_add(end)));
        self.keys.clear();
        self.names.clear();
        self.anywhere = false;
        self.written.clear();
        self.last.clear();
        self.given.clear();
        self.follow(hay);
    }

    fn name(&self, hay: &[u8], span: Span, object: u32) -> Name {
        Name {
            span,
            object,
            hash: self.hashes.of(object, span.of(hay)),
        }
    }

    /// Notes the keys of the record's objects.
    fn follow(&mut self, hay: &[u8]) {
        let record = self.record;
        let (mut objects, mut unclosed) = (Objects::default(), Unclosed::default());
        // Text in front of JSON may have quotes of its own.
        let head = memchr::memchr(b'{', record.of(hay)).unwrap_or(record.len());
        let mut at = record.start.saturating_add(head);
        // What is no string and no border of an object says nothing here.
        while let Some(next) = memchr::memchr3(b'"', b'{', b'}', Span::new(at, record.end).of(hay))
        {
            let here = at.saturating_add(next);
            if let Some(behind) = objects.close_texts(here) {
                at = behind;
                continue;
            }
            let from = at;
            at = here.saturating_add(1);
            match byte(hay, here) {
                b'{' if !objects.open_object() => return,
                b'{' => {}
                b'}' => objects.close_object(),
                _ => {
                    let left = here.saturating_sub(from).min(16);
                    let first = skip_back(hay, here, left, |b| b == b'\\');
                    let Some((quote, content)) = quote_at(hay, first) else {
                        continue;
                    };
                    let end = unclosed.string_end(hay, content, quote);
                    let closing = end.saturating_add(quote.escapes);
                    let text = Span::new(content, end);
                    at = closing.saturating_add(1);
                    if is_colon_behind(hay, closing) {
                        let name = self.name(hay, text, objects.innermost);
                        self.names.insert(name.hash);
                        self.keys.push(name);
                    } else if memchr::memchr(b'{', text.of(hay)).is_some() {
                        if !objects.open_text(end, at) {
                            return;
                        }
                        at = content;
                    }
                }
            }
        }
    }

    /// Has all keys of the record among the names of [`NOWHERE`], too.
    fn read_anywhere(&mut self, hay: &[u8]) {
        let Span { mut start, end } = self.record;
        let mut from = start;
        while let Some(quote) = memchr::memchr(b'"', Span::new(start, end).of(hay)) {
            let quote = start.saturating_add(quote);
            start = quote.saturating_add(1);
            if is_colon_behind(hay, quote) {
                let end = skip_back(hay, quote, quote.saturating_sub(from), |b| b == b'\\');
                let name = Span::new(from, end).of(hay);
                self.names.insert(self.hashes.of(NOWHERE, name));
            }
            from = start;
        }
        self.anywhere = true;
    }

    /// The number that `name` gets behind what was written for it; 1 is not written.
    fn number(&mut self, name: Name, hay: &[u8], written: &[u8]) -> usize {
        let Name { span, object, hash } = name;
        // What stays is nobody else's: it is one of the names.
        if written == span.of(hay) {
            return 1;
        }
        if object == NOWHERE && !self.anywhere {
            self.read_anywhere(hay);
        }
        let base = self.hashes.of(object, written);
        if !self.names.contains(&base) {
            match self.written.entry(base) {
                Entry::Vacant(none) => {
                    none.insert(Some(hash));
                    return 1;
                }
                Entry::Occupied(whose) if *whose.get() == Some(hash) => return 1,
                Entry::Occupied(_) => {}
            }
        }
        if let Some(number) = self.given.get(&(hash, base)) {
            return *number;
        }
        let last = self.last.entry(base).or_insert(1);
        loop {
            *last = last.saturating_add(1);
            self.whole.clear();
            self.whole.extend_from_slice(written);
            // Writing into memory does not fail.
            let _ = write!(self.whole, "-{last}");
            let whole = self.hashes.of(object, &self.whole);
            if self.names.contains(&whole) {
                continue;
            }
            if let Entry::Vacant(none) = self.written.entry(whole) {
                none.insert(None);
                self.given.insert((hash, base), *last);
                return *last;
            }
        }
    }
}

/// The objects that are open where a walk stands, in strings that hold JSON, too.
struct Objects {
    open: Vec<Open>,
    /// How many there were.
    count: u32,
    innermost: u32,
    /// Where the content of the innermost string ends.
    text_end: usize,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            count: NOWHERE,
            innermost: NOWHERE,
            text_end: usize::MAX,
        }
    }
}

enum Open {
    Object(u32),
    /// A string: where its content ends, and one past its closing quote.
    Text(usize, usize),
}

impl Objects {
    /// False where that is too deep.
    fn open_object(&mut self) -> bool {
        self.count = self.count.saturating_add(1);
        self.innermost = self.count;
        self.open.push(Open::Object(self.count));
        self.open.len() <= DEPTH_MAX
    }

    /// False where that is too deep.
    fn open_text(&mut self, end: usize, behind: usize) -> bool {
        self.text_end = end;
        self.open.push(Open::Text(end, behind));
        self.open.len() <= DEPTH_MAX
    }

    fn close_object(&mut self) {
        if matches!(self.open.last(), Some(Open::Object(_))) {
            self.open.pop();
            self.look();
        }
    }

    /// Closes the strings that end before `at`, and what is open in them; what is behind them.
    #[inline]
    fn close_texts(&mut self, at: usize) -> Option<usize> {
        if at < self.text_end {
            return None;
        }
        let ended = |(index, open): (usize, &Open)| match open {
            Open::Text(end, behind) if at >= *end => Some((index, *behind)),
            _ => None,
        };
        let (outermost, behind) = self.open.iter().enumerate().find_map(ended)?;
        self.open.truncate(outermost);
        self.look();
        Some(behind)
    }

    fn look(&mut self) {
        let inside_out = || self.open.iter().rev();
        let object = inside_out().find_map(|open| match open {
            Open::Object(number) => Some(*number),
            Open::Text(..) => None,
        });
        let text = inside_out().find_map(|open| match open {
            Open::Text(end, _) => Some(*end),
            Open::Object(_) => None,
        });
        self.innermost = object.unwrap_or(NOWHERE);
        self.text_end = text.unwrap_or(usize::MAX);
    }
}
