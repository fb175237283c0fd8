//! Every file under `deploy/` is what its reader takes it for, and speaks of things that exist.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use super::support::{Daemon, catch_one, free_port, repository, run, scrubd, wait_for_lines};

fn deploy(path: &str) -> PathBuf {
    repository().join("deploy").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(deploy(path)).unwrap()
}

fn yaml(path: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn checks(settings: &Path) {
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

/// The documents of one kind.
fn of_kind<'a>(documents: &'a [Yaml], kind: &str) -> Vec<&'a Yaml> {
    documents
        .iter()
        .filter(|document| document["kind"].as_str() == Some(kind))
        .collect()
}

#[test]
fn manifests_carry_settings_that_check_and_probes_that_are_answered() {
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"a\"\nlisten = [\"tcp://127.0.0.1:{}\"]\nsink = \"stdout\"\n",
        free_port()
    ));
    for path in ["kubernetes/sidecar.yaml", "kubernetes/daemonset.yaml"] {
        let documents = yaml(path);
        let maps = of_kind(&documents, "ConfigMap");
        assert_eq!(maps.len(), 1, "{path}");
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in maps[0]["data"].as_hash().unwrap() {
            fs::write(
                dir.path().join(name.as_str().unwrap()),
                text.as_str().unwrap(),
            )
            .unwrap();
        }
        checks(&dir.path().join("scrubd.toml"));
        let settings: toml::Table = fs::read_to_string(dir.path().join("scrubd.toml"))
            .unwrap()
            .parse()
            .unwrap();

        let workloads: Vec<&Yaml> = ["Deployment", "DaemonSet"]
            .iter()
            .flat_map(|kind| of_kind(&documents, kind))
            .collect();
        assert_eq!(workloads.len(), 1, "{path}");
        let pod = &workloads[0]["spec"]["template"]["spec"];
        let mut containers = ["containers", "initContainers"]
            .iter()
            .flat_map(|key| pod[*key].as_vec().into_iter().flatten());
        let container = containers
            .find(|container| container["name"].as_str() == Some("scrubd"))
            .unwrap();
        let probes = ["startupProbe", "readinessProbe", "livenessProbe"];
        let mut asked = 0;
        for probe in probes
            .iter()
            .filter_map(|probe| container[*probe]["httpGet"]["path"].as_str())
        {
            assert_eq!(daemon.get(probe).0, 200, "{path}: {probe}");
            asked += 1;
        }
        assert!(asked >= 2, "{path}");
        let admin = settings["admin"]["listen"].as_str().unwrap();
        let port = container["ports"]
            .as_vec()
            .unwrap()
            .iter()
            .find(|port| port["name"].as_str() == Some("admin"))
            .unwrap()["containerPort"]
            .as_i64()
            .unwrap();
        assert!(admin.ends_with(&format!(":{port}")), "{path}: {admin}");
        let grace = pod["terminationGracePeriodSeconds"].as_i64().unwrap();
        assert!(
            grace
                > settings["limits"]["drain_timeout_secs"]
                    .as_integer()
                    .unwrap(),
            "{path}"
        );
    }
}

/// Names of metrics in a text of queries.
fn metrics_in(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("scrubd_"))
        .map(|word| {
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| word.strip_suffix(end));
            family.unwrap_or(word).to_owned()
        })
        .collect()
}

#[test]
fn dashboards_and_alerts_ask_for_metrics_that_there_are() {
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"a\"\nlisten = [\"tcp://127.0.0.1:{}\"]\nsink = \"stdout\"\n",
        free_port()
    ));
    let have: BTreeSet<String> = daemon
        .get("/metrics")
        .1
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    let mut asked = BTreeSet::new();

    let dashboard: serde_json::Value = serde_json::from_str(&read("grafana/scrubd.json")).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let names = metrics_in(target["expr"].as_str().unwrap());
            assert!(!names.is_empty(), "{target}");
            asked.extend(names);
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        asked.extend(metrics_in(
            variable["definition"].as_str().unwrap_or_default(),
        ));
    }
    let alerts = yaml("prometheus/alerts.yaml");
    let rules = alerts[0]["groups"][0]["rules"].as_vec().unwrap();
    assert!(rules.len() > 4);
    for rule in rules {
        asked.extend(metrics_in(rule["expr"].as_str().unwrap()));
    }
    assert!(asked.len() > 8, "{asked:?}");
    assert!(
        asked.is_subset(&have),
        "{:?} are no metrics",
        &asked - &have
    );
}

/// The rules and their own tests, by Prometheus itself.
#[test]
fn prometheus_takes_the_rules() {
    // Debian's promtool is built without Kubernetes: that file is looked at here.
    let pods = yaml("prometheus/kubernetes.yaml");
    let job = &pods[0]["scrape_configs"][0];
    assert_eq!(
        job["kubernetes_sd_configs"][0]["role"].as_str(),
        Some("pod")
    );
    assert_eq!(job["relabel_configs"][0]["regex"].as_str(), Some("scrubd"));
    let promtool = repository().join(".tools/root/usr/bin/promtool");
    assert!(
        promtool.exists(),
        "promtool is missing; tests/run fetches it"
    );
    for arguments in [
        ["check", "rules", "alerts.yaml"],
        ["check", "config", "prometheus.yaml"],
        ["test", "rules", "alerts_test.yaml"],
    ] {
        let (code, out, err) = run(
            Command::new(&promtool)
                .args(arguments)
                .current_dir(deploy("prometheus")),
            b"",
        );
        assert_eq!(
            code,
            0,
            "{arguments:?}: {err}{}",
            String::from_utf8_lossy(&out)
        );
    }
}

/// Where a route of a shipped settings file sends, moved into this test.
enum Out {
    Stdout,
    File(PathBuf),
    Tcp(TcpListener),
}

/// A shipped settings file with its addresses and paths moved to free ports and `dir`: the text without
/// its admin table, and for each route where it listens first and where it sends.
fn moved(text: &str, dir: &Path) -> (String, Vec<(String, Out)>) {
    let mut settings: toml::Table = text.parse().unwrap();
    settings.remove("admin");
    let mut routes = Vec::new();
    for (n, route) in settings["route"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        let route = route.as_table_mut().unwrap();
        let listen: Vec<String> = route["listen"]
            .as_array()
            .unwrap()
            .iter()
            .map(
                |address| match address.as_str().unwrap().split_once("://").unwrap() {
                    ("unix", _) => format!("unix://{}/in{n}.sock", dir.display()),
                    (scheme, _) => format!("{scheme}://127.0.0.1:{}", free_port()),
                },
            )
            .collect();
        let (sink, out) = match route["sink"].as_str().unwrap().split_once("://") {
            None => ("stdout".to_owned(), Out::Stdout),
            Some(("file", _)) => {
                let path = dir.join(format!("out{n}.log"));
                (format!("file://{}", path.display()), Out::File(path))
            }
            Some(("tcp", _)) => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                (
                    format!("tcp://{}", listener.local_addr().unwrap()),
                    Out::Tcp(listener),
                )
            }
            Some((scheme, _)) => panic!("a sink of a kind that this test does not know: {scheme}"),
        };
        let policy = route["policy"].as_str().unwrap();
        if policy.ends_with(".toml") {
            let policy = dir.join(policy).display().to_string();
            route.insert("policy".to_owned(), policy.into());
        }
        routes.push((listen[0].clone(), out));
        route.insert("listen".to_owned(), listen.into());
        route.insert("sink".to_owned(), sink.into());
    }
    (toml::to_string(&settings).unwrap(), routes)
}

/// A line through every route of these settings comes out scrubbed.
fn runs(what: &str, text: &str, dir: &Path) {
    let (text, routes) = moved(text, dir);
    let mut daemon = Daemon::start(&text);
    for (listen, out) in routes {
        let line = b"client 192.0.2.7 said hello\n";
        match listen.split_once("://").unwrap() {
            ("unix", path) => UnixStream::connect(path).unwrap().write_all(line).unwrap(),
            (_, address) => TcpStream::connect(address)
                .unwrap()
                .write_all(line)
                .unwrap(),
        }
        let came = match out {
            Out::Stdout => {
                let mut line = String::new();
                let stdout = daemon.child.stdout.as_mut().unwrap();
                BufReader::new(stdout).read_line(&mut line).unwrap();
                line
            }
            Out::File(path) => wait_for_lines(&path, 1).concat(),
            Out::Tcp(listener) => String::from_utf8(catch_one(&listener)).unwrap(),
        };
        assert!(
            came.contains("said hello") && !came.contains("192.0.2.7"),
            "{what}: {came}"
        );
    }
}

#[test]
fn every_settings_file_that_speaks_lines_runs() {
    for path in [
        "config/default.toml",
        "config/sidecar.toml",
        "config/tcp-proxy.toml",
        "deploy/docker/scrubd.toml",
        "deploy/systemd/scrubd.toml",
    ] {
        let dir = tempfile::tempdir().unwrap();
        runs(
            path,
            &fs::read_to_string(repository().join(path)).unwrap(),
            dir.path(),
        );
    }
    for path in ["kubernetes/sidecar.yaml", "kubernetes/daemonset.yaml"] {
        let dir = tempfile::tempdir().unwrap();
        let documents = yaml(path);
        let maps = of_kind(&documents, "ConfigMap");
        for (name, text) in maps[0]["data"].as_hash().unwrap() {
            fs::write(
                dir.path().join(name.as_str().unwrap()),
                text.as_str().unwrap(),
            )
            .unwrap();
        }
        let settings = fs::read_to_string(dir.path().join("scrubd.toml")).unwrap();
        runs(path, &settings, dir.path());
    }
}

/// What the loopback bench puts scrubd under is a policy and a settings file, too.
#[test]
fn the_bench_configuration_checks() {
    let config = repository().join("benches/loopback/config");
    let policy = config.join("addresses.toml");
    let (code, _, err) = run(scrubd().args(["check", "--policy"]).arg(&policy), b"");
    assert_eq!(code, 0, "{err}");
    let text = fs::read_to_string(config.join("scrubd.toml"))
        .unwrap()
        .replace("$ADMIN", "9598")
        .replace("$LISTEN", "5140")
        .replace("$SINK", "5141")
        .replace("$POLICY", policy.to_str().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("scrubd.toml");
    fs::write(&file, text).unwrap();
    checks(&file);
}
