//! Identities of subscribers and devices of mobile networks behind the name of their kind.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::firsts;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_hex, skip, word_before, word_behind};
use crate::record::Span;

const ID: &str = "subscriber";

/// A kind, how many digits it has, and what it is.
const KINDS: &[(&str, std::ops::RangeInclusive<usize>, Class)] = &[
    ("imsi-", 14..=15, Class::IMSI),
    ("imei-", 14..=15, Class::IMEI),
    ("imeisv-", 16..=16, Class::IMEI),
    ("msisdn-", 5..=15, Class::PHONE),
    ("IMSI[", 14..=15, Class::IMSI),
    ("IMEI[", 14..=15, Class::IMEI),
    ("IMEISV[", 16..=16, Class::IMEI),
    ("MSISDN[", 5..=15, Class::PHONE),
    ("MSISDN ", 9..=15, Class::PHONE),
    ("msisdn ", 9..=15, Class::PHONE),
    ("MEID ", 14..=14, Class::IMEI),
    ("meid ", 14..=14, Class::IMEI),
    ("suci-0-", 5..=15, Class::IMSI),
];

/// What the front end looks for.
const LITERALS: [&str; KINDS.len()] = firsts!(KINDS);

/// `imsi-001010000000001`, `suci-0-001-01-0000-0-0-0000000001`, `IMEISV[4370816125816151]`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::IMSI, Class::IMEI, Class::PHONE],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "3GPP TS 29.571 §5.3.2 (Supi, Gpsi, Pei), TS 29.509 (SUCI); 3GPP2 S.R0048 (MEID)",
    confirm,
    finds: &[
        "supi=imsi-001010000000001",
        r#"{"gpsi":"msisdn-0900000000","pei":"imeisv-4370816125816151"}"#,
        "suci=suci-0-001-01-0000-0-0-0000000001",
        "attached, IMEISV[4370816125816151]",
        "phone MEID A0000000002329 on",
        "meid 99000000002329",
        "MSISDN 4917012345678 attached",
    ],
    leaves: &[
        "imsi-check-1",
        "imsi-0010100000000012",
        "suci-0-001-01-0000-1-1-a1b2c3",
        "msisdn-v2",
        "MSISDN 12 of 100",
        "MEID 00000000000000",
        "MEID A00000000023290",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, literal)) = cx.which(at, &LITERALS) else {
        return;
    };
    let Some((_, digits, class)) = KINDS.get(index) else {
        return;
    };
    if word_before(hay, at.saturating_sub(literal.len())) {
        return;
    }
    // Behind a concealed identity's network and scheme stands the subscriber's number, open under the null scheme.
    let start = match literal {
        "suci-0-" => {
            let end = skip(hay, at, 40, |b| is_digit(b) || b == b'-');
            let scheme = Span::new(at, end);
            let Some(last) = memchr::memrchr(b'-', scheme.of(hay)) else {
                return;
            };
            let start = at.saturating_add(last).saturating_add(1);
            if !Span::new(at, start).of(hay).ends_with(b"-0-0-") {
                return;
            }
            start
        }
        _ => at,
    };
    // A MEID's first two digits are of a region, from A0, or 99 of a phone that has an IMEI too.
    let meid = literal.eq_ignore_ascii_case("meid ");
    let region = byte(hay, at).to_ascii_uppercase() >= b'A' || byte(hay, at) == b'9';
    if meid && !region {
        return;
    }
    let end = skip(
        hay,
        start,
        24,
        |b| if meid { is_hex(b) } else { is_digit(b) },
    );
    let span = Span::new(start, end);
    let closed = before(hay, at) != b'[' || byte(hay, end) == b']';
    if digits.contains(&span.len()) && closed && !word_behind(hay, end) {
        cx.text(span, *class, ID, "behind the name of its kind");
    } else {
        cx.reject(span, *class, ID, "not as many digits as its kind has");
    }
}
