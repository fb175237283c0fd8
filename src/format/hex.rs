//! Text as hex digits, two a byte, as the kernel's audit system writes what it does not trust.

use std::net::IpAddr;

/// The bytes that `digits` stand for; `None` where they are no pairs of hex digits.
pub(crate) fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let nibble = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|n| u8::try_from(n).ok())
    };
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}

/// The digits of `text`, in capitals.
pub(crate) fn encode(text: &[u8]) -> Vec<u8> {
    let digit = |n: u8| match n {
        0..=9 => b'0'.saturating_add(n),
        _ => b'A'.saturating_add(n.saturating_sub(10)),
    };
    let pairs = text.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
    pairs.collect()
}

/// The address of IP whose bytes the digits are, as `struct in_addr` and `struct in6_addr` have it.
pub(crate) fn address(digits: &[u8]) -> Option<IpAddr> {
    let bytes = decode(digits)?;
    let four = || <[u8; 4]>::try_from(bytes.as_slice()).map(IpAddr::from);
    let sixteen = || <[u8; 16]>::try_from(bytes.as_slice()).map(IpAddr::from);
    four().or_else(|_| sixteen()).ok()
}

/// The digits of an address's bytes, where `text` is one; those of the text else.
pub(crate) fn encode_address(text: &[u8]) -> Vec<u8> {
    let ip = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    match ip {
        Some(IpAddr::V4(ip)) => encode(&ip.octets()),
        Some(IpAddr::V6(ip)) => encode(&ip.octets()),
        None => encode(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_their_bytes() {
        let four = address(b"C0000207").unwrap();
        assert_eq!(four.to_string(), "192.0.2.7");
        let six = address(b"20010DB8000000000000000000000001").unwrap();
        assert_eq!(six.to_string(), "2001:db8::1");
        assert_eq!(address(b"C00002"), None);
        assert_eq!(encode_address(b"192.0.2.7"), b"C0000207");
        assert_eq!(
            encode_address(b"2001:db8::1"),
            b"20010DB8000000000000000000000001"
        );
        assert_eq!(encode_address(b"J\xFF"), b"4AFF");
    }

    #[test]
    fn there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert_eq!(encode(b"J\xFF"), b"4AFF");
        assert_eq!(decode(b"4aFf"), Some(b"J\xFF".to_vec()));
        assert_eq!(decode(b"4aF"), None);
        assert_eq!(decode(b"4g"), None);
    }
}
