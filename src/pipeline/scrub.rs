//! Scan, resolve, mask: one record, or many in one scan. A pass over a few bytes costs what a pass over a window does,
//! so records that come one by one are laid side by side first.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Pipeline, Tally, target};
use crate::class::Class;
use crate::mask::{Mark, Masker, Scrubbed};
use crate::record::{Delimiter, Piece, Reason, Span};

/// Most bytes of records that are laid side by side.
pub(super) const TOGETHER_BYTES_MAX: usize = 16 << 10;

/// How the records of a batch leave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// Back to back with what ends them, as they stand.
    AsTheyStand,
    /// Each framed by itself.
    Framed,
    /// Each to be read back by itself; what became of it is in the pipeline's `outcomes`.
    Back,
}

impl Pipeline {
    /// Scrubs one record. On failure nothing of `hay` is in `out` and nothing of it is counted.
    pub(super) fn scrub(
        &mut self,
        hay: &[u8],
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) -> Result<(), Reason> {
        let remembered = (!self.table.is_over()).then(|| self.table.clone());
        let all = self.find(hay).map(|()| self.targets.len());
        let outcome = all.and_then(|all| self.write(hay, (0, all), out, tally));
        if let (Err(_), Some(table)) = (outcome, remembered) {
            self.table = table;
        }
        outcome
    }

    /// Scrubs the `records` of `hay`, each in front of the byte that ends it there, in one scan.
    pub(super) fn many(
        &mut self,
        hay: &[u8],
        records: impl Iterator<Item = (Span, Delimiter)> + Clone,
        leave: Leave,
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) {
        let (mark, before) = (out.mark(), tally.clone());
        let asked = self.outcomes.len();
        let remembered = (!self.table.is_over()).then(|| self.table.clone());
        let outcome = self
            .find(hay)
            .and_then(|()| self.leave(hay, records.clone(), leave, out, tally));
        if outcome.is_ok() {
            return;
        }
        // The record at fault is not known: each is asked alone.
        out.undo(mark);
        self.outcomes.truncate(asked);
        *tally = before;
        if let Some(table) = remembered {
            self.table = table;
        }
        for (record, delimiter) in records {
            self.one(record.of(hay), delimiter, leave, out, tally);
        }
    }

    /// Lays the records at the front of `pieces` side by side and scrubs them; how many pieces those were.
    pub(super) fn together(
        &mut self,
        input: &[u8],
        pieces: &[Piece],
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) -> usize {
        let mut hay = std::mem::take(&mut self.lines);
        let mut records = std::mem::take(&mut self.records);
        hay.clear();
        records.clear();
        for piece in pieces {
            let Piece::One { body, delimiter } = *piece else {
                break;
            };
            let start = hay.len();
            let end = start.saturating_add(body.len());
            if end > TOGETHER_BYTES_MAX {
                break;
            }
            hay.extend_from_slice(body.of(input));
            hay.push(b'\n');
            records.push((Span::new(start, end), delimiter));
        }
        let count = records.len();
        tally.records = tally.records.saturating_add(count as u64);
        let all = records.iter().copied();
        self.many(&hay, all, Leave::Framed, out, tally);
        self.lines = hay;
        self.records = records;
        count
    }

    /// Ends the record that was written since `mark`, or puts a tombstone there.
    pub(super) fn done(
        &mut self,
        outcome: Result<(), Reason>,
        (bytes, delimiter): (usize, Delimiter),
        mark: Mark,
        leave: Leave,
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) {
        match (leave, outcome) {
            (Leave::Back, _) => {
                out.end();
                if let Err(reason) = outcome {
                    tally.tomb(reason);
                }
                self.outcomes.push(outcome);
            }
            (_, Ok(())) => out.close(mark, delimiter, self.output()),
            (_, Err(reason)) => self.tomb(reason, bytes as u64, delimiter, out, tally),
        }
    }

    /// Fills `targets` with what is to be replaced in `hay`.
    fn find(&mut self, hay: &[u8]) -> Result<(), Reason> {
        self.findings.clear();
        self.targets.clear();
        let Self {
            plan,
            findings,
            targets,
            table,
            scratch,
            places,
            ..
        } = self;
        places.anew();
        catch_unwind(AssertUnwindSafe(|| {
            plan.scanner.scan(hay, scratch, findings);
            if !table.is_over() {
                let cells = plan.policy.has_places().then(|| places.anew());
                table.rows(hay, &plan.policy, findings, cells);
                findings.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end)));
            }
            targets.extend(findings.iter().map(|finding| target(&plan.policy, finding)));
            Masker::resolve(&plan.policy, hay, targets, places);
        }))
        .map_err(|_| Reason::ScanFailed)
    }

    /// Writes the records of `hay` with what was found in them replaced. An error leaves `out` and `tally` to be set
    /// back.
    fn leave(
        &mut self,
        hay: &[u8],
        records: impl Iterator<Item = (Span, Delimiter)>,
        leave: Leave,
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) -> Result<(), Reason> {
        if leave == Leave::AsTheyStand {
            match self.write(hay, (0, self.targets.len()), out, tally) {
                // One of them is dropped.
                Err(Reason::Policy) => {}
                outcome => return outcome,
            }
        }
        let mut from = 0usize;
        for (record, delimiter) in records {
            let mut to = from;
            while let Some(next) = self.targets.get_mut(to)
                && next.span.start <= record.end
            {
                if next.span.start < record.start || next.span.end > record.end {
                    return Err(Reason::ScanFailed);
                }
                next.span.start = next.span.start.saturating_sub(record.start);
                next.span.end = next.span.end.saturating_sub(record.start);
                to = to.saturating_add(1);
            }
            let mark = out.mark();
            let outcome = self.write(record.of(hay), (from, to), out, tally);
            // The rows of what the policy keeps back have gone through the table.
            if let Err(Reason::ScanFailed) = outcome {
                return outcome;
            }
            self.done(outcome, (record.len(), delimiter), mark, leave, out, tally);
            from = to;
        }
        Ok(())
    }

    /// Appends `hay` to `out` with the targets of these numbers replaced. On failure nothing of it is there, and
    /// nothing is counted.
    fn write(
        &mut self,
        hay: &[u8],
        (from, to): (usize, usize),
        out: &mut Scrubbed,
        tally: &mut Tally,
    ) -> Result<(), Reason> {
        let Self {
            plan,
            targets,
            counted,
            leaving_bytes_max,
            ..
        } = self;
        counted.clear();
        let mark = out.mark();
        let targets = targets.get(from..to).unwrap_or_default();
        let dropped = catch_unwind(AssertUnwindSafe(|| {
            plan.masker
                .write(hay, targets, out, |class: Class| counted.push(class))
        }));
        let reason = match dropped {
            Ok(false) if out.since(mark) > *leaving_bytes_max => Reason::RecordTooLong,
            Ok(false) => {
                for class in counted {
                    if let Some(count) = tally.findings.get_mut(class.index()) {
                        *count = count.saturating_add(1);
                    }
                }
                return Ok(());
            }
            Ok(true) => Reason::Policy,
            Err(_) => Reason::ScanFailed,
        };
        out.undo(mark);
        Err(reason)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::frame::Output;
    use crate::plan::Plan;
    use crate::record::Terminator;
    use crate::scan::Tables;

    const POLICY: &str = r#"
[actions]
default = "redact"
"device.mac" = "drop_record"
[[custom]]
name = "ticket"
pattern = 'TCK-[0-9]{4}\b'
[[field]]
path = "keep.ip"
action = "keep"
"#;

    fn pipeline(output: Output) -> Pipeline {
        let mut pipeline = Pipeline::new(Arc::new(Plan::test(POLICY, output)));
        pipeline.begin(Tables::Auto);
        pipeline
    }

    /// What stays open at the end of a record.
    const OPEN: &[&str] = &[
        "{\"keep\":{\"x\":\"",
        "{\"keep\":{\"x\":\"y\\",
        "{\"keep\":\"{\\\"x\\\":\\\"",
        "{\"user\":{\"a\":[",
        "password='",
        "a => {\"b",
        "<a user=\"",
        "<password>",
        "<![CDATA[user=",
        "CEF:0|a|b|1|1|x|1|suser=",
        "type=EXECVE msg=audit(1.2:3): argc=3 a0=\"mysql\" a1=",
        "mysql -p",
        "curl -H 'Authorization: Bearer",
        "user%3D",
        "user%5Bname%5D=%22",
        "a[user",
        "POLYGON((",
        "-----BEGIN PRIVATE KEY-----",
        "wallet address:",
        "login from ",
        "{\"a\":\"\\u0041\\u624b\\u673a",
        "tel 0532 123",
        "Failed password for invalid user",
        "<34>1 2026-11-25T10:00:00Z h app - - [x@1 user=\"",
    ];

    fn record() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("user,note,id".to_owned()),
            Just("ann,\"x\ny\",1".to_owned()),
            Just("<34>1 2026-11-25T10:00:00Z h app - - - from 192.0.2.7".to_owned()),
            Just("hw 00:1b:44:11:3a:b7 up".to_owned()),
            Just("{\"keep\":{\"ip\":\"192.0.2.7\"},\"ip\":\"192.0.2.8\"}".to_owned()),
            Just("see TCK-1234, mail ann@example.org".to_owned()),
            Just("user=\"ann".to_owned()),
            Just("{\"user\":[\"\"\"".to_owned()),
            Just("{'user' => {\"a".to_owned()),
            Just("7 or \"8\"".to_owned()),
            Just("ann\"}, 45 67 hunter2".to_owned()),
            Just("{\"ip\":\"192.0.2.9\",\"name\":\"ann\"}".to_owned()),
            Just("password".to_owned()),
            Just(": hunter2".to_owned()),
            Just("a%20user%3Dann \\u0075ser\\u003dbea".to_owned()),
            prop::sample::select(OPEN).prop_map(str::to_owned),
            Just("x".repeat(20 << 10)),
            "[ -~\n]{0,40}",
            Just(String::new()),
        ]
    }

    fn delimiter() -> impl Strategy<Value = Delimiter> {
        prop_oneof![
            Just(Delimiter::Counted),
            Just(Delimiter::Datagram),
            Just(Delimiter::Bare),
            Just(Delimiter::Terminated(Terminator::Newline)),
        ]
    }

    fn output() -> impl Strategy<Value = Output> {
        prop_oneof![
            Just(Output::AsCame),
            Just(Output::Newline),
            Just(Output::Nul),
            Just(Output::OctetCounting),
            Just(Output::Datagrams),
        ]
    }

    /// What comes out: the bytes, each record where they are kept apart, and the counts.
    fn scrubbed<'p>(
        input: &str,
        batches: impl Iterator<Item = &'p [Piece]>,
        output: Output,
    ) -> (String, Vec<Vec<u8>>, u64, Vec<u64>, Vec<u64>) {
        let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
        let mut pipeline = pipeline(output);
        for batch in batches {
            pipeline.process(input.as_bytes(), batch, &mut out, &mut tally);
        }
        (
            String::from_utf8_lossy(out.as_bytes()).into_owned(),
            out.records().map(<[u8]>::to_vec).collect(),
            tally.records,
            tally.findings.to_vec(),
            tally.tombstones.to_vec(),
        )
    }

    proptest! {
        #[test]
        fn records_together_leave_as_they_do_alone(
            records in prop::collection::vec((record(), delimiter()), 1..12),
            output in output(),
        ) {
            // Nothing at all is no first line of a table where it comes alone.
            prop_assume!(!records[0].0.is_empty());
            let (mut input, mut pieces) = (String::new(), Vec::new());
            for (text, delimiter) in &records {
                let start = input.len();
                input.push_str(text);
                pieces.push(Piece::One { body: Span::new(start, input.len()), delimiter: *delimiter });
            }
            let alone = scrubbed(&input, pieces.chunks(1), output);
            let together = scrubbed(&input, std::iter::once(&pieces[..]), output);
            prop_assert_eq!(alone, together);
        }

        #[test]
        fn lines_in_a_run_leave_as_they_do_alone(
            lines in prop::collection::vec(record().prop_map(|text| text.replace('\n', "")), 1..12),
            output in output(),
        ) {
            prop_assume!(!lines[0].is_empty());
            let (mut input, mut pieces) = (String::new(), Vec::new());
            let terminator = Terminator::Newline;
            for text in &lines {
                let start = input.len();
                input.push_str(text);
                let body = Span::new(start, input.len());
                pieces.push(Piece::One { body, delimiter: Delimiter::Terminated(terminator) });
                input.push('\n');
            }
            let run = [Piece::Run { span: Span::new(0, input.len()), terminator }];
            let alone = scrubbed(&input, pieces.chunks(1), output);
            prop_assert_eq!(alone, scrubbed(&input, std::iter::once(&run[..]), output));
        }
    }

    #[test]
    fn one_record_that_is_dropped_does_not_send_the_others_through_again() {
        let lines = "from 192.0.2.7\nhw 00:1b:44:11:3a:b7\nmail ann@example.org\n";
        let run = [Piece::Run {
            span: Span::new(0, lines.len()),
            terminator: Terminator::Newline,
        }];
        let (text, _, records, findings, tombs) =
            scrubbed(lines, std::iter::once(&run[..]), Output::AsCame);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            (lines[0], lines[2]),
            ("from REDACTED-IP", "mail REDACTED-EMAIL")
        );
        assert!(
            lines[1].starts_with("scrubd tombstone reason=policy bytes=20"),
            "{text}"
        );
        assert_eq!(
            (
                records,
                findings.iter().sum::<u64>(),
                tombs.iter().sum::<u64>()
            ),
            (3, 2, 1)
        );
    }
}
