//! Tables through the filter: auto-detected, forced, left alone, on more than one thread, file by file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::support::{Daemon, run, scrubd, wait_for_lines};

fn scrub(args: &[&str], input: &str) -> String {
    let (code, out, err) = run(scrubd().args(["scrub", "-q"]).args(args), input.as_bytes());
    assert_eq!(code, 0, "{err}");
    String::from_utf8(out).unwrap()
}

#[test]
fn rows_take_the_classes_of_their_columns_on_any_number_of_threads() {
    let rows = 40_000;
    let table = |name: &dyn Fn(usize) -> String| {
        let mut text = String::from("id,login,note\n");
        for i in 0..rows {
            text += &format!("{i},{},x{i}\n", name(i));
        }
        text
    };
    let plain = table(&|i| format!("ann{i}"));
    let hidden = table(&|_| "REDACTED-ACCOUNT".to_owned());
    assert_eq!(scrub(&["--jobs", "1"], &plain), hidden);
    assert_eq!(scrub(&["--jobs", "4"], &plain), hidden);
    assert_eq!(scrub(&["--csv", "never"], &plain), plain);
}

#[test]
fn a_header_that_could_be_anything_is_one_only_where_it_is_said() {
    let text = "login, 7\nann, 1\n";
    assert_eq!(scrub(&[], text), text);
    assert_eq!(
        scrub(&["--csv", "always"], text),
        "login, 7\nREDACTED-ACCOUNT, 1\n"
    );
}

#[test]
fn each_file_has_a_header_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    std::fs::write(&one, "login,n\nann,1\n").unwrap();
    std::fs::write(&two, "n,state\n1,up\n").unwrap();
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    assert_eq!(
        scrub(&[one, two], ""),
        "login,n\nREDACTED-ACCOUNT,1\nn,state\n1,up\n"
    );
}

/// A route from the tables in `dir` to a file of the test's own, with this `csv`.
fn followed(dir: &Path, csv: &str, more: &str) -> String {
    let dir = dir.display();
    format!(
        "[[route]]\nname=\"t\"\nlisten=[\"file://{dir}/*.csv*\"]\nsink=\"file://{dir}/out\"\npolicy=\"strict\"\ncsv=\"{csv}\"\n[route.file]\nstate=\"{dir}/state\"\n{more}"
    )
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn sorted(path: &Path, count: usize) -> Vec<String> {
    let mut lines = wait_for_lines(path, count);
    lines.sort();
    lines
}

/// All that is in the files has been passed on, and the state says so.
fn settle(mut daemon: Daemon) {
    daemon.wait_metric("scrubd_files_unread_bytes{route=\"t\"} 0");
    daemon.signal("TERM");
    assert!(daemon.child.wait().unwrap().success());
}

#[test]
fn followed_tables_keep_their_headers_over_reads_rotation_truncation_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one.csv"), dir.path().join("two.csv"));
    let out = dir.path().join("out");
    for csv in ["always", "auto"] {
        for file in [
            &out,
            &one,
            &two,
            &dir.path().join("one.csv.1"),
            &dir.path().join("state"),
        ] {
            let _ = std::fs::remove_file(file);
        }
        let settings = followed(dir.path(), csv, "");
        append(&one, "full_name,n\n");
        append(&two, "n,full_name\n");
        let daemon = Daemon::start(&settings);
        wait_for_lines(&out, 2);
        append(&one, "Ann Lee,1\n");
        wait_for_lines(&out, 3);
        append(&two, "2,Bea Kim\n");
        append(&one, "Cid Roe,3\n");
        wait_for_lines(&out, 5);
        settle(daemon);
        append(&one, "Dan Poe,4\n");
        append(&two, "5,Eve Fox\n");
        let daemon = Daemon::start(&settings);
        wait_for_lines(&out, 7);
        // Rotated away and anew with other columns, while its last row is still written.
        std::fs::rename(&one, one.with_extension("csv.1")).unwrap();
        append(&one, "n,x,full_name\n6,y,Fay Orr\n");
        append(&one.with_extension("csv.1"), "Gil Ash,7\n");
        wait_for_lines(&out, 10);
        // Truncated, with other columns.
        daemon.wait_metric("scrubd_files_unread_bytes{route=\"t\"} 0");
        std::fs::write(&two, "full_name,k\nHal Ely,8\n").unwrap();
        wait_for_lines(&out, 12);
        settle(daemon);
        append(&two, "Ida Ivy,9\n");
        let _daemon = Daemon::start(&settings);
        let hidden = "REDACTED-NAME";
        assert_eq!(
            sorted(&out, 13),
            [
                &format!("2,{hidden}"),
                &format!("5,{hidden}"),
                &format!("6,y,{hidden}"),
                &format!("{hidden},1"),
                &format!("{hidden},3"),
                &format!("{hidden},4"),
                &format!("{hidden},7"),
                &format!("{hidden},8"),
                &format!("{hidden},9"),
                "full_name,k",
                "full_name,n",
                "n,full_name",
                "n,x,full_name",
            ],
            "{csv}"
        );
    }
}

#[test]
fn a_restart_inside_a_field_and_behind_a_later_header_knows_the_columns() {
    let dir = tempfile::tempdir().unwrap();
    let (table, log) = (dir.path().join("a.csv"), dir.path().join("b.csv"));
    let (out, state) = (dir.path().join("out"), dir.path().join("state"));
    let settings = followed(dir.path(), "auto", "");
    append(&table, "n,street,k\n1,1 Low Road,x\n2,\"2 High\n");
    // The names of an extended log's fields change in its middle, far from its start.
    append(&log, "#Version: 1.0\n#Fields: date cs-username\n");
    append(&log, &"2024-01-02 ann\n".repeat(10_000));
    append(&log, "#Fields: x-full-name date\nBea 2024-01-02\n");
    let daemon = Daemon::start(&settings);
    wait_for_lines(&out, 10_007);
    settle(daemon);
    let kept = std::fs::read_to_string(&state).unwrap();
    assert!(!kept.contains("street") && !kept.contains("name"), "{kept}");
    append(&table, "Street 5\",y\n");
    append(&log, "Cid 2024-01-03\n");
    let _daemon = Daemon::start(&settings);
    let lines = sorted(&out, 10_009);
    assert_eq!(
        lines
            .iter()
            .filter(|line| *line == "2024-01-02 REDACTED-ACCOUNT")
            .count(),
        10_000
    );
    let rest: Vec<&String> = lines
        .iter()
        .filter(|line| *line != "2024-01-02 REDACTED-ACCOUNT")
        .collect();
    assert_eq!(
        rest,
        [
            "#Fields: date cs-username",
            "#Fields: x-full-name date",
            "#Version: 1.0",
            "1,REDACTED-ADDRESS,x",
            "2,\"REDACTED-ADDRESS",
            "REDACTED-ADDRESS\",y",
            "REDACTED-NAME 2024-01-02",
            "REDACTED-NAME 2024-01-03",
            "n,street,k",
        ]
    );
}

#[test]
fn a_table_that_is_followed_from_its_end_has_its_header() {
    let dir = tempfile::tempdir().unwrap();
    let (table, out) = (dir.path().join("a.csv"), dir.path().join("out"));
    append(&table, "full_name, 7\nAnn Lee, 1\n");
    let settings = followed(dir.path(), "always", "read_from=\"end\"\n");
    let daemon = Daemon::start(&settings);
    daemon.wait_metric("scrubd_files{route=\"t\"} 1");
    append(&table, "Bea Kim, 2\n");
    assert_eq!(wait_for_lines(&out, 1), ["REDACTED-NAME, 2"]);
}

#[test]
fn settings_that_a_route_would_not_heed_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("s.toml");
    let file_route = "listen=[\"file:///x\"]\nsink=\"stdout\"\n";
    let stdin = "listen=[\"stdin\"]\nsink=\"stdout\"\n";
    let both = "listen=[\"tcp://127.0.0.1:1\",\"udp://127.0.0.1:1\"]\nsink=\"stdout\"\n";
    let far = "listen=[\"tcp://127.0.0.1:1\"]\nsink=\"tcp://127.0.0.1:2\"\n";
    for (text, want) in [
        (
            format!("{far}protocol=\"relp\"\ncsv=\"auto\"\n"),
            "s.toml:6:5: route `r`: csv is for the protocol lines, and this route speaks relp",
        ),
        (
            format!("{far}protocol=\"gelf\"\nframing=\"auto\"\n"),
            "s.toml:6:9: route `r`: gelf has its own framing",
        ),
        (
            format!("{far}protocol=\"http\"\n[route.multiline]\nstart=\"x\"\n"),
            "s.toml:6:1: multiline joins lines, and http has none",
        ),
        (
            format!("{stdin}csv=\"always\"\n[route.multiline]\nstart=\"x\"\n"),
            "s.toml:5:5: route `r`: a table has a row in each line, and multiline and format join lines",
        ),
        (
            format!("{file_route}csv=\"auto\"\n[route.file]\nstate=\"s\"\nformat=\"cri\"\n"),
            "s.toml:5:5: route `r`: a table has a row in each line",
        ),
        (
            format!("{both}csv=\"always\"\n"),
            "s.toml:5:5: route `r`: a table is a stream or a file, and udp://127.0.0.1:1 brings datagrams",
        ),
        (
            "listen=[\"unixgram:///x\"]\nsink=\"stdout\"\ncsv=\"auto\"\n".to_owned(),
            "s.toml:5:5: route `r`: a table is a stream or a file, and unixgram:///x brings datagrams",
        ),
        (
            "listen=[\"unixgram:///x\"]\nsink=\"stdout\"\nframing=\"nul\"\n".to_owned(),
            "s.toml:5:9: route `r`: a datagram is one record",
        ),
        (
            format!("{both}[route.multiline]\nstart=\"x\"\n"),
            "s.toml:5:1: route `r`: multiline joins the lines of streams and files, and udp://127.0.0.1:1 brings datagrams",
        ),
        (
            format!("{stdin}framing=\"nul\"\n[route.multiline]\nstart=\"x\"\n"),
            "s.toml:5:9: route `r`: multiline joins lines that end with a line feed",
        ),
        (
            format!("{file_route}framing=\"octet_counting\"\n[route.file]\nstate=\"s\"\n"),
            "s.toml:5:9: route `r`: octet counting is for streams, and file:///x is a file",
        ),
        (
            format!("{file_route}framing=\"nul\"\n[route.file]\nstate=\"s\"\nformat=\"docker\"\n"),
            "s.toml:5:9: route `r`: the lines of a container end with a line feed",
        ),
        (
            "listen=[\"stdin\"]\nsink=\"udp://127.0.0.1:1\"\noutput_framing=\"nul\"\n".to_owned(),
            "s.toml:5:16: route `r`: each record leaves as a datagram of its own",
        ),
        (
            format!(
                "{}protocol=\"gelf\"\n[route.file]\nstate=\"s\"\n",
                file_route.replace("stdout", "tcp://127.0.0.1:1")
            ),
            "route `r`: gelf comes over udp://, tcp://, tls:// or unix://, not file:///x",
        ),
    ] {
        std::fs::write(&file, format!("[[route]]\nname=\"r\"\n{text}")).unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(&file), b"");
        assert_eq!(code, 78, "{text}{err}");
        assert!(err.contains(want), "{err}\nhas no {want}");
    }
    // What a route heeds is let through.
    for text in [
        format!("{both}csv=\"auto\"\nframing=\"octet_counting\"\n"),
        format!("{stdin}csv=\"never\"\n[route.multiline]\nstart=\"x\"\n"),
        format!("{file_route}csv=\"always\"\nframing=\"nul\"\n[route.file]\nstate=\"s\"\n"),
    ] {
        std::fs::write(&file, format!("[[route]]\nname=\"r\"\n{text}")).unwrap();
        let (code, _, err) = run(scrubd().args(["check", "-c"]).arg(&file), b"");
        assert_eq!(code, 0, "{text}{err}");
    }
}

/// Through the filter under a policy of this text.
fn under(policy: &str, args: &[&str], input: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, policy).unwrap();
    let named = ["--policy", file.to_str().unwrap()];
    scrub(&[&named, args].concat(), input)
}

#[test]
fn rules_for_places_and_keys_know_the_columns() {
    let policy = "[actions]\ndefault = \"redact\"\n[allow]\nkeys = [\"trace_id\"]\n[[field]]\npath = \"peer\"\naction = \"keep\"\n[[field]]\npath = \"note.via\"\naction = { action = \"mask\", keep_last = 1 }\n[[field]]\npath = \"**.login\"\nclass = \"network.account\"\naction = { action = \"mask\", keep_first = 1 }\n[[custom]]\nname = \"badge\"\nkeys = [\"badge_xq\"]\naction = \"drop_field\"\n";
    let table = "Peer,login,Trace-ID,badge xq,n,note\n192.0.2.1,ann,6f9619ff-8b86-d011-b42d-00cf4fc964ff,A7,192.0.2.2,\"via=192.0.2.3, 192.0.2.4\"\n";
    let want = "Peer,login,Trace-ID,badge xq,n,note\n192.0.2.1,a**,6f9619ff-8b86-d011-b42d-00cf4fc964ff,-,REDACTED-IP,\"via=********3, REDACTED-IP\"\n";
    assert_eq!(under(policy, &[], table), want);
    // A table whose names only the policy knows, and one that is one because it is said.
    assert_eq!(
        under(policy, &[], "a,badge_xq\n1,B8\n"),
        "a,badge_xq\n1,-\n"
    );
    assert_eq!(
        under(policy, &[], "a,peer\n1,192.0.2.1\n"),
        "a,peer\n1,192.0.2.1\n"
    );
    assert_eq!(
        under(
            policy,
            &["--csv", "always"],
            "\u{FEFF}peer, 7\n192.0.2.1, 192.0.2.2\n"
        ),
        "\u{FEFF}peer, 7\n192.0.2.1, REDACTED-IP\n"
    );
    // What stands behind the table's end in a batch has the path that it had.
    assert_eq!(
        under(
            policy,
            &[],
            "#Fields: peer login\n192.0.2.1 ann\n#Fields: n login\n192.0.2.1 bea\n"
        ),
        "#Fields: peer login\n192.0.2.1 a**\n#Fields: n login\nREDACTED-IP b**\n"
    );
}

#[test]
fn audit_names_the_columns() {
    let table = "when,client,login\n1,192.0.2.1,ann\n2,192.0.2.2,bea\n";
    let (code, out, err) = run(scrubd().arg("audit"), table.as_bytes());
    assert_eq!(code, 0, "{err}");
    let out = String::from_utf8(out).unwrap();
    let rows: Vec<Vec<&str>> = out
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for want in [
        ["network.ip", "client", "2", "redact", "999.9.9.9"],
        ["network.account", "login", "2", "redact", "aaa"],
    ] {
        assert!(rows.contains(&want.to_vec()), "{out}");
    }
    let (_, out, _) = run(
        scrubd().args(["audit", "--csv", "always"]),
        b"client, 7\n192.0.2.1, x\n",
    );
    let out = String::from_utf8(out).unwrap();
    assert!(
        out.lines()
            .any(|line| line.starts_with("network.ip") && line.contains(" client ")),
        "{out}"
    );
}

#[test]
fn an_operators_keys_are_found_in_every_format() {
    let policy = "[actions]\ndefault = \"keep\"\n[[custom]]\nname = \"badge\"\nkeys = [\"badge_xq\"]\naction = \"redact\"\n";
    for line in [
        "badge_xq=A1",
        "badge-xq: A1",
        "badgeXq=A1",
        "{\"badge_xq\":\"A1\"}",
        "{\"m\":\"{\\\"badge_xq\\\":\\\"A1\\\"}\"}",
        "<badge_xq>A1</badge_xq>",
        "<Data Name=\"badge_xq\">A1</Data>",
        "<add key=\"badge_xq\" value=\"A1\"/>",
        "&lt;badge_xq&gt;A1&lt;/badge_xq&gt;",
        "{&quot;badge_xq&quot;:&quot;A1&quot;}",
        "u=badge_xq%3DA1%26n%3D1",
        "j=%7B%22badge_xq%22%3A%22A1%22%7D",
        "user[badge_xq]=A1",
        "user%5Bbadge_xq%5D=A1",
        "run --badge-xq A1",
        "{\"badge_xq\" => \"A1\"}",
        "CEF:0|a|b|1|2|n|5|cs1Label=badge_xq cs1=A1 x=1",
        "CEF:0|a|b|1|2|n|5|badge_xq=A1 x=1",
        "badge_xq：A1",
    ] {
        let want = line.replace("A1", "REDACTED-CUSTOM");
        assert_eq!(under(policy, &[], line), want);
    }
    assert_eq!(
        under(policy, &[], "badge_xq,n\nA1,1\n"),
        "badge_xq,n\nREDACTED-CUSTOM,1\n"
    );
}

#[test]
fn an_operators_rule_wins_over_the_classes_that_it_covers() {
    let policy = "[actions]\ndefault = \"redact\"\n[[custom]]\nname = \"k\"\nkeys = [\"login\"]\naction = { action = \"mask\", keep_first = 1 }\n[[custom]]\nname = \"tests\"\npattern = 'qa-[0-9]+@mail\\.example'\naction = \"keep\"\n[[custom]]\nname = \"build\"\npattern = 'build 1\\.2\\.3\\.4'\naction = \"detect\"\n[[custom]]\nname = \"part\"\nwords = [\"bluebird\"]\naction = \"keep\"\n[[field]]\npath = \"f\"\naction = \"drop_field\"\n";
    assert_eq!(
        under(
            policy,
            &[],
            "login=ann qa-1@mail.example ann@mail.example build 1.2.3.4 at 1.2.3.4 bluebird@mail.example f=qa-1@mail.example\n"
        ),
        "login=a** qa-1@mail.example REDACTED-EMAIL build 1.2.3.4 at REDACTED-IP REDACTED-EMAIL f=-\n"
    );
}
