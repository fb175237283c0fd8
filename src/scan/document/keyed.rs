//! A number behind the key or the noun of its class, however it is grouped: `NINO: AB 12 34 56 C`, `паспорт 45 06 123456`.
//!
//! Pairs of digits anchor nothing, and a value without quotes ends at its first blank: here the longest run of groups
//! that a row writes is the number.

use super::form::{FORM_BYTES_MAX, Form, GROUPS_MAX, Kinds, Plain, Proof, goes_on, key};
use super::{FORMS, GROUP_CHARS_MAX, ROWS, around, bound_behind, group};
use crate::class::Class;
use crate::format::bytes::{alnums_end, byte};
use crate::record::Span;

/// Shortest group that could be a number by itself.
const WHOLE_CHARS: usize = 6;

/// What announces the number.
#[derive(Clone, Copy)]
pub(in crate::scan) enum By {
    /// A key of the class: a mistyped number in capitals is one too.
    Key(Class),
    /// A noun of the class in a sentence.
    Noun(Class),
    /// A noun that is also something else's: a word of the row has to stand nearby.
    Word,
}

/// The longest number in groups that starts at `start`, and its class.
pub(in crate::scan) fn longest(hay: &[u8], start: usize, by: By) -> Option<(Span, Class)> {
    let mut found = None;
    let mut plain = Plain::empty();
    let mut lengths = 0u32;
    let (mut separator, mut same) = (0u8, true);
    let mut first = Span::new(start, start);
    let mut at = start;
    for groups in 1..=GROUPS_MAX {
        let part = Span::new(at, alnums_end(hay, at, GROUP_CHARS_MAX.saturating_add(1)));
        let Some(part) = group(hay, part).filter(|part| !is_key(hay, *part)) else {
            break;
        };
        if !plain.push(part.of(hay)) {
            break;
        }
        lengths = lengths << 4 | key(std::iter::once(part.len()));
        if groups == 1 {
            first = part;
            separator = byte(hay, part.end);
        } else if ends(hay, part.end)
            && let Some(class) = (Run {
                span: Span::new(start, part.end),
                first,
                plain,
                lengths,
                groups,
                same,
            })
            .class(hay, by)
        {
            found = Some((Span::new(start, part.end), class));
        }
        if !goes_on(hay, part.end) {
            break;
        }
        same &= byte(hay, part.end) == separator;
        at = part.end.saturating_add(1);
    }
    found
}

/// Whether a key or a clock goes on behind the group.
fn is_key(hay: &[u8], part: Span) -> bool {
    let next = byte(hay, part.end);
    let behind = byte(hay, part.end.saturating_add(1));
    let word = part.len() > 1 && part.of(hay).iter().all(u8::is_ascii_alphabetic);
    next == b':' && (word || behind.is_ascii_alphanumeric()) || !bound_behind(hay, part.end)
}

/// Whether a number may end at `end`: nothing but a blank joins what comes next.
fn ends(hay: &[u8], end: usize) -> bool {
    byte(hay, end) == b' ' || !goes_on(hay, end)
}

/// Groups side by side.
struct Run {
    span: Span,
    first: Span,
    plain: Plain,
    lengths: u32,
    groups: usize,
    /// Whether one separator is between all.
    same: bool,
}

impl Run {
    /// The class of the number that it is.
    fn class(&self, hay: &[u8], by: By) -> Option<Class> {
        let text = self.span.of(hay);
        let written = || {
            let forms = FORMS.grouped(self.lengths);
            let kinds = Kinds::of(text);
            forms
                .iter()
                .find(|form| form.matches(text, kinds).is_some() && self.is(hay, form, by, true))
        };
        // Grouped as no row has it.
        let regrouped = || {
            let plain = self.plain.of();
            let kinds = Kinds::of(plain);
            let forms = FORMS.solid(plain.len());
            let small = text.iter().any(u8::is_ascii_lowercase);
            forms
                .iter()
                .filter(|_| self.same && !small)
                .find(|form| form.matches(plain, kinds).is_some() && self.is(hay, form, by, false))
        };
        if text.len() > FORM_BYTES_MAX {
            return None;
        }
        let form = written().or_else(regrouped)?;
        Some(form.class)
    }

    /// Whether the run is a number of the form's row; `written` as the row has it.
    fn is(&self, hay: &[u8], form: &Form, by: By, written: bool) -> bool {
        let Some(row) = ROWS.get(form.row) else {
            return false;
        };
        let holds = (row.check)(self.plain.of());
        let letters = self.plain.of().iter().any(u8::is_ascii_uppercase);
        // Digits that any check would pass may be a count and a clock.
        let strict = written || letters || form.proof != Proof::Word;
        match by {
            By::Key(class) => {
                let small = self.span.of(hay).iter().any(u8::is_ascii_lowercase);
                let mistyped = self.groups > 2 && self.first.len() < WHOLE_CHARS && !small;
                class == row.class
                    && (holds && strict || mistyped)
                    && (written || !self.first_is_whole(hay, class))
            }
            By::Noun(class) => {
                class == row.class
                    && holds
                    && strict
                    && (written || !self.first_is_whole(hay, class))
            }
            By::Word => holds && strict && around(hay, self.span) >> form.row & 1 == 1,
        }
    }

    /// Whether the first group is a number of the class itself.
    fn first_is_whole(&self, hay: &[u8], class: Class) -> bool {
        let text = self.first.of(hay);
        let kinds = Kinds::of(text);
        FORMS
            .solid(text.len())
            .iter()
            .any(|form| form.class == class && form.matches(text, kinds).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, by: By) -> &str {
        let (span, _) = longest(text.as_bytes(), 0, by).unwrap_or((Span::new(0, 0), Class::IP));
        text.get(span.start..span.end).unwrap()
    }

    #[test]
    fn a_key_takes_the_longest_run_that_a_row_writes() {
        let (national, passport) = (By::Key(Class::NATIONAL_ID), By::Key(Class::PASSPORT));
        for (text, by, number) in [
            ("AB 12 34 56 C ok", national, "AB 12 34 56 C"),
            ("AB 12 34 56 C: x", national, "AB 12 34 56 C"),
            (
                "2 55 08 14 168 025 38 12:30:05",
                national,
                "2 55 08 14 168 025 38",
            ),
            ("65 170839 J 00 8.", national, "65 170839 J 00 8"),
            ("RSS MRA 85T10 A562S", national, "RSS MRA 85T10 A562S"),
            ("529 982 247 25", national, "529 982 247 25"),
            ("529.982.247-25, x", national, "529.982.247-25"),
            ("12 345 678 Z", national, "12 345 678 Z"),
            ("440514 01359 x", national, "440514 01359"),
            ("AB 1234567 1", passport, "AB 1234567"),
            ("45 06 123456", passport, "45 06 123456"),
            // One number, and what comes behind it.
            ("440514 01358 x", national, ""),
            ("AB123456C 12 34", national, ""),
            ("AB1234567 12", passport, ""),
            ("123 45 6789=x", national, ""),
            ("123456 200 15", national, ""),
            ("is not set", national, ""),
            ("nt 99 88 77 a", national, ""),
            ("NT 99 88 77 A", national, "NT 99 88 77 A"),
            ("1 2026-01-02", national, ""),
        ] {
            assert_eq!(found(text, by), number, "{text}");
        }
    }

    #[test]
    fn a_noun_needs_a_number_that_holds() {
        let licence = By::Noun(Class::DRIVER_LICENSE);
        assert_eq!(found("2 000 000 seats", licence), "");
        assert_eq!(
            found("45 06 123456", By::Noun(Class::PASSPORT)),
            "45 06 123456"
        );
        assert_eq!(found("AB 12 34 56 C", By::Word), "");
        assert_eq!(found("AB 12 34 56 C is my NINO", By::Word), "AB 12 34 56 C");
    }
}
