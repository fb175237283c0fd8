//! Values that text says a field of a name had, has or was refused: `last_name changed from 'Lee' to 'Roe'`, ``path
//! `phone` with value `x` ``.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys::{self, Named};
use super::secret;
use super::take::{is_one_of, take};
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, skip, skip_back, unmarked};
use crate::format::value::{Value, quote_at};
use crate::record::Span;

const ID: &str = "changed_field";

const OPENS: &[&str] = &[
    " from '",
    " from \"",
    " from \\\"",
    " to '",
    " to \"",
    " to \\\"",
    "` with value `",
];

/// Longest value.
const VALUE_BYTES_MAX: usize = 256;

/// The field stands in front of the word, or of `changed`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: OPENS,
    source: "Jira, Redmine: what histories of changes say; Mongoose: messages of validators",
    confirm,
    finds: &[
        "Changed last_name from 'Lee' to 'Roe'",
        "password changed from \"hunter2\" to \"hunter3\"",
        r#"{"m":"username was changed from \"ann\" to \"pat\""}"#,
        "set password to 'hunter2' for 7",
        "Updated phone to \"+12025550143\"",
        "Validator failed for path `phone` with value `+12025550143`",
    ],
    leaves: &[
        "added user to 'wheel'",
        "removed user from 'wheel'",
        "status changed from 'open' to 'done'",
        "Removed token from 'cache.db' file",
        "path `size` with value `12`",
        "password changed from ''",
        "copy token from 'a.txt' to 'b.txt'",
        "status of user changed from 'active' to 'locked'",
        "account changed from 'trial' to 'paid'",
        "pin changed from 'low' to 'high'",
        "Setting user to 'default'",
        r#"{"m":"change last_name from 'a","z":"b' to 'c'"}"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, OPENS) else {
        return;
    };
    let head = at.saturating_sub(literal.len());
    if literal.starts_with('`') {
        let key = Span::new(keys::name_start(hay, head), head);
        if before(hay, key.start) == b'`'
            && let Some(named) = keys::named_in(cx, key)
            && let Some((value, _)) = ticked(hay, at)
        {
            take(cx, ID, named, Value::Quoted(value));
        }
        return;
    }
    let quote = skip_back(hay, at.saturating_sub(1), 16, |b| b == b'\\');
    let Some((value, behind)) = quoted(hay, quote) else {
        return;
    };
    let from = literal.starts_with(" from");
    let next = from.then(|| second(hay, behind)).flatten();
    if from != next.is_some() {
        return;
    }
    let Some((named, verb)) = field(cx, head) else {
        return;
    };
    // `added user to 'wheel'`, `copy token from 'a' to 'b'`: what is set says so.
    if !verb {
        return;
    }
    // `status of user changed`, `account changed from 'trial'`: only a word that no state has is a secret.
    let plain = |span: Span| match named.class {
        Class::PASSWORD => !secret::is_like_one(span.of(hay)),
        _ => span.of(hay).contains(&b'"'),
    };
    if plain(value) && next.is_none_or(plain) {
        return;
    }
    take(cx, ID, named, Value::Quoted(value));
    if let Some(next) = next {
        take(cx, ID, named, Value::Quoted(next));
    }
}

/// The text up to the tick that closes it, and where what is behind starts.
fn ticked(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let end = skip(hay, at, VALUE_BYTES_MAX, |b| b != b'`' && !is_end(b));
    (byte(hay, end) == b'`').then(|| (Span::new(at, end), end.saturating_add(1)))
}

/// The inside of the string whose quote begins at `at`, and where what is behind it starts.
fn quoted(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let (quote, start) = quote_at(hay, at)?;
    let held = quote.escapes == 0 && quote.byte == b'\'';
    let stop = skip(hay, start, VALUE_BYTES_MAX, |b| {
        b != quote.byte && !(held && b == b'"') && !is_end(b)
    });
    let end = stop.saturating_sub(quote.escapes);
    // `{'a': 'set last_name to "b', 'z': …`: another string's.
    let text = Span::new(start, end).of(hay);
    let inside = || {
        let front = skip_back(hay, at, VALUE_BYTES_MAX, |b| !is_end(b));
        let quotes = memchr::memchr_iter(b'\'', Span::new(front, at).of(hay));
        !quotes.count().is_multiple_of(2)
    };
    let apart = |border: &[u8]| memchr::memmem::find(text, border).is_some();
    let closed = byte(hay, stop) == quote.byte
        && end > start
        && !((apart(b"', ") || apart(b"': ")) && inside())
        && Span::new(end, stop).of(hay).iter().all(|b| *b == b'\\');
    closed.then(|| (Span::new(start, end), stop.saturating_add(1)))
}

/// The string behind ` to ` at `at`.
fn second(hay: &[u8], at: usize) -> Option<Span> {
    const TO: &[u8] = b" to ";
    let start = at.saturating_add(TO.len());
    let is = Span::new(at, start).of(hay) == TO;
    is.then(|| quoted(hay, start))
        .flatten()
        .map(|(span, _)| span)
}

/// What the field names that ends at `end`, or that was `changed` there, and whether a verb that sets it is in front.
fn field(cx: &Cx<'_>, end: usize) -> Option<(Named, bool)> {
    const VERBS: &[&[u8]] = &[
        b"set",
        b"reset",
        b"change",
        b"changed",
        b"changing",
        b"update",
        b"updated",
        b"updating",
        b"modified",
        b"setting",
    ];
    const SAID: &[&[u8]] = &[
        b"changed",
        b"was",
        b"updated",
        b"been",
        b"has",
        b"modified",
        b"value",
        b"is",
        b"set",
    ];
    let hay = cx.hay();
    let mut end = end;
    let mut said = false;
    for _ in 0..3 {
        let start = keys::name_start(hay, end);
        let word = Span::new(start, end).of(hay);
        if !is_one_of(word, SAID) || before(hay, start) != b' ' {
            break;
        }
        said = true;
        end = start.saturating_sub(1);
    }
    let close = skip_back(hay, end, 2, |b| matches!(b, b'\'' | b'"' | b'`'));
    let key = Span::new(keys::name_start(hay, close), close);
    let named = keys::named_in(cx, key)?;
    let of = hay
        .get(..key.start)
        .is_some_and(|head| head.ends_with(b" of "));
    let who = is_one_of(
        key.of(hay),
        &[b"user", b"account", b"member", b"cookie", b"session"],
    );
    if of || who {
        return None;
    }
    let front = skip_back(hay, key.start, 3, |b| {
        matches!(b, b'\'' | b'"' | b'`' | b' ')
    });
    let verb = Span::new(unmarked(hay, keys::name_start(hay, front)), front).of(hay);
    let set = is_one_of(verb, VERBS);
    Some((named, set || said))
}
