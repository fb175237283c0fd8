//! Names of accounts in the fixed messages of daemons and tools: a table of what stands around them.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::keys;
use super::login;
use super::peers;
use super::postgres;
use crate::class::Class;
use crate::format::bytes::{
    self, before, byte, is_digit, is_end, is_word, skip, skip_back, unmarked,
};
use crate::record::Span;

const ID: &str = "message";

/// Where a name is, seen from a literal.
#[derive(Clone, Copy)]
enum Place {
    /// Behind it, up to a byte of this set.
    Until(&'static [u8]),
    /// Behind it, up to this byte, and one of these follows.
    Followed(u8, &'static [&'static str]),
    /// Behind it, a word.
    Word,
    /// Before it, in brackets that the literal's first byte closes.
    Bracketed,
    /// Both before and behind, in parentheses.
    Both,
    /// Behind it, a password in quotes.
    Secret,
    /// A program of its own.
    Own(fn(&mut Cx<'_>, Span)),
}

const MESSAGES: &[(&str, Place)] = &[
    // shadow-utils
    (
        "add '",
        Place::Followed(b'\'', &[" to group", " to shadow group"]),
    ),
    (
        "add `",
        Place::Followed(b'\'', &[" to group", " to shadow group"]),
    ),
    (
        "delete '",
        Place::Followed(b'\'', &[" from group", " from shadow group"]),
    ),
    ("owned by '", Place::Until(b"'")),
    ("user: name=", Place::Until(b", ")),
    ("group: name=", Place::Until(b", ")),
    ("hanged password expiry for ", Place::Word),
    ("assword changed for ", Place::Own(login::whose)),
    ("assword for [", Place::Until(b"]")),
    // cron
    (") LIST (", Place::Both),
    (") REPLACE (", Place::Both),
    (") DELETE (", Place::Both),
    (") BEGIN EDIT (", Place::Both),
    (") END EDIT (", Place::Both),
    (") RELOAD (", Place::Bracketed),
    (") MAIL (", Place::Bracketed),
    // login, su, sudo, sshd
    ("LOGIN ON ", Place::Own(login::login_on)),
    ("FOR ", Place::Own(login::login_for)),
    ("/pts/", Place::Own(login::su)),
    ("; TTY=", Place::Own(login::sudo)),
    ("uthorized to ", Place::Followed(b',', &[" krb5", " ssh"])),
    (" ran command ", Place::Own(login::doas)),
    ("BAD SU ", Place::Own(login::bad_su)),
    ("in as ", Place::Own(login::signed_in)),
    ("cated as ", Place::Own(login::signed_in)),
    ("ticate as ", Place::Own(login::signed_in)),
    (" trying auth ", Place::Own(login::said_of)),
    (" is now logged in", Place::Own(login::said_of)),
    (" logged in", Place::Own(login::said_of)),
    (" logged out", Place::Own(login::said_of)),
    ("dministrator ", Place::Own(login::administrator)),
    ("provided was \"", Place::Until(b"\"")),
    ("Exit (", Place::Followed(b')', &[" from", ":"])),
    ("auth=", Place::Own(login::imapd)),
    ("ogin failed: ", Place::Own(login::login_failed)),
    (" failed to log", Place::Own(login::failed_to_log_in)),
    // databases
    ("User@Host: ", Place::Until(b"[ ")),
    ("to authenticate ", Place::Own(login::at_database)),
    ("AUTH\" \"", Place::Own(login::credentials)),
    ("auth\" \"", Place::Own(login::credentials)),
    ("Connect\t", Place::Followed(b'@', &[])),
    ("IDENTIFIED BY '", Place::Secret),
    ("PASSWORD '", Place::Secret),
    (",LOG,", Place::Own(postgres::csv)),
    (",FATAL,", Place::Own(postgres::csv)),
    (",ERROR,", Place::Own(postgres::csv)),
    ("]:LOG:", Place::Own(postgres::rds)),
    ("]:FATAL:", Place::Own(postgres::rds)),
    ("]:ERROR:", Place::Own(postgres::rds)),
    ("]:STATEMENT:", Place::Own(postgres::rds)),
    ("]:DETAIL:", Place::Own(postgres::rds)),
    ("LOG:  ", Place::Own(postgres::prefix)),
    ("FATAL:  ", Place::Own(postgres::prefix)),
    ("ERROR:  ", Place::Own(postgres::prefix)),
    // Kerberos, Windows, Samba
    (" for krbtgt/", Place::Own(principal)),
    ("S-1-5-21-", Place::Own(sid)),
    ("] -> [", Place::Until(b"]")),
    (" P=esmtp", Place::Own(login::exim)),
    ("ser denied: ", Place::Word),
    // RADIUS, FTP, mail, proxies, network devices
    ("Login OK: [", Place::Own(radius)),
    ("Login incorrect: [", Place::Own(radius)),
    ("): [", Place::Own(radius_reason)),
    ("] FAIL LOGIN", Place::Bracketed),
    ("] OK LOGIN", Place::Bracketed),
    ("] OK UPLOAD", Place::Bracketed),
    ("] OK DOWNLOAD", Place::Bracketed),
    ("login attempt [", Place::Own(radius)),
    ("] Peer C", Place::Own(login::peer)),
    (" MULTI", Place::Own(login::at_peer)),
    ("SENT CONTROL [", Place::Until(b"]")),
    ("peer '", Place::Until(b"'")),
    (
        "ntication of '",
        Place::Followed(b'\'', &[" successful", " failed", " with "]),
    ),
    ("identity '", Place::Until(b"'")),
    ("stablished for '", Place::Until(b"'")),
    ("[CHAP ", Place::Own(peers::chap)),
    ("main[", Place::Own(peers::ocserv)),
    ("worker[", Place::Own(peers::ocserv)),
    ("openvpn", Place::Own(peers::openvpn)),
    ("sip:", Place::Own(peers::sip)),
    (", u'", Place::Own(peers::mosquitto)),
    (
        " by '",
        Place::Followed(b'\'', &[" from '", " from \"", " using ", " via "]),
    ),
    (" via web", Place::Own(peers::by_whom)),
    ("Root::", Place::Followed(b'(', &[])),
    ("supplied for \"", Place::Until(b"\"")),
    ("]: Login_", Place::Bracketed),
    ("Success Audit", Place::Own(peers::snare)),
    ("Failure Audit", Place::Own(peers::snare)),
    ("] plaintext ", Place::Followed(b' ', &["SASL", "[SASL"])),
    (" plaintext User logged", Place::Own(login::said_of)),
    (": from=", Place::Own(login::mailbox)),
    (": to=", Place::Own(login::mailbox)),
    ("from=<", Place::Own(login::mailbox)),
    (" U=", Place::Own(login::local_sender)),
    ("pam(", Place::Own(login::passdb)),
    ("sql(", Place::Own(login::passdb)),
    ("ldap(", Place::Own(login::passdb)),
    ("passwd-file(", Place::Own(login::passdb)),
    ("pure-ftpd: (", Place::Followed(b'@', &[])),
    ("dovecot", Place::Own(dovecot)),
    (" HIER_", Place::Own(squid)),
    (" DIRECT/", Place::Own(squid)),
    (" NONE/", Place::Own(squid)),
    ("_PARENT/", Place::Own(squid)),
    // AWS
    (":user/", Place::Own(arn)),
    ("-user/", Place::Own(arn)),
    ("assumed-role/", Place::Own(arn)),
    ("console by ", Place::Word),
];

/// The messages of [`MESSAGES`].
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::CLASSES,
    anchors: &[Anchor::Literal],
    literals: &[
        "add '",
        "add `",
        "delete '",
        "owned by '",
        "user: name=",
        "group: name=",
        "hanged password expiry for ",
        "assword changed for ",
        "assword for [",
        ") LIST (",
        ") REPLACE (",
        ") DELETE (",
        ") BEGIN EDIT (",
        ") END EDIT (",
        ") RELOAD (",
        ") MAIL (",
        "LOGIN ON ",
        "FOR ",
        "/pts/",
        "; TTY=",
        "uthorized to ",
        " ran command ",
        "BAD SU ",
        "in as ",
        "cated as ",
        "ticate as ",
        " trying auth ",
        " is now logged in",
        " logged in",
        " logged out",
        "dministrator ",
        "provided was \"",
        "Exit (",
        "auth=",
        "to authenticate ",
        "AUTH\" \"",
        "auth\" \"",
        "login attempt [",
        "] Peer C",
        " MULTI",
        "SENT CONTROL [",
        "peer '",
        "ntication of '",
        "identity '",
        "stablished for '",
        "[CHAP ",
        "main[",
        "worker[",
        "openvpn",
        "sip:",
        ", u'",
        " by '",
        " via web",
        "Root::",
        "supplied for \"",
        "]: Login_",
        "Success Audit",
        "Failure Audit",
        "] plaintext ",
        " plaintext User logged",
        ": from=",
        ": to=",
        "from=<",
        " U=",
        "pam(",
        "sql(",
        "ldap(",
        "passwd-file(",
        "ogin failed: ",
        " failed to log",
        " P=esmtp",
        "ser denied: ",
        "User@Host: ",
        "Connect\t",
        "IDENTIFIED BY '",
        "PASSWORD '",
        ",LOG,",
        ",FATAL,",
        ",ERROR,",
        "]:LOG:",
        "]:FATAL:",
        "]:ERROR:",
        "]:STATEMENT:",
        "]:DETAIL:",
        "LOG:  ",
        "FATAL:  ",
        "ERROR:  ",
        " for krbtgt/",
        "S-1-5-21-",
        "] -> [",
        "Login OK: [",
        "Login incorrect: [",
        "): [",
        "] FAIL LOGIN",
        "] OK LOGIN",
        "] OK UPLOAD",
        "] OK DOWNLOAD",
        "pure-ftpd: (",
        "dovecot",
        " HIER_",
        " DIRECT/",
        " NONE/",
        "_PARENT/",
        ":user/",
        "-user/",
        "assumed-role/",
        "console by ",
    ],
    source: "messages of shadow-utils, cron, login, su, sudo, OpenSSH, doas, MySQL, PostgreSQL, MIT Kerberos, \
             Windows security identifiers ([MS-DTYP] 2.4.2), Samba, FreeRADIUS, vsftpd, Pure-FTPd, Dovecot, Squid, \
             Cisco IOS, AWS (Amazon Resource Names of IAM and STS), Exim, phpMyAdmin, Nextcloud, Webmin",
    confirm,
    finds: &[
        "usermod[1]: add 'pat' to group 'wheel'",
        "useradd[1]: new group: name=pat, GID=1001",
        "passwd[1]: password changed for pat",
        "crontab[1]: (pat) LIST (pat)",
        "login[1]: LOGIN ON tty1 BY pat",
        "FAILED LOGIN (1) on '/dev/tty1' FOR 'pat', Authentication failure",
        "su[1]: + /dev/pts/0 pat:root",
        "sudo:  pat : command not allowed ; TTY=pts/0 ; PWD=/",
        "# User@Host: pat[pat] @ localhost []",
        "ALTER USER pat WITH PASSWORD 'hunter2'",
        "2020-01-01 UTC [1] pat@db LOG:  duration: 1 ms",
        "CLIENT_NOT_FOUND: pat@REALM for krbtgt/REALM@REALM",
        "SID S-1-5-21-1004336348-1177238915-682003330-1001 logged on",
        "Authentication for user [pat] -> [pat] FAILED",
        "Login OK: [pat] (from client nas)",
        "Login incorrect (mschap): [pat/hunter2] (from client nas)",
        "[pat] FAIL LOGIN: Client",
        "dovecot: auth: pam(pat,192.0.2.1): unknown user",
        "dovecot: imap(pat)<1><a>: Logged out",
        "POST http://x.example/ pat HIER_DIRECT/192.0.2.2 text/html",
        "Configured from console by pat on vty0",
        "1 CONNECT x.example:443 pat FIRSTUP_PARENT/192.0.2.2 -",
        "arn:aws:iam::123456789012:user/team/pat.lee is not allowed",
        r#""arn":"arn:aws:sts::123456789012:assumed-role/Admin/pat""#,
        "login[1]: FAILED LOGIN 2 FROM tty1 FOR pat, Authentication failure",
        "doas: pat ran command /bin/ls as lee from /tmp",
        "su: BAD SU pat to root on /dev/ttyp1",
        "logged in as pat",
        r"corp\pat logged in",
        "Invalid login as pat from 192.0.2.7",
        "connection authenticated as pat.",
        "Login failed: pat (Remote IP: 192.0.2.7)",
        "192.0.2.7 failed to authenticate as 'pat'",
        "authenticated as principal pat on admin",
        "[x] pat trying auth password",
        "[INFO] pat is now logged in",
        "INFO hudson.security: pat logged in",
        "Administrator pat logged out from https(192.0.2.7)",
        "The user name that has been provided was \"pat\", from 192.0.2.7",
        "dropbear[1]: Exit (pat) from <192.0.2.7:5>: Disconnect received",
        "Login failed user=x auth=pat host=h.example [192.0.2.7]",
        "Failed to authenticate pat@admin with mechanism x",
        "1572345678.1 [0 192.0.2.7:5] \"AUTH\" \"hunter2\"",
        "1572345678.1 [0 192.0.2.7:5] \"auth\" \"pat\" \"hunter2\"",
        "pat/192.0.2.7:5 MULTI: bad source address from client",
        "login attempt [pat/hunter2] failed",
        "192.0.2.7:5 [pat] Peer Connection Initiated with x",
        "pat/192.0.2.7:5 SENT CONTROL [pat]: 'PUSH_REPLY'",
        "assigning virtual IP 192.0.2.9 to peer 'pat'",
        "XAuth authentication of 'pat' successful",
        "received EAP identity 'pat'",
        "badlogin: h.example [192.0.2.7] plaintext pat SASL(-13): failure",
        "login: h.example [192.0.2.7] pat plaintext User logged in",
        "jA9: from=pat, size=62, class=0",
        "jA9: to=pat, ctladdr=x (0/0), delay=00:00:01",
        "ABC: uid=0 from=<pat>",
        "<= x U=pat P=local S=400",
        "auth: ldap(pat,192.0.2.7,): invalid credentials",
        "Password changed for user 'pat'",
        "[pat] failed to login from 192.0.2.7",
        "<= H=(x) [192.0.2.7] P=esmtpsa X=TLS1.3:x:256 A=plain:pat S=1203",
        "2025-02-22 01:27:36 pat 192.0.2.7 failed to log in",
        "account pat failed to login",
        "phpmyadmin: user denied: pat (mysql-denied) from 192.0.2.7",
        r"Security ID:\t\tS-1-5-21-1004336348-1177238915-682003330-1001\n",
        "usermod[1]: add `pat' to group `wheel'",
        "settings were changed by 'pat' from '192.0.2.7' using 'GUI'",
        "httpd: 2024-05-01 10:00:00.850Z [pat]: Login_Denied - - to=x",
        "STA 02:00:5e:10:00:01 authenticated - EAP type: 25 (PEAP) identity 'pat'",
        "EAP method succeeded, no MSK established for 'pat'",
        "pppd[1]: rcvd [CHAP Response id=0x1 <0a1b>, name = \"pat\"]",
        "ocserv[1]: main[pat]:192.0.2.7:51522 new user session",
        "ocserv[1]: worker[pat]: 192.0.2.7 sending IPv4 10.0.0.7",
        "openvpn[1]: pat/192.0.2.7:51522 PUSH: Received control message",
        "openvpn[1]: pat/192.0.2.7:51522 MULTI: Learn: 10.0.0.7 -> pat/192.0.2.7:51522",
        "Request 'REGISTER' from '<sip:pat@pbx>' failed",
        "1714557600: New client connected from 192.0.2.7 as c7 (p2, c1, k60, u'pat').",
        "configuration saved by pat via web from host 192.0.2.7 to 192.0.2.1:443 by pat.",
        "vpn - [192.0.2.7] Root::pat(Intranet)[Staff] - Login failed",
        "-ERR [AUTH] Password supplied for \"pat\" is incorrect.",
        "MSWinEventLog\t1\tSecurity\t7\tx\t528\tSecurity\tpat\tUser\tSuccess Audit\tPC1",
        "2024-05-01 10:00:00 UTC:192.0.2.7(51522):pat@shop:[812]:LOG:  statement: x",
        "2024-05-01 10:00:00.123 UTC,\"pat\",\"shop\",812,\"192.0.2.7:5152\",66321a2b.32c,1,\"x\",2024-05-01 10:00:00 UTC,3/17,0,LOG,00000,\"x\"",
    ],
    leaves: &[
        "worker[812]: 192.0.2.7 is up",
        "domain[x]: y",
        "openvpn[1]: Initialization Sequence Completed",
        "openvpn[1]: 192.0.2.7:51522 TLS: x",
        "['a', u'b']",
        "changed by the user via web",
        "Microsoft-Windows-Security-Auditing\tN/A\tN/A\tSuccess Audit",
        "x,LOG,y",
        "user=x:LOG:  y",
        "add 'pat' to the list",
        "on /dev/pts/0 now",
        "LOGIN ON tty1",
        "SELECT 1 FOR 'x'",
        "at LOG:  duration: 1 ms",
        "S-1-5-21-x",
        "dovecot: master: Dovecot starting",
        "dovecot: auth-worker(12): done",
        "GET http://x.example/ - HIER_NONE/- text/html",
        "(CRON) INFO (none)",
        "GET /api:user/list",
        "arn:aws:sts::123456789012:assumed-role/web/i-0abcdef1234567890",
        "arn:aws:sts::123456789012:assumed-role/web",
        "not authorized to perform: x:List on resource",
        "logged in as the user",
        "Configured from console by vty0",
        "plug in as needed",
        "SELECT 1 FOR UPDATE",
        "Login failed: wrong password",
        "H=x [192.0.2.7] P=esmtp S=1203",
        "BAD SU x",
        "the client failed to log in",
        "Service failed to log the error",
        "3 users logged in",
        "INFO x: successfully logged in",
        "the Administrator password",
        "config: to=5, from=3",
        "sql(1, 2)",
        "sql(query,1)",
        "x U=1 V=2",
        "plaintext password SASL",
        "Exit (0)",
        "auth=0/1 quit=1",
        "to authenticate with the server",
    ],
};

/// A `*` is a character that was hidden before.
pub(super) fn is_name(b: u8) -> bool {
    is_word(b) || matches!(b, b'.' | b'@' | b'$' | b'-' | b'+' | b'\\' | b'*')
}

pub(super) fn name(cx: &mut Cx<'_>, span: Span) {
    let text = span.of(cx.hay());
    // `Configured from console by vty0`: a terminal, nobody at it.
    let line = text.strip_prefix(b"vty").or(text.strip_prefix(b"tty"));
    if line.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit)) {
        return;
    }
    if text.len() <= 64 && text.iter().any(|b| is_word(*b) || *b == b'*') {
        cx.text(span, Class::ACCOUNT, ID, "a message that names an account");
    }
}

pub(super) fn behind(hay: &[u8], at: usize, close: &[u8]) -> Option<Span> {
    if is_end(before(hay, at)) {
        return None;
    }
    let end = skip(hay, at, 128, |b| !close.contains(&b) && !is_end(b));
    (close.contains(&byte(hay, end)) || close.contains(&b' ') && is_end(byte(hay, end)))
        .then(|| Span::new(at, end))
}

/// A word; a full stop behind it is the sentence's. None of the next record, whatever stood in front of that.
pub(super) fn word_behind(hay: &[u8], at: usize) -> Span {
    let most = if is_end(before(hay, at)) { 0 } else { 64 };
    let end = skip(hay, at, most, is_name);
    Span::new(at, skip_back(hay, end, 2, |b| b == b'.').max(at))
}

/// What the record says in front of `end`, `most` bytes at the most.
pub(super) fn said_before(hay: &[u8], end: usize, most: usize) -> Span {
    Span::new(skip_back(hay, end, most, |b| !is_end(b)), end)
}

pub(super) fn word_before(hay: &[u8], end: usize) -> Span {
    Span::new(unmarked(hay, skip_back(hay, end, 64, is_name)), end)
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    let Some((_, place)) = MESSAGES.iter().find(|(text, _)| *text == literal) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    match *place {
        Place::Until(close) => {
            if let Some(span) = behind(hay, at, close) {
                name(cx, span);
            }
        }
        Place::Followed(close, next) => {
            let Some(span) = behind(hay, at, &[close]) else {
                return;
            };
            let rest = hay.get(span.end.saturating_add(1)..).unwrap_or_default();
            if next.is_empty() && span.of(hay).iter().all(|b| is_name(*b))
                || next.iter().any(|next| rest.starts_with(next.as_bytes()))
            {
                name(cx, span);
            }
        }
        Place::Word => name(cx, word_behind(hay, at)),
        Place::Bracketed | Place::Both => {
            let span = word_before(hay, start);
            let open = before(hay, span.start);
            if !matches!(open, b'(' | b'[') {
                return;
            }
            name(cx, span);
            if matches!(place, Place::Both)
                && let Some(span) = behind(hay, at, b")")
            {
                name(cx, span);
            }
        }
        Place::Secret => {
            if let Some(secret) = behind(hay, at, b"'")
                && !secret.is_empty()
            {
                cx.text(secret, Class::PASSWORD, ID, "a password in SQL");
            }
        }
        Place::Own(own) => own(cx, Span::new(start, at)),
    }
}

/// `pat@REALM for krbtgt/REALM`.
fn principal(cx: &mut Cx<'_>, literal: Span) {
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
fn sid(cx: &mut Cx<'_>, literal: Span) {
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
fn radius(cx: &mut Cx<'_>, literal: Span) {
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
fn radius_reason(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let said = said_before(hay, literal.start, 128).of(hay);
    if memchr::memmem::find(said, b"Login incorrect (").is_some()
        || memchr::memmem::find(said, b"Login OK (").is_some()
    {
        radius(cx, literal);
    }
}

/// `imap(pat)`, `auth: pam(pat,192.0.2.1)`, `lmtp(1, pat)`: services and databases with their user.
fn dovecot(cx: &mut Cx<'_>, literal: Span) {
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
fn squid(cx: &mut Cx<'_>, literal: Span) {
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
fn arn(cx: &mut Cx<'_>, literal: Span) {
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
