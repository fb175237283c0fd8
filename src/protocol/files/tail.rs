//! One followed file: from where it is read next, and up to where it is passed on.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::rows::{Mark, Rows};
use super::state::{Entry, HEAD_BYTES_MAX, Head, Id, first_bytes};
use crate::frame::{Batch, Framer, Framing, Joiner};
use crate::protocol::Shared;
use crate::protocol::lines::Flow;
use crate::record::{Delimiter, Piece, Terminator};

/// How long a file that has lost its name is read on for writers that have not noticed.
const LINGER: Duration = Duration::from_secs(10);

/// One file.
pub(super) struct Tail {
    pub(super) id: Id,
    pub(super) path: PathBuf,
    file: File,
    /// Where it is read next: behind the last whole line.
    position: u64,
    /// Up to where it was read, a line that is not whole included.
    read_to: u64,
    /// Bytes whose records the sink has taken.
    passed: u64,
    /// The first bytes that were read, as many as a head has: another beginning is another file.
    head: Vec<u8>,
    framer: Framer,
    joiner: Option<Joiner>,
    rows: Rows,
    /// The table up to where it is passed on.
    mark: Option<Mark>,
    /// What was cut last: from where, and how many bytes.
    last: (u64, usize),
    /// Size and time of its last change when it was last read to its end.
    seen: Option<(u64, i64, i64)>,
    grown: Instant,
    /// Since when no pattern leads to it.
    gone: Option<Instant>,
}

/// What a step brought.
pub(super) struct Step {
    /// Bytes that were not read before.
    pub(super) bytes: u64,
    /// Whether there is more at once.
    pub(super) more: bool,
    /// Whether the file is at its end for good.
    pub(super) over: bool,
}

impl Tail {
    /// Opens a file that a state has an entry of, or that is new.
    pub(super) fn open(
        path: &Path,
        known: Option<&Entry>,
        at_end: bool,
        shared: &Shared,
    ) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        let id = Id::of(&meta);
        let known = known.filter(|entry| {
            entry.id == id && entry.passed <= meta.size() && entry.head.fits(&file)
        });
        let position = match known {
            Some(entry) => entry.passed,
            None if at_end => last_line(&file, meta.size(), shared.record_bytes_max)?,
            None => 0,
        };
        let mark = known.and_then(|entry| entry.mark);
        let rows = Rows::before(&file, position, mark, shared)?;
        Ok(Self {
            id,
            path: path.to_owned(),
            position,
            read_to: position,
            passed: position,
            head: first_bytes(&file, position)?,
            file,
            framer: framer(shared),
            joiner: joiner(shared),
            mark: rows.mark(),
            rows,
            last: (position, 0),
            seen: None,
            grown: Instant::now(),
            gone: None,
        })
    }

    /// Its line in the state.
    pub(super) fn entry(&self) -> Entry {
        let passed = usize::try_from(self.passed).unwrap_or(usize::MAX);
        Entry {
            id: self.id,
            passed: self.passed,
            head: Head::of(self.head.get(..passed).unwrap_or(&self.head)),
            mark: self.mark,
        }
    }

    fn is_another(&self) -> bool {
        first_bytes(&self.file, self.head.len() as u64).map_or(true, |now| now != self.head)
    }

    /// Whether a pattern leads to it, and by which name.
    pub(super) fn listed(&mut self, path: Option<&Path>) {
        match path {
            Some(path) => {
                self.gone = None;
                if self.path != path {
                    path.clone_into(&mut self.path);
                }
            }
            None => {
                self.gone.get_or_insert_with(Instant::now);
            }
        }
    }

    /// Bytes that are not passed on yet.
    pub(super) fn unread(&self) -> u64 {
        self.seen
            .map_or(0, |(size, _, _)| size.saturating_sub(self.passed))
    }

    /// Reads on, into `buffer`, and cuts what is whole into `batch`.
    pub(super) fn read(
        &mut self,
        shared: &Shared,
        buffer: &mut Vec<u8>,
        batch: &mut Batch,
    ) -> io::Result<Step> {
        batch.clear();
        let meta = self.file.metadata()?;
        let seen = Some((meta.size(), meta.mtime(), meta.mtime_nsec()));
        let mut step = Step {
            bytes: 0,
            more: false,
            over: false,
        };
        if self.seen == seen {
            self.wait(shared, batch, &mut step);
            return Ok(step);
        }
        if meta.size() < self.position || self.is_another() {
            tracing::info!(file = %self.path.display(), "a file was truncated; it is read from its start");
            self.restart(shared, batch);
        }
        // Room for the longest record and the byte that shows that it is longer.
        let room = shared
            .read_buffer_bytes_max
            .max(shared.record_bytes_max.saturating_add(1));
        buffer.resize(self.unseen(&meta, room), 0);
        let length = self.file.read_at(buffer, self.position)?;
        buffer.truncate(length);
        let read_to = self.position.saturating_add(length as u64);
        step.bytes = read_to.saturating_sub(self.read_to);
        self.read_to = read_to;
        step.more = length == room;
        if !step.more {
            self.seen = seen;
        }
        self.grown = Instant::now();
        self.cut(buffer, false, batch);
        Ok(step)
    }

    /// How many bytes to read, `room` at the most.
    fn unseen(&self, meta: &Metadata, room: usize) -> usize {
        let left = meta.size().saturating_sub(self.position);
        usize::try_from(left).unwrap_or(usize::MAX).min(room)
    }

    fn cut(&mut self, buffer: &mut Vec<u8>, ended: bool, batch: &mut Batch) {
        let mut pieces = Vec::new();
        let used = self.framer.cut(buffer, ended, &mut pieces);
        let room = HEAD_BYTES_MAX.saturating_sub(self.head.len());
        self.head.extend(buffer.iter().take(used.min(room)));
        for piece in &mut pieces {
            // What another file brings next is a record of its own.
            if let Piece::One { delimiter, .. } | Piece::Tomb { delimiter, .. } = piece
                && *delimiter == Delimiter::Bare
            {
                *delimiter = Delimiter::Terminated(Terminator::Newline);
            }
        }
        match &mut self.joiner {
            Some(joiner) => joiner.push(buffer, self.position, &pieces, batch),
            None => {
                std::mem::swap(buffer, &mut batch.bytes);
                batch.pieces = pieces;
            }
        }
        self.last = (self.position, used);
        self.position = self.position.saturating_add(used as u64);
    }

    /// Scrubs what was cut and hands it to the sink.
    pub(super) async fn pass(&mut self, flow: &mut Flow<'_>, batch: &Batch) {
        let before = self.rows.table.clone();
        flow.pass_rows(&mut self.rows.table, &batch.bytes, &batch.pieces)
            .await;
        let (base, used) = self.last;
        // With a joiner the bytes are not the file's, and there is no table.
        self.rows
            .went(&before, batch.bytes.get(..used).unwrap_or_default(), base);
    }

    /// What is due although nothing came: a record that waits for more lines, the end of a file without a name.
    fn wait(&mut self, shared: &Shared, batch: &mut Batch, step: &mut Step) {
        let idle = self.grown.elapsed();
        if let (Some(joiner), Some(lines)) = (&mut self.joiner, &shared.lines)
            && idle >= lines.deadline
        {
            joiner.flush(batch);
        }
        step.over = self
            .gone
            .is_some_and(|gone| gone.elapsed().min(idle) >= LINGER);
    }

    /// The last record, whether or not it has an end.
    pub(super) fn finish(&mut self, buffer: &mut Vec<u8>, batch: &mut Batch) -> io::Result<()> {
        batch.clear();
        let size = self.file.metadata()?.size();
        let rest = size.saturating_sub(self.position);
        buffer.resize(usize::try_from(rest).unwrap_or(0), 0);
        self.file.read_exact_at(buffer, self.position)?;
        self.cut(buffer, true, batch);
        if let Some(joiner) = &mut self.joiner {
            joiner.flush(batch);
        }
        Ok(())
    }

    fn restart(&mut self, shared: &Shared, batch: &mut Batch) {
        if let Some(joiner) = &mut self.joiner {
            joiner.flush(batch);
        }
        self.position = 0;
        self.read_to = 0;
        self.passed = 0;
        self.head.clear();
        self.framer = framer(shared);
        self.joiner = joiner(shared);
        self.rows = Rows::new(shared.csv);
        self.mark = None;
    }

    /// The sink has taken what was cut; true where that is news.
    pub(super) fn taken(&mut self) -> bool {
        let held = self.joiner.as_ref().and_then(Joiner::held_from);
        // In the middle of a record that is too long, the next start would take its rest for one that is not.
        if self.framer.discards() {
            return false;
        }
        let passed = held.unwrap_or(self.position);
        self.mark = self.rows.mark();
        std::mem::replace(&mut self.passed, passed) != passed
    }
}

fn framer(shared: &Shared) -> Framer {
    let framing = match shared.framing {
        Framing::Nul => Framing::Nul,
        Framing::Newline | Framing::OctetCounting | Framing::Auto => Framing::Newline,
    };
    Framer::new(framing, shared.record_bytes_max)
}

fn joiner(shared: &Shared) -> Option<Joiner> {
    let lines = shared.lines.as_ref()?;
    Some(Joiner::new(lines.join.clone(), shared.record_bytes_max))
}

/// Where the last line starts: its beginning may be there already, and half a line is not read.
fn last_line(file: &File, size: u64, record_bytes_max: usize) -> io::Result<u64> {
    let length = size.min(record_bytes_max as u64);
    let start = size.saturating_sub(length);
    let mut bytes = vec![0u8; usize::try_from(length).unwrap_or(0)];
    file.read_exact_at(&mut bytes, start)?;
    Ok(memchr::memrchr(b'\n', &bytes).map_or(start, |at| {
        start.saturating_add(at as u64).saturating_add(1)
    }))
}
