//! Card and bank account numbers.

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, digits_end, digits_start, is_digit, is_json_number, is_word, luhn, skip,
    word_before,
};
use crate::record::Span;

/// Card numbers, plain or in groups.
pub(super) static CARD: Detector = Detector {
    id: "card",
    classes: &[Class::TRANSACTION],
    anchors: &[Anchor::Digits, Anchor::Group4],
    literals: &[],
    source: "ISO/IEC 7812-1 (issuer ranges, Luhn)",
    confirm: confirm_card,
    finds: &[
        "card 4012888888881881 ok",
        "4012-8888-8888-1881",
        "4012 8888 8888 1881",
        "378282246310005",
        "%B4012888888881881^LEE/ANN^26121010000012345678?",
        ";4012888888881881=26121010000012345678?",
        "paid by 3782 822463 10005 ok",
        "3782-822463-10005",
        "3056 930902 5904",
        "6217004470007335024",
    ],
    leaves: &[
        "4012888888881882",
        "1700000000123456",
        "0000000000000000",
        "x4012888888881881",
        "3782 822463 10006",
        "3782 822463-10005",
        "1 3782 822463",
        "40128888888818810000",
    ],
};

/// International bank account numbers.
pub(super) static IBAN: Detector = Detector {
    id: "iban",
    classes: &[Class::TRANSACTION],
    anchors: &[Anchor::Capitals],
    literals: &[],
    source: "ISO 13616-1 (mod 97), SWIFT IBAN registry (lengths)",
    confirm: confirm_iban,
    finds: &[
        "GB29NWBK60161331926819",
        "to DE89 3704 0044 0532 0130 00.",
        "AL47-2121-1009-0000-0002-3569-8741",
    ],
    leaves: &[
        "GB29NWBK60161331926818",
        "ZZ29NWBK60161331926819",
        "DE89370400440532013000x",
        "HTTP20",
    ],
};

/// Issuers by leading digits: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir.
fn issued(text: &[u8], count: usize) -> bool {
    let lead = |n: usize| {
        text.iter()
            .filter(|b| is_digit(**b))
            .take(n)
            .fold(0u32, |v, b| {
                v.saturating_mul(10)
                    .saturating_add(u32::from(b.wrapping_sub(b'0')))
            })
    };
    let (two, three, four) = (lead(2), lead(3), lead(4));
    match count {
        14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
        15 => {
            matches!(two, 34 | 37)
                || matches!(four, 2014 | 2149)
                || four == 1800
                || four == 2131
                || three == 122
        }
        16 => {
            lead(1) == 4
                || matches!(two, 51..=55 | 65 | 62)
                || matches!(four, 2221..=2720 | 6011 | 2200..=2204 | 3528..=3589)
                || matches!(three, 644..=649)
                || matches!(two, 50 | 56..=58 | 63 | 67)
        }
        17..=19 => {
            matches!(two, 62 | 50 | 56..=58 | 63 | 67)
                || four == 6011
                || lead(1) == 4 && count == 19
        }
        _ => false,
    }
}

fn confirm_card(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if !is_digit(byte(hay, at)) {
        return;
    }
    let solid = digits_start(hay, at, 14);
    let span = if at.saturating_sub(solid) == 13 {
        Span::new(solid, digits_end(hay, at, 8))
    } else {
        let Some(first) = at.checked_sub(3) else {
            return;
        };
        let gap = before(hay, first);
        if !matches!(gap, b' ' | b'-') || !Span::new(first, at).of(hay).iter().all(|b| is_digit(*b))
        {
            return;
        }
        let end = skip(hay, at, 3, is_digit);
        let last = end.saturating_sub(first);
        let grouped = |length: usize, gaps: [usize; 3]| {
            let start = first.checked_sub(length)?;
            let mut text = Span::new(start, first).of(hay).iter().enumerate();
            let shape = text.all(|(i, b)| match gaps.contains(&i) {
                true => *b == gap,
                false => is_digit(*b),
            });
            shape.then_some(start)
        };
        // Four times four; four, six and the rest, as American Express and Diners print theirs.
        let start = match last {
            4 => grouped(15, [4, 9, 14]).or_else(|| grouped(12, [4, 11, 11])),
            5 => grouped(12, [4, 11, 11]),
            _ => None,
        };
        let Some(start) = start else {
            return;
        };
        Span::new(start, end)
    };
    let text = span.of(hay);
    let count = text.iter().filter(|b| is_digit(**b)).count();
    let (prev, next) = (before(hay, span.start), byte(hay, span.end));
    // `%B4012888888881881^LEE/ANN^`, the first track of the stripe (ISO/IEC 7813).
    let track = prev == b'B' && next == b'^' && before(hay, span.start.saturating_sub(1)) == b'%';
    // `4012888888881881=2512101…`, the second one; readers and hosts write `D` for the sign.
    let behind = span.end.saturating_add(1);
    let data = Span::new(behind, digits_end(hay, behind, 32));
    let second = matches!(next, b'=' | b'D') && data.len() >= 7;
    if !track && word_before(hay, span.start) && prev < 0x80 && prev != b'_'
        || next.is_ascii_alphanumeric() && !second
        || prev == b'.'
        || next == b'.' && is_digit(byte(hay, span.end.saturating_add(1)))
        || prev == b'-' && is_digit(before(hay, span.start.saturating_sub(1)))
    {
        return cx.reject(span, Class::TRANSACTION, "card", "part of something longer");
    }
    if !issued(text, count) || !luhn(text) {
        return cx.reject(
            span,
            Class::TRANSACTION,
            "card",
            "no issuer's range, or the Luhn check does not hold",
        );
    }
    let spelling = if is_json_number(hay, span) {
        Spelling::Number
    } else {
        Spelling::Text
    };
    cx.accept(
        span,
        Class::TRANSACTION,
        spelling,
        "card",
        "issuer range and Luhn",
    );
    if second {
        let reason = "what the stripe of a card holds behind its number";
        cx.text(data, Class::TRANSACTION, "card", reason);
    }
}

/// Length by country (SWIFT IBAN registry).
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

fn confirm_iban(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(start) = at.checked_sub(3) else {
        return;
    };
    let [a, b, c, d] = [0, 1, 2, 3].map(|i: usize| byte(hay, start.saturating_add(i)));
    if !a.is_ascii_uppercase()
        || !b.is_ascii_uppercase()
        || !is_digit(c)
        || !is_digit(d)
        || word_before(hay, start) && before(hay, start) < 0x80
    {
        return;
    }
    let Some(&(_, length)) = LENGTHS
        .iter()
        .find(|(country, _)| country.as_bytes() == [a, b])
    else {
        return;
    };
    let mut rest = 0u32;
    let mut count = 0usize;
    let mut end = start;
    let mut body: [u8; 34] = [0; 34];
    while count < length {
        let b = byte(hay, end);
        if b.is_ascii_alphanumeric() {
            if let Some(slot) = body.get_mut(count) {
                *slot = b.to_ascii_uppercase();
            }
            count = count.saturating_add(1);
        } else if !(matches!(b, b' ' | b'-')
            && count.is_multiple_of(4)
            && byte(hay, end.saturating_add(1)).is_ascii_alphanumeric())
        {
            break;
        }
        end = end.saturating_add(1);
    }
    let span = Span::new(start, end);
    let next = byte(hay, end);
    if count < length || is_word(next) && next < 0x80 {
        return cx.reject(span, Class::TRANSACTION, "iban", "not its country's length");
    }
    let body = body.get(..length).unwrap_or_default();
    let (head, tail) = body.split_at_checked(4).unwrap_or_default();
    for b in tail.iter().chain(head) {
        let (value, shift) = if is_digit(*b) {
            (u32::from(b.wrapping_sub(b'0')), 10)
        } else {
            (u32::from(b.wrapping_sub(b'A')).saturating_add(10), 100)
        };
        rest = rest.saturating_mul(shift).saturating_add(value) % 97;
    }
    if rest == 1 {
        cx.text(
            span,
            Class::TRANSACTION,
            "iban",
            "country, length and mod 97",
        );
    } else {
        cx.reject(span, Class::TRANSACTION, "iban", "mod 97 does not hold");
    }
}
