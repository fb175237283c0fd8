//! Tables: a header line names the columns, and the rows behind it take their classes. CSV and its kin
//! (RFC 4180), and the logs that name their fields in a comment (`#Fields: …`, W3C extended log, Zeek).
//!
//! The header comes once a stream, so this is the one part of the scan with a memory: a [`Table`] belongs to
//! one file or connection and sees its records in order. How they are batched does not matter to it.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::columns::{Column, Columns, column, field, fields_named, header, named};
use super::context::{Cx, Finding};
use super::keys;
use super::take::take;
use crate::format::csv::{Fields, trimmed};
use crate::format::path::Cell;
use crate::format::value::Value;
use crate::policy::Policy;
use crate::record::Span;

const ID: &str = "column";

/// Most lines that one quoted field may take: a quote that nobody closes must not reach over a whole stream.
const FIELD_LINES_MAX: u16 = 256;

/// When a stream's first line is taken for the header of a table.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tables {
    /// Where it can be nothing else: two or more distinct names without blanks around them, at least one of
    /// them in the dictionary or the policy. It stands if the next line has as many columns.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never; `#Fields` lines neither.
    Never,
}

/// What is known of the table in one stream.
#[derive(Clone, Default)]
pub struct Table {
    tables: Tables,
    begun: bool,
    /// The stream began with a comment, so that more of them may name fields.
    comments: bool,
    columns: Option<Arc<Columns>>,
    /// A row has fitted the header.
    fitted: bool,
    /// The column of a quoted field that is still open, and the lines it took.
    open: Option<(usize, u16)>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns.as_ref().map_or(0, |c| c.columns.len());
        write!(f, "Table({:?}, {columns} columns)", self.tables)
    }
}

/// Where a table stands between two of its rows, without a word of it: with its header, read again, it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// A row has fitted the header.
    pub fitted: bool,
    /// The column of a quoted field that is still open, and the lines it took.
    pub open: Option<(usize, u16)>,
}

impl Table {
    /// The memory of one stream.
    #[must_use]
    pub fn new(tables: Tables) -> Self {
        Self {
            tables,
            ..Self::default()
        }
    }

    /// Whether nothing that this stream still brings can be a row: the way of almost all logs.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.tables, Tables::Never)
            || self.begun && self.columns.is_none() && !self.comments
    }

    /// Whether no row gives anything away, as long as the policy stays.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_over() || self.columns.as_ref().is_some_and(|columns| !columns.known)
    }

    /// Where it stands, if it has a header.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.columns.as_ref().map(|_| Standing {
            fitted: self.fitted,
            open: self.open,
        })
    }

    /// The table of a stream that goes on behind its `header`; `None` where that line names no columns.
    /// `comments`: the stream began with one.
    #[must_use]
    pub fn resumed(
        tables: Tables,
        header: &[u8],
        comments: bool,
        at: Standing,
        policy: &Policy,
    ) -> Option<Self> {
        let mut table = Self::new(tables);
        table.comments = comments;
        table.begun = comments;
        table.pass(header, policy);
        table.columns.is_some().then_some(Self {
            fitted: at.fitted,
            open: at.open,
            ..table
        })
    }

    /// Whether both go by the same header.
    #[must_use]
    pub fn is_under(&self, other: &Self) -> bool {
        match (&self.columns, &other.columns) {
            (Some(one), Some(two)) => Arc::ptr_eq(&one.header, &two.header),
            (one, two) => one.is_none() && two.is_none(),
        }
    }

    /// Where in `hay`, which has gone through it and in which it got its header, that line starts: the first,
    /// or the last comment that names fields.
    #[must_use]
    pub fn header_in(&self, hay: &[u8]) -> usize {
        let mut end = self.comments.then_some(hay.len());
        while let Some(to) = end {
            let head = hay.get(..to).unwrap_or_default();
            let start = memchr::memrchr2(b'\n', 0, head).map_or(0, |at| at.saturating_add(1));
            if fields_named(Span::new(start, to).of(hay)).is_some() {
                return start;
            }
            end = start.checked_sub(1);
        }
        0
    }

    /// A record was lost: what it opened or closed is not known.
    pub const fn skip(&mut self) {
        self.begun = true;
        self.open = None;
    }

    /// Whole records of one stream that go by.
    pub fn pass(&mut self, hay: &[u8], policy: &Policy) {
        self.rows(hay, policy, &mut Vec::new(), None);
    }

    /// Appends what the columns of the rows in `hay`, whole records of one stream, give away, and to `cells` the
    /// fields themselves.
    pub(crate) fn rows(
        &mut self,
        hay: &[u8],
        policy: &Policy,
        findings: &mut Vec<Finding>,
        mut cells: Option<&mut Vec<Cell>>,
    ) {
        self.follow(policy);
        let mut cx = Cx::new(hay, findings, None);
        let mut start = 0usize;
        while start < hay.len() && !self.is_over() {
            let tail = hay.get(start..).unwrap_or_default();
            let length = memchr::memchr2(b'\n', 0, tail).unwrap_or(tail.len());
            let end = start.saturating_add(length);
            let record = trimmed(hay, Span::new(start, end));
            self.record(&mut cx, record, policy, cells.as_deref_mut());
            start = end.saturating_add(1);
        }
    }

    /// Columns that were named under another policy are named anew.
    fn follow(&mut self, policy: &Policy) {
        if let Some(old) = &self.columns
            && *old.policy != *policy.id()
        {
            let fields = self.comments;
            let always = fields || self.tables == Tables::Always;
            let anew = |old: &Column| match fields {
                true => field(old.name.as_bytes(), policy),
                false => column(old.name.as_bytes(), policy),
            };
            self.columns = Some(Arc::new(Columns {
                header: Arc::clone(&old.header),
                ..Columns::new(
                    old.delimiter,
                    old.columns.iter().map(anew).collect(),
                    always,
                    policy,
                )
            }));
        }
    }

    fn record(
        &mut self,
        cx: &mut Cx<'_>,
        record: Span,
        policy: &Policy,
        cells: Option<&mut Vec<Cell>>,
    ) {
        let hay = cx.hay();
        let text = record.of(hay);
        let first = !std::mem::replace(&mut self.begun, true);
        if first {
            self.comments = text.starts_with(b"#");
        }
        if self.comments && text.starts_with(b"#") {
            if let Some(columns) = named(text, policy) {
                self.columns = Some(Arc::new(columns));
                self.fitted = true;
            }
            return;
        }
        if first {
            let always = self.tables == Tables::Always;
            self.columns = header(hay, record, always, policy).map(Arc::new);
            return;
        }
        if let Some(columns) = self.columns.clone()
            && !text.is_empty()
        {
            self.row(cx, record, &columns, cells);
        }
    }

    fn row(
        &mut self,
        cx: &mut Cx<'_>,
        record: Span,
        columns: &Columns,
        mut cells: Option<&mut Vec<Cell>>,
    ) {
        let hay = cx.hay();
        let (from, lines) = self.open.map_or((0, 0), |(column, lines)| (column, lines));
        let inside = self.open.take().is_some();
        let delimiter = columns.delimiter_of(record.of(hay));
        let (mut count, mut opens) = (from, false);
        for field in Fields::new(hay, record, delimiter, inside) {
            count = count.saturating_add(1);
            opens = field.open;
        }
        // A row that goes on in the next line has its other columns there.
        let width = columns.columns.len();
        let fits = count == width || opens && count < width;
        let mut last = None;
        for (index, field) in Fields::new(hay, record, delimiter, inside).enumerate() {
            let column = from.saturating_add(index);
            if field.open {
                last = Some(column);
            }
            // A row that does not fit is still a row once another has.
            if let Some(column) = columns.columns.get(column)
                && (fits || self.fitted || field.open || inside)
            {
                if let Some(named) = column.named
                    && (!column.pages || keys::is_page(hay, field.text.start))
                {
                    cx.cell = true;
                    take(cx, ID, named, Value::Plain(field.text));
                    cx.cell = false;
                }
                if let Some(cells) = &mut cells
                    && columns.known
                    && !column.name.is_empty()
                {
                    cells.push(Cell {
                        span: field.text,
                        name: Arc::clone(&column.name),
                    });
                }
            }
        }
        match last {
            Some(column) if lines < FIELD_LINES_MAX => {
                self.open = Some((column, lines.saturating_add(1)));
            }
            _ if fits => self.fitted = true,
            _ if !self.fitted && self.tables == Tables::Auto && !inside => self.columns = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tables: Tables, chunks: &[&str]) -> Vec<String> {
        let policy = Policy::preset("strict").unwrap();
        let mut table = Table::new(tables);
        let mut all = Vec::new();
        for chunk in chunks {
            let mut findings = Vec::new();
            table.rows(chunk.as_bytes(), &policy, &mut findings, None);
            all.extend(
                findings
                    .iter()
                    .map(|f| String::from_utf8_lossy(f.span.of(chunk.as_bytes())).into_owned()),
            );
        }
        all
    }

    #[test]
    fn rows_take_the_classes_of_their_columns() {
        for (lines, want) in [
            ("id,user,note\n1,ann,x\n2,bea,y\n", &["ann", "bea"][..]),
            ("id;first name;n\n1;\"Lee; Ann\";2\n", &["Lee; Ann"]),
            ("a\tpassword\n1\thunt er2\n", &["hunt er2"]),
            ("a|user\r\n1|ann\r\n", &["ann"]),
            ("\"user\",\"n\"\n\"an\"\"n\",1\n", &["an\"\"n"]),
            ("user,note\nann,\"two\nlines\"\nbea,x\n", &["ann", "bea"]),
            (
                "n,address\n1,\"1 High Street\nYork 2\"\n",
                &["1 High Street", "York 2"],
            ),
            (
                "#Version: 1.0\n#Fields: date cs-username sc-status\n2020-01-01 ann 200\n",
                &["ann"],
            ),
            (
                "#Fields: date time cs(Cookie) cs-username n\nd\t1:2\tx y=1\tann lee\t1\nd 1:2 z=1 bea\tc 1\n",
                &["x y=1", "ann lee", "z=1", "bea\tc"],
            ),
            ("#Fields:\tdate\tcs-username\nd\tann\n", &["ann"]),
            (
                "#Fields: date time s-ip cs-username cs(User-Agent)\nd 1:2 - ann Moz\tilla\tx\nd\t1:2\t-\tbea\n",
                &["ann", "Moz\tilla\tx", "bea"],
            ),
            ("#Fields: time cs-username\n1:2 ann\tx\n", &["ann\tx"]),
            (
                "#separator \\x09\n#fields\tts\tuid\tusername\n1.0\tCab1\tann\n",
                &["ann"],
            ),
            ("用户名,状态\n张三,1\n", &["张三"]),
            (
                "n,url\n1,https://shop.example/a?b=1\n2,https://shop.example\n3,/a\n",
                &["https://shop.example/a?b=1"],
            ),
        ] {
            assert_eq!(found(Tables::Auto, &[lines]), want, "{lines}");
        }
    }

    #[test]
    fn what_is_no_header_and_what_is_no_row() {
        for lines in [
            "id,status,note\n1,ann,x\n",
            "Hello, user, welcome\na, b, c\n",
            "user logged in\nann x\n",
            "user=ann,x=1\nbea,2\n",
            "user,user\na,b\n",
            "{\"user\":\"a\",\"b\":1}\nx,y\n",
            "user,n\none two three\nann,1\n",
            "first line\nuser,n\nann,1\n",
            "user,n\n-,1\n,2\n",
        ] {
            assert_eq!(found(Tables::Auto, &[lines]), [""; 0], "{lines}");
        }
        assert_eq!(found(Tables::Never, &["user,n\nann,1\n"]), [""; 0]);
        assert_eq!(found(Tables::Always, &["user,1\nann,1\n"]), ["ann"]);
    }

    #[test]
    fn batches_do_not_matter() {
        let lines = "user,address\nann,\"1 High\n Street, 2\"\nbea,x\n";
        let whole = found(Tables::Auto, &[lines]);
        let records: Vec<&str> = lines.split_inclusive('\n').collect();
        assert_eq!(found(Tables::Auto, &records), whole);
    }
}
