//! scrubd: a streaming log-scrubbing proxy.
//!
//! # The way of a byte
//!
//! ```text
//! listen → frame → scan (format) → mask (policy) → sink
//! ```
//!
//! A [`frame::Framer`] cuts a read buffer into [`record::Piece`]s, [`scan`] finds what a policy calls
//! personal, [`mask`] writes the kept slices with replacements between them into a
//! [`mask::Scrubbed`], and a sink takes nothing else. [`pipeline`] joins the stages; it does no I/O,
//! reads no clock and draws no randomness, so that a test, the `scrub` filter and the daemon run the
//! same core.
//!
//! # Invariants
//!
//! - Nothing unscanned reaches a sink: only [`mask`] can make a [`mask::Scrubbed`].
//! - What cannot be scanned becomes a [`record::Tombstone`], which has no excerpt.
//! - Bytes outside a finding leave as they came.
//! - Any split of the input gives the same output.
//! - No payload byte reaches a log line, a metric, an error or `Debug`.
//!
//! # Layers
//!
//! Imports go downward only; `tests/integration/layers.rs` reads the sources and holds them to it:
//! `cli` → `serve` → `listen`, `admin` → `protocol` → `sink` → `net`, `pipeline` → `plan` → `settings`, `telemetry` →
//! `scan`, `mask` → `policy` → `format`, `frame` → `class`, `record`, `error`.

pub mod admin;
pub mod class;
pub mod cli;
pub mod error;
pub mod format;
pub mod frame;
pub mod listen;
pub mod mask;
pub mod net;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod protocol;
pub mod record;
pub mod scan;
pub mod serve;
pub mod settings;
pub mod sink;
pub mod telemetry;
