//! Small looks around a candidate. All of them stop at the ends of the batch.

use crate::record::Span;

/// The byte at `at`; a NUL outside the batch, which ends everything.
#[inline]
pub(crate) fn byte(hay: &[u8], at: usize) -> u8 {
    hay.get(at).copied().unwrap_or(0)
}

/// The byte before `at`; none (a NUL) behind a byte-order mark, which begins a text.
#[inline]
pub(crate) fn before(hay: &[u8], at: usize) -> u8 {
    // Nothing is in front of the first byte, nor at the last place that a number can name.
    match byte(hay, at.wrapping_sub(1)) {
        0xBF if bom_before(hay, at) => 0,
        byte => byte,
    }
}

/// First index from `at` on whose byte is not in the set, `most` bytes further at the most.
#[inline]
pub(crate) fn skip(hay: &[u8], at: usize, most: usize, set: impl Fn(u8) -> bool) -> usize {
    let stop = at.saturating_add(most).min(hay.len());
    let mut end = at;
    // One counter for the place, the length and the number of bytes.
    while end < stop && hay.get(end).is_some_and(|b| set(*b)) {
        end = end.wrapping_add(1);
    }
    end
}

/// Start of the bytes of the set that end at `at`, `most` bytes at the most.
#[inline]
pub(crate) fn skip_back(hay: &[u8], at: usize, most: usize, set: impl Fn(u8) -> bool) -> usize {
    if at > hay.len() {
        return at;
    }
    let stop = at.saturating_sub(most);
    let mut start = at;
    while start > stop && hay.get(start.wrapping_sub(1)).is_some_and(|b| set(*b)) {
        start = start.wrapping_sub(1);
    }
    start
}

/// The next place from `at` on with these two bytes. The first is a sign that most texts have little of: one byte is looked
/// for faster than two.
pub(crate) fn next_pair(hay: &[u8], from: usize, pair: [u8; 2]) -> Option<usize> {
    /// Bytes for each first byte that is looked at by itself, and how many are in advance.
    const APART: usize = 64;
    const AT_ONCE: usize = 1024;
    let [first, second] = pair;
    let (mut at, mut seen) = (from, 0usize);
    while seen.saturating_mul(APART) <= at.saturating_sub(from).saturating_add(AT_ONCE) {
        at = at.saturating_add(memchr::memchr(first, hay.get(at..)?)?);
        if byte(hay, at.saturating_add(1)) == second {
            return Some(at);
        }
        at = at.saturating_add(1);
        seen = seen.saturating_add(1);
    }
    let next = memchr::memmem::find(hay.get(at..)?, &pair)?;
    Some(at.saturating_add(next))
}

/// A word of one to eight bytes in lower case, as a number to compare; 0 for any other.
#[inline]
pub(crate) const fn small(word: &[u8]) -> u64 {
    if word.len() > 8 {
        return 0;
    }
    let mut number = 0u64;
    let mut rest = word;
    while let Some((first, tail)) = rest.split_first() {
        number = number << 8 | first.to_ascii_lowercase() as u64;
        rest = tail;
    }
    number
}

/// [`small`] of each.
pub(crate) const fn smalls<const N: usize>(words: [&[u8]; N]) -> [u64; N] {
    let mut numbers = [0; N];
    let mut i = 0;
    while i < N {
        #[allow(clippy::indexing_slicing, reason = "`i` is below the length of both")]
        {
            assert!(!words[i].is_empty() && words[i].len() <= 8);
            numbers[i] = small(words[i]);
        }
        i = i.wrapping_add(1);
    }
    numbers
}

/// A table of what each byte is: `bytes!(u8, b => …)`.
macro_rules! bytes {
    ($is:ty, $byte:ident => $value:expr) => {{
        let mut table: [$is; 256] = [0; 256];
        let mut i = 0usize;
        while i < 256 {
            #[allow(
                clippy::indexing_slicing,
                clippy::cast_possible_truncation,
                reason = "i is below 256"
            )]
            {
                let $byte = i as u8;
                table[i] = $value;
            }
            i += 1;
        }
        table
    }};
}
pub(crate) use bytes;

/// A bit for each kind of byte that is asked about most.
static KINDS: [u8; 256] = bytes!(u8, byte => {
    let alnum = byte.is_ascii_alphanumeric();
    let word = alnum || byte == b'_' || byte >= 0x80;
    kind(word, WORD) | kind(byte.is_ascii_hexdigit(), HEX) | kind(alnum, ALNUM)
});

const fn kind(is: bool, kind: u8) -> u8 {
    if is { kind } else { 0 }
}

const WORD: u8 = 1;
const HEX: u8 = 2;
const ALNUM: u8 = 4;

#[inline(always)]
fn is(byte: u8, kind: u8) -> bool {
    KINDS
        .get(usize::from(byte))
        .is_some_and(|kinds| kinds & kind != 0)
}

#[inline(always)]
pub(crate) fn is_hex(byte: u8) -> bool {
    is(byte, HEX)
}

#[inline]
pub(crate) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// Letters and digits of ASCII.
#[inline(always)]
pub(crate) fn is_alnum(byte: u8) -> bool {
    is(byte, ALNUM)
}

/// Letters, digits, `_` and everything beyond ASCII.
#[inline(always)]
pub(crate) fn is_word(byte: u8) -> bool {
    is(byte, WORD)
}

/// A kind of byte that runs of are looked for eight at a time: the upper bit of each byte that is none.
type Others = fn(u64) -> u64;

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = EACH << 7;

/// The upper bit of each byte of ASCII from `from` to `to`; of others, and beside them, it means nothing.
#[inline(always)]
const fn among(ascii: u64, from: u8, to: u8) -> u64 {
    let least = ascii.wrapping_add(EACH.wrapping_mul(0x80u64.wrapping_sub(from as u64)));
    let most = ascii.wrapping_add(EACH.wrapping_mul(0x7Fu64.wrapping_sub(to as u64)));
    least & !most
}

#[inline(always)]
const fn no_digits(eight: u64) -> u64 {
    (eight | !among(eight & !HIGH, b'0', b'9')) & HIGH
}

#[inline(always)]
const fn no_alnums(eight: u64) -> u64 {
    let ascii = eight & !HIGH;
    let letters = among(ascii | EACH << 5, b'a', b'z');
    (eight | !(letters | among(ascii, b'0', b'9'))) & HIGH
}

#[inline(always)]
const fn no_groups(eight: u64) -> u64 {
    let ascii = eight & !HIGH;
    let letters = among(ascii | EACH << 5, b'a', b'f');
    // The colon is next to the nine.
    let others = among(ascii, b'0', b':') | among(ascii, b'.', b'.');
    (eight | !(letters | others)) & HIGH
}

/// What an IPv6 address is written with (RFC 4291 §2.2).
#[inline]
pub(crate) fn is_of_groups(byte: u8) -> bool {
    is_hex(byte) || byte == b':' || byte == b'.'
}

/// [`skip`], eight bytes at a time.
#[inline(always)]
fn run(hay: &[u8], at: usize, most: usize, others: Others, set: fn(u8) -> bool) -> usize {
    let mut from = at;
    let limit = at.saturating_add(most);
    while from < limit
        && let Some(eight) = hay.get(from..).and_then(<[u8]>::first_chunk)
    {
        let others = others(u64::from_le_bytes(*eight));
        if others != 0 {
            let run = (others.trailing_zeros() / 8) as usize;
            return from.saturating_add(run).min(limit);
        }
        from = from.saturating_add(8);
    }
    skip(hay, from.min(limit), limit.saturating_sub(from), set)
}

/// [`skip_back`], eight bytes at a time.
#[inline(always)]
fn run_back(hay: &[u8], at: usize, most: usize, others: Others, set: fn(u8) -> bool) -> usize {
    let mut from = at;
    let limit = at.saturating_sub(most);
    while from > limit
        && let Some(eight) = hay.get(..from).and_then(<[u8]>::last_chunk)
    {
        let others = others(u64::from_le_bytes(*eight));
        if others != 0 {
            let run = (others.leading_zeros() / 8) as usize;
            return from.saturating_sub(run).max(limit);
        }
        from = from.saturating_sub(8);
    }
    skip_back(hay, from.max(limit), from.saturating_sub(limit), set)
}

/// Whether `text`, which is short, has the byte.
#[inline]
pub(crate) fn has_byte(text: &[u8], wanted: u8) -> bool {
    let wanted_in_each = EACH.wrapping_mul(u64::from(wanted));
    let has = |eight: &[u8; 8]| {
        let others = u64::from_le_bytes(*eight) ^ wanted_in_each;
        others.wrapping_sub(EACH) & !others & HIGH != 0
    };
    // The last eight have some of those before them again.
    match text.last_chunk() {
        Some(last) => has(last) || text.as_chunks().0.iter().any(has),
        None => text.contains(&wanted),
    }
}

/// The first of eight bytes that a string of JSON may end with, or that begins an escape or is a control.
#[inline(always)]
pub(crate) fn first_of_string(eight: u64) -> Option<usize> {
    // The upper bit of each byte that is so, and of some behind the first: the first is right.
    let below =
        |eight: u64, least: u8| eight.wrapping_sub(EACH.wrapping_mul(least.into())) & !eight;
    let is = |b: u8| below(eight ^ EACH.wrapping_mul(b.into()), 1);
    let ends = (is(b'"') | is(b'\\') | below(eight, b' ')) & HIGH;
    (ends != 0).then(|| (ends.trailing_zeros() / 8) as usize)
}

/// Where the digits end that start at `at`, `most` of them.
#[inline]
pub(crate) fn digits_end(hay: &[u8], at: usize, most: usize) -> usize {
    run(hay, at, most, no_digits, is_digit)
}

/// Where the digits start that end at `at`, `most` of them.
#[inline]
pub(crate) fn digits_start(hay: &[u8], at: usize, most: usize) -> usize {
    run_back(hay, at, most, no_digits, is_digit)
}

/// Where the letters and digits of ASCII end that start at `at`, `most` of them.
#[inline]
pub(crate) fn alnums_end(hay: &[u8], at: usize, most: usize) -> usize {
    run(hay, at, most, no_alnums, is_alnum)
}

/// Where the letters and digits of ASCII start that end at `at`, `most` of them.
#[inline]
pub(crate) fn alnums_start(hay: &[u8], at: usize, most: usize) -> usize {
    run_back(hay, at, most, no_alnums, is_alnum)
}

/// Where the bytes of IPv6 addresses end that start at `at`, `most` of them.
#[inline]
pub(crate) fn groups_end(hay: &[u8], at: usize, most: usize) -> usize {
    run(hay, at, most, no_groups, is_of_groups)
}

/// Where the bytes of IPv6 addresses start that end at `at`, `most` of them.
#[inline]
pub(crate) fn groups_start(hay: &[u8], at: usize, most: usize) -> usize {
    run_back(hay, at, most, no_groups, is_of_groups)
}

/// Whether the record ends with this byte.
#[inline]
pub(crate) const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\0')
}

/// Whether `text` ends with `last`, whatever the case of its letters of ASCII.
#[inline]
pub(crate) fn ends_in_any_case(text: &[u8], last: &[u8]) -> bool {
    let tail = text.len().checked_sub(last.len());
    tail.and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(last))
}

/// Six groups of one or two hexadecimal digits, `:` between: a MAC address, its leading zeros left out or not.
pub(crate) fn is_six_groups(text: &[u8]) -> bool {
    let mut groups = 0usize;
    text.split(|b| *b == b':').all(|group| {
        groups = groups.saturating_add(1);
        (1..=2).contains(&group.len()) && group.iter().all(|b| is_hex(*b))
    }) && groups == 6
}

/// Where the record that ends at `at` starts, if it is no longer than `most` bytes.
pub(crate) fn record_start(hay: &[u8], at: usize, most: usize) -> Option<usize> {
    let floor = at.saturating_sub(most.saturating_add(1));
    let head = hay.get(floor..at)?;
    match memchr::memrchr2(b'\n', b'\0', head) {
        Some(end) => Some(floor.saturating_add(end).saturating_add(1)),
        None => (floor == 0 && at <= most).then_some(0),
    }
}

/// Whether a letter behind `backslashes` of them at `at` is an escape's in a string in double quotes: as many as the quote
/// that opens it has in front, and one. In a long record one is taken to be.
pub(crate) fn in_string(hay: &[u8], at: usize, backslashes: usize) -> bool {
    const REACH: usize = 4096;
    record_start(hay, at, REACH).map_or(backslashes == 1, |start| {
        let text = Span::new(start, at).of(hay);
        let opens = memchr::memchr_iter(b'"', text).filter(|quote| {
            let front = skip_back(text, *quote, backslashes, |b| b == b'\\');
            quote.saturating_sub(front).saturating_add(1) == backslashes
        });
        !opens.count().is_multiple_of(2)
    })
}

/// Where what is behind blanks at `at` starts, and behind tabs and line ends that are written as escapes, at any depth of
/// strings in strings.
pub(crate) fn gap(hay: &[u8], at: usize) -> usize {
    let mut at = at;
    loop {
        at = skip(hay, at, 64, |b| matches!(b, b' ' | b'\t' | b'\r'));
        let letter = skip(hay, at, 16, |b| b == b'\\');
        if letter == at || !matches!(byte(hay, letter), b'n' | b'r' | b't') {
            return at;
        }
        at = letter.saturating_add(1);
    }
}

/// Whether the letter at `at` belongs to an escape such as `\n`, `\t`, so that it is no part of a word.
#[inline]
pub(crate) fn is_escape_letter(hay: &[u8], at: usize) -> bool {
    matches!(byte(hay, at), b'n' | b't' | b'r' | b'b' | b'f') && before(hay, at) == b'\\'
}

/// Whether a character of three or four bytes of UTF-8 ends right before `at`. Ideographs, kana, Hangul, Thai,
/// full-width signs and the byte order mark stand beside ASCII without a blank: they are no part of its words.
#[inline]
pub(crate) fn wide_before(hay: &[u8], at: usize) -> bool {
    let back = |n: usize| at.checked_sub(n).map_or(0, |at| byte(hay, at));
    matches!(back(1), 0x80..=0xBF) && (back(3) >= 0xE0 || back(4) >= 0xF0)
}

/// Whether an escape such as `\u0027` (RFC 8259 §7) or `\x27` (C, nginx, Python) ends right before `at`.
#[inline]
pub(crate) fn is_escaped_before(hay: &[u8], at: usize) -> bool {
    let of = |digits: usize, letter: u8| {
        let escape = at.checked_sub(digits.saturating_add(2));
        let escape = escape.and_then(|from| hay.get(from..at));
        matches!(escape, Some([b'\\', sign, code @ ..]) if *sign == letter && code.iter().all(|b| is_hex(*b)))
    };
    of(4, b'u') || of(2, b'x')
}

/// Whether a word ends right before `at` (an escape, its letter and a wide character are none).
#[inline]
pub(crate) fn word_before(hay: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|last| {
        is_word(before(hay, at))
            && !is_escape_letter(hay, last)
            && !wide_before(hay, at)
            && !is_escaped_before(hay, at)
    })
}

/// Whether a word starts or goes on at `at`; a wide character is none.
#[inline]
pub(crate) fn word_behind(hay: &[u8], at: usize) -> bool {
    is_word(byte(hay, at)) && byte(hay, at) < 0xE0
}

/// U+FEFF in UTF-8. It begins the text of a syslog record (RFC 5424 §6.4) and of files, and belongs to no word.
const BOM: &[u8] = b"\xEF\xBB\xBF";

#[cold]
fn bom_before(hay: &[u8], at: usize) -> bool {
    hay.get(..at).is_some_and(|head| head.ends_with(BOM))
}

/// Where the word really starts that was taken to start at `start`: behind a byte-order mark.
#[inline]
pub(crate) fn unmarked(hay: &[u8], start: usize) -> usize {
    let marked =
        byte(hay, start) == 0xEF && hay.get(start..).is_some_and(|tail| tail.starts_with(BOM));
    start.saturating_add(if marked { BOM.len() } else { 0 })
}

/// Whether `digits` (others skipped) pass the Luhn check (ISO/IEC 7812-1 annex B).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let mut sum = 0u32;
    for (i, digit) in digits.iter().rev().filter(|b| is_digit(**b)).enumerate() {
        let digit = u32::from(digit.wrapping_sub(b'0'));
        let doubled = digit.wrapping_mul(2);
        sum = sum.wrapping_add(match i % 2 {
            0 => digit,
            _ if doubled > 9 => doubled.wrapping_sub(9),
            _ => doubled,
        });
    }
    sum.is_multiple_of(10)
}

/// Whether the number at `span` is one that PHP wrote, to be read again: `i:7;`, `d:0.5;` of `serialize`, `int(7)`,
/// `float(0.5)` of `var_dump`.
fn is_php_number(hay: &[u8], span: Span) -> bool {
    let kinds: &[&[u8]] = match byte(hay, span.end) {
        b';' => &[b";i:", b"{i:", b";d:", b"{d:"],
        b')' => &[b"> int(", b"> float("],
        _ => return false,
    };
    let head = hay.get(..span.start).unwrap_or_default();
    kinds.iter().any(|kind| head.ends_with(kind)) && is_strict_number(span.of(hay))
}

/// Whether the number at `span` stands where a JSON value may: behind a quoted key's colon, or in an array; or is one of
/// PHP's. Looks at most 256 bytes to either side.
pub(crate) fn is_json_number(hay: &[u8], span: Span) -> bool {
    const REACH: usize = 256;
    if is_php_number(hay, span) {
        return true;
    }
    let blank = |b: u8| b == b' ' || b == b'\t';
    let start = skip_back(hay, span.start, 4, blank);
    let end = skip(hay, span.end, 4, blank);
    if !matches!(byte(hay, end), b',' | b'}' | b']') && !is_end(byte(hay, end)) {
        return false;
    }
    if before(hay, start) == b':' {
        let quote = skip_back(hay, start.saturating_sub(1), 4, blank);
        let head = hay.get(..quote).unwrap_or_default();
        return [&b"\""[..], b"&quot;", b"&#34;"]
            .iter()
            .any(|quote| head.ends_with(quote));
    }
    // And the letters of the words between them.
    let numbers = |b: u8| {
        is_digit(b)
            || matches!(b, b'.' | b',' | b'-' | b'+' | b'e' | b'E' | b' ' | b'\t')
            || matches!(b, b't' | b'r' | b'u' | b'f' | b'a' | b'l' | b's' | b'n')
            || matches!(b, b'N' | b'I' | b'i' | b'y')
    };
    let first = skip_back(hay, start, REACH, numbers);
    let last = skip(hay, end, REACH, numbers);
    let tail = hay.get(last..).unwrap_or_default();
    let opened = before(hay, first) == b'['
        || matches!(before(hay, first), b'}' | b']' | b'"') && byte(hay, first) == b',';
    let closed = byte(hay, last) == b']'
        || before(hay, skip_back(hay, last, 4, blank)) == b','
            && (matches!(byte(hay, last), b'{' | b'[' | b'"')
                || [&b"true"[..], b"false", b"null", b"NaN", b"Infinity"]
                    .iter()
                    .any(|word| tail.starts_with(word)));
    opened && closed && is_strict_number(span.of(hay))
}

/// What RFC 8259 §6 leaves out, and Python's `json` writes and reads as a number.
pub(crate) fn is_not_finite(text: &[u8]) -> bool {
    matches!(text, b"NaN" | b"Infinity" | b"-Infinity")
}

/// RFC 8259 §6.
pub(crate) fn is_strict_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let int = digits_end(text, 0, text.len());
    if int == 0 || (int > 1 && byte(text, 0) == b'0') {
        return false;
    }
    let mut at = int;
    if byte(text, at) == b'.' {
        let end = digits_end(text, at.saturating_add(1), text.len());
        if end == at.saturating_add(1) {
            return false;
        }
        at = end;
    }
    if matches!(byte(text, at), b'e' | b'E') {
        at = at.saturating_add(1);
        if matches!(byte(text, at), b'+' | b'-') {
            at = at.saturating_add(1);
        }
        let end = skip(text, at, usize::MAX, is_digit);
        if end == at {
            return false;
        }
        at = end;
    }
    at == text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_end_where_bytes_one_by_one_say(
            text in prop::collection::vec(prop_oneof![b'0'..=b':', b'a'..=b'z', any::<u8>()], 0..40),
            at in 0..44usize,
            most in 0..30usize,
        ) {
            prop_assert_eq!(digits_end(&text, at, most), skip(&text, at, most, is_digit));
            prop_assert_eq!(alnums_end(&text, at, most), skip(&text, at, most, is_alnum));
            prop_assert_eq!(groups_end(&text, at, most), skip(&text, at, most, is_of_groups));
            prop_assert_eq!(has_byte(&text, b'7'), text.contains(&b'7'));
            let at = at.min(text.len());
            prop_assert_eq!(digits_start(&text, at, most), skip_back(&text, at, most, is_digit));
            prop_assert_eq!(alnums_start(&text, at, most), skip_back(&text, at, most, is_alnum));
            prop_assert_eq!(groups_start(&text, at, most), skip_back(&text, at, most, is_of_groups));
        }
    }
}
