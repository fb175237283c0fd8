//! The key that both ends of a Forward connection have.

use std::path::Path;

use toml::Spanned;
use zeroize::Zeroizing;

use crate::error::ConfigError;

/// A key of the Forward protocol's handshake. `Debug` does not show it.
#[derive(Clone)]
pub struct SharedKey(Zeroizing<String>);

impl SharedKey {
    /// From its text.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(Zeroizing::new(key.to_owned()))
    }

    /// What goes into the digest.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// From a file relative to `base`, blanks around it left out.
    pub(super) fn read(
        file: Option<&Spanned<String>>,
        base: &Path,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(file) = file else { return Ok(None) };
        let path = base.join(file.get_ref());
        let text = Zeroizing::new(super::read(&path)?);
        let key = text.trim();
        if key.is_empty() {
            let origin = path.display().to_string();
            return Err(ConfigError::new(origin, "holds no shared key"));
        }
        Ok(Some(Self::new(key)))
    }
}

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedKey(…)")
    }
}

/// The keys of a route's two ends; none where an end has no handshake.
#[derive(Clone, Debug, Default)]
pub struct SharedKeys {
    /// What clients must have.
    pub listen: Option<SharedKey>,
    /// What the sink has.
    pub sink: Option<SharedKey>,
}
