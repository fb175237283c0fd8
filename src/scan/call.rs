//! Names and passwords that calls are given in traces, dumps and debug output: `login('ann', 'hunter2')`,
//! `PDO->__construct('mysql:host=db', 'ann', 'hunter2')`, `auth=('ann', 'hunter2')`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::names::firsts;
use super::secret;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{byte, is_end, is_word, skip, skip_back};
use crate::format::value::{Value, quote_at, string_end};
use crate::record::Span;

const ID: &str = "call";

/// What is called, in front of its bracket.
const CALLED_BYTES_MAX: usize = 64;

/// Arguments that are looked at, and how long one may be.
const ARGUMENTS_MAX: usize = 4;
const ARGUMENT_BYTES_MAX: usize = 256;

/// What the arguments of a call are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// A name and its password.
    Pair,
    /// The same, or what is like them; a handle may stand in front.
    Login,
    /// The same behind a host or a handle.
    Behind,
    /// The same behind a source of data, `mysql:host=db`.
    Source,
    /// A password, of what is called so and does something with it.
    Secret,
}

const CALLS: &[(&str, Given)] = &[
    ("ogin(", Given::Login),
    ("BasicAuth(", Given::Pair),
    ("auth=(", Given::Pair),
    ("reate_user(", Given::Login),
    ("uthenticate(", Given::Login),
    ("ldap_bind(", Given::Behind),
    ("ql_connect(", Given::Behind),
    ("qli_connect(", Given::Behind),
    ("mysqli(", Given::Behind),
    ("_construct(", Given::Source),
    ("assword(", Given::Secret),
    ("assword_hash(", Given::Secret),
    ("assword_verify(", Given::Secret),
];

const LITERALS: [&str; CALLS.len()] = firsts!(CALLS);

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: &LITERALS,
    source: "PHP: debug_backtrace, PDO::__construct, mysqli_connect, ldap_bind; Python: repr of requests' auth; RFC 7617",
    confirm,
    finds: &[
        "#1 auth.php(40): Auth->login('ann', 'hunter2', Object(Request))",
        "#0 db.php(12): PDO->__construct('mysql:host=db;d...', 'ann', 'hunter2')",
        "#0 db.php(3): mysqli_connect('db', 'ann', 'hunter2', 'app')",
        "ftp_login(Resource id #3, 'ann', 'hunter2')",
        "requests.get('x', auth=('ann', 'hunter2'), timeout=5)",
        r#"HTTPBasicAuth("ann", "hunter2")"#,
        r#"user.setPassword("hunter2") called"#,
        r"auth=('ann', 'it\'s hunter2')",
        "password_verify('hunter2', '$2y$10$abc')",
        r#"{"m":"login(\"ann\", \"hunter2\") failed"}"#,
    ],
    leaves: &[
        "login('ann')",
        "connect('db', 3306)",
        "g_signal_connect('button', 'clicked', 'cb')",
        "passport.authenticate('local', 'session')",
        "login('/login', 'auth.login')",
        "hashPassword('sha256')",
        "new Foo->__construct('a b', 'c d', 'e f')",
        "setPassword('a password of 8 characters')",
        "getpass.Password('x')",
        "login(user, password)",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some((index, _)) = cx.which(at, &LITERALS) else {
        return;
    };
    let Some((_, given)) = CALLS.get(index) else {
        return;
    };
    let all = arguments(hay, at);
    let one_word = |span: &Span| !span.is_empty() && !span.of(hay).contains(&b' ');
    let like_one = |span: &Span| one_word(span) && secret::is_like_one(span.of(hay));
    let [first, second, third, _] = all;
    // What says that it is a pair says so of a secret of two words, too.
    let whole = matches!(given, Given::Pair);
    let pair = match given {
        Given::Secret => {
            if let Some(secret) = first.filter(like_one)
                && is_deed(hay, at)
            {
                take(cx, ID, Class::PASSWORD, Value::Quoted(secret));
            }
            return;
        }
        Given::Pair => first.zip(second),
        Given::Login => {
            let pair = first.zip(second).or_else(|| second.zip(third));
            pair.filter(|(_, secret)| like_one(secret))
        }
        Given::Behind => second.zip(third),
        Given::Source => {
            let scheme = first.is_some_and(|source| {
                let letters = skip(source.of(hay), 0, source.len(), |b| b.is_ascii_lowercase());
                letters > 1 && byte(source.of(hay), letters) == b':'
            });
            second.zip(third).filter(|_| scheme)
        }
    };
    if let Some((account, secret)) =
        pair.filter(|(account, secret)| one_word(account) && (whole || one_word(secret)))
    {
        take(cx, ID, Class::ACCOUNT, Value::Quoted(account));
        take(cx, ID, Class::PASSWORD, Value::Quoted(secret));
    }
}

/// Whether what is called in front of the bracket at `at` does something with a password that it is given.
fn is_deed(hay: &[u8], at: usize) -> bool {
    const DEEDS: [&[u8]; 8] = [
        b"set", b"check", b"verify", b"change", b"reset", b"hash", b"make", b"update",
    ];
    let name = at.saturating_sub(1);
    let called = Span::new(skip_back(hay, name, CALLED_BYTES_MAX, is_word), name).of(hay);
    let says = |deed: &[u8]| {
        called
            .windows(deed.len())
            .any(|w| w.eq_ignore_ascii_case(deed))
    };
    DEEDS.into_iter().any(says)
}

/// The first arguments of the call whose bracket ends at `at`: those in quotes.
fn arguments(hay: &[u8], at: usize) -> [Option<Span>; ARGUMENTS_MAX] {
    let mut all = [None; ARGUMENTS_MAX];
    let mut next = at;
    for argument in &mut all {
        let start = skip(hay, next, 2, |b| b == b' ');
        let end = match quote_at(hay, start) {
            Some((quote, content)) => {
                let near = content.saturating_add(ARGUMENT_BYTES_MAX).min(hay.len());
                let near = hay.get(..near).unwrap_or(hay);
                let end = string_end(near, content, quote);
                let mut inside = Span::new(content, end);
                let mut close = end.saturating_add(quote.escapes);
                // No word stands right behind a string, and none begins there.
                let next = byte(near, close.saturating_add(1));
                let torn = is_word(next) || matches!(next, b'"' | b'\'');
                if byte(near, close) != quote.byte || torn {
                    // Cut off it ends with the string around it, and one of `'C:\'` has no escapes.
                    close = skip(near, content, near.len(), |b| b != quote.byte && !is_end(b));
                    if byte(near, close) != quote.byte {
                        break;
                    }
                    let own = skip_back(near, close, quote.escapes, |b| b == b'\\');
                    inside.end = own.max(content);
                }
                *argument = Some(inside);
                close.saturating_add(1)
            }
            None => skip(hay, start, ARGUMENT_BYTES_MAX, |b| {
                !matches!(b, b',' | b')' | b'"') && !is_end(b)
            }),
        };
        if byte(hay, end) != b',' {
            break;
        }
        next = end.saturating_add(1);
    }
    all
}
