//! How a run ends, and the exit code that follows.

use std::time::Duration;

use indicatif::HumanDuration;

use crate::exit::Exit;
use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::portal;
use crate::post::RowKey;

use super::summary::{RunError, Summary};
use super::trial::Difference;

/// Why a run ends before every due row is settled.
#[derive(Debug)]
pub enum Stop {
    /// The user has asked for it.
    Interrupted,
    /// The user was asked whether to go on, and did not agree.
    Declined,
    /// The portal's answer forbids going on.
    Portal(portal::Stop),
    /// No good answer for too long.
    GivenUp(Duration),
    /// The manifest can't be read to its end, or has changed.
    Manifest(ManifestError),
    /// The ledger failed.
    Ledger(LedgerError),
    /// The portal gave one ID to two posts.
    IdTaken { key: RowKey, remote_id: u64 },
    /// A post on trial came to be another one.
    Canary(Difference),
    /// A defect of this program.
    Internal(String),
}

impl Stop {
    /// The error of the summary; none for an interruption.
    pub fn error(&self) -> Option<RunError> {
        let error = match self {
            Stop::Interrupted | Stop::Declined => return None,
            Stop::Portal(stop) => RunError::new(stop.code.clone(), stop.to_string()),
            Stop::GivenUp(after) => RunError::new(
                "gave_up",
                format!(
                    "the portal has taken no post for {}; check that it is up and run the same \
                     command again to go on",
                    HumanDuration(*after)
                ),
            ),
            Stop::Manifest(error) => RunError::new("manifest", error.to_string()),
            Stop::Ledger(error) => RunError::new(error.code(), error.to_string()),
            Stop::IdTaken { key, remote_id } => RunError::new(
                "id_taken",
                format!(
                    "the portal answered ID {remote_id} for row {key}, but the ledger has that ID \
                     for another row; look at both before going on"
                ),
            ),
            Stop::Canary(difference) => RunError::new("canary", difference.to_string()),
            Stop::Internal(message) => RunError::new("internal", message.clone()),
        };
        Some(error)
    }
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing was left that this run could do.
    Done,
    /// By an error; the summary has it.
    Stopped,
    /// By the user.
    Interrupted,
    /// The user was asked, and said no.
    Declined,
    /// Nobody could be asked about so many posts; nothing was sent.
    ConsentMissing,
    /// The user only wanted to see what would happen.
    DryRun,
}

impl Ending {
    /// The exit code of a run: the first that applies, in the order of the contract.
    pub fn exit(self, summary: &Summary) -> Exit {
        match self {
            Ending::ConsentMissing => Exit::Usage,
            Ending::Stopped => summary.error.as_ref().map_or(Exit::Stopped, RunError::exit),
            Ending::Interrupted | Ending::Declined => Exit::Interrupted,
            Ending::DryRun if summary.invalid > 0 => Exit::Rows,
            Ending::DryRun => Exit::Done,
            Ending::Done if summary.in_doubt > 0 => Exit::Doubt,
            Ending::Done if summary.invalid > 0 || summary.failed > 0 => Exit::Rows,
            Ending::Done => Exit::Done,
        }
    }
}

impl RunError {
    /// The exit code of a command that this error has stopped.
    pub fn exit(&self) -> Exit {
        match self.code.as_str() {
            "ledger_locked" => Exit::Locked,
            _ => Exit::Stopped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_that_applies_wins() {
        let mut summary = Summary::default();
        let code = |summary: &Summary, ending: Ending| ending.exit(summary).code();
        assert_eq!(code(&summary, Ending::Done), 0);
        assert_eq!(code(&summary, Ending::DryRun), 0);
        summary.not_due = 1;
        summary.pending = 1;
        assert_eq!(code(&summary, Ending::Done), 0);
        summary.invalid = 1;
        assert_eq!(code(&summary, Ending::Done), 3);
        summary.in_doubt = 1;
        assert_eq!(code(&summary, Ending::Done), 4);
        assert_eq!(code(&summary, Ending::DryRun), 3, "an earlier run's doubt");
        assert_eq!(code(&summary, Ending::Interrupted), 130);
        assert_eq!(code(&summary, Ending::Declined), 130);
        summary.error = Some(RunError::new("gave_up", ""));
        assert_eq!(code(&summary, Ending::Stopped), 1);
        summary.error = Some(RunError::new("ledger_locked", ""));
        assert_eq!(code(&summary, Ending::Stopped), 75);
        assert_eq!(code(&summary, Ending::ConsentMissing), 2);
    }
}
