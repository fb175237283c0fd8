//! The policy file. Precedence: class over category over tier over `default`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Action, Policy};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    action: String,
    keep_first: Option<usize>,
    keep_last: Option<usize>,
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
                if applies(class) {
                    *slot = action;
                }
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
    let (name, first, last) = match rule {
        Rule::Name(name) => (name, None, None),
        Rule::Table(table) => (&table.action, table.keep_first, table.keep_last),
    };
    let unknown = || {
        (
            format!("unknown action `{name}`"),
            nearest(name, Action::NAMES.iter().copied()),
        )
    };
    match Action::by_name(name).ok_or_else(unknown)? {
        Action::Mask { .. } => Ok(Action::Mask {
            keep_first: first.unwrap_or(0),
            keep_last: last.unwrap_or(0),
        }),
        _ if first.is_some() || last.is_some() => Err((
            format!("`keep_first` and `keep_last` belong to `mask`, not to `{name}`"),
            None,
        )),
        action => Ok(action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_selectors_win() {
        let policy = parse("p", "[actions]\n\"network.ip\" = \"hash\"\nnetwork = \"keep\"\nsensitive = \"detect\"\ndefault = \"mask\"\n").unwrap();
        assert_eq!(policy.action(Class::IP), Action::Hash);
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
