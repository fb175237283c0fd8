//! Compiled settings: what the pipelines of a route share.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::frame::Output;
pub use crate::mask::Keys;
use crate::mask::Masker;
use crate::policy::Policy;
use crate::scan::Scanner;

/// What every connection of a route shares.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// How records leave.
    pub output: Output,
    pub(crate) scanner: Arc<Scanner>,
    pub(crate) masker: Arc<Masker>,
}

impl Plan {
    /// Compiles a plan.
    #[must_use]
    pub fn new(policy: Policy, key: Keys, output: Output) -> Self {
        let keyed = policy.keyed();
        Self {
            scanner: Arc::new(
                Scanner::wanted(&policy.custom, |class| policy.wants(class))
                    .settled(|class| policy.settles(class)),
            ),
            policy: Arc::new(policy),
            output,
            masker: Arc::new(Masker::new(&key, keyed)),
        }
    }
}

#[cfg(test)]
impl Plan {
    /// What tests scrub by: a preset by its name, or a policy by its text.
    pub(crate) fn test(policy: &str, output: Output) -> Self {
        let policy =
            Policy::preset(policy).unwrap_or_else(|| Policy::parse("test", policy).unwrap());
        Self::new(policy, Keys::single(vec![7; 32]), output)
    }
}

/// The plan of a route that is in force; a reload puts another in its place while connections go on.
#[derive(Debug)]
pub struct InForce(ArcSwap<Plan>);

impl InForce {
    /// With the first plan.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        Self(ArcSwap::from_pointee(plan))
    }

    /// The plan; what it is taken for is scrubbed by it to the end.
    #[must_use]
    pub fn get(&self) -> Arc<Plan> {
        self.0.load_full()
    }

    /// From now on, another.
    pub fn swap(&self, plan: Plan) {
        self.0.store(Arc::new(plan));
    }
}
