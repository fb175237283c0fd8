//! Keys that marks of their own stand around: columns of MySQL and code in Markdown, `__key__` of Python and of bold text.

use super::Detector;
use super::context::{Cx, Keys};
use super::front::{Anchor, key_end};
use super::inner::{looks_like_one, take_all};
use super::key::hold;
use super::keys::{self, Named};
use super::object::is_any_value;
use super::take::take;
use super::wrapped::with_doubled_quotes;
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, is_end, is_word, skip, unmarked};
use crate::format::value::{Quote, Value, quote_at, value_at};
use crate::record::Span;

const ID: &str = "marked_key";

/// What closes such a key, and the border behind it.
const CLOSES: &[&str] = &[
    "`: ", "` = ", "`='", "`=\"", "__=", "__: ", "__\":", "__\\\":",
];

/// `` `password`: `x` ``, `` `password` = 'x' ``, `__password__=x`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: keys::NAMED,
    anchors: &[Anchor::Literal],
    literals: CLOSES,
    source: "MySQL 8.4 §11.2 (quoted identifiers); CommonMark §6.1, §6.2; Python data model (names with two underscores)",
    confirm,
    finds: &[
        "set `password`: `hunt er2`",
        "UPDATE `u` SET `password`='hunter2', `n`=1",
        "UPDATE `u` SET `u`.`username` = 'ann', `password` = 'it''s' WHERE 1",
        "`password`=\"hunter2\"",
        "`imei` = 490154203237518",
        "__password__=hunter2",
        "__Password__: hunter2",
        r#"{"__password__":"hunter2"}"#,
        "`password`: `Hunter`, `user`: `Ann`",
        "`password`: `Option<2!xyz`",
        r#"{"__token__":["a1x"],"token":["b1x"]}"#,
        r#"{"__authorization__": {"a":"Bearer x"}}"#,
        r#"{"m":"{\"__token__\":[\"a1x\"],\"token\":[\"b1x\"]}"}"#,
    ],
    leaves: &[
        "unknown field `password`: expected one of",
        "ON `t`.`user_id` = `u`.`id`",
        "WHERE `password` = ?",
        "`status`: `ok`",
        "`password`: ``",
        "`password`: `hunt",
        "__init__: x",
        "my__password__=",
        "password__=hunter2",
        r#"{"__token__":[],"b":1}"#,
        "struct field `secret`: `String` is never read",
        "expected `token`: `u32`",
        "the field `user`: `Option<String>`",
        "of `password`: `&str`",
        "`secret`: `&'static str`, `token`: `HashMap<String, Vec<u8>>`",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let Some(literal) = cx.literal(at, CLOSES) else {
        return;
    };
    let border = at.saturating_sub(1);
    match literal {
        "`: " => ticked(cx, border.saturating_sub(2), at),
        "` = " => ticked(cx, border.saturating_sub(3), at),
        "`='" | "`=\"" => ticked(cx, border.saturating_sub(2), border),
        "__: " => underscored(cx, border.saturating_sub(1)),
        _ => underscored(cx, border),
    }
}

/// A key whose backtick closes at `close`, and whose value would start at `value`.
fn ticked(cx: &mut Cx<'_>, close: usize, value: usize) {
    const TICK: u8 = b'`';
    let hay = cx.hay();
    let start = keys::name_start(hay, close);
    if byte(hay, close) != TICK || start.checked_sub(1).is_none_or(|at| byte(hay, at) != TICK) {
        return;
    }
    let Some(named) = keys::named_in(cx, Span::new(start, close)) else {
        return;
    };
    let compared = byte(hay, close.saturating_add(1)) != b':';
    let found = if let Some((quote, content)) = quote_at(hay, value) {
        let end = cx.unclosed.string_end(hay, content, quote);
        with_doubled_quotes(hay, Value::Quoted(Span::new(content, end)))
    } else if byte(hay, value) == TICK && !compared {
        // Behind a sign of equality it is another column.
        let content = value.saturating_add(1);
        let end = skip(hay, content, 1024, |b| b != TICK && !is_end(b));
        let content = Span::new(content, end);
        if byte(hay, end) != TICK || is_type(content.of(hay)) {
            return;
        }
        Value::Quoted(content)
    } else if compared && is_digit(byte(hay, value)) {
        Value::Plain(Span::new(value, skip(hay, value, 32, is_digit)))
    } else {
        return cx.reject(Span::new(start, close), named.class, ID, "no value");
    };
    take(cx, ID, named, found);
}

/// Whether `text` is a type as compilers and manuals name them: `String`, `Option<u8>`, `&'static str`, `number`.
fn is_type(text: &[u8]) -> bool {
    const TYPES: &str = "bool boolean char str string u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize \
        f32 f64 float double int integer long number object array \
        String Str OsString CString Secret SecretBox SecretString Zeroizing Bytes Path PathBuf Uuid UUID Self \
        Option Result Vec VecDeque Box Rc Arc Cow Cell RefCell Mutex RwLock HashMap HashSet BTreeMap BTreeSet \
        Number Boolean Object Array Promise Record Map Set List ArrayList Optional \
        Integer Long Double Float Byte Char Character CharSequence";
    let text = match text.strip_prefix(b"&") {
        // Behind the name of a lifetime.
        Some([b'\'', named @ ..]) => {
            let end = skip(named, 0, 32, is_word).saturating_add(1);
            named.get(end..).unwrap_or_default()
        }
        Some(referred) => referred,
        None => text,
    };
    let end = skip(text, 0, 32, is_word);
    let (name, rest) = text.split_at_checked(end).unwrap_or_default();
    let inside =
        |b: &u8| is_word(*b) || matches!(b, b'<' | b'>' | b',' | b':' | b'&' | b' ' | b'\'');
    let generic = rest.is_empty()
        || rest.starts_with(b"<") && rest.ends_with(b">") && rest.iter().all(inside);
    generic && TYPES.split(' ').any(|known| known.as_bytes() == name)
}

/// `__key__`, with its border at `border`.
fn underscored(cx: &mut Cx<'_>, border: usize) {
    const MARKS: &[u8] = b"__";
    let hay = cx.hay();
    let close = key_end(hay, border);
    let word = Span::new(unmarked(hay, keys::name_start(hay, close)), close);
    let text = word.of(hay);
    if !text.starts_with(MARKS) || !text.ends_with(MARKS) || text.len() <= 4 {
        return;
    }
    let key = Span::new(word.start.saturating_add(2), close.saturating_sub(2));
    let Some(named) = keys::named_in(cx, key) else {
        return;
    };
    // Most are bare, or in JSON that is in no string.
    let escapes = usize::from(byte(hay, close) == b'\\');
    let quote = (byte(hay, close.saturating_add(escapes)) == b'"').then_some(Quote {
        byte: b'"',
        escapes,
    });
    // A list hidden whole would be no JSON of the same form.
    let open = skip(hay, border.saturating_add(1), 64, |b| {
        matches!(b, b' ' | b'\t')
    });
    if quote.is_some() && matches!(byte(hay, open), b'{' | b'[') {
        return holds(cx, named, open);
    }
    let secret = named.class == Class::PASSWORD;
    match value_at(hay, border, quote, secret, &mut cx.unclosed) {
        Some(Value::Plain(value)) if value.is_empty() => {
            cx.reject(key, named.class, ID, "no value");
        }
        Some(Value::Quoted(text)) if quote.is_some() && looks_like_one(hay, text) => {
            each(cx, named, |cx, class| {
                take_all(cx, ID, class, Value::Quoted(text));
            });
        }
        Some(value) => take(cx, ID, named, value),
        None => cx.reject(key, named.class, ID, "no value"),
    }
}

/// The leaves of what opens at `open`, unless its own keys decide.
fn holds(cx: &mut Cx<'_>, named: Named, open: usize) {
    let hay = cx.hay();
    let object = byte(hay, open) == b'{' && !is_any_value(hay, open);
    each(cx, named, |cx, class| {
        if !object || !matches!(class, Class::ACCOUNT | Class::COORDINATES) {
            hold(cx, ID, Keys::Marked, open, class);
        }
    });
}

/// Asks for an operator's rule and for the dictionary's class.
fn each(cx: &mut Cx<'_>, named: Named, ask: impl Fn(&mut Cx<'_>, Class)) {
    if named.rule > 0 {
        cx.rule = named.rule;
        ask(cx, Class::CUSTOM);
        cx.rule = 0;
    }
    if named.class != Class::CUSTOM {
        ask(cx, named.class);
    }
}
