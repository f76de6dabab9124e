//! The portals of the grid.

use std::num::NonZeroUsize;
use std::time::Duration;

use b24post::pacing::BucketPlan;
use b24post::sandbox::{Accounting, OperatingRules, RateLimit, Settings};

/// Requests in flight at once, as `--concurrency` has it.
pub const LANES: usize = 4;

/// Server time in ten minutes, where a portal limits that.
pub const OPERATING_LIMIT: Duration = Duration::from_secs(480);

/// After which a portal cuts a request.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(60);

/// The most commands of a batch.
pub const MAX_COMMANDS: u64 = 50;

/// A portal, the way to it, and what is sent there.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub bucket: Option<BucketPlan>,
    /// Server time of a post, in milliseconds.
    pub cost_ms: u64,
    pub operating: bool,
    /// Milliseconds there and back.
    pub way_ms: u64,
    pub workers: usize,
    /// Bytes of a post's file; 0 for none.
    pub post_bytes: usize,
    pub rows: u64,
}

/// A bucket so narrow that every request counts.
pub const NARROW: BucketPlan = BucketPlan {
    rate: 1.0,
    burst: 3.0,
};

/// Every combination, each with so many rows.
pub fn grid(rows: u64) -> Vec<Place> {
    let mut places = Vec::new();
    for post_bytes in [0, 1_000_000] {
        for (bucket, workers) in [
            (Some(BucketPlan::STANDARD), 4),
            (Some(BucketPlan::ENTERPRISE), 8),
            (Some(NARROW), 4),
            (None, 2),
        ] {
            for cost_ms in [20, 100, 500, 1_500] {
                for operating in [false, true] {
                    for way_ms in [20, 300] {
                        places.push(Place {
                            bucket,
                            cost_ms,
                            operating,
                            way_ms,
                            workers,
                            post_bytes,
                            rows,
                        });
                    }
                }
            }
        }
    }
    places
}

impl Place {
    /// The sandbox of that kind.
    pub fn settings(&self) -> Settings {
        Settings {
            rate_limit: self.bucket.map(|plan| RateLimit {
                rate: plan.rate,
                burst: plan.burst,
            }),
            post_cost: Duration::from_millis(self.cost_ms),
            operating: match self.operating {
                true => OperatingRules {
                    limit: Some(OPERATING_LIMIT),
                    ..OperatingRules::default()
                },
                false => OperatingRules {
                    accounting: Accounting::Off,
                    ..OperatingRules::default()
                },
            },
            request_limit: REQUEST_LIMIT,
            workers: NonZeroUsize::new(self.workers),
            ..Settings::default()
        }
    }

    /// Requests that the posts need, where their number is what counts: neither time nor size keeps
    /// batches small.
    pub fn full_batches(&self) -> Option<u64> {
        let fits =
            self.cost_ms <= 100 && self.bucket.is_some() && !self.operating && self.post_bytes == 0;
        fits.then(|| self.rows.div_ceil(MAX_COMMANDS))
    }

    /// In a few words.
    pub fn name(&self) -> String {
        let bucket = match self.bucket {
            Some(plan) => format!("{}/{}", plan.rate, plan.burst),
            None => "none".to_owned(),
        };
        format!(
            "{bucket:>5} {:>5} ms {:>3} {:>3} ms {} {:>7} B",
            self.cost_ms,
            if self.operating { "480" } else { "-" },
            self.way_ms,
            self.workers,
            self.post_bytes,
        )
    }
}
