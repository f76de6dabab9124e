//! A merge join of manifest and ledger: the row of the one that belongs to the row of the other.
//!
//! Rows entered the ledger in the manifest's order, nearly: retries and busy entities have moved
//! some. So the ledger is read from its first row to its last beside the manifest, some thousand
//! rows ahead, and no look-up by key is needed where both name the same rows. Where they differ
//! (rows moved, added, edited, or sent much later), the row has to be looked up by its key.
//!
//! Reading takes as long as checking, so a thread with a connection of its own does it, while
//! nothing is written. It ends with the cursor.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::OptionalExtension;

use crate::post::RowKey;

use super::row::COLUMNS;
use super::{Ledger, LedgerError, LedgerRow};

/// Rows handed over at once.
const PAGE: usize = 1_024;

/// Pages that wait to be taken.
const WAITING: usize = 2;

/// Room for rows that come before their turn, by number: more than a run has in its window.
const KEPT: u64 = 8_192;

/// The cursor reads on while it has not seen a row that far ahead.
const AHEAD: u64 = KEPT / 2;

/// A cursor over the rows of the ledger, moved along beside the manifest.
#[derive(Debug)]
pub struct MergeCursor {
    reading: ReaderThread,
    /// The page in hand, and how many of its rows are taken.
    page: RowPage,
    taken: usize,
    /// Rows that were read before their turn, each at its number modulo `KEPT`.
    early: Vec<Early>,
    /// The highest row number read so far.
    highest: u64,
    is_at_end: bool,
}

/// The thread that reads, and what it hands over.
#[derive(Debug)]
struct ReaderThread {
    pages: Option<Receiver<Result<RowPage, LedgerError>>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ReaderThread {
    /// Ends the thread, and waits for it: its connection must not be the last one that is closed.
    fn drop(&mut self) {
        drop(self.pages.take());
        if let Some(thread) = self.thread.take() {
            let _broken_down = thread.join();
        }
    }
}

/// A row by its number; the memory of keys is used again.
#[derive(Clone, Debug, Default)]
struct Early {
    number: u64,
    key: Vec<u8>,
    known: Option<LedgerRow>,
}

/// Rows on their way from the thread.
#[derive(Debug, Default)]
struct RowPage {
    /// Their keys, one behind the other.
    keys: Vec<u8>,
    rows: Vec<PageRow>,
}

#[derive(Debug)]
struct PageRow {
    number: u64,
    key_end: usize,
    /// None once it is taken.
    known: Option<LedgerRow>,
}

impl Ledger {
    /// Starts a cursor at the first row. Nothing may be written before it ends. Most rows are taken
    /// to have that target.
    ///
    /// # Errors
    /// When the ledger can't be opened once more.
    pub fn merge_cursor(&self, usual_target: &'static str) -> Result<MergeCursor, LedgerError> {
        let reader = Ledger::open_to_read(&self.path)?;
        let (sender, pages) = sync_channel(WAITING);
        let thread = thread::spawn(move || reader.hand_over(usual_target, &sender));
        Ok(MergeCursor {
            reading: ReaderThread {
                pages: Some(pages),
                thread: Some(thread),
            },
            page: RowPage::default(),
            taken: 0,
            early: vec![Early::default(); KEPT as usize],
            highest: 0,
            is_at_end: false,
        })
    }

    /// Hands every row over, until nobody takes them any more.
    fn hand_over(
        &self,
        usual_target: &'static str,
        pages: &SyncSender<Result<RowPage, LedgerError>>,
    ) {
        // Every column that is fetched costs as much as finding the row, so one of them tells
        // whether the others say what they usually do.
        let query = format!(
            "SELECT {COLUMNS}, row_number, target = ?1 AND state = 'posted' AND left_behind = 0 \
             FROM rows ORDER BY id"
        );
        let read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(&query)?;
            let mut rows = statement.query([usual_target])?;
            let mut page = RowPage::with_room();
            while let Some(row) = rows.next()? {
                let key = row.get_ref(0)?.as_bytes()?;
                page.keys.extend_from_slice(key);
                page.rows.push(PageRow {
                    number: row.get(7)?,
                    key_end: page.keys.len(),
                    known: Some(match row.get(8)? {
                        true => LedgerRow::read_posted(row, usual_target)?,
                        false => LedgerRow::read(row)?,
                    }),
                });
                if page.rows.len() == PAGE {
                    let full = std::mem::replace(&mut page, RowPage::with_room());
                    if pages.send(Ok(full)).is_err() {
                        return Ok(());
                    }
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
    pub fn find(&self, key: &RowKey) -> Result<Option<LedgerRow>, LedgerError> {
        let query = format!("SELECT {COLUMNS} FROM rows WHERE row_key = ?1");
        self.connection
            .prepare_cached(&query)
            .and_then(|mut statement| {
                statement
                    .query_row([key.as_str()], LedgerRow::read)
                    .optional()
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }
}

impl RowPage {
    fn with_room() -> RowPage {
        RowPage {
            keys: Vec::with_capacity(PAGE * 16),
            rows: Vec::with_capacity(PAGE),
        }
    }
}

impl MergeCursor {
    /// What is known of the manifest's row `number`, if the ledger has it under this number and
    /// under a key that is the row's. Rows are asked for in manifest order. None doesn't say that
    /// the row is unknown: it may have another number in the ledger, or come too late there.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn in_place(
        &mut self,
        number: u64,
        is_key: impl Fn(&[u8]) -> bool,
    ) -> Result<Option<LedgerRow>, LedgerError> {
        let early = &mut self.early[place(number)];
        if early.number == number && is_key(&early.key) {
            return Ok(early.known.take());
        }
        while self.highest < number.saturating_add(AHEAD) && self.has_next()? {
            let key_start = match self.taken.checked_sub(1) {
                Some(before) => self.page.rows[before].key_end,
                None => 0,
            };
            let row = &mut self.page.rows[self.taken];
            let key = &self.page.keys[key_start..row.key_end];
            self.taken += 1;
            self.highest = self.highest.max(row.number);
            if row.number == number && is_key(key) {
                return Ok(row.known.take());
            }
            // Those before this one are of no more use.
            if row.number > number {
                let early = &mut self.early[place(row.number)];
                early.number = row.number;
                early.key.clear();
                early.key.extend_from_slice(key);
                early.known = row.known.take();
            }
        }
        Ok(None)
    }

    /// Whether there is a row left to take; fetches the next page when this one is done with.
    fn has_next(&mut self) -> Result<bool, LedgerError> {
        while self.taken == self.page.rows.len() {
            if self.is_at_end {
                return Ok(false);
            }
            match self.reading.pages.as_ref().map(Receiver::recv) {
                Some(Ok(page)) => {
                    self.page = page?;
                    self.taken = 0;
                }
                _ => self.is_at_end = true,
            }
        }
        Ok(true)
    }
}

fn place(number: u64) -> usize {
    (number % KEPT) as usize
}
