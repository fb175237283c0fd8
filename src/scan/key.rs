//! Values that the key in front of a `=` or `:` gives away: JSON, logfmt, query strings, headers, plain text.

mod examples;
mod mark;
mod member;
mod no_value;
mod value;

use super::bracket;
use super::command;
use super::context::{Cx, Keys};
use super::foreign;
use super::front::{Anchor, key_end};
use super::inner::{looks_like_one, take_all};
use super::keys::{self, Named};
use super::list::{is_list, is_vector, listed};
use super::object;
use super::secret;
use super::serialized::counts_members;
use super::take::take;
use super::town::{self, Said};
use super::words;
use super::wrapped::{may_be_wrapped, referred, unwrapped};
use super::xml;
use super::{Detector, Spelling, auditd};
use crate::class::{Class, is_label};
use crate::format::bytes::{
    before, byte, is_alnum, is_digit, is_escape_letter, is_word, skip, skip_back,
};
use crate::format::value::{Quote, Value, value_at};
use crate::record::Span;
use mark::{MARKED, WIDE_COLON, confirm_marked, confirm_wide};
use member::held;
pub(super) use member::hold;
use no_value::{ends_a_uri, ends_a_url, is_deed, is_logger, is_mnemonic, no_value};
use value::{
    assigned, before_a_field, behind_a_blank, bold, changed, converted, counted, doubled,
    is_called, is_short_postcode, is_structure, is_telephone, named_number, refused, slice,
    with_its_bracket,
};

const ID: &str = "key";

/// `key=value`, `key: value`, `"key": value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Key, Anchor::KeyBehindDigits, Anchor::Literal],
    literals: &[WIDE_COLON, MARKED, "\\t:", "\\t="],
    source: "keys.txt; RFC 8259 (JSON), RFC 3986 (query), RFC 9110 (headers); GB/T 15834 (full-width colon); CommonMark §6.2",
    confirm,
    finds: examples::FINDS,
    leaves: examples::LEAVES,
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let last = at.checked_sub(1).map_or(0, |last| byte(hay, last));
    match last {
        0x9A => confirm_wide(cx, at),
        b':' | b'=' => confirm_behind_tabs(cx, at),
        b' ' => confirm_marked(cx, at),
        _ => {}
    }
    let border = byte(hay, at);
    if !matches!(border, b'=' | b':') {
        return;
    }
    let (end, quote) = if is_alnum(last) {
        (at, None)
    } else {
        ending(hay, at)
    };
    if before(hay, end) == b']' {
        return bracket::behind(cx, at, end, quote);
    }
    let key = match quote {
        Some(Quote::PLAIN) => keys::quoted(hay, end, cx.custom, &mut cx.names),
        _ => keys::plain(hay, end, cx.custom, &mut cx.names),
    };
    if key.rule > 0 {
        cx.rule = key.rule;
        let own = Span::new(keys::own_start(hay, end), end);
        keyed(cx, at, quote, own, Class::CUSTOM);
        cx.rule = 0;
    }
    // No front end asks for a number alone: `user 1:`.
    if quote.is_none() && is_number_alone(hay, end) {
        return;
    }
    if let Some((start, class)) = key.class(end) {
        keyed(cx, at, quote, Span::new(start, end), class);
    } else if key.bare {
        let nested = match quote {
            Some(_) => object::nested(hay, end),
            None => object::printed(hay, end, border),
        };
        if let Some((start, class)) = nested.or_else(|| object::beside_a_person(cx, at, end, quote))
        {
            keyed(cx, at, quote, Span::new(start, end), class);
        } else if let Some(name) = object::beside_an_account(hay, at, end) {
            take(cx, ID, Class::ACCOUNT, Value::Quoted(name));
        }
    }
}

/// Takes the town that the key at `key` with its border at `at` names; whether nothing else may be behind it.
fn is_of_a_town(cx: &mut Cx<'_>, at: usize, key: Span, value: Option<Value>) -> bool {
    let (hay, class) = (cx.hay(), Class::ADDRESS);
    let town = town::said(class, key.of(hay));
    match (town, value) {
        (Said::No, _) => return false,
        (_, Some(Value::Quoted(value))) => {
            let rule = 0;
            take(cx, ID, Named { class, rule, town }, Value::Quoted(value));
        }
        (_, Some(Value::Plain(value))) => {
            let name = town::bare(hay, at, value.start);
            match name {
                Some(name) => cx.text(name, class, ID, "its key names the class"),
                None => cx.reject(key, class, ID, "no name of a town"),
            }
            let form = town::form(hay, value.start).filter(|form| Some(*form) != name);
            if let Some(form) = form.filter(|_| town == Said::Surely) {
                take(cx, ID, class, Value::Quoted(form));
            }
        }
        (Said::Maybe, _) => cx.reject(key, class, ID, "no name of a town"),
        (Said::Surely, _) => return false,
    }
    true
}

/// Whether several words at `start` may be a value of `class`, or begin with one: `hunter2 (please change it)`.
fn is_long(hay: &[u8], start: usize, class: Class) -> bool {
    let word = Span::new(start, skip(hay, start, 64, |b| b > b' ' && b != b'<')).of(hay);
    match class {
        Class::PASSWORD => secret::is_like_one(word),
        Class::ACCOUNT => false,
        _ => true,
    }
}

/// A key that something else than quotes sets off from the border at `at`: `<b>Password</b>: hunter2`.
pub(super) fn told(cx: &mut Cx<'_>, at: usize, key: Span, named: Named) {
    if named.rule > 0 {
        cx.rule = named.rule;
        keyed(cx, at, None, key, Class::CUSTOM);
        cx.rule = 0;
    }
    if named.class != Class::CUSTOM {
        keyed(cx, at, None, key, named.class);
    }
}

/// `password\t: hunter2` in a string: tabs that are written as such stand between a key and the border that ends at `at`.
fn confirm_behind_tabs(cx: &mut Cx<'_>, at: usize) {
    const TABS_MAX: usize = 8;
    let hay = cx.hay();
    let border = at.saturating_sub(1);
    let mut end = border;
    for _ in 0..TABS_MAX {
        let letter = end.saturating_sub(1);
        let slash = skip_back(hay, letter, 16, |b| b == b'\\');
        if byte(hay, letter) != b't' || slash == letter {
            break;
        }
        end = skip_back(hay, slash, 8, |b| b == b' ');
    }
    if end < border
        && let Some((start, named)) = keys::named_at(cx, end)
    {
        told(cx, border, Span::new(start, end), named);
    }
}

/// Whether one or two digits alone end at `end`, as a clock has them.
fn is_number_alone(hay: &[u8], end: usize) -> bool {
    let start = skip_back(hay, end, 2, is_digit);
    start < end && !is_word(before(hay, start))
}

/// Where the key in front of the border at `at` ends, and the quote behind it.
#[inline]
fn ending(hay: &[u8], at: usize) -> (usize, Option<Quote>) {
    let end = key_end(hay, at);
    let closing = skip(hay, end, 16, |b| b == b'\\');
    let quote = matches!(byte(hay, closing), b'"' | b'\'').then(|| Quote {
        byte: byte(hay, closing),
        escapes: closing.saturating_sub(end),
    });
    (end, quote)
}

/// A key of a class that ends at the border `at`.
fn keyed(cx: &mut Cx<'_>, at: usize, quote: Option<Quote>, span: Span, class: Class) {
    let hay = cx.hay();
    let start = span.start;
    let border = byte(hay, at);
    // `\nREDACTED-ACCOUNT:x:…`
    let own = start.saturating_add(usize::from(is_escape_letter(hay, start)));
    if byte(hay, own) == b'R' && is_label(Span::new(own, span.end).of(hay)) {
        return cx.reject(span, class, ID, "a label that stands for a value");
    }
    let next = byte(hay, at.saturating_add(1));
    if quote.is_none()
        && next == b':'
        && let Some(value) = keys::ldif::value(hay, start, at, class)
    {
        return cx.text(value, class, ID, "its key names the class");
    }
    if quote.is_none() && (next == border || before(hay, at) == border)
        || next == b'/' && byte(hay, at.saturating_add(2)) == b'/'
    {
        return cx.reject(
            span,
            class,
            ID,
            "an operator, a scope or a scheme, not a key",
        );
    }
    // `password=&next=1`
    if quote.is_none() && next == b'&' {
        return match referred(hay, at.saturating_add(1)) {
            Some(value) => take(cx, ID, class, Value::Quoted(value)),
            None => cx.reject(span, class, ID, "no value"),
        };
    }
    // `"$email"`, `"@user"`: a mark in front of the name is the program's.
    let front = before(hay, start);
    let opens = start.saturating_sub(usize::from(matches!(front, b'$' | b'@')));
    if let Some(quote) = quote
        && before(hay, opens) != quote.byte
        && !ends_a_uri(hay, start, quote, at)
    {
        return cx.reject(span, class, ID, "the quote does not open before the key");
    }
    let colon = quote.is_none() && border == b':';
    if colon && front == b'%' && is_mnemonic(span.of(hay)) {
        return cx.reject(span, class, ID, "the name of a message");
    }
    if colon && is_logger(hay, start, at) {
        return cx.reject(span, class, ID, "the name of a logger");
    }
    if colon && class == Class::ACCOUNT {
        // `/api/login: 403`, `imap-login: Info:` are a path and a process.
        if span.of(hay).ends_with(b"login") && (front == b'/' || span.of(hay).contains(&b'-')) {
            return cx.reject(span, class, ID, "a path or the name of a process");
        }
        if front == b'/' {
            command::net_use(cx, start.saturating_sub(1), at);
            // `kernel/user: allow …`: what a path says is changed; of `email/user: ann`, somebody follows.
            if next == b' ' && is_deed(hay, at.saturating_add(2)) && !ends_a_url(hay, start) {
                return cx.reject(span, class, ID, "the end of a path");
            }
        }
    }
    let colon_at = at;
    let mut at = match colon && front == b'*' {
        true => bold(hay, at),
        false => at,
    };
    if colon && matches!(next, b' ' | b'<' | b'&' | b'\\') {
        match xml::behind(hay, at.saturating_add(1)) {
            Some(xml::Behind::Element(value)) => return take(cx, ID, class, Value::Quoted(value)),
            Some(xml::Behind::Text(start)) => at = start.saturating_sub(1),
            Some(xml::Behind::Long(start)) if is_long(hay, start, class) => {
                at = start.saturating_sub(1);
            }
            Some(xml::Behind::Long(_) | xml::Behind::Nothing) => {
                return cx.reject(span, class, ID, "no value");
            }
            None => {}
        }
    }
    let next = byte(hay, at.saturating_add(1));
    let open = match next {
        b' ' | b'\t' => skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t')),
        _ => at.saturating_add(1),
    };
    let container = matches!(byte(hay, open), b'{' | b'[');
    if byte(hay, open) == b'[' {
        if let Some(open) = slice(hay, open) {
            return hold(cx, ID, Keys::Usual, open, class);
        }
        if let Some((quote, content)) = converted(hay, open) {
            let end = cx.unclosed.string_end(hay, content, quote);
            return take(cx, ID, class, Value::Quoted(Span::new(content, end)));
        }
    }
    // `embedding=[0.1,-0.2]`, `users: ['ann']`: a list without its key in quotes.
    let list = container
        && quote.is_none()
        && (is_list(hay, open) || border == b'=' && is_vector(hay, open));
    if list || container && quote.is_some() {
        return held(cx, open, span, class);
    }
    if container && byte(hay, open) == b'[' && listed(cx, ID, open, class) {
        return;
    }
    let class = match class {
        Class::MAC if is_telephone(hay, span, at) => Class::PHONE,
        class => class,
    };
    let value = match quote {
        None if byte(hay, at.saturating_add(1)) == b'[' => counted(hay, at),
        Some(_) if byte(hay, span.end.saturating_add(1)) == b'"' => doubled(hay, span.end, at),
        _ => None,
    };
    let secret = class == Class::PASSWORD;
    let value = value.or_else(|| refused(hay, at));
    let mut value = value.or_else(|| match border == b':' && next == b'=' {
        true => assigned(hay, span, at, class, &mut cx.unclosed),
        false => value_at(hay, at, quote, secret, &mut cx.unclosed),
    });
    if quote.is_none()
        && let Some(Value::Plain(code)) = value
        && (is_called(hay, at, code.start) || is_structure(hay, span, code, secret))
    {
        return cx.reject(code, class, ID, "what a program calls or prints");
    }
    if value.is_none() && quote.is_none() && border == b'=' && next == b' ' {
        value = behind_a_blank(hay, at, secret, &mut cx.unclosed);
    }
    if secret && let Some(Value::Plain(value)) = &mut value {
        *value = with_its_bracket(hay, *value);
    }
    if secret && border == b'=' && quote.is_none() {
        value = value.map(|value| before_a_field(hay, span, value));
    }
    // `"password" = null -> "hunter2"`
    let nothing = || {
        let end = open.saturating_add(4);
        let null = quote.is_some() && Span::new(open, end).of(hay) == b"null";
        null.then(|| Value::Plain(Span::new(open, end)))
    };
    if let Some(old) = value.or_else(nothing)
        && let Some(new) = changed(hay, old, &mut cx.unclosed)
        && !foreign::is_foreign(hay, span, old.span(), class)
    {
        take(cx, ID, class, Value::Quoted(new));
    }
    // In place: a copy would wait for its own pieces.
    if let Some(value) = &mut value
        && may_be_wrapped(hay, value)
    {
        *value = unwrapped(cx, *value, secret);
    }
    if class == Class::ADDRESS && is_of_a_town(cx, at, span, value) {
        return;
    }
    match value {
        None => cx.reject(span, class, ID, "no value"),
        Some(Value::Number(value)) if counts_members(hay, span, value) => {
            cx.reject(value, class, ID, "how many members an object has");
        }
        Some(Value::Plain(value)) if value.is_empty() => {
            cx.reject(value, class, ID, "no value");
        }
        Some(Value::Plain(value)) if no_value(hay, span, colon_at, value, class) => {
            cx.reject(value, class, ID, "a heading, a state or another key");
        }
        Some(Value::Plain(value)) if foreign::is_foreign(hay, span, value, class) => {
            cx.reject(value, class, ID, "the same name of something else");
        }
        // `uid=1003(ann)`
        Some(Value::Plain(value))
            if class == Class::ACCOUNT && named_number(value.of(hay)).is_some() =>
        {
            let open = value
                .start
                .saturating_add(named_number(value.of(hay)).unwrap_or_default());
            take(cx, ID, class, Value::Plain(Span::new(value.start, open)));
            let name = Span::new(open.saturating_add(1), value.end);
            take(cx, ID, class, Value::Plain(name));
        }
        Some(Value::Plain(value)) if auditd::is_account(hay, span, value) => {
            let reason = "an account in the digits of an audit record";
            cx.accept(value, class, Spelling::Hex, ID, reason);
        }
        Some(Value::Plain(value)) => {
            let value = words::extend(hay, span, at, value, class);
            let value = words::without_unit(hay, value, class);
            match is_short_postcode(hay, span, value, class, false) {
                true => cx.text(value, class, ID, "its key names the class"),
                false => take(cx, ID, class, Value::Plain(value)),
            }
        }
        Some(Value::Quoted(value) | Value::Number(value))
            if foreign::is_foreign(hay, span, value, class) =>
        {
            cx.reject(value, class, ID, "the same name of something else");
        }
        Some(Value::Quoted(value)) if quote.is_some() && looks_like_one(hay, value) => {
            take_all(cx, ID, class, Value::Quoted(value));
        }
        Some(Value::Quoted(value)) if is_short_postcode(hay, span, value, class, true) => {
            cx.text(value, class, ID, "its key names the class");
        }
        Some(Value::Number(value)) if is_short_postcode(hay, span, value, class, false) => {
            cx.accept(
                value,
                class,
                Spelling::Number,
                ID,
                "its key names the class",
            );
        }
        Some(value) => take(cx, ID, class, value),
    }
}
