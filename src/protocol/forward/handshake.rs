//! The shared-key handshake: HELO, PING, PONG, from both sides (Fluentd, "Forward Protocol Specification
//! v1", "Handshake Messages"). Users and passwords are not spoken.

use sha2::{Digest as _, Sha512};

use super::msgpack::{Reader, Token, write_array, write_bin, write_map, write_str};
use crate::settings::SharedKey;

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

/// Server: who it is that may come in.
pub fn helo(nonce: &[u8], out: &mut Vec<u8>) {
    write_array(2, out);
    write_str(b"HELO", out);
    write_map(3, out);
    write_str(b"nonce", out);
    write_bin(nonce, out);
    write_str(b"auth", out);
    write_str(b"", out);
    write_str(b"keepalive", out);
    out.push(0xC3);
}

/// Server: whether a PING has the key; the PONG is in `out`. `None` where it is no PING.
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
    let right = same(theirs, digest(salt, host, nonce, key).as_bytes());
    write_array(5, out);
    write_str(b"PONG", out);
    out.push(if right { 0xC3 } else { 0xC2 });
    write_str(if right { b"" } else { b"shared_key mismatch" }, out);
    write_str(if right { HOST } else { b"" }, out);
    let own = digest(salt, HOST, nonce, key);
    write_str(if right { own.as_bytes() } else { b"" }, out);
    Some(right)
}

/// Client: the nonce of a HELO. `None` where it is none, or asks for a user.
#[must_use]
pub fn read_helo(message: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(message);
    if reader.token() != Ok(Token::Array(2)) || text(&mut reader)? != b"HELO" {
        return None;
    }
    let Ok(Token::Map(count)) = reader.token() else {
        return None;
    };
    let mut nonce = Vec::new();
    for _ in 0..count {
        let key = text(&mut reader)?;
        let mut value = Reader::new(reader.value().ok()?);
        match key {
            b"nonce" => nonce = text(&mut value)?.to_vec(),
            b"auth" if !text(&mut value)?.is_empty() => return None,
            _ => {}
        }
    }
    Some(nonce)
}

/// Client: the answer to a HELO.
pub fn ping(salt: &[u8], nonce: &[u8], key: &SharedKey, out: &mut Vec<u8>) {
    write_array(6, out);
    write_str(b"PING", out);
    write_str(HOST, out);
    write_str(salt, out);
    write_str(digest(salt, HOST, nonce, key).as_bytes(), out);
    write_str(b"", out);
    write_str(b"", out);
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

    #[test]
    fn both_sides_agree_on_one_key_only() {
        let (one, other) = (SharedKey::new("secret"), SharedKey::new("guess"));
        for (server, client, right) in [(&one, &one, true), (&one, &other, false)] {
            let mut greeting = Vec::new();
            helo(b"\xFFnonce", &mut greeting);
            let nonce = read_helo(&greeting).unwrap();
            assert_eq!(nonce, b"\xFFnonce");
            let (mut request, mut answer) = (Vec::new(), Vec::new());
            ping(b"salt", &nonce, client, &mut request);
            assert_eq!(
                check_ping(&request, &nonce, server, &mut answer),
                Some(right)
            );
            assert_eq!(check_pong(&answer, b"salt", &nonce, client), right);
        }
        assert_eq!(check_ping(b"\x93\x01", b"", &one, &mut Vec::new()), None);
        assert!(!check_pong(b"\x95\xA4PONG\xC3", b"", b"", &one));
    }
}
