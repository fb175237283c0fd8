//! Names of accounts in what databases, directories, RADIUS, mail servers, proxies and clouds say.

use super::context::Cx;
use super::names::{any, behind, is_name, name, said_before};
use crate::class::Class;
use crate::format::bytes::{self, before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::format::value::{Quote, quote_at, string_end};
use crate::record::Span;

const ID: &str = "message";

/// Longest password in quotes behind a flag.
const SECRET_BYTES_MAX: usize = 256;

/// `pat@REALM for krbtgt/REALM`.
pub(super) fn principal(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let whole = Span::new(
        skip_back(hay, literal.start, 128, |b| is_name(b) || b == b'/'),
        literal.start,
    );
    let end = whole
        .of(hay)
        .iter()
        .position(|b| matches!(b, b'@' | b'/'))
        .map_or(whole.end, |at| whole.start.saturating_add(at));
    name(cx, Span::new(whole.start, end));
}

/// A security identifier of a domain's or machine's account.
pub(super) fn sid(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, |b| is_digit(b) || b == b'-');
    let text = Span::new(literal.end, end).of(hay);
    let parts = text.split(|b| *b == b'-').filter(|part| !part.is_empty());
    if parts.count() >= 4 && !bytes::word_before(hay, literal.start) {
        cx.text(
            Span::new(literal.start, end),
            Class::ACCOUNT,
            ID,
            "a security identifier",
        );
    }
}

/// `[pat]`, `[pat/password]`.
pub(super) fn radius(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some(whole) = behind(hay, literal.end, b"]") else {
        return;
    };
    let slash =
        memchr::memchr(b'/', whole.of(hay)).map_or(whole.end, |at| whole.start.saturating_add(at));
    name(cx, Span::new(whole.start, slash));
    if slash < whole.end {
        let secret = Span::new(slash.saturating_add(1), whole.end);
        // `<via Auth-Type = eap>`, `<no User-Password attribute>`
        if byte(hay, secret.start) != b'<' {
            cx.text(secret, Class::PASSWORD, ID, "the password that was tried");
        }
    }
}

/// `Login incorrect (reason): [pat/password]`.
pub(super) fn radius_reason(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let said = said_before(hay, literal.start, 128).of(hay);
    if memchr::memmem::find(said, b"Login incorrect (").is_some()
        || memchr::memmem::find(said, b"Login OK (").is_some()
    {
        radius(cx, literal);
    }
}

/// `imap(pat)`, `auth: pam(pat,192.0.2.1)`, `lmtp(1, pat)`: services and databases with their user.
pub(super) fn dovecot(cx: &mut Cx<'_>, literal: Span) {
    const SERVICES: &[&[u8]] = &[
        b"imap",
        b"pop3",
        b"lda",
        b"lmtp",
        b"indexer-worker",
        b"doveadm",
        b"managesieve",
        b"submission",
        b"pam",
        b"sql",
        b"ldap",
        b"passwd",
        b"passwd-file",
        b"shadow",
        b"plain",
        b"login",
        b"static",
        b"lua",
        b"oauth2",
        b"userdb",
    ];
    let hay = cx.hay();
    let mut at = literal.end;
    for _ in 0..3 {
        let open = skip(hay, at, 48, |b| {
            is_word(b) || matches!(b, b':' | b' ' | b'-' | b'[' | b']' | b'.')
        });
        if byte(hay, open) != b'(' {
            return;
        }
        let service = Span::new(skip_back(hay, open, 24, |b| is_word(b) || b == b'-'), open);
        let mut start = open.saturating_add(1);
        let mut end = skip(hay, start, 128, |b| {
            !matches!(b, b')' | b',' | b' ') && !is_end(b)
        });
        let span = Span::new(start, end);
        // A process id comes first: `lmtp(1234, pat)`.
        if span.of(hay).iter().all(|b| is_digit(*b)) && byte(hay, end) == b',' {
            start = skip(hay, end.saturating_add(1), 2, |b| b == b' ');
            end = skip(hay, start, 128, |b| {
                !matches!(b, b')' | b',' | b' ') && !is_end(b)
            });
        }
        let span = Span::new(start, end);
        let number = span.of(hay).iter().all(|b| is_digit(*b));
        if SERVICES.contains(&service.of(hay)) && !number && matches!(byte(hay, end), b')' | b',') {
            return name(cx, span);
        }
        at = skip(hay, end, 64, |b| b != b')' && !is_end(b)).saturating_add(1);
    }
}

/// The column before the hierarchy code of Squid's own format: `… URL pat HIER_DIRECT/…`.
pub(super) fn squid(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let code = skip_back(hay, literal.start, 24, |b| {
        b.is_ascii_uppercase() || b == b'_'
    });
    let end = if code < literal.start && before(hay, code) == b' ' {
        code.saturating_sub(1)
    } else {
        literal.start
    };
    let column = |b: u8| b > b' ' && b != b'"';
    let user = Span::new(skip_back(hay, end, 64, column), end);
    let url = Span::new(
        skip_back(hay, user.start.saturating_sub(1), 256, column),
        user.start.saturating_sub(1),
    );
    let seen = url.of(hay);
    if before(hay, user.start) == b' '
        && user.of(hay) != b"-"
        && (memchr::memmem::find(seen, b"://").is_some() || seen.contains(&b':'))
    {
        name(cx, user);
    }
}

/// The last part of an Amazon Resource Name of a user or of a role's session; a machine's session bears its number.
pub(super) fn arn(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let head = skip_back(hay, literal.end, 128, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'/' | b'*')
    });
    if !Span::new(head, literal.start).of(hay).starts_with(b"arn:") {
        return;
    }
    let path = Span::new(
        literal.end,
        skip(hay, literal.end, 256, |b| {
            is_name(b) || matches!(b, b'/' | b'=' | b',')
        }),
    );
    let role = literal.of(hay).starts_with(b"assumed-role");
    let start = match memchr::memrchr(b'/', path.of(hay)) {
        Some(slash) => path.start.saturating_add(slash).saturating_add(1),
        None if role => return,
        None => path.start,
    };
    let end = skip_back(hay, path.end, 4, |b| matches!(b, b'.' | b','));
    let span = Span::new(start, end.max(start));
    if !(role && span.of(hay).starts_with(b"i-")) {
        name(cx, span);
    }
}

/// `(pat) RELOAD (crontabs/pat)`, `(pat) WRONG FILE OWNER (/var/spool/cron/pat)`: whose table of jobs.
pub(super) fn crontab(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let close = said_before(hay, literal.start.saturating_add(1), 24);
    let close = memchr::memrchr(b')', close.of(hay)).map(|at| close.start.saturating_add(at));
    let who = close.map(|close| Span::new(skip_back(hay, close, 64, is_name), close));
    let who = who.filter(|who| before(hay, who.start) == b'(');
    let table = behind(hay, literal.end, b")").unwrap_or(Span::new(literal.end, literal.end));
    let folder = memchr::memrchr(b'/', table.of(hay)).map_or(0, |at| at.saturating_add(1));
    let owner = Span::new(table.start.saturating_add(folder), table.end);
    let folder = Span::new(table.start, owner.start).of(hay);
    let own = folder.ends_with(b"tabs/")
        || folder.ends_with(b"cron/")
        || who.is_some_and(|who| who.of(hay) == owner.of(hay));
    if own {
        name(cx, owner);
    }
    // Nobody's: `(SYSTEM) RELOAD (/etc/crontab)`, `(*system*) RELOAD (/etc/cron.d/x)`.
    if let Some(who) = who
        && !any(who.of(hay), &["SYSTEM", "*system*"])
        && (own || literal.of(hay).starts_with(b")"))
    {
        name(cx, who);
    }
}

/// `ConvertTo-SecureString 'hunter2' -AsPlainText`, `-String "hunter2"`.
pub(super) fn secure_string(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let named = hay.get(literal.end..).unwrap_or_default();
    let named = named.starts_with(b"-String ");
    let at = literal.end.saturating_add(if named { 8 } else { 0 });
    let quote = byte(hay, at);
    if matches!(quote, b'\'' | b'"')
        && let Some(secret) = behind(hay, at.saturating_add(1), &[quote])
        && byte(hay, secret.start) != b'$'
    {
        cx.text(secret, Class::PASSWORD, ID, "the text of a secure string");
    }
}

/// `-Password hunter2`, `-storepass hunter2`: flags that have one dash, of PowerShell and of Java's tools.
pub(super) fn password_flag(cx: &mut Cx<'_>, literal: Span) {
    const NO_SECRETS: &[&str] = &[
        "option",
        "flag",
        "parameter",
        "argument",
        "switch",
        "and",
        "or",
        "is",
        "to",
    ];
    let hay = cx.hay();
    let value = match quote_at(hay, literal.end) {
        // A quote that is not escaped and that a list or an object goes on behind closes the string around the flag.
        Some((Quote::PLAIN, start)) if matches!(byte(hay, start), b',' | b'}' | b']') => None,
        Some((quote, start)) => {
            let most = hay.len().min(start.saturating_add(SECRET_BYTES_MAX));
            let end = string_end(hay.get(..most).unwrap_or_default(), start, quote);
            (end < most && !is_end(byte(hay, end))).then_some(Span::new(start, end))
        }
        None => Some(Span::new(
            literal.end,
            skip(hay, literal.end, 64, |b| {
                b > b' ' && !matches!(b, b'"' | b'\'' | b'<')
            }),
        )),
    };
    if let Some(value) = value
        && !matches!(byte(hay, value.start), b'-' | b'$' | b'(' | b'@' | b'[')
        && !value.is_empty()
        && !any(value.of(hay), NO_SECRETS)
    {
        cx.text(value, Class::PASSWORD, ID, "a flag for a password");
    }
}

/// `snmp-server community hunter2 RO`, `rocommunity hunter2`: who knows the name of the community may ask (RFC 1157
/// §3.2.5).
pub(super) fn community(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let start = literal.end;
    let front = before(hay, literal.start);
    let is_line = match byte(hay, literal.start) {
        b's' => hay
            .get(..literal.start)
            .is_some_and(|head| head.ends_with(b"snmp-")),
        _ => !is_word(front),
    };
    let end = skip(hay, start, 64, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'<')
    });
    if is_line && end > start {
        cx.text(
            Span::new(start, end),
            Class::PASSWORD,
            ID,
            "the name of a community of SNMP",
        );
    }
}
