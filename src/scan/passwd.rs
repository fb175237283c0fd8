//! Rows of the account files of Unix: `pat:x:1001:1001:Pat Lee,,,:/home/pat:/bin/sh`, `pat:$6$salt$hash:19000:0:99999:7:::`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::{is_name, stops};
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_escape_letter, skip, skip_back, unmarked,
};
use crate::record::Span;

const ID: &str = "passwd";

/// What the second field begins with, and the colon in front of it.
const SECONDS: &[&str] = &[
    ":x:", ":$1$", ":$2a$", ":$2b$", ":$2y$", ":$5$", ":$6$", ":$y$",
];

/// Longest field of a row.
const FIELD_BYTES_MAX: usize = 256;

/// The account's name, and its owner's.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::NAME, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: SECONDS,
    source: "passwd(5), shadow(5), crypt(5)",
    confirm,
    finds: &[
        "pat:x:1001:1001:Pat Lee,,,:/home/pat:/bin/bash",
        "pat:x:1001:1001::/srv:/bin/sh",
        "line 'pat:x:1001:1001:Pat Lee:/srv:/bin/sh' is bad",
        "pat:$6$ab$cdef:19000:0:99999:7:::",
        "pat:$y$j9T$ab$cdef:19000::::::",
        r#"{"m":"text here\npat:x:1001:1001:Pat Lee:/srv:/bin/sh\n"}"#,
        r#"{"m":"\u003c/x\u003epat:$6$ab$cdef:19000:0:9"}"#,
        r#"{"m":"done\npat:$6$ab$cdef:19000:0:99999:7:::"}"#,
    ],
    leaves: &[
        "root:x:0:0:root:/root:/bin/bash",
        "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
        "wheel:x:10:pat",
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
        "a:x:b",
        "1000:x:1000:1000::/x",
        "urn:x:1001:1001:c:/a:b",
        "cost:$5$ a",
        "svc:x:999:999:Service Account:/nonexistent:/usr/sbin/nologin",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, SECONDS) else {
        return;
    };
    let end = at.saturating_sub(literal.len());
    let start = skip_back(hay, end, 160, |b| is_name(b) && !matches!(b, b':' | b'\\'));
    // `…\npat:x:…`
    let start = start.saturating_add(usize::from(is_escape_letter(hay, start)));
    // `\u003epat:x:…`
    let code = skip(hay, start.saturating_add(1), 4, |b| b.is_ascii_hexdigit());
    let start = match before(hay, start) == b'\\' && byte(hay, start) == b'u' {
        true => code,
        false => start,
    };
    let who = Span::new(unmarked(hay, start), end);
    let nobody = matches!(who.of(hay), b"nobody" | b"nfsnobody");
    let named = byte(hay, who.start).is_ascii_alphabetic() || byte(hay, who.start) == b'_';
    if !named || nobody || stops(who.of(hay)) || before(hay, who.start) == b':' {
        return;
    }
    if literal == ":x:" {
        of_an_account(cx, who, at);
    } else {
        of_a_hash(cx, who, end.saturating_add(1));
    }
}

/// The end of the field at `at`.
fn field(hay: &[u8], at: usize) -> usize {
    skip(hay, at, FIELD_BYTES_MAX, |b| b != b':' && !is_end(b))
}

/// The end of the digits at `at`, where a colon is behind them; `least` at least.
fn number(hay: &[u8], at: usize, least: usize) -> Option<usize> {
    let end = skip(hay, at, 10, is_digit);
    (end >= at.saturating_add(least) && byte(hay, end) == b':').then_some(end)
}

/// The numbers of the account and of its group, comments, home, shell.
fn of_an_account(cx: &mut Cx<'_>, who: Span, at: usize) {
    /// Accounts of people have numbers from here on (login.defs, `UID_MIN`).
    const PEOPLE_FROM: usize = 4;
    let hay = cx.hay();
    let Some(uid) = number(hay, at, 1) else {
        return;
    };
    let Some(gid) = number(hay, uid.saturating_add(1), 1) else {
        return;
    };
    let comment = Span::new(gid.saturating_add(1), field(hay, gid.saturating_add(1)));
    let home = comment.end.saturating_add(1);
    let shell = field(hay, home).saturating_add(1);
    if byte(hay, comment.end) != b':' || byte(hay, home) != b'/' || byte(hay, shell) != b'/' {
        return;
    }
    if uid.saturating_sub(at) < PEOPLE_FROM {
        return cx.reject(who, Class::ACCOUNT, ID, "an account of the system");
    }
    cx.text(who, Class::ACCOUNT, ID, "the account of a row of passwd");
    // `Pat Lee,room,phone,`
    let full = Span::new(
        comment.start,
        skip(hay, comment.start, comment.len(), |b| b != b','),
    );
    if !full.is_empty() {
        cx.text(full, Class::NAME, ID, "whose account it is");
    }
}

/// The hash of a password, and days.
fn of_a_hash(cx: &mut Cx<'_>, who: Span, at: usize) {
    let hay = cx.hay();
    let hash = Span::new(at, field(hay, at));
    let sign = |b: &u8| b.is_ascii_alphanumeric() || b"$./=,-_".contains(b);
    let whole = hash.of(hay).iter().all(sign) && byte(hay, hash.end) == b':';
    // `$6$salt$hash`
    let parts = memchr::memchr_iter(b'$', hash.of(hay)).count();
    if !whole || parts < 3 || number(hay, hash.end.saturating_add(1), 0).is_none() {
        return;
    }
    cx.text(who, Class::ACCOUNT, ID, "the account of a row of shadow");
    cx.text(hash, Class::PASSWORD, ID, "the hash of a row of shadow");
}
