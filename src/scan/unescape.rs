//! Escapes: `\u` (RFC 8259 §7), and those of [`percent`](super::percent) and [`entity`](super::entity). Who writes JSON in ASCII alone writes `手机号13…` as `\u624b\u673a\u53f713…`: a name
//! that no dictionary has, and digits that run on into the number's; who writes it for HTML writes `user=ann` as
//! `user\u003dann`. Records with such escapes are scanned once more as they read, and what is found there is found in
//! the escapes.

use super::{Finding, entity, percent, terminal};
use crate::format::bytes::{before, byte, in_string, is_alnum, is_end, next_pair, skip, skip_back};
use crate::record::Span;

/// Backslashes in front of a letter or a quote, at the most: JSON in strings of JSON.
const BACKSLASHES_MAX: usize = 64;
/// Depths of strings in strings whose lines are read.
const DEPTHS: usize = 6;
/// How far in front of a line feed's escape its line is looked for, in bytes.
const LINE_BYTES_MAX: usize = 4096;
/// Blanks between the escapes in front of a line, at the most.
const BLANKS_MAX: usize = 64;
/// A quote with as many backslashes as one of a string in strings has at the most.
const QUOTE: &[u8; 32] = br#"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\""#;
/// Most memory kept for the next record, in bytes.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// Where a part of what was read begins there and in the record.
#[derive(Clone, Copy)]
struct Part {
    read: usize,
    written: usize,
    escape: bool,
}

/// What has escapes, as it reads. Its memory is used again.
#[derive(Default)]
pub(super) struct Reading {
    text: Vec<u8>,
    parts: Vec<Part>,
    /// What colours it, which is not read.
    codes: Vec<Span>,
    /// Those of them that are blanks.
    controls: Vec<Span>,
    /// Whether words on both sides of a code are two.
    apart: bool,
}

impl Reading {
    /// Calls `scan` with the parts of `hay` that have escapes, as they read, a line each, and with what tells where a
    /// span of that is written: words with percent-encoded bytes or references of HTML, records with `\u` escapes, the lines of texts. A
    /// pass over a few bytes costs what a pass over a window does, so there is one for all of them.
    pub(super) fn once(&mut self, hay: &[u8], scan: impl FnOnce(&[u8], &dyn Fn(Span) -> Span)) {
        self.clear();
        // Most batches have none of the signs.
        let first = memchr::memchr3(b'%', b'\\', b'&', hay);
        terminal::codes(hay, first.is_some(), &mut self.codes);
        let codes = self.codes.iter().copied();
        let blank = |code: &Span| terminal::control(hay, code.start).is_some();
        self.controls.extend(codes.filter(blank));
        if let Some(first) = first {
            self.escapes(hay, first);
        }
        self.records(hay, first.unwrap_or(hay.len()));
        if !self.text.is_empty() {
            scan(&self.text, &|span| self.written(span));
        }
    }

    /// Takes what colours the text off the findings' ends, if anything does.
    pub(super) fn trim(&self, hay: &[u8], findings: &mut [Finding]) -> bool {
        if self.codes.is_empty() {
            return false;
        }
        for finding in findings {
            finding.span = self.trimmed(hay, finding.span, finding.closed);
        }
        true
    }

    /// What is left of `span` without what colours it and without the lines behind its first, where nothing closes it. One
    /// control alone may be a part of it, `Apt #011`; where another key stands behind it, it is none.
    pub(super) fn trimmed(&self, hay: &[u8], span: Span, closed: bool) -> Span {
        let span = terminal::trimmed(span, &self.codes);
        if closed {
            return span;
        }
        let first = self
            .controls
            .partition_point(|code| code.start <= span.start);
        let blank = self.controls.get(first..).unwrap_or_default().iter();
        let blank = blank
            .take_while(|code| code.start < span.end)
            .find(|code| self.parts_lines(hay, **code));
        blank.map_or(span, |code| Span::new(span.start, code.start))
    }

    /// Whether another control, a key or the record's end stands by the control at `code`.
    fn parts_lines(&self, hay: &[u8], code: Span) -> bool {
        let next = self
            .controls
            .partition_point(|other| other.start <= code.start);
        let near = [next.checked_sub(2), Some(next)].into_iter().flatten();
        let another = near
            .filter_map(|other| self.controls.get(other))
            .any(|other| {
                let between = Span::new(other.end.min(code.end), other.start.max(code.start));
                between.len() <= LINE_BYTES_MAX
                    && memchr::memchr2(b'\n', 0, between.of(hay)).is_none()
            });
        let key = skip(hay, code.end, BLANKS_MAX, |b| {
            is_alnum(b) || matches!(b, b' ' | b'_' | b'-' | b'.')
        });
        another || matches!(byte(hay, key), b':' | b'=') || is_end(byte(hay, code.end))
    }

    fn escapes(&mut self, hay: &[u8], first: usize) {
        percent::words(hay, |word| {
            self.word(hay, word, |read| {
                percent::codes(hay, word, |code, value| read(code, &[value]));
            });
        });
        entity::words(hay, |word| {
            self.word(hay, word, |read| {
                entity::codes(hay, word, |code, character| {
                    read(code, character.encode_utf8(&mut [0; 4]).as_bytes());
                });
            });
        });
        self.lines(hay, first);
    }

    /// The records with `\u` escapes, none of which stands in front of `first`, and those with colours.
    fn records(&mut self, hay: &[u8], first: usize) {
        let escape_from = |mut at: usize| {
            while let Some(next) = next_pair(hay, at, *b"\\u") {
                if escape(hay, next).is_some() {
                    return next;
                }
                at = next.saturating_add(2);
            }
            hay.len()
        };
        let (mut at, mut next) = (0, escape_from(first));
        loop {
            let code = self.codes.partition_point(|code| code.start < at);
            let code = self.codes.get(code).map_or(hay.len(), |code| code.start);
            at = next.min(code);
            if at == hay.len() {
                return;
            }
            let head = hay.get(..at).unwrap_or_default();
            let start = memchr::memrchr2(b'\n', 0, head).map_or(0, |end| end.saturating_add(1));
            let tail = hay.get(at..).unwrap_or_default();
            let length = memchr::memchr2(b'\n', 0, tail).unwrap_or(tail.len());
            let record = Span::new(start, at.saturating_add(length));
            self.read(hay, record);
            if self.has_words_apart(hay, record) {
                self.apart = true;
                self.read(hay, record);
                self.apart = false;
            }
            at = record.end;
            if next < at {
                next = escape_from(at);
            }
        }
    }

    /// Whether a code stands between two words, or in one: `INFO ESC[0m192.0.2.7`.
    fn has_words_apart(&self, hay: &[u8], record: Span) -> bool {
        let first = self.codes.partition_point(|code| code.start < record.start);
        let codes = self.codes.get(first..).unwrap_or_default().iter();
        codes
            .take_while(|code| code.start < record.end)
            .any(|code| is_between(hay, *code) && terminal::control(hay, code.start).is_none())
    }

    /// The lines of a text in a string: what stands in front of a line feed's escape and behind it, up to the next or to
    /// the string's end.
    fn lines(&mut self, hay: &[u8], first: usize) {
        // Up to where it was read, for each depth of strings in strings.
        let mut told = [0usize; DEPTHS];
        // Where the last line of each depth starts: a line of a string in a string lies in one line of that.
        let mut begun = [0usize; DEPTHS];
        let mut at = first;
        while let Some(feed) = next_pair(hay, at, *b"\\n") {
            at = feed.saturating_add(2);
            let depth = depth_of(hay, feed.saturating_add(1));
            let begin = at.saturating_sub(1).saturating_sub(depth);
            let level = usize::try_from(depth.trailing_zeros()).unwrap_or_default();
            let Some(told) = told.get_mut(level) else {
                continue;
            };
            let outer = begun.iter().take(level).max();
            let floor = outer.copied().unwrap_or_default().max(*told);
            let reach = begin.saturating_sub(floor).min(LINE_BYTES_MAX);
            if let Some(front) = line_start(hay, begin, reach, depth)
                && front < begin
            {
                self.line(hay, Span::new(front, begin), depth);
            }
            let mut start = at;
            loop {
                let blank = skip(hay, start, BLANKS_MAX, |b| b == b' ');
                let letter = skip(hay, blank, BACKSLASHES_MAX, |b| b == b'\\');
                if letter.saturating_sub(blank) != depth
                    || !matches!(byte(hay, letter), b't' | b'r')
                {
                    break;
                }
                start = letter.saturating_add(1);
            }
            let end = line_end(hay, start, depth);
            if end > start {
                self.line(hay, Span::new(start, end), depth);
            }
            *told = end;
            if let Some(begun) = begun.get_mut(level) {
                *begun = start;
            }
        }
    }

    /// A line, whose quotes, backslashes and tabs are read where they are written as the line feed with `depth`
    /// backslashes is.
    fn line(&mut self, hay: &[u8], line: Span, depth: usize) {
        let mut at = line.start;
        let mut sign = line.start;
        while let Some(next) = memchr::memchr(b'\\', Span::new(sign, line.end).of(hay)) {
            let mut begin = sign.saturating_add(next);
            let most = line.end.saturating_sub(begin).min(BACKSLASHES_MAX);
            let letter = skip(hay, begin, most, |b| b == b'\\');
            sign = letter.saturating_add(1).min(line.end);
            let pair = depth.saturating_mul(2);
            // `corp\tom` would have an escape; a string in the string has one.
            let escape_like = letter.saturating_sub(begin).is_multiple_of(pair)
                && matches!(byte(hay, letter), b'n' | b't' | b'r' | b'b' | b'f' | b'u')
                && !in_string(hay, begin, pair);
            if escape_like {
                continue;
            }
            while letter.saturating_sub(begin) >= pair {
                let code = Span::new(begin, begin.saturating_add(pair));
                self.code(hay, &mut at, code, b"\\");
                begin = code.end;
            }
            let left = letter.saturating_sub(begin);
            // Of the string, or of one around it where the line feed is the text's own: `CORP\u003c \\n`.
            let escapes = left <= depth && left.is_power_of_two();
            let (character, end) = match byte(hay, letter) {
                _ if letter == line.end => continue,
                b'"' if left.saturating_add(1) == pair => ('"', sign),
                b't' if escapes => ('\t', sign),
                b'r' if escapes => ('\r', sign),
                b'/' if escapes => ('/', sign),
                b'b' | b'f' if escapes => (' ', sign),
                b'u' if escapes => match escape(hay, letter.saturating_sub(1)) {
                    Some(read) if read.1 <= line.end => read,
                    _ => continue,
                },
                _ => continue,
            };
            self.character(hay, &mut at, Span::new(begin, end), character);
            sign = end;
        }
        self.as_it_is(hay, Span::new(at, line.end));
        self.end(line.end);
    }

    /// A word, whose escapes `codes` gives, each with what it reads as.
    fn word(&mut self, hay: &[u8], word: Span, codes: impl FnOnce(&mut dyn FnMut(Span, &[u8]))) {
        let mut at = word.start;
        codes(&mut |code, text| self.code(hay, &mut at, code, text));
        self.as_it_is(hay, Span::new(at, word.end));
        self.end(word.end);
    }

    /// What stands from `at` up to an escape, and what that reads as.
    fn code(&mut self, hay: &[u8], at: &mut usize, code: Span, text: &[u8]) {
        self.as_it_is(hay, Span::new(*at, code.start));
        self.part(code.start, true);
        self.text.extend_from_slice(text);
        *at = code.end;
    }

    fn character(&mut self, hay: &[u8], at: &mut usize, code: Span, character: char) {
        let mut utf8 = [0; 4];
        self.code(hay, at, code, character.encode_utf8(&mut utf8).as_bytes());
    }

    fn read(&mut self, hay: &[u8], record: Span) {
        let mut at = record.start;
        while at < record.end {
            let rest = hay.get(..record.end).unwrap_or_default();
            let next = next_pair(rest, at, *b"\\u").unwrap_or(record.end);
            let found = (next < record.end).then(|| escape(hay, next)).flatten();
            let Some((character, end)) = found else {
                let behind = next.saturating_add(2).min(record.end);
                self.as_it_is(hay, Span::new(at, behind));
                at = behind;
                continue;
            };
            // The backslashes in front belong to it.
            let most = next.saturating_sub(at).min(BACKSLASHES_MAX);
            let begin = skip_back(hay, next, most, |b| b == b'\\');
            let code = Span::new(begin, end);
            if character == '"' {
                // A quote of the string's own, as `\"` is; in strings in strings it has 3, 7, 15 backslashes.
                let more = next
                    .saturating_sub(begin)
                    .min(QUOTE.len() / 2)
                    .saturating_mul(2);
                let quote = QUOTE.len().saturating_sub(more).saturating_sub(2);
                self.code(hay, &mut at, code, QUOTE.get(quote..).unwrap_or_default());
            } else {
                self.character(hay, &mut at, code, character);
            }
        }
        self.end(record.end);
    }

    /// A line ends, which is written up to `at`.
    fn end(&mut self, at: usize) {
        self.part(at, false);
        self.text.push(b'\n');
    }

    fn clear(&mut self) {
        self.text.clear();
        self.parts.clear();
        self.text.shrink_to(KEPT_BYTES_MAX);
        self.parts.shrink_to(KEPT_BYTES_MAX / size_of::<Part>());
        self.codes.clear();
        self.codes.shrink_to(KEPT_BYTES_MAX / size_of::<Span>());
        self.controls.clear();
        self.controls.shrink_to(KEPT_BYTES_MAX / size_of::<Span>());
    }

    /// The text at `span`, but what colours it.
    fn as_it_is(&mut self, hay: &[u8], span: Span) {
        let mut at = span.start;
        let mut next = self.codes.partition_point(|code| code.end <= at);
        while let Some(code) = self.codes.get(next).copied()
            && code.start < span.end
        {
            if at <= code.start {
                self.plain(hay, Span::new(at, code.start));
                let blank = terminal::read(hay, code.start);
                if let Some(blank) =
                    blank.or_else(|| (self.apart && is_between(hay, code)).then_some(b' '))
                {
                    self.part(code.start, true);
                    self.text.push(blank);
                }
            }
            at = code.end.min(span.end);
            next = next.saturating_add(1);
        }
        self.plain(hay, Span::new(at, span.end));
    }

    fn plain(&mut self, hay: &[u8], span: Span) {
        self.part(span.start, false);
        self.text.extend_from_slice(span.of(hay));
    }

    fn part(&mut self, written: usize, escape: bool) {
        self.parts.push(Part {
            read: self.text.len(),
            written,
            escape,
        });
    }

    /// Where a span of the text is written.
    fn written(&self, span: Span) -> Span {
        let part = |read: usize| {
            let next = self.parts.partition_point(|part| part.read <= read);
            let part = next.checked_sub(1).and_then(|part| self.parts.get(part));
            (part.copied(), self.parts.get(next).copied())
        };
        let start = match part(span.start) {
            (Some(part), _) if part.escape => part.written,
            (Some(part), _) => part
                .written
                .saturating_add(span.start.saturating_sub(part.read)),
            (None, _) => 0,
        };
        let last = span.end.saturating_sub(1);
        let end = match part(last) {
            (Some(part), Some(next)) if part.escape => next.written,
            (Some(part), _) => part
                .written
                .saturating_add(span.end.saturating_sub(part.read)),
            (None, _) => start,
        };
        Span::new(start, end)
    }
}

/// Whether signs of words stand on both sides of a code.
fn is_between(hay: &[u8], code: Span) -> bool {
    let sign = |b: u8| is_alnum(b) || b >= 0x80;
    sign(before(hay, code.start)) && sign(byte(hay, code.end))
}

/// How many of the backslashes in front of the letter at `letter` are its escape's: one, and in each string in a string
/// twice as many. What is more are backslashes of the text's own.
fn depth_of(hay: &[u8], letter: usize) -> usize {
    let begin = skip_back(hay, letter, BACKSLASHES_MAX, |b| b == b'\\');
    let all = letter.saturating_sub(begin);
    all & all.wrapping_neg()
}

/// Where the line starts that ends at `end`, at most `reach` bytes in front: where its string or its record begins. A
/// quote with `depth` backslashes or more is one of the text.
fn line_start(hay: &[u8], end: usize, reach: usize, depth: usize) -> Option<usize> {
    let floor = end.saturating_sub(reach);
    let mut at = end;
    loop {
        at = skip_back(hay, at, at.saturating_sub(floor), |b| {
            b != b'"' && !is_end(b)
        });
        if at == floor || is_end(before(hay, at)) {
            return Some(at);
        }
        let quote = at.saturating_sub(1);
        let sign = skip_back(hay, quote, BACKSLASHES_MAX, |b| b == b'\\');
        if quote.saturating_sub(sign) % depth.saturating_mul(2) < depth {
            // Behind a quote that ends a string stands none of its text.
            let opens = matches!(
                before(hay, sign),
                0 | b'\n' | b' ' | b':' | b',' | b'[' | b'{' | b'(' | b'='
            );
            return opens.then_some(at);
        }
        at = sign.max(floor);
    }
}

/// Where the line that starts at `start` ends: in front of the escape of a line's end, of a quote with less than `depth`
/// backslashes, or with the record.
fn line_end(hay: &[u8], start: usize, depth: usize) -> usize {
    let mut at = start;
    loop {
        let rest = hay.get(at..).unwrap_or_default();
        let sign = memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
        if let Some(end) = memchr::memchr(0, rest.get(..sign).unwrap_or_default()) {
            return in_quotes(hay, start, at.saturating_add(end));
        }
        at = at.saturating_add(sign);
        if sign == rest.len() {
            return in_quotes(hay, start, at);
        }
        let letter = skip(hay, at, BACKSLASHES_MAX, |b| b == b'\\');
        let ends = match byte(hay, letter) {
            b'"' => letter.saturating_sub(at) % depth.saturating_mul(2) < depth,
            b'n' | b'r' if letter > at => {
                let own = depth_of(hay, letter);
                if own <= depth {
                    return in_quotes(hay, start, letter.saturating_sub(own));
                }
                false
            }
            b => is_end(b),
        };
        if ends {
            return in_quotes(hay, start, at);
        }
        // A quote of the text's own is passed with its backslashes.
        at = letter.saturating_add(1);
    }
}

/// The same, where a string in single quotes that began in front of the line ends in it: `{'m': 'x\nuser=ann', 'n': 1}`.
fn in_quotes(hay: &[u8], start: usize, end: usize) -> usize {
    let line = Span::new(start, end).of(hay);
    for (count, quote) in memchr::memchr_iter(b'\'', line).enumerate() {
        let quote = start.saturating_add(quote);
        let next = byte(hay, quote.saturating_add(1));
        if count % 2 == 0 && (matches!(next, b',' | b')' | b']' | b'}' | b':') || is_end(next)) {
            return quote;
        }
    }
    end
}

/// The character whose escape begins with the `\u` at `at`, and where the escape ends. Half of a pair
/// alone is none that can be read.
fn escape(hay: &[u8], at: usize) -> Option<(char, usize)> {
    let (first, end) = unit(hay, at)?;
    match first {
        // What escapes or controls is left to whoever reads strings.
        0..0x20 | 0x5C | 0x7F => return None,
        // In a string it opens none that would reach over the string's end.
        0x27 => return Some(('\u{2019}', end)),
        _ => {}
    }
    if (0xD800..0xDC00).contains(&first) {
        let next = skip(hay, end, BACKSLASHES_MAX, |b| b == b'\\');
        if let Some((second, end)) = unit(hay, next.saturating_sub(1))
            && (0xDC00..0xE000).contains(&second)
        {
            let above = (first & 0x3FF) << 10 | second & 0x3FF;
            let character = char::from_u32(above.saturating_add(0x1_0000))?;
            return Some((character, end));
        }
    }
    Some((char::from_u32(first).unwrap_or('\u{FFFD}'), end))
}

/// The code unit of the `\uXXXX` at `at`, and where that ends.
fn unit(hay: &[u8], at: usize) -> Option<(u32, usize)> {
    if byte(hay, at) != b'\\' || byte(hay, at.saturating_add(1)) != b'u' {
        return None;
    }
    let start = at.saturating_add(2);
    let end = start.saturating_add(4);
    let digits = hay.get(start..end)?;
    let value = digits.iter().try_fold(0, |value: u32, b| {
        Some(value << 4 | char::from(*b).to_digit(16)?)
    })?;
    Some((value, end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scan::{Finding, Scanner, Scratch};

    /// As who writes ASCII alone writes it, and where each byte of the text begins there.
    fn escaped(text: &str) -> (String, Vec<usize>) {
        let (mut out, mut begins) = (String::new(), Vec::new());
        for character in text.chars() {
            begins.extend(std::iter::repeat_n(out.len(), character.len_utf8()));
            if character.is_ascii() {
                out.push(character);
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        begins.push(out.len());
        (out, begins)
    }

    fn found(text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        Scanner::default().scan(text.as_bytes(), &mut Scratch::default(), &mut findings);
        findings
    }

    #[test]
    fn escapes_are_read_at_any_depth() {
        let read = |text: &str| {
            let mut all = Vec::new();
            Reading::default().once(text.as_bytes(), |text, _| all.extend_from_slice(text));
            let all = String::from_utf8(all).unwrap();
            all.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(read(r"a\u53f71"), ["a号1"]);
        assert_eq!(read(r"a\\\u53f71"), ["a号1"]);
        assert_eq!(read("x\n\\ud83d\\ude00 b\\n\ny"), ["😀 b", "😀 b\\n"]);
        assert_eq!(read(r#"{"a":"b\r\n\tc","d":"e\nf"}"#), ["b", "c", "e", "f"]);
        assert_eq!(
            read(r#"{"a":"{\"b\":\"c\\nd\"}\n"}"#),
            ["c", "d", r#"{"b":"c\nd"}"#]
        );
        assert_eq!(read("a\\nb\0c\n"), ["a", "b"]);
        assert_eq!(
            read(r#"{"a":"b \"x\"\nc \"d\" e"}"#),
            ["b \"x\"", "c \"d\" e"]
        );
        assert_eq!(read(r#""bytes": 12, path C:\new"#), ["ew"]);
        assert_eq!(
            read(r"{'m': 'x\nuser=ann', 'n': 1}"),
            [r"{'m': 'x", "user=ann"]
        );
        assert_eq!(read(r"\ud83d1 \ude001"), ["\u{FFFD}1 \u{FFFD}1"]);
        assert_eq!(read(r"\u005c \u000a \u00 \uzzzz \u"), [""; 0]);
        assert_eq!(read(r"\u003c \u0022 \u53f7 \u0027"), [r#"< \" 号 ’"#]);
        // Those of a string in a string, as `\"` and `\\\"` are.
        assert_eq!(read(r"\u0022 \\u0022 \\\\u0022"), [r#"\" \\\" \\\\\\\""#]);
    }

    /// Where a finding of one text is, another text may have the same.
    #[test]
    fn a_finding_is_no_other_texts_finding_at_the_same_place() {
        for front in 0..64 {
            let text = format!(
                "{}\na%20user%3Dann \\u0075ser\\u003dbea\n",
                "x".repeat(front)
            );
            let at = text.rfind("bea").unwrap();
            let have = found(&text);
            assert!(
                have.iter().any(|f| f.span == Span::new(at, at + 3)),
                "{front}: {have:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_found_in_a_text_is_found_in_its_escapes(
            parts in prop::collection::vec(prop_oneof![
                "(手机号|设备|来自|卡号|，|。|é|😀| |\"|,)",
                Just("13912345678".to_owned()),
                Just("490154203237518".to_owned()),
                Just("192.0.2.7".to_owned()),
                Just("2001:db8::1".to_owned()),
                Just("00:1b:44:11:3a:b7".to_owned()),
                Just("ann@example.org".to_owned()),
                Just("\"密码\":\"hunter2\"".to_owned()),
                Just("姓名：张三".to_owned()),
            ], 1..8),
        ) {
            let text = parts.concat();
            let (written, begins) = escaped(&text);
            let have = found(&written);
            for finding in found(&text) {
                let span = Span::new(begins[finding.span.start], begins[finding.span.end]);
                let covered = have.iter().any(|f| f.span.start <= span.start && span.end <= f.span.end);
                prop_assert!(covered, "{written} at {span:?}: {have:?}");
            }
        }
    }
}
