//! A document of JSON in a string whose key is known: what it holds is hidden, and it stays a document.

use super::context::Cx;
use super::take::{is_value, take, take_part};
use crate::class::Class;
use crate::format::bytes::{byte, is_word, skip};
use crate::format::value::{Value, leaves, number, quote_at, string_end};
use crate::record::Span;

/// How deep a document may stand in strings, as [`super::unescape`] reads it.
const DEPTH_MAX: usize = 4;

/// Takes a value, or of a document in a string all that it holds.
pub(super) fn take_all(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value) {
    within(cx, id, class, value, (DEPTH_MAX, false));
}

/// The same, so many documents deep, and whether the one around it is of the class as a whole: then each part is,
/// though it may not look like one by itself.
fn within(
    cx: &mut Cx<'_>,
    id: &'static str,
    class: Class,
    value: Value,
    (depth, whole): (usize, bool),
) {
    let hay = cx.hay();
    match (value, depth.checked_sub(1)) {
        (Value::Quoted(text), Some(depth))
            if looks_like_one(hay, text) && is_document(hay, text) =>
        {
            let whole = whole || is_value(hay, class, text);
            leaves(hay, text, |leaf| {
                within(cx, id, class, leaf, (depth, whole));
            });
        }
        _ if whole => take_part(cx, id, class, value),
        _ => take(cx, id, class, value),
    }
}

/// Whether it looks like one: most values do not.
#[inline]
pub(super) fn looks_like_one(hay: &[u8], text: Span) -> bool {
    let last = byte(hay, text.end.saturating_sub(1));
    matches!((byte(hay, text.start), last), (b'[', b']') | (b'{', b'}'))
}

/// What may stand next in a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A value; in front of the first of an array also its end.
    Value,
    First,
    /// A key; in front of the first also the object's end.
    Key,
    FirstKey,
    Colon,
    /// A comma or the end.
    More,
}

/// Whether a string's text is an object or array of JSON (RFC 8259), nested no deeper than a bit for each level says.
fn is_document(hay: &[u8], text: Span) -> bool {
    // Whether each container around the place is an object, the innermost last, below a 1.
    let mut open = 1u64;
    let mut next = Next::Value;
    let mut at = text.start;
    while at < text.end {
        let object = open & 1 == 1;
        match (byte(hay, at), next) {
            (b' ', _) => {}
            (b'[' | b'{', Next::Value | Next::First) if open >> 63 == 0 => {
                let object = byte(hay, at) == b'{';
                open = open << 1 | u64::from(object);
                next = if object { Next::FirstKey } else { Next::First };
            }
            (b']', Next::First | Next::More) if open > 1 && !object => {
                open >>= 1;
                next = Next::More;
            }
            (b'}', Next::FirstKey | Next::More) if open > 1 && object => {
                open >>= 1;
                next = Next::More;
            }
            (b',', Next::More) => next = if object { Next::Key } else { Next::Value },
            (b':', Next::Colon) => next = Next::Value,
            (_, Next::Value | Next::First | Next::Key | Next::FirstKey) if open > 1 => {
                let key = matches!(next, Next::Key | Next::FirstKey);
                let Some(behind) = scalar_end(hay, at, key) else {
                    return false;
                };
                next = if key { Next::Colon } else { Next::More };
                at = behind;
                continue;
            }
            _ => return false,
        }
        at = at.saturating_add(1);
        if open == 1 {
            break;
        }
    }
    open == 1 && at == text.end
}

/// Behind the string, number or word of JSON at `at`; a key is a string.
fn scalar_end(hay: &[u8], at: usize, key: bool) -> Option<usize> {
    if let Some((quote, content)) = quote_at(hay, at) {
        let end = string_end(hay, content, quote).saturating_add(quote.escapes);
        let closed = quote.byte == b'"' && byte(hay, end) == b'"';
        return closed.then(|| end.saturating_add(1));
    }
    let end = skip(hay, at, 64, |b| {
        is_word(b) || matches!(b, b'+' | b'-' | b'.')
    });
    let word = Span::new(at, end);
    let known = matches!(word.of(hay), b"true" | b"false" | b"null")
        || !word.is_empty() && matches!(number(hay, word), Value::Number(_));
    (known && !key).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::is_document;
    use crate::record::Span;

    #[test]
    fn documents_are_told_from_what_begins_like_one() {
        for text in [
            "[11]",
            "{}",
            r#"[\"a\",{\"b\":1}]"#,
            r#"[\\\"a\\\"]"#,
            r#"{"a":[]}"#,
            r#"{"a":[{"b":null}, {}], "c":true}"#,
        ] {
            assert!(
                is_document(text.as_bytes(), Span::new(0, text.len())),
                "{text}"
            );
        }
        let deep = ["[".repeat(70), "]".repeat(70)].concat();
        for text in [
            "[ann]",
            r#"[\"a]"#,
            "[1]2]",
            r"[\x]",
            "[hunter2]",
            "[[1]",
            r#"["a":]"#,
            r#"["a":1]"#,
            r#"{"a"}"#,
            r#"{"a",1}"#,
            r#"{"a":1,}"#,
            "{1:2}",
            "{[1]:2}",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1}",
            "['a']",
            &deep,
        ] {
            assert!(
                !is_document(text.as_bytes(), Span::new(0, text.len())),
                "{text}"
            );
        }
    }
}
