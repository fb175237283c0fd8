//! A label in an element of its own, and its value in the one behind: cells of tables, terms of lists, members of structs.

use super::super::context::Cx;
use super::super::key;
use super::super::keys::{self, KEY_BYTES_MAX};
use super::super::take::{is_one_of, take};
use super::{ID, MARKS, TAG_BYTES_MAX, content};
use crate::class::is_label;
use crate::format::bytes::{byte, gap, is_end, is_word, skip, skip_back};
use crate::format::value::Value;
use crate::record::Span;

/// Most tags between a label and its value.
const BETWEEN_MAX: usize = 6;

/// Elements that hold a label alone, and whether the next element has its value only where its name says so.
const LABELS: &[(&[u8], &[&[u8]])] = &[
    (b"key", &[]),
    (b"name", &[]),
    (b"id", &[]),
    (b"th", &[b"td"]),
    (b"td", &[b"td"]),
    (b"dt", &[b"dd"]),
];

/// Elements inside a line: what they set off is a label where a colon stands behind.
const INLINE: &[&[u8]] = &[b"b", b"strong", b"i", b"em", b"u", b"span", b"label"];

/// What ends a row or a list: no value of its label stands behind.
const ROWS: &[&[u8]] = &[
    b"tr", b"table", b"tbody", b"thead", b"li", b"ul", b"ol", b"dl", b"form", b"body", b"html",
    b"head", b"title", b"script", b"style",
];

/// A tag at a place.
struct Tag<'a> {
    /// Without its prefix.
    name: &'a [u8],
    closes: bool,
    /// `<br/>`.
    empty: bool,
    /// Where what is behind it starts.
    behind: usize,
}

impl Tag<'_> {
    fn opens(&self) -> bool {
        !self.closes && !self.empty
    }

    /// Whether what is in the element says that it is a value.
    fn opens_value(&self) -> bool {
        const VALUES: &[&[u8]] = &[
            b"value",
            b"attributevalue",
            b"string",
            b"data",
            b"text",
            b"content",
        ];
        self.opens() && is_one_of(self.name, VALUES)
    }
}

/// The tag at `at`, as it is or escaped.
fn tag(hay: &[u8], at: usize) -> Option<Tag<'_>> {
    if !matches!(byte(hay, at), b'<' | b'&' | b'\\') {
        return None;
    }
    let near = Span::new(at, at.saturating_add(TAG_BYTES_MAX).min(hay.len())).of(hay);
    let (open, close) = MARKS.iter().find(|(open, _)| near.starts_with(open))?;
    let slash = skip(near, open.len(), 4, |b| b == b'\\');
    let closes = byte(near, slash) == b'/';
    let start = match closes {
        true => slash.saturating_add(1),
        false => open.len(),
    };
    let whole = skip(near, start, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.' | b':')
    });
    let local = skip_back(near, whole, whole.saturating_sub(start), |b| b != b':');
    let end = memchr::memmem::find(near, close)?;
    let inside = near.get(whole..end)?;
    (local < whole && !inside.iter().any(|b| *b == b'<' || is_end(*b))).then(|| Tag {
        name: near.get(local..whole).unwrap_or_default(),
        closes,
        empty: inside.last() == Some(&b'/'),
        behind: at.saturating_add(end).saturating_add(close.len()),
    })
}

/// What is behind a label whose element closes.
#[derive(Clone, Copy)]
pub(in crate::scan) enum Behind {
    /// The text of the element that opens there.
    Element(Span),
    /// Text that goes on in the same, from here.
    Text(usize),
}

/// What is behind a label, at `at`, where tags begin that close its element.
pub(in crate::scan) fn behind(hay: &[u8], at: usize) -> Option<Behind> {
    let mut at = gap(hay, at);
    let mut opened = false;
    tag(hay, at).filter(|tag| tag.closes)?;
    for _ in 0..BETWEEN_MAX {
        let Some(tag) = tag(hay, at) else { break };
        let ends = is_one_of(tag.name, ROWS);
        if opened && tag.closes || ends {
            return None;
        }
        opened |= tag.opens();
        at = gap(hay, tag.behind);
    }
    if !opened {
        return Some(Behind::Text(at));
    }
    let end = text_end(hay, at);
    (end > at).then(|| Behind::Element(Span::new(at, end)))
}

/// Where the text of an element ends that starts at `at`.
fn text_end(hay: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        end = skip(hay, end, usize::MAX, |b| {
            !matches!(b, b'<' | b'&' | b'\\' | b'"') && !is_end(b)
        });
        let over = match byte(hay, end) {
            b'&' | b'\\' => tag(hay, end).is_some(),
            _ => true,
        };
        if over {
            break;
        }
        end = end.saturating_add(1);
    }
    let slashes = match byte(hay, end) {
        b'"' => skip_back(hay, end, end.saturating_sub(at), |b| b == b'\\'),
        _ => end,
    };
    skip_back(hay, slashes, slashes.saturating_sub(at), |b| b == b' ')
}

/// Takes the value behind a label that the tag of `name` holds, whose text starts at `at`; whether there is a pair.
pub(super) fn pair(cx: &mut Cx<'_>, name: &[u8], at: usize) -> bool {
    let hay = cx.hay();
    let label = LABELS
        .iter()
        .find(|(tag, _)| name.eq_ignore_ascii_case(tag));
    if label.is_none() && !is_one_of(name, INLINE) {
        return false;
    }
    let start = gap(hay, at);
    let key = Span::new(
        start,
        skip(hay, start, KEY_BYTES_MAX, |b| {
            is_word(b) || matches!(b, b'-' | b'.' | b' ') || b >= 0x80
        }),
    );
    let own = tag(hay, key.end).filter(|tag| tag.closes && tag.name.eq_ignore_ascii_case(name));
    let Some(own) = own.filter(|_| !is_label(key.of(hay))) else {
        return false;
    };
    let Some(named) = keys::named_in(cx, key) else {
        // A key all the same: no name of anybody.
        return tag(hay, gap(hay, own.behind)).is_some_and(|tag| tag.opens_value());
    };
    let Some((_, kinds)) = label else {
        // `<b>Password</b>: hunter2`
        if byte(hay, own.behind) == b':' {
            key::told(cx, own.behind, key, named);
        }
        return true;
    };
    let Some(first) = tag(hay, gap(hay, own.behind)).filter(Tag::opens) else {
        return false;
    };
    if kinds.is_empty() {
        // What is behind the name of somebody says something else.
        if !name.eq_ignore_ascii_case(b"key") && !first.opens_value() {
            return false;
        }
        // `<name>password</name> <value><string>…`
        let inner = tag(hay, gap(hay, first.behind)).filter(Tag::opens);
        content(cx, named, inner.map_or(first.behind, |inner| inner.behind));
        return true;
    }
    if !is_one_of(first.name, kinds) {
        return false;
    }
    if let Some(Behind::Element(value)) = behind(hay, key.end)
        && keys::named_in(cx, value).is_none()
    {
        take(cx, ID, named, Value::Quoted(value));
    }
    true
}

/// Where the text of an element starts whose content starts at `start`: in the one inside, where that is its value.
pub(super) fn value_start(hay: &[u8], start: usize) -> usize {
    let inner = tag(hay, gap(hay, start)).filter(Tag::opens_value);
    inner.map_or(start, |tag| tag.behind)
}
