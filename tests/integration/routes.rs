//! A policy for each route: what one says, field by field, does not hold for the other.

use std::io::Write;
use std::net::TcpStream;

use super::support::{Daemon, free_port, wait_for_lines};

const LINE: &str = r#"{"client":{"ip":"192.0.2.77"},"peer":{"ip":"192.0.2.78"},"mail":"al@example.org","t":"TCK-1"}"#;

#[test]
fn each_route_goes_by_its_own_policy() {
    let dir = tempfile::tempdir().unwrap();
    let policy = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let fields = policy(
        "fields.toml",
        r#"
        [actions]
        default = "detect"
        "network.ip" = "redact"
        [[field]]
        path = "client.ip"
        class = "network.ip"
        action = { action = "mask", keep_last = 2 }
        [[custom]]
        name = "ticket"
        pattern = 'TCK-[0-9]+'
        action = "redact"
        "#,
    );
    let plain = policy(
        "plain.toml",
        "[actions]\ndefault = \"detect\"\n\"network.ip\" = \"truncate\"\n\"network.email\" = { action = \"hash\", keep_domain = true }\n",
    );
    let ports = [free_port(), free_port(), free_port()];
    let route = |name: &str, port: u16, policy: &str| {
        format!(
            "[[route]]\nname = \"{name}\"\nlisten = [\"tcp://127.0.0.1:{port}\"]\nsink = \"file://$DIR/{name}.log\"\npolicy = \"{policy}\"\n"
        )
    };
    let daemon = Daemon::start(&format!(
        "{}{}{}",
        route("fields", ports[0], &fields),
        route("plain", ports[1], &plain),
        route("usual", ports[2], "default"),
    ));
    for port in ports {
        let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        writeln!(client, "{LINE}").unwrap();
    }
    let out = |name: &str| {
        let mut lines = wait_for_lines(&daemon.dir.path().join(format!("{name}.log")), 1);
        lines.remove(0)
    };
    assert_eq!(
        out("fields"),
        r#"{"client":{"ip":"********77"},"peer":{"ip":"REDACTED-IP"},"mail":"al@example.org","t":"REDACTED-CUSTOM"}"#
    );
    let plain = out("plain");
    let (head, tail) = (
        r#"{"client":{"ip":"192.0.2.0"},"peer":{"ip":"192.0.2.0"},"mail":"email-"#,
        r#"@example.org","t":"TCK-1"}"#,
    );
    assert!(plain.starts_with(head) && plain.ends_with(tail), "{plain}");
    assert_eq!(
        out("usual"),
        r#"{"client":{"ip":"REDACTED-IP"},"peer":{"ip":"REDACTED-IP"},"mail":"REDACTED-EMAIL","t":"TCK-1"}"#
    );
    let (_, metrics) = daemon.get("/metrics");
    for (route, class, count) in [
        ("fields", "custom", 1),
        ("fields", "network.ip", 2),
        ("plain", "network.ip", 2),
        ("usual", "network.email", 1),
    ] {
        let found = metrics.lines().any(|line| {
            line.starts_with("scrubd_findings_total")
                && line.contains(&format!("route=\"{route}\""))
                && line.contains(&format!("class=\"{class}\""))
                && line.ends_with(&format!(" {count}"))
        });
        assert!(found, "{route} {class} {count}:\n{metrics}");
    }
    let tickets = metrics.lines().find(|line| {
        line.contains("scrubd_findings_total{")
            && line.contains("class=\"custom\"")
            && line.contains("route=\"plain\"")
            && !line.ends_with(" 0")
    });
    assert_eq!(tickets, None);
}
