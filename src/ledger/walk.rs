//! Looking up the rows of a manifest, cheap while manifest and ledger agree.
//!
//! Rows entered the ledger in the manifest's order, nearly: retries and busy records have moved some.
//! So the ledger is read from its first row to its last beside the manifest, some thousand rows
//! ahead, and no look-up by key is needed where both name the same rows. Where they differ (rows
//! moved, added, edited, or sent much later), the row is looked up by its key.
//!
//! Reading takes as long as checking, so a thread with a connection of its own does it, while nothing
//! is written. It ends with the walk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::OptionalExtension;

use crate::post::RowKey;

use super::record::COLUMNS;
use super::{Ledger, LedgerError, Record};

/// Rows handed over at once.
const PAGE: usize = 1_024;

/// Pages that wait to be taken.
const WAITING: usize = 2;

/// Rows that are kept, by number: as many as a run has in its window, and twice as many for those
/// that come early or late.
const KEPT: u64 = 8_192;

/// The walk reads on while it has not seen a row that far ahead.
const AHEAD: u64 = KEPT / 2;

/// A walk through the ledger beside the manifest.
#[derive(Debug)]
pub struct Walk<'a> {
    ledger: &'a Ledger,
    reading: Reading,
    /// The row of each number, by its remainder; the memory of keys is used again.
    kept: Vec<Kept>,
    /// The highest row number read so far.
    highest: u64,
    is_at_end: bool,
}

/// The thread that reads, and what it hands over.
#[derive(Debug)]
struct Reading {
    pages: Option<Receiver<Result<Page, LedgerError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Reading {
    /// Ends the thread, and waits for it: its connection must not be the last one that is closed.
    fn drop(&mut self) {
        drop(self.pages.take());
        if let Some(thread) = self.thread.take() {
            let _broken_down = thread.join();
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Kept {
    number: u64,
    key: String,
    record: Option<Record>,
}

/// Rows on their way from the thread.
#[derive(Debug, Default)]
struct Page {
    /// Their keys, one behind the other.
    keys: String,
    rows: Vec<PageRow>,
}

#[derive(Debug)]
struct PageRow {
    number: u64,
    key_end: usize,
    record: Record,
}

impl Ledger {
    /// Starts a walk at the first row. Nothing may be written before it ends.
    ///
    /// # Errors
    /// When the ledger can't be opened once more.
    pub fn walk(&self) -> Result<Walk<'_>, LedgerError> {
        let reader = Ledger::open_to_read(&self.path)?;
        let (sender, pages) = sync_channel(WAITING);
        let thread = thread::spawn(move || reader.hand_over(&sender));
        Ok(Walk {
            ledger: self,
            reading: Reading {
                pages: Some(pages),
                thread: Some(thread),
            },
            kept: vec![Kept::default(); KEPT as usize],
            highest: 0,
            is_at_end: false,
        })
    }

    /// Hands every row over, until nobody takes them any more.
    fn hand_over(&self, pages: &SyncSender<Result<Page, LedgerError>>) {
        let query = format!("SELECT {COLUMNS}, row_number FROM rows ORDER BY id");
        let read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&query)?;
            let mut rows = statement.query([])?;
            let mut usual_target: Arc<str> = "".into();
            let mut page = Page::default();
            while let Some(row) = rows.next()? {
                let record = Record::read(row, &usual_target)?;
                usual_target = Arc::clone(&record.target);
                page.keys.push_str(row.get_ref(0)?.as_str()?);
                page.rows.push(PageRow {
                    number: row.get(6)?,
                    key_end: page.keys.len(),
                    record,
                });
                if page.rows.len() == PAGE && pages.send(Ok(std::mem::take(&mut page))).is_err() {
                    return Ok(());
                }
            }
            let _walk_over = pages.send(Ok(page));
            Ok(())
        };
        if let Err(cause) = read() {
            let _walk_over = pages.send(Err(LedgerError::read(&self.path, cause)));
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
            self.take_page(number)?;
        }
    }

    /// Takes in more rows; those before `number` are of no more use.
    fn take_page(&mut self, number: u64) -> Result<(), LedgerError> {
        let page = match self.reading.pages.as_ref().map(Receiver::recv) {
            Some(Ok(page)) => page?,
            _ => {
                self.is_at_end = true;
                return Ok(());
            }
        };
        let mut key_start = 0;
        for row in page.rows {
            let key = &page.keys[key_start..row.key_end];
            key_start = row.key_end;
            self.highest = self.highest.max(row.number);
            if row.number < number {
                continue;
            }
            let kept = &mut self.kept[place(row.number)];
            kept.number = row.number;
            kept.key.clear();
            kept.key.push_str(key);
            kept.record = Some(row.record);
        }
        Ok(())
    }
}

fn place(number: u64) -> usize {
    (number % KEPT) as usize
}
