//! Allow-lists and rules for single fields, where a policy has any.

use std::fmt;

use super::Target;
use super::identity::{address, canonical, domain};
use crate::class::Class;
use crate::format::decode::decode;
use crate::format::path::{Cell, Memory, Walker, matches};
use crate::policy::{Action, Policy};

/// The memory of [`apply`], to be used again. `Debug` shows no text.
#[derive(Default)]
pub struct Places {
    memory: Memory,
    path: String,
    /// The fields of the rows at hand.
    cells: Vec<Cell>,
}

impl Places {
    /// Room for the fields of the rows of another batch.
    pub(crate) fn anew(&mut self) -> &mut Vec<Cell> {
        self.cells.clear();
        &mut self.cells
    }

    /// Those of this one.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places(…)")
    }
}

/// Sets the action of each target by its value and its place.
pub(super) fn apply(policy: &Policy, hay: &[u8], targets: &mut [Target], places: &mut Places) {
    own(targets);
    let Places {
        memory,
        path,
        cells,
    } = places;
    let mut walker = Walker::with(hay, cells, memory);
    path.clear();
    let placed = policy.has_places();
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

/// What a rule of the operator's own says is said of everything that it covers.
fn own(targets: &mut [Target]) {
    for index in 0..targets.len() {
        let Some(&own) = targets.get(index).filter(|target| target.own) else {
            continue;
        };
        let first = targets.partition_point(|target| target.span.start < own.span.start);
        let rest = targets.get_mut(first..).unwrap_or_default().iter_mut();
        for target in rest.take_while(|target| target.span.start < own.span.end) {
            if !target.own && target.span.end <= own.span.end {
                target.action = own.action;
            }
        }
    }
}

/// Longest value that an allow-list leaves.
const ALLOWED_BYTES_MAX: usize = 4096;

fn allowed(policy: &Policy, hay: &[u8], target: &Target) -> bool {
    let allow = &policy.allow;
    let text = target.span.of(hay);
    // To hide too much is the safe side; values without end that lie in each other would be read once each.
    if text.len() > ALLOWED_BYTES_MAX {
        return false;
    }
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
