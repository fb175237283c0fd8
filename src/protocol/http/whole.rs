//! A request's body without a connection, for tests and fuzz targets.

use std::sync::Arc;

use super::api::{self, Media, Shape};
use super::coding::{Coding, Decoder, Encoder};
use super::desk::Desk;
use super::refusal::Refusal;
use crate::mask::Scrubbed;
use crate::pipeline::Tally;
use crate::plan::Plan;

/// Longest record and longest body, in bytes.
const BYTES_MAX: (usize, usize) = (1 << 20, 16 << 20);

/// What the sink gets of a body that comes in `parts`, posted to `path` under a media type and a content coding (both
/// as their fields have them, empty where there is none), and what was counted. `None`: it is refused.
#[must_use]
pub fn scrub_body(
    plan: &Arc<Plan>,
    path: &str,
    media: &str,
    coding: &str,
    parts: &[&[u8]],
) -> Option<(Vec<u8>, Tally)> {
    scrub(plan, path, media, coding, parts).ok()
}

fn scrub(
    plan: &Arc<Plan>,
    path: &str,
    media: &str,
    coding: &str,
    parts: &[&[u8]],
) -> Result<(Vec<u8>, Tally), Refusal> {
    let api = if media.starts_with("application/grpc") {
        api::grpc::of(path)?
    } else {
        api::of(path)
    };
    let media = Media {
        essence: media.to_owned(),
        message_coding: coding.to_owned(),
    };
    let mut desk = Desk::with(Arc::clone(plan), BYTES_MAX.0, BYTES_MAX.1);
    let grpc = media.essence.starts_with("application/grpc");
    let said = Coding::list(if grpc { "" } else { coding })?;
    let treatment = (api.body)(path, &media, said)?;
    let mut decoder = Decoder::new(&treatment.codings, BYTES_MAX.1 as u64)?;
    let head: Vec<u8> = parts.concat().into_iter().take(16).collect();
    let mut encoder = Encoder::new(&treatment.codings, &head)?;
    let (mut input, mut out) = (Vec::new(), Scrubbed::new());
    match treatment.shape {
        Shape::Whole(scrub) => {
            for part in parts {
                decoder.push(part, false, &mut input)?;
            }
            decoder.push(&[], true, &mut input)?;
            encoder.push(&scrub(&mut desk, &input)?, true, &mut out)?;
        }
        Shape::Lines(mut lines) => {
            let parts = parts.iter().map(|part| (*part, false));
            for (part, ended) in parts.chain([(&[][..], true)]) {
                decoder.push(part, ended, &mut input)?;
                let mut scrubbed = Scrubbed::new();
                let used = lines.pass(&mut desk, &input, ended, &mut scrubbed)?;
                input.drain(..used);
                encoder.push(&scrubbed, ended, &mut out)?;
            }
        }
    }
    Ok((out.into_bytes(), desk.tally))
}
