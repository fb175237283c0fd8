//! The sink's side: a pool of connections, HTTP/1.1 and HTTP/2 apart, because a request goes on in the
//! version in which it came.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::{Request, Response, Uri, Version};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::body::{Held, Outgoing};
use super::refusal::Refusal;
use crate::net::Io;
use crate::sink::Sink;

/// Idle connections that are kept.
const IDLE_MAX: usize = 64;
/// How long they are kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A route's way to its sink, shared by its connections.
pub struct Upstream {
    http1: Client<Connector, Outgoing>,
    http2: Client<Connector, Outgoing>,
    only_http2: bool,
    scheme: Scheme,
    authority: Authority,
    pub(super) held: Arc<Held>,
    pub(super) body_bytes_max: usize,
    /// How long the sink may take to take a part of a body, or to answer.
    pub(super) answer_timeout: Duration,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.authority)
    }
}

impl Upstream {
    /// A pool without a connection. `http2` is what is spoken whatever came. Bodies longer than `body_bytes_max` are not held, nor more than
    /// `bodies_bytes_max` at a time.
    #[must_use]
    pub fn new(
        sink: &Sink,
        http2: bool,
        body_bytes_max: usize,
        bodies_bytes_max: usize,
        answer_timeout: Duration,
    ) -> Self {
        let client = |http2: bool| {
            Client::builder(TokioExecutor::new())
                .pool_idle_timeout(IDLE_TIMEOUT)
                .pool_max_idle_per_host(IDLE_MAX)
                .pool_timer(TokioTimer::new())
                .http2_only(http2)
                .build(Connector { sink: sink.clone() })
        };
        Self {
            http1: client(false),
            http2: client(true),
            only_http2: http2,
            // Over TLS the version is agreed on in the handshake, which says HTTP/1.1.
            scheme: if sink.is_tls() {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            },
            // A socket without a name is as good as any.
            authority: sink
                .authority()
                .and_then(|authority| authority.parse().ok())
                .unwrap_or_else(|| Authority::from_static("localhost")),
            held: Arc::new(Held::new(bodies_bytes_max)),
            body_bytes_max,
            answer_timeout,
        }
    }

    /// The version in which a request goes on.
    pub(super) fn version(&self, came: Version) -> Version {
        if self.only_http2 || came == Version::HTTP_2 && self.scheme == Scheme::HTTP {
            Version::HTTP_2
        } else {
            Version::HTTP_11
        }
    }

    /// The sink's own URI of a path.
    pub(super) fn uri(&self, path: PathAndQuery) -> Result<Uri, Refusal> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .map_err(|_| Refusal::undecodable("the request target is no path"))
    }

    /// Sends a request whose body is all there, and waits for the head of the answer, but not for ever.
    pub(super) async fn send(
        &self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Refusal> {
        self.in_time(self.request(request)).await
    }

    /// What comes of the sink, if it comes in time.
    pub(super) async fn in_time<T>(
        &self,
        coming: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let outcome = tokio::time::timeout(self.answer_timeout, coming).await;
        outcome.unwrap_or(Err(Refusal::silent()))
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn request(
        &self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Refusal> {
        let client = if request.version() == Version::HTTP_2 {
            &self.http2
        } else {
            &self.http1
        };
        client.request(request).await.map_err(|error| {
            if error.is_connect() {
                Refusal::unreachable()
            } else {
                Refusal::no_answer()
            }
        })
    }
}

#[derive(Clone)]
struct Connector {
    sink: Sink,
}

impl tower_service::Service<Uri> for Connector {
    type Response = Link;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Link>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let sink = self.sink.clone();
        Box::pin(async move { Ok(Link(TokioIo::new(sink.stream().await?))) })
    }
}

/// A connection to the sink.
struct Link(TokioIo<Io>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
