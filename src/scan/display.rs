//! The names that stand in front of addresses.

use super::context::Cx;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_end, is_word, skip_back};
use crate::record::Span;

/// What finds them.
const ID: &str = "email";

/// `"Ann Lee" <ann@example.org>`, `Ann Lee <ann@example.org>`, `"Ann Lee" <sip:ann@192.0.2.7>`, `"Ann Lee" <tel:+49…>`
/// (RFC 5322 §3.4, RFC 3261 §20.10): whose the address is that begins with `own`.
pub(super) fn display_name(cx: &mut Cx<'_>, own: Span) {
    let hay = cx.hay();
    let head = hay.get(..own.start).unwrap_or_default();
    let schemes = [&b"<sip:"[..], b"<sips:", b"<mailto:", b"<tel:", b"<"];
    let Some(scheme) = schemes.iter().find(|scheme| head.ends_with(scheme)) else {
        return;
    };
    let angle = own.start.saturating_sub(scheme.len());
    let end = skip_back(hay, angle, 1, |b| b == b' ');
    let name = match before(hay, end) {
        b'"' => quoted_name(hay, end.saturating_sub(1)),
        _ if end < angle => bare_name(hay, end, own),
        _ => None,
    };
    let Some(name) = name else { return };
    let text = name.of(hay);
    let number = !text.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80);
    let class = match number || text == own.of(hay) {
        true => Class::ACCOUNT,
        false => Class::NAME,
    };
    cx.text(name, class, ID, "the name in front of an address");
}

/// The inside of a string that the quote at `close` closes: in a string of JSON with backslashes in front of its quotes, in
/// a cell of CSV with the quotes doubled.
fn quoted_name(hay: &[u8], close: usize) -> Option<Span> {
    let end = match before(hay, close) {
        b'"' => close.saturating_sub(1),
        _ => skip_back(hay, close, 3, |b| b == b'\\'),
    };
    let start = skip_back(hay, end, 64, |b| !matches!(b, b'"' | b'\\') && !is_end(b));
    let name = Span::new(start, end);
    (before(hay, start) == b'"' && name.of(hay).iter().any(|b| is_word(*b))).then_some(name)
}

/// Two or three words in front of `end` that begin like names, or the local part once more: `RCPT <ann@…>`, `Sender <ann@…>`
/// say what the address is.
fn bare_name(hay: &[u8], end: usize, own: Span) -> Option<Span> {
    let part = |b: u8| b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'.' | b'-' | b'\'');
    let once = Span::new(end.saturating_sub(own.len()), end);
    if once.of(hay) == own.of(hay) && before(hay, once.start) == b' ' {
        return Some(once);
    }
    const NO_NAMES: &[&[u8]] = &[
        b"From",
        b"To",
        b"Cc",
        b"Bcc",
        b"Sender",
        b"Recipient",
        b"Address",
        b"User",
        b"Account",
        b"Email",
        b"Mail",
    ];
    let (mut first, mut from, mut words) = (end, end, 0u8);
    for _ in 0..3 {
        let start = skip_back(hay, from, 24, part);
        let begins = byte(hay, start);
        if start == from || !(begins.is_ascii_uppercase() || begins >= 0xC0) {
            break;
        }
        let word = Span::new(start, from).of(hay);
        if words == 0
            && (NO_NAMES.contains(&word)
                || word.len() > 3 && word.iter().all(u8::is_ascii_uppercase))
        {
            return None;
        }
        words = words.saturating_add(1);
        first = start;
        if before(hay, start) != b' ' {
            break;
        }
        from = start.saturating_sub(1);
    }
    let whole = !is_word(before(hay, first)) || before(hay, first) >= 0x80;
    let one = words == 1 && byte(hay, first) >= 0xC0;
    ((words > 1 || one) && whole).then(|| Span::new(first, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Custom;
    use crate::scan::explain;

    #[test]
    fn names_in_front_of_addresses() {
        for (line, name) in [
            ("From: \"Ann Lee\" <sip:ann@example.org>", Some("Ann Lee")),
            (r#"{"m":"\"Ann Lee\" <ann@example.org>"}"#, Some("Ann Lee")),
            ("\"\"\"Ann Lee\"\" <ann@example.org>\"", Some("Ann Lee")),
            ("Author: Ann Lee <ann@example.org>", Some("Ann Lee")),
            (
                r#"{"from":"Ann M. O'Hara-Lee <ann@example.org>"}"#,
                Some("Ann M. O'Hara-Lee"),
            ),
            ("to=张三 <zhang@example.org>", Some("张三")),
            ("=> ann <ann@example.org>", Some("ann")),
            ("rejected RCPT <ann@example.org>", None),
            ("Sender <ann@example.org> refused", None),
            ("Mail From <ann@example.org>", None),
            ("relay to <ann@example.org>", None),
            ("x\"\" <ann@example.org>", None),
        ] {
            let notes = explain(line.as_bytes(), &Custom::default());
            let named = notes
                .iter()
                .filter(|n| n.accepted && n.class != Class::EMAIL);
            let named: Vec<_> = named
                .map(|n| std::str::from_utf8(n.span.of(line.as_bytes())).unwrap())
                .collect();
            assert_eq!(named.first().copied(), name, "{line}: {named:?}");
        }
    }
}
