//! The built-in portal behaves as Bitrix24 does, whoever calls it. These are tests of the stand-in,
//! not of the tool.
//!
//! - `portal`: scopes, batches, administrators, moderation, restarts
//! - `errors`: every error of every method, as tables
//! - `limits`: server time, workers, and the web filter
//! - `oauth`: applications, whose tokens expire
//!

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod errors;
mod limits;
mod oauth;
mod portal;
