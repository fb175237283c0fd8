//! Vector's language: `redact` with the patterns as filters, the chunk as the message of one event. (Vector
//! itself makes an event of each line, which costs more.)

use std::collections::BTreeMap;

use vrl::compiler::runtime::Runtime;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Program, TargetValue, TimeZone};
use vrl::value::{Secrets, Value};

use super::{Engine, LABEL};
use crate::rules::Rules;

pub struct Redact {
    program: Program,
    runtime: Runtime,
    out: Vec<u8>,
}

impl Redact {
    pub fn new(rules: &Rules) -> Self {
        let filters: Vec<String> = rules
            .patterns
            .iter()
            .map(|pattern| format!("r'{pattern}'"))
            .collect();
        let source = format!(". = redact(string!(.), filters: [{}])", filters.join(", "));
        let program = vrl::compiler::compile(&source, &vrl::stdlib::all())
            .unwrap_or_else(|problems| panic!("a program for VRL: {problems:?}"))
            .program;
        Self {
            program,
            runtime: Runtime::new(RuntimeState::default()),
            out: Vec::new(),
        }
    }
}

impl Engine for Redact {
    fn name(&self) -> &'static str {
        "VRL redact"
    }

    fn scrub(&mut self, chunk: &[u8]) {
        let mut target = TargetValue {
            value: Value::from(chunk),
            metadata: Value::Object(BTreeMap::new()),
            secrets: Secrets::default(),
        };
        let value = self
            .runtime
            .resolve(&mut target, &self.program, &TimeZone::default())
            .unwrap_or_else(|problem| panic!("VRL: {problem:?}"));
        self.out.clear();
        self.out
            .extend_from_slice(value.as_bytes().expect("a string"));
        std::hint::black_box(self.out.as_slice());
    }

    /// It does not say: the labels in its last output.
    fn hits(&self) -> u64 {
        memchr::memmem::find_iter(&self.out, LABEL).count() as u64
    }

    fn counts_last(&self) -> bool {
        true
    }
}
