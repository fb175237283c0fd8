//! Programs whose short flags hold an account or a secret.

use crate::record::Span;

/// What a program's short flag holds.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    Secret,
    Account,
    /// `user:password`.
    Both,
    /// `user%password`.
    Percent,
    /// `user,password`.
    Comma,
    /// A header line; its key decides.
    Else,
}

impl Holds {
    /// Where in `text` the account is and where the secret, as far as it holds them.
    pub(super) fn parts(self, text: &[u8]) -> [Option<Span>; 2] {
        let whole = Span::new(0, text.len());
        let border = match self {
            Self::Secret => return [None, Some(whole)],
            Self::Account => return [Some(whole), None],
            Self::Else => return [None, None],
            Self::Both => b':',
            Self::Percent => b'%',
            Self::Comma => b',',
        };
        match memchr::memchr(border, text) {
            Some(at) => [
                Some(Span::new(0, at)),
                Some(Span::new(at.saturating_add(1), text.len())),
            ],
            None => [Some(whole), None],
        }
    }
}

/// Program or, without the blank behind it, how the names of a family of programs begin; its flags with what they hold, and whether a secret may stand right behind its flag.
pub(super) type Program = (&'static str, &'static [(&'static str, Holds)], bool);

/// A word of a program's command line that is one of its flags.
pub(super) enum Flag {
    /// For a password that is asked for: `mysql -p name`, where the name is a database.
    Asks,
    /// The next word is what it holds.
    Before(Holds),
    /// What stands behind its first bytes, that many, is what it holds.
    Glued(usize, Holds),
}

/// The flag that `word` is.
pub(super) fn flag((name, flags, close): &Program, word: &[u8]) -> Option<Flag> {
    if let Some((_, holds)) = flags.iter().find(|(flag, _)| flag.as_bytes() == word) {
        let asks = *close
            && matches!(holds, Holds::Secret)
            && !matches!(*name, "sshpass " | "ldapsearch ");
        return Some(if asks {
            Flag::Asks
        } else {
            Flag::Before(*holds)
        });
    }
    let glued = |(flag, _): &&(&str, Holds)| flag.len() == 2 && word.starts_with(flag.as_bytes());
    let (flag, holds) = flags.iter().filter(|_| *close).find(glued)?;
    Some(Flag::Glued(flag.len(), *holds))
}

pub(super) const PROGRAMS: &[Program] = &[
    (
        "mysql ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    (
        "mysqldump ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    (
        "mysqladmin ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    (
        "mariadb ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    ("sshpass ", &[("-p", Holds::Secret)], true),
    (
        "curl ",
        &[
            ("-u", Holds::Both),
            ("--user", Holds::Both),
            ("-U", Holds::Both),
            ("--proxy-user", Holds::Both),
            ("-H", Holds::Else),
        ],
        true,
    ),
    ("psql ", &[("-U", Holds::Account)], true),
    ("pg_dump ", &[("-U", Holds::Account)], true),
    (
        "docker login ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "podman login ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    // Whatever one logs in to by it: `az login -u ann -p hunter2`.
    (
        "login -",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "mysqlimport ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    (
        "mysqlcheck ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        true,
    ),
    (
        "mongodump ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "mongorestore ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "mongoexport ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "mongoimport ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "cqlsh ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "psexec ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "psexec.exe ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "PsExec.exe ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "PsExec64.exe ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    (
        "ipmitool ",
        &[("-P", Holds::Secret), ("-U", Holds::Account)],
        false,
    ),
    (
        "sqlcmd ",
        &[("-P", Holds::Secret), ("-U", Holds::Account)],
        false,
    ),
    (
        "mosquitto_",
        &[("-P", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    ("rpcclient ", &[("-U", Holds::Percent)], false),
    (
        "plink ",
        &[("-pw", Holds::Secret), ("-l", Holds::Account)],
        false,
    ),
    ("lftp ", &[("-u", Holds::Comma)], false),
    ("redis-cli ", &[("-a", Holds::Secret)], false),
    (
        "mongosh ",
        &[("-p", Holds::Secret), ("-u", Holds::Account)],
        false,
    ),
    ("ldapsearch ", &[("-w", Holds::Secret)], true),
    ("smbclient ", &[("-U", Holds::Percent)], false),
    ("ssh ", &[("-l", Holds::Account)], false),
    ("sudo ", &[("-u", Holds::Account)], false),
    ("useradd ", &[("-p", Holds::Secret)], false),
    (
        "usermod ",
        &[("-p", Holds::Secret), ("-l", Holds::Account)],
        false,
    ),
    (
        "schtasks ",
        &[
            ("/rp", Holds::Secret),
            ("/ru", Holds::Account),
            ("/RP", Holds::Secret),
            ("/RU", Holds::Account),
            ("/p", Holds::Secret),
            ("/u", Holds::Account),
            ("/P", Holds::Secret),
            ("/U", Holds::Account),
        ],
        false,
    ),
    // Who knows the name of the community may ask (RFC 1157 §3.2.5).
    (
        "snmp",
        &[
            ("-c", Holds::Secret),
            ("-u", Holds::Account),
            ("-A", Holds::Secret),
            ("-X", Holds::Secret),
        ],
        false,
    ),
];

/// Whether `program` is one of those whose names begin so; what ends with a `d` is their daemon.
pub(super) fn is_of_family(begin: &[u8], program: &[u8]) -> bool {
    program.len() > begin.len() && program.starts_with(begin) && !program.ends_with(b"d")
}
