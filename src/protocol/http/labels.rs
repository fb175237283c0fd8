//! Labels as Prometheus and Loki write them: `{job="x", path="a\"b"}`, values quoted as in Go.

/// What names are made of. A name with anything else Loki does not take, and made into one it could be another's.
const fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':')
}

/// Names and values, without their quotes and escapes. `None`: they are no labels.
pub(super) fn parse(text: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut rest = text.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut pairs = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return Some(pairs);
        }
        let equals = memchr::memchr(b'=', rest)?;
        let (name, value) = rest.split_at_checked(equals)?;
        let value = value.get(1..)?.trim_ascii_start().strip_prefix(b"\"")?;
        let (value, tail) = unquote(value)?;
        let name = name.trim_ascii();
        if name.is_empty() || !name.iter().copied().all(is_name) {
            return None;
        }
        pairs.push((name.to_vec(), value));
        rest = tail.trim_ascii_start();
        if rest.is_empty() {
            return Some(pairs);
        }
        rest = rest.strip_prefix(b",")?;
    }
}

/// A Go string up to its quote (Go specification, "String literals"), and what is behind it.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let (&b, tail) = rest.split_first()?;
        rest = tail;
        if b == b'"' {
            return Some((out, rest));
        }
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let (&escape, tail) = rest.split_first()?;
        rest = tail;
        match escape {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' | b'"' | b'\'' => out.push(escape),
            b'x' => out.push(u8::try_from(digits(&mut rest, 2, 16)?).ok()?),
            b'0'..=b'3' => {
                let high = u32::from(escape & 7) << 6;
                out.push(u8::try_from(high | digits(&mut rest, 2, 8)?).ok()?);
            }
            b'u' | b'U' => {
                let count = if escape == b'u' { 4 } else { 8 };
                let c = char::from_u32(digits(&mut rest, count, 16)?)?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return None,
        }
    }
}

/// The number in the next `count` digits.
fn digits(rest: &mut &[u8], count: usize, radix: u32) -> Option<u32> {
    let (digits, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// The labels as text. A name that a policy changed keeps to what a name may be.
pub(super) fn write(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend(name.iter().map(|b| match is_name(*b) {
            true => *b,
            false => b'_',
        }));
        out.extend_from_slice(b"=\"");
        for &b in value {
            match b {
                b'"' | b'\\' => out.extend_from_slice(&[b'\\', b]),
                b'\n' => out.extend_from_slice(b"\\n"),
                0..=0x1F => {
                    let octal = [b >> 6, b >> 3 & 7, b & 7].map(|digit| digit | b'0');
                    out.push(b'\\');
                    out.extend_from_slice(&octal);
                }
                _ => out.push(b),
            }
        }
        out.push(b'"');
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_go_quotes() {
        let pairs = parse(br#"{a="b\"c\\d", e="\n\x41\102\u00e9\t",f=""}"#).unwrap();
        let text: Vec<String> = pairs
            .iter()
            .map(|(name, value)| String::from_utf8([&name[..], b"=", value].concat()).unwrap())
            .collect();
        assert_eq!(text, ["a=b\"c\\d", "e=\nAB\u{e9}\t", "f="]);
        assert_eq!(parse(b"{}"), Some(vec![]));
        for bad in [
            "",
            "{",
            "{a}",
            "{a=b}",
            "{a=\"b}",
            "{a=\"b\" c=\"d\"}",
            r#"{a="\q"}"#,
            r#"{="b"}"#,
            r#"{a",user="b"}"#,
            "{\u{e4}=\"b\"}",
            "{a b=\"c\"}",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            pairs in proptest::collection::vec(
                ("[a-z_]{1,5}", proptest::collection::vec(any::<u8>(), 0..20)),
                0..5,
            )
        ) {
            let pairs: Vec<(Vec<u8>, Vec<u8>)> =
                pairs.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect();
            prop_assert_eq!(parse(&write(&pairs)), Some(pairs));
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&[b"{a=\"", &bytes[..], b"}"].concat());
        }
    }
}
