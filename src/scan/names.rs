//! How the names of accounts are read in what daemons say: where one begins, where it ends, and the words that are none.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::context::Cx;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back, unmarked};
use crate::record::Span;

/// What finds them.
const ID: &str = "message";

/// The first of each row of a table.
macro_rules! firsts {
    ($table:expr) => {{
        let mut all = [""; $table.len()];
        let mut i = 0;
        while i < all.len() {
            #[allow(clippy::indexing_slicing, reason = "`i` is below the length of both")]
            {
                all[i] = $table[i].0;
            }
            i = i.wrapping_add(1);
        }
        all
    }};
}
pub(super) use firsts;

/// Backslashes in front of a quote, at the most: strings in strings.
const BACKSLASHES_MAX: usize = 16;

/// Longest of them.
const STOP_BYTES_MAX: usize = 16;

/// Words that follow `user` without being one.
static STOP: LazyLock<HashSet<&'static [u8]>> = LazyLock::new(|| {
    let lines = include_str!("stop.txt").lines();
    lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::as_bytes)
        .collect()
});

/// Builds what a first record would wait for.
pub(super) fn ready() {
    LazyLock::force(&STOP);
}

pub(super) fn stops(word: &[u8]) -> bool {
    let mut lower = [0; STOP_BYTES_MAX];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    STOP.contains(&*lower)
}

/// A `*` is a character that was hidden before: scrubbing twice must see the same name.
pub(super) fn is_name_or_path(b: u8) -> bool {
    is_word(b) || matches!(b, b'.' | b'@' | b'$' | b'-' | b'+' | b'\\' | b'/' | b'*')
}

pub(super) fn word_at(hay: &[u8], end: usize) -> &[u8] {
    Span::new(
        skip_back(hay, end, 32, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'_')
        }),
        end,
    )
    .of(hay)
}

pub(super) fn any(word: &[u8], of: &[&str]) -> bool {
    // Nearly all differ in length or first letter, which costs no call.
    let first = byte(word, 0).to_ascii_lowercase();
    of.iter().map(|w| w.as_bytes()).any(|w| {
        w.len() == word.len()
            && byte(w, 0).to_ascii_lowercase() == first
            && word.eq_ignore_ascii_case(w)
    })
}

/// `domain\name`, with one backslash or two. One backslash may be the beginning of an escape.
pub(super) fn is_down_level(token: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'\\', token) else {
        return false;
    };
    let name = skip(token, at, 2, |b| b == b'\\');
    let domain = token.get(..at).unwrap_or_default();
    let rest = token.get(name..).unwrap_or_default();
    let escape = name.saturating_sub(at) == 1
        && matches!(
            byte(rest, 0),
            b'n' | b'r' | b't' | b'b' | b'f' | b'u' | b'/'
        );
    domain.len() >= 2
        && domain
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && rest.len() >= 2
        && !rest.contains(&b'\\')
        && !escape
}

/// A quoted name at `at`: its inside.
pub(super) fn quoted(hay: &[u8], at: usize) -> Option<Span> {
    let quote = skip(hay, at, BACKSLASHES_MAX, |b| b == b'\\');
    let escaped = quote.saturating_sub(at);
    let at = quote;
    let close = match byte(hay, at) {
        b'<' => b'>',
        b'[' => b']',
        q @ (b'\'' | b'"' | b'`') => q,
        _ => return None,
    };
    // ``name'`` as older programs quote.
    let other = if close == b'`' { b'\'' } else { close };
    let start = at.saturating_add(1);
    let end = skip(hay, start, 128, |b| b != close && b != other && !is_end(b));
    // Brackets hold names and more: `[10/Oct/2000:13:55:36 +0000]`.
    if close == b']'
        && !Span::new(start, end)
            .of(hay)
            .iter()
            .all(|b| is_name_or_path(*b))
    {
        return None;
    }
    // In strings in strings both quotes have the same backslashes.
    let own = skip_back(hay, end, escaped, |b| b == b'\\').max(start);
    matches!(byte(hay, end), b if b == close || b == other).then(|| Span::new(start, own))
}

/// Whether nothing more is said at `at`: the record ends there, or the quotes or brackets that it stands in do.
pub(super) fn is_over(hay: &[u8], at: usize) -> bool {
    let quote = skip(hay, at, BACKSLASHES_MAX, |b| b == b'\\');
    match byte(hay, quote) {
        b'"' => true,
        b'\'' | b')' | b']' | b'}' => quote == at,
        b => is_end(b),
    }
}

/// Where the name of a peer of sshd ends, whatever it is: in front of ` from ADDRESS`, ` from ADDRESS port N` or
/// ` ADDRESS port N`. Nothing where the message does not go on so.
pub(super) fn peer_end(hay: &[u8], start: usize) -> Option<usize> {
    let end = hostile_end(hay, start);
    let rest = hay.get(end..).unwrap_or_default();
    let (from, rest) = match rest.strip_prefix(b" from ") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(b" ")?),
    };
    // A `*` is a character that was hidden before.
    let signs = |b: u8| matches!(b, b'.' | b':' | b'*');
    let length = skip(rest, 0, 64, |b| {
        b.is_ascii_hexdigit() || b == b'%' || signs(b)
    });
    let (address, behind) = rest.split_at_checked(length)?;
    let port = behind.strip_prefix(b" port ");
    let port = port.is_some_and(|port| is_digit(byte(port, 0)));
    let over = from && matches!(byte(behind, 0), b'\n' | b'\r' | b'\0' | b'"');
    (end > start && address.iter().any(|b| signs(*b)) && (port || over)).then_some(end)
}

/// Where the name ends in `User pat from 192.0.2.7 not allowed because …`, whatever it is.
pub(super) fn refused_end(hay: &[u8], start: usize) -> Option<usize> {
    let rest = Span::new(start, skip(hay, start, 512, |b| !is_end(b) && b != b'"')).of(hay);
    let said = memchr::memmem::find(rest, b" not allowed because ")?;
    let from = memchr::memmem::rfind(rest.get(..said)?, b" from ")?;
    (from > 0).then(|| start.saturating_add(from))
}

/// End of a name that may hold anything, blanks and addresses too: the last ` from `, or what stands
/// before the last ` port `.
pub(super) fn hostile_end(hay: &[u8], start: usize) -> usize {
    let rest = hay.get(start..).unwrap_or_default();
    let rest = rest.get(..512).unwrap_or(rest);
    let stop = memchr::memchr3(b'\n', b'\0', b'"', rest).unwrap_or(rest.len());
    let rest = rest.get(..stop).unwrap_or(rest);
    // Blank by blank from the end; the one in front of the last ` port ` is where the name ends without a ` from `.
    let (mut port, mut before_port) = (false, None);
    for blank in memchr::memrchr_iter(b' ', rest) {
        let word = rest.get(blank..).unwrap_or_default();
        if word.starts_with(b" from ") {
            return start.saturating_add(blank);
        }
        if port && before_port.is_none() {
            before_port = Some(blank);
        }
        port |= word.starts_with(b" port ");
    }
    match before_port {
        Some(length) => start.saturating_add(length),
        None => name_end(hay, start),
    }
}

/// End of the name at `start`. A line feed or tab that is written as one ends it (`ann\nPASSWORD`); what a lower-case
/// letter follows is rather that of `DOMAIN\nancy`.
pub(super) fn name_end(hay: &[u8], start: usize) -> usize {
    let end = skip(hay, start, 64, is_name_or_path);
    let name = Span::new(start, end).of(hay);
    let escape = memchr::memchr_iter(b'\\', name).find(|slash| {
        let slash = start.saturating_add(*slash);
        let behind = byte(hay, slash.saturating_add(2));
        matches!(byte(hay, slash.saturating_add(1)), b'n' | b'r' | b't')
            && before(hay, slash) != b'\\'
            && (behind.is_ascii_uppercase() || !is_word(behind))
    });
    escape.map_or(end, |slash| start.saturating_add(slash))
}

/// A `*` is a character that was hidden before.
pub(super) fn is_name(b: u8) -> bool {
    is_word(b) || matches!(b, b'.' | b'@' | b'$' | b'-' | b'+' | b'\\' | b'*')
}

pub(super) fn name(cx: &mut Cx<'_>, span: Span) {
    name_by(cx, ID, span);
}

/// The same, of another detector.
pub(super) fn name_by(cx: &mut Cx<'_>, id: &'static str, span: Span) {
    let text = span.of(cx.hay());
    // `Configured from console by vty0`: a terminal, nobody at it.
    let line = text.strip_prefix(b"vty").or(text.strip_prefix(b"tty"));
    if line.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit)) {
        return;
    }
    if text.len() <= 64 && text.iter().any(|b| is_word(*b) || *b == b'*') {
        cx.text(span, Class::ACCOUNT, id, "a message that names an account");
    }
}

pub(super) fn behind(hay: &[u8], at: usize, close: &[u8]) -> Option<Span> {
    if is_end(before(hay, at)) {
        return None;
    }
    let end = skip(hay, at, 128, |b| !close.contains(&b) && !is_end(b));
    (close.contains(&byte(hay, end)) || close.contains(&b' ') && is_end(byte(hay, end)))
        .then(|| Span::new(at, end))
}

/// A word; a full stop behind it is the sentence's. None of the next record, whatever stood in front of that.
pub(super) fn word_behind(hay: &[u8], at: usize) -> Span {
    let most = if is_end(before(hay, at)) { 0 } else { 64 };
    let end = skip(hay, at, most, is_name);
    Span::new(at, skip_back(hay, end, 2, |b| b == b'.').max(at))
}

/// What the record says in front of `end`, `most` bytes at the most.
pub(super) fn said_before(hay: &[u8], end: usize, most: usize) -> Span {
    Span::new(skip_back(hay, end, most, |b| !is_end(b)), end)
}

pub(super) fn word_before(hay: &[u8], end: usize) -> Span {
    Span::new(unmarked(hay, skip_back(hay, end, 64, is_name)), end)
}
