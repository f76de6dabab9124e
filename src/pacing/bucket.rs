//! The portal's leaky bucket: each request fills it by one, it drains steadily, and a request that
//! would overflow it is refused (bitrix24-rest.md §6, from the limits page of Bitrix24's
//! documentation).

use std::time::{Duration, Instant};

/// A plan's bucket: requests drained a second, and how many it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketPlan {
    /// Requests drained a second.
    pub rate: f64,
    /// Requests that the bucket holds before the next one is refused.
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
    /// Where nothing is known to limit requests: drains more than any client sends. If the portal
    /// refuses all the same, it is one with a plan, and of these no burst is smaller.
    pub const UNLIMITED: BucketPlan = BucketPlan {
        rate: 10_000.0,
        burst: BucketPlan::STANDARD.burst,
    };
}

/// Kept free in the bucket: requests don't arrive at the portal at the even pace at which they
/// leave here.
const MARGIN: f64 = 1.0;

/// Between two refusals no further apart than this, the bucket has never been empty: as many as
/// were let in have drained.
const NEAR: Duration = Duration::from_secs(60);

/// Refusals nearer than this are one: lanes refused in the same moment.
const SAME: Duration = Duration::from_secs(1);

/// Among fewer requests than this, one more or less makes a large difference.
const FEW: u32 = 8;

/// A learned rate is raised on trial after this long without a refusal, by so much.
const RECOVERY: Duration = Duration::from_secs(600);
const RAISE: f64 = 1.1;

impl BucketPlan {
    /// The plan less a share that is left for others.
    #[must_use]
    pub fn less(self, reserve: f64) -> BucketPlan {
        BucketPlan {
            rate: self.rate * (1.0 - reserve),
            burst: self.burst * (1.0 - reserve),
        }
    }
}

/// The bucket as it is reckoned here.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Requests drained a second, by the plan.
    planned: f64,
    /// The same, as refusals have taught.
    rate: f64,
    /// What it was before it was raised on trial.
    untried: Option<f64>,
    refusal: Option<LastRefusal>,
    /// The last refusal, or the last time that the rate was raised.
    learned_at: Option<Instant>,
    /// Requests sent since the last refusal.
    sent: u32,
    /// Requests that it may hold, by what is reckoned here.
    most: f64,
    level: f64,
    /// When it has that level. While nothing may be sent that lies ahead.
    at: Instant,
}

/// The portal's last refusal.
#[derive(Clone, Copy, Debug)]
struct LastRefusal {
    at: Instant,
    /// Requests refused in that moment.
    requests: u32,
    /// From the refusal before it to this one, if the two are near.
    since: Option<BetweenRefusals>,
}

/// The time between two refusals.
#[derive(Clone, Copy, Debug)]
struct BetweenRefusals {
    passed: Duration,
    /// Requests sent in that time.
    sent: u32,
    /// The rate at which they were sent.
    rate: f64,
}

impl BetweenRefusals {
    /// Requests drained a second, if so many of those sent were refused. As many were let in, but
    /// for one; where that makes much of a difference the higher number is taken, since a rate that
    /// is too high is soon found out and one that is too low is not.
    fn drained(&self, refused: u32) -> f64 {
        let let_in = self.sent.saturating_sub(refused);
        let most = match let_in < FEW {
            true => let_in + 1,
            false => let_in,
        };
        f64::from(most) / self.passed.as_secs_f64()
    }
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
            planned: plan.rate,
            rate: plan.rate,
            untried: None,
            refusal: None,
            learned_at: None,
            sent: 0,
            most,
            level: drained(level, plan.rate, last).min(most),
            at: now,
        }
    }

    /// The moment from which one more request fits.
    pub fn ready_at(&self, now: Instant) -> Instant {
        let excess = self.level_at(now) + 1.0 - self.most;
        if excess <= 0.0 {
            return now;
        }
        now.max(self.at) + Duration::from_secs_f64(excess / self.rate)
    }

    /// Counts a request sent now.
    pub fn take(&mut self, now: Instant) {
        self.level = (self.level_at(now) + 1.0).min(self.most);
        self.at = now.max(self.at);
        self.sent = self.sent.saturating_add(1);
        if let Some(at) = self.learned_at.filter(|at| now >= *at + RECOVERY)
            && self.rate < self.planned
        {
            self.untried = Some(self.rate);
            self.rate = (self.rate * RAISE).min(self.planned);
            self.learned_at = Some(at + RECOVERY);
        }
    }

    /// The portal refused a request, and nothing is sent before `until`: the bucket is full,
    /// whatever we thought. If it was refused shortly before as well, it drains more slowly than we
    /// thought, or others fill it, too. What drains while nothing is sent is left to it.
    pub fn refused(&mut self, now: Instant, until: Instant) {
        self.level = self.most;
        self.at = now.max(until);
        let before = self
            .refusal
            .map(|last| (last, now.saturating_duration_since(last.at)));
        let refusal = match before {
            Some((last, passed)) if passed < SAME => LastRefusal {
                requests: last.requests.saturating_add(1),
                ..last
            },
            _ => {
                let passed = before.map(|(_, passed)| passed);
                let since = passed
                    .filter(|passed| *passed < NEAR)
                    .map(|passed| BetweenRefusals {
                        passed,
                        sent: self.sent,
                        rate: self.rate,
                    });
                self.rate = self.untried.take().unwrap_or(self.rate);
                self.learned_at = Some(now);
                self.sent = 0;
                LastRefusal {
                    at: now,
                    requests: 1,
                    since,
                }
            }
        };
        if let Some(since) = refusal.since {
            self.rate = since.drained(refusal.requests).min(since.rate);
        }
        self.refusal = Some(refusal);
    }

    /// How long so many requests take at least.
    pub fn time_for(&self, requests: f64, now: Instant) -> f64 {
        ((self.level_at(now) + requests - self.most) / self.rate).max(0.0)
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
        let until = now + Duration::from_secs(1);
        bucket.refused(now, until);
        assert_eq!(bucket.ready_at(now), until + Duration::from_millis(500));
    }
    /// What the portal's bucket holds.
    const BURST: f64 = 5.0;

    /// Sends at the pace of `ours` into a full bucket that drains `real` a second, for so long; the
    /// moments of the refusals, in seconds.
    fn refusals(ours: &mut Bucket, real: f64, seconds: u64, start: Instant) -> Vec<u64> {
        let mut level = BURST;
        let (mut now, mut last) = (start, start);
        let mut refused = Vec::new();
        while now < start + Duration::from_secs(seconds) {
            now = ours.ready_at(now) + Duration::from_millis(1);
            level = drained(level, real, now - last);
            last = now;
            ours.take(now);
            if level + 1.0 > BURST {
                let until = now + Duration::from_secs(1);
                ours.refused(now, until);
                refused.push((now - start).as_secs());
                now = until;
            } else {
                level += 1.0;
            }
        }
        refused
    }

    #[test]
    fn a_lower_rate_is_learned_and_tried_to_be_raised_now_and_then() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PLAN, &[], start);
        let refused = refusals(&mut bucket, 1.0, 3_600, start);
        let soon = refused.iter().filter(|second| **second < 120).count();
        assert!(soon <= 5, "{refused:?}");
        assert!(refused.len() <= soon + 7, "{refused:?}");
        let later = start + Duration::from_secs(3_600);
        refusals(&mut bucket, 9.0, 7_200, later);
        assert_eq!(bucket.rate, PLAN.rate, "it comes back");
    }

    #[test]
    fn a_limit_of_which_nobody_knew_is_learned() {
        for real in [0.5, 2.0, 5.0] {
            let start = Instant::now();
            let mut bucket = Bucket::new(BucketPlan::UNLIMITED, &[], start);
            let refused = refusals(&mut bucket, real, 300, start);
            assert!(refused.len() <= 8, "{real}: {refused:?}");
            let rate = bucket.rate / real;
            assert!((0.85..1.1).contains(&rate), "{real}: {rate}");
        }
    }

    #[test]
    fn one_refusal_teaches_no_rate() {
        let now = Instant::now();
        let mut bucket = Bucket::new(BucketPlan::UNLIMITED, &[], now);
        for _ in 0..3 {
            bucket.refused(now, now);
        }
        assert_eq!(bucket.rate, BucketPlan::UNLIMITED.rate);
        let later = now + NEAR;
        bucket.take(later);
        bucket.refused(later, later);
        assert_eq!(bucket.rate, BucketPlan::UNLIMITED.rate);
    }

    #[test]
    fn requests_refused_together_were_none_let_in() {
        let start = Instant::now();
        let mut bucket = Bucket::new(PLAN, &[], start);
        bucket.refused(start, start);
        let end = start + Duration::from_secs(20);
        (0..24).for_each(|_| bucket.take(end));
        for left in [23.0, 22.0, 21.0, 20.0] {
            bucket.refused(end, end);
            assert_eq!(bucket.rate, left / 20.0);
        }
    }

    #[test]
    fn a_reserve_leaves_a_part_of_both() {
        let plan = BucketPlan::STANDARD.less(0.2);
        assert_eq!((plan.rate, plan.burst), (1.6, 40.0));
        let now = Instant::now();
        let bucket = Bucket::new(plan, &[], now);
        assert_eq!(bucket.time_for(39.0, now), 0.0);
        assert_eq!(bucket.time_for(55.0, now), 10.0);
    }
}
