//! How long the rest of a run will take: from what the last requests took, and from what the
//! portal's limits still let through.
//!
//! A rate of the past alone is wrong by far as soon as a burst ends or a budget is used up.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Bucket, Operating};

/// Requests that are looked back on.
const LAST: usize = 32;

/// What the last requests took.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    requests: VecDeque<PastRequest>,
}

#[derive(Clone, Copy, Debug)]
struct PastRequest {
    commands: usize,
    waited: Duration,
    spent: Duration,
}

/// What lets requests through.
#[derive(Clone, Copy, Debug)]
pub struct Gates<'a> {
    pub lanes: usize,
    pub bucket: &'a Bucket,
    pub operating: &'a Operating,
}

impl Experience {
    /// A request whose commands ran: how long its answer took, and the server time in that.
    pub fn note(&mut self, commands: usize, waited: Duration, spent: Duration) {
        if self.requests.len() == LAST {
            self.requests.pop_front();
        }
        self.requests.push_back(PastRequest {
            commands,
            waited,
            spent,
        });
    }

    /// The time for so many more posts: the longest of what the work takes, what the bucket lets
    /// through and what the budget grants. None before anything is known.
    pub fn time_left(&self, posts: u64, gates: Gates<'_>, now: Instant) -> Option<Duration> {
        let commands: usize = self.requests.iter().map(|request| request.commands).sum();
        if commands == 0 {
            return None;
        }
        let posts = posts as f64;
        let per_post = |seconds: f64| seconds / commands as f64;
        let sum = |time: fn(&PastRequest) -> Duration| -> f64 {
            self.requests
                .iter()
                .map(|one| time(one).as_secs_f64())
                .sum()
        };
        let waited = per_post(sum(|request| request.waited));
        let spent = per_post(sum(|request| request.spent));
        let work = posts * waited / gates.lanes as f64;
        let requests = posts * per_post(self.requests.len() as f64);
        let let_through = gates.bucket.time_for(requests, now);
        let speed = gates.lanes as f64 * spent / waited.max(spent).max(1e-9);
        let granted = gates.operating.time_for(posts * spent, speed, now);
        Duration::try_from_secs_f64(work.max(let_through).max(granted)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::BucketPlan;
    use crate::pacing::operating::{DOCUMENTED_LIMIT, Told};

    const SECOND: Duration = Duration::from_secs(1);

    fn experience() -> Experience {
        let mut experience = Experience::default();
        for _ in 0..100 {
            experience.note(50, SECOND * 26, SECOND * 25);
        }
        experience
    }

    fn left(bucket: &Bucket, operating: &Operating, now: Instant) -> u64 {
        let gates = Gates {
            lanes: 4,
            bucket,
            operating,
        };
        experience()
            .time_left(10_000, gates, now)
            .unwrap()
            .as_secs()
    }

    #[test]
    fn the_tightest_gate_decides() {
        let now = Instant::now();
        let mut operating = Operating::new(Some(DOCUMENTED_LIMIT), 0.0, now);
        let unlimited = Bucket::new(BucketPlan::UNLIMITED, &[], now);
        let work = left(&unlimited, &operating, now);
        assert_eq!(work, 1_300, "the work itself");
        let slow = BucketPlan {
            rate: 0.1,
            burst: 51.0,
        };
        let bucket = Bucket::new(slow, &[], now);
        assert_eq!(left(&bucket, &operating, now), 1_500, "200 - 50 requests");
        operating.answered(
            &Told {
                commands: 1,
                spent: SECOND,
                used: Some(1.0),
                reset_in: Some(SECOND * 600),
            },
            now,
        );
        // 5,000 s at 456 in ten minutes: 10 times, and 440 s with nearly four at a time.
        let granted = left(&bucket, &operating, now);
        assert!((6_105..=6_120).contains(&granted), "{granted}");
    }

    #[test]
    fn nothing_is_known_at_first() {
        let now = Instant::now();
        let operating = Operating::new(None, 0.0, now);
        let gates = Gates {
            lanes: 4,
            bucket: &Bucket::new(BucketPlan::UNLIMITED, &[], now),
            operating: &operating,
        };
        assert_eq!(Experience::default().time_left(1, gates, now), None);
        assert_eq!(experience().time_left(0, gates, now), Some(Duration::ZERO));
    }
}
