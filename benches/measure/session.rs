//! A client of RELP and a sink that answers everything at once.

use std::hint::black_box;
use std::sync::Arc;

use scrubd::frame::Output;
use scrubd::mask::Keys;
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::protocol::relp::Relp;
use scrubd::protocol::relp::frame::{NUMBER_MAX, write};
use scrubd::protocol::session::{Desk, Talk as _, Wires};

const OFFERS: &str = "relp_version=1\ncommands=syslog";

/// One client's session.
pub struct Session {
    relp: Relp,
    out: Wires,
    /// The next transaction with the sink.
    next: u32,
    answers: Vec<u8>,
}

impl Session {
    /// Opened on both sides.
    pub fn new(policy: Policy) -> Self {
        let plan = Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame);
        let mut relp = Relp::with(Desk {
            pipeline: Pipeline::new(Arc::new(plan)),
            tally: Tally::default(),
            record_bytes_max: 1 << 20,
            frame_bytes_max: 16 << 20,
            window_bytes_max: 256 << 10,
        });
        let mut out = Wires::default();
        let (mut open, mut answer) = (Vec::new(), Vec::new());
        write(1, "open", OFFERS, &mut open);
        relp.client(&open, &mut out).unwrap();
        relp.linked(&mut out);
        write(1, "rsp", &format!("200 OK\n{OFFERS}"), &mut answer);
        relp.sink(&answer, &mut out).unwrap();
        Self {
            relp,
            out,
            next: 2,
            answers: Vec::new(),
        }
    }

    pub fn tally(&mut self) -> &Tally {
        &self.relp.desk().tally
    }

    /// Takes what it can of `input`; how much that was.
    pub fn read(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let before = self.tally().records;
            let rest = black_box(&input[at..]);
            let used = self.relp.client(rest, &mut self.out).unwrap();
            if used == 0 {
                return at;
            }
            at += used;
            self.answers.clear();
            for _ in before..self.tally().records {
                write(self.next, "rsp", "200 OK", &mut self.answers);
                self.next = self.next % NUMBER_MAX + 1;
            }
            self.relp.sink(&self.answers, &mut self.out).unwrap();
            black_box(self.out.sink.as_bytes());
            self.out.sink.clear();
            self.out.client.clear();
        }
    }
}
