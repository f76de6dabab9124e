//! How a run ends, and the exit code that follows.

use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::portal::CallError;

use crate::import::summary::{RunError, Summary};

/// The exit codes of every command, part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every due row is posted.
    Done = 0,
    /// Stopped by an error.
    Stopped = 1,
    /// Bad usage.
    Usage = 2,
    /// Rows invalid or failed.
    Rows = 3,
    /// Rows in doubt.
    Doubt = 4,
    /// Another run holds the ledger.
    Locked = 75,
    /// Interrupted, resumable.
    Interrupted = 130,
}

impl Exit {
    pub const ALL: [Exit; 7] = [
        Exit::Done,
        Exit::Stopped,
        Exit::Usage,
        Exit::Rows,
        Exit::Doubt,
        Exit::Locked,
        Exit::Interrupted,
    ];

    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The code of a command that an error has stopped.
    pub fn of_error(error: &RunError) -> Exit {
        match error.code.as_str() {
            "ledger_locked" => Exit::Locked,
            _ => Exit::Stopped,
        }
    }

    /// The code of a run: the first that applies, in the order of the contract.
    pub fn of_run(summary: &Summary, ending: Ending) -> Exit {
        match ending {
            Ending::ConsentMissing => Exit::Usage,
            Ending::Stopped => summary.error.as_ref().map_or(Exit::Stopped, Exit::of_error),
            Ending::Interrupted | Ending::Declined => Exit::Interrupted,
            Ending::DryRun if summary.invalid > 0 => Exit::Rows,
            Ending::DryRun => Exit::Done,
            Ending::Done if summary.in_doubt > 0 => Exit::Doubt,
            Ending::Done if summary.invalid > 0 || summary.failed > 0 => Exit::Rows,
            Ending::Done => Exit::Done,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_that_applies_wins() {
        let mut summary = Summary::default();
        let code = |summary: &Summary, ending| Exit::of_run(summary, ending).code();
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
