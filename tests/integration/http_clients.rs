//! The clients that the protocols' users have, between a real daemon: each script of `tests/clients` is
//! client and sink in one, and knows what must come out.

use std::process::Command;

use super::support::{Daemon, free_port, repository, run};

fn client(script: &str, protocol: &str, args: &[&str]) {
    client_within("", script, protocol, args);
}

/// Under these limits.
fn client_within(limits: &str, script: &str, protocol: &str, args: &[&str]) {
    let packages = repository().join(".tools/python");
    assert!(
        packages.join("requests").exists(),
        "{} is missing or old: run tests/run, which installs it",
        packages.display()
    );
    let (port, sink) = (free_port(), free_port());
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.toml");
    std::fs::write(&policy, "[actions]\ndefault = \"redact\"\n").unwrap();
    let daemon = Daemon::start(&format!(
        "{limits}[[route]]\nname = \"c\"\nprotocol = \"{protocol}\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://127.0.0.1:{sink}\"\npolicy = \"{}\"\n",
        policy.display()
    ));
    let (code, out, err) = run(
        Command::new("python3")
            .arg(repository().join("tests/clients").join(script))
            .args([port.to_string(), sink.to_string()])
            .args(args)
            .env("PYTHONPATH", packages)
            .env(
                "NODE_MODULES",
                repository().join(".tools/node/node_modules"),
            )
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env_remove("http_proxy")
            .env_remove("HTTP_PROXY"),
        b"",
    );
    assert_eq!(code, 0, "{}{err}", String::from_utf8_lossy(&out));
    drop(daemon);
}

#[test]
fn python_requests() {
    client("plain.py", "http", &[]);
}

#[test]
fn splunk_hec() {
    client("splunk.py", "http", &[]);
}

#[test]
fn datadog_api_client() {
    client("datadog.py", "http", &[]);
}

#[test]
fn elasticsearch_and_opensearch() {
    client("elastic.py", "http", &[]);
}

#[test]
fn loki_in_json_and_protobuf() {
    client("loki.py", "http", &[]);
}

#[test]
fn opentelemetry_over_http() {
    client("otlp.py", "http", &[]);
}

#[test]
fn opentelemetry_over_grpc() {
    client("otlp.py", "grpc", &["grpc"]);
}

#[test]
fn opentelemetry_over_grpc_to_a_sink_that_says_nothing() {
    let limits = "[limits]\nanswer_timeout_secs = 2\n";
    client_within(limits, "otlp_silent.py", "grpc", &[]);
}

#[test]
fn opentelemetry_for_javascript_over_http() {
    client("otlp_npm.py", "http", &[]);
}

#[test]
fn opentelemetry_for_javascript_over_grpc() {
    client("otlp_npm.py", "grpc", &["grpc"]);
}

#[test]
fn loki_by_its_clients_on_npm() {
    client("loki_npm.py", "http", &[]);
}
