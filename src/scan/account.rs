//! Account names that no key announces: the phrases of login daemons.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "account_phrase";

const PHRASES: &[&str] = &[
    "user ",
    "User ",
    "USER ",
    "sername ",
    "for ",
    "account ",
    "(uid=",
    "password \"",
    "(to ",
    ") CMD (",
    "TTY=",
    "role \"",
    "ROLE ",
    "用户",
];

/// What sshd, PAM, sudo, su, cron, logind, FTP and database servers say of a user.
pub(super) static PHRASE: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: PHRASES,
    source: "messages of OpenSSH, Linux-PAM, sudo, shadow, cron, systemd-logind, MySQL, PostgreSQL; RFC 959 (USER)",
    confirm,
    finds: &[
        "Invalid user pat 127.0.0.1 port 12345 from 192.0.2.7 port 22",
        "Failed password for pat from 192.0.2.7 port 22 ssh2",
        "Failed password for invalid user pat from 192.0.2.7 port 22 ssh2",
        "pam_unix(sshd:session): session opened for user root by pat(uid=0)",
        "sudo:      pat : TTY=pts/0 ; PWD=/ ; COMMAND=/bin/ls",
        "su: (to root) pat on pts/1",
        "CRON[812]: (pat) CMD (run-parts)",
        "New session 3 of user pat.",
        "Access denied for user 'pat'@'localhost' (using password: YES)",
        "FATAL: role \"pat\" does not exist",
        "authentication failed (user pat) from",
        "username 'pat' unknown",
        "usermod[1]: change user name 'pat' to 'lee'",
        "Authentication for user [pat] FAILED",
        "maximum authentication attempts exceeded for pat from 192.0.2.7 port 22 ssh2",
        "Created slice User Slice of pat.",
        "Starting User Manager for UID 1000...",
        "pam_tally2(sshd:auth): user pat (1003) tally 9, deny 5",
        "pam_listfile(sshd:auth): Refused user pat for service sshd",
        "login failed for pat on db from client 192.0.2.7",
        "Login attempt failed for pat.",
        "Pubkey auth succeeded for 'pat' with key",
        "[sudo] password for pat: ",
        "user pat not found: /private",
        "Could not find user pat@db",
        r"logon attempt by account corp.example\pat was denied",
        r"denied for corp\pat: locked",
        "Too many authentication failures for pat [preauth]",
        "FAILED LOGIN for pat [192.0.2.7] to x",
        "Session opened for pat.",
        "auth failed for  pat : wrong password",
        "account pat locked after 5 attempts",
        "Login with username pat from 192.0.2.7 failed",
        "User pat doesn't exist",
        "Group x User pat IP 192.0.2.7 session ended",
        "AUDIT - user pat - RAW: x",
        "access denied for user `pat' from x",
        r"user [CORP]\[pat] at",
        "no such user ('pat@pam')",
        "ALTER ROLE pat WITH LOGIN",
        "用户[pat]登录成功",
        "用户 张伟 登录失败",
        "用户 zhangwei 从 192.0.2.7 登录失败",
        "User ann locked out on exceeding 3 failed attempts",
        "User ann executed cmd: show run",
        "User ann login successfully from GUI",
        "User ann added to auth logon",
        "XAUTH: User ann: Authentication Successful",
        "Management session from 192.0.2.7:0 for admin ann has timed out",
        "User (ann) authenticated.",
        "Process Create: net user ann hunter2 /add",
        "gkr-pam: unlocked login keyring for ann",
        "Created session (access granted): username ann, ip 192.0.2.7:51522",
        "FAILED LOGIN: invalid mail user ann (no such mailbox)",
    ],
    leaves: &[
        "the user is not known",
        "as a.user [11/Jan/2020:23:05:27 +0100] \"GET",
        "waiting for data from disk",
        "Invalid user  from 192.0.2.7",
        "user agent string",
        "no such user process",
        "looking for work by night",
        "per-user themes from x",
        "error for account limits",
        "function call error for \"trim\" at 12",
        "a truncation error for some",
        "192.0.2.7 - - user [10/Oct/2000:13:55:36 +0000]",
        "utme=8(User Type*Page)9(Anon*index2)",
        "authentication failed for 3 times",
        "user preferences not found",
        r"for a\nb and user x\nfoo",
        "用户名密码错误，用户不存在",
        "subsystem request for sftp by user",
        "the account was locked",
        "account temporarily locked",
        "session closed for 5 minutes",
        "DROP ROLE IF EXISTS",
        "用户数据从数据库加载",
        "for admin use only",
        "the user login page",
        "User login failed",
        "net user /domain",
        "error in user (see above) config",
    ],
};

/// Longest of them.
const STOP_BYTES_MAX: usize = 16;

/// Words that follow `user` without being one.
static STOP: LazyLock<HashSet<&'static [u8]>> = LazyLock::new(|| {
    let lines = include_str!("stop.txt").lines();
    lines
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::as_bytes)
        .collect()
});

pub(super) fn stops(word: &[u8]) -> bool {
    let mut lower = [0; STOP_BYTES_MAX];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    STOP.contains(&*lower)
}

/// What is said of a user right behind the name.
const FOLLOWS_A_USER: &[&str] = &[
    "does not exist",
    "doesn't exist",
    "of group ",
    "has exited ",
    "has logged ",
    "has been locked",
    "has failed ",
    "Stored file ",
    "Retrieved file ",
    "locked out ",
    "executed cmd",
    "login succe",
    "login failed",
    "added to auth",
];

/// A `*` is a character that was hidden before: scrubbing twice must see the same name.
fn is_name(b: u8) -> bool {
    is_word(b) || matches!(b, b'.' | b'@' | b'$' | b'-' | b'+' | b'\\' | b'/' | b'*')
}

fn word_at(hay: &[u8], end: usize) -> &[u8] {
    Span::new(
        skip_back(hay, end, 32, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'_')
        }),
        end,
    )
    .of(hay)
}

pub(super) fn any(word: &[u8], of: &[&str]) -> bool {
    // Nearly all differ in length or first letter, which costs no call.
    let first = byte(word, 0).to_ascii_lowercase();
    of.iter().map(|w| w.as_bytes()).any(|w| {
        w.len() == word.len()
            && byte(w, 0).to_ascii_lowercase() == first
            && word.eq_ignore_ascii_case(w)
    })
}

/// `domain\name`, with one backslash or two. One backslash may be the beginning of an escape.
pub(super) fn is_down_level(token: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'\\', token) else {
        return false;
    };
    let name = skip(token, at, 2, |b| b == b'\\');
    let domain = token.get(..at).unwrap_or_default();
    let rest = token.get(name..).unwrap_or_default();
    let escape = name.saturating_sub(at) == 1
        && matches!(
            byte(rest, 0),
            b'n' | b'r' | b't' | b'b' | b'f' | b'u' | b'/'
        );
    domain.len() >= 2
        && domain
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && rest.len() >= 2
        && !rest.contains(&b'\\')
        && !escape
}

/// `用户[张伟]登录成功`, `用户 张伟 已退出`: the name in front of what the user did.
fn chinese(cx: &mut Cx<'_>, at: usize) {
    const DEEDS: &[&str] = &[
        "登录",
        "登陆",
        "登出",
        "退出",
        "注销",
        "注册",
        "认证",
        "已登录",
        "已退出",
        "已登出",
        "已注销",
        "尝试登录",
        "成功登录",
        "请求登录",
        "连接",
    ];
    const NO_NAMES: &[&str] = &[
        "名", "密码", "组", "已", "未", "正在", "自动", "成功", "重复", "数", "端",
    ];
    let hay = cx.hay();
    let begins = |at: usize, words: &[&str]| {
        let tail = hay.get(at..).unwrap_or_default();
        words.iter().any(|word| tail.starts_with(word.as_bytes()))
    };
    let open = skip(hay, at, 2, |b| {
        matches!(b, b' ' | b'[' | b'"' | b'\'' | b'<' | b'(')
    });
    if begins(open, NO_NAMES) {
        return;
    }
    let stop = skip(hay, open, 64, is_name);
    let end = (open..stop).find(|end| begins(*end, DEEDS)).unwrap_or(stop);
    let close = skip(hay, end, 2, |b| {
        matches!(b, b' ' | b']' | b'"' | b'\'' | b'>' | b')')
    });
    // `用户 zhangwei 从 …`; of Chinese it may be what comes from somewhere.
    let from =
        || close > end && Span::new(open, end).of(hay).is_ascii() && begins(close, &["从", "在"]);
    if end > open && (begins(close, DEEDS) || from()) {
        cx.text(
            Span::new(open, end),
            Class::ACCOUNT,
            ID,
            "a user by the words around",
        );
    }
}

/// A quoted name at `at`: its inside.
fn quoted(hay: &[u8], at: usize) -> Option<Span> {
    let escaped = usize::from(byte(hay, at) == b'\\');
    let at = at.saturating_add(escaped);
    let close = match byte(hay, at) {
        b'<' => b'>',
        b'[' => b']',
        q @ (b'\'' | b'"' | b'`') => q,
        _ => return None,
    };
    // ``name'`` as older programs quote.
    let other = if close == b'`' { b'\'' } else { close };
    let start = at.saturating_add(1);
    let end = skip(hay, start, 128, |b| b != close && b != other && !is_end(b));
    // Brackets hold names and more: `[10/Oct/2000:13:55:36 +0000]`.
    if close == b']' && !Span::new(start, end).of(hay).iter().all(|b| is_name(*b)) {
        return None;
    }
    matches!(byte(hay, end), b if b == close || b == other).then(|| {
        Span::new(
            start,
            end.saturating_sub(if escaped == 1 && before(hay, end) == b'\\' {
                1
            } else {
                0
            }),
        )
    })
}

/// Where the name of a peer of sshd ends, whatever it is: in front of ` from ADDRESS`, ` from ADDRESS port N` or
/// ` ADDRESS port N`. Nothing where the message does not go on so.
fn peer_end(hay: &[u8], start: usize) -> Option<usize> {
    let end = hostile_end(hay, start);
    let rest = hay.get(end..).unwrap_or_default();
    let (from, rest) = match rest.strip_prefix(b" from ") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(b" ")?),
    };
    // A `*` is a character that was hidden before.
    let signs = |b: u8| matches!(b, b'.' | b':' | b'*');
    let length = skip(rest, 0, 64, |b| {
        b.is_ascii_hexdigit() || b == b'%' || signs(b)
    });
    let (address, behind) = rest.split_at_checked(length)?;
    let port = behind.strip_prefix(b" port ");
    let port = port.is_some_and(|port| is_digit(byte(port, 0)));
    let over = from && matches!(byte(behind, 0), b'\n' | b'\r' | b'\0' | b'"');
    (end > start && address.iter().any(|b| signs(*b)) && (port || over)).then_some(end)
}

/// Where the name ends in `User pat from 192.0.2.7 not allowed because …`, whatever it is.
fn refused_end(hay: &[u8], start: usize) -> Option<usize> {
    let rest = Span::new(start, skip(hay, start, 512, |b| !is_end(b) && b != b'"')).of(hay);
    let said = memchr::memmem::find(rest, b" not allowed because ")?;
    let from = memchr::memmem::rfind(rest.get(..said)?, b" from ")?;
    (from > 0).then(|| start.saturating_add(from))
}

/// End of a name that may hold anything, blanks and addresses too: the last ` from `, or what stands
/// before the last ` port `.
fn hostile_end(hay: &[u8], start: usize) -> usize {
    let rest = hay.get(start..).unwrap_or_default();
    let rest = rest.get(..512).unwrap_or(rest);
    let stop = memchr::memchr3(b'\n', b'\0', b'"', rest).unwrap_or(rest.len());
    let rest = rest.get(..stop).unwrap_or(rest);
    // Blank by blank from the end; the one in front of the last ` port ` is where the name ends without a ` from `.
    let (mut port, mut before_port) = (false, None);
    for blank in memchr::memrchr_iter(b' ', rest) {
        let word = rest.get(blank..).unwrap_or_default();
        if word.starts_with(b" from ") {
            return start.saturating_add(blank);
        }
        if port && before_port.is_none() {
            before_port = Some(blank);
        }
        port |= word.starts_with(b" port ");
    }
    match before_port {
        Some(length) => start.saturating_add(length),
        None => name_end(hay, start),
    }
}

/// End of the name at `start`. A line feed or tab that is written as one ends it (`ann\nPASSWORD`); what a lower-case
/// letter follows is rather that of `DOMAIN\nancy`.
fn name_end(hay: &[u8], start: usize) -> usize {
    let end = skip(hay, start, 64, is_name);
    let name = Span::new(start, end).of(hay);
    let escape = memchr::memchr_iter(b'\\', name).find(|slash| {
        let slash = start.saturating_add(*slash);
        let behind = byte(hay, slash.saturating_add(2));
        matches!(byte(hay, slash.saturating_add(1)), b'n' | b'r' | b't')
            && before(hay, slash) != b'\\'
            && (behind.is_ascii_uppercase() || !is_word(behind))
    });
    escape.map_or(end, |slash| start.saturating_add(slash))
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, PHRASES) else {
        return;
    };
    if literal == "用户" {
        return chinese(cx, at);
    }
    let begin = at.saturating_sub(literal.len());
    // The end of a name (`a.user [11/Jan/…`) begins no phrase.
    if before(hay, begin) == b'.' {
        return;
    }
    let mut take = |span: Span, reason| {
        let end = if before(hay, span.end) == b'.' {
            span.end.saturating_sub(1)
        } else {
            span.end
        };
        let span = Span::new(span.start, end);
        if span.of(hay).iter().any(|b| is_word(*b) || *b == b'*') {
            cx.text(span, Class::ACCOUNT, ID, reason);
        }
    };
    let prev_end = skip_back(hay, begin, 1, |b| b == b' ');
    let prev = word_at(hay, prev_end);
    let token = Span::new(at, name_end(hay, at));
    let after = skip(hay, token.end, 1, |b| b == b' ');
    let next = Span::new(after, skip(hay, after, 16, |b| b.is_ascii_alphabetic())).of(hay);
    match literal {
        "(uid=" => {
            let name = Span::new(skip_back(hay, begin, 64, is_name), begin);
            if word_at(hay, name.start.saturating_sub(1)) == b"by"
                || word_at(hay, name.start.saturating_sub(1)) == b"user"
            {
                take(name, "who opened the session");
            }
        }
        "(to " => {
            let close = token.end;
            let who = close.saturating_add(2);
            let end = skip(hay, who, 64, is_name);
            if byte(hay, close) == b')' && Span::new(end, end.saturating_add(4)).of(hay) == b" on "
            {
                take(token, "whom su became");
                take(Span::new(who, end), "who called su");
            }
        }
        ") CMD (" => {
            let name = Span::new(skip_back(hay, begin, 64, is_name), begin);
            if before(hay, name.start) == b'(' {
                take(name, "whose cron job");
            }
        }
        "password \"" => {
            if let Some(secret) = quoted(hay, at.saturating_sub(1)) {
                cx.text(secret, Class::PASSWORD, ID, "a quoted password");
            }
        }
        "TTY=" => {
            let colon = skip_back(hay, begin, 2, |b| matches!(b, b' ' | b':'));
            let end = skip_back(hay, colon, 2, |b| b == b' ');
            if begin.saturating_sub(colon) == 2 && end < colon {
                take(
                    Span::new(skip_back(hay, end, 64, is_name), end),
                    "who called sudo",
                );
            }
        }
        "role \"" => {
            let end = skip(hay, at, 64, |b| b != b'"' && !is_end(b));
            if byte(hay, end) == b'"' && matches!(next, b"does" | b"is")
                || byte(hay, end.saturating_add(1)) == b' '
            {
                take(Span::new(at, end), "a database role");
            }
        }
        "for " => {
            // Two blanks, and one in front of the colon behind the name.
            let at = skip(hay, at, 1, |b| b == b' ');
            let token = Span::new(at, skip(hay, at, 64, is_name));
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
                return take(number, "the number of an account");
            }
            // `for admin pat has timed out`
            if token.of(hay) == b"admin" {
                let who = Span::new(after, skip(hay, after, 64, is_name));
                let said = hay.get(who.end..).unwrap_or_default();
                if said.starts_with(b" has ") && !stops(who.of(hay)) {
                    take(who, "an administrator by the words around");
                }
                return;
            }
            // `for pat from 192.0.2.1 port 22`
            let from = Span::new(token.end, token.end.saturating_add(6)).of(hay) == b" from ";
            let host = token.end.saturating_add(6);
            let port = skip(hay, host, 64, |b| b > b' ');
            let address = from && Span::new(port, port.saturating_add(6)).of(hay) == b" port ";
            // `login failed for pat on db`, `authentication denied for pat`
            let prev_start = prev_end.saturating_sub(prev.len());
            let deed = word_at(hay, skip_back(hay, prev_start, 1, |b| b == b' '));
            let outcome = any(
                prev,
                &["failed", "denied", "rejected", "successful", "tried"],
            ) && any(
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
            let said = any(deed, &["session"])
                && any(prev, &["opened", "closed", "revisited", "started", "ended"])
                || any(deed, &["reset"]) && any(prev, &["requested"])
                || any(deed, &["shadow"]) && any(prev, &["information"]);
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
                    ],
                );
            if (other || !any(prev, AUTH)) && !address && !outcome && !said && !down_level
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
            let colon = skip(hay, token.end, 1, |b| b == b' ');
            let colon = byte(hay, colon) == b':'
                && matches!(byte(hay, colon.saturating_add(1)), b' ' | b'\n' | 0);
            // `FAILED LOGIN for pat [192.0.2.7]`, `Successful login for pat (ID: 7)`
            let bracket = matches!(byte(hay, after), b'[' | b'(')
                && any(
                    prev,
                    &["login", "logon", "failures", "authentication", "attempts"],
                );
            if let Some(name) = quoted(hay, at) {
                // `authentication failure for "/admin"` names what was asked for.
                if byte(hay, name.start) != b'/' {
                    take(name, "who authenticates");
                }
            } else if matches!(prev, b"password" | b"publickey" | b"none")
                && byte(hay, token.end) == b' '
                && let end = hostile_end(hay, at)
                && end > token.end
            {
                take(Span::new(at, end), "who authenticates");
            } else if down_level
                || prev == b"password" && colon && byte(hay, token.end) == b':'
                || bracket && !token.is_empty() && !stops(token.of(hay))
                || outcome
                    && !stops(token.of(hay))
                    && !is_digit(byte(hay, at))
                    && (any(next, &["on", "with", "because", "due", "using", "at"])
                        || colon
                        || matches!(byte(hay, token.end), b',' | b';' | b'(' | b'|'))
                || any(next, &["from", "by", "has", "port", "ruser", "via"])
                || address
                || prev == b"su"
                || is_end(byte(hay, after)) && !stops(token.of(hay))
            {
                take(token, "who authenticates");
                if (prev == b"su" || said) && next == b"by" {
                    let by = after.saturating_add(3);
                    let who = Span::new(by, skip(hay, by, 64, is_name));
                    if !stops(who.of(hay)) {
                        take(who, "who asked for it");
                    }
                }
            }
        }
        "account " | "sername " => {
            if let Some(name) = quoted(hay, at) {
                take(name, "a quoted account");
            } else if is_down_level(token.of(hay)) {
                take(token, "an account of a Windows domain");
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
                || literal == "sername "
                    && hay
                        .get(token.end..)
                        .is_some_and(|rest| rest.starts_with(b", ip "))
                || literal == "account "
                    && hay
                        .get(after..)
                        .is_some_and(|rest| rest.starts_with(b"logged in, "))
            {
                take(token, "an account by the words around");
            }
        }
        "ROLE " => {
            if any(prev, &["CREATE", "ALTER", "DROP"]) && !any(token.of(hay), &["IF"]) {
                take(token, "a database role");
            }
        }
        _ => {
            // `no such user ('pat@pam')`
            let open = at.saturating_add(usize::from(
                byte(hay, at) == b'(' && byte(hay, at.saturating_add(1)) == b'\'',
            ));
            if let Some(name) = quoted(hay, open) {
                // `user [DOMAIN]\[pat]`
                let behind = skip(hay, name.end.saturating_add(1), 2, |b| b == b'\\');
                let name = match quoted(hay, behind) {
                    Some(second) if byte(hay, behind) == b'[' => second,
                    _ => name,
                };
                if name.len() <= 64 && !name.of(hay).contains(&b',') {
                    take(name, "a quoted user");
                }
                return;
            }
            // `user pat: authentication failure for "/x"`
            if hay.get(token.end..).is_some_and(|rest| {
                rest.starts_with(b": authentication ") || rest.starts_with(b": Authentication ")
            }) {
                return take(token, "who authenticates");
            }
            // `User (pat) authenticated`
            let close = skip(hay, at.saturating_add(1), 64, is_name);
            if byte(hay, at) == b'('
                && hay
                    .get(close..)
                    .is_some_and(|rest| rest.starts_with(b") authenticated"))
            {
                return take(Span::new(at.saturating_add(1), close), "who authenticates");
            }
            // `net user pat hunter2 /add`
            if prev == b"net" && !token.is_empty() && byte(hay, at) != b'/' {
                take(token, "an account on a command line");
                let secret = Span::new(after, skip(hay, after, 64, |b| b > b' ' && b != b'"'));
                let end = secret.end;
                if after > token.end && byte(hay, after) != b'/' && byte(hay, end) == b' ' {
                    let reason = "a password on a command line";
                    cx.text(secret, Class::PASSWORD, ID, reason);
                }
                return;
            }
            // `change user name 'pat' to 'lee'`
            if token.of(hay) == b"name"
                && let Some(old) = quoted(hay, after)
            {
                take(old, "a quoted user");
                let to = old.end.saturating_add(5);
                if Span::new(old.end, to).of(hay) == b"' to "
                    && let Some(new) = quoted(hay, to)
                {
                    take(new, "a quoted user");
                }
                return;
            }
            // `User Slice of pat.`, `User Slice of UID 1000.`
            if token.of(hay) == b"Slice" && next == b"of" {
                let of = after.saturating_add(3);
                let uid = Span::new(of, of.saturating_add(4)).of(hay) == b"UID ";
                let start = if uid { of.saturating_add(4) } else { of };
                return take(
                    Span::new(start, skip(hay, start, 64, is_name)),
                    "whose slice",
                );
            }
            let in_front = hay.get(..prev_end).unwrap_or_default();
            // What sshd says is said of anybody: a name may be `the`, or a sentence.
            if in_front.ends_with(b"input_userauth_request: invalid") {
                let stop = skip(hay, at, 512, |b| b != b'"' && !is_end(b));
                let rest = Span::new(at, stop).of(hay);
                let end = memchr::memmem::rfind(rest, b" [preauth]").unwrap_or(rest.len());
                return take(Span::new(at, at.saturating_add(end)), "a peer of sshd");
            }
            let anybody = if any(prev, &["invalid", "illegal", "authenticating", "from"]) {
                peer_end(hay, at)
            } else if literal == "User " {
                refused_end(hay, at)
            } else {
                None
            };
            if let Some(end) = anybody {
                return take(Span::new(at, end), "a peer of sshd");
            }
            if stops(token.of(hay)) || token.is_empty() || byte(hay, token.end) == b'=' {
                return;
            }
            // `per-user themes from x`, `multi-user target failed`
            if before(hay, begin) == b'-' && is_word(before(hay, begin.saturating_sub(1))) {
                return;
            }
            if any(prev, &["invalid", "illegal"]) {
                take(Span::new(at, hostile_end(hay, at)), "an invalid user");
            } else if any(
                prev,
                &[
                    "unknown",
                    "authenticating",
                    "for",
                    "by",
                    "of",
                    "as",
                    "refused",
                    "rejected",
                    "blocked",
                    "banned",
                    "find",
                    "mapped",
                ],
            ) || is_down_level(token.of(hay))
                || prev == b"from" && is_digit(byte(hay, after))
                || byte(hay, after) == b'(' && is_digit(byte(hay, after.saturating_add(1)))
                || before(hay, begin) == b'('
                    && byte(hay, token.end) == b')'
                    && !is_word(before(hay, begin.saturating_sub(1)))
                || literal == "USER "
                    && (is_end(byte(hay, token.end)) || matches!(byte(hay, after), b'(' | b':'))
                || any(prev, &["CREATE", "ALTER", "DROP"])
                // `invalid mail user pat (no such mailbox)`
                || byte(hay, after) == b'('
                    && after > token.end
                    && any(
                        word_at(hay, begin.saturating_sub(prev.len()).saturating_sub(2)),
                        &["invalid", "unknown"],
                    )
                || next == b"not"
                    && hay.get(after..).is_some_and(|t| {
                        t.starts_with(b"not allowed") || t.starts_with(b"not found")
                    })
                || hay.get(after..).is_some_and(|rest| {
                    FOLLOWS_A_USER
                        .iter()
                        .any(|words| rest.starts_with(words.as_bytes()))
                })
                || in_front.ends_with(b"logged in")
                // `User pat IP 192.0.2.7`
                || next == b"IP"
                    && (is_digit(byte(hay, after.saturating_add(3)))
                        || byte(hay, after.saturating_add(3)) == b'<')
                // `AUDIT - user pat - RAW: …`
                || byte(hay, after) == b'-'
                    && byte(hay, after.saturating_add(1)) == b' '
                    && after > token.end
                    && before(hay, prev_end) == b'-'
                || next == b"added" && hay.get(after..).is_some_and(|t| t.starts_with(b"added by"))
                || any(
                    next,
                    &[
                        "logged",
                        "from",
                        "authenticated",
                        "authentication",
                        "disconnected",
                        "failed",
                        "via",
                    ],
                )
            {
                take(token, "a user by the words around");
                // `user pat (1003)`
                let number = after.saturating_add(1);
                let close = skip(hay, number, 10, |b| is_digit(b) || b == b'*');
                if byte(hay, after) == b'(' && close > number && byte(hay, close) == b')' {
                    take(Span::new(number, close), "the number of an account");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scanner, Scratch};
    use super::*;

    /// Whatever stands behind the record, and nothing.
    #[test]
    fn a_hostile_name_is_taken_whole() {
        for (line, name) in [
            (
                "Invalid user pat 127.0.0.1 port 12345 from 192.0.2.7 port 22",
                "pat 127.0.0.1 port 12345",
            ),
            (
                "Invalid user pat from 192.0.2.1 port 2 from 192.0.2.7 port 22",
                "pat from 192.0.2.1 port 2",
            ),
            (
                "Failed password for pat b c from 192.0.2.7 port 22 ssh2",
                "pat b c",
            ),
            ("Invalid user pat b 192.0.2.7 port 22", "pat b"),
        ] {
            for behind in ["", "\n", &format!("\n{}", "x from y port 1\n".repeat(60))] {
                let hay = format!("{line}{behind}");
                let mut findings = Vec::new();
                Scanner::default().scan(hay.as_bytes(), &mut Scratch::default(), &mut findings);
                let names: Vec<_> = findings
                    .iter()
                    .filter(|f| f.class == Class::ACCOUNT)
                    .map(|f| str::from_utf8(f.span.of(hay.as_bytes())).unwrap())
                    .collect();
                assert!(names.contains(&name), "{line}: {names:?}");
            }
        }
    }
}
