//! The user's column of a web server's log in the extended format, without the header that names the columns.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{before, byte, is_digit, is_hex, is_word, skip, skip_back};
use crate::record::Span;

const ID: &str = "w3c_user";

const METHODS: &[&str] = &[
    " GET /",
    " POST /",
    " HEAD /",
    " PUT /",
    " OPTIONS /",
    " DELETE /",
];

/// `192.0.2.1 GET /a.aspx id=1 443 pat 192.0.2.7 `, the order that Internet Information Services writes by default.
pub(super) static DETECTOR: Detector = Detector {
    id: ID,
    classes: &[Class::ACCOUNT],
    anchors: &[Anchor::Literal],
    literals: METHODS,
    source: "W3C Extended Log File Format; IIS: s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip",
    confirm,
    finds: &[
        "2020-01-01 00:00:00 192.0.2.1 GET /a.aspx id=1 443 pat 192.0.2.7 Mozilla/5.0+(X) - 200 0 0 15",
        "2020-01-01 00:00:00 W3SVC1 2001:db8::1 POST /x - 80 pat.lee 2001:db8::7 - 200",
    ],
    leaves: &[
        "2020-01-01 00:00:00 192.0.2.1 GET /a.aspx - 443 - 192.0.2.7 Mozilla/5.0+(X) - 200 0 0 15",
        "192.0.2.1 GET /a took 443 ms from 192.0.2.7",
        "GET /a - 443 pat 192.0.2.7",
    ],
};

fn is_address(text: &[u8]) -> bool {
    // A `*` is a character that was hidden before.
    text.iter()
        .all(|b| is_hex(*b) || matches!(b, b'.' | b':' | b'%' | b'*'))
        && text.iter().filter(|b| matches!(b, b'.' | b':')).count() >= 2
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    let Some(method) = cx.literal(at, METHODS) else {
        return;
    };
    let column = |b: u8| b > b' ' && b != b'"';
    let server_end = at.saturating_sub(method.len());
    let server = Span::new(skip_back(hay, server_end, 45, column), server_end);
    if !is_address(server.of(hay)) {
        return;
    }
    let mut end = skip(hay, at, 2048, column);
    let mut next = || {
        let start = end.saturating_add(usize::from(byte(hay, end) == b' '));
        end = skip(hay, start, 2048, column);
        Span::new(start, end)
    };
    let (_query, port, user, client) = (next(), next(), next(), next());
    let port = port.of(hay);
    if (1..=5).contains(&port.len())
        && port.iter().all(|b| is_digit(*b))
        && is_address(client.of(hay))
        && user.len() <= 64
        && user.of(hay).iter().any(|b| is_word(*b))
        && before(hay, user.start) == b' '
    {
        // `DOMAIN\pat`
        let name = memchr::memrchr(b'\\', user.of(hay)).map_or(user.start, |at| {
            user.start.saturating_add(at).saturating_add(1)
        });
        let span = Span::new(name, user.end);
        cx.text(
            span,
            Class::ACCOUNT,
            ID,
            "the user's column of a web server's log",
        );
    }
}
