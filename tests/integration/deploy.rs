//! Every file under `deploy/` is what its reader takes it for, and speaks of things that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use super::support::{repository, run, scrubd};

pub fn deploy(path: &str) -> PathBuf {
    repository().join("deploy").join(path)
}

pub fn read(path: &str) -> String {
    fs::read_to_string(deploy(path)).unwrap()
}

pub fn yaml(path: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documents of one kind.
pub fn of_kind<'a>(documents: &'a [Yaml], kind: &str) -> Vec<&'a Yaml> {
    documents
        .iter()
        .filter(|document| document["kind"].as_str() == Some(kind))
        .collect()
}

pub fn checks(settings: &Path) {
    let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(settings), b"");
    assert_eq!(code, 0, "{}: {err}", settings.display());
}

/// Every file below `deploy/` is named by a test here: one that is not would be one that nobody checks.
#[test]
fn nothing_is_left_out() {
    let known: BTreeSet<&str> = [
        "docker/Dockerfile",
        "docker/scrubd.toml",
        "grafana/scrubd.json",
        "kubernetes/daemonset.yaml",
        "kubernetes/sidecar.yaml",
        "prometheus/alerts.yaml",
        "prometheus/alerts_test.yaml",
        "prometheus/kubernetes.yaml",
        "prometheus/prometheus.yaml",
        "systemd/scrubd.service",
        "systemd/scrubd.toml",
    ]
    .into();
    let mut found = BTreeSet::new();
    for room in fs::read_dir(deploy("")).unwrap() {
        for file in fs::read_dir(room.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(deploy("")).unwrap();
            found.insert(name.to_str().unwrap().to_owned());
        }
    }
    let known: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    assert_eq!(found, known);
}

#[test]
fn settings_files_check() {
    checks(&deploy("systemd/scrubd.toml"));
    checks(&deploy("docker/scrubd.toml"));
}

#[test]
fn the_unit_verifies_and_starts_nothing_unchecked() {
    let unit = read("systemd/scrubd.service");
    for line in [
        "ExecStartPre=/usr/bin/scrubd check -c /etc/scrubd/scrubd.toml",
        "ExecStart=/usr/bin/scrubd run -c /etc/scrubd/scrubd.toml",
        "RestartPreventExitStatus=78",
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "LimitCORE=0",
    ] {
        assert!(unit.lines().any(|have| have == line), "{line}");
    }
    // The unit must outwait the drain of the settings beside it.
    let seconds = |text: &str, key: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        line.split('=').nth(1).unwrap().trim().parse().unwrap()
    };
    let drain = seconds(&read("systemd/scrubd.toml"), "drain_timeout_secs");
    assert!(seconds(&unit, "TimeoutStopSec") > drain);

    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("systemd-analyze is not here: the unit is not verified");
        return;
    }
    // Verified as installed: the program is this one.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scrubd.service");
    fs::write(
        &path,
        unit.replace("/usr/bin/scrubd", env!("CARGO_BIN_EXE_scrubd")),
    )
    .unwrap();
    let (code, _, err) = run(
        Command::new("systemd-analyze").arg("verify").arg(&path),
        b"",
    );
    assert!(code == 0 && !err.contains("scrubd.service"), "{err}");
    let (code, out, err) = run(
        Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
            .arg(&path),
        b"",
    );
    assert_eq!(
        code,
        0,
        "exposed more than 2.0: {err}{}",
        String::from_utf8_lossy(&out)
    );
}

/// What a reader of the unit takes the `#` from is in force: nothing behind it says otherwise.
#[test]
fn what_is_offered_in_the_unit_holds_once_it_is_taken() {
    let unit = read("systemd/scrubd.service");
    let lines: Vec<&str> = unit.lines().collect();
    let mut offered = 0;
    for (at, line) in lines.iter().enumerate() {
        let Some((key, value)) = line.strip_prefix('#').and_then(|line| line.split_once('='))
        else {
            continue;
        };
        if key.contains(' ') || value.is_empty() {
            continue;
        }
        offered += 1;
        let again = lines[at..].iter().any(|later| {
            let set = later.split_once('=');
            set.is_some_and(|(other, _)| other == key)
        });
        assert!(!again, "{line} is taken back below it");
    }
    assert!(offered >= 5, "{offered}");
}

/// What the image is built from has every file that the build reads.
#[test]
fn the_image_is_built_from_all_that_it_takes() {
    let dockerfile = read("docker/Dockerfile");
    let copied: BTreeSet<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.contains("--from"))
        .flat_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words[..words.len() - 1].to_vec()
        })
        .collect();
    let root = |path: &str| path.split('/').next().unwrap().to_owned();
    let manifest: toml::Table = fs::read_to_string(repository().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let mut needed = BTreeSet::new();
    for kind in ["bin", "test", "bench", "example"] {
        let targets = manifest.get(kind).and_then(toml::Value::as_array);
        for target in targets.into_iter().flatten() {
            if let Some(path) = target.get("path").and_then(toml::Value::as_str) {
                needed.insert(root(path));
            }
        }
    }
    // Files that the sources take in from outside of `src/`.
    let mut folders = vec![repository().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for taken in text.split("include_str!(\"").skip(1) {
                    let taken = folder.join(taken.split('"').next().unwrap());
                    let Ok(taken) = taken.canonicalize() else {
                        continue;
                    };
                    let inside = taken.strip_prefix(repository()).unwrap();
                    needed.insert(root(inside.to_str().unwrap()));
                }
            }
        }
    }
    assert!(
        needed.contains("src") && needed.contains("config"),
        "{needed:?}"
    );
    for path in needed {
        assert!(copied.contains(path.as_str()), "{path} is not copied");
    }
    // A tls:// sink is trusted by the system's authorities where it names none, and `scratch` has none.
    assert!(dockerfile.contains("/root-of-image/etc/ssl/certs/"));
}

/// What `systemctl start` would do, on a directory of this test: check, run, answer, end.
#[test]
fn the_image_and_the_unit_run_commands_that_exist() {
    let dockerfile = read("docker/Dockerfile");
    let argument = |name: &str| {
        let line = dockerfile.lines().find(|line| line.contains(name)).unwrap();
        let list = &line[line.find('[').unwrap()..];
        serde_json::from_str::<Vec<String>>(list).unwrap()
    };
    assert_eq!(argument("ENTRYPOINT"), ["/scrubd"]);
    let (program, help) = ("run", ["--help".to_owned()]);
    assert_eq!(argument("CMD [\"run\"")[0], program);
    assert_eq!(argument("HEALTHCHECK"), ["/scrubd", "healthcheck"]);
    for command in [program, "healthcheck", "check"] {
        let (code, _, err) = run(scrubd().arg(command).args(&help), b"");
        assert_eq!(code, 0, "{command}: {err}");
    }
    for line in dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY ") && !line.contains("--from"))
    {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        for source in &words[..words.len() - 1] {
            assert!(repository().join(source).exists(), "{line}");
        }
    }
}
