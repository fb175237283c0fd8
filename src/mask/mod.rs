//! Turns findings into what may be seen. Only this stage makes a [`Scrubbed`].

mod pseudonym;
mod replace;
mod scrubbed;

use std::fmt;

pub use pseudonym::HashKey;
pub use scrubbed::Scrubbed;

use crate::class::{Class, is_label};
use crate::policy::{Action, Policy};
use crate::record::Span;

/// A finding as the masking stage takes it: overlaps resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// Where.
    pub span: Span,
    /// What.
    pub class: Class,
    /// Whether it is a bare number that must stay one.
    pub number: bool,
}

/// The masking stage: a policy's actions and the key of pseudonyms.
pub struct Masker {
    pseudonyms: pseudonym::Pseudonyms,
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masker(…)")
    }
}

impl Masker {
    /// A masking stage.
    #[must_use]
    pub fn new(key: &HashKey) -> Self {
        Self {
            pseudonyms: pseudonym::Pseudonyms::new(key),
        }
    }

    /// Resolves overlaps in place; `targets` come sorted by start. Overlapping findings become one that
    /// covers them all, so that no part of either stays visible. Its class is that of
    /// the longest, then of the first in the taxonomy. A finding that is only counted stays beside it.
    pub fn resolve(policy: &Policy, targets: &mut Vec<Target>) {
        let rank = |t: &Target| (t.span.len(), std::cmp::Reverse(t.class));
        let mut hiding: Option<usize> = None;
        let mut winner_rank = None;
        let mut write = 0usize;
        for read in 0..targets.len() {
            let Some(&next) = targets.get(read) else {
                break;
            };
            let action = policy.action(next.class);
            if action == Action::Keep {
                continue;
            }
            if !action.hides() {
                // What is only counted covers nothing; the same thing found twice counts once.
                let last = write.checked_sub(1).and_then(|i| targets.get(i));
                if last.is_none_or(|last| (last.span, last.class) != (next.span, next.class)) {
                    if let Some(slot) = targets.get_mut(write) {
                        *slot = next;
                    }
                    write = write.saturating_add(1);
                }
                continue;
            }
            match hiding.and_then(|i| targets.get_mut(i)) {
                Some(last) if next.span.start < last.span.end => {
                    if Some(rank(&next)) > winner_rank {
                        winner_rank = Some(rank(&next));
                        last.class = next.class;
                    }
                    last.number &= next.number;
                    last.span.end = last.span.end.max(next.span.end);
                }
                _ => {
                    if let Some(slot) = targets.get_mut(write) {
                        *slot = next;
                        hiding = Some(write);
                        winner_rank = Some(rank(&next));
                        write = write.saturating_add(1);
                    }
                }
            }
        }
        targets.truncate(write);
    }

    /// Appends `hay` to `out` with the `targets` (resolved, relative to `hay`) replaced. Returns whether
    /// the policy drops the record; `out` is then to be undone.
    pub fn write(
        &self,
        policy: &Policy,
        hay: &[u8],
        targets: &[Target],
        out: &mut Scrubbed,
        mut counted: impl FnMut(Class),
    ) -> bool {
        out.reserve(hay.len());
        let mut at = 0usize;
        for target in targets {
            let text = target.span.of(hay);
            if is_label(text) || self.pseudonyms.made(text, target.number) {
                continue;
            }
            counted(target.class);
            let action = policy.action(target.class);
            if action == Action::DropRecord {
                return true;
            }
            if !action.hides() {
                continue;
            }
            out.kept(Span::new(at, target.span.start).of(hay));
            replace::replace(action, *target, text, &self.pseudonyms, out);
            at = target.span.end;
        }
        out.kept(hay.get(at..).unwrap_or_default());
        false
    }
}
