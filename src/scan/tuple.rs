//! A name and a value side by side in brackets, as Python prints headers and pairs: `('Authorization', 'Bearer x')`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::take::take;
use crate::format::bytes::{byte, is_end, is_word, skip};
use crate::format::value::{Value, quote_at};
use crate::record::Span;

const ID: &str = "tuple";

/// How a pair opens. A call's bracket stands right behind a name.
const OPENS: &[&str] = &["[('", " ('", "(b'"];

/// `('password', 'hunter2')`, `(b'cookie', b'a=b')`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: OPENS,
    source: "Python: repr of tuple, OrderedDict and http.client's headers",
    confirm,
    finds: &[
        "OrderedDict([('user', 'ann'), ('password', 'hunter2')])",
        "headers [('X-Api-Key', 'k1')]",
        "h2: (b'authorization', b'Bearer abc.def')",
        r#"[('password', "it's")]"#,
        "sent [('password', 'hunt",
    ],
    leaves: &[
        "f('password', 'hunter2')",
        "[('status', 'ok')]",
        "[('password', 'a', 'b')]",
        "('password', )",
        "('password': 'x')",
        "[('password', '')]",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, OPENS).is_none() {
        return;
    }
    let end = skip(hay, at, keys::KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    });
    if Span::new(end, end.saturating_add(3)).of(hay) != b"', " {
        return;
    }
    let Some(named) = keys::named_in(cx, Span::new(at, end)) else {
        return;
    };
    let value = skip(hay, end.saturating_add(3), 1, |b| matches!(b, b'b' | b'u'));
    let Some((quote, start)) = quote_at(hay, value) else {
        return;
    };
    let close = cx.unclosed.string_end(hay, start, quote);
    let behind = close.saturating_add(quote.escapes).saturating_add(1);
    // What a cut left open is hidden too.
    if close > start && (is_end(byte(hay, close)) || byte(hay, behind) == b')') {
        take(cx, ID, named, Value::Quoted(Span::new(start, close)));
    }
}
