//! Names and secrets in command lines of no known program, in what says that one was used, and in lines of netrc(5).

use super::Detector;
use super::command::{argument, hold, next};
use super::context::Cx;
use super::front::Anchor;
use super::names::{firsts, name_by};
use super::program::Holds;
use super::secret;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::quote_at;
use crate::record::Span;

const ID: &str = "shell";

/// What reads the words around a literal.
type Read = fn(&mut Cx<'_>, Span);

const SAID: &[(&str, Read)] = &[
    ("chpasswd", given),
    (" -u ", beside),
    (" -U ", beside),
    ("ith password ", used),
    ("sing password ", used),
    ("machine ", netrc),
];

const LITERALS: [&str; SAID.len()] = firsts!(SAID);

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "chpasswd(8), netrc(5); command lines as shells and sudo log them",
    confirm,
    finds: &[
        "echo 'pat:hunter2' | chpasswd",
        "echo pat:hunter2|sudo chpasswd -e",
        r#"printf "pat:hun ter2\n" | /usr/sbin/chpasswd"#,
        "chpasswd <<< 'pat:hunter2'",
        r#"{"cmd":"echo \"pat:hunter2\" | chpasswd"}"#,
        "app start -u pat -p hunter2x",
        "tool -p 'hunter2x' -u pat run",
        "tool -U pat -P hunter2x",
        r"psexec \h -u CORP\pat -p hunter2x x.exe",
        r#"{"cmd":"tool -u pat -p \"hunter2x\" run"}"#,
        "logged in with password hunter2x",
        "Using password hunter2x, 3 tries",
        "machine h.example login pat password hunter2",
        "machine h.example login pat account x password hunter2",
        r#"{"m":"machine h.example\n  login pat\n  password hunter2\n"}"#,
    ],
    leaves: &[
        "chpasswd[12]: done",
        "echo 10:30 | chpasswd",
        "echo pat | chpasswd",
        "chpasswd < list",
        "docker run -u 1000 -p 8080:80 nginx",
        "docker run -u app -p 8080:80 nginx",
        "docker run -u app -p 127.0.0.1:8080:80/tcp nginx",
        "journalctl -u nginx -p warning",
        "strace -u pat -p 1234",
        "tool -u pat -p $PASS1",
        "tool -u pat --port 1",
        "tool -u pat -p prod-db1",
        "with password authentication",
        "with password sha256",
        "using password YES",
        "using password PASS123",
        "with password $1",
        "a machine login failed",
        "machine h.example login pat",
        "virtual machine vm1 login failed, password expired",
        "machine vm1 login pat passwords x",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    if let Some((_, read)) = SAID.get(index) {
        read(cx, Span::new(at.saturating_sub(literal.len()), at));
    }
}

fn is_blank(b: u8) -> bool {
    b == b' '
}

/// `echo 'pat:hunter2' | sudo chpasswd`, `chpasswd <<< 'pat:hunter2'`.
fn given(cx: &mut Cx<'_>, literal: Span) {
    const TOLD_BYTES_MAX: usize = 256;
    let hay = cx.hay();
    let here = hay.get(literal.end..).unwrap_or_default();
    if here.starts_with(b" <<< ") || here.starts_with(b" <<<") {
        let at = next(hay, literal.end.saturating_add(b" <<<".len()));
        return pair(cx, argument(hay, at).0);
    }
    // `| sudo -n /usr/sbin/`
    let way = |b: u8| is_word(b) || matches!(b, b' ' | b'/' | b'-');
    let pipe = skip_back(hay, literal.start, 48, way).saturating_sub(1);
    if byte(hay, pipe) != b'|' {
        return;
    }
    let end = skip_back(hay, pipe, 4, is_blank);
    let told = skip_back(hay, end, TOLD_BYTES_MAX, |b| {
        !matches!(b, b'|' | b';' | b'&') && !is_end(b)
    });
    let text = Span::new(told, end);
    let Some(at) = [&b"echo "[..], b"printf "].iter().find_map(|word| {
        let at = memchr::memmem::rfind(text.of(hay), word)?;
        Some(at.saturating_add(word.len()))
    }) else {
        return;
    };
    let mut at = next(hay, told.saturating_add(at));
    // `echo -e`
    while byte(hay, at) == b'-' {
        at = next(hay, skip(hay, at, 8, |b| b > b' '));
    }
    if at < end {
        let (said, _) = argument(hay, at);
        pair(cx, Span::new(said.start, said.end.min(end)));
    }
}

/// `pat:hunter2`; the line feed of a format is no part of it.
fn pair(cx: &mut Cx<'_>, text: Span) {
    let hay = cx.hay();
    let said = text.of(hay);
    let said = said.strip_suffix(b"n").unwrap_or(said);
    let length = match said.ends_with(b"\\") {
        true => skip_back(said, said.len(), 8, |b| b == b'\\'),
        false => text.len(),
    };
    let text = Span::new(text.start, text.start.saturating_add(length));
    let colon = skip(hay, text.start, 64.min(text.len()), |b| b != b':');
    let who = Span::new(text.start, colon);
    let account = who.of(hay).iter().any(|b| !is_digit(*b))
        && who.of(hay).iter().all(|b| *b > b' ' && *b != b'$');
    if account && byte(hay, colon) == b':' && colon.saturating_add(1) < text.end {
        hold(cx, ID, Holds::Both, text);
    }
}

/// `-u pat -p hunter2x`, `-p hunter2x -u pat`: next to each other, and nothing else that `-p` has where it is no
/// password's: a port, a process, a level, a path.
fn beside(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let [_, _, mark, _] = literal.of(hay) else {
        return;
    };
    let flag: &[u8] = match mark {
        b'u' => b"-p ",
        _ => b"-P ",
    };
    let (who, end) = argument(hay, literal.end);
    let text = who.of(hay);
    let account = !text.is_empty()
        && byte(text, 0) != b'-'
        && !text
            .iter()
            .all(|b| is_digit(*b) || matches!(b, b':' | b'.'))
        && text.iter().all(|b| is_word(*b) || b"@.-\\+".contains(b));
    if !account {
        return;
    }
    let behind = next(hay, end);
    let start = behind.saturating_add(flag.len());
    let secret = match Span::new(behind, start).of(hay) == flag && behind > end {
        true => Some(argument(hay, next(hay, start)).0),
        false => in_front(hay, literal.start, flag),
    };
    // `127.0.0.1:8080:80`, whatever stands for the address.
    let ports = |text: &[u8]| {
        text.windows(2)
            .any(|w| matches!(w, [b':', b] if is_digit(*b)))
    };
    let own = |secret: &Span| is_secret(secret.of(hay)) && !ports(secret.of(hay));
    if let Some(secret) = secret.filter(own) {
        // `CORP\ann`: the domain stays.
        let domain = memchr::memrchr(b'\\', text).map_or(0, |at| at.saturating_add(1));
        let who = Span::new(who.start.saturating_add(domain), who.end);
        name_by(cx, ID, who);
        cx.text(secret, Class::PASSWORD, ID, "a flag beside an account's");
    }
}

/// The word that ends at `end` and has the flag in front.
fn in_front(hay: &[u8], end: usize, flag: &[u8]) -> Option<Span> {
    let quote = before(hay, end);
    let quoted = matches!(quote, b'"' | b'\'');
    let close = end.saturating_sub(usize::from(quoted));
    let close = skip_back(hay, close, 16, |b| quoted && b == b'\\');
    let start = skip_back(hay, close, 128, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'\\')
    });
    let open = start.saturating_sub(usize::from(quoted));
    let open = skip_back(hay, open, 16, |b| quoted && b == b'\\');
    hay.get(..open)?
        .ends_with(flag)
        .then_some(Span::new(start, close))
}

/// Whether `text` is like a secret and not like a name with a number, `db-1`, or an address.
pub(super) fn is_secret(text: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_uppercase() || b"!#$%&*+=^~?@".contains(b);
    let parts = |b: &u8| matches!(b, b':' | b'-' | b'.' | b'/' | b',');
    secret::is_like_one(text)
        && (text.iter().any(sign) || !text.iter().any(parts))
        && !is_label(text)
}

/// `with password hunter2x`: a word that no sentence has.
fn used(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let (start, most) = match quote_at(hay, literal.end) {
        // Of what is in quotes another rule speaks.
        Some(_) => return,
        None => (literal.end, 128),
    };
    let end = skip(hay, start, most, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'\\' | b'<' | b',' | b';')
    });
    let end = skip_back(hay, end, 2, |b| matches!(b, b'.' | b')')).max(start);
    let word = Span::new(start, end);
    if is_secret(word.of(hay)) {
        cx.text(word, Class::PASSWORD, ID, "a password in a sentence");
    }
}

/// `machine h.example login pat password hunter2`, in one line or, in a string, in several.
fn netrc(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let own = |b: u8| b > b' ' && !matches!(b, b'\\' | b'"' | b'\'' | b'<' | b',');
    let word = |at: usize| Span::new(at, skip(hay, at, 128, own));
    // The word behind the name of a field at `at`.
    let field = |at: usize, name: &[u8]| {
        let named = word(at);
        let value = word(gap(hay, named.end));
        (named.of(hay) == name && !value.is_empty()).then_some(value)
    };
    let host = word(literal.end);
    let Some(who) = field(gap(hay, host.end), b"login") else {
        return;
    };
    let mut at = gap(hay, who.end);
    if let Some(other) = field(at, b"account") {
        at = gap(hay, other.end);
    }
    if let Some(secret) = field(at, b"password").filter(|_| !host.is_empty()) {
        name_by(cx, ID, who);
        cx.text(secret, Class::PASSWORD, ID, "a password of netrc");
    }
}

/// Blanks, and a line feed that is written as one.
fn gap(hay: &[u8], at: usize) -> usize {
    let at = skip(hay, at, 16, |b| matches!(b, b' ' | b'\t'));
    let letter = skip(hay, at, 16, |b| b == b'\\');
    match letter > at && byte(hay, letter) == b'n' {
        true => skip(hay, letter.saturating_add(1), 16, is_blank),
        false => at,
    }
}
