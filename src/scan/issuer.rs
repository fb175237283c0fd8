//! Tokens that name their issuer in their first characters, and private keys.

use super::Detector;
use super::context::{Cx, Reach};
use super::front::Anchor;
use super::names::firsts;
use crate::class::Class;
use crate::format::bytes::{is_end, is_escape_letter, skip, skip_back, word_before};
use crate::record::Span;

const ID: &str = "token";

/// What may follow a literal besides letters, digits, `_` and `-`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Plain,
    /// Parts with dots between.
    Dotted,
    /// `eyJ…`, three parts of base64 with dots between (RFC 7519).
    Jwt,
    /// A path of a URL.
    Path,
    /// The literal stands inside: what is in front of it belongs to the token.
    Inside,
    /// `123456789:AA…`: digits and a colon in front belong to the token.
    Numbered,
    /// `-----BEGIN … PRIVATE KEY`.
    Pem,
}

use Rest::{Dotted, Inside, Jwt, Numbered, Path, Pem, Plain};

/// A literal, how many characters of its alphabet must follow at least, and what they are.
const ISSUERS: &[(&str, usize, Rest)] = &[
    // Before the one that they end in.
    ("ops_eyJ", 60, Plain),
    ("glc_eyJ", 40, Plain),
    ("sntrys_eyJ", 60, Plain),
    ("eyJ", 30, Jwt),
    // AWS, Alibaba Cloud, Tencent Cloud, Google, DigitalOcean, Cloudinary
    ("AKIA", 16, Plain),
    ("ASIA", 16, Plain),
    ("ABIA", 16, Plain),
    ("ACCA", 16, Plain),
    ("amzn.mws.", 30, Plain),
    ("LTAI", 12, Plain),
    ("AKID", 28, Plain),
    ("AIza", 35, Plain),
    ("GOCSPX-", 24, Plain),
    ("ya29.", 20, Plain),
    ("dop_v1_", 64, Plain),
    ("doo_v1_", 64, Plain),
    ("dor_v1_", 64, Plain),
    // Forges and registries
    ("ghp_", 36, Plain),
    ("gho_", 36, Plain),
    ("ghu_", 36, Plain),
    ("ghs_", 36, Plain),
    ("ghr_", 36, Plain),
    ("github_pat_", 40, Plain),
    ("glpat-", 20, Plain),
    ("gldt-", 20, Plain),
    ("glrt-", 20, Plain),
    ("glptt-", 20, Plain),
    ("glcbt-", 20, Plain),
    ("glsoat-", 20, Plain),
    ("ATATT3xFf", 30, Plain),
    ("ATCTT3xFf", 30, Plain),
    ("ATBB", 28, Plain),
    ("npm_", 36, Plain),
    ("pypi-AgE", 40, Plain),
    ("rubygems_", 40, Plain),
    ("CLOJARS_", 50, Plain),
    ("dckr_pat_", 20, Plain),
    ("bkua_", 40, Plain),
    // Messengers and mail
    ("xoxb-", 10, Plain),
    ("xoxp-", 10, Plain),
    ("xoxa-", 10, Plain),
    ("xoxe-", 10, Plain),
    ("xoxr-", 10, Plain),
    ("xoxs-", 10, Plain),
    ("xapp-", 20, Plain),
    ("hooks.slack.com/services/", 30, Path),
    ("hooks.slack.com/workflows/", 30, Path),
    ("/api/webhooks/", 60, Path),
    ("webhook.office.com/", 60, Path),
    (":AA", 32, Numbered),
    ("SG.", 50, Dotted),
    ("xkeysib-", 60, Plain),
    // Payment and shops
    ("sk_live_", 16, Plain),
    ("rk_live_", 16, Plain),
    ("sk_test_", 16, Plain),
    ("rk_test_", 16, Plain),
    ("whsec_", 24, Plain),
    ("sq0atp-", 20, Plain),
    ("sq0csp-", 40, Plain),
    ("shpat_", 32, Plain),
    ("shpss_", 32, Plain),
    ("shpca_", 32, Plain),
    ("shppa_", 32, Plain),
    ("shippo_live_", 30, Plain),
    ("EZAK", 50, Plain),
    // Models
    ("sk-ant-", 20, Plain),
    ("sk-proj-", 20, Plain),
    ("sk-svcacct-", 20, Plain),
    ("sk-or-v1-", 40, Plain),
    ("T3BlbkFJ", 16, Inside),
    ("gsk_", 40, Plain),
    ("hf_", 30, Plain),
    ("pplx-", 40, Plain),
    // Operations
    ("hvs.", 20, Plain),
    ("hvb.", 20, Plain),
    (".atlasv1.", 60, Inside),
    ("dt0c01.", 60, Dotted),
    ("dt0s01.", 60, Dotted),
    ("glsa_", 32, Plain),
    ("sntryu_", 60, Plain),
    ("NRAK-", 20, Plain),
    ("dapi", 32, Plain),
    ("SWMTKN-1-", 60, Plain),
    ("tskey-", 16, Plain),
    ("HRKU-", 30, Plain),
    ("nfp_", 30, Plain),
    ("pscale_pw_", 30, Plain),
    ("pscale_tkn_", 30, Plain),
    ("PMAK-", 40, Plain),
    ("pul-", 40, Plain),
    ("lin_api_", 32, Plain),
    ("figd_", 30, Plain),
    ("tfp_", 40, Plain),
    ("rdme_", 60, Plain),
    ("dp.pt.", 40, Plain),
    ("EAACEdEose0cBA", 10, Plain),
    // Keys
    ("AGE-SECRET-KEY-1", 50, Plain),
    ("-----BEGIN ", 0, Pem),
];

/// What the front end looks for.
const LITERALS: [&str; ISSUERS.len()] = firsts!(ISSUERS);

/// JSON Web Tokens, keys of clouds and forges, webhooks, private keys in PEM.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "RFC 7519 (JWT), RFC 7468 (PEM), RFC 9580 §6.2 (OpenPGP), formats of keys that cloud, forge, registry, messenger, \
             payment, model and monitoring services publish so that scanners know them",
    confirm,
    finds: &[
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "key AKIAIOSFODNN7EXAMPLE used",
        "vault login hvs.CAESIJ1234567890abcdefghij",
        "-----BEGIN RSA PRIVATE KEY-----\\nMIIB\\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\\nlQHY\\n-----END PGP PRIVATE KEY BLOCK-----",
        "post to https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/aaaaaaaaaaaaaaaaaaaaaaaa failed",
        "GET https://api.telegram.example/bot123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/getMe",
        "mail SG.aaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa sent",
        "login -k aaaaaaaaaaaaaa.atlasv1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "sk-aaaaaaaaaaaaaaaaaaaaT3BlbkFJaaaaaaaaaaaaaaaaaaaa refused",
        "docker swarm join --token SWMTKN-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaaa",
        "sntrys_eyJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa set",
        "dapi00112233445566778899aabbccddeeff used",
    ],
    leaves: &[
        "eyJ short",
        "AKIAX",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "xAKIAIOSFODNN7EXAMPLE",
        "https://hooks.slack.com/services/ is down",
        "POST /api/webhooks/42 200",
        "aa:AA:bb:cc",
        "MSG.x SG.x",
        "dapi is not an API",
        "hf_hub_download",
        "atlasv1. Inside x",
        "test forward::npm_fluent_logger_compressed_packed_forward ... ok",
    ],
};

/// Longest token.
const TOKEN_BYTES_MAX: usize = 8192;

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    let Some(&(_, least, rest)) = ISSUERS.get(index) else {
        return;
    };
    let Some(start) = begins(hay, Span::new(start, at), rest) else {
        return;
    };
    let kind = match rest {
        Pem => return private_key(cx, start, at),
        Jwt => Reach::Jwt,
        Dotted => Reach::Dotted,
        Path => Reach::Path,
        Plain | Inside | Numbered => Reach::Token,
    };
    let end = cx.reach(kind, at, |hay| {
        skip(hay, at, usize::MAX, |b| {
            in_token(b)
                || match rest {
                    Jwt => matches!(b, b'.' | b'='),
                    Dotted => b == b'.',
                    Path => matches!(b, b'/' | b'@'),
                    _ => false,
                }
        })
    });
    let end = end.min(at.saturating_add(TOKEN_BYTES_MAX));
    let span = Span::new(start, end);
    let dots = || memchr::memchr_iter(b'.', span.of(hay)).take(2).count();
    // `npm_fluent_logger_compressed_forward`: what is drawn by chance has a figure or a capital.
    let chance = |b: &u8| !b.is_ascii_lowercase() && !matches!(b, b'_' | b'-');
    let tail = Span::new(at, end).of(hay);
    let words = || rest == Plain && tail.contains(&b'_') && !tail.iter().any(chance);
    if end.saturating_sub(at) < least || matches!(rest, Jwt | Dotted) && dots() < 2 || words() {
        return cx.reject(
            span,
            Class::PASSWORD,
            ID,
            "too short for a token of this issuer, or words",
        );
    }
    cx.text(
        span,
        Class::PASSWORD,
        ID,
        "its first characters name the issuer",
    );
}

fn in_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// Where the token of this literal begins, if it is one.
fn begins(hay: &[u8], literal: Span, rest: Rest) -> Option<usize> {
    let start = literal.start;
    match rest {
        // The host stays.
        Path => Some(literal.end),
        Pem => Some(start),
        Inside => {
            let head = skip_back(hay, start, 128, in_token);
            let head = head.saturating_add(usize::from(is_escape_letter(hay, head)));
            (start.saturating_sub(head) >= 10).then_some(head)
        }
        Numbered => {
            let head = skip_back(hay, start, 11, |b| b.is_ascii_digit());
            (8..=10)
                .contains(&start.saturating_sub(head))
                .then_some(head)
        }
        Plain | Dotted | Jwt => (!word_before(hay, start)).then_some(start),
    }
}

/// Up to the line that ends it, or to the record's end: half a key is a key.
fn private_key(cx: &mut Cx<'_>, start: usize, at: usize) {
    let hay = cx.hay();
    let label = skip(hay, at, 40, |b| b.is_ascii_uppercase() || b == b' ');
    let kind = Span::new(at, label).of(hay);
    if !kind.ends_with(b"PRIVATE KEY") && !kind.ends_with(b"PRIVATE KEY BLOCK") {
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
    cx.text(Span::new(start, end), Class::PASSWORD, ID, "a private key");
}
