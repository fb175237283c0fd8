//! Allow-lists and rules for single fields, where a policy has any.

use std::fmt;

use super::Target;
use super::identity::{address, canonical, domain, of_digits};
use crate::class::Class;
use crate::format::decode::decode;
use crate::format::path::{Cell, Memory, Walker, matches};
use crate::policy::{Action, Policy};
use crate::record::Spelling;

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

/// What a rule of the operator's own says is said of everything that it covers. Of several the last to begin counts,
/// or, where that ends too early, the one that reaches furthest; so each target is looked at once.
fn own(targets: &mut [Target]) {
    let (mut last, mut furthest): (Option<Target>, Option<Target>) = (None, None);
    for index in 0..targets.len() {
        let Some(&target) = targets.get(index) else {
            break;
        };
        if !target.own {
            let covers = |own: &Target| target.span.end <= own.span.end;
            if let Some(own) = last.filter(covers).or(furthest.filter(covers))
                && let Some(target) = targets.get_mut(index)
            {
                target.action = own.action;
            }
            continue;
        }
        // The same span by another name may stand in front.
        let before = targets.get_mut(..index).unwrap_or_default();
        let same = before.iter_mut().rev();
        for same in same.take_while(|other| !other.own && other.span == target.span) {
            same.action = target.action;
        }
        last = Some(target);
        if furthest.is_none_or(|furthest| furthest.span.end <= target.span.end) {
            furthest = Some(target);
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
                // Nothing is decoded, and nothing allocated, of what is no digits.
                let hex = target.spelling == Spelling::Hex;
                let said = hex.then(|| of_digits(target.class, text)).flatten();
                let ip = address(hay, target.span).map(|(ip, _, _)| ip).or_else(|| {
                    let plain = match &said {
                        Some(said) => said.into(),
                        None => canonical(Class::IP, hay, target.span),
                    };
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Span;

    proptest! {
        #[test]
        fn what_a_rule_covers_is_treated_as_one_that_covers_it_says(
            mut picks in prop::collection::vec((0..40usize, 1..12usize, any::<bool>()), 0..30),
        ) {
            picks.sort_by_key(|(start, length, own)| (*start, std::cmp::Reverse(*length), *own));
            let mut targets: Vec<_> = picks.iter().enumerate().map(|(n, (start, length, own))| Target {
                span: Span::new(*start, start + length),
                class: Class::IP,
                spelling: Spelling::Text,
                action: if *own { Action::Mask { keep_first: u16::try_from(n).unwrap(), keep_last: 0 } } else { Action::Keep },
                own: *own,
            }).collect();
            let before = targets.clone();
            own(&mut targets);
            for (target, was) in targets.iter().zip(&before) {
                let covers = |own: &&Target| {
                    own.own && own.span.start <= was.span.start && was.span.end <= own.span.end
                };
                let said: Vec<_> = before.iter().filter(covers).map(|own| own.action).collect();
                if was.own {
                    prop_assert_eq!(target, was);
                } else if said.is_empty() {
                    prop_assert_eq!(target.action, Action::Keep);
                } else {
                    prop_assert!(said.contains(&target.action));
                }
            }
        }
    }
}
