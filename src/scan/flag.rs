//! Values that a long flag names: `--password X`, in a line or in a list of a command's words.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::list::end_in_list;
use super::take::{is_nothing, take};
use super::town::Said;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, is_word, skip, skip_back,
};
use crate::format::value::{Value, quote_at, value_at};
use crate::record::Span;

const ID: &str = "flag";

/// `--key value`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Flag],
    literals: &[],
    source: "POSIX.1-2017 XBD 12, GNU long options",
    confirm,
    finds: &[
        "geo --address 12-Main-Street",
        "mysql --password hunter2 -h db",
        "tool --api-key abcdef",
        r#"["tool","--password","hunter2"]"#,
        r#"{"cmd":"[\"tool\", \"--token\", \"abc123def\"]"}"#,
        "['tool', '--token', 'abc123def']",
        r#"cmd.args("--password", "hunter2")"#,
        "spawn('--password', 'hunter2')",
    ],
    leaves: &[
        "tool --verbose --password",
        "-- user name",
        "systemctl --user start x.service",
        "pip install --user requests",
        "x --addr 0.0.0.0:2024 --max 1",
        "a --- b",
        r#"["tool","--password"]"#,
        r#"["tool","--password","--verbose"]"#,
        r#"["systemctl","--user","start","x"]"#,
        r#"["pip", "install", "--user", "requests"]"#,
        r#"["tool","--password","none"]"#,
        "add_option('--password', 'the password of the user')",
        r#"add_argument("--token", "tok")"#,
        r#"args.get("--token", "tok") flags.StringVar("--token", "tok") getopt("--user", "u")"#,
        "----user ann",
        "fix handling of explicitly set --uid and --gid.",
    ],
};

/// Words in front of a `--user` that says whose manager, bus or folder is meant.
const OF_A_USER: &[&[u8]] = &[
    b"systemd",
    b"systemctl",
    b"systemd-run",
    b"journalctl",
    b"busctl",
    b"loginctl",
    b"install",
    b"flatpak",
];

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(dashes) = at.checked_sub(2) else {
        return;
    };
    if Span::new(dashes, at).of(hay) != b"--"
        || before(hay, dashes) == b'-'
        || !is_word(byte(hay, at))
    {
        return;
    }
    let start = at;
    let end = skip(hay, start, keys::KEY_BYTES_MAX, |b| {
        b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
    });
    let listed = matches!(byte(hay, end), b'"' | b'\'' | b'\\');
    if byte(hay, end) != b' ' && !listed {
        return;
    }
    let Some(named) = keys::named_in(cx, Span::new(start, end)) else {
        return;
    };
    let class = named.class;
    // `systemctl --user start x`, `pip install --user x`: whose, not who.
    if class == Class::ACCOUNT && Span::new(start, end).of(hay) == b"user" {
        let word = if listed {
            skip_back(hay, dashes, 12, |b| {
                matches!(b, b'"' | b'\'' | b'\\' | b',' | b' ')
            })
        } else {
            dashes.saturating_sub(1)
        };
        let word = Span::new(skip_back(hay, word, 16, |b| is_word(b) || b == b'-'), word).of(hay);
        if OF_A_USER.contains(&word) {
            return cx.reject(Span::new(start, end), class, ID, "it has no value");
        }
    }
    let value = if listed {
        next_of_list(cx, dashes, end).map(Value::Quoted)
    } else {
        value_at(hay, end, None, class == Class::PASSWORD, &mut cx.unclosed)
    };
    match value {
        // `--uid and --gid` is prose.
        Some(Value::Quoted(value) | Value::Plain(value))
            if byte(hay, value.start) != b'-'
                && !is_nothing(value.of(hay))
                && !matches!(value.of(hay), b"and" | b"or" | b"is" | b"option" | b"needs") =>
        {
            // `--addr 127.0.0.1:80` is where to listen.
            match class {
                _ if listed || named.town != Said::No => take(cx, ID, named, Value::Quoted(value)),
                Class::ADDRESS if value.of(hay).iter().any(|b| matches!(b, b':' | b'.')) => {
                    take(cx, ID, named, Value::Plain(value));
                }
                _ => cx.named(value, named, ID, "its flag names the class"),
            }
        }
        _ => cx.reject(Span::new(start, end), class, ID, "no value"),
    }
}

/// Whether the string that ends at `end` is the key of an object's member: `{"m":"--password","status":"ok"}`.
fn is_key(hay: &[u8], end: usize) -> bool {
    const LITERALS: [&[u8]; 8] = [
        b"true",
        b"false",
        b"null",
        b"True",
        b"False",
        b"None",
        b"NaN",
        b"Infinity",
    ];
    let colon = skip(hay, end, 16, |b| matches!(b, b' ' | b'\t'));
    let value = skip(hay, colon.saturating_add(1), 16, |b| {
        matches!(b, b' ' | b'\t' | b'\\')
    });
    let first = byte(hay, value);
    let value = hay.get(value..).unwrap_or_default();
    byte(hay, colon) == b':'
        && (is_end(first)
            || is_digit(first)
            || b"\"'{[-".contains(&first)
            || LITERALS.iter().any(|word| value.starts_with(word)))
}

/// The string behind the one from `start` to `end`, in a list of a command's words.
pub(super) fn next_of_list(cx: &mut Cx<'_>, start: usize, end: usize) -> Option<Span> {
    let hay = cx.hay();
    let (quote, behind) = quote_at(hay, end)?;
    let first = start.saturating_sub(quote.escapes).saturating_sub(1);
    let opens = before(hay, start) == quote.byte
        && skip_back(hay, start.saturating_sub(1), 16, |b| b == b'\\') == first;
    let next = skip(hay, behind.saturating_add(1), 2, |b| b == b' ');
    let (second, content) = quote_at(hay, next)?;
    if !opens || byte(hay, behind) != b',' || second != quote {
        return None;
    }
    let value = Span::new(content, end_in_list(cx, content, quote));
    if is_key(
        hay,
        value.end.saturating_add(quote.escapes).saturating_add(1),
    ) {
        return None;
    }
    // `add_option('--password', 'the password of …')` says what a flag is for, `spawn('--password', 'x')` gives it.
    let name = Span::new(
        skip_back(hay, first, 64, |b| is_word(b) || b == b'('),
        first,
    )
    .of(hay);
    let said = name.strip_suffix(b"(").is_some_and(|name| {
        const TELL: [&[u8]; 6] = [b"option", b"argument", b"get", b"var", b"opt", b"flag"];
        TELL.iter().any(|end| ends_in_any_case(name, end))
            || byte(name, 0) != 0 && value.of(hay).contains(&b' ')
    });
    (!said).then_some(value)
}
