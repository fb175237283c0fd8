//! Loki's push API: JSON, and protobuf in snappy whether the client says so or not.
//! Source: Loki HTTP API reference, "Ingest logs"; `pkg/push/push.proto`.
//!
//! Labels are scrubbed once a stream; each line with its structured metadata is a record.

use super::{Api, Media, Shape, Treatment, text};
use crate::mask::Scrubbed;
use crate::pipeline::{Leaf, Sheet};
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::{Desk, edited};
use crate::protocol::http::draft::{Draft, Edit};
use crate::protocol::http::labels;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::http::wire::{Value, fields, leave_out, put_bytes, rewrite};
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
    let mut edits = Vec::new();
    for root in json.roots() {
        let mut entries = Vec::new();
        desk.drafted_beside(&mut edits, |draft| {
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
            entry(desk, &json, id, &mut edits);
        }
    }
    Ok(edited(body, edits))
}

/// `["<nanoseconds>", "<line>", {<structured metadata>}]`.
fn entry(desk: &mut Desk, json: &Json<'_>, id: Id, edits: &mut Vec<Edit>) {
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
    let time = json
        .items(id)
        .next()
        .map(|time| json.raw(time))
        .filter(|raw| raw.iter().all(u8::is_ascii_digit))
        .map_or_else(
            || "0".to_owned(),
            |raw| String::from_utf8_lossy(raw).into_owned(),
        );
    desk.json(json, id, edits, put, |tombstone| {
        format!("[\"{time}\",\"{tombstone}\"]")
    });
}

/// A `PushRequest`.
fn protobuf(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let all = Span::new(0, body.len());
    let mut edits = Vec::new();
    for field in fields(body, all) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => stream(desk, body, span, &mut edits)?,
            (_, Value::Bytes(_)) => leave_out(field, &mut edits)?,
            _ => {}
        }
    }
    edits.sort_unstable_by_key(|(span, _)| span.start);
    let mut out = Vec::with_capacity(body.len());
    rewrite(body, all, &edits, &mut out)?;
    let mut scrubbed = Scrubbed::new();
    scrubbed.encoded(&out);
    Ok(scrubbed)
}

/// A `StreamAdapter`: labels, entries and a hash of the labels.
fn stream(desk: &mut Desk, body: &[u8], span: Span, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
    let (mut hash, mut relabelled) = (None, false);
    for field in fields(body, span) {
        let field = field?;
        match (field.number, field.value) {
            (1, Value::Bytes(span)) => {
                if let Some(labels) = relabel(desk, span.of(body))? {
                    relabelled = true;
                    edits.push((span, labels));
                }
            }
            (2, Value::Bytes(span)) => adapter(desk, body, span, edits)?,
            (3, Value::Varint(_)) => hash = Some(field.span),
            (_, Value::Bytes(_)) => leave_out(field, edits)?,
            _ => {}
        }
    }
    // The hash of other labels: Loki makes its own where there is none.
    if let (true, Some(span)) = (relabelled, hash) {
        edits.push((span, Vec::new()));
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
    let mut leaves = desk.beside(&sheet).map_err(Refusal::tomb)?;
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
fn adapter(desk: &mut Desk, body: &[u8], span: Span, edits: &mut Vec<Edit>) -> Result<(), Refusal> {
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
                        leave_out(field, &mut unknown)?;
                    }
                }
            }
            (2, Value::Bytes(span)) => lines.push(span),
            (3 | 4, Value::Bytes(span)) => pairs.push(span),
            (_, Value::Bytes(_)) => leave_out(field, &mut unknown)?,
            _ => {}
        }
    }
    let time = time.filter(|_| unknown.is_empty());
    let mut of_pairs = Vec::new();
    for pair in &pairs {
        of_pairs.push(fields(body, *pair).collect::<Result<Vec<_>, _>>()?);
    }
    edits.append(&mut unknown);
    let put = |draft: &mut Draft| {
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
                if let (2, Value::Bytes(span)) = (field.number, field.value) {
                    draft.bytes(body, span);
                }
            }
            draft.sheet.end_list();
            draft.sheet.end_map();
        }
        draft.sheet.end_list();
        Ok(())
    };
    desk.drafted(span, edits, put, |tombstone| {
        let mut entry = Vec::new();
        if let Some(time) = time {
            put_bytes(1, time.of(body), &mut entry);
        }
        put_bytes(2, tombstone.as_bytes(), &mut entry);
        entry
    })?;
    if edits.last().is_none_or(|(place, _)| *place != span) {
        for field in of_pairs.into_iter().flatten() {
            let known = matches!(field.number, 1 | 2);
            if matches!(field.value, Value::Bytes(_)) && !known {
                leave_out(field, edits)?;
            }
        }
    }
    Ok(())
}
