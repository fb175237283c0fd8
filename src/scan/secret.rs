//! Credentials that need no key: the userinfo of a URL, tokens that name their issuer, private keys.

use super::Detector;
use super::context::{Cx, Reach};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "userinfo";

/// `scheme://user:password@host`.
pub(super) static USERINFO: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::At],
    literals: &[],
    source: "RFC 3986 §3.2.1",
    confirm,
    finds: &["postgres://alice:s3cret@db/app", "https://token@host/x.git"],
    leaves: &[
        "https://host/@scope/pkg",
        "see a@b.example",
        "http://:@x",
        "akka.tcp://sys@host:7",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'@' {
        return;
    }
    let start = skip_back(hay, at, 256, |b| {
        b > b' ' && b != 0x7f && !matches!(b, b'/' | b'@' | b'"' | b'<' | b'>' | b'?' | b'#')
    });
    if before(hay, start) != b'/' || Span::new(start.saturating_sub(3), start).of(hay) != b"://" {
        return;
    }
    let info = Span::new(start, at);
    let text = info.of(hay);
    if !text.iter().any(|b| is_word(*b)) {
        return cx.reject(info, Class::PASSWORD, ID, "empty");
    }
    // Actor systems have addresses of the same form (`akka.tcp://system@host`, `spark://endpoint@host`).
    let scheme = Span::new(
        skip_back(hay, start.saturating_sub(3), 12, |b| {
            b.is_ascii_alphabetic() || b == b'.'
        }),
        start,
    );
    if [&b"akka"[..], b"spark:", b"pekko"]
        .iter()
        .any(|name| scheme.of(hay).starts_with(name))
    {
        return cx.reject(info, Class::PASSWORD, ID, "an actor's name");
    }
    match memchr::memchr(b':', text) {
        Some(colon) => {
            let colon = start.saturating_add(colon);
            cx.text(Span::new(start, colon), Class::ACCOUNT, ID, "user of a URL");
            cx.text(
                Span::new(colon.saturating_add(1), at),
                Class::PASSWORD,
                ID,
                "password of a URL",
            );
        }
        None => cx.text(info, Class::PASSWORD, ID, "userinfo of a URL"),
    }
}

/// Literal, then how many characters of its alphabet must follow at least.
const ISSUERS: &[(&str, usize)] = &[
    ("eyJ", 30),
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghu_", 36),
    ("ghs_", 36),
    ("ghr_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("AIza", 35),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("npm_", 36),
    ("sk_test_", 16),
    ("rk_test_", 16),
    ("sk-ant-", 20),
    ("sk-proj-", 20),
    ("hvs.", 20),
    ("ya29.", 20),
    ("shpat_", 32),
    ("dop_v1_", 64),
    ("xapp-", 20),
];

/// JSON Web Tokens, keys of clouds and forges, private keys in PEM.
pub(super) static TOKEN: Detector = Detector {
    id: "token",
    classes: &[Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &[
        "eyJ",
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "AIza",
        "sk_live_",
        "rk_live_",
        "npm_",
        "sk_test_",
        "rk_test_",
        "sk-ant-",
        "sk-proj-",
        "hvs.",
        "ya29.",
        "shpat_",
        "dop_v1_",
        "xapp-",
        "-----BEGIN ",
    ],
    source: "RFC 7519 (JWT), RFC 7468 (PEM), key formats published by AWS, GitHub, GitLab, Slack, Google, Stripe, npm, HashiCorp, Shopify, \
             DigitalOcean and other API providers",
    confirm: confirm_token,
    finds: &[
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "key AKIAIOSFODNN7EXAMPLE used",
        "vault login hvs.CAESIJ1234567890abcdefghij",
        "-----BEGIN RSA PRIVATE KEY-----\\nMIIB\\n-----END RSA PRIVATE KEY-----",
    ],
    leaves: &[
        "eyJ short",
        "AKIAX",
        "-----BEGIN CERTIFICATE-----",
        "xAKIAIOSFODNN7EXAMPLE",
    ],
};

/// Longest token.
const TOKEN_BYTES_MAX: usize = 8192;

fn confirm_token(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, TOKEN.literals) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    let Some(&(_, least)) = ISSUERS.iter().find(|(name, _)| *name == literal) else {
        return private_key(cx, start, at);
    };
    if is_word(before(hay, start)) {
        return;
    }
    let jwt = literal == "eyJ";
    let kind = if jwt { Reach::Jwt } else { Reach::Token };
    let end = cx.reach(kind, at, |hay| {
        skip(hay, at, usize::MAX, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || jwt && matches!(b, b'.' | b'=')
        })
    });
    let end = end.min(at.saturating_add(TOKEN_BYTES_MAX));
    let span = Span::new(start, end);
    let dots = || memchr::memchr_iter(b'.', span.of(hay)).take(2).count();
    if end.saturating_sub(at) < least || jwt && dots() < 2 {
        return cx.reject(
            span,
            Class::PASSWORD,
            "token",
            "too short for a token of this issuer",
        );
    }
    cx.text(
        span,
        Class::PASSWORD,
        "token",
        "its first characters name the issuer",
    );
}

/// Up to the line that ends it, or to the record's end: half a key is a key.
fn private_key(cx: &mut Cx<'_>, start: usize, at: usize) {
    let hay = cx.hay();
    let label = skip(hay, at, 40, |b| b.is_ascii_uppercase() || b == b' ');
    if !Span::new(at, label).of(hay).ends_with(b"PRIVATE KEY") {
        return;
    }
    let stop = cx.reach(Reach::KeyText, label, |hay| {
        skip(hay, label, usize::MAX, |b| !is_end(b) && b != b'"')
    });
    let end = cx.reach(Reach::PrivateKey, label, |hay| {
        let body = Span::new(label, stop).of(hay);
        let close = memchr::memmem::find(body, b"-----END ").and_then(|end| {
            let tail = end.saturating_add(9);
            let close = memchr::memmem::find(body.get(tail..)?, b"-----")?;
            Some(tail.saturating_add(close).saturating_add(5))
        });
        close.map_or(stop, |close| label.saturating_add(close))
    });
    cx.text(
        Span::new(start, end),
        Class::PASSWORD,
        "token",
        "a private key",
    );
}
