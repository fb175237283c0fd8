//! RELP, the reliable event logging protocol of rsyslog, version 0 and 1: `open` with offers, `syslog`,
//! `close`, `rsp` (the RELP specification by R. Gerhards, librelp).
//!
//! A client gets its `rsp` when the sink gave its own. What the sink did not answer is kept, and said
//! again on a new session with it; the client notices nothing. Offers go through the middle: what both
//! ends and scrubd can is what the client is offered.

pub mod frame;
mod hear;
mod offers;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use self::frame::{Head, Header};
use self::offers::{Offers, offer};
use super::Shared;
use super::session::{Desk, Fault, Talk, Wires};
use crate::mask::Scrubbed;
use crate::record::Span;

/// The highest version that is spoken.
const VERSION_MAX: u32 = 1;
/// Most messages that wait for the sink's answer (librelp's own window is 128).
const WINDOW: usize = 1024;
/// Most bytes of offers.
const OFFERS_BYTES_MAX: usize = 4096;

/// How far the session with the client is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Client {
    /// It has said nothing.
    Fresh,
    /// It wants to open, by this transaction and version.
    Opening(u32, u32),
    Open(u32),
    /// It wants to close, by this transaction; none where it just went, or is to go.
    Closing(Option<u32>, u32),
    Closed,
}

/// How far the session with the sink is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Far {
    Down,
    Opening,
    Up,
    Closing,
}

/// A message that the sink has not answered.
#[derive(Debug)]
struct Sent {
    /// The client's transaction.
    client: u32,
    /// The transaction with the sink.
    number: u32,
    message: Scrubbed,
}

/// Data that is too long to be taken, on its way to the bin.
#[derive(Clone, Copy, Debug)]
struct Discard {
    number: u32,
    left: usize,
    bytes: usize,
}

/// One client's session.
#[derive(Debug)]
pub struct Relp {
    desk: Desk,
    client: Client,
    far: Far,
    /// The next transaction with the sink.
    next: u32,
    unanswered: VecDeque<Sent>,
    unanswered_bytes: usize,
    answered: u64,
    discard: Option<Discard>,
    /// Messages of the input at hand that are scrubbed together: their transactions and places.
    batch: Vec<(u32, Span)>,
    batch_bytes: usize,
    /// Length of the frame that is only partly there.
    needs: usize,
}

impl Relp {
    /// A session that begins.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        Self::with(Desk::new(shared))
    }

    /// A session over this core.
    #[must_use]
    pub fn with(mut desk: Desk) -> Self {
        desk.pipeline.keep_apart();
        Self {
            desk,
            client: Client::Fresh,
            far: Far::Down,
            next: 1,
            unanswered: VecDeque::new(),
            unanswered_bytes: 0,
            answered: 0,
            discard: None,
            batch: Vec::new(),
            batch_bytes: 0,
            needs: 0,
        }
    }

    fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = if number >= frame::NUMBER_MAX {
            1
        } else {
            number.saturating_add(1)
        };
        number
    }

    /// Whether another message may be taken.
    fn room(&self) -> bool {
        let bytes = self.unanswered_bytes.saturating_add(self.batch_bytes);
        self.unanswered.len().saturating_add(self.batch.len()) < WINDOW
            && bytes < self.desk.window_bytes_max
    }

    fn syslog(&mut self, client: u32, message: Scrubbed, out: &mut Wires) {
        self.unanswered_bytes = self
            .unanswered_bytes
            .saturating_add(message.as_bytes().len());
        let sent = Sent {
            client,
            number: self.number(),
            message,
        };
        if self.far == Far::Up {
            say(&sent, &mut out.sink);
        }
        self.unanswered.push_back(sent);
    }

    /// Closes with the sink, then with the client, once nothing is unanswered.
    fn close(&mut self, out: &mut Wires) {
        let Client::Closing(number, _) = self.client else {
            return;
        };
        if !self.unanswered.is_empty() {
            return;
        }
        match self.far {
            Far::Up => {
                let number = self.number();
                control(number, "close", "", &mut out.sink);
                self.far = Far::Closing;
            }
            Far::Closing => {}
            Far::Down | Far::Opening => {
                if let Some(number) = number {
                    frame::write(number, "rsp", "", &mut out.client);
                }
                frame::write(0, "serverclose", "", &mut out.client);
                self.client = Client::Closed;
            }
        }
    }

    /// The sink's answer to the first transaction of its session.
    fn opened(&mut self, data: &[u8], out: &mut Wires) -> Result<(), Fault> {
        let offers = data
            .strip_prefix(b"200")
            .and_then(Offers::read)
            .filter(|offers| offers.syslog);
        let Some(offers) = offers else {
            tracing::warn!("the sink refused a RELP session");
            if let Client::Opening(number, _) = self.client {
                let why = "the sink refused the session";
                frame::write(number, "rsp", &format!("500 {why}"), &mut out.client);
                frame::write(0, "serverclose", "", &mut out.client);
            }
            return Err(Fault::Session);
        };
        self.far = Far::Up;
        if let Client::Opening(number, version) = self.client {
            let version = version.min(offers.version.unwrap_or(0));
            let text = format!("200 OK\n{}", offer(version));
            frame::write(number, "rsp", &text, &mut out.client);
            self.client = Client::Open(version);
        }
        // What an earlier session left unanswered comes first, in its order.
        let mut waiting = std::mem::take(&mut self.unanswered);
        for sent in &mut waiting {
            sent.number = self.number();
            say(sent, &mut out.sink);
        }
        self.unanswered = waiting;
        self.close(out);
        Ok(())
    }

    fn answer(&mut self, header: Header<'_>, data: &[u8], out: &mut Wires) -> Result<(), Fault> {
        match self.far {
            Far::Opening => return self.opened(data, out),
            Far::Closing => {
                self.far = Far::Down;
                self.close(out);
                return Ok(());
            }
            Far::Down => return Err(Fault::Sink),
            Far::Up => {}
        }
        let found = self
            .unanswered
            .iter()
            .position(|sent| sent.number == header.number);
        let Some(sent) = found.and_then(|i| self.unanswered.remove(i)) else {
            return Err(Fault::Sink);
        };
        self.unanswered_bytes = self
            .unanswered_bytes
            .saturating_sub(sent.message.as_bytes().len());
        self.answered = self.answered.wrapping_add(1);
        let text = if data.starts_with(b"200") {
            "200 OK"
        } else {
            "500 the sink refused the message"
        };
        frame::write(sent.client, "rsp", text, &mut out.client);
        self.close(out);
        Ok(())
    }
}

impl Talk for Relp {
    fn client(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let heard = self.hear(input, out);
        self.scrub(input, out);
        heard
    }

    fn needs(&self) -> usize {
        self.needs
    }

    fn full(&self) -> bool {
        match self.client {
            Client::Open(_) => !self.room(),
            Client::Opening(..) => true,
            Client::Fresh | Client::Closing(..) | Client::Closed => false,
        }
    }

    fn hang_up(&mut self, out: &mut Wires) {
        self.client = match self.client {
            Client::Open(version) => Client::Closing(None, version),
            Client::Fresh | Client::Opening(..) => Client::Closed,
            same => same,
        };
        self.close(out);
    }

    fn sink(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let mut at = 0usize;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            let header = match frame::head(rest) {
                Head::Whole(header) if header.data_bytes <= OFFERS_BYTES_MAX => header,
                Head::Part => return Ok(at),
                Head::Whole(_) | Head::Bad(_) => return Err(Fault::Sink),
            };
            let end = header.data_at.saturating_add(header.data_bytes);
            let (Some(data), Some(trailer)) = (rest.get(header.data_at..end), rest.get(end)) else {
                return Ok(at);
            };
            match (header.command, trailer) {
                (b"rsp", b'\n') => self.answer(header, data, out)?,
                _ => return Err(Fault::Sink),
            }
            at = at.saturating_add(end).saturating_add(1);
        }
    }

    fn linked(&mut self, out: &mut Wires) {
        let version = match self.client {
            Client::Opening(_, version) | Client::Open(version) | Client::Closing(_, version) => {
                version
            }
            Client::Fresh | Client::Closed => VERSION_MAX,
        };
        self.next = 1;
        let number = self.number();
        control(number, "open", &offer(version), &mut out.sink);
        self.far = Far::Opening;
    }

    fn lost(&mut self, out: &mut Wires) -> Result<(), Fault> {
        self.far = Far::Down;
        self.close(out);
        Ok(())
    }

    fn wants_sink(&self) -> bool {
        match self.client {
            Client::Fresh | Client::Closed => false,
            Client::Opening(..) | Client::Open(_) => true,
            Client::Closing(..) => !self.unanswered.is_empty(),
        }
    }

    fn idle(&self) -> bool {
        self.unanswered.is_empty()
            && matches!(self.client, Client::Fresh | Client::Open(_))
            && matches!(self.far, Far::Down | Far::Up)
    }

    fn progress(&self) -> u64 {
        self.answered
    }

    fn done(&self) -> bool {
        self.client == Client::Closed
    }

    fn desk(&mut self) -> &mut Desk {
        &mut self.desk
    }
}

/// A frame of the protocol's own words.
fn control(number: u32, command: &str, data: &str, out: &mut Scrubbed) {
    let mut text = Vec::new();
    frame::write(number, command, data, &mut text);
    out.encoded(&text);
}

fn say(sent: &Sent, out: &mut Scrubbed) {
    let length = sent.message.as_bytes().len();
    out.encoded(frame::header(sent.number, "syslog", length).as_bytes());
    out.append(&sent.message);
    out.encoded(b"\n");
}
