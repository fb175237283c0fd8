//! Allow-lists and rules for single fields, where a policy has any.

use std::fmt;

use super::Target;
use super::identity::{address, canonical, domain};
use crate::class::Class;
use crate::format::decode::decode;
use crate::format::path::{Memory, Walker, matches};
use crate::policy::{Action, Policy};

/// The memory of [`apply`], to be used again. `Debug` shows no text.
#[derive(Default)]
pub struct Places {
    memory: Memory,
    path: String,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places(…)")
    }
}

/// Sets the action of each target by its value and its place.
pub(super) fn apply(policy: &Policy, hay: &[u8], targets: &mut [Target], places: &mut Places) {
    let Places { memory, path } = places;
    let mut walker = Walker::with(hay, memory);
    path.clear();
    let placed = !policy.fields.is_empty() || !policy.allow.keys.is_empty();
    for target in targets {
        if placed {
            walker.path(target.span, path);
            let field = policy.fields.iter().find(|field| {
                let about = |classes: &Vec<Class>| classes.contains(&target.class);
                field.classes.as_ref().is_none_or(about) && matches(&field.path, path)
            });
            if let Some(field) = field {
                target.action = field.action;
            }
        }
        if policy.allow.path(path) || allowed(policy, hay, target) {
            target.action = Action::Keep;
        }
    }
    *memory = walker.end();
}

fn allowed(policy: &Policy, hay: &[u8], target: &Target) -> bool {
    let allow = &policy.allow;
    let text = target.span.of(hay);
    if allow.values.contains(text) {
        return true;
    }
    match target.class {
        Class::IP => {
            !allow.cidr.is_empty() && {
                let ip = address(hay, target.span).map(|(ip, _, _)| ip).or_else(|| {
                    let plain = canonical(Class::IP, hay, target.span);
                    std::str::from_utf8(&plain).ok()?.parse().ok()
                });
                ip.is_some_and(|ip| allow.address(ip))
            }
        }
        Class::EMAIL => {
            !allow.hosts.is_empty() && {
                let host = domain(text).map(decode);
                let host = host.as_deref().and_then(|at| at.strip_prefix(b"@"));
                host.and_then(|host| std::str::from_utf8(host).ok())
                    .is_some_and(|host| allow.host(host))
            }
        }
        Class::BROWSING => {
            !allow.hosts.is_empty() && {
                let plain = decode(text);
                let host = memchr::memmem::find(&plain, b"://")
                    .and_then(|at| plain.get(at.saturating_add(3)..))
                    .and_then(|rest| {
                        rest.split(|b| matches!(b, b'/' | b'?' | b'#' | b':'))
                            .next()
                    });
                host.and_then(|host| std::str::from_utf8(host).ok())
                    .is_some_and(|host| allow.host(host))
            }
        }
        _ => false,
    }
}
