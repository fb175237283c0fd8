//! The `scan` room.
