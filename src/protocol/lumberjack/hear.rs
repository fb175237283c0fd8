//! What a client says: frames one by one, the events among them scrubbed together.

use std::io::Write as _;

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::frame::{self, Frame, Stop};
use super::{Discard, Lumberjack, WAITING_MAX, WINDOW_MAX};
use crate::protocol::inflate;
use crate::protocol::json::{Grammar, is_map};
use crate::protocol::session::{Fault, Wires};
use crate::record::{Reason, Span};

impl Lumberjack {
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
                    self.no_event(inner, number, event.len(), &mut scrubbed);
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

    /// Scrubs the events that were read of `input`.
    pub(super) fn scrub(&mut self, input: &[u8], out: &mut Wires) {
        let (mut batch, mut said) = (std::mem::take(&mut self.batch), Vec::new());
        self.together(input, &mut batch, &mut said);
        out.sink.encoded(&said);
        (self.batch, self.batch_bytes) = (batch, 0);
    }

    /// One frame of the client at `at`; how many bytes were taken, none where more is needed. An event of JSON goes to
    /// the batch.
    fn take(&mut self, whole: &[u8], at: usize, out: &mut Wires) -> Result<usize, Fault> {
        let input = whole.get(at..).unwrap_or_default();
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
        if let Frame::Json(number, event) = frame
            && is_map(event, Grammar::Strict)
        {
            let counted = self.event(number);
            counted.map_err(|reason| self.fault(reason))?;
            let end = at.saturating_add(used);
            let place = Span::new(end.saturating_sub(event.len()), end);
            self.batch.push((version, number, place));
            self.batch_bytes = self.batch_bytes.saturating_add(event.len());
            return Ok(used);
        }
        self.scrub(whole, out);
        let mut said = Vec::new();
        let outcome = match frame {
            Frame::Window(events) if self.left == 0 && events <= WINDOW_MAX => {
                self.left = events;
                frame::write(version, &frame, &mut said);
                Ok(())
            }
            Frame::Json(number, event) => self
                .event(number)
                .map(|()| self.no_event(version, number, event.len(), &mut said)),
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

    /// Takes frames while there is room for them.
    pub(super) fn hear(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let (mut at, window) = (0usize, self.desk.window_bytes_max);
        while self.linked
            && out.sink.as_bytes().len().saturating_add(self.batch_bytes) < window
            && (self.left > 0 || self.waiting.len() < WAITING_MAX)
        {
            let rest = input.get(at..).unwrap_or_default();
            let used = match self.discard.take() {
                Some(discard) => {
                    self.scrub(input, out);
                    self.throw_away(discard, rest, out)
                }
                None if rest.is_empty() => 0,
                None => self.take(input, at, out)?,
            };
            if used == 0 {
                break;
            }
            at = at.saturating_add(used);
        }
        Ok(at)
    }
}
