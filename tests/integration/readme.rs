//! The README's commands and the shipped files do what they say.

use super::support::{repository, run, scrubd};

#[test]
fn every_command_of_the_readme_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let mut seen = 0;
    for block in readme.split("```sh\n").skip(1) {
        for line in block
            .split("```")
            .next()
            .unwrap()
            .lines()
            .filter(|l| !l.starts_with('#'))
        {
            seen += 1;
            // The test command is what runs this test.
            if line == "tests/run" {
                continue;
            }
            let line = line.replace("cargo run --release -- ", "scrubd ");
            let bin = std::path::Path::new(env!("CARGO_BIN_EXE_scrubd"))
                .parent()
                .unwrap()
                .to_owned();
            let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
            let daemon = line.starts_with("scrubd run");
            let line = if daemon {
                line.replacen("scrubd run", "scrubd check", 1)
            } else {
                line
            };
            let (code, out, err) = run(
                std::process::Command::new("sh")
                    .args(["-ec", &line])
                    .env("PATH", path)
                    .current_dir(repository()),
                b"",
            );
            assert_eq!(code, 0, "{line}: {err}");
            assert!(!out.is_empty(), "{line} printed nothing");
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn the_policy_of_the_readme_passes_its_own_tests() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let block = readme
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("policy.toml");
    std::fs::write(&file, block).unwrap();
    let (code, out, err) = run(scrubd().args(["check", "--policy"]).arg(&file), b"");
    assert_eq!(code, 0, "{err}");
    assert!(String::from_utf8(out).unwrap().contains("1 tests pass"));
}

#[test]
fn every_shipped_settings_file_checks() {
    // Beside certificates, as an operator has them.
    let dir = tempfile::tempdir().unwrap();
    super::pki::shipped(&dir.path().join("tls"));
    for entry in std::fs::read_dir(repository().join("config")).unwrap() {
        let shipped = entry.unwrap().path();
        let path = dir.path().join(shipped.file_name().unwrap());
        std::fs::copy(&shipped, &path).unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(&path), b"");
        assert_eq!(code, 0, "{}: {err}", path.display());
    }
}

#[test]
fn explain_and_classes_show_what_they_should() {
    let (code, out, _) = run(
        scrubd().args(["explain", "--why-not", "ip 10.0.0.1 v1.2.3.4"]),
        b"",
    );
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 0);
    assert!(
        out.contains("   ^^^^^^^^ network.ip by ipv4: four octets → redact"),
        "{out}"
    );
    assert!(
        out.contains("network.ip by ipv4: part of a word → left"),
        "{out}"
    );
    let (_, out, _) = run(scrubd().arg("classes"), b"");
    assert_eq!(
        String::from_utf8(out).unwrap().lines().count(),
        scrubd::class::CLASSES.len() + 1
    );
}

/// The ports in a text: four or five digits that stand alone.
fn ports(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| {
            matches!(word.len(), 4 | 5) && word.bytes().all(|byte| byte.is_ascii_digit())
        })
        .collect()
}

/// The line that a shipper's user is told has a port where the file beside it listens.
#[test]
fn the_line_for_each_shipper_fits_the_settings_beside_it() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let table = readme.split_once("| you run |").unwrap().1;
    let table = table.split_once("\n\n").unwrap().0;
    let mut told = 0;
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.split('|').collect();
        let (line, files) = (cells[2], cells[3]);
        let mut listen = String::new();
        for name in files.split('`').filter(|name| name.ends_with(".toml")) {
            let text = std::fs::read_to_string(repository().join("config").join(name)).unwrap();
            let settings: toml::Table = text.parse().unwrap();
            for route in settings["route"].as_array().unwrap() {
                listen += &route["listen"].to_string();
            }
        }
        assert!(!listen.is_empty(), "{row}");
        for port in ports(line) {
            told += 1;
            assert!(ports(&listen).contains(&port), "{row} and {listen}");
        }
    }
    assert!(told >= 15, "{told}");
}
