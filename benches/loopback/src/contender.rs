//! Who takes part: one line in [`ALL`], one file in `config/`.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take until it listens.
const START_SECS_MAX: u64 = 20;

/// A program between generator and sink.
pub struct Contender {
    pub name: &'static str,
    /// Its file in `config/`.
    config: Option<&'static str>,
    /// The command; `$CONFIG`, `$ROOT` and the like are filled in.
    command: &'static [&'static str],
    /// A policy's name or its file in `config/`.
    policy: &'static str,
}

/// Everybody, in the order of the table.
pub const ALL: &[Contender] = &[
    Contender {
        name: "scrubd, default policy",
        config: Some("scrubd.toml"),
        command: &["$SCRUBD", "run", "-c", "$CONFIG"],
        policy: "default",
    },
    Contender {
        name: "scrubd, addresses only",
        config: Some("scrubd.toml"),
        command: &["$SCRUBD", "run", "-c", "$CONFIG"],
        policy: "addresses.toml",
    },
    Contender {
        name: "scrubd, nothing looked for",
        config: Some("scrubd.toml"),
        command: &["$SCRUBD", "run", "-c", "$CONFIG"],
        policy: "nothing.toml",
    },
    Contender {
        name: "tokio copy proxy",
        config: None,
        command: &["$SELF", "copy", "$LISTEN", "$SINK"],
        policy: "",
    },
    Contender {
        name: "nginx stream",
        config: Some("nginx.conf"),
        command: &[
            "$ROOT/usr/sbin/nginx",
            "-p",
            "$DIR",
            "-e",
            "stderr",
            "-c",
            "$CONFIG",
        ],
        policy: "",
    },
    Contender {
        name: "haproxy tcp",
        config: Some("haproxy.cfg"),
        command: &["$ROOT/usr/sbin/haproxy", "-q", "-f", "$CONFIG"],
        policy: "",
    },
    Contender {
        name: "rsyslog + mmanon",
        config: Some("rsyslog.conf"),
        command: &[
            "$ROOT/usr/sbin/rsyslogd",
            "-n",
            "-f",
            "$CONFIG",
            "-i",
            "$DIR/rsyslog.pid",
        ],
        policy: "",
    },
    Contender {
        name: "syslog-ng + rewrite",
        config: Some("syslog-ng.conf"),
        command: &[
            "$ROOT/usr/sbin/syslog-ng",
            "-F",
            "--no-caps",
            "-f",
            "$CONFIG",
            "-p",
            "$DIR/ng.pid",
            "-R",
            "$DIR/ng.persist",
            "-c",
            "$DIR/ng.ctl",
            "--module-path",
            "$ROOT/usr/lib/syslog-ng/3.38",
        ],
        policy: "",
    },
];

/// One that runs; killed when dropped.
pub struct Running {
    child: Child,
    pub port: u16,
    /// From its start until it listened.
    pub start: Duration,
    _dir: tempfile::TempDir,
}

impl Contender {
    /// Whether its program is here.
    pub fn present(&self) -> bool {
        let program = self.command[0];
        let path = fill(program, &[]);
        PathBuf::from(path).exists()
    }

    /// Starts it in front of `sink` and waits until it listens.
    pub fn start(&self, sink: u16) -> Running {
        let dir = tempfile::tempdir().expect("a directory");
        let port = free_port();
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config");
        let policy = if self.policy.ends_with(".toml") {
            here.join(self.policy).display().to_string()
        } else {
            self.policy.to_owned()
        };
        let mut names = vec![
            ("$DIR", dir.path().display().to_string()),
            ("$LISTEN", port.to_string()),
            ("$SINK", sink.to_string()),
            ("$ADMIN", free_port().to_string()),
            ("$POLICY", policy),
        ];
        if let Some(config) = self.config {
            let text = fs::read_to_string(here.join(config)).expect("a file in config/");
            let path = dir.path().join(config);
            fs::write(&path, fill(&text, &names)).expect("a configuration");
            names.push(("$CONFIG", path.display().to_string()));
        }
        let log = dir.path().join("log");
        let mut command = Command::new(fill(self.command[0], &names));
        command.args(self.command[1..].iter().map(|arg| fill(arg, &names)));
        if self.command[0].starts_with("$ROOT") {
            command.env("LD_LIBRARY_PATH", libraries());
            command.env(
                "RSYSLOG_MODDIR",
                fill("$ROOT/usr/lib/x86_64-linux-gnu/rsyslog", &[]),
            );
        }
        let out = File::create(&log).expect("a log");
        let begun = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("a descriptor"))
            .stderr(out)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let mut running = Running {
            child,
            port,
            start: Duration::ZERO,
            _dir: dir,
        };
        let end = Instant::now() + Duration::from_secs(START_SECS_MAX);
        // Other people's programs say nothing when they listen: asked again and again.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = running.child.try_wait().expect("a child").is_some();
            assert!(
                !ended && Instant::now() < end,
                "{} does not listen: {}",
                self.name,
                fs::read_to_string(&log).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(1));
        }
        running.start = begun.elapsed();
        running
    }
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Workers first, or they would be somebody else's children.
        for pid in crate::process::tree(self.pid()).into_iter().skip(1) {
            let _ = Command::new("kill")
                .arg(pid.to_string())
                .stderr(Stdio::null())
                .status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fill(text: &str, names: &[(&str, String)]) -> String {
    let own = [
        ("$SCRUBD", std::env::var("SCRUBD").unwrap_or_default()),
        ("$ROOT", std::env::var("TOOLS_ROOT").unwrap_or_default()),
        (
            "$SELF",
            std::env::current_exe()
                .expect("itself")
                .display()
                .to_string(),
        ),
    ];
    names
        .iter()
        .chain(&own)
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
}

fn libraries() -> String {
    fill(
        "$ROOT/usr/lib/x86_64-linux-gnu:$ROOT/lib/x86_64-linux-gnu:$ROOT/usr/lib/syslog-ng",
        &[],
    )
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}
