//! OTLP's protobuf. Fields that this file does not know pass where they are numbers; where they could
//! carry text they are left out, since nobody here could look into them.

use super::DEPTH_MAX;
use crate::mask::Scrubbed;
use crate::protocol::http::changes::Changes;
use crate::protocol::http::desk::Desk;
use crate::protocol::http::draft::Draft;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::http::wire::{Field, Value, fields, put_bytes, rewrite};
use crate::record::Span;

/// An `ExportLogsServiceRequest`.
pub(in crate::protocol::http) fn logs(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let (walk, mut changes) = (Walk { body }, Changes::new());
    let all = Span::new(0, body.len());
    for field in fields(body, all) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => walk.resource_logs(desk, span, &mut changes)?,
            (_, Value::Bytes(_)) => changes.leave_out(field)?,
            _ => {}
        }
    }
    let mut out = Vec::with_capacity(body.len());
    rewrite(body, all, &changes.finish(desk), &mut out)?;
    let mut scrubbed = Scrubbed::new();
    scrubbed.encoded(&out);
    Ok(scrubbed)
}

struct Walk<'b> {
    body: &'b [u8],
}

/// A field that nobody here knows.
fn unknown(draft: &mut Draft, field: Field) -> Result<(), Refusal> {
    match field.value {
        Value::Bytes(_) => draft.leave_out(field),
        Value::Varint(_) | Value::Fixed => Ok(()),
    }
}

impl<'b> Walk<'b> {
    /// A `ResourceLogs`: its resource and what else is around the records first.
    fn resource_logs(
        &self,
        desk: &mut Desk,
        span: Span,
        changes: &mut Changes<'b>,
    ) -> Result<(), Refusal> {
        let mut scopes = Vec::new();
        changes.beside(desk, |draft| {
            draft.sheet.map();
            for field in fields(self.body, span) {
                let field = field?;
                match (field.number, field.value) {
                    (1, Value::Bytes(span)) => {
                        draft.name("resource");
                        self.attributed(draft, span, &[], 1)?;
                    }
                    (2, Value::Bytes(span)) => scopes.push(span),
                    (3, Value::Bytes(span)) => {
                        draft.name("schema_url");
                        draft.bytes(self.body, span);
                    }
                    _ => unknown(draft, field)?,
                }
            }
            draft.sheet.end_map();
            Ok(())
        })?;
        scopes
            .into_iter()
            .try_for_each(|span| self.scope_logs(desk, span, changes))
    }

    fn scope_logs(
        &self,
        desk: &mut Desk,
        span: Span,
        changes: &mut Changes<'b>,
    ) -> Result<(), Refusal> {
        let mut records = Vec::new();
        changes.beside(desk, |draft| {
            draft.sheet.map();
            for field in fields(self.body, span) {
                let field = field?;
                match (field.number, field.value) {
                    (1, Value::Bytes(span)) => {
                        draft.name("scope");
                        self.attributed(draft, span, &[(1, "name"), (2, "version")], 3)?;
                    }
                    (2, Value::Bytes(span)) => records.push(span),
                    (3, Value::Bytes(span)) => {
                        draft.name("schema_url");
                        draft.bytes(self.body, span);
                    }
                    _ => unknown(draft, field)?,
                }
            }
            draft.sheet.end_map();
            Ok(())
        })?;
        for span in records {
            let put = |draft: &mut Draft| self.record(draft, span);
            changes.record(desk, span, put, |tombstone| {
                let (mut text, mut record) = (Vec::new(), Vec::new());
                put_bytes(1, tombstone.as_bytes(), &mut text);
                put_bytes(5, &text, &mut record);
                record
            })?;
        }
        Ok(())
    }

    /// A message of `texts` and of attributes in field `list` (`Resource`, `InstrumentationScope`).
    fn attributed(
        &self,
        draft: &mut Draft,
        span: Span,
        texts: &[(u32, &str)],
        list: u32,
    ) -> Result<(), Refusal> {
        let mut pairs = Vec::new();
        draft.sheet.map();
        for field in fields(self.body, span) {
            let field = field?;
            let name = texts.iter().find(|(number, _)| *number == field.number);
            match (name, field.value) {
                (Some((_, name)), Value::Bytes(span)) => {
                    draft.name(name);
                    draft.bytes(self.body, span);
                }
                (None, Value::Bytes(span)) if field.number == list => pairs.push(span),
                _ => unknown(draft, field)?,
            }
        }
        draft.name("attributes");
        self.attributes(draft, &pairs, 0)?;
        draft.sheet.end_map();
        Ok(())
    }

    /// A `LogRecord`.
    fn record(&self, draft: &mut Draft, span: Span) -> Result<(), Refusal> {
        let mut pairs = Vec::new();
        draft.sheet.map();
        for field in fields(self.body, span) {
            let field = field?;
            match (field.number, field.value) {
                (3, Value::Bytes(span)) => {
                    draft.name("severity_text");
                    draft.bytes(self.body, span);
                }
                (5, Value::Bytes(span)) => {
                    draft.name("body");
                    self.any(draft, span, 0)?;
                }
                (6, Value::Bytes(span)) => pairs.push(span),
                // Ids of these lengths, or none.
                (9, Value::Bytes(span)) if matches!(span.len(), 0 | 16) => {}
                (10, Value::Bytes(span)) if matches!(span.len(), 0 | 8) => {}
                (12, Value::Bytes(span)) => {
                    draft.name("event_name");
                    draft.bytes(self.body, span);
                }
                _ => unknown(draft, field)?,
            }
        }
        draft.name("attributes");
        self.attributes(draft, &pairs, 0)?;
        draft.sheet.end_map();
        Ok(())
    }

    /// `KeyValue`s as keys and values.
    fn attributes(&self, draft: &mut Draft, pairs: &[Span], depth: usize) -> Result<(), Refusal> {
        draft.sheet.map();
        for pair in pairs {
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for field in fields(self.body, *pair) {
                let field = field?;
                match (field.number, field.value) {
                    (1, Value::Bytes(span)) => keys.push(span),
                    (2, Value::Bytes(span)) => values.push(span),
                    _ => unknown(draft, field)?,
                }
            }
            // Of a field that comes more than once the last counts; the others are texts like any.
            match keys.pop() {
                Some(key) => draft.bytes_key(self.body, key),
                None => draft.name(""),
            }
            let one = keys.is_empty() && values.len() == 1;
            if !one {
                draft.sheet.list();
            }
            for key in keys {
                draft.bytes(self.body, key);
            }
            for value in values {
                self.any(draft, value, depth)?;
            }
            if !one {
                draft.sheet.end_list();
            }
        }
        draft.sheet.end_map();
        Ok(())
    }

    /// An `AnyValue`.
    fn any(&self, draft: &mut Draft, span: Span, depth: usize) -> Result<(), Refusal> {
        if depth > DEPTH_MAX {
            return Err(Refusal::undecodable("values are nested too deep"));
        }
        let deeper = depth.saturating_add(1);
        let one = fields(self.body, span).take(2).count() == 1;
        if !one {
            draft.sheet.list();
        }
        for field in fields(self.body, span) {
            let field = field?;
            match (field.number, field.value) {
                (1 | 7, Value::Bytes(span)) => draft.bytes(self.body, span),
                (3, Value::Varint(value)) => draft.integer(value, field.payload),
                (4, Value::Fixed) if field.payload.len() == 8 => {
                    draft.double(self.body, field.payload);
                }
                (5, Value::Bytes(span)) => {
                    draft.sheet.list();
                    for field in fields(self.body, span) {
                        let field = field?;
                        match (field.number, field.value) {
                            (1, Value::Bytes(span)) => self.any(draft, span, deeper)?,
                            _ => unknown(draft, field)?,
                        }
                    }
                    draft.sheet.end_list();
                }
                (6, Value::Bytes(span)) => {
                    let mut pairs = Vec::new();
                    for field in fields(self.body, span) {
                        let field = field?;
                        match (field.number, field.value) {
                            (1, Value::Bytes(span)) => pairs.push(span),
                            _ => unknown(draft, field)?,
                        }
                    }
                    self.attributes(draft, &pairs, deeper)?;
                }
                _ => {
                    draft.sheet.blank();
                    unknown(draft, field)?;
                }
            }
        }
        if !one {
            draft.sheet.end_list();
        }
        Ok(())
    }
}
