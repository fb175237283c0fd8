//! Protobuf on the wire (Protocol Buffers documentation, "Encoding"): fields with their places, and a
//! message written again with some of them changed. What is not changed stays byte for byte.
//!
//! A decoder that makes structures of messages would throw away what it does not know; here the caller
//! says what becomes of it.

use super::draft::Edit;
use super::refusal::Refusal;
use crate::record::Span;

/// A field's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Wire type 0.
    Varint(u64),
    /// Wire types 1 and 5.
    Fixed,
    /// Wire type 2: text, bytes, a message. Without its length.
    Bytes(Span),
}

/// One field of a message.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) value: Value,
    /// Tag included.
    pub(super) span: Span,
    /// Without the tag and the length.
    pub(super) payload: Span,
}

/// Places in a body at which something may be left out: a bound of memory, not of what is sent.
pub(super) const EDITS_MAX: usize = 1 << 18;

pub(super) const BROKEN: Refusal = Refusal::undecodable("the body is no such protobuf message");

/// A varint of at most ten bytes at `at`, and where it ends.
fn varint(body: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for i in 0..10usize {
        let end = at.checked_add(i)?;
        let byte = *body.get(end)?;
        let bits = u64::from(byte & 0x7F);
        value |= bits.checked_shl(u32::try_from(i.checked_mul(7)?).ok()?)?;
        if byte < 0x80 {
            return Some((value, end.checked_add(1)?));
        }
    }
    None
}

/// Appends a varint.
pub(super) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Appends a field of bytes.
pub(super) fn put_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | 2, out);
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The fields of the message at `message`, to its end or to what is broken.
pub(super) fn fields(
    body: &[u8],
    message: Span,
) -> impl Iterator<Item = Result<Field, Refusal>> + '_ {
    let mut at = message.start;
    std::iter::from_fn(move || {
        if at >= message.end {
            return None;
        }
        let field = field(body, at, message.end).ok_or(BROKEN);
        at = field.map_or(message.end, |field| field.span.end);
        Some(field)
    })
}

/// Notes that a field is left out.
pub(super) fn leave_out(field: Field, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
    if edits.len() >= EDITS_MAX {
        return Err(BROKEN);
    }
    edits.push((field.span, Vec::new()));
    Ok(())
}

fn field(body: &[u8], at: usize, end: usize) -> Option<Field> {
    let body = body.get(..end)?;
    let (tag, start) = varint(body, at)?;
    let number = u32::try_from(tag >> 3)
        .ok()
        .filter(|n| *n > 0 && *n < 1 << 29)?;
    let fixed = |length: usize| {
        let stop = start.checked_add(length)?;
        (stop <= end).then_some((Value::Fixed, Span::new(start, stop)))
    };
    let (value, payload) = match tag & 7 {
        0 => {
            let (value, stop) = varint(body, start)?;
            (Value::Varint(value), Span::new(start, stop))
        }
        1 => fixed(8)?,
        5 => fixed(4)?,
        2 => {
            let (length, start) = varint(body, start)?;
            let stop = start.checked_add(usize::try_from(length).ok()?)?;
            if stop > end {
                return None;
            }
            let span = Span::new(start, stop);
            (Value::Bytes(span), span)
        }
        // Groups are of proto2, and none of these messages has one.
        _ => return None,
    };
    Some(Field {
        number,
        value,
        span: Span::new(at, payload.end),
        payload,
    })
}

/// The message at `message` with the edits, sorted by place, that are in it. An edit of a whole field
/// replaces the field; one of a payload of bytes gets a new length; one of a number's payload is as long
/// as it was. What holds an edit further inside is a message itself.
pub(super) fn rewrite(
    body: &[u8],
    message: Span,
    edits: &[Edit],
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut edits = edits;
    let mut copied = message.start;
    while let Some((first, _)) = edits.first() {
        // Up to the field that holds the next edit, everything stays.
        let mut at = copied;
        let field = loop {
            let field = field(body, at, message.end).ok_or(BROKEN)?;
            if first.start < field.span.end {
                break field;
            }
            at = field.span.end;
        };
        out.extend_from_slice(Span::new(copied, at).of(body));
        let inside = edits.partition_point(|(span, _)| span.start < field.span.end);
        let (here, rest) = edits.split_at_checked(inside).ok_or(BROKEN)?;
        match here {
            [(span, new)] if *span == field.span => out.extend_from_slice(new),
            [(span, new)] if *span == field.payload => match field.value {
                Value::Bytes(_) => put_bytes(field.number, new, out),
                Value::Varint(_) | Value::Fixed => {
                    out.extend_from_slice(Span::new(field.span.start, span.start).of(body));
                    out.extend_from_slice(new);
                }
            },
            _ if matches!(field.value, Value::Bytes(_)) => {
                let mut inner = Vec::with_capacity(field.payload.len());
                rewrite(body, field.payload, here, &mut inner)?;
                put_bytes(field.number, &inner, out);
            }
            _ => return Err(BROKEN),
        }
        copied = field.span.end;
        edits = rest;
    }
    out.extend_from_slice(Span::new(copied, message.end).of(body));
    Ok(())
}
