//! scrubd, as the daemon runs it: every detector confirms, the policy decides.

use scrubd::frame::Output;
use scrubd::policy::Policy;

use super::Engine;
use crate::measure::core::{Core, policy};
use crate::rules::Rules;

pub struct Scrubd {
    name: &'static str,
    core: Core,
}

impl Scrubd {
    /// The rules of everybody.
    pub fn same(rules: &Rules) -> Self {
        let policy = Policy::parse("rivals", &rules.policy).expect("the policy of the rules");
        Self {
            name: "scrubd, same rules",
            core: Core::new(policy, Output::AsCame),
        }
    }

    /// The whole policy that ships.
    pub fn whole() -> Self {
        Self {
            name: "scrubd, default policy",
            core: Core::new(policy("default"), Output::AsCame),
        }
    }
}

impl Engine for Scrubd {
    fn name(&self) -> &'static str {
        self.name
    }

    fn scrub(&mut self, chunk: &[u8]) {
        self.core.scrub(chunk);
    }

    fn hits(&self) -> u64 {
        self.core.tally.findings.iter().sum()
    }
}
