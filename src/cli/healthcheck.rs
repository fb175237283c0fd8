//! `scrubd healthcheck`: asks a running daemon whether it is ready, for images without curl.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The admin address
    #[arg(long, default_value = "127.0.0.1:9598")]
    admin: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut stream = TcpStream::connect(&args.admin)
        .with_context(|| format!("no daemon answers at {}", args.admin))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET /readyz HTTP/1.0\r\nHost: {}\r\n\r\n",
        args.admin
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let ready = answer.split_whitespace().nth(1) == Some("200");
    super::report(answer.rsplit("\r\n").next().unwrap_or_default().trim());
    Ok(if ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
