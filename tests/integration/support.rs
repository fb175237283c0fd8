//! The program under test, and sinks to catch what it sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use scrubd::frame::Output;
use scrubd::plan::{Keys, Plan};
use scrubd::policy::Policy;

pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn scrubd() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrubd"));
    command.env_remove("SCRUBD_HASH_KEY").env_remove("RUST_LOG");
    command
}

pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A plan of a preset by its name, or of a policy by its text, under a key of the tests.
pub fn plan(policy: &str) -> Arc<Plan> {
    let policy = Policy::preset(policy).unwrap_or_else(|| Policy::parse("test", policy).unwrap());
    let keys = Keys::single(b"a key of the tests".to_vec());
    Arc::new(Plan::new(policy, keys, Output::AsCame))
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Runs to its end with `input` on standard input: exit code, standard output, standard error.
pub fn run(command: &mut Command, input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    (
        output.status.code().unwrap_or(-1),
        output.stdout,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A daemon of this test, killed with it.
pub struct Daemon {
    pub child: Child,
    pub dir: tempfile::TempDir,
    pub admin: String,
    log: Receiver<String>,
    pub lines: Vec<String>,
}

impl Daemon {
    /// Starts it with `routes` and waits until it says that it listens.
    pub fn start(routes: &str) -> Self {
        Self::start_with(routes, &[])
    }

    /// Starts a shipped settings file, its first route between these ends and under `strict`.
    pub fn shipped(file: &str, listen: &str, sink: &str) -> Self {
        let text = std::fs::read_to_string(repository().join("config").join(file)).unwrap();
        let mut settings: toml::Table = text.parse().unwrap();
        let route = &mut settings["route"].as_array_mut().unwrap()[0];
        let route = route.as_table_mut().unwrap();
        route.insert("listen".to_owned(), vec![listen].into());
        route.insert("sink".to_owned(), sink.into());
        route.insert("policy".to_owned(), "strict".into());
        Self::start(&settings.to_string())
    }

    pub fn start_with(routes: &str, env: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let admin = format!("127.0.0.1:{}", free_port());
        let file = dir.path().join("scrubd.toml");
        let text = format!("[admin]\nlisten = \"{admin}\"\n{routes}")
            .replace("$DIR", dir.path().to_str().unwrap());
        std::fs::write(&file, text).unwrap();
        let mut command = scrubd();
        for (key, value) in env {
            command.env(key, value);
        }
        let mut child = command
            .arg("run")
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let (send, log) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut daemon = Self {
            child,
            dir,
            admin,
            log,
            lines: Vec::new(),
        };
        daemon.wait_log(" ready");
        daemon
    }

    /// Waits for a line of its own log.
    pub fn wait_log(&mut self, what: &str) {
        let end = Instant::now() + PATIENCE;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            match self.log.recv_timeout(left) {
                Ok(line) => {
                    let found = line.contains(what);
                    self.lines.push(line);
                    if found {
                        return;
                    }
                }
                Err(_) => break,
            }
        }
        panic!("no {what:?} in the daemon's log: {:#?}", self.lines);
    }

    /// Its whole log, once it has ended.
    pub fn rest_of_log(&mut self) -> String {
        self.lines.extend(self.log.iter());
        self.lines.join("\n")
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        get(&self.admin, path)
    }

    /// Polls a metric until it has the value: the daemon's own count is the event.
    pub fn wait_metric(&self, line: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.get("/metrics").1.lines().any(|have| have == line) {
            assert!(
                Instant::now() < end,
                "never {line}:\n{}",
                self.get("/metrics").1
            );
            std::thread::yield_now();
        }
    }

    /// Once the route has nothing on its way: a batch that its sink has but that is not known to be there is sent
    /// again when the sink dies, which is no fault.
    pub fn wait_delivered(&self, route: &str) {
        self.wait_metric(&format!("scrubd_in_flight_bytes{{route=\"{route}\"}} 0"));
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(status.success());
    }

    pub fn rss_peak_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    /// Memory that is no page of a file.
    pub fn rss_anonymous_kib(&self) -> u64 {
        self.status_kib("RssAnon:")
    }

    /// A field of `proc_pid_status(5)`.
    fn status_kib(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn get(address: &str, path: &str) -> (u16, String) {
    request(address, "GET", path)
}

pub fn request(address: &str, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

/// Takes connections until one has brought something, and reads it to its end. (The daemon's first one
/// only asks whether the sink is there.)
pub fn catch_one(sink: &TcpListener) -> Vec<u8> {
    loop {
        let (mut stream, _) = sink.accept().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        if !all.is_empty() {
            return all;
        }
    }
}

pub fn wait_for_lines(path: &Path, count: usize) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.matches('\n').count() >= count {
            return text.lines().map(str::to_owned).collect();
        }
        assert!(
            Instant::now() < end,
            "{} of {count} lines in {}",
            text.matches('\n').count(),
            path.display()
        );
        std::thread::yield_now();
    }
}
