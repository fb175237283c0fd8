//! Keys in brackets: `user[otp]=4711`, `user%5Botp%5D=4711`, `"user[otp]":"4711"`, as forms name the parts of what
//! they send.

use super::Detector;
use super::context::Cx;
use super::encoded::key_start;
use super::front::Anchor;
use super::keys::{self, Named};
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit};
use crate::format::value::{Quote, value_at};
use crate::record::Span;

const ID: &str = "bracket_key";

/// Most parts that only number what they hold: `phones[0][]`.
const NUMBERS_MAX: usize = 4;

/// Encoded brackets in front of a border.
const ENCODED: &[&str] = &["%5D=", "%5d="];

/// `user[password]=hunter2`, `user%5Bpassword%5D=hunter2`: forms of fields with parts.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: ENCODED,
    source: "application/x-www-form-urlencoded (WHATWG URL §5) with the brackets of PHP, Rails and qs",
    confirm,
    finds: &[
        "user[password]=hunter2&a=1",
        "POST /u?user%5Bpassword%5D=hunter2 HTTP/1.1",
        "user%5bprofile%5d%5bphone%5d=4155552671",
        "user[name]=Ann",
        "user[otp]=4711&a=1",
        "user%5Bdob%5D=1990-01-02",
        "a[mac]=00005e005301",
        "person[address][zip]=94103",
        "user[PIN]=4711",
        "phones[phone][0]=4155552671",
        "phone[]=4155552671&phone%5B%5D=4155552672",
        r#"{"user[otp]":"4711"}"#,
        r#"{"m":"{\"user[otp]\":\"4711\"}"}"#,
        "{'user[otp]': '4711'}",
        "user['password']='hunter2'",
    ],
    leaves: &[
        "filter[state]=open",
        "user[password]=&a=1",
        "[password]=x",
        "server[name]=api",
        "sshd[pid]=7",
        "a[0]=b[1]",
        r#"{"filter[state]":"open"}"#,
        "user%5B%5D%5D=x",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    if before(cx.hay(), at) == b'=' && cx.literal(at, ENCODED).is_some() {
        let border = at.saturating_sub(1);
        behind(cx, border, border, None);
    }
}

/// The value behind the border of a key whose last part is in the bracket that closes right before `end`.
pub(super) fn behind(cx: &mut Cx<'_>, border: usize, end: usize, quote: Option<Quote>) {
    let hay = cx.hay();
    // Behind a bare bracket a colon ends the name of a process (`sshd[7]:`), and a blank the left side of a statement.
    if quote.is_none() && (byte(hay, border) == b':' || end < border) {
        return;
    }
    let Some(named) = named(cx, end) else {
        return;
    };
    let class = named.class;
    match value_at(
        hay,
        border,
        quote,
        class == Class::PASSWORD,
        &mut cx.unclosed,
    ) {
        Some(value) => take(cx, ID, named, value),
        None => cx.reject(Span::new(end, border), class, ID, "no value"),
    }
}

/// What a key names whose last part is in the bracket that closes right before `end`.
pub(super) fn named(cx: &Cx<'_>, end: usize) -> Option<Named> {
    let hay = cx.hay();
    let (name, outer) = parts(hay, end)?;
    Named::of(cx.custom, name, of_parts(name, outer))
}

/// The class of such a key.
pub(super) fn class(hay: &[u8], end: usize) -> Option<Class> {
    let (name, outer) = parts(hay, end)?;
    of_parts(name, outer)
}

fn of_parts(name: &[u8], outer: &[u8]) -> Option<Class> {
    keys::class_of(name).or_else(|| keys::class_within(outer, name))
}

/// The name of the last part, and that in front of it.
fn parts(hay: &[u8], end: usize) -> Option<(&[u8], &[u8])> {
    let (mut name, mut rest) = part(hay, end)?;
    // What only numbers the values of a list is named by what is in front.
    let mut whole = false;
    for _ in 0..NUMBERS_MAX {
        if !name.of(hay).iter().all(|b| is_digit(*b)) || whole {
            break;
        }
        (name, rest) = part(hay, rest).unwrap_or_else(|| {
            whole = true;
            let start = key_start(hay, rest);
            (Span::new(start, rest), start)
        });
    }
    let outer =
        part(hay, rest).map_or_else(|| Span::new(key_start(hay, rest), rest), |(outer, _)| outer);
    if name.is_empty() || outer.is_empty() && !whole {
        return None;
    }
    Some((name.of(hay), outer.of(hay)))
}

/// The name in the bracket that closes right before `end`, however it is encoded, and what stands before that
/// bracket.
fn part(hay: &[u8], end: usize) -> Option<(Span, usize)> {
    let ends = |at: usize, texts: [&[u8]; 5]| {
        let head = hay.get(..at)?;
        let text = texts.into_iter().find(|text| head.ends_with(text))?;
        Some(at.saturating_sub(text.len()))
    };
    let close = ends(end, [b"]", b"%5D", b"%5d", b"%255D", b"%255d"])?;
    let quoted = matches!(before(hay, close), b'"' | b'\'');
    let inner = close.saturating_sub(usize::from(quoted));
    let start = key_start(hay, inner);
    if quoted && before(hay, start) != byte(hay, inner) {
        return None;
    }
    let open = start.saturating_sub(usize::from(quoted));
    let rest = ends(open, [b"[", b"%5B", b"%5b", b"%255B", b"%255b"])?;
    Some((Span::new(start, inner), rest))
}
