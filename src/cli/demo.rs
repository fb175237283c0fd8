//! `scrubd demo`: the real daemon, a real connection, original and scrubbed side by side.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::serve;
use crate::settings::{Listen, Settings, Target};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Lines to send
    #[arg(long, default_value_t = 16)]
    lines: usize,
    /// Keep going, a line a second, so that the admin page has something to show
    #[arg(long)]
    forever: bool,
}

/// Line `n` of made-up traffic: web, sshd, mobile telemetry, JSON. Addresses are those for documentation.
fn line(n: usize) -> String {
    let host = n.wrapping_mul(37) % 250 + 1;
    match n % 6 {
        0 => format!(
            r#"203.0.113.{host} - - [24/Nov/2026:10:00:{:02} +0000] "GET /cart?token=t{:06x} HTTP/1.1" 200 512 "-" "Mozilla/5.0 Chrome/120.0.6099.71""#,
            n % 60,
            n.wrapping_mul(7919) % 0xff_ffff
        ),
        1 => format!(
            "sshd[{}]: Failed password for root from 2001:db8::{host:x} port {} ssh2",
            1000 + host,
            40000 + host
        ),
        2 => format!(
            r#"{{"event":"fix","imei":490154203237518,"lat":31.{:05},"lon":121.{:05},"battery":0.{}}}"#,
            23000 + host,
            47000 + host,
            host % 9
        ),
        3 => format!(
            r#"{{"ts":1764000000{:03},"user":"user{host}","email":"user{host}@example.com","password":"p{host}w","ok":true}}"#,
            n % 1000
        ),
        4 => format!(
            "wlan0: associated 02:00:5e:10:00:{:02x} idfa=6D92078A-8246-4BA4-AE5B-76104861E{:03X}",
            host,
            0xa00 + host
        ),
        _ => format!(
            "level=info msg=\"release v1.2.3.{} at 12:34:56\" client=198.51.100.{host} took=12ms",
            n % 9
        ),
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(show(args))
}

async fn show(args: &Args) -> anyhow::Result<ExitCode> {
    let end = TcpListener::bind("127.0.0.1:0").await?;
    let mut settings = Settings::load(None)?;
    for route in &mut settings.routes {
        route.sink = Target::Tcp(end.local_addr()?.to_string());
        // The default ports where they are free, others where not.
        if TcpListener::bind("127.0.0.1:5140").await.is_err() {
            route.listen = vec![Listen::Tcp("127.0.0.1:0".to_owned())];
        }
    }
    if TcpListener::bind(&settings.admin_listen).await.is_err() {
        settings.admin_listen = "127.0.0.1:0".to_owned();
    }
    let running = serve::start(settings).await?;
    let address = running
        .addresses
        .iter()
        .find_map(|a| a.strip_prefix("tcp://"))
        .context("no TCP listener")?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "listening on {}\nadmin page   http://{}/\n",
        running.addresses.join(", "),
        running.admin_address
    )?;
    let mut client = TcpStream::connect(address).await?;
    let (dim, bold, plain) = if out.is_terminal() {
        ("\x1b[2m", "\x1b[32m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    let mut sink = None;
    let mut n = 0usize;
    while args.forever || n < args.lines {
        let original = line(n);
        client.write_all(original.as_bytes()).await?;
        client.write_all(b"\n").await?;
        // The daemon looks for its sink first and connects for the client then: the line's own connection
        // is the one that has something to read.
        let mut scrubbed = String::new();
        while scrubbed.is_empty() {
            let reader = match &mut sink {
                Some(reader) => reader,
                None => sink.insert(BufReader::new(end.accept().await?.0)),
            };
            if reader.read_line(&mut scrubbed).await? == 0 {
                sink = None;
            }
        }
        beside(&mut out, &original, scrubbed.trim_end(), (dim, bold, plain))?;
        n = n.saturating_add(1);
        if args.forever {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }
    drop(client);
    writeln!(
        out,
        "{n} lines in, {n} lines out. Keep it running with --forever and open the admin page."
    )?;
    running.drain().await;
    Ok(ExitCode::SUCCESS)
}

/// Two columns, wrapped: original left, scrubbed right. As wide as `COLUMNS` says, else 120.
fn beside(
    out: &mut impl std::io::Write,
    left: &str,
    right: &str,
    (dim, bold, plain): (&str, &str, &str),
) -> std::io::Result<()> {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|c| c.parse().ok())
        .unwrap_or(120usize);
    let width = (columns.saturating_sub(3) / 2).max(20);
    let wrap = |text: &str| -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        chars
            .chunks(width)
            .map(|row| row.iter().collect())
            .collect()
    };
    let (left, right) = (wrap(left), wrap(right));
    for row in 0..left.len().max(right.len()) {
        let l = left.get(row).map_or("", String::as_str);
        let r = right.get(row).map_or("", String::as_str);
        writeln!(out, "{dim}{l:<width$}{plain} │ {bold}{r}{plain}")?;
    }
    writeln!(out)
}
