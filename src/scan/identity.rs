//! Identity numbers that prove themselves by a check digit.

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_json_number, skip, skip_back, word_before, word_behind,
};
use crate::record::Span;

const ID: &str = "identity";

/// Resident ids of mainland China, Taiwan, Hong Kong and Singapore.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::NATIONAL_ID],
    anchors: &[Anchor::Lettered, Anchor::Run17],
    literals: &[],
    source: "GB 11643-1999; Taiwan and Hong Kong identity card check digits; Singapore NRIC and FIN",
    confirm,
    finds: &[
        "id 110101199003070396 ok",
        "id 11010119900307109X ok",
        "A123456789",
        "HKID A123456(3)",
        "S1234567D",
    ],
    leaves: &[
        "110101199003070397",
        "999999199003070396",
        "A123456788",
        "A123456(4)",
        "S1234567A",
        "block 1101011990030703961",
    ],
};

fn value(b: u8) -> u32 {
    u32::from(b.wrapping_sub(b'0'))
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if !is_digit(byte(hay, at)) {
        return;
    }
    let start = skip_back(hay, at, 17, is_digit);
    let prev = before(hay, start);
    let end = skip(hay, at, 16, is_digit);
    match at.saturating_sub(start) {
        5 if prev.is_ascii_uppercase() => lettered(cx, start, end),
        16 if !word_before(hay, start) && prev != b'.' => mainland(cx, start, end),
        _ => {}
    }
}

/// One capital in front, seven to nine digits, or six and a check in parentheses.
fn lettered(cx: &mut Cx<'_>, digits: usize, end: usize) {
    let hay = cx.hay();
    let start = digits.saturating_sub(1);
    let letter = byte(hay, start);
    let two = before(hay, start).is_ascii_uppercase();
    let start = if two { start.saturating_sub(1) } else { start };
    if word_before(hay, start) || matches!(before(hay, start), b'-' | b'/' | b'.') {
        return;
    }
    let body = Span::new(digits, end).of(hay);
    let next = byte(hay, end);
    let (end, ok) = match body.len() {
        9 if !two && !word_behind(hay, end) => (end, taiwan(letter, body)),
        7 if !two && next.is_ascii_uppercase() && !word_behind(hay, end.saturating_add(1)) => {
            (end.saturating_add(1), singapore(letter, body, next))
        }
        6 if next == b'(' && byte(hay, end.saturating_add(2)) == b')' => {
            let letters = if two {
                [before(hay, digits.saturating_sub(1)), letter]
            } else {
                [b' ', letter]
            };
            (
                end.saturating_add(3),
                hong_kong(letters, body, byte(hay, end.saturating_add(1))),
            )
        }
        _ => return,
    };
    let span = Span::new(start, end);
    if ok {
        cx.text(span, Class::NATIONAL_ID, ID, "the check digit holds");
    } else {
        cx.reject(
            span,
            Class::NATIONAL_ID,
            ID,
            "the check digit does not hold",
        );
    }
}

fn taiwan(letter: u8, body: &[u8]) -> bool {
    const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(code) = ORDER.iter().position(|b| *b == letter) else {
        return false;
    };
    let code = u32::try_from(code).unwrap_or(0).saturating_add(10);
    let weights = [8, 7, 6, 5, 4, 3, 2, 1, 1];
    let sum: u32 = body
        .iter()
        .zip(weights)
        .map(|(b, w)| value(*b).saturating_mul(w))
        .sum();
    let head = (code / 10).saturating_add((code % 10).saturating_mul(9));
    matches!(body.first(), Some(b'1' | b'2' | b'8' | b'9'))
        && sum.saturating_add(head).is_multiple_of(10)
}

fn singapore(letter: u8, body: &[u8], check: u8) -> bool {
    let sum: u32 = body
        .iter()
        .zip([2, 7, 6, 5, 4, 3, 2])
        .map(|(b, w)| value(*b).saturating_mul(w))
        .sum();
    let (offset, table): (u32, &[u8; 11]) = match letter {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    table.get((sum.saturating_add(offset) % 11) as usize) == Some(&check)
}

fn hong_kong(letters: [u8; 2], body: &[u8], check: u8) -> bool {
    let of = |b: u8| match b {
        b' ' => 36,
        b if b.is_ascii_uppercase() => u32::from(b.wrapping_sub(b'A')).saturating_add(10),
        b => value(b),
    };
    let check = match check {
        b'A' => 10,
        b if is_digit(b) => value(b),
        _ => return false,
    };
    let sum: u32 = letters
        .iter()
        .chain(body)
        .zip([9, 8, 7, 6, 5, 4, 3, 2])
        .map(|(b, w)| of(*b).saturating_mul(w))
        .sum();
    sum.saturating_add(check).is_multiple_of(11)
}

fn mainland(cx: &mut Cx<'_>, start: usize, end: usize) {
    let hay = cx.hay();
    let last = byte(hay, end);
    let end = match end.saturating_sub(start) {
        18 => end,
        17 if matches!(last, b'X' | b'x') => end.saturating_add(1),
        _ => return,
    };
    let span = Span::new(start, end);
    let text = span.of(hay);
    // Behind the digits may stand ideographs, which are no part of a number.
    let next = byte(hay, end);
    if next.is_ascii_alphanumeric()
        || next == b'_'
        || next == b'.' && is_digit(byte(hay, end.saturating_add(1)))
    {
        return cx.reject(span, Class::NATIONAL_ID, ID, "part of something longer");
    }
    let number = |from: usize, to: usize| {
        text.get(from..to)
            .unwrap_or_default()
            .iter()
            .fold(0u32, |n, b| n.saturating_mul(10).saturating_add(value(*b)))
    };
    let sum: u32 = text
        .iter()
        .zip([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1])
        .map(|(b, w)| {
            if is_digit(*b) {
                value(*b).saturating_mul(w)
            } else {
                10
            }
        })
        .sum();
    let plausible = (11..=82).contains(&number(0, 2))
        && (1850..=2100).contains(&number(6, 10))
        && (1..=12).contains(&number(10, 12))
        && (1..=31).contains(&number(12, 14));
    if sum % 11 != 1 || !plausible {
        return cx.reject(
            span,
            Class::NATIONAL_ID,
            ID,
            "no region, date or check digit of a resident id",
        );
    }
    let spelling = if is_json_number(hay, span) && is_digit(before(hay, end)) {
        Spelling::Number
    } else {
        Spelling::Text
    };
    cx.accept(
        span,
        Class::NATIONAL_ID,
        spelling,
        ID,
        "region, date and check digit of a resident id",
    );
}
