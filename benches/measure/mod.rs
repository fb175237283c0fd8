//! How the benches take time: huge pages, whole lines, memcpy beside everything.

pub mod batch;
pub mod connection;
pub mod core;
pub mod session;

use std::hint::black_box;
use std::time::Instant;

/// Bytes of one pass over a corpus.
pub const INPUT_BYTES: usize = 64 << 20;
/// The same for a look; `--mib 64` for the record.
pub const QUICK_BYTES: usize = INPUT_BYTES / 4;
/// Bytes that a connection hands to the pipeline at once, at most: whole lines.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Bytes between two looks at the clock. The least of several rounds counts for each stretch, so that
/// a neighbour on the machine spoils a stretch and not a round.
const STRETCH_BYTES: usize = 1 << 20;
/// When no further round begins.
const RACE_SECS_MAX: u64 = 20;

/// Processor time of this thread: what others on the machine take does not count.
fn cpu_secs() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Does its work on a chunk.
pub type Contender<'a> = dyn FnMut(&[u8]) + 'a;

/// Whole lines in huge pages (where the system gives some), cut into chunks.
pub struct Input {
    map: memmap2::MmapMut,
    stretches: Vec<Vec<std::ops::Range<usize>>>,
}

impl Input {
    /// Copies `lines` there; a chunk ends with a line.
    pub fn new(lines: &[u8]) -> Self {
        Self::cut(lines, |chunk| {
            memchr::memrchr(b'\n', chunk).map_or(chunk.len(), |i| i + 1)
        })
    }

    /// Chunks that end anywhere, as reads from a socket do.
    pub fn anywhere(bytes: &[u8]) -> Self {
        Self::cut(bytes, <[u8]>::len)
    }

    /// Each message a chunk.
    pub fn messages(messages: &[Vec<u8>]) -> Self {
        let mut ends = messages.iter().map(Vec::len);
        Self::of(&messages.concat(), |_, at| at + ends.next().expect("one"))
    }

    fn cut(lines: &[u8], until: impl Fn(&[u8]) -> usize) -> Self {
        Self::of(lines, |lines, at| {
            let end = (at + CHUNK_BYTES).min(lines.len());
            at + until(&lines[at..end])
        })
    }

    fn of(bytes: &[u8], mut next: impl FnMut(&[u8], usize) -> usize) -> Self {
        let mut map = memmap2::MmapMut::map_anon(bytes.len()).expect("anonymous memory");
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        map.copy_from_slice(bytes);
        let (mut stretches, mut at) = (vec![Vec::new()], 0);
        while at < bytes.len() {
            let cut = next(bytes, at);
            if at >= stretches.len() * STRETCH_BYTES {
                stretches.push(Vec::new());
            }
            stretches.last_mut().expect("one").push(at..cut);
            at = cut;
        }
        Self { map, stretches }
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Every chunk, in order.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.stretches
            .iter()
            .flatten()
            .map(|chunk| &self.map[chunk.clone()])
    }

    /// Takes turns: each contender over the whole input, `rounds` times (fewer where that takes longer
    /// than [`RACE_SECS_MAX`]); for each, the seconds of a pass made of its best stretches.
    pub fn race(&self, rounds: usize, contenders: &mut [&mut Contender<'_>]) -> Vec<f64> {
        let begun = Instant::now();
        let mut best = vec![vec![f64::INFINITY; self.stretches.len()]; contenders.len()];
        for round in 0..rounds {
            if round > 0 && begun.elapsed().as_secs() >= RACE_SECS_MAX {
                break;
            }
            for (contender, best) in contenders.iter_mut().zip(&mut best) {
                for (stretch, best) in self.stretches.iter().zip(best) {
                    let start = cpu_secs();
                    for chunk in stretch {
                        contender(&self.map[chunk.clone()]);
                    }
                    *best = best.min(cpu_secs() - start);
                }
            }
        }
        best.iter()
            .map(|stretches| stretches.iter().sum())
            .collect()
    }
}

/// The yardstick: the chunk into one reused buffer.
pub fn memcpy(out: &mut Vec<u8>, chunk: &[u8]) {
    out.clear();
    out.extend_from_slice(black_box(chunk));
    black_box(out.as_slice());
}

/// `--flag VALUE` of the command line.
pub fn option(flag: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != flag).nth(1)
}

/// MB/s.
pub fn rate(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e6
}
