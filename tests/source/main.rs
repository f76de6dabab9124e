//! What holds of the source itself. Nothing is run.
//!
//! - `layers`: modules use only what stands before them, in no circles, and the documents' pictures and
//!   file names are true
//! - `citations`: the sections of `docs/bitrix24-rest.md` that the code cites are there
//!
//! `source_files` is a helper: the Rust files below a folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod citations;
mod layers;
mod source_files;
