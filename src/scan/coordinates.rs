//! Pairs of coordinates without a key: decimal degrees, and NMEA degrees and minutes.

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, digits_end, is_digit, is_json_number, skip, skip_back, small, smalls,
    word_before, word_behind,
};
use crate::record::Span;

const ID: &str = "coordinates";

/// Latitude and longitude side by side.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::COORDINATES],
    anchors: &[Anchor::Fraction, Anchor::Degrees],
    literals: &[],
    source: "ISO 6709, RFC 7946 §3.1.1, NMEA 0183 (GGA, RMC)",
    confirm,
    finds: &[
        "at 31.23041,121.47370 ok",
        "位置31.23041,121.47370附近",
        "geo:-33.856784,151.215297",
        "[121.473701, 31.230416]",
        "2232.0971,N,11400.9504,E",
        "$GPGGA,000000,4807.038,N,01131.000,E,1",
        "V,N,2236.1994,E,11315.4645,5",
        r#"["121.47370", "31.23041"]"#,
        "\"+48.8577+002.295/\"",
        r#"{"m":"{\"at\":[\"121.47370\",\"31.23041\"]}"}"#,
        "116|13.07809|77.55979|13",
        "28.435142,N,81.354333,W",
        "x,36.0294,-79.7881,201",
        "+48.8577+002.295/",
        "https://www.google.example/maps/@48.8577,2.295,17z",
        "https://maps.example/?q=48.8577,2.295",
        "(013612345678BP05A2232.9806N11404.9355E000.1)",
        "173437,E08513.28616,N5232.85432,1",
        "at N31.23041,E121.47370 ok",
        "S33.85678 E151.21529",
        "N0CALL>APRS,WIDE1-1:!4903.50N/07201.75W-Test",
        "fix 31.23041N 121.47370E",
        "at 2234.0297N,11405.9101E x",
        "at 11405.9101E,2234.0297N x",
        "fix 31.23041N,121.47370E",
        "fix 121.47370E 31.23041N",
        "fix 31.23041 N, 121.47370 E",
        "POST /checkin?at=31.23041%2C121.47370&x=1",
        "fix latitude 31.23041 longitude 121.47370",
        "Lat 31.2304, Lon 121.4737",
        "longitude -0.12764, latitude 51.50735",
    ],
    leaves: &[
        "12:00:01.123456,12:00:02.123456",
        "took 0.12345, 0.23456",
        "took 1.2345, 1.3456",
        "31.23041 only",
        "931.23041,121.47370",
        "1.23456.78901,5.55555",
        "x=48.8577,2.295",
        "+48.8577+002.295",
        "S,68.119072,,0.7593,000",
        r#"["121.47370","x"],["31.23041"]"#,
        r#"{"a":"121.47370","31.23041":1}"#,
        "A,00.000000,N,000.000000,E,0",
        "E08513.28616,x",
        "N1.2345,N2.3456",
        "load 12.3456N and 7.8910E",
        "load 12.3456N,7.8910N",
        "12.3456E,",
        "flat 31.23041 long 121.47370",
        "lat 31.23041 max 121.47370",
        "0000.00N/00000.00E",
    ],
};

/// Each with its hemisphere in front: `E08513.28616,N5232.85432`, `N31.23041 E121.47370`.
fn lettered(cx: &mut Cx<'_>, first: Span) -> bool {
    let hay = cx.hay();
    let start = first.start.saturating_sub(1);
    let letters = match byte(hay, start) {
        b'N' | b'S' => b"EW",
        b'E' | b'W' => b"NS",
        _ => return false,
    };
    let gap = skip(hay, first.end, 2, |b| matches!(b, b',' | b';' | b' '));
    if start >= first.start
        || word_before(hay, start)
        || gap == first.end
        || !letters.contains(&byte(hay, gap))
    {
        return false;
    }
    let from = gap.saturating_add(1);
    let dot = skip(hay, from, 6, is_digit);
    let end = skip(hay, dot.saturating_add(1), 12, is_digit);
    let second = Span::new(from, end);
    // Degrees or degrees and minutes, both alike, four decimals or more.
    let form = |span: Span| {
        let whole = skip(hay, span.start, 6, is_digit).saturating_sub(span.start);
        let decimals = span.len().saturating_sub(whole).saturating_sub(1);
        (decimals >= 4).then_some(whole)
    };
    let alike = match (form(first), form(second)) {
        (Some(a @ 4..=5), Some(b @ 4..=5)) => a != b,
        (Some(1..=3), Some(1..=3)) => true,
        _ => false,
    };
    if byte(hay, dot) != b'.'
        || !alike
        || word_behind(hay, end)
        || is_zero(hay, first) && is_zero(hay, second)
    {
        return false;
    }
    for span in [first, second] {
        cx.text(
            span,
            Class::COORDINATES,
            ID,
            "degrees behind their hemispheres",
        );
    }
    true
}

/// Zero is where nobody is.
fn is_zero(hay: &[u8], span: Span) -> bool {
    span.of(hay).iter().all(|b| matches!(b, b'0' | b'.'))
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) == b'.' {
        let whole = skip_back(hay, at, 6, is_digit);
        if matches!(at.saturating_sub(whole), 4..=5) {
            let end = skip(hay, at.saturating_add(1), 24, is_digit);
            by_hemisphere(cx, Span::new(whole, end));
        }
        return;
    }
    let Some(dot) = at.checked_sub(4) else { return };
    let fraction = Span::new(dot.saturating_add(1), at.saturating_add(1));
    if byte(hay, dot) != b'.' || !fraction.of(hay).iter().all(|b| is_digit(*b)) {
        return;
    }
    let whole = skip_back(hay, dot, 6, is_digit);
    if matches!(dot.saturating_sub(whole), 1..=3) && !is_clock(hay, dot) {
        let end = digits_end(hay, at, 24);
        by_hemisphere(cx, Span::new(whole, end));
        decimal(cx, whole, end);
    }
}

/// A number beside which a hemisphere may be.
fn by_hemisphere(cx: &mut Cx<'_>, number: Span) {
    let hay = cx.hay();
    let letter = |b: u8| matches!(b, b'N' | b'S' | b'E' | b'W');
    let behind = skip(hay, number.end, 1, |b| b == b' ');
    if letter(before(hay, number.start))
        || byte(hay, number.end) == b','
        || letter(byte(hay, behind))
    {
        nmea(cx, number);
    }
}

/// Whether the point at `dot` is that of `10:20:30.4567`.
fn is_clock(hay: &[u8], dot: usize) -> bool {
    let clock = dot.checked_sub(6).and_then(|from| hay.get(from..dot));
    clock.is_some_and(|clock| {
        clock.iter().enumerate().all(|(n, b)| match n {
            0 | 3 => *b == b':',
            _ => is_digit(*b),
        })
    })
}

/// A number of degrees: sign, whole part of one to three digits, fraction.
fn number(hay: &[u8], start: usize) -> Option<(Span, u32, usize)> {
    let digits = skip(hay, start, 1, |b| matches!(b, b'-' | b'+'));
    let dot = skip(hay, digits, 4, is_digit);
    let end = skip(hay, dot.saturating_add(1), 24, is_digit);
    let whole = Span::new(digits, dot);
    if byte(hay, dot) != b'.' || !matches!(whole.len(), 1..=3) {
        return None;
    }
    let value = whole.of(hay).iter().fold(0u32, |n, b| {
        n.saturating_mul(10)
            .saturating_add(u32::from(b.wrapping_sub(b'0')))
    });
    Some((
        Span::new(start, end),
        value,
        end.saturating_sub(dot).saturating_sub(1),
    ))
}

fn decimal(cx: &mut Cx<'_>, whole: usize, end: usize) {
    let hay = cx.hay();
    let start = skip_back(hay, whole, 1, |b| matches!(b, b'-' | b'+'));
    let prev = before(hay, start);
    if prev == b'.'
        || word_before(hay, start)
        || prev == b':' && is_digit(before(hay, start.saturating_sub(1)))
    {
        return;
    }
    let mut gap = skip(hay, end, 3, |b| {
        matches!(b, b',' | b';' | b' ' | b'/' | b'|')
    });
    // In a query (RFC 3986 §2.1): `ll=31.23041%2C121.47370`.
    if gap == end && [&b"%2C"[..], b"%2c"].contains(&Span::new(end, end.saturating_add(3)).of(hay))
    {
        gap = end.saturating_add(3);
    }
    // A list of two strings, at any depth: `["121.47370","31.23041"]`. Each finds the other, for one may be left out.
    let quoted = is_quote(before(hay, start)) && is_quote(byte(hay, end));
    let (start, end) = match quoted {
        true => match (string_behind(hay, end), string_before(hay, start)) {
            (Some(next), _) => {
                gap = next;
                (start, end)
            }
            (None, Some((first, closed))) => {
                gap = start;
                (first, closed)
            }
            (None, None) => return,
        },
        false => (start, end),
    };
    // `latitude 31.23041 longitude 121.47370`
    let worded = match byte(hay, gap) {
        b'l' | b'L' if gap > end => second_word(hay, start, gap),
        _ => None,
    };
    gap = worded.unwrap_or(gap);
    // An empty field between them: they are no pair.
    if Span::new(end, end.saturating_add(2)).of(hay) == b",," {
        return;
    }
    // ISO 6709 annex H: `+48.8577+002.295/`.
    let signs = matches!(byte(hay, start), b'+' | b'-') && matches!(byte(hay, end), b'+' | b'-');
    if gap == end && !signs {
        return;
    }
    let Some((first, a, digits_a)) = number(hay, start) else {
        return;
    };
    if first.end != end {
        return;
    }
    // `28.435142,N,81.354333,W`
    if matches!(byte(hay, gap), b'N' | b'S') && byte(hay, gap.saturating_add(1)) == b',' {
        gap = gap.saturating_add(2);
    }
    let Some((second, b, digits_b)) = number(hay, gap) else {
        return;
    };
    let pair = Span::new(first.start, second.end);
    let next = byte(hay, second.end);
    if quoted {
        let close = skip(hay, second.end, 16, is_quote);
        if close == second.end || matches!(byte(hay, close), b':' | b'=') {
            return cx.reject(pair, Class::COORDINATES, ID, "the second is a key");
        }
    }
    if word_behind(hay, second.end)
        || next == b'.' && is_digit(byte(hay, second.end.saturating_add(1)))
        || next == b':'
    {
        return cx.reject(pair, Class::COORDINATES, ID, "the second number goes on");
    }
    let signed = byte(hay, first.start) == b'-' || byte(hay, second.start) == b'-';
    let iso = gap == end;
    if iso && !(matches!(next, b'/' | b'+' | b'-') && strict_iso(hay, first, second)) {
        return;
    }
    // A map's link says itself what it is.
    let sure = iso || worded.is_some() || map_link(hay, first.start, second.end);
    let far = signed || a >= 10 && b >= 10;
    if !sure && (digits_a.min(digits_b) < 4 || digits_a.max(digits_b) < 5 && !far) {
        return cx.reject(
            pair,
            Class::COORDINATES,
            ID,
            "too few decimals for a position",
        );
    }
    if !(a < 90 && b < 180 || a < 180 && b < 90) || a == 0 && b == 0 {
        return cx.reject(pair, Class::COORDINATES, ID, "out of range");
    }
    for span in [first, second] {
        let spelling = if is_json_number(hay, span) {
            Spelling::Number
        } else {
            Spelling::Text
        };
        cx.accept(
            span,
            Class::COORDINATES,
            spelling,
            ID,
            "a pair of decimal degrees",
        );
    }
}

/// Where the second number starts behind the word for it at `at`, if the other word stands in front of the first at `start`.
fn second_word(hay: &[u8], start: usize, at: usize) -> Option<usize> {
    const LATITUDE: [u64; 2] = smalls([b"lat", b"latitude"]);
    const LONGITUDE: [u64; 3] = smalls([b"lon", b"lng", b"long"]);
    let longitude =
        |word: &[u8]| LONGITUDE.contains(&small(word)) || word.eq_ignore_ascii_case(b"longitude");
    let letter = |b: u8| b.is_ascii_alphabetic();
    let second = Span::new(at, skip(hay, at, 10, letter));
    let end = start.saturating_sub(1);
    let first = Span::new(skip_back(hay, end, 10, letter), end);
    let (a, b) = (first.of(hay), second.of(hay));
    let words = LATITUDE.contains(&small(a)) && longitude(b)
        || longitude(a) && LATITUDE.contains(&small(b));
    (words
        && before(hay, start) == b' '
        && !word_before(hay, first.start)
        && byte(hay, second.end) == b' ')
        .then(|| second.end.saturating_add(1))
}

const fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'\\')
}

/// Where the content of the next string of a list starts, of the one whose content ends at `end`.
fn string_behind(hay: &[u8], end: usize) -> Option<usize> {
    let comma = skip(hay, end, 16, is_quote);
    let blank = skip(hay, comma.saturating_add(1), 2, |b| b == b' ');
    let open = skip(hay, blank, 16, is_quote);
    (comma > end && byte(hay, comma) == b',' && open > blank).then_some(open)
}

/// The number in the string in front, of the one whose content starts at `start`, and where it ends.
fn string_before(hay: &[u8], start: usize) -> Option<(usize, usize)> {
    let open = skip_back(hay, start, 16, is_quote);
    let comma = skip_back(hay, open, 2, |b| b == b' ').checked_sub(1)?;
    let end = skip_back(hay, comma, 16, is_quote);
    let number = |b: u8| is_digit(b) || matches!(b, b'.' | b'-' | b'+');
    let first = skip_back(hay, end, 32, number);
    let is = byte(hay, comma) == b',' && end < comma && first < end;
    (is && is_quote(before(hay, first))).then_some((first, end))
}

/// Two figures of latitude and three of longitude.
fn strict_iso(hay: &[u8], first: Span, second: Span) -> bool {
    let whole = |span: Span| skip(hay, span.start.saturating_add(1), 4, is_digit);
    whole(first).saturating_sub(first.start) == 3 && whole(second).saturating_sub(second.start) == 4
}

/// `…/@48.8,2.29,17z`, `?q=48.8,2.29`, `&ll=…` and the like.
fn map_link(hay: &[u8], start: usize, end: usize) -> bool {
    const KEYS: &[&[u8]] = &[
        b"?q=",
        b"&q=",
        b"?ll=",
        b"&ll=",
        b"query=",
        b"center=",
        b"daddr=",
        b"saddr=",
        b"destination=",
        b"origin=",
        b"loc:",
        b"geo:",
        b"near=",
        b"markers=",
        b"sll=",
    ];
    if before(hay, start) == b'@' {
        let zoom = skip(hay, end.saturating_add(1), 8, |b| is_digit(b) || b == b'.');
        return before(hay, start.saturating_sub(1)) == b'/'
            && byte(hay, end) == b','
            && matches!(byte(hay, zoom), b'z' | b'm' | b'a');
    }
    let head = hay.get(..start).unwrap_or_default();
    KEYS.iter().any(|key| head.ends_with(key))
}

/// Each with its hemisphere behind, and at most a sign and a blank between: `A2232.9806N11404.9355E` as trackers send
/// it, `4903.50N/07201.75W` (APRS), `31.23041N 121.47370E`, `2234.0297N,11405.9101E`, `31.23041 N, 121.47370 E`.
fn compact(cx: &mut Cx<'_>, first: Span) -> bool {
    let hay = cx.hay();
    let blank = |at: usize| skip(hay, at, 1, |b| b == b' ');
    let letter = blank(first.end);
    let others = match byte(hay, letter) {
        b'N' | b'S' => b"EW",
        b'E' | b'W' => b"NS",
        _ => return false,
    };
    let behind = letter.saturating_add(1);
    let start = skip(hay, behind, 2, |b| {
        b == b' ' || b.is_ascii_punctuation() && !matches!(b, b'.' | b'"' | b'=')
    });
    let dot = skip(hay, start, 6, is_digit);
    let end = skip(hay, dot.saturating_add(1), 12, is_digit);
    let second = Span::new(start, end);
    // Two letters alike, with a blank or without.
    let close = blank(end);
    let spaced = letter > first.end;
    let whole = skip(hay, first.start, 6, is_digit).saturating_sub(first.start);
    let alike = match (whole, dot.saturating_sub(start)) {
        (4, 5) | (5, 4) => true,
        (1..=3, 1..=3) => {
            end.saturating_sub(dot) > 4
                && start > behind
                && !word_before(hay, first.start)
                && !word_behind(hay, close.saturating_add(1))
        }
        _ => false,
    };
    let is = byte(hay, dot) == b'.'
        && alike
        && spaced == (close > end)
        && !(spaced && word_behind(hay, close.saturating_add(1)))
        && others.contains(&byte(hay, close))
        && !(is_zero(hay, first) && is_zero(hay, second));
    if is {
        for span in [first, second] {
            cx.text(
                span,
                Class::COORDINATES,
                ID,
                "numbers in front of their hemispheres",
            );
        }
    }
    is
}

/// Degrees and minutes with their hemispheres behind or in front: `4807.038,N,01131.000,E`,
/// `N,2236.1994,E,11315.4645`.
fn nmea(cx: &mut Cx<'_>, first: Span) {
    let hay = cx.hay();
    if compact(cx, first) || lettered(cx, first) {
        return;
    }
    let letter = |at: usize, of: &[u8]| of.contains(&byte(hay, at));
    let behind = byte(hay, first.end) == b','
        && letter(first.end.saturating_add(1), b"NS")
        && byte(hay, first.end.saturating_add(2)) == b',';
    // Behind a latitude and its letter it is the longitude, not a latitude with its letter in front.
    let front = !is_digit(byte(hay, first.start.saturating_sub(4)))
        && before(hay, first.start) == b','
        && letter(first.start.saturating_sub(2), b"NS")
        && byte(hay, first.end) == b','
        && letter(first.end.saturating_add(1), b"EW")
        && byte(hay, first.end.saturating_add(2)) == b',';
    if !(behind || front) || word_before(hay, first.start) {
        return;
    }
    let start = first.end.saturating_add(3);
    let dot = skip(hay, start, 6, is_digit);
    let end = skip(hay, dot.saturating_add(1), 12, is_digit);
    let second = Span::new(start, end);
    let closed = front || byte(hay, end) == b',' && letter(end.saturating_add(1), b"EW");
    if byte(hay, dot) != b'.' || !matches!(dot.saturating_sub(start), 3..=5) || !closed {
        return cx.reject(
            first,
            Class::COORDINATES,
            ID,
            "no longitude behind the latitude",
        );
    }
    if is_zero(hay, first) && is_zero(hay, second) {
        return cx.reject(first, Class::COORDINATES, ID, "zero is where nobody is");
    }
    for span in [first, second] {
        cx.text(span, Class::COORDINATES, ID, "NMEA degrees and minutes");
    }
}
