//! What a user types and sees, and what the program leaves behind.
//!
//! - `commands`: usage, `check`, `status`, exit codes, colour
//! - `results`: what is printed at the end, as text and as JSON, also where nobody reads it
//! - `secrets`: the webhook's code is in no output, no file and no process list
//! - `private_files`: what the program writes is its user's alone

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod commands;
#[cfg(unix)]
mod private_files;
mod results;
mod secrets;
