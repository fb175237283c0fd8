//! What a User-Agent string says: the software, and in its first comment the system and the model.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    byte, has_byte, is_digit, is_end, is_word, skip, skip_back, word_before,
};
use crate::record::Span;

const ID: &str = "user_agent";

/// Longest list of products that is followed, in bytes.
const AGENT_BYTES_MAX: usize = 1024;

/// A browser's string, with or without a key.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::MODEL, Class::OS, Class::SOFTWARE],
    anchors: &[Anchor::Literal],
    literals: &["Mozilla/5.0 (", "Mozilla/4.0 (", "Dalvik/2.1.0 ("],
    source: "RFC 9110 §10.1.5; the forms of WebKit, Gecko and Android",
    confirm,
    finds: &[
        r#""Mozilla/5.0 (Linux; Android 13; SM-X9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36""#,
        "Dalvik/2.1.0 (Linux; U; Android 9; Model X Build/PPR1)",
        "ua=Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) x=1",
    ],
    leaves: &["Mozilla/5.0 and others", "Mozilla/5.0 (never closed"],
};

/// Products and comments in a row from `start` on: `Name/1.0 (comment) Other/2`.
pub(super) fn products(hay: &[u8], start: usize) -> Span {
    Span::new(start, behind(hay, start, start, start))
}

/// Where those end that may go on at `at` and else end at `end`.
fn behind(hay: &[u8], start: usize, mut at: usize, mut end: usize) -> usize {
    let limit = start.saturating_add(AGENT_BYTES_MAX);
    while at < limit {
        let first = byte(hay, at);
        let stop = if first == b'(' {
            match comment(hay, at) {
                Some(stop) => stop,
                None => break,
            }
        } else {
            let stop = skip(hay, at, 128, |b| {
                is_word(b) || matches!(b, b'-' | b'.' | b'/' | b'+' | b'!' | b'*' | b'~')
            });
            let product = Span::new(at, stop).of(hay);
            let like =
                product == b"like" && Span::new(stop, stop.saturating_add(6)).of(hay) == b" Gecko";
            if like {
                stop.saturating_add(6)
            } else if at == start
                || first.is_ascii_alphabetic() && product.contains(&b'/') && byte(hay, stop) != b':'
            {
                stop
            } else {
                break;
            }
        };
        if stop == at {
            break;
        }
        end = stop;
        if byte(hay, end) != b' ' {
            break;
        }
        at = end.saturating_add(1);
    }
    end
}

/// End of the comment that opens at `at`.
fn comment(hay: &[u8], at: usize) -> Option<usize> {
    let tail = hay.get(at..)?;
    let tail = tail.get(..AGENT_BYTES_MAX).unwrap_or(tail);
    // Nearly all close without another in them.
    let close = memchr::memchr(b')', tail)?;
    let inside = tail.get(1..close)?;
    if memchr::memchr3(b'(', b'"', b'\n', inside).is_none() && !has_byte(inside, 0) {
        return Some(at.saturating_add(close).saturating_add(1));
    }
    let mut depth = 0usize;
    for (i, b) in tail.iter().enumerate() {
        match b {
            b'(' => depth = depth.saturating_add(1),
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at.saturating_add(i).saturating_add(1));
                }
            }
            b'"' => return None,
            b if is_end(*b) => return None,
            _ => {}
        }
    }
    None
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    // What the comment says is shorter than the whole.
    let covered = cx.covered.has(at, Class::SOFTWARE);
    if covered || !cx.fresh(Walk::Agent, start) || word_before(hay, start) {
        return;
    }
    let open = at.saturating_sub(1);
    let Some(close) = comment(hay, open) else {
        cx.walk_to(Walk::Agent, open);
        return cx.reject(
            Span::new(start, at),
            Class::SOFTWARE,
            ID,
            "a comment that never closes",
        );
    };
    let end = match byte(hay, close) {
        b' ' => behind(hay, start, close.saturating_add(1), close),
        _ => close,
    };
    let whole = Span::new(start, end);
    cx.walk_to(Walk::Agent, whole.end.max(close));
    cx.text(whole, Class::SOFTWARE, ID, "the products of a User-Agent");
    system(cx, Span::new(at, close.saturating_sub(1)));
}

/// The comment's parts: `Linux; Android 13; SM-X9 Build/TP1A`, `iPhone; CPU iPhone OS 17_0 like Mac OS X`.
fn system(cx: &mut Cx<'_>, comment: Span) {
    // The frequent ones first.
    const SYSTEMS: &[&str] = &[
        "Windows",
        "Linux",
        "X11",
        "Android",
        "iPhone",
        "CPU",
        "Macintosh",
        "Intel Mac OS",
        "iPad",
        "iPod",
        "PPC Mac OS",
        "CrOS",
        "Mac OS",
        "FreeBSD",
        "OpenBSD",
        "Ubuntu",
        "Fedora",
        "HarmonyOS",
        "OpenHarmony",
        "Tizen",
        "KAIOS",
    ];
    let hay = cx.hay();
    let mut start = comment.start;
    let mut android = false;
    while start < comment.end {
        let rest = Span::new(start, comment.end).of(hay);
        let end = memchr::memchr(b';', rest).map_or(comment.end, |at| start.saturating_add(at));
        let part = Span::new(start, skip_back(hay, end, 8, |b| b == b' ').max(start));
        let text = part.of(hay);
        let begins = |with: &&str| {
            byte(with.as_bytes(), 0) == byte(text, 0) && text.starts_with(with.as_bytes())
        };
        if SYSTEMS.iter().any(begins) {
            android |= text.starts_with(b"Android");
            cx.text(part, Class::OS, ID, "the system in a User-Agent");
        } else if android && text.len() > 2 && !language(text) && !text.starts_with(b"rv:") {
            let model = memchr::memmem::find(text, b" Build/")
                .map_or(part.end, |build| part.start.saturating_add(build));
            cx.text(
                Span::new(part.start, model),
                Class::MODEL,
                ID,
                "the device in a User-Agent",
            );
            android = false;
        }
        start = skip(hay, end.saturating_add(1), 4, |b| b == b' ');
    }
}

/// `en-us`, `wv`, `U`: no model.
fn language(text: &[u8]) -> bool {
    text == b"wv"
        || text == b"Mobile"
        || text == b"Tablet"
        || text.len() == 5
            && matches!(text.get(2), Some(b'-' | b'_'))
            && !text.iter().any(|b| is_digit(*b))
}
