//! Values behind an arrow: Ruby hashes, PHP arrays and dumps, Perl.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use super::keys;
use super::object;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::{Value, container_end_within, leaves, number, quote_at, string_end};
use crate::record::Span;

const ID: &str = "arrow";

/// `"key" => value`, `:key=>value`, `[key] => value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Greater],
    literals: &[],
    source: "Ruby Hash#inspect; PHP var_export, print_r, var_dump; Perl Data::Dumper",
    confirm,
    finds: &[
        r#"{:user=>"al", :password=>"hunt er2"}"#,
        r#"{"password" => "hunter2", "n" => 1}"#,
        "array ( 'user' => 'al', 'password' => 'hunter2', )",
        "Array([user] => al lee [password] => hunter2 [n] => 1)",
        "    [password] => hunter2",
        r#"["password"]=> string(7) "hunter2""#,
        r#"["password"]=> string(7 "hunter2""#,
        r#"object(User)#1 (2) { ["id"]=> int(7) ["name"]=> string(3) "ann" }"#,
        r#"["imei"]=> int(490154203237518)"#,
        r#"["lat"]=> float(31.2304)"#,
        "User Object ( [n] => 1 [name] => ann )",
        "[user] => Array ( [n] => 1 [name] => ann )",
        r#"{"token"=>["a1", "b2"]}"#,
        "params: password => hunter2, n => 1",
        r#"{"imei"=>490154203237518}"#,
        r#"#{password => <<"hunter2">>,n => 3}"#,
        "Map(n -> 1, password -> Winter2026, x -> 2)",
    ],
    leaves: &[
        "users.map(user => user.name)",
        "password => check",
        "token => sha256(token)",
        "tokens.map(token => token1)",
        "const f = token => next2.foo;",
        "secret => base64",
        "map(password => $password2)",
        "list.map(password -> password2.length())",
        "state: password -> confirm",
        "foreach ($a as $password => check2)",
        r#"{"password"=>nil}"#,
        r#"{"status"=>"ok"}"#,
        "x->user",
        r#"object(Service)#1 (1) { ["name"]=> string(3) "api" }"#,
        "Array ( [name] => api )",
    ],
};

const fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let stem = before(hay, at);
    // `->` of Scala's maps has a blank on both sides.
    let map = stem == b'-'
        && before(hay, at.saturating_sub(1)) == b' '
        && byte(hay, at.saturating_add(1)) == b' ';
    if byte(hay, at) != b'>' || stem != b'=' && !map {
        return;
    }
    let mut end = skip_back(hay, at.saturating_sub(1), 64, is_blank);
    let bracket = before(hay, end) == b']';
    if bracket {
        end = end.saturating_sub(1);
    }
    let mut quote = None;
    if matches!(before(hay, end), b'"' | b'\'') {
        let slash = skip_back(hay, end.saturating_sub(1), 15, |b| b == b'\\');
        quote = Some(before(hay, end));
        end = slash;
    }
    let Some((mut start, mut named)) = object::named_in_dump(cx, end) else {
        return;
    };
    // Two words are a key in brackets only.
    if let Some(blank) = memchr::memrchr(b' ', Span::new(start, end).of(hay)) {
        start = start.saturating_add(blank).saturating_add(1);
        match keys::named_in(cx, Span::new(start, end)) {
            Some(own) => named = own,
            None => return,
        }
    }
    let class = named.class;
    let key = Span::new(start, end);
    if map && (quote.is_some() || bracket || class != Class::PASSWORD) {
        return;
    }
    let sure = match before(hay, start) {
        b'[' => bracket,
        b':' => quote.is_none(),
        b => quote == Some(b),
    };
    let value = skip(hay, at.saturating_add(1), 64, is_blank);
    // `string(7) "…"`
    let value = match Span::new(value, value.saturating_add(7)).of(hay) {
        b"string(" => {
            let digits = skip(hay, value.saturating_add(7), 12, is_digit);
            match byte(hay, digits) {
                b')' => skip(hay, digits.saturating_add(1), 8, is_blank),
                _ => skip(hay, digits, 8, is_blank),
            }
        }
        _ => value,
    };
    // `<<"…">>`, a binary of Erlang.
    let binary = Span::new(value, value.saturating_add(3)).of(hay) == b"<<\"";
    let value = value.saturating_add(if binary { 2 } else { 0 });
    if let Some((quote, content)) = quote_at(hay, value)
        && !map
    {
        let span = Span::new(content, string_end(hay, content, quote));
        return take(cx, ID, named, Value::Quoted(span));
    }
    // `int(7)`, `float(31.2)`
    let digits = [&b"int("[..], b"float("].iter().find_map(|kind| {
        let rest = hay.get(value..)?;
        rest.starts_with(kind)
            .then(|| value.saturating_add(kind.len()))
    });
    if let Some(digits) = digits {
        let end = skip(hay, digits, 32, |b| b != b')' && !is_end(b));
        return take(cx, ID, named, number(hay, Span::new(digits, end)));
    }
    if !sure
        && class == Class::PASSWORD
        && quote.is_none()
        && !matches!(before(hay, start), b'$' | b'@' | b'>')
        && let Some(secret) = secret(hay, value)
        && (is_pass(key.of(hay)) || is_random(secret.of(hay)))
    {
        return take(cx, ID, named, Value::Plain(secret));
    }
    if !sure {
        return cx.reject(key, class, ID, "a bare word and no quoted value");
    }
    if matches!(byte(hay, value), b'[' | b'{') {
        let own = matches!(class, Class::ACCOUNT | Class::COORDINATES) && byte(hay, value) == b'{';
        if !own && cx.fresh(Walk::Arrow, value) {
            let limit = cx.within(Span::new(value, hay.len()));
            let end = container_end_within(hay, limit, &mut cx.unclosed);
            let container = Span::new(value, end);
            cx.walk_to(Walk::Arrow, container.end);
            leaves(hay, container, |leaf| take(cx, ID, named, leaf));
        }
        return;
    }
    let span = if bracket {
        printed(hay, value)
    } else {
        let stop = skip(hay, value, 4096, |b| {
            !matches!(b, b',' | b'}' | b')' | b']' | b' ' | b'"') && !is_end(b)
        });
        Span::new(value, stop)
    };
    take(cx, ID, named, Value::Plain(span));
}

/// `password`, `userPass`, `pwd`: code has tokens and secrets of many other sorts.
fn is_pass(key: &[u8]) -> bool {
    key.windows(4).any(|w| w.eq_ignore_ascii_case(b"pass"))
        || key.windows(3).any(|w| w.eq_ignore_ascii_case(b"pwd"))
}

/// Whether letters and figures are mixed as in no name of code: `8f3kd92kd01`.
fn is_random(text: &[u8]) -> bool {
    const RANDOM_BYTES_MIN: usize = 10;
    let digits = text.iter().filter(|b| is_digit(**b)).count();
    text.len() >= RANDOM_BYTES_MIN
        && text.iter().all(u8::is_ascii_alphanumeric)
        && digits >= 3
        && digits < text.len()
}

/// The word at `start` that code has no name like: with a digit in it, and nothing of a call or a path of names.
fn secret(hay: &[u8], start: usize) -> Option<Span> {
    const SECRET_BYTES_MIN: usize = 6;
    let end = skip(hay, start, 256, |b| {
        b > b' '
            && !matches!(
                b,
                b',' | b';' | b'"' | b'\'' | b'`' | b'\\' | b')' | b']' | b'}' | b'<'
            )
    });
    let span = Span::new(start, end);
    let text = span.of(hay);
    let call = |b: &u8| matches!(b, b'(' | b'[' | b'{' | b'$' | b':');
    (text.len() >= SECRET_BYTES_MIN
        && byte(text, 0).is_ascii_alphanumeric()
        && text.iter().any(|b| is_digit(*b))
        && !text.iter().any(call))
    .then_some(span)
}

/// A value of `print_r`: to the end of its line, or to the next ` [key] =>`.
fn printed(hay: &[u8], start: usize) -> Span {
    let mut at = start;
    loop {
        at = skip(hay, at, 1024, |b| {
            !matches!(b, b'[' | b')' | b'\\' | b'"' | b'\r') && !is_end(b)
        });
        let next = byte(hay, at.saturating_add(1));
        let goes_on = match byte(hay, at) {
            b'[' => {
                let key = skip(hay, at.saturating_add(1), 64, |b| is_word(b) || b == b'-');
                Span::new(key, key.saturating_add(4)).of(hay) != b"] =>"
            }
            b'\\' => !matches!(next, b'n' | b'r'),
            _ => false,
        };
        if !goes_on || at.saturating_sub(start) > 1024 {
            break;
        }
        at = at.saturating_add(1);
    }
    Span::new(start, skip_back(hay, at, 64, is_blank).max(start))
}
