//! The ledger's row of a row of the manifest: under its key, or under what else it is known by.

use crate::check::CheckedRow;
use crate::ledger::{LedgerError, LedgerRow, Rename, SourceRows, State};
use crate::post::RowKey;

use crate::import::survey::first_pass::Surveyor;

impl Surveyor<'_> {
    /// The ledger's row, under its key or, for a row that brings a new ID, under its content.
    pub(super) fn find(
        &mut self,
        row: &CheckedRow,
        key: &RowKey,
        ordinal: u32,
    ) -> Result<Option<LedgerRow>, LedgerError> {
        let Some(cursor) = &mut self.cursor else {
            return Ok(None);
        };
        let is_key = |stored: &[u8]| stored == key.as_str().as_bytes();
        if let Some(known) = cursor.in_place(row.at.row, is_key)? {
            return Ok(Some(known));
        }
        if let Some(known) = self.ledger.find(key)? {
            return Ok(Some(known));
        }
        match self.find_by_content(row, key, ordinal)? {
            Some(known) => Ok(Some(known)),
            None => self.find_by_source(row, Some(key)),
        }
    }

    /// The row of the ledger that has no ID there and says the same.
    fn find_by_content(
        &mut self,
        row: &CheckedRow,
        key: &RowKey,
        ordinal: u32,
    ) -> Result<Option<LedgerRow>, LedgerError> {
        let (true, Some(content)) = (row.external_id.is_some(), row.content) else {
            return Ok(None);
        };
        let by_content = RowKey::hashed(content, ordinal, &row.part);
        let Some(known) = self.ledger.find(&by_content)? else {
            return Ok(None);
        };
        // An announcement that is repeated is a row of its own.
        if let Some(at) = row.publish_at
            && self
                .ledger
                .was_posted_before(known.id, at.as_millisecond())?
        {
            return Ok(None);
        }
        self.rename(row, by_content, key);
        Ok(Some(known))
    }

    /// The row of the ledger that was made of the same part of the same record, when another mapping
    /// gave it another key. Of several such rows the first that no other row is.
    pub(super) fn find_by_source(
        &mut self,
        row: &CheckedRow,
        key: Option<&RowKey>,
    ) -> Result<Option<LedgerRow>, LedgerError> {
        let (Some(source), Some(_)) = (row.source, &self.cursor) else {
            return Ok(None);
        };
        let ids: Vec<u64> = self.source_rows()?.ids(source).collect();
        for id in ids {
            if self.survey.is_matched(id) {
                continue;
            }
            if let Some(found) = self.ledger.find_by_source(id, source, &row.part)? {
                match key {
                    // The name that it has from a rejects file is what that file knows it by.
                    _ if found.key.hash() == Some(source) => {
                        self.keep_key(row, found.key, &found.known)
                    }
                    Some(key) => self.rename(row, found.key, key),
                    None => {}
                }
                return Ok(Some(found.known));
            }
        }
        Ok(None)
    }

    /// The row of the ledger to which a row of a rejects file is bound: under its key or, where another
    /// mapping has renamed it since, as the same of those that were made of that record.
    pub(super) fn find_bound(
        &mut self,
        row: &CheckedRow,
        key: &RowKey,
    ) -> Result<Option<LedgerRow>, LedgerError> {
        if self.cursor.is_none() {
            return Ok(None);
        }
        if let Some(known) = self.ledger.find(key)? {
            return Ok(Some(known));
        }
        if let Some(found) = self.ledger.find_renamed(key)? {
            self.keep_key(row, found.key, &found.known);
            return Ok(Some(found.known));
        }
        let (Some(source), Some(mut before)) = (key.hash(), key.ordinal()) else {
            return Ok(None);
        };
        let mut ids: Vec<u64> = self.source_rows()?.ids(source).collect();
        ids.sort_unstable();
        for id in ids {
            let found = self.ledger.find_by_source(id, source, key.hashed_part())?;
            let Some(found) = found else { continue };
            if before == 0 {
                self.rename(row, found.key, key);
                return Ok(Some(found.known));
            }
            before -= 1;
        }
        Ok(None)
    }

    pub(super) fn source_rows(&mut self) -> Result<&SourceRows, LedgerError> {
        if self.sources.is_none() {
            self.sources = Some(self.ledger.source_rows()?);
        }
        Ok(self.sources.get_or_insert_default())
    }

    /// Notes the key under which a row is to be sent that the ledger knows by another than its own.
    fn keep_key(&mut self, row: &CheckedRow, key: RowKey, known: &LedgerRow) {
        if matches!(known.state, State::Failed | State::Pending) {
            self.survey.kept_keys.insert(row.at.number, key);
        }
    }

    fn rename(&mut self, row: &CheckedRow, from: RowKey, to: &RowKey) {
        self.survey.renames.push(Rename {
            from,
            to: to.clone(),
            external_id: row.external_id.clone(),
        });
    }
}
