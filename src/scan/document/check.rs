//! Families of check digits. Every function takes capitals and digits without separators.

use crate::format::bytes::{byte, is_digit};

/// A digit's value; 10 and up for letters.
pub(super) fn value(b: u8) -> u32 {
    if is_digit(b) {
        u32::from(b.wrapping_sub(b'0'))
    } else {
        u32::from(b.wrapping_sub(b'A')).saturating_add(10)
    }
}

/// The value of the character at `at`.
pub(super) fn digit(text: &[u8], at: usize) -> u32 {
    value(byte(text, at))
}

/// The number that the digits from `from` to `to` write.
pub(super) fn number(text: &[u8], from: usize, to: usize) -> u64 {
    text.get(from..to)
        .unwrap_or_default()
        .iter()
        .fold(0u64, |n, b| {
            n.saturating_mul(10).saturating_add(u64::from(value(*b)))
        })
}

/// Sum of value times weight, character by character.
pub(super) fn weighted(text: &[u8], weights: &[u32]) -> u32 {
    text.iter()
        .zip(weights)
        .map(|(b, w)| value(*b).saturating_mul(*w))
        .sum()
}

/// Whether all characters are one and the same.
pub(super) fn uniform(text: &[u8]) -> bool {
    text.iter().all(|b| Some(b) == text.first())
}

/// ISO/IEC 7064, MOD 11,10.
pub(super) fn mod11_10(text: &[u8]) -> bool {
    let Some((check, body)) = text.split_last() else {
        return false;
    };
    let product = body.iter().fold(10u32, |product, b| {
        let sum = product.saturating_add(value(*b)) % 10;
        (if sum == 0 { 10 } else { sum }).saturating_mul(2) % 11
    });
    product.saturating_add(value(*check)) % 10 == 1
}

/// The dihedral check of Verhoeff (1969).
pub(super) fn verhoeff(text: &[u8]) -> bool {
    const STEP: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let times = |a: usize, b: usize| match (a < 5, b < 5) {
        (true, true) => a.wrapping_add(b) % 5,
        (true, false) => (a.wrapping_add(b) % 5).wrapping_add(5),
        (false, true) => (a.wrapping_sub(b) % 5).wrapping_add(5),
        (false, false) => a.wrapping_add(5).wrapping_sub(b) % 5,
    };
    let mut sum = 0usize;
    for (i, b) in text.iter().rev().filter(|b| is_digit(**b)).enumerate() {
        let mut digit = value(*b) as usize;
        for _ in 0..i % 8 {
            digit = STEP.get(digit).copied().unwrap_or(0);
        }
        sum = times(sum, digit);
    }
    sum == 0
}

/// Weights 7, 3, 1 over digits and letters (ICAO 9303-3 §4.9).
pub(super) fn icao(text: &[u8]) -> u32 {
    text.iter()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(b, w)| {
            let value = if *b == b'<' { 0 } else { value(*b) };
            value.saturating_mul(w)
        })
        .sum::<u32>()
        % 10
}

/// Whether the last digit is the ICAO check digit of the rest.
pub(super) fn icao_last(text: &[u8]) -> bool {
    text.split_last()
        .is_some_and(|(check, body)| is_digit(*check) && icao(body) == value(*check))
}

/// Whether month and day are those of a calendar.
pub(super) fn is_day(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// Whether `YYMMDD` stands at `at`.
pub(super) fn yymmdd(text: &[u8], at: usize) -> bool {
    let part = |from: usize| {
        let from = at.saturating_add(from);
        number(text, from, from.saturating_add(2))
    };
    is_day(part(2), part(4))
}

/// Whether `DDMMYY` stands at `at`.
pub(super) fn ddmmyy(text: &[u8], at: usize) -> bool {
    let part = |from: usize| {
        let from = at.saturating_add(from);
        number(text, from, from.saturating_add(2))
    };
    is_day(part(2), part(0))
}

/// For shapes without a check digit: a word must speak for them.
pub(super) fn none(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_hold_for_published_numbers() {
        assert!(mod11_10(b"86095742719") && !mod11_10(b"86095742718"));
        assert!(verhoeff(b"234123412346") && !verhoeff(b"234123412347"));
        // ICAO 9303-4 appendix A: the specimen of Utopia.
        assert_eq!((icao(b"L898902C3"), icao(b"740812")), (6, 2));
        assert!(icao_last(b"7408122") && !icao_last(b"7408123"));
        assert!(yymmdd(b"991231", 0) && !yymmdd(b"991301", 0) && ddmmyy(b"311299", 0));
    }
}
