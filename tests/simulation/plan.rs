//! Everything that a seed decides beforehand.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use b24post::pacing::BucketPlan;
use b24post::targets::{self, CrmFeed, NewsFeed, Target, Timeline};
use rand::RngExt;
use rand::rngs::StdRng;

/// A workgroup whose posts await a moderator for ever.
pub const MODERATED: u32 = 7;

/// The sandbox's faults that a portal may have.
const KINDS: [&str; 16] = [
    "lost",
    "drop",
    "cut",
    "hang",
    "bad-gateway",
    "unavailable",
    "internal",
    "blank",
    "limit",
    "too-large",
    "refuse",
    "command-limit",
    "missing",
    "no-id",
    "partial",
    "drip",
];

#[derive(Debug)]
pub struct Plan {
    pub target: &'static dyn Target,
    pub rows: usize,
    pub deals: usize,
    /// Rows bring their own IDs.
    pub named: bool,
    /// Texts that a row may have; fewer than rows make equal ones.
    pub texts: usize,
    /// Users that rows are posted as, beside the webhook's own.
    pub authors: u64,
    pub faults: String,
    /// Chance that a request meets the network's own faults.
    pub network: f64,
    /// Chance that the wall clock is put forward or back at a request.
    pub jumps: f64,
    /// Chance that somebody else posts in the name of the webhook's user at a request.
    pub strangers: f64,
    pub lanes: usize,
    pub bucket: Option<BucketPlan>,
    pub post_cost: Duration,
    /// By how many seconds the portal's clock is ahead.
    pub skew: i64,
    /// Chance that a run crashes at all.
    pub crash: f64,
    pub canary: bool,
    /// Comments come back trimmed, emoji as tokens.
    pub rewrites: bool,
    /// Texts like script are altered.
    pub alters: bool,
    /// Chance that a read shows the portal as it was minutes ago.
    pub stale: f64,
    /// Nothing goes wrong but this, for ten minutes.
    pub outage: Option<Outage>,
    /// One announcement in so many goes to the group with the moderator.
    pub moderated: usize,
    /// So many of the first rows were posted before by other means, long ago.
    pub history: usize,
    pub line: LinePlan,
    /// A portal of one's own: nobody promises when it ends its work.
    pub self_hosted: bool,
    /// Chance that a request waits in line on the portal.
    pub busy: f64,
    /// Chance that a row has a file, or two.
    pub files: f64,
    /// One file in so many is large.
    pub large_files: u32,
    pub large_bytes: Range<usize>,
    pub max_batch_bytes: u64,
    /// The portal keeps the author that a call names.
    pub keeps_author: bool,
    /// Chance before each run that somebody posts by hand what a row says that was not sent yet.
    pub twins: f64,
    /// Files of each row, by its number.
    pub sizes: Vec<Vec<usize>>,
    is_wide: bool,
}

/// The line to the portal.
#[derive(Clone, Copy, Debug)]
pub struct LinePlan {
    pub bytes_per_second: Option<u64>,
    pub kernel_bytes: u64,
}

/// How a portal is away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outage {
    /// A gateway answers 502; the portal behind it carries some requests out.
    BadGateway,
    /// No answer ever comes; some requests are carried out.
    Silence,
    /// A maintenance page.
    Maintenance,
}

impl Outage {
    pub const ALL: [Outage; 3] = [Outage::BadGateway, Outage::Silence, Outage::Maintenance];
}

/// A row of the manifest.
pub struct Row {
    pub number: usize,
    pub deal: usize,
    pub text: String,
    /// 1 is the webhook's own user.
    pub author: u64,
    pub files: Vec<AttachedFile>,
}

/// A file of a row.
pub struct AttachedFile {
    pub name: String,
    pub size: usize,
}

impl AttachedFile {
    /// Bytes that no other file of that length has.
    pub fn content(&self) -> Vec<u8> {
        let name = self.name.bytes().cycle();
        name.zip(0u8..=255)
            .map(|(letter, place)| letter ^ place)
            .cycle()
            .take(self.size)
            .collect()
    }
}

impl Plan {
    pub fn new(rng: &mut StdRng) -> Plan {
        let mut faults = String::new();
        for kind in KINDS {
            if rng.random_bool(0.25) {
                let chance = rng.random_range(0.0..0.15);
                write!(faults, "{kind}={chance:.3},").unwrap();
            }
        }
        let rows = rng.random_range(1..70);
        let target = targets::ALL[rng.random_range(0..3)];
        let mut plan = Plan {
            target,
            rows,
            deals: rng.random_range(1..8),
            named: rng.random_bool(0.5),
            texts: if rng.random_bool(0.3) { 5 } else { rows },
            authors: match target.name() {
                "crm-feed" => 0,
                _ => rng.random_range(0..3),
            },
            faults,
            network: [0.0, 0.02, 0.2][rng.random_range(0..3)],
            jumps: [0.0, 0.05][rng.random_range(0..2)],
            strangers: [0.0, 0.0, 0.05][rng.random_range(0..3)],
            lanes: rng.random_range(1..6),
            bucket: rng.random_bool(0.3).then_some(BucketPlan::STANDARD),
            post_cost: Duration::from_millis(rng.random_range(0..300)),
            skew: rng.random_range(-4_000..4_000),
            crash: [0.0, 0.7, 0.95][rng.random_range(0..3)],
            canary: rng.random_bool(0.8),
            rewrites: rng.random_bool(0.3),
            alters: rng.random_bool(0.1),
            stale: [0.0, 0.0, 0.1][rng.random_range(0..3)],
            outage: None,
            moderated: [4, usize::MAX][rng.random_range(0..2)],
            history: [0, 0, 9][rng.random_range(0..3)],
            line: LinePlan {
                bytes_per_second: None,
                kernel_bytes: 0,
            },
            self_hosted: false,
            busy: 0.0,
            files: 0.0,
            large_files: 10,
            large_bytes: 100_000..400_000,
            max_batch_bytes: 1 << 20,
            keeps_author: true,
            twins: 0.0,
            sizes: Vec::new(),
            is_wide: false,
        };
        if plan.alters {
            // The first text that is altered would stop the run.
            plan.canary = false;
        }
        if rng.random_bool(0.04) {
            plan.suffer(Outage::ALL[rng.random_range(0..3)]);
        }
        plan
    }

    /// What came to light later: slow lines, kernels that take a body long before the line, portals
    /// that begin late, work on after they have hung up, and keep no author; and files. It has its
    /// own chance, so that a seed's plan stays otherwise what it was.
    pub fn widen(&mut self, rng: &mut StdRng) {
        if self.outage.is_some() {
            return;
        }
        self.is_wide = true;
        let speeds = [None, None, Some(1 << 20), Some(100_000), Some(30_000)];
        self.line = LinePlan {
            bytes_per_second: speeds[rng.random_range(0..speeds.len())],
            kernel_bytes: [0, 64 << 10, 4 << 20][rng.random_range(0..3)],
        };
        self.self_hosted = rng.random_bool(0.3);
        self.busy = [0.0, 0.1][rng.random_range(0..2)];
        self.files = [0.0, 0.0, 0.3][rng.random_range(0..3)];
        self.large_files = [10, 1_000][rng.random_range(0..2)];
        self.max_batch_bytes = [1 << 20, 48 << 10][rng.random_range(0..2)];
        self.keeps_author = rng.random_bool(0.3);
        self.twins = [0.0, 0.0, 0.5][rng.random_range(0..3)];
        match rng.random_range(0..20) {
            0 => self.crawl(rng),
            1 | 2 => self.repeat(rng),
            _ => {}
        }
        self.sizes = (0..=self.rows).map(|_| self.file_sizes(rng)).collect();
    }

    /// Uploads take longer than all that a portal may take for a request.
    fn crawl(&mut self, rng: &mut StdRng) {
        self.line.bytes_per_second = Some(17_000);
        self.target = [&Timeline as &dyn Target, &NewsFeed][rng.random_range(0..2)];
        self.rows = self.rows.min(12);
        (self.texts, self.history) = (self.rows, 0);
        self.large_bytes = 600_000..1_500_000;
        (self.files, self.large_files) = (0.4, 1);
        self.network = 0.3;
    }

    /// Rows say the same to different readers, some of whom see nothing.
    fn repeat(&mut self, rng: &mut StdRng) {
        self.target = &NewsFeed;
        (self.texts, self.moderated) = (rng.random_range(1..4), rng.random_range(2..5));
        (self.network, self.crash, self.strangers) = (0.2, 0.7, 0.0);
        (self.twins, self.alters) = (0.0, false);
    }

    fn file_sizes(&self, rng: &mut StdRng) -> Vec<usize> {
        let mut sizes = Vec::new();
        while sizes.len() < 2 && rng.random_bool(self.files) {
            sizes.push(match rng.random_ratio(1, self.large_files) {
                true => rng.random_range(self.large_bytes.clone()),
                false => rng.random_range(1..5_000),
            });
        }
        sizes
    }

    /// Whether rows' authors are nowhere but in their texts.
    pub fn loses_authors(&self) -> bool {
        self.target.name() == Timeline.name() && !self.keeps_author
    }

    /// How long after its limit a request may still be at work.
    pub fn late_execution(&self) -> Duration {
        match self.self_hosted {
            true => Duration::from_secs(300),
            false => Duration::ZERO,
        }
    }

    pub fn is_wide(&self) -> bool {
        self.is_wide
    }

    /// Nothing goes wrong but an outage of the portal, with many rows to come.
    pub fn suffer(&mut self, outage: Outage) {
        self.outage = Some(outage);
        self.rows += 150;
        self.texts = self.rows;
        self.faults.clear();
        self.lanes = self.lanes.min(2);
        (self.network, self.crash, self.strangers, self.jumps) = (0.0, 0.0, 0.0, 0.0);
    }

    pub fn has_records(&self) -> bool {
        [CrmFeed.name(), Timeline.name()].contains(&self.target.name())
    }

    pub fn is_feed(&self) -> bool {
        self.target.name() == NewsFeed.name()
    }

    fn text(&self, number: usize) -> String {
        let script = if self.alters && number.is_multiple_of(3) {
            "<script>"
        } else {
            ""
        };
        format!(" Message {number} \u{1f389} <&lt;> {script}")
    }

    /// The rows in their order.
    pub fn manifest_rows(&self) -> impl Iterator<Item = Row> {
        (1..=self.rows).map(|number| Row {
            number,
            deal: number * 7 % self.deals + 1,
            text: self.text(number % self.texts),
            author: number as u64 * 5 % (self.authors + 1) + 1,
            files: self.files_of(number),
        })
    }

    fn files_of(&self, number: usize) -> Vec<AttachedFile> {
        let sizes = self.sizes.get(number).into_iter().flatten();
        let file = |(place, size): (usize, &usize)| AttachedFile {
            name: format!("{number}-{place}.bin"),
            size: *size,
        };
        sizes.enumerate().map(file).collect()
    }

    pub fn manifest(&self) -> String {
        let mut text = String::new();
        for row in self.manifest_rows() {
            let mut fields = serde_json::json!({"message": row.text});
            if self.named {
                fields["external_id"] = format!("r{}", row.number).into();
            }
            if self.has_records() {
                fields["entity_type"] = "deal".into();
                fields["entity_id"] = row.deal.into();
            }
            if self.target.carries(b24post::post::Field::Audience) {
                // Posts of others for others are hidden from the webhook's user, and so are those
                // that await a moderator.
                let is_hidden = row.author == 3 && row.number.is_multiple_of(2);
                let audience = match (is_hidden, row.number % self.moderated) {
                    (true, _) => "U9".to_owned(),
                    (false, 0) if self.is_feed() => format!("SG{MODERATED}"),
                    _ => "U1".to_owned(),
                };
                fields["audience"] = audience.into();
            }
            if row.author != 1 {
                fields["author_id"] = row.author.into();
            }
            if !row.files.is_empty() {
                let names = row.files.iter().map(|file| file.name.as_str());
                fields["attachments"] = names.collect::<Vec<_>>().into();
            }
            writeln!(text, "{fields}").unwrap();
        }
        text
    }
}
