//! The stations of a run, from the first look at the ledger to the summary.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::check::Rules;
use crate::ledger::{Ledger, LedgerError, RunStart, Settle};
use crate::manifest::{Manifest, ManifestError};
use crate::pacing::BucketPlan;
use crate::portal::{Portal, Profile, Transport};

use super::briefing::Briefing;
use super::clock::Clock;
use super::desk::Desk;
use super::ending::{Ending, Exit, Stop};
use super::engine::{Engine, Rest};
use super::feeder::{Due, Feeder, Filled};
use super::front::{Consent, Front};
use super::guard;
use super::interrupt::Interrupt;
use super::offload::Offload;
use super::opening;
use super::summary::{RunError, Summary};
use super::survey::{Question, SurveyError, survey};
use super::surveyed::Survey;
use super::waiting::{Making, Order};
use super::window::WINDOW;

/// What the user has set.
#[derive(Clone, Debug)]
pub struct Options {
    pub order: Order,
    /// None where nothing limits the requests.
    pub bucket: Option<BucketPlan>,
    /// Requests in flight at once, at most.
    pub lanes: usize,
    /// Commands of the first batch, before anything is known of the portal's speed.
    pub first_batch: usize,
    pub request_limit: Duration,
    pub max_batch_bytes: u64,
    pub give_up_after: Duration,
    pub limit: Option<u64>,
    pub skip_invalid: bool,
    pub retry_failed: bool,
    pub accept_edits: bool,
    pub rebind: bool,
    pub new_ledger: bool,
}

/// Everything that a run works with.
pub struct Job<'a, T, C> {
    pub manifest: Arc<Manifest>,
    pub rules: Arc<Rules>,
    /// Locked by the caller for the whole run.
    pub ledger: Ledger,
    pub portal: &'a Portal<T>,
    /// What the ledger is bound to: the portal's host, with `#` and its `member_id` where that is
    /// known, or a sandbox's own name.
    pub identity: String,
    /// What the user calls the portal.
    pub portal_name: String,
    pub clock: &'a C,
    pub offload: Offload,
    pub rng: StdRng,
    pub interrupt: Interrupt,
    pub options: Options,
    pub front: &'a mut dyn Front,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    pub summary: Summary,
    pub ending: Ending,
    /// Answers that the ledger could not take.
    pub unrecorded: Vec<Settle>,
}

impl Outcome {
    /// The outcome of a run that an error has ended before it began; the summary has the error.
    pub fn stopped(summary: Summary) -> Outcome {
        Outcome {
            summary,
            ending: Ending::Stopped,
            unrecorded: Vec::new(),
        }
    }

    pub fn exit(&self) -> Exit {
        Exit::of_run(&self.summary, self.ending)
    }
}

/// How a run that doesn't reach its end breaks off.
pub(super) enum Break {
    /// Without an error.
    Off(Ending),
    Error(RunError),
}

impl From<LedgerError> for Break {
    fn from(error: LedgerError) -> Break {
        Break::Error(RunError::new(error.code(), error.to_string()))
    }
}

impl From<ManifestError> for Break {
    fn from(error: ManifestError) -> Break {
        Break::Error(RunError::new("manifest", error.to_string()))
    }
}

impl From<SurveyError> for Break {
    fn from(error: SurveyError) -> Break {
        match error {
            SurveyError::Manifest(error) => error.into(),
            SurveyError::Ledger(error) => error.into(),
            SurveyError::Interrupted => Break::Off(Ending::Interrupted),
        }
    }
}

/// Runs the job.
pub async fn import<T: Transport, C: Clock>(mut job: Job<'_, T, C>) -> Outcome {
    let start = Instant::now();
    let mut summary = Summary {
        ledger: job.ledger.path().display().to_string(),
        ..Summary::default()
    };
    let mut unrecorded = Vec::new();
    let done = match look(&mut job, &mut summary) {
        Ok(surveyed) => send(job, surveyed, &mut summary, &mut unrecorded).await,
        Err(broken) => Err(broken),
    };
    summary.elapsed_s = (start.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    let ending = match done {
        Ok(()) => Ending::Done,
        Err(Break::Off(ending)) => ending,
        Err(Break::Error(error)) => {
            summary.error = Some(error);
            Ending::Stopped
        }
    };
    Outcome {
        summary,
        ending,
        unrecorded,
    }
}

/// Recovers the ledger and surveys the manifest; nothing is sent.
fn look<T, C: Clock>(job: &mut Job<'_, T, C>, summary: &mut Summary) -> Result<Survey, Break> {
    job.ledger.check_portal(&job.identity, job.options.rebind)?;
    job.ledger.recover(job.clock.wall_ms())?;
    let question = Question {
        now: job.clock.wall(),
        retry_failed: job.options.retry_failed,
        oldest_first: job.options.order == Order::Entity,
        limit: job.options.limit,
        siblings: match job.options.new_ledger {
            true => Vec::new(),
            false => guard::siblings(&job.ledger, &job.identity)?,
        },
    };
    let surveyed = survey(
        &job.manifest,
        &job.rules,
        &job.ledger,
        question,
        &job.interrupt,
        job.front,
    )?;
    surveyed.sum_up(summary);
    guard::stop_if_damaged(&job.ledger, &surveyed)?;
    guard::stop_if_known_elsewhere(&surveyed)?;
    guard::settle_edits(&mut job.ledger, &surveyed, job.options.accept_edits)?;
    if !surveyed.renames.is_empty() {
        let at = job.clock.wall_ms();
        job.ledger.rename(&surveyed.renames, at)?;
    }
    if surveyed.due_rows == 0 || (surveyed.invalid > 0 && !job.options.skip_invalid) {
        return Err(Break::Off(Ending::Done));
    }
    Ok(surveyed)
}

/// Asks the portal and the user, then sends.
async fn send<T: Transport, C: Clock>(
    mut job: Job<'_, T, C>,
    mut surveyed: Survey,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    let asked = opening::who_are_we(job.portal, &mut summary.requests);
    let profile = unless_interrupted(&mut job.interrupt, asked).await??;
    opening::may_post_for_others(job.rules.target, &surveyed, &profile)?;
    let making = Making {
        target: job.rules.target,
        order: job.options.order,
        origin: job.rules.origin_line,
        max_batch_bytes: job.options.max_batch_bytes,
        user_id: profile.id,
    };
    let due = Due {
        rows: std::mem::take(&mut surveyed.due),
        ordinals: std::mem::take(&mut surveyed.repeats).into_ordinals(),
    };
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    let mut feeder = Feeder::new(manifest, rules, making, due)?;
    let first = feeder.fill(WINDOW)?;
    let briefing = Briefing::new(&job, &surveyed, &profile, &first)?;
    consent(&mut job, &briefing).await?;
    let run = begin(&mut job, &profile)?;
    summary.run = Some(run);
    let clock = job.clock;
    let rest = start(job, run, surveyed.due_rows, summary.requests, first, feeder)?
        .run()
        .await;
    conclude(rest, clock, run, summary, unrecorded)
}

/// Whether the user lets the run begin.
async fn consent<T, C>(job: &mut Job<'_, T, C>, briefing: &Briefing) -> Result<(), Break> {
    match job.front.consent(briefing) {
        Consent::Given => Ok(()),
        Consent::Missing => Err(Break::Off(Ending::ConsentMissing)),
        Consent::Asked(answer) => match unless_interrupted(&mut job.interrupt, answer).await? {
            Ok(true) => Ok(()),
            _ => Err(Break::Off(Ending::Declined)),
        },
    }
}

/// Binds the ledger and notes the run in it.
fn begin<T, C: Clock>(job: &mut Job<'_, T, C>, profile: &Profile) -> Result<i64, Break> {
    job.ledger.bind(&job.identity, profile.id)?;
    Ok(job.ledger.begin_run(&RunStart {
        target: job.rules.target.name(),
        portal: &job.identity,
        user_id: profile.id,
        at: job.clock.wall_ms(),
    })?)
}

/// The engine, with the first rows in its window.
fn start<'a, T: Transport, C: Clock>(
    job: Job<'a, T, C>,
    run: i64,
    total: u64,
    asked: u64,
    first: Vec<Filled>,
    feeder: Feeder,
) -> Result<Engine<'a, T, C>, Break> {
    let mut desk = Desk::new(opening::governor(&job, asked)?);
    desk.take_in(first, job.front);
    Ok(Engine {
        portal: job.portal,
        clock: job.clock,
        offload: job.offload,
        front: job.front,
        interrupt: job.interrupt,
        rng: job.rng,
        target: job.rules.target.name(),
        run,
        give_up_after: job.options.give_up_after,
        total,
        desk,
        next_batch: job.ledger.next_batch_id()?,
        ledger: Some(job.ledger),
        feeder: Some(feeder),
    })
}

/// Waits for something before the run, as long as the user doesn't want to stop.
async fn unless_interrupted<R>(
    interrupt: &mut Interrupt,
    work: impl Future<Output = R>,
) -> Result<R, Break> {
    tokio::select! {
        biased;
        () = interrupt.next() => Err(Break::Off(Ending::Interrupted)),
        done = work => Ok(done),
    }
}

/// Adds the run's counts to the summary and notes its end.
fn conclude(
    rest: Rest,
    clock: &impl Clock,
    run: i64,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    summary.add(&rest.tally);
    unrecorded.extend(rest.unrecorded);
    let error = rest.stop.as_ref().and_then(Stop::error);
    let outcome = match (&rest.stop, &error) {
        (None, _) => "done",
        (Some(_), None) => "interrupted",
        (Some(_), Some(error)) => error.code.as_str(),
    };
    let noted = match (rest.ledger, &rest.stop) {
        (Some(mut ledger), stop) if !matches!(stop, Some(Stop::Ledger(_))) => {
            ledger.end_run(run, outcome, clock.wall_ms())
        }
        _ => Ok(()),
    };
    match (error, rest.stop) {
        (Some(error), _) => Err(Break::Error(error)),
        (None, Some(_)) => Err(Break::Off(Ending::Interrupted)),
        (None, None) => Ok(noted?),
    }
}
