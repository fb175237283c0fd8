//! Manifests, dashboards and alerts ask for things that there are.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use yaml_rust2::Yaml;

use super::deploy::{checks, deploy, of_kind, read, yaml};
use super::support::{Daemon, free_port, repository, run};

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
