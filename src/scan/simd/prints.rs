//! What a literal's end looks like: 24 buckets of literals, a byte each, and for each of the last bytes the
//! buckets in which it may stand there. How literals are dealt out decides how much of a text passes: those
//! whose bytes are alike belong together, and what is common in a log shall not meet what is common.

use super::DEPTH;

/// Buckets of one look.
const BUCKETS: usize = 8;

/// Looks of eight buckets each, at the most.
pub(super) const LOOKS: usize = 3;

/// Ends in a bucket, about, before another look is worth its time.
const ENDS_IN_A_BUCKET: usize = 3;

/// The buckets of one look: a byte may stand at distance `k` from a literal's end in those buckets whose
/// bit is set in both its nibbles' entries, or in that of its low seven bits.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) low: [[u8; 16]; DEPTH],
    pub(super) high: [[u8; 16]; DEPTH],
    pub(super) seven: [[[u8; 64]; 2]; DEPTH],
}

impl Default for Look {
    fn default() -> Self {
        Self {
            low: [[0; 16]; DEPTH],
            high: [[0; 16]; DEPTH],
            seven: [[[0; 64]; 2]; DEPTH],
        }
    }
}

/// A set of literals by the last [`DEPTH`] bytes of each.
#[derive(Clone, Default, Debug)]
pub(crate) struct Fingerprints {
    pub(super) looks: [Look; LOOKS],
    /// Looks that have a literal.
    used: usize,
    /// For each distance from the end and each byte the buckets of all looks, for one byte at a time.
    whole: Vec<[u32; 256]>,
}

/// A literal's last bytes, the last first.
type End = Vec<u8>;

impl Fingerprints {
    /// As many as there is need for.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) fn used(&self) -> &[Look] {
        self.looks.get(..self.used).unwrap_or(&self.looks)
    }

    /// Whether a literal may end with these bytes.
    #[inline(always)]
    pub(super) fn may(&self, end: &[u8]) -> bool {
        let bytes = end.iter().rev().zip(&self.whole);
        bytes.fold(u32::MAX, |all, (byte, buckets)| {
            all & buckets.get(usize::from(*byte)).copied().unwrap_or(0)
        }) != 0
    }

    /// Of literals, the empty one excluded.
    pub(crate) fn new<'l>(literals: impl Iterator<Item = &'l [u8]>) -> Self {
        let mut prints = Self::default();
        let mut ends: Vec<End> = literals
            .filter(|literal| !literal.is_empty())
            .map(|literal| literal.iter().rev().take(DEPTH).copied().collect())
            .collect();
        ends.sort();
        ends.dedup();
        prints.whole = vec![[0; 256]; DEPTH];
        let looks = ends.len().div_ceil(BUCKETS * ENDS_IN_A_BUCKET);
        prints.used = looks.min(LOOKS);
        let buckets = deal(ends, prints.used.saturating_mul(BUCKETS));
        for (bucket, Bucket { ends, .. }) in buckets.iter().enumerate() {
            let Some(look) = prints.looks.get_mut(bucket / BUCKETS) else {
                break;
            };
            for end in ends {
                for (distance, whole) in prints.whole.iter_mut().enumerate() {
                    let byte = end.get(distance).copied();
                    look.allow(distance, 1 << (bucket % BUCKETS), byte);
                    for (of, buckets) in (0u8..=u8::MAX).zip(whole) {
                        let passes = byte.is_none_or(|byte| byte == of);
                        *buckets |= u32::from(passes) << bucket;
                    }
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
        if let Some(seven) = self.seven.get_mut(distance) {
            set(seven.as_flattened_mut(), |b| usize::from(b & 127));
        }
    }
}

/// How often the bytes from the blank on stand in logs, in ten thousand, a row for each upper nibble: counted over lines of
/// some thirty formats.
static OFTEN: [[u16; 16]; 6] = [
    [
        700, 1, 450, 6, 2, 7, 8, 5, 23, 23, 5, 17, 190, 150, 270, 195,
    ],
    [
        400, 330, 250, 182, 163, 170, 142, 133, 128, 112, 300, 36, 8, 60, 8, 6,
    ],
    [7, 52, 15, 35, 23, 45, 31, 35, 25, 41, 5, 16, 21, 48, 30, 28],
    [33, 4, 25, 48, 78, 16, 9, 19, 10, 4, 7, 38, 25, 35, 1, 56],
    [
        2, 320, 75, 209, 176, 540, 73, 87, 83, 310, 13, 44, 178, 151, 250, 340,
    ],
    [
        168, 15, 290, 290, 370, 134, 52, 50, 49, 56, 20, 30, 6, 25, 1, 1,
    ],
];

/// The same as a share, of a byte by its nibbles.
static COMMON: [[f32; 16]; 16] = {
    let mut rows = [[0.00003; 16]; 16];
    let mut upper = 0;
    while upper < OFTEN.len() {
        let mut lower = 0;
        while lower < 16 {
            #[allow(clippy::indexing_slicing, reason = "the blank's row is the third")]
            {
                rows[upper + 2][lower] = OFTEN[upper][lower] as f32 / 10_000.0;
            }
            lower += 1;
        }
        upper += 1;
    }
    rows
};

/// Bytes by their upper nibble: blanks and signs, digits, capitals, small letters, all others.
const KINDS: usize = 5;

/// The kind of a row of [`COMMON`].
const fn kind(upper: usize) -> usize {
    match upper {
        2 => 0,
        3 => 1,
        4 | 5 => 2,
        6 | 7 => 3,
        _ => 4,
    }
}

/// How often a byte of each kind stands in front of one of each kind, about.
static BEFORE: [[f32; KINDS]; KINDS] = [
    [0.20, 0.32, 0.11, 0.36, 0.01],
    [0.27, 0.62, 0.03, 0.07, 0.01],
    [0.20, 0.09, 0.38, 0.32, 0.01],
    [0.15, 0.04, 0.04, 0.77, 0.01],
    [0.17, 0.28, 0.18, 0.17, 0.20],
];

/// Shares of [`COMMON`] by half a row's bytes, summed up.
struct Shares([[[f32; 256]; 2]; 16], [f32; KINDS]);

static SHARES: Shares = {
    let mut shares = Shares([[[0.0; 256]; 2]; 16], [0.0; KINDS]);
    let mut upper = 0;
    while upper < 16 {
        let mut of_row = 0.0;
        let mut lower = 0;
        while lower < 16 {
            #[allow(clippy::indexing_slicing, reason = "as long as the tables")]
            {
                let share = COMMON[upper][lower];
                let sums = &mut shares.0[upper][lower / 8];
                let mut set = 0;
                while set < sums.len() {
                    sums[set] += if set >> (lower % 8) & 1 == 1 {
                        share
                    } else {
                        0.0
                    };
                    set += 1;
                }
                of_row += share;
            }
            lower += 1;
        }
        #[allow(clippy::indexing_slicing, reason = "a kind is below their number")]
        {
            shares.1[kind(upper)] += of_row;
        }
        upper += 1;
    }
    shares
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

    /// How much of a log passes: bytes stand behind their like.
    fn passes(&self) -> f32 {
        let Shares(rows, all) = &SHARES;
        let mut passes = [0.0; KINDS];
        for (distance, (low, high)) in self.0.iter().enumerate() {
            let mut shares = [0.0; KINDS];
            let [a, b] = low.to_le_bytes().map(usize::from);
            let mut uppers = *high;
            while uppers != 0 {
                let upper = uppers.trailing_zeros() as usize;
                uppers &= uppers.wrapping_sub(1);
                if let (Some([first, second]), Some(share)) =
                    (rows.get(upper), shares.get_mut(kind(upper)))
                {
                    *share += first.get(a).unwrap_or(&0.0) + second.get(b).unwrap_or(&0.0);
                }
            }
            let mut next = [0.0; KINDS];
            for (to, (next, share)) in next.iter_mut().zip(shares).enumerate() {
                let of_kind = all.get(to).copied().unwrap_or(1.0);
                let from = passes.iter().zip(&BEFORE);
                let before = from.map(|(passes, before)| passes * before.get(to).unwrap_or(&0.0));
                *next = match distance {
                    0 => share,
                    _ => before.sum::<f32>() * share / of_kind,
                };
            }
            passes = next;
        }
        passes.iter().sum()
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

/// Rounds in which each end looks for a better bucket, once all have one.
const ROUNDS: usize = 3;

/// Each end into the bucket that lets least more pass by it, the rare ones first; then each once more, since the
/// first had no company to choose.
fn deal(mut ends: Vec<End>, buckets: usize) -> Vec<Bucket> {
    let alone = |end: &End| Sets::default().with(end).passes();
    ends.sort_by(|a, b| alone(a).total_cmp(&alone(b)));
    let count = ends.len().min(buckets);
    let mut buckets = vec![Bucket::default(); count];
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
    for bucket in (0..count).cycle().take(count.saturating_mul(ROUNDS)) {
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
