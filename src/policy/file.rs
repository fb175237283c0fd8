//! The policy file. Precedence: `[allow]` over `[[field]]` (the first that matches) over the action of a
//! `[[custom]]` rule over class over category over tier over `default`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::allow::normal_key;
use super::custom::{self, Custom, Source};
use super::rule::{Rule, action, nearest};
use super::{Action, Allow, Field, PRESERVES, Policy, TRUNCATES, Typed};
use crate::class::{CLASSES, Class, Tier};
use crate::error::ConfigError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    #[serde(default)]
    actions: BTreeMap<Spanned<String>, Spanned<Rule>>,
    #[serde(default)]
    allow: AllowTable,
    #[serde(default)]
    field: Vec<FieldTable>,
    #[serde(default)]
    custom: Vec<Spanned<CustomTable>>,
    #[serde(default)]
    test: Vec<Case>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields, default)]
struct AllowTable {
    cidr: Vec<Spanned<String>>,
    values: Vec<String>,
    keys: Vec<String>,
    hosts: Vec<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    path: Spanned<String>,
    class: Option<Spanned<String>>,
    action: Spanned<Rule>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct CustomTable {
    name: String,
    pattern: Option<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    action: Option<Spanned<Rule>>,
}

/// What can stand in a file, for the nearest known key.
const KNOWN: &[&str] = &[
    "name",
    "actions",
    "allow",
    "field",
    "custom",
    "test",
    "line",
    "becomes",
    "cidr",
    "values",
    "keys",
    "hosts",
    "path",
    "class",
    "action",
    "pattern",
    "words",
    "keep_first",
    "keep_last",
    "keep_domain",
    "keep_oui",
    "method",
    "v4_bits",
    "v6_bits",
    "decimals",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    line: String,
    becomes: String,
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
        let near = unknown.and_then(|name| nearest(name, KNOWN.iter().copied()));
        fail(offset, message, near)
    })?;
    // Broad selectors first, so that narrow ones overwrite them.
    let mut actions = [Action::Redact; CLASSES.len()];
    for breadth in 0..4 {
        for (selector, rule) in &file.actions {
            let name = selector.get_ref().as_str();
            let applies = |class: Class| match breadth {
                // The operator's own rules hide unless they say otherwise.
                0 => name == "default" && class != Class::CUSTOM,
                1 if class == Class::CUSTOM => false,
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
    let named = |selector: &Spanned<String>| -> Result<Vec<Class>, ConfigError> {
        let name = selector.get_ref().as_str();
        let classes: Vec<Class> = Class::all()
            .filter(|class| class.id() == name || class.category() == name)
            .collect();
        if classes.is_empty() {
            return Err(fail(
                selector.span().start,
                format!("unknown class or category `{name}`"),
                nearest(name, selectors()),
            ));
        }
        Ok(classes)
    };
    let ruled = |rule: &Spanned<Rule>| {
        action(rule.get_ref()).map_err(|(message, near)| fail(rule.span().start, message, near))
    };
    let mut allow = Allow {
        values: file
            .allow
            .values
            .iter()
            .map(|v| v.as_bytes().to_vec())
            .collect(),
        keys: file.allow.keys.iter().map(|key| normal_key(key)).collect(),
        hosts: file
            .allow
            .hosts
            .iter()
            .map(|host| host.trim_start_matches("*.").to_ascii_lowercase())
            .collect(),
        ..Allow::default()
    };
    for net in &file.allow.cidr {
        let text = net.get_ref();
        let parsed = text
            .parse()
            .or_else(|_| text.parse().map(|ip: std::net::IpAddr| ip.into()));
        allow.cidr.push(parsed.map_err(|_| {
            fail(
                net.span().start,
                format!("`{text}` is no network such as 10.0.0.0/8 or 2001:db8::/32"),
                None,
            )
        })?);
    }
    let mut fields = Vec::new();
    for field in &file.field {
        let path = field.path.get_ref();
        if path.split('.').any(str::is_empty) {
            return Err(fail(
                field.path.span().start,
                format!("`{path}` is no path such as user.*.ip"),
                None,
            ));
        }
        fields.push(Field {
            path: path.to_lowercase(),
            classes: field.class.as_ref().map(named).transpose()?,
            action: ruled(&field.action)?,
        });
    }
    let mut sources = Vec::new();
    for custom in &file.custom {
        let offset = custom.span().start;
        let table = custom.get_ref();
        if table.pattern.is_none() && table.words.is_empty() && table.keys.is_empty() {
            let message = format!("`{}` has no pattern, no words and no keys", table.name);
            return Err(fail(offset, message, None));
        }
        sources.push(Source {
            rule: custom::Rule {
                name: table.name.clone(),
                action: table.action.as_ref().map(ruled).transpose()?,
            },
            patterns: table.pattern.iter().map(String::as_str).collect(),
            words: table.words.iter().map(String::as_str).collect(),
            keys: table.keys.iter().map(String::as_str).collect(),
        });
    }
    let custom = Custom::new(sources).map_err(|(index, why)| {
        let at = file.custom.get(index);
        fail(
            at.map_or(0, |custom| custom.span().start),
            format!("`{}`: {why}", at.map_or("custom", |c| &c.get_ref().name)),
            None,
        )
    })?;
    // Offsets in the file do not change what it does.
    let rules = format!(
        "{allow:?}{fields:?}{:?}",
        file.custom
            .iter()
            .map(|custom| custom.get_ref())
            .map(|c| (
                &c.name,
                &c.pattern,
                &c.words,
                &c.keys,
                c.action.as_ref().map(|a| a.get_ref())
            ))
            .collect::<Vec<_>>()
    );
    Ok(Policy::new(
        file.name.unwrap_or_else(|| origin.to_owned()),
        actions,
        (allow, fields, custom),
        &rules,
        tests,
    ))
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
                "device = { action = \"mask\", keep_first = 70000 }",
                "p:2:10: `keep_first` is from 0 to 65535, not 70000",
            ),
            (
                "device = { action = \"truncate\", v4_bits = 300 }",
                "p:2:10: `v4_bits` is from 0 to 32, not 300",
            ),
            (
                "device = { action = \"truncate\", v4_bits = 33 }",
                "p:2:10: `v4_bits` is from 0 to 32, not 33",
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
        let error = parse(
            "p.toml",
            "[actions]\ndevice = { action = \"mask\", keep_frist = 2 }\n",
        )
        .unwrap_err();
        assert!(
            error.to_string().ends_with("did you mean `keep_first`?"),
            "{error}"
        );
        let error = parse("p.toml", "[action]\n").unwrap_err();
        assert!(
            error.to_string().ends_with("did you mean `actions`?"),
            "{error}"
        );
    }

    #[test]
    fn rules_that_cannot_hold_are_refused() {
        for (text, wrong) in [
            (
                "[allow]\ncidr = [\"10.0.0.0/33\"]\n",
                "p:2:9: `10.0.0.0/33` is no network",
            ),
            (
                "[[field]]\npath = \"a..b\"\naction = \"keep\"\n",
                "p:2:8: `a..b` is no path",
            ),
            (
                "[[field]]\npath = \"a\"\nclass = \"network.ipp\"\naction = \"keep\"\n",
                "p:3:9: unknown class or category `network.ipp`; did you mean `network.ip`?",
            ),
            (
                "[[custom]]\nname = \"t\"\npattern = \"(a\"\n",
                "p:1:1: `t`: its pattern cannot be read",
            ),
            (
                "[[custom]]\nname = \"t\"\npattern = \"a*\"\n",
                "p:1:1: `t`: its pattern matches nothing at all",
            ),
            (
                "[[custom]]\nname = \"t\"\npattern = \"(((a{100}){100}){100})\"\n",
                "p:1:1: `t`: its pattern compiles to more than",
            ),
            (
                "[[custom]]\nname = \"t\"\n",
                "p:1:1: `t` has no pattern, no words and no keys",
            ),
            ("[alow]\n", "p:1:2: unknown field `alow`"),
            (
                "[actions]\ndevice = { action = \"mask\", keep_frist = 2 }\n",
                "p:2:29: unknown field `keep_frist`",
            ),
            (
                "[actions]\ndevice = 5\n",
                "p:2:10: invalid type: integer `5`, expected an action's name, or a table such as",
            ),
        ] {
            let error = parse("p", text).unwrap_err().to_string();
            assert!(error.starts_with(wrong), "{error}");
        }
    }

    #[test]
    fn presets_parse() {
        for name in Policy::PRESETS {
            assert!(Policy::preset(name).is_some(), "{name}");
        }
    }
}
