//! E-mail addresses, plain or with an encoded `@`.

use super::Detector;
use super::context::Cx;
use super::display::display_name;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, bytes, ends_in_any_case, is_digit, is_end, is_escape_letter, is_escaped_before,
    is_word, skip, skip_back, small, smalls, unmarked,
};
use crate::record::Span;

const ID: &str = "email";

/// `local@domain.tld`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::EMAIL, Class::ACCOUNT, Class::NAME],
    anchors: &[Anchor::At, Anchor::Literal],
    literals: ENCODED,
    source: "RFC 5321 §4.1.2, RFC 6531; RFC 3986 §2.1 (%40), RFC 8259 §7 (\\u0040)",
    confirm,
    finds: &[
        "to=<bob.smith+x@mail.example.org>",
        "邮箱：bob@example.org，手机",
        "邮箱bob@example.org的",
        "到张三@例子.公司。",
        "q=bob%40example.org&x",
        r"bob\u0040example.org",
        "%3Femail%3Dbob%2540example.org",
        "bob&#64;example.org",
        "user@例え.jp",
        r"\nbob@example.org",
        "a@[192.0.2.1]",
        "scp ann@192.0.2.7:/var/log/x .",
        "no user [201@::1] here",
        "[ann@2001:db8::1]",
        "<sip:ann@192.0.2.7>",
        "Request from '\"317\" <sip:317@1.2.3.4>' failed",
        "client=root/admin@CORP.EXAMPLE, ok",
        r#"From: "Ann Lee" <sip:ann@192.0.2.7>;tag=1"#,
        "Author: Ann Lee <ann@example.org>",
        "=> ann <ann@example.org> R=local_user",
        "mail from ann-marie@lysator.liu.se",
        "to=<\"ann lee\"@example.org>",
        "postfix/local[9]: 4F: to=<ann@localhost>, relay=local",
        "from=<root@web01>, size=1",
        "orig_to=<root@web01>",
        "mailfrom=<root@web01>, rcptTo=<ann@web01>",
        "MAIL FROM:<ann@web01> SIZE=1",
    ],
    leaves: &[
        "user@1000.service",
        "pkg@1.2.3",
        "@handle",
        "a@b",
        "[x@::]",
        "x@std::io",
        "map=<a@b>",
        "to=<a@b c>",
        "photo=<x@y2>",
        "xpath:<a@b>",
        "to=<@b>",
        "x @ y.example",
        "sd.meta@32473.ip=1",
        "pkg@1.2.3.4",
        "python@3.12--3.12.3.arm64_sonoma.bottle.tar.gz",
        "npm install @types/node@18.19.4",
        "hmac-sha1,umac-64-etm@openssh.com,rijndael-cbc@lysator.liu.se",
        "compression zlib@openssh.com",
        r#"{"a":1,"@meta.beat":"x"}"#,
        r#"{"a-":"b","@meta.beat":"x"}"#,
        r#"grant x to "ann"@localhost"#,
    ],
};

/// `@` as URLs, JSON and HTML write it (HTML Living Standard, character references).
const ENCODED: &[&str] = &["%40", "%2540", r"\u0040", "&#64;", "&#x40;", "&commat;"];

/// Endings that are units and files, not domains.
const NOT_DOMAINS: [u64; 10] = smalls([
    b"service", b"socket", b"slice", b"scope", b"timer", b"mount", b"target", b"device", b"png",
    b"jpg",
]);

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if matches!(before(hay, at), b';' | b'0')
        && let Some(encoded) = cx.literal(at, ENCODED)
    {
        address(cx, at.saturating_sub(encoded.len()), at);
    }
    if byte(hay, at) == b'@' && before(hay, at) == b'"' {
        return quoted(cx, at);
    }
    // Signs in a row, and what stands alone, have no local part or no domain.
    let next = byte(hay, at.saturating_add(1));
    if byte(hay, at) == b'@' && is_local(before(hay, at)) && next == b':' {
        return in_brackets(cx, at);
    }
    if byte(hay, at) == b'@' && is_local(before(hay, at)) && (is_domain(next) || next == b'[') {
        address(cx, at, at.saturating_add(1));
    }
}

/// `[ann@2001:db8::1]`: an account at an address of IPv6.
fn in_brackets(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let start = skip_back(hay, at, 64, |b| is_local(b) && b < 0x80);
    let host = at.saturating_add(1);
    let end = skip(hay, host, 46, |b| {
        b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
    });
    let address = std::str::from_utf8(Span::new(host, end).of(hay)).ok();
    let address = address.and_then(|text| text.parse::<std::net::Ipv6Addr>().ok());
    let is = address.is_some_and(|address| !address.is_unspecified());
    if before(hay, start) == b'[' && byte(hay, end) == b']' && is {
        let account = Span::new(start, at);
        cx.text(account, Class::ACCOUNT, ID, "an account at an address");
    }
}

/// `"ann lee"@example.org`: a local part in quotes (RFC 5321 §4.1.2). The quotes and the `@` stay.
fn quoted(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let close = at.saturating_sub(1);
    let start = skip_back(hay, close, 64, |b| {
        !matches!(b, b'"' | b'\\' | b'@') && !is_end(b)
    });
    let local = Span::new(start, close);
    let after = at.saturating_add(1);
    let end = skip(hay, after, DOMAIN_BYTES_MAX, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')
    });
    let domain = Span::new(after, end);
    let top = domain
        .of(hay)
        .rsplit(|b| *b == b'.')
        .next()
        .unwrap_or_default();
    let opens = before(hay, start) == b'"'
        && (start == 1
            || matches!(
                before(hay, start.saturating_sub(1)),
                b' ' | b'<' | b'=' | b'(' | b'\n' | b'\0'
            ));
    let is = opens
        && local.of(hay).iter().any(|b| is_word(*b))
        && top.len() >= 2
        && top.len() < domain.len()
        && top.iter().all(u8::is_ascii_alphabetic)
        && byte(hay, end) != b'"';
    if is {
        cx.text(local, Class::EMAIL, ID, "a local part in quotes");
        cx.text(domain, Class::EMAIL, ID, "the domain of an address");
    }
}

/// What a byte may be part of, a bit each.
static PARTS: [u8; 256] = bytes!(u8, b => {
    let word = b.is_ascii_alphanumeric() || b >= 0x80;
    let local = word || matches!(b, b'_' | b'.' | b'%' | b'+' | b'-' | b'\'' | b'~');
    let domain = word || matches!(b, b'.' | b'-');
    (local as u8 * LOCAL) | (domain as u8 * DOMAIN)
});

const LOCAL: u8 = 1;
const DOMAIN: u8 = 2;

/// A byte of a local part.
#[inline]
fn is_local(b: u8) -> bool {
    PARTS.get(usize::from(b)).is_some_and(|of| of & LOCAL != 0)
}

/// A byte of a domain.
#[inline]
fn is_domain(b: u8) -> bool {
    PARTS.get(usize::from(b)).is_some_and(|of| of & DOMAIN != 0)
}

/// RFC 1035 §2.3.4, without the root.
const DOMAIN_BYTES_MAX: usize = 253;

/// An address whose `@`, as written, is `at..after`.
fn address(cx: &mut Cx<'_>, at: usize, after: usize) {
    let hay = cx.hay();
    let mut start = local_start(hay, at);
    start = unmarked(hay, start);
    if is_escape_letter(hay, start) {
        start = start.saturating_add(1);
    }
    // An encoded separator ends the word before; encoded `+`, `-`, `.` and `_` are part of it.
    let separator = |at: usize| {
        let code = Span::new(at.saturating_add(1), at.saturating_add(3)).of(hay);
        let own = [&b"2B"[..], b"2D", b"2E", b"5F"];
        byte(hay, at) == b'%' && !own.iter().any(|own| code.eq_ignore_ascii_case(own))
    };
    let encoded = memchr::memrchr(b'%', Span::new(start, at).of(hay)).is_some();
    if encoded && let Some(last) = (start..at).rev().find(|i| separator(*i)) {
        start = last.saturating_add(3);
    }
    start = narrow_start(hay, start, at);
    start = skip(hay, start, 64, |b| {
        matches!(b, b'.' | b'\'' | b'-' | b'%' | b'+')
    });
    if start >= at {
        return;
    }
    // `scheme://user:password@host`: the host stays.
    let info = skip_back(hay, start, 128, |b| {
        b > b' ' && !matches!(b, b'/' | b'@' | b'"' | b'<' | b'>' | b'?' | b'#')
    });
    if Span::new(info.saturating_sub(3), info).of(hay) == b"://" {
        return cx.reject(
            Span::new(start, at),
            Class::EMAIL,
            ID,
            "the userinfo of a URL",
        );
    }
    let end = if byte(hay, after) == b'[' {
        let close = skip(hay, after.saturating_add(1), 64, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b':' | b'.')
        });
        if byte(hay, close) != b']' {
            return;
        }
        close.saturating_add(1)
    } else {
        let mut end = skip(hay, after, DOMAIN_BYTES_MAX, is_domain);
        end = narrow_end(hay, after, end);
        while end > after && matches!(byte(hay, end.saturating_sub(1)), b'.' | b'-') {
            end = end.saturating_sub(1);
        }
        let domain = Span::new(after, end).of(hay);
        let Some(dot) = domain.iter().rposition(|b| *b == b'.') else {
            let path = Span::new(start, end);
            if is_path(hay, path) {
                return cx.text(path, Class::EMAIL, ID, "the path of an envelope");
            }
            if byte(hay, end) == b':' {
                return in_brackets(cx, at);
            }
            return cx.reject(
                Span::new(start, end),
                Class::EMAIL,
                ID,
                "no dot in the domain",
            );
        };
        let top = domain.get(dot.saturating_add(1)..).unwrap_or_default();
        let realm = || {
            domain.iter().any(u8::is_ascii_uppercase) && !domain.iter().any(u8::is_ascii_lowercase)
        };
        if before(hay, start) == b'/' && realm() && principal(cx, start, at, end) {
            return;
        }
        // Nearly all domains end in a letter, which costs no look at their parts.
        if is_digit(before(hay, end)) && is_quad(domain) {
            return host_account(cx, Span::new(start, at), end);
        }
        // A place of structured data as a key: `name@number.parameter=` (RFC 5424 §7.2.2).
        let mut labels = domain.split(|b| *b == b'.');
        let is_number = |label: &[u8]| label.iter().all(|b| is_digit(*b));
        if byte(hay, end) == b'=' && labels.next().is_some_and(is_number) {
            return cx.reject(
                Span::new(start, end),
                Class::EMAIL,
                ID,
                "a key of structured data",
            );
        }
        // `python@3.12--3.12.3.arm64`: a version of a package.
        let version = is_digit(byte(domain, 0))
            && top.iter().any(|b| is_digit(*b))
            && domain.split(|b| *b == b'.').next().is_some_and(is_number);
        if dot == 0
            || top.len() < 2
            || is_digit(byte(top, 0))
            || version
            || NOT_DOMAINS.contains(&small(top))
        {
            return cx.reject(Span::new(start, end), Class::EMAIL, ID, "not a domain");
        }
        end
    };
    let whole = Span::new(start, end);
    if names_a_method(Span::new(start, at).of(hay), Span::new(after, end).of(hay)) {
        return cx.reject(whole, Class::EMAIL, ID, "the name of a method of SSH");
    }
    cx.text(whole, Class::EMAIL, ID, "local part, @ and a domain");
    display_name(cx, Span::new(start, at));
}

/// `from=<root@web01>`, `RCPT TO:<ann@localhost>`: in the path of a mail's envelope (RFC 5321 §4.1.1.2) a host of one's own
/// needs no domain.
fn is_path(hay: &[u8], address: Span) -> bool {
    const JOINED: &[&[u8]] = &[
        b"mail",
        b"rcpt",
        b"env",
        b"envelope",
        b"reply",
        b"delivered",
        b"orig",
        b"return",
    ];
    let open = address.start.saturating_sub(1);
    let border = open.saturating_sub(1);
    let word = hay.get(..border).unwrap_or_default();
    // `mailfrom`, `rcptTo`, but not `photo`.
    let begins = |start: usize| {
        let head = word.get(..start).unwrap_or_default();
        !before(word, start).is_ascii_alphanumeric()
            || byte(word, start).is_ascii_uppercase()
            || JOINED.iter().any(|front| ends_in_any_case(head, front))
    };
    byte(hay, open) == b'<'
        && byte(hay, address.end) == b'>'
        && matches!(byte(hay, border), b'=' | b':')
        && [&b"to"[..], b"from", b"sender", b"path"]
            .iter()
            .any(|name| {
                let start = word.len().saturating_sub(name.len());
                ends_in_any_case(word, name) && begins(start)
            })
}

/// `umac-64-etm@openssh.com`: whoever adds a method to SSH names it with a domain of theirs (RFC 4251 §6).
fn names_a_method(local: &[u8], domain: &[u8]) -> bool {
    const DOMAINS: &[&[u8]] = &[b"openssh.com", b"libssh.org", b"lysator.liu.se"];
    const PLAIN: &[&[u8]] = &[b"zlib", b"keepalive", b"statvfs", b"fsync", b"hardlink"];
    // People there have addresses too, and dashes in their names.
    const FIRST: &[&[u8]] = &[
        b"aes128",
        b"aes256",
        b"auth",
        b"chacha20",
        b"copy",
        b"curve25519",
        b"ecdsa",
        b"expand",
        b"hmac",
        b"home",
        b"hostkeys",
        b"no",
        b"posix",
        b"publickey",
        b"rijndael",
        b"rsa",
        b"session",
        b"sk",
        b"ssh",
        b"streamlocal",
        b"umac",
        b"users",
        b"webauthn",
    ];
    let mut parts = local.split(|b| *b == b'-');
    let first = parts.next().unwrap_or_default();
    let method = parts.next().is_some() && (FIRST.contains(&first) || first.starts_with(b"sntrup"));
    DOMAINS.contains(&domain) && (method || PLAIN.contains(&local))
}

/// Where the local part that ends at `at` starts. A letter that is written as an escape (`\u00eb`) is part of it, a
/// sign (`\u0027`) and an ideograph in front of it are not.
fn local_start(hay: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(64);
    let mut start = at;
    loop {
        let left = start.saturating_sub(floor);
        let behind = start;
        start = skip_back(hay, start, left, is_local);
        let slash = start.saturating_sub(1);
        let coded = slash.saturating_add(6);
        if coded > behind || !is_escaped_before(hay, coded) {
            return start;
        }
        let code = Span::new(slash.saturating_add(2), coded).of(hay);
        let code = std::str::from_utf8(code)
            .ok()
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        let letter = code
            .and_then(char::from_u32)
            .is_some_and(|c| c < '\u{2E80}' && c.is_alphanumeric());
        // In a string inside a string more backslashes are of the same escape.
        let run = skip_back(hay, start, 16, |b| b == b'\\');
        if !letter || run < floor {
            return coded;
        }
        start = run;
    }
}

/// `root/admin@REALM`, a principal of Kerberos (RFC 4120 §6.2): an account with an instance; a service at a host is
/// left to the form of its name.
fn principal(cx: &mut Cx<'_>, start: usize, at: usize, end: usize) -> bool {
    let hay = cx.hay();
    let primary = skip_back(hay, start.saturating_sub(1), 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'*')
    });
    let name = Span::new(primary, start.saturating_sub(1)).of(hay);
    let instance = Span::new(start, at).of(hay);
    let service = instance.contains(&b'.')
        || [&b"krbtgt"[..], b"kadmin", b"host", b"HTTP"].contains(&name)
        || name.is_empty();
    if !service {
        let whole = Span::new(primary, end);
        cx.text(whole, Class::ACCOUNT, ID, "a principal with an instance");
    }
    !service
}

/// Four numbers up to 255.
fn is_quad(domain: &[u8]) -> bool {
    let mut parts = domain.split(|b| *b == b'.');
    let octet = |part: &[u8]| {
        let number = std::str::from_utf8(part).ok();
        number.is_some_and(|n| n.parse::<u8>().is_ok())
    };
    parts.clone().count() == 4 && parts.all(octet)
}

/// `ann@192.0.2.7`: an account at a host (ssh, scp, SIP). A package's version is none.
fn host_account(cx: &mut Cx<'_>, account: Span, end: usize) {
    let hay = cx.hay();
    let first = byte(hay, account.end.saturating_add(2));
    let head = hay.get(..account.start).unwrap_or_default();
    let telephony = head.ends_with(b"sip:") || head.ends_with(b"sips:");
    // `pkg@1.2.3.4`: few hosts have so low an address, and a version seldom two digits there.
    if !telephony && (first == b'.' || matches!(byte(hay, end), b'_' | b'-' | b'+')) {
        return cx.reject(account, Class::ACCOUNT, ID, "a version of a package");
    }
    cx.text(account, Class::ACCOUNT, ID, "an account at an address");
    display_name(cx, account);
}

/// Full-width signs and CJK punctuation: `：`, `，`, `。`.
fn is_sign(text: &[u8]) -> bool {
    matches!(text, [0xEF, 0xBC | 0xBD, ..] | [0xE3, 0x80, ..])
}

/// Where the local part starts when ideographs stand in front without a blank (`邮箱：ann@…`): behind the last
/// of them where it ends in ASCII, else behind the last sign.
fn narrow_start(hay: &[u8], start: usize, at: usize) -> usize {
    if Span::new(start, at).of(hay).is_ascii() {
        return start;
    }
    let wide = |i: &usize| byte(hay, *i) >= 0xE0;
    let ascii = before(hay, at).is_ascii();
    let last = (start..at)
        .rev()
        .find(|i| wide(i) && (ascii || is_sign(hay.get(*i..).unwrap_or_default())));
    last.map_or(start, |i| {
        skip(hay, i.saturating_add(1), 3, |b| matches!(b, 0x80..=0xBF))
    })
}

/// Where the domain ends when ideographs follow without a blank: at the first in a label that starts in ASCII,
/// and at any sign.
fn narrow_end(hay: &[u8], after: usize, end: usize) -> usize {
    if Span::new(after, end).of(hay).is_ascii() {
        return end;
    }
    let cut = (after..end).find(|i| {
        byte(hay, *i) >= 0xE0
            && (before(hay, *i).is_ascii_alphanumeric()
                || is_sign(hay.get(*i..).unwrap_or_default()))
    });
    cut.unwrap_or(end)
}
