//! A label in an element of its own, and its value in the one behind: cells of tables, terms of lists, members of structs.

use super::super::context::Cx;
use super::super::key;
use super::super::keys::{self, KEY_BYTES_MAX};
use super::super::secret;
use super::super::take::{is_one_of, take};
use super::{CDATA, ID, MARKS, TAG_BYTES_MAX, content};
use crate::class::{Class, is_label};
use crate::format::bytes::{byte, gap, is_end, is_word, skip, skip_back};
use crate::format::value::Value;
use crate::record::Span;

/// Most tags between a label and its value.
const BETWEEN_MAX: usize = 6;
/// Most words of a value outside of a cell: more are a sentence.
const WORDS_MAX: usize = 3;

/// Elements that hold a label alone, and what the one behind is called that holds its value; of those without, it may be
/// called anything that does not describe the label.
const LABELS: &[(&[u8], &[&[u8]])] = &[
    (b"key", &[]),
    (b"name", &[]),
    (b"id", &[]),
    (b"th", &[b"td"]),
    (b"td", &[b"td"]),
    (b"dt", &[b"dd"]),
];

/// What says more of a label, not what its value is.
const DESCRIBES: &[&[u8]] = &[
    b"type",
    b"role",
    b"label",
    b"description",
    b"desc",
    b"required",
    b"kind",
    b"title",
    b"help",
    b"age",
    b"status",
    b"state",
    b"group",
    b"email",
    b"phone",
    b"id",
    b"name",
];

/// Elements inside a line: what they set off is a label where a colon stands behind, or a value behind one.
const INLINE: &[&[u8]] = &[
    b"b", b"strong", b"i", b"em", b"u", b"span", b"label", b"code", b"tt", b"kbd", b"samp",
    b"font", b"mark",
];

/// What the next column is called, or how its owner is, not who.
const HEADINGS: &[&[u8]] = &[
    b"action",
    b"actions",
    b"role",
    b"roles",
    b"host",
    b"time",
    b"date",
    b"comment",
    b"level",
    b"count",
    b"enabled",
    b"disabled",
    b"active",
    b"inactive",
    b"online",
    b"offline",
    b"never",
    b"locked",
    b"yes",
    b"no",
];

/// What ends a row or a list, or asks for a value: none of its label stands behind.
const ROWS: &[&[u8]] = &[
    b"tr",
    b"table",
    b"tbody",
    b"thead",
    b"li",
    b"ul",
    b"ol",
    b"dl",
    b"form",
    b"body",
    b"html",
    b"head",
    b"title",
    b"script",
    b"style",
    b"label",
    b"button",
    b"a",
    b"option",
    b"select",
    b"textarea",
    b"th",
    b"dt",
];

/// What ends a paragraph: a word alone may follow.
const BLOCKS: &[&[u8]] = &[b"p", b"h1", b"h2", b"h3", b"h4", b"h5", b"h6", b"div"];

/// Elements that hold nothing (HTML §13.1.2).
const VOID: &[&[u8]] = &[b"input", b"img", b"br", b"hr", b"wbr", b"meta", b"link"];

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
        !self.closes && !self.empty && !is_one_of(self.name, VOID)
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

/// What is behind a label's colon, or behind the label, where tags stand there.
#[derive(Clone, Copy)]
pub(in crate::scan) enum Behind {
    /// The text of the element that opens there.
    Element(Span),
    /// Text that goes on in the same, from here.
    Text(usize),
    /// The text of the element that opens, from here: more words than a name or a secret has.
    Long(usize),
    /// No value.
    Nothing,
}

/// What is behind a label, at `at`, where tags begin: those that close its element, or one inside the line that opens.
pub(in crate::scan) fn behind(hay: &[u8], at: usize) -> Option<Behind> {
    let mut at = gap(hay, at);
    let first = tag(hay, at)?;
    // `user: <ann>` is no tag.
    if !first.closes && !is_one_of(first.name, INLINE) && !is_one_of(first.name, VOID) {
        return None;
    }
    let (mut opened, mut block) = (false, false);
    for _ in 0..BETWEEN_MAX {
        let Some(tag) = tag(hay, at) else { break };
        let own = tag.closes && is_one_of(tag.name, &[b"label", b"th", b"dt", b"title"]);
        if opened && tag.closes || !own && is_one_of(tag.name, ROWS) || tag.name == b"input" {
            return Some(Behind::Nothing);
        }
        block |= is_one_of(tag.name, BLOCKS);
        opened |= tag.opens();
        at = gap(hay, tag.behind);
    }
    let inside = at.saturating_add(CDATA.len());
    if Span::new(at, inside).of(hay) == CDATA {
        // It closes in its record, and in the string that holds it.
        let stop = skip(hay, inside, TAG_BYTES_MAX, |b| b != b'"' && !is_end(b));
        let length = memchr::memmem::find(Span::new(inside, stop).of(hay), b"]]>");
        return Some(length.map_or(Behind::Nothing, |length| {
            Behind::Element(Span::new(inside, inside.saturating_add(length)))
        }));
    }
    let end = text_end(hay, at);
    let text = Span::new(at, end).of(hay);
    let words = text.split(|b| *b == b' ').count();
    if MARKS.iter().any(|(open, _)| {
        byte(hay, at) != b'\\' && hay.get(at..).is_some_and(|rest| rest.starts_with(open))
    }) || end == at
        || words > 1 && block
        || is_sentence(hay, at)
    {
        return Some(Behind::Nothing);
    }
    let closed = is_closed_in(hay, end);
    Some(match opened {
        true if closed && words > WORDS_MAX => Behind::Long(at),
        true if closed => Behind::Element(Span::new(at, end)),
        // What is cut off is read as it would be without tags.
        _ => Behind::Text(at),
    })
}

/// Whether what is at `at` goes on as a sentence: `is required`, `the password of the user`.
fn is_sentence(hay: &[u8], at: usize) -> bool {
    const BEGINS: &[&[u8]] = &[
        b"a",
        b"an",
        b"the",
        b"is",
        b"are",
        b"was",
        b"must",
        b"should",
        b"may",
        b"can",
        b"cannot",
        b"will",
        b"has",
        b"not",
        b"no",
        b"your",
        b"this",
        b"expired",
        b"invalid",
        b"required",
        b"please",
        b"enter",
    ];
    let end = skip(hay, at, 12, |b| b.is_ascii_alphabetic());
    let word = Span::new(at, end).of(hay);
    // `Will Smith`, `An Nguyen`
    let name = matches!(word, b"Will" | b"An" | b"May" | b"A")
        && byte(hay, end.saturating_add(1)).is_ascii_uppercase();
    byte(hay, end) == b' ' && !name && is_one_of(word, BEGINS)
}

/// Whether a tag that closes stands at `at`.
fn is_closed_in(hay: &[u8], at: usize) -> bool {
    tag(hay, gap(hay, at)).is_some_and(|tag| tag.closes || is_one_of(tag.name, VOID))
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
    let next = gap(hay, own.behind);
    let Some(named) = keys::named_in(cx, key) else {
        // Of XML-RPC it is a key all the same, and no name of anybody.
        return is_of_a_member(hay, at) && tag(hay, next).is_some_and(|tag| tag.opens_value());
    };
    let Some((_, kinds)) = label else {
        // `<b>Password</b>: hunter2`
        let value = gap(hay, own.behind.saturating_add(1));
        let kind = skip(hay, value, 64, |b| {
            !matches!(b, b' ' | b'<' | b',' | b';') && !is_end(b)
        });
        let kind = Span::new(value, kind);
        if byte(hay, own.behind) == b':' && !is_sentence(hay, value) && !is_type(kind.of(hay)) {
            key::told(cx, own.behind, key, named);
        }
        return true;
    };
    let Some(first) = tag(hay, next).filter(Tag::opens) else {
        return false;
    };
    if kinds.is_empty() {
        // What is behind the name of somebody says something else.
        if !name.eq_ignore_ascii_case(b"key") && is_one_of(first.name, DESCRIBES) {
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
    let told = |value: Span| {
        let text = value.of(hay);
        let word = named.class != Class::PASSWORD || secret::is_like_one(text);
        // Two columns of a table of fields.
        !is_type(text)
            && !is_one_of(text, HEADINGS)
            && !is_one_of(text, DESCRIBES)
            && (word || name.eq_ignore_ascii_case(b"th"))
    };
    if let Some(Behind::Element(value)) = behind(hay, key.end)
        && keys::named_in(cx, value).is_none()
        && told(value)
    {
        take(cx, ID, named, Value::Quoted(value));
    }
    true
}

/// Whether a member of a struct is around the element whose text starts at `at`: `<member><name>`.
pub(super) fn is_of_a_member(hay: &[u8], at: usize) -> bool {
    let near = Span::new(at.saturating_sub(TAG_BYTES_MAX), at).of(hay);
    let open = memchr::memrchr(b'<', near).unwrap_or_default();
    let head = near.get(..open).unwrap_or_default();
    memchr::memrchr(b'>', head)
        .and_then(|end| head.get(..end))
        .is_some_and(|head| head.ends_with(b"<member"))
}

/// Whether `text` is the type of a column or a parameter: `string`, `VARCHAR(32)`.
fn is_type(text: &[u8]) -> bool {
    const TYPES: &[&[u8]] = &[
        b"string",
        b"str",
        b"text",
        b"varchar",
        b"char",
        b"int",
        b"integer",
        b"number",
        b"boolean",
        b"bool",
        b"object",
        b"array",
        b"binary",
        b"blob",
        b"uuid",
        b"date",
        b"required",
        b"optional",
    ];
    let end = skip(text, 0, 32, |b| b.is_ascii_alphabetic());
    let rest = text.get(end..).unwrap_or_default();
    is_one_of(text.get(..end).unwrap_or_default(), TYPES)
        && matches!(rest.first(), None | Some(b'('))
}

/// Where the text of an element starts whose content starts at `start`: in the one inside, where that is its value.
pub(super) fn value_start(hay: &[u8], start: usize) -> usize {
    let inner = tag(hay, gap(hay, start)).filter(Tag::opens_value);
    inner.map_or(start, |tag| tag.behind)
}
