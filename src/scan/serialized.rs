//! Strings with their lengths, as PHP's `serialize` writes them: `s:8:"password";s:7:"hunter2";`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::object;
use super::take::take;
use crate::class::is_label;
use crate::format::bytes::{before, byte, digits_end, digits_start, is_end, skip, skip_back};
use crate::format::value::{Value, number, quote_at};
use crate::record::Span;

const ID: &str = "serialized";

/// What stands between a key and a string, a whole number or a fraction.
const BORDERS: &[&str] = &["\";s:", "\";i:", "\";d:"];

/// Digits of a length, or of a number.
const DIGITS_MAX: usize = 24;

/// `s:8:"password";s:7:"hunter2";`
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: BORDERS,
    source: "PHP manual, serialize()",
    confirm,
    finds: &[
        r#"a:1:{s:8:"password";s:7:"hunter2";}"#,
        r#"s:8:"password";s:9:"hun"; er2";"#,
        r#"{"m":"a:1:{s:8:\"password\";s:7:\"hunter2\";}"}"#,
        r#"a:1:{s:4:"imei";i:490154203237518;}"#,
        r#"a:1:{s:3:"lat";d:31.2304;}"#,
        r#"O:4:"User":1:{s:4:"name";s:3:"ann";}"#,
        r#"O:15:"App\Models\User":2:{s:2:"id";i:7;s:1:"n";i:1;}"#,
        r#"a:1:{s:4:"user";a:2:{s:1:"n";i:1;s:4:"name";s:3:"ann";}}"#,
    ],
    leaves: &[
        r#"a:1:{s:5:"state";s:4:"open";}"#,
        r#"a:1:{s:4:"name";s:5:"nginx";}"#,
        r#"s:8:"password";s:0:"";"#,
        r#"s:8:"password";N;"#,
        r#""password";s:7:"hunter2""#,
        r#"s:8:"password";s:hunter2"#,
        r#"s:8:"password";i:x"#,
        r#"s:15:"REDACTED-SECRET";s:2:"ip";"#,
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if before(hay, at) != b':' || cx.literal(at, BORDERS).is_none() {
        return;
    }
    let kind = before(hay, at.saturating_sub(1));
    let quote = at.saturating_sub(4);
    let end = skip_back(hay, quote, 16, |b| b == b'\\');
    let Some((start, named)) = object::named_in_dump(cx, end) else {
        return;
    };
    // A value that has been hidden stands where a key may.
    if is_label(Span::new(start, end).of(hay)) {
        return cx.reject(
            Span::new(start, end),
            named.class,
            ID,
            "a label that stands for a value",
        );
    }
    // `s:8:"`, with as many backslashes as close it.
    let open = start.saturating_sub(1);
    let border = skip_back(hay, open, 16, |b| b == b'\\');
    let digits = digits_start(hay, border.saturating_sub(1), DIGITS_MAX);
    let is_key = byte(hay, open) == b'"'
        && open.saturating_sub(border) == quote.saturating_sub(end)
        && before(hay, border) == b':'
        && digits < border.saturating_sub(1)
        && hay.get(..digits).is_some_and(|head| head.ends_with(b"s:"));
    if !is_key {
        return cx.reject(
            Span::new(start, end),
            named.class,
            ID,
            "no key of a string's length",
        );
    }
    // What is counted may have quotes of its own.
    let counted = counted_end(hay, at).filter(|_| kind == b's');
    let value = match kind {
        b's' => string(cx, at, counted),
        _ => {
            let stop = skip(hay, at, DIGITS_MAX, |b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+')
            });
            Some(number(hay, Span::new(at, stop))).filter(|value| matches!(value, Value::Number(_)))
        }
    };
    match value {
        Some(value) => {
            let cell = cx.cell;
            cx.cell |= counted.is_some();
            take(cx, ID, named, value);
            cx.cell = cell;
        }
        None => cx.reject(Span::new(start, end), named.class, ID, "no value"),
    }
}

/// The inside of `7:"hunter2"`. Its length says where it ends, unless it is counted without the escapes around it.
fn string(cx: &mut Cx<'_>, at: usize, counted: Option<usize>) -> Option<Value> {
    let hay = cx.hay();
    let colon = digits_end(hay, at, DIGITS_MAX);
    let (quote, start) = quote_at(hay, colon.saturating_add(1))?;
    if colon == at || byte(hay, colon) != b':' {
        return None;
    }
    let end = counted.unwrap_or_else(|| cx.unclosed.string_end(hay, start, quote));
    (end > start).then(|| Value::Quoted(Span::new(start, end)))
}

/// Where the inside of `7:"hunter2";` ends by its length, if a string closes there.
fn counted_end(hay: &[u8], at: usize) -> Option<usize> {
    let colon = digits_end(hay, at, DIGITS_MAX);
    let start = colon.checked_add(2)?;
    let length: usize = std::str::from_utf8(Span::new(at, colon).of(hay))
        .ok()?
        .parse()
        .ok()?;
    let end = start.checked_add(length)?;
    let inside = hay.get(start..end)?;
    let opens = Span::new(colon, start).of(hay) == b":\"";
    let closes = Span::new(end, end.saturating_add(2)).of(hay) == b"\";";
    (opens && closes && !inside.iter().any(|b| is_end(*b))).then_some(end)
}

/// `O:4:"User":2:{`: the number behind a class that PHP's `serialize` wrote.
pub(super) fn counts_members(hay: &[u8], key: Span, value: Span) -> bool {
    if Span::new(value.end, value.end.saturating_add(2)).of(hay) != b":{" {
        return false;
    }
    let length = skip_back(hay, key.start, 16, |b| matches!(b, b'"' | b'\\'));
    let digits = digits_start(hay, length.saturating_sub(1), 8);
    before(hay, length) == b':'
        && digits < length.saturating_sub(1)
        && before(hay, digits) == b':'
        && matches!(before(hay, digits.saturating_sub(1)), b'O' | b'C')
}
