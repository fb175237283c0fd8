//! Values that a command line's flags name.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::take::is_nothing;
use crate::class::Class;
use crate::format::bytes::{before, byte, skip};
use crate::format::value::{Value, value_at};
use crate::record::Span;

/// `--key value`.
pub(super) static FLAG: Detector = Detector {
    id: "flag",
    anchors: &[Anchor::Flag],
    literals: &[],
    source: "POSIX.1-2017 XBD 12, GNU long options",
    confirm: confirm_flag,
    finds: &["mysql --password hunter2 -h db", "tool --api-key abcdef"],
    leaves: &["tool --verbose --password", "-- user name", "a --- b"],
};

fn confirm_flag(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'-' || before(hay, at) != b'-' || before(hay, at.saturating_sub(1)) == b'-'
    {
        return;
    }
    let start = at.saturating_add(1);
    let end = skip(hay, start, keys::KEY_BYTES_MAX, |b| {
        b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
    });
    if byte(hay, end) != b' ' {
        return;
    }
    let Some(class) = keys::class_of(Span::new(start, end).of(hay)) else {
        return;
    };
    match value_at(hay, end, None, class == Class::PASSWORD) {
        Some(Value::Quoted(value) | Value::Plain(value))
            if byte(hay, value.start) != b'-' && !is_nothing(value.of(hay)) =>
        {
            cx.text(value, class, "flag", "its flag names the class");
        }
        _ => cx.reject(Span::new(start, end), class, "flag", "no value"),
    }
}
