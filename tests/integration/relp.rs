//! RELP: rsyslog's omrelp to rsyslog's imrelp, and a sink of this test that keeps its answers back.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use super::canary::{self, As};
use super::rows;
use super::shippers::Rsyslog;
use super::support::{Daemon, free_port, wait_for_lines};

const RECORDS: usize = 1000;

fn daemon(port: u16, sink: u16) -> Daemon {
    let (listen, sink) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{sink}"),
    );
    Daemon::shipped("relp.toml", &listen, &sink)
}

pub fn omrelp(dir: &Path, port: u16, source: &Path) -> Rsyslog {
    omrelp_with(dir, port, source, "")
}

fn omrelp_with(dir: &Path, port: u16, source: &Path, tls: &str) -> Rsyslog {
    let action = format!(
        "module(load=\"omrelp\")\naction(type=\"omrelp\" target=\"127.0.0.1\" port=\"{port}\" template=\"rows\" {tls} action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")"
    );
    rows::rsyslog(dir, source, &action)
}

/// What librelp is to know of TLS, under this name.
fn librelp(pki: &Path, name: &str, peer: &str) -> String {
    let pki = pki.display();
    format!(
        "tls=\"on\" tls.caCert=\"{pki}/ca.pem\" tls.myCert=\"{pki}/{name}.pem\" tls.myPrivKey=\"{pki}/{name}.key\" tls.authMode=\"name\" tls.permittedPeer=[\"{peer}\"]"
    )
}

#[test]
fn omrelp_to_imrelp_that_is_killed_in_the_middle() {
    through_a_killed_sink(false);
}

#[test]
fn omrelp_to_imrelp_that_is_killed_in_the_middle_over_tls() {
    through_a_killed_sink(true);
}

fn through_a_killed_sink(tls: bool) {
    let (sink, port) = (free_port(), free_port());
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pki = tempfile::tempdir().unwrap();
    let source = near.path().join("in.log");
    rows::append(&source, 0..RECORDS);
    let (daemon, ours, theirs) = if tls {
        let daemon = super::syslog::tls_proxy("relp", port, sink, pki.path());
        let of = |name, peer| librelp(pki.path(), name, peer);
        (daemon, of("client", "server"), of("sink", "ours"))
    } else {
        (daemon(port, sink), String::new(), String::new())
    };
    let input = format!("imrelp\" {theirs} name=\"i");
    let receiver = || rows::receiver_with(far.path(), "", "imrelp", &input, sink);
    let (server, out) = receiver();
    let _client = omrelp_with(near.path(), port, &source, &ours);
    rows::once(&out, RECORDS, rows::columns);
    // The sink is killed while it takes records, and more come while it is away.
    rows::append(&source, RECORDS..RECORDS * 2);
    wait_for_lines(&out, RECORDS + 100);
    drop(server);
    daemon.wait_metric("scrubd_sink_up{route=\"relp\"} 0");
    rows::append(&source, RECORDS * 2..RECORDS * 3);
    let _server = receiver();
    rows::count(&out, RECORDS * 3, rows::columns);
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
        say(
            &mut writer,
            2 + i,
            "syslog",
            &canary::line(i as usize, As::Sent),
        );
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
