//! Datagrams of any length: what is longer than one may be, or than a record may be, is a tombstone, and what comes
//! behind it goes on.

use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;

use super::support::{Daemon, PATIENCE, free_port, wait_for_lines};

fn udp() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn next(socket: &UdpSocket) -> String {
    let mut buffer = vec![0; 70_000];
    let length = socket.recv(&mut buffer).unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[test]
fn a_record_that_no_datagram_holds_does_not_stop_the_others() {
    let (sink, port, gram) = (udp(), free_port(), free_port());
    let daemon = Daemon::start(&format!(
        "[[route]]\nname=\"d\"\nlisten=[\"tcp://127.0.0.1:{port}\", \"udp://127.0.0.1:{gram}\"]\nsink=\"udp://{}\"\n",
        sink.local_addr().unwrap()
    ));
    let buried = |text: &str, bytes: usize| {
        let start = format!("scrubd tombstone reason=record_too_long bytes={bytes} policy=");
        assert!(text.starts_with(&start), "{text}");
    };
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let lines = format!("first 192.0.2.7\n{}\nlast\n", "x".repeat(70_000));
    client.write_all(lines.as_bytes()).unwrap();
    assert_eq!(next(&sink), "first REDACTED-IP");
    buried(&next(&sink), 70_000);
    assert_eq!(next(&sink), "last");
    // One that grows.
    let grows = "192.0.2.7 ".repeat(6_000);
    let sender = udp();
    for datagram in [&grows, "fine"] {
        sender
            .send_to(datagram.as_bytes(), ("127.0.0.1", gram))
            .unwrap();
    }
    buried(&next(&sink), grows.len());
    assert_eq!(next(&sink), "fine");
    daemon.wait_metric("scrubd_tombstones_total{reason=\"record_too_long\",route=\"d\"} 2");
    // What does not leave was not found either.
    daemon
        .wait_metric("scrubd_findings_total{action=\"redact\",class=\"network.ip\",route=\"d\"} 1");
}

#[test]
fn datagrams_that_are_too_long_are_tombstones() {
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[limits]\nrecord_bytes_max = 1000\n[[route]]\nname=\"d\"\nlisten=[\"udp://127.0.0.1:{port}\", \"unixgram://$DIR/in.sock\"]\nsink=\"file://$DIR/out.log\"\n"
    ));
    let (out, sender) = (daemon.dir.path().join("out.log"), udp());
    for length in [1000, 1001, 5] {
        let datagram = "x".repeat(length);
        sender
            .send_to(datagram.as_bytes(), ("127.0.0.1", port))
            .unwrap();
    }
    let lines = wait_for_lines(&out, 3);
    assert_eq!((lines[0].len(), lines[2].as_str()), (1000, "xxxxx"));
    assert!(
        lines[1].starts_with("scrubd tombstone reason=record_too_long bytes=1001 "),
        "{}",
        lines[1]
    );
    let unix = UnixDatagram::unbound().unwrap();
    unix.connect(daemon.dir.path().join("in.sock")).unwrap();
    unix.send("y".repeat(2000).as_bytes()).unwrap();
    unix.send(b"whole").unwrap();
    let lines = wait_for_lines(&out, 5);
    assert!(lines[3].contains(" bytes=2000 "), "{}", lines[3]);
    assert_eq!(lines[4], "whole");
}

/// A Unix datagram may be longer than any of UDP: it comes whole, or not at all.
#[test]
fn long_unix_datagrams_are_not_cut() {
    let daemon = Daemon::start(
        "[[route]]\nname=\"d\"\nlisten=[\"unixgram://$DIR/in.sock\"]\nsink=\"file://$DIR/out.log\"\n",
    );
    let out = daemon.dir.path().join("out.log");
    let unix = UnixDatagram::unbound().unwrap();
    unix.connect(daemon.dir.path().join("in.sock")).unwrap();
    socket2::SockRef::from(&unix)
        .set_send_buffer_size(4 << 20)
        .unwrap();
    let text = format!("{} from 192.0.2.7", "y".repeat(100_000));
    unix.send(text.as_bytes()).unwrap();
    unix.send(b"next").unwrap();
    let lines = wait_for_lines(&out, 2);
    assert!(lines[0].ends_with("y from REDACTED-IP"));
    assert_eq!((lines[0].len(), lines[1].as_str()), (100_017, "next"));
    // Longer than there is room for, where this system lets one be sent.
    let long = vec![b'z'; 300_000];
    if unix.send(&long).is_ok() {
        let lines = wait_for_lines(&out, 3);
        assert!(
            lines[2].starts_with("scrubd tombstone reason=record_too_long bytes=300000 "),
            "{}",
            &lines[2][..100]
        );
    }
}

/// Whoever may reach the folder may write: who owns the daemon is not who logs.
#[test]
fn other_users_may_write_to_a_unix_socket() {
    use std::os::unix::fs::PermissionsExt as _;
    let daemon = Daemon::start(
        "[[route]]\nname=\"d\"\nlisten=[\"unix://$DIR/s.sock\", \"unixgram://$DIR/g.sock\"]\nsink=\"file://$DIR/out.log\"\n",
    );
    for name in ["s.sock", "g.sock"] {
        let socket = std::fs::metadata(daemon.dir.path().join(name)).unwrap();
        assert_eq!(socket.permissions().mode() & 0o777, 0o666, "{name}");
    }
}
