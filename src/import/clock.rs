//! Wall-clock time, injected: the only place that asks the system for it. Delays use tokio's
//! `Instant`, which the tests can pause; this gives what is written down.

use jiff::Timestamp;

/// Gives the time of day.
pub trait Clock: Send + Sync {
    fn wall(&self) -> Timestamp;

    /// The same as Unix milliseconds, as the ledger keeps it.
    fn wall_ms(&self) -> i64 {
        self.wall().as_millisecond()
    }
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
}
