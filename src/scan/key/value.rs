//! Values that are written in a way of their own behind a key.

use super::super::keys;
use super::super::take::{is_nothing, is_one_of};
use super::super::words::{self, is_prose};
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, is_word, skip, skip_back, small, smalls,
};
use crate::format::value::{Quote, Unclosed, Value, quote_at};
use crate::record::Span;

/// Where what is in front of the value ends, behind a key that a mark is in front of: of `*Password:* hunter2` and
/// `**Password:** hunter2` the mark that closes the bold text behind the border at `at`.
pub(super) fn bold(hay: &[u8], at: usize) -> usize {
    let marks = skip(hay, at.saturating_add(1), 2, |b| b == b'*');
    let closes = marks > at.saturating_add(1) && byte(hay, marks) == b' ';
    if closes { marks.saturating_sub(1) } else { at }
}

/// What the string or the nothing at `old` is changed to: `"hunter2" -> "hunter3"`, `"hunter2" => "hunter3"`, `null ->
/// "hunter3"`.
pub(super) fn changed(hay: &[u8], old: Value, unclosed: &mut Unclosed) -> Option<Span> {
    let (old, quoted) = match old {
        Value::Quoted(old) => (old, true),
        Value::Plain(old) => (old, false),
        _ => return None,
    };
    let quote = match quoted {
        true => skip(hay, old.end, 16, |b| b == b'\\'),
        false => old.end,
    };
    let behind = quote.saturating_add(usize::from(quoted));
    if byte(hay, behind) != b' ' || !quoted && !is_nothing(old.of(hay)) {
        return None;
    }
    let arrow = skip(hay, behind, BLANKS_MAX, |b| b == b' ');
    let head = arrow.saturating_add(2);
    let value = skip(hay, head, BLANKS_MAX, |b| b == b' ');
    if value == head || !matches!(Span::new(arrow, head).of(hay), b"->" | b"=>") {
        return None;
    }
    let (new, content) = quote_at(hay, value)?;
    let same = !quoted
        || new.byte == byte(hay, quote)
            && new.escapes == quote.saturating_sub(old.end)
            && before(hay, old.start) == new.byte;
    let end = unclosed.string_end(hay, content, new);
    same.then(|| Span::new(content, end))
}

/// Blanks on either side of an arrow.
const BLANKS_MAX: usize = 16;

/// Where the brace is of a slice of Go's, as `%#v` prints it: `[]string{"a"}`.
pub(super) fn slice(hay: &[u8], open: usize) -> Option<usize> {
    const TYPES: [&[u8]; 3] = [b"[]string{", b"[]interface {}{", b"[]any{"];
    if byte(hay, open.saturating_add(1)) != b']' {
        return None;
    }
    let rest = hay.get(open..)?;
    let kind = TYPES.iter().find(|kind| rest.starts_with(kind))?;
    Some(open.saturating_add(kind.len()).saturating_sub(1))
}

/// The quote of a string that Go makes bytes of, and where its content starts: `[]byte("hunter2")`.
pub(super) fn converted(hay: &[u8], at: usize) -> Option<(Quote, usize)> {
    const BEGINS: &[u8] = b"[]byte(";
    let begins = hay.get(at..).is_some_and(|rest| rest.starts_with(BEGINS));
    begins.then(|| quote_at(hay, at.saturating_add(BEGINS.len())))?
}

/// All groups of a document's number, all words of a device's name, an amount without its unit.
pub(super) fn whole(hay: &[u8], value: Value, class: Class) -> Value {
    match value {
        Value::Plain(value) if class == Class::MODEL => Value::Plain(words::model(hay, value)),
        Value::Plain(value) => {
            let value = words::without_unit(hay, value, class);
            Value::Plain(words::number(hay, value, class))
        }
        value => value,
    }
}

/// `Calling-Station-Id="14155550177"`: in a network of telephones a station has their numbers (3GPP TS 29.061 §16.4).
pub(super) fn is_telephone(hay: &[u8], key: Span, border: usize) -> bool {
    let first = border.saturating_add(1);
    let start = skip(hay, first, 4, |b| matches!(b, b' ' | b'"' | b'\'' | b'\\'));
    let digits = skip(hay, start, 16, is_digit);
    let ends = !is_word(byte(hay, digits)) && !matches!(byte(hay, digits), b'-' | b':' | b'.');
    (10..=15).contains(&digits.saturating_sub(start))
        && digits.saturating_sub(start) != 12
        && ends
        && ends_in_any_case(key.of(hay), b"station-id")
}

/// Where the bracket is in `1003(ann`, two names of one account; the closing one is not included.
pub(super) fn named_number(text: &[u8]) -> Option<usize> {
    let part = |b: u8| is_word(b) || matches!(b, b'-' | b'.' | b'*');
    let open = skip(text, 0, 64, part);
    let end = skip(text, open.saturating_add(1), 64, part);
    (open > 0 && byte(text, open) == b'(' && end == text.len() && end > open.saturating_add(1))
        .then_some(open)
}

/// `[4] "ANNA"`: a text behind its length, as Oracle's audit trail has it.
pub(super) fn counted(hay: &[u8], border: usize) -> Option<Value> {
    let digits = border.saturating_add(2);
    let close = skip(hay, digits, 4, is_digit);
    let start = close.saturating_add(3);
    let quote = before(hay, start);
    if close == digits
        || Span::new(close, start.saturating_sub(1)).of(hay) != b"] "
        || !matches!(quote, b'"' | b'\'')
    {
        return None;
    }
    let end = skip(hay, start, 256, |b| b != quote && !is_end(b));
    Some(Value::Quoted(Span::new(start, end)))
}

/// `""key"":""value""`: a string of JSON in a cell of CSV (RFC 4180 §2), whose quotes are doubled.
pub(super) fn doubled(hay: &[u8], key_end: usize, border: usize) -> Option<Value> {
    let pair = |at: usize| byte(hay, at) == b'"' && byte(hay, at.saturating_add(1)) == b'"';
    if !pair(key_end) {
        return None;
    }
    let open = skip(hay, border.saturating_add(1), 64, |b| b == b' ');
    if !pair(open) {
        return None;
    }
    let start = open.saturating_add(2);
    let mut end = start;
    // A backslash that is escaped itself escapes no quote.
    let escaped = |at: usize| {
        let first = skip_back(hay, at, at.saturating_sub(start), |b| b == b'\\');
        !at.saturating_sub(first).is_multiple_of(2)
    };
    // One alone closes the cell.
    loop {
        end = skip(hay, end, usize::MAX, |b| b != b'"' && !is_end(b));
        match (byte(hay, end), before(hay, end)) {
            (b'"', b'\\') if end > start && pair(end) && escaped(end) => {
                end = end.saturating_add(2);
            }
            _ => break,
        }
    }
    Some(Value::Quoted(Span::new(start, end.min(hay.len()))))
}

/// `(user= hwilson)`, `password= hunter2 next=1`: the word behind a blank that only the border's one side has. What a key,
/// a sentence or a verdict goes on with is none: `user= next=1`, `user= from 192.0.2.1`.
pub(super) fn behind_a_blank(
    hay: &[u8],
    border: usize,
    secret: bool,
    unclosed: &mut Unclosed,
) -> Option<Value> {
    const OTHERS: [u64; 12] = smalls([
        b"failed",
        b"invalid",
        b"unknown",
        b"error",
        b"denied",
        b"rejected",
        b"empty",
        b"expired",
        b"missing",
        b"null",
        b"msg",
        b"ok",
    ]);
    let start = border.saturating_add(2);
    if !is_word(before(hay, border)) && before(hay, border) != b'-' {
        return None;
    }
    if let Some((quote, content)) = quote_at(hay, start) {
        let end = unclosed.string_end(hay, content, quote);
        return Some(Value::Quoted(Span::new(content, end)));
    }
    let first = byte(hay, start);
    let begins = is_word(first) || first >= 0x80 || secret && first.is_ascii_graphic();
    if !begins || matches!(first, b'[' | b'(' | b'{' | b'<' | b',' | b';' | b'|' | b'&') {
        return None;
    }
    let name = skip(hay, start, 64, |b| is_word(b) || matches!(b, b'-' | b'.'));
    if matches!(byte(hay, name), b'=' | b':' | b'(' | b'[') {
        return None;
    }
    let value = unclosed.plain(hay, start, secret);
    let text = value.of(hay);
    let next = byte(hay, value.end);
    let field = skip(hay, value.end, 4, |b| b == b' ');
    let stop = skip(hay, field, 64, |b| is_word(b) || matches!(b, b'-' | b'.'));
    let over = match next {
        b' ' => is_end(byte(hay, field)) || stop > field && byte(hay, stop) == b'=',
        b')' | b',' | b';' | b']' | b'}' | b'"' | b'\'' | b'|' | b'\r' | b'\\' => true,
        next => is_end(next),
    };
    (over && text.len() > 1 && !is_prose(text) && !OTHERS.contains(&small(text)))
        .then_some(Value::Plain(value))
}

/// What is assigned behind `:=` at `border`: `password := "hunter2"`. Of a program's line what it calls, makes, takes from
/// something or walks over is no value: `user := getUser()`, `users := []string{…}`, `user := session.user`, `for user :=
/// range users`. A name with a hyphen, `Cleartext-Password`, is none of a program's.
pub(super) fn assigned(
    hay: &[u8],
    key: Span,
    border: usize,
    class: Class,
    unclosed: &mut Unclosed,
) -> Option<Value> {
    let secret = class == Class::PASSWORD;
    let start = skip(hay, border.saturating_add(2), 64, |b| {
        matches!(b, b' ' | b'\t')
    });
    if let Some((quote, content)) = converted(hay, start).or_else(|| quote_at(hay, start)) {
        let end = unclosed.string_end(hay, content, quote);
        return Some(Value::Quoted(Span::new(content, end)));
    }
    let first = byte(hay, start);
    let begins = is_word(first) || secret && first.is_ascii_graphic();
    let attribute = before(hay, key.start) == b'-' || key.of(hay).contains(&b'-');
    if !begins || !attribute && b"=&*<[({,;|`".contains(&first) {
        return None;
    }
    if !attribute && (is_made(hay, start, secret) || is_member(hay, start, class)) {
        return None;
    }
    let mut value = unclosed.plain(hay, start, secret);
    // No query's parameter follows.
    while attribute && secret && byte(hay, value.end) == b'&' {
        let behind = value.end.saturating_add(1);
        value.end = unclosed.plain(hay, behind, secret).end;
    }
    Some(Value::Plain(value))
}

/// `os.Getenv("X")`, `User{}`, `args[0]`, `$(whoami)`, `range users`. A secret has brackets inside, but seldom around all
/// that follows a name.
fn is_made(hay: &[u8], start: usize, secret: bool) -> bool {
    let first = byte(hay, start);
    let named = start.saturating_add(usize::from(first == b'$'));
    let name = skip(hay, named, 64, |b| is_word(b) || b == b'.');
    let close = match byte(hay, name) {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b' ' => return Span::new(start, name).of(hay) == b"range",
        _ => return false,
    };
    let stop = skip(hay, name, FIELD_BYTES_MAX, |b| b != close && !is_end(b));
    let goes_on = is_behind_a_call(byte(hay, stop.saturating_add(1)));
    let kind = Span::new(start, name).of(hay) == b"map";
    byte(hay, stop) == close && !is_digit(first) && (!secret || goes_on || kind)
}

/// Whether what is behind `name = ` is what a line of a program calls: `User.objects.get(id=3)`, `get_password(user)`. A
/// string among what is given may be a value, and a name alone with a bracket behind it, too.
pub(super) fn is_called(hay: &[u8], border: usize, start: usize) -> bool {
    let spaced = before(hay, border) == b' ' && byte(hay, border.saturating_add(1)) == b' ';
    if byte(hay, border) != b'=' || !spaced {
        return false;
    }
    // A label has a hyphen.
    let code = |b: u8| is_word(b) || matches!(b, b'.' | b',' | b' ' | b'=' | b'*' | b'(' | b'-');
    let name = skip(hay, start, 64, |b| is_word(b) || b == b'.');
    let close = skip(hay, name, 128, code);
    let path = Span::new(start, name).of(hay);
    let given = Span::new(name.saturating_add(1), close);
    let called = byte(hay, name) == b'(' && byte(hay, close) == b')';
    let behind = byte(hay, close.saturating_add(1));
    let goes_on = behind == b'.' && is_word(byte(hay, close.saturating_add(2)));
    called
        && (byte(path, 0).is_ascii_alphabetic() || byte(path, 0) == b'_')
        && !path.iter().any(|b| is_digit(*b))
        && is_behind_a_call(behind)
        && (is_code(path, given.of(hay)) || given.is_empty() && path.contains(&b'.') || goes_on)
}

/// Whether names with dots and underscores between are a program's: `self.client.post`, `get_password`. One dot or line
/// may stand in somebody's name, who has a number in brackets behind: `john.r.smith(1001)`.
fn is_code(path: &[u8], given: &[u8]) -> bool {
    /// Parts of names, too, where no dot is: `app_svc(1001)`.
    const OBJECTS: &[&[u8]] = &[
        b"new",
        b"objects",
        b"self",
        b"this",
        b"cls",
        b"os",
        b"request",
        b"session",
        b"app",
        b"ctx",
        b"config",
        b"settings",
    ];
    const WORDS: &[&[u8]] = &[
        b"get",
        b"create",
        b"make",
        b"load",
        b"read",
        b"fetch",
        b"find",
        b"parse",
        b"build",
        b"generate",
        b"decode",
        b"encode",
        b"hash",
        b"encrypt",
        b"decrypt",
        b"verify",
        b"resolve",
        b"query",
        b"filter",
        b"lookup",
        b"select",
    ];
    let part = |b: &u8| matches!(b, b'.' | b'_');
    let dots = memchr::memchr_iter(b'.', path).count();
    let mut words = path.split(part);
    let arguments = given.is_empty() || !given.iter().all(|b| is_word(*b));
    words.any(|word| WORDS.contains(&word) || dots > 0 && OBJECTS.contains(&word))
        || dots >= 2 && arguments
}

/// `user = User {` at the end of a line, or in front of its fields: a structure of Rust's or Go's that has the name of the
/// key at `key`, or a path in front.
pub(super) fn is_structure(hay: &[u8], key: Span, value: Span, secret: bool) -> bool {
    let open = value.end.saturating_add(1);
    let next = byte(hay, open.saturating_add(1));
    if byte(hay, value.end) != b' '
        || byte(hay, open) != b'{'
        || next != b' ' && !is_end(next)
        || !byte(hay, value.start).is_ascii_uppercase()
    {
        return false;
    }
    let text = value.of(hay);
    let path = memchr::memmem::find(text, b"::").is_some();
    text.iter().all(|b| is_word(*b) || *b == b':')
        && (path && !secret || text.eq_ignore_ascii_case(key.of(hay)))
}

/// What may stand behind the bracket that closes a call.
fn is_behind_a_call(b: u8) -> bool {
    b"\t\r .,;:()[]{}\"'`\\|".contains(&b) || is_end(b)
}

/// `'password': rejected value [hunter2]; codes […]`, as a form's binding says what it was given.
pub(super) fn refused(hay: &[u8], border: usize) -> Option<Value> {
    const SAYS: &[u8] = b" rejected value [";
    const BEHIND: &[u8] = b"]; codes [";
    let behind = border.saturating_add(1);
    let start = behind.saturating_add(SAYS.len());
    if Span::new(behind, start).of(hay) != SAYS {
        return None;
    }
    let most = Span::new(start, start.saturating_add(FIELD_BYTES_MAX).min(hay.len()));
    let text = most.of(hay);
    let text = text.split(|b| is_end(*b)).next().unwrap_or_default();
    let close = memchr::memmem::find(text, BEHIND).or_else(|| memchr::memchr(b']', text));
    let end = start.saturating_add(close?);
    Some(Value::Quoted(Span::new(start, end)))
}

/// `req.Password`, `cfg.DB.Password`: names with dots between, the last of them one of `class`.
fn is_member(hay: &[u8], start: usize, class: Class) -> bool {
    let end = skip(hay, start, 128, |b| is_word(b) || b == b'.');
    let next = byte(hay, end);
    let path = Span::new(start, end).of(hay);
    let over = b"\t\r ,;)\"'`\\".contains(&next) || is_end(next);
    let small = byte(path, 0).is_ascii_lowercase();
    over && small
        && memchr::memrchr(b'.', path).is_some_and(|dot| {
            let last = path.get(dot.saturating_add(1)..).unwrap_or_default();
            let mut names = path.split(|b| *b == b'.');
            names.all(|name| !name.is_empty() && !is_digit(byte(name, 0)))
                && keys::class_of(last) == Some(class)
        })
}

/// A bare value with the bracket in front of it that closes in its middle: `{SSHA}abcdef`.
pub(super) fn with_its_bracket(hay: &[u8], value: Span) -> Span {
    let close = match before(hay, value.start) {
        b'{' => b'}',
        b'(' => b')',
        b'<' => b'>',
        _ => return value,
    };
    let text = value.of(hay);
    let text = text.get(..FIELD_BYTES_MAX).unwrap_or(text);
    match memchr::memchr(close, text) {
        Some(at) if at.saturating_add(1) < text.len() => {
            Span::new(value.start.saturating_sub(1), value.end)
        }
        _ => value,
    }
}

/// How much of a bare secret is looked through for the next field.
const FIELD_BYTES_MAX: usize = 1024;

/// A bare secret in a list of pairs, up to the next: of `hunter2;Encrypt=True` the first. What has pairs of its own keeps
/// them.
pub(super) fn before_a_field(hay: &[u8], key: Span, value: Value) -> Value {
    const LISTS: &[&[u8]] = &[
        b"cookie",
        b"cookies",
        b"authorization",
        b"string",
        b"uri",
        b"dsn",
        b"signature",
        b"credential",
        b"credentials",
        b"otpauth",
    ];
    let Value::Plain(span) = value else {
        return value;
    };
    let text = span.of(hay);
    let near = text.get(..FIELD_BYTES_MAX).unwrap_or(text);
    let pair = |at: &usize| {
        let name = at.saturating_add(1);
        let end = skip(text, name, 64, |b| {
            is_word(b) || matches!(b, b'-' | b'.' | b'_')
        });
        // `QUJD,QUJD==` is base64, `v1;sig=…` one that is signed.
        let next = byte(text, end.saturating_add(1));
        end >= name.saturating_add(2)
            && byte(text, name).is_ascii_alphabetic()
            && byte(text, end) == b'='
            && next != b'='
            && (next != 0 || text.len() > end.saturating_add(1))
            && !is_one_of(
                Span::new(name, end).of(text),
                &[
                    &b"sig"[..],
                    b"hmac",
                    b"mac",
                    b"signature",
                    b"hash",
                    b"digest",
                    b"tag",
                    b"iv",
                    b"salt",
                ],
            )
    };
    match memchr::memchr3_iter(b';', b',', b'|', near).find(pair) {
        Some(at) if at > 0 && !LISTS.iter().any(|list| ends_in_any_case(key.of(hay), list)) => {
            Value::Plain(Span::new(span.start, span.start.saturating_add(at)))
        }
        _ => value,
    }
}

/// A postcode of four figures, as half of Europe has them, or of a few capitals and figures (`"D02"`, `"SW1A"`) under a
/// key that names one.
pub(super) fn is_short_postcode(
    hay: &[u8],
    key: Span,
    value: Span,
    class: Class,
    quoted: bool,
) -> bool {
    // Most are told by the first look.
    if class != Class::ADDRESS || !matches!(value.len(), 3 | 4) {
        return false;
    }
    let text = value.of(hay);
    let own = |b: &u8| is_digit(*b) || b.is_ascii_uppercase();
    let digits = text.iter().filter(|b| is_digit(**b)).count();
    text.iter().all(own)
        && (digits == 4 || quoted && digits > 0 && digits < text.len())
        && [&b"zip"[..], b"zipcode", b"zip_code", b"zip-code"]
            .into_iter()
            .chain([
                &b"postcode"[..],
                b"post_code",
                b"postalcode",
                b"postal_code",
                b"postal-code",
            ])
            .any(|name| ends_in_any_case(key.of(hay), name))
}
