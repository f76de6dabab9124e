//! The program killed at random moments loses no row and doubles none: the real binary against the
//! portal as a process, until the manifest is done; then ledger and portal are held against each
//! other.
//!
//! A kill is a SIGKILL, so nothing of the program runs after it. How often and when is settable:
//! `B24POST_KILLS` (for each test) and `B24POST_CRASH_SEED`. The seed settles manifests, options
//! and the moments of the kills; what the machine does in these moments it can't settle.

use std::collections::HashMap;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::common::{LEDGER, Run, Sandbox, Stored, Workspace, count, files, finish, sha256};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Killed this often by `cargo test`.
const KILLS: u64 = 12;

/// A run that has not come to its end by then hangs.
const LONGEST: Duration = Duration::from_secs(120);

/// What every row holds somewhere, for the encoding's sake.
const AWKWARD: [&str; 6] = [
    "100% + a & b = c",
    "$result[0] of $total[x]",
    "&lt;x&gt; \u{1f600} e\u{301}",
    "line\r\nline\nline",
    "[b]bold[/b]; \"quoted\"",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{6f22}",
];

fn variable(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is {text}")),
        Err(_) => otherwise,
    }
}

/// What a row of the manifest should be on the portal.
struct Row {
    entity: u64,
    message: String,
    /// Content of its attachment.
    file: Option<String>,
}

/// What the rounds of a test are like.
struct Setting {
    faults: &'static str,
    most_rows: usize,
    /// The moments of kills are drawn from one of these, in milliseconds.
    moments: [u64; 3],
}

/// One manifest, one portal, and as many runs as it takes.
struct Round {
    workspace: Workspace,
    portal: Sandbox,
    rows: Vec<Row>,
    moments: [u64; 3],
    options: Vec<String>,
    lanes: u64,
    kills: u64,
}

/// Figures over all rounds.
#[derive(Debug, Default)]
struct Figures {
    kills: u64,
    /// Kills that caught requests in flight.
    in_flight: u64,
    rounds: u64,
    rows: u64,
    /// Refused by the portal, or vanished before it more than once.
    failed: u64,
    in_doubt: u64,
    /// Rows in doubt that had arrived.
    arrived: u64,
}

impl Round {
    fn new(setting: &Setting, rng: &mut StdRng) -> Round {
        let workspace = Workspace::new();
        let rows: Vec<Row> = (1..=rng.random_range(40..setting.most_rows))
            .map(|number| row(number, rng))
            .collect();
        write_manifest(&workspace, &rows);
        let cost = format!("{}ms", rng.random_range(0..8));
        let seed = rng.random_range(0..1_000_000).to_string();
        let more = [
            "--post-cost",
            &cost,
            "--faults",
            setting.faults,
            "--seed",
            &seed,
        ];
        let portal = Sandbox::start(&workspace, &more);
        let lanes: u64 = rng.random_range(1..=6);
        let bytes = ["600", "2KiB", "8MiB"][rng.random_range(0..3)];
        let options = [
            "--concurrency",
            &lanes.to_string(),
            "--max-batch-bytes",
            bytes,
        ];
        Round {
            workspace,
            portal,
            rows,
            moments: setting.moments,
            options: options.map(str::to_owned).to_vec(),
            lanes,
            kills: 0,
        }
    }

    fn start(&self) -> Child {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.workspace.start_import(&self.portal, &options)
    }

    /// Kills one run after another, until one comes to its end before its time or the kills are
    /// used up.
    fn kill_again_and_again(&mut self, kills: u64, rng: &mut StdRng) -> Run {
        while self.kills < kills {
            let longest = self.moments[rng.random_range(0..3)];
            let moment = Duration::from_micros(rng.random_range(0..longest * 1_000));
            let mut run = self.start();
            if ends_within(&mut run, moment) {
                return finish(run);
            }
            run.kill().unwrap();
            run.wait().unwrap();
            self.kills += 1;
        }
        let mut run = self.start();
        assert!(ends_within(&mut run, LONGEST), "the last run hangs");
        finish(run)
    }

    /// Holds the ledger against the portal once the manifest is done.
    fn verify(&self, last: &Run, figures: &mut Figures) {
        let all = self.rows.len() as u64;
        let summary = last.json();
        let (in_doubt, failed) = (count(&summary, "in_doubt"), count(&summary, "failed"));
        let code = match (in_doubt, failed) {
            (0, 0) => 0,
            (0, _) => 3,
            _ => 4,
        };
        assert_eq!(last.code, code, "{summary}");
        let posted = count(&summary, "posted") + count(&summary, "already_posted");
        assert_eq!(posted + failed + in_doubt, all, "{summary}");

        let posts = self.portal.posts();
        let ledger = self.workspace.ledger(LEDGER);
        assert_eq!(ledger.len() as u64, all, "each row is known once");
        let by_message = self.arrived_once(&posts);
        let mut arrived = 0;
        for (number, state, id, _) in &ledger {
            let row = &self.rows[*number as usize - 1];
            let post = by_message.get(row.message.as_str());
            match state.as_str() {
                "posted" => {
                    let post = post.unwrap_or_else(|| panic!("row {number} is lost"));
                    assert_eq!(Some(post.id), *id, "row {number}");
                    assert_eq!(post.entity, Some((2, row.entity)), "row {number}");
                }
                "in_doubt" => arrived += u64::from(post.is_some()),
                "failed" => assert!(post.is_none(), "row {number} did arrive"),
                other => panic!("row {number} is {other}"),
            }
        }
        self.verify_files(&posts);
        self.verify_order(&posts);
        let in_flight = self.killed_in_flight();
        figures.kills += self.kills;
        figures.in_flight += in_flight;
        figures.rounds += 1;
        figures.rows += all;
        figures.failed += failed;
        figures.in_doubt += in_doubt;
        figures.arrived += arrived;
    }

    /// The posts by their text, each of which is a row's, unharmed, and there once.
    fn arrived_once<'a>(&self, posts: &'a [Stored]) -> HashMap<&'a str, &'a Stored> {
        let mut by_message = HashMap::new();
        for post in posts {
            let earlier = by_message.insert(post.message.as_str(), post);
            assert!(earlier.is_none(), "posted twice: {post:?}, {earlier:?}");
        }
        let known = self.rows.iter().map(|row| row.message.as_str());
        let known = known.filter(|message| by_message.contains_key(message));
        assert_eq!(known.count(), posts.len(), "a text was changed on its way");
        by_message
    }

    fn verify_files(&self, posts: &[Stored]) {
        let sent: HashMap<u64, String> = files(&self.portal.store)
            .into_iter()
            .map(|(post, _, _, hash)| (post, hash))
            .collect();
        for post in posts {
            let row = self.rows.iter().find(|row| row.message == post.message);
            let file = row.and_then(|row| row.file.as_deref());
            let hash = file.map(|content| sha256(content.as_bytes()));
            assert_eq!(sent.get(&post.id), hash.as_ref(), "{post:?}");
        }
    }

    /// Posts of each record came in the manifest's order.
    fn verify_order(&self, posts: &[Stored]) {
        let number: HashMap<&str, usize> = self
            .rows
            .iter()
            .enumerate()
            .map(|(number, row)| (row.message.as_str(), number))
            .collect();
        let mut last: HashMap<(u64, u64), usize> = HashMap::new();
        for post in posts {
            let number = number[post.message.as_str()];
            let before = last.insert(post.entity.unwrap(), number);
            assert!(before < Some(number), "{post:?} came too late");
        }
    }

    /// Runs whose death left rows in flight; each of them at most one request a lane.
    fn killed_in_flight(&self) -> u64 {
        let ledger = self.workspace.open(LEDGER);
        let open = "SELECT count(DISTINCT batch_id) FROM rows WHERE error_code = 'run_died'
                    GROUP BY run_id";
        let mut query = ledger.prepare(open).unwrap();
        let open: Vec<u64> = query
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(
            open.iter().all(|batches| *batches <= self.lanes),
            "{open:?}"
        );
        open.len() as u64
    }
}

fn row(number: usize, rng: &mut StdRng) -> Row {
    let awkward = AWKWARD[rng.random_range(0..AWKWARD.len())];
    Row {
        entity: rng.random_range(1..=7),
        message: format!("Row {number}: {awkward}"),
        file: rng
            .random_bool(0.05)
            .then(|| format!("file of row {number}\n").repeat(rng.random_range(1..2_000))),
    }
}

/// Rows by turns with an ID of their own and without.
fn write_manifest(workspace: &Workspace, rows: &[Row]) {
    let header = "external_id,message,entity_type,entity_id,audience,attachments\n";
    let mut manifest = header.to_owned();
    for (place, row) in rows.iter().enumerate() {
        let id = match place % 3 {
            0 => String::new(),
            _ => format!("r{place}"),
        };
        let message = row.message.replace('"', "\"\"");
        let mut name = String::new();
        if let Some(content) = &row.file {
            name = format!("files/{place}.txt");
            workspace.write(&name, content);
        }
        manifest += &format!("{id},\"{message}\",deal,{},U1,{name}\n", row.entity);
    }
    workspace.write("m.csv", manifest);
}

/// Whether a run ends by itself in that time.
fn ends_within(run: &mut Child, time: Duration) -> bool {
    let start = Instant::now();
    loop {
        if run.try_wait().unwrap().is_some() {
            return true;
        }
        if start.elapsed() >= time {
            return false;
        }
        std::thread::sleep(Duration::from_micros(500).min(time));
    }
}

#[allow(clippy::print_stdout, reason = "`--nocapture` shows the figures")]
fn kill_and_compare(name: &str, setting: &Setting) {
    let (kills, seed) = (
        variable("B24POST_KILLS", KILLS),
        variable("B24POST_CRASH_SEED", 1),
    );
    println!("{name}: B24POST_KILLS={kills} B24POST_CRASH_SEED={seed}");
    let mut figures = Figures::default();
    while figures.kills < kills {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_add(figures.rounds << 32));
        let mut round = Round::new(setting, &mut rng);
        let last = round.kill_again_and_again(kills - figures.kills, &mut rng);
        round.verify(&last, &mut figures);
    }
    println!("{name}: {figures:?}, lost 0, doubled 0, wrong ID 0");
}

#[test]
fn a_run_killed_again_and_again_loses_and_doubles_nothing() {
    let setting = Setting {
        faults: "",
        most_rows: 600,
        moments: [60, 200, 600],
    };
    kill_and_compare("kills", &setting);
}

#[test]
fn kills_and_lost_answers_together_lose_and_double_nothing() {
    // Behind each lost answer stand seconds of waiting, so there are fewer rows.
    let setting = Setting {
        faults: "lost=0.02,cut=0.02,bad-gateway=0.02,internal=0.01,limit=0.03,blank=0.02",
        most_rows: 150,
        moments: [60, 400, 1_500],
    };
    kill_and_compare("kills and faults", &setting);
}
