//! Twice the bytes, at most 2.2 times the work: for every detector, texts that ask it again and again without an
//! answer, under rules for fields, an allow-list and an operator's own patterns.
//!
//! A text is one piece repeated on one line (or what is nested, opened again and again). Pieces are the detectors'
//! own examples, what they begin and end with, their literals, what opens a value and never closes it, what is read once
//! more behind its escapes, and the rows of a table.

use std::fmt::Write as _;
use std::path::Path;

use scrubd::frame::Output;
use scrubd::policy::Policy;
use scrubd::scan::{DETECTORS, Tables};

use super::measure::core::Core;
use super::measure::option;
use super::{MEASURED_TEXT, valgrind};

/// Bytes of a text; then twice that. What looks back or ahead a bounded way looks less far than this.
const TEXT_BYTES: usize = 16 << 10;
/// How much more work twice the bytes may be.
const RATIO_MAX: f64 = 2.2;
/// How many of the slowest texts are named.
const SLOWEST: usize = 20;
/// Examples and literals of a detector that are looked at, in front.
const PIECES_MAX: usize = 3;

const POLICY: &str = r#"
[actions]
default = "redact"
[allow]
keys = ["trace_id"]
hosts = ["corp.example"]
cidr = ["10.0.0.0/8"]
[[field]]
path = "user.**.ip"
action = "keep"
[[custom]]
name = "ticket"
pattern = 'TCK-[0-9]{4}\b'
words = ["bluebird"]
keys = ["ticket_no"]
"#;

/// A piece, and what stands in front of and behind all of its repetitions.
struct Text {
    name: String,
    head: Vec<u8>,
    piece: Vec<u8>,
    tail: Vec<u8>,
}

impl Text {
    fn fill(&self, bytes: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes + self.piece.len() + self.tail.len());
        out.extend_from_slice(&self.head);
        while out.len() + self.tail.len() < bytes {
            out.extend_from_slice(&self.piece);
        }
        out.extend_from_slice(&self.tail);
        out
    }

    /// Whether its first line names the columns of a table.
    fn is_table(&self) -> bool {
        self.head.ends_with(b"\n")
    }
}

/// What opens something.
const OPENERS: &[&str] = &[
    "\"",
    "\\\"",
    "'",
    "[",
    "{",
    "(",
    "<",
    "<a ",
    "<a>",
    "{\"a\":",
    "[{",
    "a={",
    "a=[",
    "user={",
    "address=-",
    "user=[-",
    "\"token\":[\"a\",",
    "\"__token__\":[\"a\",",
    "__token__\":[",
    "__token__\": {",
    "password=['a ",
    "password=\"",
    "a[",
    "%22",
    "&quot;",
    "a => ",
    "-H '",
    "|",
    "\\",
    "\\\\\\\"",
    "INSERT INTO a (b, ",
    "INSERT INTO a (user) VALUES ('",
    "VALUES (",
    "Key (user)=(",
    "<a>mysql -pb<c ",
    "mysql -p</b>",
];

/// What is read once more behind its escapes, or seems to be.
const ESCAPES: &[&str] = &[
    "\\u0041",
    "\\u624b\\u673a",
    "\\ud83d\\ude00 ",
    "\\ud83d",
    "\\u",
    "\\\\\\u0022",
    "user\\u003dann ",
    "\\u003a\\u003a",
    "%41",
    "%2541",
    "%252541",
    "%",
    "%4",
    "%22%22",
    "a%3Db%26",
    "a%20user%3Dann&",
    "%E5%8F%B713912345678",
    "%3A1",
    "&#58;",
    "&#x",
    "&amp;quot;",
];

/// What stands in front of a piece that is repeated, so that all of the line is read as that says.
const HEADS: &[&str] = &[
    "\\u0041 ",
    "{\"a\":\"",
    "password=\"",
    "password: ",
    "user='",
    "type=EXECVE msg=audit(1.2:3): argc=9 a0=",
    "type=PROCTITLE msg=audit(1.2:3): proctitle=",
    "CEF:0|a|b|1|1|x|1|",
    "192.0.2.7 - - [25/Nov/2026:10:00:00 +0000] \"GET /",
    "<34>1 2026-11-25T10:00:00Z h a 1 - [x@1 user=\"",
    "POLYGON((",
    "<password>",
    "<![CDATA[",
    "-----BEGIN PRIVATE KEY-----",
    "eyJ",
    "mysql -p",
];

/// What they are put in front of.
const REPEATED: &[&str] = &[
    "a", "1", "A1", "=", "a=", ":", "a:", "1:", "\"", "\\", "\\\"", " ", ", ", "%22", "{", "[",
    "4D", "a.", "1.2 ", "\\u0041", "&", "/", PART,
];

/// A part of a form, its value with a quote of its own.
const PART: &str = "form-data; name=\\\"password\\\"\\r\\n\\r\\nx\\\"\\r\\n";

/// Pieces of rows.
const ROWS: &[&str] = &[
    ",",
    "a,",
    "\"",
    "\",",
    "\"a\"\"b\",",
    "\"a,",
    "a,b,c\n",
    "\"\n",
    "\n",
    "\"a\n",
    "'",
    "\"192.0.2.7\",x,\"y\"\n",
];

/// Names of columns.
const HEADERS: &[&str] = &["user,note,ip\n", "#Fields: a cs-username c-ip\n"];

/// Bytes that mean something to somebody.
const SIGNS: &[u8] = b"\"'\\[]{}()<>=:;,.@-+_/%&#?|*~^!$ \t\r\x000aAfFgZ";

fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    let mut add = |name: String, piece: &[u8], tail: &[u8]| {
        texts.push(Text {
            name,
            head: Vec::new(),
            piece: piece.to_vec(),
            tail: tail.to_vec(),
        });
    };
    for escape in ESCAPES {
        add(format!("{escape:?}"), escape.as_bytes(), b"");
    }
    for sign in SIGNS {
        add(format!("{:?}", *sign as char), &[*sign], b"");
    }
    for opener in OPENERS {
        add(format!("{opener:?}"), opener.as_bytes(), b"");
    }
    for detector in DETECTORS {
        let id = detector.id;
        for literal in detector.literals.iter().take(PIECES_MAX) {
            add(format!("{id}: {literal:?}"), literal.as_bytes(), b"");
        }
        for example in detector.finds.iter().take(PIECES_MAX) {
            let bytes = example.as_bytes();
            add(format!("{id}: {example:?}"), bytes, b"");
            add(
                format!("{id}: {example:?} and blanks"),
                &[bytes, b" "].concat(),
                b"",
            );
            let half = bytes.len() / 2;
            add(
                format!("{id}: the first half of {example:?}"),
                &bytes[..half],
                b"",
            );
            add(
                format!("{id}: the second half of {example:?}"),
                &bytes[half..],
                b"",
            );
            add(
                format!("{id}: quotes before {example:?}"),
                b"{\"a\":\"",
                bytes,
            );
        }
        for example in detector.leaves.iter().take(1) {
            add(format!("{id}: {example:?}"), example.as_bytes(), b"");
        }
    }
    let under = |heads: &[&str], pieces: &[&str], texts: &mut Vec<Text>| {
        for (head, piece) in heads
            .iter()
            .flat_map(|h| pieces.iter().map(move |p| (*h, *p)))
        {
            texts.push(Text {
                name: format!("{piece:?} behind {head:?}"),
                head: head.into(),
                piece: piece.into(),
                tail: Vec::new(),
            });
        }
    };
    under(HEADS, REPEATED, &mut texts);
    under(HEADERS, ROWS, &mut texts);
    let only = option("--text");
    texts.retain(|text| only.as_deref().is_none_or(|only| text.name.contains(only)));
    texts
}

/// Callgrind counts each call.
#[inline(never)]
fn measured_text(core: &mut Core, text: &[u8]) {
    core.scrub(text);
}

fn scrub(core: &mut Core, text: &[u8], is_table: bool, measured: bool) {
    core.begin(if is_table {
        Tables::Auto
    } else {
        Tables::Never
    });
    match measured {
        true => measured_text(core, text),
        false => core.scrub(text),
    }
}

/// The side that callgrind looks at: every text once to warm up, then both lengths of it.
pub(super) fn work() {
    let mut core = Core::new(Policy::parse("growth", POLICY).unwrap(), Output::AsCame);
    for text in texts() {
        let [once, twice] = [1, 2].map(|n| text.fill(TEXT_BYTES * n));
        scrub(&mut core, &twice, text.is_table(), false);
        scrub(&mut core, &once, text.is_table(), true);
        scrub(&mut core, &twice, text.is_table(), true);
    }
}

/// What each call took, in their order.
fn counts() -> Result<Vec<u64>, String> {
    let directory = std::env::temp_dir().join(format!("guard-{}", std::process::id()));
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let counts = run(&directory);
    let _ = std::fs::remove_dir_all(&directory);
    counts
}

fn run(directory: &Path) -> Result<Vec<u64>, String> {
    let out = directory.join("out");
    let result = valgrind()
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(format!("--dump-before={MEASURED_TEXT}"))
        .arg(format!("--dump-after={MEASURED_TEXT}"))
        .arg(std::env::current_exe().map_err(|error| error.to_string())?)
        .arg("--growth-work")
        .args(
            option("--text")
                .map(|only| ["--text".to_owned(), only])
                .into_iter()
                .flatten(),
        )
        .output()
        .map_err(|error| format!("valgrind does not start ({error})"))?;
    if !result.status.success() {
        return Err(String::from_utf8_lossy(&result.stderr).into_owned());
    }
    // What is between two calls is dumped too.
    let parts = 1..=texts().len() * 4;
    parts
        .map(|part| {
            let file = format!("{}.{part}", out.display());
            let dump =
                std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
            let line = dump.lines().find_map(|line| line.strip_prefix("summary:"));
            let count = line.and_then(|count| count.trim().parse::<u64>().ok());
            let count = count.ok_or_else(|| format!("{file}: no count in it"))?;
            Ok(dump.contains("--dump-after").then_some(count))
        })
        .filter_map(Result::transpose)
        .collect()
}

/// Prints the texts whose work grows faster than they do, and the slowest; whether there is none.
pub(super) fn compare() -> Result<bool, String> {
    let (texts, counts) = (texts(), counts()?);
    let mut wrong = String::new();
    let mut slowest = Vec::new();
    for (text, pair) in texts.iter().zip(counts.chunks_exact(2)) {
        let ratio = pair[1] as f64 / pair[0] as f64;
        if ratio > RATIO_MAX {
            let _ = writeln!(
                wrong,
                "{ratio:5.2} times the work for twice the bytes: {}",
                text.name
            );
        }
        slowest.push((pair[1] / (TEXT_BYTES / 512) as u64, &text.name));
    }
    print!("{wrong}");
    slowest.sort_unstable_by(|a, b| b.cmp(a));
    println!("growth: {} texts; the slowest:", texts.len());
    for (count, name) in slowest.iter().take(SLOWEST) {
        println!("{count:9} instructions per KiB: {name}");
    }
    Ok(wrong.is_empty())
}
