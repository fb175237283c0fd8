//! A document of JSON in a string whose key is known: what it holds is hidden, and it stays a document.

use super::context::Cx;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{byte, is_word, skip};
use crate::format::value::{Value, leaves, number, quote_at, string_end};
use crate::record::Span;

/// How deep a document may stand in strings, as [`super::unescape`] reads it.
const DEPTH_MAX: usize = 4;

/// Takes a value, or of a document in a string all that it holds.
pub(super) fn take_all(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value) {
    within(cx, id, class, value, DEPTH_MAX);
}

fn within(cx: &mut Cx<'_>, id: &'static str, class: Class, value: Value, depth: usize) {
    let hay = cx.hay();
    match (value, depth.checked_sub(1)) {
        (Value::Quoted(text), Some(depth))
            if looks_like_one(hay, text) && is_document(hay, text) =>
        {
            leaves(hay, text, |leaf| within(cx, id, class, leaf, depth));
        }
        _ => take(cx, id, class, value),
    }
}

/// Whether it looks like one: most values do not.
#[inline]
pub(super) fn looks_like_one(hay: &[u8], text: Span) -> bool {
    let last = byte(hay, text.end.saturating_sub(1));
    matches!((byte(hay, text.start), last), (b'[', b']') | (b'{', b'}'))
}

/// Whether a string's text is an object or array: brackets that close each other, strings, numbers and words of JSON.
fn is_document(hay: &[u8], text: Span) -> bool {
    let mut depth = 0usize;
    let mut at = text.start;
    while at < text.end {
        match byte(hay, at) {
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b' ' | b',' | b':' if depth > 0 => {}
            _ => {
                let Some(behind) = scalar_end(hay, at) else {
                    return false;
                };
                at = behind;
                continue;
            }
        }
        at = at.saturating_add(1);
        if depth == 0 {
            break;
        }
    }
    depth == 0 && at == text.end
}

/// Behind the string, number or word of JSON at `at`.
fn scalar_end(hay: &[u8], at: usize) -> Option<usize> {
    if let Some((quote, content)) = quote_at(hay, at) {
        let end = string_end(hay, content, quote).saturating_add(quote.escapes);
        return (byte(hay, end) == quote.byte).then(|| end.saturating_add(1));
    }
    let end = skip(hay, at, 64, |b| {
        is_word(b) || matches!(b, b'+' | b'-' | b'.')
    });
    let word = Span::new(at, end);
    let known = matches!(word.of(hay), b"true" | b"false" | b"null")
        || !word.is_empty() && matches!(number(hay, word), Value::Number(_));
    known.then_some(end)
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
        ] {
            assert!(
                is_document(text.as_bytes(), Span::new(0, text.len())),
                "{text}"
            );
        }
        for text in ["[ann]", r#"[\"a]"#, "[1]2]", r"[\x]", "[hunter2]", "[[1]"] {
            assert!(
                !is_document(text.as_bytes(), Span::new(0, text.len())),
                "{text}"
            );
        }
    }
}
