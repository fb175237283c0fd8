//! Content codings of HTTP bodies, and how tests make them.

use std::io::{Read as _, Write as _};

use super::http::{JSON, NDJSON, curl, daemon, post};
use super::recorder::Recorder;
use super::support::free_port;

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

pub fn ungzip(coded: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(coded)
        .read_to_end(&mut text)
        .unwrap();
    text
}

pub fn zlib(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn bare(text: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

fn read_all(mut from: impl std::io::Read) -> Vec<u8> {
    let mut text = Vec::new();
    from.read_to_end(&mut text).unwrap();
    text
}

fn framed(text: &[u8]) -> Vec<u8> {
    let mut coder = snap::write::FrameEncoder::new(Vec::new());
    coder.write_all(text).unwrap();
    coder.into_inner().unwrap()
}

type Code = fn(&[u8]) -> Vec<u8>;

/// Name, way out, way back.
const CODINGS: &[(&str, Code, Code)] = &[
    ("gzip", gzip, ungzip),
    ("deflate", zlib, |b| {
        read_all(flate2::read::ZlibDecoder::new(b))
    }),
    ("deflate", bare, |b| {
        read_all(flate2::read::DeflateDecoder::new(b))
    }),
    (
        "zstd",
        |b| zstd::encode_all(b, 0).unwrap(),
        |b| zstd::decode_all(b).unwrap(),
    ),
    (
        "snappy",
        |b| snap::raw::Encoder::new().compress_vec(b).unwrap(),
        |b| snap::raw::Decoder::new().decompress_vec(b).unwrap(),
    ),
    ("snappy", framed, |b| {
        read_all(snap::read::FrameDecoder::new(b))
    }),
    (
        "gzip, zstd",
        |b| zstd::encode_all(&gzip(b)[..], 0).unwrap(),
        |b| ungzip(&zstd::decode_all(b).unwrap()),
    ),
    ("identity", <[u8]>::to_vec, <[u8]>::to_vec),
];

#[test]
fn codings_leave_as_they_came() {
    let (sink, port) = (Recorder::start(), free_port());
    let _daemon = daemon(port, &sink.address.to_string(), "");
    let lines: String = (0..3000)
        .map(|i| format!("{{\"seq\":{i},\"ip\":\"198.51.100.{}\"}}\n", i % 256))
        .collect();
    let want: String = (0..3000)
        .map(|i| format!("{{\"seq\":{i},\"ip\":\"REDACTED-IP\"}}\n"))
        .collect();
    let list = |lines: &str| format!("[{}]", lines.trim_end().replace('\n', ","));
    for (name, code, decode) in CODINGS {
        let said = format!("content-encoding: {name}");
        let args = post(NDJSON, &["-H", &said]);
        assert_eq!(
            curl(port, "/in", &args, &code(lines.as_bytes())).status,
            200
        );
        let got = sink.next();
        assert_eq!(got.header("content-encoding"), Some(*name));
        assert_eq!(
            String::from_utf8(decode(&got.body)).unwrap(),
            want,
            "{name}"
        );
        let args = post(JSON, &["-H", &said]);
        assert_eq!(
            curl(port, "/in", &args, &code(list(&lines).as_bytes())).status,
            200
        );
        assert_eq!(
            String::from_utf8(decode(&sink.next().body)).unwrap(),
            list(&want),
            "{name}"
        );
    }
}
