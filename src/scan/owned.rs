//! Directories of users in requests.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "owned";

/// What stands in front of the name.
const BEGINS: &[&str] = &[" /~", "\"/~"];

/// `GET /~ann/`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Literal],
    literals: BEGINS,
    source: "RFC 3986 §2.3 and UserDir of web servers",
    confirm,
    finds: &[
        "GET /~ann/ HTTP/1.1",
        r#"{"path":"/~ann/x.html"}"#,
        r#"{"http.target" : "/~ann"}"#,
        r#"{"m":"{\"path\":\"/~ann/x.html\"}"}"#,
        "open() \"/~ann/x.html\" failed",
        "Location: /~ann",
        "File does not exist: /~ann/x.html",
        "MKCOL /~ann HTTP/1.1",
    ],
    leaves: &[
        "GET /~/x HTTP/1.1",
        "cd ~/x; ls /~",
        "cp x /~tmp file",
        "ls /~backup/",
        r#"{"dir":"/~tmp/x"}"#,
        "mv x /~x/y",
        "takes 5 /~ten seconds",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, BEGINS) else {
        return;
    };
    let border = at.saturating_sub(literal.len());
    let end = skip(hay, at, 64, |b| is_word(b) || matches!(b, b'.' | b'-'));
    let name = Span::new(at, end);
    // What nobody asks for is a path by what it goes on with.
    let is_home = match byte(hay, end) {
        b'/' => is_requested(hay, border) || !is_file(hay, border),
        b' ' | b'?' | b'"' => is_requested(hay, border),
        b => is_end(b) && is_requested(hay, border),
    };
    if is_home && byte(hay, at).is_ascii_alphabetic() && !NOBODYS.contains(&name.of(hay)) {
        cx.text(name, Class::ACCOUNT, ID, "whose directory it is");
    }
}

/// Directories that are nobody's.
const NOBODYS: &[&[u8]] = &[
    b"tmp", b"temp", b"backup", b"backups", b"bak", b"cache", b"old", b"new", b"trash",
];

/// Whether the path behind the blank or quote at `border` is one of a request: behind its method, a key or a sentence's
/// colon, or quoted.
fn is_requested(hay: &[u8], border: usize) -> bool {
    const METHODS: &[&[u8]] = &[
        b"GET",
        b"HEAD",
        b"POST",
        b"PUT",
        b"PATCH",
        b"DELETE",
        b"OPTIONS",
        b"PROPFIND",
        b"MOVE",
        b"COPY",
        b"MKCOL",
        b"LOCK",
        b"UNLOCK",
        b"REPORT",
        b"SEARCH",
        b"TRACE",
        b"CONNECT",
    ];
    let start = skip_back(hay, border, 16, |b| b.is_ascii_uppercase());
    byte(hay, border) == b'"'
        || before(hay, border) == b':'
        || METHODS.contains(&Span::new(start, border).of(hay))
}

/// Whether a shell's command for files stands in front of the path at `border`, in its record.
fn is_file(hay: &[u8], border: usize) -> bool {
    const COMMAND_BYTES_MAX: usize = 128;
    const VERBS: &[&[u8]] = &[
        b"cp", b"ls", b"rm", b"mv", b"cd", b"ln", b"du", b"cat", b"tar", b"stat", b"find",
        b"chmod", b"chown", b"mkdir", b"rmdir", b"touch",
    ];
    let start = skip_back(hay, border, COMMAND_BYTES_MAX, |b| !is_end(b));
    let head = Span::new(start, border).of(hay);
    let mut words = head.split(|b| !is_word(*b));
    words.any(|word| VERBS.contains(&word))
}
