//! `scrubd check`: settings, policies and the policies' own tests.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::pipeline;
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
        pipeline::test(&policy)?;
        writeln!(
            out,
            "policy {} ({}): {count} tests pass",
            policy.name,
            policy.id()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
