//! Names of accounts in the fixed messages of daemons and tools: a table of what stands around them.

use super::Detector;
use super::context::Cx;
use super::daemon;
use super::firewall;
use super::front::Anchor;
use super::login;
use super::names::{behind, firsts, is_name, name, stops, word_before, word_behind};
use super::peers;
use super::postgres;
use super::sql;
use crate::class::Class;
use crate::format::bytes::{before, skip};
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
    /// Behind it, a word that is a password.
    Hidden,
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
    (") RELOAD (", Place::Own(daemon::crontab)),
    (") ORPHAN (", Place::Bracketed),
    (" OWNER (", Place::Own(daemon::crontab)),
    (") MAIL (", Place::Bracketed),
    // login, su, sudo, sshd
    ("LOGIN ON ", Place::Own(login::login_on)),
    ("PASSWORD FOR ", Place::Own(sql::password_for)),
    ("FOR ", Place::Own(login::login_for)),
    ("/pts/", Place::Own(login::su)),
    ("; TTY=", Place::Own(login::sudo)),
    ("uthorized to ", Place::Followed(b',', &[" krb5", " ssh"])),
    (" ran command ", Place::Own(login::doas)),
    (": Executing command [", Place::Own(login::pkexec)),
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
    ("User@Host: ", Place::Own(sql::user_at_host)),
    ("GRANT ", Place::Own(sql::grant)),
    ("REVOKE ", Place::Own(sql::grant)),
    ("to authenticate ", Place::Own(login::at_database)),
    ("AUTH\" \"", Place::Own(login::credentials)),
    ("auth\" \"", Place::Own(login::credentials)),
    ("Connect\t", Place::Followed(b'@', &[])),
    ("IDENTIFIED BY '", Place::Secret),
    ("requirepass ", Place::Hidden),
    ("masterauth ", Place::Hidden),
    (" password 0 ", Place::Hidden),
    (" password 7 ", Place::Hidden),
    (" secret 0 ", Place::Hidden),
    (" key 0 ", Place::Hidden),
    (" key 7 ", Place::Hidden),
    ("PASSWORD '", Place::Secret),
    ("password BY '", Place::Secret),
    ("> AUTH ", Place::Own(sql::at_prompt)),
    (",LOG,", Place::Own(postgres::csv)),
    (",FATAL,", Place::Own(postgres::csv)),
    (",ERROR,", Place::Own(postgres::csv)),
    (",\"LOG\",", Place::Own(postgres::csv)),
    (",\"FATAL\",", Place::Own(postgres::csv)),
    (",\"ERROR\",", Place::Own(postgres::csv)),
    ("]:LOG:", Place::Own(postgres::rds)),
    ("]:FATAL:", Place::Own(postgres::rds)),
    ("]:ERROR:", Place::Own(postgres::rds)),
    ("]:STATEMENT:", Place::Own(postgres::rds)),
    ("]:DETAIL:", Place::Own(postgres::rds)),
    ("LOG:  ", Place::Own(postgres::prefix)),
    ("FATAL:  ", Place::Own(postgres::prefix)),
    ("ERROR:  ", Place::Own(postgres::prefix)),
    // Kerberos, Windows, Samba
    (" for krbtgt/", Place::Own(daemon::principal)),
    ("S-1-5-21-", Place::Own(daemon::sid)),
    ("] -> [", Place::Until(b"]")),
    (" P=esmtp", Place::Own(login::exim)),
    ("ser denied: ", Place::Word),
    // PowerShell
    ("SecureString ", Place::Own(daemon::secure_string)),
    (" -Password ", Place::Own(daemon::password_flag)),
    (" -password ", Place::Own(daemon::password_flag)),
    (" -storepass ", Place::Own(daemon::password_flag)),
    (" -keypass ", Place::Own(daemon::password_flag)),
    // SNMP
    ("server community ", Place::Own(daemon::community)),
    ("rocommunity ", Place::Own(daemon::community)),
    ("rwcommunity ", Place::Own(daemon::community)),
    // RADIUS, FTP, mail, proxies, network devices
    ("Login OK: [", Place::Own(daemon::radius)),
    ("Login incorrect: [", Place::Own(daemon::radius)),
    ("): [", Place::Own(daemon::radius_reason)),
    ("] FAIL LOGIN", Place::Bracketed),
    ("] OK LOGIN", Place::Bracketed),
    ("] OK UPLOAD", Place::Bracketed),
    ("] OK DOWNLOAD", Place::Bracketed),
    ("login attempt [", Place::Own(daemon::radius)),
    ("] Peer C", Place::Own(login::peer)),
    (" MULTI", Place::Own(login::at_peer)),
    ("SENT CONTROL [", Place::Until(b"]")),
    ("virtual IP for ", Place::Own(peers::learned)),
    ("owntracks/", Place::Followed(b'/', &[])),
    (" Session Start: user ", Place::Word),
    (" Session End: user ", Place::Word),
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
    ("PulseSecure: ", Place::Own(peers::at_gateway)),
    (" called org.", Place::Own(peers::by_console)),
    (" requested /", Place::Own(peers::by_console)),
    ("supplied for \"", Place::Until(b"\"")),
    ("]: Login_", Place::Bracketed),
    ("]: Logout", Place::Own(login::auditor)),
    ("]: First_Login", Place::Own(login::auditor)),
    ("]: Password_", Place::Own(login::auditor)),
    ("]: Modified ", Place::Own(login::auditor)),
    ("]: Created ", Place::Own(login::auditor)),
    ("]: Deleted ", Place::Own(login::auditor)),
    ("]: Called ", Place::Own(login::auditor)),
    ("Success Audit", Place::Own(peers::snare)),
    ("Failure Audit", Place::Own(peers::snare)),
    ("] plaintext ", Place::Followed(b' ', &["SASL", "[SASL"])),
    (" plaintext User logged", Place::Own(login::said_of)),
    (": from=", Place::Own(login::mailbox)),
    (": to=", Place::Own(login::mailbox)),
    ("from=<", Place::Own(login::mailbox)),
    (">: Recipient address", Place::Own(login::rejected)),
    (">: Sender address", Place::Own(login::rejected)),
    (" U=", Place::Own(login::local_sender)),
    ("SIP/", Place::Own(peers::channel)),
    ("smbd_aud", Place::Own(peers::audited)),
    ("pped to [", Place::Own(peers::mapped)),
    ("-CERT ID", Place::Own(peers::certificate)),
    (" ftp 0 *", Place::Own(peers::transferred)),
    ("/login/", Place::Own(peers::at_vault)),
    ("PID ", Place::Own(peers::started)),
    ("shell[", Place::Own(login::at_shell)),
    // games, deployments, search engines
    ("UUID of player ", Place::Word),
    (" joined the game", Place::Own(peers::player)),
    (" left the game", Place::Own(peers::player)),
    (" lost connection: ", Place::Own(peers::player)),
    ("><STEAM_", Place::Own(peers::of_steam)),
    ("><[U:1:", Place::Own(peers::of_steam)),
    ("UserinfoChanged: ", Place::Own(peers::userinfo)),
    (" initiated sync", Place::Own(peers::initiated)),
    ("uthentication of [", Place::Until(b"]")),
    (": authentication succeeded", Place::Own(peers::over_ppp)),
    (": authentication failed", Place::Own(peers::over_ppp)),
    ("in session ", Place::Own(peers::session)),
    ("ser-Name '", Place::Until(b"'")),
    ("login name '", Place::Until(b"'")),
    ("@pam>", Place::Own(peers::of_realm)),
    ("@pve>", Place::Own(peers::of_realm)),
    ("<l2tp-", Place::Until(b">")),
    ("<pptp-", Place::Until(b">")),
    ("<pppoe-", Place::Until(b">")),
    ("<sstp-", Place::Until(b">")),
    ("<ovpn-", Place::Until(b">")),
    ("pam(", Place::Own(login::passdb)),
    ("sql(", Place::Own(login::passdb)),
    ("ldap(", Place::Own(login::passdb)),
    ("passwd-file(", Place::Own(login::passdb)),
    ("pure-ftpd: (", Place::Followed(b'@', &[])),
    ("dovecot", Place::Own(daemon::dovecot)),
    (" HIER_", Place::Own(daemon::squid)),
    (" DIRECT/", Place::Own(daemon::squid)),
    (" NONE/", Place::Own(daemon::squid)),
    ("_PARENT/", Place::Own(daemon::squid)),
    (",TRAFFIC,", Place::Own(firewall::columns)),
    (",THREAT,", Place::Own(firewall::columns)),
    (",DECRYPTION,", Place::Own(firewall::columns)),
    (",GLOBALPROTECT,", Place::Own(firewall::columns)),
    (",USERID,", Place::Own(firewall::columns)),
    (",AUTHENTICATION,", Place::Own(firewall::columns)),
    (",CONFIG,", Place::Own(firewall::columns)),
    (",HIPMATCH,", Place::Own(firewall::columns)),
    (",HIP-MATCH,", Place::Own(firewall::columns)),
    // AWS
    (":user/", Place::Own(daemon::arn)),
    ("-user/", Place::Own(daemon::arn)),
    ("assumed-role/", Place::Own(daemon::arn)),
    ("console by ", Place::Word),
];

/// What stands in front of the names, or behind.
const LITERALS: [&str; MESSAGES.len()] = firsts!(MESSAGES);

/// The messages of [`MESSAGES`].
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "messages of shadow-utils, cron, login, su, sudo, OpenSSH, doas, MySQL, PostgreSQL, MIT Kerberos, \
             Windows security identifiers ([MS-DTYP] 2.4.2), Samba, FreeRADIUS, vsftpd, Pure-FTPd, Dovecot, Squid, \
             Cisco IOS, PAN-OS, AWS (Amazon Resource Names of IAM and STS), Exim, phpMyAdmin, Nextcloud, Webmin",
    confirm,
    finds: &[
        "usermod[1]: add 'pat' to group 'wheel'",
        "useradd[1]: new group: name=pat, GID=1001",
        "passwd[1]: password changed for pat",
        "crontab[1]: (pat) LIST (pat)",
        "login[1]: LOGIN ON tty1 BY pat",
        "FAILED LOGIN (1) on '/dev/tty1' FOR 'pat', Authentication failure",
        "su[1]: + /dev/pts/0 pat:root",
        "shell[2101]: [pat]: esxcli system version get",
        "[User Authenticator #1/INFO]: UUID of player pat is x",
        "[Server thread/INFO]: pat joined the game",
        "[Server thread/INFO]: pat[/192.0.2.7:51512] logged in with entity id 261",
        "\"pat lee<2><STEAM_0:1:12345678><CT>\" connected",
        "\"pat<2><[U:1:24691356]><CT>\" say \"hi\"",
        "ClientUserinfoChanged: 2 n\\pat\\t\\0\\model\\x",
        "level=info msg=\"pat initiated sync to HEAD\"",
        "[n1] Authentication of [pat] was terminated by realm [reserved]",
        "accel-ppp: pppoe: ppp0: pat: authentication succeeded",
        "Failed login for x from y in session k3j4h5g6f7d8s9a0q1w2 (error: 0)",
        "sudo:  pat : command not allowed ; TTY=pts/0 ; PWD=/",
        "Executing [100@x:1] Dial(\"PJSIP/6001-0000000a\", \"x\")",
        "smbd_audit[812]: pat|192.0.2.7|pc7|share|open|ok",
        r"user [CORP]\[pat] mapped to [CORP]\[pat].",
        "Accepted publickey for pat from 192.0.2.7 port 5 ssh2: RSA-CERT ID pat (serial 7) CA RSA SHA256:a",
        "2024 1 192.0.2.7 10 /srv/x.txt b _ o r pat ftp 0 * c",
        r#"{"path":"auth/ldap/login/pat"}"#,
        "Starting App using Java 17 on h with PID 812 (/opt/x.jar started by pat in /opt)",
        "RADIUS: starting accounting session 5F3B, User-Name 'pat'",
        "l2tp,ppp,info <l2tp-pat>: authenticated",
        "Local admin authentication failed for login name 'pat': invalid password",
        "pvedaemon[812]: <pat@pam> successful auth",
        "# User@Host: pat[pat] @ localhost []",
        "# User@Host: [pat] @ localhost []",
        "# User@Host: corp/pat[corp/pat] @ localhost []",
        "GRANT SELECT ON t TO pat;",
        "GRANT ALL PRIVILEGES ON *.* TO 'pat'@'%' WITH GRANT OPTION",
        "REVOKE admin FROM pat",
        "SET PASSWORD FOR 'pat'@'%' = 'hunter2'",
        "SET PASSWORD FOR pat = PASSWORD('hunter2')",
        "2024-05-01 10:00:00.123 UTC,\"pat\",\"shop\",p812,th1,\"[local]\",,x,0,con1,,seg-1,,,,sx1,\"LOG\",\"00000\",\"x\"",
        "pkexec[1]: pat: Executing command [USER=root] [TTY=/dev/pts/1]",
        "su: pat to root on /dev/pts/1",
        "cron[1]: (pat) RELOAD (crontabs/pat)",
        "crond[1]: (pat) RELOAD (/var/spool/cron/pat)",
        "cron[1]: (pat) RELOAD (other)",
        "cron[1]: (pat) ORPHAN (no passwd entry)",
        "cron[1]: (pat) WRONG FILE OWNER (crontabs/pat)",
        "550 5.1.1 <pat>: Recipient address rejected: User unknown",
        "$p = ConvertTo-SecureString 'hunter2' -AsPlainText -Force",
        "ConvertTo-SecureString -String \"hunter2\" -AsPlainText",
        "New-LocalUser -Name pat -Password hunter2",
        "connect.exe -password 'hunter 2' -v",
        "keytool -list -storepass hunter2 -keypass hunter3",
        r#"{"cmd":"tool -password \"h 2\" -x"}"#,
        r#"{"m":"{\"cmd\":\"tool -password \\\"h 2\\\" -x\"}"}"#,
        "snmp-server community hunter2 RO",
        "rocommunity hunter2 192.0.2.0/24",
        "ALTER USER pat WITH PASSWORD 'hunter2'",
        "CREATE USER x IDENTIFIED WITH mysql_native_password BY 'hunter2'",
        "192.0.2.1:6379> AUTH pat hunter2",
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
        "httpd: 2024-05-01 10:00:00.850Z [pat]: Modified Network 192.0.2.0/24",
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
        "PulseSecure: - - - 2024-05-01 10:00:00 - n1 - [192.0.2.7] pat(REALM)[] - Login failed",
        "PulseSecure: - - - 2024-05-01 10:00:00 - n1 - [192.0.2.7] Default Network::pat(REALM)[x] - passed for pat/REALM",
        "INFO  | pat called org.apache.activemq.broker.jmx.QueueView.purge[] at x | qtp1",
        "WARN  | pat requested /admin/queues.jsp from x | qtp1",
        "1,2024/05/01 10:00:00,0123,TRAFFIC,end,2561,2024/05/01 10:00:00,192.0.2.7,198.51.100.9,0.0.0.0,0.0.0.0,out,corp\\pat,,ssl,vsys1",
        "1,2024/05/01 10:00:00,0123,THREAT,url,2561,2024/05/01 10:00:00,192.0.2.7,198.51.100.9,,,out,pat,,ssl,vsys1",
        "1,2024/05/01 10:00:00,0123,GLOBALPROTECT,0,2561,2024/05/01 10:00:00,vsys1,login,login,,,pat,US,PC1",
        "1,2024/05/01 10:00:00,0123,CONFIG,0,2561,2024/05/01 10:00:00,192.0.2.7,,set,pat,Web,Succeeded",
        "openvpn[1]: MULTI: primary virtual IP for pat/192.0.2.7:51522: 10.0.0.7",
        "PUBLISH owntracks/pat/phone (32 bytes)",
        "%ASA-6-109011: Authen Session Start: user pat, sid 23",
        "logged command:enable password 7 0822455D0A16",
        "logged command:snmp key 0 hunter2",
        "requirepass hunter2",
        "-ERR [AUTH] Password supplied for \"pat\" is incorrect.",
        "MSWinEventLog\t1\tSecurity\t7\tx\t528\tSecurity\tpat\tUser\tSuccess Audit\tPC1",
        "2024-05-01 10:00:00 UTC:192.0.2.7(51522):pat@shop:[812]:LOG:  statement: x",
        "2024-05-01 10:00:00.123 UTC,\"pat\",\"shop\",812,\"192.0.2.7:5152\",66321a2b.32c,1,\"x\",2024-05-01 10:00:00 UTC,3/17,0,LOG,00000,\"x\"",
    ],
    leaves: &[
        "worker[812]: 192.0.2.7 is up",
        "PulseSecure: - - - 2024-05-01 10:00:00 - n1 - [127.0.0.1] System()[] - Connection closed",
        "the client requested /admin from x",
        "a method called org.x.y",
        "shell[2101]: Interactive shell session started",
        "a new level joined the game",
        "x<STEAM_y",
        "service: authentication succeeded",
        "in session mode",
        "the controller initiated sync",
        "shell[2101]: [info] started",
        "domain[x]: y",
        "openvpn[1]: Initialization Sequence Completed",
        "openvpn[1]: 192.0.2.7:51522 TLS: x",
        "['a', u'b']",
        "changed by the user via web",
        "Microsoft-Windows-Security-Auditing\tN/A\tN/A\tSuccess Audit",
        "x,LOG,y",
        "user=x:LOG:  y",
        "systemd[1]: Created slice x",
        "audit [pat]: Created rule",
        "the virtual IP for the cluster",
        "topic owntracks/ empty",
        "the password 0 is too short",
        "1,2024/05/01 10:00:00,0123,TRAFFIC,end,2561,2024/05/01 10:00:00,192.0.2.7,198.51.100.9,,,out,,,ssl,vsys1",
        "a,CONFIG,b,c,d,e,f,g,h",
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
        "GRANT SELECT ON t TO",
        "GRANT access to nobody",
        "(SYSTEM) RELOAD (/etc/crontab)",
        "(*system*) RELOAD (/etc/cron.d/jobs)",
        "(*system*) WRONG FILE OWNER (/etc/crontab)",
        "<pat@x.example>: Recipient address rejected",
        "ConvertTo-SecureString $text -AsPlainText",
        "New-LocalUser -Password $secret",
        r#"{"flag":"-u x -password ","a":"b"}"#,
        "use the -password option",
        "x -password -v",
        "no snmp-server community",
        "a server community of people",
        "arn:aws:sts::123456789012:assumed-role/web/i-0abcdef1234567890",
        "arn:aws:sts::123456789012:assumed-role/web",
        "not authorized to perform: x:List on resource",
        "logged in as the user",
        "SIP/2.0 200 OK",
        "C> AUTH LOGIN",
        r#"{"a":{"x": "C> AUTH LOGIN"}, "n": []}"#,
        "SIP/trunk-01",
        "PID 812 (x) was started by hand",
        "GET /login/pat",
        "get x ftp 0 times",
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

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let Some((_, place)) = MESSAGES.get(index) else {
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
        Place::Hidden => {
            let end = skip(hay, at, 128, |b| b > b' ' && !matches!(b, b'"' | b'\''));
            let secret = Span::new(at, end);
            if secret.len() > 2 && !stops(secret.of(hay)) {
                cx.text(secret, Class::PASSWORD, ID, "a password in a configuration");
            }
        }
        Place::Own(own) => own(cx, Span::new(start, at)),
    }
}
