//! Where the reports of GPS trackers have the number of their terminal.

use crate::format::bytes::{before, byte, is_end, is_word, record_start, skip, skip_back};
use crate::record::Span;

/// Whether a number is the terminal's, or its card's, in a sentence of a tracker.
pub(super) fn is_of_a_sentence(hay: &[u8], span: Span) -> bool {
    heads_a_sentence(hay, span) || stands_in_a_sentence(hay, span)
}

/// What a tracker's sentence opens with.
const fn is_sign(b: u8) -> bool {
    matches!(b, b'*' | b'$' | b'#' | b'%' | b'[' | b'@' | b'+')
}

/// Whether a record opens with a sign, a few capitals or separators, and this number, of fourteen to sixteen
/// digits, as its first field (`*HQ,…,`, `$GPRS…,`, `%%…,`, `#L#…;`, `[ZJ*…*`). A time is none.
fn heads_a_sentence(hay: &[u8], span: Span) -> bool {
    let start = skip_back(hay, span.start, 8, |b| {
        is_sign(b) || b.is_ascii_uppercase() || b == b','
    });
    start < span.start
        && is_sign(byte(hay, start))
        && (start == 0 || is_end(before(hay, start)))
        && matches!(byte(hay, span.end), b',' | b';' | b'*' | b'#')
        && (14..=16).contains(&span.len())
        && !(span.len() == 14 && is_time(span.of(hay)))
}

/// `YYYYMMDDhhmmss`.
fn is_time(text: &[u8]) -> bool {
    let below = |at: usize, limit: &[u8]| {
        text.get(at..at.saturating_add(2))
            .is_some_and(|t| t < limit)
    };
    matches!(text.get(..2), Some(b"19" | b"20"))
        && below(4, b"13")
        && below(6, b"32")
        && below(8, b"24")
        && below(10, b"60")
        && below(12, b"61")
}

/// Whether fifteen digits are one of the first fields of a sentence that has a maker's tag for its head
/// (`$TAG,0001,…,`, `+RESP:TAG,…,`): the terminal and its card stand there.
fn stands_in_a_sentence(hay: &[u8], span: Span) -> bool {
    /// Fields that may stand before it, and how long all of them may be.
    const FIELDS_MAX: usize = 5;
    const HEAD_BYTES_MAX: usize = 80;
    if span.len() != 15 || before(hay, span.start) != b',' || byte(hay, span.end) != b',' {
        return false;
    }
    let Some(start) = record_start(hay, span.start, HEAD_BYTES_MAX) else {
        return false;
    };
    let head = Span::new(start, span.start).of(hay);
    let tag = head.split(|b| *b == b',').next().unwrap_or_default();
    is_sign(byte(head, 0))
        && tag.iter().filter(|b| b.is_ascii_uppercase()).count() >= 2
        && tag
            .iter()
            .all(|b| is_sign(*b) || b.is_ascii_uppercase() || *b == b':')
        && head
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || is_sign(*b) || matches!(b, b',' | b':' | b'.'))
        && memchr::memchr_iter(b',', head).count() <= FIELDS_MAX
}

/// How many of the bytes come before the bracket that closes what they start in, or the end of the record.
fn inside<'b>(bytes: impl Iterator<Item = &'b u8>, opens: u8, closes: u8) -> usize {
    let mut depth = 1usize;
    bytes
        .take_while(|b| {
            if **b == opens {
                depth = depth.saturating_add(1);
            } else if **b == closes {
                depth = depth.saturating_sub(1);
            }
            depth > 0 && !is_end(**b)
        })
        .count()
}

/// Whether it is the `id` of a query or of a JSON object that has a latitude and a longitude too: what a tracker
/// reports (OsmAnd: `?id=…&lat=…&lon=…`, GpsGate: `?id=…&gprmc=$GPRMC,…`). Looks at most 256 bytes to either side.
pub(super) fn is_of_a_position(hay: &[u8], span: Span) -> bool {
    const REACH: usize = 256;
    let quote = |b: u8| matches!(b, b'"' | b' ' | b'\\');
    let border = skip_back(hay, span.start, 8, quote);
    let name = skip_back(hay, border.saturating_sub(1), 8, quote);
    let key = Span::new(name.saturating_sub(2), name);
    if !key.of(hay).eq_ignore_ascii_case(b"id") || is_word(before(hay, key.start)) {
        return false;
    }
    let around = match before(hay, border) {
        b'=' => {
            let query = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>');
            Span::new(
                skip_back(hay, key.start, REACH, query),
                skip(hay, span.end, REACH, query),
            )
        }
        b':' => {
            let head = hay.get(..key.start).unwrap_or_default().iter().rev();
            let tail = hay.get(span.end..).unwrap_or_default().iter();
            let back = inside(head.take(REACH), b'}', b'{');
            let end = span
                .end
                .saturating_add(inside(tail.take(REACH), b'{', b'}'));
            Span::new(key.start.saturating_sub(back), end)
        }
        _ => return false,
    };
    let text = around.of(hay);
    let has = |names: &[&[u8]]| {
        names.iter().any(|name| {
            memchr::memmem::find_iter(text, name).any(|at| {
                let end = skip(text, at.saturating_add(name.len()), 4, |b| {
                    matches!(b, b'"' | b'\\')
                });
                !is_word(before(text, at)) && matches!(byte(text, end), b'=' | b':')
            })
        })
    };
    // GpsGate puts the receiver's own sentence there.
    let sentence = |sign: &[u8]| {
        memchr::memmem::find_iter(text, sign).any(|at| {
            let tag = at.saturating_add(sign.len());
            let name = text.get(tag..tag.saturating_add(5)).unwrap_or_default();
            name.starts_with(b"G")
                && [&b"RMC"[..], b"GGA", b"GLL"]
                    .iter()
                    .any(|kind| name.ends_with(kind))
        })
    };
    has(&[b"lat", b"latitude"]) && has(&[b"lon", b"lng", b"longitude"])
        || sentence(b"=$")
        || sentence(b"=%24")
}
