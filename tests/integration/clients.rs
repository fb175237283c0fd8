//! Real clients and servers of other languages, as `tests/run` put them in place.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::support::{PATIENCE, repository};

/// A program of `tests/clients`: lines in, lines out.
pub struct Client {
    pub child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Client {
    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
        }
    }

    pub fn python(script: &str, args: &[&str]) -> Self {
        let packages = repository().join(".tools/python");
        assert!(
            packages.exists(),
            "{} is missing: run tests/run",
            packages.display()
        );
        let mut command = Command::new("python3");
        command
            .arg(repository().join("tests/clients").join(script))
            .args(args)
            .env("PYTHONPATH", packages)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self::spawn(command)
    }

    pub fn node(script: &str, args: &[&str]) -> Self {
        Self::node_with(script, args, &[])
    }

    pub fn node_with(script: &str, args: &[&str], env: &[(&str, &Path)]) -> Self {
        let packages = repository().join(".tools/node/node_modules");
        assert!(
            packages.exists(),
            "{} is missing: run tests/run",
            packages.display()
        );
        let mut command = Command::new("node");
        command
            .arg(repository().join("tests/clients").join(script))
            .args(args)
            .env("NODE_MODULES", packages)
            .envs(env.iter().copied());
        Self::spawn(command)
    }

    /// Its next line.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("it says nothing")
    }

    pub fn say(&mut self, text: &str) {
        self.stdin
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    /// Nothing more comes: it ends by itself, and well.
    pub fn finish(mut self) {
        self.stdin = None;
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
