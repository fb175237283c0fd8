//! The userinfo of a URL: credentials that need no key. And how a secret looks where words may stand.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "userinfo";

/// `scheme://user:password@host`.
pub(super) static USERINFO: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::At],
    literals: &[],
    source: "RFC 3986 §3.2.1",
    confirm,
    finds: &["postgres://alice:s3cret@db/app", "https://token@host/x.git"],
    leaves: &[
        "https://host/@scope/pkg",
        "see a@b.example",
        "http://:@x",
        "akka.tcp://sys@host:7",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'@' {
        return;
    }
    let start = skip_back(hay, at, 256, |b| {
        b > b' ' && b != 0x7f && !matches!(b, b'/' | b'@' | b'"' | b'<' | b'>' | b'?' | b'#')
    });
    if before(hay, start) != b'/' || Span::new(start.saturating_sub(3), start).of(hay) != b"://" {
        return;
    }
    let info = Span::new(start, at);
    let text = info.of(hay);
    if !text.iter().any(|b| is_word(*b)) {
        return cx.reject(info, Class::PASSWORD, ID, "empty");
    }
    // Actor systems have addresses of the same form (`akka.tcp://system@host`, `spark://endpoint@host`).
    let scheme = Span::new(
        skip_back(hay, start.saturating_sub(3), 12, |b| {
            b.is_ascii_alphabetic() || b == b'.'
        }),
        start,
    );
    if [&b"akka"[..], b"spark:", b"pekko"]
        .iter()
        .any(|name| scheme.of(hay).starts_with(name))
    {
        return cx.reject(info, Class::PASSWORD, ID, "an actor's name");
    }
    match memchr::memchr(b':', text) {
        Some(colon) => {
            let colon = start.saturating_add(colon);
            cx.text(Span::new(start, colon), Class::ACCOUNT, ID, "user of a URL");
            cx.text(
                Span::new(colon.saturating_add(1), at),
                Class::PASSWORD,
                ID,
                "password of a URL",
            );
        }
        None => cx.text(info, Class::PASSWORD, ID, "userinfo of a URL"),
    }
}

/// Whether `text` is what no sentence and no program has where a secret may stand: letters with figures or signs, and
/// neither the name of an algorithm, `SHA256`, nor one that is filled in, `$PASS1`.
pub(super) fn is_like_one(text: &[u8]) -> bool {
    const ALGORITHMS: [&[u8]; 12] = [
        b"sha", b"md", b"aes", b"rsa", b"des", b"pbkdf", b"argon", b"bcrypt", b"scrypt", b"base",
        b"utf", b"http",
    ];
    const SECRET_BYTES_MIN: usize = 6;
    let stem = skip(text, 0, text.len(), |b| b.is_ascii_alphabetic());
    let word = text.get(..stem).unwrap_or_default();
    let sign = |b: &u8| b.is_ascii_digit() || b"!#$%&*+=^~?".contains(b);
    let constant = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    text.len() >= SECRET_BYTES_MIN
        && text.iter().any(sign)
        && text.iter().any(u8::is_ascii_alphabetic)
        && !text.iter().all(constant)
        && !matches!(byte(text, 0), b'$' | b'%' | b'{' | b'<' | b'/' | b'@')
        && !ALGORITHMS
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
}
