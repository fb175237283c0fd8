//! What login daemons say around a name, phrase by phrase.

use super::context::Cx;
use super::names::{
    any, hostile_end, is_down_level, is_name_or_path, is_over, quoted, stops, word_at,
};
use super::secret;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

pub(super) const ID: &str = "account_phrase";

/// A phrase, and the words around it.
#[derive(Clone, Copy)]
pub(super) struct Phrase {
    pub(super) literal: &'static str,
    /// Where it begins, and where what stands behind it does.
    pub(super) begin: usize,
    pub(super) at: usize,
    /// The word in front.
    pub(super) prev: Span,
    /// What may be the name.
    pub(super) token: Span,
    /// Where what is behind the name and a blank starts, and the word there.
    pub(super) after: usize,
    pub(super) next: Span,
}

/// An account at `span`; the full stop of a sentence is no part of it.
pub(super) fn take(cx: &mut Cx<'_>, span: Span, reason: &'static str) {
    let hay = cx.hay();
    let end = span
        .end
        .saturating_sub(usize::from(before(hay, span.end) == b'.'));
    let span = Span::new(span.start, end);
    // Kubernetes' own: `User "system:kube-scheduler" cannot list …`.
    let nobody = span.of(hay).starts_with(b"system:");
    if !nobody && span.of(hay).iter().any(|b| is_word(*b) || *b == b'*') {
        cx.text(span, Class::ACCOUNT, ID, reason);
    }
}

/// `session opened for user root by pat(uid=0)`.
pub(super) fn opened_by(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { begin, .. } = phrase;
    let name = Span::new(skip_back(hay, begin, 64, is_name_or_path), begin);
    if word_at(hay, name.start.saturating_sub(1)) == b"by"
        || word_at(hay, name.start.saturating_sub(1)) == b"user"
    {
        take(cx, name, "who opened the session");
    }
}

/// `su: (to root) pat on pts/1`.
pub(super) fn became(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { token, .. } = phrase;
    let close = token.end;
    let who = close.saturating_add(2);
    let end = skip(hay, who, 64, is_name_or_path);
    if byte(hay, close) == b')' && Span::new(end, end.saturating_add(4)).of(hay) == b" on " {
        take(cx, token, "whom su became");
        take(cx, Span::new(who, end), "who called su");
    }
}

/// `(pat) CMD (run-parts)`.
pub(super) fn cron_job(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { begin, .. } = phrase;
    let name = Span::new(skip_back(hay, begin, 64, is_name_or_path), begin);
    if before(hay, name.start) == b'(' {
        take(cx, name, "whose cron job");
    }
}

/// `password "hunter2"`.
pub(super) fn secret(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { at, .. } = phrase;
    if let Some(secret) = quoted(hay, at.saturating_sub(1)) {
        cx.text(secret, Class::PASSWORD, ID, "a quoted password");
    }
}

/// `password is S3cret`: a word that no sentence has.
pub(super) fn secret_is(cx: &mut Cx<'_>, phrase: Phrase) {
    said_secret(cx, phrase.at);
}

/// A secret behind a colon and blanks at `at`, or there.
fn said_secret(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let start = skip(hay, at, 3, |b| matches!(b, b' ' | b':'));
    let end = skip(hay, start, 128, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'\\' | b'<' | b',' | b';')
    });
    let end = skip_back(hay, end, 2, |b| matches!(b, b'.' | b')'));
    let word = Span::new(start, end.max(start));
    let text = word.of(hay);
    // A sentence has words with figures too, but seldom capitals or signs in them.
    let sign = |b: &u8| b.is_ascii_uppercase() || b"!#$%&*+=".contains(b);
    if secret::is_like_one(text) && text.iter().any(sign) && !is_label(text) {
        cx.text(word, Class::PASSWORD, ID, "a password in a sentence");
    }
}

/// `pat : TTY=pts/0 ; …`.
pub(super) fn called_sudo(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { begin, .. } = phrase;
    let colon = skip_back(hay, begin, 2, |b| matches!(b, b' ' | b':'));
    let end = skip_back(hay, colon, 2, |b| b == b' ');
    if begin.saturating_sub(colon) == 2 && end < colon {
        take(
            cx,
            Span::new(skip_back(hay, end, 64, is_name_or_path), end),
            "who called sudo",
        );
    }
}

/// `role "pat" does not exist`.
pub(super) fn quoted_role(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { at, next, .. } = phrase;
    let next = next.of(hay);
    // `the whole "payments" table`
    let open = skip_back(hay, at, 16, |b| matches!(b, b'"' | b'\\'));
    if !word_at(hay, open.saturating_sub(1)).eq_ignore_ascii_case(b"role") {
        return;
    }
    let quote = skip(hay, at, 64, |b| b != b'"' && !is_end(b));
    let goes_on = matches!(next, b"does" | b"is") || byte(hay, quote.saturating_add(1)) == b' ';
    if byte(hay, quote) == b'"' && goes_on || is_end(byte(hay, quote)) {
        let end = skip_back(hay, quote, quote.saturating_sub(at), |b| b == b'\\');
        take(cx, Span::new(at, end), "a database role");
    }
}

/// What a session may be opened for without being anybody's.
const PURPOSES: &[&str] = &[
    "appending",
    "debugging",
    "editing",
    "maintenance",
    "playback",
    "processing",
    "reading",
    "recording",
    "streaming",
    "testing",
    "update",
    "updating",
    "writing",
];

/// What is asked for by programs.
const OF_THINGS: &[&str] = &[
    "get",
    "post",
    "put",
    "head",
    "patch",
    "options",
    "http",
    "https",
    "dns",
    "cert",
    "certificate",
    "join",
    "download",
    "file",
    "page",
    "resource",
    "ocsp",
    "crl",
];

/// Whose authentication fails too.
const NO_PEOPLE: &[&str] = &[
    "client",
    "cluster",
    "connection",
    "device",
    "domain",
    "endpoint",
    "host",
    "node",
    "peer",
    "proxy",
    "realm",
    "request",
    "server",
    "service",
    "session",
    "tenant",
    "upstream",
];

/// Whether a `deed` request is one for a file, host, channel or subject of a certificate.
fn asks_for_a_thing(deed: &[u8], name: &[u8]) -> bool {
    byte(name, 0) == b'#'
        || name.contains(&b'=')
        || OF_THINGS
            .iter()
            .any(|thing| deed.eq_ignore_ascii_case(thing.as_bytes()))
            && name
                .iter()
                .any(|b| matches!(b, b'.' | b',' | b':' | b'/' | b' '))
            && !name.contains(&b'@')
}

/// `Failed password for pat`, and what else is done for somebody.
pub(super) fn for_whom(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { at, prev, .. } = phrase;
    let prev_end = prev.end;
    let prev = prev.of(hay);
    // Two blanks, and one in front of the colon behind the name.
    let at = skip(hay, at, 1, |b| b == b' ');
    let end = skip(hay, at, 64, is_name_or_path);
    // The backslashes of a quote behind it are the quote's.
    let token = match byte(hay, end) {
        b'"' => Span::new(
            at,
            skip_back(hay, end, end.saturating_sub(at), |b| b == b'\\'),
        ),
        _ => Span::new(at, end),
    };
    let after = skip(hay, token.end, 1, |b| b == b' ');
    let next = Span::new(after, skip(hay, after, 16, |b| b.is_ascii_alphabetic())).of(hay);
    const AUTH: &[&str] = &[
        "password",
        "publickey",
        "none",
        "hostbased",
        "gssapi-with-mic",
        "keyboard-interactive/pam",
        "keyboard-interactive",
        "failure",
        "failures",
        "attempt",
        "attempts",
        "request",
        "su",
        "login",
        "authentication",
        "logon",
        "error",
        "exceeded",
        "succeeded",
        "keyring",
    ];
    if any(token.of(hay), &["UID"]) {
        let number = Span::new(after, skip(hay, after, 10, |b| is_digit(b) || b == b'*'));
        return take(cx, number, "the number of an account");
    }
    // `for admin pat has timed out`
    if token.of(hay) == b"admin" {
        let who = Span::new(after, skip(hay, after, 64, is_name_or_path));
        let said = hay.get(who.end..).unwrap_or_default();
        if said.starts_with(b" has ") && !stops(who.of(hay)) {
            return take(cx, who, "an administrator by the words around");
        }
    }
    // `for pat from 192.0.2.1 port 22`
    let from = Span::new(token.end, token.end.saturating_add(6)).of(hay) == b" from ";
    let host = token.end.saturating_add(6);
    let port = skip(hay, host, 64, |b| b > b' ');
    let address = from && Span::new(port, port.saturating_add(6)).of(hay) == b" port ";
    // `login failed for pat on db`, `authentication denied for pat`
    let prev_start = prev_end.saturating_sub(prev.len());
    let deed = word_at(hay, skip_back(hay, prev_start, 1, |b| b == b' '));
    let auth = any(prev, AUTH);
    // None of these words is one of those.
    let outcome = !auth
        && any(
            prev,
            &["failed", "denied", "rejected", "successful", "tried"],
        )
        && any(
            deed,
            &[
                "authentication",
                "login",
                "logon",
                "auth",
                "attempt",
                "bind",
                "password",
                "signin",
            ],
        );
    // `Session opened for pat.`, `password reset requested for pat by lee`
    let said = !auth
        && (any(deed, &["session"])
            && any(prev, &["opened", "closed", "revisited", "started", "ended"])
            || any(deed, &["reset"]) && any(prev, &["requested"])
            || any(deed, &["shadow"]) && any(prev, &["information"])
            || any(deed, &["control"]) && any(prev, &["file"])
            || any(deed, &["login"]) && any(prev, &["query"]));
    // `session opened for reading`: what it is for.
    if said && any(token.of(hay), PURPOSES) {
        return;
    }
    let down_level = is_down_level(token.of(hay));
    // `Authentication error for pat`, but not `function call error for "trim"`
    let other = prev.eq_ignore_ascii_case(b"error")
        && !any(
            deed,
            &[
                "authentication",
                "auth",
                "login",
                "logon",
                "password",
                "pam",
                "access",
                "bind",
                "credential",
                "credentials",
                "gssapi",
                "kerberos",
                "ldap",
                "permission",
                "sasl",
            ],
        );
    if (other || !auth) && !address && !outcome && !said && !down_level
        || any(deed, &["subsystem"])
        || any(next, &["user"])
        || !address
            && any(
                token.of(hay),
                &["user", "invalid", "illegal", "account", "username"],
            )
    {
        return;
    }
    // `authentication successful for pat/Realm Name from 192.0.2.7`: somebody of a realm; in `CORP/pat` the second is the
    // name.
    if let Some(slash) = memchr::memchr(b'/', token.of(hay))
        && slash > 0
        && any(prev, &["successful", "succeeded"])
        && any(
            deed,
            &["authentication", "login", "logon", "auth", "signin"],
        )
    {
        let who = Span::new(at, at.saturating_add(slash)).of(hay);
        if !stops(who) && !any(who, &["host", "http", "https", "krbtgt"]) {
            return take(cx, token, "somebody of a realm");
        }
    }
    let colon = skip(hay, token.end, 1, |b| b == b' ');
    let colon =
        byte(hay, colon) == b':' && matches!(byte(hay, colon.saturating_add(1)), b' ' | b'\n' | 0);
    // `FAILED LOGIN for pat [192.0.2.7]`, `Successful login for pat (ID: 7)`
    let bracket = matches!(byte(hay, after), b'[' | b'(')
        && any(
            prev,
            &["login", "logon", "failures", "authentication", "attempts"],
        );
    // `authentication failed for client (x)`
    let from = hay
        .get(after..)
        .is_some_and(|rest| rest.starts_with(b"from "));
    if outcome && !from && any(token.of(hay), NO_PEOPLE) {
        return;
    }
    // `user pat authentication failure for Mail'`: whose it is has been said.
    let of_a_realm = prev == b"failure" && byte(hay, after) == b'\'' && {
        let said = Span::new(skip_back(hay, prev_start, 96, |b| !is_end(b)), prev_start);
        memchr::memmem::find(said.of(hay), b"user ").is_some()
    };
    if let Some(name) = quoted(hay, at) {
        // `authentication failure for "/admin"` names what was asked for, and `request for "index.html"`.
        let thing = prev == b"request" && asks_for_a_thing(deed, name.of(hay));
        if byte(hay, name.start) != b'/' && !thing {
            take(cx, name, "who authenticates");
        }
    } else if matches!(prev, b"password" | b"publickey" | b"none")
        && byte(hay, token.end) == b' '
        && let end = hostile_end(hay, at)
        && end > token.end
    {
        take(cx, Span::new(at, end), "who authenticates");
    } else if down_level
        || prev == b"password" && colon && byte(hay, token.end) == b':'
        || bracket && !token.is_empty() && !stops(token.of(hay))
        || outcome
            && !stops(token.of(hay))
            && !is_digit(byte(hay, at))
            && (any(next, &["on", "with", "because", "due", "using", "at"])
                || colon
                || matches!(byte(hay, token.end), b',' | b';' | b'(' | b'|')
                || byte(hay, after) == b'(' && prev != b"successful")
        || any(next, &["from", "by", "has", "port", "ruser", "via"])
        || address
        || prev == b"su"
        || is_over(hay, after) && !stops(token.of(hay)) && !of_a_realm
    {
        take(cx, token, "who authenticates");
        // `password for pat: S3cret`
        if prev == b"password" && colon {
            said_secret(cx, token.end);
        }
        let by = after.saturating_add(3);
        if (prev == b"su" || said) && next == b"by" && before(hay, by) == b' ' {
            let who = Span::new(by, skip(hay, by, 64, is_name_or_path));
            if !stops(who.of(hay)) {
                take(cx, who, "who asked for it");
            }
        }
    }
}

/// `account 'pat'`, `username 'pat'`, `account pat locked`.
pub(super) fn account(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase {
        literal,
        begin,
        at,
        token,
        after,
        next,
        ..
    } = phrase;
    let next = next.of(hay);
    if let Some(name) = quoted(hay, at) {
        take(cx, name, "a quoted account");
    } else if is_down_level(token.of(hay)) {
        take(cx, token, "an account of a Windows domain");
    } else if literal == "sername "
        && hay
            .get(..begin)
            .is_some_and(|head| head.ends_with(b" with u"))
        && any(next, &["from"])
        || literal == "account "
            && any(
                next,
                &["locked", "unlocked", "disabled", "enabled", "expired"],
            )
            && !stops(token.of(hay))
            && !token.of(hay).ends_with(b"ly")
        // `mqtt: username pat connected from 192.0.2.7`
        || literal == "sername "
            && hay
                .get(after..)
                .is_some_and(|rest| rest.starts_with(b"connected from "))
            && !stops(token.of(hay))
        // `Removed username pat from authentication server …`
        || literal == "sername "
            && hay
                .get(..begin.saturating_sub(1))
                .is_some_and(|head| ["Removed ", "Added ", "Deleted "].iter().any(|deed| head.ends_with(deed.as_bytes())))
            && any(next, &["from", "to"])
        // A line of configuration: `username pat privilege 15 secret 5 …`
        || literal == "sername "
            && any(next, &["password", "secret", "privilege", "nopassword"])
            && !stops(token.of(hay))
        || literal == "sername "
            && hay
                .get(token.end..)
                .is_some_and(|rest| rest.starts_with(b", ip "))
        || literal == "account "
            && hay
                .get(after..)
                .is_some_and(|rest| rest.starts_with(b"logged in, "))
    {
        take(cx, token, "an account by the words around");
    }
}

/// `Account pat was created`, `Account pat is disabled`.
pub(super) fn account_of(cx: &mut Cx<'_>, phrase: Phrase) {
    const NO_NAMES: &[&str] = &[
        "access",
        "creation",
        "deletion",
        "information",
        "lockout",
        "management",
        "manager",
        "password",
        "policy",
        "settings",
        "setup",
        "status",
        "type",
        "validation",
        "verification",
    ];
    const DEEDS: &[&[u8]] = &[
        b"created",
        b"removed",
        b"deleted",
        b"updated",
        b"disabled",
        b"enabled",
        b"locked",
        b"unlocked",
    ];
    let hay = cx.hay();
    let Phrase { token, after, .. } = phrase;
    let rest = hay.get(after..).unwrap_or_default();
    let deed = [&b"was "[..], b"is ", b"has been "]
        .iter()
        .find_map(|verb| rest.strip_prefix(*verb));
    if deed.is_some_and(|deed| DEEDS.iter().any(|known| deed.starts_with(known)))
        && !stops(token.of(hay))
        && !any(token.of(hay), NO_NAMES)
    {
        take(cx, token, "an account by the words around");
    }
}

/// `ALTER ROLE pat`.
pub(super) fn role(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase { prev, token, .. } = phrase;
    let prev = prev.of(hay);
    if any(prev, &["CREATE", "ALTER", "DROP"]) && !any(token.of(hay), &["IF"]) {
        take(cx, token, "a database role");
    }
}
