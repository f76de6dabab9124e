//! The server time that the portal grants the method of the posts: 480 s in any ten minutes, unless
//! a refusal or the user says otherwise (bitrix24-rest.md §6).
//!
//! Portals count differently: some charge each call as it ends, others a request as a whole, and
//! what is told inside a batch may leave that batch out. So own requests are counted here by the
//! time that the portal told for them, in minutes of the portal's clock, and what the portal tells
//! beyond that is somebody else's. Requests in flight count as they are predicted to. As long as a
//! portal tells no account and refuses nothing for it, nothing is limited.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Backoff;

/// Server time in ten minutes that the documentation counts with (bitrix24-rest.md §6).
pub const DOCUMENTED_LIMIT: Duration = Duration::from_secs(480);

/// The part of it that is used: predictions are off by a post or two.
pub const USED_SHARE: f64 = 0.95;

/// The time over which a portal counts, and the steps in which it forgets.
pub const SPAN: Duration = Duration::from_secs(600);
const STEP: Duration = Duration::from_secs(60);

/// What may be tried of the limit when nobody knows how much of it others still use.
const TRIAL_SHARE: f64 = 0.05;

/// A refusal at a lower share of the limit than this has another cause, such as a ban.
const LEAST_LEARNED: f64 = 0.1;

/// The delay after a refusal; it doubles. One that the count does not explain may end at any time.
const UNEXPLAINED_DELAY: Duration = Duration::from_secs(1);
const EXPLAINED_DELAY: Duration = Duration::from_secs(60);
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// A portal that names an earlier or a later end than this is not believed.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// What an answer told of the method's server time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// Commands that ran.
    pub commands: usize,
    /// Server time that they took.
    pub spent: Duration,
    /// The method's account: seconds used of its limit.
    pub used: Option<f64>,
    /// Until the oldest part of that is forgotten.
    pub reset_in: Option<Duration>,
}

/// The account as it is reckoned here.
#[derive(Clone, Debug)]
pub struct Operating {
    /// Seconds in ten minutes; none where the user says that nothing limits them.
    limit: Option<f64>,
    /// The part of the limit that may be used.
    share: f64,
    /// Whether the portal tells an account, or has refused something for it.
    is_counted: bool,
    /// Seconds that a command takes, once known.
    cost: Option<f64>,
    in_flight: usize,
    /// Own seconds, and when the portal forgets them.
    own: VecDeque<(Instant, f64)>,
    /// What others have used, and until when that is certain.
    others: f64,
    others_until: Instant,
    /// A moment at which a minute of the portal's clock begins, once told.
    minute: Option<Instant>,
    /// After a refusal, nothing goes before that moment.
    closed_until: Instant,
    /// After a refusal, one small request at a time until one is taken.
    is_trying: bool,
    unexplained: Backoff,
    explained: Backoff,
}

impl Operating {
    /// An account of which `limit` is assumed and `reserve` (a share) left for others.
    pub fn new(limit: Option<Duration>, reserve: f64, now: Instant) -> Operating {
        Operating {
            limit: limit.map(|limit| limit.as_secs_f64()),
            share: USED_SHARE * (1.0 - reserve),
            is_counted: false,
            cost: None,
            in_flight: 0,
            own: VecDeque::new(),
            others: 0.0,
            others_until: now,
            minute: None,
            closed_until: now,
            is_trying: false,
            unexplained: Backoff::new(UNEXPLAINED_DELAY, LONGEST_DELAY),
            explained: Backoff::new(EXPLAINED_DELAY, LONGEST_DELAY),
        }
    }

    /// A request of so many commands goes out.
    pub fn sent(&mut self, commands: usize) {
        self.in_flight += commands;
    }

    /// It has come to its end, in whatever way.
    pub fn landed(&mut self, commands: usize) {
        self.in_flight = self.in_flight.saturating_sub(commands);
    }

    /// Takes in what an answer told; [`Operating::landed`] comes first.
    pub fn answered(&mut self, told: &Told, now: Instant) {
        self.forget(now);
        if let Some(wait) = told.reset_in {
            self.minute = Some(now + wait);
        }
        if told.commands > 0 {
            let latest = told.spent.as_secs_f64() / told.commands as f64;
            // Rises at once and falls slowly: too high an estimate only delays.
            let smooth = self.cost.map_or(latest, |cost| 0.75 * cost + 0.25 * latest);
            self.cost = Some(latest.max(smooth));
            self.is_trying = false;
            self.unexplained.reset();
            self.explained.reset();
            self.book(told.spent.as_secs_f64(), now);
        }
        if let Some(used) = told.used {
            self.is_counted = true;
            self.others = (used - self.own_seconds(now) - self.predicted()).max(0.0);
            self.others_until = now + told.reset_in.unwrap_or(STEP);
        }
    }

    /// The portal refused commands for it, after what the same answer told. `reset_in` if it has
    /// said when the account frees.
    pub fn refused(&mut self, reset_in: Option<Duration>, now: Instant, rng: &mut impl rand::Rng) {
        // Lanes refused in the same moment are one refusal.
        if self.closed_until > now {
            return;
        }
        let again = std::mem::replace(&mut self.is_trying, true);
        self.is_counted = true;
        let used = self.used(now);
        let assumed = self.limit.unwrap_or(DOCUMENTED_LIMIT.as_secs_f64());
        let explained = used >= LEAST_LEARNED * assumed;
        if explained {
            self.limit = Some(used.min(assumed));
        }
        let delay = match explained {
            true => self.explained.fail(rng),
            false => self.unexplained.fail(rng),
        };
        let frees = self.next_drop(now).filter(|_| explained);
        let told = reset_in.map(|wait| now + wait.clamp(SHORTEST_WAIT, LONGEST_WAIT));
        // What is told or counted may be wrong: a second refusal waits longer.
        let expected = told.or(frees);
        self.closed_until = match (expected, again) {
            (Some(at), false) => at,
            (Some(at), true) => at.max(now + delay),
            (None, _) => now + delay,
        };
    }

    /// The most commands that may go now, beside those in flight; `usize::MAX` without a limit.
    pub fn room(&self, now: Instant) -> usize {
        if now < self.closed_until || (self.is_trying && self.in_flight > 0) {
            return 0;
        }
        if self.is_trying {
            return 1;
        }
        let Some(cost) = self.cost.filter(|_| self.is_limited()) else {
            return usize::MAX;
        };
        // Sums of many posts are not exact.
        let posts = self.seconds_free(now) / cost.max(1e-9) + 1e-6;
        let unused = self.is_idle() && self.next_drop(now).is_none();
        // A post that needs more than the budget goes alone.
        (posts.max(0.0) as usize).max(usize::from(unused))
    }

    /// Whether nothing is in flight.
    pub fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    /// When there may be more room than now.
    pub fn frees_at(&self, now: Instant) -> Instant {
        if now < self.closed_until {
            return self.closed_until;
        }
        let drop = self.next_drop(now);
        drop.unwrap_or(now + STEP)
    }

    /// How long so many seconds of server time will take, spent `speed` at a time where nothing
    /// holds them back.
    pub fn time_for(&self, seconds: f64, speed: f64, now: Instant) -> f64 {
        if !self.is_limited() || speed <= 0.0 {
            return 0.0;
        }
        // Each ten minutes grant the same, at the same moments.
        let (a_cycle, _) = self.spend(f64::INFINITY, speed, now);
        if a_cycle <= 0.0 {
            return 0.0;
        }
        let cycles = ((seconds / a_cycle).ceil() - 1.0).max(0.0);
        let (_, last) = self.spend(seconds - cycles * a_cycle, speed, now);
        cycles * SPAN.as_secs_f64() + last
    }

    /// How many of so many seconds can be spent within ten minutes, and when the last of them is.
    fn spend(&self, seconds: f64, speed: f64, now: Instant) -> (f64, f64) {
        let ahead = |at: Instant| at.saturating_duration_since(now).as_secs_f64();
        let others = (self.others_until.max(now), self.others);
        let own = self.own.iter().filter(|(at, _)| *at > now).copied();
        let mut drops: Vec<(f64, f64)> = own
            .chain([others])
            .map(|(at, part)| (ahead(at), part))
            .collect();
        drops.sort_by(|a, b| a.0.total_cmp(&b.0));
        drops.push((SPAN.as_secs_f64(), 0.0));
        let mut free = (self.budget() - self.used(now)).max(0.0);
        let (mut clock, mut spent) = (0.0, 0.0);
        for (at, part) in drops {
            let now_spent = free.min((at - clock).max(0.0) * speed);
            if spent + now_spent >= seconds {
                return (seconds, clock + (seconds - spent) / speed);
            }
            spent += now_spent;
            free += part - now_spent;
            clock = clock.max(at);
        }
        (spent, clock)
    }

    fn is_limited(&self) -> bool {
        self.is_counted && self.limit.is_some()
    }

    fn budget(&self) -> f64 {
        self.limit.map_or(f64::INFINITY, |limit| limit * self.share)
    }

    fn predicted(&self) -> f64 {
        self.in_flight as f64 * self.cost.unwrap_or(0.0)
    }

    fn own_seconds(&self, now: Instant) -> f64 {
        let own = self.own.iter().filter(|(drops_at, _)| *drops_at > now);
        own.map(|(_, seconds)| seconds).sum()
    }

    fn used(&self, now: Instant) -> f64 {
        self.own_seconds(now) + self.others
    }

    /// What is left of the budget, with what is in flight taken off. Once others' use has become
    /// uncertain a little may be tried: the answer tells anew.
    fn seconds_free(&self, now: Instant) -> f64 {
        let beside_others = self.budget() - self.own_seconds(now);
        let mut free = beside_others - self.others;
        if self.others_until <= now && self.others > 0.0 {
            let trial = self.limit.unwrap_or(0.0) * TRIAL_SHARE;
            free = free.max(trial.min(beside_others));
        }
        free - self.predicted()
    }

    fn next_drop(&self, now: Instant) -> Option<Instant> {
        let others = Some(self.others_until).filter(|_| self.others > 0.0);
        let own = self.own.iter().map(|(at, _)| *at);
        own.chain(others).filter(|at| *at > now).min()
    }

    /// Counts own seconds in the portal's minute, or, while nothing is known of that, for the
    /// whole ten.
    fn book(&mut self, seconds: f64, now: Instant) {
        let minute_end = self.minute.map(|minute| next_minute(minute, now));
        let drops_at = minute_end.map_or(now, |end| end - STEP) + SPAN;
        match self.own.back_mut() {
            Some((at, sum)) if drops_at.saturating_duration_since(*at) < STEP / 2 => {
                *sum += seconds;
            }
            _ => self.own.push_back((drops_at, seconds)),
        }
    }

    fn forget(&mut self, now: Instant) {
        self.own.retain(|(at, _)| *at > now);
    }
}

/// The end of the minute that holds `now`, where another one begins or ends at `minute`.
fn next_minute(minute: Instant, now: Instant) -> Instant {
    let step = STEP.as_secs_f64();
    let since = match now.checked_duration_since(minute) {
        Some(since) => since.as_secs_f64(),
        None => -minute.saturating_duration_since(now).as_secs_f64(),
    };
    now + Duration::from_secs_f64(step - since.rem_euclid(step))
}

/// How long so many seconds of server time take from an empty account, where each ten minutes grant
/// `budget` of them and `speed` are spent at a time.
pub fn granted(seconds: f64, budget: f64, speed: f64) -> f64 {
    let a_cycle = budget.min(speed * SPAN.as_secs_f64());
    if a_cycle <= 0.0 || seconds <= 0.0 {
        return 0.0;
    }
    let cycles = ((seconds / a_cycle).ceil() - 1.0).max(0.0);
    cycles * SPAN.as_secs_f64() + (seconds - cycles * a_cycle) / speed
}

#[cfg(test)]
mod tests;
