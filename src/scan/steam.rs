//! Accounts of Steam's by their numbers.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::{name, word_before};
use crate::class::Class;
use crate::format::bytes::{before, byte, digits_start, is_word};
use crate::record::Span;

const ID: &str = "steam_id";

/// Digits of a number.
const DIGITS: usize = 17;

/// `76561198012345678`, and who has it in `Player pat (76561198012345678)`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Run17],
    literals: &[],
    source: "SteamID of 64 bits: the universe, the kind and the instance of a person's account stand in front",
    confirm,
    finds: &[
        "id 76561198012345678 joined",
        "Player pat (76561198012345678) connected",
        r#"{"id":"76561198012345678"}"#,
    ],
    leaves: &[
        "id 176561198012345678 and 7656119801234",
        "id 86561198012345678",
        "x76561198012345678",
        "1.76561198012345678",
        "76561198012345678a",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let end = at.saturating_add(1);
    let start = digits_start(hay, end, DIGITS);
    let number = Span::new(start, end);
    let open = before(hay, start);
    if number.len() != DIGITS
        || !number.of(hay).starts_with(b"7656119")
        || is_word(open)
        || matches!(open, b'.' | b'-')
        || is_word(byte(hay, end))
    {
        return;
    }
    cx.text(
        number,
        Class::ACCOUNT,
        ID,
        "the number of a person's account",
    );
    let blank = start.saturating_sub(2);
    let who = word_before(hay, blank);
    let head = hay.get(..who.start).unwrap_or_default();
    if open == b'(' && byte(hay, blank) == b' ' && head.ends_with(b"layer ") {
        name(cx, who);
    }
}
