//! Germany, Austria, Switzerland, Poland, Czechia and Slovakia, Romania, Croatia, Russia.

use super::LICENCE;
use super::check::{ddmmyy, digit, icao_last, is_day, mod11_10, none, number, uniform, weighted};
use super::form::Document;
use super::form::Proof::{Alone, Itself, Word};
use crate::class::Class;
use crate::format::bytes::is_digit;

pub(super) const ROWS: &[&Document] = &[
    &DE_TAX_ID,
    &DE_TAX_NUMBER,
    &DE_VAT,
    &DE_VAT_FORM,
    &DE_PENSION,
    &DE_HEALTH,
    &DE_ID_CARD,
    &DE_ID_FORM,
    &DE_PASSPORT,
    &DE_LICENCE,
    &DE_DOCTOR,
    &DE_PRACTICE,
    &DE_REGISTER,
    &AT_SOCIAL,
    &CH_AHV,
    &PL_PESEL,
    &PL_NIP,
    &CZ_BIRTH,
    &RO_CNP,
    &HR_OIB,
    &RU_INN,
    &RU_PASSPORT,
    &RU_SNILS,
];

static DE_TAX_ID: Document = Document {
    name: "a German tax identification number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone), ("99~999~999~999", Alone)],
    check: |text| {
        digit(text, 0) != 0 && !uniform(text.get(..3).unwrap_or_default()) && mod11_10(text)
    },
    words: &[
        "steuer",
        "steuerid",
        "idnr",
        "identifikationsnummer",
        "steueridentifikationsnummer",
        "steuernummer",
        "tin",
    ],
    source: "AO §139b; BZSt, Steuer-Identifikationsnummer (ISO 7064 MOD 11,10)",
    finds: &[
        "Steuer-ID: 86095742719",
        "86095742719",
        "IdNr. 86 095 742 719",
    ],
    leaves: &["Steuer-ID: 86095742718", "n=86095742719"],
};

static DE_TAX_NUMBER: Document = Document {
    name: "a German tax office number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999/999/99999", Alone),
        ("99/999/99999", Alone),
        ("999/9999/9999", Alone),
        ("99/9999/9999", Alone),
        ("99/999/9999", Alone),
        ("9999999999999", Word),
    ],
    check: none,
    words: &["steuernummer", "steuer", "stnr", "finanzamt"],
    source: "AO §139d; ELSTER, Aufbau der Steuernummer (three groups by land; 13 digits for all)",
    finds: &["93/815/08152", "StNr: 2893081508152"],
    leaves: &["at 12/10/2024", "path 123/456/78901/x", "2893081508152"],
};

static DE_VAT: Document = Document {
    name: "a German VAT number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("de999999999", Itself),
        ("de 999999999", Itself),
        ("de~999~999~999", Alone),
    ],
    check: |text| {
        text.get(2..)
            .is_some_and(|digits| digits.first() != Some(&b'0') && mod11_10(digits))
    },
    words: &["ust", "ustid", "ustidnr", "umsatzsteuer", "mwst", "vat"],
    source: "UStG §27a; ISO 7064 MOD 11,10",
    finds: &["USt-IdNr. DE136695976", "DE-136-695-976"],
    leaves: &["code DE136695977", "xDE136695976"],
};

static DE_VAT_FORM: Document = Document {
    name: "the form of a German VAT number",
    class: Class::NATIONAL_ID,
    forms: &[("de999999999", Alone)],
    check: none,
    words: &["ust", "ustid", "ustidnr", "umsatzsteuer", "mwst", "vat"],
    source: "UStG §27a (DE and nine digits)",
    finds: &["USt-IdNr. DE123456780"],
    leaves: &["part DE123456780"],
};

static DE_PENSION: Document = Document {
    name: "a German pension insurance number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("99999999A999", Itself),
        ("99 999999 A 999", Itself),
        ("99 999999 A 99 9", Itself),
    ],
    check: |text| {
        let letter =
            u32::from(text.get(8).copied().unwrap_or(b'A').wrapping_sub(b'A')).saturating_add(1);
        let mut digits = [0u8; 12];
        let tail = [letter / 10, letter % 10, digit(text, 9), digit(text, 10)];
        let head = text.iter().take(8).map(|b| u32::from(b.wrapping_sub(b'0')));
        for (to, from) in digits.iter_mut().zip(head.chain(tail)) {
            *to = u8::try_from(from).unwrap_or(0);
        }
        let sum: u32 = digits
            .iter()
            .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
            .map(|(d, w)| u32::from(*d).saturating_mul(w))
            .map(|product| (product / 10).saturating_add(product % 10))
            .sum();
        let day = number(text, 2, 4);
        let day = if day > 50 {
            day.saturating_sub(50)
        } else {
            day
        };
        sum % 10 == digit(text, 11) && is_day(number(text, 4, 6), day)
    },
    words: &[
        "rvnr",
        "rentenversicherungsnummer",
        "sozialversicherungsnummer",
        "svnr",
        "rentenversicherung",
    ],
    source: "VKVV §§2-4 (area, birth date, initial, serial, check digit)",
    finds: &["RVNR 65170839J003", "15070649C103"],
    leaves: &["65170839J004", "15071349C103"],
};

static DE_HEALTH: Document = Document {
    name: "a German health insurance number",
    class: Class::NATIONAL_ID,
    forms: &[("A999999999", Alone)],
    check: |text| {
        let letter =
            u32::from(text.first().copied().unwrap_or(b'A').wrapping_sub(b'A')).saturating_add(1);
        let head = [letter / 10, letter % 10].into_iter();
        let body = text
            .iter()
            .skip(1)
            .take(8)
            .map(|b| u32::from(b.wrapping_sub(b'0')));
        let sum: u32 = head
            .chain(body)
            .zip([1, 2].into_iter().cycle())
            .map(|(d, w)| d.saturating_mul(w))
            .map(|product| (product / 10).saturating_add(product % 10))
            .sum();
        sum % 10 == digit(text, 9)
    },
    words: &[
        "kvnr",
        "egk",
        "krankenkasse",
        "krankenversicherung",
        "krankenversichertennummer",
        "versichertennummer",
        "gkv",
    ],
    source: "SGB V §290; GKV-Spitzenverband, Krankenversichertennummer (Luhn over letter and eight digits)",
    finds: &["KVNR: A000500015", "A000500015"],
    leaves: &["KVNR A000500016", "id=A000500015"],
};

/// Letters and digits that the federal printer uses: no vowels, nothing that looks like another.
fn printed(text: &[u8]) -> bool {
    text.iter()
        .all(|b| is_digit(*b) || b"CFGHJKLMNPRTVWXYZ".contains(b))
}

static DE_ID_CARD: Document = Document {
    name: "a German identity card number",
    class: Class::NATIONAL_ID,
    forms: &[("AXXXXXXX9", Alone), ("AXXXXXXX99", Alone)],
    check: |text| {
        let serial = text.get(..9).unwrap_or_default();
        let full = text.get(..10).map(icao_last);
        printed(text)
            && full.unwrap_or_else(|| icao_last(serial))
            && b"LMNPRTVWXYCFGHJK".contains(text.first().unwrap_or(&0))
    },
    words: &[
        "personalausweis",
        "ausweis",
        "ausweisnummer",
        "perso",
        "identity",
    ],
    source: "PAuswV §3; ICAO Doc 9303-3 §4.9 (weights 7 3 1)",
    finds: &["Personalausweis: C01234565.", "L01X00T471", "CZ6311T03"],
    leaves: &["L01X00T47", "C01234567", "id L01X00T44"],
};

static DE_ID_FORM: Document = Document {
    name: "the form of an older German identity card number",
    class: Class::NATIONAL_ID,
    forms: &[("t99999999", Word)],
    check: none,
    words: &["personalausweis", "ausweis", "ausweisnummer", "perso"],
    source: "PAuswV §3 (T and eight digits)",
    finds: &["Ausweis Nr. T22000129"],
    leaves: &["T22000129"],
};

static DE_PASSPORT: Document = Document {
    name: "a German passport number",
    class: Class::PASSPORT,
    forms: &[("AXXXXXXX9", Alone)],
    check: |text| {
        b"CFGHJK".contains(text.first().unwrap_or(&0)) && printed(text) && icao_last(text)
    },
    words: PASSPORT_DE,
    source: "PassV §2; ICAO Doc 9303-3 §4.9 (weights 7 3 1)",
    finds: &["Pass-Nr.: F12345671", "Reisepass C01234565 ausgestellt"],
    leaves: &["Reisepass F12345678", "id C01X00T41"],
};

const PASSPORT_DE: &[&str] = &[
    "reisepass",
    "pass",
    "passnummer",
    "passport",
    "passeport",
    "pasaporte",
];

static DE_LICENCE: Document = Document {
    name: "the form of a German driver's licence number",
    class: Class::DRIVER_LICENSE,
    forms: &[("AA99999999X", Word), ("AXXXXXXXX9X", Word)],
    check: none,
    words: LICENCE,
    source: "FeV annex 8 (authority, serial, check digit, issue: eleven characters)",
    finds: &["driver licence BO12345678A"],
    leaves: &["BO12345678A", "B072RRE2I55"],
};

static DE_DOCTOR: Document = Document {
    name: "a German physician number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word)],
    check: |text| {
        let sum = weighted(text.get(..6).unwrap_or_default(), &[4, 9, 4, 9, 4, 9]);
        !uniform(text)
            && (10u32.saturating_sub(sum % 10) % 10 == digit(text, 6) || sum % 10 == digit(text, 6))
    },
    words: &["lanr", "arztnummer", "arzt"],
    source: "KBV, Richtlinie nach §75 Abs. 7 SGB V (weights 4 9)",
    finds: &["LANR: 123456601", "Arztnummer 987654401"],
    leaves: &["LANR 123456901", "123456601"],
};

static DE_PRACTICE: Document = Document {
    name: "the form of a German practice number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999", Word)],
    check: |text| number(text, 0, 2) > 0 && !uniform(text),
    words: &["bsnr", "betriebsstättennummer", "betriebsstaettennummer"],
    source: "KBV, Richtlinie nach §75 Abs. 7 SGB V (region and serial)",
    finds: &[
        "BSNR 711234567 der Praxis",
        "Betriebsstättennummer: 021234568",
    ],
    leaves: &["711234567", "BSNR 000000000"],
};

static DE_REGISTER: Document = Document {
    name: "a German commercial register number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("hra99999", Alone),
        ("hra999999", Alone),
        ("hrb99999", Alone),
        ("hrb999999", Alone),
        ("hrb 99999", Word),
        ("hrb 999999", Word),
        ("hra 99999", Word),
    ],
    check: none,
    words: &["handelsregister", "amtsgericht", "registergericht"],
    source: "HRV §3 (divisions A and B)",
    finds: &["HRB123456", "Amtsgericht Bonn HRB 123456"],
    leaves: &["HRC123456", "HRB1234567", "part HRB123456"],
};

static AT_SOCIAL: Document = Document {
    name: "an Austrian social insurance number",
    class: Class::NATIONAL_ID,
    forms: &[("9999~999999", Word), ("9999999999", Word)],
    check: |text| {
        let sum = weighted(text, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
        digit(text, 0) != 0 && sum == digit(text, 3) && ddmmyy(text, 4)
    },
    words: &[
        "svnr",
        "sozialversicherungsnummer",
        "versicherungsnummer",
        "sv",
    ],
    source: "ASVG §31 Abs. 4 Z 1 (modulo 11, birth date)",
    finds: &["SVNR 1237 010180"],
    leaves: &["SVNR 1238 010180", "1237 010180"],
};

static CH_AHV: Document = Document {
    name: "a Swiss social insurance number",
    class: Class::NATIONAL_ID,
    forms: &[("756.9999.9999.99", Itself), ("7569999999999", Alone)],
    check: |text| weighted(text, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10),
    words: &["ahv", "avs", "ahvn", "navs"],
    source: "AHVV art. 133 (EAN-13 check digit)",
    finds: &["756.9217.0769.85", "ahv=7569217076985", "7569217076985"],
    leaves: &["756.9217.0769.86", "n=7569217076985"],
};

/// Month of a birth with its century: 1 to 12, or with 20, 40, 60 or 80 on top.
fn pesel_month(month: u64) -> bool {
    (1..=12).contains(&(month % 20))
}

static PL_PESEL: Document = Document {
    name: "a Polish PESEL",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone)],
    check: |text| {
        pesel_month(number(text, 2, 4))
            && (1..=31).contains(&number(text, 4, 6))
            && weighted(text, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
    },
    words: &["pesel"],
    source: "Ustawa o ewidencji ludności art. 15 (weights 1 3 7 9)",
    finds: &["pesel is 44051401359.", "44051401359"],
    leaves: &["44051401358", "id 44051401359", "44053401359"],
};

static PL_NIP: Document = Document {
    name: "a Polish tax number",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999", Word), ("999-999-99-99", Alone)],
    check: |text| {
        weighted(text, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == digit(text, 9) && !uniform(text)
    },
    words: &["nip"],
    source: "Ustawa o zasadach ewidencji podatników art. 7 (modulo 11)",
    finds: &["NIP 1234563218", "123-456-32-18"],
    leaves: &["1234563218", "NIP 1234563219"],
};

static CZ_BIRTH: Document = Document {
    name: "a Czech or Slovak birth number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999/9999", Alone),
        ("999999 9999", Word),
        ("9999999999", Word),
    ],
    check: |text| {
        let month = number(text, 2, 4);
        let plain = [0, 20, 50, 70].into_iter().any(|more| {
            month
                .checked_sub(more)
                .is_some_and(|month| is_day(month, number(text, 4, 6)))
        });
        plain && number(text, 0, 10).is_multiple_of(11)
    },
    words: &["rodné", "rodne", "číslo", "rč"],
    source: "Zákon 133/2000 Sb. §13 (divisible by 11)",
    finds: &["rodné číslo 736028/5163", "7103192745 (rodné číslo)"],
    leaves: &["x 736028/5163 y", "rodné číslo 736028/5164"],
};

static RO_CNP: Document = Document {
    name: "a Romanian personal code",
    class: Class::NATIONAL_ID,
    forms: &[("9999999999999", Alone)],
    check: |text| {
        let rest = weighted(text, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        digit(text, 0) != 0
            && is_day(number(text, 3, 5), number(text, 5, 7))
            && digit(text, 12) == if rest == 10 { 1 } else { rest }
            && matches!(number(text, 7, 9), 1..=52)
    },
    words: &["cnp"],
    source: "Legea 105/1996 (birth date, county, modulo 11)",
    finds: &["CNP 1800101221144"],
    leaves: &["CNP 1800101221145", "n 1800101221144"],
};

static HR_OIB: Document = Document {
    name: "a Croatian personal number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Word)],
    check: mod11_10,
    words: &["oib"],
    source: "Zakon o osobnom identifikacijskom broju (ISO 7064 MOD 11,10)",
    finds: &["OIB: 33392005961"],
    leaves: &["OIB 33392005962"],
};

static RU_INN: Document = Document {
    name: "a Russian taxpayer number",
    class: Class::NATIONAL_ID,
    forms: &[("999999999999", Alone)],
    check: |text| {
        let check = |weights: &[u32], at| weighted(text, weights) % 11 % 10 == digit(text, at);
        !uniform(text)
            && check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 10)
            && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 11)
    },
    words: &["инн", "ИНН", "inn"],
    source: "Приказ ФНС ММВ-7-6/435 (two digits modulo 11)",
    finds: &["ИНН 500100732259", "inn=500100732259"],
    leaves: &["ИНН 500100732258", "n=500100732259"],
};

static RU_PASSPORT: Document = Document {
    name: "a Russian passport number",
    class: Class::PASSPORT,
    forms: &[
        ("99 99 999999", Word),
        ("9999~999999", Word),
        ("9999999999", Word),
    ],
    // The last two of the series are the year of its print.
    check: |text| {
        !uniform(text) && digit(text, 0) < 10 && matches!(number(text, 2, 4), 0..=59 | 97..=99)
    },
    words: &[
        "паспорт",
        "Паспорт",
        "ПАСПОРТ",
        "паспорта",
        "серия",
        "Серия",
    ],
    source: "Постановление Правительства РФ от 8 июля 1997 г. № 828 (series of two pairs, six digits)",
    finds: &[
        "паспорт 45 06 123456",
        "Паспорт: 4506 123456",
        "паспорт 4506123456",
    ],
    leaves: &["45 06 123456", "паспорт 45 66 123456"],
};

static RU_SNILS: Document = Document {
    name: "a Russian pension number",
    class: Class::NATIONAL_ID,
    forms: &[("999-999-999 99", Itself), ("99999999999", Word)],
    check: |text| {
        let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
        let check = if sum == 100 { 0 } else { sum };
        u64::from(check) == number(text, 9, 11) && number(text, 0, 9) > 1_001_998
    },
    words: &["снилс", "СНИЛС", "snils"],
    source: "Приказ ПФР 1203п (modulo 101)",
    finds: &["СНИЛС 112-233-445 95", "snils 11223344595"],
    leaves: &["112-233-445 96", "11223344595"],
};
