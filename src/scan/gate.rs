//! The filter in front of key names: do the last four bytes before a border look like a known key's end?
//!
//! Most borders are a clock's or stand behind names that say nothing; one look into a table that stays in
//! the first cache turns nearly all of them away before anything else is read. It never turns a known key
//! away: whatever spelling a key may end in was written into it.

use super::bits::{Bits, hash};

/// Words of the filter: 8 KiB.
const WORDS: usize = 1024;

/// The place of what always passes: what is in a bracket is looked at by whoever knows brackets.
const BRACKET: u32 = 1;

/// What stands for `_`, `-`, `.` and the blank between two words of one key.
const SEPARATOR: u8 = b'_';

/// A byte as the filter sees it; 0 for what is in no key.
#[inline(always)]
const fn folded(byte: u8) -> u8 {
    let lower = byte
        | if byte.wrapping_sub(b'A') < 26 {
            0x20
        } else {
            0
        };
    let letter = lower.wrapping_sub(b'a') < 26;
    let part = letter | (byte.wrapping_sub(b'0') < 10) | (byte >= 0x80);
    let separator = (byte == b'_') | (byte == b'-') | (byte == b'.') | (byte == b' ');
    if separator {
        SEPARATOR
    } else if part {
        lower
    } else {
        0
    }
}

/// The filter.
#[derive(Clone, Default, Debug)]
pub(super) struct Gate {
    bits: Bits<WORDS>,
}

impl Gate {
    /// Lets a key pass, given as lower-case letters and digits; `as_suffix`: also at the end of longer ones.
    pub(super) fn allow(&mut self, normal: &[u8], as_suffix: bool) {
        self.spell(normal, as_suffix, [0; 4], 4);
    }

    /// Every way in which the bytes before `end[..at]` may stand in front of a border.
    fn spell(&mut self, rest: &[u8], as_suffix: bool, mut end: [u8; 4], at: usize) {
        let Some(to) = at.checked_sub(1) else {
            self.bits.put(u32::from_le_bytes(end));
            return;
        };
        let inside = end.get(at).copied().unwrap_or(0);
        let mut put = |gate: &mut Self, byte: u8, rest: &[u8]| {
            if let Some(slot) = end.get_mut(to) {
                *slot = byte;
            }
            // In front of what is no key everything is alike.
            gate.spell(rest, as_suffix, end, if byte == 0 { 0 } else { to });
        };
        match rest.split_last() {
            Some((last, before)) => {
                // Where the script changes the look back ends.
                let other = at < 4 && *last >= 0x80 && inside < 0x80;
                put(self, if other { 0 } else { *last }, before);
                if at < 4 {
                    put(self, SEPARATOR, rest);
                }
            }
            // The key is over: nothing, a separator and anything, or more of a longer key stands before it.
            None => {
                put(self, 0, rest);
                let script = inside >= 0x80;
                let any = as_suffix || script || inside == SEPARATOR;
                for byte in 1..=u8::MAX {
                    if folded(byte) == byte && (byte == SEPARATOR || any && (byte < 0x80 || script))
                    {
                        put(self, byte, rest);
                    }
                }
                // The letter of an escape, behind its backslash: `\nuid=`.
                for letter in *b"ntrbf" {
                    if let Some(slot) = end.get_mut(to) {
                        *slot = letter;
                    }
                    self.bits.put(u32::from_le_bytes(end));
                }
            }
        }
    }

    /// Whether a known key may end with bytes that [`Fold`] has made this of, or a bracket does.
    #[inline(always)]
    pub(super) fn has(&self, folded: End) -> bool {
        let place = u32::from_le_bytes(folded);
        self.bits.at(place) | (place == BRACKET)
    }

    /// Whether a known key may end right before `end`.
    #[cfg(test)]
    pub(super) fn may(&self, hay: &[u8], end: usize) -> bool {
        let mut ends = [[0; 4]; ENDS];
        ends[0] = end_of(hay, end);
        fold(&mut ends);
        self.has(ends[0])
    }
}

/// The last bytes in front of a border.
pub(super) type End = [u8; 4];

/// Ends that are folded together.
pub(super) const ENDS: usize = 32;

/// Turns ends into places in the filter.
pub(super) type Fold = fn(&mut [End; ENDS]);

/// The bytes before `end`; zeros where there are less.
#[inline(always)]
pub(super) fn end_of(hay: &[u8], end: usize) -> End {
    let four = end.checked_sub(4).and_then(|start| hay.get(start..end));
    match four.and_then(<[u8]>::first_chunk) {
        Some(four) => *four,
        None => begun(hay, end),
    }
}

#[cold]
fn begun(hay: &[u8], end: usize) -> End {
    let mut four = [0; 4];
    let head = hay.get(..end).unwrap_or_default();
    for (to, from) in four.iter_mut().rev().zip(head.iter().rev()) {
        *to = *from;
    }
    four
}

/// Plain arithmetic, which a compiler puts into wide registers where the processor that it compiles for has them.
#[inline(always)]
pub(super) fn fold(ends: &mut [End; ENDS]) {
    let written = *ends;
    for byte in ends.as_flattened_mut() {
        *byte = folded(*byte);
    }
    for (end, written) in ends.iter_mut().zip(written) {
        let place = hash(seen(u32::from_le_bytes(*end)), Bits::<WORDS>::BITS);
        let bracket = written[3] == b']';
        *end = if bracket { BRACKET } else { place }.to_le_bytes();
    }
}

/// Without what does not matter: what stands before a byte that is in no key, or before another script. The last
/// byte, on top, always does.
#[inline(always)]
const fn seen(four: u32) -> u32 {
    const LOW: u32 = 0x7F7F_7F7F;
    // The upper bit of each byte: of those that are zero, and of those beyond ASCII with ASCII behind.
    let zero = !((four & LOW).wrapping_add(LOW) | four | LOW);
    let other = four & !LOW & !(four >> 8) & 0x00FF_FFFF;
    // From the last of them on all of it goes.
    let cut = zero | other;
    let cut = cut | cut >> 8;
    let cut = (cut | cut >> 16) >> 7;
    four & !cut.wrapping_mul(0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_pass_and_strangers_do_not() {
        let mut gate = Gate::default();
        gate.allow(b"ip", true);
        gate.allow(b"useragent", false);
        gate.allow(b"pin", false);
        gate.allow("手机".as_bytes(), false);
        for key in [
            "ip",
            "client_ip",
            "clientIp",
            "x-ip",
            "a.ip",
            "{ip",
            "client ip",
            "ua=1&ip",
            "user_agent",
            "User-Agent",
            "USERAGENT",
            "user agent",
            "useragen_t",
            "pin",
            "my pin",
            "您的手机",
            "\\npin",
        ] {
            assert!(gate.may(key.as_bytes(), key.len()), "{key}");
            let long = format!("some text,{key}");
            assert!(gate.may(long.as_bytes(), long.len()), "{long}");
        }
        for key in ["time", "level", "msg", "12", "spin", "method", "x", ""] {
            assert!(!gate.may(key.as_bytes(), key.len()), "{key}");
        }
    }
}
