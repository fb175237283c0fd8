//! Names and secrets in command lines of no known program, in what says that one was used, and in lines of netrc(5).

use super::Detector;
use super::command::{argument, hold, next};
use super::context::{Cx, Walk};
use super::front::Anchor;
use super::names::{any, firsts, name_by};
use super::program::Holds;
use super::secret;
use crate::class::{Class, LABEL};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::strings::around;
use crate::format::value::{Quote, quote_at, string_end};
use crate::record::Span;

const ID: &str = "shell";

/// What reads the words around a literal.
type Read = fn(&mut Cx<'_>, Span);

const SAID: &[(&str, Read)] = &[
    ("chpasswd", given),
    (" -u ", beside),
    (" -U ", beside),
    (" -u=", beside),
    (" -U=", beside),
    ("passwd --stdin ", set),
    ("rabbitmqctl add_user ", added),
    ("rabbitmqctl change_password ", added),
    ("rabbitmqctl authenticate_user ", added),
    ("ith password ", used),
    ("sing password ", used),
    ("assword is: ", used),
    ("machine ", netrc),
    ("machine\t", netrc),
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
        "tool -u=pat -p=hunter2x",
        "tool -P=hunter2x -U=pat",
        r#"{"cmd":"chpasswd <<EOF\npat:hunter2\nEOF\n"}"#,
        r#"{"cmd":"chpasswd <<'E'\npat:hunter2\nE"}"#,
        "echo hunter2 | passwd --stdin pat",
        "echo 'hun ter2' | sudo passwd --stdin pat",
        "rabbitmqctl add_user pat hunter2",
        r#"{"cmd":"rabbitmqctl change_password pat \"hun ter2\""}"#,
        "Your password is: Hunter2x",
        "logged in with password hunter2x",
        "Using password hunter2x, 3 tries",
        "machine h.example login pat password hunter2",
        "machine h.example login pat account x password hunter2",
        "machine\th.example\tlogin\tpat\tpassword\thunter2",
        r#"{"m":"machine h.example\n  login pat\n  password hunter2\n"}"#,
        r#"{"cmd":"tool -p hunter2X -u ann\nls -l"}"#,
        r#"{"cmd":"tool -u CORP\\pat -p hunter2X\n"}"#,
        r#"{"m":"{\"cmd\":\"tool -p hunter2X -u CORP\\\\pat\\nUsing\"}"}"#,
        r#"{"cmd":"chpasswd <<< pat:hunter2\nls"}"#,
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
        "machine translated login prompt password field",
        "f'machine {hostname}{path} login {self.username} password {self.password}'",
        "machine h.example login $1 password $2",
        "Your password is: required",
        "echo $P | passwd --stdin $U",
        "passwd --stdin pat",
        "rabbitmqctl add_user $1 $2",
        "rabbitmqctl list_users",
        r#"{"cmd":"chpasswd <<EOF","n":"a:b"}"#,
        "tool -u=pat -p=8080:80",
        "with password authentication2",
        "login with password MySQL5",
        "connecting with password Manager2",
        r#"{"cmd":"chpasswd <<< 'pat","z":"ke:ep","y":1}"#,
        r#"{"cmd":"chpasswd <<< 'pat:hunter2","z":"it's","y":1}"#,
        r#"{"m":"{\"cmd\":\"chpasswd <<< 'pat:x\",\"z\":\"it's\"}"}"#,
        "chpasswd <<< 'pat:hunter2",
        r#"{"cmd":"echo 'pat:x","z":"y' | chpasswd"}"#,
        "printf '%s:%s' pat hunter2 | chpasswd",
        r#"["tool -u pat -p "]"#,
        r#"{"cmd":"tool -u pat -p 'hunter2X","z":"it's"}"#,
        "python -u main.py -p Config1",
        "/usr/bin/python3.11 -u main -p Config1",
        "run -u main.py -p Config1",
        "git push -u origin -p Branch1",
        "git diff -u HEAD -p HEAD~1",
        "diff -u a.txt -p B1.txt",
        "patch -u a -p Level1",
        "psql -U postgres -P pager=off",
        "tool -U pat -P pager=off",
        "ip -u x -p 10.0.0.0/8",
        "tool -u x -p REDACTED-IP/8",
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

/// `echo 'pat:hunter2' | sudo chpasswd`, `chpasswd <<< 'pat:hunter2'`, `chpasswd <<EOF\npat:hunter2\nEOF` in a string.
fn given(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let here = hay.get(literal.end..).unwrap_or_default();
    if here.starts_with(b" <<<") {
        let at = next(hay, literal.end.saturating_add(b" <<<".len()));
        if let Some((text, _)) = word(hay, at) {
            pair(cx, text);
        }
    } else if here.starts_with(b" <<") {
        document(cx, literal.end.saturating_add(b" <<".len()));
    } else if let Some(text) = told(hay, literal.start) {
        pair(cx, text);
    }
}

/// The lines that a string has behind `<<EOF`, whose end is at `at`.
fn document(cx: &mut Cx<'_>, at: usize) {
    const LINES_MAX: usize = 16;
    const LINE_BYTES_MAX: usize = 256;
    let hay = cx.hay();
    let marks = |b: u8| matches!(b, b'-' | b' ' | b'"' | b'\'' | b'\\');
    let start = skip(hay, at, 8, marks);
    // Another one in its lines is of them.
    if !cx.fresh(Walk::Document, start) {
        return;
    }
    let tag = Span::new(start, skip(hay, start, 32, is_word));
    let around = around(hay, start);
    // A quote around the tag.
    let quote = usize::from(byte(hay, tag.end) == b'\'');
    let mut at = tag.end.saturating_add(quote);
    for _ in 0..LINES_MAX {
        let letter = skip(hay, at, 16, |b| b == b'\\');
        let feed = run(letter.saturating_sub(at), byte(hay, letter), around) == Run::Blank;
        if byte(hay, letter) != b'n' || !feed {
            return;
        }
        let start = letter.saturating_add(1);
        let end = skip(hay, start, LINE_BYTES_MAX, |b| b != b'"' && !is_end(b));
        let Some(end) = written_end(hay, Span::new(start, end), around) else {
            return;
        };
        let line = Span::new(start, end);
        if line.of(hay) == tag.of(hay) {
            return;
        }
        pair(cx, line);
        at = end;
        cx.walk_to(Walk::Document, end);
    }
}

/// What `echo` or `printf` gives to the command whose name is at `start`.
fn told(hay: &[u8], start: usize) -> Option<Span> {
    const TOLD_BYTES_MAX: usize = 256;
    // `| sudo -n /usr/sbin/`
    let way = |b: u8| is_word(b) || matches!(b, b' ' | b'/' | b'-');
    let pipe = skip_back(hay, start, 48, way).saturating_sub(1);
    if byte(hay, pipe) != b'|' {
        return None;
    }
    let end = skip_back(hay, pipe, 4, is_blank);
    let told = skip_back(hay, end, TOLD_BYTES_MAX, |b| {
        !matches!(b, b'|' | b';' | b'&') && !is_end(b)
    });
    let text = Span::new(told, end);
    let at = [&b"echo "[..], b"printf "].iter().find_map(|word| {
        let at = memchr::memmem::rfind(text.of(hay), word)?;
        Some(at.saturating_add(word.len()))
    })?;
    let mut at = next(hay, told.saturating_add(at));
    // `echo -e`
    while byte(hay, at) == b'-' {
        at = next(hay, skip(hay, at, 8, |b| b > b' '));
    }
    let (said, _) = word(hay, at).filter(|_| at < end)?;
    Some(Span::new(said.start, said.end.min(end)))
}

/// `echo hunter2 | passwd --stdin pat`
fn set(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some(secret) = told(hay, literal.start).map(|text| without_feed(hay, text)) else {
        return;
    };
    if let Some((who, _)) = word(hay, literal.end)
        && !is_filled(secret.of(hay))
        && !secret.is_empty()
    {
        if is_account(who.of(hay)) {
            name_by(cx, ID, who);
        }
        cx.text(secret, Class::PASSWORD, ID, "what a command is told");
    }
}

/// `rabbitmqctl add_user pat hunter2`
fn added(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some((who, end)) = word(hay, literal.end).filter(|(who, _)| is_account(who.of(hay))) else {
        return;
    };
    name_by(cx, ID, who);
    let start = next(hay, end);
    if let Some((secret, _)) = word(hay, start).filter(|_| start > end)
        && !is_filled(secret.of(hay))
        && !secret.is_empty()
    {
        cx.text(secret, Class::PASSWORD, ID, "what a command is told");
    }
}

/// Whether `text` may be the name of an account in a command.
fn is_account(text: &[u8]) -> bool {
    !text.is_empty()
        && byte(text, 0) != b'-'
        && !text
            .iter()
            .all(|b| is_digit(*b) || matches!(b, b':' | b'.'))
        && text.iter().all(|b| is_word(*b) || b"@.-\\+".contains(b))
}

/// Whether `text` is filled in by a shell or a program: `$1`, `{password}`, `<password>`; or a flag.
fn is_filled(text: &[u8]) -> bool {
    matches!(
        byte(text, 0),
        b'{' | b'$' | b'%' | b'<' | b'-' | b'`' | b'|' | b'>'
    )
}

/// `text` without the line feed that a format ends with.
fn without_feed(hay: &[u8], text: Span) -> Span {
    let said = text.of(hay);
    let said = said.strip_suffix(b"n").unwrap_or(said);
    let length = match said.ends_with(b"\\") {
        true => skip_back(said, said.len(), 8, |b| b == b'\\'),
        false => text.len(),
    };
    Span::new(text.start, text.start.saturating_add(length))
}

/// `pat:hunter2`; the line feed of a format is no part of it.
fn pair(cx: &mut Cx<'_>, text: Span) {
    let hay = cx.hay();
    let text = without_feed(hay, text);
    let colon = skip(hay, text.start, 64.min(text.len()), |b| b != b':');
    let who = Span::new(text.start, colon);
    let account = who.of(hay).iter().any(|b| !is_digit(*b))
        && who.of(hay).iter().all(|b| *b > b' ' && *b != b'$');
    // `printf '%s:%s' pat hunter2`
    let format = memchr::memmem::find(text.of(hay), b"%s").is_some();
    if account && !format && byte(hay, colon) == b':' && colon.saturating_add(1) < text.end {
        // A quote in front of it says where it ends.
        cx.closed = matches!(before(hay, text.start), b'"' | b'\'');
        hold(cx, ID, Holds::Both, text);
        cx.closed = false;
    }
}

/// `-u pat -p hunter2x`, `-p hunter2x -u pat`: next to each other, and nothing else that `-p` has where it is no
/// password's: a port, a process, a level, a path.
fn beside(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let [_, _, mark, border] = literal.of(hay) else {
        return;
    };
    let flag = match mark {
        b'u' => [b'-', b'p', *border],
        _ => [b'-', b'P', *border],
    };
    let front = in_front(hay, literal.start, &flag);
    let (_, end) = argument(hay, literal.end);
    let behind = next(hay, end);
    let start = behind.saturating_add(flag.len());
    let goes_on = Span::new(behind, start).of(hay) == flag && behind > end;
    // Most have neither, and what string they stand in is not looked for.
    if front.is_none() && !goes_on {
        return;
    }
    let Some((who, end)) = word(hay, literal.end) else {
        return;
    };
    let text = who.of(hay);
    if !is_account(text) || is_file(text) {
        return;
    }
    let secret = match goes_on && next(hay, end) == behind {
        true => word(hay, next(hay, start)).map(|(secret, _)| secret),
        false => front,
    };
    // `127.0.0.1:8080:80`, whatever stands for the address.
    let ports = |text: &[u8]| {
        text.windows(2)
            .any(|w| matches!(w, [b':', b] if is_digit(*b)))
    };
    let own = |secret: &Span| {
        let text = secret.of(hay);
        is_secret(text) && !ports(text) && !is_network(text) && !is_option(text)
    };
    if let Some(secret) = secret.filter(own)
        && !is_of_another(hay, literal.start)
    {
        name_by(cx, ID, without_domain(hay, who));
        cx.text(secret, Class::PASSWORD, ID, "a flag beside an account's");
    }
}

/// Whether `text` is called like a file, `main.py`.
fn is_file(text: &[u8]) -> bool {
    const KINDS: &[&str] = &[
        "py", "js", "ts", "rb", "pl", "sh", "txt", "json", "yml", "yaml", "xml", "conf", "cfg",
        "ini", "log", "csv", "sql", "go", "rs", "java", "jar", "md", "html", "c", "h", "cpp",
        "patch",
    ];
    memchr::memrchr(b'.', text)
        .and_then(|at| text.get(at.saturating_add(1)..))
        .is_some_and(|kind| any(kind, KINDS))
}

/// `10.0.0.0/8`, whatever stands for the address.
fn is_network(text: &[u8]) -> bool {
    let length = skip_back(text, text.len(), 3, is_digit);
    length < text.len() && before(text, length) == b'/'
}

/// `pager=off`: a name in small letters and what it is set to.
fn is_option(text: &[u8]) -> bool {
    let name = skip(text, 0, text.len(), |b| b.is_ascii_lowercase() || b == b'_');
    let mut value = text.iter().skip(name.saturating_add(1));
    name > 0 && byte(text, name) == b'=' && value.all(|b| b.is_ascii_lowercase() || is_digit(*b))
}

/// Whether the command that goes on at `at` is one whose `-u` and `-p` are no account's and no password's.
fn is_of_another(hay: &[u8], at: usize) -> bool {
    const OTHERS: &[&str] = &[
        "git",
        "diff",
        "patch",
        "python",
        "pypy",
        "perl",
        "psql",
        "ps",
        "pgrep",
        "ip",
        "ss",
        "journalctl",
        "strace",
        "sort",
        "cargo",
        "wget",
    ];
    let start = skip_back(hay, at, 128, |b| {
        !matches!(b, b'|' | b';' | b'&' | b'"' | b'\'' | b'(') && !is_end(b)
    });
    let mut other = false;
    for word in Span::new(start, at).of(hay).split(|b| *b == b' ') {
        let name = memchr::memrchr(b'/', word).map_or(0, |at| at.saturating_add(1));
        let number = skip_back(word, word.len(), 8, |b| is_digit(b) || b == b'.');
        other |= any(Span::new(name, number).of(word), OTHERS);
        // `cargo run -- -u ann`: what it runs has its own.
        other &= word != b"--";
    }
    other
}

/// The word at `at` without its quotes, and where it ends: in front of a line end or a tab that is written as such, and
/// of the end of the string around it. Nothing where no quote closes what one opens.
fn word(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let around = around(hay, at);
    let Some((quote, _)) = quote_at(hay, at) else {
        let (text, end) = argument(hay, at);
        let cut = written_end(hay, text, around).unwrap_or(end);
        return Some((Span::new(text.start, cut.min(text.end)), cut));
    };
    // The quote that closes the string around opens nothing.
    if around.is_some_and(|outer| quote.byte == outer.byte && quote.escapes <= outer.escapes) {
        return None;
    }
    let (text, end) = argument(hay, at);
    let close = text.end.saturating_add(quote.escapes);
    // Of what is behind it nothing is looked at.
    let near = hay.get(..close).unwrap_or(hay);
    let held = around.is_none_or(|outer| string_end(near, text.start, outer) >= near.len());
    (text.start > at && byte(hay, close) == quote.byte && held).then_some((text, end))
}

/// How a run of backslashes in a word reads.
#[derive(PartialEq, Eq)]
pub(super) enum Run {
    /// As the beginning of an escape for a line end or a tab.
    Blank,
    /// As one that is written for itself.
    One,
    Other,
}

/// The run of `count` backslashes in front of `letter`, in a string of the quote `around`.
pub(super) fn run(count: usize, letter: u8, around: Option<Quote>) -> Run {
    let Some(quote) = around else {
        return match count {
            1 | 2 => Run::One,
            _ => Run::Other,
        };
    };
    let unit = quote.escapes.saturating_add(1);
    let escapes = [1usize, 2, 4, 8].into_iter().any(|own| {
        let odd = count.checked_div(own).is_some_and(|times| times % 2 == 1);
        own <= unit && count.is_multiple_of(own) && odd
    });
    match letter {
        b'n' | b'r' | b't' if escapes => Run::Blank,
        b'b' | b'f' | b'u' | b'/' if escapes => Run::Other,
        _ if count == 1 || count == unit.saturating_mul(2) => Run::One,
        _ => Run::Other,
    }
}

/// The runs of backslashes in `text`: where each starts and ends.
fn runs(hay: &[u8], text: Span) -> impl Iterator<Item = Span> {
    let mut at = text.start;
    std::iter::from_fn(move || {
        let start = skip(hay, at, text.end.saturating_sub(at), |b| b != b'\\');
        at = skip(hay, start, text.end.saturating_sub(start), |b| b == b'\\');
        (at > start).then(|| Span::new(start, at))
    })
}

/// Where a line end or a tab is written in `text`.
fn written_end(hay: &[u8], text: Span, around: Option<Quote>) -> Option<usize> {
    let blank = |slashes: &Span| run(slashes.len(), byte(hay, slashes.end), around) == Run::Blank;
    runs(hay, text).find(blank).map(|slashes| slashes.start)
}

/// `ann` of `CORP\ann`: the domain stays.
fn without_domain(hay: &[u8], who: Span) -> Span {
    let mut slashes = runs(hay, who);
    let around = around(hay, who.start);
    match (slashes.next(), slashes.next()) {
        (Some(one), None) if run(one.len(), byte(hay, one.end), around) == Run::One => {
            Span::new(one.end, who.end)
        }
        _ => who,
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
    // `-p=hunter2x`
    let bound = !quoted && Span::new(start, close).of(hay).starts_with(flag);
    let start = start.saturating_add(if bound { flag.len() } else { 0 });
    let open = start.saturating_sub(usize::from(quoted));
    let open = skip_back(hay, open, 16, |b| quoted && b == b'\\');
    let same = !quoted
        || byte(hay, start.saturating_sub(1)) == quote
            && start.saturating_sub(open) == end.saturating_sub(close);
    let flagged = hay.get(..open)?.ends_with(flag);
    (same && flagged).then_some(Span::new(start, close))
}

/// Whether `text` is like a secret and not like a name with a number, `db-1`, or an address.
pub(super) fn is_secret(text: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_uppercase() || b"!#$%&*+=^~?@".contains(b);
    let parts = |b: &u8| matches!(b, b':' | b'-' | b'.' | b'/' | b',');
    secret::is_like_one(text)
        && (text.iter().any(sign) || !text.iter().any(parts))
        && !text.starts_with(LABEL.as_bytes())
}

/// Whether `text` is a word with a number behind, `Phase1`, `TLSv1.2`, as sentences have them.
pub(super) fn is_numbered(text: &[u8]) -> bool {
    let letters = skip(text, 0, text.len(), |b| {
        b.is_ascii_alphabetic() || matches!(b, b'-' | b'_')
    });
    let end = skip(text, letters, text.len(), |b| is_digit(b) || b == b'.');
    end == text.len()
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
    if is_secret(word.of(hay)) && !is_numbered(word.of(hay)) {
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
    let known = host.of(hay).contains(&b'.') && !is_filled(host.of(hay)) && !is_filled(who.of(hay));
    if let Some(secret) = field(at, b"password")
        && known
        && !matches!(byte(secret.of(hay), 0), b'{' | b'$' | b'%')
    {
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
