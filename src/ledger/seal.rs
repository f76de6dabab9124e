//! A ledger whose rows are all posted remembers the manifest that they came from, so that a rerun
//! needn't hold a million rows against it one by one.
//!
//! A seal must not outlive what it says. Whatever is written to the rows, by this program or by
//! anybody else, triggers take it away. They would slow a run down, so one that begins removes both.

use rusqlite::{Connection, OptionalExtension, params};

use crate::post::{ContentHash, FileSizes};

use super::{Ledger, LedgerError};

/// What a sealed ledger says: these are all rows of that manifest, and each is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal<'a> {
    /// How many bytes the manifest has.
    pub manifest_bytes: u64,
    pub rows: u64,
    pub target: &'a str,
}

/// What a seal tells of its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub rows: u64,
    /// The hash of the manifest's bytes and of how they are read.
    pub manifest: ContentHash,
    /// The sizes of the files that were posted.
    pub files: FileSizes,
}

const BREAK: &str = "
DROP TRIGGER IF EXISTS rows_inserted;
DROP TRIGGER IF EXISTS rows_updated;
DROP TRIGGER IF EXISTS rows_deleted;
DELETE FROM seal;
";

const WATCH: &str = "
CREATE TRIGGER rows_inserted AFTER INSERT ON rows BEGIN DELETE FROM seal; END;
CREATE TRIGGER rows_updated AFTER UPDATE ON rows BEGIN DELETE FROM seal; END;
CREATE TRIGGER rows_deleted AFTER DELETE ON rows BEGIN DELETE FROM seal; END;
";

impl Ledger {
    /// Seals the ledger, if it has so many rows and all of them are posted to that target. Only then
    /// `hash` is asked for the manifest's hash, of its bytes and how they are read; without one
    /// nothing is sealed.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn seal(
        &mut self,
        seal: &Seal<'_>,
        hash: impl FnOnce() -> Option<ContentHash>,
    ) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            let (rows, settled): (u64, u64) = transaction.query_row(
                "SELECT count(*), count(*) FILTER (WHERE state = 'posted' AND target = ?1
                     AND left_behind = 0) FROM rows",
                [seal.target],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if rows != seal.rows || settled != rows {
                return Ok(());
            }
            let Some(manifest) = hash() else {
                return Ok(());
            };
            let files = file_sizes(transaction)?.to_bytes();
            transaction.execute_batch(BREAK)?;
            transaction.execute(
                "INSERT INTO seal (manifest_hash, manifest_bytes, rows, target, file_sizes)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    manifest.0,
                    seal.manifest_bytes,
                    seal.rows,
                    seal.target,
                    files
                ],
            )?;
            transaction.execute_batch(WATCH)?;
            Ok(())
        })
    }

    /// What the seal tells, if the ledger is sealed with a manifest of so many bytes.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn sealed(&self, target: &str, manifest_bytes: u64) -> Result<Option<Sealed>, LedgerError> {
        self.connection
            .query_row(
                "SELECT rows, manifest_hash, file_sizes FROM seal
                 WHERE target = ?1 AND manifest_bytes = ?2",
                params![target, manifest_bytes],
                |row| {
                    Ok(Sealed {
                        rows: row.get(0)?,
                        manifest: ContentHash(row.get(1)?),
                        files: FileSizes::from_bytes(row.get(2)?),
                    })
                },
            )
            .optional()
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Takes the seal and its triggers away, before many rows are written.
    pub(super) fn break_seal(&mut self) -> Result<(), LedgerError> {
        self.transact(|transaction| Ok(transaction.execute_batch(BREAK)?))
    }
}

/// The sizes of the files of all rows.
fn file_sizes(connection: &Connection) -> rusqlite::Result<FileSizes> {
    let mut sizes = FileSizes::default();
    let mut statement = connection
        .prepare("SELECT content_hash, attachment_bytes FROM rows WHERE attachment_bytes > 0")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        sizes.add(ContentHash(row.get(0)?), row.get(1)?);
    }
    Ok(sizes)
}
