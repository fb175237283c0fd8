//! OTLP logs over HTTP (`/v1/logs`), as protobuf and as JSON: bodies of every kind, attributes of record,
//! scope and resource. Source: OpenTelemetry Protocol Specification 1.x, opentelemetry-proto
//! `collector/logs/v1`, `logs/v1`, `common/v1`, `resource/v1`.

mod json;
mod proto;

use hyper::HeaderMap;
use hyper::header;

pub(in crate::protocol::http) use proto::logs;

use super::{Api, Media, Shape, Treatment};
use crate::protocol::http::coding::Coding;
use crate::protocol::http::refusal::Refusal;

pub(super) static API: Api = Api {
    paths: |path| path.ends_with("/v1/logs"),
    known: true,
    kept_query: &[],
    body,
    refuse,
};

/// Values inside one another.
const DEPTH_MAX: usize = 64;

fn body(_: &str, media: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    let shape = if media.essence == "application/x-protobuf" {
        Shape::whole(logs)
    } else if media.is_json() {
        Shape::whole(json::logs)
    } else {
        return Err(Refusal::unsupported(
            "logs are taken as application/x-protobuf or application/json",
        ));
    };
    Ok(Treatment { codings, shape })
}

/// A `google.rpc.Status` in the request's own format (OTLP specification, "Failures").
fn refuse(refusal: &Refusal, fields: &HeaderMap) -> (&'static str, String) {
    let code = refusal.grpc_code();
    let why = format!("scrubd: {}", refusal.text);
    let json = fields
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json {
        let text = format!("{{\"code\":{code},\"message\":\"{why}\"}}");
        return ("application/json", text);
    }
    let mut status = vec![1 << 3, code];
    crate::protocol::http::wire::put_bytes(2, why.as_bytes(), &mut status);
    (
        "application/x-protobuf",
        String::from_utf8(status).unwrap_or_default(),
    )
}
