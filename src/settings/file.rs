//! The settings file as it is typed.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Listen, Protocol, Route, Settings, SharedKeys, Target, follow, tls, unheeded};
use crate::error::ConfigError;
use crate::frame::{Framing, Join, Output};
use crate::scan::Tables;

const DEFAULT: &str = include_str!("../../config/default.toml");

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    admin: Admin,
    limits: Limits,
    keys: Keys,
    route: Vec<Spanned<RouteTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Admin {
    listen: String,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9598".to_owned(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    record_bytes_max: usize,
    frame_bytes_max: usize,
    read_buffer_bytes_max: usize,
    connections_max: usize,
    handshake_timeout_secs: u64,
    body_bytes_max: usize,
    bodies_bytes_max: usize,
    answer_timeout_secs: u64,
    drain_timeout_secs: u64,
    reload_timeout_secs: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes_max: 1 << 20,
            frame_bytes_max: 16 << 20,
            read_buffer_bytes_max: 256 << 10,
            connections_max: 1024,
            handshake_timeout_secs: 10,
            body_bytes_max: 16 << 20,
            bodies_bytes_max: 64 << 20,
            answer_timeout_secs: 60,
            drain_timeout_secs: 10,
            reload_timeout_secs: 30,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Keys {
    hash_key_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteTable {
    name: String,
    listen: Vec<Spanned<String>>,
    listen_tls: Option<tls::ListenTable>,
    file: Option<Spanned<follow::FileTable>>,
    multiline: Option<Spanned<follow::MultilineTable>>,
    #[serde(default)]
    protocol: Protocol,
    framing: Option<Spanned<Framing>>,
    csv: Option<Spanned<Tables>>,
    sink: Spanned<String>,
    sink_tls: Option<Spanned<tls::SinkTable>>,
    output_framing: Option<Spanned<Output>>,
    listen_shared_key_file: Option<Spanned<String>>,
    sink_shared_key_file: Option<Spanned<String>>,
    listen_users_file: Option<Spanned<String>>,
    sink_user_file: Option<Spanned<String>>,
    policy: Option<Spanned<String>>,
}

const KNOWN: &[&str] = &[
    "admin",
    "limits",
    "keys",
    "route",
    "listen",
    "record_bytes_max",
    "frame_bytes_max",
    "read_buffer_bytes_max",
    "connections_max",
    "handshake_timeout_secs",
    "body_bytes_max",
    "bodies_bytes_max",
    "answer_timeout_secs",
    "drain_timeout_secs",
    "reload_timeout_secs",
    "hash_key_file",
    "name",
    "protocol",
    "framing",
    "csv",
    "sink",
    "output_framing",
    "listen_shared_key_file",
    "sink_shared_key_file",
    "listen_users_file",
    "sink_user_file",
    "policy",
];

pub(super) fn load(path: Option<&Path>) -> Result<Settings, ConfigError> {
    let (origin, text, base) = match path {
        Some(path) => (
            path.display().to_string(),
            super::read(path)?,
            path.parent().unwrap_or(Path::new("")).to_owned(),
        ),
        None => (
            "embedded default".to_owned(),
            DEFAULT.to_owned(),
            PathBuf::new(),
        ),
    };
    let at = |offset: usize, message: String| ConfigError {
        origin: origin.clone(),
        at: Some(ConfigError::position(&text, offset)),
        message,
        nearest: None,
    };
    let mut file: File = toml::from_str(&text).map_err(|error| {
        let mut wrong = at(
            error.span().map_or(0, |span| span.start),
            error.message().to_owned(),
        );
        let unknown = error
            .message()
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next());
        wrong.nearest = unknown.and_then(|name| {
            KNOWN
                .iter()
                .chain(tls::KNOWN)
                .chain(follow::KNOWN)
                .filter(|known| strsim::jaro_winkler(known, name) > 0.75)
                .max_by(|a, b| {
                    strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name))
                })
                .map(|known| (*known).to_owned())
        });
        wrong
    })?;
    environment(&mut file)?;
    if file.route.is_empty() {
        return Err(ConfigError::new(
            origin,
            "has no [[route]]; nothing would be listened to",
        ));
    }
    let at_least_1 = [
        file.limits.connections_max as u64,
        file.limits.handshake_timeout_secs,
        file.limits.answer_timeout_secs,
    ];
    if at_least_1.contains(&0) {
        return Err(ConfigError::new(
            origin,
            "connections_max, handshake_timeout_secs and answer_timeout_secs must be at least 1",
        ));
    }
    if file.limits.record_bytes_max == 0 || file.limits.read_buffer_bytes_max < 4096 {
        return Err(ConfigError::new(
            origin,
            "record_bytes_max must be at least 1 and read_buffer_bytes_max at least 4096",
        ));
    }
    if file.limits.body_bytes_max == 0 || file.limits.bodies_bytes_max < file.limits.body_bytes_max
    {
        return Err(ConfigError::new(
            origin,
            "body_bytes_max must be at least 1 and bodies_bytes_max no less than it",
        ));
    }
    let mut routes: Vec<Route> = Vec::new();
    for route in &file.route {
        let offset = route.span().start;
        let route = route.get_ref();
        if routes.iter().any(|other| other.name == route.name) {
            return Err(at(offset, format!("two routes are named `{}`", route.name)));
        }
        if route.listen.is_empty() {
            return Err(at(
                offset,
                format!("route `{}` listens to nothing", route.name),
            ));
        }
        let mut listen = Vec::new();
        for address in &route.listen {
            let place = address.span().start;
            let one: Listen = address
                .get_ref()
                .parse()
                .map_err(|message| at(place, message))?;
            if matches!(one, Listen::Tls(_)) && route.listen_tls.is_none() {
                let message = "a tls:// listener needs [route.listen_tls] with cert and key";
                return Err(at(place, message.to_owned()));
            }
            listen.push(one);
        }
        let (files, lines) = follow::check(
            route.file.as_ref(),
            route.multiline.as_ref(),
            &route.listen,
            &listen,
            route.protocol,
            &base,
        )
        .map_err(|(place, m)| at(place, m))?;
        let listen_tls = match &route.listen_tls {
            Some(table) if !listen.iter().any(|one| matches!(one, Listen::Tls(_))) => {
                let message = "listen_tls is for tls:// listeners, and this route has none";
                return Err(at(table.cert_at(), message.to_owned()));
            }
            Some(table) => Some(table.check(&base).map_err(|(place, m)| at(place, m))?),
            None => None,
        };
        let sink: Target = route
            .sink
            .get_ref()
            .parse()
            .map_err(|message| at(route.sink.span().start, message))?;
        let sink_tls = match (&sink, &route.sink_tls) {
            (Target::Tls(address), table) => {
                let table = table.as_ref().map(|t| t.get_ref().clone());
                let checked =
                    table
                        .unwrap_or_default()
                        .check(&base, address, route.sink.span().start);
                Some(checked.map_err(|(place, m)| at(place, m))?)
            }
            (_, None) => None,
            (_, Some(table)) => {
                let message = "[route.sink_tls] is for a tls:// sink, and this route has none";
                return Err(at(table.span().start, message.to_owned()));
            }
        };
        let policy = match &route.policy {
            None => super::policy("default", &base)?,
            Some(named) => super::policy(named.get_ref(), &base).map_err(|error| {
                if error.at.is_some() {
                    error
                } else {
                    at(named.span().start, error.to_string())
                }
            })?,
        };
        route
            .protocol
            .check(&listen, &sink)
            .map_err(|message| at(offset, format!("route `{}`: {message}", route.name)))?;
        let typed = unheeded::Typed {
            framing: route.framing.as_ref(),
            output_framing: route.output_framing.as_ref(),
            csv: route.csv.as_ref(),
            multiline: route.multiline.as_ref().map(|table| table.span().start),
            format: lines
                .as_ref()
                .filter(|lines| !matches!(lines.join, Join::Start(_)))
                .and(route.file.as_ref())
                .map(|table| table.span().start),
        };
        unheeded::check(&typed, &listen, route.protocol, &sink)
            .map_err(|(place, message)| at(place, format!("route `{}`: {message}", route.name)))?;
        let shared_keys = SharedKeys::read(
            [
                (&route.listen_shared_key_file, &route.listen_users_file),
                (&route.sink_shared_key_file, &route.sink_user_file),
            ],
            route.protocol,
            &base,
            at,
        )?;
        // A zero byte ends a GELF message on a stream.
        let (framing, output) = match route.protocol {
            Protocol::Gelf => (Framing::Nul, Output::Nul),
            _ => (
                route
                    .framing
                    .as_ref()
                    .map_or(Framing::default(), |f| *f.get_ref()),
                route
                    .output_framing
                    .as_ref()
                    .map_or(Output::default(), |o| *o.get_ref()),
            ),
        };
        // A table has a row in each line, and its lines come one after the other.
        let csv = match (route.protocol, &lines) {
            (Protocol::Lines, None) => route
                .csv
                .as_ref()
                .map_or(Tables::default(), |c| *c.get_ref()),
            _ => Tables::Never,
        };
        let output = if sink.is_datagram() {
            Output::Datagrams
        } else {
            output
        };
        routes.push(Route {
            name: route.name.clone(),
            listen,
            listen_tls,
            files,
            lines,
            protocol: route.protocol,
            framing,
            csv,
            sink,
            sink_tls,
            output,
            shared_keys,
            policy,
        });
    }
    Ok(Settings {
        admin_listen: file.admin.listen,
        record_bytes_max: file.limits.record_bytes_max,
        // A frame holds a record.
        frame_bytes_max: file
            .limits
            .frame_bytes_max
            .max(file.limits.record_bytes_max),
        read_buffer_bytes_max: file.limits.read_buffer_bytes_max,
        connections_max: file.limits.connections_max,
        handshake_timeout_secs: file.limits.handshake_timeout_secs,
        body_bytes_max: file.limits.body_bytes_max,
        bodies_bytes_max: file.limits.bodies_bytes_max,
        answer_timeout_secs: file.limits.answer_timeout_secs,
        drain_timeout_secs: file.limits.drain_timeout_secs,
        reload_timeout_secs: file.limits.reload_timeout_secs,
        hash_key_file: file.keys.hash_key_file.map(|file| base.join(file)),
        routes,
        path: path.map(Path::to_owned),
        fixed: super::Fixed::of(&text),
    })
}

/// `SCRUBD_SECTION__KEY` over the file.
fn environment(file: &mut File) -> Result<(), ConfigError> {
    let wrong =
        |error: config::ConfigError| ConfigError::new("SCRUBD_* environment", error.to_string());
    let source = config::Environment::with_prefix("SCRUBD")
        .prefix_separator("_")
        .separator("__")
        .try_parsing(true);
    let over = config::Config::builder()
        .add_source(source)
        .build()
        .map_err(wrong)?;
    let missing = |error: &config::ConfigError| matches!(error, config::ConfigError::NotFound(_));
    macro_rules! set {
        ($key:literal => $slot:expr) => {
            match over.get($key) {
                Ok(value) => $slot = value,
                Err(error) if missing(&error) => {}
                Err(error) => return Err(wrong(error)),
            }
        };
    }
    set!("admin.listen" => file.admin.listen);
    set!("limits.record_bytes_max" => file.limits.record_bytes_max);
    set!("limits.frame_bytes_max" => file.limits.frame_bytes_max);
    set!("limits.read_buffer_bytes_max" => file.limits.read_buffer_bytes_max);
    set!("limits.connections_max" => file.limits.connections_max);
    set!("limits.handshake_timeout_secs" => file.limits.handshake_timeout_secs);
    set!("limits.body_bytes_max" => file.limits.body_bytes_max);
    set!("limits.bodies_bytes_max" => file.limits.bodies_bytes_max);
    set!("limits.answer_timeout_secs" => file.limits.answer_timeout_secs);
    set!("limits.drain_timeout_secs" => file.limits.drain_timeout_secs);
    set!("limits.reload_timeout_secs" => file.limits.reload_timeout_secs);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path))
            .unwrap_err()
            .to_string()
            .replace(&format!("{}/", dir.path().display()), "")
    }

    #[test]
    fn errors_point_at_the_place() {
        assert!(
            check("[limits]\nrecord_byte_max = 3\n")
                .starts_with("s.toml:2:1: unknown field `record_byte_max`")
        );
        assert!(
            check("[limits]\nrecord_byte_max = 3\n").ends_with("did you mean `record_bytes_max`?")
        );
        let route = "[[route]]\nname = \"a\"\nlisten = [\"tcp:/x\"]\nsink = \"stdout\"\n";
        assert!(
            check(route).starts_with("s.toml:3:11: `tcp:/x` is no listener"),
            "{}",
            check(route)
        );
        assert!(check("").contains("has no [[route]]"));
    }

    #[test]
    fn a_protocol_names_the_ends_that_it_can_have() {
        let route = |listen: &str, sink: &str, more: &str| {
            check(&format!(
                "[[route]]\nname = \"a\"\nlisten = [\"{listen}\"]\nsink = \"{sink}\"\nprotocol = \"relp\"\n{more}"
            ))
        };
        let error = route("udp://127.0.0.1:1", "tcp://127.0.0.1:2", "");
        assert!(
            error.contains(
                "route `a`: relp comes over tcp://, tls:// or unix://, not udp://127.0.0.1:1"
            ),
            "{error}"
        );
        let error = route("tcp://127.0.0.1:1", "stdout", "");
        assert!(
            error.contains("route `a`: relp goes to a tcp://, tls:// or unix:// sink, not stdout"),
            "{error}"
        );
        let error = route(
            "tcp://127.0.0.1:1",
            "tcp://127.0.0.1:2",
            "framing = \"nul\"\n",
        );
        assert!(
            error.contains(
                "route `a`: relp has its own framing; take out framing and output_framing"
            ),
            "{error}"
        );
    }

    #[test]
    fn the_embedded_default_loads() {
        let settings = load(None).unwrap();
        assert_eq!(settings.routes[0].listen.len(), 2);
    }
}
