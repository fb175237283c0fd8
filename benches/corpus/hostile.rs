//! Lines that ask a scanner's dearest question at every byte. Each is 16 KiB, or it would be the line
//! feeds that set the pace.

use std::io::Write as _;

use super::Rng;
use super::values::{USERS, WORDS};

const LINE_BYTES: usize = 16 * 1024;

fn line(out: &mut Vec<u8>, mut more: impl FnMut(&mut Vec<u8>)) {
    let start = out.len();
    while out.len() - start < LINE_BYTES - 1 {
        more(out);
    }
    out.truncate(start + LINE_BYTES - 1);
    out.push(b'\n');
}

/// Nothing but digits.
pub fn digits(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| {
        let _ = write!(out, "{:019}", rng.below(10_000_000_000_000_000_000));
    });
}

/// Nothing but `@`, and words between some of them.
pub fn ats(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| match rng.below(4) {
        0 => out.extend_from_slice(b"a@b@c@"),
        _ => out.extend_from_slice(b"@@@@@@@@"),
    });
}

/// Colons, alone and between hex digits: neither MAC nor IPv6 nor key.
pub fn colons(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| match rng.below(4) {
        0 => out.extend_from_slice(b"1:2:3:4:5:6:7:8:9:"),
        1 => out.extend_from_slice(b"ab:cd:ef:"),
        _ => out.extend_from_slice(b":::::::::"),
    });
}

/// Versions and section numbers without end.
pub fn dots(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| {
        let _ = write!(out, "{}.", rng.below(1000));
    });
}

/// JSON inside a string inside a string, never closed.
pub fn quotes(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| match rng.below(3) {
        0 => out.extend_from_slice(br#"{"password":"{\"token\":\"{\\\"secret\\\":\\\""#),
        1 => out.extend_from_slice(br#"\\\\\\\"\\\\\\\""#),
        _ => out.extend_from_slice(br#"""""["user":{"name":""#),
    });
}

/// A sensitive key and no value, again and again.
pub fn keys(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| {
        let key = rng.of(&[
            "password", "user", "imei", "email", "lat", "token", "address", "ip",
        ]);
        let _ = write!(out, "{key}{}", rng.of(&["=", ":", "=&", "\":", "==", ": "]));
    });
}

/// One digit, one letter, one separator away from a finding.
pub fn near_misses(rng: &mut Rng, out: &mut Vec<u8>) {
    line(out, |out| {
        let n = rng.below(256);
        let _ = match rng.below(8) {
            0 => write!(out, "v1.{n}.3.4 "),
            1 => write!(out, "{n}.{n}.{n}.999 "),
            2 => write!(out, "00:00:5e:00:53:{n:02x}:gg "),
            3 => write!(out, "{n:08x}-0000-4000-a000-00000000000g "),
            4 => write!(out, "{}@localhost ", rng.of(USERS)),
            5 => write!(out, "{}::{}::new ", rng.of(WORDS), rng.of(WORDS)),
            6 => write!(out, "35209900{:07} ", rng.below(10_000_000)),
            _ => write!(out, "{}_{}={} ", rng.of(WORDS), rng.of(WORDS), n),
        };
    });
}
