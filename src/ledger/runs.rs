//! Runs: their beginning, their end, and what one that died has left.

use rusqlite::{OptionalExtension, params};

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
    /// How the manifest is read, if that is to be kept.
    pub reading: Option<&'a KeptReading>,
    /// Unix milliseconds.
    pub at: i64,
}

/// How a run has read its manifest, in the words of the options that say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptReading {
    /// Such as `csv`.
    pub format: String,
    /// The encoding's name; `ascii` where more than one is true.
    pub encoding: String,
    /// What separates the columns; none where there is one column or no such thing.
    pub delimiter: Option<String>,
}

impl Ledger {
    /// Notes a new run and returns its number.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn begin_run(&mut self, run: &RunStart<'_>) -> Result<i64, LedgerError> {
        self.connection
            .execute(
                "INSERT INTO runs (started_at, target, portal, user_id, version, format, encoding,
                     delimiter)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    run.at,
                    run.target,
                    run.portal,
                    run.user_id,
                    env!("CARGO_PKG_VERSION"),
                    run.reading.map(|reading| &reading.format),
                    run.reading.map(|reading| &reading.encoding),
                    run.reading.map(|reading| &reading.delimiter),
                ],
            )
            .map_err(|cause| LedgerError::write(&self.path, cause))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The last run that has sent posts and says how it read its manifest, and how that was.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn last_reading(&self) -> Result<Option<(i64, KeptReading)>, LedgerError> {
        let query = "SELECT id, format, encoding, delimiter FROM runs WHERE id =
            (SELECT max(run_id) FROM batches) AND format IS NOT NULL AND encoding IS NOT NULL";
        self.connection
            .query_row(query, [], |row| {
                let reading = KeptReading {
                    format: row.get(1)?,
                    encoding: row.get(2)?,
                    delimiter: row.get(3)?,
                };
                Ok((row.get(0)?, reading))
            })
            .optional()
            .map_err(|cause| LedgerError::read(&self.path, cause))
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
