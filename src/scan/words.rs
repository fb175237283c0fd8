//! Bare values of more than one word: `{name=Ann Lee, n=1}`, `Address: 1 High Street, York`, cookies.

use std::ops::RangeInclusive;

use super::agent;
use super::document::{self, By};
use super::keys;
use super::phone;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_digit, is_end, is_word, skip, skip_back};
use crate::record::Span;

/// Longest value that is put together from words, in bytes; a header's line may be longer.
const WORDS_BYTES_MAX: usize = 256;
const LINE_BYTES_MAX: usize = 8192;

/// Words that go on a sentence rather than a name.
const PROSE: &[&str] = &[
    "from", "on", "at", "by", "with", "to", "for", "is", "was", "has", "had", "in", "not", "via",
    "and", "or", "port", "failed", "logged", "the", "of", "did", "does", "are", "as", "but", "due",
    "after", "because", "while", "when",
];

/// The whole of a bare value of `class` that starts as `value`, behind the border at `border` of `key`.
pub(super) fn extend(hay: &[u8], key: Span, border: usize, value: Span, class: Class) -> Span {
    // What was hidden was hidden whole.
    if value.is_empty() || byte(hay, value.start) == b'R' && is_label(value.of(hay)) {
        return value;
    }
    let name = key.of(hay);
    // `Source Network Address: 192.0.2.7 Source Port: 1`
    if class == Class::ADDRESS && is_network_address(value.of(hay)) {
        return value;
    }
    let header = byte(hay, border) == b':' && line_starts(hay, key.start);
    let longer = match class {
        Class::SOFTWARE if header => line(hay, value.start),
        Class::SOFTWARE => agent::products(hay, value.start),
        Class::PASSWORD if ends_with(name, b"passphrase") && header => line(hay, value.start),
        Class::PASSWORD if ends_with(name, b"cookie") => cookies(hay, value),
        Class::PASSWORD if ends_with(name, b"authorization") => match header {
            true => line(hay, value.start),
            false => credentials(hay, value),
        },
        Class::NAME
        | Class::ADDRESS
        | Class::MODEL
        | Class::OS
        | Class::ITINERARY
        | Class::ACCOMMODATION
        | Class::SECURITY_ANSWER
            if header =>
        {
            field(hay, line(hay, value.start))
        }
        Class::NAME
        | Class::ADDRESS
        | Class::MODEL
        | Class::OS
        | Class::ITINERARY
        | Class::ACCOMMODATION
        | Class::SECURITY_ANSWER => {
            dumped(hay, key.start, border, value).unwrap_or_else(|| phrase(hay, value, class))
        }
        Class::ACCOUNT if header && byte(hay, value.start).is_ascii_uppercase() => {
            let whole = phrase(hay, value, class);
            match byte(hay, whole.end) {
                b';' | b',' => whole,
                b if is_end(b) => whole,
                _ => value,
            }
        }
        Class::BIRTHDAY => date(hay, value),
        Class::IMEI => blanks(hay, value, 14..=16),
        Class::IMSI => blanks(hay, value, 14..=15),
        Class::NATIONAL_ID | Class::PASSPORT | Class::DRIVER_LICENSE => number(hay, value, class),
        Class::PHONE => phone::dialled(hay, value),
        Class::ACCOUNT | Class::PASSWORD | Class::ADDRESS_BOOK => {
            dumped(hay, key.start, border, value).unwrap_or(value)
        }
        _ => value,
    };
    let end = longer.end.max(value.end);
    Span::new(value.start, end)
}

/// The whole of a bare document's number of `class` that starts as `value`, whose groups have blanks between them.
pub(super) fn number(hay: &[u8], value: Span, class: Class) -> Span {
    let printed = match class {
        // Region, birthday and number of a resident (GB 11643).
        Class::NATIONAL_ID => blanks(hay, value, 18..=18),
        // The letter of a series.
        Class::PASSPORT if value.len() == 1 => blanks(hay, value, 7..=10),
        Class::PASSPORT | Class::DRIVER_LICENSE => value,
        _ => return value,
    };
    // What is a form may be the front of a longer number.
    match document::longest(hay, value.start, By::Key(class)) {
        Some((groups, _)) if groups.end > printed.end => groups,
        _ => printed,
    }
}

/// A date that is written out, whose first word is `value`: `12 April 1988`, `April 12, 1988`.
fn date(hay: &[u8], value: Span) -> Span {
    const MONTHS: &[&[u8]] = &[
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec",
    ];
    let month = |word: &[u8]| {
        let head = word.get(..3).unwrap_or_default();
        word.iter().all(u8::is_ascii_alphabetic)
            && MONTHS.iter().any(|month| head.eq_ignore_ascii_case(month))
    };
    // `12th`, `1988`
    let number = |word: &[u8]| {
        let digits = skip(word, 0, 4, is_digit);
        let rest = word.get(digits..).unwrap_or_default();
        digits > 0 && matches!(rest, b"" | b"st" | b"nd" | b"rd" | b"th")
    };
    let (mut months, mut numbers) = (0u8, 0u8);
    let mut whole = value;
    let mut at = value.start;
    for _ in 0..3 {
        let end = skip(hay, at, 12, |b| b.is_ascii_alphanumeric());
        let word = Span::new(at, end).of(hay);
        match (number(word), month(word)) {
            (true, _) => numbers = numbers.saturating_add(1),
            (_, true) => months = months.saturating_add(1),
            _ => return value,
        }
        whole.end = end;
        at = skip(hay, end, 2, |b| matches!(b, b' ' | b',' | b'.'));
    }
    match (months, numbers) {
        (1, 2) => whole,
        _ => value,
    }
}

/// Units of money behind an amount.
const UNITS: &[&str] = &[
    "元",
    "元人民币",
    "万元",
    "亿元",
    "圆",
    "圓",
    "块",
    "円",
    "美元",
    "港元",
    "欧元",
    "日元",
    "人民币",
];

/// The amount in front of its unit: `128.50元`.
pub(super) fn without_unit(hay: &[u8], value: Span, class: Class) -> Span {
    if !matches!(class, Class::TRANSACTION | Class::BALANCE) {
        return value;
    }
    let text = value.of(hay);
    let unit = |unit: &&&str| text.ends_with(unit.as_bytes());
    let longest = UNITS.iter().filter(unit).map(|unit| unit.len()).max();
    let end = value.end.saturating_sub(longest.unwrap_or_default());
    match is_digit(before(hay, end)) {
        true => Span::new(value.start, end),
        false => value,
    }
}

/// Small words that belong to a model's name: `iPhone 12 mini`.
const VARIANTS: &[&[u8]] = &[
    b"mini", b"pro", b"max", b"plus", b"ultra", b"lite", b"air", b"fold", b"flip", b"edge", b"neo",
    b"youth", b"turbo", b"note", b"play",
];

/// What a device is called behind a full-width colon, in ASCII: `HUAWEI P40`. A word of small letters goes on the line.
pub(super) fn model(hay: &[u8], value: Span) -> Span {
    let limit = value.start.saturating_add(64);
    let mut end = value.end;
    while end < limit && byte(hay, end) == b' ' {
        let word = end.saturating_add(1);
        let stop = skip(hay, word, 32, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'+' | b'_')
        });
        let next = byte(hay, stop);
        let small = byte(hay, word).is_ascii_lowercase() && !has_figure(hay, word);
        if stop == word
            || small && !VARIANTS.contains(&Span::new(word, stop).of(hay))
            || next >= 0x80 && !is_wide_stop(hay, stop)
            || b"=:([".contains(&next)
        {
            break;
        }
        end = stop;
    }
    Span::new(value.start, end)
}

/// Whether the word at `at` or the one behind it has a figure, as `nova 9` and `x60`.
fn has_figure(hay: &[u8], at: usize) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric();
    let first = skip(hay, at, 32, word);
    let second = skip(hay, first.saturating_add(1), 32, word);
    let end = if byte(hay, first) == b' ' {
        second
    } else {
        first
    };
    Span::new(at, end).of(hay).iter().any(u8::is_ascii_digit)
}

fn is_wide_stop(hay: &[u8], at: usize) -> bool {
    let rest = hay.get(at..).unwrap_or_default();
    ["，", "；", "。", "、", "）", "】"]
        .iter()
        .any(|stop| rest.starts_with(stop.as_bytes()))
}

/// `35 209900 176148 1`, as it is printed on a box: digits and the capitals around them, with a blank between groups,
/// where there are as many as a number of the class has.
fn blanks(hay: &[u8], value: Span, count: RangeInclusive<usize>) -> Span {
    let own = |b: u8| is_digit(b) || b.is_ascii_uppercase();
    if count.contains(&value.len()) {
        return value;
    }
    let end = skip(hay, value.start, 24, |b| own(b) || b == b' ');
    let mut whole = Span::new(value.start, skip_back(hay, end, 1, |b| b == b' '));
    // What follows the last group may be the sentence's.
    while whole.end > value.end {
        let text = whole.of(hay);
        let inside = text
            .get(1..text.len().saturating_sub(1))
            .unwrap_or_default();
        let letters = inside.iter().any(|b| !is_digit(*b) && *b != b' ');
        let signs = text.iter().filter(|b| own(**b)).count();
        if count.contains(&signs) && !letters && !is_word(byte(hay, whole.end)) {
            return whole;
        }
        let group = memchr::memrchr(b' ', text).unwrap_or_default();
        whole.end = value.start.saturating_add(group);
    }
    value
}

fn is_network_address(text: &[u8]) -> bool {
    // A `*` is a character that was hidden before.
    let own = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'/' | b'%' | b'*');
    let borders = text.iter().filter(|b| matches!(b, b'.' | b':'));
    text.iter().all(own) && (text.contains(&b'*') || borders.count() >= 2)
}

fn ends_with(name: &[u8], what: &[u8]) -> bool {
    name.len()
        .checked_sub(what.len())
        .and_then(|at| name.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(what))
}

pub(super) fn is_prose(word: &[u8]) -> bool {
    PROSE
        .iter()
        .any(|p| word.eq_ignore_ascii_case(p.as_bytes()))
}

/// Whether a line starts at `at`: the record's, one behind an escaped line feed, one that `curl -v`
/// shows behind `> ` or `< `, or a header in quotes of its own.
fn line_starts(hay: &[u8], at: usize) -> bool {
    match before(hay, at) {
        b'\n' | b'\r' | b'\0' | b'"' | b'\'' => true,
        b'n' | b'r' => before(hay, at.saturating_sub(1)) == b'\\',
        b' ' => {
            let mark = at.saturating_sub(1);
            matches!(before(hay, mark), b'>' | b'<')
                && matches!(before(hay, mark.saturating_sub(1)), b'\n' | b'\0')
        }
        _ => false,
    }
}

/// To the end of the line, of the string that holds it, or of an escaped line.
fn line(hay: &[u8], start: usize) -> Span {
    let mut end = start;
    loop {
        end = skip(hay, end, LINE_BYTES_MAX, |b| {
            !matches!(b, b'"' | b'\'' | b'\r' | b'\\' | b'<') && !is_end(b)
        });
        let goes_on = match byte(hay, end) {
            b'<' => !is_closing_tag(hay, end),
            b'\\' => !matches!(byte(hay, end.saturating_add(1)), b'n' | b'r' | b'"'),
            b'"' => byte(hay, end.saturating_sub(1)) == b'=',
            b'\'' => is_word(before(hay, end)) && is_word(byte(hay, end.saturating_add(1))),
            _ => false,
        };
        // A quoted parameter: `username="ann", …`.
        let quoted = byte(hay, end) == b'"' && goes_on;
        if quoted {
            let close = skip(hay, end.saturating_add(1), LINE_BYTES_MAX, |b| {
                b != b'"' && !is_end(b)
            });
            if byte(hay, close) != b'"' {
                break;
            }
            end = close;
        }
        if !goes_on || end.saturating_sub(start) > LINE_BYTES_MAX {
            break;
        }
        end = end.saturating_add(1);
    }
    Span::new(start, skip_back(hay, end, 64, |b| b == b' '))
}

/// Whether a tag that closes an element is at `at`.
fn is_closing_tag(hay: &[u8], at: usize) -> bool {
    let name = at.saturating_add(2);
    let end = skip(hay, name, 64, |b| {
        is_word(b) || matches!(b, b':' | b'-' | b'.')
    });
    byte(hay, at.saturating_add(1)) == b'/' && end > name && byte(hay, end) == b'>'
}

/// Of a line the first field, where another follows: `Ann Lee, Phone: 4155550132`, `张三 | 手机:…`.
fn field(hay: &[u8], line: Span) -> Span {
    let text = line.of(hay);
    let text = text.get(..WORDS_BYTES_MAX).unwrap_or(text);
    let mut from = 1usize;
    loop {
        let rest = text.get(from..).unwrap_or_default();
        let sign = |b: &u8| matches!(b, b',' | b';' | b'|' | 0xBC);
        let Some(at) = rest.iter().position(sign).map(|at| from.saturating_add(at)) else {
            return line;
        };
        let end = match byte(text, at) {
            b'|' if before(text, at) == b' ' && names_a_field(text, at.saturating_add(1)) => {
                Some(at)
            }
            b'|' => None,
            // `，` and `；`
            0xBC => {
                let wide = matches!(byte(text, at.saturating_add(1)), 0x8C | 0x9B);
                let open = at.saturating_sub(1);
                (wide && byte(text, open) == 0xEF && names_a_field(text, at.saturating_add(2)))
                    .then_some(open)
            }
            _ => names_a_field(text, at.saturating_add(1)).then_some(at),
        };
        if let Some(end) = end {
            let end = skip_back(text, end, 64, |b| b == b' ');
            return Span::new(line.start, line.start.saturating_add(end));
        }
        from = at.saturating_add(1);
    }
}

/// Whether a key that says something else stands at `at`, a blank in front or not, and its border: one of the dictionary,
/// or of what records have. `Apt: 4` and `Attn: Ann` go on an address, the first word of `York status=` is its last.
fn names_a_field(text: &[u8], at: usize) -> bool {
    const WIDE: &[u8] = "：".as_bytes();
    let start = skip(text, at, 4, |b| b == b' ');
    let letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80 || b == b'_';
    let mut end = skip(text, start, 32, letter);
    let second = skip(text, end.saturating_add(1), 32, letter);
    let mut last = start;
    if byte(text, end) == b' ' && second > end.saturating_add(1) {
        last = end.saturating_add(1);
        end = second;
    }
    let wide = memchr::memmem::find(Span::new(start, end).of(text), WIDE);
    let end = wide.map_or(end, |wide| start.saturating_add(wide));
    let next = byte(text, end.saturating_add(1));
    let border = match byte(text, end) {
        b':' => next != b'/' && next != b':',
        b'=' => true,
        _ => wide.is_some(),
    };
    let name = Span::new(start, end).of(text);
    let known = |name: &[u8]| {
        let other = |class: Class| !matches!(class, Class::ADDRESS | Class::NAME);
        FIELDS
            .iter()
            .any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
            || keys::class_of(name).is_some_and(other)
    };
    let two = last > start && known(Span::new(last, end).of(text));
    border && name.len() >= 2 && !two && known(name)
}

/// Names of fields that no dictionary of personal data has.
const FIELDS: &[&str] = &[
    "action",
    "amount",
    "battery",
    "code",
    "count",
    "date",
    "duration",
    "error",
    "event",
    "firmware",
    "host",
    "id",
    "kernel",
    "latency",
    "level",
    "method",
    "order",
    "port",
    "price",
    "result",
    "role",
    "server",
    "service",
    "state",
    "status",
    "time",
    "timestamp",
    "total",
    "type",
    "url",
    "version",
    "状态",
    "狀態",
    "时间",
    "系统",
    "系統",
    "時間",
    "结果",
    "結果",
    "类型",
    "類型",
    "订单",
    "備註",
    "备注",
    "部门",
    "部門",
    "耗时",
    "耗時",
];

/// `a=b; c=d` (RFC 6265 §4.2.1).
fn cookies(hay: &[u8], value: Span) -> Span {
    let mut end = value.end;
    while byte(hay, end) == b';' && end.saturating_sub(value.start) < LINE_BYTES_MAX {
        let name = skip(hay, end.saturating_add(1), 2, |b| b == b' ');
        let border = skip(hay, name, 128, |b| {
            is_word(b) || matches!(b, b'-' | b'.' | b'$' | b'!' | b'%')
        });
        if border == name {
            break;
        }
        end = if byte(hay, border) == b'=' {
            skip(hay, border.saturating_add(1), 4096, |b| {
                !matches!(b, b';' | b' ' | b'"' | b'\'' | b',' | b'\\' | b'<') && !is_end(b)
            })
        } else if matches!(
            Span::new(name, border).of(hay),
            b"HttpOnly" | b"Secure" | b"Partitioned" | b"httponly" | b"secure"
        ) {
            border
        } else {
            break;
        };
    }
    Span::new(value.start, end)
}

/// A scheme and its parameters: `Digest username="ann", realm=x` (RFC 9110 §11.4).
fn credentials(hay: &[u8], value: Span) -> Span {
    let scheme = skip(hay, value.start, 32, |b| {
        b.is_ascii_alphanumeric() || b == b'-'
    });
    let known = [
        &b"Digest"[..],
        b"OAuth",
        b"Hawk",
        b"Signature",
        b"AWS4-HMAC-SHA256",
        b"AWS4",
    ];
    let name = Span::new(value.start, scheme).of(hay);
    if byte(hay, scheme) != b' ' || !known.iter().any(|k| name.eq_ignore_ascii_case(k)) {
        return value;
    }
    let mut end = value.end;
    let mut at = scheme;
    while at.saturating_sub(value.start) < LINE_BYTES_MAX {
        let name = skip(hay, at, 4, |b| matches!(b, b' ' | b','));
        let border = skip(hay, name, 64, |b| is_word(b) || b == b'-');
        if border == name || byte(hay, border) != b'=' {
            break;
        }
        let content = border.saturating_add(1);
        let escape = usize::from(byte(hay, content) == b'\\');
        end = if byte(hay, content.saturating_add(escape)) == b'"' {
            let open = content.saturating_add(escape).saturating_add(1);
            let close = skip(hay, open, 4096, |b| b != b'"' && !is_end(b));
            close.saturating_add(usize::from(byte(hay, close) == b'"'))
        } else {
            skip(hay, content, 4096, |b| {
                !matches!(b, b',' | b' ' | b'"' | b'\\') && !is_end(b)
            })
        };
        at = end;
        if byte(hay, at) != b',' {
            break;
        }
    }
    Span::new(value.start, end)
}

/// A value in a printed object: up to the next `, key=`, or to the bracket that closes
/// (`User{name=Ann Lee, id=7}`, `User(…)`, `map[user:ann lee x:1]`).
fn dumped(hay: &[u8], key: usize, border: usize, value: Span) -> Option<Span> {
    let colon = byte(hay, border) == b':';
    if colon && value.start != border.saturating_add(1) {
        return None;
    }
    // `orig_to=<ann>, relay=x`: brackets around it end it.
    if matches!(
        (before(hay, value.start), byte(hay, value.end)),
        (b'<', b'>') | (b'(', b')') | (b'[', b']')
    ) {
        return None;
    }
    match before(hay, key) {
        b'{' | b'(' | b'[' => {}
        b' ' if colon || matches!(before(hay, key.saturating_sub(1)), b',' | b';') => {}
        _ => return None,
    }
    let mut at = value.end;
    let mut depth = 0usize;
    let limit = value.start.saturating_add(WORDS_BYTES_MAX);
    let end = loop {
        if at >= limit {
            return None;
        }
        match byte(hay, at) {
            b'{' | b'(' | b'[' => depth = depth.saturating_add(1),
            b'}' | b')' | b']' if depth == 0 => break at,
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            b',' | b';' if !colon && depth == 0 && pair(hay, at.saturating_add(1), b'=') => {
                break at;
            }
            b' ' if colon && pair(hay, at, b':') => break at,
            // Two are between fields.
            b' ' if colon && byte(hay, at.saturating_add(1)) == b' ' => break at,
            b'"' | b'=' => return None,
            b if is_end(b) => return None,
            _ => {}
        }
        at = at.saturating_add(1);
    };
    let whole = Span::new(
        value.start,
        skip_back(hay, end, 8, |b| b == b' ' || colon && b == b',').max(value.end),
    );
    let prose = whole.of(hay).split(|b| *b == b' ').any(is_prose);
    (!prose).then_some(whole)
}

/// Whether a blank, a key and its border stand at `at`.
fn pair(hay: &[u8], at: usize, border: u8) -> bool {
    let key = at.saturating_add(1);
    let end = skip(hay, key, 64, |b| is_word(b) || matches!(b, b'-' | b'.'));
    byte(hay, at) == b' ' && end > key && byte(hay, end) == border && !is_digit(byte(hay, key))
}

/// Words that begin with a capital, a figure or no ASCII, up to what ends a value; an address goes on
/// behind commas.
fn phrase(hay: &[u8], value: Span, class: Class) -> Span {
    let limit = value.start.saturating_add(WORDS_BYTES_MAX);
    let mut end = value.end;
    while end < limit {
        let comma = usize::from(class == Class::ADDRESS && byte(hay, end) == b',');
        let word = end.saturating_add(comma).saturating_add(1);
        let first = byte(hay, word);
        if byte(hay, word.saturating_sub(1)) != b' '
            || !(first.is_ascii_uppercase() || is_digit(first) || first >= 0x80)
        {
            break;
        }
        let stop = skip(hay, word, 64, |b| {
            is_word(b) || matches!(b, b'-' | b'.' | b'\'' | b'/' | b'#')
        });
        if matches!(byte(hay, stop), b'=' | b':' | b'(' | b'[') {
            break;
        }
        end = stop;
    }
    let whole = Span::new(value.start, end);
    let near = whole.of(hay).iter().take(WORDS_BYTES_MAX);
    if class == Class::ADDRESS && !near.copied().any(is_digit) {
        return value;
    }
    whole
}
