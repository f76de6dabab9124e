//! Questions to the portal before a run sends: each waits until the request rate allows it, and is
//! asked again where that may help.

use std::time::{self, Duration};

use jiff::Timestamp;
use rand::rngs::StdRng;
use serde_json::Value;
use tokio::time::Instant;

use crate::batch::{Command, MAX_COMMANDS};
use crate::import::clock::{Clock, now};
use crate::import::job::Job;
use crate::ledger::LedgerError;
use crate::pacing::{BucketPlan, Governor, PacingSettings, Permit};
use crate::portal::{CallError, Client, FatalKind, Limit, Sent, Transport};

/// How often a question is asked before its failure is an error.
pub const TRIES: u32 = 3;

/// The pause after the first try; after the second it is twice as long.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// The pacing of requests before a run, and how many there have been.
pub struct Pacing {
    /// What says when a request may go.
    pub governor: Governor,
    /// Requests so far.
    pub requests: u64,
    /// Whether the portal has answered anything to who asks now.
    reached: bool,
}

impl Pacing {
    /// With these limits, and no request so far.
    pub fn new(settings: &PacingSettings) -> Pacing {
        Pacing {
            governor: Governor::new(settings, Instant::now().into_std()),
            requests: 0,
            reached: false,
        }
    }
}

/// Asks a portal as its limits allow.
pub struct PacedClient<'p, T, C> {
    /// The portal.
    pub portal: &'p Client<T>,
    /// The time of day.
    pub clock: &'p C,
    /// The source of all that is random.
    pub rng: &'p mut StdRng,
    /// Its limits, and what has been asked so far.
    pub pacing: &'p mut Pacing,
}

/// Asks for a run that has not begun.
pub struct Asker<'j, 'a, T, C> {
    pub job: &'j mut Job<'a, T, C>,
    pacing: &'j mut Pacing,
}

/// What a question was answered, and when by our clocks.
#[derive(Debug)]
pub struct Answered {
    pub result: Result<Value, CallError>,
    pub wall: Timestamp,
    pub at: time::Instant,
}

impl Answered {
    /// What `decode` reads from the answer.
    pub fn told<R>(
        &self,
        decode: impl FnOnce(&Value) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        decode(self.result.as_ref().map_err(Clone::clone)?)
    }

    /// The answer to a question that the reply leaves out.
    pub fn left_out() -> Answered {
        Answered {
            result: Err(CallError::unreadable("the reply leaves a question out")),
            wall: Timestamp::UNIX_EPOCH,
            at: now(),
        }
    }
}

impl<'j, 'a, T: Transport, C: Clock> Asker<'j, 'a, T, C> {
    pub fn new(job: &'j mut Job<'a, T, C>, pacing: &'j mut Pacing) -> Asker<'j, 'a, T, C> {
        pacing.reached = false;
        Asker { job, pacing }
    }

    fn client(&mut self) -> PacedClient<'_, T, C> {
        PacedClient {
            portal: self.job.portal,
            clock: self.job.clock,
            rng: &mut self.job.rng,
            pacing: self.pacing,
        }
    }

    /// See [`PacedClient::ask`].
    ///
    /// # Errors
    /// What the call came to at last.
    pub async fn ask<R>(
        &mut self,
        call: impl AsyncFn(&Client<T>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        self.client().ask(call).await
    }

    /// See [`PacedClient::ask_all`].
    ///
    /// # Errors
    /// Whatever kept the portal from answering at all.
    pub async fn ask_all(&mut self, commands: &[Command]) -> Result<Vec<Answered>, CallError> {
        self.client().ask_all(commands).await
    }

    /// The same, without asking again.
    ///
    /// # Errors
    /// Whatever kept the portal from answering at all.
    pub async fn ask_all_once(&mut self, commands: &[Command]) -> Result<Vec<Answered>, CallError> {
        self.client().ask_all_once(commands).await
    }

    /// A pause before something is asked once more, after so many tries.
    pub async fn pause(&self, tries: u32) {
        pause(tries).await;
    }

    /// A limit that was met delays what is asked next.
    pub fn learn(&mut self, error: &CallError) {
        self.client().learn(error);
    }
}

impl<T: Transport, C: Clock> PacedClient<'_, T, C> {
    /// Asks when the bucket allows it. A portal that is at one of its limits or answers oddly is
    /// asked again, and so is one that has answered before and can't be reached any more.
    ///
    /// # Errors
    /// What the call came to at last.
    pub async fn ask<R>(
        &mut self,
        call: impl AsyncFn(&Client<T>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.ask_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let may_pass = match error {
                CallError::Limited(_) | CallError::Unwell(_) => true,
                CallError::Transport(_) => self.pacing.reached,
                _ => false,
            };
            if tries == TRIES || !may_pass {
                return Err(error);
            }
            self.learn(&error);
            pause(tries).await;
        }
    }

    async fn ask_once<R>(
        &mut self,
        call: &impl AsyncFn(&Client<T>) -> Result<R, CallError>,
    ) -> Result<R, CallError> {
        self.wait().await;
        self.pacing.requests += 1;
        self.pacing.governor.sent(now());
        let answer = call(self.portal).await?;
        self.pacing.reached = true;
        self.pacing.governor.well(now());
        Ok(answer)
    }

    /// Asks several questions: one goes by itself, more in a batch.
    ///
    /// # Errors
    /// Whatever kept the portal from answering at all.
    pub async fn ask_all(&mut self, commands: &[Command]) -> Result<Vec<Answered>, CallError> {
        let answers = self
            .ask(async |portal| read(portal, commands).await)
            .await?;
        Ok(self.answered_now(answers))
    }

    /// The same, without asking again.
    ///
    /// # Errors
    /// Whatever kept the portal from answering at all.
    pub async fn ask_all_once(&mut self, commands: &[Command]) -> Result<Vec<Answered>, CallError> {
        let call = async |portal: &Client<T>| read(portal, commands).await;
        let answers = self.ask_once(&call).await?;
        Ok(self.answered_now(answers))
    }

    fn answered_now(&self, answers: Vec<Result<Value, CallError>>) -> Vec<Answered> {
        let (wall, at) = (self.clock.wall(), now());
        let answered = |result| Answered { result, wall, at };
        answers.into_iter().map(answered).collect()
    }

    /// A limit that was met delays what is asked next.
    pub fn learn(&mut self, error: &CallError) {
        let CallError::Limited(limit) = error else {
            return;
        };
        match limit {
            Limit::Query => self.pacing.governor.rate_refused(now(), self.rng),
            Limit::Operating { reset_at } => {
                let second = self.clock.wall().as_second();
                let wait = reset_at.map(|at| at.saturating_sub(second).max(0).unsigned_abs());
                let wait = wait.map(Duration::from_secs);
                self.pacing.governor.budget_refused(wait, now(), self.rng);
            }
        }
    }

    async fn wait(&self) {
        while let Permit::Wait { until, .. } = self.pacing.governor.permit(now(), 0, 0) {
            tokio::time::sleep_until(until.into()).await;
        }
    }
}

/// A pause before something is asked once more, after so many tries.
pub async fn pause(tries: u32) {
    tokio::time::sleep(ASK_AGAIN * tries).await;
}

/// Whether the same question may be answered otherwise later.
pub fn may_pass(error: &CallError) -> bool {
    match error {
        CallError::Limited(_) | CallError::Unwell(_) => true,
        CallError::Stop(stop) => stop.kind == FatalKind::TokenExpired,
        _ => false,
    }
}

/// Whether a smaller request might be answered where one was not.
pub fn may_be_too_much(error: &CallError) -> bool {
    match error {
        CallError::Unwell(_) => true,
        CallError::Transport(error) => error.sent == Sent::Maybe,
        _ => false,
    }
}

/// One call goes by itself, several in a batch.
async fn read<T: Transport>(
    portal: &Client<T>,
    commands: &[Command],
) -> Result<Vec<Result<Value, CallError>>, CallError> {
    let [command] = commands else {
        let answers = portal.read_all(commands).await?.into_iter();
        return Ok(answers
            .map(|answer| answer.map(|page| page.result))
            .collect());
    };
    match portal.read(command).await {
        Ok(result) => Ok(vec![Ok(result)]),
        Err(error @ (CallError::Refused { .. } | CallError::Stop(_))) => Ok(vec![Err(error)]),
        Err(error) => Err(error),
    }
}

/// The pacing, with a bucket that earlier runs have filled.
pub fn pacing<T, C: Clock>(job: &Job<'_, T, C>) -> Result<Pacing, LedgerError> {
    let options = &job.options;
    let recent = match options.bucket {
        None => Vec::new(),
        Some(plan) => recent_requests(job, plan)?,
    };
    let settings = PacingSettings {
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
    Ok(Pacing::new(&settings))
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
