//! What structure has named whole is not looked at again: a value that fills its string or is a whole number of JSON
//! is hidden from end to end, and nothing that is found inside would make a difference.
//!
//! That holds where the policy hides the class whatever the value and wherever it stands ([`Scanner::settled`]).
//! Findings that overlap become one, whose class is that of the longest and then of the first in the taxonomy
//! (`mask::Masker::resolve`): so the detectors that are left out are those of [`INSIDE`], which find nothing beyond a
//! quote, but for the name in front of an address in `<` and `>`, and of which no finding could give the whole its class.
//!
//! [`Scanner::settled`]: super::Scanner::settled

use super::context::{Finding, Spelling};
use super::front::{Anchor, STRETCH};
use super::{Detector, access_log, coordinates, digits, document, email, guid};
use super::{identity, ip4, ip6, key, mac, mrz, payment, phone};
use crate::class::Class;
use crate::format::bytes::{before, byte};

/// Who names values whole.
static NAMING: &[(&Detector, Anchor)] = &[
    (&key::DETECTOR, Anchor::Key),
    (&access_log::COMBINED, Anchor::Year),
];

/// Who finds nothing beyond a quote, and the first class of the taxonomy that it could give a whole value.
static INSIDE: &[(&Detector, Class)] = &[
    (&ip4::DETECTOR, Class::IP),
    (&ip4::HYPHENATED, Class::IP),
    (&ip6::DETECTOR, Class::IP),
    (&email::DETECTOR, Class::EMAIL),
    (&mac::DETECTOR, Class::MAC),
    (&guid::DETECTOR, Class::GUID),
    (&digits::DETECTOR, Class::IMEI),
    (&coordinates::DETECTOR, Class::COORDINATES),
    (&phone::INTERNATIONAL, Class::PHONE),
    (&phone::NATIONAL, Class::PHONE),
    (&identity::DETECTOR, Class::NATIONAL_ID),
    (&mrz::DETECTOR, Class::NATIONAL_ID),
    (&document::DETECTOR, Class::NATIONAL_ID),
    (&payment::CARD, Class::TRANSACTION),
    (&payment::IBAN, Class::TRANSACTION),
];

/// Whether it names values whole when it is asked at this anchor.
pub(super) fn names(detector: &Detector, anchor: Anchor) -> bool {
    NAMING
        .iter()
        .any(|(own, at)| std::ptr::eq(*own, detector) && *at == anchor)
}

/// The first class that it could give a whole value, where it finds nothing beyond one.
pub(super) fn inside(detector: &Detector) -> Option<Class> {
    let mut table = INSIDE.iter();
    let row = table.find(|(own, _)| std::ptr::eq(*own, detector));
    row.map(|(_, class)| *class)
}

/// Most values that are remembered beyond their stretch.
const REACHING_MAX: usize = 16;

/// Values that are hidden whole, by place, and none in another.
#[derive(Default)]
pub(super) struct Covered {
    /// The classes that a policy hides wherever they are, a bit each.
    settled: u64,
    /// Whether who is asked names values whole.
    naming: bool,
    /// Whether there is any value.
    any: bool,
    /// Those that go on behind the stretch.
    reaching: Vec<Value>,
    /// Where the stretch begins.
    base: usize,
    /// For each byte of the stretch the class of the value that has it or ends there: its number in the taxonomy and
    /// one, or 0. Empty before the first.
    bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Value {
    start: usize,
    end: usize,
    class: Class,
}

impl Covered {
    /// A text begins.
    pub(super) fn begin(&mut self, settled: u64) {
        self.settled = settled;
        self.naming = false;
        self.forget();
        self.reaching.clear();
        self.base = 0;
    }

    fn forget(&mut self) {
        if self.any {
            // A longer run at once would be handed to a slower instruction.
            for bytes in self.bytes.chunks_mut(STRETCH / 4) {
                bytes.fill(0);
            }
            self.any = false;
        }
    }

    /// Whether the detector that is asked next names values whole.
    #[inline]
    pub(super) fn naming(&mut self, naming: bool) {
        self.naming = naming && self.settled != 0;
    }

    /// Remembers a finding that fills its value.
    #[inline]
    pub(super) fn found(&mut self, hay: &[u8], finding: &Finding, rule: u16) {
        if self.naming && rule == 0 {
            self.put(hay, finding);
        }
    }

    fn put(&mut self, hay: &[u8], finding: &Finding) {
        let (start, end) = (finding.span.start, finding.span.end);
        let back = |n: usize| before(hay, start.saturating_sub(n));
        let next = byte(hay, end);
        let ahead = byte(hay, end.saturating_add(1));
        let whole = match finding.spelling {
            Spelling::Hex => false,
            Spelling::Text => back(0) == b'"' && (next == b'"' || next == b'\\' && ahead == b'"'),
            Spelling::Number => {
                let colon = usize::from(back(0) == b' ');
                back(colon) == b':'
                    && back(colon.saturating_add(1)) == b'"'
                    && (next == b'}' || next == b',' && ahead == b'"')
            }
        };
        // `"Ann Lee" <+49…>` in quotes that are not escaped: the name of what is in the value stands in front of it.
        let blank = usize::from(byte(hay, start) == b' ');
        let named = byte(hay, start.saturating_add(blank)) == b'<';
        let settled = self.settled >> finding.class.index() & 1 == 1;
        if !whole || named || !settled || self.number(start.saturating_add(1)) != 0 {
            return;
        }
        let value = Value {
            start,
            end,
            class: finding.class,
        };
        if end >= self.base.saturating_add(STRETCH) {
            if self.reaching.len() >= REACHING_MAX {
                return;
            }
            self.reaching.push(value);
        }
        self.mark(value);
    }

    /// Its bytes behind the first, and the one behind it, as far as they are in the stretch.
    fn mark(&mut self, value: Value) {
        if !self.any {
            self.bytes.resize(STRETCH, 0);
            self.any = true;
        }
        let place = |at: usize| at.saturating_sub(self.base).min(STRETCH);
        let from = place(value.start.saturating_add(1));
        let to = place(value.end.saturating_add(1));
        let number = value.class.index().saturating_add(1);
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        if let Some(bytes) = self.bytes.get_mut(from..to) {
            bytes.fill(number);
        }
    }

    /// A stretch is over: what reaches into the next is kept.
    pub(super) fn next(&mut self) {
        self.forget();
        self.base = self.base.saturating_add(STRETCH);
        for at in 0..self.reaching.len() {
            if let Some(value) = self.reaching.get(at).copied()
                && value.end >= self.base
            {
                self.mark(value);
            }
        }
        let end = self.base.saturating_add(STRETCH);
        self.reaching.retain(|value| value.end >= end);
    }

    #[inline]
    fn number(&self, at: usize) -> u8 {
        let number = self.bytes.get(at.wrapping_sub(self.base));
        number.copied().unwrap_or(0)
    }

    /// Whether `at` is in a value about which nobody has to look who could at the most say `class` of it.
    #[inline]
    pub(super) fn has(&self, at: usize, class: Class) -> bool {
        // None is none, and comes before all of them.
        usize::from(self.number(at).wrapping_sub(1)) <= class.index()
    }

    /// Whether there is no value.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }
}
