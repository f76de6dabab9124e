//! The parts that the pace of a run is made of, each beside what it can't be faster than.
//!
//! `cargo bench --bench parts`, or `cargo bench --bench parts -- encoding` for one of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that fails says so"
)]

mod checking;
mod encoding;
mod ledger;
mod mapping;
mod planning;
mod replies;
mod rows;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    parts,
    checking::bench,
    encoding::bench,
    planning::bench,
    ledger::bench,
    mapping::bench,
    replies::bench
);
criterion_main!(parts);
