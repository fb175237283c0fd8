//! Numbers of documents, registers and accounts of many countries: rows of a table, one engine.
//!
//! A row has the forms that the number is written in, its check digit and the words that announce it.
//! What the form and the check leave open, a word nearby decides, or that the record is nothing else.

mod africa_oceania;
mod alone;
mod americas;
mod asia;
mod check;
mod europe_central;
mod europe_north;
mod europe_south;
mod form;
mod keyed;
mod words;

use std::sync::LazyLock;

use super::Detector;
use super::context::{Cx, Spelling};
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{
    alnums_end, alnums_start, before, byte, bytes, is_digit, is_end, is_escape_letter, is_hex,
    is_json_number, skip, skip_back,
};
use crate::record::Span;
use form::{
    CHARS_MAX, Document, Form, Forms, GROUPS_MAX, Kinds, Plain, Proof, goes_on, is_separator, key,
};
use words::{AHEAD, BACK, Words};

pub(super) use alone::DETECTOR as ALONE;
pub(super) use keyed::{By, longest};

const ID: &str = "document";

/// Document numbers inside records.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: CLASSES,
    anchors: &[
        Anchor::Run6,
        Anchor::Capitals,
        Anchor::Group4,
        Anchor::Groups3,
    ],
    literals: &[],
    source: "each row of the tables names its own",
    confirm,
    finds: &[
        "codice fiscale RSSMRA85T10A562S ok",
        "pesel=44051401359",
        "our DNI 12345678Z is on file",
    ],
    leaves: &[
        "id=44051401359",
        "uuid 12345678-1234-1234-1234-123456789012",
        "at 1700000000123",
        "sha 12345678Zabc",
    ],
};

/// What the rows find.
const CLASSES: &[Class] = &[
    Class::NATIONAL_ID,
    Class::PASSPORT,
    Class::DRIVER_LICENSE,
    Class::TRANSACTION,
];

/// Words for any passport.
const PASSPORT: &[&str] = &[
    "passport",
    "passports",
    "passeport",
    "pasaporte",
    "passaporto",
    "passaporte",
    "reisepass",
    "paspoort",
    "pasport",
    "paszport",
    "pasaport",
    "passnr",
    "护照",
    "護照",
    "여권",
    "旅券",
    "паспорт",
    "паспорта",
    "หนังสือเดินทาง",
];

/// Words for any driver's licence.
const LICENCE: &[&str] = &[
    // The first two are left out of `LICENCE_ALONE`.
    "driver",
    "drivers",
    "licence",
    "license",
    "licencia",
    "driving",
    "dl",
    "dln",
    "führerschein",
    "fuehrerschein",
    "führerscheinnummer",
    "patente",
    "permis",
    "rijbewijs",
    "prawo",
    "körkort",
    "ajokortti",
    "면허",
    "驾驶证",
    "驾照",
];

/// The same without those that any log of a machine has, for digits alone.
const LICENCE_ALONE: &[&str] = LICENCE.split_at(2).1;

/// Words for any number of a tax office.
const TAX: &[&str] = &["tax", "tin", "vat", "fiscal", "taxpayer", "taxid"];

/// All rows.
static ROWS: LazyLock<Vec<&'static Document>> = LazyLock::new(|| {
    [
        americas::ROWS,
        europe_central::ROWS,
        europe_north::ROWS,
        europe_south::ROWS,
        africa_oceania::ROWS,
        asia::ROWS,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
});
static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms::new(&ROWS));
static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(&ROWS));

/// Builds what a first record would wait for.
pub(super) fn ready() {
    LazyLock::force(&FORMS);
    LazyLock::force(&WORDS);
}

/// Whether one of the detector's anchors is at `at`, where nobody has seen to that.
fn is_anchor(hay: &[u8], at: usize) -> bool {
    if !is_digit(byte(hay, at)) {
        return false;
    }
    let run = at
        .saturating_sub(skip_back(hay, at, 6, is_digit))
        .saturating_add(1);
    let back = |n: usize| at.checked_sub(n).map_or(0, |at| byte(hay, at));
    let gap = |b: u8| matches!(b, b' ' | b'-');
    let three = |n: usize| (n..n.saturating_add(3)).all(|n| is_digit(back(n)));
    run == 6
        || run >= 2 && back(2).is_ascii_uppercase() && back(3).is_ascii_uppercase()
        || run >= 4 && gap(back(4)) && is_digit(back(5))
        || run >= 3 && gap(back(3)) && three(4) && gap(back(7)) && three(8)
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if !cx.anchored && !is_anchor(hay, at) {
        return;
    }
    let most = CHARS_MAX.saturating_add(1);
    let mut start = alnums_start(hay, at, most);
    let end = alnums_end(hay, at, most);
    // The letter of an escape and an encoded byte are no part of it.
    if is_escape_letter(hay, start) {
        start = start.saturating_add(1);
    } else if before(hay, start) == b'%' && is_hex(byte(hay, start)) {
        start = start.saturating_add(2);
    }
    if end.saturating_sub(start) > CHARS_MAX || start >= end {
        return;
    }
    let token = Span::new(start, end);
    if !bound_before(hay, start) {
        return;
    }
    // A blank ends a number; any other separator with more behind it does not.
    let front = before(hay, start);
    let part = is_separator(front) && !matches!(front, b' ' | b':')
        || byte(hay, end) != b' ' && goes_on(hay, end);
    if !part && bound_behind(hay, end) {
        solid(cx, token);
    }
    grouped(cx, token);
}

/// Whether a number may start at `start`.
fn bound_before(hay: &[u8], start: usize) -> bool {
    !matches!(
        before(hay, start),
        b'_' | b'@' | b'$' | b'\\' | b'%' | b'~' | b'^'
    ) || start >= 2 && is_escape_letter(hay, start.saturating_sub(1))
}

/// Whether a number may end at `end`.
fn bound_behind(hay: &[u8], end: usize) -> bool {
    !matches!(byte(hay, end), b'_' | b'@' | b'%' | b'=' | b'+' | b'/')
}

fn solid(cx: &mut Cx<'_>, token: Span) {
    let hay = cx.hay();
    let text = token.of(hay);
    let forms = FORMS.solid(text.len());
    let mut said = None;
    // Digits alone need a word, and that is what most numbers of a log lack.
    if text.iter().all(|b| is_digit(*b)) && !forms.is_empty() {
        let words = around(hay, token);
        if words == 0 {
            return cx.reject(token, Class::NATIONAL_ID, ID, "no word nearby names it");
        }
        said = Some(words);
    }
    let kinds = Kinds::of(text);
    for form in forms {
        if let Some(plain) = form.matches(text, kinds) {
            judge(cx, token, form, &plain, &mut said);
        }
    }
}

/// Every run of groups that the token at hand is one of.
fn grouped(cx: &mut Cx<'_>, token: Span) {
    let hay = cx.hay();
    let ahead = |end: usize| {
        let start = goes_on(hay, end).then_some(end.saturating_add(1))?;
        group(
            hay,
            Span::new(
                start,
                alnums_end(hay, start, GROUP_CHARS_MAX.saturating_add(1)),
            ),
        )
    };
    let behind = |start: usize| {
        let end = start
            .checked_sub(1)
            .filter(|end| is_separator(byte(hay, *end)))?;
        group(
            hay,
            Span::new(
                alnums_start(hay, end, GROUP_CHARS_MAX.saturating_add(1)),
                end,
            ),
        )
    };
    let Some(own) = group(hay, token) else {
        return;
    };
    if !goes_on(hay, token.end) && !is_separator(before(hay, token.start)) {
        return;
    }
    // Nearly all that stands beside something is no part of a form with it.
    let front = behind(token.start).is_some_and(|part| FORMS.follow(part.len(), own.len()));
    let next = || ahead(token.end).is_some_and(|part| FORMS.follow(own.len(), part.len()));
    if !front && !next() {
        return;
    }
    // The groups in front, backwards, and those behind, each looked at once.
    let mut parts = [own; 2 * GROUPS_MAX];
    let mut first = GROUPS_MAX;
    while let Some(slot) = first.checked_sub(1).filter(|first| *first > 0)
        && let Some(before) = parts.get(first).and_then(|part| behind(part.start))
    {
        if let Some(part) = parts.get_mut(slot) {
            *part = before;
        }
        first = slot;
    }
    let mut last = GROUPS_MAX;
    while let Some(slot) = last.checked_add(1).filter(|last| *last < parts.len())
        && let Some(next) = parts.get(last).and_then(|part| ahead(part.end))
    {
        if let Some(part) = parts.get_mut(slot) {
            *part = next;
        }
        last = slot;
    }
    // From each that the number may begin with, to each that it may end with.
    for from in (first..=GROUPS_MAX).rev() {
        let run = parts.get(from..=last).unwrap_or_default();
        let Some(begin) = run.first() else { break };
        let mut lengths = 0u32;
        for (n, part) in run.iter().take(GROUPS_MAX).enumerate() {
            lengths = lengths << 4 | key(std::iter::once(part.len()));
            if n == 0 || part.end < token.end {
                continue;
            }
            let forms = FORMS.grouped(lengths);
            if forms.is_empty() {
                continue;
            }
            let span = Span::new(begin.start, part.end);
            let kinds = Kinds::of(span.of(hay));
            for form in forms {
                if let Some(plain) = form.matches(span.of(hay), kinds)
                    && apart(hay, span)
                {
                    judge(cx, span, form, &plain, &mut None);
                }
            }
        }
    }
}

/// Longest group of a number.
const GROUP_CHARS_MAX: usize = 9;

/// A group of a number: short, and no word.
fn group(hay: &[u8], span: Span) -> Option<Span> {
    let word = || span.len() > 3 && span.of(hay).iter().all(u8::is_ascii_alphabetic);
    ((1..=GROUP_CHARS_MAX).contains(&span.len()) && !word()).then_some(span)
}

/// Whether no group of digits with the same separator goes on in front or behind.
fn apart(hay: &[u8], span: Span) -> bool {
    let text = span.of(hay);
    let Some(separator) = text.iter().copied().find(|b| is_separator(*b)) else {
        return true;
    };
    let front = before(hay, span.start);
    let number_in_front = front == separator && is_digit(before(hay, span.start.saturating_sub(1)));
    let behind = byte(hay, span.end);
    let number_behind = behind == separator && is_digit(byte(hay, span.end.saturating_add(1)));
    let word_behind = matches!(behind, b'-' | b'.')
        && byte(hay, span.end.saturating_add(1)).is_ascii_alphanumeric();
    let part = number_in_front
        || number_behind
        || word_behind
        || matches!(front, b'-' | b'.' | b'/' | b'+');
    !part && bound_before(hay, span.start) && bound_behind(hay, span.end)
}

/// Form and check hold, or not; then what speaks for the number beside them.
fn judge(cx: &mut Cx<'_>, span: Span, form: &Form, plain: &Plain, said: &mut Option<u128>) {
    let hay = cx.hay();
    let Some(row) = ROWS.get(form.row) else {
        return;
    };
    if !(row.check)(plain.of()) {
        return cx.reject(
            span,
            form.class,
            ID,
            "the check digit or structure does not hold",
        );
    }
    let small = span.of(hay).iter().any(u8::is_ascii_lowercase);
    let itself = form.proof == Proof::Itself && !small;
    if !itself && *said.get_or_insert_with(|| around(hay, span)) >> form.row & 1 == 0 {
        return cx.reject(span, form.class, ID, "no word nearby names it");
    }
    let spelling = if span.of(hay).iter().all(|b| is_digit(*b)) && is_json_number(hay, span) {
        Spelling::Number
    } else {
        Spelling::Text
    };
    cx.accept(span, form.class, spelling, ID, row.name);
}

/// What does not end a field.
static INSIDE: [u8; 256] = bytes!(u8, b => {
    let ends = is_end(b) || matches!(b, b',' | b';' | b'{' | b'}' | b'&' | b'|');
    !ends as u8
});

/// What the words of the same field say: not the key and value of the pair before, nor the key behind.
fn around(hay: &[u8], span: Span) -> u128 {
    let inside = |b: u8| INSIDE.get(usize::from(b)).is_some_and(|inside| *inside > 0);
    let start = skip_back(hay, span.start, BACK, inside);
    let mut pairs = memchr::memrchr_iter(b'=', Span::new(start, span.start).of(hay));
    let pair = pairs.nth(1).map_or(0, |at| at.saturating_add(1));
    let back = Span::new(start.saturating_add(pair), span.start);
    let end = skip(hay, span.end, AHEAD, |b| inside(b) && b != b'=');
    let end = if byte(hay, end) == b'=' {
        span.end
    } else {
        end
    };
    WORDS.said(back.of(hay)) | WORDS.said(Span::new(span.end, end).of(hay))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Custom;
    use crate::scan::{Note, explain};

    #[test]
    fn each_row_finds_its_examples_and_leaves_its_counter_examples() {
        let mut wrong = Vec::new();
        for row in ROWS.iter() {
            assert!(
                !row.finds.is_empty() && !row.leaves.is_empty() && row.source.len() > 5,
                "{}",
                row.name
            );
            for (lines, found) in [(row.finds, true), (row.leaves, false)] {
                for line in lines {
                    let notes = explain(line.as_bytes(), &Custom::default());
                    let by_row =
                        |n: &Note| n.accepted && n.reason == row.name && n.class == row.class;
                    if notes.iter().any(by_row) != found {
                        wrong.push(format!("{}: {line}", row.name));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn rows_fit_their_bits_and_forms_their_limits() {
        assert!(ROWS.len() <= 128, "{}", ROWS.len());
        assert!(ROWS.iter().all(|row| CLASSES.contains(&row.class)));
        for row in ROWS.iter() {
            for (form, proof) in row.forms {
                let solid = form.bytes().all(|b| b.is_ascii_digit());
                assert!(
                    !solid || *proof != Proof::Itself,
                    "{form}: digits alone need a word"
                );
                let groups = form.split(|c: char| !c.is_ascii_alphanumeric());
                let long = groups.map(str::len).max().unwrap_or(0);
                let one = form.bytes().all(|b| b.is_ascii_alphanumeric());
                assert!(one || long <= GROUP_CHARS_MAX, "{form}");
                let chars = form.bytes().filter(u8::is_ascii_alphanumeric).count();
                assert!(
                    chars <= CHARS_MAX && form.len() <= form::FORM_BYTES_MAX,
                    "{form}"
                );
                assert!(
                    form.split(|c: char| !c.is_ascii_alphanumeric()).count() <= GROUPS_MAX,
                    "{form}"
                );
            }
            for word in row.words {
                assert!(
                    word.bytes().all(|b| b.is_ascii_lowercase() || b >= 0x80),
                    "{word}: words are single"
                );
            }
        }
    }
}
