//! The front end: one pass over a batch that finds the places worth a look.
//!
//! Byte classes become bit masks for a window that stays in the first cache; shifts and ands over the
//! masks find the rare shapes. Every shape is anchored at its last byte that matters and looks back
//! only, so the masks of the block before are all the state there is.

use super::simd::{BLOCK, Classify, Masks};

/// Blocks in a window: 4 KiB of input.
const WINDOW_BLOCKS: usize = 64;

macro_rules! anchors {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A place that detectors are asked about.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Anchor { $($(#[$doc])* $name,)+ }
        impl Anchor {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];
        }
    };
}

anchors! {
    /// The third dot of digits and dots no more than three digits apart.
    Quad,
    /// The second of two colons in a row.
    DoubleColon,
    /// The fourth colon with gaps of one to five.
    ColonChain,
    /// The fifth `-` at stride three.
    DashStride,
    /// The second dot at stride five with hex between.
    DotStride,
    /// The fourth `-` at stride five.
    GuidDashes,
    /// The third `-` at stride seven.
    ImeiDashes,
    /// The fourteenth digit in a row.
    Digits,
    /// `@`.
    At,
    /// `%` or a backslash.
    Escape,
    /// The fourth digit of a fraction.
    Fraction,
    /// `=` or `:`.
    Border,
    /// `>`.
    Greater,
    /// The second of two dashes in a row.
    Flag,
    /// The first digit or parenthesis behind a `+`.
    Plus,
    /// The second digit behind two capitals.
    Capitals,
    /// The sixth digit in a row.
    Run6,
    /// The fourth digit behind a digit and a blank or dash.
    Group4,
    /// The third digit behind two groups of three digits, blanks or dashes between.
    Groups3,
    /// The end of a record, or of the batch.
    End,
    /// The third dash of digits and dashes no more than three digits apart.
    DashQuad,
    /// A dot behind four digits.
    Degrees,
    /// The byte behind one of the detectors' literals.
    Literal,
}

/// Masks of the block before, for shapes that reach over the border.
#[derive(Default)]
struct Before {
    masks: Masks,
    quad: [u64; 2],
    chain: [u64; 3],
    runs: [u64; 4],
    run3: u64,
    run6: u64,
    dashes: [u64; 2],
}

/// `mask` moved up by `n` (1..64) with the block before shifted in.
const fn back(mask: u64, before: u64, n: u32) -> u64 {
    mask << n | before >> (64 - n)
}

/// Calls `found` for each anchor in `hay`, block by block; inside a block, anchor kind by kind.
pub(super) fn anchors(classify: Classify, hay: &[u8], mut found: impl FnMut(Anchor, usize)) {
    let mut masks = [Masks::default(); WINDOW_BLOCKS];
    let mut before = Before::default();
    let (blocks, rest) = hay.as_chunks::<BLOCK>();
    let mut base = 0usize;
    for window in blocks.chunks(WINDOW_BLOCKS) {
        classify(window, &mut masks);
        for block in masks.iter().take(window.len()) {
            shapes(block, &mut before, base, &mut found);
            base = base.wrapping_add(BLOCK);
        }
    }
    if !rest.is_empty() {
        let mut last = [[0u8; BLOCK]];
        for (to, from) in last.as_flattened_mut().iter_mut().zip(rest) {
            *to = *from;
        }
        classify(&last, &mut masks);
        if let Some(block) = masks.first_mut() {
            // What fills the block up ends no record.
            block.end &= (1u64 << rest.len()).wrapping_sub(1);
            shapes(block, &mut before, base, &mut found);
        }
    }
    found(Anchor::End, hay.len());
}

#[inline(always)]
fn shapes(m: &Masks, before: &mut Before, base: usize, found: &mut impl FnMut(Anchor, usize)) {
    let b = before.masks;
    let mut each = |anchor: Anchor, mut mask: u64| {
        while mask != 0 {
            found(anchor, base.wrapping_add(mask.trailing_zeros() as usize));
            mask &= mask.wrapping_sub(1);
        }
    };

    each(Anchor::Border, m.equals | m.colon);
    each(Anchor::At, m.at);
    each(Anchor::Escape, m.escape);
    each(Anchor::End, m.end);
    each(Anchor::Greater, m.greater);

    let dotted = m.dot & back(m.digit, b.digit, 1);
    let near = |x: u64, p: u64| back(x, p, 2) | back(x, p, 3) | back(x, p, 4);
    let second = dotted & near(dotted, before.quad[0]);
    let third = dotted & near(second, before.quad[1]);
    each(Anchor::Quad, third);
    before.quad = [dotted, second];
    let dashed = m.dash & back(m.digit, b.digit, 1);
    let dashed2 = dashed & near(dashed, before.dashes[0]);
    each(
        Anchor::DashQuad,
        dashed2 & near(dashed2, before.dashes[1]) & !back(m.dash, b.dash, 1),
    );
    before.dashes = [dashed, dashed2];
    let hex = |n| back(m.hex, b.hex, n);
    let stride = m.dot & back(m.dot, b.dot, 5) & hex(1) & hex(2) & hex(3) & hex(4) & hex(6);
    each(Anchor::DotStride, stride);

    each(Anchor::DoubleColon, m.colon & back(m.colon, b.colon, 1));
    let near = |x: u64, p: u64| near(x, p) | back(x, p, 5) | back(x, p, 1);
    let chain1 = m.colon & near(m.colon, b.colon);
    let chain2 = m.colon & near(chain1, before.chain[1]);
    let chain3 = m.colon & near(chain2, before.chain[2]);
    each(Anchor::ColonChain, chain3);
    before.chain = [0, chain1, chain2];

    let dash = |n| back(m.dash, b.dash, n);
    each(Anchor::Flag, m.dash & dash(1));
    each(
        Anchor::DashStride,
        m.dash & dash(3) & dash(6) & dash(9) & dash(12),
    );
    each(Anchor::GuidDashes, m.dash & dash(5) & dash(10) & dash(15));
    each(Anchor::ImeiDashes, m.dash & dash(7) & dash(14));

    let [p2, p4, p8, p14] = before.runs;
    let run2 = m.digit & back(m.digit, b.digit, 1);
    let run4 = run2 & back(run2, p2, 2);
    let run8 = run4 & back(run4, p4, 4);
    let run14 = run8 & back(run8, p8, 6);
    each(Anchor::Degrees, m.dot & back(run4, p4, 1));
    let run6 = run4 & back(run2, p2, 4);
    each(Anchor::Run6, run6 & !back(run6, before.run6, 1));
    before.run6 = run6;
    each(Anchor::Plus, back(m.plus, b.plus, 1));
    let capitals = back(m.upper, b.upper, 2) & back(m.upper, b.upper, 3);
    each(Anchor::Capitals, run2 & capitals);
    let gap = back(m.space | m.dash, b.space | b.dash, 4);
    let run3 = run2 & back(m.digit, b.digit, 2);
    let gaps = m.space | m.dash;
    let gaps_before = b.space | b.dash;
    let three = run3 & back(gaps, gaps_before, 3) & back(run3, before.run3, 4);
    each(
        Anchor::Groups3,
        three & back(gaps, gaps_before, 7) & back(run3, before.run3, 8),
    );
    before.run3 = run3;
    each(Anchor::Group4, run4 & gap & back(m.digit, b.digit, 5));
    each(Anchor::Digits, run14 & !back(run14, p14, 1));
    each(Anchor::Fraction, run4 & back(m.dot, b.dot, 4));
    before.runs = [run2, run4, run8, run14];
    before.masks = *m;
}
