//! Hashes of keys, by which those of an object are told apart.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// A Mersenne prime, 2^61 - 1.
const PRIME: u64 = u64::MAX >> 3;

/// Bytes that are one number: less than the prime, so that no two of them are the same number.
const PART: usize = 7;

/// Hashes that nobody outside can foresee: the polynomial whose coefficients are a text's bytes, at a secret place, modulo
/// a prime. Of two different texts of `n` bytes at most `n / 7 + 3` places in 2^61 give the same (Carter, Wegman 1979), so
/// that equal hashes mean equal texts, and who chooses the texts does not choose where they are kept.
pub(super) struct Hashes {
    place: u64,
}

impl Default for Hashes {
    fn default() -> Self {
        let place = RandomState::new().hash_one(PRIME) % PRIME;
        // At the place 0 all texts are one.
        Self {
            place: place.max(2),
        }
    }
}

impl Hashes {
    /// Of a key of this object.
    pub(super) fn of(&self, object: u32, text: &[u8]) -> u64 {
        let mut sum = self.with(self.with(0, u64::from(object)), text.len() as u64);
        let mut rest = text;
        while let Some(eight) = rest.first_chunk() {
            sum = self.with(sum, u64::from_le_bytes(*eight) & u64::MAX >> 8);
            rest = rest.get(PART..).unwrap_or_default();
        }
        let last = rest.iter().rev();
        sum = self.with(sum, last.fold(0, |part, b| part << 8 | u64::from(*b)));
        spread(if sum >= PRIME { sum - PRIME } else { sum })
    }

    /// `(sum + part) * place`, at most a little over the prime.
    #[inline(always)]
    fn with(&self, sum: u64, part: u64) -> u64 {
        let product = u128::from(sum.wrapping_add(part)) * u128::from(self.place);
        let (high, low) = ((product >> 61) as u64, product as u64 & PRIME);
        let sum = high.wrapping_add(low);
        (sum >> 61).wrapping_add(sum & PRIME)
    }
}

/// Another number for each, in which all bits count: a table looks at some.
const fn spread(sum: u64) -> u64 {
    // 2^64 over the golden ratio.
    let spread = (sum ^ sum >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    spread ^ spread >> 32
}

/// For what is a hash already: it is not hashed again.
#[derive(Default)]
pub(super) struct AsItIs(u64);

pub(super) type Hashed = BuildHasherDefault<AsItIs>;

impl Hasher for AsItIs {
    fn write_u64(&mut self, hash: u64) {
        self.0 = self.0.rotate_left(1) ^ hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// The same, byte by byte, in numbers that have room.
    fn naive(hashes: &Hashes, object: u32, text: &[u8]) -> u64 {
        let parts = text.len().saturating_sub(1) / PART;
        let (head, last) = text.split_at(parts * PART);
        let numbers = head.chunks(PART).chain([last]).map(|part| {
            part.iter()
                .rev()
                .fold(0u128, |sum, b| sum << 8 | u128::from(*b))
        });
        let mut sum = 0;
        let head = [u128::from(object), text.len() as u128];
        for number in head.into_iter().chain(numbers) {
            sum = (sum + number) * u128::from(hashes.place) % u128::from(PRIME);
        }
        spread(sum as u64)
    }

    proptest! {
        #[test]
        fn a_hash_is_the_polynomial(
            object in any::<u32>(),
            text in prop::collection::vec(any::<u8>(), 0..70),
            place in 2..PRIME,
        ) {
            let hashes = Hashes { place };
            prop_assert_eq!(hashes.of(object, &text), naive(&hashes, object, &text));
        }
    }

    #[test]
    fn texts_that_differ_in_little_differ() {
        let hashes = Hashes::default();
        let mut texts: Vec<Vec<u8>> = (0..64).map(|n| vec![0; n]).collect();
        texts.extend((0..20_000u32).map(|n| n.to_le_bytes().repeat(5)));
        texts.extend((0..200usize).map(|n| {
            let mut text = vec![b'a'; 200];
            text[n] = b'b';
            text
        }));
        let different: HashSet<Vec<u8>> = texts.iter().cloned().collect();
        let mut seen = HashSet::new();
        for text in &different {
            for object in [0, 1, u32::MAX] {
                assert!(seen.insert(hashes.of(object, text)));
            }
        }
    }

    #[test]
    fn tables_are_filled_evenly() {
        let hashes = Hashes::default();
        for bits in [0..12, 52..64] {
            let mut shelves = vec![0u32; 4096];
            for n in 0..40_960u32 {
                let hash = hashes.of(7, format!("key-{n}").as_bytes());
                shelves[(hash << (64 - bits.end) >> (64 - bits.end + bits.start)) as usize] += 1;
            }
            // Ten each: of more than forty the chance is one in a billion.
            assert!(shelves.iter().all(|shelf| *shelf <= 40));
        }
    }

    #[test]
    fn each_process_has_hashes_of_its_own() {
        assert_ne!(Hashes::default().place, Hashes::default().place);
    }
}
