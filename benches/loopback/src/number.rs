//! The number at the end of each line, in letters: eight digits would be work that the lines of a corpus do not ask
//! for, since they may be the number of a document, and the words around such a one are looked at.

/// Letters of a number.
pub const LETTERS: usize = 8;
/// The letter of the digit zero of base sixteen.
const ZERO: u8 = b'a';

pub fn encode(number: usize) -> [u8; LETTERS] {
    let mut rest = number;
    let mut letters = [ZERO; LETTERS];
    for letter in letters.iter_mut().rev() {
        *letter = ZERO + (rest % 16) as u8;
        rest /= 16;
    }
    letters
}

/// The number that `line` ends in.
pub fn at_end(line: &[u8]) -> Option<usize> {
    let letters = line.last_chunk::<LETTERS>()?;
    letters.iter().try_fold(0, |number, letter| {
        let digit = letter.checked_sub(ZERO).filter(|digit| *digit < 16)?;
        Some(number * 16 + usize::from(digit))
    })
}
