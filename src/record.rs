//! The nouns that every stage shares: [`Span`], [`Spelling`], [`Piece`], [`Terminator`], [`Tombstone`].

use std::fmt;

/// A half-open byte range of the buffer it was found in.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The bytes of `hay` that it covers; nothing where it reaches outside.
    #[must_use]
    pub fn of(self, hay: &[u8]) -> &[u8] {
        hay.get(self.start..self.end).unwrap_or_default()
    }
}

/// How a finding is written, which decides how its replacement is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Spelling {
    /// Text, quoted or not.
    Text,
    /// A bare JSON number: stays one.
    Number,
    /// Text as hex digits, two a byte: stays so.
    Hex,
}

/// The byte that ends a record in a delimited stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Terminator {
    /// `\n`; a `\r` in front of it belongs to the record and is kept.
    Newline,
    /// `\0`.
    Nul,
}

impl Terminator {
    /// The byte itself.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Newline => b'\n',
            Self::Nul => b'\0',
        }
    }
}

/// How one record is delimited on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Delimiter {
    /// Ended by a terminator (RFC 6587 §3.4.2 non-transparent framing).
    Terminated(Terminator),
    /// A decimal length and a space in front (RFC 6587 §3.4.1 octet counting).
    Counted,
    /// Nothing: the last bytes of a stream that ended without a terminator.
    Bare,
    /// Its own datagram; on a stream it leaves with a newline.
    Datagram,
}

/// What a framer cuts a buffer into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// One or more whole records back to back, each ended by `terminator`, which is inside the span.
    Run {
        /// The records with their terminators.
        span: Span,
        /// What ends each of them.
        terminator: Terminator,
    },
    /// Lines with their line feeds that are one record: they are scanned as one, and leave as lines where
    /// lines leave.
    Joined {
        /// The lines.
        span: Span,
    },
    /// One record without its framing.
    One {
        /// The record's body.
        body: Span,
        /// How it came.
        delimiter: Delimiter,
    },
    /// A record that cannot be passed on.
    Tomb {
        /// Why.
        reason: Reason,
        /// Length in bytes of what was dropped, framing excluded.
        bytes: u64,
        /// How it came, so that the tombstone goes out the same way.
        delimiter: Delimiter,
    },
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Why a record became a tombstone.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason { $($(#[$doc])* $name,)+ }

        impl Reason {
            /// All of them, in the order of their metric labels.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The metric label and the word in the tombstone.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

reasons! {
    /// Longer than `record_bytes_max`.
    RecordTooLong = "record_too_long",
    /// The framing could not be followed (a bad octet count).
    BadFrame = "bad_frame",
    /// The stream ended inside a counted record, or was not read on inside any (drain).
    Truncated = "truncated",
    /// A detector failed or panicked.
    ScanFailed = "scan_failed",
    /// A body, coding or message that could not be decoded.
    Undecodable = "undecodable",
    /// A decompression bomb.
    Expands = "expands",
    /// The policy says `drop_record`.
    Policy = "policy",
}

/// What stands in for a record that was not passed on. It never has an excerpt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tombstone<'a> {
    /// Why.
    pub reason: Reason,
    /// Length in bytes of the record.
    pub bytes: u64,
    /// Id of the policy that was in force.
    pub policy: &'a str,
}

impl fmt::Display for Tombstone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "scrubd tombstone reason={} bytes={} policy={}",
            self.reason.as_str(),
            self.bytes,
            self.policy
        )
    }
}
