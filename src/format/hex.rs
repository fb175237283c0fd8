//! Text as hex digits, two a byte, as the kernel's audit system writes what it does not trust.

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

#[cfg(test)]
mod tests {
    use super::*;

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
