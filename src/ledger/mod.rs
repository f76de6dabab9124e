//! What is known of every row: an SQLite file beside the manifest.
//!
//! The promise rests on two rules. A row is durably `sending` before the first byte of its request
//! leaves, and durably settled before its lane sends again; [`Ledger::commit`] does both for many
//! rows in one transaction. Whatever kills the process, the next start finds in `sending` exactly
//! the rows that may or may not have arrived, and [`Ledger::recover`] makes them `in_doubt`.
//!
//! The ledger is a plain synchronous object that knows no portal; the time of what happens is given
//! to it. The one thread here reads ahead for a [`MergeCursor`] and ends with it. Dropping a ledger
//! changes nothing that it says.

mod binding;
mod changes;
mod commit;
mod connection;
mod edits;
mod entities;
mod error;
mod file;
mod lock;
mod merge_cursor;
mod other_ledgers;
mod place;
mod portal_traits;
mod queries;
mod readback;
mod register;
mod resolve;
mod resolve_error;
mod row;
mod runs;
mod schema;
mod sources;
mod transact;
mod vanished;

pub use binding::{Binding, is_same_portal};
pub use changes::{
    Authorship, BatchEnd, BatchStart, Claim, Commit, Committed, Settle, Settlement, Witness,
};
pub use connection::Ledger;
pub use entities::EntitiesSeenBy;
pub use error::LedgerError;
pub use lock::LedgerLock;
pub use merge_cursor::MergeCursor;
pub use other_ledgers::{NewRow, NewRows, OtherLedgers, SentElsewhere};
pub use place::beside_manifest;
pub use queries::{FailedRow, LedgerStatus, RowInDoubt, StateCounts};
pub use readback::OpenClaim;
pub use register::{Register, RegisterError};
pub use resolve::{Resolution, ResolveRequest, Resolved};
pub use resolve_error::ResolveError;
pub use row::{LedgerRow, State};
pub use runs::{KeptReading, RunStart};
pub use sources::{Rename, SourceRow, SourceRows};
pub use vanished::{Vanished, saying};

#[cfg(test)]
mod tests;
