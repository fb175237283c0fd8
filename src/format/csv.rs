//! The fields of a record of a table (RFC 4180): quotes, doubled quotes, fields over several lines.

use super::bytes::{before, byte, skip, skip_back};
use crate::record::Span;

/// One field: its text without quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Field {
    pub(crate) text: Span,
    /// A quoted field that goes on in the next line.
    pub(crate) open: bool,
}

/// The fields of `record`, a span of `hay` without its terminator. With `inside`, the record begins in a
/// quoted field of the line before.
pub(crate) struct Fields<'h> {
    hay: &'h [u8],
    record: Span,
    delimiter: u8,
    at: usize,
    inside: bool,
    done: bool,
}

impl<'h> Fields<'h> {
    pub(crate) const fn new(hay: &'h [u8], record: Span, delimiter: u8, inside: bool) -> Self {
        Self {
            hay,
            record,
            delimiter,
            at: record.start,
            inside,
            done: false,
        }
    }

    fn left(&self, at: usize) -> usize {
        self.record.end.saturating_sub(at)
    }
}

impl Iterator for Fields<'_> {
    type Item = Field;

    fn next(&mut self) -> Option<Field> {
        if self.done {
            return None;
        }
        let hay = self.hay;
        let blanks = skip(hay, self.at, self.left(self.at), |b| b == b' ');
        let quoted = self.inside || byte(hay, blanks) == b'"' && blanks < self.record.end;
        let mut open = false;
        let (text, end) = if quoted {
            let start = if self.inside {
                self.at
            } else {
                blanks.saturating_add(1)
            };
            let mut close = start;
            loop {
                close = skip(hay, close, self.left(close), |b| b != b'"');
                if close >= self.record.end || byte(hay, close.saturating_add(1)) != b'"' {
                    break;
                }
                close = close.saturating_add(2).min(self.record.end);
            }
            open = close >= self.record.end;
            let end = skip(hay, close, self.left(close), |b| b != self.delimiter);
            (Span::new(start, close.min(self.record.end)), end)
        } else {
            let end = skip(hay, self.at, self.left(self.at), |b| b != self.delimiter);
            let most = end.saturating_sub(blanks);
            let trimmed = skip_back(hay, end, most, |b| b == b' ');
            (
                Span::new(blanks.min(end), trimmed.max(blanks.min(end))),
                end,
            )
        };
        self.inside = false;
        self.done = end >= self.record.end;
        self.at = end.saturating_add(1);
        Some(Field { text, open })
    }
}

/// `record` without the carriage return before its terminator.
pub(crate) fn trimmed(hay: &[u8], record: Span) -> Span {
    let cr = usize::from(!record.is_empty() && before(hay, record.end) == b'\r');
    Span::new(record.start, record.end.saturating_sub(cr))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, delimiter: u8, inside: bool) -> Vec<(String, bool)> {
        Fields::new(line.as_bytes(), Span::new(0, line.len()), delimiter, inside)
            .map(|f| {
                (
                    String::from_utf8_lossy(f.text.of(line.as_bytes())).into_owned(),
                    f.open,
                )
            })
            .collect()
    }

    #[test]
    fn fields() {
        for (line, want) in [
            ("a,b,c", &["a", "b", "c"][..]),
            ("a, b ,c", &["a", "b", "c"]),
            (r#""a,x","b""c",d"#, &["a,x", r#"b""c"#, "d"]),
            (",,", &["", "", ""]),
            ("", &[""]),
            (r#"a"b,c"#, &[r#"a"b"#, "c"]),
            (r#""""#, &[""]),
        ] {
            let got: Vec<String> = of(line, b',', false).into_iter().map(|f| f.0).collect();
            assert_eq!(got, want, "{line}");
        }
        let open = |line| {
            of(line, b',', true)
                .into_iter()
                .map(|f| f.1)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("a,\"b", b',', false).last().map(|f| f.1), Some(true));
        assert_eq!(open("c\",d"), [false, false]);
        assert_eq!(open("c,d"), [true]);
    }
}
