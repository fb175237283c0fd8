//! No API that is known: JSON, NDJSON, text and forms, by their media types.

use super::{Api, Media, Shape, Treatment, text};
use crate::mask::Scrubbed;
use crate::pipeline::Sheet;
use crate::protocol::http::changes::Changes;
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::{Content, Desk, Plain};
use crate::protocol::http::head::{changed_pair, put_pair};
use crate::protocol::http::refusal::Refusal;
use crate::protocol::json::{Json, Kind};
use crate::record::Reason;

pub(super) static API: Api = Api {
    paths: |_| true,
    known: false,
    kept_query: &[],
    body: |_, media, codings| body(media, codings),
    refuse: text,
};

/// By the media type alone.
pub(super) fn body(media: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    let lines = |content| Shape::Lines(Box::new(Plain::new(content)));
    let shape = match media.essence.as_str() {
        _ if media.is_ndjson() => lines(Content::Json),
        _ if media.is_json() => Shape::whole(json),
        "application/x-www-form-urlencoded" => Shape::whole(form),
        essence if essence.starts_with("text/") || is_xml(essence) => lines(Content::Plain),
        "" | "application/logplex-1" | "application/x-syslog" => lines(Content::Unsaid),
        essence if is_binary(essence) => {
            return Err(Refusal::unsupported(
                "a body of this media type cannot be scrubbed",
            ));
        }
        _ => lines(Content::Unsaid),
    };
    Ok(Treatment { codings, shape })
}

fn is_xml(essence: &str) -> bool {
    essence == "application/xml" || essence.ends_with("+xml")
}

/// What is never text, and would not be the same with anything in it replaced.
fn is_binary(essence: &str) -> bool {
    ["image/", "audio/", "video/", "font/", "multipart/"]
        .iter()
        .any(|kind| essence.starts_with(kind))
        || [
            "protobuf",
            "msgpack",
            "cbor",
            "smile",
            "avro",
            "grpc",
            "zip",
            "octet-stream",
            "pdf",
            "thrift",
            "parquet",
            "arrow",
        ]
        .iter()
        .any(|word| essence.contains(word))
}

/// A JSON value is a record, as long as a body may be; a list at the top holds one record each.
pub(super) fn json(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let json = Json::parse(body)?;
    let mut changes = Changes::new();
    for root in json.roots() {
        if json.kind(root) == Kind::List {
            for item in json.items(root) {
                changes.json_value(desk, &json, item);
            }
        } else {
            let limit = desk.record_bytes_max;
            desk.record_bytes_max = desk.body_bytes_max();
            changes.json_value(desk, &json, root);
            desk.record_bytes_max = limit;
        }
    }
    Ok(changes.applied(desk, body))
}

/// `application/x-www-form-urlencoded` (URL Standard §5): one record.
fn form(desk: &mut Desk, body: &[u8]) -> Result<Scrubbed, Refusal> {
    let text =
        std::str::from_utf8(body).map_err(|_| Refusal::undecodable("the form is no UTF-8"))?;
    let mut sheet = Sheet::new();
    sheet.map();
    for pair in text.split('&') {
        put_pair(&mut sheet, pair);
    }
    sheet.end_map();
    let mut leaves = desk
        .pipeline
        .sheet(&mut sheet, &mut desk.tally)
        .map_err(Refusal::tomb)?;
    let mut scrubbed = Scrubbed::new();
    if !leaves.changed() {
        scrubbed.encoded(body);
        return Ok(scrubbed);
    }
    let mut out = Vec::new();
    for pair in text.split('&') {
        let (Some(name), Some(value)) = (leaves.next(), leaves.next()) else {
            return Err(Refusal::tomb(Reason::ScanFailed));
        };
        out.push(changed_pair(pair, name, value));
    }
    scrubbed.encoded(out.join("&").as_bytes());
    Ok(scrubbed)
}
