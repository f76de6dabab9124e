//! What is printed of a command that an error has stopped.

use std::fmt::Display;

use serde::Serialize;

/// Why nothing, or not everything, came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A stable name for scripts.
    pub code: String,
    /// What happened and what to do next.
    pub message: String,
}

impl Failure {
    /// An error by its code and in its words.
    pub fn new(code: &str, error: &impl Display) -> Failure {
        Failure {
            code: code.to_owned(),
            message: error.to_string(),
        }
    }
}

/// The JSON of a command that came to nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Stopped {
    /// Path of the ledger.
    pub ledger: String,
    /// What happened.
    pub error: Failure,
}
