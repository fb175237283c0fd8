//! Errors that say who is at fault and what to do. None of them carries a payload byte.

use std::fmt;

/// What is wrong in a settings or policy file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// The file as it was named, or what stands for it (`embedded default`, `SCRUBD_…`).
    pub origin: String,
    /// Line and column, both from 1, where they are known.
    pub at: Option<(usize, usize)>,
    /// What is wrong and what to do.
    pub message: String,
    /// The nearest known key, where one is near.
    pub nearest: Option<String>,
}

impl ConfigError {
    /// An error without a position.
    pub fn new(origin: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            at: None,
            message: message.into(),
            nearest: None,
        }
    }

    /// Line and column of byte `offset` of `text`, both from 1; columns count characters.
    #[must_use]
    pub fn position(text: &str, offset: usize) -> (usize, usize) {
        let head = text.get(..offset).unwrap_or(text);
        let line = head.matches('\n').count().saturating_add(1);
        let column = head.rsplit('\n').next().unwrap_or_default().chars().count();
        (line, column.saturating_add(1))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
