//! Runs: their beginning, their end, and what one that died has left.

use rusqlite::params;

use super::{Ledger, LedgerError};

/// A run that begins.
#[derive(Clone, Debug)]
pub struct RunStart<'a> {
    /// The name of the target that it posts to.
    pub target: &'a str,
    /// The portal, as the ledger is bound to it.
    pub portal: &'a str,
    /// The credentials' user.
    pub user_id: u64,
    /// Unix milliseconds.
    pub at: i64,
}

impl Ledger {
    /// Notes a new run and returns its number.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn begin_run(&mut self, run: &RunStart<'_>) -> Result<i64, LedgerError> {
        self.connection
            .execute(
                "INSERT INTO runs (started_at, target, portal, user_id, version)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run.at,
                    run.target,
                    run.portal,
                    run.user_id,
                    env!("CARGO_PKG_VERSION")
                ],
            )
            .map_err(|cause| LedgerError::write(&self.path, cause))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn end_run(&mut self, run: i64, outcome: &str, at: i64) -> Result<(), LedgerError> {
        self.connection
            .execute(
                "UPDATE runs SET ended_at = ?2, outcome = ?3 WHERE id = ?1",
                params![run, at, outcome],
            )
            .map(drop)
            .map_err(|cause| LedgerError::write(&self.path, cause))
    }

    /// Makes `in_doubt` what was `sending` when an earlier run died; says how many rows.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn recover(&mut self, at: i64) -> Result<usize, LedgerError> {
        self.connection
            .execute(
                "UPDATE rows SET state = 'in_doubt', error_code = 'run_died', updated_at = ?1,
                     error_message = 'the run ended before the portal''s answer was recorded'
                 WHERE state = 'sending' AND row_key IN (SELECT row_key FROM claims)",
                [at],
            )
            .map_err(|cause| LedgerError::write(&self.path, cause))
    }
}
