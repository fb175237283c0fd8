//! Commands of Redis, as `MONITOR`, the slow log and clients show them: fields of hashes with their values, passwords.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use super::keys::{self, Named};
use super::names::{any, firsts, is_name, name_by, stops};
use super::secret;
use super::shell::{Run, is_numbered, is_secret, run};
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{before, byte, gap, is_end, is_word, skip, skip_back, word_before};
use crate::format::strings::around;
use crate::format::value::{Quote, Value, quote_at, string_end};
use crate::record::Span;

const ID: &str = "redis";

/// What reads a name or a secret around a literal.
type Read = fn(&mut Cx<'_>, Span);

/// How the name of a command or a setting ends, and what reads what is behind it.
const COMMANDS: &[(&str, Read)] = &[
    ("HSET", hash),
    ("hset", hash),
    ("HMSET", hash),
    ("hmset", hash),
    ("SETUSER", user),
    ("setuser", user),
    ("AUTH ", auth),
    ("auth([ ", auth),
    ("requirepass", setting),
    ("masterauth", setting),
];

const LITERALS: [&str; COMMANDS.len()] = firsts!(COMMANDS);

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "Redis: HSET, AUTH, ACL SETUSER, CONFIG SET, MONITOR; RFC 4954 §4",
    confirm,
    finds: &[
        "requirepass hunter2",
        r#"1572345678.1 [0 192.0.2.7:5] "CONFIG" "SET" "requirepass" "hunter2""#,
        r#"1572345678.1 [0 192.0.2.7:5] "HSET" "user:1" "password" "hun ter2" "age" "7""#,
        "1) HMSET user:1 name pat password hunter2",
        "hsetnx sessions:7 token a1b2c3",
        r#"{"m":"\"HSET\" \"user:1\" \"password\" \"hunter2\""}"#,
        r#"["hset","user:1","password","hunter2"]"#,
        "command[192.0.2.7:6379]: 0 -> hset([ 'user:1', 'password', 'hunter2' ])",
        "command[192.0.2.7:6379]: 0 -> auth([ 'hunter2x' ])",
        "AUTH hunter2x",
        "HELLO 3 AUTH pat hunter2x",
        "cmd: AUTH pat hunter2x",
        r#"{"cmd":"AUTH pat hunter2x"}"#,
        "C: AUTH PLAIN AGFubgBodW50ZXIyeA==",
        "ACL SETUSER pat on >hunter2 ~* +@all",
        r#"1572345678.1 [0 192.0.2.7:5] "acl" "setuser" "pat" ">hunter2""#,
        "ACL SETUSER default on >hunter2",
        r#"["config","set","requirepass","hunter2"]"#,
        r#"AUTH "hunter2""#,
        "HELLO 3 AUTH pat hunter2",
    ],
    leaves: &[
        "HSET user:1 age 7 status ok",
        "HSET product:1 name lamp",
        "HSET user:1 password",
        r#"{"op":"HSET","password_set":true}"#,
        "ERR wrong number of arguments for 'hset' command",
        "the hset token is of type hash",
        "setuser nobody setgroup nogroup",
        "SETUSER pat >hunter2",
        "the requirepass option and masterauth is set",
        "AUTH LOGIN",
        "C: AUTH CRAM-MD5",
        "the AUTH hunter2x",
        "AUTH command2 was refused by the server",
        "250-AUTH PLAIN LOGIN",
        "AUTH TLSv1.2",
        "AUTH Phase1",
        r#""AUTH module2""#,
        "[x] AUTH Success1",
        "service: AUTH Error503",
        r#"{"type":"AUTH Request1"}"#,
        "log: AUTH user Login1",
        r#"{"cmd":"CONFIG SET requirepass","user":"x"}"#,
        r#"{"setting":"requirepass","changed":true}"#,
        r#"{"key":"masterauth","state":"absent"}"#,
        r#"{"key":"masterauth" , "state" : "absent"}"#,
        r#"{"m":"{\"key\":\"masterauth\",\"state\":\"absent\"}"}"#,
        r#"{"m":"ACL SETUSER","user":"x","z":"keep"}"#,
        r#"["ACL SETUSER","keepme"]"#,
        r#"{"args":["config","get","requirepass","masterauth"]}"#,
        r#"{"args":["config","get","requirepass","maxclients"]}"#,
        r#"{"op":"HSET","password":"token","x":"y"}"#,
        "ACL SETUSER default",
        "HSET name user value",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    if let Some((_, read)) = COMMANDS.get(index) {
        read(cx, Span::new(at.saturating_sub(literal.len()), at));
    }
}

/// Pairs of one command that are looked at.
const PAIRS_MAX: usize = 64;
/// Longest word that no quotes close.
const WORD_BYTES_MAX: usize = 256;

/// The words behind a command's name: `user:1 password hunter2`, `"user:1" "password" "hunter2"`,
/// `([ 'user:1', 'password', 'hunter2' ])`.
struct Words<'a> {
    hay: &'a [u8],
    at: usize,
    /// As the name is quoted, where it is: then so are all.
    quote: Option<Quote>,
}

impl<'a> Words<'a> {
    /// Those behind the name at `name`. A quote that closes there and opens further in front is that of a string around
    /// the command, which is over.
    fn behind(hay: &'a [u8], name: Span) -> Self {
        let own = quote_at(hay, name.end).filter(|(quote, _)| {
            let open = name.start.saturating_sub(1);
            let slashes = skip_back(hay, open, 16, |b| b == b'\\');
            before(hay, name.start) == quote.byte && open.saturating_sub(slashes) == quote.escapes
        });
        Self {
            hay,
            at: own.map_or(name.end, |(_, at)| at),
            quote: own.map(|(quote, _)| quote),
        }
    }

    fn next(&mut self) -> Option<Span> {
        let Self { hay, at, .. } = *self;
        let start = skip(hay, at, 4, |b| matches!(b, b' ' | b',' | b'(' | b'['));
        if start == at || matches!(byte(hay, start), b']' | b')') {
            return None;
        }
        if let Some((quote, content)) = quote_at(hay, start)
            && self.quote.is_none_or(|own| own == quote)
        {
            let end = string_end(hay, content, quote);
            let close = end.saturating_add(quote.escapes);
            self.at = close.saturating_add(1);
            let slashes = Span::new(end, close).of(hay);
            let closed = byte(hay, close) == quote.byte && slashes.iter().all(|b| *b == b'\\');
            // A key's is none of the command.
            let key = byte(hay, skip(hay, self.at, 4, |b| b == b' ')) == b':';
            return (closed && !key).then(|| Span::new(content, end));
        }
        let end = skip(hay, start, WORD_BYTES_MAX, |b| {
            b > b' ' && !matches!(b, b'"' | b'\'' | b'\\')
        });
        self.at = end;
        (self.quote.is_none() && end > start).then(|| Span::new(start, end))
    }

    /// Whether nothing is behind the last: the record ends, or the string around the command.
    fn is_over(&self) -> bool {
        let end = skip(self.hay, self.at, 16, |b| b == b'\\');
        let b = byte(self.hay, end);
        is_end(b) || matches!(b, b'"' | b'\'' | b'\r' | b'<')
    }
}

/// `HSET user:1 password hunter2 age 7`: of each field whose name says what it is, the value.
fn hash(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let only = hay.get(literal.end..).unwrap_or_default();
    let only = only.starts_with(b"NX") || only.starts_with(b"nx");
    let end = literal.end.saturating_add(if only { 2 } else { 0 });
    if word_before(hay, literal.start) || !cx.fresh(Walk::Hash, end) {
        return;
    }
    let mut words = Words::behind(hay, Span::new(literal.start, end));
    let key = words.next();
    for _ in 0..PAIRS_MAX {
        let Some((field, value)) = key.and_then(|_| words.next().zip(words.next())) else {
            break;
        };
        // As the syntax of the command is told: `HSET key field value`.
        let told = value.of(hay) == b"value";
        if let Some(named) = key
            .and_then(|key| of_field(cx, key, field))
            .filter(|_| !told)
        {
            take(cx, ID, named, Value::Quoted(value));
        }
    }
    cx.walk_to(Walk::Hash, words.at);
}

/// What a field of the hash at `key` names; `name` says whose it is in front of it, `user:1`.
fn of_field(cx: &Cx<'_>, key: Span, field: Span) -> Option<Named> {
    let hay = cx.hay();
    let field = field.of(hay);
    if !keys::BARE
        .iter()
        .any(|bare| field.eq_ignore_ascii_case(bare))
    {
        return keys::named(cx, field);
    }
    let kind = skip(hay, key.start, key.len().min(24), |b| {
        b.is_ascii_alphabetic()
    });
    let kind = Span::new(key.start, kind).of(hay);
    let kind = kind.strip_suffix(b"s").unwrap_or(kind);
    (!kind.is_empty()).then(|| keys::named(cx, &[kind, field].concat()))?
}

/// `requirepass hunter2`, `"requirepass" "hunter2"`.
fn setting(cx: &mut Cx<'_>, literal: Span) {
    const NO_SECRETS: &[&str] = &[
        "option",
        "setting",
        "directive",
        "parameter",
        "and",
        "requirepass",
        "masterauth",
    ];
    const OTHERS: &[&str] = &[
        "masteruser",
        "maxmemory",
        "maxclients",
        "appendonly",
        "timeout",
        "tls-port",
        "port",
        "bind",
        "save",
    ];
    let hay = cx.hay();
    // `CONFIG GET requirepass maxclients` asks for several.
    let verb = skip_back(hay, literal.start, 16, |b| {
        matches!(b, b' ' | b'"' | b'\\' | b'\'' | b',' | b'(' | b'[')
    });
    let verb = Span::new(verb.saturating_sub(3), verb);
    if verb.of(hay).eq_ignore_ascii_case(b"get") && !word_before(hay, verb.start) {
        return;
    }
    // `config_set(` sets, too.
    let set = verb.of(hay).eq_ignore_ascii_case(b"set");
    let mut words = Words::behind(hay, literal);
    let listed = words.quote.is_some();
    // Without quotes it is all of the word, whatever it has in it.
    let start = skip(hay, literal.end, 4, |b| b == b' ');
    let bare = !listed
        && start > literal.end
        && quote_at(hay, start).is_none()
        && gap(hay, start) == start;
    let secret = match bare {
        true => Some(bare_word(hay, start)),
        false => words.next(),
    };
    // What is next in a list may be another setting.
    let last = skip(hay, words.at, 16, |b| b == b' ');
    let pair = is_end(byte(hay, last)) || matches!(byte(hay, last), b')' | b']');
    let given = |secret: &Span| {
        let text = secret.of(hay);
        !listed || set || (pair && !any(text, OTHERS)) || secret::is_like_one(text)
    };
    if let Some(secret) = secret.filter(given)
        && !any(secret.of(hay), NO_SECRETS)
        && secret.len() > 2
        && !stops(secret.of(hay))
    {
        cx.text(secret, Class::PASSWORD, ID, "a password in a configuration");
    }
}

/// How far a tag's end is looked for.
const TAG_BYTES_MAX: usize = 256;

/// The word at `start`, which a blank ends, the quote of what is around it, and a line end that a string writes: `o'brien9`
/// and `hun\ter2` are whole.
fn bare_word(hay: &[u8], start: usize) -> Span {
    const ENTITIES: [&[u8]; 5] = [b"quot;", b"lt;", b"gt;", b"apos;", b"#"];
    let mut held = None;
    let front = skip_back(hay, start, WORD_BYTES_MAX, |b| !is_end(b) && b != b'\'');
    let single = before(hay, front) == b'\'';
    let mut end = start;
    loop {
        end = skip(hay, end, usize::MAX, |b| {
            b > b' ' && !matches!(b, b'"' | b'\'' | b'\\' | b'<' | b'&')
        });
        let next = end.saturating_add(1);
        let behind = skip(hay, end, 16, |b| b == b'\\');
        let own = match byte(hay, end) {
            // `it's` is said.
            b'\'' => !single && skip(hay, next, 2, is_word) == next.saturating_add(2),
            b'<' => {
                let name = byte(hay, next);
                let close = skip(hay, next, TAG_BYTES_MAX, |b| b != b'>' && !is_end(b));
                let tag = name.is_ascii_alphabetic() && byte(hay, close) == b'>';
                !tag && !matches!(name, b'/' | b'\\' | b'!' | b'?')
            }
            b'&' => !ENTITIES
                .iter()
                .any(|entity| hay.get(next..).is_some_and(|rest| rest.starts_with(entity))),
            b'\\' if quote_at(hay, end).is_some() => false,
            b'\\' => {
                let around = *held.get_or_insert_with(|| around(hay, start));
                run(behind.saturating_sub(end), byte(hay, behind), around) != Run::Blank
            }
            _ => false,
        };
        if !own {
            break;
        }
        end = behind.max(next);
    }
    Span::new(start, end)
}

/// `ACL SETUSER ann on >hunter2 ~* +@all`: whose rules they are, and what lets in.
fn user(cx: &mut Cx<'_>, literal: Span) {
    const RULES_MAX: usize = 16;
    let hay = cx.hay();
    let marks = |b: u8| matches!(b, b' ' | b'"' | b'\\' | b'\'' | b',');
    let acl = skip_back(hay, literal.start, 16, marks);
    let acl = Span::new(acl.saturating_sub(3), acl).of(hay);
    if !acl.eq_ignore_ascii_case(b"acl") || !cx.fresh(Walk::Hash, literal.end) {
        return;
    }
    let mut words = Words::behind(hay, literal);
    if let Some(who) = words.next() {
        // Whoever gives no name.
        if who.of(hay) != b"default" {
            name_by(cx, ID, who);
        }
        for _ in 0..RULES_MAX {
            let Some(rule) = words.next() else { break };
            let secret = Span::new(rule.start.saturating_add(1), rule.end);
            if matches!(byte(hay, rule.start), b'>' | b'<' | b'#' | b'!') && !secret.is_empty() {
                cx.text(secret, Class::PASSWORD, ID, "a command that lets in");
            }
        }
    }
    cx.walk_to(Walk::Hash, words.at);
}

/// The methods of mail's `AUTH` (RFC 4954 §4): no names and no secrets.
pub(super) const MAIL_METHODS: &[&str] = &[
    "LOGIN",
    "PLAIN",
    "CRAM-MD5",
    "DIGEST-MD5",
    "NTLM",
    "XOAUTH2",
    "OAUTHBEARER",
    "EXTERNAL",
    "GSSAPI",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "TLS",
];

/// `AUTH hunter2`, `AUTH ann hunter2`, `auth([ 'hunter2' ])`, and mail's `AUTH PLAIN AGFubgBodW50ZXIy` (RFC 4954 §4).
fn auth(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let front = skip_back(hay, literal.start, 4, |b| b == b' ');
    let sign = before(hay, front);
    let hello = front
        .checked_sub(7)
        .is_some_and(|from| matches!(Span::new(from, front).of(hay), b"HELLO 3" | b"HELLO 2"));
    // A byte-order mark may stand there.
    let begins = is_end(sign)
        || sign >= 0x80
        || matches!(sign, b':' | b'>' | b'"' | b'\'' | b']' | b')' | b'\r')
        || hello;
    // `auth([`
    let called = byte(hay, literal.start) == b'a';
    if !begins && !called {
        return;
    }
    let start = literal.end.saturating_sub(1);
    let mut words = Words::behind(hay, Span::new(start, start));
    let Some(first) = words.next() else { return };
    let method = any(first.of(hay), MAIL_METHODS);
    let second = words.next();
    let over = called || words.is_over();
    let secret = second.unwrap_or(first);
    let other = second.is_some() && !method && !first.of(hay).iter().all(|b| is_name(*b));
    if !over || other || method && second.is_none() || !secret::is_like_one(secret.of(hay)) {
        return;
    }
    // `AUTH Phase1` is a message's.
    let sure = called || hello || method || before(hay, secret.start) != b' ';
    if !sure && (is_numbered(secret.of(hay)) || !is_secret(secret.of(hay))) {
        return;
    }
    if second.is_some() && !method {
        name_by(cx, ID, first);
    }
    cx.text(secret, Class::PASSWORD, ID, "a command that lets in");
}
