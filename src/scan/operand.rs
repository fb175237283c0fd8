//! Operands of commands that are accounts or secrets by their place or form: `htpasswd -b FILE USER PASSWORD`, `su - USER`,
//! `scp FILE USER@HOST:`.

use super::Detector;
use super::command::{argument, next};
use super::context::Cx;
use super::front::Anchor;
use super::names::stops;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, is_word, skip};
use crate::record::Span;

const ID: &str = "operand";

const COMMANDS: &[&str] = &["htpasswd ", "su - ", "su -l ", "scp ", "rsync ", "sftp "];

/// Words of a command line that are looked at.
const WORDS_MAX: usize = 32;

/// `htpasswd -b file ann hunter2`, `su - ann`, `scp x ann@h:`, `rsync ann@h::m`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: COMMANDS,
    source: "manuals of the Apache HTTP Server (htpasswd), shadow (su), OpenSSH, rsync",
    confirm,
    finds: &[
        "htpasswd -b /etc/users ann hunter2",
        "COMMAND=/usr/bin/htpasswd -cbB users ann 'hunt er2'",
        "htpasswd -nb ann hunter2",
        "CMD (su - ann -c backup)",
        "su - ann",
        r#"{"cmd":"/bin/su -l ann"}"#,
        "<cmd>su - ann</cmd>",
        "scp -P 22 x ann@h:",
        "rsync -av ann@h::m /srv",
        "sftp -b batch ann@h",
    ],
    leaves: &[
        "htpasswd -c users ann",
        "htpasswd -v file ann",
        "su - run a command as another user",
        "su - -c id",
        "tsu - ann",
        "sftp subsystem ready",
        "scp x h:y",
        "scp ./a@b c",
        "rsync [ann] failed",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, COMMANDS) else {
        return;
    };
    let front = before(hay, at.saturating_sub(literal.len()));
    if is_word(front) || matches!(front, b'-' | b'.') {
        return;
    }
    match literal {
        "htpasswd " => htpasswd(cx, at),
        "su - " | "su -l " => became(cx, at),
        _ => remote(cx, at, literal == "sftp "),
    }
}

/// The words of a command line from `at`.
fn words(hay: &[u8], at: usize) -> impl Iterator<Item = Span> {
    let mut word = at;
    std::iter::from_fn(move || {
        let (text, end) = argument(hay, word);
        (end > word).then(|| {
            word = next(hay, end);
            text
        })
    })
    .take(WORDS_MAX)
}

/// With `-b` the password is an operand, behind the account and, but with `-n`, the file.
fn htpasswd(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let (mut given, mut shown) = (false, false);
    let mut operands = 0usize;
    let mut account = None;
    for word in words(hay, at) {
        let text = word.of(hay);
        if let Some(flags) = text.strip_prefix(b"-") {
            given |= flags.contains(&b'b');
            shown |= flags.contains(&b'n');
            continue;
        }
        operands = operands.saturating_add(1 + usize::from(shown && operands == 0));
        match operands {
            2 if given => account = Some(word),
            3 => {
                if let Some(account) = account {
                    cx.text(account, Class::ACCOUNT, ID, "whose password is set");
                    cx.text(word, Class::PASSWORD, ID, "a password on a command line");
                }
                break;
            }
            _ => {}
        }
    }
}

/// Whom `su` becomes, where nothing but its flags follows: `su - run a command` is a title.
fn became(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let end = skip(hay, at, 32, |b| is_word(b) || matches!(b, b'.' | b'-'));
    let name = Span::new(at, end);
    let first = byte(hay, at);
    let behind = byte(hay, end);
    let flags =
        behind == b' ' && matches!(byte(hay, end.saturating_add(1)), b'-' | b'&' | b'|' | b';');
    let closed = is_end(behind)
        || matches!(
            behind,
            b'"' | b'\'' | b'\\' | b')' | b']' | b';' | b'\r' | b',' | b'<'
        );
    if (first.is_ascii_alphabetic() || first == b'_') && (flags || closed) && !stops(name.of(hay)) {
        cx.text(name, Class::ACCOUNT, ID, "whom su becomes");
    }
}

/// `user@host:path`, and of what only connects `user@host`.
fn remote(cx: &mut Cx<'_>, at: usize, connects: bool) {
    let hay = cx.hay();
    for word in words(hay, at) {
        let text = word.of(hay);
        let Some(border) = memchr::memchr(b'@', text) else {
            continue;
        };
        let (user, host) = text.split_at_checked(border).unwrap_or_default();
        let named = !user.is_empty()
            && user
                .iter()
                .all(|b| is_word(*b) || matches!(b, b'.' | b'-' | b'+'))
            && !user.starts_with(b"-");
        let host = host.get(1..).unwrap_or_default();
        let somewhere = byte(host, 0).is_ascii_alphanumeric() || byte(host, 0) == b'[';
        if named && somewhere && (connects || memchr::memchr(b':', host).is_some()) {
            let account = Span::new(word.start, word.start.saturating_add(border));
            cx.text(account, Class::ACCOUNT, ID, "who signs in to a host");
        }
    }
}
