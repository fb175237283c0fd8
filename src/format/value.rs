//! The extent of the value behind a key.

use super::bytes::{
    before, byte, first_of_string, in_string, is_alnum, is_digit, is_end, is_not_finite,
    is_strict_number, is_word, record_start, skip, skip_back,
};
use crate::class::is_label;
use crate::record::Span;

/// The quote around a key: its byte, and how many backslashes stand before it (JSON inside a string).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quote {
    pub(crate) byte: u8,
    pub(crate) escapes: usize,
}

/// What stands behind a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// The inside of a quoted string.
    Quoted(Span),
    /// A bare JSON number, strict.
    Number(Span),
    /// An object or array, brackets included.
    Container(Span),
    /// Bare text.
    Plain(Span),
}

impl Value {
    /// Where it is, whatever it is.
    pub(crate) const fn span(self) -> Span {
        match self {
            Self::Quoted(span) | Self::Number(span) | Self::Container(span) | Self::Plain(span) => {
                span
            }
        }
    }

    /// Its text in `hay`.
    pub(crate) fn of(self, hay: &[u8]) -> &[u8] {
        self.span().of(hay)
    }
}

impl Quote {
    /// As most strings of JSON have it.
    pub(crate) const PLAIN: Self = Self {
        byte: b'"',
        escapes: 0,
    };
    /// As programs and SQL have it.
    pub(crate) const SINGLE: Self = Self {
        byte: b'\'',
        escapes: 0,
    };
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// End of the string whose content starts at `start`. A string that never ends is taken to the end of
/// its record: to mask too much is the safe side.
pub(crate) fn string_end(hay: &[u8], start: usize, quote: Quote) -> usize {
    let mut at = start;
    // A string of depth d opens and closes behind 2^d - 1 backslashes; further pairs before them are its own content.
    let depth = |slashes: usize| slashes.saturating_add(1).trailing_zeros();
    let own = depth(quote.escapes);
    if quote == Quote::PLAIN
        && let Some(end) = short_end(hay, start)
    {
        return end;
    }
    let json = (1usize << own) == quote.escapes.saturating_add(1);
    loop {
        let tail = hay.get(at..).unwrap_or_default();
        let Some(found) = memchr::memchr3(quote.byte, b'\n', b'\0', tail) else {
            return hay.len();
        };
        at = at.saturating_add(found);
        let run = hay
            .get(start..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take_while(|b| **b == b'\\')
            .count();
        if is_end(byte(hay, at)) {
            return at;
        }
        let closing = depth(run);
        if json && closing <= own {
            return at.saturating_sub((1usize << closing).saturating_sub(1));
        }
        if !json && run <= quote.escapes {
            return at.saturating_sub(run);
        }
        at = at.saturating_add(1);
    }
}

/// Strings that never end, so that each kind of quote is followed to the end of a record once and not from
/// every key before it: what does not close one string closes none that opens later. Bare text, the same: what does
/// not end it ends none that starts in it.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Unclosed {
    kinds: [Option<(Quote, usize, usize)>; 4],
    next: usize,
    /// The last that is no secret, and the last that is one.
    plain: [Plain; 2],
}

/// Bare text that was followed to its end.
#[derive(Clone, Copy, Default, Debug)]
struct Plain {
    start: usize,
    end: usize,
    /// Its end without what belongs to the sentence around it.
    trimmed: usize,
}

impl Unclosed {
    /// [`string_end`], from memory where the string is of a kind that is known to stay open.
    pub(crate) fn string_end(&mut self, hay: &[u8], start: usize, quote: Quote) -> usize {
        if self.kinds.first().is_some_and(Option::is_some) {
            let known = self.kinds.iter().flatten();
            let mut known =
                known.filter(|(kind, from, end)| *kind == quote && (*from..*end).contains(&start));
            if let Some((_, _, end)) = known.next() {
                return *end;
            }
        }
        let end = string_end(hay, start, quote);
        if end >= hay.len() || is_end(byte(hay, end)) {
            if let Some(slot) = self.kinds.get_mut(self.next) {
                *slot = Some((quote, start, end));
            }
            self.next = self.next.saturating_add(1) % self.kinds.len();
        }
        end
    }

    /// Bare text from `start`, to what ends a value in logfmt, query strings, headers and prose.
    pub(crate) fn plain(&mut self, hay: &[u8], start: usize, secret: bool) -> Span {
        let [usual, hidden] = &mut self.plain;
        let known = if secret { hidden } else { usual };
        if !(known.start..known.end).contains(&start) {
            let end = plain_end(hay, start, secret);
            let text = hay.get(start..end).unwrap_or_default();
            let last = text.iter().rposition(|b| !matches!(b, b'.' | b':'));
            *known = Plain {
                start,
                end,
                trimmed: last.map_or(start, |i| start.saturating_add(i).saturating_add(1)),
            };
        }
        // A full stop or colon at the end belongs to the sentence.
        let end = if secret { known.end } else { known.trimmed };
        Span::new(start, end.max(start))
    }
}

/// The quote at `at`, if there is one, and where its content starts.
pub(crate) fn quote_at(hay: &[u8], at: usize) -> Option<(Quote, usize)> {
    let end = skip(hay, at, 16, |b| b == b'\\');
    let q = byte(hay, end);
    matches!(q, b'"' | b'\'').then(|| {
        (
            Quote {
                byte: q,
                escapes: end.saturating_sub(at),
            },
            end.saturating_add(1),
        )
    })
}

/// The value that starts behind the border at `border`. `key` is the key's quote; `secret` values keep
/// more punctuation, because a password may hold any.
pub(crate) fn value_at(
    hay: &[u8],
    border: usize,
    key: Option<Quote>,
    secret: bool,
    unclosed: &mut Unclosed,
) -> Option<Value> {
    if key == Some(Quote::PLAIN)
        && let Some(string) = short_string(hay, border.saturating_add(1))
    {
        return Some(Value::Quoted(string));
    }
    let start = border.saturating_add(1);
    // Most bare values stand right behind the border.
    if key.is_none()
        && is_alnum(byte(hay, start))
        && !matches!(byte(hay, start.saturating_add(1)), b'\'' | b'"' | b'\\')
    {
        return Some(Value::Plain(unclosed.plain(hay, start, secret)));
    }
    let start = skip(hay, start, 64, is_blank);
    // A tab that is written as one: `Account Name:\t\tann`, as Windows' messages are in JSON.
    let start = match byte(hay, start) {
        b'\\' if byte(hay, border) == b':' && key.is_none() => behind_tabs(hay, start),
        _ => start,
    };
    let first = byte(hay, start);
    // `key= next=…` has no value; `key = value` has.
    let spaced = start > border.saturating_add(1) && !is_blank(before(hay, border));
    if is_end(first) || byte(hay, border) == b'=' && key.is_none() && spaced {
        return None;
    }
    let behind = start.saturating_add(1);
    let prefixed = match first {
        // `_utf8mb4'…'`, as MySQL says the letters of a string.
        b'_' => {
            const SETS: [&[u8]; 11] = [
                b"utf8", b"utf8mb3", b"utf8mb4", b"latin1", b"binary", b"ascii", b"ucs2", b"utf16",
                b"utf32", b"gbk", b"big5",
            ];
            let quote = skip(hay, behind, 10, |b| b.is_ascii_alphanumeric());
            let set = SETS.contains(&Span::new(behind, quote).of(hay));
            match set && byte(hay, quote) == Quote::SINGLE.byte {
                true => quote.saturating_sub(start),
                false => 0,
            }
        }
        b if is_python_prefix(b) => usize::from(quote_at(hay, behind).is_some()),
        b if is_prefix(b) => usize::from(
            quote_at(hay, behind).is_some_and(|(quote, content)| is_whole(hay, content, quote)),
        ),
        _ => 0,
    };
    if let Some((quote, content)) = quote_at(hay, start.saturating_add(prefixed)) {
        // `"… password=""x"" …"`, a string in a field of CSV (RFC 4180 §2).
        if prefixed == 0
            && quote == Quote::PLAIN
            && key.is_none()
            && byte(hay, content) == b'"'
            && in_string(hay, start, 1)
            && is_alnum(byte(hay, content.saturating_add(1)))
            && let Some(inside) = doubled(hay, content, quote.byte)
        {
            return Some(Value::Quoted(inside));
        }
        // `… password = ''x'' …`, a string in one of SQL (ISO/IEC 9075-2 §5.3).
        if quote == Quote::SINGLE
            && byte(hay, content) == quote.byte
            && let Some(inside) = doubled(hay, content, quote.byte)
        {
            return Some(Value::Quoted(inside));
        }
        let mut end = unclosed.string_end(hay, content, quote);
        // An attribute of markup knows no escapes: `<a path="C:\dir\" b="1"/>`.
        if byte(hay, border) == b'=' && key.is_none() && quote.escapes == 0 {
            let left = end.saturating_sub(content);
            let first = skip(hay, content, left, |b| b != quote.byte);
            if first < end && in_tag(hay, border) {
                end = first;
            }
        }
        return Some(Value::Quoted(Span::new(content, end)));
    }
    if key.is_some() {
        if matches!(first, b'{' | b'[') {
            return Some(Value::Container(Span::new(
                start,
                container_end(hay, start, unclosed),
            )));
        }
        let end = skip(hay, start, usize::MAX, |b| {
            is_word(b) || matches!(b, b'+' | b'-' | b'.')
        });
        let span = Span::new(start, end);
        let text = span.of(hay);
        return match text {
            b"true" | b"false" | b"null" | b"" => None,
            // Of whom, they do not say.
            _ if is_not_finite(text) => None,
            _ if is_strict_number(text) => Some(Value::Number(span)),
            _ => Some(Value::Plain(unclosed.plain(hay, start, secret))),
        };
    }
    let start = match first {
        b'[' | b'<' | b'(' | b'{' => start.saturating_add(1),
        _ => start,
    };
    Some(Value::Plain(unclosed.plain(hay, start, secret)))
}

/// Whether Python writes it in front of a quote: `b'…'`, `u'…'`, `r'…'`.
pub(crate) const fn is_python_prefix(b: u8) -> bool {
    matches!(b, b'b' | b'u' | b'r')
}

/// The same of others too: `f'…'`, SQL's `N'…'` and `E'…'`, the shell's `$'…'`, `@"…"` of C#.
pub(crate) const fn is_prefix(b: u8) -> bool {
    is_python_prefix(b) || matches!(b, b'f' | b'N' | b'E' | b'$' | b'@')
}

/// Whether the string whose content starts at `start` is closed, and no word goes on behind it.
fn is_whole(hay: &[u8], start: usize, quote: Quote) -> bool {
    let end = skip(hay, start, QUOTES_BYTES_MAX, |b| {
        b != quote.byte && !is_end(b)
    });
    byte(hay, end) == quote.byte && !is_alnum(byte(hay, end.saturating_add(1)))
}

/// The inside of a string in doubled quotes, the second of which is at `second`; nothing where none closes.
pub(crate) fn doubled(hay: &[u8], second: usize, quote: u8) -> Option<Span> {
    let start = second.saturating_add(1);
    let end = skip(hay, start, QUOTES_BYTES_MAX, |b| b != quote && !is_end(b));
    let behind = end.saturating_add(2);
    let closed = byte(hay, end) == quote && byte(hay, end.saturating_add(1)) == quote;
    let first = byte(hay, start);
    let begins = first.is_ascii_graphic() && !b",;:)]}&|+.=\\-#<".contains(&first) || first >= 0x80;
    // Two empty strings have a line's end or another key between them.
    let text = Span::new(start, end).of(hay);
    let mut signs = memchr::memchr_iter(b'\\', text);
    let feed = signs.any(|at| matches!(byte(text, at.saturating_add(1)), b'n' | b'r' | b't'));
    let border = [&b"= "[..], b": ", b", "]
        .iter()
        .any(|border| text.ends_with(border));
    let parted = quote == Quote::SINGLE.byte && (feed || border);
    // Of a cell, what goes on is in quotes all the same.
    let over = (quote == b'"' || !is_alnum(byte(hay, behind))) && before(hay, end) != b'=';
    (closed && begins && over && !parted && end > start).then(|| Span::new(start, end))
}

/// The inside of a short string of JSON at `at`, or behind a blank there, as most values are; nothing where it has an
/// escape, or there is more to it.
#[inline]
fn short_string(hay: &[u8], at: usize) -> Option<Span> {
    let open = at.saturating_add(usize::from(byte(hay, at) == b' '));
    let start = open.saturating_add(1);
    let end = (byte(hay, open) == b'"').then(|| short_end(hay, start));
    end.flatten().map(|end| Span::new(start, end))
}

/// Where the string of JSON ends whose content starts at `start`; nothing where it has an escape or a control in it, or
/// there is more to it.
#[inline]
fn short_end(hay: &[u8], start: usize) -> Option<usize> {
    /// Stretches of eight bytes that are looked at.
    const STRETCHES: usize = 8;
    let (eights, _) = hay.get(start..)?.as_chunks::<8>();
    let mut end = start;
    for eight in eights.iter().take(STRETCHES) {
        if let Some(first) = first_of_string(u64::from_le_bytes(*eight)) {
            end = end.saturating_add(first);
            return (byte(hay, end) == b'"').then_some(end);
        }
        end = end.saturating_add(8);
    }
    None
}

/// Where what stands behind written tabs starts, at any depth of strings in strings.
fn behind_tabs(hay: &[u8], mut at: usize) -> usize {
    for _ in 0..8 {
        let letter = skip(hay, at, 8, |b| b == b'\\');
        if letter == at || byte(hay, letter) != b't' {
            break;
        }
        at = skip(hay, letter.saturating_add(1), 64, is_blank);
    }
    at
}

/// How far back the quotes of a record are counted.
const QUOTES_BYTES_MAX: usize = 4096;

/// Whether `at` is inside the tag of an element that opens at most 256 bytes before, and the tag not inside a
/// quoted value of something else: an even number of quotes stands in front of it.
fn in_tag(hay: &[u8], at: usize) -> bool {
    let open = skip_back(hay, at, 256, |b| !matches!(b, b'<' | b'>') && !is_end(b));
    if before(hay, open) != b'<' || !byte(hay, open).is_ascii_alphabetic() {
        return false;
    }
    let Some(start) = record_start(hay, open, QUOTES_BYTES_MAX) else {
        return false;
    };
    let unescaped = |at: &usize| before(hay, start.saturating_add(*at)) != b'\\';
    let quotes = memchr::memchr_iter(b'"', Span::new(start, open).of(hay)).filter(unescaped);
    quotes.count().is_multiple_of(2)
}

/// Backslashes in a row, at the most: JSON in strings to depth 4 has 16 for one.
const RUN_BYTES_MAX: usize = 64;

/// Whether `run` backslashes at `at` and the letter of an escape behind them are the text's own, as `CORP\\nancy` in a
/// string, and no line end of a text in a text: `{\"m\":\"a\\nb\"}`. What goes on with a key, or with one more, begins a
/// line.
fn is_of_value(hay: &[u8], at: usize, run: usize) -> bool {
    let letter = at.saturating_add(run);
    let end = skip(hay, letter, 64, |b| is_word(b) || matches!(b, b'.' | b'-'));
    run > 1
        && end > letter.saturating_add(1)
        && !matches!(byte(hay, end), b':' | b'=')
        && (byte(hay, end) != b'\\' || quote_at(hay, end).is_some())
        && !in_string(hay, at, run)
}

/// Whether `text` is the name of a domain of Windows, which a backslash parts from an account's: capitals and figures, or
/// one of DNS.
fn is_domain(text: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_uppercase() || is_digit(*b) || matches!(b, b'-' | b'_' | b'.');
    const TOPS: [&[u8]; 8] = [
        b"local",
        b"lan",
        b"com",
        b"net",
        b"org",
        b"corp",
        b"internal",
        b"intra",
    ];
    let named = text.iter().all(sign) && text.iter().any(u8::is_ascii_uppercase);
    let last = memchr::memrchr(b'.', text).and_then(|dot| text.get(dot.saturating_add(1)..));
    let sign = |b: &u8| is_alnum(*b) || matches!(b, b'-' | b'.');
    let dots = memchr::memchr_iter(b'.', text).count();
    let of_dns = text.iter().all(sign)
        && last.is_some_and(|last| {
            let letters = last.iter().all(u8::is_ascii_alphabetic);
            TOPS.contains(&last) || letters && (last.len() == 2 || dots > 1)
        });
    (named || of_dns) && !is_label(text)
}

/// Where bare text from `start` ends.
fn plain_end(hay: &[u8], start: usize, secret: bool) -> usize {
    let tail = hay.get(start..).unwrap_or_default();
    let goes_on = |b: u8| GOES_ON.get(usize::from(b)).is_some_and(|goes_on| *goes_on);
    let mut i = 0usize;
    loop {
        // The inside of a value, most of the way.
        i = skip(tail, i, usize::MAX, goes_on);
        let Some(&b) = tail.get(i) else { break };
        let next = tail.get(i.saturating_add(1)).copied().unwrap_or(0);
        let stop = match b {
            b' ' | b'\t' | b'\r' | b'"' | b'&' | b'<' => true,
            // Information separators; one stands for a line feed in a joined record.
            0x1C..=0x1F => true,
            b'\\' => {
                let run = skip(tail, i, RUN_BYTES_MAX, |b| b == b'\\').saturating_sub(i);
                let end = i.saturating_add(run);
                let (ends, own) = match byte(tail, end) {
                    // The quote's own, in strings in strings, are 1, 3, 7; what stands in front is the text's.
                    b'"' => (run % 2 == 1, run.saturating_add(1) & run),
                    // Pairs in front of an escape are the text's.
                    b'n' | b't' | b'r' if !run.is_power_of_two() => {
                        (true, run & run.wrapping_sub(1))
                    }
                    b'n' | b't' | b'r' => {
                        let sign = start.saturating_add(i);
                        let next = byte(tail, end.saturating_add(1));
                        // `ann\\nStatus`: a line begins there. `corp\\tSmith` is an account.
                        let own = secret
                            || byte(tail, end) != b'n'
                            || !next.is_ascii_uppercase()
                            || is_domain(Span::new(start, sign).of(hay));
                        (!own || !is_of_value(hay, sign, run), 0)
                    }
                    _ => (false, 0),
                };
                i = i.saturating_add(if ends { own } else { run.saturating_sub(1) });
                ends
            }
            b',' | b';' if secret => is_blank(next) || is_end(next),
            b',' | b';' | b'\'' | b')' | b']' | b'}' | b'>' | b'|' => {
                !secret || is_blank(next) || is_end(next)
            }
            // Delimiters of LEEF and the like: control characters, or a sign in front of another key.
            0x01..=0x1F => true,
            b'^' | b'~' | b'#' | b'!' => {
                let key = i.saturating_add(1);
                let end = skip(tail, key, 64, |b| is_word(b) || b == b'.');
                end > key && byte(tail, end) == b'='
            }
            // `，` `；` `。` `）`
            0xEF if next == 0xBC => {
                matches!(tail.get(i.saturating_add(2)), Some(0x8C | 0x9B | 0x89))
            }
            0xE3 if next == 0x80 => tail.get(i.saturating_add(2)) == Some(&0x82),
            b => is_end(b),
        };
        if stop {
            break;
        }
        i = i.saturating_add(1);
    }
    start.saturating_add(i)
}

/// What ends no bare text, whatever comes behind it.
static GOES_ON: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0u8;
    while b < 0x80 {
        let sign = matches!(
            b,
            b'.' | b'-' | b'_' | b'/' | b':' | b'=' | b'@' | b'%' | b'+' | b'*' | b'$' | b'?'
        );
        #[allow(clippy::indexing_slicing, reason = "a byte is below 256")]
        {
            table[b as usize] = b.is_ascii_alphanumeric() || sign;
        }
        b = b.wrapping_add(1);
    }
    table
};

/// End of the container that opens at `start`; the end of the record where it never closes.
pub(crate) fn container_end(hay: &[u8], start: usize, unclosed: &mut Unclosed) -> usize {
    container_end_within(hay, Span::new(start, hay.len()), unclosed)
}

/// The same, of what starts with `span` and is looked for in it alone.
pub(crate) fn container_end_within(hay: &[u8], span: Span, unclosed: &mut Unclosed) -> usize {
    let mut depth = 0usize;
    let mut at = span.start;
    while at < span.end {
        match byte(hay, at) {
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at.saturating_add(1);
                }
            }
            b'"' | b'\\' => {
                if let Some((quote, content)) = quote_at(hay, at) {
                    let end = unclosed.string_end(hay, content, quote);
                    // Inside a string of its own the walk is over: the outer string closes here, or the record does.
                    at = end.saturating_add(quote.escapes);
                    let escapes = Span::new(end, at).of(hay);
                    if byte(hay, at) != quote.byte || escapes.iter().any(|b| *b != b'\\') {
                        return end.min(span.end);
                    }
                }
            }
            b if is_end(b) => return at,
            _ => {}
        }
        at = at.saturating_add(1);
    }
    span.end
}

/// A number as JSON has it, or what only looks like one: text, up to where that ends.
pub(crate) fn number(hay: &[u8], span: Span) -> Value {
    match is_strict_number(span.of(hay)) {
        true => Value::Number(span),
        false => Value::Quoted(span),
    }
}

/// The scalars in a container: strings that are no keys, and numbers.
pub(crate) fn leaves(hay: &[u8], container: Span, mut found: impl FnMut(Value)) {
    /// `u1001`, `lat48.85`: in a word that is no string shorter ones are of its name, `utf8`.
    const IN_A_WORD_MIN: usize = 3;
    let mut at = container.start;
    // Right behind an escape no word goes on.
    let mut begins = at;
    while at < container.end {
        let b = byte(hay, at);
        if let Some((quote, content)) = quote_at(hay, at) {
            let end = string_end(hay, content, quote).min(container.end);
            at = end.saturating_add(quote.escapes).saturating_add(1);
            let border = skip(hay, at, 64, is_blank);
            let arrow = Span::new(border, border.saturating_add(2)).of(hay) == b"=>";
            // What a string is that nothing closes, the next record does not say.
            let open = end >= container.end || is_end(byte(hay, end));
            if open || byte(hay, border) != b':' && !arrow {
                found(Value::Quoted(Span::new(content, end)));
            }
        } else if b == b'\\' {
            // `\u5f20`, `\u001b[1m`: figures of an escape are none.
            let letter = skip(hay, at, RUN_BYTES_MAX, |b| b == b'\\');
            at = letter.max(at.saturating_add(1));
            match byte(hay, letter) {
                b'u' | b'x' => {
                    at = skip(hay, letter.saturating_add(1), 4, |b| b.is_ascii_hexdigit());
                }
                // A number may stand right behind a line end.
                b'n' | b't' | b'r' => at = letter.saturating_add(1),
                _ => {}
            }
            begins = at;
        } else if is_digit(b) || b == b'-' && !is_word(before(hay, at)) {
            let end = skip(hay, at, usize::MAX, |b| {
                is_word(b) || matches!(b, b'+' | b'-' | b'.')
            });
            // `emp-100123`
            let word = at.saturating_sub(usize::from(before(hay, at) == b'-'));
            let inside = at > begins && is_word(before(hay, word));
            let key = byte(hay, end) == b':';
            if !inside || end.saturating_sub(at) >= IN_A_WORD_MIN && !key {
                found(number(hay, Span::new(at, end)));
            }
            at = end;
        } else {
            at = at.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_ends_with_its_record() {
        for (hay, end) in [
            ("[1]2", 3),
            ("[\"\"\"\n2]", 4),
            ("[\\\"a\n2]", 4),
            ("{\"a\":[\"b\0\"c\"]", 8),
            ("{\\\"\"\n7}", 3),
            ("[\"", 2),
        ] {
            let have = container_end(hay.as_bytes(), 0, &mut Unclosed::default());
            assert_eq!(have, end, "{hay}");
        }
    }
}
