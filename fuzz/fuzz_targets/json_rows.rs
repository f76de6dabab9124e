#![no_main]

#[path = "../../tests/fuzz/targets/mod.rs"]
#[allow(dead_code)]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| targets::json_rows::run(data));
