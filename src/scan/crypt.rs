//! Hashes of passwords, which name their scheme in front.

use super::Detector;
use super::context::{Cx, Reach};
use super::front::Anchor;
use super::names::firsts;
use crate::class::Class;
use crate::format::bytes::{skip, word_before};
use crate::record::Span;

const ID: &str = "crypt";

/// What a hash begins with, and how many characters follow at least.
const SCHEMES: &[(&str, usize)] = &[
    ("$1$", 22),
    ("$5$", 40),
    ("$6$", 60),
    ("$8$", 40),
    ("$9$", 8),
    ("$2a$", 50),
    ("$2b$", 50),
    ("$2y$", 50),
    ("$apr1$", 22),
    ("$y$", 40),
    ("$argon2", 40),
    ("$scrypt$", 40),
    ("$pbkdf2", 40),
    ("pbkdf2_sha256$", 40),
    ("$P$B", 30),
    ("$S$D", 50),
    ("{SHA}", 28),
    ("{SSHA}", 28),
    ("{SSHA512}", 60),
    ("{CRYPT}", 13),
];

/// What the front end looks for.
const LITERALS: [&str; SCHEMES.len()] = firsts!(SCHEMES);

/// Longest hash.
const HASH_BYTES_MAX: usize = 512;

/// `$6$salt$hash`, `{SSHA}…`: as shadow, .htpasswd, LDAP directories and the configurations of routers have them.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "crypt(5), RFC 2307 §5.3, the PHC string format, Cisco IOS (types 5, 8 and 9), Junos ($9$), Django, phpass",
    confirm,
    finds: &[
        "enable secret 5 $1$abcd$0123456789abcdefghijkl",
        "pat:$2y$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:",
        "userPassword: {SSHA}abcdefghijklmnopqrstuvwxyz012345",
        "pre-shared-key ascii-text \"$9$abCD12efGH34\"",
        "stored $argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA ok",
    ],
    leaves: &[
        "rewrite ^/(.*)/(.*)$ /x/$1$2 last",
        "cost $5$ and $6$ more",
        "s/a/$1$is_args$args/",
        "{SHA} is old",
        "cut -d: -f1 $9$",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    let Some(&(_, least)) = SCHEMES.get(index) else {
        return;
    };
    // Followed once, however many schemes are in it.
    let end = cx.reach(Reach::Hash, at, |hay| {
        skip(hay, at, usize::MAX, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b'+' | b',' | b'-')
        })
    });
    let end = end.min(at.saturating_add(HASH_BYTES_MAX));
    let span = Span::new(start, end);
    if end.saturating_sub(at) < least || word_before(hay, start) {
        return cx.reject(
            span,
            Class::PASSWORD,
            ID,
            "too short for a hash of this scheme",
        );
    }
    cx.text(span, Class::PASSWORD, ID, "a hash that names its scheme");
}
