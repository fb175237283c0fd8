//! Coordinates in notations of their own: degrees with their sign, and well-known text.

use super::Detector;
use super::context::{Cx, Walk};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_word, skip, skip_back, word_before, word_behind,
};
use crate::record::Span;

/// `40°26′46″N`, `40.446° N`, `N 40° 26.767'`.
pub(super) static DEGREES: Detector = Detector {
    id: "degrees",
    classes: &[Class::COORDINATES],
    anchors: &[Anchor::Literal],
    literals: &[
        "° ", "°0", "°1", "°2", "°3", "°4", "°5", "°6", "°7", "°8", "°9", "°N", "°S", "°E", "°W",
        " deg ",
    ],
    source: "ISO 6709 annex D; degrees, minutes and seconds as maps write them",
    confirm: confirm_degrees,
    finds: &[
        "40°26′46″N 79°58′56″W",
        "40°26'46\"N",
        r#"{"at":"40°26'46\"N"}"#,
        "40° 26.767' N",
        "48.8577° N, 2.295° E",
        "N 40° 26.767'",
        "GPS Position : 40 deg 26' 46.00\" N, 79 deg 58' 56.00\" W",
    ],
    leaves: &[
        "21° C outside",
        "turned 45° 3 times",
        "at 20°C",
        "a ° N",
        "360° North",
        "turned 45 deg 3 times",
    ],
};

/// `POINT (30.1 10.2)`.
pub(super) static WELL_KNOWN: Detector = Detector {
    id: "well_known_text",
    classes: &[Class::COORDINATES],
    anchors: &[Anchor::Literal],
    literals: &["POINT", "LINESTRING", "POLYGON"],
    source: "ISO 19125-1 (well-known text)",
    confirm: confirm_well_known,
    finds: &[
        "POINT (30.1 10.2)",
        "SRID=4326;LINESTRING(30.1 10.2, 10.3 30.4)",
        "POLYGON((30.12 10.2, 40.5 40.6, 20.7 40.8, 30.12 10.2))",
        "POINT Z (30.1 10.2 5)",
    ],
    leaves: &[
        "ENDPOINT (v1.2)",
        "POINT (3 4)",
        "POINT EMPTY",
        "POLYGON((a b))",
    ],
};

/// `geo:48.2,16.3`, however few its decimals.
pub(super) static URI: Detector = Detector {
    id: "geo_uri",
    classes: &[Class::COORDINATES],
    anchors: &[Anchor::Literal],
    literals: &["geo:"],
    source: "RFC 5870 §3.3",
    confirm: confirm_uri,
    finds: &[
        "at geo:48.2,16.3",
        "<a href=\"geo:-33.9,151.2;u=35\">",
        "geo:48.2010,16.3695,183",
    ],
    leaves: &[
        "geo:48,16",
        "geo:0.0,0.0",
        "geo:91.5,16.3",
        "geo:1.2.3.4",
        "ageo:48.2,16.3",
        "geo:48.2",
    ],
};

/// `8FWH4HX9+QF`: a plus code says its square without a key.
pub(super) static PLUS_CODE: Detector = Detector {
    id: "plus_code",
    classes: &[Class::COORDINATES],
    anchors: &[Anchor::Plus],
    literals: &[],
    source: "Open Location Code specification (full codes of ten digits and more)",
    confirm: confirm_plus_code,
    finds: &[
        "at 8FWH4HX9+QF x",
        r#"{"place":"8FWH4HX9+QF2"}"#,
        "q=8FWH4HX9+QF&z=1",
    ],
    leaves: &[
        "sum 23456789+22",
        "8FWH4HX9+QFxx",
        "a8FWH4HX9+QF",
        "/8FWH4HX9+QF/8",
        "XFWH4HX9+QF",
        "8FWH4HX9+Q",
        "8FWH4HX9+QF==",
        "4HX9+QF",
    ],
};

fn confirm_plus_code(cx: &mut Cx<'_>, at: usize) {
    /// The digits in their order.
    const DIGITS: &[u8] = b"23456789CFGHJMPQRVWX";
    let hay = cx.hay();
    let digit = |b: u8| DIGITS.contains(&b);
    if before(hay, at) != b'+' || !digit(byte(hay, at)) {
        return;
    }
    let sign = at.saturating_sub(1);
    let start = skip_back(hay, sign, 8, digit);
    let end = skip(hay, at, 5, digit);
    let span = Span::new(start, end);
    // Of twenty degrees there are nine between the poles and eighteen around the world.
    let first = |at: usize, most: usize| DIGITS.iter().take(most).any(|d| *d == byte(hay, at));
    let part = |b: u8| is_word(b) || matches!(b, b'+' | b'/' | b'-');
    let own = sign.saturating_sub(start) == 8
        && end.saturating_sub(at) >= 2
        && first(start, 9)
        && first(start.saturating_add(1), 18)
        && span.of(hay).iter().any(u8::is_ascii_uppercase)
        && !part(before(hay, start))
        && !part(byte(hay, end))
        && byte(hay, end) != b'=';
    if own {
        cx.text(
            span,
            Class::COORDINATES,
            "plus_code",
            "ten digits of a plus code",
        );
    }
}

fn confirm_uri(cx: &mut Cx<'_>, at: usize) {
    const ID: &str = "geo_uri";
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, URI.literals) else {
        return;
    };
    if word_before(hay, at.saturating_sub(literal.len())) {
        return;
    }
    // Sign, degrees and decimals; nothing where it is none, or beyond the pole or the antimeridian.
    let degrees = |start: usize, most: u32| {
        let whole = skip(hay, start, 1, |b| b == b'-');
        let dot = skip(hay, whole, 4, is_digit);
        let end = skip(hay, dot.saturating_add(1), 24, is_digit);
        let value = Span::new(whole, dot).of(hay).iter().fold(0u32, |n, b| {
            n.saturating_mul(10)
                .saturating_add(u32::from(b.wrapping_sub(b'0')))
        });
        let is = dot > whole
            && byte(hay, dot) == b'.'
            && end > dot.saturating_add(1)
            && value <= most
            && !(byte(hay, end) == b'.' && is_digit(byte(hay, end.saturating_add(1))));
        is.then(|| Span::new(start, end))
    };
    let Some(first) = degrees(at, 90) else { return };
    let Some(second) = degrees(first.end.saturating_add(1), 180) else {
        return;
    };
    let zero = |span: Span| !span.of(hay).iter().any(|b| matches!(b, b'1'..=b'9'));
    if byte(hay, first.end) != b',' || word_behind(hay, second.end) || zero(first) && zero(second) {
        return;
    }
    for span in [first, second] {
        cx.text(span, Class::COORDINATES, ID, "a place by its URI");
    }
}

fn confirm_degrees(cx: &mut Cx<'_>, at: usize) {
    const ID: &str = "degrees";
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DEGREES.literals) else {
        return;
    };
    let sign = at.saturating_sub(literal.len());
    let behind = at.saturating_sub(1);
    let number = |b: u8| is_digit(b) || b == b'.';
    let start = skip_back(hay, sign, 16, number);
    let whole = skip(hay, start, 16, is_digit).saturating_sub(start);
    if !(1..=3).contains(&whole) || word_before(hay, start) {
        return;
    }
    let start = skip_back(hay, start, 1, |b| b == b'-');
    let blank = |at: usize| skip(hay, at, 1, |b| b == b' ');
    let mark = |at: usize, marks: &[&[u8]]| {
        marks
            .iter()
            .find(|m| hay.get(at..).is_some_and(|tail| tail.starts_with(m)))
            .map(|m| at.saturating_add(m.len()))
    };
    // Minutes, then seconds, each with its mark.
    let mut end = behind;
    let mut parts = 0usize;
    for marks in [
        &[&b"'"[..], "′".as_bytes(), "’".as_bytes()][..],
        &[b"\\\"", b"\"", b"''", "″".as_bytes(), "”".as_bytes()],
    ] {
        let from = blank(end);
        let digits = skip(hay, from, 12, number);
        let Some(next) = (digits > from).then(|| mark(digits, marks)).flatten() else {
            break;
        };
        end = next;
        parts = parts.saturating_add(1);
    }
    let is_side = |b: u8| matches!(b, b'N' | b'S' | b'E' | b'W');
    let letter = blank(end);
    let after = is_side(byte(hay, letter)) && !is_word(byte(hay, letter.saturating_add(1)));
    let front = skip_back(hay, start, 1, |b| b == b' ');
    let ahead = is_side(before(hay, front)) && !is_word(before(hay, front.saturating_sub(1)));
    if after {
        end = letter.saturating_add(1);
    }
    let span = Span::new(start, end);
    if after && (parts > 0 || whole > 0) || ahead && parts > 0 {
        cx.text(
            span,
            Class::COORDINATES,
            ID,
            "degrees and a side of the world",
        );
    } else {
        cx.reject(span, Class::COORDINATES, ID, "no side of the world");
    }
}

fn confirm_well_known(cx: &mut Cx<'_>, at: usize) {
    const ID: &str = "well_known_text";
    /// Most bytes of one geometry.
    const GEOMETRY_BYTES_MAX: usize = 1 << 16;
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, WELL_KNOWN.literals) else {
        return;
    };
    let start = at.saturating_sub(literal.len());
    let word = skip_back(hay, start, 16, |b| b.is_ascii_alphanumeric() || b == b'_');
    let prefix = Span::new(word, start).of(hay);
    if !(prefix.is_empty() || prefix == b"MULTI") || !cx.fresh(Walk::Geometry, at) {
        return;
    }
    let kind = skip(hay, at, 4, |b| matches!(b, b' ' | b'Z' | b'M'));
    if byte(hay, kind) != b'(' {
        return;
    }
    let inside = |b: u8| {
        is_digit(b)
            || matches!(
                b,
                b'(' | b')' | b',' | b' ' | b'.' | b'-' | b'+' | b'e' | b'E'
            )
    };
    let end = skip(hay, kind, GEOMETRY_BYTES_MAX, inside);
    cx.walk_to(Walk::Geometry, end);
    let text = Span::new(kind, end).of(hay);
    // Pixels have no fractions.
    if !text.contains(&b'.') || !text.contains(&b')') || is_end(byte(hay, kind)) {
        return;
    }
    let last = memchr::memrchr(b')', text).map_or(end, |i| kind.saturating_add(i));
    let mut from = kind;
    while from < last {
        let first = skip(hay, from, last.saturating_sub(from), |b| {
            matches!(b, b'(' | b')' | b',' | b' ')
        });
        let stop = skip(hay, first, last.saturating_sub(first), |b| {
            !matches!(b, b'(' | b')' | b',' | b' ')
        });
        if stop > first {
            let number = Span::new(first, stop);
            cx.text(number, Class::COORDINATES, ID, "a number of a geometry");
        }
        from = stop.max(first.saturating_add(1));
    }
}
