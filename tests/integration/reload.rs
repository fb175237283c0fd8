//! Reloads: new policies go for connections that are open, and what is wrong changes nothing. What the
//! service manager hears.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use super::recorder::Recorder;
use super::support::{Daemon, PATIENCE, free_port, request, wait_for_lines};

const LINE: &str = "from 192.0.2.7 for ann@example.org";

fn policy(daemon: &Daemon, text: &str) {
    std::fs::write(daemon.dir.path().join("p.toml"), text).unwrap();
}

/// A daemon whose route `r` goes by `p.toml` beside its settings, with its port.
fn daemon(first: &str, sink: &str, more: &str, env: &[(&str, &str)]) -> (Daemon, u16) {
    daemon_with(first, &format!("sink = \"{sink}\""), more, env)
}

/// The same with these lines in its route.
fn daemon_with(first: &str, route: &str, more: &str, env: &[(&str, &str)]) -> (Daemon, u16) {
    let port = free_port();
    // The policy has to be there before the daemon is.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    std::fs::write(&path, first).unwrap();
    let routes = format!(
        "{more}\n[[route]]\nname = \"r\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\n{route}\npolicy = \"{}\"\n",
        path.display()
    );
    let daemon = Daemon::start_with(&routes, env);
    // From here on beside the settings, so that it lives as long as they do.
    policy(&daemon, first);
    edit(&daemon, &path.display().to_string(), "p.toml");
    (daemon, port)
}

/// Replaces a text in the settings.
fn edit(daemon: &Daemon, from: &str, to: &str) {
    let file = daemon.dir.path().join("scrubd.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(&file, text.replace(from, to)).unwrap();
}

fn reload(daemon: &Daemon) -> (u16, String) {
    request(&daemon.admin, "POST", "/-/reload")
}

/// Lines that arrive, with the number of their connection.
fn sink() -> (String, Receiver<(usize, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for (number, connection) in listener.incoming().flatten().enumerate() {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(connection).lines().map_while(Result::ok) {
                    let _ = send.send((number, line));
                }
            });
        }
    });
    (address, lines)
}

struct Client(TcpStream);

impl Client {
    fn new(port: u16) -> Self {
        Self(TcpStream::connect(("127.0.0.1", port)).unwrap())
    }

    fn says(&mut self, line: &str) {
        writeln!(self.0, "{line}").unwrap();
    }
}

#[test]
fn an_open_connection_goes_by_the_new_policy() {
    let (address, lines) = sink();
    let addresses = "name = \"one\"\n[actions]\ndefault = \"keep\"\n\"network.ip\" = \"redact\"\n";
    let (mut daemon, port) = daemon(addresses, &address, "", &[]);
    let mut client = Client::new(port);
    client.says(LINE);
    let (connection, line) = lines.recv_timeout(PATIENCE).unwrap();
    assert_eq!(line, "from REDACTED-IP for ann@example.org");
    let old = daemon.get("/metrics").1;
    assert!(old.contains("scrubd_policy_info{id="), "{old}");

    policy(
        &daemon,
        "name = \"two\"\n[actions]\ndefault = \"keep\"\n\"network.email\" = \"mask\"\n",
    );
    daemon.signal("HUP");
    daemon.wait_log("reloaded: route r: policy two (");
    client.says(LINE);
    let (same, line) = lines.recv_timeout(PATIENCE).unwrap();
    assert_eq!(same, connection);
    assert!(
        line.starts_with("from 192.0.2.7 for ") && !line.contains("ann@"),
        "{line}"
    );
    daemon.wait_metric(
        "scrubd_findings_total{action=\"mask\",class=\"network.email\",route=\"r\"} 1",
    );
    let now = daemon.get("/metrics").1;
    assert!(
        now.contains("policy=\"two\"") && !now.contains("policy=\"one\""),
        "{now}"
    );
    assert!(
        now.contains("scrubd_reloads_total{outcome=\"swapped\"} 1"),
        "{now}"
    );
}

#[test]
fn what_is_wrong_changes_nothing_and_is_said() {
    let (address, lines) = sink();
    let good = "[actions]\ndefault = \"redact\"\n";
    let (mut daemon, port) = daemon(good, &address, "", &[]);
    let mut client = Client::new(port);
    let mut still = |daemon: &Daemon| {
        client.says(LINE);
        let (_, line) = lines.recv_timeout(PATIENCE).unwrap();
        assert_eq!(line, "from REDACTED-IP for REDACTED-EMAIL");
        assert_eq!(daemon.get("/readyz").0, 200);
    };
    still(&daemon);

    policy(&daemon, "[actions]\ndefualt = \"keep\"\n");
    let (code, why) = reload(&daemon);
    assert_eq!(code, 422);
    assert!(
        why.contains("p.toml:2:1: ") && why.contains("did you mean `default`?"),
        "{why}"
    );
    daemon.wait_log("the old plan stays in force");
    still(&daemon);

    let test = "[[test]]\nline = \"x 192.0.2.7\"\nbecomes = \"y\"\n";
    policy(&daemon, &format!("[actions]\ndefault = \"keep\"\n{test}"));
    let (code, why) = reload(&daemon);
    assert!(code == 422 && why.contains("test 1 fails"), "{code} {why}");
    still(&daemon);

    policy(&daemon, "[actions]\ndefault = \"keep\"\n");
    edit(&daemon, &address, "stdout");
    let (code, why) = reload(&daemon);
    assert!(
        code == 422 && why.contains("restart for route `r` sink"),
        "{code} {why}"
    );
    still(&daemon);

    let file = daemon.dir.path().join("scrubd.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let (code, why) = reload(&daemon);
    assert!(
        code == 422 && why.contains("cannot be read"),
        "{code} {why}"
    );
    still(&daemon);
    std::fs::write(&file, text.replace("stdout", &address)).unwrap();
    daemon.wait_metric("scrubd_reloads_total{outcome=\"refused\"} 4");

    let (code, said) = reload(&daemon);
    assert!(
        code == 200 && said.starts_with("route r: policy "),
        "{code} {said}"
    );
    client.says(LINE);
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap().1, LINE);
    assert_eq!(daemon.get("/-/reload").0, 405, "a reload is no GET");
}

#[test]
fn columns_are_named_by_the_new_policy() {
    let (address, lines) = sink();
    let rule = |name: &str, key: &str, action: &str| {
        format!("[[custom]]\nname = \"{name}\"\nkeys = [\"{key}\"]\naction = \"{action}\"\n")
    };
    let keep = "[actions]\ndefault = \"keep\"\n";
    let first = format!(
        "{keep}{}{}",
        rule("a", "color", "redact"),
        rule("b", "shape", "detect")
    );
    let (daemon, port) = daemon(&first, &address, "", &[]);
    let mut client = Client::new(port);
    client.says("color,shape\nblue,round");
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap().1, "color,shape");
    assert_eq!(
        lines.recv_timeout(PATIENCE).unwrap().1,
        "REDACTED-CUSTOM,round"
    );
    policy(&daemon, &format!("{keep}{}", rule("b", "shape", "redact")));
    assert_eq!(reload(&daemon).0, 200);
    client.says("blue,round");
    assert_eq!(
        lines.recv_timeout(PATIENCE).unwrap().1,
        "blue,REDACTED-CUSTOM"
    );
}

#[test]
fn columns_that_only_the_new_policy_names_are_hidden() {
    let (address, lines) = sink();
    let keep = "[actions]\ndefault = \"keep\"\n";
    let shape = "[[custom]]\nname = \"s\"\nkeys = [\"shape\"]\naction = \"redact\"\n";
    let (daemon, port) = daemon(keep, &address, "", &[]);
    let mut client = Client::new(port);
    let hears = || lines.recv_timeout(PATIENCE).unwrap().1;
    client.says("color,shape\nblue,round");
    assert_eq!(
        (hears(), hears()),
        ("color,shape".into(), "blue,round".into())
    );
    for (text, row) in [
        (format!("{keep}{shape}"), "blue,REDACTED-CUSTOM"),
        (keep.to_owned(), "blue,round"),
        (format!("{keep}{shape}"), "blue,REDACTED-CUSTOM"),
    ] {
        policy(&daemon, &text);
        assert_eq!(reload(&daemon).0, 200);
        client.says("blue,round");
        assert_eq!(hears(), row);
    }
}

#[test]
fn a_body_that_streams_goes_by_the_new_policy() {
    let http = Recorder::start();
    let route = format!("sink = \"tcp://{}\"\nprotocol = \"http\"", http.address);
    let first = "[actions]\ndefault = \"keep\"\n\"network.ip\" = \"redact\"\n";
    let (daemon, port) = daemon_with(first, &route, "", &[]);
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let chunk = format!("{:x}\r\n{LINE}\n\r\n", LINE.len() + 1);
    write!(
        client,
        "POST /in HTTP/1.1\r\nhost: h\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n{chunk}"
    )
    .unwrap();
    daemon
        .wait_metric("scrubd_findings_total{action=\"redact\",class=\"network.ip\",route=\"r\"} 1");
    policy(
        &daemon,
        "[actions]\ndefault = \"keep\"\n\"network.email\" = \"redact\"\n",
    );
    assert_eq!(reload(&daemon).0, 200);
    write!(client, "{chunk}0\r\n\r\n").unwrap();
    assert_eq!(
        String::from_utf8(http.next().body).unwrap(),
        "from REDACTED-IP for ann@example.org\nfrom 192.0.2.7 for REDACTED-EMAIL\n"
    );
}

#[test]
fn a_reload_that_hangs_holds_no_signal_up() {
    let good = "[actions]\ndefault = \"redact\"\n";
    let (mut daemon, _) = daemon(good, "file://$DIR/out.log", "", &[]);
    let path = daemon.dir.path().join("p.toml");
    std::fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    daemon.signal("HUP");
    // Opens once the reload does, which then waits for words.
    let pipe = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    daemon.signal("TERM");
    daemon.wait_log("draining");
    assert!(daemon.child.wait().unwrap().success());
    drop(pipe);
}

#[test]
fn a_reload_that_hangs_is_given_up_and_the_next_one_goes() {
    let good = "[actions]\ndefault = \"redact\"\n";
    let limits = "[limits]\nreload_timeout_secs = 1\n";
    let (mut daemon, port) = daemon(good, "file://$DIR/out.log", limits, &[]);
    let path = daemon.dir.path().join("p.toml");
    std::fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let (status, said) = reload(&daemon);
    assert_eq!(status, 422, "{said}");
    assert!(
        said.contains("longer than reload_timeout_secs (1)"),
        "{said}"
    );
    daemon.wait_log("the old plan stays in force");
    let stuck = path.with_extension("stuck");
    std::fs::rename(&path, &stuck).unwrap();
    policy(&daemon, "[actions]\ndefault = \"keep\"\n");
    let (status, said) = reload(&daemon);
    assert_eq!(status, 200, "{said}");
    // What the first one reads in the end changes nothing any more.
    std::fs::write(&stuck, "[actions]\ndefault = \"drop_record\"\n").unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(format!("{LINE}\n").as_bytes()).unwrap();
    drop(client);
    let lines = wait_for_lines(&daemon.dir.path().join("out.log"), 1);
    assert_eq!(lines, [LINE]);
}

#[test]
fn other_files_that_changed_take_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (address, _lines) = sink();
    let files = [
        ("listen_shared_key_file", "near"),
        ("listen_users_file", "ann pw"),
        ("sink_shared_key_file", "far"),
        ("sink_user_file", "bea pw"),
    ];
    let mut route = format!("sink = \"{address}\"\nprotocol = \"forward\"");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        route += &format!("\n{name} = \"{}\"", path.display());
    }
    let (daemon, _) = daemon_with("name = \"p\"\n", &route, "", &[]);
    assert_eq!(reload(&daemon).0, 200);
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("{text}-other")).unwrap();
        let (code, why) = reload(&daemon);
        assert!(
            code == 422 && why.contains(&format!("restart for route `r` {name}")),
            "{code} {why}"
        );
        assert!(!why.contains("other"), "{why}");
        std::fs::write(&path, text).unwrap();
        assert_eq!(reload(&daemon).0, 200);
    }
}

#[test]
fn pseudonyms_go_on_until_the_key_is_another() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    let hash = "[actions]\ndefault = \"hash\"\n";
    for (more, changes) in [
        (String::new(), false),
        (
            format!("[keys]\nhash_key_file = \"{}\"", key.display()),
            true,
        ),
    ] {
        std::fs::write(&key, "a 0123456789abcdef0123456789abcdef\n").unwrap();
        let (daemon, port) = daemon(hash, "file://$DIR/out.log", &more, &[]);
        let mut client = Client::new(port);
        let out = daemon.dir.path().join("out.log");
        client.says(LINE);
        wait_for_lines(&out, 1);
        assert_eq!(reload(&daemon).0, 200);
        client.says(LINE);
        wait_for_lines(&out, 2);
        std::fs::write(&key, "b fedcba9876543210fedcba9876543210\n").unwrap();
        assert_eq!(reload(&daemon).0, 200);
        client.says(LINE);
        let lines = wait_for_lines(&out, 3);
        assert_eq!(lines[0], lines[1]);
        assert_eq!(lines[1] != lines[2], changes, "{lines:?}");
    }
}

#[test]
fn the_service_manager_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let name = format!("scrubd-test-{}", std::process::id());
    let abstract_name = SocketAddr::from_abstract_name(&name).unwrap();
    for (socket, said) in [
        (
            UnixDatagram::bind(&path).unwrap(),
            path.display().to_string(),
        ),
        (
            UnixDatagram::bind_addr(&abstract_name).unwrap(),
            format!("@{name}"),
        ),
    ] {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let hear = || {
            let mut words = [0u8; 4096];
            let length = socket.recv(&mut words).unwrap();
            String::from_utf8(words[..length].to_vec()).unwrap()
        };
        let good = "name = \"p\"\n";
        let (mut daemon, _) = daemon(good, "file://$DIR/out.log", "", &[("NOTIFY_SOCKET", &said)]);
        let ready = hear();
        assert!(
            ready.starts_with("READY=1\nSTATUS=route r: policy p ("),
            "{ready}"
        );
        for (policy_text, status) in [
            ("name = \"q\"\n", "STATUS=route r: policy q ("),
            ("name = 3\n", "STATUS=a reload was refused: "),
        ] {
            policy(&daemon, policy_text);
            daemon.signal("HUP");
            let reloading = hear();
            let micros = reloading
                .strip_prefix("RELOADING=1\nMONOTONIC_USEC=")
                .unwrap();
            assert!(micros.trim().parse::<u64>().unwrap() > 0);
            let ready = hear();
            assert!(
                ready.starts_with("READY=1\n") && ready.contains(status),
                "{ready}"
            );
            assert_eq!(ready.lines().count(), 2, "{ready}");
        }
        daemon.signal("TERM");
        assert!(hear().starts_with("STOPPING=1\n"));
        assert!(daemon.child.wait().unwrap().success());
    }
}
