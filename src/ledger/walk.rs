//! Looking up the rows of a manifest, cheap while manifest and ledger agree.
//!
//! Rows entered the ledger in the manifest's order, nearly: retries and busy records have moved some.
//! So the ledger is read from its first row to its last beside the manifest, some thousand rows
//! ahead, and no look-up by key is needed where both name the same rows. Where they differ (rows
//! moved, added, edited, or sent much later), the row is looked up by its key.

use std::sync::Arc;

use rusqlite::OptionalExtension;

use crate::post::RowKey;

use super::record::COLUMNS;
use super::{Ledger, LedgerError, Record};

/// Rows read from the ledger at once.
const PAGE: usize = 1_024;

/// Rows that are kept, by number: as many as a run has in its window, and twice as many for those
/// that come early or late.
const KEPT: u64 = 8_192;

/// The walk reads on while it has not seen a row that far ahead.
const AHEAD: u64 = KEPT / 2;

/// A walk through the ledger beside the manifest.
#[derive(Debug)]
pub struct Walk<'a> {
    ledger: &'a Ledger,
    /// The row of each number, by its remainder; the memory of keys is used again.
    kept: Vec<Kept>,
    usual_target: Arc<str>,
    last_id: i64,
    /// The highest row number read so far.
    highest: u64,
    is_at_end: bool,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    number: u64,
    key: String,
    record: Option<Record>,
}

impl Ledger {
    /// Starts a walk at the first row.
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            ledger: self,
            kept: vec![Kept::default(); KEPT as usize],
            usual_target: "".into(),
            last_id: 0,
            highest: 0,
            is_at_end: false,
        }
    }

    /// What is known of a row.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn find(&self, key: &RowKey) -> Result<Option<Record>, LedgerError> {
        let query = format!("SELECT {COLUMNS} FROM rows WHERE row_key = ?1");
        let read = |row: &rusqlite::Row<'_>| Record::read(row, &"".into());
        self.connection
            .prepare_cached(&query)
            .and_then(|mut statement| statement.query_row([key.as_str()], read).optional())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }
}

impl Walk<'_> {
    /// The record of the manifest's row `number`, whose key is `key`. Rows are asked for in
    /// manifest order.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn find(&mut self, number: u64, key: &RowKey) -> Result<Option<Record>, LedgerError> {
        loop {
            let kept = &self.kept[place(number)];
            if kept.number == number && kept.key == key.as_str() {
                return Ok(kept.record.clone());
            }
            if self.is_at_end || self.highest >= number.saturating_add(AHEAD) {
                return self.ledger.find(key);
            }
            self.read_page(number)
                .map_err(|cause| LedgerError::read(&self.ledger.path, cause))?;
        }
    }

    /// Reads on; rows far before `number` are of no more use.
    fn read_page(&mut self, number: u64) -> rusqlite::Result<()> {
        let query = format!(
            "SELECT {COLUMNS}, row_number, id FROM rows WHERE id > ?1 ORDER BY id LIMIT {PAGE}"
        );
        let mut statement = self.ledger.connection.prepare_cached(&query)?;
        let mut rows = statement.query([self.last_id])?;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            let found: u64 = row.get(6)?;
            self.last_id = row.get(7)?;
            self.highest = self.highest.max(found);
            if found < number {
                continue;
            }
            let record = Record::read(row, &self.usual_target)?;
            self.usual_target = Arc::clone(&record.target);
            let kept = &mut self.kept[place(found)];
            kept.number = found;
            kept.key.clear();
            kept.key.push_str(row.get_ref(0)?.as_str()?);
            kept.record = Some(record);
        }
        self.is_at_end = read < PAGE;
        Ok(())
    }
}

fn place(number: u64) -> usize {
    (number % KEPT) as usize
}
