//! What is about to happen, for the screen before the first post.

use indicatif::HumanCount;

use crate::batch::MAX_COMMANDS;
use crate::ledger::LedgerError;
use crate::pacing::{Estimate, Work};
use crate::portal::Profile;

use super::feeder::Filled;
use super::job::{Job, Options};
use super::load::{People, SAMPLES};
use super::preflight::Preflight;
use super::surveyed::Survey;

/// One of the first rows that will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub row: u64,
    pub entity: Option<String>,
    /// Of its record, where the portal told it.
    pub title: Option<String>,
    pub excerpt: String,
}

/// Everything that the user should know before it can't be undone.
#[derive(Clone, Debug)]
pub struct Briefing {
    pub portal: String,
    pub user: String,
    /// Whether the user administers the portal.
    pub administrator: bool,
    pub target: &'static str,
    pub rows: u64,
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Files so large that a server may refuse them.
    pub large_files: u64,
    pub already_posted: u64,
    pub in_doubt: u64,
    /// Of those, rows that went to another target.
    pub posted_elsewhere: u64,
    pub in_doubt_elsewhere: u64,
    /// Rows without something in a dropped field.
    pub dropped: u64,
    /// Rows that mention users.
    pub mentioning: u64,
    /// Rows that are due for more than a day.
    pub overdue: u64,
    /// Rows that are posted as somebody else than `user`.
    pub with_author: u64,
    /// Whether earlier runs have seen that this portal keeps no author.
    pub authors_lost: bool,
    /// Who is notified at least.
    pub people: People,
    pub estimate: Estimate,
    pub samples: Vec<Sample>,
    /// What deserves a second look.
    pub warnings: Vec<String>,
}

impl Briefing {
    /// What the survey, the portal and the first rows tell.
    pub(super) fn new<T, C>(
        job: &Job<'_, T, C>,
        surveyed: &Survey,
        found: &Preflight,
        first: &[Filled],
        authors_lost: bool,
    ) -> Result<Briefing, LedgerError> {
        let last_user = job.ledger.binding()?.user_id;
        let (profile, load) = (&found.profile, &surveyed.load);
        let rows = first.iter().filter_map(|row| sample(row, found));
        Ok(Briefing {
            portal: job.portal_name.clone(),
            user: match profile.name.as_str() {
                "" => format!("user {}", profile.id),
                name => format!("{name} (user {})", profile.id),
            },
            administrator: profile.admin,
            target: job.rules.target.name(),
            rows: surveyed.due_rows,
            files: load.files,
            bytes: load.bytes,
            large_files: load.large_files,
            already_posted: surveyed.already_posted,
            in_doubt: surveyed.in_doubt,
            posted_elsewhere: surveyed.posted_elsewhere,
            in_doubt_elsewhere: surveyed.in_doubt_elsewhere,
            dropped: load.dropped,
            mentioning: load.mentioning,
            overdue: surveyed.overdue,
            with_author: load.with_author,
            authors_lost,
            people: load.reach.people(profile.id),
            estimate: Estimate::of(&work(&job.options, surveyed)),
            samples: rows.take(SAMPLES).collect(),
            warnings: warnings(surveyed, profile, last_user)
                .into_iter()
                .chain(found.warnings())
                .collect(),
        })
    }
}

/// What the estimate is made from. Rows that all keep one order go one request at a time.
fn work(options: &Options, surveyed: &Survey) -> Work {
    Work {
        rows: surveyed.due_rows,
        text_bytes: surveyed.load.text_bytes,
        file_bytes: surveyed.load.bytes,
        first_batch: options.first_batch as u64,
        max_batch: MAX_COMMANDS as u64,
        max_bytes: options.max_batch_bytes,
        lanes: options.order.lanes(options.lanes) as u64,
        request_limit: options.request_limit,
        bucket: options.bucket,
        operating_limit: options.operating_limit,
        reserve: options.reserve,
        post_time: options.post_time,
    }
}

fn sample(row: &Filled, found: &Preflight) -> Option<Sample> {
    let Filled::Row(row) = row else {
        return None;
    };
    let entity = row.claim.entity;
    Some(Sample {
        row: row.number(),
        entity: entity.map(|entity| entity.to_string()),
        title: entity.and_then(|entity| found.titles.get(&entity).cloned()),
        excerpt: row.claim.excerpt.clone(),
    })
}

fn warnings(surveyed: &Survey, profile: &Profile, last_user: Option<u64>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(last) = last_user.filter(|last| *last != profile.id) {
        warnings.push(format!("the last run posted as another user ({last})"));
    }
    let count = surveyed.load.with_control_characters;
    if count > 0 {
        warnings.push(format!(
            "control characters in {} {} sent as they are",
            HumanCount(count),
            if count == 1 { "row are" } else { "rows are" }
        ));
    }
    warnings
}
