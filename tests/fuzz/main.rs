//! Replays what the fuzzer has found worth keeping, on the stable compiler. README.md says how to
//! let it look for more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod targets;

use std::fs;
use std::path::Path;

/// Runs a target on each of its files; one that fails is named.
fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let mut count = 0;
    for entry in fs::read_dir(corpus.join(target)).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::read(&path).unwrap();
        let ran = std::panic::catch_unwind(|| run(&data));
        assert!(ran.is_ok(), "{}", path.display());
        count += 1;
    }
    assert!(count > 5, "{target} has {count} files only");
}

#[test]
fn records() {
    replay("records", targets::records::run);
}

#[test]
fn json_rows() {
    replay("json_rows", targets::json_rows::run);
}

#[test]
fn replies() {
    replay("replies", targets::replies::run);
}

#[test]
fn query() {
    replay("query", targets::query::run);
}

#[test]
fn ledger() {
    replay("ledger", targets::ledger::run);
}
