//! JSON stays JSON: what parsed before parses after, entry for entry of the same type, under every action.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use scrubd::class::Class;
use scrubd::pipeline::scrub_line;
use scrubd::plan::Plan;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::support;
use super::table::SAMPLES;

const ACTIONS: &[&str] = &[
    "\"redact\"",
    "\"mask\"",
    "{ action = \"mask\", keep_first = 2 }",
    "{ action = \"mask\", keep_last = 4 }",
    "\"hash\"",
    "\"encrypt\"",
    "\"preserve\"",
    "{ action = \"preserve\", keep_domain = true, keep_oui = true, method = \"crypto-pan\" }",
    "\"truncate\"",
    "\"drop_field\"",
    "\"detect\"",
];

fn plan(action: &str) -> Arc<Plan> {
    support::plan(&format!("[actions]\ndefault = {action}\n"))
}

/// The types of a document, entry by entry: members that share a name count each, names do not matter (an
/// address may be one), and a string that holds a document is one.
#[derive(PartialEq, Debug)]
enum Shape {
    Null,
    Bool(bool),
    Integer,
    Fraction,
    Text,
    Document(Box<Self>),
    List(Vec<Self>),
    Object(Vec<Self>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Bool(value))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Integer)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Integer)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Fraction)
    }
    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(shape(text.as_bytes()).map_or(Shape::Text, |inner| Shape::Document(Box::new(inner))))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = list.next_element()? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            // A number of any precision comes as an object of this one member.
            if name == "$serde_json::private::Number" {
                let digits: String = object.next_value()?;
                let whole = digits.parse::<i128>().is_ok();
                return Ok(if whole {
                    Shape::Integer
                } else {
                    Shape::Fraction
                });
            }
            shapes.push(object.next_value()?);
        }
        Ok(Shape::Object(shapes))
    }
}

/// The shape of a line that is one JSON document, or what stands before a text.
fn shape(line: &[u8]) -> Option<Shape> {
    let start = line.iter().find(|b| !b.is_ascii_whitespace());
    if !matches!(start, Some(b'{' | b'[')) {
        return None;
    }
    let shape = serde_json::from_slice(line).ok()?;
    matches!(shape, Shape::List(_) | Shape::Object(_)).then_some(shape)
}

/// Lines that lost their shape under an action, and how many were looked at.
fn broken<'l>(action: &str, lines: impl Iterator<Item = &'l [u8]>) -> (Vec<String>, usize) {
    let plan = plan(action);
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for line in lines {
        let Some(before) = shape(line) else { continue };
        seen += 1;
        let out = scrub_line(&plan, line);
        if shape(&out).as_ref() != Some(&before) {
            wrong.push(format!(
                "{action}\n  {}\n  {}",
                String::from_utf8_lossy(line),
                String::from_utf8_lossy(&out)
            ));
        }
    }
    (wrong, seen)
}

/// Every class's key and value as a string, a number where it is one, in a list, in an object, in strings of
/// two depths, behind another member and before one, and as a name.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for (class, key, value) in SAMPLES {
        let id = Class::by_id(class).unwrap().id();
        let mut values = vec![format!("\"{value}\""), format!("\" {value} \"")];
        if serde_json::from_str::<serde_json::Number>(value).is_ok() {
            values.push((*value).to_owned());
        }
        for value in values {
            lines.push(format!("{{\"{key}\":{value}}}"));
            lines.push(format!(
                "{{ \"a\" : 1 , \"{key}\" : {value} , \"b\" : [ ] }}"
            ));
            lines.push(format!("[{value},{{\"{key}\":[{value},{value}]}}]"));
            lines.push(format!(
                "{{\"o\":{{\"{key}\":{{\"x\":{value},\"y\":null}}}},\"t\":true}}"
            ));
            let inner = format!("{{\"{key}\":{value},\"n\":1.5}}");
            let once = serde_json::to_string(&inner).unwrap();
            let twice = serde_json::to_string(&format!("{{\"m\":{once}}}")).unwrap();
            lines.push(format!("{{\"class\":\"{id}\",\"m\":{once}}}"));
            lines.push(format!("{{\"m\":{twice},\"z\":false}}"));
        }
        lines.push(format!(
            "{{\"{value}\":{{\"{value}\":0}},\"text\":\"{key}={value} {key}: {value}\"}}"
        ));
        lines.push(format!(
            "{{\"q\":\"GET /a?{key}={value}&z=1\",\"c\":\"x\\n{value}\\t{value}\\\\{value}\"}}"
        ));
    }
    lines
}

#[test]
fn every_class_keeps_shape_and_types_under_every_action() {
    let lines = lines();
    for action in ACTIONS {
        let (wrong, seen) = broken(action, lines.iter().map(String::as_bytes));
        assert!(seen > 300, "{seen}");
        assert!(
            wrong.is_empty(),
            "{} of {seen}\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

/// Real lines, where they are at hand: they are no part of this repository.
#[test]
fn lines_of_the_corpora_keep_shape_and_types() {
    let corpora: PathBuf = support::repository().join("../shared/corpora");
    let Ok(files) = std::fs::read_dir(&corpora) else {
        println!("nothing to do: {} is not there", corpora.display());
        return;
    };
    let mut lines = Vec::new();
    for file in files.map(|file| file.unwrap().path()) {
        if file
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            continue;
        }
        for row in std::fs::read_to_string(file).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            if let Some(line) = row["line"].as_str() {
                lines.push(line.to_owned());
            }
        }
    }
    for action in ACTIONS {
        let (wrong, seen) = broken(action, lines.iter().map(String::as_bytes));
        assert!(seen > 500, "{seen}");
        assert!(
            wrong.is_empty(),
            "{} of {seen}\n{}",
            wrong.len(),
            wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}
