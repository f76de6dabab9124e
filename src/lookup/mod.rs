//! Asks the portal which of its records and users stand for those of the old system, and writes the
//! answers as a map.
//!
//! [`look_up`] goes over the manifest for the distinct values, takes those that the map on the disk
//! has already, and asks for the rest, in batches, as the portal's limits allow. Only a single exact
//! hit is filled in; where there is none, those that may be meant stand beside the old ID for a
//! person to choose. What to ask, and what an answer settles, is decided by functions without I/O:
//! [`Subject`] for one value, [`Search`] for all of them.

mod by;
mod distinct;
mod error;
mod found;
mod job;
mod link;
mod person_name;
mod question;
mod result_table;
mod run;
mod search;
mod subject;
mod summary;
mod title;

pub use by::{LookupBy, LookupField};
pub use distinct::{DistinctValue, DistinctValues, distinct_values};
pub use error::LookupError;
pub use found::Found;
pub use job::{LookupEnd, LookupJob, LookupOutcome};
pub use question::{Ask, Question};
pub use run::look_up;
pub use search::{Search, Verdict};
pub use subject::{Subject, Wanted};
pub use summary::LookupSummary;
