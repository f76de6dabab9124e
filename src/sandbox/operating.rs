//! The account of server time that a portal keeps for each method, and the limit on it
//! (bitrix24-rest.md §6): the sum over ten one-minute buckets, looked at before each call.
//!
//! A request is decided as a whole when it arrives, while others are still at work: what it books
//! lies ahead then, and is not seen by a call at an earlier time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::settings::{Accounting, OperatingRules};

const BUCKET_SECONDS: u64 = 60;
const BUCKETS: u64 = 10;

/// What a request must have spent to be stored, where requests are charged.
const STORED_FROM: Duration = Duration::from_millis(100);

/// Server time by method.
#[derive(Debug)]
pub(super) struct OperatingMeter {
    rules: OperatingRules,
    methods: BTreeMap<&'static str, MethodBuckets>,
    /// What the request at work has spent, where it is charged as a whole.
    open: BTreeMap<&'static str, Duration>,
}

/// One method's buckets. Times are unix time in milliseconds.
#[derive(Debug, Default)]
struct MethodBuckets {
    /// By minutes since 1970.
    buckets: BTreeMap<u64, Duration>,
    /// What is booked for a time to come, and for when.
    ahead: Vec<(u64, Duration)>,
    /// When the method is closed by a ban.
    closed: Range<u64>,
}

/// One method's account at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MethodAccount {
    pub spent: Duration,
    /// Unix time in seconds at which the oldest bucket drops out.
    pub reset_at: u64,
}

impl OperatingMeter {
    pub(super) fn new(rules: OperatingRules) -> OperatingMeter {
        OperatingMeter {
            rules,
            methods: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }

    /// Puts into the buckets what lies no longer ahead, and forgets what is too old: a request
    /// arrives at `now`, unix time in milliseconds, and none will before that.
    pub(super) fn advance(&mut self, now: u64) {
        for window in self.methods.values_mut() {
            window.advance(now);
        }
    }

    /// Whether a method may be called at `now`, unix time in milliseconds: the limit is looked at
    /// beforehand, so a call may run far over it.
    pub(super) fn admits(&mut self, method: &'static str, now: u64) -> bool {
        let Some(limit) = self.rules.limit else {
            return true;
        };
        let window = self.methods.entry(method).or_default();
        match self.rules.ban {
            Some(_) => !window.closed.contains(&now),
            None => window.account(now).spent <= limit,
        }
    }

    /// Books what a call of a method has spent.
    pub(super) fn charge(&mut self, method: &'static str, spent: Duration, now: u64) {
        match self.rules.accounting {
            Accounting::Calls => self.store(method, spent, now),
            Accounting::Requests => *self.open.entry(method).or_default() += spent,
            Accounting::Off => {}
        }
    }

    /// Books what a whole batch has spent, where such a thing counts: half of it.
    pub(super) fn charge_batch(&mut self, batch: &'static str, spent: Duration, now: u64) {
        if self.rules.accounting == Accounting::Requests {
            self.charge(batch, spent / 2, now);
        }
    }

    /// Charges what a request has spent, at its end.
    pub(super) fn settle(&mut self, now: u64) {
        for (method, spent) in std::mem::take(&mut self.open) {
            if spent > STORED_FROM {
                self.store(method, spent, now);
            }
        }
    }

    /// A method's account as stored, where there is one.
    pub(super) fn account(&mut self, method: &'static str, now: u64) -> Option<MethodAccount> {
        let counted = self.rules.accounting != Accounting::Off;
        counted.then(|| self.methods.entry(method).or_default().account(now))
    }

    /// Books for a moment. Who comes over the limit by that is banned, on a portal
    /// that bans.
    fn store(&mut self, method: &'static str, spent: Duration, now: u64) {
        let window = self.methods.entry(method).or_default();
        if spent.is_zero() {
            return;
        }
        window.ahead.push((now, spent));
        if let (Some(limit), Some(ban)) = (self.rules.limit, self.rules.ban)
            && window.account(now).spent > limit
        {
            window.closed = now..now.saturating_add(ban.as_millis() as u64);
        }
    }
}

impl MethodBuckets {
    fn advance(&mut self, now: u64) {
        let buckets = &mut self.buckets;
        self.ahead.retain(|&(at, spent)| {
            let over = at <= now;
            if over {
                *buckets.entry(minute(at)).or_default() += spent;
            }
            !over
        });
        buckets.retain(|bucket, _| bucket + BUCKETS > minute(now));
    }

    fn account(&self, now: u64) -> MethodAccount {
        let this = minute(now);
        let stored = self.buckets.iter().map(|(bucket, spent)| (*bucket, *spent));
        let ahead = self.ahead.iter().filter(|(at, _)| *at <= now);
        let seen = stored.chain(ahead.map(|(at, spent)| (minute(*at), *spent)));
        let (oldest, spent) = seen
            .filter(|(bucket, _)| bucket + BUCKETS > this)
            .fold((this, Duration::ZERO), |(oldest, sum), (bucket, spent)| {
                (oldest.min(bucket), sum + spent)
            });
        MethodAccount {
            spent,
            reset_at: (oldest + BUCKETS) * BUCKET_SECONDS,
        }
    }
}

/// Minutes since 1970 of a time in milliseconds.
fn minute(now: u64) -> u64 {
    now / 1000 / BUCKET_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    /// A full minute.
    const START: u64 = 60_000 * 1_000;

    fn operating(limit: u64, ban: Option<Duration>, accounting: Accounting) -> OperatingMeter {
        OperatingMeter::new(OperatingRules {
            limit: Some(Duration::from_secs(limit)),
            ban,
            accounting,
        })
    }

    fn told(operating: &mut OperatingMeter, method: &'static str, now: u64) -> (Duration, u64) {
        let account = operating.account(method, now).unwrap();
        (account.spent, account.reset_at)
    }

    #[test]
    fn ten_minutes_are_remembered() {
        let mut operating = OperatingMeter::new(OperatingRules::default());
        for (after, sum, reset_at) in [(0, 1, 60_600), (59_999, 2, 60_600), (60_000, 3, 60_600)] {
            operating.charge("a", SECOND, START + after);
            let told = told(&mut operating, "a", START + after);
            assert_eq!(told, (SECOND * sum, reset_at), "{after}");
        }
        let later = told(&mut operating, "a", START + 600_000);
        assert_eq!(later, (SECOND, 60_660));
        let other = told(&mut operating, "b", START);
        assert_eq!(other, (Duration::ZERO, 60_600));
    }

    #[test]
    fn what_lies_ahead_is_not_seen_before_its_time() {
        let mut operating = operating(2, Some(SECOND * 300), Accounting::Calls);
        operating.charge("a", SECOND, START + 1_000);
        operating.charge("a", SECOND * 2, START + 70_000);
        assert_eq!(told(&mut operating, "a", START + 999).0, Duration::ZERO);
        assert_eq!(told(&mut operating, "a", START + 1_000).0, SECOND);
        assert!(operating.admits("a", START + 69_999));
        assert!(!operating.admits("a", START + 70_000));
        operating.advance(START + 69_999);
        assert_eq!(told(&mut operating, "a", START + 69_999).0, SECOND);
        operating.advance(START + 600_000);
        let late = told(&mut operating, "a", START + 600_000);
        assert_eq!(late, (SECOND * 2, 60_660));
    }

    #[test]
    fn a_method_over_its_limit_waits_until_buckets_drop_out() {
        let mut operating = operating(10, None, Accounting::Calls);
        operating.charge("a", SECOND * 10, START);
        assert!(operating.admits("a", START));
        operating.charge("a", SECOND, START + 60_000);
        assert!(!operating.admits("a", START + 60_000));
        assert!(operating.admits("b", START + 60_000));
        assert!(!operating.admits("a", START + 599_999));
        assert!(operating.admits("a", START + 600_000));
    }

    #[test]
    fn a_ban_has_its_own_end() {
        let ban = Duration::from_secs(300);
        let mut operating = operating(10, Some(ban), Accounting::Calls);
        operating.charge("a", SECOND * 11, START);
        assert!(!operating.admits("a", START + 299_999));
        assert!(operating.admits("a", START + 300_000));
        operating.charge("a", Duration::ZERO, START + 300_000);
        assert!(operating.admits("a", START + 300_000));
        operating.charge("a", SECOND, START + 300_000);
        assert!(!operating.admits("a", START + 599_999));
        assert!(operating.admits("a", START + 600_000));
    }

    #[test]
    fn a_request_is_charged_at_its_end() {
        let mut operating = operating(2, None, Accounting::Requests);
        let call = Duration::from_millis(50);
        for _ in 0..50 {
            assert!(operating.admits("a", START));
            operating.charge("a", call, START);
            assert_eq!(told(&mut operating, "a", START).0, Duration::ZERO);
        }
        operating.charge("b", call * 2, START);
        operating.charge_batch("batch", SECOND * 2, START);
        operating.settle(START);
        assert_eq!(told(&mut operating, "a", START).0, call * 50);
        assert_eq!(told(&mut operating, "b", START).0, Duration::ZERO);
        assert_eq!(told(&mut operating, "batch", START).0, SECOND);
        assert!(!operating.admits("a", START));
    }

    #[test]
    fn batches_are_not_counted_where_calls_are() {
        let mut operating = operating(2, None, Accounting::Calls);
        operating.charge_batch("batch", SECOND * 9, START);
        operating.settle(START);
        assert_eq!(told(&mut operating, "batch", START).0, Duration::ZERO);
    }

    #[test]
    fn a_portal_that_does_not_count_tells_nothing() {
        let mut operating = operating(0, None, Accounting::Off);
        operating.charge("a", SECOND, START);
        assert_eq!(operating.account("a", START), None);
        assert!(operating.admits("a", START));
    }
}
