//! Keys that mean something else by the shape of their value, or by what stands beside or around them.

use super::beside;
use super::object;
use crate::class::Class;
use crate::format::bytes::{
    before, byte, ends_in_any_case, is_digit, is_end, record_start, skip, skip_back, small,
};
use crate::record::Span;

/// How far around a key its object is looked at.
const REACH: usize = 256;

/// The longest of the names that follow, which mean something else by their value.
const LONGEST: usize = 6;
const DSN: u64 = small(b"dsn");
const GPS: u64 = small(b"gps");
const FLIGHT: u64 = small(b"flight");
const TRAIN: u64 = small(b"train");
const OS: u64 = small(b"os");
const LONG: u64 = small(b"long");
const PASS: u64 = small(b"pass");
const PIN: u64 = small(b"pin");
const SID: u64 = small(b"sid");

/// Short names that mean something else by the shape of their value or beside another key: `dsn=2.0.0` is a
/// status (RFC 3463 §2), `gps: 3` a count, and `sid` beside `asi` a seller's (OpenRTB, supply chain).
pub(super) fn is_foreign(hay: &[u8], key: Span, value: Span, class: Class) -> bool {
    let text = value.of(hay);
    let digits = |text: &[u8]| text.iter().all(|b| is_digit(*b));
    let name = key.of(hay);
    if class == Class::ACCOUNT {
        return is_of_no_person(hay, key, value);
    }
    // A type of Go: `failed to list *v1.Secret: secrets is forbidden`.
    if before(hay, key.start) == b'*' && byte(hay, key.end) == b':' && name.contains(&b'.') {
        return true;
    }
    // A span of a trace (W3C Trace Context §3.2.2.4), which Elastic's schema calls a transaction.
    if class == Class::TRANSACTION {
        return text.len() == 16
            && [&b"transaction.id"[..], b"id"].contains(&name)
            && text
                .iter()
                .all(|b| is_digit(*b) || matches!(b, b'a'..=b'f'))
            && text.iter().any(u8::is_ascii_alphabetic)
            && is_traced(hay, key);
    }
    // Most names are longer than any of these.
    if name.len() > LONGEST {
        return false;
    }
    match small(name) {
        DSN => {
            let mut parts = text.split(|b| *b == b'.');
            matches!(parts.next(), Some(b"2" | b"4" | b"5"))
                && text.len() <= 9
                && parts.clone().count() == 2
                && parts.all(|part| !part.is_empty() && digits(part))
        }
        GPS => {
            // A number of satellites or a kind of fix in front of other fields: a place has a fraction or a pair.
            let mut parts = text.split(|b| matches!(b, b',' | b':'));
            let first = parts.next().unwrap_or_default();
            first.len() <= 2 && digits(first) && !text.contains(&b'.')
        }
        // `"flight":"CA981"`, `train=G101`: anything else flies or is trained.
        FLIGHT | TRAIN => !is_service_number(text),
        OS => {
            // That of a device is one, whatever it is called.
            let of = object::nested(hay, key.end)
                .or_else(|| object::printed(hay, key.end, byte(hay, key.end)));
            of.is_none() && !is_system(text)
        }
        // `lat: 52.52 long: 13.40`; a whole number is of a type.
        LONG => !text.contains(&b'.'),
        PASS => is_result(hay, key, value),
        // Those of a chip: one that lets in has four digits at least.
        PIN => digits(text) && text.len() < 4,
        SID => {
            // `(CONNECT_DATA=(SID=orcl)…)`: a database of Oracle's.
            let connects = before(hay, key.start) == b'(' && byte(hay, key.end) == b'=';
            connects || {
                let object = neighbours(hay, key, value);
                memchr::memmem::find(object, b"\"asi\"").is_some()
                    || memchr::memmem::find(object, b"\"asi\\\"").is_some()
            }
        }
        _ => false,
    }
}

/// Results of tests: `PASS: test_login`, `pass=12 fail=3`.
fn is_result(hay: &[u8], key: Span, value: Span) -> bool {
    let near = hay.get(value.end..).unwrap_or_default();
    let near = near.get(..16).unwrap_or(near);
    // What the next record counts says nothing of this one.
    let near = near.split(|b| is_end(*b)).next().unwrap_or_default();
    let number = value.of(hay).iter().all(|b| is_digit(*b))
        && [&b"fail"[..], b"skip", b"warn"]
            .iter()
            .any(|other| memchr::memmem::find(near, other).is_some());
    let line = key.of(hay) == b"PASS"
        && byte(hay, key.end) == b':'
        && (key.start == 0 || matches!(byte(hay, key.start.saturating_sub(1)), b'\n' | b'\r' | 0)
            // `--- PASS: TestLogin (0.00s)`, as Go's tests say.
            || Span::new(key.start.saturating_sub(4), key.start).of(hay) == b"--- ");
    number || line
}

/// Whether `text` is a carrier in capitals, which may have a figure in it, and a number (IATA Resolution 762, and what
/// trains are called).
fn is_service_number(text: &[u8]) -> bool {
    let carrier = |b: u8| b.is_ascii_uppercase() || is_digit(b);
    let number = skip_back(text, text.len(), 4, is_digit);
    let blank = number.saturating_sub(usize::from(before(text, number) == b' '));
    let name = text.get(..blank).unwrap_or_default();
    number < text.len()
        && (1..=3).contains(&name.len())
        && name.iter().all(|b| carrier(*b))
        && name.iter().any(u8::is_ascii_uppercase)
}

/// Whether `text` begins with the name of an operating system.
fn is_system(text: &[u8]) -> bool {
    const SYSTEMS: &[&[u8]] = &[
        b"android",
        b"ios",
        b"ipados",
        b"watchos",
        b"tvos",
        b"iphone",
        b"windows",
        b"linux",
        b"gnu/linux",
        b"macos",
        b"mac os",
        b"os x",
        b"darwin",
        b"chrome os",
        b"chromeos",
        b"harmonyos",
        b"kaios",
        b"tizen",
        b"freebsd",
        b"openbsd",
        b"netbsd",
        b"ubuntu",
        b"debian",
        b"fedora",
        b"centos",
        b"red hat",
        b"rhel",
        b"suse",
        b"alpine",
        b"arch",
    ];
    let first = byte(text, 0).to_ascii_lowercase();
    let mut systems = SYSTEMS.iter().filter(|system| byte(system, 0) == first);
    systems.any(|system| {
        let head = text.get(..system.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(system) && !byte(text, system.len()).is_ascii_lowercase()
    })
}

/// The fields beside `key` and its `value`, of the innermost object.
fn neighbours(hay: &[u8], key: Span, value: Span) -> &[u8] {
    let inside = |b: u8| !matches!(b, b'{' | b'}') && !is_end(b);
    Span::new(
        skip_back(hay, key.start, REACH, inside),
        skip(hay, value.end, REACH, inside),
    )
    .of(hay)
}

/// Accounts that no person has.
fn is_of_no_person(hay: &[u8], key: Span, value: Span) -> bool {
    let name = key.of(hay);
    // A parameter of SIP's addresses (RFC 3261 §19.1.1).
    if before(hay, key.start) == b';' && matches!(value.of(hay), b"phone" | b"dialstring") {
        return true;
    }
    // `identity:198.51.100.61/500`: on a firewall of Cisco's the side that is its own, an address and its port.
    if name == b"identity" && key.end.saturating_add(1) == value.start && has_port(value.of(hay)) {
        return true;
    }
    let ends = |last: &[u8]| ends_in_any_case(name, last);
    let id = [&b"uid"[..], b"userId", b"user"].contains(&name);
    if id && (is_of_a_connection(hay, key, value) || is_of_an_app(hay, key, value)) {
        return true;
    }
    if byte(hay, key.end) == b' ' && is_column(name, value.of(hay)) {
        return true;
    }
    let account = match name.last().map_or(0, u8::to_ascii_lowercase) {
        b'r' => return ends(b"user") && is_of_a_processor(hay, key, value),
        b'n' => return ends(b"login") && is_way_to_log_in(hay, key, value),
        b'd' if ends(b"memberid") || ends(b"member_id") || ends(b"member-id") => {
            return is_of_a_cluster(value.of(hay));
        }
        b'd' => ends(b"accountid") || ends(b"account_id"),
        b't' => ends(b"account"),
        b'e' => ends(b"accountname"),
        _ => false,
    };
    account
        && (repeats_its_key(name, value.of(hay))
            || is_of_a_seller(hay, key)
            || ends(b"accountname") && is_storage(hay, key, value.of(hay)))
}

/// Whether a trace is named near the key.
fn is_traced(hay: &[u8], key: Span) -> bool {
    const REACH: usize = 256;
    let words = [&b"trace"[..], b"Trace", b"span.id", b"span_id", b"spanId"];
    beside::near(hay, key.end, REACH, &words)
}

/// Whether a port stands behind a slash at the end.
fn has_port(text: &[u8]) -> bool {
    let port = skip_back(text, text.len(), 5, is_digit);
    port > 1 && port < text.len() && before(text, port) == b'/'
}

/// `"uid":"CHhAvVGS1DHFjwGM9","id.orig_h":…`: Zeek's number of a connection, 96 bits in base 62 behind a letter for what
/// it counts, beside whose it is. Alone it may be anybody's.
fn is_of_a_connection(hay: &[u8], key: Span, value: Span) -> bool {
    const REACH: usize = 256;
    let text = value.of(hay);
    let near = || {
        let start = skip_back(hay, key.start, REACH, |b| !is_end(b));
        let near = Span::new(start, skip(hay, value.end, REACH, |b| !is_end(b))).of(hay);
        memchr::memmem::find(near, b"id.orig_").is_some()
            || memchr::memmem::find(near, b"id_orig_").is_some()
    };
    key.of(hay) == b"uid"
        && (15..=19).contains(&text.len())
        && matches!(byte(text, 0), b'C' | b'F')
        && text.iter().all(u8::is_ascii_alphanumeric)
        && text.iter().any(u8::is_ascii_lowercase)
        && text.iter().filter(|b| b.is_ascii_uppercase()).count() >= 3
        && text.iter().any(|b| is_digit(*b))
        && near()
}

/// A number in a line of Android's logcat (`05-01 10:00:00.123  1702  8671 D Tag: …`): Android numbers its apps, and
/// its profiles from 0.
fn is_of_an_app(hay: &[u8], key: Span, value: Span) -> bool {
    const REACH: usize = 1024;
    // Profiles are counted in tens, apps up to 99999; more are those of whom an app knows.
    let most = if key.of(hay) == b"uid" { 5 } else { 3 };
    let number = value.len() <= most && value.of(hay).iter().all(|b| is_digit(*b));
    let start = number
        .then(|| record_start(hay, key.start, REACH))
        .flatten();
    start.is_some_and(|start| {
        let head = Span::new(start, start.saturating_add(18)).of(hay);
        let time = b"00-00 00:00:00.000".iter().zip(head);
        let process = skip(hay, start.saturating_add(18), 6, |b| b == b' ');
        let thread = skip(hay, process, 6, is_digit);
        let next = skip(hay, thread, 6, |b| b == b' ');
        let level = skip(hay, next, 6, is_digit);
        head.len() == 18
            && time.clone().all(|(form, b)| {
                if *form == b'0' {
                    is_digit(*b)
                } else {
                    form == b
                }
            })
            && thread > process
            && level > next
            && byte(hay, level) == b' '
            && matches!(
                byte(hay, level.saturating_add(1)),
                b'V' | b'D' | b'I' | b'W' | b'E' | b'F'
            )
            && byte(hay, level.saturating_add(2)) == b' '
    })
}

/// `cpu user=3 system=2 idle=95`: how long programs of users ran, in hundredths or of one.
fn is_of_a_processor(hay: &[u8], key: Span, value: Span) -> bool {
    const REACH: usize = 48;
    let has = |text: &[u8], word: &[u8]| memchr::memmem::find(text, word).is_some();
    let text = value.of(hay);
    text.iter().all(|b| is_digit(*b)) && {
        let behind = hay.get(value.end..).unwrap_or_default();
        let behind = behind.get(..REACH).unwrap_or(behind);
        // What the next record counts says nothing of this one.
        let behind = behind.split(|b| is_end(*b)).next().unwrap_or_default();
        has(key.of(hay), b"cpu") || text.len() <= 3 && has(behind, b"idle") && has(behind, b"sys")
    }
}

/// `JOIN u ON t.user_id = u.id`: both sides are columns of tables.
fn is_column(name: &[u8], value: &[u8]) -> bool {
    match (column(name), column(value)) {
        (Some(own), Some(other)) => other == b"id" || other == own,
        _ => false,
    }
}

/// The second of two names with a dot between.
fn column(text: &[u8]) -> Option<&[u8]> {
    let table = skip(text, 0, 64, |b| b.is_ascii_alphanumeric() || b == b'_');
    let start = table.saturating_add(1);
    let end = skip(text, start, 64, |b| b.is_ascii_lowercase() || b == b'_');
    let is = table > 0 && byte(text, table) == b'.' && end == text.len() && end > start;
    text.get(start..).filter(|_| is)
}

/// `"local-member-id":"8e9e05c52164694d"`: a member of etcd is a program with a number of 64 bits.
fn is_of_a_cluster(value: &[u8]) -> bool {
    let own = |b: &u8| is_digit(*b) || matches!(b, b'a'..=b'f');
    (13..=16).contains(&value.len())
        && value.iter().all(own)
        && value.iter().any(u8::is_ascii_alphabetic)
}

/// `"accountId":"accountId"`, the name of the parameter; `account=account` may be somebody.
fn repeats_its_key(name: &[u8], value: &[u8]) -> bool {
    name == value
        && byte(name, 0).is_ascii_lowercase()
        && name.iter().any(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// `"samlLogin":"OKTA","passwordLogin":true`: ways to log in, switched on or off or by whose means.
fn is_way_to_log_in(hay: &[u8], key: Span, value: Span) -> bool {
    const WAYS: &[&[u8]] = &[
        b"saml",
        b"oidc",
        b"oauth",
        b"sso",
        b"openid",
        b"ldap",
        b"radius",
        b"kerberos",
        b"social",
        b"password",
        b"federated",
    ];
    let is_way = |name: &[u8]| {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(b"login").unwrap_or_default();
        let name = name.strip_suffix(b"_").unwrap_or(name);
        WAYS.iter().any(|way| name.ends_with(way))
    };
    let fields = neighbours(hay, key, value);
    let switched = |border: usize| {
        let value = skip(fields, border.saturating_add(1), 4, |b| b == b' ');
        let text = fields.get(value..).unwrap_or_default();
        let end = skip_back(fields, border, 16, |b| matches!(b, b'"' | b'\\' | b' '));
        let start = skip_back(fields, end, 64, |b| b.is_ascii_alphanumeric() || b == b'_');
        (text.starts_with(b"true") || text.starts_with(b"false"))
            && is_way(Span::new(start, end).of(fields))
    };
    is_way(key.of(hay)) && memchr::memchr_iter(b':', fields).any(switched)
}

/// In an object that says what a publisher is to an exchange (OpenRTB 2.6 §3.2.15; Prebid Server's `imp.ext.bidder`
/// and `ext.prebid`).
fn is_of_a_seller(hay: &[u8], key: Span) -> bool {
    let quoted = before(hay, key.start) == b'"';
    quoted
        && object::owner(hay, key.start)
            .is_some_and(|owner| matches!(owner.of(hay), b"bidder" | b"prebid" | b"publisher"))
}

/// A storage account of Azure's, whose name its record has in a resource's path or a host's name as well (3 to 24
/// small letters and figures: Azure naming rules, Microsoft.Storage).
fn is_storage(hay: &[u8], key: Span, name: &[u8]) -> bool {
    let own = |b: &u8| b.is_ascii_lowercase() || is_digit(*b);
    if !(3..=24).contains(&name.len()) || !name.iter().all(own) {
        return false;
    }
    let inside = |b: u8| !is_end(b);
    let record = Span::new(
        skip_back(hay, key.start, 4 * REACH, inside),
        skip(hay, key.end, 4 * REACH, inside),
    )
    .of(hay);
    memchr::memmem::find_iter(record, name).any(|at| {
        let (head, tail) = record.split_at_checked(at).unwrap_or_default();
        let tail = tail.get(name.len()..).unwrap_or_default();
        let path = head.ends_with(b"/storageAccounts/") && !tail.first().is_some_and(own);
        // `https://name.blob.core.windows.net`, `.core.chinacloudapi.cn`, `.core.usgovcloudapi.net`
        let host = tail.strip_prefix(b".").is_some_and(|tail| {
            let kind = skip(tail, 0, 8, |b| b.is_ascii_lowercase());
            tail.get(kind..)
                .is_some_and(|tail| tail.starts_with(b".core."))
        });
        path || host && head.ends_with(b"/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::keys;

    fn is(text: &str, key: &str, value: &str) -> bool {
        let key = text
            .find(key)
            .map(|at| Span::new(at, at + key.len()))
            .unwrap();
        let behind = text.get(key.end..).unwrap();
        let at = key.end + behind.find(value).unwrap();
        let class = keys::class_of(key.of(text.as_bytes())).unwrap();
        is_foreign(text.as_bytes(), key, Span::new(at, at + value.len()), class)
    }

    #[test]
    fn results_of_tests_are_told_by_their_own_record() {
        assert!(is("pass=12 fail=3", "pass", "12"));
        assert!(!is("pass=123456\nfailed login", "pass", "123456"));
        assert!(!is("pass=123456\0warn", "pass", "123456"));
        for front in ["", "x\n", "x\0"] {
            assert!(is(&format!("{front}PASS: login"), "PASS", "login"));
        }
    }

    #[test]
    fn accounts_that_no_person_has() {
        for (text, key, value) in [
            (
                r#"{"m":{"oidcLogin":"ACME","passwordLogin":true,"samlLogin":"OTHER"}}"#,
                "oidcLogin",
                "ACME",
            ),
            (
                r#"{"m":{"passwordLogin": false, "saml_login": "OTHER"}}"#,
                "saml_login",
                "OTHER",
            ),
            (
                r#"{"m":"{\"ssoLogin\":\"ACME\",\"passwordLogin\":false}"}"#,
                "ssoLogin",
                "ACME",
            ),
            (
                r#"{"ext":{"bidder":{"a":1,"accountId":12345}}}"#,
                "accountId",
                "12345",
            ),
            (
                r#"{"publisher":{"ext":{"prebid":{"parentAccount":"77"}}}}"#,
                "parentAccount",
                "77",
            ),
            (r#"{"accountId":"accountId"}"#, "accountId", "accountId"),
            (
                r#"{"r":"/x/storageAccounts/logs01/blobServices","p":{"accountName":"logs01"}}"#,
                "accountName",
                "logs01",
            ),
            (
                r#"{"p":{"accountName":"logs01"},"uri":"https://logs01.blob.core.windows.net/a"}"#,
                "accountName",
                "logs01",
            ),
        ] {
            assert!(is(text, key, value), "{text}");
        }
        for (text, key, value) in [
            (r#"{"ssoLogin":"ann","active":true}"#, "ssoLogin", "ann"),
            (
                r#"{"userLogin":"ann","passwordLogin":true}"#,
                "userLogin",
                "ann",
            ),
            (
                r#"{"m":{"passwordLogin":true},"ssoLogin":"ann"}"#,
                "ssoLogin",
                "ann",
            ),
            (r#"{"buyer":{"accountId":12345}}"#, "accountId", "12345"),
            (r#"{"bidder":{"user":"ann"}}"#, "user", "ann"),
            ("account=account", "account", "account"),
            (
                r#"{"r":"/x/storageAccounts/logs01","p":{"accountName":"ann"}}"#,
                "accountName",
                "ann",
            ),
            (
                r#"{"p":{"accountName":"ann"},"uri":"https://ann.example/a"}"#,
                "accountName",
                "ann",
            ),
            (r#"{"accountName":"logs01"}"#, "accountName", "logs01"),
        ] {
            assert!(!is(text, key, value), "{text}");
        }
    }
}
