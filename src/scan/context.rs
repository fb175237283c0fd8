//! What a detector sees and what it says.

use std::fmt;

use super::covered::Covered;
use super::keys::{Named, Names};
use super::literals::ending;
use super::order::{in_order, order};
use super::percent;
use super::shapes::SHORT_BYTES_MAX;
use super::{Scanner, Scratch};
use crate::class::{CLASSES, Class};
use crate::format::bytes::{
    before, byte, has_byte, is_digit, is_json_number, is_strict_number, is_word, record_start,
    skip, skip_back,
};
use crate::format::strings::Strings;
use crate::format::value::Unclosed;
use crate::policy::Custom;
use crate::record::Span;
pub use crate::record::Spelling;

/// A span that belongs to a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Where.
    pub span: Span,
    /// What.
    pub class: Class,
    /// How it is written.
    pub spelling: Spelling,
    /// The operator's own rule that found it, from 1; 0 where none did.
    pub rule: u16,
    /// Whether what it stands in says where it ends: quotes, an element, a cell.
    pub closed: bool,
}

/// What was considered, for `explain`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Where.
    pub span: Span,
    /// What it was taken for.
    pub class: Class,
    /// The rule that spoke.
    pub detector: &'static str,
    /// Why, or why not.
    pub reason: &'static str,
    /// Whether it is a finding.
    pub accepted: bool,
    /// Whether what it stands in says where it ends.
    pub closed: bool,
}

/// Walks over more than the surroundings of a candidate. Candidates inside the same stretch would walk it
/// once each; [`Cx::fresh`] lets only the first do it, which keeps the whole linear.
#[derive(Clone, Copy)]
pub(super) enum Walk {
    /// A container behind an arrow.
    Arrow,
    /// The extension of a CEF or LEEF record.
    Extension,
    /// The words of a command line.
    Command,
    /// A geometry in well-known text.
    Geometry,
    /// A list of products.
    Agent,
    /// The words of a command of Redis.
    Hash,
    /// The rows of a statement of SQL.
    Insert,
    /// The lines of a here-document.
    Document,
}

/// Whose keys hold containers: a detector walks all of a batch before another does, so that what one has seen says
/// nothing to the other.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// Bare or in quotes.
    Usual,
    /// The same, of keys that count where a list stands behind them.
    Listed,
    /// Between marks of their own.
    Marked,
}

/// What is followed to its end, however far that is. It ends there for all that begin inside, so that none of them
/// follows it again.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// A CDATA section.
    Cdata,
    /// A private key, and the text that it stands in.
    PrivateKey,
    KeyText,
    /// The alphabet of hashes of passwords.
    Hash,
    /// The alphabet of tokens.
    Token,
    /// The same with dots, and with what a path has.
    Dotted,
    Path,
    /// The alphabet of JSON Web Tokens.
    Jwt,
}

/// The batch around a candidate, and where verdicts go.
pub struct Cx<'a> {
    hay: &'a [u8],
    findings: &'a mut Vec<Finding>,
    /// How many of them are of another text, with places of its own.
    begun: usize,
    /// Whether the others are in order, as far as they have been put in order.
    pub(super) tidy: bool,
    notes: Option<&'a mut Vec<Note>>,
    /// How far each kind of walk has come: what is before it is not walked again.
    walked: [usize; Walk::Document as usize + 1],
    /// The same for containers behind the keys of each class: what one holds is not what another inside it does.
    held: [[usize; CLASSES.len()]; Keys::Marked as usize + 1],
    /// Strings that stay open.
    pub(super) unclosed: Unclosed,
    /// Where strings are open.
    strings: Strings,
    /// Whether what is found is a table's cell, whose quotes are not those of strings.
    pub(super) cell: bool,
    /// The last of each [`Reach`], from where it was followed to its end.
    reached: [Span; Reach::Jwt as usize + 1],
    /// The last number whose copies were looked for, and how far.
    pub(super) copied: (Span, usize),
    /// Where the last record whose end was looked at starts, and that end.
    record: Option<Span>,
    /// The last address-like token that was judged.
    pub(super) token: Span,
    /// The operator's own rules.
    pub(super) custom: Option<&'a Custom>,
    /// The rule that the next findings are of.
    pub(super) rule: u16,
    /// Whether what the next findings stand in says where they end.
    pub(super) closed: bool,
    /// The names of keys that have been looked up.
    pub(super) names: Names,
    /// Values that have been named whole.
    pub(super) covered: Covered,
    /// Who asks, and memory for a pass over what stands in the record in another coding.
    pub(super) scanner: Option<&'a Scanner>,
    pub(super) inside: Option<Box<Scratch>>,
    /// Whether it is the front end that asks, so that an anchor is where a detector wants it.
    pub(super) anchored: bool,
    /// The detector's literal that has just been found, where one was, behind its place among the detector's.
    pub(super) literal: Option<(usize, &'static str)>,
}

impl fmt::Debug for Cx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx")
            .field("bytes", &self.hay.len())
            .finish()
    }
}

impl<'a> Cx<'a> {
    pub(super) fn new(
        hay: &'a [u8],
        findings: &'a mut Vec<Finding>,
        notes: Option<&'a mut Vec<Note>>,
    ) -> Self {
        Self {
            hay,
            begun: findings.len(),
            tidy: true,
            findings,
            notes,
            walked: [0; Walk::Document as usize + 1],
            held: [[0; CLASSES.len()]; Keys::Marked as usize + 1],
            unclosed: Unclosed::default(),
            strings: Strings::default(),
            cell: false,
            reached: [Span::new(0, 0); Reach::Jwt as usize + 1],
            copied: (Span::new(0, 0), 0),
            record: None,
            token: Span::new(0, 0),
            custom: None,
            rule: 0,
            closed: false,
            names: Names::default(),
            covered: Covered::default(),
            scanner: None,
            inside: None,
            anchored: false,
            literal: None,
        }
    }

    /// Which of a detector's own literals ends right before `at`: the front end knows, or it is looked for.
    #[inline]
    pub(super) fn literal(&self, at: usize, of: &[&'static str]) -> Option<&'static str> {
        self.which(at, of).map(|(_, literal)| literal)
    }

    /// The same, behind its place among them.
    #[inline]
    pub(super) fn which(&self, at: usize, of: &[&'static str]) -> Option<(usize, &'static str)> {
        self.literal.or_else(|| ending(self.hay, at, of))
    }

    /// Where the record starts that ends at `end`, if it has at most `most` bytes, [`SHORT_BYTES_MAX`] or less.
    pub(super) fn record_start(&mut self, end: usize, most: usize) -> Option<usize> {
        let record = match self.record {
            Some(record) if record.end == end => record,
            _ => {
                let start = record_start(self.hay, end, SHORT_BYTES_MAX);
                // A longer one is as good as one that begins nowhere.
                let record = Span::new(start.unwrap_or(usize::MAX), end);
                self.record = Some(record);
                record
            }
        };
        (record.start <= end && end.saturating_sub(record.start) <= most).then_some(record.start)
    }

    /// How many findings there are.
    pub(super) fn found(&self) -> usize {
        self.findings.len()
    }

    /// Sorts the findings from `from` on by start, the longer first, and remembers whether those in front come before
    /// them; how many there are.
    pub(super) fn in_order(&mut self, from: usize) -> usize {
        in_order(self.findings, from);
        let border = from.checked_sub(1).filter(|last| *last >= self.begun);
        let border = border.and_then(|last| self.findings.get(last..=from));
        self.tidy &= border.is_none_or(|border| border.is_sorted_by_key(order));
        self.findings.len()
    }

    /// The batch.
    pub(super) fn hay(&self) -> &'a [u8] {
        self.hay
    }

    /// Whether `at` is behind all that this kind of walk has seen.
    pub(super) fn fresh(&self, walk: Walk, at: usize) -> bool {
        self.walked
            .get(walk as usize)
            .is_none_or(|walked| at >= *walked)
    }

    /// This kind of walk has seen everything before `end`.
    pub(super) fn walk_to(&mut self, walk: Walk, end: usize) {
        if let Some(walked) = self.walked.get_mut(walk as usize) {
            *walked = end.max(*walked);
        }
    }

    /// Whether `at` is behind all containers that keys of this class have been seen to hold.
    pub(super) fn holds_fresh(&self, keys: Keys, class: Class, at: usize) -> bool {
        let held = self.held.get(keys as usize);
        let held = held.and_then(|held| held.get(class.index()));
        held.is_none_or(|held| at >= *held)
    }

    /// The containers of keys of this class have been seen up to `end`.
    pub(super) fn held_to(&mut self, keys: Keys, class: Class, end: usize) {
        let held = self.held.get_mut(keys as usize);
        if let Some(held) = held.and_then(|held| held.get_mut(class.index())) {
            *held = end.max(*held);
        }
    }

    /// Where what begins at `at` ends: remembered, or as `follow` says.
    pub(super) fn reach(
        &mut self,
        kind: Reach,
        at: usize,
        follow: impl FnOnce(&'a [u8]) -> usize,
    ) -> usize {
        let Some(last) = self.reached.get_mut(kind as usize) else {
            return follow(self.hay);
        };
        if !(last.start..last.end).contains(&at) {
            *last = Span::new(at, follow(self.hay).max(at));
        }
        last.end
    }

    /// As much of `span` as stands in the string in double quotes that it starts in.
    pub(super) fn within(&mut self, span: Span) -> Span {
        self.strings.within(self.hay, span)
    }

    /// What of a finding is no part of the format around it: nothing where a string only begins, and not beyond the
    /// one that it is in.
    #[inline(never)]
    fn in_its_string(&mut self, span: Span) -> Span {
        let hay = self.hay;
        let structure = matches!(byte(hay, span.start), b',' | b':' | b'}' | b']' | b' ');
        if structure && before(hay, span.start) == b'"' && self.strings.closes(hay, span.start) {
            return Span::new(span.start, span.start);
        }
        self.within(span)
    }

    pub(super) fn accept(
        &mut self,
        span: Span,
        class: Class,
        spelling: Spelling,
        detector: &'static str,
        reason: &'static str,
    ) {
        // An operator's own pattern covers what it says.
        let own = self.cell || class == Class::CUSTOM || stays_in_its_string(self.hay, span);
        let span = if own { span } else { self.in_its_string(span) };
        // Whatever has a fixed length has shown that all of it is its own.
        let span = match class {
            Class::IP | Class::COORDINATES => percent::outside(self.hay, span),
            _ => span,
        };
        if span.is_empty() {
            return;
        }
        let may_be_number = spelling == Spelling::Text && class != Class::IP;
        let number = (may_be_number && is_of_number(byte(self.hay, span.start)))
            .then(|| whole_number(self.hay, span));
        let (span, spelling) = match number.flatten() {
            Some(number) => (number, Spelling::Number),
            None => (span, spelling),
        };
        // Several anchors may lie in one token.
        let finding = Finding {
            span,
            class,
            spelling,
            rule: self.rule,
            closed: self.closed || self.cell,
        };
        let own = self.findings.get(self.begun..).unwrap_or_default();
        if own.last() != Some(&finding) {
            self.findings.push(finding);
        }
        self.covered.found(self.hay, &finding, self.rule);
        if self.notes.is_some() {
            self.note(Note {
                span,
                class,
                detector,
                reason,
                accepted: true,
                closed: finding.closed,
            });
        }
    }

    #[cold]
    fn note(&mut self, note: Note) {
        if let Some(notes) = &mut self.notes {
            notes.push(note);
        }
    }

    /// Text that a key in front names, whatever it looks like.
    pub(super) fn named(
        &mut self,
        span: Span,
        named: Named,
        detector: &'static str,
        reason: &'static str,
    ) {
        self.named_as(span, named, Spelling::Text, detector, reason);
    }

    /// The same, however it is written.
    pub(super) fn named_as(
        &mut self,
        span: Span,
        named: Named,
        spelling: Spelling,
        detector: &'static str,
        reason: &'static str,
    ) {
        if named.rule > 0 {
            self.rule = named.rule;
            self.accept(span, Class::CUSTOM, spelling, detector, reason);
            self.rule = 0;
        }
        if named.rule == 0 || named.class != Class::CUSTOM {
            self.accept(span, named.class, spelling, detector, reason);
        }
    }

    /// Text, the usual case. What stands in a string inside a string ends before the backslashes of the closing quote.
    pub(super) fn text(
        &mut self,
        span: Span,
        class: Class,
        detector: &'static str,
        reason: &'static str,
    ) {
        let hay = self.hay;
        let mut end = span.end;
        if before(hay, end) == b'\\' && matches!(byte(hay, end), b'"' | b'\'') {
            let start = skip_back(hay, end, span.len(), |b| b == b'\\');
            // Pairs are the text's own.
            if !end.saturating_sub(start).is_multiple_of(2) {
                end = start;
            }
        }
        let span = Span::new(span.start, end);
        self.accept(span, class, Spelling::Text, detector, reason);
    }

    pub(super) fn reject(
        &mut self,
        span: Span,
        class: Class,
        detector: &'static str,
        reason: &'static str,
    ) {
        if self.notes.is_some() {
            self.note(Note {
                span,
                class,
                detector,
                reason,
                accepted: false,
                closed: false,
            });
        }
    }
}

/// Whether a short span has nothing in it that could end the string around it, as nearly all have, and is no structure
/// itself.
#[inline(always)]
fn stays_in_its_string(hay: &[u8], span: Span) -> bool {
    let structure = matches!(byte(hay, span.start), b',' | b':' | b'}' | b']' | b' ');
    !structure && span.len() < SHORT_BYTES && !has_byte(span.of(hay), b'"')
}

/// Spans of less are read rather than asked about.
const SHORT_BYTES: usize = 48;

#[inline(always)]
fn is_of_number(b: u8) -> bool {
    is_digit(b) || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E')
}

/// The JSON number that digits at `span` are in, its sign and the rest of it included: it is hidden whole, so that it
/// stays one.
#[inline(never)]
fn whole_number(hay: &[u8], span: Span) -> Option<Span> {
    if !span.of(hay).iter().all(|b| is_of_number(*b)) {
        return None;
    }
    let start = skip_back(hay, span.start, NUMBER_BYTES_MAX, is_of_number);
    let number = Span::new(start, skip(hay, span.end, NUMBER_BYTES_MAX, is_of_number));
    // `sshd[1234]` is no list.
    let indexed = before(hay, start) == b'[' && is_word(before(hay, start.saturating_sub(1)));
    let is = !indexed && is_strict_number(number.of(hay)) && is_json_number(hay, number);
    is.then_some(number)
}

/// What a number may have in front of and behind what is found in it, in bytes.
const NUMBER_BYTES_MAX: usize = 64;
