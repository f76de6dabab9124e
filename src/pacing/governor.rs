//! Says what may be sent now, by the limits of the portal, the size of a batch, the circuit breaker
//! and the delays after failures.
//!
//! It is told of everything that goes out and comes back, and never sends or waits itself.

use std::time::{Duration, Instant};

use crate::batch::plan::Limits;

use super::forecast::{Experience, Gates};
use super::{
    Backoff, BatchSize, Bucket, BucketPlan, CircuitBreaker, Estimate, LineSpeed, Operating,
    PlannedWork, Told,
};

/// What the user has set.
#[derive(Clone, Debug)]
pub struct PacingSettings {
    /// None where nothing is known to limit the requests.
    pub bucket: Option<BucketPlan>,
    /// Server time of the method in ten minutes; none where nothing limits it.
    pub operating_limit: Option<Duration>,
    /// The share of both that is left for others.
    pub reserve: f64,
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
    /// Nothing yet.
    Wait {
        /// When to ask again.
        until: Instant,
        /// What has to pass first.
        reason: WaitReason,
    },
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

/// Joins bucket, server time, batch size, circuit breaker and back-off.
#[derive(Debug)]
pub struct Governor {
    bucket: Bucket,
    operating: Operating,
    size: BatchSize,
    experience: Experience,
    breaker: CircuitBreaker,
    backoff: Backoff,
    hold: Option<(Instant, WaitReason)>,
    line: LineSpeed,
    /// Whether the portal is known to limit requests.
    is_rated: bool,
    lanes: usize,
    max_bytes: u64,
    /// What the upload of a body may take.
    upload_time: Duration,
    give_up_after: Duration,
    last_good: Instant,
    /// Whether the portal has taken posts in this run.
    proven: bool,
}

/// Fewer commands than those of a full request divided by this aren't worth one while others go.
const FEW_COMMANDS_PART: usize = 4;

/// Between two requests of which the first was refused for its size.
const PAUSE_BEFORE_SMALLER_REQUEST: Duration = Duration::from_millis(500);

/// An upload is to take the request limit divided by this, at most.
const UPLOAD_PART: u32 = 4;

/// A body limit below this helps nobody.
const LEAST_BYTES: u64 = 64 * 1024;

/// The longest time between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(120);

/// A time budget is counted over ten minutes (bitrix24-rest.md §6); a portal that names a later end
/// is not believed.
const LONGEST_BUDGET: Duration = Duration::from_secs(15 * 60);

impl Governor {
    /// A governor for a run that begins now.
    pub fn new(settings: &PacingSettings, now: Instant) -> Governor {
        let plan = settings.bucket.unwrap_or(BucketPlan::UNLIMITED);
        Governor {
            bucket: Bucket::new(plan.less(settings.reserve), &settings.recent, now),
            operating: Operating::new(settings.operating_limit, settings.reserve, now),
            experience: Experience::default(),
            size: BatchSize::new(
                settings.first_batch,
                settings.max_batch,
                settings.request_limit,
            ),
            breaker: CircuitBreaker::default(),
            backoff: Backoff::new(Duration::from_secs(1), LONGEST_BACKOFF),
            hold: None,
            line: LineSpeed::default(),
            upload_time: settings.request_limit / UPLOAD_PART,
            is_rated: settings.bucket.is_some(),
            lanes: settings.lanes.max(1),
            max_bytes: settings.max_bytes,
            give_up_after: settings.give_up_after,
            last_good: now,
            proven: false,
        }
    }

    /// What may be done now, with so many requests of posts in flight; `commands` would go.
    pub fn permit(&self, now: Instant, in_flight: usize, commands: usize) -> Permit {
        if let Some((until, reason)) = self.hold.filter(|(until, _)| *until > now) {
            return Permit::Wait { until, reason };
        }
        if let Some(at) = self.breaker.ask_at() {
            let at = at.max(self.bucket.ready_at(now));
            return when_due(now, at, WaitReason::Doubt, Permit::Ask);
        }
        let lanes = if self.proven { self.lanes } else { 1 };
        let lanes = self.breaker.cap().map_or(lanes, |cap| cap.min(lanes));
        if !self.breaker.may_write() || in_flight >= lanes {
            return Permit::Busy;
        }
        let room = self.operating.room(now);
        if room < commands || (in_flight > 0 && room < self.few_commands()) {
            return Permit::Wait {
                until: self.operating.frees_at(now),
                reason: WaitReason::Operating,
            };
        }
        when_due(
            now,
            self.bucket.ready_at(now),
            WaitReason::Rate,
            Permit::Send,
        )
    }

    /// So few commands aren't worth a request while others are under way.
    fn few_commands(&self) -> usize {
        self.size.commands().div_ceil(FEW_COMMANDS_PART)
    }

    /// Whether a read may go now: the request rate, delays after failures and the circuit breaker
    /// hold it back, but not the server time of the posts' method, nor other requests in flight.
    pub fn permit_read(&self, now: Instant) -> Permit {
        match self.hold.filter(|(until, _)| *until > now) {
            Some((until, reason)) => Permit::Wait { until, reason },
            None if !self.breaker.may_write() => Permit::Busy,
            None => when_due(
                now,
                self.bucket.ready_at(now),
                WaitReason::Rate,
                Permit::Send,
            ),
        }
    }

    /// A read was answered well.
    pub fn read_well(&mut self) {
        self.backoff.reset();
    }

    /// What a request that is made ready now may hold; nothing while writing has stopped. One for
    /// which there is hardly any room will wait, so that it need not be small.
    pub fn limits(&self, now: Instant) -> Option<Limits> {
        let size = self.size.commands();
        let commands = match self.operating.room(now) {
            0 => size,
            room if room < self.few_commands() && !self.operating.is_idle() => size,
            room => size.min(room),
        };
        self.breaker.may_write().then(|| Limits {
            commands: self.breaker.cap().map_or(commands, |cap| cap.min(commands)),
            bytes: self.max_bytes.min(self.line.body_within(self.upload_time)),
        })
    }

    /// Whether a batch that is not full is better filled up by rows that will be free soon:
    /// requests are what is scarce, and posts take hardly any time.
    pub fn saves_requests(&self) -> bool {
        self.is_rated && self.size.is_quick()
    }

    /// A request of any kind goes out.
    pub fn sent(&mut self, now: Instant) {
        self.bucket.take(now);
    }

    /// A request of so many posts goes out; [`Governor::landed`] ends it.
    pub fn sent_posts(&mut self, commands: usize, now: Instant) {
        self.sent(now);
        self.operating.sent(commands);
    }

    /// It came to its end: what the portal told of its time, and how long that was waited for.
    pub fn landed(&mut self, commands: usize, told: &Told, waited: Duration, now: Instant) {
        self.operating.landed(commands);
        self.operating.answered(told, now);
        if told.commands > 0 {
            self.experience.note(told.commands, waited, told.spent);
        }
    }

    /// A body of that many bytes has arrived within that time.
    pub fn carried(&mut self, bytes: u64, within: Duration) {
        self.line.carried(bytes, within);
    }

    /// How long the line may still carry a body after its last byte was given away.
    pub fn drain(&self, bytes: u64) -> Duration {
        self.line.drain(bytes, self.lanes)
    }

    /// How long so many more posts will take; none before anything is known.
    pub fn time_left(&self, posts: u64, now: Instant) -> Option<Duration> {
        let gates = Gates {
            lanes: self.lanes,
            bucket: &self.bucket,
            operating: &self.operating,
        };
        self.experience.time_left(posts, gates, now)
    }

    /// What a run of that work will take, by the bucket as it is now.
    pub fn estimate(&self, work: &PlannedWork, now: Instant) -> Estimate {
        Estimate::of(work, &self.bucket, now)
    }

    /// `server.time` goes out.
    pub fn asked(&mut self, now: Instant) {
        self.sent(now);
        self.breaker.asked();
    }

    /// `server.time` came back, or not.
    pub fn ask_answered(&mut self, well: bool, now: Instant, rng: &mut impl rand::Rng) {
        self.breaker.answered(well, now, rng);
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
        self.breaker.good();
        if let Some(took) = took {
            self.size.learn(commands, took);
        }
    }

    /// An answer left doubt, perhaps because the request took too long.
    pub fn doubt(&mut self, commands: usize, now: Instant, rng: &mut impl rand::Rng) {
        self.size.shrink(commands);
        self.line.doubt();
        self.breaker.doubt(now, rng);
    }

    /// The portal refused for its rate; nothing was executed.
    pub fn rate_refused(&mut self, now: Instant, rng: &mut impl rand::Rng) {
        self.hold_back(WaitReason::RateRefused, now, rng);
        let until = self.hold.map_or(now, |(until, _)| until);
        self.bucket.refused(now, until);
    }

    /// The server time of the posts' method is used up; `reset_in` if the portal has said when it
    /// frees. Reads go on.
    pub fn posts_refused(
        &mut self,
        reset_in: Option<Duration>,
        now: Instant,
        rng: &mut impl rand::Rng,
    ) {
        self.operating.refused(reset_in, now, rng);
    }

    /// The server time of another method is used up.
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
            self.hold = Some((now + PAUSE_BEFORE_SMALLER_REQUEST, WaitReason::TooLarge));
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
mod tests;
