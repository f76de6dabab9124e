//! A circuit breaker for requests that create posts. It opens after an answer that leaves doubt, so
//! that an outage of any length leaves at most lanes × batch rows in doubt.
//!
//! After an unknown outcome nothing that creates a post is sent until `server.time` has been
//! answered well. Then one command goes on one lane, and both double with each good answer.

use std::time::{Duration, Instant};

use super::Backoff;

/// How much may be written at the moment.
#[derive(Clone, Debug)]
pub struct CircuitBreaker {
    state: BreakerState,
    backoff: Backoff,
}

#[derive(Clone, Debug)]
enum BreakerState {
    /// Posts go, without a limit of the breaker.
    Closed,
    /// No post goes; at that moment the portal is asked for its time.
    Open { at: Instant },
    /// No post goes; the question is on its way.
    Probing,
    /// Posts go again, on this many lanes and with this many commands each at most.
    HalfOpen { cap: usize },
}

/// A recovery that has reached this many commands a request is over.
const RECOVERED: usize = 64;

impl Default for CircuitBreaker {
    fn default() -> Self {
        CircuitBreaker {
            state: BreakerState::Closed,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(60)),
        }
    }
}

impl CircuitBreaker {
    /// An answer left doubt: stop writing, and ask after a while.
    pub fn doubt(&mut self, now: Instant, rng: &mut impl rand::Rng) {
        if matches!(
            self.state,
            BreakerState::Closed | BreakerState::HalfOpen { .. }
        ) {
            let at = now + self.backoff.fail(rng);
            self.state = BreakerState::Open { at };
        }
    }

    /// The moment of the next question, while writing has stopped and none is on its way.
    pub fn ask_at(&self) -> Option<Instant> {
        match self.state {
            BreakerState::Open { at } => Some(at),
            _ => None,
        }
    }

    /// The question has been sent.
    pub fn asked(&mut self) {
        self.state = BreakerState::Probing;
    }

    /// What came of the question.
    pub fn answered(&mut self, well: bool, now: Instant, rng: &mut impl rand::Rng) {
        self.state = if well {
            BreakerState::HalfOpen { cap: 1 }
        } else {
            BreakerState::Open {
                at: now + self.backoff.fail(rng),
            }
        };
    }

    /// Whether posts may be sent at all.
    pub fn may_write(&self) -> bool {
        matches!(
            self.state,
            BreakerState::Closed | BreakerState::HalfOpen { .. }
        )
    }

    /// The most commands a request and lanes at once may hold, if the breaker limits them.
    pub fn cap(&self) -> Option<usize> {
        match self.state {
            BreakerState::HalfOpen { cap } => Some(cap),
            _ => None,
        }
    }

    /// A request with posts was answered well: the recovery goes a step further, and the delays of
    /// the next doubt start over.
    pub fn good(&mut self) {
        self.backoff.reset();
        if let BreakerState::HalfOpen { cap } = self.state {
            let cap = cap * 2;
            if cap >= RECOVERED {
                self.state = BreakerState::Closed;
            } else {
                self.state = BreakerState::HalfOpen { cap };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn doubt_stops_writing_until_the_portal_answers() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Instant::now();
        let mut breaker = CircuitBreaker::default();
        assert!(breaker.may_write() && breaker.cap().is_none());
        breaker.doubt(now, &mut rng);
        let first = breaker.ask_at().unwrap();
        assert!(!breaker.may_write() && first > now);
        breaker.doubt(now, &mut rng);
        assert_eq!(
            breaker.ask_at(),
            Some(first),
            "a second doubt delays nothing"
        );
        breaker.asked();
        assert!(!breaker.may_write() && breaker.ask_at().is_none());
        breaker.answered(false, first, &mut rng);
        let second = breaker.ask_at().unwrap();
        assert!(second - first > first - now, "questions grow rarer");
        breaker.asked();
        breaker.answered(true, second, &mut rng);
        assert!(breaker.may_write());
        assert_eq!(breaker.cap(), Some(1));
    }

    #[test]
    fn delays_grow_until_a_post_is_taken_again() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Instant::now();
        let mut breaker = CircuitBreaker::default();
        let mut relapse = |breaker: &mut CircuitBreaker| {
            breaker.doubt(now, &mut rng);
            let delay = breaker.ask_at().unwrap() - now;
            breaker.asked();
            breaker.answered(true, now, &mut rng);
            delay
        };
        let first = relapse(&mut breaker);
        let second = relapse(&mut breaker);
        assert!(second > first, "server.time alone proves nothing");
        breaker.good();
        assert!(relapse(&mut breaker) <= Duration::from_secs(1));
    }

    #[test]
    fn good_answers_double_the_cap_until_it_is_gone() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Instant::now();
        let mut breaker = CircuitBreaker::default();
        breaker.doubt(now, &mut rng);
        breaker.asked();
        breaker.answered(true, now, &mut rng);
        let mut caps = Vec::new();
        while let Some(cap) = breaker.cap() {
            caps.push(cap);
            breaker.good();
        }
        assert_eq!(caps, [1, 2, 4, 8, 16, 32]);
        assert!(breaker.may_write());
    }
}
