//! Numbers that a noun in a sentence announces: "passport number is X", "phone: X".

use super::Detector;
use super::context::Cx;
use super::document::{self, By};
use super::front::Anchor;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, is_word, skip, word_before};
use crate::format::value::Value;
use crate::record::Span;

const ID: &str = "noun";

const NOUNS: &[&str] = &[
    "assport",
    "asaporte",
    "icense",
    "icence",
    "SSN",
    "NRIC",
    "adhaar",
    "ax ID",
    "nino",
    "NINO",
    "TCKN",
    "ational ID",
    "dentity c",
    "hone",
    "obile",
    "elefon",
    "elepono",
    "Cep no",
    "Tel ",
    "tel ",
    "Tel.",
    "tel.",
    "елефон",
    "тел.",
    "手機",
    "手机",
    "電話",
    "电话",
    "RRN",
    "RVNR",
    "паспорт",
    "Паспорт",
    "여권",
    "ravel document",
    "nsurance",
    "NIR ",
    "NIR:",
    "INSEE",
    "ociale",
    "iscale",
    "BSN ",
    "bsn ",
    "CPF ",
    "cpf ",
    "DNI ",
    "dni ",
    "NPI",
    "IMEI",
    "redit card",
    "erification code",
    "our code",
    "ogin code",
    "ecurity code",
    "OTP is",
    "OTP ",
    "经度",
    "纬度",
    "經度",
    "緯度",
    "验证码",
    "驗證碼",
];

/// A noun, a few words of filling, a number.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[
        Class::PASSPORT,
        Class::DRIVER_LICENSE,
        Class::PHONE,
        Class::TRANSACTION,
        Class::SECURITY_ANSWER,
        Class::IMEI,
        Class::NATIONAL_ID,
        Class::COORDINATES,
    ],
    anchors: &[Anchor::Literal],
    literals: NOUNS,
    source: "names of documents in English, Spanish, French, Italian, German, Russian, Turkish, Filipino, Korean and Chinese prose",
    confirm,
    finds: &[
        "My passport number is CD7654321 and it expires",
        "Licence: MORGA607054SM9IJ ok",
        "NRIC S2740116C was processed",
        "phone (20) 7123 4567 today",
        "Tel. 0912 345 678 today",
        "手機號碼 0912-345-678",
        "Aadhaar number is 400123456787 ok",
        "Your verification code is 482911.",
        "您的验证码是482911，请勿泄露",
        "验证码482913，5分钟内有效",
        "定位：经度116.397128，纬度39.916527，精度10米",
        "OTP 482913 sent",
        "Your code is 482911. Do not share it.",
        "482911 expired, your login code: 773311",
        "Your OTP is 4829",
        "my national insurance number is AB 12 34 56 C",
        "National Insurance Number PR 12 36 12 C was seen",
        "NINO AB 12 34 56 C",
        "numéro de sécurité sociale 2 55 08 14 168 025 38",
        "паспорт 45 06 123456 выдан",
        "my travel document is A12345678",
        "travel document number: A12345678",
        "여권번호: M123A4567",
        "여권번호는 M123A4567입니다",
        "my DNI is 12 345 678 Z ok",
        "CPF 529.982.247-25 ok",
    ],
    leaves: &[
        "passport.js 0.6.0 loaded",
        "licensed under Apache License 2.0",
        "phone is off since 12:30",
        "mobile app 5.1",
        "hotel 1234567",
        "intel. 1234567",
        "license number is missing",
        "verification code sent after 3 tries",
        "verification code is invalid",
        "your code is 100 lines long",
        "your code must not be 482911",
        "our codebase has 482911 lines",
        "insurance claim 12 34 56",
        "insurance no 1234567 is due",
        "license 2 000 000 seats",
        "CPF 529.982.247-26 ok",
        "验证码3000毫秒",
        "验证码6位",
        "经度1.5级",
        "TOTP 482913",
        "OTP 30 seconds",
        "OTP 300000 ms",
    ],
};

fn class(noun: &str) -> Class {
    match noun {
        "assport" | "asaporte" | "паспорт" | "Паспорт" | "여권" | "ravel document" => {
            Class::PASSPORT
        }
        "icense" | "icence" => Class::DRIVER_LICENSE,
        "hone" | "obile" | "elefon" | "elepono" | "Cep no" | "Tel " | "tel " | "Tel." | "tel."
        | "елефон" | "тел." | "手機" | "手机" | "電話" | "电话" => Class::PHONE,
        "redit card" => Class::TRANSACTION,
        "erification code" | "our code" | "ogin code" | "ecurity code" | "OTP is" | "OTP "
        | "验证码" | "驗證碼" => Class::SECURITY_ANSWER,
        "经度" | "纬度" | "經度" | "緯度" => Class::COORDINATES,
        "IMEI" => Class::IMEI,
        _ => Class::NATIONAL_ID,
    }
}

/// Nouns that say more than one thing, or stand in front of groups alone: the number has to be one of theirs.
const SHARED: &[&str] = &[
    "nsurance", "NIR ", "NIR:", "INSEE", "ociale", "iscale", "BSN ", "bsn ", "CPF ", "cpf ",
    "DNI ", "dni ",
];

fn by(noun: &str, class: Class) -> Option<By> {
    match class {
        Class::NATIONAL_ID if SHARED.contains(&noun) => Some(By::Word),
        Class::NATIONAL_ID | Class::PASSPORT | Class::DRIVER_LICENSE => Some(By::Noun(class)),
        _ => None,
    }
}

/// Nouns that end other words: `hotel 7`.
const WHOLE: &[&str] = &["Tel ", "tel ", "Tel.", "tel.", "OTP "];

/// What is counted behind a code's name.
const UNITS: &[&str] = &[
    "年", "月", "秒", "毫", "分", "次", "个", "個", "条", "條", "位",
];

const FILLING: &[&str] = &[
    "number",
    "numbers",
    "no",
    "nr",
    "num",
    "id",
    "is",
    "es",
    "are",
    "was",
    "my",
    "the",
    "code",
    "s",
    "card",
    "of",
    "numaram",
    "ode",
    "ard",
    "old",
    "numarası",
    "是",
    "为",
    "為",
    "号",
    "号码",
    "號",
    "號碼",
    "а",
    "номер",
    "серия",
    "번호",
    "번호는",
    "번호가",
    "nummer",
    "numero",
    "numéro",
    "è",
    "est",
    "ist",
];

/// `经度116.397128`: Chinese parts no words.
fn degrees(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let digits = skip(hay, at, 1, |b| matches!(b, b'-' | b'+'));
    let dot = skip(hay, digits, 3, is_digit);
    let end = skip(hay, dot.saturating_add(1), 16, is_digit);
    if dot > digits && byte(hay, dot) == b'.' && end > dot.saturating_add(2) {
        take(cx, ID, Class::COORDINATES, Value::Plain(Span::new(at, end)));
    }
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(noun) = cx.literal(at, NOUNS) else {
        return;
    };
    if WHOLE.contains(&noun) && word_before(hay, at.saturating_sub(noun.len())) {
        return;
    }
    if class(noun) == Class::COORDINATES {
        return degrees(cx, at);
    }
    let mut start = at;
    for _ in 0..6 {
        start = skip(hay, start, 4, |b| {
            matches!(b, b' ' | b':' | b'#' | b'.' | b'=')
        });
        let end = skip(hay, start, 16, |b| b.is_ascii_alphabetic() || b >= 0x80);
        let word = Span::new(start, end).of(hay);
        if !FILLING
            .iter()
            .any(|filling| word.eq_ignore_ascii_case(filling.as_bytes()))
            || is_word(byte(hay, end)) && word.is_ascii()
        {
            break;
        }
        start = end;
    }
    let apart = start > at || noun.ends_with([' ', ':']);
    let class = class(noun);
    // `验证码482913`: Chinese parts no words.
    let stuck = class == Class::SECURITY_ANSWER && start == at && !noun.is_ascii();
    if !stuck && (!apart || word_before(hay, start)) {
        return;
    }
    let by = by(noun, class);
    if let Some((span, class)) = by.and_then(|by| document::longest(hay, start, by)) {
        return cx.text(span, class, ID, "the noun before announces its groups");
    }
    if matches!(by, Some(By::Word)) {
        return;
    }
    let groups = class == Class::PHONE || class == Class::NATIONAL_ID;
    let mut end = start;
    let mut digits = 0usize;
    let mut letters = 0usize;
    while end.saturating_sub(start) < 24 {
        let (b, next) = (byte(hay, end), byte(hay, end.saturating_add(1)));
        let inside = match b {
            b'0'..=b'9' => true,
            b if b.is_ascii_alphabetic() => class != Class::PHONE,
            b'+' | b'(' => class == Class::PHONE && (is_digit(next) || next == b'('),
            // One that nothing opened is the sentence's.
            b')' => class == Class::PHONE && Span::new(start, end).of(hay).contains(&b'('),
            b'-' => next.is_ascii_alphanumeric(),
            b' ' => {
                groups && letters == 0 && is_digit(next) || class == Class::PHONE && next == b'('
            }
            _ => false,
        };
        if !inside {
            break;
        }
        digits = digits.saturating_add(usize::from(is_digit(b)));
        letters = letters.saturating_add(usize::from(b.is_ascii_alphabetic()));
        end = end.saturating_add(1);
    }
    let span = Span::new(start, end);
    let next = byte(hay, end);
    // `验证码3000毫秒`
    let behind = hay.get(end..).unwrap_or_default();
    if stuck && UNITS.iter().any(|unit| behind.starts_with(unit.as_bytes())) {
        return;
    }
    // `OTP 300000 ms`
    let counted = [
        &b" bytes"[..],
        b" ms",
        b" of ",
        b" port",
        b" started",
        b" s ",
        b" times",
    ];
    if noun == "OTP " && counted.iter().any(|unit| behind.starts_with(unit)) {
        return;
    }
    // `Tel 2026-11-26`
    let date = span.len() == 10 && [4, 7].iter().all(|at| byte(span.of(hay), *at) == b'-');
    if class == Class::PHONE && date {
        return;
    }
    let enough = if class == Class::PHONE {
        (7..=15).contains(&digits)
    } else if class == Class::SECURITY_ANSWER {
        (4..=8).contains(&digits) && letters == 0
    } else {
        digits >= 4 && digits.saturating_add(letters) >= 7 && digits.saturating_add(letters) <= 20
    };
    if !enough
        || next.is_ascii_alphanumeric()
        || matches!(next, b'_' | b':' | b'/')
        || next == b'.' && byte(hay, end.saturating_add(1)).is_ascii_alphanumeric()
    {
        if digits > 0 {
            cx.reject(span, class, ID, "not the length of such a number");
        }
        return;
    }
    cx.text(span, class, ID, "the noun before announces it");
}
