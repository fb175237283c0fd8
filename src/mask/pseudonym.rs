//! Keyed pseudonyms: HMAC-SHA-256 (RFC 2104). A pseudonym carries a check made with the same key, so
//! that a second pass knows it for one and leaves it.

use super::cipher::ALPHABET;
use super::identity::{domain, joined};
use super::keys::Key;
use super::{Scrubbed, Target};
use crate::policy::Typed;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// 80 bits of the value's pseudonym, 30 bits of check.
const VALUE_CHARS: usize = 16;
const CHECK_CHARS: usize = 6;
/// Digits of a number's pseudonym and of its check: 15 in all stay exact in a double.
const VALUE_DIGITS: u32 = 10;
const CHECK_DIGITS: u32 = 5;

pub(super) struct Pseudonyms {
    keyed: Hmac<Sha256>,
}

impl Pseudonyms {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            keyed: Hmac::new(&(*key.derive::<64>("hash")).into()),
        }
    }

    fn digest(&self, domain: &[u8], text: &[u8]) -> [u8; 32] {
        let mut hmac = self.keyed.clone();
        hmac.update(domain);
        hmac.update(b"\0");
        hmac.update(text);
        hmac.finalize().into_bytes().into()
    }

    fn letters<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
        // Sixteen bytes are more than any count of letters takes.
        let mut bits = digest.first_chunk().copied().map_or(0, u128::from_le_bytes);
        std::array::from_fn(|_| {
            let five = (bits & 31).to_le_bytes()[0];
            bits >>= 5;
            let index = five.reverse_bits() >> 3;
            ALPHABET.get(usize::from(index)).copied().unwrap_or(b'a')
        })
    }

    fn digits(digest: &[u8; 32], digits: u32) -> u64 {
        let number = digest
            .iter()
            .take(8)
            .fold(0u64, |n, b| n << 8 | u64::from(*b));
        number
            .checked_rem(10u64.saturating_pow(digits))
            .unwrap_or(0)
    }

    /// What stands behind a number's pseudonym.
    fn check(&self, value: &[u8]) -> [u8; CHECK_DIGITS as usize] {
        decimal(Self::digits(&self.digest(b"check", value), CHECK_DIGITS))
    }

    /// `ip-` and letters, or a number of fifteen digits where a number stood.
    pub(super) fn write(&self, target: Target, hay: &[u8], typed: Typed, out: &mut Scrubbed) {
        let text = target.span.of(hay);
        let digest = self.digest(
            target.class.id().as_bytes(),
            &joined(target.class, hay, target.span),
        );
        if target.number() {
            // The first digit is never zero, which JSON would not parse.
            let span = 9u64.saturating_mul(10u64.saturating_pow(VALUE_DIGITS.saturating_sub(1)));
            let value = Self::digits(&digest, 18)
                .checked_rem(span)
                .unwrap_or(0)
                .saturating_add(span / 9);
            let value: [u8; VALUE_DIGITS as usize] = decimal(value);
            out.kept(&value);
            out.kept(&self.check(&value));
            if text.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
                out.kept(b".0");
            }
            return;
        }
        let letters: [u8; VALUE_CHARS] = Self::letters(&digest);
        for letter in target.class.info().tag.bytes() {
            out.kept(&[letter.to_ascii_lowercase()]);
        }
        out.kept(b"-");
        out.kept(&letters);
        let check: [u8; CHECK_CHARS] = Self::letters(&self.digest(b"check", &letters));
        out.kept(&check);
        if typed.keep_domain
            && target.class == crate::class::Class::EMAIL
            && let Some(domain) = domain(text)
        {
            out.kept(domain);
        }
    }

    /// Whether `text` is a pseudonym made with this key.
    pub(super) fn made(&self, text: &[u8], number: bool) -> bool {
        if number || text.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
            let text = text.strip_suffix(b".0").unwrap_or(text);
            let Some((value, check)) = text.split_at_checked(VALUE_DIGITS as usize) else {
                return false;
            };
            return check.len() == CHECK_DIGITS as usize && self.check(value) == check;
        }
        // A domain may have been kept.
        let text = domain(text)
            .and_then(|domain| text.strip_suffix(domain))
            .unwrap_or(text);
        let Some(dash) = text.iter().rposition(|b| *b == b'-') else {
            return false;
        };
        let Some(letters) = text.get(dash.saturating_add(1)..) else {
            return false;
        };
        let Some((value, check)) = letters.split_at_checked(VALUE_CHARS) else {
            return false;
        };
        check.len() == CHECK_CHARS
            && letters.iter().all(|b| ALPHABET.contains(b))
            && Self::letters::<CHECK_CHARS>(&self.digest(b"check", value)) == check
    }
}

/// A number's last digits.
fn decimal<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b'0'.wrapping_add((number % 10).to_le_bytes()[0]);
        number /= 10;
    }
    digits
}
