//! Nothing is allocated for a record once a connection has seen a few: every allocation is counted. A test binary of
//! its own, for its allocator.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test that fails may panic; an allocator is unsafe by its nature"
)]

#[path = "../benches/corpus/mod.rs"]
mod corpus;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use corpus::CORPORA;
use scrubd::frame::{Framer, Framing, Output};
use scrubd::mask::{Keys, Scrubbed};
use scrubd::pipeline::{Pipeline, Sheet, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::record::{Delimiter, Piece, Span, Terminator};
use scrubd::scan::Tables;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's, and a count for each thread.
struct Counting;

// SAFETY: every call goes on to the system's allocator as it came; the count is a `Cell` without a destructor, which
// allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Bytes of each corpus.
const INPUT_BYTES: usize = 20 << 10;

/// Presets by name, and one policy for each action that a preset has not.
const POLICIES: &[(&str, &str)] = &[
    ("default", ""),
    ("strict", ""),
    ("ops", ""),
    ("hash", "[actions]\ndefault = \"hash\"\n"),
    ("encrypt", "[actions]\ndefault = \"encrypt\"\n"),
    ("preserve", "[actions]\ndefault = \"preserve\"\n"),
    ("truncate", "[actions]\ndefault = \"truncate\"\n"),
    ("mask", "[actions]\ndefault = \"mask\"\n"),
    (
        "rules",
        "[actions]\ndefault = \"redact\"\n[allow]\ncidr = [\"198.51.100.0/28\"]\nvalues = [\"deploy\"]\n\
         keys = [\"trace_id\"]\nhosts = [\"corp.example\"]\n\
         [[field]]\npath = \"user.*.ip\"\naction = \"keep\"\n\
         [[custom]]\nname = \"ticket\"\npattern = 'TCK-[0-9]{4}\\b'\nwords = [\"bluebird\"]\nkeys = [\"ticket_no\"]\n",
    ),
];

fn plan(name: &str, text: &str, output: Output) -> Arc<Plan> {
    let policy = if text.is_empty() {
        Policy::preset(name).unwrap()
    } else {
        Policy::parse(name, text).unwrap()
    };
    Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), output))
}

/// A connection without its socket.
struct Flow {
    pipeline: Pipeline,
    out: Scrubbed,
    tally: Tally,
}

impl Flow {
    fn new(plan: Arc<Plan>) -> Self {
        let mut pipeline = Pipeline::new(plan);
        pipeline.begin(Tables::Auto);
        Self {
            pipeline,
            out: Scrubbed::new(),
            tally: Tally::default(),
        }
    }

    fn pass(&mut self, input: &[u8], pieces: &[Piece]) {
        self.out.clear();
        self.pipeline
            .process(input, pieces, &mut self.out, &mut self.tally);
    }
}

/// Allocations of the third time that `work` is done: the first two make room.
fn steady(mut work: impl FnMut()) -> u64 {
    work();
    work();
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

/// Every record alone.
fn one_by_one(input: &[u8], delimiter: Delimiter) -> Vec<Piece> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', input)
        .map(|end| {
            let body = Span::new(start, end);
            start = end + 1;
            Piece::One { body, delimiter }
        })
        .collect()
}

fn run(input: &[u8]) -> Vec<Piece> {
    vec![Piece::Run {
        span: Span::new(0, input.len()),
        terminator: Terminator::Newline,
    }]
}

#[test]
fn no_record_costs_an_allocation() {
    let mut wrong = Vec::new();
    for (name, text) in POLICIES {
        for corpus in CORPORA {
            let input = corpus.fill(1, INPUT_BYTES);
            let terminated = Delimiter::Terminated(Terminator::Newline);
            for (how, output, pieces) in [
                ("a batch", Output::AsCame, run(&input)),
                ("records", Output::AsCame, one_by_one(&input, terminated)),
                ("counted", Output::OctetCounting, run(&input)),
                (
                    "datagrams",
                    Output::Datagrams,
                    one_by_one(&input, Delimiter::Datagram),
                ),
            ] {
                let mut flow = Flow::new(plan(name, text, output));
                let count = steady(|| flow.pass(&input, &pieces));
                if count > 0 {
                    wrong.push(format!("{name}, {}, {how}: {count}", corpus.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "allocations:\n{}", wrong.join("\n"));
}

#[test]
fn what_a_framer_cuts_costs_none() {
    let input = corpus::Corpus::named("system")
        .unwrap()
        .fill(1, INPUT_BYTES);
    let counted = {
        let mut counted = Vec::new();
        for line in input.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            counted.extend_from_slice(format!("{} <14>", line.len() + 4).as_bytes());
            counted.extend_from_slice(line);
        }
        counted
    };
    for (framing, bytes) in [
        (Framing::Newline, &input),
        (Framing::Auto, &input),
        (Framing::Auto, &counted),
        (Framing::OctetCounting, &counted),
    ] {
        let mut flow = Flow::new(plan("default", "", Output::AsCame));
        let mut pieces = Vec::new();
        let mut framer = Framer::new(framing, 1 << 20);
        let count = steady(|| {
            let used = framer.cut(bytes, false, &mut pieces);
            assert_eq!(used, bytes.len());
            flow.pass(bytes, &pieces);
        });
        assert_eq!(count, 0, "{framing:?}");
    }
}

#[test]
fn structured_records_cost_none() {
    for (name, text) in POLICIES {
        let mut flow = Flow::new(plan(name, text, Output::AsCame));
        let mut sheet = Sheet::new();
        let count = steady(|| {
            for n in 0..50u8 {
                sheet.clear();
                sheet.map();
                sheet.key(b"log");
                sheet.text(b"a \"quoted\" line from nowhere\n");
                sheet.key(b"n");
                sheet.number(["1", "2", "3"][usize::from(n) % 3]);
                sheet.end_map();
                let leaves = flow.pipeline.sheet(&mut sheet, &mut flow.tally);
                assert!(!leaves.unwrap().changed());
            }
        });
        assert_eq!(count, 0, "{name}");
        let mut back = Vec::new();
        let together = steady(|| {
            sheet.clear();
            for _ in 0..50 {
                sheet.map();
                sheet.key(b"log");
                sheet.text(b"a \"quoted\" line from nowhere\n");
                sheet.end_map();
                sheet.end_record();
            }
            flow.pipeline.sheets(&sheet, &mut flow.tally, &mut back);
            assert_eq!(back.len(), 50);
            assert!(
                back.iter()
                    .all(|leaves| !leaves.as_ref().unwrap().changed())
            );
        });
        assert_eq!(together, 0, "{name}, together");
    }
}
