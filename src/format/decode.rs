//! What an escaped spelling stands for: JSON escapes, percent-encoding, HTML entities.

use std::borrow::Cow;

use super::bytes::{byte, is_digit, is_hex, skip};

/// The text without its escapes. What is no valid escape stays as it is.
pub(crate) fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|b| matches!(b, b'%' | b'\\' | b'&')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0usize;
    while at < text.len() {
        let (decoded, end) = match byte(text, at) {
            b'%' => percent(text, at),
            b'\\' => json(text, at),
            b'&' => entity(text, at),
            _ => None,
        }
        .unwrap_or((u32::from(byte(text, at)) | RAW, at.saturating_add(1)));
        match char::from_u32(decoded) {
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => out.push(decoded.to_le_bytes()[0]),
        }
        at = end;
    }
    Cow::Owned(out)
}

/// Marks a byte that is to be copied, not a code point.
const RAW: u32 = 1 << 31;

fn hex(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0u32, |n, b| {
        Some(
            n.checked_mul(16)?
                .saturating_add((*b as char).to_digit(16)?),
        )
    })
}

/// RFC 3986 §2.1.
fn percent(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let end = at.saturating_add(3);
    let digits = text.get(at.saturating_add(1)..end)?;
    Some((hex(digits)? | RAW, end))
}

/// RFC 8259 §7, at any depth of strings in strings.
fn json(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let letter = skip(text, at, 15, |b| b == b'\\');
    let end = letter.saturating_add(1);
    let c = match byte(text, letter) {
        b'u' => {
            let end = letter.saturating_add(5);
            let unit = hex(text.get(letter.saturating_add(1)..end)?)?;
            return Some((unit, end));
        }
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b @ (b'"' | b'/') => b,
        _ => return None,
    };
    Some((u32::from(c), end))
}

/// HTML 5 §13.5, the ones that log writers make.
pub(crate) fn entity(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let body = at.saturating_add(1);
    if byte(text, body) == b'#' {
        let wide = matches!(byte(text, body.saturating_add(1)), b'x' | b'X');
        let start = body.saturating_add(if wide { 2 } else { 1 });
        let end = skip(text, start, 6, if wide { is_hex } else { is_digit });
        let digits = text.get(start..end)?;
        let value = if wide {
            hex(digits)?
        } else {
            std::str::from_utf8(digits).ok()?.parse().ok()?
        };
        return (byte(text, end) == b';' && end > start).then_some((value, end.saturating_add(1)));
    }
    [
        (&b"amp;"[..], '&'),
        (b"lt;", '<'),
        (b"gt;", '>'),
        (b"quot;", '"'),
        (b"apos;", '\''),
        (b"commat;", '@'),
        (b"colon;", ':'),
        (b"period;", '.'),
    ]
    .iter()
    .find(|(name, _)| text.get(body..).is_some_and(|tail| tail.starts_with(name)))
    .map(|(name, c)| (u32::from(*c), body.saturating_add(name.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, plain) in [
            ("a%40b.example", "a@b.example"),
            (r"a\u0040b", "a@b"),
            (r"a\\u0040b", "a@b"),
            ("a&#64;b&amp;c", "a@b&c"),
            ("2001%3Adb8%3a%3a1", "2001:db8::1"),
            ("100%", "100%"),
            ("%zz&#;\\", "%zz&#;\\"),
            (r"http:\/\/x", "http://x"),
            ("%E4%BD%A0", "你"),
        ] {
            assert_eq!(String::from_utf8_lossy(&decode(text.as_bytes())), plain);
        }
    }
}
