//! How many requests a run will make and how long they may take, told before the first post: a
//! range that holds at both ends.
//!
//! **The lower end** is what the quickest portal imaginable can't beat. Its posts take no time, its
//! line none either, and no request is refused. So every batch is full (50 commands, or as many as
//! the byte limit lets in), each post that can't share a batch has a request of its own, and
//! nothing holds these requests back but the plan's bucket, at the level that the last run has left
//! it at.
//!
//! **The upper end** is what a slow portal doesn't pass unless it stands still, is out of reach or
//! refuses. Its posts take what is documented as slow, 2 s, one after the other; batches are as
//! small as half the request limit makes them then. The figures are added, not held against each
//! other: the work, each request's way, the upload on a slow line, the bucket, and the waits for
//! server time, of which the portal grants the method 480 s in any ten minutes. More requests than
//! full batches need come from:
//!
//! - the first batch, which finds out how long a post takes;
//! - canaries: each goes alone and is read up to three times;
//! - a post that goes alone, behind which the rows of its entity wait: it may end a batch early;
//! - rows that wait for others of their entity: with every thousand rows that are read ahead each
//!   lane may once have few that are free;
//! - files: of two batches that follow each other at least one is half full;
//! - a used-up account of server time: what is left of it before each minute may be sent by itself.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::batch::base64_len;

use super::Bucket;
use super::operating::{DOCUMENTED_LIMIT, SPAN, USED_SHARE, granted};

/// How slow a portal and the way to it are at worst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slowest {
    /// Server time of a post.
    pub post: Duration,
    /// A request's way there and back, with what is noted of it here.
    pub round_trip: Duration,
    /// Bytes a second of an upload.
    pub line: f64,
}

impl Slowest {
    /// One to two seconds are told of posts with notifications; the line is a slow one of 0.8
    /// Mbit/s.
    pub const DOCUMENTED: Slowest = Slowest {
        post: Duration::from_secs(2),
        round_trip: Duration::from_secs(1),
        line: 100e3,
    };
    /// The built-in portal, on a slow disk.
    pub const SANDBOX: Slowest = Slowest {
        post: Duration::from_millis(10),
        round_trip: Duration::from_millis(300),
        line: 1e6,
    };
}

/// Posts that travel in one way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    /// How many.
    pub posts: u64,
    /// Bytes of the texts.
    pub text_bytes: u64,
    /// Bytes of the files, before base64.
    pub file_bytes: u64,
}

/// What is to be done, and within which limits.
#[derive(Clone, Copy, Debug)]
pub struct PlannedWork {
    /// Posts that may share batches.
    pub shared: Share,
    /// Posts that go by a call of their own.
    pub alone: Share,
    /// Requests that the run has made already.
    pub made: u64,
    /// Canaries, at most: posts that go alone and are read back before others go.
    pub trials: u64,
    /// Commands of a batch, at most.
    pub max_batch: u64,
    /// Bytes of a batch's body, at most.
    pub max_bytes: u64,
    /// Requests under way at once.
    pub lanes: u64,
    /// After which the portal cuts a request.
    pub request_limit: Duration,
    /// Server time of the method in ten minutes, if told.
    pub operating_limit: Option<Duration>,
    /// The share of it that is left for others.
    pub reserve: f64,
    /// Whether posts of the last ten minutes may still stand in the account of server time.
    pub posted_lately: bool,
    /// How slow the portal is at worst.
    pub slowest: Slowest,
}

/// What it will take, from at best to at worst.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// With those made already.
    pub requests: RangeInclusive<u64>,
    /// From the beginning of sending to its end.
    pub time: RangeInclusive<Duration>,
}

/// A byte is sent percent-encoded in three at worst, and base64 of files in 17 for 16, nearly.
const TEXT_GROWTH: u64 = 3;
const FILE_GROWTH: (u64, u64) = (9, 8);

/// Bytes of a call beside its texts and files, with the name of each of its parts.
const CALL_BYTES: u64 = 1_024;

/// Reads of a canary, and the seconds between two of them.
const READS: u64 = 3;
const READ_AGAIN: f64 = 2.0;

/// Part of the request limit that a batch is planned to take, and part of that which is safe to
/// rely on, since times differ.
const BUSY_SHARE: f64 = 0.5;
const SAFE_SHARE: f64 = 0.9;

/// Part of the request limit that an upload may take.
const UPLOAD_SHARE: f64 = 0.25;

/// Rows that are read ahead at a time.
const READ_AHEAD: u64 = 1_000;

/// Waits for server time take this many times what they should at worst, and these seconds more.
const WAITS_GROWTH: f64 = 1.1;
const WAITS_MORE: f64 = 120.0;

/// Requests of what is left of the account before each minute.
const LAST_REQUESTS_A_MINUTE: f64 = 2.0;

impl Estimate {
    /// The range for that work, with the bucket as it is now.
    pub fn of(work: &PlannedWork, bucket: &Bucket, now: Instant) -> Estimate {
        let posts = work.shared.posts + work.alone.posts;
        let least = work.batches_at_least() + work.alone.posts;
        let waits = work.waits_for_server_time();
        let most = match posts {
            0 => 0,
            _ => work.batches_at_most(waits) + work.alone.posts + work.trials * (1 + READS),
        };
        let seconds = |time: f64| Duration::try_from_secs_f64(time).unwrap_or(Duration::MAX);
        let quick = bucket.time_for(least as f64, now);
        let slow = match posts {
            0 => 0.0,
            _ => work.busy(most) + bucket.time_for(most as f64, now) + waits,
        };
        Estimate {
            requests: work.made + least..=work.made + most,
            time: seconds(quick)..=seconds(slow.max(quick)),
        }
    }
}

impl Share {
    fn bytes_at_least(&self) -> u64 {
        self.text_bytes + base64_len(self.file_bytes)
    }

    fn bytes_at_most(&self) -> u64 {
        let files = base64_len(self.file_bytes).saturating_mul(FILE_GROWTH.0) / FILE_GROWTH.1;
        let texts = self.text_bytes.saturating_mul(TEXT_GROWTH);
        texts
            .saturating_add(files)
            .saturating_add(self.posts * CALL_BYTES)
    }
}

impl PlannedWork {
    fn batches_at_least(&self) -> u64 {
        let by_bytes = self.shared.bytes_at_least().div_ceil(self.max_bytes.max(1));
        let by_posts = self.shared.posts.div_ceil(self.max_batch.max(1));
        by_posts.max(by_bytes.min(self.shared.posts))
    }

    fn batches_at_most(&self, waits: f64) -> u64 {
        let posts = self.shared.posts;
        let busy = self.request_limit.as_secs_f64() * BUSY_SHARE * SAFE_SHARE;
        let affordable = (busy / self.slowest.post.as_secs_f64().max(1e-6)) as u64;
        let full = posts.div_ceil(affordable.clamp(1, self.max_batch.max(1)));
        let upload = self.request_limit.as_secs_f64() * UPLOAD_SHARE * self.slowest.line;
        let body = self.max_bytes.min(upload as u64).max(1);
        let half_full = 2 * (self.shared.bytes_at_most() / body);
        let cut_short = self.alone.posts;
        let few_free = self.lanes * (1 + (posts + self.alone.posts) / READ_AHEAD);
        let last_requests = (waits / 60.0 * LAST_REQUESTS_A_MINUTE).ceil() as u64;
        let all = 1 + full + half_full + cut_short + few_free + last_requests;
        all.min(posts)
    }

    fn server_time(&self) -> f64 {
        self.slowest.post.as_secs_f64() * (self.shared.posts + self.alone.posts) as f64
    }

    /// The work and the way of so many requests, one after the other.
    fn busy(&self, requests: u64) -> f64 {
        let bytes = self
            .shared
            .bytes_at_most()
            .saturating_add(self.alone.bytes_at_most());
        self.server_time()
            + requests as f64 * self.slowest.round_trip.as_secs_f64()
            + bytes as f64 / self.slowest.line
            + self.trials as f64 * READS as f64 * READ_AGAIN
    }

    /// Seconds in which nothing is sent because the server time is used up.
    fn waits_for_server_time(&self) -> f64 {
        let limit = self.operating_limit.unwrap_or(DOCUMENTED_LIMIT);
        let budget = limit.as_secs_f64() * USED_SHARE * (1.0 - self.reserve);
        let server = self.server_time();
        let lately = match self.posted_lately {
            true => SPAN.as_secs_f64(),
            false => 0.0,
        };
        if server <= budget {
            return lately;
        }
        let waits = granted(server, budget, 1.0) - server;
        waits.max(0.0) * WAITS_GROWTH + WAITS_MORE + lately
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pacing::BucketPlan;

    fn work(shared: u64, alone: u64) -> PlannedWork {
        let share = |posts| Share {
            posts,
            text_bytes: posts * 100,
            file_bytes: 0,
        };
        PlannedWork {
            shared: share(shared),
            alone: share(alone),
            made: 1,
            trials: 0,
            max_batch: 50,
            max_bytes: 8 << 20,
            lanes: 4,
            request_limit: Duration::from_secs(60),
            operating_limit: Some(Duration::from_secs(480)),
            reserve: 0.0,
            posted_lately: false,
            slowest: Slowest::DOCUMENTED,
        }
    }

    fn estimate(work: &PlannedWork) -> Estimate {
        let now = Instant::now();
        let bucket = Bucket::new(BucketPlan::STANDARD, &[Duration::ZERO], now);
        Estimate::of(work, &bucket, now)
    }

    fn seconds(estimate: &Estimate) -> (u64, u64) {
        (
            estimate.time.start().as_secs(),
            estimate.time.end().as_secs(),
        )
    }

    #[test]
    fn posts_that_go_alone_are_counted() {
        let estimate = estimate(&work(2_601, 346));
        // 53 full batches, and the request of the questions.
        assert_eq!(*estimate.requests.start(), 1 + 53 + 346);
        // (1 + 399 - 49) / 2 requests a second.
        assert_eq!(seconds(&estimate).0, 175);
        assert!(
            (400..1_200).contains(estimate.requests.end()),
            "{estimate:?}"
        );
        // 5,894 s of server time at 456 in ten minutes.
        assert!(
            (7_000..10_000).contains(&seconds(&estimate).1),
            "{estimate:?}"
        );
    }

    #[test]
    fn the_level_of_the_bucket_counts() {
        let now = Instant::now();
        let of = |recent: &[Duration]| {
            let bucket = Bucket::new(BucketPlan::STANDARD, recent, now);
            seconds(&Estimate::of(&work(1_000, 0), &bucket, now)).0
        };
        assert_eq!((of(&[]), of(&[Duration::ZERO; 49])), (0, 10));
    }

    #[test]
    fn large_files_need_requests_and_an_upload() {
        let mut files = work(1_000, 0);
        files.shared.file_bytes = 3 << 30;
        let told = estimate(&files);
        assert_eq!(*told.requests.start(), 1 + 513);
        assert!(*told.time.end() > Duration::from_secs(40_000));
        let mut one = work(1, 0);
        one.shared.file_bytes = 3 << 30;
        assert_eq!(
            estimate(&one).requests,
            2..=2,
            "a row is never more than a request"
        );
    }

    #[test]
    fn nothing_takes_nothing() {
        let none = estimate(&work(0, 0));
        assert_eq!((none.requests, none.time.end()), (1..=1, &Duration::ZERO));
    }

    #[test]
    fn server_time_used_lately_is_waited_for() {
        let lately = PlannedWork {
            posted_lately: true,
            ..work(10, 0)
        };
        let waited = seconds(&estimate(&lately)).1 - seconds(&estimate(&work(10, 0))).1;
        assert!((600..=610).contains(&waited), "{waited}");
    }

    proptest::proptest! {
        #[test]
        fn more_rows_never_take_less(rows in 0_u64..100_000, alone in 0_u64..1_000, more in 0_u64..100_000) {
            let (few, many) = (estimate(&work(rows, alone)), estimate(&work(rows + more, alone)));
            proptest::prop_assert!(few.requests.start() <= many.requests.start());
            proptest::prop_assert!(few.requests.end() <= many.requests.end());
            proptest::prop_assert!(few.time.end() <= many.time.end());
            proptest::prop_assert!(many.time.start() <= many.time.end());
        }
    }
}
