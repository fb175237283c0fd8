//! What to do with each class: a TOML file, compiled into one action per class.

mod file;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

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
    /// The value becomes `-` (a zero where a number stood), its key stays.
    DropField,
    /// The whole record becomes a tombstone.
    DropRecord,
}

impl Action {
    /// All names, as a policy spells them.
    pub const NAMES: &'static [&'static str] = &[
        "keep",
        "detect",
        "redact",
        "mask",
        "hash",
        "drop_field",
        "drop_record",
    ];

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

    /// The action of this name with its usual parameters; `mask` keeps nothing.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "keep" => Self::Keep,
            "detect" => Self::Detect,
            "redact" => Self::Redact,
            "mask" => Self::Mask {
                keep_first: 0,
                keep_last: 0,
            },
            "hash" => Self::Hash,
            "drop_field" => Self::DropField,
            "drop_record" => Self::DropRecord,
            _ => return None,
        })
    }

    /// Whether a finding with it is changed.
    #[must_use]
    pub const fn hides(self) -> bool {
        !matches!(self, Self::Keep | Self::Detect)
    }
}

/// A compiled policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, or the file's.
    pub name: String,
    id: String,
    actions: [Action; CLASSES.len()],
    tests: Vec<(String, String)>,
}

/// The shipped presets: name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("presets/default.toml")),
    ("strict", include_str!("presets/strict.toml")),
    ("audit", include_str!("presets/audit.toml")),
];

impl Policy {
    /// Names of the shipped presets.
    pub const PRESETS: &'static [&'static str] = &["default", "strict", "audit"];

    /// A shipped preset.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (name, text) = SHIPPED.iter().find(|(preset, _)| *preset == name)?;
        Self::parse(name, text).ok()
    }

    /// Parses a policy file. `origin` is how errors name it.
    ///
    /// # Errors
    /// What is wrong in it, with line, column and the nearest known key.
    pub fn parse(origin: &str, text: &str) -> Result<Self, ConfigError> {
        file::parse(origin, text)
    }

    fn new(name: String, actions: [Action; CLASSES.len()], tests: Vec<(String, String)>) -> Self {
        let mut hash = Sha256::new();
        for (class, action) in Class::all().zip(&actions) {
            hash.update(format!("{}={action:?}\n", class.id()));
        }
        let id = hash
            .finalize()
            .iter()
            .take(6)
            .fold(String::new(), |mut id, byte| {
                let _ = write!(id, "{byte:02x}");
                id
            });
        Self {
            name,
            id,
            actions,
            tests,
        }
    }

    /// The policy's own `[[test]]` cases: a line and what it must become.
    #[must_use]
    pub fn tests(&self) -> &[(String, String)] {
        &self.tests
    }

    /// A stable id: the first 12 hex digits of the SHA-256 of what the policy does.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The action for a class.
    #[must_use]
    pub fn action(&self, class: Class) -> Action {
        self.actions
            .get(class.index())
            .copied()
            .unwrap_or(Action::Redact)
    }
}
