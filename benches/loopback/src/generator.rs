//! What is sent: syslog lines of the seeded corpus, each with a number at its end.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use crate::corpus::Corpus;
use crate::number::{self, LETTERS};
use crate::sink::Sink;

const WRITE_BYTES: usize = 256 << 10;
/// What is sent over and over at full speed.
const LOAD_BYTES: usize = 16 << 20;
const TICK: Duration = Duration::from_millis(1);

/// Lines to send.
pub struct Load {
    bytes: Vec<u8>,
    lines: Vec<std::ops::Range<usize>>,
}

/// How a paced run went for the client.
#[derive(Clone, Copy, Default)]
pub struct Paced {
    pub lines: u64,
    /// Connections that broke and were made again.
    pub resets: u64,
}

impl Load {
    pub fn new() -> Self {
        let corpus = Corpus::named("system").expect("a corpus");
        let plain = corpus.fill(1, LOAD_BYTES);
        let (mut bytes, mut lines) = (Vec::with_capacity(LOAD_BYTES * 5 / 4), Vec::new());
        for (number, line) in plain.split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let start = bytes.len();
            bytes.extend_from_slice(b"<13>");
            bytes.extend_from_slice(line);
            bytes.extend_from_slice(b" #");
            bytes.extend_from_slice(&number::encode(number));
            bytes.push(b'\n');
            lines.push(start..bytes.len());
        }
        Self { bytes, lines }
    }

    /// Bytes of a line, on average.
    pub fn line_bytes(&self) -> f64 {
        self.bytes.len() as f64 / self.lines.len() as f64
    }

    /// At full speed on `connections` for about `bytes` altogether: lines and bytes sent.
    pub fn flood(&self, port: u16, bytes: usize, connections: usize) -> (u64, u64) {
        let passes = (bytes / self.bytes.len() / connections).max(1);
        std::thread::scope(|scope| {
            for _ in 0..connections {
                scope.spawn(|| {
                    let mut stream = connect(port).expect("the contender listens");
                    for _ in 0..passes {
                        for part in self.bytes.chunks(WRITE_BYTES) {
                            stream.write_all(part).expect("the contender takes it");
                        }
                    }
                });
            }
        });
        let times = (passes * connections) as u64;
        (
            self.lines.len() as u64 * times,
            self.bytes.len() as u64 * times,
        )
    }

    /// At a pace, one write a line, for that long; `sink` is told of each.
    pub fn paced(&self, port: u16, lines_per_sec: u64, duration: Duration, sink: &Sink) -> Paced {
        let total = lines_per_sec * duration.as_millis() as u64 / 1000;
        let sent = sink.expect(total as usize);
        let mut paced = Paced::default();
        let mut stream = connect(port).expect("the contender listens");
        let gap = Duration::from_secs(1) / lines_per_sec as u32;
        let begun = Instant::now();
        for number in 0..total {
            let due = gap * number as u32;
            // Slow paces line by line; fast ones by the tick.
            if let Some(early) = due.checked_sub(begun.elapsed())
                && (gap >= TICK / 10 || early >= TICK)
            {
                std::thread::sleep(early);
            }
            let line = &self.lines[number as usize % self.lines.len()];
            let mut line = self.bytes[line.clone()].to_vec();
            let end = line.len() - 1;
            line[end - LETTERS..end].copy_from_slice(&number::encode(number as usize));
            sent.now(number as usize);
            while stream.write_all(&line).is_err() {
                paced.resets += 1;
                stream = again(port);
            }
            paced.lines += 1;
        }
        paced
    }
}

fn connect(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A client that comes back.
fn again(port: u16) -> TcpStream {
    loop {
        if let Ok(stream) = connect(port) {
            return stream;
        }
        std::thread::sleep(TICK * 10);
    }
}
