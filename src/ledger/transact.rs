//! One way to write: all of it or nothing, and what can refuse it.

use rusqlite::{Transaction, TransactionBehavior};

use super::{Ledger, LedgerError, ResolveError};

/// Why a transaction is rolled back.
#[derive(Debug)]
pub(super) enum Refusal {
    /// SQLite refuses.
    Sql(rusqlite::Error),
    /// The row is not free to be sent.
    NotClaimable(String),
    /// The row is not being sent.
    NotSending(String),
    /// The row is not in doubt.
    NotInDoubt(String),
    /// The user's word doesn't fit what is known.
    Unresolvable(ResolveError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        Refusal::Sql(error)
    }
}

impl From<ResolveError> for Refusal {
    fn from(error: ResolveError) -> Refusal {
        Refusal::Unresolvable(error)
    }
}

impl Ledger {
    /// Does the work in one transaction, which is durable when this returns.
    pub(super) fn transact<R>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, Refusal>,
    ) -> Result<R, LedgerError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|cause| LedgerError::write(&self.path, cause))?;
        let done = work(&transaction).and_then(|done| {
            transaction.commit()?;
            Ok(done)
        });
        done.map_err(|refusal| match refusal {
            Refusal::Sql(cause) => LedgerError::write(&self.path, cause),
            Refusal::NotClaimable(key) => LedgerError::NotClaimable { key },
            Refusal::NotSending(key) => LedgerError::NotSending { key },
            Refusal::NotInDoubt(key) => LedgerError::NotInDoubt { key },
            Refusal::Unresolvable(error) => LedgerError::Unresolvable(error),
        })
    }
}
