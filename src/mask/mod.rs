//! Turns findings into what may be seen. Only this stage makes a [`Scrubbed`].

mod cache;
mod cipher;
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
        let rank = |t: &Target| (t.span.len(), t.own, std::cmp::Reverse(t.class));
        let mut hiding: Option<usize> = None;
        let mut winner_rank = None;
        let mut write = 0usize;
        for read in 0..targets.len() {
            let Some(&next) = targets.get(read) else {
                break;
            };
            let action = next.action;
            if action == Action::Keep {
                continue;
            }
            if !action.hides() {
                // What is only counted covers nothing; the same thing found twice counts once.
                let hidden = hiding.and_then(|i| targets.get(i));
                if hidden.is_some_and(|hidden| next.span.end <= hidden.span.end) {
                    continue;
                }
                let last = write.checked_sub(1).and_then(|i| targets.get(i));
                if last.is_none_or(|last| (last.span, last.class) != (next.span, next.class)) {
                    if let Some(slot) = targets.get_mut(write) {
                        *slot = next;
                    }
                    write = write.saturating_add(1);
                }
                continue;
            }
            match hiding.and_then(|i| targets.get_mut(i)) {
                Some(last) if next.span.start < last.span.end => {
                    if Some(rank(&next)) > winner_rank {
                        winner_rank = Some(rank(&next));
                        last.class = next.class;
                        last.action = next.action;
                    }
                    // What is found inside a number leaves it one.
                    if next.span.end > last.span.end && last.spelling != next.spelling {
                        last.spelling = Spelling::Text;
                    }
                    last.span.end = last.span.end.max(next.span.end);
                }
                _ => {
                    if let Some(slot) = targets.get_mut(write) {
                        *slot = next;
                        hiding = Some(write);
                        winner_rank = Some(rank(&next));
                        write = write.saturating_add(1);
                    }
                }
            }
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
        let mut at = 0usize;
        let mut cache = None;
        let mut members = Members::new(hay);
        for target in targets {
            let text = target.span.of(hay);
            let plain = match target.spelling {
                Spelling::Hex => hex::decode(text),
                Spelling::Text | Spelling::Number => None,
            };
            let said = plain.as_deref().unwrap_or(text);
            if is_label(said) {
                continue;
            }
            if target.action.hides() {
                at = members.enter(target, at, out);
            }
            if plain.is_none()
                && let Some(asked) = Asked::new(*target, || identity::reversed(hay, target.span))
            {
                let cache = cache
                    .get_or_insert_with(|| self.caches.mine())
                    .as_deref_mut();
                let before = Span::new(at, target.span.start).of(hay);
                if self.pseudonym(*target, &asked, cache, hay, before, out) {
                    counted(target.class);
                    at = target.span.end;
                }
                continue;
            }
            if self.keyed && self.made(said, target.number()) {
                continue;
            }
            counted(target.class);
            let action = target.action;
            if action == Action::DropRecord {
                return true;
            }
            if !action.hides() {
                continue;
            }
            out.kept(Span::new(at, target.span.start).of(hay));
            match plain {
                Some(plain) => self.coded(*target, &plain, out),
                None => replace::replace(action, *target, hay, self, out),
            }
            at = target.span.end;
        }
        at = members.leave(at, out);
        out.kept(hay.get(at..).unwrap_or_default());
        false
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

    /// What `plain` becomes, in hex digits as it was.
    fn coded(&self, target: Target, plain: &[u8], out: &mut Scrubbed) {
        let inside = Target {
            span: Span::new(0, plain.len()),
            spelling: Spelling::Text,
            ..target
        };
        let mut text = Scrubbed::new();
        replace::replace(target.action, inside, plain, self, &mut text);
        out.kept(&hex::encode(text.as_bytes()));
    }
}
