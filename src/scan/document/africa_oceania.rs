//! South Africa, Nigeria, Australia, New Zealand.

use super::check::{digit, number, uniform, value, verhoeff, weighted, yymmdd};
use super::form::Document;
use super::form::Proof::{Alone, Word};
use crate::class::Class;
use crate::format::bytes::luhn;

pub(super) const ROWS: &[&Document] = &[
    &ZA_ID,
    &NG_NIN,
    &AU_ABN,
    &AU_ACN,
    &AU_TFN,
    &AU_MEDICARE,
    &NZ_IRD,
    &NZ_NHI,
];

static ZA_ID: Document = Document {
    name: "a South African identity number",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999", Alone), ("999999 9999 999", Word)],
    check: |text| {
        yymmdd(text, 0) && matches!(digit(text, 10), 0..=2) && luhn(text) && !is_clock(text)
    },
    words: &[
        "rsa", "african", "africa", "said", "resident", "refugee", "idnumber",
    ],
    source: "Identification Act 68 of 1997 (birth date, citizenship, Luhn)",
    finds: &["RSA ID: 8001015009087", "8001015009087"],
    leaves: &["8001015009086", "9913326789285", "n=8001015009087"],
};

/// Milliseconds of this century's first decades also have thirteen digits.
fn is_clock(text: &[u8]) -> bool {
    matches!(number(text, 0, 2), 10..=17)
}

static NG_NIN: Document = Document {
    name: "a Nigerian identity number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone)],
    check: |text| verhoeff(text) && !uniform(text),
    words: &["nin", "nimc", "nigerian"],
    source: "NIMC Act 2007 (Verhoeff)",
    finds: &["NIN 12345678902", "nin: 12345678902"],
    leaves: &["NIN 12345678903", "n=12345678902"],
};

static AU_ABN: Document = Document {
    name: "an Australian business number",
    class: Class::NATIONAL_ID,
    forms: &[("99~999~999~999", Alone), ("99999999999", Alone)],
    check: |text| {
        digit(text, 0) != 0
            && weighted(text, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
                .saturating_sub(10)
                .is_multiple_of(89)
    },
    words: &["abn"],
    source: "A New Tax System (Australian Business Number) Act 1999; ABR (modulo 89)",
    finds: &["ABN 51 824 753 556", "51824753556"],
    leaves: &["52 824 753 556", "n=51824753556", "51 824 753 5564"],
};

static AU_ACN: Document = Document {
    name: "an Australian company number",
    class: Class::NATIONAL_ID,
    forms: &[("999 999 999", Alone), ("999999999", Word)],
    check: |text| {
        let sum = weighted(text, &[8, 7, 6, 5, 4, 3, 2, 1]) % 10;
        10u32.saturating_sub(sum) % 10 == digit(text, 8) && number(text, 0, 9) > 0
    },
    words: &["acn"],
    source: "Corporations Regulations 2001; ASIC (modulo 10)",
    finds: &["ACN 005 499 981", "005 499 981", "acn=005499981"],
    leaves: &["824 753 557", "005499981", "x 005 499 981 y"],
};

static AU_TFN: Document = Document {
    name: "an Australian tax file number",
    class: Class::NATIONAL_ID,
    forms: &[("999 999 999", Alone), ("999999999", Word)],
    check: |text| {
        weighted(text, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && number(text, 0, 9) > 0
    },
    words: &["tfn", "file"],
    source: "Taxation Administration Act 1953; ATO (modulo 11)",
    finds: &["TFN 876 543 210", "876 543 210", "tfn=876543210"],
    leaves: &["TFN 876543211", "876543210"],
};

static AU_MEDICARE: Document = Document {
    name: "an Australian Medicare number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("9999~99999~9", Alone),
        ("9999999999", Alone),
        ("99999999999", Word),
    ],
    check: |text| {
        matches!(digit(text, 0), 2..=6)
            && weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == digit(text, 8)
    },
    words: &["medicare"],
    source: "Services Australia, Medicare card number (weights 1 3 7 9)",
    finds: &["2123 45670 1", "medicare 2123456701"],
    leaves: &["2123 25870 1", "n=2123456701"],
};

static NZ_IRD: Document = Document {
    name: "a New Zealand tax number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word), ("99999999", Word)],
    check: |text| {
        let mut padded = *b"000000000";
        let from = 9usize.saturating_sub(text.len());
        for (to, b) in padded.iter_mut().skip(from).zip(text) {
            *to = *b;
        }
        let round = |weights: &[u32]| 11u32.saturating_sub(weighted(&padded, weights) % 11) % 11;
        let first = round(&[3, 2, 7, 6, 5, 4, 3, 2]);
        let check = if first == 10 {
            round(&[7, 4, 3, 2, 5, 2, 7, 6])
        } else {
            first
        };
        check == digit(&padded, 8)
    },
    words: &["ird", "inland"],
    source: "Inland Revenue, RWT and NRWT specification (modulo 11 in two rounds)",
    finds: &["IRD 49091850"],
    leaves: &["IRD 49091851", "49091850"],
};

static NZ_NHI: Document = Document {
    name: "a New Zealand health index number",
    class: Class::NATIONAL_ID,
    forms: &[("AAA9999", Word)],
    check: |text| {
        const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
        let place = |b: &u8| {
            ORDER
                .iter()
                .position(|o| o == b)
                .and_then(|at| u32::try_from(at).ok())
        };
        let letters: Option<u32> = text
            .iter()
            .take(3)
            .zip([7u32, 6, 5])
            .map(|(b, w)| Some(place(b)?.saturating_add(1).saturating_mul(w)))
            .sum();
        let Some(letters) = letters else { return false };
        let digits: u32 = text
            .iter()
            .skip(3)
            .take(3)
            .zip([4, 3, 2])
            .map(|(b, w)| value(*b).saturating_mul(w))
            .sum();
        let rest = letters.saturating_add(digits) % 11;
        rest != 0 && 11u32.saturating_sub(rest) % 10 == digit(text, 6)
    },
    words: &["nhi"],
    source: "HISO 10046 (modulo 11)",
    finds: &["NHI ZAC5361"],
    leaves: &["NHI ZAC5362", "ZAC5361"],
};
