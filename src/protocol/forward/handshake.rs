//! The shared-key handshake: HELO, PING, PONG, from both sides, with users and their passwords where an end
//! asks for them (Fluentd, "Forward Protocol Specification v1", "Handshake Messages").

use sha2::{Digest as _, Sha512};

use super::msgpack::{Reader, Token, write_array, write_bin, write_map, write_str};
use crate::settings::{SharedKey, User};

/// What scrubd calls itself to its peers.
const HOST: &[u8] = b"scrubd";
/// Longest text of a peer's that is looked at.
const TEXT_BYTES_MAX: usize = 1024;

fn digest(salt: &[u8], host: &[u8], nonce: &[u8], key: &SharedKey) -> String {
    let hash = Sha512::new()
        .chain_update(salt)
        .chain_update(host)
        .chain_update(nonce)
        .chain_update(key.bytes());
    hex(&hash.finalize())
}

/// What shows a user's password.
fn password_digest(salt: &[u8], user: &User) -> String {
    let hash = Sha512::new()
        .chain_update(salt)
        .chain_update(user.name())
        .chain_update(user.password());
    hex(&hash.finalize())
}

/// As the handshake writes bytes in texts.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    let differ = a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b));
    a.len() == b.len() && differ == 0
}

fn text<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    match reader.token().ok()? {
        Token::Str(text) | Token::Bin(text) if text.len() <= TEXT_BYTES_MAX => Some(text),
        _ => None,
    }
}

/// Server: what is asked for. A nonce of one connection salts passwords too.
pub fn helo(nonce: &[u8], key: &SharedKey, out: &mut Vec<u8>) {
    let auth: &[u8] = if key.users().is_empty() { b"" } else { nonce };
    write_array(2, out);
    write_str(b"HELO", out);
    write_map(3, out);
    write_str(b"nonce", out);
    write_bin(nonce, out);
    write_str(b"auth", out);
    write_bin(auth, out);
    write_str(b"keepalive", out);
    out.push(0xC3);
}

/// Server: whether a PING has the key and, where users are asked for, one's password; the PONG is in `out`. `None`
/// where it is no PING.
#[must_use]
pub fn check_ping(
    message: &[u8],
    nonce: &[u8],
    key: &SharedKey,
    out: &mut Vec<u8>,
) -> Option<bool> {
    let mut reader = Reader::new(message);
    if reader.token() != Ok(Token::Array(6)) || text(&mut reader)? != b"PING" {
        return None;
    }
    let (host, salt, theirs) = (text(&mut reader)?, text(&mut reader)?, text(&mut reader)?);
    let (name, password) = (text(&mut reader)?, text(&mut reader)?);
    let has_key = same(theirs, digest(salt, host, nonce, key).as_bytes());
    // All of them are tried, so that the time does not tell which names there are.
    let has_password = key
        .users()
        .iter()
        .fold(key.users().is_empty(), |any, user| {
            let digest = password_digest(nonce, user);
            any | (same(name, user.name()) & same(password, digest.as_bytes()))
        });
    let right = has_key && has_password;
    let why: &[u8] = match (has_key, has_password) {
        (true, true) => b"",
        (true, false) => b"username/password mismatch",
        (false, _) => b"shared_key mismatch",
    };
    write_array(5, out);
    write_str(b"PONG", out);
    out.push(if right { 0xC3 } else { 0xC2 });
    write_str(why, out);
    write_str(if right { HOST } else { b"" }, out);
    let own = digest(salt, HOST, nonce, key);
    write_str(if right { own.as_bytes() } else { b"" }, out);
    Some(right)
}

/// What a HELO asks for.
#[derive(Debug, Default)]
pub struct Helo {
    /// Goes into the digest of the key.
    pub nonce: Vec<u8>,
    /// Goes into that of a password; empty where no user is asked for.
    pub auth: Vec<u8>,
}

/// Client: what a HELO says. `None` where it is none.
#[must_use]
pub fn read_helo(message: &[u8]) -> Option<Helo> {
    let mut reader = Reader::new(message);
    if reader.token() != Ok(Token::Array(2)) || text(&mut reader)? != b"HELO" {
        return None;
    }
    let Ok(Token::Map(count)) = reader.token() else {
        return None;
    };
    let mut helo = Helo::default();
    for _ in 0..count {
        let key = text(&mut reader)?;
        let mut value = Reader::new(reader.value().ok()?);
        match key {
            b"nonce" => helo.nonce = text(&mut value)?.to_vec(),
            b"auth" => helo.auth = text(&mut value)?.to_vec(),
            _ => {}
        }
    }
    Some(helo)
}

/// Client: the answer to a HELO. `None` where that asks for a user and there is none.
#[must_use]
pub fn ping(salt: &[u8], helo: &Helo, key: &SharedKey, out: &mut Vec<u8>) -> Option<()> {
    let (name, password) = if helo.auth.is_empty() {
        (&b""[..], String::new())
    } else {
        let user = key.users().first()?;
        (user.name(), password_digest(&helo.auth, user))
    };
    write_array(6, out);
    write_str(b"PING", out);
    write_str(HOST, out);
    write_str(salt, out);
    write_str(digest(salt, HOST, &helo.nonce, key).as_bytes(), out);
    write_str(name, out);
    write_str(password.as_bytes(), out);
    Some(())
}

/// Client: whether a PONG lets it in, and the server has the key too.
#[must_use]
pub fn check_pong(message: &[u8], salt: &[u8], nonce: &[u8], key: &SharedKey) -> bool {
    let mut reader = Reader::new(message);
    let mut read = || {
        if reader.token() != Ok(Token::Array(5)) || text(&mut reader)? != b"PONG" {
            return None;
        }
        let let_in = reader.token() == Ok(Token::Bool(true));
        let (_reason, host, theirs) = (text(&mut reader)?, text(&mut reader)?, text(&mut reader)?);
        Some(let_in && same(theirs, digest(salt, host, nonce, key).as_bytes()))
    };
    read().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the server lets in who answers its greeting, and the client finds its server.
    fn agree(server: &SharedKey, client: &SharedKey) -> (bool, bool) {
        let mut greeting = Vec::new();
        helo(b"\xFFnonce", server, &mut greeting);
        let helo = read_helo(&greeting).unwrap();
        assert_eq!(helo.nonce, b"\xFFnonce");
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        ping(b"salt", &helo, client, &mut request).unwrap();
        let let_in = check_ping(&request, &helo.nonce, server, &mut answer).unwrap();
        (let_in, check_pong(&answer, b"salt", &helo.nonce, client))
    }

    #[test]
    fn both_sides_agree_on_one_key_only() {
        let (one, other) = (SharedKey::new("secret"), SharedKey::new("guess"));
        assert_eq!(agree(&one, &one), (true, true));
        assert_eq!(agree(&one, &other), (false, false));
        assert_eq!(check_ping(b"\x93\x01", b"", &one, &mut Vec::new()), None);
        assert!(!check_pong(b"\x95\xA4PONG\xC3", b"", b"", &one));
    }

    #[test]
    fn who_asks_for_users_gets_one_with_the_right_password() {
        let key = |users: &[(&str, &str)]| {
            let users = users
                .iter()
                .map(|(name, password)| User::new(name, password));
            SharedKey::new("secret").with_users(users.collect())
        };
        let server = key(&[("ada", "one"), ("bob", "two")]);
        for (name, password, right) in [
            ("ada", "one", true),
            ("bob", "two", true),
            ("ada", "two", false),
            ("eve", "one", false),
            ("", "", false),
        ] {
            assert_eq!(
                agree(&server, &key(&[(name, password)])),
                (right, right),
                "{name} {password}"
            );
        }
        // A user that nobody asked for stays at home.
        assert_eq!(agree(&key(&[]), &key(&[("ada", "one")])), (true, true));
        let (mut greeting, mut request) = (Vec::new(), Vec::new());
        helo(b"nonce", &server, &mut greeting);
        let helo = read_helo(&greeting).unwrap();
        assert_eq!(ping(b"salt", &helo, &key(&[]), &mut request), None);
    }
}
