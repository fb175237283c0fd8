//! Keys and borders that are themselves encoded: `%26token%3Dabc` in a URL's parameter,
//! `{&quot;user&quot;:&quot;ann&quot;}` in HTML.

use super::Detector;
use super::bracket;
use super::context::Cx;
use super::front::Anchor;
use super::keys::{self, KEY_BYTES_MAX};
use super::take::take;
use crate::format::bytes::{before, byte, is_end, is_hex, is_word, skip, skip_back};
use crate::format::value::{Value, number};
use crate::record::Span;

const ID: &str = "encoded_key";

/// Longest encoded value that is followed.
const VALUE_BYTES_MAX: usize = 4096;

/// `key%3Dvalue`, `%22key%22%3A%22value%22`.
pub(super) static PERCENT: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &[
        "%3D",
        "%3d",
        "%253D",
        "%253d",
        "%22%3A",
        "%22%3a",
        "%2522%253A",
    ],
    source: "RFC 3986 §2.1, encoded once or twice",
    confirm: confirm_percent,
    finds: &[
        "url=https%3A%2F%2Fx.example%2F%3Ftoken%3Dabc123def%26a%3D1",
        "u=https%253A%252F%252Fx.example%252F%253Ftoken%253Dabc123def%2526a%253D1",
        "j=%7B%22user%22%3A%22al%22%2C%22n%22%3A1%7D",
        "j=%7B%22user%22%3A+%22al%22%7D",
        "body=user%5Botp%5D%3D4711%26a%3D1",
        "body=user%255Bdob%255D%253D1990-01-02",
    ],
    leaves: &[
        "url=https%3A%2F%2Fx.example%2F%3Fpage%3D2",
        "a%3D%3D",
        "token%3D&x=1",
        "j=%7B%22state%22%3A%22al%22%7D",
    ],
};

/// `&quot;key&quot;:&quot;value&quot;`.
pub(super) static ENTITY: Detector = Detector {
    id: "entity_key",
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &[
        "&quot;:", "&#34;:", "&#39;:", "&#x22;:", "&#x27;:", "&apos;:",
    ],
    source: "HTML 5 §13.5",
    confirm: confirm_entity,
    finds: &[
        "{&quot;user&quot;:&quot;al&quot;,&quot;n&quot;:1}",
        "{&#34;password&#34;: &#34;hunter2&#34;}",
        "{&quot;imei&quot;:490154203237518}",
        "{&quot;user[otp]&quot;:&quot;4711&quot;}",
    ],
    leaves: &[
        "{&quot;state&quot;:&quot;al&quot;}",
        "{&quot;user&quot;:null}",
        "&quot;: user",
    ],
};

/// Start of the key that ends at `end`: what an escape's own digits and letters are is not part of it.
pub(super) fn key_start(hay: &[u8], end: usize) -> usize {
    let start = skip_back(hay, end, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    });
    if before(hay, start) != b'%' {
        return start;
    }
    let twice = Span::new(start, start.saturating_add(2)).of(hay) == b"25";
    start.saturating_add(if twice { 4 } else { 2 }).min(end)
}

fn confirm_percent(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, PERCENT.literals) else {
        return;
    };
    let end = at.saturating_sub(literal.len());
    let key = Span::new(key_start(hay, end), end);
    let Some(named) = keys::named(cx, key.of(hay)).or_else(|| bracket::named(cx, end)) else {
        return;
    };
    let (depth, quoted) = (literal.contains("%25"), literal.contains("22"));
    // `+`, `%20` behind a colon; the quote of a value.
    let mut start = at;
    if quoted {
        start = skip(hay, start, 4, |b| b == b'+');
        for blank in [&b"%20"[..], b"%2520"] {
            start = prefixed(hay, start, blank);
        }
    }
    let quote: &[u8] = if depth { b"%2522" } else { b"%22" };
    let content = prefixed(hay, start, quote);
    let mut stop = content;
    while stop.saturating_sub(content) < VALUE_BYTES_MAX {
        let b = byte(hay, stop);
        if b == b'%' {
            let code = stop.saturating_add(if depth && prefixed(hay, stop, b"%25") > stop {
                3
            } else {
                1
            });
            let pair = Span::new(code, code.saturating_add(2)).of(hay);
            let ends: &[&[u8]] = if content > start {
                &[b"22", b"0A", b"0a", b"0D", b"0d"]
            } else {
                &[
                    b"26", b"22", b"23", b"2C", b"2c", b"7D", b"7d", b"5D", b"5d", b"3B", b"3b",
                    b"0A", b"0a", b"0D", b"0d", b"20", b"27", b"3E", b"3e", b"3C", b"3c",
                ]
            };
            if ends.contains(&pair) {
                break;
            }
        } else if b <= b' '
            || matches!(
                b,
                b'&' | b'"' | b'\'' | b'<' | b'>' | b'#' | b'\\' | b';' | b')' | b'}' | b']' | b','
            )
        {
            break;
        }
        stop = stop.saturating_add(1);
    }
    let value = Span::new(content, stop);
    // Padding of base64: `…%3D%3D`.
    if value.is_empty() || value.of(hay).starts_with(b"%3D") || value.of(hay).starts_with(b"%3d") {
        return;
    }
    if key.of(hay).iter().all(|b| is_hex(*b)) && key.len() > 16 {
        return;
    }
    let value = match quoted && content == start {
        true => number(hay, value),
        false => Value::Plain(value),
    };
    take(cx, ID, named, value);
}

fn prefixed(hay: &[u8], at: usize, prefix: &[u8]) -> usize {
    let end = at.saturating_add(prefix.len());
    if Span::new(at, end).of(hay) == prefix {
        end
    } else {
        at
    }
}

fn confirm_entity(cx: &mut Cx<'_>, at: usize) {
    const ID: &str = "entity_key";
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, ENTITY.literals) else {
        return;
    };
    let quote = literal.trim_end_matches(':').as_bytes();
    let end = at.saturating_sub(literal.len());
    let start = skip_back(hay, end, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    });
    let own = hay.get(..start).is_some_and(|head| head.ends_with(quote));
    let named = match own {
        true => keys::named_in(cx, Span::new(start, end)),
        false => bracket::named(cx, end),
    };
    let Some(named) = named else { return };
    let value = skip(hay, at, 4, |b| b == b' ');
    let content = prefixed(hay, value, quote);
    let stop = skip(hay, content, VALUE_BYTES_MAX, |b| {
        !matches!(b, b'"' | b'<') && !is_end(b)
    });
    let text = Span::new(content, stop).of(hay);
    let value = if content > value {
        let Some(length) = memchr::memmem::find(text, quote) else {
            return;
        };
        Value::Quoted(Span::new(content, content.saturating_add(length)))
    } else {
        let stop = skip(hay, content, VALUE_BYTES_MAX, |b| {
            is_word(b) || matches!(b, b'.' | b'-' | b'+')
        });
        number(hay, Span::new(content, stop))
    };
    take(cx, ID, named, value);
}
