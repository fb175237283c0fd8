//! A reload: the settings file is read and its policies run their tests, then the plan of every route is
//! swapped. What is wrong changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::notify::{State, notify};
use crate::admin::{Asked, View};
use crate::error::ConfigError;
use crate::pipeline;
use crate::plan::{Keys, Plan};
use crate::protocol::Shared;
use crate::settings::{Fixed, Settings, hash_key};

/// Most reads that hang at a time, a thread each.
const READING_MAX: usize = 8;

/// New plans, in the order of the routes, and their key.
type Read = Result<(Vec<Plan>, (Keys, bool)), ConfigError>;

/// What a reload begins with.
pub(super) struct Reloader {
    pub(super) path: Option<PathBuf>,
    /// What must be as it was.
    pub(super) fixed: Fixed,
    /// The key in force, and whether it is a random one.
    pub(super) key: (Keys, bool),
    /// How long one may take to read.
    pub(super) timeout: Duration,
    /// Reads that were given up; what they still bring is nobody's.
    pub(super) reading: Vec<JoinHandle<Read>>,
    pub(super) view: Arc<View>,
    /// In the order of the settings.
    pub(super) routes: Vec<(String, Arc<Shared>)>,
}

impl Reloader {
    /// Reloads whenever it is asked to, one reload at a time.
    pub(super) async fn serve(mut self, mut asked: mpsc::Receiver<Asked>, stop: CancellationToken) {
        loop {
            let tell = tokio::select! {
                () = stop.cancelled() => return,
                asked = asked.recv() => match asked {
                    Some(tell) => tell,
                    None => return,
                },
            };
            notify(State::Reloading);
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.reload() => outcome,
            };
            let telemetry = &self.view.telemetry;
            match &outcome {
                Ok(said) => {
                    telemetry.reloads.inc();
                    notify(State::Ready(said));
                    tracing::info!("reloaded: {said}");
                }
                Err(error) => {
                    telemetry.reloads_refused.inc();
                    // A status is one line.
                    let why = error.lines().next().unwrap_or_default();
                    notify(State::Ready(&format!("a reload was refused: {why}")));
                    tracing::error!("the reload is refused, the old plan stays in force: {error}");
                }
            }
            // Who asked may be gone.
            drop(tell.send(outcome));
        }
    }

    async fn reload(&mut self) -> Result<String, String> {
        let (path, fixed, old) = (self.path.clone(), self.fixed.clone(), self.key.clone());
        let routes = self.routes.clone();
        self.reading.retain(|reading| !reading.is_finished());
        if self.reading.len() >= READING_MAX {
            return Err(format!(
                "{READING_MAX} reloads before this one still wait for their files; restart, or let those come to an end"
            ));
        }
        // Rules compile and tests run: not where records wait.
        let read = move || read(path.as_deref(), &fixed, &routes, old);
        let mut reading = tokio::task::spawn_blocking(read);
        let Ok(read) = tokio::time::timeout(self.timeout, &mut reading).await else {
            // A thread that waits for a file cannot be called off.
            self.reading.push(reading);
            return Err(format!(
                "reading the settings and policies took longer than reload_timeout_secs ({})",
                self.timeout.as_secs()
            ));
        };
        let (plans, key) = read
            .map_err(|error| error.to_string())?
            .map_err(|error| error.to_string())?;
        for ((name, shared), plan) in self.routes.iter().zip(plans) {
            super::warn_of_random_key(name, &plan.policy, key.1);
            let old = shared.plan.get();
            let new = Arc::clone(&plan.policy);
            shared.plan.swap(plan);
            let telemetry = &self.view.telemetry;
            telemetry.follow(name, &shared.metrics, &old.policy, &new);
        }
        self.key = key;
        Ok(in_force(&self.routes))
    }
}

/// The policies in force, in one line.
pub(super) fn in_force(routes: &[(String, Arc<Shared>)]) -> String {
    let words = routes.iter().map(|(name, shared)| {
        let policy = &shared.plan.get().policy;
        format!("route {name}: policy {} ({})", policy.name, policy.id())
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Reads and compiles everything.
fn read(
    path: Option<&Path>,
    fixed: &Fixed,
    routes: &[(String, Arc<Shared>)],
    old: (Keys, bool),
) -> Read {
    let settings = Settings::load(path)?;
    let mut changed: Vec<String> = fixed
        .differences(&settings.fixed)
        .into_iter()
        .map(str::to_owned)
        .collect();
    // Files that are named as before may say something else.
    for ((name, shared), route) in routes.iter().zip(&settings.routes) {
        let files = shared.shared_keys.differences(&route.shared_keys);
        changed.extend(files.map(|key| format!("route `{name}` {key}")));
    }
    changed.sort_unstable();
    changed.dedup();
    if !changed.is_empty() {
        let origin = path.map_or_else(String::new, |path| path.display().to_string());
        let message = format!(
            "a reload changes policies and the hash key only; restart for {}",
            changed.join(", ")
        );
        return Err(ConfigError::new(origin, message));
    }
    let key = match (hash_key(settings.hash_key_file.as_deref())?, old) {
        // Of this process: pseudonyms go on as they were.
        ((_, true), (old, true)) => (old, true),
        (new, _) => new,
    };
    let mut plans = Vec::new();
    for route in settings.routes {
        pipeline::test(&route.policy)?;
        plans.push(Plan::new(route.policy, key.0.clone(), route.output));
    }
    Ok((plans, key))
}
