//! RELP: rsyslog's omrelp to rsyslog's imrelp, and a sink of this test that keeps its answers back.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use super::canary;
use super::shippers::Rsyslog;
use super::support::{Daemon, PATIENCE, free_port, wait_for_lines};

const RECORDS: usize = 1000;

fn daemon(port: u16, sink: u16) -> Daemon {
    let (listen, sink) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{sink}"),
    );
    Daemon::shipped("relp.toml", &listen, &sink)
}

fn imrelp(dir: &Path, port: u16) -> (Rsyslog, PathBuf) {
    let out = dir.join("received.log");
    let rsyslog = Rsyslog::start(
        dir,
        &format!(
            "module(load=\"imrelp\")\ninput(type=\"imrelp\" port=\"{port}\" address=\"127.0.0.1\")\n\
             template(name=\"m\" type=\"string\" string=\"%rawmsg%\\n\")\naction(type=\"omfile\" file=\"{}\" template=\"m\" flushOnTXEnd=\"on\")\n",
            out.display()
        ),
    );
    (rsyslog, out)
}

/// rsyslog follows `source` and sends each of its lines.
fn omrelp(dir: &Path, port: u16, source: &Path) -> Rsyslog {
    Rsyslog::start(
        dir,
        &format!(
            "module(load=\"imfile\")\nmodule(load=\"omrelp\")\ninput(type=\"imfile\" file=\"{}\" tag=\"app\")\n\
             action(type=\"omrelp\" target=\"127.0.0.1\" port=\"{port}\" template=\"RSYSLOG_SyslogProtocol23Format\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")\n",
            source.display()
        ),
    )
}

fn append(source: &Path, records: std::ops::Range<usize>) {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(source)
        .unwrap();
    let text: String = records.map(|i| canary::line(i) + "\n").collect();
    file.write_all(text.as_bytes()).unwrap();
}

/// Waits until each of `records` is in the file; every one of them is whole and clean.
fn account(out: &Path, records: usize) {
    let end = std::time::Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let seen = canary::numbers(text.lines(), "seq=");
        if seen.len() == records {
            assert_eq!(seen, (0..records).collect());
            canary::none_left(&text);
            for line in text.lines().filter(|line| line.contains("seq=")) {
                // <PRI>1 time host tag - - - message
                assert!(line.starts_with('<') && line.contains(" app "), "{line}");
                assert!(
                    line.contains("; login client_ip=REDACTED-IP email=REDACTED-EMAIL "),
                    "{line}"
                );
                assert!(line.ends_with(" level=info"), "{line}");
            }
            return;
        }
        assert!(
            std::time::Instant::now() < end,
            "{} of {records}",
            seen.len()
        );
        std::thread::yield_now();
    }
}

#[test]
fn omrelp_to_imrelp_through_a_restart_of_the_sink() {
    let (sink, port) = (free_port(), free_port());
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let source = near.path().join("in.log");
    append(&source, 0..RECORDS);
    let (mut server, out) = imrelp(far.path(), sink);
    let daemon = daemon(port, sink);
    let _client = omrelp(near.path(), port, &source);
    account(&out, RECORDS);
    assert_eq!(
        wait_for_lines(&out, RECORDS).len(),
        RECORDS,
        "none came twice"
    );
    // The sink goes, in good order: what it answered is in its file. More comes while it is away.
    let id = server.0.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .arg(id)
            .status()
            .unwrap()
            .success()
    );
    server.0.wait().unwrap();
    append(&source, RECORDS..RECORDS * 2);
    daemon.wait_metric("scrubd_sink_up{route=\"relp\"} 0");
    let _server = imrelp(far.path(), sink);
    account(&out, RECORDS * 2);
}

/// One RELP frame: transaction, command, data.
fn frame(stream: &mut impl BufRead) -> Option<(u32, String, String)> {
    let mut word = |end: &[u8]| {
        let mut word = Vec::new();
        loop {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            if end.contains(&byte[0]) {
                return Some((String::from_utf8(word).unwrap(), byte[0]));
            }
            word.push(byte[0]);
        }
    };
    let (number, command) = (word(b" ")?.0, word(b" ")?.0);
    let (length, end) = word(b" \n")?;
    let mut data = vec![0; length.parse().unwrap()];
    if end == b' ' {
        stream.read_exact(&mut data).ok()?;
        let mut newline = [0];
        stream.read_exact(&mut newline).ok()?;
        assert_eq!(newline, *b"\n");
    }
    Some((
        number.parse().unwrap(),
        command,
        String::from_utf8(data).unwrap(),
    ))
}

fn say(stream: &mut TcpStream, number: u32, command: &str, data: &str) {
    writeln!(stream, "{number} {command} {} {data}", data.len()).unwrap();
}

const OFFERS: &str = "relp_version=1\nrelp_software=test\ncommands=syslog";

/// Takes connections until one opens a session, and opens it.
fn session(listener: &TcpListener) -> (BufReader<TcpStream>, TcpStream) {
    loop {
        let (stream, _) = listener.accept().unwrap();
        let mut writer = stream.try_clone().unwrap();
        let mut reader = BufReader::new(stream);
        if let Some((1, command, _)) = frame(&mut reader) {
            assert_eq!(command, "open");
            say(&mut writer, 1, "rsp", &format!("200 OK\n{OFFERS}"));
            return (reader, writer);
        }
    }
}

fn client(port: u16) -> (BufReader<TcpStream>, TcpStream) {
    let mut writer = TcpStream::connect(("127.0.0.1", port)).unwrap();
    say(&mut writer, 1, "open", OFFERS);
    (BufReader::new(writer.try_clone().unwrap()), writer)
}

#[test]
fn an_answer_is_the_sinks_and_a_broken_session_is_taken_up_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let _daemon = daemon(port, listener.local_addr().unwrap().port());
    let (mut reader, mut writer) = client(port);
    let (mut far_reader, mut far_writer) = session(&listener);
    let (number, command, data) = frame(&mut reader).unwrap();
    assert_eq!((number, command.as_str()), (1, "rsp"));
    assert!(
        data.starts_with("200 OK") && data.contains("commands=syslog"),
        "{data}"
    );
    for i in 0..4 {
        say(&mut writer, 2 + i, "syslog", &canary::line(i as usize));
    }
    for i in 0..4 {
        let (number, command, data) = frame(&mut far_reader).unwrap();
        assert_eq!((number, command.as_str()), (2 + i, "syslog"));
        canary::none_left(&data);
    }
    // The sink answers the third only: that is the first that the client hears of.
    say(&mut far_writer, 4, "rsp", "200 OK");
    assert_eq!(frame(&mut reader).unwrap().0, 4);
    // It refuses the fourth and breaks off: the two that it did not answer come again, the others do not.
    say(&mut far_writer, 5, "rsp", "500 no");
    let (number, _, data) = frame(&mut reader).unwrap();
    assert!(number == 5 && data.starts_with("500"), "{number} {data}");
    drop((far_reader, far_writer));
    let (mut far_reader, mut far_writer) = session(&listener);
    say(&mut writer, 6, "close", "");
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let (number, _, data) = frame(&mut far_reader).unwrap();
        seen.extend(canary::numbers([data.as_str()], "seq="));
        say(&mut far_writer, number, "rsp", "200 OK");
    }
    assert_eq!(seen, BTreeSet::from([0, 1]));
    let answers: Vec<u32> = (0..2).map(|_| frame(&mut reader).unwrap().0).collect();
    assert_eq!(answers, [2, 3]);
    let (number, command, _) = frame(&mut far_reader).unwrap();
    assert_eq!(command, "close");
    say(&mut far_writer, number, "rsp", "");
    assert_eq!(frame(&mut reader).unwrap().0, 6);
    assert_eq!(frame(&mut reader).unwrap().1, "serverclose");
    assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn a_client_that_breaks_the_protocol_is_told() {
    let port = free_port();
    let daemon = daemon(port, free_port());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"<13>1 from 203.0.113.77\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert_eq!(said, "0 rsp 20 500 not a RELP frame\n0 serverclose 0\n");
    daemon.wait_metric("scrubd_tombstones_total{reason=\"bad_frame\",route=\"relp\"} 1");
}
