//! Lumberjack, what Beats and logstash-forwarder speak, versions 1 and 2: windows of events as JSON or
//! as keys and values, compressed or not, acknowledged by number (logstash-forwarder `PROTOCOL.md`,
//! elastic/go-lumber).
//!
//! An acknowledgement goes to the client when the sink gave it. While it is waited for, the client
//! hears the last one again, which tells it that somebody is there. Where the sink breaks off in a
//! window, the client is hung up on and sends again what was not acknowledged.

pub mod frame;
mod hear;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use self::frame::{Frame, Stop};
use super::Shared;
use super::session::{Desk, Fault, Talk, Wires};
use crate::mask::Scrubbed;
use crate::pipeline::{Leaf, Sheet};
use crate::record::{Reason, Span, Tombstone};

/// How often a client that waits hears that somebody is there (Beats give up after 30 seconds).
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Most events of a window.
const WINDOW_MAX: u32 = 1 << 20;

/// Events that wait for the sink before another window is begun.
const WAITING_MAX: usize = 1 << 16;

/// An event that the sink has not acknowledged.
#[derive(Clone, Copy, Debug)]
struct Event {
    number: u32,
    /// Whether it is the last of its window.
    last: bool,
}

/// An event that is too long, on its way to the bin.
#[derive(Clone, Copy, Debug)]
struct Discard {
    version: u8,
    number: u32,
    left: usize,
    bytes: usize,
}

/// Where an event of JSON stands, behind its version and number.
type Place = (u8, u32, Span);

/// One connection.
#[derive(Debug)]
pub struct Lumberjack {
    desk: Desk,
    /// Whether a connection to the sink stands.
    linked: bool,
    gone: bool,
    /// What the client speaks.
    version: u8,
    /// Events of the window that are still to come.
    left: u32,
    /// In their order.
    waiting: VecDeque<Event>,
    /// The last of the first window in `waiting` that was acknowledged; 0 where none was. Beats number the
    /// events of each window from 1: what was acknowledged of an earlier one says nothing about this.
    acknowledged: u32,
    acknowledgements: u64,
    discard: Option<Discard>,
    needs: usize,
    /// Whether the client has said what is not taken yet.
    unheard: bool,
    sheet: Sheet,
    /// Events of the input at hand that are scrubbed together.
    batch: Vec<Place>,
    batch_bytes: usize,
}

impl Lumberjack {
    /// A connection that begins.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        Self::with(Desk::new(shared))
    }

    /// Over this core.
    #[must_use]
    pub fn with(mut desk: Desk) -> Self {
        desk.pipeline.bury_as_json(true);
        desk.pipeline.keep_apart();
        Self {
            desk,
            linked: false,
            gone: false,
            version: b'2',
            left: 0,
            waiting: VecDeque::new(),
            acknowledged: 0,
            acknowledgements: 0,
            discard: None,
            needs: 0,
            unheard: false,
            sheet: Sheet::new(),
            batch: Vec::new(),
            batch_bytes: 0,
        }
    }

    fn fault(&mut self, reason: Reason) -> Fault {
        self.desk.count(reason);
        Fault::Client
    }

    /// One event less to come.
    fn event(&mut self, number: u32) -> Result<(), Reason> {
        self.left = self.left.checked_sub(1).ok_or(Reason::BadFrame)?;
        self.waiting.push_back(Event {
            number,
            last: self.left == 0,
        });
        Ok(())
    }

    /// Scrubs events of JSON that stand in `frames`, and forgets them.
    fn together(&mut self, frames: &[u8], events: &mut Vec<Place>, out: &mut Vec<u8>) {
        if events.is_empty() {
            return;
        }
        let mut scrubbed = Scrubbed::new();
        let places = events.iter().map(|(_, _, place)| *place);
        self.desk.lines(frames, places, &mut scrubbed);
        for ((version, number, _), event) in events.drain(..).zip(scrubbed.records()) {
            frame::write(version, &Frame::Json(number, event), out);
        }
    }

    /// A tombstone in the place of an event of so many bytes.
    fn bury(
        &mut self,
        version: u8,
        number: u32,
        (reason, bytes): (Reason, usize),
        out: &mut Vec<u8>,
    ) {
        let mut scrubbed = Scrubbed::new();
        self.desk.tombstone(reason, bytes as u64, &mut scrubbed);
        frame::write(version, &Frame::Json(number, scrubbed.as_bytes()), out);
    }

    /// JSON that is no map.
    fn no_event(&mut self, version: u8, number: u32, bytes: usize, out: &mut Vec<u8>) {
        self.bury(version, number, (Reason::BadFrame, bytes), out);
    }

    fn too_long(&mut self, version: u8, number: u32, bytes: usize, out: &mut Vec<u8>) {
        self.bury(version, number, (Reason::RecordTooLong, bytes), out);
    }

    fn pairs(&mut self, version: u8, number: u32, pairs: &[(&[u8], &[u8])], out: &mut Vec<u8>) {
        self.sheet.clear();
        self.sheet.map();
        for (key, value) in pairs {
            self.sheet.key(key);
            self.sheet.text(value);
        }
        self.sheet.end_map();
        let leaves = match (self.desk.pipeline).sheet(&mut self.sheet, &mut self.desk.tally) {
            Ok(leaves) => leaves,
            Err(reason) => {
                let bytes = pairs.iter().map(|(k, v)| k.len().saturating_add(v.len()));
                let tombstone = Tombstone {
                    reason,
                    bytes: bytes.sum::<usize>() as u64,
                    policy: self.desk.pipeline.policy_id(),
                };
                let text = tombstone.to_string();
                let pairs = vec![(&b"line"[..], text.as_bytes())];
                return frame::write(version, &Frame::Pairs(number, pairs), out);
            }
        };
        let texts = pairs.iter().flat_map(|(key, value)| [*key, *value]);
        let scrubbed: Vec<Vec<u8>> = leaves
            .zip(texts)
            .map(|(leaf, text)| match leaf {
                Leaf::Kept => text.to_vec(),
                Leaf::Text(text) => text,
                Leaf::Number(number) => number.into_bytes(),
            })
            .collect();
        let pairs = scrubbed.chunks_exact(2).filter_map(|pair| match pair {
            [key, value] => Some((&key[..], &value[..])),
            _ => None,
        });
        frame::write(version, &Frame::Pairs(number, pairs.collect()), out);
    }

    fn acknowledge(&mut self, number: u32, out: &mut Wires) {
        // The sink's own heartbeat names what it acknowledged before, or nothing: that is not looked for in
        // the windows behind.
        let mut found = None;
        for (i, event) in self.waiting.iter().enumerate() {
            if event.number == number {
                found = Some((i, event.last));
                break;
            }
            if event.last && number <= event.number {
                break;
            }
        }
        let Some((i, last)) = found else { return };
        self.waiting.drain(..=i);
        self.acknowledged = if last { 0 } else { number };
        self.acknowledgements = self.acknowledgements.wrapping_add(1);
        frame::write(self.version, &Frame::Ack(number), &mut out.client);
    }
}

impl Talk for Lumberjack {
    fn client(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let heard = self.hear(input, out);
        self.scrub(input, out);
        let at = heard?;
        self.unheard = at < input.len();
        Ok(at)
    }

    fn needs(&self) -> usize {
        self.needs
    }

    fn full(&self) -> bool {
        !self.linked
    }

    fn hang_up(&mut self, _out: &mut Wires) {
        self.gone = true;
    }

    fn sink(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let mut at = 0usize;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            match frame::read(rest, 0, 0) {
                Ok((_, Frame::Ack(number), used)) => {
                    self.acknowledge(number, out);
                    at = at.saturating_add(used);
                }
                Err(Stop::Short(_)) => return Ok(at),
                Ok(_) | Err(Stop::TooLong(..) | Stop::Bad) => return Err(Fault::Sink),
            }
        }
    }

    fn linked(&mut self, _out: &mut Wires) {
        self.linked = true;
    }

    fn lost(&mut self, _out: &mut Wires) -> Result<(), Fault> {
        self.linked = false;
        if self.idle() && self.discard.is_none() {
            return Ok(());
        }
        Err(Fault::Session)
    }

    fn wants_sink(&self) -> bool {
        !self.gone
    }

    fn idle(&self) -> bool {
        self.waiting.is_empty() && self.left == 0
    }

    fn progress(&self) -> u64 {
        self.acknowledgements
    }

    fn done(&self) -> bool {
        // Who is gone without having been acknowledged sends again.
        self.gone && (self.waiting.is_empty() || self.left > 0 || !self.linked)
    }

    fn heartbeat(&self) -> Option<Duration> {
        let waits = !self.waiting.is_empty() || self.unheard && !self.linked;
        waits.then_some(HEARTBEAT)
    }

    fn beat(&mut self, out: &mut Wires) {
        frame::write(
            self.version,
            &Frame::Ack(self.acknowledged),
            &mut out.client,
        );
    }

    fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }
}
