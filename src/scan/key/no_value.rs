//! What stands behind a key and is not its value.

use super::super::take::is_one_of;
use super::super::version;
use super::super::words::is_prose;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back, small, smalls};
use crate::format::value::Quote;
use crate::record::Span;

/// Bare words behind a key that are not its value: `login: User=ann`, `LOGIN: Client "…"`,
/// `Account: Security ID: …`, `pam_unix(passwd:chauthtok)`.
pub(super) fn no_value(hay: &[u8], key: Span, border: usize, value: Span, class: Class) -> bool {
    const HEADINGS: [u64; 25] = smalls([
        b"security",
        b"ok",
        b"client",
        b"failed",
        b"failure",
        b"error",
        b"success",
        b"account",
        b"add",
        b"delete",
        b"denied",
        b"aborted",
        b"invalid",
        b"unknown",
        b"info",
        b"warning",
        b"rejected",
        b"timeout",
        b"not",
        b"locked",
        b"unlocked",
        b"created",
        b"expired",
        b"enabled",
        b"removed",
    ]);
    const LONG_HEADINGS: &[&[u8]] = &[
        b"successful",
        b"succeeded",
        b"disconnected",
        b"suspended",
        b"activated",
        b"deactivated",
    ];
    if byte(hay, border) != b':' {
        return false;
    }
    if Span::new(border.saturating_sub(2), border).of(hay) == b"  "
        && is_help(hay, value, matches!(class, Class::ACCOUNT | Class::NAME))
    {
        return true;
    }
    // `zip:amd64`, a package for a processor (Debian Policy §5.6.8).
    if value.start == border.saturating_add(1) {
        let first = skip(hay, value.start, 8, |b| b.is_ascii_alphanumeric());
        if version::is_processor(Span::new(value.start, first).of(hay)) {
            return true;
        }
    }
    // `#<User:0x00007f12 @id=7>`: an object of Ruby's, and where it lies.
    if class != Class::PASSWORD
        && Span::new(key.start.saturating_sub(2), key.start).of(hay) == b"#<"
        && byte(hay, key.start).is_ascii_uppercase()
        && matches!(byte(hay, value.end), b' ' | b'>')
        && let Some(place) = value.of(hay).strip_prefix(b"0x")
        && place.iter().all(u8::is_ascii_hexdigit)
    {
        return true;
    }
    // The user of a URL.
    if Span::new(key.start.saturating_sub(3), key.start).of(hay) == b"://" {
        return true;
    }
    let text = value.of(hay);
    // A selector of Objective-C: `when:deviceName:deviceType:`.
    // Keys of a cache have colons too, but no bracket behind the last.
    let last = value
        .end
        .saturating_add(usize::from(byte(hay, value.end) == b':'));
    if before(hay, key.start) == b':'
        && text.len() <= 64
        && before(hay, last) == b':'
        && matches!(byte(hay, last), b']' | b')' | b'\'' | b'"')
        && text.iter().all(|b| b.is_ascii_alphabetic() || *b == b':')
    {
        return true;
    }
    // `passwd: password changed for ann`
    if text == b"password" && key.of(hay) == b"passwd" {
        return true;
    }
    // The name of a process in front of a module's: `login: pam_unix(login:auth): …`.
    if text.starts_with(b"pam_") && text.contains(&b'(') {
        return true;
    }
    if before(hay, key.start) == b'(' {
        let word = text.split(|b| *b == b')').next().unwrap_or_default();
        return [
            &b"auth"[..],
            b"account",
            b"session",
            b"chauthtok",
            b"setcred",
        ]
        .contains(&word);
    }
    if class == Class::PASSWORD {
        return is_report(hay, key, border, value);
    }
    // `contacts: syncing 0 of 0`: what a program does, not whom it knows.
    if class == Class::ADDRESS_BOOK && is_doing(text) {
        return true;
    }
    // `Administrator: Windows PowerShell` is a window.
    if is_one_of(key.of(hay), &[b"administrator"]) {
        return true;
    }
    let name = skip(text, 0, 64, |b| is_word(b) || b == b'.' || b == b'-');
    name > 0 && byte(text, name) == b'='
        || name > 0 && name == text.len() && byte(hay, value.end) == b'='
        || class == Class::ACCOUNT
            && (HEADINGS.contains(&small(text)) || is_one_of(text, LONG_HEADINGS))
}

/// Whether the key at `start` ends the name of a logger in columns, whose message is behind the border at `at`:
/// `INFO 1 --- [main] c.example.user     : Started`, as Spring Boot writes them; a class in a package, whose name has dots.
pub(super) fn is_logger(hay: &[u8], start: usize, at: usize) -> bool {
    const OPENS: &[u8] = b" --- [";
    let word = skip_back(hay, start, 64, |b| b > b' ');
    let thread = word.saturating_sub(1);
    if before(hay, at) != b' ' || before(hay, word) != b' ' || before(hay, thread) != b']' {
        return false;
    }
    let open = skip_back(hay, thread, 160, |b| !is_end(b));
    Span::new(word, at).of(hay).contains(&b'.')
        && memchr::memmem::find(Span::new(open, thread).of(hay), OPENS).is_some()
}

/// Whether the word at `at` is what the subject of a change begins with.
pub(super) fn is_deed(hay: &[u8], at: usize) -> bool {
    const DEEDS: [u64; 16] = smalls([
        b"add", b"allow", b"avoid", b"change", b"check", b"convert", b"drop", b"fix", b"make",
        b"move", b"remove", b"rename", b"replace", b"support", b"update", b"use",
    ]);
    let word = Span::new(at, skip(hay, at, 9, |b| b.is_ascii_alphabetic()));
    byte(hay, word.end) == b' ' && DEEDS.contains(&small(word.of(hay)))
}

/// Whether the word that goes on at `at` is a URL.
pub(super) fn ends_a_url(hay: &[u8], at: usize) -> bool {
    let word = Span::new(skip_back(hay, at, 256, |b| b > b' '), at);
    memchr::memmem::find(word.of(hay), b"://").is_some()
}

/// What columns of help say of a key, told by the word at `value` and one that follows: `the one who reads`, `must be
/// …`, `string, min 8 chars`.
fn is_help(hay: &[u8], value: Span, of_people: bool) -> bool {
    const NAMES: [&[u8]; 4] = [b"will", b"may", b"can", b"an"];
    const BEGINS: [u64; 14] = smalls([
        b"must",
        b"should",
        b"may",
        b"can",
        b"cannot",
        b"will",
        b"a",
        b"an",
        b"any",
        b"your",
        b"this",
        b"string",
        b"text",
        b"optional",
    ]);
    let word = value.of(hay);
    let comma = usize::from(byte(hay, value.end) == b',');
    // Will, May and Can are somebody.
    let somebody = of_people && is_one_of(word, &NAMES);
    !somebody
        && (BEGINS.contains(&small(word)) || is_prose(word))
        && goes_on(hay, value.end.saturating_add(comma))
}

/// `syncing`, `loaded`: what is done, in small letters.
fn is_doing(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_lowercase)
        && word.len() > 5
        && (word.ends_with(b"ing") || word.ends_with(b"ed"))
}

/// How files, functions and checks answer, in a word or the first two; a secret has no two words of small letters behind
/// a name of one.
const STATES: &[&[u8]] = &[
    b"ok",
    b"failed",
    b"mismatch",
    b"expired",
    b"invalid",
    b"missing",
    b"success",
    b"succeeded",
    b"rejected",
    b"denied",
    b"revoked",
    b"refreshed",
    b"unchanged",
    b"verified",
];

/// Of errno (POSIX.1-2024, `strerror`) and of those who read files.
const PHRASES: &[&[u8]] = &[
    b"permission denied",
    b"no such file or directory",
    b"not a directory",
    b"is a directory",
    b"operation not permitted",
    b"read-only file system",
    b"no such device",
    b"input/output error",
    b"file exists",
    b"file not found",
    b"file name too long",
    b"too many open files",
    b"device or resource busy",
    b"resource temporarily unavailable",
    b"invalid argument",
    b"connection refused",
    b"not found",
    b"cannot open",
    b"cannot access",
    b"access denied",
    b"access is denied",
];

/// What is behind the name of a secret and tells of it: a phrase of the system's, how a file at a path or a function is,
/// `loaded from …`.
fn is_report(hay: &[u8], key: Span, border: usize, value: Span) -> bool {
    if !matches!(byte(hay, border.saturating_add(1)), b' ' | b'\t') {
        return false;
    }
    let tail = hay.get(value.start..).unwrap_or_default();
    let is_phrase = |phrase: &&[u8]| {
        let head = tail.get(..phrase.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(phrase) && !is_word(byte(tail, phrase.len()))
    };
    if PHRASES.iter().any(is_phrase) {
        return true;
    }
    let text = value.of(hay);
    let name = key.of(hay);
    // `token expired`: what stands behind the name of a scheme is told, or the secret itself.
    let told = match byte(hay, value.end) == b' ' && text.eq_ignore_ascii_case(b"token") {
        true => {
            let start = value.end.saturating_add(1);
            Span::new(start, skip(hay, start, 24, |b| b.is_ascii_alphabetic()))
        }
        false => value,
    };
    let word = told.of(hay);
    let state = is_one_of(word, STATES) && ends_a_clause(hay, told.end);
    // `/etc/passwd: OK`: `email/password: ok` is no path of a system's.
    if before(hay, key.start) == b'/' {
        let start = skip_back(hay, key.start, 256, |b| {
            b > b' ' && !b"\"'(<=,:".contains(&b)
        });
        return state && byte(hay, start) == b'/';
    }
    // `passwd: files sss`, where names are looked up (nsswitch.conf(5)).
    if name == b"passwd" {
        let source = [
            &b"files"[..],
            b"compat",
            b"sss",
            b"systemd",
            b"ldap",
            b"nis",
        ]
        .contains(&text);
        return source && matches!(byte(hay, value.end), b' ' | b'\n' | 0);
    }
    // `Authentication for user`, `request failed`, `sending it`: one capital at most, and no more letters than words have.
    let prose = || {
        let small = word.iter().skip(1).all(u8::is_ascii_lowercase);
        let known = is_one_of(
            word,
            &[
                b"not",
                b"request",
                b"file",
                b"email",
                b"authentication",
                b"checking",
                b"no",
                b"error",
                b"could",
                b"cannot",
                b"unable",
                b"got",
                b"using",
                b"user",
                b"for",
                b"returned",
                b"calling",
                b"start",
                b"done",
                b"timed",
                b"password",
                b"secret",
                b"hash",
                b"signature",
                b"session",
                b"malformed",
                b"wrong",
                b"bad",
                b"sent",
                b"old",
                b"new",
                b"is",
                b"was",
            ],
        ) || is_one_of(word, STATES)
            || is_doing(word);
        small && known && goes_on(hay, told.end)
    };
    is_function(name) && (state || prose())
        || is_one_of(
            text,
            &[b"loaded", b"read", b"taken", b"obtained", b"fetched"],
        ) && hay
            .get(value.end..)
            .is_some_and(|tail| tail.starts_with(b" from "))
}

/// Whether nothing follows that belongs to what ends at `at`.
fn ends_a_clause(hay: &[u8], at: usize) -> bool {
    let next = byte(hay, at);
    is_end(next)
        || matches!(next, b',' | b';' | b')' | b'"' | b'\r')
        || next == b' ' && matches!(byte(hay, at.saturating_add(1)), b'(' | b'[' | b'-')
}

/// Whether a word of small letters follows.
fn goes_on(hay: &[u8], at: usize) -> bool {
    let start = at.saturating_add(1);
    let end = skip(hay, start, 24, |b| b.is_ascii_lowercase());
    byte(hay, at) == b' '
        && end > start.saturating_add(1)
        && (is_end(byte(hay, end)) || matches!(byte(hay, end), b' ' | b',' | b'.' | b':'))
}

/// `check_ntlm_password`, `get_token`: the name of a function, that begins with what it does.
fn is_function(name: &[u8]) -> bool {
    const VERBS: [u64; 18] = smalls([
        b"check",
        b"get",
        b"verify",
        b"set",
        b"validate",
        b"load",
        b"update",
        b"fetch",
        b"refresh",
        b"create",
        b"delete",
        b"read",
        b"write",
        b"parse",
        b"reset",
        b"change",
        b"decode",
        b"revoke",
    ]);
    let verb = skip(name, 0, 9, |b| b.is_ascii_lowercase());
    byte(name, verb) == b'_' && VERBS.contains(&small(name.get(..verb).unwrap_or_default()))
}

/// `%AAA-5-AUTH_ADMIN_USER`: facility, severity and mnemonic of a message of IOS's, behind the percent sign.
pub(super) fn is_mnemonic(name: &[u8]) -> bool {
    let mut parts = name.split(|b| *b == b'-');
    let severity = |part: &[u8]| matches!(part, [b'0'..=b'7']);
    name.iter()
        .all(|b| b.is_ascii_uppercase() || b"0123456789-_".contains(b))
        && parts
            .next()
            .is_some_and(|facility| byte(facility, 0).is_ascii_uppercase())
        && parts.any(severity)
        && parts.next().is_some()
}

/// What a page is asked by, and how that went.
const METHODS: &[&[u8]] = &[
    b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"OK",
];

/// Whether the key at `start` is the last segment of a URI that the quote opens, and a string
/// stands behind the border at `at`: `"http://…/claims/givenname"`; what is told of a page is none, `"https://a.b.example/login":
/// 403`, nor a method.
pub(super) fn ends_a_uri(hay: &[u8], start: usize, quote: Quote, at: usize) -> bool {
    if before(hay, start) != b'/' {
        return false;
    }
    let open = skip_back(hay, start, 256, |b| {
        b.is_ascii_alphanumeric() || b":/.-_%~".contains(&b)
    });
    let uri = Span::new(open, start).of(hay);
    let claim = [&b"/claims/"[..], b"schema"]
        .iter()
        .any(|part| memchr::memmem::find(uri, part).is_some());
    let value = skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t'));
    let text = skip(hay, value, 16, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let method = skip(hay, text, 8, |b| b.is_ascii_uppercase());
    let state =
        METHODS.contains(&Span::new(text, method).of(hay)) && byte(hay, method) == quote.byte;
    (claim || text > value && !state)
        && before(hay, open) == quote.byte
        && (uri.starts_with(b"http://") || uri.starts_with(b"https://"))
}
