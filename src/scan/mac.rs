//! MAC addresses.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, is_digit, is_end, is_hex, is_six_groups, is_word, skip, skip_back, word_before,
    word_behind,
};
use crate::record::Span;

const ID: &str = "mac";

/// Six pairs with `:` or `-`, three fours with dots, EUI-64 made of a MAC.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::MAC],
    anchors: &[Anchor::ColonStride, Anchor::DashStride, Anchor::DotStride],
    literals: &[],
    source: "IEEE 802-2014 §8.1, RFC 4291 appendix A (EUI-64), RFC 2132 §9.14 and RFC 8415 §11 (identifiers of clients)",
    confirm,
    finds: &[
        "MAC=00:01:00:01:22:33:00:11:22:33:44:55:08:00 SRC=",
        "hw 00:11:22:aa:bb:cc up",
        "设备00:11:22:aa:bb:cc的",
        "00-11-22-AA-BB-CC",
        "0011.22aa.bbcc",
        "02:00:5e:ff:fe:10:00:01",
        "wlan0:up:00:11:22:aa:bb:cc",
        "MAC=00:11:22:aa:bb:cc:00:11:22:aa:bb:dd:08:00 SRC=",
        "uid 01:00:11:22:aa:bb:cc (RENEW)",
        "MAC=00:11:22:aa:bb:cc:00:11:22:aa:bb:dd:08:00:45:fc:02:1c SRC=",
        "station. Mobile:AE:12:6F:2E:50:02.",
        "duid 00:03:00:01:00:11:22:aa:bb:cc iaid",
        "duid 00-01-00-01-2a-0f-1e-7c-00-11-22-aa-bb-cc",
    ],
    leaves: &[
        "12:34:56",
        "02:00:11:22:aa:bb:cc",
        "50:06:01:60:3b:a0:11:22",
        "gone:12:34:56:78:9a",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "1234.5678.90",
        "2001:db8:1:2:3:4:5:6",
        "20-11-22-33-44",
        "to ff:ff:ff:ff:ff:ff and 0000.0000.0000",
        "serial 04:5a:12:9c:8c:44:00:12:34:56:78:9a:bc:de",
    ],
};

/// Groups without their leading zeros, behind the words that tools have in front of them.
pub(super) static SHORT: Detector = Detector {
    id: "mac_short",
    classes: &[Class::MAC],
    anchors: &[Anchor::Literal],
    literals: &[
        "ether ", "lladdr ", ") at ", "HWaddr ", "hwaddr ", "mac ", "MAC ",
    ],
    source: "ether_ntoa(3) of BSD, macOS and Solaris: arp(8), ifconfig(8), route(8)",
    confirm: confirm_short,
    finds: &[
        "en0: ether 0:1b:44:11:3a:b7",
        "? (192.0.2.7) at 8:0:20:1:2:3 on en0 ifscope [ethernet]",
        "hwaddr 3c:5a:b4:0:11:22",
        "bind mac 00005E005301 ok",
        "arp mac 203040506070 learned",
        "MAC 00005e005301",
    ],
    leaves: &[
        "ether 0:0:0:0:0:0",
        "together 12:3:4",
        "tether 1:2:3:4:5:6:7",
        "f (x.c) at 12:3:4:5:6",
        "lladdr ff:ff:ff:ff:ff:ff",
        "hmac 00005e005301",
        "mac 00005e0053012",
        "mac FFFFFFFFFFFF",
        "mac 202611262105",
        "hash mac 0123456789ab",
    ],
};

fn confirm_short(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, SHORT.literals) else {
        return;
    };
    if literal.eq_ignore_ascii_case("mac ") {
        let span = Span::new(at, skip(hay, at, 13, is_hex));
        let word = at.saturating_sub(literal.len());
        let apart = !word_before(hay, word) && !word_behind(hay, span.end);
        // A time, and the code of a message.
        let text = span.of(hay);
        let front = Span::new(word.saturating_sub(5), word).of(hay);
        let other = is_minute(text)
            || [&b"hash "[..], b"hmac "]
                .iter()
                .any(|code| front.eq_ignore_ascii_case(code));
        if span.len() == 12 && apart && !other && !is_nobody(span.of(hay)) {
            cx.text(
                span,
                Class::MAC,
                "mac_short",
                "twelve digits behind their word",
            );
        }
        return;
    }
    let span = Span::new(at, skip(hay, at, 18, |b| is_hex(b) || b == b':'));
    if is_six_groups(span.of(hay)) && !word_behind(hay, span.end) && !is_nobody(span.of(hay)) {
        cx.text(
            span,
            Class::MAC,
            "mac_short",
            "six groups behind a word for them",
        );
    }
}

/// `202611262105`: a year of this century to a minute.
fn is_minute(text: &[u8]) -> bool {
    let pair = |at: usize| {
        let digit = |at: usize| u32::from(byte(text, at).saturating_sub(b'0'));
        digit(at)
            .saturating_mul(10)
            .saturating_add(digit(at.saturating_add(1)))
    };
    text.starts_with(b"20")
        && text.iter().all(|b| is_digit(*b))
        && (1..=12).contains(&pair(4))
        && (1..=31).contains(&pair(6))
        && pair(8) < 24
        && pair(10) < 60
}

/// Groups without their leading zeros, behind an address that arpwatch has in front of them.
pub(super) static WATCH: Detector = Detector {
    id: "mac_watch",
    classes: &[Class::MAC],
    anchors: &[Anchor::Literal],
    literals: &["arpwatch"],
    source: "arpwatch(8): new station, flip flop, changed ethernet address, bogon",
    confirm: confirm_watch,
    finds: &[
        "arpwatch: new station 192.0.2.7 0:4:c1:a7:f6:38",
        "arpwatch: flip flop 192.0.2.7 8:0:20:c8:fe:15 (0:90:6d:f2:24:0)",
    ],
    leaves: &[
        "arpwatch: ethernet broadcast 192.0.2.7 0:0:0:0:0:0",
        "arpwatch: listening on eth0 at 1:2:3:4:5",
    ],
};

fn confirm_watch(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, WATCH.literals).is_none() {
        return;
    }
    let mut start = at;
    // A line has two at most, within a few words.
    while start < at.saturating_add(128) && !is_end(byte(hay, start)) {
        let end = skip(hay, start, 64, |b| b > b' ' && b != b'(' && b != b')');
        let span = Span::new(start, end);
        if is_six_groups(span.of(hay)) && !is_nobody(span.of(hay)) {
            cx.text(
                span,
                Class::MAC,
                "mac_watch",
                "six groups in a watcher's line",
            );
        }
        if is_end(byte(hay, end)) {
            break;
        }
        start = end.saturating_add(1);
    }
}

/// What Windows' DHCP server did with an address, in front of it, the name of the host and its MAC.
pub(super) static LEASE: Detector = Detector {
    id: "mac_lease",
    classes: &[Class::MAC],
    anchors: &[Anchor::Literal],
    literals: &[",Renew,", ",Assign,", ",Release,"],
    source: "audit log of the DHCP server of Windows: ID,Date,Time,Description,IP Address,Host Name,MAC Address",
    confirm: confirm_lease,
    finds: &[
        "11,05/01/24,10:00:00,Renew,192.0.2.7,PC7.example,02005E103003,,1,0,,",
        "10,05/01/24,10:00:00,Assign,192.0.2.7,,02005E103003,",
    ],
    leaves: &[
        "11,05/01/24,10:00:00,Renew,192.0.2.7,PC7.example,,,1,0,,",
        "a,Release,1.0.2,x,02005E10",
        "12,05/01/24,10:00:00,Release,192.0.2.7,PC7,000000000000,",
    ],
};

fn confirm_lease(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if before(hay, at) != b',' || cx.literal(at, LEASE.literals).is_none() {
        return;
    }
    let field = |at: usize| skip(hay, at, 256, |b| b != b',' && !is_end(b));
    let host = field(at).saturating_add(1);
    let start = field(host).saturating_add(1);
    let span = Span::new(start, field(start));
    let text = span.of(hay);
    if text.len() == 12 && text.iter().all(|b| is_hex(*b)) && !is_nobody(text) {
        cx.text(span, Class::MAC, "mac_lease", "twelve digits of a lease");
    }
}

/// Six pairs with `_`, as object paths have them.
pub(super) static PATH: Detector = Detector {
    id: "mac_path",
    classes: &[Class::MAC],
    anchors: &[Anchor::Literal],
    literals: &["/dev_"],
    source: "BlueZ D-Bus API (object paths of devices)",
    confirm: confirm_path,
    finds: &["/org/bluez/hci0/dev_00_1B_44_11_3A_B7/fd0: ready"],
    leaves: &["/srv/dev_00_11_22", "/srv/dev_tools/x"],
};

fn confirm_path(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, PATH.literals).is_none() {
        return;
    }
    let end = skip(hay, at, 18, |b| is_hex(b) || b == b'_');
    let span = Span::new(at, end);
    let mut groups = span.of(hay).split(|b| *b == b'_');
    if span.len() == 17 && groups.all(|group| group.len() == 2) && !is_nobody(span.of(hay)) {
        cx.text(span, Class::MAC, "mac_path", "six pairs in an object path");
    }
}

/// Whether the last two pairs are a type that is met in frames (IEEE 802 numbers): IP, ARP, VLAN, MPLS, PPPoE, LLDP,
/// EAPOL.
fn is_ether_type(text: &[u8]) -> bool {
    const TYPES: &[&[u8]] = &[
        b"08:00", b"08:06", b"86:dd", b"81:00", b"88:a8", b"88:47", b"88:63", b"88:64", b"88:cc",
        b"88:8e",
    ];
    let last = text.len().saturating_sub(5);
    let last = text.get(last..).unwrap_or_default();
    TYPES.iter().any(|t| last.eq_ignore_ascii_case(t))
}

/// Whether pairs of hex begin as the identifier of a client made of a MAC: `01` and it, or a DUID-LL or DUID-LLT.
fn is_client(text: &[u8]) -> bool {
    let begins = |pairs: [&[u8]; 4]| text.split(|b| matches!(b, b':' | b'-')).take(4).eq(pairs);
    match text.len() {
        20 => text.starts_with(b"01"),
        29 => begins([b"00", b"03", b"00", b"01"]),
        41 => begins([b"00", b"01", b"00", b"01"]),
        _ => false,
    }
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let separator = byte(hay, at);
    if !matches!(separator, b':' | b'-' | b'.') {
        return;
    }
    if separator != b'.'
        && let Some(span) = six_pairs(hay, at, separator)
    {
        return judge(cx, span, "six pairs");
    }
    let part = |b: u8| is_hex(b) || b == separator;
    let mut start = skip_back(hay, at, 64, part);
    let mut end = skip(hay, at, 64, part);
    if before(hay, start) == b'\\' && matches!(byte(hay, start), b'b' | b'f') {
        start = start.saturating_add(1);
    }
    while end > start && before(hay, end) == separator {
        end = end.saturating_sub(1);
    }
    while start < end && byte(hay, start) == separator {
        start = start.saturating_add(1);
    }
    // `Mobile:00:1b:…`: the end of a word that a hexadecimal digit is.
    if separator == b':' && word_before(hay, start) {
        let token = skip_back(hay, start, 64, |b| b > b' ');
        let colon = skip(hay, start, 8, is_hex);
        let front = Span::new(token, colon.saturating_add(1)).of(hay);
        if front.starts_with(b"MAC=") && front.ends_with(b"-MAC:") {
            return cx.reject(
                Span::new(start, end),
                Class::MAC,
                ID,
                "the rest of a header",
            );
        }
        start = colon
            .saturating_add(usize::from(byte(hay, colon) == b':'))
            .min(end);
    }
    let span = Span::new(start, end);
    let width = if separator == b'.' { 4 } else { 2 };
    let mut groups = span.of(hay).split(|b| *b == separator);
    if !groups.clone().all(|group| group.len() == width) {
        return;
    }
    let count = groups.clone().count();
    if word_before(hay, start) || word_behind(hay, end) {
        return cx.reject(span, Class::MAC, ID, "part of a word");
    }
    let reason = match (separator, count) {
        (b'.', 3) => "three fours with dots",
        (b':' | b'-', 6) => "six pairs",
        (b':' | b'-', 8)
            if groups.nth(3).is_some_and(|g| g.eq_ignore_ascii_case(b"ff"))
                && groups.next().is_some_and(|g| g.eq_ignore_ascii_case(b"fe")) =>
        {
            "an EUI-64 made of a MAC"
        }
        // Destination, source, EtherType and more of the frame, as netfilter logs them.
        (b':', 12..)
            if hay.get(..start).is_some_and(|head| head.ends_with(b"MAC="))
                && !(count == 14 && !is_ether_type(span.of(hay)) && is_client(span.of(hay))) =>
        {
            return header(cx, start);
        }
        // The type of the hardware in front, or of the identifier and a time as well.
        (b':' | b'-', 7 | 10 | 14)
            if is_client(span.of(hay))
                && !(before(hay, start) == b'=' && is_ether_type(span.of(hay))) =>
        {
            let address = Span::new(end.saturating_sub(17), end);
            return judge(cx, address, "an address in the identifier of a DHCP client");
        }
        // Destination, source and EtherType, as netfilter logs them.
        (b':', 14) if before(hay, start) == b'=' || is_ether_type(span.of(hay)) => {
            return header(cx, start);
        }
        _ => return cx.reject(span, Class::MAC, ID, "not the number of groups of a MAC"),
    };
    judge(cx, span, reason);
}

/// The two addresses that an Ethernet header at `start` begins with.
fn header(cx: &mut Cx<'_>, start: usize) {
    for from in [0, 18] {
        let address = start.saturating_add(from);
        let span = Span::new(address, address.saturating_add(17));
        if !is_nobody(span.of(cx.hay())) {
            cx.text(span, Class::MAC, ID, "an address of an Ethernet header");
        }
    }
}

fn judge(cx: &mut Cx<'_>, span: Span, reason: &'static str) {
    if is_nobody(span.of(cx.hay())) {
        return cx.reject(span, Class::MAC, ID, "no device: broadcast or unset");
    }
    cx.text(span, Class::MAC, ID, reason);
}

/// Six pairs and nothing else, as most stand: with the last separator at `at`, and no word, escape or separator around.
#[inline]
fn six_pairs(hay: &[u8], at: usize, separator: u8) -> Option<Span> {
    let span = Span::new(at.checked_sub(14)?, at.saturating_add(3));
    let text: &[u8; 17] = span.of(hay).first_chunk()?;
    let pairs = text.iter().enumerate().fold(true, |all, (n, b)| {
        let right = if n % 3 == 2 {
            *b == separator
        } else {
            is_hex(*b)
        };
        all & right
    });
    let apart = |b: u8| !is_word(b) && b != separator && b != b'\\';
    (pairs && apart(before(hay, span.start)) && apart(byte(hay, span.end))).then_some(span)
}

/// `ff:ff:ff:ff:ff:ff` and `00:00:00:00:00:00` are no device's.
fn is_nobody(text: &[u8]) -> bool {
    let mut digits = text.iter().filter(|b| is_hex(**b));
    match digits.next().copied() {
        Some(first @ (b'0' | b'f' | b'F')) => digits.all(|b| b.eq_ignore_ascii_case(&first)),
        _ => false,
    }
}
