//! The `scrubd` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    scrubd::cli::main()
}
