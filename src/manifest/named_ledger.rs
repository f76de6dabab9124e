//! The ledger that a rejects file names.

use std::path::PathBuf;

use super::reject_columns::RejectColumn;
use super::{Chunk, Manifest, ManifestError};

impl Manifest {
    /// The ledger to which the rows of a rejects file belong; none of another manifest, or where no
    /// row names one.
    ///
    /// # Errors
    /// When rows name different ones, or the manifest can't be read.
    pub fn named_ledger(&self) -> Result<Option<PathBuf>, ManifestError> {
        if !self.is_rejects() {
            return Ok(None);
        }
        let mut named: Option<(u64, String)> = None;
        let (mut pass, mut chunk) = (self.pass()?, Chunk::default());
        let mut reader = self.reader();
        while pass.next_chunk(&mut chunk)? {
            for record in chunk.records() {
                let row = reader.row(record).ok();
                let cell = row.and_then(|row| row.reject_cell(RejectColumn::Ledger));
                let Some(cell) = cell else { continue };
                // A path that the file's encoding doesn't have is a JSON string.
                let path = serde_json::from_str(&cell).unwrap_or_else(|_| cell.trim().to_owned());
                match &named {
                    Some((_, before)) if *before == path => {}
                    None => named = Some((record.at.row, path)),
                    Some((first, before)) => {
                        return Err(ManifestError::TwoLedgers {
                            path: self.path().to_owned(),
                            first: (*first, before.clone()),
                            second: (record.at.row, path),
                        });
                    }
                }
            }
        }
        Ok(named.map(|(_, path)| PathBuf::from(path)))
    }
}
