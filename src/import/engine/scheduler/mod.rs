//! The state of a run between requests, and every decision about what comes next: which rows wait,
//! which entities are busy, what has been counted, what is to be read, whether the run is to stop.
//! It does no I/O itself: the event loop does what is decided here, and a `Reporter` is told of
//! rows that are left out.

mod authors;
mod filling;
mod lost_authors;
mod reads;
mod settling;
mod state;

pub use reads::{ReadPurpose, ToRead};
pub use settling::{SettledAt, SettledRequest, spoiled};
pub use state::Scheduler;

#[cfg(test)]
mod tests;
