//! Directories of users in requests.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, ends_in_any_case, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "owned";

/// What stands in front of the name.
const BEGINS: &[&str] = &[" /~", "\"/~"];

/// `GET /~ann/`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Literal],
    literals: BEGINS,
    source: "RFC 3986 §2.3 and UserDir of web servers",
    confirm,
    finds: &["GET /~ann/ HTTP/1.1", r#"{"path":"/~ann/x.html"}"#],
    leaves: &[
        "GET /~/x HTTP/1.1",
        "cd ~/x; ls /~",
        "cp x /~tmp file",
        "ls /~backup/",
        r#"{"dir":"/~tmp/x"}"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, BEGINS) else {
        return;
    };
    if !is_requested(hay, at.saturating_sub(literal.len())) {
        return;
    }
    let end = skip(hay, at, 64, |b| is_word(b) || matches!(b, b'.' | b'-'));
    if byte(hay, at).is_ascii_alphabetic() && matches!(byte(hay, end), b'/' | b' ' | b'?' | b'"') {
        let name = Span::new(at, end);
        cx.text(name, Class::ACCOUNT, ID, "whose directory it is");
    }
}

/// Whether the path behind the blank or quote at `border` is one of a request: behind its method, or of a key for it.
fn is_requested(hay: &[u8], border: usize) -> bool {
    const METHODS: &[&[u8]] = &[
        b"GET",
        b"HEAD",
        b"POST",
        b"PUT",
        b"PATCH",
        b"DELETE",
        b"OPTIONS",
        b"PROPFIND",
    ];
    let colon = skip_back(hay, border, 2, |b| b == b' ');
    let end = match byte(hay, border) {
        b'"' if before(hay, colon) == b':' => {
            skip_back(hay, colon, 2, |b| matches!(b, b':' | b'"'))
        }
        _ => border,
    };
    let word = Span::new(
        skip_back(hay, end, 32, |b| b.is_ascii_alphabetic() || b == b'_'),
        end,
    )
    .of(hay);
    let key = |name: &[u8]| ends_in_any_case(word, name);
    match byte(hay, border) {
        b'"' => key(b"path") || key(b"uri") || key(b"url"),
        _ => METHODS.contains(&word),
    }
}
