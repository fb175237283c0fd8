//! `preserve` and `truncate`: what a class's values become when they stay what they are.

use super::cipher::{Cipher, Way};
use super::identity::{address, domain, padded, spell};
use crate::class::Class;
use crate::format::bytes::{is_digit, is_hex};
use crate::policy::Typed;
use crate::record::Span;

/// Appends `text` with `digits` where it has such; capitals where it has any.
fn fill(
    text: &[u8],
    mut digits: impl Iterator<Item = u8>,
    is: impl Fn(u8) -> bool,
    out: &mut Vec<u8>,
) {
    let capitals = text.iter().any(|b| b.is_ascii_uppercase() && is(*b));
    out.extend(text.iter().map(|b| match is(*b) {
        true => digits.next().map_or(b'0', |digit| {
            if capitals {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        }),
        false => *b,
    }));
}

/// A format-preserving pseudonym, or back. `None`: this spelling has none.
pub(super) fn preserve(
    cipher: &Cipher,
    class: Class,
    hay: &[u8],
    span: Span,
    typed: Typed,
    way: Way,
) -> Option<Vec<u8>> {
    let text = span.of(hay);
    if class == Class::IP {
        let (ip, style, zone) = address(hay, span)?;
        let mut out = Vec::new();
        spell(cipher.address(ip, typed.crypto_pan, way), style, &mut out);
        out.extend_from_slice(zone);
        return Some(out);
    }
    if class == Class::EMAIL {
        let mut token = cipher.token(class, &super::identity::canonical(class, hay, span))?;
        token.extend_from_slice(match domain(text) {
            Some(domain) if typed.keep_domain => domain,
            // RFC 2606 §2: a domain that never is one.
            _ => b"@redacted.invalid",
        });
        return (way == Way::There).then_some(token);
    }
    if class == Class::MAC
        && let Some(full) = padded(text)
    {
        return preserve(cipher, class, &full, Span::new(0, full.len()), typed, way);
    }
    // The digits of an escape are none of the value's.
    if text.iter().any(|b| matches!(b, b'%' | b'\\' | b'&')) {
        return None;
    }
    let wide = matches!(
        class,
        Class::MAC | Class::GUID | Class::IDFA | Class::ANDROID_ID | Class::OPENUDID
    );
    let is = if wide { is_hex } else { is_digit };
    if !wide && text.iter().any(u8::is_ascii_alphabetic) && class != Class::NATIONAL_ID {
        return None;
    }
    let mut digits: Vec<u8> = text
        .iter()
        .filter(|b| is(**b))
        .map(u8::to_ascii_lowercase)
        .collect();
    if wide {
        let kept = if class == Class::MAC && typed.keep_oui {
            6
        } else {
            0
        };
        cipher.hex(digits.get_mut(kept..)?, way)?;
    } else {
        cipher.digits(&mut digits, way)?;
    }
    let mut out = Vec::with_capacity(text.len());
    fill(text, digits.into_iter(), is, &mut out);
    Some(out)
}

/// Appends a coarser value. `None`: this spelling has none.
pub(super) fn truncate(
    class: Class,
    hay: &[u8],
    span: Span,
    typed: Typed,
    out: &mut Vec<u8>,
) -> Option<()> {
    let text = span.of(hay);
    match class {
        Class::IP => {
            let (ip, style, _) = address(hay, span)?;
            let bits = if ip.is_ipv4() {
                typed.v4_bits
            } else {
                typed.v6_bits
            };
            let net = ipnet::IpNet::new(ip, bits).ok()?.network();
            spell(net, style, out);
        }
        Class::MAC => {
            let full = padded(text);
            let text = full.as_deref().unwrap_or(text);
            let digits = || text.iter().copied().filter(|b| is_hex(*b));
            if digits().count() < 12 {
                return None;
            }
            fill(text, digits().take(6), is_hex, out);
        }
        Class::COORDINATES => {
            let unsigned = text
                .strip_prefix(b"-")
                .or(text.strip_prefix(b"+"))
                .unwrap_or(text);
            let point = unsigned.iter().position(|b| *b == b'.')?;
            let (whole, fraction) = unsigned.split_at_checked(point)?;
            let fraction = fraction.get(1..)?;
            if !(1..=3).contains(&whole.len())
                || !whole.iter().chain(fraction).all(|b| is_digit(*b))
            {
                return None;
            }
            let sign = text.len().saturating_sub(unsigned.len());
            let kept = match usize::from(typed.decimals) {
                0 if fraction.is_empty() => whole.len(),
                0 => {
                    out.extend_from_slice(text.get(..sign.saturating_add(point))?);
                    out.extend_from_slice(b".0");
                    return Some(());
                }
                decimals => point
                    .saturating_add(1)
                    .saturating_add(decimals.min(fraction.len())),
            };
            out.extend_from_slice(text.get(..sign.saturating_add(kept))?);
        }
        Class::BIRTHDAY => {
            let year = text.get(..4)?;
            let digits = text.iter().filter(|b| is_digit(**b)).count();
            let dated = matches!(text.len(), 8 | 10) && digits == 8;
            let year_like = year.iter().all(|b| is_digit(*b))
                && matches!(year, [b'1', b'9', ..] | [b'2', b'0', ..]);
            if !dated || !year_like {
                return None;
            }
            fill(text, year.iter().chain(b"0101").copied(), is_digit, out);
        }
        Class::BROWSING => {
            let host = memchr::memmem::find(text, b"://")?.saturating_add(3);
            let end = text
                .get(host..)?
                .iter()
                .position(|b| matches!(b, b'/' | b'?' | b'#'))
                .map_or(text.len(), |i| host.saturating_add(i));
            let head = text.get(..end)?;
            // A user's name stands in front of the host.
            if head.contains(&b'@') {
                return None;
            }
            out.extend_from_slice(head);
            out.push(b'/');
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::keys::Keys;

    fn both(class: Class, text: &str, typed: Typed) -> String {
        let cipher = Cipher::new(Keys::single(b"0123456789abcdef".to_vec()).active());
        let run = |text: &[u8], way| {
            let end = super::super::identity::zone(text);
            let mut out = preserve(&cipher, class, text, Span::new(0, end), typed, way).unwrap();
            out.extend_from_slice(&text[end..]);
            out
        };
        let there = run(text.as_bytes(), Way::There);
        assert_ne!(there, text.as_bytes(), "{text}");
        assert_eq!(String::from_utf8(run(&there, Way::Back)).unwrap(), text);
        String::from_utf8(there).unwrap()
    }

    #[test]
    fn one_identifier_one_pseudonym() {
        let typed = Typed::default();
        let plain = both(Class::IP, "10.1.2.3", typed);
        assert_eq!(
            both(Class::IP, "::ffff:10.1.2.3", typed),
            format!("::ffff:{plain}")
        );
        assert_eq!(both(Class::IP, "10-1-2-3", typed), plain.replace('.', "-"));
        assert_eq!(
            both(Class::IP, "10%2E1%2E2%2E3", typed),
            plain.replace('.', "%2E")
        );
        let mut octets: Vec<&str> = plain.split('.').collect();
        octets.reverse();
        assert_eq!(
            both(Class::IP, "3.2.1.10.in-addr.arpa", typed),
            format!("{}.in-addr.arpa", octets.join("."))
        );
        let plain = both(Class::IP, "2001:db8::1", typed);
        assert_eq!(
            both(Class::IP, "2001%3adb8%3a%3a1", typed),
            plain.replace(':', "%3a")
        );
        let pointer = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        let whole: std::net::Ipv6Addr = plain.parse().unwrap();
        let mut digits: Vec<char> = format!("{:032x}", u128::from(whole)).chars().collect();
        digits.reverse();
        let name = both(Class::IP, pointer, typed);
        assert!(
            name.replace('.', "")
                .starts_with(&String::from_iter(digits))
        );
        assert!(both(Class::IP, "fe80::1%eth0", typed).ends_with("%eth0"));
        let mac = both(Class::MAC, "00:1b:44:11:3a:b7", typed);
        assert_eq!(
            both(Class::MAC, "001B.4411.3AB7", typed)
                .replace('.', "")
                .to_lowercase(),
            mac.replace(':', "")
        );
        let oui = Typed {
            keep_oui: true,
            ..typed
        };
        assert!(both(Class::MAC, "00:1b:44:11:3a:b7", oui).starts_with("00:1b:44:"));
        both(Class::GUID, "6F9619FF-8B86-D011-B42D-00CF4FC964FF", typed);
        assert!(both(Class::PHONE, "+86 139 1234 5678", typed).starts_with('+'));
    }

    #[test]
    fn coarser() {
        let of = |class, text: &str, end| {
            let (span, mut out) = (Span::new(0, end), Vec::new());
            truncate(class, text.as_bytes(), span, Typed::default(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        for (class, text, coarse) in [
            (Class::IP, "192.0.2.77", "192.0.2.0"),
            (Class::IP, "2001:db8:1:2::3", "2001:db8:1::"),
            (Class::IP, "::ffff:192.0.2.77", "::ffff:192.0.2.0"),
            (Class::IP, "192-0-2-77", "192-0-2-0"),
            (Class::IP, "192%252e0%252e2%252e77", "192%252e0%252e2%252e0"),
            (
                Class::IP,
                "2001%3Adb8%3A1%3A2%3A%3A3",
                "2001%3Adb8%3A1%3A%3A",
            ),
            (Class::MAC, "00:1B:44:11:3A:B7", "00:1B:44:00:00:00"),
            (Class::COORDINATES, "-31.23045", "-31.23"),
            (Class::COORDINATES, "121.4", "121.4"),
            (Class::BIRTHDAY, "1990-07-21", "1990-01-01"),
            (
                Class::BROWSING,
                "https://shop.example/a?b=c",
                "https://shop.example/",
            ),
        ] {
            assert_eq!(of(class, text, text.len()), coarse);
            assert_eq!(of(class, coarse, coarse.len()), coarse);
        }
        assert_eq!(of(Class::IP, "77.2.0.192.in-addr.arpa", 10), "0.2.0.192");
    }
}
