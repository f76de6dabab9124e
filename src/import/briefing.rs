//! What is about to happen, for the screen before the first post.

use crate::pacing::Estimate;

use super::counts::Counts;
use super::notice::Oddity;
use super::survey::People;

/// One of the first rows that will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its number in the manifest, from 1.
    pub row: u64,
    /// The CRM entity that it belongs to, as people read it; none on targets without entities.
    pub entity: Option<String>,
    /// The title of that entity, where the portal told it.
    pub title: Option<String>,
    /// The beginning of its text, on one line.
    pub excerpt: String,
}

/// Whom a name in an audience means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAudience {
    /// As the manifest has it.
    pub name: String,
    /// The access code.
    pub code: String,
    /// How many people that are; of a user none, or where the portal doesn't tell.
    pub people: Option<u64>,
    /// Whether there are more than were counted.
    pub or_more: bool,
}

/// Everything that the user should know before it can't be undone.
#[derive(Clone, Debug)]
pub struct Briefing {
    /// What the user calls the portal, as in `Job::portal_name`.
    pub portal: String,
    /// Who posts.
    pub user_id: u64,
    /// Blank where the portal doesn't tell it.
    pub user_name: String,
    /// Whether that user administers the portal.
    pub administrator: bool,
    /// The name of the target, as `--target` takes it.
    pub target: &'static str,
    /// Rows that are about to be sent.
    pub rows: u64,
    /// How all rows of the manifest stand.
    pub counts: Counts,
    /// Attachments of the rows that are about to be sent.
    pub files: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Files so large that a server may refuse them.
    pub large_files: u64,
    /// Of the posted rows, those that went to another target.
    pub posted_elsewhere: u64,
    /// Of the rows in doubt, those that were sent to another target.
    pub in_doubt_elsewhere: u64,
    /// Rows that are posted as somebody else than the credentials' user.
    pub with_author: u64,
    /// Whether earlier runs have seen that this portal keeps no author.
    pub authors_lost: bool,
    /// Who is notified at least.
    pub people: People,
    /// Whom the names in audiences mean.
    pub audience: Vec<NamedAudience>,
    /// Requests and time that the run will take.
    pub estimate: Estimate,
    /// The first of the rows, as examples.
    pub samples: Vec<Sample>,
    /// What deserves a second look.
    pub oddities: Vec<Oddity>,
}
