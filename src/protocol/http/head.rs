//! A request's head: what is the connection's own stays behind, what may carry text is scrubbed.

use hyper::HeaderMap;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use super::api::Api;
use super::desk::Desk;
use super::refusal::Refusal;
use crate::pipeline::{Leaf, Sheet};

/// RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Fields of the connection, not of the message (RFC 9110 §7.6.1), and those that this end answers or
/// writes itself.
const OWN: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
    "host",
    "content-length",
];

/// Digests of a body that may be another one now.
const DIGESTS: &[&str] = &["content-md5", "digest", "content-digest", "repr-digest"];

/// Words in the names of fields that are credentials or addresses at the sink: they pass, and are never logged.
const CREDENTIALS: &[&str] = &[
    "authorization",
    "auth",
    "key",
    "apikey",
    "token",
    "cookie",
    "signature",
    "tenant",
    "orgid",
    "channel",
];

fn is_listed(name: &HeaderName, connection: &[String]) -> bool {
    OWN.contains(&name.as_str()) || connection.iter().any(|listed| listed == name.as_str())
}

/// The fields that `Connection` names.
fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// An answer's fields without those of the connection.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named = named_by_connection(headers);
    for name in OWN
        .iter()
        .copied()
        .filter(|name| !matches!(*name, "content-length" | "trailer"))
        .chain(named.iter().map(String::as_str))
    {
        headers.remove(name);
    }
}

/// Whether a field passes as it is: credentials, and a trace's ids where they are nothing else (W3C Trace
/// Context §3.2).
fn passes(name: &HeaderName, value: &HeaderValue) -> bool {
    if name.as_str() == "traceparent" {
        let bytes = value.as_bytes();
        return bytes.len() == 55 && bytes.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    }
    name.as_str()
        .split(['-', '_'])
        .any(|word| CREDENTIALS.contains(&word))
}

/// The fields and the path of a request as the sink is to get them.
pub(super) fn scrub(
    desk: &mut Desk,
    api: &Api,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<(PathAndQuery, HeaderMap), Refusal> {
    let connection = named_by_connection(headers);
    let mut sheet = Sheet::new();
    sheet.map();
    let mut fields = Vec::new();
    for (name, value) in headers {
        if is_listed(name, &connection) || DIGESTS.contains(&name.as_str()) {
            continue;
        }
        let scanned = !passes(name, value);
        if scanned {
            sheet.key(name.as_str().as_bytes());
            sheet.text(&readable(name, value));
        }
        fields.push((name, value, scanned));
    }
    let pairs: Vec<&str> = query
        .map(|query| query.split('&').collect())
        .unwrap_or_default();
    let kept = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        api.kept_query.contains(&name)
    };
    for pair in pairs.iter().filter(|pair| !kept(pair)) {
        put_pair(&mut sheet, pair);
    }
    // The paths of an API that is known are its own and its user's names for places at the sink.
    let segments: Vec<&str> = if api.known {
        Vec::new()
    } else {
        path.split('/').collect()
    };
    sheet.key(b"path");
    sheet.list();
    for segment in &segments {
        sheet.text(&percent_decode(segment.as_bytes()).collect::<Vec<u8>>());
    }
    sheet.end_list();
    sheet.end_map();

    let mut leaves = desk.beside(&mut sheet).map_err(Refusal::tomb)?;
    let mut next = || {
        leaves
            .next()
            .ok_or(Refusal::tomb(crate::record::Reason::ScanFailed))
    };
    let mut out = HeaderMap::with_capacity(fields.len().saturating_add(2));
    for (name, value, scanned) in fields {
        if !scanned {
            out.append(name, value.clone());
            continue;
        }
        // A name that is itself personal, or binary metadata with something in it: the field goes.
        match (next()?, next()?) {
            (Leaf::Kept, Leaf::Kept) => {
                out.append(name, value.clone());
            }
            (Leaf::Kept, Leaf::Text(text)) if !is_binary(name) => {
                if let Ok(value) = HeaderValue::from_bytes(&text) {
                    out.append(name, value);
                }
            }
            _ => {}
        }
    }
    let mut target = String::with_capacity(path.len());
    let mut scrubbed_pairs = Vec::new();
    for pair in &pairs {
        scrubbed_pairs.push(if kept(pair) {
            (*pair).to_owned()
        } else {
            changed_pair(pair, next()?, next()?)
        });
    }
    next()?;
    if segments.is_empty() {
        target.push_str(path);
    }
    for (i, segment) in segments.iter().enumerate() {
        if i > 0 {
            target.push('/');
        }
        match next()? {
            Leaf::Kept => target.push_str(segment),
            Leaf::Text(text) => target.extend(percent_encode(&text, RESERVED)),
            Leaf::Number(number) => target.push_str(&number),
        }
    }
    if query.is_some() {
        target.push('?');
        target.push_str(&scrubbed_pairs.join("&"));
    }
    let target = PathAndQuery::try_from(target)
        .map_err(|_| Refusal::undecodable("the request target is no path"))?;
    Ok((target, out))
}

fn is_binary(name: &HeaderName) -> bool {
    name.as_str().ends_with("-bin")
}

/// What a field's value says: binary metadata is base64 (gRPC over HTTP/2, "Custom-Metadata").
fn readable(name: &HeaderName, value: &HeaderValue) -> Vec<u8> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    let bytes = value.as_bytes();
    if is_binary(name)
        && let Ok(decoded) = STANDARD
            .decode(bytes)
            .or_else(|_| STANDARD_NO_PAD.decode(bytes))
    {
        return decoded;
    }
    bytes.to_vec()
}

/// `a=b` of a query or a form (URL Standard §5): two leaves.
pub(super) fn put_pair(sheet: &mut Sheet, pair: &str) {
    let decode =
        |text: &str| percent_decode(text.replace('+', " ").as_bytes()).collect::<Vec<u8>>();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    sheet.key(&decode(name));
    sheet.text(&decode(value));
}

/// The pair with what became of its two leaves.
pub(super) fn changed_pair(pair: &str, name: Leaf, value: Leaf) -> String {
    if (&name, &value) == (&Leaf::Kept, &Leaf::Kept) {
        return pair.to_owned();
    }
    let (old_name, old_value) = pair.split_once('=').unwrap_or((pair, ""));
    let side = |leaf: Leaf, old: &str| match leaf {
        Leaf::Kept => old.to_owned(),
        Leaf::Text(text) => percent_encode(&text, RESERVED).to_string(),
        Leaf::Number(number) => number,
    };
    let name = side(name, old_name);
    if pair.contains('=') {
        format!("{name}={}", side(value, old_value))
    } else {
        name
    }
}
