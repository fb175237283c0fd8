//! Directories of users in requests.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{byte, is_word, skip};
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
    leaves: &["GET /~/x HTTP/1.1", "cd ~/x; ls /~"],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, BEGINS).is_none() {
        return;
    }
    let end = skip(hay, at, 64, |b| is_word(b) || matches!(b, b'.' | b'-'));
    if byte(hay, at).is_ascii_alphabetic() && matches!(byte(hay, end), b'/' | b' ' | b'?' | b'"') {
        let name = Span::new(at, end);
        cx.text(name, Class::ACCOUNT, ID, "whose directory it is");
    }
}
