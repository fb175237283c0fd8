//! `scrubd run`: the daemon, and its signals.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::serve;
use crate::settings::Settings;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The settings file; the embedded default where none is given
    #[arg(short, long)]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .filter(|text| !text.is_empty());
    let wanted = wanted.and_then(|text| text.parse().ok());
    let wanted = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines)
        .with(wanted)
        .init();
    let settings = Settings::load(args.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let code = runtime.block_on(live(settings));
    // A standard input that nobody closes would hold the runtime: it is left.
    runtime.shutdown_background();
    code
}

async fn live(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let running = serve::start(settings).await?;
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => running.reload(),
            () = running.ended() => return Ok(ExitCode::SUCCESS),
        }
    }
    tracing::info!("draining");
    tokio::select! {
        drained = running.drain() => {
            if drained {
                return Ok(ExitCode::SUCCESS);
            }
            tracing::error!("the drain took longer than drain_timeout_secs; what was not written is lost");
        }
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(ExitCode::FAILURE)
}
