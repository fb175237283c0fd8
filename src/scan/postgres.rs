//! The user in the prefixes of PostgreSQL's lines.

use super::context::Cx;
use super::names::{is_name, name, word_before};
use crate::format::bytes::{before, byte, is_digit, is_end, record_start, skip, skip_back};
use crate::record::Span;

/// `pat@db LOG:  …`, the prefix `%u@%d`.
pub(super) fn prefix(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let end = literal.start.saturating_sub(1);
    let prefix = word_before(hay, end);
    if before(hay, literal.start) == b' '
        && let Some(at) = memchr::memchr(b'@', prefix.of(hay))
    {
        name(cx, Span::new(prefix.start, prefix.start.saturating_add(at)));
    }
}

/// `…:pat@db:[812]:LOG:`, the prefix `%t:%r:%u@%d:[%p]:` of managed databases.
pub(super) fn rds(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let pid = skip_back(hay, literal.start, 10, is_digit);
    if Span::new(pid.saturating_sub(2), pid).of(hay) != b":[" {
        return;
    }
    let whole = word_before(hay, pid.saturating_sub(2));
    if before(hay, whole.start) == b':'
        && let Some(at) = memchr::memchr(b'@', whole.of(hay))
    {
        name(cx, Span::new(whole.start, whole.start.saturating_add(at)));
    }
}

/// How far from the start of a record its severity may be.
const PREFIX_BYTES_MAX: usize = 512;

/// `2024-05-01 10:00:00.123 UTC,"pat","db",812,…,LOG,…`: `log_destination = csvlog`; Greenplum's has quotes around
/// `LOG`.
pub(super) fn csv(cx: &mut Cx<'_>, literal: Span) {
    let hay = cx.hay();
    let Some(start) = record_start(hay, literal.start, PREFIX_BYTES_MAX) else {
        return;
    };
    let time = skip(hay, start, 40, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.' | b' ' | b'+' | b'/' | b'_')
    });
    let user = time.saturating_add(2);
    if !is_digit(byte(hay, start)) || Span::new(time, user).of(hay) != b",\"" {
        return;
    }
    let end = skip(hay, user, 64, is_name);
    let database = skip(hay, end.saturating_add(3), 64, |b| b != b'"' && !is_end(b));
    let between = Span::new(end, end.saturating_add(3)).of(hay) == b"\",\"";
    let behind = Span::new(database, database.saturating_add(2)).of(hay) == b"\",";
    // Greenplum writes `p812`.
    let pid = database.saturating_add(2);
    let pid = pid.saturating_add(usize::from(byte(hay, pid) == b'p'));
    if between && behind && is_digit(byte(hay, pid)) {
        name(cx, Span::new(user, end));
    }
}
