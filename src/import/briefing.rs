//! What is about to happen, for the screen before the first post.

use indicatif::HumanCount;

use crate::ledger::LedgerError;
use crate::portal::Profile;

use super::feeder::Filled;
use super::job::Job;
use super::surveyed::Survey;

/// One of the first rows that will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub row: u64,
    pub entity: Option<String>,
    pub excerpt: String,
}

/// Everything that the user should know before it can't be undone.
#[derive(Clone, Debug, Default)]
pub struct Briefing {
    pub portal: String,
    pub user: String,
    pub target: &'static str,
    pub rows: u64,
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    pub already_posted: u64,
    pub in_doubt: u64,
    /// Of those, rows that went to another target.
    pub posted_elsewhere: u64,
    pub in_doubt_elsewhere: u64,
    /// Rows without something in a dropped field.
    pub dropped: u64,
    /// Rows that mention users.
    pub mentioning: u64,
    /// Rows that are posted as somebody else than `user`.
    pub with_author: u64,
    pub samples: Vec<Sample>,
    /// What deserves a second look.
    pub warnings: Vec<String>,
}

/// Rows shown before the run.
const SAMPLES: usize = 3;

impl Briefing {
    /// What the survey, the portal and the first rows tell.
    pub(super) fn new<T, C>(
        job: &Job<'_, T, C>,
        surveyed: &Survey,
        profile: &Profile,
        first: &[Filled],
    ) -> Result<Briefing, LedgerError> {
        let last_user = job.ledger.binding()?.user_id;
        let rows = first.iter().filter_map(sample);
        Ok(Briefing {
            portal: job.portal_name.clone(),
            user: match profile.name.as_str() {
                "" => format!("user {}", profile.id),
                name => format!("{name} (user {})", profile.id),
            },
            target: job.rules.target.name(),
            rows: surveyed.due_rows,
            files: surveyed.files,
            bytes: surveyed.bytes,
            already_posted: surveyed.already_posted,
            in_doubt: surveyed.in_doubt,
            posted_elsewhere: surveyed.posted_elsewhere,
            in_doubt_elsewhere: surveyed.in_doubt_elsewhere,
            dropped: surveyed.dropped,
            mentioning: surveyed.mentioning,
            with_author: surveyed.with_author,
            samples: rows.take(SAMPLES).collect(),
            warnings: warnings(surveyed, profile, last_user),
        })
    }
}

fn sample(row: &Filled) -> Option<Sample> {
    match row {
        Filled::Row(row) => Some(Sample {
            row: row.number(),
            entity: row.claim.entity.map(|entity| entity.to_string()),
            excerpt: row.claim.excerpt.clone(),
        }),
        Filled::Invalid(_) => None,
    }
}

fn warnings(surveyed: &Survey, profile: &Profile, last_user: Option<u64>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(last) = last_user.filter(|last| *last != profile.id) {
        warnings.push(format!("the last run posted as another user ({last})"));
    }
    let count = surveyed.with_control_characters;
    if count > 0 {
        warnings.push(format!(
            "control characters in {} rows are sent as they are",
            HumanCount(count)
        ));
    }
    warnings
}
