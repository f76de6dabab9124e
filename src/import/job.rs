//! The stations of a run, from the first look at the ledger to the summary.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::check::Rules;
use crate::ledger::{Ledger, LedgerError, RunStart, Settle};
use crate::manifest::{Manifest, ManifestError};
use crate::pacing::{BucketPlan, Governor, PostTime};
use crate::portal::{Portal, Profile, Transport};

use super::briefing::Briefing;
use super::clock::{Clock, PortalClock};
use super::desk::Desk;
use super::ending::{Ending, Exit, Stop};
use super::engine::{Engine, Rest, now};
use super::feeder::{Due, Feeder, Filled};
use super::front::{Consent, Front};
use super::guard;
use super::interrupt::Interrupt;
use super::offload::Offload;
use super::preflight::{governor, preflight};
use super::readback::{Doubts, Proven, earlier};
use super::summary::{RunError, Summary};
use super::survey::{Question, SurveyError, survey};
use super::surveyed::Survey;
use super::trial::Trials;
use super::waiting::{Making, Order};
use super::window::WINDOW;

/// What the user has set.
#[derive(Clone, Debug)]
pub struct Options {
    pub order: Order,
    /// None where nothing limits the requests.
    pub bucket: Option<BucketPlan>,
    /// Server time that the portal grants the method in ten minutes, where it counts that.
    pub operating_limit: Option<Duration>,
    /// The share of both that is left for others.
    pub reserve: f64,
    /// Requests in flight at once, at most.
    pub lanes: usize,
    /// Commands of the first batch, before anything is known of the portal's speed.
    pub first_batch: usize,
    pub request_limit: Duration,
    pub max_batch_bytes: u64,
    pub give_up_after: Duration,
    pub limit: Option<u64>,
    /// How long a post is assumed to take, for the estimate before the run.
    pub post_time: PostTime,
    pub skip_invalid: bool,
    pub retry_failed: bool,
    pub accept_edits: bool,
    pub rebind: bool,
    pub new_ledger: bool,
    /// Whether the first row of each author is tried and read back.
    pub canary: bool,
    /// Whether the portal is asked for the CRM records of the rows.
    pub check_records: bool,
    /// Look at everything and send nothing.
    pub dry_run: bool,
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
pub async fn import<T: Transport, C: Clock>(job: Job<'_, T, C>) -> Outcome {
    let start = Instant::now();
    let mut summary = Summary {
        ledger: job.ledger.path().display().to_string(),
        ..Summary::default()
    };
    let mut unrecorded = Vec::new();
    let done = stations(job, &mut summary, &mut unrecorded).await;
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

async fn stations<T: Transport, C: Clock>(
    mut job: Job<'_, T, C>,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    job.ledger.check_portal(&job.identity, job.options.rebind)?;
    let mut governor = governor(&job)?;
    let mut proven = Proven::new();
    if !job.options.dry_run {
        job.ledger.recover(job.clock.wall_ms())?;
        let settled = earlier::settle(&mut job, &mut governor, &mut summary.requests).await;
        match settled {
            Ok(shown) => proven = shown,
            // What the manifest holds is told all the same.
            Err(broken) => {
                look(&mut job, summary).map(drop)?;
                return Err(broken);
            }
        }
    }
    let surveyed = look(&mut job, summary)?;
    let prepared = Prepared {
        surveyed,
        governor,
        proven,
    };
    send(job, prepared, summary, unrecorded).await
}

/// Surveys the manifest; nothing is sent.
fn look<T, C: Clock>(job: &mut Job<'_, T, C>, summary: &mut Summary) -> Result<Survey, Break> {
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
    guard::stop_if_edited(&surveyed, job.options.accept_edits)?;
    if !job.options.dry_run {
        guard::note_edits(&mut job.ledger, &surveyed, job.clock.wall_ms())?;
    }
    stop_if_nothing_to_send(&job.options, &surveyed)?;
    Ok(surveyed)
}

fn stop_if_nothing_to_send(options: &Options, surveyed: &Survey) -> Result<(), Break> {
    match surveyed.due_rows == 0 || (surveyed.invalid > 0 && !options.skip_invalid) {
        true => Err(Break::Off(Ending::Done)),
        false => Ok(()),
    }
}

/// Asks the portal and the user, then sends.
async fn send<T: Transport, C: Clock>(
    mut job: Job<'_, T, C>,
    prepared: Prepared,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    let Prepared {
        mut surveyed,
        mut governor,
        proven,
    } = prepared;
    let mut interrupt = job.interrupt.clone();
    let asked = preflight(
        &mut job,
        &mut surveyed,
        &mut governor,
        &mut summary.requests,
    );
    let found = unless_interrupted(&mut interrupt, asked).await??;
    surveyed.sum_up(summary);
    stop_if_nothing_to_send(&job.options, &surveyed)?;
    let mut feeder = feeder(&job, &mut surveyed, found.profile.id)?;
    let first = feeder.fill(WINDOW)?;
    let briefing = Briefing::new(&job, &surveyed, &found, &first)?;
    job.front.screen(&briefing);
    if job.options.dry_run {
        return Err(Break::Off(Ending::DryRun));
    }
    consent(&mut job, &briefing).await?;
    let run = begin(&mut job, &found.profile)?;
    summary.run = Some(run);
    let clock = job.clock;
    governor.well(now());
    let rows = Rows {
        total: surveyed.due_rows,
        first,
        feeder,
    };
    let known = Known {
        governor,
        proven,
        portal_clock: found.portal_clock,
    };
    let rest = start(job, run, rows, known)?.run().await;
    conclude(rest, clock, run, summary, unrecorded)
}

/// The second pass over the due rows, at its beginning.
fn feeder<T, C>(
    job: &Job<'_, T, C>,
    surveyed: &mut Survey,
    user_id: u64,
) -> Result<Feeder, ManifestError> {
    let making = Making {
        target: job.rules.target,
        order: job.options.order,
        origin: job.rules.origin_line,
        max_batch_bytes: job.options.max_batch_bytes,
        user_id,
    };
    let due = Due {
        rows: std::mem::take(&mut surveyed.due),
        ordinals: std::mem::take(&mut surveyed.repeats).into_ordinals(),
    };
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    Feeder::new(manifest, rules, making, due)
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

/// What the first stations have brought.
struct Prepared {
    surveyed: Survey,
    governor: Governor,
    proven: Proven,
}

/// The rows of a run: the first of them, and where the others come from.
struct Rows {
    total: u64,
    first: Vec<Filled>,
    feeder: Feeder,
}

/// What is known of the portal beforehand.
struct Known {
    governor: Governor,
    proven: Proven,
    portal_clock: Option<PortalClock>,
}

/// The engine, with the first rows in its window.
fn start<'a, T: Transport, C: Clock>(
    job: Job<'a, T, C>,
    run: i64,
    rows: Rows,
    known: Known,
) -> Result<Engine<'a, T, C>, Break> {
    let target = job.rules.target;
    let doubts = Doubts::new(target, known.proven);
    let trials = Trials::new(target, job.options.canary);
    let mut desk = Desk::new(known.governor, doubts, trials);
    desk.take_in(rows.first, job.front);
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
        total: rows.total,
        desk,
        next_batch: job.ledger.next_batch_id()?,
        ledger: Some(job.ledger),
        feeder: Some(rows.feeder),
        request_limit: job.options.request_limit,
        portal_clock: known.portal_clock,
    })
}

/// Waits for something before the run, as long as the user doesn't want to stop.
pub(super) async fn unless_interrupted<R>(
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
