//! Addresses of cryptocurrencies, by their checksums.

use sha2::{Digest as _, Sha256};

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{alnums_end, byte, is_digit, is_end, is_word, skip, word_before};
use crate::record::Span;

const ID: &str = "wallet";

/// Longest address: bech32 (BIP 173).
const ADDRESS_BYTES_MAX: usize = 90;

/// Shortest: bech32 without data but its checksum.
const WORD_BYTES_MIN: usize = 14;

/// Bitcoin addresses: Base58Check where a word announces them or the record is nothing else, Bech32 anywhere.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::TRANSACTION],
    anchors: &[Anchor::Literal, Anchor::End],
    literals: &["bc1q", "bc1p", "wallet", "itcoin"],
    source: "BIP 13 and the Base58Check encoding; BIP 173, BIP 350 (Bech32, Bech32m); EIP-55 (form only)",
    confirm,
    finds: &[
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT;0.5",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT|paid",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT\tpaid in full",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT.",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "wallet address: 1BoatSLRHtKNngkdXEeobR76b53LETtpyT ok",
        "pay bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 now",
        "wallet 0x52908400098527886E0F7030069857D2E4169EE7",
    ],
    leaves: &[
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyU",
        "wallet of 1BoatSLRHtKNngkdXEeobR76b53LETtpyTT",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "key 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if let Some(literal) = cx.literal(at, DETECTOR.literals) {
        let start = at.saturating_sub(literal.len());
        if literal.starts_with("bc1") {
            return take(cx, start);
        }
        // `wallet address is: X`: the first long word behind.
        let mut from = at;
        for _ in 0..5 {
            let end = skip(hay, from, ADDRESS_BYTES_MAX, |b| b.is_ascii_alphanumeric());
            if end.saturating_sub(from) > 25 {
                return take(cx, from);
            }
            from = skip(hay, end, 5, |b| {
                matches!(b, b' ' | b':' | b'=' | b'"' | b'_' | b'#')
            });
            if from == end {
                break;
            }
        }
    }
    if at > hay.len() || at < hay.len() && !is_end(byte(hay, at)) {
        return;
    }
    let Some(start) = cx.record_start(at, ADDRESS_BYTES_MAX) else {
        return;
    };
    if !(26..=ADDRESS_BYTES_MAX).contains(&at.saturating_sub(start)) {
        return;
    }
    // Nearly every record begins with a shorter word.
    if alnums_end(hay, start, WORD_BYTES_MIN).saturating_sub(start) < WORD_BYTES_MIN {
        return;
    }
    // A column of addresses: every word of the record is one.
    let mut from = start;
    while from < at {
        let end = skip(hay, from, ADDRESS_BYTES_MAX, |b| b.is_ascii_alphanumeric());
        if !is_address(Span::new(from, end).of(hay)) {
            return;
        }
        from = skip(hay, end, 3, |b| matches!(b, b' ' | b',' | b'\r'));
        if from == end {
            break;
        }
    }
    from = start;
    while from < at {
        let end = skip(hay, from, ADDRESS_BYTES_MAX, |b| b.is_ascii_alphanumeric());
        if end == from {
            break;
        }
        take(cx, from);
        from = skip(hay, end, 3, |b| matches!(b, b' ' | b',' | b'\r'));
    }
}

fn take(cx: &mut Cx<'_>, start: usize) {
    let hay = cx.hay();
    let end = skip(hay, start, ADDRESS_BYTES_MAX.saturating_add(1), is_word);
    let span = Span::new(start, end);
    if word_before(hay, start) || !is_address(span.of(hay)) {
        return cx.reject(span, Class::TRANSACTION, ID, "the checksum does not hold");
    }
    cx.text(span, Class::TRANSACTION, ID, "an address by its checksum");
}

fn is_address(text: &[u8]) -> bool {
    match text.first() {
        Some(b'1' | b'3') => base58(text),
        Some(b'b' | b'B') => bech32(text),
        Some(b'0') => {
            text.len() == 42
                && text.get(1) == Some(&b'x')
                && text.iter().skip(2).all(u8::is_ascii_hexdigit)
        }
        _ => false,
    }
}

/// Version, 20 bytes, and four bytes of a double SHA-256 over both.
fn base58(text: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    if !(26..=35).contains(&text.len()) {
        return false;
    }
    let mut bytes = [0u8; 25];
    for b in text {
        let Some(digit) = ALPHABET.iter().position(|a| a == b) else {
            return false;
        };
        let mut carry = u32::try_from(digit).unwrap_or(0);
        for byte in bytes.iter_mut().rev() {
            carry = carry.saturating_add(u32::from(*byte).saturating_mul(58));
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let Some((body, check)) = bytes.split_at_checked(21) else {
        return false;
    };
    Sha256::digest(Sha256::digest(body)).starts_with(check)
}

/// `bc1`, then five-bit characters whose checksum is 1, or Bech32m's constant.
fn bech32(text: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    if !(14..=ADDRESS_BYTES_MAX).contains(&text.len()) || text.iter().all(|b| is_digit(*b)) {
        return false;
    }
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let mut sum = (sum & 0x01ff_ffff) << 5 ^ value;
        for (i, generator) in GENERATOR.iter().enumerate() {
            if top >> i & 1 == 1 {
                sum ^= generator;
            }
        }
        sum
    };
    // The human-readable part `bc`, expanded.
    let mut sum = [3u32, 3, 0, 2, 3].into_iter().fold(1, step);
    for b in text.iter().skip(3) {
        let Some(value) = ALPHABET.iter().position(|a| *a == b.to_ascii_lowercase()) else {
            return false;
        };
        sum = step(sum, u32::try_from(value).unwrap_or(0));
    }
    matches!(sum, 1 | 0x2bc8_30a3)
}
