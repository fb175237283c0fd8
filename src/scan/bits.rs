//! A filter in front of a set: one bit for the hash of each member. A member always passes; most strangers are
//! turned away by one look into a few cache lines.

/// `WORDS` words of bits, a power of two of them.
#[derive(Clone)]
pub(super) struct Bits<const WORDS: usize>(Box<[u64; WORDS]>);

impl<const WORDS: usize> std::fmt::Debug for Bits<WORDS> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bits")
    }
}

impl<const WORDS: usize> Default for Bits<WORDS> {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl<const WORDS: usize> Bits<WORDS> {
    /// Bits of a place.
    pub(super) const BITS: u32 = {
        assert!(WORDS.is_power_of_two() && WORDS <= 1 << 26);
        WORDS.trailing_zeros().wrapping_add(6)
    };

    /// Word and bit of a member.
    #[inline(always)]
    const fn place(member: u32) -> (usize, u32) {
        let hash = hash(member, Self::BITS);
        ((hash >> 6) as usize, hash & 63)
    }

    /// Lets a member pass.
    pub(super) fn put(&mut self, member: u32) {
        let (word, bit) = Self::place(member);
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Whether it may be a member.
    #[inline(always)]
    pub(super) fn has(&self, member: u32) -> bool {
        self.at(hash(member, Self::BITS))
    }

    /// Whether a member has this [`hash`] of as many bits as there are.
    #[inline(always)]
    pub(super) fn at(&self, hash: u32) -> bool {
        let word = self.0.get((hash >> 6) as usize);
        word.is_some_and(|word| word >> (hash & 63) & 1 == 1)
    }
}

/// The upper `bits` bits (1 to 32) of a multiplicative hash.
#[inline(always)]
pub(super) const fn hash(of: u32, bits: u32) -> u32 {
    of.wrapping_mul(0x9E37_79B1) >> (32u32.wrapping_sub(bits))
}
