//! The contenders: one file each, one line in [`all`] each.

mod copy;
mod dds;
mod dfa;
mod regexes;
mod scrubd;
#[cfg(feature = "vectorscan")]
mod vectorscan;
mod vrl;

use crate::rules::Rules;

/// What stands where something was.
const LABEL: &str = "[REDACTED]";

/// Takes a chunk of whole lines and leaves the scrubbed chunk in a buffer of its own.
pub trait Engine {
    /// How the table calls it.
    fn name(&self) -> &'static str;

    /// One chunk.
    fn scrub(&mut self, chunk: &[u8]);

    /// Findings since it was made, or in the last chunk.
    fn hits(&self) -> u64;

    /// Whether it is the last chunk's that it knows.
    fn counts_last(&self) -> bool {
        false
    }

    /// Findings in all of these.
    fn count<'a>(&mut self, chunks: &mut dyn Iterator<Item = &'a [u8]>) -> u64 {
        let mut sum = 0;
        for chunk in chunks {
            self.scrub(chunk);
            sum = if self.counts_last() {
                sum + self.hits()
            } else {
                self.hits()
            };
        }
        sum
    }
}

/// Everybody under these rules.
pub fn all(rules: &Rules) -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(copy::Copy::default()),
        Box::new(scrubd::Scrubd::same(rules)),
        Box::new(scrubd::Scrubd::whole()),
        Box::new(regexes::Alternation::new(rules)),
        Box::new(dfa::Dense::new(rules)),
        Box::new(vrl::Redact::new(rules)),
        Box::new(dds::Sds::new(rules)),
        #[cfg(feature = "vectorscan")]
        Box::new(vectorscan::Vectorscan::new(rules)),
    ]
}

/// The chunk with a label for each span; spans come in order.
fn write(
    out: &mut Vec<u8>,
    chunk: &[u8],
    spans: impl Iterator<Item = std::ops::Range<usize>>,
) -> u64 {
    out.clear();
    let (mut at, mut hits) = (0, 0);
    for span in spans {
        out.extend_from_slice(&chunk[at..span.start]);
        out.extend_from_slice(LABEL.as_bytes());
        (at, hits) = (span.end, hits + 1);
    }
    out.extend_from_slice(&chunk[at..]);
    std::hint::black_box(out.as_slice());
    hits
}
