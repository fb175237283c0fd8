//! The daemon's life: bind, serve, reload, drain.

mod notify;
mod reload;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::notify::{State, notify};
use self::reload::Reloader;
use crate::admin::{View, router};
use crate::listen::Bound;
use crate::net::Connector;
use crate::net::tls::Acceptor;
use crate::plan::{InForce, Plan};
use crate::policy::Policy;
use crate::protocol::Shared;
use crate::protocol::files::Follow;
use crate::protocol::http::Upstream;
use crate::settings::{Listen, Protocol, Settings, Target, hash_key};
use crate::sink::Sink;
use crate::telemetry::Telemetry;

/// A daemon that runs.
#[derive(Debug)]
pub struct Running {
    /// Where records are taken, as URLs.
    pub addresses: Vec<String>,
    /// Where the admin pages are.
    pub admin_address: String,
    stop: CancellationToken,
    tasks: TaskTracker,
    view: Arc<View>,
    drain_timeout: Duration,
}

/// Binds every listener, then serves.
///
/// # Errors
/// An address in use, a file sink that cannot be opened, a key that cannot be read.
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    let (key, random) = hash_key(settings.hash_key_file.as_deref())?;
    let telemetry = Telemetry::new()?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let admin = TcpListener::bind(&settings.admin_listen)
        .await
        .with_context(|| {
            format!(
                "admin: cannot listen on {}; set [admin] listen or SCRUBD_ADMIN__LISTEN",
                settings.admin_listen
            )
        })?;
    let admin_address = admin.local_addr()?.to_string();
    let (mut addresses, mut routes, mut ready) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_force = Vec::new();
    for route in settings.routes {
        warn_of_random_key(&route.name, &route.policy, random);
        let metrics = Arc::new(telemetry.route(&route.name, &route.policy));
        routes.push((route.name.clone(), Arc::clone(&metrics)));
        let timeout = Duration::from_secs(settings.handshake_timeout_secs);
        let alpn = route.protocol.alpn();
        let tls = route
            .listen_tls
            .map(|tls| Acceptor::new(tls, alpn, timeout).map(Arc::new))
            .transpose()
            .map_err(|error| anyhow::anyhow!("route {}: {error}", route.name))?;
        let way = Connector::new(
            route.sink.clone(),
            route.sink_tls,
            route.protocol.sink_alpn(),
            timeout,
        )
        .map_err(|error| anyhow::anyhow!("route {}: {error}", route.name))?;
        exposed(&route.name, &route.listen, &route.sink);
        metrics
            .connections_max
            .set(i64::try_from(settings.connections_max).unwrap_or(i64::MAX));
        let sink = Sink::open(way, Arc::clone(&metrics))
            .await
            .with_context(|| format!("route {}: cannot open sink {}", route.name, route.sink))?;
        let shared = Arc::new(Shared {
            plan: InForce::new(Plan::new(route.policy, key.clone(), route.output)),
            protocol: route.protocol,
            files: route.files,
            lines: route.lines,
            framing: route.framing,
            csv: route.csv,
            record_bytes_max: settings.record_bytes_max,
            frame_bytes_max: settings.frame_bytes_max,
            shared_keys: route.shared_keys,
            read_buffer_bytes_max: settings.read_buffer_bytes_max,
            http: Upstream::new(
                &sink,
                route.protocol == Protocol::Grpc,
                settings.body_bytes_max,
                settings.bodies_bytes_max,
                Duration::from_secs(settings.answer_timeout_secs),
            ),
            sink,
            metrics,
            room: Arc::new(Semaphore::new(
                settings.connections_max.min(Semaphore::MAX_PERMITS),
            )),
            stop: stop.clone(),
            tasks: tasks.clone(),
        });
        in_force.push((route.name.clone(), Arc::clone(&shared)));
        if let Some(files) = shared.files.clone() {
            let patterns = route.listen.iter().filter_map(|listen| match listen {
                Listen::File(pattern) => Some(pattern.clone()),
                _ => None,
            });
            let follow = Follow::new(patterns.collect(), files)
                .map_err(|error| anyhow::anyhow!("route {}: {error}", route.name))?;
            ready.push((Bound::Files(follow), Arc::clone(&shared)));
        }
        for listen in &route.listen {
            if matches!(listen, Listen::File(_)) {
                addresses.push(listen.to_string());
                continue;
            }
            let bound = Bound::bind(listen, tls.clone())
                .await
                .with_context(|| format!("route {}: cannot listen on {listen}", route.name))?;
            addresses.push(bound.address(listen));
            ready.push((bound, Arc::clone(&shared)));
        }
    }
    // Nothing is served before everything is bound.
    for (bound, shared) in ready {
        let probe = shared.sink.clone();
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! { () = probe.probe() => {}, () = stopped.cancelled() => {} }
        });
        tasks.spawn(bound.serve(shared));
    }
    let (reloads, asked) = mpsc::channel(1);
    let view = Arc::new(View {
        telemetry,
        routes,
        draining: AtomicBool::new(false),
        reloads,
    });
    let status = reload::in_force(&in_force);
    let reloader = Reloader {
        path: settings.path,
        fixed: settings.fixed,
        key: (key, random),
        timeout: Duration::from_secs(settings.reload_timeout_secs),
        reading: Vec::new(),
        view: Arc::clone(&view),
        routes: in_force,
    };
    tokio::spawn(reloader.serve(asked, stop.clone()));
    let pages = router(Arc::clone(&view));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(admin, pages).await {
            tracing::error!(%error, "the admin listener ended");
        }
    });
    tracing::info!(?addresses, admin = admin_address, "ready");
    notify(State::Ready(&status));
    Ok(Running {
        addresses,
        admin_address,
        stop,
        tasks,
        view,
        drain_timeout: Duration::from_secs(settings.drain_timeout_secs),
    })
}

/// Says that pseudonyms will not outlive the process.
fn warn_of_random_key(route: &str, policy: &Policy, random: bool) {
    if random && policy.keyed() {
        tracing::warn!(
            route,
            "no hash key is set: pseudonyms are of this process only (set [keys] hash_key_file or SCRUBD_HASH_KEY)"
        );
    }
}

/// Says once what can be read on the network.
fn exposed(route: &str, listen: &[Listen], sink: &Target) {
    for listen in listen.iter().filter(|listen| listen.is_exposed()) {
        tracing::warn!(
            route,
            %listen,
            "records that are not scrubbed yet come over the network in plain text; use tls:// or a loopback address"
        );
    }
    if sink.is_exposed() {
        tracing::warn!(route, %sink, "records leave over the network in plain text; use tls://");
    }
}

impl Running {
    /// Not ready, no new connections, what was read goes out. False where the deadline came first.
    pub async fn drain(&self) -> bool {
        self.view.draining.store(true, Ordering::Relaxed);
        notify(State::Stopping);
        self.stop.cancel();
        self.tasks.close();
        tokio::time::timeout(self.drain_timeout, self.tasks.wait())
            .await
            .is_ok()
    }

    /// Asks for the settings to be read again: all of the new policies come in force, or what was stays so, which
    /// is told. A reload may hang on a file: it is not waited for.
    pub fn reload(&self) {
        // Where there is no room, one that has not begun is to read the same.
        drop(self.view.reloads.try_send(oneshot::channel().0));
    }

    /// Whether every listener has ended by itself (standard input).
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
