//! How values are written: where a key's value starts and ends in JSON, logfmt, query strings, headers,
//! XML and plain text, escapes and nesting included.

pub(crate) mod bytes;
pub(crate) mod csv;
pub(crate) mod decode;
pub(crate) mod hex;
pub(crate) mod path;
pub(crate) mod strings;
pub(crate) mod syslog;
pub(crate) mod value;
