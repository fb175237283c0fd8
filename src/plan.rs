//! Compiled settings: what the pipeline of a route needs, shared by all of its connections.

use std::sync::Arc;

use crate::frame::Output;
use crate::policy::Policy;

/// The key of pseudonyms. `Debug` shows nothing of it; memory is wiped when it goes.
#[derive(Clone)]
pub struct HashKey(zeroize::Zeroizing<Vec<u8>>);

impl HashKey {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(zeroize::Zeroizing::new(bytes))
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(…)")
    }
}

/// What every connection of a route shares.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// The key of pseudonyms.
    pub key: HashKey,
    /// How records leave.
    pub output: Output,
}

impl Plan {
    /// Compiles a plan.
    #[must_use]
    pub fn new(policy: Policy, key: HashKey, output: Output) -> Self {
        Self { policy: Arc::new(policy), key, output }
    }
}
