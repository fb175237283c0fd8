//! What towns are called, which has no form: only a key says that something is one, and it says so of errors, types and
//! columns too.

use super::take::{is_nothing, is_one_of};
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, ends_in_any_case, is_end, skip};
use crate::record::Span;

/// Most words of a town's name.
const WORDS_MAX: usize = 5;
/// Longest name.
const NAME_BYTES_MAX: usize = 64;

/// Words of a name that begin with a small letter.
const LINKS: &[&[u8]] = &[
    b"of", b"de", b"do", b"da", b"del", b"di", b"la", b"le", b"les", b"los", b"las", b"el", b"the",
    b"and", b"am", b"an", b"der", b"den", b"im", b"in", b"ob", b"bei", b"upon", b"on", b"under",
    b"by", b"sur", b"sous", b"en", b"al", b"aan", b"op", b"y", b"i", b"na", b"dos", b"das", b"nad",
    b"pod", b"van", b"het", b"ter", b"aux", b"lez", b"pri",
];

/// What a field is said to be, and no town.
const OTHERS: &[&[u8]] = &[
    b"unknown",
    b"other",
    b"local",
    b"private",
    b"internal",
    b"required",
    b"optional",
    b"invalid",
    b"missing",
    b"string",
    b"str",
    b"text",
    b"char",
    b"varchar",
    b"keyword",
    b"number",
    b"integer",
    b"object",
    b"default",
    b"error",
    b"failed",
    b"passed",
    b"ok",
    b"skipped",
    b"success",
    b"pending",
    b"blank",
    b"empty",
    b"city",
    b"name",
    b"any",
    b"all",
    b"yes",
    b"no",
    b"column",
    b"field",
    b"hidden",
    b"not",
    b"remote",
    b"test",
    b"fail",
    b"pass",
    b"ready",
    b"done",
    b"select",
    b"enabled",
    b"disabled",
    b"undefined",
    b"exact",
    b"partial",
    b"asc",
    b"desc",
    b"boolean",
    b"bool",
    b"float",
    b"model",
    b"loaded",
    b"country",
    b"state",
    b"region",
    b"street",
    b"zip",
];

/// How a key names a town.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It does not.
    No,
    /// It may: `city`, `shipping_city`.
    Maybe,
    /// What has the form of an address behind it is hidden, too: `cityName`, `geocity`.
    Surely,
}

/// Whether a key of `class` names a town.
#[inline]
pub(super) fn said(class: Class, key: &[u8]) -> Said {
    const NAMES: [&[u8]; 5] = [
        b"cityname",
        b"city_name",
        b"city-name",
        b"city name",
        b"geocity",
    ];
    let ends = |name: &[u8]| ends_in_any_case(key, name);
    match class {
        Class::ADDRESS if NAMES.iter().any(|name| ends(name)) => Said::Surely,
        Class::ADDRESS if ends(b"city") => Said::Maybe,
        _ => Said::No,
    }
}

const fn is_letter(b: u8) -> bool {
    b.is_ascii_alphabetic() || b >= 0x80
}

const fn begins(b: u8) -> bool {
    b.is_ascii_uppercase() || b >= 0x80
}

/// Whether all of `text` may be what a town is called: `Ann Arbor`, `Frankfurt am Main`, `berlin`.
pub(super) fn is_name(text: &[u8]) -> bool {
    let sign = |b: &u8| is_letter(*b) || b" -'.,()/&".contains(b);
    let words = || text.split(|b| matches!(b, b' ' | b'('));
    let small = |word: &&[u8]| byte(word, 0).is_ascii_lowercase();
    // `berlin`, `new york`, `rio de janeiro`
    let lower = || words().all(|word| small(&word));
    let linked = || words().any(|word| is_one_of(word, LINKS) || word == b"city");
    let few = words().count();
    let alone = few == 1 || few == 2 && lower() || few == 3 && lower() && linked();
    (2..=NAME_BYTES_MAX).contains(&text.len())
        && !text
            .windows(2)
            .any(|two| matches!(two, [before, b'('] if *before != b' '))
        && text.iter().all(sign)
        && words().count() <= WORDS_MAX
        && words()
            .all(|word| !is_one_of(word, OTHERS) || word.eq_ignore_ascii_case(b"city") && few > 1)
        && (alone || words().filter(small).all(|word| is_one_of(word, LINKS)))
        && (alone || words().next().is_some_and(|word| !small(&word)))
        && !is_nothing(text)
        && !is_label(text)
}

/// The bare text from `start` up to the next field, where it may be what a town is called without the form of a name: `10115
/// Berlin`, `Washington D.C.`, `los angeles`. What is said of a field has more words, or signs in it.
pub(super) fn form(hay: &[u8], start: usize) -> Option<Span> {
    let end = skip(hay, start, NAME_BYTES_MAX, |b| {
        !b"\",;|\\<&\t".contains(&b) && !is_end(b)
    });
    let text = Span::new(start, end).of(hay);
    // `10115 Berlin zip=1`
    let border = text.iter().position(|b| matches!(b, b'=' | b':'));
    let blank = border.and_then(|border| memchr::memrchr(b' ', text.get(..border)?));
    let text = text.get(..blank.unwrap_or(text.len())).unwrap_or(text);
    let few = text.split(|b| *b == b' ').count();
    let linked = || {
        text.split(|b| *b == b' ')
            .any(|word| is_one_of(word, LINKS))
    };
    let first = byte(text, 0);
    let small = few <= 2 || few <= 4 && linked();
    // `str = None`, `string | null`
    let assigned = blank.is_some_and(|blank| border == Some(blank.saturating_add(1)));
    let is = !text.iter().any(|b| b"=:{}[]".contains(b))
        && (begins(first) || first.is_ascii_digit() || small && is_letter(first))
        && few <= WORDS_MAX
        && !assigned
        && byte(hay, end) != b'|';
    is.then(|| Span::new(start, start.saturating_add(text.len())))
}

/// The bare name at `at`, behind the border at `border`: words with capitals, or one word where nothing parts it from a
/// `=`. What goes on as a sentence, a call or a path is none.
pub(super) fn bare(hay: &[u8], border: usize, at: usize) -> Option<Span> {
    let word_end = |at: usize| {
        skip(hay, at, NAME_BYTES_MAX, |b| {
            is_letter(b) || matches!(b, b'-' | b'\'')
        })
    };
    let mut end = word_end(at);
    let tight = byte(hay, border) == b'=' && at == border.saturating_add(1);
    if tight {
        // `city=new+york&`, `city=New%20York`
        end = skip(hay, at, NAME_BYTES_MAX, |b| {
            is_letter(b) || b.is_ascii_digit() || matches!(b, b'-' | b'\'' | b'%' | b'+' | b'_')
        });
    } else if !begins(byte(hay, at)) {
        return None;
    }
    for _ in 1..WORDS_MAX {
        let next = end.saturating_add(1);
        let stop = word_end(next);
        let word = Span::new(next, stop).of(hay);
        let keyword = word.len() > 1 && word.iter().all(u8::is_ascii_uppercase);
        if byte(hay, end) != b' ' || !begins(byte(hay, next)) || keyword {
            break;
        }
        if matches!(byte(hay, stop), b':' | b'=' | b'(' | b'.' | b'_') {
            break;
        }
        end = stop;
    }
    let name = Span::new(at, end);
    let next = byte(hay, end);
    let behind = byte(hay, end.saturating_add(1));
    let sign = next == b' ' && matches!(behind, b'`' | b'(');
    let sentence = sign
        || next == b' ' && behind.is_ascii_lowercase() && !tight && {
            let stop = skip(hay, end.saturating_add(1), 64, |b| {
                b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
            });
            !matches!(byte(hay, stop), b':' | b'=')
        };
    let over = is_end(next) || b" ,;|)]}\"'\\<&\t\r".contains(&next);
    let text = name.of(hay);
    let letters = text.iter().any(|b| is_letter(*b)) && is_letter(byte(text, 0));
    let word = text.split(|b| matches!(b, b' ' | b'+' | b'%')).next();
    let none =
        word.is_some_and(|word| is_one_of(word, OTHERS)) || is_nothing(text) || is_label(text);
    (over && letters && !sentence && !none && name.len() > 1 && before(hay, at) != b'$')
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_is_said_of_a_field() {
        for name in [
            "Ulm",
            "Ann Arbor",
            "Frankfurt am Main",
            "New York",
            "berlin",
            "new york",
            "São Paulo",
            "St. Louis",
        ] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for text in [
            "This field is required",
            "is required field",
            "string",
            "City name",
            "unknown",
            "a\\b",
            "x(y)",
            "must be set now",
        ] {
            assert!(!is_name(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_bare_name_ends_with_its_words() {
        let told = |line: &str| {
            let border = line.find(['=', ':']).unwrap();
            let at = skip(line.as_bytes(), border + 1, 8, |b| b == b' ');
            let span = bare(line.as_bytes(), border, at)?;
            line.get(span.start..span.end).map(str::to_owned)
        };
        for (line, name) in [
            ("City: Berlin Status: OK", "Berlin"),
            ("city: New York", "New York"),
            ("city=berlin&x=1", "berlin"),
            ("city=new+york zip=1", "new+york"),
            ("city=London, postcode=1", "London"),
            (r#"City: New York\\\"}"#, "New York"),
            ("city = Ulm WHERE id = 3", "Ulm"),
        ] {
            assert_eq!(told(line).as_deref(), Some(name), "{line}");
        }
        for line in [
            "city = NULL WHERE id = 3",
            "city = $1 AND x = 2",
            "city = ? AND x = 1",
            "t.city = u.city AND t.x = 3",
            "city: pending review",
            "city: Error: timeout of 3000ms",
            "City: No update available",
            "City: <input type=\"text\">",
            "city = Column(String)",
            "city: str = None",
            "city: string | null;",
            "test_city: PASSED in 0.3s",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
