//! United States, Canada, Mexico, Brazil, Argentina, Chile.

use super::check::{digit, none, number, uniform, value, weighted, yymmdd};
use super::form::Document;
use super::form::Proof::{Alone, Itself, Word};
use super::{LICENCE, LICENCE_ALONE, PASSPORT};
use crate::class::Class;
use crate::format::bytes::{is_digit, luhn};

pub(super) const ROWS: &[&Document] = &[
    &US_SSN,
    &US_ITIN,
    &US_MBI,
    &US_NPI,
    &US_ROUTING,
    &US_PASSPORT,
    &US_LICENCE,
    &US_LICENCE_DIGITS,
    &CA_SIN,
    &MX_CURP,
    &MX_RFC,
    &BR_CPF,
    &BR_CNPJ,
    &AR_CUIT,
    &CL_RUT,
];

static US_SSN: Document = Document {
    name: "a US social security number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999-99-9999", Itself),
        ("999~99~9999", Alone),
        ("999999999", Word),
        ("999-999999", Word),
        ("99999-9999", Word),
    ],
    check: ssn,
    words: &["ssn", "ssns", "social", "socialsecurity"],
    source: "SSA POMS RM 10201.030 (areas, groups and serials that are not issued)",
    finds: &[
        "123-45-6789",
        "ssn 123456789",
        "123 45 6789",
        "social security number 123 45 6789",
    ],
    leaves: &[
        "000-45-6789",
        "123456789",
        "ssn 666456789",
        "GET / 200 12 1234 x",
    ],
};

fn ssn(text: &[u8]) -> bool {
    let area = number(text, 0, 3);
    area != 0
        && area != 666
        && area < 900
        && number(text, 3, 5) != 0
        && number(text, 5, 9) != 0
        && !uniform(text)
}

static US_ITIN: Document = Document {
    name: "a US individual taxpayer number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999-99-9999", Itself),
        ("999~99~9999", Alone),
        ("999999999", Alone),
        ("999-999999", Alone),
        ("99999-9999", Alone),
    ],
    check: |text| {
        digit(text, 0) == 9 && matches!(number(text, 3, 5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
    },
    words: &["itin", "tin", "taxpayer", "tax", "ssn"],
    source: "IRS Publication 1915 (groups 50-65, 70-88, 90-92, 94-99)",
    finds: &["911-70-1234", "my ITIN is 911701234", "911 70 1234"],
    leaves: &["911-89-1234", "n=911701234", "tin 911891234"],
};

static US_MBI: Document = Document {
    name: "a US Medicare beneficiary identifier",
    class: Class::NATIONAL_ID,
    forms: &[("9AX9AX9AA99", Itself), ("9AX9~AX9~AA99", Itself)],
    check: |text| {
        digit(text, 0) != 0
            && !text
                .iter()
                .any(|b| matches!(b, b'S' | b'L' | b'O' | b'I' | b'B' | b'Z'))
    },
    words: &["mbi", "medicare", "beneficiary"],
    source: "CMS, Medicare Beneficiary Identifier format (11 characters, no S L O I B Z)",
    finds: &["1EG4-TE5-MK73", "patient 1EG4TE5MK73 seen"],
    leaves: &["1SG4-TE5-MK73", "0EG4-TE5-MK73", "x1EG4TE5MK73"],
};

static US_NPI: Document = Document {
    name: "a US national provider identifier",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999", Word), ("9999~999~999", Alone)],
    check: |text| {
        let mut whole = [0u8; 15];
        for (to, from) in whole.iter_mut().zip(b"80840".iter().chain(text)) {
            *to = *from;
        }
        matches!(text.first(), Some(b'1' | b'2')) && luhn(&whole)
    },
    words: &["npi", "provider", "prescriber"],
    source: "45 CFR 162.406; CMS NPI check digit (Luhn with prefix 80840)",
    finds: &["NPI: 1234567893", "1234-567-893"],
    leaves: &["NPI: 1234567890", "1234567893", "3234-567-893"],
};

static US_ROUTING: Document = Document {
    name: "a US bank routing number",
    class: Class::TRANSACTION,
    forms: &[("999999999", Word), ("9999~9999~9", Alone)],
    check: |text| {
        matches!(number(text, 0, 2), 1..=12 | 21..=32 | 61..=72 | 80)
            && weighted(text, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    },
    words: &["routing", "aba", "rtn", "bank"],
    source: "American Bankers Association routing number policy (prefixes, weights 3 7 1)",
    finds: &["routing 021000021", "0210-0002-1"],
    leaves: &["routing 021000022", "021000021", "4210-4211-1"],
};

static US_PASSPORT: Document = Document {
    name: "the form of a US or Indian passport number",
    class: Class::PASSPORT,
    forms: &[
        ("999999999", Word),
        ("A99999999", Word),
        ("A 99999999", Word),
        ("A9999999", Word),
        ("A 9999999", Word),
    ],
    check: none,
    words: PASSPORT,
    source: "US Department of State (nine digits, or a letter and eight); Indian Passport Manual (a letter and seven)",
    finds: &[
        "passport 912803456",
        "travel passport is A12803456",
        "passport number: J6932157",
    ],
    leaves: &["912803456", "id A12803456"],
};

static US_LICENCE: Document = Document {
    name: "the form of a US driver's licence number",
    class: Class::DRIVER_LICENSE,
    forms: &[
        ("A9999999", Word),
        ("A99999999", Word),
        ("A999999999999", Word),
        ("AA999999", Word),
        ("A9999~9999~9999", Word),
    ],
    check: none,
    words: LICENCE,
    source: "AAMVA DL/ID card design standard annex D (numbers by jurisdiction)",
    finds: &["driver license H12234567", "DL: D1234567"],
    leaves: &["H12234567", "build 12345678"],
};

static US_LICENCE_DIGITS: Document = Document {
    name: "the form of a US driver's licence number, of digits alone",
    class: Class::DRIVER_LICENSE,
    forms: &[("9999999", Word), ("99999999", Word), ("999999999", Word)],
    check: none,
    words: LICENCE_ALONE,
    source: "AAMVA DL/ID card design standard annex D (numbers by jurisdiction)",
    finds: &[
        "driver's license 12234567",
        "DL# 12234567",
        "driving permit 12234567",
    ],
    leaves: &[
        "[drm] Initialized i915 1.6.0 20201103 for driver 0000:00:02.0",
        "driver version 12345678 loaded",
        "Closes: #1028200 (driver)",
    ],
};

static CA_SIN: Document = Document {
    name: "a Canadian social insurance number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word), ("999~999~999", Alone)],
    check: |text| !matches!(text.first(), Some(b'0' | b'8')) && !uniform(text) && luhn(text),
    words: &["sin", "nas", "insurance", "assurance"],
    source: "Service Canada, SIN Code of Practice (Luhn; 0 and 8 are not issued)",
    finds: &["my SIN is 130-692-544", "NAS: 130692544", "130 692 544"],
    leaves: &[
        "130692544",
        "SIN 130-692-545",
        "046 454 286",
        "at 130 692 544 x",
    ],
};

static MX_CURP: Document = Document {
    name: "a Mexican population registry code",
    class: Class::NATIONAL_ID,
    forms: &[("AAAA999999AAAAAAX9", Itself)],
    check: |text| yymmdd(text, 4) && matches!(text.get(10), Some(b'H' | b'M' | b'X')),
    words: &["curp"],
    source: "RENAPO, Instructivo normativo para la asignación de la CURP",
    finds: &["CURP BADD110313HCMLNS09"],
    leaves: &["BADD111313HCMLNS09", "BADD110313ACMLNS09"],
};

static MX_RFC: Document = Document {
    name: "a Mexican taxpayer code",
    class: Class::NATIONAL_ID,
    forms: &[("AAAA999999XXX", Alone)],
    check: |text| yymmdd(text, 4),
    words: &["rfc"],
    source: "Código Fiscal de la Federación art. 27 (RFC of natural persons)",
    finds: &["RFC: GODE561231GR8"],
    leaves: &["RFC: GODE561331GR8", "id GODE561231GR8"],
};

/// Both check digits: weights falling to 2, remainder under 2 is 0.
fn modulo11_pair(text: &[u8], weights: &[u32]) -> bool {
    let check = |weights: &[u32], at: usize| {
        let rest = weighted(text.get(..at).unwrap_or_default(), weights) % 11;
        digit(text, at)
            == if rest < 2 {
                0
            } else {
                11u32.saturating_sub(rest)
            }
    };
    let last = text.len().saturating_sub(1);
    let first = weights.get(1..).unwrap_or_default();
    !uniform(text) && check(first, last.saturating_sub(1)) && check(weights, last)
}

static BR_CPF: Document = Document {
    name: "a Brazilian taxpayer number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999.999.999-99", Itself),
        ("999 999 999 99", Alone),
        ("99999999999", Alone),
    ],
    check: |text| modulo11_pair(text, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]),
    words: &["cpf", "contribuinte"],
    source: "Receita Federal, Cadastro de Pessoas Físicas (two digits modulo 11)",
    finds: &["cpf=52998224725", "529.982.247-25"],
    leaves: &["529.982.247-26", "n=52998224725"],
};

static BR_CNPJ: Document = Document {
    name: "a Brazilian company number",
    class: Class::NATIONAL_ID,
    forms: &[("99.999.999/9999-99", Itself), ("99999999999999", Word)],
    check: |text| modulo11_pair(text, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]),
    words: &["cnpj"],
    source: "Receita Federal, Cadastro Nacional da Pessoa Jurídica (two digits modulo 11)",
    finds: &["11.222.333/0001-81", "CNPJ 11222333000181"],
    leaves: &["11.222.333/0001-82", "11222333000181"],
};

static AR_CUIT: Document = Document {
    name: "an Argentine labour or tax number",
    class: Class::NATIONAL_ID,
    forms: &[("99-99999999-9", Alone), ("99999999999", Word)],
    check: |text| {
        matches!(number(text, 0, 2), 20 | 23 | 24 | 27 | 30 | 33 | 34)
            && weighted(text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    },
    words: &["cuit", "cuil"],
    source: "ANSES / AFIP, CUIL and CUIT (modulo 11)",
    finds: &["CUIT 20-12345678-6", "cuil: 20123456786"],
    leaves: &["CUIT 20-12345678-5", "x 20-12345678-6 y"],
};

static CL_RUT: Document = Document {
    name: "a Chilean identity number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("99.999.999-X", Itself),
        ("99999999-X", Word),
        ("9.999.999-X", Itself),
        ("9999999-X", Word),
    ],
    check: |text| {
        let Some((check, body)) = text.split_last() else {
            return false;
        };
        let sum: u32 = body
            .iter()
            .rev()
            .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
            .map(|(b, w)| value(*b).saturating_mul(w))
            .sum();
        match 11u32.saturating_sub(sum % 11) {
            11 => *check == b'0',
            10 => *check == b'K',
            rest => is_digit(*check) && value(*check) == rest,
        }
    },
    words: &["rut", "run", "rol"],
    source: "Servicio de Registro Civil e Identificación (modulo 11)",
    finds: &["12.345.678-5", "RUT 12345678-5"],
    leaves: &["12.345.678-6", "12345678-5"],
};
