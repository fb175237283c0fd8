//! What is wrong is said, with who and where; nothing is lost or let through.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use super::support::{Daemon, catch_one, free_port, run, scrubd};

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    let address = taken.local_addr().unwrap();
    std::fs::write(&file, format!("[admin]\nlisten=\"127.0.0.1:0\"\n[[route]]\nname=\"r\"\nlisten=[\"tcp://{address}\"]\nsink=\"stdout\"\n")).unwrap();
    let (code, _, err) = run(scrubd().arg("run").arg("-c").arg(&file), b"");
    assert_eq!(code, 1);
    assert!(
        err.contains(&format!(
            "route r: cannot listen on tcp://{address}: Address already in use"
        )),
        "{err}"
    );
}

#[test]
fn an_invalid_policy() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(
        &file,
        "name = \"p\"\n[actions]\n\"device.imie\" = \"redact\"\n",
    )
    .unwrap();
    let (code, _, err) = run(scrubd().args(["check", "--policy"]).arg(&file), b"");
    assert_eq!(code, 78);
    assert!(
        err.contains(
            "p.toml:3:1: unknown class, category or tier `device.imie`; did you mean `device.imei`?"
        ),
        "{err}"
    );
    std::fs::write(&file, "[[test]]\nline = \"10.0.0.1\"\nbecomes = \"x\"\n").unwrap();
    let (code, _, err) = run(scrubd().args(["check", "--policy"]).arg(&file), b"");
    assert_eq!(code, 78);
    assert!(err.contains("test 1 fails"), "{err}");
}

#[test]
fn a_directory_as_file() {
    let dir = tempfile::tempdir().unwrap();
    let (code, _, err) = run(scrubd().arg("scrub").arg(dir.path()), b"");
    assert_eq!(code, 1);
    assert!(err.contains("is a directory"), "{err}");
    let (code, _, err) = run(scrubd().args(["run", "-c"]).arg(dir.path()), b"");
    assert_eq!(code, 78);
    assert!(err.contains("is a directory"), "{err}");
}

#[test]
fn broken_utf8_nul_crlf_and_empty_lines_pass_untouched() {
    let input = b"\xff\xfe 10.0.0.1 \xc3\n\na\0b\r\n\n\r\nlast 10.0.0.2";
    let (code, out, err) = run(scrubd().arg("scrub"), input);
    assert_eq!(code, 0, "{err}");
    assert_eq!(
        out,
        b"\xff\xfe REDACTED-IP \xc3\n\na\0b\r\n\n\r\nlast REDACTED-IP"
    );
    assert!(err.contains("network.ip"), "{err}");
}

#[test]
fn compressed_files_and_jobs_give_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let text: String = (0..100_000)
        .map(|i| format!("line {i} from 10.0.{}.{}\n", i / 256 % 256, i % 256))
        .collect();
    let plain = dir.path().join("a.log");
    std::fs::write(&plain, &text).unwrap();
    let gz = dir.path().join("a.gz");
    let mut encoder = flate2::write::GzEncoder::new(
        std::fs::File::create(&gz).unwrap(),
        flate2::Compression::fast(),
    );
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let zst = dir.path().join("a.zst");
    std::fs::write(&zst, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    let want: String = (0..100_000)
        .map(|i| format!("line {i} from REDACTED-IP\n"))
        .collect();
    for (file, jobs) in [(&plain, "1"), (&plain, "4"), (&gz, "2"), (&zst, "3")] {
        let (code, out, err) = run(scrubd().args(["scrub", "--jobs", jobs]).arg(file), b"");
        assert_eq!(code, 0, "{err}");
        assert!(
            out == want.as_bytes(),
            "{} with {jobs} jobs",
            file.display()
        );
    }
}

#[test]
fn a_line_of_100_mb_becomes_a_tombstone_in_small_memory() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"b\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tcp://{}\"\n",
        sink.local_addr().unwrap()
    ));
    let writer = std::thread::spawn(move || {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let chunk = vec![b'7'; 1_000_000];
        client.write_all(b"before\nx").unwrap();
        for _ in 0..100 {
            client.write_all(&chunk).unwrap();
        }
        client.write_all(b"\nafter\n").unwrap();
    });
    let text = String::from_utf8(catch_one(&sink)).unwrap();
    writer.join().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2], lines.len()), ("before", "after", 3));
    assert!(
        lines[1].starts_with("scrubd tombstone reason=record_too_long bytes=100000001 policy="),
        "{}",
        &lines[1][..80]
    );
    assert!(
        daemon.rss_peak_kib() < 32 << 10,
        "{} KiB",
        daemon.rss_peak_kib()
    );
}
