//! One request from its head to the head of its answer.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, Version};
use tokio::sync::{mpsc, oneshot};

use super::api::{self, Api, Shape, Whole};
use super::body::{Arriving, Outgoing, Returning, Share};
use super::coding::{Coding, Decoder, Encoder, STEP_BYTES};
use super::desk::{Desk, Lines};
use super::head;
use super::refusal::Refusal;
use crate::mask::Scrubbed;
use crate::pipeline::Tally;
use crate::protocol::Shared;
use crate::settings::Protocol;

/// A body that is shorter is scrubbed where it is; a longer one where it holds nobody up.
const INLINE_BYTES_MAX: usize = 64 << 10;

/// What a client gets: the sink's answer, or a refusal.
pub(super) type Answer = Response<Either<Returning, Full<Bytes>>>;

/// Passes one request on, and its answer back.
pub(super) async fn pass(request: Request<Incoming>, shared: &Arc<Shared>) -> Answer {
    let grpc = shared.protocol == Protocol::Grpc;
    let api = if grpc {
        api::grpc::of(request.uri().path())
    } else {
        Ok(api::of(request.uri().path()))
    };
    // Kept for a refusal, which is told in the request's own format.
    let fields = request.headers().clone();
    let outcome = match api {
        Ok(api) => forward(request, api, shared).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(mut response) => {
            head::strip(response.headers_mut());
            response.map(|body| Either::Left(Returning::new(body, shared)))
        }
        Err(refusal) => {
            if let Some(reason) = refusal.reason {
                let mut tally = Tally {
                    records: 1,
                    ..Tally::default()
                };
                tally.tomb(reason);
                shared.count(&tally);
            }
            if refusal == Refusal::silent() {
                shared.metrics.sink_silent.inc();
                tracing::warn!("the sink did not answer in time");
            }
            tracing::debug!(
                status = refusal.status.as_u16(),
                reason = refusal.text,
                "a request is refused"
            );
            match api {
                Ok(api) if !grpc => refuse(api, &refusal, &fields),
                _ => refuse_call(&refusal),
            }
        }
    }
}

fn refuse(api: &Api, refusal: &Refusal, fields: &HeaderMap) -> Answer {
    let (kind, text) = (api.refuse)(refusal, fields);
    let mut response = Response::new(Either::Right(Full::new(Bytes::from(text))));
    *response.status_mut() = refusal.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if refusal.again() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// gRPC over HTTP/2, "Responses": trailers only, under a status that says that HTTP went well.
fn refuse_call(refusal: &Refusal) -> Answer {
    let mut response = Response::new(Either::Right(Full::new(Bytes::new())));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/grpc"),
    );
    headers.insert("grpc-status", u16::from(refusal.grpc_code()).into());
    headers.insert("grpc-message", HeaderValue::from_static(refusal.text));
    response
}

async fn forward(
    request: Request<Incoming>,
    api: &'static Api,
    shared: &Arc<Shared>,
) -> Result<Response<Incoming>, Refusal> {
    if request.method() == Method::CONNECT {
        return Err(Refusal::method());
    }
    let (parts, incoming) = request.into_parts();
    let mut desk = Desk::new(shared);
    let (path, mut headers) = head::scrub(
        &mut desk,
        api,
        parts.uri.path(),
        parts.uri.query(),
        &parts.headers,
    )?;
    headers.append(header::VIA, via(parts.version));
    if parts.version == Version::HTTP_2 {
        // The one hop-by-hop field that HTTP/2 has (RFC 9113 §8.2.2); gRPC wants it.
        if parts
            .headers
            .get(header::TE)
            .is_some_and(|te| te == "trailers")
        {
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
    }
    let mut outgoing = Request::new(Outgoing::Whole(None));
    *outgoing.method_mut() = parts.method;
    *outgoing.uri_mut() = shared.http.uri(path)?;
    *outgoing.headers_mut() = headers;
    *outgoing.version_mut() = shared.http.version(parts.version);
    if incoming.is_end_stream() {
        shared.count(&desk.tally);
        return shared.http.send(outgoing).await;
    }
    let incoming = Arriving::new(incoming, shared.tasks.clone());
    let codings = codings(&parts.headers)?;
    let treatment = (api.body)(parts.uri.path(), &api::Media::of(&parts.headers)?, codings)?;
    let body = Body {
        incoming,
        step: if treatment.codings.is_empty() {
            shared.read_buffer_bytes_max
        } else {
            STEP_BYTES
        },
        pending: Bytes::new(),
        codings: treatment.codings,
        desk,
        shared: Arc::clone(shared),
        head: Vec::new(),
    };
    match treatment.shape {
        Shape::Whole(scrub) => body.whole(scrub, outgoing).await,
        Shape::Lines(lines) => body.lines(lines, outgoing).await,
    }
}

fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_2 => "2 scrubd",
        Version::HTTP_10 => "1.0 scrubd",
        _ => "1.1 scrubd",
    })
}

fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Refusal> {
    let mut all = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        all.push(
            value
                .to_str()
                .map_err(|_| Refusal::unsupported("the content coding is not known"))?,
        );
    }
    Coding::list(&all.join(","))
}

/// A body on its way through.
struct Body {
    incoming: Arriving,
    codings: Vec<Coding>,
    desk: Desk,
    shared: Arc<Shared>,
    /// Its first bytes, as they came.
    head: Vec<u8>,
    /// What has come and is not decoded yet.
    pending: Bytes,
    /// Bytes that are decoded at a time.
    step: usize,
}

impl Body {
    /// Its next bytes, decoded behind `out`. Returns whether it ended.
    async fn more(&mut self, decoder: &mut Decoder, out: &mut Vec<u8>) -> Result<bool, Refusal> {
        while self.pending.is_empty() {
            let Some(data) = self.incoming.next().await else {
                decoder.push(&[], true, out)?;
                return Ok(true);
            };
            let data = data?;
            self.shared.metrics.received.inc_by(data.len() as u64);
            let missing = 16usize.saturating_sub(self.head.len());
            self.head.extend(data.iter().take(missing));
            self.pending = data;
        }
        // A little at a time, since it may become much.
        let step = self.pending.len().min(self.step);
        decoder.push(&self.pending.split_to(step), false, out)?;
        Ok(false)
    }

    async fn whole(
        mut self,
        scrub: Whole,
        mut outgoing: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Refusal> {
        let limit = self.shared.http.body_bytes_max as u64;
        let mut share = Share::of(Arc::clone(&self.shared.http.held));
        let mut decoder = Decoder::new(&self.codings, limit)?;
        let mut body = Vec::new();
        loop {
            let before = body.len();
            let ended = self.more(&mut decoder, &mut body).await?;
            share.grow(body.len().saturating_sub(before))?;
            if ended {
                break;
            }
        }
        drop(decoder);
        let (codings, head, mut desk) = (self.codings, self.head, self.desk);
        let shared = Arc::clone(&self.shared);
        // It may have been long in coming.
        desk.pipeline.follow(&shared.plan.get());
        let work = move || {
            let start = Instant::now();
            let scrubbed = scrub(&mut desk, &body);
            shared
                .metrics
                .scan_seconds
                .observe(start.elapsed().as_secs_f64());
            if scrubbed.is_ok() {
                shared.count(&desk.tally);
            }
            let mut out = Scrubbed::new();
            Encoder::new(&codings, &head)?.push(&scrubbed?, true, &mut out)?;
            Ok::<_, Refusal>(out)
        };
        let out = if share.bytes() > INLINE_BYTES_MAX {
            tokio::task::spawn_blocking(work)
                .await
                .map_err(|_| Refusal::tomb(crate::record::Reason::ScanFailed))??
        } else {
            work()?
        };
        *outgoing.body_mut() = Outgoing::Whole(Some(out));
        let length = outgoing.body().length();
        let answer = send(&self.shared, outgoing, length).await;
        drop(share);
        answer
    }

    async fn lines(
        mut self,
        lines: Box<dyn Lines>,
        mut outgoing: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Refusal> {
        let mut stream = Streaming {
            decoder: Decoder::new(&self.codings, u64::MAX)?,
            encoder: None,
            input: Vec::new(),
            lines,
        };
        let mut first = Scrubbed::new();
        let limit = self.shared.read_buffer_bytes_max;
        // What fits a buffer goes with its length, as it came.
        while first.as_bytes().len() <= limit {
            if stream.step(&mut self, &mut first).await? {
                let length = first.as_bytes().len();
                *outgoing.body_mut() = Outgoing::Whole(Some(first));
                return send(&self.shared, outgoing, length).await;
            }
        }
        let (sender, body) = Outgoing::stream();
        *outgoing.body_mut() = body;
        let (tell, told) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        shared.tasks.spawn(async move {
            let outcome = pump(stream, self, first, &sender).await;
            // First why, then the end: who sees the sink's connection break asks for the reason.
            let _ = tell.send(outcome);
            drop(sender);
        });
        let answer = shared.http.request(outgoing);
        tokio::pin!(answer);
        tokio::pin!(told);
        let outcome = tokio::select! {
            biased;
            answer = answer.as_mut() => return match answer {
                Ok(response) => Ok(response),
                Err(refusal) => match told.await {
                    Ok(Err(why)) => Err(why),
                    Ok(Ok(())) | Err(_) => Err(refusal),
                },
            },
            outcome = told.as_mut() => outcome,
        };
        match outcome {
            Ok(Err(why)) => Err(why),
            // All of it is on its way; only now is it the sink's turn.
            Ok(Ok(())) | Err(_) => shared.http.in_time(answer).await,
        }
    }
}

/// Sends a whole body; while it is on its way it counts as in flight.
async fn send(
    shared: &Shared,
    outgoing: Request<Outgoing>,
    length: usize,
) -> Result<Response<Incoming>, Refusal> {
    let gauge = i64::try_from(length).unwrap_or(i64::MAX);
    shared.metrics.in_flight.add(gauge);
    let answer = shared.http.send(outgoing).await;
    shared.metrics.in_flight.sub(gauge);
    if answer.is_ok() {
        shared.metrics.sent.inc_by(length as u64);
    }
    answer
}

/// What a body that streams needs between two chunks.
struct Streaming {
    decoder: Decoder,
    encoder: Option<Encoder>,
    input: Vec<u8>,
    lines: Box<dyn Lines>,
}

impl Streaming {
    /// A chunk further, scrubbed and coded behind `out`. Returns whether the body ended.
    async fn step(&mut self, body: &mut Body, out: &mut Scrubbed) -> Result<bool, Refusal> {
        let ended = body.more(&mut self.decoder, &mut self.input).await?;
        let mut scrubbed = Scrubbed::new();
        body.desk.pipeline.follow(&body.shared.plan.get());
        let start = Instant::now();
        let used = self
            .lines
            .pass(&mut body.desk, &self.input, ended, &mut scrubbed)?;
        body.shared
            .metrics
            .scan_seconds
            .observe(start.elapsed().as_secs_f64());
        body.shared.count(&std::mem::take(&mut body.desk.tally));
        self.input.drain(..used);
        if self.encoder.is_none() {
            self.encoder = Some(Encoder::new(&body.codings, &body.head)?);
        }
        if let Some(encoder) = &mut self.encoder {
            encoder.push(&scrubbed, ended, out)?;
        }
        Ok(ended)
    }
}

/// Streams the rest of a body. A sink that goes away ends it.
async fn pump(
    mut stream: Streaming,
    mut body: Body,
    first: Scrubbed,
    sender: &mpsc::Sender<Option<Scrubbed>>,
) -> Result<(), Refusal> {
    let mut chunk = first;
    let mut ended = false;
    loop {
        if !chunk.is_empty() {
            let length = chunk.as_bytes().len() as u64;
            let taken = async { Ok(sender.send(Some(chunk)).await) };
            if body.shared.http.in_time(taken).await?.is_err() {
                return Ok(());
            }
            body.shared.metrics.sent.inc_by(length);
        }
        if ended {
            let taken = async { Ok(sender.send(None).await) };
            return body.shared.http.in_time(taken).await.map(|_| ());
        }
        chunk = Scrubbed::new();
        ended = stream.step(&mut body, &mut chunk).await?;
    }
}
