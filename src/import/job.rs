//! The stations of a run, from the first look at the ledger to the summary.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::check::Rules;
use crate::ledger::{Ledger, LedgerError, RunStart, Settle};
use crate::manifest::Manifest;
use crate::pacing::{BucketPlan, Governor, Settings};
use crate::portal::{CallError, Portal, Profile, Transport};

use super::briefing::{Briefing, Sample};
use super::clock::Clock;
use super::desk::Desk;
use super::ending::{Exit, Stop};
use super::engine::{Engine, Rest};
use super::feeder::{Due, Feeder, Filled};
use super::front::{Consent, Front};
use super::interrupt::Interrupt;
use super::offload::Offload;
use super::summary::{RunError, Summary};
use super::survey::{Question, Survey, SurveyError, survey};
use super::waiting::{Making, Order};

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
}

/// Everything that a run works with.
pub struct Job<'a, T, C> {
    pub manifest: Arc<Manifest>,
    pub rules: Arc<Rules>,
    /// Locked by the caller for the whole run.
    pub ledger: Ledger,
    pub portal: &'a Portal<T>,
    /// What the ledger is bound to: the portal's host, or a sandbox's own name.
    pub identity: String,
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
    pub exit: Exit,
    /// Answers that the ledger could not take.
    pub unrecorded: Vec<Settle>,
}

/// How a run that doesn't reach its end breaks off.
enum Break {
    /// Nothing is to be sent, and that is no error.
    Nothing,
    Interrupted,
    /// More posts than may go without a word.
    ConsentMissing,
    Error(RunError),
}

impl From<LedgerError> for Break {
    fn from(error: LedgerError) -> Break {
        Break::Error(RunError::new(error.code(), error.to_string()))
    }
}

impl From<crate::manifest::ManifestError> for Break {
    fn from(error: crate::manifest::ManifestError) -> Break {
        Break::Error(RunError::new("manifest", error.to_string()))
    }
}

impl From<SurveyError> for Break {
    fn from(error: SurveyError) -> Break {
        match error {
            SurveyError::Manifest(error) => error.into(),
            SurveyError::Ledger(error) => error.into(),
            SurveyError::Interrupted => Break::Interrupted,
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
    let broken = match look(&mut job, &mut summary) {
        Ok(surveyed) => send(job, surveyed, &mut summary, &mut unrecorded).await,
        Err(broken) => Err(broken),
    };
    summary.elapsed_s = (start.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    let interrupted = matches!(broken, Err(Break::Interrupted));
    let exit = match broken {
        Err(Break::ConsentMissing) => Exit::Usage,
        Err(Break::Error(error)) => {
            summary.error = Some(error);
            Exit::of_run(&summary, interrupted)
        }
        _ => Exit::of_run(&summary, interrupted),
    };
    Outcome {
        summary,
        exit,
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
        limit: job.options.limit,
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
    settle_edits(job, &surveyed)?;
    if surveyed.due_rows == 0 || (surveyed.invalid > 0 && !job.options.skip_invalid) {
        return Err(Break::Nothing);
    }
    Ok(surveyed)
}

/// The guard against edited rows, and the names that rows have been given since.
fn settle_edits<T, C: Clock>(job: &mut Job<'_, T, C>, surveyed: &Survey) -> Result<(), Break> {
    let (vanished, new) = (surveyed.vanished, surveyed.new_unnamed);
    if vanished > 0 && new > 0 {
        if !job.options.accept_edits {
            return Err(Break::Error(RunError::new(
                "edited_rows",
                format!(
                    "{vanished} rows without external_id that were posted or are in doubt are no \
                     longer in the manifest, while {new} rows without external_id are new. If \
                     posted rows were edited, sending now would post them twice. Undo the edits, \
                     or go on with --accept-edits"
                ),
            )));
        }
        let repeats = &surveyed.repeats;
        job.ledger.leave_behind(|key, content| {
            key.ordinal()
                .is_some_and(|ordinal| !repeats.contains(content, ordinal))
        })?;
    }
    if !surveyed.renames.is_empty() {
        let at = job.clock.wall_ms();
        job.ledger.rename(&surveyed.renames, at)?;
    }
    Ok(())
}

/// Asks the portal and the user, then sends.
async fn send<T: Transport, C: Clock>(
    mut job: Job<'_, T, C>,
    surveyed: Survey,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    let profile = unless_interrupted(
        &mut job.interrupt,
        who_are_we(job.portal, &mut summary.requests),
    )
    .await??;
    let making = Making {
        target: job.rules.target,
        order: job.options.order,
        max_batch_bytes: job.options.max_batch_bytes,
        user_id: profile.id,
    };
    let totals = Totals::of(&surveyed);
    let due = Due {
        rows: surveyed.due,
        ordinals: surveyed.repeats.into_ordinals(),
    };
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    let mut feeder = Feeder::new(manifest, rules, making, due)?;
    let mut desk = Desk::new(governor(&job, summary.requests)?);
    let first = feeder.fill(desk.room())?;
    let briefing = brief(&job, &totals, &profile, &first)?;
    match job.front.consent(&briefing) {
        Consent::Given => {}
        Consent::Asked(answer) => {
            if unless_interrupted(&mut job.interrupt, answer).await? != Ok(true) {
                return Err(Break::Interrupted);
            }
        }
        Consent::Missing => return Err(Break::ConsentMissing),
    }
    desk.take_in(first, job.front);
    let at = job.clock.wall_ms();
    job.ledger.bind(&job.identity, profile.id)?;
    let run = job.ledger.begin_run(&RunStart {
        target: making.target.name(),
        portal: &job.identity,
        user_id: profile.id,
        at,
    })?;
    summary.run = Some(run);
    let next_batch = job.ledger.next_batch_id()?;
    let engine = Engine {
        portal: job.portal,
        clock: job.clock,
        offload: job.offload,
        front: job.front,
        interrupt: job.interrupt,
        rng: job.rng,
        target: making.target.name(),
        run,
        give_up_after: job.options.give_up_after,
        total: totals.rows,
        desk,
        ledger: Some(job.ledger),
        feeder: Some(feeder),
        next_batch,
    };
    let rest = engine.run().await;
    conclude(rest, job.clock, run, summary, unrecorded)
}

/// Waits for something before the run, as long as the user doesn't want to stop.
async fn unless_interrupted<R>(
    interrupt: &mut Interrupt,
    work: impl Future<Output = R>,
) -> Result<R, Break> {
    tokio::select! {
        biased;
        () = interrupt.next() => Err(Break::Interrupted),
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
        (None, Some(_)) => Err(Break::Interrupted),
        (None, None) => Ok(noted?),
    }
}

/// Between two tries to ask who we are.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Whose webhook it is. A portal that is at one of its limits, or answers oddly, is asked twice
/// more.
async fn who_are_we<T: Transport>(
    portal: &Portal<T>,
    requests: &mut u64,
) -> Result<Profile, Break> {
    let mut tries = 0;
    loop {
        *requests += 1;
        let error = match portal.profile().await {
            Ok(profile) => return Ok(profile),
            Err(error) => error,
        };
        tries += 1;
        if tries == 3 || !matches!(error, CallError::Limited(_) | CallError::Unwell(_)) {
            return Err(Break::Error(RunError::new(error.code(), error.to_string())));
        }
        tokio::time::sleep(ASK_AGAIN * tries).await;
    }
}

/// The pacing, with a bucket that earlier runs and the `asked` requests before this one's first
/// post have filled.
fn governor<T, C: Clock>(job: &Job<'_, T, C>, asked: u64) -> Result<Governor, Break> {
    let options = &job.options;
    let now = job.clock.wall_ms();
    let recent = match options.bucket {
        None => Vec::new(),
        Some(plan) => {
            let full = (plan.burst / plan.rate * 1_000.0) as i64;
            let sent = job.ledger.requests_since(now.saturating_sub(full))?;
            let age = |at| u64::try_from(now.saturating_sub(at)).unwrap_or(0);
            let ours = (0..asked).map(|_| Duration::ZERO);
            sent.into_iter()
                .map(|at| Duration::from_millis(age(at)))
                .chain(ours)
                .collect()
        }
    };
    let settings = Settings {
        bucket: options.bucket,
        recent,
        lanes: options.lanes,
        first_batch: options.first_batch,
        max_batch: crate::batch::MAX_COMMANDS,
        max_bytes: options.max_batch_bytes,
        request_limit: options.request_limit,
        give_up_after: options.give_up_after,
    };
    Ok(Governor::new(&settings, Instant::now().into_std()))
}

/// What of the survey the user is told before the run.
struct Totals {
    rows: u64,
    files: u64,
    bytes: u64,
    already_posted: u64,
    in_doubt: u64,
    with_control_characters: u64,
}

impl Totals {
    fn of(surveyed: &Survey) -> Totals {
        Totals {
            rows: surveyed.due_rows,
            files: surveyed.files,
            bytes: surveyed.bytes,
            already_posted: surveyed.already_posted,
            in_doubt: surveyed.in_doubt,
            with_control_characters: surveyed.with_control_characters,
        }
    }
}

/// Rows shown before the run.
const SAMPLES: usize = 3;

fn brief<T, C>(
    job: &Job<'_, T, C>,
    totals: &Totals,
    profile: &Profile,
    first: &[Filled],
) -> Result<Briefing, Break> {
    let samples = first.iter().filter_map(|row| match row {
        Filled::Row(row) => Some(Sample {
            row: row.number(),
            entity: row.claim.entity.map(|entity| entity.to_string()),
            excerpt: row.claim.excerpt.clone(),
        }),
        Filled::Invalid(_) => None,
    });
    let mut warnings = Vec::new();
    if let Some(last) = job
        .ledger
        .binding()?
        .user_id
        .filter(|last| *last != profile.id)
    {
        warnings.push(format!("the last run posted as another user ({last})"));
    }
    if totals.with_control_characters > 0 {
        warnings.push(format!(
            "{} rows hold control characters, which are sent as they are",
            totals.with_control_characters
        ));
    }
    Ok(Briefing {
        portal: job.identity.clone(),
        user: match profile.name.as_str() {
            "" => format!("user {}", profile.id),
            name => format!("{name} (user {})", profile.id),
        },
        target: job.rules.target.name(),
        rows: totals.rows,
        files: totals.files,
        bytes: totals.bytes,
        already_posted: totals.already_posted,
        in_doubt: totals.in_doubt,
        samples: samples.take(SAMPLES).collect(),
        warnings,
    })
}
