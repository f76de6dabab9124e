//! One way to write: all of it or nothing, and what can refuse it.

use rusqlite::{Transaction, TransactionBehavior};

use super::{Ledger, LedgerError, ResolveError};

/// Why a transaction is rolled back.
#[derive(Debug)]
pub(super) enum Rollback {
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

impl From<rusqlite::Error> for Rollback {
    fn from(error: rusqlite::Error) -> Rollback {
        Rollback::Sql(error)
    }
}

impl From<ResolveError> for Rollback {
    fn from(error: ResolveError) -> Rollback {
        Rollback::Unresolvable(error)
    }
}

impl Ledger {
    /// Does the work in one transaction, which is durable when this returns.
    pub(super) fn transact<R>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, Rollback>,
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
            Rollback::Sql(cause) => LedgerError::write(&self.path, cause),
            Rollback::NotClaimable(key) => LedgerError::NotClaimable { key },
            Rollback::NotSending(key) => LedgerError::NotSending { key },
            Rollback::NotInDoubt(key) => LedgerError::NotInDoubt { key },
            Rollback::Unresolvable(error) => LedgerError::Unresolvable(error),
        })
    }
}
