//! Pictures in text: `data:image/jpeg;base64,…`. Whose face is on one, nobody can tell here.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, skip, skip_back};
use crate::record::Span;

const ID: &str = "image";

/// Fewest characters of a picture.
const PICTURE_CHARS_MIN: usize = 16;

/// The data behind `;base64,`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::FACE],
    anchors: &[Anchor::Literal],
    literals: &["data:image/", "data:image\\/"],
    source: "RFC 2397 (data URLs), RFC 4648 §4 (base64)",
    confirm,
    finds: &[
        "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==\">",
        r#"{"photo":"data:image\/jpeg;base64,\/9j\/4AAQSkZJRgABAQ"}"#,
        "data:image/webp;charset=x;base64,UklGRiQAAABXRUJQVlA4",
    ],
    leaves: &[
        // Drawn, not taken.
        "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDov",
        "data:image/png;base64,",
        "data:image/png,not encoded, so no picture",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    const CODED: &[u8] = b";base64,";
    let hay = cx.hay();
    if cx.literal(at, DETECTOR.literals).is_none() {
        return;
    }
    let kind = skip(hay, at, 32, |b| b.is_ascii_alphanumeric() || b == b'-');
    let parameters = skip(hay, kind, 64, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b';' | b'=' | b'-')
    });
    let start = parameters.saturating_add(1);
    if byte(hay, kind) != b';' || !hay.get(..start).is_some_and(|head| head.ends_with(CODED)) {
        return;
    }
    let stop = skip(hay, start, usize::MAX, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'\\')
    });
    // Of an escaped quote.
    let end = skip_back(hay, stop, 16, |b| b == b'\\');
    let span = Span::new(start, end.max(start));
    if span.len() < PICTURE_CHARS_MIN || before(hay, start) != b',' {
        return cx.reject(span, Class::FACE, ID, "too short for a picture");
    }
    cx.text(span, Class::FACE, ID, "a picture");
}
