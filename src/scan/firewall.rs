//! The users in the columns of a firewall's logs, by the type of log in the fourth.

use super::context::Cx;
use super::names::name;
use crate::format::bytes::{byte, is_digit, is_end, skip};
use crate::format::csv::Fields;
use crate::record::Span;

/// A type, and which fields behind it are users.
const TYPES: &[(&str, &[usize])] = &[
    (",TRAFFIC,", &[8, 9]),
    (",THREAT,", &[8, 9]),
    (",DECRYPTION,", &[8, 9]),
    (",GLOBALPROTECT,", &[8]),
    (",USERID,", &[5]),
    (",AUTHENTICATION,", &[5, 6]),
    (",CONFIG,", &[6]),
    (",HIPMATCH,", &[3]),
    (",HIP-MATCH,", &[3]),
];

/// Longest stretch that the fields are in.
const FIELDS_BYTES_MAX: usize = 1024;

/// `1,2024/05/01 10:00:00,0123,TRAFFIC,end,2561,2024/05/01 10:00:00,192.0.2.7,…,rule,corp\pat,,ssl,…` (PAN-OS, syslog
/// field descriptions).
pub(super) fn columns(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some((_, users)) = TYPES
        .iter()
        .find(|(kind, _)| literal.of(hay) == kind.as_bytes())
    else {
        return;
    };
    let end = skip(hay, literal.end, FIELDS_BYTES_MAX, |b| !is_end(b));
    let fields = Fields::new(hay, Span::new(literal.end, end), b',', false);
    let mut found = [None; 2];
    for (n, field) in fields.enumerate().take(10) {
        let text = field.text.of(hay);
        // Subtype, version, when it was generated.
        let is = match n {
            0 => text.len() <= 32,
            1 => text.iter().all(|b| is_digit(*b) || *b == b'.'),
            2 => text.contains(&b':') && is_digit(byte(hay, field.text.start)),
            _ => true,
        };
        if !is {
            return;
        }
        if let Some(k) = users.iter().position(|user| *user == n)
            && let Some(slot) = found.get_mut(k)
        {
            *slot = Some(field.text);
        }
    }
    for user in found.into_iter().flatten() {
        name(cx, user);
    }
}
