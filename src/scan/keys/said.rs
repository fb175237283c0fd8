//! What a key says, from memory where its name has been looked up before: logs write the same few over and over.

use super::super::memo::{Memo, NAME_BYTES_MAX, Name};
use super::super::object;
use super::{is_key, own_rule, walk};
use crate::class::Class;
use crate::format::bytes::is_escape_letter;
use crate::policy::Custom;
use crate::record::Span;

/// What a key says, by its text.
#[derive(Clone, Copy)]
pub(in crate::scan) struct Key {
    /// How many bytes in front of its end its name begins, as [`walk`] has it, and its class.
    class: Option<(u8, Class)>,
    /// The operator's rule for it; 0 where there is none.
    pub(in crate::scan) rule: u16,
    /// Whether it may be one of [`BARE`].
    ///
    /// [`BARE`]: super::BARE
    pub(in crate::scan) bare: bool,
}

impl Key {
    /// Where it starts that ends at `end`, and its class.
    #[inline]
    pub(in crate::scan) fn class(&self, end: usize) -> Option<(usize, Class)> {
        let (back, class) = self.class?;
        Some((end.saturating_sub(usize::from(back)), class))
    }
}

pub(in crate::scan) type Names = Memo<Key>;

/// What the key says that ends in front of the quote at `end`, from memory where it has been looked up before.
#[inline]
pub(in crate::scan) fn quoted(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    names: &mut Names,
) -> Key {
    match Name::before(hay, end) {
        None => plain(hay, end, custom, names),
        name => said(hay, end, custom, name, names),
    }
}

/// The same of one without quotes.
#[inline]
pub(in crate::scan) fn plain(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    names: &mut Names,
) -> Key {
    let start = plain_start(hay, end);
    let name =
        start.and_then(|start| Name::at(hay, Span::new(start, end)).map(|name| (name, start)));
    said(hay, end, custom, name, names)
}

/// Where all begins that [`walk`] looks at in front of `end`, where that is near.
#[inline(always)]
fn plain_start(hay: &[u8], end: usize) -> Option<usize> {
    let from = end.checked_sub(NAME_BYTES_MAX)?;
    let near: &[u8; NAME_BYTES_MAX] = hay.get(from..)?.first_chunk()?;
    let mut left = near.as_slice();
    while let [rest @ .., last] = left
        && is_key(*last)
    {
        left = rest;
    }
    // One more word is looked at.
    if let [rest @ .., letter, b' '] = left
        && letter.is_ascii_alphabetic()
    {
        left = rest;
        while let [rest @ .., last] = left
            && is_key(*last)
        {
            left = rest;
        }
    }
    let start = from.wrapping_add(left.len());
    // What begins with the letter of an escape may have a name behind that: it is not remembered.
    let escape = left.last() == Some(&b'\\') && is_escape_letter(hay, start);
    (!left.is_empty() && !escape).then_some(start)
}

#[inline(always)]
fn said(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    name: Option<(Name, usize)>,
    names: &mut Names,
) -> Key {
    if let Some((name, _)) = name
        && let Some(known) = names.answer(name)
    {
        return known;
    }
    said_anew(hay, end, custom, name, names)
}

#[inline(never)]
fn said_anew(
    hay: &[u8],
    end: usize,
    custom: Option<&Custom>,
    name: Option<(Name, usize)>,
    names: &mut Names,
) -> Key {
    let mut by_value = false;
    let found = walk(hay, end, &mut by_value);
    let back = |start: usize| u8::try_from(end.saturating_sub(start)).unwrap_or(u8::MAX);
    let key = Key {
        class: found.map(|(start, class)| (back(start), class)),
        rule: own_rule(hay, end, custom),
        bare: object::bare(hay, end).is_some(),
    };
    // All of it is behind the quote or the sign that ends the walk, and nothing in front of that is looked at.
    if let Some((name, start)) = name
        && !by_value
        && found.is_none_or(|(of, _)| of >= start)
    {
        names.remember(name, key);
    }
    key
}
