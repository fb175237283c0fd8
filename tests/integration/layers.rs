//! The layers of `src/lib.rs`: imports go downward, `unsafe` stays in one module.

use std::path::{Path, PathBuf};

const LAYERS: &[&[&str]] = &[
    &["cli"],
    &["serve"],
    &["listen", "admin"],
    &["protocol"],
    &["sink"],
    &["net", "pipeline"],
    &["plan"],
    &["settings", "telemetry"],
    &["scan", "mask"],
    &["policy"],
    &["format", "frame"],
    &["class", "record", "error"],
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

#[test]
fn imports_go_downward_and_unsafe_stays_in_one_module() {
    let src = super::support::repository().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 20);
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let room = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        if !relative.starts_with("scan/simd") {
            assert!(
                !text.contains("unsafe {") && !text.contains("unsafe fn"),
                "unsafe in {}",
                relative.display()
            );
        }
        if matches!(room, "lib" | "main") {
            continue;
        }
        let own = layer(room).unwrap_or_else(|| panic!("{room} is in no layer"));
        for import in text.split("crate::").skip(1) {
            let to: String = import
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if let Some(other) = layer(&to) {
                assert!(
                    to == room || other > own,
                    "{} imports {to}, which is not below it",
                    relative.display()
                );
            }
        }
    }
}
