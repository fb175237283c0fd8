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
    /// The fixed label: [`LABEL`] and the tag.
    pub label: &'static str,
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
            id: $id, tag: $tag, label: concat!("REDACTED-", $tag), tier: Tier::$tier, found_by: $found_by, words: $words,
        },)+];
    };
}

classes! {
    PASSWORD "network.password" "SECRET" Sensitive "key, shape" "passwords, tokens, API keys, session cookies";
    SECURITY_ANSWER "network.security_answer" "ANSWER" Sensitive "key" "password-protection answers, verification codes";
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
    MODEL "device.model" "MODEL" Personal "key" "hardware model";
    OS "device.os" "OS" Personal "key" "operating system type";
    SOFTWARE "device.software" "SOFTWARE" Personal "key, shape" "software list, User-Agent";
    COORDINATES "location.coordinates" "LATLON" Sensitive "key, shape" "latitude and longitude, precise positioning";
    ITINERARY "location.itinerary" "ITINERARY" Sensitive "key" "itinerary information";
    ACCOMMODATION "location.accommodation" "ACCOMMODATION" Sensitive "key" "accommodation information";
    ADDRESS "location.address" "ADDRESS" Personal "key" "address";
    NAME "basic.name" "NAME" Personal "key" "personal name";
    BIRTHDAY "basic.birthday" "BIRTHDAY" Personal "key" "birthday";
    GENDER "basic.gender" "GENDER" Personal "key" "gender";
    PHONE "basic.phone" "PHONE" Sensitive "shape, key" "personal or mobile phone number";
    NATIONAL_ID "identity.national_id" "NATIONAL-ID" Sensitive "shape, key" "ID card";
    PASSPORT "identity.passport" "PASSPORT" Sensitive "key, shape" "passport";
    DRIVER_LICENSE "identity.driver_license" "DRIVER-LICENSE" Sensitive "key" "driver's licence";
    MILITARY_ID "identity.military_id" "MILITARY-ID" Sensitive "key" "military ID card";
    HOUSEHOLD_REGISTER "identity.household_register" "HOUSEHOLD" Sensitive "key" "household registration book";
    FACE "biometric.face" "FACE" Sensitive "key, shape" "facial features, facial recognition features";
    TRANSACTION "property.transaction" "TRANSACTION" Sensitive "key, shape" "transaction and consumption records, card and account numbers";
    BALANCE "property.balance" "BALANCE" Sensitive "key" "balances";
    COUPON "property.coupon" "COUPON" Sensitive "key" "coupons";
    REDEMPTION_CODE "property.redemption_code" "REDEMPTION-CODE" Sensitive "key" "game redemption codes";
    ADDRESS_BOOK "contacts.address_book" "CONTACT" Sensitive "key" "address book";
    BROWSING "activity.browsing" "BROWSING" Sensitive "key" "website browsing records";
    SOFTWARE_USAGE "activity.software_usage" "USAGE" Personal "key" "software usage records";
    CLICK "activity.click" "CLICK" Personal "key" "click records";
    CUSTOM "custom" "CUSTOM" Sensitive "pattern, key" "the operator's own";
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
