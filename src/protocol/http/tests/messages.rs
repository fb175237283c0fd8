//! Messages of protobuf: of any shape, and as OTLP and Loki have them.

use proptest::prelude::*;

use super::CANARY;
use crate::protocol::http::wire::{put_bytes, put_varint};

/// A message with fields of any number and kind, nested.
pub(super) fn protobuf() -> impl Strategy<Value = Vec<u8>> {
    let number = || prop::sample::select(vec![1u32, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 1000]);
    let leaf = prop_oneof![
        (number(), any::<u64>()).prop_map(|(number, value)| {
            let mut out = Vec::new();
            put_varint(u64::from(number) << 3, &mut out);
            put_varint(value, &mut out);
            out
        }),
        (number(), any::<[u8; 8]>()).prop_map(|(number, value)| {
            let mut out = Vec::new();
            put_varint(u64::from(number) << 3 | 1, &mut out);
            out.extend_from_slice(&value);
            out
        }),
        (
            number(),
            prop::sample::select(vec![CANARY, b"fine", b"", &[0; 16]])
        )
            .prop_map(|(number, text)| {
                let mut out = Vec::new();
                put_bytes(number, text, &mut out);
                out
            }),
    ];
    leaf.prop_recursive(7, 60, 5, move |inner| {
        (number(), prop::collection::vec(inner, 0..5)).prop_map(|(number, fields)| {
            let mut out = Vec::new();
            put_bytes(number, &fields.concat(), &mut out);
            out
        })
    })
}

fn field(number: u32, inside: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(number, inside, &mut out);
    out
}

/// Fields of one message, shuffled, some of them more than once.
fn message(
    fields: impl Strategy<Value = Vec<u8>> + Clone + 'static,
) -> impl Strategy<Value = Vec<u8>> + Clone {
    prop::collection::vec(fields, 0..5).prop_map(|fields| fields.concat())
}

/// A number's field: a varint, or eight bytes.
fn number(number: u32) -> impl Strategy<Value = Vec<u8>> + Clone {
    any::<(bool, u64)>().prop_map(move |(fixed, value)| {
        let mut out = Vec::new();
        put_varint(u64::from(number) << 3 | u64::from(fixed), &mut out);
        if fixed {
            out.extend_from_slice(&value.to_le_bytes());
        } else {
            put_varint(value % 1000, &mut out);
        }
        out
    })
}

/// Nothing personal, and what JSON would have to escape.
fn word() -> impl Strategy<Value = Vec<u8>> + Clone {
    let words = [
        &b"level"[..],
        b"",
        b"a \"b\"\n",
        "\u{e9}\u{4e2d}".as_bytes(),
        b"\xFF\0",
        b"{}",
    ];
    prop::sample::select(words.map(<[u8]>::to_vec).to_vec())
}

/// An `AnyValue`.
fn any_value() -> impl Strategy<Value = Vec<u8>> + Clone {
    let leaf = prop_oneof![
        word().prop_map(|word| field(1, &word)),
        number(2),
        (0u64..1000).prop_map(|n| {
            let mut out = Vec::new();
            put_varint(3 << 3, &mut out);
            put_varint(n, &mut out);
            out
        }),
        word().prop_map(|word| field(7, &word)),
        Just(Vec::new()),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            message(inner.clone().prop_map(|value| field(1, &value)))
                .prop_map(|list| field(5, &list)),
            message(pair(1, inner)).prop_map(|pairs| field(6, &pairs)),
        ]
    })
}

/// A `KeyValue` as a field.
fn pair(
    number: u32,
    value: impl Strategy<Value = Vec<u8>> + Clone + 'static,
) -> impl Strategy<Value = Vec<u8>> + Clone {
    (word(), value)
        .prop_map(move |(key, value)| field(number, &[field(1, &key), field(2, &value)].concat()))
}

/// An `ExportLogsServiceRequest`.
pub(super) fn otlp() -> impl Strategy<Value = Vec<u8>> {
    let text = |number| word().prop_map(move |word| field(number, &word));
    let record = message(prop_oneof![
        number(1),
        number(11),
        text(3),
        text(12),
        any_value().prop_map(|value| field(5, &value)),
        pair(6, any_value()),
        any::<[u8; 16]>().prop_map(|id| field(9, &id)),
        any::<[u8; 8]>().prop_map(|id| field(10, &id)),
    ]);
    let scope = message(prop_oneof![
        text(1),
        text(2),
        pair(3, any_value()),
        number(4)
    ]);
    let scopes = message(prop_oneof![
        scope.prop_map(|scope| field(1, &scope)),
        record.prop_map(|record| field(2, &record)),
        text(3),
    ]);
    let resource = message(prop_oneof![pair(1, any_value()), number(2)]);
    let resources = message(prop_oneof![
        resource.prop_map(|resource| field(1, &resource)),
        scopes.prop_map(|scopes| field(2, &scopes)),
        text(3),
    ]);
    message(resources.prop_map(|resources| field(1, &resources)))
}

/// Loki's `PushRequest`.
pub(super) fn loki() -> impl Strategy<Value = Vec<u8>> {
    let time = message(prop_oneof![number(1), number(2)]);
    let pair = |number| {
        (word(), word()).prop_map(move |(name, value)| {
            field(number, &[field(1, &name), field(2, &value)].concat())
        })
    };
    let entry = message(prop_oneof![
        time.prop_map(|time| field(1, &time)),
        word().prop_map(|line| field(2, &line)),
        pair(3),
        pair(4),
    ]);
    let labels = prop::sample::select(vec![
        r#"{}"#,
        r#"{job="x", level="info"}"#,
        r#"{a="\"\\n"}"#,
    ]);
    let stream = message(prop_oneof![
        labels.prop_map(|labels| field(1, labels.as_bytes())),
        entry.prop_map(|entry| field(2, &entry)),
        number(3),
    ]);
    message(stream.prop_map(|stream| field(1, &stream)))
}
