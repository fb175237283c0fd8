//! Compiled settings: what the pipelines of a route share.

use std::sync::Arc;

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
            scanner: Arc::new(Scanner::wanted(&policy.custom, |class| policy.wants(class))),
            policy: Arc::new(policy),
            output,
            masker: Arc::new(Masker::new(&key, keyed)),
        }
    }
}
