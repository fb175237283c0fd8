//! Turns findings into what may be seen. Only this stage makes a [`Scrubbed`].

mod cache;
mod cipher;
mod counted;
mod identity;
mod keys;
mod members;
mod pseudonym;
mod punycode;
mod replace;
mod rules;
mod scrubbed;
mod typed;

use std::fmt;
use std::net::IpAddr;
use std::sync::MutexGuard;

pub use keys::Keys;
pub use rules::Places;
pub(crate) use scrubbed::Mark;
pub use scrubbed::Scrubbed;

use cache::{Answer, Asked, Cache, Caches};
use members::Members;

use crate::class::{Class, is_label};
use crate::format::bytes::{before, is_hex, skip, skip_back};
use crate::format::hex;
use crate::format::strings::{depth, escape};
use crate::policy::{Action, Policy, Typed};
use crate::record::{Span, Spelling};

/// A finding as the masking stage takes it: overlaps resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// Where.
    pub span: Span,
    /// What.
    pub class: Class,
    /// How it is written, and its replacement after it.
    pub spelling: Spelling,
    /// What happens to it.
    pub action: Action,
    /// Whether that is what a rule of the operator's own says.
    pub own: bool,
}

/// Which of two that overlap says what becomes of both: the greater.
fn rank(target: Target) -> impl Ord {
    let class = std::cmp::Reverse(target.class);
    (target.span.len(), target.own, class)
}

impl Target {
    /// Whether it is a bare number that must stay one.
    fn number(&self) -> bool {
        self.spelling == Spelling::Number
    }
}

/// What [`Masker::reveal`] gives. `Debug` shows no text.
#[derive(Default)]
pub struct Revealed {
    /// The line.
    pub text: Vec<u8>,
    /// Tokens turned back.
    pub opened: usize,
    /// Tokens that no key of the ring made.
    pub closed: usize,
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revealed")
            .field("bytes", &self.text.len())
            .finish()
    }
}

/// `value` as the string around `at` has it, where `line` is JSON or ends in it: at each depth of strings in strings once more
/// (RFC 8259 §7).
fn escaped(mut value: Vec<u8>, line: &[u8], at: usize) -> Vec<u8> {
    let head = line.get(..at).unwrap_or_default();
    let first = line.iter().find(|b| !b.is_ascii_whitespace());
    // `app[7]: {"user":"…"}`: behind a prefix, in a string that is open.
    let in_string = || {
        let inside = memchr::memmem::find(head, b"{\"").and_then(|open| head.get(open..));
        inside.is_some_and(|inside| {
            let quotes = memchr::memchr_iter(b'"', inside);
            let own = quotes.filter(|quote| before(inside, *quote) != b'\\');
            !own.count().is_multiple_of(2)
        })
    };
    let json = matches!(first, Some(b'{' | b'[')) || in_string();
    let Some(quote) = memchr::memrchr(b'"', head).filter(|_| json) else {
        return value;
    };
    let slashes = quote.saturating_sub(skip_back(line, quote, 16, |b| b == b'\\'));
    for _ in 0..=depth(slashes) {
        let mut text = Vec::with_capacity(value.len());
        escape(&value, &mut text);
        value = text;
    }
    value
}

/// `value` as it stands behind `head`: the address in a `struct sockaddr` (ip(7), ipv6(7)) is its bytes.
fn in_socket(value: Vec<u8>, head: &[u8]) -> Vec<u8> {
    let ip = || str::from_utf8(&value).ok()?.parse().ok();
    // The family, as the machine orders its bytes, the port, and in IPv6 the flow.
    let bytes = match head {
        [2, 0, _, _] | [0, 2, _, _] => match ip() {
            Some(IpAddr::V4(ip)) => Some(ip.octets().to_vec()),
            _ => None,
        },
        // A mapped address is encrypted as what it is mapped from.
        [10, 0, _, _, _, _, _, _] | [0, 10, _, _, _, _, _, _] => ip().map(|ip| match ip {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        }),
        _ => None,
    };
    bytes.unwrap_or(value)
}

/// The masking stage: a policy's actions and the key of pseudonyms.
pub struct Masker {
    pseudonyms: pseudonym::Pseudonyms,
    /// The key in force first.
    ciphers: Vec<cipher::Cipher>,
    /// What they made lately.
    caches: Caches,
    /// Whether the policy makes pseudonyms, so that a second pass may meet them.
    keyed: bool,
}

/// A text as it is written, target by target.
struct Writing<'h, 'm> {
    hay: &'h [u8],
    out: &'h mut Scrubbed,
    /// What is in front of it has been written.
    at: usize,
    members: Members<'h>,
    /// The worker's own, from when it is first asked.
    cache: Option<Option<MutexGuard<'m, Cache>>>,
}

impl Writing<'_, '_> {
    /// A value is about to be written.
    #[inline]
    fn enter(&mut self, target: &Target) {
        self.at = self.members.enter(target, self.at, self.out);
    }

    /// What is in front of a value, and what becomes of it.
    #[inline]
    fn put(&mut self, span: Span, becomes: &[u8]) {
        self.out.kept(Span::new(self.at, span.start).of(self.hay));
        self.out.kept(becomes);
        self.at = span.end;
    }

    /// What is behind the last value.
    fn end(mut self) {
        let at = self.members.leave(self.at, self.out);
        self.out.kept(self.hay.get(at..).unwrap_or_default());
    }
}

/// What became of a target.
enum Became {
    /// It stays, and does not count.
    Nothing,
    /// It counts, and is written if it hides.
    Found,
    /// It counts, and its record is not passed on.
    Dropped,
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masker(…)")
    }
}

impl Masker {
    /// A masking stage; `keyed` where its policy has an action that needs a key.
    #[must_use]
    pub fn new(keys: &Keys, keyed: bool) -> Self {
        Self {
            keyed,
            pseudonyms: pseudonym::Pseudonyms::new(keys.active()),
            ciphers: keys.all().map(cipher::Cipher::new).collect(),
            caches: if keyed {
                Caches::for_all_workers()
            } else {
                Caches::new(0)
            },
        }
    }

    fn cipher(&self) -> Option<&cipher::Cipher> {
        self.ciphers.first()
    }

    /// Whether `text` is what a key of the ring made of something.
    fn made(&self, text: &[u8], number: bool) -> bool {
        let body = identity::domain(text)
            .and_then(|domain| text.strip_suffix(domain))
            .unwrap_or(text);
        self.pseudonyms.made(text, number)
            || self
                .ciphers
                .iter()
                .any(|cipher| cipher.open(body).is_some())
    }

    /// `line` with the tokens of `encrypt` in it turned back, as far as the ring has their keys, and how
    /// many were and were not.
    #[must_use]
    pub fn reveal(&self, line: &[u8]) -> Revealed {
        let mut revealed = Revealed::default();
        let plain = self.revealed_hex(line, &mut revealed);
        let line = plain.as_slice();
        let mut at = 0usize;
        for (start, end) in cipher::tokens(line) {
            let token = Span::new(start, end).of(line);
            let Some((_, value)) = self.ciphers.iter().find_map(|cipher| cipher.open(token)) else {
                revealed.closed = revealed.closed.saturating_add(1);
                continue;
            };
            revealed.opened = revealed.opened.saturating_add(1);
            let kept = Span::new(at, start).of(line);
            revealed.text.extend_from_slice(kept);
            let value = in_socket(value, Span::new(0, start).of(line));
            revealed
                .text
                .extend_from_slice(&escaped(value, line, start));
            at = end;
        }
        revealed
            .text
            .extend_from_slice(line.get(at..).unwrap_or_default());
        revealed
    }

    /// `line` with what it has in hex digits turned back there.
    fn revealed_hex(&self, line: &[u8], revealed: &mut Revealed) -> Vec<u8> {
        let mut text = Vec::with_capacity(line.len());
        let mut at = 0usize;
        while let Some(mark) =
            memchr::memmem::find(line.get(at..).unwrap_or_default(), cipher::HEX_MARK)
        {
            let mark = at.saturating_add(mark);
            let start = skip_back(line, mark, mark.saturating_sub(at), is_hex);
            let run = Span::new(start, skip(line, mark, line.len(), is_hex));
            text.extend_from_slice(Span::new(at, start).of(line));
            match hex::decode(run.of(line)) {
                Some(plain) => {
                    let inside = self.reveal(&plain);
                    text.extend(hex::encode(&inside.text));
                    revealed.opened = revealed.opened.saturating_add(inside.opened);
                    revealed.closed = revealed.closed.saturating_add(inside.closed);
                }
                None => text.extend_from_slice(run.of(line)),
            }
            at = run.end;
        }
        text.extend_from_slice(line.get(at..).unwrap_or_default());
        text
    }

    /// The value that `preserve` turned into `value`, under the key with this id (the one in force
    /// where none is named). `None`: no such key, or no such form.
    #[must_use]
    pub fn restore(
        &self,
        id: Option<&str>,
        class: Class,
        typed: Typed,
        value: &[u8],
    ) -> Option<Vec<u8>> {
        let cipher = self
            .ciphers
            .iter()
            .find(|cipher| id.is_none_or(|id| id == cipher.id))?;
        let end = identity::zone(value);
        typed::preserve(
            cipher,
            class,
            value,
            Span::new(0, end),
            typed,
            cipher::Way::Back,
        )
    }

    /// Sets the action of each of `targets` (sorted by start) by the policy's allow-lists and rules for single fields.
    /// The fields of the rows of tables in `hay` are in `places`.
    pub fn decide(policy: &Policy, hay: &[u8], targets: &mut [Target], places: &mut Places) {
        if policy.has_rules() {
            rules::apply(policy, hay, targets, places);
        }
    }

    /// Resolves overlaps in place; `targets` come sorted by start. Overlapping findings become one that
    /// covers them all, so that no part of either stays visible. Its class is that of
    /// the longest, then of the operator's own rule, then of the first in the taxonomy. A finding that is only
    /// counted stays beside it, but not inside: what is hidden is not counted as something else too.
    pub fn resolve(policy: &Policy, hay: &[u8], targets: &mut Vec<Target>, places: &mut Places) {
        Self::decide(policy, hay, targets, places);
        // The last that hides, how far it reaches, and the one that gave it its class.
        let (mut hiding, mut hidden, mut winner) = (None, 0usize, None);
        let mut write = 0usize;
        for read in 0..targets.len() {
            let Some(&next) = targets.get(read) else {
                break;
            };
            if !next.action.hides() {
                // What is only counted covers nothing; the same thing found twice counts once.
                let last = write.checked_sub(1).and_then(|i| targets.get(i));
                let again =
                    last.is_some_and(|last| (last.span, last.class) == (next.span, next.class));
                if next.action == Action::Keep || next.span.end <= hidden || again {
                    continue;
                }
            } else if next.span.start < hidden {
                let last = hiding.and_then(|i: usize| targets.get_mut(i));
                if let (Some(last), Some(won)) = (last, winner) {
                    if rank(next) > rank(won) {
                        winner = Some(next);
                        last.class = next.class;
                        last.action = next.action;
                    }
                    // What is found inside a number leaves it one.
                    if next.span.end > hidden && last.spelling != next.spelling {
                        last.spelling = Spelling::Text;
                    }
                    hidden = hidden.max(next.span.end);
                    last.span.end = hidden;
                }
                continue;
            } else {
                hiding = Some(write);
                hidden = next.span.end;
                winner = Some(next);
            }
            if let Some(slot) = targets.get_mut(write) {
                *slot = next;
            }
            write = write.saturating_add(1);
        }
        targets.truncate(write);
    }

    /// Appends `hay` to `out` with the `targets` (resolved, relative to `hay`) replaced. Returns whether
    /// the policy drops the record; `out` is then to be undone.
    pub fn write(
        &self,
        hay: &[u8],
        targets: &[Target],
        out: &mut Scrubbed,
        mut counted: impl FnMut(Class),
    ) -> bool {
        out.reserve(hay.len());
        let mut writing = Writing {
            hay,
            out,
            at: 0,
            members: Members::new(hay),
            cache: None,
        };
        for target in targets {
            let text = target.span.of(hay);
            // Most become a label, whatever they are.
            let simple = !self.keyed && !counted::may_be(hay, target.span);
            match replace::fixed(*target, text).filter(|_| simple) {
                Some(label) => {
                    if !is_label(text) {
                        counted(target.class);
                        writing.enter(target);
                        writing.put(target.span, label);
                    }
                }
                None => match self.other(target, &mut writing) {
                    Became::Nothing => {}
                    Became::Found => counted(target.class),
                    Became::Dropped => {
                        counted(target.class);
                        return true;
                    }
                },
            }
        }
        writing.end();
        false
    }

    /// What a target becomes that is not hidden by a fixed label, or may be a pseudonym already.
    #[inline(never)]
    fn other<'m>(&'m self, target: &Target, writing: &mut Writing<'_, 'm>) -> Became {
        let hay = writing.hay;
        let text = target.span.of(hay);
        let plain = match target.spelling {
            Spelling::Hex => identity::of_digits(target.class, text),
            Spelling::Text | Spelling::Number => None,
        };
        let said = plain.as_deref().unwrap_or(text);
        if is_label(said) {
            return Became::Nothing;
        }
        if target.action.hides() {
            writing.enter(target);
        }
        // What stands in front of the value, up to a length that changes with it.
        let length = counted::length(hay, target.span);
        let length = length.filter(|digits| digits.start >= writing.at);
        let before = length.map_or(target.span.start, |digits| digits.start);
        let before = Span::new(writing.at, before).of(hay);
        let mark = writing.out.mark().behind(before);
        if plain.is_none()
            && let Some(asked) = Asked::new(*target, || identity::reversed(hay, target.span))
        {
            let cache = writing.cache.get_or_insert_with(|| self.caches.mine());
            let cache = cache.as_deref_mut();
            if !self.pseudonym(*target, &asked, cache, hay, before, writing.out) {
                return Became::Nothing;
            }
            counted::recount(hay, length, target.span, mark, writing.out);
            writing.at = target.span.end;
            return Became::Found;
        }
        if self.keyed && self.made(said, target.number()) {
            return Became::Nothing;
        }
        // What another pass wrote where the bytes of an address were.
        if plain.is_some() && target.class == Class::IP {
            let text = written_in_hex(hay, target.span.start);
            if is_label(&text) || self.keyed && self.made(&text, false) {
                return Became::Nothing;
            }
        }
        let action = target.action;
        if action == Action::DropRecord {
            return Became::Dropped;
        }
        if action.hides() {
            writing.out.kept(before);
            match plain {
                Some(plain) => self.coded(*target, &plain, text, writing.out),
                None => replace::replace(action, *target, hay, self, writing.out),
            }
            counted::recount(hay, length, target.span, mark, writing.out);
            writing.at = target.span.end;
        }
        Became::Found
    }

    /// Appends what is `before` a value and what a key makes of it; false, and nothing is appended, where it is a
    /// pseudonym already.
    fn pseudonym(
        &self,
        target: Target,
        asked: &Asked,
        cache: Option<&mut Cache>,
        hay: &[u8],
        before: &[u8],
        out: &mut Scrubbed,
    ) -> bool {
        let text = target.span.of(hay);
        match cache.as_ref().and_then(|cache| cache.get(asked, text)) {
            Some(Answer::Stays) => return false,
            Some(Answer::Becomes(pseudonym)) => {
                out.kept(before);
                out.kept(pseudonym);
                return true;
            }
            None => {}
        }
        if self.made(text, target.number()) {
            if let Some(cache) = cache {
                cache.put(asked, text, &Answer::Stays);
            }
            return false;
        }
        out.kept(before);
        let mark = out.mark();
        replace::replace(target.action, target, hay, self, out);
        if let Some(cache) = cache {
            cache.put(asked, text, &Answer::Becomes(out.behind(mark)));
        }
        true
    }

    /// What `plain` becomes, in hex digits as it was: `digits` of text, or of an address's bytes.
    fn coded(&self, target: Target, plain: &[u8], digits: &[u8], out: &mut Scrubbed) {
        let packed = hex::decode(digits).as_deref() != Some(plain);
        // What is neither an address nor known by itself would be read as one by the next pass.
        let action = match target.action {
            Action::Mask { .. } | Action::DropField if packed => Action::Redact,
            action => action,
        };
        let inside = Target {
            span: Span::new(0, plain.len()),
            spelling: Spelling::Text,
            ..target
        };
        let mut text = Scrubbed::new();
        replace::replace(action, inside, plain, self, &mut text);
        out.kept(&match packed {
            true => hex::encode_address(text.as_bytes()),
            false => hex::encode(text.as_bytes()),
        });
    }
}

/// The text whose hex digits begin at `at`, up to what is none.
fn written_in_hex(hay: &[u8], at: usize) -> Vec<u8> {
    const TEXT_BYTES_MAX: usize = 256;
    let end = skip(hay, at, TEXT_BYTES_MAX, is_hex);
    let even = end.saturating_sub(end.saturating_sub(at) % 2);
    let mut text = hex::decode(Span::new(at, even).of(hay)).unwrap_or_default();
    let length = text.iter().take_while(|b| b.is_ascii_graphic()).count();
    text.truncate(length);
    text
}
