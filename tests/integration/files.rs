//! Followed files: every record accounted for through rotation, truncation and restarts.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::canary::{self, As};
use super::rows;
use super::shippers::message;
use super::support::{
    Daemon, PATIENCE, catch_one, free_port, repository, run, scrubd, wait_for_lines,
};

/// A route from `pattern` in `dir` to a file of the test's own, which stays when the daemon goes.
fn route(dir: &Path, pattern: &str, more: &str) -> String {
    let dir = dir.display();
    format!(
        "[[route]]\nname=\"f\"\nlisten=[\"file://{dir}/{pattern}\"]\nsink=\"file://{dir}/out\"\npolicy=\"strict\"\n[route.file]\nstate=\"{dir}/state\"\n{more}"
    )
}

fn append(path: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap()
}

/// How often each of the first `count` numbers came, once all of them have come.
fn seen(out: &Path, count: usize) -> Vec<usize> {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let mut seen = vec![0; count];
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let i = *canary::numbers([line], "seq=").first().unwrap();
            assert_eq!(line, canary::line(i, As::Hidden) + "\n");
            seen[i] += 1;
        }
        if seen.iter().all(|n| *n > 0) {
            return seen;
        }
        let missing = seen.iter().filter(|n| **n == 0).count();
        assert!(Instant::now() < end, "{missing} of {count} are missing");
        std::thread::yield_now();
    }
}

fn once(seen: &[usize]) {
    let twice = seen.iter().filter(|n| **n != 1).count();
    assert_eq!(twice, 0, "{twice} came more than once");
}

#[test]
fn files_rotated_under_load_through_a_restart_bring_every_record_once() {
    const COUNT: usize = 10_000;
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("app.log");
    let settings = route(dir.path(), "app.log*", "");
    let mut daemon = Daemon::start(&settings);
    let writer = std::thread::spawn({
        let log = log.clone();
        move || {
            let mut file = append(&log);
            for i in 0..COUNT {
                // A record comes in two writes now and then.
                let line = message(i) + "\n";
                let (front, back) = line.split_at(if i % 7 == 0 { line.len() / 2 } else { 0 });
                file.write_all(front.as_bytes()).unwrap();
                file.write_all(back.as_bytes()).unwrap();
                if i % 500 == 499 {
                    std::fs::rename(&log, log.with_extension(format!("log.{i}"))).unwrap();
                    // The writer has not noticed yet.
                    file.write_all(b"").unwrap();
                    file = append(&log);
                    std::thread::sleep(Duration::from_millis(150));
                }
            }
        }
    });
    for _ in 0..2 {
        let out = dir.path().join("out");
        let before = std::fs::metadata(&out).map_or(0, |m| m.len());
        let end = Instant::now() + PATIENCE;
        while std::fs::metadata(&out).map_or(0, |m| m.len()) < before + 100_000 {
            assert!(Instant::now() < end);
            std::thread::yield_now();
        }
        daemon.signal("TERM");
        assert!(daemon.child.wait().unwrap().success());
        daemon = Daemon::start(&settings);
    }
    writer.join().unwrap();
    once(&seen(&dir.path().join("out"), COUNT));
    daemon.wait_metric("scrubd_files_unread_bytes{route=\"f\"} 0");
    daemon.wait_metric("scrubd_files{route=\"f\"} 21");
}

#[test]
fn a_file_rotated_out_of_the_pattern_is_read_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let (log, old) = (dir.path().join("app.log"), dir.path().join("old"));
    let out = dir.path().join("out");
    let settings = route(dir.path(), "app.log", "");
    let mut daemon = Daemon::start(&settings);
    let mut file = append(&log);
    writeln!(file, "{}", message(0)).unwrap();
    wait_for_lines(&out, 1);
    // Renamed while nobody looks, and written to after that.
    daemon.signal("KILL");
    daemon.child.wait().unwrap();
    std::fs::rename(&log, &old).unwrap();
    writeln!(file, "{}", message(1)).unwrap();
    writeln!(append(&log), "{}", message(2)).unwrap();
    let mut daemon = Daemon::start(&settings);
    seen(&out, 3);
    // And under the eyes of the daemon; the writer goes on for a while, and ends without a line feed.
    writeln!(file, "{}", message(3)).unwrap();
    write!(file, "{}", message(4)).unwrap();
    drop(file);
    seen(&out, 4);
    std::fs::remove_file(&old).unwrap();
    let seen = seen(&out, 5);
    // What was sent before the kill may come again.
    once(&seen[1..]);
    daemon.wait_log("a file that has no name any more is read to its end");
    daemon.wait_metric("scrubd_files{route=\"f\"} 1");
}

#[test]
fn a_truncated_file_is_read_from_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("app.log");
    let out = dir.path().join("out");
    let daemon = Daemon::start(&route(dir.path(), "app.log", ""));
    let mut next = 0;
    let mut write = |count: usize| {
        let text: String = (next..next + count).map(|i| message(i) + "\n").collect();
        next += count;
        append(&log).write_all(text.as_bytes()).unwrap();
        next
    };
    let truncate = || {
        File::options()
            .write(true)
            .open(&log)
            .unwrap()
            .set_len(0)
            .unwrap()
    };
    seen(&out, write(100));
    daemon.wait_metric("scrubd_files_unread_bytes{route=\"f\"} 0");
    truncate();
    seen(&out, write(20));
    truncate();
    // Longer than before at once: its size does not give it away.
    once(&seen(&out, write(300)));
    // Another file of the same name.
    std::fs::remove_file(&log).unwrap();
    once(&seen(&out, write(50)));
}

#[test]
fn a_crash_leaves_nothing_out() {
    let dir = tempfile::tempdir().unwrap();
    let sink = free_port();
    let settings = route(dir.path(), "*/*.log", "").replace(
        &format!("file://{}/out", dir.path().display()),
        &format!("tcp://127.0.0.1:{sink}"),
    );
    for (folder, numbers) in [("a", 0..500), ("b", 500..1000)] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        let text: String = numbers.map(|i| message(i) + "\n").collect();
        std::fs::write(dir.path().join(folder).join("x.log"), text).unwrap();
    }
    // Nobody takes the records: they are not passed on, whatever was read.
    let mut daemon = Daemon::start(&settings);
    daemon.wait_log("the sink cannot be reached");
    let end = Instant::now() + PATIENCE;
    while !daemon
        .get("/metrics")
        .1
        .contains("scrubd_records_total{route=\"f\"} 500")
    {
        assert!(Instant::now() < end);
    }
    daemon.signal("KILL");
    daemon.child.wait().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", sink)).unwrap();
    let mut daemon = Daemon::start(&settings);
    let taken = std::thread::spawn(move || catch_one(&listener));
    daemon.wait_metric("scrubd_files_unread_bytes{route=\"f\"} 0");
    daemon.wait_metric("scrubd_records_total{route=\"f\"} 1000");
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    let out = dir.path().join("caught");
    std::fs::write(&out, taken.join().unwrap()).unwrap();
    once(&seen(&out, 1000));
}

#[test]
fn a_rotated_file_waits_for_rsyslog_that_was_killed() {
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (log, sink) = (near.path().join("app.log"), free_port());
    let write = |records: std::ops::Range<usize>| {
        let text: String = records.map(|i| rows::whole(i) + "\n").collect();
        append(&log).write_all(text.as_bytes()).unwrap();
    };
    write(0..1000);
    let (server, out) = rows::receiver(far.path(), "imtcp", sink);
    let settings = route(near.path(), "app.log*", "").replace(
        &format!("file://{}/out", near.path().display()),
        &format!("tcp://127.0.0.1:{sink}"),
    );
    let daemon = Daemon::start(&settings);
    rows::once(&out, 1000, rows::columns);
    daemon.wait_delivered("f");
    drop(server);
    write(1000..1500);
    std::fs::rename(&log, near.path().join("app.log.1")).unwrap();
    write(1500..2000);
    daemon.wait_metric("scrubd_sink_up{route=\"f\"} 0");
    let _server = rows::receiver(far.path(), "imtcp", sink);
    rows::once(&out, 2000, rows::columns);
    daemon.wait_metric("scrubd_files_unread_bytes{route=\"f\"} 0");
}

#[test]
fn from_the_end_means_what_is_written_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let (log, out) = (dir.path().join("app.log"), dir.path().join("out"));
    // The last line is not whole yet: it is read when it is.
    let half = message(0);
    std::fs::write(&log, format!("old 1\nold 2\n{}", &half[..9])).unwrap();
    let daemon = Daemon::start(&route(dir.path(), "*.log", "read_from=\"end\"\n"));
    daemon.wait_metric("scrubd_files{route=\"f\"} 1");
    writeln!(append(&log), "{}", &half[9..]).unwrap();
    // A new file is read from its start.
    writeln!(append(&dir.path().join("new.log")), "{}", message(1)).unwrap();
    once(&seen(&out, 2));
}

#[test]
fn parts_of_containers_lines_are_joined_before_they_are_scanned() {
    for (format, lines, want) in [
        (
            "cri",
            "2024-01-02T03:04:05.1Z stdout P mail canary@exam\n2024-01-02T03:04:05.2Z stderr F other\n2024-01-02T03:04:05.3Z stdout F ple.org from 203.0.113.7\n",
            "2024-01-02T03:04:05.2Z stderr F other\n2024-01-02T03:04:05.1Z stdout F mail REDACTED-EMAIL from REDACTED-IP\n",
        ),
        (
            "docker",
            "{\"log\":\"mail canary@exam\",\"stream\":\"stdout\",\"time\":\"2024-01-02T03:04:05.1Z\"}\n{\"log\":\"ple.org from 203.0.113.7\\n\",\"stream\":\"stdout\",\"time\":\"2024-01-02T03:04:05.2Z\"}\n",
            "{\"log\":\"mail REDACTED-EMAIL from REDACTED-IP\\n\",\"stream\":\"stdout\",\"time\":\"2024-01-02T03:04:05.2Z\"}\n",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (first, rest) = lines.split_at(lines.find('\n').unwrap() + 1);
        let log = dir.path().join("0.log");
        append(&log).write_all(first.as_bytes()).unwrap();
        let settings = route(dir.path(), "*.log", &format!("format=\"{format}\"\n"));
        let mut daemon = Daemon::start(&settings);
        // A part that waits is not passed on, so that a restart reads it again.
        daemon.wait_metric(&format!(
            "scrubd_files_unread_bytes{{route=\"f\"}} {}",
            first.len()
        ));
        daemon.signal("TERM");
        assert!(daemon.child.wait().unwrap().success());
        let _daemon = Daemon::start(&settings);
        append(&log).write_all(rest.as_bytes()).unwrap();
        let out = dir.path().join("out");
        wait_for_lines(&out, want.matches('\n').count());
        assert_eq!(std::fs::read_to_string(&out).unwrap(), want);
    }
}

/// Lines of two streams of a container, cut into parts that come in turns.
fn in_parts(records: std::ops::Range<usize>, docker: bool) -> String {
    let mut text = String::new();
    for first in records.step_by(2) {
        let parts: Vec<Vec<String>> = [first, first + 1]
            .map(|i| {
                let line: Vec<char> = message(i).chars().collect();
                // Another length each time, so that each canary is cut somewhere.
                line.chunks(20 + i % 90)
                    .map(|part| part.iter().collect())
                    .collect()
            })
            .into();
        for n in 0..parts[0].len().max(parts[1].len()) {
            for (stream, parts) in ["stdout", "stderr"].iter().zip(&parts) {
                let Some(part) = parts.get(n) else { continue };
                let last = n + 1 == parts.len();
                text += &if docker {
                    let log = format!("{part}{}", if last { "\n" } else { "" });
                    let line = serde_json::json!({"log": log, "stream": stream, "time": TIME});
                    format!("{line}\n")
                } else {
                    format!("{TIME} {stream} {} {part}\n", if last { "F" } else { "P" })
                };
            }
        }
    }
    text
}

const TIME: &str = "2024-01-02T03:04:05.123456789Z";

#[test]
fn rotated_files_of_containers_bring_every_record_whole() {
    const COUNT: usize = 1200;
    const PART: usize = 200;
    for docker in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let (log, out) = (dir.path().join("0.log"), dir.path().join("out"));
        let format = if docker { "docker" } else { "cri" };
        let settings = route(dir.path(), "0.log*", &format!("format=\"{format}\"\n"));
        let mut daemon = Daemon::start(&settings);
        for part in (0..COUNT).step_by(PART) {
            let text = in_parts(part..part + PART, docker);
            let (head, tail) = text.split_at(text.len() / 2);
            let mut file = append(&log);
            file.write_all(head.as_bytes()).unwrap();
            if part == COUNT / 2 {
                // In the middle of lines.
                daemon.signal("TERM");
                assert!(daemon.child.wait().unwrap().success());
                daemon = Daemon::start(&settings);
            }
            file.write_all(tail.as_bytes()).unwrap();
            std::fs::rename(&log, dir.path().join(format!("0.log.{part}"))).unwrap();
        }
        let seen = rows::lines(&out, COUNT, |i, line| {
            let stream = ["stdout", "stderr"][i % 2];
            let want = canary::line(i, As::Hidden);
            if docker {
                let got: serde_json::Value = serde_json::from_str(line).unwrap();
                let want = serde_json::json!({"log": want + "\n", "stream": stream, "time": TIME});
                assert_eq!(got, want);
            } else {
                assert_eq!(line, format!("{TIME} {stream} F {want}"));
            }
        });
        once(&seen);
    }
}

#[test]
fn what_is_wrong_with_files_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    let check = |text: &str| {
        std::fs::write(
            &file,
            format!("[[route]]\nname=\"r\"\nsink=\"stdout\"\n{text}"),
        )
        .unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(&file), b"");
        assert_eq!(code, 78, "{err}");
        err
    };
    for (text, want) in [
        (
            "listen=[\"file:///x\"]\n",
            "s.toml:4:9: a file:// listener needs [route.file] with state",
        ),
        ("listen=[\"file://x\"]\n", "`x` is not an absolute path"),
        ("listen=[\"file:///x/***\"]\n", "s.toml:4:9: `/x/***`: "),
        (
            "listen=[\"stdin\"]\n[route.file]\nstate=\"s\"\n",
            "s.toml:5:1: [route.file] is for file:// listeners",
        ),
        (
            "listen=[\"file:///x\"]\n[route.file]\nstate=\"s\"\nformat=\"cri\"\n[route.multiline]\nstart=\"x\"\n",
            "s.toml:8:1: multiline joins plain lines",
        ),
        (
            "listen=[\"stdin\"]\n[route.multiline]\nstart=\"(\"\n",
            "s.toml:6:7: the pattern cannot be read: ",
        ),
        (
            "listen=[\"file:///x\"]\n[route.file]\nstat=\"s\"\n",
            "did you mean `state`?",
        ),
    ] {
        let err = check(text);
        assert!(err.contains(want), "{err}\nhas no {want}");
    }
    // A state that is none, at the start.
    std::fs::write(dir.path().join("state"), "something else\n").unwrap();
    let settings = format!(
        "[admin]\nlisten=\"127.0.0.1:0\"\n{}",
        route(dir.path(), "*.log", "")
    );
    std::fs::write(&file, settings).unwrap();
    let (code, _, err) = run(scrubd().args(["run", "-c"]).arg(&file), b"");
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("state:1: is no state of followed files") && err.contains("begin anew"),
        "{err}"
    );
}

#[test]
fn the_shipped_settings_for_files_work() {
    let dir = tempfile::tempdir().unwrap();
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |name: &str| -> PathBuf { dir.path().join(name) };
    std::fs::write(at("web.log.1"), "from 203.0.113.7\n").unwrap();
    let shipped = std::fs::read_to_string(repository().join("config/file.toml"))
        .unwrap()
        .replace("/var/log/app", &dir.path().display().to_string())
        .replace(
            "/var/lib/scrubd/app.state",
            &at("state").display().to_string(),
        )
        .replace(
            "logs.example.com:5140",
            &sink.local_addr().unwrap().to_string(),
        );
    let mut daemon = Daemon::start(&shipped);
    daemon.wait_metric("scrubd_sent_bytes_total{route=\"app\"} 17");
    daemon.signal("TERM");
    assert_eq!(catch_one(&sink), b"from REDACTED-IP\n");
    assert!(daemon.child.wait().unwrap().success());
}
