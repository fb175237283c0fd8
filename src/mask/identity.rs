//! One identifier, one pseudonym: what a value is, whatever its spelling.

use std::borrow::Cow;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use crate::class::Class;
use crate::format::decode::decode;
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
}

/// The address at `span`, its style, and what follows it there (a zone).
pub(super) fn address(hay: &[u8], span: Span) -> Option<(IpAddr, Style, &[u8])> {
    let text = span.of(hay);
    let zone = text.iter().position(|b| *b == b'%').unwrap_or(text.len());
    let (head, tail) = text.split_at_checked(zone)?;
    let head = std::str::from_utf8(head).ok()?;
    if let Ok(ip) = head.parse::<IpAddr>() {
        return Some(match ip {
            IpAddr::V4(v4) if reversed(hay, span) => {
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

/// Whether an address at `span` is written backwards, as its name says (RFC 1035 §3.5).
pub(super) fn reversed(hay: &[u8], span: Span) -> bool {
    hay.get(span.end..)
        .and_then(|after| after.get(..13))
        .is_some_and(|name| name.eq_ignore_ascii_case(b".in-addr.arpa"))
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
        _ => write!(out, "{ip}"),
    };
}

fn only(text: &[u8], keep: impl Fn(u8) -> bool) -> Vec<u8> {
    text.iter()
        .filter(|b| keep(**b))
        .map(u8::to_ascii_lowercase)
        .collect()
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
            Cow::Owned(only(&plain, |b| b.is_ascii_alphanumeric()))
        }
        Class::EMAIL => match plain.iter().rposition(|b| *b == b'@') {
            Some(at) => {
                let mut whole = plain.into_owned();
                if let Some(domain) = whole.get_mut(at..) {
                    domain.make_ascii_lowercase();
                }
                Cow::Owned(whole)
            }
            None => plain,
        },
        Class::IMEI | Class::IMSI | Class::PHONE | Class::TRANSACTION | Class::NATIONAL_ID
            if digits(&plain) =>
        {
            Cow::Owned(only(&plain, |b| b.is_ascii_digit()))
        }
        _ => plain,
    }
}

/// Where the domain of an e-mail address starts, its at sign (as spelled) included.
pub(super) fn domain(text: &[u8]) -> Option<&[u8]> {
    [&b"@"[..], b"%40", b"\\u0040", b"&#64;", b"&commat;"]
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
            let end = s.find(".in-addr").unwrap_or(s.len());
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
            ],
        );
        same(
            Class::IP,
            &["2001:db8::1", "2001:0DB8:0:0::1", "2001%3Adb8%3A%3A1"],
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
        same(Class::IMEI, &["49-015420-323751-8", "490154203237518"]);
        same(
            Class::GUID,
            &[
                "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
                "6f9619ff8b86d011b42d00cf4fc964ff",
            ],
        );
    }
}
