//! Keys whose object says what they hold: `"user":{"name":…}`, `User{name=…}`, `{"name":"Cookie","value":…}`.

use super::claims;
use super::context::Cx;
use super::keys::{self, Named};
use super::take::is_one_of;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, gap, is_digit, is_end, is_word, skip, skip_back, unmarked,
    word_before,
};
use crate::format::value::{Quote, Value, quote_at, string_end, value_at};
use crate::record::Span;

/// `"name":"Ann","email":…`, `name='Ann', phone=…`: a name beside what only a person has.
pub(super) fn beside_a_person(
    cx: &mut Cx<'_>,
    at: usize,
    end: usize,
    quote: Option<Quote>,
) -> Option<(usize, Class)> {
    const PERSONAL: &[&[u8]] = &[
        b"email",
        b"mail",
        b"phone",
        b"mobile",
        b"phonenumber",
        b"birthday",
        b"dateofbirth",
        b"dob",
        b"gender",
        b"idcard",
        b"idno",
        b"ssn",
        b"passport",
        b"givenname",
        b"familyname",
        b"preferredusername",
    ];
    let hay = cx.hay();
    let start = end.saturating_sub(4);
    if Span::new(start, end).of(hay) != b"name" || word_before(hay, start) {
        return None;
    }
    // A container is no name: it is not walked to its end.
    let first = skip(hay, at.saturating_add(1), 64, |b| matches!(b, b' ' | b'\t'));
    if matches!(byte(hay, first), b'{' | b'[') {
        return None;
    }
    let value = match value_at(hay, at, quote, false, &mut cx.unclosed)? {
        Value::Quoted(value) | Value::Plain(value) => value,
        Value::Number(_) | Value::Container(_) => return None,
    };
    let closes = skip(hay, value.end, 8, |b| matches!(b, b'"' | b'\'' | b'\\'));
    // `name=Ann Lee dob=…`
    let bare = quote.is_none() && byte(hay, at) == b'=' && closes == value.end;
    let close = if bare { names_end(hay, closes) } else { closes };
    if quote.is_some() && claims::are_in_front(hay, start, value) {
        return Some((start, Class::NAME));
    }
    if !matches!(byte(hay, close), b',' | b'&') && (byte(hay, close) != b' ' || !bare) {
        return None;
    }
    let key = skip(hay, close.saturating_add(1), 8, |b| {
        matches!(b, b'"' | b'\'' | b'\\' | b' ')
    });
    let border = skip(hay, key, 24, |b| is_word(b) || b == b'-');
    let written = Span::new(key, border).of(hay);
    let ends = skip(hay, border, 4, |b| matches!(b, b'"' | b'\'' | b'\\'));
    (matches!(byte(hay, ends), b':' | b'=') && PERSONAL.iter().any(|name| same_name(name, written)))
        .then_some((start, Class::NAME))
}

/// `[uid: 12, name: ann]`, `(user id: 12, name: ann lee)`: the bare name right behind the number of an account in one
/// bracket, where nothing else in it says that it is a process's, a file's or a package's.
pub(super) fn beside_an_account(hay: &[u8], at: usize, end: usize) -> Option<Span> {
    const OTHERS: &[&[u8]] = &[
        b"pid", b"comm", b"exe", b"cmd", b"proc", b"process", b"inode", b"mode", b"tty", b"unit",
        b"image", b"package", b"service",
    ];
    const IDS: &[&[u8]] = &[b"uid", b"user id", b"user_id", b"userid"];
    const TOPS: &[&[u8]] = &[
        b"com.",
        b"org.",
        b"net.",
        b"io.",
        b"android.",
        b"de.",
        b"cn.",
        b"jp.",
        b"app.",
        b"dev.",
        b"tv.",
        b"me.",
        b"edu.",
        b"gov.",
    ];
    let key = end.saturating_sub(6);
    if Span::new(key, at.saturating_add(2)).of(hay) != b", name: " {
        return None;
    }
    let number = skip_back(hay, key, 10, is_digit);
    let head = hay.get(..number)?;
    let id = head
        .strip_suffix(b": ")
        .or_else(|| head.strip_suffix(b":"))?;
    let name = IDS.iter().find(|name| ends_in_any_case(id, name))?;
    let id = id.get(..id.len().checked_sub(name.len())?)?;
    if number == key || is_word(before(id, id.len())) {
        return None;
    }
    let bracket = |b: u8| matches!(b, b'{' | b'}' | b'[' | b']' | b'(' | b')') || is_end(b);
    let first = skip_back(hay, id.len(), OBJECT_BYTES_MAX, |b| !bracket(b));
    let start = at.saturating_add(2);
    let stop = skip(hay, start, 64, |b| b != b',' && !bracket(b));
    let last = skip(hay, stop, OBJECT_BYTES_MAX, |b| !bracket(b));
    if !matches!(
        (before(hay, first), byte(hay, last)),
        (b'[', b']') | (b'(', b')')
    ) || byte(hay, stop) != b',' && stop != last
    {
        return None;
    }
    let quoted = usize::from(byte(hay, start) == b'"');
    let stop = stop.saturating_sub(usize::from(quoted == 1 && before(hay, stop) == b'"'));
    let name = Span::new(
        start.saturating_add(quoted),
        skip_back(hay, stop, 8, |b| b == b' ').max(start.saturating_add(quoted)),
    );
    let own = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || b" .-_@\'".contains(b);
    let text = name.of(hay);
    let begins = byte(text, 0).is_ascii_alphabetic() || byte(text, 0) >= 0x80;
    let other = [Span::new(first, key), Span::new(stop, last)]
        .iter()
        .flat_map(|beside| beside.of(hay).split(|b| !is_word(*b)))
        .any(|word| OTHERS.iter().any(|other| word.eq_ignore_ascii_case(other)));
    // `com.example.app`
    let package = TOPS.iter().any(|top| text.starts_with(top));
    (begins && text.iter().all(own) && !other && !package).then_some(name)
}

/// Behind the words that go on a bare value like a name.
fn names_end(hay: &[u8], mut end: usize) -> usize {
    for _ in 0..3 {
        let word = end.saturating_add(1);
        let stop = skip(hay, word, 24, |b| {
            b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'-' | b'\'' | b'.')
        });
        let begins = byte(hay, word).is_ascii_uppercase() || byte(hay, word) >= 0x80;
        if byte(hay, end) != b' ' || !begins || byte(hay, stop) == b'=' {
            break;
        }
        end = stop;
    }
    end
}

/// How far from a key that says little the name of its object is looked for.
const OBJECT_BYTES_MAX: usize = 512;

/// The brace of the JSON object that `at` is in, if it is in no list of that.
fn brace(hay: &[u8], at: usize) -> Option<usize> {
    let floor = at.saturating_sub(OBJECT_BYTES_MAX);
    let head = hay.get(floor..at)?;
    let mut rest = head;
    let mut depth = 0usize;
    let open = loop {
        let last = memchr::memrchr3(b'{', b'}', b'\n', rest)?;
        match byte(rest, last) {
            b'}' => depth = depth.saturating_add(1),
            b'{' if depth == 0 => break last,
            b'{' => depth = depth.saturating_sub(1),
            _ => return None,
        }
        rest = rest.get(..last)?;
    };
    let inside = head.get(open..)?;
    let mut lists = 0isize;
    for at in memchr::memchr3_iter(b'[', b']', 0, inside) {
        match byte(inside, at) {
            b'[' => lists = lists.saturating_add(1),
            b']' => lists = lists.saturating_sub(1),
            _ => return None,
        }
    }
    (lists == 0).then(|| floor.saturating_add(open))
}

/// The key that says little alone and ends at `end`.
#[inline]
pub(super) fn bare(hay: &[u8], end: usize) -> Option<&'static [u8]> {
    // One look at the last eight bytes, the very last on top, tells them all apart.
    let last = match hay
        .get(end.wrapping_sub(8)..end)
        .and_then(<[u8]>::first_chunk)
    {
        Some(eight) => u64::from_le_bytes(*eight) | CASE,
        None => {
            let head = hay.get(..end)?;
            let mut keys = keys::BARE.iter().copied();
            return keys.find(|key| ends_in_any_case(head, key));
        }
    };
    let at = BARE.iter().position(|(text, mask)| last & mask == *text)?;
    keys::BARE.get(at).copied()
}

/// What makes letters small.
const CASE: u64 = 0x2020_2020_2020_2020;

/// The keys that say little alone: up to eight small letters as a number, and which of its bytes are theirs.
const BARE: [(u64, u64); keys::BARE.len()] = {
    let mut all = [(0, 0); keys::BARE.len()];
    let mut n = 0;
    while n < all.len() {
        #[allow(clippy::indexing_slicing, reason = "`n` is below the length of both")]
        {
            let mut rest = keys::BARE[n];
            assert!(rest.len() <= 8);
            while let Some((first, tail)) = rest.split_first() {
                assert!(first.is_ascii_lowercase());
                all[n].0 = all[n].0 >> 8 | (*first as u64) << 56;
                all[n].1 = all[n].1 >> 8 | 0xFF << 56;
                rest = tail;
            }
        }
        n = n.wrapping_add(1);
    }
    all
};

/// What types of a person are called besides.
const KINDS: &[&[u8]] = &[
    b"Dto",
    b"DTO",
    b"Vo",
    b"VO",
    b"Bo",
    b"Entity",
    b"Model",
    b"Bean",
    b"Info",
    b"Details",
    b"Request",
    b"Response",
];

/// The name of a type without what it is called besides.
fn without_kind(name: &[u8]) -> &[u8] {
    let kind = KINDS.iter().find(|kind| name.ends_with(kind));
    kind.and_then(|kind| name.strip_suffix(*kind))
        .unwrap_or(name)
}

/// `User{id=7, name='ann'}`, `main.User{Name:"ann"}`, `UserDto(id=7, name=ann)` is `user.name`: a printed object has its type in front.
pub(super) fn printed(hay: &[u8], end: usize, border: u8) -> Option<(usize, Class)> {
    let behind = end.saturating_add(1);
    // `#<User id: 7, name: "ann">`, as Ruby on Rails prints a record.
    let spaced = border == b':' && byte(hay, behind) == b' ';
    // `User{Name:"ann"}`, as Go prints it: a value in quotes right behind the border.
    if border != b'=' && (border != b':' || byte(hay, behind) != b'"') && !spaced {
        return None;
    }
    let key = bare(hay, end)?;
    let start = end.saturating_sub(key.len());
    // `#<User:0x0001 @name="ann">`, `#<struct User name="ann">`
    let variable = border == b'=' && before(hay, start) == b'@';
    let structure = border == b'=' && byte(hay, behind) == b'"';
    if spaced || variable || structure {
        let opens = start.saturating_sub(usize::from(variable));
        let rust = || structure_of_rust(hay, opens).filter(|_| spaced);
        match record_of_rails(hay, opens).or_else(rust) {
            Some(kind) => return keys::class_within(kind, key).map(|class| (start, class)),
            None if spaced || variable => return None,
            None => {}
        }
    }
    if border == b'='
        && before(hay, start) == b' '
        && let Some(class) = of_tag(hay, start, key)
    {
        return Some((start, class));
    }
    let first = matches!(before(hay, start), b'{' | b'(' | b'[');
    let next = before(hay, start) == b' ' && before(hay, start.saturating_sub(1)) == b',';
    if !first && !next {
        return None;
    }
    let mut depth = 0usize;
    let floor = start.saturating_sub(OBJECT_BYTES_MAX);
    let mut at = start;
    let open = loop {
        at = at.checked_sub(1).filter(|at| *at >= floor)?;
        match byte(hay, at) {
            b'}' | b')' | b']' => depth = depth.saturating_add(1),
            b'{' | b'(' | b'[' if depth == 0 => break at,
            b'{' | b'(' | b'[' => depth = depth.saturating_sub(1),
            b if is_end(b) => return None,
            _ => {}
        }
    };
    let name = Span::new(skip_back(hay, open, 64, is_word), open).of(hay);
    if !byte(name, 0).is_ascii_uppercase() {
        return None;
    }
    keys::class_within(without_kind(name), key).map(|class| (start, class))
}

/// `<user id="7" name="ann">` is `user.name`: an attribute, by the element whose tag it stands in.
fn of_tag(hay: &[u8], start: usize, key: &[u8]) -> Option<Class> {
    const TAG_BYTES_MAX: usize = 256;
    let quote = start.saturating_add(key.len()).saturating_add(1);
    if !matches!(byte(hay, quote), b'"' | b'\'' | b'\\') {
        return None;
    }
    let open = skip_back(hay, start, TAG_BYTES_MAX, |b| {
        !matches!(b, b'<' | b'>') && !is_end(b)
    });
    let name = skip(hay, open, 64, |b| {
        is_word(b) || matches!(b, b'-' | b'.' | b':')
    });
    let local = skip_back(hay, name, name.saturating_sub(open), |b| b != b':');
    let kind = Span::new(local, name).of(hay);
    // `<member type="field" name="length">`, `<device name="kitchen">` are no one's.
    let things = ends_in_any_case(kind, b"device")
        || ends_in_any_case(kind, b"member") && {
            let close = skip(hay, start, TAG_BYTES_MAX, |b| b != b'>' && !is_end(b));
            memchr::memmem::find(Span::new(name, close).of(hay), b" type=").is_some()
        };
    let begins = byte(hay, open).is_ascii_alphabetic();
    (before(hay, open) == b'<' && begins && name < start && !things)
        .then(|| keys::class_within(kind, key))
        .flatten()
}

/// What the key names that ends at `end`, alone or by the object that PHP prints it in, and where it starts.
pub(super) fn named_in_dump(cx: &Cx<'_>, end: usize) -> Option<(usize, Named)> {
    let own = keys::named_at(cx, end);
    own.or_else(|| of_dump(cx.hay(), end).map(|(start, class)| (start, class.into())))
}

/// The key that says little alone and ends at `end`, in what PHP prints: `object(User)#1 (2) { ["name"]=> …`,
/// `User Object ( [name] => …`, `[user] => Array ( [name] => …`, `O:4:"User":2:{s:4:"name";…`.
fn of_dump(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    let key = bare(hay, end)?;
    let start = end.saturating_sub(key.len());
    if !matches!(before(hay, start), b'"' | b'[' | b'\'') {
        return None;
    }
    let floor = start.saturating_sub(OBJECT_BYTES_MAX);
    let mut depth = 0usize;
    let mut at = start;
    let open = loop {
        at = at.checked_sub(1).filter(|at| *at >= floor)?;
        match byte(hay, at) {
            b'}' | b')' => depth = depth.saturating_add(1),
            b'{' | b'(' if depth == 0 => break at,
            b'{' | b'(' => depth = depth.saturating_sub(1),
            b if is_end(b) => return None,
            _ => {}
        }
    };
    // Between the name and the bracket stand numbers, signs and the kind of what it opens.
    let mut end = open;
    for _ in 0..3 {
        end = skip_back(hay, end, 24, |b| !b.is_ascii_alphabetic() && !is_end(b));
        let word = Span::new(skip_back(hay, end, 64, is_word), end);
        match word.of(hay) {
            b"Object" | b"Array" | b"array" | b"a" => end = word.start,
            name => return keys::class_within(without_kind(name), key).map(|class| (start, class)),
        }
    }
    None
}

/// The type in `User { id: 7, name: …`, as Rust prints it.
fn structure_of_rust(hay: &[u8], key: usize) -> Option<&[u8]> {
    let floor = key.saturating_sub(OBJECT_BYTES_MAX);
    let head = hay.get(floor..key)?;
    let open = memchr::memrchr3(b'{', b'}', b'\n', head)?;
    let end = open.checked_sub(1)?;
    let name = head.get(unmarked(head, skip_back(head, end, 64, is_word))..end)?;
    let is = Span::new(end, open.saturating_add(2)).of(head) == b" { ";
    Some(without_kind(name)).filter(|name| is && byte(name, 0).is_ascii_uppercase())
}

/// The type in `#<User id: 7, name: …`, `#<User:0x0001 @id=7, @name=…`, `#<struct User name=…`, seen from one of its keys.
fn record_of_rails(hay: &[u8], key: usize) -> Option<&[u8]> {
    let blank = before(hay, key) == b' ';
    let floor = key.saturating_sub(OBJECT_BYTES_MAX);
    let head = hay.get(floor..key).filter(|_| blank)?;
    let open = memchr::memrchr2(b'<', b'\n', head)?;
    let first = open.saturating_add(1);
    let rest = head.get(first..)?;
    let made = [&b"struct "[..], b"data "]
        .into_iter()
        .find(|kind| rest.starts_with(kind));
    let name = first.saturating_add(made.map_or(0, |kind| kind.len()));
    let end = skip(head, name, 64, is_word);
    let behind = match byte(head, end) {
        b':' => skip(head, end.saturating_add(1), 32, |b| {
            b.is_ascii_alphanumeric()
        }),
        _ => end,
    };
    let is = open
        .checked_sub(1)
        .is_some_and(|mark| byte(head, mark) == b'#');
    head.get(name..end)
        .filter(|kind| is && byte(kind, 0).is_ascii_uppercase() && byte(head, behind) == b' ')
}

/// `"user":{"name":…}` is `user.name`: a word that says little takes the key of its object in front.
/// Looks at most 512 bytes back.
pub(super) fn nested(hay: &[u8], end: usize) -> Option<(usize, Class)> {
    let key = bare(hay, end)?;
    let start = end.saturating_sub(key.len());
    if before(hay, start) != b'"' {
        return None;
    }
    if key == b"id" && is_number_of_a_user(hay, end) {
        return Some((start, Class::ACCOUNT));
    }
    let changed = matches!(key, b"old" | b"new" | b"from" | b"to");
    // A change has texts: `"users":{"from":0,"to":10}` counts.
    if changed && !is_quoted(hay, end) {
        return None;
    }
    let open = brace(hay, start)?;
    if !matches!(key, b"from" | b"to")
        && (changed || key.ends_with(b"value"))
        && let Some(class) = sibling(hay, Span::new(open, start), key != b"value")
    {
        return Some((start, class));
    }
    let parent = key_of(hay, open)?.of(hay);
    let class = keys::class_within(parent, key);
    // `"lat":{"value":…}` is `lat`.
    let class = class.or_else(|| {
        let of_parent = changed || key.ends_with(b"value");
        // `"token":{"from":"header"}` says where it is.
        let of_secret = matches!(key, b"from" | b"to");
        // `"user":{"old":"active"}` is a state of somebody's.
        let who = changed && is_one_of(parent, &[b"user", b"account", b"member", b"session"]);
        let class = (of_parent && !who)
            .then(|| keys::class_of(parent))
            .flatten();
        class.filter(|class| !of_secret || *class != Class::PASSWORD)
    });
    class.map(|class| (start, class))
}

/// Whether a string stands behind the key that ends at `end`.
fn is_quoted(hay: &[u8], end: usize) -> bool {
    let colon = skip(hay, end, 17, |b| matches!(b, b'"' | b'\\'));
    let value = skip(hay, colon.saturating_add(1), 4, |b| b == b' ');
    byte(hay, colon) == b':' && quote_at(hay, value).is_some()
}

/// `"id":"00u1a","type":"User"`: of an object that says right behind its number that it is a user.
fn is_number_of_a_user(hay: &[u8], end: usize) -> bool {
    const TYPES: &[&[u8]] = &[b"User\"", b"user\"", b"AppUser\""];
    const TYPE: &[u8] = b"\"type\":\"";
    let start = end.saturating_add(3);
    if Span::new(end, start).of(hay) != b"\":\"" {
        return false;
    }
    let close = skip(hay, start, 64, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'|' | b'.')
    });
    let rest = hay.get(close..).unwrap_or_default();
    let kind = rest
        .strip_prefix(b"\",")
        .and_then(|rest| rest.strip_prefix(TYPE));
    kind.is_some_and(|kind| TYPES.iter().any(|of| kind.starts_with(of)))
}

/// The key of the JSON object that `at` is in.
pub(super) fn owner(hay: &[u8], at: usize) -> Option<Span> {
    brace(hay, at).and_then(|open| key_of(hay, open))
}

/// The key in front of the brace at `open`.
fn key_of(hay: &[u8], open: usize) -> Option<Span> {
    let blank = |b: u8| b == b' ';
    let colon = skip_back(hay, open, 4, blank);
    if before(hay, colon) != b':' {
        return None;
    }
    let quote = skip_back(hay, colon.saturating_sub(1), 4, blank);
    let end = skip_back(hay, quote, 16, |b| matches!(b, b'"' | b'\\'));
    if end == quote {
        return None;
    }
    let start = skip_back(hay, end, 32, |b| is_word(b) || matches!(b, b'-' | b'.'));
    Some(Span::new(start, end))
}

/// `{"name":"Cookie","value":…}`, `{"key":"device.id","value":…}`: the class that the pair's name has.
/// Of a change, what says the field too.
fn sibling(hay: &[u8], before: Span, change: bool) -> Option<Class> {
    const NAMES: &[&[u8]] = &[b"\"name", b"\"key", b"\"Name", b"\"Key"];
    const FIELDS: &[&[u8]] = &[b"\"field", b"\"property", b"\"attribute"];
    const PATH: &[&[u8]] = &[b"\"path"];
    let text = before.of(hay);
    let fields = if change { FIELDS } else { &[] };
    let paths = if is_patch(text) { PATH } else { &[] };
    NAMES.iter().chain(fields).chain(paths).find_map(|name| {
        let at = memchr::memmem::find(text, name)?.saturating_add(name.len());
        let sign = |b: u8| matches!(b, b'"' | b'\\' | b':' | b' ' | b'/');
        let mut start = skip(text, at, 16, sign);
        let close = skip(text, start, 128, |b| !matches!(b, b'"' | b'\\'));
        if let Some(slash) = memchr::memrchr(b'/', Span::new(start, close).of(text)) {
            start = start.saturating_add(slash).saturating_add(1);
        }
        let end = keys::name_end(text, start);
        let pair = memchr::memchr(b':', Span::new(at, start).of(text)).is_some();
        (pair && matches!(byte(text, end), b'"' | b'\\'))
            .then(|| keys::class_of(Span::new(start, end).of(text)))
            .flatten()
    })
}

/// Whether an operation of a patch (RFC 6902) is in front: `{"op":"replace","path":"/user/name",…`.
fn is_patch(text: &[u8]) -> bool {
    const OPS: &[&[u8]] = &[b"\"replace", b"\"add", b"\"test"];
    memchr::memmem::find(text, b"\"op\"").is_some_and(|at| {
        let rest = text.get(at.saturating_add(4)..).unwrap_or_default();
        let value = skip(rest, 0, 8, |b| matches!(b, b':' | b' '));
        OPS.iter()
            .any(|op| rest.get(value..).is_some_and(|rest| rest.starts_with(op)))
    })
}

/// `{"stringValue":…}`: a value of OpenTelemetry's, whatever its kind.
pub(super) fn is_any_value(hay: &[u8], open: usize) -> bool {
    let start = skip(hay, open.saturating_add(1), 16, |b| {
        matches!(b, b' ' | b'"' | b'\\')
    });
    let end = skip(hay, start, 16, |b| b.is_ascii_alphabetic());
    [
        &b"stringValue"[..],
        b"intValue",
        b"doubleValue",
        b"arrayValue",
    ]
    .contains(&Span::new(start, end).of(hay))
        || is_attribute(hay, Span::new(start, end))
}

/// `{"S":"ann"}`: an attribute's value, as DynamoDB has it: the key is the letter of its type.
fn is_attribute(hay: &[u8], key: Span) -> bool {
    let colon = skip(hay, key.end, 16, |b| matches!(b, b'"' | b'\\'));
    let value = skip(hay, colon.saturating_add(1), 16, |b| {
        matches!(b, b' ' | b'[' | b'\\')
    });
    let typed = matches!(key.of(hay), b"S" | b"N" | b"SS" | b"NS")
        && colon > key.end
        && byte(hay, colon) == b':'
        && byte(hay, value) == b'"';
    // `{"S":"small","M":"medium"}` are sizes.
    let open = skip_back(hay, value, 16, |b| b == b'\\');
    let quote = quote_at(hay, open).filter(|_| typed);
    quote.is_some_and(|(quote, content)| {
        let end = string_end(hay, content, quote);
        let behind = end.saturating_add(quote.escapes).saturating_add(1);
        let comma = gap(hay, behind);
        let next = skip(hay, comma, 16, |b| matches!(b, b',' | b' ' | b'"' | b'\\'));
        let name = skip(hay, next, 8, |b| b.is_ascii_uppercase());
        let size = name > next && matches!(byte(hay, name), b'"' | b'\\' | b'\'');
        !(byte(hay, comma) == b',' && key.len() == 1 && size)
    })
}

/// Whether an object has what only a postal address has.
pub(super) fn is_postal(object: &[u8]) -> bool {
    const PARTS: &[&[u8]] = &[b"treet", b"ostal", b"ostcode", b"zip", b"ine1", b"ddress1"];
    let head = object.get(..OBJECT_BYTES_MAX).unwrap_or(object);
    PARTS
        .iter()
        .any(|part| memchr::memmem::find(head, part).is_some())
}

/// Whether a value in an object of a secret says what kind it is, when it ends or where it lies.
pub(super) fn describes(hay: &[u8], leaf: Value) -> bool {
    const NAMES: &[&[u8]] = &[
        b"type",
        b"tokentype",
        b"kind",
        b"path",
        b"expires",
        b"expiresin",
        b"expiresat",
        b"expiry",
        b"exp",
        b"iat",
        b"expiration",
        b"expirationseconds",
        b"ttl",
        b"createdat",
        b"created",
        b"updatedat",
        b"scope",
        b"algorithm",
        b"alg",
        b"provider",
        b"status",
        b"length",
        b"version",
        b"enabled",
    ];
    let (Value::Quoted(span) | Value::Number(span) | Value::Plain(span) | Value::Container(span)) =
        leaf;
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b' ');
    let border = skip_back(hay, span.start, 16, quote);
    if before(hay, border) != b':' {
        return false;
    }
    let end = skip_back(hay, border.saturating_sub(1), 16, quote);
    let start = skip_back(hay, end, 32, |b| is_word(b) || b == b'-');
    NAMES
        .iter()
        .any(|name| same_name(name, Span::new(start, end).of(hay)))
}

/// Whether `written` is `name`, case and separators aside.
pub(super) fn same_name(name: &[u8], written: &[u8]) -> bool {
    let written = written.iter().filter(|b| b.is_ascii_alphanumeric());
    written.map(u8::to_ascii_lowercase).eq(name.iter().copied())
}
