//! IPv6 addresses in the names of reverse look-ups: `1.0.0.…8.b.d.0.1.0.0.2.ip6.arpa`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, is_hex, word_before};
use crate::record::Span;

/// Hex digits of an address.
const DIGITS: usize = 32;
/// Fewest digits that are found: the network of one site.
const DIGITS_MIN: usize = 12;

/// Hex digits with dots between, the last first.
pub(super) static DETECTOR: Detector = Detector {
    id: "ip6_pointer",
    classes: &[Class::IP],
    anchors: &[Anchor::Literal],
    literals: &[".ip6.arpa", ".IP6.ARPA", ".ip6.int", ".IP6.INT"],
    source: "RFC 3596 §2.5; RFC 1886 §2.5",
    confirm,
    finds: &[
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
        "query: 0.0.0.8.B.D.0.1.0.0.2.0.1.0.0.2.IP6.ARPA IN PTR",
    ],
    leaves: &[
        "zone 8.b.d.0.1.0.0.2.ip6.arpa",
        "x.ip6.arpa",
        "1.0.10.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
        "_1.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    let end = at.saturating_sub(literal.len());
    let (mut start, mut digits) = (end, 0usize);
    while digits < DIGITS && is_hex(before(hay, start)) {
        start = start.saturating_sub(1);
        digits = digits.saturating_add(1);
        if before(hay, start) != b'.' || !is_hex(before(hay, start.saturating_sub(1))) {
            break;
        }
        start = start.saturating_sub(usize::from(digits < DIGITS));
    }
    let span = Span::new(start, end);
    if digits < DIGITS_MIN || word_before(hay, start) || before(hay, start) == b'-' {
        return cx.reject(
            span,
            Class::IP,
            "ip6_pointer",
            "no whole address or network",
        );
    }
    cx.text(
        span,
        Class::IP,
        "ip6_pointer",
        "the name of a reverse look-up",
    );
}
