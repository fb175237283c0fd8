//! The userinfo of a URL: credentials that need no key.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_word, skip_back};
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
