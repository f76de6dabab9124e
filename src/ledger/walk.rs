//! Looking up the rows of a manifest, cheap while manifest and ledger agree.
//!
//! The ledger is read in the order of row numbers, a page at a time, beside the manifest. As long
//! as both name the same rows no look-up by key is needed; where they differ (rows moved, added,
//! edited), the row is looked up by its key.

use std::collections::VecDeque;

use rusqlite::OptionalExtension;

use crate::post::RowKey;

use super::record::COLUMNS;
use super::{Ledger, LedgerError, Record};

/// Rows read from the ledger at once.
const PAGE: u32 = 4_096;

/// A walk through the ledger in row order.
#[derive(Debug)]
pub struct Walk<'a> {
    ledger: &'a Ledger,
    page: VecDeque<Record>,
    /// The last (row number, id) read.
    last: (u64, i64),
    ended: bool,
}

impl Ledger {
    /// Starts a walk at the first row.
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            ledger: self,
            page: VecDeque::new(),
            last: (0, 0),
            ended: false,
        }
    }

    /// What is known of a row.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn find(&self, key: &RowKey) -> Result<Option<Record>, LedgerError> {
        let query = format!("SELECT {COLUMNS} FROM rows WHERE row_key = ?1");
        self.connection
            .prepare_cached(&query)
            .and_then(|mut statement| statement.query_row([key.as_str()], Record::read).optional())
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
            if self.page.is_empty() && !self.ended {
                self.read_page()?;
            }
            match self.page.front() {
                Some(next) if next.row_number < number => {
                    self.page.pop_front();
                }
                Some(next) if next.row_number == number && next.key == *key => {
                    return Ok(self.page.pop_front());
                }
                _ => return self.ledger.find(key),
            }
        }
    }

    fn read_page(&mut self) -> Result<(), LedgerError> {
        let query = format!(
            "SELECT {COLUMNS}, id FROM rows WHERE (row_number, id) > (?1, ?2)
             ORDER BY row_number, id LIMIT ?3"
        );
        let read = |cause| LedgerError::read(&self.ledger.path, cause);
        let mut statement = self
            .ledger
            .connection
            .prepare_cached(&query)
            .map_err(read)?;
        let rows = statement
            .query_map((self.last.0, self.last.1, PAGE), |row| {
                Ok((Record::read(row)?, row.get::<_, i64>(7)?))
            })
            .map_err(read)?;
        for row in rows {
            let (record, id) = row.map_err(read)?;
            self.last = (record.row_number, id);
            self.page.push_back(record);
        }
        self.ended = self.page.len() < PAGE as usize;
        Ok(())
    }
}
