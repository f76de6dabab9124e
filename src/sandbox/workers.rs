//! How many requests a portal works on at once; further ones wait in line, first come, first
//! served.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroUsize;
use std::time::Duration;

/// When each worker is free, since 1970; nothing where there are always enough.
#[derive(Debug)]
pub(super) struct Workers(Option<BinaryHeap<Reverse<Duration>>>);

impl Workers {
    pub(super) fn new(count: Option<NonZeroUsize>) -> Workers {
        Workers(count.map(|count| vec![Reverse(Duration::ZERO); count.get()].into()))
    }

    /// When a request that comes at `now` is begun.
    pub(super) fn next_start(&self, now: Duration) -> Duration {
        let first_free = self.0.as_ref().and_then(BinaryHeap::peek);
        first_free.map_or(now, |Reverse(free)| now.max(*free))
    }

    /// Keeps the worker that is free first busy until `end`.
    pub(super) fn occupy(&mut self, end: Duration) {
        if let Some(mut first_free) = self.0.as_mut().and_then(BinaryHeap::peek_mut) {
            *first_free = Reverse(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Starts of requests that come at the same moment and take these times, in seconds.
    fn starts(workers: Option<usize>, times: &[u64]) -> Vec<u64> {
        let mut workers = Workers::new(workers.and_then(NonZeroUsize::new));
        let begin = |time: &u64| {
            let start = workers.next_start(Duration::from_secs(100));
            workers.occupy(start + Duration::from_secs(*time));
            start.as_secs()
        };
        times.iter().map(begin).collect()
    }

    #[test]
    fn who_finds_no_worker_waits_for_the_first() {
        assert_eq!(starts(None, &[9, 9, 9]), [100, 100, 100]);
        assert_eq!(starts(Some(1), &[5, 1, 1]), [100, 105, 106]);
        assert_eq!(starts(Some(2), &[5, 1, 1, 9]), [100, 100, 101, 102]);
    }

    #[test]
    fn an_idle_worker_does_not_begin_in_the_past() {
        let mut workers = Workers::new(NonZeroUsize::new(1));
        workers.occupy(Duration::from_secs(5));
        let now = Duration::from_secs(50);
        assert_eq!(workers.next_start(now), now);
    }
}
