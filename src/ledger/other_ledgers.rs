//! The other ledgers of a portal: those that the user's register names, and those that lie in the
//! manifest's folder. Rows that they have sent are not to be sent once more, and posts that are
//! theirs are nobody else's.
//!
//! There may be hundreds, so each is opened for as long as it is asked, and the smaller side
//! decides how: a ledger is read through where it has fewer rows than are looked for; else each row
//! is looked up.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row};

use crate::post::{ContentHash, Entity, RowKey};

use super::readback::entity;
use super::{Ledger, LedgerError, is_same_portal};

/// A row that the run's own ledger has never claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// Its number in the manifest.
    pub number: u64,
    /// Hash of what the manifest says.
    pub content: ContentHash,
    /// Hash of title and message alone.
    pub message: ContentHash,
    /// The CRM entity that shows it.
    pub entity: Option<Entity>,
    /// Unix milliseconds.
    pub publish_at: Option<i64>,
}

/// New rows under the keys that another ledger may have them by; in order, as an index is read
/// fastest.
pub type NewRows = BTreeMap<RowKey, NewRow>;

/// A new row that another ledger has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentElsewhere {
    /// Its number in the manifest, from 1.
    pub number: u64,
    /// The ledger that has sent it.
    pub ledger: PathBuf,
}

/// The other ledgers of a portal that have rows.
#[derive(Debug, Default)]
pub struct OtherLedgers {
    ledgers: Vec<OtherLedger>,
}

#[derive(Debug)]
struct OtherLedger {
    path: PathBuf,
    rows: u64,
    has_unnamed: bool,
    /// Whether it has IDs with zeros in front.
    has_zeros: bool,
}

/// A row that another ledger has sent, or may have sent.
struct SentRow {
    key: RowKey,
    content: ContentHash,
    message: ContentHash,
    entity: Option<Entity>,
    publish_at: Option<i64>,
}

const COLUMNS: &str = "row_key, content_hash, message_hash, entity_type, entity_id, publish_at";

/// What a run that died was sending is as good as posted, here.
const IS_SENT: &str = "state IN ('posted', 'in_doubt', 'sending')";

const HAS_ZEROS: &str = "row_key >= 'x:0' AND row_key < 'x:1'";

const IS_SENT_WITH_ZEROS: &str =
    "row_key >= 'x:0' AND row_key < 'x:1' AND state IN ('posted', 'in_doubt', 'sending')";

impl OtherLedgers {
    /// Finds the other ledgers of a portal among those that are registered and those in the
    /// folders. Beside them the errors of those that can't be read; one that isn't there any more
    /// is none of them, nor is a file that only bears such a name.
    pub fn find(
        own: &Path,
        portal: &str,
        registered: Vec<PathBuf>,
        folders: &[&Path],
    ) -> (OtherLedgers, Vec<LedgerError>) {
        // By their real paths, each with whether it must be a ledger.
        let mut paths = BTreeMap::new();
        let beside = folders.iter().flat_map(|folder| ledger_files(folder));
        for (path, is_registered) in beside
            .map(|path| (path, false))
            .chain(registered.into_iter().map(|path| (path, true)))
        {
            if let Ok(path) = fs::canonicalize(path) {
                *paths.entry(path).or_insert(false) |= is_registered;
            }
        }
        if let Ok(own) = fs::canonicalize(own) {
            paths.remove(&own);
        }
        let (mut elsewhere, mut unread) = (OtherLedgers::default(), Vec::new());
        for (path, is_registered) in paths {
            match OtherLedger::look_at(path, portal) {
                Ok(other) => elsewhere.ledgers.extend(other),
                Err(LedgerError::Foreign { .. }) if !is_registered => {}
                Err(error) => unread.push(error),
            }
        }
        (elsewhere, unread)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ledgers.is_empty()
    }

    /// One of the new rows that another ledger has sent: of the first ledger that has any, the row
    /// with the lowest number. With `zeros` also a row that has lost the zeros in front of its ID
    /// since; all IDs of that ledger that have some are read for that.
    ///
    /// # Errors
    /// When a ledger can't be read.
    pub fn first_sent(
        &self,
        new_rows: &NewRows,
        zeros: bool,
    ) -> Result<Option<SentElsewhere>, LedgerError> {
        for other in &self.ledgers {
            let ledger = Ledger::open_to_read(&other.path)?;
            let sent = match other.rows < new_rows.len() as u64 {
                true => ledger.read_through(new_rows, IS_SENT),
                false => ledger.look_up(new_rows, other.has_unnamed),
            };
            let sent = match sent {
                Ok(None) if zeros && other.has_zeros => {
                    ledger.read_through(new_rows, IS_SENT_WITH_ZEROS)
                }
                sent => sent,
            };
            let sent = sent.map_err(|cause| LedgerError::read(&other.path, cause))?;
            if let Some(number) = sent {
                let ledger = other.path.clone();
                return Ok(Some(SentElsewhere { number, ledger }));
            }
        }
        Ok(None)
    }

    /// Which of these IDs belong to rows of other ledgers.
    ///
    /// # Errors
    /// When a ledger can't be read.
    pub fn owned(
        &self,
        target: &str,
        ids: impl IntoIterator<Item = u64>,
    ) -> Result<HashSet<u64>, LedgerError> {
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut owned = HashSet::new();
        for other in &self.ledgers {
            let ledger = Ledger::open_to_read(&other.path)?;
            owned.extend(ledger.owned(target, ids.iter().copied())?);
        }
        Ok(owned)
    }
}

impl OtherLedger {
    /// None of a ledger that is empty or another portal's.
    fn look_at(path: PathBuf, portal: &str) -> Result<Option<OtherLedger>, LedgerError> {
        let ledger = Ledger::open_to_read(&path)?;
        let bound = ledger.binding()?.portal;
        if !bound.is_some_and(|bound| is_same_portal(&bound, portal)) {
            return Ok(None);
        }
        // Rows are never removed, so the highest number tells how many there are.
        let rows = ledger
            .connection
            .query_row("SELECT coalesce(max(id), 0) FROM rows", [], |row| {
                row.get(0)
            })
            .map_err(|cause| LedgerError::read(&path, cause))?;
        let has_unnamed = ledger.has_unnamed_rows()?;
        let has_zeros = ledger.has_zeros()?;
        Ok((rows > 0).then_some(OtherLedger {
            path,
            rows,
            has_unnamed,
            has_zeros,
        }))
    }
}

impl Ledger {
    fn has_zeros(&self) -> Result<bool, LedgerError> {
        let query = format!("SELECT 1 FROM rows WHERE {HAS_ZEROS} LIMIT 1");
        let found = self.connection.query_row(&query, [], |_| Ok(())).optional();
        found
            .map(|found| found.is_some())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// The lowest number of a new row among the rows that were sent; reads them all, or those with
    /// zeros in front of their IDs.
    fn read_through(&self, new_rows: &NewRows, which: &str) -> rusqlite::Result<Option<u64>> {
        let query = format!("SELECT {COLUMNS} FROM rows WHERE {which}");
        let mut statement = self.connection.prepare(&query)?;
        let mut first = None;
        for sent in statement.query_map([], SentRow::read)? {
            let sent = sent?;
            let keys = [sent.key.without_zeros(), Some(sent.key.clone())];
            let rows = keys.iter().flatten().filter_map(|key| new_rows.get(key));
            let same = rows.filter(|row| sent.is_same(row)).map(|row| row.number);
            first = first.into_iter().chain(same).min();
        }
        Ok(first)
    }

    /// The same, by the keys of the new rows.
    fn look_up(&self, new_rows: &NewRows, has_unnamed: bool) -> rusqlite::Result<Option<u64>> {
        let query = format!("SELECT {COLUMNS} FROM rows WHERE row_key = ?1 AND {IS_SENT}");
        let mut statement = self.connection.prepare(&query)?;
        let mut first = None;
        for (key, new_row) in new_rows {
            if key.external_id().is_none() && !has_unnamed {
                continue;
            }
            let sent = statement
                .query_row([key.as_str()], SentRow::read)
                .optional()?;
            if sent.is_some_and(|sent| sent.is_same(new_row)) {
                first = first.into_iter().chain([new_row.number]).min();
            }
        }
        Ok(first)
    }
}

impl SentRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<SentRow> {
        Ok(SentRow {
            key: RowKey::stored(row.get(0)?),
            content: ContentHash(row.get(1)?),
            message: ContentHash(row.get(2)?),
            entity: entity(row.get(3)?, row.get(4)?),
            publish_at: row.get(5)?,
        })
    }

    /// Whether a new row under the same key says the same, at the same time. Numbers of unrelated
    /// exports are often the same.
    fn is_same(&self, new_row: &NewRow) -> bool {
        let says_the_same = self.content == new_row.content
            || (self.message == new_row.message && self.entity == new_row.entity);
        says_the_same && self.publish_at == new_row.publish_at
    }
}

/// What looks like a ledger in a folder.
fn ledger_files(folder: &Path) -> Vec<PathBuf> {
    let is_ledger = |name: &OsStr| name.to_string_lossy().ends_with(".ledger.db");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| is_ledger(&entry.file_name()))
        .map(|entry| entry.path())
        .collect()
}
