//! Names for rows that no ledger knows and that have no ID of their own.
//!
//! Such a row may say anything once it is corrected, so it is named by the record that it was: the
//! hash of the record as the file has it, and which of the same ones it is. By that hash the row of
//! the manifest is known again when it has been posted in its corrected form.

use crate::check::{CheckedRow, Code, Repeats};
use crate::post::RowKey;

/// Gives these names.
#[derive(Debug, Default)]
pub struct SourceNames {
    ordinals: Repeats,
}

impl SourceNames {
    /// The name of a row by its record, if it needs one and has a record. Every row is to be shown
    /// once, in order.
    pub fn name(&mut self, row: &CheckedRow) -> Option<RowKey> {
        let is_named = row.external_id.is_some() && !is_repeated(row);
        let source = row.source.filter(|_| !is_named && row.bound.is_none())?;
        let ordinal = self.ordinals.ordinal(source.with_part(&row.part), row.at);
        Some(RowKey::hashed(source, ordinal, &row.part))
    }
}

/// The name of a row that has an ID of its own, or one in a rejects file already.
pub fn own_name(row: &CheckedRow) -> Option<RowKey> {
    match (&row.bound, &row.external_id) {
        (Some(bound), _) => Some(bound.clone()),
        (None, Some(id)) if !is_repeated(row) => Some(RowKey::of_part(id, &row.part)),
        (None, _) => None,
    }
}

/// Whether an earlier row has its ID.
fn is_repeated(row: &CheckedRow) -> bool {
    let mut problems = row.problems.iter();
    problems.any(|problem| problem.code == Code::ExternalIdRepeated)
}
