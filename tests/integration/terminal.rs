//! The filter on a terminal: `script` of util-linux gives it one.

use std::process::Command;

use super::support::run;

/// What the terminal shows, with `redirect` behind the command.
fn shown(redirect: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.log");
    let line = "2024-01-02 from 192.0.2.7 as ada@example.org status=200\n";
    std::fs::write(&file, line.repeat(100_000)).unwrap();
    let command = format!(
        "stty cols 100 rows 20; '{}' scrub '{}' {redirect}",
        env!("CARGO_BIN_EXE_scrubd"),
        file.display()
    );
    let (code, out, err) = run(
        Command::new("script")
            .args(["--quiet", "--return", "--command", &command])
            .arg(dir.path().join("typescript"))
            .env("TERM", "xterm-256color"),
        b"",
    );
    assert_eq!(code, 0, "{err}");
    String::from_utf8(out).unwrap()
}

#[test]
fn a_bar_moves_while_lines_go_elsewhere_and_is_gone_at_the_end() {
    let shown = shown("> /dev/null");
    let frames: Vec<&str> = shown
        .split('\r')
        .filter(|f| f.contains("app.log "))
        .collect();
    assert!(frames.len() >= 2, "{shown:?}");
    assert!(
        frames
            .iter()
            .all(|f| f.contains(" of 5.34 MiB, ") && f.contains(" left")),
        "{frames:?}"
    );
    let done = |frame: &&str| -> f64 {
        let (front, _) = frame.split_once(" MiB of ").unwrap();
        front.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(frames.is_sorted_by_key(done), "{frames:?}");
    assert!(
        done(&frames[0]) < 5.34 && done(frames.last().unwrap()) > 5.3,
        "{frames:?}"
    );
    // The summary stands where the bar was.
    let end = shown.rfind('█').unwrap();
    assert!(
        shown[end..].contains("\x1b[2K") && shown[end..].contains("100000 records"),
        "{:?}",
        &shown[end..]
    );
    assert!(!shown.contains("192.0.2.7"));
}

#[test]
fn there_is_no_bar_between_lines_that_go_to_the_terminal() {
    let shown = shown("");
    assert!(
        !shown.contains('█') && shown.contains("from REDACTED-IP"),
        "{}",
        &shown[..500]
    );
}
