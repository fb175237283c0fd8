//! The policy file. Precedence: class over category over tier over `default`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Action, PRESERVES, Policy, TRUNCATES, Typed};
use crate::class::{CLASSES, Class, Tier};
use crate::error::ConfigError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    #[serde(default)]
    actions: BTreeMap<Spanned<String>, Spanned<Rule>>,
    #[serde(default)]
    test: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    line: String,
    becomes: String,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected an action's name, or a table such as { action = \"mask\", keep_last = 4 }"
)]
enum Rule {
    Name(String),
    Table(Table),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Table {
    action: String,
    keep_first: Option<usize>,
    keep_last: Option<usize>,
    keep_domain: Option<bool>,
    keep_oui: Option<bool>,
    method: Option<String>,
    v4_bits: Option<u8>,
    v6_bits: Option<u8>,
    decimals: Option<u8>,
}

/// The known name that is nearest to `name`, if one is near.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.to_owned())
}

fn selectors() -> impl Iterator<Item = &'static str> {
    Class::all()
        .flat_map(|class| [class.id(), class.category()])
        .chain(["default", "sensitive", "personal"])
}

pub(super) fn parse(origin: &str, text: &str) -> Result<Policy, ConfigError> {
    let fail = |offset: usize, message: String, near: Option<String>| ConfigError {
        origin: origin.to_owned(),
        at: Some(ConfigError::position(text, offset)),
        message,
        nearest: near,
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().to_owned();
        let unknown = message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next());
        let near = unknown.and_then(|name| {
            nearest(
                name,
                ["name", "actions", "test", "line", "becomes"].into_iter(),
            )
        });
        fail(offset, message, near)
    })?;
    // Broad selectors first, so that narrow ones overwrite them.
    let mut actions = [Action::Redact; CLASSES.len()];
    for breadth in 0..4 {
        for (selector, rule) in &file.actions {
            let name = selector.get_ref().as_str();
            let applies = |class: Class| match breadth {
                0 => name == "default",
                1 => {
                    name == "sensitive" && class.info().tier == Tier::Sensitive
                        || name == "personal" && class.info().tier == Tier::Personal
                }
                2 => name == class.category(),
                _ => name == class.id(),
            };
            if !selectors().any(|known| known == name) {
                return Err(fail(
                    selector.span().start,
                    format!("unknown class, category or tier `{name}`"),
                    nearest(name, selectors()),
                ));
            }
            let action = action(rule.get_ref())
                .map_err(|(message, near)| fail(rule.span().start, message, near))?;
            for (class, slot) in Class::all().zip(&mut actions) {
                if !applies(class) {
                    continue;
                }
                // A shorthand means the nearest thing that the class has; who names the class is told.
                *slot = match action {
                    _ if action.fits(class) => action,
                    Action::Truncate(_) if breadth < 3 => Action::Redact,
                    _ if breadth < 3 => Action::Hash(Typed::default()),
                    _ => {
                        let known = match action {
                            Action::Truncate(_) => TRUNCATES,
                            _ => PRESERVES,
                        };
                        let known: Vec<_> = known.iter().map(|class| class.id()).collect();
                        let message = format!(
                            "`{}` has no form for `{name}`; it has one for {}",
                            action.name(),
                            known.join(", ")
                        );
                        return Err(fail(rule.span().start, message, None));
                    }
                };
            }
        }
    }
    let tests = file
        .test
        .into_iter()
        .map(|case| (case.line, case.becomes))
        .collect();
    Ok(Policy::new(
        file.name.unwrap_or_else(|| origin.to_owned()),
        actions,
        tests,
    ))
}

fn action(rule: &Rule) -> Result<Action, (String, Option<String>)> {
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
        v4_bits: table.v4_bits.unwrap_or(usual.v4_bits),
        v6_bits: table.v6_bits.unwrap_or(usual.v6_bits),
        decimals: table.decimals.unwrap_or(usual.decimals),
    };
    if typed.v4_bits > 32 || typed.v6_bits > 128 || typed.decimals > 6 {
        return Err((
            "`v4_bits` is at most 32, `v6_bits` at most 128, `decimals` at most 6".to_owned(),
            None,
        ));
    }
    Ok(match base {
        Action::Mask { .. } => Action::Mask {
            keep_first: table.keep_first.unwrap_or(0),
            keep_last: table.keep_last.unwrap_or(0),
        },
        Action::Hash(_) => Action::Hash(typed),
        Action::Encrypt(_) => Action::Encrypt(typed),
        Action::Preserve(_) => Action::Preserve(typed),
        Action::Truncate(_) => Action::Truncate(typed),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_selectors_win() {
        let policy = parse("p", "[actions]\n\"network.ip\" = \"hash\"\nnetwork = \"keep\"\nsensitive = \"detect\"\ndefault = \"mask\"\n").unwrap();
        assert_eq!(policy.action(Class::IP), Action::Hash(Typed::default()));
        assert_eq!(policy.action(Class::EMAIL), Action::Keep);
        assert_eq!(policy.action(Class::COORDINATES), Action::Detect);
        assert_eq!(
            policy.action(Class::IMEI),
            Action::Mask {
                keep_first: 0,
                keep_last: 0
            }
        );
    }

    #[test]
    fn typed_actions_know_their_classes() {
        let policy = parse(
            "p",
            "[actions]\ndefault = \"preserve\"\npersonal = \"truncate\"\n",
        )
        .unwrap();
        assert_eq!(policy.action(Class::IP), Action::Preserve(Typed::default()));
        assert_eq!(
            policy.action(Class::ACCOUNT),
            Action::Hash(Typed::default())
        );
        assert_eq!(
            policy.action(Class::MAC),
            Action::Truncate(Typed::default())
        );
        assert_eq!(policy.action(Class::GENDER), Action::Redact);
        for (rule, wrong) in [
            (
                "\"basic.gender\" = \"preserve\"",
                "p:2:18: `preserve` has no form for `basic.gender`; it has one for network.ip",
            ),
            (
                "device = { action = \"hash\", v4_bits = 8 }",
                "p:2:10: `v4_bits` belongs to `truncate`, not to `hash`",
            ),
            (
                "device = { action = \"truncate\", v4_bits = 33 }",
                "p:2:10: `v4_bits` is at most 32",
            ),
            (
                "device = { action = \"preserve\", method = \"cryptopan\" }",
                "p:2:10: unknown method `cryptopan`",
            ),
        ] {
            let error = parse("p", &format!("[actions]\n{rule}\n"))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with(wrong), "{error}");
        }
    }

    #[test]
    fn errors_point_at_the_place() {
        let error = parse("p.toml", "[actions]\n\"network.ipp\" = \"hash\"\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "p.toml:2:1: unknown class, category or tier `network.ipp`; did you mean `network.ip`?"
        );
        let error = parse("p.toml", "[actions]\n\"network.ip\" = \"hush\"\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "p.toml:2:16: unknown action `hush`; did you mean `hash`?"
        );
        let error = parse("p.toml", "[action]\n").unwrap_err();
        assert!(
            error.to_string().ends_with("did you mean `actions`?"),
            "{error}"
        );
    }

    #[test]
    fn presets_parse() {
        for name in Policy::PRESETS {
            assert!(Policy::preset(name).is_some(), "{name}");
        }
    }
}
