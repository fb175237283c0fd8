#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| scrubd_fuzz::handshake(data));
