//! Values that their element names: `<key>value</key>`, `<data name="key">value</data>`,
//! `<key>key</key><string>value</string>`; with `&lt;` for `<` too.

mod cell;

use super::Detector;
use super::context::{Cx, Reach};
use super::front::Anchor;
use super::keys::{self, KEY_BYTES_MAX, Named};
use super::take::take;
use crate::class::{Class, is_label};
use crate::format::bytes::{before, byte, is_end, is_word, skip, skip_back};
use crate::format::value::Value;
use crate::record::Span;
pub(super) use cell::{Behind, behind};

const ID: &str = "element";

/// Longest value of an escaped element.
const ESCAPED_BYTES_MAX: usize = 4096;

/// How far back an element's tag is followed.
const TAG_BYTES_MAX: usize = 256;
/// What begins a section of it (XML 1.0 §2.7).
const CDATA: &[u8] = b"<![CDATA[";

/// `<key>value</key>`.
pub(super) static ELEMENT: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Greater],
    literals: &[],
    source: "XML 1.0 §3.1, §2.7 (CDATA); Windows event schema (Data Name); Apple property lists",
    confirm,
    finds: &[
        "<password>hunter2</password>",
        "<ns:userName>al</ns:userName>",
        r#"<Password Type="plain">hunter2</Password>"#,
        r#"<Data Name="TargetUserName">al</Data>"#,
        r#"<add key="password" value="hunter2"/>"#,
        "<password><![CDATA[hunt<er2]]></password>",
        r"<password>hunter2\</password>",
        r#"{"x":"<password>hunter2<\/password>"}"#,
        "<key>password</key><string>hunter2</string>",
        "<name>password</name> <value><string>hunter2</string></value>",
        "<user><id>7</id><name>ann</name></user>",
        r"<Issuer>adm2</Issuer>\n  <Action>Logon</Action>",
        "<member><name>password</name><value>hunter2</value></member>",
        r"<member>\n <name>password</name>\n <value><string>hunter2</string></value>",
        r#"<bean name="password"><value>hunter2</value></bean>"#,
        r#"<a:Attribute Name="uid"><a:AttributeValue x="y">ann</a:AttributeValue></a:Attribute>"#,
        "<a:NameID Format=\"x\">ann</a:NameID>",
        "<tr><th>Password</th><td>hunter2</td></tr>",
        "<TR><TD class=\"k\">User name</TD> <TD><b>ann</b></TD></TR>",
        "<dt>Password</dt><dd>hunter2</dd>",
        "<user><name>ann</name><value>7</value></user>",
        "<property><name>db.password</name><default>hunter2</default></property>",
        r#"{"x":"<td>Password<\/td>\n <td>hunter2<\/td>"}"#,
    ],
    leaves: &[
        "<td>Username</td><td>Password</td>",
        "<th>Username</th><th>Role</th>",
        "<tr><td>Password</td></tr><tr><td>ok</td></tr>",
        "<dt>Password</dt><dt>Role</dt>",
        "<b>Password</b> must be long",
        "<member><name>kind</name><value>x</value></member>",
        "<td>Password</td><td></td>",
        "<td>password</td><td>string</td><td>yes</td>",
        "<tr><td>user</td><td>VARCHAR(32)</td></tr>",
        "<td>Token</td><td>Meaning</td>",
        "<td>User</td><td><button>Delete</button></td>",
        "<dt>User</dt><dd><a href='x'>check</a>",
        "a->password",
        "<note>user</note>",
        r#"{"user":"<user>","a":"<b>"}"#,
        "<password></password>",
        "login <user> failed\n/usr/sbin/x",
        "a=<REDACTED-ACCOUNT>, b=</x>",
        "<password/><x>1</x>",
        "</password>text</x>",
        r#"<Data Name="LogonType">3</Data>"#,
        "<user><id/></user><service><name>api</name></service>",
    ],
};

/// The same where the markup is itself escaped.
pub(super) static ESCAPED: Detector = Detector {
    id: "escaped_element",
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: &["&gt;", "\\u003e", "\\u003E"],
    source: "HTML 5 §13.5; RFC 8259 §7",
    confirm: confirm_escaped,
    finds: &[
        "&lt;password&gt;hunter2&lt;/password&gt;",
        "&lt;Data Name='TargetUserName'&gt;ann&lt;/Data&gt;",
        "&lt;Data Name=&quot;TargetUserName&quot;&gt;ann&lt;/Data&gt;",
        r#"{"x":"\u003cData Name='TargetUserName'\u003eann\u003c/Data\u003e"}"#,
        r#"{"x":"\u003cpassword\u003ehunter2\u003c/password\u003e"}"#,
    ],
    leaves: &[
        "&lt;note&gt;user&lt;/note&gt;",
        "a -&gt; password",
        "&lt;password&gt;&lt;/password&gt;",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if byte(hay, at) != b'>' {
        return;
    }
    let open = skip_back(hay, at, TAG_BYTES_MAX, |b| {
        !matches!(b, b'<' | b'>') && !is_end(b)
    });
    if before(hay, open) != b'<' {
        return;
    }
    let name_end = skip(hay, open, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.' | b':')
    });
    let closed = before(hay, at) == b'/';
    let tag = Span::new(name_end, at.saturating_sub(usize::from(closed)));
    let own = keys::named_at(cx, name_end)
        .filter(|(start, _)| *start == open || before(hay, *start) == b':')
        .filter(|_| !is_label(Span::new(open, name_end).of(hay)));
    if let Some((_, named)) = own {
        if !closed {
            content(cx, named, at.saturating_add(1));
        }
        return;
    }
    let said = (name_end < tag.end)
        .then(|| attribute(hay, tag, &[b"name", b"key", b"field", b"id"]))
        .flatten();
    if let Some(named) = said.and_then(|name| keys::named_in(cx, name)) {
        return match attribute(hay, tag, &[b"value"]) {
            Some(value) => take(cx, ID, named, Value::Quoted(value)),
            None if closed => {}
            None => content(cx, named, at.saturating_add(1)),
        };
    }
    let name = Span::new(open, name_end).of(hay);
    if closed {
        return;
    }
    let start = at.saturating_add(1);
    // Of somebody's name, what is around it says more than what stands behind.
    let somebody = matches!(name, b"key" | b"name" | b"Key" | b"Name" | b"id")
        .then(|| nested(hay, open, name))
        .flatten();
    // Of a pair it is the key.
    let paired =
        (somebody.is_none() || cell::is_of_a_member(hay, start)) && cell::pair(cx, name, start);
    if let Some(class) = somebody.filter(|_| !paired) {
        content(cx, class.into(), start);
    }
}

/// `<user>…<name>` is `user.name`: an element that says little takes the name of the one around it. Looks at most
/// 512 bytes back.
fn nested(hay: &[u8], open: usize, name: &[u8]) -> Option<Class> {
    const REACH: usize = 512;
    let mut end = open.checked_sub(1)?;
    let floor = end.saturating_sub(REACH);
    let mut depth = 0usize;
    loop {
        let head = Span::new(floor, end).of(hay);
        let at = floor.saturating_add(memchr::memrchr(b'<', head)?);
        let tag = Span::new(at.saturating_add(1), end).of(hay);
        if tag.iter().any(|b| is_end(*b)) {
            return None;
        }
        let close = memchr::memchr(b'>', tag)?;
        match (tag.first(), tag.get(close.saturating_sub(1))) {
            (Some(b'/'), _) => depth = depth.saturating_add(1),
            (_, Some(b'/')) | (Some(b'?' | b'!'), _) => {}
            _ if depth > 0 => depth = depth.saturating_sub(1),
            _ => {
                let length = skip(tag, 0, KEY_BYTES_MAX, |b| {
                    is_word(b) || matches!(b, b'-' | b'.')
                });
                let parent = tag.get(..length)?;
                return keys::class_within(parent, name);
            }
        }
        end = at;
    }
}

/// The quoted value of the first attribute with one of these names (case does not matter).
fn attribute(hay: &[u8], tag: Span, names: &[&[u8]]) -> Option<Span> {
    let mut at = tag.start;
    while at < tag.end {
        let start = skip(hay, at, TAG_BYTES_MAX, |b| matches!(b, b' ' | b'\t'));
        let end = skip(hay, start, TAG_BYTES_MAX, |b| {
            is_word(b) || matches!(b, b'-' | b'.' | b':')
        });
        let quote_at = end.saturating_add(1);
        let quote = byte(hay, quote_at);
        if end >= tag.end || byte(hay, end) != b'=' || !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let value = quote_at.saturating_add(1);
        let close = skip(hay, value, TAG_BYTES_MAX, |b| b != quote && !is_end(b));
        if close > tag.end {
            return None;
        }
        let name = Span::new(start, end).of(hay);
        if names.iter().any(|n| name.eq_ignore_ascii_case(n)) {
            return Some(Span::new(value, close));
        }
        at = close.saturating_add(1);
    }
    None
}

/// The text of an element, from `start` to the tag that closes it; of `<x name="password"><value>` the inner one's.
fn content(cx: &mut Cx<'_>, named: Named, start: usize) {
    let hay = cx.hay();
    let start = cell::value_start(hay, start);
    let inside = start.saturating_add(CDATA.len());
    if Span::new(start, inside).of(hay) == CDATA {
        let end = cx.reach(Reach::Cdata, inside, |hay| {
            let rest = hay.get(inside..).unwrap_or_default();
            let stop = memchr::memchr2(b'\n', b'\0', rest).unwrap_or(rest.len());
            let text = rest.get(..stop).unwrap_or(rest);
            inside.saturating_add(memchr::memmem::find(text, b"]]>").unwrap_or(stop))
        });
        let value = Span::new(inside, end);
        return take(cx, ID, named, Value::Quoted(value));
    }
    let end = skip(hay, start, usize::MAX, |b| b != b'<' && !is_end(b));
    let value = Span::new(start, end);
    // A placeholder such as `"<user>","x":…` is no element: none closes, or a JSON string ends in between.
    let json = value
        .of(hay)
        .windows(2)
        .any(|pair| matches!(pair, [b'"', b',' | b':' | b'}' | b']']));
    // `<\/x>`, as PHP writes it into JSON.
    let slash = skip(hay, end.saturating_add(1), 4, |b| b == b'\\');
    if byte(hay, end) != b'<' || byte(hay, slash) != b'/' || json {
        return cx.reject(value, named.class, ID, "no element that closes");
    }
    take(cx, ID, named, Value::Quoted(value));
}

/// What the attribute names with which an escaped tag ends: `Data Name='TargetUserName'`, in quotes of any sort.
fn attribute_of_escaped(cx: &Cx<'_>, tag: Span) -> Option<Named> {
    const QUOTES: &[&[u8]] = &[
        b"&quot;", b"&apos;", b"&#39;", b"&#34;", b"'", b"\\\"", b"\"",
    ];
    const NAMES: &[&[u8]] = &[b" Name=", b" name=", b" key=", b" Key=", b" field="];
    let hay = cx.hay();
    let text = tag.of(hay);
    let quote = QUOTES.iter().find(|quote| text.ends_with(quote))?;
    let close = tag.end.saturating_sub(quote.len());
    let start = keys::name_start(hay, close);
    let head = Span::new(tag.start, start).of(hay).strip_suffix(*quote)?;
    let said = NAMES.iter().any(|name| head.ends_with(name));
    said.then(|| keys::named_in(cx, Span::new(start, close)))?
}

/// How markup begins and ends, as it is and escaped.
const MARKS: &[(&[u8], &[u8])] = &[
    (b"<", b">"),
    (b"&lt;", b"&gt;"),
    (b"\\u003c", b"\\u003e"),
    (b"\\u003C", b"\\u003E"),
];

/// How far the tags of the element around a word are looked for, in bytes and in signs that may begin one, and how many
/// tags in the word are.
const AROUND_BYTES_MAX: usize = 4096;
const AROUND_SIGNS_MAX: usize = 32;
const TAGS_MAX: usize = 8;

/// Where markup begins in a bare word in the text of an element: `hunter2</cmd><x>`, `hunter2]]></cmd>`. No `<` is the
/// text's own there (XML 1.0 §2.4); elsewhere it may be a word's.
pub(super) fn markup_in(hay: &[u8], word: Span) -> Option<usize> {
    let text = word.of(hay);
    let tags = memchr::memchr3_iter(b'<', b'&', b'\\', text).filter_map(|at| {
        let rest = text.get(at..)?;
        let mark = MARKS.iter().find(|(open, _)| rest.starts_with(open))?;
        Some((at, rest, mark))
    });
    let (at, ..) = tags.take(TAGS_MAX).find(|(at, tag, (open, close))| {
        let at = word.start.saturating_add(*at);
        closed_by(tag, open, close).is_some_and(|name| opens(hay, at, open, name))
            || *open == b"<" && is_in_an_element(hay, at)
    })?;
    // The end of a CDATA section (§2.7) is markup too.
    let inside = text.get(..at)?;
    let section = inside.strip_suffix(b"]]>").unwrap_or(inside);
    Some(word.start.saturating_add(section.len()))
}

/// The name of the element that the tag closes: `</cmd>`, `<\/cmd>`.
fn closed_by<'a>(tag: &'a [u8], open: &[u8], close: &[u8]) -> Option<&'a [u8]> {
    let slash = skip(tag, open.len(), 4, |b| b == b'\\');
    let start = slash.saturating_add(1);
    let end = skip(tag, start, KEY_BYTES_MAX, is_of_tag);
    let closes = byte(tag, slash) == b'/' && tag.get(end..)?.starts_with(close);
    tag.get(start..end)
        .filter(|name| closes && !name.is_empty())
}

/// A byte of an element's name.
fn is_of_tag(b: u8) -> bool {
    is_word(b) || matches!(b, b'-' | b'.' | b':')
}

/// What begins with `sign`, or with the end of a record.
fn begun_with(sign: u8, text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    memchr::memchr3_iter(sign, b'\n', b'\0', text).map(|at| text.get(at..).unwrap_or_default())
}

/// Whether an element of that name opens in front of `at`.
fn opens(hay: &[u8], at: usize, open: &[u8], name: &[u8]) -> bool {
    let head = Span::new(at.saturating_sub(AROUND_BYTES_MAX), at).of(hay);
    let tags = begun_with(byte(open, 0), head).rev();
    tags.take(AROUND_SIGNS_MAX)
        .take_while(|tag| !is_end(byte(tag, 0)))
        .filter_map(|tag| tag.strip_prefix(open)?.strip_prefix(name))
        .any(|behind| !is_of_tag(byte(behind, 0)) && !behind.is_empty())
}

/// Whether the last tag in front of `at` opens an element that closes further on: `<cmd>a<br/>b</cmd>`.
fn is_in_an_element(hay: &[u8], at: usize) -> bool {
    let head = Span::new(at.saturating_sub(AROUND_BYTES_MAX), at).of(hay);
    let tag = begun_with(b'<', head).next_back().unwrap_or_default();
    let end = skip(tag, 1, KEY_BYTES_MAX, is_of_tag);
    let name = Span::new(1, end).of(tag);
    if name.is_empty() || memchr::memchr(b'>', tag).is_none() {
        return false;
    }
    let rest = Span::new(at, at.saturating_add(AROUND_BYTES_MAX).min(hay.len())).of(hay);
    let tags = begun_with(b'<', rest).take(AROUND_SIGNS_MAX);
    tags.take_while(|tag| !is_end(byte(tag, 0)))
        .filter_map(|tag| tag.strip_prefix(b"</")?.strip_prefix(name))
        .any(|behind| byte(behind, 0) == b'>')
}

fn confirm_escaped(cx: &mut Cx<'_>, at: usize) {
    const ID: &str = "escaped_element";
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, ESCAPED.literals) else {
        return;
    };
    let end = at.saturating_sub(literal.len());
    let markup: &[u8] = if literal == "&gt;" {
        b"&lt;"
    } else {
        b"\\u003"
    };
    let floor = end.saturating_sub(KEY_BYTES_MAX);
    let Some(open) = memchr::memmem::rfind(Span::new(floor, end).of(hay), markup) else {
        return;
    };
    // `\u003c` has one more letter, which is no part of the name.
    let name = floor
        .saturating_add(open)
        .saturating_add(markup.len())
        .saturating_add(usize::from(literal != "&gt;"));
    let local = skip_back(hay, end, KEY_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'-' | b'.')
    })
    .max(name);
    let prefixed = local > name && before(hay, local) == b':';
    let named = (local == name || prefixed)
        .then(|| keys::named_in(cx, Span::new(local, end)))
        .flatten()
        .or_else(|| attribute_of_escaped(cx, Span::new(name, end)));
    let Some(named) = named else { return };
    let text = hay.get(at..).unwrap_or_default();
    let text = text.get(..ESCAPED_BYTES_MAX).unwrap_or(text);
    let Some(length) = memchr::memmem::find(text, markup) else {
        return;
    };
    let value = Span::new(at, at.saturating_add(length));
    let stops = |b: &u8| matches!(b, b'"' | b'<') || is_end(*b);
    if value.of(hay).iter().any(stops) {
        return;
    }
    let close = value.end.saturating_add(markup.len());
    if markup == b"&lt;" && byte(hay, close) != b'/' {
        return cx.reject(value, named.class, ID, "no element that closes");
    }
    take(cx, ID, named, Value::Quoted(value));
}
