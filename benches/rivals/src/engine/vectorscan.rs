//! Vectorscan in block mode with the start of each match, by its C interface (`hs.h` 5.4). It reports every
//! end of a match; those that overlap are put together.
#![allow(unsafe_code, reason = "a foreign library")]

use std::ffi::{CString, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ptr::null_mut;

use super::{Engine, write};
use crate::rules::Rules;

const HS_SUCCESS: c_int = 0;
const HS_MODE_BLOCK: c_uint = 1;
const HS_FLAG_SOM_LEFTMOST: c_uint = 256;

type OnMatch = extern "C" fn(c_uint, c_ulonglong, c_ulonglong, c_uint, *mut c_void) -> c_int;

#[repr(C)]
struct CompileError {
    message: *const c_char,
    expression: c_int,
}

unsafe extern "C" {
    fn hs_compile_multi(
        expressions: *const *const c_char,
        flags: *const c_uint,
        ids: *const c_uint,
        elements: c_uint,
        mode: c_uint,
        platform: *const c_void,
        database: *mut *mut c_void,
        error: *mut *mut CompileError,
    ) -> c_int;
    fn hs_alloc_scratch(database: *const c_void, scratch: *mut *mut c_void) -> c_int;
    fn hs_scan(
        database: *const c_void,
        data: *const c_char,
        length: c_uint,
        flags: c_uint,
        scratch: *mut c_void,
        on_match: OnMatch,
        context: *mut c_void,
    ) -> c_int;
    fn hs_free_scratch(scratch: *mut c_void) -> c_int;
    fn hs_free_database(database: *mut c_void) -> c_int;
}

/// The library's memory, given back when dropped.
pub struct Vectorscan {
    database: *mut c_void,
    scratch: *mut c_void,
    found: Vec<(usize, usize)>,
    out: Vec<u8>,
    hits: u64,
}

extern "C" fn on_match(
    _: c_uint,
    from: c_ulonglong,
    to: c_ulonglong,
    _: c_uint,
    found: *mut c_void,
) -> c_int {
    // SAFETY: `found` is the vector that `scrub` passed in, borrowed by nobody else while `hs_scan` runs.
    let found = unsafe { &mut *found.cast::<Vec<(usize, usize)>>() };
    found.push((from as usize, to as usize));
    0
}

impl Vectorscan {
    pub fn new(rules: &Rules) -> Self {
        let patterns: Vec<CString> = rules
            .patterns
            .iter()
            .map(|pattern| CString::new(pattern.as_str()).expect("no NUL"))
            .collect();
        let pointers: Vec<*const c_char> =
            patterns.iter().map(|pattern| pattern.as_ptr()).collect();
        let flags = vec![HS_FLAG_SOM_LEFTMOST; patterns.len()];
        let ids: Vec<c_uint> = (0..patterns.len() as c_uint).collect();
        let (mut database, mut scratch, mut error) =
            (null_mut(), null_mut(), null_mut::<CompileError>());
        // SAFETY: the arrays have `elements` members and outlive the call; the out pointers are ours.
        let outcome = unsafe {
            hs_compile_multi(
                pointers.as_ptr(),
                flags.as_ptr(),
                ids.as_ptr(),
                ids.len() as c_uint,
                HS_MODE_BLOCK,
                null_mut(),
                &raw mut database,
                &raw mut error,
            )
        };
        assert_eq!(outcome, HS_SUCCESS, "Vectorscan refused a pattern");
        // SAFETY: the database was compiled.
        let outcome = unsafe { hs_alloc_scratch(database, &raw mut scratch) };
        assert_eq!(outcome, HS_SUCCESS, "Vectorscan has no memory");
        Self {
            database,
            scratch,
            found: Vec::new(),
            out: Vec::new(),
            hits: 0,
        }
    }
}

impl Drop for Vectorscan {
    fn drop(&mut self) {
        // SAFETY: both came from the library and are used no more.
        unsafe {
            hs_free_scratch(self.scratch);
            hs_free_database(self.database);
        }
    }
}

impl Engine for Vectorscan {
    fn name(&self) -> &'static str {
        "Vectorscan"
    }

    fn scrub(&mut self, chunk: &[u8]) {
        self.found.clear();
        // SAFETY: data and length are one slice; the context outlives the call.
        let outcome = unsafe {
            hs_scan(
                self.database,
                chunk.as_ptr().cast(),
                chunk.len() as c_uint,
                0,
                self.scratch,
                on_match,
                (&raw mut self.found).cast(),
            )
        };
        assert_eq!(outcome, HS_SUCCESS, "Vectorscan failed");
        self.found.sort_unstable();
        self.found.dedup_by(|next, kept| {
            let same = next.0 < kept.1;
            if same {
                kept.1 = kept.1.max(next.1);
            }
            same
        });
        let spans = self.found.iter().map(|&(from, to)| from..to);
        self.hits += write(&mut self.out, chunk, spans);
    }

    fn hits(&self) -> u64 {
        self.hits
    }
}
