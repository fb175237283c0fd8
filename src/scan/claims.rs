//! Names beside what a provider of identities claims of a person (OpenID Connect Core 1.0 §5.1).

use super::object::same_name;
use crate::format::bytes::{byte, is_end, is_word, skip_back};
use crate::record::Span;

/// `"given_name":"Ann","family_name":"Lee","name":…`: whether the name in quotes at `start` follows a claim, or
/// `"uid":"ann"` where its value is of a person's form.
pub(super) fn are_in_front(hay: &[u8], start: usize, value: Span) -> bool {
    const CLAIMS: &[&[u8]] = &[b"givenname", b"familyname", b"preferredusername"];
    let marks = |b: u8| matches!(b, b'"' | b'\'' | b'\\');
    let comma = skip_back(hay, start, 16, |b| marks(b) || b == b' ').saturating_sub(1);
    let end = skip_back(hay, comma, 16, marks);
    if byte(hay, comma) != b',' || end == comma {
        return false;
    }
    let first = skip_back(hay, end, 64, |b| !marks(b) && !is_end(b));
    let open = skip_back(hay, first, 16, marks);
    let border = skip_back(hay, open, 2, |b| b == b' ').saturating_sub(1);
    let close = skip_back(hay, border, 16, marks);
    let key = skip_back(hay, close, 24, |b| is_word(b) || b == b'-');
    let key = Span::new(key, close).of(hay);
    let member = byte(hay, border) == b':' && close < border;
    member
        && (CLAIMS.iter().any(|claim| same_name(claim, key))
            || same_name(b"uid", key)
                && is_a_persons(value.of(hay))
                && is_of(Span::new(first, end).of(hay), value.of(hay)))
}

/// Whether `name` is of a person's form: dashboards and clusters have a `uid` too, `CPU Overview`.
fn is_a_persons(name: &[u8]) -> bool {
    const WORDS: std::ops::RangeInclusive<usize> = 2..=3;
    const THINGS: &[&[u8]] = &[
        b"Overview",
        b"Dashboard",
        b"Service",
        b"Server",
        b"Metrics",
        b"Status",
        b"Monitor",
        b"Monitoring",
        b"App",
        b"Team",
    ];
    let words = || name.split(|b| *b == b' ');
    let capital = |word: &[u8]| {
        let (first, second) = (byte(word, 0), byte(word, 1));
        (first.is_ascii_uppercase() || first >= 0x80) && !second.is_ascii_uppercase()
    };
    WORDS.contains(&words().count())
        && words().all(|word| capital(word) && !THINGS.contains(&word))
        && !name.iter().any(u8::is_ascii_digit)
}

/// Whether `login` is made of `name`: `jkowalsk`, `rsm`, `al`. In which letters it is where the name has others, nobody says.
fn is_of(login: &[u8], name: &[u8]) -> bool {
    /// Letters of a word that are its own.
    const SHARED_MIN: usize = 3;
    let letters = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'.' | b'_');
    if !(2..=32).contains(&login.len()) || !login.iter().all(letters) {
        return false;
    }
    let words = || name.split(|b| *b == b' ');
    let shares = |word: &[u8]| {
        let word = word.get(..word.len().min(SHARED_MIN)).unwrap_or(word);
        let mut parts = login.windows(word.len().max(2));
        parts.any(|part| part.eq_ignore_ascii_case(word))
    };
    // The first letter, and how the last word begins.
    let clipped = || {
        let [initial, rest @ ..] = login else {
            return false;
        };
        let last = words().next_back().unwrap_or_default();
        let last = last.get(..rest.len()).unwrap_or_default();
        byte(name, 0).eq_ignore_ascii_case(initial) && last.eq_ignore_ascii_case(rest)
    };
    let initials = words().map(|word| byte(word, 0).to_ascii_lowercase());
    !name.is_ascii()
        || words().any(shares)
        || clipped()
        || initials.eq(login.iter().map(u8::to_ascii_lowercase))
}
