//! Rows of the ledger that are no longer in the manifest, and what is known of when they went out.

use rusqlite::{OptionalExtension, params};

use crate::post::{ContentHash, Entity, RowKey};

use super::readback::entity;
use super::{Ledger, LedgerError};

/// A row that is posted or in doubt, and no longer in the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vanished {
    /// Its number in the ledger.
    pub id: u64,
    /// Hash of what it said: title, message and entity.
    pub saying: u64,
}

/// What a row says, whatever its ID, its dates and its audience: a hash of title, message and the
/// entity that shows it.
pub fn saying(message: ContentHash, entity: Option<Entity>) -> u64 {
    let entity = entity.map_or_else(String::new, |entity| entity.to_string());
    let whole = [&message.0[..], entity.as_bytes()].concat();
    ContentHash::of_bytes(&whole).fingerprint()
}

impl Ledger {
    /// The rows that are posted or in doubt, that the user hasn't accepted as gone and that
    /// `is_there` doesn't know; sorted by what they say.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn vanished(&self, is_there: impl Fn(u64) -> bool) -> Result<Vec<Vanished>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<Vanished>> {
            let mut arrived = self.connection.prepare(
                "SELECT id, message_hash, entity_type, entity_id FROM rows
                 WHERE state IN ('posted', 'in_doubt') AND left_behind = 0",
            )?;
            let mut rows = arrived.query([])?;
            let mut vanished = Vec::new();
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                if !is_there(id) {
                    let entity = entity(row.get(2)?, row.get(3)?);
                    let saying = saying(ContentHash(row.get(1)?), entity);
                    vanished.push(Vanished { id, saying });
                }
            }
            vanished.sort_unstable_by_key(|row| (row.saying, row.id));
            Ok(vanished)
        };
        read().map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// The key of a row, by its number in the ledger.
    ///
    /// # Errors
    /// When the ledger can't be read, or has no such row.
    pub fn key_of(&self, id: u64) -> Result<RowKey, LedgerError> {
        self.connection
            .query_row("SELECT row_key FROM rows WHERE id = ?1", [id], |row| {
                row.get(0).map(RowKey::stored)
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Code and words with which the portal has refused a row, by the row's number in the ledger.
    ///
    /// # Errors
    /// When the ledger can't be read, or has no such row.
    pub fn refusal_of(&self, id: u64) -> Result<(String, String), LedgerError> {
        let query = "SELECT coalesce(error_code, ''), coalesce(error_message, '') FROM rows
             WHERE id = ?1";
        self.connection
            .prepare_cached(query)
            .and_then(|mut refused| refused.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Whether a row was posted before `publish_at` (Unix milliseconds), which was another time, or
    /// none, when it was sent.
    ///
    /// # Errors
    /// When the ledger can't be read.
    pub fn was_posted_before(&self, id: u64, publish_at: i64) -> Result<bool, LedgerError> {
        self.connection
            .prepare_cached(
                "SELECT 1 FROM rows WHERE id = ?1 AND state = 'posted' AND updated_at < ?2
                     AND publish_at IS NOT ?2",
            )
            .and_then(|mut posted| {
                let posted = posted.query_row(params![id, publish_at], |_| Ok(()));
                Ok(posted.optional()?.is_some())
            })
            .map_err(|cause| LedgerError::read(&self.path, cause))
    }

    /// Marks rows, by their numbers in the ledger, as accepted to be gone.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn accept_as_gone(&mut self, ids: &[u64]) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            let mut mark = transaction.prepare("UPDATE rows SET left_behind = 1 WHERE id = ?1")?;
            for id in ids {
                mark.execute([id])?;
            }
            Ok(())
        })
    }
}
