//! Text that a condition of SQL compares a column with, where no `=` stands right behind the column's name:
//! `lower(user) = 'ann'`, `user IN ('ann', 'bob')`, `name LIKE 'Ann%'`, `email <> 'ann@example.org'`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::names::firsts;
use super::sql::is_in_statement;
use super::take::take;
use crate::format::bytes::{byte, is_word, skip_back};
use crate::format::value::{Quote, Value};
use crate::record::Span;

const ID: &str = "condition";

/// Texts of one list that are looked at.
const LISTED_MAX: usize = 64;

/// How a comparison opens its text, and whether there may be more than one.
const OPENS: &[(&str, bool)] = &[
    (") = '", false),
    (" <> '", false),
    (" != '", false),
    ("LIKE '", false),
    ("like '", false),
    (" IN ('", true),
    (" in ('", true),
];

const LITERALS: [&str; OPENS.len()] = firsts!(OPENS);

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "ISO/IEC 9075-2 §8.2, §8.4, §8.5 (comparison, IN and LIKE predicates)",
    confirm,
    finds: &[
        "WHERE LOWER(username) = 'ann'",
        "WHERE u.user_name <> 'ann' AND x = 1",
        "WHERE first_name LIKE 'Ann%'",
        "where \"users\".\"last_name\" not like '%lee%'",
        "WHERE username IN ('ann', 'bob')",
        "SELECT 1 FROM t WHERE username IN ('o''brien', 'bob')",
        "WHERE last_name LIKE 'O''Brien%'",
        "WHERE username NOT IN ('ann') LIMIT 1",
        r#"{"sql":"select * from t where upper(`last_name`) = 'LEE'"}"#,
    ],
    leaves: &[
        "WHERE LOWER(status) = 'ok'",
        "WHERE state IN ('open', 'closed')",
        "f(x) = 'y'",
        "WHERE username LIKE ''",
        "looks like 'user'",
        "while token != 'EOF':",
        "if user in ('a', 'b'):",
        "typeof(user) = 'object'",
        "WHERE username IN (SELECT 'x')",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let begin = at.saturating_sub(literal.len());
    let Some((_, named)) = keys::named_at(cx, column(hay, begin)) else {
        return;
    };
    if !is_in_statement(hay, begin) {
        return;
    }
    let many = OPENS.get(index).is_some_and(|(_, many)| *many);
    let mut start = at;
    for _ in 0..LISTED_MAX {
        let end = end_of_string(cx, start);
        if byte(hay, end) == b'\'' && end > start {
            take(cx, ID, named, Value::Quoted(Span::new(start, end)));
        }
        let behind = hay.get(end..).unwrap_or_default();
        let next = [&b"', '"[..], b"','"]
            .into_iter()
            .find(|next| behind.starts_with(next));
        let Some(next) = next.filter(|_| many) else {
            return;
        };
        start = end.saturating_add(next.len());
    }
}

/// Where the string from `start` ends: a quote in it is two (ISO/IEC 9075-2 §5.3).
fn end_of_string(cx: &mut Cx<'_>, start: usize) -> usize {
    let hay = cx.hay();
    let mut end = cx.unclosed.string_end(hay, start, Quote::SINGLE);
    for _ in 0..LISTED_MAX {
        let next = end.saturating_add(2);
        if Span::new(end, next).of(hay) != b"''" || !is_word(byte(hay, next)) {
            break;
        }
        let further = cx.unclosed.string_end(hay, next, Quote::SINGLE);
        // What a cut left open has its first half at least.
        if byte(hay, further) != b'\'' {
            break;
        }
        end = further;
    }
    end
}

/// Where the column's name ends in front of the comparison at `at`: `lower("user")`, `user NOT I` of `ILIKE`.
fn column(hay: &[u8], at: usize) -> usize {
    let mut end = at;
    for [word, lower] in [[b" I".as_slice(), b" i"], [b" NOT", b" not"]] {
        end = skip_back(hay, end, 2, |b| b == b' ');
        let head = hay.get(..end).unwrap_or_default();
        let head = head.strip_suffix(word).or_else(|| head.strip_suffix(lower));
        end = head.map_or(end, <[u8]>::len);
    }
    skip_back(hay, end, 4, |b| {
        matches!(b, b' ' | b')' | b'"' | b'`' | b']' | b'\\')
    })
}
