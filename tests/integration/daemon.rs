//! The daemon as its user runs it: every listener and sink, drain, restarts, no payload sideways.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

use super::support::{Daemon, catch_one, free_port, wait_for_lines};

const CANARY: &str = "canary-7f3a@example.org";

/// How many pages of the binary there are is another question for each build: `benches/loopback` asks it.
#[test]
fn an_idle_daemon_has_made_little() {
    let port = free_port();
    let sink = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"t\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://127.0.0.1:{sink}\"\n",
    ));
    let made = daemon.rss_anonymous_kib();
    assert!(made < 3 << 10, "{made} KiB");
}

#[test]
fn tcp_to_tcp_keeps_count_order_and_framing() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"t\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://{}\"\n",
        sink.local_addr().unwrap()
    ));
    let writer = std::thread::spawn(move || {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        for i in 0..200_000 {
            let line = format!(
                "seq={i} GET /x from 192.0.2.{} for {CANARY} mac 02:00:5e:10:00:{:02x} imei 490154203237518\n",
                i % 256,
                i % 256
            );
            client.write_all(line.as_bytes()).unwrap();
        }
        client
            .write_all(b"26 <13>octet counted 10.0.0.1\n")
            .unwrap();
        client.shutdown(Shutdown::Write).unwrap();
    });
    let all = catch_one(&sink);
    writer.join().unwrap();
    let text = String::from_utf8(all).unwrap();
    for (i, line) in text.lines().take(200_000).enumerate() {
        assert_eq!(
            line,
            format!(
                "seq={i} GET /x from REDACTED-IP for REDACTED-EMAIL mac REDACTED-MAC imei REDACTED-IMEI"
            )
        );
    }
    assert!(
        text.ends_with("29 <13>octet counted REDACTED-IP\n") || text.contains("<13>octet counted"),
        "{}",
        text.lines().last().unwrap()
    );
    assert!(
        daemon.rss_peak_kib() < 32 << 10,
        "{} KiB",
        daemon.rss_peak_kib()
    );
}

#[test]
fn unix_stream_and_datagram_udp_and_stdin_reach_a_file() {
    let udp = free_port();
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"f\"\nlisten = [\"unix://$DIR/in.sock\", \"unixgram://$DIR/gram.sock\", \"udp://127.0.0.1:{udp}\", \"stdin\"]\nsink = \"file://$DIR/out.log\"\n"
    ));
    let dir = daemon.dir.path().to_owned();
    let mut stream = UnixStream::connect(dir.join("in.sock")).unwrap();
    stream.write_all(b"stream 10.0.0.1").unwrap();
    drop(stream);
    UnixDatagram::unbound()
        .unwrap()
        .send_to(b"gram 10.0.0.2\nsecond", dir.join("gram.sock"))
        .unwrap();
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .send_to(b"udp 10.0.0.3", ("127.0.0.1", udp))
        .unwrap();
    daemon
        .child
        .stdin
        .take()
        .unwrap()
        .write_all(b"stdin 10.0.0.4\n")
        .unwrap();
    // The stream ended without a terminator, so its record has none: five marks, at least three lines.
    let file = dir.join("out.log");
    daemon.wait_metric("scrubd_records_total{route=\"f\"} 4");
    wait_for_lines(&file, 3);
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    let text = std::fs::read_to_string(&file).unwrap();
    for want in [
        "stream REDACTED-IP",
        "gram REDACTED-IP#012second\n",
        "udp REDACTED-IP\n",
        "stdin REDACTED-IP\n",
    ] {
        assert!(text.contains(want), "{want:?} in {text:?}");
    }
}

#[test]
fn datagram_and_unix_sinks() {
    let (udp, tcp) = (UdpSocket::bind("127.0.0.1:0").unwrap(), free_port());
    let tcp2 = free_port();
    let dir = tempfile::tempdir().unwrap();
    let unix = UnixListener::bind(dir.path().join("sink.sock")).unwrap();
    let _daemon = Daemon::start(&format!(
        "[[route]]\nname = \"u\"\nlisten = [\"tcp://127.0.0.1:{tcp}\"]\nsink = \"udp://{}\"\n[[route]]\nname = \"x\"\nlisten = [\"tcp://127.0.0.1:{tcp2}\"]\nsink = \"unix://{}\"\nframing = \"nul\"\n",
        udp.local_addr().unwrap(),
        dir.path().join("sink.sock").display()
    ));
    TcpStream::connect(("127.0.0.1", tcp))
        .unwrap()
        .write_all(b"one 10.0.0.1\ntwo\n")
        .unwrap();
    let mut buffer = [0u8; 100];
    let n = udp.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..n], b"one REDACTED-IP");
    let n = udp.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..n], b"two");
    TcpStream::connect(("127.0.0.1", tcp2))
        .unwrap()
        .write_all(b"a\n10.0.0.1\0b\0")
        .unwrap();
    loop {
        let mut all = Vec::new();
        unix.accept().unwrap().0.read_to_end(&mut all).unwrap();
        if !all.is_empty() {
            assert_eq!(all, b"a\nREDACTED-IP\0b\0");
            break;
        }
    }
}

#[test]
fn term_drains_and_says_so() {
    let port = free_port();
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"d\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"file://$DIR/out.log\"\n"
    ));
    assert_eq!(daemon.get("/readyz").0, 200);
    assert_eq!(daemon.get("/livez").0, 200);
    assert!(daemon.get("/").1.contains("<title>scrubd</title>"));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"last words 10.0.0.1\n").unwrap();
    daemon.wait_metric("scrubd_records_total{route=\"d\"} 1");
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    assert_eq!(
        std::fs::read_to_string(daemon.dir.path().join("out.log")).unwrap(),
        "last words REDACTED-IP\n"
    );
}

#[test]
fn a_peer_that_never_pauses_does_not_hold_a_drain() {
    let (port, udp) = (free_port(), free_port());
    let mut daemon = Daemon::start(&format!(
        "[limits]\ndrain_timeout_secs = 60\n[[route]]\nname = \"p\"\nlisten = [\"tcp://127.0.0.1:{port}\", \"udp://127.0.0.1:{udp}\"]\nsink = \"file://$DIR/out.log\"\n"
    ));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let line = format!("{}\n", "x".repeat(99));
    let text = line.repeat(1000);
    // Until the daemon lets go of it.
    let writer = std::thread::spawn(move || while client.write_all(text.as_bytes()).is_ok() {});
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(("127.0.0.1", udp)).unwrap();
    let gram = line.clone();
    let sender = std::thread::spawn(move || while socket.send(gram.as_bytes()).is_ok() {});
    while std::fs::metadata(daemon.dir.path().join("out.log")).map_or(0, |m| m.len()) < 1 << 20 {
        std::thread::yield_now();
    }
    let start = std::time::Instant::now();
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    assert!(start.elapsed() < std::time::Duration::from_secs(30));
    writer.join().unwrap();
    sender.join().unwrap();
    let text = std::fs::read_to_string(daemon.dir.path().join("out.log")).unwrap();
    assert!(text.ends_with('\n'));
    let odd: Vec<&str> = text
        .split_inclusive('\n')
        .filter(|have| **have != line)
        .collect();
    assert!(odd.len() <= 1, "{odd:?}");
    assert!(
        odd.iter()
            .all(|tomb| tomb.starts_with("scrubd tombstone reason=truncated bytes="))
    );
}

#[test]
fn a_drain_passes_on_whole_records_only() {
    let port = free_port();
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"d\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"file://$DIR/out.log\"\n"
    ));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"whole 10.0.0.1\nhalf 192.0.2.").unwrap();
    daemon.wait_metric("scrubd_received_bytes_total{route=\"d\"} 28");
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
    let text = std::fs::read_to_string(daemon.dir.path().join("out.log")).unwrap();
    assert!(
        text.starts_with("whole REDACTED-IP\nscrubd tombstone reason=truncated bytes=13 policy="),
        "{text}"
    );
}

#[test]
fn a_sink_that_closes_its_sending_side_is_taken_for_gone() {
    let sink = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"h\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://{}\"\n",
        sink.local_addr().unwrap()
    ));
    // The probe of the sink.
    sink.accept().unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"one\n").unwrap();
    let (mut first, _) = sink.accept().unwrap();
    let mut line = [0; 4];
    first.read_exact(&mut line).unwrap();
    // A batch whose sink closes while it is written goes again.
    daemon.wait_metric("scrubd_sent_bytes_total{route=\"h\"} 4");
    first.shutdown(Shutdown::Write).unwrap();
    client.write_all(b"two 10.0.0.1\n").unwrap();
    drop(client);
    daemon.wait_log("it closed its sending side");
    assert_eq!(catch_one(&sink), b"two REDACTED-IP\n");
}

#[test]
fn the_admin_pages_show_everything_by_route_and_live() {
    let port = free_port();
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"a\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"file://$DIR/out.log\"\n"
    ));
    let (_, metrics) = daemon.get("/metrics");
    for family in [
        "scrubd_records_total{route=\"a\"} 0",
        "scrubd_received_bytes_total{route=\"a\"} 0",
        "scrubd_sent_bytes_total{route=\"a\"} 0",
        "scrubd_findings_total{action=\"redact\",class=\"network.ip\",route=\"a\"} 0",
        "scrubd_tombstones_total{reason=\"record_too_long\",route=\"a\"} 0",
        "scrubd_scan_seconds_bucket{route=\"a\",le=\"+Inf\"} 0",
        "scrubd_connections{route=\"a\"} 0",
        "scrubd_connections_total{route=\"a\"} 0",
        "scrubd_connections_max{route=\"a\"} 1024",
        "scrubd_connections_full_total{route=\"a\"} 0",
        "scrubd_tls_handshakes_failed_total{route=\"a\"} 0",
        "scrubd_in_flight_bytes{route=\"a\"} 0",
        "scrubd_sink_up{route=\"a\"} 1",
        "scrubd_build_info{version=\"",
        "scrubd_policy_info{id=\"",
    ] {
        assert!(metrics.contains(family), "{family} in\n{metrics}");
    }
    // Nothing is asked of anyone else; the one address is a name of the SVG standard.
    let page = daemon.get("/").1.replace("http://www.w3.org/2000/svg", "");
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains(" src="));
    // An event a second, with what has changed.
    let mut events = TcpStream::connect(&daemon.admin).unwrap();
    events.write_all(b"GET /events HTTP/1.0\r\n\r\n").unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(events)).map(Result::unwrap);
    assert!(lines.any(|line| line == "content-type: text/event-stream"));
    assert!(lines.any(|line| line == "data: scrubd_records_total{route=\"a\"} 0"));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"from 10.0.0.1\n").unwrap();
    assert!(lines.any(|line| line == "data: scrubd_records_total{route=\"a\"} 1"));
}

#[test]
fn a_second_signal_ends_a_drain_that_hangs() {
    let (port, nobody) = (free_port(), free_port());
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"d\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://127.0.0.1:{nobody}\"\n"
    ));
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"stuck\n").unwrap();
    daemon.wait_metric("scrubd_records_total{route=\"d\"} 1");
    daemon.signal("TERM");
    daemon.wait_log("draining");
    assert_eq!(daemon.get("/readyz").0, 503);
    daemon.signal("TERM");
    assert_eq!(daemon.child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_sink_that_comes_late_gets_everything() {
    let (port, late) = (free_port(), free_port());
    let mut daemon = Daemon::start(&format!(
        "[[route]]\nname = \"l\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://127.0.0.1:{late}\"\n"
    ));
    daemon.wait_log("the sink cannot be reached");
    let (status, why) = daemon.get("/readyz");
    assert_eq!(
        (status, why.trim()),
        (503, "the sink of route l cannot be reached")
    );
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"early 10.0.0.1\n").unwrap();
    drop(client);
    let sink = TcpListener::bind(("127.0.0.1", late)).unwrap();
    assert_eq!(catch_one(&sink), b"early REDACTED-IP\n");
    assert_eq!(daemon.get("/readyz").0, 200);
}

#[test]
fn no_payload_goes_sideways_at_any_level() {
    let (tcp, udp, nobody) = (free_port(), free_port(), free_port());
    let mut daemon = Daemon::start_with(
        &format!(
            "[limits]\nrecord_bytes_max = 64\n[[route]]\nname = \"c\"\nlisten = [\"tcp://127.0.0.1:{tcp}\", \"udp://127.0.0.1:{udp}\", \"unix://$DIR/s\"]\nsink = \"file://$DIR/out.log\"\n[[route]]\nname = \"n\"\nlisten = [\"unix://$DIR/n\"]\nsink = \"tcp://127.0.0.1:{nobody}\"\n"
        ),
        &[("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")],
    );
    let dir = daemon.dir.path().to_owned();
    let long = format!(
        "{CANARY} canaryword {}\ncanaryword 5 <canary\n999999999 <canaryword",
        "x".repeat(100)
    );
    TcpStream::connect(("127.0.0.1", tcp))
        .unwrap()
        .write_all(long.as_bytes())
        .unwrap();
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .send_to(b"canaryword", ("127.0.0.1", udp))
        .unwrap();
    UnixStream::connect(dir.join("s"))
        .unwrap()
        .write_all(b"canaryword\xff\n")
        .unwrap();
    UnixStream::connect(dir.join("n"))
        .unwrap()
        .write_all(b"canaryword\n")
        .unwrap();
    daemon.wait_metric("scrubd_records_total{route=\"c\"} 5");
    daemon.wait_metric("scrubd_records_total{route=\"n\"} 1");
    let pages = daemon.get("/metrics").1 + &daemon.get("/").1;
    daemon.signal("KILL");
    daemon.child.wait().unwrap();
    let log = daemon.rest_of_log();
    assert!(
        log.contains("TRACE") || log.contains("DEBUG"),
        "the level was not in force"
    );
    assert!(
        !log.contains("canary") && !pages.contains("canary"),
        "{log}"
    );
}

/// The system drops what waits in a socket that nobody holds, once its peer has taken nothing for a while.
#[test]
fn a_client_that_left_is_not_forgotten_while_the_sink_stalls() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    // Little is taken by the sink's system on its own.
    socket.set_recv_buffer_size(4096).unwrap();
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    socket.listen(16).unwrap();
    let sink = TcpListener::from(socket);
    let (port, to) = (free_port(), sink.local_addr().unwrap().port());
    let daemon = Daemon::start(&format!(
        "[[route]]\nname = \"h\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"tcp://127.0.0.1:{to}\"\n"
    ));
    let text = "a line of the client that is gone by now\n".repeat(5000);
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(text.as_bytes()).unwrap();
    drop(client);
    daemon.wait_metric(&format!(
        "scrubd_sent_bytes_total{{route=\"h\"}} {}",
        text.len()
    ));
    daemon.wait_metric("scrubd_connections{route=\"h\"} 0");
    // proc_net_tcp(5): addresses, the state (01 is established), the inode (0 where nobody holds the socket).
    let peer = format!("0100007F:{to:04X}");
    let holds = || {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields[2] == peer && fields[3] == "01" && fields[9] != "0"
        })
    };
    assert!(holds());
    assert_eq!(String::from_utf8(catch_one(&sink)).unwrap(), text);
}
