//! One identifier, one pseudonym: what a value is, whatever its spelling.

use std::borrow::Cow;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::punycode;
use crate::class::Class;
use crate::format::bytes::{byte, is_hex, is_six_groups, is_word, skip};
use crate::format::decode::decode;
use crate::format::hex;
use crate::record::Span;

/// How an address is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// As RFC 791 and RFC 5952 have it.
    Plain,
    /// `::ffff:192.0.2.1`: the same as the address inside (RFC 4291 §2.5.5.2).
    Mapped,
    /// `192-0-2-1` in a host name.
    Hyphens,
    /// `1.2.0.192` in front of `.in-addr.arpa` (RFC 1035 §3.5).
    Reversed,
    /// `1.0.…8.b.d.0.1.0.0.2` in front of `.ip6.arpa` (RFC 3596 §2.5).
    Nibbles,
    /// `2001%3Adb8%3A%3A1`, `10%2E0%2E0%2E1`: with this for a sign (RFC 3986 §2.1).
    Percent(Code),
    /// The same of a mapped one.
    MappedPercent(Code),
}

/// A sign, and how it is written.
type Code = (char, &'static str);

/// The signs of addresses, encoded once and twice.
const CODES: [Code; 8] = [
    (':', "%3A"),
    (':', "%3a"),
    (':', "%253A"),
    (':', "%253a"),
    ('.', "%2E"),
    ('.', "%2e"),
    ('.', "%252E"),
    ('.', "%252e"),
];

/// The names under which addresses stand reversed (RFC 1035 §3.5, RFC 3596 §2.5).
const ZONES: [&[u8]; 2] = [b".in-addr.arpa", b".ip6.arpa"];

/// Where in a value that is a reversed name the zone begins; its end where it is none.
pub(super) fn zone(value: &[u8]) -> usize {
    ZONES
        .iter()
        .find_map(|zone| {
            let at = value.len().checked_sub(zone.len())?;
            value.get(at..)?.eq_ignore_ascii_case(zone).then_some(at)
        })
        .unwrap_or(value.len())
}

/// The address that 32 hex digits with dots between are, the last first.
fn nibbles(text: &[u8]) -> Option<Ipv6Addr> {
    let mut number = 0u128;
    for (index, pair) in text.chunks(2).enumerate() {
        let (digit, dot) = pair.split_first()?;
        if !matches!(dot, b"." | b"") {
            return None;
        }
        let digit = char::from(*digit).to_digit(16)?;
        number |= u128::from(digit).checked_shl(u32::try_from(index).ok()?.checked_mul(4)?)?;
    }
    (text.len() == 63).then(|| number.into())
}

/// An address whose colons or dots are percent-encoded.
fn percent(text: &[u8]) -> Option<(IpAddr, Style)> {
    memchr::memchr(b'%', text)?;
    let code = CODES
        .into_iter()
        .find(|(_, code)| memchr::memmem::find(text, code.as_bytes()).is_some())?;
    let plain = std::str::from_utf8(text).ok()?;
    let plain = plain.replace(code.1, code.0.encode_utf8(&mut [0; 4]));
    let ip: IpAddr = plain.parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => (v4.into(), Style::MappedPercent(code)),
            None => (ip, Style::Percent(code)),
        },
        IpAddr::V4(_) => (ip, Style::Percent(code)),
    })
}

/// The address at `span`, its style, and what follows it there (a zone).
pub(super) fn address(hay: &[u8], span: Span) -> Option<(IpAddr, Style, &[u8])> {
    let text = span.of(hay);
    let [reversed, nibbled] = under(hay, span);
    if nibbled {
        return nibbles(text).map(|ip| (ip.into(), Style::Nibbles, &[][..]));
    }
    if let Some((ip, style)) = percent(text) {
        return Some((ip, style, &[]));
    }
    let zone = text.iter().position(|b| *b == b'%').unwrap_or(text.len());
    let (head, tail) = text.split_at_checked(zone)?;
    let head = std::str::from_utf8(head).ok()?;
    if let Ok(ip) = head.parse::<IpAddr>() {
        return Some(match ip {
            IpAddr::V4(v4) if reversed => {
                let [a, b, c, d] = v4.octets();
                (Ipv4Addr::new(d, c, b, a).into(), Style::Reversed, tail)
            }
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => (v4.into(), Style::Mapped, tail),
                None => (ip, Style::Plain, tail),
            },
            IpAddr::V4(_) => (ip, Style::Plain, tail),
        });
    }
    let dotted: Ipv4Addr = head.replace('-', ".").parse().ok()?;
    Some((dotted.into(), Style::Hyphens, tail))
}

/// Whether an address at `span` is written backwards, as its name says.
pub(super) fn reversed(hay: &[u8], span: Span) -> bool {
    under(hay, span).iter().any(|is| *is)
}

/// Under which of [`ZONES`] the name at `span` is.
fn under(hay: &[u8], span: Span) -> [bool; 2] {
    ZONES.map(|zone| {
        let end = span.end.saturating_add(zone.len());
        Span::new(span.end, end).of(hay).eq_ignore_ascii_case(zone)
    })
}

/// Appends an address in a style.
pub(super) fn spell(ip: IpAddr, style: Style, out: &mut Vec<u8>) {
    // Nothing fails that is written to memory.
    let _ = match (ip, style) {
        (IpAddr::V4(v4), Style::Mapped) => write!(out, "{}", v4.to_ipv6_mapped()),
        (IpAddr::V4(v4), Style::Hyphens) => {
            let [a, b, c, d] = v4.octets();
            write!(out, "{a}-{b}-{c}-{d}")
        }
        (IpAddr::V4(v4), Style::Reversed) => {
            let [a, b, c, d] = v4.octets();
            write!(out, "{d}.{c}.{b}.{a}")
        }
        (IpAddr::V6(v6), Style::Nibbles) => {
            let digits = format!("{:032x}", u128::from(v6));
            let digits: Vec<String> = digits.chars().rev().map(String::from).collect();
            write!(out, "{}", digits.join("."))
        }
        (_, Style::Percent((sign, code))) => {
            write!(out, "{}", ip.to_string().replace(sign, code))
        }
        (IpAddr::V4(v4), Style::MappedPercent((sign, code))) => {
            let mapped = v4.to_ipv6_mapped().to_string();
            write!(out, "{}", mapped.replace(sign, code))
        }
        _ => write!(out, "{ip}"),
    };
}

fn only(text: &[u8], keep: impl Fn(u8) -> bool) -> Vec<u8> {
    text.iter()
        .filter(|b| keep(**b))
        .map(u8::to_ascii_lowercase)
        .collect()
}

/// What numbers with letters are, which have no case.
fn capitals(text: &[u8], keep: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut all = only(text, keep);
    all.make_ascii_uppercase();
    all
}

/// What hex digits say: text, or an address whose bytes they are, as text.
pub(super) fn of_digits(class: Class, digits: &[u8]) -> Option<Vec<u8>> {
    let text = hex::decode(digits)?;
    let is_text = || address(&text, Span::new(0, text.len())).is_some();
    match hex::address(digits).filter(|_| class == Class::IP) {
        Some(ip) if !is_text() => Some(ip.to_string().into_bytes()),
        _ => Some(text),
    }
}

/// The value at `span` in one spelling for all of its spellings.
pub(super) fn canonical(class: Class, hay: &[u8], span: Span) -> Cow<'_, [u8]> {
    let text = span.of(hay);
    let plain = decode(text);
    let digits = |text: &[u8]| {
        text.iter()
            .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'+' | b'(' | b')'))
    };
    match class {
        Class::IP => {
            let at = address(hay, span)
                .or_else(|| address(&plain, Span::new(0, plain.len())))
                .map(|(ip, _, _)| ip);
            at.map_or(plain, |ip| Cow::Owned(ip.to_string().into_bytes()))
        }
        Class::MAC | Class::GUID | Class::IDFA | Class::ANDROID_ID | Class::OPENUDID => {
            let plain = match class == Class::MAC {
                true => padded(&plain).map_or(plain, Cow::Owned),
                false => plain,
            };
            Cow::Owned(only(&plain, |b| b.is_ascii_alphanumeric()))
        }
        Class::EMAIL => match plain.iter().rposition(|b| *b == b'@') {
            Some(at) => {
                let mut whole = plain.into_owned();
                let domain = whole.split_off(at.saturating_add(1));
                match std::str::from_utf8(&domain) {
                    Ok(domain) => whole.extend_from_slice(punycode::domain(domain).as_bytes()),
                    Err(_) => whole.extend(domain.to_ascii_lowercase()),
                }
                Cow::Owned(whole)
            }
            None => plain,
        },
        // The international prefix is written as `00` or `+` (ITU-T E.123 §2.5).
        Class::PHONE if digits(&plain) => {
            let all = only(&plain, |b| b.is_ascii_digit());
            match all.strip_prefix(b"00") {
                Some(rest) => Cow::Owned(rest.to_vec()),
                None => Cow::Owned(all),
            }
        }
        Class::IMEI | Class::IMSI | Class::TRANSACTION | Class::NATIONAL_ID if digits(&plain) => {
            Cow::Owned(only(&plain, |b| b.is_ascii_digit()))
        }
        // An IBAN on paper has a blank behind each four (ISO 13616-1 §7).
        Class::TRANSACTION if is_account_number(&plain) => {
            Cow::Owned(capitals(&plain, |b| b.is_ascii_alphanumeric()))
        }
        Class::NATIONAL_ID | Class::PASSPORT | Class::DRIVER_LICENSE => {
            let separates = |b| matches!(b, b' ' | b'-' | b'.' | b'/');
            Cow::Owned(capitals(&plain, |b| !separates(b)))
        }
        Class::ACCOUNT => down_level(text).map_or(plain, Cow::Owned),
        _ => plain,
    }
}

/// [`canonical`], and an account without its Windows domain: what is joined on. `CORP\ann` stands in one log where another
/// has `ann` and `CORP` in two fields; whose host or domain it is, a pseudonym says of no account.
pub(super) fn joined(class: Class, hay: &[u8], span: Span) -> Cow<'_, [u8]> {
    let whole = canonical(class, hay, span);
    if class != Class::ACCOUNT || down_level(&whole).is_none() {
        return whole;
    }
    let name = memchr::memrchr(b'\\', &whole).map_or(0, |at| at.saturating_add(1));
    Cow::Owned(whole.get(name..).unwrap_or_default().to_vec())
}

/// Whether `text` is one of two letters, two digits, letters and digits, with blanks between or none.
fn is_account_number(text: &[u8]) -> bool {
    let head = text.get(..4).unwrap_or_default();
    matches!(head, [a, b, c, d]
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit())
        && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b' ')
        && text.len() >= 15
}

/// `CORP\ann`, whatever number of backslashes strings in strings have in it.
fn down_level(text: &[u8]) -> Option<Vec<u8>> {
    let (domain, rest) = text.split_at_checked(memchr::memchr(b'\\', text)?)?;
    let name = rest.get(skip(rest, 0, 16, |b| b == b'\\')..)?;
    let part = |text: &[u8]| text.iter().all(|b| is_word(*b) || matches!(b, b'.' | b'-'));
    let code = byte(name, 0) == b'u' && skip(name, 1, 4, is_hex) == 5;
    let is = domain.len() >= 2 && part(domain) && !name.is_empty() && !name.contains(&b'\\');
    (is && !code).then(|| [domain, b"\\", &decode(name)].concat())
}

/// `00:1b:44:01:3a:b7` for a MAC address whose groups are without their leading zeros; nothing for any other.
pub(super) fn padded(text: &[u8]) -> Option<Vec<u8>> {
    let groups = text.split(|b| *b == b':');
    let short = groups.clone().any(|group| group.len() == 1) && is_six_groups(text);
    // Nearly all have all their digits, and cost nothing.
    short.then(|| {
        let pairs: Vec<Vec<u8>> = groups
            .map(|group| match group {
                [digit] => vec![b'0', *digit],
                _ => group.to_vec(),
            })
            .collect();
        pairs.join(&b':')
    })
}

/// Where the domain of an e-mail address starts, its at sign (as spelled) included.
pub(super) fn domain(text: &[u8]) -> Option<&[u8]> {
    [
        &b"@"[..],
        b"%40",
        b"%2540",
        b"\\u0040",
        b"&#64;",
        b"&commat;",
    ]
    .iter()
    .filter_map(|sign| memchr::memmem::rfind(text, sign))
    .max()
    .and_then(|at| text.get(at..))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(class: Class, spellings: &[&str]) {
        let mut forms = spellings.iter().map(|s| {
            let end = zone(s.as_bytes());
            canonical(class, s.as_bytes(), Span::new(0, end)).into_owned()
        });
        let first = forms.next().unwrap();
        for (form, spelling) in forms.zip(spellings.iter().skip(1)) {
            assert_eq!(form, first, "{spelling}");
        }
    }

    #[test]
    fn spellings_of_one_thing() {
        same(
            Class::IP,
            &[
                "10.0.0.1",
                "::ffff:10.0.0.1",
                "::FFFF:a00:1",
                "10-0-0-1",
                "1.0.0.10.in-addr.arpa",
                "0:0:0:0:0:ffff:10.0.0.1",
                "10%2E0%2e0.1",
                "%253A%253Affff%253A10.0.0.1",
            ],
        );
        same(
            Class::IP,
            &[
                "2001:db8::1",
                "2001:0DB8:0:0::1",
                "2001%3Adb8%3A%3A1",
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            ],
        );
        same(
            Class::MAC,
            &[
                "00:1b:44:11:3a:b7",
                "00-1B-44-11-3A-B7",
                "001b.4411.3ab7",
                "001B44113AB7",
            ],
        );
        same(
            Class::EMAIL,
            &["al@EXAMPLE.org", "al@example.org", "al%40example.org"],
        );
        same(
            Class::EMAIL,
            &[
                "al@bücher.example",
                "al@BÜCHER.example",
                "al@xn--bcher-kva.example",
                "al@XN--bcher-kva.EXAMPLE",
            ],
        );
        same(Class::IMEI, &["49-015420-323751-8", "490154203237518"]);
        same(
            Class::PHONE,
            &["+86 139 1234 5678", "008613912345678", "+8613912345678"],
        );
        same(
            Class::TRANSACTION,
            &[
                "DE89370400440532013000",
                "DE89 3704 0044 0532 0130 00",
                "de89370400440532013000",
            ],
        );
        same(
            Class::NATIONAL_ID,
            &["11010519491231002X", "11010519491231002x"],
        );
        same(
            Class::ACCOUNT,
            &[r"CORP\ann", r"CORP\\ann", "CORP%5Cann", r"CORP\\\\ann"],
        );
        same(Class::ACCOUNT, &[r"CORP\\nancy", r"CORP\nancy"]);
        for text in [r"CORP\ann", r"CORP\\ann", "CORP%5Cann", "ann"] {
            let all = Span::new(0, text.len());
            assert_eq!(*joined(Class::ACCOUNT, text.as_bytes(), all), *b"ann");
        }
        let nancy = r"CORP\nancy".as_bytes();
        assert_eq!(
            *canonical(Class::ACCOUNT, nancy, Span::new(0, nancy.len())),
            *nancy
        );
        same(
            Class::GUID,
            &[
                "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
                "6f9619ff8b86d011b42d00cf4fc964ff",
            ],
        );
    }
}
