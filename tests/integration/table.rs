//! The README's table of classes, formats and actions is what the program does, row by row.
//! `UPDATE_README=1 cargo test` writes it anew.

use std::fmt::Write as _;
use std::sync::Arc;

use scrubd::class::Class;
use scrubd::frame::{Framer, Framing};
use scrubd::mask::Scrubbed;
use scrubd::pipeline::{Pipeline, Tally};
use scrubd::plan::Plan;
use scrubd::policy::{PRESERVES, TRUNCATES};
use scrubd::scan::Tables;

use super::support;

/// A key and a value of each class, in the order of the taxonomy.
pub(super) const SAMPLES: &[(&str, &str, &str)] = &[
    ("network.password", "password", "hunter2xyz"),
    ("network.security_answer", "security_answer", "fluffy"),
    ("network.ip", "client", "192.0.2.7"),
    ("network.email", "contact", "ada@mail.example"),
    ("network.account", "username", "ada.l"),
    ("device.imei", "imei", "490154203237518"),
    ("device.imsi", "imsi", "460001234567890"),
    ("device.mac", "mac", "00:1b:44:11:3a:b7"),
    ("device.android_id", "android_id", "9774d56d682e549c"),
    (
        "device.idfa",
        "idfa",
        "6D92078A-8246-4BA4-AE5B-76104861E7DC",
    ),
    (
        "device.openudid",
        "openudid",
        "2b6f0cc904d137be2e1730235f5664094b831186",
    ),
    (
        "device.guid",
        "guid",
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    ),
    ("device.model", "device_model", "SM-G991B"),
    ("device.os", "os_version", "17.4.1"),
    ("device.software", "user_agent", "okhttp"),
    ("location.coordinates", "lat", "31.230416"),
    ("location.itinerary", "flight_no", "MU5101"),
    ("location.accommodation", "hotel_name", "Bellevue"),
    ("location.address", "postcode", "200001"),
    ("basic.name", "full_name", "Lovelace"),
    ("basic.birthday", "birthday", "1990-07-21"),
    ("basic.gender", "gender", "female"),
    ("basic.phone", "phone", "+4915112345678"),
    ("identity.national_id", "id_card", "110101199003077774"),
    ("identity.passport", "passport_no", "E12345678"),
    ("identity.driver_license", "driver_license", "D1234567"),
    ("identity.military_id", "military_id", "J1234567"),
    (
        "identity.household_register",
        "household_register",
        "H1234567",
    ),
    ("biometric.face", "face_embedding", "0.11"),
    ("property.transaction", "card_number", "4111111111111111"),
    ("property.balance", "balance", "1042.50"),
    ("property.coupon", "coupon_code", "SAVE10"),
    ("property.redemption_code", "redemption_code", "ABCD-EFGH"),
    ("contacts.address_book", "contacts", "Grace"),
    ("activity.browsing", "referer", "https://shop.example/a"),
    ("activity.software_usage", "app_usage", "42min"),
    ("activity.click", "click_id", "c7f3a9"),
    ("custom", "badge_no", "TCK-1234"),
];

/// Where `K` is the key and `V` the value.
const FORMATS: &[(&str, &str)] = &[
    ("JSON", r#"{"a":1,"K":"V","b":true}"#),
    ("JSON in a string", r#"{"m":"{\"K\":\"V\"}"}"#),
    ("logfmt", "level=info K=V ok=true"),
    ("query", "GET /x?a=1&K=V&z=1 HTTP/1.1"),
    ("header", "K: V"),
    ("XML", "<r><K>V</K></r>"),
    ("XML attribute", r#"<r a="1" K="V"/>"#),
    ("CSV", "id,K\n1,V"),
    ("CEF", "CEF:0|a|b|1|7|n|5|act=ok K=V end=1"),
    ("arrow", r#"{"a" => 1, "K" => "V"}"#),
    ("flag", "tool --K V --verbose"),
    ("text alone", "the value V was seen"),
];

/// A stream of its own.
fn scrub(plan: &Arc<Plan>, lines: &str) -> String {
    let (mut pieces, mut out) = (Vec::new(), Scrubbed::new());
    Framer::new(Framing::Newline, 1 << 20).cut(lines.as_bytes(), true, &mut pieces);
    let mut pipeline = Pipeline::new(Arc::clone(plan));
    pipeline.begin(Tables::Auto);
    pipeline.process(lines.as_bytes(), &pieces, &mut out, &mut Tally::default());
    String::from_utf8(out.as_bytes().to_vec()).unwrap()
}

fn table() -> String {
    let rules = "[actions]\ndefault = \"redact\"\n[[custom]]\nname = \"t\"\npattern = 'TCK-[0-9]{4}'\nkeys = [\"badge_no\"]\n";
    let plan = support::plan(rules);
    let mut table = String::from("| class |");
    for (name, _) in FORMATS {
        let _ = write!(table, " {name} |");
    }
    table.push_str(" `preserve` | `truncate` |\n|---|");
    table.push_str(&"---|".repeat(FORMATS.len() + 2));
    table.push('\n');
    let yes = |is: bool| if is { "✓" } else { "" };
    for class in Class::all() {
        let (_, key, value) = SAMPLES
            .iter()
            .find(|(id, _, _)| *id == class.id())
            .unwrap_or_else(|| panic!("no sample of {}", class.id()));
        let _ = write!(table, "| `{}` |", class.id());
        for (_, format) in FORMATS {
            let line = format.replace('K', key).replace('V', value);
            let out = scrub(&plan, &line);
            let _ = write!(table, " {} |", yes(!out.contains(value)));
        }
        let preserve = PRESERVES.contains(&class);
        let truncate = TRUNCATES.contains(&class);
        let _ = writeln!(table, " {} | {} |", yes(preserve), yes(truncate));
    }
    table
}

#[test]
fn the_readme_has_the_table_of_what_the_program_does() {
    const OPEN: &str = "<!-- classes -->\n";
    const CLOSE: &str = "<!-- /classes -->";
    let file = support::repository().join("README.md");
    let readme = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = readme.split_once(OPEN).unwrap();
    let (written, tail) = rest.split_once(CLOSE).unwrap();
    let table = table();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&file, format!("{head}{OPEN}{table}{CLOSE}{tail}")).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "run UPDATE_README=1 cargo test and look at the difference"
    );
    // A class that no format finds would be a promise only.
    for row in table.lines().skip(2) {
        assert!(row.contains('✓'), "{row}");
    }
}
