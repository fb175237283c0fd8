//! What is said of a user, in English and in Chinese.

use super::context::Cx;
use super::names::{
    any, hostile_end, is_down_level, is_name_or_path, peer_end, quoted, refused_end, stops, word_at,
};
use super::phrase::{ID, Phrase, take};
use super::secret;
use super::xml::markup_in;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip};
use crate::record::Span;

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
    "time out on ",
    "tunnel ",
    "timed out ",
    "- Remote_ip ",
    "- Client_ip ",
    "- ADM_User ",
    ": Group(s) ",
    "succeeded in ",
    "added to group",
];

/// What else is connected of a user's, and how.
const NOT_CONNECTED: &[&str] = &[
    "already",
    "app",
    "client",
    "connection",
    "currently",
    "device",
    "just",
    "newly",
    "now",
    "still",
    "terminal",
];

/// What is done from a place and is nobody: `User logout from Okta`.
const DEEDS: &[&str] = &[
    "connect",
    "disconnect",
    "import",
    "lockout",
    "logout",
    "removal",
    "signout",
    "signup",
    "sync",
];

/// What Active Record does to a model.
const QUERIES: &[&str] = &[
    "Count", "Create", "Delete", "Destroy", "Exists", "Exists?", "Insert", "Load", "Pluck", "Save",
    "Sum", "Update", "Upsert",
];

/// `User Load (0.4ms)`: how long a statement of SQL took, as Active Record logs it behind the name of a model.
fn is_query(hay: &[u8], token: Span, open: usize) -> bool {
    let end = skip(hay, open.saturating_add(1), 12, |b| {
        is_digit(b) || b == b'.'
    });
    any(token.of(hay), QUERIES) && hay.get(end..).is_some_and(|rest| rest.starts_with(b"ms)"))
}

/// `user pat`, in any case.
pub(super) fn user(cx: &mut Cx<'_>, phrase: Phrase) {
    let hay = cx.hay();
    let Phrase {
        literal,
        begin,
        at,
        prev,
        token,
        after,
        next,
        ..
    } = phrase;
    let prev_end = prev.end;
    let prev = prev.of(hay);
    let next = next.of(hay);
    // `no such user ('pat@pam')`
    let open = at.saturating_add(usize::from(
        matches!(byte(hay, at), b'(' | b'[') && byte(hay, at.saturating_add(1)) == b'\'',
    ));
    // `for user ""pat""`, in a field of CSV.
    let doubled = Span::new(open, open.saturating_add(2)).of(hay) == b"\"\""
        && is_word(byte(hay, open.saturating_add(2)));
    let open = open.saturating_add(usize::from(doubled));
    // `vcuser [local]`, a name and where its owner is.
    if byte(hay, open) == b'[' && is_word(before(hay, begin)) {
        return;
    }
    if let Some(name) = quoted(hay, open) {
        // `user [DOMAIN]\[pat]`
        let behind = skip(hay, name.end.saturating_add(1), 2, |b| b == b'\\');
        let name = match quoted(hay, behind) {
            Some(second) if byte(hay, behind) == b'[' => second,
            _ => name,
        };
        if name.len() <= 64 && !name.of(hay).contains(&b',') {
            take(cx, name, "a quoted user");
        }
        return;
    }
    // `user pat: authentication failure for "/x"`
    if hay.get(token.end..).is_some_and(|rest| {
        rest.starts_with(b": authentication ") || rest.starts_with(b": Authentication ")
    }) {
        return take(cx, token, "who authenticates");
    }
    // `for User (pat) Responder`
    let close = skip(hay, at.saturating_add(1), 64, is_name_or_path);
    if byte(hay, at) == b'(' && prev == b"for" {
        let who = Span::new(at.saturating_add(1), close);
        if hay.get(close..).is_some_and(|rest| rest.starts_with(b") "))
            && !stops(who.of(hay))
            && !any(who.of(hay), &["optional", "required"])
        {
            return take(cx, who, "a user by the words around");
        }
    }
    // `User (pat) authenticated`
    if byte(hay, at) == b'('
        && hay
            .get(close..)
            .is_some_and(|rest| rest.starts_with(b") authenticated"))
    {
        return take(
            cx,
            Span::new(at.saturating_add(1), close),
            "who authenticates",
        );
    }
    // `net user pat hunter2 /add`
    if prev == b"net" && !token.is_empty() && byte(hay, at) != b'/' {
        take(cx, token, "an account on a command line");
        if let Some(secret) = quoted(hay, after).filter(|_| after > token.end) {
            return cx.text(secret, Class::PASSWORD, ID, "a password on a command line");
        }
        let bare = Span::new(after, skip(hay, after, 64, |b| b > b' ' && b != b'"'));
        let markup = markup_in(hay, bare);
        let secret = Span::new(after, markup.unwrap_or(bare.end));
        // `net user pat hunter2` gives a new one; a sentence ends with a word that is known.
        let next = byte(hay, bare.end);
        let ends =
            (is_end(next) || matches!(next, b'"' | b'\r')) && secret::is_like_one(secret.of(hay));
        let goes_on = markup.is_some() || next == b' ' || ends;
        if after > token.end && byte(hay, after) != b'/' && goes_on && !secret.is_empty() {
            let reason = "a password on a command line";
            cx.text(secret, Class::PASSWORD, ID, reason);
        }
        return;
    }
    // `change user name 'pat' to 'lee'`
    // Right behind it a quote closes what it stands in.
    if any(token.of(hay), &["name", "id"])
        && after > token.end
        && let Some(old) = quoted(hay, after)
    {
        take(cx, old, "a quoted user");
        let to = old.end.saturating_add(5);
        if Span::new(old.end, to).of(hay) == b"' to "
            && let Some(new) = quoted(hay, to)
        {
            take(cx, new, "a quoted user");
        }
        return;
    }
    // `User "pat" cannot list resource "pods"`, as Kubernetes refuses it.
    if hay.get(after..).is_some_and(|rest| {
        rest.starts_with(b"cannot ") && {
            let verb = skip(rest, 7, 24, |b| b.is_ascii_lowercase());
            rest.get(verb..)
                .is_some_and(|rest| rest.starts_with(b" resource "))
        }
    }) {
        return take(cx, token, "a user by the words around");
    }
    // `Started by user Ann Lee`
    let last = Span::new(
        after,
        skip(hay, after, 32, |b| b.is_ascii_alphabetic() || b >= 0x80),
    );
    if prev == b"by"
        && byte(hay, token.start).is_ascii_uppercase()
        && after == token.end.saturating_add(1)
        && byte(hay, after).is_ascii_uppercase()
        && matches!(byte(hay, last.end), b'"' | b'\\' | b'\n' | b'\0' | b'\r')
    {
        return take(
            cx,
            Span::new(token.start, last.end),
            "a user by the words around",
        );
    }
    // `User Slice of pat.`, `User Slice of UID 1000.`
    let of = after.saturating_add(3);
    if token.of(hay) == b"Slice" && next == b"of" && before(hay, of) == b' ' {
        let uid = Span::new(of, of.saturating_add(4)).of(hay) == b"UID ";
        let start = if uid { of.saturating_add(4) } else { of };
        return take(
            cx,
            Span::new(start, skip(hay, start, 64, is_name_or_path)),
            "whose slice",
        );
    }
    let in_front = hay.get(..prev_end).unwrap_or_default();
    // What sshd says is said of anybody: a name may be `the`, or a sentence.
    if in_front.ends_with(b"input_userauth_request: invalid") {
        let stop = skip(hay, at, 512, |b| b != b'"' && !is_end(b));
        let rest = Span::new(at, stop).of(hay);
        let end = memchr::memmem::rfind(rest, b" [preauth]").unwrap_or(rest.len());
        return take(cx, Span::new(at, at.saturating_add(end)), "a peer of sshd");
    }
    let anybody = if any(prev, &["invalid", "illegal", "authenticating", "from"]) {
        peer_end(hay, at)
    } else if literal == "User " {
        refused_end(hay, at)
    } else {
        None
    };
    if let Some(end) = anybody {
        return take(cx, Span::new(at, end), "a peer of sshd");
    }
    let bare = token.of(hay);
    if stops(bare.strip_suffix(b".").unwrap_or(bare))
        || token.is_empty()
        || byte(hay, token.end) == b'='
        || token.of(hay) == b"NONE"
        || byte(hay, after) == b'(' && is_query(hay, token, after)
    {
        return;
    }
    // `per-user themes from x`, `multi-user target failed`
    let kind = word_at(hay, begin.saturating_sub(1));
    if before(hay, begin) == b'-' && any(kind, &["per", "multi", "single", "cross"]) {
        return;
    }
    if any(prev, &["invalid", "illegal"]) {
        take(cx, Span::new(at, hostile_end(hay, at)), "an invalid user");
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
                || prev == b"from" && (is_digit(byte(hay, after)) || is_end(byte(hay, token.end)))
                // `Added user pat with role: x`, `Deleted user pat`
                || any(prev, &["added", "deleted", "removed"])
                    && (is_end(byte(hay, token.end)) || any(next, &["with", "from", "by"])
                        || [&b"to group"[..], b"to role"].iter().any(|to| hay.get(after..).is_some_and(|rest| rest.starts_with(to))))
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
                || next == b"connected" && !any(token.of(hay), NOT_CONNECTED)
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
                || next == b"from" && !(literal == "User " && any(token.of(hay), DEEDS))
                || any(
                    next,
                    &[
                        "logged",
                        "authenticated",
                        "authentication",
                        "disconnected",
                        "failed",
                        "via",
                    ],
                )
    {
        take(cx, token, "a user by the words around");
        // `user pat (1003)`
        let number = after.saturating_add(1);
        let close = skip(hay, number, 10, |b| is_digit(b) || b == b'*');
        if byte(hay, after) == b'(' && close > number && byte(hay, close) == b')' {
            take(cx, Span::new(number, close), "the number of an account");
        }
    }
}

/// What users do with a session, and what is done with their account.
pub(super) const SESSIONS: &[&str] = &[
    "登录", "登陆", "登出", "退出", "注销", "注册", "认证", "连接",
];

/// `用户[张伟]登录成功`, `用户 张伟 已退出`: the name in front of what the user did.
pub(super) fn chinese(cx: &mut Cx<'_>, phrase: Phrase) {
    let at = phrase.at;
    const DEEDS: &[&str] = &[
        "已登录",
        "已退出",
        "已登出",
        "已注销",
        "尝试登录",
        "成功登录",
        "请求登录",
    ];
    const NO_NAMES: &[&str] = &[
        "名", "密码", "组", "已", "未", "正在", "自动", "成功", "重复", "数", "端",
    ];
    let hay = cx.hay();
    let begins = |at: usize, words: &[&str]| {
        let tail = hay.get(at..).unwrap_or_default();
        words.iter().any(|word| tail.starts_with(word.as_bytes()))
    };
    // `用户【ann】` is a key with its value.
    if begins(at, &["【"]) {
        return;
    }
    let open = skip(hay, at, 2, |b| {
        matches!(b, b' ' | b'[' | b'"' | b'\'' | b'<' | b'(')
    });
    if begins(open, NO_NAMES) {
        return;
    }
    let stop = skip(hay, open, 64, is_name_or_path);
    let deed = |at: usize| begins(at, SESSIONS) || begins(at, DEEDS);
    let end = (open..stop).find(|end| deed(*end)).unwrap_or(stop);
    let close = skip(hay, end, 2, |b| {
        matches!(b, b' ' | b']' | b'"' | b'\'' | b'>' | b')')
    });
    // `用户 zhangwei 从 …`; of Chinese it may be what comes from somewhere.
    let from =
        || close > end && Span::new(open, end).of(hay).is_ascii() && begins(close, &["从", "在"]);
    if end > open && (deed(close) || from()) {
        cx.text(
            Span::new(open, end),
            Class::ACCOUNT,
            ID,
            "a user by the words around",
        );
    }
}
