//! The rows that were invalid or failed, as a manifest of their own: to be corrected and imported
//! into the ledger to which they belong, where nothing is posted twice for it.
//!
//! Each record stands there once, in the manifest's own form, with what is wrong with its posts, the
//! ledger, and the keys of all its posts ([`Rejects`]). Which rows these are, others decide.

mod file;
mod names;
mod reason;

pub use file::{LeftOutLines, RejectedRow, Rejects, RejectsError, RejectsWritten};
pub use names::{SourceNames, own_name};
pub use reason::Reason;
