//! Spain, Portugal, France, Italy, Greece, Turkey.

use super::check::{digit, none, number, uniform, value, weighted};
use super::form::Document;
use super::form::Proof::{Alone, Itself, Word};
use super::{LICENCE, PASSPORT};
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, luhn};

pub(super) const ROWS: &[&Document] = &[
    &ES_NIF,
    &ES_NIE,
    &ES_CIF,
    &ES_PASSPORT,
    &PT_NIF,
    &FR_NIR,
    &FR_SIREN,
    &IT_FISCAL,
    &IT_VAT,
    &IT_LICENCE,
    &IT_CARD,
    &GR_AFM,
    &TR_TCKN,
];

/// Letter of a number (Orden INT/2058/2008).
fn spanish(n: u64) -> u8 {
    let at = usize::try_from(n % 23).unwrap_or(0);
    b"TRWAGMYFPDXBNJZSQVHLCKE".get(at).copied().unwrap_or(0)
}

static ES_NIF: Document = Document {
    name: "a Spanish DNI",
    class: Class::NATIONAL_ID,
    forms: &[
        ("99999999A", Itself),
        ("99999999-A", Itself),
        ("99.999.999-A", Itself),
        ("99 999 999 A", Alone),
        ("9999999-A", Alone),
        ("9999999A", Alone),
    ],
    check: |text| {
        let digits = text.len().saturating_sub(1);
        // A date and a time's `T` have a check letter by chance.
        let date =
            matches!(number(text, 0, 4), 1900..=2099) && matches!(number(text, 4, 6), 1..=12);
        !(digits == 8 && date) && text.last() == Some(&spanish(number(text, 0, digits)))
    },
    words: &["dni", "nif"],
    source: "Real Decreto 1553/2005; Orden INT/2058/2008 (letter modulo 23)",
    finds: &["12345678Z", "DNI 55555555-K", "1111111G"],
    leaves: &["12345678A", "20240101T", "x12345678Z", "0x1111111G"],
};

static ES_NIE: Document = Document {
    name: "a Spanish NIE",
    class: Class::NATIONAL_ID,
    forms: &[
        ("A9999999A", Itself),
        ("A9999999-A", Itself),
        ("A-9999999-A", Itself),
    ],
    check: |text| {
        let first = match text.first() {
            Some(b'X') => 0u64,
            Some(b'Y') => 1,
            Some(b'Z') => 2,
            _ => return false,
        };
        let n = first
            .saturating_mul(10_000_000)
            .saturating_add(number(text, 1, 8));
        text.last() == Some(&spanish(n))
    },
    words: &["nie", "extranjero"],
    source: "Real Decreto 557/2011 art. 206; Orden INT/2058/2008 (letter modulo 23)",
    finds: &["Z8078221M", "mi NIE es Y8063915-Z", "nie x9613851n"],
    leaves: &["Y8063915Q", "W8063915Z"],
};

static ES_CIF: Document = Document {
    name: "a Spanish company number",
    class: Class::NATIONAL_ID,
    forms: &[("A9999999X", Alone)],
    check: |text| {
        let mut sum = 0u32;
        for (i, b) in text.iter().skip(1).take(7).enumerate() {
            let v = value(*b);
            let twice = v.saturating_mul(2);
            sum = sum.saturating_add(if i % 2 == 0 {
                (twice / 10).saturating_add(twice % 10)
            } else {
                v
            });
        }
        let check = 10u32.saturating_sub(sum % 10) % 10;
        let letter = b"JABCDEFGHI".get(check as usize).copied();
        b"ABCDEFGHJNPQRSUVW".contains(text.first().unwrap_or(&0))
            && (text.last().copied() == letter
                || is_digit(byte(text, 8)) && digit(text, 8) == check)
    },
    words: &["cif", "nif"],
    source: "Orden EHA/451/2008 (digit or letter modulo 10)",
    finds: &["CIF A58818501", "A58818501"],
    leaves: &["CIF A58818502", "id A58818501"],
};

static ES_PASSPORT: Document = Document {
    name: "the form of a Spanish passport number",
    class: Class::PASSPORT,
    forms: &[("AAA999999", Word)],
    check: none,
    words: PASSPORT,
    source: "Real Decreto 896/2003 (three letters and six digits)",
    finds: &[
        "Mi pasaporte es AAA123456",
        "aaa123456 es mi número de pasaporte",
    ],
    leaves: &["AAA123456", "ticket ABC123456"],
};

static PT_NIF: Document = Document {
    name: "a Portuguese taxpayer number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word), ("999 999 999", Word)],
    check: |text| {
        let rest = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        !uniform(text)
            && digit(text, 8)
                == if rest < 2 {
                    0
                } else {
                    11u32.saturating_sub(rest)
                }
    },
    words: &["nif", "contribuinte", "nipc"],
    source: "Decreto-Lei 14/2013 (modulo 11)",
    finds: &["NIF 123456789"],
    leaves: &["NIF 123456780", "123456789"],
};

static FR_NIR: Document = Document {
    name: "a French social security number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("9 99 99 99 999 999 99", Itself),
        ("9 99 99 9A 999 999 99", Itself),
        ("999999999999999", Alone),
        ("999999A99999999", Alone),
    ],
    check: |text| {
        // Corsica: 2A counts as 19, 2B as 18.
        let mut digits = [0u8; 15];
        for (to, from) in digits.iter_mut().zip(text) {
            *to = *from;
        }
        let corsica = match byte(text, 6) {
            b'A' => 1_000_000u64,
            b'B' => 2_000_000,
            b if is_digit(b) => 0,
            _ => return false,
        };
        if corsica > 0
            && let Some(letter) = digits.get_mut(6)
        {
            *letter = b'0';
        }
        let body = number(&digits, 0, 13).saturating_sub(corsica);
        let month = number(text, 3, 5);
        matches!(digit(text, 0), 1 | 2 | 7 | 8)
            && (matches!(month, 1..=12 | 20..=42 | 50..=99))
            && 97u64.saturating_sub(body % 97) == number(text, 13, 15)
    },
    words: &["nir", "insee", "sécu", "secu", "sécurité"],
    source: "Code de la sécurité sociale R. 115-1; INSEE (97 minus the rest by 97)",
    finds: &["NIR 255081416802538", "2 55 08 14 168 025 38"],
    leaves: &["NIR 255081416802539", "n=255081416802538"],
};

static FR_SIREN: Document = Document {
    name: "a French company number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999999", Word),
        ("999 999 999", Word),
        ("99999999999999", Word),
    ],
    check: |text| luhn(text) && !uniform(text),
    words: &["siren", "siret"],
    source: "Code de commerce R. 123-221; INSEE (Luhn)",
    finds: &["SIREN 732 829 320", "siret=73282932000074"],
    leaves: &["SIREN 732 829 321", "732829320"],
};

static IT_FISCAL: Document = Document {
    name: "an Italian fiscal code",
    class: Class::NATIONAL_ID,
    forms: &[
        ("AAAAAAXXAXXAXXXA", Itself),
        ("AAA AAA XXAXX AXXXA", Itself),
    ],
    check: |text| {
        const ODD: [u32; 26] = [
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25,
            24, 23,
        ];
        let place = |b: u8| {
            if is_digit(b) {
                value(b)
            } else {
                u32::from(b.wrapping_sub(b'A'))
            }
        };
        let sum: u32 = text
            .iter()
            .take(15)
            .enumerate()
            .map(|(i, b)| match i % 2 {
                0 => ODD.get(place(*b) as usize).copied().unwrap_or(0),
                _ => place(*b),
            })
            .sum();
        // Letters that stand for digits where two people would have one code.
        let digits = [6, 7, 9, 10, 12, 13, 14]
            .into_iter()
            .all(|at| is_digit(byte(text, at)) || b"LMNPQRSTUV".contains(&byte(text, at)));
        digits
            && b"ABCDEHLMPRST".contains(&byte(text, 8))
            && u32::from(byte(text, 15).wrapping_sub(b'A')) == sum % 26
    },
    words: &["codice", "fiscale", "cf"],
    source: "D.M. 23 dicembre 1976 (check letter modulo 26)",
    finds: &["RSSMRA85T10A562S"],
    leaves: &["RSSMRA85T10A562T", "RSSMRA85F10A562S"],
};

static IT_VAT: Document = Document {
    name: "an Italian VAT number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone), ("it99999999999", Itself)],
    check: |text| {
        let digits = text.strip_prefix(b"IT").unwrap_or(text);
        let office = number(digits, 7, 10);
        luhn(digits) && matches!(office, 1..=100 | 120 | 121 | 888 | 999)
    },
    words: &["iva", "piva", "partita", "vat"],
    source: "DPR 633/1972 art. 35 (Luhn, office 001 to 100, 120, 121, 888, 999)",
    finds: &["P.IVA 01333550323", "01333550323"],
    leaves: &["P.IVA 00000000001", "n=01333550323"],
};

static IT_LICENCE: Document = Document {
    name: "the form of an Italian driving licence number",
    class: Class::DRIVER_LICENSE,
    forms: &[("AA9999999A", Word), ("u1XXXXXXXA", Word)],
    check: none,
    words: LICENCE,
    source: "Decreto MIT 9 agosto 2013 (two letters, seven digits and a letter; U1 and eight)",
    finds: &["patente AA0123456B", "license AA0123456B here"],
    leaves: &["AA0123456B", "code U1H00B000C"],
};

static IT_CARD: Document = Document {
    name: "the form of an Italian identity card number",
    class: Class::NATIONAL_ID,
    forms: &[("AA99999AA", Word), ("AA9999999", Word)],
    check: none,
    words: &["identità", "identita", "carta"],
    source: "D.M. 23 dicembre 2015 (CIE: two letters, five digits, two letters)",
    finds: &["carta d'identità CA00000AA"],
    leaves: &["CA00000AA"],
};

static GR_AFM: Document = Document {
    name: "a Greek tax number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word)],
    check: |text| {
        weighted(text, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == digit(text, 8)
            && !uniform(text)
    },
    words: &["afm", "αφμ", "tin"],
    source: "AADE, ΑΦΜ (modulo 11)",
    finds: &["AFM 090000045"],
    leaves: &["AFM 090000046", "090000045"],
};

static TR_TCKN: Document = Document {
    name: "a Turkish identity number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone)],
    check: |text| {
        let odd: u32 = [0, 2, 4, 6, 8].into_iter().map(|at| digit(text, at)).sum();
        let even: u32 = [1, 3, 5, 7].into_iter().map(|at| digit(text, at)).sum();
        let tenth = odd.saturating_mul(7).saturating_add(even.saturating_mul(9)) % 10;
        let all: u32 = text.iter().take(10).map(|b| value(*b)).sum();
        digit(text, 0) != 0 && tenth == digit(text, 9) && all % 10 == digit(text, 10)
    },
    words: &["tckn", "kimlik", "tc", "turkish", "türk", "kişi"],
    source: "Nüfus Hizmetleri Kanunu 5490 art. 46 (two check digits)",
    finds: &["TC Kimlik No: 10000000146", "10000000146"],
    leaves: &["10000000145", "id 10000000146"],
};
