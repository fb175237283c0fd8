//! What a body is, by path and media type: one file an API, one line in [`APIS`].

mod datadog;
mod elastic;
pub(super) mod grpc;
mod loki;
mod otlp;
mod plain;
mod splunk;

use hyper::HeaderMap;
use hyper::header;

use super::coding::Coding;
use super::desk::{Desk, Lines};
use super::refusal::Refusal;
use crate::mask::Scrubbed;

/// The APIs, in the order in which they are asked; the last takes any path.
const APIS: &[&Api] = &[
    &splunk::API,
    &datadog::API,
    &otlp::API,
    &loki::API,
    &elastic::API,
    &plain::API,
];

/// An HTTP API.
pub(super) struct Api {
    /// Whether a path (without its query) is the API's.
    pub(super) paths: fn(&str) -> bool,
    /// Whether the paths are the API's own words, so that they pass as they are.
    pub(super) known: bool,
    /// Keys of the query whose values are credentials or addresses at the sink.
    pub(super) kept_query: &'static [&'static str],
    /// What becomes of a body with this path, media type and content codings.
    pub(super) body: fn(&str, &Media, Vec<Coding>) -> Result<Treatment, Refusal>,
    /// The media type and body of a refusal, in the API's own form, given the request's fields.
    pub(super) refuse: fn(&Refusal, &HeaderMap) -> (&'static str, String),
}

/// The API of a path.
pub(super) fn of(path: &str) -> &'static Api {
    APIS.iter()
        .find(|api| (api.paths)(path))
        .copied()
        .unwrap_or(&plain::API)
}

/// Scrubs a body that must be whole.
pub(super) type Whole = Box<dyn FnOnce(&mut Desk, &[u8]) -> Result<Scrubbed, Refusal> + Send>;

/// How a body is taken.
pub(super) enum Shape {
    /// As it streams by.
    Lines(Box<dyn Lines>),
    /// Held until its end.
    Whole(Whole),
}

impl Shape {
    fn whole(
        scrub: impl FnOnce(&mut Desk, &[u8]) -> Result<Scrubbed, Refusal> + Send + 'static,
    ) -> Self {
        Self::Whole(Box::new(scrub))
    }
}

/// What becomes of a body.
pub(super) struct Treatment {
    /// What it is coded with, said or not, in the order in which it was applied.
    pub(super) codings: Vec<Coding>,
    /// How it is taken.
    pub(super) shape: Shape,
}

/// A media type (RFC 9110 §8.3.1).
pub(super) struct Media {
    /// `type/subtype` in lower case; empty where none is said.
    pub(super) essence: String,
    /// `grpc-encoding`, as it came.
    pub(super) message_coding: String,
}

impl Media {
    /// The media type of a message. Texts in encodings that are not near ASCII are refused: nobody here
    /// can read them.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let value = headers
            .get(header::CONTENT_TYPE)
            .map(|value| value.to_str().map(str::to_ascii_lowercase))
            .transpose()
            .map_err(|_| Refusal::unsupported("the media type is not known"))?
            .unwrap_or_default();
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_owned();
        let charset = parts.find_map(|part| part.strip_prefix("charset="));
        let near_ascii = charset.is_none_or(|charset| {
            let charset = charset.trim_matches('"');
            matches!(charset, "utf-8" | "utf8" | "us-ascii" | "ascii")
                || charset.starts_with("iso-8859-")
                || charset.starts_with("windows-125")
        });
        if near_ascii {
            Ok(Self {
                essence,
                message_coding: headers
                    .get("grpc-encoding")
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned(),
            })
        } else {
            Err(Refusal::unsupported("the charset is not known; send UTF-8"))
        }
    }

    /// JSON, by name or by suffix (RFC 6839 §3.1).
    pub(super) fn is_json(&self) -> bool {
        self.essence == "application/json"
            || self.essence == "text/json"
            || self.essence.ends_with("+json")
    }

    /// JSON values, one a line.
    pub(super) fn is_ndjson(&self) -> bool {
        matches!(
            self.essence.as_str(),
            "application/x-ndjson"
                | "application/ndjson"
                | "application/jsonl"
                | "application/jsonlines"
                | "application/x-jsonlines"
        ) || self.essence.ends_with("+x-ndjson")
    }
}

/// A refusal as plain text.
pub(super) fn text(refusal: &Refusal, _: &HeaderMap) -> (&'static str, String) {
    (
        "text/plain; charset=utf-8",
        format!("scrubd: {}\n", refusal.text),
    )
}
