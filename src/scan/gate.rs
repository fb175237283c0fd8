//! The filter in front of key names: do the last four bytes before a border look like a known key's end?
//!
//! Most borders are a clock's or stand behind names that say nothing; one look into a table that stays in
//! the first cache turns nearly all of them away before anything else is read. It never turns a known key
//! away: whatever spelling a key may end in was written into it.

use super::bits::Bits;
use crate::format::bytes::bytes;

/// Words of the filter: 8 KiB.
const WORDS: usize = 1024;

/// What stands for `_`, `-`, `.` and the blank between two words of one key.
const SEPARATOR: u8 = b'_';

/// A byte as the filter sees it; 0 for what is in no key.
static FOLD: [u8; 256] = bytes!(u8, byte => match byte {
    b'_' | b'-' | b'.' | b' ' => SEPARATOR,
    b @ b'A'..=b'Z' => b.to_ascii_lowercase(),
    b @ (b'a'..=b'z' | b'0'..=b'9' | 0x80..) => b,
    _ => 0,
});

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
                    let folded = FOLD.get(usize::from(byte)).copied() == Some(byte);
                    if folded && (byte == SEPARATOR || any && (byte < 0x80 || script)) {
                        put(self, byte, rest);
                    }
                }
            }
        }
    }

    /// Whether a known key may end right before `end`.
    #[inline(always)]
    pub(super) fn may(&self, hay: &[u8], end: usize) -> bool {
        let mut four = [0u8; 4];
        match end.checked_sub(4).and_then(|start| hay.get(start..end)) {
            Some(bytes) => {
                for (to, from) in four.iter_mut().zip(bytes) {
                    *to = FOLD.get(usize::from(*from)).copied().unwrap_or(0);
                }
            }
            None => {
                let head = hay.get(..end).unwrap_or_default();
                for (to, from) in four.iter_mut().rev().zip(head.iter().rev()) {
                    *to = FOLD.get(usize::from(*from)).copied().unwrap_or(0);
                }
            }
        }
        // What stands before a byte that is in no key, or of another script, does not matter.
        let [a, b, c, d] = four;
        let goes_on = |byte: u8, behind: u8| byte != 0 && (byte < 0x80 || behind >= 0x80);
        let c_seen = goes_on(c, d);
        let b_seen = c_seen && goes_on(b, c);
        let a_seen = b_seen && goes_on(a, b);
        let keep = |byte: u8, seen: bool| if seen { byte } else { 0 };
        let four = [keep(a, a_seen), keep(b, b_seen), keep(c, c_seen), d];
        self.bits.has(u32::from_le_bytes(four))
    }
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
