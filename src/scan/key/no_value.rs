//! What stands behind a key and is not its value.

use super::super::take::is_one_of;
use super::super::version;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_word, skip, skip_back, small, smalls};
use crate::record::Span;

/// Bare words behind a key that are not its value: `login: User=ann`, `LOGIN: Client "…"`,
/// `Account: Security ID: …`, `pam_unix(passwd:chauthtok)`.
pub(super) fn no_value(hay: &[u8], key: Span, border: usize, value: Span, class: Class) -> bool {
    const HEADINGS: [u64; 18] = smalls([
        b"security",
        b"ok",
        b"client",
        b"failed",
        b"failure",
        b"error",
        b"success",
        b"account",
        b"add",
        b"delete",
        b"denied",
        b"aborted",
        b"invalid",
        b"unknown",
        b"info",
        b"warning",
        b"rejected",
        b"timeout",
    ]);
    const LONG_HEADINGS: &[&[u8]] = &[b"successful", b"succeeded", b"disconnected"];
    if byte(hay, border) != b':' {
        return false;
    }
    // `zip:amd64`, a package for a processor (Debian Policy §5.6.8).
    if value.start == border.saturating_add(1) {
        let first = skip(hay, value.start, 8, |b| b.is_ascii_alphanumeric());
        if version::is_processor(Span::new(value.start, first).of(hay)) {
            return true;
        }
    }
    // `#<User:0x00007f12 @id=7>`: an object of Ruby's, and where it lies.
    if class != Class::PASSWORD
        && Span::new(key.start.saturating_sub(2), key.start).of(hay) == b"#<"
        && byte(hay, key.start).is_ascii_uppercase()
        && matches!(byte(hay, value.end), b' ' | b'>')
        && let Some(place) = value.of(hay).strip_prefix(b"0x")
        && place.iter().all(u8::is_ascii_hexdigit)
    {
        return true;
    }
    // The user of a URL.
    if Span::new(key.start.saturating_sub(3), key.start).of(hay) == b"://" {
        return true;
    }
    let text = value.of(hay);
    // A selector of Objective-C: `when:deviceName:deviceType:`.
    // Keys of a cache have colons too, but no bracket behind the last.
    let last = value
        .end
        .saturating_add(usize::from(byte(hay, value.end) == b':'));
    if before(hay, key.start) == b':'
        && text.len() <= 64
        && before(hay, last) == b':'
        && matches!(byte(hay, last), b']' | b')' | b'\'' | b'"')
        && text.iter().all(|b| b.is_ascii_alphabetic() || *b == b':')
    {
        return true;
    }
    // `passwd: password changed for ann`
    if text == b"password" && key.of(hay) == b"passwd" {
        return true;
    }
    // The name of a process in front of a module's: `login: pam_unix(login:auth): …`.
    if text.starts_with(b"pam_") && text.contains(&b'(') {
        return true;
    }
    if before(hay, key.start) == b'(' {
        let word = text.split(|b| *b == b')').next().unwrap_or_default();
        return [
            &b"auth"[..],
            b"account",
            b"session",
            b"chauthtok",
            b"setcred",
        ]
        .contains(&word);
    }
    if class == Class::PASSWORD {
        return false;
    }
    let name = skip(text, 0, 64, |b| is_word(b) || b == b'.' || b == b'-');
    name > 0 && byte(text, name) == b'='
        || name > 0 && name == text.len() && byte(hay, value.end) == b'='
        || class == Class::ACCOUNT
            && (HEADINGS.contains(&small(text)) || is_one_of(text, LONG_HEADINGS))
}

/// Whether the word at `at` is what the subject of a change begins with.
pub(super) fn is_deed(hay: &[u8], at: usize) -> bool {
    const DEEDS: [u64; 16] = smalls([
        b"add", b"allow", b"avoid", b"change", b"check", b"convert", b"drop", b"fix", b"make",
        b"move", b"remove", b"rename", b"replace", b"support", b"update", b"use",
    ]);
    let word = Span::new(at, skip(hay, at, 9, |b| b.is_ascii_alphabetic()));
    byte(hay, word.end) == b' ' && DEEDS.contains(&small(word.of(hay)))
}

/// Whether the word that goes on at `at` is a URL.
pub(super) fn ends_a_url(hay: &[u8], at: usize) -> bool {
    let word = Span::new(skip_back(hay, at, 256, |b| b > b' '), at);
    memchr::memmem::find(word.of(hay), b"://").is_some()
}
