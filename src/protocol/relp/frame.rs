//! RELP frames: `TXNR SP COMMAND SP DATALEN [SP DATA] LF` (the RELP specification, "The Frame").

/// Most digits of a transaction number and of a length.
const DIGITS_MAX: usize = 9;
/// Most letters of a command.
const COMMAND_BYTES_MAX: usize = 32;
/// The largest transaction number; 1 comes after it.
pub const NUMBER_MAX: u32 = 999_999_999;

/// A frame's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// The transaction number.
    pub number: u32,
    /// The command.
    pub command: &'a [u8],
    /// Bytes of data.
    pub data_bytes: usize,
    /// Where the data begins.
    pub data_at: usize,
}

/// What the front of a buffer is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head<'a> {
    /// A whole header; the data and its line feed may be still to come.
    Whole(Header<'a>),
    /// More is needed to tell.
    Part,
    /// No frame; its number, where that much could be read.
    Bad(Option<u32>),
}

/// Digits up to something else: their value and how many they are.
fn number(input: &[u8]) -> Option<(u32, usize)> {
    let digits = input.iter().take_while(|b| b.is_ascii_digit());
    let (mut value, mut count) = (0u32, 0usize);
    for digit in digits.take(DIGITS_MAX.saturating_add(1)) {
        count = count.saturating_add(1);
        value = value
            .checked_mul(10)?
            .checked_add(u32::from(digit.wrapping_sub(b'0')))?;
    }
    (count > 0 && count <= DIGITS_MAX).then_some((value, count))
}

/// Reads the header at the front of `input`.
#[must_use]
pub fn head(input: &[u8]) -> Head<'_> {
    let Some((transaction, digits)) = number(input) else {
        return if input.is_empty() {
            Head::Part
        } else {
            Head::Bad(None)
        };
    };
    let known = Some(transaction);
    let rest = input.get(digits..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(b" ") else {
        return if rest.is_empty() {
            Head::Part
        } else {
            Head::Bad(None)
        };
    };
    let letters = rest
        .iter()
        .take(COMMAND_BYTES_MAX.saturating_add(1))
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let command = rest.get(..letters).unwrap_or_default();
    let after = rest.get(letters..).unwrap_or_default();
    if letters > COMMAND_BYTES_MAX {
        return Head::Bad(known);
    }
    let Some(length) = after.strip_prefix(b" ") else {
        return if after.is_empty() {
            Head::Part
        } else {
            Head::Bad(known)
        };
    };
    if letters == 0 {
        return Head::Bad(known);
    }
    let Some((data_bytes, length_digits)) = number(length) else {
        return if length.is_empty() {
            Head::Part
        } else {
            Head::Bad(known)
        };
    };
    let before = input.len().saturating_sub(length.len());
    let end = before.saturating_add(length_digits);
    // Without data there may be no space.
    let data_at = match (input.get(end), data_bytes) {
        (None, _) => return Head::Part,
        (Some(b' '), _) => end.saturating_add(1),
        (Some(_), 0) => end,
        (Some(_), _) => return Head::Bad(known),
    };
    Head::Whole(Header {
        number: transaction,
        command,
        data_bytes: usize::try_from(data_bytes).unwrap_or(usize::MAX),
        data_at,
    })
}

/// A frame's beginning, up to its data.
#[must_use]
pub fn header(number: u32, command: &str, data_bytes: usize) -> String {
    if data_bytes == 0 {
        format!("{number} {command} 0")
    } else {
        format!("{number} {command} {data_bytes} ")
    }
}

/// Writes a whole frame.
pub fn write(number: u32, command: &str, data: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(header(number, command, data.len()).as_bytes());
    out.extend_from_slice(data.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(input: &[u8]) -> (u32, String, usize, usize) {
        match head(input) {
            Head::Whole(h) => (
                h.number,
                String::from_utf8(h.command.to_vec()).unwrap(),
                h.data_bytes,
                h.data_at,
            ),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn headers() {
        assert_eq!(whole(b"1 open 85 relp"), (1, "open".to_owned(), 85, 10));
        assert_eq!(whole(b"3 close 0\n"), (3, "close".to_owned(), 0, 9));
        assert_eq!(whole(b"3 close 0 \n"), (3, "close".to_owned(), 0, 10));
        for part in [&b""[..], b"1", b"1 ", b"1 sys", b"1 syslog ", b"1 syslog 3"] {
            assert_eq!(head(part), Head::Part, "{part:?}");
        }
        for (bad, known) in [
            (&b"x"[..], None),
            (b"1234567890 syslog 1 a", None),
            (b"-1 syslog", None),
            (b"7  3", Some(7)),
            (b"7 sys-log 3 abc", Some(7)),
            (b"7 syslog x", Some(7)),
            (b"7 syslog 3abc", Some(7)),
            (b"7 syslog 1234567890 abc", Some(7)),
        ] {
            assert_eq!(head(bad), Head::Bad(known), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_header_reads_back(number in 0..=NUMBER_MAX, command in "[a-z]{1,32}", length in 1usize..999_999_999) {
            let text = header(number, &command, length);
            prop_assert_eq!(whole(text.as_bytes()), (number, command, length, text.len()));
        }

        #[test]
        fn any_prefix_is_a_part(number in 0..=NUMBER_MAX, command in "[a-z]{1,32}", length in 1usize..999_999_999, cut in 0usize..50) {
            let text = header(number, &command, length);
            let cut = cut.min(text.len() - 1);
            prop_assert_eq!(head(&text.as_bytes()[..cut]), Head::Part);
        }

        #[test]
        fn anything_is_read_without_a_panic(input in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = head(&input);
        }
    }
}
