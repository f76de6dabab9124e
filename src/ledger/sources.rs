//! Rows by the records that they were made of: what makes a row known again whose key has changed
//! because the mapping of its columns has.

use rusqlite::{OptionalExtension, Row};

use crate::post::{ContentHash, Entity, RowKey};

use super::readback::entity;
use super::row::COLUMNS;
use super::{Ledger, LedgerError, LedgerRow};

/// The rows of a ledger by the hashes of their records, in 16 bytes a row.
#[derive(Debug, Default)]
pub struct SourceRows {
    /// A part of the hash and the row's number in the ledger, in this order.
    rows: Vec<(u64, u64)>,
}

/// A row that was found by its record.
#[derive(Debug)]
pub struct SourceRow {
    /// What it is called in the ledger.
    pub key: RowKey,
    /// What is known of it.
    pub known: LedgerRow,
}

/// A change of a row's name.
#[derive(Clone, Debug)]
pub struct Rename {
    /// What it is called in the ledger.
    pub from: RowKey,
    /// What it is to be called.
    pub to: RowKey,
    /// The ID that it brings along by now, if any.
    pub external_id: Option<String>,
}

impl SourceRows {
    /// Numbers of rows whose records have that hash, nearly certainly.
    pub fn ids(&self, source: ContentHash) -> impl Iterator<Item = u64> {
        let fingerprint = source.fingerprint();
        let start = self.rows.partition_point(|(hash, _)| *hash < fingerprint);
        let same = self.rows[start..].iter();
        let same = same.take_while(move |(hash, _)| *hash == fingerprint);
        same.map(|(_, id)| *id)
    }
}

impl Ledger {
    /// All rows of which it is known what records they were made of.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn source_rows(&self) -> Result<SourceRows, LedgerError> {
        let read = || -> rusqlite::Result<Vec<(u64, u64)>> {
            let query = "SELECT source_hash, id FROM rows WHERE source_hash IS NOT NULL";
            let mut statement = self.connection.prepare(query)?;
            let row = |row: &Row<'_>| {
                let hash = ContentHash(row.get(0)?);
                Ok((hash.fingerprint(), row.get(1)?))
            };
            statement.query_map([], row)?.collect()
        };
        let mut rows = read().map_err(|cause| LedgerError::read(&self.path, cause))?;
        rows.sort_unstable();
        Ok(SourceRows { rows })
    }

    /// The row of that number, if it was made of that part of that record.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn find_by_source(
        &self,
        id: u64,
        source: ContentHash,
        part: &str,
    ) -> Result<Option<SourceRow>, LedgerError> {
        let query = format!("SELECT {COLUMNS}, external_id, source_hash FROM rows WHERE id = ?1");
        let read = |row: &Row<'_>| {
            let key = RowKey::stored(row.get(0)?);
            let external_id: Option<String> = row.get(7)?;
            let is_it = ContentHash(row.get(8)?) == source
                && key.part(external_id.as_deref()) == Some(part);
            let known = LedgerRow::read(row)?;
            Ok(is_it.then_some(SourceRow { key, known }))
        };
        self.connection
            .prepare_cached(&query)
            .and_then(|mut statement| statement.query_row([id], read).optional())
            .map(Option::flatten)
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// The row that once had that key.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn find_renamed(&self, former: &RowKey) -> Result<Option<SourceRow>, LedgerError> {
        let query = format!(
            "SELECT {COLUMNS} FROM rows WHERE id = (SELECT row_id FROM former_keys WHERE row_key = ?1)"
        );
        let read = |row: &Row<'_>| {
            Ok(SourceRow {
                key: RowKey::stored(row.get(0)?),
                known: LedgerRow::read(row)?,
            })
        };
        self.connection
            .prepare_cached(&query)
            .and_then(|mut statement| statement.query_row([former.as_str()], read).optional())
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Whether a row has no ID of its own, has arrived or may have, and isn't accepted as gone.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn is_unnamed_arrival(&self, id: u64) -> Result<bool, LedgerError> {
        let query = "SELECT row_key >= 'h:' AND row_key < 'h;' AND left_behind = 0
             AND state IN ('posted', 'in_doubt') FROM rows WHERE id = ?1";
        self.connection
            .prepare_cached(query)
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// The CRM entity to which a row went, by the row's number in the ledger.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn entity_of(&self, id: u64) -> Result<Option<Entity>, LedgerError> {
        self.connection
            .prepare_cached("SELECT entity_type, entity_id FROM rows WHERE id = ?1")
            .and_then(|mut statement| {
                statement.query_row([id], |row| Ok(entity(row.get(0)?, row.get(1)?)))
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }
}
