//! MessagePack: one value after the other over a slice, and the headers that an encoder writes
//! (the MessagePack specification, "Formats").

/// Deepest nesting that is followed.
pub const DEPTH_MAX: usize = 64;

/// Why a value could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// More bytes are needed.
    Short,
    /// These bytes are no MessagePack, or nest too deep.
    Bad,
}

/// One value without what is inside of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Token<'a> {
    /// `nil`.
    Nil,
    /// `true`, `false`.
    Bool(bool),
    /// Any integer; all of them fit.
    Int(i128),
    /// 32 bits.
    Float(f32),
    /// 64 bits.
    Double(f64),
    /// Text.
    Str(&'a [u8]),
    /// Bytes.
    Bin(&'a [u8]),
    /// So many values follow.
    Array(u32),
    /// So many keys and values follow.
    Map(u32),
    /// A type and its data.
    Ext(i8, &'a [u8]),
}

/// Reads on.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    input: &'a [u8],
    /// Where the next value begins.
    pub at: usize,
}

impl<'a> Reader<'a> {
    /// From the front of `input`.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Whether everything is read.
    #[must_use]
    pub const fn at_end(&self) -> bool {
        self.at >= self.input.len()
    }

    /// What was read from `start` up to here.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.input.get(start..self.at).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Stop> {
        let end = self.at.checked_add(bytes).ok_or(Stop::Bad)?;
        let taken = self.input.get(self.at..end).ok_or(Stop::Short)?;
        self.at = end;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        self.take(N)?.try_into().map_err(|_| Stop::Short)
    }

    fn length(&mut self, width: u8) -> Result<usize, Stop> {
        Ok(match width {
            1 => usize::from(u8::from_be_bytes(self.number()?)),
            2 => usize::from(u16::from_be_bytes(self.number()?)),
            _ => usize::try_from(u32::from_be_bytes(self.number()?)).map_err(|_| Stop::Bad)?,
        })
    }

    fn count(&mut self, width: u8) -> Result<u32, Stop> {
        u32::try_from(self.length(width)?).map_err(|_| Stop::Bad)
    }

    fn ext(&mut self, bytes: usize) -> Result<Token<'a>, Stop> {
        let [kind] = self.number()?;
        Ok(Token::Ext(kind.cast_signed(), self.take(bytes)?))
    }

    fn next(&mut self) -> Result<Token<'a>, Stop> {
        let [marker] = self.number()?;
        Ok(match marker {
            0x00..=0x7F => Token::Int(i128::from(marker)),
            0x80..=0x8F => Token::Map(u32::from(marker & 0x0F)),
            0x90..=0x9F => Token::Array(u32::from(marker & 0x0F)),
            0xA0..=0xBF => Token::Str(self.take(usize::from(marker & 0x1F))?),
            0xC0 => Token::Nil,
            0xC1 => return Err(Stop::Bad),
            0xC2 | 0xC3 => Token::Bool(marker == 0xC3),
            0xC4..=0xC6 => {
                let bytes = self.length(1 << (marker - 0xC4))?;
                Token::Bin(self.take(bytes)?)
            }
            0xC7..=0xC9 => {
                let bytes = self.length(1 << (marker - 0xC7))?;
                self.ext(bytes)?
            }
            0xCA => Token::Float(f32::from_be_bytes(self.number()?)),
            0xCB => Token::Double(f64::from_be_bytes(self.number()?)),
            0xCC => Token::Int(u8::from_be_bytes(self.number()?).into()),
            0xCD => Token::Int(u16::from_be_bytes(self.number()?).into()),
            0xCE => Token::Int(u32::from_be_bytes(self.number()?).into()),
            0xCF => Token::Int(u64::from_be_bytes(self.number()?).into()),
            0xD0 => Token::Int(i8::from_be_bytes(self.number()?).into()),
            0xD1 => Token::Int(i16::from_be_bytes(self.number()?).into()),
            0xD2 => Token::Int(i32::from_be_bytes(self.number()?).into()),
            0xD3 => Token::Int(i64::from_be_bytes(self.number()?).into()),
            0xD4..=0xD8 => self.ext(1 << (marker - 0xD4))?,
            0xD9..=0xDB => {
                let bytes = self.length(1 << (marker - 0xD9))?;
                Token::Str(self.take(bytes)?)
            }
            0xDC | 0xDD => Token::Array(self.count(2 << (marker - 0xDC))?),
            0xDE | 0xDF => Token::Map(self.count(2 << (marker - 0xDE))?),
            0xE0..=0xFF => Token::Int(i128::from(marker.cast_signed())),
        })
    }

    /// The next value, without what is inside of it. Nothing is consumed on an error.
    ///
    /// # Errors
    /// See [`Stop`].
    pub fn token(&mut self) -> Result<Token<'a>, Stop> {
        let start = self.at;
        self.next().inspect_err(|_| self.at = start)
    }

    /// The next value, whole.
    ///
    /// # Errors
    /// See [`Stop`].
    pub fn value(&mut self) -> Result<&'a [u8], Stop> {
        let (start, mut extent) = (self.at, Extent::default());
        let rest = self.input.get(start..).unwrap_or_default();
        let length = extent.find(rest)?;
        self.take(length)
    }
}

/// Finds where a value ends, over input that grows: what was walked once is not walked again.
#[derive(Debug, Default)]
pub struct Extent {
    at: usize,
    /// How many values are still to come in each open container.
    left: Vec<u64>,
}

impl Extent {
    /// The length of the value at the front of `input`, which begins as it did at the last call.
    ///
    /// # Errors
    /// [`Stop::Short`]: call again with more behind it.
    pub fn find(&mut self, input: &[u8]) -> Result<usize, Stop> {
        let mut reader = Reader { input, at: self.at };
        loop {
            let inside = match reader.token()? {
                Token::Array(count) => u64::from(count),
                Token::Map(count) => u64::from(count).saturating_mul(2),
                _ => 0,
            };
            self.at = reader.at;
            if inside > 0 {
                if self.left.len() >= DEPTH_MAX {
                    return Err(Stop::Bad);
                }
                self.left.push(inside);
                continue;
            }
            // A value ended; so may have the containers around it.
            loop {
                let Some(left) = self.left.last_mut() else {
                    *self = Self::default();
                    return Ok(reader.at);
                };
                *left = left.saturating_sub(1);
                if *left > 0 {
                    break;
                }
                self.left.pop();
            }
        }
    }
}

fn sized(length: usize, markers: [u8; 3], out: &mut Vec<u8>) {
    let [small, middle, large] = markers;
    if let Ok(length) = u8::try_from(length) {
        out.extend_from_slice(&[small, length]);
    } else if let Ok(length) = u16::try_from(length) {
        out.push(middle);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(large);
        out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    }
}

/// Writes a text.
pub fn write_str(text: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if length < 32 => out.push(0xA0 | length),
        _ => sized(text.len(), [0xD9, 0xDA, 0xDB], out),
    }
    out.extend_from_slice(text);
}

/// Writes bytes.
pub fn write_bin(bytes: &[u8], out: &mut Vec<u8>) {
    sized(bytes.len(), [0xC4, 0xC5, 0xC6], out);
    out.extend_from_slice(bytes);
}

/// Writes data of an extension type.
pub fn write_ext(kind: i8, data: &[u8], out: &mut Vec<u8>) {
    match data.len() {
        1 => out.push(0xD4),
        2 => out.push(0xD5),
        4 => out.push(0xD6),
        8 => out.push(0xD7),
        16 => out.push(0xD8),
        length => sized(length, [0xC7, 0xC8, 0xC9], out),
    }
    out.push(kind.cast_unsigned());
    out.extend_from_slice(data);
}

/// Writes an integer in its fewest bytes; false where it has no form.
#[must_use]
pub fn write_int(value: i128, out: &mut Vec<u8>) -> bool {
    if let Ok(value) = u64::try_from(value) {
        if let Ok(value) = u8::try_from(value) {
            if value >= 0x80 {
                out.push(0xCC);
            }
            out.push(value);
        } else if let Ok(value) = u16::try_from(value) {
            out.push(0xCD);
            out.extend_from_slice(&value.to_be_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            out.push(0xCE);
            out.extend_from_slice(&value.to_be_bytes());
        } else {
            out.push(0xCF);
            out.extend_from_slice(&value.to_be_bytes());
        }
        return true;
    }
    if let Ok(value) = i8::try_from(value) {
        if value < -32 {
            out.push(0xD0);
        }
        out.push(value.cast_unsigned());
    } else if let Ok(value) = i16::try_from(value) {
        out.push(0xD1);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        out.push(0xD2);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Ok(value) = i64::try_from(value) {
        out.push(0xD3);
        out.extend_from_slice(&value.to_be_bytes());
    } else {
        return false;
    }
    true
}

fn counted(count: usize, fix: u8, markers: [u8; 2], out: &mut Vec<u8>) {
    let [middle, large] = markers;
    match (u8::try_from(count), u16::try_from(count)) {
        (Ok(count), _) if count < 16 => out.push(fix | count),
        (_, Ok(count)) => {
            out.push(middle);
            out.extend_from_slice(&count.to_be_bytes());
        }
        _ => {
            out.push(large);
            out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

/// Begins an array.
pub fn write_array(count: usize, out: &mut Vec<u8>) {
    counted(count, 0x90, [0xDC, 0xDD], out);
}

/// Begins a map.
pub fn write_map(count: usize, out: &mut Vec<u8>) {
    counted(count, 0x80, [0xDE, 0xDF], out);
}

/// Any value, for the property tests of this room.
#[cfg(test)]
pub(super) fn arbitrary() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(vec![0xC0]),
        any::<bool>().prop_map(|b| vec![0xC2 + u8::from(b)]),
        any::<i64>().prop_map(|i| {
            let mut out = Vec::new();
            assert!(write_int(i.into(), &mut out));
            out
        }),
        any::<u16>().prop_map(|i| vec![0xCE, 0, 0, (i >> 8) as u8, i as u8]),
        any::<f32>().prop_map(|f| [&[0xCA][..], &f.to_be_bytes()].concat()),
        any::<f64>().prop_map(|f| [&[0xCB][..], &f.to_be_bytes()].concat()),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| {
            let mut out = Vec::new();
            write_bin(&bytes, &mut out);
            out
        }),
        "[a-z \u{e4}\n\"]{0,300}".prop_map(|text| {
            let mut out = Vec::new();
            write_str(text.as_bytes(), &mut out);
            out
        }),
        (any::<i8>(), proptest::collection::vec(any::<u8>(), 0..20)).prop_map(|(kind, data)| {
            let mut out = Vec::new();
            write_ext(kind, &data, &mut out);
            out
        }),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(|values| {
                let mut out = Vec::new();
                write_array(values.len(), &mut out);
                out.extend(values.concat());
                out
            }),
            proptest::collection::vec(("[a-z]{0,12}", inner), 0..20).prop_map(|pairs| {
                let mut out = Vec::new();
                write_map(pairs.len(), &mut out);
                for (key, value) in pairs {
                    write_str(key.as_bytes(), &mut out);
                    out.extend(value);
                }
                out
            }),
        ]
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers_take_their_fewest_bytes_and_read_back() {
        for (value, bytes) in [
            (0i128, 1),
            (127, 1),
            (128, 2),
            (255, 2),
            (256, 3),
            (65_536, 5),
            (1 << 32, 9),
            (u64::MAX.into(), 9),
            (-1, 1),
            (-32, 1),
            (-33, 2),
            (-129, 3),
            (-32_769, 5),
            (i64::MIN.into(), 9),
        ] {
            let mut out = Vec::new();
            assert!(write_int(value, &mut out));
            assert_eq!(out.len(), bytes, "{value}");
            assert_eq!(Reader::new(&out).token(), Ok(Token::Int(value)));
        }
        assert!(!write_int(1 << 64, &mut Vec::new()));
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = vec![0x91; DEPTH_MAX + 1];
        assert_eq!(Extent::default().find(&deep), Err(Stop::Bad));
        assert_eq!(Extent::default().find(&[0xC1]), Err(Stop::Bad));
        assert_eq!(Extent::default().find(&[0x90]), Ok(1));
    }

    proptest! {
        #[test]
        fn an_extent_is_found_however_the_input_comes(value in arbitrary(), tail in proptest::collection::vec(any::<u8>(), 0..9), step in 1usize..9) {
            let mut input = value.clone();
            input.extend(tail);
            let mut extent = Extent::default();
            let mut end = 0;
            let found = loop {
                match extent.find(&input[..end]) {
                    Ok(found) => break found,
                    Err(Stop::Bad) => panic!("it is well-formed"),
                    Err(Stop::Short) => end = (end + step).min(input.len()),
                }
            };
            prop_assert_eq!(found, value.len());
            prop_assert_eq!(Reader::new(&input).value(), Ok(&value[..]));
        }

        #[test]
        fn any_bytes_are_walked_without_a_panic(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&input);
            while !reader.at_end() && reader.value().is_ok() {}
        }
    }
}
