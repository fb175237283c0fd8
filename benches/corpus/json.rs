//! Records with names in front of their values.

use std::io::Write as _;

use super::Rng;
use super::values::{
    HOSTS, USERS, WORDS, clock, decimal, email, hex, imei, imsi, ip4, ip6, mac, uuid,
};

/// A web service's structured log: a finding about every 96 bytes.
pub fn service(rng: &mut Rng, out: &mut Vec<u8>) {
    let time = clock(rng);
    let _ = write!(
        out,
        r#"{{"ts":"2026-11-25T{time}.{:03}Z","level":"{}","host":"{}","msg":"{} {} {}","#,
        rng.below(1000),
        rng.of(&["debug", "info", "info", "info", "warn", "error"]),
        rng.of(HOSTS),
        rng.of(WORDS),
        rng.of(WORDS),
        rng.of(WORDS),
    );
    let _ = match rng.below(4) {
        0 => write!(
            out,
            r#""client":"{}","user":{{"id":{},"email":"{}"}},"session_token":"{}","#,
            ip4(rng),
            rng.below(100_000),
            email(rng),
            hex(rng, 32)
        ),
        1 => write!(
            out,
            r#""remote_addr":"{}:{}","username":"{}","password":"{}{}","#,
            ip4(rng),
            rng.below(65_536),
            rng.of(USERS),
            rng.of(WORDS),
            rng.below(999)
        ),
        2 => write!(
            out,
            r#""peer":"[{}]:443","mac":"{}","request_id":"{}","#,
            ip6(rng),
            mac(rng),
            uuid(rng)
        ),
        _ => write!(
            out,
            r#""src":"{}","dst":"{}","tags":["{}","{}"],"body":"{{\"email\":\"{}\"}}","#,
            ip4(rng),
            ip4(rng),
            rng.of(WORDS),
            rng.of(WORDS),
            email(rng)
        ),
    };
    let _ = writeln!(
        out,
        r#""caller":"{}/{}.rs:{}","duration_ms":{}.{},"status":{},"ok":{}}}"#,
        rng.of(WORDS),
        rng.of(WORDS),
        rng.below(900),
        rng.below(500),
        rng.below(10),
        rng.of(&[200, 201, 204, 301, 404, 500]),
        rng.below(2) == 0,
    );
}

/// What a telephone sends home: identifiers and positions in almost every field.
pub fn mobile(rng: &mut Rng, out: &mut Vec<u8>) {
    let time = clock(rng);
    let _ = write!(
        out,
        r#"{{"event":"{}","time":"2026-11-25T{time}Z","app":"2.{}.{}","battery":0.{},"#,
        rng.of(&["fix", "boot", "open", "sync", "crash"]),
        rng.below(20),
        rng.below(10),
        rng.below(100),
    );
    let _ = match rng.below(3) {
        0 => write!(
            out,
            r#""imei":{},"imsi":"{}","lat":{},"lon":{},"speed":{},"#,
            imei(rng),
            imsi(rng),
            decimal(rng, 90, 5),
            decimal(rng, 180, 5),
            rng.below(40)
        ),
        1 => write!(
            out,
            r#""android_id":"{}","gaid":"{}","wifi":{{"bssid":"{}","rssi":-{}}},"#,
            hex(rng, 16),
            uuid(rng),
            mac(rng),
            rng.below(90)
        ),
        _ => write!(
            out,
            r#""idfa":"{}","openudid":"{}","model":"phone {}","os":"17.{}","#,
            uuid(rng),
            hex(rng, 40),
            rng.below(20),
            rng.below(9)
        ),
    };
    let _ = writeln!(
        out,
        r#""net":"{}","ip":"{}","seq":{}}}"#,
        rng.of(&["lte", "nr", "wifi"]),
        ip4(rng),
        rng.below(1_000_000)
    );
}
