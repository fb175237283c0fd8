//! The dictionary of key names, and the filter in front of it.

use std::sync::LazyLock;

use super::beside::{self, Beside};
use super::bracket;
use super::context::Cx;
use super::gate::Gate;
use super::memo::{Memo, NAME_BYTES_MAX, Name};
use super::object;
use super::trie::Trie;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, bytes, is_digit, is_end, is_hex, is_word, skip, skip_back, unmarked,
};
use crate::policy::Custom;
use crate::record::Span;

const DATA: &str = include_str!("keys.txt");

/// Longest key that is looked up, in bytes as written.
pub(super) const KEY_BYTES_MAX: usize = 64;

/// What the names of the dictionary tell: all but what has a shape alone.
pub(super) const CLASSES: &[Class] = &[
    Class::PASSWORD,
    Class::SECURITY_ANSWER,
    Class::EMAIL,
    Class::ACCOUNT,
    Class::IMEI,
    Class::IMSI,
    Class::MAC,
    Class::ANDROID_ID,
    Class::IDFA,
    Class::OPENUDID,
    Class::GUID,
    Class::MODEL,
    Class::OS,
    Class::SOFTWARE,
    Class::COORDINATES,
    Class::ITINERARY,
    Class::ACCOMMODATION,
    Class::ADDRESS,
    Class::NAME,
    Class::BIRTHDAY,
    Class::GENDER,
    Class::PHONE,
    Class::NATIONAL_ID,
    Class::PASSPORT,
    Class::DRIVER_LICENSE,
    Class::MILITARY_ID,
    Class::HOUSEHOLD_REGISTER,
    Class::FACE,
    Class::TRANSACTION,
    Class::BALANCE,
    Class::COUPON,
    Class::REDEMPTION_CODE,
    Class::ADDRESS_BOOK,
    Class::BROWSING,
    Class::SOFTWARE_USAGE,
    Class::CLICK,
];

/// What the names of the dictionary and an operator's own tell.
pub(super) const NAMED: &[Class] = &{
    let mut named = [Class::CUSTOM; CLASSES.len() + 1];
    let mut i = 0;
    while i < CLASSES.len() {
        #[allow(clippy::indexing_slicing, reason = "`i` is below the length of both")]
        {
            named[i] = CLASSES[i];
        }
        i = i.wrapping_add(1);
    }
    named
};

/// Keys that say little alone: they take the key of their object in front.
pub(super) const BARE: &[&[u8]] = &[
    b"name", b"id", b"value", b"number", b"model", b"os", b"make", b"serial",
];

#[derive(Clone, Copy)]
struct Entry {
    /// None for a name that ends like a known key and is none.
    class: Option<Class>,
    as_suffix: bool,
    /// What its value must be for it to count.
    only: IsSo,
}

/// What a value is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IsSo {
    Any,
    Hash,
    SmallNumber,
    /// An object or a list.
    Object,
    /// Not the number of a rule or of a row.
    NoCounter,
    NoSmallNumber,
    /// As long as a keyed hash, and with both letters and digits.
    Signature,
    /// An absolute URL of the web that says more than a host.
    Page,
    /// In front of the people of a directory.
    Person,
    /// Where what stands around it says so.
    Beside(Beside),
}

impl IsSo {
    /// Whether the value behind the key that ends at `end` is so.
    fn holds_behind(self, hay: &[u8], end: usize) -> bool {
        match self {
            Self::Page => is_page(hay, value_start(hay, end)),
            Self::Person => is_person(hay, value_start(hay, end)),
            Self::Beside(what) => what.holds(hay, end, value_start(hay, end)),
            Self::Object => matches!(byte(hay, value_start(hay, end)), b'{' | b'['),
            Self::SmallNumber => is_over(hay, end) && self.holds(value_behind(hay, end)),
            Self::NoSmallNumber | Self::NoCounter => {
                !is_over(hay, end) || self.holds(value_behind(hay, end))
            }
            _ => self.holds(value_behind(hay, end)),
        }
    }

    /// Whether it does not count with what stands before the name. A session's number opens it where a URL bears it, however
    /// short it is; elsewhere one so short counts sessions, rules or rows: whoever may guess it needs no log (ASVS 5.0 §7.2.3
    /// wants 128 bits of chance).
    const fn is_no_matter(self, before: u8) -> bool {
        matches!(self, Self::NoCounter | Self::NoSmallNumber) && matches!(before, b'?' | b'&')
    }

    fn holds(self, value: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Page | Self::Object | Self::Person | Self::Beside(_) => false,
            Self::Hash => value.len() >= 32 && value.iter().all(|b| is_hex(*b)),
            Self::SmallNumber => value.len() <= 4 && value.iter().all(|b| is_digit(*b)),
            Self::NoSmallNumber => value.is_empty() || !Self::SmallNumber.holds(value),
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
const BY_VALUE: &[(&str, Option<Class>, IsSo)] = &[
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
    ("[basic.name of people]", Some(Class::NAME), IsSo::Person),
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
fn by_value() -> impl Iterator<Item = (&'static str, Option<Class>, IsSo)> {
    let beside = beside::SECTIONS.iter();
    let beside = beside.map(|(section, class, what)| (*section, Some(*class), IsSo::Beside(*what)));
    BY_VALUE.iter().copied().chain(beside)
}

/// The sections of `keys.txt`: normalised name and entry.
fn entries() -> impl Iterator<Item = (&'static [u8], Entry)> {
    let mut class: Option<Option<Class>> = None;
    let mut only = IsSo::Any;
    DATA.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(move |line| {
            if let Some(id) = line.strip_prefix('[') {
                let by_value = by_value().find(|(section, _, _)| *section == line);
                class = match by_value {
                    Some((_, class, _)) => Some(class),
                    None => Class::by_id(id.trim_end_matches(']')).map(Some),
                };
                only = by_value.map_or(IsSo::Any, |(_, _, only)| only);
                return None;
            }
            let entry = Entry {
                class: class?,
                as_suffix: line.starts_with('*'),
                only,
            };
            Some((line.trim_start_matches('*').as_bytes(), entry))
        })
}

static DICTIONARY: LazyLock<Trie<Entry>> = LazyLock::new(|| Trie::new(entries()));

/// Builds what a first record would wait for.
pub(super) fn ready() {
    LazyLock::force(&DICTIONARY);
}

/// The filter of the dictionary, as far as its classes are wanted.
pub(super) fn gate(wanted: impl Fn(Class) -> bool) -> Gate {
    let mut gate = Gate::default();
    for (name, entry) in entries().filter(|(_, entry)| entry.class.is_some_and(&wanted)) {
        gate.allow(name, entry.as_suffix);
    }
    for name in BARE {
        gate.allow(name, false);
    }
    // Beside `/user:` stands the password of `net use`.
    if wanted(Class::PASSWORD) {
        gate.allow(b"user", false);
    }
    gate
}

const fn is_separator(b: u8) -> bool {
    matches!(b, b'_' | b'-' | b'.')
}

fn is_key(b: u8) -> bool {
    STEPS.get(usize::from(b)).is_some_and(|step| *step > BLANK)
}

/// What a byte is to a walk, where it is not a byte of a name.
const STOP: u8 = 0;
const BLANK: u8 = 1;
const SEPARATOR: u8 = 2;

/// What a byte is to a walk: a byte of a name in lower case, or one of those above.
static STEPS: [u8; 256] = bytes!(u8, byte => match byte {
    b' ' => BLANK,
    b if is_separator(b) => SEPARATOR,
    b @ (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => b.to_ascii_lowercase(),
    _ => STOP,
});

/// What is known of a name, by its text.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    /// Where it begins in front of its end, and its class.
    class: Option<(u8, Class)>,
    /// The operator's rule for it; 0 where there is none.
    rule: u16,
    /// Whether it may be one of [`BARE`].
    bare: bool,
}

pub(super) type Names = Memo<Known>;

/// What a key says.
pub(super) struct Key {
    /// Its class, and where it starts, as [`lookup`] has it.
    pub(super) class: Option<(usize, Class)>,
    /// The operator's rule for it; 0 where there is none.
    pub(super) rule: u16,
    /// Whether it may be one of [`BARE`].
    pub(super) bare: bool,
}

/// What the key says that ends in front of the quote at `end`, from memory where it has been looked up before.
#[inline]
pub(super) fn quoted(hay: &[u8], end: usize, custom: Option<&Custom>, names: &mut Names) -> Key {
    match Name::before(hay, end) {
        None => plain(hay, end, custom, names),
        name => said(hay, end, custom, name, names),
    }
}

/// The same of one without quotes.
#[inline]
pub(super) fn plain(hay: &[u8], end: usize, custom: Option<&Custom>, names: &mut Names) -> Key {
    let start = plain_start(hay, end);
    let name =
        start.and_then(|start| Name::at(hay, Span::new(start, end)).map(|name| (name, start)));
    said(hay, end, custom, name, names)
}

/// Where all begins that [`walk`] looks at in front of `end`, where that is near.
#[inline(always)]
fn plain_start(hay: &[u8], end: usize) -> Option<usize> {
    let from = end.checked_sub(NAME_BYTES_MAX)?;
    let near: &[u8; NAME_BYTES_MAX] = hay.get(from..)?.first_chunk()?;
    let mut left = near.as_slice();
    while let [rest @ .., last] = left
        && is_key(*last)
    {
        left = rest;
    }
    // One more word is looked at.
    if let [rest @ .., letter, b' '] = left
        && letter.is_ascii_alphabetic()
    {
        left = rest;
        while let [rest @ .., last] = left
            && is_key(*last)
        {
            left = rest;
        }
    }
    (!left.is_empty()).then(|| from.wrapping_add(left.len()))
}

#[inline(always)]
fn said(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    name: Option<(Name, usize)>,
    names: &mut Names,
) -> Key {
    if let Some((name, _)) = name
        && let Some(Known { class, rule, bare }) = names.answer(name)
    {
        let class = class.map(|(back, class)| (end.saturating_sub(usize::from(back)), class));
        return Key { class, rule, bare };
    }
    said_anew(hay, end, custom, name, names)
}

#[inline(never)]
fn said_anew(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    name: Option<(Name, usize)>,
    names: &mut Names,
) -> Key {
    let mut by_value = false;
    let found = Key {
        class: walk(hay, end, &mut by_value),
        rule: own_rule(hay, end, custom),
        bare: object::bare(hay, end).is_some(),
    };
    // All of it is behind the quote or the sign that ends the walk, and nothing in front of that is looked at.
    if let Some((name, start)) = name
        && !by_value
        && found.class.is_none_or(|(of, _)| of >= start)
    {
        let back = |start: usize| u8::try_from(end.saturating_sub(start)).unwrap_or(u8::MAX);
        let known = Known {
            class: found.class.map(|(start, class)| (back(start), class)),
            rule: found.rule,
            bare: found.bare,
        };
        names.remember(name, known);
    }
    found
}

/// The operator's rule for the key that ends at `end`; 0 where there is none.
pub(super) fn own_rule(hay: &[u8], end: usize, custom: Option<&Custom>) -> u16 {
    let key = |custom: &Custom| custom.key(Span::new(own_start(hay, end), end).of(hay));
    custom.and_then(key).unwrap_or(0)
}

/// Where the value of the key that ends at `end` may start.
fn value_start(hay: &[u8], end: usize) -> usize {
    skip(hay, end, 16, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b' ' | b'\t' | b':' | b'=' | b'>')
    })
}

/// Whether a URL of a page starts at `at`: `http` or `https`, a host, and a path or a query; percent-encoded, too.
pub(super) fn is_page(hay: &[u8], at: usize) -> bool {
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

/// Where the key that ends at `end` starts, and its class, if it has one. The longest name counts: whole, at
/// the start of a word where it may be a suffix, behind other script, or as two words with a blank between.
pub(super) fn lookup(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    walk(hay, end, &mut false)
}

/// [`lookup`]; sets `by_value` where the value behind the key was asked.
fn walk(hay: &[u8], end: usize, by_value: &mut bool) -> Option<(usize, Class)> {
    let step = |b: u8| STEPS.get(usize::from(b)).copied().unwrap_or(STOP);
    let mut read = before(hay, end);
    let mut node = DICTIONARY.walk();
    if step(read) <= SEPARATOR || !node.step(step(read)) {
        return None;
    }
    // A blank once joins two words of letters: `Account Name:`, `passport number:`.
    let (mut one, mut two) = (None, None);
    let mut blank = false;
    let floor = end.saturating_sub(KEY_BYTES_MAX);
    for at in (floor..end).rev() {
        let prev = if at > floor { before(hay, at) } else { 0 };
        // The inside of a name, most of the way.
        if node.value().is_none() && !blank && step(prev) > SEPARATOR {
            read = prev;
            if node.step(step(prev)) {
                continue;
            }
            break;
        }
        if let Some(entry) = node.value() {
            let whole = !is_key(prev) || prev >= 0x80 && read < 0x80;
            let boundary =
                is_separator(prev) || read.is_ascii_uppercase() && !prev.is_ascii_uppercase();
            // Chinese has no separators: any end of the run may be the key.
            let script = read >= 0xC0;
            let stands = whole || script || entry.as_suffix && boundary;
            let asks = stands && entry.only != IsSo::Any;
            *by_value |= asks;
            if stands
                && (!asks || entry.only.holds_behind(hay, end) || entry.only.is_no_matter(prev))
            {
                let start = if entry.as_suffix && !whole && !script {
                    None
                } else {
                    Some(at)
                };
                *if blank { &mut two } else { &mut one } = Some((start, entry.class));
            }
        }
        read = prev;
        let goes_on = match step(prev) {
            STOP => false,
            SEPARATOR => true,
            BLANK => {
                let joins = !blank
                    && before(hay, at.saturating_sub(1)).is_ascii_alphabetic()
                    && at.saturating_sub(1) > floor;
                blank = true;
                joins
            }
            b => (!blank || b.is_ascii_lowercase()) && node.step(b),
        };
        if !goes_on {
            break;
        }
    }
    let (start, class) = one.or(two)?;
    let class = class?;
    let start = start.unwrap_or_else(|| unmarked(hay, skip_back(hay, end, KEY_BYTES_MAX, is_key)));
    Some((start, class))
}

/// What a key names: a class of the dictionary, and the rule of the operator's that names the key too. `CUSTOM`
/// where only the rule does.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) class: Class,
    /// From 1; 0 where none does.
    pub(super) rule: u16,
}

impl From<Class> for Named {
    fn from(class: Class) -> Self {
        Self { class, rule: 0 }
    }
}

impl Named {
    /// Of the operator's rule for `key` and what the dictionary says.
    pub(super) fn of(custom: Option<&Custom>, key: &[u8], class: Option<Class>) -> Option<Self> {
        let rule = custom.and_then(|custom| custom.key(key)).unwrap_or(0);
        let class = class.or_else(|| (rule > 0).then_some(Class::CUSTOM))?;
        Some(Self { class, rule })
    }
}

/// What a key as written names.
pub(super) fn named(cx: &Cx<'_>, key: &[u8]) -> Option<Named> {
    Named::of(cx.custom, key, class_of(key))
}

/// What the key at `key` of the batch names, what stands behind it seen.
pub(super) fn named_in(cx: &Cx<'_>, key: Span) -> Option<Named> {
    let hay = cx.hay();
    let class = match before(hay, key.end) {
        b']' => class_of(key.of(hay)),
        _ => hay
            .get(key.start..)
            .and_then(|from| lookup(from, key.len()))
            .map(|(_, class)| class),
    };
    Named::of(cx.custom, key.of(hay), class)
}

/// What the key names that ends at `end`, and where it starts.
pub(super) fn named_at(cx: &Cx<'_>, end: usize) -> Option<(usize, Named)> {
    let hay = cx.hay();
    let start = own_start(hay, end);
    let found = lookup(hay, end);
    let class = found.map(|(_, class)| class);
    let named = Named::of(cx.custom, Span::new(start, end).of(hay), class)?;
    Some((found.map_or(start, |(start, _)| start), named))
}

/// Where a key of the operator's that ends at `end` starts.
pub(super) fn own_start(hay: &[u8], end: usize) -> usize {
    unmarked(hay, skip_back(hay, end, KEY_BYTES_MAX, is_key))
}

/// Whether `text` is a name of `class` as a whole, nothing in front.
pub(super) fn is_name(text: &[u8], class: Class) -> bool {
    let mut node = DICTIONARY.walk();
    let read = text.iter().rev().all(|b| match STEPS.get(usize::from(*b)) {
        Some(&STOP) | None => false,
        Some(&(BLANK | SEPARATOR)) => true,
        Some(step) => node.step(*step),
    });
    read && node.value().and_then(|entry| entry.class) == Some(class)
}

/// The class of a key as written.
pub(super) fn class_of(key: &[u8]) -> Option<Class> {
    match key.last() {
        Some(b']') => bracket::class(key, key.len()),
        _ => lookup(key, key.len()).map(|(_, class)| class),
    }
}

/// The class of a key in an object that has a key itself: `user` and `phone` are `user.phone`.
pub(super) fn class_within(outer: &[u8], name: &[u8]) -> Option<Class> {
    let mut key = [0u8; 2 * KEY_BYTES_MAX + 1];
    let mut length = 0usize;
    for part in [outer, b".", name] {
        let end = length.saturating_add(part.len());
        key.get_mut(length..end)?.copy_from_slice(part);
        length = end;
    }
    class_of(key.get(..length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A later line would take the place of an earlier, which may say more.
    #[test]
    fn each_name_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for (name, _) in entries() {
            assert!(seen.insert(name), "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn names_are_normalised() {
        for key in [
            "password",
            "PASSWORD",
            "db_password",
            "userPassword",
            "smtp.auth.password",
            "X-Api-Key",
        ] {
            assert_eq!(class_of(key.as_bytes()), Some(Class::PASSWORD), "{key}");
        }
        for key in [
            "passwordless",
            "language",
            "latency",
            "macro",
            "format",
            "bypass",
            "category_uid",
        ] {
            assert_eq!(class_of(key.as_bytes()), None, "{key}");
        }
    }

    #[test]
    fn some_names_say_what_their_values_are() {
        for (text, class) in [
            ("hashed_token=0123456789abcdef0123456789ABCDEF&a", None),
            ("hashed_token=0123456789abcdef", Some(Class::PASSWORD)),
            ("hashed_token=", Some(Class::PASSWORD)),
            ("TerminalSessionId\">2</Data>", None),
            ("terminal_session_id: 12,", None),
            ("terminal_session_id: 12.x,", Some(Class::PASSWORD)),
            ("TerminalSessionId\":\"12345\"", Some(Class::PASSWORD)),
            ("passwordLogin=ann", Some(Class::ACCOUNT)),
            ("trip\": {\"from\":\"x\"}", Some(Class::ITINERARY)),
            ("trip\":\"breaker\"", None),
            ("trip=on", None),
            ("sid=2024897 gid=1", None),
            ("sid\": 2024897,", None),
            ("sid=20248971a;", Some(Class::PASSWORD)),
            ("sid=12:secret", Some(Class::PASSWORD)),
            ("sid=12=", Some(Class::PASSWORD)),
            ("sid=\"12 secret\"", Some(Class::PASSWORD)),
            ("sid=\"12\",", None),
            ("sessionid\":\"12 secret\"", Some(Class::PASSWORD)),
            ("sessionid\\\":\\\"12\\\"", None),
            ("sid=123456789", Some(Class::PASSWORD)),
            (
                "sig=a1B2c3D4e5F6g7H8i9J0k1L2m3N4%2Fo5%3D&se=1",
                Some(Class::PASSWORD),
            ),
            ("session_id=41 x", None),
            ("peer_session_id\":\"0\"", None),
            ("session_id\": 105822,", Some(Class::PASSWORD)),
            ("session_id=", Some(Class::PASSWORD)),
            ("sig=11,", None),
            ("sig: SIGTERM", None),
            ("url\": \"https://shop.example/a?b\"", Some(Class::BROWSING)),
            ("uri=http://shop.example/?q=1", Some(Class::BROWSING)),
            (
                r#"url\":\"https:\/\/shop.example\/a\""#,
                Some(Class::BROWSING),
            ),
            ("url=https%3A%2F%2Fshop.example%3fa", Some(Class::BROWSING)),
            ("url=https%3A%2F%2Fshop.example%2f", None),
            ("url=https://shop.example/", None),
            ("url=https://shop.example", None),
            ("uri=/a/b", None),
            ("url: ftp://x.example/a", None),
            ("url ", None),
        ] {
            let end = text.find(|c: char| !c.is_alphabetic() && c != '_').unwrap();
            let found = lookup(text.as_bytes(), end).map(|(_, class)| class);
            assert_eq!(found, class, "{text}");
        }
    }

    /// The front end takes a border behind digits alone for a clock's.
    #[test]
    fn no_key_is_a_number() {
        for (name, _) in entries() {
            assert!(!name.iter().all(u8::is_ascii_digit));
        }
    }

    #[test]
    fn the_filter_lets_every_key_pass() {
        let gate = gate(|_| true);
        for (name, entry) in entries().filter(|(_, entry)| entry.class.is_some()) {
            assert!(gate.may(name, name.len()));
            let long = [b"some_", name].concat();
            assert!(!entry.as_suffix || gate.may(&long, long.len()));
        }
    }

    #[test]
    fn two_words_and_other_script() {
        fn of(text: &str) -> Option<(&str, Class)> {
            lookup(text.as_bytes(), text.len())
                .map(|(start, class)| (text.get(start..).unwrap(), class))
        }
        assert_eq!(
            of("the Account Name"),
            Some(("Account Name", Class::ACCOUNT))
        );
        assert_eq!(of("，您的手机号"), Some(("手机号", Class::PHONE)));
        assert_eq!(
            of("smtp.auth.password"),
            Some(("smtp.auth.password", Class::PASSWORD))
        );
        assert_eq!(of("password_"), None);
    }

    #[test]
    fn no_name_tells_another_class() {
        let all = entries().filter_map(|(_, entry)| entry.class);
        assert!(all.into_iter().all(|class| CLASSES.contains(&class)));
    }

    #[test]
    fn every_section_names_a_class() {
        let sections = DATA.lines().filter(|line| line.starts_with('['));
        for line in sections.filter(|line| by_value().all(|(known, _, _)| known != *line)) {
            assert!(
                Class::by_id(line.trim_matches(['[', ']'])).is_some(),
                "{line}"
            );
        }
    }
}
