//! Where lines arrive: counted, or accounted for one by one; stalled and restarted at will.

use std::io::Read as _;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::number;

/// When nothing more is expected to come.
const QUIET: Duration = Duration::from_secs(8);

/// The latency of a line that did not come.
const UNSEEN: u64 = u64::MAX;

/// What a sink and its connections share.
struct State {
    port: u16,
    lines: AtomicU64,
    bytes: AtomicU64,
    /// Whether lines are looked at one by one.
    track: AtomicBool,
    stalled: Mutex<bool>,
    resumed: Condvar,
    closed: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
    ledger: Mutex<Ledger>,
    arrived: Condvar,
    begun: Instant,
}

/// When each line was sent, in nanoseconds since the sink began. Written without a lock: who sends must not wait
/// for who reads.
pub struct Sent {
    begun: Instant,
    nanos: Arc<[AtomicU64]>,
}

impl Sent {
    /// Line `number` leaves now.
    pub fn now(&self, number: usize) {
        self.nanos[number].store(nanos_since(self.begun), Ordering::SeqCst);
    }
}

/// Line by line: how often it came, how long it took.
#[derive(Default)]
struct Ledger {
    sent: Arc<[AtomicU64]>,
    seen: Vec<u8>,
    /// Of the lines in the order of their numbers.
    latencies_nanos: Vec<u64>,
    unique: u64,
}

/// A listener on loopback.
pub struct Sink(Arc<State>);

/// What became of the numbered lines.
#[derive(Clone, Copy, Default)]
pub struct Account {
    pub lost: u64,
    pub twice: u64,
    /// How long the first line took.
    pub first_millis: f64,
    /// Medians of what each part of the run gave.
    pub p50_micros: f64,
    pub p99_micros: f64,
}

impl Sink {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let sink = Self(Arc::new(State {
            port: listener.local_addr().expect("bound").port(),
            lines: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            track: AtomicBool::new(false),
            stalled: Mutex::new(false),
            resumed: Condvar::new(),
            closed: AtomicBool::new(false),
            connections: Mutex::default(),
            ledger: Mutex::default(),
            arrived: Condvar::new(),
            begun: Instant::now(),
        }));
        sink.serve(listener);
        sink
    }

    pub fn port(&self) -> u16 {
        self.0.port
    }

    fn serve(&self, listener: TcpListener) {
        let state = Arc::clone(&self.0);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // Woken up to close.
                if state.closed.load(Ordering::SeqCst) {
                    return;
                }
                let handle = connection.try_clone().expect("a descriptor");
                state.connections.lock().expect("sink").push(handle);
                let state = Arc::clone(&state);
                thread::spawn(move || state.read(connection));
            }
        });
    }

    /// Reads nothing more until told so.
    pub fn stall(&self, stalled: bool) {
        *self.0.stalled.lock().expect("sink") = stalled;
        self.0.resumed.notify_all();
    }

    /// Takes no connections and breaks those that are there.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.0.port)));
        for connection in self.0.connections.lock().expect("sink").drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Is there again, where it was.
    pub fn reopen(&self) {
        let end = Instant::now() + QUIET;
        let listener = loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, self.0.port)) {
                Ok(listener) => break listener,
                Err(error) => assert!(Instant::now() < end, "the sink's port is taken: {error}"),
            }
            thread::yield_now();
        };
        self.0.closed.store(false, Ordering::SeqCst);
        self.serve(listener);
    }

    /// Begins an account of `lines` numbered lines.
    pub fn expect(&self, lines: usize) -> Sent {
        let nanos: Arc<[AtomicU64]> = (0..lines).map(|_| AtomicU64::new(0)).collect();
        *self.0.ledger.lock().expect("sink") = Ledger {
            sent: Arc::clone(&nanos),
            seen: vec![0; lines],
            latencies_nanos: vec![UNSEEN; lines],
            unique: 0,
        };
        self.0.track.store(true, Ordering::SeqCst);
        Sent {
            begun: self.0.begun,
            nanos,
        }
    }

    /// Waits until all of the first `lines` are there or nothing comes any more. What they took is looked at in
    /// parts of `part` lines: what the machine does beside spoils some of them, not all.
    pub fn account(&self, lines: u64, part: usize) -> Account {
        let mut ledger = self.0.ledger.lock().expect("sink");
        while ledger.unique < lines {
            let before = ledger.unique;
            let (guard, timeout) = self.0.arrived.wait_timeout(ledger, QUIET).expect("sink");
            ledger = guard;
            if timeout.timed_out() && ledger.unique == before {
                break;
            }
        }
        self.0.track.store(false, Ordering::SeqCst);
        let latencies = std::mem::take(&mut ledger.latencies_nanos);
        let first_millis = latencies.first().map_or(f64::NAN, |n| *n as f64 / 1e6);
        let parts: Vec<Vec<u64>> = latencies
            .chunks(part)
            .map(|part| {
                let mut part: Vec<u64> = part.iter().copied().filter(|n| *n != UNSEEN).collect();
                part.sort_unstable();
                part
            })
            .filter(|part| !part.is_empty())
            .collect();
        let at = |percent: usize| {
            let mut all: Vec<u64> = parts
                .iter()
                .map(|part| part[(part.len() - 1) * percent / 100])
                .collect();
            all.sort_unstable();
            all.get(all.len() / 2).map_or(f64::NAN, |n| *n as f64 / 1e3)
        };
        Account {
            lost: lines.saturating_sub(ledger.unique),
            twice: ledger
                .seen
                .iter()
                .map(|n| u64::from(n.saturating_sub(1)))
                .sum(),
            first_millis,
            p50_micros: at(50),
            p99_micros: at(99),
        }
    }

    /// Lines so far, uncounted ones included.
    pub fn lines(&self) -> u64 {
        self.0.lines.load(Ordering::Relaxed)
    }

    /// Waits for a total of `lines`; false where nothing comes any more.
    pub fn wait_lines(&self, lines: u64) -> bool {
        let mut guard = self.0.ledger.lock().expect("sink");
        while self.lines() < lines {
            let before = self.lines();
            let (again, timeout) = self.0.arrived.wait_timeout(guard, QUIET).expect("sink");
            guard = again;
            if timeout.timed_out() && self.lines() == before {
                return false;
            }
        }
        true
    }
}

fn nanos_since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl State {
    fn now(&self) -> u64 {
        nanos_since(self.begun)
    }

    fn read(&self, mut connection: TcpStream) {
        let mut buffer = vec![0; 256 << 10];
        let mut kept = 0;
        loop {
            let mut stalled = self.stalled.lock().expect("sink");
            while *stalled {
                stalled = self.resumed.wait(stalled).expect("sink");
            }
            drop(stalled);
            let read = match connection.read(&mut buffer[kept..]) {
                Ok(0) | Err(_) => return,
                Ok(read) => read,
            };
            let now = self.now();
            self.bytes.fetch_add(read as u64, Ordering::Relaxed);
            let new = memchr::memchr_iter(b'\n', &buffer[kept..kept + read]).count();
            let filled = kept + read;
            kept = 0;
            if self.track.load(Ordering::Relaxed) {
                let whole = memchr::memrchr(b'\n', &buffer[..filled]).map_or(0, |i| i + 1);
                self.take(&buffer[..whole], now);
                buffer.copy_within(whole..filled, 0);
                kept = filled - whole;
            }
            self.lines.fetch_add(new as u64, Ordering::Relaxed);
            drop(self.ledger.lock());
            self.arrived.notify_all();
        }
    }

    fn take(&self, lines: &[u8], now: u64) {
        let mut ledger = self.ledger.lock().expect("sink");
        let ledger = &mut *ledger;
        for line in lines.split(|byte| *byte == b'\n') {
            let number = number::at_end(line);
            let Some((number, seen)) = number.and_then(|n| Some((n, ledger.seen.get_mut(n)?)))
            else {
                continue;
            };
            *seen = seen.saturating_add(1);
            if *seen == 1 {
                ledger.unique += 1;
                let sent = ledger.sent[number].load(Ordering::SeqCst);
                ledger.latencies_nanos[number] = now.saturating_sub(sent);
            }
        }
    }
}
