//! What to do with each class: a TOML file, compiled into one action per class.

mod allow;
mod custom;
mod file;
mod rule;

use std::fmt::Write as _;

pub use allow::{Allow, Field};
pub use custom::{Custom, Rule};
use sha2::{Digest, Sha256};

use crate::class::{CLASSES, Class};
use crate::error::ConfigError;

/// What happens to a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
// Every finding has one, and a copy in pieces waits for itself.
#[repr(align(8))]
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
        keep_first: u16,
        /// Characters kept at the end.
        keep_last: u16,
    },
    /// A keyed pseudonym.
    Hash(Typed),
    /// A pseudonym that the key turns back.
    Encrypt(Typed),
    /// A pseudonym of the same format: an address for an address.
    Preserve(Typed),
    /// Coarser: a prefix, fewer decimals.
    Truncate(Typed),
    /// The value becomes `-` (a zero where a number stood), its key stays.
    DropField,
    /// The whole record becomes a tombstone.
    DropRecord,
}

// One word.
const _: () = assert!(size_of::<Action>() == 8);

impl Action {
    /// All names, as a policy spells them.
    pub const NAMES: &'static [&'static str] = &[
        "keep",
        "detect",
        "redact",
        "mask",
        "hash",
        "encrypt",
        "preserve",
        "truncate",
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
            Self::Hash(_) => "hash",
            Self::Encrypt(_) => "encrypt",
            Self::Preserve(_) => "preserve",
            Self::Truncate(_) => "truncate",
            Self::DropField => "drop_field",
            Self::DropRecord => "drop_record",
        }
    }

    /// As a policy file spells it, parameters included.
    #[must_use]
    pub fn to_toml(self) -> String {
        let usual = Typed::default();
        let mut options = String::new();
        let mut add = |name: &str, value: &dyn std::fmt::Display| {
            let _ = write!(options, ", {name} = {value}");
        };
        match self {
            Self::Mask {
                keep_first,
                keep_last,
            } => {
                add("keep_first", &keep_first);
                add("keep_last", &keep_last);
            }
            Self::Truncate(typed) if typed != usual => {
                add("v4_bits", &typed.v4_bits);
                add("v6_bits", &typed.v6_bits);
                add("decimals", &typed.decimals);
            }
            Self::Hash(typed) | Self::Encrypt(typed) | Self::Preserve(typed) if typed != usual => {
                add("keep_domain", &typed.keep_domain);
                if matches!(self, Self::Preserve(_)) {
                    add("keep_oui", &typed.keep_oui);
                    let method = if typed.crypto_pan {
                        "\"crypto-pan\""
                    } else {
                        "\"ipcrypt-pfx\""
                    };
                    add("method", &method);
                }
            }
            _ => {}
        }
        if options.is_empty() {
            format!("\"{}\"", self.name())
        } else {
            format!("{{ action = \"{}\"{options} }}", self.name())
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
            "hash" => Self::Hash(Typed::default()),
            "encrypt" => Self::Encrypt(Typed::default()),
            "preserve" => Self::Preserve(Typed::default()),
            "truncate" => Self::Truncate(Typed::default()),
            "drop_field" => Self::DropField,
            "drop_record" => Self::DropRecord,
            _ => return None,
        })
    }

    /// Whether it has a meaning of its own for a class; elsewhere a shorthand that names it falls back.
    #[must_use]
    pub fn fits(self, class: Class) -> bool {
        match self {
            Self::Preserve(_) => PRESERVES.contains(&class),
            Self::Truncate(_) => TRUNCATES.contains(&class),
            _ => true,
        }
    }

    /// Whether it needs a key.
    #[must_use]
    pub const fn keyed(self) -> bool {
        matches!(self, Self::Hash(_) | Self::Encrypt(_) | Self::Preserve(_))
    }

    /// Whether a finding with it is changed.
    #[must_use]
    pub const fn hides(self) -> bool {
        !matches!(self, Self::Keep | Self::Detect)
    }
}

/// How the typed actions treat the classes that have a form of their own for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Typed {
    /// `hash`, `encrypt`, `preserve`: the domain of an e-mail address stays.
    pub keep_domain: bool,
    /// `preserve`: the vendor of a MAC address stays.
    pub keep_oui: bool,
    /// `preserve`: addresses by Crypto-PAn, to join with older data, not by ipcrypt-pfx.
    pub crypto_pan: bool,
    /// `truncate`: bits of an IPv4 address that stay.
    pub v4_bits: u8,
    /// `truncate`: bits of an IPv6 address that stay.
    pub v6_bits: u8,
    /// `truncate`: decimals of a coordinate that stay.
    pub decimals: u8,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            keep_domain: false,
            keep_oui: false,
            crypto_pan: false,
            v4_bits: 24,
            v6_bits: 48,
            decimals: 2,
        }
    }
}

/// Classes whose values can stay what they are under `preserve`.
pub const PRESERVES: &[Class] = &[
    Class::IP,
    Class::EMAIL,
    Class::MAC,
    Class::IMEI,
    Class::IMSI,
    Class::ANDROID_ID,
    Class::IDFA,
    Class::OPENUDID,
    Class::GUID,
    Class::PHONE,
    Class::NATIONAL_ID,
    Class::TRANSACTION,
];

/// Classes whose values can be made coarser.
pub const TRUNCATES: &[Class] = &[
    Class::IP,
    Class::MAC,
    Class::COORDINATES,
    Class::BIRTHDAY,
    Class::BROWSING,
];

/// A compiled policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, or the file's.
    pub name: String,
    id: String,
    actions: [Action; CLASSES.len()],
    /// What is left although a class names it.
    pub allow: Allow,
    /// Rules for single fields, the first that matches counts.
    pub fields: Vec<Field>,
    /// The operator's own patterns, words and keys.
    pub custom: Custom,
    tests: Vec<(String, String)>,
}

/// The shipped presets: name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("default", include_str!("presets/default.toml")),
    ("strict", include_str!("presets/strict.toml")),
    ("ops", include_str!("presets/ops.toml")),
    ("audit", include_str!("presets/audit.toml")),
];

impl Policy {
    /// Names of the shipped presets.
    pub const PRESETS: &'static [&'static str] = &["default", "strict", "ops", "audit"];

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

    /// `text` is the file without what does not change what it does (its tests).
    fn new(
        name: String,
        actions: [Action; CLASSES.len()],
        (allow, fields, custom): (Allow, Vec<Field>, Custom),
        rules: &str,
        tests: Vec<(String, String)>,
    ) -> Self {
        let mut hash = Sha256::new();
        for (class, action) in Class::all().zip(&actions) {
            hash.update(format!("{}={action:?}\n", class.id()));
        }
        hash.update(rules);
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
            allow,
            fields,
            custom,
            tests,
        }
    }

    /// Whether a finding's place or value may change its action.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.allow.is_empty()
            || !self.fields.is_empty()
            || self.custom.rules().iter().any(|rule| rule.action.is_some())
    }

    /// Whether a finding's place may.
    #[must_use]
    pub fn has_places(&self) -> bool {
        !self.fields.is_empty() || !self.allow.keys.is_empty()
    }

    /// Whether it says something of this key by its name.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        self.custom.key(key.as_bytes()).is_some()
            || self.allow.path(key)
            || self.fields.iter().any(|field| field.path == key)
    }

    /// Whether any action needs a key.
    #[must_use]
    pub fn keyed(&self) -> bool {
        self.actions.iter().any(|action| action.keyed())
            || self.fields.iter().any(|field| field.action.keyed())
            || self
                .custom
                .rules()
                .iter()
                .any(|rule| rule.action.is_some_and(Action::keyed))
    }

    /// Whether anything may be done with findings of a class.
    #[must_use]
    pub fn wants(&self, class: Class) -> bool {
        let of = |classes: &Option<Vec<Class>>| match classes {
            None => true,
            Some(classes) => classes.contains(&class),
        };
        self.action(class) != Action::Keep
            || self
                .fields
                .iter()
                .any(|field| field.action != Action::Keep && of(&field.classes))
    }

    /// Whether a finding of a class is hidden, whatever it is and wherever it stands.
    #[must_use]
    pub fn settles(&self, class: Class) -> bool {
        self.action(class).hides() && !self.has_rules()
    }

    /// What one of the operator's own rules (by its number; 0 is none) says becomes of what it finds, where it does.
    #[must_use]
    pub fn own_action(&self, rule: u16) -> Option<Action> {
        self.custom.rule(rule).and_then(|rule| rule.action)
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
