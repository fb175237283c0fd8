//! What a policy's scanner leaves out (`scan/covered.rs`) makes no difference to what leaves, nor to what is counted.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Pipeline, Tally};
use crate::frame::Output;
use crate::mask::Scrubbed;
use crate::plan::{Keys, Plan};
use crate::policy::Policy;
use crate::record::{Piece, Span, Terminator};
use crate::scan::{DETECTORS, Scanner};

/// Pipelines that leave out what is covered, each beside one that does not.
fn twins() -> Vec<[Pipeline; 2]> {
    const OWN: &str = r#"
        name = "own"
        [actions]
        default = "redact"
        "network.ip" = "detect"
        "basic.phone" = "drop_record"
        "identity.national_id" = "drop_record"
        "property.transaction" = "hash"
    "#;
    let presets = ["default", "strict", "ops", "audit"].map(|name| Policy::preset(name).unwrap());
    let policies = presets
        .into_iter()
        .chain([Policy::parse("own", OWN).unwrap()]);
    policies
        .map(|policy| {
            let plan = Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame);
            let wants = |class| plan.policy.wants(class);
            let slow = Arc::new(Scanner::wanted(&plan.policy.custom, wants));
            let twin = Plan {
                scanner: slow,
                ..plan.clone()
            };
            [plan, twin].map(|plan| Pipeline::new(Arc::new(plan)))
        })
        .collect()
}

fn scrubbed(pipeline: &mut Pipeline, text: &str) -> (String, Tally) {
    let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
    let run = Piece::Run {
        span: Span::new(0, text.len()),
        terminator: Terminator::Newline,
    };
    pipeline.process(text.as_bytes(), &[run], &mut out, &mut tally);
    (String::from_utf8_lossy(out.as_bytes()).into_owned(), tally)
}

fn agree(twins: &mut [[Pipeline; 2]], text: &str) {
    for [fast, slow] in twins {
        let ((fast, counted), (slow, want)) = (scrubbed(fast, text), scrubbed(slow, text));
        assert_eq!(fast, slow, "{text}");
        assert_eq!(counted.findings, want.findings, "{text}");
    }
}

const KEYS: &[&str] = &[
    "password",
    "ip",
    "email",
    "user",
    "imei",
    "imsi",
    "mac",
    "android_id",
    "idfa",
    "guid",
    "model",
    "os",
    "user_agent",
    "lat",
    "location",
    "address",
    "name",
    "birthday",
    "phone",
    "id_card",
    "passport",
    "card_number",
    "balance",
    "url",
    "referer",
    "msg",
];

#[test]
fn what_is_left_out_makes_no_difference() {
    let mut twins = twins();
    // Each line under some of the keys, each key with some of the lines.
    let lines = DETECTORS
        .iter()
        .flat_map(|d| d.finds.iter().chain(d.leaves));
    for (n, line) in lines.enumerate() {
        let inside = line.replace('\\', "\\\\").replace('"', "\\\"");
        let text: String = KEYS
            .iter()
            .skip(n % 5)
            .step_by(5)
            .flat_map(|key| {
                [
                    format!("{{\"{key}\":\"{inside}\",\"x\":1}}\n"),
                    format!(
                        "{{\"m\":\"{{\\\"{key}\\\":\\\"{}\\\"}}\"}}\n",
                        inside.replace('\\', "\\\\").replace("\\\"", "\\\\\"")
                    ),
                    format!("{{\"{key}\": {line},\"{key}\":[{line},\"{inside}\"]}}\n"),
                ]
            })
            .collect();
        text.split_inclusive('\n')
            .for_each(|line| agree(&mut twins, line));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_is_left_out_of_mixtures_makes_no_difference(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[ -~]{0,6}", 0..4u8), 1..60),
    ) {
        thread_local! {
            static TWINS: std::cell::RefCell<Vec<[Pipeline; 2]>> = std::cell::RefCell::new(twins());
        }
        let lines: Vec<_> = DETECTORS.iter().flat_map(|d| d.finds.iter().chain(d.leaves)).collect();
        let mut text = String::new();
        for (key, line, noise, form) in &picks {
            let (key, line) = (KEYS[key.index(KEYS.len())], lines[line.index(lines.len())]);
            match form {
                0 => text.push_str(&format!("\"{key}\":\"{line}{noise}\",")),
                1 => text.push_str(&format!("\"{key}\":{line},")),
                2 => text.push_str(&format!("{key}={line}{noise} ")),
                _ => text.push_str(&format!("[10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.0\" 200 1 \"{line}\" \"{line}\" ")),
            }
        }
        TWINS.with_borrow_mut(|twins| agree(twins, &text));
    }
}
