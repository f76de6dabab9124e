//! Rows in doubt are looked for on the portal, and the doubt settled where that is safe.
//!
//! A [`StreamRead`] reads one stream page by page; a [`DoubtSearch`] reads the streams of many rows
//! until each reads the same twice; [`judge`] holds what was found against the claims. All of it is
//! decided without I/O. [`OpenDoubts`] is the part of a run that waits for it, [`earlier`] settles
//! what earlier runs have left before a new one begins.
//!
//! A post that is found is adopted. That one is *not* there is said only where every other
//! explanation is excluded, since the row is then sent again.

mod doubts;
pub mod earlier;
mod judge;
mod reading;
mod search;
mod settle;

pub use doubts::{Held, NextRead, OpenDoubts};
pub use judge::Verdict;
pub use reading::{End, PageResult, StreamRead, answers};
pub use search::{DoubtSearch, Proven};
pub use settle::{Judged, counts, record};
