//! Lumberjack frames: a version, a letter, and what the letter says
//! (logstash-forwarder `PROTOCOL.md`; version 2 as elastic/go-lumber and Beats speak it).

/// Bytes of a version and a letter.
const HEAD_BYTES: usize = 2;
/// Most pairs of a data frame.
const PAIRS_MAX: u32 = 100_000;

/// One frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame<'a> {
    /// `W`: so many events follow before an acknowledgement is due.
    Window(u32),
    /// `J`: an event of JSON.
    Json(u32, &'a [u8]),
    /// `D`: an event of keys and values.
    Pairs(u32, Vec<(&'a [u8], &'a [u8])>),
    /// `C`: frames, compressed by zlib.
    Compressed(&'a [u8]),
    /// `A`: everything up to this event is taken.
    Ack(u32),
}

/// Why a frame could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// So many bytes are needed, at least.
    Short(usize),
    /// An event of JSON of more than it may have: its number, its length, and where it begins.
    TooLong(u32, usize, usize),
    /// No frame.
    Bad,
}

struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Stop> {
        let end = self.at.checked_add(bytes).ok_or(Stop::Bad)?;
        let taken = self.input.get(self.at..end).ok_or(Stop::Short(end))?;
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Stop> {
        let bytes = self.take(4)?.try_into().map_err(|_| Stop::Bad)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn length(&mut self, bytes_max: usize) -> Result<usize, Stop> {
        let length = usize::try_from(self.number()?).map_err(|_| Stop::Bad)?;
        if length > bytes_max {
            return Err(Stop::Bad);
        }
        Ok(length)
    }
}

/// Reads the frame at the front of `input`: its version, what it is, and how long it is.
///
/// # Errors
/// See [`Stop`].
pub fn read(
    input: &[u8],
    event_bytes_max: usize,
    frame_bytes_max: usize,
) -> Result<(u8, Frame<'_>, usize), Stop> {
    let mut cursor = Cursor { input, at: 0 };
    let head = cursor.take(HEAD_BYTES)?;
    let (version, letter) = match head {
        [version @ (b'1' | b'2'), letter] => (*version, *letter),
        _ => return Err(Stop::Bad),
    };
    let frame = match letter {
        b'W' => Frame::Window(cursor.number()?),
        b'A' => Frame::Ack(cursor.number()?),
        b'J' => {
            let (number, length) = (cursor.number()?, cursor.length(usize::MAX)?);
            if length > event_bytes_max {
                return Err(Stop::TooLong(number, length, cursor.at));
            }
            Frame::Json(number, cursor.take(length)?)
        }
        b'D' => {
            let (number, count) = (cursor.number()?, cursor.number()?);
            if count > PAIRS_MAX {
                return Err(Stop::Bad);
            }
            let mut pairs = Vec::new();
            for _ in 0..count {
                let mut text = || {
                    let left = event_bytes_max.checked_sub(cursor.at).ok_or(Stop::Bad)?;
                    let length = cursor.length(left)?;
                    cursor.take(length)
                };
                pairs.push((text()?, text()?));
            }
            Frame::Pairs(number, pairs)
        }
        b'C' => {
            let length = cursor.length(frame_bytes_max)?;
            Frame::Compressed(cursor.take(length)?)
        }
        _ => return Err(Stop::Bad),
    };
    Ok((version, frame, cursor.at))
}

fn sized(bytes: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Writes a frame.
pub fn write(version: u8, frame: &Frame<'_>, out: &mut Vec<u8>) {
    out.push(version);
    match frame {
        Frame::Window(number) => {
            out.push(b'W');
            out.extend_from_slice(&number.to_be_bytes());
        }
        Frame::Ack(number) => {
            out.push(b'A');
            out.extend_from_slice(&number.to_be_bytes());
        }
        Frame::Json(number, event) => {
            out.push(b'J');
            out.extend_from_slice(&number.to_be_bytes());
            sized(event, out);
        }
        Frame::Pairs(number, pairs) => {
            out.push(b'D');
            out.extend_from_slice(&number.to_be_bytes());
            let count = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&count.to_be_bytes());
            for (key, value) in pairs {
                sized(key, out);
                sized(value, out);
            }
        }
        Frame::Compressed(frames) => {
            out.push(b'C');
            sized(frames, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames() -> impl Strategy<Value = (u32, u8, Vec<Vec<u8>>)> {
        let bytes = proptest::collection::vec(any::<u8>(), 0..40);
        (any::<u32>(), 0u8..5, proptest::collection::vec(bytes, 0..7))
    }

    fn frame(number: u32, kind: u8, texts: &[Vec<u8>]) -> Frame<'_> {
        let first = texts.first().map_or(&b""[..], |text| &text[..]);
        match kind {
            0 => Frame::Window(number),
            1 => Frame::Ack(number),
            2 => Frame::Json(number, first),
            3 => Frame::Compressed(first),
            _ => Frame::Pairs(
                number,
                texts
                    .chunks_exact(2)
                    .map(|pair| (&pair[0][..], &pair[1][..]))
                    .collect(),
            ),
        }
    }

    #[test]
    fn limits() {
        let long = b"2J\0\0\0\x07\0\0\x10\0x";
        assert_eq!(read(long, 100, 1000), Err(Stop::TooLong(7, 4096, 10)));
        assert_eq!(read(b"2C\0\0\x10\0", 100, 1000), Err(Stop::Bad));
        assert_eq!(read(b"1D\0\0\0\x01\xFF\0\0\0", 100, 1000), Err(Stop::Bad));
        assert_eq!(
            read(b"1D\0\0\0\x01\0\0\0\x01\0\0\0\xFF", 100, 1000),
            Err(Stop::Bad)
        );
        assert_eq!(read(b"3W", 100, 1000), Err(Stop::Bad));
        assert_eq!(read(b"2X", 100, 1000), Err(Stop::Bad));
    }

    proptest! {
        #[test]
        fn a_frame_reads_back((number, kind, texts) in frames(), version in b'1'..=b'2', cut in 0usize..400) {
            let frame = frame(number, kind, &texts);
            let mut bytes = Vec::new();
            write(version, &frame, &mut bytes);
            prop_assert_eq!(read(&bytes, 10_000, 10_000), Ok((version, frame, bytes.len())));
            let cut = cut.min(bytes.len() - 1);
            match read(&bytes[..cut], 10_000, 10_000) {
                Err(Stop::Short(needs)) => prop_assert!(needs > cut && needs <= bytes.len()),
                other => prop_assert!(false, "{other:?}"),
            }
        }

        #[test]
        fn anything_is_read_without_a_panic(input in proptest::collection::vec(any::<u8>(), 0..64), head in 0usize..6) {
            let mut bytes = vec![b'2', [b'W', b'J', b'D', b'C', b'A', b'?'][head]];
            bytes.extend(&input);
            let _ = read(&bytes, 100, 100);
            let _ = read(&input, 100, 100);
        }
    }
}
