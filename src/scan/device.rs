//! Commands of the configuration of network devices that have a secret in clear text, as they log each command:
//! `username bob password S3cret`, `enable secret S3cret`, `neighbor 192.0.2.1 password S3cret`.

use super::context::Cx;
use super::secret;
use super::take::is_one_of;
use super::xml::markup_in;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "message";

/// Words between the one that the command is about and the name of its secret: `privilege 15`, `auth-port 1812`.
const WORDS_MAX: usize = 8;

/// The secret of a command whose first words end in `literal`.
pub(super) fn secret(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let words = |b: u8| b.is_ascii_lowercase() || b == b'-';
    let first = skip_back(hay, literal.start, 16, words);
    let command = Span::new(first, literal.end).of(hay);
    if !begins(hay, first) {
        return;
    }
    let start = match command {
        b"username " => behind_a_name(hay, literal.end, &[b"password", b"secret"]),
        b"neighbor " => behind_a_name(hay, literal.end, &[b"password"]),
        b"radius-server host " | b"tacacs-server host " => {
            behind_a_name(hay, literal.end, &[b"key"])
        }
        b"enable secret "
        | b"enable password "
        | b"key-string "
        | b"wpa-psk ascii "
        | b"set passwd "
        | b"radius-server key "
        | b"tacacs-server key " => Some(literal.end),
        _ => None,
    };
    let Some(start) = start else {
        return;
    };
    // How it is written: `0`, `5`, `7`.
    let kind = skip(hay, start, 1, is_digit);
    let start = match kind > start && byte(hay, kind) == b' ' {
        true => kind.saturating_add(1),
        false => start,
    };
    let mut secret = word(hay, start);
    // `<cmd>enable secret x</cmd>`
    let markup = markup_in(hay, secret);
    secret.end = markup.unwrap_or(secret.end);
    let text = secret.of(hay);
    let next = byte(hay, secret.end);
    // Nothing is behind it.
    let over = markup.is_some() || is_end(next) || matches!(next, b'\r' | b'"' | b'\'');
    if over && secret::is_like_one(text) {
        cx.text(secret, Class::PASSWORD, ID, "a password in a configuration");
    }
}

/// Whether a command may begin at `at`: a line does, or what stands in front says that one comes.
fn begins(hay: &[u8], at: usize) -> bool {
    let front = skip_back(hay, at, 64, |b| b == b' ');
    let sign = before(hay, front);
    is_end(sign) || matches!(sign, b':' | b'#' | b'>' | b'"' | b'\'' | b']' | b'\r')
}

/// The word at `at`.
fn word(hay: &[u8], at: usize) -> Span {
    Span::new(
        at,
        skip(hay, at, 128, |b| b > b' ' && !matches!(b, b'"' | b'\'')),
    )
}

/// Where the secret starts whose name, one of `names`, stands behind the word at `at` and a few of its options.
fn behind_a_name(hay: &[u8], at: usize, names: &[&[u8]]) -> Option<usize> {
    let subject = word(hay, at);
    if is_one_of(subject.of(hay), &[b"and", b"or", b"with", b"is"]) {
        return None;
    }
    let mut at = subject.end.saturating_add(1);
    for _ in 0..WORDS_MAX {
        let next = word(hay, at);
        if byte(hay, next.end) != b' ' || next.is_empty() {
            return None;
        }
        at = next.end.saturating_add(1);
        if names.contains(&next.of(hay)) {
            return Some(at);
        }
        if !next.of(hay).iter().all(|b| is_word(*b) || *b == b'-') {
            return None;
        }
    }
    None
}
