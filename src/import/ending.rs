//! How a run ends, and the exit code that follows.

use crate::exit::Exit;
use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::portal::CallError;

use crate::import::summary::{RunError, Summary};

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

/// How a run that doesn't reach its end breaks off.
pub enum Break {
    /// Without an error.
    Off(Ending),
    Error(RunError),
}

impl From<LedgerError> for Break {
    fn from(error: LedgerError) -> Break {
        Break::Error(RunError::new(error.code(), error.to_string()))
    }
}

impl From<CallError> for Break {
    fn from(error: CallError) -> Break {
        Break::Error(RunError::new(error.code(), error.to_string()))
    }
}

impl From<ManifestError> for Break {
    fn from(error: ManifestError) -> Break {
        Break::Error(RunError::new("manifest", error.to_string()))
    }
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
