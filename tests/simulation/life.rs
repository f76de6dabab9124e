//! One world's whole life: runs and crashes until an import comes to its end, then the truth.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use b24post::check::{Problem, Rules};
use b24post::import::{
    AuthorsLost, Briefing, Consent, Ending, Job, Notice, Offload, Progress, Reporter, RowOrder,
    RunError, RunOptions, RunOutcome, import,
};
use b24post::interrupt::interrupt;
use b24post::ledger::{Ledger, LedgerLock};
use b24post::manifest::Manifest;
use b24post::pacing::Slowest;
use b24post::portal::{Client, Webhook};
use b24post::sandbox;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::line::Line;
use crate::network::{REQUEST_LIMIT, SimClock, SimTransport, World};
use crate::plan::{MODERATED, Plan, Row};
use crate::truth;

/// Runs after which a world must have come to its end.
const MOST_RUNS: u32 = 200;

/// How long ago rows may have been posted by other means.
const HISTORY: Duration = Duration::from_secs(3_600);

/// A user who agrees to everything.
struct Agreeing(Arc<Mutex<World>>);

impl Reporter for Agreeing {
    fn problem(&mut self, _: &Problem) {}
    fn notice(&mut self, notice: &Notice<'_>) {
        self.0.lock().unwrap().trace(&format!("{notice:?}"));
    }
    fn screen(&mut self, _: &Briefing) {}
    fn consent(&mut self, _: &Briefing) -> Consent {
        Consent::Given
    }
    fn authors_lost(&mut self, _: &AuthorsLost) -> Consent {
        Consent::Given
    }
    fn progress(&mut self, _: &Progress) {}
}

/// Polls a run so many times, then drops it.
async fn crash_after<F: Future>(polls: u64, run: F) -> Option<F::Output> {
    let mut run = pin!(run);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        run.as_mut().poll(context).map(Some)
    })
    .await
}

/// A world and what happens in it.
pub struct Life {
    pub plan: Plan,
    pub world: Arc<Mutex<World>>,
    /// A run has ended with rows in doubt.
    pub had_doubt: bool,
    /// A run has told that rows overtook others.
    pub was_told: bool,
    rng: StdRng,
    folder: tempfile::TempDir,
    clock: SimClock,
}

impl Life {
    /// The life of a seed, with something in its plan set otherwise.
    pub fn new(seed: u64, is_wide: bool, set: impl Fn(&mut Plan)) -> Life {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut plan = Plan::new(&mut rng);
        if is_wide {
            plan.widen(&mut StdRng::seed_from_u64(seed ^ 0x71de));
        }
        set(&mut plan);
        let folder = match Path::new("/dev/shm") {
            memory if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
            _ => tempfile::tempdir().unwrap(),
        };
        std::fs::write(folder.path().join("m.jsonl"), plan.manifest()).unwrap();
        for file in plan.manifest_rows().flat_map(|row| row.files) {
            std::fs::write(folder.path().join(&file.name), file.content()).unwrap();
        }
        let settings = sandbox::Settings {
            post_cost: plan.post_cost,
            faults: sandbox::FaultPlan::parse(&plan.faults, seed).unwrap(),
            trim_comments: plan.rewrites,
            keep_author: plan.keeps_author,
            emoji_tokens: plan.rewrites,
            web_filter: plan.alters,
            moderated_groups: vec![MODERATED],
            ..sandbox::Settings::default()
        };
        let webhook = sandbox::Webhook {
            user_id: 1,
            code: "code".into(),
        };
        let start = Instant::now();
        let portal = sandbox::Portal::new(settings, webhook, 1);
        let mut world = World::new(portal, StdRng::seed_from_u64(seed ^ 0xfeed), start);
        world.network = plan.network;
        world.jumps = plan.jumps;
        world.strangers = plan.strangers;
        world.stale = plan.stale;
        world.plan_outage = plan.outage;
        world.skew_ms = plan.skew * 1_000;
        world.post_cost = plan.post_cost;
        world.line = Line::new(plan.line.bytes_per_second, plan.line.kernel_bytes);
        world.done_within = REQUEST_LIMIT + plan.late_execution();
        world.busy = plan.busy;
        world.is_wide = plan.is_wide();
        Life {
            plan,
            had_doubt: false,
            was_told: false,
            rng,
            folder,
            world: Arc::new(Mutex::new(world)),
            clock: SimClock {
                start,
                shift_ms: Arc::default(),
            },
        }
    }

    /// Minutes of the paused clock.
    pub fn minutes(&self) -> u64 {
        self.clock.start.elapsed().as_secs() / 60
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("l.db")
    }

    /// The time before the first run: posts like its rows that are none of its.
    pub async fn look_back(&mut self) {
        {
            let mut world = self.world.lock().unwrap();
            for row in self.plan.manifest_rows().take(self.plan.history) {
                world.old_post(&row);
            }
        }
        tokio::time::sleep(HISTORY).await;
    }

    /// One run, until its end or its crash.
    async fn run(&mut self, crash: f64, identity: &str) -> Option<RunOutcome> {
        let path = self.folder.path().join("m.jsonl");
        let options = b24post::manifest::ReadOptions::default();
        let manifest = Arc::new(Manifest::open(&path, &options).unwrap());
        let rules = Rules::new(self.plan.target, self.folder.path(), None).unwrap();
        let webhook = Webhook::parse("http://127.0.0.1/rest/1/code/").unwrap();
        let transport = SimTransport {
            world: Arc::clone(&self.world),
            clock: self.clock.clone(),
        };
        let within = self.options().request_end().within_for_questions();
        let portal = Client::new(transport, webhook, within);
        let crash = match self.rng.random_bool(crash) {
            true => self.rng.random_range(1..300),
            false => u64::MAX,
        };
        let (_interrupter, interrupt) = interrupt();
        let lock = LedgerLock::take(&self.ledger_path()).unwrap();
        let second = LedgerLock::take(&self.ledger_path());
        assert!(second.is_err(), "two runs hold the ledger");
        let job = Job {
            manifest,
            rules: Arc::new(rules),
            ledger: Ledger::open(&self.ledger_path()).unwrap(),
            register: None,
            portal: &portal,
            identity: identity.into(),
            portal_name: "sim".into(),
            clock: &self.clock,
            offload: Offload::Inline,
            rng: StdRng::seed_from_u64(self.rng.random()),
            interrupt,
            options: self.options(),
            reporter: &mut Agreeing(Arc::clone(&self.world)),
        };
        let outcome = crash_after(crash, import(job)).await;
        drop(lock);
        let what = if outcome.is_some() { "runs" } else { "crashes" };
        let mut world = self.world.lock().unwrap();
        world.count(what);
        world.trace(&match &outcome {
            Some(outcome) => format!("end of a run: {:?}", outcome.summary),
            None => "crash".to_owned(),
        });
        drop(world);
        outcome
    }

    fn options(&self) -> RunOptions {
        RunOptions {
            order: if self.plan.is_feed() {
                RowOrder::Manifest
            } else {
                RowOrder::Entity
            },
            bucket: self.plan.bucket,
            operating_limit: Some(b24post::pacing::DOCUMENTED_LIMIT),
            reserve: 0.0,
            lanes: self.plan.lanes,
            first_batch: 10,
            request_limit: REQUEST_LIMIT,
            late_execution: self.plan.late_execution(),
            max_batch_bytes: self.plan.max_batch_bytes,
            give_up_after: Duration::from_secs(3_600),
            limit: None,
            slowest: Slowest::DOCUMENTED,
            skip_invalid: false,
            retry_failed: false,
            accept_edits: false,
            rebind: false,
            new_ledger: false,
            canary: self.plan.canary,
            check_entities: self.plan.canary,
            dry_run: false,
        }
    }

    /// Runs until one run comes to its end with nothing left to send.
    pub async fn run_to_the_end(&mut self) {
        for _ in 0..MOST_RUNS {
            self.post_twins().await;
            let Some(outcome) = self.run(self.plan.crash, "sim").await else {
                continue;
            };
            let (summary, counts) = (&outcome.summary, &outcome.summary.counts);
            assert_eq!(counts.sum(), counts.total, "{summary:?}");
            self.had_doubt |= counts.in_doubt > 0;
            self.was_told |= counts.out_of_order > 0;
            let preflight_failed = outcome.end.is_err() && summary.run.is_none();
            if matches!(outcome.end, Ok(Ending::Done)) && counts.pending == 0 {
                return;
            }
            let error = outcome.end.as_ref().err().map(RunError::code);
            let is_expected = matches!(error, Some("gave_up" | "canary" | "expired_token"));
            assert!(preflight_failed || is_expected, "{summary:?}");
        }
        panic!("no end after {MOST_RUNS} runs");
    }

    /// A run with the credentials of another portal, which must not begin.
    pub async fn mistake_the_portal(&mut self) {
        let outcome = self.run(0.0, "another").await.unwrap();
        let error = outcome.end.err().map(|error| error.code().to_owned());
        assert_eq!(error.as_deref(), Some("other_portal"));
    }

    /// Somebody posts by hand what a row says that was certainly not sent yet, a while before it is.
    async fn post_twins(&mut self) {
        if self.plan.twins == 0.0 || !self.rng.random_bool(self.plan.twins) {
            return;
        }
        let sent = truth::sent_rows(&self.ledger_path());
        let mut rows = self.plan.manifest_rows().filter(|row| {
            let is_twin = |other: &Row| other.text == row.text && sent.contains(&other.number);
            !self.plan.manifest_rows().any(|other| is_twin(&other))
        });
        if let Some(row) = rows.next() {
            let mut world = self.world.lock().unwrap();
            world.count("posted by hand before");
            world.old_post(&row);
        }
        drop(rows);
        let seconds = self.rng.random_range(20..400);
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// When all has calmed down, one more run settles what can be settled.
    pub async fn calm_down(&mut self) -> RunOutcome {
        tokio::time::sleep(REQUEST_LIMIT * 3 + self.plan.late_execution()).await;
        {
            let mut world = self.world.lock().unwrap();
            world.catch_up(Instant::now());
            world.is_calm = true;
            world.portal.without_faults();
        }
        let outcome = self.run(0.0, "sim").await.unwrap();
        self.world.lock().unwrap().count("calm runs");
        outcome
    }
}
