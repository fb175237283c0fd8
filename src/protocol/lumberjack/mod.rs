//! Lumberjack, what Beats and logstash-forwarder speak, versions 1 and 2: windows of events as JSON or
//! as keys and values, compressed or not, acknowledged by number (logstash-forwarder `PROTOCOL.md`,
//! elastic/go-lumber).
//!
//! An acknowledgement goes to the client when the sink gave it. While it is waited for, the client
//! hears the last one again, which tells it that somebody is there. Where the sink breaks off in a
//! window, the client is hung up on and sends again what was not acknowledged.

pub mod frame;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::Write as _;
use std::time::Duration;

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use self::frame::{Frame, Stop};
use super::json::{Grammar, is_map};
use super::session::{Desk, Fault, Talk, Wires};
use super::{Shared, inflate};
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

    fn json(&mut self, version: u8, number: u32, event: &[u8], out: &mut Vec<u8>) {
        if !is_map(event, Grammar::Strict) {
            return self.bury(version, number, (Reason::BadFrame, event.len()), out);
        }
        let place = Span::new(0, event.len());
        self.together(event, &mut vec![(version, number, place)], out);
    }

    /// Scrubs events of JSON that stand in `frames`, and forgets them.
    fn together(&mut self, frames: &[u8], events: &mut Vec<Place>, out: &mut Vec<u8>) {
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

    /// The frames inside of a compressed one, scrubbed; compressed anew where that changed them.
    fn compressed(&mut self, version: u8, packed: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
        let decoder = || ZlibDecoder::new(packed);
        let frames = inflate::whole(decoder, packed.len(), self.desk.frame_bytes_max)?;
        let mut scrubbed = Vec::with_capacity(frames.len());
        let (mut at, mut events) = (0usize, Vec::new());
        while at < frames.len() {
            let rest = frames.get(at..).unwrap_or_default();
            let read = frame::read(rest, self.desk.record_bytes_max, 0);
            if let Ok((inner, Frame::Json(number, event), used)) = read
                && is_map(event, Grammar::Strict)
            {
                self.event(number)?;
                at = at.saturating_add(used);
                events.push((inner, number, Span::new(at.saturating_sub(event.len()), at)));
                continue;
            }
            self.together(&frames, &mut events, &mut scrubbed);
            let used = match read {
                Ok((inner, Frame::Json(number, event), used)) => {
                    self.event(number)?;
                    self.json(inner, number, event, &mut scrubbed);
                    used
                }
                Ok((inner, Frame::Pairs(number, pairs), used)) => {
                    self.event(number)?;
                    self.pairs(inner, number, &pairs, &mut scrubbed);
                    used
                }
                Err(Stop::TooLong(number, bytes, data_at)) => {
                    let used = data_at.saturating_add(bytes);
                    if used > rest.len() {
                        return Err(Reason::BadFrame);
                    }
                    self.event(number)?;
                    self.too_long(version, number, bytes, &mut scrubbed);
                    used
                }
                // Windows and compressed frames have no place in a compressed one.
                Ok(_) | Err(Stop::Short(_) | Stop::Bad) => return Err(Reason::BadFrame),
            };
            at = at.saturating_add(used);
        }
        self.together(&frames, &mut events, &mut scrubbed);
        if scrubbed == frames {
            frame::write(version, &Frame::Compressed(packed), out);
            return Ok(());
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let packed = encoder
            .write_all(&scrubbed)
            .and_then(|()| encoder.finish())
            .map_err(|_| Reason::ScanFailed)?;
        frame::write(version, &Frame::Compressed(&packed), out);
        Ok(())
    }

    /// One frame of the client at the front of `input`; how many bytes were taken, none where more is
    /// needed.
    fn take(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let limits = (self.desk.record_bytes_max, self.desk.frame_bytes_max);
        let (version, frame, used) = match frame::read(input, limits.0, limits.1) {
            Ok(read) => read,
            Err(Stop::Short(needs)) => {
                self.needs = needs;
                return Ok(0);
            }
            Err(Stop::TooLong(number, bytes, data_at)) => {
                let counted = self.event(number);
                counted.map_err(|reason| self.fault(reason))?;
                self.discard = Some(Discard {
                    version: self.version,
                    number,
                    left: bytes,
                    bytes,
                });
                return Ok(data_at);
            }
            Err(Stop::Bad) => return Err(self.fault(Reason::BadFrame)),
        };
        self.needs = 0;
        self.version = version;
        let mut said = Vec::new();
        let outcome = match frame {
            Frame::Window(events) if self.left == 0 && events <= WINDOW_MAX => {
                self.left = events;
                frame::write(version, &frame, &mut said);
                Ok(())
            }
            Frame::Json(number, event) => self
                .event(number)
                .map(|()| self.json(version, number, event, &mut said)),
            Frame::Pairs(number, pairs) => self
                .event(number)
                .map(|()| self.pairs(version, number, &pairs, &mut said)),
            Frame::Compressed(packed) => self.compressed(version, packed, &mut said),
            // A window in a window, or an acknowledgement of what nobody sent.
            Frame::Window(_) | Frame::Ack(_) => Err(Reason::BadFrame),
        };
        outcome.map_err(|reason| self.fault(reason))?;
        out.sink.encoded(&said);
        Ok(used)
    }

    /// Throws the rest of an event that is too long away; a tombstone goes in its place.
    fn throw_away(&mut self, discard: Discard, input: &[u8], out: &mut Wires) -> usize {
        let used = discard.left.min(input.len());
        let left = discard.left.saturating_sub(used);
        if left > 0 {
            self.discard = Some(Discard { left, ..discard });
            return used;
        }
        let mut said = Vec::new();
        self.too_long(discard.version, discard.number, discard.bytes, &mut said);
        out.sink.encoded(&said);
        used
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
        let mut at = 0usize;
        let window = self.desk.window_bytes_max;
        while self.linked
            && out.sink.as_bytes().len() < window
            && (self.left > 0 || self.waiting.len() < WAITING_MAX)
        {
            let rest = input.get(at..).unwrap_or_default();
            let used = match self.discard.take() {
                Some(discard) => self.throw_away(discard, rest, out),
                None if rest.is_empty() => 0,
                None => self.take(rest, out)?,
            };
            if used == 0 {
                break;
            }
            at = at.saturating_add(used);
        }
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
