//! The rules that everybody gets: as expressions for the engines that take such, as classes for scrubd.

/// A set of rules under the name of its table.
pub struct Rules {
    /// How the table calls it.
    pub name: &'static str,
    /// Alternatives; ASCII, no look-around, so that every engine takes them.
    pub patterns: Vec<String>,
    /// The same as a policy.
    pub policy: String,
}

const IP4: &str = r"\b(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b";

const SHAPES: &[&str] = &[
    IP4,
    r"\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b|\b(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6}\b",
    r"\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b",
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
    r"\b[0-9]{15}\b",
    r"-?[0-9]{1,3}\.[0-9]{4,8}, ?-?[0-9]{1,3}\.[0-9]{4,8}",
];

/// Names whose value is hidden.
const KEYS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "session_token",
    "access_token",
    "refresh_token",
    "api_key",
    "apikey",
    "authorization",
    "cookie",
    "username",
    "user_name",
    "login",
    "account",
    "lat",
    "lon",
    "imei",
    "imsi",
    "android_id",
    "idfa",
    "openudid",
];

/// Both tables.
pub fn all() -> [Rules; 2] {
    let keys = format!(
        r#"\b(?:{})"?[ \t]{{0,4}}[:=][ \t]{{0,4}}"?[^\s",;&}}]+"#,
        KEYS.join("|")
    );
    let mut patterns: Vec<String> = SHAPES.iter().map(|&shape| shape.to_owned()).collect();
    patterns.push(keys);
    [
        Rules {
            name: "eight rules",
            patterns,
            policy: format!("{EIGHT}keys = {KEYS:?}\n"),
        },
        Rules {
            name: "IPv4 only",
            patterns: vec![IP4.to_owned()],
            policy: ONE.to_owned(),
        },
    ]
}

/// The shapes, and the names as an operator's own; that a class has names of its own in scrubd's dictionary is more than
/// the others do. Fifteen digits are `device.imei`.
const EIGHT: &str = r#"
name = "eight"
[actions]
default = "keep"
"network.ip" = "redact"
"network.email" = "redact"
"device.mac" = "redact"
"device.guid" = "redact"
"device.imei" = "redact"
"location.coordinates" = "redact"
[[custom]]
name = "keys"
"#;

/// scrubd has one class for both kinds of address: it does more here than the others.
const ONE: &str = r#"
name = "addresses"
[actions]
default = "keep"
"network.ip" = "redact"
"#;
