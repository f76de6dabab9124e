//! What a command prints in JSON that an error has stopped.

use serde::Serialize;

use crate::import::RunError;

/// The ledger that was asked for, and why nothing came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Stopped {
    /// Path of the ledger.
    pub ledger: String,
    /// What happened.
    pub error: RunError,
}
