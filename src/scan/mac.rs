//! MAC addresses.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_hex, skip, skip_back, word_before, word_behind};
use crate::record::Span;

const ID: &str = "mac";

/// Six pairs with `:` or `-`, three fours with dots, EUI-64 made of a MAC.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::MAC],
    anchors: &[Anchor::ColonStride, Anchor::DashStride, Anchor::DotStride],
    literals: &[],
    source: "IEEE 802-2014 §8.1, RFC 4291 appendix A (EUI-64)",
    confirm,
    finds: &[
        "hw 00:11:22:aa:bb:cc up",
        "设备00:11:22:aa:bb:cc的",
        "00-11-22-AA-BB-CC",
        "0011.22aa.bbcc",
        "02:00:5e:ff:fe:10:00:01",
        "wlan0:up:00:11:22:aa:bb:cc",
        "MAC=00:11:22:aa:bb:cc:00:11:22:aa:bb:dd:08:00 SRC=",
    ],
    leaves: &[
        "12:34:56",
        "50:06:01:60:3b:a0:11:22",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "1234.5678.90",
        "2001:db8:1:2:3:4:5:6",
        "20-11-22-33-44",
        "to ff:ff:ff:ff:ff:ff and 0000.0000.0000",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let separator = byte(hay, at);
    if !matches!(separator, b':' | b'-' | b'.') {
        return;
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
        // Destination, source and EtherType, as netfilter logs them.
        (b':', 14) => {
            for from in [0, 18] {
                let address = start.saturating_add(from);
                let span = Span::new(address, address.saturating_add(17));
                if !is_nobody(span.of(hay)) {
                    cx.text(span, Class::MAC, ID, "an address of an Ethernet header");
                }
            }
            return;
        }
        _ => return cx.reject(span, Class::MAC, ID, "not the number of groups of a MAC"),
    };
    if is_nobody(span.of(hay)) {
        return cx.reject(span, Class::MAC, ID, "no device: broadcast or unset");
    }
    cx.text(span, Class::MAC, ID, reason);
}

/// `ff:ff:ff:ff:ff:ff` and `00:00:00:00:00:00` are no device's.
fn is_nobody(text: &[u8]) -> bool {
    let mut digits = text.iter().filter(|b| is_hex(**b));
    match digits.next().copied() {
        Some(first @ (b'0' | b'f' | b'F')) => digits.all(|b| b.eq_ignore_ascii_case(&first)),
        _ => false,
    }
}
