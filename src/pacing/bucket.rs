//! The portal's leaky bucket: each request fills it by one, it drains steadily, and a request that
//! would overflow it is refused (WIRE §6, from the limits page of Bitrix24's documentation).

use std::time::{Duration, Instant};

/// A plan's bucket: requests drained a second, and how many it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketPlan {
    pub rate: f64,
    pub burst: f64,
}

impl BucketPlan {
    /// All cloud plans but Enterprise.
    pub const STANDARD: BucketPlan = BucketPlan {
        rate: 2.0,
        burst: 50.0,
    };
    /// The Enterprise plan.
    pub const ENTERPRISE: BucketPlan = BucketPlan {
        rate: 5.0,
        burst: 250.0,
    };
}

/// Kept free in the bucket: requests don't arrive at the portal at the even pace at which they
/// leave here.
const MARGIN: f64 = 1.0;

/// Our picture of the bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    rate: f64,
    /// Requests that it may hold by our picture.
    most: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// A bucket that `recent` earlier requests have filled; each is given by its age. Those are
    /// taken oldest first.
    pub fn new(plan: BucketPlan, recent: &[Duration], now: Instant) -> Bucket {
        let mut ages: Vec<Duration> = recent.to_vec();
        ages.sort_unstable_by(|a, b| b.cmp(a));
        let mut level = 0.0_f64;
        let mut last = ages.first().copied().unwrap_or_default();
        for age in &ages {
            level = drained(level, plan.rate, last.saturating_sub(*age)) + 1.0;
            last = *age;
        }
        let most = (plan.burst - MARGIN).max(1.0);
        Bucket {
            rate: plan.rate,
            most,
            level: drained(level, plan.rate, last).min(most),
            at: now,
        }
    }

    /// The moment from which one more request fits.
    pub fn ready_at(&self, now: Instant) -> Instant {
        let level = self.level_at(now);
        let excess = level + 1.0 - self.most;
        if excess <= 0.0 {
            return now;
        }
        now + Duration::from_secs_f64(excess / self.rate)
    }

    /// Counts a request sent now.
    pub fn take(&mut self, now: Instant) {
        self.level = (self.level_at(now) + 1.0).min(self.most);
        self.at = now;
    }

    /// The portal refused a request: the bucket is full, whatever we thought.
    pub fn refused(&mut self, now: Instant) {
        self.level = self.most;
        self.at = now;
    }

    fn level_at(&self, now: Instant) -> f64 {
        drained(
            self.level,
            self.rate,
            now.saturating_duration_since(self.at),
        )
    }
}

fn drained(level: f64, rate: f64, passed: Duration) -> f64 {
    (level - rate * passed.as_secs_f64()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: BucketPlan = BucketPlan {
        rate: 2.0,
        burst: 5.0,
    };

    #[test]
    fn a_burst_then_the_steady_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PLAN, &[], start);
        let mut now = start;
        let mut sent = Vec::new();
        for _ in 0..9 {
            now = bucket.ready_at(now);
            bucket.take(now);
            sent.push((now - start).as_millis());
        }
        assert_eq!(sent, [0, 0, 0, 0, 500, 1000, 1500, 2000, 2500]);
    }

    #[test]
    fn requests_of_an_earlier_run_count() {
        let now = Instant::now();
        let ages = [Duration::from_secs(1); 4];
        let bucket = Bucket::new(PLAN, &ages, now);
        assert_eq!(bucket.ready_at(now), now);
        let fresh = Bucket::new(PLAN, &[Duration::ZERO; 9], now);
        assert!(fresh.ready_at(now) > now);
        let old = Bucket::new(PLAN, &[Duration::from_secs(100); 9], now);
        assert_eq!(old.ready_at(now), now);
    }

    #[test]
    fn a_refusal_means_full() {
        let now = Instant::now();
        let mut bucket = Bucket::new(PLAN, &[], now);
        bucket.refused(now);
        assert_eq!(bucket.ready_at(now), now + Duration::from_millis(500));
    }
}
