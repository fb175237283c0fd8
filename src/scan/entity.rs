//! Numeric character references of HTML (HTML 5 §13.5). Templates write signs so (`user&#x3D;ann`, `192&#46;0&#46;2&#46;7`):
//! a word that has some is scanned once more as it reads.

use super::percent::behind_escape;
use crate::format::bytes::{next_pair, skip, skip_back};
use crate::format::decode::entity;
use crate::record::Span;

/// Longest word around one, in bytes.
const WORD_BYTES_MAX: usize = 4096;

/// Calls `found` with each word of `hay` that has such a reference.
pub(super) fn words(hay: &[u8], mut found: impl FnMut(Span)) {
    let inside =
        |b: u8| b > b' ' && !matches!(b, b'"' | b'\'' | b'\\' | b',' | b'|' | b'<' | b'>' | 0x7F);
    let mut at = 0usize;
    while let Some(sign) = next_pair(hay, at, *b"&#") {
        let floor = at;
        at = sign.saturating_add(2);
        if entity(hay, sign).is_some() {
            let start = skip_back(hay, sign, sign.saturating_sub(floor), inside);
            let start = behind_escape(hay, start);
            at = skip(hay, sign, WORD_BYTES_MAX, inside);
            found(Span::new(start, at));
        }
    }
}

/// Calls `found` with each reference in `word`, and its character; a blank for controls, which end what stands in front
/// of them.
pub(super) fn codes(hay: &[u8], word: Span, mut found: impl FnMut(Span, char)) {
    let mut at = word.start;
    while let Some(next) = memchr::memchr(b'&', Span::new(at, word.end).of(hay)) {
        let start = at.saturating_add(next);
        at = start.saturating_add(1);
        if let Some((value, end)) = entity(hay, start)
            && end <= word.end
            && let Some(character) = char::from_u32(value)
        {
            let control = character.is_control();
            found(Span::new(start, end), if control { ' ' } else { character });
            at = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Finding, Scanner, Scratch};

    #[test]
    fn what_is_written_with_references_is_found() {
        for (text, what) in [
            ("ip 192&#46;0&#46;2&#46;7 x", "192&#46;0&#46;2&#46;7"),
            ("ip=2001&#x3a;db8&#x3A;&#58;7", "2001&#x3a;db8&#x3A;&#58;7"),
            ("q=user&#x3D;ann&amp;password&#61;hunter2 x", "hunter2"),
            ("q=user&#x3D;ann&amp;password&#61;hunter2 x", "ann"),
            ("open &#x2F;home&#x2F;ann&#x2F;x", "ann"),
            (
                "m=\"00&#58;1b&#58;44&#58;11&#58;3a&#58;b7\"",
                "00&#58;1b&#58;44&#58;11&#58;3a&#58;b7",
            ),
            ("x&#10;192.0.2.7", "192.0.2.7"),
        ] {
            let mut findings: Vec<Finding> = Vec::new();
            Scanner::default().scan(text.as_bytes(), &mut Scratch::default(), &mut findings);
            let found = findings
                .iter()
                .any(|f| f.span.of(text.as_bytes()) == what.as_bytes());
            assert!(found, "{text}: {findings:?}");
        }
    }

    #[test]
    fn what_is_none_is_no_word() {
        let mut all = Vec::new();
        words(b"&# &#x; &#zz; a&#1 \"&#46\" &amp; #46;", |word| {
            all.push(word)
        });
        assert_eq!(all, []);
    }
}
