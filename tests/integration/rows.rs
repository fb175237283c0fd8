//! Syslog by its fields: canaries in each of them, from clients that are told what stands where, to a real server that
//! writes every field as a column.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::canary::{self, As};
use super::shippers::Rsyslog;
use super::support::PATIENCE;

/// A canary that fits an MSGID (RFC 5424 §6: 32 characters), hidden or not.
pub fn short(i: usize, how: As) -> String {
    let fits = |one: &&&canary::Canary| {
        [As::Sent, As::Hidden]
            .iter()
            .all(|how| one.write(9999, *how).len() <= 32)
    };
    let shapes = canary::shapes();
    let short: Vec<_> = shapes.iter().filter(fits).collect();
    short[i % short.len()].write(i, how)
}

/// A canary that stands, once it is hidden, for a name that a host can have.
fn host(i: usize, how: As) -> String {
    let is_name = |one: &&&canary::Canary| {
        let hidden = one.write(0, As::Hidden);
        hidden
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let shapes = canary::shapes();
    let names: Vec<_> = shapes.iter().filter(is_name).collect();
    names[i % names.len()].write(i, how)
}

/// What record `i` has in its fields: host, message id, a parameter of structured data, message.
pub fn fields(i: usize, how: As) -> [String; 4] {
    [
        host(i, how),
        short(i + 1, how),
        canary::shape(i + 2, how),
        canary::line(i, how),
    ]
}

/// Record `i` as RFC 5424 has it.
pub fn whole(i: usize) -> String {
    let [host, id, by, text] = fields(i, As::Sent);
    format!("<134>1 2026-01-02T03:04:05Z {host} app - {id} [who@32473 by=\"{by}\"] {text}")
}

/// Appends records to a file that a client follows, a tab between two fields.
pub fn append(source: &Path, records: std::ops::Range<usize>) {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(source)
        .unwrap();
    let text: String = records
        .map(|i| fields(i, As::Sent).join("\t") + "\n")
        .collect();
    file.write_all(text.as_bytes()).unwrap();
}

/// rsyslog that follows `source`, and sends each line's fields as RFC 5424 has them, with `action`.
pub fn rsyslog(dir: &Path, source: &Path, action: &str) -> Rsyslog {
    Rsyslog::start(
        dir,
        &format!(
            "module(load=\"imfile\" mode=\"polling\" pollingInterval=\"1\")\ninput(type=\"imfile\" file=\"{}\" tag=\"app\")\n\
             template(name=\"rows\" type=\"string\" string=\"<134>1 2026-01-02T03:04:05Z %$!host% app - %$!id% [who@32473 by=\\\"%$!by%\\\"] %$!text%\")\n\
             set $!host = field($msg, 9, 1);\nset $!id = field($msg, 9, 2);\nset $!by = field($msg, 9, 3);\nset $!text = field($msg, 9, 4);\n\
             {action}\n",
            source.display()
        ),
    )
}

/// rsyslog that listens by `module`. It takes a record when the record is in its file: it has no queue.
pub fn receiver(dir: &Path, module: &str, port: u16) -> (Rsyslog, PathBuf) {
    receiver_with(dir, "", module, module, port)
}

/// The same with settings in front, and parameters behind the module's name.
pub fn receiver_with(
    dir: &Path,
    settings: &str,
    module: &str,
    input: &str,
    port: u16,
) -> (Rsyslog, PathBuf) {
    let out = dir.join("received.log");
    let config = format!(
        "{settings}global(maxMessageSize=\"64k\")\nmain_queue(queue.type=\"direct\")\nmodule(load=\"{module}\")\ninput(type=\"{input}\" port=\"{port}\" address=\"127.0.0.1\")\n\
         template(name=\"columns\" type=\"string\" string=\"%hostname%\\t%app-name%\\t%msgid%\\t%structured-data%\\t%msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"columns\" flushOnTXEnd=\"on\")\n",
        out.display()
    );
    (Rsyslog::start(dir, &config), out)
}

/// Once somebody has a socket for datagrams at this port of IPv4.
pub fn wait_for_udp(port: u16) {
    let end = Instant::now() + PATIENCE;
    let place = format!("0100007F:{port:04X} ");
    while !std::fs::read_to_string("/proc/net/udp")
        .unwrap()
        .contains(&place)
    {
        assert!(Instant::now() < end, "nobody listens at {port}");
        std::thread::yield_now();
    }
}

/// How often each record is in the receiver's file, once each of `records` is; each of them whole and clean.
/// `parsed` says what must stand in the columns.
pub fn count(out: &Path, records: usize, columns: impl Fn(usize) -> [String; 5]) -> Vec<usize> {
    lines(out, records, |i, line| {
        let mut have: Vec<&str> = line.split('\t').map(str::trim).collect();
        // syslog-ng numbers what it sends.
        have[3] = have[3].split("[meta sequenceId=").next().unwrap();
        assert_eq!(have, columns(i));
    })
}

/// The same of any file with a record a line, which `look` gets with its number.
pub fn lines(out: &Path, records: usize, look: impl Fn(usize, &str)) -> Vec<usize> {
    let end = Instant::now() + PATIENCE;
    let (mut read, mut seen) = (0, vec![0; records]);
    loop {
        let text = std::fs::read_to_string(out).unwrap_or_default();
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        for line in text[read..whole].lines() {
            canary::none_left(line);
            let i = *canary::numbers([line], "seq=").first().expect("no number");
            look(i, line);
            seen[i] += 1;
        }
        read = whole;
        if seen.iter().all(|n| *n > 0) {
            return seen;
        }
        let missing = seen.iter().filter(|n| **n == 0).count();
        assert!(Instant::now() < end, "{missing} of {records} are missing");
        std::thread::yield_now();
    }
}

/// The columns of a record of RFC 5424.
pub fn columns(i: usize) -> [String; 5] {
    let [host, id, by, text] = fields(i, As::Hidden);
    [
        host,
        "app".to_owned(),
        id,
        format!("[who@32473 by=\"{by}\"]"),
        text,
    ]
}

/// Each of `records` is there, once.
pub fn once(out: &Path, records: usize, columns: impl Fn(usize) -> [String; 5]) {
    let seen = count(out, records, columns);
    let twice = seen.iter().filter(|n| **n != 1).count();
    assert_eq!(twice, 0, "{twice} came more than once");
}
