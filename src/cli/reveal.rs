//! `scrubd reveal`: tokens back into values, for whoever has the key.

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;

use crate::class::Class;
use crate::error::ConfigError;
use crate::mask::{Keys, Masker};
use crate::policy::{Action, Typed};
use crate::settings::{self, Settings};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Scrubbed text; standard input, line by line, where none is given
    text: Vec<String>,
    /// The key file
    #[arg(long, conflicts_with = "config")]
    keys: Option<PathBuf>,
    /// Settings whose [keys] are used; else SCRUBD_HASH_KEY
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// The text is one value that `preserve` made of this class
    #[arg(long)]
    class: Option<String>,
    /// The policy whose `preserve` made it: a preset's name or a file
    #[arg(long, default_value = "ops")]
    policy: String,
    /// Id of the key that was in force then; the newest where none is given
    #[arg(long)]
    key: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let file = match (&args.keys, &args.config) {
        (Some(file), _) => Some(file.clone()),
        (None, Some(config)) => Settings::load(Some(config))?.hash_key_file,
        (None, None) => None,
    };
    let (keys, random) = settings::hash_key(file.as_deref())?;
    if random {
        return Err(ConfigError::new(
            "reveal",
            "no key is set; give --keys FILE, --config FILE or SCRUBD_HASH_KEY",
        )
        .into());
    }
    known(&keys, args.key.as_deref())?;
    let masker = Masker::new(&keys, true);
    let class = match &args.class {
        None => None,
        Some(id) => match Class::by_id(id) {
            Some(class) => Some(class),
            None => bail!("unknown class `{id}`; `scrubd classes` lists them"),
        },
    };
    let typed = match class.map(|class| super::policy(&args.policy).map(|p| p.action(class))) {
        Some(Ok(Action::Preserve(typed))) => typed,
        Some(Err(error)) => return Err(error.into()),
        _ => Typed::default(),
    };
    let mut out = std::io::stdout().lock();
    let mut closed = 0usize;
    let mut each = |line: &[u8]| -> std::io::Result<()> {
        let text = match class {
            None => {
                let revealed = masker.reveal(line);
                closed = closed.saturating_add(revealed.closed);
                revealed.text
            }
            Some(class) => masker
                .restore(args.key.as_deref(), class, typed, line)
                .unwrap_or_else(|| {
                    closed = closed.saturating_add(1);
                    line.to_vec()
                }),
        };
        out.write_all(&text)?;
        out.write_all(b"\n")
    };
    if args.text.is_empty() {
        for line in std::io::stdin().lock().split(b'\n') {
            each(&line?)?;
        }
    } else {
        each(args.text.join(" ").as_bytes())?;
    }
    if closed > 0 {
        super::report(&format!(
            "{closed} left as they are: made with a key that is not in the ring, or with none of this class"
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn known(keys: &Keys, id: Option<&str>) -> anyhow::Result<()> {
    let ids: Vec<&str> = keys.ids().collect();
    match id {
        Some(id) if !ids.contains(&id) => {
            bail!("there is no key `{id}`; the ring has {}", ids.join(", "))
        }
        _ => Ok(()),
    }
}
