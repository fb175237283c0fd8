//! What a value becomes, action by action. Text stays in its spelling's alphabet: nothing here writes a
//! quote, a backslash, a blank, a separator or a bracket, so that what parsed still parses.

use super::cipher::Way;
use super::identity::{canonical, domain};
use super::typed::{preserve, truncate};
use super::{Masker, Scrubbed, Target};
use crate::class::Class;
use crate::policy::{Action, Typed};
use crate::record::Spelling;

pub(super) fn replace(
    action: Action,
    target: Target,
    hay: &[u8],
    masker: &Masker,
    out: &mut Scrubbed,
) {
    let Target { span, class, .. } = target;
    let number = target.number();
    let text = span.of(hay);
    match action {
        Action::Mask {
            keep_first,
            keep_last,
        } => mask(text, number, keep_first.into(), keep_last.into(), out),
        Action::Hash(typed) => masker.pseudonyms.write(target, hay, typed, out),
        // A number has no room for a token: its digits become others.
        Action::Encrypt(typed) if number => match digits(text, masker) {
            Some(digits) => out.kept(&digits),
            None => masker.pseudonyms.write(target, hay, typed, out),
        },
        Action::Encrypt(typed) => {
            match masker
                .cipher()
                .and_then(|cipher| cipher.token(class, &canonical(class, hay, span)))
            {
                Some(token) => {
                    out.kept(&token);
                    if typed.keep_domain
                        && class == Class::EMAIL
                        && let Some(domain) = domain(text)
                    {
                        out.kept(domain);
                    }
                }
                None => masker.pseudonyms.write(target, hay, typed, out),
            }
        }
        Action::Preserve(typed) => {
            let preserved = if number {
                digits(text, masker)
            } else {
                masker
                    .cipher()
                    .and_then(|cipher| preserve(cipher, class, hay, span, typed, Way::There))
            };
            match preserved {
                Some(preserved) => out.kept(&preserved),
                None => masker.pseudonyms.write(target, hay, typed, out),
            }
        }
        Action::Truncate(typed) => {
            if !out.made(|out| coarse(target, hay, typed, out)) {
                label(target, text, out);
            }
        }
        _ if number => out.kept(zero(text)),
        // The common log format's sign for no value: an empty one would make the next word look like it.
        Action::DropField => out.kept(b"-"),
        _ => label(target, text, out),
    }
}

fn label(target: Target, text: &[u8], out: &mut Scrubbed) {
    out.kept(label_of(target, text));
}

#[inline]
fn label_of(target: Target, text: &[u8]) -> &'static [u8] {
    match target.number() {
        true => zero(text),
        false => target.class.info().label.as_bytes(),
    }
}

/// What a value becomes that a fixed label hides, as it is written.
#[inline]
pub(super) fn fixed(target: Target, text: &[u8]) -> Option<&'static [u8]> {
    (matches!(target.action, Action::Redact) && target.spelling != Spelling::Hex)
        .then(|| label_of(target, text))
}

/// A number stays one: no leading zero comes out of this.
fn coarse(target: Target, hay: &[u8], typed: Typed, out: &mut Vec<u8>) -> Option<()> {
    let numeric = matches!(target.class, Class::COORDINATES | Class::BIRTHDAY);
    if target.number() && !numeric {
        return None;
    }
    truncate(target.class, hay, target.span, typed, out)
}

/// The digits of a JSON number, replaced; sign and point stay.
fn digits(text: &[u8], masker: &Masker) -> Option<Vec<u8>> {
    if text.iter().any(|b| matches!(b, b'e' | b'E')) {
        return None;
    }
    let mut digits: Vec<u8> = text
        .iter()
        .filter(|b| b.is_ascii_digit())
        .copied()
        .collect();
    masker.cipher()?.digits(&mut digits, Way::There)?;
    let mut next = digits.iter();
    Some(
        text.iter()
            .map(|b| match b.is_ascii_digit() {
                true => next.next().copied().unwrap_or(b'0'),
                false => *b,
            })
            .collect(),
    )
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
    // A cut escape, or one quote of two, would no longer parse: such values are hidden whole.
    let escaped = text
        .iter()
        .any(|b| matches!(b, b'\\' | b'%' | b'&' | b'"' | b'\''));
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
