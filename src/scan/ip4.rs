//! IPv4 addresses.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::version;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_alnum, is_digit, is_end, is_escaped_before, skip, skip_back, word_before,
};
use crate::record::Span;

const ID: &str = "ipv4";

/// Dotted quads that are addresses.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::IP],
    anchors: &[Anchor::Quad],
    literals: &[],
    source: "RFC 791, RFC 6943 §3.1.1",
    confirm,
    finds: &[
        "from 192.0.2.7 port 22",
        "来自192.0.2.7的请求",
        "\u{feff}192.0.2.7 x",
        "host/10.1.2.3:80",
        "/10.1.2.3",
        r"\t10.1.2.3",
        "1.2.3.4.43436",
        "IP 192.168.1.1.53 > 10.0.0.1.40000: udp",
        "IP 10.1.2.4.53 > h.example.40000: udp",
        "IP h.example.40000 > 10.1.2.4.53: 12+ A? x",
        "IP h.example.40000 > 10.1.2.4.7: echo",
        "10.1.2.4.53 > 10.1.2.5.80: tcp 0",
        "4.3.2.1.in-addr.arpa",
        "10.0.0.1-10.0.0.9",
        "1.1.1.1-9.9.9.9",
        "pool 10.0.0.1-20",
        "8.8.8.8-200",
        "range 8.8.8.1-20 allowed",
        r#"{"ip":"5.9.1.2-45"}"#,
        "sending version to 192.168.1.10",
        "bumped connection from 203.0.113.9",
        "1.2.3.4 > 5.6.7.8",
        "end 10.0.0.1.",
        "www.forge.net 1.2.3.4 - -",
        "10.0.0.0/8",
        "ip=203.0.113.9,",
        "server 8.8.8.8 and resolver 1.1.1.1",
        "Client 1.2.3.4 connected",
        "HIER_DIRECT/203.0.113.5",
        "ip.addr==10.1.2.3 && x",
        "remote_host==5.6.7.8",
        "org.example:1.2.3.4",
        "by invalid user oracle 203.0.113.5 port 51024 [preauth]",
        "user=oracle 203.0.113.5",
        "login for oracle 203.0.113.5 refused",
        "nginx 203.0.113.5 port 80",
        "nginx 9.3.1.5:80 started",
        "host-203.0.113.24.isp.example",
        "/srv/log/192.0.2.7/messages-192.0.2.7.log",
        "/srv/log/9.2.2.7/messages_9.2.2.7.log",
        "gw==1.2.3.4 ok",
        "pip install from x==10.1.2.3",
        "pip: proxy==1.2.3.4:80",
        "pip install foo==x from host==5.6.7.8",
        "pip check: client==5.6.7.8",
        "io.example:connect:1.2.3.4:443",
        "com.example.Foo:12:1.2.3.4",
    ],
    leaves: &[
        r#"{"m":"a\nChrome/1.2.3.4"}"#,
        r#"{"m":"a\nversion: 1.2.3.4\nv1.2.3.4\nnginx/1.2.3.4"}"#,
        r#"{"m":"{\n  \"version\": \"1.2.3.4\"\n}"}"#,
        "Chrome/120.0.6099.71 Safari",
        "Unpacking libfoo1:amd64 (1.2.5.1-2) over (1.2.4.0-1+b1) ...",
        "status installed foo:all 1.2.5.1-2",
        "Breaks: foo (<< 1.0.24.2-5), bar (>= 2.39.90.1)",
        "Bump standards version to 3.7.2.0.",
        "bump liblouis to 1.0.99.2",
        "version 1.2.3.4",
        "v1.2.3.4",
        "1.3.6.1.4.1.2021",
        "pkg-1.2.3.4.el7",
        "256.1.1.1",
        "1.2.3.4.5.6",
        "1.2.3.4.53",
        "1.3.6.1.4 > 1.3.6.1.2",
        "bump foo 1.2.3.4.5 > 1.2.3.4.6: done",
        "oid: 1.3.6.1.4",
        "OID=1.3.6.1",
        "192.168.1.1.5.6",
        "lib1.2.3.4rc1",
        "build=10.0.19041.1",
        "nginx-1.2.3.4 and foo_1.2.3.4-1_amd64.deb",
        "libfoo.so.1.2.3.4",
        "enterprises.9.9.43.1",
        "needs foo>=1.2.3.4",
        "pip install foo==1.2.3.4",
        "pkg:maven/org.example/lib@1.2.3.4",
        "Collecting foo[x]==1.2.3.4",
        "versionName=5.6.7.8",
        "2026-05-09 07:29:21 upgrade foo:amd64 1.2.3.3 1.2.3.4",
        "install foo:all <none> 1.2.3.4",
        "Upgrade: foo:amd64 (1.2.3.3, 1.2.3.4), bar:all (1.0-1)",
        "Setting up foo (1.2.3.4) ...",
        "Unpacking foo (1.2.3.4) over (1.2.3.3) ...",
        "base-passwd (2.0.3.5) unstable; urgency=high",
        "Package_1_for_KB7~31bf3856ad364e35~amd64~~6.1.1.2, ApplicableState: 112",
        "<Version>1.2.3.4</Version>",
        "the version is 27.20.100.9",
        "upgraded from 1.2.3.4 to 1.2.3.5",
        "AppVer=8.1.0.3; PHP/5.3.2.1 mod_jk/1.2.3.4",
        "FortiOS 7.0.1.2",
        ".NET 6.0.21.5 and jdk-17.0.9.1 and nginx/1.25.3.1 up",
        "schema migrated from 2.0.0.1 to 2.0.1.0",
        "image=registry.example/shop:1.2.3.4",
        r#"{"m":"{\"app\":\"x\",\"version\":\"27.1.0.7\"}"}"#,
        "CEF:0|Acme|Guard|1.2.3.4|100|login|5|x",
        "CEF:0|Acme|Guard|15.0.0.10_0|100|x",
        "LEEF:1.0|Acme|Guard|7.4.1.2|100|x",
        "--set image.tag=1.2.3.4",
        r#"{"container_image_tag":"2.3.4.5"}"#,
        "repo.example/com/acme/lib/1.2.3.4/lib-1.2.3.4.jar",
        "upgraded acme-agent (1.2.3.4-1 -> 1.2.3.5-1)",
        "ua=Example GXP2160 1.0.9.26",
        "nginx 1.2.3.4 started",
        "Agent 7.4.2.1 upgraded",
        "patch for Oracle 9.3.0.1",
    ],
};

fn confirm(cx: &mut Cx<'_>, third: usize) {
    let hay = cx.hay();
    if byte(hay, third) != b'.' {
        return;
    }
    let (mut start, mut first) = (third, 0);
    for i in 0..3 {
        if i > 0 {
            start = start.saturating_sub(1);
            if byte(hay, start) != b'.' {
                return;
            }
        }
        let Some(group) = octet_before(hay, start) else {
            return;
        };
        (start, first) = group;
    }
    let Some(end) = octet_at(hay, third.saturating_add(1)) else {
        return;
    };
    let span = Span::new(start, end);
    match why_not(hay, span, first) {
        Some(reason) => cx.reject(span, Class::IP, ID, reason),
        None => cx.text(span, Class::IP, ID, "four octets"),
    }
}

/// One to three figures, the last first: how many they are, and their value.
#[inline(always)]
fn figures(ones: u8, tens: u8, hundreds: u8) -> Option<(usize, u32)> {
    let digit = |b: u8| u32::from(b.wrapping_sub(b'0'));
    let value = |tens: u32, ones: u32| tens.wrapping_mul(10).wrapping_add(ones);
    match (digit(ones), digit(tens), digit(hundreds)) {
        (ones @ 0..10, tens @ 0..10, hundreds @ 0..10) => {
            Some((3, value(value(hundreds, tens), ones)))
        }
        (ones @ 0..10, tens @ 0..10, _) => Some((2, value(tens, ones))),
        (ones @ 0..10, _, _) => Some((1, ones)),
        _ => None,
    }
}

/// Where the one to three digits start that end at `end` and are no more than 255, and what they are.
#[inline]
fn octet_before(hay: &[u8], end: usize) -> Option<(usize, u32)> {
    let four = end.checked_sub(4).and_then(|from| hay.get(from..end));
    let Some(&[more, hundreds, tens, ones]) = four.and_then(<[u8]>::first_chunk) else {
        return octet_behind_more(hay, end);
    };
    let (length, value) = figures(ones, tens, hundreds)?;
    let front = match length {
        1 => tens,
        2 => hundreds,
        _ => more,
    };
    // What is in front may be the digits of an escape, which are its own.
    if is_alnum(front) {
        return octet_behind_more(hay, end);
    }
    (value <= 255).then(|| (end.saturating_sub(length), value))
}

/// Where the one to three digits end that start at `at` and are no more than 255.
#[inline]
fn octet_at(hay: &[u8], at: usize) -> Option<usize> {
    let end = match hay.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        Some(four) => at.saturating_add(four.iter().position(|b| !is_digit(*b))?),
        None => skip(hay, at, 4, is_digit),
    };
    octet(hay, Span::new(at, end)).then_some(end)
}

#[cold]
fn octet_behind_more(hay: &[u8], end: usize) -> Option<(usize, u32)> {
    let (mut value, mut unit) = (0u32, 1u32);
    let mut start = end;
    while let Some(at) = start.checked_sub(1)
        && is_digit(byte(hay, at))
    {
        // The digits of an escape in front are its own.
        if start < end && is_escaped_before(hay, start) {
            break;
        }
        if unit > 100 {
            return None;
        }
        let digit = byte(hay, at).wrapping_sub(b'0');
        value = value.wrapping_add(u32::from(digit).wrapping_mul(unit));
        unit = unit.wrapping_mul(10);
        start = at;
    }
    (start < end && value <= 255).then_some((start, value))
}

fn octet(hay: &[u8], span: Span) -> bool {
    let value = span.of(hay).iter().fold(0u32, |n, b| {
        n.saturating_mul(10)
            .saturating_add(u32::from(b.wrapping_sub(b'0')))
    });
    matches!(span.len(), 1..=3) && value <= 255
}

fn why_not(hay: &[u8], span: Span, first: u32) -> Option<&'static str> {
    let Span { start, end } = span;
    let (prev, next) = (before(hay, start), byte(hay, end));
    if next.is_ascii_alphanumeric()
        || next == b'_' && byte(hay, end.saturating_add(1)).is_ascii_alphabetic()
    {
        return Some("a letter follows");
    }
    if next == b'.' && is_digit(byte(hay, end.saturating_add(1))) {
        let fifth = skip(hay, end.saturating_add(1), 8, is_digit);
        let more = byte(hay, fifth) == b'.' && is_digit(byte(hay, fifth.saturating_add(1)));
        // `192.168.1.1.53` is an address and a port: no version and no object identifier starts so high.
        let high = first >= 100 && !more;
        // `10.1.2.4.53 > 10.1.2.5.40000:`, as tcpdump(8) has what a packet went from and to.
        let captured = !more && is_end_of_packet(hay, start, end, fifth);
        if (fifth.saturating_sub(end) <= 4 && !high && !captured) || more {
            return Some("more than four groups");
        }
    }
    if prev == b'.' && is_digit(before(hay, start.saturating_sub(1))) {
        return Some("more than four groups");
    }
    if word_before(hay, start) && prev != b'_' {
        return Some("part of a word");
    }
    version::why(hay, span, first)
}

/// Whether an address, which ends at `end`, and its port, which ends at `port`, are what a packet was sent from or to. A
/// port of one figure alone may be the fifth part of a version.
fn is_end_of_packet(hay: &[u8], start: usize, end: usize, port: usize) -> bool {
    const TO: &[u8] = b" > ";
    const IP: &[u8] = b"IP ";
    let word = |at: usize| skip(hay, at, 256, |b| b > b' ');
    let behind = hay.get(port..).unwrap_or_default();
    let from = if behind.starts_with(TO) && before(hay, word(port.saturating_add(TO.len()))) == b':'
    {
        start
    } else if behind.starts_with(b": ") && hay.get(..start).unwrap_or_default().ends_with(TO) {
        skip_back(hay, start.saturating_sub(TO.len()), 256, |b| b > b' ')
    } else {
        return false;
    };
    let front = Span::new(skip_back(hay, from, 300, |b| !is_end(b)), from).of(hay);
    // `IP 192.0.2.7.5 > …`, `IP (tos 0x0, …) 192.0.2.7.5 > …`
    let said = || {
        memchr::memmem::find_iter(front, IP).any(|at| {
            let rest = front.get(at.saturating_add(IP.len())..).unwrap_or_default();
            let next = rest.iter().find(|b| **b != b' ');
            before(front, at) <= b' ' && next.is_none_or(|next| *next == b'(')
        })
    };
    port.saturating_sub(end) > 2 || said()
}

/// Host names that spell an address with hyphens.
pub(super) static HYPHENATED: Detector = Detector {
    id: "ipv4_hyphens",
    classes: &[Class::IP],
    anchors: &[Anchor::DashQuad],
    literals: &[],
    source: "host names of cloud and access providers (ip-10-0-0-1, 1-2-3-4.isp.example)",
    confirm: confirm_hyphenated,
    finds: &[
        "node ip-10-0-0-1 up",
        "ip-10-0-0-1.ec2.internal",
        "from 1-2-3-4.isp.example",
        "ec2-203-0-113-25.compute.example",
        "visitor-10-105-160-95 kernel[0]: up",
        "host=74-115-52-198-dedicated.isp.example",
        "203-0-113-9-static.isp.example",
        "from 1-2-3-4-example.org[192.0.2.7]",
    ],
    leaves: &[
        "2024-09-27-1",
        "pkg-1-2-3-4",
        "1-2-3-4-5",
        "range 1-2-3-4 ok",
        "ip-300-0-0-1",
        "v1-2-3-4-beta.jar",
        "release-1-2-3-4-beta",
        "1-2-3-4-beta.tar.gz",
    ],
};

fn confirm_hyphenated(cx: &mut Cx<'_>, third: usize) {
    let hay = cx.hay();
    if byte(hay, third) != b'-' {
        return;
    }
    let end = skip(hay, third.saturating_add(1), 4, is_digit);
    let mut start = third;
    let mut ok = octet(hay, Span::new(third.saturating_add(1), end));
    for i in 0..3 {
        let group = skip_back(hay, start, 4, is_digit);
        ok &= octet(hay, Span::new(group, start));
        start = group;
        if i < 2 {
            ok &= before(hay, start) == b'-';
            start = start.saturating_sub(1);
        }
    }
    if !ok {
        return;
    }
    let span = Span::new(start, end);
    let next = byte(hay, end);
    let goes_on = next == b'-' && is_label(hay, end);
    if next == b'-' && !goes_on || next.is_ascii_alphanumeric() || word_before(hay, start) {
        return cx.reject(span, Class::IP, "ipv4_hyphens", "part of something longer");
    }
    let host = goes_on || next == b'.' && byte(hay, end.saturating_add(1)).is_ascii_alphabetic();
    let word_end = start.saturating_sub(usize::from(before(hay, start) == b'-'));
    let word = Span::new(
        skip_back(hay, word_end, 16, |b| b.is_ascii_alphanumeric()),
        word_end,
    )
    .of(hay);
    // `visitor-10-105-160-95`: an octet that no version, date or port range has.
    let high = |group: &[u8]| group.len() == 3 && group.first() <= Some(&b'2');
    let octets = span.of(hay).split(|b| *b == b'-');
    let lettered = word_end < start
        && before(hay, word_end).is_ascii_alphabetic()
        && octets.clone().filter(|group| high(group)).count() >= 2
        && !octets.clone().all(high)
        && octets.clone().next().is_some_and(|group| group.len() >= 2);
    let named = lettered || word_end < start && version::is_word_of_hosts(word);
    if named || host {
        cx.text(
            span,
            Class::IP,
            "ipv4_hyphens",
            "four octets in a host name",
        );
    } else {
        cx.reject(span, Class::IP, "ipv4_hyphens", "no host name around it");
    }
}

/// Addresses as Erlang prints them.
pub(super) static TUPLE: Detector = Detector {
    id: "ipv4_tuple",
    classes: &[Class::IP],
    anchors: &[Anchor::Literal],
    literals: &[
        "{{1", "{{2", "{{3", "{{4", "{{5", "{{6", "{{7", "{{8", "{{9",
    ],
    source: "Erlang/OTP, kernel: inet:ip_address() and a port",
    confirm: confirm_tuple,
    finds: &[
        "connection {{192,0,2,4},12716} -> {{198,51,100,2},5222}",
        "from IP x ({{192,0,2,4},12716})",
    ],
    leaves: &[
        "{{ user }}",
        "{{1,2,3},4}",
        "{{1,2,3,4},5}",
        "{{192,0,2,400},1}",
        "{{192,0,2,4},{1,2}}",
        "{{2024,1,2},{3,4,5}}",
    ],
};

fn confirm_tuple(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, TUPLE.literals).is_none() {
        return;
    }
    let end = skip(hay, at, 16, |b| is_digit(b) || b == b',');
    let span = Span::new(at.saturating_sub(1), end);
    let mut octets = span.of(hay).split(|b| *b == b',');
    let four =
        octets.clone().count() == 4 && octets.all(|text| octet(text, Span::new(0, text.len())));
    let port = end.saturating_add(2);
    let close = skip(hay, port, 6, is_digit);
    if four
        && Span::new(end, port).of(hay) == b"},"
        && close > port.saturating_add(1)
        && byte(hay, close) == b'}'
    {
        cx.text(
            span,
            Class::IP,
            "ipv4_tuple",
            "four octets and a port in a tuple",
        );
    }
}

/// Whether the label of a host goes on behind four octets, and a domain follows: `192-0-2-7-static.isp.example`, or the
/// address in brackets, `192-0-2-7-isp.example[192.0.2.7]`.
fn is_label(hay: &[u8], dash: usize) -> bool {
    let dot = skip(hay, dash, 64, |b| b.is_ascii_alphanumeric() || b == b'-');
    if byte(hay, dot) != b'.' || !byte(hay, dash.saturating_add(1)).is_ascii_alphabetic() {
        return false;
    }
    let top = skip(hay, dot.saturating_add(1), 24, |b| b.is_ascii_alphabetic());
    let bracket = byte(hay, top) == b'[' && is_digit(byte(hay, top.saturating_add(1)));
    bracket || version::domain_end(hay, dot).is_some()
}
