//! Settings files that are shipped run: a line through every route of theirs comes out scrubbed.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::deploy::{checks, of_kind, yaml};
use super::support::{Daemon, catch_one, free_port, repository, run, scrubd, wait_for_lines};

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
