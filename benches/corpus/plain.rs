//! Lines without a structure around them.

use std::io::Write as _;

use super::Rng;
use super::values::{HOSTS, USERS, WORDS, clock, email, hex, ip4, ip6, mac};

/// syslog files of a few daemons; most lines carry nothing.
pub fn system(rng: &mut Rng, out: &mut Vec<u8>) {
    let (day, time, host, pid) = (
        rng.below(28) + 1,
        clock(rng),
        *rng.of(HOSTS),
        rng.below(32_768),
    );
    let _ = write!(out, "Nov {day:2} {time} {host} ");
    let _ = match rng.below(16) {
        0 => write!(
            out,
            "sshd[{pid}]: Failed password for {} from {} port {} ssh2",
            rng.of(USERS),
            ip4(rng),
            rng.below(65_536)
        ),
        1 => write!(
            out,
            "sshd[{pid}]: Connection closed by {} port {} [preauth]",
            ip6(rng),
            rng.below(65_536)
        ),
        2 => write!(
            out,
            "kernel: [{}.{:06}] e1000e 0000:00:1f.6 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
            rng.below(99_999),
            rng.below(1_000_000)
        ),
        3 => write!(
            out,
            "kernel: [{}.{:06}] usb 1-1.{}: new high-speed USB device number {} using xhci_hcd",
            rng.below(99_999),
            rng.below(1_000_000),
            rng.below(8),
            rng.below(128)
        ),
        4 => write!(
            out,
            "systemd[1]: Started Session {} of user {}.",
            rng.below(9_999),
            rng.of(USERS)
        ),
        5 => write!(
            out,
            "systemd[1]: {}-{}.service: Main process exited, code=exited, status={}/FAILURE",
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(127)
        ),
        6 => write!(
            out,
            "CRON[{pid}]: (root) CMD (test -x /usr/sbin/{} || ( cd / && run-parts --report /etc/cron.hourly ))",
            rng.of(WORDS)
        ),
        7 => write!(
            out,
            "postfix/qmgr[{pid}]: {}: from=<{}>, size={}, nrcpt=1 (queue active)",
            hex(rng, 10),
            email(rng),
            rng.below(99_999)
        ),
        8 => write!(
            out,
            "dhcpd[{pid}]: DHCPACK on {} to {} via eth1",
            ip4(rng),
            mac(rng)
        ),
        9 => write!(
            out,
            "containerd[{pid}]: time=\"2026-11-{day:02}T{time}.{:09}Z\" level=info msg=\"shim disconnected\" id={} namespace=k8s.io",
            rng.below(1_000_000_000),
            hex(rng, 64)
        ),
        10 => write!(
            out,
            "java[{pid}]: 2026-11-{day:02} {time},{:03} INFO org.example.{}.{}$Worker: {} {} task_{}_m_{:06}_0",
            rng.below(1000),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(1_000_000),
            rng.below(1_000_000)
        ),
        11 => write!(
            out,
            "java[{pid}]: \tat org.example.{}.{}.run({}.java:{})",
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(2_000)
        ),
        12 => write!(
            out,
            "ntpd[{pid}]: {} {} {} version 4.2.8p{} offset {:.6} sec",
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(20),
            rng.below(1_000_000) as f64 / 1e6
        ),
        _ => write!(
            out,
            "{}[{pid}]: {} {} {} {} in {} ms, {} {} {}",
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(5_000),
            rng.of(WORDS),
            rng.of(WORDS),
            rng.of(WORDS)
        ),
    };
    out.push(b'\n');
}

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
    "curl/8.4.0",
];

/// The combined format of web servers.
pub fn access(rng: &mut Rng, out: &mut Vec<u8>) {
    let (time, day) = (clock(rng), rng.below(28) + 1);
    let _ = if rng.below(4) == 0 {
        write!(out, "{}", ip6(rng))
    } else {
        write!(out, "{}", ip4(rng))
    };
    let _ = write!(
        out,
        " - {} [{day:02}/Nov/2026:{time} +0000] ",
        if rng.below(8) == 0 {
            *rng.of(USERS)
        } else {
            "-"
        }
    );
    let _ = match rng.below(6) {
        0 => write!(
            out,
            "\"GET /{}/{}?page={}&sort={} HTTP/1.1\" 200 {}",
            rng.of(WORDS),
            rng.of(WORDS),
            rng.below(99),
            rng.of(WORDS),
            rng.below(99_999)
        ),
        1 => write!(
            out,
            "\"POST /api/v2/{} HTTP/1.1\" 201 {}",
            rng.of(WORDS),
            rng.below(9_999)
        ),
        2 => write!(
            out,
            "\"GET /{}?email={}&token={} HTTP/2.0\" 302 -",
            rng.of(WORDS),
            email(rng),
            hex(rng, 32)
        ),
        _ => write!(
            out,
            "\"GET /static/{}.{}.js HTTP/1.1\" 304 0",
            rng.of(WORDS),
            hex(rng, 8)
        ),
    };
    let _ = writeln!(
        out,
        " \"https://www.example.com/{}/{}\" \"{}\"",
        rng.of(WORDS),
        rng.of(WORDS),
        rng.of(AGENTS)
    );
}
