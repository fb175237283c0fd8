//! A record that is nothing but document numbers: nothing else in it could be meant.

use super::super::Detector;
use super::super::context::{Cx, Spelling};
use super::super::front::Anchor;
use super::form::{FORM_BYTES_MAX, GROUPS_MAX, Kinds, Proof, is_separator, key};
use super::{CLASSES, FORMS, ROWS};
use crate::format::bytes::{before, byte, is_end, skip, skip_back};
use crate::record::Span;

const ID: &str = "document_alone";

/// Longest record that is looked at.
const RECORD_BYTES_MAX: usize = 64;

/// A column of document numbers, one or a few in a record.
pub(in super::super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: CLASSES,
    anchors: &[Anchor::End],
    literals: &[],
    source: "each row of the tables names its own",
    confirm,
    finds: &[
        "44051401359",
        "51 824 753 556",
        " 10000000146 \n",
        "850101-1236 198501011236",
    ],
    leaves: &[
        "44051401358",
        "ok 44051401359",
        "1700000000",
        "2024-01-01",
        "x",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if at > hay.len() || at < hay.len() && !is_end(byte(hay, at)) {
        return;
    }
    let blank = |b: u8| matches!(b, b' ' | b'\t' | b'\r');
    let Some(start) = cx.record_start(at, RECORD_BYTES_MAX) else {
        return;
    };
    let start = skip(hay, start, RECORD_BYTES_MAX, blank);
    let end = at.saturating_sub(at.saturating_sub(skip_back(hay, at, RECORD_BYTES_MAX, blank)));
    let record = Span::new(start, end);
    if !(6..=RECORD_BYTES_MAX).contains(&record.len()) {
        return;
    }
    if record.len() <= FORM_BYTES_MAX
        && let Some(row) = number(record.of(hay))
    {
        return take(cx, record, row);
    }
    // Several of them, and nothing else.
    let gap = |b: u8| matches!(b, b' ' | b',' | b';' | b'\t');
    let parts = || {
        let mut from = start;
        std::iter::from_fn(move || {
            let start = skip(hay, from, RECORD_BYTES_MAX, gap);
            from = skip(hay, start, RECORD_BYTES_MAX, |b| !gap(b) && !is_end(b)).min(end);
            (start < end).then(|| Span::new(start, from))
        })
        .filter(|part| part.of(hay) != b"and")
    };
    let begins = parts()
        .next()
        .is_some_and(|part| number(part.of(hay)).is_some());
    if !begins || parts().take(9).count() > 8 || !parts().all(|part| number(part.of(hay)).is_some())
    {
        return;
    }
    for part in parts() {
        if let Some(row) = number(part.of(hay)) {
            take(cx, part, row);
        }
    }
}

fn take(cx: &mut Cx<'_>, span: Span, row: usize) {
    let hay = cx.hay();
    if let Some(row) = ROWS.get(row) {
        let spelling =
            if span.of(hay).iter().all(u8::is_ascii_digit) && before(hay, span.start) == b'[' {
                Spelling::Number
            } else {
                Spelling::Text
            };
        cx.accept(span, row.class, spelling, ID, row.name);
    }
}

/// The row that the whole of `text` is a number of.
fn number(text: &[u8]) -> Option<usize> {
    let forms = if text.iter().all(u8::is_ascii_alphanumeric) {
        FORMS.solid(text.len())
    } else {
        let groups = || text.split(|b| is_separator(*b)).map(<[u8]>::len);
        if groups().take(GROUPS_MAX.saturating_add(1)).count() > GROUPS_MAX {
            return None;
        }
        FORMS.grouped(key(groups()))
    };
    if forms.is_empty() {
        return None;
    }
    let kinds = Kinds::of(text);
    forms
        .iter()
        .filter(|form| form.proof != Proof::Word)
        .find(|form| {
            let holds =
                |row: &&super::form::Document, plain: super::form::Plain| (row.check)(plain.of());
            form.matches(text, kinds)
                .is_some_and(|plain| ROWS.get(form.row).is_some_and(|row| holds(row, plain)))
        })
        .map(|form| form.row)
}
