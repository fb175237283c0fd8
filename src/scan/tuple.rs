//! A name and a value side by side in brackets, as Python prints headers and pairs: `('Authorization', 'Bearer x')`; of a
//! credential also as a list of two strings: `["authorization","Bearer x"]`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::list::end_in_list;
use super::sql::is_in_statement;
use super::take::take;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::{Quote, Value, quote_at};
use crate::record::Span;

const ID: &str = "tuple";

/// How a pair opens. A call's bracket stands right behind a name.
const OPENS: &[&str] = &[
    "[('", " ('", "(b'", "[\"au", "[\"Au", "[\"co", "[\"Co", "[\"x-", "[\"X-", "[\"pa", "[\"to",
    "[[\"", "], [\"", ",<<\"",
];

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
        r#"{"headers":[["host","x.example"],["authorization","Bearer x1"]]}"#,
        r#"["x-api-key", "k1"]"#,
        r#"["Cookie","a=\"b\""]"#,
        "sent [('password', 'hunt)] n=1",
        r#"["password","hunter2"]"#,
        r#"[["user","ann"],["password","hunter2"]]"#,
        r#"["token","abc123"#,
        r#"[{username,<<"ann">>},{password,<<"hunter2">>},{n,3}]"#,
        r#"SELECT 1  [["username", "ann"], ["LIMIT", 1]]"#,
        r#"UPDATE t SET x = $1 [["id", 3], ["username", "ann"]]"#,
        "INSERT INTO settings (name, value) VALUES ('smtp_password', 'hunter2')",
        "INSERT INTO wp_options (option_name, option_value) VALUES ('mailserver_pass', 'hunter2')",
        "insert into t (k, v) values ('password', 'hunter2')",
        "REPLACE INTO session_data (k, v) VALUES ('user', 'ann')",
        r#"{"sql":"INSERT INTO t (k, v) VALUES ('password', 'hunter2')"}"#,
    ],
    leaves: &[
        "f('password', 'hunter2')",
        "[('status', 'ok')]",
        "[('password', 'a', 'b')]",
        "('password', )",
        "('password': 'x')",
        "[('password', '')]",
        r#"["password","token"]"#,
        r#"["password","a1","b"]"#,
        r#"{"required":["password","email2"]}"#,
        r#"{"fields":["token","sha256"]}"#,
        r#"columns = ["password","pin2"]"#,
        r#"[["username", "email"], ["password", "token"]]"#,
        r#"[["username", "ann", "x"]]"#,
        r#"{"order":[["username","ASC"],["age","DESC"]]}"#,
        r#"["token","v2"]"#,
        r#"["color","red"]"#,
        r#"["authorization",["x1"]]"#,
        r#"["x-user","ann"]"#,
        "INSERT INTO t (x, y) VALUES ('REDACTED-ACCOUNT', 'x')",
        "INSERT INTO roles (name, guard) VALUES ('user', 'web')",
    ],
};

/// How the name of a header of a secret ends, and how its value opens.
const HEADERS: &[&str] = &["rization', '", "ookie', '", "ey', '", "oken', '"];

/// `'authorization', 'Bearer x'`.
pub(super) static HEADER: Detector = Detector {
    id: "header_pair",
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: HEADERS,
    source: "Envoy: the headers of a request as its log has them; RFC 9110 §11.6.2, RFC 6265 §4",
    confirm: confirm_header,
    finds: &[
        "'authorization', 'Bearer abc.def.ghi'",
        "'x-api-key', 'abc.def.ghi'",
        "'cookie', 'sid=1'",
    ],
    leaves: &[
        "'authorization', 'x-request-id2'",
        "'x-api-key', 'v2'",
        "'sort-key', 'a1.b2.c3'",
        "'authorization', ''",
        "the-token', 'abc.def.1'",
    ],
};

fn confirm_header(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, HEADERS).is_none() {
        return;
    }
    let end = at.saturating_sub(b"', '".len());
    let start = keys::name_start(hay, end);
    if before(hay, start) != Quote::SINGLE.byte {
        return;
    }
    let named = keys::named_in(cx, Span::new(start, end));
    let Some(named) = named.filter(|named| named.class == Class::PASSWORD) else {
        return;
    };
    let value = Span::new(at, end_in_list(cx, at, Quote::SINGLE));
    if is_credential(value.of(hay)) {
        take(cx, "header_pair", named, Value::Quoted(value));
    }
}

/// A scheme and what is behind it, a cookie, or what no name is: `Bearer x`, `a=b`, `abc.def.ghi`.
fn is_credential(text: &[u8]) -> bool {
    const TOKEN_BYTES_MIN: usize = 6;
    let blank = memchr::memchr(b' ', text);
    let name = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    let stem = skip(text, 0, text.len(), name);
    let named = skip(text, stem, 3, is_digit) == text.len();
    match blank {
        Some(at) => {
            let scheme = text.get(..at).unwrap_or_default();
            let known = ["Bearer", "Basic", "Digest", "Token", "Negotiate", "ApiKey"];
            known
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known.as_bytes()))
                || text.contains(&b'=')
        }
        None => text.contains(&b'=') || text.len() >= TOKEN_BYTES_MIN && !named,
    }
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, OPENS) else {
        return;
    };
    if let Some(begun) = literal.strip_prefix("[\"") {
        return listed(cx, at.saturating_sub(begun.len()), false);
    }
    if literal == ",<<\"" {
        return binary(cx, at);
    }
    if literal.ends_with('"') {
        return listed(cx, at, true);
    }
    let end = keys::name_end(hay, at);
    let name = Span::new(at, end).of(hay);
    // What a value of SQL was hidden as is no name.
    if Span::new(end, end.saturating_add(3)).of(hay) != b"', " || is_label(name) {
        return;
    }
    let Some(named) = keys::named_in(cx, Span::new(at, end)) else {
        return;
    };
    if named.class == Class::ACCOUNT && is_row_of_words(hay, at.saturating_sub(2)) {
        return;
    }
    let value = skip(hay, end.saturating_add(3), 1, |b| matches!(b, b'b' | b'u'));
    let Some((quote, start)) = quote_at(hay, value) else {
        return;
    };
    let close = end_in_list(cx, start, quote);
    let behind = close.saturating_add(quote.escapes).saturating_add(1);
    // What a cut left open is hidden too.
    let open = is_end(byte(hay, close)) || matches!(byte(hay, close), b')' | b']');
    if close > start && (open || byte(hay, behind) == b')') {
        take(cx, ID, named, Value::Quoted(Span::new(start, close)));
    }
}

/// `{password,<<"hunter2">>}` of Erlang, whose text starts at `start`.
fn binary(cx: &mut Cx<'_>, start: usize) {
    let hay = cx.hay();
    let end = start.saturating_sub(b",<<\"".len());
    let Some((key, named)) = keys::named_at(cx, end) else {
        return;
    };
    if before(hay, key) == b'{' {
        let close = cx.unclosed.string_end(hay, start, Quote::PLAIN);
        take(cx, ID, named, Value::Quoted(Span::new(start, close)));
    }
}

/// Whether the tuple that opens at `open` is a row whose columns are named and the last of them is no value: of
/// `roles (name, guard) VALUES ('user', 'web')` the first says what, not whose the second is.
fn is_row_of_words(hay: &[u8], open: usize) -> bool {
    const VALUES: &[&[u8]] = &[b"value", b"val", b"v", b"data", b"content"];
    let head = hay.get(..open).unwrap_or_default();
    let names = head
        .strip_suffix(b") VALUES ")
        .or_else(|| head.strip_suffix(b") values "));
    names.is_some_and(|names| {
        let end = skip_back(names, names.len(), 1, |b| matches!(b, b'`' | b'"'));
        let start = skip_back(names, end, 64, |b| b.is_ascii_alphanumeric());
        !VALUES.contains(&Span::new(start, end).of(names))
    })
}

/// What fields are called that have a number of their own: `["token","v2"]`.
const NUMBERED: &[&[u8]] = &[
    b"v", b"sha", b"md", b"email", b"line", b"col", b"age", b"name", b"base", b"utf", b"int",
    b"uint", b"varchar",
];

/// Whether the list whose first string is from `start` is what a key holds, as names of fields are:
/// `"required":["password","pin2"]`, `columns=["password","pin2"]`.
fn is_of_key(hay: &[u8], start: usize) -> bool {
    let open = start.saturating_sub(b"[\"".len());
    let border = skip_back(hay, open, 2, |b| b == b' ');
    let key = skip_back(hay, border.saturating_sub(1), 2, |b| b == b' ');
    let name = before(hay, key);
    matches!(before(hay, border), b':' | b'=') && (is_word(name) || matches!(name, b'"' | b'\''))
}

/// `["authorization","Bearer x"]`, with the first string from `start`, in a list of `pairs` or not. Two names of fields
/// are no pair.
fn listed(cx: &mut Cx<'_>, start: usize, pairs: bool) {
    let hay = cx.hay();
    let end = keys::name_end(hay, start);
    if Span::new(end, end.saturating_add(2)).of(hay) != b"\"," {
        return;
    }
    let Some(named) = keys::named_in(cx, Span::new(start, end)) else {
        return;
    };
    let value = skip(hay, end.saturating_add(2), 2, |b| b == b' ');
    let Some((Quote::PLAIN, content)) = quote_at(hay, value) else {
        return;
    };
    let value = Span::new(content, cx.unclosed.string_end(hay, content, Quote::PLAIN));
    let alone = is_end(byte(hay, value.end)) || byte(hay, value.end.saturating_add(1)) == b']';
    let text = value.of(hay);
    let letters = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-');
    let stem = skip(text, 0, text.len(), letters);
    let figures = stem > 0 && skip(text, stem, 3, is_digit) == text.len();
    // A header is no field of a table.
    let header = !matches!(byte(hay, start), b'p' | b't');
    let word = text.get(..stem).unwrap_or_default();
    let numbered = !header && figures && (NUMBERED.contains(&word) || is_of_key(hay, start));
    let name = stem == text.len() || numbered;
    let pair = pairs && byte(hay, value.end.saturating_add(1)) == b']' && !text.is_empty();
    let field = NUMBERED.contains(&text) || keys::named_in(cx, value).is_some();
    let other = pair && !is_label(text) && !field && is_in_statement(hay, start);
    if other || named.class == Class::PASSWORD && alone && !name {
        take(cx, ID, named, Value::Quoted(value));
    }
}
