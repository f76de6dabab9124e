//! Nothing is lost and nothing is posted twice, whatever goes wrong: the real binary against the
//! built-in portal, then ledger and portal held against each other.
//!
//! - `import`: a run, a rerun, and what arrives
//! - `faults`: lost answers, refusals, interrupts, portals that hang or go away
//! - `crashes`: the program killed at random moments, again and again
//! - `durability`: what is on the disk before a request leaves, seen by `strace`
//! - `disk`: no room, or no right to write
//! - `damage`: ledgers that are spoiled, foreign, too new or in use
//! - `readback`: rows in doubt looked for on the portal, and canaries read back
//! - `resolve`: rows in doubt settled by hand
//! - `slow_line`: a portal that carries a request out long after the line was closed (four minutes, so
//!   only with `--ignored`)
//! - `edits`: the manifest edited between two runs
//! - `changed_ids`: posted rows that come again under other IDs
//! - `rejects`: rows that were invalid or failed, corrected in a file of their own
//! - `copies`: the same rows under another name, in another folder or format
//! - `links`: one manifest or ledger reached by several names
//! - `changes`: files that change while a run is on
//!
//! `scene` is a helper: folders with manifests, and one portal to post them to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod changed_ids;
mod changes;
mod copies;
mod crashes;
mod damage;
#[cfg(unix)]
mod disk;
mod durability;
mod edits;
mod faults;
mod import;
#[cfg(unix)]
mod links;
mod readback;
mod rejects;
mod resolve;
mod scene;
mod slow_line;
