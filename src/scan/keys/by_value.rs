//! Names that count only where their value is what a section of the dictionary says.

use super::super::beside::{self, Beside};
use super::{KEY_BYTES_MAX, is_key, ldif};
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_hex, is_word, skip, small, smalls};
use crate::record::Span;

/// What a value is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IsSo {
    Any,
    Hash,
    SmallNumber,
    /// An object or a list.
    Object,
    /// Not the number of a rule or of a row.
    NoCounter,
    NoSmallNumber,
    /// No count, switch or verdict, as tests and stages have.
    NoVerdict,
    /// The same of a name with more in front; alone it is a secret's.
    NoVerdictBehindMore,
    /// That of a telephone (ITU-T E.164).
    Telephone,
    /// As long as a keyed hash, and with both letters and digits.
    Signature,
    /// An absolute URL of the web that says more than a host.
    Page,
    /// In base64, as an entry of a directory has it.
    Encoded,
    /// In front of the people of a directory, or in base64 as an entry of one has it.
    Person,
    /// Where what stands around it says so.
    Beside(Beside),
}

impl IsSo {
    /// Whether the value behind the key that ends at `end` is so.
    pub(super) fn holds_behind(self, hay: &[u8], end: usize) -> bool {
        match self {
            Self::Page => is_page(hay, value_start(hay, end)),
            Self::Person => {
                is_person(hay, value_start(hay, end)) || ldif::encoded(hay, end).is_some()
            }
            Self::Encoded => ldif::encoded(hay, end).is_some(),
            Self::Beside(what) => what.holds(hay, end, value_start(hay, end)),
            Self::Object => matches!(byte(hay, value_start(hay, end)), b'{' | b'['),
            Self::SmallNumber => is_over(hay, end) && self.holds(value_behind(hay, end)),
            // Bare, a counter of 32 bits; a program that writes JSON has a session's own number in it.
            Self::NoSmallNumber if !matches!(byte(hay, end), b'"' | b'\'' | b'\\') => {
                let value = value_behind(hay, end);
                let value = value.strip_suffix(b"-").unwrap_or(value);
                let counter = (1..=10).contains(&value.len()) && value.iter().all(|b| is_digit(*b));
                !is_over(hay, end) || !counter
            }
            Self::NoSmallNumber | Self::NoCounter | Self::NoVerdict | Self::NoVerdictBehindMore => {
                !is_over(hay, end) || self.holds(value_behind(hay, end))
            }
            // A program's place in its sources is told by its first byte.
            Self::Telephone => {
                let first = byte(hay, value_start(hay, end));
                (is_digit(first) || first == b'+')
                    && is_over(hay, end)
                    && self.holds(value_behind(hay, end))
            }
            _ => self.holds(value_behind(hay, end)),
        }
    }

    /// Whether it does not count with what stands before the name. A session's number opens it where a URL bears it, however
    /// short it is; elsewhere one so short counts sessions, rules or rows: whoever may guess it needs no log (ASVS 5.0 §7.2.3
    /// wants 128 bits of chance).
    pub(super) fn is_no_matter(self, before: u8) -> bool {
        match self {
            Self::NoCounter | Self::NoSmallNumber => matches!(before, b'?' | b'&'),
            Self::NoVerdictBehindMore => !is_key(before),
            _ => false,
        }
    }

    fn holds(self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Page | Self::Object | Self::Person | Self::Encoded | Self::Beside(_) => false,
            Self::Hash => value.len() >= 32 && value.iter().all(|b| is_hex(*b)),
            Self::SmallNumber => value.len() <= 4 && value.iter().all(|b| is_digit(*b)),
            Self::NoSmallNumber => value.is_empty() || !Self::SmallNumber.holds(value),
            Self::NoVerdict | Self::NoVerdictBehindMore => !is_verdict(value),
            Self::Telephone => {
                let digits = value.strip_prefix(b"+").unwrap_or(value);
                (7..=15).contains(&digits.len()) && digits.iter().all(|b| is_digit(*b))
            }
            Self::NoCounter => {
                value.is_empty() || value.len() > 8 || !value.iter().all(|b| is_digit(*b))
            }
            Self::Signature => {
                value.len() >= 27
                    && value.iter().any(|b| is_digit(*b))
                    && value.iter().any(u8::is_ascii_alphabetic)
            }
        }
    }
}

/// The sections whose names count if their value is what the section says: those of a class, and those of names that
/// end like a known key and are none.
pub(super) const BY_VALUE: &[(&str, Option<Class>, IsSo)] = &[
    ("[none]", None, IsSo::Any),
    ("[none of hashes]", None, IsSo::Hash),
    ("[none of small numbers]", None, IsSo::SmallNumber),
    (
        "[location.itinerary of objects]",
        Some(Class::ITINERARY),
        IsSo::Object,
    ),
    (
        "[network.password of no counters]",
        Some(Class::PASSWORD),
        IsSo::NoCounter,
    ),
    (
        "[network.password of no small numbers]",
        Some(Class::PASSWORD),
        IsSo::NoSmallNumber,
    ),
    (
        "[network.account of no counters]",
        Some(Class::ACCOUNT),
        IsSo::NoCounter,
    ),
    (
        "[network.password of no verdicts behind more]",
        Some(Class::PASSWORD),
        IsSo::NoVerdictBehindMore,
    ),
    (
        "[network.password of no verdicts]",
        Some(Class::PASSWORD),
        IsSo::NoVerdict,
    ),
    (
        "[basic.phone of numbers]",
        Some(Class::PHONE),
        IsSo::Telephone,
    ),
    ("[basic.name of people]", Some(Class::NAME), IsSo::Person),
    (
        "[network.email of entries]",
        Some(Class::EMAIL),
        IsSo::Encoded,
    ),
    (
        "[network.password of signatures]",
        Some(Class::PASSWORD),
        IsSo::Signature,
    ),
    (
        "[activity.browsing of pages]",
        Some(Class::BROWSING),
        IsSo::Page,
    ),
];

/// All sections whose names count by what stands around them.
pub(super) fn by_value() -> impl Iterator<Item = (&'static str, Option<Class>, IsSo)> {
    let beside = beside::SECTIONS.iter();
    let beside = beside.map(|(section, class, what)| (*section, Some(*class), IsSo::Beside(*what)));
    BY_VALUE.iter().copied().chain(beside)
}

/// How many, whether, or how it went: `12`, `0.9`, `true`, `done`. A number that may let in has six digits at least.
fn is_verdict(value: &[u8]) -> bool {
    const WORDS: [u64; 18] = smalls([
        b"true", b"false", b"yes", b"no", b"on", b"off", b"ok", b"pass", b"passed", b"fail",
        b"failed", b"done", b"skip", b"skipped", b"error", b"warn", b"success", b"all",
    ]);
    let number = value
        .iter()
        .all(|b| is_digit(*b) || matches!(b, b'.' | b'-' | b'+' | b'%'));
    let amount = value.len() < 6 || value.contains(&b'.') || value.ends_with(b"%");
    !value.is_empty() && (number && amount || WORDS.contains(&small(value)))
}

/// Blanks on either side of a border, and its quotes.
const BORDER_BYTES_MAX: usize = 160;

/// Where the value of the key that ends at `end` may start.
fn value_start(hay: &[u8], end: usize) -> usize {
    let mark = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b' ' | b'\t' | b':' | b'=' | b'>');
    let start = skip(hay, end, BORDER_BYTES_MAX, mark);
    // `[10] "4294967295"`: a text behind its length, as Oracle's audit trail has it.
    if byte(hay, start) == b'[' && before(hay, start) == b':' {
        let close = skip(hay, start.saturating_add(1), 4, is_digit);
        if Span::new(close, close.saturating_add(2)).of(hay) == b"] " {
            return skip(hay, close.saturating_add(1), 16, mark);
        }
    }
    start
}

/// Whether a URL of a page starts at `at`: `http` or `https`, a host, and a path or a query; percent-encoded, too.
pub(in crate::scan) fn is_page(hay: &[u8], at: usize) -> bool {
    let tail = hay.get(at..).unwrap_or_default();
    let Some(rest) = tail.strip_prefix(b"http") else {
        return false;
    };
    let rest = rest.strip_prefix(b"s").unwrap_or(rest);
    let encoded = |at: usize, codes: [&[u8]; 2]| {
        let code = rest.get(at..at.saturating_add(3)).unwrap_or_default();
        codes.iter().any(|known| code.eq_ignore_ascii_case(known))
    };
    let is_host = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'@');
    let (host, path, first) = if encoded(0, [b"%3A", b"%3A"]) {
        let path = skip(rest, 9, 256, is_host);
        let more = encoded(path, [b"%2F", b"%3F"]);
        (9, path, path.saturating_add(if more { 3 } else { 0 }))
    } else if byte(rest, 0) == b':' {
        let slash = |b: u8| matches!(b, b'/' | b'\\');
        let host = skip(rest, 1, 8, slash);
        let path = skip(rest, host, 256, |b| is_host(b) || b == b'%');
        (host, path, skip(rest, path, 4, |b| slash(b) || b == b'?'))
    } else {
        return false;
    };
    let end = byte(rest, first);
    path > host && first > path && (is_word(end) || matches!(end, b'-' | b'%' | b'~' | b'#' | b'@'))
}

/// Whether the name at `at` is that of an entry under people: `Ann Lee,ou=people,…`, `Ann Lee,CN=Users,…` (RFC 4514).
fn is_person(hay: &[u8], at: usize) -> bool {
    const PEOPLE: &[&[u8]] = &[
        b"people",
        b"person",
        b"persons",
        b"users",
        b"user",
        b"employees",
        b"staff",
        b"personnel",
        b"students",
        b"members",
        b"accounts",
    ];
    let comma = skip(hay, at, 64, |b| b != b',' && b != b'=' && !is_end(b));
    let kind = skip(hay, comma, 2, |b| matches!(b, b',' | b' '));
    let start = kind.saturating_add(3);
    let attribute = Span::new(kind, start).of(hay);
    let word = Span::new(start, skip(hay, start, 16, |b| b.is_ascii_alphabetic())).of(hay);
    comma > at
        && kind > comma
        && (attribute.eq_ignore_ascii_case(b"ou=") || attribute.eq_ignore_ascii_case(b"cn="))
        && PEOPLE.iter().any(|of| word.eq_ignore_ascii_case(of))
}

/// The word that may be the value of the key that ends at `end`; nothing where only the key is known.
fn value_behind(hay: &[u8], end: usize) -> &[u8] {
    let start = value_start(hay, end);
    let word = |b: u8| is_word(b) || matches!(b, b'-' | b'.' | b'+' | b'/' | b'%');
    Span::new(
        start,
        skip(hay, start, KEY_BYTES_MAX.saturating_mul(4), word),
    )
    .of(hay)
}

/// Whether the value behind the key that ends at `end` is one word: `12:secret`, `"12 secret"` only begin with a number.
fn is_over(hay: &[u8], end: usize) -> bool {
    let start = value_start(hay, end);
    let stop = start.saturating_add(value_behind(hay, end).len());
    match (before(hay, start), byte(hay, stop)) {
        (quote @ (b'"' | b'\''), b'\\') => byte(hay, stop.saturating_add(1)) == quote,
        (quote @ (b'"' | b'\''), next) => next == quote,
        (_, next) => {
            is_end(next)
                || matches!(
                    next,
                    b' ' | b'\t'
                        | b'\r'
                        | b','
                        | b';'
                        | b'&'
                        | b'}'
                        | b']'
                        | b')'
                        | b'<'
                        | b'|'
                        | b'"'
                        | b'\''
                        | b'\\'
                )
        }
    }
}
