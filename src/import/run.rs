//! A run, phase by phase: doubt that earlier runs have left, the survey, the preflight, the user's
//! word, the engine, and the end.

use std::sync::Arc;

use tokio::time::Instant;

use crate::ledger::{OtherLedgers, RunStart, Settle};
use crate::manifest::ManifestError;
use crate::pacing::Governor;
use crate::portal::{Profile, Transport};

use crate::import::brief::{brief, work};
use crate::import::briefing::Briefing;
use crate::import::clock::{Clock, PortalClock, now};
use crate::import::ending::{Break, Ending};
use crate::import::engine::canary::Canaries;
use crate::import::engine::event_loop::{Engine, Rest};
use crate::import::engine::feeder::{Due, Feeder, Filled};
use crate::import::engine::portal_authors::keeps_author;
use crate::import::engine::scheduler::Scheduler;
use crate::import::engine::stop::StopReason;
use crate::import::engine::window::WINDOW;
use crate::import::job::{Job, RunOptions, RunOutcome, unless_interrupted};
use crate::import::paced_client::governor;
use crate::import::pending_row::{AuthorNames, RowBuilder, RowOrder};
use crate::import::preflight::{Preflight, preflight};
use crate::import::readback::{OpenDoubts, Proven, earlier};
use crate::import::reporter::Consent;
use crate::import::summary::Summary;
use crate::import::survey::counts::Survey;
use crate::import::survey::first_pass::{Question, survey};
use crate::import::survey::guards;
use crate::import::survey::new_rows::SecondReading;

/// Runs the job.
pub async fn import<T: Transport, C: Clock>(job: Job<'_, T, C>) -> RunOutcome {
    let start = Instant::now();
    let mut summary = Summary {
        ledger: job.ledger.path().display().to_string(),
        ..Summary::default()
    };
    let mut unrecorded = Vec::new();
    let done = phases(job, &mut summary, &mut unrecorded).await;
    summary.elapsed_s = (start.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    let ending = match done {
        Ok(()) => Ending::Done,
        Err(Break::Off(ending)) => ending,
        Err(Break::Error(error)) => {
            summary.error = Some(error);
            Ending::Stopped
        }
    };
    RunOutcome {
        summary,
        ending,
        unrecorded,
    }
}

/// From the first look at the ledger to the last entry in it.
async fn phases<T: Transport, C: Clock>(
    mut job: Job<'_, T, C>,
    summary: &mut Summary,
    unrecorded: &mut Vec<Settle>,
) -> Result<(), Break> {
    job.ledger.check_portal(&job.identity, job.options.rebind)?;
    if !job.options.dry_run && job.ledger.binding()?.portal.is_some() {
        // It may have been moved since its last run.
        register(&mut job);
    }
    let elsewhere = Arc::new(guards::elsewhere(
        &job.ledger,
        &job.manifest,
        &job.identity,
        job.register.as_ref(),
        job.reporter,
    ));
    let mut governor = governor(&job)?;
    let mut proven = Proven::new();
    if !job.options.dry_run {
        job.ledger.recover(job.clock.wall_ms())?;
        let settled =
            earlier::settle(&mut job, &elsewhere, &mut governor, &mut summary.requests).await;
        match settled {
            Ok(shown) => proven = shown,
            // What the manifest holds is told all the same.
            Err(broken) => {
                look_or_ask_ledger(&mut job, &elsewhere, summary).map(drop)?;
                return Err(broken);
            }
        }
    }
    let surveyed = look_or_ask_ledger(&mut job, &elsewhere, summary)?;
    let prepared = Prepared {
        surveyed,
        governor,
        proven,
        elsewhere,
    };
    send(job, prepared, summary, unrecorded).await
}

/// As [`look`]; when the user breaks it off, the summary tells what the ledger knows.
fn look_or_ask_ledger<T, C: Clock>(
    job: &mut Job<'_, T, C>,
    elsewhere: &OtherLedgers,
    summary: &mut Summary,
) -> Result<Survey, Break> {
    let looked = look(job, elsewhere, summary);
    if let Err(Break::Off(Ending::Interrupted)) = &looked {
        summary.take_from_ledger(&job.ledger.status()?.counts);
    }
    looked
}

/// Surveys the manifest; nothing is sent.
fn look<T, C: Clock>(
    job: &mut Job<'_, T, C>,
    elsewhere: &OtherLedgers,
    summary: &mut Summary,
) -> Result<Survey, Break> {
    let (manifest, rules) = (&job.manifest, &job.rules);
    let question = Question {
        now: job.clock.wall(),
        retry_failed: job.options.retry_failed,
        oldest_first: job.options.order == RowOrder::Entity,
        limit: job.options.limit,
    };
    let surveyed = survey(
        manifest,
        rules,
        &job.ledger,
        question,
        &job.interrupt,
        job.reporter,
    )?;
    surveyed.sum_up(summary);
    guards::stop_if_damaged(&job.ledger, &surveyed)?;
    let reading = SecondReading {
        manifest,
        rules,
        surveyed: &surveyed,
        interrupt: &job.interrupt,
    };
    if !job.options.new_ledger {
        guards::stop_if_sent_elsewhere(reading, elsewhere)?;
    }
    let accepted = job.options.accept_edits;
    guards::stop_if_edited(&surveyed, accepted)?;
    let alike = guards::alike(&job.ledger, reading)?;
    guards::stop_if_alike(alike.as_ref(), accepted)?;
    guards::stop_if_repeated(&surveyed, accepted)?;
    if !job.options.dry_run {
        let at = job.clock.wall_ms();
        guards::note_edits(&mut job.ledger, &surveyed, alike.as_ref(), at)?;
    }
    stop_if_nothing_to_send(&job.options, &surveyed)?;
    Ok(surveyed)
}

fn stop_if_nothing_to_send(options: &RunOptions, surveyed: &Survey) -> Result<(), Break> {
    let stands_still = surveyed.invalid > 0 && !options.skip_invalid;
    match surveyed.due_rows == 0 || stands_still || surveyed.is_held_back {
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
        elsewhere,
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
    let keeps_author = keeps_author(&job)?;
    let builder = builder(&job, &found, keeps_author);
    let mut feeder = feeder(&job, &mut surveyed, builder.clone())?;
    let first = feeder.fill(WINDOW)?;
    let estimate = governor.estimate(&work(&job, &surveyed, summary.requests)?, now());
    let authors_lost = keeps_author == Some(false);
    let briefing = brief(&job, &surveyed, &found, &first, authors_lost, estimate)?;
    job.reporter.screen(&briefing);
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
        elsewhere,
        portal_clock: found.portal_clock,
        builder,
        keeps_author,
    };
    let rest = start(job, run, rows, known)?.run().await;
    conclude(rest, clock, run, summary, unrecorded)
}

/// How rows are made into calls.
fn builder<T, C>(job: &Job<'_, T, C>, found: &Preflight, keeps_author: Option<bool>) -> RowBuilder {
    RowBuilder {
        target: job.rules.target,
        order: job.options.order,
        origin: job.rules.origin_line,
        max_batch_bytes: job.options.max_batch_bytes,
        user_id: found.profile.id,
        authors: AuthorNames {
            names: Arc::clone(&found.author_names),
            are_lost: keeps_author == Some(false),
        },
    }
}

/// The second pass over the due rows, at its beginning.
fn feeder<T, C>(
    job: &Job<'_, T, C>,
    surveyed: &mut Survey,
    builder: RowBuilder,
) -> Result<Feeder, ManifestError> {
    let due = Due {
        rows: std::mem::take(&mut surveyed.due),
        ordinals: std::mem::take(&mut surveyed.repeats).into_ordinals(),
    };
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    Feeder::new(manifest, rules, builder, due)
}

/// Whether the user lets the run begin.
async fn consent<T, C>(job: &mut Job<'_, T, C>, briefing: &Briefing) -> Result<(), Break> {
    match job.reporter.consent(briefing) {
        Consent::Given => Ok(()),
        Consent::Missing => Err(Break::Off(Ending::ConsentMissing)),
        Consent::Asked(answer) => match unless_interrupted(&mut job.interrupt, answer).await? {
            Ok(true) => Ok(()),
            _ => Err(Break::Off(Ending::Declined)),
        },
    }
}

/// Enters the ledger in the user's register. One that can't be written is told of once.
fn register<T, C: Clock>(job: &mut Job<'_, T, C>) {
    let Some(register) = &job.register else {
        return;
    };
    let (path, at) = (job.ledger.path(), job.clock.wall_ms());
    if let Err(error) = register.note(path, &job.identity, job.rules.target.name(), at) {
        job.reporter.note(&format!(
            "warning: {error}; runs from another folder won't recognise these rows"
        ));
        job.register = None;
    }
}

/// Enters the ledger in the register, binds it, and notes the run in it.
fn begin<T, C: Clock>(job: &mut Job<'_, T, C>, profile: &Profile) -> Result<i64, Break> {
    register(job);
    job.ledger.bind(&job.identity, profile.id)?;
    Ok(job.ledger.begin_run(&RunStart {
        target: job.rules.target.name(),
        portal: &job.identity,
        user_id: profile.id,
        at: job.clock.wall_ms(),
    })?)
}

/// What the phases before the preflight have brought.
struct Prepared {
    surveyed: Survey,
    governor: Governor,
    proven: Proven,
    elsewhere: Arc<OtherLedgers>,
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
    elsewhere: Arc<OtherLedgers>,
    portal_clock: Option<PortalClock>,
    builder: RowBuilder,
    /// What earlier runs have seen.
    keeps_author: Option<bool>,
}

/// The engine, with the first rows in its window.
fn start<'a, T: Transport, C: Clock>(
    job: Job<'a, T, C>,
    run: i64,
    rows: Rows,
    known: Known,
) -> Result<Engine<'a, T, C>, Break> {
    let target = job.rules.target;
    let doubts = OpenDoubts::new(target, known.proven, job.options.request_limit);
    let canaries = Canaries::new(target, job.options.canary, known.builder.user_id);
    let mut scheduler = Scheduler::new(known.governor, doubts, canaries);
    scheduler.build_by(known.builder);
    scheduler.take_in(rows.first, job.reporter);
    Ok(Engine {
        portal: job.portal,
        clock: job.clock,
        offload: job.offload,
        reporter: job.reporter,
        interrupt: job.interrupt,
        rng: job.rng,
        target: job.rules.target.name(),
        run,
        give_up_after: job.options.give_up_after,
        total: rows.total,
        scheduler,
        next_batch: job.ledger.next_batch_id()?,
        ledger: Some(job.ledger),
        feeder: Some(rows.feeder),
        request_end: job.options.request_end(),
        elsewhere: known.elsewhere,
        identity: job.identity,
        told_of_authors: known.keeps_author,
        portal_clock: known.portal_clock,
    })
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
    let error = rest.stop.as_ref().and_then(StopReason::error);
    let outcome = match (&rest.stop, &error) {
        (None, _) => "done",
        (Some(_), None) => "interrupted",
        (Some(_), Some(error)) => error.code.as_str(),
    };
    let is_well = !matches!(rest.stop, Some(StopReason::Ledger(_)));
    let mut ledger = rest.ledger.filter(|_| is_well);
    let noted = match &mut ledger {
        Some(ledger) => ledger.end_run(run, outcome, clock.wall_ms()),
        None => Ok(()),
    };
    match (error, rest.stop) {
        (Some(error), _) => Err(Break::Error(error)),
        (None, Some(StopReason::Declined)) => Err(Break::Off(Ending::Declined)),
        (None, Some(_)) => Err(Break::Off(Ending::Interrupted)),
        (None, None) => {
            noted?;
            Ok(())
        }
    }
}
