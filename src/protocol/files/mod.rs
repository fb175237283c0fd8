//! Files as a source: followed through renames, truncation and new names, each from where it was left.
//!
//! A file is known by its inode, so that a rotated one is read to its end under its new name, or none. What a
//! sink has taken is noted in a state file afterwards: after a crash some records are sent again, none is
//! left out. (What a `copytruncate` cuts off before it was read is lost to everyone.) The files are looked at
//! four times a second, so that network file systems are followed like others.

mod rows;
mod state;
mod tail;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::task::block_in_place;

use self::state::{Entry, Id};
use self::tail::Tail;
use super::Shared;
use super::lines::Flow;
use crate::frame::Batch;
use crate::settings::{Files, ReadFrom};

/// Between two looks at the files.
const LOOK: Duration = Duration::from_millis(250);
/// Between two searches for new ones, and two writes of the state.
const SEARCH: Duration = Duration::from_secs(1);

/// The patterns of a route, and how far their files were read.
#[derive(Debug)]
pub struct Follow {
    patterns: Vec<String>,
    files: Files,
    known: Vec<Entry>,
}

impl Follow {
    /// Reads the state, and sees that it can be written.
    ///
    /// # Errors
    /// What is wrong with it and what to do.
    pub fn new(patterns: Vec<String>, files: Files) -> Result<Self, String> {
        let known = state::load(&files.state)?;
        state::save(&files.state, known.iter().copied())
            .map_err(|error| format!("cannot keep state in {}: {error}", files.state.display()))?;
        Ok(Self {
            patterns,
            files,
            known,
        })
    }

    /// Follows until told to stop.
    pub async fn serve(self, shared: &Shared) {
        let mut flow = Flow::new(shared);
        let mut follower = Follower {
            shared,
            follow: self,
            tails: BTreeMap::new(),
            refused: BTreeSet::new(),
            searched: None,
            saved: Instant::now(),
            news: false,
        };
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut buffer, mut batch) = (Vec::new(), Batch::default());
        while !shared.stop.is_cancelled() {
            tokio::select! {
                () = shared.stop.cancelled() => break,
                _ = look.tick() => {}
            }
            block_in_place(|| follower.search());
            while follower.pass(&mut flow, &mut buffer, &mut batch).await {}
            // An idle daemon holds no buffer.
            (buffer, batch) = (Vec::new(), Batch::default());
        }
        block_in_place(|| follower.save());
        flow.end().await;
    }
}

struct Follower<'a> {
    shared: &'a Shared,
    follow: Follow,
    tails: BTreeMap<Id, Tail>,
    /// Files that could not be opened, so that this is said once.
    refused: BTreeSet<PathBuf>,
    searched: Option<Instant>,
    saved: Instant,
    news: bool,
}

impl Follower<'_> {
    /// One buffer of each file; true where one of them has more.
    async fn pass(&mut self, flow: &mut Flow<'_>, buffer: &mut Vec<u8>, batch: &mut Batch) -> bool {
        let ids: Vec<Id> = self.tails.keys().copied().collect();
        let (mut more, mut unread) = (false, 0u64);
        for id in ids {
            let Some(tail) = self.tails.get_mut(&id) else {
                continue;
            };
            if self.shared.stop.is_cancelled() {
                return false;
            }
            let step = block_in_place(|| tail.read(self.shared, buffer, batch));
            let mut over = false;
            match step {
                Ok(step) => {
                    self.shared.metrics.received.inc_by(step.bytes);
                    more |= step.more;
                    over = step.over;
                }
                Err(error) => {
                    tracing::warn!(file = %tail.path.display(), %error, "a file cannot be read");
                }
            }
            tail.pass(flow, batch).await;
            if over {
                if block_in_place(|| tail.finish(buffer, batch)).is_ok() {
                    tail.pass(flow, batch).await;
                }
                tracing::info!(file = %tail.path.display(), "a file that has no name any more is read to its end");
                self.tails.remove(&id);
                self.news = true;
                continue;
            }
            self.news |= block_in_place(|| tail.taken());
            unread = unread.saturating_add(tail.unread());
        }
        let metrics = &self.shared.metrics;
        metrics
            .files
            .set(i64::try_from(self.tails.len()).unwrap_or(i64::MAX));
        metrics
            .files_unread
            .set(i64::try_from(unread).unwrap_or(i64::MAX));
        if self.news && self.saved.elapsed() >= SEARCH {
            block_in_place(|| self.save());
        }
        more
    }

    fn save(&mut self) {
        self.saved = Instant::now();
        let path = &self.follow.files.state;
        match state::save(path, self.tails.values().map(Tail::entry)) {
            Ok(()) => self.news = false,
            Err(error) => {
                tracing::error!(state = %path.display(), %error, "the state of followed files cannot be written; a restart would send records again");
            }
        }
    }

    /// Looks for files that are new, and for names that are gone.
    fn search(&mut self) {
        if self.searched.is_some_and(|at| at.elapsed() < SEARCH) {
            return;
        }
        let first = self.searched.is_none();
        self.searched = Some(Instant::now());
        let mut listed = BTreeMap::new();
        for path in self.follow.patterns.iter().flat_map(|p| matching(p)) {
            if let Ok(meta) = std::fs::metadata(&path)
                && meta.is_file()
            {
                listed.entry(Id::of(&meta)).or_insert(path);
            }
        }
        for tail in self.tails.values_mut() {
            tail.listed(listed.remove(&tail.id).as_deref());
        }
        // What came while nobody looked is new.
        let never = first && self.follow.known.is_empty();
        let at_end = never && self.follow.files.read_from == ReadFrom::End;
        let mut new = false;
        for path in listed.values() {
            new |= self.open(path, at_end);
        }
        if first {
            self.find_renamed();
            self.follow.known.clear();
        }
        // Known before it is read: it may have lost its name when a crash is over.
        if new {
            self.save();
        }
    }

    fn open(&mut self, path: &Path, at_end: bool) -> bool {
        let known = std::fs::metadata(path).ok().map(|meta| Id::of(&meta));
        let known = self
            .follow
            .known
            .iter()
            .find(|entry| Some(entry.id) == known);
        match Tail::open(path, known, at_end, self.shared) {
            Ok(tail) => {
                tracing::info!(file = %path.display(), "a file is followed");
                self.refused.remove(path);
                self.tails.insert(tail.id, tail);
                self.news = true;
                true
            }
            Err(error) => {
                if self.refused.insert(path.to_owned()) {
                    tracing::warn!(file = %path.display(), %error, "a file cannot be opened; it is tried again");
                }
                false
            }
        }
    }

    /// A file that was renamed while nobody looked may have an end that is not read yet: it is looked for in
    /// the folders of the patterns.
    fn find_renamed(&mut self) {
        let missing: Vec<Entry> = self
            .follow
            .known
            .iter()
            .copied()
            .filter(|entry| !self.tails.contains_key(&entry.id))
            .collect();
        if missing.is_empty() {
            return;
        }
        let folders: BTreeSet<PathBuf> = self
            .follow
            .patterns
            .iter()
            .filter_map(|pattern| Path::new(pattern).parent()?.to_str())
            .flat_map(matching)
            .collect();
        for item in folders
            .iter()
            .filter_map(|folder| std::fs::read_dir(folder).ok())
            .flatten()
            .flatten()
        {
            let Ok(meta) = item.metadata() else { continue };
            let left = missing
                .iter()
                .any(|entry| entry.id == Id::of(&meta) && entry.passed < meta.size());
            if meta.is_file()
                && left
                && self.open(&item.path(), false)
                && let Some(tail) = self.tails.get_mut(&Id::of(&meta))
            {
                tail.listed(None);
            }
        }
    }
}

/// The paths that a pattern leads to; what may not be looked into is left out.
fn matching(pattern: &str) -> Vec<PathBuf> {
    glob::glob(pattern).map_or_else(|_| Vec::new(), |paths| paths.flatten().collect())
}
