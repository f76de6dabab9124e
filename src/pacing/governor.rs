//! The one place that says what may be sent now.

use std::time::{Duration, Instant};

use crate::batch::plan::Limits;

use super::{Backoff, BatchSize, Bucket, BucketPlan, Caution};

/// What the user has set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// None where nothing limits the requests.
    pub bucket: Option<BucketPlan>,
    /// Ages of requests that earlier runs sent.
    pub recent: Vec<Duration>,
    /// Requests in flight at once, at most.
    pub lanes: usize,
    /// Commands of the first batch.
    pub first_batch: usize,
    /// Commands of any batch, at most.
    pub max_batch: usize,
    /// Bytes of a body, at most.
    pub max_bytes: u64,
    /// After which the portal cuts a request.
    pub request_limit: Duration,
    /// The run ends after this long without one good answer.
    pub give_up_after: Duration,
}

/// What may be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Send one request of posts.
    Send,
    /// Ask the portal for its time.
    Ask,
    /// Nothing before that moment.
    Wait { until: Instant, reason: WaitReason },
    /// Nothing before an answer comes in.
    Busy,
}

/// Why nothing is sent, for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The portal's request rate.
    Rate,
    /// The portal refused a request for its rate.
    RateRefused,
    /// The portal's time budget for the method is used up.
    Operating,
    /// The portal can't be reached.
    Unreachable,
    /// The portal did not take a request of that size.
    TooLarge,
    /// An answer left doubt; the portal is asked before anything else is sent.
    Doubt,
    /// Posts are looked for on the portal.
    Looking,
}

/// Joins bucket, batch size, caution and back-off.
#[derive(Debug)]
pub struct Governor {
    bucket: Option<Bucket>,
    size: BatchSize,
    caution: Caution,
    backoff: Backoff,
    hold: Option<(Instant, WaitReason)>,
    lanes: usize,
    max_bytes: u64,
    give_up_after: Duration,
    last_good: Instant,
    /// Whether the portal has taken posts in this run.
    proven: bool,
}

/// Between two requests of which the first was refused for its size.
const BREATH: Duration = Duration::from_millis(500);

/// A body limit below this helps nobody.
const LEAST_BYTES: u64 = 64 * 1024;

/// The longest time between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(120);

/// A time budget is counted over ten minutes (WIRE §6); a portal that names a later end is not
/// believed.
const LONGEST_BUDGET: Duration = Duration::from_secs(15 * 60);

impl Governor {
    pub fn new(settings: &Settings, now: Instant) -> Governor {
        Governor {
            bucket: settings
                .bucket
                .map(|plan| Bucket::new(plan, &settings.recent, now)),
            size: BatchSize::new(
                settings.first_batch,
                settings.max_batch,
                settings.request_limit,
            ),
            caution: Caution::default(),
            backoff: Backoff::new(Duration::from_secs(1), LONGEST_BACKOFF),
            hold: None,
            lanes: settings.lanes.max(1),
            max_bytes: settings.max_bytes,
            give_up_after: settings.give_up_after,
            last_good: now,
            proven: false,
        }
    }

    /// What may be done now, with so many requests of posts in flight.
    pub fn permit(&self, now: Instant, in_flight: usize) -> Permit {
        if let Some((until, reason)) = self.hold.filter(|(until, _)| *until > now) {
            return Permit::Wait { until, reason };
        }
        if let Some(at) = self.caution.ask_at() {
            let at = at.max(self.bucket_ready(now));
            return when_due(now, at, WaitReason::Doubt, Permit::Ask);
        }
        let lanes = if self.proven { self.lanes } else { 1 };
        let lanes = self.caution.cap().map_or(lanes, |cap| cap.min(lanes));
        if !self.caution.may_write() || in_flight >= lanes {
            return Permit::Busy;
        }
        when_due(now, self.bucket_ready(now), WaitReason::Rate, Permit::Send)
    }

    /// Whether a read may go now. It writes nothing, so only the portal's limits hold it back.
    pub fn permit_read(&self, now: Instant) -> Permit {
        match self.hold.filter(|(until, _)| *until > now) {
            Some((until, reason)) => Permit::Wait { until, reason },
            None if !self.caution.may_write() => Permit::Busy,
            None => when_due(now, self.bucket_ready(now), WaitReason::Rate, Permit::Send),
        }
    }

    /// A read was answered well.
    pub fn read_well(&mut self) {
        self.backoff.reset();
    }

    /// What a request that is made ready now may hold; nothing while writing has stopped.
    pub fn limits(&self) -> Option<Limits> {
        let commands = self.size.commands();
        self.caution.may_write().then(|| Limits {
            commands: self.caution.cap().map_or(commands, |cap| cap.min(commands)),
            bytes: self.max_bytes,
        })
    }

    fn bucket_ready(&self, now: Instant) -> Instant {
        self.bucket
            .as_ref()
            .map_or(now, |bucket| bucket.ready_at(now))
    }

    /// A request of any kind goes out.
    pub fn sent(&mut self, now: Instant) {
        if let Some(bucket) = &mut self.bucket {
            bucket.take(now);
        }
    }

    /// `server.time` goes out.
    pub fn asked(&mut self, now: Instant) {
        self.sent(now);
        self.caution.asked();
    }

    /// `server.time` came back, or not.
    pub fn ask_answered(&mut self, well: bool, now: Instant, rng: &mut impl rand::Rng) {
        self.caution.answered(well, now, rng);
    }

    /// A call that creates nothing was answered well, or the run begins: the portal's silence
    /// counts from here.
    pub fn well(&mut self, now: Instant) {
        self.last_good = now;
        self.backoff.reset();
    }

    /// Posts were answered well; `took` is how long a batch of `commands` kept the portal busy.
    pub fn good(&mut self, commands: usize, took: Option<Duration>, now: Instant) {
        self.last_good = now;
        self.proven = true;
        self.backoff.reset();
        self.caution.good();
        if let Some(took) = took {
            self.size.learn(commands, took);
        }
    }

    /// An answer left doubt, perhaps because the request took too long.
    pub fn doubt(&mut self, commands: usize, now: Instant, rng: &mut impl rand::Rng) {
        self.size.shrink(commands);
        self.caution.doubt(now, rng);
    }

    /// The portal refused for its rate; nothing was executed.
    pub fn rate_refused(&mut self, now: Instant, rng: &mut impl rand::Rng) {
        if let Some(bucket) = &mut self.bucket {
            bucket.refused(now);
        }
        self.hold_back(WaitReason::RateRefused, now, rng);
    }

    /// The method's time budget is used up; `reset_in` if the portal has said when it frees.
    pub fn budget_refused(
        &mut self,
        reset_in: Option<Duration>,
        now: Instant,
        rng: &mut impl rand::Rng,
    ) {
        self.hold_back(WaitReason::Operating, now, rng);
        if let (Some(wait), Some((until, _))) = (reset_in, &mut self.hold) {
            *until = (*until).max(now + wait.min(LONGEST_BUDGET));
        }
    }

    /// The portal could not be reached; nothing was executed.
    pub fn unreachable(&mut self, now: Instant, rng: &mut impl rand::Rng) {
        self.hold_back(WaitReason::Unreachable, now, rng);
    }

    /// A body of that many commands was too large, or vanished: the limits halve. The portal is
    /// well, so the next one waits a moment only.
    pub fn too_large(&mut self, commands: usize, now: Instant) {
        self.shrink(commands);
        if self.hold.is_none_or(|(until, _)| until <= now) {
            self.hold = Some((now + BREATH, WaitReason::TooLarge));
        }
    }

    /// Halves the limits of a request, after one of that many commands.
    pub fn shrink(&mut self, commands: usize) {
        self.max_bytes = (self.max_bytes / 2).max(LEAST_BYTES);
        self.size.shrink(commands);
    }

    /// Whether the portal has been silent for too long.
    pub fn gives_up(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_good) >= self.give_up_after
    }

    fn hold_back(&mut self, reason: WaitReason, now: Instant, rng: &mut impl rand::Rng) {
        // Lanes refused in the same moment are one refusal.
        if self.hold.is_none_or(|(until, _)| until <= now) {
            self.hold = Some((now + self.backoff.fail(rng), reason));
        }
    }
}

fn when_due(now: Instant, at: Instant, reason: WaitReason, permit: Permit) -> Permit {
    if at > now {
        Permit::Wait { until: at, reason }
    } else {
        permit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn settings() -> Settings {
        Settings {
            bucket: None,
            recent: Vec::new(),
            lanes: 4,
            first_batch: 50,
            max_batch: 50,
            max_bytes: 1 << 23,
            request_limit: Duration::from_secs(60),
            give_up_after: Duration::from_secs(3_600),
        }
    }

    const FULL: Permit = Permit::Send;

    #[test]
    fn lanes_bound_what_is_under_way() {
        let now = Instant::now();
        let mut governor = Governor::new(&settings(), now);
        assert_eq!(governor.permit(now, 0), FULL);
        assert_eq!(
            governor.permit(now, 1),
            Permit::Busy,
            "one lane until the portal has taken posts"
        );
        governor.good(1, None, now);
        assert_eq!(governor.permit(now, 3), FULL);
        assert_eq!(governor.permit(now, 4), Permit::Busy);
    }

    #[test]
    fn the_bucket_delays_every_kind_of_request() {
        let now = Instant::now();
        let bucket = BucketPlan {
            rate: 2.0,
            burst: 1.0,
        };
        let mut governor = Governor::new(
            &Settings {
                bucket: Some(bucket),
                ..settings()
            },
            now,
        );
        assert_eq!(governor.permit(now, 0), FULL);
        governor.sent(now);
        let until = now + Duration::from_millis(500);
        assert_eq!(
            governor.permit(now, 0),
            Permit::Wait {
                until,
                reason: WaitReason::Rate
            }
        );
        assert_eq!(governor.permit(until, 0), FULL);
    }

    #[test]
    fn after_a_doubt_one_command_on_one_lane() {
        let mut rng = StdRng::seed_from_u64(3);
        let now = Instant::now();
        let mut governor = Governor::new(&settings(), now);
        governor.doubt(2, now, &mut rng);
        let Permit::Wait {
            until,
            reason: WaitReason::Doubt,
        } = governor.permit(now, 2)
        else {
            panic!("{:?}", governor.permit(now, 2));
        };
        assert_eq!(governor.permit(until, 2), Permit::Ask);
        governor.asked(until);
        assert_eq!(governor.permit(until, 0), Permit::Busy);
        assert_eq!(governor.limits(), None);
        governor.ask_answered(true, until, &mut rng);
        assert_eq!(governor.permit(until, 0), Permit::Send);
        assert_eq!(governor.limits().map(|limits| limits.commands), Some(1));
        assert_eq!(governor.permit(until, 1), Permit::Busy);
        governor.good(1, Some(Duration::ZERO), until);
        assert_eq!(governor.permit(until, 1), Permit::Send);
        assert_eq!(governor.limits().map(|limits| limits.commands), Some(2));
    }

    #[test]
    fn refusals_hold_every_lane_back_and_good_answers_end_the_growth() {
        let mut rng = StdRng::seed_from_u64(3);
        let now = Instant::now();
        let mut governor = Governor::new(&settings(), now);
        governor.rate_refused(now, &mut rng);
        let Permit::Wait { until, reason } = governor.permit(now, 0) else {
            panic!("must wait");
        };
        assert_eq!(reason, WaitReason::RateRefused);
        assert!(until <= now + Duration::from_secs(1));
        assert_eq!(governor.permit(until, 0), FULL);
        let reset = Duration::from_secs(300);
        governor.budget_refused(Some(reset), until, &mut rng);
        assert_eq!(
            governor.permit(until, 0),
            Permit::Wait {
                until: until + reset,
                reason: WaitReason::Operating
            }
        );
    }

    #[test]
    fn it_gives_up_only_without_any_good_answer() {
        let now = Instant::now();
        let mut governor = Governor::new(&settings(), now);
        let hour = Duration::from_secs(3_600);
        assert!(!governor.gives_up(now + hour - Duration::from_secs(1)));
        assert!(governor.gives_up(now + hour));
        governor.good(1, None, now + hour);
        assert!(!governor.gives_up(now + hour));
    }

    #[test]
    fn a_body_too_large_halves_the_limit() {
        let now = Instant::now();
        let mut governor = Governor::new(&settings(), now);
        governor.shrink(2);
        assert_eq!(governor.limits().map(|limits| limits.bytes), Some(1 << 22));
        for _ in 0..20 {
            governor.shrink(2);
        }
        assert_eq!(
            governor.limits().map(|limits| limits.bytes),
            Some(LEAST_BYTES)
        );
    }
}
