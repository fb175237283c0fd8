//! What changes in a body that is whole: its records are drafted one by one and scrubbed together.

use super::desk::Desk;
use super::draft::{Draft, Edit, Mark};
use super::refusal::Refusal;
use super::wire::{BROKEN, EDITS_MAX, Field, leave_out};
use crate::mask::Scrubbed;
use crate::pipeline::Leaves;
use crate::protocol::json::{Id, Json, Kind};
use crate::record::{Reason, Span};

/// Writes what stands in the place of a record, around the text of its tombstone.
type Bury<'b> = Box<dyn FnOnce(String) -> Vec<u8> + 'b>;

/// A record that is drafted and not scrubbed yet.
struct Drafted<'b> {
    at: Span,
    end: Mark,
    bury: Bury<'b>,
}

/// The changes of one body. Only [`Self::finish`] gives them away, when no record is left that was not scrubbed.
#[derive(Default)]
pub(super) struct Changes<'b> {
    edits: Vec<Edit>,
    draft: Draft,
    drafted: Vec<Drafted<'b>>,
}

impl<'b> Changes<'b> {
    /// None so far.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A change that no record has a part in.
    pub(super) fn edit(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    /// A field of a protobuf body, in no record, that may carry text and that nobody here knows.
    pub(super) fn leave_out(&mut self, field: Field) -> Result<(), Refusal> {
        leave_out(field, &mut self.edits)
    }

    /// A record of the body: `put` drafts it, `at` is its place for a tombstone, which `bury` writes.
    pub(super) fn record(
        &mut self,
        desk: &mut Desk,
        at: Span,
        put: impl FnOnce(&mut Draft) -> Result<(), Refusal>,
        bury: impl FnOnce(String) -> Vec<u8> + 'b,
    ) -> Result<(), Refusal> {
        // What is too long is not even laid out: the memory of a record has a bound.
        if at.len() > desk.record_bytes_max {
            let reason = Reason::RecordTooLong;
            desk.tally.records = desk.tally.records.saturating_add(1);
            desk.tally.tomb(reason);
            self.edits
                .push((at, bury(desk.tombstone(reason, at.len()))));
            return Ok(());
        }
        put(&mut self.draft)?;
        let left_out = self.draft.left_out();
        if left_out > 0 && left_out.saturating_add(self.edits.len()) > EDITS_MAX {
            return Err(BROKEN);
        }
        self.draft.sheet.end_record();
        self.drafted.push(Drafted {
            at,
            end: self.draft.mark(),
            bury: Box::new(bury),
        });
        if self.draft.sheet.is_full() {
            self.scrub(desk);
        }
        Ok(())
    }

    /// A record of a JSON body.
    pub(super) fn json(
        &mut self,
        desk: &mut Desk,
        (json, at): (&Json<'_>, Id),
        put: impl FnOnce(&mut Draft),
        bury: impl FnOnce(String) -> String + 'b,
    ) {
        let put = |draft: &mut Draft| {
            put(draft);
            Ok(())
        };
        // Drafting JSON does not fail.
        let _ = self.record(desk, json.span(at), put, |text| bury(text).into_bytes());
    }

    /// A record of a JSON body that has no more form than its own.
    pub(super) fn json_value(&mut self, desk: &mut Desk, json: &Json<'_>, at: Id) {
        let map = json.kind(at) == Kind::Map;
        let put = |draft: &mut Draft| draft.value(json, at);
        self.json(desk, (json, at), put, move |tombstone| {
            if map {
                format!("{{\"message\":\"{tombstone}\"}}")
            } else {
                format!("\"{tombstone}\"")
            }
        });
    }

    /// What is no record of its own: where the policy drops it, the request is refused.
    pub(super) fn beside(
        &mut self,
        desk: &mut Desk,
        put: impl FnOnce(&mut Draft) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut draft = Draft::default();
        put(&mut draft)?;
        let leaves = desk.beside(&mut draft.sheet).map_err(Refusal::tomb)?;
        let all = (Mark::default(), draft.mark());
        let fits = draft.edits(all, leaves, &mut self.edits);
        fits.ok_or(Refusal::tomb(Reason::ScanFailed))
    }

    /// Scrubs what is drafted.
    fn scrub(&mut self, desk: &mut Desk) {
        let Self {
            edits,
            draft,
            drafted,
        } = self;
        let mut scrubbed = Vec::new();
        (desk.pipeline).sheets(&draft.sheet, &mut desk.tally, &mut scrubbed);
        let mut scrubbed = scrubbed.into_iter();
        let mut from = Mark::default();
        for Drafted { at, end, bury } in drafted.drain(..) {
            let before = edits.len();
            let leaves = scrubbed.next().unwrap_or(Err(Reason::ScanFailed));
            let fit = |leaves: Leaves| {
                draft.edits((from, end), leaves, edits).ok_or_else(|| {
                    desk.tally.tomb(Reason::ScanFailed);
                    Reason::ScanFailed
                })
            };
            if let Err(reason) = leaves.and_then(fit) {
                edits.truncate(before);
                edits.push((at, bury(desk.tombstone(reason, at.len()))));
            }
            from = end;
        }
        draft.clear();
    }

    /// All of them, in their order; they do not overlap.
    pub(super) fn finish(mut self, desk: &mut Desk) -> Vec<Edit> {
        self.scrub(desk);
        self.edits.sort_unstable_by_key(|(span, _)| span.start);
        self.edits
    }

    /// `body` with the changes.
    pub(super) fn applied(self, desk: &mut Desk, body: &[u8]) -> Scrubbed {
        let mut out = Scrubbed::new();
        edited(body, self.finish(desk), &mut out);
        out
    }
}

/// `body` with the edits, which are in their order and do not overlap, behind `out`.
pub(super) fn edited(body: &[u8], edits: Vec<Edit>, out: &mut Scrubbed) {
    let mut at = 0usize;
    for (span, text) in edits {
        out.encoded(body.get(at..span.start).unwrap_or_default());
        out.encoded(&text);
        at = span.end;
    }
    out.encoded(body.get(at..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::frame::Output;
    use crate::pipeline::Tally;
    use crate::plan::Plan;
    use crate::protocol::http::api::{self, Media, Shape};
    use crate::protocol::http::wire::{Value, fields, put_bytes};

    const POLICY: &str = "[actions]\ndefault = \"redact\"\n\"device.mac\" = \"drop_record\"\n\
        [[field]]\npath = \"keep\"\naction = \"keep\"\n";

    /// How an API lays records side by side: in front, between and behind; what is around the text of each.
    struct Form {
        path: &'static str,
        around: [&'static str; 3],
        record: [&'static str; 2],
    }

    const FORMS: &[Form] = &[
        Form {
            path: "/in",
            around: ["[", ",", "]"],
            record: ["", ""],
        },
        Form {
            path: "/api/v2/logs",
            around: ["[", ",", "]"],
            record: ["{\"message\":", "}"],
        },
        Form {
            path: "/services/collector",
            around: ["", "\n", ""],
            record: ["{\"time\":17,\"event\":", "}"],
        },
        Form {
            path: "/_bulk",
            around: ["", "\n", "\n"],
            record: ["{\"create\":{}}\n{\"keep\":\"192.0.2.9\",\"log\":", "}"],
        },
        Form {
            path: "/loki/api/v1/push",
            around: ["{\"streams\":[{\"values\":[", ",", "]}]}"],
            record: ["[\"17\",", "]"],
        },
        Form {
            path: "/v1/logs",
            around: [
                "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[",
                ",",
                "]}]}]}",
            ],
            record: ["{\"body\":{\"stringValue\":", "}}"],
        },
    ];

    fn scrub(path: &str, media: &str, body: &[u8]) -> (Vec<u8>, Tally) {
        thread_local! {
            static PLAN: Arc<Plan> = Arc::new(Plan::test(POLICY, Output::AsCame));
        }
        let mut desk = Desk::with(PLAN.with(Arc::clone), 1000, 1 << 20);
        let media = Media {
            essence: media.to_owned(),
            message_coding: String::new(),
        };
        let treatment = (api::of(path).body)(path, &media, Vec::new()).unwrap();
        let out = match treatment.shape {
            Shape::Whole(scrub) => scrub(&mut desk, body).unwrap(),
            Shape::Lines(mut lines) => {
                let mut out = Scrubbed::new();
                lines.pass(&mut desk, body, true, &mut out).unwrap();
                out
            }
        };
        (out.into_bytes(), desk.tally)
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("from 192.0.2.7".to_owned()),
            Just("hw 00:1b:44:11:3a:b7 up".to_owned()),
            Just("{\"user\":\"ann\",\"x\":{\"password\":\"".to_owned()),
            Just("password=".to_owned()),
            Just("hunter2".to_owned()),
            Just("mail ann@example.org\n".to_owned()),
            Just("from 192.0.2.7 ".repeat(60)),
            Just("x".repeat(1100)),
            "[ -~\n]{0,30}",
        ]
    }

    /// The records in the one list of a message.
    fn of_message(body: &[u8], path: &[u32]) -> Vec<Vec<u8>> {
        let mut messages = vec![Span::new(0, body.len())];
        for number in path {
            let inside = messages.iter().flat_map(|span| fields(body, *span));
            messages = inside
                .map(Result::unwrap)
                .filter(|field| field.number == *number)
                .map(|field| match field.value {
                    Value::Bytes(span) => span,
                    _ => panic!("no message"),
                })
                .collect();
        }
        let records = messages.into_iter();
        records.map(|span| span.of(body).to_vec()).collect()
    }

    /// A message with the records in the list that the numbers lead to.
    fn message(records: &[Vec<u8>], path: &[u32]) -> Vec<u8> {
        let (last, above) = path.split_last().unwrap();
        let mut body = Vec::new();
        records.iter().for_each(|r| put_bytes(*last, r, &mut body));
        for number in above.iter().rev() {
            let mut outer = Vec::new();
            put_bytes(*number, &body, &mut outer);
            body = outer;
        }
        body
    }

    proptest! {
        #[test]
        fn records_of_a_body_are_what_they_are_alone(texts in prop::collection::vec(text(), 1..9)) {
            for Form { path, around: [head, between, tail], record: [before, behind] } in FORMS {
                let records = texts.iter().map(|text| {
                    format!("{before}{}{behind}", serde_json::to_string(text).unwrap())
                });
                let records: Vec<String> = records.collect();
                let sum = RefCell::new(Tally::default());
                let alone: Vec<String> = records.iter().map(|record| {
                    let (out, tally) = scrub(path, "application/json", format!("{head}{record}{tail}").as_bytes());
                    sum.borrow_mut().add(&tally);
                    let out = String::from_utf8(out).unwrap();
                    out.strip_prefix(head).unwrap().strip_suffix(tail).unwrap().to_owned()
                }).collect();
                let body = format!("{head}{}{tail}", records.join(between));
                let (out, tally) = scrub(path, "application/json", body.as_bytes());
                let want = format!("{head}{}{tail}", alone.join(between));
                prop_assert_eq!(String::from_utf8(out).unwrap(), want, "{}", path);
                prop_assert_eq!(tally, sum.into_inner(), "{}", path);
            }
        }

        #[test]
        fn records_of_a_message_are_what_they_are_alone(texts in prop::collection::vec((text(), any::<bool>()), 1..9)) {
            const MEDIA: &str = "application/x-protobuf";
            for (path, lists, log) in [
                ("/v1/logs", &[1, 2, 2][..], &[5, 1][..]),
                ("/loki/api/v1/push", &[1, 2], &[2]),
            ] {
                let records: Vec<Vec<u8>> = texts.iter().map(|(text, stranger)| {
                    let mut record = message(&[text.clone().into_bytes()], log);
                    if *stranger {
                        put_bytes(90, b"ann@example.org", &mut record);
                    }
                    record
                }).collect();
                let mut sum = Tally::default();
                let mut alone = Vec::new();
                for record in &records {
                    let (out, tally) = scrub(path, MEDIA, &message(std::slice::from_ref(record), lists));
                    sum.add(&tally);
                    alone.extend(of_message(&out, lists));
                }
                let (out, tally) = scrub(path, MEDIA, &message(&records, lists));
                prop_assert!(memchr::memmem::find(&out, b"ann@example.org").is_none());
                prop_assert_eq!(of_message(&out, lists), alone, "{}", path);
                prop_assert_eq!(tally, sum, "{}", path);
            }
        }
    }
}
