//! OTLP logs over gRPC: `LogsService/Export`, messages coded one by one; no other service is passed on.
//! Source: gRPC over HTTP/2 ("Requests", "Responses"), OTLP specification "OTLP/gRPC".

use super::otlp::logs;
use super::{Api, Media, Shape, Treatment, text};
use crate::mask::Scrubbed;
use crate::protocol::http::coding::{Coding, Decoder, Encoder};
use crate::protocol::http::desk::Desk;
use crate::protocol::http::refusal::Refusal;

/// A flag and four bytes of length.
const PREFIX_BYTES: usize = 5;

static LOGS: Api = Api {
    paths: |path| path == "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    known: true,
    kept_query: &[],
    body,
    refuse: text,
};

/// The API of a path on a gRPC route.
pub(in crate::protocol::http) fn of(path: &str) -> Result<&'static Api, Refusal> {
    if (LOGS.paths)(path) {
        Ok(&LOGS)
    } else {
        Err(Refusal::unimplemented())
    }
}

fn body(_: &str, media: &Media, codings: Vec<Coding>) -> Result<Treatment, Refusal> {
    if !media.essence.starts_with("application/grpc") || !codings.is_empty() {
        return Err(Refusal::unsupported("the request is no gRPC"));
    }
    let coding = Coding::named(&media.message_coding)?;
    Ok(Treatment {
        codings,
        shape: Shape::whole(move |desk, body| messages(desk, body, coding)),
    })
}

/// Messages with their prefixes, back to back.
fn messages(desk: &mut Desk, body: &[u8], coding: Option<Coding>) -> Result<Scrubbed, Refusal> {
    let broken = Refusal::undecodable("the request's framing is broken");
    let mut out = Scrubbed::new();
    let mut rest = body;
    while let Some((prefix, tail)) = rest.split_first_chunk::<PREFIX_BYTES>() {
        let [flag, length @ ..] = *prefix;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| broken)?;
        let (message, tail) = tail.split_at_checked(length).ok_or(broken)?;
        rest = tail;
        let codings = match (flag, coding) {
            (0, _) => vec![],
            (1, Some(coding)) => vec![coding],
            _ => return Err(broken),
        };
        let mut decoded = Vec::new();
        Decoder::new(&codings, desk.body_bytes_max() as u64)?.push(message, true, &mut decoded)?;
        let scrubbed = logs(desk, &decoded)?;
        let mut coded = Scrubbed::new();
        Encoder::new(&codings, message)?.push(&scrubbed, true, &mut coded)?;
        let length = u32::try_from(coded.as_bytes().len()).map_err(|_| Refusal::too_long())?;
        out.encoded(&[flag]);
        out.encoded(&length.to_be_bytes());
        out.append(&coded);
    }
    if rest.is_empty() {
        Ok(out)
    } else {
        Err(broken)
    }
}
