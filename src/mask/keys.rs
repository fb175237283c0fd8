//! The key ring: secrets with ids, the last of them in force. `Debug` shows none of it and its memory is
//! wiped when it goes.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Secrets of pseudonyms, oldest first. The last makes new pseudonyms, the others only read old ones:
/// a rotation adds a line, and a line taken out ends what it made.
#[derive(Clone)]
pub struct Keys {
    older: Vec<Key>,
    active: Key,
}

/// One secret with its id.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: String,
    secret: Zeroizing<Vec<u8>>,
}

/// Shortest secret that is taken, in bytes.
const SECRET_BYTES_MIN: usize = 16;

impl Keys {
    /// One secret, under the id `a`.
    #[must_use]
    pub fn single(secret: Vec<u8>) -> Self {
        Self {
            older: Vec::new(),
            active: Key {
                id: "a".to_owned(),
                secret: Zeroizing::new(secret),
            },
        }
    }

    /// A key file: one `id secret` a line, or a secret alone (id `a`); `#` starts a comment.
    ///
    /// # Errors
    /// The line (from 1) and what is wrong with it; never the secret.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut keys: Vec<Key> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, secret) = line
                .split_once(char::is_whitespace)
                .map_or(("a", line), |(id, secret)| (id, secret.trim()));
            if !(1..=8).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_lowercase()) {
                return Err((number, "a key's id is one to eight letters a-z".to_owned()));
            }
            if keys.iter().any(|key| key.id == id) {
                return Err((number, format!("there are two keys with the id `{id}`")));
            }
            if secret.len() < SECRET_BYTES_MIN {
                return Err((
                    number,
                    format!(
                        "the secret of key `{id}` is shorter than {SECRET_BYTES_MIN} bytes; make one with `openssl rand -hex 32`"
                    ),
                ));
            }
            keys.push(Key {
                id: id.to_owned(),
                secret: Zeroizing::new(secret.as_bytes().to_vec()),
            });
        }
        let active = keys.pop().ok_or((1, "there is no key in it".to_owned()))?;
        Ok(Self {
            older: keys,
            active,
        })
    }

    pub(super) fn active(&self) -> &Key {
        &self.active
    }

    /// All of them, the one in force first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.active).chain(self.older.iter().rev())
    }

    /// Ids, the one in force first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| key.id.as_str())
    }
}

impl Key {
    /// A subkey for one purpose (HMAC-SHA-256 in counter mode, NIST SP 800-108).
    pub(super) fn derive<const N: usize>(&self, purpose: &str) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0u8; N]);
        for (counter, part) in (1u8..).zip(out.chunks_mut(32)) {
            // HMAC takes keys of any length, so this cannot fail; an all-zero subkey is never used.
            let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(&self.secret) else {
                continue;
            };
            hmac.update(&[counter]);
            hmac.update(b"scrubd ");
            hmac.update(purpose.as_bytes());
            for (to, from) in part.iter_mut().zip(hmac.finalize().into_bytes()) {
                *to = from;
            }
        }
        out
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that is not wiped does not compile here.
    #[test]
    fn what_holds_a_key_is_wiped_when_it_goes() {
        const fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Zeroizing<Vec<u8>>>();
        wiped::<Zeroizing<[u8; 64]>>();
        // Its two states are, which is all that it drops.
        assert!(std::mem::needs_drop::<Hmac<Sha256>>());
        wiped::<aes::Aes128>();
        wiped::<aes::Aes256>();
        wiped::<aes_siv::siv::Aes256Siv>();
        // The types of what a key is kept in and of what is made of it.
        let keys = Keys::single(b"0123456789abcdef".to_vec());
        let _: &Zeroizing<Vec<u8>> = &keys.active().secret;
        let _: Zeroizing<[u8; 32]> = keys.active().derive("x");
    }

    #[test]
    fn nothing_of_a_key_is_printed() {
        let keys =
            Keys::parse("old 0123456789abcdef0123456789abcdef\nnew fedcba9876543210").unwrap();
        let masker = crate::mask::Masker::new(&keys, true);
        for printed in [
            format!("{keys:?}"),
            format!("{masker:?}"),
            format!("{keys:#?}"),
        ] {
            assert!(
                !printed.contains("0123") && !printed.contains("9876"),
                "{printed}"
            );
        }
        let wrong = Keys::parse("a fedcba98\n").unwrap_err().1;
        assert!(!wrong.contains("fedcba98"), "{wrong}");
        let wrong = Keys::parse("fedcba98 fedcba9876543210\n").unwrap_err().1;
        assert!(!wrong.contains("fedcba98"), "{wrong}");
    }

    #[test]
    fn key_files() {
        let keys = Keys::parse(
            "# made today\nold 0123456789abcdef0123456789abcdef\nnew fedcba9876543210fedcba9876543210\n",
        )
        .unwrap();
        assert_eq!(keys.ids().collect::<Vec<_>>(), ["new", "old"]);
        assert_ne!(
            keys.active().derive::<64>("x")[..],
            keys.all().nth(1).unwrap().derive::<64>("x")[..]
        );
        assert_eq!(format!("{keys:?}"), "Keys(…)");
        assert_eq!(Keys::parse("").unwrap_err().0, 1);
        let wrong = Keys::parse("a 0123456789abcdef\nb short\n").unwrap_err();
        assert_eq!(wrong.0, 2);
        assert!(!wrong.1.contains("short;"), "{}", wrong.1);
        assert!(Keys::parse("a 0123456789abcdef\na 0123456789abcdef\n").is_err());
        assert!(Keys::parse("A1 0123456789abcdef\n").is_err());
    }
}
