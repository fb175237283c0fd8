//! Credentials behind the name of their scheme, where no key announces them.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{is_digit, skip, word_before};
use crate::record::Span;

const ID: &str = "scheme";

/// `Basic dXNlcjpwYXNz`, `Bearer abc`, `AUTH PLAIN AGFsAHNlYw==`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &[
        "Basic ",
        "basic ",
        "Bearer ",
        "bearer ",
        "AUTH PLAIN ",
        "AUTH LOGIN ",
        "AUTH XOAUTH2 ",
        "AUTHENTICATE PLAIN ",
        "AUTHENTICATE XOAUTH2 ",
    ],
    source: "RFC 7617 §2, RFC 6750 §2.1, RFC 4954 §4 (SMTP), RFC 9051 §6.2.2 (IMAP), RFC 4616",
    confirm,
    finds: &[
        "sent Basic YWw6aHVudGVyMg== to host",
        "with Bearer mF_9.B5f-4.1JqM ok",
        "> AUTH PLAIN AGFsAGh1bnRlcjI=",
        "a1 AUTHENTICATE PLAIN AGFsAGh1bnRlcjI=",
        "cmd: AUTH LOGIN YWxAeC5leGFtcGxl",
    ],
    leaves: &[
        "Basic authentication failed",
        "Basic YWxodW50ZXIy and no colon",
        "bearer of tidings",
        "Bearer authorization required",
        "AUTH LOGIN Password",
        "AUTHENTICATE PLAIN authentication failed",
        "AUTH PLAIN LOGIN CRAM-MD5",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    if word_before(hay, at.saturating_sub(literal.len())) {
        return;
    }
    let end = skip(hay, at, 8192, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    });
    let span = Span::new(at, end);
    let text = span.of(hay);
    let is = if literal.eq_ignore_ascii_case("basic ") {
        text.len() >= 4 && has_colon(text)
    } else if literal.starts_with("AUTH") {
        // An initial response is base64 (RFC 4648 §4); no word has a capital inside, a digit or padding.
        let inner = text.get(1..).unwrap_or_default();
        let mixed = inner
            .iter()
            .any(|b| b.is_ascii_uppercase() || is_digit(*b) || *b == b'=');
        let word = inner.iter().all(|b| b.is_ascii_uppercase() || *b == b'-');
        text.len() >= 8 && text.len().is_multiple_of(4) && mixed && !word
    } else {
        // RFC 6750's own example has 16; a word has no digit in it.
        text.len() >= 12 && text.iter().any(|b| is_digit(*b))
    };
    if is {
        cx.text(span, Class::PASSWORD, ID, "its scheme stands before it");
    } else {
        cx.reject(span, Class::PASSWORD, ID, "not what this scheme carries");
    }
}

/// Whether base64 (RFC 4648 §4) stands for printable text with a colon in it.
fn has_colon(text: &[u8]) -> bool {
    let mut colon = false;
    let (mut bits, mut held) = (0u32, 0u32);
    for b in text.iter().filter(|b| **b != b'=') {
        let value = match b {
            b'A'..=b'Z' => b.wrapping_sub(b'A'),
            b'a'..=b'z' => b.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => b.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(value);
        held = held.saturating_add(6);
        if held >= 8 {
            held = held.saturating_sub(8);
            let byte = (bits >> held).to_le_bytes()[0];
            if byte < 0x20 || byte == 0x7f {
                return false;
            }
            colon |= byte == b':';
        }
    }
    colon
}
