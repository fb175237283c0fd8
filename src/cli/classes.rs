//! `scrubd classes`: the taxonomy.

use std::io::Write as _;
use std::process::ExitCode;

use crate::class::Class;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<22} {:<10} {:<12} {:<20} words of a policy",
        "class", "tier", "found by", "label"
    )?;
    for class in Class::all() {
        let info = class.info();
        let tier = format!("{:?}", info.tier).to_lowercase();
        let label = format!("REDACTED-{}", info.tag);
        writeln!(
            out,
            "{:<22} {tier:<10} {:<12} {label:<20} {}",
            info.id, info.found_by, info.words
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
