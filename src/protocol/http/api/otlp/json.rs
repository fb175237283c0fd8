//! OTLP's JSON: the proto3 JSON mapping, with attributes laid out as keys and values for the detectors.

use crate::mask::Scrubbed;
use crate::protocol::http::changes::Changes;
use crate::protocol::http::desk::Desk;
use crate::protocol::http::draft::Draft;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::json::{Id, Json, Kind};

pub(super) fn logs(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let json = Json::parse(body)?;
    let mut changes = Changes::new();
    for root in json.roots() {
        // Everything but the records, then the records, one by one.
        let mut records = Vec::new();
        changes.beside(desk, |draft| {
            draft.around(&json, root, &mut |draft, key, value| {
                match key {
                    b"logRecords" | b"log_records" if json.kind(value) == Kind::List => {
                        records.extend(json.items(value));
                        draft.sheet.blank();
                    }
                    b"attributes" => attributes(draft, &json, value),
                    _ => return false,
                }
                true
            });
            Ok(())
        })?;
        for id in records {
            record(desk, &json, id, &mut changes);
        }
    }
    Ok(changes.applied(desk, body))
}

fn record(desk: &mut Desk, json: &Json<'_>, id: Id, changes: &mut Changes<'_>) {
    changes.json(
        desk,
        (json, id),
        |draft| {
            if json.kind(id) != Kind::Map {
                return draft.value(json, id);
            }
            draft.sheet.map();
            for (key, value) in json.members(id) {
                draft.key(json, key);
                match json.raw(key) {
                    b"timeUnixNano"
                    | b"time_unix_nano"
                    | b"observedTimeUnixNano"
                    | b"observed_time_unix_nano" => draft.time(json, value),
                    b"traceId" | b"trace_id" => hex(draft, json, value, 32),
                    b"spanId" | b"span_id" => hex(draft, json, value, 16),
                    b"attributes" => attributes(draft, json, value),
                    b"body" => any(draft, json, value),
                    _ => draft.value(json, value),
                }
            }
            draft.sheet.end_map();
        },
        |tombstone| format!("{{\"body\":{{\"stringValue\":\"{tombstone}\"}}}}"),
    );
}

/// An id as hex digits has no room for anything else.
fn hex(draft: &mut Draft, json: &Json<'_>, id: Id, length: usize) {
    let raw = json.raw(id);
    let blank = raw.is_empty() || raw.len() == length && raw.iter().all(u8::is_ascii_hexdigit);
    if json.kind(id) == Kind::Text && blank {
        draft.sheet.blank();
    } else {
        draft.value(json, id);
    }
}

/// `[{"key": …, "value": …}]` as keys and values; anything else as it is.
fn attributes(draft: &mut Draft, json: &Json<'_>, id: Id) {
    let pair = |item: Id| {
        let (mut key, mut value) = (None, None);
        for (name, member) in json.members(item) {
            let slot = match json.raw(name) {
                b"key" if json.kind(member) == Kind::Text => &mut key,
                b"value" => &mut value,
                _ => return None,
            };
            if slot.replace(member).is_some() {
                return None;
            }
        }
        Some((key?, value))
    };
    let pairs: Option<Vec<(Id, Option<Id>)>> = match json.kind(id) {
        Kind::List => json.items(id).map(pair).collect(),
        _ => None,
    };
    let Some(pairs) = pairs else {
        return draft.value(json, id);
    };
    draft.sheet.map();
    for (key, value) in pairs {
        draft.key(json, key);
        match value {
            Some(value) => any(draft, json, value),
            None => draft.sheet.blank(),
        }
    }
    draft.sheet.end_map();
}

/// An `AnyValue`; what is none, as it is.
fn any(draft: &mut Draft, json: &Json<'_>, id: Id) {
    let mut members = json.members(id);
    let (Some((kind, value)), None) = (members.next(), members.next()) else {
        return draft.value(json, id);
    };
    let inner = |value: Id| {
        let mut members = json.members(value);
        match (members.next(), members.next()) {
            (Some((name, list)), None) if json.raw(name) == b"values" => Some(list),
            _ => None,
        }
    };
    match (json.raw(kind), inner(value)) {
        (b"intValue" | b"int_value", _) => draft.number(json, value),
        (b"bytesValue" | b"bytes_value", _) => draft.base64(json, value),
        (b"kvlistValue" | b"kvlist_value", Some(list)) => attributes(draft, json, list),
        (b"arrayValue" | b"array_value", Some(list)) if json.kind(list) == Kind::List => {
            draft.sheet.list();
            for item in json.items(list) {
                any(draft, json, item);
            }
            draft.sheet.end_list();
        }
        (
            b"stringValue" | b"string_value" | b"boolValue" | b"bool_value" | b"doubleValue"
            | b"double_value",
            _,
        ) => draft.value(json, value),
        _ => draft.value(json, id),
    }
}
