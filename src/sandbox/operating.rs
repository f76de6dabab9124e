//! The account of server time that a portal keeps for each method (WIRE §6): the sum over ten
//! one-minute buckets. The sandbox tells it and enforces nothing.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const BUCKET_SECONDS: u64 = 60;
const BUCKETS: u64 = 10;

/// Server time by method.
#[derive(Debug, Default)]
pub(super) struct Operating {
    methods: BTreeMap<&'static str, VecDeque<Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    /// Minutes since 1970.
    minute: u64,
    spent: Duration,
}

/// One method's account at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub spent: Duration,
    /// Unix time in seconds at which the oldest bucket drops out.
    pub reset_at: u64,
}

impl Operating {
    /// Adds `spent` to a method's bucket of this minute and tells its account; `now` is unix time
    /// in milliseconds.
    pub(super) fn charge(&mut self, method: &'static str, spent: Duration, now: u64) -> Account {
        let minute = now / 1000 / BUCKET_SECONDS;
        let buckets = self.methods.entry(method).or_default();
        buckets.retain(|bucket| bucket.minute + BUCKETS > minute);
        match buckets.back_mut() {
            Some(last) if last.minute == minute => last.spent += spent,
            _ if spent.is_zero() => {}
            _ => buckets.push_back(Bucket { minute, spent }),
        }
        let oldest = buckets.front().map_or(minute, |bucket| bucket.minute);
        Account {
            spent: buckets.iter().map(|bucket| bucket.spent).sum(),
            reset_at: (oldest + BUCKETS) * BUCKET_SECONDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_are_remembered() {
        let mut operating = Operating::default();
        let second = Duration::from_secs(1);
        let start = 60_000 * 1_000;
        let account = operating.charge("a", second, start);
        assert_eq!((account.spent, account.reset_at), (second, 60_600));
        let account = operating.charge("a", second, start + 59_999);
        assert_eq!((account.spent, account.reset_at), (second * 2, 60_600));
        let account = operating.charge("a", second, start + 60_000);
        assert_eq!((account.spent, account.reset_at), (second * 3, 60_600));
        let account = operating.charge("a", Duration::ZERO, start + 600_000);
        assert_eq!((account.spent, account.reset_at), (second, 60_660));
        let other = operating.charge("b", Duration::ZERO, start);
        assert_eq!((other.spent, other.reset_at), (Duration::ZERO, 60_600));
    }
}
