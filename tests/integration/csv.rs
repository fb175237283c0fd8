//! Tables through the filter: auto-detected, forced, left alone, on more than one thread, file by file.

use super::support::{run, scrubd};

fn scrub(args: &[&str], input: &str) -> String {
    let (code, out, err) = run(scrubd().args(["scrub", "-q"]).args(args), input.as_bytes());
    assert_eq!(code, 0, "{err}");
    String::from_utf8(out).unwrap()
}

#[test]
fn rows_take_the_classes_of_their_columns_on_any_number_of_threads() {
    let rows = 40_000;
    let table = |name: &dyn Fn(usize) -> String| {
        let mut text = String::from("id,login,note\n");
        for i in 0..rows {
            text += &format!("{i},{},x{i}\n", name(i));
        }
        text
    };
    let plain = table(&|i| format!("ann{i}"));
    let hidden = table(&|_| "REDACTED-ACCOUNT".to_owned());
    assert_eq!(scrub(&["--jobs", "1"], &plain), hidden);
    assert_eq!(scrub(&["--jobs", "4"], &plain), hidden);
    assert_eq!(scrub(&["--csv", "never"], &plain), plain);
}

#[test]
fn a_header_that_could_be_anything_is_one_only_where_it_is_said() {
    let text = "login, 7\nann, 1\n";
    assert_eq!(scrub(&[], text), text);
    assert_eq!(
        scrub(&["--csv", "always"], text),
        "login, 7\nREDACTED-ACCOUNT, 1\n"
    );
}

#[test]
fn each_file_has_a_header_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    std::fs::write(&one, "login,n\nann,1\n").unwrap();
    std::fs::write(&two, "n,state\n1,up\n").unwrap();
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    assert_eq!(
        scrub(&[one, two], ""),
        "login,n\nREDACTED-ACCOUNT,1\nn,state\n1,up\n"
    );
}
