//! Every dependency's licence is one that `.deny.toml` allows.

use std::process::Command;

use super::support::repository;

#[test]
fn every_licence_is_allowed() {
    let deny: toml::Table =
        toml::from_str(&std::fs::read_to_string(repository().join(".deny.toml")).unwrap()).unwrap();
    let allowed: Vec<&str> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect();
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 50);
    for package in packages {
        let licence = package["license"]
            .as_str()
            .unwrap_or("none")
            .replace('/', " OR ");
        let any = licence.split(" OR ").any(|option| {
            option
                .split(" AND ")
                .all(|part| allowed.contains(&part.trim_matches(['(', ')', ' '])))
        });
        assert!(any, "{}: {licence}", package["name"]);
    }
}
