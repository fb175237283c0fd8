//! The dictionary of key names, and the filter in front of it.

mod by_value;
pub(super) mod ldif;
mod said;

use std::sync::LazyLock;

use super::beside::Beside;
use super::bracket;
use super::context::Cx;
use super::gate::Gate;
use super::town;
use super::trie::Trie;
use crate::class::{Class, LABEL};
use crate::format::bytes::{before, bytes, is_escape_letter, is_word, skip, skip_back, unmarked};
use crate::policy::Custom;
use crate::record::Span;

pub(super) use by_value::is_page;
use by_value::{IsSo, by_value};
pub(super) use said::{Names, plain, quoted};

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
    b"oldvalue",
    b"newvalue",
    b"name",
    b"id",
    b"value",
    b"number",
    b"model",
    b"os",
    b"make",
    b"serial",
    b"old",
    b"new",
    b"from",
    b"to",
];

#[derive(Clone, Copy)]
struct Entry {
    /// None for a name that ends like a known key and is none.
    class: Option<Class>,
    as_suffix: bool,
    /// What its value must be for it to count.
    only: IsSo,
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

/// A byte of a key that quotes or other marks stand around.
fn in_name(b: u8) -> bool {
    is_word(b) || matches!(b, b'-' | b'.')
}

/// Where such a key that starts at `start` ends.
pub(super) fn name_end(hay: &[u8], start: usize) -> usize {
    skip(hay, start, KEY_BYTES_MAX, in_name)
}

/// Where such a key that ends at `end` starts.
pub(super) fn name_start(hay: &[u8], end: usize) -> usize {
    skip_back(hay, end, KEY_BYTES_MAX, in_name)
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

/// The operator's rule for the key that ends at `end`; 0 where there is none.
pub(super) fn own_rule(hay: &[u8], end: usize, custom: Option<&Custom>) -> u16 {
    let key = |custom: &Custom| custom.key(Span::new(own_start(hay, end), end).of(hay));
    custom.and_then(key).unwrap_or(0)
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
            // The letter of an escape may be none of the name: `\npassword=`, but `\token=`.
            let whole = !is_key(prev)
                || prev >= 0x80 && read < 0x80
                || is_escape_letter(hay, at.saturating_sub(1));
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
                match blank {
                    // `REDACTED-ACCOUNT id=7`: the end of a value that was hidden.
                    true if ends_in_label(hay, at) => {}
                    true => two = Some((start, entry.class)),
                    false => one = Some((start, entry.class)),
                }
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
    /// Whether it names a town, whose name has no form.
    pub(super) town: town::Said,
}

impl From<Class> for Named {
    fn from(class: Class) -> Self {
        Self {
            class,
            rule: 0,
            town: town::Said::No,
        }
    }
}

impl Named {
    /// Of the operator's rule for `key` and what the dictionary says.
    pub(super) fn of(custom: Option<&Custom>, key: &[u8], class: Option<Class>) -> Option<Self> {
        let rule = custom.and_then(|custom| custom.key(key)).unwrap_or(0);
        let class = class.or_else(|| (rule > 0).then_some(Class::CUSTOM))?;
        Some(Self {
            class,
            rule,
            town: town::said(class, key),
        })
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

/// Whether a fixed label goes on at `at`.
fn ends_in_label(hay: &[u8], at: usize) -> bool {
    hay.get(..at)
        .is_some_and(|head| head.ends_with(LABEL.as_bytes()))
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

/// Whether a key counts where a list stands behind it.
pub(super) fn counts_in_lists(key: &[u8]) -> bool {
    let mut node = DICTIONARY.walk();
    let mut last = None;
    for b in key.iter().rev() {
        match STEPS.get(usize::from(*b)) {
            Some(&(BLANK | SEPARATOR)) => {}
            Some(step) if node.step(*step) => last = node.value().or(last),
            _ => break,
        }
    }
    let asked = last.map(|entry| entry.only);
    asked == Some(IsSo::Beside(Beside::Listed)) || asked == Some(IsSo::Beside(Beside::Users))
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

    /// The names of another would be lost.
    #[test]
    fn each_section_is_known() {
        for section in DATA.lines().filter(|line| line.starts_with('[')) {
            let by_value = by_value().any(|(known, _, _)| known == section);
            let id = section.trim_matches(['[', ']']);
            assert!(by_value || Class::by_id(id).is_some(), "{section}");
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
