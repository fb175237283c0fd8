//! Values in a container that a key names: what their own keys say of them.

use super::super::context::{Cx, Keys};
use super::super::inner::take_all;
use super::super::keys::{self, BARE};
use super::super::list::{first, is_doubled};
use super::super::object;
use super::super::town::{self, Said};
use super::ID;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, is_word, skip, skip_back,
};
use crate::format::value::{Value, container_end_within, leaves};
use crate::record::Span;

/// The leaves of a list or an object that starts at `open`, behind the border `at` of the key at `span`.
#[inline(never)]
pub(super) fn held(cx: &mut Cx<'_>, open: usize, span: Span, class: Class) {
    let hay = cx.hay();
    // `coords` holds speed and heading too; `authorization` what was authorised.
    let name = span.of(hay);
    let own = matches!(class, Class::ACCOUNT | Class::COORDINATES)
        || ends_in_any_case(name, b"credentials")
        || name.eq_ignore_ascii_case(b"authorization");
    if own && byte(hay, open) == b'{' && !object::is_any_value(hay, open) {
        return cx.reject(span, class, ID, "an object whose own keys decide");
    }
    let said = town::said(class, name);
    if said != Said::No {
        towns(cx, open, class, said);
    }
    if said == Said::Maybe {
        return;
    }
    // The quotes of a cell are doubled, and an apostrophe would pair with none of them.
    let apostrophe = || {
        let end = skip(hay, open, 1024, |b| {
            !matches!(b, b'\'' | b']') && !is_end(b)
        });
        byte(hay, end) == b'\''
    };
    if byte(hay, open) == b'[' && is_doubled(hay, open.saturating_add(1)) && apostrophe() {
        return cx.reject(span, class, ID, "a list in a cell of CSV");
    }
    let keys = match class != Class::CUSTOM && keys::counts_in_lists(name) {
        true => Keys::Listed,
        false => Keys::Usual,
    };
    hold(cx, ID, keys, open, class);
}

/// The names of a town in the object or list at `open`: `{"names":{"en":"Berlin"}}`. What describes it is left.
fn towns(cx: &mut Cx<'_>, open: usize, class: Class, said: Said) {
    const NAMES: &[&[u8]] = &[
        b"name", b"en", b"de", b"fr", b"es", b"it", b"ja", b"ru", b"pt", b"pt-BR", b"zh", b"zh-CN",
    ];
    let hay = cx.hay();
    if !cx.holds_fresh(Keys::Usual, class, open) {
        return;
    }
    let limit = cx.within(Span::new(open, hay.len()));
    let end = container_end_within(hay, limit, &mut cx.unclosed);
    if said == Said::Maybe {
        cx.held_to(Keys::Usual, class, end);
    }
    let list = byte(hay, open) == b'[';
    leaves(hay, Span::new(open, end), |leaf| {
        let Value::Quoted(name) = leaf else { return };
        let key = key_of(hay, leaf).map(|key| key.of(hay));
        if key.map_or(list, |key| NAMES.contains(&key)) && town::is_name(name.of(hay)) {
            cx.text(name, class, ID, "its key names the class");
        }
    });
}

/// The same, whatever the key is called, unless keys of its kind and class have been seen to hold it.
pub(in crate::scan) fn hold(
    cx: &mut Cx<'_>,
    id: &'static str,
    keys: Keys,
    open: usize,
    class: Class,
) {
    let hay = cx.hay();
    if cx.holds_fresh(keys, class, open) {
        let limit = cx.within(Span::new(open, hay.len()));
        let end = container_end_within(hay, limit, &mut cx.unclosed);
        let container = Span::new(open, end);
        cx.held_to(keys, class, container.end);
        let postal = class == Class::ADDRESS && object::is_postal(container.of(hay));
        let list = byte(hay, open) == b'[';
        let objects = list && byte(hay, first(hay, open)) == b'{';
        let people = class == Class::ACCOUNT && objects && matches!(keys, Keys::Usual);
        let listed = matches!(keys, Keys::Listed);
        let asked = people || listed || matches!(class, Class::PASSWORD | Class::ADDRESS);
        // How deep the last leaf lies, and where it ends: between leaves stand brackets and keys.
        let (mut depth, mut last) = (0usize, container.start);
        leaves(hay, container, |leaf| {
            if listed {
                for b in Span::new(last, leaf.span().start).of(hay) {
                    match b {
                        b'{' | b'[' => depth = depth.saturating_add(1),
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
                last = leaf.span().end;
            }
            // Of a number in a list nothing is asked.
            let asked = asked || list && !matches!(leaf, Value::Number(_));
            let key = asked.then(|| key_of(hay, leaf)).flatten();
            let key = key.map(|key| key.of(hay)).unwrap_or_default();
            if matches!(class, Class::PASSWORD | Class::ADDRESS)
                && is_moment(key, leaf.of(hay), class)
                || postal && says_which(key)
            {
                return;
            }
            if list && !listed && key.is_empty() && says_wrong(leaf.of(hay)) {
                return;
            }
            // Each that is a text, and of people in objects the name and the number.
            if listed {
                let all = ALL.iter().any(|all| leaf.of(hay).eq_ignore_ascii_case(all));
                let named = matches!(leaf, Value::Quoted(_)) && key.is_empty() && !all;
                let who = [&b"name"[..], b"id"]
                    .iter()
                    .any(|who| key.eq_ignore_ascii_case(who));
                let person = matches!(class, Class::ACCOUNT | Class::NAME);
                let own = || match depth {
                    2 => true,
                    3 => object::owner(hay, leaf.span().start)
                        .is_some_and(|owner| says_person(owner.of(hay))),
                    _ => false,
                };
                if objects && who && person && own() || !objects && named && depth == 1 {
                    take_all(cx, id, class, leaf);
                }
                return;
            }
            // An object in a list is one of its own, whose key says little alone.
            if people && !key.is_empty() {
                let bare = BARE.iter().any(|bare| key.eq_ignore_ascii_case(bare));
                let count = matches!(leaf, Value::Number(_)) && !bare;
                if !count && !says_how(key) && !is_moment(key, leaf.of(hay), class) {
                    take_all(cx, id, class, leaf);
                }
                return;
            }
            // A town's name alone could be anything's.
            if let Value::Quoted(part) = leaf
                && postal
                && part
                    .of(hay)
                    .iter()
                    .any(|b| b.is_ascii_alphabetic() || *b >= 0x80)
            {
                cx.text(part, class, id, "a part of a postal address");
            } else if class != Class::PASSWORD || !object::describes(hay, leaf) {
                take_all(cx, id, class, leaf);
            }
        });
    }
}

/// What a list of people has in place of them.
const ALL: &[&[u8]] = &[b"all", b"any", b"everyone", b"none"];

/// The key in front of a scalar of a container; nothing in front of an element of a list.
fn key_of(hay: &[u8], leaf: Value) -> Option<Span> {
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b' ');
    let border = skip_back(hay, leaf.span().start, 16, quote);
    if before(hay, border) != b':' {
        return None;
    }
    let end = skip_back(hay, border.saturating_sub(1), 16, quote);
    let start = skip_back(hay, end, 32, |b| is_word(b) || matches!(b, b'-' | b'.'));
    (start < end).then(|| Span::new(start, end))
}

/// Whether an object of this name is somebody's own: `{"users":[{"profile":{"name":…`.
fn says_person(name: &[u8]) -> bool {
    [&b"profile"[..], b"user", b"person", b"account", b"member"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether an element says what is wrong with the value of a form's field: `password: ["can't be blank"]`.
fn says_wrong(text: &[u8]) -> bool {
    const BEGINS: &[&[u8]] = &[
        b"can't be ",
        b"cannot be ",
        b"is too ",
        b"is not ",
        b"is invalid",
        b"is required",
        b"has already ",
        b"must be ",
        b"must have ",
        b"must contain ",
        b"must exist",
        b"should be ",
        b"should have ",
        b"doesn't match ",
        b"does not match ",
    ];
    BEGINS.iter().any(|begins| text.starts_with(begins))
}

/// Whether the key of a member says how somebody is, not who.
fn says_how(key: &[u8]) -> bool {
    const HOW: &[&[u8]] = &[
        b"type",
        b"kind",
        b"role",
        b"roles",
        b"status",
        b"state",
        b"level",
        b"action",
        b"result",
        b"reason",
        b"scope",
        b"locale",
        b"lang",
        b"language",
        b"timezone",
        b"provider",
        b"source",
        b"permission",
        b"access",
        b"plan",
        b"class",
        b"host",
        b"group",
        b"team",
        b"mode",
        b"version",
        b"currency",
    ];
    HOW.iter().any(|how| key.eq_ignore_ascii_case(how))
}

/// Whether a key and its value say when something was: `createDate`, `issued_at`.
fn is_moment(key: &[u8], value: &[u8], of: Class) -> bool {
    let named = [&b"_at"[..], b"date", b"time", b"timestamp", b"_on"];
    let seen = of == Class::ACCOUNT
        && [&b"lastSeen"[..], b"expires", b"joined", b"created"]
            .iter()
            .any(|last| ends_in_any_case(key, last));
    let sign = |b: &u8| b.is_ascii_alphanumeric() || b" :-/.,+".contains(b);
    let month = byte(value, 0).is_ascii_uppercase() && byte(value, 3) == b' ';
    // `20240506` may be a secret.
    let packed = of == Class::ADDRESS && value.len() == 8;
    let number = value.iter().all(|b| is_digit(*b) || *b == b'.') && (value.len() >= 10 || packed);
    let digits = skip(value, 0, 5, is_digit);
    let date =
        matches!(digits, 1 | 2 | 4) && matches!(byte(value, digits), b'-' | b'/' | b':' | b'.');
    (seen || key.ends_with(b"At") || named.iter().any(|last| ends_in_any_case(key, last)))
        && (month || number || date)
        && value.iter().any(|b| is_digit(*b))
        && value.iter().all(sign)
}

/// Whether the key of a part of a postal address says which of somebody's it is: `"type":"home"`, `"use":"work"` (FHIR).
fn says_which(key: &[u8]) -> bool {
    [&b"type"[..], b"use", b"kind"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}
