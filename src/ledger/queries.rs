//! What can be asked of a ledger.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Params, Row};

use super::{Ledger, LedgerError, LedgerLock, State};

/// Rows by state.
pub type StateCounts = BTreeMap<State, u64>;

/// Failures of one kind.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FailedRow {
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    /// How many rows failed with it.
    pub rows: u64,
    /// The manifest's number of the first of them.
    pub row: u64,
    /// The text of the first of them.
    pub message: String,
}

/// A row in doubt, with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RowInDoubt {
    /// Its name in the ledger.
    pub row_key: String,
    /// Its number in the manifest, from 1.
    pub row: u64,
    /// The ID that it brought along, if any.
    pub external_id: Option<String>,
    /// The name of the target that it was sent to.
    pub target: String,
    /// Unix milliseconds.
    pub sent_at: Option<i64>,
    /// The CRM entity that the post belongs to, as people read it.
    pub entity: Option<String>,
    /// The user whose name the post was to bear.
    pub author_id: Option<u64>,
    /// The portal's code, or one of our own in lower case.
    pub code: String,
    /// What is known of how it came to be in doubt.
    pub message: String,
    /// The beginning of its text, for people.
    pub excerpt: String,
}

/// Everything that `status` shows.
#[derive(Clone, Debug, Default)]
pub struct LedgerStatus {
    /// The portal that the ledger is bound to; none before the first run.
    pub portal: Option<String>,
    /// How many rows there are in each state.
    pub counts: StateCounts,
    /// The rows that the portal has refused, by code.
    pub failures: Vec<FailedRow>,
    /// The first of the rows in doubt.
    pub doubts: Vec<RowInDoubt>,
    /// Unix milliseconds of the last run's start.
    pub last_run_at: Option<i64>,
    /// Whether a run is on.
    pub running: bool,
}

/// Rows in doubt that `status` lists; the counts tell how many there are.
const LISTED_DOUBTS: i64 = 20;

/// SQLite's word for no limit.
const ALL: i64 = -1;

impl Ledger {
    /// All that is known, for people and scripts. While a run is on, what it is sending is not yet
    /// in doubt.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn status(&self) -> Result<LedgerStatus, LedgerError> {
        let running = LedgerLock::is_held(&self.path);
        Ok(LedgerStatus {
            portal: self.binding()?.portal,
            counts: self.counts()?,
            failures: self.failures()?,
            doubts: self.list_doubts(!running, LISTED_DOUBTS)?,
            last_run_at: self.last_run_at()?,
            running,
        })
    }

    /// Rows by state.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn counts(&self) -> Result<StateCounts, LedgerError> {
        let rows = self.all(
            "SELECT state, count(*) FROM rows GROUP BY state",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.into_iter().collect())
    }

    /// How many rows the ledger knows.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn count_rows(&self) -> Result<u64, LedgerError> {
        self.connection
            .query_row("SELECT count(*) FROM rows", [], |row| row.get(0))
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Whether the ledger knows a row without an ID of its own.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn has_unnamed_rows(&self) -> Result<bool, LedgerError> {
        self.connection
            .query_row(
                "SELECT 1 FROM rows WHERE row_key >= 'h:' AND row_key < 'h;' LIMIT 1",
                [],
                |_| Ok(()),
            )
            .optional()
            .map(|found| found.is_some())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Failed rows by code, the most frequent first.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn failures(&self) -> Result<Vec<FailedRow>, LedgerError> {
        self.all(
            // Beside min() SQLite gives the other columns of the row that it was found in.
            "SELECT coalesce(error_code, ''), count(*), min(row_number), coalesce(error_message, '')
             FROM rows WHERE state = 'failed' AND state <> 'posted' AND state <> 'sending'
             GROUP BY 1 ORDER BY 2 DESC, 1",
            [],
            |row| {
                Ok(FailedRow {
                    code: row.get(0)?,
                    rows: row.get(1)?,
                    row: row.get(2)?,
                    message: row.get(3)?,
                })
            },
        )
    }

    /// Every row in doubt, in the manifest's order.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn doubts(&self) -> Result<Vec<RowInDoubt>, LedgerError> {
        self.list_doubts(false, ALL)
    }

    fn list_doubts(&self, with_sending: bool, limit: i64) -> Result<Vec<RowInDoubt>, LedgerError> {
        let sending = if with_sending { "sending" } else { "in_doubt" };
        self.all(
            "SELECT rows.row_key, row_number, external_id, rows.target, sent_at,
                 rows.entity_type || ' ' || rows.entity_id, rows.author_id,
                 coalesce(error_code, ''),
                 coalesce(error_message, ''), coalesce(excerpt, '')
             FROM rows LEFT JOIN claims USING (row_key)
             WHERE rows.id IN (
                 SELECT id FROM rows
                 WHERE state = 'in_doubt' AND state <> 'posted' AND state <> 'sending'
                 UNION SELECT rows.id FROM claims JOIN rows USING (row_key) WHERE state = ?2)
             ORDER BY row_number, rows.id LIMIT ?1",
            (limit, sending),
            |row| {
                Ok(RowInDoubt {
                    row_key: row.get(0)?,
                    row: row.get(1)?,
                    external_id: row.get(2)?,
                    target: row.get(3)?,
                    sent_at: row.get(4)?,
                    entity: row.get(5)?,
                    author_id: row.get(6)?,
                    code: row.get(7)?,
                    message: row.get(8)?,
                    excerpt: row.get(9)?,
                })
            },
        )
    }

    fn last_run_at(&self) -> Result<Option<i64>, LedgerError> {
        let at = self.all("SELECT max(started_at) FROM runs", [], |row| row.get(0))?;
        Ok(at.into_iter().next().flatten())
    }

    /// When requests were sent since `since` (Unix milliseconds), for the bucket's level.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn requests_since(&self, since: i64) -> Result<Vec<i64>, LedgerError> {
        self.all(
            "SELECT sent_at FROM (SELECT sent_at FROM batches ORDER BY id DESC LIMIT 1000)
             WHERE sent_at >= ?1",
            [since],
            |row| row.get(0),
        )
    }

    /// Rows without an ID of their own that are posted or in doubt, but for those that the user
    /// has accepted as gone.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn unnamed_arrivals(&self) -> Result<u64, LedgerError> {
        let rows = self.all(
            "SELECT count(*) FROM rows WHERE row_key >= 'h:' AND row_key < 'h;'
             AND state IN ('posted', 'in_doubt') AND left_behind = 0",
            [],
            |row| row.get(0),
        )?;
        Ok(rows.into_iter().next().unwrap_or(0))
    }

    fn all<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        self.connection
            .prepare_cached(query)
            .and_then(|mut statement| statement.query_map(params, read)?.collect())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }
}
