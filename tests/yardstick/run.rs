//! One import, measured.

use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use b24post::check::{Problem, Rules};
use b24post::import::{
    AuthorsLost, Briefing, Consent, Ending, Job, Notice, Offload, Progress, Reporter, RowOrder,
    RunOptions, import,
};
use b24post::interrupt::interrupt;
use b24post::ledger::Ledger;
use b24post::manifest::Manifest;
use b24post::pacing::{Estimate, Slowest};
use b24post::portal::{Client, Webhook};
use b24post::sandbox;
use b24post::targets;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::bound::{MAX_BATCH_BYTES, lower_bound};
use crate::grid::{LANES, OPERATING_LIMIT, Place, REQUEST_LIMIT};
use crate::network::{SimClock, SimTransport, World};

/// Records among which the rows of the grid are spread.
const RECORDS: u64 = 5_000;

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Measured {
    pub makespan: Duration,
    pub bound: Duration,
    pub requests: u64,
    pub refusals: usize,
    /// Requests cut, and those of them after the first minute.
    pub cuts: usize,
    pub late_cuts: usize,
    /// Cut after the portal had changed, or refused after that.
    pub after_change: (usize, usize),
    /// What was told before the first post, and what the run then took from there on.
    pub told: Told,
    /// After a tenth of the rows: how long the rest was to take, and how long it took.
    foretold: Option<(Duration, Duration)>,
}

/// What was told before the first post, and what it took.
#[derive(Clone, Debug)]
pub struct Told {
    pub estimate: Estimate,
    /// From that moment on.
    pub took: Duration,
    /// Of the whole run.
    pub requests: u64,
}

impl Measured {
    pub const HEADER: &'static str = "bucket   post    op   trip  w    file   makespan    bound \
                                      ratio requests refused cut forecast";

    pub fn ratio(&self) -> f64 {
        self.makespan.as_secs_f64() / self.bound.as_secs_f64()
    }

    /// Whether requests and time lie within what was told before the first post.
    pub fn holds_what_was_told(&self) -> bool {
        let Told {
            estimate,
            took,
            requests,
        } = &self.told;
        estimate.requests.contains(requests) && estimate.time.contains(took)
    }

    /// By how much the time left was off, of the time that it was.
    pub fn forecast_error(&self) -> f64 {
        let (foretold, took) = self.foretold.expect("a tenth of the rows was reached");
        foretold.as_secs_f64() / took.as_secs_f64() - 1.0
    }

    pub fn line(&self, place: &Place) -> String {
        format!(
            "{} {:>8.1} s {:>8.1} s {:.3} {:>5} {:>5} {:>5} {:>+6.1} %",
            place.name(),
            self.makespan.as_secs_f64(),
            self.bound.as_secs_f64(),
            self.ratio(),
            self.requests,
            self.refusals,
            self.cuts,
            self.forecast_error() * 100.0,
        )
    }
}

/// Agrees to everything, and remembers what it was told after a tenth of the rows.
#[derive(Default)]
struct Listener {
    told: Option<(Instant, Estimate)>,
    heard: Option<(Instant, Duration)>,
}

impl Reporter for Listener {
    fn problem(&mut self, problem: &Problem) {
        panic!("{problem:?}");
    }
    fn notice(&mut self, _: &Notice<'_>) {}
    fn screen(&mut self, about: &Briefing) {
        self.told = Some((Instant::now(), about.estimate.clone()));
    }
    fn consent(&mut self, _: &Briefing) -> Consent {
        Consent::Given
    }
    fn authors_lost(&mut self, _: &AuthorsLost) -> Consent {
        Consent::Given
    }
    fn progress(&mut self, progress: &Progress) {
        if self.heard.is_none() && progress.tally.posted * 10 >= progress.total {
            self.heard = progress.left.map(|left| (Instant::now(), left));
        }
    }
}

/// What is sent beside what the place says, and how.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Records among which the rows are spread.
    pub records: u64,
    /// Share of the posts that have to go alone.
    pub alone: f64,
    /// Whether posts are dated.
    pub dated: bool,
    pub canary: bool,
    pub order: RowOrder,
    /// Bytes a second of an upload.
    pub line: f64,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner {
            records: RECORDS,
            alone: 0.0,
            dated: false,
            canary: false,
            order: RowOrder::Entity,
            line: f64::INFINITY,
        }
    }
}

/// Imports into a portal of the grid.
pub fn measure(place: &Place, seed: u64) -> Measured {
    measure_in(place, place.settings(), None, seed)
}

/// Imports into a portal of a kind, which perhaps changes when it has so many posts.
pub fn measure_in(
    place: &Place,
    settings: sandbox::Settings,
    change: Option<(u64, sandbox::Settings)>,
    seed: u64,
) -> Measured {
    measure_how(place, World::new(settings, change), Manner::default(), seed)
}

/// Imports in a manner of its own.
pub fn measure_how(place: &Place, world: World, manner: Manner, seed: u64) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(run(place, world, manner, seed))
}

async fn run(place: &Place, world: World, manner: Manner, seed: u64) -> Measured {
    let mut rng = StdRng::seed_from_u64(seed);
    let (folder, file) = manifest(place, manner, &mut rng);
    let post_bytes = file.len() as u64;
    let world = Arc::new(Mutex::new(world));
    let clock = SimClock {
        start: Instant::now(),
    };
    let transport = SimTransport {
        world: Arc::clone(&world),
        clock,
        way: Duration::from_millis(place.way_ms),
        line: manner.line,
        file,
    };
    let webhook = Webhook::parse("http://127.0.0.1/rest/1/code/").unwrap();
    let within = run_options(place).request_end().within_for_questions();
    let portal = Client::new(transport, webhook, within);
    let options = b24post::manifest::ReadOptions::default();
    let manifest = Manifest::open(&folder.path().join("m.jsonl"), &options).unwrap();
    let rules = Rules::new(targets::named("timeline").unwrap(), folder.path(), None).unwrap();
    let mut listener = Listener::default();
    let (_interrupter, interrupt) = interrupt();
    let job = Job {
        manifest: Arc::new(manifest),
        rules: Arc::new(rules),
        ledger: Ledger::open(&folder.path().join("l.db")).unwrap(),
        register: None,
        portal: &portal,
        identity: "sim".into(),
        portal_name: "sim".into(),
        clock: &clock,
        offload: Offload::Inline,
        rng: StdRng::seed_from_u64(seed),
        interrupt,
        options: RunOptions {
            order: manner.order,
            canary: manner.canary,
            ..run_options(place)
        },
        reporter: &mut listener,
    };
    let outcome = import(job).await;
    let end = Instant::now();
    assert!(matches!(outcome.end, Ok(Ending::Done)), "{outcome:?}");
    assert_eq!(
        outcome.summary.counts.posted, place.rows,
        "{:?}",
        outcome.summary
    );
    assert_eq!(outcome.summary.counts.out_of_order, 0);
    let (told_at, estimate) = listener.told.take().unwrap();
    let world = world.lock().unwrap();
    assert_eq!(world.posts, place.rows);
    let minute = clock.start + Duration::from_secs(60);
    let after = |moments: &[Instant], moment: Option<Instant>| {
        let late = |at: &&Instant| moment.is_some_and(|moment| **at > moment);
        moments.iter().filter(late).count()
    };
    Measured {
        makespan: end - clock.start,
        bound: lower_bound(place, post_bytes),
        requests: world.requests,
        told: Told {
            estimate,
            took: end - told_at,
            requests: outcome.summary.requests,
        },
        refusals: world.refusals.len(),
        cuts: world.cuts.len(),
        late_cuts: after(&world.cuts, Some(minute)),
        after_change: (
            after(&world.cuts, world.changed),
            after(&world.refusals, world.changed),
        ),
        foretold: listener.heard.map(|(at, left)| (left, end - at)),
    }
}

fn run_options(place: &Place) -> RunOptions {
    RunOptions {
        order: RowOrder::Entity,
        bucket: place.bucket,
        operating_limit: Some(OPERATING_LIMIT),
        reserve: 0.0,
        lanes: LANES,
        first_batch: if place.bucket.is_some() { 10 } else { 25 },
        request_limit: REQUEST_LIMIT,
        late_execution: Duration::ZERO,
        max_batch_bytes: MAX_BATCH_BYTES,
        give_up_after: Duration::from_secs(3_600),
        limit: None,
        slowest: Slowest::DOCUMENTED,
        skip_invalid: false,
        retry_failed: false,
        accept_edits: false,
        rebind: false,
        new_ledger: false,
        canary: false,
        check_entities: false,
        dry_run: false,
    }
}

/// Writes the rows, and the file that all of them carry. Gives back the folder, and what that file
/// is in a body.
fn manifest(place: &Place, manner: Manner, rng: &mut StdRng) -> (TempDir, Vec<u8>) {
    let folder = match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
        _ => tempfile::tempdir().unwrap(),
    };
    let mut text = String::new();
    for number in 1..=place.rows {
        let mut row = serde_json::json!({
            "external_id": number.to_string(),
            "entity_type": "deal",
            "entity_id": rng.random_range(1..=manner.records),
            "message": format!("Message {number}"),
        });
        if manner.alone > 0.0 && rng.random_bool(manner.alone) {
            row["message"] = format!("Message {number}: [b]$total[/b]").into();
        }
        if manner.dated {
            // Nearly in order.
            let second = 1_500_000_000 + number as i64 + rng.random_range(0..20);
            let date = jiff::Timestamp::from_second(second).unwrap();
            row["created_at"] = date.to_string().into();
        }
        if place.post_bytes > 0 {
            row["attachments"] = "file.bin".into();
        }
        writeln!(text, "{row}").unwrap();
    }
    std::fs::write(folder.path().join("m.jsonl"), text).unwrap();
    let file: Vec<u8> = (0..place.post_bytes).map(|_| rng.random::<u8>()).collect();
    std::fs::write(folder.path().join("file.bin"), &file).unwrap();
    let encoded = STANDARD.encode(&file);
    let mut escaped = Vec::new();
    for letter in encoded.bytes() {
        match letter {
            b'+' => escaped.extend(b"%2B"),
            b'/' => escaped.extend(b"%2F"),
            b'=' => escaped.extend(b"%3D"),
            letter => escaped.push(letter),
        }
    }
    (folder, escaped)
}
