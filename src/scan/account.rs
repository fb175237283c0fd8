//! Account names that no key announces: the phrases of login daemons.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::{firsts, name_end, word_at};
use super::phrase::{self, ID, Phrase};
use super::user;
use crate::class::Class;
use crate::format::bytes::{before, skip, skip_back};
use crate::record::Span;

/// What reads a phrase.
type Read = fn(&mut Cx<'_>, Phrase);

/// What stands in front of a name, or behind it.
const PHRASES: &[(&str, Read)] = &[
    ("user ", user::user),
    ("User ", user::user),
    ("USER ", user::user),
    ("sername ", phrase::account),
    ("for ", phrase::for_whom),
    ("account ", phrase::account),
    ("Account ", phrase::account_of),
    ("(uid=", phrase::opened_by),
    ("password \"", phrase::secret),
    ("passphrase \"", phrase::secret),
    ("assword is ", phrase::secret_is),
    ("(to ", phrase::became),
    (") CMD (", phrase::cron_job),
    ("TTY=", phrase::called_sudo),
    ("role \"", phrase::quoted_role),
    ("Role \"", phrase::quoted_role),
    ("ole \\\"", phrase::quoted_role),
    ("ROLE ", phrase::role),
    ("用户", user::chinese),
];

const LITERALS: [&str; PHRASES.len()] = firsts!(PHRASES);

/// What sshd, PAM, sudo, su, cron, logind, FTP and database servers say of a user.
pub(super) static PHRASE: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "messages of OpenSSH, Linux-PAM, sudo, shadow, cron, systemd-logind, MySQL, PostgreSQL; RFC 959 (USER)",
    confirm,
    finds: &[
        "Invalid user pat 127.0.0.1 port 12345 from 192.0.2.7 port 22",
        "Failed password for pat from 192.0.2.7 port 22 ssh2",
        "Failed password for invalid user pat from 192.0.2.7 port 22 ssh2",
        "pam_unix(sshd:session): session opened for user root by pat(uid=0)",
        "sudo:      pat : TTY=pts/0 ; PWD=/ ; COMMAND=/bin/ls",
        "su: (to root) pat on pts/1",
        "Login succeeded for pat/System Local from IP 192.0.2.7",
        "Event 1 : Account pat was created on host h",
        "Account pat is disabled",
        "CRON[812]: (pat) CMD (run-parts)",
        "New session 3 of user pat.",
        "Access denied for user 'pat'@'localhost' (using password: YES)",
        "FATAL: role \"pat\" does not exist",
        "DETAIL:  Role \"pat\" does not exist.",
        "Login failed for node from 192.0.2.1",
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
        "User ann time out on ssh(x).",
        "client_vpn_connect user id 'ann' local ip x",
        "pods is forbidden: User ann cannot list resource \"pods\"",
        "Started by user Ann Lee",
        "SSL user ann tunnel established",
        "username ann connected from x",
        "Removed username ann from authentication server LDAP",
        "XAUTH: User ann: Authentication Successful",
        "Management session from 192.0.2.7:0 for admin ann has timed out",
        "User (ann) authenticated.",
        "Process Create: net user ann hunter2 /add",
        "<cmd>net user ann hunter2</cmd>",
        "net user ann S3cret9",
        "gkr-pam: unlocked login keyring for ann",
        "Created session (access granted): username ann, ip 192.0.2.7:51522",
        "FAILED LOGIN: invalid mail user ann (no such mailbox)",
        "Failed password for admin from 192.0.2.7 port 22 ssh2",
        "authentication failed for admin",
        "LDAP bind error for ann",
        "end-user ann logged in",
        "vpn-user ann connected",
        "username ann privilege 15 secret 5 x",
        "CLI CMD_EXECUTED 1 0 :  User ann - Remote_ip 192.0.2.7 - Command \"x\"",
        "unable to locate daemon control file for ann",
        "login request for 'ann.lee'",
        "x complete for User (ann) Responder",
        "failed for user ['ann'] x",
        "User ann : Group(s) N/A",
        "User ann - ADM_User NONE - x",
        "Added user ann with role: x",
        "Deleted user ann",
        "message from user ann.",
        "User ann succeeded in authentication",
        "User ann added to group x",
        "\"x\",\"failed for user \"\"ann\"\" now\"",
        "login query for 'ann' port tty1 from 192.0.2.7 rejected",
    ],
    leaves: &[
        r#"{"m":"the whole \"payments\" table was dropped"}"#,
        r#"{"m":"open console \"db1\" now"}"#,
        "the user is not known",
        "the user cannot list resource x",
        "a feature asked for by user groups",
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
        "Account access was removed",
        "Account Name: -",
        "account temporarily locked",
        "session closed for 5 minutes",
        "DROP ROLE IF EXISTS",
        "用户数据从数据库加载",
        "for admin use only",
        "the user login page",
        "User login failed",
        "net user /domain",
        "error in user (see above) config",
        "session opened for reading",
        "session opened for writing by pat",
        "user device connected",
        "the username or password is wrong",
        "User \"system:kube-scheduler\" cannot list resource",
        "x vcuser [local] 22",
        "GET request for \"index.html\" took 3ms",
        "certificate request for \"example.org\"",
        "DNS request for 'www.example.org'",
        "join request for \"#rust\"",
        "cert request for \"C=CH, O=x, CN=y\"",
        "  User Load (0.4ms)  SELECT \"users\".*",
        "  User Create (1.1ms)  INSERT",
        "User logout from Okta",
        "User account added to group x",
        "Deleted user data",
        "Added user support to the app",
        "copied from user space.",
        "search for user (required) fields",
        "by ADM_User NONE - Remote_ip x",
        "set for User (see manual) x",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let Some((_, read)) = PHRASES.get(index) else {
        return;
    };
    let begin = at.saturating_sub(literal.len());
    // The end of a name (`a.user [11/Jan/…`) begins no phrase.
    if before(hay, begin) == b'.' && literal.is_ascii() {
        return;
    }
    let prev_end = skip_back(hay, begin, 1, |b| b == b' ');
    let prev_start = prev_end.saturating_sub(word_at(hay, prev_end).len());
    let token = Span::new(at, name_end(hay, at));
    let after = skip(hay, token.end, 1, |b| b == b' ');
    let phrase = Phrase {
        literal,
        begin,
        at,
        prev: Span::new(prev_start, prev_end),
        token,
        after,
        next: Span::new(after, skip(hay, after, 16, |b| b.is_ascii_alphabetic())),
    };
    read(cx, phrase);
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
