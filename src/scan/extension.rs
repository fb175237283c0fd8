//! The extension of CEF and LEEF records: values with blanks, escapes, labels that name another key.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use super::keys::{self, KEY_BYTES_MAX, Named};
use super::take::take;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::{Quote, Value};
use crate::record::Span;

const ID: &str = "extension";

/// Labelled keys (`cs1Label=…`) that are remembered in one record; CEF has 27.
const LABELS_MAX: usize = 32;

/// `CEF:0|…|key=value key=value`, `LEEF:2.0|…|^|key=value^key=value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &["CEF:0|", "CEF:1|", "LEEF:1.0|", "LEEF:2.0|"],
    source: "ArcSight Common Event Format 26; IBM QRadar Log Event Extended Format 2.0",
    confirm,
    finds: &[
        r"CEF:0|V|P|1.0|100|log\|in|5|src=192.0.2.1 suser=al lee dst=192.0.2.2",
        "CEF:0|V|P|1.0|100|login|5|cs2=al lee cs2Label=User Name",
        r"CEF:1|V|P|1.0|100|login|5|duser=al\=lee act=x",
        "LEEF:1.0|V|P|1.0|100|src=192.0.2.1\tusrName=al lee\tdst=192.0.2.2",
        "LEEF:2.0|V|P|1.0|100|^|usrName=al lee^dst=192.0.2.2",
        "LEEF:2.0|V|P|1.0|100|x7C|usrName=al lee|dst=192.0.2.2",
        r#"{"m":"<13>h CEF:0|V|P|1.0|100|login|5|duser=al lee","n":1}"#,
    ],
    leaves: &[
        "CEF:0|V|P|1.0|100|user=al|5|act=x",
        "CEF:0|V|P|1.0|100|login|5|cs1=al cs1Label=Rule",
        "LEEF:1.0|V|P|1.0|100|act=login ok",
        "CEF:0|too|short user=",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    if !cx.fresh(Walk::Extension, at) {
        return;
    }
    let stop = skip(hay, at, usize::MAX, |b| !is_end(b));
    let stop = stop.min(string_around(cx, at.saturating_sub(literal.len())));
    cx.walk_to(Walk::Extension, stop);
    let cef = literal.starts_with("CEF");
    let columns = match literal {
        "LEEF:1.0|" => 4,
        "LEEF:2.0|" => 5,
        _ => 6,
    };
    let Some((last, start)) = behind_columns(hay, at, stop, columns) else {
        return;
    };
    if cef {
        return spaced(cx, start, stop);
    }
    let delimiter = if literal == "LEEF:2.0|" {
        delimiter(last.of(hay))
    } else {
        b'\t'
    };
    delimited(cx, Span::new(start, stop), delimiter);
}

/// Where the string ends in which the record at `at` stands, as a message in JSON does.
fn string_around(cx: &mut Cx<'_>, at: usize) -> usize {
    const REACH: usize = 1024;
    let hay = cx.hay();
    let content = skip_back(hay, at, REACH, |b| b != b'"' && !is_end(b));
    if before(hay, content) != b'"' {
        return usize::MAX;
    }
    let quote = content.saturating_sub(1);
    let open = skip_back(hay, quote, 16, |b| b == b'\\');
    // A quote that opens stands behind a sign or a blank.
    if is_word(before(hay, open)) {
        return usize::MAX;
    }
    let quote = Quote {
        byte: b'"',
        escapes: quote.saturating_sub(open),
    };
    cx.unclosed.string_end(hay, content, quote)
}

/// The last of `count` columns, and where the next starts.
fn behind_columns(hay: &[u8], at: usize, stop: usize, count: usize) -> Option<(Span, usize)> {
    let mut start = at;
    let mut column = Span::new(at, at);
    for _ in 0..count {
        let mut end = start;
        loop {
            let left = stop.checked_sub(end)?;
            end = skip(hay, end, left, |b| b != b'|');
            if byte(hay, end) != b'|' {
                return None;
            }
            if before(hay, end) != b'\\' {
                break;
            }
            end = end.saturating_add(1);
        }
        column = Span::new(start, end);
        start = end.saturating_add(1);
    }
    Some((column, start))
}

/// A character, or its code in hexadecimal behind `x` or `0x`; a tab where there is none.
fn delimiter(column: &[u8]) -> u8 {
    match column {
        [one] => *one,
        _ => column
            .strip_prefix(b"0")
            .unwrap_or(column)
            .strip_prefix(b"x")
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .unwrap_or(b'\t'),
    }
}

fn named(cx: &Cx<'_>, key: &[u8]) -> Option<Named> {
    let mut name = [b'_'; KEY_BYTES_MAX];
    for (to, from) in name.iter_mut().zip(key) {
        *to = if *from == b' ' { b'_' } else { *from };
    }
    keys::named(cx, name.get(..key.len().min(KEY_BYTES_MAX))?)
}

/// `key=value key=value`: a value goes on to the blank before the next key.
fn spaced(cx: &mut Cx<'_>, start: usize, stop: usize) {
    let hay = cx.hay();
    let mut labels = Labels::default();
    let mut open: Option<(Span, usize)> = None;
    let mut at = start;
    while at < stop {
        let Some(found) = memchr::memchr(b'=', Span::new(at, stop).of(hay)) else {
            break;
        };
        let equals = at.saturating_add(found);
        at = equals.saturating_add(1);
        let next = Span::new(
            skip_back(hay, equals, KEY_BYTES_MAX, |b| {
                is_word(b) || matches!(b, b'.' | b'-' | b'[' | b']')
            })
            .max(start),
            equals,
        );
        if next.is_empty() || next.start > start && before(hay, next.start) != b' ' {
            continue;
        }
        if let Some((key, content)) = open {
            let end = skip_back(hay, next.start, 8, |b| b == b' ');
            labels.pair(cx, key, Span::new(content, end.max(content)));
        }
        open = Some((next, at));
    }
    if let Some((key, content)) = open {
        let end = skip_back(hay, stop, 8, |b| matches!(b, b' ' | b'\r'));
        labels.pair(cx, key, Span::new(content, end.max(content)));
    }
    labels.close(cx);
}

/// `key=value` between delimiters.
fn delimited(cx: &mut Cx<'_>, span: Span, delimiter: u8) {
    let hay = cx.hay();
    let mut labels = Labels::default();
    let mut start = span.start;
    while start < span.end {
        let left = span.end.saturating_sub(start);
        let end = skip(hay, start, left, |b| b != delimiter);
        let equals = skip(hay, start, end.saturating_sub(start), |b| b != b'=');
        if equals < end {
            labels.pair(
                cx,
                Span::new(start, equals),
                Span::new(equals.saturating_add(1), end),
            );
        }
        start = end.saturating_add(1);
    }
    labels.close(cx);
}

/// Keys without a class of their own that a label may name, and the labels.
#[derive(Default)]
struct Labels {
    values: [Option<(Span, Span)>; LABELS_MAX],
    labels: [Option<(Span, Named)>; LABELS_MAX],
}

impl Labels {
    fn pair(&mut self, cx: &mut Cx<'_>, key: Span, value: Span) {
        let hay = cx.hay();
        let name = key.of(hay);
        if let Some(base) = name.strip_suffix(b"Label") {
            let named = named(cx, value.of(hay));
            if let (Some(named), Some(slot)) = (named, self.labels.iter_mut().find(|l| l.is_none()))
            {
                *slot = Some((
                    Span::new(key.start, key.start.saturating_add(base.len())),
                    named,
                ));
            }
        } else if let Some(named) = named(cx, name) {
            take(cx, ID, named, Value::Plain(value));
        } else if name.last().is_some_and(|b| is_digit(*b))
            && let Some(slot) = self.values.iter_mut().find(|v| v.is_none())
        {
            *slot = Some((key, value));
        }
    }

    fn close(&self, cx: &mut Cx<'_>) {
        let hay = cx.hay();
        for (base, named) in self.labels.iter().flatten() {
            let labelled = self
                .values
                .iter()
                .flatten()
                .find(|(key, _)| key.of(hay) == base.of(hay));
            if let Some((_, value)) = labelled {
                take(cx, ID, *named, Value::Plain(*value));
            }
        }
    }
}
