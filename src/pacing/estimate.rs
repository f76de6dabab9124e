//! How many requests a run will need and how long they may take: a range, since nobody knows
//! beforehand how quick the portal is.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::batch::base64_len;

use super::BucketPlan;
use super::operating::{USED_SHARE, granted};

/// Server time that one post is assumed to take, at best and at worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostTime {
    pub quick: Duration,
    pub slow: Duration,
}

impl PostTime {
    /// A cloud portal: one to two seconds are told of news posts (WIRE §2.1, §4.4), comments are
    /// quicker.
    pub const CLOUD: PostTime = PostTime {
        quick: Duration::from_millis(200),
        slow: Duration::from_secs(2),
    };
    /// A portal on the user's own server.
    pub const SELF_HOSTED: PostTime = PostTime {
        quick: Duration::from_millis(10),
        slow: Duration::from_secs(1),
    };
    /// The built-in portal.
    pub const SANDBOX: PostTime = PostTime {
        quick: Duration::from_micros(50),
        slow: Duration::from_millis(2),
    };
}

/// What is to be done, and within which limits.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub rows: u64,
    /// Bytes of the texts and of the files.
    pub text_bytes: u64,
    pub file_bytes: u64,
    /// Commands of the first batch; each next one may hold twice as many.
    pub first_batch: u64,
    /// Commands and bytes of a batch, at most.
    pub max_batch: u64,
    pub max_bytes: u64,
    /// Requests under way at once; 1 where all rows keep one order.
    pub lanes: u64,
    /// After which the portal cuts a request.
    pub request_limit: Duration,
    /// None where nothing limits the requests.
    pub bucket: Option<BucketPlan>,
    /// Server time of the method in ten minutes; portals of one's own count none.
    pub operating_limit: Option<Duration>,
    /// The share of both that is left for others.
    pub reserve: f64,
    pub post_time: PostTime,
}

/// What it will take, from at best to at worst.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    pub requests: RangeInclusive<u64>,
    pub time: RangeInclusive<Duration>,
}

/// A text's letters are sent percent-encoded: three bytes for one at worst.
const TEXT_GROWTH: u64 = 3;

/// A request's way there and back, at best and at worst, beside the work on the portal.
const ROUND_TRIP: (f64, f64) = (0.002, 0.5);

/// Bytes a second of an upload, at best and at worst.
const UPLOAD: (f64, f64) = (100e6, 0.5e6);

impl Estimate {
    /// The range for that work.
    pub fn of(work: &Work) -> Estimate {
        let bytes = base64_len(work.file_bytes);
        let quick = Course::new(work, bytes + work.text_bytes, work.post_time.quick);
        let grown = work.text_bytes.saturating_mul(TEXT_GROWTH);
        let mut slow = Course::new(work, bytes.saturating_add(grown), work.post_time.slow);
        // Rows of one record wait for each other, so each lane may send a batch that is not full.
        slow.requests = (slow.requests + work.lanes).min(work.rows);
        Estimate {
            time: quick.time(work, ROUND_TRIP.0, UPLOAD.0)
                ..=slow.time(work, ROUND_TRIP.1, UPLOAD.1),
            requests: quick.requests..=slow.requests,
        }
    }
}

/// One way that a run can go.
struct Course {
    requests: u64,
    bytes: u64,
    /// Seconds of server time for all posts.
    server: f64,
}

impl Course {
    fn new(work: &Work, bytes: u64, post: Duration) -> Course {
        // Batches are kept at half the request limit.
        let affordable = work.request_limit.as_secs_f64() / 2.0 / post.as_secs_f64().max(1e-6);
        let batch = (affordable as u64).clamp(1, work.max_batch.max(1));
        let by_rows = batches(work.rows, work.first_batch, batch);
        let by_bytes = bytes.div_ceil(work.max_bytes.max(1)).min(work.rows);
        Course {
            requests: by_rows.max(by_bytes),
            bytes,
            server: post.as_secs_f64() * work.rows as f64,
        }
    }

    /// The longest of what the work takes, the bucket lets through and the portal grants.
    fn time(&self, work: &Work, round_trip: f64, upload: f64) -> Duration {
        let requests = self.requests as f64;
        let lanes = work.lanes.clamp(1, self.requests.max(1)) as f64;
        let busy = (self.server + requests * round_trip) / lanes + self.bytes as f64 / upload;
        let (let_through, granted) = match work.bucket {
            None => (0.0, 0.0),
            Some(plan) => {
                let plan = plan.less(work.reserve);
                let let_through = (requests - plan.burst).max(0.0) / plan.rate;
                (let_through, self.granted(work, lanes))
            }
        };
        let seconds = busy.max(let_through).max(granted);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

impl Course {
    /// What the server time takes that the portal grants.
    fn granted(&self, work: &Work, lanes: f64) -> f64 {
        let share = USED_SHARE * (1.0 - work.reserve);
        work.operating_limit.map_or(0.0, |limit| {
            granted(self.server, limit.as_secs_f64() * share, lanes)
        })
    }
}

/// Batches for so many rows, the first of them small.
fn batches(rows: u64, first: u64, most: u64) -> u64 {
    let (mut size, mut left, mut batches) = (first.clamp(1, most), rows, 0);
    while size < most && left > 0 {
        left = left.saturating_sub(size);
        size = size.saturating_mul(2);
        batches += 1;
    }
    batches + left.div_ceil(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(rows: u64) -> Work {
        Work {
            rows,
            text_bytes: rows * 100,
            file_bytes: 0,
            first_batch: 10,
            max_batch: 50,
            max_bytes: 8 << 20,
            lanes: 4,
            request_limit: Duration::from_secs(60),
            bucket: Some(BucketPlan::STANDARD),
            operating_limit: Some(Duration::from_secs(480)),
            reserve: 0.0,
            post_time: PostTime::CLOUD,
        }
    }

    fn seconds(estimate: &Estimate) -> (u64, u64) {
        (
            estimate.time.start().as_secs(),
            estimate.time.end().as_secs(),
        )
    }

    #[test]
    fn slow_posts_make_small_batches_and_the_time_budget_binds() {
        let estimate = Estimate::of(&work(10_000));
        assert_eq!(estimate.requests, 202..=671);
        // 2,000 and 20,000 s of server time: 4 and 43 times 456 in 600, and what is left over in
        // four lanes.
        assert_eq!(seconds(&estimate), (2_444, 25_898));
    }

    #[test]
    fn without_limits_the_lanes_share_the_work() {
        let own = Work {
            bucket: None,
            post_time: PostTime::SELF_HOSTED,
            ..work(10_000)
        };
        let (least, most) = seconds(&Estimate::of(&own));
        assert_eq!((least, most), (25, 2_548));
        let in_line = Estimate::of(&Work { lanes: 1, ..own });
        assert_eq!(seconds(&in_line).0, 100);
    }

    #[test]
    fn large_files_need_requests_and_an_upload() {
        let files = Work {
            file_bytes: 3 << 30,
            ..work(1_000)
        };
        let estimate = Estimate::of(&files);
        assert_eq!(*estimate.requests.start(), 513);
        assert!(*estimate.time.start() > Duration::from_secs(40));
        let one = Estimate::of(&Work {
            file_bytes: 3 << 30,
            ..work(1)
        });
        assert_eq!(one.requests, 1..=1, "a row is never more than a request");
    }

    #[test]
    fn nothing_takes_nothing() {
        let none = Estimate::of(&work(0));
        assert_eq!(none.requests, 0..=0);
        assert_eq!(*none.time.end(), Duration::ZERO);
    }

    proptest::proptest! {
        #[test]
        fn more_rows_never_take_less(rows in 0_u64..100_000, more in 0_u64..100_000) {
            let (few, many) = (Estimate::of(&work(rows)), Estimate::of(&work(rows + more)));
            proptest::prop_assert!(few.requests.end() <= many.requests.end());
            proptest::prop_assert!(few.time.end() <= many.time.end());
            proptest::prop_assert!(many.time.start() <= many.time.end());
        }
    }
}
