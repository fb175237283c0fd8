//! What a key lately made of values, one store for each worker: a log says the same addresses again and again.
//!
//! A store is a ring of bytes with an index over it, all of it laid out when the first value comes and wiped when
//! it goes. What is written last overwrites what is oldest, so it never grows and nothing is allocated for an entry.

use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

use zeroize::{Zeroize, Zeroizing};

use super::Target;
use crate::policy::Action;

/// Bytes of a worker's entries: some eight thousand addresses.
const RING_BYTES: usize = 512 << 10;
/// Places in its index.
const SLOTS: usize = 16 << 10;
/// Places in which an entry may stand.
const WAYS: usize = 2;
/// Longest entry: a longer value is worked out each time.
const ENTRY_BYTES_MAX: usize = 1 << 10;
/// Bytes of a question in front of its value.
const ASKED_BYTES: usize = 3;
/// In front of an entry: how long its question is, and its answer.
const HEAD_BYTES: usize = 4;
/// An answer's length where the value is to stay.
const STAYS: u16 = u16::MAX;

/// What is asked about a value. What an action makes of it depends on nothing else.
pub(super) struct Asked([u8; ASKED_BYTES]);

impl Asked {
    /// `None`: the action needs no key. `reversed` where the value is an address in front of `.in-addr.arpa`.
    pub(super) fn new(target: Target, reversed: impl FnOnce() -> bool) -> Option<Self> {
        let (action, typed) = match target.action {
            Action::Hash(typed) => (1, typed),
            Action::Encrypt(typed) => (2, typed),
            Action::Preserve(typed) => (3, typed),
            _ => return None,
        };
        let flags = [
            typed.keep_domain,
            typed.keep_oui,
            typed.crypto_pan,
            target.number(),
            reversed(),
        ];
        let flags = flags.iter().fold(0, |all, flag| all << 1 | u8::from(*flag));
        let class = u8::try_from(target.class.index()).ok()?;
        Some(Self([action, flags, class]))
    }
}

/// What is known about a value.
#[derive(PartialEq, Eq)]
pub(super) enum Answer<'c> {
    /// It is a pseudonym already.
    Stays,
    /// What it becomes.
    Becomes(&'c [u8]),
}

/// One worker's store.
pub(super) struct Cache {
    ring: Zeroizing<Vec<u8>>,
    /// Where entries begin, counted from the first byte that was ever written; 0 where there is none.
    slots: Vec<u64>,
    /// Where the next one begins.
    head: u64,
}

impl Cache {
    fn new() -> Self {
        Self {
            ring: Zeroizing::new(Vec::new()),
            slots: Vec::new(),
            head: 0,
        }
    }

    /// Room for this many bytes (a power of two) under this many places.
    fn lay_out(&mut self, ring_bytes: usize, slots: usize) {
        *self.ring = vec![0; ring_bytes];
        self.slots = vec![0; slots];
        self.head = ring_bytes as u64;
    }

    /// Nothing is known any more.
    fn forget(&mut self) {
        self.ring.zeroize();
        self.slots = Vec::new();
    }

    /// Where an entry may stand. Who knows how to make places meet makes a worker work things out, no more.
    fn places(&self, asked: &Asked, value: &[u8]) -> [usize; WAYS] {
        let mut hasher = DefaultHasher::new();
        hasher.write(&asked.0);
        hasher.write(value);
        let hash = hasher.finish();
        let first = hash.checked_rem(self.slots.len() as u64).unwrap_or(0);
        let first = usize::try_from(first).unwrap_or(0);
        [first, first ^ 1]
    }

    /// The bytes behind a place that counts from the first ever written, where they are still there.
    fn at(&self, start: u64) -> Option<&[u8]> {
        let size = self.ring.len() as u64;
        if self.head.checked_sub(start)? > size {
            return None;
        }
        let from = usize::try_from(start.checked_rem(size)?).ok()?;
        self.ring.get(from..)
    }

    /// What was answered to this before.
    pub(super) fn get(&self, asked: &Asked, value: &[u8]) -> Option<Answer<'_>> {
        let places = self.places(asked, value);
        places.into_iter().find_map(|place| {
            let start = self.slots.get(place).copied().filter(|start| *start > 0)?;
            let (head, rest) = self.at(start)?.split_first_chunk::<HEAD_BYTES>()?;
            let [a, b, c, d] = *head;
            let (question, rest) = rest.split_at_checked(u16::from_be_bytes([a, b]).into())?;
            let (kind, of) = question.split_first_chunk::<ASKED_BYTES>()?;
            if *kind != asked.0 || of != value {
                return None;
            }
            match u16::from_be_bytes([c, d]) {
                STAYS => Some(Answer::Stays),
                length => rest.get(..length.into()).map(Answer::Becomes),
            }
        })
    }

    /// Notes an answer.
    pub(super) fn put(&mut self, asked: &Asked, value: &[u8], answer: &Answer<'_>) {
        if self.slots.is_empty() {
            self.lay_out(RING_BYTES, SLOTS);
        }
        let (length, text) = match answer {
            Answer::Stays => (STAYS, &[][..]),
            Answer::Becomes(text) => (u16::try_from(text.len()).unwrap_or(STAYS), *text),
        };
        let question = ASKED_BYTES.saturating_add(value.len());
        let whole = HEAD_BYTES
            .saturating_add(question)
            .saturating_add(text.len());
        if whole > ENTRY_BYTES_MAX.min(self.ring.len()) {
            return;
        }
        let size = self.ring.len() as u64;
        let from = self.head.checked_rem(size).unwrap_or(0);
        let room = size.saturating_sub(from);
        // An entry lies in one piece.
        if room < whole as u64 {
            self.head = self.head.saturating_add(room);
        }
        let start = self.head;
        let from = usize::try_from(start.checked_rem(size).unwrap_or(0)).unwrap_or(0);
        let Some(mut to) = self.ring.get_mut(from..from.saturating_add(whole)) else {
            return;
        };
        let [a, b] = u16::try_from(question).unwrap_or(0).to_be_bytes();
        let [c, d] = length.to_be_bytes();
        for part in [&[a, b, c, d][..], &asked.0, value, text] {
            let (here, rest) = std::mem::take(&mut to).split_at_mut(part.len());
            here.copy_from_slice(part);
            to = rest;
        }
        self.head = self.head.saturating_add(whole as u64);
        let [first, second] = self.places(asked, value);
        // The older of the two goes.
        let age = |place: usize| self.slots.get(place).copied().unwrap_or(0);
        let place = if age(first) <= age(second) {
            first
        } else {
            second
        };
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = start;
        }
    }
}

/// The stores of all workers. None is ever waited for: where one is in use, its visitor goes without.
pub(super) struct Caches(Vec<Mutex<Cache>>);

impl Caches {
    pub(super) fn new(workers: usize) -> Self {
        Self((0..workers).map(|_| Mutex::new(Cache::new())).collect())
    }

    /// One for each processor.
    pub(super) fn for_all_workers() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// That of the worker who asks.
    pub(super) fn mine(&self) -> Option<MutexGuard<'_, Cache>> {
        static WORKERS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = WORKERS.fetch_add(1, Ordering::Relaxed);
        }
        let number = NUMBER.with(|number| *number).checked_rem(self.0.len())?;
        let cache = self.0.get(number)?;
        match cache.try_lock() {
            Ok(cache) => Some(cache),
            Err(TryLockError::WouldBlock) => None,
            // Its last visitor failed in the middle of something.
            Err(TryLockError::Poisoned(poisoned)) => {
                let mut visit = poisoned.into_inner();
                visit.forget();
                cache.clear_poison();
                Some(visit)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::class::{CLASSES, Class};
    use crate::mask::{Keys, Masker, Scrubbed};
    use crate::policy::Typed;
    use crate::record::{Span, Spelling};

    fn asked(action: u8) -> Asked {
        Asked([action, 0, 0])
    }

    #[test]
    fn what_was_put_last_is_known() {
        let mut cache = Cache::new();
        assert!(cache.get(&asked(1), b"a").is_none());
        cache.lay_out(1 << 10, 64);
        for n in 0..10_000u32 {
            let value = format!("value {n}");
            let text = "x".repeat((n % 90) as usize);
            let answer = match n % 3 {
                0 => Answer::Stays,
                _ => Answer::Becomes(text.as_bytes()),
            };
            cache.put(&asked(1), value.as_bytes(), &answer);
            assert!(
                cache.get(&asked(1), value.as_bytes()) == Some(answer),
                "{n}"
            );
            assert!(cache.get(&asked(2), value.as_bytes()).is_none());
            assert_eq!((cache.ring.len(), cache.slots.len()), (1 << 10, 64));
        }
        let known = |n: &u32| {
            cache
                .get(&asked(1), format!("value {n}").as_bytes())
                .is_some()
        };
        assert!(!(0..9900).any(|n| known(&n)));
        assert!((9980..10_000).filter(known).count() > 8);
        cache.put(&asked(1), &[b'a'; ENTRY_BYTES_MAX], &Answer::Stays);
        assert!(cache.get(&asked(1), &[b'a'; ENTRY_BYTES_MAX]).is_none());
    }

    #[test]
    fn a_failed_visit_is_forgotten() {
        let caches = Caches::new(1);
        let visit = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut cache = caches.mine().unwrap();
            cache.put(&asked(1), b"a", &Answer::Stays);
            panic!("in the middle");
        }));
        assert!(visit.is_err());
        let mut cache = caches.mine().unwrap();
        assert!(caches.mine().is_none());
        assert!(cache.get(&asked(1), b"a").is_none());
        cache.put(&asked(1), b"a", &Answer::Stays);
        assert!(cache.get(&asked(1), b"a").is_some());
    }

    /// A value among others in one batch, and what becomes of it.
    fn values() -> impl Strategy<Value = String> {
        prop_oneof![
            "(10|192)\\.0\\.[0-2]\\.[0-3]( |\\.in-addr\\.arpa )",
            "10-0-0-[0-2] ",
            "::ffff:10\\.0\\.0\\.[0-2] ",
            "2001:db8::[0-3] ",
            "0[0-2]:1b:44:11:3a:b[0-7] ",
            "(a|b)@(x|y)\\.example ",
            "49015420323751[0-9] ",
            "-?[1-3]{1,2}\\.5 ",
            "[a-c]{1,3} ",
        ]
    }

    proptest! {
        #[test]
        fn an_answer_is_the_same_with_and_without(
            picks in prop::collection::vec((values(), 0usize..6, any::<prop::sample::Index>(), any::<bool>()), 1..60),
        ) {
            let keys = Keys::single(vec![7; 32]);
            let known = Masker::new(&keys, true);
            let mut plain = Masker::new(&keys, true);
            plain.caches = Caches::new(0);
            let typed = Typed::default();
            let domain = Typed { keep_domain: true, keep_oui: true, ..typed };
            let actions = [
                Action::Hash(typed),
                Action::Hash(domain),
                Action::Encrypt(typed),
                Action::Encrypt(domain),
                Action::Preserve(domain),
                Action::Preserve(Typed { crypto_pan: true, ..typed }),
            ];
            let (mut hay, mut targets) = (String::new(), Vec::new());
            for (value, action, class, number) in &picks {
                let length = value.find([' ', 'i']).unwrap();
                let dot = value.get(..length).is_some_and(|text| text.ends_with('.'));
                let length = length - usize::from(dot);
                let span = Span::new(hay.len(), hay.len() + length);
                hay.push_str(value);
                targets.push(Target {
                    span,
                    class: Class::all().nth(class.index(CLASSES.len())).unwrap(),
                    spelling: match *number && value.trim().parse::<f64>().is_ok() {
                        true => Spelling::Number,
                        false => Spelling::Text,
                    },
                    action: actions[*action],
                    own: false,
                });
            }
            let write = |masker: &Masker| {
                let (mut out, mut counted) = (Scrubbed::new(), Vec::new());
                assert!(!masker.write(hay.as_bytes(), &targets, &mut out, |class| counted.push(class)));
                (out.as_bytes().to_vec(), counted)
            };
            let want = write(&plain);
            prop_assert_eq!(&write(&known), &want);
            prop_assert_eq!(&write(&known), &want);
        }
    }
}
