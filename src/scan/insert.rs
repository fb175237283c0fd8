//! Values that a statement of SQL, or what a database says of one, has apart from the names of their columns:
//! `INSERT INTO users (id, password) VALUES (7, 'hunter2')`, `Key (username)=(pat) already exists.`

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use super::keys::{self, Named};
use super::take::take;
use crate::class::Class;
use crate::format;
use crate::format::bytes::{byte, gap, is_digit, is_end, is_word, skip};
use crate::format::strings::around;
use crate::format::value::{Quote, Value, doubled, quote_at};
use crate::record::Span;

const ID: &str = "columns_of_sql";

const BEGINS: &[&str] = &[
    "INSERT INTO ",
    "insert into ",
    "REPLACE INTO ",
    "replace into ",
    "IGNORE INTO ",
    "Key (",
    "Duplicate entry '",
];

/// Most columns of a statement; of one with more, the rest is not looked at.
const COLUMNS_MAX: usize = 64;

/// Longest value that is no string, a call with its arguments.
const CALL_BYTES_MAX: usize = 128;

/// The n-th column names the n-th value.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: BEGINS,
    source: "ISO/IEC 9075-2 §14.11 (insert statement); MySQL 8.4 §15.2.7 and error 1062; PostgreSQL, unique and foreign keys",
    confirm,
    finds: &[
        "INSERT INTO users (id, email, password, phone) VALUES (42, 'ann@example.org', 'hunter2', '2025550143')",
        "INSERT INTO `users` (`id`, `password`) VALUES (42, 'hunter2'), (43,'hunter3');",
        "insert into \"users\" (\"id\", \"password\") values (now(), 'hun''ter2')",
        r#"{"sql":"INSERT INTO t (a, username) VALUES (coalesce(1, 2), 'pat')"}"#,
        r#"{"sql":"INSERT INTO \"t\" (\"username\") VALUES ('pat')"}"#,
        r#"{"sql":"INSERT INTO t (username, n) VALUES (\"pat\", 7)"}"#,
        r#"{"sql":"INSERT INTO t (n, username) VALUES (\"it\\\"s\", \"pat\")"}"#,
        "EXEC('INSERT INTO t (n, password) VALUES (''it'', ''hunter2'')')",
        r"'INSERT INTO t (username, password) VALUES (\'pat\', \'hunter2\')'",
        r#"{"sql":"INSERT INTO t (n, username)\n  VALUES\n  ('', 'pat')"}"#,
        "REPLACE INTO t(username) VALUES('pat')",
        "INSERT INTO users (name, password) VALUES ('pat', $1)",
        "INSERT IGNORE INTO t (username) VALUES (N'pat')",
        "INSERT INTO t (x, password) VALUES ('it\\'s', 'hunt",
        "DETAIL:  Key (username)=(pat) already exists.",
        "Key (username, tenant)=(pat, 3) exists",
        "Key (tenant, username)=(3, pat) is not present in table",
        "Duplicate entry 'pat' for key 'users.username'",
        "Duplicate entry 'pat' for key 'users_username_unique'",
    ],
    leaves: &[
        "INSERT INTO users (id, password) VALUES ($1, $2)",
        "INSERT INTO users (id, password) VALUES (?, ?)",
        "INSERT INTO users (id, password) VALUES (:id, :password), (1, NULL)",
        "INSERT INTO users (id, password) SELECT id, 'x' FROM t",
        "INSERT INTO t (status) VALUES ('ok')",
        "INSERT INTO api_keys (name, expires) VALUES ('CI build', 7)",
        "INSERT INTO t (name, status) VALUES ('x', 'ok')",
        "INSERT INTO t (name, email) VALUES ('x', $1)",
        "INSERT INTO users VALUES ('pat')",
        r#"{"m":"{\"sql\":\"INSERT INTO t (n, username) VALUES (1\",\"q\":\"keep\"}"}"#,
        "Key (status)=(ok) already exists.",
        "Key (username) is missing",
        "Duplicate entry '7' for key 'PRIMARY'",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let Some(literal) = cx.literal(at, BEGINS) else {
        return;
    };
    match literal {
        "Key (" => of_a_key(cx, at),
        "Duplicate entry '" => duplicate(cx, at),
        _ if cx.fresh(Walk::Insert, at) => {
            let end = inserted(cx, at).unwrap_or(at);
            cx.walk_to(Walk::Insert, end);
        }
        _ => {}
    }
}

const fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'`' | b'\\' | b'[' | b']')
}

/// The name at `at`, without its quotes, and where what is behind it starts.
fn name(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let start = skip(hay, at, 4, is_quote);
    let end = skip(hay, start, 64, |b| is_word(b) || b == b'$');
    let behind = skip(hay, end, 4, is_quote);
    (end > start).then(|| (Span::new(start, end), gap(hay, behind)))
}

/// The columns of a statement.
struct Columns {
    /// What each of them names.
    named: [Option<Named>; COLUMNS_MAX],
    count: usize,
    /// Where what is behind their bracket starts.
    behind: usize,
}

/// The columns from `at` to the closing bracket, if one of them names something.
fn columns(cx: &Cx<'_>, at: usize) -> Option<Columns> {
    let hay = cx.hay();
    let mut named = [None; COLUMNS_MAX];
    let (mut bare, mut secret) = (None, false);
    let mut at = gap(hay, at);
    for count in 0..COLUMNS_MAX {
        let (name, behind) = name(hay, at)?;
        let column = named.get_mut(count)?;
        *column = keys::named(cx, name.of(hay));
        let text = name.of(hay);
        if column.is_none() && text.eq_ignore_ascii_case(b"name") {
            bare = Some(count);
        }
        // `users (name, password)`: who has the password; `api_keys (name, token)` names the key.
        let pass = |word: &[u8]| {
            text.windows(word.len())
                .any(|w| w.eq_ignore_ascii_case(word))
        };
        secret |= column.is_some_and(|named| named.class == Class::PASSWORD)
            && (pass(b"pass") || pass(b"pwd"));
        let next = behind.saturating_add(1);
        match byte(hay, behind) {
            b',' => at = gap(hay, next),
            b')' if named.iter().any(Option::is_some) => {
                if secret
                    && let Some(bare) = bare
                    && let Some(column) = named.get_mut(bare)
                {
                    *column = Some(Class::ACCOUNT.into());
                }
                return Some(Columns {
                    named,
                    count: count.saturating_add(1),
                    behind: next,
                });
            }
            _ => return None,
        }
    }
    None
}

/// `users (id, password) VALUES (7, 'hunter2'), (8, 'hunter3')`, and where it ends.
fn inserted(cx: &mut Cx<'_>, at: usize) -> Option<usize> {
    const WORD: &[u8] = b"VALUES";
    let hay = cx.hay();
    let table = skip(hay, at, 160, |b| {
        is_word(b) || is_quote(b) || matches!(b, b'.' | b'$' | b'#' | b'@')
    });
    let open = gap(hay, table);
    if byte(hay, open) != b'(' || table == at {
        return None;
    }
    let Columns { named, behind, .. } = columns(cx, open.saturating_add(1))?;
    let word = gap(hay, behind);
    let from = word.saturating_add(WORD.len());
    if !Span::new(word, from).of(hay).eq_ignore_ascii_case(WORD) {
        return Some(behind);
    }
    let around = around(hay, at);
    let mut at = gap(hay, from);
    while byte(hay, at) == b'(' {
        at = row(cx, &named, around, at.saturating_add(1))?;
        let comma = gap(hay, at);
        if byte(hay, comma) != b',' {
            break;
        }
        at = gap(hay, comma.saturating_add(1));
    }
    Some(at)
}

/// Takes the values of a row; where what is behind it starts.
fn row(
    cx: &mut Cx<'_>,
    named: &[Option<Named>],
    around: Option<Quote>,
    at: usize,
) -> Option<usize> {
    let hay = cx.hay();
    let mut at = gap(hay, at);
    for column in named {
        let (value, behind) = value(hay, around, at);
        if let (Some(named), Some(value)) = (column, value) {
            take(cx, ID, *named, value);
        }
        match byte(hay, behind) {
            b',' => at = gap(hay, behind.saturating_add(1)),
            b')' => return Some(behind.saturating_add(1)),
            // What a cut left open.
            _ => return None,
        }
    }
    None
}

/// Where the quote is that closes the string whose content starts at `content`, as in `excluded."n"`; nothing where its quote
/// closes the string `around` the statement, or that one ends first.
fn close_inside(hay: &[u8], around: Option<Quote>, quote: Quote, content: usize) -> Option<usize> {
    let behind = gap(hay, content);
    let name = skip(hay, behind, 64, is_word);
    let field = behind > content && name > behind && byte(hay, name) == b'=';
    let next = byte(hay, behind);
    let over = is_end(next) || b",}]:\";)".contains(&next) || field;
    if over && around.is_some_and(|around| around.escapes >= quote.escapes) {
        return None;
    }
    let end = format::value::string_end(hay, content, quote);
    let close = end.saturating_add(quote.escapes);
    let slashes = Span::new(end, close).of(hay);
    (byte(hay, close) == quote.byte && slashes.iter().all(|b| *b == b'\\')).then_some(close)
}

/// The value at `at` where it is a string or a number, and where what is behind it starts.
fn value(hay: &[u8], around: Option<Quote>, at: usize) -> (Option<Value>, usize) {
    // `N'x'`, `E'x'`
    let marked = usize::from(
        matches!(byte(hay, at), b'N' | b'E' | b'n' | b'e')
            && byte(hay, at.saturating_add(1)) == b'\'',
    );
    let open = at.saturating_add(marked);
    if let Some((quote, content)) = quote_at(hay, open) {
        let inside = (byte(hay, content) == quote.byte && quote.escapes == 0)
            .then(|| doubled(hay, content, quote.byte))
            .flatten();
        let (span, close) = match inside {
            // A string in a string: `''x''`.
            Some(span) => (span, span.end.saturating_add(1)),
            None if quote.escapes > 0 => {
                let end = format::value::string_end(hay, content, quote);
                (Span::new(content, end), end.saturating_add(quote.escapes))
            }
            None => {
                let end = string_end(hay, content, quote.byte);
                (Span::new(content, end), end)
            }
        };
        let value = (!span.is_empty()).then_some(Value::Quoted(span));
        // `'1970-01-01'::date`
        let behind = skip(hay, close.saturating_add(1), 32, |b| {
            is_word(b) || b == b':'
        });
        return (value, gap(hay, behind));
    }
    let (mut depth, mut end) = (0usize, at);
    // Where the text ends that blanks and written line ends are behind.
    let mut stop = at;
    while end.saturating_sub(at) < CALL_BYTES_MAX && !is_end(byte(hay, end)) {
        match byte(hay, end) {
            b'(' => depth = depth.saturating_add(1),
            b')' if depth > 0 => depth = depth.saturating_sub(1),
            b',' | b')' | b'\'' if depth == 0 => break,
            b'"' | b'\\' if depth == 0 => {
                let behind = gap(hay, end);
                if behind > end {
                    end = behind;
                    continue;
                }
                if let Some((quote, content)) = quote_at(hay, end) {
                    let Some(close) = close_inside(hay, around, quote, content) else {
                        break;
                    };
                    end = close;
                }
            }
            _ => {}
        }
        end = end.saturating_add(1);
        stop = end;
    }
    let span = Span::new(at, stop);
    let number = !span.is_empty() && span.of(hay).iter().all(|b| is_digit(*b) || *b == b'.');
    (number.then_some(Value::Plain(span)), end)
}

/// Where the string ends whose content starts at `start`: a quote in it is two, or has a backslash.
fn string_end(hay: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    loop {
        at = skip(hay, at, usize::MAX, |b| {
            b != quote && b != b'\\' && !is_end(b)
        });
        let next = byte(hay, at.saturating_add(1));
        at = match byte(hay, at) {
            b if b == quote && next == quote => at.saturating_add(2),
            b'\\' if !is_end(next) => at.saturating_add(2),
            b'\\' => at.saturating_add(1),
            _ => return at,
        };
    }
}

/// `Key (tenant, username)=(3, pat) already exists.`
fn of_a_key(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(Columns {
        named,
        count,
        behind,
    }) = columns(cx, at)
    else {
        return;
    };
    let start = behind.saturating_add(2);
    if Span::new(behind, start).of(hay) != b"=(" {
        return;
    }
    let mut at = start;
    for column in &named {
        let end = skip(hay, at, 256, |b| {
            b != b')' && (b != b',' || count == 1) && !is_end(b)
        });
        let value = Span::new(at, end);
        if let Some(named) = column
            && !value.is_empty()
        {
            take(cx, ID, *named, Value::Quoted(value));
        }
        if byte(hay, end) != b',' {
            return;
        }
        at = skip(hay, end.saturating_add(1), 1, |b| b == b' ');
    }
}

/// `Duplicate entry 'pat' for key 'users.username'`: an index is named after its column.
fn duplicate(cx: &mut Cx<'_>, at: usize) {
    const BETWEEN: &[u8] = b"' for key '";
    const ENDINGS: &[&[u8]] = &[b"_unique", b"_UNIQUE", b"_key", b"_idx", b"_uk", b"_index"];
    let hay = cx.hay();
    let said = Span::new(at, skip(hay, at, 256, |b| !is_end(b)));
    let Some(length) = memchr::memmem::find(said.of(hay), BETWEEN) else {
        return;
    };
    let value = Span::new(at, at.saturating_add(length));
    let start = value.end.saturating_add(BETWEEN.len());
    let index = Span::new(start, skip(hay, start, 64, |b| is_word(b) || b == b'.')).of(hay);
    let index = index.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let stem = ENDINGS
        .iter()
        .find_map(|ending| index.strip_suffix(*ending));
    if let Some(named) = keys::named(cx, stem.unwrap_or(index))
        && !value.is_empty()
    {
        take(cx, ID, named, Value::Quoted(value));
    }
}
