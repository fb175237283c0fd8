//! The `listen` room.
