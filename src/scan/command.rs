//! Values of short flags behind the name of a program whose flags are known: `mysql -pX`, `curl -u user:password`.

use super::Detector;
use super::context::{Cx, Walk};
use super::ends::is_domain;
use super::front::Anchor;
use super::program::{Flag, Holds, PROGRAMS, flag, is_of_family};
use super::take::is_nothing;
use super::xml::markup_in;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, in_string, is_end, is_word, skip, skip_back, word_before,
};
use crate::format::value::{Quote, quote_at, string_end};
use crate::record::Span;

const ID: &str = "command";

/// Bytes of a command line that are looked at.
const LINE_BYTES_MAX: usize = 1024;
/// Most backslashes in front of the letter of an escape: strings in strings.
const BACKSLASHES_MAX: usize = 16;

/// Short flags of known programs.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &[
        "mysql ",
        "mysqldump ",
        "mysqladmin ",
        "mariadb ",
        "sshpass ",
        "curl ",
        "psql ",
        "pg_dump ",
        "docker login ",
        "podman login ",
        "login -",
        "mysqlimport ",
        "mysqlcheck ",
        "mongodump ",
        "mongorestore ",
        "mongoexport ",
        "mongoimport ",
        "cqlsh ",
        "psexec ",
        "psexec.exe ",
        "PsExec.exe ",
        "PsExec64.exe ",
        "ipmitool ",
        "sqlcmd ",
        "mosquitto_",
        "rpcclient ",
        "plink ",
        "lftp ",
        "redis-cli ",
        "mongosh ",
        "ldapsearch ",
        "smbclient ",
        "ssh ",
        "sudo ",
        "useradd ",
        "usermod ",
        "schtasks ",
        "snmp",
    ],
    source: "manuals of MySQL, curl, sshpass, PostgreSQL, Docker, Redis, MongoDB, OpenLDAP, Samba, OpenSSH, shadow, \
             Windows, Sysinternals, Net-SNMP, Mosquitto, ipmitool, Cassandra, lftp, PuTTY",
    confirm,
    finds: &[
        "mosquitto_pub -h h.example -u al -P hunter2 -t x",
        "ipmitool -I lanplus -H h -U al -P hunter2 power status",
        "sqlcmd -S db -U al -P hunter2 -Q x",
        "mongodump --host h -u al -p hunter2 --db x",
        r"psexec \\h -u CORP\al -p hunter2 x.exe",
        "rpcclient -U al%hunter2 h",
        "lftp -u al,hunter2 h",
        "plink -ssh al@h -pw hunter2",
        "mysql -u root -phunter2 -h db",
        "curl -s -u al:hunter2 https://x.example/",
        "curl --user 'al:hunt er2' https://x.example/",
        "sshpass -p hunter2 ssh al@host",
        "COMMAND=/usr/bin/docker login -u al -p hunter2 r.example",
        "psql -U al -d db",
        "az login -u al -p hunter2",
        "helm registry login -u al -p hunter2 r.example",
        "oc login -p hunter2 -u al",
        "oc login -u al",
        "oc login -p hunter2",
        "oc login -p secret",
        "oras login -p letme registry.example",
        "/opt/cli/login -u al -p S3cretPass",
        "$(which oc) login -p hunter2x",
        "docker -D login -p hunter2",
        r#""C:\Program Files\az.cmd" login -p hunter2"#,
        r#"{"cmd":"login -p hunter2"}"#,
        "> login -u al -p hunter2",
        "/bin/login -u al; uptime",
        "/opt/cli/login -p S3cretPass -u al",
        "find /srv/login -user al -exec redis-cli -a S3cretPass {} +",
        "ls /srv/login -l > x && sshpass -p S3cretPass ssh h",
        r#"{"cmd":"login -u al -p hunter2"}"#,
        "oc login -p abcdef https://h.example",
        "curl -s https://x.example/ && az login -u al -p hunter2",
        "az login --service-principal -p hunter2 --tenant x",
        "smbclient -U al%hunter2 //h/s",
        "ssh -i key al@host uptime",
        "sudo -n -u al id",
        r"schtasks /create /tn x /tr c:\x.exe /ru CORP\ann /rp hunter2",
        r"schtasks /Change /TN x /RU ann /RP hunter2",
        "snmpget -v2c -c hunter2 192.0.2.1 sysDescr.0",
        "/usr/bin/snmpbulkwalk -v 2c -c hunter2 192.0.2.1",
        "<cmd>sshpass -p hunter2</cmd><x>1</x>",
        "<cmd><![CDATA[redis-cli -a hunter2]]></cmd>",
        "&lt;cmd&gt;mysql -phunter2&lt;/cmd&gt;",
        "mysql -pa<b",
        "snmpwalk -v3 -u al -A hunter22 -X hunter33 192.0.2.1",
    ],
    leaves: &[
        "lftp h.example -p 21",
        "mosquitto_sub -p 1883 -t x",
        "ipmitool -I lanplus sensor",
        "the mysql server -p is up",
        "login -p -h h.example",
        "login - failed",
        "please login -p now",
        "kubectl -n login -p 8080",
        "the az login -p flag is deprecated",
        "mkdir /srv/login -p /srv/x",
        "cp /etc/pam.d/login -u /x -p /y",
        "wrk http://x.example/login -p 8080 -user bench",
        "oc login -p is deprecated.",
        "WARNING: oc login -p is insecure: use stdin",
        r#"{"msg":"oc login -p is deprecated."}"#,
        "user login -u: use -p to set password",
        "usage: az login -u USERNAME -p PASSWORD",
        "imap-login -u al",
        "curl https://x.example/ -o file",
        "mysql -P 3306 -p",
        "ssh session closed",
        "use psql -U",
        "sudo id -u al",
        "snmpd -c /etc/snmp/snmpd.conf",
        r#"{"cmd":"mysql -P 3306 -p","n":1}"#,
        r#"{"m":"{\"cmd\":\"mysql -P 3306 -p\",\"n\":1}"}"#,
        "['mysql -P 3306 -p', 'x']",
        "snmp -c x",
        "schtasks /query /fo csv",
        "snmptrapd -Lf x -c y",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    let Some(program) = PROGRAMS.iter().find(|(name, _, _)| *name == literal) else {
        return;
    };
    let (name, _, _) = program;
    let start = at.saturating_sub(name.len());
    let at = if name.ends_with(' ') {
        at
    } else if name.ends_with('-') {
        let at = at.saturating_sub(1);
        if is_other_login(hay, start, at) {
            return;
        }
        at
    } else {
        let end = skip(hay, at, 16, |b| b.is_ascii_lowercase());
        if !is_of_family(name.as_bytes(), Span::new(start, end).of(hay)) || byte(hay, end) != b' ' {
            return;
        }
        end.saturating_add(1)
    };
    if word_before(hay, start) || before(hay, start) == b'-' || !cx.fresh(Walk::Command, at) {
        return;
    }
    // Behind the password of `sshpass` stands another program's line.
    let runs = *name == "sshpass ";
    // Windows' own have a slash.
    let mark = if *name == "schtasks " { b'/' } else { b'-' };
    let is_flag = |arg: &[u8]| byte(arg, 0) == mark;
    let mut word = at;
    let limit = at.saturating_add(LINE_BYTES_MAX);
    let mut pending: Option<Holds> = None;
    let mut given = false;
    // Where the last argument is, if it is in quotes and may be a command line of its own.
    let mut quoted = None;
    while word < limit {
        let (text, mut end) = argument(hay, word);
        if end == word {
            break;
        }
        // `-u ann; mysql …`: the sign is no part of the word, and another program's line follows.
        let mut last =
            text.end == end && byte(hay, end) == b' ' && matches!(before(hay, end), b';' | b'|');
        let mut text = Span::new(text.start, text.end.saturating_sub(usize::from(last)));
        let broken = line_break(hay, text).filter(|_| text.end == end);
        if let Some(at) = broken {
            (text.end, end) = (at, at);
        }
        last |= broken.is_some();
        let arg = text.of(hay);
        if let Some(holds) = pending.take().filter(|_| !is_flag(arg)) {
            // `login -u USERNAME -p PASSWORD` is how to use it.
            if !matches!(arg, b"USERNAME" | b"PASSWORD") {
                hold(cx, ID, holds, text);
            }
            word = next(hay, end);
            given = true;
            if runs || last {
                break;
            }
            continue;
        }
        quoted = (text.end < end && arg.contains(&b' ')).then_some(word);
        if let Some(flag) = flag(program, arg) {
            match flag {
                Flag::Asks | Flag::Before(_) => {
                    let holds = match flag {
                        Flag::Before(holds) => Some(holds),
                        _ => None,
                    };
                    match glued(hay, end) {
                        Some((value, behind)) => {
                            hold(cx, ID, holds.unwrap_or(Holds::Secret), value);
                            end = behind;
                            last |= runs;
                        }
                        None => pending = holds,
                    }
                }
                Flag::Glued(length, holds) => {
                    let start = text.start.saturating_add(length);
                    let mut value = Span::new(start, text.end);
                    if let Some((inside, behind)) = glued(hay, start) {
                        (value, end) = (inside, behind);
                    }
                    hold(cx, ID, holds, value);
                    last |= runs;
                }
            }
            given = true;
        } else if *name == "ssh " && !is_flag(arg) {
            let user = memchr::memchr(b'@', arg).filter(|at| {
                arg.iter()
                    .take(*at)
                    .all(|b| is_word(*b) || matches!(b, b'.' | b'-'))
            });
            if let Some(user) = user {
                hold(
                    cx,
                    ID,
                    Holds::Account,
                    Span::new(text.start, text.start.saturating_add(user)),
                );
                break;
            }
            if !given {
                break;
            }
        } else if *name == "sudo " && !is_flag(arg) {
            // The command that it runs.
            break;
        } else if !is_flag(arg) && !given && *name != "curl " && !runs && word > at {
            break;
        } else if is_flag(arg) {
            given = true;
        }
        word = next(hay, end);
        if arg == b"&&" || last {
            break;
        }
    }
    cx.walk_to(Walk::Command, quoted.unwrap_or(word));
}

/// Where the line feed of a string, as an escape (RFC 8259 §7), ends the word at `text`: `-pS3cret\nmysql`. Behind a
/// domain stands a name, `CORP\nancy`, and paths of Windows have more backslashes.
fn line_break(hay: &[u8], text: Span) -> Option<usize> {
    let word = text.of(hay);
    let slash = memchr::memchr(b'\\', word)?;
    let letter = skip(word, slash, BACKSLASHES_MAX, |b| b == b'\\');
    let head = word.get(..slash)?;
    let domain = !head.is_empty() && is_domain(head);
    let feed = matches!(byte(word, letter), b'n' | b'r');
    (feed
        && !domain
        && !head.ends_with(b":")
        && in_string(hay, text.start, letter.saturating_sub(slash)))
    .then(|| text.start.saturating_add(slash))
}

/// Whether `login` is a folder or a name that another flag holds, or the line behind it is prose: it names nobody, and
/// what is behind its `-p` is a word.
fn is_other_login(hay: &[u8], start: usize, at: usize) -> bool {
    const WORD_BYTES_MAX: usize = 6;
    let own = |b: u8| !is_end(b) && !matches!(b, b';' | b'|' | b'&' | b'>');
    let line = Span::new(at, skip(hay, at, 256, own)).of(hay);
    let head = hay.get(..start).unwrap_or_default();
    let flag = |flag: &[u8]| memchr::memmem::find(line, flag);
    let value = flag(b"-p ").map(|at| at.saturating_add(3));
    let digit = value.is_some_and(|at| byte(line, at).is_ascii_digit());
    let named = flag(b"-u ").is_some() || flag(b"-user").is_some();
    // `mkdir /srv/login -p x`, `kubectl -n login -p 8080`
    if head.ends_with(b"/") && !is_run(line) || digit && head.ends_with(b" -n ") {
        return true;
    }
    let Some(from) = value else {
        return false;
    };
    let end = skip(line, from, WORD_BYTES_MAX, |b| b.is_ascii_lowercase());
    let word = end > from && matches!(byte(line, end), b' ' | b'"' | b'\\' | 0);
    if !word || named {
        return false;
    }
    let behind = line.get(end..).unwrap_or_default();
    // What goes on with a word is prose; a host has signs in it, a sentence behind it.
    let next = behind.strip_prefix(b" ").unwrap_or_default();
    let next = next.split(|b| *b == b' ').next().unwrap_or_default();
    let inside = |pair: &[u8]| matches!(pair, [b'.' | b':' | b'/', b] if is_word(*b));
    let last = next.first().is_none_or(|b| *b == b'-') || next.windows(2).any(inside);
    !last || !is_of_a_tool(hay, start)
}

/// Whether the arguments in `line` are those of a program `login` at a path: whose name it is stands among the
/// first. `cp /etc/pam.d/login -u /x` copies.
fn is_run(line: &[u8]) -> bool {
    const WORDS_MAX: usize = 8;
    let words = line.split(|b| *b == b' ').filter(|word| !word.is_empty());
    let mut words = words.take(WORDS_MAX);
    let named = words.any(|flag| flag == b"-u" || flag.starts_with(b"--user"));
    named && words.next().is_some_and(|name| byte(name, 0) != b'/')
}

/// Whether the word in front of the `login` at `start` may be a tool that one logs in by, or a part of its command: what
/// says how to is prose, and login(1) itself asks.
fn is_of_a_tool(hay: &[u8], start: usize) -> bool {
    const PROSE: &[&[u8]] = &[
        b"please", b"user", b"users", b"then", b"to", b"the", b"re", b"after", b"before", b"for",
        b"your", b"on", b"and", b"or", b"first", b"use", b"using", b"with", b"by", b"via", b"now",
        b"not", b"must", b"can", b"do", b"try", b"last", b"failed", b"new", b"sudo", b"a", b"is",
    ];
    let end = start.saturating_sub(1);
    let word = Span::new(skip_back(hay, end, 64, |b| b > b' ' && !is_end(b)), end);
    let text = word.of(hay);
    before(hay, start) == b' '
        && text.last().is_some_and(|b| is_word(*b))
        && !PROSE.iter().any(|prose| text.eq_ignore_ascii_case(prose))
}

pub(super) fn next(hay: &[u8], end: usize) -> usize {
    skip(hay, end, 16, |b| b == b' ')
}

/// The word at `at` without its quotes, and where it ends.
pub(super) fn argument(hay: &[u8], at: usize) -> (Span, usize) {
    if let Some((quote, content)) = quote_at(hay, at) {
        // The quote of a string around the whole command closes it.
        if quote.escapes > 0
            || quote.byte == b'\''
            || !matches!(byte(hay, content), b',' | b'}' | b' ' | b'\n' | 0)
        {
            let end = string_end(hay, content, quote);
            // One that is never closed ends with its record.
            let behind = match byte(hay, end) {
                b if is_end(b) => end,
                _ => end.saturating_add(quote.escapes).saturating_add(1),
            };
            return (Span::new(content, end), behind.min(hay.len()));
        }
        return (Span::new(at, at), at);
    }
    let end = skip(hay, at, LINE_BYTES_MAX, |b| {
        !matches!(b, b' ' | b'"' | b'\t' | b'\r') && !is_end(b)
    });
    // An odd number of backslashes is the quote's, pairs are the word's own.
    let slashes = skip_back(hay, end, end.saturating_sub(at), |b| b == b'\\');
    let odd = !end.saturating_sub(slashes).is_multiple_of(2);
    let end = match byte(hay, end) {
        b'"' if odd => slashes,
        _ => end,
    };
    let end = markup_in(hay, Span::new(at, end)).unwrap_or(end);
    (Span::new(at, end), end)
}

/// What is quoted right behind a flag, and where that ends: `-p'correct horse'`. The quote of a string around the whole
/// command closes in front of a sign.
fn glued(hay: &[u8], at: usize) -> Option<(Span, usize)> {
    let (quote, content) = quote_at(hay, at)?;
    let dot = byte(hay, content) == b'.' && !is_word(byte(hay, content.saturating_add(1)));
    if dot || b",:;}])>|/ \t\\\"'".contains(&byte(hay, content)) {
        return None;
    }
    let end = string_end(hay, content, quote);
    let mut behind = end.saturating_add(quote.escapes).saturating_add(1);
    if end == content || is_end(byte(hay, end)) {
        return None;
    }
    let joined = |b: u8| is_word(b) || matches!(b, b'\'' | b':' | b'\\');
    if quote.escapes > 0 || !joined(byte(hay, behind)) {
        return Some((Span::new(content, end), behind));
    }
    // `'pa'\''ss'` and `'ann':hunter2` are one word.
    loop {
        behind = skip(hay, behind, LINE_BYTES_MAX, |b| {
            !matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'\\') && !is_end(b)
        });
        behind = match (byte(hay, behind), byte(hay, behind.saturating_add(1))) {
            (b'\\', b) if !is_end(b) => behind.saturating_add(2),
            (b'\'', b) if !is_end(b) => {
                let close = string_end(hay, behind.saturating_add(1), Quote::SINGLE);
                if is_end(byte(hay, close)) {
                    break;
                }
                close.saturating_add(1)
            }
            _ => break,
        };
    }
    let behind = markup_in(hay, Span::new(at, behind)).unwrap_or(behind);
    Some((Span::new(at, behind), behind))
}

pub(super) fn hold(cx: &mut Cx<'_>, id: &'static str, holds: Holds, text: Span) {
    let hay = cx.hay();
    let [account, secret] = holds.parts(text.of(hay));
    let inside = |part: Span| {
        Span::new(
            text.start.saturating_add(part.start),
            text.start.saturating_add(part.end),
        )
    };
    if let Some(account) = account.map(inside)
        && !is_nothing(account.of(hay))
    {
        cx.text(
            account,
            Class::ACCOUNT,
            id,
            "a program's flag for an account",
        );
    }
    // Behind an account whatever stands there is its password.
    if let Some(secret) = secret.map(inside)
        && (account.is_some() || !is_nothing(secret.of(hay)))
    {
        cx.text(
            secret,
            Class::PASSWORD,
            id,
            "a program's flag for a password",
        );
    }
}

/// `net use \\srv\share hunter2 /user:CORP\pat`, `… /user:CORP\pat hunter2`: the password of a connection, beside the flag at
/// `flag` whose border is at `border`.
pub(super) fn net_use(cx: &mut Cx<'_>, flag: usize, border: usize) {
    const USE: &[u8] = b"use ";
    let hay = cx.hay();
    let said = Span::new(skip_back(hay, flag, 128, |b| !is_end(b)), flag);
    let Some(at) = memchr::memmem::rfind(said.of(hay), USE) else {
        return;
    };
    let begin = said.start.saturating_add(at);
    let net = skip_back(hay, begin, 5, |b| b != b'\\' && b != b'/' && b > 0x1f);
    let net = Span::new(net, begin).of(hay).to_ascii_lowercase();
    if ![&b"net "[..], b".exe ", b"exe\" "]
        .iter()
        .any(|of| net.ends_with(of))
    {
        return;
    }
    let mut word = begin.saturating_add(USE.len());
    let mut secret = None;
    while word < flag {
        let (text, end) = argument(hay, word);
        let place =
            matches!(byte(hay, text.start), b'\\' | b'/' | b'*') || before(hay, text.end) == b':';
        if end <= word || end > flag {
            break;
        }
        secret = secret.or((!place).then_some(text));
        word = next(hay, end);
    }
    if secret.is_none() {
        let (_, end) = argument(hay, border.saturating_add(1));
        let (text, _) = argument(hay, next(hay, end));
        let own =
            text.start > end && !matches!(byte(hay, text.start), b'/' | b'*' | b'&' | b'|' | b'<');
        secret = own.then_some(text);
    }
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        cx.text(secret, Class::PASSWORD, ID, "the password of a connection");
    }
}
