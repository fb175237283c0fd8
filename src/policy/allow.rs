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

/// Longest key that is looked at, in bytes.
const KEY_BYTES_MAX: usize = 256;

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
        let host = host.as_bytes();
        self.hosts.iter().any(|allowed| {
            let front = host.len().checked_sub(allowed.len());
            front
                .and_then(|at| host.split_at_checked(at))
                .is_some_and(|(front, end)| {
                    end.eq_ignore_ascii_case(allowed.as_bytes())
                        && (front.is_empty() || front.ends_with(b"."))
                })
        })
    }

    /// Whether a path's last key, or keys (`trace.id`), stay; the path is in lower case.
    #[must_use]
    pub fn path(&self, path: &str) -> bool {
        if self.keys.is_empty() {
            return false;
        }
        // From its end on, as `normal_key` has it.
        let mut normal = [0u8; KEY_BYTES_MAX];
        let mut start = normal.len();
        let known = |normal: &[u8; KEY_BYTES_MAX], start: usize| {
            let tail = normal
                .get(start..)
                .and_then(|tail| str::from_utf8(tail).ok());
            tail.is_some_and(|tail| self.keys.contains(tail))
        };
        for byte in path.bytes().rev() {
            match byte {
                b'.' if known(&normal, start) => return true,
                b'.' | b'_' | b'-' => continue,
                _ => {}
            }
            let Some(to) = start.checked_sub(1).and_then(|at| normal.get_mut(at)) else {
                return false;
            };
            *to = byte;
            start = start.saturating_sub(1);
        }
        known(&normal, start)
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
