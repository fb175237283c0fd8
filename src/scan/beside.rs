//! Names of keys that are met in many a log, and that say whose their values are only beside what stands around them.

use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
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
    /// `"target_type":"User"` in front of it.
    TargetUser,
    /// `, Source IP` behind it.
    SourceIp,
    /// `ann@localhost` behind it (sendmail).
    Localhost,
    /// A hotel's words near it.
    Stay,
    /// A card's words near it.
    Card,
    /// 32 letters and digits or more of both, as sessions are numbered.
    SessionToken,
    /// What has been done, behind it (CyberArk), or to the log of an administrator (Symantec).
    Action,
    /// The group that is named as the user of the record (Linux audit, enriched).
    OwnGroup,
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
        Beside::TargetUser,
    ),
    (
        "[network.account of source addresses]",
        Class::ACCOUNT,
        Beside::SourceIp,
    ),
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
            Self::TargetUser => head.ends_with(b"\"target_type\":\"User\",\"target_details"),
            Self::SourceIp => rest.starts_with(b", Source IP: "),
            Self::Localhost => value.of(hay).ends_with(b"@localhost"),
            Self::Stay => near(hay, end, &[b"hotel", b"check", b"booking", b"reservation"]),
            Self::Card => near(
                hay,
                end,
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
            Self::Action => {
                let behind = |text: &[u8]| rest.starts_with(text);
                !value.is_empty()
                    && (behind(b"\",\"Action\":\"")
                        || behind(b"</Issuer>\\n    <Action>")
                        || behind(b",Administrator "))
            }
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

/// Whether one of `words` stands in the record near the key that ends at `end`, in small letters.
fn near(hay: &[u8], end: usize, words: &[&[u8]]) -> bool {
    let from = skip_back(hay, end, NEAR_BYTES, |b| !is_end(b));
    let to = skip(hay, end, NEAR_BYTES, |b| !is_end(b));
    let around = Span::new(from, to).of(hay);
    words
        .iter()
        .any(|word| memchr::memmem::find(around, word).is_some())
}
