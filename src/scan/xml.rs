//! Values that their element names: `<key>value</key>`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::take::{coordinates, is_nothing, plausible};
use crate::class::Class;
use crate::format::bytes::{before, byte, is_word, skip_back};
use crate::format::value::{Quote, string_end};
use crate::record::Span;

/// `<key>value</key>`.
pub(super) static ELEMENT: Detector = Detector {
    id: "element",
    anchors: &[Anchor::Greater],
    literals: &[],
    source: "XML 1.0 §3.1",
    confirm: confirm_element,
    finds: &[
        "<password>hunter2</password>",
        "<ns:userName>al</ns:userName>",
    ],
    leaves: &[
        "a->password",
        "<note>user</note>",
        r#"{"user":"<user>","a":"<b>"}"#,
        "<password></password>",
    ],
};

fn confirm_element(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'>' {
        return;
    }
    let Some((start, class)) = keys::lookup(hay, at) else {
        return;
    };
    let span = Span::new(start, at);
    let open = if before(hay, start) == b':' {
        skip_back(hay, start.saturating_sub(1), 32, is_word)
    } else {
        start
    };
    if before(hay, open) != b'<' {
        return cx.reject(span, class, "element", "not the start of an element");
    }
    let content = at.saturating_add(1);
    let end = string_end(
        hay,
        content,
        Quote {
            byte: b'<',
            escapes: 0,
        },
    );
    let value = Span::new(content, end);
    // A placeholder such as `"<user>","x":…` is no element: none closes, or a JSON string ends in between.
    let json = value
        .of(hay)
        .windows(2)
        .any(|pair| matches!(pair, [b'"', b',' | b':' | b'}' | b']']));
    if byte(hay, end.saturating_add(1)) != b'/' || json {
        return cx.reject(value, class, "element", "no element that closes");
    }
    if is_nothing(value.of(hay)) || !plausible(class, value.of(hay)) {
        return cx.reject(value, class, "element", "no plausible value");
    }
    if class == Class::COORDINATES {
        return coordinates(cx, value);
    }
    cx.text(value, class, "element", "its element names the class");
}
