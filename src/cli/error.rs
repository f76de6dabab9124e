//! What can stop a command: a run's errors, and those of setting it up.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use crate::check::RulesError;
use crate::exit::Exit;
use crate::import::RunError;
use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::manifest::mapping::MappingErrors;
use crate::maps::MapsError;
use crate::portal::HttpSetupError;
use crate::rejects::RejectsError;
use crate::report::Failure;

/// What has stopped a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Run(#[from] RunError),
    /// The attachments root is no folder.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The mapping file can't be read.
    #[error("cannot read the mapping file {}: {reason}", path.display())]
    MappingFile { path: PathBuf, reason: io::Error },
    /// Something is wrong with the mapping.
    #[error(transparent)]
    Mapping(#[from] MappingErrors),
    /// A map of old IDs can't be used.
    #[error(transparent)]
    Maps(#[from] MapsError),
    /// The rejects file can't be written.
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    /// The options contradict the mapping file or each other.
    #[error("{0}")]
    Usage(String),
    /// No connection can be set up.
    #[error(transparent)]
    Connection(#[from] HttpSetupError),
    /// The built-in portal can't be started.
    #[error("{0}")]
    Sandbox(#[source] Box<dyn Error>),
    /// There is no ledger to look into, and why.
    #[error("{0}")]
    NoLedger(String),
    /// The system gives no threads, or no way to hear of signals.
    #[error("the system refuses what a run needs: {0}")]
    System(#[from] io::Error),
}

impl From<ManifestError> for CommandError {
    fn from(error: ManifestError) -> CommandError {
        RunError::Manifest(error).into()
    }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> CommandError {
        RunError::Ledger(error).into()
    }
}

impl CommandError {
    /// The built-in portal can't be started for this reason.
    pub fn sandbox(error: impl Error + 'static) -> CommandError {
        CommandError::Sandbox(Box::new(error))
    }

    /// A stable name for scripts.
    pub fn code(&self) -> &str {
        match self {
            CommandError::Run(error) => error.code(),
            CommandError::Rules(_) => "attachments_root",
            CommandError::MappingFile { .. } | CommandError::Mapping(_) => "mapping",
            CommandError::Maps(_) => "maps",
            CommandError::Rejects(_) => "rejects",
            CommandError::Usage(_) => "usage",
            CommandError::Connection(_) => "tls",
            CommandError::Sandbox(_) => "sandbox",
            CommandError::NoLedger(_) => "no_ledger",
            CommandError::System(_) => "system",
        }
    }

    /// The exit code of the command.
    pub fn exit(&self) -> Exit {
        match self {
            CommandError::Run(error) => error.exit(),
            CommandError::Usage(_) => Exit::Usage,
            _ => Exit::Stopped,
        }
    }

    /// As it is reported.
    pub fn failure(&self) -> Failure {
        Failure::new(self.code(), self)
    }
}
