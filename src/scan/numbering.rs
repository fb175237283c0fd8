//! Numbering plans by calling code: the patterns of libphonenumber's metadata, each code's compiled once.

use std::sync::{LazyLock, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use crate::format::bytes::is_digit;

/// Most digits of a number, country code and all (ITU-T E.164 §6.2).
pub(super) const DIGITS_MAX: usize = 15;

/// What `build.rs` made of the metadata: a line for each code.
const DATA: &str = include_str!(concat!(env!("OUT_DIR"), "/plans.txt"));

struct Plan {
    /// National significant numbers of every kind.
    numbers: Regex,
    /// What is dialled before one inside the country.
    trunk: Option<u8>,
}

/// By calling code, which has one to three digits.
static PLANS: LazyLock<Vec<OnceLock<Option<Plan>>>> =
    LazyLock::new(|| (0..1000).map(|_| OnceLock::new()).collect());

fn plan(code: u16) -> Option<&'static Plan> {
    let slot = PLANS.get(usize::from(code))?;
    slot.get_or_init(|| compile(code)).as_ref()
}

fn compile(code: u16) -> Option<Plan> {
    let mut plans = DATA.lines().filter_map(|line| {
        let (of, plan) = line.split_once(' ')?;
        let (trunk, pattern) = plan.split_once(' ')?;
        Some((of, trunk, pattern))
    });
    let code = code.to_string();
    let (_, trunk, pattern) = plans.find(|(of, _, _)| **of == code)?;
    let pattern = format!("^(?:{pattern})$");
    let numbers = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Regex::config().utf8_empty(false))
        .build(&pattern)
        .ok()?;
    let trunk = trunk.bytes().next().filter(u8::is_ascii_digit);
    Some(Plan { numbers, trunk })
}

/// The digits of a number as written, `(0)` behind a country code left out.
fn digits(text: &[u8], into: &mut [u8; DIGITS_MAX]) -> Option<usize> {
    let mut count = 0usize;
    let mut at = 0usize;
    while let Some(&b) = text.get(at) {
        if text.get(at..).is_some_and(|rest| rest.starts_with(b"(0)")) {
            at = at.saturating_add(3);
            continue;
        }
        if is_digit(b) {
            *into.get_mut(count)? = b;
            count = count.saturating_add(1);
        }
        at = at.saturating_add(1);
    }
    Some(count)
}

/// Whether `text`, which starts with `+`, is a number of the plan of its country code.
pub(super) fn international(text: &[u8]) -> bool {
    let mut buffer = [0u8; DIGITS_MAX];
    let Some(count) = digits(text, &mut buffer) else {
        return false;
    };
    let number = buffer.get(..count).unwrap_or_default();
    (1..=3).any(|length| {
        let Some((code, rest)) = number.split_at_checked(length) else {
            return false;
        };
        let code = code.iter().fold(0u16, |n, b| {
            n.saturating_mul(10)
                .saturating_add(u16::from(b.wrapping_sub(b'0')))
        });
        plan(code).is_some_and(|plan| plan.numbers.is_match(rest))
    })
}

/// Whether `text` is a number as dialled inside the country of `code`.
pub(super) fn national(code: u16, text: &[u8]) -> bool {
    let mut buffer = [0u8; DIGITS_MAX];
    let Some(count) = digits(text, &mut buffer) else {
        return false;
    };
    let number = buffer.get(..count).unwrap_or_default();
    plan(code).is_some_and(|plan| {
        let dialled = plan.trunk.and_then(|trunk| number.strip_prefix(&[trunk]));
        plan.numbers.is_match(number) || dialled.is_some_and(|rest| plan.numbers.is_match(rest))
    })
}

#[cfg(test)]
mod tests {
    use phonenumber::metadata::DATABASE;

    use super::*;

    #[test]
    fn numbers_belong_to_plans() {
        for number in [
            "+44 20 7123 4567",
            "+44 (0)20 7123 4567",
            "+86-18627472960",
            "+1 415 555 2671",
            "+90 532 123 45 67",
        ] {
            assert!(international(number.as_bytes()), "{number}");
        }
        for number in [
            "+44 20 7123",
            "+999 123 4567",
            "+1 115 555 2671",
            "+12345678901234567",
        ] {
            assert!(!international(number.as_bytes()), "{number}");
        }
        assert!(
            national(81, b"090-1234-5678")
                && national(63, b"0917 123 4567")
                && national(1, b"415-555-2671")
        );
        assert!(!national(81, b"190-1234-56") && !national(1, b"115-555-2671"));
    }

    /// The library is what says so: each of its own examples is in its plan here.
    #[test]
    fn the_librarys_examples_are_valid() {
        let mut tried = 0;
        for region in DATABASE.iter() {
            if let Some(example) = region
                .descriptors()
                .fixed_line()
                .and_then(|kind| kind.example())
            {
                tried += 1;
                assert!(
                    national(region.country_code(), example.as_bytes()),
                    "{} {example}",
                    region.id()
                );
            }
        }
        assert!(tried > 200, "{tried}");
    }
}
