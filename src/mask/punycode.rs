//! Labels of internationalised domain names as they read (RFC 5891 §4.4, RFC 3492): `xn--bcher-kva` is `bücher`.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 128;

/// What the ASCII form of a label begins with.
const PREFIX: &str = "xn--";

/// The longest label of DNS (RFC 1035 §2.3.4), in bytes.
const LABEL_BYTES_MAX: usize = 63;

/// A domain in the one spelling of all of its spellings: small letters, and each label as it reads.
pub(super) fn domain(text: &str) -> String {
    let lower = text.to_lowercase();
    let labels = lower.split('.').map(|label| {
        let ascii = label.strip_prefix(PREFIX);
        let read = ascii
            .filter(|ascii| ascii.len() <= LABEL_BYTES_MAX)
            .and_then(decode);
        read.map_or_else(|| label.to_owned(), |read| read.to_lowercase())
    });
    labels.collect::<Vec<_>>().join(".")
}

/// RFC 3492 §6.2.
fn decode(text: &str) -> Option<String> {
    let (basic, rest) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut bias, mut i) = (INITIAL_N, INITIAL_BIAS, 0u32);
    let mut digits = rest.chars();
    while !digits.as_str().is_empty() {
        let start = i;
        let (mut weight, mut k) = (1u32, BASE);
        loop {
            let digit = match digits.next()? {
                c @ 'a'..='z' => u32::from(c).checked_sub(u32::from('a'))?,
                c @ '0'..='9' => u32::from(c).checked_sub(u32::from('0'))?.checked_add(26)?,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE.checked_sub(threshold)?)?;
            k = k.checked_add(BASE)?;
        }
        let length = u32::try_from(out.len()).ok()?.checked_add(1)?;
        bias = adapt(i.checked_sub(start)?, length, start == 0)?;
        n = n.checked_add(i.checked_div(length)?)?;
        i = i.checked_rem(length)?;
        out.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i = i.checked_add(1)?;
    }
    Some(out.into_iter().collect())
}

/// RFC 3492 §6.1.
fn adapt(delta: u32, length: u32, first: bool) -> Option<u32> {
    let mut delta = delta.checked_div(if first { DAMP } else { 2 })?;
    delta = delta.checked_add(delta.checked_div(length)?)?;
    let mut k = 0u32;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta = delta.checked_div(BASE - T_MIN)?;
        k = k.checked_add(BASE)?;
    }
    let more = (BASE - T_MIN + 1)
        .checked_mul(delta)?
        .checked_div(delta.checked_add(SKEW)?)?;
    k.checked_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3492 §7.1 (B, I, L, R, S), and what is no such label.
    #[test]
    fn labels_are_read() {
        for (written, read) in [
            ("ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"),
            (
                "b1abfaaepdrnnbgefbadotcwatmq2g4l",
                "почемужеонинеговорятпорусски",
            ),
            ("3b-ww4c5e180e575a65lsy2b", "3年b組金八先生"),
            ("d9juau41awczczp", "そのスピードで"),
            ("bcher-kva", "bücher"),
        ] {
            assert_eq!(decode(written).as_deref(), Some(read));
        }
        for none in ["bcher-kv!", "99999999999999", "a-zzzzzzzzzzzz", "ü"] {
            assert_eq!(decode(none), None, "{none}");
        }
    }

    #[test]
    fn domains_have_one_spelling() {
        for text in [
            "Bücher.example",
            "xn--bcher-kva.EXAMPLE",
            "XN--BCHER-KVA.example",
            "BÜCHER.example",
        ] {
            assert_eq!(domain(text), "bücher.example", "{text}");
        }
        assert_eq!(domain("xn--!.example"), "xn--!.example");
    }
}
