//! How many commands the next batch may hold, from the server time that earlier ones took.
//!
//! A request that outlives the portal's limit is cut in the middle and leaves its rows in doubt, so
//! the predicted time stays at or below half of it. Finding out costs one request: the next one may
//! be as large as the measured time allows. Beyond twice of what was measured the prediction is
//! less sure, so there it stays at a quarter.

use std::time::Duration;

/// A limit that grows while the portal is quick and shrinks at once when it is not.
#[derive(Clone, Debug)]
pub struct BatchSize {
    most: usize,
    current: usize,
    budget: Duration,
    /// Whether a full batch is over soon, by the last one.
    is_quick: bool,
}

/// A batch that takes less than the budget divided by this is over soon.
const SOON: u32 = 5;

impl BatchSize {
    /// Starts at `first` commands, never exceeds `most`; `request_limit` is the portal's.
    pub fn new(first: usize, most: usize, request_limit: Duration) -> BatchSize {
        BatchSize {
            most,
            current: first.clamp(1, most),
            budget: request_limit / 2,
            is_quick: false,
        }
    }

    /// How many commands the next batch may hold.
    pub fn commands(&self) -> usize {
        self.current
    }

    /// Whether a full batch would be over soon.
    pub fn is_quick(&self) -> bool {
        self.is_quick
    }

    /// Learns from a batch of `commands` that kept the server busy for `took`: next time no more
    /// than the budget holds at that pace, and half of that if it is more than twice as many.
    pub fn learn(&mut self, commands: usize, took: Duration) {
        if commands == 0 {
            return;
        }
        let per_command = took.as_secs_f64() / commands as f64;
        let within = |budget: Duration| match per_command > 0.0 {
            true => (budget.as_secs_f64() / per_command) as usize,
            false => self.most,
        };
        self.is_quick = within(self.budget / SOON) >= self.most;
        let doubled = commands.saturating_mul(2);
        let grown = self.current.max(doubled).max(within(self.budget / 2));
        self.current = grown.min(within(self.budget)).clamp(1, self.most);
    }

    /// A batch of that many commands was cut or not taken: half as many next time.
    pub fn shrink(&mut self, commands: usize) {
        self.current = (self.current.min(commands) / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn one_request_finds_the_size() {
        for (commands, took_ms, size) in [
            (10, 50, 50),
            (1, 100, 50),
            (10, 3_000, 50),
            (10, 5_000, 30),
            (10, 10_000, 20),
        ] {
            let mut measured = BatchSize::new(10, 50, MINUTE);
            measured.learn(commands, Duration::from_millis(took_ms));
            assert_eq!(measured.commands(), size, "{commands} in {took_ms} ms");
        }
    }

    #[test]
    fn slow_posts_stay_within_half_the_request_limit() {
        let mut size = BatchSize::new(10, 50, MINUTE);
        size.learn(10, Duration::from_secs(20));
        assert_eq!(size.commands(), 15);
        size.learn(15, Duration::from_secs(45));
        assert_eq!(size.commands(), 10);
        size.learn(1, Duration::from_secs(100));
        assert_eq!(size.commands(), 1);
        size.learn(1, Duration::from_secs(20));
        assert_eq!(size.commands(), 1);
    }

    #[test]
    fn a_small_batch_does_not_shrink_a_proven_size() {
        let mut size = BatchSize::new(50, 50, MINUTE);
        size.learn(3, Duration::from_millis(3));
        assert_eq!(size.commands(), 50);
        size.shrink(50);
        assert_eq!(size.commands(), 25);
        size.shrink(3);
        assert_eq!(size.commands(), 1);
    }
}
