//! One TOML file, `SCRUBD_*` environment over it; unknown keys are errors with line and column.

mod address;
mod file;
mod fixed;
mod follow;
mod protocol;
mod shared_key;
mod tls;
mod unheeded;

use std::path::{Path, PathBuf};

pub use address::{Listen, Target};
pub use fixed::Fixed;
pub use follow::{Files, Lines, ReadFrom};
pub use protocol::Protocol;
pub use shared_key::{SharedKey, SharedKeys, User};
pub use tls::{ClientCert, ListenTls, SinkTls};

use zeroize::Zeroizing;

use crate::error::ConfigError;
use crate::frame::{Framing, Output};
use crate::mask::Keys;
use crate::policy::Policy;
use crate::scan::Tables;

/// What the program needs, checked.
#[derive(Debug)]
pub struct Settings {
    /// Where the admin pages are served.
    pub admin_listen: String,
    /// Longest record that is passed on, in bytes without framing.
    pub record_bytes_max: usize,
    /// Longest frame of many records, in bytes, before and after decompression.
    pub frame_bytes_max: usize,
    /// Most bytes read from one connection at a time.
    pub read_buffer_bytes_max: usize,
    /// Most connections open at a time on a route.
    pub connections_max: usize,
    /// How long a TLS handshake may take.
    pub handshake_timeout_secs: u64,
    /// Longest body that is held whole, in bytes, decoded.
    pub body_bytes_max: usize,
    /// Most bytes of bodies that a route holds at a time.
    pub bodies_bytes_max: usize,
    /// How long an HTTP sink may take to take a part of a request, or to answer it.
    pub answer_timeout_secs: u64,
    /// How long a drain may take.
    pub drain_timeout_secs: u64,
    /// How long a reload may read and compile.
    pub reload_timeout_secs: u64,
    /// The file with the key of pseudonyms.
    pub hash_key_file: Option<PathBuf>,
    /// The routes.
    pub routes: Vec<Route>,
    /// The file that all this is from; none where it is the embedded default.
    pub path: Option<PathBuf>,
    /// What of it a reload cannot change.
    pub fixed: Fixed,
}

/// One route: listeners, a policy and a sink.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, a metric label.
    pub name: String,
    /// Where records come from.
    pub listen: Vec<Listen>,
    /// What its `tls://` listeners show.
    pub listen_tls: Option<ListenTls>,
    /// How its `file://` listeners follow files.
    pub files: Option<Files>,
    /// What is joined before it is scanned.
    pub lines: Option<Lines>,
    /// What is spoken at both ends.
    pub protocol: Protocol,
    /// How they are delimited on streams.
    pub framing: Framing,
    /// When a stream's first line is the header of a table.
    pub csv: Tables,
    /// Where they go.
    pub sink: Target,
    /// What a `tls://` sink is trusted by.
    pub sink_tls: Option<SinkTls>,
    /// How they leave.
    pub output: Output,
    /// What the Forward protocol's handshake asks for.
    pub shared_keys: SharedKeys,
    /// What is hidden.
    pub policy: Policy,
}

impl Settings {
    /// Reads a settings file, or the embedded default, and the environment over it.
    ///
    /// # Errors
    /// What is wrong, with file, line, column and the nearest known key.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        file::load(path)
    }
}

/// Reads a whole text file; errors say what to do.
fn read(path: &Path) -> Result<String, ConfigError> {
    let origin = path.display().to_string();
    if path.is_dir() {
        return Err(ConfigError::new(origin, "is a directory; name a file"));
    }
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new(origin, format!("cannot be read: {error}")))
}

/// A policy by the name of a preset, or from a file relative to `base`.
///
/// # Errors
/// What is wrong in the file, or that there is neither.
pub fn policy(named: &str, base: &Path) -> Result<Policy, ConfigError> {
    if let Some(policy) = Policy::preset(named) {
        return Ok(policy);
    }
    let path = base.join(named);
    if !path.exists() {
        let mut error = ConfigError::new(
            named,
            format!(
                "is neither a file nor a preset ({})",
                Policy::PRESETS.join(", ")
            ),
        );
        error.nearest = Policy::PRESETS
            .iter()
            .find(|preset| strsim::jaro_winkler(preset, named) > 0.75)
            .map(|p| (*p).to_owned());
        return Err(error);
    }
    Policy::parse(&path.display().to_string(), &read(&path)?)
}

/// The key of pseudonyms, and whether it is a random one of this process: from the file, else from
/// `SCRUBD_HASH_KEY`.
///
/// # Errors
/// A file that cannot be read, or a key shorter than 16 bytes.
pub fn hash_key(file: Option<&Path>) -> Result<(Keys, bool), ConfigError> {
    let (origin, text) = match (file, std::env::var("SCRUBD_HASH_KEY")) {
        (Some(path), _) => (path.display().to_string(), Zeroizing::new(read(path)?)),
        (None, Ok(value)) => ("SCRUBD_HASH_KEY".to_owned(), Zeroizing::new(value)),
        (None, Err(std::env::VarError::NotUnicode(_))) => {
            return Err(ConfigError::new("SCRUBD_HASH_KEY", "is not UTF-8"));
        }
        (None, Err(std::env::VarError::NotPresent)) => {
            let mut key = vec![0u8; 32];
            getrandom::fill(&mut key).map_err(|error| {
                ConfigError::new(
                    "hash key",
                    format!("the system gave no randomness: {error}"),
                )
            })?;
            return Ok((Keys::single(key), true));
        }
    };
    Keys::parse(&text)
        .map(|keys| (keys, false))
        .map_err(|(line, message)| {
            let mut error = ConfigError::new(origin, message);
            error.at = Some((line, 1));
            error
        })
}
