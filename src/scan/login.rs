//! Names of accounts in what login, su, sudo, doas and services that let people in say.

use super::context::Cx;
use super::deeds::with_mark;
use super::names::{any, behind, is_name, name, said_before, stops, word_before, word_behind};
use super::secret;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back, unmarked};
use crate::record::Span;

/// `LOGIN ON tty1 BY pat`.
pub(super) fn login_on(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let tty = skip(hay, literal.end, 32, |b| b > b' ');
    let who = tty.saturating_add(4);
    if Span::new(tty, who).of(hay) == b" BY " {
        name(cx, Span::new(who, skip(hay, who, 64, is_name)));
    }
}

/// `FAILED LOGIN (1) on '/dev/tty1' FOR 'pat'`, `FAILED LOGIN 2 FROM tty1 FOR pat, Authentication failure`.
pub(super) fn login_for(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let said = said_before(hay, literal.start, 64);
    if memchr::memmem::find(said.of(hay), b"LOGIN").is_none() {
        return;
    }
    let start = literal.end.saturating_add(1);
    let word = word_behind(hay, literal.end);
    if byte(hay, literal.end) == b'\'' {
        if let Some(span) = behind(hay, start, b"'") {
            name(cx, span);
        }
    } else if byte(hay, word.end) == b',' {
        name(cx, word);
    }
}

/// `Account locked: pat`, where nothing but the name is said.
pub(super) fn alone(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    const OTHERS: &[&str] = &[
        "true",
        "false",
        "null",
        "none",
        "undefined",
        "maintenance",
        "security",
        "inactivity",
        "review",
        "nil",
        "yes",
        "no",
        "unknown",
        "days",
        "hours",
        "minutes",
        "error",
        "expired",
        "fraud",
        "email",
        "password",
        "id",
    ];
    let who = word_behind(hay, literal.end);
    let text = who.of(hay);
    let next = byte(hay, who.end);
    let over = is_end(next) || b"\"'\\)],;<\r".contains(&next);
    // `Account locked for 30m`
    let counted = text.iter().all(|b| is_digit(*b)) || text.len() < 4 && is_digit(byte(text, 0));
    if over && !any(text, OTHERS) && !counted {
        name(cx, who);
    }
}

/// `login attempt by pat failed`, but `by IP 192.0.2.1`.
pub(super) fn by(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    const OTHERS: &[&str] = &[
        "unknown",
        "unauthorized",
        "bot",
        "attacker",
        "user",
        "client",
        "host",
        "IP",
        "the",
    ];
    let who = word_behind(hay, literal.end);
    let address = byte(hay, who.end) == b' ' && is_digit(byte(hay, who.end.saturating_add(1)));
    let article = matches!(who.of(hay), b"a" | b"an");
    if !address && !article && !any(who.of(hay), OTHERS) {
        name(cx, who);
    }
}

/// `sshd: pat [priv]`, `sshd: pat@pts/0`: the title of the process that serves somebody.
pub(super) fn title(cx: &mut Cx<'_>, literal: Span) {
    const BEHIND: &[&[u8]] = &[
        b" [priv]", b" [net]", b" [pam]", b"@pts/", b"@notty", b"@tty",
    ];
    let hay = cx.hay();
    let end = skip(hay, literal.end, 64, |b| is_name(b) && b != b'@');
    let rest = hay.get(end..).unwrap_or_default();
    let who = Span::new(literal.end, end);
    if BEHIND.iter().any(|behind| rest.starts_with(behind)) && who.of(hay) != b"unknown" {
        name(cx, who);
    }
}

/// `log=pat&pwd=`: the field of a form in front of the password's.
pub(super) fn form(cx: &mut Cx<'_>, literal: Span) {
    const FIELD: &[u8] = b"log=";
    let hay = cx.hay();
    let end = literal.start;
    let start = skip_back(hay, end, 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'%' | b'+' | b'@' | b'*')
    });
    let field = start.saturating_sub(FIELD.len());
    if Span::new(field, start).of(hay) == FIELD && !is_word(before(hay, field)) {
        name(cx, Span::new(start, end));
    }
}

/// `credentials pat:hunter2`
pub(super) fn pair(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let colon = skip(hay, literal.end, 64, |b| is_name(b) && b != b':');
    let secret = colon.saturating_add(1);
    let end = skip(hay, secret, 128, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'\\' | b',') && !is_end(b)
    });
    let secret = Span::new(secret, end);
    const OTHERS: &[&str] = &[
        "status", "type", "provider", "file", "scheme", "error", "code", "id", "source", "profile",
        "http", "https", "expires",
    ];
    // `arn:aws:iam::…`, `vault:secret/app`
    const PLACES: &[&str] = &["arn", "vault", "secret", "env"];
    let path = secret.of(hay).iter().any(|b| matches!(b, b':' | b'/'));
    if path && any(Span::new(literal.end, colon).of(hay), PLACES) {
        return;
    }
    if any(Span::new(literal.end, colon).of(hay), OTHERS) {
        return;
    }
    if byte(hay, colon) == b':' && colon > literal.end && secret::is_like_one(secret.of(hay)) {
        name(cx, Span::new(literal.end, colon));
        cx.text(
            secret,
            Class::PASSWORD,
            "message",
            "credentials that are said",
        );
    }
}

/// `shell[2101]: [pat]: esxcli …`, the history of an ESXi shell.
pub(super) fn at_shell(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 10, is_digit);
    let open = end.saturating_add(4);
    let who = Span::new(open, skip(hay, open, 64, is_name));
    if Span::new(end, open).of(hay) == b"]: ["
        && Span::new(who.end, who.end.saturating_add(3)).of(hay) == b"]: "
    {
        name(cx, who);
    }
}

/// `pat ran command /bin/ls as root from /tmp`.
pub(super) fn doas(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    name(cx, word_before(hay, literal.start));
    let stop = skip(hay, literal.end, 512, |b| !is_end(b));
    let rest = Span::new(literal.end, stop).of(hay);
    if let Some(at) = memchr::memmem::rfind(rest, b" as ") {
        let whom = word_behind(hay, literal.end.saturating_add(at).saturating_add(4));
        if hay
            .get(whom.end..)
            .is_some_and(|rest| rest.starts_with(b" from "))
        {
            name(cx, whom);
        }
    }
}

/// `BAD SU pat to root on /dev/ttyp1`.
pub(super) fn bad_su(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_behind(hay, literal.end);
    let whom = word_behind(hay, who.end.saturating_add(4));
    if Span::new(who.end, whom.start).of(hay) == b" to " {
        name(cx, who);
        name(cx, whom);
    }
}

/// `logged in as pat`, `login as pat`, `authenticated as pat`.
pub(super) fn signed_in(cx: &mut Cx<'_>, literal: Span) {
    const DEEDS: &[&[u8]] = &[
        b"logged ",
        b"log",
        b"Log",
        b"signed ",
        b"sign",
        b"authenti",
        b"authen",
    ];
    const NO_NAMES: &[&str] = &[
        "expected",
        "well",
        "soon",
        "part",
        "usual",
        "you",
        "it",
        "needed",
        "another",
        "different",
        "guest",
        "their",
        "your",
        "one",
        "being",
        "valid",
        "described",
        "follows",
    ];
    let hay = cx.hay();
    let head = hay.get(..literal.start).unwrap_or_default();
    // `authenticated as principal pat`, `Login as user pat failed`
    let noun = word_behind(hay, literal.end);
    let at = match noun.of(hay) {
        b"principal" | b"user" => noun.end.saturating_add(1),
        _ => literal.end,
    };
    let span = match byte(hay, at) {
        b'\'' | b'"' => behind(hay, at.saturating_add(1), b"'\""),
        _ => Some(word_behind(hay, at)),
    };
    if let Some(span) = span
        && DEEDS.iter().any(|deed| head.ends_with(deed))
        && !stops(span.of(hay))
        && !any(span.of(hay), NO_NAMES)
        // `logged in as Client/6.5.0` is said of a product.
        && !matches!(byte(hay, span.end), b':' | b'=' | b'/')
    {
        name(cx, span);
    }
}

/// `A001 LOGIN pat hunter2`, `LOGIN pat@example.org "hunter2"`: as IMAP lets somebody in (RFC 9051 §6.2.3).
pub(super) fn over_imap(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let string = |at: usize| match byte(hay, at) {
        b'"' => {
            let start = at.saturating_add(1);
            let span = Span::new(start, skip(hay, start, 128, |b| b != b'"' && !is_end(b)));
            let closed = usize::from(byte(hay, span.end) == b'"');
            (span, span.end.saturating_add(closed))
        }
        _ => {
            let end = skip(hay, at, 128, |b| {
                b > b' ' && !matches!(b, b'"' | b'\\' | b'(' | b')')
            });
            (Span::new(at, end), end)
        }
    };
    let front = skip_back(hay, literal.start, 1, |b| b == b' ');
    let tag = Span::new(
        skip_back(hay, front, 8, |b| b.is_ascii_alphanumeric()),
        front,
    );
    let letters = skip(hay, tag.start, 8, |b| b.is_ascii_alphabetic()).saturating_sub(tag.start);
    let start = with_mark(hay, tag.start);
    let border = before(hay, start);
    let tagged = front < literal.start
        && (1..=2).contains(&letters)
        && tag.len() > letters
        && tag.of(hay).iter().skip(letters).all(|b| is_digit(*b))
        && (matches!(border, b'"' | b'\n' | 0)
            || border == b' '
                && matches!(
                    before(hay, start.saturating_sub(1)),
                    b':' | b'>' | b'<' | b']' | b'-'
                ));
    let (who, end) = string(literal.end);
    let (secret, close) = string(end.saturating_add(1));
    let over = is_end(byte(hay, close)) || matches!(byte(hay, close), b'"' | b'\\' | b'\r');
    let quoted = byte(hay, end.saturating_add(1)) == b'"' && who.of(hay).contains(&b'@');
    if byte(hay, end) == b' ' && over && (tagged || quoted) && !who.is_empty() && !secret.is_empty()
    {
        name(cx, who);
        cx.text(secret, Class::PASSWORD, "message", "a command that lets in");
    }
}

/// `&Signature=…&Key-Pair-Id=…`, `&sig=…`: of a link that lets in whoever has it.
pub(super) fn signature(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 1024, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'~' | b'-' | b'_' | b'%' | b'+' | b'/' | b'=')
    });
    let span = Span::new(literal.end, end);
    if span.len() >= 16 && span.of(hay).iter().any(|b| is_digit(*b)) {
        cx.text(span, Class::PASSWORD, "message", "the signature of a link");
    }
}

/// `Administrator pat login failed`, `Administrator pat logged out`.
pub(super) fn administrator(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    let rest = hay.get(word.end..).unwrap_or_default();
    if rest.starts_with(b" log") && !stops(word.of(hay)) {
        name(cx, word);
    }
}

/// `user=pat auth=pat host=…`, as the IMAP toolkit of the University of Washington says it.
pub(super) fn imapd(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    let rest = hay.get(word.end..).unwrap_or_default();
    if before(hay, literal.start) == b' ' && rest.starts_with(b" host=") {
        name(cx, word);
    }
}

/// `password changed for pat`, `Password changed for user 'pat'`.
pub(super) fn whose(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    let noun = any(word.of(hay), &["user", "account", "principal"]);
    let at = match noun {
        true => word.end.saturating_add(1),
        false => literal.end,
    };
    match byte(hay, at) {
        quote @ (b'\'' | b'"') => {
            if let Some(span) = behind(hay, at.saturating_add(1), &[quote]) {
                name(cx, span);
            }
        }
        _ => name(cx, word_behind(hay, at)),
    }
}

/// `Failed to authenticate pat@admin with mechanism SCRAM-SHA-1`.
pub(super) fn at_database(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    let rest = hay.get(word.end..).unwrap_or_default();
    if let Some(at) = memchr::memchr(b'@', word.of(hay))
        && rest.starts_with(b" with ")
    {
        name(cx, Span::new(word.start, word.start.saturating_add(at)));
    }
}

/// `"AUTH" "password"`, `"auth" "pat" "password"`, as Redis shows commands.
pub(super) fn credentials(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some(first) = behind(hay, literal.end, b"\"") else {
        return;
    };
    let second = first.end.saturating_add(3);
    let secret = match Span::new(first.end, second).of(hay) {
        b"\" \"" => {
            name(cx, first);
            behind(hay, second, b"\"")
        }
        _ => Some(first),
    };
    if let Some(secret) = secret {
        cx.text(secret, Class::PASSWORD, "message", "a command that lets in");
    }
}

/// `[pat] Peer Connection Initiated`; nobody has said who it is in `[UNDEF]`.
pub(super) fn peer(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let span = word_before(hay, literal.start);
    let rest = hay.get(literal.end..).unwrap_or_default();
    let is_said = rest.starts_with(b"onnection ");
    if is_said && before(hay, span.start) == b'[' && span.of(hay) != b"UNDEF" {
        name(cx, span);
    }
}

/// `pat/192.0.2.7:1194 MULTI: …`
pub(super) fn at_peer(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let start = skip_back(hay, literal.start, 128, |b| b > b' ' && b != b'"');
    let start = unmarked(hay, start);
    let whole = Span::new(start, literal.start);
    if let Some(at) = memchr::memchr(b'/', whole.of(hay))
        && is_digit(byte(hay, start.saturating_add(at).saturating_add(1)))
    {
        name(cx, Span::new(start, start.saturating_add(at)));
    }
}

/// `10:00:00.850Z [pat]: Created x`: who did it, behind the time, in an audit's line.
pub(super) fn auditor(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let who = word_before(hay, literal.start);
    let time = Span::new(who.start.saturating_sub(4), who.start).of(hay);
    if matches!(time, [digit, b'Z', b' ', b'['] if is_digit(*digit)) {
        name(cx, who);
    }
}

/// `jA9: from=pat, size=62`, `jA9: to=pat, ctladdr=…`, `from=<pat>`: a mailbox of this host.
pub(super) fn mailbox(cx: &mut Cx<'_>, literal: Span) {
    const FOLLOWS: &[&[u8]] = &[b", size=", b", ctladdr=", b", delay="];
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    let rest = hay.get(word.end..).unwrap_or_default();
    let closed = match before(hay, literal.end) {
        b'<' => rest.starts_with(b">") && matches!(before(hay, literal.start), b' ' | b','),
        _ => FOLLOWS.iter().any(|next| rest.starts_with(next)),
    };
    if closed && !word.of(hay).contains(&b'@') {
        name(cx, word);
    }
}

/// `U=pat P=local`: who gave a message to Exim on its host.
pub(super) fn local_sender(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_behind(hay, literal.end);
    if hay
        .get(word.end..)
        .is_some_and(|rest| rest.starts_with(b" P="))
    {
        name(cx, word);
    }
}

/// `pam(pat,192.0.2.7)`, `sql(pat,192.0.2.7,<session>)`: whom a database of Dovecot's looked up.
pub(super) fn passdb(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = skip(hay, literal.end, 128, |b| {
        !matches!(b, b')' | b',' | b' ') && !is_end(b)
    });
    let from = end.saturating_add(1);
    let host = skip(hay, from, 48, |b| {
        b.is_ascii_hexdigit() || matches!(b, b'.' | b':')
    });
    let text = Span::new(from, host).of(hay);
    let address = text.iter().filter(|b| matches!(b, b'.' | b':')).count() >= 2;
    if byte(hay, end) == b',' && address && matches!(byte(hay, host), b')' | b',') {
        name(cx, Span::new(literal.end, end));
    }
}

/// `Login failed: pat (Remote IP: …)`.
pub(super) fn login_failed(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let quote = usize::from(byte(hay, literal.end) == b'\'');
    let word = word_behind(hay, literal.end.saturating_add(quote));
    let close = word.end.saturating_add(quote);
    if Span::new(close, close.saturating_add(2)).of(hay) == b" (" {
        name(cx, word);
    }
}

/// `pat failed to log in`, `pat 192.0.2.7 failed to login`.
pub(super) fn failed_to_log_in(cx: &mut Cx<'_>, literal: Span) {
    const NO_NAMES: &[&str] = &[
        "client",
        "someone",
        "attempt",
        "connection",
        "they",
        "it",
        "host",
        "visitor",
        "service",
        "server",
        "peer",
        "worker",
        "job",
    ];
    let hay = cx.hay();
    let rest = hay.get(literal.end..).unwrap_or_default();
    if !rest.starts_with(b" in") && !rest.starts_with(b"in") {
        return;
    }
    let mut span = word_before(hay, literal.start);
    // `[pat] failed to login from 192.0.2.7`
    if span.is_empty() && before(hay, span.start) == b']' {
        let inside = word_before(hay, span.start.saturating_sub(1));
        if before(hay, inside.start) == b'[' && !inside.of(hay).iter().all(|b| is_digit(*b)) {
            span = inside;
        }
    }
    let address = |text: &[u8]| {
        text.iter()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'))
    };
    if address(span.of(hay)) && span.of(hay).contains(&b'.') && before(hay, span.start) == b' ' {
        span = word_before(hay, span.start.saturating_sub(1));
    }
    let text = span.of(hay);
    if before(hay, span.start) != b':'
        && !stops(text)
        && !any(text, NO_NAMES)
        && !text.contains(&b':')
    {
        name(cx, span);
    }
}

/// `P=esmtpsa … A=plain:pat`: how a message came, and whose it is.
pub(super) fn exim(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let stop = skip(hay, literal.end, 256, |b| !is_end(b));
    let rest = Span::new(literal.end, stop).of(hay);
    let Some(at) = memchr::memmem::find(rest, b" A=") else {
        return;
    };
    let method = literal.end.saturating_add(at).saturating_add(3);
    let colon = skip(hay, method, 32, is_word);
    if byte(hay, colon) == b':' {
        name(cx, word_behind(hay, colon.saturating_add(1)));
    }
}

/// `pat: Executing command [USER=root] …`, as polkit says it.
pub(super) fn pkexec(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    name(cx, word_before(hay, literal.start));
}

/// `<pat>: Recipient address rejected: …`: a mailbox of this host.
pub(super) fn rejected(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let word = word_before(hay, literal.start);
    if before(hay, word.start) == b'<' && !word.of(hay).contains(&b'@') {
        name(cx, word);
    }
}

/// `su: pat to root on /dev/pts/0`, as the BSDs say it.
fn became(cx: &mut Cx<'_>, device: usize) {
    let hay = cx.hay();
    let whom = word_before(hay, device.saturating_sub(4));
    let who = word_before(hay, whom.start.saturating_sub(4));
    // `su: `, `su[812]: `
    let colon = who.start.saturating_sub(2);
    let pid = skip_back(hay, colon.saturating_sub(1), 10, is_digit);
    let end = match (before(hay, pid), byte(hay, colon.saturating_sub(1))) {
        (b'[', b']') => pid.saturating_sub(1),
        _ => colon,
    };
    let program = end.saturating_sub(2);
    let su = Span::new(program, end).of(hay) == b"su"
        && !before(hay, program).is_ascii_alphanumeric()
        && Span::new(colon, who.start).of(hay) == b": ";
    if su && !who.is_empty() && Span::new(who.end, whom.start).of(hay) == b" to " {
        name(cx, who);
        name(cx, whom);
    }
}

/// `+ /dev/pts/0 pat:root`.
pub(super) fn su(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let device = skip_back(hay, literal.start, 4, |b| {
        b.is_ascii_lowercase() || b == b'/'
    });
    if hay
        .get(..device)
        .is_some_and(|head| head.ends_with(b" on "))
    {
        return became(cx, device);
    }
    let sign = before(hay, device.saturating_sub(1));
    let from = skip(hay, literal.end, 5, is_digit).saturating_add(1);
    let colon = skip(hay, from, 64, is_name);
    let to = skip(hay, colon.saturating_add(1), 64, is_name);
    if matches!(sign, b'+' | b'-') && before(hay, from) == b' ' && byte(hay, colon) == b':' {
        name(cx, Span::new(from, colon));
        name(cx, Span::new(colon.saturating_add(1), to));
    }
}

/// `sudo:  pat : command not allowed ; TTY=…`.
pub(super) fn sudo(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let said = said_before(hay, literal.start, 160);
    let Some(colon) = memchr::memmem::rfind(said.of(hay), b" : ") else {
        return;
    };
    let span = word_before(hay, said.start.saturating_add(colon));
    let mark = skip_back(hay, span.start, 16, |b| b == b' ');
    if mark < span.start && before(hay, mark) == b':' {
        name(cx, span);
    }
}
