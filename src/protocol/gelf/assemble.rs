//! Chunked GELF: datagrams that are parts of one message, put together within limits of time, number and
//! memory (Graylog, "GELF via UDP": 128 chunks, 5 seconds). The clock is an argument.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::record::Reason;

/// What a chunk begins with.
pub const MAGIC: [u8; 2] = [0x1E, 0x0F];
/// Magic, message id, number and count.
pub const HEADER_BYTES: usize = 12;
/// Most chunks of a message.
pub const CHUNKS_MAX: usize = 128;
/// How long all of them may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Most messages that are incomplete at a time.
const MESSAGES_MAX: usize = 1024;

type Key = (SocketAddr, [u8; 8]);

/// A message as it came, chunks put together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whole {
    /// Compressed or not.
    pub bytes: Vec<u8>,
    /// The longest datagram that it came in, where it came in chunks.
    pub chunk_bytes: Option<usize>,
}

/// What cannot become a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// Why.
    pub reason: Reason,
    /// What there was of it.
    pub bytes: usize,
}

struct Partial {
    since: Instant,
    count: u8,
    bytes: usize,
    longest: usize,
    parts: Vec<(u8, Vec<u8>)>,
}

/// The incomplete messages of a socket.
pub struct Assembler {
    message_bytes_max: usize,
    bytes_max: usize,
    bytes: usize,
    partial: HashMap<Key, Partial>,
    /// In the order in which they began; what is complete is passed over.
    began: VecDeque<(Key, Instant)>,
}

impl std::fmt::Debug for Assembler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assembler({} messages)", self.partial.len())
    }
}

impl Assembler {
    /// For messages of not more than `message_bytes_max` as they come, all of them together not more than
    /// `bytes_max`.
    #[must_use]
    pub fn new(message_bytes_max: usize, bytes_max: usize) -> Self {
        Self {
            message_bytes_max,
            bytes_max,
            bytes: 0,
            partial: HashMap::new(),
            began: VecDeque::new(),
        }
    }

    fn take_out(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.partial.remove(key)?;
        self.bytes = self.bytes.saturating_sub(partial.bytes);
        Some(partial)
    }

    /// When the oldest of them is given up.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.began
            .front()
            .and_then(|(_, since)| since.checked_add(PATIENCE))
    }

    /// The next that is given up: too old, or one too many.
    pub fn expire(&mut self, now: Instant) -> Option<Lost> {
        if self.began.len() > MESSAGES_MAX.saturating_mul(2) {
            let partial = &self.partial;
            self.began.retain(|(key, since)| {
                partial
                    .get(key)
                    .is_some_and(|partial| partial.since == *since)
            });
        }
        loop {
            let (key, since) = *self.began.front()?;
            let alive = self
                .partial
                .get(&key)
                .is_some_and(|partial| partial.since == since);
            let old = now.saturating_duration_since(since) >= PATIENCE;
            let many = self.partial.len() > MESSAGES_MAX || self.bytes > self.bytes_max;
            if alive && !old && !many {
                return None;
            }
            self.began.pop_front();
            if alive && let Some(partial) = self.take_out(&key) {
                return Some(Lost {
                    reason: Reason::Truncated,
                    bytes: partial.bytes,
                });
            }
        }
    }

    /// Takes a datagram: a message where it is one, or completes one.
    ///
    /// # Errors
    /// What is lost with it.
    pub fn push(
        &mut self,
        now: Instant,
        peer: SocketAddr,
        datagram: &[u8],
    ) -> Result<Option<Whole>, Lost> {
        let Some(chunk) = datagram.strip_prefix(&MAGIC) else {
            return Ok(Some(Whole {
                bytes: datagram.to_vec(),
                chunk_bytes: None,
            }));
        };
        let bad = Lost {
            reason: Reason::BadFrame,
            bytes: datagram.len(),
        };
        let (id, rest) = chunk.split_first_chunk::<8>().ok_or(bad)?;
        let ([number, count], data) = rest.split_first_chunk::<2>().ok_or(bad)?;
        if number >= count || usize::from(*count) > CHUNKS_MAX {
            return Err(bad);
        }
        let key = (peer, *id);
        let partial = self.partial.entry(key).or_insert_with(|| {
            self.began.push_back((key, now));
            Partial {
                since: now,
                count: *count,
                bytes: 0,
                longest: 0,
                parts: Vec::new(),
            }
        });
        if partial.count != *count {
            return Err(bad);
        }
        // A chunk that came twice is one.
        if partial.parts.iter().any(|(have, _)| have == number) {
            return Ok(None);
        }
        partial.parts.push((*number, data.to_vec()));
        partial.bytes = partial.bytes.saturating_add(data.len());
        partial.longest = partial.longest.max(datagram.len());
        self.bytes = self.bytes.saturating_add(data.len());
        let (too_long, complete) = (
            partial.bytes > self.message_bytes_max,
            partial.parts.len() == usize::from(*count),
        );
        if !too_long && !complete {
            return Ok(None);
        }
        let Some(mut partial) = self.take_out(&key) else {
            return Ok(None);
        };
        if too_long {
            return Err(Lost {
                reason: Reason::RecordTooLong,
                bytes: partial.bytes,
            });
        }
        partial.parts.sort_by_key(|(number, _)| *number);
        let parts: Vec<Vec<u8>> = partial.parts.into_iter().map(|(_, data)| data).collect();
        Ok(Some(Whole {
            bytes: parts.concat(),
            chunk_bytes: Some(partial.longest),
        }))
    }
}

/// Cuts a message into datagrams of not more than `datagram_bytes`, longer ones where it would be more than
/// 128. `None`: it is too long for any.
pub fn chunks(
    message: &[u8],
    id: [u8; 8],
    datagram_bytes: usize,
    mut each: impl FnMut(&[u8]),
) -> Option<()> {
    /// RFC 768, less the headers of IPv4.
    const DATAGRAM_BYTES_MAX: usize = 65_507;
    let fewest = message.len().div_ceil(CHUNKS_MAX).max(1);
    let data_bytes = datagram_bytes
        .saturating_sub(HEADER_BYTES)
        .max(fewest)
        .max(1);
    if data_bytes > DATAGRAM_BYTES_MAX.saturating_sub(HEADER_BYTES) {
        return None;
    }
    let count = u8::try_from(message.len().div_ceil(data_bytes).max(1)).ok()?;
    let mut datagram = Vec::with_capacity(data_bytes.saturating_add(HEADER_BYTES));
    for (number, data) in (0..count).zip(message.chunks(data_bytes)) {
        datagram.clear();
        datagram.extend_from_slice(&MAGIC);
        datagram.extend_from_slice(&id);
        datagram.extend_from_slice(&[number, count]);
        datagram.extend_from_slice(data);
        each(&datagram);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn peer(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    fn chunk(id: u8, number: u8, count: u8, data: &[u8]) -> Vec<u8> {
        [&MAGIC[..], &[id; 8], &[number, count], data].concat()
    }

    #[test]
    fn what_is_no_chunk_of_a_message_is_lost() {
        let (mut assembler, now) = (Assembler::new(100, 1000), Instant::now());
        for bad in [
            MAGIC.to_vec(),
            chunk(1, 0, 0, b"x"),
            chunk(1, 2, 2, b"x"),
            chunk(1, 0, 129, b"x"),
        ] {
            let lost = assembler.push(now, peer(1), &bad).unwrap_err();
            assert_eq!(lost.reason, Reason::BadFrame);
        }
        assert_eq!(
            assembler.push(now, peer(1), &chunk(1, 0, 3, b"a")),
            Ok(None)
        );
        assert!(assembler.push(now, peer(1), &chunk(1, 1, 2, b"b")).is_err());
        assert_eq!(
            assembler.push(now, peer(1), &chunk(1, 0, 3, b"a")),
            Ok(None)
        );
        // Another peer's message of the same id is another one.
        assert_eq!(
            assembler.push(now, peer(2), &chunk(1, 1, 3, b"b")),
            Ok(None)
        );
        assert_eq!(
            assembler.push(now, peer(1), &chunk(1, 2, 3, b"c")),
            Ok(None)
        );
        let whole = assembler.push(now, peer(1), &chunk(1, 1, 3, b"b")).unwrap();
        assert_eq!(whole.unwrap().bytes, b"abc");
        let lost = assembler.push(now, peer(2), &chunk(1, 2, 3, &[0; 200]));
        assert_eq!(lost.unwrap_err().reason, Reason::RecordTooLong);
        assert_eq!(assembler.bytes, 0);
    }

    #[test]
    fn what_is_incomplete_is_given_up_by_age_number_and_memory() {
        let (mut assembler, now) = (Assembler::new(1000, 5000), Instant::now());
        assembler
            .push(now, peer(1), &chunk(1, 0, 2, b"abc"))
            .unwrap();
        assert_eq!(assembler.expire(now + PATIENCE / 2), None);
        let lost = assembler.expire(now + PATIENCE).unwrap();
        assert_eq!(
            lost,
            Lost {
                reason: Reason::Truncated,
                bytes: 3
            }
        );
        assert!(assembler.deadline().is_none() && assembler.bytes == 0);
        for i in 0..100 {
            assembler
                .push(now, peer(i), &chunk(1, 0, 2, &[0; 900]))
                .unwrap();
            while assembler.expire(now).is_some() {}
            assert!(assembler.bytes <= 5000);
        }
        for i in 0..5000 {
            assembler.push(now, peer(i), &chunk(2, 0, 2, &[])).unwrap();
            while assembler.expire(now).is_some() {}
            assert!(
                assembler.partial.len() <= MESSAGES_MAX && assembler.began.len() <= MESSAGES_MAX
            );
        }
        // A message that was completed leaves nothing to give up.
        let mut assembler = Assembler::new(1000, 5000);
        assembler.push(now, peer(1), &chunk(1, 0, 2, b"a")).unwrap();
        assembler
            .push(now, peer(1), &chunk(1, 1, 2, b"b"))
            .unwrap()
            .unwrap();
        assert_eq!(assembler.expire(now + PATIENCE), None);
        assert!(assembler.deadline().is_none());
        // Nor does a long run of them behind one that is not.
        assembler.push(now, peer(1), &chunk(9, 0, 2, b"a")).unwrap();
        for _ in 0..10_000 {
            assembler.push(now, peer(1), &chunk(1, 0, 2, b"a")).unwrap();
            assembler
                .push(now, peer(1), &chunk(1, 1, 2, b"b"))
                .unwrap()
                .unwrap();
            assert_eq!(assembler.expire(now), None);
        }
        assert!(assembler.began.len() <= MESSAGES_MAX * 2 + 1);
    }

    proptest! {
        #[test]
        fn chunks_in_any_order_are_the_message(message in proptest::collection::vec(any::<u8>(), 1..3000), datagram_bytes in 0usize..600, turn in any::<prop::sample::Index>()) {
            let mut datagrams = Vec::new();
            chunks(&message, [7; 8], datagram_bytes, |datagram| datagrams.push(datagram.to_vec())).unwrap();
            prop_assert!(datagrams.len() <= CHUNKS_MAX);
            let turn = turn.index(datagrams.len());
            datagrams.rotate_left(turn);
            let mut assembler = Assembler::new(10_000, 10_000);
            let mut whole = None;
            for datagram in &datagrams {
                prop_assert!(whole.is_none());
                whole = assembler.push(Instant::now(), peer(1), datagram).unwrap();
            }
            prop_assert_eq!(whole.unwrap().bytes, message);
        }

        #[test]
        fn anything_is_taken_without_a_panic(datagrams in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..20)) {
            let mut assembler = Assembler::new(100, 200);
            for (chunked, data) in datagrams {
                let datagram = if chunked { [&MAGIC[..], &data].concat() } else { data };
                let _ = assembler.push(Instant::now(), peer(1), &datagram);
                let _ = assembler.expire(Instant::now());
            }
        }
    }
}
