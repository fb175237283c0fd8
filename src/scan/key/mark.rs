//! Keys behind which another border stands than `=` and `:`: `**Password**: x`, `密码：x`.

use super::super::context::Cx;
use super::super::keys;
use super::super::take::take;
use super::ID;
use super::value::whole;
use crate::class::Class;
use crate::format::bytes::{before, skip_back, word_before};
use crate::format::value::value_at;
use crate::record::Span;

pub(super) const WIDE_COLON: &str = "：";

/// What closes a key in bold or italics (CommonMark §6.2), and the border behind it: `**Password**: x`.
pub(super) const MARKED: &str = "*: ";

/// `**Password**: x`: the border is behind the marks that close the key.
pub(super) fn confirm_marked(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(border) = at.checked_sub(2) else {
        return;
    };
    if before(hay, border) != b'*' || Span::new(border, at).of(hay) != b": " {
        return;
    }
    let end = skip_back(hay, border, 2, |b| b == b'*');
    let marks = border.saturating_sub(end);
    let Some((start, named)) = keys::named_at(cx, end) else {
        return;
    };
    let opens = skip_back(hay, start, 2, |b| b == b'*');
    if start.saturating_sub(opens) != marks || word_before(hay, opens) {
        return cx.reject(Span::new(start, end), named.class, ID, "no mark opens it");
    }
    let secret = named.class == Class::PASSWORD;
    if let Some(value) = value_at(hay, border, None, secret, &mut cx.unclosed) {
        take(cx, ID, named, whole(hay, value, named.class));
    }
}

/// `键：值`.
pub(super) fn confirm_wide(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let head = hay.get(..at).unwrap_or_default();
    if !head.ends_with(WIDE_COLON.as_bytes()) {
        return;
    }
    let Some((start, named)) = keys::named_at(cx, at.saturating_sub(WIDE_COLON.len())) else {
        return;
    };
    let class = named.class;
    match value_at(
        hay,
        at.saturating_sub(1),
        None,
        class == Class::PASSWORD,
        &mut cx.unclosed,
    ) {
        Some(value) => take(cx, ID, named, whole(hay, value, class)),
        None => cx.reject(Span::new(start, at), class, ID, "no value"),
    }
}
