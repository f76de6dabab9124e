//! The main job: manifest in, posts out, ledger kept.
//!
//! [`import`] is a run from its first look at the ledger to the last entry in it. Its phases lie in
//! folders, in their order:
//!
//! 1. `readback`: rows that earlier runs have left in doubt are looked for on the portal.
//! 2. `survey`: the manifest is read once and held against the ledger, which says what is due.
//! 3. `preflight`: the portal is asked who posts, what they may do, and whether the entities exist.
//! 4. `engine`: the due rows are claimed, sent and settled.
//!
//! `ledger` and `portal` know nothing of each other; a run brings them together.

mod brief;
mod briefing;
mod clock;
mod counts;
mod ending;
mod engine;
mod error;
mod job;
mod noted;
mod notice;
mod offload;
mod paced_client;
mod pending_row;
mod preflight;
mod readback;
mod reject;
mod reporter;
mod request_end;
mod run;
mod summary;
mod survey;
mod tally;

#[cfg(test)]
mod testing;

pub use briefing::{Briefing, NamedAudience, Sample};
pub use clock::{Clock, SystemClock};
pub use counts::Counts;
pub use ending::Ending;
pub use error::RunError;
pub use job::{Job, RunOptions, RunOutcome};
pub use noted::{Noted, NotingReporter};
pub use notice::{DoubtCounts, LeftOut, Notice, Oddity, WhyLeftOut};
pub use offload::Offload;
pub use paced_client::{PacedClient, Pacing, TRIES, may_pass, pause};
pub use pending_row::RowOrder;
pub use reject::{RejectJob, write_rejects};
pub use reporter::{AuthorsLost, Consent, Progress, Reporter, Wait};
pub use request_end::RequestEnd;
pub use run::import;
pub use summary::Summary;
pub use survey::People;
pub use tally::Tally;
