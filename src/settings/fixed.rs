//! What of a settings file a running daemon cannot change: everything but policies and the hash key.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Keys and values as they are typed, a route's under its name.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fixed(BTreeMap<String, Value>);

impl Fixed {
    /// Of a file that is known to be right.
    pub(super) fn of(text: &str) -> Self {
        let mut all = BTreeMap::new();
        let file: Table = text.parse().unwrap_or_default();
        for (name, value) in file {
            match value {
                Value::Table(_) if name == "keys" => {}
                Value::Table(section) => {
                    for (key, value) in section {
                        all.insert(format!("[{name}] {key}"), value);
                    }
                }
                Value::Array(routes) => {
                    let order = routes.iter().filter_map(|route| route.get("name")).cloned();
                    all.insert("the routes".to_owned(), Value::Array(order.collect()));
                    for route in routes {
                        of_route(route, &mut all);
                    }
                }
                _ => {}
            }
        }
        Self(all)
    }

    /// The keys whose values are different.
    #[must_use]
    pub fn differences<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let keys = self.0.keys().chain(other.0.keys());
        let mut changed: Vec<&str> = keys
            .filter(|key| self.0.get(*key) != other.0.get(*key))
            .map(String::as_str)
            .collect();
        changed.sort_unstable();
        changed.dedup();
        changed
    }
}

fn of_route(route: Value, all: &mut BTreeMap<String, Value>) {
    let Value::Table(route) = route else { return };
    let name = route
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = name.to_owned();
    for (key, value) in route {
        if key != "policy" && key != "name" {
            all.insert(format!("route `{name}` {key}"), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_and_keys_may_change_and_nothing_else() {
        let file = |limit: u32, key: &str, routes: &[(&str, &str, &str)]| {
            let mut text =
                format!("[limits]\nconnections_max = {limit}\n[keys]\nhash_key_file = \"{key}\"\n");
            for (name, sink, policy) in routes {
                text += &format!(
                    "[[route]]\nname = \"{name}\"\nsink = \"{sink}\"\npolicy = \"{policy}\"\n"
                );
            }
            Fixed::of(&text)
        };
        let old = file(1, "k", &[("a", "stdout", "p"), ("b", "stdout", "p")]);
        for (new, changed) in [
            (
                file(1, "other", &[("a", "stdout", "q"), ("b", "stdout", "p")]),
                &[][..],
            ),
            (
                file(2, "k", &[("a", "stdout", "p"), ("b", "file:///x", "p")]),
                &["[limits] connections_max", "route `b` sink"],
            ),
            (
                file(1, "k", &[("a", "stdout", "p")]),
                &["route `b` sink", "the routes"],
            ),
        ] {
            assert_eq!(old.differences(&new), changed);
        }
    }
}
