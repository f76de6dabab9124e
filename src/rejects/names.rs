//! Names for rows that no ledger knows and that have no ID of their own.
//!
//! Such a row may say anything once it is corrected, so it is named by the record that it was: the
//! hash of the record as the file has it, and a number. By that hash the row of the manifest is known
//! again when it has been posted in its corrected form.

use std::collections::HashMap;

use crate::check::{CheckedRow, Code};
use crate::post::RowKey;

/// Gives these names. It takes about 17 to 34 bytes for each row that is named.
#[derive(Debug, Default)]
pub struct SourceNames {
    /// Rows so far by the hash of their record and what tells them from its others.
    named: HashMap<u64, u32>,
}

/// The numbers of rows that may have a valid twin begin here, so that they are never taken for it.
const WITH_TWINS: u32 = 1 << 31;

impl SourceNames {
    /// The name of a rejected row by its record, if it has one. Rows come in order.
    ///
    /// What is wrong with the row itself is wrong with all the same ones, so these are simply counted.
    pub fn name(&mut self, row: &CheckedRow) -> Option<RowKey> {
        let source = row.source?;
        let number = match is_wrong_by_itself(row) {
            true => {
                let hash = source.with_part(&row.part).fingerprint();
                let count = self.named.entry(hash).or_default();
                *count += 1;
                *count - 1
            }
            false => WITH_TWINS | (row.at.row as u32 & (WITH_TWINS - 1)),
        };
        Some(RowKey::hashed(source, number, &row.part))
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

/// Whether something is wrong with the row that neither its place nor the disk has to do with.
fn is_wrong_by_itself(row: &CheckedRow) -> bool {
    let by_place = [Code::ExternalIdRepeated, Code::OutOfOrder];
    let mut problems = row.problems.iter();
    problems.any(|problem| !by_place.contains(&problem.code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Problem;
    use crate::manifest::Position;
    use crate::post::ContentHash;

    fn row(number: u64, code: Option<Code>) -> CheckedRow {
        let at = Position::of_record(number, number);
        CheckedRow {
            at,
            source: Some(ContentHash([7; 16])),
            problems: code
                .map(|code| Problem::of_record(at, code, ""))
                .into_iter()
                .collect(),
            ..CheckedRow::default()
        }
    }

    #[test]
    fn the_same_rows_have_names_of_their_own() {
        let mut names = SourceNames::default();
        let wrong = Some(Code::EntityIdInvalid);
        let mut number = |row: &CheckedRow| names.name(row).and_then(|name| name.ordinal());
        assert_eq!(number(&row(3, wrong)), Some(0));
        assert_eq!(number(&row(4, wrong)), Some(1));
        // The one before it is posted under the same hash of its record.
        assert_eq!(
            number(&row(5, Some(Code::OutOfOrder))),
            Some(WITH_TWINS + 5)
        );
        assert_eq!(number(&row(6, None)), Some(WITH_TWINS + 6));
    }

    #[test]
    fn a_row_with_an_id_is_named_by_it_unless_another_has_it() {
        let named = CheckedRow {
            external_id: Some("7".to_owned()),
            ..row(1, Some(Code::EntityIdInvalid))
        };
        assert_eq!(own_name(&named), Some(RowKey::external("7")));
        let repeated = CheckedRow {
            external_id: Some("7".to_owned()),
            ..row(1, Some(Code::ExternalIdRepeated))
        };
        assert_eq!(own_name(&repeated), None);
    }
}
