//! TLS at both ends of a route (RFC 5425 where syslog is spoken inside). Certificates are read again when
//! their files change: the files are looked at before each handshake, so that what is open stays open and
//! what is new is shown the new ones.

use std::fmt;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ProtocolVersion, ServerConfig, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::settings::{ListenTls, SinkTls};

/// What tells a file from the one that was there before.
type Stamp = Option<(i64, i64, u64, u64)>;

/// How long, and for how many bytes, a refused peer is read on.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 64 << 10);

type Load<C> = Box<dyn Fn() -> Result<C, String> + Send + Sync>;

/// What was made of files, made again once they are different.
struct Fresh<C> {
    files: Vec<PathBuf>,
    load: Load<C>,
    current: Mutex<(Vec<Stamp>, Arc<C>)>,
}

impl<C> fmt::Debug for Fresh<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fresh({:?})", self.files)
    }
}

impl<C> Fresh<C> {
    fn new(files: Vec<PathBuf>, load: Load<C>) -> Result<Self, String> {
        // Stamped first: a change while they are read is seen later.
        let stamps = stamps(&files);
        let current = Mutex::new((stamps, Arc::new(load()?)));
        Ok(Self {
            files,
            load,
            current,
        })
    }

    /// What is in force. Files that cannot be used (a key that is written before its certificate, say)
    /// leave the old in force until they change again.
    fn get(&self) -> Arc<C> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamps(&self.files);
        if now != current.0 {
            current.0 = now;
            match (self.load)() {
                Ok(new) => {
                    current.1 = Arc::new(new);
                    tracing::info!(files = ?self.files, "certificates are read again");
                }
                Err(error) => {
                    tracing::warn!(%error, "the new certificates cannot be used; the old stay in force");
                }
            }
        }
        Arc::clone(&current.1)
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file| {
        let meta = std::fs::metadata(file).ok()?;
        Some((meta.mtime(), meta.mtime_nsec(), meta.size(), meta.ino()))
    };
    files.iter().map(stamp).collect()
}

/// The server's side of a route's `tls://` listeners.
#[derive(Debug)]
pub struct Acceptor {
    config: Fresh<ServerConfig>,
    timeout: Duration,
}

impl Acceptor {
    /// Reads the certificates. A handshake may take `timeout`.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn new(
        tls: ListenTls,
        alpn: &'static [&'static [u8]],
        timeout: Duration,
    ) -> Result<Self, String> {
        let load = move |tls: &ListenTls| tls.config(alpn).map_err(|(_, message)| message);
        Ok(Self {
            config: Fresh::new(tls.files(), Box::new(move || load(&tls)))?,
            timeout,
        })
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// What the peer did wrong; it has been told, and nothing it sent was read as payload.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        let handshake = TlsAcceptor::from(self.config.get())
            .accept(stream)
            .into_fallible();
        match tokio::time::timeout(self.timeout, handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err((error, stream))) => {
                let_go(stream).await;
                Err(explained(error, "the client"))
            }
            Err(_) => Err(explained(io::ErrorKind::TimedOut.into(), "the client")),
        }
    }
}

/// Closes so that the peer can read why: a socket that is closed with bytes unread is reset (RFC 2525
/// §2.17), and what was sent to the peer may be lost with it.
async fn let_go(mut stream: TcpStream) {
    let rest = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER.1), &mut tokio::io::sink()).await
    };
    drop(tokio::time::timeout(LINGER.0, rest).await);
}

/// The client's side of a `tls://` sink.
#[derive(Debug)]
pub struct Connector {
    config: Fresh<ClientConfig>,
    tls: SinkTls,
    timeout: Duration,
}

/// Tells whether the server asked for a certificate.
#[derive(Debug)]
struct Asked {
    own: Arc<dyn ResolvesClientCert>,
    asked: AtomicBool,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.own.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        self.own.has_certs()
    }
}

impl Connector {
    /// Reads the certificates. A handshake may take `timeout`.
    ///
    /// # Errors
    /// A file that cannot be used.
    pub fn new(
        tls: SinkTls,
        alpn: &'static [&'static [u8]],
        timeout: Duration,
    ) -> Result<Self, String> {
        let own = tls.clone();
        let load = move || own.config(alpn).map_err(|(_, message)| message);
        Ok(Self {
            config: Fresh::new(tls.files(), Box::new(load))?,
            tls,
            timeout,
        })
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// Either side's certificate is not trusted, or the peer speaks no TLS. Nothing was sent.
    pub async fn connect(&self, stream: TcpStream) -> io::Result<client::TlsStream<TcpStream>> {
        let mut config = ClientConfig::clone(&self.config.get());
        let asked = Arc::new(Asked {
            own: Arc::clone(&config.client_auth_cert_resolver),
            asked: AtomicBool::new(false),
        });
        config.client_auth_cert_resolver = Arc::<Asked>::clone(&asked);
        let start = Instant::now();
        let handshake =
            TlsConnector::from(Arc::new(config)).connect(self.tls.server_name.clone(), stream);
        let mut stream = tokio::time::timeout(self.timeout, handshake)
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| explained(error, "the sink"))?;
        if asked.asked.load(Ordering::Relaxed) {
            verdict(&mut stream, start.elapsed())
                .await
                .map_err(|error| explained(error, "the sink"))?;
        }
        Ok(stream)
    }
}

/// A server of TLS 1.3 looks at the client's certificate after the client's side of the handshake has ended
/// (RFC 8446 §4.4.2), so what is sent at once may be lost to a refusal. Its first message behind the
/// handshake, mostly a session ticket, says that it is content; one that says nothing is waited for as
/// long as a few handshakes took.
async fn verdict(stream: &mut client::TlsStream<TcpStream>, handshake: Duration) -> io::Result<()> {
    let (socket, session) = stream.get_mut();
    if session.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return Ok(());
    }
    let patience = handshake
        .saturating_mul(4)
        .clamp(Duration::from_millis(50), Duration::from_secs(2));
    let first_word = async {
        while session.tls13_tickets_received() == 0 {
            socket.readable().await?;
            match session.read_tls(&mut Ready(socket)) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            }
            let state = session
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            if state.plaintext_bytes_to_read() > 0 {
                break;
            }
        }
        Ok(())
    };
    tokio::time::timeout(patience, first_word)
        .await
        .unwrap_or(Ok(()))
}

/// What a socket has ready, as `std` reads it.
struct Ready<'a>(&'a TcpStream);

impl io::Read for Ready<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

/// An error of a handshake with what to do about it.
fn explained(error: io::Error, peer: &str) -> io::Error {
    use rustls::Error;
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    let hint = match cause {
        Some(Error::InvalidMessage(_)) => format!("{peer} does not speak TLS"),
        Some(Error::InvalidCertificate(_)) => format!("the certificate of {peer} is not trusted"),
        Some(Error::NoCertificatesPresented) => format!("{peer} showed no certificate"),
        Some(Error::AlertReceived(_)) => format!("{peer} refuses us"),
        _ if error.kind() == io::ErrorKind::TimedOut => {
            format!("{peer} took longer than handshake_timeout_secs")
        }
        _ if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("{peer} broke off")
        }
        _ => format!("with {peer}"),
    };
    io::Error::new(error.kind(), format!("TLS handshake: {hint}: {error}"))
}
