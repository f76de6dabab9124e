//! Whom the program speaks to, and what it asks before the first post.
//!
//! - `preflight`: rights, clock, records and the user's word, looked at before anything is sent
//! - `questions`: what an odd portal's answers to that mean
//! - `audience_names`: departments, workgroups and users by name
//! - `lookup`: which records and users it is asked for, and what becomes of the answers
//! - `oauth`: signing in by tokens that expire
//! - `tls`: which certificates are taken
//!
//! `office` is a helper: an OAuth server and a portal's door in one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod audience_names;
mod lookup;
mod oauth;
mod office;
mod preflight;
mod questions;
mod tls;
