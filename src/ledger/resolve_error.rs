//! Why doubt could not be settled as the user said.

use crate::post::RowKey;

use super::State;

/// Why nothing was settled.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    #[error("the ledger knows no row {key}; nothing was changed")]
    Unknown { key: String },
    #[error("row {key} is not in doubt: {}; nothing was changed", standing(*state, *remote_id))]
    NotInDoubt {
        key: RowKey,
        state: State,
        remote_id: Option<u64>,
    },
    #[error("row {key} can't have ID {remote_id}: row {owner} has it; nothing was changed")]
    IdTaken {
        key: RowKey,
        remote_id: u64,
        owner: RowKey,
    },
    #[error("row {key} is to be settled in two ways; nothing was changed")]
    Contradiction { key: RowKey },
}

impl ResolveError {
    /// A stable name for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            ResolveError::Unknown { .. } => "row_unknown",
            ResolveError::NotInDoubt { .. } => "row_not_in_doubt",
            ResolveError::IdTaken { .. } => "id_taken",
            ResolveError::Contradiction { .. } => "contradiction",
        }
    }
}

/// How a row stands that can't be settled so, and what to do instead.
fn standing(state: State, remote_id: Option<u64>) -> String {
    let text = match (state, remote_id) {
        (State::Posted, Some(id)) => return format!("it is posted, as ID {id}"),
        (State::Posted, None) => "it is posted",
        (State::Pending, _) => "it is pending, and the next import sends it",
        (State::Sending, _) => "it is being sent",
        (State::Failed, _) => {
            "the portal has refused it, and import sends it again with --retry-failed"
        }
        (State::Undone, _) => "it was undone, and can only be sent again with --resend",
        (State::InDoubt, _) => "it was settled meanwhile",
    };
    text.to_owned()
}
