//! Delays that double with each failure in a row, with jitter. It only reckons them; whoever asks
//! for a delay also waits for it.

use std::time::Duration;

use rand::RngExt;

/// A growing delay. The first is `first`, each next one twice as long up to `longest`; of each,
/// the last quarter is random, so that several clients don't return at the same moment.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// A delay that starts at `first` and doubles up to `longest`, before any failure.
    pub fn new(first: Duration, longest: Duration) -> Backoff {
        Backoff {
            first,
            longest,
            failures: 0,
        }
    }

    /// The delay after one more failure.
    pub fn fail(&mut self, rng: &mut impl rand::Rng) -> Duration {
        let doubled = self.first.saturating_mul(1 << self.failures.min(20));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(self.longest);
        whole.mul_f64(rng.random_range(0.75..=1.0))
    }

    /// Starts over after a success.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn delays_double_up_to_the_longest_and_start_over() {
        let mut rng = StdRng::seed_from_u64(7);
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        for whole in [1, 2, 4, 8, 16, 32, 60, 60] {
            let delay = backoff.fail(&mut rng).as_secs_f64();
            assert!(
                (0.75 * f64::from(whole)..=f64::from(whole)).contains(&delay),
                "{delay}"
            );
        }
        backoff.reset();
        assert!(backoff.fail(&mut rng) <= Duration::from_secs(1));
    }
}
