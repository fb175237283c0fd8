//! Actions as a policy file writes them: a name, or a table with options.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::{Action, Typed};

/// An action as a file writes it.
#[derive(Debug)]
pub(super) enum Rule {
    Name(String),
    Table(Table),
}

/// By hand: of an untagged one nobody hears which option was not known.
impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Rule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an action's name, or a table such as { action = \"mask\", keep_last = 4 }")
    }

    fn visit_str<E>(self, name: &str) -> Result<Rule, E> {
        Ok(Rule::Name(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
        Table::deserialize(MapAccessDeserializer::new(map)).map(Rule::Table)
    }
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    action: String,
    keep_first: Option<i64>,
    keep_last: Option<i64>,
    keep_domain: Option<bool>,
    keep_oui: Option<bool>,
    method: Option<String>,
    v4_bits: Option<i64>,
    v6_bits: Option<i64>,
    decimals: Option<i64>,
}

/// The action that is written so; where it is none, why, and the nearest that is known.
pub(super) fn action(rule: &Rule) -> Result<Action, (String, Option<String>)> {
    let none = Table::default();
    let (name, table) = match rule {
        Rule::Name(name) => (name, &none),
        Rule::Table(table) => (&table.action, table),
    };
    let unknown = || {
        (
            format!("unknown action `{name}`"),
            nearest(name, Action::NAMES.iter().copied()),
        )
    };
    let base = Action::by_name(name).ok_or_else(unknown)?;
    let keyed = base.keyed();
    let preserve = matches!(base, Action::Preserve(_));
    let truncate = matches!(base, Action::Truncate(_));
    let mask = matches!(base, Action::Mask { .. });
    for (option, given, belongs, to) in [
        ("keep_first", table.keep_first.is_some(), mask, "`mask`"),
        ("keep_last", table.keep_last.is_some(), mask, "`mask`"),
        (
            "keep_domain",
            table.keep_domain.is_some(),
            keyed,
            "`hash`, `encrypt` and `preserve`",
        ),
        ("keep_oui", table.keep_oui.is_some(), preserve, "`preserve`"),
        ("method", table.method.is_some(), preserve, "`preserve`"),
        ("v4_bits", table.v4_bits.is_some(), truncate, "`truncate`"),
        ("v6_bits", table.v6_bits.is_some(), truncate, "`truncate`"),
        ("decimals", table.decimals.is_some(), truncate, "`truncate`"),
    ] {
        if given && !belongs {
            return Err((format!("`{option}` belongs to {to}, not to `{name}`"), None));
        }
    }
    let crypto_pan = match table.method.as_deref() {
        None | Some("ipcrypt-pfx") => false,
        Some("crypto-pan") => true,
        Some(other) => {
            return Err((
                format!("unknown method `{other}`; there are `ipcrypt-pfx` and `crypto-pan`"),
                nearest(other, ["ipcrypt-pfx", "crypto-pan"].into_iter()),
            ));
        }
    };
    let usual = Typed::default();
    let typed = Typed {
        keep_domain: table.keep_domain.unwrap_or(false),
        keep_oui: table.keep_oui.unwrap_or(false),
        crypto_pan,
        v4_bits: number("v4_bits", table.v4_bits, usual.v4_bits, 32)?,
        v6_bits: number("v6_bits", table.v6_bits, usual.v6_bits, 128)?,
        decimals: number("decimals", table.decimals, usual.decimals, 6)?,
    };
    Ok(match base {
        Action::Mask { .. } => Action::Mask {
            keep_first: number("keep_first", table.keep_first, 0, u16::MAX)?,
            keep_last: number("keep_last", table.keep_last, 0, u16::MAX)?,
        },
        Action::Hash(_) => Action::Hash(typed),
        Action::Encrypt(_) => Action::Encrypt(typed),
        Action::Preserve(_) => Action::Preserve(typed),
        Action::Truncate(_) => Action::Truncate(typed),
        other => other,
    })
}

/// What an option says, `most` at the most, or the `usual`.
fn number<N: Copy + PartialOrd + TryFrom<i64> + fmt::Display>(
    option: &str,
    given: Option<i64>,
    usual: N,
    most: N,
) -> Result<N, (String, Option<String>)> {
    let Some(given) = given else { return Ok(usual) };
    match N::try_from(given) {
        Ok(number) if number <= most => Ok(number),
        _ => Err((format!("`{option}` is from 0 to {most}, not {given}"), None)),
    }
}

/// The known name that is nearest to `name`, if one is near.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .filter(|k| *k != name)
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.to_owned())
}
