//! Whom the run tells, and whom it asks.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::check::Problem;
use crate::pacing::WaitReason;

use crate::import::briefing::Briefing;
use crate::import::notice::Notice;
use crate::import::tally::Tally;

/// How far the run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Rows that are due in this run.
    pub total: u64,
    /// What has become of them so far.
    pub tally: Tally,
    /// Set while nothing is in flight and something has to pass first.
    pub wait: Option<Wait>,
    /// Whether the run only finishes what is in flight.
    pub stopping: bool,
    /// How long the rest will take, with the portal's limits ahead; none at the very beginning.
    pub left: Option<Duration>,
}

/// Why nothing is sent, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long it still takes.
    pub left: Duration,
    /// What has to pass first.
    pub reason: WaitReason,
}

/// The answer to whether the run may begin.
#[derive(Debug)]
pub enum Consent {
    /// The run may begin.
    Given,
    /// The user has been asked; whether they agree comes later, if at all.
    Asked(oneshot::Receiver<bool>),
    /// Nobody can be asked, and so many posts need the user's consent beforehand.
    Missing,
}

/// The portal posts as the credentials' user, whatever author a row names: seen on one post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorsLost {
    /// The row's number in the manifest, from 1.
    pub row: u64,
    /// The line of the manifest where it starts, from 1.
    pub line: u64,
    /// The portal's ID of the post.
    pub id: u64,
    /// The user whom the call named as author.
    pub author_id: u64,
    /// The user who became its author: the credentials' own.
    pub user_id: u64,
    /// Whether it is the first of the run.
    pub is_first: bool,
    /// Whether its text named the author from the beginning.
    pub was_named: bool,
    /// Whether its text was changed to name the author.
    pub is_mended: bool,
    /// Whether the texts that follow name their authors.
    pub names_authors: bool,
}

/// The user's side of a run.
pub trait Reporter: Send {
    /// Something wrong with a row that would otherwise be sent.
    fn problem(&mut self, problem: &Problem);

    /// Something the user should read.
    fn notice(&mut self, notice: &Notice<'_>);

    /// Shows what is about to happen.
    fn screen(&mut self, briefing: &Briefing);

    /// Asks whether the run may begin.
    fn consent(&mut self, briefing: &Briefing) -> Consent;

    /// Tells that the portal keeps no author, and asks whether to go on.
    fn authors_lost(&mut self, lost: &AuthorsLost) -> Consent;

    /// How far the run is; called often.
    fn progress(&mut self, progress: &Progress);
}
