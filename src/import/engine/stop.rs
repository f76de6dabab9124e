//! Why the engine ends before every due row is settled.

use std::time::Duration;

use indicatif::HumanDuration;

use crate::import::engine::canary_comparison::Difference;
use crate::import::summary::RunError;
use crate::ledger::LedgerError;
use crate::manifest::ManifestError;
use crate::portal;
use crate::post::RowKey;

/// Why a run ends before every due row is settled.
#[derive(Debug)]
pub enum StopReason {
    /// The user has asked for it.
    Interrupted,
    /// The user was asked whether to go on, and did not agree.
    Declined,
    /// The portal's answer forbids going on.
    Portal(portal::Fatal),
    /// No good answer for too long.
    GivenUp(Duration),
    /// The manifest can't be read to its end, or has changed.
    Manifest(ManifestError),
    /// The ledger failed.
    Ledger(LedgerError),
    /// The portal gave one ID to two posts.
    IdTaken { key: RowKey, remote_id: u64 },
    /// A canary is not on the portal as it was sent.
    Canary(Difference),
    /// A defect of this program.
    Internal(String),
}

impl StopReason {
    /// The error of the summary; none for an interruption.
    pub fn error(&self) -> Option<RunError> {
        let error = match self {
            StopReason::Interrupted | StopReason::Declined => return None,
            StopReason::Portal(stop) => RunError::new(stop.code.clone(), stop.to_string()),
            StopReason::GivenUp(after) => RunError::new(
                "gave_up",
                format!(
                    "the portal has taken no post for {}; check that it is up and run the same \
                     command again to go on",
                    HumanDuration(*after)
                ),
            ),
            StopReason::Manifest(error) => RunError::new("manifest", error.to_string()),
            StopReason::Ledger(error) => RunError::new(error.code(), error.to_string()),
            StopReason::IdTaken { key, remote_id } => RunError::new(
                "id_taken",
                format!(
                    "the portal answered ID {remote_id} for row {key}, but the ledger has that ID \
                     for another row; look at both before going on"
                ),
            ),
            StopReason::Canary(difference) => RunError::new("canary", difference.to_string()),
            StopReason::Internal(message) => RunError::new("internal", message.clone()),
        };
        Some(error)
    }
}
