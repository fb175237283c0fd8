//! Fluentd's Forward protocol, version 1: events as MessagePack, chunks acknowledged from end to end,
//! the shared-key handshake on either side (Fluentd, "Forward Protocol Specification v1").
//!
//! A chunk is acknowledged when the sink acknowledged it, and sent again on a new connection while it
//! has not. What came without a chunk has no acknowledgement: it is kept until it is written.

mod entries;
pub mod handshake;
pub mod message;
pub mod msgpack;
pub mod record;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use tokio::net::UdpSocket;

use self::message::{Chunk, Scrubber};
use self::msgpack::{Extent, Reader, Stop, Token, write_map, write_str};
use super::Shared;
use super::session::{Desk, Fault, Talk, Wires};
use crate::mask::Scrubbed;
use crate::record::Reason;
use crate::settings::SharedKey;

/// Asked for behind a message that is not whole.
const MORE_BYTES: usize = 64 << 10;
/// Longest word of a sink.
const ANSWER_BYTES_MAX: usize = 16 << 10;

/// The client's way in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Client {
    /// It was greeted and is to show that it has the key.
    Greeted,
    Open,
    /// It says nothing more.
    Gone,
}

/// The way into the sink.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Far {
    Down,
    /// It is to greet.
    Silent,
    /// It is to let scrubd in; its nonce.
    Asked(Vec<u8>),
    Up,
}

/// A message that the sink has not acknowledged, or that is not written.
#[derive(Debug)]
struct Pending {
    chunk: Option<Chunk>,
    message: Scrubbed,
    said: bool,
}

/// One connection.
#[derive(Debug)]
pub struct Forward {
    scrubber: Scrubber,
    client: Client,
    far: Far,
    pending: VecDeque<Pending>,
    pending_bytes: usize,
    done_with: u64,
    extent: Extent,
    /// Length of what was there of a message that is not whole.
    partial: usize,
    listen_key: Option<SharedKey>,
    sink_key: Option<SharedKey>,
    /// Drawn for this connection; the greeting's nonce and the salt of the other side.
    random: [u8; 16],
}

impl Forward {
    /// A connection that begins.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn new(shared: &Shared) -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let keys = (
            shared.shared_keys.listen.clone(),
            shared.shared_keys.sink.clone(),
        );
        Ok(Self::with(Desk::new(shared), keys, random))
    }

    /// Over this core, with the keys of the listener and of the sink.
    #[must_use]
    pub fn with(
        desk: Desk,
        (listen_key, sink_key): (Option<SharedKey>, Option<SharedKey>),
        random: [u8; 16],
    ) -> Self {
        Self {
            scrubber: Scrubber::new(desk),
            client: if listen_key.is_some() {
                Client::Greeted
            } else {
                Client::Open
            },
            far: Far::Down,
            pending: VecDeque::new(),
            pending_bytes: 0,
            done_with: 0,
            extent: Extent::default(),
            partial: 0,
            listen_key,
            sink_key,
            random,
        }
    }

    fn salt(&self) -> Vec<u8> {
        handshake::hex(&self.random).into_bytes()
    }

    fn message(&mut self, message: &[u8], out: &mut Wires) -> Result<(), Fault> {
        if let (Client::Greeted, Some(key)) = (self.client, &self.listen_key) {
            let checked = handshake::check_ping(message, &self.random, key, &mut out.client);
            return match checked {
                Some(true) => {
                    self.client = Client::Open;
                    Ok(())
                }
                Some(false) | None => {
                    tracing::warn!("a client does not have the shared key, or is no user");
                    Err(Fault::Client)
                }
            };
        }
        // A heartbeat of some clients.
        if message == [0xC0] {
            return Ok(());
        }
        let scrubbed = self.scrubber.message(message).map_err(|reason| {
            self.scrubber.desk.count(reason);
            Fault::Client
        })?;
        let mut pending = Pending {
            chunk: scrubbed.chunk,
            message: Scrubbed::new(),
            said: false,
        };
        pending.message.encoded(&scrubbed.bytes);
        self.pending_bytes = self.pending_bytes.saturating_add(scrubbed.bytes.len());
        self.pending.push_back(pending);
        self.say(out);
        Ok(())
    }

    /// Says what the sink has not heard.
    fn say(&mut self, out: &mut Wires) {
        if self.far == Far::Up {
            for pending in self.pending.iter_mut().filter(|pending| !pending.said) {
                out.sink.append(&pending.message);
                pending.said = true;
            }
        }
    }

    /// Takes out what is done with.
    fn settle(&mut self, is_done: impl Fn(&Pending) -> bool) -> Option<Pending> {
        let found = self.pending.iter().position(is_done)?;
        let pending = self.pending.remove(found)?;
        let bytes = pending.message.as_bytes().len();
        self.pending_bytes = self.pending_bytes.saturating_sub(bytes);
        self.done_with = self.done_with.wrapping_add(1);
        Some(pending)
    }

    /// One value of the sink's.
    fn answer(&mut self, value: &[u8], out: &mut Wires) -> Result<(), Fault> {
        match (&self.far, &self.sink_key) {
            (Far::Silent, Some(key)) => {
                let Some(helo) = handshake::read_helo(value) else {
                    tracing::warn!("the sink does not speak Forward's handshake");
                    return Err(Fault::Sink);
                };
                let mut ping = Vec::new();
                if handshake::ping(&self.salt(), &helo, key, &mut ping).is_none() {
                    tracing::warn!("the sink asks for a user; set sink_user_file");
                    return Err(Fault::Sink);
                }
                out.sink.encoded(&ping);
                self.far = Far::Asked(helo.nonce);
                Ok(())
            }
            (Far::Asked(nonce), Some(key)) => {
                if !handshake::check_pong(value, &self.salt(), nonce, key) {
                    tracing::warn!(
                        "the sink has another shared key or does not know the user; see sink_shared_key_file and sink_user_file"
                    );
                    return Err(Fault::Sink);
                }
                self.far = Far::Up;
                self.say(out);
                Ok(())
            }
            _ => self.acknowledged(value, out),
        }
    }

    fn acknowledged(&mut self, value: &[u8], out: &mut Wires) -> Result<(), Fault> {
        let mut reader = Reader::new(value);
        let Ok(Token::Map(count)) = reader.token() else {
            if handshake::read_helo(value).is_some() {
                tracing::warn!("the sink asks for a shared key; set sink_shared_key_file");
            }
            return Err(Fault::Sink);
        };
        for _ in 0..count {
            let key = reader.token().map_err(|_| Fault::Sink)?;
            let value = reader.value().map_err(|_| Fault::Sink)?;
            let (Token::Str(b"ack") | Token::Bin(b"ack")) = key else {
                continue;
            };
            let Ok(Token::Str(name) | Token::Bin(name)) = Reader::new(value).token() else {
                return Err(Fault::Sink);
            };
            // One that is not waited for is an answer to what was said twice.
            let is_it = |pending: &Pending| {
                let chunk = pending.chunk.as_ref();
                pending.said && chunk.is_some_and(|chunk| chunk.sink == name)
            };
            if let Some(chunk) = self.settle(is_it).and_then(|pending| pending.chunk) {
                write_map(1, &mut out.client);
                write_str(b"ack", &mut out.client);
                write_str(&chunk.client, &mut out.client);
            }
        }
        Ok(())
    }
}

impl Talk for Forward {
    fn begin(&mut self, out: &mut Wires) {
        if let (Client::Greeted, Some(key)) = (self.client, &self.listen_key) {
            handshake::helo(&self.random, key, &mut out.client);
        }
    }

    fn client(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let mut at = 0usize;
        while !self.full() {
            let rest = input.get(at..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match self.extent.find(rest) {
                Ok(length) => {
                    self.partial = 0;
                    self.message(rest.get(..length).unwrap_or_default(), out)?;
                    at = at.saturating_add(length);
                }
                Err(stop) => {
                    self.partial = rest.len();
                    if stop == Stop::Bad || rest.len() > self.scrubber.desk.frame_bytes_max {
                        let reason = if stop == Stop::Bad {
                            Reason::BadFrame
                        } else {
                            Reason::RecordTooLong
                        };
                        self.scrubber.desk.count(reason);
                        return Err(Fault::Client);
                    }
                    break;
                }
            }
        }
        Ok(at)
    }

    fn needs(&self) -> usize {
        self.partial.saturating_add(MORE_BYTES)
    }

    fn full(&self) -> bool {
        self.pending_bytes >= self.scrubber.desk.window_bytes_max
    }

    fn hang_up(&mut self, _out: &mut Wires) {
        self.client = Client::Gone;
    }

    fn sink(&mut self, input: &[u8], out: &mut Wires) -> Result<usize, Fault> {
        let mut reader = Reader::new(input);
        while !reader.at_end() {
            let start = reader.at;
            match reader.value() {
                Ok(value) => self.answer(value, out)?,
                Err(Stop::Short) if input.len().saturating_sub(start) <= ANSWER_BYTES_MAX => break,
                Err(_) => return Err(Fault::Sink),
            }
        }
        Ok(reader.at)
    }

    fn linked(&mut self, out: &mut Wires) {
        for pending in &mut self.pending {
            pending.said = false;
        }
        if self.sink_key.is_some() {
            self.far = Far::Silent;
        } else {
            self.far = Far::Up;
            self.say(out);
        }
    }

    fn lost(&mut self, _out: &mut Wires) -> Result<(), Fault> {
        self.far = Far::Down;
        Ok(())
    }

    fn flushed(&mut self) {
        let written = |pending: &Pending| pending.said && pending.chunk.is_none();
        while self.settle(written).is_some() {}
    }

    fn wants_sink(&self) -> bool {
        !self.pending.is_empty()
    }

    fn idle(&self) -> bool {
        self.pending.is_empty()
    }

    fn keeps(&self) -> bool {
        self.pending.iter().any(|pending| pending.chunk.is_none())
    }

    fn progress(&self) -> u64 {
        self.done_with
    }

    fn done(&self) -> bool {
        self.client == Client::Gone && self.pending.is_empty()
    }

    fn desk(&mut self) -> &mut Desk {
        &mut self.scrubber.desk
    }
}

/// Answers the heartbeats that come beside the connections by UDP, while the sink is there.
pub async fn heartbeats(socket: UdpSocket, shared: &Shared) {
    let mut word = [0; 128];
    loop {
        let received = tokio::select! {
            () = shared.stop.cancelled() => return,
            received = socket.recv_from(&mut word) => received,
        };
        match received {
            Ok((_, peer)) if shared.metrics.sink_up.get() == 1 => {
                drop(socket.send_to(&[0], peer).await);
            }
            Ok(_) => {}
            Err(error) => crate::net::refused(&error).await,
        }
    }
}
