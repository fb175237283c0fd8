//! Names of accounts in lines of services whose program does not stand in front, as in files of their own.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::{behind, firsts, is_name, name_by, stops, word_behind};
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_word, skip, skip_back, unmarked, word_before,
};
use crate::format::value::quote_at;
use crate::record::Span;

const ID: &str = "service";

/// What reads a name or a secret around a literal.
type Read = fn(&mut Cx<'_>, Span);

/// What stands in front of a name or behind, and what reads it.
const SAID: &[(&str, Read)] = &[
    ("imap(", dovecot),
    ("pop3(", dovecot),
    ("lmtp(", dovecot),
    ("lda(", dovecot),
    ("sieve(", dovecot),
    ("doveadm(", dovecot),
    ("submission(", dovecot),
    ("worker(", dovecot),
    (",CONNECT,", audited),
    (",DISCONNECT,", audited),
    (",FAILED_CONNECT,", audited),
    (",QUERY,", audited),
    (",QUERY_DDL,", audited),
    (",QUERY_DML,", audited),
    (",QUERY_DCL,", audited),
    (",READ,", audited),
    (",WRITE,", audited),
    (" IN IP4 ", origin),
    (" IN IP6 ", origin),
    ("depth=0, ", subject),
    (" Learn: ", learned),
    ("command_data", commanded),
];

const LITERALS: [&str; SAID.len()] = firsts!(SAID);

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "Dovecot: mail_log_prefix; MariaDB: server_audit; OpenVPN: verify callbacks; RFC 8866 §5.2 (o= of SDP); \
             Suricata: EVE of FTP (RFC 959 §4.1.1)",
    confirm,
    finds: &[
        "imap(pat)<1234><abcDEF>: Info: Disconnected",
        "Nov 27 10:00:00 imap(pat): Info: Logged out",
        "lmtp(1234, pat): Info: saved",
        "lmtp(pat)<99><x>: sieve: stored",
        "lda(pat): Info: msgid=<x>: saved",
        "192.0.2.5:1194 VERIFY ERROR: depth=0, error=expired: CN=pat",
        r#"{"m":"x\n20261127 10:00:00,db1,pat,h,15,123,QUERY,app"}"#,
        "indexer-worker(pat)<9><x:y>: Info: Indexed 3 messages",
        r#"{"msg":"managesieve(pat): Error: x"}"#,
        "20261127 10:00:00,db1,pat,192.0.2.5,15,123,QUERY,app,'SELECT 1',0",
        "20261127 10:00:00,db1,pat,h.example.org,15,0,FAILED_CONNECT,,,1045",
        "mysql-server_auditing: db1,pat,localhost,15,0,DISCONNECT,app,,0",
        "1764241200123456,ip-10-0-0-1,pat,192.0.2.5,15,7,READ,app,t,",
        "o=pat 2890844526 2890842807 IN IP4 192.0.2.5",
        r"v=0\r\no=pat 1 2 IN IP6 2001:db8::1\r\ns=x",
        "192.0.2.5:1194 VERIFY OK: depth=0, CN=pat",
        "VERIFY OK: depth=0, C=CH, O=x, CN=pat, emailAddress=x",
        "ovpn: pat/192.0.2.5:1194 MULTI: Learn: 10.8.0.6 -> pat/192.0.2.5:1194",
        r#"{"ftp":{"command":"USER","command_data":"pat","n":1}}"#,
        r#"{"m":"{\"ftp\":{\"command\":\"PASS\",\"command_data\":\"hunter2\"}}"}"#,
    ],
    leaves: &[
        r#"{"ftp":{"command":"RETR","command_data":"x.txt"}}"#,
        r#"{"ftp":{"command":"PASS","command_data":null}}"#,
        "imap(pat): logged out",
        "lda(model): Info: topics 10",
        "imap(1234): Info: started",
        "map(imap(x)<y)",
        "pop3(s): Info",
        "worker(3)<4><x>: Info: done",
        "thread-worker(pool): Info: done",
        "a,b,c,QUERY,d",
        "1,2024,db1,pat,host,x,7,READ,app",
        "20261127 10:00:00,db1,,localhost,15,123,QUERY,app,'SELECT 1',0",
        "o=- 2890844526 2890842807 IN IP4 192.0.2.5",
        "c=IN IP4 192.0.2.5",
        "b=o 1 2 IN IP4 192.0.2.5",
        "VERIFY OK: depth=0, CN=example.org",
        "VERIFY OK: depth=0, CN=Let's Encrypt R3",
        "VERIFY OK: depth=1, CN=Easy-RSA",
        "VERIFY OK: depth=0, CN=vpn-server1",
        "VERIFY OK: depth=0, O=x",
        "VERIFY OK: depth=0, CN=R3",
        "VERIFY OK: depth=0, CN=kubernetes",
        "VERIFY OK: depth=0, CN=localhost",
        "VERIFY OK: depth=0, CN=gateway01",
        "tree: depth=0, CN=pat",
        "o=Asterisk 2890844526 2890842807 IN IP4 192.0.2.5",
        "o=FreeSWITCH 2890844526 2890842807 IN IP4 192.0.2.5",
        r#"{"m":"20261127 10:00:00,1,pat\nfoo,localhost,15,123,READ,app"}"#,
        "disk,sda,io,node1,100,200,READ,ok",
        "sensor,temp,unit,room1,3,4,READ,12",
        "8,0,app,1,2,3,WRITE,x",
        "probe: sda,io,node1,100,200,READ,ok",
        "MULTI: Learn: 10.8.0.6 -> route",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    if let Some((_, read)) = SAID.get(index) {
        read(cx, Span::new(at.saturating_sub(literal.len()), at));
    }
}

/// `imap(pat)<1234><session>: …`, `imap(pat): Info: …`, `lmtp(1234, pat): Info: …`: without a level anything may be called
/// so.
fn dovecot(cx: &mut Cx<'_>, literal: Span) {
    const SERVICES: [&[u8]; 8] = [
        b"imap",
        b"pop3",
        b"lmtp",
        b"lda",
        b"managesieve",
        b"doveadm",
        b"submission",
        b"indexer-worker",
    ];
    const LEVELS: [&[u8]; 6] = [
        b"Info: ",
        b"Warning: ",
        b"Error: ",
        b"Fatal: ",
        b"Panic: ",
        b"Debug: ",
    ];
    let hay = cx.hay();
    let open = literal.end.saturating_sub(1);
    let start = skip_back(hay, open, 24, |b| is_word(b) || b == b'-');
    let service = Span::new(unmarked(hay, start), open);
    if !SERVICES.contains(&service.of(hay)) {
        return;
    }
    let number = skip(hay, literal.end, 10, is_digit);
    let start = match byte(hay, number) {
        b',' if number > literal.end => skip(hay, number.saturating_add(1), 1, |b| b == b' '),
        _ => literal.end,
    };
    let end = skip(hay, start, 128, is_name);
    let who = Span::new(start, end);
    let rest = hay.get(end..).unwrap_or_default();
    let process = rest.strip_prefix(b")<").is_some_and(|rest| {
        let digits = skip(rest, 0, 10, is_digit);
        digits > 0 && byte(rest, digits) == b'>'
    });
    let level = rest
        .strip_prefix(b"): ")
        .is_some_and(|rest| LEVELS.iter().any(|level| rest.starts_with(level)));
    // Models are called so too.
    let level = level
        && (service.of(hay) != b"lda"
            || [&b" msgid="[..], b" sieve: "]
                .iter()
                .any(|word| memchr::memmem::find(rest.get(..48).unwrap_or(rest), word).is_some()));
    if (process || level) && !who.of(hay).iter().all(|b| is_digit(*b)) {
        name_by(cx, ID, who);
    }
}

/// `TIME,SERVER,pat,HOST,15,123,QUERY,…`: the third field of a row, which two numbers close in front of the operation.
fn audited(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let field = |end: usize, own: fn(u8) -> bool| {
        let start = skip_back(hay, end, 64, own);
        (before(hay, start) == b',').then(|| Span::new(start, end))
    };
    let front = |span: Span| span.start.saturating_sub(1);
    let host = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b':' | b'*');
    let fields = field(literal.start, is_digit).filter(|query| !query.is_empty());
    let fields = fields.and_then(|query| field(front(query), is_digit));
    let fields = fields.filter(|connection| !connection.is_empty());
    let Some(host) = fields.and_then(|connection| field(front(connection), host)) else {
        return;
    };
    // No backslash: it would be that of a line feed, with another row in front.
    let who = field(front(host), |b| {
        !matches!(b, b',' | b'"' | b'\\') && !is_end(b)
    });
    let Some(who) = who.filter(|who| !who.is_empty()) else {
        return;
    };
    let server = skip_back(hay, front(who), 64, |b| {
        is_word(b) || matches!(b, b'.' | b'-')
    });
    let row = match before(hay, server) {
        b',' => is_time(hay, server.saturating_sub(1)),
        b' ' => is_tagged(hay, server),
        _ => false,
    };
    if server < front(who) && row {
        name_by(cx, ID, who);
    }
}

/// `20261127 10:00:00`, or a number of microseconds, which ends at `end`.
fn is_time(hay: &[u8], end: usize) -> bool {
    /// Of both, and of a number alone: seconds are none.
    const DIGITS_MIN: (usize, usize) = (10, 16);
    let start = skip_back(hay, end, 32, |b| {
        is_digit(b) || matches!(b, b' ' | b':' | b'-' | b'.' | b'T' | b'Z' | b'+')
    });
    let time = Span::new(start, end);
    let digits = time.of(hay).iter().filter(|b| is_digit(**b)).count();
    let most = match digits < time.len() {
        true => DIGITS_MIN.0,
        false => DIGITS_MIN.1,
    };
    digits >= most && !word_before(hay, start)
}

/// `mysql-server_auditing: ` in front of `at`, as syslog tags the rows.
fn is_tagged(hay: &[u8], at: usize) -> bool {
    const AUDIT: &[u8] = b"audit";
    let colon = at.saturating_sub(2);
    let number = skip_back(hay, colon, 12, |b| is_digit(b) || matches!(b, b'[' | b']'));
    let tag = skip_back(hay, number, 48, |b| is_word(b) || b == b'-');
    let tag = Span::new(tag, number).of(hay);
    byte(hay, colon) == b':' && memchr::memmem::find(tag, AUDIT).is_some()
}

/// `o=pat 2890844526 2890842807 IN IP4 192.0.2.5`
fn origin(cx: &mut Cx<'_>, literal: Span) {
    /// What programs write that have no user.
    const PROGRAMS: &[&[u8]] = &[
        b"asterisk",
        b"freeswitch",
        b"kamailio",
        b"opensips",
        b"rtpengine",
        b"ciscosystems",
        b"mozilla",
    ];
    let hay = cx.hay();
    let version = skip_back(hay, literal.start, 20, is_digit);
    let session = skip_back(hay, version.saturating_sub(1), 20, is_digit);
    let end = session.saturating_sub(1);
    let numbers = version < literal.start
        && before(hay, version) == b' '
        && session < version.saturating_sub(1)
        && before(hay, session) == b' ';
    let start = skip_back(hay, end, 64, |b| b > b' ' && b != b'=');
    let who = Span::new(start, end);
    let program = PROGRAMS.iter().any(|name| {
        let text = who.of(hay).get(..name.len()).unwrap_or_default();
        text.eq_ignore_ascii_case(name)
    });
    let named = Span::new(start.saturating_sub(2), start).of(hay) == b"o=";
    if numbers && named && who.of(hay) != b"-" && !program {
        name_by(cx, ID, who);
    }
}

/// `VERIFY OK: depth=0, CN=pat`: whose certificate it is, where that is no host and no authority.
fn subject(cx: &mut Cx<'_>, literal: Span) {
    const NAME: &[u8] = b"CN=";
    const VERIFY: &[u8] = b"VERIFY ";
    const MACHINES: [&[u8]; 10] = [
        b"server",
        b"gateway",
        b"host",
        b"kube",
        b"node",
        b"router",
        b"firewall",
        b"proxy",
        b"cluster",
        b"vpn",
    ];
    /// Shorter are those of authorities, `R3`.
    const NAME_BYTES_MIN: usize = 3;
    let hay = cx.hay();
    let front = skip_back(hay, literal.start, 64, |b| !is_end(b) && b != b'"');
    if memchr::memmem::rfind(Span::new(front, literal.start).of(hay), VERIFY).is_none() {
        return;
    }
    let stop = skip(hay, literal.end, 256, |b| !is_end(b) && b != b'"');
    let said = Span::new(literal.end, stop);
    let Some(at) = memchr::memmem::find(said.of(hay), NAME) else {
        return;
    };
    let who = word_behind(
        hay,
        said.start.saturating_add(at).saturating_add(NAME.len()),
    );
    // An escape of the string around is no part of it.
    let length = memchr::memchr(b'\\', who.of(hay)).unwrap_or(who.len());
    let who = Span::new(who.start, who.start.saturating_add(length));
    let text = who.of(hay);
    let next = byte(hay, who.end);
    let over = is_end(next) || matches!(next, b',' | b'"' | b'\\' | b'\r' | b'/');
    let host = text.contains(&b'.') && !text.contains(&b'@');
    let machine = MACHINES.iter().any(|name| {
        let mut parts = text.windows(name.len());
        parts.any(|part| part.eq_ignore_ascii_case(name))
    });
    if over && !host && !machine && text.len() >= NAME_BYTES_MIN && !stops(text) {
        name_by(cx, ID, who);
    }
}

/// `MULTI: Learn: 10.8.0.6 -> pat/192.0.2.5:1194`
fn learned(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let address = skip(hay, literal.end, 48, |b| b > b' ');
    let start = address.saturating_add(b" -> ".len());
    if Span::new(address, start).of(hay) != b" -> " {
        return;
    }
    if let Some(who) = behind(hay, start, b"/").filter(|who| {
        who.of(hay).iter().all(|b| is_name(*b)) && is_digit(byte(hay, who.end.saturating_add(1)))
    }) {
        name_by(cx, ID, who);
    }
}

/// `"command":"USER","command_data":"pat"`, and `PASS`
fn commanded(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let marks = |b: u8| matches!(b, b'"' | b'\\' | b',' | b' ');
    let end = skip_back(hay, literal.start, 24, marks);
    let verb = Span::new(end.saturating_sub(4), end).of(hay);
    let close = skip(hay, literal.end, 16, |b| b == b'\\');
    let colon = skip(hay, close.saturating_add(1), 2, |b| b == b' ');
    let value = skip(hay, colon.saturating_add(1), 2, |b| b == b' ');
    if byte(hay, close) != b'"' || byte(hay, colon) != b':' {
        return;
    }
    if let Some((quote, start)) = quote_at(hay, value) {
        let said = Span::new(start, cx.unclosed.string_end(hay, start, quote));
        match verb {
            b"USER" => name_by(cx, ID, said),
            b"PASS" if !said.is_empty() => {
                cx.text(said, Class::PASSWORD, ID, "a command that lets in");
            }
            _ => {}
        }
    }
}
