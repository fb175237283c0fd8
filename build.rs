//! What is made while the program is built.
//!
//! - The numbering plans of libphonenumber's metadata, as text: the library itself, with its parsers and another engine of
//!   regular expressions, is no part of the program.
//! - Relative relocations are packed (`DT_RELR`, glibc 2.36 and binutils 2.38 on; older linkers leave the option out): a
//!   start reads some thirty kilobytes of them and not most of a megabyte, which would stay in the process's memory.
//! - What unwinds the stack comes in from an archive, where there is one: a library more is a tenth of a megabyte mapped.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use phonenumber::metadata::DATABASE;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=build.rs");
    let made = Path::new(&std::env::var("OUT_DIR")?).join("plans.txt");
    std::fs::write(made, plans()?)?;
    let target = |of: &str| std::env::var(format!("CARGO_CFG_TARGET_{of}")).unwrap_or_default();
    if (&*target("OS"), &*target("ENV"), &*target("ARCH")) == ("linux", "gnu", "x86_64") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,keep-text-section-prefix");
        if std::env::var("HOST") == std::env::var("TARGET") && has_archive("libgcc_eh.a") {
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
    Ok(())
}

/// Whether the C compiler, which links, knows the archive. A name that it does not know is what it answers.
fn has_archive(name: &str) -> bool {
    Command::new("cc")
        .arg(format!("-print-file-name={name}"))
        .output()
        .is_ok_and(|said| {
            let path = String::from_utf8_lossy(&said.stdout);
            let path = Path::new(path.trim_end());
            path.is_absolute() && path.exists()
        })
}

/// A line for each calling code: the code, what is dialled in front of a number inside the country or `-`, and a pattern
/// of the national significant numbers of every kind.
fn plans() -> Result<String, Failure> {
    let mut plans = String::new();
    for code in 0..1000u16 {
        let Some(regions) = DATABASE.by_code(&code) else {
            continue;
        };
        let trunk = regions
            .iter()
            .find_map(|region| region.national_prefix())
            .and_then(|prefix| prefix.chars().next())
            .unwrap_or('-');
        let mut patterns = Vec::new();
        for region in &regions {
            let kinds = region.descriptors();
            let all = [
                kinds.fixed_line(),
                kinds.mobile(),
                kinds.toll_free(),
                kinds.premium_rate(),
                kinds.shared_cost(),
                kinds.personal_number(),
                kinds.voip(),
                kinds.pager(),
                kinds.uan(),
            ];
            // The metadata is laid out in lines.
            patterns.extend(all.into_iter().flatten().map(|kind| {
                let number = kind.national_number();
                number.as_str().split_whitespace().collect::<String>()
            }));
        }
        writeln!(plans, "{code} {trunk} (?:{})", patterns.join(")|(?:"))?;
    }
    Ok(plans)
}
