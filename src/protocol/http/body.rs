//! Bodies on their way to the sink. They are made of [`Scrubbed`] and nothing else.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use prometheus::IntCounter;
use tokio::sync::mpsc;
use tokio::time::Sleep;
use tokio_util::task::TaskTracker;

use super::refusal::Refusal;
use crate::mask::Scrubbed;
use crate::protocol::Shared;

/// A body that the sink is sent.
pub(super) enum Outgoing {
    /// All of it.
    Whole(Option<Scrubbed>),
    /// As it comes, and whether it ended. A sender that goes away before the end breaks the request off.
    Stream(mpsc::Receiver<Option<Scrubbed>>, bool),
}

impl Outgoing {
    /// A stream and its sender: `None` ends it.
    pub(super) fn stream() -> (mpsc::Sender<Option<Scrubbed>>, Self) {
        let (send, receive) = mpsc::channel(1);
        (send, Self::Stream(receive, false))
    }
}

impl Outgoing {
    /// Bytes of a whole body.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Whole(Some(body)) => body.as_bytes().len(),
            Self::Whole(None) | Self::Stream(..) => 0,
        }
    }
}

/// A body that must not be taken for a whole one.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body was broken off")
    }
}

impl std::error::Error for BrokenOff {}

impl From<Infallible> for BrokenOff {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let frame = |scrubbed: Scrubbed| Frame::data(Bytes::from(scrubbed.into_bytes()));
        match self.get_mut() {
            Self::Whole(body) => Poll::Ready(body.take().map(|body| Ok(frame(body)))),
            Self::Stream(_, true) => Poll::Ready(None),
            Self::Stream(receiver, ended) => match receiver.poll_recv(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Some(Some(chunk))) => Poll::Ready(Some(Ok(frame(chunk)))),
                Poll::Ready(Some(None)) => {
                    *ended = true;
                    Poll::Ready(None)
                }
                Poll::Ready(None) => {
                    *ended = true;
                    Poll::Ready(Some(Err(BrokenOff)))
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_none(),
            Self::Stream(_, ended) => *ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => {
                SizeHint::with_exact(body.as_ref().map_or(0, |body| body.as_bytes().len() as u64))
            }
            Self::Stream(..) => SizeHint::default(),
        }
    }
}

/// An answer's body on its way to the client. It is broken off where the sink falls silent in it.
pub(super) struct Returning {
    body: Incoming,
    patience: Duration,
    silent: IntCounter,
    until: Option<Pin<Box<Sleep>>>,
}

impl Returning {
    pub(super) fn new(body: Incoming, shared: &Shared) -> Self {
        Self {
            body,
            patience: shared.http.answer_timeout,
            silent: shared.metrics.sink_silent.clone(),
            until: None,
        }
    }
}

impl http_body::Body for Returning {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.until = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let patience = this.patience;
        let until = (this.until).get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if until.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        this.until = None;
        this.silent.inc();
        Poll::Ready(Some(Err(BrokenOff.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How long what a client still sends is read after it was answered.
const LINGER: Duration = Duration::from_secs(5);

/// A client's body. Where nobody wants the rest of it, that is read and thrown away for a while, since a
/// client that is cut off while it sends may never read its answer.
pub(super) struct Arriving {
    body: Option<Incoming>,
    tasks: TaskTracker,
}

impl Arriving {
    pub(super) const fn new(body: Incoming, tasks: TaskTracker) -> Self {
        Self {
            body: Some(body),
            tasks,
        }
    }

    /// Its next bytes; `None` at its end.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Refusal>> {
        loop {
            let frame = self.body.as_mut()?.frame().await;
            match frame {
                None => self.body = None,
                Some(Err(_)) => {
                    self.body = None;
                    return Some(Err(Refusal::broken_off()));
                }
                // Trailers may be dropped (RFC 9110 §6.5.1), and they could carry text.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
            }
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) {
            self.tasks.spawn(tokio::time::timeout(LINGER, async move {
                while let Some(Ok(_)) = body.frame().await {}
            }));
        }
    }
}

/// How much of `bodies_bytes_max` is in use on a route.
#[derive(Debug)]
pub(super) struct Held {
    bytes: AtomicUsize,
    bytes_max: usize,
}

impl Held {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self {
            bytes: AtomicUsize::new(0),
            bytes_max,
        }
    }
}

/// One request's share of what may be held.
pub(super) struct Share {
    held: Arc<Held>,
    bytes: usize,
}

impl Share {
    pub(super) const fn of(held: Arc<Held>) -> Self {
        Self { held, bytes: 0 }
    }

    /// Takes more, or says that there is no more.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let before = self.held.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_add(bytes);
        if before.saturating_add(bytes) > self.held.bytes_max {
            return Err(Refusal::busy());
        }
        Ok(())
    }
}

impl Share {
    /// What was taken.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
