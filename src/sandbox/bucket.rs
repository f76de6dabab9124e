//! The leaky bucket that limits requests per second (bitrix24-rest.md §6).

use super::settings::RateLimit;

/// Fills by one with each request and leaks at a steady rate.
#[derive(Debug)]
pub(super) struct RequestBucket {
    limit: RateLimit,
    level: f64,
    /// Unix time in milliseconds at which the level was right.
    as_of: u64,
}

impl RequestBucket {
    /// An empty bucket.
    pub(super) fn new(limit: RateLimit) -> RequestBucket {
        RequestBucket {
            limit,
            level: 0.0,
            as_of: 0,
        }
    }

    /// Takes a request if it still fits. A refused one adds nothing. A clock that went back
    /// leaks nothing.
    pub(super) fn admit(&mut self, now: u64) -> bool {
        let seconds = now.saturating_sub(self.as_of) as f64 / 1000.0;
        self.as_of = self.as_of.max(now);
        self.level = (self.level - seconds * self.limit.rate).max(0.0);
        let fits = self.level + 1.0 <= self.limit.burst;
        if fits {
            self.level += 1.0;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(bucket: &mut RequestBucket, now: u64, asked: usize) -> usize {
        (0..asked).filter(|_| bucket.admit(now)).count()
    }

    #[test]
    fn a_burst_then_the_steady_rate() {
        let mut bucket = RequestBucket::new(RateLimit {
            rate: 2.0,
            burst: 50.0,
        });
        let start = 1_700_000_000_000;
        assert_eq!(admitted(&mut bucket, start, 60), 50);
        assert_eq!(admitted(&mut bucket, start + 499, 5), 0);
        assert_eq!(admitted(&mut bucket, start + 500, 5), 1);
        assert_eq!(admitted(&mut bucket, start + 10_500, 60), 20);
        assert_eq!(admitted(&mut bucket, start + 1_000_000, 60), 50);
    }

    #[test]
    fn refusals_do_not_fill_it_and_time_does_not_run_back() {
        let mut bucket = RequestBucket::new(RateLimit {
            rate: 1.0,
            burst: 1.0,
        });
        assert_eq!(admitted(&mut bucket, 5_000, 100), 1);
        assert_eq!(admitted(&mut bucket, 4_000, 1), 0);
        assert_eq!(admitted(&mut bucket, 5_999, 1), 0);
        assert_eq!(admitted(&mut bucket, 6_000, 1), 1);
    }
}
