//! How many commands the next batch may hold, from the server time that earlier ones took.
//!
//! A request that outlives the portal's limit is cut in the middle and leaves its rows in doubt, so
//! the predicted time stays at or below half of it.

use std::time::Duration;

/// A limit that grows while the portal is quick and shrinks at once when it is not.
#[derive(Clone, Debug)]
pub struct BatchSize {
    most: usize,
    current: usize,
    budget: Duration,
}

impl BatchSize {
    /// Starts at `first` commands, never exceeds `most`; `request_limit` is the portal's.
    pub fn new(first: usize, most: usize, request_limit: Duration) -> BatchSize {
        BatchSize {
            most,
            current: first.clamp(1, most),
            budget: request_limit / 2,
        }
    }

    pub fn commands(&self) -> usize {
        self.current
    }

    /// Learns from a batch of `commands` that kept the server busy for `took`: at most twice as
    /// many next time, and no more than the budget holds at that pace.
    pub fn learn(&mut self, commands: usize, took: Duration) {
        if commands == 0 {
            return;
        }
        let per_command = took.as_secs_f64() / commands as f64;
        let affordable = if per_command > 0.0 {
            (self.budget.as_secs_f64() / per_command) as usize
        } else {
            self.most
        };
        let grown = self.current.max(commands.saturating_mul(2));
        self.current = grown.min(affordable).clamp(1, self.most);
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
    fn quick_portals_get_full_batches_soon() {
        let mut size = BatchSize::new(10, 50, MINUTE);
        let mut sizes = vec![size.commands()];
        for _ in 0..3 {
            size.learn(size.commands(), Duration::from_millis(50));
            sizes.push(size.commands());
        }
        assert_eq!(sizes, [10, 20, 40, 50]);
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
        size.learn(1, Duration::ZERO);
        assert_eq!(size.commands(), 2);
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
