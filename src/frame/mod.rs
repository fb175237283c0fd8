//! Cuts a stream into records, and says how they leave again.

mod join;
#[cfg(test)]
mod tests;

pub use join::{Batch, Join, Joiner};

use crate::record::{Delimiter, Piece, Reason, Span, Terminator};

/// How records are delimited on a listener.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Ended by `\n`.
    Newline,
    /// RFC 6587 octet counting.
    OctetCounting,
    /// Ended by `\0`.
    Nul,
    /// Octet counting or newline, decided for each record: a count, a blank and the `<` of a syslog
    /// priority is a counted record, anything else a line.
    #[default]
    Auto,
}

/// How records leave.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// As they came; a datagram gets a newline.
    #[default]
    AsCame,
    /// Each ended by `\n`; a line feed inside a record leaves as `#012`.
    Newline,
    /// Octet counting.
    OctetCounting,
    /// Each ended by `\0`.
    Nul,
    /// One datagram each, without framing.
    #[serde(skip)]
    Datagrams,
}

/// Most digits of an octet count; ten would be more than any record that is let through.
const COUNT_DIGITS_MAX: usize = 9;

/// What is being thrown away, and how much of it so far.
#[derive(Clone, Copy, Debug)]
enum Discard {
    /// To the terminator.
    Line {
        terminator: Terminator,
        reason: Reason,
        bytes: u64,
    },
    /// A counted record: this many bytes are still to come.
    Counted { left: u64, bytes: u64 },
}

/// What the next record is, by its first bytes.
enum Head {
    Line(Terminator),
    Counted { header: usize, length: u64 },
    Bad,
    Undecided,
}

/// Cuts one stream into pieces. It holds no payload: the caller keeps the unconsumed bytes.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    record_bytes_max: usize,
    /// Bytes of the unconsumed tail that hold no terminator.
    seen: usize,
    discard: Option<Discard>,
}

impl Framer {
    /// A framer for one stream. Records longer than `record_bytes_max`, framing excluded, become
    /// tombstones.
    #[must_use]
    pub const fn new(framing: Framing, record_bytes_max: usize) -> Self {
        Self {
            framing,
            record_bytes_max,
            seen: 0,
            discard: None,
        }
    }

    /// Cuts whole records off the front of `input` into `pieces` (cleared first) and returns how many
    /// bytes are used up; the caller gives the rest again with more behind it. With `ended`, what is
    /// left is a record too. Bytes looked at once are not looked at again. The unused rest is never
    /// longer than `record_bytes_max` and a frame header.
    pub fn cut(&mut self, input: &[u8], ended: bool, pieces: &mut Vec<Piece>) -> usize {
        pieces.clear();
        let mut at = 0usize;
        while at < input.len() || ended && self.discard.is_some() {
            let used = match self.discard.take() {
                Some(discard) => self.throw_away(discard, input, at, ended, pieces),
                None => self.next(input, at, ended, pieces),
            };
            at = at.saturating_add(used);
            if used == 0 && !(ended && at < input.len() && self.discard.is_some()) {
                break;
            }
        }
        at
    }

    /// What becomes of the unconsumed `rest` where the stream goes on but is not read any more: a record
    /// that is not whole is a tombstone, because what is cut may hide from the detectors.
    pub fn abandon(&mut self, rest: &[u8], pieces: &mut Vec<Piece>) {
        self.cut(rest, true, pieces);
        let terminator = match self.framing {
            Framing::Nul => Terminator::Nul,
            Framing::Newline | Framing::OctetCounting | Framing::Auto => Terminator::Newline,
        };
        for piece in pieces {
            if let Piece::One {
                body,
                delimiter: Delimiter::Bare,
            } = *piece
            {
                *piece = Piece::Tomb {
                    reason: Reason::Truncated,
                    bytes: body.len() as u64,
                    delimiter: Delimiter::Terminated(terminator),
                };
            }
        }
    }

    /// Whether it is in the middle of what it throws away.
    #[must_use]
    pub const fn discards(&self) -> bool {
        self.discard.is_some()
    }

    /// One step: pieces from `at` on; returns how many bytes they took.
    fn next(&mut self, input: &[u8], at: usize, ended: bool, pieces: &mut Vec<Piece>) -> usize {
        let tail = input.get(at..).unwrap_or_default();
        match self.head(tail, ended) {
            Head::Undecided => 0,
            Head::Line(terminator) => self.lines(input, at, terminator, ended, pieces),
            Head::Bad => {
                self.discard = Some(Discard::Line {
                    terminator: Terminator::Newline,
                    reason: Reason::BadFrame,
                    bytes: 0,
                });
                self.throw_away_now(input, at, ended, pieces)
            }
            Head::Counted { header, length } => {
                if length > self.record_bytes_max as u64 {
                    self.discard = Some(Discard::Counted {
                        left: length,
                        bytes: length,
                    });
                    return header;
                }
                let start = at.saturating_add(header);
                let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
                if end <= input.len() {
                    pieces.push(Piece::One {
                        body: Span::new(start, end),
                        delimiter: Delimiter::Counted,
                    });
                    return end.saturating_sub(at);
                }
                if !ended {
                    return 0;
                }
                let bytes = input.len().saturating_sub(start) as u64;
                pieces.push(Piece::Tomb {
                    reason: Reason::Truncated,
                    bytes,
                    delimiter: Delimiter::Counted,
                });
                tail.len()
            }
        }
    }

    fn head(&self, tail: &[u8], ended: bool) -> Head {
        let auto = match self.framing {
            Framing::Newline => return Head::Line(Terminator::Newline),
            Framing::Nul => return Head::Line(Terminator::Nul),
            Framing::OctetCounting => false,
            Framing::Auto => true,
        };
        let other = || {
            if auto {
                Head::Line(Terminator::Newline)
            } else {
                Head::Bad
            }
        };
        let digits = tail
            .iter()
            .take(COUNT_DIGITS_MAX.saturating_add(1))
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits == 0 || digits > COUNT_DIGITS_MAX || tail.first() == Some(&b'0') {
            return other();
        }
        let (blank, priority) = (tail.get(digits), tail.get(digits.saturating_add(1)));
        match (blank, priority) {
            (Some(b' '), Some(b'<')) => {}
            (Some(b' '), _) if !auto => {}
            (None, _) | (Some(b' '), None) if !ended => return Head::Undecided,
            _ => return other(),
        }
        let length = tail.iter().take(digits).fold(0u64, |n, b| {
            n.saturating_mul(10)
                .saturating_add(u64::from(b.wrapping_sub(b'0')))
        });
        Head::Counted {
            header: digits.saturating_add(1),
            length,
        }
    }

    fn lines(
        &mut self,
        input: &[u8],
        at: usize,
        terminator: Terminator,
        ended: bool,
        pieces: &mut Vec<Piece>,
    ) -> usize {
        let tail = input.get(at..).unwrap_or_default();
        let byte = terminator.byte();
        let fresh = tail.get(self.seen.min(tail.len())..).unwrap_or_default();
        let found = if self.framing == Framing::Auto {
            self.last_line(fresh, byte, ended)
        } else {
            memchr::memrchr(byte, fresh)
        };
        let Some(found) = found else {
            if tail.len() > self.record_bytes_max {
                self.seen = 0;
                self.discard = Some(Discard::Line {
                    terminator,
                    reason: Reason::RecordTooLong,
                    bytes: 0,
                });
                return self.throw_away_now(input, at, ended, pieces);
            }
            self.seen = tail.len();
            if !ended {
                return 0;
            }
            self.seen = 0;
            pieces.push(Piece::One {
                body: Span::new(at, input.len()),
                delimiter: Delimiter::Bare,
            });
            return tail.len();
        };
        let length = self.seen.saturating_add(found).saturating_add(1);
        self.seen = 0;
        let end = at.saturating_add(length);
        if length.saturating_sub(1) <= self.record_bytes_max {
            pieces.push(Piece::Run {
                span: Span::new(at, end),
                terminator,
            });
            return length;
        }
        // A long run: are there long records in it?
        let mut start = at;
        let mut run = at;
        for i in memchr::memchr_iter(byte, input.get(at..end).unwrap_or_default()) {
            let stop = at.saturating_add(i);
            if stop.saturating_sub(start) > self.record_bytes_max {
                if run < start {
                    pieces.push(Piece::Run {
                        span: Span::new(run, start),
                        terminator,
                    });
                }
                let bytes = stop.saturating_sub(start) as u64;
                pieces.push(Piece::Tomb {
                    reason: Reason::RecordTooLong,
                    bytes,
                    delimiter: Delimiter::Terminated(terminator),
                });
                run = stop.saturating_add(1);
            }
            start = stop.saturating_add(1);
        }
        if run < end {
            pieces.push(Piece::Run {
                span: Span::new(run, end),
                terminator,
            });
        }
        length
    }

    /// Where the last of the lines in `fresh` ends behind which no counted record begins, or may begin. Each line
    /// of a mixed stream says anew what it is; they are asked in one go, so that a run is neither looked at
    /// once a record nor scanned record by record where lines begin with a date.
    fn last_line(&self, fresh: &[u8], byte: u8, ended: bool) -> Option<usize> {
        let mut last = None;
        for end in memchr::memchr_iter(byte, fresh) {
            last = Some(end);
            let next = fresh.get(end.saturating_add(1)..).unwrap_or_default();
            if !matches!(self.head(next, ended), Head::Line(_)) {
                break;
            }
        }
        last
    }

    fn throw_away_now(
        &mut self,
        input: &[u8],
        at: usize,
        ended: bool,
        pieces: &mut Vec<Piece>,
    ) -> usize {
        match self.discard.take() {
            Some(discard) => self.throw_away(discard, input, at, ended, pieces),
            None => 0,
        }
    }

    fn throw_away(
        &mut self,
        discard: Discard,
        input: &[u8],
        at: usize,
        ended: bool,
        pieces: &mut Vec<Piece>,
    ) -> usize {
        let tail = input.get(at..).unwrap_or_default();
        match discard {
            Discard::Line {
                terminator,
                reason,
                bytes,
            } => {
                let (more, used, closed) = match memchr::memchr(terminator.byte(), tail) {
                    Some(end) => (end, end.saturating_add(1), true),
                    None => (tail.len(), tail.len(), false),
                };
                let bytes = bytes.saturating_add(more as u64);
                if closed || ended {
                    let delimiter = if closed {
                        Delimiter::Terminated(terminator)
                    } else {
                        Delimiter::Bare
                    };
                    pieces.push(Piece::Tomb {
                        reason,
                        bytes,
                        delimiter,
                    });
                } else {
                    self.discard = Some(Discard::Line {
                        terminator,
                        reason,
                        bytes,
                    });
                }
                used
            }
            Discard::Counted { left, bytes } => {
                let used = tail.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left.saturating_sub(used as u64);
                if left == 0 || ended {
                    pieces.push(Piece::Tomb {
                        reason: Reason::RecordTooLong,
                        bytes,
                        delimiter: Delimiter::Counted,
                    });
                } else {
                    self.discard = Some(Discard::Counted { left, bytes });
                }
                used
            }
        }
    }
}
