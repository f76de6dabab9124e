//! When the next request may go out, and how large it may be.
//!
//! State machines over a given `now`: they never read a clock, sleep or do I/O, so that tests can
//! lead them through hours in a moment. There are the portal's leaky bucket ([`Bucket`]), the server
//! time that it grants a method ([`Operating`]), growing delays ([`Backoff`]), the size of a batch
//! ([`BatchSize`]), the stop of writing after an answer that leaves doubt ([`Caution`]) and the speed
//! of the line ([`LineSpeed`]). [`Governor`] joins them. [`Estimate`] says before a run how long it may
//! take, `forecast` says during the run how long the rest of it will take.

mod backoff;
mod batch_size;
mod bucket;
mod caution;
mod estimate;
mod forecast;
mod governor;
mod line;
mod operating;

pub use backoff::Backoff;
pub use batch_size::BatchSize;
pub use bucket::{Bucket, BucketPlan};
pub use caution::Caution;
pub use estimate::{Estimate, Share, Slowest, Work};
pub use governor::{Governor, Permit, Settings, WaitReason};
pub use line::{LineSpeed, SLOWEST_LINE, slowest_upload};
pub use operating::{DOCUMENTED_LIMIT, Operating, SPAN, Told, USED_SHARE};
