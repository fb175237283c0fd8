//! Loki's push API: JSON, and protobuf in snappy whether the client says so or not.
//! Source: Loki HTTP API reference, "Ingest logs"; `pkg/push/push.proto`.
//!
//! Labels are scrubbed once a stream; each line with its structured metadata is a record.

use super::{Api, Media, Shape, Treatment, text};
use crate::mask::Scrubbed;
use crate::pipeline::{Leaf, Sheet};
use crate::protocol::http::changes::Changes;
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::Desk;
use crate::protocol::http::draft::Draft;
use crate::protocol::http::labels;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::http::wire::{Value, fields, put_bytes, rewrite};
use crate::protocol::json::{Id, Json, Kind};
use crate::record::{Reason, Span};

pub(super) static API: Api = Api {
    paths: |path| path.ends_with("/loki/api/v1/push") || path.ends_with("/api/prom/push"),
    known: true,
    kept_query: &[],
    body,
    refuse: text,
};

fn body(_: &str, media: &Media, mut codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    if media.is_json() {
        return Ok(Treatment {
            codings,
            shape: Shape::whole(json),
        });
    }
    // Loki takes anything else for protobuf in snappy, and `Content-Encoding` for what is around it.
    if !codings.contains(&Coding::Snappy) {
        codings.insert(0, Coding::Snappy);
    }
    Ok(Treatment {
        codings,
        shape: Shape::whole(protobuf),
    })
}

fn json(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let json = Json::parse(body)?;
    let mut changes = Changes::new();
    for root in json.roots() {
        let mut entries = Vec::new();
        changes.beside(desk, |draft| {
            draft.around(&json, root, &mut |draft, key, value| {
                if key != b"values" || json.kind(value) != Kind::List {
                    return false;
                }
                entries.extend(json.items(value));
                draft.sheet.blank();
                true
            });
            Ok(())
        })?;
        for id in entries {
            entry(desk, &json, id, &mut changes);
        }
    }
    Ok(changes.applied(desk, body))
}

/// `["<nanoseconds>", "<line>", {<structured metadata>}]`.
fn entry<'b>(desk: &mut Desk, json: &'b Json<'_>, id: Id, changes: &mut Changes<'b>) {
    let put = |draft: &mut Draft| {
        if json.kind(id) != Kind::List {
            return draft.value(json, id);
        }
        draft.sheet.list();
        for (i, item) in json.items(id).enumerate() {
            if i == 0 {
                draft.time(json, item);
            } else {
                draft.value(json, item);
            }
        }
        draft.sheet.end_list();
    };
    changes.json(desk, (json, id), put, move |tombstone| {
        let time = json.items(id).next().map(|time| json.raw(time));
        let time = time
            .filter(|raw| raw.iter().all(u8::is_ascii_digit))
            .map_or("0".into(), String::from_utf8_lossy);
        format!("[\"{time}\",\"{tombstone}\"]")
    });
}

/// A `PushRequest`.
fn protobuf(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let all = Span::new(0, body.len());
    let mut changes = Changes::new();
    for field in fields(body, all) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => stream(desk, body, span, &mut changes)?,
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

/// A `StreamAdapter`: labels, entries and a hash of the labels.
fn stream<'b>(
    desk: &mut Desk,
    body: &'b [u8],
    span: Span,
    changes: &mut Changes<'b>,
) -> Result<(), Refusal> {
    let (mut hash, mut relabelled) = (None, false);
    for field in fields(body, span) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => {
                if let Some(labels) = relabel(desk, span.of(body))? {
                    relabelled = true;
                    changes.edit((span, labels));
                }
            }
            (2, Value::Bytes(span)) => adapter(desk, body, span, changes)?,
            (3, Value::Varint(_)) => hash = Some(field.span),
            (_, Value::Bytes(_)) => changes.leave_out(field)?,
            _ => {}
        }
    }
    // The hash of other labels: Loki makes its own where there is none.
    if let (true, Some(span)) = (relabelled, hash) {
        changes.edit((span, Vec::new()));
    }
    Ok(())
}

/// What the labels become; `None` where they stay.
fn relabel(desk: &mut Desk, text: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let pairs = labels::parse(text).ok_or(Refusal::undecodable("the labels cannot be read"))?;
    let mut sheet = Sheet::new();
    sheet.map();
    for (name, value) in &pairs {
        sheet.key(name);
        sheet.text(value);
    }
    sheet.end_map();
    let mut leaves = desk.beside(&mut sheet).map_err(Refusal::tomb)?;
    if !leaves.changed() {
        return Ok(None);
    }
    let mut scrubbed = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let mut side = |old: Vec<u8>| match leaves.next() {
            Some(Leaf::Kept) => Ok(old),
            Some(Leaf::Text(new)) => Ok(new),
            Some(Leaf::Number(_)) | None => Err(Refusal::tomb(Reason::ScanFailed)),
        };
        scrubbed.push((side(name)?, side(value)?));
    }
    Ok(Some(labels::write(&scrubbed)))
}

/// An `EntryAdapter`: a time, a line, and pairs of structured and of parsed metadata.
fn adapter<'b>(
    desk: &mut Desk,
    body: &'b [u8],
    span: Span,
    changes: &mut Changes<'b>,
) -> Result<(), Refusal> {
    let (mut time, mut lines, mut pairs) = (None, Vec::new(), Vec::new());
    let mut unknown = Vec::new();
    for field in fields(body, span) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => {
                time = Some(span);
                for field in fields(body, span) {
                    let field = field?;
                    if matches!(field.value, Value::Bytes(_)) {
                        unknown.push(field);
                    }
                }
            }
            (2, Value::Bytes(span)) => lines.push(span),
            (3 | 4, Value::Bytes(span)) => pairs.push(span),
            (_, Value::Bytes(_)) => unknown.push(field),
            _ => {}
        }
    }
    let time = time.filter(|_| unknown.is_empty());
    let mut of_pairs = Vec::new();
    for pair in &pairs {
        of_pairs.push(fields(body, *pair).collect::<Result<Vec<_>, _>>()?);
    }
    let put = |draft: &mut Draft| {
        for field in unknown {
            draft.leave_out(field)?;
        }
        draft.sheet.list();
        for line in lines {
            draft.bytes(body, line);
        }
        for pair in &of_pairs {
            draft.sheet.map();
            // One name and one value; others that came with them are texts.
            let mut named = false;
            for field in pair {
                if let (1, Value::Bytes(span)) = (field.number, field.value) {
                    if named {
                        draft.sheet.blank();
                    }
                    named = true;
                    draft.bytes_key(body, span);
                }
            }
            if !named {
                draft.name("");
            }
            draft.sheet.list();
            for field in pair {
                match (field.number, field.value) {
                    (2, Value::Bytes(span)) => draft.bytes(body, span),
                    (1, _) => {}
                    (_, Value::Bytes(_)) => draft.leave_out(*field)?,
                    _ => {}
                }
            }
            draft.sheet.end_list();
            draft.sheet.end_map();
        }
        draft.sheet.end_list();
        Ok(())
    };
    changes.record(desk, span, put, move |tombstone| {
        let mut entry = Vec::new();
        if let Some(time) = time {
            put_bytes(1, time.of(body), &mut entry);
        }
        put_bytes(2, tombstone.as_bytes(), &mut entry);
        entry
    })
}
