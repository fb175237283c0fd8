//! The one integration-test binary: the real program, real clients and servers.
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
    reason = "a test that fails may panic"
)]

#[path = "integration/actions.rs"]
mod actions;
#[path = "integration/audit.rs"]
mod audit;
#[path = "integration/bad_input.rs"]
mod bad_input;
#[path = "integration/bombs.rs"]
mod bombs;
#[path = "integration/canary.rs"]
mod canary;
#[path = "integration/clients.rs"]
mod clients;
#[path = "integration/core.rs"]
mod core;
#[path = "integration/csv.rs"]
mod csv;
#[path = "integration/curl.rs"]
mod curl;
#[path = "integration/daemon.rs"]
mod daemon;
#[path = "integration/datagrams.rs"]
mod datagrams;
#[path = "integration/deploy.rs"]
mod deploy;
#[path = "integration/deploy_cluster.rs"]
mod deploy_cluster;
#[path = "integration/deploy_runs.rs"]
mod deploy_runs;
#[path = "integration/files.rs"]
mod files;
#[path = "integration/forward.rs"]
mod forward;
#[path = "fuzz/src/lib.rs"]
mod fuzz;
#[path = "integration/gelf.rs"]
mod gelf;
#[path = "integration/http.rs"]
mod http;
#[path = "integration/http_clients.rs"]
mod http_clients;
#[path = "integration/http_codings.rs"]
mod http_codings;
#[path = "integration/http_settings.rs"]
mod http_settings;
#[path = "integration/http_streams.rs"]
mod http_streams;
#[path = "integration/interop.rs"]
mod interop;
#[path = "integration/json.rs"]
mod json;
#[path = "integration/layers.rs"]
mod layers;
#[path = "integration/licences.rs"]
mod licences;
#[path = "integration/lumberjack.rs"]
mod lumberjack;
#[path = "integration/malformed.rs"]
mod malformed;
#[path = "integration/multiline.rs"]
mod multiline;
#[path = "integration/oracle.rs"]
mod oracle;
#[path = "integration/oracle_keyed.rs"]
mod oracle_keyed;
#[path = "integration/pki.rs"]
mod pki;
#[path = "integration/readme.rs"]
mod readme;
#[path = "integration/recorder.rs"]
mod recorder;
#[path = "integration/reload.rs"]
mod reload;
#[path = "integration/relp.rs"]
mod relp;
#[path = "integration/reveal.rs"]
mod reveal;
#[path = "integration/routes.rs"]
mod routes;
#[path = "integration/rows.rs"]
mod rows;
#[path = "integration/seeds.rs"]
mod seeds;
#[path = "integration/shapes.rs"]
mod shapes;
#[path = "integration/shippers.rs"]
mod shippers;
#[path = "integration/silent.rs"]
mod silent;
#[path = "integration/support.rs"]
mod support;
#[path = "integration/syslog.rs"]
mod syslog;
#[path = "integration/table.rs"]
mod table;
#[path = "integration/terminal.rs"]
mod terminal;
#[path = "integration/tls.rs"]
mod tls;
#[path = "integration/tls_rsyslog.rs"]
mod tls_rsyslog;
#[path = "integration/tls_settings.rs"]
mod tls_settings;
#[path = "integration/tls_sink.rs"]
mod tls_sink;
