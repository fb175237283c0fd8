//! Command lines in Linux audit records: the arguments of `EXECVE`, and `PROCTITLE`, written in hex where they hold
//! blanks, quotes or the zeros between arguments; and the addresses of `SOCKADDR`, in hex always. What is found there is
//! masked in its own digits.

use std::sync::LazyLock;

use super::context::{Cx, Finding};
use super::front::Anchor;
use super::keys::{self, Named};
use super::program::{self, Flag, Holds, PROGRAMS};
use super::take::is_nothing;
use super::{Detector, Scanner};
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, is_end, is_hex, skip};
use crate::format::hex;
use crate::record::{Span, Spelling};

const ID: &str = "audit_command";

/// Most arguments of one record, and bytes of one of them, that are looked at.
const ARGUMENTS_MAX: usize = 64;
const ARGUMENT_BYTES_MAX: usize = 8192;

/// What the digits say may be of any class.
const EVERY: [Class; keys::NAMED.len() + 1] = {
    let mut every = [Class::IP; keys::NAMED.len() + 1];
    let mut i = 0;
    while i < keys::NAMED.len() {
        #[allow(clippy::indexing_slicing, reason = "`i` is below the length of both")]
        {
            every[i] = keys::NAMED[i];
        }
        i = i.wrapping_add(1);
    }
    every
};

/// `a0="mysql" a1="-phunter2"`, `proctitle=6D7973716C00…`.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &EVERY,
    anchors: &[Anchor::Literal],
    literals: &["argc=", "proctitle=", "cmd=", "cwd=", "saddr="],
    source: "Linux audit records EXECVE, PROCTITLE, USER_CMD, CWD (untrusted strings in hex) and SOCKADDR; ip(7), ipv6(7)",
    confirm,
    finds: &[
        "type=EXECVE msg=audit(1.2:3): argc=2 a0=\"mysql\" a1=\"-phunter2\"",
        "type=EXECVE msg=audit(1.2:3): argc=3 a0=\"snmpget\" a1=\"-c\" a2=\"hunter2\"",
        "type=EXECVE msg=audit(1.2:3): argc=4 a0=\"/usr/bin/curl\" a1=\"-u\" a2=\"al:hunter2\" a3=\"x\"",
        "type=EXECVE msg=audit(1.2:3): argc=3 a0=\"sh\" a1=\"-c\" a2=6D7973716C202D7068756E74657232",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=6D7973716C002D7068756E74657232",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=746F6F6C002D2D746F6B656E00616263313233",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=70696E67003139322E302E322E37",
        "type=USER_CMD msg=audit(1.2:3): msg='cwd=\"/\" cmd=7669202F686F6D652F7061742F61 terminal=pts/0'",
        "type=CWD msg=audit(1.2:3): cwd=2F686F6D652F7061742F612062",
        "type=SOCKADDR msg=audit(1.2:3): saddr=02000035C00002070000000000000000",
        "type=SOCKADDR msg=audit(1.2:3): saddr=00020035C0000207",
        "type=SOCKADDR msg=audit(1.2:3): saddr=0A0000500000000020010DB800000000000000000000000100000000",
    ],
    leaves: &[
        "type=EXECVE msg=audit(1.2:3): argc=2 a0=\"ls\" a1=\"-phunter2\"",
        "type=EXECVE msg=audit(1.2:3): argc=3 a0=\"snmpd\" a1=\"-c\" a2=\"x.conf\"",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=6C73002D6C61",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=6D7973716C002D7068**",
        "type=PROCTITLE msg=audit(1.2:3): proctitle=\"bash\"",
        "argc=2",
        "cmd=7669202F612F62 cwd=2F61",
        "cmd=3139322E302E322E37",
        "saddr=02000035C00002070000000000000000",
        "type=SOCKADDR msg=audit(1.2:3): saddr=02000035C000",
        "type=SOCKADDR msg=audit(1.2:3): saddr=01002F72756E2F782E736F636B00",
        "type=SOCKADDR msg=audit(1.2:3): saddr=100000000000000000000000",
        "type=SOCKADDR msg=audit(1.2:3): saddr=0A00000000000000",
    ],
};

/// One argument: what it says, where it is written, and whether in hex.
struct Argument<'a> {
    text: std::borrow::Cow<'a, [u8]>,
    start: usize,
    hex: bool,
}

impl Argument<'_> {
    /// Where its bytes from `from` to `to` are written.
    fn span(&self, from: usize, to: usize) -> Span {
        let width = if self.hex { 2 } else { 1 };
        Span::new(
            self.start.saturating_add(from.saturating_mul(width)),
            self.start.saturating_add(to.saturating_mul(width)),
        )
    }

    /// A part of it, where that is written.
    fn part(&self, part: Span) -> Argument<'_> {
        Argument {
            text: part.of(&self.text).into(),
            start: self.span(part.start, part.end).start,
            hex: self.hex,
        }
    }

    /// Its parts between `border`, each where it is written.
    fn split(&self, border: u8) -> Vec<Argument<'_>> {
        let mut parts = Vec::new();
        let mut from = 0usize;
        for part in self.text.split(|b| *b == border).take(ARGUMENTS_MAX) {
            let to = from.saturating_add(part.len());
            if !part.is_empty() {
                parts.push(self.part(Span::new(from, to)));
            }
            from = to.saturating_add(1);
        }
        parts
    }
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(literal) = cx.literal(at, DETECTOR.literals) else {
        return;
    };
    if literal == "saddr=" {
        return address(cx, at);
    }
    if literal != "argc=" {
        if let Some((title, _)) = value(hay, at)
            && title.hex
            && is_of_a_record(hay, at)
        {
            judge(cx, &title.split(0));
            within(cx, &title);
        }
        return;
    }
    let mut arguments = Vec::new();
    let mut next = skip(hay, at, 8, is_digit);
    while arguments.len() < ARGUMENTS_MAX {
        let name = skip(hay, next, 4, |b| b == b' ');
        let number = name.saturating_add(1);
        let border = skip(hay, number, 5, is_digit);
        if byte(hay, name) != b'a' || border == number || byte(hay, border) != b'=' {
            break;
        }
        let Some((argument, end)) = value(hay, border.saturating_add(1)) else {
            break;
        };
        arguments.push(argument);
        next = end;
    }
    // A shell's command line is one argument.
    for argument in arguments.iter().filter(|a| a.hex) {
        if argument.text.contains(&b' ') {
            judge(cx, &argument.split(b' '));
        }
        within(cx, argument);
    }
    judge(cx, &arguments);
}

/// How far behind its head a record's fields are.
const RECORD_BYTES_MAX: usize = 1024;

/// Whether `at` stands behind the head of an audit record.
pub(super) fn is_of_a_record(hay: &[u8], at: usize) -> bool {
    let head = Span::new(at.saturating_sub(RECORD_BYTES_MAX), at).of(hay);
    let head = head.rsplit(|b| is_end(*b)).next().unwrap_or_default();
    memchr::memmem::find(head, b"audit(").is_some()
}

/// Whether `value` is an account's name in hex: an audit record has others in quotes.
pub(super) fn is_account(hay: &[u8], key: Span, value: Span) -> bool {
    key.of(hay) == b"acct"
        && !value.is_empty()
        && value.len().is_multiple_of(2)
        && value.of(hay).iter().all(|b| is_hex(*b))
        && is_of_a_record(hay, key.start)
}

/// The address in a `struct sockaddr` at `at`: the family, as the machine orders its bytes, the port, in IPv6 the flow, and
/// the address. Its digits alone are found, where its text would be.
fn address(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let (before, length) = match Span::new(at, at.saturating_add(4)).of(hay) {
        b"0200" | b"0002" => (8, 8),
        b"0A00" | b"0a00" | b"000A" | b"000a" => (16, 32),
        _ => return,
    };
    let start = at.saturating_add(before);
    let digits = Span::new(start, start.saturating_add(length));
    if skip(hay, at, before, is_hex) < start || !is_of_a_record(hay, at) {
        return;
    }
    if let Some(text) = hex::address(digits.of(hay)) {
        let found = found_in(cx, text.to_string().as_bytes());
        if found.iter().any(|finding| finding.class == Class::IP) {
            cx.accept(
                digits,
                Class::IP,
                Spelling::Hex,
                ID,
                "the address of a socket",
            );
        }
    }
}

/// All that the rules of the pass find in the text that the digits stand for.
fn within(cx: &mut Cx<'_>, argument: &Argument<'_>) {
    for finding in found_in(cx, &argument.text) {
        let span = argument.span(finding.span.start, finding.span.end);
        let reason = "found in what the digits say";
        cx.rule = finding.rule;
        cx.accept(span, finding.class, Spelling::Hex, ID, reason);
    }
    cx.rule = 0;
}

/// What the rules of the pass find in `text`.
fn found_in(cx: &mut Cx<'_>, text: &[u8]) -> Vec<Finding> {
    static EVERY_RULE: LazyLock<Scanner> = LazyLock::new(Scanner::default);
    // The zeros between arguments are the blanks of a command line.
    let line: Vec<u8> = text
        .iter()
        .map(|b| if is_end(*b) { b' ' } else { *b })
        .collect();
    let mut findings = Vec::new();
    let mut scratch = cx.inside.take().unwrap_or_default();
    let scanner = cx.scanner.unwrap_or(&EVERY_RULE);
    scanner.scan(&line, &mut scratch, &mut findings);
    // Digits in digits are rare: their memory is not kept.
    scratch.inside = None;
    cx.inside = Some(scratch);
    findings
}

/// What is written at `at`, in quotes or in hex, and where it ends.
fn value(hay: &[u8], at: usize) -> Option<(Argument<'_>, usize)> {
    let quote = skip(hay, at, 4, |b| b == b'\\');
    if byte(hay, quote) == b'"' {
        let start = quote.saturating_add(1);
        let end = skip(hay, start, ARGUMENT_BYTES_MAX, |b| {
            !matches!(b, b'"' | b'\\') && !is_end(b)
        });
        let close = skip(hay, end, 4, |b| b == b'\\');
        let argument = Argument {
            text: Span::new(start, end).of(hay).into(),
            start,
            hex: false,
        };
        return (byte(hay, close) == b'"').then_some((argument, close.saturating_add(1)));
    }
    let end = skip(hay, at, ARGUMENT_BYTES_MAX, is_hex);
    let digits = Span::new(at, end).of(hay);
    let over = matches!(byte(hay, end), b' ' | b'"' | b'\'' | b'\\' | b',' | b'\r')
        || is_end(byte(hay, end));
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !over {
        return None;
    }
    let text = hex::decode(digits);
    let argument = Argument {
        text: text?.into(),
        start: at,
        hex: true,
    };
    Some((argument, end))
}

/// Flags of the program, long flags and assignments whose name says what they hold, users of URLs.
fn judge(cx: &mut Cx<'_>, arguments: &[Argument<'_>]) {
    let Some(first) = arguments.first() else {
        return;
    };
    let base = first.text.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let sub = arguments.get(1).map_or(&[][..], |a| &a.text);
    let program = PROGRAMS.iter().find(|(name, _, _)| {
        let mut words = name.as_bytes().split(|b| *b == b' ');
        let first = words.next().unwrap_or_default();
        match words.next() {
            Some(word) => first == base && (word.is_empty() || word == sub),
            None => program::is_of_family(first, base),
        }
    });
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let text: &[u8] = &argument.text;
        userinfo(cx, argument);
        let name = text.strip_prefix(b"--").unwrap_or(text);
        let dashes = text.len().saturating_sub(name.len());
        let border = memchr::memchr(b'=', name);
        if let Some(border) = border
            && let Some(named) = keys::named(cx, name.get(..border).unwrap_or_default())
        {
            let from = dashes.saturating_add(border).saturating_add(1);
            found(cx, argument, (from, text.len()), named);
            continue;
        }
        let value = |a: &&Argument<'_>| !a.text.starts_with(b"-");
        if dashes > 0
            && border.is_none()
            && let Some(named) = keys::named(cx, name)
        {
            if let Some(value) = rest.next_if(value) {
                found(cx, value, (0, value.text.len()), named);
            }
            continue;
        }
        let Some(flag) = program.and_then(|program| program::flag(program, text)) else {
            continue;
        };
        match flag {
            Flag::Asks => {}
            Flag::Before(holds) => {
                if let Some(value) = rest.next_if(value) {
                    hold(cx, value, 0, holds);
                }
            }
            Flag::Glued(length, holds) => hold(cx, argument, length, holds),
        }
    }
}

fn hold(cx: &mut Cx<'_>, argument: &Argument<'_>, from: usize, holds: Holds) {
    let parts = holds.parts(argument.text.get(from..).unwrap_or_default());
    for (part, class) in parts.into_iter().zip([Class::ACCOUNT, Class::PASSWORD]) {
        if let Some(part) = part {
            let place = (
                from.saturating_add(part.start),
                from.saturating_add(part.end),
            );
            found(cx, argument, place, class);
        }
    }
}

/// `scheme://user:password@host` in hex, which no other rule reads.
fn userinfo(cx: &mut Cx<'_>, argument: &Argument<'_>) {
    let text: &[u8] = &argument.text;
    let Some(start) = memchr::memmem::find(text, b"://").filter(|_| argument.hex) else {
        return;
    };
    let start = start.saturating_add(3);
    let authority = text.get(start..).unwrap_or_default();
    let authority = authority.split(|b| *b == b'/').next().unwrap_or_default();
    if let Some(at) = memchr::memrchr(b'@', authority) {
        let info = Span::new(start, start.saturating_add(at));
        let part = argument.part(info);
        hold(cx, &part, 0, Holds::Both);
    }
}

fn found(
    cx: &mut Cx<'_>,
    argument: &Argument<'_>,
    (from, to): (usize, usize),
    named: impl Into<Named>,
) {
    let text = argument.text.get(from..to).unwrap_or_default();
    if from < to && !is_nothing(text) {
        let spelling = match argument.hex {
            true => Spelling::Hex,
            false => Spelling::Text,
        };
        cx.named_as(
            argument.span(from, to),
            named.into(),
            spelling,
            ID,
            "an argument that names its class",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Finding, Scanner, Scratch};
    use crate::class::Class;
    use crate::policy::Policy;

    /// Where a policy asks for nothing else.
    #[test]
    fn an_operators_own_keys_are_found_in_digits() {
        let rules = "[actions]\ndefault = \"keep\"\n[[custom]]\nname = \"x\"\nkeys = [\"badge\"]\n";
        let policy = Policy::parse("test", rules).unwrap();
        let scanner = Scanner::wanted(&policy.custom, |_| false);
        // `x --badge=secret7`
        let line = b"type=PROCTITLE msg=audit(1.2:3): proctitle=78002D2D62616467653D73656372657437";
        let mut findings: Vec<Finding> = Vec::new();
        scanner.scan(line, &mut Scratch::default(), &mut findings);
        assert!(
            findings.iter().any(|f| f.class == Class::CUSTOM),
            "{findings:?}"
        );
    }
}
