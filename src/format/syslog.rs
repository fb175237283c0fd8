//! The places of a syslog record (RFC 5424 §6, RFC 3164 §4): header fields as `syslog.hostname`, structured
//! data as `sd.ID.PARAM`. Only positions: nothing is copied, nothing is rewritten.

use super::bytes::{byte, is_digit, is_end, skip};
use super::path::push_lower;
use crate::record::Span;

/// The header fields, in the order of RFC 5424.
pub(crate) const FIELDS: [&str; 4] = [
    "syslog.hostname",
    "syslog.app_name",
    "syslog.procid",
    "syslog.msgid",
];

/// Longest header that is looked at; RFC 5424 §6 allows less than 500 bytes.
const HEADER_BYTES_MAX: usize = 1024;

/// One record's places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    /// In the order of [`FIELDS`]; empty where there is none (`-`).
    pub(crate) fields: [Span; 4],
    /// STRUCTURED-DATA, brackets included; empty where there is none.
    pub(crate) data: Span,
}

const NONE: Span = Span::new(0, 0);

/// The word at `at`, to the next blank; nothing where it is `-`.
fn word(hay: &[u8], at: usize) -> (Span, usize) {
    let end = skip(hay, at, HEADER_BYTES_MAX, |b| b != b' ' && !is_end(b));
    let span = Span::new(at, end);
    let span = if span.of(hay) == b"-" { NONE } else { span };
    (span, end.saturating_add(1))
}

/// The header of the record at `start`, where it has one: `<PRI>`, and what its standard says.
pub(crate) fn header(hay: &[u8], start: usize) -> Option<Header> {
    if byte(hay, start) != b'<' {
        return None;
    }
    let digits = start.saturating_add(1);
    let end = skip(hay, digits, 3, is_digit);
    if end == digits || byte(hay, end) != b'>' {
        return None;
    }
    let at = end.saturating_add(1);
    // What is missing is not looked for in the next record.
    let rest = hay.get(at..).unwrap_or_default();
    let length = memchr::memchr2(b'\n', b'\0', rest).unwrap_or(rest.len());
    let hay = hay.get(..at.saturating_add(length)).unwrap_or(hay);
    if (byte(hay, at), byte(hay, at.saturating_add(1))) == (b'1', b' ') {
        Some(rfc5424(hay, at.saturating_add(2)))
    } else {
        rfc3164(hay, at)
    }
}

fn rfc5424(hay: &[u8], timestamp: usize) -> Header {
    let (_, mut at) = word(hay, timestamp);
    let mut fields = [NONE; 4];
    for field in &mut fields {
        (*field, at) = word(hay, at);
    }
    let mut end = at;
    while byte(hay, end) == b'[' {
        match element_end(hay, end) {
            Some(next) => end = next,
            None => break,
        }
    }
    Header {
        fields,
        data: Span::new(at, end),
    }
}

/// `Mmm dd hh:mm:ss` or, as rsyslog forwards, RFC 3339; then host, tag and `[pid]`. Some leave the host out.
fn rfc3164(hay: &[u8], at: usize) -> Option<Header> {
    let month = hay.get(at..at.saturating_add(3))?;
    let at = if month.iter().all(u8::is_ascii_alphabetic) {
        let clock = at.saturating_add(7);
        (byte(hay, clock.saturating_sub(1)) == b' ' && byte(hay, clock.saturating_add(8)) == b' ')
            .then_some(clock.saturating_add(9))?
    } else {
        let (time, next) = word(hay, at);
        time.of(hay).get(10).filter(|b| **b == b'T')?;
        next
    };
    let (first, next) = word(hay, at);
    let tagged = |span: Span| span.of(hay).iter().any(|b| matches!(b, b':' | b'['));
    // A host may be an IPv6 address, which has colons too, but does not end with one.
    let is_tag = byte(hay, first.end.saturating_sub(1)) == b':' && tagged(first);
    let (hostname, tag) = if is_tag {
        (NONE, first)
    } else {
        (first, word(hay, next).0)
    };
    let name_end = skip(hay, tag.start, tag.len(), |b| !matches!(b, b':' | b'['));
    let pid = if byte(hay, name_end) == b'[' {
        let start = name_end.saturating_add(1);
        Span::new(start, skip(hay, start, 128, |b| b != b']' && !is_end(b)))
    } else {
        NONE
    };
    Some(Header {
        fields: [hostname, Span::new(tag.start, name_end), pid, NONE],
        data: NONE,
    })
}

/// One past the `]` of the SD-ELEMENT at `start`.
fn element_end(hay: &[u8], start: usize) -> Option<usize> {
    let mut quoted = false;
    let mut at = start.checked_add(1)?;
    loop {
        match byte(hay, at) {
            b if is_end(b) => return None,
            b'\\' if quoted => at = at.checked_add(1)?,
            b'"' => quoted = !quoted,
            b']' if !quoted => return at.checked_add(1),
            _ => {}
        }
        at = at.checked_add(1)?;
    }
}

impl Header {
    /// Calls `found` with path and span of each header field and SD-PARAM value that there is.
    pub(crate) fn each(&self, hay: &[u8], path: &mut String, mut found: impl FnMut(&str, Span)) {
        for (name, span) in FIELDS.iter().zip(self.fields) {
            if !span.is_empty() {
                found(name, span);
            }
        }
        let mut at = self.data.start;
        while at < self.data.end {
            let id_start = at.saturating_add(1);
            let id_end = skip(hay, id_start, HEADER_BYTES_MAX, |b| {
                !matches!(b, b' ' | b']') && !is_end(b)
            });
            let id = Span::new(id_start, id_end).of(hay);
            at = id_end;
            while byte(hay, at) == b' ' {
                let name_start = skip(hay, at, HEADER_BYTES_MAX, |b| b == b' ');
                let name_end = skip(hay, name_start, HEADER_BYTES_MAX, |b| {
                    !matches!(b, b'=' | b' ' | b']') && !is_end(b)
                });
                let start = name_end.saturating_add(2);
                if hay.get(name_end..start) != Some(b"=\"") {
                    return;
                }
                let mut end = start;
                while !matches!(byte(hay, end), b'"' | b'\n' | b'\0') {
                    let step = if byte(hay, end) == b'\\' { 2 } else { 1 };
                    end = end.saturating_add(step);
                }
                path.clear();
                path.push_str("sd.");
                for part in [id, b".", Span::new(name_start, name_end).of(hay)] {
                    path.push_str(&String::from_utf8_lossy(part));
                }
                found(path, Span::new(start, end.min(self.data.end)));
                at = end.saturating_add(1);
            }
            at = match byte(hay, at) {
                b']' => at.saturating_add(1),
                _ => return,
            };
        }
    }

    /// Writes the path of what stands at `at`, in lower case, where it is in the header; whether it is. `memory` is
    /// for what is on the way.
    pub(crate) fn path(
        &self,
        hay: &[u8],
        at: usize,
        memory: &mut String,
        into: &mut String,
    ) -> bool {
        let ends = self.fields.iter().map(|field| field.end);
        if at > ends.max().unwrap_or(0).max(self.data.end) {
            return false;
        }
        let mut is = false;
        self.each(hay, memory, |path, span| {
            if (span.start..span.end.max(span.start.saturating_add(1))).contains(&at) {
                is = true;
                into.clear();
                push_lower(path.as_bytes(), into);
            }
        });
        is
    }
}

/// Calls `found` for every place of every syslog record in a batch.
pub(crate) fn places(hay: &[u8], mut found: impl FnMut(&str, Span)) {
    let mut start = 0usize;
    let mut path = String::new();
    for record in hay.split(|b| is_end(*b)) {
        if let Some(header) = header(hay, start) {
            header.each(hay, &mut path, &mut found);
        }
        start = start.saturating_add(record.len()).saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(record: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        places(record.as_bytes(), |path, span| {
            let text = String::from_utf8_lossy(span.of(record.as_bytes()));
            found.push((path.to_owned(), text.into_owned()));
        });
        found
    }

    fn shown(record: &str) -> String {
        all(record)
            .iter()
            .map(|(path, text)| format!("{path}={text}"))
            .collect::<Vec<_>>()
            .join(" | ")
    }

    #[test]
    fn places_of_records() {
        for (record, want) in [
            (
                // RFC 5424 §6.5, example 4.
                "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"][examplePriority@32473 class=\"high\"]",
                "syslog.hostname=mymachine.example.com | syslog.app_name=evntslog | syslog.msgid=ID47 | sd.exampleSDID@32473.iut=3 | sd.exampleSDID@32473.eventSource=Application | sd.exampleSDID@32473.eventID=1011 | sd.examplePriority@32473.class=high",
            ),
            (
                "<14>1 - h a 7 - [x@1 v=\"a \\\"b\\] \\\\\" w=\"\"] msg [y z=\"1\"]",
                "syslog.hostname=h | syslog.app_name=a | syslog.procid=7 | sd.x@1.v=a \\\"b\\] \\\\ | sd.x@1.w=",
            ),
            ("<14>1 - - - - - - only a message", ""),
            (
                // RFC 3164 §5.4, example 1.
                "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
                "syslog.hostname=mymachine | syslog.app_name=su",
            ),
            (
                "<13>Jan  2 03:04:05 2001:db8::7 app[42]: text",
                "syslog.hostname=2001:db8::7 | syslog.app_name=app | syslog.procid=42",
            ),
            (
                "<13>Jan  2 03:04:05 app[42]: text",
                "syslog.app_name=app | syslog.procid=42",
            ),
            (
                "<13>2024-05-06T07:08:09.1+00:00 web1 nginx: GET /",
                "syslog.hostname=web1 | syslog.app_name=nginx",
            ),
            ("<13>free text", ""),
            ("<9999>1 - h a - - -", ""),
            ("plain", ""),
            (
                "<14>1 - h a - - [open v=\"x",
                "syslog.hostname=h | syslog.app_name=a",
            ),
            (
                "<14>1 - h1 - - - -\n<14>1 - h2 - - - [s p=\"v\"]\n",
                "syslog.hostname=h1 | syslog.hostname=h2 | sd.s.p=v",
            ),
            // What a record lacks is not the next one's.
            ("<14>1 - h1\nweb-2 x 1\n", "syslog.hostname=h1"),
            ("<13>Nov 25 10:00:\n0 web-1 sshd[1]: x\n", ""),
        ] {
            assert_eq!(shown(record), want, "{record}");
        }
    }

    #[test]
    fn every_cut_of_a_record_is_read_without_harm() {
        let record =
            "<165>1 2003-10-11T22:14:15Z h.example app 1 ID [a@1 b=\"c\\\"]\" d=\"\"][e f=\"g\"] m";
        for end in 0..record.len() {
            for start in 0..end {
                places(&record.as_bytes()[start..end], |_, span| {
                    assert!(span.end <= record.len());
                });
            }
        }
    }
}
