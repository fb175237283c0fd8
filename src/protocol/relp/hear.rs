//! What a client says: frames one by one, the messages among them to a batch that is scrubbed together.

use super::frame::{self, Head, Header};
use super::offers::Offers;
use super::{Client, Discard, OFFERS_BYTES_MAX, Relp, VERSION_MAX};
use crate::mask::Scrubbed;
use crate::protocol::session::{Fault, Wires};
use crate::record::{Reason, Span};

impl Relp {
    fn refuse(&mut self, number: u32, why: &str, out: &mut Wires) -> Fault {
        self.desk.count(Reason::BadFrame);
        frame::write(number, "rsp", &format!("500 {why}"), &mut out.client);
        frame::write(0, "serverclose", "", &mut out.client);
        Fault::Client
    }

    fn open(&mut self, header: Header<'_>, data: &[u8], out: &mut Wires) -> Result<(), Fault> {
        if self.client != Client::Fresh {
            return Err(self.refuse(header.number, "the session is open already", out));
        }
        let offers = Offers::read(data);
        let version = match offers {
            Some(Offers {
                version: Some(version),
                syslog: true,
            }) => version.min(VERSION_MAX),
            _ => {
                let why = "the offers need a relp_version and the command syslog";
                return Err(self.refuse(header.number, why, out));
            }
        };
        self.client = Client::Opening(header.number, version);
        Ok(())
    }

    /// Scrubs the messages that were read of `input`.
    pub(super) fn scrub(&mut self, input: &[u8], out: &mut Wires) {
        if self.batch.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        let mut scrubbed = Scrubbed::new();
        let places = batch.iter().map(|(_, place)| *place);
        self.desk.lines(input, places, &mut scrubbed);
        for ((client, _), message) in batch.drain(..).zip(scrubbed.apart()) {
            self.syslog(client, message, out);
        }
        (self.batch, self.batch_bytes) = (batch, 0);
    }

    /// One frame of the client at `at`; how many bytes were taken, none where more is needed. A message goes to the
    /// batch.
    fn take(&mut self, whole: &[u8], at: usize, out: &mut Wires) -> Result<usize, Fault> {
        let input = whole.get(at..).unwrap_or_default();
        let header = match frame::head(input) {
            Head::Whole(header) => header,
            Head::Part => return Ok(0),
            Head::Bad(number) => {
                return Err(self.refuse(number.unwrap_or(0), "not a RELP frame", out));
            }
        };
        let syslog = header.command == b"syslog";
        if syslog && !matches!(self.client, Client::Open(_)) {
            return Err(self.refuse(header.number, "the session is not open", out));
        }
        if syslog && header.data_bytes > self.desk.record_bytes_max {
            self.discard = Some(Discard {
                number: header.number,
                left: header.data_bytes,
                bytes: header.data_bytes,
            });
            return Ok(header.data_at);
        }
        if !syslog && header.data_bytes > OFFERS_BYTES_MAX {
            return Err(self.refuse(header.number, "too long", out));
        }
        let end = header.data_at.saturating_add(header.data_bytes);
        let data = input.get(header.data_at..end);
        let (Some(data), Some(trailer)) = (data, input.get(end)) else {
            self.needs = end.saturating_add(1);
            return Ok(0);
        };
        self.needs = 0;
        if *trailer != b'\n' {
            let why = "the frame does not end where it says";
            return Err(self.refuse(header.number, why, out));
        }
        if !syslog {
            self.scrub(whole, out);
        }
        match header.command {
            b"syslog" => {
                let start = at.saturating_add(header.data_at);
                let place = Span::new(start, start.saturating_add(data.len()));
                self.batch.push((header.number, place));
                self.batch_bytes = self.batch_bytes.saturating_add(data.len());
            }
            b"open" => self.open(header, data, out)?,
            b"close" => {
                let version = match self.client {
                    Client::Open(version) | Client::Opening(_, version) => version,
                    _ => 0,
                };
                self.client = Client::Closing(Some(header.number), version);
                self.close(out);
            }
            _ => {
                let why = "this command was not offered";
                return Err(self.refuse(header.number, why, out));
            }
        }
        Ok(end.saturating_add(1))
    }

    /// Throws the rest of a message that is too long away; a tombstone goes in its place.
    fn throw_away(
        &mut self,
        discard: Discard,
        input: &[u8],
        out: &mut Wires,
    ) -> Result<usize, Fault> {
        let used = discard.left.min(input.len());
        let left = discard.left.saturating_sub(used);
        match input.get(used) {
            Some(b'\n') if left == 0 => {
                let mut message = Scrubbed::new();
                self.desk
                    .tombstone(Reason::RecordTooLong, discard.bytes as u64, &mut message);
                self.syslog(discard.number, message, out);
                Ok(used.saturating_add(1))
            }
            Some(_) if left == 0 => {
                let why = "the frame does not end where it says";
                Err(self.refuse(discard.number, why, out))
            }
            _ => {
                self.discard = Some(Discard { left, ..discard });
                Ok(used)
            }
        }
    }

    /// Takes frames while there is room for them.
    pub(super) fn hear(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let mut at = 0usize;
        loop {
            let used = match self.discard.take() {
                Some(discard) => {
                    self.scrub(input, out);
                    self.throw_away(discard, input.get(at..).unwrap_or_default(), out)?
                }
                None => match self.client {
                    Client::Fresh => self.take(input, at, out)?,
                    Client::Open(_) if self.room() => self.take(input, at, out)?,
                    // Nothing is read while the window is full, or the client waits for an answer.
                    _ => 0,
                },
            };
            if used == 0 {
                return Ok(at);
            }
            at = at.saturating_add(used);
        }
    }
}
