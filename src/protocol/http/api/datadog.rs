//! Datadog's log intake: a JSON list of logs, one log, or lines of text.
//! Source: Datadog API reference, "Send logs" (`POST /api/v2/logs`, and `/v1/input`).

use hyper::HeaderMap;

use super::{Api, Media, Shape, Treatment, plain};
use crate::mask::Scrubbed;
use crate::protocol::http::changes::Changes;
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::Desk;
use crate::protocol::http::draft::Draft;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::json::{Id, Json, Kind};
use crate::record::Span;

pub(super) static API: Api = Api {
    paths: |path| path == "/api/v2/logs" || path.starts_with("/v1/input"),
    known: true,
    kept_query: &["dd-api-key", "api_key"],
    body,
    refuse,
};

fn body(_: &str, media: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    if media.is_json() || media.essence.is_empty() || media.essence.contains("form-urlencoded") {
        return Ok(Treatment {
            codings,
            shape: Shape::whole(logs),
        });
    }
    plain::body(media, codings)
}

fn logs(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let json = Json::parse(body)?;
    let mut changes = Changes::new();
    let mut log = |id: Id| {
        let put = |draft: &mut Draft| put(draft, &json, id);
        changes.json(desk, (&json, id), put, |tombstone| {
            format!("{{\"message\":\"{tombstone}\"}}")
        });
    };
    for root in json.roots() {
        if json.kind(root) == Kind::List {
            json.items(root).for_each(&mut log);
        } else {
            log(root);
        }
    }
    Ok(changes.applied(desk, body))
}

fn put(draft: &mut Draft, json: &Json<'_>, id: Id) {
    if json.kind(id) != Kind::Map {
        return draft.value(json, id);
    }
    draft.sheet.map();
    for (key, value) in json.members(id) {
        draft.key(json, key);
        match (json.raw(key), json.kind(value)) {
            (b"ddtags", Kind::Text) => tags(draft, json, json.inside(value)),
            _ => draft.value(json, value),
        }
    }
    draft.sheet.end_map();
}

/// `env:prod,team:core`: names and values, as a map; what has no name is a value.
fn tags(draft: &mut Draft, json: &Json<'_>, span: Span) {
    let text = span.of(json.body());
    let mut start = span.start;
    draft.sheet.list();
    for tag in text.split(|b| *b == b',') {
        let end = start.saturating_add(tag.len());
        match memchr::memchr(b':', tag) {
            Some(colon) => {
                let colon = start.saturating_add(colon);
                draft.sheet.map();
                draft.key_at(json, Span::new(start, colon));
                draft.text_at(json, Span::new(colon.saturating_add(1), end));
                draft.sheet.end_map();
            }
            None => draft.text_at(json, Span::new(start, end)),
        }
        start = end.saturating_add(1);
    }
    draft.sheet.end_list();
}

fn refuse(refusal: &Refusal, _: &HeaderMap) -> (&'static str, String) {
    let (status, why) = (refusal.status, refusal.text);
    let title = status.canonical_reason().unwrap_or_default();
    (
        "application/json",
        format!(
            "{{\"errors\":[{{\"status\":\"{}\",\"title\":\"{title}\",\"detail\":\"{why}\"}}]}}",
            status.as_u16()
        ),
    )
}
