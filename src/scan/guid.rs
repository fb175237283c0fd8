//! GUIDs.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, is_hex, word_before, word_behind};
use crate::record::Span;

const ID: &str = "guid";

/// 8-4-4-4-12 hex digits.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::GUID],
    anchors: &[Anchor::GuidDashes],
    literals: &[],
    source: "RFC 9562 §4",
    confirm,
    finds: &[
        "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "x=f81d4fae-7dec-11d0-a765-00a0c91e6bf6 y",
    ],
    leaves: &[
        "00000000-0000-0000-0000-000000000000",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6a",
        "f81d4fae-7dec-11d0-a765",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(start) = at.checked_sub(23) else {
        return;
    };
    let span = Span::new(start, at.saturating_add(13));
    let text = span.of(hay);
    let shape = text.iter().enumerate().all(|(i, b)| {
        if matches!(i, 8 | 13 | 18 | 23) {
            *b == b'-'
        } else {
            is_hex(*b)
        }
    });
    if text.len() != 36 || !shape {
        return;
    }
    if word_before(hay, start)
        || word_behind(hay, span.end)
        || before(hay, start) == b'-' && is_hex(before(hay, start.saturating_sub(1)))
    {
        return cx.reject(span, Class::GUID, ID, "part of something longer");
    }
    if text.iter().all(|b| matches!(b, b'0' | b'-')) {
        return cx.reject(span, Class::GUID, ID, "the nil GUID");
    }
    cx.text(span, Class::GUID, ID, "8-4-4-4-12 hex digits");
}
