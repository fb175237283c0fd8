//! Splunk's HTTP Event Collector: events as JSON objects back to back, and raw lines.
//! Source: Splunk documentation, "Format events for HTTP Event Collector" and "HTTP Event Collector REST
//! API endpoints".

use hyper::HeaderMap;

use super::{Api, Media, Shape, Treatment};
use crate::mask::Scrubbed;
use crate::protocol::http::changes::Changes;
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::{Content, Desk, Plain};
use crate::protocol::http::draft::Draft;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::json::{Id, Json, Kind};

pub(super) static API: Api = Api {
    paths: |path| path.starts_with("/services/collector"),
    known: true,
    // The channel is a GUID that the client made up for its acknowledgements.
    kept_query: &["channel", "token", "ackId"],
    body,
    refuse,
};

fn body(path: &str, _: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    let raw =
        path.starts_with("/services/collector/raw") || path.starts_with("/services/collector/mint");
    let shape = if raw {
        Shape::Lines(Box::new(Plain::new(Content::Plain)))
    } else {
        Shape::whole(events)
    };
    Ok(Treatment { codings, shape })
}

/// Objects back to back, with or without white space; a list of them is taken too.
fn events(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let json = Json::parse(body)?;
    let mut changes = Changes::new();
    let mut event = |id: Id| {
        if json.kind(id) != Kind::Map {
            return Err(Refusal::undecodable("an event is no JSON object"));
        }
        let put = |draft: &mut Draft| {
            draft.sheet.map();
            for (key, value) in json.members(id) {
                draft.key(&json, key);
                match json.raw(key) {
                    b"time" => draft.time(&json, value),
                    _ => draft.value(&json, value),
                }
            }
            draft.sheet.end_map();
        };
        changes.json(desk, (&json, id), put, |tombstone| {
            format!("{{\"event\":\"{tombstone}\"}}")
        });
        Ok(())
    };
    for root in json.roots() {
        if json.kind(root) == Kind::List {
            json.items(root).try_for_each(&mut event)?;
        } else {
            event(root)?;
        }
    }
    Ok(changes.applied(desk, body))
}

/// Codes as the collector's own documentation lists them.
fn refuse(refusal: &Refusal, _: &HeaderMap) -> (&'static str, String) {
    let (code, text) = match refusal.status.as_u16() {
        400 | 415 => (6, "Invalid data format"),
        502..=504 => (9, "Server is busy"),
        _ => (8, "Internal server error"),
    };
    let why = refusal.text;
    (
        "application/json; charset=UTF-8",
        format!("{{\"text\":\"{text}\",\"code\":{code},\"scrubd\":\"{why}\"}}"),
    )
}
