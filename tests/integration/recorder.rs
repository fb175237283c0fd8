//! An HTTP sink that keeps what it gets: hyper's own server, HTTP/1.1 and HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;

use super::support::PATIENCE;

/// What came.
#[derive(Debug)]
pub struct Got {
    pub version: Version,
    pub method: String,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What it answers.
#[derive(Clone)]
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: &'static str,
}

pub struct Recorder {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    says: Arc<Mutex<Says>>,
    got: Receiver<Got>,
    _runtime: tokio::runtime::Runtime,
}

impl Recorder {
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0")
    }

    pub fn start_at(address: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let says = Arc::new(Mutex::new(Says {
            status: 200,
            headers: vec![("x-sink", "recorder")],
            body: "taken\n",
        }));
        let (send, got) = channel();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (answers, count) = (Arc::clone(&says), Arc::clone(&connections));
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (answers, send) = (Arc::clone(&answers), send.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                        let (answers, send) = (Arc::clone(&answers), send.clone());
                        async move {
                            let (head, body) = request.into_parts();
                            // A body that breaks off is not a request.
                            let Ok(body) = body.collect().await else {
                                return Ok(Response::new(Full::new(Bytes::new())));
                            };
                            let _ = send.send(Got {
                                version: head.version,
                                method: head.method.to_string(),
                                target: head.uri.path_and_query().unwrap().to_string(),
                                headers: head.headers,
                                body: body.to_bytes().to_vec(),
                            });
                            let says = answers.lock().unwrap().clone();
                            let mut response = Response::builder().status(says.status);
                            for (name, value) in says.headers {
                                response = response.header(name, value);
                            }
                            Ok::<_, Infallible>(
                                response
                                    .body(Full::new(Bytes::from_static(says.body.as_bytes())))
                                    .unwrap(),
                            )
                        }
                    });
                    let _ = auto::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            address,
            connections,
            says,
            got,
            _runtime: runtime,
        }
    }

    pub fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// The next request.
    pub fn next(&self) -> Got {
        self.got.recv_timeout(PATIENCE).unwrap()
    }

    /// What has come and was not asked for.
    pub fn rest(&self) -> Vec<Got> {
        self.got.try_iter().collect()
    }
}
