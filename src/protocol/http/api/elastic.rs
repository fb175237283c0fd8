//! Elasticsearch and OpenSearch: `_bulk`, whose action lines stay as they are, and documents as JSON.
//! Source: Elasticsearch API reference, "Bulk index or delete documents".
//!
//! An action line says where its document goes (`_index`, `_id`, `routing`, …): it is passed on as it
//! came, but only with the words that the API has; a line with another word is refused, as the server
//! itself would. `dynamic_templates` names fields of the document, and is scrubbed as they are.

use hyper::HeaderMap;

use super::{Api, Media, Shape, Treatment, plain};
use crate::frame::{Framer, Framing};
use crate::mask::Scrubbed;
use crate::protocol::http::changes::{Changes, edited};
use crate::protocol::http::coding::Coding;
use crate::protocol::http::desk::{Desk, Lines};
use crate::protocol::http::draft::Edit;
use crate::protocol::http::refusal::Refusal;
use crate::protocol::json::{Id, Json, Kind};
use crate::record::{Delimiter, Piece, Span, Terminator};

pub(super) static API: Api = Api {
    paths: |path| {
        path.split('/').any(|segment| {
            matches!(
                segment,
                "_bulk"
                    | "_doc"
                    | "_create"
                    | "_update"
                    | "_search"
                    | "_msearch"
                    | "_cluster"
                    | "_cat"
                    | "_nodes"
                    | "_template"
                    | "_index_template"
                    | "_component_template"
                    | "_ingest"
                    | "_ilm"
                    | "_license"
                    | "_xpack"
                    | "_data_stream"
                    | "_count"
                    | "_refresh"
            )
        })
    },
    known: true,
    kept_query: &["pipeline", "routing", "refresh", "filter_path"],
    body,
    refuse,
};

fn body(path: &str, media: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    if path.ends_with("/_bulk") {
        return Ok(Treatment {
            codings,
            shape: Shape::Lines(Box::new(Bulk::default())),
        });
    }
    if media.is_ndjson() {
        return plain::body(media, codings);
    }
    if media.is_json() || media.essence.is_empty() {
        return Ok(Treatment {
            codings,
            shape: Shape::whole(plain::json),
        });
    }
    Err(Refusal::unsupported("documents are taken as JSON"))
}

fn refuse(refusal: &Refusal, _: &HeaderMap) -> (&'static str, String) {
    let (status, why) = (refusal.status.as_u16(), refusal.text);
    let kind = match status {
        400 => "illegal_argument_exception",
        413 => "circuit_breaking_exception",
        415 => "media_type_header_exception",
        _ => "unavailable_shards_exception",
    };
    let error = format!("{{\"type\":\"{kind}\",\"reason\":\"scrubd: {why}\"}}");
    (
        "application/json",
        format!(
            "{{\"error\":{{\"root_cause\":[{error}],\"type\":\"{kind}\",\"reason\":\"scrubd: {why}\"}},\"status\":{status}}}"
        ),
    )
}

/// Lines of a bulk request: an action, and a document where the action has one.
#[derive(Default)]
struct Bulk {
    framer: Option<Framer>,
    pieces: Vec<Piece>,
    lines: Vec<Line>,
    /// The documents among them.
    documents: Vec<Piece>,
    /// Whether the next line is a document.
    document: bool,
}

/// Words of an action that say where or how, and can hold no document.
const WORDS: &[&[u8]] = &[
    b"_index",
    b"_id",
    b"_type",
    b"routing",
    b"_routing",
    b"pipeline",
    b"require_alias",
    b"require_data_stream",
    b"list_executed_pipelines",
    b"if_seq_no",
    b"if_primary_term",
    b"version",
    b"_version",
    b"version_type",
    b"_version_type",
    b"retry_on_conflict",
    b"_retry_on_conflict",
    b"parent",
    b"op_type",
];

/// The word of an action that names fields of its document.
const TEMPLATES: &[u8] = b"dynamic_templates";

/// Whether a document follows, and the fields that the action names.
fn action(json: &Json<'_>) -> Result<(bool, Option<Id>), Refusal> {
    let bad = Refusal::undecodable("a line of the bulk request is no action");
    let mut roots = json.roots();
    let (Some(root), None) = (roots.next(), roots.next()) else {
        return Err(bad);
    };
    let mut members = json.members(root);
    let (Some((name, words)), None) = (members.next(), members.next()) else {
        return Err(bad);
    };
    let mut templates = None;
    let simple = json.kind(words) == Kind::Map
        && json.members(words).all(|(word, value)| {
            if json.raw(word) == TEMPLATES {
                return templates.replace(value).is_none();
            }
            WORDS.contains(&json.raw(word)) && !matches!(json.kind(value), Kind::List | Kind::Map)
        });
    match json.raw(name) {
        b"index" | b"create" | b"update" if simple => Ok((true, templates)),
        b"delete" if simple => Ok((false, templates)),
        _ => Err(bad),
    }
}

/// A line that is read and not passed on.
enum Line {
    /// With what changes in it.
    Action(Span, Vec<Edit>, Delimiter),
    /// The next of the documents that were scrubbed.
    Document(Delimiter),
}

impl Bulk {
    fn line(
        &mut self,
        desk: &mut Desk,
        input: &[u8],
        span: Span,
        delimiter: Delimiter,
    ) -> Result<(), Refusal> {
        let line = span.of(input);
        if self.document {
            self.document = false;
            self.documents.push(Piece::One {
                body: span,
                delimiter,
            });
            self.lines.push(Line::Document(delimiter));
            return Ok(());
        }
        let mut edits = Vec::new();
        if !line.trim_ascii().is_empty() {
            let json = Json::parse(line)?;
            let (document, templates) = action(&json)?;
            self.document = document;
            if let Some(templates) = templates {
                let mut changes = Changes::new();
                changes.beside(desk, |draft| {
                    draft.value(&json, templates);
                    Ok(())
                })?;
                edits = changes.finish(desk);
            }
        }
        self.lines.push(Line::Action(span, edits, delimiter));
        Ok(())
    }

    /// Scrubs the documents and passes all lines on in their order.
    fn flush(&mut self, desk: &mut Desk, input: &[u8], out: &mut Scrubbed) {
        let mut documents = Scrubbed::new();
        desk.pipeline
            .process(input, &self.documents, &mut documents, &mut desk.tally);
        self.documents.clear();
        let mut documents = documents.records();
        for line in self.lines.drain(..) {
            let delimiter = match line {
                Line::Action(span, edits, delimiter) => {
                    edited(span.of(input), edits, out);
                    delimiter
                }
                Line::Document(delimiter) => {
                    out.encoded(documents.next().unwrap_or_default());
                    delimiter
                }
            };
            if delimiter != Delimiter::Bare {
                out.encoded(b"\n");
            }
        }
    }
}

impl Lines for Bulk {
    fn pass(
        &mut self,
        desk: &mut Desk,
        input: &[u8],
        ended: bool,
        out: &mut Scrubbed,
    ) -> Result<usize, Refusal> {
        let framer = self.framer.get_or_insert_with(|| {
            desk.pipeline.bury_as_json(true);
            desk.pipeline.keep_apart();
            desk.framer(Framing::Newline)
        });
        let used = framer.cut(input, ended, &mut self.pieces);
        for piece in std::mem::take(&mut self.pieces) {
            match piece {
                Piece::Run { span, .. } | Piece::Joined { span } => {
                    let newline = Delimiter::Terminated(Terminator::Newline);
                    let mut start = span.start;
                    for end in memchr::memchr_iter(b'\n', span.of(input)) {
                        let end = span.start.saturating_add(end);
                        self.line(desk, input, Span::new(start, end), newline)?;
                        start = end.saturating_add(1);
                    }
                }
                Piece::One { body, delimiter } => self.line(desk, input, body, delimiter)?,
                Piece::Tomb { delimiter, .. } if self.document => {
                    self.document = false;
                    self.documents.push(piece);
                    self.lines.push(Line::Document(delimiter));
                }
                Piece::Tomb { .. } => {
                    return Err(Refusal::undecodable(
                        "an action of the bulk request is too long",
                    ));
                }
            }
        }
        self.flush(desk, input, out);
        Ok(used)
    }
}
