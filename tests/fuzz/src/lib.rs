//! What the fuzz targets do with their input: no panic, and how the input is split changes nothing.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use scrubd::frame::Output;
use scrubd::mask::{Keys, Scrubbed};
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::protocol::forward::Forward;
use scrubd::protocol::gelf::assemble::Assembler;
use scrubd::protocol::gelf::message::Scrubber;
use scrubd::protocol::lumberjack::Lumberjack;
use scrubd::protocol::relp::Relp;
use scrubd::protocol::session::{Desk, Fault, Talk, Wires};

fn plan(output: Output) -> Arc<Plan> {
    static PLANS: OnceLock<[Arc<Plan>; 2]> = OnceLock::new();
    let [stream, datagrams] = PLANS.get_or_init(|| {
        [Output::AsCame, Output::Datagrams].map(|output| {
            let policy = Policy::preset("strict").unwrap();
            Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), output))
        })
    });
    Arc::clone(if output == Output::Datagrams {
        datagrams
    } else {
        stream
    })
}

fn desk(output: Output) -> Desk {
    Desk {
        pipeline: Pipeline::new(plan(output)),
        tally: Tally::default(),
        record_bytes_max: 4096,
        frame_bytes_max: 1 << 20,
        window_bytes_max: 1 << 20,
    }
}

/// What a talk makes of the client's bytes, however they come.
fn feed(talk: &mut impl Talk, out: &mut Wires, parts: &[&[u8]]) -> Result<Vec<u8>, Fault> {
    let mut input = Vec::new();
    for part in parts {
        input.extend_from_slice(part);
        let used = talk.client(&input, out)?;
        assert!(used <= input.len());
        input.drain(..used);
    }
    Ok(input)
}

/// The first byte says where the rest is split.
fn both_ways<T: Talk>(data: &[u8], open: impl Fn() -> (T, Wires)) {
    let Some((cut, input)) = data.split_first() else {
        return;
    };
    let (head, tail) = input.split_at(input.len() * usize::from(*cut) / 256);
    let ((mut talk, mut out), (mut again, mut again_out)) = (open(), open());
    let whole = feed(&mut talk, &mut out, &[input]);
    let split = feed(&mut again, &mut again_out, &[head, tail]);
    assert_eq!(whole, split);
    assert_eq!(out.sink.as_bytes(), again_out.sink.as_bytes());
    assert_eq!(out.client, again_out.client);
    // The same bytes from the sink, and a connection that breaks.
    if let Ok(used) = talk.sink(input, &mut out) {
        assert!(used <= input.len());
    }
    let _ = talk.lost(&mut out);
    talk.linked(&mut out);
    talk.flushed();
    talk.hang_up(&mut out);
}

/// A RELP client behind its `open`.
pub fn relp(data: &[u8]) {
    both_ways(data, || {
        let (mut talk, mut out) = (Relp::with(desk(Output::AsCame)), Wires::default());
        let offers = "relp_version=1\ncommands=syslog";
        let open = format!("1 open {} {offers}\n", offers.len());
        talk.client(open.as_bytes(), &mut out).unwrap();
        talk.linked(&mut out);
        let answer = format!("1 rsp {} 200 OK\n{offers}\n", offers.len() + 7);
        talk.sink(answer.as_bytes(), &mut out).unwrap();
        (talk, out)
    });
}

/// A client of the Forward protocol.
pub fn forward(data: &[u8]) {
    both_ways(data, || {
        let mut talk = Forward::with(desk(Output::AsCame), (None, None), [7; 16]);
        let mut out = Wires::default();
        talk.linked(&mut out);
        (talk, out)
    });
}

/// A Beat.
pub fn lumberjack(data: &[u8]) {
    both_ways(data, || {
        let mut talk = Lumberjack::with(desk(Output::AsCame));
        let mut out = Wires::default();
        talk.linked(&mut out);
        (talk, out)
    });
}

/// GELF datagrams, each behind its length in two bytes.
pub fn gelf(data: &[u8]) {
    let mut assembler = Assembler::new(4096, 1 << 20);
    let mut scrubber = Scrubber::new(desk(Output::Datagrams), true, 0);
    let (mut out, mut rest, mut messages) = (Scrubbed::new(), data, 0);
    let peer = ([127, 0, 0, 1], 1).into();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(tail.len());
        let (datagram, tail) = tail.split_at(length);
        rest = tail;
        let pushed = assembler.push(Instant::now(), peer, datagram);
        if let Some(message) = pushed.transpose() {
            scrubber.message(message, &mut out);
            messages += 1;
        }
    }
    assert_eq!(scrubber.desk.tally.records, messages);
    assert!(out.records().count() as u64 >= messages);
    assert!(out.records().all(|datagram| datagram.len() <= 65_507));
}
