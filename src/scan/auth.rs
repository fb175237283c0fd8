//! A name and its secret in one value, or in a list of two, of a key `auth`: `auth: ann:hunter2x`, `"auth":["ann","hunter2x"]`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::names::any;
use super::shell::{is_numbered, is_secret};
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_word, skip};
use crate::format::value::{Quote, Value, quote_at, string_end};
use crate::record::Span;

const ID: &str = "auth";

/// Longest name or secret that is looked at.
const PART_BYTES_MAX: usize = 256;

const BORDERS: &[&str] = &[
    "auth: ",
    "auth\":",
    "auth\\\":",
    "auth':",
    "auth=",
    "auth=>",
    "auth => ",
    "auth' => ",
    "auth\"=>",
    "auth\" => ",
    "-auth ",
];

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: BORDERS,
    source: "RFC 7617 §2; options of HTTP clients: Node's http, requests, axios, Guzzle",
    confirm,
    finds: &[
        "auth: ann:hunter2x",
        r#"{"auths":{"registry.example":{"auth":"YW5uOmh1bnRlcjI="}}}"#,
        r#"{"auth":"ann:hunter2x"}"#,
        r#"{"auth": ["ann", "hunter2x"], "n": 1}"#,
        r#"{"m":"{\"auth\":\"ann:hunter2x\"}"}"#,
        r#"{"m":"{\"auth\":[\"ann\",\"hunter2x\"]}"}"#,
        "{ auth: [ 'ann', 'hunter2x' ] }",
        "{'auth': ('ann', 'secret')}",
        "http --auth ann:hunter2x GET x",
        "array ( 'auth' => ['ann', 'hunter2x'] )",
        r#"{:auth=>["ann", "hunter2x"]}"#,
        "proxy_auth=ann.lee@example.org:hunter2x",
        "http --auth ann:Winter26 GET x",
        r#"{"auth":"ann:Winter26"}"#,
        "auth: ann:Winter26!",
        r#"{"auth":"ann:hunter2\"X","z":1}"#,
    ],
    leaves: &[
        "auth: none",
        "auth: OAuth2Bearer",
        "auth: xoauth2x",
        "auth: basic",
        "auth: 10:30",
        "auth: error:denied",
        "auth: pam_unix:session",
        "auth: user: ann",
        "auth: sha256:9f86d081884c7d65",
        "auth=host1.example:8080",
        "oauth: ann:hunter2x",
        r#"{"auth":["basic","oauth2"]}"#,
        r#"{"auth":["password","totp"]}"#,
        r#"{"auth":["ann","hunter2x","x"]}"#,
        r#"{"auth":["ann"]}"#,
        "{'auth': ('basic', 'digest')}",
        "auth: function(req, res)",
        "auth: 2026-11-27T10:00:00Z",
        "auth: com.x.Auth:Line42",
        r#"{"auth":"com.x.Auth:Line42"}"#,
        "auth: std::Mutex2",
        "auth: std::Mutex2b",
        "auth=SASL:SCRAM-SHA-256",
        "auth=eap:MSCHAPv2",
        "auth: oauth2_proxy:v7.4.0A",
        "auth: pod:web-7d9f8B",
        "auth: web:7d9f8b",
        "auth: type:OAuth2",
        "auth: role:Admin1",
        "auth: module:Version2.0",
        "auth: failed:timeout2",
        "{'auth': ('user', 'role')}",
        r#"{"auth":["user","Admin1"]}"#,
    ],
};

/// How one may be let in and what is said of it, and no name.
const METHODS: &[&str] = &[
    "basic",
    "bearer",
    "digest",
    "token",
    "oauth",
    "oauth2",
    "openid",
    "oidc",
    "jwt",
    "saml",
    "saml2",
    "ldap",
    "pam",
    "none",
    "password",
    "publickey",
    "sha256",
    "sha512",
    "sha1",
    "md5",
    "hmac",
    "plain",
    "login",
    "cram-md5",
    "ntlm",
    "negotiate",
    "kerberos",
    "mtls",
    "sasl",
    "eap",
    "gssapi",
    "spnego",
    "type",
    "role",
    "realm",
    "module",
    "plugin",
    "provider",
    "method",
    "scheme",
    "mode",
    "pod",
    "node",
    "user",
    "service",
    "server",
    "status",
    "result",
    "state",
    "step",
    "phase",
    "version",
    "error",
    "failed",
    "failure",
    "success",
    "request",
    "response",
    "session",
];

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, BORDERS) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    if before(hay, start).is_ascii_alphanumeric() {
        return;
    }
    let at = skip(hay, at, 4, |b| b == b' ');
    let close = match byte(hay, at) {
        b'[' => b']',
        b'(' => b')',
        // Of a flag it is sure that a value is behind.
        _ => {
            let flag = literal.starts_with('-') && before(hay, start) == b'-';
            let query = literal.ends_with('=') && before(hay, start) != b'-';
            return in_one(cx, at, flag, query);
        }
    };
    let Some((who, next)) = string(hay, blanks(hay, at.saturating_add(1))) else {
        return;
    };
    let comma = blanks(hay, next);
    let Some((secret, last)) = string(hay, blanks(hay, comma.saturating_add(1))) else {
        return;
    };
    let like_one = close == b')' || is_secret(secret.of(hay));
    let pair = byte(hay, comma) == b',' && byte(hay, blanks(hay, last)) == close;
    if pair && like_one && is_name(who.of(hay)) && !any(secret.of(hay), METHODS) {
        take(cx, ID, Class::ACCOUNT, Value::Quoted(who));
        take(cx, ID, Class::PASSWORD, Value::Quoted(secret));
    }
}

fn blanks(hay: &[u8], at: usize) -> usize {
    skip(hay, at, 4, |b| b == b' ')
}

/// The inside of the string at `at`, and where what is behind it starts.
fn string(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let (quote, start) = quote_at(hay, at)?;
    let most = start.saturating_add(PART_BYTES_MAX).min(hay.len());
    let near = hay.get(..most)?;
    let end = string_end(near, start, quote);
    let close = end.saturating_add(quote.escapes);
    (byte(near, close) == quote.byte).then_some((Span::new(start, end), close.saturating_add(1)))
}

/// Whether `text` may be somebody's name.
fn is_name(text: &[u8]) -> bool {
    let own = |b: &u8| is_word(*b) || matches!(b, b'.' | b'-' | b'@' | b'+');
    text.iter().all(own)
        && text.iter().any(u8::is_ascii_alphabetic)
        && !is_digit(byte(text, 0))
        && !is_class(text)
        && !any(text, METHODS)
}

/// `com.example.Auth`
fn is_class(text: &[u8]) -> bool {
    let last = memchr::memrchr(b'.', text).map_or(0, |at| at.saturating_add(1));
    last > 0 && byte(text, last).is_ascii_uppercase() && !text.contains(&b'@')
}

/// Whether `text` is a secret where no quotes and no flag say that it is a value: with a sign, or with figures between
/// small letters. `Line42`, `v7.4.0A` and `7d9f8b` are what things are called.
fn is_sure(text: &[u8]) -> bool {
    let signs = text.iter().any(|b| b"!#$%&*+=^~?@".contains(b));
    signs
        || text.iter().any(u8::is_ascii_lowercase)
            && text.iter().all(u8::is_ascii_alphanumeric)
            && !text.iter().all(u8::is_ascii_hexdigit)
            && !is_numbered(text)
}

/// Colons behind a name that are more than a secret has.
const ROW_COLONS: usize = 4;

/// `ann:hunter2x`, in quotes or bare; `flag` says that it is the value of one, `query` that it may be a query's.
fn in_one(cx: &mut Cx<'_>, at: usize, flag: bool, query: bool) {
    let hay = cx.hay();
    let quote = quote_at(hay, at);
    let value = match quote {
        Some((Quote { .. }, _)) => string(hay, at).map(|(inside, _)| inside),
        None => {
            let own = |b: u8| b > b' ' && !matches!(b, b'"' | b'\'' | b',' | b'<' | b'\\');
            let value = Span::new(at, skip(hay, at, PART_BYTES_MAX, own));
            // `&page=3`, `;path=/`
            let parameter = |sign: &usize| {
                let name = sign.saturating_add(1);
                let end = skip(value.of(hay), name, 64, is_word);
                query && end > name && byte(value.of(hay), end) == b'='
            };
            let length = memchr::memchr2_iter(b'&', b';', value.of(hay)).find(parameter);
            let length = length.unwrap_or(value.len());
            Some(Span::new(at, at.saturating_add(length)))
        }
    };
    let Some(value) = value.filter(|value| !value.of(hay).contains(&b' ')) else {
        return;
    };
    let Some(colon) = memchr::memchr(b':', value.of(hay)) else {
        if is_encoded_pair(value.of(hay)) {
            take(cx, ID, Class::PASSWORD, Value::Quoted(value));
        }
        return;
    };
    let colon = value.start.saturating_add(colon);
    let who = Span::new(value.start, colon);
    let secret = Span::new(colon.saturating_add(1), value.end);
    // What another key names is that key's.
    let named = keys::named(cx, who.of(hay)).is_some();
    let sure = quote.is_some() || flag || is_sure(secret.of(hay));
    // A row of `passwd` is read by its fields.
    let row = memchr::memchr_iter(b':', secret.of(hay))
        .nth(ROW_COLONS)
        .is_some();
    let path = row || byte(hay, secret.start) == b':';
    if is_name(who.of(hay)) && !named && !path && is_secret(secret.of(hay)) && sure {
        take(cx, ID, Class::ACCOUNT, Value::Quoted(who));
        take(cx, ID, Class::PASSWORD, Value::Quoted(secret));
    }
}

/// Whether `text` is a name, a colon and a secret in base64, as Docker's configuration has them.
fn is_encoded_pair(text: &[u8]) -> bool {
    const BYTES_MIN: usize = 8;
    if text.len() < BYTES_MIN || !text.len().is_multiple_of(4) {
        return false;
    }
    let pair = STANDARD.decode(text).unwrap_or_default();
    let colon = memchr::memchr(b':', &pair).unwrap_or_default();
    colon > 0 && pair.iter().all(|b| (b' '..0x7F).contains(b))
}
