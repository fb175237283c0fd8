//! Certificates of a route: what the settings file says, and what rustls makes of the files it names.
//!
//! TLS 1.2 (RFC 5246) and 1.3 (RFC 8446), as rustls offers them: no older version, no weak suite, and no
//! way to skip the check of a certificate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde::Deserialize;
use toml::Spanned;

/// Whether a client must show a certificate that `client_ca` signed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCert {
    /// Without one it is refused.
    #[default]
    Required,
    /// It may have none; a wrong one is refused.
    Optional,
}

/// `[route.listen_tls]` as it is typed.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListenTable {
    cert: Spanned<PathBuf>,
    key: Spanned<PathBuf>,
    client_ca: Option<Spanned<PathBuf>>,
    client_cert: Option<Spanned<ClientCert>>,
}

/// `[route.sink_tls]` as it is typed.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SinkTable {
    ca: Option<Spanned<PathBuf>>,
    server_name: Option<Spanned<String>>,
    cert: Option<Spanned<PathBuf>>,
    key: Option<Spanned<PathBuf>>,
}

/// Their keys, for "did you mean".
pub(super) const KNOWN: &[&str] = &[
    "listen_tls",
    "sink_tls",
    "cert",
    "key",
    "client_ca",
    "client_cert",
    "ca",
    "server_name",
];

/// What is wrong, and the byte of the settings file that says so.
pub(super) type Wrong = (usize, String);

/// What a route's `tls://` listeners show and ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListenTls {
    /// Certificate chain, leaf first, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM (PKCS #8, PKCS #1 or SEC 1), not encrypted.
    pub key: PathBuf,
    /// Authorities of client certificates, PEM; none are asked for without it.
    pub client_ca: Option<PathBuf>,
    /// Whether they must be shown.
    pub client_cert: ClientCert,
}

/// What a route's `tls://` sink is trusted by, and what it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SinkTls {
    /// Authorities of the sink's certificate, PEM; the system's where there is none.
    pub ca: Option<PathBuf>,
    /// The name that its certificate must have, sent as SNI (RFC 6066 §3) where it is no address.
    pub server_name: ServerName<'static>,
    /// Client certificate chain and private key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl ListenTable {
    /// Where the settings file has its certificate.
    pub(super) fn cert_at(&self) -> usize {
        self.cert.span().start
    }

    /// Checks it, files included. Paths are relative to `base`.
    pub(super) fn check(&self, base: &Path) -> Result<ListenTls, Wrong> {
        let tls = ListenTls {
            cert: base.join(self.cert.get_ref()),
            key: base.join(self.key.get_ref()),
            client_ca: self.client_ca.as_ref().map(|ca| base.join(ca.get_ref())),
            client_cert: self
                .client_cert
                .as_ref()
                .map_or_else(ClientCert::default, |cert| *cert.get_ref()),
        };
        if let (Some(cert), None) = (&self.client_cert, &self.client_ca) {
            return Err((
                cert.span().start,
                "client_cert needs client_ca: who signs the clients' certificates".to_owned(),
            ));
        }
        tls.config(&[]).map_err(|(key, message)| {
            let at = match (key, &self.client_ca) {
                ("key", _) => self.key.span(),
                ("client_ca", Some(ca)) => ca.span(),
                _ => self.cert.span(),
            };
            (at.start, message)
        })?;
        Ok(tls)
    }
}

impl SinkTable {
    /// Checks it, files included, for a sink at `address` (`HOST:PORT`, said at byte `at`).
    pub(super) fn check(&self, base: &Path, address: &str, at: usize) -> Result<SinkTls, Wrong> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let (name, name_at) = match &self.server_name {
            Some(name) => (name.get_ref().as_str(), name.span().start),
            None => (host.trim_matches(['[', ']']), at),
        };
        let server_name = ServerName::try_from(name.to_owned()).map_err(|_| {
            (
                name_at,
                format!("`{name}` is no name that a certificate can have"),
            )
        })?;
        let identity = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some((base.join(cert.get_ref()), base.join(key.get_ref()))),
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => {
                return Err((
                    one.span().start,
                    "cert and key of sink_tls come together".to_owned(),
                ));
            }
        };
        let tls = SinkTls {
            ca: self.ca.as_ref().map(|ca| base.join(ca.get_ref())),
            server_name,
            identity,
        };
        tls.config(&[]).map_err(|(key, message)| {
            let place = match key {
                "ca" => &self.ca,
                "key" => &self.key,
                _ => &self.cert,
            };
            (place.as_ref().map_or(at, |path| path.span().start), message)
        })?;
        Ok(tls)
    }
}

impl ListenTls {
    /// The files that it is made of.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let fixed = [self.cert.clone(), self.key.clone()];
        fixed.into_iter().chain(self.client_ca.clone()).collect()
    }

    /// Reads the files. `alpn` are the names of what is spoken inside (RFC 7301), best first.
    ///
    /// # Errors
    /// The key of the settings file that is at fault, and what is wrong with its file.
    pub fn config(&self, alpn: &[&[u8]]) -> Result<ServerConfig, (&'static str, String)> {
        let provider = provider();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| ("cert", error.to_string()))?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(ca) => {
                let roots = Arc::new(authorities(ca).map_err(|message| ("client_ca", message))?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                let verifier = match self.client_cert {
                    ClientCert::Required => verifier,
                    ClientCert::Optional => verifier.allow_unauthenticated(),
                };
                let verifier = verifier
                    .build()
                    .map_err(|error| ("client_ca", format!("{}: {error}", ca.display())))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let (chain, key) = pair(&self.cert, &self.key)?;
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| ("key", unfit(&self.cert, &self.key, &error)))?;
        // Many a log shipper never reads: a ticket would lie in its socket unread, its close would reset
        // the connection (RFC 2525 §2.17), and what was not yet read here would be lost.
        if alpn.is_empty() {
            config.send_tls13_tickets = 0;
        }
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }
}

impl SinkTls {
    /// The files that it is made of.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let own = self.identity.iter().flat_map(|(cert, key)| [cert, key]);
        self.ca.iter().chain(own).cloned().collect()
    }

    /// Reads the files.
    ///
    /// # Errors
    /// The key of the settings file that is at fault, and what is wrong with its file.
    pub fn config(&self, alpn: &[&[u8]]) -> Result<ClientConfig, (&'static str, String)> {
        let provider = provider();
        let roots = match &self.ca {
            Some(ca) => authorities(ca),
            None => system_authorities(),
        }
        .map_err(|message| ("ca", message))?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| ("ca", error.to_string()))?
            .with_root_certificates(roots);
        let own = match &self.identity {
            None => None,
            Some((cert, key)) => {
                let (chain, secret) = pair(cert, key)?;
                let own = CertifiedKey::from_der(chain, secret, &provider)
                    .map_err(|error| ("key", unfit(cert, key, &error)))?;
                Some(Arc::new(own))
            }
        };
        let mut config = builder.with_client_cert_resolver(Arc::new(Own(own)));
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }
}

/// The one client certificate, whoever asks for it.
#[derive(Debug)]
struct Own(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Own {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn unfit(cert: &Path, key: &Path, error: &rustls::Error) -> String {
    format!(
        "{} does not go with {}: {error}",
        key.display(),
        cert.display()
    )
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read(path).map_err(|error| wrong(&error))?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(&error))?;
    if chain.is_empty() {
        return Err(wrong(&"holds no PEM certificate (BEGIN CERTIFICATE)"));
    }
    Ok(chain)
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn pair(cert: &Path, key: &Path) -> Result<Pair, (&'static str, String)> {
    let chain = certificates(cert).map_err(|message| ("cert", message))?;
    let wrong = |error: &dyn std::fmt::Display| ("key", format!("{}: {error}", key.display()));
    let text = zeroize::Zeroizing::new(std::fs::read(key).map_err(|error| wrong(&error))?);
    let secret = PrivateKeyDer::from_pem_slice(&text).map_err(|_| {
        wrong(&"holds no PEM private key that is not encrypted (BEGIN PRIVATE KEY)")
    })?;
    Ok((chain, secret))
}

fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(path)? {
        roots
            .add(authority)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(roots)
}

fn system_authorities() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // One that this system keeps and rustls cannot read is none to trust.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(
            "this system has no certificate authorities; set ca in [route.sink_tls]".to_owned(),
        );
    }
    Ok(roots)
}
