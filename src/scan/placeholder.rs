//! Values that say that they are none: templates that nobody filled in (`<accountId>`, `${USER}`, `{{user}}`, `%s`,
//! `xxxx-xxxx`). What a key names is hidden whatever it looks like, so each of these forms is one that says so as a
//! whole, and a secret's must name the secret too.

use super::keys;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_word};
use crate::record::Span;

/// Longest that is looked at, in bytes.
const BYTES_MAX: usize = 64;

/// Around a name, in programs, shells and templates.
const AROUND: &[(&[u8], &[u8])] = &[
    (b"${", b"}"),
    (b"#{", b"}"),
    (b"%{", b"}"),
    (b"@{", b"}"),
    (b"$(", b")"),
    (b"%(", b")s"),
    (b"{{", b"}}"),
    (b"<%=", b"%>"),
];

/// Whether the value at `span` of the batch is a placeholder for one of `class`.
pub(super) fn is_placeholder(hay: &[u8], span: Span, class: Class) -> bool {
    // Most values begin with a letter or a figure.
    let text = span.of(hay);
    let first = byte(text, 0);
    if class == Class::CUSTOM || text.len() > BYTES_MAX {
        return false;
    }
    match first {
        b'x' | b'X' | b'-' | b'*' if is_crossed_out(text) => true,
        0xE2 => is_dotted_out(text),
        b'<' if between(text, b"<", b">").is_some_and(|name| is_named(name, class)) => true,
        b's' | b'k' => is_withheld(hay, span),
        b'y' | b'Y' => asks_for(text, class),
        // An example's `acct=account`, `user=username`.
        b'a' | b'u' => class == Class::ACCOUNT && matches!(text, b"account" | b"username"),
        b'$' | b'#' | b'%' | b'@' | b'{' | b'<' => is_template(whole(hay, span).of(hay), class),
        _ => false,
    }
}

/// `password = (sensitive value)`, `(known after apply)`: what Terraform's plans have in place of a value.
fn is_withheld(hay: &[u8], span: Span) -> bool {
    const WITHHELD: &[&[u8]] = &[b"(sensitive value)", b"(known after apply)"];
    let tail = hay.get(span.start.wrapping_sub(1)..).unwrap_or_default();
    WITHHELD.iter().any(|text| tail.starts_with(text))
}

/// `XXX`, `xxxx-xxxx`, `x***`.
fn is_crossed_out(text: &[u8]) -> bool {
    text.len() > 2 && text.iter().all(|b| matches!(b, b'x' | b'X' | b'-' | b'*'))
}

/// `•••••`: a sign of punctuation or a symbol (U+2000 to U+2BFF), again and again.
fn is_dotted_out(text: &[u8]) -> bool {
    text.len() > 6
        && text
            .get(1)
            .is_some_and(|second| (0x80..0xB0).contains(second))
        && text.chunks(3).all(|sign| Some(sign) == text.get(..3))
}

fn between<'t>(text: &'t [u8], open: &[u8], close: &[u8]) -> Option<&'t [u8]> {
    text.strip_prefix(open)?.strip_suffix(close)
}

/// `accountId`, `your user name`: a name of the dictionary and nothing else. `<ann>` is somebody.
fn is_named(name: &[u8], class: Class) -> bool {
    let rest = name
        .get(..4)
        .filter(|head| head.eq_ignore_ascii_case(b"your"))
        .and_then(|_| name.get(4..))
        .unwrap_or(name);
    keys::is_name(rest, class) || class == Class::ACCOUNT && is_identifier(name)
}

/// `accountRefId`: a variable of a program by its last word.
fn is_identifier(name: &[u8]) -> bool {
    byte(name, 0).is_ascii_lowercase()
        && name.iter().all(u8::is_ascii_alphabetic)
        && [&b"Id"[..], b"ID", b"Name"]
            .iter()
            .any(|last| name.ends_with(last))
}

/// `YOUR_API_KEY`, `your-token-here`.
fn asks_for(text: &[u8], class: Class) -> bool {
    let Some((head, rest)) = text.split_at_checked(4) else {
        return false;
    };
    let lower = rest.to_ascii_lowercase();
    let Some(name) = lower
        .strip_prefix(b"_")
        .or_else(|| lower.strip_prefix(b"-"))
    else {
        return false;
    };
    let name = name
        .strip_suffix(b"_here")
        .or_else(|| name.strip_suffix(b"-here"))
        .unwrap_or(name);
    head.eq_ignore_ascii_case(b"your") && keys::is_name(name, class)
}

/// With the braces that the value's format took for its own.
fn whole(hay: &[u8], span: Span) -> Span {
    let text = span.of(hay);
    let outer = usize::from(byte(text, 0) == b'{' && before(hay, span.start) == b'{');
    let start = span.start.saturating_sub(outer);
    let mut end = span.end;
    let count = |byte, end| memchr::memchr_iter(byte, Span::new(start, end).of(hay)).count();
    for (open, close) in [(b'{', b'}'), (b'(', b')')] {
        while byte(hay, end) == close && count(open, end) > count(close, end) {
            end = end.saturating_add(1);
        }
    }
    Span::new(start, end)
}

/// A variable of a shell, a place in a template, a conversion of printf's.
fn is_template(text: &[u8], class: Class) -> bool {
    let says = |name: &[u8]| class != Class::PASSWORD || keys::class_of(name) == Some(class);
    let inner = AROUND
        .iter()
        .find_map(|(open, close)| between(text, open, close));
    if let Some(inner) = inner {
        let name = inner.trim_ascii();
        let name = name.strip_prefix(b".").unwrap_or(name);
        let own = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b':');
        return !name.is_empty() && name.iter().all(|b| own(*b)) && says(name);
    }
    if let Some(name) = text.strip_prefix(b"$") {
        let own = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
        return name.len() > 1 && name.iter().all(own) && says(name);
    }
    if let Some(name) = between(text, b"%", b"%") {
        let own = |b: &u8| b.is_ascii_uppercase() || *b == b'_';
        return name.len() > 1 && name.iter().all(own) && says(name);
    }
    matches!(
        text,
        b"%s" | b"%d" | b"%v" | b"%u" | b"%q" | b"%r" | b"%@" | b"%ld" | b"%lu" | b"%+v"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, class: Class) -> bool {
        is_placeholder(text.as_bytes(), Span::new(0, text.len()), class)
    }

    #[test]
    fn templates_are_no_values() {
        for text in [
            "<accountId>",
            "<userName>",
            "<user>",
            "<your user name>",
            "<accoundId>",
            "${USER}",
            "${user.name}",
            "$USER",
            "%USERNAME%",
            "{{ user }}",
            "{{.User}}",
            "%(user)s",
            "#{user}",
            "%s",
            "xxxx-xxxx",
            "XXX",
            "•••••",
            "your_user_name",
        ] {
            assert!(is(text, Class::ACCOUNT), "{text}");
            assert!(!is(text, Class::CUSTOM), "{text}");
        }
        for text in [
            "<accessKeyId>",
            "<YOUR_TOKEN>",
            "${DB_PASSWORD}",
            "$TOKEN",
            "XXX",
            "YOUR-API-KEY-HERE",
            "%s",
        ] {
            assert!(is(text, Class::PASSWORD), "{text}");
        }
    }

    #[test]
    fn what_may_be_somebody_is_one() {
        for text in [
            "<ann>",
            "<ann_user>",
            "<Ann Lee>",
            "ann",
            "xx",
            "x-ray",
            "$",
            "$5",
            "%",
            "yourann",
            "{user}",
            "<>",
            "${}",
        ] {
            assert!(!is(text, Class::ACCOUNT), "{text}");
        }
        for text in [
            "<hunter2>",
            "<userName>",
            "$ecret",
            "$SECRET!",
            "${hunter2}",
            "yourpassword",
            "%20",
            "%AB%",
            "xxx1",
        ] {
            assert!(!is(text, Class::PASSWORD), "{text}");
        }
    }

    #[test]
    fn braces_that_a_format_took_are_given_back() {
        for (text, start, end) in [
            ("user={{user}} x", 6, 11),
            ("user=${USER} x", 5, 11),
            ("u=$(USER) x", 2, 8),
        ] {
            assert!(
                is_placeholder(text.as_bytes(), Span::new(start, end), Class::ACCOUNT),
                "{text}"
            );
        }
        let text = "user={user} x";
        assert!(!is_placeholder(
            text.as_bytes(),
            Span::new(6, 10),
            Class::ACCOUNT
        ));
    }
}
