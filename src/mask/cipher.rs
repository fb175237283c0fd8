//! Reversible pseudonyms: tokens (AES-SIV, RFC 5297) and format-preserving ones (ipcrypt-pfx, Crypto-PAn,
//! FF1 of NIST SP 800-38G).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_siv::siv::Aes256Siv;
use fpe::ff1::{FF1, FlexibleNumeralString};
use ipcrypt_rs::IpcryptPfx;
use zeroize::Zeroizing;

use super::keys::Key;
use crate::class::{CLASSES, Class};
use crate::format::bytes::luhn;

/// Characters of a token, five bits each: letters only, so that no rule sees a number in it.
pub(super) const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyzGHJKLM";
/// Between a token's label and its key id.
const MARK: &[u8] = b"-enc-";
/// The same in hex digits.
pub(super) const HEX_MARK: &[u8] = b"2D656E632D";
/// Fewest digits or hex digits that FF1 takes: a domain of a million (SP 800-38G rev. 1).
const FF1_MIN: usize = 6;

/// The ciphers of one key.
pub(super) struct Cipher {
    pub(super) id: String,
    siv: Zeroizing<[u8; 64]>,
    pfx: IpcryptPfx,
    pan: CryptoPan,
    decimal: Option<FF1<Aes256>>,
    hex: Option<FF1<Aes256>>,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    There,
    Back,
}

impl Cipher {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            id: key.id.clone(),
            siv: key.derive("aes-siv"),
            pfx: IpcryptPfx::new(*key.derive::<32>("ipcrypt-pfx")),
            pan: CryptoPan::new(&key.derive("crypto-pan")),
            decimal: FF1::new(&*key.derive::<32>("ff1 decimal"), 10).ok(),
            hex: FF1::new(&*key.derive::<32>("ff1 hex"), 16).ok(),
        }
    }

    /// `ip-enc-a-…`: the value inside is authenticated together with its class.
    pub(super) fn token(&self, class: Class, value: &[u8]) -> Option<Vec<u8>> {
        let sealed = Aes256Siv::new_from_slice(&*self.siv)
            .ok()?
            .encrypt([class.id().as_bytes()], value)
            .ok()?;
        let mut token = class.info().tag.to_ascii_lowercase().into_bytes();
        token.extend_from_slice(MARK);
        token.extend_from_slice(self.id.as_bytes());
        token.push(b'-');
        let mut bits = 0u32;
        let mut held = 0u32;
        for byte in sealed.iter().copied() {
            bits = bits << 8 | u32::from(byte);
            held = held.saturating_add(8);
            while held >= 5 {
                held = held.saturating_sub(5);
                token.push(letter(bits >> held));
            }
        }
        if held > 0 {
            token.push(letter(bits << 5u32.saturating_sub(held)));
        }
        Some(token)
    }

    /// The value in `text`, if it is a token made with this key.
    pub(super) fn open(&self, text: &[u8]) -> Option<(Class, Vec<u8>)> {
        let mark = memchr::memmem::find(text, MARK)?;
        let (tag, rest) = text.split_at_checked(mark)?;
        let class = Class::all()
            .find(|class| class.info().tag.as_bytes().eq_ignore_ascii_case(tag))
            .filter(|_| !tag.iter().any(u8::is_ascii_uppercase))?;
        let letters = rest
            .get(MARK.len()..)?
            .strip_prefix(self.id.as_bytes())?
            .strip_prefix(b"-")?;
        let (mut bits, mut held) = (0u32, 0u32);
        let mut sealed = Vec::with_capacity(letters.len());
        for letter in letters {
            let value = ALPHABET.iter().position(|b| b == letter)?;
            bits = bits << 5 | u32::try_from(value).ok()?;
            held = held.saturating_add(5);
            if held >= 8 {
                held = held.saturating_sub(8);
                sealed.push((bits >> held).to_le_bytes()[0]);
            }
        }
        let value = Aes256Siv::new_from_slice(&*self.siv)
            .ok()?
            .decrypt([class.id().as_bytes()], &sealed)
            .ok()?;
        Some((class, value))
    }

    /// An address for an address, prefixes kept.
    pub(super) fn address(&self, ip: IpAddr, pan: bool, way: Way) -> IpAddr {
        match (pan, way) {
            (true, _) => self.pan.address(ip, way),
            (false, Way::There) => self.pfx.encrypt_ipaddr(ip),
            (false, Way::Back) => self.pfx.decrypt_ipaddr(ip),
        }
    }

    /// Digits for digits, in place; whether the first is a zero and whether all pass Luhn stays.
    /// `None` where there are too few.
    pub(super) fn digits(&self, digits: &mut [u8], way: Way) -> Option<()> {
        let ff1 = self.decimal.as_ref()?;
        let zero = digits.first() == Some(&b'0');
        let card = digits.len() > FF1_MIN && luhn(digits);
        let body_len = digits.len().saturating_sub(usize::from(card));
        let mut body = digits.get(..body_len)?.to_vec();
        // Cycle walking: a permutation of the whole is one of each part.
        loop {
            permute(ff1, &mut body, 10, way)?;
            let mut whole = body.clone();
            if card {
                whole.push(b'0');
                let check = (b'0'..=b'9').find(|c| {
                    if let Some(last) = whole.last_mut() {
                        *last = *c;
                    }
                    luhn(&whole)
                });
                check?;
            }
            if (whole.first() == Some(&b'0')) == zero
                && (whole.len() > FF1_MIN && luhn(&whole)) == card
            {
                digits.copy_from_slice(&whole);
                return Some(());
            }
        }
    }

    /// Hex digits (lower case) for hex digits, in place. `None` where there are too few.
    pub(super) fn hex(&self, digits: &mut [u8], way: Way) -> Option<()> {
        permute(self.hex.as_ref()?, digits, 16, way)
    }
}

fn letter(bits: u32) -> u8 {
    ALPHABET.get((bits & 31) as usize).copied().unwrap_or(b'a')
}

fn permute(ff1: &FF1<Aes256>, text: &mut [u8], radix: u32, way: Way) -> Option<()> {
    if text.len() < FF1_MIN {
        return None;
    }
    let numerals: Option<Vec<u16>> = text
        .iter()
        .map(|b| {
            (*b as char)
                .to_digit(radix)
                .and_then(|n| u16::try_from(n).ok())
        })
        .collect();
    let string = FlexibleNumeralString::from(numerals?);
    let done = match way {
        Way::There => ff1.encrypt(&[], &string),
        Way::Back => ff1.decrypt(&[], &string),
    }
    .ok()?;
    for (to, from) in text.iter_mut().zip(Vec::<u16>::from(done)) {
        *to = u8::try_from(char::from_digit(u32::from(from), radix)?).ok()?;
    }
    Some(())
}

/// Crypto-PAn (Xu, Fan, Ammar, Moon 2002): for those who join with older data.
pub(super) struct CryptoPan {
    aes: aes::Aes128,
    pad: Zeroizing<[u8; 16]>,
}

impl CryptoPan {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let (secret, pad) = key.split_at(16);
        let mut block = aes::cipher::Array::from(<[u8; 16]>::try_from(pad).unwrap_or_default());
        let aes = aes::Aes128::new(&aes::cipher::Array::from(
            <[u8; 16]>::try_from(secret).unwrap_or_default(),
        ));
        aes.encrypt_block(&mut block);
        Self {
            aes,
            pad: Zeroizing::new(block.into()),
        }
    }

    /// One bit of the cipher's answer for a prefix, for each bit of the address.
    fn bits(&self, value: u128, width: u32, way: Way) -> u128 {
        let pad = u128::from_be_bytes(*self.pad);
        let align = 128u32.saturating_sub(width);
        let (mut original, mut other) = (0u128, 0u128);
        for bit in 0..width {
            let known = match way {
                Way::There => value,
                Way::Back => original,
            };
            let mask = u128::MAX
                .checked_shl(128u32.saturating_sub(bit))
                .unwrap_or(0);
            let input = (known << align) & mask | pad & !mask;
            let mut block = aes::cipher::Array::from(input.to_be_bytes());
            self.aes.encrypt_block(&mut block);
            let flip = u128::from(block.first().copied().unwrap_or(0) >> 7);
            let place = width.saturating_sub(1).saturating_sub(bit);
            let here = (value >> place & 1) ^ flip;
            other |= here << place;
            original |= here << place;
        }
        match way {
            Way::There => other,
            Way::Back => original,
        }
    }

    pub(super) fn address(&self, ip: IpAddr, way: Way) -> IpAddr {
        match ip {
            IpAddr::V4(v4) => {
                let bits = self.bits(u128::from(v4.to_bits()), 32, way);
                Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or_default()).into()
            }
            IpAddr::V6(v6) => Ipv6Addr::from_bits(self.bits(v6.to_bits(), 128, way)).into(),
        }
    }
}

fn tags() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|class| class.tag)
}

/// Where tokens stand in `line`, whoever made them.
pub(super) fn tokens(line: &[u8]) -> Vec<(usize, usize)> {
    memchr::memmem::find_iter(line, MARK)
        .filter_map(|mark| {
            let head = line.get(..mark)?;
            let start = tags()
                .filter(|tag| {
                    head.len() >= tag.len()
                        && head
                            .get(head.len().saturating_sub(tag.len())..)
                            .is_some_and(|end| end.eq_ignore_ascii_case(tag.as_bytes()))
                })
                .map(|tag| mark.saturating_sub(tag.len()))
                .min()?;
            let after = mark.saturating_add(MARK.len());
            let id = line.get(after..)?.iter().position(|b| *b == b'-')?;
            let letters = after.saturating_add(id).saturating_add(1);
            let end = letters.saturating_add(
                line.get(letters..)?
                    .iter()
                    .take_while(|b| ALPHABET.contains(b))
                    .count(),
            );
            Some((start, end))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::keys::Keys;

    fn cipher() -> Cipher {
        Cipher::new(Keys::single(b"0123456789abcdef".to_vec()).active())
    }

    fn key(text: &str) -> [u8; 32] {
        let number = |half: &str| u128::from_str_radix(half, 16).unwrap().to_be_bytes();
        let (a, b) = text.split_at(32);
        [number(a), number(b)].concat().try_into().unwrap()
    }

    #[test]
    fn tokens_open_with_their_key_only() {
        let token = cipher()
            .token(Class::ANDROID_ID, b"9774d56d682e549c")
            .unwrap();
        assert!(token.starts_with(b"android-id-enc-a-"));
        assert_eq!(
            cipher().open(&token),
            Some((Class::ANDROID_ID, b"9774d56d682e549c".to_vec()))
        );
        let other = Cipher::new(Keys::single(b"0123456789abcdeF".to_vec()).active());
        assert_eq!(other.open(&token), None);
        let mut bent = token.clone();
        let middle = bent.len() - 5;
        bent[middle] = if bent[middle] == b'b' { b'c' } else { b'b' };
        assert_eq!(cipher().open(&bent), None);
        let line = [b"x=", &token[..], b" y"].concat();
        assert_eq!(tokens(&line), [(2, 2 + token.len())]);
    }

    #[test]
    fn the_mark_in_hex_is_the_mark() {
        assert_eq!(crate::format::hex::encode(MARK), HEX_MARK);
    }

    #[test]
    fn digits_stay_digits() {
        for text in [
            "490154203237518",
            "4111111111111111",
            "460001234567890",
            "0123456",
            "123456",
        ] {
            let mut digits = text.as_bytes().to_vec();
            cipher().digits(&mut digits, Way::There).unwrap();
            assert_ne!(digits, text.as_bytes());
            assert_eq!(digits[0] == b'0', text.starts_with('0'), "{text}");
            if text.len() > 6 {
                assert_eq!(luhn(&digits), luhn(text.as_bytes()), "{text}");
            }
            cipher().digits(&mut digits, Way::Back).unwrap();
            assert_eq!(digits, text.as_bytes());
        }
        assert_eq!(cipher().digits(&mut b"12345".to_vec(), Way::There), None);
    }

    /// The trace of the reference implementation's distribution.
    #[test]
    fn crypto_pan_as_published() {
        let pan = CryptoPan::new(&key(
            "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202",
        ));
        for (plain, hidden) in [
            ("128.11.68.132", "135.242.180.132"),
            ("129.118.74.4", "134.136.186.123"),
            ("130.132.252.244", "133.68.164.234"),
        ] {
            let (plain, hidden): (IpAddr, IpAddr) =
                (plain.parse().unwrap(), hidden.parse().unwrap());
            assert_eq!(pan.address(plain, Way::There), hidden);
            assert_eq!(pan.address(hidden, Way::Back), plain);
        }
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(pan.address(pan.address(v6, Way::There), Way::Back), v6);
    }

    /// Test vectors of draft-denis-ipcrypt.
    #[test]
    fn ipcrypt_pfx_as_published() {
        let one = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
        let two = "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";
        for (secret, plain, hidden) in [
            (one, "0.0.0.0", "151.82.155.134"),
            (one, "192.0.2.1", "100.115.72.131"),
            (one, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"),
            (two, "10.0.0.47", "19.214.210.244"),
            (two, "172.16.5.193", "210.78.229.136"),
        ] {
            let mut cipher = cipher();
            cipher.pfx = IpcryptPfx::new(key(secret));
            let (plain, hidden): (IpAddr, IpAddr) =
                (plain.parse().unwrap(), hidden.parse().unwrap());
            assert_eq!(cipher.address(plain, false, Way::There), hidden);
            assert_eq!(cipher.address(hidden, false, Way::Back), plain);
        }
    }

    /// A file of published vectors, where the directory of them stands beside the repository.
    #[allow(clippy::print_stderr, reason = "a test that does not run says so")]
    fn vectors(name: &str) -> Option<serde_json::Value> {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/vectors")
            .join(name);
        let text = std::fs::read_to_string(&file);
        let text = text.map_err(|why| eprintln!("{}: {why}: not compared", file.display()));
        text.ok().map(|text| serde_json::from_str(&text).unwrap())
    }

    fn there_and_back(of: impl Fn(IpAddr, Way) -> IpAddr, plain: &str, hidden: &str) {
        let (plain, hidden): (IpAddr, IpAddr) = (plain.parse().unwrap(), hidden.parse().unwrap());
        assert_eq!(of(plain, Way::There), hidden, "{plain}");
        assert_eq!(of(hidden, Way::Back), plain, "{hidden}");
    }

    #[test]
    fn crypto_pan_holds_for_every_vector() {
        let Some(file) = vectors("cryptopan.json") else {
            return;
        };
        let mut seen = 0;
        for set in file["sets"].as_array().unwrap() {
            let pan = CryptoPan::new(&key(set["key_hex"].as_str().unwrap()));
            for pair in set["pairs"].as_array().unwrap() {
                let [plain, hidden] = [0, 1].map(|i| pair[i].as_str().unwrap());
                there_and_back(|ip, way| pan.address(ip, way), plain, hidden);
                seen += 1;
            }
        }
        assert!(seen >= 100, "{seen}");
    }

    #[test]
    fn ipcrypt_pfx_holds_for_every_vector() {
        let Some(file) = vectors("ipcrypt.json") else {
            return;
        };
        let rows = file.as_array().unwrap().iter();
        let rows: Vec<_> = rows.filter(|row| row["variant"] == "ipcrypt-pfx").collect();
        assert!(rows.len() >= 10, "{}", rows.len());
        for row in rows {
            let [secret, plain, hidden] =
                ["key", "ip", "encrypted_ip"].map(|field| row[field].as_str().unwrap());
            let mut cipher = cipher();
            cipher.pfx = IpcryptPfx::new(key(secret));
            there_and_back(|ip, way| cipher.address(ip, false, way), plain, hidden);
        }
    }

    #[test]
    fn prefixes_are_kept() {
        for pan in [false, true] {
            let of = |text: &str| cipher().address(text.parse().unwrap(), pan, Way::There);
            let (IpAddr::V4(a), IpAddr::V4(b)) = (of("10.1.2.3"), of("10.1.2.200")) else {
                panic!("a v4 address stays one")
            };
            assert_eq!(a.octets()[..3], b.octets()[..3]);
            assert_ne!(a, b);
            assert_eq!(
                cipher().address(a.into(), pan, Way::Back).to_string(),
                "10.1.2.3"
            );
        }
    }
}
