//! The admin listener: `/metrics`, `/livez`, `/readyz`, a live page at `/`, and
//! `POST /-/reload`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::{mpsc, oneshot};

use crate::telemetry::{RouteMetrics, Telemetry};

/// Somebody asks for a reload, and is told the policies in force or why not.
pub type Asked = oneshot::Sender<Result<String, String>>;

/// What the pages show.
#[derive(Debug)]
pub struct View {
    /// All metrics.
    pub telemetry: Telemetry,
    /// Name and metrics of each route.
    pub routes: Vec<(String, Arc<RouteMetrics>)>,
    /// Set once a drain has begun.
    pub draining: AtomicBool,
    /// Where reloads are asked for.
    pub reloads: mpsc::Sender<Asked>,
}

impl View {
    /// Asks for a reload and waits for it.
    ///
    /// # Errors
    /// What is wrong: nothing has changed then.
    pub async fn reload(&self) -> Result<String, String> {
        let (tell, told) = oneshot::channel();
        let gone = || "draining".to_owned();
        self.reloads.send(tell).await.map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }

    fn ready(&self) -> Result<(), String> {
        if self.draining.load(Ordering::Relaxed) {
            return Err("draining\n".to_owned());
        }
        match self
            .routes
            .iter()
            .find(|(_, metrics)| metrics.sink_up.get() == 0)
        {
            Some((name, _)) => Err(format!("the sink of route {name} cannot be reached\n")),
            None => Ok(()),
        }
    }
}

/// The pages.
pub fn router(view: Arc<View>) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/events", get(events))
        .route("/-/reload", post(reload))
        .with_state(view)
}

async fn ready(State(view): State<Arc<View>>) -> Response {
    match view.ready() {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
    }
}

async fn reload(State(view): State<Arc<View>>) -> Response {
    match view.reload().await {
        Ok(said) => format!("{said}\n").into_response(),
        Err(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{wrong}\n")).into_response(),
    }
}

async fn metrics(State(view): State<Arc<View>>) -> Response {
    match view.telemetry.text() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Server-sent events, one a second while someone looks: the metrics' text, a `data:` line for each.
async fn events(State(view): State<Arc<View>>) -> Response {
    let (mut writer, reader) = tokio::io::duplex(64 << 10);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tick.tick().await;
            let text = view.telemetry.text().unwrap_or_default();
            let mut event: String = text
                .lines()
                .filter(|l| !l.starts_with('#'))
                .map(|line| format!("data: {line}\n"))
                .collect();
            event.push('\n');
            if tokio::io::AsyncWriteExt::write_all(&mut writer, event.as_bytes())
                .await
                .is_err()
            {
                return;
            }
        }
    });
    let chunks = Chunks(reader);
    (
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        Body::new(chunks),
    )
        .into_response()
}

/// A pipe as a response body.
struct Chunks(tokio::io::DuplexStream);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let mut room = [0u8; 8192];
        let mut buffer = tokio::io::ReadBuf::new(&mut room);
        match tokio::io::AsyncRead::poll_read(std::pin::Pin::new(&mut self.0), cx, &mut buffer) {
            std::task::Poll::Pending => std::task::Poll::Pending,
            std::task::Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::copy_from_slice(
                    buffer.filled(),
                )))))
            }
            std::task::Poll::Ready(_) => std::task::Poll::Ready(None),
        }
    }
}
