//! Numbers of devices and of what is in them: IMEI and IMSI of fifteen digits, ICCID of nineteen or twenty.

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use super::tracker;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, digits_end, digits_start, is_digit, is_end, is_json_number, is_word, luhn, skip,
    skip_back, word_before, word_behind,
};
use crate::record::Span;

const ID: &str = "digits15";

/// IMEI by reporting body and Luhn, IMSI by country code, ICCID by its industry's digits and Luhn.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::IMEI, Class::IMSI],
    anchors: &[Anchor::Digits, Anchor::ImeiDashes],
    literals: &[],
    source: "3GPP TS 23.003 §2.2 and §6.2; ITU-T E.212 (mobile country codes); ITU-T E.118 (ICCID); the OsmAnd protocol of trackers",
    confirm,
    finds: &[
        "*HQ,123456789012345,V1,155850",
        "$GPRS123456789012345,602S19A",
        "设备490154203237518上线",
        "#L#123456789012345;test",
        "*TH,8680001112223331,V1,120000",
        "$QZ,0007,0f3a,933000111222333,x",
        "+RESP:GTXYZ,060100,135790246811220,,00",
        "/?id=123456789012345&lat=1.5&lon=2.5",
        r#"{"lat":1.5,"lon":2.5,"id":"123456789012345"}"#,
        "/?id=123456789012345&gprmc=$GPRMC,191555,A",
        "dev 490154203237518 on",
        "49-015420-323751-8",
        "EVENT_490154203237518_00",
        "IMEI 490154203237500",
        r#"[490154203237518]"#,
        "sub 262012965556361 att",
        "sim 8944500102198304826 in slot 1",
        r#"{"chip":"89014103211118510720"}"#,
        "490154203237518imei:490154203237518,tracker",
    ],
    leaves: &[
        "at *HQ,123456789012345,V1",
        "*HQ,20240101123000,V1",
        "$QZ,0007,0f3a,9330001112223334,x",
        "/?id=123456789012345&plate=1.5&salon=2.5",
        "/?id=123456789012345 lat=1.5&lon=2.5",
        r#"{"a":{"lat":1.5,"lon":2.5},"b":{"id":123456789012345}}"#,
        "$123456789012345",
        "490154203237519000",
        "1700000000000",
        "x490154203237518",
        "sim 8944500102198304825 in slot 1",
        "sim 8044500102198304828 in slot 1",
        "blk_8944500102198304826",
        "blk_-8944500102198304826",
        "0.8944500102198304826",
        "0.490154203237518",
        "999999999999999",
        r#"{"source":{"tid":"283746293874293"}}"#,
        "20240101123000",
    ],
};

/// Mobile country codes in use (ITU-T E.212 annex), as ranges.
const COUNTRY: &[(u16, u16)] = &[
    (202, 202),
    (204, 204),
    (206, 206),
    (208, 208),
    (212, 214),
    (216, 216),
    (218, 222),
    (226, 226),
    (228, 232),
    (234, 235),
    (238, 238),
    (240, 240),
    (242, 242),
    (244, 244),
    (246, 248),
    (250, 250),
    (255, 255),
    (257, 257),
    (259, 260),
    (262, 262),
    (266, 268),
    (270, 270),
    (272, 272),
    (274, 274),
    (276, 276),
    (278, 278),
    (280, 280),
    (282, 284),
    (286, 286),
    (288, 290),
    (292, 295),
    (297, 297),
    (302, 302),
    (308, 308),
    (310, 316),
    (330, 330),
    (334, 334),
    (338, 338),
    (340, 340),
    (342, 342),
    (344, 344),
    (346, 346),
    (348, 348),
    (350, 350),
    (352, 352),
    (354, 354),
    (356, 356),
    (358, 358),
    (360, 360),
    (362, 366),
    (368, 368),
    (370, 370),
    (372, 372),
    (374, 374),
    (376, 376),
    (400, 402),
    (404, 406),
    (410, 410),
    (412, 416),
    (417, 422),
    (424, 432),
    (434, 441),
    (450, 450),
    (452, 457),
    (460, 461),
    (466, 467),
    (470, 470),
    (472, 472),
    (502, 502),
    (505, 505),
    (510, 510),
    (514, 515),
    (520, 520),
    (525, 525),
    (528, 528),
    (530, 530),
    (536, 537),
    (539, 555),
    (602, 659),
    (702, 702),
    (704, 704),
    (706, 706),
    (708, 708),
    (710, 710),
    (712, 712),
    (714, 714),
    (716, 716),
    (722, 722),
    (724, 724),
    (730, 730),
    (732, 732),
    (734, 734),
    (736, 736),
    (738, 738),
    (740, 740),
    (742, 742),
    (744, 744),
    (746, 746),
    (748, 748),
    (750, 750),
    (901, 901),
];

/// [`COUNTRY`], a bit for each number of three digits.
static IS_COUNTRY: [u64; 16] = {
    let mut bits = [0u64; 16];
    let mut i = 0;
    while i < COUNTRY.len() {
        #[allow(
            clippy::indexing_slicing,
            reason = "`i` is below the length, a code below 1000"
        )]
        {
            let (mut code, last) = COUNTRY[i];
            while code <= last {
                bits[code as usize / 64] |= 1 << (code % 64);
                code = code.wrapping_add(1);
            }
            i = i.wrapping_add(1);
        }
    }
    bits
};

fn is_country(code: u16) -> bool {
    let word = IS_COUNTRY.get(usize::from(code / 64)).copied();
    word.is_some_and(|word| word >> (code % 64) & 1 == 1)
}

/// Reporting body identifiers that allocate IMEIs (GSMA TS.06).
const BODIES: &[u8] = &[
    1, 10, 30, 33, 35, 44, 45, 49, 50, 51, 52, 53, 54, 86, 91, 98, 99,
];

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let span = match byte(hay, at) {
        b'-' => {
            let Some(start) = at.checked_sub(16) else {
                return;
            };
            let span = Span::new(start, at.saturating_add(2));
            let shape = span.of(hay).iter().enumerate().all(|(i, b)| {
                if matches!(i, 2 | 9 | 16) {
                    *b == b'-'
                } else {
                    is_digit(*b)
                }
            });
            if span.of(hay).len() != 18 || !shape {
                return;
            }
            span
        }
        b if is_digit(b) => {
            let start = digits_start(hay, at, 14);
            if at.saturating_sub(start) != 13 {
                return;
            }
            Span::new(start, digits_end(hay, at, 8))
        }
        _ => return,
    };
    // A sentence of a GPS tracker names its terminal, whatever the maker and the check digit.
    if tracker::is_of_a_sentence(hay, span) {
        let reason = "the terminal's field in a tracker's sentence";
        return with_copies(cx, span, Class::IMEI, reason);
    }
    let count = span.of(hay).iter().filter(|b| is_digit(**b)).count();
    if matches!(count, 19 | 20) && span.len() == count {
        return card(cx, span);
    }
    if count != 15 {
        return cx.reject(span, Class::IMEI, ID, "not fifteen digits");
    }
    let open = |b: u8| !is_word(b) || b == b'_' || b >= 0xE0;
    if !open(before(hay, span.start)) && word_before(hay, span.start)
        || !open(byte(hay, span.end))
        || before(hay, span.start) == b'.'
        || before(hay, span.start) == b'-' && is_digit(before(hay, span.start.saturating_sub(1)))
    {
        return cx.reject(span, Class::IMEI, ID, "part of something longer");
    }
    let text = span.of(hay);
    let leading = |n: usize| {
        text.iter()
            .filter(|b| is_digit(**b))
            .take(n)
            .fold(0u16, |v, b| {
                v.wrapping_mul(10)
                    .wrapping_add(u16::from(b.wrapping_sub(b'0')))
            })
    };
    // `IMEI 123…` in prose: the word says it, whatever the check digit says.
    let gap = skip_back(hay, span.start, 4, |b| {
        matches!(b, b' ' | b':' | b'=' | b'#')
    });
    let word = Span::new(skip_back(hay, gap, 8, |b| b.is_ascii_alphabetic()), gap).of(hay);
    for (name, class) in [(&b"imei"[..], Class::IMEI), (b"imsi", Class::IMSI)] {
        if word.eq_ignore_ascii_case(name) {
            return with_copies(cx, span, class, "the word before names it");
        }
    }
    let same = text.iter().all(|b| Some(b) == text.first());
    let body = leading(2);
    let is_body = BODIES.iter().any(|known| u16::from(*known) == body);
    if is_body && !same && luhn(text) {
        return with_copies(cx, span, Class::IMEI, "reporting body and Luhn");
    }
    if !text.contains(&b'-') && is_country(leading(3)) && !has_another_key(hay, span) {
        take(cx, span, Class::IMSI, "a mobile country code");
        return;
    }
    if tracker::is_of_a_position(hay, span) {
        let reason = "the id of what has a latitude and a longitude";
        take(cx, span, Class::IMEI, reason);
        return;
    }
    cx.reject(
        span,
        Class::IMEI,
        ID,
        "neither Luhn nor a mobile country code",
    );
}

/// Whether it is the value of a key that counts, times or names something else: a country code alone is weak.
fn has_another_key(hay: &[u8], span: Span) -> bool {
    const ENDINGS: &[&[u8]] = &[
        b"id",
        b"time",
        b"timestamp",
        b"ts",
        b"offset",
        b"seq",
        b"count",
        b"bytes",
        b"size",
        b"nonce",
        b"version",
    ];
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b' ' | b'\\');
    let border = skip_back(hay, span.start, 8, quote);
    if !matches!(before(hay, border), b':' | b'=') {
        return false;
    }
    let end = skip_back(hay, border.saturating_sub(1), 8, quote);
    let key = Span::new(skip_back(hay, end, 32, is_word), end).of(hay);
    let sim = [&b"sim"[..], b"imsi", b"sub", b"device", b"terminal"];
    let lower = key.to_ascii_lowercase();
    !sim.iter()
        .any(|name| memchr::memmem::find(&lower, name).is_some())
        && ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Takes a number as it is spelled: bare in JSON it stays one.
fn take(cx: &mut Cx<'_>, span: Span, class: Class, reason: &'static str) -> Spelling {
    let spelling = if is_json_number(cx.hay(), span) {
        Spelling::Number
    } else {
        Spelling::Text
    };
    cx.accept(span, class, spelling, ID, reason);
    spelling
}

/// How far from a device's number its copies are looked for.
const COPY_BYTES: usize = 256;

/// A number of nineteen or twenty digits: that of a SIM card?
fn card(cx: &mut Cx<'_>, span: Span) {
    let hay = cx.hay();
    let text = span.of(hay);
    // `89` is telecommunications; a country code begins with 1 to 9 (ITU-T E.164), North America's is written `01`.
    let industry = matches!(
        text,
        [b'8', b'9', b'1'..=b'9', ..] | [b'8', b'9', b'0', b'1', ..]
    );
    if !industry || !luhn(text) || has_another_key(hay, span) {
        return cx.reject(
            span,
            Class::IMSI,
            ID,
            "no industry's digits, no Luhn, or the key of another thing",
        );
    }
    // Blocks and fractions are as long.
    if word_before(hay, span.start)
        || matches!(before(hay, span.start), b'.' | b'-')
        || word_behind(hay, span.end)
    {
        return cx.reject(span, Class::IMSI, ID, "part of something longer");
    }
    take(cx, span, Class::IMSI, "the number of a SIM card by Luhn");
}

/// Takes a number, and copies of it that stand in the same record with something written right behind or in front
/// of them, as where a sender's messages run into each other: by themselves they are part of something longer.
fn with_copies(cx: &mut Cx<'_>, span: Span, class: Class, reason: &'static str) {
    let hay = cx.hay();
    let spelling = take(cx, span, class, reason);
    // A string or a JSON number is a value by itself; such senders write neither.
    let string = matches!(byte(hay, span.end), b'"' | b'\'' | b'\\' | b'}' | b']');
    if string || spelling == Spelling::Number {
        return;
    }
    let inside = |b: u8| !is_end(b);
    let from = skip_back(hay, span.start, COPY_BYTES, inside);
    let to = skip(hay, span.end, COPY_BYTES, inside);
    let number = span.of(hay);
    // A copy that an earlier one has found found all up to there.
    let (last, until) = cx.copied;
    let known = span.start < until && last.of(hay) == number;
    let parts = if known {
        let begun = until.saturating_sub(number.len());
        [Span::new(begun.max(span.end), to), Span::new(to, to)]
    } else {
        [Span::new(from, span.start), Span::new(span.end, to)]
    };
    cx.copied = (span, to);
    for part in parts {
        for copy in memchr::memmem::find_iter(part.of(hay), number) {
            let start = part.start.saturating_add(copy);
            let copy = Span::new(start, start.saturating_add(number.len()));
            let numeric = |b: u8| is_digit(b) || b == b'.';
            let token = Span::new(
                skip_back(hay, copy.start, COPY_BYTES, numeric),
                skip(hay, copy.end, COPY_BYTES, numeric),
            );
            let reason = "the same number once more";
            if is_json_number(hay, token) {
                cx.accept(token, class, Spelling::Number, ID, reason);
            } else {
                cx.text(copy, class, ID, reason);
            }
        }
    }
}
