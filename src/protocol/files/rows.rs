//! The table that a followed file may be. Its header is known over reads, and after a restart read again from
//! where it stands.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::format::bytes::is_end;
use crate::protocol::Shared;
use crate::scan::{Standing, Table, Tables};

/// How much of a file's beginning is looked at for its header, where its first line is not longer.
const HEAD_BYTES: usize = 64 << 10;

/// Where a table stands, for the state file: nothing of what is written there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    /// Where the line starts that names the columns.
    pub(super) header: u64,
    pub(super) standing: Standing,
}

/// The table of one file.
pub(super) struct Rows {
    pub(super) table: Table,
    /// Where the line starts that names the columns, where there are some.
    header: u64,
}

impl Rows {
    /// The table of a file that is read from its start.
    pub(super) fn new(tables: Tables) -> Self {
        Self {
            table: Table::new(tables),
            header: 0,
        }
    }

    /// The table of a file of which only what is behind `position` is read.
    pub(super) fn before(
        file: &File,
        position: u64,
        mark: Option<Mark>,
        shared: &Shared,
    ) -> io::Result<Self> {
        if position == 0 || shared.csv == Tables::Never {
            return Ok(Self::new(shared.csv));
        }
        let policy = &shared.plan.get().policy;
        let longest = shared.record_bytes_max.saturating_add(1);
        if let Some(mark) = mark.filter(|mark| mark.header < position) {
            let line = beginning(file, mark.header, position, longest)?;
            let line = line.split_inclusive(|b| is_end(*b)).next();
            let comments = read(file, 0, 1)? == b"#";
            let line = line.unwrap_or_default();
            if let Some(table) = Table::resumed(shared.csv, line, comments, mark.standing, policy) {
                let header = mark.header;
                return Ok(Self { table, header });
            }
        }
        let mut rows = Self::new(shared.csv);
        let before = rows.table.clone();
        let head = beginning(file, 0, position, longest)?;
        rows.table.pass(&head, policy);
        rows.went(&before, &head, 0);
        if (head.len() as u64) < position {
            rows.table.skip();
        }
        Ok(rows)
    }

    /// `bytes`, the file's from `base` on, have gone through the table that was as `before`.
    pub(super) fn went(&mut self, before: &Table, bytes: &[u8], base: u64) {
        if !self.table.is_under(before) {
            let line = self.table.header_in(bytes);
            self.header = base.saturating_add(line as u64);
        }
    }

    pub(super) fn mark(&self) -> Option<Mark> {
        self.table.standing().map(|standing| Mark {
            header: self.header,
            standing,
        })
    }
}

/// Whole lines of a file from `start` on, up to `end` and about [`HEAD_BYTES`]; none where the first is longer
/// than `longest`.
fn beginning(file: &File, start: u64, end: u64, longest: usize) -> io::Result<Vec<u8>> {
    let left = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
    for size in [HEAD_BYTES, longest] {
        let mut bytes = read(file, start, size.min(left))?;
        if let Some(last) = bytes.iter().rposition(|b| is_end(*b)) {
            bytes.truncate(last.saturating_add(1));
            return Ok(bytes);
        }
    }
    Ok(Vec::new())
}

fn read(file: &File, start: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}
