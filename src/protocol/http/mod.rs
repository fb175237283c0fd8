//! HTTP/1.1 and HTTP/2 (prior knowledge) as a reverse proxy: a request goes to the sink with its body
//! scrubbed, and the sink's own answer comes back, which is the acknowledgement.
//!
//! - What a body is, its path and media type say ([`api`], one file an API and one line in its table).
//! - Lines stream through in bounded memory. What must be whole is held, up to `body_bytes_max` a body
//!   and `bodies_bytes_max` a route.
//! - What cannot be decoded or looked into is answered in the API's own words (400, 413, 415), counted,
//!   and never passed on. Without the sink's answer there is 502, 503 or, after a time, 504 with
//!   `Retry-After`, never a 2xx.
//! - The request line and the fields are scrubbed too ([`head`]): values of the query, and of fields that
//!   are no credentials; the path, where it is none of a known API.

mod api;
mod body;
mod changes;
mod coding;
mod desk;
mod draft;
mod head;
mod labels;
mod proxy;
mod refusal;
#[cfg(test)]
mod tests;
mod upstream;
mod whole;
mod wire;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio_util::task::TaskTracker;

pub use upstream::Upstream;
pub use whole::scrub_body;

use super::Shared;
use crate::net::Io;
use crate::settings::Protocol;

/// How long a head may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests at a time on one HTTP/2 connection.
const STREAMS_MAX: u32 = 128;

/// Streams of HTTP/2 are tasks of the route.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(connection: Io, shared: &Arc<Shared>) {
    shared.metrics.connections.inc();
    shared.metrics.connections_total.inc();
    let service = service_fn(|request| {
        let shared = Arc::clone(shared);
        async move { Ok::<_, Infallible>(proxy::pass(request, &shared).await) }
    });
    let mut server = auto::Builder::new(Tracked(shared.tasks.clone()));
    if shared.protocol == Protocol::Grpc {
        server = server.http2_only();
    }
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX);
    let serving = server.serve_connection(TokioIo::new(connection), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = shared.stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    // An error here is the peer's: it broke off, or spoke no HTTP. Its text may hold what it sent.
    tracing::debug!(clean = ended.is_ok(), "a connection ends");
    shared.metrics.connections.dec();
}
