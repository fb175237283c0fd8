//! Account names that the form around them gives away: home directories, access logs, Windows domains.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::{any, is_name};
use super::words::is_prose;
use crate::class::{Class, is_label};
use crate::format::bytes::{
    before, byte, in_string, is_digit, is_end, is_hex, is_word, skip, skip_back,
};
use crate::format::value::quote_at;
use crate::record::Span;

/// Backslashes that stand for one, in strings in strings.
const BACKSLASHES_MAX: usize = 16;

/// The name in a home directory's path.
pub(super) static HOME: Detector = Detector {
    id: "home",
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Literal],
    literals: &[
        "home/",
        "Users/",
        "Users\\",
        "users\\",
        "ettings\\",
        "personal/",
        "var/mail/",
        "spool/mail/",
        "spool/cron/",
        "crontabs/",
    ],
    source: "Filesystem Hierarchy Standard 3.0 §3.8; macOS and Windows profile folders; sites of OneDrive",
    confirm: confirm_home,
    finds: &[
        "open /home/pat/.ssh/id",
        r"C:\Users\pat\x.txt",
        r"C:\\Users\\pat\\x",
        r"C:\Users\pat lee\x",
        r"c:\users\pat\x",
        r"C:\Documents and Settings\pat\x",
        "/Users/pat",
        "/var/mail/pat",
        "/var/spool/mail/pat: No such file",
        "(CRON) cannot stat /var/spool/cron/crontabs/pat",
        "https://corp-my.sharepoint.example/personal/pat_corp_example/Documents",
    ],
    leaves: &[
        "https://www.example/home/news/",
        "GET /home/news HTTP/1.1",
        r"C:\Users\Public\x",
        r"C:\Documents and Settings\All Users\x",
        r"C:\App\Settings\x",
        "/home/",
        "https://www.example/personal/news/",
        "/var/mail/",
        "/var/spool/cron/crontabs/",
        "/srv/mail/pat",
    ],
};

/// The third column of a common or combined access log.
pub(super) static ACCESS_LOG: Detector = Detector {
    id: "access_log",
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Year],
    literals: &[],
    source: "Common Log Format (authuser)",
    confirm: confirm_access_log,
    finds: &[
        "192.0.2.7 - pat [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1",
        "h.example pat pat [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1",
    ],
    leaves: &[
        "192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1",
        "at [10/Oct/2000:13:55:36 +0000] done",
        "192.0.2.7 - pat [10/Oct/2 00:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1",
    ],
};

/// `DOMAIN\user`.
pub(super) static DOMAIN_USER: Detector = Detector {
    id: "domain_user",
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Domain],
    literals: &[],
    source: "Windows down-level logon names",
    confirm: confirm_domain_user,
    finds: &[
        r"seen.CORP\ann",
        r"AD.CORP.SUBSIDIARY.EXAMPLE.COMPANY\ann",
        r"CORP\_svcbackup",
        r"by EXAMPLE.DE\ann",
        r"by CORP\pat.lee on",
        r#""user": "CORP\\pat""#,
        r#"{"m":"{\"u\":\"CORP\\\\pat\",\"v\":\"x CORP\\\\sam\"}"}"#,
        r"(EXAMPLE\pat)",
    ],
    leaves: &[
        r"HKLM\Software\x",
        r"C:\temp",
        r"NT AUTHORITY\SYSTEM",
        r"A\nB",
        r"WINDOWS\system32\x.dll",
        r#"{"m":"DONE\nnext line"}"#,
        r#"{"m":"x ERROR\tfoo"}"#,
        r#"{"m":"ABC\u4e2d"}"#,
        r"REDACTED-IP\nwriting",
        r"\\HOST\share",
        r"MAIL-1\Default Frontend MAIL-1",
        r"see CORP.\ann",
        r"log V1.2\next",
        r"q='SELECT A.ID\nfrom B'",
        r"b'TLS1.2\nnext'",
        r"copy V1.0\bin x",
    ],
};

fn confirm_home(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, HOME.literals) else {
        return;
    };
    if literal == "personal/" {
        let host = Span::new(skip_back(hay, at, 96, |b| b > b' '), at).of(hay);
        let end = skip(hay, at, 128, |b| is_word(b) || b == b'-');
        if memchr::memmem::find(host, b"-my.sharepoint.").is_some() && end > at {
            let name = Span::new(at, end);
            cx.text(name, Class::ACCOUNT, "home", "somebody's own site");
        }
        return;
    }
    if ["var/mail/", "spool/mail/", "spool/cron/", "crontabs/"].contains(&literal) {
        return spooled(cx, at);
    }
    let windows = literal.ends_with('\\');
    // `Documents and Settings`, up to Windows XP.
    let folder = match literal {
        "ettings\\" => b"documents and settings\\".len(),
        _ => literal.len(),
    };
    let begin = at.saturating_sub(folder);
    if folder > literal.len()
        && !Span::new(begin, at)
            .of(hay)
            .eq_ignore_ascii_case(b"documents and settings\\")
    {
        return;
    }
    let slash = before(hay, begin);
    let root = begin.saturating_sub(1);
    if windows && slash != b'\\' && slash != b':' || !windows && slash != b'/' {
        return;
    }
    let start = if windows {
        skip(hay, at, BACKSLASHES_MAX.saturating_sub(1), |b| b == b'\\')
    } else {
        at
    };
    let end = skip(hay, start, 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'*')
    });
    let name = Span::new(start, if windows { profile_end(hay, end) } else { end });
    let slashes = start.saturating_sub(at).saturating_add(1);
    if name.is_empty() || windows && !slashes.is_power_of_two() {
        return;
    }
    // `/var/home`, `/export/home`, `file:///home` are no paths of a site.
    let above = Span::new(
        skip_back(hay, root, 16, |b| {
            b.is_ascii_lowercase() || b == b'/' || b == b':'
        }),
        root,
    )
    .of(hay);
    let system = [
        &b"/var"[..],
        b"/export",
        b"/usr",
        b"/data",
        b"/mnt",
        b"/nfs",
        b"/srv",
        b"file://",
    ]
    .contains(&above);
    let in_url = !windows
        && !system
        && (is_word(before(hay, root)) || matches!(before(hay, root), b'.' | b'/'));
    let method = Span::new(
        skip_back(hay, root.saturating_sub(1), 8, |b| b.is_ascii_uppercase()),
        root.saturating_sub(1),
    )
    .of(hay);
    if in_url
        || before(hay, root) == b' '
            && any(
                method,
                &["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"],
            )
    {
        return cx.reject(name, Class::ACCOUNT, "home", "the path of a URL");
    }
    if any(
        name.of(hay),
        &[
            "Public",
            "Default",
            "Shared",
            "All",
            "All Users",
            "Default User",
            "runner",
        ],
    ) {
        return cx.reject(name, Class::ACCOUNT, "home", "nobody's own folder");
    }
    cx.text(name, Class::ACCOUNT, "home", "whose home directory");
}

/// `/var/mail/pat`, `/var/spool/cron/crontabs/pat`: a file that is called after its owner.
fn spooled(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let part = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b'*');
    let name = Span::new(at, skip(hay, at, 64, part));
    let path = skip_back(hay, at, 64, |b| is_word(b) || matches!(b, b'/' | b'-'));
    let path = Span::new(path, at).of(hay);
    const FOLDERS: [&[u8]; 8] = [
        b"crontabs",
        b"tabs",
        b"lastrun",
        b"atjobs",
        b"atspool",
        b"vhosts",
        b"cur",
        b"new",
    ];
    let folder = byte(hay, name.end) == b'/' || FOLDERS.contains(&name.of(hay));
    if memchr::memmem::find(path, b"/var/").is_some() && !name.is_empty() && !folder {
        cx.text(name, Class::ACCOUNT, "home", "whose mailbox or crontab");
    }
}

/// Where a profile's name ends that has a word that ends at `end`: it may have more than one, if the path goes on.
fn profile_end(hay: &[u8], end: usize) -> usize {
    let more = skip(hay, end, 48, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b' ')
    });
    let words = Span::new(end, more).of(hay);
    let is = byte(hay, more) == b'\\'
        && words.starts_with(b" ")
        && !words.ends_with(b" ")
        && !words.split(|b| *b == b' ').any(is_prose);
    if is { more } else { end }
}

fn confirm_access_log(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(open) = at.checked_sub(12) else {
        return;
    };
    if byte(hay, at) != b':'
        || skip_back(hay, at, 4, is_digit) != at.saturating_sub(4)
        || byte(hay, open) != b'['
        || before(hay, open) != b' '
        || byte(hay, open.saturating_add(3)) != b'/'
        || byte(hay, open.saturating_add(7)) != b'/'
    {
        return;
    }
    let end = open.saturating_sub(1);
    let column = |b: u8| b > b' ' && b != b'"';
    let user = Span::new(skip_back(hay, end, 128, column), end);
    if user.is_empty() || user.of(hay) == b"-" || before(hay, user.start) != b' ' {
        return;
    }
    let ident_end = user.start.saturating_sub(1);
    let ident = Span::new(skip_back(hay, ident_end, 64, column), ident_end);
    if ident.is_empty() || before(hay, ident.start) != b' ' {
        return cx.reject(
            user,
            Class::ACCOUNT,
            "access_log",
            "no host and ident columns before",
        );
    }
    if !user.of(hay).iter().any(|b| is_word(*b))
        || user.of(hay).iter().any(|b| matches!(b, b':' | b'[' | b']'))
    {
        return cx.reject(user, Class::ACCOUNT, "access_log", "not a user column");
    }
    cx.text(
        user,
        Class::ACCOUNT,
        "access_log",
        "the user column of an access log",
    );
    // Who the visitor's own host says it is (RFC 1413), where that host's column begins the record.
    let host_end = ident.start.saturating_sub(1);
    let host = Span::new(skip_back(hay, host_end, 256, column), host_end);
    let begins = host.start == 0 || is_end(before(hay, host.start));
    if begins
        && is_word(before(hay, host.end))
        && byte(hay, ident.start).is_ascii_alphabetic()
        && ident.of(hay).iter().all(|b| is_name(*b))
    {
        cx.text(
            ident,
            Class::ACCOUNT,
            "access_log",
            "the identity column of an access log",
        );
    }
}

fn confirm_domain_user(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    // A domain's last sign is no dot: `Done.\next`.
    if byte(hay, at) != b'\\' || matches!(before(hay, at), b'\\' | b'.') {
        return;
    }
    // `CORP`, or a realm as Kerberos writes it: `CORP.EXAMPLE`.
    let start = skip_back(hay, at, 32, |b| {
        b.is_ascii_uppercase() || is_digit(b) || matches!(b, b'-' | b'.')
    });
    // `seen.CORP\ann`: what stands in front of a dot may be no label.
    let whole = Span::new(start, at);
    let label = memchr::memrchr(b'.', whole.of(hay)).map_or(0, |dot| dot.saturating_add(1));
    let dotted = label > 0 && whole.len() <= 31 && byte(hay, start).is_ascii_uppercase();
    let start = if dotted {
        start
    } else {
        start.saturating_add(label)
    };
    let domain = Span::new(start, at);
    let last = whole.of(hay).get(label..).unwrap_or_default();
    let short = dotted && last.len() < 3;
    let slashes = skip(hay, at, BACKSLASHES_MAX, |b| b == b'\\');
    let end = skip(hay, slashes, 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'$' | b'*')
    });
    let name = Span::new(slashes, end);
    // What is more than the backslash of a string in strings begins an escape: `CORP\\\nnext`.
    let escaped = !slashes.saturating_sub(at).is_power_of_two();
    let first = byte(hay, start);
    if !(3..=if dotted { 31 } else { 15 }).contains(&domain.len())
        || !first.is_ascii_uppercase()
        || name.len() < 2
        || escaped
        // An underscore that Markdown or a pattern escapes.
        || slashes == at.saturating_add(1)
            && byte(hay, slashes) == b'_'
            && !name.of(hay).iter().any(u8::is_ascii_lowercase)
        || byte(hay, end) == b'\\' && quote_at(hay, end).is_none()
        // `V1.2\next` and `A.ID\nfrom` are a line's end; a country's two letters stand behind a name.
        || short
            && (last.len() < 2
                || last.iter().any(|b| !b.is_ascii_uppercase())
                || label < 4
                || slashes == at.saturating_add(1) && matches!(byte(hay, slashes), b'n' | b't' | b'r' | b'b' | b'f' | b'u' | b'x'))
    {
        return;
    }
    let prev = before(hay, start);
    if !matches!(
        prev,
        0 | b' ' | b'"' | b'\'' | b'=' | b'(' | b'[' | b':' | b'\n' | b',' | b'\t' | b'>' | b'.'
    ) {
        return;
    }
    let known = is_label(domain.of(hay))
        || any(
            domain.of(hay),
            &[
                "HKLM",
                "HKCU",
                "HKEY",
                "AUTHORITY",
                "WINDOWS",
                "BUILTIN",
                "SYSTEM",
                "REGISTRY",
                "SOFTWARE",
            ],
        )
        || name.of(hay) == b"Default";
    let file = name
        .of(hay)
        .iter()
        .rposition(|b| *b == b'.')
        .is_some_and(|dot| {
            any(
                name.of(hay).get(dot..).unwrap_or_default(),
                &[".exe", ".dll", ".sys", ".ps1", ".txt", ".log"],
            )
        });
    // One backslash and a letter of an escape may be just that: `OK\nnext`; two in a string in a string.
    let depth = slashes.saturating_sub(at);
    let single = depth == 1;
    let code = |name: &[u8]| {
        name.first() == Some(&b'u')
            && name
                .get(1..5)
                .is_some_and(|code| code.iter().all(|b| is_hex(*b)))
    };
    let escape = single
        && matches!(byte(hay, slashes), b'n' | b't' | b'r' | b'u' | b'b' | b'f')
        && name.of(hay).get(1).is_some_and(u8::is_ascii_uppercase)
        // In a string it is nothing else: `"DONE\nnext"`.
        || (matches!(byte(hay, slashes), b'n' | b't' | b'r' | b'b' | b'f')
            || code(name.of(hay)))
            && in_string(hay, at, depth);
    let span = name;
    if known || file || escape {
        return cx.reject(
            span,
            Class::ACCOUNT,
            "domain_user",
            "a registry key, a file or an escape",
        );
    }
    cx.text(
        span,
        Class::ACCOUNT,
        "domain_user",
        "an account of a Windows domain",
    );
}
