//! What the ledger is told when the manifest was edited between two runs.

use rusqlite::params;

use crate::post::{ContentHash, RowKey};

use super::{Ledger, LedgerError, Rename};

impl Ledger {
    /// Gives rows that were found under their content or their record the keys that they have by
    /// now.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub fn rename(&mut self, renames: &[Rename], at: i64) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            for Rename {
                from,
                to,
                external_id,
            } in renames
            {
                let (old, new) = (from.as_str(), to.as_str());
                transaction
                    .prepare_cached(
                        "UPDATE rows SET row_key = ?2, external_id = ?3, updated_at = ?4
                         WHERE row_key = ?1",
                    )?
                    .execute(params![old, new, external_id, at])?;
                // A rejects file that was written before may still have the old one.
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO former_keys SELECT ?1, id FROM rows WHERE row_key = ?2",
                    )?
                    .execute([old, new])?;
                transaction
                    .prepare_cached("UPDATE claims SET row_key = ?2 WHERE row_key = ?1")?
                    .execute([old, new])?;
            }
            Ok(())
        })
    }

    /// Marks arrived rows without an ID of their own as accepted to be gone, where `is_gone` says
    /// so of their number in the ledger, key and content.
    ///
    /// # Errors
    /// When the ledger can't be read or written.
    pub fn leave_behind(
        &mut self,
        is_gone: impl Fn(u64, &RowKey, ContentHash) -> bool,
    ) -> Result<(), LedgerError> {
        self.transact(|transaction| {
            let mut arrived = transaction.prepare(
                "SELECT id, row_key, content_hash FROM rows
                 WHERE row_key >= 'h:' AND row_key < 'h;' AND state IN ('posted', 'in_doubt')",
            )?;
            let mut mark = transaction.prepare("UPDATE rows SET left_behind = 1 WHERE id = ?1")?;
            let mut gone = Vec::new();
            let mut rows = arrived.query([])?;
            while let Some(row) = rows.next()? {
                let id = row.get(0)?;
                if is_gone(id, &RowKey::stored(row.get(1)?), ContentHash(row.get(2)?)) {
                    gone.push(id);
                }
            }
            for id in gone {
                mark.execute([id])?;
            }
            Ok(())
        })
    }
}
