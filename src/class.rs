//! The taxonomy: every class of personal data that a policy can name.

use std::fmt;

/// How badly a leak hurts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Tier {
    /// Leaking it endangers person or property.
    Sensitive,
    /// Personal.
    Personal,
}

/// A class of personal data: an index into [`CLASSES`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(u8);

/// One row of the taxonomy.
#[derive(Debug)]
pub struct ClassInfo {
    /// `category.name`: policy key and metric label.
    pub id: &'static str,
    /// What a fixed label shows.
    pub tag: &'static str,
    /// How badly a leak hurts.
    pub tier: Tier,
    /// What gives it away: `shape`, `key` or both.
    pub found_by: &'static str,
    /// The words of a privacy policy that mean it.
    pub words: &'static str,
}

macro_rules! classes {
    ($($name:ident $id:literal $tag:literal $tier:ident $found_by:literal $words:literal;)+) => {
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "indices of the constants below")]
        enum Index { $($name,)+ }

        impl Class {
            $(#[doc = concat!("`", $id, "`: ", $words, ".")]
              pub const $name: Self = Self(Index::$name as u8);)+
        }

        /// The taxonomy, in the order in which overlapping findings of equal length are decided.
        pub const CLASSES: &[ClassInfo] = &[$(ClassInfo {
            id: $id, tag: $tag, tier: Tier::$tier, found_by: $found_by, words: $words,
        },)+];
    };
}

classes! {
    PASSWORD "network.password" "SECRET" Sensitive "key, shape" "passwords, tokens, API keys, session cookies";
    IP "network.ip" "IP" Sensitive "shape" "IP address";
    EMAIL "network.email" "EMAIL" Sensitive "shape" "e-mail address";
    ACCOUNT "network.account" "ACCOUNT" Sensitive "key, phrase" "account name, number or nickname";
    IMEI "device.imei" "IMEI" Personal "shape, key" "IMEI";
    IMSI "device.imsi" "IMSI" Personal "shape, key" "SIM card IMSI";
    MAC "device.mac" "MAC" Personal "shape, key" "device MAC address";
    ANDROID_ID "device.android_id" "ANDROID-ID" Personal "key" "android ID";
    IDFA "device.idfa" "IDFA" Personal "key" "IDFA, IDFV, GAID";
    OPENUDID "device.openudid" "OPENUDID" Personal "key" "OPENUDID";
    GUID "device.guid" "GUID" Personal "shape" "GUID";
    COORDINATES "location.coordinates" "LATLON" Sensitive "key, shape" "latitude and longitude, precise positioning";
}

/// In front of every fixed label.
pub const LABEL: &str = "REDACTED-";

/// Whether `text` is a fixed label.
#[must_use]
pub fn is_label(text: &[u8]) -> bool {
    text.strip_prefix(LABEL.as_bytes())
        .is_some_and(|tag| CLASSES.iter().any(|class| class.tag.as_bytes() == tag))
}

impl Class {
    /// All classes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0u8..).zip(CLASSES).map(|(index, _)| Self(index))
    }

    /// The class with this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        Self::all().find(|class| class.info().id == id)
    }

    /// Its row of the taxonomy.
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        reason = "a Class is only made from the table's own indices"
    )]
    pub const fn info(self) -> &'static ClassInfo {
        &CLASSES[self.0 as usize]
    }

    /// `category.name`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.info().id
    }

    /// `network`, `device`, …
    #[must_use]
    pub fn category(self) -> &'static str {
        self.id().split('.').next().unwrap_or_default()
    }

    /// Its index in [`CLASSES`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
