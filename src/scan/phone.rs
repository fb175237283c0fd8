//! Phone numbers, valid by the numbering plan of their country.

use super::Detector;
use super::context::Cx;
use super::display::display_name;
use super::front::Anchor;
use super::numbering::{self, DIGITS_MAX};
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_json_number, skip, skip_back, word_before, word_behind,
};
use crate::record::Span;

/// `+` and a country code.
pub(super) static INTERNATIONAL: Detector = Detector {
    id: "phone",
    classes: &[Class::NAME, Class::PHONE],
    anchors: &[Anchor::Plus],
    literals: &[],
    source: "ITU-T E.164, E.123; numbering plans of libphonenumber",
    confirm: confirm_plus,
    finds: &[
        "call +44 (20) 7123 4567 now",
        "+86-18627472960",
        "\"+905321234567\"",
        "+1 415 555 2671",
        r#"P-Asserted-Identity: "Ann Lee" <tel:+14155552671>"#,
        r#""","""Ann Lee"" <+442071234567>","x""#,
    ],
    leaves: &["+0000]", "a+12345678901", "+999 123 4567 890", "1+415"],
};

/// National forms: grouped, or a mobile number of mainland China.
pub(super) static NATIONAL: Detector = Detector {
    id: "phone_national",
    classes: &[Class::PHONE],
    anchors: &[Anchor::Group4, Anchor::Run11, Anchor::End],
    literals: &[],
    source: "ITU-T E.123 national notation; numbering plans of libphonenumber",
    confirm: confirm_national,
    finds: &[
        "line 2:415-555-2671 called",
        "(415) 555-2671",
        "415-555-2671",
        "090-1234-5678",
        "0917 123 4567",
        "tel 13912345678 ok",
        "0 532 123 45 67",
        "call 0532-123-45-67",
        "用户[13912345678]密码错误",
        "手机号[13912345678]",
        "[13912345678] login",
        "(0532) 123 45 67",
    ],
    leaves: &[
        "2024-01-0200",
        "115-055-0132",
        "200 1234",
        "13912345678901",
        "12912345678",
        r#"{"a":[13912345678]}"#,
        "id-415-555-2671",
        "took 532 123 45 67 89",
        "1532 123 45 67",
        "110 123 45 67",
    ],
};

/// Calling codes of countries that group the end of a number by twos: TR, RU, CH, SE, UA, BY.
const TWOS: &[u16] = &[90, 7, 41, 46, 380, 375];

/// Longest record whose end is looked at.
const RECORD_BYTES_MAX: usize = 96;

/// What stands between groups.
const fn is_gap(b: u8) -> bool {
    matches!(b, b' ' | b'-' | b'.')
}

/// `0532 123 45 67` at the end of a record: three, three, two and two, a trunk digit in front or in the first group.
fn twos(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let (mut start, end) = (at, at);
    for (i, width) in [2, 2, 3].into_iter().enumerate() {
        let group = skip_back(hay, start, 4, is_digit);
        let gap = before(hay, group);
        if start.saturating_sub(group) != width || !is_gap(gap) {
            return;
        }
        start = group.saturating_sub(1);
        if i == 2 && before(hay, start) == b')' {
            start = start.saturating_sub(1);
        }
    }
    let first = skip_back(hay, start, 5, is_digit);
    let trunk = start.saturating_sub(first) == 4 && byte(hay, first) == b'0';
    if start.saturating_sub(first) != 3 && !trunk {
        return;
    }
    start = first.saturating_sub(usize::from(before(hay, first) == b'('));
    // `0 532 …`
    let alone = start.saturating_sub(2);
    if !trunk
        && byte(hay, alone) == b'0'
        && matches!(before(hay, start), b' ' | b'-')
        && !is_digit(before(hay, alone))
    {
        start = alone;
    }
    let span = Span::new(start, end);
    let prev = before(hay, start);
    if word_before(hay, start) || matches!(prev, b'-' | b'.' | b'/' | b'+' | b':') {
        return;
    }
    // Digits before, with a blank between, are more groups of something longer.
    if prev == b' ' && is_digit(before(hay, start.saturating_sub(1))) {
        return;
    }
    if TWOS
        .iter()
        .any(|country| numbering::national(*country, span.of(hay)))
    {
        cx.text(
            span,
            Class::PHONE,
            "phone_national",
            "a national number in groups",
        );
    }
}

/// Calling codes of countries that write a trunk zero and groups: GB, JP, DE, FR, IT, TR, PH, IL, CN, KR, AU,
/// NL, IN, ZA, TW, NG.
const TRUNK: &[u16] = &[
    44, 81, 49, 33, 39, 90, 63, 972, 86, 82, 61, 31, 91, 27, 886, 234,
];

/// End of digits in groups: single blanks, dashes and dots, parentheses around one group.
fn groups_end(hay: &[u8], start: usize) -> (usize, usize) {
    let (mut at, mut end, mut digits) = (start, start, 0usize);
    while at.saturating_sub(start) < 24 && digits < 15 {
        let b = byte(hay, at);
        if is_digit(b) {
            digits = digits.saturating_add(1);
            end = at.saturating_add(1);
        } else if !matches!(b, b' ' | b'-' | b'.' | b'(' | b')')
            || matches!(b, b' ' | b'-' | b'.') && b == before(hay, at)
        {
            break;
        }
        at = at.saturating_add(1);
    }
    (end, digits)
}

/// The whole of a number behind its key that starts as `value`, with a blank between its groups: `Tel: 0912 345 678`. What
/// follows may be another number: the longest that a plan has is it, else the longest.
pub(super) fn dialled(hay: &[u8], value: Span) -> Span {
    const LEAST: usize = 7;
    const OF_A_PLAN: std::ops::RangeInclusive<usize> = 9..=13;
    let first = value
        .of(hay)
        .iter()
        .take(16)
        .filter(|b| is_digit(**b))
        .count();
    if first >= LEAST || !matches!(byte(hay, value.start), b'0'..=b'9' | b'+' | b'(') {
        return value;
    }
    let mut longest = value;
    let mut planned = None;
    let (mut at, mut digits) = (value.start, 0usize);
    loop {
        let open = skip(hay, at, 2, |b| matches!(b, b'+' | b'('));
        let end = skip(hay, open, 16, is_digit);
        let close = skip(hay, end, 1, |b| b == b')');
        digits = digits.saturating_add(end.saturating_sub(open));
        // A fraction, a clock, a path, a key, a share.
        let (sign, next) = (byte(hay, close), byte(hay, close.saturating_add(1)));
        let joined = word_behind(hay, close)
            || sign == b'%'
            || matches!(sign, b'.' | b':' | b'/' | b'=') && next > b' ';
        if end == open || digits > DIGITS_MAX || joined {
            return planned.unwrap_or(longest);
        }
        let whole = Span::new(value.start, close);
        // A figure alone in front may be a flag.
        let least = if value.len() == 1 { 10 } else { LEAST };
        let group = end.saturating_sub(open);
        if digits >= least && group >= 2 && whole.end > value.end {
            if OF_A_PLAN.contains(&digits) && is_of_a_plan(whole.of(hay)) {
                planned = Some(whole);
            }
            longest = whole;
        }
        if !matches!(byte(hay, close), b' ' | b'-') {
            return planned.unwrap_or(longest);
        }
        at = close.saturating_add(1);
    }
}

fn is_of_a_plan(text: &[u8]) -> bool {
    let national = |country: &u16| numbering::national(*country, text);
    numbering::international(text)
        || TRUNK.iter().any(national)
        || TWOS.iter().any(national)
        || numbering::national(1, text)
}

fn confirm_plus(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let first = byte(hay, at);
    if before(hay, at) != b'+' || !(matches!(first, b'1'..=b'9') || first == b'(') {
        return;
    }
    let start = at.saturating_sub(1);
    let (mut end, mut digits) = groups_end(hay, at);
    if digits < 8 {
        return;
    }
    if word_before(hay, start) && before(hay, start) < 0x80 {
        return cx.reject(
            Span::new(start, end),
            Class::PHONE,
            "phone",
            "part of a word or a sum",
        );
    }
    // The groups behind may belong to the sentence: the longest valid number is it.
    while digits >= 8 {
        let span = Span::new(start, end);
        if !word_behind(hay, end) && numbering::international(span.of(hay)) {
            let reason = "country code and number of a numbering plan";
            cx.text(span, Class::PHONE, "phone", reason);
            return display_name(cx, span);
        }
        let head = skip_back(hay, end, 24, is_digit);
        digits = digits.saturating_sub(end.saturating_sub(head));
        end = skip_back(hay, head, 4, |b| !is_digit(b));
    }
    cx.reject(
        Span::new(start, end),
        Class::PHONE,
        "phone",
        "in no numbering plan",
    );
}

fn confirm_national(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    // Two digits and a gap: nearly no record ends so, which costs no look at where it starts.
    if is_digit(before(hay, at)) && is_gap(before(hay, at.saturating_sub(2))) {
        let ends = at == hay.len() || at < hay.len() && is_end(byte(hay, at));
        if ends && cx.record_start(at, RECORD_BYTES_MAX).is_some() {
            twos(cx, at);
        }
    }
    let solid = skip_back(hay, at, 12, is_digit);
    if !is_digit(byte(hay, at)) {
        if at.saturating_sub(solid) == 11 {
            mobile(cx, solid);
        }
        return;
    }
    let end = at.saturating_add(1);
    if at.saturating_sub(solid) != 3
        || word_behind(hay, end)
        || !matches!(before(hay, solid), b' ' | b'-')
        || !is_digit(before(hay, solid.saturating_sub(1)))
        || matches!(byte(hay, end), b'-' | b'.') && is_digit(byte(hay, end.saturating_add(1)))
    {
        return;
    }
    // Back over the groups before.
    let mut start = solid;
    let mut digits = 4usize;
    while digits < 12 {
        let gap = skip_back(hay, start, 2, |b| matches!(b, b' ' | b'-' | b')'));
        let group = skip_back(hay, gap, 5, is_digit);
        let count = gap.saturating_sub(group);
        if gap == start || !matches!(count, 1..=4) {
            break;
        }
        digits = digits.saturating_add(count);
        start = group;
        if before(hay, start) == b'(' {
            start = start.saturating_sub(1);
            // `0 (917) 123 4567`
            if Span::new(start.saturating_sub(2), start).of(hay) == b"0 " {
                start = start.saturating_sub(2);
            }
            break;
        }
    }
    let span = Span::new(start, end);
    let text = span.of(hay);
    if digits < 9
        || is_digit(before(hay, start))
        || word_before(hay, start) && before(hay, start) < 0x80
        || matches!(before(hay, start), b'-' | b'+' | b'.' | b'/') && start > 0
        // `10:15:04 2015 7036` are a clock, a year and something else.
        || before(hay, start) == b':'
            && is_digit(before(hay, start.saturating_sub(1)))
            && skip(text, 0, 3, is_digit) == 2
    {
        return;
    }
    let first = text.iter().copied().find(|b| is_digit(*b)).unwrap_or(b' ');
    let ok = if first == b'0' {
        TRUNK
            .iter()
            .any(|country| numbering::national(*country, span.of(hay)))
    } else {
        nanp(text) && digits == 10 && numbering::national(1, span.of(hay))
    };
    if ok {
        cx.text(
            span,
            Class::PHONE,
            "phone_national",
            "a national number in groups",
        );
    } else {
        cx.reject(
            span,
            Class::PHONE,
            "phone_national",
            "in none of the numbering plans tried",
        );
    }
}

/// `415-555-2671`, `(415) 555-2671`.
fn nanp(text: &[u8]) -> bool {
    let last = text.len().checked_sub(5).map(|i| byte(text, i));
    match text.first() {
        Some(b'(') => byte(text, 4) == b')' && last == Some(b'-'),
        _ => text.len() == 12 && byte(text, 3) == b'-' && byte(text, 7) == b'-',
    }
}

/// `用户[13812345678]密码错误`, `[13812345678] login`: in brackets that are no list of JSON's.
fn is_in_words(hay: &[u8], span: Span) -> bool {
    let open = span.start.saturating_sub(1);
    let behind = span.end.saturating_add(1);
    let text = skip(hay, behind, 1, |b| b == b' ');
    let word = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    before(hay, span.start) == b'['
        && byte(hay, span.end) == b']'
        && (word(before(hay, open)) || word(byte(hay, text)))
}

/// Eleven digits of mainland China's mobile plan, or with a trunk zero, not as a bare JSON number (that needs a key).
fn mobile(cx: &mut Cx<'_>, start: usize) {
    let hay = cx.hay();
    let end = start.saturating_add(11);
    let trunk =
        byte(hay, start) == b'0' && matches!(byte(hay, start.saturating_add(1)), b'1'..=b'9');
    if !trunk
        && (byte(hay, start) != b'1' || !matches!(byte(hay, start.saturating_add(1)), b'3'..=b'9'))
    {
        return;
    }
    let span = Span::new(start, end);
    let (prev, next) = (before(hay, start), byte(hay, end));
    if !span.of(hay).iter().all(|b| is_digit(*b))
        || span.of(hay).len() != 11
        || next.is_ascii_alphanumeric()
        || matches!(next, b'_' | b'.' | b'-' | b'/')
        || word_before(hay, start) && prev < 0x80
        || matches!(prev, b'.' | b'-' | b'/' | b'#')
    {
        return;
    }
    let ok = if trunk {
        [63, 90, 44, 49, 86]
            .iter()
            .any(|country| numbering::national(*country, span.of(hay)))
    } else {
        numbering::national(86, span.of(hay))
    };
    if !ok || is_json_number(hay, span) && !is_in_words(hay, span) {
        return cx.reject(
            span,
            Class::PHONE,
            "phone_national",
            "no mobile number of the plan",
        );
    }
    cx.text(
        span,
        Class::PHONE,
        "phone_national",
        "a mobile number of the plan",
    );
}
