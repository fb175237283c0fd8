//! The rules that everybody gets: as expressions for the engines that take such, as classes for scrubd.

use crate::measure::core::{KEYS, eight};

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
            policy: eight(),
        },
        Rules {
            name: "IPv4 only",
            patterns: vec![IP4.to_owned()],
            policy: ONE.to_owned(),
        },
    ]
}

/// scrubd has one class for both kinds of address: it does more here than the others.
const ONE: &str = r#"
name = "addresses"
[actions]
default = "keep"
"network.ip" = "redact"
"#;
