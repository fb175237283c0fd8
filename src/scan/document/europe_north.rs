//! United Kingdom, Ireland, Sweden, Norway, Finland, Denmark, Estonia and Lithuania, Netherlands, Belgium.

use super::check::{ddmmyy, digit, is_day, none, number, uniform, weighted, yymmdd};
use super::form::Document;
use super::form::Proof::{Alone, Itself, Word};
use super::{LICENCE, PASSPORT};
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, luhn};

pub(super) const ROWS: &[&Document] = &[
    &UK_NHS,
    &UK_NINO,
    &UK_PASSPORT,
    &UK_LICENCE,
    &IE_PPSN,
    &SE_PERSON,
    &SE_COMPANY,
    &NO_BIRTH,
    &FI_HETU,
    &DK_CPR,
    &BALTIC,
    &NL_BSN,
    &BE_REGISTER,
];

static UK_NHS: Document = Document {
    name: "a UK NHS number",
    class: Class::NATIONAL_ID,
    forms: &[("999~999~9999", Alone), ("9999999999", Word)],
    check: |text| {
        let check = 11u32.saturating_sub(weighted(text, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        !uniform(text) && check == digit(text, 9)
    },
    words: &["nhs", "patient"],
    source: "NHS Data Dictionary, NHS number (modulo 11)",
    finds: &["NHS 943 476 5919", "943-476-5919", "nhs=9434765919"],
    leaves: &["943-476-5918", "9434765919", "call 943 476 5919 x"],
};

static UK_NINO: Document = Document {
    name: "a UK national insurance number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("AA999999A", Itself),
        ("AA 99 99 99 A", Itself),
        ("AA 999999A", Word),
        ("AA999999 A", Word),
    ],
    check: |text| {
        let (a, b) = (byte(text, 0), byte(text, 1));
        let pair: [u8; 2] = [a, b];
        !matches!(a, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V')
            && !matches!(b, b'D' | b'F' | b'I' | b'O' | b'Q' | b'U' | b'V')
            && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&pair)
            && matches!(text.last(), Some(b'A'..=b'D'))
    },
    words: &["nino", "insurance", "ni"],
    source: "HMRC National Insurance Manual NIM39110 (prefixes, suffix A to D)",
    finds: &["AB123456C", "AA 12 34 56 B", "nino: PR 123612C"],
    leaves: &["FQ000000C", "AB123456H", "BG123612A", "xAB123456C"],
};

static UK_PASSPORT: Document = Document {
    name: "the form of a passport number of two letters and seven digits",
    class: Class::PASSPORT,
    forms: &[("AA9999999", Word), ("AA 9999999", Word)],
    check: none,
    words: PASSPORT,
    source: "HM Passport Office guidance; Italian Ministry of the Interior (two letters and seven digits)",
    finds: &["passport AB1234567", "Passaporto YA1234567"],
    leaves: &["AB1234567", "id AB1234567", "passport AB12345678"],
};

static UK_LICENCE: Document = Document {
    name: "a UK driving licence number",
    class: Class::DRIVER_LICENSE,
    forms: &[("XXXXX999999XX9AA", Itself), ("XXXXX999999XXXAA", Itself)],
    check: |text| {
        let name = text.get(..5).unwrap_or_default();
        let letters = name.iter().take_while(|b| !is_digit(**b)).count();
        let month = number(text, 6, 8) % 50;
        letters > 0
            && name.iter().skip(letters).all(|b| *b == b'9')
            && is_day(month, number(text, 8, 10))
            && number(text, 6, 8) < 63
            && !is_digit(byte(text, 11))
    },
    words: LICENCE,
    source: "DVLA, driver number format (surname, birth date, initials, check)",
    finds: &["MORGA657054SM9IJ", "Licence: MORGA607054SM9IJ ok"],
    leaves: &["MORGA663054SM9IJ", "MO9GA657054SM9IJ"],
};

static IE_PPSN: Document = Document {
    name: "an Irish personal public service number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("9999999A", Word),
        ("9999999 A", Word),
        ("9999999AA", Alone),
    ],
    check: |text| {
        let last = match text.get(8) {
            Some(b'W') | None => 0,
            Some(b) => u32::from(b.wrapping_sub(b'A'))
                .saturating_add(1)
                .saturating_mul(9),
        };
        let sum = weighted(text, &[8, 7, 6, 5, 4, 3, 2]).saturating_add(last) % 23;
        byte(text, 7)
            == b"WABCDEFGHIJKLMNOPQRSTUV"
                .get(sum as usize)
                .copied()
                .unwrap_or(0)
    },
    words: &["ppsn", "pps"],
    source: "Social Welfare Consolidation Act 2005 s.262 (modulo 23)",
    finds: &["PPSN 1234567T", "1234567FA"],
    leaves: &["PPSN 1234567U", "id 1234567T"],
};

/// The last ten digits, of which the last is Luhn's.
fn last_ten(text: &[u8]) -> &[u8] {
    text.get(text.len().saturating_sub(10)..)
        .unwrap_or_default()
}

static SE_PERSON: Document = Document {
    name: "a Swedish personal number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999-9999", Alone),
        ("999999+9999", Alone),
        ("999999 9999", Word),
        ("9999999999", Alone),
        ("99999999-9999", Alone),
        ("99999999 9999", Word),
        ("999999999999", Alone),
    ],
    check: |text| {
        let ten = last_ten(text);
        let century = text.len() == 10 || matches!(number(text, 0, 2), 18..=20);
        // A coordination number has 60 on top of the day.
        let day = number(ten, 4, 6);
        let day = if day > 60 {
            day.saturating_sub(60)
        } else {
            day
        };
        // Seconds since 1970 also have ten digits.
        let clock = text.len() == 10 && digit(text, 0) == 1;
        century && !clock && is_day(number(ten, 2, 4), day) && luhn(ten)
    },
    words: &[
        "personnummer",
        "pnr",
        "personnr",
        "samordningsnummer",
        "swedish",
        "personal",
        "identity",
    ],
    source: "Folkbokföringslag (1991:481) §18; Skatteverket SKV 704 (Luhn)",
    finds: &[
        "198712202384",
        "personnummer 871220-2384",
        "20110925-2385",
        "871220-2384",
    ],
    leaves: &["198712202385", "at 871220-2384 x", "199913202384"],
};

static SE_COMPANY: Document = Document {
    name: "a Swedish company number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999-9999", Alone),
        ("9999999999", Word),
        ("16999999-9999", Alone),
    ],
    check: |text| {
        let ten = last_ten(text);
        digit(ten, 2) >= 2 && digit(ten, 0) != 0 && luhn(ten)
    },
    words: &[
        "organisationsnummer",
        "orgnummer",
        "orgnr",
        "company",
        "företag",
    ],
    source: "Lag (1974:174) om identitetsbeteckning för juridiska personer; SKV 709 (Luhn)",
    finds: &[
        "556703-7485",
        "5567037485 är vårt orgnummer",
        "orgnr 212000-0142",
    ],
    leaves: &["556703-7486", "x 556703-7485 y", "orgnr 551003-7485"],
};

static NO_BIRTH: Document = Document {
    name: "a Norwegian birth number",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone), ("999999 99999", Alone)],
    check: |text| {
        let first = 11u32.saturating_sub(weighted(text, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
        let second =
            11u32.saturating_sub(weighted(text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        let day = number(text, 0, 2);
        let day = if day > 40 {
            day.saturating_sub(40)
        } else {
            day
        };
        first == digit(text, 9) && second == digit(text, 10) && is_day(number(text, 2, 4), day)
    },
    words: &["fødselsnummer", "fodselsnummer", "personnummer", "fnr"],
    source: "Folkeregisterforskriften §2-2-1 (two digits modulo 11)",
    finds: &["fnr 17054026641", "17054026641"],
    leaves: &["17054026642", "id 17054026641"],
};

static FI_HETU: Document = Document {
    name: "a Finnish personal identity code",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999-999X", Itself),
        ("999999+999X", Itself),
        ("999999A999X", Itself),
        ("999999 999X", Word),
    ],
    check: |text| {
        let signed = text.len() == 10;
        let from = if signed { 6 } else { 7 };
        let serial = number(text, from, from.saturating_add(3));
        let n = number(text, 0, 6)
            .saturating_mul(1000)
            .saturating_add(serial)
            % 31;
        let sign = signed || matches!(byte(text, 6), b'A'..=b'F' | b'U'..=b'Y');
        let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(usize::try_from(n).unwrap_or(0));
        sign && serial >= 2 && ddmmyy(text, 0) && check == text.last()
    },
    words: &["hetu", "henkilötunnus", "personbeteckning"],
    source: "Laki väestötietojärjestelmästä 661/2009 §11; DVV (modulo 31)",
    finds: &["131052-308T", "hetu 131052A308T"],
    leaves: &["131052-308U", "131352-308T", "x-131052-308T"],
};

static DK_CPR: Document = Document {
    name: "a Danish CPR number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999-9999", Word),
        ("999999 9999", Word),
        ("9999999999", Word),
    ],
    check: |text| ddmmyy(text, 0),
    words: &["cpr", "personnummer"],
    source: "CPR-loven §3 (birth date and serial)",
    finds: &["CPR 211062-5629"],
    leaves: &["CPR 211362-5629", "211062-5629"],
};

static BALTIC: Document = Document {
    name: "an Estonian or Lithuanian personal code",
    class: Class::NATIONAL_ID,
    forms: &[("99999999999", Alone)],
    check: |text| {
        let first = weighted(text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        let check = if first < 10 {
            first
        } else {
            weighted(text, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10
        };
        matches!(digit(text, 0), 1..=6) && yymmdd(text, 1) && check == digit(text, 10)
    },
    words: &["isikukood", "asmens", "kodas", "ik"],
    source: "EVS 585:2007; Lietuvos Respublikos gyventojų registro įstatymas (modulo 11 in two rounds)",
    finds: &["isikukood 37605030299", "37605030299"],
    leaves: &["37605030298", "id 37605030299"],
};

static NL_BSN: Document = Document {
    name: "a Dutch citizen service number",
    class: Class::NATIONAL_ID,
    forms: &[
        ("999999999", Word),
        ("9999~99~999", Word),
        ("999~999~999", Word),
    ],
    check: |text| {
        let sum = weighted(text, &[9, 8, 7, 6, 5, 4, 3, 2]);
        !uniform(text) && sum % 11 == digit(text, 8)
    },
    words: &["bsn", "burgerservicenummer", "sofinummer"],
    source: "Wet algemene bepalingen burgerservicenummer (11-proef)",
    finds: &["BSN 111222333"],
    leaves: &["BSN 111222334", "111222333"],
};

static BE_REGISTER: Document = Document {
    name: "a Belgian national register number",
    class: Class::NATIONAL_ID,
    forms: &[("99.99.99-999.99", Itself), ("99999999999", Alone)],
    check: |text| {
        let body = number(text, 0, 9);
        let check = |n: u64| 97u64.saturating_sub(n % 97) == number(text, 9, 11);
        let month = number(text, 2, 4);
        month <= 12
            && number(text, 4, 6) <= 31
            && body > 0
            && (check(body) || check(body.saturating_add(2_000_000_000)))
    },
    words: &["rijksregisternummer", "insz", "niss", "rrn"],
    source: "Koninklijk besluit van 3 april 1984 (97 minus the rest by 97)",
    finds: &["85.07.30-033.28", "rijksregisternummer 85073003328"],
    leaves: &["85.07.30-033.29", "n=85073003328"],
};
