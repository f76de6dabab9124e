//! Questions to the portal, paced and repeated.

use std::time::Duration;

use tokio::time::Instant;

use crate::batch::MAX_COMMANDS;
use crate::import::clock::Clock;
use crate::import::engine::now;
use crate::import::job::Job;
use crate::ledger::LedgerError;
use crate::pacing::{BucketPlan, Governor, Permit, Settings};
use crate::portal::{CallError, Limit, Portal, Transport};

/// How often the portal is asked the same before that is an error.
pub const TRIES: u32 = 3;

/// Between two tries, times the tries so far.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Asks for a run that has not begun.
pub struct Asker<'j, 'a, T, C> {
    pub job: &'j mut Job<'a, T, C>,
    governor: &'j mut Governor,
    requests: &'j mut u64,
    /// Whether the portal has answered anything.
    reached: bool,
}

impl<'j, 'a, T: Transport, C: Clock> Asker<'j, 'a, T, C> {
    pub fn new(
        job: &'j mut Job<'a, T, C>,
        governor: &'j mut Governor,
        requests: &'j mut u64,
    ) -> Asker<'j, 'a, T, C> {
        Asker {
            job,
            governor,
            requests,
            reached: false,
        }
    }

    /// Asks when the bucket allows it. A portal that is at one of its limits or answers oddly is
    /// asked again, and so is one that has answered before and can't be reached any more.
    pub async fn ask<R>(
        &mut self,
        call: impl AsyncFn(&Portal<T>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let mut tries = 0;
        loop {
            self.wait().await;
            tries += 1;
            *self.requests += 1;
            self.governor.sent(now());
            let error = match call(self.job.portal).await {
                Ok(answer) => {
                    self.reached = true;
                    self.governor.well(now());
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let may_pass = match error {
                CallError::Limited(_) | CallError::Unwell(_) => true,
                CallError::Transport(_) => self.reached,
                _ => false,
            };
            if tries == TRIES || !may_pass {
                return Err(error);
            }
            self.learn(&error);
            self.pause(tries).await;
        }
    }

    /// A pause before something is asked once more, after so many tries.
    pub async fn pause(&self, tries: u32) {
        tokio::time::sleep(ASK_AGAIN * tries).await;
    }

    /// A limit that was met delays what is asked next.
    pub fn learn(&mut self, error: &CallError) {
        let CallError::Limited(limit) = error else {
            return;
        };
        match limit {
            Limit::Query => self.governor.rate_refused(now(), &mut self.job.rng),
            Limit::Operating { reset_at } => {
                let second = self.job.clock.wall().as_second();
                let wait = reset_at.map(|at| at.saturating_sub(second).max(0).unsigned_abs());
                let wait = wait.map(Duration::from_secs);
                self.governor.budget_refused(wait, now(), &mut self.job.rng);
            }
        }
    }

    async fn wait(&self) {
        while let Permit::Wait { until, .. } = self.governor.permit(now(), 0, 0) {
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// The pacing, with a bucket that earlier runs have filled.
pub fn governor<T, C: Clock>(job: &Job<'_, T, C>) -> Result<Governor, LedgerError> {
    let options = &job.options;
    let recent = match options.bucket {
        None => Vec::new(),
        Some(plan) => recent_requests(job, plan)?,
    };
    let settings = Settings {
        bucket: options.bucket,
        operating_limit: options.operating_limit,
        reserve: options.reserve,
        recent,
        lanes: options.order.lanes(options.lanes),
        first_batch: options.first_batch,
        max_batch: MAX_COMMANDS,
        max_bytes: options.max_batch_bytes,
        request_limit: options.request_limit,
        give_up_after: options.give_up_after,
    };
    Ok(Governor::new(&settings, Instant::now().into_std()))
}

/// Ages of the requests that may still be in the bucket.
fn recent_requests<T, C: Clock>(
    job: &Job<'_, T, C>,
    plan: BucketPlan,
) -> Result<Vec<Duration>, LedgerError> {
    let now = job.clock.wall_ms();
    let full = (plan.burst / plan.rate * 1_000.0) as i64;
    let sent = job.ledger.requests_since(now.saturating_sub(full))?;
    let age = |at| u64::try_from(now.saturating_sub(at)).unwrap_or(0);
    let earlier = sent.into_iter().map(|at| Duration::from_millis(age(at)));
    Ok(earlier.collect())
}
