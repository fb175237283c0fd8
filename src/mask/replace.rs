//! What a value becomes, action by action. Text stays in its spelling's alphabet: nothing here writes a
//! quote, a backslash, a blank, a separator or a bracket, so that what parsed still parses.

use super::pseudonym::Pseudonyms;
use super::{Scrubbed, Target};
use crate::class::LABEL;
use crate::policy::Action;

pub(super) fn replace(
    action: Action,
    target: Target,
    text: &[u8],
    pseudonyms: &Pseudonyms,
    out: &mut Scrubbed,
) {
    match action {
        Action::Mask {
            keep_first,
            keep_last,
        } => mask(text, target.number, keep_first, keep_last, out),
        Action::Hash => pseudonyms.write(target, text, out),
        _ if target.number => out.kept(zero(text)),
        // The common log format's sign for no value: an empty one would make the next word look like it.
        Action::DropField => out.kept(b"-"),
        _ => {
            out.kept(LABEL.as_bytes());
            out.kept(target.class.info().tag.as_bytes());
        }
    }
}

/// A number that stays what it was: integer or fraction.
fn zero(text: &[u8]) -> &'static [u8] {
    if text.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        b"0.0"
    } else {
        b"0"
    }
}

/// Length stays, so masking twice is masking once.
fn mask(text: &[u8], number: bool, keep_first: usize, keep_last: usize, out: &mut Scrubbed) {
    if number {
        return mask_number(text, keep_last, out);
    }
    // A cut escape would no longer parse: such values are hidden whole.
    let escaped = text.iter().any(|b| matches!(b, b'\\' | b'%' | b'&'));
    let count = text.iter().filter(|b| is_first_of_char(**b)).count();
    let (first, last) = if escaped || keep_first.saturating_add(keep_last) >= count {
        (0, 0)
    } else {
        (keep_first, keep_last)
    };
    let mut index = 0usize;
    let mut shown = false;
    for &b in text {
        if is_first_of_char(b) {
            shown = index < first || index >= count.saturating_sub(last);
            index = index.saturating_add(1);
            if !shown {
                out.kept(b"*");
            }
        }
        if shown {
            out.kept(&[b]);
        }
    }
}

const fn is_first_of_char(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Digits become zeros but for the last; a leading zero would be no JSON number.
fn mask_number(text: &[u8], keep_last: usize, out: &mut Scrubbed) {
    let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
    let hidden = if keep_last >= digits {
        digits
    } else {
        digits.saturating_sub(keep_last)
    };
    let whole = text
        .iter()
        .skip_while(|b| **b == b'-')
        .take_while(|b| b.is_ascii_digit())
        .count();
    let mut index = 0usize;
    for &b in text {
        let shown = if b.is_ascii_digit() {
            index = index.saturating_add(1);
            match index {
                1 if index <= hidden && whole > 1 => b'1',
                _ if index <= hidden => b'0',
                _ => b,
            }
        } else {
            b
        };
        out.kept(&[shown]);
    }
}
