//! The command line: one file a command.

mod audit;
mod check;
mod classes;
mod demo;
mod explain;
mod healthcheck;
mod reveal;
mod run;
mod scrub;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::ConfigError;
use crate::policy::Policy;

/// What a wrong configuration exits with (`EX_CONFIG` of sysexits.h).
const EX_CONFIG: u8 = 78;

/// Scrubs personal data from log streams.
#[derive(Parser)]
#[command(name = "scrubd", version, about, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the daemon
    Run(run::Args),
    /// Show the daemon at work on made-up logs
    Demo(demo::Args),
    /// Ask a running daemon whether it is ready
    Healthcheck(healthcheck::Args),
    /// Run as a filter: one line out for each line in
    Scrub(scrub::Args),
    /// Show what is found in lines and why
    Explain(explain::Args),
    /// Report what personal data is in logs, by class and field, and propose a policy
    Audit(audit::Args),
    /// Turn the tokens of `encrypt` and the values of `preserve` back, with the key
    Reveal(reveal::Args),
    /// List the classes of personal data
    Classes,
    /// Check settings, a policy and the policy's own tests
    Check(check::Args),
}

/// Parses the command line and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Scrub(args) => scrub::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Reveal(args) => reveal::run(&args),
        Command::Classes => classes::run(),
        Command::Check(args) => check::run(&args),
    };
    match outcome {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&format!("{error:#}"));
            if error.is::<ConfigError>() {
                ExitCode::from(EX_CONFIG)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// A line on standard error.
#[allow(
    clippy::print_stderr,
    reason = "the one place where a command speaks to its user"
)]
fn report(message: &str) {
    eprintln!("scrubd: {message}");
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// A policy by the name of a preset or from a file.
fn policy(named: &str) -> Result<Policy, ConfigError> {
    crate::settings::policy(named, &PathBuf::new())
}
