//! When the next request may go out, and how large it may be.
//!
//! State machines over a given `now`: they never read a clock, sleep or do I/O, so that tests can
//! lead them through hours in a moment. There are the portal's leaky bucket ([`Bucket`]), the
//! server time that it grants a method ([`Operating`]), growing delays ([`Backoff`]), the size of a
//! batch ([`BatchSize`]), the stop of writing after an answer that leaves doubt
//! ([`CircuitBreaker`]), and the speed of the line ([`LineSpeed`]). [`Governor`] joins them.
//! [`Estimate`] says before a run how long it may take; `forecast` says on the way how long the
//! rest will take.

mod backoff;
mod batch_size;
mod bucket;
mod circuit_breaker;
mod estimate;
mod forecast;
mod governor;
mod line;
mod operating;

pub use backoff::Backoff;
pub use batch_size::BatchSize;
pub use bucket::{Bucket, BucketPlan};
pub use circuit_breaker::CircuitBreaker;
pub use estimate::{Estimate, PlannedWork, Share, Slowest};
pub use governor::{Governor, PacingSettings, Permit, WaitReason};
pub use line::{LineSpeed, SLOWEST_LINE, slowest_upload};
pub use operating::{DOCUMENTED_LIMIT, Operating, SPAN, Told, USED_SHARE};
