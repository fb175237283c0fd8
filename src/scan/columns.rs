//! The columns of a table, by the line that names them.

use std::sync::Arc;

use super::keys::{self, KEY_BYTES_MAX, Named};
use crate::format::bytes::{byte, is_digit, is_word};
use crate::format::csv::Fields;
use crate::policy::Policy;
use crate::record::Span;

/// Most columns of a table; a longer first line is no header.
const COLUMNS_MAX: usize = 1024;

/// The columns that a header names.
pub(super) struct Columns {
    pub(super) delimiter: u8,
    pub(super) columns: Vec<Column>,
    /// Whether rows are read for them. Where no name says anything they wait for a policy that knows one.
    pub(super) known: bool,
    /// The id of the policy that they were named under.
    pub(super) policy: Box<str>,
    /// Tells one header from another.
    pub(super) header: Arc<()>,
}

impl Columns {
    /// `always`: they count whatever their names are.
    pub(super) fn new(delimiter: u8, columns: Vec<Column>, always: bool, policy: &Policy) -> Self {
        let known = |column: &Column| column.named.is_some() || policy.names(&column.name);
        Self {
            delimiter,
            known: always || columns.iter().any(known),
            columns,
            policy: policy.id().into(),
            header: Arc::new(()),
        }
    }

    /// What parts the fields of `record`: of names that blanks part they may be parted by tabs, as CloudFront writes
    /// them. Tabs may be a field's own where blanks part as many as there are names.
    pub(super) fn delimiter_of(&self, record: &[u8]) -> u8 {
        let fields = |by| memchr::memchr_iter(by, record).count().saturating_add(1);
        let width = self.columns.len();
        let by_tabs = || match (fields(b'\t'), fields(b' ')) {
            (1, _) => false,
            (_, 1) => true,
            (tabs, blanks) => match (tabs == width, blanks == width) {
                (true, false) => true,
                (false, true) => false,
                // The first sign that parts says by what.
                _ => {
                    memchr::memchr2(b' ', b'\t', record).is_some_and(|at| byte(record, at) == b'\t')
                }
            },
        };
        match self.delimiter {
            b' ' if by_tabs() => b'\t',
            delimiter => delimiter,
        }
    }
}

/// One of them: what its name names, and the name itself for rules that are about places.
pub(super) struct Column {
    pub(super) named: Option<Named>,
    /// It counts where its fields are the addresses of pages (`url`).
    pub(super) pages: bool,
    pub(super) name: Arc<str>,
}

/// What a column's name names: `cs(User-Agent)` and `First name` too. One that is longer than any key has no place
/// in a rule either.
pub(super) fn column(name: &[u8], policy: &Policy) -> Column {
    let short = name.len() <= KEY_BYTES_MAX;
    let name = if short { name } else { b"" };
    let inner = name
        .iter()
        .position(|b| *b == b'(')
        .and_then(|open| name.get(open.saturating_add(1)..)?.strip_suffix(b")"))
        .unwrap_or(name);
    let key: Vec<u8> = inner
        .iter()
        .map(|b| if *b == b' ' { b'_' } else { *b })
        .collect();
    let class = keys::class_of(&key);
    // What only counts with a page's address behind it.
    let asked = || keys::lookup(&[&key, &b"=http://a.example/a"[..]].concat(), key.len());
    let page = class.is_none().then(asked).flatten();
    let named = Named::of(Some(&policy.custom), &key, class);
    Column {
        pages: named.is_none() && page.is_some(),
        named: named.or_else(|| page.map(|(_, class)| class.into())),
        name: String::from_utf8_lossy(name).to_lowercase().into(),
    }
}

/// The columns of a header line, whether or not a name of them is known.
pub(super) fn header(hay: &[u8], record: Span, always: bool, policy: &Policy) -> Option<Columns> {
    let delimiter = [b'\t', b',', b';', b'|'].into_iter().max_by_key(|d| {
        let fields = Fields::new(hay, record, *d, false)
            .take(COLUMNS_MAX)
            .count();
        (fields, std::cmp::Reverse(*d))
    })?;
    let fields: Vec<Span> = Fields::new(hay, record, delimiter, false)
        .take(COLUMNS_MAX.saturating_add(1))
        .map(|field| field.text)
        .collect();
    let columns: Vec<Column> = fields
        .iter()
        .map(|field| column(unmarked(field.of(hay)), policy))
        .collect();
    if fields.len() > COLUMNS_MAX {
        return None;
    }
    let sure = fields.len() >= 2
        && record
            .of(hay)
            .split(|b| *b == delimiter)
            .all(|raw| !raw.starts_with(b" ") && !raw.ends_with(b" "))
        && fields.iter().all(|field| is_name(field.of(hay)))
        && fields.iter().enumerate().all(|(i, field)| {
            let others = fields.get(..i).unwrap_or_default();
            others.iter().all(|other| other.of(hay) != field.of(hay))
        });
    (always || sure).then(|| Columns::new(delimiter, columns, always, policy))
}

/// `user_id`, `First name`, `cs(Cookie)`, `geo.lat`.
fn is_name(text: &[u8]) -> bool {
    let blanks = text.iter().filter(|b| **b == b' ').count();
    (1..=KEY_BYTES_MAX).contains(&text.len())
        && blanks <= 3
        && !text.first().is_some_and(|b| is_digit(*b))
        && text.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80)
        && text
            .iter()
            .all(|b| is_word(*b) || matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/'))
}

/// The columns of `#Fields: a b` (blanks between) or `#fields<TAB>a<TAB>b`.
pub(super) fn named(text: &[u8], policy: &Policy) -> Option<Columns> {
    let (delimiter, names) = fields_named(text)?;
    let columns = names
        .split(|b| *b == delimiter || *b == b'\t')
        .filter(|name| !name.is_empty())
        .take(COLUMNS_MAX)
        .map(|name| field(name, policy))
        .collect();
    Some(Columns::new(delimiter, columns, true, policy))
}

/// What a name in a comment names: Zeek's `uid` is a connection's.
pub(super) fn field(name: &[u8], policy: &Policy) -> Column {
    let mut column = column(name, policy);
    if name == b"uid" {
        column.named = column.named.filter(|named| named.rule > 0);
    }
    column
}

/// What stands between the names of a comment that names fields, and the names.
pub(super) fn fields_named(text: &[u8]) -> Option<(u8, &[u8])> {
    match text.strip_prefix(b"#Fields:") {
        Some(names) => Some((b' ', names)),
        None => Some((b'\t', text.strip_prefix(b"#fields\t")?)),
    }
}

/// Behind a byte order mark.
fn unmarked(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(name)
}
