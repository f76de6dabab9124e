//! The two clocks of a run: the time of day, which is written down and which tests replace, and
//! [`now`], by which delays are counted and which tests pause.

use std::time::Instant;

use jiff::Timestamp;

/// The moment by tokio's clock, so that paused time counts.
pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Gives the time of day.
pub trait Clock: Send + Sync {
    /// Now, by this machine's clock.
    fn wall(&self) -> Timestamp;

    /// The same as Unix milliseconds, as the ledger keeps it.
    fn wall_ms(&self) -> i64 {
        self.wall().as_millisecond()
    }
}

/// The portal's clock, as told once, carried on by one that nobody can set.
#[derive(Clone, Copy, Debug)]
pub struct PortalClock {
    told: Timestamp,
    at: Instant,
}

impl PortalClock {
    /// The portal has just told the time.
    pub fn new(told: Timestamp, now: Instant) -> PortalClock {
        PortalClock { told, at: now }
    }

    /// Unix milliseconds; never later than the portal's own.
    pub fn ms(&self, now: Instant) -> i64 {
        let passed = now.saturating_duration_since(self.at).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        self.told.as_millisecond().saturating_add(passed)
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
