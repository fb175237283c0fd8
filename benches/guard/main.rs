//! Instructions per KiB of fixed input, counted by callgrind: what a noisy machine cannot blur.
//!
//! `cargo bench --profile fast --bench guard` compares with `baseline.txt` and fails where a case takes over 5 %
//! more; `-- --accept` writes the new figures there, `-- --case json` looks at some, `-- --growth` at what twice the bytes
//! take only (`--text email` at some). Valgrind knows no AVX-512: `best` is AVX2.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a bench that fails may panic"
)]

#[path = "../corpus/mod.rs"]
mod corpus;
mod growth;
#[path = "../measure/mod.rs"]
mod measure;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use corpus::{CORPORA, Corpus};
use measure::core::{Core, policy};
use measure::{Input, option};
use scrubd::frame::Output;
use scrubd::scan::{Finding, Scanner, Scratch};

/// Bytes of each corpus.
const INPUT_BYTES: usize = 64 << 10;
/// How much more a case may take, in percent.
const MORE_PERCENT_MAX: f64 = 5.0;
/// The marker between callgrind and this file.
const MEASURED: &str = "guard::measured*";
/// The same for texts that grow.
const MEASURED_TEXT: &str = "guard::growth::measured_text";

type Make = fn() -> Work;
type Way = (&'static str, Make);
type Work = Box<dyn FnMut(&[u8])>;

/// What runs over a corpus.
const PATHS: &[Way] = &[
    ("scan-portable", || scan(Scanner::portable())),
    ("scan-best", || scan(Scanner::default())),
    ("pipeline", || pipeline("default")),
    ("eight-rules", || pipeline("eight")),
    ("addresses", || pipeline("ip")),
];

fn pipeline(name: &str) -> Work {
    let mut core = Core::new(policy(name), Output::AsCame);
    Box::new(move |chunk| core.scrub(chunk))
}

fn scan(scanner: Scanner) -> Work {
    let mut findings: Vec<Finding> = Vec::new();
    let mut scratch = Scratch::default();
    Box::new(move |chunk| {
        findings.clear();
        scanner.scan(chunk, &mut scratch, &mut findings);
        std::hint::black_box(&findings);
    })
}

/// A path over a corpus.
struct Case {
    path: Make,
    corpus: &'static Corpus,
    name: String,
}

fn cases() -> Vec<Case> {
    let case = |(path, make): &Way, corpus: &'static Corpus| Case {
        path: *make,
        corpus,
        name: format!("{path}/{}", corpus.name),
    };
    PATHS
        .iter()
        .flat_map(|path| CORPORA.iter().map(move |corpus| case(path, corpus)))
        .collect()
}

/// Callgrind counts in here only.
#[inline(never)]
fn measured(work: &mut Work, input: &Input) {
    input.chunks().for_each(work);
}

impl Case {
    /// The side that callgrind looks at: once to warm up, once to count.
    fn work(&self) {
        let input = Input::new(&self.corpus.fill(1, INPUT_BYTES));
        let mut work = (self.path)();
        input.chunks().for_each(&mut work);
        measured(&mut work, &input);
    }

    /// Instructions per KiB.
    fn count(&self) -> Result<u64, String> {
        let result = valgrind()
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(format!("--toggle-collect={MEASURED}"))
            .arg(std::env::current_exe().map_err(|error| error.to_string())?)
            .args(["--work", &self.name])
            .output()
            .map_err(|error| {
                format!("valgrind does not start ({error}); tests/run fetches it, or install Debian's valgrind")
            })?;
        let log = String::from_utf8_lossy(&result.stderr);
        log.lines()
            .find_map(|line| line.split_once("Collected : "))
            .and_then(|(_, total)| total.trim().parse::<u64>().ok())
            .filter(|total| result.status.success() && *total > 0)
            .map(|total| total / (INPUT_BYTES / 1024) as u64)
            .ok_or_else(|| format!("valgrind counted nothing in {}: {log}", self.name))
    }
}

fn valgrind() -> Command {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/root/usr");
    let own = tools.join("bin/valgrind");
    if own.exists() {
        let mut command = Command::new(own);
        command.env("VALGRIND_LIB", tools.join("libexec/valgrind"));
        command
    } else {
        Command::new("valgrind")
    }
}

fn baseline_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/guard/baseline.txt")
}

fn baseline() -> BTreeMap<String, u64> {
    std::fs::read_to_string(baseline_path())
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .filter_map(|(name, count)| Some((name.to_owned(), count.trim().parse().ok()?)))
        .collect()
}

fn main() -> ExitCode {
    if let Some(name) = option("--work") {
        for case in cases().iter().filter(|case| case.name == name) {
            case.work();
        }
        return ExitCode::SUCCESS;
    }
    if std::env::args().any(|arg| arg == "--growth-work") {
        growth::work();
        return ExitCode::SUCCESS;
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("guard: the figures are of x86-64 Linux; nothing to compare here");
        return ExitCode::SUCCESS;
    }
    let flag = |name: &str| std::env::args().any(|arg| arg == name);
    let growth = || match option("--case") {
        None => growth::compare(),
        Some(_) => Ok(true),
    };
    let outcome = match flag("--growth") {
        true => growth(),
        false => compare(flag("--accept")).and_then(|good| Ok(growth()? && good)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!(
                "guard: over {MORE_PERCENT_MAX} % more instructions (if it is meant: -- --accept), a case without a figure, or work that grows faster than its input"
            );
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("guard: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints old and new; whether nothing takes more than it may, or all of it is accepted.
fn compare(accept: bool) -> Result<bool, String> {
    let (old, mut good) = (baseline(), true);
    let mut text = String::from(
        "# Instructions per KiB; `cargo bench --profile fast --bench guard -- --accept` writes this.\n",
    );
    println!(
        "{:24} {:>9} {:>9} {:>8}",
        "instructions per KiB", "old", "new", "change"
    );
    let only = option("--case");
    for case in cases() {
        if only
            .as_deref()
            .is_some_and(|only| !case.name.contains(only))
        {
            continue;
        }
        let new = case.count()?;
        let _ = writeln!(text, "{:24} {new:>9}", case.name);
        let Some(&old) = old.get(&case.name) else {
            println!("{:24} {:>9} {new:>9} {:>8}", case.name, "-", "new");
            good = false;
            continue;
        };
        let change = (new as f64 / old as f64 - 1.0) * 100.0;
        let more = change > MORE_PERCENT_MAX;
        good &= !more;
        let remark = if more { "  more than it may" } else { "" };
        println!("{:24} {old:>9} {new:>9} {change:>+7.1}%{remark}", case.name);
    }
    if accept && only.is_some() {
        return Err("--accept takes all cases".to_owned());
    }
    if accept {
        std::fs::write(baseline_path(), text).map_err(|error| format!("baseline.txt: {error}"))?;
    }
    Ok(good || accept)
}
