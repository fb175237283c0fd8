//! How far each file has been passed on, kept across restarts: a line for each, written whole beside the old
//! state and renamed over it. It tells files by device and inode, and by a digest of their first bytes, since
//! inodes are given out again; it has no path and no payload. Of a table it has the place of its header, not
//! its words.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::rows::Mark;
use crate::scan::Standing;

const HEADER: &str = "scrubd files 2";
/// Without tables.
const HEADER_BEFORE: &str = "scrubd files 1";

/// What tells one file from another while it has a name or is open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Id {
    device: u64,
    inode: u64,
}

impl Id {
    pub(super) fn of(meta: &std::fs::Metadata) -> Self {
        Self {
            device: meta.dev(),
            inode: meta.ino(),
        }
    }
}

/// The first bytes of a file that has been passed on so far, as the state keeps them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    length: u64,
    digest: u64,
}

/// Most bytes of a head.
pub(super) const HEAD_BYTES_MAX: usize = 256;

impl Head {
    /// The head that these bytes are.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self {
            length: bytes.len() as u64,
            digest: digest
                .iter()
                .take(8)
                .fold(0u64, |n, b| n << 8 | u64::from(*b)),
        }
    }

    /// Whether `file` begins so.
    pub(super) fn fits(self, file: &File) -> bool {
        first_bytes(file, self.length).is_ok_and(|bytes| Self::of(&bytes) == self)
    }
}

/// The first bytes of a file, up to `length` and the longest head.
pub(super) fn first_bytes(file: &File, length: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length).unwrap_or(HEAD_BYTES_MAX);
    let mut bytes = vec![0u8; length.min(HEAD_BYTES_MAX)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// One file's line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) id: Id,
    /// Bytes whose records the sink has taken.
    pub(super) passed: u64,
    pub(super) head: Head,
    /// The table that the file is.
    pub(super) mark: Option<Mark>,
}

/// The state, empty where there is none yet.
pub(super) fn load(path: &Path) -> Result<Vec<Entry>, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let mut lines = text.lines();
    let broken = |line: usize| {
        format!(
            "{}:{line}: is no state of followed files; name another file, or remove it to begin anew",
            path.display()
        )
    };
    if !matches!(lines.next(), Some(HEADER | HEADER_BEFORE)) {
        return Err(broken(1));
    }
    lines
        .enumerate()
        .map(|(index, line)| entry(line).ok_or_else(|| broken(index.saturating_add(2))))
        .collect()
}

fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split(' ');
    let mut number = || words.next()?.parse::<u64>().ok();
    let (device, inode, passed, length) = (number()?, number()?, number()?, number()?);
    let digest = u64::from_str_radix(words.next()?, 16).ok()?;
    let rest: Vec<&str> = words.collect();
    let mark = match *rest.as_slice() {
        [] => None,
        [header, fitted] => Some(mark(header, fitted, None)?),
        [header, fitted, column, lines] => Some(mark(header, fitted, Some((column, lines)))?),
        _ => return None,
    };
    Some(Entry {
        id: Id { device, inode },
        passed,
        head: Head { length, digest },
        mark,
    })
}

fn mark(header: &str, fitted: &str, open: Option<(&str, &str)>) -> Option<Mark> {
    let open = match open {
        None => None,
        Some((column, lines)) => Some((column.parse().ok()?, lines.parse().ok()?)),
    };
    let fitted = match fitted {
        "fitted" => true,
        "new" => false,
        _ => return None,
    };
    Some(Mark {
        header: header.parse().ok()?,
        standing: Standing { fitted, open },
    })
}

/// Replaces the state.
pub(super) fn save(path: &Path, entries: impl Iterator<Item = Entry>) -> io::Result<()> {
    let mut text = format!("{HEADER}\n");
    for Entry {
        id,
        passed,
        head,
        mark,
    } in entries
    {
        text.push_str(&format!(
            "{} {} {passed} {} {:016x}",
            id.device, id.inode, head.length, head.digest
        ));
        if let Some(Mark { header, standing }) = mark {
            let fitted = if standing.fitted { "fitted" } else { "new" };
            text.push_str(&format!(" {header} {fitted}"));
            if let Some((column, lines)) = standing.open {
                text.push_str(&format!(" {column} {lines}"));
            }
        }
        text.push('\n');
    }
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    std::fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_and_what_is_broken_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        assert_eq!(load(&path).unwrap(), []);
        std::fs::write(dir.path().join("log"), "first\nsecond\n").unwrap();
        let file = File::open(dir.path().join("log")).unwrap();
        let entry = Entry {
            id: Id::of(&file.metadata().unwrap()),
            passed: 6,
            head: Head::of(b"first\n"),
            mark: None,
        };
        let table = |fitted, open| Entry {
            mark: Some(Mark {
                header: 3,
                standing: Standing { fitted, open },
            }),
            ..entry
        };
        let entries = [entry, table(true, None), table(false, Some((7, 2)))];
        save(&path, entries.into_iter()).unwrap();
        assert_eq!(load(&path).unwrap(), entries);
        std::fs::write(&path, "scrubd files 1\n1 2 3 4 0a\n").unwrap();
        assert_eq!(load(&path).unwrap().len(), 1);
        assert!(entry.head.fits(&file));
        std::fs::write(dir.path().join("log"), "other\nsecond\n").unwrap();
        assert!(!entry.head.fits(&file));
        std::fs::write(dir.path().join("log"), "f").unwrap();
        assert!(!entry.head.fits(&file));
        for (text, place) in [
            ("", ":1:"),
            ("[[route]]\n", ":1:"),
            ("scrubd files 1\n1 2 3\n", ":2:"),
            ("scrubd files 2\n1 2 3 4 0a 5 old\n", ":2:"),
            ("scrubd files 2\n1 2 3 4 0a 5 new 6\n", ":2:"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = load(&path).unwrap_err();
            assert!(
                error.contains(place) && error.contains("begin anew"),
                "{error}"
            );
        }
    }
}
