//! A circuit breaker for requests that create posts. It opens after an answer that leaves doubt, so
//! that an outage of any length leaves at most lanes × batch rows in doubt.
//!
//! After an unknown outcome nothing that creates a post is sent until `server.time` has been
//! answered well. Then one command goes on one lane, and both double with each good answer.

use std::time::{Duration, Instant};

use super::Backoff;
use crate::planted::{self, Bug};

/// How much may be written at the moment.
#[derive(Clone, Debug)]
pub struct Caution {
    stage: Stage,
    backoff: Backoff,
}

#[derive(Clone, Debug)]
enum Stage {
    /// No limit of its own.
    Free,
    /// Writing has stopped; the portal is asked for its time at that moment.
    Asking { at: Instant },
    /// The question is on its way.
    Asked,
    /// Writing again, this many commands and lanes at most.
    Recovering { cap: usize },
}

/// A recovery that has reached this many commands a request is over.
const RECOVERED: usize = 64;

impl Default for Caution {
    fn default() -> Self {
        Caution {
            stage: Stage::Free,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(60)),
        }
    }
}

impl Caution {
    /// An answer left doubt: stop writing, and ask after a while.
    pub fn doubt(&mut self, now: Instant, rng: &mut impl rand::Rng) {
        if planted::is(Bug::OutageNotStopping) {
            return;
        }
        if matches!(self.stage, Stage::Free | Stage::Recovering { .. }) {
            let at = now + self.backoff.fail(rng);
            self.stage = Stage::Asking { at };
        }
    }

    /// The moment of the next question, while writing has stopped and none is on its way.
    pub fn ask_at(&self) -> Option<Instant> {
        match self.stage {
            Stage::Asking { at } => Some(at),
            _ => None,
        }
    }

    /// The question has been sent.
    pub fn asked(&mut self) {
        self.stage = Stage::Asked;
    }

    /// What came of the question.
    pub fn answered(&mut self, well: bool, now: Instant, rng: &mut impl rand::Rng) {
        self.stage = if well {
            Stage::Recovering { cap: 1 }
        } else {
            Stage::Asking {
                at: now + self.backoff.fail(rng),
            }
        };
    }

    /// Whether posts may be sent at all.
    pub fn may_write(&self) -> bool {
        matches!(self.stage, Stage::Free | Stage::Recovering { .. })
    }

    /// The most commands a request and lanes at once may hold, if caution limits them.
    pub fn cap(&self) -> Option<usize> {
        match self.stage {
            Stage::Recovering { cap } => Some(cap),
            _ => None,
        }
    }

    /// A request with posts was answered well: the next doubt is one of its own, and its delays
    /// start over.
    pub fn good(&mut self) {
        self.backoff.reset();
        if let Stage::Recovering { cap } = self.stage {
            let cap = cap * 2;
            if cap >= RECOVERED {
                self.stage = Stage::Free;
            } else {
                self.stage = Stage::Recovering { cap };
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
        let mut caution = Caution::default();
        assert!(caution.may_write() && caution.cap().is_none());
        caution.doubt(now, &mut rng);
        let first = caution.ask_at().unwrap();
        assert!(!caution.may_write() && first > now);
        caution.doubt(now, &mut rng);
        assert_eq!(
            caution.ask_at(),
            Some(first),
            "a second doubt delays nothing"
        );
        caution.asked();
        assert!(!caution.may_write() && caution.ask_at().is_none());
        caution.answered(false, first, &mut rng);
        let second = caution.ask_at().unwrap();
        assert!(second - first > first - now, "questions grow rarer");
        caution.asked();
        caution.answered(true, second, &mut rng);
        assert!(caution.may_write());
        assert_eq!(caution.cap(), Some(1));
    }

    #[test]
    fn delays_grow_until_a_post_is_taken_again() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Instant::now();
        let mut caution = Caution::default();
        let mut relapse = |caution: &mut Caution| {
            caution.doubt(now, &mut rng);
            let delay = caution.ask_at().unwrap() - now;
            caution.asked();
            caution.answered(true, now, &mut rng);
            delay
        };
        let first = relapse(&mut caution);
        let second = relapse(&mut caution);
        assert!(second > first, "server.time alone proves nothing");
        caution.good();
        assert!(relapse(&mut caution) <= Duration::from_secs(1));
    }

    #[test]
    fn good_answers_double_the_cap_until_it_is_gone() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Instant::now();
        let mut caution = Caution::default();
        caution.doubt(now, &mut rng);
        caution.asked();
        caution.answered(true, now, &mut rng);
        let mut caps = Vec::new();
        while let Some(cap) = caution.cap() {
            caps.push(cap);
            caution.good();
        }
        assert_eq!(caps, [1, 2, 4, 8, 16, 32]);
        assert!(caution.may_write());
    }
}
