//! From places in a body (JSON or protobuf) to a sheet, and from the scrubbed leaves back to the places.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::refusal::Refusal;
use super::wire::{Field, leave_out, put_varint};
use crate::format::bytes::is_strict_number;
use crate::pipeline::{Leaf, Leaves, Sheet};
use crate::protocol::json::{Id, Json, Kind};
use crate::record::Span;

/// How a leaf stands in the body.
#[derive(Clone, Copy)]
enum Form {
    /// Text between quotes, or a bare number, as the sheet has it.
    Same,
    /// A number between quotes (proto3 JSON: 64-bit integers).
    QuotedNumber,
    /// Bytes as base64 (proto3 JSON).
    Base64,
    /// Bytes, as the sheet has them unescaped.
    Bytes,
    /// A varint (protobuf).
    Varint,
    /// Eight bytes (protobuf).
    Double,
}

/// Records on a sheet, and where their leaves stand in the body.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) sheet: Sheet,
    /// `None`: a name that only the sheet has.
    places: Vec<Option<(Span, Form)>>,
    /// Fields that nobody can look into.
    left_out: Vec<Edit>,
}

/// Where a record ends in a [`Draft`].
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    places: usize,
    left_out: usize,
}

/// A place in the body and what stands there from now on.
pub(super) type Edit = (Span, Vec<u8>);

impl Draft {
    pub(super) fn clear(&mut self) {
        self.sheet.clear();
        self.places.clear();
        self.left_out.clear();
    }

    /// Where what was drafted so far ends.
    pub(super) const fn mark(&self) -> Mark {
        Mark {
            places: self.places.len(),
            left_out: self.left_out.len(),
        }
    }

    /// How many fields are left out.
    pub(super) const fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// A field of a protobuf body that may carry text and that nobody here knows.
    pub(super) fn leave_out(&mut self, field: Field) -> Result<(), Refusal> {
        leave_out(field, &mut self.left_out)
    }

    /// A key that the body does not have: what a value is.
    pub(super) fn name(&mut self, name: &str) {
        self.sheet.key(name.as_bytes());
        self.places.push(None);
    }

    /// The text at `id` as the key of what comes next.
    pub(super) fn key(&mut self, json: &Json<'_>, id: Id) {
        self.key_at(json, json.inside(id));
    }

    /// Part of a text as the key of what comes next.
    pub(super) fn key_at(&mut self, json: &Json<'_>, span: Span) {
        self.sheet.json_key(span.of(json.body()));
        self.places.push(Some((span, Form::Same)));
    }

    /// Part of a text as a value.
    pub(super) fn text_at(&mut self, json: &Json<'_>, span: Span) {
        self.sheet.json_text(span.of(json.body()));
        self.places.push(Some((span, Form::Same)));
    }

    /// A number, whether it is quoted or not; anything else as it is.
    pub(super) fn number(&mut self, json: &Json<'_>, id: Id) {
        let raw = json.raw(id);
        match std::str::from_utf8(raw) {
            Ok(number) if json.kind(id) == Kind::Text && is_strict_number(raw) => {
                self.sheet.number(number);
                self.places
                    .push(Some((json.inside(id), Form::QuotedNumber)));
            }
            _ => self.value(json, id),
        }
    }

    /// A time as a number, quoted or not: no leaf. Anything else is a value.
    pub(super) fn time(&mut self, json: &Json<'_>, id: Id) {
        let raw = json.raw(id);
        let digits = raw.len() <= 24 && raw.iter().all(|b| b.is_ascii_digit() || *b == b'.');
        if digits && matches!(json.kind(id), Kind::Number | Kind::Text) {
            self.sheet.blank();
        } else {
            self.value(json, id);
        }
    }

    /// Bytes as base64; what is none is a text.
    pub(super) fn base64(&mut self, json: &Json<'_>, id: Id) {
        match BASE64.decode(json.raw(id)) {
            Ok(bytes) if json.kind(id) == Kind::Text => {
                self.sheet.text(&bytes);
                self.places.push(Some((json.inside(id), Form::Base64)));
            }
            _ => self.value(json, id),
        }
    }

    /// A value with all that is in it.
    pub(super) fn value(&mut self, json: &Json<'_>, id: Id) {
        match json.kind(id) {
            Kind::Null | Kind::Bool => self.sheet.blank(),
            Kind::Number => {
                let span = json.span(id);
                // The parser let only strict numbers through, which are ASCII.
                self.sheet
                    .number(std::str::from_utf8(span.of(json.body())).unwrap_or_default());
                self.places.push(Some((span, Form::Same)));
            }
            Kind::Text => self.text_at(json, json.inside(id)),
            Kind::List => {
                self.sheet.list();
                for item in json.items(id) {
                    self.value(json, item);
                }
                self.sheet.end_list();
            }
            Kind::Map => {
                self.sheet.map();
                for (key, value) in json.members(id) {
                    self.key(json, key);
                    self.value(json, value);
                }
                self.sheet.end_map();
            }
        }
    }

    /// A value with all that is in it, except the members that `aside` has put in its own way.
    pub(super) fn around(
        &mut self,
        json: &Json<'_>,
        id: Id,
        aside: &mut dyn FnMut(&mut Self, &[u8], Id) -> bool,
    ) {
        match json.kind(id) {
            Kind::Map => {
                self.sheet.map();
                for (key, value) in json.members(id) {
                    self.key(json, key);
                    if !aside(self, json.raw(key), value) {
                        self.around(json, value, aside);
                    }
                }
                self.sheet.end_map();
            }
            Kind::List => {
                self.sheet.list();
                for item in json.items(id) {
                    self.around(json, item, aside);
                }
                self.sheet.end_list();
            }
            _ => self.value(json, id),
        }
    }

    /// Bytes of a protobuf body as the key of what comes next.
    pub(super) fn bytes_key(&mut self, body: &[u8], span: Span) {
        self.sheet.key(span.of(body));
        self.places.push(Some((span, Form::Bytes)));
    }

    /// Text or bytes of a protobuf body.
    pub(super) fn bytes(&mut self, body: &[u8], span: Span) {
        self.sheet.text(span.of(body));
        self.places.push(Some((span, Form::Bytes)));
    }

    /// An integer of a protobuf body, whose varint stands at `span`.
    pub(super) fn integer(&mut self, value: u64, span: Span) {
        self.sheet.number(&value.cast_signed().to_string());
        self.places.push(Some((span, Form::Varint)));
    }

    /// A floating-point number of a protobuf body.
    pub(super) fn double(&mut self, body: &[u8], span: Span) {
        let bytes = <[u8; 8]>::try_from(span.of(body)).unwrap_or_default();
        self.sheet.number(&f64::from_le_bytes(bytes).to_string());
        self.places.push(Some((span, Form::Double)));
    }

    /// What the scrubbed leaves of the record between the marks change in the body, and what is left out of it. `None`:
    /// they do not fit, which is a bug.
    pub(super) fn edits(
        &self,
        (from, to): (Mark, Mark),
        leaves: Leaves,
        edits: &mut Vec<Edit>,
    ) -> Option<()> {
        edits.extend_from_slice(self.left_out.get(from.left_out..to.left_out)?);
        if !leaves.changed() {
            return Some(());
        }
        let mut places = self.places.get(from.places..to.places)?.iter();
        for leaf in leaves {
            let place = places.next()?;
            let Some((span, form)) = *place else { continue };
            match (leaf, form) {
                (Leaf::Kept, _) => {}
                (Leaf::Text(text), Form::Base64) => {
                    edits.push((span, BASE64.encode(text).into_bytes()));
                }
                (Leaf::Text(text), Form::Same | Form::Bytes) => edits.push((span, text)),
                (Leaf::Number(number), Form::Same | Form::QuotedNumber) => {
                    edits.push((span, number.into_bytes()));
                }
                (Leaf::Number(number), Form::Varint) => {
                    let mut varint = Vec::new();
                    put_varint(number.parse::<i64>().ok()?.cast_unsigned(), &mut varint);
                    edits.push((span, varint));
                }
                (Leaf::Number(number), Form::Double) => {
                    let number: f64 = number.parse().ok()?;
                    edits.push((span, number.to_le_bytes().to_vec()));
                }
                // Not a number, in the sense of IEEE 754: it went as a text.
                (Leaf::Text(_), Form::Double) => edits.push((span, vec![0; 8])),
                (Leaf::Text(_), Form::QuotedNumber | Form::Varint)
                | (Leaf::Number(_), Form::Base64 | Form::Bytes) => return None,
            }
        }
        places.next().is_none().then_some(())
    }
}
