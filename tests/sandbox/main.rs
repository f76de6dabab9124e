//! The built-in portal behaves as Bitrix24 does, whoever calls it. These are tests of the stand-in,
//! not of the tool.
//!
//! - `portal`: scopes, batches, administrators, moderation, restarts
//! - `errors`: every error of every method
//! - `limits`: server time, workers, and the web filter
//! - `oauth`: applications, whose tokens expire
//!
//! `client` (a portal in a folder of its own, and a client of it) and `error_tables` are helpers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod client;
mod error_tables;
mod errors;
mod limits;
mod oauth;
mod portal;
