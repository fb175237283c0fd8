//! What a literal's end looks like: sixteen buckets of literals, a byte each, and for each of the last bytes the
//! buckets in which it may stand there. How literals are dealt out decides how much of a text passes: those
//! whose bytes are alike belong together, and what is common in a log shall not meet what is common.

use super::DEPTH;

/// Buckets of one look.
const BUCKETS: usize = 8;

/// Looks of eight buckets each.
pub(super) const LOOKS: usize = 2;

/// The buckets of one look: a byte may stand at distance `k` from a literal's end in those buckets whose
/// bit is set in both its nibbles' entries, or in that of its low six bits.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) low: [[u8; 16]; DEPTH],
    pub(super) high: [[u8; 16]; DEPTH],
    pub(super) six: [[u8; 64]; DEPTH],
}

impl Default for Look {
    fn default() -> Self {
        Self {
            low: [[0; 16]; DEPTH],
            high: [[0; 16]; DEPTH],
            six: [[0; 64]; DEPTH],
        }
    }
}

/// A set of literals by the last [`DEPTH`] bytes of each.
#[derive(Clone, Default, Debug)]
pub(crate) struct Fingerprints {
    pub(super) looks: [Look; LOOKS],
}

/// A literal's last bytes, the last first.
type End = Vec<u8>;

impl Fingerprints {
    /// Of literals, the empty one excluded.
    pub(crate) fn new<'l>(literals: impl Iterator<Item = &'l [u8]>) -> Self {
        let mut prints = Self::default();
        let mut ends: Vec<End> = literals
            .filter(|literal| !literal.is_empty())
            .map(|literal| literal.iter().rev().take(DEPTH).copied().collect())
            .collect();
        ends.sort();
        ends.dedup();
        for (bucket, Bucket { ends, .. }) in deal(ends).iter().enumerate() {
            let Some(look) = prints.looks.get_mut(bucket / BUCKETS) else {
                break;
            };
            for end in ends {
                for distance in 0..DEPTH {
                    look.allow(
                        distance,
                        1 << (bucket % BUCKETS),
                        end.get(distance).copied(),
                    );
                }
            }
        }
        prints
    }
}

impl Look {
    /// `None`: the literal is shorter, any byte may stand there.
    fn allow(&mut self, distance: usize, bucket: u8, byte: Option<u8>) {
        let set = |table: &mut [u8], index: fn(u8) -> usize| {
            for (at, buckets) in table.iter_mut().enumerate() {
                if byte.is_none_or(|b| index(b) == at) {
                    *buckets |= bucket;
                }
            }
        };
        if let Some(low) = self.low.get_mut(distance) {
            set(low, |b| usize::from(b & 15));
        }
        if let Some(high) = self.high.get_mut(distance) {
            set(high, |b| usize::from(b >> 4));
        }
        if let Some(six) = self.six.get_mut(distance) {
            set(six, |b| usize::from(b & 63));
        }
    }

    /// The buckets that `byte` may stand in at `distance`, by its nibbles.
    pub(super) fn buckets(&self, distance: usize, byte: u8) -> u8 {
        let of = |table: &[[u8; 16]; DEPTH], nibble: u8| {
            table
                .get(distance)
                .and_then(|row| row.get(usize::from(nibble)))
                .copied()
                .unwrap_or(0)
        };
        of(&self.low, byte & 15) & of(&self.high, byte >> 4)
    }
}

/// How often a byte stands in a log, about: its upper nibble's row, its lower nibble's place.
static COMMON: [[f32; 16]; 16] = {
    let mut rows = [[0.0; 16]; 16];
    let mut byte = 0u8;
    loop {
        let in_a_thousand = match byte {
            b' ' => 110.0,
            b'e' | b't' | b'a' | b'o' | b'n' | b'i' | b'r' | b's' => 42.0,
            b'a'..=b'z' => 17.0,
            b'0'..=b'9' => 16.0,
            b'"' | b'.' | b':' | b',' | b'-' | b'/' | b'=' => 14.0,
            b'!'..=b'~' => 4.0,
            b'\n' => 6.0,
            _ => 0.3,
        };
        #[allow(clippy::indexing_slicing, reason = "nibbles are below 16")]
        {
            rows[(byte >> 4) as usize][(byte & 15) as usize] = in_a_thousand / 1000.0;
        }
        if byte == u8::MAX {
            break rows;
        }
        byte = byte.wrapping_add(1);
    }
};

/// The nibbles that a bucket lets pass at each distance.
#[derive(Clone, Copy, Default)]
struct Sets([(u16, u16); DEPTH]);

impl Sets {
    fn with(mut self, end: &End) -> Self {
        for (distance, (low, high)) in self.0.iter_mut().enumerate() {
            match end.get(distance) {
                Some(b) => (*low, *high) = (*low | 1 << (b & 15), *high | 1 << (b >> 4)),
                None => (*low, *high) = (u16::MAX, u16::MAX),
            }
        }
        self
    }

    /// How much of a log passes.
    fn passes(&self) -> f32 {
        let each = self.0.iter().map(|(low, high)| {
            let rows = COMMON.iter().enumerate();
            let rows = rows.filter(|(nibble, _)| high >> nibble & 1 == 1);
            let row = |row: &[f32; 16]| {
                let bytes = row.iter().enumerate();
                let bytes = bytes.filter(|(nibble, _)| low >> nibble & 1 == 1);
                bytes.map(|(_, share)| share).sum::<f32>()
            };
            rows.map(|(_, shares)| row(shares)).sum::<f32>()
        });
        each.product()
    }
}

/// Literals that share a bit.
#[derive(Clone, Default)]
struct Bucket {
    ends: Vec<End>,
    sets: Sets,
    /// What `sets` let pass.
    passes: f32,
}

impl Bucket {
    /// How much more would pass with this one in it.
    fn more(&self, end: &End) -> f32 {
        self.sets.with(end).passes() - self.passes
    }

    fn put(&mut self, end: End) {
        self.sets = self.sets.with(&end);
        self.passes = self.sets.passes();
        self.ends.push(end);
    }

    fn take(&mut self, end: &End) {
        self.ends.retain(|other| other != end);
        self.sets = self.ends.iter().fold(Sets::default(), Sets::with);
        self.passes = if self.ends.is_empty() {
            0.0
        } else {
            self.sets.passes()
        };
    }
}

/// Each end into the bucket that lets least more pass by it, the rare ones first; then each once more, since the
/// first had no company to choose.
fn deal(mut ends: Vec<End>) -> Vec<Bucket> {
    let alone = |end: &End| Sets::default().with(end).passes();
    ends.sort_by(|a, b| alone(a).total_cmp(&alone(b)));
    let mut buckets = vec![Bucket::default(); BUCKETS * LOOKS];
    let put = |buckets: &mut Vec<Bucket>, end: End| {
        let least = buckets
            .iter_mut()
            .map(|bucket| (bucket.more(&end), bucket))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, bucket)) = least {
            bucket.put(end);
        }
    };
    for end in ends {
        put(&mut buckets, end);
    }
    for bucket in 0..buckets.len() {
        let dealt = buckets.get(bucket).map(|bucket| bucket.ends.clone());
        for end in dealt.unwrap_or_default() {
            if let Some(bucket) = buckets.get_mut(bucket) {
                bucket.take(&end);
            }
            put(&mut buckets, end);
        }
    }
    buckets
}
