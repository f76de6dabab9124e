//! A run, phase by phase: doubt that earlier runs have left, the survey, the preflight, the user's
//! consent, the engine, and the end.

use std::sync::Arc;

use tokio::time::Instant;

use crate::ledger::{LedgerError, OtherLedgers, RunStart};
use crate::manifest::ManifestError;
use crate::maps::MissingValues;
use crate::portal::{Profile, Transport};

use crate::import::brief::{brief, work};
use crate::import::briefing::Briefing;
use crate::import::clock::{Clock, PortalClock, now};
use crate::import::counts::Counts;
use crate::import::ending::{Break, Ending};
use crate::import::engine::canary::Canaries;
use crate::import::engine::event_loop::{Engine, Rest};
use crate::import::engine::feeder::{Due, Feeder, Filled};
use crate::import::engine::portal_authors::keeps_author;
use crate::import::engine::scheduler::Scheduler;
use crate::import::engine::window::WINDOW;
use crate::import::error::RunError;
use crate::import::job::{Job, RunOptions, RunOutcome, unless_interrupted};
use crate::import::notice::Notice;
use crate::import::paced_client::{Pacing, pacing};
use crate::import::pending_row::{AuthorNames, RowBuilder, RowOrder};
use crate::import::preflight::{Preflight, preflight};
use crate::import::readback::{OpenDoubts, Proven, earlier};
use crate::import::reporter::Consent;
use crate::import::summary::Summary;
use crate::import::survey::counts::Survey;
use crate::import::survey::first_pass::{Question, survey};
use crate::import::survey::guards;
use crate::import::survey::new_rows::SecondReading;
use crate::import::survey::read_otherwise::{reading, stop_if_read_otherwise};

/// Runs the job.
pub async fn import<T: Transport, C: Clock>(job: Job<'_, T, C>) -> RunOutcome {
    let start = Instant::now();
    let summary = Summary {
        ledger: job.ledger.path().display().to_string(),
        ..Summary::default()
    };
    let mut outcome = match pacing(&job) {
        Ok(pacing) => {
            let run = Run {
                job,
                pacing,
                summary,
                missing: MissingValues::default(),
            };
            run.run().await
        }
        Err(error) => RunOutcome::broken(summary, error.into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    outcome.summary.elapsed_s = (seconds * 1_000.0).round() / 1_000.0;
    outcome
}

/// A run that has not begun to send.
struct Run<'a, T, C> {
    job: Job<'a, T, C>,
    pacing: Pacing,
    /// What is known so far.
    summary: Summary,
    /// Values that the maps of old IDs don't have.
    missing: MissingValues,
}

/// What sending starts with.
struct Ready {
    proven: Proven,
    elsewhere: Arc<OtherLedgers>,
    profile: Profile,
    portal_clock: Option<PortalClock>,
    builder: RowBuilder,
    /// Whether earlier runs have seen that the portal keeps authors; none where they saw nothing.
    keeps_author: Option<bool>,
    /// How many rows are due, the first of them, and where the others come from.
    total: u64,
    first: Vec<Filled>,
    feeder: Feeder,
}

impl<'a, T: Transport, C: Clock> Run<'a, T, C> {
    async fn run(mut self) -> RunOutcome {
        let prepared = self.prepare().await;
        self.summary.requests = self.pacing.requests;
        let missing = std::mem::take(&mut self.missing);
        let outcome = match prepared {
            Ok(ready) => self.send(ready).await,
            Err(why) => RunOutcome::broken(self.summary, why),
        };
        RunOutcome { missing, ..outcome }
    }

    /// Everything before the first post.
    async fn prepare(&mut self) -> Result<Ready, Break> {
        let job = &mut self.job;
        job.ledger.check_portal(&job.identity, job.options.rebind)?;
        stop_if_read_otherwise(&job.ledger, &job.manifest)?;
        if !job.options.dry_run && job.ledger.binding()?.portal.is_some() {
            // The ledger may have been moved since its last run.
            register(job);
        }
        let elsewhere = Arc::new(guards::elsewhere(
            &job.ledger,
            &job.manifest,
            &job.identity,
            job.register.as_ref(),
            job.reporter,
        ));
        let mut proven = Ok(Proven::new());
        if !job.options.dry_run {
            job.ledger.recover(job.clock.wall_ms())?;
            proven = earlier::settle(job, &elsewhere, &mut self.pacing).await;
        }
        // What the manifest holds is told even where doubt could not be settled.
        let surveyed = self.survey(&elsewhere)?;
        self.ask(surveyed, proven?, elsewhere).await
    }

    /// Looks at the whole manifest; nothing is sent.
    fn survey(&mut self, elsewhere: &OtherLedgers) -> Result<Survey, Break> {
        let job = &mut self.job;
        let question = Question {
            now: job.clock.wall(),
            retry_failed: job.options.retry_failed,
            oldest_first: job.options.order == RowOrder::Entity,
            limit: job.options.limit,
        };
        let (manifest, rules, ledger) = (&job.manifest, &job.rules, &job.ledger);
        let surveyed = survey(
            manifest,
            rules,
            ledger,
            question,
            &job.interrupt,
            job.reporter,
        );
        let surveyed = surveyed.and_then(|mut surveyed| {
            self.missing = std::mem::take(&mut surveyed.missing);
            self.summary.take(&surveyed);
            guard(job, &surveyed, elsewhere)?;
            Ok(surveyed)
        });
        if let Err(Break::Ending(Ending::Interrupted)) = &surveyed {
            // The ledger's word, since the manifest's rows were not all seen.
            self.summary.of_ledger = true;
            self.summary.counts = Counts::of_ledger(&job.ledger.status()?.counts);
        }
        surveyed
    }

    /// Asks the portal, and then the user.
    async fn ask(
        &mut self,
        mut surveyed: Survey,
        proven: Proven,
        elsewhere: Arc<OtherLedgers>,
    ) -> Result<Ready, Break> {
        let (job, pacing) = (&mut self.job, &mut self.pacing);
        let mut interrupt = job.interrupt.clone();
        let asked = preflight(job, &mut surveyed, pacing);
        let found = unless_interrupted(&mut interrupt, asked).await??;
        self.summary.take(&surveyed);
        stop_if_nothing_to_send(&job.options, &surveyed)?;
        let keeps_author = keeps_author(job)?;
        let builder = builder(job, &found, keeps_author);
        let mut feeder = feeder(job, &mut surveyed, builder.clone())?;
        let first = feeder.fill(WINDOW)?;
        let work = work(job, &surveyed, pacing.requests)?;
        let estimate = pacing.governor.estimate(&work, now());
        let authors_lost = keeps_author == Some(false);
        let briefing = brief(job, &surveyed, &found, &first, authors_lost, estimate)?;
        job.reporter.screen(&briefing);
        if job.options.dry_run {
            return Err(Ending::DryRun.into());
        }
        consent(job, &briefing).await?;
        Ok(Ready {
            proven,
            elsewhere,
            profile: found.profile,
            portal_clock: found.portal_clock,
            builder,
            keeps_author,
            total: surveyed.due_rows,
            first,
            feeder,
        })
    }

    /// Begins the run in the ledger, sends, and notes how it ended.
    async fn send(mut self, ready: Ready) -> RunOutcome {
        let clock = self.job.clock;
        let begun = begin(&mut self.job, &ready.profile)
            .and_then(|run| Ok((run, self.job.ledger.next_batch_id()?)));
        let (run, next_batch) = match begun {
            Ok(begun) => begun,
            Err(error) => return RunOutcome::broken(self.summary, error.into()),
        };
        self.pacing.governor.well(now());
        let mut summary = Summary {
            run: Some(run),
            ..self.summary
        };
        let rest = engine(self.job, self.pacing, ready, run, next_batch)
            .run()
            .await;
        summary.counts = summary.counts.after(&rest.tally);
        summary.requests += rest.tally.requests;
        summary.commands += rest.tally.commands;
        conclude(rest, summary, run, clock.wall_ms())
    }
}

/// Stops where rows might be posted twice, or nothing is to be sent.
fn guard<T, C: Clock>(
    job: &mut Job<'_, T, C>,
    surveyed: &Survey,
    elsewhere: &OtherLedgers,
) -> Result<(), Break> {
    guards::stop_if_damaged(&job.ledger, surveyed)?;
    let reading = SecondReading {
        manifest: &job.manifest,
        rules: &job.rules,
        surveyed,
        interrupt: &job.interrupt,
    };
    if !job.options.new_ledger {
        guards::stop_if_sent_elsewhere(reading, elsewhere)?;
    }
    let accepted = job.options.accept_edits;
    guards::stop_if_edited(surveyed, accepted)?;
    let alike = guards::alike(&job.ledger, reading)?;
    guards::stop_if_alike(alike.as_ref(), accepted)?;
    guards::stop_if_repeated(surveyed, accepted)?;
    if !job.options.dry_run {
        let at = job.clock.wall_ms();
        guards::note_edits(&mut job.ledger, surveyed, alike.as_ref(), at)?;
    }
    stop_if_nothing_to_send(&job.options, surveyed)
}

fn stop_if_nothing_to_send(options: &RunOptions, surveyed: &Survey) -> Result<(), Break> {
    let stands_still = surveyed.rows.invalid > 0 && !options.skip_invalid;
    match surveyed.due_rows == 0 || stands_still || surveyed.is_held_back {
        true => Err(Ending::Done.into()),
        false => Ok(()),
    }
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
        kept_keys: std::mem::take(&mut surveyed.kept_keys),
        ordinals: std::mem::take(&mut surveyed.repeats).into_ordinals(),
    };
    let (manifest, rules) = (Arc::clone(&job.manifest), Arc::clone(&job.rules));
    Feeder::new(manifest, rules, builder, due)
}

/// Whether the user lets the run begin.
async fn consent<T, C>(job: &mut Job<'_, T, C>, briefing: &Briefing) -> Result<(), Break> {
    match job.reporter.consent(briefing) {
        Consent::Given => Ok(()),
        Consent::Missing => Err(Ending::ConsentMissing.into()),
        Consent::Asked(answer) => match unless_interrupted(&mut job.interrupt, answer).await? {
            Ok(true) => Ok(()),
            _ => Err(Ending::Declined.into()),
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
        job.reporter.notice(&Notice::RegisterUnwritten(&error));
        job.register = None;
    }
}

/// Enters the ledger in the register, binds it, and notes the run in it.
fn begin<T, C: Clock>(job: &mut Job<'_, T, C>, profile: &Profile) -> Result<i64, LedgerError> {
    register(job);
    job.ledger.bind(&job.identity, profile.id)?;
    let reading = reading(&job.ledger, &job.manifest)?;
    job.ledger.begin_run(&RunStart {
        target: job.rules.target.name(),
        portal: &job.identity,
        user_id: profile.id,
        reading: reading.as_ref(),
        at: job.clock.wall_ms(),
    })
}

/// The engine, with the first rows in its window.
fn engine<'a, T: Transport, C: Clock>(
    job: Job<'a, T, C>,
    pacing: Pacing,
    ready: Ready,
    run: i64,
    next_batch: i64,
) -> Engine<'a, T, C> {
    let target = job.rules.target;
    let doubts = OpenDoubts::new(target, ready.proven, job.options.request_limit);
    let canaries = Canaries::new(target, job.options.canary, ready.builder.user_id);
    let mut scheduler = Scheduler::new(pacing.governor, doubts, canaries);
    scheduler.build_by(ready.builder);
    scheduler.take_in(ready.first, job.reporter);
    Engine {
        portal: job.portal,
        clock: job.clock,
        offload: job.offload,
        reporter: job.reporter,
        interrupt: job.interrupt,
        rng: job.rng,
        target: target.name(),
        run,
        give_up_after: job.options.give_up_after,
        total: ready.total,
        scheduler,
        next_batch,
        ledger: Some(job.ledger),
        feeder: Some(ready.feeder),
        request_end: job.options.request_end(),
        elsewhere: ready.elsewhere,
        identity: job.identity,
        told_of_authors: ready.keeps_author,
        portal_clock: ready.portal_clock,
    }
}

/// Notes the end of the run in the ledger, unless that is what failed.
fn conclude(rest: Rest, summary: Summary, run: i64, at: i64) -> RunOutcome {
    let failed = matches!(rest.stop, Some(Break::Error(RunError::Ledger(_))));
    let stop = rest.stop.unwrap_or(Break::Ending(Ending::Done));
    let noted = match rest.ledger.filter(|_| !failed) {
        Some(mut ledger) => ledger.end_run(run, stop.name(), at),
        None => Ok(()),
    };
    let end = stop.into_end();
    let end = end.and_then(|ending| Ok(noted.map(|()| ending)?));
    RunOutcome {
        summary,
        end,
        unrecorded: rest.unrecorded,
        missing: MissingValues::default(),
    }
}
