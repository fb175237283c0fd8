//! What a policy leaves although a class names it, and what it does with single fields.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Action;
use crate::class::Class;

/// Values that are left as they are. They win over everything else.
#[derive(Clone, Default, Debug)]
pub struct Allow {
    /// Networks whose addresses stay.
    pub cidr: Vec<IpNet>,
    /// Values that stay, as written.
    pub values: HashSet<Vec<u8>>,
    /// Keys whose values stay, without separators and case.
    pub keys: HashSet<String>,
    /// Hosts (with what is below them) whose e-mail addresses and URLs stay.
    pub hosts: Vec<String>,
}

/// A key without separators and case.
pub(crate) fn normal_key(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Allow {
    /// Whether it leaves nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cidr.is_empty()
            && self.values.is_empty()
            && self.keys.is_empty()
            && self.hosts.is_empty()
    }

    /// Whether this address stays.
    #[must_use]
    pub fn address(&self, ip: IpAddr) -> bool {
        self.cidr.iter().any(|net| net.contains(&ip))
    }

    /// Whether this host stays.
    #[must_use]
    pub fn host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.iter().any(|allowed| {
            host.strip_suffix(allowed.as_str())
                .is_some_and(|front| front.is_empty() || front.ends_with('.'))
        })
    }

    /// Whether a path's last key, or keys (`trace.id`), stay.
    #[must_use]
    pub fn path(&self, path: &str) -> bool {
        !self.keys.is_empty()
            && path
                .match_indices('.')
                .map(|(dot, _)| dot.saturating_add(1))
                .chain([0])
                .filter_map(|start| path.get(start..))
                .any(|tail| self.keys.contains(&normal_key(tail)))
    }
}

/// A rule for the fields whose path it matches.
#[derive(Clone, Debug)]
pub struct Field {
    /// Keys joined with dots; `*` is any one key, `**` any number of them.
    pub path: String,
    /// The classes that it is about; all where none is named.
    pub classes: Option<Vec<Class>>,
    /// What happens there.
    pub action: Action,
}
