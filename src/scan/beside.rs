//! Names of keys that are met in many a log, and that say whose their values are only beside what stands around them.

use super::list::is_list;
use super::take::is_nothing;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, is_word, skip, skip_back,
};
use crate::record::Span;

/// What stands around a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// A number of eighteen digits or more, as Google has it.
    LongNumber,
    /// The realm of the name that it says, behind it (RFC 4120 §5.3; EVE of Suricata).
    Realm,
    /// A name and its realm, in front of what it asks for (kerberos.log of Zeek).
    Principal,
    /// `"target_type":"User"` in front of `target_…`: a type that the same word names.
    TypedUser,
    /// Who is no program, and a key of one word: `closed by: peer` is said of connections.
    Deed,
    /// A list of texts or objects as its value.
    Listed,
    /// The same, or a field for an address behind it: `, Source IP: `.
    Users,
    /// `ann@localhost` behind it (sendmail).
    Localhost,
    /// A hotel's words near it.
    Stay,
    /// A card's words near it.
    Card,
    /// 32 letters and digits or more of both, as sessions are numbered.
    SessionToken,
    /// A field for what was done behind it, or that somebody logged on.
    Action,
    /// The group that is named as the user of the record (Linux audit, enriched; id(1)).
    OwnGroup,
    /// What OAuth exchanges it with or for (RFC 6749 §4.1.2, §4.1.3), and letters and digits in it.
    Grant,
    /// None of Windows' logs, as its events say: `LogName=Security`.
    NoLog,
}

/// The sections of `keys.txt` that have them.
pub(super) const SECTIONS: &[(&str, Class, Beside)] = &[
    (
        "[network.account of long numbers]",
        Class::ACCOUNT,
        Beside::LongNumber,
    ),
    ("[network.account of realms]", Class::ACCOUNT, Beside::Realm),
    (
        "[network.account of principals]",
        Class::ACCOUNT,
        Beside::Principal,
    ),
    (
        "[basic.name of target users]",
        Class::NAME,
        Beside::TypedUser,
    ),
    ("[network.account of lists]", Class::ACCOUNT, Beside::Listed),
    ("[network.account of deeds]", Class::ACCOUNT, Beside::Deed),
    ("[basic.name of lists]", Class::NAME, Beside::Listed),
    (
        "[network.password of lists]",
        Class::PASSWORD,
        Beside::Listed,
    ),
    ("[device.mac of lists]", Class::MAC, Beside::Listed),
    ("[device.guid of lists]", Class::GUID, Beside::Listed),
    ("[network.account of users]", Class::ACCOUNT, Beside::Users),
    (
        "[network.account of localhost]",
        Class::ACCOUNT,
        Beside::Localhost,
    ),
    ("[basic.name of stays]", Class::NAME, Beside::Stay),
    (
        "[location.accommodation of stays]",
        Class::ACCOMMODATION,
        Beside::Stay,
    ),
    ("[basic.name of cards]", Class::NAME, Beside::Card),
    (
        "[network.account of own groups]",
        Class::ACCOUNT,
        Beside::OwnGroup,
    ),
    (
        "[network.password of session tokens]",
        Class::PASSWORD,
        Beside::SessionToken,
    ),
    (
        "[network.account of actions]",
        Class::ACCOUNT,
        Beside::Action,
    ),
    (
        "[network.password of grants]",
        Class::PASSWORD,
        Beside::Grant,
    ),
    (
        "[network.account of no logs]",
        Class::ACCOUNT,
        Beside::NoLog,
    ),
];

/// What OAuth's messages have beside a code.
const GRANT: &[&[u8]] = &[
    b"authorization_code",
    b"code_verifier",
    b"callback?",
    b"&state=",
    b"?state=",
];

/// How far around a key is looked.
const NEAR_BYTES: usize = 96;

impl Beside {
    /// Whether it stands around the key that ends at `end`, whose value starts at `start`.
    pub(super) fn holds(self, hay: &[u8], end: usize, start: usize) -> bool {
        let word = |b: u8| is_word(b) || matches!(b, b'-' | b'.' | b'$' | b'@');
        let value = Span::new(start, skip(hay, start, 64, word));
        let rest = hay.get(value.end..).unwrap_or_default();
        let head = hay.get(..end).unwrap_or_default();
        match self {
            Self::LongNumber => {
                let digits = skip(hay, start, 32, is_digit);
                digits.saturating_sub(start) >= 18 && !word(byte(hay, digits))
            }
            Self::Realm => !value.is_empty() && rest.starts_with(b"\",\"realm\":"),
            Self::Principal => {
                let realm = value.end.saturating_add(1);
                let own = |b: u8| b.is_ascii_uppercase() || is_digit(b) || matches!(b, b'.' | b'-');
                let close = skip(hay, realm, 64, own);
                let behind = hay.get(close..).unwrap_or_default();
                byte(hay, value.end) == b'/'
                    && close > realm
                    && behind.starts_with(b"\",\"service\":\"")
            }
            Self::TypedUser => is_typed(head),
            Self::Deed => {
                let words = before(hay, end.saturating_sub(2)) == b' ' && byte(hay, end) != b'"';
                let sign = |b: &u8| is_digit(*b) || matches!(b, b'.' | b'@');
                (!words || value.of(hay).iter().any(sign)) && !is_program(value.of(hay))
            }
            Self::Listed => is_list(hay, start),
            Self::Users => {
                let letters = value.of(hay).iter().any(u8::is_ascii_alphabetic);
                is_list(hay, start)
                    || letters
                        && !value.of(hay).ends_with(b"-only")
                        && rest.strip_prefix(b", ").is_some_and(is_address_field)
            }
            Self::Localhost => value.of(hay).ends_with(b"@localhost"),
            Self::Stay => near(
                hay,
                end,
                NEAR_BYTES,
                &[b"hotel", b"check", b"booking", b"reservation"],
            ),
            Self::Card => near(
                hay,
                end,
                NEAR_BYTES,
                &[b"cvc", b"cvv", b"card", b"iban", b"expiry", b"exp_"],
            ),
            Self::SessionToken => {
                let stop = skip(hay, start, 128, |b| b.is_ascii_alphanumeric());
                let token = Span::new(start, stop).of(hay);
                token.len() >= 32
                    && token.iter().any(|b| is_digit(*b))
                    && token.iter().any(u8::is_ascii_alphabetic)
                    && !word(byte(hay, stop))
            }
            Self::Grant => {
                const CODE_BYTES: std::ops::RangeInclusive<usize> = 16..=2048;
                let stop = skip(hay, start, *CODE_BYTES.end(), |b| {
                    is_word(b) || matches!(b, b'-' | b'.' | b'~' | b'/' | b'%' | b'+')
                });
                let code = Span::new(start, stop).of(hay);
                CODE_BYTES.contains(&code.len())
                    && code.iter().any(|b| is_digit(*b))
                    && code.iter().any(u8::is_ascii_lowercase)
                    && (near(hay, end, NEAR_BYTES, GRANT) || near(hay, stop, NEAR_BYTES, GRANT))
            }
            Self::NoLog => {
                const LOGS: [&[u8]; 6] = [
                    b"Security",
                    b"System",
                    b"Application",
                    b"Setup",
                    b"ForwardedEvents",
                    b"Microsoft-Windows-",
                ];
                let own = head
                    .strip_suffix(b"LogName")
                    .is_some_and(|front| !is_word(before(front, front.len())));
                !own || !LOGS.iter().any(|log| value.of(hay).starts_with(log))
            }
            Self::Action => {
                // `admin=1` is a flag.
                let name = !matches!(value.of(hay), b"" | b"0" | b"1");
                let issuer = ends_in_any_case(head, b"issuer").then(|| value.of(hay));
                name && goes_on_with_action(rest, issuer)
            }
            Self::OwnGroup if is_digit(byte(hay, start)) => is_group_of_its_user(hay, end, start),
            Self::OwnGroup => {
                let name = Span::new(start, skip(hay, start, 64, |b| b != b'"' && !is_end(b)));
                let key = skip_back(hay, end, 8, |b| b.is_ascii_uppercase());
                let text = hay.get(key.saturating_sub(512)..key).unwrap_or_default();
                let users = memchr::memmem::find_iter(text, b"UID=\"");
                let mut users = users.filter_map(|at| text.get(at.saturating_add(5)..));
                before(hay, start) == b'"'
                    && before(hay, start.saturating_sub(1)) == b'='
                    && !name.is_empty()
                    && users.any(|user| {
                        user.strip_prefix(name.of(hay))
                            .is_some_and(|rest| rest.starts_with(b"\""))
                    })
            }
        }
    }
}

/// Whether who did it is a program, a signal or a rule.
fn is_program(name: &[u8]) -> bool {
    const PROGRAMS: &[&[u8]] = &[
        b"peer",
        b"client",
        b"server",
        b"remote",
        b"host",
        b"system",
        b"systemd",
        b"cron",
        b"timer",
        b"timeout",
        b"scheduler",
        b"policy",
        b"default",
        b"config",
        b"gc",
        b"ttl",
        b"oom",
        b"pid",
        b"process",
        b"signal",
        b"dkim",
        b"spf",
        b"dmarc",
        b"auto",
        b"automatic",
        b"automation",
        b"ecs-svc",
        b"init",
        b"kernel",
        b"watchdog",
        b"worker",
        b"sigterm",
        b"sigkill",
        b"sigint",
        b"sighup",
        b"sigsegv",
        b"sigabrt",
        b"sigquit",
        b"sigpipe",
    ];
    let kind = skip(name, 0, name.len(), |b| !is_digit(b));
    let word = name.get(..kind).unwrap_or_default();
    let word = word.strip_suffix(b"-").unwrap_or(word);
    PROGRAMS
        .iter()
        .any(|program| word.eq_ignore_ascii_case(program))
}

/// Whether a key that ends `head`, `target_details`, follows `"target_type":"User",`.
fn is_typed(head: &[u8]) -> bool {
    const USER: &[u8] = b":\"user\",\"";
    let start = skip_back(head, head.len(), 64, is_word);
    let name = head.get(start..).unwrap_or_default();
    let word = skip(name, 0, name.len(), |b| b.is_ascii_alphanumeric());
    let front = head.get(..start).unwrap_or_default();
    let kind = front.len().saturating_sub(USER.len());
    let close = kind.saturating_sub(1);
    let open = skip_back(front, close, 64, is_word);
    let of = front.get(open..close).unwrap_or_default();
    ends_in_any_case(front, USER)
        && word > 0
        && word < name.len()
        && of.strip_prefix(name.get(..word).unwrap_or_default()) == Some(b"_type")
}

/// `Source IP: `, `Client address: `
fn is_address_field(text: &[u8]) -> bool {
    let end = skip(text, 0, 32, |b| is_word(b) || b == b' ');
    let name = text.get(..end).unwrap_or_default();
    let is = |last: &[u8]| ends_in_any_case(name, last);
    Span::new(end, end.saturating_add(2)).of(text) == b": " && (is(b" ip") || is(b" address"))
}

/// `","Action":`, `</Issuer>\n <Action>`, `,Administrator log on`: what was done, in the next field. What issues
/// certificates or tokens does things too, and is no one.
fn goes_on_with_action(rest: &[u8], issuer: Option<&[u8]>) -> bool {
    let mut at = match rest.starts_with(b"</") {
        true => skip(rest, 0, 64, |b| b != b'>' && !is_end(b)),
        false => 0,
    };
    let sign = |b: u8| matches!(b, b'"' | b'\'' | b',' | b';' | b' ' | b'<' | b'>');
    // Line feeds may be written as escapes.
    loop {
        at = skip(rest, at, 16, sign);
        match (byte(rest, at), byte(rest, at.saturating_add(1))) {
            (b'\\', b'n' | b'r' | b't') => at = at.saturating_add(2),
            (b'\\', b'"') => at = at.saturating_add(1),
            _ => break,
        }
    }
    let end = skip(rest, at, 16, |b| b.is_ascii_alphabetic());
    let word = rest.get(at..end).unwrap_or_default();
    let behind = rest.get(end..).unwrap_or_default();
    let gap = skip(behind, 0, 8, |b| !is_word(b) && b != b',' && !is_end(b));
    let deed = behind.get(gap..).filter(|deed| is_word(byte(deed, 0)));
    let deed = deed.filter(|deed| !is_nothing(word_of(deed)));
    at > 0
        && (word.eq_ignore_ascii_case(b"action")
            && !is_word(byte(behind, 0))
            && deed.is_some_and(|deed| issuer.is_none_or(|issuer| !is_of_an_issuer(deed, issuer)))
            || [
                &b" log on"[..],
                b" log off",
                b" logged ",
                b" logon",
                b" login",
            ]
            .iter()
            .any(|deed| behind.starts_with(deed)))
}

/// `renew`, `Issued`: what is done to certificates and with tokens; of what is done to anything, by an `issuer` with a
/// figure, a dash or a capital.
fn is_of_an_issuer(deed: &[u8], issuer: &[u8]) -> bool {
    const DEEDS: &[&[u8]] = &[
        b"renew",
        b"renewed",
        b"renewal",
        b"renewing",
        b"issue",
        b"issued",
        b"revoke",
        b"revoked",
        b"sign",
        b"signed",
        b"deny",
        b"denied",
        b"allow",
        b"allowed",
        b"reissue",
        b"obtain",
        b"obtained",
        b"rotate",
    ];
    const COMMON: &[&[u8]] = &[
        b"create",
        b"created",
        b"update",
        b"updated",
        b"validate",
        b"validated",
        b"skip",
        b"verify",
        b"check",
        b"request",
        b"expire",
        b"expired",
    ];
    let word = word_of(deed);
    let behind = deed.get(word.len()..).unwrap_or_default();
    let is = |own: &&[u8]| word.eq_ignore_ascii_case(own);
    let authority = |b: &u8| is_digit(*b) || *b == b'-' || b.is_ascii_uppercase();
    // `Sign in`
    !behind.starts_with(b" in") && DEEDS.iter().any(is)
        || COMMON.iter().any(is) && issuer.iter().any(authority)
}

/// The word that `text` begins with.
fn word_of(text: &[u8]) -> &[u8] {
    let end = skip(text, 0, 16, |b| is_word(b) || b == b'-');
    text.get(..end).unwrap_or_default()
}

/// `uid=1003(ann) gid=1003(ann)`, as id(1) prints them.
fn is_group_of_its_user(hay: &[u8], end: usize, start: usize) -> bool {
    let open = skip(hay, start, 12, is_digit);
    let name = Span::new(
        open,
        skip(hay, open, 64, |b| b != b')' && !is_end(b)).saturating_add(1),
    );
    let head = hay
        .get(end.saturating_sub(NEAR_BYTES)..end)
        .unwrap_or_default();
    let head = head.rsplit(|b| is_end(*b)).next().unwrap_or_default();
    let user = memchr::memmem::find(head, b"uid=").and_then(|at| head.get(at.saturating_add(4)..));
    let user = user.map(|user| user.get(skip(user, 0, 12, is_digit)..).unwrap_or_default());
    name.len() > 2
        && byte(hay, open) == b'('
        && user.is_some_and(|user| user.starts_with(name.of(hay)))
}

/// Whether one of `words` stands as written in the record, at most `reach` bytes from the key that ends at `end`.
pub(super) fn near(hay: &[u8], end: usize, reach: usize, words: &[&[u8]]) -> bool {
    let from = skip_back(hay, end, reach, |b| !is_end(b));
    let to = skip(hay, end, reach, |b| !is_end(b));
    let around = Span::new(from, to).of(hay);
    words
        .iter()
        .any(|word| memchr::memmem::find(around, word).is_some())
}
