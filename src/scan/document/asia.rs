//! Korea, Japan, Thailand, Singapore, Malaysia, Indonesia, Philippines, India, Pakistan, Israel, Gulf states, China.

use super::check::{digit, is_day, none, number, uniform, verhoeff, weighted, yymmdd};
use super::form::Document;
use super::form::Proof::{Alone, Itself, Word};
use super::{LICENCE, PASSPORT, TAX};
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, luhn};

pub(super) const ROWS: &[&Document] = &[
    &KR_RRN,
    &KR_RRN_FORM,
    &KR_RRN_SAID,
    &KR_RRN_SOLID,
    &KR_BUSINESS,
    &KR_LICENCE,
    &KR_PASSPORT,
    &JP_NUMBER,
    &TH_ID,
    &TH_SOLID,
    &SG_FORM,
    &SG_UEN,
    &MY_NRIC,
    &ID_NIK,
    &PH_TIN,
    &IN_AADHAAR,
    &IN_PAN,
    &IN_PAN_FORM,
    &IN_GSTIN,
    &IN_VOTER,
    &IN_PASSPORT,
    &PK_CNIC,
    &IL_ID,
    &AE_ID,
    &SA_ID,
    &CN_CREDIT,
    &CN_PASSPORT,
];

/// Birth date, and the digit that says century, sex and whether a foreigner; of somebody who has been born, and of a resident
/// who may live: nobody is known to have become older than 122 years. Of a foreigner's that is in doubt, and it is hidden.
fn korean(text: &[u8]) -> bool {
    let year = number(text, 0, 2);
    let may_live = match digit(text, 6) {
        1 | 2 => year > 2,
        3 | 4 | 7 | 8 => year < 60,
        _ => true,
    };
    may_live && korean_day(text)
}

/// The same of anybody, whenever they lived: beside a word for the number.
fn korean_day(text: &[u8]) -> bool {
    let year = number(text, 0, 2);
    let leap = match digit(text, 6) {
        1 | 2 | 5 | 6 => year > 0,
        3 | 4 | 7 | 8 => true,
        _ => return false,
    };
    let leap = leap && year.is_multiple_of(4);
    yymmdd(text, 0) && (leap || number(text, 2, 6) != 229)
}

static KR_RRN: Document = Document {
    name: "a Korean resident or foreigner registration number",
    class: Class::NATIONAL_ID,
    forms: &[("999999-9999999", Itself), ("9999999999999", Alone)],
    check: |text| {
        let sum = weighted(text, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
        let check = 11u32.saturating_sub(sum) % 10;
        let foreign = check.saturating_add(2) % 10;
        korean(text) && digit(text, 12) == if digit(text, 6) >= 5 { foreign } else { check }
    },
    words: KOREAN,
    source: "주민등록법 시행규칙 §2; 출입국관리법 시행규칙 (weights 2 to 9, modulo 11)",
    finds: &["960121-1021413", "050912-6000012", "9601211021413"],
    leaves: &[
        "960121-1021414",
        "n=9601211021413",
        "961321-1021413",
        "010402-6214430",
    ],
};

const KOREAN: &[&str] = &[
    "rrn",
    "frn",
    "korean",
    "주민등록번호",
    "주민번호",
    "외국인등록번호",
    "주민",
];

static KR_RRN_FORM: Document = Document {
    name: "the form of a Korean registration number",
    class: Class::NATIONAL_ID,
    forms: &[("999999-9999999", Alone), ("9999999999999", Word)],
    check: korean,
    words: KOREAN,
    source: "주민등록법 시행규칙 §2 (no check digit since October 2020)",
    finds: &["RRN is 960121-1234567", "911124-5678901"],
    leaves: &[
        "at 960121-1234567 x",
        "001332-1234567",
        "051102-9234110",
        "010402-2214431",
        "970229-1234567",
    ],
};

static KR_RRN_SAID: Document = Document {
    name: "a Korean registration number beside a word for it",
    class: Class::NATIONAL_ID,
    forms: &[("999999-9999999", Word), ("9999999999999", Word)],
    check: korean_day,
    words: KOREAN,
    source: "주민등록법 시행규칙 §2",
    finds: &["주민등록번호 010402-2214431", "RRN 0104022214431"],
    leaves: &["010402-2214431", "RRN 010432-2214431", "RRN 010402-9214431"],
};

static KR_RRN_SOLID: Document = Document {
    name: "the form of a Korean registration number without its dash",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999", Alone)],
    // Milliseconds since 1970 also have thirteen digits.
    check: |text| korean(text) && !matches!(number(text, 0, 2), 10..=19),
    words: &[],
    source: "주민등록법 시행규칙 §2 (no check digit since October 2020)",
    finds: &["9601211234567"],
    leaves: &["1712311234567", "n=9601211234567", "9902284321191"],
};

static KR_BUSINESS: Document = Document {
    name: "a Korean business number",
    class: Class::NATIONAL_ID,
    forms: &[("999-99-99999", Alone), ("9999999999", Word)],
    check: |text| {
        let sum = weighted(
            text.get(..9).unwrap_or_default(),
            &[1, 3, 7, 1, 3, 7, 1, 3, 5],
        );
        let carry = digit(text, 8).saturating_mul(5) / 10;
        10u32.saturating_sub(sum.saturating_add(carry) % 10) % 10 == digit(text, 9)
            && !uniform(text)
    },
    words: &["brn", "사업자등록번호", "사업자번호", "사업자"],
    source: "부가가치세법 §8; 국세청 사업자등록번호 (weights 1 3 7 1 3 7 1 3 5)",
    finds: &["104-86-56659", "BRN is 1048656659"],
    leaves: &["104-86-56658", "1048656659"],
};

static KR_LICENCE: Document = Document {
    name: "a Korean driver's licence number",
    class: Class::DRIVER_LICENSE,
    forms: &[("99~99~999999~99", Alone), ("999999999999", Word)],
    check: |text| matches!(number(text, 0, 2), 11..=28),
    words: LICENCE,
    source: "도로교통법 시행규칙 §77 (office 11 to 28, year, serial, check)",
    finds: &[
        "11-22-123456-12",
        "license is 13-22-123456-12",
        "license 112212345612",
    ],
    leaves: &["99-22-123456-12", "112212345612", "x 11-22-123456-12 y"],
};

static KR_PASSPORT: Document = Document {
    name: "a Korean passport number",
    class: Class::PASSPORT,
    forms: &[("A999A9999", Word), ("A99999999", Word)],
    check: |text| b"MSRGD".contains(text.first().unwrap_or(&0)),
    words: PASSPORT,
    source: "여권법 시행령 (M S R G D; eight digits, or a letter in the fifth place since 2021)",
    finds: &["Korean passport: M45678901", "대한민국 여권 S87654321"],
    leaves: &["M456B7890", "id M12345678"],
};

static JP_NUMBER: Document = Document {
    name: "a Japanese individual number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999999", Word), ("9999~9999~9999", Word)],
    check: |text| {
        let rest = weighted(text, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        !uniform(text)
            && digit(text, 11)
                == if rest <= 1 {
                    0
                } else {
                    11u32.saturating_sub(rest)
                }
    },
    words: &["mynumber", "マイナンバー", "個人番号", "kojinbango"],
    source: "総務省令第85号 §5 (modulo 11)",
    finds: &["個人番号 123456789018"],
    leaves: &["個人番号 123456789019", "123456789018"],
};

static TH_ID: Document = Document {
    name: "a Thai identity number",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999", Word), ("9-9999-99999-99-9", Itself)],
    check: |text| {
        let sum = weighted(text, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        matches!(digit(text, 0), 1..=8)
            && !uniform(text)
            && 11u32.saturating_sub(sum) % 10 == digit(text, 12)
    },
    words: &[
        "tnin",
        "thai",
        "เลขประจำตัวประชาชน",
        "เลขบัตรประชาชน",
        "บัตรประชาชน",
    ],
    source: "Department of Provincial Administration, Thailand (modulo 11)",
    finds: &[
        "Thai ID is 1234567890121",
        "เลขบัตรประชาชน 2345678901234",
        "1-2345-67890-12-1",
    ],
    leaves: &["TNIN 2345678901235", "1234567890121"],
};

static TH_SOLID: Document = Document {
    name: "a Thai identity number alone",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999", Alone)],
    // Milliseconds since 1970 also have thirteen digits.
    check: |text| digit(text, 0) != 1 && (TH_ID.check)(text),
    words: &[],
    source: "Department of Provincial Administration, Thailand (modulo 11)",
    finds: &["2345678901234"],
    leaves: &["1234567890121", "n=2345678901234"],
};

static SG_FORM: Document = Document {
    name: "the form of a Singapore NRIC or FIN",
    class: Class::NATIONAL_ID,
    forms: &[("A9999999A", Alone)],
    check: |text| b"STFGM".contains(&byte(text, 0)),
    words: &["nric", "fin"],
    source: "National Registration Act 1965 (S T F G M, seven digits, a letter)",
    finds: &["T1234567Z", "NRIC G1122144L"],
    leaves: &["id T1234567Z", "A1234567Z"],
};

static SG_UEN: Document = Document {
    name: "a Singapore entity number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("99999999A", Alone),
        ("999999999A", Alone),
        ("A99AA9999A", Itself),
    ],
    check: singapore_entity,
    words: &["uen", "acra"],
    source: "ACRA, Unique Entity Number (business, local company, other entity)",
    finds: &["UEN 53125226D was processed", "201434292D", "T16RF0037C"],
    leaves: &["UEN 53125226C", "x=201434292D", "T16RF0037D"],
};

fn singapore_entity(text: &[u8]) -> bool {
    let (weights, letters, less): (&[u32], &[u8], u32) = match (text.len(), text.first()) {
        (9, _) => (&[10, 4, 9, 3, 8, 2, 7, 1], b"XMKECAWLJDB", 0),
        (10, Some(b'R' | b'S' | b'T')) => {
            const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
            let sum: usize = text
                .iter()
                .zip([4usize, 3, 5, 3, 10, 2, 2, 5, 7])
                .map(|(b, w)| {
                    ORDER
                        .iter()
                        .position(|o| o == b)
                        .unwrap_or(0)
                        .saturating_mul(w)
                })
                .sum();
            let at = sum.checked_sub(5).map(|rest| rest % 11);
            return at.and_then(|at| ORDER.get(at)) == text.last();
        }
        (10, Some(b)) if is_digit(*b) && matches!(number(text, 0, 4), 1900..=2099) => {
            (&[10, 8, 6, 4, 9, 7, 5, 3, 1], b"ZKCMDNERGWH", 0)
        }
        _ => return false,
    };
    let sum = weighted(text, weights).saturating_sub(less) % 11;
    letters.get(sum as usize) == text.last()
}

static MY_NRIC: Document = Document {
    name: "a Malaysian identity number",
    class: Class::NATIONAL_ID,
    forms: &[("999999-99-9999", Alone), ("999999999999", Word)],
    check: |text| yymmdd(text, 0) && matches!(number(text, 6, 8), 1..=16 | 21..=59 | 82),
    words: &["mykad", "nric", "kad", "pengenalan", "ic"],
    source: "Jabatan Pendaftaran Negara (birth date, place 01 to 16, 21 to 59, 82)",
    finds: &["NRIC 880101-14-5678", "880101-14-5678"],
    leaves: &["881301-14-5678", "x 880101-14-5678 y"],
};

static ID_NIK: Document = Document {
    name: "an Indonesian identity number",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999999", Word)],
    check: |text| {
        let day = number(text, 6, 8);
        let day = if day > 40 {
            day.saturating_sub(40)
        } else {
            day
        };
        matches!(number(text, 0, 2), 11..=94) && is_day(number(text, 8, 10), day)
    },
    words: &["nik", "ktp", "kependudukan"],
    source: "UU 23/2006; Permendagri 72/2019 (province, birth date with 40 on top for women)",
    finds: &["ktp: 3171016501900001"],
    leaves: &["NIK 3171239967890123", "3171016501900001"],
};

static PH_TIN: Document = Document {
    name: "a Philippine taxpayer number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999-999-999-999", Alone),
        ("999-999-999", Word),
        ("999999999", Word),
        ("999999999999", Word),
    ],
    check: |text| {
        let sum = weighted(text.get(..8).unwrap_or_default(), &[9, 8, 7, 6, 5, 4, 3, 2]);
        let other = weighted(text.get(..8).unwrap_or_default(), &[1, 2, 3, 4, 5, 6, 7, 8]);
        let check = digit(text, 8);
        number(text, 0, 9) > 0 && (sum % 11 == check || other % 11 % 10 == check)
    },
    words: TAX,
    source: "BIR Revenue Regulations 7-2012 (nine digits and branch; modulo 11)",
    finds: &["TIN is 000-123-456-000", "BIR TIN: 000123456000"],
    leaves: &["TIN 000-123-457-000", "000123456000"],
};

static IN_AADHAAR: Document = Document {
    name: "an Aadhaar number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999999", Alone), ("9999~9999~9999", Alone)],
    check: |text| digit(text, 0) >= 2 && verhoeff(text) && !uniform(text),
    words: &["aadhaar", "aadhar", "adhaar", "uidai", "आधार"],
    source: "UIDAI, Aadhaar number (Verhoeff)",
    finds: &["aadhaar=234123412346", "234123412346", "2341:2341:2346"],
    leaves: &["n=234123412346", "aadhaar 234123412347"],
};

static IN_PAN: Document = Document {
    name: "an Indian permanent account number",
    class: Class::NATIONAL_ID,
    forms: &[("AAAAA9999A", Itself)],
    check: |text| b"ABCEFGHJLPTK".contains(&byte(text, 3)),
    words: &["pan", "permanent"],
    source: "Income-tax Rules 1962, rule 114 (holder in the fourth place)",
    finds: &["PAN ABBPM4567S", "AAAPA1111R"],
    leaves: &["ABCDE1234F", "xABBPM4567S"],
};

static IN_PAN_FORM: Document = Document {
    name: "the form of an Indian permanent account number",
    class: Class::NATIONAL_ID,
    forms: &[("AAAAA9999A", Alone)],
    check: none,
    words: &["pan", "permanent"],
    source: "Income-tax Rules 1962, rule 114 (five letters, four digits, a letter)",
    finds: &["ABCDE1234F", "PAN ABCDE1234F"],
    leaves: &["part ABCDE1234F"],
};

static IN_GSTIN: Document = Document {
    name: "an Indian goods and services tax number",
    class: Class::NATIONAL_ID,
    forms: &[("99AAAAA9999AXzX", Itself)],
    check: |text| matches!(number(text, 0, 2), 1..=38 | 97 | 99),
    words: &["gstin", "gst"],
    source: "CGST Rules 2017, rule 10 (state, PAN, entity, Z, check)",
    finds: &["GSTIN 27ABCDE1234F1Z5"],
    leaves: &["00ABCDE1234F1Z5", "27ABCDE1234F1Y5"],
};

static IN_VOTER: Document = Document {
    name: "the form of an Indian voter number",
    class: Class::NATIONAL_ID,
    forms: &[("AAA9999999", Word)],
    check: none,
    words: &["voter", "vote", "epic", "electoral", "election"],
    source: "Election Commission of India, EPIC number (three letters and seven digits)",
    finds: &["voter: DBJ2289013", "vote with your CPJ4467918 number"],
    leaves: &["KSD1287349", "order ABC1234567"],
};

static IN_PASSPORT: Document = Document {
    name: "the form of a passport number of a letter and digits in groups",
    class: Class::PASSPORT,
    forms: &[("A99 99999", Word), ("A999999", Word)],
    check: |text| text.len() == 8,
    words: PASSPORT,
    source: "Passport Manual of India (a letter, seven digits)",
    finds: &["passport A21 90457"],
    leaves: &["A21 90457", "passport A219045"],
};

static PK_CNIC: Document = Document {
    name: "a Pakistani identity number",
    class: Class::NATIONAL_ID,
    forms: &[("99999-9999999-9", Itself), ("9999999999999", Word)],
    check: |text| matches!(digit(text, 0), 1..=8) && !uniform(text),
    words: &["cnic", "nadra"],
    source: "NADRA Ordinance 2000 (region, family, sex)",
    finds: &["42101-1234567-1", "CNIC 4210112345671"],
    leaves: &["02101-1234567-1", "4210112345671"],
};

static IL_ID: Document = Document {
    name: "an Israeli identity number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word)],
    check: |text| luhn(text) && !uniform(text),
    words: &["teudat", "zehut", "תעודת", "זהות", "ת"],
    source: "Population Registry of Israel (Luhn)",
    finds: &["teudat zehut 123456782"],
    leaves: &["teudat zehut 123456783", "123456782"],
};

static AE_ID: Document = Document {
    name: "an Emirates identity number",
    class: Class::NATIONAL_ID,
    forms: &[("784-9999-9999999-9", Itself), ("784999999999999", Word)],
    check: |text| matches!(number(text, 3, 7), 1900..=2100) && luhn(text),
    words: &["emirates", "eid"],
    source: "ICP of the United Arab Emirates (784, year of birth, Luhn)",
    finds: &["784-1990-1234567-6", "Emirates ID 784199012345676"],
    leaves: &["784-1990-1234567-7", "784-1790-1234567-6"],
};

static SA_ID: Document = Document {
    name: "a Saudi identity number",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999", Word)],
    check: |text| matches!(digit(text, 0), 1 | 2) && luhn(text) && !uniform(text),
    words: &["iqama", "absher", "saudi"],
    source: "Ministry of Interior of Saudi Arabia (1 citizen, 2 resident; Luhn)",
    finds: &["iqama 2000000006"],
    leaves: &["iqama 2000000007", "2000000006"],
};

static CN_CREDIT: Document = Document {
    name: "a Chinese unified social credit code",
    class: Class::NATIONAL_ID,
    forms: &[("XX999999XXXXXXXXXX", Alone)],
    check: |text| {
        const ORDER: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        const WEIGHTS: [usize; 17] = [
            1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
        ];
        let place = |b: &u8| ORDER.iter().position(|o| o == b);
        let mut sum = 0usize;
        for (b, w) in text.iter().zip(WEIGHTS) {
            let Some(v) = place(b) else { return false };
            sum = sum.saturating_add(v.saturating_mul(w));
        }
        let letters = text.iter().any(|b| !is_digit(*b));
        let check = 31usize.saturating_sub(sum % 31) % 31;
        letters
            && matches!(byte(text, 0), b'1' | b'5' | b'9' | b'Y')
            && text.last().and_then(place) == Some(check)
    },
    words: &["uscc", "统一社会信用代码", "信用代码"],
    source: "GB 32100-2015 (modulo 31)",
    finds: &["统一社会信用代码 91350100M000100Y43"],
    leaves: &["uscc 91350100M000100Y44", "id 91350100M000100Y43"],
};

static CN_PASSPORT: Document = Document {
    name: "a Chinese passport or permit number",
    class: Class::PASSPORT,
    forms: &[("AA9999999", Word), ("A99999999", Word)],
    check: |text| b"EGHDSPCM".contains(text.first().unwrap_or(&0)),
    words: PASSPORT,
    source: "Exit and Entry Administration Law; GA/T 2018 passport numbers (E, G and eight; E, a letter and seven)",
    finds: &["护照 E12345678", "passport EA1234567"],
    leaves: &["E12345678", "护照 E1234567890"],
};
