//! The last columns of a combined access log: where a visitor came from, and with what.

use super::Detector;
use super::context::Cx;
use super::front::Anchor;
use crate::class::Class;
use crate::format::bytes::{byte, is_digit, skip};
use crate::format::value::{Quote, quote_at, string_end};
use crate::record::Span;

const ID: &str = "combined_log";

/// `"https://x.example/a" "agent/1.0"` behind the request, its status and its bytes.
pub(super) static COMBINED: Detector = Detector {
    id: ID,
    classes: &[Class::BROWSING, Class::SOFTWARE],
    anchors: &[Anchor::Year],
    literals: &[],
    source: "Apache HTTP Server, Combined Log Format; nginx, `combined`",
    confirm,
    finds: &[
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1 "https://x.example/a?b=1" "-""#,
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET /?a=\"b\" HTTP/1.0" 304 - "-" "curl/8.1""#,
        r#"{"log":"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1 \"-\" \"feed reader\"\n"}"#,
    ],
    leaves: &[
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1"#,
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1 "-" "-""#,
        r#"at [10/Oct/2000:13:55:36 +0000] "GET" done "x" "y""#,
        r#"192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 1 "open"#,
    ],
};

/// The string behind a blank at `at`, and where it closes.
fn column(hay: &[u8], at: usize) -> Option<(Span, usize, Quote)> {
    let (quote, content) = quote_at(hay, at.saturating_add(1))?;
    let end = string_end(hay, content, quote);
    let close = end.saturating_add(quote.escapes);
    (byte(hay, at) == b' ' && quote.byte == b'"' && byte(hay, close) == b'"')
        .then(|| (Span::new(content, end), close.saturating_add(1), quote))
}

fn confirm(cx: &mut Cx<'_>, at: usize) {
    let hay = cx.hay();
    // `10/Oct/2000:13:55:36 +0000] `
    let close = at.saturating_add(15);
    if byte(hay, at) != b':'
        || byte(hay, close) != b']'
        || at
            .checked_sub(12)
            .is_none_or(|open| byte(hay, open) != b'[')
    {
        return;
    }
    let Some((_, status, quote)) = column(hay, close.saturating_add(1)) else {
        return;
    };
    let bytes = skip(hay, status.saturating_add(1), 3, is_digit);
    if byte(hay, status) != b' ' || bytes != status.saturating_add(4) || byte(hay, bytes) != b' ' {
        return;
    }
    let referer = skip(hay, bytes.saturating_add(1), 20, |b| {
        is_digit(b) || b == b'-'
    });
    let Some((from, agent, _)) = column(hay, referer).filter(|(_, _, own)| *own == quote) else {
        return;
    };
    let is_nothing = |span: Span| matches!(span.of(hay), b"-" | b"");
    if !is_nothing(from) {
        cx.text(
            from,
            Class::BROWSING,
            ID,
            "the referer column of an access log",
        );
    }
    if let Some((with, _, own)) = column(hay, agent)
        && own == quote
        && !is_nothing(with)
    {
        cx.text(
            with,
            Class::SOFTWARE,
            ID,
            "the agent column of an access log",
        );
    }
}
