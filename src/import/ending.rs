//! How a run ends.

use crate::exit::Exit;

use crate::import::counts::Counts;
use crate::import::error::RunError;

/// How a run came to its end without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing was left that this run could do.
    Done,
    /// The user has stopped it.
    Interrupted,
    /// The user was asked, and said no.
    Declined,
    /// Nobody could be asked about so many posts; nothing was sent.
    ConsentMissing,
    /// The user only wanted to see what would happen.
    DryRun,
}

/// Why a run goes no further.
#[derive(Debug)]
pub enum Break {
    Ending(Ending),
    Error(RunError),
}

impl<E: Into<RunError>> From<E> for Break {
    fn from(error: E) -> Break {
        Break::Error(error.into())
    }
}

impl From<Ending> for Break {
    fn from(ending: Ending) -> Break {
        Break::Ending(ending)
    }
}

impl Break {
    /// What to call it in the ledger's list of runs.
    pub fn name(&self) -> &str {
        match self {
            Break::Ending(Ending::Done) => "done",
            Break::Ending(_) => "interrupted",
            Break::Error(error) => error.code(),
        }
    }

    /// The end of the run that it breaks off.
    ///
    /// # Errors
    /// Where it is an error.
    pub fn into_end(self) -> Result<Ending, RunError> {
        match self {
            Break::Ending(ending) => Ok(ending),
            Break::Error(error) => Err(error),
        }
    }
}

impl Ending {
    /// The exit code: the first that applies, in the order of the contract.
    pub fn exit(self, counts: &Counts) -> Exit {
        match self {
            Ending::ConsentMissing => Exit::Usage,
            Ending::Interrupted | Ending::Declined => Exit::Interrupted,
            Ending::DryRun if counts.invalid > 0 => Exit::Rows,
            Ending::DryRun => Exit::Done,
            Ending::Done if counts.in_doubt > 0 => Exit::Doubt,
            Ending::Done if counts.invalid > 0 || counts.failed > 0 => Exit::Rows,
            Ending::Done => Exit::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_code_that_applies_wins() {
        let mut counts = Counts::default();
        let code = |counts: &Counts, ending: Ending| ending.exit(counts).code();
        assert_eq!(code(&counts, Ending::Done), 0);
        assert_eq!(code(&counts, Ending::DryRun), 0);
        counts.not_due = 1;
        counts.pending = 1;
        assert_eq!(code(&counts, Ending::Done), 0);
        counts.invalid = 1;
        assert_eq!(code(&counts, Ending::Done), 3);
        counts.in_doubt = 1;
        assert_eq!(code(&counts, Ending::Done), 4);
        assert_eq!(code(&counts, Ending::DryRun), 3, "an earlier run's doubt");
        assert_eq!(code(&counts, Ending::Interrupted), 130);
        assert_eq!(code(&counts, Ending::Declined), 130);
        assert_eq!(code(&counts, Ending::ConsentMissing), 2);
    }
}
