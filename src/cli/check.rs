//! `scrubd check`: settings, policies and the policies' own tests.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::error::ConfigError;
use crate::frame::Output;
use crate::pipeline::scrub_line;
use crate::plan::{Keys, Plan};
use crate::policy::Policy;
use crate::settings::Settings;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The settings file; the embedded default where none is given
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Check this policy (a preset's name or a file) instead of settings
    #[arg(long, conflicts_with = "config")]
    policy: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let policies = match &args.policy {
        Some(named) => vec![super::policy(named)?],
        None => Settings::load(args.config.as_deref())?
            .routes
            .into_iter()
            .map(|route| route.policy)
            .collect(),
    };
    for policy in policies {
        let count = policy.tests().len();
        test(&policy)?;
        writeln!(
            out,
            "policy {} ({}): {count} tests pass",
            policy.name,
            policy.id()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a policy's own tests, under a fixed key so that pseudonyms repeat.
fn test(policy: &Policy) -> Result<(), ConfigError> {
    let plan = Arc::new(Plan::new(
        policy.clone(),
        Keys::single(b"check".to_vec()),
        Output::AsCame,
    ));
    for (index, (line, becomes)) in policy.tests().iter().enumerate() {
        let got = scrub_line(&plan, line.as_bytes());
        if got != becomes.as_bytes() {
            // The policy's author wrote this line: it is no payload.
            let got = String::from_utf8_lossy(&got);
            let number = index.saturating_add(1);
            return Err(ConfigError::new(
                &policy.name,
                format!(
                    "test {number} fails\n  line    {line}\n  becomes {got}\n  wanted  {becomes}"
                ),
            ));
        }
    }
    Ok(())
}
