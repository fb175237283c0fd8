//! The machine-readable zone of passports, identity cards and visas: lines of 30, 36 or 44 characters.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, skip, skip_back};
use crate::record::Span;

const ID: &str = "mrz";

/// Lines of names by their shape, lines of numbers by their check digits.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::PASSPORT, Class::NATIONAL_ID],
    anchors: &[Anchor::Literal, Anchor::Run6],
    literals: &["<<<"],
    source: "ICAO Doc 9303 parts 3 (§4.9 check digits), 4 (TD3), 5 (TD1), 6 (TD2)",
    confirm,
    finds: &[
        "P<XXALEE<<PAT<ROBIN<<<<<<<<<<<<<<<<<<<<<<<<<",
        "X123456785XXA8001014F3001019<<<<<<<<<<<<<<04",
        "X123456785XXA8001014F3001019ZE184226B1234506",
        r#"{"mrz":"I<XXAX123456781<<<<<<<<<<<<<<<\n8001014F3001017XXA<<<<<<<<<<<4\nLEE<<PAT<ROBIN<<<<<<<<<<<<<<<<"}"#,
    ],
    leaves: &[
        "<<<<<<< HEAD",
        "cat <<<EOF",
        "ABC<<<<<<<",
        "X123456782XXA8001015F3001018<<<<<<<<<<<<<<00",
        "id 8001014F3001017XXA",
    ],
};

/// Digits, capitals and the filler.
fn is_mrz(b: u8) -> bool {
    is_digit(b) || b.is_ascii_uppercase() || b == b'<'
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    // Most runs of digits are no date of birth: what stands in front or behind says so.
    if before(hay, at) != b'<'
        && !matches!(byte(hay, at.saturating_add(2)), b'M' | b'F' | b'X' | b'<')
    {
        return;
    }
    let head = hay.get(..at).unwrap_or_default();
    if head.ends_with(b"<<<<") {
        // A line is asked for at the first three of its fillers.
        return;
    }
    if !head.ends_with(b"<<<") {
        let Some(start) = at.checked_sub(5) else {
            return;
        };
        let sex = byte(hay, at.saturating_add(2));
        let run = at.saturating_sub(skip_back(hay, at, 6, is_digit)) == 5
            && is_digit(byte(hay, at))
            && is_digit(byte(hay, at.saturating_add(1)));
        let front = before(hay, start);
        let first =
            !is_mrz(front) || front == b'n' && before(hay, start.saturating_sub(1)) == b'\\';
        if !run
            || !matches!(sex, b'M' | b'F' | b'X' | b'<')
            || !(first || front.is_ascii_uppercase() || front == b'<')
        {
            return;
        }
    }
    let start = skip_back(hay, at, 45, is_mrz);
    let end = skip(hay, at, 45, is_mrz);
    let line = Span::new(start, end);
    let text = line.of(hay);
    if !matches!(text.len(), 30 | 36 | 44) {
        return;
    }
    if before(hay, start).is_ascii_lowercase() && before(hay, start.saturating_sub(1)) != b'\\'
        || byte(hay, end).is_ascii_lowercase()
    {
        return;
    }
    let class = if text.len() == 44 {
        Class::PASSPORT
    } else {
        Class::NATIONAL_ID
    };
    if names(text) {
        cx.text(line, class, ID, "the line of names of a document");
    } else if numbers(text) {
        cx.text(line, class, ID, "check digits of a document's line hold");
    } else {
        cx.reject(line, class, ID, "neither names nor check digits that hold");
    }
}

/// `P<XXALEE<<PAT<<…`, `LEE<<PAT<<…`: letters, a filler twice between the names, fillers to the end.
fn names(text: &[u8]) -> bool {
    let head = if text.len() == 30 { 0 } else { 5 };
    let Some((kind, names)) = text.split_at_checked(head) else {
        return false;
    };
    let double = memchr::memmem::find(names, b"<<").unwrap_or(0);
    double > 0
        && names.iter().all(|b| !is_digit(*b))
        && names
            .get(double.saturating_add(2))
            .is_some_and(u8::is_ascii_uppercase)
        && (head == 0 || matches!(kind.first(), Some(b'P' | b'I' | b'A' | b'C' | b'V')))
}

/// Where the fields with a check digit behind them are, by the form of the line.
fn numbers(text: &[u8]) -> bool {
    let fields: &[(usize, usize)] = match text.len() {
        30 if text.first().is_some_and(|b| is_digit(*b)) => &[(0, 6), (8, 14)],
        30 => &[(5, 14)],
        _ => &[(0, 9), (13, 19), (21, 27)],
    };
    // One check digit alone is weak: the line of a card also ends in fillers.
    let kind = fields.len() > 1
        || matches!(text.first(), Some(b'I' | b'A' | b'C')) && text.ends_with(b"<<<");
    kind && fields.iter().all(|&(from, to)| {
        text.get(from..to)
            .zip(text.get(to))
            .is_some_and(|(field, check)| {
                field.iter().any(|b| is_digit(*b)) && digit(field) == *check
            })
    })
}

/// Weights 7, 3, 1; letters count from 10, fillers nothing.
fn digit(field: &[u8]) -> u8 {
    let sum: u32 = field
        .iter()
        .zip([7u32, 3, 1].iter().cycle())
        .map(|(b, weight)| {
            let value = match b {
                b'0'..=b'9' => u32::from(b.wrapping_sub(b'0')),
                b'A'..=b'Z' => u32::from(b.wrapping_sub(b'A')).saturating_add(10),
                _ => 0,
            };
            value.saturating_mul(*weight)
        })
        .sum();
    b'0'.saturating_add(u8::try_from(sum % 10).unwrap_or(0))
}
