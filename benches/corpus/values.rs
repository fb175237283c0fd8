//! The values that records are made of.

use std::fmt;
use std::io::Write as _;

use super::Rng;

pub const WORDS: &[&str] = &[
    "accepted",
    "after",
    "batch",
    "buffer",
    "cache",
    "checkpoint",
    "client",
    "closed",
    "cluster",
    "commit",
    "connection",
    "consumer",
    "deadline",
    "disk",
    "element",
    "evicted",
    "failed",
    "flush",
    "handler",
    "idle",
    "index",
    "latency",
    "leader",
    "lookup",
    "message",
    "migration",
    "node",
    "offset",
    "packet",
    "partition",
    "pending",
    "queue",
    "rebalance",
    "refused",
    "replica",
    "request",
    "response",
    "retry",
    "scheduler",
    "segment",
    "session",
    "shard",
    "snapshot",
    "started",
    "stopped",
    "stream",
    "table",
    "thread",
    "timeout",
    "worker",
];

pub const HOSTS: &[&str] = &[
    "db-1", "edge", "gw01", "ldap", "mail", "node17", "proxy", "web-3",
];

pub const USERS: &[&str] = &[
    "admin", "alice", "backup", "bob", "carol", "deploy", "guest", "oracle", "root", "test",
];

struct Shape<F>(F);

/// Digits and letters straight into the record.
fn shape<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result>(f: F) -> Shape<F> {
    Shape(f)
}

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shape<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

pub fn ip4(rng: &mut Rng) -> impl fmt::Display + use<> {
    let (net, host) = (rng.below(4), rng.next());
    shape(move |f| {
        let [a, b, c, d, ..] = host.to_le_bytes();
        match net {
            0 => write!(f, "192.0.2.{d}"),
            1 => write!(f, "198.51.100.{d}"),
            2 => write!(f, "203.0.113.{d}"),
            _ => write!(f, "10.{a}.{b}.{c}"),
        }
    })
}

pub fn ip6(rng: &mut Rng) -> impl fmt::Display + use<> {
    let (short, r) = (rng.below(2) == 0, rng.next());
    shape(move |f| {
        let [a, b, c, d, e, g, h, i] = r.to_le_bytes();
        if short {
            write!(f, "2001:db8:{a:x}::{b:x}{c:02x}")
        } else {
            write!(
                f,
                "2001:db8:{a:x}{b:02x}:{c:x}:{d:x}:{e:x}:{g:x}:{h:x}{i:02x}"
            )
        }
    })
}

/// RFC 9542 §2.1.2: 00-00-5E-00-53-00 through -FF.
pub fn mac(rng: &mut Rng) -> impl fmt::Display + use<> {
    let last = rng.below(256);
    shape(move |f| write!(f, "00:00:5e:00:53:{last:02x}"))
}

pub fn email(rng: &mut Rng) -> impl fmt::Display + use<> {
    let (user, n, host) = (*rng.of(USERS), rng.below(9999), *rng.of(HOSTS));
    shape(move |f| write!(f, "{user}.{n}@{host}.example.com"))
}

pub fn uuid(rng: &mut Rng) -> impl fmt::Display + use<> {
    let (a, b) = (rng.next(), rng.next());
    shape(move |f| {
        write!(
            f,
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            a & 0xffff,
            (a >> 16) & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    })
}

pub fn hex(rng: &mut Rng, digits: usize) -> impl fmt::Display + use<> {
    let seed = rng.next();
    shape(move |f| {
        let mut inner = Rng(seed);
        (0..digits.div_ceil(16)).try_for_each(|i| {
            let text = format!("{:016x}", inner.next());
            f.write_str(&text[..(digits - i * 16).min(16)])
        })
    })
}

/// Fourteen digits from a test TAC and the check digit of 3GPP TS 23.003 annex B (Luhn).
pub fn imei(rng: &mut Rng) -> impl fmt::Display + use<> {
    let body = 35_209_900_000_000 + rng.below(1_000_000);
    shape(move |f| write!(f, "{body}{}", luhn(body)))
}

/// The test network of ITU-T E.212: MCC 001, MNC 01.
pub fn imsi(rng: &mut Rng) -> impl fmt::Display + use<> {
    let subscriber = rng.below(10_000_000_000);
    shape(move |f| write!(f, "00101{subscriber:010}"))
}

pub fn decimal(rng: &mut Rng, whole: u64, places: usize) -> impl fmt::Display + use<> {
    let (sign, n) = (rng.below(2), rng.below(whole * 10u64.pow(places as u32)));
    shape(move |f| {
        let scale = 10u64.pow(places as u32);
        let sign = if sign == 0 { "" } else { "-" };
        write!(f, "{sign}{}.{:0places$}", n / scale, n % scale)
    })
}

pub fn clock(rng: &mut Rng) -> impl fmt::Display + use<> {
    let s = rng.below(86_400);
    shape(move |f| write!(f, "{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60))
}

fn luhn(body: u64) -> u64 {
    let (mut rest, mut sum, mut double) = (body, 0, true);
    while rest > 0 {
        let digit = (rest % 10) * if double { 2 } else { 1 };
        sum += digit / 10 + digit % 10;
        (rest, double) = (rest / 10, !double);
    }
    (10 - sum % 10) % 10
}

/// About `bytes` of words, each `findings_percent` of a hundred of them an address.
pub fn words(rng: &mut Rng, out: &mut Vec<u8>, bytes: usize, findings_percent: u64) {
    let start = out.len();
    while out.len() - start < bytes {
        if rng.below(100) < findings_percent {
            let _ = write!(out, "{} ", ip4(rng));
        } else {
            out.extend_from_slice(rng.of(WORDS).as_bytes());
            out.push(b' ');
        }
    }
    out.truncate(start + bytes.saturating_sub(1));
    out.push(b'\n');
}
