//! Finds what a policy may call personal: a front end for candidates, exact confirmation behind.
//!
//! [`Scanner::scan`] takes a batch of whole records; `\n` and `\0` end whatever a detector looks at.
//! A new detector is one file here and one line in [`DETECTORS`].

mod access_log;
mod account;
mod account_place;
mod agent;
mod argv;
mod arrow;
mod auditd;
mod auth;
mod beside;
mod bits;
mod bracket;
mod call;
mod change;
mod claims;
mod columns;
mod command;
mod condition;
mod context;
mod coordinates;
mod covered;
mod crypt;
mod daemon;
mod deeds;
mod device;
mod digits;
mod display;
mod document;
mod email;
mod encoded;
mod ends;
mod entity;
mod extension;
mod firewall;
mod flag;
mod foreign;
mod front;
mod gate;
mod guid;
mod identity;
mod image;
mod inner;
mod insert;
mod ip4;
mod ip6;
mod issuer;
mod key;
mod keys;
mod labelled;
mod list;
mod literals;
mod login;
mod mac;
mod marked;
mod memo;
mod message;
mod mrz;
mod multipart;
mod names;
mod numbering;
mod object;
mod operand;
mod oracle;
mod order;
mod owned;
mod passwd;
mod payment;
mod peers;
mod percent;
mod phone;
mod phrase;
mod placeholder;
mod places;
mod pointer;
mod postgres;
mod program;
mod prose;
mod redis;
mod scheme;
mod secret;
mod serialized;
mod service;
mod shapes;
mod shell;
mod simd;
mod sql;
mod steam;
mod subscriber;
mod table;
mod take;
mod terminal;
mod town;
mod tracker;
mod trie;
mod tuple;
mod unescape;
mod user;
mod version;
mod w3c;
mod wallet;
mod words;
mod wrapped;
mod xml;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::class::Class;
use crate::policy::Custom;

pub use context::{Cx, Finding, Note, Spelling};
pub use front::{Anchor, Scratch};
use order::in_order;
pub use table::{Standing, Table, Tables};

/// One rule: where it wants to be asked, and how it answers.
pub struct Detector {
    /// Its name in `explain`.
    pub id: &'static str,
    /// What it finds. One whose classes a policy keeps is not asked.
    pub classes: &'static [Class],
    /// Where it wants to be asked.
    pub anchors: &'static [Anchor],
    /// With [`Anchor::Literal`]: what must stand right before the place.
    pub literals: &'static [&'static str],
    /// RFC, standard or numbering plan that it follows.
    pub source: &'static str,
    /// Confirms or rejects the candidate at an anchor.
    pub confirm: fn(&mut Cx<'_>, usize),
    /// Lines in which it finds something.
    pub finds: &'static [&'static str],
    /// Lines that look like it and are not.
    pub leaves: &'static [&'static str],
}

/// All detectors.
pub static DETECTORS: &[&Detector] = &[
    &key::DETECTOR,
    &xml::ELEMENT,
    &xml::ESCAPED,
    &arrow::DETECTOR,
    &tuple::DETECTOR,
    &tuple::HEADER,
    &condition::DETECTOR,
    &call::DETECTOR,
    &change::DETECTOR,
    &passwd::DETECTOR,
    &auth::DETECTOR,
    &oracle::DETECTOR,
    &labelled::DETECTOR,
    &marked::DETECTOR,
    &multipart::DETECTOR,
    &serialized::DETECTOR,
    &insert::DETECTOR,
    &encoded::PERCENT,
    &encoded::ENTITY,
    &bracket::DETECTOR,
    &extension::DETECTOR,
    &flag::DETECTOR,
    &command::DETECTOR,
    &argv::DETECTOR,
    &operand::DETECTOR,
    &owned::DETECTOR,
    &auditd::DETECTOR,
    &agent::DETECTOR,
    &secret::USERINFO,
    &subscriber::DETECTOR,
    &issuer::DETECTOR,
    &crypt::DETECTOR,
    &scheme::DETECTOR,
    &account::PHRASE,
    &message::DETECTOR,
    &redis::DETECTOR,
    &service::DETECTOR,
    &shell::DETECTOR,
    &steam::DETECTOR,
    &account_place::HOME,
    &account_place::ACCESS_LOG,
    &access_log::COMBINED,
    &account_place::DOMAIN_USER,
    &w3c::DETECTOR,
    &prose::DETECTOR,
    &ip4::DETECTOR,
    &ip4::HYPHENATED,
    &ip4::TUPLE,
    &ip6::DETECTOR,
    &ip6::PERCENT,
    &pointer::DETECTOR,
    &email::DETECTOR,
    &mac::DETECTOR,
    &mac::PATH,
    &mac::SHORT,
    &mac::WATCH,
    &mac::LEASE,
    &guid::DETECTOR,
    &digits::DETECTOR,
    &coordinates::DETECTOR,
    &places::DEGREES,
    &places::WELL_KNOWN,
    &places::URI,
    &places::PLUS_CODE,
    &identity::DETECTOR,
    &image::DETECTOR,
    &mrz::DETECTOR,
    &document::DETECTOR,
    &document::ALONE,
    &payment::CARD,
    &payment::IBAN,
    &wallet::DETECTOR,
    &phone::INTERNATIONAL,
    &phone::NATIONAL,
];

/// Scanners so far, and one.
static SCANNERS: AtomicU64 = AtomicU64::new(1);

/// The scanning stage, immutable and shared.
pub struct Scanner {
    front: front::Front,
    by_anchor: Vec<Vec<Asked>>,
    literals: literals::Literals,
    custom: Option<Custom>,
    /// Classes that are hidden wherever they are found, a bit each.
    settled: u64,
    /// Another for each, by which a memory is known to be its own.
    number: u64,
}

/// A detector as it is asked at an anchor.
#[derive(Clone, Copy)]
struct Asked {
    detector: &'static Detector,
    /// See [`covered`].
    names: bool,
    inside: Option<Class>,
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner")
            .field("detectors", &DETECTORS.len())
            .finish()
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::with(simd::best())
    }
}

impl Scanner {
    fn with(way: simd::Way) -> Self {
        Self::of(way, DETECTORS)
    }

    fn of(way: simd::Way, detectors: &[&'static Detector]) -> Self {
        let asked = |anchor| {
            detectors
                .iter()
                .copied()
                .filter(|d| d.anchors.contains(anchor))
                .map(|detector| Asked {
                    detector,
                    names: covered::names(detector, *anchor),
                    inside: covered::inside(detector),
                })
                .collect()
        };
        let anchors = detectors.iter().flat_map(|d| d.anchors).copied();
        // Only an operator's own keys end so.
        let anchors = anchors.filter(|anchor| *anchor != Anchor::KeyBehindDigits);
        Self {
            front: front::Front {
                way,
                prints: literals::Literals::prints(detectors),
                ends: literals::Literals::ends(detectors),
                gate: keys::gate(|_| true),
                wanted: anchors.fold(0, |set, anchor| set | anchor.bit()),
            },
            by_anchor: Anchor::ALL.iter().map(asked).collect(),
            literals: literals::Literals::new(detectors),
            custom: None,
            settled: 0,
            number: SCANNERS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The same where findings of these classes are always hidden: of what a key names whole, nothing that it covers
    /// need be found again. Which bytes are hidden, and as what, stays the same.
    #[must_use]
    pub fn settled(mut self, settled: impl Fn(Class) -> bool) -> Self {
        let of = |class: &Class| settled(*class) && *class != Class::CUSTOM;
        self.settled = Class::all()
            .filter(of)
            .fold(0, |set, class| set | 1 << class.index());
        self
    }

    /// All detectors and the operator's own rules.
    #[must_use]
    pub fn with_custom(custom: &Custom) -> Self {
        Self::wanted(custom, |_| true)
    }

    /// The operator's own rules, and what finds one of the wanted classes; others may be found too.
    #[must_use]
    pub fn wanted(custom: &Custom, wanted: impl Fn(Class) -> bool) -> Self {
        // An operator's keys are found wherever the dictionary's are.
        let is_asked = |class: &Class| match *class {
            Class::CUSTOM => custom.has_keys(),
            class => wanted(class),
        };
        let asked = |d: &&'static Detector| d.classes.iter().any(is_asked);
        let detectors: Vec<_> = DETECTORS.iter().copied().filter(asked).collect();
        let mut scanner = Self::of(simd::best(), &detectors);
        scanner.front.gate = keys::gate(&wanted);
        for key in custom.keys() {
            scanner.front.gate.allow(key, false);
            let digits = key.iter().rev().take_while(|b| b.is_ascii_digit()).count();
            if digits == key.len() {
                scanner.front.wanted |= Anchor::KeyBehindDigits.bit();
            }
        }
        scanner.custom = (!custom.is_empty()).then(|| custom.clone());
        scanner
    }

    /// Builds the tables that a first record would wait for, once a process.
    pub fn ready(&self) {
        keys::ready();
        names::ready();
        if self.front.wanted != 0 {
            document::ready();
        }
    }

    /// A scanner with these rules only, to see what becomes of a record whose rule fails.
    #[cfg(test)]
    pub(crate) fn only(detector: &'static Detector) -> Self {
        Self::of(simd::best(), &[detector])
    }

    /// The same rules on the scalar front end, for differential tests.
    #[must_use]
    pub fn portable() -> Self {
        Self::with(simd::PORTABLE)
    }

    /// The same rules on each front end that this processor can run, for differential tests.
    pub fn each_way() -> impl Iterator<Item = Self> {
        simd::ways().into_iter().map(Self::with)
    }

    /// Appends what it finds in `hay` to `findings`, sorted by start, overlaps not yet resolved.
    pub fn scan(&self, hay: &[u8], scratch: &mut Scratch, findings: &mut Vec<Finding>) {
        self.once(hay, scratch, findings);
        let as_written = findings.len();
        let mut reading = std::mem::take(&mut scratch.reading);
        reading.once(hay, |text, written| {
            let from = findings.len();
            self.once(text, scratch, findings);
            for finding in findings.get_mut(from..).unwrap_or_default() {
                finding.span = written(finding.span);
            }
        });
        let trims = reading.trim(hay, findings);
        scratch.reading = reading;
        let cuts = ends::cut(hay, findings);
        if trims || cuts || findings.len() > as_written {
            in_order(findings, 0);
        }
    }

    /// As it is written.
    fn once(&self, hay: &[u8], scratch: &mut Scratch, findings: &mut Vec<Finding>) {
        let from = findings.len();
        let mut cx = Cx::new(hay, findings, None);
        // What the operator of another policy calls a secret is nothing here.
        if std::mem::replace(&mut scratch.names_of, self.number) == self.number {
            cx.names = std::mem::take(&mut scratch.names);
        }
        cx.inside = scratch.inside.take();
        cx.covered = std::mem::take(&mut scratch.covered);
        cx.covered.begin(self.settled);
        self.candidates(&mut cx, scratch);
        scratch.covered = std::mem::take(&mut cx.covered);
        scratch.names = std::mem::take(&mut cx.names);
        scratch.inside = cx.inside.take();
        if !cx.tidy {
            in_order(findings, from);
        }
    }

    fn candidates<'a>(&'a self, cx: &mut Cx<'a>, scratch: &mut Scratch) {
        let hay = cx.hay();
        // What another text gave stays in front.
        let begun = cx.found();
        if let Some(custom) = &self.custom {
            cx.custom = custom.has_keys().then_some(custom);
            custom.each(hay, |span, rule| {
                cx.rule = rule;
                cx.text(span, Class::CUSTOM, "custom", "an operator's own rule");
            });
            cx.rule = 0;
        }
        cx.anchored = true;
        cx.scanner = Some(self);
        let mut sorted = begun;
        front::anchors(&self.front, hay, scratch, |found| match found {
            Some((Anchor::Literal, places)) => {
                for at in places.each() {
                    self.literals.each(hay, at, |literal, detector| {
                        cx.literal = Some(literal);
                        (detector.confirm)(cx, at);
                    });
                }
                cx.literal = None;
            }
            // All who are asked look for where the record starts.
            Some((Anchor::End, places)) => {
                for at in places.each() {
                    for asked in self
                        .by_anchor
                        .get(Anchor::End as usize)
                        .into_iter()
                        .flatten()
                    {
                        (asked.detector.confirm)(cx, at);
                    }
                }
            }
            Some((anchor, places)) => {
                for asked in self.by_anchor.get(anchor as usize).into_iter().flatten() {
                    let confirm = asked.detector.confirm;
                    match asked.inside {
                        Some(class) if !cx.covered.is_empty() => {
                            for at in places.each() {
                                if !cx.covered.has(at, class) {
                                    confirm(cx, at);
                                }
                            }
                        }
                        _ => {
                            cx.covered.naming(asked.names);
                            places.each().for_each(|at| confirm(cx, at));
                            cx.covered.naming(false);
                        }
                    }
                }
            }
            None => {
                sorted = cx.in_order(sorted);
                cx.covered.next();
            }
        });
        // What the end of the batch gave.
        cx.in_order(sorted);
    }

    /// The slow twin: every detector asked at every byte, no front end. For tests.
    pub fn scan_naive(&self, hay: &[u8], findings: &mut Vec<Finding>) {
        let once = |hay: &[u8], findings: &mut Vec<Finding>| {
            for detector in DETECTORS {
                let mut cx = Cx::new(hay, findings, None);
                for at in 0..=hay.len() {
                    (detector.confirm)(&mut cx, at);
                }
            }
        };
        once(hay, findings);
        let mut reading = unescape::Reading::default();
        reading.once(hay, |text, written| {
            let from = findings.len();
            once(text, findings);
            for finding in findings.get_mut(from..).unwrap_or_default() {
                finding.span = written(finding.span);
            }
        });
        reading.trim(hay, findings);
        ends::cut(hay, findings);
        in_order(findings, 0);
    }
}

/// Everything considered in one record, taken or rejected, sorted by start.
#[must_use]
pub fn explain(line: &[u8], custom: &Custom) -> Vec<Note> {
    let scanner = Scanner::with_custom(custom);
    let (mut findings, mut notes) = (Vec::new(), Vec::new());
    let mut scratch = Scratch::default();
    let mut cx = Cx::new(line, &mut findings, Some(&mut notes));
    scanner.candidates(&mut cx, &mut scratch);
    let mut reading = unescape::Reading::default();
    reading.once(line, |text, written| {
        let from = notes.len();
        let mut cx = Cx::new(text, &mut findings, Some(&mut notes));
        scanner.candidates(&mut cx, &mut scratch);
        for note in notes.get_mut(from..).unwrap_or_default() {
            note.span = written(note.span);
        }
    });
    for note in &mut notes {
        note.span = reading.trimmed(line, note.span, note.closed);
        note.span.end = ends::end(line, note.span, note.class, note.closed);
    }
    notes.sort_by_key(|note| (note.span.start, note.span.end, !note.accepted));
    notes.dedup();
    notes
}

#[cfg(test)]
mod tests;
