//! What the fuzz targets do with their input: no panic, and how the input is split changes nothing.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Instant;

use scrubd::frame::{Batch, Framer, Framing, Join, Joiner, Output};
use scrubd::mask::{Keys, Scrubbed};
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::Policy;
use scrubd::protocol::forward::Forward;
use scrubd::protocol::gelf::assemble::Assembler;
use scrubd::protocol::gelf::message::Scrubber;
use scrubd::protocol::http::scrub_body;
use scrubd::protocol::lumberjack::Lumberjack;
use scrubd::protocol::relp::Relp;
use scrubd::protocol::session::{Desk, Fault, Talk, Wires};
use scrubd::record::{Piece, Reason};
use scrubd::scan::{Finding, Scanner, Scratch, Tables};
use scrubd::settings::{SharedKey, User};

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

/// A client and a sink of the Forward protocol that have to show the key, and a user.
pub fn handshake(data: &[u8]) {
    let key = || {
        let users = vec![User::new("ada", "one")];
        Some(SharedKey::new("secret").with_users(users))
    };
    both_ways(data, || {
        let mut talk = Forward::with(desk(Output::AsCame), (key(), key()), [7; 16]);
        let mut out = Wires::default();
        talk.begin(&mut out);
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
    scrubber.flush(&mut out);
    assert_eq!(scrubber.desk.tally.records, messages);
    assert!(out.records().count() as u64 >= messages);
    assert!(out.records().all(|datagram| datagram.len() <= 65_507));
}

/// A batch of lines: every front end finds what the detectors find that are asked everywhere.
pub fn scan(data: &[u8]) {
    static WAYS: LazyLock<Vec<Scanner>> = LazyLock::new(|| Scanner::each_way().collect());
    let found = |scan: &dyn Fn(&mut Vec<Finding>)| {
        let mut findings = Vec::new();
        scan(&mut findings);
        findings.sort_by_key(|f| (f.span, f.class));
        findings.dedup_by_key(|f| (f.span, f.class));
        findings
    };
    let naive = found(&|findings| WAYS[0].scan_naive(data, findings));
    for way in WAYS.iter() {
        let here = found(&|findings| way.scan(data, &mut Scratch::default(), findings));
        assert_eq!(here, naive);
    }
}

/// How a stream of records is cut and leaves; under it the first line may be the header of a table.
const STREAMS: &[(Framing, Output, Tables)] = &[
    (Framing::Newline, Output::AsCame, Tables::Never),
    (Framing::Auto, Output::AsCame, Tables::Auto),
    (Framing::OctetCounting, Output::AsCame, Tables::Never),
    (Framing::Nul, Output::AsCame, Tables::Never),
    (Framing::Auto, Output::Newline, Tables::Always),
    (Framing::Auto, Output::OctetCounting, Tables::Never),
    (Framing::Newline, Output::Nul, Tables::Auto),
];

/// A stream in parts through framer and pipeline.
fn stream(plan: &Arc<Plan>, kind: (Framing, Tables), parts: &[&[u8]]) -> (Vec<u8>, Tally) {
    let mut pipeline = Pipeline::new(Arc::clone(plan));
    pipeline.begin(kind.1);
    let mut framer = Framer::new(kind.0, 4096);
    let (mut pieces, mut out, mut tally) = (Vec::new(), Scrubbed::new(), Tally::default());
    let mut input = Vec::new();
    for (part, ended) in parts
        .iter()
        .map(|part| (*part, false))
        .chain([(&[][..], true)])
    {
        input.extend_from_slice(part);
        let used = framer.cut(&input, ended, &mut pieces);
        pipeline.process(&input, &pieces, &mut out, &mut tally);
        input.drain(..used);
    }
    assert!(input.is_empty());
    (out.as_bytes().to_vec(), tally)
}

/// The first byte says how records are framed, the second where the stream is split. What a policy that only counts
/// makes of it is what came.
pub fn framing(data: &[u8]) {
    static PLANS: LazyLock<Vec<[Arc<Plan>; 2]>> = LazyLock::new(|| {
        let plan = |preset: &str, output| {
            let policy = Policy::preset(preset).unwrap();
            Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), output))
        };
        let outputs = STREAMS.iter().map(|(_, output, _)| *output);
        outputs
            .map(|output| [plan("strict", output), plan("audit", output)])
            .collect()
    });
    let Some(([kind, cut], input)) = data.split_first_chunk() else {
        return;
    };
    let kind = usize::from(*kind) % STREAMS.len();
    let (framing, output, tables) = STREAMS[kind];
    let [strict, audit] = &PLANS[kind];
    let (head, tail) = input.split_at(input.len() * usize::from(*cut) / 256);
    let (whole, counts) = stream(strict, (framing, tables), &[input]);
    let (split, split_counts) = stream(strict, (framing, tables), &[head, tail]);
    assert_eq!(whole, split);
    assert_eq!(counts.records, split_counts.records);
    assert_eq!(counts.findings, split_counts.findings);
    let (kept, counts) = stream(audit, (framing, tables), &[input]);
    if output == Output::AsCame && counts.tombstones.iter().all(|count| *count == 0) {
        assert_eq!(kept, as_framed(input, framing));
    }
}

/// Lines of which some are one record, in parts.
fn lines(plan: &Arc<Plan>, join: &Join, parts: &[&[u8]]) -> (Vec<u8>, Tally) {
    let mut pipeline = Pipeline::new(Arc::clone(plan));
    pipeline.begin(Tables::Never);
    let mut framer = Framer::new(Framing::Newline, 256);
    let mut joiner = Joiner::new(join.clone(), 256);
    let (mut pieces, mut batch) = (Vec::new(), Batch::default());
    let (mut out, mut tally) = (Scrubbed::new(), Tally::default());
    let (mut input, mut base) = (Vec::new(), 0);
    let parts = parts.iter().map(|part| (*part, false));
    for (part, ended) in parts.chain([(&[][..], true)]) {
        input.extend_from_slice(part);
        let used = framer.cut(&input, ended, &mut pieces);
        joiner.push(&input, base, &pieces, &mut batch);
        if ended {
            joiner.flush(&mut batch);
        }
        pipeline.process(&batch.bytes, &batch.pieces, &mut out, &mut tally);
        batch.clear();
        input.drain(..used);
        base += used as u64;
    }
    assert!(joiner.held_from().is_none());
    (out.as_bytes().to_vec(), tally)
}

/// The first byte says what is joined (stack traces, CRI, Docker), the second where the stream is split. A policy that
/// only counts leaves the lines of traces as they came.
pub fn joined(data: &[u8]) {
    static JOINS: LazyLock<[Join; 3]> = LazyLock::new(|| {
        let start = regex_automata::meta::Regex::new(r"^\d{4}-").unwrap();
        [Join::Start(start), Join::Cri, Join::Docker]
    });
    static AUDIT: LazyLock<Arc<Plan>> = LazyLock::new(|| {
        let policy = Policy::preset("audit").unwrap();
        Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame))
    });
    let Some(([kind, cut], input)) = data.split_first_chunk() else {
        return;
    };
    let join = &JOINS[usize::from(*kind) % JOINS.len()];
    let (head, tail) = input.split_at(input.len() * usize::from(*cut) / 256);
    let plan = plan(Output::AsCame);
    let (whole, counts) = lines(&plan, join, &[input]);
    let (split, split_counts) = lines(&plan, join, &[head, tail]);
    assert_eq!(whole, split);
    assert_eq!(counts.records, split_counts.records);
    assert_eq!(counts.findings, split_counts.findings);
    let (kept, counts) = lines(&AUDIT, join, &[input]);
    if matches!(join, Join::Start(_)) && counts.tombstones.iter().all(|count| *count == 0) {
        assert_eq!(kept, input);
    }
}

/// What a stream is whose records all leave: a count has no zeros in front, and an end is an end.
fn as_framed(input: &[u8], framing: Framing) -> Vec<u8> {
    let (mut pieces, mut out) = (Vec::new(), Vec::new());
    Framer::new(framing, 4096).cut(input, true, &mut pieces);
    for piece in pieces {
        match piece {
            Piece::Run { span, .. } | Piece::Joined { span } => {
                out.extend_from_slice(span.of(input));
            }
            Piece::One {
                body,
                delimiter: scrubd::record::Delimiter::Counted,
            } => {
                out.extend_from_slice(format!("{} ", body.len()).as_bytes());
                out.extend_from_slice(body.of(input));
            }
            Piece::One { body, .. } => out.extend_from_slice(body.of(input)),
            Piece::Tomb { reason, .. } => assert_eq!(reason, Reason::Truncated),
        }
    }
    out
}

/// Syslog records under rules for every place that they have.
pub fn syslog(data: &[u8]) {
    static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
        let mut text = String::from("[actions]\ndefault = \"redact\"\n[allow]\nkeys = [\"x\"]\n");
        for place in [
            "syslog.hostname",
            "syslog.app_name",
            "syslog.procid",
            "syslog.msgid",
            "sd.*.user",
            "**.ip",
        ] {
            text += &format!("[[field]]\npath = \"{place}\"\naction = \"hash\"\n");
        }
        text += "[[custom]]\nname = \"host\"\nkeys = [\"syslog.hostname\", \"sd.origin.software\"]\naction = \"mask\"\n";
        let policy = Policy::parse("syslog", &text).unwrap();
        Arc::new(Plan::new(policy, Keys::single(vec![7; 32]), Output::AsCame))
    });
    let Some((cut, input)) = data.split_first() else {
        return;
    };
    let (head, tail) = input.split_at(input.len() * usize::from(*cut) / 256);
    let kind = (Framing::Auto, Tables::Never);
    let (whole, _) = stream(&PLAN, kind, &[input]);
    let (split, _) = stream(&PLAN, kind, &[head, tail]);
    assert_eq!(whole, split);
}

const CALL: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// What is posted: path, media type, content coding.
const BODIES: &[(&str, &str, &str)] = &[
    ("/in", "application/json", ""),
    ("/in", "application/x-ndjson", ""),
    ("/in", "text/plain", ""),
    ("/in", "application/x-www-form-urlencoded", ""),
    ("/in", "application/x-unheard-of", ""),
    ("/services/collector/event", "application/json", ""),
    ("/services/collector/raw", "", ""),
    ("/api/v2/logs", "application/json", ""),
    ("/_bulk", "application/x-ndjson", ""),
    ("/a/_doc", "application/json", ""),
    ("/loki/api/v1/push", "application/json", ""),
    ("/v1/logs", "application/json", ""),
    ("/in", "text/plain", "gzip"),
    ("/in", "text/plain", "deflate"),
    ("/in", "text/plain", "zstd"),
    ("/in", "text/plain", "x-snappy-framed"),
    ("/in", "application/json", "gzip, zstd"),
    (CALL, "application/grpc", "gzip"),
    ("/v1/logs", "application/x-protobuf", "gzip"),
    ("/loki/api/v1/push", "application/x-protobuf", ""),
];

/// The first byte says what is posted, the second where it is split.
pub fn http(data: &[u8]) {
    let Some(([kind, cut], body)) = data.split_first_chunk() else {
        return;
    };
    let (path, media, coding) = BODIES[usize::from(*kind) % BODIES.len()];
    let (head, tail) = body.split_at(body.len() * usize::from(*cut) / 256);
    let plan = plan(Output::AsCame);
    let whole = scrub_body(&plan, path, media, coding, &[body]);
    let split = scrub_body(&plan, path, media, coding, &[head, tail]);
    // What is packed again may be cut into other blocks.
    if coding.is_empty() {
        assert_eq!(whole, split);
    } else {
        assert_eq!(whole.is_some(), split.is_some());
    }
}

/// A block of snappy that holds `data` as it is (Snappy's "Compressed Format Description", §2.1).
fn snappy(data: &[u8]) -> Vec<u8> {
    let (mut block, mut length) = (Vec::new(), data.len());
    while length >= 0x80 {
        block.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    block.push(length as u8);
    if let Some(last) = data.len().checked_sub(1) {
        block.push(63 << 2);
        block.extend(u32::try_from(last).unwrap().to_le_bytes());
        block.extend(data);
    }
    block
}

/// The protobuf of OTLP and Loki: what comes out is a message, and scrubbed again the same.
pub fn protobuf(data: &[u8]) {
    let plan = plan(Output::AsCame);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let call = [&[0], &length[..], data].concat();
    let block = snappy(data);
    for (path, media, body) in [
        ("/v1/logs", "application/x-protobuf", data),
        ("/loki/api/v1/push", "application/x-protobuf", data),
        ("/loki/api/v1/push", "application/x-protobuf", &block),
        (CALL, "application/grpc", &call),
        (CALL, "application/grpc", data),
    ] {
        if let Some((once, _)) = scrub_body(&plan, path, media, "", &[body]) {
            let again = scrub_body(&plan, path, media, "", &[&once]);
            assert_eq!(again.map(|(again, _)| again), Some(once), "{path}");
        }
    }
}
