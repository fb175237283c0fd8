//! A value of MessagePack onto a sheet, and back with what became of its leaves. Nothing that may carry
//! text passes beside the sheet: keys of any kind, bytes, and extension types but times go on it too.

use super::msgpack::{
    DEPTH_MAX, Reader, Stop, Token, write_bin, write_ext, write_int, write_map, write_str,
};
use crate::pipeline::{Leaf, Leaves, Sheet};
use crate::record::{Reason, Tombstone};

/// Whether an extension value is a time: EventTime of the Forward protocol, or MessagePack's timestamp.
#[must_use]
pub fn is_time(kind: i8, data: &[u8]) -> bool {
    matches!((kind, data.len()), (0, 8) | (-1, 4 | 8 | 12))
}

/// What JSON has no number for is no number here.
fn double(number: f64, text: String, sheet: &mut Sheet) {
    if number.is_finite() {
        sheet.number(&text);
    } else {
        sheet.blank();
    }
}

/// Puts the next value on the sheet.
///
/// # Errors
/// It is no whole value, nests too deep, or has a container as a key.
pub fn put(reader: &mut Reader<'_>, sheet: &mut Sheet, depth: usize) -> Result<(), Stop> {
    if depth > DEPTH_MAX {
        return Err(Stop::Bad);
    }
    let depth = depth.saturating_add(1);
    match reader.token()? {
        Token::Nil | Token::Bool(_) => sheet.blank(),
        Token::Int(number) => sheet.number(&number.to_string()),
        Token::Float(number) => double(number.into(), format!("{number:?}"), sheet),
        Token::Double(number) => double(number, format!("{number:?}"), sheet),
        Token::Str(text) | Token::Bin(text) => sheet.text(text),
        Token::Ext(kind, data) if is_time(kind, data) => sheet.blank(),
        Token::Ext(_, data) => sheet.text(data),
        Token::Array(count) => {
            sheet.list();
            for _ in 0..count {
                put(reader, sheet, depth)?;
            }
            sheet.end_list();
        }
        Token::Map(count) => {
            sheet.map();
            for _ in 0..count {
                match reader.token()? {
                    Token::Str(key) | Token::Bin(key) | Token::Ext(_, key) => sheet.key(key),
                    Token::Nil => sheet.key(b"nil"),
                    Token::Bool(key) => sheet.key(key.to_string().as_bytes()),
                    Token::Int(key) => sheet.key(key.to_string().as_bytes()),
                    Token::Float(key) => sheet.key(format!("{key:?}").as_bytes()),
                    Token::Double(key) => sheet.key(format!("{key:?}").as_bytes()),
                    Token::Array(_) | Token::Map(_) => return Err(Stop::Bad),
                }
                put(reader, sheet, depth)?;
            }
            sheet.end_map();
        }
    }
    Ok(())
}

/// The same walk again: the value with what became of its leaves, appended to `out`.
///
/// # Errors
/// The leaves are not those of this value: a bug.
pub fn encode(reader: &mut Reader<'_>, leaves: &mut Leaves, out: &mut Vec<u8>) -> Result<(), Stop> {
    let start = reader.at;
    let token = reader.token()?;
    let raw = reader.since(start);
    let leaf = match token {
        Token::Array(count) => {
            out.extend_from_slice(raw);
            for _ in 0..count {
                encode(reader, leaves, out)?;
            }
            return Ok(());
        }
        Token::Map(count) => {
            out.extend_from_slice(raw);
            for _ in 0..count {
                key(reader, leaves, out)?;
                encode(reader, leaves, out)?;
            }
            return Ok(());
        }
        Token::Nil | Token::Bool(_) => Leaf::Kept,
        Token::Float(number) if !number.is_finite() => Leaf::Kept,
        Token::Double(number) if !number.is_finite() => Leaf::Kept,
        Token::Ext(kind, data) if is_time(kind, data) => Leaf::Kept,
        _ => leaves.next().ok_or(Stop::Bad)?,
    };
    write(token, raw, leaf, out)
}

/// A map's next key.
///
/// # Errors
/// As [`encode`].
pub fn key(reader: &mut Reader<'_>, leaves: &mut Leaves, out: &mut Vec<u8>) -> Result<(), Stop> {
    let start = reader.at;
    let token = reader.token()?;
    let leaf = leaves.next().ok_or(Stop::Bad)?;
    write(token, reader.since(start), leaf, out)
}

/// One leaf in the form that it had.
fn write(token: Token<'_>, raw: &[u8], leaf: Leaf, out: &mut Vec<u8>) -> Result<(), Stop> {
    match (leaf, token) {
        (Leaf::Kept, _) => out.extend_from_slice(raw),
        (Leaf::Text(text), Token::Bin(_)) => write_bin(&text, out),
        (Leaf::Text(text), Token::Ext(kind, _)) => write_ext(kind, &text, out),
        (Leaf::Text(text), _) => write_str(&text, out),
        (Leaf::Number(number), Token::Float(_)) => {
            let number: f32 = number.parse().map_err(|_| Stop::Bad)?;
            out.push(0xCA);
            out.extend_from_slice(&number.to_be_bytes());
        }
        (Leaf::Number(number), token) => {
            let whole = number.parse().ok().filter(|_| token_is_int(token));
            if !whole.is_some_and(|whole| write_int(whole, out)) {
                let number: f64 = number.parse().map_err(|_| Stop::Bad)?;
                out.push(0xCB);
                out.extend_from_slice(&number.to_be_bytes());
            }
        }
    }
    Ok(())
}

const fn token_is_int(token: Token<'_>) -> bool {
    matches!(token, Token::Int(_))
}

/// Puts the values of one record on the sheet.
///
/// # Errors
/// As [`put`]: there is no such record on the sheet.
pub fn lay<'a>(mut values: impl Iterator<Item = &'a [u8]>, sheet: &mut Sheet) -> Result<(), Stop> {
    sheet.list();
    let laid = values.try_for_each(|value| put(&mut Reader::new(value), sheet, 0));
    match laid {
        Ok(()) => {
            sheet.end_list();
            sheet.end_record();
        }
        Err(_) => sheet.undo_record(),
    }
    laid
}

/// The values of one record with what became of their leaves, one behind the other.
///
/// # Errors
/// As [`encode`]; part of it may be in `out`.
pub fn write_back<'a>(
    values: impl Iterator<Item = &'a [u8]>,
    leaves: &mut Leaves,
    out: &mut Vec<u8>,
) -> Result<(), Stop> {
    for value in values {
        if leaves.changed() {
            encode(&mut Reader::new(value), leaves, out)?;
        } else {
            out.extend_from_slice(value);
        }
    }
    Ok(())
}

/// What stands where a record was: a map of one message.
pub fn tombstone(reason: Reason, bytes: usize, policy: &str, out: &mut Vec<u8>) {
    let tombstone = Tombstone {
        reason,
        bytes: bytes as u64,
        policy,
    };
    write_map(1, out);
    write_str(b"message", out);
    write_str(tombstone.to_string().as_bytes(), out);
}
