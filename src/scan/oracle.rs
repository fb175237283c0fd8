//! A name and its password in what connects with Oracle: `sqlplus ann/hunter2@db`, `jdbc:oracle:thin:ann/hunter2@db:1521`.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use super::take::take;
use crate::class::Class;
use crate::format::bytes::{byte, is_end, is_word, skip};
use crate::format::value::Value;
use crate::record::Span;

const ID: &str = "connect_string";

/// Flags in front of them.
const FLAGS_MAX: usize = 4;
/// Longest name and password, in bytes.
const WORD_BYTES_MAX: usize = 128;

const OPENS: &[&str] = &["sqlplus ", "expdp ", "impdp ", "racle:thin:", "racle:oci:"];

pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT, Class::PASSWORD],
    anchors: &[Anchor::Literal],
    literals: OPENS,
    source: "Oracle: SQL*Plus and Data Pump, connect identifiers; JDBC thin and OCI URLs",
    confirm,
    finds: &[
        "sqlplus ann/hunter2@db",
        "sqlplus -S ann/hunter2@//db:1521/orcl",
        "jdbc:oracle:thin:ann/hunter2@db:1521:orcl",
        "expdp ann/\"hunt er2\"@db full=y",
        r#"{"cmd":"sqlplus ann/hunter2@db"}"#,
    ],
    leaves: &[
        "sqlplus / as sysdba",
        "sqlplus /nolog",
        "jdbc:oracle:thin:@db:1521:orcl",
        "sqlplus and/or rman",
    ],
};

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    if cx.literal(at, OPENS).is_none() {
        return;
    }
    let mut start = at;
    // `-S`
    for _ in 0..FLAGS_MAX {
        if byte(hay, start) != b'-' {
            break;
        }
        let flag = skip(hay, start, 16, |b| b > b' ' && b != b'"');
        start = skip(hay, flag, 2, |b| b == b' ');
    }
    let name = skip(hay, start, WORD_BYTES_MAX, |b| {
        is_word(b) || matches!(b, b'.' | b'#' | b'$' | b'-')
    });
    if name == start || byte(hay, name) != b'/' {
        return;
    }
    let secret = name.saturating_add(1);
    let quoted = byte(hay, secret) == b'"';
    let secret = secret.saturating_add(usize::from(quoted));
    let end = skip(hay, secret, WORD_BYTES_MAX, |b| {
        !matches!(b, b'"' | b'\'' | b'\\') && (quoted || b != b'@' && b > b' ') && !is_end(b)
    });
    let host = end.saturating_add(usize::from(quoted));
    if end > secret && byte(hay, host) == b'@' {
        take(
            cx,
            ID,
            Class::ACCOUNT,
            Value::Quoted(Span::new(start, name)),
        );
        take(
            cx,
            ID,
            Class::PASSWORD,
            Value::Quoted(Span::new(secret, end)),
        );
    }
}
