//! What tells a version of four numbers from an address: the words, signs and file names around it.

use crate::format::bytes::{
    alnums_start, before, byte, ends_in_any_case, is_alnum, is_digit, is_end, is_escape_letter,
    is_word, skip, skip_back, small, smalls,
};
use crate::record::Span;

/// Words that a version follows.
const WORDS: [u64; 26] = smalls([
    b"v",
    b"oid",
    b"ver",
    b"rv",
    b"build",
    b"rev",
    b"revision",
    b"patch",
    b"schema",
    b"chapter",
    b"section",
    b"clause",
    b"jre",
    b"jdk",
    b"java",
    b"oracle",
    b"chrome",
    b"firefox",
    b"opera",
    b"safari",
    b"edge",
    b"skype",
    b"openssl",
    b"openvpn",
    b"mingw",
    b"nt",
]);

/// Those of them that are products, and as often the name of an account.
const PRODUCTS: [u64; 13] = smalls([
    b"jre", b"jdk", b"java", b"oracle", b"chrome", b"firefox", b"opera", b"safari", b"edge",
    b"skype", b"openssl", b"openvpn", b"nt",
]);

/// Endings of such words.
const ENDINGS: &[&[u8]] = &[
    b"version",
    b"firmware",
    b"release",
    b"_ver",
    b"versionname",
    b"version_name",
];

/// Why the four numbers at `span` are a version and no address; `first` is the first of them.
pub(super) fn why(hay: &[u8], span: Span, first: u32) -> Option<&'static str> {
    let Span { start, end } = span;
    // `203.0.113.5 port 51024`
    if byte(hay, end) == b' ' && is_before_a_port(hay, end) {
        return None;
    }
    // In quotes, and where a line begins, none of the signs is.
    let plain = matches!(before(hay, start), b'"' | b'\n' | 0) && byte(hay, end) != b'-';
    if !plain {
        match by_signs(hay, span, first) {
            Signs::Version(why) => return Some(why),
            Signs::Address => return None,
            Signs::Silent => {}
        }
    }
    // In a string inside a string each quote has a backslash, or three, which count for nothing.
    let sign = |b: u8| {
        matches!(
            b,
            b' ' | b':' | b'=' | b'"' | b'\'' | b'/' | b'>' | b'(' | b'.'
        )
    };
    let mut gap = skip_back(hay, start, 4, sign);
    if before(hay, gap) == b'\\' {
        gap = start;
        for _ in 0..5 {
            gap = skip_back(hay, gap, 3, |b| b == b'\\');
            gap = skip_back(hay, gap, 1, sign);
        }
    }
    if gap == start {
        return None;
    }
    let word = word_ending(hay, gap);
    // `version is 1.2.3.4`; `sent version to 1.2.3.4` may be a peer
    let said = if word.of(hay) == b"is" && before(hay, word.start) == b' ' {
        word_ending(hay, word.start.saturating_sub(1))
    } else {
        word
    };
    if names_a_version(said.of(hay)) {
        return (!is_an_account(hay, word)).then_some("a version");
    }
    if is_tag_of_an_image(hay, word) {
        return Some("the tag of an image");
    }
    if is_said_of_a_product(hay, span, first, word) {
        return Some("a product's version");
    }
    // `upgraded from 1.2.3.4 to 1.2.3.5`
    let dot = word.start.saturating_sub(1);
    if word.of(hay) == b"NET" && byte(hay, dot) == b'.' && !is_word(before(hay, dot)) {
        return Some("a version");
    }
    if !matches!(word.of(hay), b"from" | b"to") {
        return None;
    }
    let lead = Span::new(start.saturating_sub(40), start).of(hay);
    let record = memchr::memrchr2(b'\n', b'\0', lead).map_or(0, |end| end.saturating_add(1));
    let lead = lead.get(record..).unwrap_or_default();
    // `upgraded from 1.2.3.4`, `migrated from 1.2.3.4`, `bump foo to 1.2.3.4`
    let moved = memchr::memchr2_iter(b'g', b'u', lead).any(|at| {
        let deed = lead.get(at..).unwrap_or_default();
        deed.starts_with(b"graded")
            || deed.starts_with(b"grated")
            || first < 10
                && deed.starts_with(b"ump ")
                && matches!(before(lead, at), b'b' | b'B')
                && !is_word(before(lead, at.saturating_sub(1)))
    });
    moved.then_some("a version that another takes the place of")
}

/// Whether ` port ` and a number are at `at`.
fn is_before_a_port(hay: &[u8], at: usize) -> bool {
    let rest = hay.get(at..).and_then(|rest| rest.strip_prefix(b" port "));
    rest.is_some_and(|rest| is_digit(byte(rest, 0)))
}

/// `invalid user oracle 192.0.2.7`, `user=oracle 192.0.2.7`: an account that has the name of a product.
fn is_an_account(hay: &[u8], word: Span) -> bool {
    const USERS: &[&[u8]] = &[b"user ", b"user=", b"User ", b"User=", b"USER ", b"USER="];
    const FOR: &[&[u8]] = &[
        b"password for ",
        b"login for ",
        b"Login for ",
        b"failed for ",
        b"Failed for ",
        b"session for ",
        b"publickey for ",
        b"authentication for ",
    ];
    let quote = usize::from(matches!(before(hay, word.start), b'\'' | b'"'));
    let head = hay
        .get(..word.start.saturating_sub(quote))
        .unwrap_or_default();
    let text = word.of(hay);
    // `for Java 1.8.0.1` is said of the product.
    let lower = || text.iter().all(u8::is_ascii_lowercase);
    PRODUCTS.contains(&small(text))
        && (USERS.iter().any(|user| head.ends_with(user))
            || FOR.iter().any(|front| head.ends_with(front)) && lower())
}

/// `image.tag=1.2.3.4`, `"container_image_tag":"1.2.3.4"`.
fn is_tag_of_an_image(hay: &[u8], word: Span) -> bool {
    const TAGS: &[&[u8]] = &[b"image_tag", b"imagetag"];
    let text = word.of(hay);
    ends_in_any_case(text, b"tag")
        && (TAGS.iter().any(|tag| ends_in_any_case(text, tag))
            || text.len() == 3
                && hay
                    .get(..word.start)
                    .is_some_and(|head| head.ends_with(b"image.")))
}

/// `nginx 1.2.3.4 started`, `Agent 1.2.3.4 upgraded`, `ua=Example Phone 1.2.3.4`.
fn is_said_of_a_product(hay: &[u8], span: Span, first: u32, word: Span) -> bool {
    const RUN: [u64; 16] = smalls([
        b"agent",
        b"apache",
        b"envoy",
        b"haproxy",
        b"httpd",
        b"kafka",
        b"kernel",
        b"kibana",
        b"mariadb",
        b"mysql",
        b"nginx",
        b"postgres",
        b"redis",
        b"squid",
        b"tomcat",
        b"varnish",
    ]);
    const DEEDS: &[&[u8]] = &[
        b" started",
        b" starting",
        b" upgraded",
        b" installed",
        b" released",
        b" loaded",
    ];
    const UA: &[&[u8]] = &[b"ua=", b"UA=", b"ser-Agent: ", b"ser-agent: ", b"seragent="];
    // Few hosts have so low an address.
    if first >= 10 || before(hay, span.start) != b' ' || word.end.saturating_add(1) != span.start {
        return false;
    }
    let rest = hay.get(span.end..).unwrap_or_default();
    if RUN.contains(&small(word.of(hay))) {
        let agent = word.of(hay).eq_ignore_ascii_case(b"agent");
        // An agent is a host, too.
        return DEEDS
            .iter()
            .any(|deed| rest.starts_with(deed) && (!agent || *deed == b" upgraded"));
    }
    // `GXP2160`: the word in front is a model's.
    let text = word.of(hay);
    if !text.iter().any(u8::is_ascii_uppercase)
        || !text.iter().any(|b| is_digit(*b))
        || before(hay, word.start) == b'/'
    {
        return false;
    }
    let said = skip_back(hay, word.end, 48, |b| {
        is_word(b) || matches!(b, b' ' | b'-' | b'/' | b'.')
    });
    // The blank behind a colon is the key's.
    let said = said.saturating_add(usize::from(before(hay, said) == b':'));
    let head = hay.get(..said).unwrap_or_default();
    let ends = is_end(byte(rest, 0)) || matches!(byte(rest, 0), b' ' | b'"' | b';' | b',');
    // `ua=`, but not `qua=`.
    let key = UA.iter().find(|key| head.ends_with(key));
    ends && key.is_some_and(|key| {
        key.len() > 3 || !is_word(before(head, head.len().saturating_sub(key.len())))
    })
}

/// What the signs beside four numbers say.
enum Signs {
    /// That they are a version, and why.
    Version(&'static str),
    /// That they are none.
    Address,
    Silent,
}

/// The same by the signs beside them alone.
fn by_signs(hay: &[u8], span: Span, first: u32) -> Signs {
    let Span { start, end } = span;
    let (prev, next) = (before(hay, start), byte(hay, end));
    let back = |n: usize| before(hay, start.saturating_sub(n));
    let behind = byte(hay, end.saturating_add(1));
    // `CEF:0|Acme|Guard|1.2.3.4|100|`
    if prev == b'|' && is_of_a_header(hay, start.saturating_sub(1)) {
        return Signs::Version("the version of a device");
    }
    // `/lib/1.2.3.4/lib-1.2.3.4.jar`
    if prev == b'/' && next == b'/' && first < 100 && first != 10 && is_of_the_file(hay, span) {
        return Signs::Version("the version of a file or package");
    }
    // `host-192.0.2.7.isp.example`
    if prev == b'-' && next == b'.' && behind.is_ascii_alphabetic() && is_host(hay, span) {
        return Signs::Address;
    }
    if prev == b'-'
        && back(1).is_ascii_alphabetic()
        && (next == b'-' || next == b'.' && behind.is_ascii_alphabetic())
    {
        return Signs::Version("a package version");
    }
    // `name-1.2.3.4`, `name_1.2.3.4`, `lib.so.1.2.3.4`, `enterprises.9.9.43.1`
    if first < 10 && matches!(prev, b'-' | b'_' | b'.') && back(1).is_ascii_alphabetic() {
        return Signs::Version("a version of a file or package, or an object identifier");
    }
    // `edge:192.0.2.4/53`: an address and a port at an interface.
    if prev == b':' && next == b'/' && behind.is_ascii_digit() {
        return Signs::Address;
    }
    let whole = first < 100 && first != 10 && !matches!(next, b':' | b'/');
    if whole && prev == b'=' && back(1) == b'=' && is_pinned(hay, start.saturating_sub(2)) {
        return Signs::Version("the version of a package");
    }
    if whole && prev == b'@' && is_package_url(hay, start.saturating_sub(1)) {
        return Signs::Version("the version of a package");
    }
    if prev == b'=' && matches!(back(1), b'>' | b'<' | b'~') || prev == b'>' && back(1) == b'~' {
        return Signs::Version("a bound of versions");
    }
    // `(>= 1.2.3.4)`, `(<< 1.2.3.4~)`
    if prev == b' '
        && matches!(
            (back(2), back(1)),
            (b'>' | b'<', b'=') | (b'<', b'<') | (b'>', b'>')
        )
    {
        return Signs::Version("a bound of versions");
    }
    // `name (1.2.3.4-5)`, but not the ranges `1.1.1.1-9.9.9.9` and `8.8.8.1-20`
    if first < 10
        && next == b'-'
        && is_revision(hay, end.saturating_add(1))
        && (prev == b'(' && back(1) == b' '
            || prev == b' ' && is_behind_its_elder(hay, start)
            || is_by_a_processor(hay, span))
    {
        return Signs::Version("the version of a package");
    }
    // `KB7~31bf3856ad364e35~amd64~~6.1.1.2`, a package of Windows
    if prev == b'~' {
        return Signs::Version("the version of a package");
    }
    if first < 10 && matches!(prev, b' ' | b'(') && is_of_a_package(hay, span) {
        return Signs::Version("the version of a package");
    }
    if prev == b'/' && next != b':' && product(hay, start.saturating_sub(1)) {
        return Signs::Version("a product's version");
    }
    if prev == b'-' && names_a_version(word_ending(hay, start.saturating_sub(1)).of(hay)) {
        return Signs::Version("a version");
    }
    // `~[driver.jar:19.3.0.0]` in a stack trace
    if prev == b':'
        && hay
            .get(..start)
            .is_some_and(|head| head.ends_with(b".jar:"))
    {
        return Signs::Version("the version of a library");
    }
    // `registry.example/shop:1.2.3.4`
    if prev == b':' && first < 10 && !matches!(next, b':' | b'/') {
        let name = skip_back(hay, start.saturating_sub(1), 64, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        });
        if before(hay, name) == b'/' && byte(hay, name).is_ascii_lowercase() {
            return Signs::Version("the tag of an image");
        }
    }
    Signs::Silent
}

/// Whether `bar` ends the name of a product in the header of CEF or LEEF: `CEF:0|vendor|product|`.
fn is_of_a_header(hay: &[u8], bar: usize) -> bool {
    let field = |end: usize| skip_back(hay, end, 64, |b| b != b'|' && !is_end(b));
    let product = field(bar).saturating_sub(1);
    let vendor = field(product).saturating_sub(1);
    let number = skip_back(hay, vendor, 4, |b| is_digit(b) || matches!(b, b'.' | b' '));
    let head = hay.get(..number).unwrap_or_default();
    byte(hay, product) == b'|'
        && byte(hay, vendor) == b'|'
        && (head.ends_with(b"CEF:") || head.ends_with(b"LEEF:"))
}

/// Whether the folder at `span` is named for the version of the file in it, as in a repository: `lib/1.2.3.4/lib-1.2.3.4.jar`.
fn is_of_the_file(hay: &[u8], span: Span) -> bool {
    // `/192.0.2.7/messages-192.0.2.7.log` is a host's.
    const PACKAGES: [u64; 12] = smalls([
        b"aar", b"deb", b"exe", b"gem", b"jar", b"msi", b"nupkg", b"pom", b"rpm", b"tgz", b"war",
        b"whl",
    ]);
    let from = span.end.saturating_add(1);
    let name = Span::new(
        from,
        skip(hay, from, 96, |b| is_word(b) || matches!(b, b'-' | b'.')),
    );
    let name = name.of(hay);
    let ending = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let slash = span.start.saturating_sub(1);
    let folder = skip_back(hay, slash, 64, |b| is_word(b) || matches!(b, b'-' | b'.'));
    let rest = name.strip_prefix(Span::new(folder, slash).of(hay));
    let version = rest.and_then(|rest| rest.strip_prefix(b"-"));
    PACKAGES.contains(&small(ending))
        && folder < slash
        && version.is_some_and(|version| version.starts_with(span.of(hay)))
}

/// `host-192.0.2.7.isp.example`: a word of hosts in front, and a domain.
fn is_host(hay: &[u8], span: Span) -> bool {
    let dash = span.start.saturating_sub(1);
    let word = Span::new(alnums_start(hay, dash, 16), dash);
    is_word_of_hosts(word.of(hay)) && domain_end(hay, span.end).is_some()
}

/// Whether providers have `word` in front of the address that a host's name spells.
pub(super) fn is_word_of_hosts(word: &[u8]) -> bool {
    const WORDS: [u64; 8] = smalls([
        b"ip", b"ec2", b"host", b"dhcp", b"static", b"dyn", b"pool", b"client",
    ]);
    WORDS.contains(&small(word))
}

/// Where a domain of two labels or more ends, whose dot is at `dot`; `.tar.gz` and `.example.jar` are a file's.
pub(super) fn domain_end(hay: &[u8], dot: usize) -> Option<usize> {
    const FILES: [u64; 32] = smalls([
        b"js", b"ts", b"css", b"html", b"exe", b"msi", b"zst", b"pdf", b"dll", b"whl", b"yaml",
        b"csv", b"png", b"apk", b"bz2", b"conf", b"deb", b"gz", b"jar", b"json", b"log", b"php",
        b"rpm", b"sh", b"sql", b"tar", b"tgz", b"txt", b"war", b"xml", b"xz", b"zip",
    ]);
    let end = skip(hay, dot, 128, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')
    });
    let end = end.saturating_sub(usize::from(before(hay, end) == b'.'));
    let name = Span::new(dot, end).of(hay);
    let mut labels = name.split(|b| *b == b'.').skip(1);
    let top = name.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let domain = labels.clone().count() >= 2
        && labels.all(|label| label.iter().any(u8::is_ascii_alphabetic))
        && top.len() >= 2
        && top.iter().all(u8::is_ascii_alphabetic);
    (domain && !FILES.contains(&small(top))).then_some(end)
}

/// `(1.2.3.3-1 -> 1.2.3.4-1)`: whether a version stands in front of `start` that another takes the place of.
fn is_behind_its_elder(hay: &[u8], start: usize) -> bool {
    let Some(head) = hay.get(..start).and_then(|head| head.strip_suffix(b" -> ")) else {
        return false;
    };
    let elder = skip_back(head, head.len(), 32, |b| {
        is_word(b) || matches!(b, b'.' | b'-' | b'+' | b'~' | b':')
    });
    before(head, elder) == b'('
        && before(head, elder.saturating_sub(1)) == b' '
        && is_digit(byte(head, elder))
        && head.get(elder..).is_some_and(|text| text.contains(&b'-'))
}

/// `pip install foo==1.2.3.4`, as a package is pinned (PEP 440). A comparison is written so too, hence the words in front.
fn is_pinned(hay: &[u8], end: usize) -> bool {
    const WORDS: &[&[u8]] = &[
        b" install ",
        b"\"install\"",
        b" download ",
        b"Collecting ",
        b"equirement ",
        b"Cannot install ",
    ];
    const OF_HOSTS: &[&[u8]] = &[
        b"ip", b"addr", b"address", b"host", b"src", b"dst", b"source", b"server", b"client",
        b"peer", b"gateway", b"gw", b"proxy", b"remote", b"local", b"node", b"origin", b"target",
        b"index", b"mirror",
    ];
    let start = skip_back(hay, end, 64, |b| {
        is_word(b) || matches!(b, b'-' | b'.' | b'[' | b']')
    });
    let name = Span::new(start, end).of(hay);
    let last = name.rsplit(|b| matches!(b, b'-' | b'_' | b'.'));
    let last = last.into_iter().next().unwrap_or_default();
    let line = Span::new(skip_back(hay, start, 96, |b| !is_end(b)), start).of(hay);
    !name.is_empty()
        && matches!(before(hay, start), b' ' | b'"' | b'\'')
        && !OF_HOSTS.iter().any(|host| last.eq_ignore_ascii_case(host))
        && WORDS
            .iter()
            .any(|word| memchr::memmem::find(line, word).is_some())
}

/// `pkg:maven/org.example/lib@1.2.3.4` (Package URL): a package, and its version behind the sign at `end`.
fn is_package_url(hay: &[u8], end: usize) -> bool {
    let start = skip_back(hay, end, 128, |b| {
        is_word(b) || matches!(b, b'-' | b'.' | b':' | b'/' | b'%' | b'@')
    });
    Span::new(start, end).of(hay).starts_with(b"pkg:")
}

/// `foo:amd64 1.2.3.3 1.2.3.4`, `foo:all (1.2.3.3, 1.2.3.4)`, `Setting up foo (1.2.3.4)`, `foo (1.2.3.4) unstable; urgency=low`:
/// as dpkg, apt and Debian's changelogs write (Debian Policy §4.4, §5.6.8).
fn is_of_a_package(hay: &[u8], span: Span) -> bool {
    const DEEDS: &[&[u8]] = &[b"Setting up", b"Unpacking", b"Removing", b"Replacing"];
    let gap = |b: u8| matches!(b, b' ' | b',' | b'(');
    let inside = |b: u8| b > b' ' && !gap(b);
    let open = before(hay, span.start) == b'(';
    // The version that it takes the place of.
    let mut end = skip_back(hay, span.start, 3, gap);
    let mut start = skip_back(hay, end, 64, inside);
    if is_digit(byte(hay, start)) || byte(hay, start) == b'<' {
        end = skip_back(hay, start, 3, gap);
        start = skip_back(hay, end, 64, inside);
    }
    let name = Span::new(start, end).of(hay);
    if let Some(colon) = memchr::memrchr(b':', name)
        && is_processor(name.get(colon.saturating_add(1)..).unwrap_or_default())
    {
        return true;
    }
    if !open {
        return false;
    }
    let head = hay.get(..start.saturating_sub(1)).unwrap_or_default();
    let rest = hay.get(span.end..).unwrap_or_default();
    let line = rest.get(..64).unwrap_or(rest);
    let line = line.split(|b| is_end(*b)).next().unwrap_or_default();
    DEEDS.iter().any(|deed| head.ends_with(deed))
        || name == b"over" && before(head, head.len()) == b')'
        || line.starts_with(b") ") && memchr::memmem::find(line, b"; urgency=").is_some()
}

/// Whether `name` is what a package is built for (Debian Policy §5.6.8).
pub(super) fn is_processor(name: &[u8]) -> bool {
    const PROCESSORS: [u64; 10] = smalls([
        b"all", b"any", b"amd64", b"arm64", b"i386", b"armhf", b"armel", b"ppc64el", b"s390x",
        b"riscv64",
    ]);
    PROCESSORS.contains(&small(name))
}

/// Whether a package's processor is named near by: `foo:all 1.2.3.4-5`, `1.2.3.4-5 amd64`.
fn is_by_a_processor(hay: &[u8], span: Span) -> bool {
    const REACH: usize = 48;
    const NAMES: &[&[u8]] = &[
        b":all ", b"amd64", b"arm64", b"armhf", b"i386", b"noarch", b"x86_64",
    ];
    let start = skip_back(hay, span.start, REACH, |b| !is_end(b));
    let near = Span::new(start, skip(hay, span.end, REACH, |b| !is_end(b))).of(hay);
    NAMES
        .iter()
        .any(|name| memchr::memmem::find(near, name).is_some())
}

/// Whether one or two digits at `at` are all of a number: the revision behind a package's version.
fn is_revision(hay: &[u8], at: usize) -> bool {
    let end = skip(hay, at, 3, is_digit);
    let fraction = byte(hay, end) == b'.' && is_digit(byte(hay, end.saturating_add(1)));
    (1..=2).contains(&end.saturating_sub(at)) && !fraction && byte(hay, end) != b'-'
}

fn word_ending(hay: &[u8], end: usize) -> Span {
    let start = alnums_start(hay, end, 24);
    // Most have no underscore.
    let rest = 24usize.saturating_sub(end.saturating_sub(start));
    let start = match before(hay, start) {
        b'_' => skip_back(hay, start, rest, |b| is_alnum(b) || b == b'_'),
        // `\nversion: 1.2.3.4`
        _ => start.saturating_add(usize::from(is_escape_letter(hay, start))),
    };
    Span::new(start, end)
}

fn names_a_version(word: &[u8]) -> bool {
    // The letters that all but the words end in.
    let ending = match word.last().map(u8::to_ascii_lowercase) {
        None => return false,
        Some(b'n' | b'e' | b'r' | b's') => {
            let ends = |name: &&[u8]| ends_in_any_case(word, name);
            // `AppVer`, `app_ver`, but not `server`; `FortiOS`, `iOS`.
            word.ends_with(b"Ver") && word.len() > 3
                || word.ends_with(b"OS") && word.len() > 2
                || ENDINGS.iter().any(ends)
        }
        Some(_) => false,
    };
    ending || LASTS >> (word.last().map_or(0, |b| b & 31)) & 1 == 1 && WORDS.contains(&small(word))
}

/// The last letters of those words, a bit each.
const LASTS: u32 = {
    let (mut lasts, mut i) = (0, 0);
    while i < WORDS.len() {
        #[allow(clippy::indexing_slicing, reason = "`i` is below the length")]
        {
            lasts |= 1 << (WORDS[i] & 31);
        }
        i = i.wrapping_add(1);
    }
    lasts
};

/// Whether a product's name ends at `slash` (RFC 9110 §10.1.5): capitalised, or an Apache module, or PHP.
fn product(hay: &[u8], slash: usize) -> bool {
    let word = skip_back(hay, slash, 32, |b| {
        is_alnum(b) || matches!(b, b'.' | b'-' | b'_')
    });
    // `\nChrome/1.2.3.4`
    let word = word.saturating_add(usize::from(is_escape_letter(hay, word)));
    let product = Span::new(word, slash).of(hay);
    let capitalised = product.first().is_some_and(u8::is_ascii_uppercase)
        && product.iter().any(u8::is_ascii_lowercase)
        && !product.contains(&b'.');
    const SMALL: &[&[u8]] = &[b"nginx", b"openresty", b"curl", b"okhttp", b"node", b"git"];
    capitalised || product.starts_with(b"mod_") || product == b"PHP" || SMALL.contains(&product)
}
