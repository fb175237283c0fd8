//! `scrubd scrub`: the core as a filter.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::class::Class;
use crate::frame::{Framer, Framing, Output};
use crate::mask::Scrubbed;
use crate::pipeline::{Pipeline, Tally};
use crate::plan::Plan;
use crate::record::Reason;
use crate::scan::{Table, Tables};
use crate::settings::{self, Settings};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files, gzip and zstd too; `-` or none is standard input
    files: Vec<PathBuf>,
    /// Take the policy of the first route of this settings file
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// A preset's name or a policy file
    #[arg(long)]
    policy: Option<String>,
    /// When the first line of a file is the header of a CSV table: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = tables)]
    csv: Tables,
    /// Threads
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    /// No summary and no progress bar
    #[arg(short, long)]
    quiet: bool,
}

/// Bytes that one thread takes at a time.
const BATCH_BYTES: usize = 1 << 20;

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(args.config.as_deref())?;
    let policy = match (&args.policy, settings.routes.into_iter().next()) {
        (Some(named), _) => super::policy(named)?,
        (None, Some(route)) => route.policy,
        (None, None) => super::policy("default")?,
    };
    let hashes = policy.keyed();
    let (key, random) = settings::hash_key(settings.hash_key_file.as_deref())?;
    if hashes && random {
        super::report(
            "no hash key is set: pseudonyms are of this run only (set SCRUBD_HASH_KEY or [keys] hash_key_file)",
        );
    }
    let plan = Arc::new(Plan::new(policy, key, Output::AsCame));
    let mut filter = Filter {
        plan: Arc::clone(&plan),
        tables: args.csv,
        framer_max: settings.record_bytes_max,
        lanes: (0..args.jobs).map(|_| Lane::new(&plan)).collect(),
    };
    let stdin = [PathBuf::from("-")];
    let files = if args.files.is_empty() {
        &stdin[..]
    } else {
        &args.files
    };
    // Lines that go to the same terminal are progress enough.
    let visible =
        !args.quiet && std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
    let mut out = std::io::stdout().lock();
    for file in files {
        let (input, bar) = open(file, visible).with_context(|| file.display().to_string())?;
        filter.stream(input, &mut out)?;
        bar.finish_and_clear();
    }
    out.flush()?;
    if !args.quiet {
        summary(&plan, &filter.tally());
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn tables(text: &str) -> Result<Tables, String> {
    match text {
        "auto" => Ok(Tables::Auto),
        "always" => Ok(Tables::Always),
        "never" => Ok(Tables::Never),
        _ => Err("is neither auto, always nor never".to_owned()),
    }
}

/// Opens a file by its content: gzip (RFC 1952), zstd (RFC 8878) or as it is.
pub(super) fn open(path: &Path, visible: bool) -> anyhow::Result<(Box<dyn Read>, ProgressBar)> {
    if path == Path::new("-") {
        return Ok((Box::new(std::io::stdin().lock()), ProgressBar::hidden()));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        bail!("is a directory; name files");
    }
    let bar = if visible {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        ProgressBar::new(metadata.len())
            .with_style(ProgressStyle::with_template(
                "{msg} {wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
            )?)
            .with_message(name.into_owned())
    } else {
        ProgressBar::hidden()
    };
    let mut input = BufReader::with_capacity(BATCH_BYTES, bar.wrap_read(file));
    let head = input.fill_buf()?;
    let input: Box<dyn Read> = if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(input))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::with_buffer(input)?)
    } else {
        Box::new(input)
    };
    Ok((input, bar))
}

/// One thread's share: whole records in, scrubbed records out.
struct Lane {
    pipeline: Pipeline,
    out: Scrubbed,
    tally: Tally,
}

impl Lane {
    fn new(plan: &Arc<Plan>) -> Self {
        Self {
            pipeline: Pipeline::new(Arc::clone(plan)),
            out: Scrubbed::new(),
            tally: Tally::default(),
        }
    }
}

struct Filter {
    plan: Arc<Plan>,
    tables: Tables,
    framer_max: usize,
    lanes: Vec<Lane>,
}

impl Filter {
    /// Scrubs one stream. Pieces are dealt out to the lanes in contiguous shares, so the order stays.
    fn stream(&mut self, mut input: Box<dyn Read>, out: &mut impl Write) -> anyhow::Result<()> {
        let mut framer = Framer::new(Framing::Newline, self.framer_max);
        let (mut buffer, mut pieces) = (Vec::new(), Vec::new());
        let batch = BATCH_BYTES.saturating_mul(self.lanes.len());
        for lane in &mut self.lanes {
            lane.pipeline.begin(Tables::Never);
        }
        let mut lanes = self.lanes.len();
        let mut begins = true;
        loop {
            let want = batch.saturating_sub(buffer.len()).max(BATCH_BYTES / 4);
            let read = input.by_ref().take(want as u64).read_to_end(&mut buffer)?;
            let ended = read == 0;
            let used = framer.cut(&buffer, ended, &mut pieces);
            // The rows of a table come in their order, on one thread.
            if begins && !pieces.is_empty() {
                begins = false;
                let mut table = Table::new(self.tables);
                let first = memchr::memchr(b'\n', &buffer).unwrap_or(buffer.len());
                table.pass(buffer.get(..first).unwrap_or_default(), &self.plan.policy);
                if !table.is_idle()
                    && let Some(lane) = self.lanes.first_mut()
                {
                    lane.pipeline.begin(self.tables);
                    lanes = 1;
                }
            }
            let shares = shares(&buffer, &pieces, lanes);
            std::thread::scope(|scope| {
                for (lane, share) in self.lanes.iter_mut().zip(&shares) {
                    lane.out.clear();
                    let buffer = &buffer;
                    let mut work = move || {
                        lane.pipeline
                            .process(buffer, share, &mut lane.out, &mut lane.tally)
                    };
                    if shares.len() == 1 {
                        work();
                    } else {
                        scope.spawn(work);
                    }
                }
            });
            for lane in self.lanes.iter().take(shares.len()) {
                out.write_all(lane.out.as_bytes())?;
            }
            buffer.drain(..used);
            if ended {
                return Ok(());
            }
        }
    }

    fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for lane in &self.lanes {
            sum.add(&lane.tally);
        }
        sum
    }
}

/// Cuts runs at record borders into about equal shares.
fn shares(
    buffer: &[u8],
    pieces: &[crate::record::Piece],
    lanes: usize,
) -> Vec<Vec<crate::record::Piece>> {
    use crate::record::{Piece, Span};
    if lanes <= 1 {
        return vec![pieces.to_vec()];
    }
    let size = buffer.len().checked_div(lanes).unwrap_or(0).max(64 << 10);
    let mut shares = vec![Vec::new()];
    let mut room = size;
    let mut push = |piece: Piece, bytes: usize| {
        if room == 0 && shares.len() < lanes {
            shares.push(Vec::new());
            room = size;
        }
        room = room.saturating_sub(bytes);
        if let Some(share) = shares.last_mut() {
            share.push(piece);
        }
    };
    for piece in pieces {
        match *piece {
            Piece::Run {
                mut span,
                terminator,
            } => {
                while !span.is_empty() {
                    let near = span.start.saturating_add(size).min(span.end);
                    let tail = Span::new(near, span.end).of(buffer);
                    let end = memchr::memchr(terminator.byte(), tail)
                        .map_or(span.end, |i| near.saturating_add(i).saturating_add(1));
                    push(
                        Piece::Run {
                            span: Span::new(span.start, end),
                            terminator,
                        },
                        end.saturating_sub(span.start),
                    );
                    span.start = end;
                }
            }
            other => push(other, 0),
        }
    }
    shares
}

fn summary(plan: &Plan, tally: &Tally) {
    super::report(&format!(
        "{} records, policy {} ({})",
        tally.records,
        plan.policy.name,
        plan.policy.id()
    ));
    for (class, count) in Class::all()
        .zip(&tally.findings)
        .filter(|(_, count)| **count > 0)
    {
        super::report(&format!(
            "  {:<22} {count:>10} {}",
            class.id(),
            plan.policy.action(class).name()
        ));
    }
    for (reason, count) in Reason::ALL
        .iter()
        .zip(&tally.tombstones)
        .filter(|(_, count)| **count > 0)
    {
        super::report(&format!("  tombstone {:<12} {count:>10}", reason.as_str()));
    }
}
