//! Lumberjack: PyPI's pylogbeat and python-logstash-async to a sink of this test, which reads frames on its
//! own and acknowledges a window once it has all of it. (No other server of it works that Debian, PyPI or npm have.)

use std::collections::BTreeSet;
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

use super::canary::{self, As};
use super::clients::Client;
use super::pki::Authority;
use super::support::{Daemon, PATIENCE, free_port};

const RECORDS: usize = 1000;

fn daemon(port: u16, sink: u16) -> Daemon {
    let (listen, sink) = (
        format!("tcp://127.0.0.1:{port}"),
        format!("tcp://127.0.0.1:{sink}"),
    );
    Daemon::shipped("lumberjack.toml", &listen, &sink)
}

fn number(stream: &mut impl Read) -> Option<u32> {
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).ok()?;
    Some(u32::from_be_bytes(bytes))
}

/// The numbers and events of the next frame, and the number of the last; a window has none.
fn frame(stream: &mut dyn Read, events: &mut Vec<(u32, String)>) -> Option<(u8, u32)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    assert_eq!(head[0], b'2');
    let payload = |stream: &mut dyn Read| {
        let mut payload = vec![0; number(&mut &mut *stream)? as usize];
        stream.read_exact(&mut payload).ok()?;
        Some(payload)
    };
    match head[1] {
        b'W' => Some((b'W', number(&mut &mut *stream)?)),
        b'J' => {
            let last = number(&mut &mut *stream)?;
            events.push((last, String::from_utf8(payload(stream)?).unwrap()));
            Some((b'J', last))
        }
        b'C' => {
            let packed = payload(stream)?;
            let mut inside = Vec::new();
            flate2::read::ZlibDecoder::new(&packed[..])
                .read_to_end(&mut inside)
                .unwrap();
            let (mut inside, mut last) = (&inside[..], 0);
            while !inside.is_empty() {
                last = frame(&mut inside, events)?.1;
            }
            Some((b'C', last))
        }
        other => panic!("{other}"),
    }
}

/// Takes windows, writes down their events and acknowledges them.
struct Sink {
    port: u16,
    events: Arc<Mutex<Vec<String>>>,
    /// What is open, the listener included, as long as it lives.
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Sink {
    /// `refuse` of the windows, by number from 0, it reads and breaks off instead.
    fn start(port: u16, refuse: &'static [usize], events: Arc<Mutex<Vec<String>>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let (taken, windows, alive) = (
            Arc::clone(&events),
            Arc::new(Mutex::new(0)),
            Arc::clone(&open),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (taken, windows, stream) =
                    (Arc::clone(&taken), Arc::clone(&windows), stream.unwrap());
                match alive.lock().unwrap().as_mut() {
                    Some(open) => open.push(stream.try_clone().unwrap()),
                    None => return,
                }
                std::thread::spawn(move || Self::serve(stream, refuse, &taken, &windows));
            }
        });
        Self { port, events, open }
    }

    fn serve(
        mut stream: TcpStream,
        refuse: &[usize],
        taken: &Mutex<Vec<String>>,
        windows: &Mutex<usize>,
    ) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        while let Some((b'W', size)) = frame(&mut reader, &mut Vec::new()) {
            let (mut window, mut last) = (Vec::new(), 0);
            while window.len() < size as usize {
                let Some((_, number)) = frame(&mut reader, &mut window) else {
                    return;
                };
                last = number;
            }
            // No more than it said, and each numbered behind the one before.
            assert_eq!(window.len(), size as usize);
            let pairs = || window.iter().zip(window.iter().skip(1));
            assert!(pairs().all(|(one, next)| next.0 == one.0 + 1));
            let mut count = windows.lock().unwrap();
            *count += 1;
            if refuse.contains(&(*count - 1)) {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
            let events = window.into_iter().map(|(_, event)| event);
            taken.lock().unwrap().extend(events);
            let ack = [&b"2A"[..], &last.to_be_bytes()].concat();
            if stream.write_all(&ack).is_err() {
                return;
            }
        }
    }

    /// What others see of a process that is killed.
    fn kill(self) {
        let open = self.open.lock().unwrap().take().unwrap();
        // The listener looks up, and goes.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        for stream in open {
            let _ = stream.shutdown(Shutdown::Both);
        }
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {}
    }

    fn wait(&self, records: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let count = self.events.lock().unwrap().len();
            if count >= records {
                return;
            }
            assert!(Instant::now() < end, "{count} of {records}");
            std::thread::yield_now();
        }
    }
}

fn sink(refuse: &'static [usize]) -> (u16, Arc<Mutex<Vec<String>>>) {
    let sink = Sink::start(0, refuse, Arc::default());
    (sink.port, sink.events)
}

fn account(events: &[String], record: impl Fn(&Value) -> &Value) {
    let mut seen = BTreeSet::new();
    for event in events {
        canary::none_left(event);
        let event: Value = serde_json::from_str(event).unwrap();
        let got = record(&event);
        let seq = usize::try_from(got["seq"].as_u64().unwrap()).unwrap();
        canary::same_but_hidden(seq, got);
        seen.insert(seq);
    }
    assert_eq!(seen, (0..RECORDS).collect());
}

#[test]
fn pylogbeat_through_a_sink_that_breaks_off() {
    let (far, events) = sink(&[3, 4, 11]);
    let port = free_port();
    let daemon = daemon(port, far);
    let mut client = Client::python("pylogbeat_send.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS));
    let (mut acknowledged, mut failures) = (BTreeSet::new(), 0);
    while acknowledged.len() < RECORDS {
        match client.line().strip_prefix("ack ") {
            Some(seq) => assert!(acknowledged.insert(seq.parse::<usize>().unwrap())),
            None => failures += 1,
        }
    }
    client.finish();
    assert_eq!(failures, 3, "the client sees each of them");
    let events = events.lock().unwrap();
    assert_eq!(
        events.len(),
        RECORDS,
        "what was acknowledged is there, once"
    );
    account(&events, |event| event);
    let records = RECORDS + 3 * 50;
    daemon.wait_metric(&format!(
        "scrubd_records_total{{route=\"lumberjack\"}} {records}"
    ));
}

#[test]
fn pylogbeat_through_a_sink_that_is_killed() {
    let first = Sink::start(0, &[], Arc::default());
    let (far, events, port) = (first.port, Arc::clone(&first.events), free_port());
    let daemon = daemon(port, far);
    let mut client = Client::python("pylogbeat_send.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS));
    // The next number that is acknowledged, and whether a failure came before it.
    let next = |client: &Client| {
        let mut failed = false;
        loop {
            match client.line().strip_prefix("ack ") {
                Some(seq) => return (seq.parse::<usize>().unwrap(), failed),
                None => failed = true,
            }
        }
    };
    let early: Vec<usize> = (0..RECORDS / 2).map(|_| next(&client).0).collect();
    first.kill();
    // What was acknowledged is there.
    let taken = canary::numbers(
        events.lock().unwrap().iter().map(String::as_str),
        "\"seq\": ",
    );
    assert!(early.iter().all(|seq| taken.contains(seq)));
    daemon.wait_metric("scrubd_sink_up{route=\"lumberjack\"} 0");
    let second = Sink::start(far, &[], events);
    let late: Vec<(usize, bool)> = (early.len()..RECORDS).map(|_| next(&client)).collect();
    client.finish();
    // Each window's are told at once: it was in one when the sink went, and saw that, or it waited.
    let seen: BTreeSet<usize> = early.into_iter().chain(late.iter().map(|l| l.0)).collect();
    assert_eq!(seen, (0..RECORDS).collect());
    account(&second.events.lock().unwrap(), |event| event);
}

#[test]
fn python_logstash_async_through_a_sink_that_is_killed() {
    let first = Sink::start(0, &[2], Arc::default());
    let (far, events, port) = (first.port, Arc::clone(&first.events), free_port());
    let daemon = daemon(port, far);
    let mut client = Client::python("python_logstash_async.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS / 2));
    first.wait(1);
    first.kill();
    client.say(&canary::records(RECORDS / 2..RECORDS));
    daemon.wait_metric("scrubd_sink_up{route=\"lumberjack\"} 0");
    let second = Sink::start(far, &[], events);
    // It sends again what was not acknowledged, so that some may come twice.
    let end = Instant::now() + PATIENCE;
    let seen =
        |events: &[String]| canary::numbers(events.iter().map(String::as_str), "\"seq\": ").len();
    while seen(&second.events.lock().unwrap()) < RECORDS {
        assert!(
            Instant::now() < end,
            "{}",
            seen(&second.events.lock().unwrap())
        );
        std::thread::yield_now();
    }
    client.finish();
    account(
        &second.events.lock().unwrap(),
        |event| &event["extra"]["record"],
    );
}

#[test]
fn pylogbeat_through_two_daemons_and_tls_between_them() {
    let (far, events) = sink(&[]);
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path(), "ca");
    let (cert, key) = authority.sign("server");
    let (middle, port) = (free_port(), free_port());
    let _second = Daemon::start(&format!(
        "[[route]]\nname=\"b\"\nprotocol=\"lumberjack\"\nlisten=[\"tls://127.0.0.1:{middle}\"]\nsink=\"tcp://127.0.0.1:{far}\"\npolicy=\"strict\"\n\
         listen_tls = {{ cert = \"{}\", key = \"{}\" }}\n",
        cert.display(),
        key.display()
    ));
    let _first = Daemon::start(&format!(
        "[[route]]\nname=\"a\"\nprotocol=\"lumberjack\"\nlisten=[\"tcp://127.0.0.1:{port}\"]\nsink=\"tls://127.0.0.1:{middle}\"\npolicy=\"strict\"\n\
         sink_tls = {{ ca = \"{}\" }}\n",
        authority.ca.display()
    ));
    let mut client = Client::python("pylogbeat_send.py", &[&port.to_string()]);
    client.say(&canary::records(0..RECORDS));
    for i in 0..RECORDS {
        assert_eq!(client.line(), format!("ack {i}"));
    }
    client.finish();
    account(&events.lock().unwrap(), |event| event);
}

fn ack(stream: &mut TcpStream) -> u32 {
    let mut bytes = [0; 6];
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes[..2], b"2A");
    u32::from_be_bytes(bytes[2..].try_into().unwrap())
}

#[test]
fn who_waits_hears_that_somebody_is_there_and_nothing_that_the_sink_did_not_say() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free_port();
    let daemon = daemon(port, listener.local_addr().unwrap().port());
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut window = b"2W\0\0\0\x02".to_vec();
    for seq in 1..=2u32 {
        let event = canary::record(seq as usize, As::Sent).to_string();
        window.extend(
            [
                &b"2J"[..],
                &seq.to_be_bytes(),
                &(event.len() as u32).to_be_bytes(),
                event.as_bytes(),
            ]
            .concat(),
        );
    }
    client.write_all(&window).unwrap();
    let (mut far, mut reader) = loop {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        if let Some(window) = frame(&mut reader, &mut Vec::new()) {
            assert_eq!(window, (b'W', 2));
            break (stream, reader);
        }
    };
    let mut events = Vec::new();
    while events.len() < 2 {
        frame(&mut reader, &mut events).unwrap();
    }
    events
        .iter()
        .for_each(|(_, event)| canary::none_left(event));
    assert_eq!(ack(&mut client), 0, "a heartbeat");
    far.write_all(b"2A\0\0\0\x01").unwrap();
    let mut heard = ack(&mut client);
    while heard == 0 {
        heard = ack(&mut client);
    }
    assert_eq!((heard, ack(&mut client)), (1, 1), "another heartbeat");
    // The sink is gone with the second: the client is hung up on, and not told.
    drop((far, reader));
    assert_eq!(client.read(&mut [0; 6]).unwrap(), 0);
    // What is no Lumberjack is hung up on too.
    let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let (far, _) = listener.accept().unwrap();
    assert_eq!(client.read(&mut [0; 6]).unwrap(), 0);
    drop(far);
    daemon.wait_metric("scrubd_tombstones_total{reason=\"bad_frame\",route=\"lumberjack\"} 1");
}
