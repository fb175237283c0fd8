//! Turns findings into what may be seen. Only this stage makes a [`Scrubbed`].

mod scrubbed;

pub use scrubbed::Scrubbed;
